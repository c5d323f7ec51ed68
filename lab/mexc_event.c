/* MEXC's personal channels: order, deal, position, asset. All numbers are JSON numbers; volumes are contracts. */
#include "lab/mexc_stream.h"
#include "lab/mexc_words.h"

static void begin(struct hx_lab *lab, struct hx_lab_text *text, const char *channel) {
    hx_lab_text_begin(lab, text);
    hx_json_open_object(&text->json, NULL);
    hx_lab_json_c(&text->json, "channel", channel);
    hx_json_open_object(&text->json, "data");
}

static void push(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_text *text,
                 const struct hx_lab_event *event) {
    hx_json_close_object(&text->json);
    hx_json_write_i64(&text->json, "ts", event->time);
    hx_json_close_object(&text->json);
    hx_lab_text_push(lab, stream, text);
}

static void tell_order(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                       const struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    const bool works = event->status == HX_LAB_STATUS_NEW || event->status == HX_LAB_STATUS_PARTIALLY_FILLED;
    const hx_lab_amount left = works ? event->quantity - event->executed : 0;
    const struct hx_lab_mexc_moment moment = {event->status, event->quantity, event->executed, event->quote,
                                              event->time};
    struct hx_lab_text text;
    begin(lab, &text, "push.personal.order");
    hx_lab_mexc_add_order(&text.json, lab, order, &moment);
    hx_lab_json_number(&text.json, "remainVol", hx_lab_mexc_contracts(market, left));
    hx_json_write_i64(&text.json, "version", (int64_t)event->seq);
    push(lab, stream, &text, event);
}

static void tell_deal(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                      const struct hx_lab_order *order, const struct hx_lab_fill *fill) {
    struct hx_lab_text text;
    begin(lab, &text, "push.personal.order.deal");
    hx_lab_mexc_add_fill(&text.json, lab, fill);
    hx_json_write_bool(&text.json, "isTaker", !fill->maker);
    hx_json_write_str(&text.json, "externalOid", hx_lab_order_client_id(order));
    push(lab, stream, &text, event);
}

/* In one-way mode the position's own direction says which of the two it is, or, when nothing is left, which it was. */
static void tell_position(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                          const struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    const struct hx_lab_position *position = &event->position;
    const bool gone = order->side == HX_LAB_BOTH && position->quantity == 0;
    const bool is_long = gone ? !order->buy : hx_lab_mexc_is_long(position, order->side);
    struct hx_lab_text text;
    begin(lab, &text, "push.personal.position");
    hx_lab_mexc_add_position(&text.json, lab, market, position, is_long);
    push(lab, stream, &text, event);
}

static void tell_assets(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    const struct hx_lab_margin margin = hx_lab_margin_now(lab);
    for (uint32_t i = 0; i < event->asset_count; i++) {
        const bool usdt = event->assets[i].asset == HX_LAB_ASSET_USDT;
        struct hx_lab_text text;
        struct hx_json_writer *json = &text.json;
        begin(lab, &text, "push.personal.asset");
        hx_lab_json_c(json, "currency", lab->assets[event->assets[i].asset].name);
        hx_lab_json_number(json, "cashBalance", event->assets[i].total);
        hx_lab_json_number(json, "availableBalance", usdt ? margin.available : event->assets[i].total);
        hx_lab_json_number(json, "positionMargin", usdt ? margin.position_margin : 0);
        hx_lab_json_number(json, "frozenBalance", usdt ? margin.order_margin : 0);
        hx_json_write_i64(json, "bonus", 0);
        push(lab, stream, &text, event);
    }
}

void hx_lab_mexc_tell(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    const struct hx_lab_order *order = hx_lab_order_at(lab, event->order_seq);
    const struct hx_lab_fill *fill = hx_lab_fill_at(lab, event->fill_seq);
    const uint32_t wants = stream->event_filter;
    if (order == NULL || hx_lab_market_is_spot(lab, order->market)) return;
    if ((wants & HX_LAB_MEXC_WANTS_ORDER) != 0) tell_order(lab, stream, event, order);
    if (fill == NULL) return;
    if ((wants & HX_LAB_MEXC_WANTS_DEAL) != 0) tell_deal(lab, stream, event, order, fill);
    if ((wants & HX_LAB_MEXC_WANTS_POSITION) != 0) tell_position(lab, stream, event, order);
    if ((wants & HX_LAB_MEXC_WANTS_ASSET) != 0) tell_assets(lab, stream, event);
}
