/* Plan orders: a price of the market starts an order. Also what they have in common with exits and trailing orders. */
#include "lab/mexc.h"
#include "lab/mexc_words.h"

#define ROWS_MAX 100
#define CYCLE_1_MS HX_MS_PER_DAY
#define CYCLE_2_MS (7 * HX_MS_PER_DAY)

/* All kinds. */

struct hx_lab_algo *hx_lab_mexc_find_algo(const struct hx_lab *lab, enum hx_lab_mexc_algo kind, int64_t id) {
    for (uint64_t seq = lab->algo_seq; seq >= hx_lab_algo_first(lab) && seq > 0; seq--) {
        struct hx_lab_algo *algo = hx_lab_algo_at(lab, seq);
        if (algo->wire_kind == kind && hx_lab_algo_id(algo) == id) return algo;
    }
    return NULL;
}

int64_t hx_lab_mexc_algo_state(const struct hx_lab_algo *algo) {
    switch (algo->status) {
        case HX_LAB_ALGO_NEW:
            return 1;
        case HX_LAB_ALGO_CANCELED:
            return 2;
        case HX_LAB_ALGO_TRIGGERED:
            return 3;
        case HX_LAB_ALGO_EXPIRED:
            return 4;
        case HX_LAB_ALGO_REJECTED:
            return 5;
    }
    hx_assert(false);
    return 0;
}

int64_t hx_lab_mexc_algo_side(const struct hx_lab_algo *algo) {
    const struct hx_lab_order order = {.side = algo->side, .buy = algo->buy, .reduce_only = algo->reduce_only};
    return hx_lab_mexc_side(&order);
}

void hx_lab_mexc_name_algo(const struct hx_lab *lab, struct hx_lab_algo *algo) {
    struct hx_buf id;
    hx_buf_init(&id, algo->client_id, sizeof algo->client_id);
    hx_buf_add_c(&id, "_a_");
    hx_buf_add_u64(&id, lab->algo_seq + 1);
    algo->client_id_len = (uint8_t)id.len;
}

bool hx_lab_mexc_place_algo(struct hx_lab_call *call, struct hx_lab_algo *algo, struct hx_lab_algo **out) {
    const struct hx_lab_draft draft = {.market = algo->market, .side = algo->side, .buy = algo->buy};
    enum hx_lab_refusal refusal = HX_LAB_REFUSED_HALTED;
    hx_lab_mexc_name_algo(call->lab, algo);
    if (!call->lab->markets[algo->market].halted && !call->bend.halted) {
        refusal = hx_lab_algo_place(call->lab, algo, out);
    }
    return refusal == HX_LAB_ACCEPTED ? true : hx_lab_mexc_refuse(call, refusal, &draft);
}

void hx_lab_mexc_answer_algo(struct hx_lab_call *call, const struct hx_lab_algo *algo) {
    char text[24];
    struct hx_buf id;
    hx_buf_init(&id, text, sizeof text);
    hx_buf_add_i64(&id, hx_lab_algo_id(algo));
    hx_lab_mexc_answer_text(call, hx_buf_str(&id));
}

void hx_lab_mexc_write_algo_id(struct hx_lab_call *call, const char *name, const struct hx_lab_algo *algo) {
    hx_lab_write_i64_text(call, name, hx_lab_algo_id(algo));
}

/* The order it placed; 0 before. */
void hx_lab_mexc_write_spawned(struct hx_lab_call *call, const char *name, const struct hx_lab_algo *algo) {
    if (algo->order_id == 0) {
        hx_json_write_i64(&call->json, name, 0);
    } else {
        hx_lab_write_i64_text(call, name, algo->order_id);
    }
}

void hx_lab_mexc_cancel_algos(struct hx_lab *lab, enum hx_lab_mexc_algo kind, const struct hx_lab_market *market) {
    for (uint32_t i = lab->algo_open_count; i > 0; i--) {
        struct hx_lab_algo *algo = &lab->algos[lab->algo_open[i - 1]];
        if (algo->wire_kind != kind) continue;
        if (market == NULL || &lab->markets[algo->market] == market) {
            hx_lab_algo_close(lab, algo, HX_LAB_ALGO_CANCELED);
        }
    }
}

