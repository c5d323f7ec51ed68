/* Planning: which order, if any, a signal needs next, given the position and the orders it has already led to.
 *
 * Pure, and a function of durable state only, so that after a crash the same question gets the same answer. A signal
 * leads to a close and then an open at most; a close larger than the venue's largest order takes several legs, and so
 * does one of which the venue executed only a part. */
#ifndef HX_CORE_TRADE_PLAN_H
#define HX_CORE_TRADE_PLAN_H

#include "core/base/dec.h"
#include "core/signal/signal.h"
#include "core/venue/venue.h"

#define HX_PLAN_LEGS_MAX 15 /* Closing legs, so that an opening one still has a number (HX_LEG_MAX). */

enum hx_step_kind {
    HX_STEP_DONE,    /* Every leg the signal needed is there. */
    HX_STEP_NOTHING, /* It needs no order at all: already so. */
    HX_STEP_CLOSE,   /* Reduce-only, `quantity` in base units. */
    /* Adds exposure; `quantity` is set for targets and plain orders, else the signal's sizing decides. It may be too
     * little for the venue: that a signal opens nothing is for the sizing to refuse, not for the plan to pass over. */
    HX_STEP_OPEN,
    HX_STEP_REFUSE, /* An alert before this one was lost, and the setting says to refuse then. */
};

struct hx_step {
    enum hx_step_kind kind;
    enum hx_side side;
    bool has_quantity;
    hx_dec quantity;
};

/* A leg that is already final. */
struct hx_leg {
    bool opens;
    bool filled;     /* Whole. */
    bool cut;        /* It ended early, and what is held is another quantity since. */
    hx_dec executed; /* Base units. */
};

struct hx_plan_input {
    const struct hx_signal *signal;
    hx_dec position; /* Signed, at the chosen account. */
    bool spot;       /* The position is what is held: nothing else can be sold, and nothing be short. */
    /* Of the position's round trip, in its asset: what commissions took. A strategy does not know of it, so a target is
     * compared with what would be there without. */
    hx_dec commission;
    hx_dec slack;     /* A target this close to the position is reached; zero: exactly. */
    hx_dec step;      /* Quantity step: differences below it are none. */
    hx_dec close_max; /* Largest order that closes; zero: none. */
    const struct hx_leg *legs;
    uint32_t leg_count;
    int held_before;        /* Sign of the position before the first leg; without legs it is the position's. */
    bool refuse_lost_alert; /* HOOX_TARGET_MISMATCH=refuse. */
};

/* REJECT_RANGE or REJECT_PRECISION when quantities can't be subtracted exactly. */
HX_MUST_USE hx_err hx_plan_decide(const struct hx_plan_input *input, struct hx_step *out);

/* True when no step of this signal can add exposure: exempt from rate limit and expiry. */
bool hx_signal_only_reduces(const struct hx_signal *signal);

#endif
