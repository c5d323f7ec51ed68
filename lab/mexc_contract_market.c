/* Contracts' public endpoints: time, rules, prices. All numbers are JSON numbers. */
#include "lab/mexc.h"

#define FUNDING_PERIOD_MS (8 * HX_MS_PER_HOUR)
#define FUNDING_RATE (HX_LAB_UNIT / 10000)
#define BAND (5 * HX_LAB_UNIT / 100) /* Of the mark; see check.c. */

/* Contracts: base units of one, which is its step and its minimum, and the decimals of that. */
static const struct {
    const char *base;
    hx_dec size;
    uint8_t places;
} contracts[] = {
    {"BTC", {1, -4}, 4}, {"ETH", {1, -2}, 2},     {"SOL", {1, -1}, 1},
    {"DOGE", {1, 1}, 0}, {"1000PEPE", {1, 2}, 0}, {"SRM", {1, 0}, 0},
};

void hx_lab_mexc_fit_symbol(struct hx_lab_symbol *symbol) {
    if (symbol->product != HX_LAB_FUTURES) return;
    symbol->notional_min = hx_dec_from_i64(0);
    for (size_t i = 0; i < sizeof contracts / sizeof contracts[0]; i++) {
        if (!hx_str_equal(hx_str_from_c(contracts[i].base), hx_str_from_c(symbol->base))) continue;
        symbol->contract_size = contracts[i].size;
        symbol->step = contracts[i].size;
        symbol->market_step = contracts[i].size;
        symbol->quantity_min = contracts[i].size;
        symbol->quantity_precision = contracts[i].places;
    }
}

static void number(struct hx_lab_call *call, const char *name, hx_lab_amount amount) {
    hx_lab_write_number(call, name, amount);
}

void hx_lab_mexc_get_ping(struct hx_lab_call *call) {
    hx_lab_mexc_answer_number(call, call->clock);
}

static int64_t places_of(hx_lab_amount amount) {
    int64_t places = HX_LAB_PLACES;
    while (places > 0 && amount % 10 == 0) {
        amount /= 10;
        places--;
    }
    return places;
}

static void write_limits(struct hx_lab_call *call, const struct hx_lab_market *market) {
    const hx_lab_amount size = market->contract_size;
    number(call, "priceUnit", market->tick);
    hx_json_write_i64(&call->json, "priceScale", places_of(market->tick));
    number(call, "volUnit", hx_lab_amount_divide(market->step, size));
    hx_json_write_i64(&call->json, "volScale", places_of(hx_lab_amount_divide(market->step, size)));
    hx_json_write_i64(&call->json, "amountScale", 4);
    number(call, "minVol", hx_lab_amount_divide(market->quantity_min, size));
    number(call, "maxVol", hx_lab_amount_divide(market->market_quantity_max, size));
    number(call, "limitMaxVol", hx_lab_amount_divide(market->quantity_max, size));
    number(call, "bidLimitPriceRate", BAND);
    number(call, "askLimitPriceRate", BAND);
    hx_json_open_array(&call->json, "maxNumOrders");
    hx_json_write_i64(&call->json, NULL, HX_LAB_OPEN_ORDERS_PER_SYMBOL_MAX);
    hx_json_write_i64(&call->json, NULL, HX_LAB_OPEN_ORDERS_PER_SYMBOL_MAX);
    hx_json_close_array(&call->json);
}

/* A contract that is halted is paused; one that is not listed is not here at all. */
static void write_detail(struct hx_lab_call *call, const struct hx_lab_market *market) {
    const struct hx_lab *lab = call->lab;
    struct hx_json_writer *json = &call->json;
    hx_lab_write_c(call, "symbol", market->wire);
    hx_lab_write_c(call, "displayName", market->wire);
    hx_lab_write_c(call, "displayNameEn", market->wire);
    hx_json_write_i64(json, "positionOpenType", 3);
    hx_lab_write_c(call, "baseCoin", market->base);
    hx_lab_write_c(call, "quoteCoin", "USDT");
    hx_lab_write_c(call, "settleCoin", "USDT");
    number(call, "contractSize", market->contract_size);
    hx_json_write_i64(json, "minLeverage", 1);
    hx_json_write_i64(json, "maxLeverage", market->leverage_max);
    write_limits(call, market);
    number(call, "takerFeeRate", lab->taker_rate[HX_LAB_FUTURES]);
    number(call, "makerFeeRate", lab->maker_rate[HX_LAB_FUTURES]);
    number(call, "maintenanceMarginRate", HX_LAB_UNIT / 250);
    number(call, "initialMarginRate", HX_LAB_UNIT / (int64_t)market->leverage_max);
    hx_lab_write_c(call, "riskLimitType", "BY_VALUE");
    hx_json_write_i64(json, "state", hx_lab_halted_by_rule(lab, market) ? 4 : 0);
    hx_json_write_bool(json, "isHidden", false);
    hx_json_write_bool(json, "apiAllowed", true);
    hx_json_write_i64(json, "type", 1);
}

