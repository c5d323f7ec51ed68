/* Goal: an order is at the venue once or not at all, whatever answer its sending got, and its row says which (DESIGN
 * 2.6). Method: for each thing that can become of the request, at the venue and on the way, one alert, then the
 * venue's own count of orders, the row's attempts and the time it took. Covers order.c. */
#include "core/trade/attempt.h"
#include "test/app/world.h"

static uint32_t orders_at_venue(void) {
    return hx_lab_order_count(world_lab());
}

/* One long with its first sending in that trouble; quiet again, its row must be filled by that attempt. */
static void ends_filled(enum hx_sim_fault_kind kind, int64_t argument, uint32_t attempt) {
    world_reset(NULL);
    world_begin();
    world_trouble(kind, 1, argument);
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
    assert_in_range(reply->status, 200, 202);
    world_pass(2 * HX_MS_PER_MINUTE);
    char expected[32];
    snprintf(expected, sizeof(expected), "filled|%u", attempt);
    assert_rows("SELECT status, attempt FROM orders", expected);
    assert_rows("SELECT status FROM signals", "filled");
    assert_int_equal(orders_at_venue(), 1);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 200);
    world_check_books();
}

/* The venue has it: it is found and taken over, not sent again. */
static void what_arrived_is_adopted(void **state) {
    (void)state;
    ends_filled(HX_SIM_FAULT_NET_DROP_REPLY, 0, 1);
    ends_filled(HX_SIM_FAULT_NET_LATE_REPLY, 12000, 1);
    ends_filled(HX_SIM_FAULT_NET_LATE_REQUEST, 1500, 1);
    ends_filled(HX_SIM_FAULT_VENUE_503_UNKNOWN, 0, 1);
    ends_filled(HX_SIM_FAULT_VENUE_500, 0, 1);
    ends_filled(HX_SIM_FAULT_VENUE_TIMEOUT, 0, 1);
    for (int64_t variant = 0; variant < 3; variant++) ends_filled(HX_SIM_FAULT_VENUE_GARBAGE, variant, 1);
}

/* The venue does not have it: sent a second time, once, after the proof. */
static void what_is_proven_absent_is_sent_once_more(void **state) {
    (void)state;
    ends_filled(HX_SIM_FAULT_NET_DROP_REQUEST, 0, 2);
    ends_filled(HX_SIM_FAULT_NET_SILENCE, 0, 2);
    ends_filled(HX_SIM_FAULT_NET_LATE_REQUEST, 35000, 2);
    ends_filled(HX_SIM_FAULT_VENUE_503_UNKNOWN, 1, 2);
    ends_filled(HX_SIM_FAULT_VENUE_500, 1, 2);
    ends_filled(HX_SIM_FAULT_VENUE_TIMEOUT, 1, 2);
}

static void the_second_attempt_waits_for_the_proof(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_NET_DROP_REQUEST, 1, 0);
    uint32_t call = world_send_alert(LONG_BTC KEYED("k"), NULL);
    world_pass(20 * HX_MS_PER_SECOND);
    assert_int_equal(world_find(call)->status, 202);
    assert_int_equal(world_orders_sent(), 2);
    const struct world_wire *first = world_wire_at("/fapi/v1/order", 0), *second = first + 1;
    while (!world_is_order(first)) first++;
    for (second = first + 1; !world_is_order(second);) second++;
    /* Send deadline, receive window, clock slack: below this an absence proves nothing. And one alone is none. */
    const struct hx_account account = {HX_VENUE_BINANCE, HX_MARKET_FUTURES, false};
    const struct hx_venue_guarantees *guarantees = hx_venue_guarantees(&account);
    int64_t proof_ms = hx_attempt_proof_time(guarantees, 2000) + HX_ABSENCES_APART_MS;
    int64_t waited = second->at - first->at;
    assert_in_range(waited, proof_ms - 50, proof_ms + 600);
    world_check_books();
}

/* As after a restart, with the id in the row that the venue gave when it took the order.
 * It is asked for and asked for, the owner is told, and it is never sent again. */
