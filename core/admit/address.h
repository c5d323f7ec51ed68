/* The first door: may this address send alerts at all? */
#ifndef HX_CORE_ADMIT_ADDRESS_H
#define HX_CORE_ADMIT_ADDRESS_H

#include "core/admit/cidr.h"
#include "core/base/err.h"
#include "core/http/http.h"
#include "port/host.h"

struct hx_admitted_address {
    bool known;          /* False: the client's address could not be made out; then not allowed while checking. */
    struct hx_ip client; /* Valid when known. */
    bool allowed;
    bool is_tradingview; /* Resends on 503 and loses on 429. */
};

/* The client's address by the setting HOOX_TRUSTED_PROXIES (a CIDR list; absent: trust no proxy; unreadable: warn, and
 * nobody's address is known, so that nobody is allowed while addresses are checked), against webhook:ip_check and
 * webhook:allowed_ips. Never suspends. */
void hx_address_admit(struct hx_req *req, hx_str peer, const struct hx_http_header *headers, size_t header_count,
                      struct hx_admitted_address *out);

#endif
