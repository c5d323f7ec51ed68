#include "core/venue/form.h"
#include "core/venue/mexc.h"

#define PATH_LEN_MAX 192
#define QUANTITY_PLACES 12 /* Of a number of contracts. */

/* The only call that costs its share of HX_SPEND_WEIGHT is the one hoox repeats: each endpoint takes twenty calls in
 * two seconds, counted for itself, and the others are asked too seldom to get near. */
#define REPEATED 1

static const char *const quote_assets[] = {"USDT", "USDC", "USD"};

static bool is_plain(hx_str text) {
    for (size_t i = 0; i < text.len; i++) {
        bool letter = text.data[i] >= 'A' && text.data[i] <= 'Z';
        if (!letter && !(text.data[i] >= '0' && text.data[i] <= '9')) return false;
    }
    return text.len > 0;
}

hx_err hx_mexc_contract_make(struct hx_arena *arena, hx_str symbol, hx_str *out) {
    struct hx_buf buf;
    size_t base_len = 0;
    if (!is_plain(symbol) || symbol.len > HX_VENUE_VALUE_LEN_MAX) return HX_ERR(REJECT_INPUT);
    for (size_t i = 0; i < sizeof quote_assets / sizeof quote_assets[0]; i++) {
        hx_str quote = hx_str_from_c(quote_assets[i]);
        if (!hx_str_ends_with(symbol, quote) || symbol.len == quote.len) continue;
        if (base_len > 0) return HX_ERR(REJECT_INPUT);
        base_len = symbol.len - quote.len;
    }
    if (base_len == 0) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_buf_make(&buf, arena, symbol.len + 1));
    hx_buf_add(&buf, hx_str_slice(symbol, 0, base_len));
    hx_buf_add_char(&buf, '_');
    hx_buf_add(&buf, hx_str_slice(symbol, base_len, symbol.len));
    return hx_buf_finish(&buf, out);
}

hx_err hx_mexc_find_contract(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call,
                             hx_str *out) {
    hx_err err = hx_mexc_contract_make(ctx->arena, symbol, out);
    if (hx_err_is(err, HX_CLASS_REJECT)) {
        call->refusal = HX_STR(
            "Check the symbol: contracts of MEXC futures are quoted in USDT, USDC or USD, such as "
            "BTCUSDT.");
    }
    return err;
}

static void add_header(struct hx_venue_call *call, hx_str name, hx_str value) {
    hx_assert(call->header_count < HX_VENUE_HEADERS_MAX);
    call->headers[call->header_count++] = (struct hx_http_header){name, value};
}

static hx_err number_make(const struct hx_venue_context *ctx, int64_t number, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, 20));
    hx_buf_add_i64(&buf, number);
    return hx_buf_finish(&buf, out);
}

/* Recv-Window is in seconds. One that were longer than what the waiting rule counts with would void it. */
hx_err hx_mexc_futures_sign(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    struct hx_buf buf;
    hx_str time = HX_STR_EMPTY;
    hx_str window = HX_STR_EMPTY;
    hx_str params = call->body.len > 0 ? call->body : call->query;
    if (ctx->receive_window_ms < HX_MS_PER_SECOND || ctx->receive_window_ms % HX_MS_PER_SECOND != 0) {
        return HX_ERR(REJECT_INPUT);
    }
    HX_TRY(number_make(ctx, ctx->timestamp_ms, &time));
    HX_TRY(number_make(ctx, ctx->receive_window_ms / HX_MS_PER_SECOND, &window));
    add_header(call, HX_STR("Content-Type"), HX_STR("application/json"));
    add_header(call, HX_STR("ApiKey"), ctx->api_key);
    add_header(call, HX_STR("Request-Time"), time);
    add_header(call, HX_STR("Recv-Window"), window);
    call->signature_place = HX_SIGNATURE_HEADER;
    call->signature_name = HX_STR("Signature");
    HX_TRY(hx_buf_make(&buf, ctx->arena, ctx->api_key.len + time.len + params.len));
    hx_buf_add(&buf, ctx->api_key);
    hx_buf_add(&buf, time);
    hx_buf_add(&buf, params);
    return hx_buf_finish(&buf, &call->sign_text);
}

static void begin(struct hx_venue_call *call, enum hx_http_method method, const char *path) {
    *call = (struct hx_venue_call){.method = method, .path = hx_str_from_c(path), .kind = HX_VENUE_CALL_OTHER};
}

