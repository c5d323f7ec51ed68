#include "core/signal/signal.h"

#define SPELLING_LEN_MAX 64
#define SYMBOL_LEN_MIN 2

static bool is_separator(char c) {
    return c == '-' || c == '_' || c == '/';
}

static bool is_exchange_prefix(hx_str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        bool is_word = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!is_word) return false;
    }
    return s.len > 0;
}

hx_err hx_symbol_parse(struct hx_arena *arena, hx_str text, hx_str *out) {
    char cleaned[HX_SYMBOL_LEN_MAX];
    size_t len = 0;
    size_t colon = 0;
    text = hx_str_trim(text);
    if (text.len > SPELLING_LEN_MAX) return HX_ERR(REJECT_INPUT);
    if (hx_str_find_char(text, ':', &colon)) {
        if (!is_exchange_prefix(hx_str_slice(text, 0, colon))) return HX_ERR(REJECT_INPUT);
        text = hx_str_slice(text, colon + 1, text.len);
    }
    if (hx_str_ends_with(text, HX_STR(".P")) || hx_str_ends_with(text, HX_STR(".p"))) text.len -= 2;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        /* A separator stands between two parts: never first, last or next to another. */
        if (is_separator(c)) {
            if (i == 0 || i + 1 == text.len || is_separator(text.data[i - 1])) return HX_ERR(REJECT_INPUT);
            continue;
        }
        if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) return HX_ERR(REJECT_INPUT);
        if (len == HX_SYMBOL_LEN_MAX) return HX_ERR(REJECT_INPUT);
        cleaned[len++] = c;
    }
    if (len < SYMBOL_LEN_MIN) return HX_ERR(REJECT_INPUT);
    return hx_arena_copy_str(arena, hx_str_make(cleaned, len), out);
}

hx_err hx_signal_lane(struct hx_arena *arena, const struct hx_signal *signal, hx_str *out) {
    char text[HX_SYMBOL_LEN_MAX + 5];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_buf_add(&buf, signal->test ? HX_STR("test:") : HX_STR("live:"));
    hx_buf_add(&buf, signal->symbol);
    hx_str lane = HX_STR_EMPTY;
    HX_TRY(hx_buf_finish(&buf, &lane));
    return hx_arena_copy_str(arena, lane, out);
}
