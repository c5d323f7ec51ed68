/* Goal: what the venue executed is in the ledger once and to the last digit, in however many parts and however late it
 * is told, and the signal's verdict follows from its orders. Method: a table for the verdict; orders filled in many
 * parts, in part, with fees in another asset, with fills that are listed late, and with the process dying at every
 * call; then the sums of the ledger against the venue's. Covers settle.c. */
#include "core/app/work.h"
#include "test/app/world.h"

struct orders {
    bool close; /* They are; what is held is nothing then. Else the last one opens. */
    const char *status[3];
    const char *executed[3];
    const char *verdict;
    uint32_t http_status;
};

static void the_verdict_follows_from_the_orders(void **state) {
    (void)state;
    static const struct orders cases[] = {
        {false, {NULL}, {NULL}, "nothing_to_do", 200},
        {false, {"filled"}, {"1"}, "filled", 200},
        {false, {"filled", "filled"}, {"1", "2"}, "filled", 200},
        {false, {"open"}, {"0"}, "resting", 200},
        {false, {"open"}, {"0.5"}, "resting", 200},
        {false, {"filled", "open"}, {"1", "0"}, "resting", 200},
        {false, {"partially_filled"}, {"0.5"}, "partially_filled", 200},
        {false, {"partially_filled", "filled"}, {"0.5", "1"}, "partially_filled", 200},
        {false, {"filled", "expired"}, {"1", "0"}, "partially_filled", 200},
        {false, {"expired"}, {"0"}, "rejected", 422},
        {false, {"canceled"}, {"0"}, "rejected", 422},
        {false, {"rejected"}, {"0"}, "rejected", 422},
        {true, {"filled"}, {"1"}, "filled", 200},
        {true, {"partially_filled"}, {"0.5"}, "partially_filled", 200},
        {true, {"partially_filled", "filled"}, {"0.5", "1"}, "filled", 200},
        {true, {"partially_filled", "partially_filled"}, {"0.5", "0.1"}, "partially_filled", 200},
        {true, {"rejected", "filled"}, {"0", "1"}, "filled", 200},
        {true, {"partially_filled", "rejected"}, {"0.5", "0"}, "filled", 200},
        {true, {"rejected"}, {"0"}, "nothing_to_do", 200},
        {true, {"expired"}, {"0"}, "rejected", 422},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static struct hx_work work;
        memset(&work, 0, sizeof(work));
        for (uint32_t k = 0; k < 3 && cases[i].status[k] != NULL; k++) {
            work.orders[k].status = hx_str_from_c(cases[i].status[k]);
            work.orders[k].executed_quantity = world_dec(cases[i].executed[k]);
            work.order_count++;
        }
        if (work.order_count > 0) work.orders[work.order_count - 1].opens = !cases[i].close;
        struct hx_verdict verdict = hx_work_verdict_of_orders(&work);
        assert_true(hx_str_equal(verdict.status, hx_str_from_c(cases[i].verdict)));
        assert_int_equal(verdict.http_status, cases[i].http_status);
        assert_int_equal(verdict.code.len > 0, cases[i].http_status != 200);
    }
}

static void a_late_refusal_is_told_in_the_venues_words(void **state) {
    (void)state;
    static struct hx_work work;
    memset(&work, 0, sizeof(work));
    work.order_count = 1;
    work.orders[0].status = HX_STR("canceled");
    work.orders[0].executed_quantity = HX_DEC_ZERO;
    assert_true(hx_work_verdict_of_orders(&work).message.len > 20);
    work.orders[0].message = HX_STR("EC_NoImmediateQtyToFill. Trade smaller.");
    struct hx_verdict verdict = hx_work_verdict_of_orders(&work);
    assert_true(hx_str_equal(verdict.message, work.orders[0].message));
    assert_true(hx_str_equal(verdict.code, HX_STR("VENUE_REJECTED")));
    /* What was executed counts, whatever was said about the rest. */
    work.orders[0].executed_quantity = world_dec("0.5");
    work.orders[0].status = HX_STR("partially_filled");
    assert_int_equal(hx_work_verdict_of_orders(&work).http_status, 200);
}

