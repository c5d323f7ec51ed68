/* Goal: one signal leads to the legs its plan says, sized by the venue's rules, through the gates, and to one reply.
 * Method: signals of every shape into the world, with the position, the kill switch, the age and the venue's answers
 * set so that each branch is taken; rows, replies and the venue's books are compared. Covers execute.c. */
#include "test/app/world.h"

static const char *code_of(const struct hx_sim_exchange *exchange) {
    return world_member(exchange, "error.code");
}

static void an_entry_is_one_order_with_its_reply(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "success"), "true");
    assert_string_equal(world_member(reply, "exchange"), "binance");
    assert_string_equal(world_member(reply, "symbol"), "BTCUSDT");
    assert_string_equal(world_member(reply, "action"), "LONG");
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.status"), "FILLED");
    assert_string_equal(world_member(reply, "result.side"), "buy");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.01");
    assert_string_equal(world_member(reply, "result.price"), "60000");
    assert_string_equal(world_member(reply, "result.fee"), "0.3");
    assert_string_equal(world_member(reply, "result.feeAsset"), "USDT");
    assert_string_equal(world_member(reply, "orders"), "-");
    assert_rows("SELECT leg, purpose, side, type, reduce_only, quantity, status, attempt FROM orders",
                "0|open|buy|MARKET|0|0.01|filled|1");
    assert_rows("SELECT quantity, entry_price, fees FROM positions", "0.01|60000|0.3");
    assert_rows("SELECT body LIKE '%apiKey%' FROM signals", "0");
    world_check_books();
}

static void a_flip_is_a_close_and_an_open(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_price("BTCUSDT", "61000");
    const struct hx_sim_exchange *reply = world_alert(SHORT_BTC KEYED("flip"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "orders.0.side"), "sell");
    assert_string_equal(world_member(reply, "orders.1.side"), "sell");
    assert_string_equal(world_member(reply, "orders.2"), "-");
    assert_string_equal(world_member(reply, "result.clientOrderId"), world_member(reply, "orders.1.clientOrderId"));
    assert_rows(
        "SELECT leg, purpose, reduce_only FROM orders WHERE leg = 0 OR signal_id IN "
        "(SELECT id FROM signals WHERE seq = 2) ORDER BY created_ms, leg",
        "0|open|0 0|close|1 1|open|0");
    assert_rows("SELECT side, realized_pnl, closed_ms IS NULL FROM trades ORDER BY opened_ms", "long|10|0 short|0|1");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
    world_check_books();
}

/* The first leg is done and stays done; the caller learns of both. */
static void a_second_leg_may_be_refused(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_fault(&(struct hx_lab_fault){
        .kind = HX_LAB_FAULT_ERROR_CODE, .match = "order", .code = -2019, .skip = 1, .count = 1});
    const struct hx_sim_exchange *reply = world_alert(SHORT_BTC KEYED("flip"));
    assert_int_equal(reply->status, 422);
    assert_string_equal(code_of(reply), "VENUE_REJECTED");
    assert_string_equal(world_member(reply, "orders.0.status"), "FILLED");
    assert_string_equal(world_member(reply, "orders.1.status"), "REJECTED");
    assert_string_equal(world_member(reply, "result.status"), "REJECTED");
    assert_rows("SELECT status, reason FROM signals ORDER BY seq", "filled| rejected|VENUE_REJECTED");
    assert_rows("SELECT status FROM orders ORDER BY created_ms, leg", "filled filled rejected");
    assert_rows("SELECT quantity FROM positions", "0");
    world_check_books();
}

