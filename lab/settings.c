/* The laboratory's knobs, by direct call. */
#include "lab/wire.h"

#define BALANCE_MAX (1000000000 * HX_LAB_UNIT) /* Leaves room for what trading adds. */

void hx_lab_set_credentials(struct hx_lab *lab, hx_str api_key, hx_str api_secret) {
    hx_assert(api_key.len <= HX_LAB_KEY_LEN_MAX && api_secret.len <= HX_LAB_KEY_LEN_MAX);
    hx_mem_copy(lab->key, api_key.data, api_key.len);
    hx_mem_copy(lab->secret, api_secret.data, api_secret.len);
    lab->key_len = api_key.len;
    lab->secret_len = api_secret.len;
}

void hx_lab_set_skew(struct hx_lab *lab, int64_t skew_ms) {
    lab->skew_ms = skew_ms;
}

hx_err hx_lab_set_price_in(struct hx_lab *lab, enum hx_lab_product product, hx_str symbol, hx_dec price) {
    struct hx_lab_market *market = hx_lab_find_market(lab, product, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    hx_lab_amount amount;
    if (!hx_lab_amount_from_dec(price, &amount)) return HX_ERR(REJECT_RANGE);
    if (amount < 0 || amount > market->price_max || amount % market->tick != 0) return HX_ERR(REJECT_RANGE);
    market->pinned = amount;
    hx_lab_match_all(lab);
    return HX_OK;
}

hx_err hx_lab_set_price(struct hx_lab *lab, hx_str symbol, hx_dec price) {
    return hx_lab_set_price_in(lab, HX_LAB_FUTURES, symbol, price);
}

hx_err hx_lab_get_price_in(const struct hx_lab *lab, enum hx_lab_product product, hx_str symbol, hx_dec *mark,
                           hx_dec *bid, hx_dec *ask) {
    const struct hx_lab_market *market = hx_lab_find_market(lab, product, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    const struct hx_lab_book book = hx_lab_book_now(lab, market);
    *mark = hx_lab_amount_to_dec(book.mark);
    *bid = hx_lab_amount_to_dec(book.bid);
    *ask = hx_lab_amount_to_dec(book.ask);
    return HX_OK;
}

hx_err hx_lab_get_price(const struct hx_lab *lab, hx_str symbol, hx_dec *mark, hx_dec *bid, hx_dec *ask) {
    return hx_lab_get_price_in(lab, HX_LAB_FUTURES, symbol, mark, bid, ask);
}

hx_err hx_lab_set_halted_in(struct hx_lab *lab, enum hx_lab_product product, hx_str symbol, bool halted) {
    struct hx_lab_market *market = hx_lab_find_market(lab, product, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    market->halted = halted;
    return HX_OK;
}

/* Whole multiples of what the symbol's precision allows; nothing smaller than one step is taken any more. */
hx_err hx_lab_set_step_in(struct hx_lab *lab, enum hx_lab_product product, hx_str symbol, hx_dec step) {
    struct hx_lab_market *market = hx_lab_find_market(lab, product, symbol);
    hx_lab_amount value;
    hx_lab_amount finest = HX_LAB_UNIT;
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    if (!hx_lab_amount_from_dec(step, &value)) return HX_ERR(REJECT_INPUT);
    for (uint32_t i = 0; i < market->quantity_precision; i++) finest /= 10;
    bool whole = value > 0 && value % finest == 0;
    if (!whole || (market->contract_size > 0 && value % market->contract_size != 0)) return HX_ERR(REJECT_INPUT);
    market->step = market->market_step = market->quantity_min = value;
    return HX_OK;
}

hx_err hx_lab_set_halted(struct hx_lab *lab, hx_str symbol, bool halted) {
    return hx_lab_set_halted_in(lab, HX_LAB_FUTURES, symbol, halted);
}

hx_err hx_lab_set_balance_in(struct hx_lab *lab, enum hx_lab_product product, hx_str asset, hx_dec amount) {
    hx_lab_amount value;
    const uint32_t index = hx_lab_asset_find(lab, asset);
    const bool margin_asset = index == HX_LAB_ASSET_USDT || index == HX_LAB_ASSET_BNB;
    if (index == lab->asset_count || (product == HX_LAB_FUTURES && !margin_asset)) return HX_ERR(ABSENT_KEY);
    if (!hx_lab_amount_from_dec(amount, &value)) return HX_ERR(REJECT_RANGE);
    if (hx_lab_amount_abs(value) > BALANCE_MAX) return HX_ERR(REJECT_RANGE);
    struct hx_lab_purse *purse = hx_lab_purse_of(lab, product, index);
    if (product == HX_LAB_SPOT && value < 0) return HX_ERR(REJECT_RANGE);
    if (purse->locked > 0 && value < purse->locked) return HX_ERR(REJECT_RANGE);
    purse->total = value;
    purse->start = value;
    purse->fees = 0;
    const bool has_realized = product == HX_LAB_FUTURES || lab->front->one_account;
    if (index == HX_LAB_ASSET_USDT && has_realized) lab->realized_total = 0;
    return HX_OK;
}

hx_err hx_lab_set_balance(struct hx_lab *lab, hx_str asset, hx_dec amount) {
    return hx_lab_set_balance_in(lab, HX_LAB_FUTURES, asset, amount);
}

hx_err hx_lab_set_fee_in(struct hx_lab *lab, enum hx_lab_product product, hx_dec maker_rate, hx_dec taker_rate,
                         enum hx_lab_fee_asset asset, hx_dec bnb_price) {
    hx_lab_amount maker;
    hx_lab_amount taker;
    hx_lab_amount price;
    if (!hx_lab_amount_from_dec(maker_rate, &maker) || !hx_lab_amount_from_dec(taker_rate, &taker) ||
        !hx_lab_amount_from_dec(bnb_price, &price)) {
        return HX_ERR(REJECT_RANGE);
    }
    const hx_lab_amount rate_max = HX_LAB_UNIT / 10;
    const hx_lab_amount maker_min = lab->front->pays_makers ? -rate_max : 0;
    if (maker < maker_min || maker > rate_max || taker < 0 || taker > rate_max) return HX_ERR(REJECT_RANGE);
    if (asset == HX_LAB_FEE_BNB && price <= 0) return HX_ERR(REJECT_RANGE);
    lab->maker_rate[product] = maker;
    lab->taker_rate[product] = taker;
    lab->fee_asset = asset;
    if (price > 0) lab->bnb_price = price;
    return HX_OK;
}

hx_err hx_lab_set_fee(struct hx_lab *lab, hx_dec maker_rate, hx_dec taker_rate, enum hx_lab_fee_asset asset,
                      hx_dec bnb_price) {
    return hx_lab_set_fee_in(lab, HX_LAB_FUTURES, maker_rate, taker_rate, asset, bnb_price);
}

void hx_lab_set_limits_in(struct hx_lab *lab, enum hx_lab_product product, uint32_t weight_per_minute,
                          uint32_t orders_per_10s, uint32_t orders_per_minute, uint32_t requests_until_ban) {
    struct hx_lab_limits *limits = &lab->limits[product];
    limits->weight_per_minute = weight_per_minute;
    limits->orders_per_10s = orders_per_10s;
    limits->orders_per_minute = orders_per_minute;
    limits->requests_until_ban = requests_until_ban;
}

void hx_lab_set_limits(struct hx_lab *lab, uint32_t weight_per_minute, uint32_t orders_per_10s,
                       uint32_t orders_per_minute, uint32_t requests_until_ban) {
    hx_lab_set_limits_in(lab, HX_LAB_FUTURES, weight_per_minute, orders_per_10s, orders_per_minute, requests_until_ban);
}

void hx_lab_set_limits_enforced(struct hx_lab *lab, bool enforced) {
    lab->limits_enforced = enforced;
}

void hx_lab_set_market_fills(struct hx_lab *lab, uint32_t fills_max) {
    lab->market_fills_max = fills_max > 0 ? fills_max : 1;
}

void hx_lab_set_answer_averages(struct hx_lab *lab, bool present) {
    lab->answer_averages = present;
}

void hx_lab_set_lookup_lag(struct hx_lab *lab, int64_t lag_ms) {
    lab->lookup_lag_ms = lag_ms > 0 ? lag_ms : 0;
}

void hx_lab_set_ack_delay(struct hx_lab *lab, int64_t delay_ms) {
    lab->ack_delay_ms = delay_ms > 0 ? delay_ms : 0;
}

void hx_lab_set_late_duplicates(struct hx_lab *lab, bool late) {
    lab->late_duplicates = late;
}

void hx_lab_restart_service(struct hx_lab *lab) {
    for (uint64_t seq = hx_lab_order_first(lab); seq <= lab->order_seq; seq++) {
        struct hx_lab_order *order = hx_lab_order_at(lab, seq);
        if (!hx_lab_order_is_open(order)) order->archived = true;
    }
}

hx_err hx_lab_set_hedge(struct hx_lab *lab, bool hedge) {
    const bool by_symbol = lab->front->mode_is_of_symbol;
    bool is_so = hedge == lab->hedge;
    for (uint32_t i = 0; i < lab->market_count && by_symbol; i++) is_so = is_so && lab->markets[i].hedge == hedge;
    if (is_so) return HX_OK;
    if (lab->open_count > 0 || lab->algo_open_count > 0 || hx_lab_has_any_position(lab)) {
        return HX_ERR(CONFLICT_CONDITION);
    }
    lab->hedge = hedge;
    for (uint32_t i = 0; i < lab->market_count; i++) lab->markets[i].hedge = hedge;
    return HX_OK;
}

void hx_lab_set_id_rule(struct hx_lab *lab, enum hx_lab_product product, enum hx_lab_id_rule rule) {
    lab->id_rules[product] = rule;
}

enum hx_lab_venue hx_lab_get_venue(const struct hx_lab *lab) {
    return lab->config.venue;
}

void hx_lab_set_key_rights(struct hx_lab *lab, const struct hx_lab_key_rights *rights) {
    lab->rights = *rights;
}
