/* Goal: an order that the venue has acknowledged and does not show ends by its owner's word, and by nothing less; it is
 * never sent again, keeps nobody waiting, and is taken in and told of when it turns up. Method: an account at the
 * client's interface (venue_double.h) that gives receipts and then hides its orders; commands over the operator's door;
 * rows, notices and orders at the venue. Covers absent.c. */
#include "core/app/work.h"
#include "test/app/venue_double.h"

#define NOTICES(status) "SELECT count(*) FROM outbox WHERE payload LIKE '%\"" status "\"%'"
#define EXIT_BTC CLOSE_BTC KEYED("exit")

/* Told to: two seconds to send, three and a half to prove. */
#define PROOF_MS 5500

static void lose(const char *fields) {
    venue.acks = venue.matches_late = true;
    venue.hides_orders_for = UINT32_MAX;
    world_send_alert(fields, NULL);
}

static const struct hx_sim_exchange *declare(uint32_t index) {
    char path[400];
    snprintf(path, sizeof(path), "/v1/queue/%s/absent", world_signal_id(index));
    return world_command(HX_HTTP_METHOD_POST, path, "{\"by\":\"alice@desk\"}");
}

static void assert_refused(uint32_t index, const char *why) {
    const struct hx_sim_exchange *reply = declare(index);
    assert_int_equal(reply->status, 409);
    const char *message = world_member(reply, "error.message");
    if (strncmp(message, why, strlen(why)) != 0) fail_msg("refused with: %s", message);
}

/* The first order is gone, and the lane goes on. */
static void declare_it(void) {
    lose(LONG_BTC KEYED("lost"));
    world_pass(30 * HX_MS_PER_SECOND);
    assert_int_equal(declare(0)->status, 200);
    venue.acks = venue.matches_late = false;
}

