/* The seam between core and host: asserts, budget, trace and fault hooks, in one place for every operation. */
#include "core/app/app.h"
#include "port/host.h"

const char *hx_op_name(enum hx_op op) {
    switch (op) {
#define X(name, constant)  \
    case HX_OP_##constant: \
        return #name;
#include "port/host.def"
#undef X
        case HX_OP_COUNT:
            break;
    }
    return "unlisted";
}

void hx_req_init(struct hx_req *req, struct hx_host *host, void *arena_memory, size_t arena_size) {
    hx_mem_set(req, 0, sizeof(*req));
    req->host = host;
    hx_arena_init(&req->arena, arena_memory, arena_size);
}

void hx_req_trail(struct hx_req *req, hx_str text) {
    hx_str cut = hx_str_slice(text, 0, HX_TRAIL_LEN_MAX);
    hx_mem_move(req->trail, cut.data, cut.len);
    req->trail_len = cut.len;
}

hx_str hx_req_trail_str(const struct hx_req *req) {
    return hx_str_make(req->trail, req->trail_len);
}

struct call {
    struct hx_req *req;
    enum hx_op op;
    uint32_t sequence;
    enum hx_fault fault;
    hx_err fault_err;
};

/* Counts and traces the call, and lets a hook decide its fate. A request over its budget fails every further call
 * without effect, so a loop that went wrong ends as an error instead of a stuck lane. */
static struct call call_begin(struct hx_req *req, enum hx_op op) {
    hx_assert(req != NULL && req->host != NULL);
    struct call call = {req, op, req->call_count, HX_FAULT_NONE, HX_OK};
    if (req->call_count >= HX_REQUEST_CALLS_MAX) {
        call.fault = HX_FAULT_ERROR;
        call.fault_err = HX_ERR(LIMIT_COUNT);
        return call;
    }
    req->call_count++;
    hx_host_trace(req, op, call.sequence, false, HX_OK);
    if (req->hooks != NULL) call.fault = req->hooks->before(req->hooks, req, op, call.sequence, &call.fault_err);
    return call;
}

static hx_err call_end(const struct call *call, hx_err err) {
    struct hx_req *req = call->req;
    if (call->fault != HX_FAULT_ERROR && req->hooks != NULL)
        req->hooks->after(req->hooks, req, call->op, call->sequence);
    hx_err seen = call->fault == HX_FAULT_NONE ? err : call->fault_err;
    hx_host_trace(req, call->op, call->sequence, true, seen);
    return seen;
}

#define CALL(constant, expression)                                             \
    struct call call = call_begin(req, HX_OP_##constant);                      \
    hx_err err = call.fault == HX_FAULT_ERROR ? call.fault_err : (expression); \
    return call_end(&call, err)

hx_time hx_port_now(struct hx_req *req) {
    return hx_host_now(req);
}

void hx_port_random(struct hx_req *req, void *out, size_t len) {
    hx_host_random(req, out, len);
}

void hx_port_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail) {
    hx_host_log(req, level, message, detail);
}

hx_err hx_port_setting(struct hx_req *req, hx_str name, hx_str *out) {
    return hx_host_setting(req, name, out);
}

hx_err hx_port_sleep(struct hx_req *req, hx_time until) {
    CALL(SLEEP, hx_host_sleep(req, until));
}

hx_err hx_port_db_batch(struct hx_req *req, const struct hx_db_stmt *statements, uint32_t count, uint32_t *failed) {
    hx_assert(count > 0 && count <= HX_DB_STATEMENTS_MAX);
    for (uint32_t i = 0; i < count; i++) hx_assert(statements[i].param_count <= HX_DB_PARAMS_MAX);
    uint32_t failed_ignored = 0;
    if (failed == NULL) failed = &failed_ignored;
    *failed = 0;
    CALL(DB_BATCH, hx_host_db_batch(req, statements, count, failed));
}

