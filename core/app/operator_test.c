/* Goal: every command of the owner does what it says, and bad input is refused with a reason and without effect.
 * Method: each route with good and bad input over the operator's door; rows and replies after each. Covers operator.c.
 */
#include "test/app/world.h"

#define GET HX_HTTP_METHOD_GET
#define PUT HX_HTTP_METHOD_PUT
#define POST HX_HTTP_METHOD_POST
#define DELETE HX_HTTP_METHOD_DELETE

static void assert_fails(enum hx_http_method method, const char *path, const char *body, uint32_t status,
                         const char *code) {
    const struct hx_sim_exchange *reply = world_command(method, path, body);
    assert_int_equal(reply->status, status);
    assert_string_equal(world_member(reply, "success"), "false");
    assert_string_equal(world_member(reply, "error.code"), code);
    assert_true(strlen(world_member(reply, "error.message")) > 5);
}

static void keys_of_the_manifest_are_read_written_and_forgotten(void **state) {
    (void)state;
    assert_fails(GET, "/v1/kv/trade:kill_switch", "", 404, "NOT_FOUND");
    assert_int_equal(world_command(PUT, "/v1/kv/trade:kill_switch", "reduce")->status, 200);
    const struct hx_sim_exchange *reply = world_command(GET, "/v1/kv/trade:kill_switch", "");
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "key"), "trade:kill_switch");
    assert_string_equal(world_member(reply, "value"), "reduce");
    assert_int_equal(world_command(PUT, "/v1/kv/trade%3Akill_switch", "halt")->status, 200);
    assert_rows("SELECT value FROM kv WHERE key = 'trade:kill_switch'", "halt");
    assert_int_equal(world_command(DELETE, "/v1/kv/trade:kill_switch", "")->status, 200);
    assert_rows("SELECT count(*) FROM kv WHERE key = 'trade:kill_switch'", "0");
    assert_int_equal(world_command(DELETE, "/v1/kv/trade:kill_switch", "")->status, 200);
}

static void what_no_reader_accepts_is_not_stored(void **state) {
    (void)state;
    static const char *const wrong[][2] = {
        {"trade:kill_switch", "maybe"},
        {"trade:kill_switch", ""},
        {"trade:max_order_notional", "-1"},
        {"trade:max_order_notional", "1e"},
        {"trade:max_signal_age", "0"},
        {"trade:default_leverage", "126"},
        {"exchanges:default_routing", "kraken"},
        {"exchanges:routing", "{\"SOLUSDT\":\"kraken\"}"},
        {"exchanges:enabled", ""},
        {"webhook:queue_mode", "sometimes"},
        {"webhook:rate_limit", "120"},
        {"webhook:ip_check", "perhaps"},
        {"webhook:allowed_ips", "300.1.1.1/8"},
        {"trade:max_daily_drawdown_percent", "101"},
    };
    world_begin();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char path[100];
        snprintf(path, sizeof(path), "/v1/kv/%s", wrong[i][0]);
        assert_fails(PUT, path, wrong[i][1], 400, "VALIDATION_ERROR");
    }
    assert_rows("SELECT value FROM kv WHERE key NOT LIKE '%key%'", "binance");
    assert_fails(PUT, "/v1/kv/no:such_key", "x", 404, "NOT_FOUND");
    assert_fails(PUT, "/v1/kv/", "x", 404, "NOT_FOUND");
    assert_fails(PUT, "/v1/kv/webhook:keys:test", "x", 404, "NOT_FOUND");
    assert_fails(POST, "/v1/kv/trade:kill_switch", "halt", 400, "VALIDATION_ERROR");
    assert_fails(PUT, "/v1/kv/trade%3", "x", 400, "VALIDATION_ERROR");
}

static void the_manifest_is_compared_and_applied(void **state) {
    (void)state;
    world_kv("trade:max_signal_age", "60");
    world_kv("webhook:rate_limit", "nonsense");
    const struct hx_sim_exchange *reply = world_command(GET, "/v1/manifest", "");
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "keys.0.key"), "trade:kill_switch");
    assert_string_equal(world_member(reply, "keys.0.state"), "missing");
    assert_string_equal(world_member(reply, "keys.0.write"), "false");
    assert_string_equal(world_member(reply, "keys.15.state"), "missing");
    assert_string_equal(world_member(reply, "keys.15.write"), "true");
    assert_string_equal(world_member(reply, "keys.16"), "-");
    const char *before = "SELECT count(*) FROM kv WHERE key NOT LIKE '%test'";
    assert_rows(before, "3");
    reply = world_command(POST, "/v1/manifest/apply", "");
    assert_string_equal(world_member(reply, "keys.15.written"), "true");
    assert_rows(before, "15");
    assert_rows("SELECT value FROM kv WHERE key IN ('trade:max_signal_age', 'webhook:rate_limit') ORDER BY key",
                "60 nonsense");
    /* A second time there is nothing to write. */
    reply = world_command(POST, "/v1/manifest/apply", "");
    for (int i = 0; i < 16; i++) {
        char path[40];
        snprintf(path, sizeof(path), "keys.%d.written", i);
        assert_string_equal(world_member(reply, path), "false");
    }
    world_set("trade:kill_switch", "halt");
    assert_int_equal(world_command(POST, "/v1/manifest/apply", "")->status, 200);
    assert_rows("SELECT value FROM kv WHERE key = 'trade:kill_switch'", "halt");
}

