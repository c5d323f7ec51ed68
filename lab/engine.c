/* Matching: what the venue checks before it takes an order, how it fills, what becomes of the rest.
 *
 * The book has one price on each side and no depth limit; market orders told to fill in parts walk it by one tick per
 * part. Resting orders fill at their own price, as maker, when the path crosses them. */
#include "lab/state.h"

int32_t hx_lab_check_quantity(const struct hx_lab_market *market, const struct hx_lab_draft *draft) {
    const bool is_market = draft->type == HX_LAB_ORDER_MARKET;
    if (draft->quantity <= 0) return -4003;
    if (draft->quantity_places > market->quantity_precision) return -1111;
    if (draft->quantity < market->quantity_min) return -4004;
    if (draft->quantity > (is_market ? market->market_quantity_max : market->quantity_max)) return -4005;
    if (draft->quantity % (is_market ? market->market_step : market->step) != 0) return -4023;
    return 0;
}

int32_t hx_lab_check_price(const struct hx_lab_market *market, hx_lab_amount price, uint32_t places) {
    if (price <= 0) return -4001;
    if (places > market->price_precision) return -1111;
    if (price < market->price_min) return -4013;
    if (price > market->price_max) return -4002;
    if (price % market->tick != 0) return -4014;
    return 0;
}

/* PERCENT_PRICE: five percent around the mark, on the side on which the price hurts its owner. */
static int32_t check_price_band(struct hx_lab_draft *draft, hx_lab_amount mark) {
    const hx_lab_amount band = mark / 20;
    draft->bound = draft->buy ? mark + band : mark - band;
    if (draft->buy && draft->price > draft->bound) return -4016;
    if (!draft->buy && draft->price < draft->bound) return -4024;
    return 0;
}

/* One-way: a reduce-only order is cut to the position. Hedge: the closing side may not ask for more than there is. */
static int32_t fit_to_position(const struct hx_lab *lab, struct hx_lab_draft *draft) {
    const bool hedge_close = (draft->side == HX_LAB_LONG && !draft->buy) || (draft->side == HX_LAB_SHORT && draft->buy);
    if (!draft->reduce_only && !hedge_close) return 0;
    const hx_lab_amount there = hx_lab_reducible(&lab->markets[draft->market], draft->side, draft->buy);
    if (there == 0) return -2022;
    if (hedge_close && !draft->close_position && draft->quantity > there) return -2022;
    draft->quantity = hx_lab_amount_min(draft->quantity, there);
    draft->reduce_only = true;
    return 0;
}

/* Positions stay within what an amount can hold even when everything that rests fills. */
static hx_lab_amount quantity_if_all_fill(const struct hx_lab *lab, const struct hx_lab_draft *draft) {
    hx_lab_amount sum = hx_lab_amount_abs(lab->markets[draft->market].positions[draft->side].quantity);
    sum = hx_lab_amount_add(sum, draft->quantity);
    for (uint32_t i = 0; i < lab->open_count; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        if (order->market == draft->market) sum = hx_lab_amount_add(sum, order->quantity);
    }
    return sum;
}

static int32_t check_margin(const struct hx_lab *lab, const struct hx_lab_draft *draft, hx_lab_amount price) {
    if (draft->reduce_only) return 0;
    const struct hx_lab_market *market = &lab->markets[draft->market];
    const hx_lab_amount held = market->positions[draft->side].quantity;
    const hx_lab_amount after = held + (draft->buy ? draft->quantity : -draft->quantity);
    const hx_lab_amount more = hx_lab_amount_abs(after) - hx_lab_amount_abs(held);
    if (quantity_if_all_fill(lab, draft) > HX_LAB_AMOUNT_MAX / 2) return -2027;
    if (more <= 0) return 0;
    if (hx_lab_amount_multiply(hx_lab_amount_abs(after), price) > hx_lab_notional_max(market->leverage)) return -2027;
    const hx_lab_amount needed = hx_lab_amount_multiply(more, price) / (int64_t)market->leverage;
    return needed > hx_lab_margin_now(lab).available ? -2019 : 0;
}

static bool crosses(const struct hx_lab_book *book, bool buy, hx_lab_amount price) {
    return buy ? book->ask <= price : book->bid >= price;
}

static int32_t check_draft(const struct hx_lab *lab, struct hx_lab_draft *draft, const struct hx_lab_book *book) {
    const struct hx_lab_market *market = &lab->markets[draft->market];
    const bool is_limit = draft->type == HX_LAB_ORDER_LIMIT;
    const hx_lab_amount best = draft->buy ? book->ask : book->bid;
    const hx_lab_amount price = is_limit ? draft->price : best;
    int32_t code = hx_lab_check_quantity(market, draft);
    if (code == 0 && is_limit) code = hx_lab_check_price(market, draft->price, draft->price_places);
    if (code == 0 && hx_lab_client_id_is_open(lab, draft->market, draft->client_id)) code = -4116;
    if (code == 0) code = fit_to_position(lab, draft);
    if (code == 0 && is_limit) code = check_price_band(draft, book->mark);
    if (code != 0) return code;
    draft->bound = market->notional_min;
    if (!draft->reduce_only && hx_lab_amount_multiply(draft->quantity, price) < market->notional_min) return -4164;
    if (is_limit && market->open_orders >= HX_LAB_OPEN_ORDERS_PER_SYMBOL_MAX) return -2025;
    code = check_margin(lab, draft, price);
    if (code != 0) return code;
    const bool takes = !is_limit || crosses(book, draft->buy, draft->price);
    if (draft->tif == HX_LAB_GTX && takes) return -5022;
    if (draft->tif == HX_LAB_FOK && (!takes || draft->bend.has_partial)) return -5021;
    return 0;
}

