/* Settling: what the venue said becomes the ledger, in one batch wherever it fits. */
#include "core/admit/manifest.h"
#include "core/app/setting.h"
#include "core/app/work.h"
#include "core/trade/amount.h"
#include "core/trade/attempt.h"
#include "core/trade/size.h"

#define FILLS_PER_BATCH                                                                          \
    5 /* Each may change position and two round trips: 5 + 1 + 2 * 5 statements, and the ending. \
       */
#define FILLS_ASKS_MAX 6
#define PROMISE_LEN_MAX 32
#define FOLLOW_SOON_MS (5 * HX_MS_PER_SECOND) /* When a resting order is first looked at. */

static bool order_is(const struct hx_order_row *order, hx_str status) {
    return hx_str_equal(order->status, status);
}

/* Whether a leg did what it was to do, or what it left was taken up by the next one; a close that was refused for more
 * than there was, once there is nothing. */
static bool is_done(const struct hx_work *work, uint32_t leg) {
    const struct hx_order_row *order = &work->orders[leg];
    if (order_is(order, HX_STR("filled"))) return true;
    bool last = leg + 1 == work->order_count;
    if (order->opens || (!last && work->orders[leg + 1].opens)) return false;
    return !last || (order_is(order, HX_STR("rejected")) && hx_dec_is_zero(work->position.quantity));
}

struct hx_verdict hx_work_verdict_of_orders(const struct hx_work *work) {
    struct hx_verdict verdict = {HX_STR("nothing_to_do"), 200, HX_STR_EMPTY,
                                 HX_STR("the position is already as the signal wants it"), HX_STR_EMPTY};
    if (work->order_count == 0) return verdict;
    const struct hx_order_row *last = &work->orders[work->order_count - 1];
    bool all_filled = true;
    bool any_executed = false;
    for (uint32_t i = 0; i < work->order_count; i++) {
        all_filled = all_filled && is_done(work, i);
        any_executed = any_executed || !hx_dec_is_zero(work->orders[i].executed_quantity);
    }
    if (all_filled && !any_executed) return verdict;
    bool rest = !last->opens && !hx_dec_is_zero(work->position.quantity);
    if (all_filled && rest && work->order_count == HX_PLAN_LEGS_MAX) {
        return (struct hx_verdict){HX_STR("partially_filled"), 200, HX_STR_EMPTY,
                                   HX_STR("the position needs more orders than one signal sends; send the exit again"),
                                   HX_STR_EMPTY};
    }
    if (all_filled) return (struct hx_verdict){HX_STR("filled"), 200, HX_STR_EMPTY, HX_STR_EMPTY, HX_STR_EMPTY};
    if (order_is(last, HX_STATUS_OPEN)) {
        return (struct hx_verdict){HX_STR("resting"), 200, HX_STR_EMPTY, HX_STR("the limit order rests at the venue"),
                                   HX_STR_EMPTY};
    }
    if (any_executed) {
        return (struct hx_verdict){HX_STR("partially_filled"), 200, HX_STR_EMPTY,
                                   HX_STR("the venue executed a part and ended the rest"), HX_STR_EMPTY};
    }
    /* Venues that acknowledge orders first refuse them later, and then say why. */
    hx_str why = last->message.len > 0 ? last->message : HX_STR("the venue ended the order without executing anything");
    return (struct hx_verdict){HX_STR("rejected"), 422, HX_STR("VENUE_REJECTED"), why, HX_STR_EMPTY};
}

