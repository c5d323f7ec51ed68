/* The futures account: positions, average entry, realised P&L, fees, margin.
 *
 * Margin is cross-like for both margin modes (the mode is remembered and shown), and nobody is liquidated: what the lab
 * must be right about is which orders are refused and what a fill does to position and wallet. */
#include "lab/wire.h"

hx_lab_amount hx_lab_unrealized(const struct hx_lab_position *position, hx_lab_amount mark) {
    if (position->quantity == 0) return 0;
    return hx_lab_amount_multiply(position->quantity, mark - position->entry);
}

struct hx_lab_margin hx_lab_margin_now(const struct hx_lab *lab) {
    struct hx_lab_margin margin = {0, 0, 0, 0};
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_market *market = &lab->markets[i];
        if (!hx_lab_market_has_position(market)) continue;
        const hx_lab_amount mark = hx_lab_book_now(lab, market).mark;
        for (uint32_t side = 0; side < HX_LAB_POSITION_SIDES; side++) {
            const struct hx_lab_position *position = &market->positions[side];
            margin.unrealized = hx_lab_amount_add(margin.unrealized, hx_lab_unrealized(position, mark));
            const hx_lab_amount notional = hx_lab_amount_multiply(hx_lab_amount_abs(position->quantity), mark);
            const int64_t leverage = hx_lab_leverage_of(market, position->quantity > 0);
            margin.position_margin = hx_lab_amount_add(margin.position_margin, notional / leverage);
        }
    }
    for (uint32_t i = 0; i < lab->open_count; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        if (order->reduce_only || !hx_lab_order_works(order)) continue;
        if (hx_lab_market_is_spot(lab, order->market)) continue;
        const hx_lab_amount rest = order->quantity - order->executed;
        const hx_lab_amount notional = hx_lab_amount_multiply(rest, order->price);
        const uint32_t usual = hx_lab_leverage_of(&lab->markets[order->market], order->buy);
        const int64_t leverage = order->leverage > 0 ? order->leverage : usual;
        margin.order_margin = hx_lab_amount_add(margin.order_margin, notional / leverage);
    }
    const struct hx_lab_purse *usdt = hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_USDT);
    margin.available = hx_lab_amount_add(usdt->total - usdt->locked, margin.unrealized);
    margin.available = hx_lab_amount_add(margin.available, -margin.position_margin);
    margin.available = hx_lab_amount_add(margin.available, -margin.order_margin);
    return margin;
}

uint32_t hx_lab_leverage_of(const struct hx_lab_market *market, bool is_long) {
    const uint32_t own = market->side_leverage[is_long ? 0 : 1];
    return own > 0 ? own : market->leverage;
}

bool hx_lab_is_isolated(const struct hx_lab_market *market, bool is_long) {
    return market->isolated || market->side_isolated[is_long ? 0 : 1];
}

hx_lab_amount hx_lab_notional_max(uint32_t leverage) {
    static const struct {
        uint32_t leverage;
        int64_t notional;
    } brackets[] = {{125, 300000},  {100, 800000},   {75, 3000000},  {50, 12000000},
                    {20, 70000000}, {10, 100000000}, {5, 230000000}, {1, 1000000000}};
    const size_t count = sizeof brackets / sizeof brackets[0];
    int64_t notional = brackets[0].notional;
    for (size_t i = 0; i < count && brackets[i].leverage >= leverage; i++) notional = brackets[i].notional;
    return notional * HX_LAB_UNIT;
}

bool hx_lab_market_has_position(const struct hx_lab_market *market) {
    for (uint32_t side = 0; side < HX_LAB_POSITION_SIDES; side++) {
        if (market->positions[side].quantity != 0) return true;
    }
    return false;
}

bool hx_lab_has_any_position(const struct hx_lab *lab) {
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (hx_lab_market_has_position(&lab->markets[i])) return true;
    }
    return false;
}

hx_lab_amount hx_lab_reducible(const struct hx_lab_market *market, enum hx_lab_position_side side, bool buy) {
    const hx_lab_amount quantity = market->positions[side].quantity;
    if (buy) return quantity < 0 ? -quantity : 0;
    return quantity > 0 ? quantity : 0;
}

/* Returns what the closing part realised. A fill may close, open, or do both when it crosses zero. */
static hx_lab_amount move_position(struct hx_lab_position *position, hx_lab_amount signed_quantity,
                                   hx_lab_amount price) {
    const hx_lab_amount before = position->quantity;
    const hx_lab_amount after = before + signed_quantity;
    const bool opens = before == 0 || (before > 0) == (signed_quantity > 0);
    position->quantity = after;
    if (opens) {
        position->entry = hx_lab_amount_average(hx_lab_amount_abs(before), position->entry,
                                                hx_lab_amount_abs(signed_quantity), price);
        return 0;
    }
    const hx_lab_amount closed = hx_lab_amount_min(hx_lab_amount_abs(before), hx_lab_amount_abs(signed_quantity));
    const hx_lab_amount gain = price - position->entry;
    const hx_lab_amount realized = hx_lab_amount_multiply(closed, before > 0 ? gain : -gain);
    if (after == 0) {
        position->entry = 0;
    } else if ((after > 0) != (before > 0)) {
        position->entry = price;
    }
    return realized;
}

