#include "core/venue/binance_spot.h"

#include "core/venue/binance_request.h"

#define ORDER_PATH "/api/v3/order"

static hx_err encode_time(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    (void)ctx;
    return hx_binance_finish_public(NULL, "/api/v3/time", 1, call);
}

/* One symbol in a list of one. The sets of permissions, hundreds of names, are not asked for. */
static hx_err encode_rules(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", symbol);
    hx_form_add(&query, "showPermissionSets", HX_STR("false"));
    HX_TRY(hx_binance_finish_public(&query, "/api/v3/exchangeInfo", 20, call));
    call->extract_array = HX_STR("symbols");
    call->extract_member = HX_STR("symbol");
    call->extract_value = symbol;
    return HX_OK;
}

/* Spot has no mark price: the last one stands for it. */
static hx_err encode_mark_price(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    return hx_binance_encode_public_question(ctx, symbol, "/api/v3/ticker/price", 2, call);
}

/* Sales reduce what is held, purchases add to it; nothing else is left of "reduce only" here. */
static bool makes_sense(enum hx_side side, bool reduce_only, enum hx_position_side position_side) {
    return position_side == HX_POSITION_NET && !(reduce_only && side == HX_SIDE_BUY);
}

/* RESULT: the final state of an order that does not rest, without its fills, which are asked for by themselves. */
static hx_err order_finish(const struct hx_venue_context *ctx, struct hx_form *query, hx_str client_order_id,
                           enum hx_side side, struct hx_venue_call *call) {
    hx_form_add(query, "newClientOrderId", client_order_id);
    hx_form_add(query, "newOrderRespType", HX_STR("RESULT"));
    HX_TRY(hx_binance_finish_signed(ctx, query, HX_HTTP_METHOD_POST, ORDER_PATH, 1, call));
    call->order_count = 1;
    call->kind = side == HX_SIDE_SELL ? HX_VENUE_CALL_OTHER : HX_VENUE_CALL_ENTRY;
    return HX_OK;
}

static hx_err encode_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                           struct hx_venue_call *call) {
    struct hx_form query;
    if (!makes_sense(order->side, order->reduce_only, order->position_side)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_binance_begin_order(ctx, order, &query));
    return order_finish(ctx, &query, order->client_order_id, order->side, call);
}

static hx_err encode_query(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id, uint32_t stage,
                           struct hx_venue_call *call) {
    (void)stage;
    return hx_binance_encode_by_client_id(ctx, HX_HTTP_METHOD_GET, symbol, client_order_id, ORDER_PATH, 4, call);
}

static hx_err encode_cancel(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                            struct hx_venue_call *call) {
    return hx_binance_encode_by_client_id(ctx, HX_HTTP_METHOD_DELETE, symbol, client_order_id, ORDER_PATH, 1, call);
}

static hx_err encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                           struct hx_venue_call *call) {
    return hx_binance_encode_fills(ctx, symbol, venue_order_id, page, "/api/v3/myTrades", call);
}

/* An account may hold hundreds of assets, of which one is wanted. */
static hx_err encode_balance(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call) {
    struct hx_form query;
    if (asset.len == 0 || asset.len > HX_VENUE_VALUE_LEN_MAX) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "omitZeroBalances", HX_STR("true"));
    HX_TRY(hx_binance_finish_signed(ctx, &query, HX_HTTP_METHOD_GET, "/api/v3/account", 20, call));
    call->extract_array = HX_STR("balances");
    call->extract_member = HX_STR("asset");
    call->extract_value = asset;
    return HX_OK;
}

static hx_err encode_position(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    (void)symbol;
    if (ctx->rules == NULL) return HX_ERR(REJECT_INPUT);
    return encode_balance(ctx, ctx->rules->base_asset, call);
}

static hx_err encode_equity(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call) {
    return encode_balance(ctx, asset, call);
}

hx_str hx_binance_spot_stop_type(enum hx_stop_kind kind) {
    return kind == HX_STOP_LOSS ? HX_STR("STOP_LOSS") : HX_STR("TAKE_PROFIT");
}