hx_err hx_work_finish(struct hx_work *work, struct hx_batch *batch, const struct hx_verdict *verdict) {
    struct hx_req *req = work->req;
    hx_time now = hx_port_now(req);
    hx_str body, notice;
    /* An order that never got to the venue ends with its signal. */
    for (uint32_t i = 0; i < work->order_count; i++) {
        struct hx_order_row *order = &work->orders[i];
        if (!order_is(order, HX_STATUS_BUSY)) continue;
        order->status = HX_STR("failed");
        order->finished = true;
        hx_batch_add_order_state(batch, order, now);
    }
    HX_TRY(hx_reply_body_make(req, &work->row, work->orders, work->order_count, verdict, &body));
    HX_TRY(hx_notice_make(req, &work->row, work->orders, work->order_count, verdict, &notice));
    hx_batch_add_finish(batch, work->row.id, verdict->status, verdict->code, verdict->message, verdict->http_status,
                        body, now);
    hx_batch_add_notice(batch, work->row.id, notice, now);
    HX_TRY(hx_batch_write(batch, NULL));
    work->row.status = verdict->status;
    work->row.finished = true;
    work->row.has_reply = true;
    work->row.reply_status = verdict->http_status;
    work->row.reply_body = body;
    hx_port_queue_send(req, HX_STR("outbox"), now);
    return HX_OK;
}

static bool is_any_unknown(const struct hx_work *work) {
    for (uint32_t i = 0; i < work->order_count; i++) {
        if (order_is(&work->orders[i], HX_STATUS_INTENT)) return true;
    }
    return false;
}

hx_err hx_work_wait_turn(struct hx_work *work, struct hx_batch *batch, hx_str reason, bool reduces, int64_t at_least_ms,
                         enum hx_work_result *result) {
    struct hx_req *req = work->req;
    hx_time due = hx_port_now(req) + hx_venue_next_slot_ms(req, &work->account, reduces, at_least_ms);
    hx_str body;
    HX_TRY(hx_reply_body_accepted(req, &work->row, &body));
    /* A question that waits for its turn leaves what is unknown, and what its owner was told of it, as it is. */
    bool unknown = hx_str_equal(work->row.status, HX_STR("unknown")) && is_any_unknown(work);
    hx_batch_add_park(batch, work->row.id, unknown ? work->row.status : HX_STR("queued"),
                      unknown ? work->row.message : reason, work->row.tries, due, 202, body);
    HX_TRY(hx_batch_write(batch, NULL));
    work->row.due_ms = due;
    *result = HX_WORK_PARKED;
    return HX_OK;
}

/* What the venue said, and that it is not the end of it: only who puts the signal aside can say so. */
static hx_str with_promise(struct hx_req *req, hx_str message, const char *promise) {
    struct hx_buf buf;
    hx_str out = message;
    if (hx_failed(hx_buf_make(&buf, &req->arena, message.len + PROMISE_LEN_MAX))) return message;
    hx_buf_add(&buf, message);
    if (message.len > 0) hx_buf_add_c(&buf, hx_str_ends_with(message, HX_STR(".")) ? " " : ". ");
    hx_buf_add_c(&buf, promise);
    return hx_ok(hx_buf_finish(&buf, &out)) ? out : message;
}

hx_err hx_work_retry_later(struct hx_work *work, struct hx_batch *batch, const struct hx_venue_result *busy,
                           enum hx_work_result *result) {
    struct hx_req *req = work->req;
    hx_time now = hx_port_now(req);
    hx_str schedule = hx_setting_read(req, HX_SETTING_RETRY_SCHEDULE);
    int64_t tries = work->row.tries + 1;
    int64_t delay = hx_retry_delay_ms(schedule, tries);
    bool disabled = hx_manifest_queue_mode(req) == HX_QUEUE_DISABLED;
    if (busy->held_back && !disabled) {
        bool reduces = hx_signal_only_reduces(&work->signal);
        hx_str reason = with_promise(req, busy->message, "It is sent in its turn.");
        return hx_work_wait_turn(work, batch, reason, reduces, busy->retry_after_ms, result);
    }
    if (disabled || delay < 0) {
        struct hx_verdict verdict = {HX_STR("failed"), 424, HX_STR("VENUE_UNAVAILABLE"), busy->message, HX_STR_EMPTY};
        *result = HX_WORK_FINISHED;
        return hx_work_finish(work, batch, &verdict);
    }
    /* The venue says when it may be asked again: nobody comes earlier, and an exit no later, the first time. */
    bool exit_first = tries == 1 && busy->retry_after_ms > 0 && hx_signal_only_reduces(&work->signal);
    if (busy->retry_after_ms > delay || exit_first) delay = busy->retry_after_ms;
    hx_str body;
    HX_TRY(hx_reply_body_accepted(req, &work->row, &body));
    hx_str reason = with_promise(req, busy->message, "hoox tries again.");
    hx_batch_add_park(batch, work->row.id, HX_STR("queued"), reason, tries, now + delay, 202, body);
    HX_TRY(hx_batch_write(batch, NULL));
    work->row.tries = tries;
    work->row.due_ms = now + delay;
    *result = HX_WORK_PARKED;
    return HX_OK;
}

