/* Conditional orders on the wire: the algo service's endpoints. */
#include "lab/binance.h"

static bool read_type(struct hx_lab_call *call, enum hx_lab_algo_type *type) {
    hx_str text;
    if (!hx_lab_param_get(call, "algoType", &text)) return false;
    if (!hx_str_equal(text, HX_STR("CONDITIONAL"))) return hx_lab_fail_about(call, -1130, HX_STR("algoType"));
    if (!hx_lab_param_get(call, "type", &text)) return false;
    for (enum hx_lab_algo_type one = HX_LAB_ALGO_STOP; one <= HX_LAB_ALGO_TRAILING_STOP_MARKET; one++) {
        if (!hx_str_equal(text, hx_lab_algo_type_text(one))) continue;
        *type = one;
        return true;
    }
    return hx_lab_fail(call, -1116);
}

static bool is_limit(enum hx_lab_algo_type type) {
    return type == HX_LAB_ALGO_STOP || type == HX_LAB_ALGO_TAKE_PROFIT;
}

/* A price parameter that the type asks for, or forbids. */
static bool read_price(struct hx_lab_call *call, const struct hx_lab_market *market, const char *name, bool mandatory,
                       hx_lab_amount *price) {
    bool present;
    uint32_t places = 0;
    *price = 0;
    if (!hx_lab_param_amount(call, name, &present, price, &places)) return false;
    if (!present) return mandatory ? hx_lab_fail_about(call, -1102, hx_str_from_c(name)) : true;
    const enum hx_lab_refusal refusal = hx_lab_check_price(market, *price, places);
    return refusal == HX_LAB_ACCEPTED ? true : hx_lab_binance_refuse(call, refusal, 0);
}

static bool read_trailing(struct hx_lab_call *call, const struct hx_lab_market *market, struct hx_lab_algo *algo) {
    bool present;
    uint32_t places = 0;
    if (!hx_lab_param_amount(call, "callbackRate", &present, &algo->callback_rate, &places)) return false;
    if (!present) return hx_lab_fail_about(call, -1102, HX_STR("callbackRate"));
    const bool in_range = algo->callback_rate >= HX_LAB_UNIT / 10 && algo->callback_rate <= 10 * HX_LAB_UNIT;
    if (!in_range || places > 1) return hx_lab_fail_about(call, -1130, HX_STR("callbackRate"));
    return read_price(call, market, "activatePrice", false, &algo->activate);
}

static bool read_quantity(struct hx_lab_call *call, const struct hx_lab_market *market, struct hx_lab_algo *algo) {
    bool present;
    struct hx_lab_draft draft;
    hx_mem_set(&draft, 0, sizeof draft);
    draft.type = is_limit(algo->type) ? HX_LAB_ORDER_LIMIT : HX_LAB_ORDER_MARKET;
    if (!hx_lab_param_amount(call, "quantity", &present, &draft.quantity, &draft.quantity_places)) return false;
    if (algo->close_position) return present ? hx_lab_fail(call, -4137) : true;
    if (!present) return hx_lab_fail_about(call, -1102, HX_STR("quantity"));
    const enum hx_lab_refusal refusal = hx_lab_check_quantity(market, &draft);
    algo->quantity = draft.quantity;
    return refusal == HX_LAB_ACCEPTED ? true : hx_lab_binance_refuse(call, refusal, 0);
}

static bool read_close_position(struct hx_lab_call *call, struct hx_lab_algo *algo) {
    bool present;
    hx_str text;
    algo->close_position = false;
    if (!hx_lab_param_bool(call, "closePosition", &present, &algo->close_position)) return false;
    if (!algo->close_position) return hx_lab_read_reduce_only(call, &algo->reduce_only);
    if (hx_lab_param_find(call, "reduceOnly", &text)) return hx_lab_fail_about(call, -1106, HX_STR("reduceOnly"));
    const bool allowed = algo->type == HX_LAB_ALGO_STOP_MARKET || algo->type == HX_LAB_ALGO_TAKE_PROFIT_MARKET;
    return allowed ? true : hx_lab_fail_about(call, -1106, HX_STR("closePosition"));
}

static bool read_working_type(struct hx_lab_call *call, struct hx_lab_algo *algo) {
    hx_str text;
    bool present;
    if (!hx_lab_param_bool(call, "priceProtect", &present, &algo->price_protect)) return false;
    if (!hx_lab_param_find(call, "workingType", &text) || hx_str_equal(text, HX_STR("CONTRACT_PRICE"))) return true;
    algo->by_mark = hx_str_equal(text, HX_STR("MARK_PRICE"));
    return algo->by_mark ? true : hx_lab_fail_about(call, -1130, HX_STR("workingType"));
}

