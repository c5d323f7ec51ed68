/* One order from its durable intent to its settlement: send once, and where the answer is no proof, ask until there is
 * one (DESIGN 2.6). The rules themselves are pure and live in core/trade/attempt.c. */
#include "core/admit/manifest.h"
#include "core/app/work.h"
#include "core/trade/attempt.h"
#include "core/trade/size.h"

#define ASKS_PER_RUN_MAX 24
#define MATCHING_ASKS_MAX 7 /* 50 ms, 100, 200, …: six seconds in all. */
#define ORDER_ID_LEN_MAX 64
#define ASK_OWNER_LEN_MAX 320
#define ASK_PATIENCE_MS 15000 /* Longer waits give the lane's coroutine back and come back as a wake-up. */

static void end_as_rejected(struct hx_work *work, struct hx_batch *batch, struct hx_order_row *order,
                            const struct hx_order_report *report) {
    hx_batch_init(batch, work->req);
    order->status = HX_STR("rejected");
    order->finished = true;
    order->venue_code = report->venue_code;
    order->message = report->message;
    order->updated_ms = hx_port_now(work->req);
    hx_batch_add_order_state(batch, order, order->updated_ms);
}

static hx_err reject(struct hx_work *work, struct hx_order_row *order, const struct hx_order_report *report,
                     enum hx_work_result *result) {
    struct hx_batch batch;
    end_as_rejected(work, &batch, order, report);
    struct hx_verdict verdict = {HX_STR("rejected"), 422, HX_STR("VENUE_REJECTED"), report->message, HX_STR_EMPTY};
    *result = HX_WORK_FINISHED;
    return hx_work_finish(work, &batch, &verdict);
}

/* A gate closed between the intent and the sending: the order never left. */
static hx_err refuse(struct hx_work *work, struct hx_order_row *order, const struct hx_verdict *verdict,
                     enum hx_work_result *result) {
    struct hx_batch batch;
    hx_batch_init(&batch, work->req);
    order->status = HX_STR("rejected");
    order->finished = true;
    order->message = verdict->message;
    order->updated_ms = hx_port_now(work->req);
    hx_batch_add_order_state(&batch, order, order->updated_ms);
    *result = HX_WORK_FINISHED;
    return hx_work_finish(work, &batch, verdict);
}

static hx_err busy(struct hx_work *work, struct hx_order_row *order, const struct hx_order_report *report,
                   enum hx_work_result *result) {
    struct hx_batch batch;
    hx_batch_init(&batch, work->req);
    order->status = HX_STATUS_BUSY;
    order->venue_code = report->venue_code;
    order->message = report->message;
    hx_batch_add_order_state(&batch, order, hx_port_now(work->req));
    const struct hx_venue_result as_result = {.outcome = HX_OUTCOME_BUSY,
                                              .message = report->message,
                                              .retry_after_ms = report->retry_after_ms,
                                              .held_back = report->held_back};
    return hx_work_retry_later(work, &batch, &as_result, result);
}

/* Proven absent more often than is sane: the order failed, and the owner can retry it by hand. */
static hx_err give_up(struct hx_work *work, struct hx_order_row *order, enum hx_work_result *result) {
    struct hx_batch batch;
    hx_batch_init(&batch, work->req);
    order->status = HX_STR("failed");
    order->finished = true;
    order->updated_ms = hx_port_now(work->req);
    hx_batch_add_order_state(&batch, order, order->updated_ms);
    const struct hx_verdict verdict = {HX_STR("failed"), 424, HX_STR("VENUE_UNAVAILABLE"),
                                       HX_STR("sent several times, and the venue never had it; retry it by hand"),
                                       HX_STR_EMPTY};
    *result = HX_WORK_FINISHED;
    return hx_work_finish(work, &batch, &verdict);
}

