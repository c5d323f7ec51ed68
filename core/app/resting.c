/* Orders that rest at the venue: what became of them, and when they stand in a signal's way. */
#include "core/app/work.h"

#define ASKS_MAX 4
#define ASK_PAUSE_MS 250 /* A venue may not find an order that was placed a moment ago. */
/* An order that is not found so long after it was placed, however often it is asked for, is not late: the venue has
 * forgotten it, as venues do with what was cancelled without a fill some days after it was placed. */
#define FORGOTTEN_MS HX_MS_PER_MINUTE

static bool has_ended(const struct hx_order_report *report) {
    return report->outcome == HX_OUTCOME_DONE && report->status != HX_ORDER_NEW &&
           report->status != HX_ORDER_PARTIALLY_FILLED;
}

/* The end of an order that the venue no longer knows: whatever it executed is in its fills. */
static hx_err report_forgotten(struct hx_work *work, const struct hx_order_row *order, struct hx_order_report *report) {
    struct hx_fills fills = {NULL, 0};
    hx_dec executed = HX_DEC_ZERO;
    struct hx_venue_result answer =
        hx_venue_fills(work->req, &order->account, order->symbol, order->venue_order_id, &fills);
    if (answer.outcome != HX_OUTCOME_DONE) return HX_OK;
    for (uint32_t i = 0; i < fills.count; i++) HX_TRY(hx_dec_add(executed, fills.list[i].quantity, &executed));
    bool whole = hx_dec_compare(executed, order->quantity) >= 0;
    *report = (struct hx_order_report){.outcome = HX_OUTCOME_DONE,
                                       .status = whole ? HX_ORDER_FILLED : HX_ORDER_CANCELED,
                                       .venue_order_id = order->venue_order_id,
                                       .client_order_id = order->client_order_id,
                                       .executed_quantity = executed};
    return HX_OK;
}

hx_err hx_work_ask_resting(struct hx_work *work, const struct hx_order_row *order, bool cancel,
                           struct hx_order_report *report) {
    struct hx_req *req = work->req;
    /* One that was declared absent counts as placed when it turned up. */
    hx_time known_ms = order->updated_ms > order->created_ms ? order->updated_ms : order->created_ms;
    bool forgotten = hx_port_now(req) - known_ms > FORGOTTEN_MS;
    uint32_t denials = 0;
    for (uint32_t asks = 0; asks < ASKS_MAX; asks++) {
        hx_mem_set(report, 0, sizeof(*report));
        report->outcome = HX_OUTCOME_UNKNOWN;
        if (cancel) hx_venue_cancel(req, &order->account, order->symbol, order->client_order_id, report);
        /* The answer to a cancel is the order's state; any other answer means asking. */
        if (!has_ended(report)) {
            hx_venue_query(req, &order->account, order->symbol, order->client_order_id, report);
        }
        if (report->outcome == HX_OUTCOME_ABSENT) denials++;
        if (forgotten && denials == ASKS_MAX) return report_forgotten(work, order, report);
        bool certain = cancel ? has_ended(report) : report->outcome == HX_OUTCOME_DONE;
        if (certain || report->held_back || asks + 1 == ASKS_MAX) return HX_OK;
        HX_TRY(hx_port_sleep(req, hx_port_now(req) + ASK_PAUSE_MS));
    }
    return HX_OK;
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

/* Resting entries that would undo the signal: a close cancels entries of its side, an entry those of the other side. On
 * spot a resting sale holds the coins that an exit is to sell, and nothing but the balance would limit the two. */
static bool stands_in_the_way(const struct hx_work *work, const struct hx_order_row *resting) {
    if (!resting->opens) return work->account.market == HX_MARKET_SPOT && work->signal.action != HX_ACTION_LONG;
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

/* *moved: the ledger has changed. */
static hx_err clear_one(struct hx_work *work, struct hx_order_row *order, struct hx_venue_result *busy, bool *moved) {
    struct hx_order_report report;
    bool turned_up = true;
    if (hx_absent_is(order)) HX_TRY(hx_absent_look(work->req, order, &turned_up));
    if (!turned_up) return HX_OK;
    bool cancel = order->disowned || stands_in_the_way(work, order);
    HX_TRY(hx_work_ask_resting(work, order, cancel, &report));
    bool certain = cancel ? has_ended(&report) : report.outcome == HX_OUTCOME_DONE;
    if (!certain) {
        *busy = (struct hx_venue_result){.outcome = HX_OUTCOME_BUSY,
                                         .venue_code = report.venue_code,
                                         .message = HX_STR("what became of a resting order is not certain yet"),
                                         .retry_after_ms = report.held_back ? report.retry_after_ms : 0,
                                         .held_back = report.held_back};
        return HX_OK;
    }
    if (!has_ended(&report) && hx_dec_equal(report.executed_quantity, order->executed_quantity)) return HX_OK;
    enum hx_work_result result = HX_WORK_GOES_ON;
    *moved = true;
    HX_TRY(hx_work_settle_resting(work, order, &report, &result));
    if (result != HX_WORK_PARKED) return HX_OK;
    *busy = (struct hx_venue_result){.outcome = HX_OUTCOME_BUSY, .message = HX_STR("a resting order is being settled")};
    return HX_OK;
}

/* There may be as many as the venue allows, so each gives its memory back. */
hx_err hx_work_clear_resting(struct hx_work *work, struct hx_venue_result *busy) {
    struct hx_req *req = work->req;
    struct hx_order_cursor cursor = {0};
    struct hx_order_row *open = NULL;
    uint32_t count = HX_LEDGER_PAGE_ORDERS;
    bool moved = false;
    while (count == HX_LEDGER_PAGE_ORDERS && busy->outcome == HX_OUTCOME_DONE) {
        size_t page = hx_arena_mark(&req->arena);
        HX_TRY(hx_ledger_orders_open(req, work->row.lane, &cursor, &open, &count));
        for (uint32_t i = 0; i < count && busy->outcome == HX_OUTCOME_DONE; i++) {
            size_t mark = hx_arena_mark(&req->arena);
            if (is_of_account(work, &open[i])) HX_TRY(clear_one(work, &open[i], busy, &moved));
            hx_arena_rewind(&req->arena, mark);
        }
        hx_arena_rewind(&req->arena, page);
    }
    if (!moved) return HX_OK;
    /* What it says of its round trip was given back too. */
    return hx_ledger_position(req, &work->account, work->row.symbol, work->rules.quote_asset, &work->position);
}
