/* The decoders of questions and settings: everything but orders. */
#include "core/venue/binance_answer.h"
#include "core/venue/binance_futures.h"

struct hx_venue_verdict hx_binance_decode_time(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                               hx_time *venue_time_ms) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
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
    if (hx_failed(hx_json_get_dec(filter, HX_STR("stepSize"), step)) || hx_dec_sign(*step) <= 0) return false;
    if (hx_failed(hx_json_get_dec(filter, HX_STR("minQty"), min)) || hx_dec_sign(*min) < 0) return false;
    return hx_ok(hx_json_get_dec(filter, HX_STR("maxQty"), max)) && hx_dec_sign(*max) > 0;
}

/* Tick and steps come from the filters: pricePrecision and quantityPrecision are something else (Binance's words). */
static bool read_rules(const struct hx_json *root, struct hx_symbol_rules *rules) {
    const struct hx_json *price = find_filter(root, HX_STR("PRICE_FILTER"));
    const struct hx_json *lot = find_filter(root, HX_STR("LOT_SIZE"));
    const struct hx_json *market_lot = find_filter(root, HX_STR("MARKET_LOT_SIZE"));
    if (hx_failed(hx_json_get_str(root, HX_STR("baseAsset"), &rules->base_asset))) return false;
    if (hx_failed(hx_json_get_str(root, HX_STR("quoteAsset"), &rules->quote_asset))) return false;
    rules->tradable = hx_answer_member_equals(root, HX_STR("status"), HX_STR("TRADING"));
    if (hx_failed(hx_json_get_dec(price, HX_STR("tickSize"), &rules->tick))) return false;
    if (hx_dec_sign(rules->tick) <= 0) return false;
    rules->price_min = hx_answer_optional_dec(price, HX_STR("minPrice"));
    rules->price_max = hx_answer_optional_dec(price, HX_STR("maxPrice"));
    if (!read_lot(lot, &rules->step, &rules->quantity_min, &rules->quantity_max)) return false;
    if (!read_lot(market_lot, &rules->market_step, &rules->market_quantity_min, &rules->market_quantity_max)) {
        rules->market_step = rules->step;
        rules->market_quantity_min = rules->quantity_min;
        rules->market_quantity_max = rules->quantity_max;
    }
    rules->notional_min = hx_answer_optional_dec(find_filter(root, HX_STR("MIN_NOTIONAL")), HX_STR("notional"));
    return true;
}

struct hx_venue_verdict hx_binance_decode_rules(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                hx_str symbol, struct hx_symbol_rules *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    if (answer->body.len == 0) {
        return hx_answer_refuse(ctx, HX_STR("Check the symbol: Binance USD-M futures does not know it."));
    }
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    struct hx_symbol_rules rules = {.symbol = symbol};
    if (!hx_answer_member_equals(root, HX_STR("symbol"), symbol)) return hx_answer_unreadable(ctx);
    if (!read_rules(root, &rules)) return hx_answer_unreadable(ctx);
    *out = rules;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_decode_mark_price(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol, hx_dec *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    hx_dec price = HX_DEC_ZERO;
    if (!hx_answer_member_equals(root, HX_STR("symbol"), symbol)) return hx_answer_unreadable(ctx);
    if (hx_failed(hx_json_get_dec(root, HX_STR("markPrice"), &price))) return hx_answer_unreadable(ctx);
    if (hx_dec_sign(price) <= 0) return hx_answer_unreadable(ctx);
    *out = price;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_decode_leverage(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str symbol,
                                                   int32_t leverage) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_SETTING);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    int64_t now = 0;
    if (!hx_answer_member_equals(root, HX_STR("symbol"), symbol)) return hx_answer_unreadable(ctx);
    if (hx_failed(hx_json_get_i64(root, HX_STR("leverage"), &now)) || now != leverage) {
        return hx_answer_unreadable(ctx);
    }
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_decode_margin_mode(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_SETTING);
    int64_t code = 0;
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    if (hx_failed(hx_json_get_i64(root, HX_STR("code"), &code)) || code != 200) return hx_answer_unreadable(ctx);
    return hx_answer_done();
}

