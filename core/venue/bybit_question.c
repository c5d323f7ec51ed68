/* Answers to questions and settings: everything but orders and stops. */
#include "core/venue/bybit.h"
#include "core/venue/bybit_codes.h"

#define NANOSECONDS_PER_MS 1000000

struct hx_venue_verdict hx_bybit_decode_time(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             hx_time *venue_time_ms) {
    struct hx_venue_verdict verdict;
    hx_time nanoseconds = 0;
    const struct hx_json *result = hx_bybit_read_result(ctx, answer, HX_VENUE_FOR_QUESTION, &verdict);
    if (result == NULL) return verdict;
    if (!hx_answer_read_ms(result, HX_STR("timeNano"), &nanoseconds)) return hx_answer_unreadable(ctx);
    if (nanoseconds < NANOSECONDS_PER_MS) return hx_answer_unreadable(ctx);
    *venue_time_ms = nanoseconds / NANOSECONDS_PER_MS;
    return verdict;
}

/* The only element of the list, which must be about the symbol; *row NULL: the list is empty. */
static bool find_symbol(const struct hx_json *list, hx_str symbol, const struct hx_json **row) {
    *row = hx_json_at(list, 0);
    if (list->count > 1) return false;
    return *row == NULL || hx_answer_member_equals(*row, HX_STR("symbol"), symbol);
}

/* A maximum that is given for market orders apart, or not. */
static hx_dec market_maximum(const struct hx_json *lot, hx_str name, hx_dec otherwise) {
    hx_dec value = HX_DEC_ZERO;
    return hx_answer_positive_dec(lot, name, &value) ? value : otherwise;
}

static bool read_linear_lot(const struct hx_json *row, struct hx_symbol_rules *rules) {
    const struct hx_json *lot = hx_json_find(row, HX_STR("lotSizeFilter"));
    const struct hx_json *leverage = hx_json_find(row, HX_STR("leverageFilter"));
    hx_dec leverage_max = HX_DEC_ZERO;
    int64_t whole = 0;
    if (!hx_answer_positive_dec(lot, HX_STR("qtyStep"), &rules->step)) return false;
    if (!hx_answer_positive_dec(lot, HX_STR("minOrderQty"), &rules->quantity_min)) return false;
    if (!hx_answer_positive_dec(lot, HX_STR("maxOrderQty"), &rules->quantity_max)) return false;
    rules->market_quantity_max = market_maximum(lot, HX_STR("maxMktOrderQty"), rules->quantity_max);
    rules->notional_min = hx_answer_optional_dec(lot, HX_STR("minNotionalValue"));
    if (!hx_answer_positive_dec(leverage, HX_STR("maxLeverage"), &leverage_max)) return true;
    if (hx_failed(hx_dec_round(leverage_max, 0, HX_ROUND_DOWN, &leverage_max))) return true;
    if (hx_ok(hx_dec_to_i64(leverage_max, &whole)) && whole <= INT32_MAX) rules->leverage_max = (int32_t)whole;
    return true;
}

/* minOrderQty is on its way out, the order's value counts instead; where it is still given it is kept to. */
static bool read_spot_lot(const struct hx_json *row, struct hx_symbol_rules *rules) {
    const struct hx_json *lot = hx_json_find(row, HX_STR("lotSizeFilter"));
    if (!hx_answer_positive_dec(lot, HX_STR("basePrecision"), &rules->step)) return false;
    if (!hx_answer_positive_dec(lot, HX_STR("minOrderQty"), &rules->quantity_min)) rules->quantity_min = rules->step;
    if (!hx_answer_positive_dec(lot, HX_STR("maxLimitOrderQty"), &rules->quantity_max) &&
        !hx_answer_positive_dec(lot, HX_STR("maxOrderQty"), &rules->quantity_max)) {
        return false;
    }
    rules->market_quantity_max = market_maximum(lot, HX_STR("maxMarketOrderQty"), rules->quantity_max);
    rules->notional_min = hx_answer_optional_dec(lot, HX_STR("minOrderAmt"));
    return true;
}

