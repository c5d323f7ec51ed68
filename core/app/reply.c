#include "core/app/reply.h"

#include "core/app/ledger_row.h"
#include "core/base/json.h"

#define BODY_LEN_MAX 4096
/* HX_WORK_ORDERS_MAX orders of up to 400 bytes, and the longest words of a venue twice, escaped. */
#define SIGNAL_BODY_LEN_MAX 12288

void hx_reply_add_header(struct hx_reply *reply, hx_str name, hx_str value) {
    hx_assert(reply->header_count < HX_REPLY_HEADERS_MAX);
    reply->headers[reply->header_count++] = (struct hx_http_header){name, value};
}

void hx_reply_json(struct hx_reply *reply, uint32_t status, hx_str body) {
    hx_mem_set(reply, 0, sizeof(*reply));
    reply->status = status;
    reply->body = body;
    hx_reply_add_header(reply, HX_STR("Content-Type"), HX_STR("application/json"));
}

static void write_error(struct hx_json_writer *w, hx_str code, hx_str message) {
    hx_json_open_object(w, "error");
    hx_json_write_str(w, "code", code);
    hx_json_write_str(w, "message", message);
}

void hx_reply_error(struct hx_req *req, struct hx_reply *reply, uint32_t status, hx_str code, hx_str message,
                    const struct hx_signal_issues *issues) {
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_str body =
        HX_STR("{\"success\":false,\"error\":{\"code\":\"LIMIT\",\"message\":\"out of memory for the reply\"}}");
    if (hx_ok(hx_buf_make(&buf, &req->arena, BODY_LEN_MAX))) {
        hx_json_begin(&w, &buf);
        hx_json_open_object(&w, NULL);
        hx_json_write_bool(&w, "success", false);
        hx_json_write_str(&w, "requestId", hx_str_from_c(req->id));
        write_error(&w, code, message);
        if (issues != NULL && issues->count > 0) {
            hx_json_open_array(&w, "details");
            for (uint32_t i = 0; i < issues->count; i++) {
                hx_json_open_object(&w, NULL);
                hx_json_write_str(&w, "field", issues->list[i].field);
                hx_json_write_str(&w, "issue", issues->list[i].issue);
                hx_json_close_object(&w);
            }
            hx_json_close_array(&w);
        }
        hx_json_close_object(&w);
        hx_json_close_object(&w);
        hx_str made;
        if (hx_ok(hx_buf_finish(&buf, &made))) body = made;
    }
    hx_reply_json(reply, status, body);
}

/* NEW, FILLED … as venues say it. */
static hx_str order_status_text(const struct hx_order_row *order) {
    if (hx_str_equal(order->status, HX_STATUS_OPEN)) {
        return hx_dec_is_zero(order->executed_quantity) ? HX_STR("NEW") : HX_STR("PARTIALLY_FILLED");
    }
    if (hx_str_equal(order->status, HX_STR("filled"))) return HX_STR("FILLED");
    if (hx_str_equal(order->status, HX_STR("partially_filled"))) return HX_STR("PARTIALLY_FILLED");
    if (hx_str_equal(order->status, HX_STR("canceled"))) return HX_STR("CANCELED");
    if (hx_str_equal(order->status, HX_STR("expired"))) return HX_STR("EXPIRED");
    if (hx_str_equal(order->status, HX_STR("rejected"))) return HX_STR("REJECTED");
    if (hx_str_equal(order->status, HX_STATUS_ABSENT)) return HX_STR("ABSENT");
    return HX_STR("PENDING");
}

static void write_order(struct hx_json_writer *w, const char *name, const struct hx_order_row *order) {
    hx_json_open_object(w, name);
    hx_json_write_str(w, "orderId", order->venue_order_id);
    hx_json_write_str(w, "clientOrderId", order->client_order_id);
    hx_json_write_str(w, "side", hx_side_name(order->side));
    hx_json_write_str(w, "status", order_status_text(order));
    hx_json_write_dec(w, "executedQty", order->executed_quantity);
    hx_json_write_dec(w, "price", hx_dec_is_zero(order->average_price) ? order->price : order->average_price);
    hx_json_write_dec(w, "fee", order->fee);
    hx_json_write_str(w, "feeAsset", order->fee_asset);
    hx_json_write_i64(w, "timestamp", order->updated_ms);
    hx_json_close_object(w);
}

