/* What the instance exports: where its areas are, the one entry, and the sink for long answers. */
#include "core/base/id.h"
#include "host/edge/instance.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

/* worker.mjs counts on these numbers. */
_Static_assert(HX_EVENT_HTTP == 0 && HX_EVENT_SIGNAL == 1 && HX_EVENT_LANE_DUE == 2 && HX_EVENT_TICK == 3, "events");
_Static_assert(HX_HTTP_METHOD_GET == 1 && HX_HTTP_METHOD_HEAD == 2 && HX_HTTP_METHOD_POST == 3 &&
                   HX_HTTP_METHOD_PUT == 4 && HX_HTTP_METHOD_PATCH == 5 && HX_HTTP_METHOD_DELETE == 6 &&
                   HX_HTTP_METHOD_OPTIONS == 7 && HX_HTTP_METHOD_TRACE == 8,
               "methods");
_Static_assert(HX_DB_NULL == 0 && HX_DB_INT == 1 && HX_DB_TEXT == 2 && HX_DB_BLOB == 3, "values");
_Static_assert(HX_LOG_DEBUG == 0 && HX_LOG_ERROR == 3 && HX_LOG_NOTICE == 4, "levels");

uint8_t *hx_edge_event(void);
uint8_t *hx_edge_exchange(void);
size_t hx_edge_event_size(void);
size_t hx_edge_exchange_size(void);
const char *hx_edge_request_id(void);
uint32_t hx_edge_handle(uint32_t event_len);
void hx_edge_sink(uint32_t len);

static struct hx_host instance;

uint8_t *EXPORT(hx_edge_event)(void) {
    return instance.event;
}

size_t EXPORT(hx_edge_event_size)(void) {
    return sizeof(instance.event);
}

uint8_t *EXPORT(hx_edge_exchange)(void) {
    return instance.exchange;
}

size_t EXPORT(hx_edge_exchange_size)(void) {
    return sizeof(instance.exchange);
}

/* HX_UUID_LEN characters; those of the latest request. */
const char *EXPORT(hx_edge_request_id)(void) {
    return instance.req.id;
}

struct hx_wire hx_edge_wire(struct hx_host *host) {
    return hx_wire_make(host->exchange, sizeof(host->exchange));
}

static void name_request(struct hx_req *req) {
    uint8_t random[10];
    struct hx_buf buf;
    hx_host_random(req, random, sizeof(random));
    hx_buf_init(&buf, req->id, sizeof(req->id) - 1);
    hx_uuid_add_to(&buf, hx_uuid_make_v7(req->received_ms, random));
}

/* May suspend. Returns the length of the reply in the exchange area, 0 when there is none to give. */
uint32_t EXPORT(hx_edge_handle)(uint32_t event_len) {
    struct hx_req *req = &instance.req;
    struct hx_event event;
    struct hx_reply reply = {.status = 0};
    hx_req_init(req, &instance, instance.arena, sizeof(instance.arena));
    req->received_ms = hx_host_now(req);
    name_request(req);
    struct hx_wire in = hx_wire_make(instance.event, event_len);
    if (event_len > sizeof(instance.event) || hx_failed(hx_wire_view_event(&in, &req->arena, &event))) return 0;
    if (event.received_ms == 0) event.received_ms = req->received_ms;
    hx_app_handle(req, &event, &reply);
    struct hx_wire out = hx_edge_wire(&instance);
    hx_wire_put_reply(&out, &reply);
    return out.bad ? 0 : (uint32_t)out.at;
}

/* The next `len` bytes of a long answer lie in the exchange area. Does not suspend. */
void EXPORT(hx_edge_sink)(uint32_t len) {
    hx_assert(instance.http != NULL && instance.http->body_sink != NULL && len <= sizeof(instance.exchange));
    instance.http->body_sink(instance.http->sink_data, (const char *)instance.exchange, len);
}
