/* Contract tests: what every host must do for each operation of the port (P1 to P8 of host.h), host-neutral.
 *
 * The runner of a host links hx_contract_handle as its application, sends each case as an HTTP event (GET, the case's
 * path) and compares the status of the reply; the body of a failure is a sentence with the line that failed.
 *
 * The runner provides: an empty ledger with the project's schema; the settings HOOX_BINANCE_FUTURES_URL (origin of a
 * laboratory without other users) and HOOX_CONTRACT_SETTING=plain; the secret HOOX_CONTRACT_SECRET=key. A host that
 * can't tell a refused connection from a lost answer (the edge) sets HOOX_CONTRACT_CONNECTS_BLINDLY; one without
 * connections to ask on, HOOX_CONTRACT_HAS_NO_SOCKETS. */
#ifndef HX_PORT_CONTRACT_CONTRACT_H
#define HX_PORT_CONTRACT_CONTRACT_H

#include "core/app/app.h"
#include "port/host.h"

struct hx_contract_case {
    const char *path;   /* "/contract/batch-atomic". */
    uint32_t status;    /* That the caller must get. */
    const char *covers; /* Operations, for the reader of a report. */
};

uint32_t hx_contract_case_count(void);
/* In the order in which they must run: some look at what earlier ones left. */
const struct hx_contract_case *hx_contract_case_at(uint32_t index);

/* To be called by the runner's hx_app_handle. May suspend. */
void hx_contract_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply);

/* For the parts of the contract; not for runners. */
typedef const char *(*hx_contract_fn)(struct hx_req *req); /* NULL: holds; else the sentence of what does not. */
hx_contract_fn hx_contract_find_outward(hx_str path);
hx_contract_fn hx_contract_find_socket(hx_str path);

#define HX_CONTRACT_TEXT(line) #line
#define HX_CONTRACT_AT(line, text) "line " HX_CONTRACT_TEXT(line) ": " text
#define HX_CONTRACT_CHECK(condition)                                   \
    do {                                                               \
        if (!(condition)) return HX_CONTRACT_AT(__LINE__, #condition); \
    } while (0)

#endif
