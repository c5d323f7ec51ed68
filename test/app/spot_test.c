/* Goal: on spot the ledger is what our own fills bought, to the last digit of the balance, whatever the commissions; an
 * exit sells what is held and can be sold, nothing else, and nothing is ever sold short.
 * Method: signals into the world with a spot account at the client's interface (venue_double.h); rows and balances are
 * compared after each. */
#include "test/app/venue_double.h"

#define SPOT ",\"market\":\"spot\""
#define BUY(quantity) "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"" quantity "\"" SPOT
#define CLOSE "\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\"" SPOT
#define SELL(quantity) "\"action\":\"sell\",\"ticker\":\"BTCUSDT\",\"contracts\":\"" quantity "\"" SPOT
#define TARGET(side, position, size)                                                                                \
    "\"action\":\"" side "\",\"ticker\":\"BTCUSDT\",\"market_position\":\"" position "\",\"position_size\":\"" size \
    "\"" SPOT

/* The ledger's quantity is the balance that began at nothing. */
static void check_balance(void) {
    struct hx_db_rows rows;
    hx_sim_query(world.sim, "SELECT quantity FROM positions WHERE market = 'spot'", NULL, 0, &rows);
    hx_dec ledger = HX_DEC_ZERO;
    if (rows.row_count == 1) assert_true(hx_ok(hx_dec_parse(rows.cells[0].text, &ledger)));
    assert_string_equal(world_format(ledger), world_format(venue.base));
}

