/* The port over WebAssembly imports: flat arguments out, results copied into the request's arena.
 *
 * Every import returns an error as the number that hx_err holds (worker.mjs has the list from core/base/err.def) and
 * never throws. An import that may suspend is wrapped by the host; this side does not see the difference, but for one
 * rule: after it, the exchange area holds the result and nothing else. */
#include "host/edge/instance.h"

#define IMPORT(name) __attribute__((import_module("host"), import_name(#name)))
#define HERE 0xffffffffu /* lane_call: the lane lives here; handle the event in this very request. */

IMPORT(now) int64_t host_now(void);
IMPORT(random) void host_random(void *out, size_t len);
IMPORT(log) void host_log(uint32_t level, const char *message, size_t message_len, const char *detail, size_t len);
IMPORT(trace) void host_trace(uint32_t op, uint32_t sequence, uint32_t done, uint32_t err);
IMPORT(setting) uint32_t host_setting(const char *name, size_t len);
IMPORT(sleep) uint32_t host_sleep(int64_t until);
IMPORT(db_batch) uint32_t host_db_batch(size_t len);
IMPORT(db_query) uint32_t host_db_query(size_t len);
IMPORT(kv_get) uint32_t host_kv_get(const char *key, size_t len, uint32_t strong);
IMPORT(kv_list) uint32_t host_kv_list(const char *prefix, size_t len);
IMPORT(kv_put) uint32_t host_kv_put(const char *key, size_t key_len, const char *value, size_t value_len);
IMPORT(kv_delete) uint32_t host_kv_delete(const char *key, size_t len);
IMPORT(memo_get) uint32_t host_memo_get(const char *key, size_t len);
IMPORT(memo_put) void host_memo_put(const char *key, size_t key_len, const char *value, size_t value_len);
IMPORT(memo_count) int64_t host_memo_count(const char *key, size_t len, int64_t add, int64_t window_ms);
IMPORT(queue_send) void host_queue_send(const char *lane, size_t len, int64_t due);
IMPORT(lane_lock) uint32_t host_lane_lock(const char *lane, size_t len);
IMPORT(lane_unlock) void host_lane_unlock(void);
IMPORT(lane_call) uint32_t host_lane_call(const char *lane, size_t lane_len, size_t len);
IMPORT(http_prepare) uint32_t host_http_prepare(const char *origin, size_t len, int64_t timeout_ms);
IMPORT(http_send) uint32_t host_http_send(size_t len);
IMPORT(socket_prepare) uint32_t host_socket_prepare(void);
IMPORT(socket_ask) uint32_t host_socket_ask(void);
IMPORT(sign) uint32_t host_sign(const char *name, size_t name_len, const char *text, size_t len);
IMPORT(reply_by) void host_reply_by(int64_t at, size_t len);

static hx_err to_err(uint32_t code) {
    return (hx_err){code};
}

_Noreturn void hx_assert_fail(const char *expression, const char *file, int line) {
    hx_str what = hx_str_from_c(expression);
    hx_str where = hx_str_from_c(file);
    (void)line;
    host_log(HX_LOG_ERROR, what.data, what.len, where.data, where.len);
    __builtin_trap();
}

hx_time hx_host_now(struct hx_req *req) {
    (void)req;
    return host_now();
}

void hx_host_random(struct hx_req *req, void *out, size_t len) {
    (void)req;
    host_random(out, len);
}

void hx_host_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail) {
    (void)req;
    host_log((uint32_t)level, message.data, message.len, detail.data, detail.len);
}

void hx_host_trace(struct hx_req *req, enum hx_op op, uint32_t sequence, bool done, hx_err err) {
    (void)req;
    host_trace((uint32_t)op, sequence, done ? 1 : 0, err.code);
}

/* One string in the exchange area, into the arena. */
static hx_err take_one(struct hx_req *req, hx_err err, hx_str *out) {
    struct hx_wire in = hx_edge_wire(req->host);
    HX_TRY(err);
    return hx_wire_take_str(&in, &req->arena, out);
}

hx_err hx_host_setting(struct hx_req *req, hx_str name, hx_str *out) {
    return take_one(req, to_err(host_setting(name.data, name.len)), out);
}

hx_err hx_host_sleep(struct hx_req *req, hx_time until) {
    (void)req;
    return to_err(host_sleep(until));
}

