#include "core/trade/size.h"

#include "core/trade/amount.h"

struct hx_size_needs hx_size_needs(const struct hx_signal *signal, enum hx_order_type type, bool reduces,
                                   hx_dec notional_cap) {
    struct hx_size_needs needs = {false, false};
    if (reduces) return needs;
    bool sized_by_value = signal->action != HX_ACTION_TARGET && signal->quantity_type != HX_QUANTITY_BASE;
    bool capped = hx_dec_sign(notional_cap) > 0;
    needs.price = type == HX_ORDER_MARKET && (sized_by_value || capped);
    needs.equity = sized_by_value && signal->quantity_type != HX_QUANTITY_QUOTE;
    return needs;
}

static hx_err refuse(struct hx_size *out, hx_str field, hx_str problem) {
    out->field = field;
    out->problem = problem;
    return HX_OK;
}

static hx_err by_value(hx_dec value, hx_dec price, hx_dec *out) {
    return hx_amount_divide(value, price, HX_ROUND_DOWN, out);
}

static hx_err percent_of(hx_dec amount, hx_dec percent, hx_dec *out) {
    hx_dec product;
    HX_TRY(hx_amount_multiply(amount, percent, HX_ROUND_DOWN, &product));
    return hx_amount_divide(product, hx_dec_from_i64(100), HX_ROUND_DOWN, out);
}

/* The raw base quantity a signal asks for; *problem is set when it can't be computed. */
static hx_err raw_quantity(const struct hx_signal *signal, const struct hx_size_input *input, hx_dec *out,
                           hx_str *problem) {
    *problem = HX_STR_EMPTY;
    if (signal->quantity_type == HX_QUANTITY_BASE) {
        *out = signal->quantity;
        return HX_OK;
    }
    if (hx_dec_sign(input->price) <= 0) {
        *problem = HX_STR("no price is known to size by value; give the quantity in base units");
        return HX_OK;
    }
    if (signal->quantity_type == HX_QUANTITY_QUOTE) return by_value(signal->quantity, input->price, out);
    hx_dec value;
    HX_TRY(percent_of(input->equity, signal->quantity, &value));
    if (signal->quantity_type == HX_QUANTITY_PERCENT_EQUITY) return by_value(value, input->price, out);
    hx_dec distance;
    HX_TRY(input->side == HX_SIDE_BUY ? hx_dec_subtract(input->price, signal->stop_loss, &distance)
                                      : hx_dec_subtract(signal->stop_loss, input->price, &distance));
    if (!signal->has_stop_loss || hx_dec_sign(distance) <= 0) {
        *problem = HX_STR("risk_percent needs a stopLoss below the price of a long, above that of a short");
        return HX_OK;
    }
    return by_value(value, distance, out);
}

static hx_err check_notional(const struct hx_size_input *input, hx_dec price, struct hx_size *out) {
    if ((input->reduces && !input->spot) || hx_dec_sign(price) <= 0) return HX_OK;
    hx_dec notional = out->value;
    if (!input->by_value) HX_TRY(hx_amount_multiply(out->quantity, price, HX_ROUND_DOWN, &notional));
    bool free = input->type == HX_ORDER_MARKET && input->rules->market_notional_free;
    hx_dec least = free ? HX_DEC_ZERO : input->rules->notional_min;
    if (hx_dec_sign(least) > 0 && hx_dec_compare(notional, least) < 0) {
        out->below_minimum = true;
        return refuse(out, HX_STR("quantity"), HX_STR("is worth less than the venue's minimum order value; raise it"));
    }
    hx_dec most = input->type == HX_ORDER_MARKET ? input->rules->market_notional_max : input->rules->notional_max;
    if (hx_dec_sign(most) > 0 && hx_dec_compare(notional, most) > 0) {
        return refuse(out, HX_STR("quantity"), HX_STR("is worth more than the venue takes in one order; lower it"));
    }
    if (hx_dec_sign(input->notional_cap) > 0 && hx_dec_compare(notional, input->notional_cap) > 0) {
        return refuse(out, HX_STR("quantity"),
                      HX_STR("is worth more than trade:max_order_notional allows; lower it or raise the limit"));
    }
    return HX_OK;
}

static hx_err fit_price(const struct hx_size_input *input, struct hx_size *out) {
    const struct hx_symbol_rules *rules = input->rules;
    enum hx_round round = input->side == HX_SIDE_BUY ? HX_ROUND_FLOOR : HX_ROUND_CEILING;
    out->price = input->price;
    if (hx_dec_sign(rules->tick) > 0) HX_TRY(hx_dec_round_step(input->price, rules->tick, round, &out->price));
    if (hx_dec_sign(out->price) <= 0) return refuse(out, HX_STR("price"), HX_STR("rounds to zero at the venue's tick"));
    if (hx_dec_sign(rules->price_min) > 0 && hx_dec_compare(out->price, rules->price_min) < 0) {
        return refuse(out, HX_STR("price"), HX_STR("is below the least price the venue takes"));
    }
    if (hx_dec_sign(rules->price_max) > 0 && hx_dec_compare(out->price, rules->price_max) > 0) {
        return refuse(out, HX_STR("price"), HX_STR("is above the highest price the venue takes"));
    }
    return HX_OK;
}

