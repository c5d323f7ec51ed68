/* Spot orders on the wire: place, query, cancel. Conditional orders are orders here: they have an id and hold their
 * funds from the beginning, and are NEW while they wait. */
#include "lab/binance_spot.h"

#define ARCHIVED_AFTER_MS (90 * HX_MS_PER_DAY)

/* Words. */

struct kind {
    const char *name;
    enum hx_lab_order_type type;
    bool is_conditional, is_take_profit, is_maker;
};

static const struct kind kinds[] = {
    {"LIMIT", HX_LAB_ORDER_LIMIT, false, false, false},
    {"MARKET", HX_LAB_ORDER_MARKET, false, false, false},
    {"LIMIT_MAKER", HX_LAB_ORDER_LIMIT, false, false, true},
    {"STOP_LOSS", HX_LAB_ORDER_MARKET, true, false, false},
    {"STOP_LOSS_LIMIT", HX_LAB_ORDER_LIMIT, true, false, false},
    {"TAKE_PROFIT", HX_LAB_ORDER_MARKET, true, true, false},
    {"TAKE_PROFIT_LIMIT", HX_LAB_ORDER_LIMIT, true, true, false},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

const char *hx_lab_spot_type(const struct hx_lab_order *order) {
    return kinds[order->wire_kind].name;
}

hx_str hx_lab_spot_status(const struct hx_lab_order *order) {
    return order->status == HX_LAB_STATUS_UNTRIGGERED ? HX_STR("NEW") : hx_lab_status_text(order->status);
}

/* Writing. */

static void write8(struct hx_lab_call *call, const char *name, hx_lab_amount amount) {
    hx_lab_write_fixed(call, name, amount, HX_LAB_PLACES);
}

/* What place, query and cancel have in common, from price to side. */
static void write_terms(struct hx_lab_call *call, const struct hx_lab_order *order) {
    struct hx_json_writer *json = &call->json;
    write8(call, "price", order->price);
    write8(call, "origQty", order->quantity);
    write8(call, "executedQty", order->executed);
    write8(call, "origQuoteOrderQty", order->quote_asked);
    write8(call, "cummulativeQuoteQty", order->quote);
    hx_json_write_str(json, "status", hx_lab_spot_status(order));
    hx_json_write_str(json, "timeInForce", order->tif == HX_LAB_GTX ? HX_STR("GTC") : hx_lab_tif_text(order->tif));
    hx_lab_write_c(call, "type", hx_lab_spot_type(order));
    hx_lab_write_c(call, "side", order->buy ? "BUY" : "SELL");
    if (order->trigger.is_set) write8(call, "stopPrice", order->trigger.trail_bps > 0 ? 0 : order->trigger.price);
    if (order->trigger.trail_bps > 0) hx_json_write_i64(json, "trailingDelta", order->trigger.trail_bps);
}

static void write_fills(struct hx_lab_call *call, const struct hx_lab_order *order) {
    const struct hx_lab *lab = call->lab;
    hx_json_open_array(&call->json, "fills");
    for (uint64_t seq = order->fill_first; order->fill_count > 0 && seq <= lab->fill_seq; seq++) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (fill == NULL || fill->order_seq != order->seq) continue;
        hx_json_open_object(&call->json, NULL);
        write8(call, "price", fill->price);
        write8(call, "qty", fill->quantity);
        write8(call, "commission", fill->fee);
        hx_lab_write_c(call, "commissionAsset", lab->assets[fill->fee_asset].name);
        hx_json_write_i64(&call->json, "tradeId", hx_lab_trade_id(fill));
        hx_json_close_object(&call->json);
    }
    hx_json_close_array(&call->json);
}

static void write_placed(struct hx_lab_call *call, const struct hx_lab_order *order, enum hx_lab_spot_answer answer) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", call->lab->markets[order->market].name);
    hx_json_write_i64(json, "orderId", hx_lab_order_id(call->lab, order));
    hx_json_write_i64(json, "orderListId", -1);
    hx_json_write_str(json, "clientOrderId", hx_lab_order_client_id(order));
    hx_json_write_i64(json, "transactTime", order->time);
    if (answer != HX_LAB_SPOT_ACK) {
        write_terms(call, order);
        hx_json_write_i64(json, "workingTime", order->status == HX_LAB_STATUS_UNTRIGGERED ? -1 : order->time);
        hx_lab_write_c(call, "selfTradePreventionMode", "EXPIRE_MAKER");
    }
    if (answer == HX_LAB_SPOT_FULL) write_fills(call, order);
    hx_json_close_object(json);
}

