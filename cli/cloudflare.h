/* Cloudflare's REST API (v4) as commands use it: one account, one request at a time.
 *
 * CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID say who, CLOUDFLARE_API_BASE_URL (default
 * https://api.cloudflare.com/client/v4) where; HOOX_WORKER_NAME (default "hoox") which deployment. The token leaves
 * over TLS only, except to this machine. Too many requests (429) are waited out as Retry-After says; reading is tried
 * again when the connection breaks, writing is not: the next run finds out what became of it.
 *
 * Functions that take a `struct cli_cloudflare` return 0, or an exit code after the problem was printed. */
#ifndef HX_CLI_CLOUDFLARE_H
#define HX_CLI_CLOUDFLARE_H

#include "cli/cli.h"
#include "cli/setting.h"
#include "core/base/json.h"

struct cli_cloudflare;

struct cli_cf_reply {
    long status;
    char *body; /* NUL-terminated. */
    size_t len;
    long retry_after_s;           /* -1: not said. */
    bool is_too_much;             /* More values than can be read at once. */
    const struct hx_json *root;   /* NULL: not JSON. */
    const struct hx_json *result; /* Of the envelope; NULL unless it says success. */
    void *memory;
};

struct cli_cf_part {
    const char *name, *type; /* The file name is the name. */
    hx_str data;
};

struct cli_cf_request {
    const char *method, *path; /* Behind /accounts/ID/. */
    hx_str json;               /* Body; none when empty. */
    const struct cli_cf_part *parts;
    size_t part_count;
};

int cli_cf_open(const struct cli *cli, struct cli_cloudflare **out);
void cli_cf_close(struct cli_cloudflare *cf); /* NULL does nothing. */
const struct cli *cli_cf_cli(const struct cli_cloudflare *cf);
const struct cli_settings *cli_cf_settings(const struct cli_cloudflare *cf);
const char *cli_cf_worker(const struct cli_cloudflare *cf); /* The Worker's name. */

/* The caller releases the reply after a 0. Anything but success in the envelope is printed. */
int cli_cf_send(struct cli_cloudflare *cf, const struct cli_cf_request *request, struct cli_cf_reply *reply);
/* GET of a path made with `format`. With `is_there`, absence (404) is an answer too: then the reply is empty. */
int cli_cf_get(struct cli_cloudflare *cf, struct cli_cf_reply *reply, bool *is_there, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for a value of KV, which comes as it is: `body`. */
int cli_cf_get_value(struct cli_cloudflare *cf, struct cli_cf_reply *reply, bool *is_there, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void cli_cf_reply_release(struct cli_cf_reply *reply);

/* A request to the deployed Worker as its operator: HOOX_WORKER_URL or the workers.dev address, HOOX_OPERATOR_TOKEN. */
int cli_cf_call_worker(struct cli_cloudflare *cf, const char *method, const char *target, const char *body,
                       struct cli_answer *answer);

/* The pure parts. */

/* Reads `body` and sets root and result. True when the envelope says success and the status agrees. */
bool cli_cf_parse(struct cli_cf_reply *reply);
/* What went wrong, Cloudflare's number for it, and what to do, as one sentence or two. */
void cli_cf_explain(const struct cli_cf_reply *reply, char *out, size_t size);
/* Seconds to wait before the request is sent again; -1 when it is not worth it. `tries` counts those made. */
long cli_cf_wait_s(const struct cli_cf_reply *reply, int tries);
/* https anywhere, http on this machine. */
bool cli_cf_is_safe_url(const char *url);
bool cli_cf_is_word(const char *text, size_t len_max); /* [A-Za-z0-9_-]+: may stand in a path as it is. */
/* The member's text, whatever its type; "" when there is none. Valid as long as the reply. */
hx_str cli_cf_text(const struct hx_json *object, const char *member);

#endif
