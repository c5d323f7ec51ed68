/* The port: the one small interface between the core and whatever it runs on.
 *
 * The core calls hx_port_<operation> (port/call.c, "the seam"), which asserts the caller's promises, counts the
 * request's budget, traces the call and lets a fault hook speak, and then calls hx_host_<operation>, which the
 * host that is linked in implements (host/native, host/sim, host/edge). host.def lists the operations.
 *
 * The port promises the weakest host:
 *   P1 db_batch is atomic: all statements or none; on success it is durable. A failure of class UNKNOWN may have been
 *      applied; CONFLICT, REJECT and BUSY were not. BROKEN: not usable until the host has recovered from disk.
 *   P2 db_query sees every batch that was reported as successful before it began (in this lane).
 *   P3 kv may be stale by up to a minute, except keys read with HX_KV_STRONG.
 *   P4 memo may forget anything at any time.
 *   P5 queue delivers at least once, not before its time, possibly late, out of order and more than once; after a
 *      restart it may have forgotten: the TICK event is the safety net.
 *   P6 lane_lock is exclusive per lane and first come, first served; a crash releases it.
 *   P7 http_send: BUSY means that no byte of the request was handed over; any other failure is UNKNOWN. No layer
 *      below ever sends a request twice.
 *      socket_ask promises the same of its text.
 *   P8 After any suspending call the world may have changed: trust only conditions written into the next statement.
 *
 * A function may suspend only if it takes a struct hx_req *. */
#ifndef HX_PORT_HOST_H
#define HX_PORT_HOST_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/http/http.h"

struct hx_req;
struct hx_host;  /* The host's own state; opaque to everybody else. */
struct hx_event; /* core/app/app.h */
struct hx_reply; /* core/app/app.h */

enum hx_op {
#define X(name, constant) HX_OP_##constant,
#include "port/host.def"
#undef X
    HX_OP_COUNT
};

const char *hx_op_name(enum hx_op op);

/* What a fault hook may make of a call (simulator and tests only). */
enum hx_fault {
    HX_FAULT_NONE,
    HX_FAULT_ERROR,             /* Fail without doing it, with `fault_err`. */
    HX_FAULT_EFFECT_THEN_ERROR, /* Do it, then report `fault_err`. */
};

struct hx_hooks {
    /* Called before every operation that can fail. It may also not return at all: a crash before the effect. */
    enum hx_fault (*before)(struct hx_hooks *hooks, struct hx_req *req, enum hx_op op, uint32_t sequence,
                            hx_err *fault_err);
    /* Called after the effect and before the caller learns of it: a crash after the effect. */
    void (*after)(struct hx_hooks *hooks, struct hx_req *req, enum hx_op op, uint32_t sequence);
};

#define HX_REQUEST_CALLS_MAX 4096 /* Port calls one request may make. */
#define HX_TRAIL_LEN_MAX 512

/* One request (an HTTP request, a lane wake-up, a tick) from its event to its reply. The host creates it, with an
 * arena of HX_REQUEST_ARENA_SIZE, and owns it; the core never keeps a pointer past the return of hx_app_handle. */
struct hx_req {
    struct hx_host *host;
    struct hx_hooks *hooks; /* NULL outside the simulator and tests. */
    void *host_data;        /* The host's, per request. */
    struct hx_arena arena;
    char id[40]; /* Request id, UUIDv7 text, NUL-terminated: in every log line, trace and reply. */
    hx_time received_ms;
    uint32_t call_count;
    hx_str lane_held;             /* The lane this request holds; empty when none. */
    char trail[HX_TRAIL_LEN_MAX]; /* Detail for the last error, for people; never a secret. */
    size_t trail_len;
};

void hx_req_init(struct hx_req *req, struct hx_host *host, void *arena_memory, size_t arena_size);
void hx_req_trail(struct hx_req *req, hx_str text); /* Replaces the trail; cut to HX_TRAIL_LEN_MAX. */
hx_str hx_req_trail_str(const struct hx_req *req);

/* Values. */

/* NOTICE is no more than ERROR but what somebody has to learn: no HOOX_LOG_LEVEL leaves it out. */
enum hx_log_level { HX_LOG_DEBUG, HX_LOG_INFO, HX_LOG_WARN, HX_LOG_ERROR, HX_LOG_NOTICE };

enum hx_db_type { HX_DB_NULL, HX_DB_INT, HX_DB_TEXT, HX_DB_BLOB };

struct hx_db_value {
    enum hx_db_type type;
    int64_t integer;
    hx_str text; /* TEXT and BLOB. */
};

#define HX_DB_PARAMS_MAX 48
#define HX_DB_STATEMENTS_MAX 24
#define HX_DB_EXPECT_ANY (-1)

