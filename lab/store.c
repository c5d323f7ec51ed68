/* Orders, fills and conditional orders: rings numbered from 1, an index by client order id, lists of what is open. */
#include "lab/state.h"

static uint64_t ring_first(uint64_t seq_last, uint32_t capacity) {
    return seq_last > capacity ? seq_last - capacity + 1 : 1;
}

static struct hx_lab_order *order_slot(const struct hx_lab *lab, uint64_t seq) {
    return &lab->orders[(seq - 1) % lab->config.orders_max];
}

uint64_t hx_lab_order_first(const struct hx_lab *lab) {
    return ring_first(lab->order_seq, lab->config.orders_max);
}
uint64_t hx_lab_fill_first(const struct hx_lab *lab) {
    return ring_first(lab->fill_seq, lab->config.fills_max);
}
uint64_t hx_lab_algo_first(const struct hx_lab *lab) {
    return ring_first(lab->algo_seq, lab->config.algo_orders_max);
}

struct hx_lab_order *hx_lab_order_at(const struct hx_lab *lab, uint64_t seq) {
    if (seq < hx_lab_order_first(lab) || seq > lab->order_seq) return NULL;
    return order_slot(lab, seq);
}

int64_t hx_lab_order_id(const struct hx_lab *lab, const struct hx_lab_order *order) {
    return lab->markets[order->market].order_id_base + (int64_t)order->seq;
}

struct hx_lab_order *hx_lab_order_by_id(const struct hx_lab *lab, uint32_t market, int64_t order_id) {
    const int64_t base = lab->markets[market].order_id_base;
    if (order_id <= base) return NULL;
    struct hx_lab_order *order = hx_lab_order_at(lab, (uint64_t)(order_id - base));
    return order != NULL && order->market == market ? order : NULL;
}

hx_str hx_lab_order_client_id(const struct hx_lab_order *order) {
    return hx_str_make(order->client_id, order->client_id_len);
}

bool hx_lab_order_works(const struct hx_lab_order *order) {
    return order->status == HX_LAB_STATUS_NEW || order->status == HX_LAB_STATUS_PARTIALLY_FILLED;
}

bool hx_lab_order_is_open(const struct hx_lab_order *order) {
    return hx_lab_order_works(order) || order->status == HX_LAB_STATUS_PENDING ||
           order->status == HX_LAB_STATUS_UNTRIGGERED;
}

hx_time hx_lab_seen_until(const struct hx_lab *lab) {
    return lab->call.bend.is_stale ? INT64_MIN : lab->now - lab->lookup_lag_ms;
}

bool hx_lab_order_is_visible(const struct hx_lab *lab, const struct hx_lab_order *order) {
    return order->status != HX_LAB_STATUS_PENDING && order->accepted <= hx_lab_seen_until(lab);
}

static uint64_t *bucket_of(const struct hx_lab *lab, uint32_t market, hx_str id) {
    return &lab->buckets[hx_lab_mix(hx_str_hash(id) + market) % lab->bucket_count];
}

static bool has_client_id(const struct hx_lab_order *order, uint32_t market, hx_str id) {
    return order->market == market && hx_str_equal(hx_lab_order_client_id(order), id);
}

/* The chain ends at the first forgotten order: whatever is behind it is older still. */
static struct hx_lab_order *next_of_client_id(const struct hx_lab *lab, uint64_t seq, uint32_t market, hx_str id) {
    struct hx_lab_order *order = hx_lab_order_at(lab, seq);
    while (order != NULL && !has_client_id(order, market, id)) order = hx_lab_order_at(lab, order->seq_same_id);
    return order;
}

struct hx_lab_order *hx_lab_order_by_client_id(const struct hx_lab *lab, uint32_t market, hx_str id, hx_time until) {
    struct hx_lab_order *order = next_of_client_id(lab, *bucket_of(lab, market, id), market, id);
    while (order != NULL && order->accepted > until) order = next_of_client_id(lab, order->seq_same_id, market, id);
    return order;
}

static bool id_is_open(const struct hx_lab *lab, uint32_t market, hx_str id) {
    for (uint32_t i = 0; i < lab->open_count; i++) {
        if (has_client_id(&lab->orders[lab->open[i]], market, id)) return true;
    }
    return false;
}

static bool id_is_known(const struct hx_lab *lab, enum hx_lab_product product, hx_str id) {
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (lab->markets[i].product != product) continue;
        if (hx_lab_order_by_client_id(lab, i, id, INT64_MAX) != NULL) return true;
    }
    return false;
}

bool hx_lab_client_id_is_taken(const struct hx_lab *lab, uint32_t market, hx_str id) {
    const enum hx_lab_product product = lab->markets[market].product;
    if (id.len == 0) return false;
    switch (lab->id_rules[product]) {
        case HX_LAB_ID_FREE:
            return false;
        case HX_LAB_ID_UNIQUE_OPEN:
            return id_is_open(lab, market, id);
        case HX_LAB_ID_UNIQUE_SYMBOL:
            return hx_lab_order_by_client_id(lab, market, id, INT64_MAX) != NULL;
        case HX_LAB_ID_UNIQUE_PRODUCT:
            return id_is_known(lab, product, id);
    }
    hx_assert(false);
    return true;
}

