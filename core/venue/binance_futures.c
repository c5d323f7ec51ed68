#include "core/venue/binance_futures.h"

#include "core/venue/binance_request.h"

#define ORDER_PATH "/fapi/v1/order"
#define ALGO_PATH "/fapi/v1/algoOrder"

static hx_err encode_time(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    (void)ctx;
    return hx_binance_finish_public(NULL, "/fapi/v1/time", 1, call);
}

/* There is no parameter to ask for one symbol: the answer is the whole list. */
static hx_err encode_rules(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    (void)ctx;
    HX_TRY(hx_binance_finish_public(NULL, "/fapi/v1/exchangeInfo", 1, call));
    call->extract_array = HX_STR("symbols");
    call->extract_member = HX_STR("symbol");
    call->extract_value = symbol;
    return symbol.len == 0 ? HX_ERR(REJECT_INPUT) : HX_OK;
}

/* Told in two places, of which the second one is asked only if the first does not answer. */
static hx_err otherwise(hx_err encoded, const char *path, int64_t weight, struct hx_venue_call *call) {
    call->path_otherwise = hx_str_from_c(path);
    call->weight_otherwise = weight;
    return encoded;
}

/* Without a mark price, the last one. */
static hx_err encode_mark_price(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    return otherwise(hx_binance_encode_public_question(ctx, symbol, "/fapi/v1/premiumIndex", 1, call),
                     "/fapi/v2/ticker/price", 1, call);
}

static hx_err encode_leverage(const struct hx_venue_context *ctx, hx_str symbol, int32_t leverage,
                              struct hx_venue_call *call) {
    struct hx_form query;
    if (leverage < 1 || leverage > 125) return HX_ERR(REJECT_RANGE);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add_i64(&query, "leverage", leverage);
    return hx_binance_finish_signed(ctx, &query, HX_HTTP_METHOD_POST, "/fapi/v1/leverage", 1, call);
}

static hx_err encode_margin_mode(const struct hx_venue_context *ctx, hx_str symbol, bool isolated,
                                 struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add(&query, "marginType", isolated ? HX_STR("ISOLATED") : HX_STR("CROSSED"));
    return hx_binance_finish_signed(ctx, &query, HX_HTTP_METHOD_POST, "/fapi/v1/marginType", 1, call);
}

/* Of the account: there is no such thing as one symbol's. Its configuration tells it at a sixth of the weight of the
 * question for it alone. */
static hx_err encode_position_mode(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    (void)symbol;
    hx_err encoded = hx_binance_encode_signed_question(ctx, HX_STR_EMPTY, "/fapi/v1/accountConfig", 5, call);
    return otherwise(encoded, "/fapi/v1/positionSide/dual", 30, call);
}

static hx_err encode_setting(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    if (symbol.len == 0) return HX_ERR(REJECT_INPUT);
    return hx_binance_encode_signed_question(ctx, symbol, "/fapi/v1/symbolConfig", 5, call);
}

hx_str hx_binance_futures_position_side(enum hx_position_side side) {
    if (side == HX_POSITION_LONG) return HX_STR("LONG");
    return side == HX_POSITION_SHORT ? HX_STR("SHORT") : HX_STR("BOTH");
}

/* In hedge mode the side says by itself that an order reduces: selling what is long, buying what is short. */
static bool closes(enum hx_position_side position_side, enum hx_side side) {
    return (position_side == HX_POSITION_LONG && side == HX_SIDE_SELL) ||
           (position_side == HX_POSITION_SHORT && side == HX_SIDE_BUY);
}

/* What makes an order reduce only: a flag, or in hedge mode, where the flag is refused (-1106), its two sides. */
static hx_err add_reduction(struct hx_form *query, enum hx_position_side position_side, enum hx_side side,
                            bool reduce_only) {
    if (position_side == HX_POSITION_NET) {
        if (reduce_only) hx_form_add(query, "reduceOnly", HX_STR("true"));
        return HX_OK;
    }
    hx_form_add(query, "positionSide", hx_binance_futures_position_side(position_side));
    return reduce_only && !closes(position_side, side) ? HX_ERR(REJECT_INPUT) : HX_OK;
}

