/* Request parameters: query string and form body, decoded and typed the way the venue reads them. */
#include "lab/wire.h"

#define LIST_LIMIT_DEFAULT 500
#define LIST_LIMIT_MAX 1000
#define TIME_MAX ((hx_time)1000000000000000) /* Far beyond any date; sums of two still fit. */

static int32_t hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Decodes into the parameters' own text. A broken escape marks the whole request as malformed. */
static hx_str decode(struct hx_lab_params *params, hx_str raw) {
    const size_t start = params->text_len;
    for (size_t i = 0; i < raw.len; i++) {
        if (params->text_len == sizeof params->text) {
            params->too_many = true;
            break;
        }
        char c = raw.data[i];
        if (c == '+') c = ' ';
        if (c == '%') {
            const int32_t high = i + 2 < raw.len ? hex_value(raw.data[i + 1]) : -1;
            const int32_t low = i + 2 < raw.len ? hex_value(raw.data[i + 2]) : -1;
            if (high < 0 || low < 0) {
                params->malformed = true;
            } else {
                c = (char)(high * 16 + low);
                i += 2;
            }
        }
        params->text[params->text_len++] = c;
    }
    return hx_str_make(params->text + start, params->text_len - start);
}

static void add_pairs(struct hx_lab_params *params, hx_str pairs, bool in_body) {
    hx_str pair;
    while (hx_str_split(&pairs, '&', &pair)) {
        if (pair.len == 0) continue;
        if (params->count == HX_LAB_PARAMS_MAX) {
            params->too_many = true;
            return;
        }
        hx_str name = HX_STR_EMPTY;
        (void)hx_str_split(&pair, '=', &name);
        struct hx_lab_param *param = &params->list[params->count];
        param->name = decode(params, name);
        param->value = decode(params, pair);
        param->in_body = in_body;
        for (uint32_t i = 0; i < params->count; i++) {
            const struct hx_lab_param *other = &params->list[i];
            if (other->in_body == in_body && hx_str_equal(other->name, param->name)) params->duplicate = true;
        }
        params->count++;
    }
}

void hx_lab_params_parse(struct hx_lab_params *params, hx_str query, hx_str body) {
    params->count = 0;
    params->text_len = 0;
    params->duplicate = false;
    params->malformed = false;
    params->too_many = false;
    add_pairs(params, query, false);
    add_pairs(params, body, true);
}

/* The query's come first in the list, so they win. */
bool hx_lab_param_find(const struct hx_lab_call *call, const char *name, hx_str *value) {
    const hx_str wanted = hx_str_from_c(name);
    for (uint32_t i = 0; i < call->params.count; i++) {
        if (!hx_str_equal(call->params.list[i].name, wanted)) continue;
        *value = call->params.list[i].value;
        return true;
    }
    return false;
}

bool hx_lab_param_get(struct hx_lab_call *call, const char *name, hx_str *value) {
    if (hx_lab_param_find(call, name, value) && value->len > 0) return true;
    return hx_lab_fail_about(call, -1102, hx_str_from_c(name));
}

static bool fail_illegal(struct hx_lab_call *call, const char *name, const char *range) {
    char text[192];
    struct hx_buf msg;
    hx_buf_init(&msg, text, sizeof text);
    hx_buf_add_c(&msg, "Illegal characters found in parameter '");
    hx_buf_add_c(&msg, name);
    hx_buf_add_c(&msg, "'; legal range is '");
    hx_buf_add_c(&msg, range);
    hx_buf_add_c(&msg, "'.");
    return hx_lab_fail_as(call, 0, -1100, hx_buf_str(&msg));
}

bool hx_lab_param_i64(struct hx_lab_call *call, const char *name, bool *present, int64_t *value) {
    hx_str text;
    *present = hx_lab_param_find(call, name, &text);
    if (!*present) return true;
    if (text.len == 0) return hx_lab_fail_about(call, -1105, hx_str_from_c(name));
    uint64_t number;
    if (hx_failed(hx_str_parse_u64(text, &number)) || number > INT64_MAX) {
        return fail_illegal(call, name, "^[0-9]{1,20}$");
    }
    *value = (int64_t)number;
    return true;
}

