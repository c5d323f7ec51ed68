/* The decoders of the contract API's questions and settings: everything but orders. */
#include "core/venue/mexc.h"

#define BALANCE_PLACES 8

/* Opens the envelope of a question. DONE: *data is there. */
static struct hx_venue_verdict open_question(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             const struct hx_json **data) {
    const struct hx_json *root = NULL;
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_QUESTION, &root, data);
    if (verdict.outcome == HX_OUTCOME_DONE && *data == NULL) return hx_answer_unreadable(ctx);
    return verdict;
}

/* The whole number that is all of the data. */
static struct hx_venue_verdict read_number(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                           int64_t *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_QUESTION, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (hx_failed(hx_json_get_i64(root, HX_STR("data"), out))) return hx_answer_unreadable(ctx);
    return verdict;
}

struct hx_venue_verdict hx_mexc_futures_decode_time(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer, hx_time *venue_time_ms) {
    int64_t time = 0;
    struct hx_venue_verdict verdict = read_number(ctx, answer, &time);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (time <= 0) return hx_answer_unreadable(ctx);
    *venue_time_ms = time;
    return verdict;
}

struct hx_venue_verdict hx_mexc_futures_decode_position_mode(const struct hx_venue_context *ctx,
                                                             const struct hx_http_answer *answer, bool *hedged) {
    int64_t mode = 0;
    struct hx_venue_verdict verdict = read_number(ctx, answer, &mode);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (mode != 1 && mode != 2) return hx_answer_unreadable(ctx);
    *hedged = mode == 1;
    return verdict;
}

static bool is_of_contract(const struct hx_venue_context *ctx, const struct hx_json *object, hx_str symbol) {
    hx_str contract = HX_STR_EMPTY;
    if (hx_failed(hx_mexc_contract_make(ctx->arena, symbol, &contract))) return false;
    return hx_answer_member_equals(object, HX_STR("symbol"), contract);
}

/* The contract itself, or a list that has it. */
static const struct hx_json *find_contract(const struct hx_venue_context *ctx, const struct hx_json *data,
                                           hx_str symbol) {
    if (data->type != HX_JSON_ARRAY) return is_of_contract(ctx, data, symbol) ? data : NULL;
    for (const struct hx_json *c = hx_json_first(data); c != NULL; c = hx_json_next(data, c)) {
        if (is_of_contract(ctx, c, symbol)) return c;
    }
    return NULL;
}

/* A member in contracts, as base units. */
static bool read_quantity(const struct hx_json *object, hx_str name, hx_dec contract_size, hx_dec *out) {
    hx_dec contracts = HX_DEC_ZERO;
    if (!hx_answer_positive_dec(object, name, &contracts)) return false;
    return hx_ok(hx_dec_multiply(contracts, contract_size, out));
}

/* maxVol is what a market order may have; limitMaxVol, where MEXC has it, what a limit order may. */
static bool read_rules(const struct hx_json *contract, struct hx_symbol_rules *rules) {
    int64_t state = -1;
    int64_t leverage_max = 0;
    bool allowed = false;
    if (hx_failed(hx_json_get_str(contract, HX_STR("baseCoin"), &rules->base_asset))) return false;
    if (hx_failed(hx_json_get_str(contract, HX_STR("quoteCoin"), &rules->quote_asset))) return false;
    if (!hx_answer_positive_dec(contract, HX_STR("contractSize"), &rules->contract_size)) return false;
    if (!hx_answer_positive_dec(contract, HX_STR("priceUnit"), &rules->tick)) return false;
    if (!read_quantity(contract, HX_STR("volUnit"), rules->contract_size, &rules->step)) return false;
    if (!read_quantity(contract, HX_STR("minVol"), rules->contract_size, &rules->quantity_min)) return false;
    if (!read_quantity(contract, HX_STR("maxVol"), rules->contract_size, &rules->market_quantity_max)) return false;
    if (!read_quantity(contract, HX_STR("limitMaxVol"), rules->contract_size, &rules->quantity_max)) {
        rules->quantity_max = rules->market_quantity_max;
    }
    rules->market_step = rules->step;
    rules->market_quantity_min = rules->quantity_min;
    if (hx_failed(hx_json_get_i64(contract, HX_STR("state"), &state))) return false;
    if (hx_failed(hx_json_get_bool(contract, HX_STR("apiAllowed"), &allowed))) allowed = false;
    rules->tradable = state == 0 && allowed;
    if (hx_failed(hx_json_get_i64(contract, HX_STR("maxLeverage"), &leverage_max))) leverage_max = 0;
    rules->leverage_max = leverage_max < 0 || leverage_max > INT32_MAX ? 0 : (int32_t)leverage_max;
    return true;
}