static void a_second_leg_waits_for_a_busy_venue(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order", .skip = 1, .count = 1});
    assert_int_equal(world_alert(SHORT_BTC KEYED("flip"))->status, 202);
    assert_rows("SELECT status FROM orders ORDER BY created_ms, leg", "filled filled busy");
    world_pass(35 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, attempt FROM orders ORDER BY created_ms, leg", "filled|1 filled|1 filled|2");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
    world_check_books();
}

static void reducing_is_allowed_while_the_switch_is_on(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_set("trade:kill_switch", "reduce");
    const struct hx_sim_exchange *entry = world_alert(LONG_BTC KEYED("more"));
    assert_int_equal(entry->status, 403);
    assert_string_equal(code_of(entry), "KILL_SWITCH");
    assert_int_equal(world_alert("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.004\"")->status,
                     200);
    /* A flip is stopped half way: out of the old position, not into the new one. */
    const struct hx_sim_exchange *flip = world_alert(SHORT_BTC KEYED("flip"));
    assert_int_equal(flip->status, 403);
    assert_string_equal(world_member(flip, "result.status"), "FILLED");
    assert_string_equal(world_member(flip, "error.message"),
                        "the kill switch is on: what was there is closed, and nothing was opened");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_rows("SELECT status, reason FROM signals ORDER BY seq",
                "filled| refused|KILL_SWITCH filled| refused|KILL_SWITCH");
    world_set("trade:kill_switch", "off");
    assert_int_equal(world_alert(LONG_BTC KEYED("again"))->status, 200);
    world_check_books();
}

/* Too little to open is no residue: the owner is not told that the flip is filled. */
static void a_flip_into_too_little_is_half_of_one(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    const struct hx_sim_exchange *flip =
        world_alert("\"action\":\"SHORT\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.0004\"" KEYED("flip"));
    assert_int_equal(flip->status, 200);
    assert_string_equal(world_member(flip, "status"), "partially_filled");
    assert_rows("SELECT purpose, status FROM orders ORDER BY created_ms", "open|filled close|filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

static void halt_lets_only_the_owner_out(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_set("trade:kill_switch", "halt");
    assert_int_equal(world_alert(CLOSE_BTC KEYED("exit"))->status, 403);
    assert_int_equal(world_command(HX_HTTP_METHOD_POST, "/v1/trade", "{" LONG_BTC "}")->status, 403);
    assert_int_equal(world_command(HX_HTTP_METHOD_POST, "/v1/trade", "{" CLOSE_BTC "}")->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

static void entries_expire_and_exits_do_not(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "20,20,20");
    world_alert(LONG_BTC KEYED("held"));
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 2, 0);
    assert_int_equal(world_alert(LONG_BTC ",\"maxAge\":30" KEYED("old"))->status, 202);
    world_pass(60 * HX_MS_PER_SECOND);
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 2, 0);
    assert_int_equal(world_alert(CLOSE_BTC ",\"maxAge\":1" KEYED("exit"))->status, 202);
    world_pass(60 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, reason, reply_status FROM signals ORDER BY seq",
                "filled||200 expired|EXPIRED|403 filled||200");
    const struct hx_sim_exchange *expired = world_alert(LONG_BTC ",\"maxAge\":30" KEYED("old"));
    assert_int_equal(expired->status, 403);
    assert_string_equal(code_of(expired), "EXPIRED");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%\"EXPIRED\"%'", "1");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

static void the_manifest_sets_the_age_of_those_that_say_nothing(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "20,20,20");
    world_kv("trade:max_signal_age", "15");
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order", .count = 1});
    world_alert(LONG_BTC KEYED("k"));
    world_pass(30 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, reason FROM signals", "expired|EXPIRED");
    assert_rows("SELECT status, finished_ms IS NOT NULL FROM orders", "rejected|1");
}

static void nothing_to_close_is_success_without_an_order(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_alert(CLOSE_BTC KEYED("k"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "nothing_to_do");
    assert_string_equal(world_member(reply, "result"), "null");
    assert_int_equal(world_orders_sent(), 0);
    world_alert(SHORT_BTC KEYED("short"));
    assert_string_equal(world_member(world_alert("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\""), "status"),
                        "nothing_to_do");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
}

static void a_venue_that_is_switched_off_is_refused(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_set("exchanges:enabled", "mexc");
    assert_string_equal(world_member(world_alert(LONG_BTC KEYED("more")), "error.details.0.field"), "exchange");
    assert_int_equal(world_alert(CLOSE_BTC KEYED("exit"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
}

/* Rules, leverage and price have to be had before an entry: a venue that does not answer is waited for. */
static void questions_before_the_order_may_find_the_venue_down(void **state) {
    (void)state;
    static const char *const questions[] = {"GET /fapi/v1/exchangeInfo", "GET /fapi/v1/premiumIndex",
                                            "POST /fapi/v1/leverage"};
    for (size_t i = 0; i < 3; i++) {
        struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_MAINTENANCE, .count = 8};
        world_reset(NULL);
        world_begin();
        memcpy(fault.match, questions[i], strlen(questions[i]) + 1);
        world_fault(&fault);
        const struct hx_sim_exchange *reply =
            world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"650\",\"quantityType\":\"quote\"");
        assert_int_equal(reply->status, 202);
        assert_int_equal(world_orders_sent(), 0);
        assert_rows("SELECT status, tries FROM signals", "queued|1");
        hx_lab_clear_faults(world_lab());
        world_pass(31 * HX_MS_PER_SECOND);
        assert_rows("SELECT status, tries FROM signals", "filled|1");
        world_check_books();
    }
}

/* A proxy that is loaded anew knows no path for a moment: each of the calls that tell the mode answers 404 once. */
static void lose_the_mode(void) {
    static const char *const calls[] = {"GET /fapi/v1/accountConfig", "GET /fapi/v1/positionSide/dual"};
    for (size_t i = 0; i < 2; i++) {
        struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 404, .msg = "not found", .count = 1};
        memcpy(fault.match, calls[i], strlen(calls[i]) + 1);
        world_fault(&fault);
    }
}

/* In hedge mode an exit must not end as an order of the other mode, neither with the mode known from before nor with
 * nothing known. */
static void an_exit_outlives_a_moment_without_its_mode(void **state) {
    (void)state;
    for (int anew = 0; anew < 2; anew++) {
        world_reset(NULL);
        world_begin();
        assert_true(hx_ok(hx_lab_set_hedge(world_lab(), true)));
        world_alert(LONG_BTC KEYED("in"));
        if (anew) world_crash(HX_MS_PER_MINUTE);
        world_pass(11 * HX_MS_PER_MINUTE);
        lose_the_mode();
        assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 200);
        assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled");
        assert_rows("SELECT attempt FROM orders ORDER BY created_ms", anew ? "1 2" : "1 1");
        assert_rows("SELECT quantity FROM positions", "0");
        world_check_books();
    }
}

/* Leverage that can't be set for a moment is waited for: an entry at whatever the account has is not what was asked. */
static void an_entry_waits_for_its_leverage(void **state) {
    (void)state;
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS,
                                       .status = 404,
                                       .msg = "not found",
                                       .match = "POST /fapi/v1/leverage",
                                       .count = 1});
    assert_int_equal(world_alert(LONG_BTC ",\"leverage\":3" KEYED("k"))->status, 202);
    assert_int_equal(world_orders_sent(), 0);
    world_pass(31 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, tries FROM signals", "filled|1");
    world_check_books();
}

static const char *leverage_now(void) {
    struct hx_lab_position_view position;
    static char text[16];
    assert_true(hx_ok(hx_lab_get_position(world_lab(), HX_STR("BTCUSDT"), HX_LAB_BOTH, &position)));
    snprintf(text, sizeof(text), "%u", position.leverage);
    return text;
}

/* On an isolated position that would move the price at which it is liquidated. */
static void a_refused_entry_leaves_the_leverage_alone(void **state) {
    (void)state;
    world_alert(LONG_BTC ",\"leverage\":5" KEYED("k"));
    assert_string_equal(leverage_now(), "5");
    const char *refused = "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.0001\",\"leverage\":50";
    assert_int_equal(world_alert(refused)->status, 400);
    world_set("trade:max_order_notional", "500");
    assert_int_equal(world_alert(LONG_BTC ",\"leverage\":50" KEYED("capped"))->status, 400);
    assert_string_equal(leverage_now(), "5");
    world_set("trade:max_order_notional", "0");
    assert_int_equal(world_alert(LONG_BTC ",\"leverage\":50" KEYED("more"))->status, 200);
    assert_string_equal(leverage_now(), "50");
}

/* Somebody changes it at the exchange: the next entry within minutes may not see that, one after that does. */
static void leverage_changed_elsewhere_is_set_again(void **state) {
    (void)state;
    world_alert(LONG_BTC ",\"leverage\":5" KEYED("a"));
    world_by_hand(HX_HTTP_METHOD_POST, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=50");
    world_pass(5 * HX_MS_PER_MINUTE);
    world_alert(LONG_BTC ",\"leverage\":5" KEYED("b"));
    assert_string_equal(leverage_now(), "5");
    world_check_books();
}

static void without_credentials_the_owner_is_told_what_to_set(void **state) {
    (void)state;
    world_setting("BINANCE_API_KEY", "");
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC ",\"exchange\":\"binance\"");
    assert_int_equal(reply->status, 400);
    assert_string_equal(world_member(reply, "error.details.0.field"), "exchange");
    assert_non_null(strstr(world_member(reply, "error.details.0.issue"), "BINANCE_API_KEY"));
    assert_int_equal(world_orders_sent(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(an_entry_is_one_order_with_its_reply),
        world_test(a_flip_is_a_close_and_an_open),
        world_test(a_second_leg_may_be_refused),
        world_test(a_second_leg_waits_for_a_busy_venue),
        world_test(reducing_is_allowed_while_the_switch_is_on),
        world_test(a_flip_into_too_little_is_half_of_one),
        world_test(halt_lets_only_the_owner_out),
        world_test(entries_expire_and_exits_do_not),
        world_test(the_manifest_sets_the_age_of_those_that_say_nothing),
        world_test(nothing_to_close_is_success_without_an_order),
        world_test(a_venue_that_is_switched_off_is_refused),
        world_test(questions_before_the_order_may_find_the_venue_down),
        world_test(an_exit_outlives_a_moment_without_its_mode),
        world_test(an_entry_waits_for_its_leverage),
        world_test(a_refused_entry_leaves_the_leverage_alone),
        world_test(leverage_changed_elsewhere_is_set_again),
        world_test(without_credentials_the_owner_is_told_what_to_set),
    };
    return world_run(tests);
}
