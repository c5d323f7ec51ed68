/* Attempts: the exactly-once rule, as pure decisions over one order row (DESIGN 2.6).
 *
 * An attempt may be sent while now <= send_by, once. Whatever does not prove what became of it is unknown, and is
 * resolved by asking the venue for the client order id. "Absent" is proof only when asked after
 *     send_by + receive window + clock slack + lookup lag,
 * because by then the venue's own timestamp check refuses every copy still in flight; and only as long as the venue
 * remembers orders that have ended (send_by + lookup retention). It takes two such answers, HX_ABSENCES_APART_MS from
 * each other: one may come from a copy of the venue that is behind. */
#ifndef HX_CORE_TRADE_ATTEMPT_H
#define HX_CORE_TRADE_ATTEMPT_H

#include "core/base/time.h"
#include "core/venue/venue.h"

#define HX_ATTEMPTS_MAX 8
#define HX_ABSENCES_APART_MS 2000

enum hx_attempt_verdict {
    HX_ATTEMPT_ADOPT,     /* The venue has it: take its report. */
    HX_ATTEMPT_RESEND,    /* Proven absent: write and send the next attempt. */
    HX_ATTEMPT_GIVE_UP,   /* Proven absent too often. */
    HX_ATTEMPT_ASK_AGAIN, /* No proof yet: ask at `at`. */
    HX_ATTEMPT_ASK_OWNER, /* No proof is possible at this venue: stop. */
};

struct hx_attempt_decision {
    enum hx_attempt_verdict verdict;
    hx_time at;
};

bool hx_attempt_may_send(hx_time now, hx_time send_by);

/* When an absence becomes proof. */
hx_time hx_attempt_proof_time(const struct hx_venue_guarantees *guarantees, hx_time send_by);

/* `asked` is the time before the question left, `asks` how often it was asked before in this run. *absent_at: when the
 * first absence of this attempt that may be proof was asked for; 0: not yet. It is the caller's to keep. */
struct hx_attempt_decision hx_attempt_decide(const struct hx_venue_guarantees *guarantees, hx_time send_by,
                                             uint32_t attempt, enum hx_outcome answer, hx_time asked, uint32_t asks,
                                             hx_time *absent_at);

/* The same for an attempt that the venue acknowledged, with an id of its own: that order was taken, so not finding it
 * proves nothing, and it is never sent again. */
struct hx_attempt_decision hx_attempt_decide_acknowledged(struct hx_attempt_decision decision);

/* What a refusal of an order means. An order that only reduces and is refused because its symbol is not traded now is
 * to be tried again, like one of a busy venue: who wants out still wants out when it is traded again. */
enum hx_outcome hx_attempt_decide_refusal(enum hx_outcome outcome, bool halted, bool reduces);

/* The delay before try number `tries` (1 is the first retry) of HOOX_RETRY_SCHEDULE, a comma list of seconds; -1 when
 * the schedule is over. The default is 30,60,300,900,1800. */
int64_t hx_retry_delay_ms(hx_str schedule, int64_t tries);

#endif
