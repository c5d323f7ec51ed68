/* Orders on the wire: place, query, cancel, lists. */
#include "lab/binance.h"

#define FORGET_UNFILLED_MS (3 * HX_MS_PER_DAY)
#define FORGET_ALL_MS (90 * HX_MS_PER_DAY)

/* Writing. */

/* The place and cancel answers lost avgPrice and cumQuote with SDK 14; the query has them, and time. */
static void write_order(struct hx_lab_call *call, const struct hx_lab_order *order, bool is_query, bool as_accepted) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[order->market];
    struct hx_json_writer *json = &call->json;
    const uint32_t price_places = market->price_precision;
    const uint32_t average_places = price_places > 5 ? price_places : 5;
    const hx_lab_amount executed = as_accepted ? 0 : order->executed;
    const hx_lab_amount quote = as_accepted ? 0 : order->quote;
    hx_json_open_object(json, NULL);
    hx_json_write_i64(json, "orderId", hx_lab_order_id(lab, order));
    hx_lab_write_c(call, "symbol", market->name);
    hx_json_write_str(json, "status", hx_lab_status_text(as_accepted ? HX_LAB_STATUS_NEW : order->status));
    hx_json_write_str(json, "clientOrderId", hx_lab_order_client_id(order));
    hx_lab_write_fixed(call, "price", order->price, price_places);
    if (is_query || lab->answer_averages) {
        hx_lab_write_fixed(call, "avgPrice", as_accepted ? 0 : hx_lab_order_average(order), average_places);
        hx_lab_write_short(call, "cumQuote", quote);
    }
    hx_lab_write_fixed(call, "origQty", order->quantity, market->quantity_precision);
    hx_lab_write_fixed(call, "executedQty", executed, market->quantity_precision);
    if (!is_query) hx_lab_write_fixed(call, "cumQty", executed, market->quantity_precision);
    hx_json_write_str(json, "timeInForce", hx_lab_tif_text(order->tif));
    const char *type = order->type == HX_LAB_ORDER_LIMIT ? "LIMIT" : "MARKET";
    hx_lab_write_c(call, "type", type);
    hx_lab_write_c(call, "origType", type);
    hx_json_write_bool(json, "reduceOnly", order->reduce_only);
    hx_json_write_bool(json, "closePosition", order->close_position);
    hx_lab_write_c(call, "side", order->buy ? "BUY" : "SELL");
    hx_json_write_str(json, "positionSide", hx_lab_position_side_text(order->side));
    hx_lab_write_fixed(call, "stopPrice", 0, price_places);
    hx_lab_write_c(call, "workingType", "CONTRACT_PRICE");
    hx_json_write_bool(json, "priceProtect", false);
    hx_lab_write_c(call, "priceMatch", "NONE");
    hx_lab_write_c(call, "selfTradePreventionMode", "EXPIRE_MAKER");
    hx_json_write_i64(json, "goodTillDate", order->good_till);
    if (is_query) hx_json_write_i64(json, "time", order->time);
    hx_json_write_i64(json, "updateTime", as_accepted ? order->time : order->updated);
    hx_json_close_object(json);
}

/* Reading. */

static bool read_position_side(struct hx_lab_call *call, enum hx_lab_position_side *side) {
    hx_str text = HX_STR("BOTH");
    const bool present = hx_lab_param_find(call, "positionSide", &text);
    if (hx_str_equal(text, HX_STR("BOTH"))) {
        *side = HX_LAB_BOTH;
    } else if (hx_str_equal(text, HX_STR("LONG"))) {
        *side = HX_LAB_LONG;
    } else if (hx_str_equal(text, HX_STR("SHORT"))) {
        *side = HX_LAB_SHORT;
    } else {
        return hx_lab_fail_about(call, present && text.len == 0 ? -1105 : -1130, HX_STR("positionSide"));
    }
    if (call->lab->hedge != (*side != HX_LAB_BOTH)) return hx_lab_fail(call, -4061);
    return true;
}

