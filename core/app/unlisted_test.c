/* Goal: an order with more fills than can be read is booked all the same, once, with the venue's own quantity, value
 * and commission; what is not known of the commission is told and not made up. Method: an account at the client's
 * interface (venue_double.h) that lists only so many fills of an order; rows against what the venue holds. Covers
 * unlisted.c. */
#include "core/app/work.h"
#include "test/app/venue_double.h"

#define NOTICES "SELECT count(*) FROM outbox WHERE payload LIKE '%fee_unknown%'"
#define LOGS "SELECT count(*) FROM system_logs WHERE message = 'fills booked as one'"

static void the_orders_own_figures_stand_for_what_is_not_listed(void **state) {
    (void)state;
    venue.parts = 10;
    venue.lists_at_most = 4;
    venue.tells_fee = true;
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("a"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.01");
    /* 0.01 at 50000, of which a thousandth. */
    assert_string_equal(world_member(reply, "result.fee"), "0.5");
    assert_rows("SELECT executed_quantity, average_price, fee, fee_asset FROM orders", "0.01|50000|0.5|USDT");
    assert_rows("SELECT count(*) FROM fills", "5");
    assert_rows("SELECT venue_trade_id, quantity, price, fee FROM fills WHERE venue_trade_id LIKE 'summed-%'",
                "summed-o0|0.006|50000|0.3");
    assert_rows("SELECT quantity, cost, fees FROM positions", "0.01|500|0.5");
    assert_rows(LOGS, "1");
    assert_rows(NOTICES, "0");
    /* The lane is free, and the way out is the same. */
    double_price("51000");
    assert_string_equal(world_member(world_alert(CLOSE_BTC KEYED("b")), "status"), "filled");
    assert_string_equal(world_format(venue.net_quantity), "0");
    assert_rows("SELECT quantity, cost, realized_pnl, fees FROM positions", "0|0|10|1.01");
    assert_rows("SELECT closed_quantity, realized_pnl, fees, closed_ms IS NOT NULL FROM trades", "0.01|10|1.01|1");
}

static void a_commission_that_is_not_known_is_told(void **state) {
    (void)state;
    venue.parts = 10;
    venue.lists_at_most = 4;
    assert_int_equal(world_alert(LONG_BTC)->status, 200);
    assert_rows("SELECT executed_quantity, fee FROM orders", "0.01|0.2");
    assert_rows("SELECT quantity, fee, fee_asset FROM fills WHERE venue_trade_id = 'summed-o0'", "0.006|0|USDT");
    assert_rows("SELECT quantity, cost, fees FROM positions", "0.01|500|0.2");
    assert_rows(NOTICES, "1");
    const char *notice = world_rows("SELECT payload FROM outbox WHERE payload LIKE '%fee_unknown%'");
    hx_str json = hx_str_from_c(notice);
    assert_string_equal(world_json(json, "signalId"), world_signal_id(0));
    assert_string_equal(world_json(json, "message"),
                        "order o0 has more fills than can be read: 0.006 of 0.01 are booked as one, from the order's "
                        "own figures; the commission on them is not known and not booked: look it up at the exchange");
    /* Told once, however long it is ago. */
    world_pass(10 * HX_MS_PER_MINUTE);
    assert_rows(NOTICES, "1");
    assert_rows(LOGS, "1");
}

/* The price of the rest is what makes the whole worth what the venue says. */
static void the_value_is_the_venues(void **state) {
    (void)state;
    venue.lists_at_most = 1;
    venue.tells_fee = true;
    venue.parts = 2;
    world_send_alert(
        "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.01\",\"orderType\":\"LIMIT\","
        "\"price\":\"49000\"",
        NULL);
    world_pass(HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM orders", "open");
    venue.price = world_dec("48000");
    double_fill_order(0, world_dec("0.003"));
    venue.price = world_dec("49000");
    double_fill_order(0, world_dec("0.007"));
    venue.orders[0].status = HX_ORDER_FILLED;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity, average_price FROM orders", "filled|0.01|48700");
    assert_rows("SELECT quantity, price FROM fills ORDER BY venue_trade_id", "0.003|48000 0.007|49000");
    assert_rows("SELECT quantity, cost FROM positions", "0.01|487");
}

/* A resting order keeps what the ledger has of it until it ends, and nobody waits for it. */
static void an_order_that_goes_on_keeps_nobody_waiting(void **state) {
    (void)state;
    venue.lists_at_most = 70;
    venue.tells_fee = true;
    world_alert(
        "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.01\",\"orderType\":\"LIMIT\","
        "\"price\":\"49000\"" KEYED("rest"));
    venue.price = world_dec("49000");
    for (int i = 0; i < 70; i++) double_fill_order(0, world_dec("0.0001"));
    venue.orders[0].status = HX_ORDER_PARTIALLY_FILLED;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "open|0.007");
    for (int i = 0; i < 10; i++) double_fill_order(0, world_dec("0.0001"));
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT count(*) FROM fills WHERE venue_trade_id LIKE 'summed-%'", "0");
    assert_rows("SELECT status FROM signals", "resting");
    assert_int_equal(world_alert(LONG_BTC KEYED("more"))->status, 200);
    /* It ends: what came to it is taken in, all of it. */
    venue.lists_at_most = 5;
    for (int i = 0; i < 20; i++) double_fill_order(0, world_dec("0.0001"));
    venue.orders[0].status = HX_ORDER_FILLED;
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity, fee FROM orders WHERE type = 'LIMIT'", "filled|0.01|0.49");
    assert_rows("SELECT quantity FROM positions", world_format(venue.net_quantity));
    assert_rows("SELECT quantity FROM positions", "0.02");
    assert_rows("SELECT quantity, fee FROM fills WHERE venue_trade_id LIKE 'summed-%'", "0.0015|0.0735");
}

/* Without a word on its worth the order can't be booked: it is asked for again, as before. */
static void an_order_that_says_too_little_is_asked_for_again(void **state) {
    (void)state;
    struct hx_order_report report = {.executed_quantity = hx_dec_from_i64(1)};
    assert_false(hx_work_can_sum(&report));
    report.average_price = hx_dec_from_i64(5);
    assert_true(hx_work_can_sum(&report));
    report = (struct hx_order_report){.executed_quantity = hx_dec_from_i64(1), .executed_value = hx_dec_from_i64(5)};
    assert_true(hx_work_can_sum(&report));
}

/* On spot a commission may have come out of what was bought. */
static void on_spot_it_is_said_what_may_be_missing(void **state) {
    (void)state;
    venue.parts = 10;
    venue.lists_at_most = 4;
    assert_int_equal(
        world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.01\",\"market\":\"spot\"")->status,
        200);
    assert_rows("SELECT quantity, fee, fee_asset FROM fills WHERE venue_trade_id = 'summed-o0'", "0.006|0|BTC");
    const char *notice = world_rows("SELECT payload FROM outbox WHERE payload LIKE '%fee_unknown%'");
    assert_non_null(strstr(notice, "If it was taken in BTC, the account holds so much less than the ledger"));
    /* All of it is sold that is there. */
    world_pass(10 * HX_MS_PER_SECOND);
    venue.lists_at_most = 0;
    assert_string_equal(
        world_member(world_alert("\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\",\"market\":\"spot\""), "status"),
        "filled");
    assert_rows("SELECT quantity FROM positions", world_format(venue.base));
}

