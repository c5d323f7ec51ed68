#include "core/venue/binance_futures.h"

#define QUERY_LEN_MAX 768

/* HX_STR for constant initializers. */
#define TEXT(literal) \
    { (literal), sizeof(literal) - 1 }

/* A query in the making: an overflow or a refused value is remembered and reported once, by the finisher. */
struct query {
    struct hx_buf buf;
    bool refused;
};

static hx_err query_begin(const struct hx_venue_context *ctx, struct query *query) {
    query->refused = false;
    return hx_buf_make(&query->buf, ctx->arena, QUERY_LEN_MAX);
}

static void name_add(struct query *query, const char *name) {
    if (query->buf.len > 0) hx_buf_add_char(&query->buf, '&');
    hx_buf_add_c(&query->buf, name);
    hx_buf_add_char(&query->buf, '=');
}

/* Percent-encoded before signing, as Binance asks: symbols need not be ASCII. */
static void param_add(struct query *query, const char *name, hx_str value) {
    if (value.len == 0 || value.len > HX_VENUE_VALUE_LEN_MAX) query->refused = true;
    name_add(query, name);
    hx_buf_add_url_encoded(&query->buf, value);
}

static void param_add_dec(struct query *query, const char *name, hx_dec value) {
    if (hx_dec_sign(value) <= 0) query->refused = true;
    name_add(query, name);
    hx_dec_add_to(&query->buf, value);
}

static void param_add_i64(struct query *query, const char *name, int64_t value) {
    name_add(query, name);
    hx_buf_add_i64(&query->buf, value);
}

static hx_err public_finish(struct query *query, const char *path, int64_t weight, struct hx_venue_call *call) {
    *call = (struct hx_venue_call){
        .method = HX_HTTP_METHOD_GET, .path = hx_str_from_c(path), .kind = HX_VENUE_CALL_OTHER, .weight = weight};
    if (query == NULL) return HX_OK;
    if (query->refused) return HX_ERR(REJECT_INPUT);
    return hx_buf_finish(&query->buf, &call->query);
}

static hx_err signed_finish(const struct hx_venue_context *ctx, struct query *query, enum hx_http_method method,
                            const char *path, int64_t weight, struct hx_venue_call *call) {
    param_add_i64(query, "recvWindow", ctx->receive_window_ms);
    param_add_i64(query, "timestamp", ctx->timestamp_ms);
    HX_TRY(public_finish(query, path, weight, call));
    call->method = method;
    call->headers[call->header_count++] = (struct hx_http_header){HX_STR("X-MBX-APIKEY"), ctx->api_key};
    call->signature_place = HX_SIGNATURE_QUERY;
    call->signature_name = HX_STR("signature");
    return hx_binance_make_sign_text(ctx->arena, call->query, call->body, &call->sign_text);
}

hx_err hx_binance_make_sign_text(struct hx_arena *arena, hx_str query, hx_str body, hx_str *out) {
    struct hx_buf buf;
    if (body.len == 0) {
        *out = query;
        return HX_OK;
    }
    HX_TRY(hx_buf_make(&buf, arena, query.len + body.len));
    hx_buf_add(&buf, query);
    hx_buf_add(&buf, body);
    return hx_buf_finish(&buf, out);
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
    struct query query;
    HX_TRY(query_begin(ctx, &query));
    param_add(&query, "symbol", symbol);
    return public_finish(&query, "/fapi/v1/premiumIndex", 1, call);
}

static hx_err encode_leverage(const struct hx_venue_context *ctx, hx_str symbol, int32_t leverage,
                              struct hx_venue_call *call) {
    struct query query;
    if (leverage < 1 || leverage > 125) return HX_ERR(REJECT_RANGE);
    HX_TRY(query_begin(ctx, &query));
    param_add(&query, "symbol", symbol);
    param_add_i64(&query, "leverage", leverage);
    return signed_finish(ctx, &query, HX_HTTP_METHOD_POST, "/fapi/v1/leverage", 1, call);
}

static hx_err encode_margin_mode(const struct hx_venue_context *ctx, hx_str symbol, bool isolated,
                                 struct hx_venue_call *call) {
    struct query query;
    HX_TRY(query_begin(ctx, &query));
    param_add(&query, "symbol", symbol);
    param_add(&query, "marginType", isolated ? HX_STR("ISOLATED") : HX_STR("CROSSED"));
    return signed_finish(ctx, &query, HX_HTTP_METHOD_POST, "/fapi/v1/marginType", 1, call);
}

