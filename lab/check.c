#include "lab/check.h"

#include "lab/wire.h"

enum hx_lab_refusal hx_lab_check_quantity(const struct hx_lab_market *market, const struct hx_lab_draft *draft) {
    const bool is_market = draft->type == HX_LAB_ORDER_MARKET;
    if (draft->quantity <= 0) return HX_LAB_REFUSED_QUANTITY_ZERO;
    if (draft->quantity_places > market->quantity_precision) return HX_LAB_REFUSED_QUANTITY_PLACES;
    if (draft->quantity < market->quantity_min) return HX_LAB_REFUSED_QUANTITY_LOW;
    if (draft->quantity > (is_market ? market->market_quantity_max : market->quantity_max)) {
        return HX_LAB_REFUSED_QUANTITY_HIGH;
    }
    if (draft->quantity % (is_market ? market->market_step : market->step) != 0) return HX_LAB_REFUSED_QUANTITY_STEP;
    return HX_LAB_ACCEPTED;
}

enum hx_lab_refusal hx_lab_check_price(const struct hx_lab_market *market, hx_lab_amount price, uint32_t places) {
    if (price <= 0) return HX_LAB_REFUSED_PRICE_ZERO;
    if (places > market->price_precision) return HX_LAB_REFUSED_PRICE_PLACES;
    if (price < market->price_min) return HX_LAB_REFUSED_PRICE_LOW;
    if (price > market->price_max) return HX_LAB_REFUSED_PRICE_HIGH;
    if (price % market->tick != 0) return HX_LAB_REFUSED_PRICE_TICK;
    return HX_LAB_ACCEPTED;
}

bool hx_lab_crosses(const struct hx_lab_book *book, bool buy, hx_lab_amount price) {
    return buy ? book->ask <= price : book->bid >= price;
}

uint32_t hx_lab_parts_of(const struct hx_lab *lab, enum hx_lab_order_type type, const struct hx_lab_bend *bend,
                         uint64_t seq) {
    if (type == HX_LAB_ORDER_LIMIT) return 1;
    if (bend->parts > 0) return bend->parts;
    if (lab->market_fills_max <= 1) return 1;
    return 1 + (uint32_t)(hx_lab_mix(lab->seed ^ seq) % lab->market_fills_max);
}

/* Futures: five percent around the mark, on the side on which the price hurts its owner. Spot: a fifth to five times.
 */
static enum hx_lab_refusal check_band(const struct hx_lab *lab, struct hx_lab_draft *draft, hx_lab_amount mark) {
    if (hx_lab_market_is_spot(lab, draft->market)) {
        draft->bound = hx_lab_amount_scale(mark, 5, 1);
        if (draft->price > draft->bound) return HX_LAB_REFUSED_BAND_HIGH;
        draft->bound = mark / 5;
        return draft->price < draft->bound ? HX_LAB_REFUSED_BAND_LOW : HX_LAB_ACCEPTED;
    }
    const hx_lab_amount band = mark / 20;
    draft->bound = draft->buy ? mark + band : mark - band;
    if (draft->buy && draft->price > draft->bound) return HX_LAB_REFUSED_BAND_HIGH;
    if (!draft->buy && draft->price < draft->bound) return HX_LAB_REFUSED_BAND_LOW;
    return HX_LAB_ACCEPTED;
}

/* A reduce-only order is cut to the position. In hedge mode the closing side is one without saying so, but may then not
 * ask for more than there is. */
static enum hx_lab_refusal fit_to_position(const struct hx_lab *lab, struct hx_lab_draft *draft) {
    const bool hedge_close = (draft->side == HX_LAB_LONG && !draft->buy) || (draft->side == HX_LAB_SHORT && draft->buy);
    if (!draft->reduce_only && !hedge_close) return HX_LAB_ACCEPTED;
    const hx_lab_amount there = hx_lab_reducible(&lab->markets[draft->market], draft->side, draft->buy);
    if (there == 0) return HX_LAB_REFUSED_REDUCE_ONLY;
    const bool cuts = draft->reduce_only || draft->close_position;
    if (hedge_close && !cuts && draft->quantity > there) return HX_LAB_REFUSED_REDUCE_ONLY;
    draft->quantity = hx_lab_amount_min(draft->quantity, there);
    draft->reduce_only = true;
    return HX_LAB_ACCEPTED;
}

