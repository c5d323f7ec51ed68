/* Goal: what was accepted once has one effect and one answer, whichever way it came in and whatever the store does.
 * Method: alerts into a world whose port calls are counted, repeated around every border of their identity's life, and
 * with the accepting batch failing in each way it can. Covers accept.c. */
#include "test/app/world.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

/* Durable writes between the alert's arrival and its order's first byte. */
static uint32_t writes_before_order(const char *fields) {
    world_pass(100); /* What the signal before left to do. */
    uint32_t from = world_points(), sent = world_orders_sent();
    assert_int_equal(world_alert(fields)->status, 200);
    assert_int_equal(world_orders_sent(), sent + 1);
    const struct world_wire *order = world_wire_at("/fapi/v1/order", 0);
    for (uint32_t i = 0; i < world.wire_count; i++) {
        if (world_is_order(&world.wire[i])) order = &world.wire[i];
    }
    return world_ops(HX_OP_DB_BATCH, from, order->point);
}

#define LONG_QUOTE "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":600,\"quantityType\":\"quote\""

static void one_write_before_the_order_when_all_is_known(void **state) {
    (void)state;
    world_begin();
    assert_int_equal(writes_before_order(LONG_BTC KEYED("cold")), 3);
    assert_int_equal(writes_before_order(LONG_BTC KEYED("warm")), 1);
    assert_int_equal(writes_before_order(LONG_BTC KEYED("other leverage") ",\"leverage\":5"), 3);
    assert_int_equal(writes_before_order(LONG_QUOTE KEYED("sized by price")), 3);
    assert_int_equal(writes_before_order(CLOSE_BTC KEYED("exit")), 3);
    assert_rows("SELECT count(*), count(DISTINCT signal_id) FROM orders", "5|5");
    world_check_books();
}

/* What is known of the symbol's leverage is five minutes old at most. */
static void the_short_way_wants_fresh_knowledge(void **state) {
    (void)state;
    world_begin();
    assert_int_equal(writes_before_order(LONG_BTC KEYED("a")), 3);
    world_pass(4 * HX_MS_PER_MINUTE + 30 * HX_MS_PER_SECOND);
    assert_int_equal(writes_before_order(LONG_BTC KEYED("b")), 1);
    world_pass(HX_MS_PER_MINUTE);
    assert_int_equal(writes_before_order(LONG_BTC KEYED("c")), 3);
}

/* With another signal open in the lane the short way's condition fails, and nothing overtakes. */
static void the_short_way_never_overtakes(void **state) {
    (void)state;
    world_begin();
    assert_int_equal(world_alert(LONG_BTC KEYED("warm"))->status, 200);
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order", .count = 1});
    assert_int_equal(world_alert(LONG_BTC KEYED("parked"))->status, 202);
    uint32_t behind = world_send_alert(LONG_BTC KEYED("behind"), NULL);
    assert_int_equal(world_await(behind)->status, 202);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled queued accepted");
    world_pass(40 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled filled");
    assert_rows("SELECT s.seq FROM orders o JOIN signals s ON s.id = o.signal_id ORDER BY o.updated_ms", "1 2 3");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.03");
    world_check_books();
}

static void assert_replay(const struct hx_sim_exchange *again, const struct hx_sim_exchange *first) {
    assert_true(again->replayed);
    assert_int_equal(again->status, first->status);
    assert_true(hx_str_equal(again->reply_body, first->reply_body));
}

static void a_repeat_gets_the_first_answer(void **state) {
    (void)state;
    world_begin();
    const struct hx_sim_exchange *first = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(first->status, 200);
    assert_false(first->replayed);
    assert_replay(world_alert(LONG_BTC KEYED("k")), first);
    /* The order of members and the white space are no part of what is said. */
    assert_replay(world_alert("\"idempotencyKey\": \"k\", \"quantity\":\"0.010\",\"symbol\":\"BTCUSDT\","
                              "\"action\":\"LONG\""),
                  first);
    world_crash(2000);
    world_pass(3000);
    assert_replay(world_alert(LONG_BTC KEYED("k")), first);
    assert_int_equal(world_orders_sent(), 1);
}

static void a_refusal_is_repeated_too(void **state) {
    (void)state;
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .match = "order", .code = -2019, .count = 1});
    const struct hx_sim_exchange *first = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(first->status, 422);
    assert_string_equal(world_member(first, "error.code"), "VENUE_REJECTED");
    assert_replay(world_alert(LONG_BTC KEYED("k")), first);
    assert_int_equal(world_orders_sent(), 1);
}

