/* The unified account: margin mode, wallet, fees, and what the key may do. */
#include "lab/bybit.h"

#define MARGIN_MODE_FAILED 3400045

static const char *const modes[] = {"REGULAR_MARGIN", "ISOLATED_MARGIN", "PORTFOLIO_MARGIN", NULL};

void hx_lab_bybit_get_account(struct hx_lab_call *call) {
    struct hx_json_writer *json = &call->json;
    hx_lab_bybit_open(call, "OK");
    hx_lab_write_c(call, "marginMode", modes[call->lab->account_isolated ? 1 : 0]);
    hx_lab_write_i64_text(call, "updatedTime", call->lab->account_updated);
    hx_json_write_i64(json, "unifiedMarginStatus", 5);
    hx_lab_write_c(call, "dcpStatus", "OFF");
    hx_json_write_i64(json, "timeWindow", 0);
    hx_json_write_i64(json, "smpGroup", 0);
    hx_json_write_bool(json, "isMasterTrader", false);
    hx_lab_write_c(call, "spotHedgingStatus", "OFF");
    hx_lab_bybit_close(call);
}

/* Margin mode. */

struct reason {
    const char *code, *text;
};

/* NULL: it can be set. */
static const struct reason *mode_obstacle(const struct hx_lab *lab, uint32_t mode) {
    static const struct reason too_poor = {"3400000", "Equity needs to be equal to or greater than 1000 USDC"};
    static const struct reason has_orders = {"3400054", "You have uncancelled USDT perpetual orders"};
    static const struct reason has_positions = {
        "3400208", "You have unclosed hedge mode or isolated mode USDT perpetual positions"};
    if (mode == 2) return &too_poor;
    if (lab->account_isolated == (mode == 1)) return NULL;
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_market *market = &lab->markets[i];
        if (market->product != HX_LAB_FUTURES) continue;
        if (market->open_orders > 0) return &has_orders;
        if (hx_lab_market_has_position(market)) return &has_positions;
    }
    return NULL;
}

static void answer_mode(struct hx_lab_call *call, const struct reason *reason) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_json_write_i64(json, "retCode", reason == NULL ? 0 : MARGIN_MODE_FAILED);
    hx_lab_write_c(call, "retMsg", reason == NULL ? "Request accepted" : "Set margin mode failed");
    hx_json_open_object(json, "result");
    hx_json_open_array(json, "reasons");
    if (reason != NULL) {
        hx_json_open_object(json, NULL);
        hx_lab_write_c(call, "reasonCode", reason->code);
        hx_lab_write_c(call, "reasonMsg", reason->text);
        hx_json_close_object(json);
    }
    hx_json_close_array(json);
    hx_lab_bybit_close(call);
}

/* The account's, not a symbol's. Portfolio margin is never granted here. Setting what is set already succeeds. */
void hx_lab_bybit_set_margin_mode(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    hx_str text;
    uint32_t mode = 0;
    if (!hx_lab_bybit_text(call, "setMarginMode", &text)) return;
    if (text.len == 0) {
        (void)hx_lab_bybit_fail_param(call, HX_LAB_PARAM_MISSING, "setMarginMode", "");
        return;
    }
    if (!hx_lab_bybit_word(call, "setMarginMode", modes, &mode)) return;
    const struct reason *obstacle = mode_obstacle(lab, mode);
    if (obstacle == NULL) {
        lab->account_isolated = mode == 1;
        for (uint32_t i = 0; i < lab->market_count; i++) lab->markets[i].isolated = lab->account_isolated;
    }
    answer_mode(call, obstacle);
}

/* Wallet. */

/* USDT is the dollar; the others are worth what spot says. */
static hx_lab_amount usd_price(const struct hx_lab *lab, uint32_t asset) {
    if (asset == HX_LAB_ASSET_USDT) return HX_LAB_UNIT;
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_market *market = &lab->markets[i];
        const bool fits = market->product == HX_LAB_SPOT && market->base_asset == asset;
        if (fits) return hx_lab_book_now(lab, market).mark;
    }
    return 0;
}

/* Total in USD of all assets. */
static hx_lab_amount wallet_value(const struct hx_lab *lab) {
    hx_lab_amount sum = 0;
    for (uint32_t i = 0; i < lab->asset_count; i++) {
        const hx_lab_amount total = hx_lab_purse_of(lab, HX_LAB_SPOT, i)->total;
        sum = hx_lab_amount_add(sum, hx_lab_amount_multiply(total, usd_price(lab, i)));
    }
    return sum;
}

/* What is a matter of the whole account means nothing with isolated margin and is empty there. */
static void write_total(struct hx_lab_call *call, const char *name, hx_lab_amount amount) {
    if (call->lab->account_isolated) {
        hx_lab_write_c(call, name, "");
    } else {
        hx_lab_write_short(call, name, amount);
    }
}

