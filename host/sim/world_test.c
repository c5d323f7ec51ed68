/* Goal: the world does what its faults and crashes claim, since every proof leans on that: what a crash leaves, what it
 * takes, where each fault falls, and that a run can be repeated. Method: a small application in place of the core that
 * writes, sends and waits on command, in worlds with one planned fault. Covers world.c, request.c, caller.c, fault.c,
 * story.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/sim/world.h"

#define START_MS ((hx_time)1767225600000)
#define ORIGIN HX_STR("http://venue.sim")

static struct hx_host *sim;

static hx_err put(struct hx_req *req, const char *name, const char *value) {
    const struct hx_db_value params[2] = {{HX_DB_TEXT, 0, hx_str_from_c(name)}, {HX_DB_TEXT, 0, hx_str_from_c(value)}};
    const struct hx_db_stmt statement = {"INSERT INTO meta (name, value) VALUES (?1, ?2)", params, 2, 1};
    return hx_port_db_batch(req, &statement, 1, NULL);
}

static hx_err fetch_time(struct hx_req *req) {
    const struct hx_http_call call = {.origin = ORIGIN,
                                      .method = HX_HTTP_METHOD_GET,
                                      .target = HX_STR("/fapi/v1/time"),
                                      .timeout_ms = 3000,
                                      .response_len_max = 4096};
    struct hx_http_answer answer;
    HX_TRY(hx_port_http_prepare(req, ORIGIN, 1000));
    return hx_port_http_send(req, &call, &answer);
}

static hx_err in_lane(struct hx_req *req, hx_str name) {
    HX_TRY(hx_port_lane_lock(req, HX_STR("lane")));
    HX_TRY(hx_port_sleep(req, hx_port_now(req) + 10));
    char key[16] = {0};
    memcpy(key, name.data, name.len < sizeof(key) ? name.len : sizeof(key) - 1);
    hx_err err = put(req, key, "in lane");
    hx_port_lane_unlock(req);
    return err;
}

static hx_err read_kv(struct hx_req *req, enum hx_kv_read read, struct hx_reply *reply) {
    return hx_port_kv_get(req, HX_STR("setting"), read, &reply->body);
}

static hx_err act(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    hx_str path = event->path;
    if (hx_str_equal(path, HX_STR("/put"))) return put(req, "a", "1");
    if (hx_str_equal(path, HX_STR("/put-twice"))) {
        HX_TRY(put(req, "a", "1"));
        return put(req, "b", "2");
    }
    if (hx_str_equal(path, HX_STR("/time"))) return fetch_time(req);
    if (hx_str_equal(path, HX_STR("/lane"))) return in_lane(req, event->body);
    if (hx_str_equal(path, HX_STR("/queue"))) {
        hx_port_queue_send(req, HX_STR("woken"), hx_port_now(req) + 1000);
        return HX_OK;
    }
    if (hx_str_equal(path, HX_STR("/kv-set"))) return hx_port_kv_put(req, HX_STR("setting"), event->body);
    if (hx_str_equal(path, HX_STR("/kv-cached"))) return read_kv(req, HX_KV_CACHED, reply);
    if (hx_str_equal(path, HX_STR("/kv-strong"))) return read_kv(req, HX_KV_STRONG, reply);
    if (hx_str_equal(path, HX_STR("/arena"))) {
        HX_TRY(put(req, "a", "1"));
        return hx_arena_take(&req->arena, 64) == NULL ? HX_ERR(LIMIT_ARENA) : HX_OK;
    }
    hx_assert(!hx_str_equal(path, HX_STR("/assert")));
    return HX_ERR(REJECT_INPUT);
}

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    *reply = (struct hx_reply){0};
    if (event->kind == HX_EVENT_LANE_DUE) {
        char name[24] = "woken-";
        memcpy(name + 6, req->id + 14, 12);
        hx_err ignored = put(req, name, "1");
        hx_assert(hx_ok(ignored));
        return;
    }
    hx_err err = act(req, event, reply);
    reply->status = hx_ok(err) ? 200 : 500;
    if (hx_failed(err)) reply->body = hx_str_from_c(hx_err_name(err));
}

static void reset(const struct hx_sim_fault *faults, uint32_t count) {
    const struct hx_sim_config config = {.seed = 5,
                                         .start_ms = START_MS,
                                         .store_ms_max = 3,
                                         .network_ms_max = 10,
                                         .faults = faults,
                                         .fault_count = count,
                                         .no_ticks = true};
    hx_sim_reset(sim, &config);
}

static void post(hx_time at, const char *path, const char *body, uint32_t sends) {
    hx_sim_add_call(sim, &(struct hx_sim_call){.at_ms = START_MS + at,
                                               .method = HX_HTTP_METHOD_POST,
                                               .path = hx_str_from_c(path),
                                               .body = hx_str_from_c(body),
                                               .sends_max = sends,
                                               .resend_after_ms = 5000});
}

static int64_t rows_like(const char *pattern) {
    struct hx_db_rows rows;
    const struct hx_db_value params[1] = {{HX_DB_TEXT, 0, hx_str_from_c(pattern)}};
    hx_sim_query(sim, "SELECT count(*) FROM meta WHERE name LIKE ?1", params, 1, &rows);
    return rows.cells[0].integer;
}

/* One call of `path` with one fault at `point`; the status its only send got. */
static uint32_t one(const char *path, uint32_t point, enum hx_sim_fault_kind kind, int64_t argument) {
    static struct hx_sim_fault fault;
    fault = (struct hx_sim_fault){point, kind, argument};
    reset(&fault, 1);
    post(10, path, "", 1);
    hx_sim_run_until(sim, START_MS + 20000);
    assert_int_equal(hx_sim_get_counters(sim)->faults, kind == HX_SIM_FAULT_ANY ? 0 : 1);
    return hx_sim_get_exchange(sim, 0)->status;
}

