#include "core/venue/binance_futures.h"

#include "core/venue/binance_answer.h"
#include "core/venue/form.h"

static hx_err public_finish(struct hx_form *query, const char *path, int64_t weight, struct hx_venue_call *call) {
    *call = (struct hx_venue_call){
        .method = HX_HTTP_METHOD_GET, .path = hx_str_from_c(path), .kind = HX_VENUE_CALL_OTHER, .weight = weight};
    if (query == NULL) return HX_OK;
    return hx_form_finish(query, &call->query);
}

static hx_err signed_finish(const struct hx_venue_context *ctx, struct hx_form *query, enum hx_http_method method,
                            const char *path, int64_t weight, struct hx_venue_call *call) {
    hx_form_add_i64(query, "recvWindow", ctx->receive_window_ms);
    hx_form_add_i64(query, "timestamp", ctx->timestamp_ms);
    HX_TRY(public_finish(query, path, weight, call));
    call->method = method;
    call->headers[call->header_count++] = (struct hx_http_header){HX_STR("X-MBX-APIKEY"), ctx->api_key};
    return hx_venue_sign_query_and_body(ctx->arena, call);
}

static hx_err encode_time(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    (void)ctx;
    return public_finish(NULL, "/fapi/v1/time", 1, call);
}

/* There is no parameter to ask for one symbol: the answer is the whole list. */
static hx_err encode_rules(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    (void)ctx;
    HX_TRY(public_finish(NULL, "/fapi/v1/exchangeInfo", 1, call));
    call->extract_array = HX_STR("symbols");
    call->extract_member = HX_STR("symbol");
    call->extract_value = symbol;
    return symbol.len == 0 ? HX_ERR(REJECT_INPUT) : HX_OK;
}

static hx_err encode_mark_price(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    return public_finish(&query, "/fapi/v1/premiumIndex", 1, call);
}

static hx_err encode_leverage(const struct hx_venue_context *ctx, hx_str symbol, int32_t leverage,
                              struct hx_venue_call *call) {
    struct hx_form query;
    if (leverage < 1 || leverage > 125) return HX_ERR(REJECT_RANGE);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add_i64(&query, "leverage", leverage);
    return signed_finish(ctx, &query, HX_HTTP_METHOD_POST, "/fapi/v1/leverage", 1, call);
}

static hx_err encode_margin_mode(const struct hx_venue_context *ctx, hx_str symbol, bool isolated,
                                 struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add(&query, "marginType", isolated ? HX_STR("ISOLATED") : HX_STR("CROSSED"));
    return signed_finish(ctx, &query, HX_HTTP_METHOD_POST, "/fapi/v1/marginType", 1, call);
}