static void write_totals(struct hx_lab_call *call, const struct hx_lab_margin *margin) {
    const struct hx_lab *lab = call->lab;
    const hx_lab_amount wallet = wallet_value(lab);
    const hx_lab_amount usdt = hx_lab_purse_of(lab, HX_LAB_SPOT, HX_LAB_ASSET_USDT)->total;
    const hx_lab_amount balance = hx_lab_amount_add(usdt, margin->unrealized);
    const hx_lab_amount initial = hx_lab_amount_add(margin->position_margin, margin->order_margin);
    const hx_lab_amount rate = balance > 0 ? hx_lab_amount_divide(initial, balance) : 0;
    hx_lab_write_c(call, "accountType", "UNIFIED");
    hx_lab_write_short(call, "totalEquity", hx_lab_amount_add(wallet, margin->unrealized));
    hx_lab_write_short(call, "totalWalletBalance", wallet);
    write_total(call, "totalMarginBalance", balance);
    write_total(call, "totalAvailableBalance", margin->available > 0 ? margin->available : 0);
    hx_lab_write_short(call, "totalPerpUPL", margin->unrealized);
    write_total(call, "totalInitialMargin", initial);
    write_total(call, "totalInitialMarginByMp", initial);
    write_total(call, "totalMaintenanceMargin", margin->position_margin / 10);
    write_total(call, "totalMaintenanceMarginByMp", margin->position_margin / 10);
    write_total(call, "accountIMRate", rate);
    write_total(call, "accountIMRateByMp", rate);
    write_total(call, "accountMMRate", 0);
    write_total(call, "accountMMRateByMp", 0);
    hx_lab_write_c(call, "accountLTV", "");
}

static void write_coin(struct hx_lab_call *call, const struct hx_lab_margin *margin, uint32_t asset) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_purse *purse = hx_lab_purse_of(lab, HX_LAB_SPOT, asset);
    const bool usdt = asset == HX_LAB_ASSET_USDT;
    const hx_lab_amount unrealized = usdt ? margin->unrealized : 0;
    const hx_lab_amount equity = hx_lab_amount_add(purse->total, unrealized);
    const hx_lab_amount gains = usdt ? hx_lab_amount_add(lab->realized_total, -purse->fees) : 0;
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "coin", lab->assets[asset].name);
    hx_lab_write_short(call, "equity", equity);
    hx_lab_write_short(call, "usdValue", hx_lab_amount_multiply(equity, usd_price(lab, asset)));
    hx_lab_write_short(call, "walletBalance", purse->total);
    hx_lab_write_short(call, "locked", purse->locked);
    hx_lab_write_short(call, "unrealisedPnl", unrealized);
    hx_lab_write_short(call, "cumRealisedPnl", gains);
    hx_lab_write_short(call, "totalOrderIM", usdt ? margin->order_margin : 0);
    hx_lab_write_short(call, "totalPositionIM", usdt ? margin->position_margin : 0);
    hx_lab_write_short(call, "totalPositionMM", usdt ? margin->position_margin / 10 : 0);
    hx_lab_write_c(call, "borrowAmount", "0.0");
    hx_lab_write_c(call, "spotBorrow", "0");
    hx_lab_write_c(call, "accruedInterest", "0");
    hx_lab_write_c(call, "bonus", "0");
    hx_lab_write_c(call, "spotHedgingQty", "0");
    hx_lab_write_c(call, "availableToWithdraw", "");
    hx_lab_write_c(call, "availableToBorrow", "");
    hx_json_write_bool(&call->json, "marginCollateral", usdt);
    hx_json_write_bool(&call->json, "collateralSwitch", usdt);
    hx_json_close_object(&call->json);
}

static bool is_named(hx_str coins, const char *name) {
    hx_str coin;
    while (hx_str_split(&coins, ',', &coin)) {
        if (hx_str_equal(coin, hx_str_from_c(name))) return true;
    }
    return false;
}

void hx_lab_bybit_write_wallet(struct hx_lab_call *call, hx_str coins) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_margin margin = hx_lab_margin_now(lab);
    hx_json_open_object(&call->json, NULL);
    write_totals(call, &margin);
    hx_json_open_array(&call->json, "coin");
    for (uint32_t i = 0; i < lab->asset_count; i++) {
        const bool shows =
            coins.len > 0 ? is_named(coins, lab->assets[i].name) : hx_lab_purse_of(lab, HX_LAB_SPOT, i)->total != 0;
        if (shows) write_coin(call, &margin, i);
    }
    hx_json_close_array(&call->json);
    hx_json_close_object(&call->json);
}

static bool check_coins(struct hx_lab_call *call, hx_str coins) {
    hx_str coin;
    while (coins.len > 0 && hx_str_split(&coins, ',', &coin)) {
        if (hx_lab_asset_find(call->lab, coin) < call->lab->asset_count) continue;
        return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_INVALID, "coin", "");
    }
    return true;
}

