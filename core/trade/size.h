/* Sizing: from what a signal asks for to a quantity and price the venue's rules allow, rounded toward less risk.
 *
 * Pure rules. Quantities are in base units. Entries round down; limit prices round down for buys and up for sells.
 * Reducing a position is exempt from the venue's least order value, except on spot, where a sale is a sale. */
#ifndef HX_CORE_TRADE_SIZE_H
#define HX_CORE_TRADE_SIZE_H

#include "core/base/dec.h"
#include "core/signal/signal.h"
#include "core/venue/venue.h"

/* What sizing must know besides the signal; each is asked for only when hx_size_needs says so. */
struct hx_size_needs {
    bool price;  /* Mark price: market orders sized by value, or checked against a notional cap. */
    bool equity; /* Account equity in the quote asset. */
};

struct hx_size_input {
    const struct hx_symbol_rules *rules;
    enum hx_side side;
    enum hx_order_type type;
    bool reduces; /* Closes or reduces. */
    bool spot;
    bool
        by_value; /* The venue takes an amount of quote to spend; what comes of it may be more or less than quantity. */
    hx_dec price; /* Limit price, or mark price when needed; zero when unknown. */
    hx_dec equity;
    hx_dec notional_cap; /* trade:max_order_notional; zero: none. */
};

struct hx_size {
    hx_dec quantity;
    hx_dec value; /* By value: what will be spent, all told. */
    hx_dec price; /* Limit orders: rounded to the tick. */
    /* Set when the order can't be made: what is wrong and what to change. Constant text. */
    hx_str field;
    hx_str problem;
    bool below_minimum; /* The problem is only that the quantity rounds to less than the least the venue takes. */
};

struct hx_size_needs hx_size_needs(const struct hx_signal *signal, enum hx_order_type type, bool reduces,
                                   hx_dec notional_cap);

/* Sizes an opening order from the signal's quantity and quantity type. */
HX_MUST_USE hx_err hx_size_decide_entry(const struct hx_signal *signal, const struct hx_size_input *input,
                                        struct hx_size *out);
/* Fits a base quantity (a close, a target's difference) to the rules. */
HX_MUST_USE hx_err hx_size_decide_base(hx_dec quantity, const struct hx_size_input *input, struct hx_size *out);

/* What a buy by value spends, in whole steps of quote: the amount as the signal gave it, else what `quantity` is worth
 * at the price it was sized with. */
HX_MUST_USE hx_err hx_size_spend(const struct hx_signal *signal, const struct hx_symbol_rules *rules, hx_dec quantity,
                                 hx_dec price, hx_dec *out);
/* Whether nothing more could be bought with what is left of `amount` after `value` at this average price. */
HX_MUST_USE hx_err hx_size_is_spent(const struct hx_symbol_rules *rules, hx_dec amount, hx_dec value, hx_dec price,
                                    bool *out);

/* The smallest market order. */
hx_dec hx_size_least(const struct hx_symbol_rules *rules);
/* Whether so much of a holding is too little to be sold, in quantity or (at `price`; zero: not known) in value. */
HX_MUST_USE hx_err hx_size_is_dust(const struct hx_symbol_rules *rules, hx_dec quantity, hx_dec price, bool *out);

#endif