static void its_owner_is_told_what_to_do(void **state) {
    char command[300];
    (void)state;
    lose(LONG_BTC KEYED("lost"));
    world_pass(30 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals", "unknown");
    snprintf(command, sizeof(command), "`hoox queue resolve %s --absent`", world_signal_id(0));
    const char *notice = world_rows("SELECT payload FROM outbox WHERE payload LIKE '%resolve%'");
    assert_non_null(strstr(notice, command));
    assert_non_null(strstr(notice, "look at the exchange for o0"));
    world_pass(HX_MS_PER_HOUR);
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%resolve%'", "1");
    assert_non_null(strstr(world_rows("SELECT message FROM signals"), command));
    assert_int_equal(venue.order_count, 1);
}

/* Nor is he asked anew for a question that had to wait for its turn, and he can answer all the time. */
static void a_question_that_waits_changes_nothing(void **state) {
    (void)state;
    lose(LONG_BTC KEYED("lost"));
    world_pass(30 * HX_MS_PER_SECOND);
    for (int i = 0; i < 5; i++) {
        venue.holds_back = 1;
        world_pass(6 * HX_MS_PER_MINUTE);
        assert_rows("SELECT status FROM signals", "unknown");
    }
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%resolve%'", "1");
    assert_int_equal(declare(0)->status, 200);
}

static void its_word_ends_it_and_frees_the_lane(void **state) {
    (void)state;
    lose(LONG_BTC KEYED("lost"));
    world_pass(10 * HX_MS_PER_SECOND);
    uint32_t behind = world_send_alert(LONG_BTC KEYED("behind"), NULL);
    world_pass(20 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals ORDER BY seq", "unknown accepted");
    venue.acks = venue.matches_late = false;
    assert_int_equal(declare(0)->status, 200);
    venue.hides_orders_for = 0;
    venue.orders[0].client_id[0] = '!'; /* It really is not there. */
    world_pass(HX_MS_PER_SECOND);
    assert_int_equal(world_find(behind)->status, 202);
    assert_rows("SELECT status, reason FROM signals ORDER BY seq", "failed|DECLARED_ABSENT filled|");
    assert_rows("SELECT status, finished_ms IS NULL FROM orders ORDER BY created_ms", "absent|1 filled|0");
    assert_rows("SELECT level, message FROM system_logs", "warn|order declared absent");
    assert_non_null(strstr(world_rows("SELECT detail FROM system_logs"),
                           "(the exchange's o0) is not at the exchange, says alice@desk"));
    assert_rows(NOTICES("DECLARED_ABSENT"), "1");
    /* The answer to its caller is that, for good; and nothing sends it again. */
    const struct hx_sim_exchange *replay = world_alert(LONG_BTC KEYED("lost"));
    assert_int_equal(replay->status, 424);
    assert_string_equal(world_member(replay, "error.code"), "DECLARED_ABSENT");
    assert_refused(0, "the signal is final already");
    assert_int_equal(world_queue(0, "retry")->status, 409);
    world_pass(6 * HX_MS_PER_HOUR);
    assert_int_equal(venue.order_count, 2);
    assert_rows(NOTICES("order_turned_up"), "0");
    assert_rows("SELECT quantity FROM positions", "0.01");
    /* It leaves the list of what failed, as any other. */
    assert_int_equal(world_queue(0, "drop")->status, 200);
    assert_rows("SELECT status FROM signals ORDER BY seq", "dropped filled");
}

static void it_can_not_be_said_too_early(void **state) {
    (void)state;
    lose(LONG_BTC KEYED("lost"));
    venue.loses_answers = true;
    venue.hides_orders_for = 0;
    venue.hides_fills = true;
    world_pass(1000);
    /* Being worked on: the command waits for the lane, and then it is too late or nothing is unknown. */
    assert_int_equal(declare(0)->status, 409);
    assert_int_equal(venue.order_count, 1);
}

static void until_the_proof_is_due_it_is_refused(void **state) {
    (void)state;
    lose(LONG_BTC KEYED("lost"));
    world_pass(30 * HX_MS_PER_SECOND);
    /* The same order, were it sent again just now: a row that says so. */
    char sql[200];
    snprintf(sql, sizeof(sql), "UPDATE orders SET send_by_ms = %lld RETURNING 1", (long long)world_now() + 2000);
    world_rows(sql);
    assert_refused(0, "it may still be on its way to the exchange; say so again in 6 s");
    world_pass(PROOF_MS + 500);
    assert_int_equal(declare(0)->status, 200);
}

static void what_is_not_unknown_is_refused(void **state) {
    (void)state;
    assert_int_equal(world_alert(LONG_BTC KEYED("a"))->status, 200);
    assert_refused(0, "the signal is final already");
    world_alert(LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"49000\"" KEYED("b"));
    assert_rows("SELECT status FROM orders WHERE type = 'LIMIT'", "open");
    assert_refused(1, "the signal is final already");
    assert_rows("SELECT count(*) FROM system_logs", "0");
    char path[100];
    snprintf(path, sizeof(path), "/v1/queue/%s/absent", "01a20790-261f-7c37-81e2-eaf35ec1b554");
    assert_int_equal(world_command(HX_HTTP_METHOD_POST, path, "")->status, 404);
}

/* Its owner looked in the wrong place. */
static void what_the_venue_shows_is_not_absent(void **state) {
    (void)state;
    lose(LONG_BTC KEYED("lost"));
    world_pass(30 * HX_MS_PER_SECOND);
    venue.matches_late = false;
    double_match(0);
    venue.hides_orders_for = 0;
    assert_refused(0, "the exchange has the order");
    world_pass(5 * HX_MS_PER_SECOND);
    assert_rows("SELECT status FROM signals", "filled");
    assert_rows("SELECT quantity FROM positions", "0.01");
}

/* What hoox holds back itself is asked in a moment: that is no answer. */
static void it_is_not_believed_unasked(void **state) {
    (void)state;
    lose(LONG_BTC KEYED("lost"));
    world_pass(30 * HX_MS_PER_SECOND);
    double_match(0);
    venue.matches_late = false;
    venue.hides_orders_for = 0;
    venue.holds_back = 1;
    assert_refused(0, "the exchange could not be asked once more just now; say so again in 2 s");
    assert_rows("SELECT status FROM signals", "unknown");
    assert_refused(0, "the exchange has the order");
}

/* But a venue that can't be reached keeps nobody waiting. */
static void a_venue_that_can_not_be_asked_is_no_obstacle(void **state) {
    (void)state;
    lose(LONG_BTC KEYED("lost"));
    world_pass(30 * HX_MS_PER_SECOND);
    venue.unreachable = 1;
    assert_int_equal(declare(0)->status, 200);
    assert_int_equal(venue.unreachable, 0);
    assert_rows("SELECT reason FROM signals", "DECLARED_ABSENT");
}

static void an_order_that_turns_up_is_taken_in_and_told(void **state) {
    (void)state;
    declare_it();
    world_pass(HX_MS_PER_HOUR);
    double_match(0);
    venue.hides_orders_for = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity, finished_ms IS NOT NULL FROM orders", "filled|0.01|1");
    assert_rows("SELECT quantity FROM positions", world_format(venue.net_quantity));
    assert_rows("SELECT count(*) FROM fills", "1");
    assert_rows(NOTICES("order_turned_up"), "1");
    assert_rows("SELECT count(*) FROM system_logs WHERE level = 'error' AND message LIKE '%turned up%'", "1");
    /* What its caller was told stays so. */
    assert_rows("SELECT status, reason FROM signals", "failed|DECLARED_ABSENT");
    world_pass(HX_MS_PER_HOUR);
    assert_rows(NOTICES("order_turned_up"), "1");
    assert_int_equal(venue.order_count, 1);
    venue.hides_orders_for = 0;
    assert_string_equal(world_member(world_alert(EXIT_BTC), "status"), "filled");
    assert_string_equal(world_format(venue.net_quantity), "0");
}

/* A limit order below the market, which nobody counts on any more. */
static void declare_resting(void) {
    lose(LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"49000\"");
    world_pass(30 * HX_MS_PER_SECOND);
    assert_int_equal(declare(0)->status, 200);
    venue.acks = venue.matches_late = false;
    venue.hides_orders_for = 0;
}

static void an_entry_that_turns_up_resting_is_cancelled(void **state) {
    (void)state;
    declare_resting();
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_int_equal(venue.orders[0].status, HX_ORDER_CANCELED);
    assert_rows("SELECT status, executed_quantity FROM orders", "canceled|0");
    assert_rows(NOTICES("order_turned_up"), "1");
}

/* However often the venue is too busy for it, and whatever happens to hoox. */
static void it_is_cancelled_until_that_is_certain(void **state) {
    (void)state;
    declare_resting();
    venue.refuses_cancels = UINT32_MAX;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders", "open");
    assert_int_equal(venue.orders[0].status, HX_ORDER_NEW);
    world_crash(300);
    venue.refuses_cancels = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_int_equal(venue.orders[0].status, HX_ORDER_CANCELED);
    assert_rows("SELECT status, executed_quantity FROM orders", "canceled|0");
    assert_rows(NOTICES("order_turned_up"), "1");
    double_price("48000");
    assert_int_equal(venue.fill_count, 0);
}

/* Also by the next signal of its lane, in whose way it does not stand. */
static void the_next_signal_cancels_it(void **state) {
    (void)state;
    declare_resting();
    assert_string_equal(world_member(world_alert(LONG_BTC KEYED("next")), "status"), "filled");
    assert_int_equal(venue.orders[0].status, HX_ORDER_CANCELED);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "canceled filled");
}

/* Its owner was told to send the exit anew: the old one would sell his own coins. */
static void an_exit_that_turns_up_resting_is_cancelled(void **state) {
    (void)state;
    world_alert(LONG_BTC ",\"market\":\"spot\"" KEYED("in"));
    world_pass(10 * HX_MS_PER_SECOND);
    venue.base = double_add(venue.base, world_dec("1"));
    lose(CLOSE_BTC ",\"market\":\"spot\",\"orderType\":\"LIMIT\",\"price\":\"55000\"" KEYED("exit"));
    world_pass(30 * HX_MS_PER_SECOND);
    assert_int_equal(declare(1)->status, 200);
    venue.acks = venue.matches_late = false;
    assert_string_equal(world_member(world_alert(CLOSE_BTC ",\"market\":\"spot\"" KEYED("again")), "status"), "filled");
    venue.hides_orders_for = 0;
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_int_equal(venue.orders[1].status, HX_ORDER_CANCELED);
    assert_non_null(strstr(world_rows("SELECT payload FROM outbox WHERE payload LIKE '%order_turned_up%'"),
                           "what of it still rests is cancelled"));
    double_price("55000");
    assert_int_equal(venue.fill_count, 2);
    assert_true(hx_dec_compare(venue.base, world_dec("1")) >= 0);
}

/* A venue that shows it and hides it again at once has not forgotten it. */
static void one_that_flickers_is_not_forgotten(void **state) {
    (void)state;
    declare_it();
    double_match(0);
    world_pass(2 * HX_MS_PER_MINUTE);
    venue.hides_fills = true;
    venue.hides_orders_after = 1;
    venue.hides_orders_for = 8;
    world_pass(HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders", "open");
    venue.hides_fills = false;
    venue.hides_orders_for = 0;
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, executed_quantity FROM orders", "filled|0.01");
    assert_rows("SELECT quantity FROM positions", "0.01");
}

/* An exit that names no exchange goes where the watched entry may be. */
static void an_exit_is_routed_to_it(void **state) {
    (void)state;
    world_setting("BYBIT_API_KEY", "k");
    lose(LONG_BTC ",\"exchange\":\"bybit\"" KEYED("lost"));
    world_pass(30 * HX_MS_PER_SECOND);
    assert_int_equal(declare(0)->status, 200);
    venue.acks = venue.matches_late = false;
    double_match(0);
    world_pass(100 * HX_MS_PER_SECOND);
    venue.hides_orders_for = 0;
    assert_string_equal(world_member(world_alert(EXIT_BTC), "status"), "filled");
    assert_rows("SELECT venue, status FROM signals ORDER BY seq", "bybit|failed bybit|filled");
    assert_string_equal(world_format(venue.net_quantity), "0");
}

/* The exit did happen; its owner does as he is told and sends it anew, which takes over that nothing is there; then the
 * order turns up. */
static void an_exit_is_not_counted_twice(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("in"));
    world_pass(10 * HX_MS_PER_SECOND);
    lose(EXIT_BTC);
    world_pass(30 * HX_MS_PER_SECOND);
    double_match(1);
    assert_int_equal(declare(1)->status, 200);
    venue.acks = venue.matches_late = false;
    assert_string_equal(world_member(world_alert(CLOSE_BTC KEYED("again")), "status"), "nothing_to_do");
    assert_rows("SELECT quantity FROM positions", "0");
    world_pass(HX_MS_PER_MINUTE);
    venue.hides_orders_for = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled filled");
    assert_rows("SELECT quantity FROM positions", "0");
    assert_rows(NOTICES("position_drift"), "2");
    assert_rows("SELECT count(*) FROM trades WHERE closed_ms IS NULL", "0");
}

/* Likewise of a part: what is left is what the venue holds. */
static void a_part_is_not_counted_twice(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("in"));
    world_pass(10 * HX_MS_PER_SECOND);
    lose(CLOSE_BTC ",\"quantity\":\"0.005\"" KEYED("exit"));
    world_pass(30 * HX_MS_PER_SECOND);
    double_match(1);
    assert_int_equal(declare(1)->status, 200);
    venue.acks = venue.matches_late = false;
    world_alert(CLOSE_BTC ",\"quantity\":\"0.002\"" KEYED("again"));
    assert_rows("SELECT quantity FROM positions", "0.003");
    world_pass(HX_MS_PER_MINUTE);
    venue.hides_orders_for = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled filled filled");
    assert_string_equal(world_format(venue.net_quantity), "0.003");
    assert_rows("SELECT quantity FROM positions", "0.003");
}

