/* Goal: an order that the venue has shown once is never sent again and never given up, whatever the venue says of it
 * later. Method: a futures account at the client's interface (venue_double.h) whose answers get lost, whose fills are
 * late and which denies orders that it has; orders at the venue are counted, and the books compared when it tells
 * again. */
#include "test/app/venue_double.h"

static void check_one_order_of(const char *held) {
    assert_int_equal(venue.order_count, 1);
    assert_string_equal(world_format(venue.net_quantity), held);
    assert_rows("SELECT status, executed_quantity FROM orders", "filled|0.01");
    assert_rows("SELECT quantity FROM positions", held);
    assert_rows("SELECT count(*) FROM fills", "1");
}

/* Filled, it says, but not how; and an hour later it does not know the order. */
static void an_executed_order_is_not_sent_again(void **state) {
    (void)state;
    venue.hides_fills = true;
    assert_int_equal(world_alert(LONG_BTC)->status, 202);
    world_pass(5 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals", "unknown");
    venue.hides_orders_for = UINT32_MAX;
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(venue.order_count, 1);
    assert_rows("SELECT status FROM signals", "unknown");
    venue.hides_orders_for = 0;
    venue.hides_fills = false;
    world_pass(10 * HX_MS_PER_MINUTE);
    check_one_order_of("0.01");
}

/* Its answer is lost; asked, it shows the order being matched, and then no more. */
static void an_order_seen_once_is_not_sent_again(void **state) {
    (void)state;
    venue.loses_answers = venue.matches_late = true;
    venue.hides_orders_after = 1;
    venue.hides_orders_for = UINT32_MAX;
    assert_int_equal(world_alert(LONG_BTC)->status, 202);
    venue.loses_answers = venue.matches_late = false;
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(venue.order_count, 1);
    assert_rows("SELECT status FROM signals", "unknown");
    double_match(0);
    venue.hides_orders_for = 0;
    world_pass(10 * HX_MS_PER_MINUTE);
    check_one_order_of("0.01");
}

/* The answer to a market order comes before it is matched: it does not rest, and is asked for. */
static void an_order_answered_before_it_is_matched_is_filled(void **state) {
    (void)state;
    venue.matches_late = true;
    uint32_t alert = world_send_alert(LONG_BTC, NULL);
    world_pass(300);
    assert_rows("SELECT status FROM orders", "intent");
    double_match(0);
    const struct hx_sim_exchange *reply = world_await(alert);
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.01");
    check_one_order_of("0.01");
}

/* What was never seen is sent again, once its absence is proven. */
static void an_order_that_never_was_is_sent_again(void **state) {
    (void)state;
    venue.loses_answers = true;
    venue.hides_orders_for = UINT32_MAX;
    world_send_alert(LONG_BTC, NULL);
    world_pass(HX_MS_PER_SECOND);
    assert_int_equal(venue.order_count, 1);
    venue.order_count = venue.fill_count = 0; /* It did not arrive. */
    venue.net_quantity = HX_DEC_ZERO;
    venue.loses_answers = false;
    venue.hides_orders_for = 0;
    world_pass(HX_MS_PER_MINUTE);
    check_one_order_of("0.01");
}

/* An order that rests is denied for a moment: it is not taken for one that the venue has put away. */
static void a_resting_order_denied_for_a_moment_still_rests(void **state) {
    (void)state;
    world_alert(LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"49000\"");
    world_pass(2 * HX_MS_PER_MINUTE);
    for (uint32_t denials = 1; denials <= 3; denials++) {
        venue.hides_orders_for = denials;
        world_pass(2 * HX_MS_PER_MINUTE);
        assert_int_equal(venue.hides_orders_for, 0);
        assert_rows("SELECT status FROM orders", "open");
    }
    double_price("48900");
    world_pass(2 * HX_MS_PER_MINUTE);
    check_one_order_of("0.01");
}

#define futures_test(name) cmocka_unit_test_setup(name, futures_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        futures_test(an_executed_order_is_not_sent_again),
        futures_test(an_order_seen_once_is_not_sent_again),
        futures_test(an_order_answered_before_it_is_matched_is_filled),
        futures_test(an_order_that_never_was_is_sent_again),
        futures_test(a_resting_order_denied_for_a_moment_still_rests),
    };
    return world_run(tests);
}
