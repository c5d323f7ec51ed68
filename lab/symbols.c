/* The rules of the symbols: built-in ones with the shapes that break clients (a tick that is not the precision,
 * whole-unit steps, a tick of 10^-7, a symbol that does not trade), and room for more. */
#include "lab/wire.h"

static const struct hx_lab_symbol builtin[] = {
    {.product = HX_LAB_FUTURES,
     .name = "BTCUSDT",
     .base = "BTC",
     .tick = {1, -1},
     .step = {1, -3},
     .market_step = {1, -3},
     .price_min = {5568, -1},
     .price_max = {4529764, 0},
     .quantity_min = {1, -3},
     .quantity_max = {1, 3},
     .market_quantity_max = {12, 1},
     .notional_min = {5, 1},
     .price_start = {97, 3},
     .price_precision = 2,
     .quantity_precision = 3,
     .leverage_max = 125,
     .halted = false},
    {.product = HX_LAB_FUTURES,
     .name = "ETHUSDT",
     .base = "ETH",
     .tick = {1, -2},
     .step = {1, -3},
     .market_step = {1, -3},
     .price_min = {3986, -2},
     .price_max = {306177, 0},
     .quantity_min = {1, -3},
     .quantity_max = {1, 4},
     .market_quantity_max = {2, 3},
     .notional_min = {2, 1},
     .price_start = {34, 2},
     .price_precision = 2,
     .quantity_precision = 3,
     .leverage_max = 125,
     .halted = false},
    {.product = HX_LAB_FUTURES,
     .name = "SOLUSDT",
     .base = "SOL",
     .tick = {1, -2},
     .step = {1, -2},
     .market_step = {1, -2},
     .price_min = {42, -2},
     .price_max = {6857, 0},
     .quantity_min = {1, -2},
     .quantity_max = {1, 6},
     .market_quantity_max = {5, 3},
     .notional_min = {5, 0},
     .price_start = {18, 1},
     .price_precision = 4,
     .quantity_precision = 2,
     .leverage_max = 100,
     .halted = false},
    {.product = HX_LAB_FUTURES,
     .name = "DOGEUSDT",
     .base = "DOGE",
     .tick = {1, -5},
     .step = {1, 0},
     .market_step = {1, 0},
     .price_min = {244, -5},
     .price_max = {3, 1},
     .quantity_min = {1, 0},
     .quantity_max = {5, 7},
     .market_quantity_max = {3, 7},
     .notional_min = {5, 0},
     .price_start = {32, -2},
     .price_precision = 6,
     .quantity_precision = 0,
     .leverage_max = 75,
     .halted = false},
    {.product = HX_LAB_FUTURES,
     .name = "1000PEPEUSDT",
     .base = "1000PEPE",
     .tick = {1, -7},
     .step = {1, 0},
     .market_step = {1, 0},
     .price_min = {1, -7},
     .price_max = {2, 2},
     .quantity_min = {1, 0},
     .quantity_max = {1, 9},
     .market_quantity_max = {8, 7},
     .notional_min = {5, 0},
     .price_start = {11, -3},
     .price_precision = 7,
     .quantity_precision = 0,
     .leverage_max = 75,
     .halted = false},
    {.product = HX_LAB_FUTURES,
     .name = "SRMUSDT",
     .base = "SRM",
     .tick = {1, -4},
     .step = {1, 0},
     .market_step = {1, 0},
     .price_min = {5, -3},
     .price_max = {1, 3},
     .quantity_min = {1, 0},
     .quantity_max = {1, 6},
     .market_quantity_max = {2, 5},
     .notional_min = {5, 0},
     .price_start = {3, -1},
     .price_precision = 4,
     .quantity_precision = 0,
     .leverage_max = 20,
     .halted = true},
    {.product = HX_LAB_SPOT,
     .name = "BTCUSDT",
     .base = "BTC",
     .tick = {1, -2},
     .step = {1, -5},
     .market_step = {1, -5},
     .price_min = {1, -2},
     .price_max = {1, 6},
     .quantity_min = {1, -5},
     .quantity_max = {9, 3},
     .market_quantity_max = {12, 1},
     .notional_min = {5, 0},
     .price_start = {97, 3},
     .price_precision = 2,
     .quantity_precision = 5,
     .leverage_max = 0,
     .halted = false},
    {.product = HX_LAB_SPOT,
     .name = "ETHUSDT",
     .base = "ETH",
     .tick = {1, -2},
     .step = {1, -4},
     .market_step = {1, -4},
     .price_min = {1, -2},
     .price_max = {1, 6},
     .quantity_min = {1, -4},
     .quantity_max = {9, 3},
     .market_quantity_max = {3, 3},
     .notional_min = {5, 0},
     .price_start = {34, 2},
     .price_precision = 2,
     .quantity_precision = 4,
     .leverage_max = 0,
     .halted = false},
    {.product = HX_LAB_SPOT,
     .name = "SOLUSDT",
     .base = "SOL",
     .tick = {1, -2},
     .step = {1, -3},
     .market_step = {1, -3},
     .price_min = {1, -2},
     .price_max = {1, 5},
     .quantity_min = {1, -3},
     .quantity_max = {9, 4},
     .market_quantity_max = {8, 3},
     .notional_min = {5, 0},
     .price_start = {18, 1},
     .price_precision = 2,
     .quantity_precision = 3,
     .leverage_max = 0,
     .halted = false},
    {.product = HX_LAB_SPOT,
     .name = "BNBUSDT",
     .base = "BNB",
     .tick = {1, -2},
     .step = {1, -3},
     .market_step = {1, -3},
     .price_min = {1, -2},
     .price_max = {1, 5},
     .quantity_min = {1, -3},
     .quantity_max = {9, 4},
     .market_quantity_max = {2, 3},
     .notional_min = {5, 0},
     .price_start = {6, 2},
     .price_precision = 2,
     .quantity_precision = 3,
     .leverage_max = 0,
     .halted = false},
    {.product = HX_LAB_SPOT,
     .name = "DOGEUSDT",
     .base = "DOGE",
     .tick = {1, -5},
     .step = {1, 0},
     .market_step = {1, 0},
     .price_min = {1, -5},
     .price_max = {1, 3},
     .quantity_min = {1, 0},
     .quantity_max = {9, 6},
     .market_quantity_max = {3, 6},
     .notional_min = {1, 0},
     .price_start = {32, -2},
     .price_precision = 5,
     .quantity_precision = 0,
     .leverage_max = 0,
     .halted = false},
    {.product = HX_LAB_SPOT,
     .name = "PEPEUSDT",
     .base = "PEPE",
     .tick = {1, -8},
     .step = {1, 0},
     .market_step = {1, 0},
     .price_min = {1, -8},
     .price_max = {1, 0},
     .quantity_min = {1, 0},
     .quantity_max = {9, 9},
     .market_quantity_max = {8, 9},
     .notional_min = {1, 0},
     .price_start = {11, -6},
     .price_precision = 8,
     .quantity_precision = 0,
     .leverage_max = 0,
     .halted = false},
    {.product = HX_LAB_SPOT,
     .name = "SRMUSDT",
     .base = "SRM",
     .tick = {1, -4},
     .step = {1, -2},
     .market_step = {1, -2},
     .price_min = {1, -4},
     .price_max = {1, 3},
     .quantity_min = {1, -2},
     .quantity_max = {9, 5},
     .market_quantity_max = {2, 5},
     .notional_min = {5, 0},
     .price_start = {3, -1},
     .price_precision = 4,
     .quantity_precision = 2,
     .leverage_max = 0,
     .halted = true},
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
    if (market->step % market->contract_size != 0) return false;
    return hx_lab_amount_product_is_exact(market->tick, market->step) && market->market_step % market->step == 0;
}

