/* The contract account: positions, leverage, position mode, assets, fees. */
#include "lab/mexc.h"
#include "lab/mexc_words.h"

/* Positions. */

/* Only those that are held: what was closed has left. */
void hx_lab_mexc_get_positions(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *one;
    int64_t id;
    if (!hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &one)) return;
    if (!hx_lab_mexc_read_id(call, "positionId", HX_LAB_OPTIONAL, &id)) return;
    hx_lab_mexc_open_array(call);
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_market *market = &lab->markets[i];
        if (one != NULL && market != one) continue;
        for (enum hx_lab_position_side side = HX_LAB_BOTH; side <= HX_LAB_SHORT; side++) {
            const struct hx_lab_position *position = &market->positions[side];
            if (position->quantity == 0) continue;
            if (id != 0 && hx_lab_mexc_position_id(position->number) != id) continue;
            hx_json_open_object(&call->json, NULL);
            hx_lab_mexc_add_position(&call->json, lab, market, position, hx_lab_mexc_is_long(position, side));
            hx_json_close_object(&call->json);
        }
    }
    hx_lab_mexc_close_array(call);
}

/* Leverage: each side has its own. */

static void write_leverage(struct hx_lab_call *call, const struct hx_lab_market *market, bool is_long) {
    const uint32_t leverage = hx_lab_leverage_of(market, is_long);
    const hx_lab_amount mark = hx_lab_book_now(call->lab, market).mark;
    const hx_lab_amount most = hx_lab_amount_divide(hx_lab_notional_max(leverage), mark);
    const hx_lab_amount whole = hx_lab_amount_floor_step(most, market->contract_size);
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_json_write_i64(json, "level", 1);
    hx_lab_write_number(call, "maxVol", hx_lab_mexc_contracts(market, whole));
    hx_lab_write_number(call, "mmr", HX_LAB_UNIT / 250);
    hx_lab_write_number(call, "imr", HX_LAB_UNIT / (int64_t)leverage);
    hx_json_write_i64(json, "positionType", is_long ? 1 : 2);
    hx_json_write_i64(json, "openType", hx_lab_is_isolated(market, is_long) ? 1 : 2);
    hx_json_write_i64(json, "leverage", leverage);
    hx_json_write_bool(json, "limitBySys", false);
    hx_lab_write_number(call, "currentMmr", HX_LAB_UNIT / 250);
    hx_json_write_i64(json, "maxLeverageView", market->leverage_max);
    hx_json_close_object(json);
}

void hx_lab_mexc_get_leverage(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    if (!hx_lab_mexc_read_market(call, HX_LAB_NEEDED, &market)) return;
    hx_lab_mexc_open_array(call);
    write_leverage(call, market, true);
    write_leverage(call, market, false);
    hx_lab_mexc_close_array(call);
}

/* What change_leverage speaks of: a position, or a side of a contract that has none. */
struct target {
    struct hx_lab_market *market;
    const struct hx_lab_position *position; /* NULL: none. */
    bool is_long, isolated;
};

static const struct hx_lab_position *position_on(const struct hx_lab_market *market, bool is_long) {
    for (enum hx_lab_position_side side = HX_LAB_BOTH; side <= HX_LAB_SHORT; side++) {
        const struct hx_lab_position *position = &market->positions[side];
        if (position->quantity != 0 && hx_lab_mexc_is_long(position, side) == is_long) return position;
    }
    return NULL;
}

static bool read_target(struct hx_lab_call *call, struct target *target) {
    int64_t id;
    int64_t open_type;
    int64_t type;
    if (!hx_lab_mexc_read_id(call, "positionId", HX_LAB_OPTIONAL, &id)) return false;
    if (id != 0) {
        struct hx_lab_mexc_held held;
        if (!hx_lab_mexc_find_position(call->lab, id, &held)) return hx_lab_fail(call, 2009);
        *target =
            (struct target){held.market, held.position, held.is_long, hx_lab_is_isolated(held.market, held.is_long)};
        return true;
    }
    if (!hx_lab_mexc_read_market(call, HX_LAB_NEEDED, &target->market)) return false;
    if (!hx_lab_mexc_read_int(call, "openType", HX_LAB_NEEDED, &open_type)) return false;
    if (open_type != 1 && open_type != 2) return hx_lab_fail(call, 2002);
    if (!hx_lab_mexc_read_int(call, "positionType", HX_LAB_NEEDED, &type)) return false;
    if (type != 1 && type != 2) return hx_lab_fail(call, 2022);
    target->is_long = type == 1;
    target->isolated = open_type == 1;
    target->position = NULL;
    return position_on(target->market, target->is_long) == NULL ? true : hx_lab_fail(call, 2019);
}