/* The next attempt, durable before it is sent. *gated: something forbids it now, and the signal is final. */
static hx_err next_attempt(struct hx_work *work, struct hx_order_row *order, bool *gated, enum hx_work_result *result) {
    struct hx_verdict verdict = {HX_STR_EMPTY, 0, HX_STR_EMPTY, HX_STR_EMPTY, HX_STR_EMPTY};
    hx_work_check_gates(work, order->opens, &verdict);
    *gated = verdict.status.len > 0;
    if (*gated) return refuse(work, order, &verdict, result);
    hx_time now = hx_port_now(work->req);
    struct hx_batch batch;
    hx_batch_init(&batch, work->req);
    hx_batch_add_attempt(&batch, order, order->attempt + 1, now + HX_SEND_WINDOW_MS, now);
    HX_TRY(hx_batch_write(&batch, NULL));
    order->attempt++;
    order->denied_ms = 0;
    order->send_by_ms = now + HX_SEND_WINDOW_MS;
    order->status = HX_STATUS_INTENT;
    return HX_OK;
}

enum hx_position_side hx_order_position_side(bool hedged, bool opens, enum hx_side side) {
    if (!hedged) return HX_POSITION_NET;
    return opens == (side == HX_SIDE_BUY) ? HX_POSITION_LONG : HX_POSITION_SHORT;
}

hx_err hx_work_make_request(struct hx_work *work, const struct hx_order_row *order, bool hedged,
                            struct hx_order_request *out) {
    const struct hx_venue_traits *traits = hx_venue_traits(&work->account);
    hx_assert(traits != NULL);
    *out = (struct hx_order_request){
        .symbol = order->symbol,
        .side = order->side,
        .type = order->type,
        .quantity = order->quantity,
        .price = order->price,
        .reduce_only = order->reduce_only,
        .client_order_id = order->client_order_id,
        .position_side = hx_order_position_side(hedged, order->opens, order->side),
        .leverage = hx_work_leverage(work),
        .isolated = hx_venue_margin_is_isolated(work->req),
    };
    if (!hx_work_buys_by_value(traits, order->type, order->side)) return HX_OK;
    return hx_size_spend(&work->signal, &work->rules, order->quantity, order->price, &out->quote_quantity);
}

/* Sends the current attempt, which was written by this request and has not been sent. *late: its deadline passed
 * before a byte left, so it is provably unsent. *verdict is set when a gate closed. */
static hx_err send_attempt(struct hx_work *work, const struct hx_order_row *order, struct hx_order_report *report,
                           bool *late, struct hx_verdict *verdict) {
    struct hx_req *req = work->req;
    struct hx_order_request request;
    bool hedged = false;
    hx_mem_set(report, 0, sizeof(*report));
    *late = false;
    struct hx_venue_result ready = hx_venue_get_position_mode(req, &work->account, order->symbol, &hedged);
    if (ready.outcome == HX_OUTCOME_DONE) ready = hx_venue_prepare(req, &work->account);
    if (ready.outcome != HX_OUTCOME_DONE) {
        report->outcome = ready.outcome == HX_OUTCOME_REJECTED ? HX_OUTCOME_REJECTED : HX_OUTCOME_BUSY;
        report->venue_code = ready.venue_code;
        report->message = ready.message;
        report->retry_after_ms = ready.retry_after_ms;
        report->held_back = ready.held_back;
        return HX_OK;
    }
    HX_TRY(hx_work_make_request(work, order, hedged, &request));
#ifndef HX_BUG_5
    /* The send point: nothing suspends between here and the request's first byte (I6). */
    hx_work_check_gates(work, order->opens, verdict);
    if (verdict->status.len > 0) return HX_OK;
#endif
    if (!hx_attempt_may_send(hx_port_now(req), order->send_by_ms)) {
        *late = true;
        return HX_OK;
    }
#ifdef HX_BUG_8
    hx_venue_place(req, &work->account, &request, 0, report);
#else
    hx_venue_place(req, &work->account, &request, order->send_by_ms, report);
#endif
    return HX_OK;
}

