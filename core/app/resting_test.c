/* Goal: an order that rests at the venue never works against what its owner wants now: exits, opposite entries and the
 * kill switch take it back, an exit has room beside what rests to close, what it executed meanwhile is counted, and one
 * that the venue has forgotten ends. Method: limit orders below and above the market, each met by every kind of signal,
 * with cancels and questions that fail. Covers resting.c. */
#include "test/app/world.h"

#define SPOT "\"market\":\"spot\","
#define BUY_LOW LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"59000\""
#define SELL_HIGH SHORT_BTC ",\"orderType\":\"LIMIT\",\"price\":\"61000\""
#define LIMIT_EXIT                                                                                  \
    "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"orderType\":\"LIMIT\",\"price\":\"61000\"," \
    "\"quantity\":\"0.006\""

static void rest(const char *fields) {
    assert_string_equal(world_member(world_alert(fields), "status"), "resting");
}

#define TAKE_PROFIT "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"orderType\":\"LIMIT\",\"price\":\"61000\""
#define TAKE(quantity) TAKE_PROFIT ",\"quantity\":\"" quantity "\""

#define SPOT_SALE                                                                                         \
    SPOT "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"orderType\":\"LIMIT\",\"price\":\"110000\"," \
         "\"quantity\":\"0.005\""

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

struct leaving {
    const char *takes[3]; /* Orders that rest to close the long of 0.01. */
    const char *signal;
    const char *orders; /* What rested, in order; then what the signal sent. */
    const char *held;
};

/* Venues let nobody ask twice for the same part of a position: what is too much of what rests goes, the oldest first.
 */
static void a_close_takes_back_what_it_has_no_room_beside(void **state) {
    (void)state;
    static const struct leaving rows[] = {
        {{TAKE_PROFIT}, CLOSE_BTC, "canceled filled", "0"},
        {{TAKE("0.006")}, CLOSE_BTC, "canceled filled", "0"},
        {{TAKE("0.004"), TAKE("0.006")}, CLOSE_BTC, "canceled canceled filled", "0"},
        {{TAKE("0.004"), TAKE("0.006")}, CLOSE_BTC ",\"quantity\":\"0.004\"", "canceled open filled", "0.006"},
        {{TAKE("0.004"), TAKE("0.002")}, CLOSE_BTC ",\"quantity\":\"0.004\"", "open open filled", "0.006"},
        {{TAKE("0.005"), TAKE("0.002"), TAKE("0.003")},
         CLOSE_BTC ",\"quantity\":\"0.006\"",
         "canceled canceled open filled",
         "0.004"},
        {{TAKE_PROFIT}, "\"action\":\"CLOSE_SHORT\",\"symbol\":\"BTCUSDT\"", "open", "0.01"},
        {{TAKE_PROFIT}, LONG_BTC, "open filled", "0.02"},
        {{TAKE_PROFIT}, SHORT_BTC, "canceled filled filled", "-0.01"},
        {{TAKE("0.004")}, SHORT_BTC, "canceled filled filled", "-0.01"},
        {{TAKE_PROFIT},
         "\"action\":\"SHORT\",\"symbol\":\"BTCUSDT\",\"reduceOnly\":true,\"quantity\":\"0.004\"",
         "canceled filled",
         "0.006"},
        {{TAKE_PROFIT},
         "\"ticker\":\"BTCUSDT\",\"action\":\"sell\",\"contracts\":\"0.005\",\"market_position\":\"long\","
         "\"market_position_size\":\"0.005\"",
         "canceled filled",
         "0.005"},
        /* A take-profit that is moved. */
        {{TAKE_PROFIT},
         "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"orderType\":\"LIMIT\",\"price\":\"62000\"",
         "canceled open",
         "0.01"},
        /* One beside another. */
        {{TAKE("0.004")}, TAKE("0.006"), "open open", "0.01"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_reset(NULL);
        assert_int_equal(world_alert(LONG_BTC KEYED("in"))->status, 200);
        for (uint32_t k = 0; k < 3 && rows[i].takes[k] != NULL; k++) {
            rest(rows[i].takes[k]);
            world_pass(1000);
        }
        assert_int_equal(world_alert(rows[i].signal)->status, 200);
        world_pass(100);
        assert_rows(
            "SELECT o.status FROM orders o JOIN signals s ON s.id = o.signal_id WHERE s.seq > 1 "
            "ORDER BY o.created_ms, o.leg",
            rows[i].orders);
        assert_string_equal(world_venue_holds("BTCUSDT"), rows[i].held);
        world_check_books();
    }
}

/* In hedge mode it is about one side; and what rests in the other market is another account's. */
static void other_sides_and_accounts_keep_what_rests(void **state) {
    (void)state;
    world_begin();
    assert_true(hx_ok(hx_lab_set_hedge(world_lab(), true)));
    world_alert(LONG_BTC KEYED("long"));
    rest(TAKE_PROFIT);
    assert_int_equal(world_alert(SPOT LONG_BTC KEYED("coins"))->status, 200);
    rest(SPOT_SALE);
    assert_int_equal(world_alert(CLOSE_BTC ",\"market\":\"futures\"" KEYED("out"))->status, 200);
    assert_rows("SELECT market, status FROM orders WHERE type = 'LIMIT' ORDER BY created_ms",
                "futures|canceled spot|open");
    assert_rows("SELECT quantity FROM positions WHERE market = 'futures'", "0");
    world_check_books();
}

/* On spot what rests holds the coins themselves. */
static void a_sale_on_spot_frees_what_it_sells(void **state) {
    (void)state;
    world_alert(SPOT LONG_BTC KEYED("in"));
    rest(SPOT_SALE);
    world_pass(1000);
    assert_int_equal(world_alert(SPOT CLOSE_BTC ",\"quantity\":\"0.002\"" KEYED("some"))->status, 200);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled open filled");
    world_pass(1000);
    assert_int_equal(world_alert(SPOT CLOSE_BTC KEYED("out"))->status, 200);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled canceled filled filled");
    world_check_books();
}

/* It is met while it is taken back: the exit closes what is left. */
static void what_it_executed_meanwhile_is_not_closed_again(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    rest(LIMIT_EXIT);
    world_pass(1000);
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REQUEST, .match = "DELETE", .count = 1});
    uint32_t exit = world_send_alert(CLOSE_BTC KEYED("exit"), NULL);
    world_pass(100);
    world_price("BTCUSDT", "61100");
    assert_int_equal(world_await(exit)->status, 200);
    assert_rows("SELECT purpose, status, executed_quantity FROM orders ORDER BY created_ms",
                "open|filled|0.01 close|filled|0.006 close|filled|0.004");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

