/* Goal: the simulated edge fails as the platform may, and no more. Method: a small application that writes, sleeps and
 * reads in its lane; each test does one thing to the world and looks at rows, keys and replies. Covers edge.c,
 * edge_call.c, edge_lane.c, edge_kv.c and edge_mirror.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/sim/edge.h"

#define START_MS ((hx_time)1767225600000)

static struct hx_host *sim;

/* Rows of a published table that need no others. `finished`: nothing is left to do about it. */
static hx_err put(struct hx_req *req, const char *subject, bool finished) {
    const struct hx_db_value params[3] = {{HX_DB_TEXT, 0, hx_str_from_c(subject)},
                                          {HX_DB_INT, hx_port_now(req), HX_STR_EMPTY},
                                          {HX_DB_INT, finished, HX_STR_EMPTY}};
    const struct hx_db_stmt statement = {
        "INSERT INTO outbox (kind, subject, payload, due_ms, created_ms, finished_ms) "
        "VALUES ('notify', ?1, '{}', ?2, ?2, CASE WHEN ?3 THEN ?2 END)",
        params, 3, 1};
    return hx_port_db_batch(req, &statement, 1, NULL);
}

static hx_err finish_all(struct hx_req *req) {
    const struct hx_db_stmt statement = {"UPDATE outbox SET finished_ms = 1 WHERE finished_ms IS NULL", NULL, 0,
                                         HX_DB_EXPECT_ANY};
    return hx_port_db_batch(req, &statement, 1, NULL);
}

static hx_err act(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    hx_str path = event->path;
    if (hx_str_equal(path, HX_STR("/put"))) return put(req, "put", true);
    if (hx_str_equal(path, HX_STR("/put-slow"))) {
        HX_TRY(put(req, "first", true));
        HX_TRY(hx_port_sleep(req, hx_port_now(req) + 1000));
        return put(req, "second", true);
    }
    if (hx_str_equal(path, HX_STR("/open"))) {
        hx_port_queue_send(req, event->lane, hx_port_now(req) + 5000);
        return put(req, "open", false);
    }
    if (hx_str_equal(path, HX_STR("/remember"))) {
        hx_port_memo_put(req, HX_STR("m"), HX_STR("1"));
        return HX_OK;
    }
    if (hx_str_equal(path, HX_STR("/recall"))) return hx_port_memo_get(req, HX_STR("m"), &reply->body);
    if (hx_str_equal(path, HX_STR("/key"))) return hx_port_kv_get(req, HX_STR("k"), HX_KV_STRONG, &reply->body);
    return HX_ERR(REJECT_INPUT);
}

/* The body names the lane; without one it is the isolate that acts. */
void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    *reply = (struct hx_reply){0};
    hx_err err = HX_OK;
    if (event->kind != HX_EVENT_HTTP) {
        err = finish_all(req);
    } else if (hx_str_equal(event->path, HX_STR("/key-set"))) {
        err = hx_port_kv_put(req, HX_STR("k"), event->body);
    } else if (event->lane.len == 0 && event->body.len > 0) {
        struct hx_event handed = *event;
        handed.lane = event->body;
        err = hx_port_lane_call(req, handed.lane, &handed, reply);
        if (hx_ok(err)) return;
    } else {
        err = act(req, event, reply);
    }
    reply->status = hx_ok(err) ? 200 : 500;
    if (hx_failed(err)) reply->body = hx_str_from_c(hx_err_name(err));
}

static void reset(const struct hx_sim_fault *faults, uint32_t count) {
    static const struct hx_sim_pair kv[] = {{"k", "old"}};
    const struct hx_sim_config config = {.seed = 5,
                                         .edge = true,
                                         .start_ms = START_MS,
                                         .kv = kv,
                                         .kv_count = 1,
                                         .store_ms_max = 3,
                                         .network_ms_max = 10,
                                         .faults = faults,
                                         .fault_count = count};
    hx_sim_reset(sim, &config);
}

static void post(hx_time at, const char *path, const char *body) {
    hx_sim_add_call(sim, &(struct hx_sim_call){.at_ms = START_MS + at,
                                               .method = HX_HTTP_METHOD_POST,
                                               .path = hx_str_from_c(path),
                                               .body = hx_str_from_c(body),
                                               .sends_max = 1});
}

static int64_t number(const char *query) {
    struct hx_db_rows rows;
    hx_sim_query(sim, query, NULL, 0, &rows);
    return rows.cells[0].integer;
}

