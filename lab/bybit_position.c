/* Positions, their leverage and their mode. */
#include "lab/bybit.h"

#define PAGE_ROOM 2048 /* Bytes that one more row may take. */

/* One-way has row 0, hedge rows 1 and 2, flat or not. */
static bool side_exists(const struct hx_lab_market *market, enum hx_lab_position_side side) {
    return market->hedge == (side != HX_LAB_BOTH);
}

bool hx_lab_bybit_read_side(struct hx_lab_call *call, const struct hx_lab_market *market,
                            enum hx_lab_position_side *side) {
    bool present;
    int64_t index = 0;
    if (!hx_lab_bybit_int(call, "positionIdx", &present, &index)) return false;
    if (index > HX_LAB_SHORT) return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_INVALID, "positionIdx", "");
    *side = (enum hx_lab_position_side)index;
    return side_exists(market, *side) ? true : hx_lab_bybit_fail_with(call, "position idx not match position mode");
}

/* Listing. */

static int64_t seq_of(const struct hx_lab *lab, const struct hx_lab_market *market, enum hx_lab_position_side side) {
    const uint32_t index = hx_lab_market_index(lab, market);
    for (uint64_t seq = lab->fill_seq; seq >= hx_lab_fill_first(lab) && seq > 0; seq--) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (fill->market == index && fill->side == side) return HX_LAB_BYBIT_SEQ_BASE + (int64_t)seq;
    }
    return -1;
}

static void write_price(struct hx_lab_call *call, const struct hx_lab_market *market, const char *name,
                        hx_lab_amount price) {
    hx_lab_write_fixed(call, name, price, hx_lab_bybit_places(market->tick));
}

static hx_lab_amount stop_price(const struct hx_lab *lab, const struct hx_lab_market *market,
                                enum hx_lab_position_side side, enum hx_lab_bybit_stop stop) {
    const struct hx_lab_order *order = hx_lab_bybit_find_stop(lab, market, side, stop);
    if (order == NULL) return 0;
    return stop == HX_LAB_BYBIT_TRAILING_STOP ? order->trigger.trail : order->trigger.price;
}

static void write_margins(struct hx_lab_call *call, const struct hx_lab_market *market, hx_lab_amount value) {
    const hx_lab_amount initial = value / (int64_t)market->leverage;
    const hx_lab_amount maintenance = value / 200;
    hx_lab_write_short(call, "positionValue", value);
    hx_lab_write_short(call, "positionIM", initial);
    hx_lab_write_short(call, "positionIMByMp", initial);
    hx_lab_write_short(call, "positionBalance", initial);
    hx_lab_write_short(call, "positionMM", maintenance);
    hx_lab_write_short(call, "positionMMByMp", maintenance);
}

static void write_profits(struct hx_lab_call *call, const struct hx_lab_position *position, hx_lab_amount mark) {
    hx_lab_write_short(call, "unrealisedPnl", hx_lab_unrealized(position, mark));
    hx_lab_write_short(call, "curRealisedPnl", position->realized_now);
    hx_lab_write_short(call, "cumRealisedPnl", position->realized);
    hx_lab_write_i64_text(call, "createdTime", position->first);
    hx_lab_write_i64_text(call, "updatedTime", position->updated);
    hx_json_write_i64(&call->json, "openTime", position->quantity != 0 ? position->opened : 0);
}

static void write_position_constants(struct hx_lab_call *call) {
    hx_json_write_i64(&call->json, "riskId", 1);
    hx_lab_write_c(call, "riskLimitValue", "2000000");
    hx_json_write_i64(&call->json, "tradeMode", 0);
    hx_lab_write_c(call, "positionStatus", "Normal");
    hx_json_write_i64(&call->json, "autoAddMargin", 0);
    hx_lab_write_c(call, "liqPrice", "");
    hx_lab_write_c(call, "bustPrice", "");
    hx_lab_write_c(call, "tpslMode", "Full");
    hx_lab_write_c(call, "sessionAvgPrice", "");
    hx_json_write_bool(&call->json, "isReduceOnly", false);
    hx_lab_write_c(call, "mmrSysUpdatedTime", "");
    hx_lab_write_c(call, "leverageSysUpdatedTime", "");
}

