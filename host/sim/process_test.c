/* Goal: a process that is killed, or asked to end, leaves what a real one would: a stop cuts waits short and lets work
 * end, a kill leaves rows alone, and both find nobody at the door until the next start. Method: a small application
 * that sleeps, waits for its lane and asks the venue, in a world whose ledger is a file. Covers process.c, the headers
 * of callers (caller.c), and the large room (world.c). */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>
#include <sqlite3.h>

#include "host/sim/sim.h"

#define START_MS ((hx_time)1767225600000)
#define ORIGIN HX_STR("http://venue.sim")

static struct hx_host *sim;
static char folder[] = "/tmp/hoox-sim-process-XXXXXX";
static char ledger[64];
static uint32_t ticks;

static hx_err put(struct hx_req *req, const char *name) {
    const struct hx_db_value params[1] = {{HX_DB_TEXT, 0, hx_str_from_c(name)}};
    const struct hx_db_stmt statement = {"INSERT INTO meta (name, value) VALUES (?1, '')", params, 1, 1};
    return hx_port_db_batch(req, &statement, 1, NULL);
}

static hx_err ask(struct hx_req *req) {
    const struct hx_http_call call = {.origin = ORIGIN,
                                      .method = HX_HTTP_METHOD_GET,
                                      .target = HX_STR("/fapi/v1/time"),
                                      .timeout_ms = 60000,
                                      .response_len_max = 4096};
    struct hx_http_answer answer;
    HX_TRY(hx_port_http_prepare(req, ORIGIN, 1000));
    return hx_port_http_send(req, &call, &answer);
}

static hx_err in_lane(struct hx_req *req) {
    HX_TRY(hx_port_lane_lock(req, HX_STR("lane")));
    hx_err err = ask(req);
    hx_port_lane_unlock(req);
    return err;
}

/* Says in headers what it saw. */
static hx_err echo(const struct hx_event *event, struct hx_reply *reply) {
    for (uint32_t i = 0; i < event->header_count && i < HX_REPLY_HEADERS_MAX; i++)
        reply->headers[reply->header_count++] = event->headers[i];
    reply->body = event->query;
    return HX_OK;
}

static hx_err act(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    if (hx_str_equal(event->path, HX_STR("/put"))) return put(req, "row");
    if (hx_str_equal(event->path, HX_STR("/sleep"))) return hx_port_sleep(req, hx_port_now(req) + HX_MS_PER_HOUR);
    if (hx_str_equal(event->path, HX_STR("/lane"))) return in_lane(req);
    if (hx_str_equal(event->path, HX_STR("/ask"))) return ask(req);
    return echo(event, reply);
}

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    *reply = (struct hx_reply){0};
    if (event->kind == HX_EVENT_TICK) ticks++;
    if (event->kind != HX_EVENT_HTTP) return;
    hx_err err = act(req, event, reply);
    reply->status = hx_ok(err) ? 200 : 500;
    if (hx_failed(err)) reply->body = hx_str_from_c(hx_err_name(err));
}

static int set_up(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(ledger, sizeof(ledger), "%s/hoox.db", folder);
    const struct hx_sim_room room = hx_sim_room_large(ledger);
    sim = hx_sim_make_with(&room);
    return sim == NULL ? -1 : 0;
}

