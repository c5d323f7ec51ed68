/* Requests: what both products have in common. */
#include "core/venue/bybit.h"

static hx_str category(enum hx_bybit_product product) {
    return product == HX_BYBIT_SPOT ? HX_STR("spot") : HX_STR("linear");
}

hx_err hx_bybit_query_begin(const struct hx_venue_context *ctx, enum hx_bybit_product product, hx_str symbol,
                            struct hx_form *query) {
    HX_TRY(hx_form_begin(ctx, query));
    hx_form_add(query, "category", category(product));
    hx_form_add(query, "symbol", symbol);
    return HX_OK;
}

hx_err hx_bybit_body_begin(const struct hx_venue_context *ctx, enum hx_bybit_product product, hx_str symbol,
                           struct hx_json_form *body) {
    HX_TRY(hx_json_form_begin(ctx, body));
    hx_json_form_add(body, "category", category(product));
    hx_json_form_add(body, "symbol", symbol);
    return HX_OK;
}

static void header_add(struct hx_venue_call *call, hx_str name, hx_str value) {
    call->headers[call->header_count++] = (struct hx_http_header){name, value};
}

static struct hx_venue_call call_make(enum hx_http_method method, const char *path) {
    return (struct hx_venue_call){
        .method = method, .path = hx_str_from_c(path), .kind = HX_VENUE_CALL_OTHER, .weight = 1};
}

/* Signed is timestamp, key, window, and the query or body; the first three also travel as headers, as the same bytes.
 */
static hx_err sign_in_header(const struct hx_venue_context *ctx, hx_str payload, struct hx_venue_call *call) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, ctx->api_key.len + payload.len + 40));
    hx_buf_add_i64(&buf, ctx->timestamp_ms);
    size_t timestamp_len = buf.len;
    hx_buf_add(&buf, ctx->api_key);
    size_t window_at = buf.len;
    hx_buf_add_i64(&buf, ctx->receive_window_ms);
    size_t window_end = buf.len;
    hx_buf_add(&buf, payload);
    HX_TRY(hx_buf_finish(&buf, &call->sign_text));
    header_add(call, HX_STR("X-BAPI-API-KEY"), ctx->api_key);
    header_add(call, HX_STR("X-BAPI-TIMESTAMP"), hx_str_slice(call->sign_text, 0, timestamp_len));
    header_add(call, HX_STR("X-BAPI-RECV-WINDOW"), hx_str_slice(call->sign_text, window_at, window_end));
    call->signature_place = HX_SIGNATURE_HEADER;
    call->signature_name = HX_STR("X-BAPI-SIGN");
    return HX_OK;
}

hx_err hx_bybit_get(const struct hx_venue_context *ctx, struct hx_form *query, const char *path,
                    struct hx_venue_call *call) {
    *call = call_make(HX_HTTP_METHOD_GET, path);
    if (query != NULL) HX_TRY(hx_form_finish(query, &call->query));
    return sign_in_header(ctx, call->query, call);
}

hx_err hx_bybit_post(const struct hx_venue_context *ctx, struct hx_json_form *body, const char *path,
                     struct hx_venue_call *call) {
    *call = call_make(HX_HTTP_METHOD_POST, path);
    HX_TRY(hx_json_form_finish(body, &call->body));
    header_add(call, HX_STR("Content-Type"), HX_STR("application/json"));
    return sign_in_header(ctx, call->body, call);
}

hx_err hx_bybit_encode_time(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    (void)ctx;
    *call = call_make(HX_HTTP_METHOD_GET, "/v5/market/time");
    return HX_OK;
}

static hx_err encode_public(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                            const char *path, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_bybit_query_begin(ctx, product, symbol, &query));
    *call = call_make(HX_HTTP_METHOD_GET, path);
    return hx_form_finish(&query, &call->query);
}

hx_err hx_bybit_encode_rules(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                             struct hx_venue_call *call) {
    return encode_public(product, ctx, symbol, "/v5/market/instruments-info", call);
}

hx_err hx_bybit_encode_mark_price(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                                  struct hx_venue_call *call) {
    return encode_public(product, ctx, symbol, "/v5/market/tickers", call);
}

/* Which of the symbol's positions is meant; in one-way mode there is only one, and nothing to say. */
static void add_position(struct hx_json_form *body, enum hx_position_side side) {
    if (side == HX_POSITION_NET) return;
    hx_json_form_add_i64(body, "positionIdx", side == HX_POSITION_LONG ? 1 : 2);
}

static hx_str side_name(enum hx_side side) {
    return side == HX_SIDE_BUY ? HX_STR("Buy") : HX_STR("Sell");
}

