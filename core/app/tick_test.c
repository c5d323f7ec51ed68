/* Goal: what happens without a caller happens: notices reach the owner with retries, claims are forgotten in time, open
 * lanes are woken, and the two health questions are answered truthfully. Method: a path of the laboratory as the place
 * notices go to, which takes or refuses them on command; days of virtual time; replies member by member. Covers tick.c
 * and ready.c. */
#include "test/app/world.h"

#define HOOK "http://venue.sim/hook?to=owner"

static uint32_t notices_sent(void) {
    uint32_t count = 0;
    while (world_wire_at("/hook", count) != NULL) count++;
    return count;
}

/* The next `count` notices are taken (200); all others meet a path that does not exist (404). */
static void take_notices(int32_t count) {
    world_fault(&(struct hx_lab_fault){
        .kind = HX_LAB_FAULT_HTTP_STATUS, .match = "POST /hook", .status = 200, .msg = "ok", .count = count});
}

static void without_a_place_to_tell_the_log_is_enough(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(1000);
    assert_rows("SELECT count(*), sum(finished_ms IS NOT NULL), max(tries) FROM outbox", "1|1|1");
}

/* How the log tells the notice about a signal with this status: "info", "notice" or "nothing"; "often": more than once.
 */
static const char *told_as(FILE *log, const char *status) {
    static char line[16384];
    char wanted[64], level[16];
    const char *found = "nothing";
    snprintf(wanted, sizeof(wanted), "\"status\":\"%s\"", status);
    rewind(log);
    while (fgets(line, sizeof(line), log) != NULL) {
        if (strstr(line, " notice {") == NULL || strstr(line, wanted) == NULL) continue;
        if (sscanf(line, "%*s %*s %15s", level) != 1) continue;
        found = strcmp(found, "nothing") != 0 ? "often" : strcmp(level, "info") == 0 ? "info" : "notice";
    }
    fseek(log, 0, SEEK_END);
    return found;
}

/* I2: no log level leaves notices out, and what did not end filled is told as one. */
static void no_log_level_hides_what_was_not_filled(void **state) {
    (void)state;
    FILE *log = tmpfile();
    assert_non_null(log);
    world.config.log = log;
    world_setting("HOOX_RETRY_SCHEDULE", "1");
    world_alert(CLOSE_BTC KEYED("nothing"));
    world_alert(LONG_BTC KEYED("entry"));
    world_alert(LONG_BTC ",\"orderType\":\"limit\",\"price\":\"50000\"" KEYED("rests"));
    world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.0001\"" KEYED("small"));
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 9, 0);
    world_alert(CLOSE_BTC KEYED("down"));
    world_pass(10 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals ORDER BY seq", "nothing_to_do filled resting rejected failed");
    assert_string_equal(told_as(log, "filled"), "info");
    assert_string_equal(told_as(log, "nothing_to_do"), "notice");
    assert_string_equal(told_as(log, "resting"), "notice");
    assert_string_equal(told_as(log, "rejected"), "notice");
    assert_string_equal(told_as(log, "failed"), "notice");
    fclose(log);
}

/* The log is not filled with what can't be delivered; nor does the place that notices go to keep it from the log. */
static void a_notice_stands_in_the_log_once(void **state) {
    (void)state;
    FILE *log = tmpfile();
    assert_non_null(log);
    world.config.log = log;
    world_setting("HOOX_NOTIFY_URL", "nonsense");
    world_alert(CLOSE_BTC);
    world_pass(HX_MS_PER_HOUR);
    assert_rows("SELECT tries > 5 FROM outbox", "1");
    assert_string_equal(told_as(log, "nothing_to_do"), "notice");
    fclose(log);
}

static void a_notice_is_posted_as_it_stands_in_the_outbox(void **state) {
    (void)state;
    world_setting("HOOX_NOTIFY_URL", HOOK);
    take_notices(-1);
    world_alert(LONG_BTC);
    world_pass(1000);
    assert_int_equal(notices_sent(), 1);
    const struct world_wire *wire = world_wire_at("/hook", 0);
    assert_string_equal(wire->target, "/hook?to=owner");
    assert_int_equal(wire->method, HX_HTTP_METHOD_POST);
    assert_string_equal(wire->body, world_rows("SELECT payload FROM outbox"));
    assert_string_equal(world_json(hx_str_from_c(wire->body), "status"), "filled");
    assert_rows("SELECT finished_ms IS NOT NULL, tries, last_error FROM outbox", "1|1|");
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(notices_sent(), 1);
}

