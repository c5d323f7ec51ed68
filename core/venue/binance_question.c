/* The decoders of questions that both products answer alike: time, rules, prices, fills. */
#include "core/venue/binance_answer.h"

struct hx_venue_verdict hx_binance_read_time(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             enum hx_market market, hx_time *venue_time_ms) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, market, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    hx_time time = 0;
    if (hx_failed(hx_json_get_i64(root, HX_STR("serverTime"), &time)) || time <= 0) return hx_answer_unreadable(ctx);
    *venue_time_ms = time;
    return hx_answer_done();
}

static const struct hx_json *find_filter(const struct hx_json *symbol, hx_str type) {
    const struct hx_json *filters = hx_json_find(symbol, HX_STR("filters"));
    if (filters == NULL || filters->type != HX_JSON_ARRAY) return NULL;
    for (const struct hx_json *f = hx_json_first(filters); f != NULL; f = hx_json_next(filters, f)) {
        if (hx_answer_member_equals(f, HX_STR("filterType"), type)) return f;
    }
    return NULL;
}

static bool read_lot(const struct hx_json *filter, hx_dec *step, hx_dec *min, hx_dec *max) {
    if (hx_failed(hx_json_get_dec(filter, HX_STR("stepSize"), step)) || hx_dec_sign(*step) < 0) return false;
    if (hx_failed(hx_json_get_dec(filter, HX_STR("minQty"), min)) || hx_dec_sign(*min) < 0) return false;
    return hx_ok(hx_json_get_dec(filter, HX_STR("maxQty"), max)) && hx_dec_sign(*max) >= 0;
}

/* Tick and steps come from the filters: pricePrecision and quantityPrecision are something else (Binance's words).
 * Market orders have a filter of their own, instead of that of limit orders. */
static bool read_futures_filters(const struct hx_json *root, struct hx_symbol_rules *rules) {
    const struct hx_json *market_lot = find_filter(root, HX_STR("MARKET_LOT_SIZE"));
    if (!hx_answer_positive_dec(find_filter(root, HX_STR("PRICE_FILTER")), HX_STR("tickSize"), &rules->tick)) {
        return false;
    }
    if (!read_lot(find_filter(root, HX_STR("LOT_SIZE")), &rules->step, &rules->quantity_min, &rules->quantity_max)) {
        return false;
    }
    bool own = read_lot(market_lot, &rules->market_step, &rules->market_quantity_min, &rules->market_quantity_max);
    if (!own || hx_dec_is_zero(rules->market_step) || hx_dec_is_zero(rules->market_quantity_max)) {
        rules->market_step = rules->step;
        rules->market_quantity_min = rules->quantity_min;
        rules->market_quantity_max = rules->quantity_max;
    }
    rules->notional_min = hx_answer_optional_dec(find_filter(root, HX_STR("MIN_NOTIONAL")), HX_STR("notional"));
    return !hx_dec_is_zero(rules->step) && !hx_dec_is_zero(rules->quantity_max);
}

/* A step of zero is no rule: what is left is the asset's own precision. */
static bool step_or_precision(const struct hx_json *root, hx_str precision_name, hx_dec *step) {
    int64_t places = 0;
    if (hx_dec_sign(*step) > 0) return true;
    if (hx_failed(hx_json_get_i64(root, precision_name, &places)) || places < 0 || places > 18) return false;
    return hx_ok(hx_dec_make(1, -(int32_t)places, step));
}

/* Whether a filter's least value is of market orders as well; a filter that is not there or asks for nothing is not. */
static bool applies_to_market(const struct hx_json *filter, hx_str flag) {
    bool applies = true;
    if (hx_dec_is_zero(hx_answer_optional_dec(filter, HX_STR("minNotional")))) return false;
    return hx_failed(hx_json_get_bool(filter, flag, &applies)) || applies;
}

/* The least value is in NOTIONAL, or in MIN_NOTIONAL of older symbols. */
static void read_least_value(const struct hx_json *root, struct hx_symbol_rules *rules) {
    const struct hx_json *notional = find_filter(root, HX_STR("NOTIONAL"));
    const struct hx_json *older = find_filter(root, HX_STR("MIN_NOTIONAL"));
    rules->notional_min = hx_dec_max(hx_answer_optional_dec(notional, HX_STR("minNotional")),
                                     hx_answer_optional_dec(older, HX_STR("minNotional")));
    rules->market_notional_free =
        !applies_to_market(notional, HX_STR("applyMinToMarket")) && !applies_to_market(older, HX_STR("applyToMarket"));
}