/* The margin of what is held must still be there. */
static int32_t leverage_refusal(struct hx_lab *lab, const struct target *target, uint32_t leverage) {
    struct hx_lab_market *market = target->market;
    uint32_t *own = &market->side_leverage[target->is_long ? 0 : 1];
    if (leverage < 1 || leverage > market->leverage_max) return 2006;
    if (target->position == NULL) return 0;
    const hx_lab_amount held = hx_lab_amount_abs(target->position->quantity);
    const hx_lab_amount value = hx_lab_amount_multiply(held, hx_lab_book_now(lab, market).mark);
    if (value > hx_lab_notional_max(leverage)) return 2023;
    const uint32_t before = *own;
    *own = leverage;
    const bool enough = hx_lab_margin_now(lab).available >= 0;
    *own = before;
    return enough ? 0 : 2005;
}

void hx_lab_mexc_change_leverage(struct hx_lab_call *call) {
    struct target target = {0};
    int64_t leverage;
    if (!hx_lab_mexc_read_int(call, "leverage", HX_LAB_NEEDED, &leverage)) return;
    if (!read_target(call, &target)) return;
    if (leverage > UINT32_MAX) leverage = 0;
    const int32_t code = leverage_refusal(call->lab, &target, (uint32_t)leverage);
    if (code != 0) {
        (void)hx_lab_fail(call, code);
        return;
    }
    target.market->side_leverage[target.is_long ? 0 : 1] = (uint32_t)leverage;
    target.market->side_isolated[target.is_long ? 0 : 1] = target.isolated;
    hx_lab_mexc_answer_done(call);
}

/* Position mode: 1 hedge, 2 one-way. */

void hx_lab_mexc_get_position_mode(struct hx_lab_call *call) {
    hx_lab_mexc_answer_number(call, call->lab->hedge ? 1 : 2);
}

static bool has_contract_orders(const struct hx_lab *lab) {
    for (uint32_t i = 0; i < lab->open_count; i++) {
        if (!hx_lab_market_is_spot(lab, lab->orders[lab->open[i]].market)) return true;
    }
    return lab->algo_open_count > 0;
}

void hx_lab_mexc_change_position_mode(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    int64_t mode;
    if (!hx_lab_mexc_read_int(call, "positionMode", HX_LAB_NEEDED, &mode)) return;
    if (mode != 1 && mode != 2) {
        (void)hx_lab_mexc_fail_param(call, HX_LAB_PARAM_INVALID, "positionMode", "");
        return;
    }
    const bool busy = has_contract_orders(lab) || hx_lab_has_any_position(lab);
    if (lab->hedge != (mode == 1) && busy) {
        (void)hx_lab_fail(call, 2019);
        return;
    }
    lab->hedge = mode == 1;
    hx_lab_mexc_answer_done(call);
}

/* Money. */

