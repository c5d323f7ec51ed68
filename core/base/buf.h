/* Bounded byte builder: born with a maximum, never grows, remembers the first overflow.
 *
 * Appends never fail one by one; the builder goes into a failed state in which further appends do nothing,
 * and hx_buf_finish reports LIMIT_BUFFER once. So a formatter is a straight list of appends. */
#ifndef HX_CORE_BASE_BUF_H
#define HX_CORE_BASE_BUF_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"

struct hx_buf {
    char *data;
    size_t len;
    size_t len_max;
    bool overflowed;
};

void hx_buf_init(struct hx_buf *buf, void *memory, size_t len_max);
/* Takes len_max bytes from the arena. LIMIT_ARENA. */
HX_MUST_USE hx_err hx_buf_make(struct hx_buf *buf, struct hx_arena *arena, size_t len_max);

void hx_buf_add(struct hx_buf *buf, hx_str s);
void hx_buf_add_c(struct hx_buf *buf, const char *text);
void hx_buf_add_char(struct hx_buf *buf, char c);
void hx_buf_add_u64(struct hx_buf *buf, uint64_t value);
void hx_buf_add_i64(struct hx_buf *buf, int64_t value);
void hx_buf_add_hex(struct hx_buf *buf, const void *bytes, size_t len);       /* Lower case. */
void hx_buf_add_base64url(struct hx_buf *buf, const void *bytes, size_t len); /* RFC 4648 section 5, no padding. */
void hx_buf_add_url_encoded(struct hx_buf *buf, hx_str s); /* RFC 3986 unreserved stay; upper-case hex. */

hx_str hx_buf_str(const struct hx_buf *buf); /* What is there so far. */
/* The text, or LIMIT_BUFFER when anything did not fit. */
HX_MUST_USE hx_err hx_buf_finish(const struct hx_buf *buf, hx_str *out);

#endif