/* The quote of a future is what it is settled in: profit, loss and fees are counted in it. */
static bool read_rules(enum hx_bybit_product product, const struct hx_json *row, struct hx_symbol_rules *rules) {
    const struct hx_json *price = hx_json_find(row, HX_STR("priceFilter"));
    bool spot = product == HX_BYBIT_SPOT;
    hx_str quote = spot ? HX_STR("quoteCoin") : HX_STR("settleCoin");
    if (hx_failed(hx_json_get_str(row, HX_STR("baseCoin"), &rules->base_asset)) || rules->base_asset.len == 0) {
        return false;
    }
    if (hx_failed(hx_json_get_str(row, quote, &rules->quote_asset)) || rules->quote_asset.len == 0) return false;
    rules->tradable = hx_answer_member_equals(row, HX_STR("status"), HX_STR("Trading"));
    if (!hx_answer_positive_dec(price, HX_STR("tickSize"), &rules->tick)) return false;
    rules->price_min = hx_answer_optional_dec(price, HX_STR("minPrice"));
    rules->price_max = hx_answer_optional_dec(price, HX_STR("maxPrice"));
    if (!(spot ? read_spot_lot(row, rules) : read_linear_lot(row, rules))) return false;
    rules->market_step = rules->step;
    rules->market_quantity_min = rules->quantity_min;
    return hx_dec_sign(rules->notional_min) >= 0 && hx_dec_sign(rules->price_min) >= 0 &&
           hx_dec_sign(rules->price_max) >= 0;
}

struct hx_venue_verdict hx_bybit_decode_rules(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                              const struct hx_http_answer *answer, hx_str symbol,
                                              struct hx_symbol_rules *out) {
    struct hx_venue_verdict verdict;
    struct hx_symbol_rules rules = {.symbol = symbol};
    const struct hx_json *row = NULL;
    const struct hx_json *list = hx_bybit_read_list(ctx, answer, HX_VENUE_FOR_QUESTION, &verdict);
    if (list == NULL) return verdict;
    if (!find_symbol(list, symbol, &row)) return hx_answer_unreadable(ctx);
    if (row == NULL) {
        verdict = hx_answer_refuse(ctx, HX_STR("Check the symbol: Bybit does not list it in this market, or it is not "
                                               "traded now."));
        verdict.no_such_symbol = true;
        return verdict;
    }
    if (!read_rules(product, row, &rules)) return hx_answer_unreadable(ctx);
    *out = rules;
    return verdict;
}

struct hx_venue_verdict hx_bybit_decode_mark_price(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str symbol, hx_dec *out) {
    struct hx_venue_verdict verdict;
    const struct hx_json *row = NULL;
    hx_dec price = HX_DEC_ZERO;
    hx_str name = product == HX_BYBIT_SPOT ? HX_STR("lastPrice") : HX_STR("markPrice");
    const struct hx_json *list = hx_bybit_read_list(ctx, answer, HX_VENUE_FOR_QUESTION, &verdict);
    if (list == NULL) return verdict;
    if (!find_symbol(list, symbol, &row) || row == NULL) return hx_answer_unreadable(ctx);
    if (!hx_answer_positive_dec(row, name, &price)) return hx_answer_unreadable(ctx);
    *out = price;
    return verdict;
}

struct hx_venue_verdict hx_bybit_decode_leverage(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str symbol, int32_t leverage) {
    struct hx_venue_verdict verdict;
    (void)symbol;
    (void)leverage;
    hx_bybit_read_result(ctx, answer, HX_VENUE_FOR_SETTING, &verdict);
    return verdict;
}

/* The first of the reasons for which the margin mode was not changed. */
static bool find_reason(const struct hx_json *root, struct hx_venue_failure *failure) {
    const struct hx_json *list = hx_json_find(hx_json_find(root, HX_STR("result")), HX_STR("reasons"));
    const struct hx_json *first = list != NULL && list->type == HX_JSON_ARRAY ? hx_json_at(list, 0) : NULL;
    if (first == NULL) return false;
    if (hx_failed(hx_json_get_i64(first, HX_STR("reasonCode"), &failure->code))) failure->code = 0;
    if (hx_failed(hx_json_get_str(first, HX_STR("reasonMsg"), &failure->words))) failure->words = HX_STR_EMPTY;
    return true;
}

