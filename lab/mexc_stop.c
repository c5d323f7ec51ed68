/* Exits: a stop-loss and a take-profit of a position, of which the first that comes closes it or a part of it. They are
 * set on a position, or an order brings them and they begin with its first fill. */
#include "lab/mexc.h"
#include "lab/mexc_words.h"

#define ROWS_MAX 100

/* Prices. */

static bool read_prices(struct hx_lab_call *call, const struct hx_lab_market *market, struct hx_lab_exits *exits) {
    hx_mem_set(exits, 0, sizeof *exits);
    return hx_lab_mexc_read_price(call, market, "stopLossPrice", HX_LAB_OPTIONAL, &exits->stop_loss) &&
           hx_lab_mexc_read_price(call, market, "takeProfitPrice", HX_LAB_OPTIONAL, &exits->take_profit) &&
           hx_lab_mexc_read_trend(call, "lossTrend", &exits->stop_loss_by_mark) &&
           hx_lab_mexc_read_trend(call, "profitTrend", &exits->take_profit_by_mark);
}

/* The loss is on one side of the price and the profit on the other. */
static bool is_apart(const struct hx_lab_exits *exits, bool is_long, hx_lab_amount price) {
    const hx_lab_amount low = is_long ? exits->stop_loss : exits->take_profit;
    const hx_lab_amount high = is_long ? exits->take_profit : exits->stop_loss;
    return low < price && (high == 0 || high > price);
}

bool hx_lab_mexc_read_exits(struct hx_lab_call *call, const struct hx_lab_market *market, bool is_long,
                            hx_lab_amount price, struct hx_lab_exits *exits) {
    if (!read_prices(call, market, exits)) return false;
    return is_apart(exits, is_long, price) ? true : hx_lab_fail(call, 5003);
}

static bool read_new_prices(struct hx_lab_call *call, const struct hx_lab_market *market, bool is_long,
                            struct hx_lab_exits *exits) {
    const hx_lab_amount price = hx_lab_book_now(call->lab, market).bid;
    if (!hx_lab_mexc_read_exits(call, market, is_long, price, exits)) return false;
    return exits->stop_loss > 0 || exits->take_profit > 0 ? true : hx_lab_fail(call, 5001);
}

static void set_prices(struct hx_lab_algo *algo, const struct hx_lab_exits *exits) {
    algo->trigger = exits->stop_loss;
    algo->by_mark = exits->stop_loss_by_mark;
    algo->take_profit = exits->take_profit;
    algo->take_profit_by_mark = exits->take_profit_by_mark;
}

/* Setting. */

static struct hx_lab_algo exit_of(uint32_t market, enum hx_lab_position_side side, bool is_long, uint64_t number) {
    struct hx_lab_algo algo;
    hx_mem_set(&algo, 0, sizeof algo);
    algo.market = market;
    algo.type = HX_LAB_ALGO_STOP_MARKET;
    algo.side = side;
    algo.buy = !is_long;
    algo.reduce_only = true;
    algo.position_number = number;
    algo.wire_kind = HX_LAB_MEXC_STOP;
    return algo;
}

/* Limit exits and different volumes for the two are not offered. */
static bool check_offered(struct hx_lab_call *call) {
    static const char *const numbers[] = {"takeProfitType", "stopLossType"};
    hx_str type;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int64_t value;
        if (!hx_lab_mexc_read_int(call, numbers[i], HX_LAB_OPTIONAL, &value)) return false;
        if (value != 0) return hx_lab_mexc_fail_param(call, HX_LAB_PARAM_INVALID, numbers[i], "");
    }
    if (!hx_lab_param_find(call, "profitLossVolType", &type) || hx_str_equal(type, HX_STR("SAME"))) return true;
    return hx_lab_mexc_fail_param(call, HX_LAB_PARAM_INVALID, "profitLossVolType", "");
}

static hx_lab_amount quantity_in_exits(const struct hx_lab *lab, uint64_t number) {
    hx_lab_amount sum = 0;
    for (uint32_t i = 0; i < lab->algo_open_count; i++) {
        const struct hx_lab_algo *other = &lab->algos[lab->algo_open[i]];
        if (other->position_number == number && !other->close_position) {
            sum = hx_lab_amount_add(sum, other->quantity);
        }
    }
    return sum;
}