struct hx_lab_order *hx_lab_order_add(struct hx_lab *lab, uint32_t market, hx_str client_id) {
    hx_assert(client_id.len <= HX_LAB_CLIENT_ID_LEN_MAX);
    const uint64_t seq = lab->order_seq + 1;
    struct hx_lab_order *order = order_slot(lab, seq);
    const bool forgets = seq > lab->config.orders_max;
    if (forgets && hx_lab_order_is_open(order)) return NULL;
    const struct hx_lab_order *same = hx_lab_order_by_client_id(lab, market, client_id, INT64_MAX);
    const uint32_t placements = same != NULL ? same->placements : 0;
    uint64_t *bucket = bucket_of(lab, market, client_id);
    hx_mem_set(order, 0, sizeof *order);
    order->seq = seq;
    order->seq_same_id = *bucket;
    order->market = market;
    order->placements = client_id.len > 0 ? placements + 1 : 1;
    order->client_id_len = (uint8_t)client_id.len;
    hx_mem_copy(order->client_id, client_id.data, client_id.len);
    *bucket = seq;
    lab->order_seq = seq;
    lab->open[lab->open_count++] = (uint32_t)(order - lab->orders);
    lab->markets[market].open_orders++;
    return order;
}

static void list_remove(uint32_t *list, uint32_t *count, uint32_t slot) {
    uint32_t at = 0;
    while (at < *count && list[at] != slot) at++;
    hx_assert(at < *count);
    hx_mem_move(&list[at], &list[at + 1], (*count - at - 1) * sizeof list[0]);
    (*count)--;
}

void hx_lab_order_close(struct hx_lab *lab, struct hx_lab_order *order, enum hx_lab_order_status status) {
    hx_assert(hx_lab_order_is_open(order));
    order->status = status;
    hx_assert(!hx_lab_order_is_open(order));
    if (order->canceling) lab->ack_count--;
    order->canceling = false;
    hx_lab_spot_unlock(lab, order);
    order->updated = hx_lab_clock(lab);
    if (status == HX_LAB_STATUS_CANCELED) hx_lab_tell_order(lab, order, HX_LAB_EXECUTION_CANCELED, NULL);
    if (status == HX_LAB_STATUS_EXPIRED) hx_lab_tell_order(lab, order, HX_LAB_EXECUTION_EXPIRED, NULL);
    if (status == HX_LAB_STATUS_REJECTED) hx_lab_tell_order(lab, order, HX_LAB_EXECUTION_REJECTED, NULL);
    lab->markets[order->market].open_orders--;
    list_remove(lab->open, &lab->open_count, (uint32_t)(order - lab->orders));
}

struct hx_lab_fill *hx_lab_fill_at(const struct hx_lab *lab, uint64_t seq) {
    if (seq < hx_lab_fill_first(lab) || seq > lab->fill_seq) return NULL;
    return &lab->fills[(seq - 1) % lab->config.fills_max];
}

struct hx_lab_fill *hx_lab_fill_add(struct hx_lab *lab) {
    lab->fill_seq++;
    struct hx_lab_fill *fill = hx_lab_fill_at(lab, lab->fill_seq);
    hx_mem_set(fill, 0, sizeof *fill);
    fill->seq = lab->fill_seq;
    return fill;
}

struct hx_lab_algo *hx_lab_algo_at(const struct hx_lab *lab, uint64_t seq) {
    if (seq < hx_lab_algo_first(lab) || seq > lab->algo_seq) return NULL;
    return &lab->algos[(seq - 1) % lab->config.algo_orders_max];
}

struct hx_lab_algo *hx_lab_algo_add(struct hx_lab *lab, hx_str client_id) {
    hx_assert(client_id.len <= HX_LAB_CLIENT_ID_LEN_MAX);
    const uint64_t seq = lab->algo_seq + 1;
    struct hx_lab_algo *algo = &lab->algos[(seq - 1) % lab->config.algo_orders_max];
    if (seq > lab->config.algo_orders_max && algo->status == HX_LAB_ALGO_NEW) return NULL;
    hx_mem_set(algo, 0, sizeof *algo);
    algo->seq = seq;
    algo->client_id_len = (uint8_t)client_id.len;
    hx_mem_copy(algo->client_id, client_id.data, client_id.len);
    lab->algo_seq = seq;
    lab->algo_open[lab->algo_open_count++] = (uint32_t)(algo - lab->algos);
    return algo;
}

void hx_lab_algo_close(struct hx_lab *lab, struct hx_lab_algo *algo, enum hx_lab_algo_status status) {
    hx_assert(algo->status == HX_LAB_ALGO_NEW && status != HX_LAB_ALGO_NEW);
    algo->status = status;
    algo->updated = hx_lab_clock(lab);
    hx_lab_tell_algo(lab, algo);
    list_remove(lab->algo_open, &lab->algo_open_count, (uint32_t)(algo - lab->algos));
}