static void an_entry_is_not_counted_twice(void **state) {
    (void)state;
    declare_it();
    double_match(0);
    world_pass(10 * HX_MS_PER_SECOND);
    world_command(HX_HTTP_METHOD_POST, "/v1/trade", "{" CLOSE_BTC KEYED("out") "}");
    assert_string_equal(world_format(venue.net_quantity), "0");
    assert_rows("SELECT quantity FROM positions", "0");
    world_pass(HX_MS_PER_MINUTE);
    venue.hides_orders_for = 0;
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "filled filled");
    assert_rows("SELECT quantity FROM positions", "0");
}

/* An exit finds out before it is sized. */
static void an_exit_asks_for_it_first(void **state) {
    (void)state;
    declare_it();
    double_match(0);
    world_pass(10 * HX_MS_PER_SECOND);
    venue.hides_orders_for = 0;
    assert_string_equal(world_member(world_alert(EXIT_BTC), "status"), "filled");
    assert_string_equal(world_format(venue.net_quantity), "0");
    assert_rows("SELECT quantity FROM positions", "0");
    assert_rows(NOTICES("order_turned_up"), "1");
    assert_rows("SELECT purpose, status FROM orders ORDER BY created_ms", "open|filled close|filled");
}

/* What was executed a moment ago may not be in the venue's list of positions yet. */
static void an_exit_waits_for_the_list_of_positions(void **state) {
    (void)state;
    declare_it();
    world_pass(10 * HX_MS_PER_SECOND);
    double_match(0);
    venue.hides_orders_for = 0;
    uint32_t questions = venue.questions;
    world_send_alert(EXIT_BTC, NULL);
    world_pass(4 * HX_MS_PER_SECOND);
    assert_rows("SELECT quantity FROM positions", "0.01");
    assert_int_equal(venue.questions, questions);
    world_pass(3 * HX_MS_PER_SECOND);
    assert_true(venue.questions > questions);
    assert_rows("SELECT status FROM signals ORDER BY seq", "failed filled");
    assert_string_equal(world_format(venue.net_quantity), "0");
    assert_rows("SELECT quantity FROM positions", "0");
    assert_rows(NOTICES("position_drift"), "0");
}

