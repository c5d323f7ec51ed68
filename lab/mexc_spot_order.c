/* Spot orders: place, query, cancel, lists. Placing answers with an id and neither status nor fills. There are no
 * conditional orders, and how long an order lives is part of its type. */
#include "lab/mexc.h"

#define LIST_DEFAULT 500
#define LIST_MAX 1000
#define LIST_SPAN_DEFAULT_MS HX_MS_PER_DAY
#define LIST_SPAN_MS_MAX (7 * HX_MS_PER_DAY)

struct kind {
    const char *name;
    enum hx_lab_order_type type;
    enum hx_lab_tif tif;
};

static const struct kind kinds[] = {
    {"LIMIT", HX_LAB_ORDER_LIMIT, HX_LAB_GTC},        {"MARKET", HX_LAB_ORDER_MARKET, HX_LAB_GTC},
    {"LIMIT_MAKER", HX_LAB_ORDER_LIMIT, HX_LAB_GTX},  {"IMMEDIATE_OR_CANCEL", HX_LAB_ORDER_LIMIT, HX_LAB_IOC},
    {"FILL_OR_KILL", HX_LAB_ORDER_LIMIT, HX_LAB_FOK},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

/* Writing. */

/* What ended without being full was cancelled, in whole or in part. */
static const char *status_text(const struct hx_lab_order *order) {
    switch (order->status) {
        case HX_LAB_STATUS_FILLED:
            return "FILLED";
        case HX_LAB_STATUS_PARTIALLY_FILLED:
            return "PARTIALLY_FILLED";
        case HX_LAB_STATUS_CANCELED:
        case HX_LAB_STATUS_EXPIRED:
        case HX_LAB_STATUS_REJECTED:
            return order->executed > 0 ? "PARTIALLY_CANCELED" : "CANCELED";
        case HX_LAB_STATUS_NEW:
        case HX_LAB_STATUS_PENDING:
        case HX_LAB_STATUS_UNTRIGGERED:
            return "NEW";
    }
    hx_assert(false);
    return "";
}

static void write_client_id(struct hx_lab_call *call, const char *name, hx_str id) {
    if (id.len == 0) {
        hx_json_write_null(&call->json, name);
    } else {
        hx_json_write_str(&call->json, name, id);
    }
}

static void write_placed(struct hx_lab_call *call, const struct hx_lab_order *order) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", call->lab->markets[order->market].name);
    hx_lab_write_order_id(call, "orderId", order);
    hx_json_write_i64(json, "orderListId", -1);
    hx_lab_write_short(call, "price", order->price);
    hx_lab_write_short(call, "origQty", order->quantity);
    hx_lab_write_c(call, "type", kinds[order->wire_kind].name);
    hx_lab_write_c(call, "side", order->buy ? "BUY" : "SELL");
    hx_lab_write_c(call, "stpMode", "");
    hx_json_write_i64(json, "transactTime", order->time);
    hx_json_close_object(json);
}

static void write_terms(struct hx_lab_call *call, const struct hx_lab_order *order) {
    hx_lab_write_short(call, "price", order->price);
    hx_lab_write_short(call, "origQty", order->quantity);
    hx_lab_write_short(call, "executedQty", order->executed);
    hx_lab_write_short(call, "cummulativeQuoteQty", order->quote);
    hx_lab_write_c(call, "status", status_text(order));
    hx_json_write_null(&call->json, "timeInForce");
    hx_lab_write_c(call, "type", kinds[order->wire_kind].name);
    hx_lab_write_c(call, "side", order->buy ? "BUY" : "SELL");
}

static void write_query(struct hx_lab_call *call, const struct hx_lab_order *order) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", call->lab->markets[order->market].name);
    hx_lab_write_order_id(call, "orderId", order);
    hx_json_write_i64(json, "orderListId", -1);
    write_client_id(call, "clientOrderId", hx_lab_order_client_id(order));
    write_terms(call, order);
    hx_json_write_null(json, "stopPrice");
    hx_json_write_null(json, "icebergQty");
    hx_json_write_i64(json, "time", order->time);
    hx_json_write_i64(json, "updateTime", order->updated);
    hx_json_write_bool(json, "isWorking", hx_lab_order_works(order));
    hx_lab_write_c(call, "stpMode", "");
    hx_lab_write_short(call, "origQuoteOrderQty", order->quote_asked);
    hx_json_close_object(json);
}

static void write_canceled(struct hx_lab_call *call, const struct hx_lab_order *order, hx_str cancel_id) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", call->lab->markets[order->market].name);
    write_client_id(call, "origClientOrderId", hx_lab_order_client_id(order));
    hx_lab_write_order_id(call, "orderId", order);
    hx_json_write_i64(&call->json, "orderListId", -1);
    write_client_id(call, "clientOrderId", cancel_id);
    write_terms(call, order);
    hx_json_close_object(&call->json);
}

/* Reading. */

