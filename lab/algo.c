/* Conditional orders: the venue's algo service. They wait outside the book, no margin is held, and when their price
 * comes they place an ordinary order, which may still be refused.
 *
 * The venue does not say which client order id the spawned order has; here it is "algo_" and the algo id, so a client
 * has to follow actualOrderId. */
#include "lab/state.h"

#define ALGO_ID_BASE ((int64_t)3000000000)

int64_t hx_lab_algo_id(const struct hx_lab_algo *algo) {
    return ALGO_ID_BASE + (int64_t)algo->seq;
}

hx_str hx_lab_algo_type_text(enum hx_lab_algo_type type) {
    switch (type) {
        case HX_LAB_ALGO_STOP:
            return HX_STR("STOP");
        case HX_LAB_ALGO_STOP_MARKET:
            return HX_STR("STOP_MARKET");
        case HX_LAB_ALGO_TAKE_PROFIT:
            return HX_STR("TAKE_PROFIT");
        case HX_LAB_ALGO_TAKE_PROFIT_MARKET:
            return HX_STR("TAKE_PROFIT_MARKET");
        case HX_LAB_ALGO_TRAILING_STOP_MARKET:
            return HX_STR("TRAILING_STOP_MARKET");
    }
    hx_assert(false);
    return HX_STR_EMPTY;
}

hx_str hx_lab_algo_status_text(const struct hx_lab *lab, const struct hx_lab_algo *algo) {
    switch (algo->status) {
        case HX_LAB_ALGO_NEW:
            return HX_STR("NEW");
        case HX_LAB_ALGO_CANCELED:
            return HX_STR("CANCELED");
        case HX_LAB_ALGO_REJECTED:
            return HX_STR("REJECTED");
        case HX_LAB_ALGO_EXPIRED:
            return HX_STR("EXPIRED");
        case HX_LAB_ALGO_TRIGGERED:
            break;
    }
    const struct hx_lab_order *order = hx_lab_order_at(lab, algo->order_seq);
    const bool open = order != NULL && hx_lab_order_is_open(order);
    return open ? HX_STR("TRIGGERED") : HX_STR("FINISHED");
}

static bool is_limit(enum hx_lab_algo_type type) {
    return type == HX_LAB_ALGO_STOP || type == HX_LAB_ALGO_TAKE_PROFIT;
}

static bool is_take_profit(enum hx_lab_algo_type type) {
    return type == HX_LAB_ALGO_TAKE_PROFIT || type == HX_LAB_ALGO_TAKE_PROFIT_MARKET;
}

static hx_lab_amount price_seen(const struct hx_lab *lab, const struct hx_lab_algo *algo, bool by_mark) {
    const struct hx_lab_book book = hx_lab_book_now(lab, &lab->markets[algo->market]);
    return by_mark ? book.mark : book.bid;
}

static bool has_reached(hx_lab_amount price, hx_lab_amount wanted, bool rising) {
    if (wanted == 0) return false;
    return rising ? price >= wanted : price <= wanted;
}

/* A stop waits for the price to go against the position, a take-profit for the other way. */
static bool fixed_trigger_met(const struct hx_lab *lab, struct hx_lab_algo *algo) {
    const bool rising = algo->buy != is_take_profit(algo->type);
    const hx_lab_amount other = price_seen(lab, algo, algo->take_profit_by_mark);
    algo->took_profit = has_reached(other, algo->take_profit, !rising);
    return algo->took_profit || has_reached(price_seen(lab, algo, algo->by_mark), algo->trigger, rising);
}

static bool trailing_trigger_met(const struct hx_lab *lab, struct hx_lab_algo *algo) {
    const hx_lab_amount price = price_seen(lab, algo, algo->by_mark);
    const bool activated = algo->buy ? price <= algo->activate : price >= algo->activate;
    if (algo->peak == 0) {
        if (algo->activate != 0 && !activated) return false;
        algo->peak = price;
    }
    const bool better = algo->buy ? price < algo->peak : price > algo->peak;
    if (better) algo->peak = price;
    const hx_lab_amount share = hx_lab_amount_multiply(algo->peak, algo->callback_rate) / 100;
    const hx_lab_amount distance = algo->trail > 0 ? algo->trail : share;
    return algo->buy ? price >= algo->peak + distance : price <= algo->peak - distance;
}

/* One closing stop and one closing take-profit per direction. */
static bool has_same_close(const struct hx_lab *lab, const struct hx_lab_algo *algo) {
    for (uint32_t i = 0; i < lab->algo_open_count; i++) {
        const struct hx_lab_algo *other = &lab->algos[lab->algo_open[i]];
        if (other->close_position && other->market == algo->market && other->buy == algo->buy &&
            other->side == algo->side && is_take_profit(other->type) == is_take_profit(algo->type)) {
            return true;
        }
    }
    return false;
}

static bool id_is_open(const struct hx_lab *lab, const struct hx_lab_algo *algo) {
    const hx_str id = hx_str_make(algo->client_id, algo->client_id_len);
    for (uint32_t i = 0; i < lab->algo_open_count; i++) {
        const struct hx_lab_algo *other = &lab->algos[lab->algo_open[i]];
        if (hx_str_equal(hx_str_make(other->client_id, other->client_id_len), id)) return true;
    }
    return false;
}

