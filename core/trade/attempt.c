#include "core/trade/attempt.h"

bool hx_attempt_may_send(hx_time now, hx_time send_by) {
#ifdef HX_BUG_8
    (void)now, (void)send_by;
    return true;
#else
    return now <= send_by;
#endif
}

hx_time hx_attempt_proof_time(const struct hx_venue_guarantees *guarantees, hx_time send_by) {
    return send_by + guarantees->receive_window_ms + guarantees->clock_slack_ms + guarantees->lookup_lag_ms;
}

/* 100 ms, 200, 400, … up to 5 s between questions. */
static int64_t ask_delay_ms(uint32_t asks) {
    return asks >= 6 ? 5000 : (int64_t)100 << asks;
}

struct hx_attempt_decision hx_attempt_decide(const struct hx_venue_guarantees *guarantees, hx_time send_by,
                                             uint32_t attempt, enum hx_outcome answer, hx_time asked, uint32_t asks,
                                             hx_time *absent_at) {
    hx_time again = asked + ask_delay_ms(asks);
    if (answer == HX_OUTCOME_DONE) return (struct hx_attempt_decision){HX_ATTEMPT_ADOPT, 0};
    if (answer != HX_OUTCOME_ABSENT) return (struct hx_attempt_decision){HX_ATTEMPT_ASK_AGAIN, again};
    if (!guarantees->has_timestamp_window) return (struct hx_attempt_decision){HX_ATTEMPT_ASK_OWNER, 0};
    hx_time proof = hx_attempt_proof_time(guarantees, send_by);
#ifdef HX_BUG_3
    proof = 0;
#endif
    if (asked <= proof) {
        /* An early answer can still find it; there is no point in asking later than the proof. */
        hx_time at = again < proof + 1 ? again : proof + 1;
        return (struct hx_attempt_decision){HX_ATTEMPT_ASK_AGAIN, at};
    }
    /* By then the venue may have forgotten that it had the order. */
    if (asked > send_by + guarantees->lookup_retention_ms) return (struct hx_attempt_decision){HX_ATTEMPT_ASK_OWNER, 0};
#if !defined(HX_BUG_3) && !defined(HX_BUG_9)
    if (*absent_at == 0 || *absent_at > asked) *absent_at = asked; /* Later: the clock was set back. */
    hx_time second = *absent_at + HX_ABSENCES_APART_MS;
    if (asked < second) return (struct hx_attempt_decision){HX_ATTEMPT_ASK_AGAIN, second};
#endif
    if (attempt >= HX_ATTEMPTS_MAX) return (struct hx_attempt_decision){HX_ATTEMPT_GIVE_UP, 0};
    return (struct hx_attempt_decision){HX_ATTEMPT_RESEND, 0};
}

struct hx_attempt_decision hx_attempt_decide_acknowledged(struct hx_attempt_decision decision) {
    bool as_absent = decision.verdict == HX_ATTEMPT_RESEND || decision.verdict == HX_ATTEMPT_GIVE_UP;
    return as_absent ? (struct hx_attempt_decision){HX_ATTEMPT_ASK_OWNER, 0} : decision;
}

enum hx_outcome hx_attempt_decide_refusal(enum hx_outcome outcome, bool halted, bool reduces) {
    return outcome == HX_OUTCOME_REJECTED && halted && reduces ? HX_OUTCOME_BUSY : outcome;
}

int64_t hx_retry_delay_ms(hx_str schedule, int64_t tries) {
    if (schedule.len == 0) schedule = HX_STR("30,60,300,900,1800");
    hx_str part;
    for (int64_t i = 1; hx_str_split(&schedule, ',', &part); i++) {
        uint64_t seconds = 0;
        if (i != tries) continue;
        if (hx_failed(hx_str_parse_u64(hx_str_trim(part), &seconds)) || seconds > 86400) return -1;
        return (int64_t)seconds * HX_MS_PER_SECOND;
    }
    return -1;
}
