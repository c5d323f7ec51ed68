/* What closes a position by itself: take-profit, stop-loss and trailing stop, set on the position or together with the
 * order that opens it. Each is a conditional order that the venue makes: reduce-only, gone when the position is, and
 * for the whole of it (Full) or for a quantity of its own (Partial). */
#include "lab/bybit.h"

struct stop {
    enum hx_lab_bybit_stop kind;
    bool given; /* Asked for; a price of 0 takes it away. */
    bool by_mark, by_index;
    hx_lab_amount price;           /* Trailing: the distance. */
    hx_lab_amount limit, activate; /* 0: at the market; at once. */
    hx_lab_amount size;            /* Partial. */
    uint32_t places, limit_places, activate_places, size_places;
};

static bool is_partial(enum hx_lab_bybit_stop kind) {
    return kind == HX_LAB_BYBIT_PARTIAL_TAKE_PROFIT || kind == HX_LAB_BYBIT_PARTIAL_STOP_LOSS;
}

static bool takes_profit(enum hx_lab_bybit_stop kind) {
    return kind == HX_LAB_BYBIT_TAKE_PROFIT || kind == HX_LAB_BYBIT_PARTIAL_TAKE_PROFIT;
}

struct hx_lab_order *hx_lab_bybit_find_stop(const struct hx_lab *lab, const struct hx_lab_market *market,
                                            enum hx_lab_position_side side, enum hx_lab_bybit_stop stop) {
    const bool buys = market->positions[side].quantity < 0;
    for (uint32_t i = 0; i < lab->open_count; i++) {
        struct hx_lab_order *order = &lab->orders[lab->open[i]];
        const bool fits = &lab->markets[order->market] == market && order->side == side && order->buy == buys;
        if (fits && order->status == HX_LAB_STATUS_UNTRIGGERED && hx_lab_bybit_stop_of(order) == stop) return order;
    }
    return NULL;
}

static uint32_t count_partial(const struct hx_lab *lab, uint32_t market) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < lab->open_count; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        count += order->market == market && is_partial(hx_lab_bybit_stop_of(order)) ? 1 : 0;
    }
    return count;
}

/* A long's profit is above, its loss below; a short's the other way round. */
static struct hx_lab_trigger trigger_of(const struct stop *stop, bool is_long) {
    const bool trails = stop->kind == HX_LAB_BYBIT_TRAILING_STOP;
    return (struct hx_lab_trigger){
        .is_set = true,
        .rises = takes_profit(stop->kind) == is_long,
        .by_mark = stop->by_mark,
        .is_take_profit = takes_profit(stop->kind),
        .of_position = true,
        .price = trails ? 0 : stop->price,
        .trail = trails ? stop->price : 0,
        .activate = trails ? stop->activate : 0,
    };
}

static struct hx_lab_draft draft_of(const struct hx_lab *lab, uint32_t index, enum hx_lab_position_side side,
                                    const struct stop *stop) {
    const struct hx_lab_market *market = &lab->markets[index];
    const hx_lab_amount held = market->positions[side].quantity;
    const hx_lab_amount all = hx_lab_amount_min(hx_lab_amount_abs(held), market->market_quantity_max);
    struct hx_lab_draft draft;
    hx_mem_set(&draft, 0, sizeof draft);
    draft.market = index;
    draft.side = side;
    draft.buy = held < 0;
    draft.reduce_only = true;
    draft.close_position = !is_partial(stop->kind);
    draft.type = stop->limit > 0 ? HX_LAB_ORDER_LIMIT : HX_LAB_ORDER_MARKET;
    draft.quantity = is_partial(stop->kind) ? stop->size : all;
    draft.quantity_places = stop->size_places;
    draft.price = stop->limit;
    draft.price_places = stop->limit_places;
    draft.trigger = trigger_of(stop, held > 0);
    draft.wire_kind = (uint8_t)(stop->kind | (stop->by_index ? HX_LAB_BYBIT_BY_INDEX : 0));
    return draft;
}

static bool is_same(const struct hx_lab_order *order, const struct hx_lab_trigger *trigger) {
    const struct hx_lab_trigger *old = &order->trigger;
    if (trigger->trail > 0) return old->trail == trigger->trail && old->activate == trigger->activate;
    return old->price == trigger->price && old->by_mark == trigger->by_mark;
}