static const char *reply_of(uint32_t index) {
    static char text[200];
    hx_str body = hx_sim_get_exchange(sim, index)->reply_body;
    memcpy(text, body.data, body.len);
    text[body.len] = '\0';
    return text;
}

static void crash_falls_before_or_after_the_effect(void **state) {
    (void)state;
    assert_int_equal(one("/put", 0, HX_SIM_FAULT_CRASH_BEFORE, 100), 0);
    assert_int_equal(rows_like("a"), 0);
    assert_int_equal(one("/put", 0, HX_SIM_FAULT_CRASH_AFTER, 100), 0);
    assert_int_equal(rows_like("a"), 1);
    assert_int_equal(hx_sim_get_counters(sim)->crashes, 1);
    assert_int_equal(one("/put-twice", 1, HX_SIM_FAULT_CRASH_BEFORE, 100), 0);
    assert_int_equal(rows_like("_"), 1);
}

static void errors_come_with_and_without_effect(void **state) {
    (void)state;
    assert_int_equal(one("/put", 0, HX_SIM_FAULT_ERROR, 0), 500);
    assert_string_equal(reply_of(0), "BUSY_OVERLOADED");
    assert_int_equal(rows_like("a"), 0);
    assert_int_equal(one("/put", 0, HX_SIM_FAULT_ERROR_UNKNOWN, 0), 500);
    assert_string_equal(reply_of(0), "UNKNOWN_STORE");
    assert_int_equal(rows_like("a"), 0);
    assert_int_equal(one("/put", 0, HX_SIM_FAULT_EFFECT_ERROR, 0), 500);
    assert_string_equal(reply_of(0), "UNKNOWN_STORE");
    assert_int_equal(rows_like("a"), 1);
    assert_int_equal(one("/arena", 0, HX_SIM_FAULT_ARENA, 0), 500);
    assert_string_equal(reply_of(0), "LIMIT_ARENA");
}

static void delays_and_clock_steps_move_time(void **state) {
    (void)state;
    assert_int_equal(one("/put", 0, HX_SIM_FAULT_DELAY, 4000), 200);
    assert_true(hx_sim_get_exchange(sim, 0)->answered_ms >= START_MS + 4010);
    assert_int_equal(one("/put", 0, HX_SIM_FAULT_CLOCK, -400), 200);
    assert_int_equal(hx_sim_host_now(sim) - hx_sim_now(sim), -400);
}

static uint64_t asked_of_venue(void) {
    struct hx_lab_account_view account;
    hx_lab_get_account(hx_sim_lab(sim), &account);
    return account.requests;
}