/* BNB pays while there is enough of it; the venue then silently goes back to the margin asset. */
static void charge_fee(struct hx_lab *lab, struct hx_lab_fill *fill) {
    const hx_lab_amount rate = fill->maker ? lab->maker_rate[HX_LAB_FUTURES] : lab->taker_rate[HX_LAB_FUTURES];
    struct hx_lab_purse *purse = hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_USDT);
    fill->fee = hx_lab_amount_multiply(fill->quote, rate);
    fill->fee_asset = HX_LAB_ASSET_USDT;
    if (lab->fee_asset == HX_LAB_FEE_BNB && rate >= 0) {
        struct hx_lab_purse *bnb = hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_BNB);
        const hx_lab_amount in_bnb = hx_lab_amount_divide(fill->fee, lab->bnb_price);
        if (in_bnb <= bnb->total - bnb->locked) {
            fill->fee = in_bnb;
            fill->fee_asset = HX_LAB_ASSET_BNB;
            purse = bnb;
        }
    }
    purse->total = hx_lab_amount_add(purse->total, -fill->fee);
    purse->fees = hx_lab_amount_add(purse->fees, fill->fee);
}

static void settle_futures(struct hx_lab *lab, const struct hx_lab_order *order, struct hx_lab_fill *fill) {
    struct hx_lab_position *position = &lab->markets[order->market].positions[order->side];
    struct hx_lab_purse *usdt = hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_USDT);
    const hx_lab_amount before = position->quantity;
    fill->closed =
        hx_lab_amount_min(hx_lab_reducible(&lab->markets[order->market], order->side, order->buy), fill->quantity);
    fill->realized = move_position(position, order->buy ? fill->quantity : -fill->quantity, fill->price);
    position->updated = fill->time;
    if (position->first == 0) position->first = fill->time;
    const bool is_new = before == 0 || (fill->closed > 0 && fill->closed < fill->quantity);
    if (is_new) {
        position->opened = fill->time;
        position->realized_now = 0;
        position->closed = 0;
        position->closed_quote = 0;
        position->fees = 0;
        position->number = ++lab->position_seq;
    } else {
        position->closed += fill->closed;
        position->closed_quote =
            hx_lab_amount_add(position->closed_quote, hx_lab_amount_multiply(fill->closed, fill->price));
    }
    usdt->total = hx_lab_amount_add(usdt->total, fill->realized);
    lab->realized_total = hx_lab_amount_add(lab->realized_total, fill->realized);
    charge_fee(lab, fill);
    hx_lab_amount gain = fill->realized;
    if (fill->fee_asset == HX_LAB_ASSET_USDT) {
        gain = hx_lab_amount_add(gain, -fill->fee);
        position->fees = hx_lab_amount_add(position->fees, fill->fee);
    }
    position->realized = hx_lab_amount_add(position->realized, gain);
    position->realized_now = hx_lab_amount_add(position->realized_now, gain);
}

void hx_lab_fill_order(struct hx_lab *lab, struct hx_lab_order *order, hx_lab_amount quantity, hx_lab_amount price,
                       bool maker) {
    hx_assert(quantity > 0 && price > 0 && quantity <= order->quantity - order->executed);
    struct hx_lab_fill *fill = hx_lab_fill_add(lab);
    fill->order_seq = order->seq;
    fill->order_id = hx_lab_order_id(lab, order);
    fill->time = hx_lab_clock(lab);
    fill->accepted = lab->now;
    fill->quantity = quantity;
    fill->price = price;
    fill->quote = hx_lab_amount_multiply(quantity, price);
    fill->market = order->market;
    fill->side = order->side;
    fill->buy = order->buy;
    fill->maker = maker;
    if (hx_lab_market_is_spot(lab, order->market)) {
        hx_lab_spot_settle(lab, order, fill);
    } else {
        settle_futures(lab, order, fill);
        order->position_number = lab->markets[order->market].positions[order->side].number;
    }
    lab->account_updated = fill->time;
    if (order->fill_count == 0) order->fill_first = fill->seq;
    order->fill_count++;
    order->executed += quantity;
    order->quote += fill->quote;
    order->updated = fill->time;
    if (order->executed == order->quantity) {
        hx_lab_order_close(lab, order, HX_LAB_STATUS_FILLED);
    } else {
        order->status = HX_LAB_STATUS_PARTIALLY_FILLED;
    }
    hx_lab_tell_order(lab, order, HX_LAB_EXECUTION_TRADE, fill);
    if (lab->front->after_fill != NULL) lab->front->after_fill(lab, order, fill);
}