/* Sets, changes or takes away. *changed stays as it is when it was so already. */
static enum hx_lab_refusal apply(struct hx_lab *lab, uint32_t index, enum hx_lab_position_side side,
                                 const struct stop *stop, bool *changed) {
    struct hx_lab_draft draft = draft_of(lab, index, side, stop);
    struct hx_lab_order *old = NULL;
    if (!stop->given) return HX_LAB_ACCEPTED;
    if (!is_partial(stop->kind)) old = hx_lab_bybit_find_stop(lab, &lab->markets[index], side, stop->kind);
    if (stop->price == 0) {
        if (old == NULL) return HX_LAB_ACCEPTED;
        hx_lab_cancel(lab, old);
        *changed = true;
        return HX_LAB_ACCEPTED;
    }
    if (old != NULL && is_same(old, &draft.trigger)) return HX_LAB_ACCEPTED;
    *changed = true;
    if (old == NULL) return hx_lab_place(lab, &draft, &old);
    if (hx_lab_trigger_met(lab, index, &draft.trigger)) return HX_LAB_REFUSED_TRIGGER_MET;
    old->trigger = draft.trigger;
    old->wire_kind = draft.wire_kind;
    old->updated = hx_lab_clock(lab);
    return HX_LAB_ACCEPTED;
}

/* Whether it could be applied: prices on the tick and on the right side, a quantity that is there. */
static bool check(struct hx_lab_call *call, uint32_t index, enum hx_lab_position_side side, const struct stop *stop) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[index];
    struct hx_lab_draft draft = draft_of(lab, index, side, stop);
    if (!stop->given || stop->price == 0) return true;
    const bool trails = stop->kind == HX_LAB_BYBIT_TRAILING_STOP;
    enum hx_lab_refusal refusal = HX_LAB_ACCEPTED;
    if (!trails) refusal = hx_lab_check_price(market, stop->price, stop->places);
    if (trails && stop->price % market->tick != 0) refusal = HX_LAB_REFUSED_PRICE_TICK;
    if (refusal == HX_LAB_ACCEPTED && stop->activate > 0) {
        refusal = hx_lab_check_price(market, stop->activate, stop->activate_places);
    }
    if (refusal == HX_LAB_ACCEPTED && stop->limit > 0) {
        refusal = hx_lab_check_price(market, stop->limit, stop->limit_places);
    }
    if (refusal == HX_LAB_ACCEPTED && is_partial(stop->kind)) refusal = hx_lab_check_quantity(market, &draft);
    if (refusal != HX_LAB_ACCEPTED) return hx_lab_bybit_refuse(call, refusal, &draft);
    if (is_partial(stop->kind)) {
        if (stop->size > hx_lab_amount_abs(market->positions[side].quantity)) return hx_lab_fail(call, 110058);
        if (count_partial(lab, index) >= HX_LAB_BYBIT_PARTIAL_STOPS_MAX) return hx_lab_fail(call, 110061);
    }
    if (!hx_lab_trigger_met(lab, index, &draft.trigger)) return true;
    return hx_lab_bybit_fail_with(call, takes_profit(stop->kind)
                                            ? "TakeProfit must be better than the current price of the position"
                                            : "StopLoss must be worse than the current price of the position");
}

/* Reading. */

/* The names of one kind's members. */
struct names {
    const char *price, *by, *type, *limit, *size;
};
static const struct names take_profit_names = {"takeProfit", "tpTriggerBy", "tpOrderType", "tpLimitPrice", "tpSize"};
static const struct names stop_loss_names = {"stopLoss", "slTriggerBy", "slOrderType", "slLimitPrice", "slSize"};

static bool read_stop(struct hx_lab_call *call, const struct names *names, bool partial, struct stop *stop) {
    static const char *const triggers[] = {"LastPrice", "IndexPrice", "MarkPrice", NULL};
    static const char *const types[] = {"Market", "Limit", NULL};
    uint32_t by = 0;
    uint32_t type = 0;
    bool has_limit;
    if (!hx_lab_bybit_amount(call, names->price, &stop->given, &stop->price, &stop->places)) return false;
    if (!hx_lab_bybit_word(call, names->by, triggers, &by)) return false;
    if (!hx_lab_bybit_word(call, names->type, types, &type)) return false;
    if (!hx_lab_bybit_amount(call, names->limit, &has_limit, &stop->limit, &stop->limit_places)) return false;
    stop->by_mark = by > 0;
    stop->by_index = by == 1;
    if (type == 0) stop->limit = 0;
    if (type == 0 || !stop->given || stop->price == 0) return true;
    if (!partial) return hx_lab_bybit_fail_with(call, "tpslMode must be Partial for a limit order");
    return stop->limit > 0 ? true : hx_lab_bybit_fail_param(call, HX_LAB_PARAM_MISSING, names->limit, "");
}

