/* The public endpoints: time, rules, prices, price limits, maintenance. */
#include "lab/bybit.h"

#define LAUNCHED ((int64_t)1585526400000)
#define FUNDING_MS (8 * HX_MS_PER_HOUR)
#define PAGE_ROOM 2048 /* Bytes that one more row may take. */

void hx_lab_bybit_get_time(struct hx_lab_call *call) {
    char text[32];
    struct hx_buf nano;
    hx_buf_init(&nano, text, sizeof text);
    hx_buf_add_i64(&nano, call->clock);
    hx_buf_add_c(&nano, "000000");
    hx_lab_bybit_open(call, "OK");
    hx_lab_write_i64_text(call, "timeSecond", call->clock / HX_MS_PER_SECOND);
    hx_json_write_str(&call->json, "timeNano", hx_buf_str(&nano));
    hx_lab_bybit_close(call);
}

/* Rules. */

static const char *market_status(const struct hx_lab *lab, const struct hx_lab_market *market) {
    return hx_lab_halted_by_rule(lab, market) ? "Closed" : "Trading";
}

static void write_linear_filters(struct hx_lab_call *call, const struct hx_lab_market *market) {
    struct hx_json_writer *json = &call->json;
    const uint32_t price_places = hx_lab_bybit_places(market->tick);
    const uint32_t places = hx_lab_bybit_places(market->step);
    hx_json_open_object(json, "leverageFilter");
    hx_lab_write_c(call, "minLeverage", "1");
    hx_lab_write_fixed(call, "maxLeverage", (hx_lab_amount)market->leverage_max * HX_LAB_UNIT, 2);
    hx_lab_write_c(call, "leverageStep", "1.00");
    hx_json_close_object(json);
    hx_json_open_object(json, "priceFilter");
    hx_lab_write_fixed(call, "minPrice", market->price_min, price_places);
    hx_lab_write_fixed(call, "maxPrice", market->price_max, price_places);
    hx_lab_write_fixed(call, "tickSize", market->tick, price_places);
    hx_json_close_object(json);
    hx_json_open_object(json, "lotSizeFilter");
    hx_lab_write_fixed(call, "maxOrderQty", market->quantity_max, places);
    hx_lab_write_fixed(call, "minOrderQty", market->quantity_min, places);
    hx_lab_write_fixed(call, "qtyStep", market->step, places);
    hx_lab_write_fixed(call, "postOnlyMaxOrderQty", market->quantity_max, places);
    hx_lab_write_fixed(call, "maxMktOrderQty", market->market_quantity_max, places);
    hx_lab_write_short(call, "minNotionalValue", market->notional_min);
    hx_json_close_object(json);
}

static void write_linear(struct hx_lab_call *call, const struct hx_lab_market *market) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", market->wire);
    hx_lab_write_c(call, "contractType", "LinearPerpetual");
    hx_lab_write_c(call, "status", market_status(call->lab, market));
    hx_lab_write_c(call, "baseCoin", market->base);
    hx_lab_write_c(call, "quoteCoin", "USDT");
    hx_lab_write_c(call, "settleCoin", "USDT");
    hx_lab_write_c(call, "symbolType", "");
    hx_lab_write_i64_text(call, "launchTime", LAUNCHED);
    hx_lab_write_c(call, "deliveryTime", "0");
    hx_lab_write_c(call, "deliveryFeeRate", "");
    hx_lab_write_i64_text(call, "priceScale", hx_lab_bybit_places(market->tick));
    write_linear_filters(call, market);
    hx_json_write_bool(json, "unifiedMarginTrade", true);
    hx_json_write_i64(json, "fundingInterval", FUNDING_MS / HX_MS_PER_MINUTE);
    hx_lab_write_c(call, "copyTrading", "none");
    hx_lab_write_c(call, "upperFundingRate", "0.00375");
    hx_lab_write_c(call, "lowerFundingRate", "-0.00375");
    hx_lab_write_c(call, "displayName", "");
    hx_json_write_bool(json, "forbidUplWithdrawal", false);
    hx_json_write_bool(json, "isPreListing", false);
    hx_json_write_null(json, "preListingInfo");
    hx_json_close_object(json);
}