/* RESULT makes a market order answer with its final state instead of an acknowledgement. */
static hx_err encode_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                           struct hx_venue_call *call) {
    struct hx_form query;
    bool limit = order->type == HX_ORDER_LIMIT;
    if (!hx_form_is_client_order_id(order->client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", order->symbol);
    hx_form_add(&query, "side", order->side == HX_SIDE_BUY ? HX_STR("BUY") : HX_STR("SELL"));
    hx_form_add(&query, "type", limit ? HX_STR("LIMIT") : HX_STR("MARKET"));
    hx_form_add_dec(&query, "quantity", order->quantity);
    if (limit) {
        hx_form_add_dec(&query, "price", order->price);
        hx_form_add(&query, "timeInForce", HX_STR("GTC"));
    }
    if (order->reduce_only) hx_form_add(&query, "reduceOnly", HX_STR("true"));
    hx_form_add(&query, "newClientOrderId", order->client_order_id);
    hx_form_add(&query, "newOrderRespType", HX_STR("RESULT"));
    HX_TRY(signed_finish(ctx, &query, HX_HTTP_METHOD_POST, "/fapi/v1/order", 0, call));
    call->order_count = 1;
    call->kind = order->reduce_only ? HX_VENUE_CALL_OTHER : HX_VENUE_CALL_ENTRY;
    return HX_OK;
}

static hx_err encode_by_client_id(const struct hx_venue_context *ctx, enum hx_http_method method, hx_str symbol,
                                  hx_str client_order_id, struct hx_venue_call *call) {
    struct hx_form query;
    if (!hx_form_is_client_order_id(client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add(&query, "origClientOrderId", client_order_id);
    return signed_finish(ctx, &query, method, "/fapi/v1/order", 1, call);
}

static hx_err encode_query(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id, uint32_t stage,
                           struct hx_venue_call *call) {
    (void)stage;
    return encode_by_client_id(ctx, HX_HTTP_METHOD_GET, symbol, client_order_id, call);
}

static hx_err encode_cancel(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                            struct hx_venue_call *call) {
    return encode_by_client_id(ctx, HX_HTTP_METHOD_DELETE, symbol, client_order_id, call);
}

static hx_err encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                           struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add(&query, "orderId", venue_order_id);
    if (page.len > 0) hx_form_add(&query, "fromId", page);
    hx_form_add_i64(&query, "limit", HX_VENUE_PAGE_FILLS_MAX);
    return signed_finish(ctx, &query, HX_HTTP_METHOD_GET, "/fapi/v1/userTrades", 5, call);
}

static hx_err encode_position(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    return signed_finish(ctx, &query, HX_HTTP_METHOD_GET, "/fapi/v3/positionRisk", 5, call);
}

static hx_err encode_equity(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call) {
    struct hx_form query;
    (void)asset;
    HX_TRY(hx_form_begin(ctx, &query));
    return signed_finish(ctx, &query, HX_HTTP_METHOD_GET, "/fapi/v3/balance", 5, call);
}

/* An order is refused when it reaches Binance later than timestamp + recvWindow, by the API servers (-1021) and again
 * by the matching engine (-5028). Its id is known among open orders only, so a resend without that proof can fill
 * twice. Orders without a fill are forgotten after three days. Limits: exchangeInfo's rateLimits. */
const struct hx_venue_adapter hx_binance_futures = {
    .name = HX_FORM_TEXT("binance-futures"),
    .venue = HX_VENUE_BINANCE,
    .market = HX_MARKET_FUTURES,
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
    .budgets = {[HX_BINANCE_BUDGET_WEIGHT] = {HX_SPEND_WEIGHT, HX_MS_PER_MINUTE, 2400},
                [HX_BINANCE_BUDGET_ORDERS_10S] = {HX_SPEND_ORDERS, 10 * HX_MS_PER_SECOND, 300},
                [HX_BINANCE_BUDGET_ORDERS_1M] = {HX_SPEND_ORDERS, HX_MS_PER_MINUTE, 1200}},
    .query_stages = 1,
    .encode_time = encode_time,
    .encode_rules = encode_rules,
    .encode_mark_price = encode_mark_price,
    .encode_leverage = encode_leverage,
    .encode_margin_mode = encode_margin_mode,
    .encode_order = encode_order,
    .encode_query = encode_query,
    .encode_cancel = encode_cancel,
    .encode_fills = encode_fills,
    .encode_position = encode_position,
    .encode_equity = encode_equity,
    .decode_time = hx_binance_decode_time,
    .decode_rules = hx_binance_decode_rules,
    .decode_mark_price = hx_binance_decode_mark_price,
    .decode_leverage = hx_binance_decode_leverage,
    .decode_margin_mode = hx_binance_decode_margin_mode,
    .decode_order = hx_binance_decode_order,
    .decode_query = hx_binance_decode_query,
    .decode_cancel = hx_binance_decode_cancel,
    .decode_fills = hx_binance_decode_fills,
    .decode_position = hx_binance_decode_position,
    .decode_equity = hx_binance_decode_equity,
    .read_usage = hx_binance_read_usage,
};
