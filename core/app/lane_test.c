/* Goal: a lane works in order of acceptance, whatever waits at its head, and its wake-ups neither get lost nor breed.
 * Method: lanes with a venue that refuses for a while, with resting orders, and with wake-ups lost and doubled; what
 * left for the venue, and how often it was asked, is counted. Covers lane.c. */
#include "test/app/world.h"

#define LIMIT_LOW LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"59000\""

static void close_then_open_never_overtake(void **state) {
    (void)state;
    world_begin();
    world_alert(LONG_BTC KEYED("open"));
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE, .match = "order", .count = 1, .delay_ms = 900});
    uint32_t exit = world_send_alert(CLOSE_BTC KEYED("exit"), NULL);
    world_pass(100);
    uint32_t entry = world_send_alert(SHORT_BTC KEYED("entry"), NULL);
    assert_int_equal(world_await(entry)->status, 200);
    assert_int_equal(world_find(exit)->status, 200);
    assert_rows(
        "SELECT s.idempotency_key, o.purpose, o.side FROM orders o JOIN signals s ON s.id = o.signal_id "
        "ORDER BY o.created_ms",
        "open|open|buy exit|close|sell entry|open|sell");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
    world_check_books();
}

static void a_parked_head_blocks_its_lane_and_no_other(void **state) {
    (void)state;
    world_begin();
    world_fault(
        &(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order", .symbol = "BTCUSDT", .count = 1});
    assert_int_equal(world_alert(LONG_BTC KEYED("head"))->status, 202);
    assert_int_equal(world_alert(LONG_BTC KEYED("behind"))->status, 202);
    assert_int_equal(world_alert(LONG_ETH KEYED("beside"))->status, 200);
    assert_rows("SELECT status FROM signals ORDER BY seq", "queued accepted filled");
    world_pass(35 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled filled");
    assert_rows("SELECT s.seq FROM orders o JOIN signals s ON s.id = o.signal_id ORDER BY o.finished_ms", "3 1 2");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.02");
    world_check_books();
}

/* An exit does not sit out the pause of an entry before it, and the entry must not come after it. */
static void an_exit_ends_the_entry_that_waits_before_it(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("held"));
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0);
    assert_int_equal(world_alert(LONG_BTC KEYED("entry"))->status, 202);
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC KEYED("exit"));
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "result.executedQty"), "0.01");
    assert_rows("SELECT status, reason FROM signals ORDER BY seq", "filled| superseded|SUPERSEDED filled|");
    assert_rows("SELECT status, finished_ms IS NOT NULL FROM orders ORDER BY created_ms", "filled|1 failed|1 filled|1");
    const struct hx_sim_exchange *entry = world_alert(LONG_BTC KEYED("entry"));
    assert_int_equal(entry->status, 409);
    assert_string_equal(world_member(entry, "error.code"), "SUPERSEDED");
    world_pass(HX_MS_PER_HOUR);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%SUPERSEDED%'", "1");
    world_check_books();
}

/* Nor does one exit sit out the pause of another. */
static void an_exit_wakes_the_exit_before_it(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("held"));
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0);
    assert_int_equal(world_alert(CLOSE_BTC KEYED("first"))->status, 202);
    const struct hx_sim_exchange *second = world_alert(CLOSE_BTC KEYED("second"));
    assert_string_equal(world_member(second, "status"), "nothing_to_do");
    assert_rows("SELECT status, tries FROM signals ORDER BY seq", "filled|0 filled|1 nothing_to_do|0");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

/* A wake-up far off does not stand for one that is needed sooner, even if no tick comes by. */
static void the_nearest_wake_up_counts(void **state) {
    (void)state;
    world.config.no_ticks = true;
    world_setting("HOOX_RETRY_SCHEDULE", "30,200");
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 3, 0);
    assert_int_equal(world_alert(LONG_BTC KEYED("far"))->status, 202);
    world_pass(40 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, tries FROM signals", "queued|2");
    assert_int_equal(world_queue(0, "drop")->status, 200);
    assert_int_equal(world_alert(LONG_BTC KEYED("near"))->status, 202);
    world_pass(32 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals ORDER BY seq", "dropped filled");
}

/* An entry whose order may be at the venue is resolved first, and then closed. */
static void an_exit_waits_for_an_entry_that_may_be_there(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_NET_DROP_REPLY, 1, 0);
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "query", .count = 30});
    world_send_alert(LONG_BTC KEYED("entry"), NULL);
    world_pass(500);
    world_send_alert(CLOSE_BTC KEYED("exit"), NULL);
    world_pass(5 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_int_equal(hx_lab_order_count(world_lab()), 2);
    world_check_books();
}

