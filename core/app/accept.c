/* Accepting a signal in its lane: one durable batch before anything else happens, or the answer it had before.
 *
 * Two ways in. The ordinary one writes claim and signal, takes the lane and works it off in order. The short one serves
 * the common case, an entry into an idle lane with everything known: claim, signal and the order's intent go into one
 * batch, so that one durable write stands between the alert and the order. Its conditions are in its statements: no
 * other open signal in the lane, and the position unchanged. When they do not hold, the ordinary way follows. */
#include "core/admit/manifest.h"
#include "core/app/flows.h"
#include "core/app/setting.h"
#include "core/app/work.h"
#include "core/base/id.h"
#include "core/trade/size.h"

#define ACCEPT_ROUNDS_MAX 3

struct accepting {
    struct hx_req *req;
    const struct hx_event *event;
    struct hx_claim claim;
    struct hx_work work; /* row and signal from the start; the rest on the short way. */
    hx_time now;
};

hx_str hx_source_name(enum hx_source source) {
    switch (source) {
        case HX_SOURCE_WEBHOOK:
            return HX_STR("webhook");
        case HX_SOURCE_CLI:
            return HX_STR("cli");
        case HX_SOURCE_TELEGRAM:
            return HX_STR("telegram");
        case HX_SOURCE_RISK:
            return HX_STR("risk");
    }
    return HX_STR("webhook");
}

static hx_err make_id(struct hx_req *req, hx_time now, hx_str *out) {
    uint8_t random[10];
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &req->arena, HX_UUID_LEN));
    hx_port_random(req, random, sizeof(random));
    hx_uuid_add_to(&buf, hx_uuid_make_v7(now, random));
    return hx_buf_finish(&buf, out);
}

static hx_err digest_text(struct hx_arena *arena, const struct hx_claim *claim, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, arena, 2 * HX_SHA256_LEN));
    hx_buf_add_hex(&buf, claim->payload_digest, HX_SHA256_LEN);
    return hx_buf_finish(&buf, out);
}

static hx_err prepare_row(struct accepting *accepting) {
    struct hx_req *req = accepting->req;
    const struct hx_event *event = accepting->event;
    const struct hx_signal *signal = &accepting->work.signal;
    struct hx_signal_row *row = &accepting->work.row;
    row->body = accepting->claim.payload;
    HX_TRY(make_id(req, accepting->now, &row->id));
    HX_TRY(digest_text(&req->arena, &accepting->claim, &row->payload_digest));
    row->lane = event->lane;
    row->source = hx_source_name(event->source);
    row->key_name = event->key_name;
    row->idempotency_key = accepting->claim.idempotency_key;
    row->market = hx_market_name(signal->market);
    row->symbol = signal->symbol;
    row->action = hx_action_name(signal->action);
    row->status = HX_STR("accepted");
    row->test = signal->test;
    row->received_ms = event->received_ms;
    row->due_ms = 0; /* At once, even should the clock step back. */
    row->request_id = hx_str_from_c(req->id);
    row->has_expiry = !hx_signal_only_reduces(signal);
    int64_t age_max = signal->max_age_ms >= 0 ? signal->max_age_ms : hx_manifest_max_signal_age_ms(req);
    row->expires_ms = row->received_ms + age_max;
    return HX_OK;
}

static void reply_stored(struct hx_reply *reply, const struct hx_signal_row *row, bool replayed) {
    hx_reply_json(reply, row->reply_status, row->reply_body);
    if (replayed) hx_reply_add_header(reply, HX_STR("Idempotent-Replayed"), HX_STR("true"));
}

/* Before routing the exchange is the one that the signal names, if any. */
static hx_err accepted_make(struct accepting *accepting, hx_str *body) {
    struct hx_signal_row row = accepting->work.row;
    if (row.venue == HX_VENUE_NONE) row.venue = accepting->work.signal.venue;
    return hx_reply_body_accepted(accepting->req, &row, body);
}

static void reply_accepted(struct accepting *accepting, struct hx_reply *reply) {
    hx_str body;
    if (hx_failed(accepted_make(accepting, &body))) body = HX_STR("{\"success\":true,\"status\":\"accepted\"}");
    hx_reply_json(reply, 202, body);
}

