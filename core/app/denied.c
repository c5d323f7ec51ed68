/* Orders that rest at the venue, and of which the venue says that it does not know them.
 *
 * A burst of such answers proves nothing: a venue that has trouble denies what it has. So since when it does is kept in
 * the order's row (denied_ms), and only answers that are minutes apart, with no sight of the order between them, count:
 *   - The order was last seen longer ago than the venue remembers what has ended: it has ended, and was forgotten.
 *     Whatever it executed is in its fills.
 *   - It was seen since. Then the venue would tell its end, and can't be believed. What its fills say is taken in;
 * should they not be all of it, it is lost sight of: its owner is told, it keeps nobody waiting any more, and it is
 * watched for a week as one that was declared absent is (absent.c). Should it turn up, what of it still rests is
 * cancelled.
 *
 * When an order was last seen is updated_ms of its row, to within an hour. */
#include "core/app/work.h"

#define LOST_MS (15 * HX_MS_PER_MINUTE)
#define SEEN_EVERY_MS HX_MS_PER_HOUR

hx_err hx_denied_write(struct hx_req *req, const struct hx_order_row *order) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    hx_batch_add_order_watch(&batch, order);
    return hx_batch_write(&batch, NULL);
}

hx_err hx_denied_note_seen(struct hx_req *req, struct hx_order_row *order) {
    hx_time now = hx_port_now(req);
    bool recent = now - order->updated_ms < SEEN_EVERY_MS;
    if (order->denied_ms == 0 && recent) return HX_OK;
    order->denied_ms = 0;
    order->updated_ms = now;
    return hx_denied_write(req, order);
}

hx_err hx_denied_recall(struct hx_req *req, struct hx_order_row *order) {
    if (order->recalled) return HX_OK;
    order->recalled = order->disowned = true;
    return hx_denied_write(req, order);
}

/* What its fills say of an order that the venue denies. *known false: they can't be had. */
static hx_err report_of_fills(struct hx_req *req, const struct hx_order_row *order, struct hx_order_report *report,
                              bool *known) {
    struct hx_fills fills = {NULL, 0};
    hx_dec executed = HX_DEC_ZERO;
    struct hx_venue_result answer = hx_venue_fills(req, &order->account, order->symbol, order->venue_order_id, &fills);
    *known = answer.outcome == HX_OUTCOME_DONE;
    if (!*known) return HX_OK;
    for (uint32_t i = 0; i < fills.count; i++) HX_TRY(hx_dec_add(executed, fills.list[i].quantity, &executed));
    bool whole = hx_dec_compare(executed, order->quantity) >= 0;
    *report = (struct hx_order_report){.outcome = HX_OUTCOME_DONE,
                                       .status = whole ? HX_ORDER_FILLED : HX_ORDER_CANCELED,
                                       .venue_order_id = order->venue_order_id,
                                       .client_order_id = order->client_order_id,
                                       .executed_quantity = executed};
    return HX_OK;
}

static hx_err lose_sight(struct hx_req *req, struct hx_order_row *order) {
    struct hx_signal_row row;
    struct hx_batch batch;
    hx_str text, notice;
    hx_time now = hx_port_now(req);
    HX_TRY(hx_ledger_get_signal(req, order->signal_id, &row));
    HX_TRY(hx_absent_name_order(req, order,
                                " rested, and for a quarter of an hour the exchange has said that it does not know it. "
                                "It counts as gone. Look at "
                                "the exchange: should it still be there, cancel it; hoox goes on asking for a week, "
                                "and takes it in and cancels "
                                "it when it turns up",
                                HX_STR_EMPTY, &text));
    order->status = HX_STATUS_ABSENT;
    order->message = text;
    order->updated_ms = now;
    order->recalled = order->disowned = true;
    const struct hx_verdict verdict = {HX_STR("order_lost"), 200, HX_STR_EMPTY, text, HX_STR_EMPTY};
    HX_TRY(hx_notice_make(req, &row, order, 1, &verdict, &notice));
    hx_batch_init(&batch, req);
    hx_batch_add_order_state(&batch, order, now);
    hx_batch_add_order_watch(&batch, order);
    hx_batch_add_log(&batch, HX_STR("error"), row.id, HX_STR("an order that rested is lost sight of"), text, now);
    hx_batch_add_notice(&batch, row.id, notice, now);
    HX_TRY(hx_batch_write(&batch, NULL));
    hx_port_queue_send(req, HX_STR("outbox"), now);
    return HX_OK;
}

hx_err hx_denied_weigh(struct hx_req *req, struct hx_order_row *order, struct hx_order_report *report) {
    const struct hx_venue_guarantees *guarantees = hx_venue_guarantees(&order->account);
    hx_time now = hx_port_now(req);
    hx_assert(guarantees != NULL);
    if (order->denied_ms == 0) {
        order->denied_ms = now;
        return hx_denied_write(req, order);
    }
    bool forgotten = now - order->updated_ms > guarantees->lookup_retention_ms;
    if (now - order->denied_ms < (forgotten ? HX_DENIALS_APART_MS : LOST_MS)) return HX_OK;
    struct hx_order_report ended;
    bool known = false;
    HX_TRY(report_of_fills(req, order, &ended, &known));
    if (!known) return HX_OK;
    bool moved = hx_dec_compare(ended.executed_quantity, order->executed_quantity) > 0;
    if (!forgotten && ended.status != HX_ORDER_FILLED) {
        if (!moved) return lose_sight(req, order);
        ended.status = HX_ORDER_PARTIALLY_FILLED;
    }
    *report = ended;
    return HX_OK;
}