bool hx_lab_read_side(struct hx_lab_call *call, struct hx_lab_market **market, bool *buy,
                      enum hx_lab_position_side *side) {
    hx_str text;
    if (!hx_lab_param_market(call, true, market)) return false;
    if (!hx_lab_param_get(call, "side", &text)) return false;
    *buy = hx_str_equal(text, HX_STR("BUY"));
    if (!*buy && !hx_str_equal(text, HX_STR("SELL"))) return hx_lab_fail(call, -1117);
    return read_position_side(call, side);
}

bool hx_lab_read_tif(struct hx_lab_call *call, bool mandatory, enum hx_lab_tif *tif) {
    hx_str text;
    *tif = HX_LAB_GTC;
    if (!hx_lab_param_find(call, "timeInForce", &text) || text.len == 0) {
        return mandatory ? hx_lab_fail_about(call, -1102, HX_STR("timeInForce")) : true;
    }
    for (enum hx_lab_tif one = HX_LAB_GTC; one <= HX_LAB_GTD; one++) {
        if (!hx_str_equal(text, hx_lab_tif_text(one))) continue;
        *tif = one;
        return true;
    }
    return hx_lab_fail(call, -1115);
}

bool hx_lab_read_reduce_only(struct hx_lab_call *call, bool *reduce_only) {
    bool present;
    *reduce_only = false;
    if (!hx_lab_param_bool(call, "reduceOnly", &present, reduce_only)) return false;
    if (present && call->lab->hedge) return hx_lab_fail_about(call, -1106, HX_STR("reduceOnly"));
    return true;
}

static bool is_conditional(hx_str type) {
    return hx_str_equal(type, HX_STR("STOP")) || hx_str_equal(type, HX_STR("STOP_MARKET")) ||
           hx_str_equal(type, HX_STR("TAKE_PROFIT")) || hx_str_equal(type, HX_STR("TAKE_PROFIT_MARKET")) ||
           hx_str_equal(type, HX_STR("TRAILING_STOP_MARKET"));
}

static bool read_type(struct hx_lab_call *call, enum hx_lab_order_type *type) {
    hx_str text;
    if (!hx_lab_param_get(call, "type", &text)) return false;
    if (is_conditional(text)) return hx_lab_fail(call, -4120);
    if (hx_str_equal(text, HX_STR("LIMIT"))) {
        *type = HX_LAB_ORDER_LIMIT;
    } else if (hx_str_equal(text, HX_STR("MARKET"))) {
        *type = HX_LAB_ORDER_MARKET;
    } else {
        return hx_lab_fail(call, -1116);
    }
    return true;
}

static bool read_terms(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    bool present;
    const bool is_limit = draft->type == HX_LAB_ORDER_LIMIT;
    if (!hx_lab_param_amount(call, "quantity", &present, &draft->quantity, &draft->quantity_places)) return false;
    if (!present) return hx_lab_fail_about(call, -1102, HX_STR("quantity"));
    if (!hx_lab_param_amount(call, "price", &present, &draft->price, &draft->price_places)) return false;
    if (is_limit && !present) return hx_lab_fail_about(call, -1102, HX_STR("price"));
    if (!is_limit && present) return hx_lab_fail_about(call, -1106, HX_STR("price"));
    hx_str tif;
    if (!is_limit && hx_lab_param_find(call, "timeInForce", &tif)) {
        return hx_lab_fail_about(call, -1106, HX_STR("timeInForce"));
    }
    if (!hx_lab_read_tif(call, is_limit, &draft->tif)) return false;
    if (!hx_lab_param_i64(call, "goodTillDate", &present, &draft->good_till)) return false;
    if (draft->tif != HX_LAB_GTD) {
        draft->good_till = 0;
    } else if (!present) {
        return hx_lab_fail_about(call, -1102, HX_STR("goodTillDate"));
    }
    return true;
}