static int64_t in_lanes(void) {
    return number("SELECT count(*) FROM outbox");
}

static int64_t in_d1(void) {
    return number("SELECT count(*) FROM d1.outbox");
}

static void assert_reply(uint32_t index, uint32_t status, const char *body) {
    const struct hx_sim_exchange *got = hx_sim_get_exchange(sim, index);
    assert_true(got->answered);
    assert_int_equal(got->status, status);
    assert_int_equal(got->reply_body.len, strlen(body));
    assert_memory_equal(got->reply_body.data, body, strlen(body));
}

static void evict(void *context, struct hx_host *world) {
    sim_edge_crash(world, hx_edge_lane_find(world, hx_str_from_c(context)), 100);
}

/* The first point of this run that is such an operation. */
static uint32_t point_of(uint32_t op) {
    uint32_t point = 0;
    while (hx_sim_op_at(sim, point) != op) point++;
    return point;
}

static char lane_a[] = "a", lane_b[] = "b";

static void an_object_dies_alone(void **state) {
    (void)state;
    reset(NULL, 0);
    post(10, "/put-slow", "a");
    post(11, "/put-slow", "b");
    post(12, "/remember", "a");
    post(13, "/remember", "b");
    hx_sim_add_action(sim, START_MS + 500, evict, lane_a);
    post(550, "/put", "a");
    post(2000, "/recall", "a");
    post(2001, "/recall", "b");
    hx_sim_run_until(sim, START_MS + 5000);
    assert_reply(0, 500, "BROKEN_HOST");
    assert_reply(1, 200, "");
    assert_reply(4, 500, "BROKEN_HOST");
    assert_reply(5, 500, "ABSENT_KEY");
    assert_reply(6, 200, "1");
    assert_int_equal(number("SELECT count(*) FROM l0.outbox"), 1);
    assert_int_equal(number("SELECT count(*) FROM l1.outbox"), 2);
    assert_int_equal(in_d1(), 3);
}

static void the_reply_of_a_lane_can_be_lost(void **state) {
    (void)state;
    reset(NULL, 0);
    post(10, "/put", "a");
    hx_sim_run_until(sim, START_MS + 1000);
    const struct hx_sim_fault lost = {point_of(HX_OP_LANE_CALL), HX_SIM_FAULT_EFFECT_ERROR, 0};
    reset(&lost, 1);
    post(10, "/put", "a");
    hx_sim_run_until(sim, START_MS + 1000);
    assert_reply(0, 500, "UNKNOWN_OUTCOME");
    assert_int_equal(in_lanes(), 1);
}

/* Its timers are gone; the alarm that was set with the row is not. */
static void the_alarm_outlives_its_object(void **state) {
    (void)state;
    reset(NULL, 0);
    post(10, "/open", "a");
    hx_sim_run_until(sim, START_MS + 4000);
    assert_int_equal(number("SELECT count(*) FROM outbox WHERE finished_ms IS NULL"), 1);
    hx_sim_run_until(sim, START_MS + 6000);
    assert_int_equal(number("SELECT count(*) FROM outbox WHERE finished_ms IS NULL"), 0);
    reset(NULL, 0);
    post(10, "/open", "a");
    hx_sim_add_action(sim, START_MS + 500, evict, lane_a);
    hx_sim_run_until(sim, START_MS + 29000);
    assert_int_equal(number("SELECT count(*) FROM outbox WHERE finished_ms IS NULL"), 1);
    hx_sim_run_until(sim, START_MS + 62000);
    assert_int_equal(number("SELECT count(*) FROM outbox WHERE finished_ms IS NULL"), 0);
}

static void a_put_is_done_when_every_lane_has_it(void **state) {
    (void)state;
    hx_str values[4];
    reset(NULL, 0);
    post(10, "/key", "a");
    post(11, "/key", "b");
    hx_sim_add_action(sim, START_MS + 990, evict, lane_b);
    post(1000, "/key-set", "new");
    hx_sim_run_until(sim, START_MS + 1060);
    assert_reply(0, 200, "old");
    assert_reply(2, 500, "UNKNOWN_STORE");
    assert_int_equal(hx_sim_kv_values(sim, HX_STR("k"), values, 4), 2);
    post(1061, "/key", "a");
    post(4000, "/key", "b");
    post(4001, "/key", "c");
    hx_sim_run_until(sim, START_MS + 5000);
    assert_reply(3, 200, "new");
    assert_reply(4, 200, "new");
    assert_reply(5, 200, "new");
    assert_int_equal(hx_sim_kv_values(sim, HX_STR("k"), values, 4), 1);
    assert_true(hx_str_equal(values[0], HX_STR("new")));
}

