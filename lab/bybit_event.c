/* Bybit's private topics: order, execution, position, wallet. */
#include "lab/bybit.h"
#include "lab/bybit_stream.h"

static void begin(struct hx_lab *lab, struct hx_lab_text *text, const char *topic, const struct hx_lab_event *event) {
    hx_lab_text_begin(lab, text);
    hx_json_open_object(&text->json, NULL);
    hx_lab_json_i64_text(&text->json, "id", (int64_t)event->seq);
    hx_lab_json_c(&text->json, "topic", topic);
    hx_json_write_i64(&text->json, "creationTime", event->time);
    hx_json_open_array(&text->json, "data");
    hx_json_open_object(&text->json, NULL);
}

static void push(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_text *text) {
    hx_json_close_object(&text->json);
    hx_json_close_array(&text->json);
    hx_json_close_object(&text->json);
    hx_lab_text_push(lab, stream, text);
}

static void write_ids(const struct hx_lab *lab, struct hx_json_writer *json, const struct hx_lab_order *order,
                      hx_str client_id) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    hx_lab_json_c(json, "category", hx_lab_bybit_category(market->product));
    hx_lab_json_c(json, "symbol", market->wire);
    hx_lab_json_order_id(json, "orderId", lab, order);
    hx_json_write_str(json, "orderLinkId", client_id);
    hx_lab_json_c(json, "side", order->buy ? "Buy" : "Sell");
}

static void write_names(const struct hx_lab *lab, struct hx_json_writer *json, const struct hx_lab_order *order) {
    write_ids(lab, json, order, hx_lab_order_client_id(order));
}

static void tell_order(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                       const struct hx_lab_order *order) {
    const hx_lab_amount left = event->quantity - event->executed;
    const bool open = event->status == HX_LAB_STATUS_NEW || event->status == HX_LAB_STATUS_PARTIALLY_FILLED ||
                      event->status == HX_LAB_STATUS_UNTRIGGERED;
    const char *cancel_type;
    const char *reason;
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    hx_lab_bybit_ending(order, event->status, &cancel_type, &reason);
    begin(lab, &text, "order", event);
    write_names(lab, json, order);
    hx_lab_json_c(json, "orderType", order->type == HX_LAB_ORDER_LIMIT ? "Limit" : "Market");
    hx_lab_json_c(json, "cancelType", cancel_type);
    hx_lab_json_short(json, "price", order->price);
    hx_lab_json_short(json, "qty", order->quote_asked > 0 ? order->quote_asked : event->quantity);
    hx_lab_json_c(json, "marketUnit", order->quote_asked > 0 ? "quoteCoin" : "");
    hx_lab_json_c(json, "timeInForce", hx_lab_bybit_tif_text(order));
    hx_lab_json_c(json, "orderStatus", hx_lab_bybit_status_text(lab, order, event->status, event->executed));
    hx_lab_json_c(json, "rejectReason", reason);
    if (event->executed > 0) {
        hx_lab_json_short(json, "avgPrice", hx_lab_amount_divide(event->quote, event->executed));
    } else {
        hx_lab_json_c(json, "avgPrice", "");
    }
    hx_lab_json_short(json, "leavesQty", open ? left : 0);
    hx_lab_json_short(json, "cumExecQty", event->executed);
    hx_lab_json_short(json, "cumExecValue", event->quote);
    hx_lab_bybit_write_fees(json, lab, order, event->executed);
    hx_json_write_i64(json, "positionIdx", hx_lab_bybit_position_index(order->side));
    hx_json_write_bool(json, "reduceOnly", order->reduce_only);
    hx_json_write_bool(json, "closeOnTrigger", (order->wire_kind & HX_LAB_BYBIT_CLOSE_ON_TRIGGER) != 0);
    hx_lab_json_c(json, "stopOrderType", hx_lab_bybit_stop_text(lab, order));
    hx_lab_json_short(json, "triggerPrice", order->trigger.price);
    hx_json_write_i64(json, "triggerDirection", !order->trigger.is_set ? 0 : order->trigger.rises ? 1 : 2);
    hx_lab_json_i64_text(json, "createdTime", order->time);
    hx_lab_json_i64_text(json, "updatedTime", event->time);
    push(lab, stream, &text);
}

static void tell_execution(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                           const struct hx_lab_order *order, const struct hx_lab_fill *fill) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    const hx_lab_amount rate = fill->maker ? lab->maker_rate[market->product] : lab->taker_rate[market->product];
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, &text, "execution", event);
    write_names(lab, json, order);
    hx_lab_json_trade_id(json, "execId", lab, fill);
    hx_lab_json_short(json, "execPrice", fill->price);
    hx_lab_json_short(json, "execQty", fill->quantity);
    hx_lab_json_short(json, "execValue", fill->quote);
    hx_lab_json_short(json, "execFee", fill->fee);
    hx_lab_json_c(json, "feeCurrency", lab->assets[fill->fee_asset].name);
    hx_lab_json_short(json, "feeRate", rate);
    hx_lab_json_c(json, "execType", "Trade");
    hx_lab_json_short(json, "execPnl", fill->realized);
    hx_lab_json_i64_text(json, "execTime", fill->time);
    hx_json_write_bool(json, "isMaker", fill->maker);
    hx_lab_json_c(json, "isLeverage", "0");
    hx_lab_json_c(json, "orderType", order->type == HX_LAB_ORDER_LIMIT ? "Limit" : "Market");
    hx_lab_json_short(json, "orderPrice", order->price);
    hx_lab_json_short(json, "orderQty", event->quantity);
    hx_lab_json_short(json, "leavesQty", event->quantity - event->executed);
    hx_lab_json_short(json, "closedSize", fill->closed);
    hx_lab_json_c(json, "stopOrderType", hx_lab_bybit_stop_text(lab, order));
    hx_json_write_i64(json, "seq", HX_LAB_BYBIT_SEQ_BASE + (int64_t)fill->seq);
    push(lab, stream, &text);
}