static void reply_unavailable(struct hx_req *req, struct hx_reply *reply) {
    hx_reply_error(req, reply, 503, HX_STR("UNAVAILABLE"), HX_STR("the ledger can't be written; send it again"), NULL);
    hx_reply_add_header(reply, HX_STR("Retry-After"), HX_STR("5"));
}

/* The claim is taken: the stored answer, or why there is none. *gone: it has lapsed meanwhile. */
static hx_err replay(struct accepting *accepting, struct hx_reply *reply, bool *gone) {
    struct hx_req *req = accepting->req;
    struct hx_signal_row row;
    *gone = false;
    hx_err err = hx_ledger_find_claimed(req, &accepting->claim, accepting->event->received_ms, &row);
    if (hx_err_is(err, HX_CLASS_ABSENT)) {
        *gone = true;
        return HX_OK;
    }
    HX_TRY(err);
    if (!hx_str_equal(row.payload_digest, accepting->work.row.payload_digest)) {
        hx_reply_error(req, reply, 422, HX_STR("KEY_REUSED"),
                       HX_STR("this idempotency key was used with another payload; use a new key for a new signal"),
                       NULL);
    } else if (row.has_reply) {
        reply_stored(reply, &row, true);
    } else {
        hx_reply_error(req, reply, 409, HX_STR("IN_PROGRESS"),
                       HX_STR("the same signal is still being worked on; ask again for its answer"), NULL);
    }
    return HX_OK;
}

static void promise_202(struct accepting *accepting) {
    struct hx_req *req = accepting->req;
    int64_t budget = hx_setting_read_whole(req, HX_SETTING_REPLY_BUDGET_MS);
    struct hx_reply early;
    reply_accepted(accepting, &early);
    hx_port_reply_by(req, accepting->event->received_ms + budget, &early);
}

/* The first order of an idle lane whose every input is known; false when anything is missing. */
static bool short_way_applies(struct accepting *accepting, struct hx_order_row *order) {
    struct hx_work *work = &accepting->work;
    struct hx_req *req = accepting->req;
    const struct hx_signal *signal = &work->signal;
    struct hx_verdict verdict = {HX_STR_EMPTY, 0, HX_STR_EMPTY, HX_STR_EMPTY, HX_STR_EMPTY};
    struct hx_venue_result busy = {.outcome = HX_OUTCOME_DONE};
    hx_dec cap = HX_DEC_ZERO;
    if (signal->action != HX_ACTION_LONG && signal->action != HX_ACTION_SHORT) return false;
    if (signal->reduce_only || hx_manifest_queue_mode(req) == HX_QUEUE_EVERYWHERE) return false;
    if (hx_failed(hx_manifest_max_order_notional(req, &cap))) return false;
    struct hx_size_needs needs = hx_size_needs(signal, signal->order_type, false, cap);
    if (needs.price || needs.equity) return false;
    if (hx_failed(hx_work_route(req, signal, &work->account, &verdict)) || verdict.status.len > 0) return false;
    if (!hx_work_is_warm(work)) return false;
    enum hx_side side = signal->action == HX_ACTION_LONG ? HX_SIDE_BUY : HX_SIDE_SELL;
    if (hx_work_buys_by_value(hx_venue_traits(&work->account), signal->order_type, side)) return false;
    struct hx_venue_result rules = hx_venue_rules(req, &work->account, signal->symbol, &work->rules);
    if (rules.outcome != HX_OUTCOME_DONE) return false;
    if (hx_failed(hx_ledger_position(req, &work->account, signal->symbol, work->rules.quote_asset, &work->position))) {
        return false;
    }
    /* What rests in the lane is looked at before anything is planned, and that takes the ordinary way. */
    struct hx_order_row *resting = NULL;
    uint32_t resting_count = 0;
    if (hx_failed(hx_ledger_orders_open(req, work->row.lane, NULL, &resting, &resting_count)) || resting_count > 0) {
        return false;
    }
    work->row.venue = work->account.venue;
    work->order_count = 0;
    if (hx_failed(hx_work_next_order(work, order, &verdict, &busy))) return false;
    if (verdict.status.len > 0 || busy.outcome != HX_OUTCOME_DONE || !order->opens) return false;
    int64_t retry_after_ms = 0;
    return hx_venue_begin(req, &work->account, false, false, &retry_after_ms);
}