/* Positions stay within what an amount can hold even when everything that rests fills. */
static hx_lab_amount quantity_if_all_fill(const struct hx_lab *lab, const struct hx_lab_draft *draft) {
    hx_lab_amount sum = hx_lab_amount_abs(lab->markets[draft->market].positions[draft->side].quantity);
    sum = hx_lab_amount_add(sum, draft->quantity);
    for (uint32_t i = 0; i < lab->open_count; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        const bool counts = order->market == draft->market && hx_lab_order_works(order);
        if (counts) sum = hx_lab_amount_add(sum, order->quantity);
    }
    return sum;
}

static enum hx_lab_refusal check_margin(const struct hx_lab *lab, const struct hx_lab_draft *draft,
                                        hx_lab_amount price) {
    if (draft->reduce_only) return HX_LAB_ACCEPTED;
    const struct hx_lab_market *market = &lab->markets[draft->market];
    const hx_lab_amount held = market->positions[draft->side].quantity;
    const hx_lab_amount after = held + (draft->buy ? draft->quantity : -draft->quantity);
    const hx_lab_amount more = hx_lab_amount_abs(after) - hx_lab_amount_abs(held);
    const uint32_t leverage = draft->leverage > 0 ? draft->leverage : hx_lab_leverage_of(market, draft->buy);
    if (quantity_if_all_fill(lab, draft) > HX_LAB_AMOUNT_MAX / 2) return HX_LAB_REFUSED_POSITION_SIZE;
    if (more <= 0) return HX_LAB_ACCEPTED;
    if (hx_lab_amount_multiply(hx_lab_amount_abs(after), price) > hx_lab_notional_max(leverage)) {
        return HX_LAB_REFUSED_POSITION_SIZE;
    }
    const hx_lab_amount needed = hx_lab_amount_multiply(more, price) / (int64_t)leverage;
    return needed > hx_lab_margin_now(lab).available ? HX_LAB_REFUSED_MARGIN : HX_LAB_ACCEPTED;
}

/* What a buy pays at most: in parts, up to the last and worst part's price. */
static hx_lab_amount worst_price(const struct hx_lab *lab, const struct hx_lab_draft *draft, hx_lab_amount price) {
    const uint32_t parts = hx_lab_parts_of(lab, draft->type, &draft->bend, lab->order_seq + 1);
    return price + lab->markets[draft->market].tick * (hx_lab_amount)(parts - 1);
}

static enum hx_lab_refusal check_balance(const struct hx_lab *lab, const struct hx_lab_draft *draft,
                                         hx_lab_amount price) {
    const struct hx_lab_market *market = &lab->markets[draft->market];
    if (!draft->buy) {
        return draft->quantity > hx_lab_spot_free(lab, market->base_asset) ? HX_LAB_REFUSED_BALANCE : HX_LAB_ACCEPTED;
    }
    const hx_lab_amount cost = hx_lab_amount_multiply(draft->quantity, worst_price(lab, draft, price));
    return cost > hx_lab_spot_free(lab, HX_LAB_ASSET_USDT) ? HX_LAB_REFUSED_BALANCE : HX_LAB_ACCEPTED;
}

/* The quantity a quote amount gives at that price; too little for one step is too small an amount. */
static enum hx_lab_refusal take_quote_amount(const struct hx_lab *lab, struct hx_lab_draft *draft, hx_lab_amount best) {
    const struct hx_lab_market *market = &lab->markets[draft->market];
    const hx_lab_amount price = draft->buy ? worst_price(lab, draft, best) : best;
    draft->bound = market->notional_min;
    if (draft->quote_asked < market->notional_min) return HX_LAB_REFUSED_NOTIONAL_LOW;
    hx_lab_amount quantity = hx_lab_amount_divide(draft->quote_asked, price);
    quantity = hx_lab_amount_floor_step(quantity, market->market_step);
    if (quantity > 0 && hx_lab_amount_multiply(quantity, price) > draft->quote_asked) quantity -= market->market_step;
    draft->quantity = quantity;
    draft->quantity_places = 0;
    return quantity > 0 ? HX_LAB_ACCEPTED : HX_LAB_REFUSED_NOTIONAL_LOW;
}

static enum hx_lab_refusal check_funds(const struct hx_lab *lab, const struct hx_lab_draft *draft,
                                       hx_lab_amount price) {
    if (draft->trigger.is_set && draft->locks_late) return HX_LAB_ACCEPTED;
    if (hx_lab_market_is_spot(lab, draft->market)) return check_balance(lab, draft, price);
    /* A conditional futures order holds no margin until it is triggered. */
    return draft->trigger.is_set ? HX_LAB_ACCEPTED : check_margin(lab, draft, price);
}

