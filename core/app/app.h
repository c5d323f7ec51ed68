/* The application: one entry, hx_app_handle, for everything that can happen.
 *
 * The host turns what happens (an HTTP request, a due lane, a tick) into an event, gives it a request with a fresh
 * arena, and calls hx_app_handle on a coroutine of its own. The reply lives in the request's arena. */
#ifndef HX_CORE_APP_APP_H
#define HX_CORE_APP_APP_H

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/http/http.h"
#include "port/host.h"

struct hx_stream_talk; /* core/app/stream.h */

enum hx_event_kind {
    HX_EVENT_HTTP,     /* An HTTP request: webhook, health, or (on the control socket) an operator's command. */
    HX_EVENT_SIGNAL,   /* An admitted signal, handed to its lane by lane_call. */
    HX_EVENT_LANE_DUE, /* A queue message: something in this lane may be due. */
    HX_EVENT_TICK,     /* At start and at least once a minute: pick up what is not final. */
    HX_EVENT_STREAM,   /* Something happened to a stream (core/app/stream.h); only from hosts that have them. */
};

/* Where a signal came from; kept with it, part of its idempotency scope. */
enum hx_source { HX_SOURCE_WEBHOOK, HX_SOURCE_CLI, HX_SOURCE_TELEGRAM, HX_SOURCE_RISK };

struct hx_event {
    enum hx_event_kind kind;
    /* HTTP */
    enum hx_http_method method;
    hx_str path;
    hx_str query; /* Raw, without '?'. */
    const struct hx_http_header *headers;
    uint32_t header_count;
    hx_str body;
    hx_str peer_address; /* Text of the TCP peer: "127.0.0.1" or "::1"; empty on the control socket. */
    bool from_operator;  /* Came in over the control socket, whose permissions are the authentication. */
    /* SIGNAL */
    enum hx_source source;
    hx_str key_name;        /* Name of the webhook key that admitted it; empty for others. */
    hx_str idempotency_key; /* From the header; the body's wins. */
    hx_time received_ms;
    /* LANE_DUE and SIGNAL */
    hx_str lane;
    /* STREAM: the host's, for as long as the request lasts; the core answers in it. */
    struct hx_stream_talk *stream;
};

#define HX_REPLY_HEADERS_MAX 12

struct hx_reply {
    uint32_t status; /* HTTP status; 0 for events that have no caller. */
    struct hx_http_header headers[HX_REPLY_HEADERS_MAX];
    uint32_t header_count;
    hx_str body; /* application/json unless a Content-Type header says otherwise. */
};

/* May suspend. Always fills the reply. A host error that makes going on unsafe (class BROKEN) is logged and ends the
 * request with 503; the host decides what else it means. */
void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply);

#endif
