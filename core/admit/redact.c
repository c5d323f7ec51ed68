#include "core/admit/redact.h"

#include "core/base/buf.h"

#define NAME_LEN_MAX 64
#define CONTROL_ESCAPED_LEN 6
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Lower case, without '-', '_' and ' ': "X-MBX-APIKEY" and "api_key" both end in "apikey". */
static size_t fold_name(hx_str name, char folded[NAME_LEN_MAX]) {
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (c == '-' || c == '_' || c == ' ') continue;
        if (len == NAME_LEN_MAX) return 0;
        folded[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return len;
}

bool hx_redact_is_secret_name(hx_str name) {
    static const char *const whole[] = {"key", "sign", "cookie", "authorization"};
    static const char *const endings[] = {"apikey",     "secret",    "token",     "password", "passphrase", "signature",
                                          "webhookkey", "secretkey", "listenkey", "bapisign", "privatekey"};
    char folded[NAME_LEN_MAX];
    hx_str text = hx_str_make(folded, fold_name(name, folded));
    for (size_t i = 0; i < COUNT(whole); i++) {
        if (hx_str_equal(text, hx_str_from_c(whole[i]))) return true;
    }
    for (size_t i = 0; i < COUNT(endings); i++) {
        if (hx_str_ends_with(text, hx_str_from_c(endings[i]))) return true;
    }
    return false;
}

static size_t count_occurrences(hx_str text, hx_str needle) {
    size_t count = 0;
    size_t at = 0;
    if (needle.len == 0) return 0;
    while (hx_str_find(text, needle, &at)) {
        count++;
        text = hx_str_slice(text, at + needle.len, text.len);
    }
    return count;
}

hx_err hx_redact_text(struct hx_arena *arena, hx_str text, hx_str secret, hx_str *out) {
    struct hx_buf buf;
    size_t count = count_occurrences(text, secret);
    size_t at = 0;
    *out = text;
    if (count == 0) return HX_OK;
    HX_TRY(hx_buf_make(&buf, arena, text.len + count * sizeof HX_REDACTED));
    while (hx_str_find(text, secret, &at)) {
        hx_buf_add(&buf, hx_str_slice(text, 0, at));
        hx_buf_add(&buf, HX_STR(HX_REDACTED));
        text = hx_str_slice(text, at + secret.len, text.len);
    }
    hx_buf_add(&buf, text);
    return hx_buf_finish(&buf, out);
}

static size_t written_len_max(hx_str s, hx_str secret) {
    size_t len = 2 + count_occurrences(s, secret) * sizeof HX_REDACTED;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = (uint8_t)s.data[i];
        len += c < 0x20 || c == 0x7f ? CONTROL_ESCAPED_LEN : c == '"' || c == '\\' ? 2 : 1;
    }
    return len;
}

struct writer {
    struct hx_arena *arena;
    struct hx_buf buf;
    hx_str secret;
    uint32_t depth;
    struct {
        uint32_t end; /* Index of the node behind the container. */
        bool is_object;
        bool comma_next;
    } levels[HX_JSON_DEPTH_MAX + 1];
};

static hx_err add_string(struct writer *w, hx_str text) {
    hx_str clean = HX_STR_EMPTY;
    HX_TRY(hx_redact_text(w->arena, text, w->secret, &clean));
    hx_json_add_string(&w->buf, clean);
    return HX_OK;
}

static void close_ended(struct writer *w, uint32_t at) {
    while (w->depth > 0 && w->levels[w->depth - 1].end == at) {
        w->depth--;
        hx_buf_add_char(&w->buf, w->levels[w->depth].is_object ? '}' : ']');
    }
}

static void open_container(struct writer *w, const struct hx_json *node, uint32_t at) {
    bool is_object = node->type == HX_JSON_OBJECT;
    hx_assert(w->depth < COUNT(w->levels));
    w->levels[w->depth].end = at + node->next;
    w->levels[w->depth].is_object = is_object;
    w->levels[w->depth].comma_next = false;
    w->depth++;
    hx_buf_add_char(&w->buf, is_object ? '{' : '[');
}

static hx_err add_value(struct writer *w, const struct hx_json *node, uint32_t at) {
    switch (node->type) {
        case HX_JSON_NULL:
            hx_buf_add(&w->buf, HX_STR("null"));
            break;
        case HX_JSON_BOOL:
            hx_buf_add(&w->buf, node->boolean ? HX_STR("true") : HX_STR("false"));
            break;
        case HX_JSON_NUMBER:
            hx_buf_add(&w->buf, node->text);
            break;
        case HX_JSON_STRING:
            return add_string(w, node->text);
        case HX_JSON_ARRAY:
        case HX_JSON_OBJECT:
            open_container(w, node, at);
            break;
    }
    return HX_OK;
}

/* Writes node `at`; *next is the node to go on with. */
static hx_err add_node(struct writer *w, const struct hx_json *root, uint32_t at, uint32_t *next) {
    const struct hx_json *node = root + at;
    *next = at + 1;
    if (w->depth > 0) {
        if (w->levels[w->depth - 1].comma_next) hx_buf_add_char(&w->buf, ',');
        w->levels[w->depth - 1].comma_next = true;
        if (w->levels[w->depth - 1].is_object) {
            HX_TRY(add_string(w, node->name));
            hx_buf_add_char(&w->buf, ':');
            if (node->type != HX_JSON_NULL && hx_redact_is_secret_name(node->name)) {
                hx_json_add_string(&w->buf, HX_STR(HX_REDACTED));
                *next = at + node->next;
                return HX_OK;
            }
        }
    }
    return add_value(w, node, at);
}

hx_err hx_redact_json(struct hx_arena *arena, const struct hx_json *root, hx_str secret, hx_str *out) {
    struct writer w = {.arena = arena, .secret = secret};
    size_t len_max = 0;
    for (uint32_t i = 0; i < root->next; i++) {
        /* Besides the strings: brackets or a literal, a colon, a comma, and the marker in place of a value. */
        len_max += written_len_max(root[i].name, secret) + written_len_max(root[i].text, secret) + 7;
        len_max += sizeof HX_REDACTED + 2;
    }
    HX_TRY(hx_buf_make(&w.buf, arena, len_max));
    uint32_t at = 0;
    while (at < root->next) {
        uint32_t next = 0;
        HX_TRY(add_node(&w, root, at, &next));
        close_ended(&w, next);
        at = next;
    }
    return hx_buf_finish(&w.buf, out);
}