struct hx_venue_verdict hx_mexc_futures_decode_rules(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     struct hx_symbol_rules *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    struct hx_symbol_rules rules = {.symbol = symbol};
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_QUESTION, &root, &data);
    verdict.no_such_symbol = verdict.outcome == HX_OUTCOME_REJECTED && verdict.venue_code == 1001;
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    const struct hx_json *contract = data == NULL ? NULL : find_contract(ctx, data, symbol);
    if (contract == NULL && data != NULL && data->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    if (contract == NULL) {
        return hx_answer_refuse(ctx, HX_STR("Check the symbol: MEXC futures does not know this contract."));
    }
    if (!read_rules(contract, &rules)) return hx_answer_unreadable(ctx);
    if (!hx_answer_member_equals(contract, HX_STR("settleCoin"), rules.quote_asset)) {
        return hx_answer_refuse(ctx,
                                HX_STR("This contract is not settled in what it is quoted in, and hoox trades only "
                                       "those that are: use the one quoted in USDT."));
    }
    *out = rules;
    return verdict;
}

struct hx_venue_verdict hx_mexc_futures_decode_mark_price(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer, hx_str symbol,
                                                          hx_dec *out) {
    const struct hx_json *data = NULL;
    hx_dec price = HX_DEC_ZERO;
    struct hx_venue_verdict verdict = open_question(ctx, answer, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (!is_of_contract(ctx, data, symbol)) return hx_answer_unreadable(ctx);
    if (!hx_answer_positive_dec(data, HX_STR("fairPrice"), &price)) return hx_answer_unreadable(ctx);
    *out = price;
    return verdict;
}

struct hx_venue_verdict hx_mexc_futures_decode_leverage(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        int32_t leverage) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    (void)symbol;
    (void)leverage;
    return hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_SETTING, &root, &data);
}

/* Which side a row of leverages or positions is about: positionType 1 long, 2 short. */
static bool read_position_type(const struct hx_json *row, enum hx_side *side) {
    int64_t type = 0;
    if (hx_failed(hx_json_get_i64(row, HX_STR("positionType"), &type)) || type < 1 || type > 2) return false;
    *side = type == 1 ? HX_SIDE_BUY : HX_SIDE_SELL;
    return true;
}

static int32_t read_leverage(const struct hx_json *row) {
    int64_t leverage = 0;
    if (hx_failed(hx_json_get_i64(row, HX_STR("leverage"), &leverage))) return 0;
    return leverage < 1 || leverage > INT32_MAX ? 0 : (int32_t)leverage;
}

/* Rows of the other margin mode, where they say it, are not about the orders to come. */
static bool add_leverages(const struct hx_venue_context *ctx, const struct hx_json *data,
                          struct hx_symbol_setting *out) {
    for (const struct hx_json *row = hx_json_first(data); row != NULL; row = hx_json_next(data, row)) {
        enum hx_side side = HX_SIDE_BUY;
        int64_t open_type = 0;
        if (!read_position_type(row, &side)) return false;
        if (hx_ok(hx_json_get_i64(row, HX_STR("openType"), &open_type)) && open_type != (ctx->isolated ? 1 : 2)) {
            continue;
        }
        out->sides[side].leverage = read_leverage(row);
    }
    return true;
}

/* state: 1 held, 2 taken over by the system, 3 closed. */
static bool read_held(const struct hx_json *row, hx_dec *contracts, bool *taken_over) {
    int64_t state = 0;
    if (hx_failed(hx_json_get_dec(row, HX_STR("holdVol"), contracts)) || hx_dec_sign(*contracts) < 0) return false;
    if (hx_failed(hx_json_get_i64(row, HX_STR("state"), &state)) || state < 1 || state > 3) return false;
    if (state == 3) *contracts = HX_DEC_ZERO;
    *taken_over = state == 2 && hx_dec_sign(*contracts) > 0;
    return true;
}

/* A position in the other margin mode than the one wanted is what counts as known: it prevents orders. */
static bool add_positions(const struct hx_venue_context *ctx, const struct hx_json *data, hx_str symbol,
                          struct hx_symbol_setting *out) {
    for (const struct hx_json *row = hx_json_first(data); row != NULL; row = hx_json_next(data, row)) {
        enum hx_side side = HX_SIDE_BUY;
        int64_t id = 0;
        int64_t open_type = 0;
        hx_dec contracts = HX_DEC_ZERO;
        bool taken_over = false;
        if (!is_of_contract(ctx, row, symbol)) continue;
        if (!read_position_type(row, &side) || !read_held(row, &contracts, &taken_over)) return false;
        if (hx_dec_is_zero(contracts)) continue;
        if (hx_failed(hx_json_get_i64(row, HX_STR("positionId"), &id)) || id <= 0) return false;
        if (hx_failed(hx_json_get_i64(row, HX_STR("openType"), &open_type))) return false;
        if (open_type != 1 && open_type != 2) return false;
        out->sides[side] = (struct hx_side_setting){read_leverage(row), id};
        if (!out->margin_known || (open_type == 1) != ctx->isolated) out->isolated = open_type == 1;
        out->margin_known = true;
    }
    return true;
}

