#include "core/venue/form.h"
#include "core/venue/mexc.h"

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
    call->headers[call->header_count++] = (struct hx_http_header){HX_STR("Content-Type"), HX_STR("application/json")};
    call->headers[call->header_count++] = (struct hx_http_header){HX_STR("X-MEXC-APIKEY"), ctx->api_key};
    return hx_venue_sign_query_and_body(ctx->arena, call);
}

static hx_err encode_time(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    (void)ctx;
    return public_finish(NULL, "/api/v3/time", 1, call);
}

static hx_err encode_symbol(const struct hx_venue_context *ctx, hx_str symbol, const char *path, int64_t weight,
                            struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    return public_finish(&query, path, weight, call);
}

static hx_err encode_rules(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    return encode_symbol(ctx, symbol, "/api/v3/exchangeInfo", 10, call);
}

static hx_err encode_mark_price(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    return encode_symbol(ctx, symbol, "/api/v3/ticker/price", 1, call);
}

/* What the account does not hold can't be sold, so there is nothing for reduce-only to say. */
static hx_err encode_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                           struct hx_venue_call *call) {
    struct hx_form query;
    bool limit = order->type == HX_ORDER_LIMIT;
    bool buys = order->side == HX_SIDE_BUY;
    if (!hx_form_is_client_order_id(order->client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", order->symbol);
    hx_form_add(&query, "side", buys ? HX_STR("BUY") : HX_STR("SELL"));
    hx_form_add(&query, "type", limit ? HX_STR("LIMIT") : HX_STR("MARKET"));
    if (limit || !buys) {
        hx_form_add_dec(&query, "quantity", order->quantity);
    } else {
        hx_form_add_dec(&query, "quoteOrderQty", order->quote_quantity);
    }
    if (limit) hx_form_add_dec(&query, "price", order->price);
    hx_form_add(&query, "newClientOrderId", order->client_order_id);
    HX_TRY(signed_finish(ctx, &query, HX_HTTP_METHOD_POST, "/api/v3/order", 1, call));
    call->order_count = 1;
    call->kind = order->reduce_only ? HX_VENUE_CALL_OTHER : HX_VENUE_CALL_ENTRY;
    return HX_OK;
}

static hx_err encode_by_client_id(const struct hx_venue_context *ctx, enum hx_http_method method, hx_str symbol,
                                  hx_str client_order_id, int64_t weight, struct hx_venue_call *call) {
    struct hx_form query;
    if (!hx_form_is_client_order_id(client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add(&query, "origClientOrderId", client_order_id);
    return signed_finish(ctx, &query, method, "/api/v3/order", weight, call);
}

static hx_err encode_query(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id, uint32_t stage,
                           struct hx_venue_call *call) {
    (void)stage;
    return encode_by_client_id(ctx, HX_HTTP_METHOD_GET, symbol, client_order_id, 2, call);
}

/* Cancels count with the orders. */
static hx_err encode_cancel(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                            struct hx_venue_call *call) {
    HX_TRY(encode_by_client_id(ctx, HX_HTTP_METHOD_DELETE, symbol, client_order_id, 1, call));
    call->order_count = 1;
    return HX_OK;
}

static hx_err encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                           struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    HX_TRY(hx_mexc_spot_add_fills(&query, symbol, venue_order_id, page));
    return signed_finish(ctx, &query, HX_HTTP_METHOD_GET, "/api/v3/myTrades", 10, call);
}

/* All balances: there is no way to ask for one. */
static hx_err encode_account(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    return signed_finish(ctx, &query, HX_HTTP_METHOD_GET, "/api/v3/account", 10, call);
}

static hx_err encode_position(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    (void)symbol;
    return encode_account(ctx, call);
}

static hx_err encode_equity(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call) {
    (void)asset;
    return encode_account(ctx, call);
}

/* A request is refused when it arrives later than timestamp + recvWindow. How soon an order can be found is not
 * documented; lists of orders go back seven days. The weight is counted by endpoint and hoox counts it for all of them
 * together, and of two documented limits takes the lower one. */
static const int32_t rules_codes[] = {10095, 10096, 10097, 30002, 30003, 0};

const struct hx_venue_adapter hx_mexc_spot = {
    .name = HX_FORM_TEXT("mexc-spot"),
    .venue = HX_VENUE_MEXC,
    .market = HX_MARKET_SPOT,
    .traits = {.spot = true, .market_buy_in_quote = true},
    .guarantees = {.has_timestamp_window = true,
                   .receive_window_ms = 2000,
                   .lookup_lag_ms = 1000,
                   .clock_slack_ms = 1000,
                   .id_unique_forever = false,
                   .lookup_retention_ms = 7 * HX_MS_PER_DAY},
    .live = {.origin_setting = HX_FORM_TEXT("HOOX_MEXC_SPOT_URL"),
             .origin_default = HX_FORM_TEXT("https://api.mexc.com"),
             .key_setting = HX_FORM_TEXT("MEXC_API_KEY"),
             .secret_name = HX_FORM_TEXT("MEXC_API_SECRET")},
    .budgets = {{HX_SPEND_ORDERS, HX_MS_PER_SECOND, 12}, {HX_SPEND_WEIGHT, 10 * HX_MS_PER_SECOND, 300}},
    .signal_weight = 16, /* The order, a question or two about it, its fills. */
    .needs_rules = true,
    .query_stages = 1,
    .rules_codes = rules_codes,
    .encode_time = encode_time,
    .encode_rules = encode_rules,
    .encode_mark_price = encode_mark_price,
    .encode_order = encode_order,
    .encode_query = encode_query,
    .encode_cancel = encode_cancel,
    .encode_fills = encode_fills,
    .encode_position = encode_position,
    .encode_equity = encode_equity,
    .decode_time = hx_mexc_spot_decode_time,
    .decode_rules = hx_mexc_spot_decode_rules,
    .decode_mark_price = hx_mexc_spot_decode_mark_price,
    .decode_order = hx_mexc_spot_decode_order,
    .decode_query = hx_mexc_spot_decode_query,
    .decode_cancel = hx_mexc_spot_decode_cancel,
    .decode_fills = hx_mexc_spot_decode_fills,
    .decode_position = hx_mexc_spot_decode_position,
    .decode_equity = hx_mexc_spot_decode_equity,
    .read_usage = hx_mexc_spot_read_usage,
};