static void write_signal(struct hx_json_writer *w, const struct hx_signal_row *row, hx_str status) {
    hx_json_write_str(w, "requestId", row->request_id);
    hx_json_write_str(w, "signalId", row->id);
    hx_json_write_str(w, "exchange", hx_venue_name(row->venue));
    hx_json_write_str(w, "symbol", row->symbol);
    hx_json_write_str(w, "action", row->action);
    if (row->test) hx_json_write_bool(w, "test", true);
    hx_json_write_str(w, "status", status);
}

/* `result` is the last order, the one the signal was for; a flip's close stands in `orders` with it. */
static void write_orders(struct hx_json_writer *w, const struct hx_order_row *orders, uint32_t order_count) {
    if (order_count == 0) {
        hx_json_write_null(w, "result");
        return;
    }
    write_order(w, "result", &orders[order_count - 1]);
    if (order_count == 1) return;
    hx_json_open_array(w, "orders");
    for (uint32_t i = 0; i < order_count; i++) write_order(w, NULL, &orders[i]);
    hx_json_close_array(w);
}

/* What is said of a field begins where the field's name would stand: on its own it needs that name. */
static hx_err sentence_make(struct hx_req *req, const struct hx_verdict *verdict, hx_str *out) {
    struct hx_buf buf;
    hx_str issue = verdict->message;
    *out = issue;
    if (verdict->field.len == 0 || issue.len == 0 || issue.data[0] < 'a' || issue.data[0] > 'z') return HX_OK;
    HX_TRY(hx_buf_make(&buf, &req->arena, verdict->field.len + issue.len + 2));
    hx_buf_add(&buf, verdict->field);
    hx_buf_add_c(&buf, ": ");
    hx_buf_add(&buf, issue);
    return hx_buf_finish(&buf, out);
}

hx_err hx_reply_body_make(struct hx_req *req, const struct hx_signal_row *row, const struct hx_order_row *orders,
                          uint32_t order_count, const struct hx_verdict *verdict, hx_str *out) {
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_str sentence = HX_STR_EMPTY;
    bool success = verdict->code.len == 0;
    HX_TRY(sentence_make(req, verdict, &sentence));
    HX_TRY(hx_buf_make(&buf, &req->arena, SIGNAL_BODY_LEN_MAX));
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_bool(&w, "success", success);
    write_signal(&w, row, verdict->status);
    if (success || order_count > 0) write_orders(&w, orders, order_count);
    if (success && verdict->message.len > 0) hx_json_write_str(&w, "message", verdict->message);
    if (!success) {
        write_error(&w, verdict->code, sentence);
        if (verdict->field.len > 0) {
            hx_json_open_array(&w, "details");
            hx_json_open_object(&w, NULL);
            hx_json_write_str(&w, "field", verdict->field);
            hx_json_write_str(&w, "issue", verdict->message);
            hx_json_close_object(&w);
            hx_json_close_array(&w);
        }
        hx_json_close_object(&w);
    }
    hx_json_close_object(&w);
    return hx_buf_finish(&buf, out);
}

hx_err hx_reply_body_accepted(struct hx_req *req, const struct hx_signal_row *row, hx_str *out) {
    struct hx_buf buf;
    struct hx_json_writer w;
    HX_TRY(hx_buf_make(&buf, &req->arena, BODY_LEN_MAX));
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_bool(&w, "success", true);
    write_signal(&w, row, HX_STR("accepted"));
    hx_json_write_null(&w, "result");
    hx_json_write_str(&w, "message", HX_STR("accepted and durable; still being worked on"));
    hx_json_close_object(&w);
    return hx_buf_finish(&buf, out);
}

hx_err hx_notice_make(struct hx_req *req, const struct hx_signal_row *row, const struct hx_order_row *orders,
                      uint32_t order_count, const struct hx_verdict *verdict, hx_str *out) {
    struct hx_buf buf;
    struct hx_json_writer w;
    HX_TRY(hx_buf_make(&buf, &req->arena, SIGNAL_BODY_LEN_MAX));
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    write_signal(&w, row, verdict->status);
    hx_json_write_str(&w, "code", verdict->code);
    hx_json_write_str(&w, "message", verdict->message);
    write_orders(&w, orders, order_count);
    hx_json_close_object(&w);
    return hx_buf_finish(&buf, out);
}
