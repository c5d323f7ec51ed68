/* Orders that rest at the venue: what became of them, and when they stand in a signal's way. */
#include "core/admit/manifest.h"
#include "core/app/work.h"
#include "core/trade/attempt.h"

#define ASKS_MAX 4
#define ASK_PAUSE_MS 250
#define LATE_MS HX_MS_PER_MINUTE /* A venue may not find an order that was placed so short a time ago. */
#define ROOM_ROUNDS_MAX 4

static bool has_ended(const struct hx_order_report *report) {
    return report->outcome == HX_OUTCOME_DONE && report->status != HX_ORDER_NEW &&
           report->status != HX_ORDER_PARTIALLY_FILLED;
}

hx_err hx_work_ask_resting(struct hx_work *work, struct hx_order_row *order, bool cancel,
                           struct hx_order_report *report) {
    struct hx_req *req = work->req;
    bool is_late = hx_port_now(req) - order->created_ms > LATE_MS;
    uint32_t denials = 0;
    for (uint32_t asks = 0; asks < ASKS_MAX; asks++) {
        if (asks > 0) HX_TRY(hx_port_sleep(req, hx_port_now(req) + ASK_PAUSE_MS));
        hx_mem_set(report, 0, sizeof(*report));
        report->outcome = HX_OUTCOME_UNKNOWN;
        if (cancel) hx_venue_cancel(req, &order->account, order->symbol, order->client_order_id, report);
        /* The answer to a cancel is the order's state; any other answer means asking. */
        if (!has_ended(report)) {
            hx_venue_query(req, &order->account, order->symbol, order->client_order_id, report);
        }
        if (report->outcome == HX_OUTCOME_ABSENT) denials++;
        if (has_ended(report)) return HX_OK;
        if (report->held_back || (report->outcome == HX_OUTCOME_DONE && !cancel)) break;
    }
    if (report->outcome == HX_OUTCOME_DONE) return hx_denied_note_seen(req, order);
    return is_late && denials == ASKS_MAX ? hx_denied_weigh(req, order, report) : HX_OK;
}

hx_err hx_work_settle_resting(struct hx_work *work, struct hx_order_row *order, const struct hx_order_report *report,
                              enum hx_work_result *result) {
    struct hx_position before;
    if (!order->disowned) return hx_work_settle(work, order, report, false, result);
    HX_TRY(hx_ledger_position(work->req, &order->account, order->symbol, work->rules.quote_asset, &before));
    HX_TRY(hx_work_settle(work, order, report, false, result));
    bool ended = *result != HX_WORK_PARKED && order->finished;
    return ended && !hx_dec_is_zero(order->executed_quantity) ? hx_work_follow_turned_up(work, order, &before) : HX_OK;
}

/* Resting entries that would undo the signal: a close cancels entries of its side, an entry those of the other side. */
static bool stands_in_the_way(const struct hx_work *work, const struct hx_order_row *resting) {
    if (!resting->opens) return false;
    switch (work->signal.action) {
        case HX_ACTION_CLOSE_LONG:
        case HX_ACTION_SHORT:
            return resting->side == HX_SIDE_BUY;
        case HX_ACTION_CLOSE_SHORT:
        case HX_ACTION_LONG:
            return resting->side == HX_SIDE_SELL;
        case HX_ACTION_CLOSE:
        case HX_ACTION_TARGET:
            return true;
    }
    return false;
}

/* A lane spans venues and markets: what rests elsewhere is none of this signal's business. */
static bool is_of_account(const struct hx_work *work, const struct hx_order_row *order) {
    return order->account.venue == work->account.venue && order->account.market == work->account.market;
}

/* One look at the orders that rest. */
struct clearing {
    struct hx_venue_result *busy;
    bool leaves;                /* The signal only reduces, or has something to close before it opens. */
    bool moved;                 /* The ledger has changed. */
    const struct hx_step *step; /* Of making room: what is to be closed, */
    hx_dec asked;               /* what orders that rest ask to close, */
    hx_dec excess;              /* and how much that is too much. */
};

