/* Character classes of HTTP (RFC 9110 5.6.2, 5.5) and URLs (RFC 3986), as one table. */
#ifndef HX_CORE_HTTP_CHARS_H
#define HX_CORE_HTTP_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"

enum hx_http_char_class {
    HX_HTTP_CHAR_TOKEN = 1,  /* tchar. */
    HX_HTTP_CHAR_TEXT = 2,   /* HTAB, SP, VCHAR, obs-text: what a head line may hold. */
    HX_HTTP_CHAR_TARGET = 4, /* pchar, '/' and '?', without the '%' of an escape. */
    HX_HTTP_CHAR_HOST = 8,   /* Letters, digits, '-', '_', '.'. */
    HX_HTTP_CHAR_HEX = 16,
};

extern const uint8_t hx_http_char_classes[256];

static inline bool hx_http_char_is(char c, enum hx_http_char_class class_) {
    return (hx_http_char_classes[(uint8_t)c] & class_) != 0;
}

/* Length of the leading run of that class. */
static inline size_t hx_http_char_run(const char *data, size_t len, enum hx_http_char_class class_) {
    size_t at = 0;
    while (at < len && hx_http_char_is(data[at], class_)) at++;
    return at;
}

/* Not empty, and every character of that class. */
static inline bool hx_http_str_is(hx_str s, enum hx_http_char_class class_) {
    return s.len > 0 && hx_http_char_run(s.data, s.len, class_) == s.len;
}

static inline bool hx_http_char_is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Value of a hexadecimal digit; the caller has checked that it is one. */
static inline uint32_t hx_http_char_hex(char c) {
    if (hx_http_char_is_digit(c)) return (uint32_t)(c - '0');
    return (uint32_t)((c | 0x20) - 'a') + 10;
}

#endif