static bool read_kind(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    struct hx_lab_market *market;
    hx_str text;
    if (!hx_lab_param_market(call, true, &market)) return false;
    draft->market = hx_lab_market_index(call->lab, market);
    if (!hx_lab_param_get(call, "side", &text)) return false;
    draft->buy = hx_str_equal(text, HX_STR("BUY"));
    if (!draft->buy && !hx_str_equal(text, HX_STR("SELL"))) return hx_lab_fail(call, 30001);
    if (!hx_lab_param_get(call, "type", &text)) return false;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (!hx_str_equal(text, hx_str_from_c(kinds[i].name))) continue;
        draft->wire_kind = (uint8_t)i;
        draft->type = kinds[i].type;
        draft->tif = kinds[i].tif;
        return true;
    }
    return hx_lab_fail(call, 30041);
}

static bool read_amount(struct hx_lab_call *call, const char *name, hx_lab_amount *amount, uint32_t *places) {
    bool present;
    if (!hx_lab_param_amount(call, name, &present, amount, places)) return false;
    return present ? true : hx_lab_fail_about(call, 44444, hx_str_from_c(name));
}

/* A market buy says what it spends, a market sell what it sells: `quantity` is documented as what is sold. */
static bool read_terms(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    uint32_t places = 0;
    if (draft->type == HX_LAB_ORDER_LIMIT) {
        return read_amount(call, "quantity", &draft->quantity, &draft->quantity_places) &&
               read_amount(call, "price", &draft->price, &draft->price_places);
    }
    if (!draft->buy) return read_amount(call, "quantity", &draft->quantity, &draft->quantity_places);
    if (!read_amount(call, "quoteOrderQty", &draft->quote_asked, &places)) return false;
    if (places > HX_LAB_PLACES) return hx_lab_fail(call, 10096);
    return draft->quote_asked > 0 ? true : hx_lab_fail(call, 10097);
}

/* More than the venue takes in one order, in quote. */
static bool check_most(struct hx_lab_call *call, const struct hx_lab_draft *draft) {
    const struct hx_lab_market *market = &call->lab->markets[draft->market];
    const bool is_limit = draft->type == HX_LAB_ORDER_LIMIT;
    const hx_lab_amount price = is_limit ? draft->price : hx_lab_book_now(call->lab, market).bid;
    const hx_lab_amount value =
        draft->quote_asked > 0 ? draft->quote_asked : hx_lab_amount_multiply(draft->quantity, price);
    const hx_lab_amount most = is_limit ? HX_LAB_MEXC_QUOTE_MAX : HX_LAB_MEXC_QUOTE_MAX_MARKET;
    return value <= most ? true : hx_lab_fail_amount(call, 30003, most);
}

/* Without an id of its own the order has none. */
static bool read_client_id(struct hx_lab_call *call, const char *name, hx_str *id) {
    hx_str sent;
    *id = HX_STR_EMPTY;
    return hx_lab_param_find(call, name, &sent) ? hx_lab_param_new_id(call, name, NULL, id) : true;
}

static bool read_draft(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    hx_mem_set(draft, 0, sizeof *draft);
    if (!read_kind(call, draft) || !read_terms(call, draft) || !check_most(call, draft)) return false;
    if (!read_client_id(call, "newClientOrderId", &draft->client_id)) return false;
    draft->is_acked = true;
    draft->request_timestamp = call->request_timestamp;
    draft->bend = call->bend;
    return true;
}

void hx_lab_mexc_spot_post_order(struct hx_lab_call *call) {
    struct hx_lab_draft draft;
    struct hx_lab_order *order = NULL;
    if (!read_draft(call, &draft)) return;
    const enum hx_lab_refusal refusal = hx_lab_place(call->lab, &draft, &order);
    if (refusal == HX_LAB_ACCEPTED) {
        write_placed(call, order);
    } else {
        (void)hx_lab_mexc_spot_refuse(call, refusal, &draft);
    }
}

void hx_lab_mexc_spot_post_test(struct hx_lab_call *call) {
    struct hx_lab_draft draft;
    struct hx_lab_order *order = NULL;
    if (!read_draft(call, &draft)) return;
    draft.test = true;
    enum hx_lab_refusal refusal = hx_lab_place(call->lab, &draft, &order);
    /* What would only show in the book is no reason here. */
    const bool late = refusal == HX_LAB_REFUSED_WOULD_TAKE || refusal == HX_LAB_REFUSED_WOULD_NOT_FILL;
    if (refusal == HX_LAB_ACCEPTED || late) {
        hx_lab_mexc_spot_get_ping(call);
    } else {
        (void)hx_lab_mexc_spot_refuse(call, refusal, &draft);
    }
}

/* By orderId, else by origClientOrderId: the most recent of that id. NULL when there is none; false when asked wrongly.
 */