static bool take_contract_size(const struct hx_lab_symbol *symbol, struct hx_lab_market *market) {
    market->contract_size = market->step;
    return hx_dec_is_zero(symbol->contract_size) || take(symbol->contract_size, &market->contract_size);
}

/* BTC_USDT where the venue writes so, else the name. */
static void name_on_wire(const struct hx_lab *lab, struct hx_lab_market *market) {
    struct hx_buf wire;
    hx_buf_init(&wire, market->wire, sizeof market->wire - 1);
    if (!lab->front->facts[market->product].has_underscores) {
        hx_buf_add_c(&wire, market->name);
        return;
    }
    hx_buf_add_c(&wire, market->base);
    hx_buf_add_c(&wire, "_USDT");
}

hx_err hx_lab_add_symbol(struct hx_lab *lab, const struct hx_lab_symbol *symbol) {
    const enum hx_lab_product product = symbol->product;
    if (!text_is_terminated(symbol->name, sizeof symbol->name)) return HX_ERR(REJECT_INPUT);
    if (!text_is_terminated(symbol->base, sizeof symbol->base)) return HX_ERR(REJECT_INPUT);
    if (product != HX_LAB_FUTURES && product != HX_LAB_SPOT) return HX_ERR(REJECT_INPUT);
    if (product == HX_LAB_FUTURES && symbol->leverage_max < 1) return HX_ERR(REJECT_INPUT);
    if (hx_lab_find_market(lab, product, hx_str_from_c(symbol->name)) != NULL) return HX_ERR(CONFLICT_KEY);
    const uint32_t count = hx_lab_symbol_count_in(lab, product);
    if (count == lab->config.symbols_max) return HX_ERR(LIMIT_COUNT);
    struct hx_lab_market market;
    hx_mem_set(&market, 0, sizeof market);
    if (!take_amounts(symbol, &market) || !take_contract_size(symbol, &market)) return HX_ERR(REJECT_INPUT);
    if (!precision_fits(symbol, &market)) return HX_ERR(REJECT_INPUT);
    market.product = product;
    hx_mem_copy(market.name, symbol->name, sizeof market.name);
    hx_mem_copy(market.base, symbol->base, sizeof market.base);
    name_on_wire(lab, &market);
    market.price_precision = symbol->price_precision;
    market.quantity_precision = symbol->quantity_precision;
    market.leverage_max = symbol->leverage_max;
    market.halted = symbol->halted;
    market.hedge = lab->hedge;
    market.leverage = HX_LAB_LEVERAGE_DEFAULT < market.leverage_max ? HX_LAB_LEVERAGE_DEFAULT : market.leverage_max;
    market.order_id_base = hx_lab_order_id_base(lab, product, count);
    if (product == HX_LAB_SPOT) market.base_asset = hx_lab_asset_add(lab, market.base);
    lab->markets[lab->market_count++] = market;
    return HX_OK;
}