/* The process dies around every batch of it: nothing is booked twice, and nothing is left out. */
static void a_crash_while_settling_books_nothing_twice(void **state) {
    bool mortal[600] = {false};
    uint32_t from = 0, to = 0;
    for (uint32_t at = 0; at == 0 || at < to - from; at++) {
        bool first = to == 0;
        if (!first && !mortal[at]) continue;
        for (int kind = 0; kind < (first ? 1 : 3); kind++) {
            const enum hx_sim_fault_kind kinds[] = {HX_SIM_FAULT_CRASH_BEFORE, HX_SIM_FAULT_CRASH_AFTER,
                                                    HX_SIM_FAULT_EFFECT_ERROR};
            (void)futures_reset(state);
            venue.parts = 20;
            venue.lists_at_most = 12;
            venue.tells_fee = true;
            if (!first) world_fault_at(from + at, kinds[kind], 300);
            world_begin();
            if (first) from = world_points();
            world_send_alert(LONG_BTC KEYED("k"), NULL);
            world_pass(5 * HX_MS_PER_SECOND);
            if (first) {
                to = world_points();
                assert_in_range(to - from, 10, 600);
                for (uint32_t i = from; i < to; i++) mortal[i - from] = hx_sim_op_at(world.sim, i) == HX_OP_DB_BATCH;
            }
            world_alert(LONG_BTC KEYED("k"));
            world_pass(2 * HX_MS_PER_MINUTE);
            assert_int_equal(venue.order_count, 1);
            assert_rows("SELECT status, executed_quantity, fee FROM orders", "filled|0.01|0.5");
            assert_rows("SELECT quantity, cost, fees FROM positions", "0.01|500|0.5");
            assert_rows("SELECT count(*) FROM fills", "13");
            assert_rows(LOGS, "1");
        }
    }
}

#define futures_test(name) cmocka_unit_test_setup(name, futures_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        futures_test(the_orders_own_figures_stand_for_what_is_not_listed),
        futures_test(a_commission_that_is_not_known_is_told),
        futures_test(the_value_is_the_venues),
        futures_test(an_order_that_goes_on_keeps_nobody_waiting),
        futures_test(an_order_that_says_too_little_is_asked_for_again),
        cmocka_unit_test_setup(on_spot_it_is_said_what_may_be_missing, spot_reset),
        futures_test(a_crash_while_settling_books_nothing_twice),
    };
    return world_run(tests);
}