bool hx_lab_param_bool(struct hx_lab_call *call, const char *name, bool *present, bool *value) {
    hx_str text;
    *present = hx_lab_param_find(call, name, &text);
    if (!*present) return true;
    if (text.len == 0) return hx_lab_fail_about(call, -1105, hx_str_from_c(name));
    const bool yes = hx_str_equal_ignore_case(text, HX_STR("true"));
    if (!yes && !hx_str_equal_ignore_case(text, HX_STR("false"))) {
        return hx_lab_fail_about(call, -1130, hx_str_from_c(name));
    }
    *value = yes;
    return true;
}

bool hx_lab_param_amount(struct hx_lab_call *call, const char *name, bool *present, hx_lab_amount *value,
                         uint32_t *places) {
    hx_str text;
    *present = hx_lab_param_find(call, name, &text);
    if (!*present) return true;
    if (text.len == 0) return hx_lab_fail_about(call, -1105, hx_str_from_c(name));
    if (!hx_lab_amount_parse(text, value, places) || text.data[0] == '-') {
        return fail_illegal(call, name, "^([0-9]{1,20})(\\.[0-9]{1,20})?$");
    }
    return true;
}

bool hx_lab_param_market(struct hx_lab_call *call, bool mandatory, struct hx_lab_market **market) {
    hx_str name;
    *market = NULL;
    if (!hx_lab_param_find(call, "symbol", &name) || name.len == 0) {
        return mandatory ? hx_lab_fail_about(call, -1102, HX_STR("symbol")) : true;
    }
    *market = hx_lab_find_market(call->lab, name);
    return *market != NULL ? true : hx_lab_fail(call, -1121);
}

static bool is_id_char(char c) {
    if (c >= 'A' && c <= 'Z') return true;
    if (c >= 'a' && c <= 'z') return true;
    if (c >= '/' && c <= ':') return true; /* '/', the digits and ':' are neighbours. */
    return c == '.' || c == '_' || c == '-';
}

bool hx_lab_param_new_id(struct hx_lab_call *call, const char *name, char storage[HX_LAB_CLIENT_ID_LEN_MAX],
                         hx_str *id) {
    if (!hx_lab_param_find(call, name, id)) {
        struct hx_lab *lab = call->lab;
        struct hx_buf made;
        hx_buf_init(&made, storage, HX_LAB_CLIENT_ID_LEN_MAX);
        const uint64_t bits[2] = {hx_lab_mix(lab->seed ^ lab->order_seq), hx_lab_mix(lab->seed + lab->requests)};
        for (uint32_t i = 0; i < 22; i++) {
            const uint64_t digit = (bits[i % 2] >> (i / 2 * 5)) % 32;
            hx_buf_add_char(&made, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[digit]);
        }
        *id = hx_buf_str(&made);
        return true;
    }
    if (id->len == 0) return hx_lab_fail_about(call, -1105, hx_str_from_c(name));
    if (id->len > HX_LAB_CLIENT_ID_LEN_MAX) return hx_lab_fail(call, -4015);
    for (size_t i = 0; i < id->len; i++) {
        if (!is_id_char(id->data[i])) return fail_illegal(call, name, "^[\\.A-Z\\:/a-z0-9_-]{1,36}$");
    }
    return true;
}

static bool param_time(struct hx_lab_call *call, const char *name, bool *present, hx_time *time) {
    if (!hx_lab_param_i64(call, name, present, time)) return false;
    if (*present && *time > TIME_MAX) *time = TIME_MAX;
    return true;
}

bool hx_lab_param_range(struct hx_lab_call *call, const char *from_name, struct hx_lab_range *range) {
    const int64_t week_ms = 7 * HX_MS_PER_DAY;
    bool has_limit;
    range->limit = LIST_LIMIT_DEFAULT;
    if (!param_time(call, "startTime", &range->has_start, &range->start)) return false;
    if (!param_time(call, "endTime", &range->has_end, &range->end)) return false;
    if (!hx_lab_param_i64(call, from_name, &range->has_from, &range->from)) return false;
    if (!hx_lab_param_i64(call, "limit", &has_limit, &range->limit)) return false;
    if (range->limit < 1) return hx_lab_fail_about(call, -1130, HX_STR("limit"));
    if (range->limit > LIST_LIMIT_MAX) range->limit = LIST_LIMIT_MAX;
    if (range->has_start && range->has_end && range->end - range->start > week_ms) return hx_lab_fail(call, -1127);
    if (!range->has_end) range->end = range->has_start ? range->start + week_ms : TIME_MAX;
    if (!range->has_start) range->start = (range->has_end ? range->end : call->clock) - week_ms;
    return true;
}