/* *taken: a claim holds already. *done: accepted, with the intent in the same batch. */
static hx_err accept_short(struct accepting *accepting, bool *taken, bool *done) {
    struct hx_order_row order;
    uint32_t failed = 0;
    *taken = false;
    *done = false;
#if defined(HX_BUG_1) || defined(HX_BUG_4)
    return HX_OK;
#endif
    if (!short_way_applies(accepting, &order)) return HX_OK;
    struct hx_batch batch;
    hx_batch_init(&batch, accepting->req);
    hx_batch_add_claim(&batch, &accepting->claim, accepting->work.row.id, accepting->event->received_ms);
    hx_batch_add_signal(&batch, &accepting->work.row, true);
    hx_batch_add_intent(&batch, &order, accepting->work.position.version);
    /* Before anybody can see the intent. */
    hx_lane_note_sender(accepting->req, order.lane, order.signal_id, order.send_by_ms);
    hx_err err = hx_batch_write(&batch, &failed);
    if (hx_failed(err)) hx_lane_note_sender(accepting->req, order.lane, HX_STR_EMPTY, 0);
    if (hx_err_is(err, HX_CLASS_CONFLICT)) {
        *taken = failed <= HX_ACCEPT_CLAIM;
        accepting->work.row.venue = HX_VENUE_NONE;
        return HX_OK;
    }
    HX_TRY(err);
    accepting->work.orders[accepting->work.order_count++] = order;
    *done = true;
    return HX_OK;
}

static hx_err accept_plain(struct accepting *accepting, bool *taken) {
    struct hx_req *req = accepting->req;
    struct hx_signal_row row = accepting->work.row;
    uint32_t failed = 0;
    if (hx_manifest_queue_mode(req) == HX_QUEUE_EVERYWHERE) {
        HX_TRY(accepted_make(accepting, &row.reply_body));
        row.has_reply = true;
        row.reply_status = 202;
    }
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    hx_batch_add_claim(&batch, &accepting->claim, row.id, accepting->event->received_ms);
    hx_batch_add_signal(&batch, &row, false);
    /* An exit must not sit out the pause of an entry queued before it. */
    const struct hx_signal *signal = &accepting->work.signal;
    if (hx_signal_only_reduces(signal)) hx_batch_add_wake(&batch, row.lane, signal->market, signal->venue);
    hx_err err = hx_batch_write(&batch, &failed);
    *taken = hx_err_is(err, HX_CLASS_CONFLICT) && failed <= HX_ACCEPT_CLAIM;
    return *taken ? HX_OK : err;
}

/* Works the lane off and answers with what became of this signal. */
static void execute(struct accepting *accepting, bool fresh, struct hx_reply *reply) {
    struct hx_req *req = accepting->req;
    struct hx_work *work = &accepting->work;
    hx_str id = work->row.id;
    hx_err err = hx_port_lane_lock(req, work->row.lane);
    if (fresh) hx_lane_note_sender(req, work->row.lane, HX_STR_EMPTY, 0);
    if (hx_ok(err)) {
        enum hx_work_result result = HX_WORK_GOES_ON;
        if (fresh) err = hx_work_run(work, true, &result);
        bool answered = fresh && hx_ok(err) && result == HX_WORK_FINISHED;
        /* Whoever held the lane before may have taken the order on: then draining finds what became of it. */
        if (hx_err_is(err, HX_CLASS_CONFLICT)) err = HX_OK;
        if (answered) reply_stored(reply, &work->row, false);
        if (hx_ok(err) && !answered) err = hx_lane_drain(req, work->row.lane, id);
        hx_port_lane_unlock(req);
        if (answered) return;
    }
    struct hx_signal_row row;
    if (hx_ok(err) && hx_ok(hx_ledger_get_signal(req, id, &row)) && row.has_reply) {
        reply_stored(reply, &row, false);
        return;
    }
    if (hx_failed(err)) {
        /* A host that cuts waiting short does so on purpose. */
        enum hx_log_level level = hx_err_equal(err, HX_ERR(LIMIT_TIME)) ? HX_LOG_DEBUG : HX_LOG_ERROR;
        hx_port_log(req, level, HX_STR("a signal is left for recovery"), hx_str_from_c(hx_err_name(err)));
        hx_port_queue_send(req, work->row.lane, hx_port_now(req) + HX_MS_PER_SECOND);
    }
    /* Accepted and durable, whatever went wrong since: recovery will finish it. */
    reply_accepted(accepting, reply);
}

