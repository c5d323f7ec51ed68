/* Linear futures: what only they have, and their adapter. */
#include "core/venue/bybit.h"

#define ORDERS_PER_SECOND_MAX 10

static hx_err encode_rules(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    return hx_bybit_encode_rules(HX_BYBIT_LINEAR, ctx, symbol, call);
}

static hx_err encode_mark_price(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    return hx_bybit_encode_mark_price(HX_BYBIT_LINEAR, ctx, symbol, call);
}

/* Both sides alike: they may only differ in hedge mode with isolated margin. */
static hx_err encode_leverage(const struct hx_venue_context *ctx, hx_str symbol, int32_t leverage,
                              struct hx_venue_call *call) {
    struct hx_json_form body;
    *call = (struct hx_venue_call){.refusal = HX_STR("Ask for a leverage of 1 to 125.")};
    if (leverage < 1 || leverage > 125) return HX_ERR(REJECT_RANGE);
    HX_TRY(hx_bybit_body_begin(ctx, HX_BYBIT_LINEAR, symbol, &body));
    hx_json_form_add_dec(&body, "buyLeverage", hx_dec_from_i64(leverage));
    hx_json_form_add_dec(&body, "sellLeverage", hx_dec_from_i64(leverage));
    return hx_bybit_post(ctx, &body, "/v5/position/set-leverage", call);
}

static hx_err encode_margin_mode(const struct hx_venue_context *ctx, hx_str symbol, bool isolated,
                                 struct hx_venue_call *call) {
    struct hx_json_form body;
    (void)symbol;
    HX_TRY(hx_json_form_begin(ctx, &body));
    hx_json_form_add(&body, "setMarginMode", isolated ? HX_STR("ISOLATED_MARGIN") : HX_STR("REGULAR_MARGIN"));
    return hx_bybit_post(ctx, &body, "/v5/account/set-margin-mode", call);
}

static hx_err encode_setting(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    (void)symbol;
    return hx_bybit_get(ctx, NULL, "/v5/account/info", call);
}

/* Lists the symbol's positions, open or not; which ones there are tells the position mode. */
static hx_err encode_position(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    struct hx_form query;
    HX_TRY(hx_bybit_query_begin(ctx, HX_BYBIT_LINEAR, symbol, &query));
    return hx_bybit_get(ctx, &query, "/v5/position/list", call);
}

static hx_err encode_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                           struct hx_venue_call *call) {
    return hx_bybit_encode_order(HX_BYBIT_LINEAR, ctx, order, call);
}

static hx_err encode_query(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id, uint32_t stage,
                           struct hx_venue_call *call) {
    return hx_bybit_encode_query(HX_BYBIT_LINEAR, ctx, symbol, client_order_id, stage, call);
}

static hx_err encode_cancel(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                            struct hx_venue_call *call) {
    return hx_bybit_encode_cancel(HX_BYBIT_LINEAR, ctx, symbol, client_order_id, call);
}

static hx_err encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                           struct hx_venue_call *call) {
    return hx_bybit_encode_fills(HX_BYBIT_LINEAR, ctx, symbol, venue_order_id, page, call);
}

static hx_err encode_stop(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                          struct hx_venue_call *call) {
    return hx_bybit_encode_stop(HX_BYBIT_LINEAR, ctx, stop, call);
}

static hx_err encode_stop_query(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                struct hx_venue_call *call) {
    return hx_bybit_encode_query(HX_BYBIT_LINEAR, ctx, stop->symbol, stop->client_order_id, HX_BYBIT_STAGE_REALTIME,
                                 call);
}

static hx_err encode_stop_history(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                  struct hx_venue_call *call) {
    return hx_bybit_encode_query(HX_BYBIT_LINEAR, ctx, stop->symbol, stop->client_order_id, HX_BYBIT_STAGE_HISTORY,
                                 call);
}

static hx_err encode_stop_cancel(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                 struct hx_venue_call *call) {
    return hx_bybit_encode_stop_cancel(HX_BYBIT_LINEAR, ctx, stop, call);
}

static struct hx_venue_verdict decode_rules(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            hx_str symbol, struct hx_symbol_rules *out) {
    return hx_bybit_decode_rules(HX_BYBIT_LINEAR, ctx, answer, symbol, out);
}

static struct hx_venue_verdict decode_mark_price(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str symbol, hx_dec *out) {
    return hx_bybit_decode_mark_price(HX_BYBIT_LINEAR, ctx, answer, symbol, out);
}

static struct hx_venue_verdict decode_fills(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            hx_str symbol, hx_str venue_order_id, hx_str page,
                                            struct hx_fill_page *out) {
    return hx_bybit_decode_fills(HX_BYBIT_LINEAR, ctx, answer, symbol, venue_order_id, page, out);
}

static struct hx_venue_verdict decode_key_rights(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, struct hx_key_rights *out) {
    return hx_bybit_decode_key_rights(HX_BYBIT_LINEAR, ctx, answer, out);
}

static void read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out) {
    hx_bybit_read_usage(answer, ORDERS_PER_SECOND_MAX, out);
}

/* Bybit refuses what arrives later than timestamp + window, or stamped a second ahead of its clock. The window is short
 * because the proof of absence waits for it. Behind the acknowledgement an order takes its own way into the books; two
 * seconds are many times what that takes, and should it ever take longer, its id protects a resend. Orders that ended
 * without a fill are kept for a day. Limits by user and second; ids may be used again after an undocumented time. */
static const int32_t rules_codes[] = {10001, 110094, 0};

const struct hx_venue_adapter hx_bybit_linear = {
    .name = HX_FORM_TEXT("bybit-futures"),
    .venue = HX_VENUE_BYBIT,
    .market = HX_MARKET_FUTURES,
    .traits = {.has_stops = true, .margin_is_account_wide = true},
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
    .query_stages = HX_BYBIT_STAGES,
    .mode_is_per_symbol = true,
    .rules_codes = rules_codes,
    .encode_time = hx_bybit_encode_time,
    .encode_rules = encode_rules,
    .encode_mark_price = encode_mark_price,
    .encode_leverage = encode_leverage,
    .encode_margin_mode = encode_margin_mode,
    .encode_position_mode = encode_position,
    .encode_setting = encode_setting,
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
    .decode_leverage = hx_bybit_decode_leverage,
    .decode_margin_mode = hx_bybit_decode_margin_mode,
    .decode_position_mode = hx_bybit_decode_position_mode,
    .decode_setting = hx_bybit_decode_setting,
    .decode_order = hx_bybit_decode_order,
    .decode_query = hx_bybit_decode_query,
    .decode_cancel = hx_bybit_decode_cancel,
    .decode_fills = decode_fills,
    .decode_position = hx_bybit_decode_linear_position,
    .decode_equity = hx_bybit_decode_equity,
    .decode_stop = hx_bybit_decode_stop,
    .decode_stop_query = hx_bybit_decode_stop_query,
    .decode_stop_cancel = hx_bybit_decode_stop_cancel,
    .decode_key_rights = decode_key_rights,
    .read_usage = read_usage,
};
