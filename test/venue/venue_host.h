/* A host for the tests of the venue client: a clock that moves when told to, a memo, settings, and a venue that answers
 * from a script. Whatever the client must not do (more requests than scripted, another path) fails the test. */
#ifndef HX_TEST_VENUE_VENUE_HOST_H
#define HX_TEST_VENUE_VENUE_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/app/app.h"
#include "core/base/sha256.h"
#include "core/venue/venue.h"

#define STEPS_MAX 64
#define MEMO_MAX 64

struct step {
    const char *target; /* What the target must begin with. */
    uint32_t status;    /* 0: fail with `err`. */
    const char *body;
    hx_err err;
    int64_t takes_ms; /* The clock moves by so much while it is under way. */
    struct hx_http_header headers[3];
    uint32_t header_count;
};

struct memo {
    char key[200];
    char value[8192];
    size_t len;
};

struct hx_host {
    hx_time now;
    int64_t venue_offset_ms; /* The venue's clock minus ours: what GET time answers. */
    int64_t time_takes_ms;
    bool time_fails;
    const char *settings[8][2];
    struct step script[STEPS_MAX];
    uint32_t scripted, served, time_asked, prepared, signed_count;
    hx_err prepare_err;
    struct memo memo[MEMO_MAX];
    uint32_t memo_count;
    char last_origin[128];  /* Of a connection made ready. */
    char last_sent_to[128]; /* The origin, and the key, of the last scripted request. */
    char last_key[64];
    char last_target[1024];
    enum hx_http_method last_method;
    hx_time last_send_by_ms;
    int64_t last_timeout_ms;
    size_t last_response_len_max;
    size_t sink_piece; /* Bytes handed to a sink at a time; 0: all at once. */
    uint8_t random;
    uint32_t logged;
    char last_log[640];     /* The detail of the last line. */
    uint64_t socket_serial; /* 0: there are no sockets. */
    char last_socket[200];
    hx_err (*converse)(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer);
    const char *secret;
    const char *secret_name; /* The only one that may be signed with; NULL: BINANCE_API_SECRET. */
    const char *forbidden;   /* Settings that begin so must not be read; NULL: any may. */
    hx_err sign_err;
    /* Where the time is asked for, and what stands before and after its milliseconds; NULL: as Binance has it. */
    const char *time_target, *time_prefix, *time_suffix;
    char last_body[1024];
    /* Answers instead of the script, when set. */
    hx_err (*serve)(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out);
};

static inline void host_script(struct hx_host *host, struct step step) {
    assert_true(host->scripted < STEPS_MAX);
    host->script[host->scripted++] = step;
}

static inline void host_answer(struct hx_host *host, const char *target, uint32_t status, const char *body) {
    host_script(host, (struct step){.target = target, .status = status, .body = body});
}

static inline void host_fail(struct hx_host *host, const char *target, hx_err err) {
    host_script(host, (struct step){.target = target, .err = err});
}

static inline void host_set(struct hx_host *host, const char *name, const char *value) {
    for (int i = 0; i < 8; i++) {
        if (host->settings[i][0] != NULL && strcmp(host->settings[i][0], name) != 0) continue;
        host->settings[i][0] = name;
        host->settings[i][1] = value;
        return;
    }
    fail();
}

/* Everything in the script was used, and nothing else. */
static inline void host_assert_done(const struct hx_host *host) {
    if (host->served != host->scripted) fail_msg("%u requests of %u", host->served, host->scripted);
}

static inline hx_err host_deliver(struct hx_req *req, const struct hx_http_call *call, const struct step *step,
                                  struct hx_http_answer *out) {
    struct hx_host *host = req->host;
    size_t len = strlen(step->body);
    struct hx_http_header *headers = hx_arena_alloc(&req->arena, sizeof step->headers);
    char *body = hx_arena_alloc(&req->arena, call->body_sink != NULL && step->status / 100 == 2 ? 0 : len);
    if (headers == NULL || body == NULL) return HX_ERR(LIMIT_ARENA);
    if (len > call->response_len_max) return HX_ERR(UNKNOWN_OUTCOME);
    memcpy(headers, step->headers, sizeof step->headers);
    *out = (struct hx_http_answer){.status = step->status, .headers = headers, .header_count = step->header_count};
    if (call->body_sink != NULL && step->status / 100 == 2) {
        size_t piece = host->sink_piece == 0 ? len : host->sink_piece;
        for (size_t at = 0; at < len; at += piece) {
            call->body_sink(call->sink_data, step->body + at, len - at < piece ? len - at : piece);
        }
        return HX_OK;
    }
    memcpy(body, step->body, len);
    out->body = hx_str_make(body, len);
    return HX_OK;
}