/* Market orders are IOC by Bybit's own rule; on spot a sell never adds exposure. */
hx_err hx_bybit_encode_order(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                             const struct hx_order_request *order, struct hx_venue_call *call) {
    struct hx_json_form body;
    bool limit = order->type == HX_ORDER_LIMIT;
    bool spot = product == HX_BYBIT_SPOT;
    if (!hx_form_is_client_order_id(order->client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_bybit_body_begin(ctx, product, order->symbol, &body));
    hx_json_form_add(&body, "side", side_name(order->side));
    hx_json_form_add(&body, "orderType", limit ? HX_STR("Limit") : HX_STR("Market"));
    hx_json_form_add_dec(&body, "qty", order->quantity);
    if (spot && !limit) hx_json_form_add(&body, "marketUnit", HX_STR("baseCoin"));
    if (limit) {
        hx_json_form_add_dec(&body, "price", order->price);
        hx_json_form_add(&body, "timeInForce", HX_STR("GTC"));
    }
    if (!spot) add_position(&body, order->position_side);
    if (!spot && order->reduce_only) hx_json_form_add_bool(&body, "reduceOnly", true);
    hx_json_form_add(&body, "orderLinkId", order->client_order_id);
    HX_TRY(hx_bybit_post(ctx, &body, "/v5/order/create", call));
    bool reduces = order->reduce_only || (spot && order->side == HX_SIDE_SELL);
    call->kind = reduces ? HX_VENUE_CALL_OTHER : HX_VENUE_CALL_ENTRY;
    call->order_count = 1;
    return HX_OK;
}

hx_err hx_bybit_encode_query(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                             hx_str client_order_id, uint32_t stage, struct hx_venue_call *call) {
    static const char *const paths[HX_BYBIT_STAGES] = {"/v5/order/realtime", "/v5/order/history", "/v5/execution/list"};
    struct hx_form query;
    if (!hx_form_is_client_order_id(client_order_id) || stage >= HX_BYBIT_STAGES) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_bybit_query_begin(ctx, product, symbol, &query));
    hx_form_add(&query, "orderLinkId", client_order_id);
    if (stage == HX_BYBIT_STAGE_EXECUTIONS) hx_form_add_i64(&query, "limit", HX_BYBIT_PAGE_FILLS);
    return hx_bybit_get(ctx, &query, paths[stage], call);
}

static hx_err encode_cancel(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                            hx_str client_order_id, bool is_stop, struct hx_venue_call *call) {
    struct hx_json_form body;
    if (!hx_form_is_client_order_id(client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_bybit_body_begin(ctx, product, symbol, &body));
    hx_json_form_add(&body, "orderLinkId", client_order_id);
    if (product == HX_BYBIT_SPOT) {
        hx_json_form_add(&body, "orderFilter", is_stop ? HX_STR("StopOrder") : HX_STR("Order"));
    }
    return hx_bybit_post(ctx, &body, "/v5/order/cancel", call);
}

hx_err hx_bybit_encode_cancel(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                              hx_str client_order_id, struct hx_venue_call *call) {
    return encode_cancel(product, ctx, symbol, client_order_id, false, call);
}

hx_err hx_bybit_encode_stop_cancel(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                   const struct hx_stop_request *stop, struct hx_venue_call *call) {
    return encode_cancel(product, ctx, stop->symbol, stop->client_order_id, true, call);
}

hx_err hx_bybit_encode_fills(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                             hx_str venue_order_id, hx_str page, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_bybit_query_begin(ctx, product, symbol, &query));
    hx_form_add(&query, "orderId", venue_order_id);
    hx_form_add_i64(&query, "limit", HX_BYBIT_PAGE_FILLS);
    if (page.len > 0) hx_form_add_encoded(&query, "cursor", page);
    return hx_bybit_get(ctx, &query, "/v5/execution/list", call);
}

hx_err hx_bybit_encode_equity(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "accountType", HX_STR("UNIFIED"));
    hx_form_add(&query, "coin", asset);
    return hx_bybit_get(ctx, &query, "/v5/account/wallet-balance", call);
}

/* A price that has to rise (1) or fall (2) to the trigger: a stop-loss that sells waits below the market, a take-profit
 * that sells above it; mirrored for those that buy. */
static int64_t trigger_direction(const struct hx_stop_request *stop) {
    bool sells = stop->side == HX_SIDE_SELL;
    bool waits_below = sells == (stop->kind == HX_STOP_LOSS);
    return waits_below ? 2 : 1;
}

/* Spot takes the direction from where the price is now, knows the last price alone, and with StopOrder sets nothing of
 * the holding aside before the trigger. */
hx_err hx_bybit_encode_stop(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                            const struct hx_stop_request *stop, struct hx_venue_call *call) {
    struct hx_json_form body;
    if (!hx_form_is_client_order_id(stop->client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_bybit_body_begin(ctx, product, stop->symbol, &body));
    hx_json_form_add(&body, "side", side_name(stop->side));
    hx_json_form_add(&body, "orderType", HX_STR("Market"));
    hx_json_form_add_dec(&body, "qty", stop->quantity);
    hx_json_form_add_dec(&body, "triggerPrice", stop->trigger_price);
    if (product == HX_BYBIT_SPOT) {
        hx_json_form_add(&body, "marketUnit", HX_STR("baseCoin"));
        hx_json_form_add(&body, "orderFilter", HX_STR("StopOrder"));
    } else {
        hx_json_form_add_i64(&body, "triggerDirection", trigger_direction(stop));
        hx_json_form_add(&body, "triggerBy", stop->by_mark ? HX_STR("MarkPrice") : HX_STR("LastPrice"));
        add_position(&body, stop->position_side);
        hx_json_form_add_bool(&body, "reduceOnly", true);
        hx_json_form_add_bool(&body, "closeOnTrigger", true);
    }
    hx_json_form_add(&body, "orderLinkId", stop->client_order_id);
    HX_TRY(hx_bybit_post(ctx, &body, "/v5/order/create", call));
    call->order_count = 1;
    return HX_OK;
}

hx_err hx_bybit_encode_key_rights(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    return hx_bybit_get(ctx, NULL, "/v5/user/query-api", call);
}
