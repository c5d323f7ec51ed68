/* Strict JSON (RFC 8259): a scanner that keeps number text, and a writer into a bounded buffer.
 *
 * Refuses: anything RFC 8259 refuses, plus duplicate member names, lone surrogates, bad UTF-8, a byte order mark,
 * depth over HX_JSON_DEPTH_MAX, more than HX_JSON_NODES_MAX values. Numbers stay text until hx_dec reads them.
 *
 * Nodes are laid out in document order in one array; a container's `next` skips its whole subtree. Strings with
 * escapes are decoded into the arena; strings without, and number text, are views into the input, which must
 * outlive the document. */
#ifndef HX_CORE_BASE_JSON_H
#define HX_CORE_BASE_JSON_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/str.h"

#define HX_JSON_DEPTH_MAX 16
#define HX_JSON_NODES_MAX 65536

enum hx_json_type {
    HX_JSON_NULL,
    HX_JSON_BOOL,
    HX_JSON_NUMBER,
    HX_JSON_STRING,
    HX_JSON_ARRAY,
    HX_JSON_OBJECT,
};

struct hx_json {
    enum hx_json_type type;
    bool boolean;   /* HX_JSON_BOOL. */
    uint32_t count; /* Elements or members. */
    uint32_t next;  /* Index distance from this node to the one after its subtree. */
    hx_str name;    /* Decoded member name when the parent is an object. */
    hx_str text;    /* Decoded string, or number text. */
};

struct hx_json_error {
    size_t offset;       /* Byte of the input at which it went wrong. */
    const char *problem; /* Constant sentence: "duplicate member name". */
};

/* Parses the whole of `input`. `error` may be NULL and is set on failure only. On success *root is the first of an
 * arena array; on failure the arena is as it was. The document takes one struct hx_json per value plus the decoded
 * length of those strings that have escapes.
 *
 * The time is bounded by input length * log(members) whatever the input: names of small objects are compared pairwise,
 * those of objects above 32 members are sorted when the object closes (which needs 4 bytes per member for a moment,
 * and then a duplicate is reported at the closing bracket).
 * REJECT_SYNTAX (duplicate names included), LIMIT_DEPTH, LIMIT_COUNT (nodes), LIMIT_ARENA. */
HX_MUST_USE hx_err hx_json_parse(struct hx_arena *arena, hx_str input, const struct hx_json **root,
                                 struct hx_json_error *error);

/* Children in order: for (c = hx_json_first(n); c; c = hx_json_next(n, c)). */
const struct hx_json *hx_json_first(const struct hx_json *container);
const struct hx_json *hx_json_next(const struct hx_json *container, const struct hx_json *child);
/* Member by name; NULL when absent or when `object` is NULL or no object. */
const struct hx_json *hx_json_find(const struct hx_json *object, hx_str name);
/* Element by position; NULL when absent. */
const struct hx_json *hx_json_at(const struct hx_json *array, uint32_t index);

/* Typed reads of a member. ABSENT_FIELD when missing or null, REJECT_INPUT when of another type.
 * hx_json_get_dec takes a number or a string holding one (venues and TradingView quote numbers freely). */
HX_MUST_USE hx_err hx_json_get_str(const struct hx_json *object, hx_str name, hx_str *out);
HX_MUST_USE hx_err hx_json_get_dec(const struct hx_json *object, hx_str name, hx_dec *out);
HX_MUST_USE hx_err hx_json_get_i64(const struct hx_json *object, hx_str name, int64_t *out); /* Number or string. */
HX_MUST_USE hx_err hx_json_get_bool(const struct hx_json *object, hx_str name, bool *out);

/* Writer: the caller keeps commas right by construction through these helpers.
 * hx_json_add_string escapes what RFC 8259 requires; bytes that are not UTF-8 become U+FFFD. */
void hx_json_add_string(struct hx_buf *buf, hx_str s);

struct hx_json_writer {
    struct hx_buf *buf;
    bool comma_next;
};
void hx_json_begin(struct hx_json_writer *w, struct hx_buf *buf);
void hx_json_open_object(struct hx_json_writer *w, const char *name); /* name NULL inside arrays and at the top. */
void hx_json_close_object(struct hx_json_writer *w);
void hx_json_open_array(struct hx_json_writer *w, const char *name);
void hx_json_close_array(struct hx_json_writer *w);
void hx_json_write_str(struct hx_json_writer *w, const char *name, hx_str value);
void hx_json_write_dec(struct hx_json_writer *w, const char *name, hx_dec value); /* As a JSON string. */
void hx_json_write_i64(struct hx_json_writer *w, const char *name, int64_t value);
void hx_json_write_bool(struct hx_json_writer *w, const char *name, bool value);
void hx_json_write_null(struct hx_json_writer *w, const char *name);
void hx_json_write_raw(struct hx_json_writer *w, const char *name, hx_str json); /* Already JSON. */

/* Re-serialises in a canonical form: members sorted by name bytes, no white space, strings re-escaped minimally, number
 * text as it came. `skip` (may be NULL) names one top-level member to leave out (the webhook key). For fingerprints.
 * The arena is scratch memory and left as it was. LIMIT_ARENA, LIMIT_BUFFER. */
HX_MUST_USE hx_err hx_json_add_canonical(struct hx_buf *buf, struct hx_arena *arena, const struct hx_json *root,
                                         const char *skip);

#endif
