/* Goal: an order that rests is not taken for gone because the venue denies it for a while; an end the venue has
 * forgotten is booked all the same, and nobody waits for ever. Method: a futures account at the client's interface
 * (venue_double.h) that hides its orders for a burst, for minutes, for good and for days, with and without exits
 * meanwhile; rows, notices and the account. Covers denied.c. */
#include "test/app/venue_double.h"

#define BUY_LOW LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"49000\""
#define EXIT_BTC CLOSE_BTC KEYED("exit")
#define EXIT_STATUS "SELECT status FROM signals WHERE idempotency_key = 'exit'"
#define NOTICES(status) "SELECT count(*) FROM outbox WHERE payload LIKE '%\"" status "\"%'"
#define FOR_GOOD UINT32_MAX

/* An entry that has rested for some minutes. */
static void rest(void) {
    assert_string_equal(world_member(world_alert(BUY_LOW), "status"), "resting");
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, denied_ms FROM orders WHERE type = 'LIMIT'", "open|null");
}

static void assert_open_for(int64_t ms) {
    for (int64_t passed = 0; passed < ms; passed += HX_MS_PER_MINUTE) {
        world_pass(HX_MS_PER_MINUTE);
        assert_rows("SELECT status FROM orders WHERE type = 'LIMIT'", "open");
    }
}

static void a_burst_of_denials_proves_nothing(void **state) {
    (void)state;
    rest();
    for (uint32_t i = 0; i < 3; i++) {
        venue.hides_orders_for = 4;
        assert_open_for(4 * HX_MS_PER_MINUTE);
        assert_int_equal(venue.hides_orders_for, 0);
        assert_rows("SELECT denied_ms, recalled FROM orders", "null|0");
    }
    double_price("48900");
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders", "filled");
    assert_rows("SELECT quantity FROM positions", "0.01");
}

static void nor_do_minutes_of_them(void **state) {
    (void)state;
    rest();
    venue.hides_orders_for = FOR_GOOD;
    assert_open_for(12 * HX_MS_PER_MINUTE);
    venue.hides_orders_for = 0;
    assert_open_for(5 * HX_MS_PER_MINUTE);
    assert_rows("SELECT denied_ms, recalled FROM orders", "null|0");
    assert_rows(NOTICES("order_lost"), "0");
}