static bool read_fill(const struct hx_venue_context *ctx, const struct hx_json *row, hx_str symbol,
                      hx_str venue_order_id, int64_t *id, struct hx_fill *fill) {
    int64_t order_id = 0;
    if (!hx_answer_member_equals(row, HX_STR("symbol"), symbol)) return false;
    if (!hx_answer_read_id(ctx, row, HX_STR("id"), id, &fill->venue_trade_id)) return false;
    if (hx_failed(hx_json_get_i64(row, HX_STR("orderId"), &order_id))) return false;
    int64_t wanted = 0;
    if (hx_failed(hx_str_parse_i64(venue_order_id, &wanted)) || order_id != wanted) return false;
    fill->venue_order_id = venue_order_id;
    if (!hx_binance_read_side(row, &fill->side)) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("qty"), &fill->quantity))) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("price"), &fill->price))) return false;
    if (hx_dec_sign(fill->quantity) <= 0 || hx_dec_sign(fill->price) <= 0) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("commission"), &fill->fee))) return false;
    if (hx_failed(hx_json_get_str(row, HX_STR("commissionAsset"), &fill->fee_asset))) return false;
    fill->realized_pnl = hx_answer_optional_dec(row, HX_STR("realizedPnl"));
    if (hx_failed(hx_json_get_bool(row, HX_STR("maker"), &fill->maker))) return false;
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

struct hx_venue_verdict hx_binance_decode_fills(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                hx_str symbol, hx_str venue_order_id, hx_str page,
                                                struct hx_fill_page *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    int64_t ids[HX_VENUE_PAGE_FILLS_MAX];
    int64_t from_id = 0;
    out->count = 0;
    out->next = HX_STR_EMPTY;
    out->restart = false;
    if (page.len > 0 && hx_failed(hx_str_parse_i64(page, &from_id))) return hx_answer_unreadable(ctx);
    if (root == NULL || root->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    if (root->count > HX_VENUE_PAGE_FILLS_MAX) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(root); row != NULL; row = hx_json_next(root, row)) {
        struct hx_fill fill = {0};
        int64_t id = 0;
        if (!read_fill(ctx, row, symbol, venue_order_id, &id, &fill)) return hx_answer_unreadable(ctx);
        if (id < from_id || !hx_fill_page_insert(out, ids, id, &fill)) return hx_answer_unreadable(ctx);
    }
    if (out->count < HX_VENUE_PAGE_FILLS_MAX) return hx_answer_done();
    if (!page_continue(ctx, page.len == 0, ids[out->count - 1], out)) return hx_answer_unreadable(ctx);
    return hx_answer_done();
}

static bool read_position(const struct hx_json *row, struct hx_venue_position *out) {
    if (hx_failed(hx_json_get_dec(row, HX_STR("entryPrice"), &out->entry_price))) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("markPrice"), &out->mark_price))) return false;
    out->unrealized_pnl = hx_answer_optional_dec(row, HX_STR("unRealizedProfit"));
    return true;
}

struct hx_venue_verdict hx_binance_decode_position(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str symbol,
                                                   struct hx_venue_position *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    struct hx_venue_position position = {0};
    if (root == NULL || root->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(root); row != NULL; row = hx_json_next(root, row)) {
        hx_dec amount = HX_DEC_ZERO;
        if (!hx_answer_member_equals(row, HX_STR("symbol"), symbol)) return hx_answer_unreadable(ctx);
        if (hx_failed(hx_json_get_dec(row, HX_STR("positionAmt"), &amount))) return hx_answer_unreadable(ctx);
        if (hx_dec_is_zero(amount)) continue;
        if (!hx_answer_member_equals(row, HX_STR("positionSide"), HX_STR("BOTH"))) {
            return hx_answer_refuse(ctx, HX_STR("hoox trades in one-way mode, but this position is held in hedge "
                                                "mode: set the position mode to one-way on Binance."));
        }
        if (!hx_dec_is_zero(position.quantity) || !read_position(row, &position)) return hx_answer_unreadable(ctx);
        position.quantity = amount;
    }
    *out = position;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_decode_equity(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str asset,
                                                 struct hx_equity *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    struct hx_equity equity = {.asset = asset};
    if (root == NULL || root->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(root); row != NULL; row = hx_json_next(root, row)) {
        if (!hx_answer_member_equals(row, HX_STR("asset"), asset)) continue;
        if (hx_failed(hx_json_get_dec(row, HX_STR("balance"), &equity.wallet_balance))) {
            return hx_answer_unreadable(ctx);
        }
        if (hx_failed(hx_json_get_dec(row, HX_STR("availableBalance"), &equity.available))) {
            return hx_answer_unreadable(ctx);
        }
        equity.unrealized_pnl = hx_answer_optional_dec(row, HX_STR("crossUnPnl"));
        break;
    }
    *out = equity;
    return hx_answer_done();
}