/* Whether a signal may go although nobody knows what became of the order. Who leaves waits for that once. An order that
 * `blocks` it by asking to close the same is let be only when the venue has denied it for minutes, or there is no other
 * try; and on spot an order that sells never is: it may have sold what the exit would, and what the exit takes then is
 * its owner's. */
static bool may_pass(const struct hx_work *work, const struct hx_order_row *order, bool blocks) {
    hx_str schedule = HX_STR_EMPTY;
    if (!order->opens && work->account.market == HX_MARKET_SPOT) return false;
    if (hx_manifest_queue_mode(work->req) == HX_QUEUE_DISABLED) return true;
    if (hx_failed(hx_port_setting(work->req, HX_STR("HOOX_RETRY_SCHEDULE"), &schedule))) schedule = HX_STR_EMPTY;
    if (hx_retry_delay_ms(schedule, work->row.tries + 1) < 0) return true;
    bool denied = order->denied_ms != 0 && hx_port_now(work->req) - order->denied_ms >= HX_DENIALS_APART_MS;
    return work->row.tries > 0 && (!blocks || denied);
}

/* What became of the order is not certain. An entry is called back at once, so that it ends even if the exit does not
 * get that far again. */
static hx_err leave_uncertain(struct hx_work *work, struct hx_order_row *order, bool cancel, bool blocks,
                              const struct hx_venue_result *why, const struct clearing *clearing) {
    bool passes = !why->held_back && clearing->leaves && may_pass(work, order, blocks);
    if (passes) work->passed = *why;
    else *clearing->busy = *why;
    bool recalls = cancel && (passes || (order->opens && hx_signal_only_reduces(&work->signal)));
    return recalls && !why->held_back ? hx_denied_recall(work->req, order) : HX_OK;
}

/* Asks for the order, with `cancel` after cancelling it, and takes in what it executed. */
static hx_err look_at(struct hx_work *work, struct hx_order_row *order, bool cancel, bool blocks,
                      struct clearing *clearing) {
    struct hx_order_report report;
    HX_TRY(hx_work_ask_resting(work, order, cancel, &report));
    if (hx_absent_is(order)) return HX_OK;
    bool certain = cancel ? has_ended(&report) : report.outcome == HX_OUTCOME_DONE;
    if (!certain) {
        const struct hx_venue_result why = {.outcome = HX_OUTCOME_BUSY,
                                            .venue_code = report.venue_code,
                                            .message = HX_STR("what became of a resting order is not certain yet"),
                                            .retry_after_ms = report.held_back ? report.retry_after_ms : 0,
                                            .held_back = report.held_back};
        return leave_uncertain(work, order, cancel, blocks, &why, clearing);
    }
    if (!has_ended(&report) && hx_dec_equal(report.executed_quantity, order->executed_quantity)) return HX_OK;
    enum hx_work_result result = HX_WORK_GOES_ON;
    clearing->moved = true;
    HX_TRY(hx_work_settle_resting(work, order, &report, &result));
    if (result != HX_WORK_PARKED) return HX_OK;
    const struct hx_venue_result why = {.outcome = HX_OUTCOME_BUSY,
                                        .message = HX_STR("a resting order is being settled")};
    return leave_uncertain(work, order, cancel, false, &why, clearing);
}

static hx_err clear_one(struct hx_work *work, struct hx_order_row *order, struct clearing *clearing) {
    bool turned_up = true;
    if (hx_absent_is(order)) HX_TRY(hx_absent_look(work->req, order, &turned_up));
    if (!turned_up) return HX_OK;
    return look_at(work, order, order->disowned || stands_in_the_way(work, order), false, clearing);
}

/* Whether the order rests to close what the step is to close. One that an exit went past already does not count. */
static bool closes_the_same(const struct hx_order_row *order, const struct hx_step *step) {
    return !order->opens && order->side == step->side && !order->disowned && !hx_absent_is(order);
}

static hx_err count_one(struct hx_work *work, struct hx_order_row *order, struct clearing *clearing) {
    hx_dec left;
    (void)work;
    if (!closes_the_same(order, clearing->step)) return HX_OK;
    HX_TRY(hx_dec_subtract(order->quantity, order->executed_quantity, &left));
    return hx_dec_add(clearing->asked, left, &clearing->asked);
}