static void what_was_acknowledged_is_never_sent_again(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_NET_DROP_REQUEST, 1, 0);
    world_send_alert(LONG_BTC KEYED("k"), NULL);
    world_pass(1000);
    assert_int_equal(world_orders_sent(), 1);
    world_crash(100);
    world_rows("UPDATE orders SET venue_order_id = '77' RETURNING 1");
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_int_equal(world_orders_sent(), 1);
    assert_rows("SELECT status, attempt, venue_order_id, finished_ms FROM orders", "intent|1|77|null");
    assert_rows("SELECT status FROM signals", "unknown");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%look at the exchange%'", "1");
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(world_orders_sent(), 1);
}

static void an_order_that_becomes_visible_late_is_not_doubled(void **state) {
    (void)state;
    world.config.venue_lookup_lag_ms = 400;
    ends_filled(HX_SIM_FAULT_NET_DROP_REPLY, 0, 1);
}

/* Which words mean that nothing happened is the venue's table; here they lead to the queue, and back. */
static void busy_answers_are_tried_again_later(void **state) {
    (void)state;
    const enum hx_sim_fault_kind kinds[] = {HX_SIM_FAULT_VENUE_BUSY_429, HX_SIM_FAULT_VENUE_503_UNAVAILABLE,
                                            HX_SIM_FAULT_VENUE_503_INTERNAL, HX_SIM_FAULT_VENUE_MAINTENANCE,
                                            HX_SIM_FAULT_VENUE_OVERLOADED};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        world_reset(NULL);
        world_begin();
        world_trouble(kinds[i], 1, 1);
        const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
        assert_int_equal(reply->status, 202);
        assert_rows("SELECT status, attempt FROM orders", "busy|1");
        assert_rows("SELECT status, tries, reply_status FROM signals", "queued|1|202");
        assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 202);
        world_pass(31 * HX_MS_PER_SECOND);
        assert_rows("SELECT status, attempt FROM orders", "filled|2");
        assert_int_equal(orders_at_venue(), 1);
        assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 200);
        world_check_books();
    }
}

/* The times at which orders left, in seconds after the first. */
static void assert_sent_at(const int64_t *seconds, uint32_t count) {
    uint32_t found = 0;
    hx_time first = 0;
    for (uint32_t i = 0; i < world.wire_count; i++) {
        if (!world_is_order(&world.wire[i])) continue;
        if (found == 0) first = world.wire[i].at;
        assert_true(found < count);
        int64_t after = world.wire[i].at - first - seconds[found++] * HX_MS_PER_SECOND;
        assert_in_range(after + 1000, 1000, 3000);
    }
    assert_int_equal(found, count);
}

static void the_schedule_ends_in_failed_and_the_owner_may_retry(void **state) {
    (void)state;
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order", .count = -1});
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 202);
    assert_rows("SELECT message FROM signals", "Service Unavailable. Binance did not execute it. hoox tries again.");
    world_pass(52 * HX_MS_PER_MINUTE);
    const int64_t schedule[] = {0, 30, 90, 390, 1290, 3090};
    assert_sent_at(schedule, 6);
    assert_rows("SELECT status, reason, tries FROM signals", "failed|VENUE_UNAVAILABLE|5");
    assert_rows("SELECT status, attempt, finished_ms IS NOT NULL FROM orders", "failed|6|1");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%VENUE_UNAVAILABLE%'", "1");
    const struct hx_sim_exchange *failed = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(failed->status, 424);
    assert_string_equal(world_member(failed, "error.code"), "VENUE_UNAVAILABLE");
    /* What is over promises nothing: to the caller, in the queue, to the owner. */
    assert_string_equal(world_member(failed, "error.message"), "Service Unavailable. Binance did not execute it.");
    assert_rows("SELECT message FROM signals", "Service Unavailable. Binance did not execute it.");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%tries again%'", "0");
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(world_orders_sent(), 6);
    hx_lab_clear_faults(world_lab());
    assert_int_equal(world_queue(0, "retry")->status, 200);
    world_pass(2000);
    assert_rows("SELECT status, reason FROM signals", "filled|");
    assert_rows("SELECT status, attempt FROM orders", "filled|7");
    assert_int_equal(orders_at_venue(), 1);
    assert_int_equal(world_queue(0, "retry")->status, 409);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 200);
    world_check_books();
}

static void the_venues_wish_to_wait_is_obeyed(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "5,5,5");
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_BUSY_429, 1, 40);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 202);
    world_pass(38 * HX_MS_PER_SECOND);
    assert_int_equal(world_orders_sent(), 1);
    world_pass(10 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals", "filled");
}