/* An exit is not sent again either: its owner says when. */
static void an_exit_may_be_absent_too(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("in"));
    world_pass(10 * HX_MS_PER_SECOND);
    lose(EXIT_BTC);
    world_pass(30 * HX_MS_PER_SECOND);
    assert_int_equal(declare(1)->status, 200);
    venue.acks = venue.matches_late = false;
    venue.orders[1].client_id[0] = '!';
    venue.hides_orders_for = 0;
    assert_non_null(strstr(world_rows("SELECT message FROM signals WHERE seq = 2"), "send the exit anew"));
    world_pass(HX_MS_PER_HOUR);
    assert_int_equal(venue.order_count, 2);
    assert_string_equal(world_member(world_alert(CLOSE_BTC KEYED("again")), "status"), "filled");
    assert_string_equal(world_format(venue.net_quantity), "0");
    assert_rows("SELECT quantity FROM positions", "0");
}

static void after_a_week_it_is_no_longer_watched(void **state) {
    (void)state;
    declare_it();
    world_pass(7 * HX_MS_PER_DAY - HX_MS_PER_HOUR);
    assert_rows("SELECT finished_ms IS NULL FROM orders", "1");
    world_pass(2 * HX_MS_PER_HOUR);
    assert_rows("SELECT status, finished_ms IS NULL FROM orders", "absent|0");
    assert_int_equal(venue.order_count, 1);
}