static void the_network_loses_either_half(void **state) {
    (void)state;
    assert_int_equal(one("/time", 1, HX_SIM_FAULT_NET_DROP_REQUEST, 0), 500);
    assert_string_equal(reply_of(0), "UNKNOWN_OUTCOME");
    assert_int_equal(asked_of_venue(), 0);
    assert_int_equal(one("/time", 1, HX_SIM_FAULT_NET_DROP_REPLY, 0), 500);
    assert_int_equal(asked_of_venue(), 1);
    assert_int_equal(one("/time", 1, HX_SIM_FAULT_NET_SILENCE, 0), 500);
    assert_string_equal(reply_of(0), "UNKNOWN_TIMEOUT");
    assert_int_equal(asked_of_venue(), 0);
    assert_int_equal(one("/time", 1, HX_SIM_FAULT_NET_LATE_REPLY, 500), 200);
    assert_int_equal(one("/time", 1, HX_SIM_FAULT_NET_LATE_REQUEST, 9000), 500);
    assert_string_equal(reply_of(0), "UNKNOWN_TIMEOUT");
    assert_int_equal(asked_of_venue(), 1);
    assert_int_equal(one("/time", 0, HX_SIM_FAULT_ERROR, 0), 500);
    assert_string_equal(reply_of(0), "BUSY_NOT_SENT");
}

/* What is on the wire goes on without the process that sent it. */
static void a_request_survives_its_process(void **state) {
    (void)state;
    static const struct hx_sim_fault late = {1, HX_SIM_FAULT_NET_LATE_REQUEST, 2500};
    reset(&late, 1);
    post(10, "/time", "", 1);
    hx_sim_add_crash(sim, START_MS + 1000, 500);
    hx_sim_run_until(sim, START_MS + 2000);
    assert_int_equal(hx_sim_get_exchange(sim, 0)->status, 0);
    assert_int_equal(asked_of_venue(), 0);
    hx_sim_run_until(sim, START_MS + 10000);
    assert_int_equal(asked_of_venue(), 1);
}

static void lanes_are_first_come_first_served_and_crashes_free_them(void **state) {
    (void)state;
    reset(NULL, 0);
    post(10, "/lane", "x1", 1);
    post(11, "/lane", "x2", 1);
    post(12, "/lane", "x3", 1);
    hx_sim_run_until(sim, START_MS + 1000);
    struct hx_db_rows rows;
    hx_sim_query(sim, "SELECT name FROM meta WHERE value = 'in lane' ORDER BY name", NULL, 0, &rows);
    assert_int_equal(rows.row_count, 3);
    for (uint32_t i = 1; i < 3; i++)
        assert_true(hx_sim_get_exchange(sim, i - 1)->answered_ms <= hx_sim_get_exchange(sim, i)->answered_ms);
    reset(NULL, 0);
    post(10, "/lane", "y1", 1);
    hx_sim_add_crash(sim, START_MS + 12, 100);
    post(200, "/lane", "y2", 1);
    hx_sim_run_until(sim, START_MS + 1000);
    assert_int_equal(hx_sim_get_exchange(sim, 1)->status, 200);
    assert_int_equal(rows_like("y1"), 0);
}

static int64_t woken_after(enum hx_sim_fault_kind kind, int64_t argument) {
    assert_int_equal(one("/queue", 0, kind, argument), 200);
    return rows_like("woken-%");
}

static void the_queue_repeats_loses_and_is_late(void **state) {
    (void)state;
    assert_int_equal(woken_after(HX_SIM_FAULT_DUPLICATE, 50), 2);
    assert_int_equal(woken_after(HX_SIM_FAULT_LOSE, 0), 0);
    assert_int_equal(woken_after(HX_SIM_FAULT_LATE, 300000), 0);
    assert_int_equal(woken_after(HX_SIM_FAULT_LATE, 1000), 1);
    reset(NULL, 0);
    post(10, "/queue", "", 1);
    hx_sim_add_crash(sim, START_MS + 500, 100);
    hx_sim_run_until(sim, START_MS + 20000);
    assert_int_equal(rows_like("woken-%"), 0);
}

static void only_cached_reads_are_stale(void **state) {
    (void)state;
    static const struct hx_sim_fault stale[] = {{2, HX_SIM_FAULT_STALE, 0}, {3, HX_SIM_FAULT_STALE, 0}};
    reset(stale, 2);
    post(10, "/kv-set", "old", 1);
    post(100, "/kv-set", "new", 1);
    post(200, "/kv-cached", "", 1);
    post(300, "/kv-strong", "", 1);
    post(400, "/kv-cached", "", 1);
    hx_sim_run_until(sim, START_MS + 1000);
    assert_string_equal(reply_of(2), "old");
    assert_string_equal(reply_of(3), "new");
    assert_string_equal(reply_of(4), "new");
}