struct hx_venue_verdict hx_mexc_futures_decode_setting(const struct hx_venue_context *ctx,
                                                       const struct hx_http_answer *answer, hx_str symbol,
                                                       struct hx_symbol_setting *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_QUESTION, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE || data == NULL) return verdict;
    if (data->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    struct hx_symbol_setting setting = *out;
    bool read = ctx->stage == 0 ? add_leverages(ctx, data, &setting) : add_positions(ctx, data, symbol, &setting);
    if (!read) return hx_answer_unreadable(ctx);
    *out = setting;
    return verdict;
}

static bool read_position(const struct hx_venue_context *ctx, const struct hx_json *row, hx_dec contracts,
                          struct hx_venue_position *out) {
    enum hx_side side = HX_SIDE_BUY;
    hx_dec quantity = HX_DEC_ZERO;
    hx_dec price = HX_DEC_ZERO;
    if (!read_position_type(row, &side)) return false;
    hx_dec *held = side == HX_SIDE_BUY ? &out->long_quantity : &out->short_quantity;
    if (hx_failed(hx_dec_multiply(contracts, ctx->rules->contract_size, &quantity))) return false;
    if (!hx_dec_is_zero(*held) || !hx_answer_read_dec_cut(row, HX_STR("holdAvgPrice"), &price)) return false;
    if (hx_dec_sign(price) <= 0) return false;
    *held = quantity;
    /* Of two sides the price is that of the larger one. */
    if (hx_dec_compare(quantity, hx_dec_max(out->long_quantity, out->short_quantity)) == 0) out->entry_price = price;
    return true;
}

struct hx_venue_verdict hx_mexc_futures_decode_position(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        struct hx_venue_position *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    struct hx_venue_position position = {0};
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_QUESTION, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (data == NULL || data->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    if (ctx->rules == NULL || hx_dec_sign(ctx->rules->contract_size) <= 0) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(data); row != NULL; row = hx_json_next(data, row)) {
        hx_dec contracts = HX_DEC_ZERO;
        bool taken_over = false;
        if (!is_of_contract(ctx, row, symbol)) continue;
        if (!read_held(row, &contracts, &taken_over)) return hx_answer_unreadable(ctx);
        if (taken_over) {
            return hx_answer_verdict(
                ctx, HX_OUTCOME_BUSY, (struct hx_venue_failure){0},
                HX_STR("MEXC is liquidating the position: nothing can be done until that is over."));
        }
        if (hx_dec_is_zero(contracts)) continue;
        if (!read_position(ctx, row, contracts, &position)) return hx_answer_unreadable(ctx);
    }
    position.hedged = !hx_dec_is_zero(position.long_quantity) && !hx_dec_is_zero(position.short_quantity);
    if (hx_failed(hx_dec_subtract(position.long_quantity, position.short_quantity, &position.quantity))) {
        return hx_answer_unreadable(ctx);
    }
    *out = position;
    return verdict;
}

/* The difference of two balances; exactly, or without what is beyond eight places. */
static bool subtract_cut(hx_dec a, hx_dec b, hx_dec *out) {
    if (hx_ok(hx_dec_subtract(a, b, out))) return true;
    if (hx_failed(hx_dec_round(a, BALANCE_PLACES, HX_ROUND_DOWN, &a))) return false;
    if (hx_failed(hx_dec_round(b, BALANCE_PLACES, HX_ROUND_DOWN, &b))) return false;
    return hx_ok(hx_dec_subtract(a, b, out));
}

/* Equity holds what is unrealized already; hoox keeps the two apart. */
struct hx_venue_verdict hx_mexc_futures_decode_equity(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str asset,
                                                      struct hx_equity *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    struct hx_equity equity = {.asset = asset};
    hx_dec whole = HX_DEC_ZERO;
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_QUESTION, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (data != NULL) {
        if (!hx_answer_member_equals(data, HX_STR("currency"), asset)) return hx_answer_unreadable(ctx);
        if (!hx_answer_read_dec_cut(data, HX_STR("equity"), &whole) ||
            !hx_answer_read_dec_cut(data, HX_STR("unrealized"), &equity.unrealized_pnl) ||
            !hx_answer_read_dec_cut(data, HX_STR("availableBalance"), &equity.available)) {
            return hx_answer_unreadable(ctx);
        }
        if (!subtract_cut(whole, equity.unrealized_pnl, &equity.wallet_balance)) return hx_answer_unreadable(ctx);
    }
    *out = equity;
    return verdict;
}