/* The characters and the length that all venues take. */
static bool is_client_order_id(hx_str id) {
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    }
    return id.len >= 1 && id.len <= 32;
}

/* RESULT makes a market order answer with its final state instead of an acknowledgement. */
static hx_err encode_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                           struct hx_venue_call *call) {
    struct query query;
    bool limit = order->type == HX_ORDER_LIMIT;
    if (!is_client_order_id(order->client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(query_begin(ctx, &query));
    param_add(&query, "symbol", order->symbol);
    param_add(&query, "side", order->side == HX_SIDE_BUY ? HX_STR("BUY") : HX_STR("SELL"));
    param_add(&query, "type", limit ? HX_STR("LIMIT") : HX_STR("MARKET"));
    param_add_dec(&query, "quantity", order->quantity);
    if (limit) {
        param_add_dec(&query, "price", order->price);
        param_add(&query, "timeInForce", HX_STR("GTC"));
    }
    if (order->reduce_only) param_add(&query, "reduceOnly", HX_STR("true"));
    param_add(&query, "newClientOrderId", order->client_order_id);
    param_add(&query, "newOrderRespType", HX_STR("RESULT"));
    HX_TRY(signed_finish(ctx, &query, HX_HTTP_METHOD_POST, "/fapi/v1/order", 0, call));
    call->order_count = 1;
    call->kind = order->reduce_only ? HX_VENUE_CALL_OTHER : HX_VENUE_CALL_ENTRY;
    return HX_OK;
}

static hx_err encode_by_client_id(const struct hx_venue_context *ctx, enum hx_http_method method, hx_str symbol,
                                  hx_str client_order_id, struct hx_venue_call *call) {
    struct query query;
    if (!is_client_order_id(client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(query_begin(ctx, &query));
    param_add(&query, "symbol", symbol);
    param_add(&query, "origClientOrderId", client_order_id);
    return signed_finish(ctx, &query, method, "/fapi/v1/order", 1, call);
}

static hx_err encode_query(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                           struct hx_venue_call *call) {
    return encode_by_client_id(ctx, HX_HTTP_METHOD_GET, symbol, client_order_id, call);
}

static hx_err encode_cancel(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                            struct hx_venue_call *call) {
    return encode_by_client_id(ctx, HX_HTTP_METHOD_DELETE, symbol, client_order_id, call);
}

static hx_err encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                           struct hx_venue_call *call) {
    struct query query;
    HX_TRY(query_begin(ctx, &query));
    param_add(&query, "symbol", symbol);
    param_add(&query, "orderId", venue_order_id);
    if (page.len > 0) param_add(&query, "fromId", page);
    param_add_i64(&query, "limit", HX_VENUE_PAGE_FILLS_MAX);
    return signed_finish(ctx, &query, HX_HTTP_METHOD_GET, "/fapi/v1/userTrades", 5, call);
}

static hx_err encode_position(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    struct query query;
    HX_TRY(query_begin(ctx, &query));
    param_add(&query, "symbol", symbol);
    return signed_finish(ctx, &query, HX_HTTP_METHOD_GET, "/fapi/v3/positionRisk", 5, call);
}

static hx_err encode_equity(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call) {
    struct query query;
    (void)asset;
    HX_TRY(query_begin(ctx, &query));
    return signed_finish(ctx, &query, HX_HTTP_METHOD_GET, "/fapi/v3/balance", 5, call);
}

/* An order is refused when it reaches Binance later than timestamp + recvWindow, by the API servers (-1021) and again
 * by the matching engine (-5028). Its id is known among open orders only, so a resend without that proof can fill
 * twice. Orders without a fill are forgotten after three days. Limits: exchangeInfo's rateLimits. */
const struct hx_venue_adapter hx_binance_futures = {
    .name = TEXT("binance-futures"),
    .guarantees = {.has_timestamp_window = true,
                   .receive_window_ms = 2000,
                   .lookup_lag_ms = 500,
                   .clock_slack_ms = 1000,
                   .id_unique_forever = false,
                   .lookup_retention_ms = 3 * HX_MS_PER_DAY},
    .origin_setting = TEXT("HOOX_BINANCE_FUTURES_URL"),
    .origin_default = TEXT("https://fapi.binance.com"),
    .key_setting = TEXT("BINANCE_API_KEY"),
    .secret_name = TEXT("BINANCE_API_SECRET"),
    .weight_per_minute = 2400,
    .orders_per_10s = 300,
    .orders_per_minute = 1200,
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
