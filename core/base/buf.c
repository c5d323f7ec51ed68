#include "core/base/buf.h"

void hx_buf_init(struct hx_buf *buf, void *memory, size_t len_max) {
    *buf = (struct hx_buf){.data = memory, .len_max = len_max};
}

hx_err hx_buf_make(struct hx_buf *buf, struct hx_arena *arena, size_t len_max) {
    void *memory = hx_arena_take(arena, len_max);
    if (memory == NULL) return HX_ERR(LIMIT_ARENA);
    hx_buf_init(buf, memory, len_max);
    return HX_OK;
}

/* Room for len (> 0) more bytes, or NULL and the failed state. */
static char *claim(struct hx_buf *buf, size_t len) {
    hx_assert(len > 0 && buf->len <= buf->len_max);
    if (buf->overflowed || len > buf->len_max - buf->len) {
        buf->overflowed = true;
        return NULL;
    }
    char *at = buf->data + buf->len;
    buf->len += len;
    return at;
}

void hx_buf_add(struct hx_buf *buf, hx_str s) {
    if (s.len == 0) return;
    char *at = claim(buf, s.len);
    if (at != NULL) hx_mem_copy(at, s.data, s.len);
}

void hx_buf_add_c(struct hx_buf *buf, const char *text) {
    hx_buf_add(buf, hx_str_from_c(text));
}

void hx_buf_add_char(struct hx_buf *buf, char c) {
    hx_buf_add(buf, (hx_str){&c, 1});
}

void hx_buf_add_u64(struct hx_buf *buf, uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    hx_buf_add(buf, (hx_str){digits + at, sizeof digits - at});
}

void hx_buf_add_i64(struct hx_buf *buf, int64_t value) {
    char text[21];
    struct hx_buf whole;
    /* Sign and digits go in together or not at all. */
    hx_buf_init(&whole, text, sizeof text);
    if (value < 0) hx_buf_add_char(&whole, '-');
    hx_buf_add_u64(&whole, value < 0 ? 0u - (uint64_t)value : (uint64_t)value);
    hx_buf_add(buf, hx_buf_str(&whole));
}

void hx_buf_add_hex(struct hx_buf *buf, const void *bytes, size_t len) {
    static const char digits[] = "0123456789abcdef";
    const uint8_t *in = bytes;
    if (len == 0) return;
    char *out = claim(buf, len > SIZE_MAX / 2 ? SIZE_MAX : len * 2);
    if (out == NULL) return;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
}

void hx_buf_add_base64url(struct hx_buf *buf, const void *bytes, size_t len) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const uint8_t *in = bytes;
    if (len == 0) return;
    size_t tail = len % 3;
    size_t text_len = len / 3 > SIZE_MAX / 8 ? SIZE_MAX : len / 3 * 4 + (tail == 0 ? 0 : tail + 1);
    char *out = claim(buf, text_len);
    if (out == NULL) return;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)in[i] << 16;
        if (left > 1) group |= (uint32_t)in[i + 1] << 8;
        if (left > 2) group |= in[i + 2];
        *out++ = alphabet[group >> 18];
        *out++ = alphabet[group >> 12 & 63];
        if (left > 1) *out++ = alphabet[group >> 6 & 63];
        if (left > 2) *out++ = alphabet[group & 63];
    }
}

static bool is_unreserved(char c) {
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

void hx_buf_add_url_encoded(struct hx_buf *buf, hx_str s) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        uint8_t byte = (uint8_t)s.data[i];
        if (is_unreserved(s.data[i])) {
            hx_buf_add_char(buf, s.data[i]);
        } else {
            char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};
            hx_buf_add(buf, (hx_str){escape, sizeof escape});
        }
    }
}

hx_str hx_buf_str(const struct hx_buf *buf) {
    return (hx_str){buf->data, buf->len};
}

hx_err hx_buf_finish(const struct hx_buf *buf, hx_str *out) {
    if (buf->overflowed) return HX_ERR(LIMIT_BUFFER);
    *out = hx_buf_str(buf);
    return HX_OK;
}
