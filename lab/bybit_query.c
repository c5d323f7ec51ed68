/* Lists of orders and executions, from new to old: what is open or closed a short while ago, the history with its rules
 * of what is still kept, and the fills. An order that is not placed yet is in none of them. */
#include "lab/bybit.h"

#define PAGE_ROOM 2048 /* Bytes that one more row may take. */
#define DAY_MS HX_MS_PER_DAY

/* What a list of orders is asked for. */
struct wanted {
    const struct hx_lab_market *market;
    hx_str base, id, link_id;
    hx_str status;
    uint32_t filter; /* Of `filters`. */
    bool none;       /* A coin that nothing is settled in. */
    bool closed_only;
};

static const char *const filters[] = {"",  "Order", "StopOrder", "tpslOrder", "OcoOrder", "BidirectionalTpslOrder",
                                      NULL};

static bool is_by_id(const struct wanted *wanted) {
    return wanted->id.len > 0 || wanted->link_id.len > 0;
}

/* orderId before orderLinkId before symbol before baseCoin before settleCoin. `needs_scope`: linear has to name one. */
static bool read_wanted(struct hx_lab_call *call, bool needs_scope, struct wanted *wanted) {
    struct hx_lab_market *market;
    hx_str settle;
    hx_mem_set(wanted, 0, sizeof *wanted);
    if (!hx_lab_bybit_read_category(call, false) || !hx_lab_bybit_market(call, false, &market)) return false;
    if (!hx_lab_bybit_text(call, "orderId", &wanted->id)) return false;
    if (!hx_lab_bybit_text(call, "orderLinkId", &wanted->link_id)) return false;
    if (!hx_lab_bybit_text(call, "baseCoin", &wanted->base)) return false;
    if (!hx_lab_bybit_text(call, "settleCoin", &settle)) return false;
    const bool has_scope = market != NULL || wanted->base.len > 0 || settle.len > 0 || is_by_id(wanted);
    if (needs_scope && !has_scope && call->product != HX_LAB_SPOT) {
        return hx_lab_bybit_fail_with(call, "params error: symbol, baseCoin or settleCoin is required");
    }
    wanted->market = market;
    if (market != NULL || call->product == HX_LAB_SPOT) wanted->base = HX_STR_EMPTY;
    const bool by_settle = market == NULL && wanted->base.len == 0 && settle.len > 0;
    wanted->none = by_settle && call->product != HX_LAB_SPOT && !hx_str_equal(settle, HX_STR("USDT"));
    return true;
}

static uint32_t filter_of(const struct hx_lab_order *order) {
    switch (hx_lab_bybit_stop_of(order)) {
        case HX_LAB_BYBIT_PLAIN:
            return 1;
        case HX_LAB_BYBIT_TPSL_ORDER:
            return 3;
        default:
            return 2;
    }
}

static bool is_wanted(const struct hx_lab_call *call, const struct wanted *wanted, const struct hx_lab_order *order) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[order->market];
    if (market->product != call->product || !hx_lab_order_is_visible(lab, order)) return false;
    if (wanted->filter != 0 && wanted->filter != filter_of(order)) return false;
    const char *status = hx_lab_bybit_status_text(lab, order, order->status, order->executed);
    if (wanted->status.len > 0 && !hx_str_equal(wanted->status, hx_str_from_c(status))) return false;
    if (is_by_id(wanted)) return true;
    if (wanted->none || (wanted->market != NULL && wanted->market != market)) return false;
    return wanted->base.len == 0 || hx_str_equal(wanted->base, hx_str_from_c(market->base));
}

struct listing {
    const struct wanted *wanted;
    const struct hx_lab_bybit_page *page;
    /* newer: how many closed orders of the category are newer. */
    bool (*shows)(const struct hx_lab_call *call, const struct wanted *wanted, const struct hx_lab_order *order,
                  uint32_t newer);
    uint32_t rows;
};

static bool is_closed_here(const struct hx_lab_call *call, const struct hx_lab_order *order) {
    return call->lab->markets[order->market].product == call->product && !hx_lab_order_is_open(order);
}

