/* Goal: the plan of a signal follows from its action, the position and the legs behind it, and from nothing else.
 * Method: one table of situations with the step each must lead to, and a walk over random targets which must reach the
 * target in at most two legs, closing before it opens. */
#include "core/trade/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

struct situation {
    enum hx_action action;
    const char *quantity; /* NULL: none given. */
    const char *target;
    bool reduce_only;
    const char *position;
    int legs; /* -1: none, 0: a close, 1: an open, 2: a close and an open. */
    enum hx_step_kind kind;
    enum hx_side side;
    const char *step_quantity; /* NULL: left to the sizing. */
};

static const struct situation situations[] = {
    {HX_ACTION_LONG, "1", "0", false, "0", -1, HX_STEP_OPEN, HX_SIDE_BUY, NULL},
    {HX_ACTION_LONG, "1", "0", false, "2", -1, HX_STEP_OPEN, HX_SIDE_BUY, NULL},
    {HX_ACTION_LONG, "1", "0", false, "-2", -1, HX_STEP_CLOSE, HX_SIDE_BUY, "2"},
    {HX_ACTION_LONG, "1", "0", false, "0", 0, HX_STEP_OPEN, HX_SIDE_BUY, NULL},
    {HX_ACTION_LONG, "1", "0", false, "-0.5", 0, HX_STEP_DONE, HX_SIDE_BUY, NULL},
    {HX_ACTION_LONG, "1", "0", false, "1", 1, HX_STEP_DONE, HX_SIDE_BUY, NULL},
    {HX_ACTION_LONG, "1", "0", false, "1", 2, HX_STEP_DONE, HX_SIDE_BUY, NULL},
    {HX_ACTION_LONG, "1", "0", true, "-2", -1, HX_STEP_CLOSE, HX_SIDE_BUY, "1"},
    {HX_ACTION_LONG, "1", "0", true, "2", -1, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_SHORT, "1", "0", false, "0", -1, HX_STEP_OPEN, HX_SIDE_SELL, NULL},
    {HX_ACTION_SHORT, "1", "0", false, "3", -1, HX_STEP_CLOSE, HX_SIDE_SELL, "3"},
    {HX_ACTION_SHORT, "1", "0", true, "3", -1, HX_STEP_CLOSE, HX_SIDE_SELL, "1"},
    {HX_ACTION_CLOSE_LONG, NULL, "0", false, "3", -1, HX_STEP_CLOSE, HX_SIDE_SELL, "3"},
    {HX_ACTION_CLOSE_LONG, "1", "0", false, "3", -1, HX_STEP_CLOSE, HX_SIDE_SELL, "1"},
    {HX_ACTION_CLOSE_LONG, "5", "0", false, "3", -1, HX_STEP_CLOSE, HX_SIDE_SELL, "3"},
    {HX_ACTION_CLOSE_LONG, NULL, "0", false, "-3", -1, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_CLOSE_LONG, NULL, "0", false, "3", 0, HX_STEP_DONE, HX_SIDE_BUY, NULL},
    {HX_ACTION_CLOSE_SHORT, NULL, "0", false, "-3", -1, HX_STEP_CLOSE, HX_SIDE_BUY, "3"},
    {HX_ACTION_CLOSE_SHORT, NULL, "0", false, "3", -1, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_CLOSE, NULL, "0", false, "3", -1, HX_STEP_CLOSE, HX_SIDE_SELL, "3"},
    {HX_ACTION_CLOSE, NULL, "0", false, "-3", -1, HX_STEP_CLOSE, HX_SIDE_BUY, "3"},
    {HX_ACTION_CLOSE, NULL, "0", false, "0", -1, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, "1", "1", false, "0", -1, HX_STEP_OPEN, HX_SIDE_BUY, "1"},
    {HX_ACTION_TARGET, "1", "-1", false, "0", -1, HX_STEP_OPEN, HX_SIDE_SELL, "1"},
    {HX_ACTION_TARGET, "1", "3", false, "1", -1, HX_STEP_OPEN, HX_SIDE_BUY, "2"},
    {HX_ACTION_TARGET, "1", "1", false, "3", -1, HX_STEP_CLOSE, HX_SIDE_SELL, "2"},
    {HX_ACTION_TARGET, "1", "1", false, "1", 0, HX_STEP_DONE, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, "1", "1", false, "1", -1, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, "1", "0", false, "-2", -1, HX_STEP_CLOSE, HX_SIDE_BUY, "2"},
    {HX_ACTION_TARGET, "1", "0", false, "0", -1, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, "1", "-2", false, "1", -1, HX_STEP_CLOSE, HX_SIDE_SELL, "1"},
    {HX_ACTION_TARGET, "1", "-2", false, "0", 0, HX_STEP_OPEN, HX_SIDE_SELL, "2"},
    {HX_ACTION_TARGET, "1", "-2", false, "0.5", 0, HX_STEP_DONE, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, "1", "-2", false, "-1", 2, HX_STEP_DONE, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, "1", "3", true, "1", -1, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    /* A target's digits below the step are none: 1.0009 is 1.000 where the step is 0.001. */
    {HX_ACTION_TARGET, "1", "1.0009", false, "1", -1, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
};

static void table(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof situations / sizeof situations[0]; i++) {
        const struct situation *s = &situations[i];
        struct hx_signal signal = {.action = s->action, .reduce_only = s->reduce_only, .target = dec(s->target)};
        signal.has_quantity = s->quantity != NULL;
        if (s->quantity != NULL) signal.quantity = dec(s->quantity);
        const struct hx_leg legs[2] = {{.opens = s->legs == 1, .filled = true, .executed = dec("1")},
                                       {.opens = true, .filled = true, .executed = dec("1")}};
        const struct hx_plan_input input = {.signal = &signal,
                                            .position = dec(s->position),
                                            .step = dec("0.001"),
                                            .legs = legs,
                                            .leg_count = s->legs == 2  ? 2u
                                                         : s->legs < 0 ? 0u
                                                                       : 1u};
        struct hx_step step;
        assert_true(hx_ok(hx_plan_decide(&input, &step)));
        if (step.kind != s->kind) fail_msg("row %zu: kind %d, not %d", i, (int)step.kind, (int)s->kind);
        if (step.kind != HX_STEP_OPEN && step.kind != HX_STEP_CLOSE) continue;
        if (step.side != s->side) fail_msg("row %zu: wrong side", i);
        if (step.has_quantity != (s->step_quantity != NULL)) fail_msg("row %zu: quantity set or not", i);
        if (step.has_quantity && !hx_dec_equal(step.quantity, dec(s->step_quantity))) fail_msg("row %zu: quantity", i);
    }
}

static void lost_alert(void **state) {
    (void)state;
    struct hx_signal signal = {
        .action = HX_ACTION_TARGET, .target = dec("2"), .has_previous = true, .previous = dec("1")};
    struct hx_plan_input input = {.signal = &signal, .step = dec("0.001"), .refuse_lost_alert = true};
    struct hx_step step;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_REFUSE);
    input.refuse_lost_alert = false;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_OPEN);
    assert_true(hx_dec_equal(step.quantity, dec("2")));
    input.refuse_lost_alert = true;
    input.position = dec("1");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_OPEN);
    assert_true(hx_dec_equal(step.quantity, dec("1")));
}

