/* What happens without a caller: recovery of whatever is not final, the outbox, and the two health questions. */
#include "core/app/flows.h"
#include "core/app/ledger.h"
#include "core/app/reply.h"
#include "core/base/json.h"
#include "core/http/url.h"
#include "core/venue/standing.h"

#define READY_MEMORY_MS (5 * HX_MS_PER_SECOND)
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
    /* A warm connection and a fresh clock for the next alert. Not having them is no error here. */
    const struct hx_account account = {HX_VENUE_BINANCE, HX_MARKET_FUTURES, false};
    (void)hx_venue_prepare(req, &account);
}

/* To wherever the owner is told things: the log always, and HOOX_NOTIFY_URL (a JSON POST) when it is set. */
static hx_err deliver(struct hx_req *req, const struct hx_outbox_row *row) {
    hx_port_log(req, HX_LOG_INFO, HX_STR("notice"), row->payload);
    hx_str url = HX_STR_EMPTY;
    if (hx_failed(hx_port_setting(req, HX_STR("HOOX_NOTIFY_URL"), &url)) || url.len == 0) return HX_OK;
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

/* At least once: a crash between telling and noting it down tells it again. */
void hx_outbox_handle(struct hx_req *req) {
    struct hx_outbox_row *rows = NULL;
    uint32_t count = 0;
    hx_err err = hx_ledger_outbox_due(req, hx_port_now(req), &rows, &count);
    for (uint32_t i = 0; hx_ok(err) && i < count; i++) {
        size_t mark = hx_arena_mark(&req->arena);
        struct hx_batch batch;
        hx_batch_init(&batch, req);
        hx_err sent = deliver(req, &rows[i]);
        if (hx_ok(sent)) {
            hx_batch_add_outbox_sent(&batch, rows[i].id, hx_port_now(req));
        } else {
            hx_time due = outbox_due(req, rows[i].tries);
            hx_batch_add_outbox_failed(&batch, rows[i].id, hx_str_from_c(hx_err_name(sent)), due);
            hx_port_queue_send(req, HX_LANE_OUTBOX, due);
        }
        err = hx_batch_write(&batch, NULL);
        hx_arena_rewind(&req->arena, mark);
    }
    if (hx_failed(err)) {
        hx_port_log(req, HX_LOG_WARN, HX_STR("the outbox waits for the next tick"), hx_str_from_c(hx_err_name(err)));
    } else if (count > 0) {
        hx_port_queue_send(req, HX_LANE_OUTBOX, hx_port_now(req));
    }
}

void hx_health_handle(struct hx_req *req, struct hx_reply *reply) {
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_str body = HX_STR("{\"success\":true,\"status\":\"ok\"}");
    if (hx_ok(hx_buf_make(&buf, &req->arena, 256))) {
        hx_json_begin(&w, &buf);
        hx_json_open_object(&w, NULL);
        hx_json_write_bool(&w, "success", true);
        hx_json_write_str(&w, "status", HX_STR("ok"));
        hx_json_write_str(&w, "service", HX_STR("hoox"));
        hx_json_write_i64(&w, "timestamp", hx_port_now(req));
        hx_json_close_object(&w);
        hx_str made;
        if (hx_ok(hx_buf_finish(&buf, &made))) body = made;
    }
    hx_reply_json(reply, 200, body);
}

/* Whether a venue's base URL leads to this machine: a laboratory or another stand-in, no real exchange. */
static bool is_stand_in(struct hx_req *req, hx_str setting_name) {
    hx_str url;
    struct hx_http_url parts;
    if (hx_failed(hx_port_setting(req, setting_name, &url)) || hx_failed(hx_http_parse_url(url, &parts))) return false;
    return hx_str_starts_with(parts.host, HX_STR("127.")) || hx_str_equal(parts.host, HX_STR("::1")) ||
           hx_str_equal(parts.host, HX_STR("localhost"));
}

/* Writes a row for real: a ledger that can only be read is not ready. */
static bool ledger_writable(struct hx_req *req) {
    const struct hx_db_stmt statement = {
        "INSERT INTO meta (name, value) VALUES ('ready_probe', '1') ON CONFLICT (name) DO UPDATE SET value = '1'", NULL,
        0, 1};
    return hx_ok(hx_port_db_batch(req, &statement, 1, NULL));
}

/* Anybody may ask, so the ledger is written once in a while, not once a question. */
static bool was_writable(struct hx_req *req) {
    hx_str known, text;
    struct hx_buf buf;
    int64_t until = 0;
    hx_time now = hx_port_now(req);
    bool fresh =
        hx_ok(hx_port_memo_get(req, HX_STR("ready"), &known)) && hx_ok(hx_str_parse_i64(known, &until)) && now < until;
    if (fresh) return true;
    if (!ledger_writable(req) || hx_failed(hx_buf_make(&buf, &req->arena, 24))) return false;
    hx_buf_add_i64(&buf, now + READY_MEMORY_MS);
    text = hx_buf_str(&buf);
    hx_port_memo_put(req, HX_STR("ready"), text);
    return true;
}

void hx_ready_handle(struct hx_req *req, struct hx_reply *reply) {
    const struct hx_account account = {HX_VENUE_BINANCE, HX_MARKET_FUTURES, false};
    struct hx_buf buf;
    struct hx_json_writer w;
    int64_t signals_open = 0, outbox_open = 0;
    struct hx_venue_clock clock;
    bool writable = was_writable(req) && hx_ok(hx_ledger_counts(req, &signals_open, &outbox_open));
    struct hx_venue_result venue = hx_venue_sync_clock(req, &account);
    bool reachable = venue.outcome == HX_OUTCOME_DONE;
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(&account);
    bool has_offset = reachable && adapter != NULL && hx_venue_clock_find(req, adapter, account.test, &clock);
    hx_str body = HX_STR("{\"success\":false}");
    if (hx_ok(hx_buf_make(&buf, &req->arena, 1024))) {
        hx_json_begin(&w, &buf);
        hx_json_open_object(&w, NULL);
        hx_json_write_bool(&w, "success", writable && reachable);
        hx_json_write_bool(&w, "ledgerWritable", writable);
        hx_json_write_i64(&w, "queueDepth", signals_open);
        hx_json_write_i64(&w, "outboxDepth", outbox_open);
        hx_json_open_object(&w, "venues");
        hx_json_open_object(&w, "binance");
        hx_json_write_bool(&w, "reachable", reachable);
        hx_json_write_bool(&w, "standIn", is_stand_in(req, HX_STR("HOOX_BINANCE_FUTURES_URL")));
        if (has_offset) hx_json_write_i64(&w, "clockOffsetMs", clock.offset_ms);
        if (!reachable) hx_json_write_str(&w, "problem", venue.message);
        hx_json_close_object(&w);
        hx_json_close_object(&w);
        hx_json_close_object(&w);
        hx_str made;
        if (hx_ok(hx_buf_finish(&buf, &made))) body = made;
    }
    hx_reply_json(reply, writable && reachable ? 200 : 503, body);
}