void hx_lab_bybit_get_wallet(struct hx_lab_call *call) {
    hx_str type;
    hx_str coins;
    if (!hx_lab_bybit_text(call, "accountType", &type) || !hx_lab_bybit_text(call, "coin", &coins)) return;
    if (!hx_str_equal(type, HX_STR("UNIFIED"))) {
        (void)hx_lab_bybit_fail_with(call, "accountType only support UNIFIED.");
        return;
    }
    if (!check_coins(call, coins)) return;
    hx_lab_bybit_open(call, "OK");
    hx_json_open_array(&call->json, "list");
    hx_lab_bybit_write_wallet(call, coins);
    hx_json_close_array(&call->json);
    hx_lab_bybit_close(call);
}

/* Fees and rights. */

void hx_lab_bybit_get_fee_rate(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *one;
    if (!hx_lab_bybit_read_category(call, false) || !hx_lab_bybit_market(call, false, &one)) return;
    hx_lab_bybit_open(call, "OK");
    if (call->product == HX_LAB_SPOT) hx_lab_bybit_write_category(call);
    hx_json_open_array(&call->json, "list");
    for (uint32_t i = 0; i < lab->market_count; i++) {
        const struct hx_lab_market *market = &lab->markets[i];
        if (market->product != call->product || (one != NULL && one != market)) continue;
        hx_json_open_object(&call->json, NULL);
        hx_lab_write_c(call, "symbol", market->wire);
        hx_lab_write_short(call, "takerFeeRate", lab->taker_rate[call->product]);
        hx_lab_write_short(call, "makerFeeRate", lab->maker_rate[call->product]);
        hx_json_close_object(&call->json);
    }
    hx_json_close_array(&call->json);
    hx_lab_bybit_close(call);
}

static void write_list(struct hx_lab_call *call, const char *name, const char *first, const char *second) {
    hx_json_open_array(&call->json, name);
    if (first != NULL) hx_lab_write_c(call, NULL, first);
    if (second != NULL) hx_lab_write_c(call, NULL, second);
    hx_json_close_array(&call->json);
}

static void write_permissions(struct hx_lab_call *call) {
    static const char *const others[] = {"Options", "CopyTrading", "BlockTrade", "Exchange",
                                         "NFT",     "Affiliate",   "Earn",       NULL};
    const struct hx_lab_key_rights *rights = &call->lab->rights;
    const bool futures = rights->can_trade_futures;
    hx_json_open_object(&call->json, "permissions");
    write_list(call, "ContractTrade", futures ? "Order" : NULL, futures ? "Position" : NULL);
    write_list(call, "Spot", rights->can_trade_spot ? "SpotTrade" : NULL, NULL);
    write_list(call, "Wallet", "AccountTransfer", rights->can_withdraw ? "Withdraw" : NULL);
    write_list(call, "Derivatives", futures ? "DerivativesTrade" : NULL, NULL);
    for (uint32_t i = 0; others[i] != NULL; i++) write_list(call, others[i], NULL, NULL);
    hx_json_close_object(&call->json);
}

/* Any key may ask what it may do. Only one that is not bound to an address runs out. */
void hx_lab_bybit_get_key(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_key_rights *rights = &lab->rights;
    struct hx_json_writer *json = &call->json;
    const bool trades = rights->can_trade_futures || rights->can_trade_spot;
    const bool bound = rights->ip_restricted;
    hx_lab_bybit_open(call, "");
    hx_lab_write_c(call, "id", "2208369");
    hx_lab_write_c(call, "note", "laboratory");
    hx_json_write_str(json, "apiKey", hx_str_make(lab->key, lab->key_len));
    hx_json_write_i64(json, "readOnly", trades ? 0 : 1);
    hx_lab_write_c(call, "secret", "");
    write_permissions(call);
    write_list(call, "ips", bound ? "203.0.113.7" : "*", NULL);
    hx_json_write_i64(json, "type", 1);
    hx_json_write_i64(json, "deadlineDay", bound ? -2 : 66);
    hx_lab_write_c(call, "expiredAt", bound ? "1970-01-01T00:00:00Z" : "2027-01-22T07:20:25Z");
    hx_lab_write_c(call, "createdAt", "2025-10-13T03:20:45Z");
    hx_json_write_i64(json, "unified", 0);
    hx_json_write_i64(json, "uta", 1);
    hx_json_write_i64(json, "userID", 24617703);
    hx_json_write_i64(json, "inviterID", 0);
    hx_lab_write_c(call, "vipLevel", "No VIP");
    hx_lab_write_c(call, "mktMakerLevel", "0");
    hx_json_write_i64(json, "affiliateID", 0);
    hx_lab_write_c(call, "rsaPublicKey", "");
    hx_json_write_bool(json, "isMaster", true);
    hx_lab_write_c(call, "parentUid", "0");
    hx_lab_write_c(call, "kycLevel", "LEVEL_DEFAULT");
    hx_lab_write_c(call, "kycRegion", "");
    hx_lab_bybit_close(call);
}