hx_err hx_size_spend(const struct hx_signal *signal, const struct hx_symbol_rules *rules, hx_dec quantity, hx_dec price,
                     hx_dec *out) {
    bool given = signal->action != HX_ACTION_TARGET && signal->quantity_type == HX_QUANTITY_QUOTE;
    *out = signal->quantity;
    if (!given) HX_TRY(hx_amount_multiply(quantity, price, HX_ROUND_DOWN, out));
    return hx_dec_sign(rules->quote_step) > 0 ? hx_dec_round_step(*out, rules->quote_step, HX_ROUND_DOWN, out) : HX_OK;
}

hx_err hx_size_is_spent(const struct hx_symbol_rules *rules, hx_dec amount, hx_dec value, hx_dec price, bool *out) {
    hx_dec left, worth;
    hx_dec step = hx_dec_sign(rules->market_step) > 0 ? rules->market_step : rules->step;
    HX_TRY(hx_amount_subtract(amount, value, &left));
    HX_TRY(hx_amount_multiply(step, price, HX_ROUND_UP, &worth));
    *out = hx_dec_compare(left, worth) < 0;
    return HX_OK;
}

/* Fits a quantity to the rules; a buy by value is checked for what it will spend. */
static hx_err fit(const struct hx_signal *signal, hx_dec quantity, const struct hx_size_input *input,
                  struct hx_size *out) {
    hx_mem_set(out, 0, sizeof(*out));
    const struct hx_symbol_rules *rules = input->rules;
    bool market = input->type == HX_ORDER_MARKET;
    hx_dec step = market && hx_dec_sign(rules->market_step) > 0 ? rules->market_step : rules->step;
    hx_dec least =
        market && hx_dec_sign(rules->market_quantity_min) > 0 ? rules->market_quantity_min : rules->quantity_min;
    hx_dec most =
        market && hx_dec_sign(rules->market_quantity_max) > 0 ? rules->market_quantity_max : rules->quantity_max;
    out->quantity = quantity;
    if (hx_dec_sign(step) > 0) HX_TRY(hx_dec_round_step(quantity, step, HX_ROUND_DOWN, &out->quantity));
    if (hx_dec_sign(out->quantity) <= 0 || hx_dec_compare(out->quantity, least) < 0) {
        out->below_minimum = true;
        return refuse(out, HX_STR("quantity"), HX_STR("is below the smallest order the venue takes; raise it"));
    }
    /* A close that is too large goes in several orders; the plan sees to the next one. */
    if (input->reduces && hx_dec_sign(most) > 0) out->quantity = hx_dec_min(out->quantity, most);
    if (hx_dec_sign(most) > 0 && hx_dec_compare(out->quantity, most) > 0) {
        return refuse(out, HX_STR("quantity"), HX_STR("is above the largest order the venue takes; lower or split it"));
    }
    if (!market) {
        HX_TRY(fit_price(input, out));
        if (out->problem.len > 0) return HX_OK;
    }
    if (input->by_value) {
        HX_TRY(hx_size_spend(signal, rules, out->quantity, input->price, &out->value));
        if (hx_dec_sign(out->value) <= 0) {
            return refuse(out, HX_STR("quantity"), HX_STR("is worth less than the venue's smallest amount; raise it"));
        }
    }
    return check_notional(input, market ? input->price : out->price, out);
}

hx_err hx_size_decide_base(hx_dec quantity, const struct hx_size_input *input, struct hx_size *out) {
    /* Of a quantity in base, whatever the signal counts in. */
    const struct hx_signal in_base = {.quantity_type = HX_QUANTITY_BASE};
    return fit(&in_base, quantity, input, out);
}

hx_dec hx_size_least(const struct hx_symbol_rules *rules) {
    hx_dec step = hx_dec_sign(rules->market_step) > 0 ? rules->market_step : rules->step;
    hx_dec least = hx_dec_sign(rules->market_quantity_min) > 0 ? rules->market_quantity_min : rules->quantity_min;
    return hx_dec_max(step, least);
}

hx_err hx_size_is_dust(const struct hx_symbol_rules *rules, hx_dec quantity, hx_dec price, bool *out) {
    const struct hx_size_input input = {
        .rules = rules, .side = HX_SIDE_SELL, .type = HX_ORDER_MARKET, .reduces = true, .spot = true, .price = price};
    struct hx_size size;
    *out = false;
    if (hx_dec_sign(quantity) <= 0) return HX_OK;
    HX_TRY(hx_size_decide_base(quantity, &input, &size));
    *out = size.below_minimum;
    return HX_OK;
}

hx_err hx_size_decide_entry(const struct hx_signal *signal, const struct hx_size_input *input, struct hx_size *out) {
    hx_mem_set(out, 0, sizeof(*out));
    hx_dec raw = HX_DEC_ZERO;
    hx_str problem;
    HX_TRY(raw_quantity(signal, input, &raw, &problem));
    if (problem.len > 0) return refuse(out, HX_STR("quantity"), problem);
    return fit(signal, raw, input, out);
}
