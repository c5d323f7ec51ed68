/* The rules of the symbols: six built-in ones with the shapes that break clients (a tick that is not the precision,
 * whole-unit steps, a tick of 10^-7, a symbol that does not trade), and room for more. */
#include "lab/state.h"

static const struct hx_lab_symbol builtin[] = {
    {"BTCUSDT",
     "BTC",
     {1, -1},
     {1, -3},
     {1, -3},
     {5568, -1},
     {4529764, 0},
     {1, -3},
     {1, 3},
     {12, 1},
     {5, 1},
     {97, 3},
     2,
     3,
     125,
     false},
    {"ETHUSDT",
     "ETH",
     {1, -2},
     {1, -3},
     {1, -3},
     {3986, -2},
     {306177, 0},
     {1, -3},
     {1, 4},
     {2, 3},
     {2, 1},
     {34, 2},
     2,
     3,
     125,
     false},
    {"SOLUSDT",
     "SOL",
     {1, -2},
     {1, -2},
     {1, -2},
     {42, -2},
     {6857, 0},
     {1, -2},
     {1, 6},
     {5, 3},
     {5, 0},
     {18, 1},
     4,
     2,
     100,
     false},
    {"DOGEUSDT",
     "DOGE",
     {1, -5},
     {1, 0},
     {1, 0},
     {244, -5},
     {3, 1},
     {1, 0},
     {5, 7},
     {3, 7},
     {5, 0},
     {32, -2},
     6,
     0,
     75,
     false},
    {"1000PEPEUSDT",
     "1000PEPE",
     {1, -7},
     {1, 0},
     {1, 0},
     {1, -7},
     {2, 2},
     {1, 0},
     {1, 9},
     {8, 7},
     {5, 0},
     {11, -3},
     7,
     0,
     75,
     false},
    {"SRMUSDT",
     "SRM",
     {1, -4},
     {1, 0},
     {1, 0},
     {5, -3},
     {1, 3},
     {1, 0},
     {1, 6},
     {2, 5},
     {5, 0},
     {3, -1},
     4,
     0,
     20,
     true},
};

static bool text_is_terminated(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] == 0) return i > 0;
    }
    return false;
}

static bool take(hx_dec value, hx_lab_amount *out) {
    return hx_lab_amount_from_dec(value, out) && *out > 0;
}

static bool take_amounts(const struct hx_lab_symbol *symbol, struct hx_lab_market *market) {
    return take(symbol->tick, &market->tick) && take(symbol->step, &market->step) &&
           take(symbol->market_step, &market->market_step) && take(symbol->price_min, &market->price_min) &&
           take(symbol->price_max, &market->price_max) && take(symbol->quantity_min, &market->quantity_min) &&
           take(symbol->quantity_max, &market->quantity_max) &&
           take(symbol->market_quantity_max, &market->market_quantity_max) &&
           take(symbol->price_start, &market->price_start) &&
           hx_lab_amount_from_dec(symbol->notional_min, &market->notional_min) && market->notional_min >= 0;
}

/* Prices and quantities must have room for their product: exact notionals are what makes the sums exact. */
static bool precision_fits(const struct hx_lab_symbol *symbol, const struct hx_lab_market *market) {
    if (symbol->price_precision > HX_LAB_PLACES || symbol->quantity_precision > HX_LAB_PLACES) return false;
    return hx_lab_amount_product_is_exact(market->tick, market->step) && market->market_step % market->step == 0;
}

hx_err hx_lab_add_symbol(struct hx_lab *lab, const struct hx_lab_symbol *symbol) {
    if (!text_is_terminated(symbol->name, sizeof symbol->name)) return HX_ERR(REJECT_INPUT);
    if (!text_is_terminated(symbol->base, sizeof symbol->base)) return HX_ERR(REJECT_INPUT);
    if (symbol->leverage_max < 1) return HX_ERR(REJECT_INPUT);
    if (hx_lab_find_market(lab, hx_str_from_c(symbol->name)) != NULL) return HX_ERR(CONFLICT_KEY);
    if (lab->market_count == lab->config.symbols_max) return HX_ERR(LIMIT_COUNT);
    struct hx_lab_market market;
    hx_mem_set(&market, 0, sizeof market);
    if (!take_amounts(symbol, &market) || !precision_fits(symbol, &market)) return HX_ERR(REJECT_INPUT);
    hx_mem_copy(market.name, symbol->name, sizeof market.name);
    hx_mem_copy(market.base, symbol->base, sizeof market.base);
    market.price_precision = symbol->price_precision;
    market.quantity_precision = symbol->quantity_precision;
    market.leverage_max = symbol->leverage_max;
    market.halted = symbol->halted;
    market.leverage = HX_LAB_LEVERAGE_DEFAULT < market.leverage_max ? HX_LAB_LEVERAGE_DEFAULT : market.leverage_max;
    /* Every second symbol has ids beyond 2^53, as some of the venue's have: a client that reads them as doubles
     * finds another order. */
    market.order_id_base = lab->market_count % 2 == 1 ? 8389765600000000000 : 400000000000;
    lab->markets[lab->market_count++] = market;
    return HX_OK;
}

void hx_lab_add_builtin_symbols(struct hx_lab *lab) {
    for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++) {
        const hx_err err = hx_lab_add_symbol(lab, &builtin[i]);
        hx_assert(hx_ok(err));
    }
}

struct hx_lab_market *hx_lab_find_market(const struct hx_lab *lab, hx_str name) {
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (hx_str_equal(hx_str_from_c(lab->markets[i].name), name)) return &lab->markets[i];
    }
    return NULL;
}

uint32_t hx_lab_symbol_count(const struct hx_lab *lab) {
    return lab->market_count;
}

hx_str hx_lab_symbol_name(const struct hx_lab *lab, uint32_t index) {
    hx_assert(index < lab->market_count);
    return hx_str_from_c(lab->markets[index].name);
}