bool hx_lab_mexc_read_algo(struct hx_lab_call *call, struct hx_lab_algo *algo, int64_t *side) {
    struct hx_lab_market *market;
    struct hx_lab_draft draft;
    hx_mem_set(algo, 0, sizeof *algo);
    hx_mem_set(&draft, 0, sizeof draft);
    if (!hx_lab_mexc_read_market(call, HX_LAB_NEEDED, &market)) return false;
    draft.market = hx_lab_market_index(call->lab, market);
    draft.type = HX_LAB_ORDER_MARKET;
    if (!hx_lab_mexc_read_direction(call, market, &draft, side)) return false;
    if (draft.doom != HX_LAB_ACCEPTED) return hx_lab_mexc_refuse(call, draft.doom, &draft);
    if (!hx_lab_mexc_read_vol(call, market, &draft)) return false;
    algo->market = draft.market;
    algo->side = draft.side;
    algo->buy = draft.buy;
    algo->reduce_only = draft.reduce_only;
    algo->quantity = draft.quantity;
    algo->leverage = draft.leverage;
    algo->isolated = draft.isolated;
    return true;
}

bool hx_lab_mexc_read_wanted(struct hx_lab_call *call, struct hx_lab_mexc_wanted *wanted) {
    wanted->states = HX_STR_EMPTY;
    (void)hx_lab_param_find(call, "states", &wanted->states);
    return hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &wanted->market) &&
           hx_lab_mexc_read_int(call, "side", HX_LAB_OPTIONAL, &wanted->side) &&
           hx_lab_mexc_read_span(call, &wanted->start, &wanted->end) &&
           hx_lab_mexc_read_page(call, ROWS_MAX, &wanted->page);
}

bool hx_lab_mexc_wants(const struct hx_lab *lab, const struct hx_lab_mexc_wanted *wanted, enum hx_lab_mexc_algo kind,
                       const struct hx_lab_algo *algo, int64_t state) {
    if (algo->wire_kind != kind || !hx_lab_mexc_list_has(wanted->states, state)) return false;
    if (wanted->market != NULL && &lab->markets[algo->market] != wanted->market) return false;
    if (wanted->side != 0 && hx_lab_mexc_algo_side(algo) != wanted->side) return false;
    return algo->time >= wanted->start && algo->time <= wanted->end;
}

/* Plan orders. */

/* 1 at or above, 2 at or below. A stop waits for the price to go against its side, a take-profit for the other way. */
static bool read_trigger(struct hx_lab_call *call, const struct hx_lab_market *market, struct hx_lab_algo *algo) {
    int64_t trigger_type;
    int64_t trend;
    if (!hx_lab_mexc_read_price(call, market, "triggerPrice", HX_LAB_NEEDED, &algo->trigger)) return false;
    if (!hx_lab_mexc_read_int(call, "triggerType", HX_LAB_NEEDED, &trigger_type)) return false;
    if (trigger_type != 1 && trigger_type != 2) return hx_lab_fail(call, 3002);
    if (!hx_lab_mexc_read_int(call, "trend", HX_LAB_NEEDED, &trend)) return false;
    if (!hx_lab_mexc_read_trend(call, "trend", &algo->by_mark)) return false;
    const bool is_stop = (trigger_type == 1) == algo->buy;
    algo->type = is_stop ? HX_LAB_ALGO_STOP_MARKET : HX_LAB_ALGO_TAKE_PROFIT_MARKET;
    return true;
}

/* Called after read_trigger, whose type it turns into the limit one. */
static bool read_order(struct hx_lab_call *call, const struct hx_lab_market *market, struct hx_lab_algo *algo) {
    static const enum hx_lab_tif tifs[] = {HX_LAB_GTC, HX_LAB_GTC, HX_LAB_GTX, HX_LAB_IOC, HX_LAB_FOK, HX_LAB_GTC};
    int64_t type;
    if (!hx_lab_mexc_read_int(call, "orderType", HX_LAB_NEEDED, &type)) return false;
    if (type < 1 || type > 5) return hx_lab_fail(call, 2029);
    algo->tif = tifs[type];
    algo->price = 0;
    if (type == 5) return true;
    algo->type = algo->type == HX_LAB_ALGO_STOP_MARKET ? HX_LAB_ALGO_STOP : HX_LAB_ALGO_TAKE_PROFIT;
    return hx_lab_mexc_read_price(call, market, "price", HX_LAB_NEEDED, &algo->price);
}

