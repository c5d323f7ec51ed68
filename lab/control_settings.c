/* Control API: the laboratory's knobs as JSON. Everything is read before anything is set. */
#include "lab/control.h"

/* What one request sets. `product` says whose rates, limits, balances and id rule are meant. */
struct wish {
    enum hx_lab_product product;
    int64_t fills, lag_ms, ack_ms, weight, orders_short, orders_long, until_ban;
    bool averages, enforced, hedge, late_duplicates;
    enum hx_lab_id_rule id_rule;
    struct hx_lab_key_rights rights;
};

static struct wish what_is(const struct hx_lab *lab, enum hx_lab_product product) {
    const struct hx_lab_limits *limits = &lab->limits[product];
    return (struct wish){
        .product = product,
        .fills = lab->market_fills_max,
        .lag_ms = lab->lookup_lag_ms,
        .ack_ms = lab->ack_delay_ms,
        .weight = limits->weight_per_minute,
        .orders_short = limits->orders_per_10s,
        .orders_long = limits->orders_per_minute,
        .until_ban = limits->requests_until_ban,
        .averages = lab->answer_averages,
        .enforced = lab->limits_enforced,
        .hedge = lab->hedge,
        .late_duplicates = lab->late_duplicates,
        .id_rule = lab->id_rules[product],
        .rights = lab->rights,
    };
}

static bool read_numbers(struct hx_lab_call *call, const struct hx_json *body, struct wish *wish) {
    const struct hx_lab_number numbers[] = {
        {"marketFillsMax", 1, 100, &wish->fills},
        {"lookupLagMs", 0, HX_LAB_DURATION_MS_MAX, &wish->lag_ms},
        {"ackDelayMs", 0, HX_LAB_DURATION_MS_MAX, &wish->ack_ms},
        {"weightPerMinute", 0, UINT32_MAX, &wish->weight},
        {"ordersPer10s", 0, UINT32_MAX, &wish->orders_short},
        {"ordersPerMinute", 0, UINT32_MAX, &wish->orders_long},
        {"ordersPerDay", 0, UINT32_MAX, &wish->orders_long},
        {"requestsUntilBan", 0, UINT32_MAX, &wish->until_ban},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (!hx_lab_control_read_number(call, body, &numbers[i])) return false;
    }
    return true;
}

static bool read_rights(struct hx_lab_call *call, const struct hx_json *body, struct hx_lab_key_rights *rights) {
    const struct hx_json *object = hx_json_find(body, HX_STR("keyRights"));
    if (object == NULL) return true;
    if (object->type != HX_JSON_OBJECT) {
        return hx_lab_control_fail_member(call, HX_STR("keyRights"), "an object is needed");
    }
    return hx_lab_control_read_bool(call, object, "ipRestricted", &rights->ip_restricted) &&
           hx_lab_control_read_bool(call, object, "canRead", &rights->can_read) &&
           hx_lab_control_read_bool(call, object, "canWithdraw", &rights->can_withdraw) &&
           hx_lab_control_read_bool(call, object, "canTradeSpot", &rights->can_trade_spot) &&
           hx_lab_control_read_bool(call, object, "canTradeFutures", &rights->can_trade_futures);
}

static bool read_id_rule(struct hx_lab_call *call, const struct hx_json *body, enum hx_lab_id_rule *rule) {
    static const char *const names[] = {"free", "uniqueOpen", "uniqueSymbol", "uniqueProduct"};
    hx_str name;
    const hx_err err = hx_json_get_str(body, HX_STR("idRule"), &name);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return true;
    for (uint32_t i = 0; i < sizeof names / sizeof names[0] && hx_ok(err); i++) {
        if (!hx_str_equal(name, hx_str_from_c(names[i]))) continue;
        *rule = (enum hx_lab_id_rule)i;
        return true;
    }
    return hx_lab_control_fail_member(call, HX_STR("idRule"),
                                      "free, uniqueOpen, uniqueSymbol or uniqueProduct is needed");
}

