/* Spot's public endpoints: time, rules, prices. All numbers are text without trailing zeros. */
#include "lab/mexc.h"

void hx_lab_mexc_spot_get_ping(struct hx_lab_call *call) {
    hx_json_open_object(&call->json, NULL);
    hx_json_close_object(&call->json);
}

void hx_lab_mexc_spot_get_time(struct hx_lab_call *call) {
    hx_json_open_object(&call->json, NULL);
    hx_json_write_i64(&call->json, "serverTime", call->clock);
    hx_json_close_object(&call->json);
}

/* What the names say is not what they hold: baseSizePrecision is the least quantity (and its step), the
 * quoteAmountPrecisions are the least amounts, and only quotePrecision counts decimals, those of the price. */
static void write_rules(struct hx_lab_call *call, const struct hx_lab_market *market) {
    struct hx_json_writer *json = &call->json;
    hx_json_write_i64(json, "baseAssetPrecision", market->quantity_precision);
    hx_lab_write_c(call, "quoteAsset", "USDT");
    hx_json_write_i64(json, "quotePrecision", market->price_precision);
    hx_json_write_i64(json, "quoteAssetPrecision", market->price_precision);
    hx_json_write_i64(json, "baseCommissionPrecision", market->quantity_precision);
    hx_json_write_i64(json, "quoteCommissionPrecision", market->price_precision);
    hx_lab_write_short(call, "quoteAmountPrecision", market->notional_min);
    hx_lab_write_short(call, "baseSizePrecision", market->step);
    hx_lab_write_short(call, "maxQuoteAmount", HX_LAB_MEXC_QUOTE_MAX);
    hx_lab_write_short(call, "makerCommission", call->lab->maker_rate[HX_LAB_SPOT]);
    hx_lab_write_short(call, "takerCommission", call->lab->taker_rate[HX_LAB_SPOT]);
    hx_lab_write_short(call, "quoteAmountPrecisionMarket", market->notional_min);
    hx_lab_write_short(call, "maxQuoteAmountMarket", HX_LAB_MEXC_QUOTE_MAX_MARKET);
}

static void write_filters(struct hx_lab_call *call) {
    hx_json_open_array(&call->json, "filters");
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "filterType", "PERCENT_PRICE_BY_SIDE");
    hx_lab_write_c(call, "bidMultiplierUp", "5");
    hx_lab_write_c(call, "askMultiplierDown", "0.2");
    hx_json_close_object(&call->json);
    hx_json_close_array(&call->json);
}

static void write_symbol(struct hx_lab_call *call, const struct hx_lab_market *market) {
    static const char *const types[] = {"LIMIT", "MARKET", "LIMIT_MAKER", "IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"};
    const bool halted = hx_lab_halted_by_rule(call->lab, market);
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_c(call, "status", halted ? "2" : "1");
    hx_lab_write_c(call, "baseAsset", market->base);
    write_rules(call, market);
    hx_json_open_array(json, "orderTypes");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) hx_lab_write_c(call, NULL, types[i]);
    hx_json_close_array(json);
    hx_json_write_bool(json, "isSpotTradingAllowed", !halted);
    hx_json_write_bool(json, "isMarginTradingAllowed", false);
    hx_json_open_array(json, "permissions");
    hx_lab_write_c(call, NULL, "SPOT");
    hx_json_close_array(json);
    write_filters(call);
    hx_lab_write_c(call, "tradeSideType", halted ? "4" : "1");
    hx_json_write_bool(json, "st", false);
    hx_json_close_object(json);
}

/* `symbol`, the comma-separated `symbols`, or all. */
static bool is_asked(const struct hx_lab_market *market, const struct hx_lab_market *one, hx_str list) {
    hx_str item;
    if (market->product != HX_LAB_SPOT) return false;
    if (one != NULL) return market == one;
    if (list.len == 0) return true;
    while (hx_str_split(&list, ',', &item)) {
        if (hx_str_equal(hx_str_trim(item), hx_str_from_c(market->name))) return true;
    }
    return false;
}

void hx_lab_mexc_spot_get_info(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_json_writer *json = &call->json;
    struct hx_lab_market *one;
    hx_str list = HX_STR_EMPTY;
    if (!hx_lab_param_market(call, false, &one)) return;
    (void)hx_lab_param_find(call, "symbols", &list);
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "timezone", "CST");
    hx_json_write_i64(json, "serverTime", call->clock);
    hx_json_open_array(json, "rateLimits");
    hx_json_close_array(json);
    hx_json_open_array(json, "exchangeFilters");
    hx_json_close_array(json);
    hx_json_open_array(json, "symbols");
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (is_asked(&lab->markets[i], one, list)) write_symbol(call, &lab->markets[i]);
    }
    hx_json_close_array(json);
    hx_json_close_object(json);
}

/* Those that can be traded by API: all that are not halted. */
void hx_lab_mexc_spot_get_symbols(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    hx_json_open_object(&call->json, NULL);
    hx_json_write_i64(&call->json, "code", 200);
    hx_json_open_array(&call->json, "data");
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_market *market = &lab->markets[i];
        if (market->product != HX_LAB_SPOT || hx_lab_halted_by_rule(lab, market)) continue;
        hx_lab_write_c(call, NULL, market->name);
    }
    hx_json_close_array(&call->json);
    hx_json_write_null(&call->json, "msg");
    hx_json_close_object(&call->json);
}

static void write_each(struct hx_lab_call *call,
                       void (*write)(struct hx_lab_call *call, const struct hx_lab_market *market)) {
    struct hx_lab_market *one;
    if (!hx_lab_param_market(call, false, &one)) return;
    if (one != NULL) {
        write(call, one);
        return;
    }
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = 0; i < call->lab->market_count; i++) {
        if (call->lab->markets[i].product == HX_LAB_SPOT) write(call, &call->lab->markets[i]);
    }
    hx_json_close_array(&call->json);
}

static void write_price(struct hx_lab_call *call, const struct hx_lab_market *market) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_short(call, "price", hx_lab_book_now(call->lab, market).bid);
    hx_json_close_object(&call->json);
}

static void write_book(struct hx_lab_call *call, const struct hx_lab_market *market) {
    const struct hx_lab_book book = hx_lab_book_now(call->lab, market);
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_short(call, "bidPrice", book.bid);
    hx_lab_write_short(call, "bidQty", market->market_quantity_max);
    hx_lab_write_short(call, "askPrice", book.ask);
    hx_lab_write_short(call, "askQty", market->market_quantity_max);
    hx_json_close_object(&call->json);
}

void hx_lab_mexc_spot_get_price(struct hx_lab_call *call) {
    write_each(call, write_price);
}
void hx_lab_mexc_spot_get_book(struct hx_lab_call *call) {
    write_each(call, write_book);
}

void hx_lab_mexc_spot_get_average(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, true, &market)) return;
    hx_json_open_object(&call->json, NULL);
    hx_json_write_i64(&call->json, "mins", 5);
    hx_lab_write_short(call, "price", hx_lab_book_now(call->lab, market).mark);
    hx_json_close_object(&call->json);
}