static hx_err park_unknown(struct hx_work *work, struct hx_batch *batch, hx_str why, hx_time due, bool tell,
                           enum hx_work_result *result) {
    struct hx_req *req = work->req;
    struct hx_batch own;
    if (batch == NULL) {
        hx_batch_init(&own, req);
        batch = &own;
    }
    hx_batch_add_park(batch, work->row.id, HX_STR("unknown"), why, work->row.tries, due, 0, HX_STR_EMPTY);
    if (tell) {
        const struct hx_verdict verdict = {HX_STR("unknown"), 202, HX_STR("UNKNOWN"), why, HX_STR_EMPTY};
        hx_str notice;
        HX_TRY(hx_notice_make(req, &work->row, work->orders, work->order_count, &verdict, &notice));
        hx_batch_add_notice(batch, work->row.id, notice, hx_port_now(req));
    }
    HX_TRY(hx_batch_write(batch, NULL));
    work->row.due_ms = due;
    *result = HX_WORK_PARKED;
    return HX_OK;
}

hx_err hx_work_unknown(struct hx_work *work, struct hx_batch *batch, hx_str why, hx_time due,
                       enum hx_work_result *result) {
    bool first = !hx_str_equal(work->row.status, HX_STR("unknown"));
    size_t at = 0;
    /* What the owner was asked to do still is what helps. */
    bool asked = !first && hx_str_find(work->row.message, HX_STR("hoox queue resolve "), &at);
    return park_unknown(work, batch, asked ? work->row.message : why, due, first, result);
}

hx_err hx_work_ask_owner(struct hx_work *work, struct hx_batch *batch, hx_str why, hx_time due,
                         enum hx_work_result *result) {
    return park_unknown(work, batch, why, due, !hx_str_equal(work->row.message, why), result);
}

static hx_str status_of_report(const struct hx_order_report *report) {
    bool executed = hx_dec_sign(report->executed_quantity) > 0;
    switch (report->status) {
        case HX_ORDER_NEW:
        case HX_ORDER_PARTIALLY_FILLED:
            return HX_STATUS_OPEN;
        case HX_ORDER_FILLED:
            return HX_STR("filled");
        case HX_ORDER_CANCELED:
            return executed ? HX_STR("partially_filled") : HX_STR("canceled");
        case HX_ORDER_EXPIRED:
            return executed ? HX_STR("partially_filled") : HX_STR("expired");
        case HX_ORDER_REJECTED:
            return HX_STR("rejected");
    }
    return HX_STR("rejected");
}

static hx_err sum_fills(const struct hx_fills *fills, struct hx_fill_sum *sum) {
    *sum = (struct hx_fill_sum){.fee_asset = fills->count > 0 ? fills->list[0].fee_asset : HX_STR_EMPTY};
    for (uint32_t i = 0; i < fills->count; i++) HX_TRY(hx_fill_sum_add(sum, &fills->list[i]));
    return HX_OK;
}

/* The venue's fills of the order once they add up to what it says was executed; they may be ahead of that, when more
 * was filled since. *complete false: they do not yet, or, where last->too_many, never will: then these are those that
 * can be read. */
