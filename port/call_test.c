/* Goal: the seam keeps its promises whatever the host does: the budget ends a run-away request, hooks decide a call's
 * fate, every call is traced as a pair, and a lock that is reported as failed is not kept.
 * Method: a host of one-liners that counts its calls, and hooks that fail them in every way. */
#include "core/app/app.h"
#include "port/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct hx_host {
    int effects[HX_OP_COUNT];
    int traced_before, traced_after;
    int unlocks;
};

static struct hx_host host;

hx_time hx_host_now(struct hx_req *req) {
    return (void)req, 1;
}
void hx_host_random(struct hx_req *req, void *out, size_t len) {
    (void)req, hx_mem_set(out, 0, len);
}
void hx_host_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail) {
    (void)req, (void)level, (void)message, (void)detail;
}
void hx_host_trace(struct hx_req *req, enum hx_op op, uint32_t sequence, bool done, hx_err err) {
    (void)op, (void)sequence, (void)err;
    if (done) req->host->traced_after++;
    if (!done) req->host->traced_before++;
}
#define EFFECT(op) return req->host->effects[HX_OP_##op]++, HX_OK
hx_err hx_host_setting(struct hx_req *req, hx_str name, hx_str *out) {
    return (void)req, (void)name, (void)out, HX_OK;
}
hx_err hx_host_sleep(struct hx_req *req, hx_time until) {
    (void)until;
    EFFECT(SLEEP);
}
hx_err hx_host_db_batch(struct hx_req *req, const struct hx_db_stmt *s, uint32_t count, uint32_t *failed) {
    (void)s, (void)count, (void)failed;
    EFFECT(DB_BATCH);
}
hx_err hx_host_db_query(struct hx_req *req, const struct hx_db_stmt *s, struct hx_db_rows *out) {
    (void)s, (void)out;
    EFFECT(DB_QUERY);
}
hx_err hx_host_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out) {
    (void)key, (void)read, (void)out;
    EFFECT(KV_GET);
}
hx_err hx_host_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    (void)prefix, (void)out, (void)count;
    EFFECT(KV_LIST);
}
hx_err hx_host_kv_put(struct hx_req *req, hx_str key, hx_str value) {
    (void)key, (void)value;
    EFFECT(KV_PUT);
}
hx_err hx_host_kv_delete(struct hx_req *req, hx_str key) {
    (void)key;
    EFFECT(KV_DELETE);
}
hx_err hx_host_memo_get(struct hx_req *req, hx_str key, hx_str *out) {
    (void)key, (void)out;
    EFFECT(MEMO_GET);
}
void hx_host_memo_put(struct hx_req *req, hx_str key, hx_str value) {
    (void)req, (void)key, (void)value;
}
uint64_t hx_host_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms) {
    return (void)req, (void)key, (void)window_ms, add;
}
void hx_host_queue_send(struct hx_req *req, hx_str lane, hx_time due) {
    (void)req, (void)lane, (void)due;
}
hx_err hx_host_lane_lock(struct hx_req *req, hx_str lane) {
    (void)lane;
    EFFECT(LANE_LOCK);
}
void hx_host_lane_unlock(struct hx_req *req) {
    req->host->unlocks++;
}
hx_err hx_host_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event, struct hx_reply *reply) {
    (void)lane, (void)event, (void)reply;
    EFFECT(LANE_CALL);
}
hx_err hx_host_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms) {
    (void)origin, (void)timeout_ms;
    EFFECT(HTTP_PREPARE);
}
hx_err hx_host_http_send(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out) {
    (void)call, (void)out;
    EFFECT(HTTP_SEND);
}
hx_err hx_host_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                              uint64_t *serial) {
    (void)place, (void)timeout_ms, (void)serial;
    EFFECT(SOCKET_PREPARE);
}
hx_err hx_host_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer) {
    (void)call, (void)answer;
    EFFECT(SOCKET_ASK);
}
hx_err hx_host_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex) {
    (void)secret_name, (void)text, (void)hex;
    EFFECT(SIGN);
}
void hx_host_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply) {
    (void)req, (void)at, (void)reply;
}

struct plan {
    struct hx_hooks hooks;
    enum hx_fault fault;
    int before, after;
};

