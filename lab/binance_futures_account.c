/* The account on the wire: settings of symbols and of the account, positions, balances, fees. */
#include "lab/binance.h"

static void answer_success(struct hx_lab_call *call) {
    (void)hx_lab_fail_as(call, 200, 200, HX_STR("success"));
}

/* Leverage and margin mode. */

static int32_t leverage_refusal(const struct hx_lab *lab, struct hx_lab_market *market, uint32_t leverage) {
    const hx_lab_amount mark = hx_lab_book_now(lab, market).mark;
    for (uint32_t side = 0; side < HX_LAB_POSITION_SIDES; side++) {
        const hx_lab_amount quantity = hx_lab_amount_abs(market->positions[side].quantity);
        if (hx_lab_amount_multiply(quantity, mark) > hx_lab_notional_max(leverage)) return -2027;
    }
    if (leverage >= market->leverage) return 0;
    if (market->isolated && hx_lab_market_has_position(market)) return -4161;
    const uint32_t before = market->leverage;
    market->leverage = leverage;
    const bool enough = hx_lab_margin_now(lab).available >= 0;
    market->leverage = before;
    return enough ? 0 : -2028;
}

void hx_lab_post_leverage(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    bool present;
    int64_t leverage = 0;
    if (!hx_lab_param_market(call, true, &market)) return;
    if (!hx_lab_param_i64(call, "leverage", &present, &leverage)) return;
    if (!present) {
        (void)hx_lab_fail_about(call, -1102, HX_STR("leverage"));
        return;
    }
    if (leverage < 1 || leverage > market->leverage_max) {
        hx_str text = HX_STR_EMPTY;
        (void)hx_lab_param_find(call, "leverage", &text);
        (void)hx_lab_fail_about(call, -4028, text);
        return;
    }
    const int32_t code = leverage_refusal(call->lab, market, (uint32_t)leverage);
    if (code != 0) {
        (void)hx_lab_fail(call, code);
        return;
    }
    market->leverage = (uint32_t)leverage;
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_json_write_i64(&call->json, "leverage", leverage);
    hx_lab_write_short(call, "maxNotionalValue", hx_lab_notional_max(market->leverage));
    hx_json_close_object(&call->json);
}

static int32_t margin_type_refusal(const struct hx_lab *lab, const struct hx_lab_market *market, bool isolated) {
    if (market->isolated == isolated) return -4046;
    if (isolated && lab->multi_assets) return -4168;
    if (market->open_orders > 0) return -4047;
    return hx_lab_market_has_position(market) ? -4048 : 0;
}

void hx_lab_post_margin_type(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    hx_str type;
    if (!hx_lab_param_market(call, true, &market)) return;
    if (!hx_lab_param_get(call, "marginType", &type)) return;
    const bool isolated = hx_str_equal(type, HX_STR("ISOLATED"));
    if (!isolated && !hx_str_equal(type, HX_STR("CROSSED"))) {
        (void)hx_lab_fail_about(call, -1130, HX_STR("marginType"));
        return;
    }
    const int32_t code = margin_type_refusal(call->lab, market, isolated);
    if (code != 0) {
        (void)hx_lab_fail(call, code);
        return;
    }
    market->isolated = isolated;
    answer_success(call);
}

/* Position mode, multi-assets mode. */

static void write_flag(struct hx_lab_call *call, const char *name, bool value) {
    hx_json_open_object(&call->json, NULL);
    hx_json_write_bool(&call->json, name, value);
    hx_json_close_object(&call->json);
}

void hx_lab_get_position_mode(struct hx_lab_call *call) {
    write_flag(call, "dualSidePosition", call->lab->hedge);
}

static bool has_open_orders(const struct hx_lab *lab) {
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (lab->markets[i].product == HX_LAB_FUTURES && lab->markets[i].open_orders > 0) return true;
    }
    return false;
}

static int32_t mode_refusal(const struct hx_lab *lab, bool hedge) {
    if (hedge == lab->hedge) return -4059;
    if (has_open_orders(lab) || lab->algo_open_count > 0) return -4067;
    return hx_lab_has_any_position(lab) ? -4068 : 0;
}

void hx_lab_post_position_mode(struct hx_lab_call *call) {
    bool present;
    bool hedge = false;
    if (!hx_lab_param_bool(call, "dualSidePosition", &present, &hedge)) return;
    const int32_t code = present ? mode_refusal(call->lab, hedge) : -1102;
    if (code != 0) {
        (void)hx_lab_fail_about(call, code, HX_STR("dualSidePosition"));
        return;
    }
    call->lab->hedge = hedge;
    answer_success(call);
}