static bool read_size(struct hx_lab_call *call, const struct names *names, struct stop *stop) {
    bool present;
    if (!hx_lab_bybit_amount(call, names->size, &present, &stop->size, &stop->size_places)) return false;
    if (!stop->given || stop->price == 0 || (present && stop->size > 0)) return true;
    return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_MISSING, names->size, "");
}

static bool read_mode(struct hx_lab_call *call, bool mandatory, bool *partial) {
    static const char *const modes[] = {"Full", "Partial", NULL};
    uint32_t mode = 0;
    hx_str text;
    if (!hx_lab_bybit_text(call, "tpslMode", &text) || !hx_lab_bybit_word(call, "tpslMode", modes, &mode)) return false;
    if (mandatory && text.len == 0) return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_MISSING, "tpslMode", "");
    *partial = mode == 1;
    return true;
}

static bool read_trailing(struct hx_lab_call *call, struct stop *stop) {
    bool present;
    stop->kind = HX_LAB_BYBIT_TRAILING_STOP;
    return hx_lab_bybit_amount(call, "trailingStop", &stop->given, &stop->price, &stop->places) &&
           hx_lab_bybit_amount(call, "activePrice", &present, &stop->activate, &stop->activate_places);
}

static bool read_stops(struct hx_lab_call *call, struct stop stops[3]) {
    bool partial;
    hx_mem_set(stops, 0, 3 * sizeof stops[0]);
    if (!read_mode(call, true, &partial)) return false;
    stops[0].kind = partial ? HX_LAB_BYBIT_PARTIAL_TAKE_PROFIT : HX_LAB_BYBIT_TAKE_PROFIT;
    stops[1].kind = partial ? HX_LAB_BYBIT_PARTIAL_STOP_LOSS : HX_LAB_BYBIT_STOP_LOSS;
    if (!read_stop(call, &take_profit_names, partial, &stops[0])) return false;
    if (!read_stop(call, &stop_loss_names, partial, &stops[1]) || !read_trailing(call, &stops[2])) return false;
    if (!partial) return true;
    if (!read_size(call, &take_profit_names, &stops[0]) || !read_size(call, &stop_loss_names, &stops[1])) return false;
    if (!stops[0].given || !stops[1].given || stops[0].size == stops[1].size) return true;
    return hx_lab_bybit_fail_with(call, "tpSize and slSize must be equal");
}

static bool needs_side(struct hx_lab_call *call) {
    bool present;
    int64_t index = 0;
    if (!hx_lab_bybit_int(call, "positionIdx", &present, &index)) return false;
    return present ? true : hx_lab_bybit_fail_param(call, HX_LAB_PARAM_MISSING, "positionIdx", "");
}

void hx_lab_bybit_set_trading_stop(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    enum hx_lab_position_side side;
    struct stop stops[3];
    bool changed = false;
    if (!hx_lab_bybit_read_category(call, true) || !hx_lab_bybit_market(call, true, &market)) return;
    if (!needs_side(call) || !hx_lab_bybit_read_side(call, market, &side) || !read_stops(call, stops)) return;
    if (market->positions[side].quantity == 0) {
        (void)hx_lab_bybit_fail_with(call, "can not set tp/sl/ts for zero position");
        return;
    }
    const uint32_t index = hx_lab_market_index(call->lab, market);
    for (uint32_t i = 0; i < 3; i++) {
        if (!check(call, index, side, &stops[i])) return;
    }
    for (uint32_t i = 0; i < 3; i++) {
        const enum hx_lab_refusal refusal = apply(call->lab, index, side, &stops[i], &changed);
        const struct hx_lab_draft draft = draft_of(call->lab, index, side, &stops[i]);
        if (refusal == HX_LAB_ACCEPTED) continue;
        (void)hx_lab_bybit_refuse(call, refusal, &draft);
        return;
    }
    if (changed) {
        hx_lab_bybit_answer_empty(call);
    } else {
        (void)hx_lab_fail(call, 34040);
    }
}

/* With an order. */