/* minOrderQty is published and no longer checked: the step and the minimum amount are. */
static void write_spot(struct hx_lab_call *call, const struct hx_lab_market *market) {
    struct hx_json_writer *json = &call->json;
    const uint32_t places = hx_lab_bybit_places(market->step);
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", market->wire);
    hx_lab_write_c(call, "baseCoin", market->base);
    hx_lab_write_c(call, "quoteCoin", "USDT");
    hx_lab_write_c(call, "symbolType", "");
    hx_lab_write_c(call, "status", market_status(call->lab, market));
    hx_lab_write_c(call, "marginTrading", "none");
    hx_lab_write_c(call, "stTag", "0");
    hx_json_open_object(json, "lotSizeFilter");
    hx_lab_write_fixed(call, "basePrecision", market->step, places);
    hx_lab_write_short(call, "quotePrecision", hx_lab_amount_multiply(market->tick, market->step));
    hx_lab_write_fixed(call, "minOrderQty", market->quantity_min, places);
    hx_lab_write_fixed(call, "maxOrderQty", market->quantity_max, places);
    hx_lab_write_short(call, "minOrderAmt", market->notional_min);
    hx_lab_write_c(call, "maxOrderAmt", "8000000");
    hx_lab_write_fixed(call, "maxLimitOrderQty", market->quantity_max, places);
    hx_lab_write_fixed(call, "maxMarketOrderQty", market->market_quantity_max, places);
    hx_lab_write_fixed(call, "postOnlyMaxLimitOrderSize", market->quantity_max, places);
    hx_json_close_object(json);
    hx_json_open_object(json, "priceFilter");
    hx_lab_write_fixed(call, "tickSize", market->tick, hx_lab_bybit_places(market->tick));
    hx_json_close_object(json);
    hx_json_open_object(json, "riskParameters");
    hx_lab_write_c(call, "priceLimitRatioX", "0.8");
    hx_lab_write_c(call, "priceLimitRatioY", "4");
    hx_json_close_object(json);
    hx_json_close_object(json);
}

/* What is asked for; only what trades, unless `status` says otherwise. */
struct wanted {
    const struct hx_lab_market *one;
    hx_str base;
    bool closed;
};

static bool is_wanted(const struct hx_lab_call *call, const struct wanted *wanted, const struct hx_lab_market *market) {
    if (market->product != call->product || (wanted->one != NULL && wanted->one != market)) return false;
    if (wanted->base.len > 0 && !hx_str_equal(wanted->base, hx_str_from_c(market->base))) return false;
    return hx_lab_halted_by_rule(call->lab, market) == wanted->closed;
}

static bool read_wanted(struct hx_lab_call *call, struct wanted *wanted, bool *none) {
    static const char *const statuses[] = {"Trading", "Closed", "PreLaunch", "Delivering", NULL};
    struct hx_lab_market *one;
    uint32_t status = 0;
    if (!hx_lab_bybit_read_category(call, false) || !hx_lab_bybit_market(call, false, &one)) return false;
    if (!hx_lab_bybit_word(call, "status", statuses, &status)) return false;
    wanted->one = one;
    wanted->closed = status == 1;
    wanted->base = HX_STR_EMPTY;
    *none = status > 1;
    return call->product == HX_LAB_SPOT || hx_lab_bybit_text(call, "baseCoin", &wanted->base);
}