void hx_lab_get_multi_assets(struct hx_lab_call *call) {
    write_flag(call, "multiAssetsMargin", call->lab->multi_assets);
}

void hx_lab_post_multi_assets(struct hx_lab_call *call) {
    bool present;
    bool multi = false;
    if (!hx_lab_param_bool(call, "multiAssetsMargin", &present, &multi)) return;
    const int32_t code = !present ? -1102 : multi == call->lab->multi_assets ? -4171 : 0;
    if (code != 0) {
        (void)hx_lab_fail_about(call, code, HX_STR("multiAssetsMargin"));
        return;
    }
    call->lab->multi_assets = multi;
    answer_success(call);
}

void hx_lab_get_account_config(struct hx_lab_call *call) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_json_write_i64(json, "feeTier", 0);
    hx_json_write_bool(json, "canTrade", true);
    hx_json_write_bool(json, "canDeposit", true);
    hx_json_write_bool(json, "canWithdraw", false);
    hx_json_write_bool(json, "dualSidePosition", call->lab->hedge);
    hx_json_write_bool(json, "multiAssetsMargin", call->lab->multi_assets);
    hx_json_write_i64(json, "tradeGroupId", -1);
    hx_json_write_i64(json, "updateTime", 0);
    hx_json_close_object(json);
}

void hx_lab_get_symbol_config(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *one;
    if (!hx_lab_param_market(call, false, &one)) return;
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_market *market = &lab->markets[i];
        if (market->product != HX_LAB_FUTURES || (one != NULL && market != one)) continue;
        hx_json_open_object(&call->json, NULL);
        hx_lab_write_c(call, "symbol", market->name);
        hx_lab_write_c(call, "marginType", market->isolated ? "ISOLATED" : "CROSSED");
        hx_json_write_bool(&call->json, "isAutoAddMargin", false);
        hx_json_write_i64(&call->json, "leverage", market->leverage);
        hx_lab_write_short(call, "maxNotionalValue", hx_lab_notional_max(market->leverage));
        hx_json_close_object(&call->json);
    }
    hx_json_close_array(&call->json);
}

/* Positions. */

static void write_zero(struct hx_lab_call *call, const char *name) {
    hx_lab_write_c(call, name, "0");
}

static void write_position(struct hx_lab_call *call, const struct hx_lab_market *market, enum hx_lab_position_side side,
                           bool is_v2) {
    const struct hx_lab_position *position = &market->positions[side];
    const hx_lab_amount mark = hx_lab_book_now(call->lab, market).mark;
    const hx_lab_amount notional = hx_lab_amount_multiply(position->quantity, mark);
    const hx_lab_amount margin = hx_lab_amount_abs(notional) / (int64_t)market->leverage;
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_json_write_str(json, "positionSide", hx_lab_position_side_text(side));
    hx_lab_write_fixed(call, "positionAmt", position->quantity, market->quantity_precision);
    if (position->quantity == 0) {
        hx_lab_write_c(call, "entryPrice", "0.0");
        hx_lab_write_c(call, "breakEvenPrice", "0.0");
    } else {
        const hx_lab_amount fees = hx_lab_amount_multiply(position->entry, 2 * call->lab->taker_rate[HX_LAB_FUTURES]);
        hx_lab_write_short(call, "entryPrice", position->entry);
        hx_lab_write_short(call, "breakEvenPrice",
                           position->quantity > 0 ? position->entry + fees : position->entry - fees);
    }
    hx_lab_write_fixed(call, "markPrice", mark, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "unRealizedProfit", hx_lab_unrealized(position, mark), HX_LAB_PLACES);
    write_zero(call, "liquidationPrice");
    hx_lab_write_fixed(call, "isolatedMargin", market->isolated ? margin : 0, HX_LAB_PLACES);
    hx_lab_write_short(call, "notional", notional);
    hx_lab_write_fixed(call, "isolatedWallet", market->isolated ? margin : 0, HX_LAB_PLACES);
    if (is_v2) {
        hx_lab_write_c(call, "marginType", market->isolated ? "isolated" : "cross");
        hx_lab_write_c(call, "isAutoAddMargin", "false");
        hx_lab_write_short(call, "leverage", (hx_lab_amount)market->leverage * HX_LAB_UNIT);
        hx_lab_write_short(call, "maxNotionalValue", hx_lab_notional_max(market->leverage));
    } else {
        hx_lab_write_c(call, "marginAsset", "USDT");
        hx_lab_write_fixed(call, "initialMargin", margin, HX_LAB_PLACES);
        hx_lab_write_fixed(call, "maintMargin", hx_lab_amount_abs(notional) / 250, HX_LAB_PLACES);
        hx_lab_write_fixed(call, "positionInitialMargin", margin, HX_LAB_PLACES);
        write_zero(call, "openOrderInitialMargin");
        hx_json_write_i64(json, "adl", position->quantity == 0 ? 0 : 1);
        write_zero(call, "bidNotional");
        write_zero(call, "askNotional");
    }
    hx_json_write_i64(json, "updateTime", position->updated);
    hx_json_close_object(json);
}