static hx_lab_amount base_price(const struct hx_lab *lab, const struct hx_lab_draft *draft) {
    const struct hx_lab_book book = hx_lab_book_now(lab, &lab->markets[draft->market]);
    if (draft->type == HX_LAB_ORDER_LIMIT && draft->price > 0) return draft->price;
    if (draft->trigger.is_set) return draft->trigger.price;
    return draft->buy ? book.ask : book.bid;
}

static bool check_exit(struct hx_lab_call *call, const struct hx_lab_draft *draft, const struct stop *stop) {
    const struct hx_lab_market *market = &call->lab->markets[draft->market];
    if (!stop->given || stop->price == 0) return true;
    enum hx_lab_refusal refusal = hx_lab_check_price(market, stop->price, stop->places);
    if (refusal == HX_LAB_ACCEPTED && stop->limit > 0) {
        refusal = hx_lab_check_price(market, stop->limit, stop->limit_places);
    }
    if (refusal != HX_LAB_ACCEPTED) return hx_lab_bybit_refuse(call, refusal, draft);
    const hx_lab_amount base = base_price(call->lab, draft);
    const bool above = takes_profit(stop->kind) == draft->buy;
    if (above ? stop->price > base : stop->price < base) return true;
    return hx_lab_bybit_fail_with(call, takes_profit(stop->kind) ? "TakeProfit is on the wrong side of the price"
                                                                 : "StopLoss is on the wrong side of the price");
}

bool hx_lab_bybit_read_exits(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    struct stop take_profit = {.kind = HX_LAB_BYBIT_TAKE_PROFIT};
    struct stop stop_loss = {.kind = HX_LAB_BYBIT_STOP_LOSS};
    struct hx_lab_exits *exits = &draft->exits;
    bool partial;
    if (!read_mode(call, false, &partial)) return false;
    if (!read_stop(call, &take_profit_names, partial, &take_profit)) return false;
    if (!read_stop(call, &stop_loss_names, partial, &stop_loss)) return false;
    if (!take_profit.given && !stop_loss.given) return true;
    if (call->product == HX_LAB_SPOT) return hx_lab_fail(call, 170227);
    if (draft->reduce_only) return hx_lab_fail(call, 110057);
    if (!check_exit(call, draft, &take_profit) || !check_exit(call, draft, &stop_loss)) return false;
    exits->is_partial = partial;
    if (take_profit.given) {
        exits->take_profit = take_profit.price;
        exits->take_profit_limit = take_profit.limit;
        exits->take_profit_by_mark = take_profit.by_mark;
    }
    if (stop_loss.given) {
        exits->stop_loss = stop_loss.price;
        exits->stop_loss_limit = stop_loss.limit;
        exits->stop_loss_by_mark = stop_loss.by_mark;
    }
    return true;
}

/* What can not be set by now (the price is there already) is left out, as nobody is there to be told. */
static void set_exit(struct hx_lab *lab, const struct hx_lab_order *order, struct stop *stop) {
    bool changed = false;
    if (stop->price == 0) return;
    if (is_partial(stop->kind) && count_partial(lab, order->market) >= HX_LAB_BYBIT_PARTIAL_STOPS_MAX) return;
    stop->given = true;
    (void)apply(lab, order->market, order->side, stop, &changed);
}

void hx_lab_bybit_after_fill(struct hx_lab *lab, struct hx_lab_order *order, const struct hx_lab_fill *fill) {
    const struct hx_lab_exits exits = order->exits;
    if (exits.take_profit == 0 && exits.stop_loss == 0) return;
    const hx_lab_amount held = lab->markets[order->market].positions[order->side].quantity;
    if (held == 0 || (held > 0) != order->buy) return;
    struct stop take_profit = {
        .kind = exits.is_partial ? HX_LAB_BYBIT_PARTIAL_TAKE_PROFIT : HX_LAB_BYBIT_TAKE_PROFIT,
        .by_mark = exits.take_profit_by_mark,
        .price = exits.take_profit,
        .limit = exits.take_profit_limit,
        .size = fill->quantity,
    };
    struct stop stop_loss = {
        .kind = exits.is_partial ? HX_LAB_BYBIT_PARTIAL_STOP_LOSS : HX_LAB_BYBIT_STOP_LOSS,
        .by_mark = exits.stop_loss_by_mark,
        .price = exits.stop_loss,
        .limit = exits.stop_loss_limit,
        .size = fill->quantity,
    };
    set_exit(lab, order, &take_profit);
    set_exit(lab, order, &stop_loss);
}
