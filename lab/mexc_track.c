/* Trailing orders: the best price since activation, less (or, buying, plus) a callback, starts a market order. */
#include "lab/mexc.h"
#include "lab/mexc_words.h"

/* 1: a share of the price (0.02 is two percent); 2: a distance in quote. */
static bool read_callback(struct hx_lab_call *call, struct hx_lab_algo *algo) {
    int64_t type;
    int64_t trend;
    uint32_t places;
    hx_lab_amount value;
    if (!hx_lab_mexc_read_int(call, "trend", HX_LAB_NEEDED, &trend)) return false;
    if (!hx_lab_mexc_read_trend(call, "trend", &algo->by_mark)) return false;
    if (!hx_lab_mexc_read_int(call, "backType", HX_LAB_NEEDED, &type)) return false;
    if (!hx_lab_mexc_read_decimal(call, "backValue", HX_LAB_NEEDED, &value, &places)) return false;
    const bool is_share = type == 1;
    if (!is_share && type != 2) return hx_lab_mexc_fail_param(call, HX_LAB_PARAM_INVALID, "backType", "");
    if (value <= 0 || (is_share && value >= HX_LAB_UNIT)) {
        return hx_lab_mexc_fail_param(call, HX_LAB_PARAM_INVALID, "backValue", "");
    }
    algo->callback_rate = is_share ? value * 100 : 0;
    algo->trail = is_share ? 0 : value;
    const struct hx_lab_market *market = &call->lab->markets[algo->market];
    return hx_lab_mexc_read_price(call, market, "activePrice", HX_LAB_OPTIONAL, &algo->activate);
}

void hx_lab_mexc_track_place(struct hx_lab_call *call) {
    struct hx_lab_algo algo;
    struct hx_lab_algo *kept = NULL;
    int64_t side;
    if (!hx_lab_mexc_read_algo(call, &algo, &side) || !read_callback(call, &algo)) return;
    algo.type = HX_LAB_ALGO_TRAILING_STOP_MARKET;
    algo.wire_kind = HX_LAB_MEXC_TRACK;
    if (hx_lab_mexc_place_algo(call, &algo, &kept)) hx_lab_mexc_answer_algo(call, kept);
}

static struct hx_lab_algo *find_waiting(struct hx_lab_call *call, int64_t id) {
    struct hx_lab_algo *algo = hx_lab_mexc_find_algo(call->lab, HX_LAB_MEXC_TRACK, id);
    if (algo != NULL && algo->status == HX_LAB_ALGO_NEW) return algo;
    (void)hx_lab_fail(call, algo == NULL ? 2040 : 2041);
    return NULL;
}

/* It follows the price from the beginning again. */
void hx_lab_mexc_track_change(struct hx_lab_call *call) {
    struct hx_lab_draft draft = {.type = HX_LAB_ORDER_MARKET};
    int64_t id;
    if (!hx_lab_mexc_read_id(call, "trackOrderId", HX_LAB_NEEDED, &id)) return;
    struct hx_lab_algo *algo = find_waiting(call, id);
    if (algo == NULL) return;
    struct hx_lab_algo changed = *algo;
    draft.market = algo->market;
    if (!hx_lab_mexc_read_vol(call, &call->lab->markets[algo->market], &draft)) return;
    if (!read_callback(call, &changed)) return;
    changed.quantity = draft.quantity;
    changed.peak = 0;
    changed.updated = call->clock;
    *algo = changed;
    hx_lab_algo_trigger_all(call->lab);
    hx_lab_mexc_answer_done(call);
}

/* One, or without an id all of the contract, or all. */
void hx_lab_mexc_track_cancel(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    int64_t id;
    if (!hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &market)) return;
    if (!hx_lab_mexc_read_id(call, "trackOrderId", HX_LAB_OPTIONAL, &id)) return;
    if (id == 0) {
        hx_lab_mexc_cancel_algos(call->lab, HX_LAB_MEXC_TRACK, market);
    } else {
        struct hx_lab_algo *algo = find_waiting(call, id);
        if (algo == NULL) return;
        hx_lab_algo_close(call->lab, algo, HX_LAB_ALGO_CANCELED);
    }
    hx_lab_mexc_answer_done(call);
}