/* The process dies around every write of the command and of the turning up; nothing is told or taken in twice, and
 * nothing is sent. */
static void a_crash_loses_nothing(void **state) {
    uint32_t from = 0, to = 0;
    bool mortal[4000] = {false};
    for (uint32_t at = 0; at == 0 || at < to - from; at++) {
        bool first = to == 0;
        if (!first && !mortal[at]) continue;
        for (int kind = 0; kind < (first ? 1 : 2); kind++) {
            (void)futures_reset(state);
            if (!first)
                world_fault_at(from + at, kind == 0 ? HX_SIM_FAULT_CRASH_BEFORE : HX_SIM_FAULT_CRASH_AFTER, 300);
            world_begin();
            lose(LONG_BTC KEYED("lost"));
            world_pass(30 * HX_MS_PER_SECOND);
            if (first) from = world_points();
            char path[400];
            snprintf(path, sizeof(path), "/v1/queue/%s/absent", world_signal_id(0));
            world_send_command(HX_HTTP_METHOD_POST, path, "{}");
            world_pass(2 * HX_MS_PER_SECOND);
            if (strcmp(world_rows("SELECT status FROM signals"), "unknown") == 0) {
                assert_int_equal(declare(0)->status, 200);
            }
            venue.acks = venue.matches_late = false;
            double_match(0);
            venue.hides_orders_for = 0;
            world_pass(3 * HX_MS_PER_MINUTE);
            if (first) {
                to = world_points();
                assert_in_range(to - from, 10, 4000);
                for (uint32_t i = from; i < to; i++) mortal[i - from] = hx_sim_op_at(world.sim, i) == HX_OP_DB_BATCH;
            }
            assert_int_equal(venue.order_count, 1);
            assert_rows("SELECT status, executed_quantity FROM orders", "filled|0.01");
            assert_rows("SELECT quantity FROM positions", "0.01");
            assert_rows("SELECT status FROM signals", "failed");
            assert_rows(NOTICES("order_turned_up"), "1");
            assert_rows(NOTICES("DECLARED_ABSENT"), "1");
        }
    }
}