/* "<path><variable>", or "<path><variable>/<last>". Variables of a path are not signed. */
static hx_err path_make(const struct hx_venue_context *ctx, const char *path, hx_str variable, hx_str last,
                        hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, PATH_LEN_MAX));
    hx_buf_add_c(&buf, path);
    hx_buf_add(&buf, variable);
    if (last.len > 0) hx_buf_add_char(&buf, '/');
    hx_buf_add(&buf, last);
    return hx_buf_finish(&buf, out);
}

static hx_err add_symbol(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    struct hx_form query;
    hx_str contract = HX_STR_EMPTY;
    HX_TRY(hx_mexc_find_contract(ctx, symbol, call, &contract));
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add(&query, "symbol", contract);
    return hx_form_finish(&query, &call->query);
}

static hx_err encode_time(const struct hx_venue_context *ctx, struct hx_venue_call *call) {
    (void)ctx;
    begin(call, HX_HTTP_METHOD_GET, "/api/v1/contract/ping");
    return HX_OK;
}

static hx_err encode_rules(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    begin(call, HX_HTTP_METHOD_GET, "/api/v1/contract/detail");
    return add_symbol(ctx, symbol, call);
}

/* MEXC's mark price is called the fair price. */
static hx_err encode_mark_price(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    hx_str contract = HX_STR_EMPTY;
    begin(call, HX_HTTP_METHOD_GET, "");
    HX_TRY(hx_mexc_find_contract(ctx, symbol, call, &contract));
    return path_make(ctx, "/api/v1/contract/fair_price/", contract, HX_STR_EMPTY, &call->path);
}

static hx_err encode_position_mode(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    (void)symbol;
    begin(call, HX_HTTP_METHOD_GET, "/api/v1/private/position/position_mode");
    return hx_mexc_futures_sign(ctx, call);
}

static hx_err encode_position(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    begin(call, HX_HTTP_METHOD_GET, "/api/v1/private/position/open_positions");
    HX_TRY(add_symbol(ctx, symbol, call));
    return hx_mexc_futures_sign(ctx, call);
}

static hx_err encode_setting(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call) {
    if (ctx->stage > 0) return encode_position(ctx, symbol, call);
    begin(call, HX_HTTP_METHOD_GET, "/api/v1/private/position/leverage");
    HX_TRY(add_symbol(ctx, symbol, call));
    return hx_mexc_futures_sign(ctx, call);
}

/* Of a position by its id, else of the side it would have. */
static hx_err encode_leverage(const struct hx_venue_context *ctx, hx_str symbol, int32_t leverage,
                              struct hx_venue_call *call) {
    struct hx_json_form body;
    hx_str contract = HX_STR_EMPTY;
    bool long_side = ctx->position_side == HX_POSITION_LONG;
    int64_t position_id = 0;
    if (leverage < 1 || ctx->position_side == HX_POSITION_NET) return HX_ERR(REJECT_RANGE);
    if (ctx->setting != NULL) position_id = ctx->setting->sides[long_side ? HX_SIDE_BUY : HX_SIDE_SELL].position_id;
    begin(call, HX_HTTP_METHOD_POST, "/api/v1/private/position/change_leverage");
    HX_TRY(hx_mexc_find_contract(ctx, symbol, call, &contract));
    HX_TRY(hx_json_form_begin(ctx, &body));
    if (position_id > 0) {
        hx_json_form_add_i64(&body, "positionId", position_id);
        hx_json_form_add_i64(&body, "leverage", leverage);
    } else {
        hx_json_form_add_i64(&body, "openType", ctx->isolated ? 1 : 2);
        hx_json_form_add_i64(&body, "leverage", leverage);
        hx_json_form_add(&body, "symbol", contract);
        hx_json_form_add_i64(&body, "positionType", long_side ? 1 : 2);
    }
    HX_TRY(hx_json_form_finish(&body, &call->body));
    return hx_mexc_futures_sign(ctx, call);
}

