/* Control API: fault rules and settings as JSON. */
#include "lab/wire.h"

static const char *const kinds[] = {"drop_request", "drop_reply", "late",  "late_process", "http_status", "error_code",
                                    "maintenance",  "partial",    "split", "halt",         "clock_skew",  "garbage"};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])
_Static_assert(KIND_COUNT == HX_LAB_FAULT_GARBAGE + 1, "a kind without a name");

/* A number of a rule and where it goes. */
struct number {
    const char *name;
    int64_t min, max;
    int64_t *to;
};

#define DURATION_MS_MAX (365 * HX_MS_PER_DAY)

static bool fail_member(struct hx_lab_call *call, hx_str name, const char *problem) {
    char text[160];
    struct hx_buf msg;
    hx_buf_init(&msg, text, sizeof text);
    hx_buf_add(&msg, hx_str_slice(name, 0, 64));
    hx_buf_add_c(&msg, ": ");
    hx_buf_add_c(&msg, problem);
    hx_lab_control_fail(call, hx_buf_str(&msg));
    return false;
}

static bool read_number(struct hx_lab_call *call, const struct hx_json *rule, const struct number *number) {
    int64_t value;
    const hx_str name = hx_str_from_c(number->name);
    const hx_err err = hx_json_get_i64(rule, name, &value);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return true;
    if (hx_failed(err) || value < number->min || value > number->max) {
        return fail_member(call, name, "an integer in range is needed");
    }
    *number->to = value;
    return true;
}

static bool read_text(struct hx_lab_call *call, const struct hx_json *rule, const char *name, char *to, size_t size) {
    hx_str value;
    const hx_err err = hx_json_get_str(rule, hx_str_from_c(name), &value);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return true;
    if (hx_failed(err) || value.len >= size) return fail_member(call, hx_str_from_c(name), "a short string is needed");
    hx_mem_copy(to, value.data, value.len);
    to[value.len] = 0;
    return true;
}

/* Misspelt members would make a rule that does something else: refuse them. */
static bool check_names(struct hx_lab_call *call, const struct hx_json *rule) {
    static const char *const names[] = {"kind",    "match",         "symbol", "count",    "skip",         "probability",
                                        "status",  "code",          "msg",    "executes", "delay_ms",     "hold_ms",
                                        "skew_ms", "fill_permille", "parts",  "variant",  "retry_after_s"};
    for (const struct hx_json *member = hx_json_first(rule); member; member = hx_json_next(rule, member)) {
        bool known = false;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            known = known || hx_str_equal(member->name, hx_str_from_c(names[i]));
        }
        if (!known) return fail_member(call, member->name, "no such member of a rule");
    }
    return true;
}

static bool read_kind(struct hx_lab_call *call, const struct hx_json *rule, enum hx_lab_fault_kind *kind) {
    hx_str name;
    if (hx_failed(hx_json_get_str(rule, HX_STR("kind"), &name))) {
        return fail_member(call, HX_STR("kind"), "a string is needed");
    }
    for (uint32_t i = 0; i < KIND_COUNT; i++) {
        if (!hx_str_equal(name, hx_str_from_c(kinds[i]))) continue;
        *kind = (enum hx_lab_fault_kind)i;
        return true;
    }
    return fail_member(call, HX_STR("kind"), "no such fault");
}

static bool read_numbers(struct hx_lab_call *call, const struct hx_json *rule, struct hx_lab_fault *fault) {
    int64_t count = 1, skip = 0, probability = 0, status = 0, code = 0, permille = 0, parts = 1, variant = 0, retry = 0;
    const struct number numbers[] = {
        {"count", -1, INT32_MAX, &count},
        {"skip", 0, UINT32_MAX, &skip},
        {"probability", 1, 1000, &probability},
        {"status", 0, 599, &status},
        {"code", INT32_MIN, INT32_MAX, &code},
        {"delay_ms", 0, DURATION_MS_MAX, &fault->delay_ms},
        {"hold_ms", 0, DURATION_MS_MAX, &fault->hold_ms},
        {"skew_ms", -DURATION_MS_MAX, DURATION_MS_MAX, &fault->skew_ms},
        {"fill_permille", 0, 1000, &permille},
        {"parts", 1, 100, &parts},
        {"variant", 0, 2, &variant},
        {"retry_after_s", 0, UINT32_MAX, &retry},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (!read_number(call, rule, &numbers[i])) return false;
    }
    fault->count = (int32_t)count;
    fault->skip = (uint32_t)skip;
    fault->probability_permille = (uint32_t)probability;
    fault->status = (uint32_t)status;
    fault->code = (int32_t)code;
    fault->fill_permille = (uint32_t)permille;
    fault->parts = (uint32_t)parts;
    fault->variant = (uint32_t)variant;
    fault->retry_after_s = (uint32_t)retry;
    return true;
}