void hx_lab_bybit_write_position(struct hx_lab_call *call, const struct hx_lab_market *market,
                                 enum hx_lab_position_side side, bool in_stream) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_position *position = &market->positions[side];
    const hx_lab_amount mark = hx_lab_book_now(lab, market).mark;
    const hx_lab_amount size = hx_lab_amount_abs(position->quantity);
    const char *held = position->quantity > 0 ? "Buy" : "Sell";
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    if (in_stream) hx_lab_write_c(call, "category", "linear");
    hx_json_write_i64(json, "positionIdx", side);
    hx_lab_write_c(call, "symbol", market->wire);
    hx_lab_write_c(call, "side", size == 0 ? "" : held);
    hx_lab_write_fixed(call, "size", size, hx_lab_bybit_places(market->step));
    hx_lab_write_short(call, in_stream ? "entryPrice" : "avgPrice", position->entry);
    write_margins(call, market, hx_lab_amount_multiply(size, mark));
    hx_lab_write_i64_text(call, "leverage", market->leverage);
    write_price(call, market, "markPrice", mark);
    write_price(call, market, "takeProfit", stop_price(lab, market, side, HX_LAB_BYBIT_TAKE_PROFIT));
    write_price(call, market, "stopLoss", stop_price(lab, market, side, HX_LAB_BYBIT_STOP_LOSS));
    write_price(call, market, "trailingStop", stop_price(lab, market, side, HX_LAB_BYBIT_TRAILING_STOP));
    write_profits(call, position, mark);
    write_position_constants(call);
    hx_json_write_i64(json, "adlRankIndicator", size == 0 ? 0 : 2);
    hx_json_write_i64(json, "seq", seq_of(lab, market, side));
    hx_json_close_object(json);
}

struct positions {
    const struct hx_lab_market *one;
    bool none;
};

static bool is_listed(const struct hx_lab_market *market, enum hx_lab_position_side side,
                      const struct positions *asked) {
    if (market->product != HX_LAB_FUTURES || asked->none || !side_exists(market, side)) return false;
    return asked->one != NULL ? market == asked->one : market->positions[side].quantity != 0;
}

static bool read_positions(struct hx_lab_call *call, struct positions *asked) {
    struct hx_lab_market *market;
    hx_str settle;
    if (!hx_lab_bybit_read_category(call, true) || !hx_lab_bybit_market(call, false, &market)) return false;
    if (!hx_lab_bybit_text(call, "settleCoin", &settle)) return false;
    asked->one = market;
    asked->none = market == NULL && !hx_str_equal(settle, HX_STR("USDT"));
    if (market != NULL || settle.len > 0) return true;
    return hx_lab_bybit_fail_with(call, "params error: symbol or settleCoin is required");
}

/* With a symbol its rows, flat ones included; with the settle coin what is held. */
void hx_lab_bybit_get_positions(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct positions asked;
    bool present;
    int64_t limit = 20;
    uint64_t index = 0;
    if (!read_positions(call, &asked) || !hx_lab_bybit_cursor(call, &index)) return;
    if (!hx_lab_bybit_int(call, "limit", &present, &limit)) return;
    if (limit < 1 || limit > 200) {
        (void)hx_lab_bybit_fail_with(call, "params error: limit invalid");
        return;
    }
    const uint64_t count = (uint64_t)lab->market_count * HX_LAB_POSITION_SIDES;
    hx_lab_bybit_open(call, "OK");
    hx_json_open_array(&call->json, "list");
    for (; index < count; index++) {
        const struct hx_lab_market *market = &lab->markets[index / HX_LAB_POSITION_SIDES];
        const enum hx_lab_position_side side = (enum hx_lab_position_side)(index % HX_LAB_POSITION_SIDES);
        if (!is_listed(market, side, &asked)) continue;
        if (limit == 0 || call->body.len_max - call->body.len < PAGE_ROOM) break;
        hx_lab_bybit_write_position(call, market, side, false);
        limit--;
    }
    hx_json_close_array(&call->json);
    hx_lab_bybit_write_cursor(call, index < count ? index : 0);
    hx_lab_bybit_write_category(call);
    hx_lab_bybit_close(call);
}

/* Leverage. */