/* With reasons it was not changed, whatever the code says. */
struct hx_venue_verdict hx_bybit_decode_margin_mode(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer) {
    struct hx_venue_failure failure = {0};
    struct hx_venue_verdict verdict;
    hx_bybit_read_result(ctx, answer, HX_VENUE_FOR_SETTING, &verdict);
    bool said = verdict.outcome == HX_OUTCOME_DONE || verdict.position_prevents;
    if (!said || !find_reason(hx_answer_parse(ctx, answer->body), &failure)) return verdict;
    verdict = hx_answer_verdict(ctx, HX_OUTCOME_REJECTED, failure,
                                HX_STR("The account's margin mode stays as it is; Bybit says what keeps it."));
    verdict.position_prevents = true;
    return verdict;
}

/* Portfolio margin is a kind of cross margin; who has asked for it on Bybit keeps it. */
struct hx_venue_verdict hx_bybit_decode_setting(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                hx_str symbol, struct hx_symbol_setting *out) {
    static const struct hx_answer_word modes[] = {
        {"ISOLATED_MARGIN", 1}, {"REGULAR_MARGIN", 0}, {"PORTFOLIO_MARGIN", 0}};
    struct hx_venue_verdict verdict;
    int isolated = 0;
    (void)symbol;
    const struct hx_json *result = hx_bybit_read_result(ctx, answer, HX_VENUE_FOR_QUESTION, &verdict);
    if (result == NULL) return verdict;
    if (!hx_answer_read_word(result, HX_STR("marginMode"), modes, sizeof modes / sizeof modes[0], &isolated)) {
        return hx_answer_unreadable(ctx);
    }
    *out = (struct hx_symbol_setting){.margin_known = true, .isolated = isolated == 1};
    return verdict;
}

/* The two coins in which linear futures are settled can be told from their names: BTCUSDT, BTCUSDT-26DEC25; BTCPERP,
 * BTC-26DEC25. */
static hx_str settle_coin(hx_str symbol) {
    size_t at = 0;
    bool tether = hx_str_ends_with(symbol, HX_STR("USDT")) || hx_str_find(symbol, HX_STR("USDT-"), &at);
    return tether ? HX_STR("USDT") : HX_STR("USDC");
}

/* Of what is bought on spot the fee is kept back, a rebate is paid in the other coin. */
static bool fee_asset_find(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                           struct hx_fill *fill) {
    if (product == HX_BYBIT_LINEAR) {
        fill->fee_asset = settle_coin(symbol);
        return true;
    }
    if (ctx->rules == NULL) return false;
    bool in_base = (fill->side == HX_SIDE_BUY) == (hx_dec_sign(fill->fee) >= 0);
    fill->fee_asset = in_base ? ctx->rules->base_asset : ctx->rules->quote_asset;
    return true;
}

static bool read_side(const struct hx_json *row, enum hx_side *side) {
    *side = hx_answer_member_equals(row, HX_STR("side"), HX_STR("Sell")) ? HX_SIDE_SELL : HX_SIDE_BUY;
    return *side == HX_SIDE_SELL || hx_answer_member_equals(row, HX_STR("side"), HX_STR("Buy"));
}

