/* Control API: fault rules as JSON, and reading the members of a request. */
#include "lab/control.h"

static const char *const kinds[] = {"drop_request", "drop_reply",  "late",    "late_process", "http_status",
                                    "error_code",   "maintenance", "partial", "split",        "halt",
                                    "clock_skew",   "garbage",     "stale"};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])
_Static_assert(KIND_COUNT == HX_LAB_FAULT_STALE + 1, "a kind without a name");

bool hx_lab_control_fail_member(struct hx_lab_call *call, hx_str name, const char *problem) {
    char text[160];
    struct hx_buf msg;
    hx_buf_init(&msg, text, sizeof text);
    hx_buf_add(&msg, hx_str_slice(name, 0, 64));
    hx_buf_add_c(&msg, ": ");
    hx_buf_add_c(&msg, problem);
    hx_lab_control_fail(call, hx_buf_str(&msg));
    return false;
}

bool hx_lab_control_read_number(struct hx_lab_call *call, const struct hx_json *object,
                                const struct hx_lab_number *number) {
    int64_t value;
    const hx_str name = hx_str_from_c(number->name);
    const hx_err err = hx_json_get_i64(object, name, &value);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return true;
    if (hx_failed(err) || value < number->min || value > number->max) {
        return hx_lab_control_fail_member(call, name, "an integer in range is needed");
    }
    *number->to = value;
    return true;
}

bool hx_lab_control_read_bool(struct hx_lab_call *call, const struct hx_json *object, const char *name, bool *value) {
    const hx_err err = hx_json_get_bool(object, hx_str_from_c(name), value);
    if (hx_ok(err) || hx_err_is(err, HX_CLASS_ABSENT)) return true;
    return hx_lab_control_fail_member(call, hx_str_from_c(name), "true or false is needed");
}

bool hx_lab_control_read_product(struct hx_lab_call *call, const struct hx_json *object, enum hx_lab_product *product) {
    hx_str name;
    const hx_err err = hx_json_get_str(object, HX_STR("product"), &name);
    *product = HX_LAB_FUTURES;
    if (hx_err_is(err, HX_CLASS_ABSENT)) return true;
    if (hx_ok(err) && hx_str_equal(name, HX_STR("futures"))) return true;
    *product = HX_LAB_SPOT;
    if (hx_ok(err) && hx_str_equal(name, HX_STR("spot"))) return true;
    return hx_lab_control_fail_member(call, HX_STR("product"), "futures or spot is needed");
}

static bool read_text(struct hx_lab_call *call, const struct hx_json *rule, const char *name, char *to, size_t size) {
    hx_str value;
    const hx_err err = hx_json_get_str(rule, hx_str_from_c(name), &value);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return true;
    if (hx_failed(err) || value.len >= size)
        return hx_lab_control_fail_member(call, hx_str_from_c(name), "a short string is needed");
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
        if (!known) return hx_lab_control_fail_member(call, member->name, "no such member of a rule");
    }
    return true;
}

static bool read_kind(struct hx_lab_call *call, const struct hx_json *rule, enum hx_lab_fault_kind *kind) {
    hx_str name;
    if (hx_failed(hx_json_get_str(rule, HX_STR("kind"), &name))) {
        return hx_lab_control_fail_member(call, HX_STR("kind"), "a string is needed");
    }
    for (uint32_t i = 0; i < KIND_COUNT; i++) {
        if (!hx_str_equal(name, hx_str_from_c(kinds[i]))) continue;
        *kind = (enum hx_lab_fault_kind)i;
        return true;
    }
    return hx_lab_control_fail_member(call, HX_STR("kind"), "no such fault");
}

static bool read_numbers(struct hx_lab_call *call, const struct hx_json *rule, struct hx_lab_fault *fault) {
    int64_t count = 1, skip = 0, probability = 0, status = 0, code = 0, permille = 0, parts = 1, variant = 0, retry = 0;
    const struct hx_lab_number numbers[] = {
        {"count", -1, INT32_MAX, &count},
        {"skip", 0, UINT32_MAX, &skip},
        {"probability", 1, 1000, &probability},
        {"status", 0, 599, &status},
        {"code", INT32_MIN, INT32_MAX, &code},
        {"delay_ms", 0, HX_LAB_DURATION_MS_MAX, &fault->delay_ms},
        {"hold_ms", 0, HX_LAB_DURATION_MS_MAX, &fault->hold_ms},
        {"skew_ms", -HX_LAB_DURATION_MS_MAX, HX_LAB_DURATION_MS_MAX, &fault->skew_ms},
        {"fill_permille", 0, 1000, &permille},
        {"parts", 1, HX_LAB_FAULT_PARTS_MAX, &parts},
        {"variant", 0, 2, &variant},
        {"retry_after_s", 0, UINT32_MAX, &retry},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (!hx_lab_control_read_number(call, rule, &numbers[i])) return false;
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
    if (rule->type != HX_JSON_OBJECT) return hx_lab_control_fail_member(call, HX_STR("rule"), "an object is needed");
    if (!check_names(call, rule) || !read_kind(call, rule, &fault->kind)) return false;
    if (!read_text(call, rule, "match", fault->match, sizeof fault->match)) return false;
    if (!read_text(call, rule, "symbol", fault->symbol, sizeof fault->symbol)) return false;
    if (!read_text(call, rule, "msg", fault->msg, sizeof fault->msg)) return false;
    if (!read_numbers(call, rule, fault)) return false;
    return hx_lab_control_read_bool(call, rule, "executes", &fault->executes);
}

static bool add_rule(struct hx_lab_call *call, const struct hx_json *rule) {
    struct hx_lab_fault fault;
    if (!read_rule(call, rule, &fault)) return false;
    const hx_err err = hx_lab_add_fault(call->lab, &fault);
    if (hx_ok(err)) return true;
    const bool full = hx_err_is(err, HX_CLASS_LIMIT);
    return hx_lab_control_fail_member(call, HX_STR("rule"),
                                      full ? "too many rules" : "its kind needs other members; see docs/LAB.md");
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