static void every_target_is_reached(void **state) {
    (void)state;
    srand(7);
    for (int i = 0; i < 20000; i++) {
        struct hx_signal signal = {.action = HX_ACTION_TARGET, .target = hx_dec_from_i64(rand() % 11 - 5)};
        struct hx_plan_input input = {
            .signal = &signal, .position = hx_dec_from_i64(rand() % 11 - 5), .step = hx_dec_from_i64(1)};
        struct hx_leg legs[4];
        input.legs = legs;
        for (;;) {
            struct hx_step step;
            assert_true(hx_ok(hx_plan_decide(&input, &step)));
            if (step.kind == HX_STEP_DONE || step.kind == HX_STEP_NOTHING) break;
            assert_true(input.leg_count < 2);
            bool opens = step.kind == HX_STEP_OPEN;
            assert_true(opens || input.leg_count == 0);
            if (!opens) assert_true(hx_dec_compare(step.quantity, hx_dec_abs(input.position)) <= 0);
            legs[input.leg_count++] = (struct hx_leg){.opens = opens, .filled = true, .executed = step.quantity};
            hx_dec change = step.side == HX_SIDE_BUY ? step.quantity : hx_dec_negate(step.quantity);
            assert_true(hx_ok(hx_dec_add(input.position, change, &input.position)));
        }
        assert_true(hx_dec_equal(input.position, signal.target));
    }
}