/* Ten seconds, where the schedule's first step is thirty. */
static void an_exit_comes_back_when_the_venue_said(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(10 * HX_MS_PER_SECOND);
    world_trouble(HX_SIM_FAULT_VENUE_BUSY_429, 1, 10);
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 202);
    world_pass(9 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals WHERE action = 'CLOSE'", "queued");
    world_pass(3 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals WHERE action = 'CLOSE'", "filled");
    world_check_books();
}

static void without_a_queue_a_busy_venue_is_424_at_once(void **state) {
    (void)state;
    world_kv("webhook:queue_mode", "queue_disabled");
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0);
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(reply->status, 424);
    assert_string_equal(world_member(reply, "error.code"), "VENUE_UNAVAILABLE");
    assert_string_equal(world_member(reply, "error.message"), "Service Unavailable. Binance did not execute it.");
    assert_rows("SELECT status, finished_ms IS NOT NULL FROM orders", "failed|1");
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(world_orders_sent(), 1);
}

static void a_refusal_is_final(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_REJECT, 1, 0);
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(reply->status, 422);
    assert_string_equal(world_member(reply, "error.code"), "VENUE_REJECTED");
    assert_string_equal(world_member(reply, "result.status"), "REJECTED");
    assert_rows("SELECT status, venue_code, length(message) > 10 FROM orders", "rejected|-2019|1");
    assert_rows("SELECT status, reason FROM signals", "rejected|VENUE_REJECTED");
    assert_rows("SELECT count(*) FROM outbox", "1");
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(world_orders_sent(), 1);
}

/* The process dies at every port call of an order's way; whatever was left, there is one order in the end. */
static void a_crash_anywhere_leaves_one_order(void **state) {
    (void)state;
    world_begin();
    uint32_t from = world_points();
    world_alert(LONG_BTC KEYED("k"));
    uint32_t to = world_points();
    bool mortal[400] = {false};
    assert_in_range(to - from, 20, 400);
    for (uint32_t point = from; point < to; point++) {
        mortal[point - from] = hx_sim_fault_applies(HX_SIM_FAULT_CRASH_BEFORE, hx_sim_op_at(world.sim, point));
    }
    for (uint32_t point = from; point < to; point++) {
        if (!mortal[point - from]) continue;
        for (int after = 0; after < 2; after++) {
            world_reset(NULL);
            world_fault_at(point, after ? HX_SIM_FAULT_CRASH_AFTER : HX_SIM_FAULT_CRASH_BEFORE, 300);
            world_begin();
            world_send_alert(LONG_BTC KEYED("k"), NULL);
            world_pass(2000);
            world_alert(LONG_BTC KEYED("k"));
            world_pass(90 * HX_MS_PER_SECOND);
            assert_int_equal(hx_sim_get_counters(world.sim)->crashes, 1);
            assert_int_equal(orders_at_venue(), 1);
            assert_rows("SELECT status FROM signals", "filled");
            world_check_books();
        }
    }
}

/* The intent is durable, and the process dies before it is sent: nobody knows that it was not, so the proof is waited
 * for. */