/* A market order is valued at the average price of the last minutes, where the limit is said to apply to it. */
static void read_greatest_values(const struct hx_json *notional, struct hx_symbol_rules *rules) {
    bool to_market = false;
    rules->notional_max = hx_answer_optional_dec(notional, HX_STR("maxNotional"));
    if (hx_failed(hx_json_get_bool(notional, HX_STR("applyMaxToMarket"), &to_market)) || !to_market) return;
    rules->market_notional_max = rules->notional_max;
}

/* On spot a market order has to pass LOT_SIZE and, besides, MARKET_LOT_SIZE, whose step and minimum are mostly zero:
 * the stricter of the two holds. */
static bool read_spot_filters(const struct hx_json *root, struct hx_symbol_rules *rules) {
    const struct hx_json *price = find_filter(root, HX_STR("PRICE_FILTER"));
    const struct hx_json *market_lot = find_filter(root, HX_STR("MARKET_LOT_SIZE"));
    hx_dec step = HX_DEC_ZERO;
    hx_dec min = HX_DEC_ZERO;
    hx_dec max = HX_DEC_ZERO;
    if (hx_failed(hx_json_get_dec(price, HX_STR("tickSize"), &rules->tick))) return false;
    if (hx_dec_sign(rules->tick) < 0) return false;
    if (!step_or_precision(root, HX_STR("quoteAssetPrecision"), &rules->tick)) return false;
    if (!read_lot(find_filter(root, HX_STR("LOT_SIZE")), &rules->step, &rules->quantity_min, &rules->quantity_max)) {
        return false;
    }
    if (!step_or_precision(root, HX_STR("baseAssetPrecision"), &rules->step)) return false;
    if (market_lot != NULL && !read_lot(market_lot, &step, &min, &max)) return false;
    rules->market_step = hx_dec_max(step, rules->step);
    rules->market_quantity_min = hx_dec_max(min, rules->quantity_min);
    rules->market_quantity_max = hx_dec_is_zero(max) ? rules->quantity_max : hx_dec_min(max, rules->quantity_max);
    read_least_value(root, rules);
    read_greatest_values(find_filter(root, HX_STR("NOTIONAL")), rules);
    return !hx_dec_is_zero(rules->quantity_max);
}

static bool read_rules(const struct hx_json *root, enum hx_market market, struct hx_symbol_rules *rules) {
    const struct hx_json *price = find_filter(root, HX_STR("PRICE_FILTER"));
    bool spot = market == HX_MARKET_SPOT;
    bool spot_allowed = true;
    if (hx_failed(hx_json_get_str(root, HX_STR("baseAsset"), &rules->base_asset))) return false;
    if (hx_failed(hx_json_get_str(root, HX_STR("quoteAsset"), &rules->quote_asset))) return false;
    if (spot && hx_failed(hx_json_get_bool(root, HX_STR("isSpotTradingAllowed"), &spot_allowed))) return false;
    rules->tradable = spot_allowed && hx_answer_member_equals(root, HX_STR("status"), HX_STR("TRADING"));
    rules->price_min = hx_answer_optional_dec(price, HX_STR("minPrice"));
    rules->price_max = hx_answer_optional_dec(price, HX_STR("maxPrice"));
    return spot ? read_spot_filters(root, rules) : read_futures_filters(root, rules);
}

struct hx_venue_verdict hx_binance_read_rules(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              enum hx_market market, hx_str symbol, struct hx_symbol_rules *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, market, HX_VENUE_FOR_QUESTION);
    if (answer->body.len == 0) {
        return hx_answer_refuse(ctx, market == HX_MARKET_SPOT
                                         ? HX_STR("Check the symbol: Binance spot does not know it.")
                                         : HX_STR("Check the symbol: Binance USD-M futures does not know it."));
    }
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    struct hx_symbol_rules rules = {.symbol = symbol};
    if (!hx_answer_member_equals(root, HX_STR("symbol"), symbol)) return hx_answer_unreadable(ctx);
    if (!read_rules(root, market, &rules)) return hx_answer_unreadable(ctx);
    *out = rules;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_read_price(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              enum hx_market market, hx_str symbol, hx_str price_name, hx_dec *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, market, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    hx_dec price = HX_DEC_ZERO;
    if (!hx_answer_member_equals(root, HX_STR("symbol"), symbol)) return hx_answer_unreadable(ctx);
    if (!hx_answer_positive_dec(root, price_name, &price)) return hx_answer_unreadable(ctx);
    *out = price;
    return hx_answer_done();
}

