/* Matching: what becomes of an order that was checked, how it fills, what is left of it.
 *
 * The book has one price on each side and no depth limit; market orders told to fill in parts walk it by one tick per
 * part. Resting orders fill at their own price, as maker, when the path crosses them. Spot and futures differ in what
 * is checked (check.c) and in what a fill moves (account.c, spot.c), not in how they match. */
#include "lab/check.h"

static bool is_spot(const struct hx_lab *lab, const struct hx_lab_order *order) {
    return hx_lab_market_is_spot(lab, order->market);
}

static void take(struct hx_lab *lab, struct hx_lab_order *order, hx_lab_amount best) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    hx_lab_amount target = order->quantity;
    if (order->bend.has_partial) {
        target = hx_lab_amount_scale(target, order->bend.fill_permille, 1000);
        target = hx_lab_amount_floor_step(target, market->step);
        if (target > order->quantity) target = order->quantity;
    }
    const uint32_t parts = hx_lab_parts_of(lab, order->type, &order->bend, order->seq);
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
        if (!order->reduce_only || order->status == HX_LAB_STATUS_PENDING) continue;
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
    order->quote_asked = draft->quote_asked;
    order->trigger = draft->trigger;
    order->bend = draft->bend;
    order->type = draft->type;
    order->tif = draft->tif;
    order->side = draft->side;
    order->buy = draft->buy;
    order->reduce_only = draft->reduce_only;
    order->from_algo = draft->from_algo;
    order->close_position = draft->close_position;
    order->keeps_unfilled = draft->keeps_unfilled;
    order->locks_late = draft->locks_late;
    order->exits = draft->exits;
    order->leverage = draft->leverage;
    order->isolated = draft->isolated;
    order->wire_kind = draft->wire_kind;
}

/* The order meets the book. */
static void enter(struct hx_lab *lab, struct hx_lab_order *order) {
    const struct hx_lab_book book = hx_lab_book_now(lab, &lab->markets[order->market]);
    const bool is_market = order->type == HX_LAB_ORDER_MARKET;
    const bool none = order->tif == HX_LAB_FOK && order->bend.has_partial;
    if (!none && (is_market || hx_lab_crosses(&book, order->buy, order->price))) {
        take(lab, order, order->buy ? book.ask : book.bid);
    }
    const bool rests = !is_market && order->tif != HX_LAB_IOC && order->tif != HX_LAB_FOK;
    if (!rests && hx_lab_order_is_open(order)) hx_lab_order_close(lab, order, HX_LAB_STATUS_EXPIRED);
}

/* An order as a draft again, for the checks that come later than its request. */
static struct hx_lab_draft draft_of(const struct hx_lab_order *order) {
    struct hx_lab_draft draft;
    hx_mem_set(&draft, 0, sizeof draft);
    draft.market = order->market;
    draft.buy = order->buy;
    draft.reduce_only = order->reduce_only;
    draft.from_algo = order->from_algo;
    draft.close_position = order->close_position;
    draft.type = order->type;
    draft.tif = order->tif;
    draft.side = order->side;
    draft.quantity = order->quantity;
    draft.quote_asked = order->quote_asked;
    draft.price = order->price;
    draft.trigger = order->trigger;
    draft.trigger.is_set = order->trigger.is_set && !order->triggered;
    draft.bend = order->bend;
    draft.is_recheck = true;
    draft.keeps_unfilled = order->keeps_unfilled;
    draft.locks_late = order->locks_late;
    draft.leverage = order->leverage;
    return draft;
}

static void reject(struct hx_lab *lab, struct hx_lab_order *order, enum hx_lab_refusal refusal) {
    order->refusal = refusal;
    hx_lab_order_close(lab, order, HX_LAB_STATUS_REJECTED);
}

/* Into the book, or to wait for its trigger. */
static void begin(struct hx_lab *lab, struct hx_lab_order *order) {
    const bool waits = order->trigger.is_set && !order->triggered;
    if (waits) order->status = HX_LAB_STATUS_UNTRIGGERED;
    const bool holds = waits ? !order->locks_late : order->type == HX_LAB_ORDER_LIMIT;
    if (holds && is_spot(lab, order)) hx_lab_spot_lock(lab, order);
    hx_lab_tell_order(lab, order, order->triggered ? HX_LAB_EXECUTION_TRIGGERED : HX_LAB_EXECUTION_NEW, NULL);
    if (!waits) enter(lab, order);
}