static bool find_asked(struct hx_lab_call *call, struct hx_lab_order **order) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    hx_str id = HX_STR_EMPTY;
    hx_str client_id = HX_STR_EMPTY;
    *order = NULL;
    if (!hx_lab_param_market(call, true, &market)) return false;
    (void)hx_lab_param_find(call, "orderId", &id);
    (void)hx_lab_param_find(call, "origClientOrderId", &client_id);
    if (id.len == 0 && client_id.len == 0) return hx_lab_fail(call, 700004);
    const uint32_t index = hx_lab_market_index(lab, market);
    if (id.len > 0) {
        *order = hx_lab_order_by_text(lab, HX_LAB_SPOT, id);
    } else {
        *order = hx_lab_order_by_client_id(lab, index, client_id, hx_lab_seen_until(lab));
    }
    if (*order != NULL && ((*order)->market != index || !hx_lab_order_is_visible(lab, *order))) *order = NULL;
    return true;
}

void hx_lab_mexc_spot_get_order(struct hx_lab_call *call) {
    struct hx_lab_order *order;
    if (!find_asked(call, &order)) return;
    if (order == NULL) {
        (void)hx_lab_fail(call, -2013);
    } else {
        write_query(call, order);
    }
}

void hx_lab_mexc_spot_delete_order(struct hx_lab_call *call) {
    struct hx_lab_order *order;
    hx_str cancel_id;
    if (!find_asked(call, &order) || !read_client_id(call, "newClientOrderId", &cancel_id)) return;
    if (order == NULL || !hx_lab_order_is_open(order)) {
        (void)hx_lab_fail(call, -2011);
        return;
    }
    hx_lab_cancel(call->lab, order);
    write_canceled(call, order, cancel_id);
}

/* Lists. */

void hx_lab_mexc_spot_get_open(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, false, &market)) return;
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = lab->open_count; i > 0; i--) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i - 1]];
        if (!hx_lab_market_is_spot(lab, order->market) || !hx_lab_order_is_visible(lab, order)) continue;
        if (market == NULL || &lab->markets[order->market] == market) write_query(call, order);
    }
    hx_json_close_array(&call->json);
}

/* Up to five symbols, separated by commas. */
static bool names_all(const struct hx_lab_call *call, hx_str list) {
    uint32_t count = 0;
    hx_str name;
    while (hx_str_split(&list, ',', &name)) {
        count++;
        if (hx_lab_find_wire_market(call->lab, HX_LAB_SPOT, hx_str_trim(name)) == NULL) return false;
    }
    return count >= 1 && count <= 5;
}

static bool is_named(const struct hx_lab *lab, hx_str list, const struct hx_lab_order *order) {
    const hx_str own = hx_str_from_c(lab->markets[order->market].name);
    hx_str name;
    while (hx_str_split(&list, ',', &name)) {
        if (hx_str_equal(hx_str_trim(name), own)) return true;
    }
    return false;
}

void hx_lab_mexc_spot_delete_open(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    hx_str list;
    if (!hx_lab_param_get(call, "symbol", &list)) return;
    if (!names_all(call, list)) {
        (void)hx_lab_fail(call, 10007);
        return;
    }
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = lab->open_count; i > 0; i--) {
        struct hx_lab_order *order = &lab->orders[lab->open[i - 1]];
        if (!hx_lab_market_is_spot(lab, order->market) || !hx_lab_order_is_visible(lab, order)) continue;
        if (!is_named(lab, list, order)) continue;
        hx_lab_cancel(lab, order);
        write_canceled(call, order, HX_STR_EMPTY);
    }
    hx_json_close_array(&call->json);
}

/* The last day unless said otherwise, never more than a week back; newest first. */
void hx_lab_mexc_spot_get_all(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    bool has_start;
    bool present;
    hx_time start = 0;
    hx_time end = INT64_MAX;
    int64_t left = LIST_DEFAULT;
    if (!hx_lab_param_market(call, true, &market)) return;
    if (!hx_lab_param_i64(call, "startTime", &has_start, &start)) return;
    if (!hx_lab_param_i64(call, "endTime", &present, &end)) return;
    if (!hx_lab_param_i64(call, "limit", &present, &left)) return;
    if (!has_start) start = call->clock - LIST_SPAN_DEFAULT_MS;
    if (start < call->clock - LIST_SPAN_MS_MAX) start = call->clock - LIST_SPAN_MS_MAX;
    if (left > LIST_MAX) left = LIST_MAX;
    hx_json_open_array(&call->json, NULL);
    for (uint64_t seq = lab->order_seq; seq >= hx_lab_order_first(lab) && seq > 0 && left > 0; seq--) {
        const struct hx_lab_order *order = hx_lab_order_at(lab, seq);
        if (&lab->markets[order->market] != market || !hx_lab_order_is_visible(lab, order)) continue;
        if (order->time < start || order->time > end) continue;
        write_query(call, order);
        left--;
    }
    hx_json_close_array(&call->json);
}