static bool side_is_used(const struct hx_lab *lab, enum hx_lab_position_side side) {
    return lab->hedge == (side != HX_LAB_BOTH);
}

/* v3 lists what has a position or an open order; v2 lists every symbol. */
static void write_positions(struct hx_lab_call *call, bool is_v2) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *one;
    if (!hx_lab_param_market(call, false, &one)) return;
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_market *market = &lab->markets[i];
        if (market->product != HX_LAB_FUTURES || (one != NULL && market != one)) continue;
        for (enum hx_lab_position_side side = HX_LAB_BOTH; side <= HX_LAB_SHORT; side++) {
            if (!side_is_used(lab, side)) continue;
            const bool busy = market->positions[side].quantity != 0 || market->open_orders > 0;
            if (is_v2 || busy) write_position(call, market, side, is_v2);
        }
    }
    hx_json_close_array(&call->json);
}

void hx_lab_get_position_risk_v2(struct hx_lab_call *call) {
    write_positions(call, true);
}
void hx_lab_get_position_risk_v3(struct hx_lab_call *call) {
    write_positions(call, false);
}

/* Money. */

static hx_lab_amount not_negative(hx_lab_amount amount) {
    return amount > 0 ? amount : 0;
}

static void write_balance(struct hx_lab_call *call, const char *asset, hx_lab_amount wallet, hx_lab_amount unrealized,
                          hx_lab_amount available) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "accountAlias", "paper");
    hx_lab_write_c(call, "asset", asset);
    hx_lab_write_fixed(call, "balance", wallet, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "crossWalletBalance", wallet, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "crossUnPnl", unrealized, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "availableBalance", not_negative(available), HX_LAB_PLACES);
    hx_lab_write_fixed(call, "maxWithdrawAmount", not_negative(available), HX_LAB_PLACES);
    hx_json_write_bool(&call->json, "marginAvailable", true);
    hx_json_write_i64(&call->json, "updateTime", call->lab->account_updated);
    hx_json_close_object(&call->json);
}

void hx_lab_get_balance(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_margin margin = hx_lab_margin_now(lab);
    const hx_lab_amount usdt = hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_USDT)->total;
    const hx_lab_amount bnb = hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_BNB)->total;
    hx_json_open_array(&call->json, NULL);
    write_balance(call, "BNB", bnb, 0, bnb);
    write_balance(call, "USDT", usdt, margin.unrealized, margin.available);
    hx_json_close_array(&call->json);
}

static void write_asset(struct hx_lab_call *call, const char *asset, hx_lab_amount wallet,
                        const struct hx_lab_margin *margin) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "asset", asset);
    hx_lab_write_fixed(call, "walletBalance", wallet, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "unrealizedProfit", margin->unrealized, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "marginBalance", wallet + margin->unrealized, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "maintMargin", 0, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "initialMargin", margin->position_margin + margin->order_margin, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "positionInitialMargin", margin->position_margin, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "openOrderInitialMargin", margin->order_margin, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "crossWalletBalance", wallet, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "crossUnPnl", margin->unrealized, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "availableBalance", not_negative(margin->available), HX_LAB_PLACES);
    hx_lab_write_fixed(call, "maxWithdrawAmount", not_negative(margin->available), HX_LAB_PLACES);
    hx_json_write_i64(&call->json, "updateTime", call->lab->account_updated);
    hx_json_close_object(&call->json);
}

