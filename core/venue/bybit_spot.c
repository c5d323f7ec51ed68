/* Spot: what only it has, and its adapter. */
#include "core/venue/bybit.h"

#define ORDERS_PER_SECOND_MAX 20

static hx_err encode_rules(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    return hx_bybit_encode_rules(HX_BYBIT_SPOT, ctx, symbol, call);
}

static hx_err encode_mark_price(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    return hx_bybit_encode_mark_price(HX_BYBIT_SPOT, ctx, symbol, call);
}

/* The position is what the account holds of the base coin. */
static hx_err encode_position(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    (void)symbol;
    hx_assert(ctx->rules != NULL);
    return hx_bybit_encode_equity(ctx, ctx->rules->base_asset, call);
}

static hx_err encode_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                           struct hx_venue_call *call) {
    return hx_bybit_encode_order(HX_BYBIT_SPOT, ctx, order, call);
}

static hx_err encode_query(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id, uint32_t stage,
                           struct hx_venue_call *call) {
    return hx_bybit_encode_query(HX_BYBIT_SPOT, ctx, symbol, client_order_id, stage, call);
}

static hx_err encode_cancel(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                            struct hx_venue_call *call) {
    return hx_bybit_encode_cancel(HX_BYBIT_SPOT, ctx, symbol, client_order_id, call);
}

static hx_err encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                           struct hx_venue_call *call) {
    return hx_bybit_encode_fills(HX_BYBIT_SPOT, ctx, symbol, venue_order_id, page, call);
}

static hx_err encode_stop(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                          struct hx_venue_call *call) {
    return hx_bybit_encode_stop(HX_BYBIT_SPOT, ctx, stop, call);
}

static hx_err encode_stop_query(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                struct hx_venue_call *call) {
    return hx_bybit_encode_query(HX_BYBIT_SPOT, ctx, stop->symbol, stop->client_order_id, HX_BYBIT_STAGE_REALTIME,
                                 call);
}

static hx_err encode_stop_history(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                  struct hx_venue_call *call) {
    return hx_bybit_encode_query(HX_BYBIT_SPOT, ctx, stop->symbol, stop->client_order_id, HX_BYBIT_STAGE_HISTORY, call);
}

static hx_err encode_stop_cancel(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                 struct hx_venue_call *call) {
    return hx_bybit_encode_stop_cancel(HX_BYBIT_SPOT, ctx, stop, call);
}

static struct hx_venue_verdict decode_rules(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            hx_str symbol, struct hx_symbol_rules *out) {
    return hx_bybit_decode_rules(HX_BYBIT_SPOT, ctx, answer, symbol, out);
}

static struct hx_venue_verdict decode_mark_price(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str symbol, hx_dec *out) {
    return hx_bybit_decode_mark_price(HX_BYBIT_SPOT, ctx, answer, symbol, out);
}

static struct hx_venue_verdict decode_fills(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            hx_str symbol, hx_str venue_order_id, hx_str page,
                                            struct hx_fill_page *out) {
    return hx_bybit_decode_fills(HX_BYBIT_SPOT, ctx, answer, symbol, venue_order_id, page, out);
}

static struct hx_venue_verdict decode_key_rights(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, struct hx_key_rights *out) {
    return hx_bybit_decode_key_rights(HX_BYBIT_SPOT, ctx, answer, out);
}

static void read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out) {
    hx_bybit_read_usage(answer, ORDERS_PER_SECOND_MAX, out);
}

/* Guarantees and access as for linear futures (bybit_linear.c). No leverage, no margin or position mode. */
static const int32_t rules_codes[] = {170132, 170133, 170134, 170136, 170137, 170140, 170148, 0};

const struct hx_venue_adapter hx_bybit_spot = {
    .name = HX_FORM_TEXT("bybit-spot"),
    .venue = HX_VENUE_BYBIT,
    .market = HX_MARKET_SPOT,
    .traits = {.spot = true, .has_stops = true},
    .guarantees = {.has_timestamp_window = true,
                   .receive_window_ms = 2000,
                   .lookup_lag_ms = 2000,
                   .clock_slack_ms = 1000,
                   .id_unique_forever = true,
                   .lookup_retention_ms = HX_MS_PER_DAY},
    .live = {.origin_setting = HX_FORM_TEXT("HOOX_BYBIT_URL"),
             .origin_default = HX_FORM_TEXT("https://api.bybit.com"),
             .key_setting = HX_FORM_TEXT("BYBIT_API_KEY"),
             .secret_name = HX_FORM_TEXT("BYBIT_API_SECRET")},
    .test = {.origin_setting = HX_FORM_TEXT("HOOX_BYBIT_TESTNET_URL"),
             .origin_default = HX_FORM_TEXT("https://api-testnet.bybit.com"),
             .key_setting = HX_FORM_TEXT("BYBIT_TESTNET_API_KEY"),
             .secret_name = HX_FORM_TEXT("BYBIT_TESTNET_API_SECRET")},
    .budgets = {[HX_BYBIT_BUDGET_WEIGHT] = {HX_SPEND_WEIGHT, HX_BYBIT_WINDOW_MS, HX_BYBIT_REQUESTS_PER_SECOND},
                [HX_BYBIT_BUDGET_ORDERS] = {HX_SPEND_ORDERS, HX_BYBIT_WINDOW_MS, ORDERS_PER_SECOND_MAX / 2}},
    .signal_weight = HX_BYBIT_SIGNAL_WEIGHT,
    .needs_rules = true,
    .query_stages = HX_BYBIT_STAGES,
    .rules_codes = rules_codes,
    .encode_time = hx_bybit_encode_time,
    .encode_rules = encode_rules,
    .encode_mark_price = encode_mark_price,
    .encode_order = encode_order,
    .encode_query = encode_query,
    .encode_cancel = encode_cancel,
    .encode_fills = encode_fills,
    .encode_position = encode_position,
    .encode_equity = hx_bybit_encode_equity,
    .encode_stop = encode_stop,
    .encode_stop_query = encode_stop_query,
    .encode_stop_history = encode_stop_history,
    .encode_stop_cancel = encode_stop_cancel,
    .encode_key_rights = hx_bybit_encode_key_rights,
    .decode_time = hx_bybit_decode_time,
    .decode_rules = decode_rules,
    .decode_mark_price = decode_mark_price,
    .decode_order = hx_bybit_decode_order,
    .decode_query = hx_bybit_decode_query,
    .decode_cancel = hx_bybit_decode_cancel,
    .decode_fills = decode_fills,
    .decode_position = hx_bybit_decode_spot_position,
    .decode_equity = hx_bybit_decode_equity,
    .decode_stop = hx_bybit_decode_stop,
    .decode_stop_query = hx_bybit_decode_stop_query,
    .decode_stop_cancel = hx_bybit_decode_stop_cancel,
    .decode_key_rights = decode_key_rights,
    .read_usage = read_usage,
};
