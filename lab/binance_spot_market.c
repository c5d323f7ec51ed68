/* Spot's public endpoints: rules and prices. */
#include "lab/binance_spot.h"

#define RAW_REQUESTS_PER_5M 61000

static void write8(struct hx_lab_call *call, const char *name, hx_lab_amount amount) {
    hx_lab_write_fixed(call, name, amount, HX_LAB_PLACES);
}

static void write_limit(struct hx_lab_call *call, const char *type, const char *interval, int64_t number,
                        uint32_t limit) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "rateLimitType", type);
    hx_lab_write_c(call, "interval", interval);
    hx_json_write_i64(&call->json, "intervalNum", number);
    hx_json_write_i64(&call->json, "limit", limit);
    hx_json_close_object(&call->json);
}

static void open_filter(struct hx_lab_call *call, const char *type) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "filterType", type);
}

static void write_lot(struct hx_lab_call *call, const char *type, hx_lab_amount min, hx_lab_amount max,
                      hx_lab_amount step) {
    open_filter(call, type);
    write8(call, "minQty", min);
    write8(call, "maxQty", max);
    write8(call, "stepSize", step);
    hx_json_close_object(&call->json);
}

static void write_count_filter(struct hx_lab_call *call, const char *type, const char *member, int64_t limit) {
    open_filter(call, type);
    hx_json_write_i64(&call->json, member, limit);
    hx_json_close_object(&call->json);
}

static void write_band(struct hx_lab_call *call) {
    open_filter(call, "PERCENT_PRICE_BY_SIDE");
    hx_lab_write_c(call, "bidMultiplierUp", "5");
    hx_lab_write_c(call, "bidMultiplierDown", "0.2");
    hx_lab_write_c(call, "askMultiplierUp", "5");
    hx_lab_write_c(call, "askMultiplierDown", "0.2");
    hx_json_write_i64(&call->json, "avgPriceMins", 5);
    hx_json_close_object(&call->json);
}

static void write_trailing(struct hx_lab_call *call) {
    open_filter(call, "TRAILING_DELTA");
    hx_json_write_i64(&call->json, "minTrailingAboveDelta", HX_LAB_SPOT_TRAILING_MIN);
    hx_json_write_i64(&call->json, "maxTrailingAboveDelta", HX_LAB_SPOT_TRAILING_MAX);
    hx_json_write_i64(&call->json, "minTrailingBelowDelta", HX_LAB_SPOT_TRAILING_MIN);
    hx_json_write_i64(&call->json, "maxTrailingBelowDelta", HX_LAB_SPOT_TRAILING_MAX);
    hx_json_close_object(&call->json);
}

/* The market lot has the zero step that many real symbols have: the step is then LOT_SIZE's. */
static void write_filters(struct hx_lab_call *call, const struct hx_lab_market *market) {
    hx_json_open_array(&call->json, "filters");
    open_filter(call, "PRICE_FILTER");
    write8(call, "minPrice", market->price_min);
    write8(call, "maxPrice", market->price_max);
    write8(call, "tickSize", market->tick);
    hx_json_close_object(&call->json);
    write_lot(call, "LOT_SIZE", market->quantity_min, market->quantity_max, market->step);
    write_count_filter(call, "ICEBERG_PARTS", "limit", 0);
    write_lot(call, "MARKET_LOT_SIZE", 0, market->market_quantity_max, 0);
    write_trailing(call);
    write_band(call);
    open_filter(call, "NOTIONAL");
    write8(call, "minNotional", market->notional_min);
    hx_json_write_bool(&call->json, "applyMinToMarket", true);
    write8(call, "maxNotional", 9000000 * HX_LAB_UNIT);
    hx_json_write_bool(&call->json, "applyMaxToMarket", false);
    hx_json_write_i64(&call->json, "avgPriceMins", 5);
    hx_json_close_object(&call->json);
    write_count_filter(call, "MAX_NUM_ORDERS", "maxNumOrders", HX_LAB_OPEN_ORDERS_PER_SYMBOL_MAX);
    write_count_filter(call, "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", HX_LAB_SPOT_ALGO_ORDERS_MAX);
    hx_json_close_array(&call->json);
}

static void write_texts(struct hx_lab_call *call, const char *name, const char *const *texts, size_t count) {
    hx_json_open_array(&call->json, name);
    for (size_t i = 0; i < count; i++) hx_lab_write_c(call, NULL, texts[i]);
    hx_json_close_array(&call->json);
}

static void write_symbol(struct hx_lab_call *call, const struct hx_lab_market *market) {
    static const char *const types[] = {"LIMIT",           "LIMIT_MAKER", "MARKET",           "STOP_LOSS",
                                        "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"};
    static const char *const stp_modes[] = {"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"};
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_c(call, "status", hx_lab_halted_by_rule(call->lab, market) ? "BREAK" : "TRADING");
    hx_lab_write_c(call, "baseAsset", market->base);
    hx_json_write_i64(json, "baseAssetPrecision", HX_LAB_PLACES);
    hx_lab_write_c(call, "quoteAsset", "USDT");
    hx_json_write_i64(json, "quotePrecision", HX_LAB_PLACES);
    hx_json_write_i64(json, "quoteAssetPrecision", HX_LAB_PLACES);
    hx_json_write_i64(json, "baseCommissionPrecision", HX_LAB_PLACES);
    hx_json_write_i64(json, "quoteCommissionPrecision", HX_LAB_PLACES);
    write_texts(call, "orderTypes", types, sizeof types / sizeof types[0]);
    hx_json_write_bool(json, "icebergAllowed", false);
    hx_json_write_bool(json, "ocoAllowed", false);
    hx_json_write_bool(json, "otoAllowed", false);
    hx_json_write_bool(json, "quoteOrderQtyMarketAllowed", true);
    hx_json_write_bool(json, "allowTrailingStop", true);
    hx_json_write_bool(json, "cancelReplaceAllowed", false);
    hx_json_write_bool(json, "isSpotTradingAllowed", true);
    hx_json_write_bool(json, "isMarginTradingAllowed", false);
    write_filters(call, market);
    hx_json_open_array(json, "permissions");
    hx_json_close_array(json);
    hx_json_open_array(json, "permissionSets");
    hx_json_open_array(json, NULL);
    hx_lab_write_c(call, NULL, "SPOT");
    hx_json_close_array(json);
    hx_json_close_array(json);
    hx_lab_write_c(call, "defaultSelfTradePreventionMode", "EXPIRE_MAKER");
    write_texts(call, "allowedSelfTradePreventionModes", stp_modes, sizeof stp_modes / sizeof stp_modes[0]);
    hx_json_close_object(json);
}