static void callers_send_again_until_answered(void **state) {
    (void)state;
    static const struct hx_sim_fault once = {0, HX_SIM_FAULT_ERROR, 0};
    reset(&once, 1);
    post(10, "/put", "", 4);
    hx_sim_run_until(sim, START_MS + 60000);
    assert_int_equal(hx_sim_exchange_count(sim), 2);
    assert_int_equal(hx_sim_get_exchange(sim, 0)->status, 500);
    assert_int_equal(hx_sim_get_exchange(sim, 1)->status, 200);
    assert_int_equal(hx_sim_get_exchange(sim, 1)->sent_ms - hx_sim_get_exchange(sim, 0)->answered_ms, 5000);
}

static void a_plan_repeats_what_chance_did(void **state) {
    (void)state;
    struct hx_sim_config config = {
        .seed = 9, .start_ms = START_MS, .store_ms_max = 5, .network_ms_max = 30, .no_ticks = true};
    uint64_t hashes[3];
    static struct hx_sim_fault plan[64];
    for (int i = 0; i < 3; i++) {
        for (uint32_t kind = 0; kind < HX_SIM_FAULT_COUNT; kind++) config.fault_chance[kind] = i < 2 ? 3000 : 0;
        hx_sim_reset(sim, &config);
        for (int at = 0; at < 8; at++) post(at * 300, "/time", "", 3);
        hx_sim_run_until(sim, START_MS + 100000);
        hashes[i] = hx_sim_hash(sim);
        uint32_t count = 0;
        const struct hx_sim_fault *hit = hx_sim_faults_hit(sim, &count);
        assert_in_range(count, 1, 64);
        if (i == 2) continue;
        memcpy(plan, hit, count * sizeof(*hit));
        config.faults = plan;
        config.fault_count = i == 1 ? count : 0;
    }
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[1] == hashes[2]);
    config.seed = 10;
    hx_sim_reset(sim, &config);
    for (int at = 0; at < 8; at++) post(at * 300, "/time", "", 3);
    hx_sim_run_until(sim, START_MS + 100000);
    assert_true(hx_sim_hash(sim) != hashes[0]);
}

static void a_failing_assertion_is_a_violation(void **state) {
    (void)state;
    reset(NULL, 0);
    hx_sim_catch_assertions(sim);
    post(10, "/assert", "", 1);
    hx_sim_run_until(sim, START_MS + 1000);
    assert_string_equal(hx_sim_violation_number(sim), "I9");
    reset(NULL, 0);
    post(10, "/put", "", 1);
    hx_sim_run_until(sim, START_MS + 1000);
    assert_null(hx_sim_violation_number(sim));
    assert_int_equal(hx_sim_get_exchange(sim, 0)->status, 200);
}

static void every_fault_has_a_name_and_a_place(void **state) {
    (void)state;
    for (uint32_t kind = 0; kind <= HX_SIM_FAULT_COUNT; kind++) {
        enum hx_sim_fault_kind fault = (enum hx_sim_fault_kind)kind, parsed;
        assert_true(hx_sim_fault_parse(hx_str_from_c(hx_sim_fault_text(fault)), &parsed));
        assert_int_equal(parsed, fault);
        uint32_t places = 0;
        for (uint32_t op = 0; op < SIM_OP_COUNT; op++) places += hx_sim_fault_applies(fault, op);
        assert_int_equal(places > 0, fault != HX_SIM_FAULT_ANY);
    }
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
        cmocka_unit_test(crash_falls_before_or_after_the_effect),
        cmocka_unit_test(errors_come_with_and_without_effect),
        cmocka_unit_test(delays_and_clock_steps_move_time),
        cmocka_unit_test(the_network_loses_either_half),
        cmocka_unit_test(a_request_survives_its_process),
        cmocka_unit_test(lanes_are_first_come_first_served_and_crashes_free_them),
        cmocka_unit_test(the_queue_repeats_loses_and_is_late),
        cmocka_unit_test(only_cached_reads_are_stale),
        cmocka_unit_test(callers_send_again_until_answered),
        cmocka_unit_test(a_plan_repeats_what_chance_did),
        cmocka_unit_test(a_failing_assertion_is_a_violation),
        cmocka_unit_test(every_fault_has_a_name_and_a_place),
    };
    return cmocka_run_group_tests(tests, make, release);
}