/* A market order does not rest: one that is open is being matched right now. */
static bool is_matching(const struct hx_order_row *order, const struct hx_order_report *report) {
    bool open = report->status == HX_ORDER_NEW || report->status == HX_ORDER_PARTIALLY_FILLED;
    return open && order->type == HX_ORDER_MARKET;
}

/* Gives the memory of an answer back, but keeps the id of an order that it showed: that one is at the venue, and not
 * finding it later proves nothing. */
static hx_err give_back_but_id(struct hx_req *req, size_t mark, hx_str shown, hx_str *id) {
    char memory[ORDER_ID_LEN_MAX];
    bool is_new = id->len == 0 && shown.len > 0 && shown.len <= sizeof(memory);
    if (is_new) hx_mem_copy(memory, shown.data, shown.len);
    hx_arena_rewind(&req->arena, mark);
    return is_new ? hx_arena_copy_str(&req->arena, hx_str_make(memory, shown.len), id) : HX_OK;
}

/* Asks the venue what became of an attempt until it is certain or patience ends. */
static hx_err resolve(struct hx_work *work, struct hx_order_row *order, struct hx_order_report *report,
                      struct hx_attempt_decision *decision) {
    struct hx_req *req = work->req;
    const struct hx_venue_guarantees *guarantees = hx_venue_guarantees(&work->account);
    hx_assert(guarantees != NULL);
    for (uint32_t asks = 0; asks < ASKS_PER_RUN_MAX; asks++) {
        size_t mark = hx_arena_mark(&req->arena);
        hx_time asked = hx_port_now(req);
        hx_venue_query(req, &work->account, order->symbol, order->client_order_id, report);
        hx_time denied = order->denied_ms;
        *decision = hx_attempt_decide(guarantees, order->send_by_ms, order->attempt, report->outcome, asked, asks,
                                      &order->denied_ms);
        /* The first of two denials is kept: dying between the two again and again must not last for ever. */
        if (order->denied_ms != denied) HX_TRY(hx_denied_write(req, order));
        if (order->venue_order_id.len > 0) *decision = hx_attempt_decide_acknowledged(*decision);
        bool matching = decision->verdict == HX_ATTEMPT_ADOPT && is_matching(order, report) && asks < MATCHING_ASKS_MAX;
        if (matching) decision->at = asked + ((int64_t)50 << asks);
        if ((decision->verdict != HX_ATTEMPT_ASK_AGAIN && !matching) || report->held_back) return HX_OK;
        HX_TRY(give_back_but_id(req, mark, matching ? report->venue_order_id : HX_STR_EMPTY, &order->venue_order_id));
        if (decision->at - hx_port_now(req) > ASK_PATIENCE_MS) return HX_OK;
        HX_TRY(hx_port_sleep(req, decision->at));
    }
    return HX_OK;
}

/* Nothing is certain: looked at again at `due`. That the venue acknowledged the order is kept, so that it is not taken
 * for absent then either. */
static hx_err look_again(struct hx_work *work, const struct hx_order_row *order, hx_str why, hx_time due,
                         enum hx_work_result *result) {
    struct hx_batch batch;
    hx_batch_init(&batch, work->req);
    if (order->venue_order_id.len > 0) hx_batch_add_order_state(&batch, order, hx_port_now(work->req));
    return hx_work_unknown(work, &batch, why, due, result);
}

/* Only the owner can find out what became of it. He is told how to say so. */
static hx_err ask_owner(struct hx_work *work, const struct hx_order_row *order, const char *why, hx_time due,
                        enum hx_work_result *result) {
    struct hx_buf buf;
    struct hx_batch batch;
    hx_str text;
    HX_TRY(hx_buf_make(&buf, &work->req->arena, ASK_OWNER_LEN_MAX));
    hx_buf_add_c(&buf, why);
    hx_buf_add_c(&buf, ": look at the exchange for ");
    hx_buf_add(&buf, order->venue_order_id.len > 0 ? order->venue_order_id : order->client_order_id);
    hx_buf_add_c(&buf, ". Should it not be there, say `hoox queue resolve ");
    hx_buf_add(&buf, work->row.id);
    hx_buf_add_c(&buf, " --absent`; until then the lane waits");
    HX_TRY(hx_buf_finish(&buf, &text));
    hx_batch_init(&batch, work->req);
    if (order->venue_order_id.len > 0) hx_batch_add_order_state(&batch, order, hx_port_now(work->req));
    return hx_work_ask_owner(work, &batch, text, due, result);
}