/* Exits pass whatever was lost before; a flip closes, and then the opening is what is refused. */
static void lost_alert_never_keeps_a_position(void **state) {
    (void)state;
    struct hx_signal signal = {.action = HX_ACTION_TARGET, .has_previous = true, .previous = dec("3")};
    struct hx_plan_input input = {
        .signal = &signal, .position = dec("2"), .step = dec("0.001"), .refuse_lost_alert = true};
    struct hx_step step;
    const struct hx_leg closed = {.filled = true, .executed = dec("2")};
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_CLOSE);
    signal.target = dec("1");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_CLOSE);
    signal.target = dec("-1");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_CLOSE);
    input.position = HX_DEC_ZERO;
    input.legs = &closed;
    input.leg_count = 1;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_REFUSE);
    signal.previous = dec("2");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_OPEN);
}

/* A plain sell of 1 against a long of 0.4 sells 0.4 to be flat and opens 0.6. */
static void plain_orders_are_net(void **state) {
    (void)state;
    struct hx_signal signal = {
        .action = HX_ACTION_SHORT, .is_plain_order = true, .has_quantity = true, .quantity = dec("1")};
    struct hx_plan_input input = {.signal = &signal, .position = dec("0.4"), .step = dec("0.001")};
    struct hx_step step;
    const struct hx_leg closed = {.filled = true, .executed = dec("0.4")};
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_CLOSE);
    assert_true(hx_dec_equal(step.quantity, dec("0.4")));
    input.position = HX_DEC_ZERO;
    input.legs = &closed;
    input.leg_count = 1;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_OPEN);
    assert_true(hx_dec_equal(step.quantity, dec("0.6")));
    /* Against a long of 3 it only reduces. */
    input = (struct hx_plan_input){.signal = &signal, .position = dec("3"), .step = dec("0.001")};
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_true(step.kind == HX_STEP_CLOSE && hx_dec_equal(step.quantity, dec("1")));
    const struct hx_leg reduced = {.filled = true, .executed = dec("1")};
    input.position = dec("2");
    input.legs = &reduced;
    input.leg_count = 1;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_DONE);
}

struct small {
    const char *target, *previous, *position; /* previous NULL: not said. */
    int held_before;                          /* 0: there are no legs; else a close of such a position. */
    enum hx_step_kind kind;
    const char *step_quantity;
};

/* With a step of 0.001. What there is none of yet is an opening, for the sizing to refuse; what differs by less than a
 * step is there. */
static void a_target_below_one_step(void **state) {
    static const struct small rows[] = {
        {"0.0004", NULL, "0", 0, HX_STEP_OPEN, "0.0004"},
        {"-0.0004", NULL, "0", 0, HX_STEP_OPEN, "0.0004"},
        {"0.0004", "0", "0", 0, HX_STEP_OPEN, "0.0004"},
        {"0.0004", "-1", "0", 0, HX_STEP_OPEN, "0.0004"},
        {"0.0004", NULL, "-2", 0, HX_STEP_CLOSE, "2"},
        {"0.0004", NULL, "0", -1, HX_STEP_OPEN, "0.0004"},
        {"-0.0004", NULL, "0", 1, HX_STEP_OPEN, "0.0004"},
        /* A strategy that comes down to it has left. */
        {"0.0004", NULL, "2", 0, HX_STEP_CLOSE, "2"},
        {"0.0004", NULL, "0", 1, HX_STEP_DONE, NULL},
        {"-0.0004", NULL, "0", -1, HX_STEP_DONE, NULL},
        {"0.0004", "1", "0", 0, HX_STEP_NOTHING, NULL},
        {"0.0004", "1", "0", -1, HX_STEP_DONE, NULL},
        {"0", "1", "0", 0, HX_STEP_NOTHING, NULL},
        /* An adjustment of less than a step is none. */
        {"0.0104", NULL, "0.01", 0, HX_STEP_NOTHING, NULL},
        {"0.0104", "0.01", "0.01", 0, HX_STEP_NOTHING, NULL},
        {"-0.0104", NULL, "-0.01", 0, HX_STEP_NOTHING, NULL},
        {"0.0112", NULL, "0.01", 0, HX_STEP_OPEN, "0.001"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct small *row = &rows[i];
        struct hx_signal signal = {
            .action = HX_ACTION_TARGET, .target = dec(row->target), .has_previous = row->previous != NULL};
        if (signal.has_previous) signal.previous = dec(row->previous);
        const struct hx_leg closed = {.filled = true, .executed = dec("2")};
        const struct hx_plan_input input = {.signal = &signal,
                                            .position = dec(row->position),
                                            .step = dec("0.001"),
                                            .legs = &closed,
                                            .leg_count = row->held_before != 0 ? 1 : 0,
                                            .held_before = row->held_before};
        struct hx_step step;
        assert_true(hx_ok(hx_plan_decide(&input, &step)));
        if (step.kind != row->kind) fail_msg("row %zu: kind %d, not %d", i, (int)step.kind, (int)row->kind);
        if (row->step_quantity == NULL) continue;
        if (!hx_dec_equal(step.quantity, dec(row->step_quantity))) fail_msg("row %zu: quantity", i);
    }
}

/* Of a plain order a rest below one step is rounded off, as of any other; the whole of it is not passed over. */
static void a_plain_order_below_one_step(void **state) {
    (void)state;
    struct hx_signal signal = {
        .action = HX_ACTION_LONG, .is_plain_order = true, .has_quantity = true, .quantity = dec("0.0004")};
    struct hx_plan_input input = {.signal = &signal, .step = dec("0.001")};
    struct hx_step step;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_true(step.kind == HX_STEP_OPEN && hx_dec_equal(step.quantity, dec("0.0004")));
    input.position = dec("1");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_true(step.kind == HX_STEP_OPEN && hx_dec_equal(step.quantity, dec("0.0004")));
    const struct hx_leg closed = {.filled = true, .executed = dec("0.01")};
    signal.quantity = dec("0.0104");
    input = (struct hx_plan_input){
        .signal = &signal, .step = dec("0.001"), .legs = &closed, .leg_count = 1, .held_before = -1};
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_DONE);
    signal.quantity = dec("0.0114");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_true(step.kind == HX_STEP_OPEN && hx_dec_equal(step.quantity, dec("0.0014")));
}