/* Why it can not be placed now. What its request was already found guilty of comes first. */
static enum hx_lab_refusal refusal_now(const struct hx_lab *lab, const struct hx_lab_order *order,
                                       struct hx_lab_draft *draft) {
    if (order->refusal != HX_LAB_ACCEPTED) return order->refusal;
    if (lab->markets[order->market].halted || order->bend.halted) return HX_LAB_REFUSED_HALTED;
    return hx_lab_check_draft(lab, draft);
}

/* Checks everything again at the price of now: the order is not in the book yet and counts for nothing. */
static void settle(struct hx_lab *lab, struct hx_lab_order *order) {
    struct hx_lab_draft draft = draft_of(order);
    hx_assert(!hx_lab_order_works(order));
    const enum hx_lab_refusal refusal = refusal_now(lab, order, &draft);
    if (order->status == HX_LAB_STATUS_PENDING) lab->ack_count--;
    order->status = HX_LAB_STATUS_NEW;
    if (refusal != HX_LAB_ACCEPTED) {
        reject(lab, order, refusal);
        return;
    }
    order->quantity = draft.quantity;
    order->reduce_only = draft.reduce_only;
    order->updated = hx_lab_clock(lab);
    order->trigger.peak = draft.trigger.peak;
    begin(lab, order);
}

static bool shows_late(const struct hx_lab *lab, enum hx_lab_refusal refusal) {
    if (refusal == HX_LAB_REFUSED_DUPLICATE) return lab->late_duplicates;
    return refusal == HX_LAB_REFUSED_WOULD_TAKE || refusal == HX_LAB_REFUSED_WOULD_NOT_FILL;
}

enum hx_lab_refusal hx_lab_place(struct hx_lab *lab, struct hx_lab_draft *draft, struct hx_lab_order **out) {
    const struct hx_lab_market *market = &lab->markets[draft->market];
    if (market->halted || draft->bend.halted) return HX_LAB_REFUSED_HALTED;
    draft->id_is_taken = hx_lab_client_id_is_taken(lab, draft->market, draft->client_id);
    const enum hx_lab_refusal refusal = hx_lab_check_draft(lab, draft);
    const bool late = draft->is_acked && shows_late(lab, refusal);
    if ((refusal != HX_LAB_ACCEPTED && !late) || draft->test) return refusal;
    struct hx_lab_order *order = hx_lab_order_add(lab, draft->market, draft->client_id);
    if (order == NULL) return HX_LAB_REFUSED_FULL;
    describe(lab, order, draft);
    *out = order;
    if (!draft->is_acked) {
        begin(lab, order);
    } else {
        order->status = HX_LAB_STATUS_PENDING;
        order->due = lab->now + lab->ack_delay_ms;
        lab->ack_count++;
        order->refusal = draft->doom;
        if (refusal == HX_LAB_REFUSED_DUPLICATE) {
            order->refusal = refusal;
            order->placements--;
        }
        if (lab->ack_delay_ms == 0) settle(lab, order);
    }
    expire_reduce_only(lab);
    return HX_LAB_ACCEPTED;
}

void hx_lab_cancel(struct hx_lab *lab, struct hx_lab_order *order) {
    hx_lab_order_close(lab, order, HX_LAB_STATUS_CANCELED);
}

void hx_lab_cancel_later(struct hx_lab *lab, struct hx_lab_order *order) {
    hx_assert(order->status != HX_LAB_STATUS_PENDING && hx_lab_order_is_open(order));
    if (lab->ack_delay_ms == 0) {
        hx_lab_cancel(lab, order);
    } else if (!order->canceling) {
        order->canceling = true;
        order->due = lab->now + lab->ack_delay_ms;
        lab->ack_count++;
    }
}

/* The same order with other terms, checked as if nothing of it were held: what filled stays filled. */
static enum hx_lab_refusal check_amended(const struct hx_lab *lab, const struct hx_lab_order *order,
                                         struct hx_lab_draft *draft) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    enum hx_lab_refusal refusal = hx_lab_check_quantity(market, draft);
    if (refusal != HX_LAB_ACCEPTED) return refusal;
    draft->quantity -= order->executed;
    refusal = hx_lab_check_draft(lab, draft);
    const bool small_rest = refusal == HX_LAB_REFUSED_QUANTITY_LOW || refusal == HX_LAB_REFUSED_NOTIONAL_LOW;
    return order->executed > 0 && small_rest ? HX_LAB_ACCEPTED : refusal;
}

