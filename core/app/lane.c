/* Lanes: everything for one (live or test, symbol), one at a time, in order of acceptance (I5). */
#include "core/app/flows.h"
#include "core/app/work.h"

#define DRAIN_ROUNDS_MAX 64
#define FOLLOW_MIN_MS (5 * HX_MS_PER_SECOND)

/* A lane whose head could not be worked on: the owner is told once, and it is looked at again. */
static hx_err set_aside(struct hx_req *req, const struct hx_signal_row *row, hx_err why) {
    struct hx_work work;
    hx_mem_set(&work, 0, sizeof(work));
    work.req = req;
    work.row = *row;
    enum hx_work_result result = HX_WORK_PARKED;
    return hx_work_unknown(&work, NULL, hx_str_from_c(hx_err_text(why)), hx_port_now(req) + 5 * HX_MS_PER_SECOND,
                           &result);
}

static hx_err route(struct hx_work *work, bool *routed) {
    struct hx_req *req = work->req;
    hx_str problem;
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    *routed = work->row.venue != HX_VENUE_NONE;
    if (*routed) return HX_OK;
    HX_TRY(hx_work_route(req, &work->signal, &work->account, &problem));
    work->row.venue = work->account.venue;
    if (problem.len > 0) {
        const struct hx_verdict verdict = {HX_STR("rejected"), 400, HX_STR("VALIDATION_ERROR"), problem,
                                           HX_STR("exchange")};
        return hx_work_finish(work, &batch, &verdict);
    }
    *routed = true;
    hx_batch_add_route(&batch, work->row.id, work->account.venue);
    return hx_batch_write(&batch, NULL);
}

static hx_err run_one(struct hx_req *req, const struct hx_signal_row *row, enum hx_work_result *result) {
    struct hx_work work;
    HX_TRY(hx_work_init(&work, req, row));
    bool routed = false;
    *result = HX_WORK_FINISHED;
    HX_TRY(route(&work, &routed));
    if (!routed) return HX_OK;
    return hx_work_run(&work, false, result);
}

hx_err hx_lane_drain(struct hx_req *req, hx_str lane, hx_str until) {
    for (uint32_t round = 0; round < DRAIN_ROUNDS_MAX; round++) {
        size_t mark = hx_arena_mark(&req->arena);
        struct hx_signal_row row;
        hx_err err = hx_ledger_first_open(req, lane, &row);
        if (hx_err_is(err, HX_CLASS_ABSENT)) return HX_OK;
        HX_TRY(err);
        if (row.due_ms > hx_port_now(req)) {
            hx_port_queue_send(req, lane, row.due_ms);
            return HX_OK;
        }
        enum hx_work_result result = HX_WORK_PARKED;
        err = run_one(req, &row, &result);
        if (hx_ok(err) && result == HX_WORK_FINISHED && hx_str_equal(row.id, until)) return HX_OK;
        /* Conditions that no longer hold mean that somebody was first: look again. */
        if (hx_failed(err) && !hx_err_is(err, HX_CLASS_CONFLICT)) {
            if (!hx_err_is(err, HX_CLASS_REJECT) && !hx_err_is(err, HX_CLASS_LIMIT)) return err;
            if (hx_err_equal(err, HX_ERR(LIMIT_TIME))) return err;
            hx_port_log(req, HX_LOG_ERROR, HX_STR("a signal can't be worked on"), hx_str_from_c(hx_err_name(err)));
            hx_arena_rewind(&req->arena, mark);
            HX_TRY(hx_ledger_first_open(req, lane, &row));
            HX_TRY(set_aside(req, &row, err));
        }
        hx_arena_rewind(&req->arena, mark);
    }
    hx_port_queue_send(req, lane, hx_port_now(req));
    return HX_OK;
}

