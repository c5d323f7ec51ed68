/* Strings: a pointer and a length, never owned, never NUL-terminated by promise.
 *
 * Also the four memory functions of the core (it includes no <string.h>). */
#ifndef HX_CORE_BASE_STR_H
#define HX_CORE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

typedef struct {
    const char *data; /* May be NULL only when len is 0. */
    size_t len;
} hx_str;

#define HX_STR(literal) ((hx_str){(literal), sizeof(literal) - 1})
#define HX_STR_EMPTY ((hx_str){NULL, 0})

void hx_mem_copy(void *to, const void *from, size_t len); /* The ranges must not overlap. */
void hx_mem_move(void *to, const void *from, size_t len);
void hx_mem_set(void *to, uint8_t byte, size_t len);
bool hx_mem_equal(const void *a, const void *b, size_t len);
/* Compares every byte whatever the data: for digests and keys. */
bool hx_mem_equal_constant_time(const void *a, const void *b, size_t len);

hx_str hx_str_from_c(const char *text); /* NULL gives the empty string. */
hx_str hx_str_make(const char *data, size_t len);
bool hx_str_equal(hx_str a, hx_str b);
bool hx_str_equal_ignore_case(hx_str a, hx_str b); /* ASCII only. */
int hx_str_compare(hx_str a, hx_str b);            /* Bytewise, shorter first; -1, 0, 1. */
bool hx_str_starts_with(hx_str s, hx_str prefix);
bool hx_str_ends_with(hx_str s, hx_str suffix);
bool hx_str_find_char(hx_str s, char c, size_t *index); /* First occurrence. */
bool hx_str_find(hx_str s, hx_str needle, size_t *index);
hx_str hx_str_slice(hx_str s, size_t from, size_t to); /* Clamped to the string. */
hx_str hx_str_trim(hx_str s);                          /* ASCII white space, both ends. */
/* Cuts the text before the first separator off *rest into *part and moves *rest past it.
 * False once *rest is used up: an empty string yields no parts, a separator at the end adds none. */
bool hx_str_split(hx_str *rest, char separator, hx_str *part);
uint64_t hx_str_hash(hx_str s); /* FNV-1a, for in-memory tables; not for keys that outlive the process. */

/* Decimal integers, whole string, no white space, no plus sign; leading zeros are read. REJECT_SYNTAX, REJECT_RANGE. */
HX_MUST_USE hx_err hx_str_parse_u64(hx_str s, uint64_t *out);
HX_MUST_USE hx_err hx_str_parse_i64(hx_str s, int64_t *out);

/* Length of the well-formed UTF-8 sequence (1..4 bytes) that s begins with; 0 when there is none. */
size_t hx_str_utf8_len(hx_str s);
/* True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool hx_str_is_utf8(hx_str s);

#endif