enum hx_lab_refusal hx_lab_algo_place(struct hx_lab *lab, const struct hx_lab_algo *algo, struct hx_lab_algo **out) {
    if (lab->algo_open_count >= HX_LAB_OPEN_ALGOS_MAX) return HX_LAB_REFUSED_TRIGGER_COUNT;
    if (id_is_open(lab, algo)) return HX_LAB_REFUSED_DUPLICATE;
    if (algo->close_position && has_same_close(lab, algo)) return HX_LAB_REFUSED_CLOSE_EXISTS;
    const bool trailing = algo->type == HX_LAB_ALGO_TRAILING_STOP_MARKET;
    struct hx_lab_algo probe = *algo;
    /* What an order brought with it can not be refused any more: it triggers at once. */
    if (!trailing && algo->parent_seq == 0 && fixed_trigger_met(lab, &probe)) return HX_LAB_REFUSED_TRIGGER_MET;
    struct hx_lab_algo *kept = hx_lab_algo_add(lab, hx_str_make(algo->client_id, algo->client_id_len));
    if (kept == NULL) return HX_LAB_REFUSED_FULL;
    const uint64_t seq = kept->seq;
    *kept = *algo;
    kept->seq = seq;
    kept->status = HX_LAB_ALGO_NEW;
    kept->accepted = lab->now;
    kept->time = hx_lab_clock(lab);
    kept->updated = kept->time;
    if (trailing) (void)trailing_trigger_met(lab, kept);
    hx_lab_tell_algo(lab, kept);
    *out = kept;
    return HX_LAB_ACCEPTED;
}

/* The order it places, but for its client order id. */
static struct hx_lab_draft draft_of(const struct hx_lab_algo *algo, hx_lab_amount there) {
    struct hx_lab_draft draft;
    hx_mem_set(&draft, 0, sizeof draft);
    draft.market = algo->market;
    draft.buy = algo->buy;
    draft.side = algo->side;
    draft.reduce_only = algo->reduce_only || algo->close_position;
    draft.close_position = algo->close_position;
    draft.from_algo = true;
    draft.type = is_limit(algo->type) ? HX_LAB_ORDER_LIMIT : HX_LAB_ORDER_MARKET;
    draft.tif = algo->tif;
    draft.quantity = algo->close_position ? there : algo->quantity;
    if (algo->position_number != 0) draft.quantity = hx_lab_amount_min(draft.quantity, there);
    draft.price = algo->price;
    draft.exits = algo->exits;
    draft.leverage = algo->leverage;
    draft.isolated = algo->isolated;
    return draft;
}

static void spawn(struct hx_lab *lab, struct hx_lab_algo *algo) {
    const struct hx_lab_market *market = &lab->markets[algo->market];
    const hx_lab_amount there = hx_lab_reducible(market, algo->side, algo->buy);
    algo->triggered = hx_lab_clock(lab);
    if (algo->close_position && there == 0) {
        hx_lab_algo_close(lab, algo, HX_LAB_ALGO_EXPIRED);
        return;
    }
    char text[HX_LAB_CLIENT_ID_LEN_MAX];
    struct hx_buf id;
    hx_buf_init(&id, text, sizeof text);
    hx_buf_add_c(&id, "algo_");
    hx_buf_add_i64(&id, hx_lab_algo_id(algo));
    struct hx_lab_draft draft = draft_of(algo, there);
    draft.client_id = hx_buf_str(&id);
    struct hx_lab_order *order = NULL;
    algo->refusal = hx_lab_place(lab, &draft, &order);
    if (algo->refusal != HX_LAB_ACCEPTED) {
        hx_lab_algo_close(lab, algo, HX_LAB_ALGO_REJECTED);
        return;
    }
    algo->order_seq = order->seq;
    algo->order_id = hx_lab_order_id(lab, order);
    hx_lab_algo_close(lab, algo, HX_LAB_ALGO_TRIGGERED);
}

/* Its time is over, or its position is. */
static bool is_over(const struct hx_lab *lab, const struct hx_lab_algo *algo) {
    const struct hx_lab_position *position = &lab->markets[algo->market].positions[algo->side];
    if (algo->good_till != 0 && algo->good_till <= hx_lab_clock(lab)) return true;
    if (algo->position_number == 0) return false;
    return position->quantity == 0 || position->number != algo->position_number;
}

void hx_lab_algo_trigger_all(struct hx_lab *lab) {
    for (uint32_t i = 0; i < lab->algo_open_count;) {
        struct hx_lab_algo *algo = &lab->algos[lab->algo_open[i]];
        const bool trailing = algo->type == HX_LAB_ALGO_TRAILING_STOP_MARKET;
        if (is_over(lab, algo)) {
            hx_lab_algo_close(lab, algo, HX_LAB_ALGO_EXPIRED);
        } else if (lab->markets[algo->market].halted) {
            i++;
        } else if (trailing ? trailing_trigger_met(lab, algo) : fixed_trigger_met(lab, algo)) {
            spawn(lab, algo);
        } else {
            i++;
        }
    }
}