/* On spot the smallest order may be many steps: a first buy below it is no dust that is there already. */
static void a_first_buy_below_the_smallest_order(void **state) {
    (void)state;
    struct hx_signal signal = {.market = HX_MARKET_SPOT, .action = HX_ACTION_TARGET, .target = dec("0.0003")};
    struct hx_plan_input input = {.signal = &signal, .spot = true, .slack = dec("0.0005"), .step = dec("0.0001")};
    struct hx_step step;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_true(step.kind == HX_STEP_OPEN && hx_dec_equal(step.quantity, dec("0.0003")));
    input.position = dec("0.0002");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_true(step.kind == HX_STEP_OPEN && hx_dec_equal(step.quantity, dec("0.0001")));
    input.position = dec("0.0003");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_NOTHING);
    input.position = dec("0.0006");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_NOTHING);
}

/* 250 with orders of at most 100: three closes. A close that was not filled whole ends it. */
static void large_closes_take_several_orders(void **state) {
    (void)state;
    struct hx_signal signal = {.action = HX_ACTION_CLOSE};
    struct hx_leg legs[4];
    struct hx_plan_input input = {
        .signal = &signal, .position = dec("250"), .step = dec("0.001"), .close_max = dec("100"), .legs = legs};
    struct hx_step step;
    for (int i = 0; i < 3; i++) {
        assert_true(hx_ok(hx_plan_decide(&input, &step)));
        assert_int_equal(step.kind, HX_STEP_CLOSE);
        hx_dec executed = hx_dec_min(step.quantity, input.close_max);
        legs[input.leg_count++] = (struct hx_leg){.filled = true, .executed = executed};
        assert_true(hx_ok(hx_dec_subtract(input.position, executed, &input.position)));
    }
    assert_true(hx_dec_is_zero(input.position));
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_DONE);
    input.position = dec("150");
    input.leg_count = 1;
    legs[0].filled = false;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_DONE);
    signal.has_quantity = true;
    signal.quantity = dec("150");
    legs[0].filled = true;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_true(step.kind == HX_STEP_CLOSE && hx_dec_equal(step.quantity, dec("50")));
}