static bool read_rule(struct hx_lab_call *call, const struct hx_json *rule, struct hx_lab_fault *fault) {
    hx_mem_set(fault, 0, sizeof *fault);
    if (rule->type != HX_JSON_OBJECT) return fail_member(call, HX_STR("rule"), "an object is needed");
    if (!check_names(call, rule) || !read_kind(call, rule, &fault->kind)) return false;
    if (!read_text(call, rule, "match", fault->match, sizeof fault->match)) return false;
    if (!read_text(call, rule, "symbol", fault->symbol, sizeof fault->symbol)) return false;
    if (!read_text(call, rule, "msg", fault->msg, sizeof fault->msg)) return false;
    if (!read_numbers(call, rule, fault)) return false;
    const hx_err err = hx_json_get_bool(rule, HX_STR("executes"), &fault->executes);
    if (hx_failed(err) && !hx_err_is(err, HX_CLASS_ABSENT)) {
        return fail_member(call, HX_STR("executes"), "true or false is needed");
    }
    return true;
}

static bool add_rule(struct hx_lab_call *call, const struct hx_json *rule) {
    struct hx_lab_fault fault;
    if (!read_rule(call, rule, &fault)) return false;
    const hx_err err = hx_lab_add_fault(call->lab, &fault);
    if (hx_ok(err)) return true;
    const bool full = hx_err_is(err, HX_CLASS_LIMIT);
    return fail_member(call, HX_STR("rule"), full ? "too many rules" : "its kind needs other members; see docs/LAB.md");
}

/* A rule, an array of rules, or {"replace": true, "rules": [...]}. Rules before a wrong one stay added. */
void hx_lab_control_post_faults(struct hx_lab_call *call) {
    const struct hx_json *body = hx_lab_control_body(call);
    if (body == NULL) return;
    const struct hx_json *rules = body;
    if (body->type == HX_JSON_OBJECT && hx_json_find(body, HX_STR("rules")) != NULL) {
        bool replace = false;
        rules = hx_json_find(body, HX_STR("rules"));
        const hx_err err = hx_json_get_bool(body, HX_STR("replace"), &replace);
        if (hx_ok(err) && replace) hx_lab_clear_faults(call->lab);
    }
    if (rules->type == HX_JSON_ARRAY) {
        for (const struct hx_json *rule = hx_json_first(rules); rule; rule = hx_json_next(rules, rule)) {
            if (!add_rule(call, rule)) return;
        }
    } else if (!add_rule(call, rules)) {
        return;
    }
    hx_json_open_object(&call->json, NULL);
    hx_json_write_bool(&call->json, "ok", true);
    hx_json_write_i64(&call->json, "rules", hx_lab_fault_count(call->lab));
    hx_json_close_object(&call->json);
}

void hx_lab_control_delete_faults(struct hx_lab_call *call) {
    hx_lab_clear_faults(call->lab);
    hx_lab_control_ok(call);
}

void hx_lab_control_get_faults(struct hx_lab_call *call) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_array(json, NULL);
    for (uint32_t i = 0; i < call->lab->rule_count; i++) {
        const struct hx_lab_rule *rule = &call->lab->rules[i];
        hx_json_open_object(json, NULL);
        hx_lab_write_c(call, "kind", kinds[rule->fault.kind]);
        hx_lab_write_c(call, "match", rule->fault.match);
        hx_lab_write_c(call, "symbol", rule->fault.symbol);
        hx_json_write_i64(json, "count", rule->fault.count);
        hx_json_write_i64(json, "matched", rule->seen);
        hx_json_write_i64(json, "applied", rule->applied);
        hx_json_close_object(json);
    }
    hx_json_close_array(json);
}