static hx_err gather_fills(struct hx_work *work, const struct hx_order_report *report, struct hx_fills *fills,
                           bool *complete, struct hx_venue_result *last) {
    struct hx_req *req = work->req;
    *complete = false;
    for (uint32_t asks = 0; asks < FILLS_ASKS_MAX; asks++) {
        size_t mark = hx_arena_mark(&req->arena);
        *last = hx_venue_fills(req, &work->account, work->row.symbol, report->venue_order_id, fills);
        if (last->outcome == HX_OUTCOME_DONE || last->too_many) {
            struct hx_fill_sum sum;
            HX_TRY(sum_fills(fills, &sum));
            *complete = hx_dec_compare(sum.quantity, report->executed_quantity) >= 0;
            if (*complete || last->too_many) return HX_OK;
        }
        fills->count = 0;
        if (last->held_back) return HX_OK;
        hx_arena_rewind(&req->arena, mark);
        HX_TRY(hx_port_sleep(req, hx_port_now(req) + ((int64_t)50 << asks)));
    }
    return HX_OK;
}

/* Leaves only the fills the ledger does not have, so that settling again after a crash adds nothing twice. */
static hx_err drop_known_fills(struct hx_work *work, const struct hx_order_row *order, struct hx_fills *fills) {
    hx_str *known = NULL;
    uint32_t known_count = 0;
    HX_TRY(hx_ledger_fill_ids(work->req, order->client_order_id, &known, &known_count));
#ifdef HX_BUG_7
    known_count = 0;
#endif
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fills->count; i++) {
        bool is_known = false;
        for (uint32_t k = 0; k < known_count && !is_known; k++) {
            is_known = hx_str_equal(known[k], fills->list[i].venue_trade_id);
        }
        if (!is_known) fills->list[kept++] = fills->list[i];
    }
    fills->count = kept;
    return HX_OK;
}

/* A buy by value that ended with less to spend than another step costs has been filled, whatever the venue calls it. */
static hx_err complete_by_value(struct hx_work *work, struct hx_order_row *order, hx_dec value) {
    hx_dec amount;
    bool spent = false;
    bool in_part = order_is(order, HX_STR("partially_filled"));
    if (!in_part || !hx_work_buys_by_value(hx_venue_traits(&order->account), order->type, order->side)) return HX_OK;
    HX_TRY(hx_size_spend(&work->signal, &work->rules, order->quantity, order->price, &amount));
    HX_TRY(hx_size_is_spent(&work->rules, amount, value, order->average_price, &spent));
    if (spent) order->status = HX_STR("filled");
    return HX_OK;
}

/* Execution, average price and fee of the whole order, from all its fills. Fees in several assets are exact in the
 * fills; the order shows the first asset's. */
static hx_err total_order(struct hx_work *work, struct hx_order_row *order, const struct hx_order_report *report,
                          const struct hx_fill_sum *sum) {
    order->status = status_of_report(report);
    order->finished = !order_is(order, HX_STATUS_OPEN);
    order->venue_order_id = report->venue_order_id;
    order->message = report->message;
    order->executed_quantity = sum->quantity;
    order->average_price = HX_DEC_ZERO;
    order->fee = HX_DEC_ZERO;
    if (hx_dec_is_zero(sum->quantity)) return HX_OK;
    const struct hx_position as_position = {.quantity = sum->quantity, .cost = sum->value};
    HX_TRY(hx_position_entry_price(&as_position, &order->average_price));
    HX_TRY(complete_by_value(work, order, sum->value));
    order->fee_asset = sum->fee_asset;
    order->fee = sum->fee;
    return HX_OK;
}

/* Round trips that a batch of fills touched, each once, in order. */
struct touched {
    struct hx_trade list[2 * FILLS_PER_BATCH + 1];
    uint32_t count;
};

static void touch(struct touched *touched, const struct hx_position_change *change) {
    for (uint32_t i = 0; i < change->count; i++) {
        bool same = touched->count > 0 && hx_str_equal(touched->list[touched->count - 1].id, change->trades[i].id);
        if (!same) touched->count++;
        touched->list[touched->count - 1] = change->trades[i];
    }
}