/* One symbol answers with an object, none with the array of all. */
static void answer_each(struct hx_lab_call *call,
                        void (*write)(struct hx_lab_call *call, const struct hx_lab_market *market)) {
    struct hx_lab_market *one;
    if (!hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &one)) return;
    if (one != NULL) {
        hx_lab_mexc_open_object(call);
        write(call, one);
        hx_lab_mexc_close_object(call);
        return;
    }
    hx_lab_mexc_open_array(call);
    for (uint32_t i = 0; i < call->lab->market_count; i++) {
        if (call->lab->markets[i].product != HX_LAB_FUTURES) continue;
        hx_json_open_object(&call->json, NULL);
        write(call, &call->lab->markets[i]);
        hx_json_close_object(&call->json);
    }
    hx_lab_mexc_close_array(call);
}

void hx_lab_mexc_get_detail(struct hx_lab_call *call) {
    answer_each(call, write_detail);
}

/* The symbol that the path carries. */
static const struct hx_lab_market *market_in_path(struct hx_lab_call *call) {
    const struct hx_lab_market *market = hx_lab_find_wire_market(call->lab, HX_LAB_FUTURES, call->segments[0]);
    if (market == NULL) (void)hx_lab_fail(call, 1001);
    return market;
}

static void answer_mark(struct hx_lab_call *call, const char *name) {
    const struct hx_lab_market *market = market_in_path(call);
    if (market == NULL) return;
    hx_lab_mexc_open_object(call);
    hx_lab_write_c(call, "symbol", market->wire);
    number(call, name, hx_lab_book_now(call->lab, market).mark);
    hx_json_write_i64(&call->json, "timestamp", call->clock);
    hx_lab_mexc_close_object(call);
}

void hx_lab_mexc_get_fair_price(struct hx_lab_call *call) {
    answer_mark(call, "fairPrice");
}
void hx_lab_mexc_get_index_price(struct hx_lab_call *call) {
    answer_mark(call, "indexPrice");
}

static void write_ticker(struct hx_lab_call *call, const struct hx_lab_market *market) {
    const struct hx_lab_book book = hx_lab_book_now(call->lab, market);
    const hx_lab_amount band = hx_lab_amount_multiply(book.mark, BAND);
    hx_lab_write_c(call, "symbol", market->wire);
    number(call, "lastPrice", book.bid);
    number(call, "bid1", book.bid);
    number(call, "ask1", book.ask);
    number(call, "volume24", 0);
    number(call, "amount24", 0);
    number(call, "holdVol", 0);
    number(call, "lower24Price", book.bid);
    number(call, "high24Price", book.bid);
    number(call, "riseFallRate", 0);
    number(call, "riseFallValue", 0);
    number(call, "indexPrice", book.mark);
    number(call, "fairPrice", book.mark);
    number(call, "fundingRate", FUNDING_RATE);
    number(call, "maxBidPrice", hx_lab_amount_floor_step(book.mark + band, market->tick));
    number(call, "minAskPrice", hx_lab_amount_floor_step(book.mark - band, market->tick) + market->tick);
    hx_json_write_i64(&call->json, "timestamp", call->clock);
}

void hx_lab_mexc_get_ticker(struct hx_lab_call *call) {
    answer_each(call, write_ticker);
}

void hx_lab_mexc_get_funding(struct hx_lab_call *call) {
    const struct hx_lab_market *market = market_in_path(call);
    if (market == NULL) return;
    hx_lab_mexc_open_object(call);
    hx_lab_write_c(call, "symbol", market->wire);
    number(call, "fundingRate", FUNDING_RATE);
    number(call, "maxFundingRate", 18 * HX_LAB_UNIT / 10000);
    number(call, "minFundingRate", -18 * HX_LAB_UNIT / 10000);
    hx_json_write_i64(&call->json, "collectCycle", 8);
    hx_json_write_i64(&call->json, "nextSettleTime", (call->clock / FUNDING_PERIOD_MS + 1) * FUNDING_PERIOD_MS);
    hx_json_write_i64(&call->json, "timestamp", call->clock);
    hx_lab_mexc_close_object(call);
}

void hx_lab_mexc_get_currencies(struct hx_lab_call *call) {
    hx_lab_mexc_open_array(call);
    hx_lab_write_c(call, NULL, "USDT");
    hx_lab_write_c(call, NULL, "BNB");
    hx_lab_mexc_close_array(call);
}