/* 0 not activated, 1 activated, 2 executed, 3 failed, 4 cancelled. */
static int64_t state_of(const struct hx_lab_algo *algo) {
    switch (algo->status) {
        case HX_LAB_ALGO_NEW:
            return algo->peak > 0 ? 1 : 0;
        case HX_LAB_ALGO_TRIGGERED:
            return 2;
        case HX_LAB_ALGO_REJECTED:
        case HX_LAB_ALGO_EXPIRED:
            return 3;
        case HX_LAB_ALGO_CANCELED:
            return 4;
    }
    hx_assert(false);
    return 0;
}

static hx_lab_amount trigger_of(const struct hx_lab_algo *algo) {
    const hx_lab_amount share = hx_lab_amount_multiply(algo->peak, algo->callback_rate) / 100;
    const hx_lab_amount distance = algo->trail > 0 ? algo->trail : share;
    if (algo->peak == 0) return 0;
    return algo->buy ? algo->peak + distance : algo->peak - distance;
}

static void write_track(struct hx_lab_call *call, const struct hx_lab_algo *algo) {
    const struct hx_lab_market *market = &call->lab->markets[algo->market];
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_mexc_write_algo_id(call, "id", algo);
    hx_lab_write_c(call, "symbol", market->wire);
    hx_json_write_i64(json, "leverage", algo->leverage);
    hx_json_write_i64(json, "side", hx_lab_mexc_algo_side(algo));
    hx_lab_write_number(call, "vol", hx_lab_mexc_contracts(market, algo->quantity));
    hx_json_write_i64(json, "openType", algo->isolated ? 1 : 2);
    hx_json_write_i64(json, "trend", algo->by_mark ? 2 : 1);
    hx_lab_write_number(call, "activePrice", algo->activate);
    hx_lab_write_number(call, "markPrice", algo->peak);
    hx_json_write_i64(json, "backType", algo->trail > 0 ? 2 : 1);
    hx_lab_write_number(call, "backValue", algo->trail > 0 ? algo->trail : algo->callback_rate / 100);
    hx_lab_write_number(call, "triggerPrice", trigger_of(algo));
    hx_json_write_i64(json, "triggerType", algo->buy ? 1 : 2);
    hx_lab_mexc_write_spawned(call, "orderId", algo);
    hx_json_write_i64(json, "errorCode", hx_lab_mexc_refusal_error(algo->refusal));
    hx_json_write_i64(json, "state", state_of(algo));
    hx_json_write_i64(json, "createTime", algo->time);
    hx_json_write_i64(json, "updateTime", algo->updated);
    hx_json_write_i64(json, "positionMode", algo->side == HX_LAB_BOTH ? 2 : 1);
    hx_json_write_bool(json, "reduceOnly", algo->reduce_only);
    hx_json_close_object(json);
}

/* states is a list: "0,1" or "[0,1]". */
void hx_lab_mexc_track_list(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_mexc_wanted wanted;
    if (!hx_lab_mexc_read_wanted(call, &wanted)) return;
    if (hx_str_starts_with(wanted.states, HX_STR("["))) wanted.states = hx_str_slice(wanted.states, 1, SIZE_MAX);
    if (hx_str_ends_with(wanted.states, HX_STR("]"))) wanted.states.len--;
    hx_lab_mexc_open_array(call);
    for (uint64_t seq = lab->algo_seq; seq >= hx_lab_algo_first(lab) && seq > 0; seq--) {
        const struct hx_lab_algo *algo = hx_lab_algo_at(lab, seq);
        if (!hx_lab_mexc_wants(lab, &wanted, HX_LAB_MEXC_TRACK, algo, state_of(algo))) continue;
        if (hx_lab_mexc_page_takes(&wanted.page)) write_track(call, algo);
    }
    hx_lab_mexc_close_array(call);
}