/* After `resolve`: adopt, resend or wait. *again: a new attempt is durable and may be sent. */
static hx_err act_on(struct hx_work *work, struct hx_order_row *order, const struct hx_order_report *report,
                     const struct hx_attempt_decision *decision, bool *again, enum hx_work_result *result) {
    hx_time now = hx_port_now(work->req);
    bool gated = false;
    *again = false;
    switch (decision->verdict) {
        case HX_ATTEMPT_ADOPT:
            if (order->denied_ms != 0) HX_TRY(hx_denied_note_seen(work->req, order));
            return hx_work_settle(work, order, report, true, result);
        case HX_ATTEMPT_GIVE_UP:
            return give_up(work, order, result);
        case HX_ATTEMPT_RESEND:
            HX_TRY(next_attempt(work, order, &gated, result));
            *again = !gated;
            return HX_OK;
        case HX_ATTEMPT_ASK_OWNER:
            if (order->venue_order_id.len > 0) {
                return ask_owner(work, order, "the venue acknowledged the order and doesn't find it now",
                                 now + 5 * HX_MS_PER_MINUTE, result);
            }
            return ask_owner(work, order, "this venue can't prove that the order is not there", now + HX_MS_PER_HOUR,
                             result);
        case HX_ATTEMPT_ASK_AGAIN:
            break;
    }
    if (report->held_back) {
        struct hx_batch batch;
        hx_batch_init(&batch, work->req);
        if (order->venue_order_id.len > 0) hx_batch_add_order_state(&batch, order, now);
        return hx_work_wait_turn(work, &batch, HX_STR("what became of the order is asked in a moment"), true,
                                 report->retry_after_ms, result);
    }
    hx_time due = decision->at > now + 30 * HX_MS_PER_SECOND ? decision->at : now + 30 * HX_MS_PER_SECOND;
    return look_again(work, order, HX_STR("the venue does not say what became of the order; it is being asked"), due,
                      result);
}

/* The venue holds less than was to be closed. As soon as its position can be believed the ledger follows it, and
 * another leg closes what there is. */
static hx_err close_the_rest(struct hx_work *work, struct hx_order_row *order, const struct hx_order_report *report,
                             enum hx_work_result *result) {
    struct hx_batch batch;
    end_as_rejected(work, &batch, order, report);
    hx_time settled = work->position.updated_ms + HX_DRIFT_SETTLED_MS;
    int64_t wait = settled > order->updated_ms ? settled - order->updated_ms : 0;
    return hx_work_wait_turn(work, &batch,
                             HX_STR("the venue holds less than the ledger; its position is followed next"), true,
                             wait + 1, result);
}

/* A rejected close may mean that there is nothing left to close: the venue's own position decides. */
static hx_err rejected(struct hx_work *work, struct hx_order_row *order, struct hx_order_report *report,
                       enum hx_work_result *result) {
    if (!order->opens) {
        struct hx_venue_position position;
        struct hx_venue_result answer = hx_venue_get_position(work->req, &work->account, order->symbol, &position);
        hx_dec held = HX_DEC_ZERO;
        bool known = answer.outcome == HX_OUTCOME_DONE && hx_work_venue_holds(work, &position, &held);
        bool less = known && hx_dec_compare(hx_dec_abs(held), order->quantity) < 0;
        bool waits = order->type == HX_ORDER_MARKET && hx_manifest_queue_mode(work->req) != HX_QUEUE_DISABLED;
        if (less && waits) return close_the_rest(work, order, report, result);
        if (less && hx_dec_is_zero(held)) {
            report->message =
                HX_STR("the venue holds no position to close; the ledger differs: it was closed elsewhere");
        } else if (less) {
            report->message =
                HX_STR("the venue holds less than was to be closed; the ledger differs: send the exit again");
        }
    }
    return reject(work, order, report, result);
}

