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

/* Fee and profit of the order's fills so far. */
static void sum_fills(const struct hx_lab *lab, const struct hx_lab_order *order, hx_lab_amount executed,
                      hx_lab_amount *maker_fee, hx_lab_amount *taker_fee, hx_lab_amount *profit) {
    hx_lab_amount seen = 0;
    *maker_fee = 0;
    *taker_fee = 0;
    *profit = 0;
    for (uint64_t seq = order->fill_first; order->fill_count > 0 && seq <= lab->fill_seq && seen < executed; seq++) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (fill == NULL || fill->order_seq != order->seq) continue;
        *(fill->maker ? maker_fee : taker_fee) += fill->fee;
        *profit += fill->realized;
        seen += fill->quantity;
    }
}

static void tell_order(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                       const struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    const hx_lab_amount left = event->quantity - event->executed;
    const bool works = event->status == HX_LAB_STATUS_NEW || event->status == HX_LAB_STATUS_PARTIALLY_FILLED;
    hx_lab_amount maker_fee;
    hx_lab_amount taker_fee;
    hx_lab_amount profit;
    sum_fills(lab, order, event->executed, &maker_fee, &taker_fee, &profit);
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, &text, "push.personal.order");
    hx_lab_json_order_id(json, "orderId", lab, order);
    hx_lab_json_c(json, "symbol", market->wire);
    hx_json_write_i64(json, "positionId", hx_lab_mexc_position_id(order->market, hx_lab_mexc_position_type(order)));
    hx_lab_json_number(json, "price", order->price);
    hx_lab_json_number(json, "vol", hx_lab_mexc_contracts(market, event->quantity));
    hx_json_write_i64(json, "leverage", market->leverage);
    hx_json_write_i64(json, "side", hx_lab_mexc_side(order));
    hx_json_write_i64(json, "category", 1);
    hx_json_write_i64(json, "orderType", hx_lab_mexc_order_type(order));
    hx_lab_json_number(json, "dealAvgPrice",
                       event->executed > 0 ? hx_lab_amount_divide(event->quote, event->executed) : 0);
    hx_lab_json_number(json, "dealVol", hx_lab_mexc_contracts(market, event->executed));
    hx_lab_json_number(json, "remainVol", hx_lab_mexc_contracts(market, works ? left : 0));
    const bool holds = works && !order->reduce_only;
    const hx_lab_amount notional = hx_lab_amount_multiply(left, order->price);
    hx_lab_json_number(json, "orderMargin", holds ? notional / (int64_t)market->leverage : 0);
    hx_lab_json_number(json, "takerFee", taker_fee);
    hx_lab_json_number(json, "makerFee", maker_fee);
    hx_lab_json_number(json, "profit", profit);
    hx_lab_json_c(json, "feeCurrency", "USDT");
    hx_json_write_i64(json, "openType", market->isolated ? 1 : 2);
    hx_json_write_i64(json, "state", hx_lab_mexc_state(event->status));
    hx_json_write_str(json, "externalOid", hx_lab_order_client_id(order));
    hx_json_write_i64(json, "errorCode", hx_lab_mexc_error(order, event->status));
    hx_json_write_i64(json, "createTime", order->time);
    hx_json_write_i64(json, "updateTime", event->time);
    hx_json_write_i64(json, "version", (int64_t)event->seq);
    push(lab, stream, &text, event);
}

static void tell_deal(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                      const struct hx_lab_order *order, const struct hx_lab_fill *fill) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, &text, "push.personal.order.deal");
    hx_lab_json_trade_id(json, "id", lab, fill);
    hx_lab_json_c(json, "symbol", market->wire);
    hx_json_write_i64(json, "side", hx_lab_mexc_side(order));
    hx_lab_json_number(json, "vol", hx_lab_mexc_contracts(market, fill->quantity));
    hx_lab_json_number(json, "price", fill->price);
    hx_lab_json_number(json, "fee", fill->fee);
    hx_lab_json_c(json, "feeCurrency", lab->assets[fill->fee_asset].name);
    hx_lab_json_number(json, "profit", fill->realized);
    hx_json_write_bool(json, "isTaker", !fill->maker);
    hx_json_write_i64(json, "category", 1);
    hx_lab_json_order_id(json, "orderId", lab, order);
    hx_json_write_str(json, "externalOid", hx_lab_order_client_id(order));
    hx_json_write_i64(json, "timestamp", fill->time);
    push(lab, stream, &text, event);
}

/* In one-way mode the position's own direction says which of the two it is. */
static void tell_position(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                          const struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    const struct hx_lab_position *position = &event->position;
    const hx_lab_amount held = hx_lab_amount_abs(position->quantity);
    int64_t type = hx_lab_mexc_position_type(order);
    if (order->side == HX_LAB_BOTH && held > 0) type = position->quantity > 0 ? 1 : 2;
    const hx_lab_amount margin = hx_lab_amount_multiply(held, position->entry) / (int64_t)market->leverage;
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, &text, "push.personal.position");
    hx_json_write_i64(json, "positionId", hx_lab_mexc_position_id(order->market, type));
    hx_lab_json_c(json, "symbol", market->wire);
    hx_json_write_i64(json, "positionType", type);
    hx_json_write_i64(json, "openType", market->isolated ? 1 : 2);
    hx_json_write_i64(json, "state", held > 0 ? 1 : 3);
    hx_lab_json_number(json, "holdVol", hx_lab_mexc_contracts(market, held));
    hx_json_write_i64(json, "frozenVol", 0);
    hx_lab_json_number(json, "holdAvgPrice", position->entry);
    hx_lab_json_number(json, "openAvgPrice", position->entry);
    hx_lab_json_number(json, "im", margin);
    hx_lab_json_number(json, "oim", margin);
    hx_json_write_i64(json, "leverage", market->leverage);
    hx_json_write_bool(json, "autoAddIm", false);
    hx_json_write_i64(json, "updateTime", event->time);
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
