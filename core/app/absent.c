/* Orders of which nobody knows what became of them, until their owner has looked at the exchange and says that they are
 * not there.
 *
 * Such an order ends its signal and frees its lane. It is never sent again, and it is not forgotten either: its row
 * stays unfinished for a week, in which the venue is asked for it as for an order that rests, and before each signal of
 * its lane. Should it turn up, its owner is told, what of it still rests is cancelled, entry or exit, and from then on
 * it is an order like any other that rests: what it executed comes into the ledger. Whoever looks at it cancels, until
 * that is certain: its row says that nobody counts on it (hx_order_row.disowned). An order that rested and is lost
 * sight of (denied.c) is watched in the same way. */
#include "core/app/work.h"
#include "core/base/json.h"
#include "core/trade/attempt.h"

#define WATCH_MS (7 * HX_MS_PER_DAY)
#define WHO_LEN_MAX 80
#define TELL_LEN_MAX 512

/* {"by":"…"}: who says so, as far as he says it. */
static hx_str read_who(struct hx_req *req, hx_str body) {
    const struct hx_json *root = NULL;
    hx_str who = HX_STR_EMPTY;
    if (hx_failed(hx_json_parse(&req->arena, body, &root, NULL))) return HX_STR("the operator");
    if (hx_failed(hx_json_get_str(root, HX_STR("by"), &who)) || who.len == 0) return HX_STR("the operator");
    for (size_t i = 0; i < who.len; i++) {
        if (who.data[i] < ' ' || who.data[i] > '~') return HX_STR("the operator");
    }
    return hx_str_slice(who, 0, WHO_LEN_MAX);
}

static struct hx_order_row *find_unknown(struct hx_order_row *orders, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (hx_str_equal(orders[i].status, HX_STATUS_INTENT)) return &orders[i];
    }
    return NULL;
}

/* Why it can't be said of this signal now; empty: it can. *wait_ms: how long until it can, where it is only too early.
 */
static hx_str decide_refusal(const struct hx_signal_row *row, const struct hx_order_row *order, hx_time now,
                             int64_t *wait_ms) {
    *wait_ms = 0;
    if (row->finished) return HX_STR("the signal is final already");
    if (order == NULL) return HX_STR("no order of it may be at the exchange: `hoox queue drop` ends it");
    if (!hx_str_equal(row->status, HX_STR("unknown"))) {
        return HX_STR("its order is being sent or asked for; nothing about it is unknown yet");
    }
    const struct hx_venue_guarantees *guarantees = hx_venue_guarantees(&order->account);
    hx_assert(guarantees != NULL);
    hx_time proof = hx_attempt_proof_time(guarantees, order->send_by_ms);
    if (now > proof) return HX_STR_EMPTY;
    *wait_ms = proof + 1 - now;
    return HX_STR("it may still be on its way to the exchange");
}

hx_err hx_absent_name_order(struct hx_req *req, const struct hx_order_row *order, const char *then, hx_str rest,
                            hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &req->arena, TELL_LEN_MAX));
    hx_buf_add_c(&buf, "order ");
    hx_buf_add(&buf, order->client_order_id);
    if (order->venue_order_id.len > 0) {
        hx_buf_add_c(&buf, " (the exchange's ");
        hx_buf_add(&buf, order->venue_order_id);
        hx_buf_add_char(&buf, ')');
    }
    hx_buf_add_c(&buf, then);
    hx_buf_add(&buf, rest);
    return hx_buf_finish(&buf, out);
}

static hx_err end_as_absent(struct hx_work *work, struct hx_order_row *order, hx_str who) {
    struct hx_batch batch;
    hx_time now = hx_port_now(work->req);
    hx_str detail;
    HX_TRY(hx_absent_name_order(work->req, order, " is not at the exchange, says ", who, &detail));
    hx_batch_init(&batch, work->req);
    order->status = HX_STATUS_ABSENT;
    order->message = detail;
    hx_batch_add_order_state(&batch, order, now);
    hx_batch_add_log(&batch, HX_STR("warn"), work->row.id, HX_STR("order declared absent"), detail, now);
    hx_str message = order->opens ? HX_STR("the order is not at the exchange, says its owner; it is not sent again")
                                  : HX_STR(
                                        "the order is not at the exchange, says its owner; it is not sent again, and "
                                        "what it was to close may still be open: send the exit anew");
    const struct hx_verdict verdict = {HX_STR("failed"), 424, HX_STR("DECLARED_ABSENT"), message, HX_STR_EMPTY};
    return hx_work_finish(work, &batch, &verdict);
}

