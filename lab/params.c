/* Request parameters: query string and form body, decoded and typed the way the venue reads them. */
#include "lab/stream.h"

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
        param->type = HX_JSON_STRING;
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

static hx_str text_of(const struct hx_json *member) {
    if (member->type != HX_JSON_BOOL) return member->text;
    return member->boolean ? HX_STR("true") : HX_STR("false");
}

void hx_lab_params_take(struct hx_lab_call *call, const struct hx_json *object) {
    struct hx_lab_params *params = &call->params;
    if (object->type != HX_JSON_OBJECT) return;
    for (const struct hx_json *member = hx_json_first(object); member; member = hx_json_next(object, member)) {
        const bool plain =
            member->type == HX_JSON_BOOL || member->type == HX_JSON_NUMBER || member->type == HX_JSON_STRING;
        if (!plain) continue;
        if (params->count == HX_LAB_PARAMS_MAX) {
            params->too_many = true;
            return;
        }
        params->list[params->count++] = (struct hx_lab_param){member->name, text_of(member), true, member->type};
    }
}

bool hx_lab_params_parse_json(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_params *params = &call->params;
    struct hx_arena arena;
    hx_lab_params_parse(params, call->request->query, HX_STR_EMPTY);
    if (call->request->body.len == 0) return true;
    hx_arena_init(&arena, lab->scratch, sizeof lab->scratch);
    if (hx_failed(hx_json_parse(&arena, call->request->body, &call->json_body, NULL))) return false;
    hx_lab_params_take(call, call->json_body);
    return true;
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

static bool fail_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name) {
    return call->lab->front->fail_param(call, problem, name, "");
}

bool hx_lab_param_get(struct hx_lab_call *call, const char *name, hx_str *value) {
    if (hx_lab_param_find(call, name, value) && value->len > 0) return true;
    return fail_param(call, HX_LAB_PARAM_MISSING, name);
}

static bool fail_illegal(struct hx_lab_call *call, const char *name, const char *range) {
    return call->lab->front->fail_param(call, HX_LAB_PARAM_ILLEGAL, name, range);
}

bool hx_lab_param_i64(struct hx_lab_call *call, const char *name, bool *present, int64_t *value) {
    hx_str text;
    *present = hx_lab_param_find(call, name, &text);
    if (!*present) return true;
    if (text.len == 0) return fail_param(call, HX_LAB_PARAM_EMPTY, name);
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
    if (text.len == 0) return fail_param(call, HX_LAB_PARAM_EMPTY, name);
    const bool yes = hx_str_equal_ignore_case(text, HX_STR("true"));
    if (!yes && !hx_str_equal_ignore_case(text, HX_STR("false"))) {
        return fail_param(call, HX_LAB_PARAM_INVALID, name);
    }
    *value = yes;
    return true;
}

bool hx_lab_param_amount(struct hx_lab_call *call, const char *name, bool *present, hx_lab_amount *value,
                         uint32_t *places) {
    hx_str text;
    *present = hx_lab_param_find(call, name, &text);
    if (!*present) return true;
    if (text.len == 0) return fail_param(call, HX_LAB_PARAM_EMPTY, name);
    if (!hx_lab_amount_parse(text, value, places) || text.data[0] == '-') {
        return fail_illegal(call, name, "^([0-9]{1,20})(\\.[0-9]{1,20})?$");
    }
    return true;
}

bool hx_lab_param_market(struct hx_lab_call *call, bool mandatory, struct hx_lab_market **market) {
    hx_str name;
    *market = NULL;
    if (!hx_lab_param_find(call, "symbol", &name) || name.len == 0) {
        return mandatory ? fail_param(call, HX_LAB_PARAM_MISSING, "symbol") : true;
    }
    *market = hx_lab_find_wire_market(call->lab, call->product, name);
    return *market != NULL ? true : fail_param(call, HX_LAB_PARAM_NO_SYMBOL, "symbol");
}

static bool is_id_char(const char *others, char c) {
    if (c >= 'A' && c <= 'Z') return true;
    if (c >= 'a' && c <= 'z') return true;
    if (c >= '0' && c <= '9') return true;
    size_t at;
    return hx_str_find_char(hx_str_from_c(others), c, &at);
}

static void make_id(const struct hx_lab *lab, char storage[HX_LAB_CLIENT_ID_LEN_MAX], hx_str *id) {
    struct hx_buf made;
    hx_buf_init(&made, storage, HX_LAB_CLIENT_ID_LEN_MAX);
    const uint64_t bits[2] = {hx_lab_mix(lab->seed ^ lab->order_seq), hx_lab_mix(lab->seed + lab->requests)};
    for (uint32_t i = 0; i < 22; i++) {
        const uint64_t digit = (bits[i % 2] >> (i / 2 * 5)) % 32;
        hx_buf_add_char(&made, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[digit]);
    }
    *id = hx_buf_str(&made);
}

bool hx_lab_param_new_id(struct hx_lab_call *call, const char *name, char storage[HX_LAB_CLIENT_ID_LEN_MAX],
                         hx_str *id) {
    const struct hx_lab_front *front = call->lab->front;
    if (!hx_lab_param_find(call, name, id)) {
        make_id(call->lab, storage, id);
        return true;
    }
    if (id->len == 0) return fail_param(call, HX_LAB_PARAM_EMPTY, name);
    if (id->len > front->client_id_len_max[call->product]) return fail_param(call, HX_LAB_PARAM_LONG_ID, name);
    for (size_t i = 0; i < id->len; i++) {
        if (is_id_char(front->client_id_chars[call->product], id->data[i])) continue;
        return fail_illegal(call, name, front->client_id_range[call->product]);
    }
    return true;
}