static void after_accept(struct accepting *accepting, bool fresh, struct hx_reply *reply) {
    struct hx_req *req = accepting->req;
    if (!fresh && hx_manifest_queue_mode(req) == HX_QUEUE_EVERYWHERE) {
        hx_port_queue_send(req, accepting->work.row.lane, accepting->now);
        reply_accepted(accepting, reply);
        return;
    }
    promise_202(accepting);
    execute(accepting, fresh, reply);
}

static hx_err parse_event(struct accepting *accepting) {
    const struct hx_event *event = accepting->event;
    struct hx_req *req = accepting->req;
    struct hx_signal_issues issues;
    struct hx_buf scope;
    hx_str scope_text;
    const struct hx_json *root = NULL;
    HX_TRY(hx_signal_parse(&req->arena, event->body, &accepting->work.signal, &root, &issues));
    HX_TRY(hx_buf_make(&scope, &req->arena, event->key_name.len + 16));
    hx_buf_add(&scope, hx_source_name(event->source));
    hx_buf_add_char(&scope, ':');
    hx_buf_add(&scope, event->key_name);
    HX_TRY(hx_buf_finish(&scope, &scope_text));
    HX_TRY(hx_claim_make(&req->arena, &accepting->work.signal, root, scope_text, event->lane, event->idempotency_key,
                         event->received_ms, &accepting->claim));
#ifdef HX_BUG_6
    /* Planted: the identity of a keyless signal is the minute it came in. */
    if (accepting->claim.lasts_ms == HX_CLAIM_WINDOW_MS) {
        accepting->claim.key[HX_CLAIM_LEN - 1] ^= (uint8_t)(event->received_ms / HX_MS_PER_MINUTE);
        accepting->claim.key_previous[HX_CLAIM_LEN - 1] ^= (uint8_t)(event->received_ms / HX_MS_PER_MINUTE);
    }
#endif
    return prepare_row(accepting);
}

void hx_signal_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    void *memory = NULL;
    struct accepting *accepting = NULL;
    hx_err err = hx_arena_make(&req->arena, 1, sizeof(*accepting), &memory);
    if (hx_ok(err)) {
        accepting = memory;
        *accepting = (struct accepting){.req = req, .event = event, .now = hx_port_now(req)};
        accepting->work.req = req;
        err = parse_event(accepting);
    }
    if (hx_err_is(err, HX_CLASS_REJECT)) {
        /* The door has checked the body; what is left to be wrong is the key in the header. */
        const struct hx_signal_issues issues = {
            .count = 1, .list = {{HX_STR("Idempotency-Key"), HX_STR("must be 1 to 255 printable characters")}}};
        hx_reply_error(req, reply, 400, HX_STR("VALIDATION_ERROR"), HX_STR("the signal is not valid; see details"),
                       &issues);
        return;
    }
    if (hx_failed(err)) {
        hx_reply_error(req, reply, 413, HX_STR("TOO_LARGE"), hx_str_from_c(hx_err_text(err)), NULL);
        return;
    }
#ifdef HX_BUG_4
    promise_202(accepting);
    hx_port_reply_by(req, accepting->now, &(struct hx_reply){.status = 202, .body = HX_STR("{\"success\":true}")});
#endif
    for (uint32_t round = 0; round < ACCEPT_ROUNDS_MAX; round++) {
        bool taken = false;
        bool fresh = false;
        bool gone = false;
        err = accept_short(accepting, &taken, &fresh);
        if (hx_ok(err) && !taken && !fresh) err = accept_plain(accepting, &taken);
        if (hx_ok(err) && !taken) {
            after_accept(accepting, fresh, reply);
            return;
        }
        if (hx_ok(err)) err = replay(accepting, reply, &gone);
        if (hx_failed(err)) break;
        if (!gone) return;
    }
    hx_port_log(req, HX_LOG_ERROR, HX_STR("a signal could not be accepted"), hx_str_from_c(hx_err_name(err)));
    /* It may have been written all the same (class UNKNOWN): the lane is looked at soon. */
    hx_port_queue_send(req, event->lane, hx_port_now(req) + HX_MS_PER_SECOND);
    reply_unavailable(req, reply);
}