static enum hx_fault before(struct hx_hooks *hooks, struct hx_req *req, enum hx_op op, uint32_t sequence,
                            hx_err *fault_err) {
    struct plan *plan = (struct plan *)hooks;
    (void)req, (void)op, (void)sequence;
    plan->before++;
    *fault_err = HX_ERR(UNKNOWN_STORE);
    return plan->fault;
}

static void after(struct hx_hooks *hooks, struct hx_req *req, enum hx_op op, uint32_t sequence) {
    (void)req, (void)op, (void)sequence;
    ((struct plan *)hooks)->after++;
}

static uint8_t memory[4096];
static struct hx_req req;
static struct plan plan;

static int setup(void **state) {
    (void)state;
    hx_mem_set(&host, 0, sizeof host);
    hx_req_init(&req, &host, memory, sizeof memory);
    plan = (struct plan){{before, after}, HX_FAULT_NONE, 0, 0};
    req.hooks = &plan.hooks;
    return 0;
}

static void faults(void **state) {
    (void)state;
    assert_true(hx_ok(hx_port_kv_delete(&req, HX_STR("k"))));
    assert_int_equal(host.effects[HX_OP_KV_DELETE], 1);
    plan.fault = HX_FAULT_ERROR;
    assert_true(hx_err_equal(hx_port_kv_delete(&req, HX_STR("k")), HX_ERR(UNKNOWN_STORE)));
    assert_int_equal(host.effects[HX_OP_KV_DELETE], 1);
    assert_int_equal(plan.after, 1);
    plan.fault = HX_FAULT_EFFECT_THEN_ERROR;
    assert_true(hx_err_equal(hx_port_kv_delete(&req, HX_STR("k")), HX_ERR(UNKNOWN_STORE)));
    assert_int_equal(host.effects[HX_OP_KV_DELETE], 2);
    assert_int_equal(plan.after, 2);
    assert_int_equal(plan.before, 3);
    assert_int_equal(host.traced_before, 3);
    assert_int_equal(host.traced_after, 3);
}

static void budget(void **state) {
    (void)state;
    for (uint32_t i = 0; i < HX_REQUEST_CALLS_MAX; i++) assert_true(hx_ok(hx_port_sleep(&req, 1)));
    assert_true(hx_err_equal(hx_port_sleep(&req, 1), HX_ERR(LIMIT_COUNT)));
    assert_int_equal(host.effects[HX_OP_SLEEP], HX_REQUEST_CALLS_MAX);
}

static void locks(void **state) {
    (void)state;
    assert_true(hx_ok(hx_port_lane_lock(&req, HX_STR("live:BTCUSDT"))));
    assert_true(hx_str_equal(req.lane_held, HX_STR("live:BTCUSDT")));
    hx_port_lane_unlock(&req);
    assert_int_equal(req.lane_held.len, 0);
    plan.fault = HX_FAULT_EFFECT_THEN_ERROR;
    assert_true(hx_failed(hx_port_lane_lock(&req, HX_STR("live:BTCUSDT"))));
    assert_int_equal(req.lane_held.len, 0);
    assert_int_equal(host.unlocks, 2);
    plan.fault = HX_FAULT_ERROR;
    assert_true(hx_failed(hx_port_lane_lock(&req, HX_STR("live:BTCUSDT"))));
    assert_int_equal(host.unlocks, 2);
}

static void trail_is_cut(void **state) {
    (void)state;
    char text[HX_TRAIL_LEN_MAX + 50];
    hx_mem_set(text, 'x', sizeof text);
    hx_req_trail(&req, hx_str_make(text, sizeof text));
    assert_int_equal(hx_req_trail_str(&req).len, HX_TRAIL_LEN_MAX);
    hx_req_trail(&req, HX_STR("short"));
    assert_true(hx_str_equal(hx_req_trail_str(&req), HX_STR("short")));
}

static void names(void **state) {
    (void)state;
    assert_string_equal(hx_op_name(HX_OP_DB_BATCH), "db_batch");
    assert_string_equal(hx_op_name(HX_OP_REPLY_BY), "reply_by");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(faults, setup), cmocka_unit_test_setup(budget, setup),
                                       cmocka_unit_test_setup(locks, setup),
                                       cmocka_unit_test_setup(trail_is_cut, setup), cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