static bool read_fill(enum hx_bybit_product product, const struct hx_venue_context *ctx, const struct hx_json *row,
                      hx_str symbol, hx_str venue_order_id, struct hx_fill *fill) {
    if (!hx_answer_member_equals(row, HX_STR("symbol"), symbol)) return false;
    if (!hx_answer_member_equals(row, HX_STR("orderId"), venue_order_id)) return false;
    if (!hx_bybit_read_id(row, HX_STR("execId"), &fill->venue_trade_id)) return false;
    fill->venue_order_id = venue_order_id;
    if (!read_side(row, &fill->side)) return false;
    if (!hx_answer_positive_dec(row, HX_STR("execQty"), &fill->quantity)) return false;
    if (!hx_answer_positive_dec(row, HX_STR("execPrice"), &fill->price)) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("execFee"), &fill->fee))) return false;
    if (hx_failed(hx_json_get_bool(row, HX_STR("isMaker"), &fill->maker))) return false;
    if (!hx_answer_read_ms(row, HX_STR("execTime"), &fill->time_ms) || fill->time_ms <= 0) return false;
    bool named = hx_ok(hx_json_get_str(row, HX_STR("feeCurrency"), &fill->fee_asset)) && fill->fee_asset.len > 0;
    return named || fee_asset_find(product, ctx, symbol, fill);
}

/* The venue lists the latest first; a page is handed on from the earliest. False for a fill that is there already. */
static bool page_add(struct hx_fill_page *page, const struct hx_fill *fill) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < page->count; i++) {
        if (hx_str_equal(page->list[i].venue_trade_id, fill->venue_trade_id)) return false;
        if (page->list[i].time_ms < fill->time_ms) at = i + 1;
    }
    for (uint32_t i = page->count; i > at; i--) page->list[i] = page->list[i - 1];
    page->list[at] = *fill;
    page->count++;
    return true;
}

struct hx_venue_verdict hx_bybit_decode_fills(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                              const struct hx_http_answer *answer, hx_str symbol, hx_str venue_order_id,
                                              hx_str page, struct hx_fill_page *out) {
    struct hx_venue_verdict verdict;
    (void)page;
    out->count = 0;
    out->next = HX_STR_EMPTY;
    out->restart = false;
    const struct hx_json *result = hx_bybit_read_result(ctx, answer, HX_VENUE_FOR_QUESTION, &verdict);
    const struct hx_json *list = hx_json_find(result, HX_STR("list"));
    if (result == NULL) return verdict;
    if (list == NULL || list->type != HX_JSON_ARRAY || list->count > HX_BYBIT_PAGE_FILLS) {
        return hx_answer_unreadable(ctx);
    }
    for (const struct hx_json *row = hx_json_first(list); row != NULL; row = hx_json_next(list, row)) {
        struct hx_fill fill = {0};
        if (!hx_answer_member_equals(row, HX_STR("execType"), HX_STR("Trade"))) continue;
        if (!read_fill(product, ctx, row, symbol, venue_order_id, &fill)) return hx_answer_unreadable(ctx);
        if (!page_add(out, &fill)) return hx_answer_unreadable(ctx);
    }
    /* A page that is not full is the last one, though it comes with a cursor too. */
    if (list->count < HX_BYBIT_PAGE_FILLS) return verdict;
    if (hx_failed(hx_json_get_str(result, HX_STR("nextPageCursor"), &out->next))) return hx_answer_unreadable(ctx);
    return out->next.len > HX_VENUE_TOKEN_LEN_MAX ? hx_answer_unreadable(ctx) : verdict;
}

struct hx_venue_verdict hx_bybit_decode_position_mode(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, bool *hedged) {
    struct hx_venue_verdict verdict;
    bool one_way = false;
    bool two_ways = false;
    const struct hx_json *list = hx_bybit_read_list(ctx, answer, HX_VENUE_FOR_QUESTION, &verdict);
    if (list == NULL) return verdict;
    for (const struct hx_json *row = hx_json_first(list); row != NULL; row = hx_json_next(list, row)) {
        int64_t index = -1;
        if (hx_failed(hx_json_get_i64(row, HX_STR("positionIdx"), &index))) return hx_answer_unreadable(ctx);
        if (index == 0) one_way = true;
        if (index == 1 || index == 2) two_ways = true;
    }
    if (one_way == two_ways) return hx_answer_unreadable(ctx);
    *hedged = two_ways;
    return verdict;
}

/* Adds one of the symbol's positions: index 0 the only one, 1 the long and 2 the short one of hedge mode. Sizes have no
 * sign. */