static void a_repeat_of_what_runs_is_409(void **state) {
    (void)state;
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE, .match = "order", .count = 1, .delay_ms = 1500});
    uint32_t first = world_send_alert(LONG_BTC KEYED("k"), NULL);
    world_pass(700);
    const struct hx_sim_exchange *second = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(second->status, 409);
    assert_string_equal(world_member(second, "error.code"), "IN_PROGRESS");
    assert_string_equal(world_member(second, "success"), "false");
    assert_int_equal(world_await(first)->status, 200);
    assert_replay(world_alert(LONG_BTC KEYED("k")), world_find(first));
    assert_int_equal(world_orders_sent(), 1);
}

static void a_key_means_one_payload(void **state) {
    (void)state;
    world_begin();
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 200);
    const struct hx_sim_exchange *other = world_alert(SHORT_BTC KEYED("k"));
    assert_int_equal(other->status, 422);
    assert_string_equal(world_member(other, "error.code"), "KEY_REUSED");
    assert_false(other->replayed);
    assert_int_equal(world_orders_sent(), 1);
    assert_rows("SELECT count(*) FROM signals", "1");
}

/* Keys belong to a source and a lane: another symbol, and the owner's own hands, are other signals. */
static void a_key_is_scoped(void **state) {
    (void)state;
    world_begin();
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 200);
    assert_false(world_alert(LONG_ETH KEYED("k"))->replayed);
    const struct hx_sim_exchange *cli = world_command(HX_HTTP_METHOD_POST, "/v1/trade", "{" LONG_BTC KEYED("k") "}");
    assert_int_equal(cli->status, 200);
    assert_false(cli->replayed);
    assert_int_equal(world_orders_sent(), 3);
    assert_rows("SELECT source, key_name, symbol FROM signals ORDER BY seq",
                "webhook|test|BTCUSDT webhook|test|ETHUSDT cli||BTCUSDT");
}

/* The call with this body, sent `ms` after the start. */
static const struct hx_sim_exchange *alert_at(int64_t ms, const char *fields) {
    world_pass(WORLD_START_MS + ms - world_now());
    return world_alert(fields);
}

static void without_a_key_a_repeat_is_one_for_sixty_seconds(void **state) {
    (void)state;
    world_begin();
    assert_int_equal(alert_at(30000, LONG_BTC)->status, 200);
    assert_true(alert_at(30000 + 59900, LONG_BTC)->replayed);
    assert_true(alert_at(30000 + 59999, LONG_BTC)->replayed);
    assert_int_equal(world_orders_sent(), 1);
    /* The window counts from the first arrival; a repeat does not stretch it. */
    assert_false(alert_at(30000 + 60000, LONG_BTC)->replayed);
    assert_int_equal(world_orders_sent(), 2);
    assert_true(alert_at(90000 + 59999, LONG_BTC)->replayed);
    assert_false(alert_at(90000 + 60100, LONG_BTC)->replayed);
    assert_int_equal(world_orders_sent(), 3);
}

static void keys_and_times_are_remembered_for_a_day(void **state) {
    (void)state;
#define TIMED LONG_ETH ",\"timenow\":\"2026-01-01T00:00:01Z\""
    world_begin();
    assert_int_equal(alert_at(10000, LONG_BTC KEYED("k"))->status, 200);
    assert_int_equal(alert_at(20000, TIMED)->status, 200);
    uint32_t sent = world_orders_sent();
    assert_true(alert_at(100000, LONG_BTC KEYED("k"))->replayed);
    assert_true(alert_at(101000, TIMED)->replayed);
    assert_true(alert_at(10000 + DAY_MS - 1, LONG_BTC KEYED("k"))->replayed);
    assert_false(alert_at(10000 + DAY_MS, LONG_BTC KEYED("k"))->replayed);
    assert_int_equal(world_orders_sent(), sent + 1);
    assert_true(alert_at(20000 + DAY_MS - 1, TIMED)->replayed);
    assert_false(alert_at(20000 + DAY_MS, TIMED)->replayed);
}