void hx_lab_bybit_get_instruments(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct wanted wanted;
    bool none;
    bool present;
    int64_t limit = 500;
    uint64_t index = 0;
    if (!read_wanted(call, &wanted, &none)) return;
    const bool spot = call->product == HX_LAB_SPOT;
    if (!spot) {
        if (!hx_lab_bybit_int(call, "limit", &present, &limit) || !hx_lab_bybit_cursor(call, &index)) return;
        if (limit < 1 || limit > 1000) {
            (void)hx_lab_bybit_fail_with(call, "params error: limit invalid");
            return;
        }
    }
    hx_lab_bybit_open(call, "OK");
    hx_lab_bybit_write_category(call);
    hx_json_open_array(&call->json, "list");
    for (; index < lab->market_count && !none; index++) {
        const struct hx_lab_market *market = &lab->markets[index];
        if (!is_wanted(call, &wanted, market)) continue;
        if (!spot && (limit == 0 || call->body.len_max - call->body.len < PAGE_ROOM)) break;
        if (spot) {
            write_spot(call, market);
        } else {
            write_linear(call, market);
        }
        limit--;
    }
    hx_json_close_array(&call->json);
    if (!spot) hx_lab_bybit_write_cursor(call, index < lab->market_count && !none ? index : 0);
    hx_lab_bybit_close(call);
}

/* Prices. */

static void write_price(struct hx_lab_call *call, const struct hx_lab_market *market, const char *name,
                        hx_lab_amount price) {
    hx_lab_write_fixed(call, name, price, hx_lab_bybit_places(market->tick));
}

static void write_mark(struct hx_lab_call *call, const struct hx_lab_market *market, hx_lab_amount mark) {
    const uint32_t places = hx_lab_bybit_places(market->tick);
    hx_lab_write_fixed(call, "markPrice", mark, places);
    hx_lab_write_fixed(call, "indexPrice", mark, places);
    hx_lab_write_c(call, "fundingRate", "0.0001");
    hx_lab_write_i64_text(call, "nextFundingTime", (call->clock / FUNDING_MS + 1) * FUNDING_MS);
    hx_lab_write_c(call, "fundingIntervalHour", "8");
    hx_lab_write_c(call, "fundingCap", "0.005");
    hx_lab_write_c(call, "openInterest", "0");
    hx_lab_write_c(call, "openInterestValue", "0");
    hx_lab_write_c(call, "predictedDeliveryPrice", "");
    hx_lab_write_c(call, "basisRate", "");
    hx_lab_write_c(call, "basis", "");
    hx_lab_write_c(call, "deliveryFeeRate", "");
    hx_lab_write_c(call, "deliveryTime", "0");
}

void hx_lab_bybit_write_ticker(struct hx_lab_call *call, const struct hx_lab_market *market) {
    const struct hx_lab_book book = hx_lab_book_now(call->lab, market);
    const struct hx_lab_book before = hx_lab_book_at(call->lab, market, call->lab->now - HX_MS_PER_DAY);
    hx_lab_write_c(call, "symbol", market->wire);
    write_price(call, market, "lastPrice", book.bid);
    write_price(call, market, "bid1Price", book.bid);
    hx_lab_write_short(call, "bid1Size", market->market_quantity_max);
    write_price(call, market, "ask1Price", book.ask);
    hx_lab_write_short(call, "ask1Size", market->market_quantity_max);
    write_price(call, market, "prevPrice24h", before.bid);
    hx_lab_write_fixed(call, "price24hPcnt", hx_lab_amount_divide(book.bid - before.bid, before.bid), 4);
    write_price(call, market, "highPrice24h", book.bid > before.bid ? book.bid : before.bid);
    write_price(call, market, "lowPrice24h", hx_lab_amount_min(book.bid, before.bid));
    hx_lab_write_c(call, "turnover24h", "0");
    hx_lab_write_c(call, "volume24h", "0");
    if (market->product == HX_LAB_SPOT) {
        hx_lab_write_short(call, "usdIndexPrice", book.mark);
    } else {
        write_mark(call, market, book.mark);
    }
}

