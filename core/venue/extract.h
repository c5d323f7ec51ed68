/* Streaming extraction: one element of one array of a JSON document that is too large to hold.
 *
 * Binance has no way to ask for one symbol's rules: the answer is the whole list, more than a megabyte, and a request's
 * arena is 256 KiB. The extractor is fed the bytes as they arrive, in pieces of any size, and keeps only the element
 * whose member has the wanted value. What it keeps is then read by the strict parser; the rest is only followed:
 * nesting, strings and separators, so that a bracket inside a string or a "symbol" of an inner object can't mislead it.
 *
 * Invariants:
 *   1. The result does not depend on how the input was split.
 *   2. Nothing but the caller's memory is written, and never beyond its size.
 *   3. ABSENT is reported only for a document that was seen to its end and held the array.
 * Names and values with escapes are taken as different from the wanted ones. Nothing here suspends. */
#ifndef HX_CORE_VENUE_EXTRACT_H
#define HX_CORE_VENUE_EXTRACT_H

#include "core/base/str.h"

#define HX_EXTRACT_DEPTH_MAX 32

enum hx_extract_result {
    HX_EXTRACT_FOUND,
    HX_EXTRACT_ABSENT,
    HX_EXTRACT_BROKEN, /* Malformed, incomplete, ambiguous (found twice), or the element was larger than its memory. */
};

struct hx_extract {
    hx_str array, member, value; /* Wanted: root[array][*] with element[member] == value. */
    char *kept;
    size_t kept_len, kept_len_max;
    /* Below: the scanner's own. */
    uint32_t depth;
    uint32_t objects; /* One bit for each open container: 1 for an object. */
    uint32_t state;
    bool in_array; /* Inside the wanted array. */
    bool array_seen;
    bool keeping; /* Inside an element of it. */
    bool kept_overflowed;
    bool matches; /* The element at hand is the wanted one. */
    bool found;
    bool name_wanted; /* The last name was that of the array or the member. */
    bool string_is_name;
    bool string_equal; /* So far, to string_wanted. */
    hx_str string_wanted;
    size_t string_pos;
};

/* The strings and `memory` must outlive the extractor. */
void hx_extract_init(struct hx_extract *extract, hx_str array, hx_str member, hx_str value, void *memory, size_t size);
void hx_extract_feed(struct hx_extract *extract, const char *bytes, size_t len);
/* The same with the type of hx_http_call.body_sink. */
void hx_extract_sink(void *extract, const char *bytes, size_t len);
/* After the last byte. On FOUND *element is the element's text in `memory`. */
enum hx_extract_result hx_extract_finish(const struct hx_extract *extract, hx_str *element);

#endif