/* The wake-up is volatile: after a crash the tick finds what is due. */
static void a_parked_signal_survives_its_wake_up(void **state) {
    (void)state;
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order", .count = 1});
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 202);
    world_crash(1000);
    world_pass(20 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, tries FROM signals", "queued|1");
    world_pass(12 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, tries FROM signals", "filled|1");
    world_check_books();
}

static uint32_t asked_for_orders(void) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < world.wire_count; i++) {
        count +=
            world.wire[i].method == HX_HTTP_METHOD_GET && strncmp(world.wire[i].target, "/fapi/v1/order?", 15) == 0;
    }
    return count;
}

static void a_resting_order_is_followed_until_it_fills(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_alert(LIMIT_LOW KEYED("k"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "resting");
    assert_string_equal(world_member(reply, "result.status"), "NEW");
    world_pass(20 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, executed_quantity FROM orders", "open|0");
    world_price("BTCUSDT", "58900");
    world_pass(70 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, executed_quantity, average_price FROM orders", "filled|0.01|59000");
    assert_rows("SELECT status FROM signals", "resting");
    assert_rows("SELECT count(*) FROM outbox", "2");
    const char *notice = world_rows("SELECT payload FROM outbox ORDER BY id DESC LIMIT 1");
    assert_string_equal(world_json(hx_str_from_c(notice), "status"), "filled");
    assert_string_equal(world_json(hx_str_from_c(notice), "result.executedQty"), "0.01");
    assert_string_equal(world_json(hx_str_from_c(notice), "symbol"), "BTCUSDT");
    world_check_books();
    /* Once it has ended, nobody asks any more. */
    uint32_t asked = asked_for_orders();
    world_pass(10 * HX_MS_PER_MINUTE);
    assert_int_equal(asked_for_orders(), asked);
}

/* First five seconds apart, once a minute in the end, and no more with every wake-up that comes by. */
static void a_resting_order_is_asked_for_sparingly(void **state) {
    (void)state;
    world_alert(LIMIT_LOW KEYED("k"));
    world_pass(30 * HX_MS_PER_SECOND);
    assert_in_range(asked_for_orders(), 4, 7);
    world_pass(HX_MS_PER_HOUR);
    uint32_t asked = asked_for_orders();
    assert_in_range(asked, 70, 130);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(world_queue(0, "retry")->status, 409); /* It wakes the lane all the same. */
        world_pass(1500);
    }
    assert_in_range(asked_for_orders() - asked, 1, 3);
    world_pass(HX_MS_PER_HOUR);
    assert_in_range(asked_for_orders() - asked, 50, 66);
}

static void an_exit_takes_resting_entries_back(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("held"));
    assert_string_equal(world_member(world_alert(LIMIT_LOW KEYED("rests")), "status"), "resting");
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC KEYED("exit"));
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "result.executedQty"), "0.01");
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled canceled filled");
    world_price("BTCUSDT", "58000");
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

/* A limit order filled in part, which an exit cancels: its part is closed with the rest. */
static void a_partly_filled_entry_is_taken_back_and_closed(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_PARTIAL, 1, 400);
    const struct hx_sim_exchange *entry =
        world_alert(LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"60100\"" KEYED("k"));
    assert_string_equal(world_member(entry, "status"), "resting");
    assert_string_equal(world_member(entry, "result.status"), "PARTIALLY_FILLED");
    assert_string_equal(world_member(entry, "result.executedQty"), "0.004");
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC KEYED("exit"));
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "result.executedQty"), "0.004");
    assert_rows("SELECT status, executed_quantity FROM orders ORDER BY created_ms",
                "partially_filled|0.004 filled|0.004");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