static enum hx_lab_refusal check_change(const struct hx_lab *lab, const struct hx_lab_order *order,
                                        struct hx_lab_change *change, struct hx_lab_draft *draft) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    if (change->quantity > 0) draft->quantity = change->quantity;
    draft->quantity_places = change->quantity_places;
    if (change->price > 0) draft->price = change->price;
    draft->price_places = change->price_places;
    enum hx_lab_refusal refusal = HX_LAB_ACCEPTED;
    if (change->trigger > 0) {
        draft->trigger.price = change->trigger;
        refusal = hx_lab_check_price(market, change->trigger, change->trigger_places);
    }
    if (refusal == HX_LAB_ACCEPTED) refusal = check_amended(lab, order, draft);
    change->bound = draft->bound;
    return refusal;
}

enum hx_lab_refusal hx_lab_amend(struct hx_lab *lab, struct hx_lab_order *order, struct hx_lab_change *change) {
    const hx_lab_amount before = order->quantity;
    struct hx_lab_draft draft = draft_of(order);
    hx_assert(order->status != HX_LAB_STATUS_PENDING && hx_lab_order_is_open(order));
    hx_assert(change->quantity == 0 || change->quantity > order->executed);
    const bool locks = order->locked > 0;
    if (locks) hx_lab_spot_unlock(lab, order);
    order->quantity = order->executed; /* Neither balance nor margin counts it while it is checked. */
    const enum hx_lab_refusal refusal = check_change(lab, order, change, &draft);
    order->quantity = refusal == HX_LAB_ACCEPTED ? draft.quantity + order->executed : before;
    if (refusal == HX_LAB_ACCEPTED) {
        order->price = draft.price;
        order->trigger.price = draft.trigger.price;
        order->bend.has_partial = false;
        order->updated = hx_lab_clock(lab);
    }
    if (locks) hx_lab_spot_lock(lab, order);
    if (refusal != HX_LAB_ACCEPTED) return refusal;
    hx_lab_tell_order(lab, order, HX_LAB_EXECUTION_NEW, NULL);
    if (hx_lab_order_works(order)) {
        enter(lab, order);
        expire_reduce_only(lab);
    }
    return HX_LAB_ACCEPTED;
}

hx_time hx_lab_next_ack(const struct hx_lab *lab) {
    hx_time next = INT64_MAX;
    for (uint32_t i = 0; i < lab->open_count && lab->ack_count > 0; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        const bool waits = order->status == HX_LAB_STATUS_PENDING || order->canceling;
        if (waits && order->due < next) next = order->due;
    }
    return next;
}

/* A spot market stop gives back what it held before it takes from the book; one for the whole position takes what the
 * position is by now. */
static void fire(struct hx_lab *lab, struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    order->triggered = true;
    if (is_spot(lab, order)) hx_lab_spot_unlock(lab, order);
    if (order->close_position) {
        const hx_lab_amount there = hx_lab_reducible(market, order->side, order->buy);
        order->quantity = hx_lab_amount_min(there, market->market_quantity_max);
    }
    settle(lab, order);
}

static void fill_resting(struct hx_lab *lab, struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    const struct hx_lab_book book = hx_lab_book_now(lab, market);
    if (!hx_lab_crosses(&book, order->buy, order->price)) return;
    const hx_lab_amount rest = order->quantity - order->executed;
    hx_lab_amount quantity = rest;
    if (order->reduce_only) {
        quantity = hx_lab_amount_min(rest, hx_lab_reducible(market, order->side, order->buy));
    }
    if (quantity > 0) hx_lab_fill_order(lab, order, quantity, order->price, true);
    if (quantity < rest) hx_lab_order_close(lab, order, HX_LAB_STATUS_EXPIRED);
}

static void match_one(struct hx_lab *lab, struct hx_lab_order *order) {
    if (order->status == HX_LAB_STATUS_PENDING) {
        if (order->due <= lab->now) settle(lab, order);
        return;
    }
    if (order->canceling && order->due <= lab->now) {
        hx_lab_cancel(lab, order);
        return;
    }
    if (order->good_till != 0 && order->good_till <= hx_lab_clock(lab)) {
        hx_lab_order_close(lab, order, HX_LAB_STATUS_EXPIRED);
        return;
    }
    if (lab->markets[order->market].halted) return;
    if (order->status != HX_LAB_STATUS_UNTRIGGERED) {
        fill_resting(lab, order);
    } else if (hx_lab_trigger_met(lab, order->market, &order->trigger)) {
        fire(lab, order);
    }
}

void hx_lab_match_all(struct hx_lab *lab) {
    for (uint32_t i = 0; i < lab->open_count;) {
        struct hx_lab_order *order = &lab->orders[lab->open[i]];
        match_one(lab, order);
        if (hx_lab_order_is_open(order)) i++;
    }
    expire_reduce_only(lab);
    hx_lab_algo_trigger_all(lab);
}