static void put_statement(struct hx_wire *out, const struct hx_db_stmt *statement) {
    hx_wire_put_reference(out, hx_str_from_c(statement->sql));
    hx_wire_put_u32(out, (uint32_t)statement->expect_changes);
    hx_wire_put_u32(out, statement->param_count);
    for (uint32_t i = 0; i < statement->param_count; i++) {
        const struct hx_db_value *value = &statement->params[i];
        hx_wire_put_u32(out, (uint32_t)value->type);
        if (value->type == HX_DB_INT) hx_wire_put_i64(out, value->integer);
        if (value->type == HX_DB_TEXT || value->type == HX_DB_BLOB) hx_wire_put_reference(out, value->text);
    }
}

hx_err hx_host_db_batch(struct hx_req *req, const struct hx_db_stmt *statements, uint32_t count, uint32_t *failed) {
    struct hx_wire out = hx_edge_wire(req->host);
    hx_wire_put_u32(&out, count);
    for (uint32_t i = 0; i < count; i++) put_statement(&out, &statements[i]);
    if (out.bad) return HX_ERR(LIMIT_BUFFER);
    hx_err err = to_err(host_db_batch(out.at));
    if (!hx_err_is(err, HX_CLASS_CONFLICT) && !hx_err_is(err, HX_CLASS_REJECT)) return err;
    struct hx_wire in = hx_edge_wire(req->host);
    *failed = hx_wire_get_u32(&in);
    hx_assert(*failed < count);
    return err;
}

static hx_err take_cell(struct hx_wire *in, struct hx_arena *arena, struct hx_db_value *out) {
    uint32_t type = hx_wire_get_u32(in);
    *out = (struct hx_db_value){.type = HX_DB_NULL};
    if (in->bad || type > HX_DB_BLOB) return HX_ERR(BROKEN_HOST);
    out->type = (enum hx_db_type)type;
    if (type == HX_DB_INT) out->integer = hx_wire_get_i64(in);
    if (type == HX_DB_TEXT || type == HX_DB_BLOB) return hx_wire_take_str(in, arena, &out->text);
    return in->bad ? HX_ERR(BROKEN_HOST) : HX_OK;
}

hx_err hx_host_db_query(struct hx_req *req, const struct hx_db_stmt *statement, struct hx_db_rows *out) {
    struct hx_wire wire = hx_edge_wire(req->host);
    void *memory = NULL;
    put_statement(&wire, statement);
    if (wire.bad) return HX_ERR(LIMIT_BUFFER);
    HX_TRY(to_err(host_db_query(wire.at)));
    wire = hx_edge_wire(req->host);
    uint32_t rows = hx_wire_get_u32(&wire);
    uint32_t columns = hx_wire_get_u32(&wire);
    HX_TRY(hx_arena_make(&req->arena, (size_t)rows * columns, sizeof(struct hx_db_value), &memory));
    struct hx_db_value *cells = memory;
    for (size_t i = 0; i < (size_t)rows * columns; i++) HX_TRY(take_cell(&wire, &req->arena, &cells[i]));
    *out = (struct hx_db_rows){rows, columns, cells};
    return HX_OK;
}

hx_err hx_host_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out) {
    return take_one(req, to_err(host_kv_get(key.data, key.len, read == HX_KV_STRONG ? 1 : 0)), out);
}

hx_err hx_host_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    void *memory = NULL;
    HX_TRY(to_err(host_kv_list(prefix.data, prefix.len)));
    struct hx_wire in = hx_edge_wire(req->host);
    *count = hx_wire_get_u32(&in);
    HX_TRY(hx_arena_make(&req->arena, *count, sizeof(struct hx_kv_entry), &memory));
    struct hx_kv_entry *entries = memory;
    for (uint32_t i = 0; i < *count; i++) {
        HX_TRY(hx_wire_take_str(&in, &req->arena, &entries[i].key));
        HX_TRY(hx_wire_take_str(&in, &req->arena, &entries[i].value));
    }
    *out = entries;
    return HX_OK;
}

hx_err hx_host_kv_put(struct hx_req *req, hx_str key, hx_str value) {
    (void)req;
    return to_err(host_kv_put(key.data, key.len, value.data, value.len));
}

