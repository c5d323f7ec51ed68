/* Goal: an exit means to be out, also after somebody traded by hand: before it is sized the ledger takes over what the
 * venue holds, books it honestly and tells the owner. Method: every relation of the ledger's position to the venue's,
 * made by trades with the same credentials, then an exit; the books, the rows and the notice. Covers drift.c. */
#include "test/app/world.h"

/* Later than the time in which the ledger is trusted over the venue's list. */
#define LATER_MS 6000

static const struct hx_sim_exchange *owner_exits(const char *fields) {
    char body[300];
    snprintf(body, sizeof(body), "{%s}", fields);
    return world_command(HX_HTTP_METHOD_POST, "/v1/trade", body);
}

static void assert_flat_after_exit(const char *status) {
    const struct hx_sim_exchange *exit = owner_exits(CLOSE_BTC);
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "status"), status);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_rows("SELECT quantity, cost FROM positions WHERE symbol = 'BTCUSDT'", "0|0");
}

static void assert_told(const char *message) {
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%position_drift%'", "1");
    const char *notice = world_rows("SELECT payload FROM outbox WHERE payload LIKE '%position_drift%'");
    assert_memory_equal(world_json(hx_str_from_c(notice), "message"), message, strlen(message));
    assert_rows("SELECT level, message FROM system_logs", "warn|position drift");
}

static void what_was_opened_elsewhere_is_closed(void **state) {
    (void)state;
    world_trade_by_hand("BTCUSDT", "BUY", "0.02");
    world_price("BTCUSDT", "61000");
    assert_flat_after_exit("filled");
    assert_told("the ledger had 0, the venue holds 0.02");
    /* In at the venue's entry price, out at ours. */
    assert_rows(
        "SELECT side, opened_quantity, entry_price, exit_price, realized_pnl, closed_ms IS NOT NULL FROM trades",
        "long|0.02|60000|61000|20|1");
    assert_rows("SELECT side, quantity, reduce_only FROM orders", "sell|0.02|1");
}

static void what_was_closed_elsewhere_is_let_go(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    world_price("BTCUSDT", "61000");
    world_trade_by_hand("BTCUSDT", "SELL", "0.01");
    assert_flat_after_exit("nothing_to_do");
    assert_told("the ledger had 0.01, the venue holds 0");
    /* At cost: what it made is not ours to know. */
    assert_rows("SELECT closed_quantity, exit_price, realized_pnl, closed_ms IS NOT NULL FROM trades",
                "0.01|60000|0|1");
    assert_int_equal(world_orders_sent(), 1);
}

static void what_was_added_elsewhere_is_closed_too(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    world_price("BTCUSDT", "63000");
    world_trade_by_hand("BTCUSDT", "BUY", "0.005");
    assert_flat_after_exit("filled");
    assert_told("the ledger had 0.01, the venue holds 0.015");
    /* 0.01 at 60000 and 0.005 at 63000. */
    assert_rows("SELECT opened_quantity, opened_value, entry_price, realized_pnl FROM trades", "0.015|915|61000|30");
}

static void what_was_partly_closed_elsewhere_is_closed_in_full(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    world_price("BTCUSDT", "61000");
    world_trade_by_hand("BTCUSDT", "SELL", "0.004");
    assert_flat_after_exit("filled");
    assert_told("the ledger had 0.01, the venue holds 0.006");
    assert_rows("SELECT opened_quantity, closed_quantity, realized_pnl FROM trades", "0.01|0.01|6");
    assert_rows("SELECT quantity FROM orders ORDER BY created_ms", "0.01 0.006");
}

static void what_was_turned_elsewhere_is_closed_the_other_way(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    world_trade_by_hand("BTCUSDT", "SELL", "0.03");
    world_price("BTCUSDT", "59000");
    assert_flat_after_exit("filled");
    assert_told("the ledger had 0.01, the venue holds -0.02");
    assert_rows(
        "SELECT side, opened_quantity, realized_pnl, closed_ms IS NOT NULL FROM trades ORDER BY opened_ms, side",
        "long|0.01|0|1 short|0.02|20|1");
    assert_rows("SELECT side, quantity FROM orders ORDER BY created_ms", "buy|0.01 buy|0.02");
}

/* What the owner bought by hand is not an alert's to sell. */
static void an_alert_closes_no_more_than_the_ledger_has(void **state) {
    (void)state;
    world_trade_by_hand("BTCUSDT", "BUY", "0.02");
    assert_string_equal(world_member(world_alert(CLOSE_BTC), "status"), "nothing_to_do");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.02");
    assert_rows("SELECT count(*) FROM positions", "0");
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC KEYED("exit"));
    assert_string_equal(world_member(exit, "result.executedQty"), "0.01");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.02");
    assert_rows("SELECT quantity FROM positions", "0");
    assert_rows("SELECT count(*) FROM system_logs", "0");
}