static void a_refused_notice_is_sent_again_ever_more_slowly(void **state) {
    (void)state;
    world_setting("HOOX_NOTIFY_URL", HOOK);
    world_alert(LONG_BTC);
    world_pass(50 * HX_MS_PER_MINUTE);
    static const int64_t after_s[] = {5, 10, 20, 40, 80, 160, 320, 600, 600, 600};
    assert_int_equal(notices_sent(), 11);
    for (uint32_t i = 0; i < 10; i++) {
        int64_t waited = world_wire_at("/hook", i + 1)->at - world_wire_at("/hook", i)->at;
        assert_in_range(waited, after_s[i] * 1000, after_s[i] * 1000 + 200);
    }
    assert_rows("SELECT finished_ms, tries, last_error FROM outbox", "null|11|BUSY_OVERLOADED");
    take_notices(1);
    world_pass(11 * HX_MS_PER_MINUTE);
    assert_rows("SELECT finished_ms IS NOT NULL, tries FROM outbox", "1|12");
}

static void a_place_that_cannot_be_reached_is_tried_again(void **state) {
    (void)state;
    static const char *const urls[] = {"http://nowhere.sim/hook", "nonsense"};
    for (size_t i = 0; i < 2; i++) {
        world_reset(NULL);
        world_setting("HOOX_NOTIFY_URL", urls[i]);
        world_alert(LONG_BTC);
        world_pass(2 * HX_MS_PER_MINUTE);
        assert_rows("SELECT finished_ms, tries, length(last_error) > 5 FROM outbox", "null|5|1");
        assert_rows("SELECT status FROM signals", "filled");
    }
}

/* More notices than one go takes, from many wake-ups at once: each is told once. */
static void many_notices_are_told_once_each(void **state) {
    (void)state;
    world_setting("HOOX_NOTIFY_URL", HOOK);
    world_begin();
    for (int i = 0; i < 40; i++) {
        char fields[200];
        snprintf(fields, sizeof(fields), "\"action\":\"CLOSE\",\"symbol\":\"%s\",\"idempotencyKey\":\"%d\"",
                 i % 2 == 0 ? "BTCUSDT" : "ETHUSDT", i);
        world_send_alert(fields, NULL);
    }
    take_notices(-1);
    world_pass(20 * HX_MS_PER_SECOND);
    assert_rows("SELECT count(*), sum(finished_ms IS NOT NULL) FROM outbox", "40|40");
    assert_int_equal(notices_sent(), 40);
}

/* Notices that fail together do not multiply their wake-ups. */
static void failing_notices_do_not_breed(void **state) {
    (void)state;
    world_setting("HOOX_NOTIFY_URL", HOOK);
    world_begin();
    for (int i = 0; i < 12; i++) {
        char fields[200];
        snprintf(fields, sizeof(fields), CLOSE_BTC ",\"idempotencyKey\":\"%d\"", i);
        world_send_alert(fields, NULL);
    }
    world_pass(40 * HX_MS_PER_MINUTE);
    /* Ten times each in forty minutes. */
    assert_int_equal(notices_sent(), 12 * 10);
    uint32_t requests = hx_sim_get_counters(world.sim)->requests;
    assert_true(requests < 900);
}

static void a_crash_after_telling_tells_again(void **state) {
    (void)state;
    world_setting("HOOX_NOTIFY_URL", HOOK);
    take_notices(-1);
    world_alert(LONG_BTC);
    while (notices_sent() == 0) assert_true(hx_sim_step(world.sim));
    world_crash(500);
    world_pass(5000);
    assert_int_equal(notices_sent(), 2);
    assert_rows("SELECT finished_ms IS NOT NULL FROM outbox", "1");
}