/* Settings. */

static bool read_fees(struct hx_lab_call *call, const struct hx_json *body) {
    struct hx_lab *lab = call->lab;
    hx_dec maker = hx_lab_amount_to_dec(lab->maker_rate[HX_LAB_FUTURES]);
    hx_dec taker = hx_lab_amount_to_dec(lab->taker_rate[HX_LAB_FUTURES]);
    hx_dec bnb_price = hx_lab_amount_to_dec(lab->bnb_price);
    enum hx_lab_fee_asset asset = lab->fee_asset;
    hx_str name;
    const hx_err errs[] = {hx_json_get_dec(body, HX_STR("makerRate"), &maker),
                           hx_json_get_dec(body, HX_STR("takerRate"), &taker),
                           hx_json_get_dec(body, HX_STR("bnbPrice"), &bnb_price)};
    for (size_t i = 0; i < sizeof errs / sizeof errs[0]; i++) {
        if (hx_failed(errs[i]) && !hx_err_is(errs[i], HX_CLASS_ABSENT)) {
            return fail_member(call, HX_STR("fees"), "decimals are needed");
        }
    }
    if (hx_ok(hx_json_get_str(body, HX_STR("feeAsset"), &name))) {
        asset = hx_str_equal(name, HX_STR("BNB")) ? HX_LAB_FEE_BNB : HX_LAB_FEE_USDT;
    }
    if (hx_failed(hx_lab_set_fee(lab, maker, taker, asset, bnb_price))) {
        return fail_member(call, HX_STR("fees"), "rates are 0 to 0.1, the BNB price is positive");
    }
    return true;
}

static bool read_balance(struct hx_lab_call *call, const struct hx_json *body, const char *name, hx_str asset) {
    hx_dec amount;
    const hx_err err = hx_json_get_dec(body, hx_str_from_c(name), &amount);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return true;
    if (hx_failed(err) || hx_failed(hx_lab_set_balance(call->lab, asset, amount))) {
        return fail_member(call, hx_str_from_c(name), "a decimal is needed");
    }
    return true;
}

void hx_lab_control_post_settings(struct hx_lab_call *call) {
    const struct hx_json *body = hx_lab_control_body(call);
    struct hx_lab *lab = call->lab;
    if (body == NULL) return;
    int64_t fills = lab->market_fills_max;
    int64_t lag_ms = lab->lookup_lag_ms;
    int64_t weight = lab->limits[HX_LAB_FUTURES].weight_per_minute;
    int64_t orders_10s = lab->limits[HX_LAB_FUTURES].orders_per_10s;
    int64_t orders_1m = lab->limits[HX_LAB_FUTURES].orders_per_minute;
    int64_t until_ban = lab->limits[HX_LAB_FUTURES].requests_until_ban;
    const struct number numbers[] = {
        {"marketFillsMax", 1, 100, &fills},
        {"lookupLagMs", 0, DURATION_MS_MAX, &lag_ms},
        {"weightPerMinute", 0, UINT32_MAX, &weight},
        {"ordersPer10s", 0, UINT32_MAX, &orders_10s},
        {"ordersPerMinute", 0, UINT32_MAX, &orders_1m},
        {"requestsUntilBan", 0, UINT32_MAX, &until_ban},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (!read_number(call, body, &numbers[i])) return;
    }
    bool averages = lab->answer_averages;
    const hx_err err = hx_json_get_bool(body, HX_STR("answerAverages"), &averages);
    if (hx_failed(err) && !hx_err_is(err, HX_CLASS_ABSENT)) {
        (void)fail_member(call, HX_STR("answerAverages"), "true or false is needed");
        return;
    }
    if (!read_fees(call, body)) return;
    if (!read_balance(call, body, "usdtBalance", HX_STR("USDT"))) return;
    if (!read_balance(call, body, "bnbBalance", HX_STR("BNB"))) return;
    hx_lab_set_market_fills(lab, (uint32_t)fills);
    hx_lab_set_lookup_lag(lab, lag_ms);
    hx_lab_set_limits(lab, (uint32_t)weight, (uint32_t)orders_10s, (uint32_t)orders_1m, (uint32_t)until_ban);
    hx_lab_set_answer_averages(lab, averages);
    hx_lab_control_ok(call);
}