/* Its fills come in two parts, minutes apart: the first are not counted twice. */
static void fills_of_a_resting_order_are_counted_once(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_PARTIAL, 1, 400);
    world_alert(LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"60100\"" KEYED("k"));
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "open|0.004");
    world_price("BTCUSDT", "60000");
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "filled|0.01");
    assert_rows("SELECT quantity, version FROM positions", "0.01|2");
    assert_rows("SELECT opened_quantity, closed_ms FROM trades", "0.01|null");
    world_check_books();
}

/* More is filled between the order's answer and the question for its fills: no reason to be uncertain. */
static void fills_may_run_ahead_of_the_report(void **state) {
    (void)state;
    world_begin();
    world_fault(
        &(struct hx_lab_fault){.kind = HX_LAB_FAULT_PARTIAL, .match = "order", .count = 1, .fill_permille = 400});
    const struct hx_sim_exchange *entry = world_alert(LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"60100\"");
    assert_int_equal(entry->status, 200);
    assert_true(entry->answered_ms - entry->sent_ms < 1000);
    assert_string_equal(world_member(entry, "result.executedQty"), "0.01");
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "filled|0.01");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%unknown%'", "0");
    world_check_books();
}

/* Cancelled at the exchange by hand: the ledger follows, and the owner is told. */
static void an_order_cancelled_elsewhere_is_noticed(void **state) {
    (void)state;
    world_alert(LIMIT_LOW KEYED("k"));
    world_pass(2000);
    world_cancel_by_hand("BTCUSDT");
    world_pass(60 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, finished_ms IS NOT NULL FROM orders", "canceled|1");
    const char *notice = world_rows("SELECT payload FROM outbox ORDER BY id DESC LIMIT 1");
    assert_string_equal(world_json(hx_str_from_c(notice), "status"), "canceled");
}

/* Every wake-up delivered three times, or not at all. */
static void wake_ups_may_be_doubled_or_lost(void **state) {
    (void)state;
    const enum hx_sim_fault_kind kinds[] = {HX_SIM_FAULT_DUPLICATE, HX_SIM_FAULT_LOSE, HX_SIM_FAULT_LATE};
    for (size_t i = 0; i < 3; i++) {
        world_reset(NULL);
        world.config.fault_chance[kinds[i]] = 65535;
        world_begin();
        world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order", .count = 2});
        world_alert(LONG_BTC KEYED("a"));
        world_alert(LIMIT_LOW KEYED("b"));
        world_pass(5 * HX_MS_PER_MINUTE);
        hx_sim_set_faults(world.sim, false);
        world_pass(5 * HX_MS_PER_MINUTE);
        assert_rows("SELECT status FROM signals ORDER BY seq", "filled resting");
        assert_int_equal(world_orders_sent(), 4);
        world_check_books();
    }
}

/* A head that can't be worked on at all is told of once, kept, and looked at again; the rest of the lane waits. */
static void a_head_that_cannot_be_worked_on_is_told_once(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("first"));
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REQUEST, .match = "any", .count = -1, .hold_ms = 0});
    uint32_t first = world_send_alert(LONG_BTC KEYED("second"), NULL);
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_int_equal(world_find(first)->status, 202);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled unknown");
    assert_rows("SELECT count(*) FROM outbox WHERE subject = (SELECT id FROM signals WHERE seq = 2)", "1");
    hx_lab_clear_faults(world_lab());
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled");
    world_check_books();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(close_then_open_never_overtake),
        world_test(a_parked_head_blocks_its_lane_and_no_other),
        world_test(an_exit_ends_the_entry_that_waits_before_it),
        world_test(an_exit_wakes_the_exit_before_it),
        world_test(the_nearest_wake_up_counts),
        world_test(an_exit_waits_for_an_entry_that_may_be_there),
        world_test(a_parked_signal_survives_its_wake_up),
        world_test(a_resting_order_is_followed_until_it_fills),
        world_test(a_resting_order_is_asked_for_sparingly),
        world_test(an_exit_takes_resting_entries_back),
        world_test(a_partly_filled_entry_is_taken_back_and_closed),
        world_test(fills_of_a_resting_order_are_counted_once),
        world_test(fills_may_run_ahead_of_the_report),
        world_test(an_order_cancelled_elsewhere_is_noticed),
        world_test(wake_ups_may_be_doubled_or_lost),
        world_test(a_head_that_cannot_be_worked_on_is_told_once),
    };
    return world_run(tests);
}