void hx_lab_spot_write_query(struct hx_lab_call *call, const struct hx_lab_order *order) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", call->lab->markets[order->market].name);
    hx_json_write_i64(json, "orderId", hx_lab_order_id(call->lab, order));
    hx_json_write_i64(json, "orderListId", -1);
    hx_json_write_str(json, "clientOrderId", hx_lab_order_client_id(order));
    write_terms(call, order);
    if (!order->trigger.is_set) write8(call, "stopPrice", 0);
    write8(call, "icebergQty", 0);
    hx_json_write_i64(json, "time", order->time);
    hx_json_write_i64(json, "updateTime", order->updated);
    hx_json_write_bool(json, "isWorking", order->status != HX_LAB_STATUS_UNTRIGGERED);
    hx_json_write_i64(json, "workingTime", order->status == HX_LAB_STATUS_UNTRIGGERED ? -1 : order->time);
    hx_lab_write_c(call, "selfTradePreventionMode", "EXPIRE_MAKER");
    hx_json_close_object(json);
}

/* The trap of this answer: clientOrderId is the cancel's own id; the order's is origClientOrderId. */
static void write_canceled(struct hx_lab_call *call, const struct hx_lab_order *order, hx_str cancel_id) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", call->lab->markets[order->market].name);
    hx_json_write_str(json, "origClientOrderId", hx_lab_order_client_id(order));
    hx_json_write_i64(json, "orderId", hx_lab_order_id(call->lab, order));
    hx_json_write_i64(json, "orderListId", -1);
    hx_json_write_str(json, "clientOrderId", cancel_id);
    hx_json_write_i64(json, "transactTime", order->updated);
    write_terms(call, order);
    hx_lab_write_c(call, "selfTradePreventionMode", "EXPIRE_MAKER");
    hx_json_close_object(json);
}

/* Reading. */

static bool read_side_and_type(struct hx_lab_call *call, struct hx_lab_draft *draft, const struct kind **kind) {
    hx_str text;
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, true, &market)) return false;
    draft->market = hx_lab_market_index(call->lab, market);
    if (!hx_lab_param_get(call, "side", &text)) return false;
    draft->buy = hx_str_equal(text, HX_STR("BUY"));
    if (!draft->buy && !hx_str_equal(text, HX_STR("SELL"))) return hx_lab_fail(call, -1117);
    if (!hx_lab_param_get(call, "type", &text)) return false;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (!hx_str_equal(text, hx_str_from_c(kinds[i].name))) continue;
        *kind = &kinds[i];
        draft->wire_kind = (uint8_t)i;
        draft->type = kinds[i].type;
        return true;
    }
    return hx_lab_fail(call, -1116);
}

static bool refuse_sent(struct hx_lab_call *call, const char *name) {
    hx_str text;
    return hx_lab_param_find(call, name, &text) ? hx_lab_fail_about(call, -1106, hx_str_from_c(name)) : true;
}

static bool read_tif(struct hx_lab_call *call, const struct kind *kind, struct hx_lab_draft *draft) {
    if (kind->is_maker) draft->tif = HX_LAB_GTX;
    if (kind->type == HX_LAB_ORDER_MARKET || kind->is_maker) return refuse_sent(call, "timeInForce");
    if (!hx_lab_read_tif(call, true, &draft->tif)) return false;
    return draft->tif <= HX_LAB_FOK ? true : hx_lab_fail(call, -1115);
}

static bool read_price(struct hx_lab_call *call, const struct kind *kind, struct hx_lab_draft *draft) {
    bool present;
    if (kind->type == HX_LAB_ORDER_MARKET) return refuse_sent(call, "price");
    if (!hx_lab_param_amount(call, "price", &present, &draft->price, &draft->price_places)) return false;
    return present ? true : hx_lab_fail_about(call, -1102, HX_STR("price"));
}

static bool read_quantity(struct hx_lab_call *call, const struct kind *kind, struct hx_lab_draft *draft) {
    bool present;
    bool has_quote;
    uint32_t places = 0;
    if (!hx_lab_param_amount(call, "quantity", &present, &draft->quantity, &draft->quantity_places)) return false;
    if (!hx_lab_param_amount(call, "quoteOrderQty", &has_quote, &draft->quote_asked, &places)) return false;
    const bool plain_market = kind->type == HX_LAB_ORDER_MARKET && !kind->is_conditional;
    if (has_quote && (present || !plain_market)) return hx_lab_fail_about(call, -1106, HX_STR("quoteOrderQty"));
    if (present) return true;
    if (!has_quote && plain_market) {
        return hx_lab_fail_as(call, 0, -1102,
                              HX_STR("Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"));
    }
    if (!has_quote) return hx_lab_fail_about(call, -1102, HX_STR("quantity"));
    if (places > HX_LAB_PLACES) return hx_lab_fail(call, -1111);
    return draft->quote_asked > 0 ? true : hx_lab_fail_as(call, 0, -1013, HX_STR("Invalid quote order quantity."));
}

