/* Goal: an order that rests at the venue never works against what its owner wants now: exits, opposite entries and the
 * kill switch take it back, what it executed meanwhile is counted, and one that the venue has forgotten ends. Method:
 * limit orders below and above the market, each met by every kind of signal, with cancels and questions that fail.
 * Covers resting.c. */
#include "test/app/world.h"

#define BUY_LOW LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"59000\""
#define SELL_HIGH SHORT_BTC ",\"orderType\":\"LIMIT\",\"price\":\"61000\""
#define LIMIT_EXIT                                                                                  \
    "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"orderType\":\"LIMIT\",\"price\":\"61000\"," \
    "\"quantity\":\"0.006\""

static void rest(const char *fields) {
    assert_string_equal(world_member(world_alert(fields), "status"), "resting");
}

struct meeting {
    const char *resting;
    const char *signal;
    bool cancelled;
};

static void each_signal_takes_back_what_would_undo_it(void **state) {
    (void)state;
    static const struct meeting meetings[] = {
        {BUY_LOW, CLOSE_BTC, true},
        {BUY_LOW, "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\"", true},
        {BUY_LOW, "\"action\":\"CLOSE_SHORT\",\"symbol\":\"BTCUSDT\"", false},
        {BUY_LOW, LONG_BTC, false},
        {BUY_LOW, SHORT_BTC, true},
        {SELL_HIGH, CLOSE_BTC, true},
        {SELL_HIGH, "\"action\":\"CLOSE_SHORT\",\"symbol\":\"BTCUSDT\"", true},
        {SELL_HIGH, "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\"", false},
        {SELL_HIGH, LONG_BTC, true},
        {SELL_HIGH, SHORT_BTC, false},
        {BUY_LOW, LONG_ETH, false},
        {BUY_LOW,
         "\"ticker\":\"BTCUSDT\",\"action\":\"buy\",\"contracts\":\"1\",\"market_position\":\"long\","
         "\"market_position_size\":\"0.005\"",
         true},
    };
    for (size_t i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++) {
        world_reset(NULL);
        rest(meetings[i].resting);
        world_pass(1000);
        assert_int_equal(world_alert(meetings[i].signal)->status, 200);
        assert_rows("SELECT o.status FROM orders o JOIN signals s ON s.id = o.signal_id WHERE s.seq = 1",
                    meetings[i].cancelled ? "canceled" : "open");
        world_check_books();
    }
}

/* It was executed before anybody looked: the exit closes that too. */
static void what_was_executed_unseen_is_closed(void **state) {
    (void)state;
    rest(BUY_LOW);
    world_pass(1000);
    world_price("BTCUSDT", "58900");
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC);
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "result.executedQty"), "0.01");
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

static void a_resting_exit_is_seen_before_the_next_order_is_sized(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    rest(LIMIT_EXIT);
    world_pass(1000);
    world_price("BTCUSDT", "61100");
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC);
    assert_string_equal(world_member(exit, "result.executedQty"), "0.004");
    assert_rows("SELECT purpose, status, executed_quantity FROM orders ORDER BY created_ms",
                "open|filled|0.01 close|filled|0.006 close|filled|0.004");
    world_check_books();
}

/* The exit's own resting order is no entry: it stays. */
static void a_resting_exit_is_not_cancelled(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    rest(LIMIT_EXIT);
    world_pass(1000);
    assert_int_equal(world_alert(CLOSE_BTC ",\"quantity\":\"0.002\"")->status, 200);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled open filled");
    world_check_books();
}

static void the_kill_switch_takes_entries_back(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    rest(BUY_LOW);
    rest(LIMIT_EXIT);
    world_set("trade:kill_switch", "reduce");
    world_pass(70 * HX_MS_PER_SECOND);
    assert_rows("SELECT purpose, status FROM orders ORDER BY created_ms", "open|filled open|canceled close|open");
    world_price("BTCUSDT", "58000");
    world_pass(70 * HX_MS_PER_SECOND);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.01");
    world_check_books();
}

/* While it is not certain what became of it, nothing is planned over its head. */
static void an_exit_waits_for_certainty(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    rest(BUY_LOW);
    world_pass(1000);
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "DELETE", .count = -1});
    uint32_t sent = world_orders_sent();
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC KEYED("exit"));
    assert_int_equal(exit->status, 202);
    assert_int_equal(world_orders_sent(), sent);
    assert_rows("SELECT status FROM signals WHERE idempotency_key = 'exit'", "queued");
    hx_lab_clear_faults(world_lab());
    world_pass(35 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals WHERE idempotency_key = 'exit'", "filled");
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled canceled filled");
    world_check_books();
}

/* One cancel that is lost on the way, one whose answer is: a second look helps. */
static void a_lost_cancel_is_looked_at_again(void **state) {
    (void)state;
    const enum hx_lab_fault_kind kinds[] = {HX_LAB_FAULT_DROP_REQUEST, HX_LAB_FAULT_DROP_REPLY};
    for (size_t i = 0; i < 2; i++) {
        world_reset(NULL);
        world_alert(LONG_BTC);
        rest(BUY_LOW);
        world_pass(1000);
        world_fault(&(struct hx_lab_fault){.kind = kinds[i], .match = "DELETE", .count = 1});
        assert_int_equal(world_alert(CLOSE_BTC)->status, 200);
        assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled canceled filled");
        world_check_books();
    }
}

/* Cancelled by hand, and not looked at until the venue has forgotten it: three days. */
static void an_order_the_venue_has_forgotten_has_ended(void **state) {
    (void)state;
    world.config.no_ticks = true;
    rest(BUY_LOW);
    world_pass(100);
    world_cancel_by_hand("BTCUSDT");
    world_crash(1000);
    world_pass(4 * HX_MS_PER_DAY);
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC);
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "status"), "nothing_to_do");
    assert_rows("SELECT status, executed_quantity, finished_ms IS NOT NULL FROM orders", "canceled|0|1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(each_signal_takes_back_what_would_undo_it),
        world_test(what_was_executed_unseen_is_closed),
        world_test(a_resting_exit_is_seen_before_the_next_order_is_sized),
        world_test(a_resting_exit_is_not_cancelled),
        world_test(the_kill_switch_takes_entries_back),
        world_test(an_exit_waits_for_certainty),
        world_test(a_lost_cancel_is_looked_at_again),
        world_test(an_order_the_venue_has_forgotten_has_ended),
    };
    return world_run(tests);
}