static bool read_draft(struct hx_lab_call *call, char id_storage[HX_LAB_CLIENT_ID_LEN_MAX],
                       struct hx_lab_draft *draft) {
    struct hx_lab_market *market;
    bool present;
    hx_mem_set(draft, 0, sizeof *draft);
    if (!hx_lab_read_side(call, &market, &draft->buy, &draft->side)) return false;
    draft->market = hx_lab_market_index(call->lab, market);
    if (!read_type(call, &draft->type)) return false;
    if (!read_terms(call, draft)) return false;
    if (!hx_lab_read_reduce_only(call, &draft->reduce_only)) return false;
    if (!hx_lab_param_new_id(call, "newClientOrderId", id_storage, &draft->client_id)) return false;
    if (!hx_lab_param_i64(call, "timestamp", &present, &draft->request_timestamp)) return false;
    draft->bend = call->bend;
    return true;
}

static bool read_answer_kind(struct hx_lab_call *call, bool *result) {
    hx_str text;
    *result = false;
    if (!hx_lab_param_find(call, "newOrderRespType", &text) || hx_str_equal(text, HX_STR("ACK"))) return true;
    *result = hx_str_equal(text, HX_STR("RESULT"));
    return *result ? true : hx_lab_fail_about(call, -1130, HX_STR("newOrderRespType"));
}

/* What rests to reduce the position counts against it: with the rest asked for, others get no more than is left. */
static bool check_room(struct hx_lab_call *call, const struct hx_lab_draft *draft) {
    const struct hx_lab *lab = call->lab;
    const hx_lab_amount there = hx_lab_reducible(&lab->markets[draft->market], draft->side, draft->buy);
    hx_lab_amount asked = 0;
    if (!draft->reduce_only || there == 0) return true;
    for (uint32_t i = 0; i < lab->open_count; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        const bool counts = order->market == draft->market && order->reduce_only && order->buy == draft->buy;
        if (counts) asked += order->quantity - order->executed;
    }
    const bool fits = asked == 0 || hx_lab_amount_add(asked, draft->quantity) <= there;
    return fits ? true : hx_lab_fail(call, -4118);
}

void hx_lab_post_order(struct hx_lab_call *call) {
    char id_storage[HX_LAB_CLIENT_ID_LEN_MAX];
    struct hx_lab_draft draft;
    bool wants_result;
    if (!hx_lab_admit_order(call)) return;
    if (!read_draft(call, id_storage, &draft)) return;
    if (!read_answer_kind(call, &wants_result) || !check_room(call, &draft)) return;
    struct hx_lab_order *order = NULL;
    const enum hx_lab_refusal refusal = hx_lab_place(call->lab, &draft, &order);
    if (refusal != HX_LAB_ACCEPTED) {
        (void)hx_lab_binance_refuse(call, refusal, draft.bound);
        return;
    }
    hx_lab_count_order(call);
    write_order(call, order, false, !wants_result);
}

void hx_lab_post_order_test(struct hx_lab_call *call) {
    char id_storage[HX_LAB_CLIENT_ID_LEN_MAX];
    struct hx_lab_draft draft;
    struct hx_lab_order *order = NULL;
    if (!read_draft(call, id_storage, &draft)) return;
    draft.test = true;
    const enum hx_lab_refusal refusal = hx_lab_place(call->lab, &draft, &order);
    if (refusal != HX_LAB_ACCEPTED) {
        (void)hx_lab_binance_refuse(call, refusal, draft.bound);
        return;
    }
    hx_json_open_object(&call->json, NULL);
    hx_json_close_object(&call->json);
}

static bool is_forgotten(const struct hx_lab_call *call, const struct hx_lab_order *order) {
    const int64_t age_ms = call->clock - order->time;
    const bool dead = order->status == HX_LAB_STATUS_CANCELED || order->status == HX_LAB_STATUS_EXPIRED;
    return age_ms > FORGET_ALL_MS || (dead && order->executed == 0 && age_ms > FORGET_UNFILLED_MS);
}

static bool is_visible(const struct hx_lab_call *call, const struct hx_lab_order *order) {
    return hx_lab_order_is_visible(call->lab, order) && !is_forgotten(call, order);
}

/* By orderId, else by origClientOrderId: the most recent of that id. NULL when there is none; false when asked wrongly.
 */