/* Whether an order that waited, or is retried by hand, was made for another position than the one there is now. A sale
 * on spot would take coins that are the owner's own; an entry against what is held would only reduce it, or in hedge
 * mode open the other side beside it, and the plan that closes first was made when there was nothing. */
static bool is_outdated(const struct hx_work *work, const struct hx_order_row *order) {
    hx_dec held = work->position.quantity;
    if (order->opens) return hx_dec_sign(held) == (order->side == HX_SIDE_BUY ? -1 : 1);
    return order->account.market == HX_MARKET_SPOT && hx_dec_compare(order->quantity, held) > 0;
}

hx_err hx_work_drive_order(struct hx_work *work, struct hx_order_row *order, bool fresh, enum hx_work_result *result) {
    struct hx_order_report report;
    struct hx_attempt_decision decision;
    bool gated = false;
    bool retried_at_once = false;
    if (hx_str_equal(order->status, HX_STATUS_BUSY)) {
        const struct hx_verdict outdated = {
            HX_STR("rejected"), 422, HX_STR("NOT_POSSIBLE"),
            HX_STR("the position is another one by now than this order was made for; send the signal anew"),
            HX_STR_EMPTY};
        if (is_outdated(work, order)) return refuse(work, order, &outdated, result);
        HX_TRY(next_attempt(work, order, &gated, result));
        if (gated) return HX_OK;
        fresh = true;
    }
    for (uint32_t round = 0; round < HX_ATTEMPTS_MAX + 1; round++) {
        bool late = false;
        struct hx_verdict verdict = {HX_STR_EMPTY, 0, HX_STR_EMPTY, HX_STR_EMPTY, HX_STR_EMPTY};
        report = (struct hx_order_report){.outcome = HX_OUTCOME_UNKNOWN};
        if (fresh) HX_TRY(send_attempt(work, order, &report, &late, &verdict));
        report.outcome = hx_attempt_decide_refusal(report.outcome, report.halted, !order->opens);
        if (verdict.status.len > 0) return refuse(work, order, &verdict, result);
        /* Provably unsent or unaccepted, and nothing to wait for: the next attempt may go at once. */
        bool at_once = report.outcome == HX_OUTCOME_BUSY && report.may_pass_at_once && !retried_at_once;
        retried_at_once = retried_at_once || at_once;
        if (late || at_once) {
            if (order->attempt >= HX_ATTEMPTS_MAX) return give_up(work, order, result);
            HX_TRY(next_attempt(work, order, &gated, result));
            if (gated) return HX_OK;
            continue;
        }
        /* An answer given while it is being matched is a receipt, whatever it is called. */
        bool done = report.outcome == HX_OUTCOME_DONE;
        if (done && !report.is_ack && !is_matching(order, &report)) {
            return hx_work_settle(work, order, &report, true, result);
        }
        if (report.outcome == HX_OUTCOME_REJECTED) return rejected(work, order, &report, result);
        if (report.outcome == HX_OUTCOME_BUSY) return busy(work, order, &report, result);
#ifdef HX_BUG_2
        HX_TRY(next_attempt(work, order, &gated, result));
        if (gated) return HX_OK;
        fresh = true;
        continue;
#endif
        if (done) order->venue_order_id = report.venue_order_id; /* Acknowledged. */
        HX_TRY(resolve(work, order, &report, &decision));
        bool again = false;
        HX_TRY(act_on(work, order, &report, &decision, &again, result));
        if (!again) return HX_OK;
        fresh = true;
    }
    return hx_work_unknown(work, NULL, HX_STR("too many attempts in one go; it will be looked at again"),
                           hx_port_now(work->req) + 30 * HX_MS_PER_SECOND, result);
}
