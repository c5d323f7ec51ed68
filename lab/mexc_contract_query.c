/* Asking for contract orders and fills. */
#include "lab/mexc.h"
#include "lab/mexc_words.h"

#define DEALS_MAX 1000
#define ROWS_MAX 100

static void write_row(struct hx_lab_call *call, const struct hx_lab_order *order) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_mexc_write_order(call, order);
    hx_json_close_object(&call->json);
}

static const struct hx_lab_order *find_external(const struct hx_lab *lab, hx_str symbol, hx_str id) {
    const struct hx_lab_market *market = hx_lab_find_wire_market(lab, HX_LAB_FUTURES, symbol);
    if (market == NULL || id.len == 0) return NULL;
    const struct hx_lab_order *order =
        hx_lab_order_by_client_id(lab, hx_lab_market_index(lab, market), id, hx_lab_seen_until(lab));
    return order != NULL && hx_lab_order_is_visible(lab, order) ? order : NULL;
}

static void answer_order(struct hx_lab_call *call, const struct hx_lab_order *order) {
    hx_lab_mexc_open_object(call);
    hx_lab_mexc_write_order(call, order);
    hx_lab_mexc_close_object(call);
}

/* An id that is not known is no error: success, and no data. */
void hx_lab_mexc_get_external(struct hx_lab_call *call) {
    const struct hx_lab_order *order = find_external(call->lab, call->segments[0], call->segments[1]);
    if (order == NULL) {
        hx_lab_mexc_answer_done(call);
    } else {
        answer_order(call, order);
    }
}

static const struct hx_lab_order *find_id(const struct hx_lab *lab, hx_str id) {
    const struct hx_lab_order *order = hx_lab_order_by_text(lab, HX_LAB_FUTURES, id);
    return order != NULL && hx_lab_order_is_visible(lab, order) ? order : NULL;
}

void hx_lab_mexc_get_order(struct hx_lab_call *call) {
    const struct hx_lab_order *order = find_id(call->lab, call->segments[0]);
    if (order == NULL) {
        (void)hx_lab_fail(call, 2040);
    } else {
        answer_order(call, order);
    }
}

/* order_ids=1,2,3; those that are known. */
void hx_lab_mexc_batch_query(struct hx_lab_call *call) {
    hx_str list = HX_STR_EMPTY;
    hx_str id;
    uint32_t count = 0;
    if (!hx_lab_param_get(call, "order_ids", &list)) return;
    for (hx_str rest = list; hx_str_split(&rest, ',', &id);) count++;
    if (count > HX_LAB_MEXC_BATCH_MAX) {
        (void)hx_lab_fail(call, 2034);
        return;
    }
    hx_lab_mexc_open_array(call);
    while (hx_str_split(&list, ',', &id)) {
        const struct hx_lab_order *order = find_id(call->lab, hx_str_trim(id));
        if (order != NULL) write_row(call, order);
    }
    hx_lab_mexc_close_array(call);
}

void hx_lab_mexc_batch_query_external(struct hx_lab_call *call) {
    const struct hx_json *list = call->json_body;
    if (list == NULL || list->type != HX_JSON_ARRAY) {
        (void)hx_lab_fail(call, 600);
        return;
    }
    if (list->count > HX_LAB_MEXC_BATCH_MAX) {
        (void)hx_lab_fail(call, 2034);
        return;
    }
    hx_lab_mexc_open_array(call);
    for (const struct hx_json *item = hx_json_first(list); item; item = hx_json_next(list, item)) {
        hx_str symbol = HX_STR_EMPTY;
        hx_str id = HX_STR_EMPTY;
        const hx_err named = hx_json_get_str(item, HX_STR("symbol"), &symbol);
        const hx_err by_id = hx_json_get_str(item, HX_STR("externalOid"), &id);
        if (hx_failed(named) || hx_failed(by_id)) continue;
        const struct hx_lab_order *order = find_external(call->lab, symbol, id);
        if (order != NULL) write_row(call, order);
    }
    hx_lab_mexc_close_array(call);
}

/* Lists, newest first. */

static bool is_of(const struct hx_lab *lab, const struct hx_lab_order *order, const struct hx_lab_market *market) {
    if (hx_lab_market_is_spot(lab, order->market) || !hx_lab_order_is_visible(lab, order)) return false;
    return market == NULL || &lab->markets[order->market] == market;
}

static bool market_in_path_or_query(struct hx_lab_call *call, struct hx_lab_market **market) {
    const bool in_path = hx_str_ends_with(hx_str_from_c(call->route->path), HX_STR("{}"));
    if (!in_path) return hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, market);
    *market = hx_lab_find_wire_market(call->lab, HX_LAB_FUTURES, call->segments[0]);
    return *market != NULL ? true : hx_lab_fail(call, 1001);
}