/* It has rested for longer than the venue remembers what ended, and was seen all the time. */
static void nor_of_one_that_has_rested_for_days(void **state) {
    (void)state;
    rest();
    world_pass(3 * HX_MS_PER_DAY);
    venue.hides_orders_for = FOR_GOOD;
    assert_open_for(10 * HX_MS_PER_MINUTE);
    venue.hides_orders_for = 0;
    assert_open_for(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT denied_ms IS NULL FROM orders", "1");
}

/* Nobody looked for longer than that: it ended and was forgotten, which is believed when it is said twice. */
static void what_the_venue_has_forgotten_ends(void **state) {
    (void)state;
    world.config.no_ticks = true;
    assert_string_equal(world_member(world_alert(BUY_LOW), "status"), "resting");
    world_pass(100);
    venue.hides_orders_for = FOR_GOOD;
    world_crash(1000);
    world_pass(2 * HX_MS_PER_DAY);
    uint32_t exit = world_send_alert(EXIT_BTC, NULL);
    world_pass(HX_MS_PER_MINUTE);
    assert_int_equal(world_find(exit)->status, 202);
    assert_rows("SELECT status FROM orders", "open");
    world_pass(8 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity, finished_ms IS NOT NULL FROM orders", "canceled|0|1");
    assert_rows(EXIT_STATUS, "nothing_to_do");
    assert_rows(NOTICES("order_lost"), "0");
}

/* It may yet open what the exit is to close. */
static void an_exit_with_nothing_to_close_waits(void **state) {
    (void)state;
    rest();
    venue.hides_orders_for = FOR_GOOD;
    assert_int_equal(world_alert(EXIT_BTC)->status, 202);
    world_pass(5 * HX_MS_PER_MINUTE);
    assert_rows(EXIT_STATUS, "queued");
    venue.hides_orders_for = 0;
    world_pass(10 * HX_MS_PER_MINUTE);
    assert_rows(EXIT_STATUS, "nothing_to_do");
    assert_int_equal(venue.orders[0].status, HX_ORDER_CANCELED);
    assert_rows("SELECT status FROM orders", "canceled");
}

/* One that has something to close waits once; the entry is cancelled behind it. */
static void an_exit_goes_past_it(void **state) {
    (void)state;
    assert_int_equal(world_alert(LONG_BTC KEYED("in"))->status, 200);
    rest();
    venue.hides_orders_for = FOR_GOOD;
    venue.refuses_cancels = FOR_GOOD;
    assert_int_equal(world_alert(EXIT_BTC)->status, 202);
    assert_rows("SELECT recalled FROM orders WHERE type = 'LIMIT'", "1");
    world_pass(35 * HX_MS_PER_SECOND);
    venue.hides_orders_for = 0; /* The exit's own order is shown. */
    world_pass(5 * HX_MS_PER_SECOND);
    assert_rows(EXIT_STATUS, "filled");
    assert_string_equal(world_format(venue.net_quantity), "0");
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders WHERE type = 'LIMIT'", "open");
    world_crash(300);
    venue.refuses_cancels = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders WHERE type = 'LIMIT'", "canceled");
    assert_int_equal(venue.orders[1].status, HX_ORDER_CANCELED);
}

/* A take-profit that is denied may not be there to have the exit refused: after two minutes that is tried. */
static void an_exit_goes_past_a_denied_take_profit(void **state) {
    (void)state;
    assert_int_equal(world_alert(LONG_BTC KEYED("in"))->status, 200);
    assert_string_equal(
        world_member(world_alert("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"orderType\":\"LIMIT\","
                                 "\"price\":\"55000\""),
                     "status"),
        "resting");
    world_pass(3 * HX_MS_PER_MINUTE);
    venue.hides_orders_for = FOR_GOOD;
    venue.refuses_cancels = FOR_GOOD;
    assert_int_equal(world_alert(EXIT_BTC)->status, 202);
    world_pass(100 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, tries FROM signals WHERE idempotency_key = 'exit'", "queued|3");
    assert_rows("SELECT recalled FROM orders WHERE type = 'LIMIT'", "0");
    world_pass(5 * HX_MS_PER_MINUTE);
    assert_rows(EXIT_STATUS, "filled");
    assert_rows("SELECT recalled FROM orders WHERE type = 'LIMIT'", "1");
    assert_string_equal(world_format(venue.net_quantity), "0");
    venue.hides_orders_for = venue.refuses_cancels = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders WHERE type = 'LIMIT'", "canceled");
}

/* Denied for a quarter of an hour: its owner is told, and nobody waits any more. */
static void lose_sight(void) {
    rest();
    venue.hides_orders_for = FOR_GOOD;
    assert_open_for(14 * HX_MS_PER_MINUTE);
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, recalled, finished_ms IS NULL FROM orders", "absent|1|1");
    assert_rows(NOTICES("order_lost"), "1");
    assert_rows("SELECT level, message FROM system_logs", "error|an order that rested is lost sight of");
    assert_string_equal(world_member(world_alert(EXIT_BTC), "status"), "nothing_to_do");
}

static void one_that_is_lost_sight_of_keeps_nobody_waiting(void **state) {
    (void)state;
    lose_sight();
    world_pass(8 * HX_MS_PER_DAY);
    assert_rows("SELECT status, executed_quantity, finished_ms IS NULL FROM orders", "absent|0|0");
    assert_rows(NOTICES("order_lost"), "1");
    assert_rows(NOTICES("order_turned_up"), "0");
}

static void it_is_cancelled_when_it_turns_up(void **state) {
    (void)state;
    lose_sight();
    world_pass(HX_MS_PER_DAY);
    venue.hides_orders_for = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "canceled|0");
    assert_int_equal(venue.orders[0].status, HX_ORDER_CANCELED);
    assert_rows(NOTICES("order_turned_up"), "1");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%lost sight of and is at the exchange%'", "1");
}

static void it_is_taken_in_when_it_was_executed(void **state) {
    (void)state;
    lose_sight();
    double_price("48900");
    world_pass(HX_MS_PER_HOUR);
    venue.hides_orders_for = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "filled|0.01");
    assert_rows("SELECT quantity FROM positions", world_format(venue.net_quantity));
}

/* Its fills are all of it: that is its end, whatever the venue says of the order. */
static void one_whose_fills_are_shown_is_filled(void **state) {
    (void)state;
    rest();
    venue.hides_orders_for = FOR_GOOD;
    double_price("48900");
    world_pass(18 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "filled|0.01");
    assert_rows("SELECT quantity FROM positions", "0.01");
    assert_rows(NOTICES("order_lost"), "0");
}

/* And when they are a part of it, that part is taken in before sight of it is lost. */
static void what_its_fills_show_is_taken_in(void **state) {
    (void)state;
    rest();
    venue.hides_orders_for = FOR_GOOD;
    double_fill_order(0, world_dec("0.004"));
    world_pass(20 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "absent|0.004");
    assert_rows("SELECT quantity FROM positions", "0.004");
    assert_rows(NOTICES("order_lost"), "1");
    venue.hides_orders_for = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "partially_filled|0.004");
    assert_rows("SELECT quantity FROM positions", "0.004");
    assert_string_equal(world_member(world_alert(EXIT_BTC), "status"), "filled");
    assert_string_equal(world_format(venue.net_quantity), "0");
}

