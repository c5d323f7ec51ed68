/* Public endpoints: time, rules, prices. */
#include "lab/binance.h"

#define FUNDING_PERIOD_MS (8 * HX_MS_PER_HOUR)

static void write_empty(struct hx_lab_call *call) {
    hx_json_open_object(&call->json, NULL);
    hx_json_close_object(&call->json);
}

void hx_lab_get_ping(struct hx_lab_call *call) {
    write_empty(call);
}

void hx_lab_get_time(struct hx_lab_call *call) {
    hx_json_open_object(&call->json, NULL);
    hx_json_write_i64(&call->json, "serverTime", call->clock);
    hx_json_close_object(&call->json);
}

static void write_rate_limit(struct hx_lab_call *call, const char *type, const char *interval, int64_t count,
                             uint32_t limit) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "rateLimitType", type);
    hx_lab_write_c(call, "interval", interval);
    hx_json_write_i64(&call->json, "intervalNum", count);
    hx_json_write_i64(&call->json, "limit", limit);
    hx_json_close_object(&call->json);
}

static void write_asset(struct hx_lab_call *call, const char *asset) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "asset", asset);
    hx_json_write_bool(&call->json, "marginAvailable", true);
    hx_lab_write_c(call, "autoAssetExchange", "-10000");
    hx_json_close_object(&call->json);
}

static void open_filter(struct hx_lab_call *call, const char *type) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "filterType", type);
}

static void write_lot(struct hx_lab_call *call, const char *type, const struct hx_lab_market *market, hx_lab_amount max,
                      hx_lab_amount step) {
    open_filter(call, type);
    hx_lab_write_fixed(call, "maxQty", max, market->quantity_precision);
    hx_lab_write_fixed(call, "minQty", market->quantity_min, market->quantity_precision);
    hx_lab_write_fixed(call, "stepSize", step, market->quantity_precision);
    hx_json_close_object(&call->json);
}

static void write_count_filter(struct hx_lab_call *call, const char *type, int64_t limit) {
    open_filter(call, type);
    hx_json_write_i64(&call->json, "limit", limit);
    hx_json_close_object(&call->json);
}

static void write_filters(struct hx_lab_call *call, const struct hx_lab_market *market) {
    const uint32_t places = market->price_precision;
    hx_json_open_array(&call->json, "filters");
    open_filter(call, "PRICE_FILTER");
    hx_lab_write_fixed(call, "maxPrice", market->price_max, places);
    hx_lab_write_fixed(call, "minPrice", market->price_min, places);
    hx_lab_write_fixed(call, "tickSize", market->tick, places);
    hx_json_close_object(&call->json);
    write_lot(call, "LOT_SIZE", market, market->quantity_max, market->step);
    write_lot(call, "MARKET_LOT_SIZE", market, market->market_quantity_max, market->market_step);
    write_count_filter(call, "MAX_NUM_ORDERS", HX_LAB_OPEN_ORDERS_PER_SYMBOL_MAX);
    write_count_filter(call, "MAX_NUM_ALGO_ORDERS", 10);
    open_filter(call, "MIN_NOTIONAL");
    hx_lab_write_short(call, "notional", market->notional_min);
    hx_json_close_object(&call->json);
    open_filter(call, "PERCENT_PRICE");
    hx_lab_write_c(call, "multiplierUp", "1.0500");
    hx_lab_write_c(call, "multiplierDown", "0.9500");
    hx_lab_write_c(call, "multiplierDecimal", "4");
    hx_json_close_object(&call->json);
    open_filter(call, "POSITION_RISK_CONTROL");
    hx_lab_write_c(call, "positionControlSide", "NONE");
    hx_lab_write_c(call, "notionalLimit", "0");
    hx_json_close_object(&call->json);
    hx_json_close_array(&call->json);
}

static void write_texts(struct hx_lab_call *call, const char *name, const char *const *texts, size_t count) {
    hx_json_open_array(&call->json, name);
    for (size_t i = 0; i < count; i++) hx_lab_write_c(call, NULL, texts[i]);
    hx_json_close_array(&call->json);
}

