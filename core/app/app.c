#include "core/app/app.h"

#include "core/app/flows.h"
#include "core/app/reply.h"
#include "core/app/stream.h"

static void handle_http(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    bool get = event->method == HX_HTTP_METHOD_GET || event->method == HX_HTTP_METHOD_HEAD;
    bool is_webhook = hx_str_equal(event->path, HX_STR("/webhook")) || hx_str_equal(event->path, HX_STR("/"));
    bool is_health = hx_str_equal(event->path, HX_STR("/health"));
    bool is_ready = hx_str_equal(event->path, HX_STR("/ready"));
    if (event->from_operator && hx_str_starts_with(event->path, HX_STR("/v1/"))) {
        hx_operator_handle(req, event, reply);
    } else if (is_webhook && event->method == HX_HTTP_METHOD_POST) {
        hx_webhook_handle(req, event, reply);
    } else if (is_health && get) {
        hx_health_handle(req, reply);
    } else if (is_ready && get) {
        hx_ready_handle(req, reply);
    } else if (is_webhook || is_health || is_ready) {
        hx_reply_error(req, reply, 405, HX_STR("METHOD_NOT_ALLOWED"),
                       is_webhook ? HX_STR("use POST for alerts") : HX_STR("use GET"), NULL);
        hx_reply_add_header(reply, HX_STR("Allow"), is_webhook ? HX_STR("POST") : HX_STR("GET, HEAD"));
    } else {
        hx_reply_error(req, reply, 404, HX_STR("NOT_FOUND"), HX_STR("no such path; alerts go to POST /webhook"), NULL);
    }
    if (event->lane.len > 0) return; /* Handed on to a lane: whoever has the caller adds the rest. */
    /* Answers are for machines, and must stay out of caches, frames and sniffers. */
    hx_reply_add_header(reply, HX_STR("X-Request-Id"), hx_str_from_c(req->id));
    hx_reply_add_header(reply, HX_STR("Cache-Control"), HX_STR("no-store"));
    hx_reply_add_header(reply, HX_STR("X-Content-Type-Options"), HX_STR("nosniff"));
}

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    hx_mem_set(reply, 0, sizeof(*reply));
    switch (event->kind) {
        case HX_EVENT_HTTP:
            handle_http(req, event, reply);
            break;
        case HX_EVENT_SIGNAL:
            hx_signal_handle(req, event, reply);
            break;
        case HX_EVENT_LANE_DUE:
            hx_lane_due_handle(req, event->lane);
            break;
        case HX_EVENT_TICK:
            hx_tick_handle(req);
            break;
        case HX_EVENT_STREAM:
            hx_stream_handle(req, event->stream);
            break;
    }
    hx_assert(req->lane_held.len == 0);
}