/* What became of one resting order since it was last looked at. */
static hx_err follow_one(struct hx_req *req, struct hx_order_row *order) {
    struct hx_signal_row row;
    HX_TRY(hx_ledger_get_signal(req, order->signal_id, &row));
    struct hx_work work;
    HX_TRY(hx_work_init(&work, req, &row));
    work.account = order->account;
    struct hx_venue_result rules = hx_venue_rules(req, &work.account, order->symbol, &work.rules);
    if (rules.outcome != HX_OUTCOME_DONE) return HX_OK;
    struct hx_order_report report;
    hx_venue_query(req, &work.account, order->symbol, order->client_order_id, &report);
    if (report.outcome != HX_OUTCOME_DONE) return HX_OK;
    bool unchanged = hx_dec_equal(report.executed_quantity, order->executed_quantity) &&
                     (report.status == HX_ORDER_NEW || report.status == HX_ORDER_PARTIALLY_FILLED);
    if (unchanged) return HX_OK;
    enum hx_work_result result = HX_WORK_GOES_ON;
    return hx_work_settle(&work, order, &report, false, &result);
}

/* How long until an order of this age is looked at again: often at first, once a minute in the end. */
static int64_t follow_delay_ms(int64_t age_ms) {
    int64_t delay = age_ms / 20;
    if (delay < FOLLOW_MIN_MS) return FOLLOW_MIN_MS;
    return delay < HX_MS_PER_MINUTE ? delay : HX_MS_PER_MINUTE;
}

/* Every wake-up of a lane comes by here, so wake-ups must not breed: one that comes before the time noted in the memo
 * leaves the asking to the one that was sent for that time. */
static hx_err follow_is_due(struct hx_req *req, hx_str lane, hx_str *memo, bool *due) {
    struct hx_buf buf;
    hx_str noted;
    int64_t next = 0;
    HX_TRY(hx_buf_make(&buf, &req->arena, lane.len + 16));
    hx_buf_add_c(&buf, "follow:");
    hx_buf_add(&buf, lane);
    HX_TRY(hx_buf_finish(&buf, memo));
    bool known = hx_ok(hx_port_memo_get(req, *memo, &noted)) && hx_ok(hx_str_parse_i64(noted, &next));
    *due = !known || hx_port_now(req) >= next;
    return HX_OK;
}

/* Resting orders are followed until they end. */
static hx_err follow(struct hx_req *req, hx_str lane) {
    struct hx_order_row *open = NULL;
    uint32_t count = 0;
    hx_str memo, next_text;
    bool due = false;
    HX_TRY(follow_is_due(req, lane, &memo, &due));
    if (!due) return HX_OK;
    HX_TRY(hx_ledger_orders_open(req, lane, &open, &count));
    if (count == 0) return HX_OK;
    for (uint32_t i = 0; i < count; i++) {
        size_t mark = hx_arena_mark(&req->arena);
        HX_TRY(follow_one(req, &open[i]));
        hx_arena_rewind(&req->arena, mark);
    }
    hx_time now = hx_port_now(req);
    hx_time next = now + follow_delay_ms(now - open[count - 1].created_ms);
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &req->arena, 24));
    hx_buf_add_i64(&buf, next);
    HX_TRY(hx_buf_finish(&buf, &next_text));
    hx_port_memo_put(req, memo, next_text);
    hx_port_queue_send(req, lane, next);
    return HX_OK;
}

void hx_lane_due_handle(struct hx_req *req, hx_str lane) {
    hx_err err = hx_port_lane_lock(req, lane);
    /* Under its lock, so that two wake-ups do not tell the same notice twice. */
    if (hx_ok(err) && hx_str_equal(lane, HX_LANE_OUTBOX)) {
        hx_outbox_handle(req);
        hx_port_lane_unlock(req);
    } else if (hx_ok(err)) {
        err = hx_lane_drain(req, lane, HX_STR_EMPTY);
        if (hx_ok(err)) err = follow(req, lane);
        hx_port_lane_unlock(req);
    }
    if (hx_failed(err) && !hx_err_equal(err, HX_ERR(LIMIT_TIME))) {
        hx_port_log(req, HX_LOG_ERROR, HX_STR("a lane could not be worked off"), hx_str_from_c(hx_err_name(err)));
        hx_port_queue_send(req, lane, hx_port_now(req) + 5 * HX_MS_PER_SECOND);
    }
}
