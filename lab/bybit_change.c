/* Cancels and amendments. A cancel is acknowledged first and done after the acknowledgement's delay, unless the order
 * fills before; an amendment is checked and done at once, though its answer says no more than a cancel's. */
#include "lab/bybit.h"

/* Which of the spot order filters an order answers to; 0 for all of linear. */
static uint32_t filter_of(const struct hx_lab *lab, const struct hx_lab_order *order) {
    if (!hx_lab_market_is_spot(lab, order->market) || order->triggered) return 0;
    const enum hx_lab_bybit_stop stop = hx_lab_bybit_stop_of(order);
    return stop == HX_LAB_BYBIT_TPSL_ORDER ? 1 : stop == HX_LAB_BYBIT_STOP ? 2 : 0;
}

static bool read_spot_filter(struct hx_lab_call *call, uint32_t *filter) {
    static const char *const words[] = {"Order", "tpslOrder", "StopOrder", NULL};
    hx_str text;
    *filter = 0;
    if (call->product != HX_LAB_SPOT || !hx_lab_bybit_text(call, "orderFilter", &text)) return true;
    for (uint32_t i = 0; words[i] != NULL && text.len > 0; i++) {
        if (!hx_str_equal(text, hx_str_from_c(words[i]))) continue;
        *filter = i;
        return true;
    }
    return text.len == 0 ? true : hx_lab_fail(call, 170201);
}

/* Not there, filled, cancelled: a code for each. */
static bool refuse_closed(struct hx_lab_call *call, const struct hx_lab_order *order) {
    if (order == NULL) return hx_lab_bybit_fail_by(call, 110001, 170213);
    if (order->status == HX_LAB_STATUS_FILLED) return hx_lab_bybit_fail_by(call, 110008, 170139);
    return hx_lab_bybit_fail_by(call, 110010, 170142);
}

static void write_ids(struct hx_lab_call *call, const struct hx_lab_order *order) {
    hx_lab_write_order_id(call, "orderId", order);
    hx_json_write_str(&call->json, "orderLinkId", hx_lab_order_client_id(order));
}

static void answer_ids(struct hx_lab_call *call, const struct hx_lab_order *order) {
    hx_lab_bybit_open(call, "OK");
    write_ids(call, order);
    hx_lab_bybit_close(call);
}

void hx_lab_bybit_cancel(struct hx_lab_call *call) {
    struct hx_lab_order *order;
    uint32_t filter;
    if (!hx_lab_bybit_read_category(call, false) || !read_spot_filter(call, &filter)) return;
    if (!hx_lab_bybit_find_asked(call, &order)) return;
    if (order != NULL && hx_lab_order_is_open(order) && filter_of(call->lab, order) != filter) order = NULL;
    if (order == NULL || !hx_lab_order_is_open(order)) {
        (void)refuse_closed(call, order);
        return;
    }
    hx_lab_cancel_later(call->lab, order);
    answer_ids(call, order);
}

/* Which orders a cancel of all means. */
struct scope {
    const struct hx_lab_market *market; /* NULL: all of the category. */
    hx_str base;
    uint32_t filter; /* Spot: as above. Linear: 0 all, 1 those in the book, 2 conditional ones of every kind. */
    bool plain_stops_only, none;
};

static bool is_in_scope(const struct hx_lab *lab, enum hx_lab_product product, const struct scope *scope,
                        const struct hx_lab_order *order) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    if (scope->none || market->product != product || order->status == HX_LAB_STATUS_PENDING) return false;
    if (scope->market != NULL && scope->market != market) return false;
    if (scope->base.len > 0 && !hx_str_equal(scope->base, hx_str_from_c(market->base))) return false;
    if (product == HX_LAB_SPOT) return filter_of(lab, order) == scope->filter;
    const bool waits = order->status == HX_LAB_STATUS_UNTRIGGERED;
    if (scope->filter != 0 && waits != (scope->filter == 2)) return false;
    return !scope->plain_stops_only || hx_lab_bybit_stop_of(order) == HX_LAB_BYBIT_STOP;
}

static bool read_linear_scope(struct hx_lab_call *call, struct scope *scope) {
    static const char *const filters[] = {"", "Order", "StopOrder", "OpenOrder", NULL};
    static const char *const stops[] = {"", "Stop", NULL};
    hx_str settle;
    uint32_t stop = 0;
    if (!hx_lab_bybit_text(call, "baseCoin", &scope->base) || !hx_lab_bybit_text(call, "settleCoin", &settle)) {
        return false;
    }
    if (scope->market == NULL && scope->base.len == 0 && settle.len == 0) {
        return hx_lab_bybit_fail_with(call, "params error: symbol, baseCoin or settleCoin is required");
    }
    if (scope->market != NULL) scope->base = HX_STR_EMPTY;
    scope->none = scope->market == NULL && scope->base.len == 0 && !hx_str_equal(settle, HX_STR("USDT"));
    if (!hx_lab_bybit_word(call, "orderFilter", filters, &scope->filter)) return false;
    if (!hx_lab_bybit_word(call, "stopOrderType", stops, &stop)) return false;
    if (scope->filter == 3) scope->filter = 1;
    scope->plain_stops_only = scope->filter == 2 && stop == 1;
    return true;
}