static hx_err take_back_one(struct hx_work *work, struct hx_order_row *order, struct clearing *clearing) {
    hx_dec left;
    if (hx_dec_sign(clearing->excess) <= 0 || !closes_the_same(order, clearing->step)) return HX_OK;
    HX_TRY(hx_dec_subtract(order->quantity, order->executed_quantity, &left));
    HX_TRY(hx_dec_subtract(clearing->excess, left, &clearing->excess));
    return look_at(work, order, true, true, clearing);
}

/* There may be as many as the venue allows, so each gives its memory back. */
static hx_err for_each(struct hx_work *work,
                       hx_err (*visit)(struct hx_work *, struct hx_order_row *, struct clearing *),
                       struct clearing *clearing) {
    struct hx_req *req = work->req;
    struct hx_order_cursor cursor = {0};
    struct hx_order_row *open = NULL;
    uint32_t count = HX_LEDGER_PAGE_ORDERS;
    clearing->moved = false;
    while (count == HX_LEDGER_PAGE_ORDERS && clearing->busy->outcome == HX_OUTCOME_DONE) {
        size_t page = hx_arena_mark(&req->arena);
        HX_TRY(hx_ledger_orders_open(req, work->row.lane, &cursor, &open, &count));
        for (uint32_t i = 0; i < count && clearing->busy->outcome == HX_OUTCOME_DONE; i++) {
            size_t mark = hx_arena_mark(&req->arena);
            if (is_of_account(work, &open[i])) HX_TRY(visit(work, &open[i], clearing));
            hx_arena_rewind(&req->arena, mark);
        }
        hx_arena_rewind(&req->arena, page);
    }
    if (!clearing->moved) return HX_OK;
    /* What it says of its round trip was given back too. */
    return hx_ledger_position(req, &work->account, work->row.symbol, work->rules.quote_asset, &work->position);
}

hx_err hx_work_clear_resting(struct hx_work *work, struct hx_venue_result *busy) {
    struct hx_step step;
    HX_TRY(hx_work_plan(work, &step));
    bool leaves = step.kind == HX_STEP_CLOSE || hx_signal_only_reduces(&work->signal);
    struct clearing clearing = {.busy = busy, .leaves = leaves};
    return for_each(work, clear_one, &clearing);
}

hx_err hx_work_take_back_closes(struct hx_work *work, enum hx_side side, struct hx_venue_result *busy) {
    const struct hx_step step = {.kind = HX_STEP_CLOSE, .side = side};
    struct clearing clearing = {.busy = busy, .leaves = true, .step = &step};
    HX_TRY(for_each(work, count_one, &clearing));
    clearing.excess = clearing.asked;
    return for_each(work, take_back_one, &clearing);
}

hx_err hx_work_make_room(struct hx_work *work, struct hx_venue_result *busy) {
    struct hx_step step;
    struct hx_verdict gate = {.status = HX_STR_EMPTY};
    hx_work_check_gates(work, false, &gate);
    if (gate.status.len > 0) return HX_OK;
    /* What is taken back may have executed meanwhile, and then the position is another one. */
    for (uint32_t round = 0; round < ROOM_ROUNDS_MAX && busy->outcome == HX_OUTCOME_DONE; round++) {
        HX_TRY(hx_work_plan(work, &step));
        if (step.kind != HX_STEP_CLOSE) return HX_OK;
        struct clearing clearing = {.busy = busy, .leaves = true, .step = &step};
        HX_TRY(for_each(work, count_one, &clearing));
        if (hx_dec_is_zero(clearing.asked)) return HX_OK;
        HX_TRY(hx_dec_add(clearing.asked, step.quantity, &clearing.excess));
        HX_TRY(hx_dec_subtract(clearing.excess, hx_dec_abs(work->position.quantity), &clearing.excess));
        if (hx_dec_sign(clearing.excess) <= 0) return HX_OK;
        HX_TRY(for_each(work, take_back_one, &clearing));
    }
    return HX_OK;
}