/* RESULT makes a market order answer with its final state instead of an acknowledgement. */
static hx_err encode_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                           struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_binance_begin_order(ctx, order, &query));
    HX_TRY(add_reduction(&query, order->position_side, order->side, order->reduce_only));
    hx_form_add(&query, "newClientOrderId", order->client_order_id);
    hx_form_add(&query, "newOrderRespType", HX_STR("RESULT"));
    HX_TRY(hx_binance_finish_signed(ctx, &query, HX_HTTP_METHOD_POST, ORDER_PATH, 0, call));
    call->order_count = 1;
    bool reduces = order->reduce_only || closes(order->position_side, order->side);
    call->kind = reduces ? HX_VENUE_CALL_OTHER : HX_VENUE_CALL_ENTRY;
    return HX_OK;
}

static hx_err encode_query(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id, uint32_t stage,
                           struct hx_venue_call *call) {
    (void)stage;
    return hx_binance_encode_by_client_id(ctx, HX_HTTP_METHOD_GET, symbol, client_order_id, ORDER_PATH, 1, call);
}

static hx_err encode_cancel(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                            struct hx_venue_call *call) {
    return hx_binance_encode_by_client_id(ctx, HX_HTTP_METHOD_DELETE, symbol, client_order_id, ORDER_PATH, 1, call);
}

static hx_err encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                           struct hx_venue_call *call) {
    return hx_binance_encode_fills(ctx, symbol, venue_order_id, page, "/fapi/v1/userTrades", call);
}

static hx_err encode_position(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    if (symbol.len == 0) return HX_ERR(REJECT_INPUT);
    return otherwise(hx_binance_encode_signed_question(ctx, symbol, "/fapi/v3/positionRisk", 5, call),
                     "/fapi/v2/positionRisk", 5, call);
}

static hx_err encode_equity(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call) {
    (void)asset;
    return otherwise(hx_binance_encode_signed_question(ctx, HX_STR_EMPTY, "/fapi/v3/balance", 5, call),
                     "/fapi/v2/balance", 5, call);
}

hx_str hx_binance_futures_stop_type(enum hx_stop_kind kind) {
    return kind == HX_STOP_LOSS ? HX_STR("STOP_MARKET") : HX_STR("TAKE_PROFIT_MARKET");
}

/* RESULT, as with orders: a mere acknowledgement need not tell the stop's side and type, and an answer that does not is
 * UNKNOWN. Binance's example of the same call over WebSocket has the parameter, its page of this one does not. */