static bool read_algo(struct hx_lab_call *call, struct hx_lab_algo *algo) {
    struct hx_lab_market *market;
    hx_str id;
    if (!hx_lab_read_side(call, &market, &algo->buy, &algo->side)) return false;
    algo->market = hx_lab_market_index(call->lab, market);
    if (market->halted || call->bend.halted) return hx_lab_fail(call, -4140);
    if (!read_type(call, &algo->type)) return false;
    if (!read_close_position(call, algo)) return false;
    if (!read_quantity(call, market, algo)) return false;
    const bool trailing = algo->type == HX_LAB_ALGO_TRAILING_STOP_MARKET;
    if (!read_price(call, market, "triggerPrice", !trailing, &algo->trigger)) return false;
    if (!read_price(call, market, "price", is_limit(algo->type), &algo->price)) return false;
    if (trailing && !read_trailing(call, market, algo)) return false;
    if (!hx_lab_read_tif(call, false, &algo->tif)) return false;
    if (!read_working_type(call, algo)) return false;
    char storage[HX_LAB_CLIENT_ID_LEN_MAX];
    if (!hx_lab_param_new_id(call, "clientAlgoId", storage, &id)) return false;
    algo->client_id_len = (uint8_t)id.len;
    hx_mem_copy(algo->client_id, id.data, id.len);
    return true;
}

static void write_spawned(struct hx_lab_call *call, const struct hx_lab_algo *algo) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[algo->market];
    const struct hx_lab_order *order = hx_lab_order_at(lab, algo->order_seq);
    char text[24];
    struct hx_buf id;
    hx_buf_init(&id, text, sizeof text);
    if (algo->order_id != 0) hx_buf_add_i64(&id, algo->order_id);
    hx_json_write_str(&call->json, "actualOrderId", hx_buf_str(&id));
    const bool filled = order != NULL && order->executed > 0;
    hx_lab_write_short(call, "actualPrice", filled ? hx_lab_order_average(order) : 0);
    hx_lab_write_fixed(call, "actualQty", filled ? order->executed : 0, market->quantity_precision);
    if (order == NULL) {
        hx_lab_write_c(call, "actualType", "");
    } else {
        hx_lab_write_c(call, "actualType", order->type == HX_LAB_ORDER_LIMIT ? "LIMIT" : "MARKET");
    }
}

static void write_algo(struct hx_lab_call *call, const struct hx_lab_algo *algo, bool is_query) {
    const struct hx_lab_market *market = &call->lab->markets[algo->market];
    struct hx_json_writer *json = &call->json;
    const uint32_t places = market->price_precision;
    hx_json_open_object(json, NULL);
    hx_json_write_i64(json, "algoId", hx_lab_algo_id(algo));
    hx_json_write_str(json, "clientAlgoId", hx_str_make(algo->client_id, algo->client_id_len));
    hx_lab_write_c(call, "algoType", "CONDITIONAL");
    hx_json_write_str(json, "orderType", hx_lab_algo_type_text(algo->type));
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_c(call, "side", algo->buy ? "BUY" : "SELL");
    hx_json_write_str(json, "positionSide", hx_lab_position_side_text(algo->side));
    hx_json_write_str(json, "timeInForce", hx_lab_tif_text(algo->tif));
    hx_lab_write_fixed(call, "quantity", algo->quantity, market->quantity_precision);
    hx_json_write_str(json, "algoStatus", hx_lab_algo_status_text(call->lab, algo));
    if (is_query) write_spawned(call, algo);
    hx_lab_write_fixed(call, "triggerPrice", algo->trigger, places);
    hx_lab_write_fixed(call, "price", algo->price, places);
    hx_json_write_null(json, "icebergQuantity");
    hx_lab_write_c(call, "selfTradePreventionMode", "EXPIRE_MAKER");
    hx_lab_write_c(call, "workingType", algo->by_mark ? "MARK_PRICE" : "CONTRACT_PRICE");
    hx_lab_write_c(call, "priceMatch", "NONE");
    hx_json_write_bool(json, "closePosition", algo->close_position);
    hx_json_write_bool(json, "priceProtect", algo->price_protect);
    hx_json_write_bool(json, "reduceOnly", algo->reduce_only || algo->close_position);
    if (algo->type == HX_LAB_ALGO_TRAILING_STOP_MARKET) {
        hx_lab_write_fixed(call, "activatePrice", algo->activate, places);
        hx_lab_write_short(call, "callbackRate", algo->callback_rate);
    } else {
        hx_lab_write_c(call, "activatePrice", "");
        hx_lab_write_c(call, "callbackRate", "");
    }
    hx_json_write_i64(json, "createTime", algo->time);
    hx_json_write_i64(json, "updateTime", algo->updated);
    hx_json_write_i64(json, "triggerTime", algo->triggered);
    hx_json_write_i64(json, "goodTillDate", 0);
    hx_json_close_object(json);
}