static void an_alert_follows_what_was_taken_away(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    world_trade_by_hand("BTCUSDT", "SELL", "0.004");
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC);
    assert_string_equal(world_member(exit, "result.executedQty"), "0.006");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_told("the ledger had 0.01, the venue holds 0.006");
}

/* Turned by hand: what is left of ours is nothing, and the short is the owner's. */
static void an_alert_leaves_what_was_turned_alone(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    world_trade_by_hand("BTCUSDT", "SELL", "0.03");
    assert_string_equal(world_member(world_alert(CLOSE_BTC), "status"), "nothing_to_do");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.02");
    assert_rows("SELECT quantity FROM positions", "0");
    assert_told("the ledger had 0.01, the venue holds -0.02");
}

/* The position was closed by hand; the flip goes on to its second leg all the same. */
static void a_flip_of_what_was_closed_elsewhere_still_opens(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    world_trade_by_hand("BTCUSDT", "SELL", "0.01");
    const struct hx_sim_exchange *flip = world_alert(SHORT_BTC);
    assert_int_equal(flip->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
    assert_rows("SELECT quantity FROM positions", "-0.01");
}

static void an_exit_of_one_side_looks_before_it_leaps(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    world_trade_by_hand("BTCUSDT", "SELL", "0.03");
    const struct hx_sim_exchange *exit = owner_exits("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\"");
    assert_string_equal(world_member(exit, "status"), "nothing_to_do");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.02");
    assert_rows("SELECT quantity FROM positions", "-0.02");
}

static void agreement_changes_nothing(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    assert_flat_after_exit("filled");
    assert_rows("SELECT count(*) FROM system_logs", "0");
    assert_rows("SELECT version FROM positions", "2");
    world_check_books();
}

/* Right after our own fill the venue's list may lag behind: then the ledger is asked, not the venue. */
static void right_after_our_own_fill_the_ledger_is_right(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    assert_null(world_wire_at("/fapi/v3/positionRisk", 0));
    world_alert(CLOSE_BTC);
    assert_null(world_wire_at("/fapi/v3/positionRisk", 0));
    world_alert(SHORT_BTC);
    world_pass(LATER_MS);
    world_alert(CLOSE_BTC ",\"leverage\":2");
    assert_non_null(world_wire_at("/fapi/v3/positionRisk", 0));
    world_check_books();
}

/* The venue can't be asked: with a position in the ledger the exit goes on, with none it waits. */
static void an_unanswered_question_holds_up_only_what_needs_it(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(LATER_MS);
    world_fault(
        &(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "GET /fapi/v3/positionRisk", .count = -1});
    assert_flat_after_exit("filled");
    world_pass(LATER_MS);
    assert_int_equal(owner_exits(CLOSE_BTC KEYED("again"))->status, 202);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled queued");
    hx_lab_clear_faults(world_lab());
    world_pass(31 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled nothing_to_do");
}

/* A resting order may be filling just now: what the venue holds then is no drift. */
static void a_resting_order_is_no_drift(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_alert(
        "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"orderType\":\"LIMIT\",\"price\":\"61000\","
        "\"quantity\":\"0.006\"");
    world_pass(LATER_MS + 60000);
    world_price("BTCUSDT", "61100");
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC);
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "result.executedQty"), "0.004");
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_rows("SELECT count(*) FROM system_logs", "0");
    world_check_books();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(what_was_opened_elsewhere_is_closed),
        world_test(what_was_closed_elsewhere_is_let_go),
        world_test(what_was_added_elsewhere_is_closed_too),
        world_test(what_was_partly_closed_elsewhere_is_closed_in_full),
        world_test(what_was_turned_elsewhere_is_closed_the_other_way),
        world_test(an_alert_closes_no_more_than_the_ledger_has),
        world_test(an_alert_follows_what_was_taken_away),
        world_test(an_alert_leaves_what_was_turned_alone),
        world_test(a_flip_of_what_was_closed_elsewhere_still_opens),
        world_test(an_exit_of_one_side_looks_before_it_leaps),
        world_test(agreement_changes_nothing),
        world_test(right_after_our_own_fill_the_ledger_is_right),
        world_test(an_unanswered_question_holds_up_only_what_needs_it),
        world_test(a_resting_order_is_no_drift),
    };
    return world_run(tests);
}