static void a_round_trip_pays_its_commission_in_the_coin(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_alert(BUY("0.1") KEYED("in"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.1");
    assert_rows("SELECT market, quantity, cost, fees, fees_other, trade_id <> '' FROM positions",
                "spot|0.0999|5000|0|{\"BTC\":\"0.0001\"}|1");
    check_balance();
    double_price("60000");
    world_pass(6000);
    reply = world_alert(CLOSE KEYED("out"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "result.executedQty"), "0.0999");
    assert_rows("SELECT purpose, side, reduce_only FROM orders ORDER BY created_ms", "open|buy|0 close|sell|0");
    assert_false(double_last()->request.reduce_only);
    assert_rows("SELECT quantity, cost, realized_pnl, fees, trade_id FROM positions", "0|0|994|5.994|");
    assert_rows("SELECT opened_quantity, closed_quantity, realized_pnl, fees, closed_ms IS NULL FROM trades",
                "0.0999|0.0999|994|5.994|0");
    assert_rows("SELECT trades, wins FROM win_rates", "1|1");
    check_balance();
}

/* 0.10003 less its commission is 0.09992997: five places can be sold. The rest is carried into the next purchase. */
static void dust_ends_the_round_trip_and_joins_the_next(void **state) {
    (void)state;
    venue.rules.step = venue.rules.market_step = world_dec("0.0001");
    world_alert(BUY("0.1003") KEYED("in"));
    assert_rows("SELECT quantity FROM positions", "0.1001997");
    world_pass(6000);
    const struct hx_sim_exchange *reply = world_alert(CLOSE KEYED("out"));
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.1001");
    assert_rows("SELECT quantity, trade_id, opened_ms FROM positions", "0.0000997||null");
    assert_rows("SELECT closed_ms IS NULL FROM trades", "0");
    check_balance();

    world_pass(6000);
    reply = world_alert(CLOSE KEYED("again"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "nothing_to_do");
    assert_string_equal(world_member(reply, "message"),
                        "what is left, 0.0000997 BTC, is below the smallest order the venue takes; it stays in the "
                        "position and is sold with what is bought next");
    assert_int_equal(venue.order_count, 2);

    /* 0.1 less commission is 0.0999; with the dust 0.0999997. */
    world_alert(BUY("0.1") KEYED("more"));
    assert_rows("SELECT quantity, trade_id <> '' FROM positions", "0.0999997|1");
    assert_rows("SELECT count(*), sum(closed_ms IS NULL) FROM trades", "2|1");
    check_balance();
    world_pass(6000);
    world_alert(TARGET("sell", "flat", "0") KEYED("flat"));
    assert_rows("SELECT closed_ms IS NULL, closed_quantity FROM trades ORDER BY opened_ms", "0|0.1001 0|0.0999");
    assert_rows("SELECT sum(trades) FROM win_rates", "2");
    assert_rows("SELECT quantity FROM positions", "0.0000997");
    check_balance();
}

/* What is worth less than the least order value is dust too, until the price says otherwise. */
static void dust_is_measured_in_value_too(void **state) {
    (void)state;
    world_alert(BUY("0.0002") KEYED("in"));
    assert_rows("SELECT quantity FROM positions", "0.0001998");
    double_price("20000");
    world_pass(6000);
    assert_string_equal(world_member(world_alert(CLOSE KEYED("out")), "status"), "nothing_to_do");
    double_price("100000");
    world_pass(6000);
    const struct hx_sim_exchange *reply = world_alert(CLOSE KEYED("later"));
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.00019");
    assert_rows("SELECT quantity FROM positions", "0.0000098");
    check_balance();
    /* When the price can't be had, the venue decides. */
    world_alert(BUY("0.1") KEYED("again"));
    venue.mark_price = HX_DEC_ZERO;
    world_pass(6000);
    assert_string_equal(world_member(world_alert(CLOSE KEYED("blind")), "status"), "filled");
    check_balance();
}

/* A partial fill of the last order may leave what can't be sold; then nothing is open any more. */
static void fills_in_parts_add_up(void **state) {
    (void)state;
    venue.parts = 11;
    world_alert(BUY("0.12345") KEYED("in"));
    assert_rows("SELECT count(*) FROM fills", "11");
    assert_rows("SELECT quantity FROM positions", "0.12332655");
    check_balance();
    world_pass(6000);
    world_alert("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.1\"" SPOT KEYED("part"));
    assert_rows("SELECT quantity, trade_id <> '' FROM positions", "0.02332655|1");
    world_pass(6000);
    world_alert(CLOSE KEYED("rest"));
    assert_rows("SELECT quantity, trade_id <> '' FROM positions", "0.00000655|0");
    assert_rows("SELECT closed_quantity, closed_ms IS NULL FROM trades", "0.12332|0");
    check_balance();
}

static void a_plain_sell_sells_at_most_what_is_held(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_alert(SELL("0.1") KEYED("short"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "nothing_to_do");
    world_alert(BUY("0.1") KEYED("in"));
    world_pass(6000);
    reply = world_alert(SELL("0.05") KEYED("half"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.05");
    world_pass(6000);
    reply = world_alert(SELL("0.05") KEYED("rest"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.0499");
    assert_rows("SELECT quantity FROM positions", "0");
    assert_rows("SELECT expires_ms IS NULL FROM signals ORDER BY seq", "1 0 1 1");
    check_balance();
}

static void shorts_are_refused_at_the_door(void **state) {
    (void)state;
    static const char *const refused[] = {
        "\"action\":\"SHORT\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.1\"" SPOT,
        "\"action\":\"CLOSE_SHORT\",\"symbol\":\"BTCUSDT\"" SPOT,
        TARGET("sell", "short", "-1"),
        BUY("0.1") ",\"leverage\":5",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const struct hx_sim_exchange *reply = world_alert(refused[i]);
        assert_int_equal(reply->status, 400);
        assert_string_equal(world_member(reply, "error.code"), "VALIDATION_ERROR");
        assert_string_not_equal(world_member(reply, "error.details.0.issue"), "-");
    }
    assert_rows("SELECT count(*) FROM signals", "0");
}

/* Buying a strategy's 1 leaves 0.999: the next alert of the same size is no reason to buy the commission back. */
static void a_target_does_not_chase_commissions(void **state) {
    (void)state;
    world_setting("HOOX_TARGET_MISMATCH", "refuse");
    world_alert(TARGET("buy", "long", "0.1") KEYED("a"));
    world_pass(6000);
    const struct hx_sim_exchange *reply = world_alert(TARGET("buy", "long", "0.1") KEYED("b"));
    assert_string_equal(world_member(reply, "status"), "nothing_to_do");
    world_pass(6000);
    reply = world_alert(TARGET(
        "buy", "long",
        "0.2") ",\"prev_market_position\":\"long\","
               "\"prev_market_position_size\":\"0.1\"" KEYED("c"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.1");
    world_pass(6000);
    reply = world_alert(TARGET("sell", "long", "0.05") KEYED("d"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.15");
    assert_rows("SELECT quantity FROM positions", "0.0498");
    world_pass(6000);
    reply = world_alert(TARGET("sell", "flat", "0") KEYED("e"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.0498");
    check_balance();
}

/* The owner moved coins away: the ledger follows. He added some: they stay his, whoever asks. */
static void only_less_is_taken_over(void **state) {
    (void)state;
    world_alert(BUY("0.1") KEYED("in"));
    venue.base = world_dec("0.05");
    world_pass(6000);
    const struct hx_sim_exchange *reply = world_alert(CLOSE KEYED("out"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.05");
    assert_rows("SELECT quantity, cost FROM positions", "0|0");
    assert_rows("SELECT count(*) FROM system_logs WHERE message = 'position drift'", "1");
    check_balance();

    world_alert(BUY("0.1") KEYED("in2"));
    venue.base = double_add(venue.base, world_dec("3"));
    world_pass(6000);
    reply = world_command(HX_HTTP_METHOD_POST, "/v1/trade", "{" CLOSE "}");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.0999");
    assert_string_equal(world_format(venue.base), "3");
    assert_rows("SELECT quantity FROM positions", "0");
    /* With nothing of ours there is nothing to ask. */
    uint32_t questions = venue.questions;
    world_pass(6000);
    reply = world_command(HX_HTTP_METHOD_POST, "/v1/trade", "{" CLOSE KEYED("own") "}");
    assert_string_equal(world_member(reply, "status"), "nothing_to_do");
    assert_int_equal(venue.questions, questions);
    assert_string_equal(world_format(venue.base), "3");
}

/* Less than can be sold was left elsewhere: the round trip is over. Dust that leaves is none. */
static void dust_left_elsewhere_is_no_trade(void **state) {
    (void)state;
    world_alert(BUY("0.1") KEYED("in"));
    venue.base = world_dec("0.000004");
    world_pass(6000);
    assert_string_equal(world_member(world_alert(CLOSE KEYED("out")), "status"), "nothing_to_do");
    assert_rows("SELECT quantity, trade_id FROM positions", "0.000004|");
    assert_rows("SELECT count(*), sum(closed_ms IS NULL) FROM trades", "1|0");
    venue.base = world_dec("0.000001");
    world_pass(6000);
    assert_string_equal(world_member(world_alert(CLOSE KEYED("out2")), "status"), "nothing_to_do");
    assert_rows("SELECT quantity, trade_id FROM positions", "0.000001|");
    assert_rows("SELECT count(*) FROM trades", "1");
}

/* Two sales of the same coins would sell the owner's: an exit takes the resting one back first. */
static void a_resting_sale_makes_way_for_an_exit(void **state) {
    (void)state;
    world_alert(BUY("0.1") KEYED("in"));
    venue.base = double_add(venue.base, world_dec("1"));
    world_pass(6000);
    world_alert(
        "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"orderType\":\"limit\",\"price\":\"70000\"" SPOT KEYED(
            "profit"));
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled open");
    world_pass(6000);
    assert_string_equal(world_member(world_alert(CLOSE KEYED("out")), "status"), "filled");
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled canceled filled");
    double_price("80000");
    assert_string_equal(world_format(venue.base), "1");
    assert_rows("SELECT quantity FROM positions", "0");
}

static void an_exit_passes_the_kill_switch(void **state) {
    (void)state;
    world_alert(BUY("0.1") KEYED("in"));
    world_set("trade:kill_switch", "reduce");
    world_pass(6000);
    assert_int_equal(world_alert(BUY("0.1") KEYED("more"))->status, 403);
    assert_string_equal(world_member(world_alert(SELL("0.05") KEYED("sell")), "status"), "filled");
    world_pass(6000);
    assert_string_equal(world_member(world_alert(CLOSE KEYED("out")), "status"), "filled");
    check_balance();
}

/* A buy and a sale of the same symbol in two markets are two positions in one lane. */
static void markets_are_kept_apart(void **state) {
    (void)state;
    world_alert(BUY("0.1") KEYED("spot"));
    venue.traits.spot = false;
    venue.buy_fee_asset = "USDT";
    world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.2\"" KEYED("futures"));
    assert_rows("SELECT market, quantity FROM positions ORDER BY market", "futures|0.2 spot|0.0999");
    venue.net_quantity = world_dec("0.2");
    world_pass(6000);
    const struct hx_sim_exchange *reply = world_alert("\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\"" KEYED("out"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.2");
    assert_true(double_last()->request.reduce_only);
    assert_rows("SELECT market, quantity FROM positions ORDER BY market", "futures|0 spot|0.0999");
}

#define spot_test(function) cmocka_unit_test_setup(function, spot_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        spot_test(a_round_trip_pays_its_commission_in_the_coin),
        spot_test(dust_ends_the_round_trip_and_joins_the_next),
        spot_test(dust_is_measured_in_value_too),
        spot_test(fills_in_parts_add_up),
        spot_test(a_plain_sell_sells_at_most_what_is_held),
        spot_test(shorts_are_refused_at_the_door),
        spot_test(a_target_does_not_chase_commissions),
        spot_test(only_less_is_taken_over),
        spot_test(dust_left_elsewhere_is_no_trade),
        spot_test(a_resting_sale_makes_way_for_an_exit),
        spot_test(an_exit_passes_the_kill_switch),
        spot_test(markets_are_kept_apart),
    };
    return world_run(tests);
}