hx_err hx_mexc_count_contracts(const struct hx_venue_context *ctx, hx_dec quantity, struct hx_venue_call *call,
                               hx_dec *out) {
    const struct hx_symbol_rules *rules = ctx->rules;
    if (rules == NULL || hx_dec_sign(rules->contract_size) <= 0) return HX_ERR(REJECT_INPUT);
    if (hx_dec_is_multiple(quantity, rules->step)) {
        hx_dec back = HX_DEC_ZERO;
        HX_TRY(hx_dec_divide(quantity, rules->contract_size, QUANTITY_PLACES, HX_ROUND_DOWN, out));
        if (hx_ok(hx_dec_multiply(*out, rules->contract_size, &back)) && hx_dec_equal(back, quantity)) return HX_OK;
    }
    call->refusal = HX_STR("The quantity is not a whole number of MEXC's contracts for this symbol; nothing was sent.");
    return HX_ERR(REJECT_INPUT);
}

static bool order_closes(const struct hx_order_request *order) {
    if (order->position_side == HX_POSITION_NET) return order->reduce_only;
    return (order->position_side == HX_POSITION_LONG) == (order->side == HX_SIDE_SELL);
}

static int64_t order_side(const struct hx_order_request *order) {
    bool buys = order->side == HX_SIDE_BUY;
    if (order_closes(order)) return buys ? 2 : 4;
    return buys ? 1 : 3;
}

