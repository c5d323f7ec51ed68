/* Position accounting from fills: average cost, partial closes, flips, realised P&L, fees.
 *
 * Invariants:
 *   1. quantity = sum of signed fill quantities, exactly; on spot less what commissions in the base asset took, since
 *      those leave the account in the coin that is held.
 *   2. cost is the signed cost basis of what is open (quantity and cost have the same sign); opening adds
 *      quantity * price, closing takes away cost in proportion, and all of it when the position becomes flat, so
 *      nothing is left over. Amounts are exact as far as 18 digits go (amount.h).
 *   3. realized_pnl is before fees; fees in the quote asset are summed, others kept per asset. A commission in spot's
 *      base asset is in the P&L already: the quantity shrinks, the cost stays.
 *   4. On spot the quantity is never negative: what is sold beyond it was the owner's own.
 *   5. A round trip is in progress (trade.id is not empty) while there is a position, except that what can't be sold
 * any more (dust) is carried, with its cost, into the next one. Pure: no port, no clock. Rows are positions and trades
 * of schema/001_ledger.sql. */
#ifndef HX_CORE_TRADE_POSITION_H
#define HX_CORE_TRADE_POSITION_H

#include "core/base/arena.h"
#include "core/base/dec.h"
#include "core/venue/venue.h"

#define HX_COST_PLACES 8 /* Of the cost that a partial close takes away. */
#define HX_FEE_PLACES 8  /* Of the parts of a fee that a flip splits. */
#define HX_FEE_ASSETS_MAX 8

struct hx_fee_total {
    hx_str asset;
    hx_dec amount;
};

/* Fees per asset; the quote asset is one of them. */
struct hx_fees {
    struct hx_fee_total list[HX_FEE_ASSETS_MAX];
    uint32_t count;
};

/* One round trip: from flat through a position back to flat, or to dust. */
struct hx_trade {
    hx_str id;
    bool is_long;
    /* What the position gained and lost, commissions in the base asset included; values are those of the fills. */
    hx_dec opened_quantity, opened_value;
    hx_dec closed_quantity, closed_value;
    hx_dec realized_pnl;
    struct hx_fees fees;
    hx_time opened_ms;
    hx_time closed_ms; /* 0 while open. */
    hx_str open_signal_id, close_signal_id;
};

struct hx_position {
    hx_dec quantity; /* Signed, long positive. */
    hx_dec cost;
    hx_dec realized_pnl;
    struct hx_fees fees;
    int64_t version;
    hx_time opened_ms;     /* 0 when there is no round trip. */
    hx_time updated_ms;    /* Of the row; 0 when there is none. */
    struct hx_trade trade; /* The round trip in progress; id empty: none. */
};

/* What a fill did to round trips: the one it touched or closed, and a second when it flipped the position. */
struct hx_position_change {
    struct hx_trade trades[2];
    uint32_t count;
};

/* Applies one fill. `spot_asset` is the base asset where the position is what an account holds of it (spot), and empty
 * elsewhere. `trade_id` names a round trip that this fill opens; a flip appends "-r" to it in the arena.
 * REJECT_PRECISION or REJECT_RANGE when a quantity can't be kept exactly, or a commission takes all that was bought;
 * LIMIT_COUNT beyond HX_FEE_ASSETS_MAX assets. */
HX_MUST_USE hx_err hx_position_apply(struct hx_arena *arena, struct hx_position *position, const struct hx_fill *fill,
                                     hx_str spot_asset, hx_str trade_id, hx_str signal_id,
                                     struct hx_position_change *change);
/* Ends the round trip in progress, if any, of a position of which only dust is left: quantity and cost stay. */
void hx_position_leave_dust(struct hx_position *position, hx_time now, struct hx_position_change *change);

/* cost / quantity, rounded half-even to HX_AMOUNT_PLACES; zero when flat. */
HX_MUST_USE hx_err hx_position_entry_price(const struct hx_position *position, hx_dec *out);

HX_MUST_USE hx_err hx_fees_add(struct hx_fees *fees, hx_str asset, hx_dec amount);
hx_dec hx_fees_get(const struct hx_fees *fees, hx_str asset); /* Zero when absent. */
/* {"BNB":"0.001"}: all assets but `except`. Text in the arena; parse is its inverse (adds to *fees). */
HX_MUST_USE hx_err hx_fees_format_others(struct hx_arena *arena, const struct hx_fees *fees, hx_str except,
                                         hx_str *out);
HX_MUST_USE hx_err hx_fees_parse_others(struct hx_arena *arena, hx_str text, struct hx_fees *fees);

#endif