static void an_intent_that_was_never_sent_is_sent_after_the_proof(void **state) {
    (void)state;
    world_begin();
    world_alert(LONG_BTC KEYED("warm"));
    world_pass(1000);
    uint32_t from = world_points();
    world_alert(LONG_BTC KEYED("k"));
    uint32_t point = from;
    while (hx_sim_op_at(world.sim, point) != HX_OP_DB_BATCH) point++;
    world_reset(NULL);
    world_fault_at(point, HX_SIM_FAULT_CRASH_AFTER, 100);
    world_alert(LONG_BTC KEYED("warm"));
    world_pass(1000);
    world_send_alert(LONG_BTC KEYED("k"), NULL);
    world_pass(500);
    assert_rows("SELECT status, attempt FROM orders ORDER BY created_ms", "filled|1 intent|1");
    world_pass(20 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, attempt FROM orders ORDER BY created_ms", "filled|1 filled|2");
    assert_int_equal(orders_at_venue(), 2);
    world_check_books();
}

/* Point of the last call that made a connection ready before the alert's order left: between intent and sending. */
static uint32_t last_prepare_point(void) {
    world_reset(NULL);
    world_begin();
    world_alert(LONG_BTC KEYED("k"));
    const struct world_wire *order = &world.wire[0];
    while (!world_is_order(order)) order++;
    uint32_t point = order->point - 1;
    while (hx_sim_op_at(world.sim, point) != HX_OP_HTTP_PREPARE) point--;
    return point;
}

/* The deadline passes before a byte has left: that attempt is over, and the next one goes at once. */
static void an_attempt_that_is_late_is_never_sent(void **state) {
    (void)state;
    uint32_t point = last_prepare_point();
    world_reset(NULL);
    world_fault_at(point, HX_SIM_FAULT_DELAY, 2500);
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(reply->status, 202);
    world_pass(3000);
    assert_rows("SELECT status, attempt FROM orders", "filled|2");
    assert_rows("SELECT status, tries FROM signals", "filled|0");
    assert_int_equal(world_orders_sent(), 1);
    world_check_books();
}

/* The switch goes on between intent and sending. */
static void the_kill_switch_holds_at_the_send_point(void **state) {
    (void)state;
    uint32_t point = last_prepare_point();
    world_reset(NULL);
    world_fault_at(point, HX_SIM_FAULT_DELAY, 1000);
    uint32_t call = world_send_alert(LONG_BTC KEYED("k"), NULL);
    world_pass(500);
    assert_rows("SELECT status, attempt FROM orders", "intent|1");
    world_set("trade:kill_switch", "reduce");
    const struct hx_sim_exchange *reply = world_await(call);
    assert_int_equal(reply->status, 403);
    assert_string_equal(world_member(reply, "error.code"), "KILL_SWITCH");
    assert_rows("SELECT status, attempt, finished_ms IS NOT NULL FROM orders", "rejected|1|1");
    assert_int_equal(world_orders_sent(), 0);
}

static void the_kill_switch_holds_for_what_is_queued(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 202);
    world_set("trade:kill_switch", "reduce");
    world_pass(35 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, reason FROM signals", "refused|KILL_SWITCH");
    assert_rows("SELECT status, attempt FROM orders", "rejected|1");
    assert_int_equal(world_orders_sent(), 1);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 403);
}

/* The symbol is not traded for a while: an entry was for then and is refused, whoever wants out still wants out. */
static void an_exit_outlasts_a_halt(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("in"));
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_HALT, .match = "order", .count = 3});
    const struct hx_sim_exchange *entry = world_alert(LONG_BTC KEYED("more"));
    assert_int_equal(entry->status, 422);
    assert_string_equal(world_member(entry, "error.code"), "VENUE_REJECTED");
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 202);
    assert_rows("SELECT status, tries FROM signals WHERE seq = 3", "queued|1");
    assert_rows("SELECT status, venue_code FROM orders WHERE purpose = 'close'", "busy|-4140");
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, tries FROM signals WHERE seq = 3", "filled|2");
    assert_rows("SELECT quantity FROM positions", "0");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_int_equal(world_orders_sent(), 5);
    world_check_books();
}

/* The closing half of a flip is an exit too; what it was to open is refused when its turn comes while the halt lasts.
 */
static void a_flip_gets_out_of_a_halt(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("in"));
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_HALT, .match = "order", .count = 1});
    assert_int_equal(world_alert(SHORT_BTC KEYED("turn"))->status, 202);
    world_pass(HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
    world_check_books();
}

/* After the schedule it has failed, its owner is told, and can try it by hand. */
static void a_halt_without_end_is_told(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("in"));
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_HALT, .match = "order", .count = -1});
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 202);
    world_pass(HX_MS_PER_HOUR);
    assert_rows("SELECT status, reason FROM signals WHERE seq = 2", "failed|VENUE_UNAVAILABLE");
    assert_rows("SELECT attempt FROM orders WHERE purpose = 'close'", "6");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%VENUE_UNAVAILABLE%4140%'", "1");
    assert_rows("SELECT quantity FROM positions", "0.01");
    hx_lab_clear_faults(world_lab());
    assert_int_equal(world_queue(1, "retry")->status, 200);
    world_pass(HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals WHERE seq = 2", "filled");
    world_check_books();
}

/* Just after a fill the ledger is trusted over the venue's list; when the venue refuses the exit for what was closed
 * by hand meanwhile, the ledger follows as soon as that list can be believed, and the exit goes on. */