/* Less is held than the ledger has, and no room was needed by what that says: the venue refuses, what rests is taken
 * back, the ledger follows, and the exit closes what there is. */
static void a_refused_close_goes_on_alone(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    rest(TAKE("0.004"));
    world_pass(10 * HX_MS_PER_SECOND);
    world_trade_by_hand("BTCUSDT", "SELL", "0.005");
    assert_int_equal(world_alert(CLOSE_BTC ",\"quantity\":\"0.006\"" KEYED("exit"))->status, 200);
    world_pass(10 * HX_MS_PER_SECOND);
    assert_rows("SELECT type, status, quantity FROM orders WHERE purpose = 'close' ORDER BY created_ms, leg",
                "LIMIT|canceled|0.004 MARKET|rejected|0.006 MARKET|filled|0.005");
    assert_rows("SELECT status FROM signals WHERE idempotency_key = 'exit'", "filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_rows("SELECT quantity FROM positions", "0");
}

/* An exit that the owner's switch stops takes nothing back. */
static void a_stopped_exit_takes_nothing_back(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    rest(TAKE_PROFIT);
    world_set("trade:kill_switch", "halt");
    world_alert(CLOSE_BTC);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled open");
    world_check_books();
}

/* The process dies around any call of an exit with a take-profit in its way. */
static void a_crash_leaves_nobody_in(void **state) {
    uint32_t from = 0, to = 0;
    for (uint32_t at = 0; at == 0 || at < to - from; at++) {
        for (int after = 0; after < (to == 0 ? 1 : 2); after++) {
            (void)world_reset(state);
            if (to != 0) world_fault_at(from + at, after ? HX_SIM_FAULT_CRASH_AFTER : HX_SIM_FAULT_CRASH_BEFORE, 300);
            world_alert(LONG_BTC KEYED("in"));
            rest(TAKE_PROFIT KEYED("take"));
            world_pass(1000);
            if (to == 0) from = world_points();
            world_send_alert(CLOSE_BTC KEYED("out"), NULL);
            world_pass(3000);
            if (to == 0) to = world_points();
            assert_in_range(to - from, 10, 1000);
            world_send_alert(CLOSE_BTC KEYED("out"), NULL);
            world_pass(HX_MS_PER_MINUTE);
            assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled canceled filled");
            assert_string_equal(world_venue_holds("BTCUSDT"), "0");
            world_check_books();
            at = to - from > 200 && at > 0 ? at + 2 : at; /* Every third is enough of many. */
        }
    }
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

static void let_nobody_ask(void) {
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "DELETE", .count = -1});
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "GET /fapi/v1/order", .count = -1});
}