#define futures_test(name) cmocka_unit_test_setup(name, futures_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        futures_test(its_owner_is_told_what_to_do),
        futures_test(a_question_that_waits_changes_nothing),
        futures_test(its_word_ends_it_and_frees_the_lane),
        futures_test(it_can_not_be_said_too_early),
        futures_test(until_the_proof_is_due_it_is_refused),
        futures_test(what_is_not_unknown_is_refused),
        futures_test(what_the_venue_shows_is_not_absent),
        futures_test(an_order_that_turns_up_is_taken_in_and_told),
        futures_test(an_entry_that_turns_up_resting_is_cancelled),
        futures_test(it_is_not_believed_unasked),
        futures_test(a_venue_that_can_not_be_asked_is_no_obstacle),
        futures_test(it_is_cancelled_until_that_is_certain),
        futures_test(the_next_signal_cancels_it),
        cmocka_unit_test_setup(an_exit_that_turns_up_resting_is_cancelled, spot_reset),
        futures_test(one_that_flickers_is_not_forgotten),
        futures_test(an_exit_is_routed_to_it),
        futures_test(an_exit_is_not_counted_twice),
        futures_test(a_part_is_not_counted_twice),
        futures_test(an_entry_is_not_counted_twice),
        futures_test(an_exit_asks_for_it_first),
        futures_test(an_exit_waits_for_the_list_of_positions),
        futures_test(an_exit_may_be_absent_too),
        futures_test(after_a_week_it_is_no_longer_watched),
        futures_test(a_crash_loses_nothing),
    };
    return world_run(tests);
}