/* What an exit leaves on spot may be too little to be sold: then the round trip is over all the same. */
static hx_err leave_dust(struct hx_work *work, const struct hx_order_row *order, const struct hx_fill *last,
                         struct touched *touched) {
    struct hx_position_change change;
    bool dust = false;
    bool exit_ended = order->finished && !order->opens && order->account.market == HX_MARKET_SPOT;
    if (!exit_ended || work->position.trade.id.len == 0 || hx_dec_is_zero(order->executed_quantity)) return HX_OK;
    HX_TRY(hx_size_is_dust(&work->rules, work->position.quantity, order->average_price, &dust));
    if (!dust) return HX_OK;
    hx_position_leave_dust(&work->position, last != NULL ? last->time_ms : hx_port_now(work->req), &change);
    touch(touched, &change);
    return HX_OK;
}

/* Adds up to FILLS_PER_BATCH fills with the position they lead to; with `ends` they are the order's last. */
static hx_err add_fills(struct hx_work *work, struct hx_batch *batch, const struct hx_order_row *order,
                        const struct hx_fill *fills, uint32_t count, bool ends) {
    struct hx_req *req = work->req;
    int64_t version = work->position.version;
    struct touched touched = {.count = 0};
    for (uint32_t i = 0; i < count; i++) {
        struct hx_position_change change;
        HX_TRY(hx_position_apply(&req->arena, &work->position, &fills[i], hx_work_spot_asset(work),
                                 order->client_order_id, order->signal_id, &change));
        hx_batch_add_fill(batch, order, &fills[i]);
        touch(&touched, &change);
    }
    if (ends) HX_TRY(leave_dust(work, order, count > 0 ? &fills[count - 1] : NULL, &touched));
    if (count == 0 && touched.count == 0) return HX_OK;
    /* One row change for the whole batch. */
    work->position.version = version + 1;
    work->position.updated_ms = hx_port_now(req);
    for (uint32_t t = 0; t < touched.count; t++) {
        HX_TRY(hx_batch_add_trade(batch, &order->account, order->symbol, work->rules.quote_asset, &touched.list[t]));
    }
    return hx_batch_add_position(batch, &order->account, order->symbol, work->rules.quote_asset, &work->position,
                                 hx_port_now(req));
}

/* Whether the plan has nothing more to do once this order is as it is now. */
static hx_err is_last_leg(struct hx_work *work, bool *last) {
    struct hx_step step;
    HX_TRY(hx_work_plan(work, &step));
    *last = step.kind == HX_STEP_DONE;
    return HX_OK;
}

/* A resting order ended long after its signal was answered: the owner is told. */
static hx_err add_resting_notice(struct hx_work *work, struct hx_batch *batch, const struct hx_order_row *order) {
    struct hx_signal_row row = work->row;
    row.id = order->signal_id;
    row.action = order->opens ? HX_STR("OPEN") : HX_STR("CLOSE");
    const struct hx_verdict verdict = {order->status, 200, HX_STR_EMPTY, HX_STR("the resting order ended"),
                                       HX_STR_EMPTY};
    hx_str notice;
    HX_TRY(hx_notice_make(work->req, &row, order, 1, &verdict, &notice));
    hx_batch_add_notice(batch, order->signal_id, notice, order->updated_ms);
    return HX_OK;
}

static hx_err write_settlement(struct hx_work *work, struct hx_order_row *order, const struct hx_fills *fills,
                               const struct hx_unlisted *unlisted, bool finish_signal, enum hx_work_result *result) {
    struct hx_req *req = work->req;
    uint32_t done = 0;
    while (fills->count - done > FILLS_PER_BATCH) {
        struct hx_batch part;
        hx_batch_init(&part, req);
        HX_TRY(add_fills(work, &part, order, fills->list + done, FILLS_PER_BATCH, false));
        HX_TRY(hx_batch_write(&part, NULL));
        done += FILLS_PER_BATCH;
    }
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    const struct hx_fill *rest = fills->count > done ? fills->list + done : NULL;
    HX_TRY(add_fills(work, &batch, order, rest, fills->count - done, true));
    order->updated_ms = hx_port_now(req);
    hx_batch_add_order_state(&batch, order, order->updated_ms);
    if (unlisted != NULL) HX_TRY(hx_work_tell_unlisted(work, &batch, order, unlisted));
    if (!order->finished) hx_port_queue_send(req, order->lane, order->updated_ms + FOLLOW_SOON_MS);
    bool last = false;
    if (finish_signal) {
        HX_TRY(is_last_leg(work, &last));
    } else if (order->finished) {
        HX_TRY(add_resting_notice(work, &batch, order));
    }
    if (!last) {
        *result = HX_WORK_GOES_ON;
        return hx_batch_write(&batch, NULL);
    }
    struct hx_verdict verdict = hx_work_verdict_of_orders(work);
    *result = HX_WORK_FINISHED;
    return hx_work_finish(work, &batch, &verdict);
}

