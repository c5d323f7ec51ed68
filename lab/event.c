/* What happened, for streams: a ring of events, each with what it needs of its moment. */
#include "lab/state.h"

const struct hx_lab_event *hx_lab_event_at(const struct hx_lab *lab, uint64_t seq) {
    if (seq == 0 || seq > lab->event_seq || lab->event_seq - seq >= lab->config.events_max) return NULL;
    return &lab->events[(seq - 1) % lab->config.events_max];
}

static struct hx_lab_event *add_event(struct hx_lab *lab) {
    lab->event_seq++;
    struct hx_lab_event *event = &lab->events[(lab->event_seq - 1) % lab->config.events_max];
    hx_mem_set(event, 0, sizeof *event);
    event->seq = lab->event_seq;
    event->time = hx_lab_clock(lab);
    return event;
}

static void add_asset(const struct hx_lab *lab, struct hx_lab_event *event, enum hx_lab_product product,
                      uint32_t asset) {
    for (uint32_t i = 0; i < event->asset_count; i++) {
        if (event->assets[i].asset == asset) return;
    }
    const struct hx_lab_purse *purse = hx_lab_purse_of(lab, product, asset);
    const uint32_t at = event->asset_count++;
    event->assets[at].asset = asset;
    event->assets[at].total = purse->total;
    event->assets[at].locked = purse->locked;
}

/* Spot orders move locks even without a fill; futures orders move money with fills only. */
static void add_assets(const struct hx_lab *lab, struct hx_lab_event *event, const struct hx_lab_market *market,
                       const struct hx_lab_fill *fill) {
    if (market->product == HX_LAB_SPOT) {
        add_asset(lab, event, HX_LAB_SPOT, HX_LAB_ASSET_USDT);
        add_asset(lab, event, HX_LAB_SPOT, market->base_asset);
    } else if (fill != NULL && (fill->realized != 0 || fill->fee_asset != HX_LAB_ASSET_BNB)) {
        add_asset(lab, event, HX_LAB_FUTURES, HX_LAB_ASSET_USDT);
    }
    if (fill != NULL) add_asset(lab, event, market->product, fill->fee_asset);
}

void hx_lab_tell_order(struct hx_lab *lab, const struct hx_lab_order *order, enum hx_lab_execution execution,
                       const struct hx_lab_fill *fill) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    struct hx_lab_event *event = add_event(lab);
    event->order_seq = order->seq;
    event->fill_seq = fill != NULL ? fill->seq : 0;
    event->execution = execution;
    event->status = order->status;
    event->quantity = order->quantity;
    event->executed = order->executed;
    event->quote = order->quote;
    event->position = market->positions[order->side];
    add_assets(lab, event, market, fill);
    const bool ends = !hx_lab_order_is_open(order);
    if (!order->from_algo || !ends) return;
    for (uint64_t seq = hx_lab_algo_first(lab); seq <= lab->algo_seq; seq++) {
        const struct hx_lab_algo *algo = hx_lab_algo_at(lab, seq);
        if (algo->order_seq == order->seq) hx_lab_tell_algo(lab, algo);
    }
}

void hx_lab_tell_algo(struct hx_lab *lab, const struct hx_lab_algo *algo) {
    const struct hx_lab_order *order = hx_lab_order_at(lab, algo->order_seq);
    const bool finished = algo->status == HX_LAB_ALGO_TRIGGERED && (order == NULL || !hx_lab_order_is_open(order));
    struct hx_lab_event *event = add_event(lab);
    event->algo_seq = algo->seq;
    event->algo_status = algo->status;
    event->algo_finished = finished;
    if (order != NULL) {
        event->executed = order->executed;
        event->quote = order->quote;
    }
}

void hx_lab_name_last_event(struct hx_lab *lab, hx_str id) {
    struct hx_lab_event *event = &lab->events[(lab->event_seq - 1) % lab->config.events_max];
    hx_assert(lab->event_seq > 0 && id.len <= sizeof event->other_id);
    event->other_id_len = (uint8_t)id.len;
    hx_mem_copy(event->other_id, id.data, id.len);
}