static inline hx_err host_tell_time(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out) {
    struct hx_host *host = req->host;
    static char body[128];
    struct step step = {.status = 200, .body = body};
    host->time_asked++;
    if (host->time_fails) return HX_ERR(UNKNOWN_TIMEOUT);
    host->now += host->time_takes_ms / 2;
    snprintf(body, sizeof body, "%s%lld%s", host->time_prefix == NULL ? "{\"serverTime\":" : host->time_prefix,
             (long long)(host->now + host->venue_offset_ms), host->time_suffix == NULL ? "}" : host->time_suffix);
    host->now += host->time_takes_ms - host->time_takes_ms / 2;
    return host_deliver(req, call, &step, out);
}

hx_err hx_host_http_send(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out) {
    struct hx_host *host = req->host;
    if (host->serve != NULL) return host->serve(req, call, out);
    bool asks_time = host->time_target != NULL ? hx_str_equal(call->target, hx_str_from_c(host->time_target))
                                               : hx_str_equal(call->target, HX_STR("/fapi/v1/time")) ||
                                                     hx_str_equal(call->target, HX_STR("/api/v3/time"));
    if (asks_time) return host_tell_time(req, call, out);
    if (host->served == host->scripted) fail_msg("unexpected: %.*s", (int)call->target.len, call->target.data);
    const struct step *step = &host->script[host->served++];
    snprintf(host->last_target, sizeof host->last_target, "%.*s", (int)call->target.len, call->target.data);
    snprintf(host->last_sent_to, sizeof host->last_sent_to, "%.*s", (int)call->origin.len, call->origin.data);
    host->last_key[0] = '\0';
    for (uint32_t i = 0; i < call->header_count; i++) {
        if (!hx_str_equal(call->headers[i].name, HX_STR("X-MBX-APIKEY"))) continue;
        hx_str key = call->headers[i].value;
        snprintf(host->last_key, sizeof host->last_key, "%.*s", (int)key.len, key.data);
    }
    if (strncmp(host->last_target, step->target, strlen(step->target)) != 0) {
        fail_msg("%s is not %s", host->last_target, step->target);
    }
    snprintf(host->last_body, sizeof host->last_body, "%.*s", (int)call->body.len, call->body.data);
    host->last_method = call->method;
    host->last_send_by_ms = call->send_by_ms;
    host->last_timeout_ms = call->timeout_ms;
    host->last_response_len_max = call->response_len_max;
    host->now += step->takes_ms;
    return step->status == 0 ? step->err : host_deliver(req, call, step, out);
}

hx_err hx_host_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms) {
    req->host->prepared++;
    assert_true(origin.len > 0 && timeout_ms > 0);
    snprintf(req->host->last_origin, sizeof req->host->last_origin, "%.*s", (int)origin.len, origin.data);
    return req->host->prepare_err;
}

hx_err hx_host_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                              uint64_t *serial) {
    struct hx_host *host = req->host;
    assert_true(timeout_ms > 0);
    snprintf(host->last_socket, sizeof host->last_socket, "%.*s%.*s", (int)place->origin.len, place->origin.data,
             (int)place->target.len, place->target.data);
    *serial = host->socket_serial;
    return host->socket_serial > 0 ? HX_OK : HX_ERR(BUSY_NOT_SENT);
}

hx_err hx_host_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer) {
    struct hx_host *host = req->host;
    if (host->socket_serial == 0 || call->serial != host->socket_serial) return HX_ERR(BUSY_NOT_SENT);
    assert_non_null(host->converse);
    return host->converse(req, call, answer);
}

hx_err hx_host_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex) {
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf buf;
    const char *wanted = req->host->secret_name == NULL ? "BINANCE_API_SECRET" : req->host->secret_name;
    req->host->signed_count++;
    assert_true(hx_str_equal(secret_name, hx_str_from_c(wanted)));
    if (hx_failed(req->host->sign_err)) return req->host->sign_err;
    if (req->host->secret == NULL) return HX_ERR(ABSENT_KEY);
    hx_hmac_sha256(hx_str_from_c(req->host->secret), text, digest);
    HX_TRY(hx_buf_make(&buf, &req->arena, sizeof digest * 2));
    hx_buf_add_hex(&buf, digest, sizeof digest);
    return hx_buf_finish(&buf, hex);
}