/* The order is executed, and its fills are not to be had yet. That the venue has it is kept: should it ever deny the
 * order, that is no reason to send it again. Where hoox itself holds the question back nothing is uncertain, so nobody
 * is told. */
static hx_err wait_for_fills(struct hx_work *work, struct hx_order_row *order, const struct hx_order_report *report,
                             const struct hx_venue_result *last, enum hx_work_result *result) {
    hx_time now = hx_port_now(work->req);
    struct hx_batch batch;
    hx_batch_init(&batch, work->req);
    order->venue_order_id = report->venue_order_id;
    hx_batch_add_order_state(&batch, order, now);
    if (last->held_back) {
        return hx_work_wait_turn(work, &batch, HX_STR("the order is executed; its fills are asked for in a moment"),
                                 true, last->retry_after_ms, result);
    }
    hx_str why = HX_STR("the order is executed; the venue has not listed all its fills yet");
    return hx_work_unknown(work, &batch, why, now + 5 * HX_MS_PER_SECOND, result);
}

/* The fills, which the ledger does not have yet, and with them the position, order and signal. The position may have
 * moved since it was read (a resting order of this lane); the batch's condition would refuse a stale one, so it is read
 * at the last moment. */
static hx_err book(struct hx_work *work, struct hx_order_row *order, const struct hx_fills *fills,
                   const struct hx_unlisted *unlisted, bool finish_signal, enum hx_work_result *result) {
    HX_TRY(hx_ledger_position(work->req, &order->account, order->symbol, work->rules.quote_asset, &work->position));
    return write_settlement(work, order, fills, unlisted, finish_signal, result);
}

/* Not every fill can be read. A final order's own figures stand for the rest; one that goes on is left with what is
 * known of it until it ends, and keeps nobody waiting. */
static hx_err settle_unlisted(struct hx_work *work, struct hx_order_row *order, const struct hx_order_report *report,
                              struct hx_fills *fills, bool finish_signal, enum hx_work_result *result) {
    struct hx_unlisted unlisted;
    bool ended = !hx_str_equal(status_of_report(report), HX_STATUS_OPEN);
    HX_TRY(drop_known_fills(work, order, fills));
    HX_TRY(hx_work_sum_rest(work, order, report, ended, fills, &unlisted));
    HX_TRY(total_order(work, order, report, &unlisted.sum));
    return book(work, order, fills, &unlisted, finish_signal, result);
}

hx_err hx_work_settle(struct hx_work *work, struct hx_order_row *order, const struct hx_order_report *report,
                      bool finish_signal, enum hx_work_result *result) {
    struct hx_fills fills = {NULL, 0};
    struct hx_fill_sum sum;
    if (hx_dec_sign(report->executed_quantity) > 0) {
        bool complete = false;
        struct hx_venue_result last;
        HX_TRY(gather_fills(work, report, &fills, &complete, &last));
        if (!complete && last.too_many && hx_work_can_sum(report)) {
            return settle_unlisted(work, order, report, &fills, finish_signal, result);
        }
        if (!complete && !finish_signal) {
            *result = HX_WORK_PARKED;
            return HX_OK;
        }
        if (!complete) return wait_for_fills(work, order, report, &last, result);
    }
    HX_TRY(sum_fills(&fills, &sum));
    HX_TRY(total_order(work, order, report, &sum));
    HX_TRY(drop_known_fills(work, order, &fills));
    return book(work, order, &fills, NULL, finish_signal, result);
}