static void claims_are_forgotten_when_their_day_is_over(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("a"));
    world_alert(LONG_BTC);
    assert_rows("SELECT count(*) FROM claims", "2");
    world_pass(2 * HX_MS_PER_DAY - 5 * HX_MS_PER_MINUTE);
    assert_rows("SELECT count(*) FROM claims", "2");
    world_pass(10 * HX_MS_PER_MINUTE);
    assert_rows("SELECT count(*) FROM claims", "0");
    assert_rows("SELECT count(*) FROM signals", "2");
}

/* At the start, and every minute: whatever a lost wake-up left behind is picked up. */
static void a_tick_wakes_what_is_open(void **state) {
    (void)state;
    world.config.fault_chance[HX_SIM_FAULT_LOSE] = 40000;
    world_kv("webhook:queue_mode", "queue_everywhere");
    for (int i = 0; i < 6; i++) {
        char fields[200];
        snprintf(fields, sizeof(fields), LONG_BTC ",\"idempotencyKey\":\"%d\"", i);
        assert_int_equal(world_alert(fields)->status, 202);
    }
    world_pass(10 * HX_MS_PER_MINUTE);
    assert_rows("SELECT count(*), sum(status = 'filled') FROM signals", "6|6");
    world_check_books();
}

static const struct world_answer *ask(const char *path, enum hx_http_method method) {
    const struct hx_event event = {
        .kind = HX_EVENT_HTTP, .method = method, .path = hx_str_from_c(path), .peer_address = HX_STR("203.0.113.9")};
    return world_handle(&event);
}

static void health_is_answered_to_anybody(void **state) {
    (void)state;
    const struct world_answer *answer = ask("/health", HX_HTTP_METHOD_GET);
    assert_int_equal(answer->status, 200);
    assert_string_equal(world_json(answer->body, "success"), "true");
    assert_string_equal(world_json(answer->body, "status"), "ok");
    assert_string_equal(world_json(answer->body, "service"), "hoox");
    char now[32];
    snprintf(now, sizeof(now), "%lld", (long long)world_now());
    assert_string_equal(world_json(answer->body, "timestamp"), now);
    assert_int_equal(ask("/health", HX_HTTP_METHOD_HEAD)->status, 200);
}

static void ready_means_ledger_and_venue(void **state) {
    (void)state;
    world_begin();
    const struct world_answer *answer = ask("/ready", HX_HTTP_METHOD_GET);
    assert_int_equal(answer->status, 200);
    assert_string_equal(world_json(answer->body, "success"), "true");
    assert_string_equal(world_json(answer->body, "ledgerWritable"), "true");
    assert_string_equal(world_json(answer->body, "queueDepth"), "0");
    assert_string_equal(world_json(answer->body, "outboxDepth"), "0");
    assert_string_equal(world_json(answer->body, "venues.binance.reachable"), "true");
    assert_string_equal(world_json(answer->body, "venues.binance.standIn"), "false");
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0);
    world_alert(LONG_BTC);
    assert_string_equal(world_json(ask("/ready", HX_HTTP_METHOD_GET)->body, "queueDepth"), "1");
}

static void ready_tells_of_a_venue_that_is_down(void **state) {
    (void)state;
    world_begin();
    world_pass(11 * HX_MS_PER_MINUTE); /* The clock's measurement is old enough to be made again. */
    world_crash(10);
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "any", .count = -1});
    world_pass(1000);
    const struct world_answer *answer = ask("/ready", HX_HTTP_METHOD_GET);
    assert_int_equal(answer->status, 503);
    assert_string_equal(world_json(answer->body, "success"), "false");
    assert_string_equal(world_json(answer->body, "ledgerWritable"), "true");
    assert_string_equal(world_json(answer->body, "venues.binance.reachable"), "false");
    const char *problem = world_json(answer->body, "venues.binance.problem");
    assert_int_equal(strncmp(problem, "binance-futures, binance-spot: ", 31), 0);
    assert_true(strlen(problem) > 41);
}