/* But not for ever: it goes with its next try, and the entry is cancelled behind it. */
static void an_exit_waits_once(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    rest(BUY_LOW);
    world_pass(1000);
    let_nobody_ask();
    assert_int_equal(world_alert(CLOSE_BTC KEYED("exit"))->status, 202);
    world_pass(35 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals WHERE idempotency_key = 'exit'", "filled");
    assert_rows("SELECT status, recalled FROM orders ORDER BY created_ms", "filled|0 open|1 filled|0");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_crash(500);
    world_pass(1000);
    hx_lab_clear_faults(world_lab());
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled canceled filled");
    world_check_books();
}

/* So does a flip's closing half; its opening half waits. */
static void a_flip_leaves_and_waits(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    rest(BUY_LOW);
    world_pass(1000);
    let_nobody_ask();
    assert_int_equal(world_alert(SHORT_BTC KEYED("flip") ",\"maxAge\":3600")->status, 202);
    world_pass(60 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals WHERE idempotency_key = 'flip'", "queued");
    assert_rows("SELECT purpose, status FROM orders ORDER BY created_ms", "open|filled open|open close|filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    hx_lab_clear_faults(world_lab());
    world_pass(10 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals WHERE idempotency_key = 'flip'", "filled");
    assert_rows("SELECT purpose, status FROM orders ORDER BY created_ms",
                "open|filled open|canceled close|filled open|filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
    world_check_books();
}

/* With no queue to wait in it goes at once. */
static void without_a_queue_it_waits_not_at_all(void **state) {
    (void)state;
    world_kv("webhook:queue_mode", "queue_disabled");
    world_alert(LONG_BTC);
    rest(BUY_LOW);
    world_pass(1000);
    let_nobody_ask();
    assert_int_equal(world_alert(CLOSE_BTC KEYED("exit"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
}

/* With nothing to close it stays: the order may yet be met. */
static void with_nothing_to_close_it_waits_on(void **state) {
    (void)state;
    rest(BUY_LOW);
    world_pass(1000);
    let_nobody_ask();
    assert_int_equal(world_alert(CLOSE_BTC KEYED("exit"))->status, 202);
    world_pass(100 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, tries > 1 FROM signals WHERE idempotency_key = 'exit'", "queued|1");
    world_price("BTCUSDT", "58900");
    hx_lab_clear_faults(world_lab());
    world_pass(10 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals WHERE idempotency_key = 'exit'", "filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

/* An entry waits for certainty, however often it is tried. */
static void an_entry_never_goes_past(void **state) {
    (void)state;
    rest(SELL_HIGH);
    world_pass(1000);
    let_nobody_ask();
    uint32_t sent = world_orders_sent();
    world_alert(LONG_BTC KEYED("in"));
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(world_orders_sent(), sent);
    assert_rows("SELECT recalled FROM orders", "0");
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

/* Cancelled by hand, and not looked at until the venue has forgotten it: three days. That is believed when it is said
 * again minutes later. */
static void an_order_the_venue_has_forgotten_has_ended(void **state) {
    (void)state;
    world.config.no_ticks = true;
    rest(BUY_LOW);
    world_pass(100);
    world_cancel_by_hand("BTCUSDT");
    world_crash(1000);
    world_pass(4 * HX_MS_PER_DAY);
    assert_int_equal(world_alert(CLOSE_BTC KEYED("exit"))->status, 202);
    world_pass(8 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals WHERE idempotency_key = 'exit'", "nothing_to_do");
    assert_rows("SELECT status, executed_quantity, finished_ms IS NOT NULL FROM orders", "canceled|0|1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(each_signal_takes_back_what_would_undo_it),
        world_test(what_was_executed_unseen_is_closed),
        world_test(a_resting_exit_is_seen_before_the_next_order_is_sized),
        world_test(a_resting_exit_is_not_cancelled),
        world_test(a_close_takes_back_what_it_has_no_room_beside),
        world_test(other_sides_and_accounts_keep_what_rests),
        world_test(a_sale_on_spot_frees_what_it_sells),
        world_test(what_it_executed_meanwhile_is_not_closed_again),
        world_test(a_refused_close_goes_on_alone),
        world_test(a_stopped_exit_takes_nothing_back),
        world_test(a_crash_leaves_nobody_in),
        world_test(an_exit_waits_once),
        world_test(a_flip_leaves_and_waits),
        world_test(without_a_queue_it_waits_not_at_all),
        world_test(with_nothing_to_close_it_waits_on),
        world_test(an_entry_never_goes_past),
        world_test(the_kill_switch_takes_entries_back),
        world_test(an_exit_waits_for_certainty),
        world_test(a_lost_cancel_is_looked_at_again),
        world_test(an_order_the_venue_has_forgotten_has_ended),
    };
    return world_run(tests);
}
