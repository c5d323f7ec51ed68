#include "core/signal/reader.h"

#define NUMBER_LEN_MAX 64

static const char UNFILLED[] = "holds a placeholder that TradingView did not fill in; check its spelling";

void hx_signal_add_issue(struct hx_signal_issues *issues, hx_str field, const char *issue) {
    if (issues->count >= HX_SIGNAL_ISSUES_MAX) return;
    issues->list[issues->count] = (struct hx_signal_issue){field, hx_str_from_c(issue)};
    issues->count++;
}

static enum hx_field bad(const struct hx_signal_reader *r, struct hx_field_ref ref, const char *issue) {
    hx_signal_add_issue(r->issues, ref.name, issue);
    return HX_FIELD_BAD;
}

static const struct hx_json *find_member(const struct hx_json *object, const char *name) {
    const struct hx_json *node = hx_json_find(object, hx_str_from_c(name));
    return node != NULL && node->type != HX_JSON_NULL ? node : NULL;
}

struct hx_field_ref hx_signal_find(const struct hx_signal_reader *r, const char *name) {
    return (struct hx_field_ref){hx_str_from_c(name), find_member(r->root, name)};
}

struct hx_field_ref hx_signal_find_any(const struct hx_signal_reader *r, const char *name, const char *alias,
                                       const char *nested) {
    struct hx_field_ref ref = hx_signal_find(r, name);
    if (ref.node != NULL) return ref;
    if (alias != NULL) {
        struct hx_field_ref other = hx_signal_find(r, alias);
        if (other.node != NULL) return other;
    }
    if (nested != NULL && r->strategy != NULL) {
        const struct hx_json *node = find_member(r->strategy, nested + sizeof "strategy." - 1);
        if (node != NULL) return (struct hx_field_ref){hx_str_from_c(nested), node};
    }
    return ref;
}

static bool is_unfilled(const struct hx_json *node) {
    size_t at = 0;
    return node->type == HX_JSON_STRING && hx_str_find(node->text, HX_STR("{{"), &at);
}

enum hx_field hx_signal_read_text(const struct hx_signal_reader *r, struct hx_field_ref ref, size_t len_max,
                                  hx_str *out) {
    if (ref.node == NULL) return HX_FIELD_ABSENT;
    if (ref.node->type != HX_JSON_STRING) return bad(r, ref, "must be a string in quotes");
    if (is_unfilled(ref.node)) return bad(r, ref, UNFILLED);
    hx_str text = hx_str_trim(ref.node->text);
    if (text.len == 0) return bad(r, ref, "must not be empty; leave it out instead");
    if (text.len > len_max) return bad(r, ref, "is too long");
    *out = text;
    return HX_FIELD_OK;
}

enum hx_field hx_signal_read_choice(const struct hx_signal_reader *r, struct hx_field_ref ref,
                                    const struct hx_choice *choices, size_t count, const char *issue, int *out) {
    if (ref.node == NULL) return HX_FIELD_ABSENT;
    if (is_unfilled(ref.node)) return bad(r, ref, UNFILLED);
    if (ref.node->type != HX_JSON_STRING) return bad(r, ref, issue);
    hx_str text = hx_str_trim(ref.node->text);
    for (size_t i = 0; i < count; i++) {
        if (!hx_str_equal_ignore_case(text, choices[i].text)) continue;
        *out = choices[i].value;
        return HX_FIELD_OK;
    }
    return bad(r, ref, issue);
}

enum hx_field hx_signal_read_bool(const struct hx_signal_reader *r, struct hx_field_ref ref, bool *out) {
    static const struct hx_choice choices[] = {{{"true", 4}, 1}, {{"false", 5}, 0}};
    if (ref.node != NULL && ref.node->type == HX_JSON_BOOL) {
        *out = ref.node->boolean;
        return HX_FIELD_OK;
    }
    int value = 0;
    enum hx_field found = hx_signal_read_choice(r, ref, choices, 2, "must be true or false", &value);
    if (found == HX_FIELD_OK) *out = value == 1;
    return found;
}

static bool is_plain_decimal(hx_str text) {
    size_t at = 0;
    if (!hx_str_find_char(text, '.', &at)) return false;
    return !hx_str_find_char(text, 'e', &at) && !hx_str_find_char(text, 'E', &at);
}

static hx_err parse_dec_cut(hx_str text, hx_dec *out) {
    hx_err err = hx_dec_parse(text, out);
    if (hx_ok(err) || hx_err_equal(err, HX_ERR(REJECT_SYNTAX)) || !is_plain_decimal(text)) return err;
    while (hx_failed(err)) {
        text.len--;
        if (text.data[text.len - 1] == '.') return hx_dec_parse(hx_str_slice(text, 0, text.len - 1), out);
        err = hx_dec_parse(text, out);
    }
    return err;
}

enum hx_field hx_signal_read_dec(const struct hx_signal_reader *r, struct hx_field_ref ref, hx_dec *out) {
    if (ref.node == NULL) return HX_FIELD_ABSENT;
    if (is_unfilled(ref.node)) return bad(r, ref, UNFILLED);
    if (ref.node->type != HX_JSON_NUMBER && ref.node->type != HX_JSON_STRING) {
        return bad(r, ref, "must be a number such as 12.5, quoted or bare");
    }
    hx_str text = hx_str_trim(ref.node->text);
    if (text.len > NUMBER_LEN_MAX) return bad(r, ref, "is too long for a number");
    hx_dec value = HX_DEC_ZERO;
    hx_err err = parse_dec_cut(text, &value);
    if (hx_err_equal(err, HX_ERR(REJECT_SYNTAX))) return bad(r, ref, "must be a number such as 12.5, quoted or bare");
    if (hx_failed(err)) return bad(r, ref, "is out of range or has more than 18 digits");
    if (hx_dec_compare(hx_dec_abs(value), hx_dec_from_i64(HX_SIGNAL_NUMBER_MAX)) > 0) {
        return bad(r, ref, "must be at most 1000000000000");
    }
    *out = value;
    return HX_FIELD_OK;
}

enum hx_field hx_signal_read_positive(const struct hx_signal_reader *r, struct hx_field_ref ref, hx_dec *out) {
    hx_dec value = HX_DEC_ZERO;
    enum hx_field found = hx_signal_read_dec(r, ref, &value);
    if (found != HX_FIELD_OK) return found;
    if (hx_dec_sign(value) <= 0) return bad(r, ref, "must be greater than 0");
    *out = value;
    return HX_FIELD_OK;
}

enum hx_field hx_signal_read_whole(const struct hx_signal_reader *r, struct hx_field_ref ref, int64_t min, int64_t max,
                                   const char *issue, int64_t *out) {
    if (ref.node == NULL) return HX_FIELD_ABSENT;
    if (is_unfilled(ref.node)) return bad(r, ref, UNFILLED);
    hx_str text = hx_str_trim(ref.node->text);
    bool has_text = ref.node->type == HX_JSON_NUMBER || ref.node->type == HX_JSON_STRING;
    hx_dec value = HX_DEC_ZERO;
    int64_t whole = 0;
    /* Read as a decimal first: "10.0" is a whole number. */
    if (!has_text || text.len > NUMBER_LEN_MAX || hx_failed(hx_dec_parse(text, &value)) ||
        hx_failed(hx_dec_to_i64(value, &whole)) || whole < min || whole > max) {
        return bad(r, ref, issue);
    }
    *out = whole;
    return HX_FIELD_OK;
}
