/* Goal: an absence counts as proof only after the last instant at which a copy in flight could still be taken, and only
 * when it was heard twice. Method: the boundary of every decision, one millisecond to either side, for several
 * guarantees. */
#include "core/trade/attempt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct hx_venue_guarantees guarantees = {.has_timestamp_window = true,
                                                      .receive_window_ms = 2000,
                                                      .lookup_lag_ms = 500,
                                                      .clock_slack_ms = 1000,
                                                      .lookup_retention_ms = HX_MS_PER_DAY};

/* What is decided once the first of two absences was heard long ago. */
static struct hx_attempt_decision decide_again(const struct hx_venue_guarantees *of, hx_time send_by, uint32_t attempt,
                                               enum hx_outcome answer, hx_time asked, uint32_t asks) {
    hx_time absent_at = asked - HX_ABSENCES_APART_MS;
    return hx_attempt_decide(of, send_by, attempt, answer, asked, asks, &absent_at);
}

static void one_absence_is_no_proof(void **state) {
    (void)state;
    hx_time absent_at = 0, proof = hx_attempt_proof_time(&guarantees, 1000000);
    /* One from before the proof is not one of the two. */
    struct hx_attempt_decision d = hx_attempt_decide(&guarantees, 1000000, 1, HX_OUTCOME_ABSENT, proof, 0, &absent_at);
    assert_int_equal(d.verdict, HX_ATTEMPT_ASK_AGAIN);
    assert_true(absent_at == 0);
    hx_time first = proof + 7, second = first + HX_ABSENCES_APART_MS;
    for (hx_time asked = first; asked <= second; asked++) {
        d = hx_attempt_decide(&guarantees, 1000000, 1, HX_OUTCOME_ABSENT, asked, 3, &absent_at);
        assert_int_equal(d.verdict, asked < second ? HX_ATTEMPT_ASK_AGAIN : HX_ATTEMPT_RESEND);
        if (asked < second) assert_true(d.at == second);
        assert_true(absent_at == first);
    }
    d = hx_attempt_decide(&guarantees, 1000000, HX_ATTEMPTS_MAX, HX_OUTCOME_ABSENT, second - 1, 3, &absent_at);
    assert_int_equal(d.verdict, HX_ATTEMPT_ASK_AGAIN);
    d = hx_attempt_decide(&guarantees, 1000000, 1, HX_OUTCOME_DONE, second, 3, &absent_at);
    assert_int_equal(d.verdict, HX_ATTEMPT_ADOPT);
}

static void absence_is_proof_only_late(void **state) {
    (void)state;
    hx_time send_by = 1000000;
    hx_time proof = send_by + 3500;
    assert_int_equal(hx_attempt_proof_time(&guarantees, send_by), proof);
    for (int64_t delta = -3600; delta <= 10; delta++) {
        struct hx_attempt_decision d = decide_again(&guarantees, send_by, 1, HX_OUTCOME_ABSENT, proof + delta, 0);
        assert_int_equal(d.verdict, delta > 0 ? HX_ATTEMPT_RESEND : HX_ATTEMPT_ASK_AGAIN);
        if (delta <= 0) {
            assert_true(d.at > proof + delta);
            assert_true(d.at <= proof + 1);
        }
    }
}

static void absence_is_no_proof_once_the_venue_forgets(void **state) {
    (void)state;
    hx_time last = 1000000 + HX_MS_PER_DAY;
    struct hx_attempt_decision d = decide_again(&guarantees, 1000000, 1, HX_OUTCOME_ABSENT, last, 0);
    assert_int_equal(d.verdict, HX_ATTEMPT_RESEND);
    d = decide_again(&guarantees, 1000000, 1, HX_OUTCOME_ABSENT, last + 1, 0);
    assert_int_equal(d.verdict, HX_ATTEMPT_ASK_OWNER);
    d = decide_again(&guarantees, 1000000, 1, HX_OUTCOME_DONE, last + 1, 0);
    assert_int_equal(d.verdict, HX_ATTEMPT_ADOPT);
}