/* volType 1: a part, which with the others may not be more than is held; 2: the whole position, whatever it becomes. */
static bool read_part(struct hx_lab_call *call, const struct hx_lab_mexc_held *held, struct hx_lab_algo *algo) {
    struct hx_lab_draft draft = {.market = algo->market, .type = HX_LAB_ORDER_MARKET};
    int64_t vol_type;
    if (!hx_lab_mexc_read_int(call, "volType", HX_LAB_OPTIONAL, &vol_type)) return false;
    if (vol_type > 2) return hx_lab_mexc_fail_param(call, HX_LAB_PARAM_INVALID, "volType", "");
    const hx_lab_amount there = hx_lab_amount_abs(held->position->quantity);
    algo->close_position = vol_type == 2;
    algo->quantity = there;
    if (algo->close_position) return true;
    if (!hx_lab_mexc_read_vol(call, held->market, &draft)) return false;
    algo->quantity = draft.quantity;
    const hx_lab_amount sum = hx_lab_amount_add(quantity_in_exits(call->lab, algo->position_number), draft.quantity);
    return sum <= there ? true : hx_lab_fail(call, 5004);
}

/* Exits of the same prices are one. */
static struct hx_lab_algo *find_same(const struct hx_lab *lab, const struct hx_lab_algo *algo) {
    for (uint32_t i = 0; i < lab->algo_open_count; i++) {
        struct hx_lab_algo *other = &lab->algos[lab->algo_open[i]];
        if (other->position_number != algo->position_number || other->close_position) continue;
        if (other->trigger == algo->trigger && other->take_profit == algo->take_profit) return other;
    }
    return NULL;
}

void hx_lab_mexc_stop_place(struct hx_lab_call *call) {
    struct hx_lab_mexc_held held;
    struct hx_lab_exits exits;
    int64_t id;
    if (!hx_lab_mexc_read_id(call, "positionId", HX_LAB_NEEDED, &id)) return;
    if (!hx_lab_mexc_find_position(call->lab, id, &held)) {
        (void)hx_lab_fail(call, 2009);
        return;
    }
    const uint32_t index = hx_lab_market_index(call->lab, held.market);
    struct hx_lab_algo algo = exit_of(index, held.side, held.is_long, held.position->number);
    if (!check_offered(call) || !read_new_prices(call, held.market, held.is_long, &exits)) return;
    if (!read_part(call, &held, &algo)) return;
    set_prices(&algo, &exits);
    struct hx_lab_algo *kept = algo.close_position ? NULL : find_same(call->lab, &algo);
    if (kept != NULL) {
        kept->quantity += algo.quantity;
        kept->updated = call->clock;
    } else if (!hx_lab_mexc_place_algo(call, &algo, &kept)) {
        return;
    }
    hx_lab_mexc_answer_number(call, hx_lab_algo_id(kept));
}

/* What an order brought begins with what it opened, and grows with it. */
void hx_lab_mexc_after_fill(struct hx_lab *lab, struct hx_lab_order *order, const struct hx_lab_fill *fill) {
    const struct hx_lab_exits *exits = &order->exits;
    const hx_lab_amount opened = fill->quantity - fill->closed;
    if ((exits->stop_loss == 0 && exits->take_profit == 0) || opened <= 0) return;
    struct hx_lab_algo algo = exit_of(order->market, order->side, order->buy, order->position_number);
    for (uint32_t i = 0; i < lab->algo_open_count; i++) {
        struct hx_lab_algo *other = &lab->algos[lab->algo_open[i]];
        if (other->parent_seq != order->seq || other->position_number != algo.position_number) continue;
        other->quantity += opened;
        return;
    }
    struct hx_lab_algo *kept = NULL;
    set_prices(&algo, exits);
    algo.quantity = opened;
    algo.parent_seq = order->seq;
    hx_lab_mexc_name_algo(lab, &algo);
    (void)hx_lab_algo_place(lab, &algo, &kept);
}

/* Changing and cancelling. */