/* Without the fee: who wants it asks, or takes the other topic. A maker's client order id is left out, as documented.
 */
static void tell_fast(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                      const struct hx_lab_order *order, const struct hx_lab_fill *fill) {
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, &text, "execution.fast", event);
    write_ids(lab, json, order, fill->maker ? HX_STR_EMPTY : hx_lab_order_client_id(order));
    hx_lab_json_trade_id(json, "execId", lab, fill);
    hx_lab_json_short(json, "execPrice", fill->price);
    hx_lab_json_short(json, "execQty", fill->quantity);
    hx_json_write_bool(json, "isMaker", fill->maker);
    hx_lab_json_i64_text(json, "execTime", fill->time);
    hx_json_write_i64(json, "seq", HX_LAB_BYBIT_SEQ_BASE + (int64_t)fill->seq);
    push(lab, stream, &text);
}

static void tell_position(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event,
                          const struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    const struct hx_lab_position *position = &event->position;
    const hx_lab_amount mark = hx_lab_book_now(lab, market).mark;
    const hx_lab_amount size = hx_lab_amount_abs(position->quantity);
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, &text, "position", event);
    hx_lab_json_c(json, "category", "linear");
    hx_lab_json_c(json, "symbol", market->wire);
    hx_json_write_i64(json, "positionIdx", hx_lab_bybit_position_index(order->side));
    hx_lab_json_c(json, "side", size == 0 ? "" : position->quantity > 0 ? "Buy" : "Sell");
    hx_lab_json_short(json, "size", size);
    hx_lab_json_short(json, "entryPrice", position->entry);
    hx_lab_json_short(json, "positionValue", hx_lab_amount_multiply(size, position->entry));
    hx_lab_json_short(json, "markPrice", mark);
    hx_lab_json_short(json, "leverage", (hx_lab_amount)market->leverage * HX_LAB_UNIT);
    hx_lab_json_short(json, "unrealisedPnl", hx_lab_unrealized(position, mark));
    hx_lab_json_short(json, "curRealisedPnl", position->realized_now);
    hx_lab_json_short(json, "cumRealisedPnl", position->realized);
    hx_lab_json_c(json, "positionStatus", "Normal");
    hx_lab_json_c(json, "liqPrice", "");
    hx_lab_json_i64_text(json, "updatedTime", event->time);
    hx_json_write_i64(json, "seq", HX_LAB_BYBIT_SEQ_BASE + (int64_t)event->fill_seq);
    push(lab, stream, &text);
}

static void tell_wallet(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    const struct hx_lab_margin margin = hx_lab_margin_now(lab);
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, &text, "wallet", event);
    hx_lab_json_c(json, "accountType", "UNIFIED");
    hx_lab_json_short(json, "totalAvailableBalance", margin.available);
    hx_lab_json_short(json, "totalPerpUPL", margin.unrealized);
    hx_json_open_array(json, "coin");
    for (uint32_t i = 0; i < event->asset_count; i++) {
        const bool usdt = event->assets[i].asset == HX_LAB_ASSET_USDT;
        hx_json_open_object(json, NULL);
        hx_lab_json_c(json, "coin", lab->assets[event->assets[i].asset].name);
        hx_lab_json_short(json, "equity", event->assets[i].total + (usdt ? margin.unrealized : 0));
        hx_lab_json_short(json, "walletBalance", event->assets[i].total);
        hx_lab_json_short(json, "locked", event->assets[i].locked);
        hx_lab_json_short(json, "unrealisedPnl", usdt ? margin.unrealized : 0);
        hx_json_close_object(json);
    }
    hx_json_close_array(json);
    push(lab, stream, &text);
}

static bool wants(const struct hx_lab_stream *stream, enum hx_lab_bybit_topic topic, enum hx_lab_product product) {
    return (stream->event_filter >> (2 * topic + product) & 1) != 0;
}

void hx_lab_bybit_tell(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    const struct hx_lab_order *order = hx_lab_order_at(lab, event->order_seq);
    const struct hx_lab_fill *fill = hx_lab_fill_at(lab, event->fill_seq);
    if (!stream->is_subscribed || order == NULL) return;
    const enum hx_lab_product product = lab->markets[order->market].product;
    if (fill != NULL && wants(stream, HX_LAB_BYBIT_EXECUTION, product)) {
        tell_execution(lab, stream, event, order, fill);
    }
    if (fill != NULL && wants(stream, HX_LAB_BYBIT_EXECUTION_FAST, product)) {
        tell_fast(lab, stream, event, order, fill);
    }
    if (wants(stream, HX_LAB_BYBIT_ORDER, product)) tell_order(lab, stream, event, order);
    if (fill != NULL && product == HX_LAB_FUTURES && wants(stream, HX_LAB_BYBIT_POSITION, product)) {
        tell_position(lab, stream, event, order);
    }
    if (event->asset_count > 0 && wants(stream, HX_LAB_BYBIT_WALLET, product)) tell_wallet(lab, stream, event);
}
