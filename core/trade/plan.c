#include "core/trade/plan.h"

bool hx_signal_only_reduces(const struct hx_signal *signal) {
    switch (signal->action) {
        case HX_ACTION_CLOSE:
        case HX_ACTION_CLOSE_LONG:
        case HX_ACTION_CLOSE_SHORT:
            return true;
        case HX_ACTION_LONG:
        case HX_ACTION_SHORT:
            return signal->reduce_only;
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

/* CLOSE, CLOSE_LONG, CLOSE_SHORT, and LONG or SHORT with reduceOnly. `sign`: 1 closes longs, -1 shorts, 0 either. */
static struct hx_step plan_close(const struct hx_plan_input *input, int sign) {
    int held = hx_dec_sign(input->position);
    if (input->leg_count > 0 || held == 0 || (sign != 0 && held != sign)) return step_nothing(input);
    hx_dec most = hx_dec_abs(input->position);
    bool in_base = input->signal->has_quantity && input->signal->quantity_type == HX_QUANTITY_BASE;
    return step_close(input->position, in_base ? hx_dec_min(input->signal->quantity, most) : most);
}

/* LONG and SHORT: the opposite position goes first. */
static struct hx_step plan_enter(const struct hx_plan_input *input, int sign) {
    int held = hx_dec_sign(input->position);
    if (input->leg_count == 0 && held == -sign) return step_close(input->position, hx_dec_abs(input->position));
    bool still_opposite = held == -sign;
    if (still_opposite || (input->leg_count > 0 && input->legs[input->leg_count - 1].opens)) return step_nothing(input);
    enum hx_side side = sign > 0 ? HX_SIDE_BUY : HX_SIDE_SELL;
    return (struct hx_step){HX_STEP_OPEN, side, false, HX_DEC_ZERO};
}

/* A quantity below one step is no quantity. */
static hx_err floor_to_step(hx_dec quantity, hx_dec step, hx_dec *out) {
    *out = quantity;
    return hx_dec_sign(step) > 0 ? hx_dec_round_step(quantity, step, HX_ROUND_DOWN, out) : HX_OK;
}

static hx_err plan_target(const struct hx_plan_input *input, struct hx_step *out) {
    const struct hx_signal *signal = input->signal;
    hx_dec target, difference;
    HX_TRY(floor_to_step(signal->target, input->step, &target));
    if (input->leg_count == 0 && signal->has_previous && input->refuse_lost_alert) {
        hx_dec previous;
        HX_TRY(floor_to_step(signal->previous, input->step, &previous));
        if (!hx_dec_equal(previous, input->position)) {
            *out = (struct hx_step){HX_STEP_REFUSE, HX_SIDE_BUY, false, HX_DEC_ZERO};
            return HX_OK;
        }
    }
    *out = step_nothing(input);
    if (input->leg_count > 0 && input->legs[input->leg_count - 1].opens) return HX_OK;
    int held = hx_dec_sign(input->position);
    int wanted = hx_dec_sign(target);
    if (held != 0 && held != wanted) {
        if (input->leg_count == 0) *out = step_close(input->position, hx_dec_abs(input->position));
        return HX_OK;
    }
    HX_TRY(hx_dec_subtract(hx_dec_abs(target), hx_dec_abs(input->position), &difference));
    if (hx_dec_sign(difference) > 0 && !signal->reduce_only) {
        *out = (struct hx_step){HX_STEP_OPEN, wanted > 0 ? HX_SIDE_BUY : HX_SIDE_SELL, true, difference};
    } else if (hx_dec_sign(difference) < 0 && input->leg_count == 0) {
        *out = step_close(input->position, hx_dec_abs(difference));
    }
    return HX_OK;
}

hx_err hx_plan_decide(const struct hx_plan_input *input, struct hx_step *out) {
    const struct hx_signal *signal = input->signal;
    switch (signal->action) {
        case HX_ACTION_LONG:
            *out = signal->reduce_only ? plan_close(input, -1) : plan_enter(input, 1);
            return HX_OK;
        case HX_ACTION_SHORT:
            *out = signal->reduce_only ? plan_close(input, 1) : plan_enter(input, -1);
            return HX_OK;
        case HX_ACTION_CLOSE_LONG:
            *out = plan_close(input, 1);
            return HX_OK;
        case HX_ACTION_CLOSE_SHORT:
            *out = plan_close(input, -1);
            return HX_OK;
        case HX_ACTION_CLOSE:
            *out = plan_close(input, 0);
            return HX_OK;
        case HX_ACTION_TARGET:
            return plan_target(input, out);
    }
    return HX_ERR(BROKEN_INVARIANT);
}
