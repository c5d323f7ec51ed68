/* Goal: in hedge mode hoox trades one side at a time and leaves the owner's other side alone: every order names its
 * side, and the ledger is compared with that side, never with the difference of the two. Method: signals into the world
 * with a futures account at the client's interface (venue_double.h) that asserts that no side is sold below nothing;
 * requests, rows and both sides are compared. */
#include "test/app/venue_double.h"

static int hedge_reset(void **state) {
    int failed = futures_reset(state);
    venue.hedged = true;
    return failed;
}

static void assert_sides(const char *longs, const char *shorts) {
    assert_string_equal(world_format(venue.long_quantity), longs);
    assert_string_equal(world_format(venue.short_quantity), shorts);
}

static void assert_position(const char *quantity) {
    assert_rows("SELECT quantity FROM positions", quantity);
}

/* The owner's own trade at the exchange. */
static void by_hand(hx_dec *side, const char *change) {
    *side = double_add(*side, world_dec(change));
}

static const struct hx_sim_exchange *by_owner(const char *fields) {
    char body[400];
    snprintf(body, sizeof(body), "{%s}", fields);
    return world_command(HX_HTTP_METHOD_POST, "/v1/trade", body);
}

static void each_side_is_opened_and_closed_by_itself(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("a"));
    assert_int_equal(double_last()->request.position_side, HX_POSITION_LONG);
    assert_sides("0.01", "0");
    world_pass(6000);
    world_alert("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.004\"" KEYED("b"));
    assert_int_equal(double_last()->request.position_side, HX_POSITION_LONG);
    assert_int_equal(double_last()->request.side, HX_SIDE_SELL);
    assert_sides("0.006", "0");
    world_pass(6000);
    world_alert(CLOSE_BTC KEYED("c"));
    assert_sides("0", "0");
    assert_position("0");
    world_pass(6000);
    world_alert(SHORT_BTC KEYED("d"));
    assert_int_equal(double_last()->request.position_side, HX_POSITION_SHORT);
    assert_int_equal(double_last()->request.side, HX_SIDE_SELL);
    assert_sides("0", "0.01");
    world_pass(6000);
    world_alert("\"action\":\"CLOSE_SHORT\",\"symbol\":\"BTCUSDT\"" KEYED("e"));
    assert_int_equal(double_last()->request.position_side, HX_POSITION_SHORT);
    assert_int_equal(double_last()->request.side, HX_SIDE_BUY);
    assert_sides("0", "0");
    assert_position("0");
}

static void a_flip_closes_one_side_and_opens_the_other(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("a"));
    world_pass(6000);
    const struct hx_sim_exchange *reply = world_alert(SHORT_BTC KEYED("b"));
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_int_equal(venue.order_count, 3);
    assert_int_equal(venue.orders[1].request.position_side, HX_POSITION_LONG);
    assert_int_equal(venue.orders[1].request.side, HX_SIDE_SELL);
    assert_int_equal(venue.orders[2].request.position_side, HX_POSITION_SHORT);
    assert_int_equal(venue.orders[2].request.side, HX_SIDE_SELL);
    assert_sides("0", "0.01");
    assert_position("-0.01");
    world_pass(6000);
    world_alert(LONG_BTC KEYED("c"));
    assert_sides("0.01", "0");
    assert_position("0.01");
}

