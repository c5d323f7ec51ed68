#include "core/trade/plan.h"

bool hx_signal_only_reduces(const struct hx_signal *signal) {
    switch (signal->action) {
        case HX_ACTION_CLOSE:
        case HX_ACTION_CLOSE_LONG:
        case HX_ACTION_CLOSE_SHORT:
            return true;
        case HX_ACTION_LONG:
            return signal->reduce_only;
        case HX_ACTION_SHORT:
            return signal->reduce_only || signal->market == HX_MARKET_SPOT;
        case HX_ACTION_TARGET:
            return signal->reduce_only || hx_dec_is_zero(signal->target);
    }
    return false;
}

static struct hx_step step_close(hx_dec position, hx_dec quantity) {
    enum hx_side side = hx_dec_sign(position) > 0 ? HX_SIDE_SELL : HX_SIDE_BUY;
    return (struct hx_step){HX_STEP_CLOSE, side, true, hx_dec_min(hx_dec_abs(position), quantity)};
}

static struct hx_step step_nothing(const struct hx_plan_input *input) {
    return (struct hx_step){input->leg_count > 0 ? HX_STEP_DONE : HX_STEP_NOTHING, HX_SIDE_BUY, false, HX_DEC_ZERO};
}

static bool has_opened(const struct hx_plan_input *input) {
    return input->leg_count > 0 && input->legs[input->leg_count - 1].opens;
}

/* Closing begins with the first leg, and goes on while the last one was cut short, or was as large as an order can be,
 * and filled. */
static bool may_close(const struct hx_plan_input *input) {
    if (input->leg_count == 0) return true;
    if (input->leg_count >= HX_PLAN_LEGS_MAX) return false;
    const struct hx_leg *last = &input->legs[input->leg_count - 1];
    bool largest = last->filled && hx_dec_sign(input->close_max) > 0 && hx_dec_equal(last->executed, input->close_max);
    return !last->opens && (last->cut || largest);
}

/* What the closing legs have executed so far. */
static hx_err sum_closed(const struct hx_plan_input *input, hx_dec *closed) {
    *closed = HX_DEC_ZERO;
    for (uint32_t i = 0; i < input->leg_count; i++) {
        if (!input->legs[i].opens) HX_TRY(hx_dec_add(*closed, input->legs[i].executed, closed));
    }
    return HX_OK;
}

/* CLOSE, CLOSE_LONG, CLOSE_SHORT, and LONG or SHORT with reduceOnly. `sign`: 1 closes longs, -1 shorts, 0 either. */
static hx_err plan_close(const struct hx_plan_input *input, int sign, struct hx_step *out) {
    int held = hx_dec_sign(input->position);
    hx_dec closed;
    *out = step_nothing(input);
    if (!may_close(input) || held == 0 || (sign != 0 && held != sign)) return HX_OK;
    hx_dec most = hx_dec_abs(input->position);
    if (input->signal->has_quantity && input->signal->quantity_type == HX_QUANTITY_BASE) {
        HX_TRY(sum_closed(input, &closed));
        hx_dec left;
        HX_TRY(hx_dec_subtract(input->signal->quantity, closed, &left));
        most = hx_dec_min(left, most);
    }
    if (hx_dec_sign(most) > 0) *out = step_close(input->position, most);
    return HX_OK;
}

/* LONG and SHORT: the opposite position goes first. */
static hx_err plan_enter(const struct hx_plan_input *input, int sign, struct hx_step *out) {
    int held = hx_dec_sign(input->position);
    *out = step_nothing(input);
    if (held == -sign && may_close(input)) *out = step_close(input->position, hx_dec_abs(input->position));
    if (held == -sign || has_opened(input)) return HX_OK;
    *out = (struct hx_step){HX_STEP_OPEN, sign > 0 ? HX_SIDE_BUY : HX_SIDE_SELL, false, HX_DEC_ZERO};
    return HX_OK;
}

/* A quantity below one step is no quantity. */
static hx_err floor_to_step(hx_dec quantity, hx_dec step, hx_dec *out) {
    *out = quantity;
    return hx_dec_sign(step) > 0 ? hx_dec_round_step(quantity, step, HX_ROUND_DOWN, out) : HX_OK;
}

/* A plain buy or sell of so many contracts: it takes from an opposite position first, and opens only what is left. */
static hx_err plan_order(const struct hx_plan_input *input, int sign, struct hx_step *out) {
    int held = hx_dec_sign(input->position);
    hx_dec closed, left, whole;
    *out = step_nothing(input);
    HX_TRY(sum_closed(input, &closed));
    HX_TRY(hx_dec_subtract(input->signal->quantity, closed, &left));
    HX_TRY(floor_to_step(left, input->step, &whole));
    bool is_rest = input->leg_count > 0 && hx_dec_is_zero(whole);
    if (hx_dec_sign(left) <= 0 || is_rest || has_opened(input)) return HX_OK;
    if (held == -sign) {
        if (may_close(input)) *out = step_close(input->position, left);
        return HX_OK;
    }
    if (input->spot && sign < 0) return HX_OK;
    *out = (struct hx_step){HX_STEP_OPEN, sign > 0 ? HX_SIDE_BUY : HX_SIDE_SELL, true, left};
    return HX_OK;
}

