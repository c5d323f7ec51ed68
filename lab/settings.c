/* The laboratory's knobs, by direct call. */
#include "lab/state.h"

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

hx_err hx_lab_set_price(struct hx_lab *lab, hx_str symbol, hx_dec price) {
    struct hx_lab_market *market = hx_lab_find_market(lab, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    hx_lab_amount amount;
    if (!hx_lab_amount_from_dec(price, &amount)) return HX_ERR(REJECT_RANGE);
    if (amount < 0 || amount > market->price_max || amount % market->tick != 0) return HX_ERR(REJECT_RANGE);
    market->pinned = amount;
    hx_lab_match_all(lab);
    return HX_OK;
}

hx_err hx_lab_get_price(const struct hx_lab *lab, hx_str symbol, hx_dec *mark, hx_dec *bid, hx_dec *ask) {
    const struct hx_lab_market *market = hx_lab_find_market(lab, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    const struct hx_lab_book book = hx_lab_book_now(lab, market);
    *mark = hx_lab_amount_to_dec(book.mark);
    *bid = hx_lab_amount_to_dec(book.bid);
    *ask = hx_lab_amount_to_dec(book.ask);
    return HX_OK;
}

hx_err hx_lab_set_halted(struct hx_lab *lab, hx_str symbol, bool halted) {
    struct hx_lab_market *market = hx_lab_find_market(lab, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    market->halted = halted;
    return HX_OK;
}

hx_err hx_lab_set_balance(struct hx_lab *lab, hx_str asset, hx_dec amount) {
    hx_lab_amount value;
    if (!hx_lab_amount_from_dec(amount, &value)) return HX_ERR(REJECT_RANGE);
    if (hx_lab_amount_abs(value) > BALANCE_MAX) return HX_ERR(REJECT_RANGE);
    if (hx_str_equal(asset, HX_STR("USDT"))) {
        lab->usdt = value;
        lab->usdt_start = value;
        lab->realized_total = 0;
        lab->usdt_fees = 0;
    } else if (hx_str_equal(asset, HX_STR("BNB"))) {
        lab->bnb = value;
        lab->bnb_start = value;
        lab->bnb_fees = 0;
    } else {
        return HX_ERR(ABSENT_KEY);
    }
    return HX_OK;
}

hx_err hx_lab_set_fee(struct hx_lab *lab, hx_dec maker_rate, hx_dec taker_rate, enum hx_lab_fee_asset asset,
                      hx_dec bnb_price) {
    hx_lab_amount maker;
    hx_lab_amount taker;
    hx_lab_amount price;
    if (!hx_lab_amount_from_dec(maker_rate, &maker) || !hx_lab_amount_from_dec(taker_rate, &taker) ||
        !hx_lab_amount_from_dec(bnb_price, &price)) {
        return HX_ERR(REJECT_RANGE);
    }
    const hx_lab_amount rate_max = HX_LAB_UNIT / 10;
    if (maker < 0 || maker > rate_max || taker < 0 || taker > rate_max) return HX_ERR(REJECT_RANGE);
    if (asset == HX_LAB_FEE_BNB && price <= 0) return HX_ERR(REJECT_RANGE);
    lab->maker_rate = maker;
    lab->taker_rate = taker;
    lab->fee_asset = asset;
    if (price > 0) lab->bnb_price = price;
    return HX_OK;
}

void hx_lab_set_limits(struct hx_lab *lab, uint32_t weight_per_minute, uint32_t orders_per_10s,
                       uint32_t orders_per_minute, uint32_t requests_until_ban) {
    lab->limits.weight_per_minute = weight_per_minute;
    lab->limits.orders_per_10s = orders_per_10s;
    lab->limits.orders_per_minute = orders_per_minute;
    lab->limits.requests_until_ban = requests_until_ban;
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