/* A closing order names no leverage: one that differs from the position's is refused. */
static hx_err encode_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                           struct hx_venue_call *call) {
    struct hx_json_form body;
    hx_str contract = HX_STR_EMPTY;
    hx_dec contracts = HX_DEC_ZERO;
    bool limit = order->type == HX_ORDER_LIMIT;
    bool closes = order_closes(order);
    begin(call, HX_HTTP_METHOD_POST, "/api/v1/private/order/create");
    if (!hx_form_is_client_order_id(order->client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_mexc_find_contract(ctx, order->symbol, call, &contract));
    HX_TRY(hx_mexc_count_contracts(ctx, order->quantity, call, &contracts));
    if (!closes && order->isolated && order->leverage < 1) {
        call->refusal = HX_STR("With isolated margin MEXC takes the leverage with every order that opens: name one.");
        return HX_ERR(REJECT_RANGE);
    }
    HX_TRY(hx_json_form_begin(ctx, &body));
    hx_json_form_add(&body, "symbol", contract);
    if (limit) hx_json_form_add_dec_number(&body, "price", order->price);
    hx_json_form_add_dec_number(&body, "vol", contracts);
    hx_json_form_add_i64(&body, "side", order_side(order));
    hx_json_form_add_i64(&body, "type", limit ? 1 : 5);
    hx_json_form_add_i64(&body, "openType", order->isolated ? 1 : 2);
    if (!closes && order->leverage > 0) hx_json_form_add_i64(&body, "leverage", order->leverage);
    hx_json_form_add(&body, "externalOid", order->client_order_id);
    HX_TRY(hx_json_form_finish(&body, &call->body));
    call->order_count = 1;
    call->kind = closes ? HX_VENUE_CALL_OTHER : HX_VENUE_CALL_ENTRY;
    return hx_mexc_futures_sign(ctx, call);
}

static hx_err encode_query(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id, uint32_t stage,
                           struct hx_venue_call *call) {
    hx_str contract = HX_STR_EMPTY;
    (void)stage;
    begin(call, HX_HTTP_METHOD_GET, "");
    if (!hx_form_is_client_order_id(client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_mexc_find_contract(ctx, symbol, call, &contract));
    HX_TRY(path_make(ctx, "/api/v1/private/order/external/", contract, client_order_id, &call->path));
    call->weight = REPEATED;
    return hx_mexc_futures_sign(ctx, call);
}

/* The body is one object: MEXC refuses a list of one here, which a page of its documentation shows. */
static hx_err encode_cancel(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                            struct hx_venue_call *call) {
    struct hx_json_form body;
    hx_str contract = HX_STR_EMPTY;
    begin(call, HX_HTTP_METHOD_POST, "/api/v1/private/order/cancel_with_external");
    if (!hx_form_is_client_order_id(client_order_id)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_mexc_find_contract(ctx, symbol, call, &contract));
    HX_TRY(hx_json_form_begin(ctx, &body));
    hx_json_form_add(&body, "symbol", contract);
    hx_json_form_add(&body, "externalOid", client_order_id);
    HX_TRY(hx_json_form_finish(&body, &call->body));
    return hx_mexc_futures_sign(ctx, call);
}

static hx_err encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                           struct hx_venue_call *call) {
    uint64_t id = 0;
    (void)symbol;
    (void)page;
    begin(call, HX_HTTP_METHOD_GET, "");
    HX_TRY(hx_str_parse_u64(venue_order_id, &id));
    HX_TRY(path_make(ctx, "/api/v1/private/order/deal_details/", venue_order_id, HX_STR_EMPTY, &call->path));
    call->weight = REPEATED;
    call->unpaged = true;
    return hx_mexc_futures_sign(ctx, call);
}

static hx_err encode_equity(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call) {
    begin(call, HX_HTTP_METHOD_GET, "");
    if (!is_plain(asset)) return HX_ERR(REJECT_INPUT);
    HX_TRY(path_make(ctx, "/api/v1/private/account/asset/", asset, HX_STR_EMPTY, &call->path));
    return hx_mexc_futures_sign(ctx, call);
}

/* A request is refused when it arrives later than Request-Time + Recv-Window. How soon an order can be found, for how
 * long, and how long its id is kept from being used again, is not documented: the figures here are on the safe side. */
static const int32_t rules_codes[] = {1004, 2011, 2015, 2028, 0};

const struct hx_venue_adapter hx_mexc_futures = {
    .name = HX_FORM_TEXT("mexc-futures"),
    .venue = HX_VENUE_MEXC,
    .market = HX_MARKET_FUTURES,
    .guarantees = {.has_timestamp_window = true,
                   .receive_window_ms = 2000,
                   .lookup_lag_ms = 1000,
                   .clock_slack_ms = 1000,
                   .id_unique_forever = false,
                   .lookup_retention_ms = 7 * HX_MS_PER_DAY},
    .live = {.origin_setting = HX_FORM_TEXT("HOOX_MEXC_FUTURES_URL"),
             .origin_default = HX_FORM_TEXT("https://api.mexc.com"),
             .key_setting = HX_FORM_TEXT("MEXC_API_KEY"),
             .secret_name = HX_FORM_TEXT("MEXC_API_SECRET")},
    .budgets = {{HX_SPEND_ORDERS, 2 * HX_MS_PER_SECOND, 4}, {HX_SPEND_WEIGHT, 2 * HX_MS_PER_SECOND, 20}},
    .traits = {.has_stops = true, .stops_by_figures = true},
    .needs_rules = true,
    .query_stages = 1,
    .mode_may_be_untold = true,
    .setting_stages = 2,
    .leverage_per_side = true,
    .rules_codes = rules_codes,
    .encode_time = encode_time,
    .encode_rules = encode_rules,
    .encode_mark_price = encode_mark_price,
    .encode_leverage = encode_leverage,
    .encode_position_mode = encode_position_mode,
    .encode_setting = encode_setting,
    .encode_order = encode_order,
    .encode_query = encode_query,
    .encode_cancel = encode_cancel,
    .encode_fills = encode_fills,
    .encode_position = encode_position,
    .encode_equity = encode_equity,
    .encode_stop = hx_mexc_futures_encode_stop,
    .encode_stop_query = hx_mexc_futures_encode_stop_query,
    .encode_stop_history = hx_mexc_futures_encode_stop_history,
    .encode_stop_cancel = hx_mexc_futures_encode_stop_cancel,
    .decode_time = hx_mexc_futures_decode_time,
    .decode_rules = hx_mexc_futures_decode_rules,
    .decode_mark_price = hx_mexc_futures_decode_mark_price,
    .decode_leverage = hx_mexc_futures_decode_leverage,
    .decode_position_mode = hx_mexc_futures_decode_position_mode,
    .decode_setting = hx_mexc_futures_decode_setting,
    .decode_order = hx_mexc_futures_decode_order,
    .decode_query = hx_mexc_futures_decode_query,
    .decode_cancel = hx_mexc_futures_decode_cancel,
    .decode_fills = hx_mexc_futures_decode_fills,
    .decode_position = hx_mexc_futures_decode_position,
    .decode_equity = hx_mexc_futures_decode_equity,
    .decode_stop = hx_mexc_futures_decode_stop,
    .decode_stop_query = hx_mexc_futures_decode_stop_query,
    .decode_stop_cancel = hx_mexc_futures_decode_stop_cancel,
    .read_usage = hx_mexc_futures_read_usage,
};
