/* What answers and streams say of orders and fills, and the envelope around a result. An empty text is "none". */
#include "lab/bybit.h"

void hx_lab_bybit_open(struct hx_lab_call *call, const char *msg) {
    hx_json_open_object(&call->json, NULL);
    hx_json_write_i64(&call->json, "retCode", 0);
    hx_lab_write_c(call, "retMsg", msg);
    hx_json_open_object(&call->json, "result");
}

void hx_lab_bybit_close(struct hx_lab_call *call) {
    hx_json_close_object(&call->json);
    hx_json_open_object(&call->json, "retExtInfo");
    hx_json_close_object(&call->json);
    hx_json_write_i64(&call->json, "time", call->clock);
    hx_json_close_object(&call->json);
}

void hx_lab_bybit_answer_empty(struct hx_lab_call *call) {
    hx_lab_bybit_open(call, "OK");
    hx_lab_bybit_close(call);
}

void hx_lab_bybit_write_category(struct hx_lab_call *call) {
    hx_lab_write_c(call, "category", hx_lab_bybit_category(call->product));
}

static bool is_spot(const struct hx_lab *lab, const struct hx_lab_order *order) {
    return hx_lab_market_is_spot(lab, order->market);
}

static void write_ending(struct hx_lab_call *call, const struct hx_lab_order *order) {
    const char *cancel;
    const char *reason;
    hx_lab_bybit_ending(order, order->status, &cancel, &reason);
    hx_lab_write_c(call, "cancelType", cancel);
    hx_lab_write_c(call, "rejectReason", reason);
}

/* Amounts that may be none: "" for spot, zeros with the tick's decimals for linear. */
static void write_price(struct hx_lab_call *call, const struct hx_lab_market *market, const char *name,
                        hx_lab_amount price) {
    if (price == 0 && market->product == HX_LAB_SPOT) {
        hx_lab_write_c(call, name, "");
    } else {
        hx_lab_write_fixed(call, name, price, hx_lab_bybit_places(market->tick));
    }
}

static void write_quantity(struct hx_lab_call *call, const struct hx_lab_market *market, const char *name,
                           hx_lab_amount quantity) {
    hx_lab_write_fixed(call, name, quantity, hx_lab_bybit_places(market->step));
}

/* A futures market order is a limit order five percent away, immediate or cancelled, and shows that price. */
static hx_lab_amount shown_price(const struct hx_lab *lab, const struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    const hx_lab_amount average = hx_lab_order_average(order);
    if (order->type == HX_LAB_ORDER_LIMIT || average == 0 || is_spot(lab, order)) return order->price;
    return hx_lab_amount_floor_step(order->buy ? average + average / 20 : average - average / 20, market->tick);
}

/* A stop for the whole position shows what the position is. */
static hx_lab_amount shown_quantity(const struct hx_lab *lab, const struct hx_lab_order *order) {
    if (order->quote_asked > 0) return order->quote_asked;
    if (!order->close_position || order->status != HX_LAB_STATUS_UNTRIGGERED) return order->quantity;
    return hx_lab_reducible(&lab->markets[order->market], order->side, order->buy);
}

static void write_amounts(struct hx_lab_call *call, const struct hx_lab_order *order) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[order->market];
    const hx_lab_amount quantity = shown_quantity(lab, order);
    const hx_lab_amount rest = order->quote_asked > 0 ? order->quantity - order->executed : quantity - order->executed;
    const hx_lab_amount left = hx_lab_order_is_open(order) ? rest : 0;
    const hx_lab_amount price = order->price > 0 ? order->price : order->trigger.price;
    hx_lab_write_fixed(call, "price", shown_price(lab, order), hx_lab_bybit_places(market->tick));
    if (order->quote_asked > 0) {
        hx_lab_write_short(call, "qty", quantity);
    } else {
        write_quantity(call, market, "qty", quantity);
    }
    if (order->executed > 0) {
        hx_lab_write_short(call, "avgPrice", hx_lab_order_average(order));
    } else {
        hx_lab_write_c(call, "avgPrice", "");
    }
    write_quantity(call, market, "leavesQty", left);
    hx_lab_write_short(call, "leavesValue",
                       order->quote_asked > 0 ? hx_lab_bybit_residue(order) : hx_lab_amount_multiply(left, price));
    write_quantity(call, market, "cumExecQty", order->executed);
    hx_lab_write_short(call, "cumExecValue", order->quote);
}