struct hx_db_stmt {
    const char *sql; /* Constant text with ?1 ?2 …; hosts may cache the compiled form by this pointer. */
    const struct hx_db_value *params;
    uint32_t param_count;
    int32_t expect_changes; /* Rows this statement must change, else the batch is undone; or HX_DB_EXPECT_ANY. */
};

struct hx_db_rows {
    uint32_t row_count;
    uint32_t column_count;
    const struct hx_db_value *cells; /* Row by row, in the request's arena. */
};

enum hx_kv_read { HX_KV_CACHED, HX_KV_STRONG };

struct hx_kv_entry {
    hx_str key;
    hx_str value;
};

/* One HTTP exchange with the outside. `origin` is scheme://host[:port]; target begins with '/'. */
struct hx_http_call {
    hx_str origin;
    enum hx_http_method method;
    hx_str target;
    const struct hx_http_header *headers; /* Without Host, Content-Length and Connection. */
    uint32_t header_count;
    hx_str body;
    int64_t timeout_ms;      /* From the call to the complete answer. */
    hx_time send_by_ms;      /* No first byte leaves after this instant (BUSY_NOT_SENT); 0: no such bound. */
    size_t response_len_max; /* Body; a longer one is UNKNOWN. */
    /* For answers larger than the arena (a venue's whole symbol list). When set, the body of a 2xx answer is not
     * collected: the host hands its decoded bytes (chunked framing removed) to body_sink in order, in pieces of any
     * size, from one byte to all of it, before http_send returns, and answer.body is empty. Bodies of other answers are
     * collected as usual. response_len_max bounds the total either way. The sink does not suspend, touches only
     * sink_data and is not called after http_send returned. When http_send fails, what it has seen is worthless. */
    void (*body_sink)(void *sink_data, const char *bytes, size_t len);
    void *sink_data;
};

struct hx_http_answer {
    uint32_t status;
    const struct hx_http_header *headers; /* In the request's arena. */
    uint32_t header_count;
    hx_str body;
};

/* A WebSocket connection on which questions are asked and answered (order entry). The host keeps one for each origin
 * and target, and answers its pings; what is said on it, a login included, is the core's. */
struct hx_socket_place {
    hx_str origin; /* http://host[:port] or https://…, whose upgrade is asked for. */
    hx_str target;
    hx_str keep_alive; /* Said every keep_alive_ms, where the peer wants more than pings; 0: never. */
    int64_t keep_alive_ms;
};

struct hx_socket_call {
    hx_str origin, target;
    uint64_t serial; /* Of the very connection that was prepared: over no other. */
    hx_str text;
    hx_str mark;           /* The first message that holds this is the answer. */
    int64_t timeout_ms;    /* From the call to the answer. */
    hx_time send_by_ms;    /* No first byte leaves after this instant (BUSY_NOT_SENT); 0: no such bound. */
    size_t answer_len_max; /* A longer one is UNKNOWN. */
};

/* Operations. */
/* Each hx_port_<name> has a twin hx_host_<name> with the same arguments, implemented by the host. */

/* Milliseconds UTC. Does not run backwards by more than the host's clock is stepped. */
hx_time hx_port_now(struct hx_req *req);
void hx_port_random(struct hx_req *req, void *out, size_t len);
/* `message` and `detail` (may be empty) must not hold secrets; the host adds time, level and request id. */
void hx_port_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail);
/* A static setting (HOOX_… environment), without secrets. ABSENT_KEY. The value lives as long as the request. */
HX_MUST_USE hx_err hx_port_setting(struct hx_req *req, hx_str name, hx_str *out);

/* Suspends until `until`. LIMIT_TIME when the host is shutting down and the request should end soon. */
HX_MUST_USE hx_err hx_port_sleep(struct hx_req *req, hx_time until);

/* Suspends. See P1. On CONFLICT_CONDITION *failed is the index of the statement whose expectation did not hold; on
 * CONFLICT_KEY that of the one that met a taken key. `failed` may be NULL. */
HX_MUST_USE hx_err hx_port_db_batch(struct hx_req *req, const struct hx_db_stmt *statements, uint32_t count,
                                    uint32_t *failed);
/* Suspends. Rows in the arena. LIMIT_ARENA, LIMIT_COUNT, BROKEN_STORE. */
HX_MUST_USE hx_err hx_port_db_query(struct hx_req *req, const struct hx_db_stmt *statement, struct hx_db_rows *out);

/* kv: the runtime manifest and webhook keys. ABSENT_KEY. Values in the arena or longer-lived. */
HX_MUST_USE hx_err hx_port_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out);
HX_MUST_USE hx_err hx_port_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count);
HX_MUST_USE hx_err hx_port_kv_put(struct hx_req *req, hx_str key, hx_str value); /* Suspends; durable on success. */
HX_MUST_USE hx_err hx_port_kv_delete(struct hx_req *req, hx_str key);            /* Suspends; absent is success. */

