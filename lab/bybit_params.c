/* Parameters typed as the venue types them: amounts are texts, numbers of kinds and sides are numbers, flags are
 * booleans. POST has them in the JSON body and nowhere else, GET in the query. */
#include "lab/bybit.h"

#define DAYS_MAX 7

static const struct hx_lab_param *find(const struct hx_lab_call *call, const char *name) {
    const bool in_body = call->request->method != HX_HTTP_METHOD_GET;
    for (uint32_t i = 0; i < call->params.count; i++) {
        const struct hx_lab_param *param = &call->params.list[i];
        if (param->in_body != in_body || !hx_str_equal(param->name, hx_str_from_c(name))) continue;
        return param->value.len > 0 ? param : NULL;
    }
    return NULL;
}

static bool fail(struct hx_lab_call *call, const char *name) {
    return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_INVALID, name, "");
}

bool hx_lab_bybit_text(struct hx_lab_call *call, const char *name, hx_str *value) {
    const struct hx_lab_param *param = find(call, name);
    *value = param != NULL ? param->value : HX_STR_EMPTY;
    return param == NULL || param->type == HX_JSON_STRING ? true : fail(call, name);
}

bool hx_lab_bybit_amount(struct hx_lab_call *call, const char *name, bool *present, hx_lab_amount *value,
                         uint32_t *places) {
    hx_str text;
    if (!hx_lab_bybit_text(call, name, &text)) return false;
    *present = text.len > 0;
    if (!*present) return true;
    const bool fits = hx_lab_amount_parse(text, value, places) && text.data[0] != '-';
    return fits ? true : fail(call, name);
}

bool hx_lab_bybit_int(struct hx_lab_call *call, const char *name, bool *present, int64_t *value) {
    const struct hx_lab_param *param = find(call, name);
    *present = param != NULL;
    if (param == NULL) return true;
    if (param->in_body && param->type != HX_JSON_NUMBER) return fail(call, name);
    return hx_ok(hx_str_parse_i64(param->value, value)) && *value >= 0 ? true : fail(call, name);
}

bool hx_lab_bybit_flag(struct hx_lab_call *call, const char *name, bool *value) {
    const struct hx_lab_param *param = find(call, name);
    *value = false;
    if (param == NULL) return true;
    if (param->in_body && param->type != HX_JSON_BOOL) return fail(call, name);
    *value = hx_str_equal(param->value, HX_STR("true"));
    return *value || hx_str_equal(param->value, HX_STR("false")) ? true : fail(call, name);
}

bool hx_lab_bybit_word(struct hx_lab_call *call, const char *name, const char *const *words, uint32_t *index) {
    hx_str text;
    if (!hx_lab_bybit_text(call, name, &text)) return false;
    if (text.len == 0) return true;
    for (uint32_t i = 0; words[i] != NULL; i++) {
        if (!hx_str_equal(text, hx_str_from_c(words[i]))) continue;
        *index = i;
        return true;
    }
    return fail(call, name);
}

void hx_lab_bybit_guess_product(struct hx_lab_call *call) {
    const struct hx_lab_param *category = find(call, "category");
    if (category != NULL && hx_str_equal(category->value, HX_STR("spot"))) call->product = HX_LAB_SPOT;
}

bool hx_lab_bybit_read_category(struct hx_lab_call *call, bool linear_only) {
    hx_str text;
    if (!hx_lab_bybit_text(call, "category", &text)) return false;
    const bool spot = hx_str_equal(text, HX_STR("spot"));
    if (!spot && !hx_str_equal(text, HX_STR("linear"))) return hx_lab_bybit_fail_with(call, "Illegal category");
    call->product = spot ? HX_LAB_SPOT : HX_LAB_FUTURES;
    return spot && linear_only ? hx_lab_bybit_fail_with(call, "Illegal category") : true;
}

bool hx_lab_bybit_market(struct hx_lab_call *call, bool mandatory, struct hx_lab_market **market) {
    hx_str name;
    *market = NULL;
    if (!hx_lab_bybit_text(call, "symbol", &name)) return false;
    if (name.len == 0) {
        return mandatory ? hx_lab_bybit_fail_param(call, HX_LAB_PARAM_MISSING, "symbol", "") : true;
    }
    *market = hx_lab_find_wire_market(call->lab, call->product, name);
    return *market != NULL ? true : hx_lab_bybit_fail_param(call, HX_LAB_PARAM_NO_SYMBOL, "symbol", "");
}