static void write_symbol(struct hx_lab_call *call, const struct hx_lab_market *market) {
    static const char *const types[] = {
        "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"};
    static const char *const tifs[] = {"GTC", "IOC", "FOK", "GTX", "GTD"};
    const bool halted = hx_lab_halted_by_rule(call->lab, market);
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_c(call, "pair", market->name);
    hx_lab_write_c(call, "contractType", "PERPETUAL");
    hx_json_write_i64(&call->json, "deliveryDate", 4133404800000);
    hx_json_write_i64(&call->json, "onboardDate", 1569398400000);
    hx_lab_write_c(call, "status", halted ? "SETTLING" : "TRADING");
    hx_lab_write_c(call, "maintMarginPercent", "2.5000");
    hx_lab_write_c(call, "requiredMarginPercent", "5.0000");
    hx_lab_write_c(call, "baseAsset", market->base);
    hx_lab_write_c(call, "quoteAsset", "USDT");
    hx_lab_write_c(call, "marginAsset", "USDT");
    hx_json_write_i64(&call->json, "pricePrecision", market->price_precision);
    hx_json_write_i64(&call->json, "quantityPrecision", market->quantity_precision);
    hx_json_write_i64(&call->json, "baseAssetPrecision", 8);
    hx_json_write_i64(&call->json, "quotePrecision", 8);
    hx_lab_write_c(call, "underlyingType", "COIN");
    hx_lab_write_c(call, "triggerProtect", "0.0500");
    hx_lab_write_c(call, "liquidationFee", "0.012500");
    hx_lab_write_c(call, "marketTakeBound", "0.05");
    write_filters(call, market);
    write_texts(call, "orderTypes", types, sizeof types / sizeof types[0]);
    write_texts(call, "timeInForce", tifs, sizeof tifs / sizeof tifs[0]);
    hx_json_close_object(&call->json);
}

void hx_lab_get_exchange_info(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_limits *limits = &lab->limits[HX_LAB_FUTURES];
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "timezone", "UTC");
    hx_json_write_i64(json, "serverTime", call->clock);
    hx_lab_write_c(call, "futuresType", "U_MARGINED");
    hx_json_open_array(json, "rateLimits");
    write_rate_limit(call, "REQUEST_WEIGHT", "MINUTE", 1, limits->weight_per_minute);
    write_rate_limit(call, "ORDERS", "MINUTE", 1, limits->orders_per_minute);
    write_rate_limit(call, "ORDERS", "SECOND", 10, limits->orders_per_10s);
    hx_json_close_array(json);
    hx_json_open_array(json, "exchangeFilters");
    hx_json_close_array(json);
    hx_json_open_array(json, "assets");
    write_asset(call, "USDT");
    write_asset(call, "BNB");
    hx_json_close_array(json);
    hx_json_open_array(json, "symbols");
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (lab->markets[i].product == HX_LAB_FUTURES) write_symbol(call, &lab->markets[i]);
    }
    hx_json_close_array(json);
    hx_json_close_object(json);
}

/* One symbol answers with an object, none with the array of all. */
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
        if (call->lab->markets[i].product == call->product) write(call, &call->lab->markets[i]);
    }
    hx_json_close_array(&call->json);
}

static void write_premium(struct hx_lab_call *call, const struct hx_lab_market *market) {
    const hx_lab_amount mark = hx_lab_book_now(call->lab, market).mark;
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_fixed(call, "markPrice", mark, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "indexPrice", mark, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "estimatedSettlePrice", mark, HX_LAB_PLACES);
    hx_lab_write_c(call, "lastFundingRate", "0.00010000");
    hx_lab_write_c(call, "interestRate", "0.00010000");
    hx_json_write_i64(&call->json, "nextFundingTime", (call->clock / FUNDING_PERIOD_MS + 1) * FUNDING_PERIOD_MS);
    hx_json_write_i64(&call->json, "time", call->clock);
    hx_json_close_object(&call->json);
}

static void write_price(struct hx_lab_call *call, const struct hx_lab_market *market) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_fixed(call, "price", hx_lab_book_now(call->lab, market).bid, market->price_precision);
    hx_json_write_i64(&call->json, "time", call->clock);
    hx_json_close_object(&call->json);
}

static void write_book(struct hx_lab_call *call, const struct hx_lab_market *market) {
    const struct hx_lab_book book = hx_lab_book_now(call->lab, market);
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_fixed(call, "bidPrice", book.bid, market->price_precision);
    hx_lab_write_fixed(call, "bidQty", market->market_quantity_max, market->quantity_precision);
    hx_lab_write_fixed(call, "askPrice", book.ask, market->price_precision);
    hx_lab_write_fixed(call, "askQty", market->market_quantity_max, market->quantity_precision);
    hx_json_write_i64(&call->json, "time", call->clock);
    hx_json_close_object(&call->json);
}

void hx_lab_get_premium_index(struct hx_lab_call *call) {
    write_each(call, write_premium);
}
void hx_lab_get_ticker_price(struct hx_lab_call *call) {
    write_each(call, write_price);
}
void hx_lab_get_book_ticker(struct hx_lab_call *call) {
    write_each(call, write_book);
}