static hx_err encode_stop(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                          struct hx_venue_call *call) {
    struct hx_form query;
    if (!hx_form_is_client_order_id(stop->client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "algoType", HX_STR("CONDITIONAL"));
    hx_form_add(&query, "symbol", stop->symbol);
    hx_form_add(&query, "side", hx_binance_side_name(stop->side));
    hx_form_add(&query, "type", hx_binance_futures_stop_type(stop->kind));
    hx_form_add_dec(&query, "quantity", stop->quantity);
    hx_form_add_dec(&query, "triggerPrice", stop->trigger_price);
    hx_form_add(&query, "workingType", stop->by_mark ? HX_STR("MARK_PRICE") : HX_STR("CONTRACT_PRICE"));
    HX_TRY(add_reduction(&query, stop->position_side, stop->side, true));
    hx_form_add(&query, "clientAlgoId", stop->client_order_id);
    hx_form_add(&query, "newOrderRespType", HX_STR("RESULT"));
    HX_TRY(hx_binance_finish_signed(ctx, &query, HX_HTTP_METHOD_POST, ALGO_PATH, 0, call));
    call->order_count = 1;
    return HX_OK;
}

/* By its id alone: the algo service takes no symbol. */
static hx_err encode_stop_by_id(const struct hx_venue_context *ctx, enum hx_http_method method, hx_str client_order_id,
                                struct hx_venue_call *call) {
    struct hx_form query;
    if (!hx_form_is_client_order_id(client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "clientAlgoId", client_order_id);
    return hx_binance_finish_signed(ctx, &query, method, ALGO_PATH, 1, call);
}

static hx_err encode_stop_query(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                struct hx_venue_call *call) {
    return encode_stop_by_id(ctx, HX_HTTP_METHOD_GET, stop->client_order_id, call);
}

static hx_err encode_stop_cancel(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                 struct hx_venue_call *call) {
    return encode_stop_by_id(ctx, HX_HTTP_METHOD_DELETE, stop->client_order_id, call);
}

static hx_err encode_key_rights(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    return hx_binance_encode_signed_question(ctx, HX_STR_EMPTY, "/fapi/v1/accountConfig", 5, call);
}

/* An order is refused when it reaches Binance later than timestamp + recvWindow, by the API servers (-1021) and again
 * by the matching engine (-5028). Its id is known among open orders only, so a resend without that proof can fill
 * twice. Orders without a fill are forgotten after three days. Limits: exchangeInfo's rateLimits. */
static const int32_t rules_codes[] = {-1111, -4001, -4003, -4004, -4005, -4013, -4014, -4023, -4164, 0};

const struct hx_venue_adapter hx_binance_futures = {
    .name = HX_FORM_TEXT("binance-futures"),
    .venue = HX_VENUE_BINANCE,
    .market = HX_MARKET_FUTURES,
    .traits = {.has_stops = true},
    .guarantees = {.has_timestamp_window = true,
                   .receive_window_ms = 2000,
                   .lookup_lag_ms = 500,
                   .clock_slack_ms = 1000,
                   .id_unique_forever = false,
                   .lookup_retention_ms = 3 * HX_MS_PER_DAY},
    .live = {.origin_setting = HX_FORM_TEXT("HOOX_BINANCE_FUTURES_URL"),
             .origin_default = HX_FORM_TEXT("https://fapi.binance.com"),
             .key_setting = HX_FORM_TEXT("BINANCE_API_KEY"),
             .secret_name = HX_FORM_TEXT("BINANCE_API_SECRET")},
    .test = {.origin_setting = HX_FORM_TEXT("HOOX_BINANCE_FUTURES_TESTNET_URL"),
             .origin_default = HX_FORM_TEXT("https://demo-fapi.binance.com"),
             .key_setting = HX_FORM_TEXT("BINANCE_TESTNET_API_KEY"),
             .secret_name = HX_FORM_TEXT("BINANCE_TESTNET_API_SECRET")},
    .budgets = {[HX_BINANCE_FUTURES_WEIGHT] = {HX_SPEND_WEIGHT, HX_MS_PER_MINUTE, 2400},
                [HX_BINANCE_FUTURES_ORDERS_10S] = {HX_SPEND_ORDERS, 10 * HX_MS_PER_SECOND, 300},
                [HX_BINANCE_FUTURES_ORDERS_1M] = {HX_SPEND_ORDERS, HX_MS_PER_MINUTE, 1200}},
    .query_stages = 1,
    .mode_may_be_untold = true,
    .rules_codes = rules_codes,
    .encode_time = encode_time,
    .encode_rules = encode_rules,
    .encode_mark_price = encode_mark_price,
    .encode_leverage = encode_leverage,
    .encode_margin_mode = encode_margin_mode,
    .encode_position_mode = encode_position_mode,
    .encode_setting = encode_setting,
    .encode_order = encode_order,
    .encode_query = encode_query,
    .encode_cancel = encode_cancel,
    .encode_fills = encode_fills,
    .encode_position = encode_position,
    .encode_equity = encode_equity,
    .encode_stop = encode_stop,
    .encode_stop_query = encode_stop_query,
    .encode_stop_cancel = encode_stop_cancel,
    .encode_key_rights = encode_key_rights,
    .decode_time = hx_binance_futures_decode_time,
    .decode_rules = hx_binance_futures_decode_rules,
    .decode_mark_price = hx_binance_futures_decode_mark_price,
    .decode_leverage = hx_binance_futures_decode_leverage,
    .decode_margin_mode = hx_binance_futures_decode_margin_mode,
    .decode_position_mode = hx_binance_futures_decode_position_mode,
    .decode_setting = hx_binance_futures_decode_setting,
    .decode_order = hx_binance_futures_decode_order,
    .decode_query = hx_binance_futures_decode_query,
    .decode_cancel = hx_binance_futures_decode_cancel,
    .decode_fills = hx_binance_futures_decode_fills,
    .decode_position = hx_binance_futures_decode_position,
    .decode_equity = hx_binance_futures_decode_equity,
    .decode_stop = hx_binance_futures_decode_stop,
    .decode_stop_query = hx_binance_futures_decode_stop_query,
    .decode_stop_cancel = hx_binance_futures_decode_stop_cancel,
    .decode_key_rights = hx_binance_futures_decode_key_rights,
    .read_usage = hx_binance_futures_read_usage,
};
