/* What crosses between the instance and worker.mjs: little-endian integers and strings, one after the other.
 *
 * A string travels inline (its length as 32 bits, then its bytes) or as a reference (address and length in this
 * instance's memory, for data that outlives the call). Numbers: 32 bits unsigned, 64 bits signed.
 *
 * Both directions fail softly: a writer that runs out of room and a reader that runs off the end set `bad`, and
 * everything after does nothing or reads zeros. Check it once, at the end. */
#ifndef HX_HOST_EDGE_WIRE_H
#define HX_HOST_EDGE_WIRE_H

#include "core/app/app.h"
#include "core/base/str.h"

struct hx_wire {
    uint8_t *data;
    size_t size;
    size_t at;
    bool bad;
};

struct hx_wire hx_wire_make(void *data, size_t size);

void hx_wire_put_u32(struct hx_wire *wire, uint32_t value);
void hx_wire_put_i64(struct hx_wire *wire, int64_t value);
void hx_wire_put_str(struct hx_wire *wire, hx_str s);
void hx_wire_put_reference(struct hx_wire *wire, hx_str s);
void hx_wire_put_event(struct hx_wire *wire, const struct hx_event *event);
void hx_wire_put_reply(struct hx_wire *wire, const struct hx_reply *reply);

uint32_t hx_wire_get_u32(struct hx_wire *wire);
int64_t hx_wire_get_i64(struct hx_wire *wire);
hx_str hx_wire_get_str(struct hx_wire *wire); /* A view into the wire's data. */
/* Copied into the arena. LIMIT_ARENA; REJECT_INPUT when the data is not what it should be. */
HX_MUST_USE hx_err hx_wire_take_str(struct hx_wire *wire, struct hx_arena *arena, hx_str *out);
HX_MUST_USE hx_err hx_wire_take_headers(struct hx_wire *wire, struct hx_arena *arena, struct hx_http_header **out,
                                        uint32_t *count);
HX_MUST_USE hx_err hx_wire_take_reply(struct hx_wire *wire, struct hx_arena *arena, struct hx_reply *out);
/* Strings are views into the wire's data, which must outlive the request; the list of headers is in the arena. */
HX_MUST_USE hx_err hx_wire_view_event(struct hx_wire *wire, struct hx_arena *arena, struct hx_event *out);

#endif