void hx_lab_bybit_get_tickers(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *one;
    if (!hx_lab_bybit_read_category(call, false) || !hx_lab_bybit_market(call, false, &one)) return;
    hx_lab_bybit_open(call, "OK");
    hx_lab_bybit_write_category(call);
    hx_json_open_array(&call->json, "list");
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_market *market = &lab->markets[i];
        if (market->product != call->product || (one != NULL && one != market)) continue;
        hx_json_open_object(&call->json, NULL);
        hx_lab_bybit_write_ticker(call, market);
        hx_json_close_object(&call->json);
    }
    hx_json_close_array(&call->json);
    hx_lab_bybit_close(call);
}

/* The band that orders are held to: five percent for linear, a fifth to five times for spot. */
void hx_lab_bybit_get_price_limit(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    hx_str category;
    if (!hx_lab_bybit_text(call, "category", &category)) return;
    if (category.len > 0 && !hx_lab_bybit_read_category(call, false)) return;
    if (!hx_lab_bybit_market(call, true, &market)) return;
    const bool spot = market->product == HX_LAB_SPOT;
    const hx_lab_amount mark = hx_lab_book_now(call->lab, market).mark;
    const hx_lab_amount high = spot ? hx_lab_amount_scale(mark, 5, 1) : mark + mark / 20;
    const hx_lab_amount low = spot ? mark / 5 : mark - mark / 20;
    hx_lab_bybit_open(call, "");
    hx_lab_write_c(call, "symbol", market->wire);
    write_price(call, market, "buyLmt", hx_lab_amount_floor_step(high, market->tick));
    write_price(call, market, "sellLmt", hx_lab_amount_floor_step(low + market->tick - 1, market->tick));
    hx_lab_write_i64_text(call, "ts", call->clock);
    hx_lab_bybit_close(call);
}

/* Maintenance. */

static bool is_closed_for_maintenance(const struct hx_lab *lab) {
    for (uint32_t i = 0; i < lab->rule_count; i++) {
        const struct hx_lab_rule *rule = &lab->rules[i];
        const bool alive = rule->fault.count < 0 || rule->applied < (uint32_t)rule->fault.count;
        if (rule->fault.kind == HX_LAB_FAULT_MAINTENANCE && alive) return true;
    }
    return false;
}

static void write_numbers(struct hx_lab_call *call, const char *name, int64_t to) {
    hx_json_open_array(&call->json, name);
    for (int64_t i = 1; i <= to; i++) hx_json_write_i64(&call->json, NULL, i);
    hx_json_close_array(&call->json);
}

/* An entry while a rule for maintenance lasts. */
void hx_lab_bybit_get_status(struct hx_lab_call *call) {
    struct hx_json_writer *json = &call->json;
    hx_str state;
    hx_str id;
    const hx_str own_id = HX_STR("00000000-0000-4000-8000-000000000001");
    if (!hx_lab_bybit_text(call, "state", &state) || !hx_lab_bybit_text(call, "id", &id)) return;
    const bool fits_state = state.len == 0 || hx_str_equal(state, HX_STR("ongoing"));
    const bool fits_id = id.len == 0 || hx_str_equal(id, own_id);
    hx_lab_bybit_open(call, "");
    hx_json_open_array(json, "list");
    if (is_closed_for_maintenance(call->lab) && fits_state && fits_id) {
        hx_json_open_object(json, NULL);
        hx_json_write_str(json, "id", own_id);
        hx_lab_write_c(call, "title", "Laboratory maintenance");
        hx_lab_write_c(call, "state", "ongoing");
        hx_lab_write_i64_text(call, "begin", call->clock);
        hx_lab_write_i64_text(call, "end", call->clock + HX_MS_PER_HOUR);
        hx_lab_write_c(call, "href", "");
        write_numbers(call, "serviceTypes", 5);
        write_numbers(call, "product", 2);
        write_numbers(call, "uidSuffix", 0);
        hx_json_write_i64(json, "maintainType", 2);
        hx_json_write_i64(json, "env", 1);
        hx_json_close_object(json);
    }
    hx_json_close_array(json);
    hx_lab_bybit_close(call);
}