void hx_lab_add_builtin_symbols(struct hx_lab *lab) {
    for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++) {
        struct hx_lab_symbol symbol = builtin[i];
        if (lab->front->fit_symbol != NULL) lab->front->fit_symbol(&symbol);
        const hx_err err = hx_lab_add_symbol(lab, &symbol);
        hx_assert(hx_ok(err));
    }
}

struct hx_lab_market *hx_lab_find_market(const struct hx_lab *lab, enum hx_lab_product product, hx_str name) {
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const bool fits = lab->markets[i].product == product;
        if (fits && hx_str_equal(hx_str_from_c(lab->markets[i].name), name)) return &lab->markets[i];
    }
    return NULL;
}

struct hx_lab_market *hx_lab_find_wire_market(const struct hx_lab *lab, enum hx_lab_product product, hx_str wire) {
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const bool fits = lab->markets[i].product == product;
        if (fits && hx_str_equal(hx_str_from_c(lab->markets[i].wire), wire)) return &lab->markets[i];
    }
    return NULL;
}

uint32_t hx_lab_market_index(const struct hx_lab *lab, const struct hx_lab_market *market) {
    return (uint32_t)(market - lab->markets);
}

bool hx_lab_market_is_spot(const struct hx_lab *lab, uint32_t market) {
    return lab->markets[market].product == HX_LAB_SPOT;
}

uint32_t hx_lab_symbol_count_in(const struct hx_lab *lab, enum hx_lab_product product) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < lab->market_count; i++) count += lab->markets[i].product == product ? 1 : 0;
    return count;
}

hx_str hx_lab_symbol_name_in(const struct hx_lab *lab, enum hx_lab_product product, uint32_t index) {
    uint32_t left = index;
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (lab->markets[i].product != product) continue;
        if (left == 0) return hx_str_from_c(lab->markets[i].name);
        left--;
    }
    hx_assert(false);
    return HX_STR_EMPTY;
}

uint32_t hx_lab_symbol_count(const struct hx_lab *lab) {
    return hx_lab_symbol_count_in(lab, HX_LAB_FUTURES);
}

hx_str hx_lab_symbol_name(const struct hx_lab *lab, uint32_t index) {
    return hx_lab_symbol_name_in(lab, HX_LAB_FUTURES, index);
}
