#include "core/base/str.h"

#define HIGH_BITS 0x8080808080808080u

hx_str hx_str_from_c(const char *text) {
    size_t len = 0;
    if (text == NULL) return HX_STR_EMPTY;
    while (text[len] != '\0') len++;
    return (hx_str){text, len};
}

hx_str hx_str_make(const char *data, size_t len) {
    return (hx_str){data, len};
}

bool hx_str_equal(hx_str a, hx_str b) {
    return a.len == b.len && hx_mem_equal(a.data, b.data, a.len);
}

static uint8_t to_lower(char c) {
    uint8_t byte = (uint8_t)c;
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

bool hx_str_equal_ignore_case(hx_str a, hx_str b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (to_lower(a.data[i]) != to_lower(b.data[i])) return false;
    }
    return true;
}

int hx_str_compare(hx_str a, hx_str b) {
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? __builtin_memcmp(a.data, b.data, len) : 0;
    if (order != 0) return order < 0 ? -1 : 1;
    if (a.len == b.len) return 0;
    return a.len < b.len ? -1 : 1;
}

bool hx_str_starts_with(hx_str s, hx_str prefix) {
    return s.len >= prefix.len && hx_mem_equal(s.data, prefix.data, prefix.len);
}

bool hx_str_ends_with(hx_str s, hx_str suffix) {
    if (s.len < suffix.len) return false;
    return suffix.len == 0 || hx_mem_equal(s.data + (s.len - suffix.len), suffix.data, suffix.len);
}

bool hx_str_find_char(hx_str s, char c, size_t *index) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == c) {
            *index = i;
            return true;
        }
    }
    return false;
}

bool hx_str_find(hx_str s, hx_str needle, size_t *index) {
    if (needle.len > s.len) return false;
    if (needle.len == 0) {
        *index = 0;
        return true;
    }
    for (size_t i = 0; i <= s.len - needle.len; i++) {
        if (s.data[i] == needle.data[0] && hx_mem_equal(s.data + i, needle.data, needle.len)) {
            *index = i;
            return true;
        }
    }
    return false;
}

hx_str hx_str_slice(hx_str s, size_t from, size_t to) {
    if (to > s.len) to = s.len;
    if (from >= to) return HX_STR_EMPTY;
    return (hx_str){s.data + from, to - from};
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

hx_str hx_str_trim(hx_str s) {
    while (s.len > 0 && is_space(s.data[0])) s = (hx_str){s.data + 1, s.len - 1};
    while (s.len > 0 && is_space(s.data[s.len - 1])) s.len--;
    return s;
}

bool hx_str_split(hx_str *rest, char separator, hx_str *part) {
    size_t end = 0;
    if (rest->len == 0) return false;
    if (!hx_str_find_char(*rest, separator, &end)) {
        *part = *rest;
        *rest = HX_STR_EMPTY;
        return true;
    }
    *part = (hx_str){rest->data, end};
    *rest = (hx_str){rest->data + end + 1, rest->len - end - 1};
    return true;
}

uint64_t hx_str_hash(hx_str s) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++) hash = (hash ^ (uint8_t)s.data[i]) * 0x100000001b3u;
    return hash;
}

hx_err hx_str_parse_u64(hx_str s, uint64_t *out) {
    uint64_t value = 0;
    bool too_large = false;
    if (s.len == 0) return HX_ERR(REJECT_SYNTAX);
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') return HX_ERR(REJECT_SYNTAX);
        uint64_t digit = (uint64_t)(s.data[i] - '0');
        too_large = too_large || value > (UINT64_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    if (too_large) return HX_ERR(REJECT_RANGE);
    *out = value;
    return HX_OK;
}

hx_err hx_str_parse_i64(hx_str s, int64_t *out) {
    bool negative = s.len > 0 && s.data[0] == '-';
    uint64_t magnitude = 0;
    if (negative) s = (hx_str){s.data + 1, s.len - 1};
    HX_TRY(hx_str_parse_u64(s, &magnitude));
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1u : 0u)) return HX_ERR(REJECT_RANGE);
    if (!negative) {
        *out = (int64_t)magnitude;
    } else if (magnitude > (uint64_t)INT64_MAX) {
        *out = INT64_MIN;
    } else {
        *out = -(int64_t)magnitude;
    }
    return HX_OK;
}

static bool is_continuation(uint8_t byte) {
    return (byte & 0xc0u) == 0x80u;
}

/* The second byte decides over overlong forms, surrogates and what lies past U+10FFFF: RFC 3629 section 4. */
static bool is_second(uint8_t first, uint8_t second) {
    switch (first) {
        case 0xe0:
            return second >= 0xa0 && second <= 0xbf;
        case 0xed:
            return second >= 0x80 && second <= 0x9f;
        case 0xf0:
            return second >= 0x90 && second <= 0xbf;
        case 0xf4:
            return second >= 0x80 && second <= 0x8f;
        default:
            return is_continuation(second);
    }
}

size_t hx_str_utf8_len(hx_str s) {
    const uint8_t *b = (const uint8_t *)s.data;
    if (s.len == 0) return 0;
    if (b[0] < 0x80) return 1;
    if (b[0] < 0xc2 || b[0] > 0xf4) return 0;
    size_t len = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
    if (s.len < len || !is_second(b[0], b[1])) return 0;
    if (len > 2 && !is_continuation(b[2])) return 0;
    if (len > 3 && !is_continuation(b[3])) return 0;
    return len;
}

bool hx_str_is_utf8(hx_str s) {
    size_t at = 0;
    while (at < s.len) {
        uint64_t word = 0;
        if (s.len - at >= 8) {
            __builtin_memcpy(&word, s.data + at, 8);
            if ((word & HIGH_BITS) == 0) {
                at += 8;
                continue;
            }
        }
        size_t len = hx_str_utf8_len((hx_str){s.data + at, s.len - at});
        if (len == 0) return false;
        at += len;
    }
    return true;
}