static bool find_asked(struct hx_lab_call *call, struct hx_lab_order **order) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    int64_t order_id = 0;
    bool by_id;
    hx_str client_id = HX_STR_EMPTY;
    *order = NULL;
    if (!hx_lab_param_market(call, true, &market)) return false;
    const uint32_t index = hx_lab_market_index(lab, market);
    if (!hx_lab_param_i64(call, "orderId", &by_id, &order_id)) return false;
    (void)hx_lab_param_find(call, "origClientOrderId", &client_id);
    if (!by_id && client_id.len == 0) {
        return hx_lab_fail_as(call, 0, -1102,
                              HX_STR("Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"));
    }
    if (by_id) {
        *order = hx_lab_order_by_id(lab, index, order_id);
    } else {
        *order = hx_lab_order_by_client_id(lab, index, client_id, hx_lab_seen_until(lab));
    }
    return true;
}

void hx_lab_get_order_query(struct hx_lab_call *call) {
    struct hx_lab_order *order;
    if (!find_asked(call, &order)) return;
    if (order == NULL || !is_visible(call, order)) {
        (void)hx_lab_fail(call, -2013);
        return;
    }
    write_order(call, order, true, false);
}

void hx_lab_get_open_order(struct hx_lab_call *call) {
    struct hx_lab_order *order;
    if (!find_asked(call, &order)) return;
    if (order == NULL || !is_visible(call, order) || !hx_lab_order_is_open(order)) {
        (void)hx_lab_fail(call, -2013);
        return;
    }
    write_order(call, order, true, false);
}

void hx_lab_delete_order(struct hx_lab_call *call) {
    struct hx_lab_order *order;
    if (!find_asked(call, &order)) return;
    if (order == NULL || !is_visible(call, order) || !hx_lab_order_is_open(order)) {
        (void)hx_lab_fail(call, -2011);
        return;
    }
    hx_lab_cancel(call->lab, order);
    write_order(call, order, false, false);
}

void hx_lab_get_open_orders(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, false, &market)) return;
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = 0; i < lab->open_count; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        if (market != NULL && &lab->markets[order->market] != market) continue;
        if (hx_lab_market_is_spot(lab, order->market)) continue;
        if (is_visible(call, order)) write_order(call, order, true, false);
    }
    hx_json_close_array(&call->json);
}

void hx_lab_delete_open_orders(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, true, &market)) return;
    for (uint32_t i = lab->open_count; i > 0; i--) {
        struct hx_lab_order *order = &lab->orders[lab->open[i - 1]];
        if (&lab->markets[order->market] == market) hx_lab_cancel(lab, order);
    }
    (void)hx_lab_fail_as(call, 200, 200, HX_STR("The operation of cancel all open order is done."));
}

/* Lists. */

static bool order_is_listed(const struct hx_lab_call *call, const struct hx_lab_order *order, uint32_t market,
                            const struct hx_lab_range *range) {
    if (order->market != market || !is_visible(call, order)) return false;
    if (range->has_from) return hx_lab_order_id(call->lab, order) >= range->from;
    return order->time >= range->start && order->time <= range->end;
}

/* Without a place to begin the list is the most recent rows; all lists are ascending. */
void hx_lab_get_all_orders(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    struct hx_lab_range range;
    if (!hx_lab_param_market(call, true, &market)) return;
    if (!hx_lab_param_range(call, "orderId", 7, &range)) return;
    const uint32_t index = hx_lab_market_index(lab, market);
    uint64_t first = hx_lab_order_first(lab);
    if (!range.has_from && !range.has_start) {
        int64_t found = 0;
        uint64_t seq = lab->order_seq + 1;
        while (seq > first && found < range.limit) {
            seq--;
            if (order_is_listed(call, hx_lab_order_at(lab, seq), index, &range)) found++;
        }
        first = seq;
    }
    int64_t left = range.limit;
    hx_json_open_array(&call->json, NULL);
    for (uint64_t seq = first; seq <= lab->order_seq && left > 0; seq++) {
        const struct hx_lab_order *order = hx_lab_order_at(lab, seq);
        if (!order_is_listed(call, order, index, &range)) continue;
        write_order(call, order, true, false);
        left--;
    }
    hx_json_close_array(&call->json);
}