void hx_lab_post_algo(struct hx_lab_call *call) {
    struct hx_lab_algo algo;
    hx_mem_set(&algo, 0, sizeof algo);
    if (!hx_lab_admit_order(call)) return;
    if (!read_algo(call, &algo)) return;
    struct hx_lab_algo *kept = NULL;
    const enum hx_lab_refusal refusal = hx_lab_algo_place(call->lab, &algo, &kept);
    if (refusal != HX_LAB_ACCEPTED) {
        (void)hx_lab_binance_refuse(call, refusal, 0);
        return;
    }
    hx_lab_count_order(call);
    write_algo(call, kept, false);
}

/* The most recent of a client algo id; algoId wins when both are sent. */
static bool find_asked(struct hx_lab_call *call, struct hx_lab_algo **algo) {
    const struct hx_lab *lab = call->lab;
    int64_t algo_id = 0;
    bool by_id;
    hx_str client_id = HX_STR_EMPTY;
    *algo = NULL;
    if (!hx_lab_param_i64(call, "algoId", &by_id, &algo_id)) return false;
    (void)hx_lab_param_find(call, "clientAlgoId", &client_id);
    if (!by_id && client_id.len == 0) return hx_lab_fail_about(call, -1102, HX_STR("algoId"));
    for (uint64_t seq = lab->algo_seq; seq >= hx_lab_algo_first(lab) && seq > 0; seq--) {
        struct hx_lab_algo *one = hx_lab_algo_at(lab, seq);
        const hx_str id = hx_str_make(one->client_id, one->client_id_len);
        if (by_id ? hx_lab_algo_id(one) != algo_id : !hx_str_equal(id, client_id)) continue;
        *algo = one;
        return true;
    }
    return true;
}

void hx_lab_get_algo_query(struct hx_lab_call *call) {
    struct hx_lab_algo *algo;
    if (!find_asked(call, &algo)) return;
    if (algo == NULL) {
        (void)hx_lab_fail(call, -2013);
        return;
    }
    write_algo(call, algo, true);
}

void hx_lab_delete_algo(struct hx_lab_call *call) {
    struct hx_lab_algo *algo;
    if (!find_asked(call, &algo)) return;
    if (algo == NULL || algo->status != HX_LAB_ALGO_NEW) {
        (void)hx_lab_fail(call, -2011);
        return;
    }
    hx_lab_algo_close(call->lab, algo, HX_LAB_ALGO_CANCELED);
    hx_json_open_object(&call->json, NULL);
    hx_json_write_i64(&call->json, "algoId", hx_lab_algo_id(algo));
    hx_json_write_str(&call->json, "clientAlgoId", hx_str_make(algo->client_id, algo->client_id_len));
    hx_lab_write_c(call, "code", "200");
    hx_lab_write_c(call, "msg", "success");
    hx_json_close_object(&call->json);
}

static void write_list(struct hx_lab_call *call, const struct hx_lab_market *market, bool open_only) {
    const struct hx_lab *lab = call->lab;
    hx_json_open_array(&call->json, NULL);
    for (uint64_t seq = hx_lab_algo_first(lab); seq <= lab->algo_seq; seq++) {
        const struct hx_lab_algo *algo = hx_lab_algo_at(lab, seq);
        if (market != NULL && &lab->markets[algo->market] != market) continue;
        if (open_only && algo->status != HX_LAB_ALGO_NEW) continue;
        write_algo(call, algo, true);
    }
    hx_json_close_array(&call->json);
}

void hx_lab_get_open_algos(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    if (hx_lab_param_market(call, false, &market)) write_list(call, market, true);
}

void hx_lab_get_all_algos(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    if (hx_lab_param_market(call, true, &market)) write_list(call, market, false);
}

void hx_lab_delete_open_algos(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, true, &market)) return;
    for (uint32_t i = lab->algo_open_count; i > 0; i--) {
        struct hx_lab_algo *algo = &lab->algos[lab->algo_open[i - 1]];
        if (&lab->markets[algo->market] == market) hx_lab_algo_close(lab, algo, HX_LAB_ALGO_CANCELED);
    }
    (void)hx_lab_fail_as(call, 200, 200, HX_STR("The operation of cancel all open order is done."));
}