static void a_window_reaches_over_midnight(void **state) {
    (void)state;
    world.config.start_ms = WORLD_START_MS - 31000;
    world_begin();
    assert_int_equal(alert_at(-30000, LONG_BTC)->status, 200);
    assert_int_equal(alert_at(-20000, LONG_ETH KEYED("k"))->status, 200);
    assert_true(alert_at(29999, LONG_BTC)->replayed);
    assert_false(alert_at(30000, LONG_BTC)->replayed);
    assert_true(alert_at(DAY_MS - 20001, LONG_ETH KEYED("k"))->replayed);
    assert_false(alert_at(DAY_MS - 20000, LONG_ETH KEYED("k"))->replayed);
    assert_int_equal(world_orders_sent(), 4);
}

static void the_header_names_the_signal_when_the_body_does_not(void **state) {
    (void)state;
    world_begin();
    assert_int_equal(world_alert_with_header(LONG_BTC, "h-1")->status, 200);
    assert_true(world_alert_with_header(LONG_BTC, "\"h-1\"")->replayed);
    assert_false(world_alert_with_header(LONG_BTC, "h-2")->replayed);
    assert_false(world_alert_with_header(LONG_BTC KEYED("b"), "h-1")->replayed);
    assert_true(world_alert_with_header(LONG_BTC KEYED("b"), "h-3")->replayed);
    assert_int_equal(world_orders_sent(), 3);
    assert_rows("SELECT idempotency_key FROM signals ORDER BY seq", "h-1 h-2 b");
    const struct hx_sim_exchange *bad = world_alert_with_header(LONG_BTC, "h\x01");
    assert_int_equal(bad->status, 400);
    assert_string_equal(world_member(bad, "error.details.0.field"), "Idempotency-Key");
}

static void a_slow_venue_gets_202_in_time_and_the_answer_later(void **state) {
    (void)state;
    world_setting("HOOX_VENUE_TIMEOUT_MS", "10000");
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE, .match = "order", .count = 1, .delay_ms = 5000});
    const struct hx_sim_exchange *early = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(early->status, 202);
    assert_int_equal(early->answered_ms - early->sent_ms, 2000);
    assert_string_equal(world_member(early, "status"), "accepted");
    assert_string_equal(world_member(early, "success"), "true");
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 409);
    world_pass(6000);
    const struct hx_sim_exchange *late = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(late->status, 200);
    assert_true(late->replayed);
    assert_string_equal(world_member(late, "requestId"), world_member(early, "requestId"));
}

static void the_reply_budget_is_a_setting(void **state) {
    (void)state;
    world_setting("HOOX_REPLY_BUDGET_MS", "300");
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE, .match = "order", .count = 1, .delay_ms = 1000});
    const struct hx_sim_exchange *early = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(early->status, 202);
    assert_int_equal(early->answered_ms - early->sent_ms, 300);
}

/* Nobody has routed the signal yet: what the 202 can say is the exchange that it names. */
static void a_202_names_the_exchange_that_was_asked_for(void **state) {
    (void)state;
    world_setting("HOOX_REPLY_BUDGET_MS", "300");
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE, .match = "order", .count = 1, .delay_ms = 1000});
    const struct hx_sim_exchange *early = world_alert(LONG_BTC KEYED("k") ",\"exchange\":\"binance\"");
    assert_int_equal(early->status, 202);
    assert_string_equal(world_member(early, "exchange"), "binance");
}

static void in_queue_mode_everything_is_202_first(void **state) {
    (void)state;
    world_kv("webhook:queue_mode", "queue_everywhere");
    const struct hx_sim_exchange *first = world_alert(LONG_BTC KEYED("k") ",\"exchange\":\"binance\"");
    assert_int_equal(first->status, 202);
    assert_string_equal(world_member(first, "exchange"), "binance");
    assert_int_equal(world_orders_sent(), 0);
    world_pass(2000);
    assert_rows("SELECT status FROM signals", "filled");
    assert_int_equal(world_alert(LONG_BTC KEYED("k") ",\"exchange\":\"binance\"")->status, 200);
    assert_int_equal(world_orders_sent(), 1);
}

/* The n-th batch after the world began, as a point. */
static uint32_t batch_point(uint32_t from, uint32_t index) {
    for (uint32_t point = from; point < world_points(); point++) {
        if (hx_sim_op_at(world.sim, point) == HX_OP_DB_BATCH && index-- == 0) return point;
    }
    fail_msg("no such batch");
    return 0;
}

/* The point of the batch that accepts the alert; of the first alert, or of a second one on the short way. */
static uint32_t accepting_point(bool warm) {
    world_reset(NULL);
    world_begin();
    if (warm) world_alert(LONG_BTC KEYED("before"));
    uint32_t from = world_points();
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 200);
    return batch_point(from, 0);
}