void hx_lab_mexc_get_open_orders(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    struct hx_lab_mexc_page page;
    if (!market_in_path_or_query(call, &market) || !hx_lab_mexc_read_page(call, ROWS_MAX, &page)) return;
    hx_lab_mexc_open_array(call);
    for (uint32_t i = lab->open_count; i > 0; i--) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i - 1]];
        if (is_of(lab, order, market) && hx_lab_mexc_page_takes(&page)) write_row(call, order);
    }
    hx_lab_mexc_close_array(call);
}

struct history {
    struct hx_lab_market *market;
    hx_str states;
    int64_t side, category, order_id;
    hx_time start, end;
    struct hx_lab_mexc_page page;
};

static bool read_history(struct hx_lab_call *call, struct history *history) {
    history->states = HX_STR_EMPTY;
    (void)hx_lab_param_find(call, "states", &history->states);
    return hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &history->market) &&
           hx_lab_mexc_read_int(call, "side", HX_LAB_OPTIONAL, &history->side) &&
           hx_lab_mexc_read_int(call, "category", HX_LAB_OPTIONAL, &history->category) &&
           hx_lab_mexc_read_id(call, "orderId", HX_LAB_OPTIONAL, &history->order_id) &&
           hx_lab_mexc_read_span(call, &history->start, &history->end) &&
           hx_lab_mexc_read_page(call, ROWS_MAX, &history->page);
}

/* What is over, unless states ask for others. */
static bool in_history(const struct hx_lab *lab, const struct hx_lab_order *order, const struct history *history) {
    if (!is_of(lab, order, history->market) || history->category > 1) return false;
    if (order->time < history->start || order->time > history->end) return false;
    if (history->side != 0 && hx_lab_mexc_side(order) != history->side) return false;
    if (history->order_id != 0 && hx_lab_order_id(lab, order) != history->order_id) return false;
    if (history->states.len == 0) return !hx_lab_order_is_open(order);
    return hx_lab_mexc_list_has(history->states, hx_lab_mexc_state(order, order->status));
}

void hx_lab_mexc_get_history_orders(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct history history;
    if (!read_history(call, &history)) return;
    hx_lab_mexc_open_array(call);
    for (uint64_t seq = lab->order_seq; seq >= hx_lab_order_first(lab) && seq > 0 && history.page.left > 0; seq--) {
        const struct hx_lab_order *order = hx_lab_order_at(lab, seq);
        if (in_history(lab, order, &history) && hx_lab_mexc_page_takes(&history.page)) write_row(call, order);
    }
    hx_lab_mexc_close_array(call);
}

/* Of an order that is not known: an empty list, as of one without fills. */
void hx_lab_mexc_get_deal_details(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_order *order = find_id(lab, call->segments[0]);
    hx_lab_mexc_open_array(call);
    if (order != NULL && order->fill_count > 0) {
        for (uint64_t seq = order->fill_first; seq <= lab->fill_seq; seq++) {
            const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
            if (fill != NULL && fill->order_seq == order->seq) hx_lab_mexc_write_fill(call, fill);
        }
    }
    hx_lab_mexc_close_array(call);
}

void hx_lab_mexc_get_order_deals(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    const bool is_v3 = hx_str_ends_with(call->request->path, HX_STR("/v3"));
    struct hx_lab_market *market;
    struct hx_lab_mexc_page page;
    hx_time start;
    hx_time end;
    if (!hx_lab_mexc_read_market(call, HX_LAB_NEEDED, &market)) return;
    if (!hx_lab_mexc_read_span(call, &start, &end)) return;
    if (!hx_lab_mexc_read_page(call, is_v3 ? DEALS_MAX : ROWS_MAX, &page)) return;
    hx_lab_mexc_open_array(call);
    for (uint64_t seq = lab->fill_seq; seq >= hx_lab_fill_first(lab) && seq > 0 && page.left > 0; seq--) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (&lab->markets[fill->market] != market || fill->time < start || fill->time > end) continue;
        if (hx_lab_mexc_page_takes(&page)) hx_lab_mexc_write_fill(call, fill);
    }
    hx_lab_mexc_close_array(call);
}

void hx_lab_mexc_get_open_count(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    int64_t limits = 0;
    int64_t algos[3] = {0, 0, 0};
    for (uint32_t i = 0; i < lab->open_count; i++) {
        limits += is_of(lab, &lab->orders[lab->open[i]], NULL) ? 1 : 0;
    }
    for (uint32_t i = 0; i < lab->algo_open_count; i++) algos[lab->algos[lab->algo_open[i]].wire_kind]++;
    hx_lab_mexc_open_object(call);
    hx_json_write_i64(&call->json, "sumCount", limits + lab->algo_open_count);
    hx_json_write_i64(&call->json, "limitOrderCount", limits);
    hx_json_write_i64(&call->json, "stopOrderCount", algos[HX_LAB_MEXC_STOP]);
    hx_json_write_i64(&call->json, "planOrderCount", algos[HX_LAB_MEXC_PLAN]);
    hx_json_write_i64(&call->json, "trackOrderCount", algos[HX_LAB_MEXC_TRACK]);
    hx_lab_mexc_close_object(call);
}