static struct hx_lab_algo *find_waiting(struct hx_lab *lab, int64_t id) {
    struct hx_lab_algo *algo = hx_lab_mexc_find_algo(lab, HX_LAB_MEXC_STOP, id);
    return algo != NULL && algo->status == HX_LAB_ALGO_NEW ? algo : NULL;
}

/* The two prices become what is sent: one that is not is gone. */
void hx_lab_mexc_stop_change_plan(struct hx_lab_call *call) {
    struct hx_lab_exits exits;
    int64_t id;
    if (!hx_lab_mexc_read_id(call, "stopPlanOrderId", HX_LAB_NEEDED, &id)) return;
    struct hx_lab_algo *algo = find_waiting(call->lab, id);
    if (algo == NULL) {
        (void)hx_lab_fail(call, 5002);
        return;
    }
    if (!read_new_prices(call, &call->lab->markets[algo->market], !algo->buy, &exits)) return;
    set_prices(algo, &exits);
    algo->updated = call->clock;
    hx_lab_mexc_answer_done(call);
}

/* Of what an order that still works will bring; none at all takes them away. */
void hx_lab_mexc_stop_change_price(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    hx_str id;
    struct hx_lab_exits exits;
    if (!hx_lab_param_get(call, "orderId", &id)) return;
    struct hx_lab_order *order = hx_lab_order_by_text(lab, HX_LAB_FUTURES, id);
    if (order == NULL || !hx_lab_order_works(order)) {
        (void)hx_lab_fail(call, order == NULL ? 2040 : 2041);
        return;
    }
    const struct hx_lab_market *market = &lab->markets[order->market];
    if (!hx_lab_mexc_read_exits(call, market, order->buy, order->price, &exits)) return;
    order->exits = exits;
    hx_lab_mexc_answer_done(call);
}

void hx_lab_mexc_stop_cancel(struct hx_lab_call *call) {
    const struct hx_json *list = call->json_body;
    int32_t code = list == NULL || list->type != HX_JSON_ARRAY || list->count == 0 ? 600 : 0;
    if (code == 0 && list->count > HX_LAB_MEXC_BATCH_MAX) code = 2013;
    const struct hx_json *item = code == 0 ? hx_json_first(list) : NULL;
    for (; item != NULL; item = hx_json_next(list, item)) {
        int64_t id = 0;
        const hx_err err = hx_json_get_i64(item, HX_STR("stopPlanOrderId"), &id);
        struct hx_lab_algo *algo = hx_ok(err) ? find_waiting(call->lab, id) : NULL;
        if (algo != NULL) {
            hx_lab_algo_close(call->lab, algo, HX_LAB_ALGO_CANCELED);
        } else {
            code = hx_failed(err) ? 600 : 5002;
        }
    }
    if (code == 0) {
        hx_lab_mexc_answer_done(call);
    } else {
        (void)hx_lab_fail(call, code);
    }
}

/* Of a position, of a contract, or all. */
void hx_lab_mexc_stop_cancel_all(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    int64_t id;
    if (!hx_lab_mexc_read_id(call, "positionId", HX_LAB_OPTIONAL, &id)) return;
    if (!hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &market)) return;
    if (id == 0) {
        hx_lab_mexc_cancel_algos(lab, HX_LAB_MEXC_STOP, market);
    } else {
        for (uint32_t i = lab->algo_open_count; i > 0; i--) {
            struct hx_lab_algo *algo = &lab->algos[lab->algo_open[i - 1]];
            const bool of_it = algo->position_number > 0 && hx_lab_mexc_position_id(algo->position_number) == id;
            if (of_it) hx_lab_algo_close(lab, algo, HX_LAB_ALGO_CANCELED);
        }
    }
    hx_lab_mexc_answer_done(call);
}

/* Lists. */