void hx_lab_bybit_cancel_all(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    struct scope scope = {0};
    if (!hx_lab_bybit_read_category(call, false) || !hx_lab_bybit_market(call, false, &market)) return;
    scope.market = market;
    if (call->product == HX_LAB_SPOT ? !read_spot_filter(call, &scope.filter) : !read_linear_scope(call, &scope)) {
        return;
    }
    hx_lab_bybit_open(call, "OK");
    hx_json_open_array(&call->json, "list");
    for (uint32_t i = 0; i < lab->open_count;) {
        struct hx_lab_order *order = &lab->orders[lab->open[i]];
        if (is_in_scope(lab, call->product, &scope, order)) {
            hx_json_open_object(&call->json, NULL);
            write_ids(call, order);
            hx_json_close_object(&call->json);
            hx_lab_cancel_later(lab, order);
        }
        if (hx_lab_order_is_open(order)) i++;
    }
    hx_json_close_array(&call->json);
    hx_lab_write_c(call, "success", "1");
    hx_lab_bybit_close(call);
}

/* Amending. */

/* What is the same as before is no change. */
static bool read_change(struct hx_lab_call *call, const struct hx_lab_order *order, struct hx_lab_change *change) {
    bool has_quantity;
    bool has_price;
    bool has_trigger;
    hx_mem_set(change, 0, sizeof *change);
    if (!hx_lab_bybit_amount(call, "qty", &has_quantity, &change->quantity, &change->quantity_places)) return false;
    if (!hx_lab_bybit_amount(call, "price", &has_price, &change->price, &change->price_places)) return false;
    if (!hx_lab_bybit_amount(call, "triggerPrice", &has_trigger, &change->trigger, &change->trigger_places)) {
        return false;
    }
    if (has_quantity && change->quantity == 0) return hx_lab_bybit_fail_with(call, "Qty invalid");
    if (has_price && change->price == 0 && order->type == HX_LAB_ORDER_LIMIT) {
        return hx_lab_bybit_fail_with(call, "Price invalid");
    }
    if (order->type == HX_LAB_ORDER_MARKET) change->price = 0;
    if (order->status != HX_LAB_STATUS_UNTRIGGERED) change->trigger = 0;
    if (change->quantity == order->quantity) change->quantity = 0;
    if (change->price == order->price) change->price = 0;
    if (change->trigger == order->trigger.price) change->trigger = 0;
    return true;
}

/* takeProfit and stopLoss of an order that has not filled; "0" takes one away. */
static bool amend_exits(struct hx_lab_call *call, struct hx_lab_order *order, bool *changed) {
    const struct hx_lab_exits before = order->exits;
    struct hx_lab_draft draft;
    hx_mem_set(&draft, 0, sizeof draft);
    draft.market = order->market;
    draft.buy = order->buy;
    draft.type = order->type;
    draft.price = order->price;
    draft.reduce_only = order->reduce_only;
    draft.exits = before;
    if (!hx_lab_bybit_read_exits(call, &draft)) return false;
    *changed = draft.exits.take_profit != before.take_profit || draft.exits.stop_loss != before.stop_loss;
    order->exits = draft.exits;
    return true;
}

static bool can_change(struct hx_lab_call *call, const struct hx_lab_order *order, const struct hx_lab_change *change) {
    if (order->quote_asked > 0) return hx_lab_fail(call, 170312);
    if (change->quantity > 0 && order->close_position) return hx_lab_bybit_fail_with(call, "Qty invalid");
    if (change->trigger > 0 && order->trigger.trail > 0) return hx_lab_bybit_fail_with(call, "TriggerPrice invalid");
    if (change->quantity == 0 || change->quantity > order->executed) return true;
    return hx_lab_bybit_fail_by(call, 110064, 170313);
}

static bool amend(struct hx_lab_call *call, struct hx_lab_order *order) {
    struct hx_lab_change change;
    bool exits_changed = false;
    if (!read_change(call, order, &change) || !can_change(call, order, &change)) return false;
    if (!amend_exits(call, order, &exits_changed)) return false;
    if (change.quantity == 0 && change.price == 0 && change.trigger == 0) {
        return exits_changed ? true
                             : hx_lab_bybit_fail_with(call,
                                                      "The order remains unchanged as the parameters entered "
                                                      "match the existing ones.");
    }
    const struct hx_lab_draft shown = {
        .market = order->market,
        .buy = order->buy,
        .trigger = {.price = change.trigger, .rises = order->trigger.rises},
    };
    const enum hx_lab_refusal refusal = hx_lab_amend(call->lab, order, &change);
    struct hx_lab_draft told = shown;
    told.bound = change.bound;
    return refusal == HX_LAB_ACCEPTED ? true : hx_lab_bybit_refuse(call, refusal, &told);
}

void hx_lab_bybit_amend(struct hx_lab_call *call) {
    struct hx_lab_order *order;
    if (!hx_lab_bybit_read_category(call, false) || !hx_lab_bybit_find_asked(call, &order)) return;
    if (order == NULL || !hx_lab_order_is_open(order)) {
        (void)refuse_closed(call, order);
        return;
    }
    if (amend(call, order)) answer_ids(call, order);
}