bool hx_lab_bybit_find_asked(struct hx_lab_call *call, struct hx_lab_order **order) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    hx_str id;
    hx_str link_id;
    *order = NULL;
    if (!hx_lab_bybit_market(call, true, &market)) return false;
    if (!hx_lab_bybit_text(call, "orderId", &id) || !hx_lab_bybit_text(call, "orderLinkId", &link_id)) return false;
    if (id.len == 0 && link_id.len == 0) {
        return hx_lab_bybit_fail_with(call, "params error: orderId or orderLinkId is required");
    }
    const uint32_t index = hx_lab_market_index(lab, market);
    if (id.len > 0) {
        *order = hx_lab_order_by_text(lab, call->product, id);
    } else {
        *order = hx_lab_order_by_client_id(lab, index, link_id, hx_lab_seen_until(lab));
    }
    if (*order != NULL && ((*order)->market != index || !hx_lab_order_is_visible(lab, *order))) *order = NULL;
    return true;
}

/* Lists. */

/* "page_token=7&", as it is given out with its percent escapes, once decoded or not. */
bool hx_lab_bybit_cursor(struct hx_lab_call *call, uint64_t *position) {
    hx_str text;
    *position = 0;
    if (!hx_lab_bybit_text(call, "cursor", &text)) return false;
    if (text.len == 0) return true;
    const bool escaped = hx_str_starts_with(text, HX_STR("page_token%3D")) && hx_str_ends_with(text, HX_STR("%26"));
    const bool plain = hx_str_starts_with(text, HX_STR("page_token=")) && hx_str_ends_with(text, HX_STR("&"));
    if (!escaped && !plain) return fail(call, "cursor");
    const size_t head = escaped ? sizeof "page_token%3D" - 1 : sizeof "page_token=" - 1;
    const hx_str digits = hx_str_slice(text, head, text.len - (escaped ? 3 : 1));
    return hx_ok(hx_str_parse_u64(digits, position)) && *position > 0 ? true : fail(call, "cursor");
}

void hx_lab_bybit_write_cursor(struct hx_lab_call *call, uint64_t position) {
    char text[48];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    if (position > 0) {
        hx_buf_add_c(&buf, "page_token%3D");
        hx_buf_add_u64(&buf, position);
        hx_buf_add_c(&buf, "%26");
    }
    hx_json_write_str(&call->json, "nextPageCursor", hx_buf_str(&buf));
}

static bool read_limit(struct hx_lab_call *call, uint32_t limit_default, uint32_t limit_max, uint32_t *limit) {
    bool present;
    int64_t value = limit_default;
    if (!hx_lab_bybit_int(call, "limit", &present, &value)) return false;
    if (value < 1 || value > limit_max) return fail(call, "limit");
    *limit = (uint32_t)value;
    return true;
}

/* Neither: the last seven days, or all time by id. One: seven days from it, or up to it. */
bool hx_lab_bybit_page(struct hx_lab_call *call, uint32_t limit_default, uint32_t limit_max, bool is_by_id,
                       struct hx_lab_bybit_page *page) {
    bool has_start;
    bool has_end;
    const int64_t span = DAYS_MAX * HX_MS_PER_DAY;
    page->start = 0;
    page->end = INT64_MAX;
    if (!read_limit(call, limit_default, limit_max, &page->limit)) return false;
    if (!hx_lab_bybit_cursor(call, &page->before)) return false;
    if (page->before == 0) page->before = UINT64_MAX;
    if (!hx_lab_bybit_int(call, "startTime", &has_start, &page->start)) return false;
    if (!hx_lab_bybit_int(call, "endTime", &has_end, &page->end)) return false;
    if (is_by_id) {
        page->start = 0;
        page->end = INT64_MAX;
        return true;
    }
    if (has_start && page->start > INT64_MAX - span) return fail(call, "startTime");
    if (!has_start && !has_end) page->start = call->clock - span;
    if (has_start && !has_end) page->end = page->start + span;
    if (!has_start && has_end) page->start = page->end - span;
    if (page->start > page->end) return hx_lab_bybit_fail_with(call, "startTime is later than endTime");
    if (has_start && has_end && page->end - page->start > span) {
        return hx_lab_bybit_fail_with(call, "The time range between startTime and endTime is over 7 days");
    }
    return true;
}