/* The owner is short by hand; netted with our long that would look as if nothing, or the opposite, were there. */
static void the_owners_other_side_is_left_alone(void **state) {
    (void)state;
    by_hand(&venue.short_quantity, "0.05");
    world_alert(LONG_BTC KEYED("a"));
    world_pass(6000);
    const struct hx_sim_exchange *reply = world_alert(CLOSE_BTC KEYED("b"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.01");
    assert_sides("0", "0.05");
    assert_position("0");
    assert_rows("SELECT count(*) FROM system_logs WHERE message = 'position drift'", "0");
    world_pass(6000);
    world_alert(SHORT_BTC KEYED("c"));
    by_hand(&venue.long_quantity, "1");
    world_pass(6000);
    reply = world_alert(CLOSE_BTC KEYED("d"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.01");
    assert_sides("1", "0.05");
    assert_position("0");
}

static void what_left_our_side_is_taken_over(void **state) {
    (void)state;
    by_hand(&venue.short_quantity, "0.05");
    world_alert(LONG_BTC KEYED("a"));
    by_hand(&venue.long_quantity, "-0.007");
    world_pass(6000);
    const struct hx_sim_exchange *reply = world_alert(CLOSE_BTC KEYED("b"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.003");
    assert_sides("0", "0.05");
    assert_position("0");
    world_alert(SHORT_BTC KEYED("c"));
    venue.short_quantity = HX_DEC_ZERO;
    by_hand(&venue.long_quantity, "2");
    world_pass(6000);
    assert_string_equal(world_member(world_alert(CLOSE_BTC KEYED("d")), "status"), "nothing_to_do");
    assert_sides("2", "0");
    assert_position("0");
}

/* More than the ledger has is the owner's; his own command takes it, on the side that is meant. */
static void the_owner_closes_the_side_he_names(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("a"));
    by_hand(&venue.long_quantity, "0.02");
    by_hand(&venue.short_quantity, "0.05");
    world_pass(6000);
    const struct hx_sim_exchange *reply = by_owner(CLOSE_BTC KEYED("all"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.03");
    assert_sides("0", "0.05");
    assert_position("0");
    world_pass(6000);
    /* The ledger is flat: the short is all there is. */
    reply = by_owner(CLOSE_BTC KEYED("rest"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.05");
    assert_int_equal(double_last()->request.position_side, HX_POSITION_SHORT);
    assert_sides("0", "0");
    assert_position("0");
    by_hand(&venue.long_quantity, "0.02");
    by_hand(&venue.short_quantity, "0.05");
    world_pass(6000);
    reply = by_owner(CLOSE_BTC KEYED("which"));
    assert_int_equal(reply->status, 422);
    assert_string_equal(world_member(reply, "error.message"),
                        "a long and a short are open (hedge mode): say CLOSE_LONG or CLOSE_SHORT");
    reply = by_owner("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\"");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.02");
    assert_sides("0", "0.05");
    world_pass(6000);
    by_hand(&venue.long_quantity, "0.02");
    reply = by_owner("\"action\":\"CLOSE_SHORT\",\"symbol\":\"BTCUSDT\"");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.05");
    assert_sides("0.02", "0");
    assert_position("0");
}

/* An alert never closes what it did not open. */
static void an_alert_leaves_a_flat_ledger_flat(void **state) {
    (void)state;
    by_hand(&venue.long_quantity, "0.02");
    assert_string_equal(world_member(world_alert(CLOSE_BTC KEYED("a")), "status"), "nothing_to_do");
    assert_int_equal(venue.order_count, 0);
    assert_sides("0.02", "0");
}

static void in_one_way_mode_no_side_is_named(void **state) {
    (void)state;
    venue.hedged = false;
    world_alert(LONG_BTC KEYED("a"));
    assert_int_equal(double_last()->request.position_side, HX_POSITION_NET);
    world_pass(6000);
    world_alert(SHORT_BTC KEYED("b"));
    assert_int_equal(double_last()->request.position_side, HX_POSITION_NET);
    assert_string_equal(world_format(venue.net_quantity), "-0.01");
    assert_position("-0.01");
}

#define hedge_test(function) cmocka_unit_test_setup(function, hedge_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        hedge_test(each_side_is_opened_and_closed_by_itself), hedge_test(a_flip_closes_one_side_and_opens_the_other),
        hedge_test(the_owners_other_side_is_left_alone),      hedge_test(what_left_our_side_is_taken_over),
        hedge_test(the_owner_closes_the_side_he_names),       hedge_test(an_alert_leaves_a_flat_ledger_flat),
        hedge_test(in_one_way_mode_no_side_is_named),
    };
    return world_run(tests);
}