static bool read_cycle(struct hx_lab_call *call, struct hx_lab_algo *algo) {
    int64_t cycle;
    if (!hx_lab_mexc_read_int(call, "executeCycle", HX_LAB_NEEDED, &cycle)) return false;
    if (cycle != 1 && cycle != 2) return hx_lab_fail(call, 3003);
    algo->good_till = call->clock + (cycle == 1 ? CYCLE_1_MS : CYCLE_2_MS);
    return true;
}

void hx_lab_mexc_plan_place(struct hx_lab_call *call) {
    struct hx_lab_algo algo;
    struct hx_lab_algo *kept = NULL;
    int64_t side;
    if (!hx_lab_mexc_read_algo(call, &algo, &side)) return;
    const struct hx_lab_market *market = &call->lab->markets[algo.market];
    const bool is_long = algo.buy != algo.reduce_only;
    if (!read_trigger(call, market, &algo) || !read_order(call, market, &algo) || !read_cycle(call, &algo)) return;
    if (!hx_lab_mexc_read_exits(call, market, is_long, algo.trigger, &algo.exits)) return;
    algo.wire_kind = HX_LAB_MEXC_PLAN;
    if (hx_lab_mexc_place_algo(call, &algo, &kept)) hx_lab_mexc_answer_algo(call, kept);
}

/* One that still waits; NULL when it is not there or over, which is answered. */
static struct hx_lab_algo *find_waiting(struct hx_lab_call *call) {
    int64_t id;
    if (!hx_lab_mexc_read_id(call, "orderId", HX_LAB_NEEDED, &id)) return NULL;
    struct hx_lab_algo *algo = hx_lab_mexc_find_algo(call->lab, HX_LAB_MEXC_PLAN, id);
    if (algo != NULL && algo->status == HX_LAB_ALGO_NEW) return algo;
    (void)hx_lab_fail(call, algo == NULL ? 2040 : 2041);
    return NULL;
}

void hx_lab_mexc_plan_change(struct hx_lab_call *call) {
    struct hx_lab_algo *algo = find_waiting(call);
    if (algo == NULL) return;
    struct hx_lab_algo changed = *algo;
    const struct hx_lab_market *market = &call->lab->markets[algo->market];
    if (!read_trigger(call, market, &changed) || !read_order(call, market, &changed)) return;
    changed.updated = call->clock;
    *algo = changed;
    hx_lab_mexc_answer_done(call);
}

void hx_lab_mexc_plan_change_exits(struct hx_lab_call *call) {
    struct hx_lab_algo *algo = find_waiting(call);
    struct hx_lab_exits exits;
    if (algo == NULL) return;
    const struct hx_lab_market *market = &call->lab->markets[algo->market];
    const bool is_long = algo->buy != algo->reduce_only;
    if (!hx_lab_mexc_read_exits(call, market, is_long, algo->trigger, &exits)) return;
    algo->exits = exits;
    algo->updated = call->clock;
    hx_lab_mexc_answer_done(call);
}

/* Cancels what can be; what can not makes the whole a failure. */
void hx_lab_mexc_plan_cancel(struct hx_lab_call *call) {
    const struct hx_json *list = call->json_body;
    int32_t code = list == NULL || list->type != HX_JSON_ARRAY || list->count == 0 ? 600 : 0;
    if (code == 0 && list->count > HX_LAB_MEXC_BATCH_MAX) code = 2013;
    const struct hx_json *item = code == 0 ? hx_json_first(list) : NULL;
    for (; item != NULL; item = hx_json_next(list, item)) {
        int64_t id = 0;
        const hx_err err = hx_json_get_i64(item, HX_STR("orderId"), &id);
        struct hx_lab_algo *algo = hx_ok(err) ? hx_lab_mexc_find_algo(call->lab, HX_LAB_MEXC_PLAN, id) : NULL;
        if (algo != NULL && algo->status == HX_LAB_ALGO_NEW) {
            hx_lab_algo_close(call->lab, algo, HX_LAB_ALGO_CANCELED);
        } else {
            code = hx_failed(err) ? 600 : algo == NULL ? 2040 : 2041;
        }
    }
    if (code == 0) {
        hx_lab_mexc_answer_done(call);
    } else {
        (void)hx_lab_fail(call, code);
    }
}