/* memo: volatile memory shared by the requests of one host (symbol rules, clock offset, used weight). */
HX_MUST_USE hx_err hx_port_memo_get(struct hx_req *req, hx_str key, hx_str *out); /* ABSENT_KEY. */
void hx_port_memo_put(struct hx_req *req, hx_str key, hx_str value);              /* Value up to 8 KiB. */
/* Adds `add` to the counter of the current window of `window_ms` and returns the sum. */
uint64_t hx_port_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms);

/* Asks for an HX_EVENT_LANE_DUE of `lane` at or after `due`. See P5. */
void hx_port_queue_send(struct hx_req *req, hx_str lane, hx_time due);

/* Suspends until this request holds the lane. LIMIT_TIME when shutting down. One lane per request at a time. */
HX_MUST_USE hx_err hx_port_lane_lock(struct hx_req *req, hx_str lane);
void hx_port_lane_unlock(struct hx_req *req);
/* Hands an event to where the lane's store lives and returns its reply. Native and simulator: the same process,
 * the same request. Edge: the lane's Durable Object. */
HX_MUST_USE hx_err hx_port_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event,
                                     struct hx_reply *reply);

/* Suspends until a connection to the origin stands ready for this request, so that the http_send that follows does not
 * wait before its first byte. BUSY_NOT_SENT: it can't be had; nothing was sent. */
HX_MUST_USE hx_err hx_port_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms);
/* Suspends. See P7. The answer lives in the arena. A call with a send_by_ms goes over a connection that stands ready or
 * not at all (BUSY_NOT_SENT): what it was decided on must not grow old while a new one is made. Prepare it before. */
HX_MUST_USE hx_err hx_port_http_send(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out);

/* Suspends until a connection stands. *serial is its own: another number is another connection, on which nothing has
 * been said yet. BUSY_NOT_SENT: it can't be had, as on a host without such connections. */
HX_MUST_USE hx_err hx_port_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                                          uint64_t *serial);
/* Suspends. See P7: BUSY_NOT_SENT means that no byte was handed over, because that connection is gone or busy or the
 * deadline has passed, and is said without suspending, so that what was decided before still holds for another way;
 * whatever goes wrong later is UNKNOWN. Sent once, or not at all. The answer lives in the arena. */
HX_MUST_USE hx_err hx_port_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer);

/* HMAC-SHA-256 of `text` with the secret named `secret_name` ("BINANCE_API_SECRET"), as 64 lower-case hex digits in the
 * arena. ABSENT_KEY when no such secret is configured. The secret itself never enters the core. */
HX_MUST_USE hx_err hx_port_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex);

/* Should this request not have returned by `at`, its caller gets this reply then, and the request goes on without a
 * caller. Without a caller (ticks, wake-ups) it does nothing. A later call replaces an earlier one. */
void hx_port_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply);

/* The side of the host. */

hx_time hx_host_now(struct hx_req *req);
void hx_host_random(struct hx_req *req, void *out, size_t len);
void hx_host_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail);
/* Told by the seam before (done = false) and after (done = true) every other operation. */
void hx_host_trace(struct hx_req *req, enum hx_op op, uint32_t sequence, bool done, hx_err err);
hx_err hx_host_setting(struct hx_req *req, hx_str name, hx_str *out);
hx_err hx_host_sleep(struct hx_req *req, hx_time until);
hx_err hx_host_db_batch(struct hx_req *req, const struct hx_db_stmt *statements, uint32_t count, uint32_t *failed);
hx_err hx_host_db_query(struct hx_req *req, const struct hx_db_stmt *statement, struct hx_db_rows *out);
hx_err hx_host_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out);
hx_err hx_host_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count);
hx_err hx_host_kv_put(struct hx_req *req, hx_str key, hx_str value);
hx_err hx_host_kv_delete(struct hx_req *req, hx_str key);
hx_err hx_host_memo_get(struct hx_req *req, hx_str key, hx_str *out);
void hx_host_memo_put(struct hx_req *req, hx_str key, hx_str value);
uint64_t hx_host_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms);
void hx_host_queue_send(struct hx_req *req, hx_str lane, hx_time due);
hx_err hx_host_lane_lock(struct hx_req *req, hx_str lane);
void hx_host_lane_unlock(struct hx_req *req);
hx_err hx_host_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event, struct hx_reply *reply);
hx_err hx_host_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms);
hx_err hx_host_http_send(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out);
hx_err hx_host_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                              uint64_t *serial);
hx_err hx_host_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer);
hx_err hx_host_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex);
void hx_host_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply);

#endif