static void force_resets_all_but_the_kill_switch(void **state) {
    (void)state;
    world_kv("trade:max_signal_age", "60");
    world_kv("trade:kill_switch", "halt");
    const struct hx_sim_call call = {.method = POST, .path = HX_STR("/v1/manifest/apply"), .from_operator = true};
    assert_int_equal(world_await(world_send(&call))->status, 200);
    assert_rows("SELECT value FROM kv WHERE key = 'trade:max_signal_age'", "60");
    const struct hx_event event = {.kind = HX_EVENT_HTTP,
                                   .method = POST,
                                   .path = HX_STR("/v1/manifest/apply"),
                                   .query = HX_STR("force=1"),
                                   .from_operator = true};
    assert_int_equal(world_handle(&event)->status, 200);
    assert_rows("SELECT value FROM kv WHERE key IN ('trade:max_signal_age', 'trade:kill_switch') ORDER BY key",
                "halt 3600");
}

/* Reading is no writing, whatever the method: only POST applies. */
static void only_post_applies(void **state) {
    (void)state;
    world_begin();
    assert_fails(GET, "/v1/manifest/apply", "", 400, "VALIDATION_ERROR");
    assert_fails(DELETE, "/v1/manifest/apply", "", 400, "VALIDATION_ERROR");
    assert_fails(DELETE, "/v1/manifest", "", 400, "VALIDATION_ERROR");
    assert_fails(DELETE, "/v1/keys", "", 400, "VALIDATION_ERROR");
    assert_fails(POST, "/v1/keys", "", 400, "VALIDATION_ERROR");
    assert_rows("SELECT count(*) FROM kv", "2");
}

static void keys_are_made_listed_and_revoked(void **state) {
    (void)state;
    const struct hx_sim_exchange *made = world_command(POST, "/v1/keys/second", "");
    assert_int_equal(made->status, 200);
    assert_string_equal(world_member(made, "name"), "second");
    assert_memory_equal(world_member(made, "key"), "hxk_", 4);
    /* The key itself is told once and kept nowhere. */
    char sql_like[200];
    snprintf(sql_like, sizeof(sql_like), "%s", world_member(made, "key"));
    assert_null(strstr(world_rows("SELECT value FROM kv"), sql_like));
    assert_fails(POST, "/v1/keys/second", "", 409, "CONFLICT");
    const struct hx_sim_exchange *list = world_command(GET, "/v1/keys", "");
    assert_string_equal(world_member(list, "keys.0.name"), "second");
    assert_string_equal(world_member(list, "keys.1.name"), "test");
    assert_string_equal(world_member(list, "keys.1.valid"), "true");
    assert_string_equal(world_member(list, "keys.2"), "-");
    assert_string_equal(world_member(list, "keys.0.key"), "-");
    assert_int_equal(world_command(DELETE, "/v1/keys/second", "")->status, 200);
    assert_fails(DELETE, "/v1/keys/second", "", 404, "NOT_FOUND");
    assert_rows("SELECT count(*) FROM kv WHERE key LIKE '%second'", "0");
}

static void bad_names_of_keys_are_refused(void **state) {
    (void)state;
    static const char *const names[] = {"Upper", "a_b", "a%20b", "env", "a%2Fb", "%00", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[100];
        snprintf(path, sizeof(path), "/v1/keys/%s", names[i]);
        assert_in_range(world_command(POST, path, "")->status, 400, 404);
        assert_in_range(world_command(DELETE, path, "")->status, 400, 404);
    }
    assert_fails(POST, "/v1/keys/", "", 404, "NOT_FOUND");
    assert_fails(PUT, "/v1/keys/test", "", 400, "VALIDATION_ERROR");
    assert_fails(POST, "/v1/keys/test/burn", "", 404, "NOT_FOUND");
    assert_fails(POST, "/v1/keys/nobody/rotate", "", 404, "NOT_FOUND");
    assert_rows("SELECT count(*) FROM kv", "2");
}

static const struct world_answer *rotate(const char *query) {
    const struct hx_event event = {.kind = HX_EVENT_HTTP,
                                   .method = POST,
                                   .path = HX_STR("/v1/keys/test/rotate"),
                                   .query = hx_str_from_c(query),
                                   .from_operator = true};
    return world_handle(&event);
}

static void a_rotated_key_overlaps_as_long_as_asked(void **state) {
    (void)state;
    assert_int_equal(rotate("overlap=60")->status, 200);
    assert_int_equal(world_alert(LONG_BTC KEYED("a"))->status, 200);
    world_pass(58 * HX_MS_PER_SECOND);
    assert_int_equal(world_alert(LONG_BTC KEYED("b"))->status, 200);
    world_pass(3 * HX_MS_PER_SECOND);
    assert_int_equal(world_alert(LONG_BTC KEYED("c"))->status, 401);
    assert_int_equal(rotate("overlap=2592001")->status, 400);
    assert_int_equal(rotate("overlap=-1")->status, 400);
    assert_int_equal(rotate("overlap=soon")->status, 400);
}