static uint32_t parts_of(const struct hx_lab *lab, const struct hx_lab_draft *draft, uint64_t seq) {
    if (draft->type == HX_LAB_ORDER_LIMIT) return 1;
    if (draft->bend.parts > 0) return draft->bend.parts;
    if (lab->market_fills_max <= 1) return 1;
    return 1 + (uint32_t)(hx_lab_mix(lab->seed ^ seq) % lab->market_fills_max);
}

static void take(struct hx_lab *lab, struct hx_lab_order *order, const struct hx_lab_draft *draft, hx_lab_amount best) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    hx_lab_amount target = order->quantity;
    if (draft->bend.has_partial) {
        target = hx_lab_amount_scale(target, draft->bend.fill_permille, 1000);
        target = hx_lab_amount_floor_step(target, market->step);
        if (target > order->quantity) target = order->quantity;
    }
    const uint32_t parts = parts_of(lab, draft, order->seq);
    const hx_lab_amount share = hx_lab_amount_floor_step(target / (int64_t)parts, market->step);
    hx_lab_amount price = best;
    for (uint32_t i = 0; i < parts; i++) {
        const hx_lab_amount quantity = i + 1 == parts ? target - order->executed : share;
        if (quantity == 0) continue;
        hx_lab_fill_order(lab, order, quantity, price, false);
        if (order->buy) {
            price += market->tick;
        } else if (price > market->tick) {
            price -= market->tick;
        }
    }
}

/* Reduce-only orders that have nothing left to reduce end, as on the venue. */
static void expire_reduce_only(struct hx_lab *lab) {
    for (uint32_t i = lab->open_count; i > 0; i--) {
        struct hx_lab_order *order = &lab->orders[lab->open[i - 1]];
        if (!order->reduce_only) continue;
        if (hx_lab_reducible(&lab->markets[order->market], order->side, order->buy) > 0) continue;
        hx_lab_order_close(lab, order, HX_LAB_STATUS_EXPIRED);
    }
}

static void describe(struct hx_lab *lab, struct hx_lab_order *order, const struct hx_lab_draft *draft) {
    order->accepted = lab->now;
    order->request_timestamp = draft->request_timestamp;
    order->time = hx_lab_clock(lab);
    order->updated = order->time;
    order->good_till = draft->good_till;
    order->price = draft->type == HX_LAB_ORDER_LIMIT ? draft->price : 0;
    order->quantity = draft->quantity;
    order->type = draft->type;
    order->tif = draft->tif;
    order->side = draft->side;
    order->buy = draft->buy;
    order->reduce_only = draft->reduce_only;
    order->from_algo = draft->from_algo;
    order->close_position = draft->close_position;
}

int32_t hx_lab_place(struct hx_lab *lab, struct hx_lab_draft *draft, struct hx_lab_order **out) {
    const struct hx_lab_market *market = &lab->markets[draft->market];
    if (market->halted || draft->bend.halted) return -4140;
    const struct hx_lab_book book = hx_lab_book_now(lab, market);
    const int32_t code = check_draft(lab, draft, &book);
    if (code != 0 || draft->test) return code;
    struct hx_lab_order *order = hx_lab_order_add(lab, draft->market, draft->client_id);
    if (order == NULL) return -1008;
    describe(lab, order, draft);
    const bool is_market = draft->type == HX_LAB_ORDER_MARKET;
    if (is_market || crosses(&book, draft->buy, draft->price)) {
        take(lab, order, draft, draft->buy ? book.ask : book.bid);
    }
    const bool rests = !is_market && draft->tif != HX_LAB_IOC && draft->tif != HX_LAB_FOK;
    if (!rests && hx_lab_order_is_open(order)) hx_lab_order_close(lab, order, HX_LAB_STATUS_EXPIRED);
    expire_reduce_only(lab);
    *out = order;
    return 0;
}

void hx_lab_cancel(struct hx_lab *lab, struct hx_lab_order *order) {
    hx_lab_order_close(lab, order, HX_LAB_STATUS_CANCELED);
}

static void match_resting(struct hx_lab *lab, struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    if (order->good_till != 0 && order->good_till <= hx_lab_clock(lab)) {
        hx_lab_order_close(lab, order, HX_LAB_STATUS_EXPIRED);
        return;
    }
    if (market->halted) return;
    const struct hx_lab_book book = hx_lab_book_now(lab, market);
    if (!crosses(&book, order->buy, order->price)) return;
    const hx_lab_amount rest = order->quantity - order->executed;
    hx_lab_amount quantity = rest;
    if (order->reduce_only) {
        quantity = hx_lab_amount_min(rest, hx_lab_reducible(market, order->side, order->buy));
    }
    if (quantity > 0) hx_lab_fill_order(lab, order, quantity, order->price, true);
    if (quantity < rest) hx_lab_order_close(lab, order, HX_LAB_STATUS_EXPIRED);
}

void hx_lab_match_all(struct hx_lab *lab) {
    for (uint32_t i = 0; i < lab->open_count;) {
        struct hx_lab_order *order = &lab->orders[lab->open[i]];
        match_resting(lab, order);
        if (hx_lab_order_is_open(order)) i++;
    }
    expire_reduce_only(lab);
    hx_lab_algo_trigger_all(lab);
}