/* By asset: a wallet that runs out of one pays the rest in another. */
void hx_lab_bybit_write_fees(struct hx_json_writer *json, const struct hx_lab *lab, const struct hx_lab_order *order,
                             hx_lab_amount executed) {
    hx_lab_amount sums[HX_LAB_PRODUCTS] = {0, 0};
    uint32_t assets[HX_LAB_PRODUCTS] = {0, 0};
    uint32_t count = 0;
    hx_lab_amount seen = 0;
    for (uint64_t seq = order->fill_first; seen < executed && seq > 0 && seq <= lab->fill_seq; seq++) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (fill == NULL || fill->order_seq != order->seq) continue;
        seen += fill->quantity;
        uint32_t at = 0;
        while (at < count && assets[at] != fill->fee_asset) at++;
        if (at == HX_LAB_PRODUCTS) continue;
        if (at == count) assets[count++] = fill->fee_asset;
        sums[at] = hx_lab_amount_add(sums[at], fill->fee);
    }
    hx_lab_json_short(json, "cumExecFee", sums[0]);
    hx_json_open_object(json, "cumFeeDetail");
    for (uint32_t i = 0; i < count; i++) hx_lab_json_short(json, lab->assets[assets[i]].name, sums[i]);
    hx_json_close_object(json);
}

static void write_conditions(struct hx_lab_call *call, const struct hx_lab_order *order) {
    const struct hx_lab_market *market = &call->lab->markets[order->market];
    const struct hx_lab_trigger *trigger = &order->trigger;
    const struct hx_lab_exits *exits = &order->exits;
    const bool spot = market->product == HX_LAB_SPOT;
    const char *none = spot ? "" : "UNKNOWN";
    const bool trails = hx_lab_bybit_stop_of(order) == HX_LAB_BYBIT_TRAILING_STOP;
    const bool has_exits = exits->take_profit > 0 || exits->stop_loss > 0;
    hx_lab_write_c(call, "stopOrderType", hx_lab_bybit_stop_text(call->lab, order));
    write_price(call, market, "triggerPrice", trails ? trigger->activate : trigger->price);
    hx_json_write_i64(&call->json, "triggerDirection", !trigger->is_set || spot ? 0 : trigger->rises ? 1 : 2);
    const bool by_index = (order->wire_kind & HX_LAB_BYBIT_BY_INDEX) != 0;
    hx_lab_write_c(call, "triggerBy",
                   hx_lab_bybit_trigger_text(trigger->is_set && !spot, trigger->by_mark, by_index, none));
    write_price(call, market, "takeProfit", exits->take_profit);
    write_price(call, market, "stopLoss", exits->stop_loss);
    hx_lab_write_c(call, "tpTriggerBy",
                   hx_lab_bybit_trigger_text(exits->take_profit > 0, exits->take_profit_by_mark, false, none));
    hx_lab_write_c(call, "slTriggerBy",
                   hx_lab_bybit_trigger_text(exits->stop_loss > 0, exits->stop_loss_by_mark, false, none));
    write_price(call, market, "tpLimitPrice", exits->take_profit_limit);
    write_price(call, market, "slLimitPrice", exits->stop_loss_limit);
    if (spot) return;
    hx_lab_write_c(call, "createType", hx_lab_bybit_create_text(order));
    const bool partial = exits->is_partial || (trigger->of_position && !order->close_position);
    const char *mode = partial ? "Partial" : "Full";
    hx_lab_write_c(call, "tpslMode", has_exits || trigger->of_position ? mode : "");
}

static void write_constants(struct hx_lab_call *call, bool spot) {
    hx_lab_write_c(call, "blockTradeId", "");
    hx_lab_write_c(call, "isLeverage", spot ? "0" : "");
    hx_lab_write_c(call, "orderIv", "");
    hx_lab_write_c(call, spot ? "basePrice" : "lastPriceOnCreated", "");
    hx_lab_write_c(call, "placeType", "");
    hx_lab_write_c(call, "smpType", "None");
    hx_json_write_i64(&call->json, "smpGroup", 0);
    hx_lab_write_c(call, "smpOrderId", "");
}

void hx_lab_bybit_write_order(struct hx_lab_call *call, const struct hx_lab_order *order, bool in_stream) {
    const struct hx_lab_market *market = &call->lab->markets[order->market];
    const bool spot = market->product == HX_LAB_SPOT;
    const char *unit = order->quote_asked > 0 ? "quoteCoin" : "baseCoin";
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    if (in_stream) hx_lab_write_c(call, "category", spot ? "spot" : "linear");
    hx_lab_write_order_id(call, "orderId", order);
    hx_json_write_str(json, "orderLinkId", hx_lab_order_client_id(order));
    hx_lab_write_c(call, "symbol", market->wire);
    hx_lab_write_c(call, "side", order->buy ? "Buy" : "Sell");
    hx_json_write_i64(json, "positionIdx", order->side);
    hx_lab_write_c(call, "orderType", order->type == HX_LAB_ORDER_LIMIT ? "Limit" : "Market");
    hx_lab_write_c(call, "timeInForce", hx_lab_bybit_tif_text(order));
    hx_lab_write_c(call, "marketUnit", spot && order->type == HX_LAB_ORDER_MARKET ? unit : "");
    hx_lab_write_c(call, "orderStatus", hx_lab_bybit_status_text(call->lab, order, order->status, order->executed));
    write_ending(call, order);
    write_amounts(call, order);
    hx_lab_bybit_write_fees(json, call->lab, order, order->executed);
    write_conditions(call, order);
    hx_json_write_bool(json, "reduceOnly", order->reduce_only);
    hx_json_write_bool(json, "closeOnTrigger", (order->wire_kind & HX_LAB_BYBIT_CLOSE_ON_TRIGGER) != 0);
    write_constants(call, spot);
    hx_lab_write_i64_text(call, "createdTime", order->time);
    hx_lab_write_i64_text(call, "updatedTime", order->updated);
    hx_json_close_object(json);
}