static void write_asset(struct hx_lab_call *call, uint32_t asset) {
    const struct hx_lab *lab = call->lab;
    const hx_lab_amount total = hx_lab_purse_of(lab, HX_LAB_FUTURES, asset)->total;
    struct hx_lab_margin margin = {0, 0, 0, total};
    if (asset == HX_LAB_ASSET_USDT) margin = hx_lab_margin_now(lab);
    const hx_lab_amount available = margin.available > 0 ? margin.available : 0;
    const hx_lab_amount gain = margin.unrealized > 0 ? margin.unrealized : 0;
    const hx_lab_amount cash = available > gain ? available - gain : 0;
    struct hx_json_writer *json = &call->json;
    hx_lab_write_c(call, "currency", lab->assets[asset].name);
    hx_lab_write_number(call, "positionMargin", margin.position_margin);
    hx_lab_write_number(call, "availableBalance", available);
    hx_lab_write_number(call, "cashBalance", cash);
    hx_lab_write_number(call, "frozenBalance", margin.order_margin);
    hx_lab_write_number(call, "equity", hx_lab_amount_add(total, margin.unrealized));
    hx_lab_write_number(call, "unrealized", margin.unrealized);
    hx_json_write_i64(json, "bonus", 0);
    hx_lab_write_number(call, "availableCash", cash);
    hx_lab_write_number(call, "availableOpen", available);
    hx_json_write_i64(json, "debtAmount", 0);
    hx_json_write_i64(json, "contributeMarginAmount", 0);
}

void hx_lab_mexc_get_assets(struct hx_lab_call *call) {
    hx_lab_mexc_open_array(call);
    for (uint32_t asset = HX_LAB_ASSET_USDT; asset <= HX_LAB_ASSET_BNB; asset++) {
        hx_json_open_object(&call->json, NULL);
        write_asset(call, asset);
        hx_json_close_object(&call->json);
    }
    hx_lab_mexc_close_array(call);
}

void hx_lab_mexc_get_asset(struct hx_lab_call *call) {
    const uint32_t asset = hx_lab_asset_find(call->lab, call->segments[0]);
    if (asset > HX_LAB_ASSET_BNB) {
        (void)hx_lab_fail(call, 4001);
        return;
    }
    hx_lab_mexc_open_object(call);
    write_asset(call, asset);
    hx_lab_mexc_close_object(call);
}

void hx_lab_mexc_get_fee_rate(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_mexc_read_market(call, HX_LAB_NEEDED, &market)) return;
    hx_lab_mexc_open_object(call);
    hx_json_write_i64(&call->json, "level", 0);
    hx_json_write_i64(&call->json, "dealAmount", 0);
    hx_lab_write_number(call, "walletBalance", hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_USDT)->total);
    hx_lab_write_number(call, "makerFee", lab->maker_rate[HX_LAB_FUTURES]);
    hx_lab_write_number(call, "takerFee", lab->taker_rate[HX_LAB_FUTURES]);
    hx_json_write_i64(&call->json, "makerFeeDiscount", 1);
    hx_json_write_i64(&call->json, "takerFeeDiscount", 1);
    hx_lab_mexc_close_object(call);
}

void hx_lab_mexc_get_fee_rate_v2(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_mexc_read_market(call, HX_LAB_OPTIONAL, &market)) return;
    struct hx_json_writer *json = &call->json;
    hx_lab_mexc_open_object(call);
    if (market != NULL) hx_lab_write_c(call, "symbol", market->wire);
    hx_json_write_bool(json, "joinDiscount", false);
    hx_json_write_bool(json, "enjoyDiscount", false);
    hx_json_write_bool(json, "joinDeduct", lab->fee_asset == HX_LAB_FEE_BNB);
    hx_json_write_bool(json, "enjoyDeduct", lab->fee_asset == HX_LAB_FEE_BNB);
    hx_lab_write_number(call, "originalMakerFee", lab->maker_rate[HX_LAB_FUTURES]);
    hx_lab_write_number(call, "originalTakerFee", lab->taker_rate[HX_LAB_FUTURES]);
    hx_lab_write_number(call, "realMakerFee", lab->maker_rate[HX_LAB_FUTURES]);
    hx_lab_write_number(call, "realTakerFee", lab->taker_rate[HX_LAB_FUTURES]);
    hx_json_write_i64(json, "dealAmount", 0);
    hx_lab_write_number(call, "walletBalance", hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_USDT)->total);
    hx_json_write_i64(json, "level", 0);
    hx_lab_write_c(call, "feeRateMode", "NORMAL");
    hx_lab_mexc_close_object(call);
}

void hx_lab_mexc_change_risk_level(struct hx_lab_call *call) {
    (void)hx_lab_fail(call, 8817);
}