static bool set_fees(struct hx_lab_call *call, const struct hx_json *body, enum hx_lab_product product) {
    struct hx_lab *lab = call->lab;
    hx_dec maker = hx_lab_amount_to_dec(lab->maker_rate[product]);
    hx_dec taker = hx_lab_amount_to_dec(lab->taker_rate[product]);
    hx_dec bnb_price = hx_lab_amount_to_dec(lab->bnb_price);
    enum hx_lab_fee_asset asset = lab->fee_asset;
    hx_str name;
    const hx_err errs[] = {hx_json_get_dec(body, HX_STR("makerRate"), &maker),
                           hx_json_get_dec(body, HX_STR("takerRate"), &taker),
                           hx_json_get_dec(body, HX_STR("bnbPrice"), &bnb_price)};
    for (size_t i = 0; i < sizeof errs / sizeof errs[0]; i++) {
        if (hx_failed(errs[i]) && !hx_err_is(errs[i], HX_CLASS_ABSENT)) {
            return hx_lab_control_fail_member(call, HX_STR("fees"), "decimals are needed");
        }
    }
    if (hx_ok(hx_json_get_str(body, HX_STR("feeAsset"), &name))) {
        asset = hx_str_equal(name, HX_STR("BNB")) ? HX_LAB_FEE_BNB : HX_LAB_FEE_USDT;
    }
    if (hx_failed(hx_lab_set_fee_in(lab, product, maker, taker, asset, bnb_price))) {
        return hx_lab_control_fail_member(
            call, HX_STR("fees"),
            "rates are 0 to 0.1 (makers from -0.1 where the venue pays them), the BNB price is positive");
    }
    return true;
}

static bool set_balance(struct hx_lab_call *call, const struct hx_json *object, hx_str member,
                        enum hx_lab_product product, hx_str asset) {
    hx_dec amount;
    const hx_err err = hx_json_get_dec(object, member, &amount);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return true;
    if (hx_failed(err)) return hx_lab_control_fail_member(call, member, "a decimal is needed");
    if (hx_failed(hx_lab_set_balance_in(call->lab, product, asset, amount))) {
        return hx_lab_control_fail_member(call, member, "not an asset of the account, or less than its orders hold");
    }
    return true;
}

/* usdtBalance and bnbBalance, or any asset in `balances`. */
static bool set_balances(struct hx_lab_call *call, const struct hx_json *body, enum hx_lab_product product) {
    const struct hx_json *all = hx_json_find(body, HX_STR("balances"));
    if (!set_balance(call, body, HX_STR("usdtBalance"), product, HX_STR("USDT"))) return false;
    if (!set_balance(call, body, HX_STR("bnbBalance"), product, HX_STR("BNB"))) return false;
    if (all == NULL) return true;
    if (all->type != HX_JSON_OBJECT) {
        return hx_lab_control_fail_member(call, HX_STR("balances"), "an object is needed");
    }
    for (const struct hx_json *member = hx_json_first(all); member; member = hx_json_next(all, member)) {
        if (!set_balance(call, all, member->name, product, member->name)) return false;
    }
    return true;
}

static bool set_hedge(struct hx_lab_call *call, bool hedge) {
    if (hx_ok(hx_lab_set_hedge(call->lab, hedge))) return true;
    return hx_lab_control_fail_member(call, HX_STR("hedge"), "something is open or held");
}

void hx_lab_control_post_settings(struct hx_lab_call *call) {
    const struct hx_json *body = hx_lab_control_body(call);
    struct hx_lab *lab = call->lab;
    enum hx_lab_product product;
    if (body == NULL || !hx_lab_control_read_product(call, body, &product)) return;
    struct wish wish = what_is(lab, product);
    if (!read_numbers(call, body, &wish) || !read_rights(call, body, &wish.rights)) return;
    if (!read_id_rule(call, body, &wish.id_rule)) return;
    if (!hx_lab_control_read_bool(call, body, "answerAverages", &wish.averages)) return;
    if (!hx_lab_control_read_bool(call, body, "limitsEnforced", &wish.enforced)) return;
    if (!hx_lab_control_read_bool(call, body, "hedge", &wish.hedge)) return;
    if (!hx_lab_control_read_bool(call, body, "lateDuplicates", &wish.late_duplicates)) return;
    if (!set_fees(call, body, product) || !set_balances(call, body, product)) return;
    if (hx_json_find(body, HX_STR("hedge")) != NULL && !set_hedge(call, wish.hedge)) return;
    hx_lab_set_market_fills(lab, (uint32_t)wish.fills);
    hx_lab_set_lookup_lag(lab, wish.lag_ms);
    hx_lab_set_ack_delay(lab, wish.ack_ms);
    hx_lab_set_limits_in(lab, product, (uint32_t)wish.weight, (uint32_t)wish.orders_short, (uint32_t)wish.orders_long,
                         (uint32_t)wish.until_ban);
    hx_lab_set_limits_enforced(lab, wish.enforced);
    hx_lab_set_answer_averages(lab, wish.averages);
    hx_lab_set_id_rule(lab, product, wish.id_rule);
    hx_lab_set_late_duplicates(lab, wish.late_duplicates);
    hx_lab_set_key_rights(lab, &wish.rights);
    hx_lab_control_ok(call);
}