/* 0: none. A position that is too large for it, or margin that is not there. */
static int32_t leverage_refusal(const struct hx_lab *lab, struct hx_lab_market *market, uint32_t leverage) {
    const hx_lab_amount mark = hx_lab_book_now(lab, market).mark;
    for (uint32_t side = 0; side < HX_LAB_POSITION_SIDES; side++) {
        const hx_lab_amount quantity = hx_lab_amount_abs(market->positions[side].quantity);
        if (hx_lab_amount_multiply(quantity, mark) > hx_lab_notional_max(leverage)) return 110013;
    }
    if (leverage >= market->leverage) return 0;
    const uint32_t before = market->leverage;
    market->leverage = leverage;
    const bool enough = hx_lab_margin_now(lab).available >= 0;
    market->leverage = before;
    return enough ? 0 : 110044;
}

static bool read_leverage(struct hx_lab_call *call, const char *name, hx_lab_amount *leverage) {
    bool present;
    uint32_t places = 0;
    if (!hx_lab_bybit_amount(call, name, &present, leverage, &places)) return false;
    if (!present) return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_MISSING, name, "");
    return places == 0 && *leverage >= HX_LAB_UNIT ? true
                                                   : hx_lab_bybit_fail_param(call, HX_LAB_PARAM_INVALID, name, "");
}

/* Both sides alike: unlike ones exist in hedge mode with isolated margin, which is not modelled. */
void hx_lab_bybit_set_leverage(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    hx_lab_amount buy = 0;
    hx_lab_amount sell = 0;
    if (!hx_lab_bybit_read_category(call, true) || !hx_lab_bybit_market(call, true, &market)) return;
    if (!read_leverage(call, "buyLeverage", &buy) || !read_leverage(call, "sellLeverage", &sell)) return;
    if (buy != sell) {
        (void)hx_lab_bybit_fail_with(call, "buyLeverage and sellLeverage must be equal");
        return;
    }
    int32_t code = 0;
    if (buy > (hx_lab_amount)market->leverage_max * HX_LAB_UNIT) code = 110013;
    if (code == 0 && buy == (hx_lab_amount)market->leverage * HX_LAB_UNIT) code = 110043;
    const uint32_t leverage = code == 0 ? (uint32_t)(buy / HX_LAB_UNIT) : 0;
    if (code == 0) code = leverage_refusal(call->lab, market, leverage);
    if (code != 0) {
        (void)hx_lab_fail(call, code);
        return;
    }
    market->leverage = leverage;
    hx_lab_bybit_answer_empty(call);
}

/* Mode. */

static int32_t mode_refusal(const struct hx_lab_market *market, bool hedge) {
    if (market->hedge == hedge) return 110025;
    if (hx_lab_market_has_position(market)) return 110024;
    return market->open_orders > 0 ? 110028 : 0;
}

/* By coin: every symbol that is free to change; the others stay. */
static int32_t switch_all(struct hx_lab *lab, bool hedge) {
    uint32_t changed = 0;
    int32_t blocked = 110025;
    for (uint32_t i = 0; i < lab->market_count; i++) {
        struct hx_lab_market *market = &lab->markets[i];
        if (market->product != HX_LAB_FUTURES) continue;
        const int32_t code = mode_refusal(market, hedge);
        if (code == 0) {
            market->hedge = hedge;
            changed++;
        } else if (code != 110025) {
            blocked = code;
        }
    }
    if (changed > 0) lab->hedge = hedge;
    return changed > 0 ? 0 : blocked;
}

void hx_lab_bybit_switch_mode(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    hx_str coin;
    bool present;
    int64_t mode = 0;
    if (!hx_lab_bybit_read_category(call, true) || !hx_lab_bybit_market(call, false, &market)) return;
    if (!hx_lab_bybit_text(call, "coin", &coin) || !hx_lab_bybit_int(call, "mode", &present, &mode)) return;
    if (!present || (mode != 0 && mode != 3)) {
        (void)hx_lab_bybit_fail_param(call, HX_LAB_PARAM_INVALID, "mode", "");
        return;
    }
    if (market == NULL && !hx_str_equal(coin, HX_STR("USDT"))) {
        (void)hx_lab_bybit_fail_with(call, "params error: symbol or coin is required");
        return;
    }
    const bool hedge = mode == 3;
    const int32_t code = market != NULL ? mode_refusal(market, hedge) : switch_all(lab, hedge);
    if (code != 0) {
        (void)hx_lab_fail(call, code);
        return;
    }
    if (market != NULL) market->hedge = hedge;
    hx_lab_bybit_answer_empty(call);
}