static bool read_trailing(struct hx_lab_call *call, struct hx_lab_draft *draft, int64_t delta) {
    if (delta < HX_LAB_SPOT_TRAILING_MIN || delta > HX_LAB_SPOT_TRAILING_MAX) {
        return hx_lab_fail_as(call, 0, -1013, HX_STR("Filter failure: TRAILING_DELTA"));
    }
    draft->trigger.trail_bps = (uint32_t)delta;
    draft->trigger.activate = draft->trigger.price;
    draft->trigger.price = 0;
    return true;
}

/* A stop waits for the price to go against its side, a take-profit for the other way. */
static bool read_trigger(struct hx_lab_call *call, const struct kind *kind, struct hx_lab_draft *draft) {
    bool has_stop;
    bool has_delta;
    int64_t delta = 0;
    uint32_t places = 0;
    if (!kind->is_conditional) return refuse_sent(call, "stopPrice") && refuse_sent(call, "trailingDelta");
    if (!hx_lab_param_amount(call, "stopPrice", &has_stop, &draft->trigger.price, &places)) return false;
    if (!hx_lab_param_i64(call, "trailingDelta", &has_delta, &delta)) return false;
    if (!has_stop && !has_delta) {
        return hx_lab_fail_as(call, 0, -1102,
                              HX_STR("Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!"));
    }
    draft->trigger.is_set = true;
    draft->trigger.is_take_profit = kind->is_take_profit;
    draft->trigger.rises = draft->buy != kind->is_take_profit;
    if (has_stop) {
        const struct hx_lab_market *market = &call->lab->markets[draft->market];
        const enum hx_lab_refusal refusal = hx_lab_check_price(market, draft->trigger.price, places);
        if (refusal != HX_LAB_ACCEPTED) return hx_lab_spot_refuse(call, refusal, draft);
    }
    return has_delta ? read_trailing(call, draft, delta) : true;
}

static bool read_draft(struct hx_lab_call *call, char id_storage[HX_LAB_CLIENT_ID_LEN_MAX], struct hx_lab_draft *draft,
                       const struct kind **kind) {
    hx_str iceberg;
    bool present;
    hx_mem_set(draft, 0, sizeof *draft);
    draft->keeps_unfilled = true;
    if (!read_side_and_type(call, draft, kind)) return false;
    if (!read_tif(call, *kind, draft) || !read_quantity(call, *kind, draft)) return false;
    if (!read_price(call, *kind, draft) || !read_trigger(call, *kind, draft)) return false;
    if (hx_lab_param_find(call, "icebergQty", &iceberg)) {
        return hx_lab_fail_as(call, 0, -2010, HX_STR("Iceberg orders are not supported for this symbol."));
    }
    if (!hx_lab_param_new_id(call, "newClientOrderId", id_storage, &draft->client_id)) return false;
    if (!hx_lab_param_i64(call, "timestamp", &present, &draft->request_timestamp)) return false;
    draft->bend = call->bend;
    return true;
}

/* MARKET and LIMIT answer with their fills unless told otherwise, the others with an acknowledgement. */
static bool read_answer(struct hx_lab_call *call, const struct kind *kind, enum hx_lab_spot_answer *answer) {
    static const char *const names[] = {"ACK", "RESULT", "FULL"};
    hx_str text;
    *answer = kind->is_conditional || kind->is_maker ? HX_LAB_SPOT_ACK : HX_LAB_SPOT_FULL;
    if (!hx_lab_param_find(call, "newOrderRespType", &text)) return true;
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!hx_str_equal(text, hx_str_from_c(names[i]))) continue;
        *answer = (enum hx_lab_spot_answer)i;
        return true;
    }
    return hx_lab_fail_about(call, -1130, HX_STR("newOrderRespType"));
}

