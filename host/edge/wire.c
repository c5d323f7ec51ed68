#include "host/edge/wire.h"

#define HEADERS_MAX 256

struct hx_wire hx_wire_make(void *data, size_t size) {
    return (struct hx_wire){data, size, 0, false};
}

static uint8_t *advance(struct hx_wire *wire, size_t len) {
    if (wire->bad || len > wire->size - wire->at) {
        wire->bad = true;
        return NULL;
    }
    uint8_t *place = wire->data + wire->at;
    wire->at += len;
    return place;
}

static void put_number(struct hx_wire *wire, uint64_t value, size_t len) {
    uint8_t *place = advance(wire, len);
    if (place == NULL) return;
    for (size_t i = 0; i < len; i++) place[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_number(struct hx_wire *wire, size_t len) {
    const uint8_t *place = advance(wire, len);
    uint64_t value = 0;
    for (size_t i = 0; place != NULL && i < len; i++) value |= (uint64_t)place[i] << (8 * i);
    return value;
}

void hx_wire_put_u32(struct hx_wire *wire, uint32_t value) {
    put_number(wire, value, 4);
}

void hx_wire_put_i64(struct hx_wire *wire, int64_t value) {
    put_number(wire, (uint64_t)value, 8);
}

void hx_wire_put_str(struct hx_wire *wire, hx_str s) {
    hx_wire_put_u32(wire, (uint32_t)s.len);
    uint8_t *place = advance(wire, s.len);
    if (place != NULL) hx_mem_copy(place, s.data, s.len);
}

void hx_wire_put_reference(struct hx_wire *wire, hx_str s) {
    hx_wire_put_u32(wire, (uint32_t)(uintptr_t)s.data);
    hx_wire_put_u32(wire, (uint32_t)s.len);
}

static void put_headers(struct hx_wire *wire, const struct hx_http_header *headers, uint32_t count) {
    hx_wire_put_u32(wire, count);
    for (uint32_t i = 0; i < count; i++) {
        hx_wire_put_str(wire, headers[i].name);
        hx_wire_put_str(wire, headers[i].value);
    }
}

void hx_wire_put_event(struct hx_wire *wire, const struct hx_event *event) {
    hx_wire_put_u32(wire, (uint32_t)event->kind);
    hx_wire_put_u32(wire, (uint32_t)event->method);
    hx_wire_put_u32(wire, (uint32_t)event->source);
    hx_wire_put_u32(wire, event->from_operator ? 1 : 0);
    hx_wire_put_i64(wire, event->received_ms);
    hx_wire_put_str(wire, event->path);
    hx_wire_put_str(wire, event->query);
    hx_wire_put_str(wire, event->peer_address);
    hx_wire_put_str(wire, event->key_name);
    hx_wire_put_str(wire, event->idempotency_key);
    hx_wire_put_str(wire, event->lane);
    put_headers(wire, event->headers, event->header_count);
    hx_wire_put_str(wire, event->body);
}

void hx_wire_put_reply(struct hx_wire *wire, const struct hx_reply *reply) {
    hx_wire_put_u32(wire, reply->status);
    put_headers(wire, reply->headers, reply->header_count);
    hx_wire_put_str(wire, reply->body);
}

uint32_t hx_wire_get_u32(struct hx_wire *wire) {
    return (uint32_t)get_number(wire, 4);
}

int64_t hx_wire_get_i64(struct hx_wire *wire) {
    return (int64_t)get_number(wire, 8);
}

hx_str hx_wire_get_str(struct hx_wire *wire) {
    uint32_t len = hx_wire_get_u32(wire);
    const uint8_t *place = advance(wire, len);
    return place == NULL ? HX_STR_EMPTY : hx_str_make((const char *)place, len);
}

hx_err hx_wire_take_str(struct hx_wire *wire, struct hx_arena *arena, hx_str *out) {
    hx_str view = hx_wire_get_str(wire);
    if (wire->bad) return HX_ERR(REJECT_INPUT);
    return hx_arena_copy_str(arena, view, out);
}

static hx_err make_headers(struct hx_wire *wire, struct hx_arena *arena, struct hx_http_header **out, uint32_t *count) {
    void *memory = NULL;
    *count = hx_wire_get_u32(wire);
    if (wire->bad || *count > HEADERS_MAX) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_arena_make(arena, *count, sizeof(**out), &memory));
    *out = memory;
    return HX_OK;
}

hx_err hx_wire_take_headers(struct hx_wire *wire, struct hx_arena *arena, struct hx_http_header **out,
                            uint32_t *count) {
    HX_TRY(make_headers(wire, arena, out, count));
    for (uint32_t i = 0; i < *count; i++) {
        HX_TRY(hx_wire_take_str(wire, arena, &(*out)[i].name));
        HX_TRY(hx_wire_take_str(wire, arena, &(*out)[i].value));
    }
    return HX_OK;
}

hx_err hx_wire_take_reply(struct hx_wire *wire, struct hx_arena *arena, struct hx_reply *out) {
    struct hx_http_header *headers = NULL;
    hx_mem_set(out, 0, sizeof(*out));
    out->status = hx_wire_get_u32(wire);
    HX_TRY(hx_wire_take_headers(wire, arena, &headers, &out->header_count));
    if (out->header_count > HX_REPLY_HEADERS_MAX) return HX_ERR(REJECT_INPUT);
    for (uint32_t i = 0; i < out->header_count; i++) out->headers[i] = headers[i];
    return hx_wire_take_str(wire, arena, &out->body);
}

hx_err hx_wire_view_event(struct hx_wire *wire, struct hx_arena *arena, struct hx_event *out) {
    struct hx_http_header *headers = NULL;
    hx_mem_set(out, 0, sizeof(*out));
    uint32_t kind = hx_wire_get_u32(wire);
    uint32_t method = hx_wire_get_u32(wire);
    uint32_t source = hx_wire_get_u32(wire);
    if (kind > HX_EVENT_TICK || method > HX_HTTP_METHOD_TRACE || source > HX_SOURCE_RISK) return HX_ERR(REJECT_INPUT);
    out->kind = (enum hx_event_kind)kind;
    out->method = (enum hx_http_method)method;
    out->source = (enum hx_source)source;
    out->from_operator = hx_wire_get_u32(wire) == 1;
    out->received_ms = hx_wire_get_i64(wire);
    out->path = hx_wire_get_str(wire);
    out->query = hx_wire_get_str(wire);
    out->peer_address = hx_wire_get_str(wire);
    out->key_name = hx_wire_get_str(wire);
    out->idempotency_key = hx_wire_get_str(wire);
    out->lane = hx_wire_get_str(wire);
    HX_TRY(make_headers(wire, arena, &headers, &out->header_count));
    for (uint32_t i = 0; i < out->header_count; i++) {
        headers[i].name = hx_wire_get_str(wire);
        headers[i].value = hx_wire_get_str(wire);
    }
    out->headers = headers;
    out->body = hx_wire_get_str(wire);
    return wire->bad ? HX_ERR(REJECT_INPUT) : HX_OK;
}
