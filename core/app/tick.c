/* What happens without a caller: recovery of whatever is not final, and the outbox. */
#include "core/app/flows.h"
#include "core/app/ledger.h"
#include "core/app/venues.h"
#include "core/base/json.h"
#include "core/http/url.h"

#define OUTBOX_DELAY_MAX_MS (10 * HX_MS_PER_MINUTE)

void hx_lanes_wake(struct hx_req *req) {
    struct hx_lane_due *lanes = NULL;
    uint32_t count = 0;
    hx_err err = hx_ledger_lanes_due(req, &lanes, &count);
    if (hx_failed(err)) {
        hx_port_log(req, HX_LOG_ERROR, HX_STR("open lanes can't be listed"), hx_str_from_c(hx_err_name(err)));
        return;
    }
    hx_time now = hx_port_now(req);
    for (uint32_t i = 0; i < count; i++) {
        hx_port_queue_send(req, lanes[i].lane, lanes[i].due_ms > now ? lanes[i].due_ms : now);
    }
}

void hx_tick_handle(struct hx_req *req) {
    hx_lanes_wake(req);
    hx_port_queue_send(req, HX_LANE_OUTBOX, hx_port_now(req));
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    hx_batch_add_claims_prune(&batch, hx_port_now(req));
    hx_err err = hx_batch_write(&batch, NULL);
    if (hx_failed(err)) {
        hx_port_log(req, HX_LOG_WARN, HX_STR("old claims were not pruned"), hx_str_from_c(hx_err_name(err)));
    }
    hx_venues_prepare(req);
}

/* The owner is told of whatever did not end filled (I2), so no HOOX_LOG_LEVEL may leave it out. */
static enum hx_log_level level_of(struct hx_req *req, hx_str payload) {
    const struct hx_json *notice = NULL;
    hx_str status = HX_STR_EMPTY;
    size_t mark = hx_arena_mark(&req->arena);
    bool filled = hx_ok(hx_json_parse(&req->arena, payload, &notice, NULL)) &&
                  hx_ok(hx_json_get_str(notice, HX_STR("status"), &status)) && hx_str_equal(status, HX_STR("filled"));
    hx_arena_rewind(&req->arena, mark);
    return filled ? HX_LOG_INFO : HX_LOG_NOTICE;
}

/* To wherever the owner is told things: the log always, once, and HOOX_NOTIFY_URL (a JSON POST) when it is set. */
static hx_err deliver(struct hx_req *req, const struct hx_outbox_row *row, hx_str url) {
    if (row->tries == 0) hx_port_log(req, level_of(req, row->payload), HX_STR("notice"), row->payload);
    if (url.len == 0) return HX_OK;
    struct hx_http_url parts;
    HX_TRY(hx_http_parse_url(url, &parts));
    size_t origin_len = (size_t)(parts.authority.data + parts.authority.len - url.data);
    hx_str target = hx_str_slice(url, origin_len, url.len);
    const struct hx_http_header header = {HX_STR("Content-Type"), HX_STR("application/json")};
    struct hx_http_call call = {.origin = hx_str_slice(url, 0, origin_len),
                                .method = HX_HTTP_METHOD_POST,
                                .target = target.len > 0 ? target : HX_STR("/"),
                                .headers = &header,
                                .header_count = 1,
                                .body = row->payload,
                                .timeout_ms = 10 * HX_MS_PER_SECOND,
                                .response_len_max = 16384};
    struct hx_http_answer answer;
    HX_TRY(hx_port_http_prepare(req, call.origin, call.timeout_ms));
    HX_TRY(hx_port_http_send(req, &call, &answer));
    return answer.status >= 200 && answer.status < 300 ? HX_OK : HX_ERR(BUSY_OVERLOADED);
}

static hx_time outbox_due(struct hx_req *req, int64_t tries) {
    int64_t delay = tries >= 7 ? OUTBOX_DELAY_MAX_MS : (5 * HX_MS_PER_SECOND) << tries;
    return hx_port_now(req) + delay;
}

/* Tells the owner, and adds to the batch what became of it. */
static void tell(struct hx_req *req, const struct hx_outbox_row *row, hx_str url, struct hx_batch *batch) {
    hx_err sent = deliver(req, row, url);
    if (hx_ok(sent)) {
        hx_batch_add_outbox_sent(batch, row->id, hx_port_now(req));
        return;
    }
    hx_time due = outbox_due(req, row->tries);
    hx_batch_add_outbox_failed(batch, row->id, hx_str_from_c(hx_err_name(sent)), due);
    hx_port_queue_send(req, HX_LANE_OUTBOX, due);
}

/* At least once: a crash between telling and noting it down tells it again. What only goes to the log is noted down
 * together, so that a burst of fills does not cost a durable write for each notice. */
void hx_outbox_handle(struct hx_req *req) {
    struct hx_outbox_row *rows = NULL;
    uint32_t count = 0;
    hx_str url = HX_STR_EMPTY;
    if (hx_failed(hx_port_setting(req, HX_STR("HOOX_NOTIFY_URL"), &url))) url = HX_STR_EMPTY;
    hx_err err = hx_ledger_outbox_due(req, hx_port_now(req), &rows, &count);
    uint32_t together = url.len > 0 ? 1 : count;
    for (uint32_t first = 0; hx_ok(err) && first < count; first += together) {
        size_t mark = hx_arena_mark(&req->arena);
        struct hx_batch batch;
        hx_batch_init(&batch, req);
        for (uint32_t i = first; i < first + together; i++) tell(req, &rows[i], url, &batch);
        err = hx_batch_write(&batch, NULL);
        hx_arena_rewind(&req->arena, mark);
    }
    if (hx_failed(err)) {
        hx_port_log(req, HX_LOG_WARN, HX_STR("the outbox waits for the next tick"), hx_str_from_c(hx_err_name(err)));
    } else if (count > 0) {
        hx_port_queue_send(req, HX_LANE_OUTBOX, hx_port_now(req));
    }
}
