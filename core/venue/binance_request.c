#include "core/venue/binance_request.h"

#define FILLS_WEIGHT 5 /* Of both products, when the order is named. */

hx_str hx_binance_side_name(enum hx_side side) {
    return side == HX_SIDE_BUY ? HX_STR("BUY") : HX_STR("SELL");
}

hx_err hx_binance_finish_public(struct hx_form *query, const char *path, int64_t weight, struct hx_venue_call *call) {
    *call = (struct hx_venue_call){
        .method = HX_HTTP_METHOD_GET, .path = hx_str_from_c(path), .kind = HX_VENUE_CALL_OTHER, .weight = weight};
    if (query == NULL) return HX_OK;
    return hx_form_finish(query, &call->query);
}

hx_err hx_binance_finish_signed(const struct hx_venue_context *ctx, struct hx_form *query, enum hx_http_method method,
                                const char *path, int64_t weight, struct hx_venue_call *call) {
    hx_form_add_i64(query, "recvWindow", ctx->receive_window_ms);
    hx_form_add_i64(query, "timestamp", ctx->timestamp_ms);
    HX_TRY(hx_binance_finish_public(query, path, weight, call));
    call->method = method;
    call->headers[call->header_count++] = (struct hx_http_header){HX_STR("X-MBX-APIKEY"), ctx->api_key};
    return hx_venue_sign_query_and_body(ctx->arena, call);
}

hx_err hx_binance_encode_signed_question(const struct hx_venue_context *ctx, hx_str symbol, const char *path,
                                         int64_t weight, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    if (symbol.len > 0) hx_form_add(&query, "symbol", symbol);
    return hx_binance_finish_signed(ctx, &query, HX_HTTP_METHOD_GET, path, weight, call);
}

hx_err hx_binance_encode_public_question(const struct hx_venue_context *ctx, hx_str symbol, const char *path,
                                         int64_t weight, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    return hx_binance_finish_public(&query, path, weight, call);
}

hx_err hx_binance_begin_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                              struct hx_form *query) {
    bool limit = order->type == HX_ORDER_LIMIT;
    if (!hx_form_is_client_order_id(order->client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, query));
    hx_form_add(query, "symbol", order->symbol);
    hx_form_add(query, "side", hx_binance_side_name(order->side));
    hx_form_add(query, "type", limit ? HX_STR("LIMIT") : HX_STR("MARKET"));
    hx_form_add_dec(query, "quantity", order->quantity);
    if (limit) {
        hx_form_add_dec(query, "price", order->price);
        hx_form_add(query, "timeInForce", HX_STR("GTC"));
    }
    return HX_OK;
}

hx_err hx_binance_encode_by_client_id(const struct hx_venue_context *ctx, enum hx_http_method method, hx_str symbol,
                                      hx_str client_order_id, const char *path, int64_t weight,
                                      struct hx_venue_call *call) {
    struct hx_form query;
    if (!hx_form_is_client_order_id(client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add(&query, "origClientOrderId", client_order_id);
    return hx_binance_finish_signed(ctx, &query, method, path, weight, call);
}

hx_err hx_binance_encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                               const char *path, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add(&query, "orderId", venue_order_id);
    if (page.len > 0) hx_form_add(&query, "fromId", page);
    hx_form_add_i64(&query, "limit", HX_VENUE_PAGE_FILLS_MAX);
    return hx_binance_finish_signed(ctx, &query, HX_HTTP_METHOD_GET, path, FILLS_WEIGHT, call);
}