hx_err hx_host_kv_delete(struct hx_req *req, hx_str key) {
    (void)req;
    return to_err(host_kv_delete(key.data, key.len));
}

hx_err hx_host_memo_get(struct hx_req *req, hx_str key, hx_str *out) {
    return take_one(req, to_err(host_memo_get(key.data, key.len)), out);
}

void hx_host_memo_put(struct hx_req *req, hx_str key, hx_str value) {
    (void)req;
    host_memo_put(key.data, key.len, value.data, value.len);
}

uint64_t hx_host_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms) {
    (void)req;
    return (uint64_t)host_memo_count(key.data, key.len, (int64_t)add, window_ms);
}

void hx_host_queue_send(struct hx_req *req, hx_str lane, hx_time due) {
    (void)req;
    host_queue_send(lane.data, lane.len, due);
}

hx_err hx_host_lane_lock(struct hx_req *req, hx_str lane) {
    (void)req;
    return to_err(host_lane_lock(lane.data, lane.len));
}

void hx_host_lane_unlock(struct hx_req *req) {
    (void)req;
    host_lane_unlock();
}

hx_err hx_host_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event, struct hx_reply *reply) {
    struct hx_wire wire = hx_edge_wire(req->host);
    hx_wire_put_event(&wire, event);
    if (wire.bad) return HX_ERR(LIMIT_BUFFER);
    uint32_t code = host_lane_call(lane.data, lane.len, wire.at);
    if (code == HERE) {
        hx_app_handle(req, event, reply);
        return HX_OK;
    }
    HX_TRY(to_err(code));
    wire = hx_edge_wire(req->host);
    return hx_wire_take_reply(&wire, &req->arena, reply);
}

hx_err hx_host_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms) {
    (void)req;
    return to_err(host_http_prepare(origin.data, origin.len, timeout_ms));
}

static void put_call(struct hx_wire *out, const struct hx_http_call *call) {
    hx_wire_put_reference(out, call->origin);
    hx_wire_put_reference(out, call->target);
    hx_wire_put_u32(out, (uint32_t)call->method);
    hx_wire_put_i64(out, call->timeout_ms);
    hx_wire_put_i64(out, call->send_by_ms);
    hx_wire_put_i64(out, (int64_t)call->response_len_max);
    hx_wire_put_u32(out, call->body_sink != NULL ? 1 : 0);
    hx_wire_put_u32(out, call->header_count);
    for (uint32_t i = 0; i < call->header_count; i++) {
        hx_wire_put_reference(out, call->headers[i].name);
        hx_wire_put_reference(out, call->headers[i].value);
    }
    hx_wire_put_reference(out, call->body);
}

hx_err hx_host_http_send(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out) {
    struct hx_wire wire = hx_edge_wire(req->host);
    struct hx_http_header *headers = NULL;
    put_call(&wire, call);
    if (wire.bad) return HX_ERR(BUSY_NOT_SENT);
    req->host->http = call;
    hx_err err = to_err(host_http_send(wire.at));
    req->host->http = NULL;
    HX_TRY(err);
    wire = hx_edge_wire(req->host);
    /* It was sent, so an answer that does not fit is an answer nobody has read. */
    out->status = hx_wire_get_u32(&wire);
    if (hx_failed(hx_wire_take_headers(&wire, &req->arena, &headers, &out->header_count))) {
        return HX_ERR(UNKNOWN_OUTCOME);
    }
    out->headers = headers;
    return hx_failed(hx_wire_take_str(&wire, &req->arena, &out->body)) ? HX_ERR(UNKNOWN_OUTCOME) : HX_OK;
}

/* There are no connections here that live longer than a request: the host says so, and orders go by http_send. */
hx_err hx_host_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                              uint64_t *serial) {
    (void)req;
    (void)place;
    (void)timeout_ms;
    (void)serial;
    return to_err(host_socket_prepare());
}

hx_err hx_host_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer) {
    (void)req;
    (void)call;
    (void)answer;
    return to_err(host_socket_ask());
}

hx_err hx_host_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex) {
    return take_one(req, to_err(host_sign(secret_name.data, secret_name.len, text.data, text.len)), hex);
}

void hx_host_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply) {
    struct hx_wire out = hx_edge_wire(req->host);
    hx_wire_put_reply(&out, reply);
    if (!out.bad) host_reply_by(at, out.at);
}