hx_err hx_absent_declare(struct hx_req *req, const struct hx_signal_row *row, hx_str body, hx_str *refusal,
                         int64_t *wait_ms) {
    struct hx_order_row *orders = NULL;
    struct hx_order_report report;
    struct hx_work work;
    uint32_t count = 0;
    HX_TRY(hx_ledger_orders_of(req, row->id, &orders, &count));
    struct hx_order_row *order = find_unknown(orders, count);
    *refusal = decide_refusal(row, order, hx_port_now(req), wait_ms);
    if (refusal->len > 0) return HX_OK;
    /* Its owner may have looked in the wrong place. A venue that can't be asked is no reason to keep him waiting; that
     * hoox spares the venue a question just now is none to believe him unasked. */
    hx_venue_query(req, &order->account, order->symbol, order->client_order_id, &report);
    if (report.held_back) {
        *refusal = HX_STR("the exchange could not be asked once more just now");
        *wait_ms = report.retry_after_ms > 0 ? report.retry_after_ms : HX_MS_PER_SECOND;
        return HX_OK;
    }
    if (report.outcome == HX_OUTCOME_DONE) {
        *refusal = HX_STR("the exchange has the order: it is being taken into the ledger");
        struct hx_batch batch;
        hx_batch_init(&batch, req);
        hx_batch_add_unknown_due(&batch, row->id);
        return hx_batch_write(&batch, NULL);
    }
    HX_TRY(hx_work_init(&work, req, row));
    for (uint32_t i = 0; i < count && i < HX_WORK_ORDERS_MAX; i++) work.orders[work.order_count++] = orders[i];
    return end_as_absent(&work, &work.orders[order - orders], read_who(req, body));
}

bool hx_absent_is(const struct hx_order_row *order) {
    return hx_str_equal(order->status, HX_STATUS_ABSENT);
}

static hx_err stop_watching(struct hx_req *req, struct hx_order_row *order) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    order->finished = true;
    hx_batch_add_order_state(&batch, order, hx_port_now(req));
    return hx_batch_write(&batch, NULL);
}

static hx_err take_back(struct hx_req *req, struct hx_order_row *order, const struct hx_order_report *report) {
    struct hx_signal_row row;
    struct hx_batch batch;
    hx_str text, notice;
    hx_time now = hx_port_now(req);
    HX_TRY(hx_ledger_get_signal(req, order->signal_id, &row));
    order->status = HX_STATUS_OPEN;
    order->venue_order_id = report->venue_order_id;
    order->updated_ms = now;
    bool was_lost = order->denied_ms != 0;
    HX_TRY(hx_absent_name_order(
        req, order, was_lost ? " was lost sight of" : " was declared absent",
        HX_STR(" and is at the exchange after all: it comes into the ledger, and what of it still rests is "
               "cancelled. Look at the position"),
        &text));
    order->message = text;
    const struct hx_verdict verdict = {HX_STR("order_turned_up"), 200, HX_STR_EMPTY, text, HX_STR_EMPTY};
    HX_TRY(hx_notice_make(req, &row, order, 1, &verdict, &notice));
    hx_batch_init(&batch, req);
    hx_batch_add_order_state(&batch, order, now);
    hx_batch_add_log(
        &batch, HX_STR("error"), row.id,
        was_lost ? HX_STR("an order lost sight of turned up") : HX_STR("an order declared absent turned up"), text,
        now);
    hx_batch_add_notice(&batch, row.id, notice, now);
    HX_TRY(hx_batch_write(&batch, NULL));
    hx_port_queue_send(req, HX_STR("outbox"), now);
    return HX_OK;
}

hx_err hx_absent_look(struct hx_req *req, struct hx_order_row *order, bool *turned_up) {
    struct hx_order_report report;
    *turned_up = false;
    if (hx_port_now(req) - order->updated_ms > WATCH_MS) return stop_watching(req, order);
    hx_venue_query(req, &order->account, order->symbol, order->client_order_id, &report);
    if (report.outcome != HX_OUTCOME_DONE) return HX_OK;
    *turned_up = true;
    return take_back(req, order, &report);
}
