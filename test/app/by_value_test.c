/* Goal: where market buys are given as an amount of quote, the amount is the signal's own or what its quantity is
 * worth, the limit on orders holds for it, and what comes of it counts as filled however much it is. Method: signals
 * into the world with a spot account at the client's interface (venue_double.h) whose price moves between the question
 * for it and the order; the request, rows and balances are compared. */
#include "test/app/venue_double.h"

#define SPOT ",\"market\":\"spot\""
#define BUY(quantity) "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"" quantity "\"" SPOT
#define SPEND(amount) BUY(amount) ",\"quantityType\":\"quote\""
#define CLOSE "\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\"" SPOT
#define TARGET(size) \
    "\"action\":\"buy\",\"ticker\":\"BTCUSDT\",\"market_position\":\"long\",\"position_size\":\"" size "\"" SPOT

static int by_value_reset(void **state) {
    int failed = spot_reset(state);
    venue.traits.market_buy_in_quote = true;
    venue.rules.quote_step = world_dec("0.01");
    venue.buy_fee_asset = "USDT";
    return failed;
}

/* The account's price, while the venue still says 50000. */
static void fills_at(const char *price) {
    venue.price = world_dec(price);
}

static void assert_spent(const char *amount) {
    assert_string_equal(world_format(double_last()->request.quote_quantity), amount);
}

static void check_balance(void) {
    assert_rows("SELECT quantity FROM positions", world_format(venue.base));
}

static void an_amount_is_spent_as_given(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_alert(SPEND("1234.56") KEYED("a"));
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.02469");
    assert_spent("1234.56");
    check_balance();
    /* More digits than the venue takes are cut. */
    world_alert(SPEND("100.009") KEYED("b"));
    assert_spent("100");
}

static void a_quantity_is_bought_for_what_it_is_worth(void **state) {
    (void)state;
    fills_at("50500");
    const struct hx_sim_exchange *reply = world_alert(BUY("0.1") KEYED("dearer"));
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.099");
    assert_spent("5000");
    check_balance();
    fills_at("49500");
    reply = world_alert(BUY("0.1") KEYED("cheaper"));
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.10101");
    check_balance();
    world_pass(6000);
    /* A sale is in the coin, and all of what there is. */
    reply = world_alert(CLOSE KEYED("out"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.20001");
    assert_spent("0");
    assert_rows("SELECT closed_ms IS NULL FROM trades", "0");
}

static void the_limit_is_about_the_amount(void **state) {
    (void)state;
    world_kv("trade:max_order_notional", "1000");
    const struct hx_sim_exchange *reply = world_alert(SPEND("1000.4") KEYED("a"));
    assert_int_equal(reply->status, 400);
    assert_string_equal(world_member(reply, "error.details.0.field"), "quantity");
    assert_int_equal(world_alert(SPEND("1000") KEYED("b"))->status, 200);
    /* Whatever the price does meanwhile, no more than that is spent. */
    fills_at("60000");
    assert_int_equal(world_alert(BUY("0.02") KEYED("c"))->status, 200);
    assert_spent("1000");
    assert_int_equal(world_alert(BUY("0.02001") KEYED("d"))->status, 400);
}

/* Venues end an order by amount with a rest that buys nothing any more; that is all of it. */
static void a_rest_too_small_to_spend_is_none(void **state) {
    (void)state;
    venue.ends_after = world_dec("0.01999");
    const struct hx_sim_exchange *reply = world_alert(SPEND("1000") KEYED("a"));
    assert_string_equal(world_member(reply, "status"), "partially_filled");
    venue.ends_after = world_dec("0.01998");
    fills_at("50040");
    reply = world_alert(SPEND("1000") KEYED("b"));
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.01998");
    check_balance();
}

/* What the price made of a target is not corrected with the next alert; more of it still is bought. */
static void a_target_is_met_as_nearly_as_can_be(void **state) {
    (void)state;
    fills_at("50400");
    world_alert(TARGET("0.1") KEYED("a"));
    assert_rows("SELECT quantity FROM positions", "0.0992");
    world_pass(6000);
    assert_string_equal(world_member(world_alert(TARGET("0.1") KEYED("b")), "status"), "nothing_to_do");
    world_pass(6000);
    fills_at("50000");
    world_alert(TARGET("0.2") KEYED("c"));
    assert_rows("SELECT quantity FROM positions", "0.2");
    check_balance();
}

/* Without a price nothing is bought. */
static void without_a_price_it_waits(void **state) {
    (void)state;
    venue.mark_price = HX_DEC_ZERO;
    assert_int_equal(world_alert(BUY("0.1") KEYED("a"))->status, 202);
    assert_int_equal(venue.order_count, 0);
    venue.mark_price = world_dec("50000");
    world_pass(31000);
    assert_rows("SELECT status FROM signals", "filled");
}

#define by_value_test(function) cmocka_unit_test_setup(function, by_value_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        by_value_test(an_amount_is_spent_as_given),         by_value_test(a_quantity_is_bought_for_what_it_is_worth),
        by_value_test(the_limit_is_about_the_amount),       by_value_test(a_rest_too_small_to_spend_is_none),
        by_value_test(a_target_is_met_as_nearly_as_can_be), by_value_test(without_a_price_it_waits),
    };
    return world_run(tests);
}
