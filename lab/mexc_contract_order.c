/* Contract orders: placing and cancelling. The answer to placing is an id and nothing else. */
#include "lab/mexc.h"
#include "lab/mexc_words.h"

/* Placing. */

static bool read_id(struct hx_lab_call *call, char storage[HX_LAB_CLIENT_ID_LEN_MAX], hx_str *id) {
    hx_str sent;
    if (hx_lab_param_find(call, "externalOid", &sent)) {
        return hx_lab_param_new_id(call, "externalOid", storage, id);
    }
    hx_lab_mexc_make_id(call->lab, storage, id);
    return true;
}

/* 1 limit, 2 post-only, 3 immediate or cancel, 4 fill or kill, 5 market, 6 market turned into a limit at the price of
 * now, which fills as a market order does. */
static bool read_type(struct hx_lab_call *call, struct hx_lab_draft *draft, int64_t *type) {
    static const enum hx_lab_tif tifs[] = {HX_LAB_GTC, HX_LAB_GTC, HX_LAB_GTX, HX_LAB_IOC, HX_LAB_FOK};
    if (!hx_lab_mexc_read_int(call, "type", HX_LAB_NEEDED, type)) return false;
    if (*type < 1 || *type > 6) return hx_lab_fail(call, 2029);
    draft->type = *type >= 5 ? HX_LAB_ORDER_MARKET : HX_LAB_ORDER_LIMIT;
    draft->tif = *type >= 5 ? HX_LAB_GTC : tifs[*type];
    return true;
}

/* Market orders may carry a price, which is not looked at. */
static bool read_price(struct hx_lab_call *call, const struct hx_lab_market *market, struct hx_lab_draft *draft) {
    if (draft->type == HX_LAB_ORDER_LIMIT) {
        return hx_lab_mexc_read_price(call, market, "price", HX_LAB_NEEDED, &draft->price);
    }
    hx_lab_amount ignored;
    uint32_t places;
    return hx_lab_mexc_read_decimal(call, "price", HX_LAB_OPTIONAL, &ignored, &places);
}

static bool read_draft(struct hx_lab_call *call, char storage[HX_LAB_CLIENT_ID_LEN_MAX], struct hx_lab_draft *draft) {
    struct hx_lab_market *market;
    int64_t side;
    int64_t type;
    hx_mem_set(draft, 0, sizeof *draft);
    if (!hx_lab_mexc_read_market(call, HX_LAB_NEEDED, &market)) return false;
    draft->market = hx_lab_market_index(call->lab, market);
    if (!read_type(call, draft, &type) || !hx_lab_mexc_read_direction(call, market, draft, &side)) return false;
    if (!hx_lab_mexc_read_vol(call, market, draft) || !read_price(call, market, draft)) return false;
    if (!read_id(call, storage, &draft->client_id)) return false;
    const struct hx_lab_book book = hx_lab_book_now(call->lab, market);
    const hx_lab_amount price = draft->type == HX_LAB_ORDER_LIMIT ? draft->price : book.bid;
    const bool is_long = draft->buy != draft->reduce_only;
    if (!hx_lab_mexc_read_exits(call, market, is_long, price, &draft->exits)) return false;
    draft->is_acked = true;
    draft->wire_kind = hx_lab_mexc_kind_of(side, type);
    draft->request_timestamp = call->request_timestamp;
    draft->bend = call->bend;
    return true;
}

/* A closing order takes hold of its part of the position: others can not have it too. */
static enum hx_lab_refusal check_close(const struct hx_lab *lab, const struct hx_lab_draft *draft) {
    const struct hx_lab_market *market = &lab->markets[draft->market];
    if (!draft->reduce_only) return HX_LAB_ACCEPTED;
    const hx_lab_amount there = hx_lab_reducible(market, draft->side, draft->buy);
    const hx_lab_amount frozen = hx_lab_mexc_frozen(lab, market, draft->side, !draft->buy);
    return frozen + draft->quantity > there ? HX_LAB_REFUSED_REDUCE_ONLY : HX_LAB_ACCEPTED;
}

/* Opening sets the leverage and the margin mode of its side. */
static void keep_margin(struct hx_lab_market *market, const struct hx_lab_draft *draft) {
    if (draft->reduce_only || draft->doom != HX_LAB_ACCEPTED) return;
    market->side_leverage[draft->buy ? 0 : 1] = draft->leverage;
    market->side_isolated[draft->buy ? 0 : 1] = draft->isolated;
}

static struct hx_lab_order *place(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    char storage[HX_LAB_CLIENT_ID_LEN_MAX];
    struct hx_lab_draft draft;
    struct hx_lab_order *order = NULL;
    if (!read_draft(call, storage, &draft)) return NULL;
    struct hx_lab_market *market = &lab->markets[draft.market];
    enum hx_lab_refusal refusal = HX_LAB_ACCEPTED;
    if (market->halted || draft.bend.halted) refusal = HX_LAB_REFUSED_HALTED;
    const bool taken = hx_lab_client_id_is_taken(lab, draft.market, draft.client_id);
    if (refusal == HX_LAB_ACCEPTED && !taken) refusal = check_close(lab, &draft);
    if (refusal == HX_LAB_ACCEPTED) refusal = hx_lab_place(lab, &draft, &order);
    if (refusal != HX_LAB_ACCEPTED) {
        (void)hx_lab_mexc_refuse(call, refusal, &draft);
        return NULL;
    }
    keep_margin(market, &draft);
    /* Exits of a position that this closed are over. */
    hx_lab_algo_trigger_all(lab);
    return order;
}

