/* The native host as its users see it: serve, run one operator request, talk to a running server, run a laboratory. */
#ifndef HX_HOST_NATIVE_NATIVE_H
#define HX_HOST_NATIVE_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/app/app.h"

struct hx_native_ready {
    const char *address; /* "127.0.0.1:8787": the first one listened on, with its real port. */
    const char *lab_url; /* Paper mode: "http://127.0.0.1:40123"; else NULL. A laboratory of its own: one line for each
                            venue, "bybit http://127.0.0.1:40124". */
    const char *paper_key; /* Paper mode: the webhook key made for this run; NULL when the owner has set one. */
    bool is_tls;
};

struct hx_native_options {
    const char *data_dir; /* Made (0700) when missing. */
    const char *listen;   /* Comma list of numeric addresses; NULL: HOOX_LISTEN, else 127.0.0.1:8787. */
    const char *tls_cert; /* PEM chain and key; both or neither (NULL). */
    const char *tls_key;
    bool paper;       /* The laboratory stands in for the venues. HOOX_PAPER_LISTEN, HOOX_PAPER_SEED. */
    int64_t drain_ms; /* What in-flight work gets after SIGTERM; 0: 10 s. */
    /* Called once the server answers; may be NULL. */
    void (*on_ready)(void *arg, const struct hx_native_ready *ready);
    void *on_ready_arg;
    /* What to say of a HOOX_ name that is no setting: a sentence that may name the one that was meant. May be NULL. */
    void (*suggest)(hx_str name, char *sentence, size_t size);
    /* Called when it could not start, with a sentence that says why; NULL: it goes to standard error. */
    void (*on_problem)(void *arg, const char *problem);
    void *on_problem_arg;
};

#define HX_EXIT_WRONG_SETTING 2

enum hx_native_status {
    HX_NATIVE_OK = 0,
    HX_NATIVE_FAILED = 1,      /* See `problem`. */
    HX_NATIVE_IN_USE = 2,      /* Another process holds the data directory. */
    HX_NATIVE_NOT_RUNNING = 3, /* hx_native_control: nobody listens. */
};

/* Serves until SIGTERM or SIGINT (a second one ends at once). Returns the exit code: 0 after a graceful stop, 1 when it
 * could not start, HX_EXIT_WRONG_SETTING when it would not, because of a setting or `listen`,
 * 70 when the ledger broke. Takes over SIGTERM, SIGINT, SIGPIPE and SIGXFSZ. */
int hx_native_serve(const struct hx_native_options *options);

/* Runs one event against the data directory of a server that is not running. `on_reply` gets the reply, which dies with
 * the call. */
enum hx_native_status hx_native_oneshot(const struct hx_native_options *options, const struct hx_event *event,
                                        void (*on_reply)(void *arg, const struct hx_reply *reply), void *arg,
                                        char *problem, size_t problem_size);

/* One request to a running server's control socket. *body is malloc'ed, NUL-terminated, the caller's. */
enum hx_native_status hx_native_control(const char *data_dir, const char *method, const char *target, hx_str body,
                                        uint32_t *status, char **reply_body, size_t *reply_len, char *problem,
                                        size_t problem_size);

/* Laboratories of their own, one for each venue and testnet: the first addresses as in the comma list `listen`, the
 * others on free ports, until SIGTERM or SIGINT. Returns the exit code, 1 after `on_problem`. */
int hx_native_lab_run(const char *listen, uint64_t seed,
                      void (*on_ready)(void *arg, const struct hx_native_ready *ready),
                      void (*on_problem)(void *arg, const char *problem), void *arg);

#endif
