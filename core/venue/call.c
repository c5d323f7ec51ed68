/* A call in the making, and the words for what came of it: what adapter.h declares beside the adapters. */
#include "core/venue/adapter.h"

hx_err hx_venue_sign_query_and_body(struct hx_arena *arena, struct hx_venue_call *call) {
    struct hx_buf buf;
    call->signature_place = HX_SIGNATURE_QUERY;
    call->signature_name = HX_STR("signature");
    call->sign_text = call->query;
    if (call->body.len == 0) return HX_OK;
    HX_TRY(hx_buf_make(&buf, arena, call->query.len + call->body.len));
    hx_buf_add(&buf, call->query);
    hx_buf_add(&buf, call->body);
    return hx_buf_finish(&buf, &call->sign_text);
}

hx_err hx_venue_call_finish(struct hx_arena *arena, struct hx_venue_call *call, hx_str signature, hx_str *target) {
    struct hx_buf buf;
    size_t len_max = call->path.len + call->query.len + call->signature_name.len + signature.len + 3;
    bool in_query = call->signature_place == HX_SIGNATURE_QUERY;
    HX_TRY(hx_buf_make(&buf, arena, len_max));
    hx_buf_add(&buf, call->path);
    if (call->query.len > 0 || in_query) hx_buf_add_char(&buf, '?');
    hx_buf_add(&buf, call->query);
    if (in_query) {
        if (call->query.len > 0) hx_buf_add_char(&buf, '&');
        hx_buf_add(&buf, call->signature_name);
        hx_buf_add_char(&buf, '=');
        hx_buf_add(&buf, signature);
    }
    if (call->signature_place == HX_SIGNATURE_HEADER) {
        hx_assert(call->header_count < HX_VENUE_HEADERS_MAX);
        call->headers[call->header_count++] = (struct hx_http_header){call->signature_name, signature};
    }
    return hx_buf_finish(&buf, target);
}

/* The longest beginning of at most `len_max` bytes that does not end inside a character. */
static hx_str cut(hx_str words, size_t len_max) {
    size_t at = 0;
    while (at < words.len) {
        size_t len = hx_str_utf8_len(hx_str_slice(words, at, words.len));
        if (len == 0) len = 1;
        if (at + len > len_max) break;
        at += len;
    }
    return hx_str_slice(words, 0, at);
}

hx_str hx_venue_message_make(struct hx_arena *arena, hx_str words, int64_t code, hx_str advice) {
    struct hx_buf buf;
    hx_str out = HX_STR_EMPTY;
    words = cut(hx_str_trim(words), HX_VENUE_WORDS_LEN_MAX);
    if (words.len == 0 && code == 0) return advice;
    if (hx_failed(hx_buf_make(&buf, arena, HX_VENUE_MESSAGE_LEN_MAX))) return advice;
    for (size_t i = 0; i < words.len; i++) {
        unsigned char c = (unsigned char)words.data[i];
        hx_buf_add_char(&buf, c < 0x20 || c == 0x7f ? ' ' : words.data[i]);
    }
    if (code != 0) {
        hx_buf_add_c(&buf, words.len > 0 ? " (" : "(");
        hx_buf_add_i64(&buf, code);
        hx_buf_add_c(&buf, ")");
    }
    if (advice.len > 0) hx_buf_add_c(&buf, code == 0 && hx_str_ends_with(words, HX_STR(".")) ? " " : ". ");
    hx_buf_add(&buf, advice);
    return hx_failed(hx_buf_finish(&buf, &out)) ? advice : out;
}
