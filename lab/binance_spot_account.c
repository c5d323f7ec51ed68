/* The spot account on the wire: balances, fees, order rate, and what the key may do. */
#include "lab/binance_spot.h"

static void write8(struct hx_lab_call *call, const char *name, hx_lab_amount amount) {
    hx_lab_write_fixed(call, name, amount, HX_LAB_PLACES);
}

static void write_rates(struct hx_lab_call *call, const char *name, hx_lab_amount maker, hx_lab_amount taker) {
    hx_json_open_object(&call->json, name);
    write8(call, "maker", maker);
    write8(call, "taker", taker);
    write8(call, "buyer", 0);
    write8(call, "seller", 0);
    hx_json_close_object(&call->json);
}

static void write_balances(struct hx_lab_call *call, bool omit_zero) {
    const struct hx_lab *lab = call->lab;
    hx_json_open_array(&call->json, "balances");
    for (uint32_t i = 0; i < lab->asset_count; i++) {
        const struct hx_lab_purse *purse = hx_lab_purse_of(lab, HX_LAB_SPOT, i);
        if (omit_zero && purse->total == 0) continue;
        hx_json_open_object(&call->json, NULL);
        hx_lab_write_c(call, "asset", lab->assets[i].name);
        write8(call, "free", purse->total - purse->locked);
        write8(call, "locked", purse->locked);
        hx_json_close_object(&call->json);
    }
    hx_json_close_array(&call->json);
}

void hx_lab_spot_get_account(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_json_writer *json = &call->json;
    bool present;
    bool omit_zero = false;
    if (!hx_lab_param_bool(call, "omitZeroBalances", &present, &omit_zero)) return;
    hx_json_open_object(json, NULL);
    hx_json_write_i64(json, "makerCommission", lab->maker_rate[HX_LAB_SPOT] / (HX_LAB_UNIT / 10000));
    hx_json_write_i64(json, "takerCommission", lab->taker_rate[HX_LAB_SPOT] / (HX_LAB_UNIT / 10000));
    hx_json_write_i64(json, "buyerCommission", 0);
    hx_json_write_i64(json, "sellerCommission", 0);
    write_rates(call, "commissionRates", lab->maker_rate[HX_LAB_SPOT], lab->taker_rate[HX_LAB_SPOT]);
    hx_json_write_bool(json, "canTrade", lab->rights.can_trade_spot);
    hx_json_write_bool(json, "canWithdraw", true);
    hx_json_write_bool(json, "canDeposit", true);
    hx_json_write_bool(json, "brokered", false);
    hx_json_write_bool(json, "requireSelfTradePrevention", false);
    hx_json_write_bool(json, "preventSor", false);
    hx_json_write_i64(json, "updateTime", lab->account_updated);
    hx_lab_write_c(call, "accountType", "SPOT");
    write_balances(call, omit_zero);
    hx_json_open_array(json, "permissions");
    hx_lab_write_c(call, NULL, "SPOT");
    hx_json_close_array(json);
    hx_json_write_i64(json, "uid", 354937868);
    hx_json_close_object(json);
}

/* BNB pays the full rate here: a discount of nothing. */
void hx_lab_spot_get_commission(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, true, &market)) return;
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    write_rates(call, "standardCommission", lab->maker_rate[HX_LAB_SPOT], lab->taker_rate[HX_LAB_SPOT]);
    write_rates(call, "specialCommission", 0, 0);
    write_rates(call, "taxCommission", 0, 0);
    hx_json_open_object(&call->json, "discount");
    hx_json_write_bool(&call->json, "enabledForAccount", lab->fee_asset == HX_LAB_FEE_BNB);
    hx_json_write_bool(&call->json, "enabledForSymbol", true);
    hx_lab_write_c(call, "discountAsset", "BNB");
    write8(call, "discount", HX_LAB_UNIT);
    hx_json_close_object(&call->json);
    hx_json_close_object(&call->json);
}

static void write_count(struct hx_lab_call *call, const char *interval, int64_t number, uint32_t limit,
                        uint32_t count) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_write_c(call, "rateLimitType", "ORDERS");
    hx_lab_write_c(call, "interval", interval);
    hx_json_write_i64(&call->json, "intervalNum", number);
    hx_json_write_i64(&call->json, "limit", limit);
    hx_json_write_i64(&call->json, "count", count);
    hx_json_close_object(&call->json);
}

void hx_lab_spot_get_order_rate(struct hx_lab_call *call) {
    const struct hx_lab_limits *limits = &call->lab->limits[HX_LAB_SPOT];
    hx_lab_roll_order_windows(call);
    hx_json_open_array(&call->json, NULL);
    write_count(call, "SECOND", 10, limits->orders_per_10s, limits->orders_10s.count);
    write_count(call, "DAY", 1, limits->orders_per_minute, limits->orders_long.count);
    hx_json_close_array(&call->json);
}

void hx_lab_get_api_restrictions(struct hx_lab_call *call) {
    const struct hx_lab_key_rights *rights = &call->lab->rights;
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_json_write_bool(json, "ipRestrict", rights->ip_restricted);
    hx_json_write_i64(json, "createTime", 1698645219000);
    hx_json_write_bool(json, "enableReading", rights->can_read);
    hx_json_write_bool(json, "enableWithdrawals", rights->can_withdraw);
    hx_json_write_bool(json, "enableInternalTransfer", false);
    hx_json_write_bool(json, "enableMargin", false);
    hx_json_write_bool(json, "enableFutures", rights->can_trade_futures);
    hx_json_write_bool(json, "permitsUniversalTransfer", false);
    hx_json_write_bool(json, "enableVanillaOptions", false);
    hx_json_write_bool(json, "enableFixApiTrade", false);
    hx_json_write_bool(json, "enableFixReadOnly", false);
    hx_json_write_bool(json, "enableSpotAndMarginTrading", rights->can_trade_spot);
    hx_json_write_bool(json, "enablePortfolioMarginTrading", false);
    hx_json_close_object(json);
}