static void write_stop(struct hx_lab_call *call, const struct hx_lab_algo *algo) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_market *market = &lab->markets[algo->market];
    const struct hx_lab_order *parent = hx_lab_order_at(lab, algo->parent_seq);
    const struct hx_lab_order *placed = hx_lab_order_at(lab, algo->order_seq);
    const bool came = algo->status == HX_LAB_ALGO_TRIGGERED || algo->status == HX_LAB_ALGO_REJECTED;
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_json_write_i64(json, "id", hx_lab_algo_id(algo));
    if (parent != NULL) {
        hx_lab_write_order_id(call, "orderId", parent);
    } else {
        hx_json_write_i64(json, "orderId", 0);
    }
    hx_lab_write_c(call, "symbol", market->wire);
    hx_lab_write_i64_text(call, "positionId", hx_lab_mexc_position_id(algo->position_number));
    hx_json_write_i64(json, "lossTrend", algo->by_mark ? 2 : 1);
    hx_json_write_i64(json, "profitTrend", algo->take_profit_by_mark ? 2 : 1);
    hx_lab_write_number(call, "stopLossPrice", algo->trigger);
    hx_lab_write_number(call, "takeProfitPrice", algo->take_profit);
    hx_json_write_i64(json, "state", hx_lab_mexc_algo_state(algo));
    hx_json_write_i64(json, "triggerSide", !came ? 0 : algo->took_profit ? 1 : 2);
    hx_json_write_i64(json, "positionType", algo->buy ? 2 : 1);
    hx_lab_write_number(call, "vol", hx_lab_mexc_contracts(market, algo->quantity));
    hx_lab_write_number(call, "realityVol", placed != NULL ? hx_lab_mexc_contracts(market, placed->quantity) : 0);
    hx_lab_mexc_write_spawned(call, "placeOrderId", algo);
    hx_json_write_i64(json, "errorCode", hx_lab_mexc_refusal_error(algo->refusal));
    hx_json_write_i64(json, "isFinished", algo->status == HX_LAB_ALGO_NEW ? 0 : 1);
    hx_lab_write_c(call, "profitLossVolType", "SAME");
    hx_json_write_i64(json, "volType", algo->close_position ? 2 : 1);
    hx_json_write_i64(json, "takeProfitType", 0);
    hx_json_write_i64(json, "stopLossType", 0);
    hx_json_write_i64(json, "createTime", algo->time);
    hx_json_write_i64(json, "updateTime", algo->updated);
    hx_json_close_object(json);
}

struct filter {
    struct hx_lab_mexc_wanted wanted;
    hx_str finished;
    int64_t state, type;
};

static bool passes(const struct hx_lab *lab, const struct filter *filter, const struct hx_lab_algo *algo) {
    const int64_t state = hx_lab_mexc_algo_state(algo);
    if (!hx_lab_mexc_wants(lab, &filter->wanted, HX_LAB_MEXC_STOP, algo, state)) return false;
    if (filter->state != 0 && filter->state != state) return false;
    if (filter->type != 0 && filter->type != (algo->buy ? 2 : 1)) return false;
    return filter->finished.len == 0 || hx_str_equal(filter->finished, HX_STR("1")) == (state != 1);
}

static void write_passing(struct hx_lab_call *call, struct filter *filter) {
    const struct hx_lab *lab = call->lab;
    hx_lab_mexc_open_array(call);
    for (uint64_t seq = lab->algo_seq; seq >= hx_lab_algo_first(lab) && seq > 0; seq--) {
        const struct hx_lab_algo *algo = hx_lab_algo_at(lab, seq);
        if (passes(lab, filter, algo) && hx_lab_mexc_page_takes(&filter->wanted.page)) write_stop(call, algo);
    }
    hx_lab_mexc_close_array(call);
}

void hx_lab_mexc_stop_list(struct hx_lab_call *call) {
    struct filter filter = {.finished = HX_STR_EMPTY};
    (void)hx_lab_param_find(call, "is_finished", &filter.finished);
    if (!hx_lab_mexc_read_wanted(call, &filter.wanted)) return;
    if (!hx_lab_mexc_read_int(call, "state", HX_LAB_OPTIONAL, &filter.state)) return;
    if (!hx_lab_mexc_read_int(call, "type", HX_LAB_OPTIONAL, &filter.type)) return;
    write_passing(call, &filter);
}

/* Those that wait, however old. */
void hx_lab_mexc_stop_open(struct hx_lab_call *call) {
    struct filter filter = {.finished = HX_STR("0")};
    if (!hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &filter.wanted.market)) return;
    filter.wanted.end = INT64_MAX;
    filter.wanted.page.left = ROWS_MAX * 10;
    write_passing(call, &filter);
}
