/* The spot user stream: executionReport and outboundAccountPosition, each wrapped with its subscription. */
#include "lab/binance_spot.h"
#include "lab/binance_stream.h"

static void begin(struct hx_lab *lab, struct hx_lab_text *text, const char *name, const struct hx_lab_event *event) {
    hx_lab_text_begin(lab, text);
    hx_json_open_object(&text->json, NULL);
    hx_json_write_i64(&text->json, "subscriptionId", 0);
    hx_json_open_object(&text->json, "event");
    hx_lab_json_c(&text->json, "e", name);
    hx_json_write_i64(&text->json, "E", event->time);
}

static void push(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_text *text) {
    hx_json_close_object(&text->json);
    hx_json_close_object(&text->json);
    hx_lab_text_push(lab, stream, text);
}

static void write8(struct hx_json_writer *json, const char *name, hx_lab_amount amount) {
    hx_lab_json_fixed(json, name, amount, HX_LAB_PLACES);
}

/* On a cancel `c` is the cancel's own id and `C` the order's; otherwise `c` is the order's and `C` empty. */
static void write_ids(struct hx_json_writer *json, const struct hx_lab_event *event, const struct hx_lab_order *order) {
    const hx_str own = hx_lab_order_client_id(order);
    const bool canceled = event->execution == HX_LAB_EXECUTION_CANCELED && event->other_id_len > 0;
    hx_json_write_str(json, "c", canceled ? hx_str_make(event->other_id, event->other_id_len) : own);
    hx_json_write_str(json, "C", canceled ? own : HX_STR_EMPTY);
}

static void write_trade(const struct hx_lab *lab, struct hx_json_writer *json, const struct hx_lab_fill *fill) {
    write8(json, "l", fill != NULL ? fill->quantity : 0);
    write8(json, "L", fill != NULL ? fill->price : 0);
    write8(json, "Y", fill != NULL ? fill->quote : 0);
    write8(json, "n", fill != NULL ? fill->fee : 0);
    if (fill != NULL) {
        hx_lab_json_c(json, "N", lab->assets[fill->fee_asset].name);
    } else {
        hx_json_write_null(json, "N");
    }
    hx_json_write_i64(json, "t", fill != NULL ? hx_lab_trade_id(fill) : -1);
    hx_json_write_bool(json, "m", fill != NULL && fill->maker);
}

static void tell_order(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    static const char *const executions[] = {"NEW", "NEW", "TRADE", "CANCELED", "EXPIRED", "REJECTED"};
    const struct hx_lab_order *order = hx_lab_order_at(lab, event->order_seq);
    const bool waits = event->status == HX_LAB_STATUS_UNTRIGGERED;
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, &text, "executionReport", event);
    hx_lab_json_c(json, "s", lab->markets[order->market].name);
    write_ids(json, event, order);
    hx_lab_json_c(json, "S", order->buy ? "BUY" : "SELL");
    hx_lab_json_c(json, "o", hx_lab_spot_type(order));
    hx_json_write_str(json, "f", order->tif == HX_LAB_GTX ? HX_STR("GTC") : hx_lab_tif_text(order->tif));
    write8(json, "q", event->quantity);
    write8(json, "p", order->price);
    write8(json, "P", order->trigger.is_set ? order->trigger.price : 0);
    write8(json, "F", 0);
    hx_json_write_i64(json, "g", -1);
    hx_lab_json_c(json, "x", executions[event->execution]);
    hx_json_write_str(json, "X", waits ? HX_STR("NEW") : hx_lab_status_text(event->status));
    hx_lab_json_c(json, "r", "NONE");
    hx_json_write_i64(json, "i", hx_lab_order_id(lab, order));
    write8(json, "z", event->executed);
    write_trade(lab, json, hx_lab_fill_at(lab, event->fill_seq));
    hx_json_write_i64(json, "T", event->time);
    hx_json_write_i64(json, "I", 3 * (int64_t)event->seq);
    const bool on_book = event->status == HX_LAB_STATUS_NEW || event->status == HX_LAB_STATUS_PARTIALLY_FILLED;
    hx_json_write_bool(json, "w", on_book);
    hx_json_write_bool(json, "M", false);
    hx_json_write_i64(json, "O", order->time);
    write8(json, "Z", event->quote);
    write8(json, "Q", order->quote_asked);
    if (!waits) hx_json_write_i64(json, "W", order->time);
    hx_lab_json_c(json, "V", "EXPIRE_MAKER");
    push(lab, stream, &text);
}

static void tell_account(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, &text, "outboundAccountPosition", event);
    hx_json_write_i64(json, "u", event->time);
    hx_json_open_array(json, "B");
    for (uint32_t i = 0; i < event->asset_count; i++) {
        hx_json_open_object(json, NULL);
        hx_lab_json_c(json, "a", lab->assets[event->assets[i].asset].name);
        write8(json, "f", event->assets[i].total - event->assets[i].locked);
        write8(json, "l", event->assets[i].locked);
        hx_json_close_object(json);
    }
    hx_json_close_array(json);
    push(lab, stream, &text);
}

void hx_lab_binance_tell_spot(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    tell_order(lab, stream, event);
    tell_account(lab, stream, event);
}