static int tear_down(void **state) {
    static const char *const names[] = {"hoox.db", "hoox.db-wal", "hoox.db-shm"};
    (void)state;
    hx_sim_release(sim);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[96];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static int reset(void **state) {
    (void)state;
    const struct hx_sim_config config = {.seed = 5, .start_ms = START_MS, .store_ms_max = 3, .network_ms_max = 10};
    ticks = 0;
    hx_sim_reset(sim, &config);
    return 0;
}

static void post(const char *path) {
    hx_sim_add_call(
        sim, &(struct hx_sim_call){
                 .at_ms = hx_sim_now(sim), .method = HX_HTTP_METHOD_POST, .path = hx_str_from_c(path), .sends_max = 1});
}

static void pass(int64_t ms) {
    hx_sim_run_until(sim, hx_sim_now(sim) + ms);
}

static void venue_is_late(int64_t delay_ms) {
    const struct hx_lab_fault late = {.kind = HX_LAB_FAULT_LATE, .count = -1, .delay_ms = delay_ms};
    hx_err err = hx_lab_add_fault(hx_sim_lab(sim), &late);
    assert_true(hx_ok(err));
}

static void answered(uint32_t index, uint32_t status, const char *body) {
    const struct hx_sim_exchange *exchange = hx_sim_get_exchange(sim, index);
    assert_true(exchange->answered);
    assert_int_equal(exchange->status, status);
    assert_int_equal(exchange->reply_body.len, strlen(body));
    assert_memory_equal(exchange->reply_body.data, body, strlen(body));
}

/* As somebody else would read the file: rows of the ledger by name. */
static int rows_in_file(void) {
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(ledger, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM meta WHERE name='row'", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

static void a_stop_cuts_waits_and_lets_work_end(void **state) {
    (void)state;
    venue_is_late(2000);
    post("/sleep");
    post("/lane");
    pass(100);
    post("/lane");
    pass(100);
    assert_true(hx_sim_stop(sim, 10000));
    answered(0, 500, "LIMIT_TIME");
    answered(1, 200, "");
    answered(2, 500, "LIMIT_TIME");
    assert_false(hx_sim_is_up(sim));
    assert_true(hx_sim_now(sim) > START_MS + 2000 && hx_sim_now(sim) < START_MS + 3000);
}

static void a_stop_waits_no_longer_than_its_limit(void **state) {
    (void)state;
    venue_is_late(30000);
    post("/ask");
    pass(100);
    assert_false(hx_sim_stop(sim, 10000));
    answered(0, 0, "");
    assert_true(hx_sim_now(sim) <= START_MS + 10100);
}

static void who_is_down_answers_nobody_and_does_nothing(void **state) {
    (void)state;
    pass(100);
    hx_sim_kill(sim);
    uint32_t before = ticks;
    post("/put");
    pass(5 * HX_MS_PER_MINUTE);
    answered(0, 0, "");
    assert_int_equal(ticks, before);
    assert_int_equal(rows_in_file(), 0);
    hx_sim_start(sim);
    hx_sim_start(sim);
    post("/put");
    pass(100);
    answered(1, 200, "");
    assert_int_equal(ticks, before + 1);
    assert_int_equal(rows_in_file(), 1);
}

static void a_kill_leaves_rows_and_nothing_else(void **state) {
    (void)state;
    post("/put");
    pass(100);
    post("/sleep");
    pass(100);
    hx_sim_kill(sim);
    answered(1, 0, "");
    hx_sim_start(sim);
    pass(2 * HX_MS_PER_HOUR);
    assert_int_equal(rows_in_file(), 1);
    assert_int_equal(hx_sim_get_counters(sim)->crashes, 1);
}

static void headers_and_query_travel_both_ways(void **state) {
    (void)state;
    const struct hx_http_header headers[2] = {{HX_STR("X-One"), HX_STR("1")}, {HX_STR("X-Two"), HX_STR("zwei")}};
    hx_sim_add_call(sim, &(struct hx_sim_call){.at_ms = START_MS,
                                               .path = HX_STR("/echo"),
                                               .query = HX_STR("a=b"),
                                               .headers = headers,
                                               .header_count = 2,
                                               .sends_max = 1});
    pass(10);
    answered(0, 200, "a=b");
    const struct hx_sim_exchange *exchange = hx_sim_get_exchange(sim, 0);
    assert_int_equal(exchange->reply_header_count, 2);
    assert_true(hx_str_equal(exchange->reply_headers[1].name, HX_STR("X-Two")));
    assert_true(hx_str_equal(exchange->reply_headers[1].value, HX_STR("zwei")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_stop_cuts_waits_and_lets_work_end, reset),
        cmocka_unit_test_setup(a_stop_waits_no_longer_than_its_limit, reset),
        cmocka_unit_test_setup(who_is_down_answers_nobody_and_does_nothing, reset),
        cmocka_unit_test_setup(a_kill_leaves_rows_and_nothing_else, reset),
        cmocka_unit_test_setup(headers_and_query_travel_both_ways, reset),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