/* There is nothing but long positions to protect: a stop sells. */
static hx_err encode_stop(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                          struct hx_venue_call *call) {
    struct hx_form query;
    if (!hx_form_is_client_order_id(stop->client_order_id)) return HX_ERR(REJECT_INPUT);
    if (!makes_sense(stop->side, true, stop->position_side)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", stop->symbol);
    hx_form_add(&query, "side", hx_binance_side_name(stop->side));
    hx_form_add(&query, "type", hx_binance_spot_stop_type(stop->kind));
    hx_form_add_dec(&query, "quantity", stop->quantity);
    hx_form_add_dec(&query, "stopPrice", stop->trigger_price);
    return order_finish(ctx, &query, stop->client_order_id, stop->side, call);
}

static hx_err encode_stop_query(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                struct hx_venue_call *call) {
    return encode_query(ctx, stop->symbol, stop->client_order_id, 0, call);
}

static hx_err encode_stop_cancel(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                 struct hx_venue_call *call) {
    return encode_cancel(ctx, stop->symbol, stop->client_order_id, call);
}

static hx_err encode_key_rights(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    return hx_binance_encode_signed_question(ctx, HX_STR_EMPTY, "/sapi/v1/account/apiRestrictions", 1, call);
}

/* An order later than timestamp + recvWindow is refused before it is handed to the matching engine (-1021), but what
 * was handed over in time may be in the engine's queue for longer than Binance waits for it (-1007 after ten seconds):
 * the lookup lag is as long. Client order ids are known among open orders only. Orders without a fill are put away
 * after 90 days. Limits: exchangeInfo's rateLimits, of which the documentation has two figures for ten seconds and for
 * a day; these are the lower ones. */
static const int32_t rules_codes[] = {-1013, -1111, 0};

const struct hx_venue_adapter hx_binance_spot = {
    .name = HX_FORM_TEXT("binance-spot"),
    .venue = HX_VENUE_BINANCE,
    .market = HX_MARKET_SPOT,
    .traits = {.spot = true, .has_stops = true},
    .guarantees = {.has_timestamp_window = true,
                   .receive_window_ms = 2000,
                   .lookup_lag_ms = 10 * HX_MS_PER_SECOND,
                   .clock_slack_ms = 1000,
                   .id_unique_forever = false,
                   .lookup_retention_ms = 90 * HX_MS_PER_DAY},
    .live = {.origin_setting = HX_FORM_TEXT("HOOX_BINANCE_SPOT_URL"),
             .origin_default = HX_FORM_TEXT("https://api.binance.com"),
             .key_setting = HX_FORM_TEXT("BINANCE_API_KEY"),
             .secret_name = HX_FORM_TEXT("BINANCE_API_SECRET")},
    .test = {.origin_setting = HX_FORM_TEXT("HOOX_BINANCE_SPOT_TESTNET_URL"),
             .origin_default = HX_FORM_TEXT("https://testnet.binance.vision"),
             .key_setting = HX_FORM_TEXT("BINANCE_TESTNET_API_KEY"),
             .secret_name = HX_FORM_TEXT("BINANCE_TESTNET_API_SECRET")},
    .budgets = {[HX_BINANCE_SPOT_WEIGHT] = {HX_SPEND_WEIGHT, HX_MS_PER_MINUTE, 6000},
                [HX_BINANCE_SPOT_ORDERS_10S] = {HX_SPEND_ORDERS, 10 * HX_MS_PER_SECOND, 50},
                [HX_BINANCE_SPOT_ORDERS_1D] = {HX_SPEND_ORDERS, HX_MS_PER_DAY, 160000}},
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
    .encode_stop = encode_stop,
    .encode_stop_query = encode_stop_query,
    .encode_stop_cancel = encode_stop_cancel,
    .encode_key_rights = encode_key_rights,
    .decode_time = hx_binance_spot_decode_time,
    .decode_rules = hx_binance_spot_decode_rules,
    .decode_mark_price = hx_binance_spot_decode_mark_price,
    .decode_order = hx_binance_spot_decode_order,
    .decode_query = hx_binance_spot_decode_query,
    .decode_cancel = hx_binance_spot_decode_cancel,
    .decode_fills = hx_binance_spot_decode_fills,
    .decode_position = hx_binance_spot_decode_position,
    .decode_equity = hx_binance_spot_decode_equity,
    .decode_stop = hx_binance_spot_decode_stop,
    .decode_stop_query = hx_binance_spot_decode_stop_query,
    .decode_stop_cancel = hx_binance_spot_decode_stop_cancel,
    .decode_key_rights = hx_binance_spot_decode_key_rights,
    .read_usage = hx_binance_spot_read_usage,
};