/* The position as the strategy knows it. */
static hx_err without_commission(const struct hx_plan_input *input, hx_dec *out) {
    return hx_dec_add(hx_dec_abs(input->position), input->commission, out);
}

/* Whether a difference is too small to be one. */
static bool is_none(const struct hx_plan_input *input, hx_dec difference) {
    return hx_dec_is_zero(difference) || hx_dec_compare(hx_dec_abs(difference), input->slack) < 0;
}

/* Whether what the strategy held before is not what was there when its alert came: an earlier alert was lost. After a
 * close, what was there is what has been closed. */
static hx_err lost_alert(const struct hx_plan_input *input, bool *lost) {
    hx_dec previous, was, apart;
    HX_TRY(floor_to_step(input->signal->previous, input->step, &previous));
    HX_TRY(sum_closed(input, &was));
    if (input->leg_count == 0) HX_TRY(without_commission(input, &was));
    HX_TRY(hx_dec_subtract(hx_dec_abs(previous), was, &apart));
    bool same_side =
        input->leg_count > 0 || is_none(input, was) || hx_dec_sign(previous) == hx_dec_sign(input->position);
    *lost = !same_side || !is_none(input, apart);
    return HX_OK;
}

/* Whether a target is a position where there is none, or was one of the other side: an opening, however small. A
 * strategy that comes down to a rest opens nothing. */
static bool begins(const struct hx_plan_input *input) {
    const struct hx_signal *signal = input->signal;
    int wanted = hx_dec_sign(signal->target);
    bool comes_down = signal->has_previous && hx_dec_sign(signal->previous) == wanted &&
                      hx_dec_compare(hx_dec_abs(signal->previous), hx_dec_abs(signal->target)) > 0;
    bool was_there = input->leg_count > 0 && input->held_before == wanted;
    return wanted != 0 && is_none(input, input->position) && !was_there && !comes_down;
}

static hx_err plan_target(const struct hx_plan_input *input, struct hx_step *out) {
    const struct hx_signal *signal = input->signal;
    hx_dec target, known, difference;
    bool lost = false, opening = begins(input);
    *out = step_nothing(input);
    if (has_opened(input)) return HX_OK;
    HX_TRY(floor_to_step(signal->target, input->step, &target));
    if (opening && hx_dec_is_zero(target)) target = signal->target;
    int held = hx_dec_sign(input->position);
    int wanted = hx_dec_sign(target);
    if (input->spot && wanted < 0) wanted = 0;
    if (held != 0 && held != wanted) {
        if (may_close(input)) *out = step_close(input->position, hx_dec_abs(input->position));
        return HX_OK;
    }
    if (wanted == 0) return HX_OK;
    HX_TRY(without_commission(input, &known));
    HX_TRY(hx_dec_subtract(hx_dec_abs(target), known, &difference));
    if (is_none(input, difference) && (!opening || hx_dec_sign(difference) <= 0)) return HX_OK;
    if (hx_dec_sign(difference) < 0 && may_close(input)) {
        *out = step_close(input->position, hx_dec_abs(difference));
    }
    if (hx_dec_sign(difference) <= 0 || signal->reduce_only) return HX_OK;
    /* Leaving a position is never refused, only adding to one. */
    if (signal->has_previous && input->refuse_lost_alert) HX_TRY(lost_alert(input, &lost));
    *out = (struct hx_step){lost ? HX_STEP_REFUSE : HX_STEP_OPEN, wanted > 0 ? HX_SIDE_BUY : HX_SIDE_SELL, !lost,
                            lost ? HX_DEC_ZERO : difference};
    return HX_OK;
}

static hx_err plan_side(const struct hx_plan_input *input, int sign, struct hx_step *out) {
    bool only_closes = input->signal->reduce_only || (input->spot && sign < 0 && !input->signal->is_plain_order);
    if (only_closes) return plan_close(input, -sign, out);
    return input->signal->is_plain_order ? plan_order(input, sign, out) : plan_enter(input, sign, out);
}

hx_err hx_plan_decide(const struct hx_plan_input *input, struct hx_step *out) {
    switch (input->signal->action) {
        case HX_ACTION_LONG:
            return plan_side(input, 1, out);
        case HX_ACTION_SHORT:
            return plan_side(input, -1, out);
        case HX_ACTION_CLOSE_LONG:
            return plan_close(input, 1, out);
        case HX_ACTION_CLOSE_SHORT:
            return plan_close(input, -1, out);
        case HX_ACTION_CLOSE:
            return plan_close(input, 0, out);
        case HX_ACTION_TARGET:
            return plan_target(input, out);
    }
    return HX_ERR(BROKEN_INVARIANT);
}