hx_err hx_host_setting(struct hx_req *req, hx_str name, hx_str *out) {
    const char *forbidden = req->host->forbidden;
    assert_false(forbidden != NULL && hx_str_starts_with(name, hx_str_from_c(forbidden)));
    for (int i = 0; i < 8 && req->host->settings[i][0] != NULL; i++) {
        if (!hx_str_equal(name, hx_str_from_c(req->host->settings[i][0]))) continue;
        if (req->host->settings[i][1] == NULL) break;
        *out = hx_str_from_c(req->host->settings[i][1]);
        return HX_OK;
    }
    return HX_ERR(ABSENT_KEY);
}

static inline struct memo *host_memo(struct hx_host *host, hx_str key) {
    for (uint32_t i = 0; i < host->memo_count; i++) {
        if (hx_str_equal(key, hx_str_from_c(host->memo[i].key))) return &host->memo[i];
    }
    return NULL;
}

hx_err hx_host_memo_get(struct hx_req *req, hx_str key, hx_str *out) {
    struct memo *memo = host_memo(req->host, key);
    if (memo == NULL) return HX_ERR(ABSENT_KEY);
    *out = hx_str_make(memo->value, memo->len);
    return HX_OK;
}

void hx_host_memo_put(struct hx_req *req, hx_str key, hx_str value) {
    struct hx_host *host = req->host;
    struct memo *memo = host_memo(host, key);
    assert_true(value.len <= sizeof memo->value && key.len < sizeof memo->key);
    if (memo == NULL) {
        assert_true(host->memo_count < MEMO_MAX);
        memo = &host->memo[host->memo_count++];
        memcpy(memo->key, key.data, key.len);
        memo->key[key.len] = '\0';
    }
    memcpy(memo->value, value.data, value.len);
    memo->len = value.len;
}

hx_time hx_host_now(struct hx_req *req) {
    return req->host->now;
}

void hx_host_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail) {
    (void)level;
    assert_true(message.len > 0 && detail.len < sizeof req->host->last_log);
    req->host->logged++;
    snprintf(req->host->last_log, sizeof req->host->last_log, "%.*s", (int)detail.len, detail.data);
}

void hx_host_trace(struct hx_req *req, enum hx_op op, uint32_t sequence, bool ended, hx_err err) {
    (void)req;
    (void)op;
    (void)sequence;
    (void)ended;
    (void)err;
}

/* The rest of the port is not the client's business: any use of it fails the test. */
static inline hx_err host_never(void) {
    fail();
    return HX_ERR(BROKEN_HOST);
}
void hx_host_random(struct hx_req *req, void *out, size_t len) {
    memset(out, ++req->host->random, len);
}
hx_err hx_host_sleep(struct hx_req *req, hx_time until) {
    (void)req;
    (void)until;
    return host_never();
}
hx_err hx_host_db_batch(struct hx_req *req, const struct hx_db_stmt *s, uint32_t count, uint32_t *failed) {
    (void)req;
    (void)s;
    (void)count;
    (void)failed;
    return host_never();
}
hx_err hx_host_db_query(struct hx_req *req, const struct hx_db_stmt *statement, struct hx_db_rows *out) {
    (void)req;
    (void)statement;
    (void)out;
    return host_never();
}
hx_err hx_host_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out) {
    (void)req;
    (void)key;
    (void)read;
    (void)out;
    return host_never();
}
hx_err hx_host_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    (void)req;
    (void)prefix;
    (void)out;
    (void)count;
    return host_never();
}
hx_err hx_host_kv_put(struct hx_req *req, hx_str key, hx_str value) {
    (void)req;
    (void)key;
    (void)value;
    return host_never();
}
hx_err hx_host_kv_delete(struct hx_req *req, hx_str key) {
    (void)req;
    (void)key;
    return host_never();
}
uint64_t hx_host_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms) {
    (void)req;
    (void)key;
    (void)add;
    (void)window_ms;
    fail();
    return 0;
}
void hx_host_queue_send(struct hx_req *req, hx_str lane, hx_time due) {
    (void)req;
    (void)lane;
    (void)due;
    fail();
}
hx_err hx_host_lane_lock(struct hx_req *req, hx_str lane) {
    (void)req;
    (void)lane;
    return host_never();
}
void hx_host_lane_unlock(struct hx_req *req) {
    (void)req;
    fail();
}
hx_err hx_host_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event, struct hx_reply *reply) {
    (void)req;
    (void)lane;
    (void)event;
    (void)reply;
    return host_never();
}
void hx_host_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply) {
    (void)req;
    (void)at;
    (void)reply;
    fail();
}

#endif