static void trades_by_hand_are_signals_too(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_command(POST, "/v1/trade", "{" LONG_BTC KEYED("k") "}");
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_rows("SELECT source, key_name FROM signals", "cli|");
    assert_true(world_command(POST, "/v1/trade", "{" LONG_BTC KEYED("k") "}")->replayed);
    assert_fails(POST, "/v1/trade", "{\"action\":\"UP\"}", 400, "VALIDATION_ERROR");
    assert_fails(POST, "/v1/trade", "", 400, "VALIDATION_ERROR");
    assert_fails(POST, "/v1/trade", "{", 400, "VALIDATION_ERROR");
    assert_fails(GET, "/v1/trade", "", 404, "NOT_FOUND");
    assert_int_equal(world_orders_sent(), 1);
}

static void a_waiting_signal_is_retried_at_once(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 202);
    assert_int_equal(world_queue(0, "retry")->status, 200);
    world_pass(1000);
    assert_rows("SELECT status, tries FROM signals", "filled|0");
    const struct hx_sim_exchange *again = world_queue(0, "retry");
    assert_int_equal(again->status, 409);
    assert_int_equal(world_queue(0, "drop")->status, 409);
    world_check_books();
}

/* An entry whose age is up is retried because the owner says so. */
static void a_retry_gives_an_old_entry_another_hour(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "5");
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 2, 0);
    world_alert(LONG_BTC ",\"maxAge\":20" KEYED("k"));
    world_pass(2 * HX_MS_PER_HOUR);
    assert_rows("SELECT status FROM signals", "failed");
    assert_int_equal(world_queue(0, "retry")->status, 200);
    world_pass(1000);
    assert_rows("SELECT status FROM signals", "filled");
    assert_rows("SELECT status, attempt FROM orders", "filled|3");
    world_check_books();
}

static void a_waiting_signal_is_dropped(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 202);
    assert_int_equal(world_alert(LONG_BTC KEYED("behind"))->status, 202);
    assert_int_equal(world_queue(0, "drop")->status, 200);
    world_pass(2000);
    assert_rows("SELECT status, reason FROM signals ORDER BY seq", "dropped|DROPPED filled|");
    assert_rows("SELECT status, finished_ms IS NOT NULL FROM orders ORDER BY created_ms", "canceled|1 filled|1");
    const struct hx_sim_exchange *replay = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(replay->status, 410);
    assert_string_equal(world_member(replay, "error.code"), "DROPPED");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%DROPPED%'", "1");
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(hx_lab_order_count(world_lab()), 1);
    assert_int_equal(world_queue(0, "drop")->status, 409);
    assert_int_equal(world_queue(0, "retry")->status, 409);
}

/* Its order may be at the venue: dropping it would lose it. */
static void what_may_be_at_the_venue_cannot_be_dropped(void **state) {
    (void)state;
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .match = "order", .count = 1});
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "query", .count = -1});
    world_send_alert(LONG_BTC KEYED("k"), NULL);
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals", "unknown");
    assert_int_equal(world_queue(0, "drop")->status, 409);
    assert_int_equal(world_queue(0, "retry")->status, 200);
    hx_lab_clear_faults(world_lab());
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals", "filled");
    assert_int_equal(hx_lab_order_count(world_lab()), 1);
    world_check_books();
}

static void commands_that_do_not_exist(void **state) {
    (void)state;
    assert_fails(GET, "/v1/", "", 404, "NOT_FOUND");
    assert_fails(GET, "/v1/nothing", "", 404, "NOT_FOUND");
    assert_fails(POST, "/v1/queue/no-such-signal/retry", "", 404, "NOT_FOUND");
    assert_fails(POST, "/v1/queue/no-such-signal/burn", "", 400, "VALIDATION_ERROR");
    assert_fails(POST, "/v1/queue/no-such-signal", "", 400, "VALIDATION_ERROR");
    assert_fails(POST, "/v1/queue/", "", 400, "VALIDATION_ERROR");
    assert_fails(GET, "/v1/queue/no-such-signal/retry", "", 400, "VALIDATION_ERROR");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(keys_of_the_manifest_are_read_written_and_forgotten),
        world_test(what_no_reader_accepts_is_not_stored),
        world_test(the_manifest_is_compared_and_applied),
        world_test(force_resets_all_but_the_kill_switch),
        world_test(only_post_applies),
        world_test(keys_are_made_listed_and_revoked),
        world_test(bad_names_of_keys_are_refused),
        world_test(a_rotated_key_overlaps_as_long_as_asked),
        world_test(trades_by_hand_are_signals_too),
        world_test(a_waiting_signal_is_retried_at_once),
        world_test(a_retry_gives_an_old_entry_another_hour),
        world_test(a_waiting_signal_is_dropped),
        world_test(what_may_be_at_the_venue_cannot_be_dropped),
        world_test(commands_that_do_not_exist),
    };
    return world_run(tests);
}