static bool add_position(const struct hx_json *row, hx_str symbol, struct hx_venue_position *out) {
    int64_t index = -1;
    hx_dec size = HX_DEC_ZERO;
    hx_dec pnl = HX_DEC_ZERO;
    if (!hx_answer_member_equals(row, HX_STR("symbol"), symbol)) return false;
    if (hx_failed(hx_json_get_i64(row, HX_STR("positionIdx"), &index)) || index < 0 || index > 2) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("size"), &size)) || hx_dec_sign(size) < 0) return false;
    if (index > 0) out->hedged = true;
    if (hx_answer_read_dec_cut(row, HX_STR("markPrice"), &pnl) && hx_dec_sign(pnl) > 0) out->mark_price = pnl;
    if (hx_dec_is_zero(size)) return true;
    enum hx_side side = HX_SIDE_BUY;
    if (!read_side(row, &side) || (index == 1 && side != HX_SIDE_BUY) || (index == 2 && side != HX_SIDE_SELL)) {
        return false;
    }
    hx_dec *quantity = side == HX_SIDE_BUY ? &out->long_quantity : &out->short_quantity;
    if (!hx_dec_is_zero(*quantity)) return false;
    *quantity = size;
    if (!hx_answer_read_dec_cut(row, HX_STR("avgPrice"), &out->entry_price)) return false;
    if (!hx_answer_read_dec_cut(row, HX_STR("unrealisedPnl"), &pnl)) pnl = HX_DEC_ZERO;
    return hx_ok(hx_dec_add(out->unrealized_pnl, pnl, &out->unrealized_pnl));
}

struct hx_venue_verdict hx_bybit_decode_linear_position(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        struct hx_venue_position *out) {
    struct hx_venue_verdict verdict;
    struct hx_venue_position position = {0};
    const struct hx_json *list = hx_bybit_read_list(ctx, answer, HX_VENUE_FOR_QUESTION, &verdict);
    if (list == NULL) return verdict;
    for (const struct hx_json *row = hx_json_first(list); row != NULL; row = hx_json_next(list, row)) {
        if (!add_position(row, symbol, &position)) return hx_answer_unreadable(ctx);
    }
    bool two = !hx_dec_is_zero(position.long_quantity) && !hx_dec_is_zero(position.short_quantity);
    if (two && !position.hedged) return hx_answer_unreadable(ctx);
    if (hx_failed(hx_dec_subtract(position.long_quantity, position.short_quantity, &position.quantity))) {
        return hx_answer_unreadable(ctx);
    }
    /* Two entries have no common one. */
    if (two) position.entry_price = HX_DEC_ZERO;
    if (!position.hedged) position.long_quantity = position.short_quantity = HX_DEC_ZERO;
    *out = position;
    return verdict;
}

/* The wallet's row of one coin. NULL and DONE: the account has none of it. */
static const struct hx_json *find_coin(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                       hx_str asset, struct hx_venue_verdict *verdict) {
    const struct hx_json *list = hx_bybit_read_list(ctx, answer, HX_VENUE_FOR_QUESTION, verdict);
    if (list == NULL || list->count == 0) return NULL;
    const struct hx_json *coins = hx_json_find(hx_json_at(list, 0), HX_STR("coin"));
    if (list->count > 1 || coins == NULL || coins->type != HX_JSON_ARRAY) {
        *verdict = hx_answer_unreadable(ctx);
        return NULL;
    }
    for (const struct hx_json *coin = hx_json_first(coins); coin != NULL; coin = hx_json_next(coins, coin)) {
        if (hx_answer_member_equals(coin, HX_STR("coin"), asset)) return coin;
    }
    return NULL;
}