/* Which symbols are asked for: `symbol`, the JSON array `symbols`, or all. */
struct selection {
    const struct hx_lab_market *one;
    hx_str list; /* Inside of the array; empty: all. */
    bool has_list;
};

static bool in_list(hx_str list, const char *name) {
    hx_str item;
    while (hx_str_split(&list, ',', &item)) {
        item = hx_str_trim(item);
        if (item.len < 2 || item.data[0] != '"' || item.data[item.len - 1] != '"') continue;
        if (hx_str_equal(hx_str_slice(item, 1, item.len - 1), hx_str_from_c(name))) return true;
    }
    return false;
}

static uint32_t items_in(hx_str list) {
    uint32_t count = 0;
    hx_str item;
    while (hx_str_split(&list, ',', &item)) count++;
    return count;
}

static bool is_selected(const struct selection *selection, const struct hx_lab_market *market) {
    if (market->product != HX_LAB_SPOT) return false;
    if (selection->one != NULL) return market == selection->one;
    return !selection->has_list || in_list(selection->list, market->name);
}

static bool read_selection(struct hx_lab_call *call, struct selection *selection) {
    struct hx_lab_market *one;
    hx_str list;
    if (!hx_lab_param_market(call, false, &one)) return false;
    selection->one = one;
    selection->has_list = hx_lab_param_find(call, "symbols", &list);
    if (!selection->has_list) return true;
    if (one != NULL) return hx_lab_fail_about(call, -1101, HX_STR("symbol and symbols were both sent."));
    if (list.len < 2 || list.data[0] != '[' || list.data[list.len - 1] != ']') {
        return hx_lab_fail_about(call, -1100, HX_STR("symbols"));
    }
    selection->list = hx_str_slice(list, 1, list.len - 1);
    uint32_t known = 0;
    for (uint32_t i = 0; i < call->lab->market_count; i++) {
        known += is_selected(selection, &call->lab->markets[i]) ? 1 : 0;
    }
    return known == items_in(selection->list) ? true : hx_lab_fail(call, -1121);
}

void hx_lab_spot_get_exchange_info(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_limits *limits = &lab->limits[HX_LAB_SPOT];
    struct hx_json_writer *json = &call->json;
    struct selection selection = {0};
    if (!read_selection(call, &selection)) return;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "timezone", "UTC");
    hx_json_write_i64(json, "serverTime", call->clock);
    hx_json_open_array(json, "rateLimits");
    write_limit(call, "REQUEST_WEIGHT", "MINUTE", 1, limits->weight_per_minute);
    write_limit(call, "ORDERS", "SECOND", 10, limits->orders_per_10s);
    write_limit(call, "ORDERS", "DAY", 1, limits->orders_per_minute);
    write_limit(call, "RAW_REQUESTS", "MINUTE", 5, RAW_REQUESTS_PER_5M);
    hx_json_close_array(json);
    hx_json_open_array(json, "exchangeFilters");
    hx_json_close_array(json);
    hx_json_open_array(json, "symbols");
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (is_selected(&selection, &lab->markets[i])) write_symbol(call, &lab->markets[i]);
    }
    hx_json_close_array(json);
    hx_json_close_object(json);
}

static void write_each(struct hx_lab_call *call,
                       void (*write)(struct hx_lab_call *call, const struct hx_lab_market *market)) {
    struct selection selection = {0};
    if (!read_selection(call, &selection)) return;
    if (selection.one != NULL) {
        write(call, selection.one);
        return;
    }
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = 0; i < call->lab->market_count; i++) {
        if (is_selected(&selection, &call->lab->markets[i])) write(call, &call->lab->markets[i]);
    }
    hx_json_close_array(&call->json);
}

static void write_price(struct hx_lab_call *call, const struct hx_lab_market *market) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    write8(call, "price", hx_lab_book_now(call->lab, market).bid);
    hx_json_close_object(&call->json);
}

static void write_book(struct hx_lab_call *call, const struct hx_lab_market *market) {
    const struct hx_lab_book book = hx_lab_book_now(call->lab, market);
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    write8(call, "bidPrice", book.bid);
    write8(call, "bidQty", market->market_quantity_max);
    write8(call, "askPrice", book.ask);
    write8(call, "askQty", market->market_quantity_max);
    hx_json_close_object(&call->json);
}

void hx_lab_spot_get_ticker_price(struct hx_lab_call *call) {
    write_each(call, write_price);
}
void hx_lab_spot_get_book_ticker(struct hx_lab_call *call) {
    write_each(call, write_book);
}