/* What counts is in the ledger: however often hoox dies, the time goes on. */
static void denials_are_remembered_over_crashes(void **state) {
    (void)state;
    rest();
    venue.hides_orders_for = FOR_GOOD;
    for (int i = 0; i < 9; i++) {
        world_pass(2 * HX_MS_PER_MINUTE);
        world_crash(500);
    }
    world_pass(HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders", "absent");
    assert_rows(NOTICES("order_lost"), "1");
}

static void give_up(uint32_t *from) {
    rest();
    venue.hides_orders_for = FOR_GOOD;
    world_pass(14 * HX_MS_PER_MINUTE);
    *from = world_points();
    world_pass(4 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, recalled FROM orders", "absent|1");
    assert_rows(NOTICES("order_lost"), "1");
}

/* A process that dies around any write while it gives an order up leaves one notice and one end. */
static void a_crash_while_it_is_given_up_changes_nothing(void **state) {
    bool mortal[4000] = {false};
    uint32_t from = 0, unused = 0, count = 0;
    give_up(&from);
    uint32_t to = world_points();
    assert_in_range(to - from, 10, 4000);
    for (uint32_t i = from; i < to; i++) mortal[i - from] = hx_sim_op_at(world.sim, i) == HX_OP_DB_BATCH;
    for (uint32_t at = 0; at < to - from; at++) {
        for (int after = 0; mortal[at] && after < 2; after++) {
            (void)futures_reset(state);
            world_fault_at(from + at, after ? HX_SIM_FAULT_CRASH_AFTER : HX_SIM_FAULT_CRASH_BEFORE, 300);
            give_up(&unused);
            count++;
        }
    }
    assert_true(count >= 4);
}

#define futures_test(name) cmocka_unit_test_setup(name, futures_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        futures_test(a_burst_of_denials_proves_nothing),
        futures_test(nor_do_minutes_of_them),
        futures_test(nor_of_one_that_has_rested_for_days),
        futures_test(what_the_venue_has_forgotten_ends),
        futures_test(an_exit_with_nothing_to_close_waits),
        futures_test(an_exit_goes_past_it),
        futures_test(an_exit_goes_past_a_denied_take_profit),
        futures_test(one_that_is_lost_sight_of_keeps_nobody_waiting),
        futures_test(it_is_cancelled_when_it_turns_up),
        futures_test(it_is_taken_in_when_it_was_executed),
        futures_test(one_whose_fills_are_shown_is_filled),
        futures_test(what_its_fills_show_is_taken_in),
        futures_test(denials_are_remembered_over_crashes),
        futures_test(a_crash_while_it_is_given_up_changes_nothing),
    };
    return world_run(tests);
}