void hx_lab_mexc_create(struct hx_lab_call *call) {
    const struct hx_lab_order *order = place(call);
    if (order == NULL) return;
    hx_lab_mexc_open_object(call);
    hx_lab_write_order_id(call, "orderId", order);
    hx_json_write_i64(&call->json, "ts", order->time);
    hx_lab_mexc_close_object(call);
}

void hx_lab_mexc_submit(struct hx_lab_call *call) {
    const struct hx_lab_order *order = place(call);
    if (order != NULL) hx_lab_mexc_answer_number(call, hx_lab_order_id(call->lab, order));
}

void hx_lab_mexc_submit_batch(struct hx_lab_call *call) {
    (void)hx_lab_fail(call, 511);
}

/* Cancelling: success outside, and a code for each order inside. */

static void write_outcome(struct hx_lab_call *call, struct hx_lab_order *order, hx_str id) {
    struct hx_lab *lab = call->lab;
    const bool known = order != NULL && hx_lab_order_is_visible(lab, order);
    const bool open = known && hx_lab_order_is_open(order);
    int64_t number;
    hx_json_open_object(&call->json, NULL);
    if (known) {
        hx_json_write_i64(&call->json, "orderId", hx_lab_order_id(lab, order));
    } else if (hx_ok(hx_str_parse_i64(id, &number))) {
        hx_json_write_i64(&call->json, "orderId", number);
    } else {
        hx_json_write_null(&call->json, "orderId");
    }
    hx_json_write_i64(&call->json, "errorCode", open ? 0 : known ? 2041 : 2040);
    hx_lab_write_c(call, "errorMsg", open ? "success" : known ? "order state cannot be cancelled" : "order not exist");
    hx_json_close_object(&call->json);
    if (open) hx_lab_cancel(lab, order);
}

/* The array that the body is, or NULL, having answered. */
static const struct hx_json *read_list(struct hx_lab_call *call) {
    const struct hx_json *list = call->json_body;
    const bool good = list != NULL && list->type == HX_JSON_ARRAY && list->count > 0;
    if (!good) {
        (void)hx_lab_fail(call, 600);
        return NULL;
    }
    if (list->count <= HX_LAB_MEXC_BATCH_MAX) return list;
    (void)hx_lab_fail(call, 2013);
    return NULL;
}

static bool all_are(const struct hx_json *list, enum hx_json_type one, enum hx_json_type other) {
    for (const struct hx_json *item = hx_json_first(list); item; item = hx_json_next(list, item)) {
        if (item->type != one && item->type != other) return false;
    }
    return true;
}

void hx_lab_mexc_cancel(struct hx_lab_call *call) {
    const struct hx_json *list = read_list(call);
    if (list == NULL) return;
    if (!all_are(list, HX_JSON_NUMBER, HX_JSON_STRING)) {
        (void)hx_lab_fail(call, 600);
        return;
    }
    hx_lab_mexc_open_array(call);
    for (const struct hx_json *id = hx_json_first(list); id; id = hx_json_next(list, id)) {
        write_outcome(call, hx_lab_order_by_text(call->lab, HX_LAB_FUTURES, id->text), id->text);
    }
    hx_lab_mexc_close_array(call);
}

static void cancel_named(struct hx_lab_call *call, const struct hx_json *item) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_order *order = NULL;
    hx_str symbol = HX_STR_EMPTY;
    hx_str id = HX_STR_EMPTY;
    const hx_err named = hx_json_get_str(item, HX_STR("symbol"), &symbol);
    const hx_err by_id = hx_json_get_str(item, HX_STR("externalOid"), &id);
    const struct hx_lab_market *market = hx_lab_find_wire_market(lab, HX_LAB_FUTURES, symbol);
    if (hx_ok(named) && hx_ok(by_id) && market != NULL) {
        order = hx_lab_order_by_client_id(lab, hx_lab_market_index(lab, market), id, hx_lab_seen_until(lab));
    }
    write_outcome(call, order, HX_STR_EMPTY);
}

/* A list of {symbol, externalOid}; older documents have the one object. */
void hx_lab_mexc_cancel_external(struct hx_lab_call *call) {
    const struct hx_json *body = call->json_body;
    if (body != NULL && body->type == HX_JSON_OBJECT) {
        hx_lab_mexc_open_array(call);
        cancel_named(call, body);
        hx_lab_mexc_close_array(call);
        return;
    }
    const struct hx_json *list = read_list(call);
    if (list == NULL) return;
    if (!all_are(list, HX_JSON_OBJECT, HX_JSON_OBJECT)) {
        (void)hx_lab_fail(call, 600);
        return;
    }
    hx_lab_mexc_open_array(call);
    for (const struct hx_json *item = hx_json_first(list); item; item = hx_json_next(list, item)) {
        cancel_named(call, item);
    }
    hx_lab_mexc_close_array(call);
}

/* Of a symbol, or of all when it is empty or not there. */
void hx_lab_mexc_cancel_all(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &market)) return;
    for (uint32_t i = lab->open_count; i > 0; i--) {
        struct hx_lab_order *order = &lab->orders[lab->open[i - 1]];
        if (hx_lab_market_is_spot(lab, order->market) || !hx_lab_order_is_visible(lab, order)) continue;
        if (market == NULL || &lab->markets[order->market] == market) hx_lab_cancel(lab, order);
    }
    hx_lab_mexc_answer_done(call);
}