void hx_lab_mexc_plan_cancel_all(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    if (!hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &market)) return;
    hx_lab_mexc_cancel_algos(call->lab, HX_LAB_MEXC_PLAN, market);
    hx_lab_mexc_answer_done(call);
}

static int64_t order_type_of(const struct hx_lab_algo *algo) {
    const bool is_limit = algo->type == HX_LAB_ALGO_STOP || algo->type == HX_LAB_ALGO_TAKE_PROFIT;
    const struct hx_lab_order order = {.type = is_limit ? HX_LAB_ORDER_LIMIT : HX_LAB_ORDER_MARKET, .tif = algo->tif};
    return hx_lab_mexc_order_type(&order);
}

static void write_plan(struct hx_lab_call *call, const struct hx_lab_algo *algo) {
    const struct hx_lab_market *market = &call->lab->markets[algo->market];
    const bool is_stop = algo->type == HX_LAB_ALGO_STOP || algo->type == HX_LAB_ALGO_STOP_MARKET;
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_mexc_write_algo_id(call, "id", algo);
    hx_lab_write_c(call, "symbol", market->wire);
    hx_json_write_i64(json, "leverage", algo->leverage);
    hx_json_write_i64(json, "side", hx_lab_mexc_algo_side(algo));
    hx_lab_write_number(call, "triggerPrice", algo->trigger);
    hx_lab_write_number(call, "price", algo->price);
    hx_lab_write_number(call, "vol", hx_lab_mexc_contracts(market, algo->quantity));
    hx_json_write_i64(json, "openType", algo->isolated ? 1 : 2);
    hx_json_write_i64(json, "triggerType", is_stop == algo->buy ? 1 : 2);
    hx_json_write_i64(json, "state", hx_lab_mexc_algo_state(algo));
    hx_json_write_i64(json, "executeCycle", (algo->good_till - algo->time) / HX_MS_PER_HOUR);
    hx_json_write_i64(json, "trend", algo->by_mark ? 2 : 1);
    hx_json_write_i64(json, "orderType", order_type_of(algo));
    hx_lab_mexc_write_spawned(call, "orderId", algo);
    hx_json_write_i64(json, "errorCode", hx_lab_mexc_refusal_error(algo->refusal));
    hx_json_write_i64(json, "priceProtect", 0);
    hx_json_write_i64(json, "createTime", algo->time);
    hx_json_write_i64(json, "updateTime", algo->updated);
    hx_json_write_i64(json, "positionMode", algo->side == HX_LAB_BOTH ? 2 : 1);
    hx_lab_write_number(call, "stopLossPrice", algo->exits.stop_loss);
    hx_lab_write_number(call, "takeProfitPrice", algo->exits.take_profit);
    hx_json_write_i64(json, "lossTrend", algo->exits.stop_loss_by_mark ? 2 : 1);
    hx_json_write_i64(json, "profitTrend", algo->exits.take_profit_by_mark ? 2 : 1);
    hx_json_write_bool(json, "reduceOnly", algo->reduce_only);
    hx_json_close_object(json);
}

void hx_lab_mexc_plan_list(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_mexc_wanted wanted;
    if (!hx_lab_mexc_read_wanted(call, &wanted)) return;
    hx_lab_mexc_open_array(call);
    for (uint64_t seq = lab->algo_seq; seq >= hx_lab_algo_first(lab) && seq > 0; seq--) {
        const struct hx_lab_algo *algo = hx_lab_algo_at(lab, seq);
        const int64_t state = hx_lab_mexc_algo_state(algo);
        if (!hx_lab_mexc_wants(lab, &wanted, HX_LAB_MEXC_PLAN, algo, state)) continue;
        if (hx_lab_mexc_page_takes(&wanted.page)) write_plan(call, algo);
    }
    hx_lab_mexc_close_array(call);
}