static void isolates_read_keys_up_to_a_minute_old(void **state) {
    (void)state;
    reset(NULL, 0);
    for (int64_t i = 0; i < 3; i++) post(10 + i, "/key", "");
    for (int64_t i = 0; i < 12; i++) post(20 + i, "/key", "");
    post(1000, "/key-set", "new");
    for (int64_t i = 0; i < 200; i++) post(2000 + i * 300, "/key", "");
    for (int64_t i = 0; i < 20; i++) post(62000 + i, "/key", "");
    hx_sim_run_until(sim, START_MS + 70000);
    uint32_t old = 0;
    for (uint32_t i = 16; i < 216; i++) old += hx_str_equal(hx_sim_get_exchange(sim, i)->reply_body, HX_STR("old"));
    assert_in_range(old, 1, 199);
    for (uint32_t i = 216; i < 236; i++) assert_reply(i, 200, "new");
}

/* Every kind of trouble on the way to D1, at the first parcel. */
static void d1_has_every_row_in_the_end(void **state) {
    (void)state;
    static const enum hx_sim_fault_kind kinds[] = {HX_SIM_FAULT_ERROR, HX_SIM_FAULT_EFFECT_ERROR, HX_SIM_FAULT_LATE,
                                                   HX_SIM_FAULT_CRASH_BEFORE, HX_SIM_FAULT_CRASH_AFTER};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        reset(NULL, 0);
        post(10, "/open", "a");
        hx_sim_run_until(sim, START_MS + 1000);
        const struct hx_sim_fault fault = {point_of(SIM_OP_PUBLISH), kinds[i],
                                           kinds[i] == HX_SIM_FAULT_LATE ? 300000 : 100};
        reset(&fault, 1);
        post(10, "/open", "a");
        hx_sim_run_until(sim, START_MS + 400000);
        assert_int_equal(hx_sim_get_counters(sim)->faults, 1);
        assert_int_equal(in_lanes(), 1);
        assert_int_equal(in_d1(), 1);
        /* The late parcel had the row as it was before it was finished. */
        assert_int_equal(number("SELECT count(*) FROM d1.outbox WHERE finished_ms IS NULL"), 0);
        assert_true(hx_sim_is_idle(sim));
        assert_null(hx_sim_violation_number(sim));
    }
}

static void send_message(void *context, struct hx_host *world) {
    struct edge_message *message = sim_alloc(world, sizeof(*message));
    *message = (struct edge_message){.place = hx_edge_lane_find(world, hx_str_from_c(context))};
    sim_message_added(world);
    sim_push(world, (struct sim_event){
                        .at = hx_sim_now(world), .kind = SIM_EVENT_MESSAGE, .a = message->place, .context = message});
}

static void what_the_queue_gives_up_is_told(void **state) {
    (void)state;
    reset(NULL, 0);
    post(10, "/put", "a");
    hx_sim_add_action(sim, START_MS + 1000, send_message, lane_a);
    hx_sim_run_until(sim, START_MS + 1001);
    const struct hx_sim_fault fault = {point_of(SIM_OP_DELIVER), HX_SIM_FAULT_LOSE, 0};
    reset(&fault, 1);
    post(10, "/put", "a");
    hx_sim_add_action(sim, START_MS + 1000, send_message, lane_a);
    hx_sim_run_until(sim, START_MS + 290000);
    assert_int_equal(hx_sim_get_counters(sim)->faults, 1);
    assert_int_equal(in_lanes(), 1);
    hx_sim_run_until(sim, START_MS + 320000);
    assert_int_equal(number("SELECT count(*) FROM outbox WHERE subject = 'a' AND finished_ms = 1"), 1);
}

static int make(void **state) {
    (void)state;
    sim = hx_sim_make();
    return sim == NULL;
}

static int release(void **state) {
    (void)state;
    hx_sim_release(sim);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_dies_alone),
        cmocka_unit_test(the_reply_of_a_lane_can_be_lost),
        cmocka_unit_test(the_alarm_outlives_its_object),
        cmocka_unit_test(a_put_is_done_when_every_lane_has_it),
        cmocka_unit_test(isolates_read_keys_up_to_a_minute_old),
        cmocka_unit_test(d1_has_every_row_in_the_end),
        cmocka_unit_test(what_the_queue_gives_up_is_told),
    };
    return cmocka_run_group_tests(tests, make, release);
}