struct hx_venue_verdict hx_bybit_decode_spot_position(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str symbol,
                                                      struct hx_venue_position *out) {
    struct hx_venue_verdict verdict;
    struct hx_venue_position position = {0};
    (void)symbol;
    hx_assert(ctx->rules != NULL);
    const struct hx_json *coin = find_coin(ctx, answer, ctx->rules->base_asset, &verdict);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (coin != NULL && !hx_answer_read_dec_cut(coin, HX_STR("walletBalance"), &position.quantity)) {
        return hx_answer_unreadable(ctx);
    }
    /* What is owed is not held. */
    if (hx_dec_sign(position.quantity) < 0) position.quantity = HX_DEC_ZERO;
    *out = position;
    return verdict;
}

/* Bybit gives no figure of what is available of one coin any more; this is what it is made of. */
static hx_dec available_of(const struct hx_json *coin, hx_dec balance) {
    static const hx_str in_use[] = {HX_FORM_TEXT("locked"), HX_FORM_TEXT("totalOrderIM"),
                                    HX_FORM_TEXT("totalPositionIM")};
    for (size_t i = 0; i < sizeof in_use / sizeof in_use[0]; i++) {
        hx_dec used = HX_DEC_ZERO;
        if (!hx_answer_read_dec_cut(coin, in_use[i], &used)) continue;
        if (hx_failed(hx_dec_subtract(balance, used, &balance))) return HX_DEC_ZERO;
    }
    return hx_dec_max(balance, HX_DEC_ZERO);
}

struct hx_venue_verdict hx_bybit_decode_equity(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                               hx_str asset, struct hx_equity *out) {
    struct hx_venue_verdict verdict;
    struct hx_equity equity = {.asset = asset};
    const struct hx_json *coin = find_coin(ctx, answer, asset, &verdict);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (coin != NULL) {
        if (!hx_answer_read_dec_cut(coin, HX_STR("walletBalance"), &equity.wallet_balance)) {
            return hx_answer_unreadable(ctx);
        }
        if (!hx_answer_read_dec_cut(coin, HX_STR("unrealisedPnl"), &equity.unrealized_pnl)) {
            equity.unrealized_pnl = HX_DEC_ZERO;
        }
        equity.available = available_of(coin, equity.wallet_balance);
    }
    *out = equity;
    return verdict;
}

static bool list_holds(const struct hx_json *list, hx_str wanted) {
    if (list == NULL || list->type != HX_JSON_ARRAY) return false;
    for (const struct hx_json *entry = hx_json_first(list); entry != NULL; entry = hx_json_next(list, entry)) {
        if (entry->type == HX_JSON_STRING && hx_str_equal(entry->text, wanted)) return true;
    }
    return false;
}

struct hx_venue_verdict hx_bybit_decode_key_rights(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, struct hx_key_rights *out) {
    struct hx_venue_verdict verdict;
    int64_t read_only = -1;
    const struct hx_json *result = hx_bybit_read_result(ctx, answer, HX_VENUE_FOR_QUESTION, &verdict);
    const struct hx_json *permissions = hx_json_find(result, HX_STR("permissions"));
    const struct hx_json *addresses = hx_json_find(result, HX_STR("ips"));
    if (result == NULL) return verdict;
    if (hx_failed(hx_json_get_i64(result, HX_STR("readOnly"), &read_only))) return hx_answer_unreadable(ctx);
    if (permissions == NULL || permissions->type != HX_JSON_OBJECT) return hx_answer_unreadable(ctx);
    bool spot = product == HX_BYBIT_SPOT;
    const struct hx_json *trading = hx_json_find(permissions, spot ? HX_STR("Spot") : HX_STR("ContractTrade"));
    bool granted = list_holds(trading, spot ? HX_STR("SpotTrade") : HX_STR("Order"));
    bool addresses_known = addresses != NULL && addresses->type == HX_JSON_ARRAY;
    *out = (struct hx_key_rights){
        .may_trade_known = true,
        .may_trade = granted && read_only == 0,
        .may_withdraw_known = true,
        .may_withdraw = list_holds(hx_json_find(permissions, HX_STR("Wallet")), HX_STR("Withdraw")) && read_only == 0,
        .address_known = addresses_known,
        .bound_to_address = addresses_known && addresses->count > 0 && !list_holds(addresses, HX_STR("*"))};
    return verdict;
}