/* False: the page is full. */
static bool offer(struct hx_lab_call *call, struct listing *listing, const struct hx_lab_order *order, uint32_t newer) {
    const struct hx_lab_bybit_page *page = listing->page;
    if (order->seq >= page->before || !is_wanted(call, listing->wanted, order)) return true;
    if (order->time < page->start || order->time > page->end) return true;
    if (!listing->shows(call, listing->wanted, order, newer)) return true;
    hx_lab_bybit_write_order(call, order, false);
    listing->rows++;
    return listing->rows < page->limit && call->body.len_max - call->body.len >= PAGE_ROOM;
}

/* Where the list goes on; 0: it does not. */
static uint64_t write_all(struct hx_lab_call *call, struct listing *listing) {
    const struct hx_lab *lab = call->lab;
    uint32_t newer = 0;
    for (uint64_t seq = lab->order_seq; seq >= hx_lab_order_first(lab) && seq > 0; seq--) {
        const struct hx_lab_order *order = hx_lab_order_at(lab, seq);
        if (!offer(call, listing, order, newer)) return seq;
        if (is_closed_here(call, order)) newer++;
    }
    return 0;
}

static uint32_t newer_closed(const struct hx_lab_call *call, uint64_t seq) {
    const struct hx_lab *lab = call->lab;
    uint32_t count = 0;
    for (uint64_t at = lab->order_seq; at > seq && count < HX_LAB_BYBIT_KEEPS_CLOSED; at--) {
        if (is_closed_here(call, hx_lab_order_at(lab, at))) count++;
    }
    return count;
}

/* The next older order of that client order id in the market; with NULL the newest. */
static const struct hx_lab_order *next_of_link_id(const struct hx_lab *lab, uint32_t market, hx_str id,
                                                  const struct hx_lab_order *order) {
    if (order == NULL) return hx_lab_order_by_client_id(lab, market, id, INT64_MAX);
    do {
        order = hx_lab_order_at(lab, order->seq_same_id);
    } while (order != NULL && (order->market != market || !hx_str_equal(hx_lab_order_client_id(order), id)));
    return order;
}

/* By client order id there may be more than one: the rejected ones beside the one that was first. */
static void write_by_id(struct hx_lab_call *call, struct listing *listing) {
    const struct hx_lab *lab = call->lab;
    const struct wanted *wanted = listing->wanted;
    if (wanted->id.len > 0) {
        const struct hx_lab_order *order = hx_lab_order_by_text(lab, call->product, wanted->id);
        if (order != NULL) (void)offer(call, listing, order, newer_closed(call, order->seq));
        return;
    }
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_order *order = next_of_link_id(lab, i, wanted->link_id, NULL);
        for (; order != NULL; order = next_of_link_id(lab, i, wanted->link_id, order)) {
            if (!offer(call, listing, order, newer_closed(call, order->seq))) return;
        }
    }
}

static void answer_orders(struct hx_lab_call *call, struct listing *listing) {
    uint64_t next = 0;
    hx_lab_bybit_open(call, "OK");
    hx_json_open_array(&call->json, "list");
    if (is_by_id(listing->wanted)) {
        write_by_id(call, listing);
    } else {
        next = write_all(call, listing);
    }
    hx_json_close_array(&call->json);
    hx_lab_bybit_write_cursor(call, next);
    hx_lab_bybit_write_category(call);
    hx_lab_bybit_close(call);
}

/* Open ones, or the latest closed ones that the service remembers since it started. By id: both. */
static bool shows_realtime(const struct hx_lab_call *call, const struct wanted *wanted,
                           const struct hx_lab_order *order, uint32_t newer) {
    (void)call;
    if (hx_lab_order_is_open(order)) return is_by_id(wanted) || !wanted->closed_only;
    if (order->archived || newer >= HX_LAB_BYBIT_KEEPS_CLOSED) return false;
    return is_by_id(wanted) || wanted->closed_only;
}

void hx_lab_bybit_get_realtime(struct hx_lab_call *call) {
    struct wanted wanted;
    struct hx_lab_bybit_page page;
    bool present;
    int64_t open_only = 0;
    if (!read_wanted(call, true, &wanted) || !hx_lab_bybit_page(call, 20, 50, true, &page)) return;
    if (!hx_lab_bybit_word(call, "orderFilter", filters, &wanted.filter)) return;
    if (!hx_lab_bybit_int(call, "openOnly", &present, &open_only)) return;
    if (open_only > 2) {
        (void)hx_lab_bybit_fail_with(call, "params error: openOnly invalid");
        return;
    }
    wanted.closed_only = open_only != 0;
    struct listing listing = {&wanted, &page, shows_realtime, 0};
    answer_orders(call, &listing);
}