hx_err hx_port_db_query(struct hx_req *req, const struct hx_db_stmt *statement, struct hx_db_rows *out) {
    hx_assert(statement->param_count <= HX_DB_PARAMS_MAX);
    *out = (struct hx_db_rows){0, 0, NULL};
    CALL(DB_QUERY, hx_host_db_query(req, statement, out));
}

hx_err hx_port_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out) {
    *out = HX_STR_EMPTY;
    CALL(KV_GET, hx_host_kv_get(req, key, read, out));
}

hx_err hx_port_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    *out = NULL;
    *count = 0;
    CALL(KV_LIST, hx_host_kv_list(req, prefix, out, count));
}

hx_err hx_port_kv_put(struct hx_req *req, hx_str key, hx_str value) {
    CALL(KV_PUT, hx_host_kv_put(req, key, value));
}

hx_err hx_port_kv_delete(struct hx_req *req, hx_str key) {
    CALL(KV_DELETE, hx_host_kv_delete(req, key));
}

hx_err hx_port_memo_get(struct hx_req *req, hx_str key, hx_str *out) {
    *out = HX_STR_EMPTY;
    CALL(MEMO_GET, hx_host_memo_get(req, key, out));
}

void hx_port_memo_put(struct hx_req *req, hx_str key, hx_str value) {
    hx_host_memo_put(req, key, value);
}

uint64_t hx_port_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms) {
    hx_assert(window_ms > 0);
    return hx_host_memo_count(req, key, add, window_ms);
}

void hx_port_queue_send(struct hx_req *req, hx_str lane, hx_time due) {
    hx_host_queue_send(req, lane, due);
}

hx_err hx_port_lane_lock(struct hx_req *req, hx_str lane) {
    hx_assert(req->lane_held.len == 0 && lane.len > 0);
    struct call call = call_begin(req, HX_OP_LANE_LOCK);
    hx_err err = call.fault == HX_FAULT_ERROR ? call.fault_err : hx_host_lane_lock(req, lane);
    if (call.fault != HX_FAULT_ERROR && hx_ok(err)) req->lane_held = lane;
    err = call_end(&call, err);
    /* A lock that was taken and then reported as failed must not stay taken. */
    if (hx_failed(err) && req->lane_held.len > 0) hx_port_lane_unlock(req);
    return err;
}

void hx_port_lane_unlock(struct hx_req *req) {
    hx_assert(req->lane_held.len > 0);
    hx_host_lane_unlock(req);
    req->lane_held = HX_STR_EMPTY;
}

hx_err hx_port_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event, struct hx_reply *reply) {
    CALL(LANE_CALL, hx_host_lane_call(req, lane, event, reply));
}

hx_err hx_port_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms) {
    hx_assert(timeout_ms > 0);
    CALL(HTTP_PREPARE, hx_host_http_prepare(req, origin, timeout_ms));
}

hx_err hx_port_http_send(struct hx_req *req, const struct hx_http_call *http, struct hx_http_answer *out) {
    hx_assert(http->timeout_ms > 0 && http->target.len > 0 && http->target.data[0] == '/');
    hx_mem_set(out, 0, sizeof(*out));
    CALL(HTTP_SEND, hx_host_http_send(req, http, out));
}

hx_err hx_port_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                              uint64_t *serial) {
    hx_assert(timeout_ms > 0 && place->target.len > 0 && place->target.data[0] == '/');
    *serial = 0;
    CALL(SOCKET_PREPARE, hx_host_socket_prepare(req, place, timeout_ms, serial));
}

hx_err hx_port_socket_ask(struct hx_req *req, const struct hx_socket_call *socket, hx_str *answer) {
    hx_assert(socket->timeout_ms > 0 && socket->text.len > 0 && socket->mark.len > 0);
    *answer = HX_STR_EMPTY;
    CALL(SOCKET_ASK, hx_host_socket_ask(req, socket, answer));
}

hx_err hx_port_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex) {
    *hex = HX_STR_EMPTY;
    CALL(SIGN, hx_host_sign(req, secret_name, text, hex));
}

void hx_port_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply) {
    hx_host_reply_by(req, at, reply);
}