static void only_reduces(void **state) {
    (void)state;
    struct hx_signal signal = {.action = HX_ACTION_LONG};
    assert_false(hx_signal_only_reduces(&signal));
    signal.reduce_only = true;
    assert_true(hx_signal_only_reduces(&signal));
    signal = (struct hx_signal){.action = HX_ACTION_CLOSE_SHORT};
    assert_true(hx_signal_only_reduces(&signal));
    signal = (struct hx_signal){.action = HX_ACTION_TARGET, .target = dec("1")};
    assert_false(hx_signal_only_reduces(&signal));
    signal.target = HX_DEC_ZERO;
    assert_true(hx_signal_only_reduces(&signal));
    /* A sale on spot can't add exposure; elsewhere it can. */
    signal = (struct hx_signal){.action = HX_ACTION_SHORT, .is_plain_order = true};
    assert_false(hx_signal_only_reduces(&signal));
    signal.market = HX_MARKET_SPOT;
    assert_true(hx_signal_only_reduces(&signal));
    signal.action = HX_ACTION_LONG;
    assert_false(hx_signal_only_reduces(&signal));
}

/* Spot: what the account holds, what commissions took of it, and the steps that may follow. */
struct holding {
    enum hx_action action;
    bool is_plain;
    const char *quantity; /* NULL: none given. */
    const char *target, *position, *commission;
    int legs; /* 0: none, 1: a close of 1. */
    enum hx_step_kind kind;
    enum hx_side side;
    const char *step_quantity;
};

static const struct holding holdings[] = {
    {HX_ACTION_LONG, false, "1", "0", "0.999", "0.001", 0, HX_STEP_OPEN, HX_SIDE_BUY, NULL},
    /* A plain sell sells at most what is held, and opens nothing. */
    {HX_ACTION_SHORT, true, "1", "0", "0.999", "0.001", 0, HX_STEP_CLOSE, HX_SIDE_SELL, "0.999"},
    {HX_ACTION_SHORT, true, "0.5", "0", "0.999", "0.001", 0, HX_STEP_CLOSE, HX_SIDE_SELL, "0.5"},
    {HX_ACTION_SHORT, true, "1", "0", "0", "0", 0, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_SHORT, true, "2", "0", "0", "0", 1, HX_STEP_DONE, HX_SIDE_BUY, NULL},
    {HX_ACTION_SHORT, true, "2", "0", "0.0004", "0", 1, HX_STEP_DONE, HX_SIDE_BUY, NULL},
    {HX_ACTION_LONG, true, "1", "0", "0", "0", 0, HX_STEP_OPEN, HX_SIDE_BUY, "1"},
    /* What the door refuses would open nothing either. */
    {HX_ACTION_SHORT, false, "1", "0", "0", "0", 0, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, false, NULL, "-1", "0", "0", 0, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, false, NULL, "-1", "0.5", "0", 0, HX_STEP_CLOSE, HX_SIDE_SELL, "0.5"},
    {HX_ACTION_CLOSE, false, NULL, "0", "0.999", "0.001", 0, HX_STEP_CLOSE, HX_SIDE_SELL, "0.999"},
    {HX_ACTION_TARGET, false, NULL, "0", "0.999", "0.001", 0, HX_STEP_CLOSE, HX_SIDE_SELL, "0.999"},
    /* Commissions are no reason to trade: the strategy does not count them. */
    {HX_ACTION_TARGET, false, NULL, "1", "0.999", "0.001", 0, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, false, NULL, "2", "0.999", "0.001", 0, HX_STEP_OPEN, HX_SIDE_BUY, "1"},
    {HX_ACTION_TARGET, false, NULL, "0.5", "0.999", "0.001", 0, HX_STEP_CLOSE, HX_SIDE_SELL, "0.5"},
    /* Nor is dust; but it is part of what is wanted. */
    {HX_ACTION_TARGET, false, NULL, "1", "0.9996", "0", 0, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, false, NULL, "1", "1.0004", "0", 0, HX_STEP_NOTHING, HX_SIDE_BUY, NULL},
    {HX_ACTION_TARGET, false, NULL, "1", "0.0004", "0", 0, HX_STEP_OPEN, HX_SIDE_BUY, "0.9996"},
};