/* The ledger's sums are the venue's, whatever the number of parts. */
static void assert_split(uint32_t parts, const char *fields, const char *quantity) {
    world_reset(NULL);
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_SPLIT, 1, parts);
    const struct hx_sim_exchange *reply = world_alert(fields);
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), quantity);
    assert_int_equal(hx_lab_fill_count(world_lab()), parts);
    hx_dec value = HX_DEC_ZERO, fees = HX_DEC_ZERO;
    for (uint32_t i = 0; i < parts; i++) {
        struct hx_lab_fill_view fill;
        hx_lab_get_fill(world_lab(), i, &fill);
        assert_true(hx_ok(hx_dec_add(value, fill.quote_quantity, &value)));
        assert_true(hx_ok(hx_dec_add(fees, fill.fee, &fees)));
    }
    assert_rows("SELECT cost FROM positions", world_format(value));
    assert_rows("SELECT opened_value FROM trades", world_format(value));
    assert_rows("SELECT fees FROM trades", world_format(fees));
    assert_rows("SELECT fee FROM orders", world_format(fees));
    world_check_books();
}

static void fills_come_in_any_number_of_parts(void **state) {
    (void)state;
    assert_split(1, LONG_BTC, "0.01");
    assert_split(5, LONG_BTC, "0.01");
    assert_split(6, LONG_BTC, "0.01");
    assert_split(10, LONG_BTC, "0.01");
    assert_split(100, "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.24\"", "0.24");
}

/* More than one request's memory holds is settled in several goes. */
static void hundreds_of_fills_are_settled_in_the_end(void **state) {
    (void)state;
    world_begin();
    hx_lab_set_market_fills(world_lab(), 900);
    world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"2\",\"leverage\":5" KEYED("k"));
    assert_in_range(hx_lab_fill_count(world_lab()), 200, 900);
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals", "filled");
    assert_rows("SELECT status, executed_quantity FROM orders", "filled|2");
    world_check_books();
}

static void fees_in_another_asset_are_kept_apart(void **state) {
    (void)state;
    world.config.venue_fee_in_bnb = true;
    world.config.venue_fills_max = 3;
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
    assert_string_equal(world_member(reply, "result.feeAsset"), "BNB");
    assert_string_equal(world_member(reply, "result.fee"), world_rows("SELECT fee FROM orders"));
    assert_rows("SELECT fees, fees_other LIKE '{\"BNB\":\"0.0005%' FROM positions", "0|1");
    assert_rows("SELECT fees, fees_other = (SELECT fees_other FROM positions) FROM trades", "0|1");
    world_alert(CLOSE_BTC);
    struct hx_lab_account_view account;
    hx_lab_get_account(world_lab(), &account);
    char expected[64];
    snprintf(expected, sizeof(expected), "{\"BNB\":\"%s\"}", world_format(account.bnb_fees_total));
    assert_rows("SELECT fees_other FROM positions", expected);
    assert_rows("SELECT fees_other FROM trades", expected);
    world_check_books();
}

static void a_market_order_may_end_half_filled(void **state) {
    (void)state;
    world_begin();
    world_fault(
        &(struct hx_lab_fault){.kind = HX_LAB_FAULT_PARTIAL, .match = "order", .count = 1, .fill_permille = 400});
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "partially_filled");
    assert_string_equal(world_member(reply, "result.status"), "PARTIALLY_FILLED");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.004");
    assert_rows("SELECT status, finished_ms IS NOT NULL FROM orders", "partially_filled|1");
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_int_equal(world_orders_sent(), 1);
    world_check_books();
}

static void an_order_that_ends_empty_is_a_refusal(void **state) {
    (void)state;
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_PARTIAL, .match = "order", .count = 1, .fill_permille = 0});
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(reply->status, 422);
    assert_string_equal(world_member(reply, "error.code"), "VENUE_REJECTED");
    assert_string_equal(world_member(reply, "result.status"), "EXPIRED");
    assert_rows("SELECT status FROM orders", "expired");
    assert_rows("SELECT count(*) FROM positions", "0");
    assert_rows("SELECT count(*) FROM outbox", "1");
}

static void a_round_trip_is_one_row_with_its_result(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("a"));
    world_price("BTCUSDT", "62000");
    world_alert(LONG_BTC KEYED("b"));
    world_price("BTCUSDT", "64000");
    world_alert("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.005\"");
    assert_rows("SELECT quantity, entry_price, realized_pnl FROM positions", "0.015|61000|15");
    world_price("BTCUSDT", "59000");
    world_alert(CLOSE_BTC);
    assert_rows("SELECT quantity, cost, entry_price, realized_pnl, trade_id FROM positions", "0|0|0|-15|");
    assert_rows(
        "SELECT side, opened_quantity, closed_quantity, entry_price, realized_pnl, closed_ms IS NOT NULL "
        "FROM trades",
        "long|0.02|0.02|61000|-15|1");
    assert_rows(
        "SELECT t.id = o.client_order_id, t.open_signal_id = o.signal_id FROM trades t, orders o "
        "ORDER BY o.created_ms LIMIT 1",
        "1|1");
    assert_rows("SELECT trades, wins FROM win_rates", "1|0");
    world_check_books();
}