/* Told for information; where it is not, a fill is a taker's. */
static bool read_maker(const struct hx_json *row, hx_str name, bool *maker) {
    *maker = false;
    return hx_json_find(row, name) == NULL || hx_ok(hx_json_get_bool(row, name, maker));
}

/* Futures name the side and say `maker`; spot says `isBuyer` and `isMaker`. */
static bool read_fill_side(const struct hx_json *row, enum hx_market market, struct hx_fill *fill) {
    bool buyer = false;
    if (market == HX_MARKET_FUTURES) {
        if (!hx_binance_read_side(row, &fill->side)) return false;
        return read_maker(row, HX_STR("maker"), &fill->maker);
    }
    if (hx_failed(hx_json_get_bool(row, HX_STR("isBuyer"), &buyer))) return false;
    fill->side = buyer ? HX_SIDE_BUY : HX_SIDE_SELL;
    return read_maker(row, HX_STR("isMaker"), &fill->maker);
}

/* *own: it is the order's; others may stand in the list, and their figures are nobody's business here. */
static bool read_fill(const struct hx_venue_context *ctx, const struct hx_json *row, enum hx_market market,
                      hx_str symbol, hx_str venue_order_id, int64_t *id, struct hx_fill *fill, bool *own) {
    int64_t order_id = 0;
    int64_t wanted = 0;
    if (!hx_answer_member_equals(row, HX_STR("symbol"), symbol)) return false;
    if (!hx_answer_read_id(ctx, row, HX_STR("id"), id, &fill->venue_trade_id)) return false;
    if (hx_failed(hx_json_get_i64(row, HX_STR("orderId"), &order_id))) return false;
    if (hx_failed(hx_str_parse_i64(venue_order_id, &wanted))) return false;
    *own = order_id == wanted;
    if (!*own) return true;
    fill->venue_order_id = venue_order_id;
    if (!read_fill_side(row, market, fill)) return false;
    if (!hx_answer_positive_dec(row, HX_STR("qty"), &fill->quantity)) return false;
    if (!hx_answer_positive_dec(row, HX_STR("price"), &fill->price)) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("commission"), &fill->fee))) return false;
    if (hx_failed(hx_json_get_str(row, HX_STR("commissionAsset"), &fill->fee_asset))) return false;
    fill->realized_pnl = hx_answer_optional_dec(row, HX_STR("realizedPnl"));
    return hx_ok(hx_json_get_i64(row, HX_STR("time"), &fill->time_ms));
}

/* Without fromId Binance gives the most recent trades, so a full first page may be the end of the list instead of its
 * beginning: then the list is asked for again from id 0, page by page. */
static bool page_continue(const struct hx_venue_context *ctx, bool first, int64_t last_id, struct hx_fill_page *page) {
    struct hx_buf buf;
    if (first) {
        page->restart = true;
        page->next = HX_STR("0");
        return true;
    }
    if (last_id == INT64_MAX || hx_failed(hx_buf_make(&buf, ctx->arena, 20))) return false;
    hx_buf_add_i64(&buf, last_id + 1);
    return hx_ok(hx_buf_finish(&buf, &page->next));
}

struct hx_venue_verdict hx_binance_read_fills(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              enum hx_market market, hx_str symbol, hx_str venue_order_id, hx_str page,
                                              struct hx_fill_page *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, market, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    int64_t ids[HX_VENUE_PAGE_FILLS_MAX];
    int64_t from_id = 0;
    int64_t last_id = 0;
    out->count = 0;
    out->next = HX_STR_EMPTY;
    out->restart = false;
    if (page.len > 0 && hx_failed(hx_str_parse_i64(page, &from_id))) return hx_answer_unreadable(ctx);
    if (root == NULL || root->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    if (root->count > HX_VENUE_PAGE_FILLS_MAX) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(root); row != NULL; row = hx_json_next(root, row)) {
        struct hx_fill fill = {0};
        int64_t id = 0;
        bool own = false;
        if (!read_fill(ctx, row, market, symbol, venue_order_id, &id, &fill, &own)) return hx_answer_unreadable(ctx);
        if (id < from_id) return hx_answer_unreadable(ctx);
        if (own && !hx_fill_page_insert(out, ids, id, &fill)) return hx_answer_unreadable(ctx);
        if (id > last_id) last_id = id;
    }
    if (root->count < HX_VENUE_PAGE_FILLS_MAX) return hx_answer_done();
    if (!page_continue(ctx, page.len == 0, last_id, out)) return hx_answer_unreadable(ctx);
    return hx_answer_done();
}