/* One alert whose accepting batch fails that way; the caller sends again after every 5xx. */
static void accept_with_fault(enum hx_sim_fault_kind kind, bool warm) {
    uint32_t point = accepting_point(warm);
    world_reset(NULL);
    world_fault_at(point, kind, 0);
    if (warm) world_alert(LONG_BTC KEYED("before"));
    uint32_t before = world_orders_sent();
    const struct hx_sim_exchange *refused = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(hx_sim_get_counters(world.sim)->faults, 1);
    assert_int_equal(refused->status, 503);
    assert_string_equal(world_member(refused, "error.code"), "UNAVAILABLE");
    assert_int_equal(world_orders_sent(), before);
    world_pass(5000);
    const struct hx_sim_exchange *again = world_alert(LONG_BTC KEYED("k"));
    assert_true(again->status == 200 || again->status == 409);
    world_pass(20000);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 200);
    assert_int_equal(world_orders_sent(), before + 1);
    assert_rows("SELECT count(*) FROM signals WHERE idempotency_key = 'k'", "1");
    world_check_books();
}

static void a_store_that_refuses_is_503_and_leaves_nothing(void **state) {
    (void)state;
    accept_with_fault(HX_SIM_FAULT_ERROR, false);
    accept_with_fault(HX_SIM_FAULT_ERROR, true);
}

static void a_store_that_cannot_tell_is_503_and_loses_nothing(void **state) {
    (void)state;
    accept_with_fault(HX_SIM_FAULT_ERROR_UNKNOWN, false);
    accept_with_fault(HX_SIM_FAULT_ERROR_UNKNOWN, true);
    accept_with_fault(HX_SIM_FAULT_EFFECT_ERROR, false);
    accept_with_fault(HX_SIM_FAULT_EFFECT_ERROR, true);
}

/* Written but reported as failed, and the caller never comes back: it is worked on all the same. */
static void what_was_written_is_worked_on_without_its_caller(void **state) {
    (void)state;
    uint32_t point = accepting_point(false);
    world_reset(NULL);
    world_fault_at(point, HX_SIM_FAULT_EFFECT_ERROR, 0);
    assert_int_equal(world_alert(LONG_BTC KEYED("k"))->status, 503);
    world_pass(20000);
    assert_rows("SELECT status FROM signals", "filled");
    world_check_books();
}

/* A caller's answer must not wait for what came after it. */
static void an_answer_does_not_wait_for_the_next_signal(void **state) {
    (void)state;
    world_begin();
    assert_int_equal(world_alert(LONG_BTC KEYED("warm"))->status, 200);
    world_fault(
        &(struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE, .match = "order", .skip = 1, .count = 1, .delay_ms = 1500});
    uint32_t first = world_send_alert(LONG_BTC KEYED("a"), NULL);
    uint32_t second = world_send_alert(LONG_BTC KEYED("b"), NULL);
    assert_int_equal(world_await(second)->status, 200);
    assert_int_equal(world_find(first)->status, 200);
    assert_true(world_find(first)->answered_ms - world_find(first)->sent_ms < 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(one_write_before_the_order_when_all_is_known),
        world_test(the_short_way_wants_fresh_knowledge),
        world_test(the_short_way_never_overtakes),
        world_test(a_repeat_gets_the_first_answer),
        world_test(a_refusal_is_repeated_too),
        world_test(a_repeat_of_what_runs_is_409),
        world_test(a_key_means_one_payload),
        world_test(a_key_is_scoped),
        world_test(without_a_key_a_repeat_is_one_for_sixty_seconds),
        world_test(keys_and_times_are_remembered_for_a_day),
        world_test(a_window_reaches_over_midnight),
        world_test(the_header_names_the_signal_when_the_body_does_not),
        world_test(a_slow_venue_gets_202_in_time_and_the_answer_later),
        world_test(the_reply_budget_is_a_setting),
        world_test(a_202_names_the_exchange_that_was_asked_for),
        world_test(in_queue_mode_everything_is_202_first),
        world_test(a_store_that_refuses_is_503_and_leaves_nothing),
        world_test(a_store_that_cannot_tell_is_503_and_loses_nothing),
        world_test(what_was_written_is_worked_on_without_its_caller),
        world_test(an_answer_does_not_wait_for_the_next_signal),
    };
    return world_run(tests);
}