static void a_refused_exit_goes_on_with_what_there_is(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_trade_by_hand("BTCUSDT", "SELL", "0.01");
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC KEYED("out"));
    assert_int_equal(exit->status, 202);
    assert_rows("SELECT status FROM signals WHERE action = 'CLOSE'", "queued");
    world_pass(7 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals WHERE action = 'CLOSE'", "nothing_to_do");
    assert_rows("SELECT status, executed_quantity FROM orders WHERE purpose = 'close'", "rejected|0");
    assert_rows("SELECT quantity FROM positions", "0");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%position_drift%'", "1");
    assert_int_equal(orders_at_venue(), 2);
}

/* A part of it was closed by hand: what is left is closed by another leg. */
static void a_refused_exit_closes_the_rest(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_trade_by_hand("BTCUSDT", "SELL", "0.004");
    world_trouble(HX_SIM_FAULT_VENUE_REJECT, 1, 0);
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 202);
    world_crash(100);
    world_pass(8 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals WHERE action = 'CLOSE'", "filled");
    assert_rows("SELECT status, quantity FROM orders WHERE purpose = 'close' ORDER BY leg",
                "rejected|0.01 filled|0.006");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_rows("SELECT quantity FROM positions", "0");
}

/* An exit that comes meanwhile wakes those that wait; that is too early for this one. */
static void a_refused_exit_is_not_hurried(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_trade_by_hand("BTCUSDT", "SELL", "0.01");
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 202);
    assert_int_equal(world_alert("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\"" KEYED("too"))->status, 202);
    assert_rows("SELECT status FROM signals WHERE action LIKE 'CLOSE%' ORDER BY seq", "queued accepted");
    world_pass(8 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals WHERE action LIKE 'CLOSE%' ORDER BY seq", "nothing_to_do nothing_to_do");
    assert_rows("SELECT quantity FROM positions", "0");
}

/* The venue's list agrees with the ledger after all: the refusal stands. */
static void a_refused_exit_that_nothing_explains_is_final(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_trouble(HX_SIM_FAULT_VENUE_REJECT, 1, 0);
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 422);
    assert_rows("SELECT status FROM signals WHERE action = 'CLOSE'", "rejected");
    world_pass(HX_MS_PER_MINUTE);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.01");
    world_check_books();
}

static void give_turns_away(struct hx_req *req, void *context) {
    const struct hx_account account = {HX_VENUE_BINANCE, HX_MARKET_FUTURES, false};
    (void)context;
    for (int i = 0; i < 1000; i++) (void)hx_venue_next_slot_ms(req, &account, false, 0);
}

/* Its order turned out not to be at the venue, and the next attempt has to wait for a turn among many: it gets one,
 * although what it waits in is not called a queue. */
static void what_was_unknown_gets_a_turn(void **state) {
    (void)state;
    world_begin();
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 202);
    world_rows("UPDATE signals SET status = 'unknown' RETURNING 1");
    world_pass(28 * HX_MS_PER_SECOND);
    hx_sim_run_request(world.sim, give_turns_away, NULL);
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM signals WHERE symbol = 'BTCUSDT'", "filled");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(what_arrived_is_adopted),
        world_test(what_is_proven_absent_is_sent_once_more),
        world_test(the_second_attempt_waits_for_the_proof),
        world_test(what_was_acknowledged_is_never_sent_again),
        world_test(an_order_that_becomes_visible_late_is_not_doubled),
        world_test(busy_answers_are_tried_again_later),
        world_test(the_schedule_ends_in_failed_and_the_owner_may_retry),
        world_test(the_venues_wish_to_wait_is_obeyed),
        world_test(an_exit_comes_back_when_the_venue_said),
        world_test(without_a_queue_a_busy_venue_is_424_at_once),
        world_test(a_refusal_is_final),
        world_test(an_attempt_that_is_late_is_never_sent),
        world_test(the_kill_switch_holds_at_the_send_point),
        world_test(the_kill_switch_holds_for_what_is_queued),
        world_test(a_crash_anywhere_leaves_one_order),
        world_test(an_intent_that_was_never_sent_is_sent_after_the_proof),
        world_test(an_exit_outlasts_a_halt),
        world_test(a_flip_gets_out_of_a_halt),
        world_test(a_halt_without_end_is_told),
        world_test(what_was_unknown_gets_a_turn),
        world_test(a_refused_exit_goes_on_with_what_there_is),
        world_test(a_refused_exit_closes_the_rest),
        world_test(a_refused_exit_is_not_hurried),
        world_test(a_refused_exit_that_nothing_explains_is_final),
    };
    return world_run(tests);
}