static void on_spot_only_what_is_held_is_sold(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof holdings / sizeof holdings[0]; i++) {
        const struct holding *h = &holdings[i];
        struct hx_signal signal = {.market = HX_MARKET_SPOT,
                                   .action = h->action,
                                   .is_plain_order = h->is_plain,
                                   .has_quantity = h->quantity != NULL,
                                   .target = dec(h->target)};
        if (h->quantity != NULL) signal.quantity = dec(h->quantity);
        const struct hx_leg leg = {.filled = true, .executed = dec("1")};
        const struct hx_plan_input input = {.signal = &signal,
                                            .position = dec(h->position),
                                            .spot = true,
                                            .commission = dec(h->commission),
                                            .slack = dec("0.0005"),
                                            .step = dec("0.0001"),
                                            .legs = &leg,
                                            .leg_count = (uint32_t)h->legs};
        struct hx_step step;
        assert_true(hx_ok(hx_plan_decide(&input, &step)));
        if (step.kind != h->kind) fail_msg("row %zu: kind %d, not %d", i, (int)step.kind, (int)h->kind);
        if (step.kind != HX_STEP_OPEN && step.kind != HX_STEP_CLOSE) continue;
        if (step.side != h->side) fail_msg("row %zu: wrong side", i);
        if (step.has_quantity != (h->step_quantity != NULL)) fail_msg("row %zu: quantity set or not", i);
        if (step.has_quantity && !hx_dec_equal(step.quantity, dec(h->step_quantity))) fail_msg("row %zu: quantity", i);
    }
}

/* An alert was not lost only because a commission or dust makes a difference. */
static void on_spot_a_commission_is_no_lost_alert(void **state) {
    (void)state;
    struct hx_signal signal = {.market = HX_MARKET_SPOT,
                               .action = HX_ACTION_TARGET,
                               .target = dec("3"),
                               .has_previous = true,
                               .previous = dec("1")};
    struct hx_plan_input input = {.signal = &signal,
                                  .position = dec("0.999"),
                                  .spot = true,
                                  .commission = dec("0.001"),
                                  .slack = dec("0.0005"),
                                  .step = dec("0.0001"),
                                  .refuse_lost_alert = true};
    struct hx_step step;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_OPEN);
    signal.previous = dec("2");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_REFUSE);
    signal.previous = HX_DEC_ZERO;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_REFUSE);
    input.position = dec("0.0004");
    input.commission = HX_DEC_ZERO;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_OPEN);
    /* A short before is none of ours: something was lost. */
    signal.previous = dec("-1");
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_REFUSE);
}

/* A close that the venue cut short goes on with what is left; one that ended otherwise does not. */
static void a_close_goes_on_after_a_cut(void **state) {
    (void)state;
    const struct hx_signal exit = {.action = HX_ACTION_CLOSE};
    const struct hx_signal some = {
        .action = HX_ACTION_CLOSE, .has_quantity = true, .quantity = dec("2"), .quantity_type = HX_QUANTITY_BASE};
    const struct hx_signal flip = {.action = HX_ACTION_SHORT, .has_quantity = true, .quantity = dec("1")};
    struct hx_leg legs[HX_PLAN_LEGS_MAX] = {{.cut = true, .executed = dec("1.5")}};
    struct hx_plan_input input = {.signal = &exit, .position = dec("3"), .legs = legs, .leg_count = 1};
    struct hx_step step;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_CLOSE);
    assert_true(hx_dec_equal(step.quantity, dec("3")));
    input.signal = &some;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_CLOSE);
    assert_true(hx_dec_equal(step.quantity, dec("0.5")));
    input.signal = &flip;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_CLOSE);
    input.position = HX_DEC_ZERO;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_OPEN);
    input.position = dec("3");
    legs[0].cut = false;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_DONE);
    for (uint32_t i = 0; i < HX_PLAN_LEGS_MAX; i++) legs[i] = (struct hx_leg){.cut = true, .executed = dec("0.1")};
    input.leg_count = HX_PLAN_LEGS_MAX;
    assert_true(hx_ok(hx_plan_decide(&input, &step)));
    assert_int_equal(step.kind, HX_STEP_DONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(table),
                                       cmocka_unit_test(lost_alert),
                                       cmocka_unit_test(every_target_is_reached),
                                       cmocka_unit_test(only_reduces),
                                       cmocka_unit_test(lost_alert_never_keeps_a_position),
                                       cmocka_unit_test(plain_orders_are_net),
                                       cmocka_unit_test(a_target_below_one_step),
                                       cmocka_unit_test(a_plain_order_below_one_step),
                                       cmocka_unit_test(a_first_buy_below_the_smallest_order),
                                       cmocka_unit_test(large_closes_take_several_orders),
                                       cmocka_unit_test(a_close_goes_on_after_a_cut),
                                       cmocka_unit_test(on_spot_only_what_is_held_is_sold),
                                       cmocka_unit_test(on_spot_a_commission_is_no_lost_alert)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