/* The price an order is judged by: its own, its trigger's, or the best there is. */
static hx_lab_amount price_of(const struct hx_lab_draft *draft, const struct hx_lab_book *book) {
    if (draft->type == HX_LAB_ORDER_LIMIT) return draft->price;
    if (draft->trigger.is_set && draft->trigger.price > 0) return draft->trigger.price;
    return draft->buy ? book->ask : book->bid;
}

static enum hx_lab_refusal check_tif(const struct hx_lab_draft *draft, const struct hx_lab_book *book) {
    if (draft->trigger.is_set) return HX_LAB_ACCEPTED;
    const bool takes = draft->type == HX_LAB_ORDER_MARKET || hx_lab_crosses(book, draft->buy, draft->price);
    if (draft->tif == HX_LAB_GTX && takes) return HX_LAB_REFUSED_WOULD_TAKE;
    if (draft->tif != HX_LAB_FOK || draft->keeps_unfilled) return HX_LAB_ACCEPTED;
    if (!takes || draft->bend.has_partial) return HX_LAB_REFUSED_WOULD_NOT_FILL;
    return HX_LAB_ACCEPTED;
}

/* What speaks of the order alone. */
static enum hx_lab_refusal check_terms(const struct hx_lab *lab, struct hx_lab_draft *draft,
                                       const struct hx_lab_book *book) {
    const struct hx_lab_market *market = &lab->markets[draft->market];
    const bool is_limit = draft->type == HX_LAB_ORDER_LIMIT;
    enum hx_lab_refusal refusal = HX_LAB_ACCEPTED;
    if (draft->quote_asked > 0) refusal = take_quote_amount(lab, draft, price_of(draft, book));
    if (refusal == HX_LAB_ACCEPTED) refusal = hx_lab_check_quantity(market, draft);
    if (refusal == HX_LAB_ACCEPTED && is_limit) {
        refusal = hx_lab_check_price(market, draft->price, draft->price_places);
    }
    if (refusal == HX_LAB_ACCEPTED && draft->id_is_taken) refusal = HX_LAB_REFUSED_DUPLICATE;
    return refusal;
}

static bool waiting_too_many(const struct hx_lab *lab, uint32_t market) {
    const uint32_t limit = lab->front->trigger_count_max[lab->markets[market].product];
    uint32_t count = 0;
    for (uint32_t i = 0; i < lab->open_count; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        if (order->market != market || order->trigger.of_position) continue;
        if (order->trigger.is_set && !order->triggered) count++;
    }
    return limit > 0 && count >= limit;
}

static uint32_t open_count_max(const struct hx_lab *lab, const struct hx_lab_market *market) {
    const uint32_t limit = lab->front->open_count_max[market->product];
    return limit > 0 ? limit : HX_LAB_OPEN_ORDERS_PER_SYMBOL_MAX;
}

enum hx_lab_refusal hx_lab_check_draft(const struct hx_lab *lab, struct hx_lab_draft *draft) {
    const struct hx_lab_market *market = &lab->markets[draft->market];
    const struct hx_lab_book book = hx_lab_book_now(lab, market);
    const bool is_limit = draft->type == HX_LAB_ORDER_LIMIT;
    const hx_lab_amount price = price_of(draft, &book);
    enum hx_lab_refusal refusal = check_terms(lab, draft, &book);
    if (refusal == HX_LAB_ACCEPTED) refusal = fit_to_position(lab, draft);
    if (refusal == HX_LAB_ACCEPTED && is_limit) refusal = check_band(lab, draft, book.mark);
    if (refusal != HX_LAB_ACCEPTED) return refusal;
    draft->bound = market->notional_min;
    if (!draft->reduce_only && hx_lab_amount_multiply(draft->quantity, price) < market->notional_min) {
        return HX_LAB_REFUSED_NOTIONAL_LOW;
    }
    const bool rests = is_limit || draft->trigger.is_set;
    const uint32_t others = market->open_orders - (draft->is_recheck ? 1 : 0);
    const bool counts = draft->trigger.is_set && !draft->trigger.of_position && !draft->is_recheck;
    if (counts && waiting_too_many(lab, draft->market)) return HX_LAB_REFUSED_TRIGGER_COUNT;
    if (rests && others >= open_count_max(lab, market)) return HX_LAB_REFUSED_ORDER_COUNT;
    refusal = check_funds(lab, draft, price);
    if (refusal != HX_LAB_ACCEPTED) return refusal;
    if (draft->trigger.is_set && hx_lab_trigger_met(lab, draft->market, &draft->trigger)) {
        return HX_LAB_REFUSED_TRIGGER_MET;
    }
    return check_tif(draft, &book);
}