/* Closed orders: a week; those that ended without a fill by being cancelled, rejected or deactivated: a day; beyond a
 * week only those with fills. */
static bool shows_history(const struct hx_lab_call *call, const struct wanted *wanted, const struct hx_lab_order *order,
                          uint32_t newer) {
    (void)wanted;
    (void)newer;
    if (hx_lab_order_is_open(order)) return false;
    return order->executed > 0 || call->clock - order->updated <= DAY_MS;
}

void hx_lab_bybit_get_history(struct hx_lab_call *call) {
    struct wanted wanted;
    struct hx_lab_bybit_page page;
    if (!read_wanted(call, false, &wanted)) return;
    if (!hx_lab_bybit_page(call, 20, 50, is_by_id(&wanted), &page)) return;
    if (!hx_lab_bybit_word(call, "orderFilter", filters, &wanted.filter)) return;
    if (!hx_lab_bybit_text(call, "orderStatus", &wanted.status)) return;
    struct listing listing = {&wanted, &page, shows_history, 0};
    answer_orders(call, &listing);
}

/* Executions. */

static bool is_fill_wanted(const struct hx_lab_call *call, const struct wanted *wanted,
                           const struct hx_lab_order *order, const struct hx_lab_fill *fill) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[fill->market];
    if (market->product != call->product || fill->accepted > hx_lab_seen_until(lab)) return false;
    if (order != NULL) return fill->order_seq == order->seq;
    if (wanted->none || (wanted->market != NULL && wanted->market != market)) return false;
    return wanted->base.len == 0 || hx_str_equal(wanted->base, hx_str_from_c(market->base));
}

/* The order that is named: of several with one client order id the one that has fills. */
static const struct hx_lab_order *named_order(const struct hx_lab_call *call, const struct wanted *wanted) {
    const struct hx_lab *lab = call->lab;
    if (wanted->id.len > 0) return hx_lab_order_by_text(lab, call->product, wanted->id);
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (lab->markets[i].product != call->product) continue;
        const struct hx_lab_order *order = next_of_link_id(lab, i, wanted->link_id, NULL);
        while (order != NULL && order->fill_count == 0) order = next_of_link_id(lab, i, wanted->link_id, order);
        if (order != NULL) return order;
    }
    return NULL;
}

static uint64_t write_fills(struct hx_lab_call *call, const struct wanted *wanted,
                            const struct hx_lab_bybit_page *page) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_order *order = is_by_id(wanted) ? named_order(call, wanted) : NULL;
    uint64_t first = hx_lab_fill_first(lab);
    uint32_t rows = 0;
    uint64_t seq = lab->fill_seq;
    if (page->before <= seq) seq = page->before - 1;
    if (is_by_id(wanted) && (order == NULL || order->fill_count == 0)) return 0;
    if (order != NULL && order->fill_first > first) first = order->fill_first;
    for (; seq >= first && seq > 0; seq--) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (fill->time < page->start || fill->time > page->end) continue;
        if (!is_fill_wanted(call, wanted, order, fill)) continue;
        hx_lab_bybit_write_fill(call, fill, false);
        rows++;
        if (rows == page->limit || call->body.len_max - call->body.len < PAGE_ROOM) return seq;
    }
    return 0;
}

/* Only trades are made here: no funding, no liquidation. */
void hx_lab_bybit_get_executions(struct hx_lab_call *call) {
    static const char *const types[] = {"Trade",        "AdlTrade",        "Funding",    "BustTrade",
                                        "Delivery",     "Settle",          "BlockTrade", "MovePosition",
                                        "FutureSpread", "CorporateAction", NULL};
    struct wanted wanted;
    struct hx_lab_bybit_page page;
    uint32_t type = 0;
    if (!read_wanted(call, false, &wanted)) return;
    if (!hx_lab_bybit_page(call, 50, 100, is_by_id(&wanted), &page)) return;
    if (!hx_lab_bybit_word(call, "execType", types, &type)) return;
    hx_lab_bybit_open(call, "OK");
    hx_json_open_array(&call->json, "list");
    const uint64_t next = type == 0 ? write_fills(call, &wanted, &page) : 0;
    hx_json_close_array(&call->json);
    hx_lab_bybit_write_cursor(call, next);
    hx_lab_bybit_write_category(call);
    hx_lab_bybit_close(call);
}