/* Fills. */

/* What its order had left after it. */
static hx_lab_amount left_after(const struct hx_lab *lab, const struct hx_lab_order *order,
                                const struct hx_lab_fill *fill) {
    hx_lab_amount left = order->quantity;
    for (uint64_t seq = order->fill_first; seq <= fill->seq; seq++) {
        const struct hx_lab_fill *other = hx_lab_fill_at(lab, seq);
        if (other != NULL && other->order_seq == order->seq) left -= other->quantity;
    }
    return left > 0 ? left : 0;
}

static void write_fill_order(struct hx_lab_call *call, const struct hx_lab_fill *fill) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[fill->market];
    const struct hx_lab_order *order = hx_lab_order_at(lab, fill->order_seq);
    if (order == NULL) {
        hx_lab_write_c(call, "orderLinkId", "");
        return;
    }
    hx_json_write_str(&call->json, "orderLinkId", hx_lab_order_client_id(order));
    hx_lab_write_c(call, "orderType", order->type == HX_LAB_ORDER_LIMIT ? "Limit" : "Market");
    hx_lab_write_c(call, "stopOrderType", hx_lab_bybit_stop_text(lab, order));
    hx_lab_write_fixed(call, "orderPrice", shown_price(lab, order), hx_lab_bybit_places(market->tick));
    write_quantity(call, market, "orderQty", order->quantity);
    write_quantity(call, market, "leavesQty", left_after(lab, order, fill));
    if (market->product != HX_LAB_SPOT) hx_lab_write_c(call, "createType", hx_lab_bybit_create_text(order));
}

static void write_fill_stream(struct hx_lab_call *call, const struct hx_lab_fill *fill) {
    const bool spot = hx_lab_market_is_spot(call->lab, fill->market);
    hx_lab_write_c(call, "category", spot ? "spot" : "linear");
    hx_lab_write_c(call, "isLeverage", "0");
    hx_lab_write_c(call, "marketUnit", "");
    hx_lab_write_short(call, "execPnl", fill->realized);
}

/* A list leaves the currency of a futures fee in the settle coin empty, the stream names it: as the venue's own
 * examples do. */
static void write_fill_fee(struct hx_lab_call *call, const struct hx_lab_fill *fill, bool in_stream) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[fill->market];
    const bool is_settle = market->product != HX_LAB_SPOT && fill->fee_asset == HX_LAB_ASSET_USDT;
    const hx_lab_amount rate = fill->maker ? lab->maker_rate[market->product] : lab->taker_rate[market->product];
    hx_lab_write_short(call, "execFee", fill->fee);
    hx_lab_write_short(call, "feeRate", rate);
    hx_lab_write_c(call, "feeCurrency", is_settle && !in_stream ? "" : lab->assets[fill->fee_asset].name);
}

void hx_lab_bybit_write_fill(struct hx_lab_call *call, const struct hx_lab_fill *fill, bool in_stream) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[fill->market];
    struct hx_json_writer *json = &call->json;
    char text[HX_LAB_ID_LEN_MAX];
    struct hx_buf order_id;
    hx_buf_init(&order_id, text, sizeof text);
    hx_lab_add_order_id_of(&order_id, lab, fill);
    hx_json_open_object(json, NULL);
    if (in_stream) write_fill_stream(call, fill);
    hx_lab_write_c(call, "symbol", market->wire);
    hx_json_write_str(json, "orderId", hx_buf_str(&order_id));
    write_fill_order(call, fill);
    hx_lab_write_c(call, "side", fill->buy ? "Buy" : "Sell");
    hx_lab_write_trade_id(call, "execId", fill);
    hx_lab_write_fixed(call, "execPrice", fill->price, hx_lab_bybit_places(market->tick));
    write_quantity(call, market, "execQty", fill->quantity);
    hx_lab_write_short(call, "execValue", fill->quote);
    hx_lab_write_c(call, "execType", "Trade");
    hx_lab_write_i64_text(call, "execTime", fill->time);
    write_fill_fee(call, fill, in_stream);
    hx_json_write_bool(json, "isMaker", fill->maker);
    write_quantity(call, market, "closedSize", fill->closed);
    hx_lab_write_c(call, "markPrice", "");
    hx_lab_write_c(call, "indexPrice", "");
    hx_lab_write_c(call, "underlyingPrice", "");
    hx_lab_write_c(call, "tradeIv", "");
    hx_lab_write_c(call, "markIv", "");
    hx_lab_write_c(call, "blockTradeId", "");
    hx_lab_write_c(call, "extraFees", "");
    hx_json_write_i64(json, "seq", (int64_t)(HX_LAB_BYBIT_SEQ_BASE + fill->seq));
    hx_json_close_object(json);
}