/* An exchange that can be asked in one of its markets only is not reached: what is for the other one would wait. */
static void ready_means_every_market_of_an_exchange(void **state) {
    (void)state;
    world_begin();
    assert_int_equal(ask("/ready", HX_HTTP_METHOD_GET)->status, 200);
    world_pass(11 * HX_MS_PER_MINUTE);
    world_crash(10);
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "GET /fapi/v1/time", .count = -1});
    world_pass(1000);
    const struct world_answer *answer = ask("/ready", HX_HTTP_METHOD_GET);
    assert_int_equal(answer->status, 503);
    assert_string_equal(world_json(answer->body, "venues.binance.reachable"), "false");
    assert_int_equal(strncmp(world_json(answer->body, "venues.binance.problem"), "binance-futures: ", 17), 0);
    hx_lab_clear_faults(world_lab());
    assert_int_equal(ask("/ready", HX_HTTP_METHOD_GET)->status, 200);
}

static void ready_tells_of_a_ledger_that_cannot_be_written(void **state) {
    (void)state;
    world_begin();
    uint32_t point = world_points();
    ask("/ready", HX_HTTP_METHOD_GET);
    while (hx_sim_op_at(world.sim, point) != HX_OP_DB_BATCH) point++;
    world_reset(NULL);
    world_fault_at(point, HX_SIM_FAULT_ERROR, 0);
    const struct world_answer *answer = ask("/ready", HX_HTTP_METHOD_GET);
    assert_int_equal(answer->status, 503);
    assert_string_equal(world_json(answer->body, "ledgerWritable"), "false");
    assert_string_equal(world_json(answer->body, "venues.binance.reachable"), "true");
}

static void ready_shows_the_clocks_difference(void **state) {
    (void)state;
    world.config.network_ms_max = 0;
    world_begin();
    hx_lab_set_skew(world_lab(), 250);
    world_crash(10);
    world_pass(1000);
    const struct world_answer *answer = ask("/ready", HX_HTTP_METHOD_GET);
    assert_in_range(strtol(world_json(answer->body, "venues.binance.clockOffsetMs"), NULL, 10), 245, 255);
}

/* Against the laboratory: the key works, and a clock that is far off is told. */
static void the_exchange_is_looked_at(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_command(HX_HTTP_METHOD_GET, "/v1/venues", "");
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "venues.0.name"), "binance-futures");
    assert_string_equal(world_member(reply, "venues.0.reachable"), "true");
    assert_string_equal(world_member(reply, "venues.0.problems.0"), "-");
    hx_lab_set_skew(world_lab(), 5000);
    hx_lab_set_credentials(world_lab(), HX_STR("another"), HX_STR("pair"));
    world_crash(10);
    world_pass(1000);
    reply = world_command(HX_HTTP_METHOD_GET, "/v1/venues", "");
    assert_non_null(strstr(world_member(reply, "venues.0.problems.0"), "ms ahead of this machine's"));
    assert_non_null(strstr(world_member(reply, "venues.0.problems.1"), "refuses this machine or its key"));
    assert_non_null(strstr(world_member(reply, "venues.0.problems.1"), "-2015"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(without_a_place_to_tell_the_log_is_enough),
        world_test(no_log_level_hides_what_was_not_filled),
        world_test(a_notice_stands_in_the_log_once),
        world_test(a_notice_is_posted_as_it_stands_in_the_outbox),
        world_test(a_refused_notice_is_sent_again_ever_more_slowly),
        world_test(a_place_that_cannot_be_reached_is_tried_again),
        world_test(many_notices_are_told_once_each),
        world_test(failing_notices_do_not_breed),
        world_test(a_crash_after_telling_tells_again),
        world_test(claims_are_forgotten_when_their_day_is_over),
        world_test(a_tick_wakes_what_is_open),
        world_test(health_is_answered_to_anybody),
        world_test(ready_means_ledger_and_venue),
        world_test(the_exchange_is_looked_at),
        world_test(ready_tells_of_a_venue_that_is_down),
        world_test(ready_means_every_market_of_an_exchange),
        world_test(ready_tells_of_a_ledger_that_cannot_be_written),
        world_test(ready_shows_the_clocks_difference),
    };
    return world_run(tests);
}