void hx_lab_spot_post_order(struct hx_lab_call *call) {
    char id_storage[HX_LAB_CLIENT_ID_LEN_MAX];
    struct hx_lab_draft draft;
    const struct kind *kind;
    enum hx_lab_spot_answer answer;
    struct hx_lab_order *order = NULL;
    if (!hx_lab_admit_order(call)) return;
    if (!read_draft(call, id_storage, &draft, &kind) || !read_answer(call, kind, &answer)) return;
    const enum hx_lab_refusal refusal = hx_lab_place(call->lab, &draft, &order);
    if (refusal != HX_LAB_ACCEPTED) {
        (void)hx_lab_spot_refuse(call, refusal, &draft);
        return;
    }
    hx_lab_count_order(call);
    write_placed(call, order, answer);
}

void hx_lab_spot_post_order_test(struct hx_lab_call *call) {
    char id_storage[HX_LAB_CLIENT_ID_LEN_MAX];
    struct hx_lab_draft draft;
    const struct kind *kind;
    enum hx_lab_spot_answer answer;
    struct hx_lab_order *order = NULL;
    if (!read_draft(call, id_storage, &draft, &kind) || !read_answer(call, kind, &answer)) return;
    draft.test = true;
    const enum hx_lab_refusal refusal = hx_lab_place(call->lab, &draft, &order);
    if (refusal != HX_LAB_ACCEPTED) {
        (void)hx_lab_spot_refuse(call, refusal, &draft);
        return;
    }
    hx_json_open_object(&call->json, NULL);
    hx_json_close_object(&call->json);
}

/* By orderId, by origClientOrderId, or by both, which must then agree. NULL when there is none; false when asked
 * wrongly. */
static bool find_asked(struct hx_lab_call *call, struct hx_lab_order **order) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    int64_t order_id = 0;
    bool by_id;
    hx_str id = HX_STR_EMPTY;
    *order = NULL;
    if (!hx_lab_param_market(call, true, &market)) return false;
    if (!hx_lab_param_i64(call, "orderId", &by_id, &order_id)) return false;
    (void)hx_lab_param_find(call, "origClientOrderId", &id);
    if (!by_id && id.len == 0) {
        return hx_lab_fail_as(call, 0, -1102,
                              HX_STR("Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"));
    }
    const uint32_t index = hx_lab_market_index(lab, market);
    if (by_id) {
        *order = hx_lab_order_by_id(lab, index, order_id);
    } else {
        *order = hx_lab_order_by_client_id(lab, index, id, hx_lab_seen_until(lab));
    }
    if (*order != NULL && by_id && id.len > 0 && !hx_str_equal(hx_lab_order_client_id(*order), id)) *order = NULL;
    if (*order != NULL && !hx_lab_order_is_visible(lab, *order)) *order = NULL;
    return true;
}

static bool is_archived(const struct hx_lab_call *call, const struct hx_lab_order *order) {
    const bool dead = order->status == HX_LAB_STATUS_CANCELED || order->status == HX_LAB_STATUS_EXPIRED;
    return dead && order->executed == 0 && call->clock - order->time > ARCHIVED_AFTER_MS;
}

void hx_lab_spot_get_order(struct hx_lab_call *call) {
    struct hx_lab_order *order;
    if (!find_asked(call, &order)) return;
    if (order == NULL) {
        (void)hx_lab_fail(call, -2013);
    } else if (is_archived(call, order)) {
        (void)hx_lab_fail(call, -2026);
    } else {
        hx_lab_spot_write_query(call, order);
    }
}

void hx_lab_spot_delete_order(struct hx_lab_call *call) {
    struct hx_lab_order *order;
    char storage[HX_LAB_CLIENT_ID_LEN_MAX];
    hx_str cancel_id;
    if (!find_asked(call, &order)) return;
    if (!hx_lab_param_new_id(call, "newClientOrderId", storage, &cancel_id)) return;
    if (order == NULL || !hx_lab_order_is_open(order)) {
        (void)hx_lab_fail(call, -2011);
        return;
    }
    hx_lab_cancel(call->lab, order);
    hx_lab_name_last_event(call->lab, cancel_id);
    write_canceled(call, order, cancel_id);
}

/* Answers with the cancelled orders; with none it is an error. */
void hx_lab_spot_delete_open_orders(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, true, &market)) return;
    if (market->open_orders == 0) {
        (void)hx_lab_fail(call, -2011);
        return;
    }
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = 0; i < lab->open_count;) {
        struct hx_lab_order *order = &lab->orders[lab->open[i]];
        if (&lab->markets[order->market] != market) {
            i++;
            continue;
        }
        hx_lab_cancel(lab, order);
        write_canceled(call, order, hx_lab_order_client_id(order));
    }
    hx_json_close_array(&call->json);
}