static void answers(void **state) {
    (void)state;
    struct hx_attempt_decision d = decide_again(&guarantees, 0, 1, HX_OUTCOME_DONE, 1, 0);
    assert_int_equal(d.verdict, HX_ATTEMPT_ADOPT);
    d = decide_again(&guarantees, 0, 1, HX_OUTCOME_BUSY, 1000000, 0);
    assert_int_equal(d.verdict, HX_ATTEMPT_ASK_AGAIN);
    d = decide_again(&guarantees, 0, 1, HX_OUTCOME_UNKNOWN, 1000000, 0);
    assert_int_equal(d.verdict, HX_ATTEMPT_ASK_AGAIN);
    d = decide_again(&guarantees, 0, HX_ATTEMPTS_MAX, HX_OUTCOME_ABSENT, 1000000, 0);
    assert_int_equal(d.verdict, HX_ATTEMPT_GIVE_UP);
    struct hx_venue_guarantees no_window = guarantees;
    no_window.has_timestamp_window = false;
    d = decide_again(&no_window, 0, 1, HX_OUTCOME_ABSENT, 1000000, 0);
    assert_int_equal(d.verdict, HX_ATTEMPT_ASK_OWNER);
}

static void what_was_acknowledged_is_not_absent(void **state) {
    static const struct {
        enum hx_outcome answer;
        uint32_t attempt;
        hx_time asked;
        enum hx_attempt_verdict wanted;
    } cases[] = {{HX_OUTCOME_ABSENT, 1, 1000000, HX_ATTEMPT_ASK_OWNER},
                 {HX_OUTCOME_ABSENT, HX_ATTEMPTS_MAX, 1000000, HX_ATTEMPT_ASK_OWNER},
                 {HX_OUTCOME_ABSENT, 1, 1, HX_ATTEMPT_ASK_AGAIN},
                 {HX_OUTCOME_BUSY, 1, 1000000, HX_ATTEMPT_ASK_AGAIN},
                 {HX_OUTCOME_DONE, 1, 1000000, HX_ATTEMPT_ADOPT}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hx_attempt_decision d =
            decide_again(&guarantees, 0, cases[i].attempt, cases[i].answer, cases[i].asked, 0);
        struct hx_attempt_decision known = hx_attempt_decide_acknowledged(d);
        assert_int_equal(known.verdict, cases[i].wanted);
        if (known.verdict == d.verdict) assert_true(known.at == d.at);
    }
}

static void asking_slows_down(void **state) {
    (void)state;
    int64_t last = 0;
    for (uint32_t asks = 0; asks < 100; asks++) {
        struct hx_attempt_decision d = decide_again(&guarantees, 0, 1, HX_OUTCOME_BUSY, 0, asks);
        assert_true(d.at >= last && d.at <= 5000);
        last = d.at;
    }
    assert_int_equal(last, 5000);
}

static void deadline(void **state) {
    (void)state;
    assert_true(hx_attempt_may_send(99, 100));
    assert_true(hx_attempt_may_send(100, 100));
    assert_false(hx_attempt_may_send(101, 100));
}

static void who_wants_out_is_tried_again(void **state) {
    (void)state;
    static const enum hx_outcome outcomes[] = {HX_OUTCOME_DONE, HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY,
                                               HX_OUTCOME_UNKNOWN, HX_OUTCOME_ABSENT};
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        for (int halted = 0; halted < 2; halted++) {
            for (int reduces = 0; reduces < 2; reduces++) {
                bool again = outcomes[i] == HX_OUTCOME_REJECTED && halted && reduces;
                assert_int_equal(hx_attempt_decide_refusal(outcomes[i], halted, reduces),
                                 again ? HX_OUTCOME_BUSY : outcomes[i]);
            }
        }
    }
}

static void schedule(void **state) {
    (void)state;
    const int64_t expected[] = {30000, 60000, 300000, 900000, 1800000};
    for (int64_t tries = 1; tries <= 5; tries++) {
        assert_int_equal(hx_retry_delay_ms(HX_STR_EMPTY, tries), expected[tries - 1]);
    }
    assert_int_equal(hx_retry_delay_ms(HX_STR_EMPTY, 6), -1);
    assert_int_equal(hx_retry_delay_ms(HX_STR("1, 2"), 2), 2000);
    assert_int_equal(hx_retry_delay_ms(HX_STR("1,2"), 3), -1);
    assert_int_equal(hx_retry_delay_ms(HX_STR("1,x"), 2), -1);
    assert_int_equal(hx_retry_delay_ms(HX_STR("0"), 1), 0);
    assert_int_equal(hx_retry_delay_ms(HX_STR("86401"), 1), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_absence_is_no_proof),
                                       cmocka_unit_test(absence_is_proof_only_late),
                                       cmocka_unit_test(absence_is_no_proof_once_the_venue_forgets),
                                       cmocka_unit_test(answers),
                                       cmocka_unit_test(what_was_acknowledged_is_not_absent),
                                       cmocka_unit_test(asking_slows_down),
                                       cmocka_unit_test(deadline),
                                       cmocka_unit_test(who_wants_out_is_tried_again),
                                       cmocka_unit_test(schedule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