static void write_account_position(struct hx_lab_call *call, const struct hx_lab_market *market,
                                   enum hx_lab_position_side side) {
    const struct hx_lab_position *position = &market->positions[side];
    const hx_lab_amount mark = hx_lab_book_now(call->lab, market).mark;
    const hx_lab_amount notional = hx_lab_amount_multiply(position->quantity, mark);
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_json_write_str(&call->json, "positionSide", hx_lab_position_side_text(side));
    hx_lab_write_fixed(call, "positionAmt", position->quantity, market->quantity_precision);
    hx_lab_write_fixed(call, "unrealizedProfit", hx_lab_unrealized(position, mark), HX_LAB_PLACES);
    write_zero(call, "isolatedMargin");
    hx_lab_write_short(call, "notional", notional);
    write_zero(call, "isolatedWallet");
    hx_lab_write_fixed(call, "initialMargin", hx_lab_amount_abs(notional) / (int64_t)market->leverage, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "maintMargin", hx_lab_amount_abs(notional) / 250, HX_LAB_PLACES);
    hx_json_write_i64(&call->json, "updateTime", position->updated);
    hx_json_close_object(&call->json);
}

void hx_lab_get_account_v3(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_margin margin = hx_lab_margin_now(lab);
    const hx_lab_amount usdt = hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_USDT)->total;
    const struct hx_lab_margin bnb = {0, 0, 0, hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_BNB)->total};
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_fixed(call, "totalInitialMargin", margin.position_margin + margin.order_margin, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "totalMaintMargin", 0, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "totalWalletBalance", usdt, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "totalUnrealizedProfit", margin.unrealized, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "totalMarginBalance", usdt + margin.unrealized, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "totalPositionInitialMargin", margin.position_margin, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "totalOpenOrderInitialMargin", margin.order_margin, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "totalCrossWalletBalance", usdt, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "totalCrossUnPnl", margin.unrealized, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "availableBalance", not_negative(margin.available), HX_LAB_PLACES);
    hx_lab_write_fixed(call, "maxWithdrawAmount", not_negative(margin.available), HX_LAB_PLACES);
    hx_json_open_array(json, "assets");
    write_asset(call, "BNB", bnb.available, &bnb);
    write_asset(call, "USDT", usdt, &margin);
    hx_json_close_array(json);
    hx_json_open_array(json, "positions");
    for (uint32_t i = 0; i < lab->market_count; i++) {
        for (enum hx_lab_position_side side = HX_LAB_BOTH; side <= HX_LAB_SHORT; side++) {
            const bool held = lab->markets[i].positions[side].quantity != 0;
            if (held) write_account_position(call, &lab->markets[i], side);
        }
    }
    hx_json_close_array(json);
    hx_json_close_object(json);
}

void hx_lab_get_commission_rate(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, true, &market)) return;
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_fixed(call, "makerCommissionRate", call->lab->maker_rate[HX_LAB_FUTURES], 6);
    hx_lab_write_fixed(call, "takerCommissionRate", call->lab->taker_rate[HX_LAB_FUTURES], 6);
    hx_lab_write_fixed(call, "rpiCommissionRate", call->lab->maker_rate[HX_LAB_FUTURES], 6);
    hx_json_close_object(&call->json);
}

static void write_brackets(struct hx_lab_call *call, const struct hx_lab_market *market) {
    static const uint32_t steps[] = {125, 100, 75, 50, 20, 10, 5, 1};
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_json_open_array(&call->json, "brackets");
    int64_t number = 0;
    int64_t floor = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i] > market->leverage_max) continue;
        const int64_t cap = hx_lab_notional_max(steps[i]) / HX_LAB_UNIT;
        hx_json_open_object(&call->json, NULL);
        hx_json_write_i64(&call->json, "bracket", ++number);
        hx_json_write_i64(&call->json, "initialLeverage", steps[i]);
        hx_json_write_i64(&call->json, "notionalCap", cap);
        hx_json_write_i64(&call->json, "notionalFloor", floor);
        hx_json_close_object(&call->json);
        floor = cap;
    }
    hx_json_close_array(&call->json);
    hx_json_close_object(&call->json);
}

void hx_lab_get_leverage_bracket(struct hx_lab_call *call) {
    struct hx_lab_market *one;
    if (!hx_lab_param_market(call, false, &one)) return;
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = 0; i < call->lab->market_count; i++) {
        const struct hx_lab_market *market = &call->lab->markets[i];
        if (market->product != HX_LAB_FUTURES) continue;
        if (one == NULL || market == one) write_brackets(call, market);
    }
    hx_json_close_array(&call->json);
}