/* The venue reports the execution before it lists the fills. */
static void fills_that_are_listed_late_are_waited_for(void **state) {
    (void)state;
    world_begin();
    world_fault(
        &(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "GET /fapi/v1/userTrades", .count = 3});
    assert_int_equal(world_alert(LONG_BTC KEYED("a"))->status, 200);
    world_fault(
        &(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "GET /fapi/v1/userTrades", .count = 20});
    uint32_t call = world_send_alert(LONG_BTC KEYED("b"), NULL);
    world_pass(6 * HX_MS_PER_SECOND);
    assert_int_equal(world_find(call)->status, 202);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled unknown");
    assert_rows("SELECT count(*) FROM fills", "1");
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled");
    /* Told once that it is uncertain, and once how it ended. */
    assert_rows("SELECT count(*) FROM outbox WHERE subject = (SELECT id FROM signals WHERE seq = 2)", "2");
    world_check_books();
}

static void every_final_state_is_told_once(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("a"));
    world_alert(CLOSE_BTC KEYED("b"));
    world_alert(CLOSE_BTC KEYED("c"));
    world_alert(LONG_BTC KEYED("a"));
    assert_rows("SELECT count(*), count(DISTINCT subject) FROM outbox", "3|3");
    const char *notice = world_rows("SELECT payload FROM outbox ORDER BY id LIMIT 1");
    hx_str json = hx_str_from_c(notice);
    assert_string_equal(world_json(json, "status"), "filled");
    assert_string_equal(world_json(json, "signalId"), world_signal_id(0));
    assert_string_equal(world_json(json, "result.executedQty"), "0.01");
}

#define TWELVE "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.024\"" KEYED("k")

/* Twelve fills are three batches: the process dies around every port call of it, and nothing is counted twice. */
static void a_crash_while_settling_counts_nothing_twice(void **state) {
    (void)state;
    bool mortal[400] = {false};
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_SPLIT, 1, 12);
    uint32_t from = world_points();
    assert_int_equal(world_alert(TWELVE)->status, 200);
    uint32_t to = world_points();
    assert_in_range(to - from, 20, 400);
    for (uint32_t i = from; i < to; i++) mortal[i - from] = hx_sim_op_at(world.sim, i) == HX_OP_DB_BATCH;
    for (uint32_t i = from; i < to; i++) {
        if (!mortal[i - from]) continue;
        for (int kind = 0; kind < 3; kind++) {
            const enum hx_sim_fault_kind kinds[] = {HX_SIM_FAULT_CRASH_BEFORE, HX_SIM_FAULT_CRASH_AFTER,
                                                    HX_SIM_FAULT_EFFECT_ERROR};
            world_reset(NULL);
            world_fault_at(i, kinds[kind], 300);
            world_begin();
            world_trouble(HX_SIM_FAULT_VENUE_SPLIT, 1, 12);
            world_send_alert(TWELVE, NULL);
            world_pass(5000);
            world_alert(TWELVE);
            world_pass(2 * HX_MS_PER_MINUTE);
            assert_rows("SELECT status FROM signals", "filled");
            assert_rows("SELECT quantity FROM positions", "0.024");
            assert_int_equal(hx_lab_order_count(world_lab()), 1);
            world_check_books();
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(the_verdict_follows_from_the_orders),         world_test(a_late_refusal_is_told_in_the_venues_words),
        world_test(fills_come_in_any_number_of_parts),           world_test(hundreds_of_fills_are_settled_in_the_end),
        world_test(fees_in_another_asset_are_kept_apart),        world_test(a_market_order_may_end_half_filled),
        world_test(an_order_that_ends_empty_is_a_refusal),       world_test(a_round_trip_is_one_row_with_its_result),
        world_test(fills_that_are_listed_late_are_waited_for),   world_test(every_final_state_is_told_once),
        world_test(a_crash_while_settling_counts_nothing_twice),
    };
    return world_run(tests);
}
