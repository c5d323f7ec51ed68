/* The door: size, address, body, key, rate, in this order (DESIGN 2.1). A caller without a valid key learns nothing
 * and leaves nothing behind but a bounded counter. */
#include "core/admit/address.h"
#include "core/admit/keys.h"
#include "core/admit/manifest.h"
#include "core/admit/rate.h"
#include "core/app/flows.h"
#include "core/app/reply.h"
#include "core/trade/plan.h"

#define WEBHOOK_BODY_LEN_MAX ((size_t)64 * 1024)

static void reply_rate_limited(struct hx_req *req, const struct hx_rate_result *rate, bool is_tradingview,
                               struct hx_reply *reply) {
    struct hx_buf buf;
    hx_str seconds = HX_STR("60");
    if (hx_ok(hx_buf_make(&buf, &req->arena, 24))) {
        hx_buf_add_u64(&buf, rate->retry_after_s);
        seconds = hx_buf_str(&buf);
    }
    /* TradingView sends again after a 503 and gives up on a 429. */
    hx_reply_error(req, reply, is_tradingview ? 503 : 429, HX_STR("RATE_LIMITED"),
                   HX_STR("too many signals for this key; see webhook:rate_limit"), NULL);
    hx_reply_add_header(reply, HX_STR("Retry-After"), seconds);
}

static void reply_invalid(struct hx_req *req, const struct hx_signal_issues *issues, struct hx_reply *reply) {
    hx_reply_error(req, reply, 400, HX_STR("VALIDATION_ERROR"), HX_STR("the signal is not valid; see details"), issues);
}

/* Nothing was done and nothing was kept: sending it again is right. */
static void reply_unavailable(struct hx_req *req, hx_str message, struct hx_reply *reply) {
    hx_reply_error(req, reply, 503, HX_STR("UNAVAILABLE"), message, NULL);
    hx_reply_add_header(reply, HX_STR("Retry-After"), HX_STR("5"));
}

static hx_str idempotency_header(const struct hx_event *event) {
    for (uint32_t i = 0; i < event->header_count; i++) {
        if (hx_str_equal_ignore_case(event->headers[i].name, HX_STR("Idempotency-Key"))) {
            return event->headers[i].value;
        }
    }
    return HX_STR_EMPTY;
}

static void reply_unparsed(struct hx_req *req, hx_err err, const struct hx_signal_issues *issues,
                           struct hx_reply *reply) {
    if (hx_err_equal(err, HX_ERR(LIMIT_ARENA))) {
        reply_unavailable(req, HX_STR("no memory for this alert; send it again"), reply);
    } else if (hx_err_is(err, HX_CLASS_LIMIT)) {
        hx_reply_error(req, reply, 413, HX_STR("TOO_LARGE"),
                       HX_STR("the body has too many or too deeply nested values"), NULL);
    } else {
        reply_invalid(req, issues, reply);
    }
}

/* Hands an admitted signal to its lane. */
static void to_lane(struct hx_req *req, const struct hx_signal *signal, enum hx_source source, hx_str key_name,
                    hx_str body, hx_str idempotency_key, struct hx_reply *reply) {
    struct hx_event event = {.kind = HX_EVENT_SIGNAL,
                             .source = source,
                             .key_name = key_name,
                             .body = body,
                             .idempotency_key = idempotency_key,
                             .received_ms = req->received_ms};
    hx_err err = hx_signal_lane(&req->arena, signal, &event.lane);
    if (hx_ok(err)) err = hx_port_lane_call(req, event.lane, &event, reply);
    if (hx_failed(err)) reply_unavailable(req, HX_STR("the lane can't be reached; send it again"), reply);
}

void hx_signal_submit(struct hx_req *req, enum hx_source source, hx_str body, hx_str idempotency_key,
                      struct hx_reply *reply) {
    struct hx_signal signal;
    struct hx_signal_issues issues = {.count = 0};
    hx_err err = hx_signal_parse(&req->arena, body, &signal, NULL, &issues);
    if (hx_failed(err)) {
        reply_unparsed(req, err, &issues, reply);
        return;
    }
    to_lane(req, &signal, source, HX_STR_EMPTY, body, idempotency_key, reply);
}

void hx_webhook_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    if (event->body.len > WEBHOOK_BODY_LEN_MAX) {
        hx_reply_error(req, reply, 413, HX_STR("TOO_LARGE"), HX_STR("the body is larger than 64 KiB"), NULL);
        return;
    }
    struct hx_admitted_address address = {.known = false};
    if (!event->from_operator) {
        hx_address_admit(req, event->peer_address, event->headers, event->header_count, &address);
        if (!address.allowed) {
            hx_reply_error(req, reply, 403, HX_STR("FORBIDDEN"), HX_STR("not allowed"), NULL);
            return;
        }
    }
    struct hx_signal signal;
    struct hx_signal_issues issues = {.count = 0};
    const struct hx_json *root = NULL;
    hx_err err = hx_signal_parse(&req->arena, event->body, &signal, &root, &issues);
    /* No JSON object, so no key to look for. */
    if (hx_failed(err) && (root == NULL || hx_err_is(err, HX_CLASS_LIMIT))) {
        reply_unparsed(req, err, &issues, reply);
        return;
    }
    /* Whatever is wrong with the fields, the key comes first: a stranger gets no advice. */
    hx_str key_name = HX_STR_EMPTY;
    hx_err checked = hx_keys_check(req, signal.api_key, req->received_ms, &key_name);
    if (hx_err_is(checked, HX_CLASS_ABSENT)) {
        hx_reply_error(req, reply, 401, HX_STR("UNAUTHORIZED"), HX_STR("not authorized"), NULL);
        return;
    }
    if (hx_failed(checked)) {
        reply_unavailable(req, HX_STR("the keys can't be read; send it again"), reply);
        return;
    }
    if (hx_failed(err)) {
        reply_unparsed(req, err, &issues, reply);
        return;
    }
    struct hx_rate_result rate =
        hx_rate_check(req, key_name, hx_manifest_rate_limit(req), hx_signal_only_reduces(&signal), req->received_ms);
    if (!rate.allowed) {
        reply_rate_limited(req, &rate, address.is_tradingview, reply);
        return;
    }
    to_lane(req, &signal, HX_SOURCE_WEBHOOK, key_name, event->body, idempotency_header(event), reply);
}
