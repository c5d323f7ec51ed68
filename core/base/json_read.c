/* Reading a parsed document: see json.h. */
#include "core/base/json.h"

static bool is_container(const struct hx_json *node) {
    return node != NULL && (node->type == HX_JSON_OBJECT || node->type == HX_JSON_ARRAY);
}

const struct hx_json *hx_json_first(const struct hx_json *container) {
    return is_container(container) && container->count > 0 ? container + 1 : NULL;
}

const struct hx_json *hx_json_next(const struct hx_json *container, const struct hx_json *child) {
    const struct hx_json *next = child + child->next;
    return next < container + container->next ? next : NULL;
}

const struct hx_json *hx_json_find(const struct hx_json *object, hx_str name) {
    if (object == NULL || object->type != HX_JSON_OBJECT) return NULL;
    const struct hx_json *member = object + 1;
    for (uint32_t i = 0; i < object->count; i++, member += member->next) {
        if (hx_str_equal(member->name, name)) return member;
    }
    return NULL;
}

const struct hx_json *hx_json_at(const struct hx_json *array, uint32_t index) {
    if (array == NULL || array->type != HX_JSON_ARRAY || index >= array->count) return NULL;
    const struct hx_json *element = array + 1;
    for (uint32_t i = 0; i < index; i++) element += element->next;
    return element;
}

static hx_err get(const struct hx_json *object, hx_str name, const struct hx_json **out) {
    const struct hx_json *member = hx_json_find(object, name);
    if (member == NULL || member->type == HX_JSON_NULL) return HX_ERR(ABSENT_FIELD);
    *out = member;
    return HX_OK;
}

hx_err hx_json_get_str(const struct hx_json *object, hx_str name, hx_str *out) {
    const struct hx_json *member = NULL;
    HX_TRY(get(object, name, &member));
    if (member->type != HX_JSON_STRING) return HX_ERR(REJECT_INPUT);
    *out = member->text;
    return HX_OK;
}

static hx_err get_number_text(const struct hx_json *object, hx_str name, hx_str *out) {
    const struct hx_json *member = NULL;
    HX_TRY(get(object, name, &member));
    if (member->type != HX_JSON_NUMBER && member->type != HX_JSON_STRING) return HX_ERR(REJECT_INPUT);
    *out = member->text;
    return HX_OK;
}

hx_err hx_json_get_dec(const struct hx_json *object, hx_str name, hx_dec *out) {
    hx_str text = HX_STR_EMPTY;
    HX_TRY(get_number_text(object, name, &text));
    return hx_dec_parse(text, out);
}

hx_err hx_json_get_i64(const struct hx_json *object, hx_str name, int64_t *out) {
    hx_str text = HX_STR_EMPTY;
    hx_dec value = HX_DEC_ZERO;
    HX_TRY(get_number_text(object, name, &text));
    hx_err err = hx_dec_parse(text, &value);
    if (hx_ok(err)) return hx_dec_to_i64(value, out);
    if (!hx_err_equal(err, HX_ERR(REJECT_PRECISION))) return err;
    /* Order ids have up to nineteen digits, one more than a decimal keeps. */
    hx_err integer_err = hx_str_parse_i64(text, out);
    return hx_err_equal(integer_err, HX_ERR(REJECT_SYNTAX)) ? err : integer_err;
}

hx_err hx_json_get_bool(const struct hx_json *object, hx_str name, bool *out) {
    const struct hx_json *member = NULL;
    HX_TRY(get(object, name, &member));
    if (member->type != HX_JSON_BOOL) return HX_ERR(REJECT_INPUT);
    *out = member->boolean;
    return HX_OK;
}
