/* Lanes: everything for one (live or test, symbol), one at a time, in order of acceptance (I5). */
#include "core/admit/manifest.h"
#include "core/app/flows.h"
#include "core/app/work.h"

#define DRAIN_ROUNDS_MAX 64
/* A signal looks at every order that rests in its lane: another request, with calls of its own, goes on. */
#define DRAIN_CALLS_MAX (HX_REQUEST_CALLS_MAX / 4)
#define CONFLICTS_MAX 3
#define SET_ASIDE_MS (5 * HX_MS_PER_SECOND)
#define FOLLOW_MIN_MS (5 * HX_MS_PER_SECOND)
#define HINT_PAUSE_MS HX_MS_PER_SECOND

/* A signal that can't be worked on, and not because somebody was first. At first it is set aside and the owner told;
 * when that did not help it ends, unless an order of it may be at the venue: that is looked at for as long as it takes.
 */
static hx_err give_up(struct hx_req *req, hx_str id, hx_err why) {
    struct hx_signal_row row;
    struct hx_work work;
    struct hx_order_row *orders = NULL;
    uint32_t count = 0;
    HX_TRY(hx_ledger_get_signal(req, id, &row));
    HX_TRY(hx_ledger_orders_of(req, row.id, &orders, &count));
    hx_mem_set(&work, 0, sizeof(work));
    work.req = req;
    work.row = row;
    bool uncertain = false;
    for (uint32_t i = 0; i < count && i < HX_WORK_ORDERS_MAX; i++) {
        work.orders[work.order_count++] = orders[i];
        uncertain = uncertain || hx_str_equal(orders[i].status, HX_STATUS_INTENT);
    }
    enum hx_work_result result = HX_WORK_PARKED;
    if (uncertain || !hx_str_equal(row.status, HX_STR("unknown"))) {
        hx_time due = hx_port_now(req) + SET_ASIDE_MS;
        return hx_work_unknown(&work, NULL, hx_str_from_c(hx_err_text(why)), due, &result);
    }
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    const struct hx_verdict verdict = {HX_STR("failed"), 422, HX_STR("NOT_POSSIBLE"), hx_str_from_c(hx_err_text(why)),
                                       HX_STR_EMPTY};
    return hx_work_finish(&work, &batch, &verdict);
}

/* An exit that waits behind an entry which has not got anywhere ends the entry: opening first what is to be closed at
 * once would be the one thing nobody wants. */
static hx_err supersede(struct hx_req *req, const struct hx_signal_row *row, bool *superseded) {
    struct hx_work entry;
    struct hx_order_row *orders = NULL;
    struct hx_signal_row exit_row;
    uint32_t count = 0;
    *superseded = false;
    if (!row->has_expiry || !hx_str_equal(row->status, HX_STR("queued"))) return HX_OK;
    size_t mark = hx_arena_mark(&req->arena);
    hx_err err = hx_ledger_exit_behind(req, row->lane, row->seq, &exit_row);
    hx_arena_rewind(&req->arena, mark);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return HX_OK;
    HX_TRY(err);
    HX_TRY(hx_work_init(&entry, req, row));
    HX_TRY(hx_ledger_orders_of(req, row->id, &orders, &count));
    for (uint32_t i = 0; i < count && i < HX_WORK_ORDERS_MAX; i++) {
        if (hx_str_equal(orders[i].status, HX_STATUS_INTENT)) return HX_OK;
        entry.orders[entry.order_count++] = orders[i];
    }
    HX_TRY(hx_work_gives_way(&entry, superseded));
    if (!*superseded) return HX_OK;
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    const struct hx_verdict verdict = {HX_STR("superseded"), 409, HX_STR("SUPERSEDED"),
                                       HX_STR("an exit came while this entry waited for the venue; it was not sent"),
                                       HX_STR_EMPTY};
    return hx_work_finish(&entry, &batch, &verdict);
}

static hx_err route(struct hx_work *work, bool *routed) {
    struct hx_req *req = work->req;
    struct hx_verdict verdict;
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    *routed = work->row.venue != HX_VENUE_NONE;
    if (*routed) return HX_OK;
    HX_TRY(hx_work_route(req, &work->signal, &work->account, &verdict));
    work->row.venue = work->account.venue;
    if (verdict.status.len > 0) return hx_work_finish(work, &batch, &verdict);
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

/* Wakes the lane at `due` unless a wake-up before that is on its way: wake-ups must not breed. */
static void wake_later(struct hx_req *req, hx_str lane, hx_time due) {
    struct hx_buf buf;
    hx_str memo, noted, text;
    int64_t next = 0;
    hx_time now = hx_port_now(req);
    if (hx_failed(hx_buf_make(&buf, &req->arena, lane.len + 16))) return;
    hx_buf_add_c(&buf, "wake:");
    hx_buf_add(&buf, lane);
    memo = hx_buf_str(&buf);
    bool known = hx_ok(hx_port_memo_get(req, memo, &noted)) && hx_ok(hx_str_parse_i64(noted, &next));
    if (known && next > now && next <= due) return;
    if (hx_ok(hx_buf_make(&buf, &req->arena, 24))) {
        hx_buf_add_i64(&buf, due);
        text = hx_buf_str(&buf);
        hx_port_memo_put(req, memo, text);
    }
    hx_port_queue_send(req, lane, due);
}

/* What an error of run_one means for the lane: HX_OK to go on with it as it is now. `id`: of the signal. */
static hx_err handle_failure(struct hx_req *req, hx_str id, hx_err err, uint32_t *conflicts) {
    bool conflict = hx_err_is(err, HX_CLASS_CONFLICT);
    *conflicts = conflict ? *conflicts + 1 : 0;
    /* Conditions that no longer hold mean that somebody was first: look again, but not for ever. */
    if (hx_ok(err) || (conflict && *conflicts < CONFLICTS_MAX)) return HX_OK;
    bool repeats = conflict || hx_err_is(err, HX_CLASS_REJECT) || hx_err_is(err, HX_CLASS_LIMIT);
    if (!repeats || hx_err_equal(err, HX_ERR(LIMIT_TIME))) return err;
    hx_port_log(req, HX_LOG_ERROR, HX_STR("a signal can't be worked on"), hx_str_from_c(hx_err_name(err)));
    *conflicts = 0;
    return give_up(req, id, err);
}

static hx_err sender_key(struct hx_req *req, hx_str lane, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &req->arena, lane.len + 16));
    hx_buf_add_c(&buf, "sender:");
    hx_buf_add(&buf, lane);
    return hx_buf_finish(&buf, out);
}

void hx_lane_note_sender(struct hx_req *req, hx_str lane, hx_str signal_id, hx_time until) {
    struct hx_buf buf;
    hx_str key, value;
    if (hx_failed(sender_key(req, lane, &key)) || hx_failed(hx_buf_make(&buf, &req->arena, signal_id.len + 24))) return;
    hx_buf_add(&buf, signal_id);
    hx_buf_add_char(&buf, ' ');
    hx_buf_add_i64(&buf, until);
    if (hx_ok(hx_buf_finish(&buf, &value))) hx_port_memo_put(req, key, value);
}

/* Whether the request that wrote the signal's intent is about to send it; then it is left to that. */
static bool has_sender(struct hx_req *req, const struct hx_signal_row *row) {
    hx_str key, value, id;
    hx_time until = 0;
    if (hx_failed(sender_key(req, row->lane, &key)) || hx_failed(hx_port_memo_get(req, key, &value))) return false;
    if (!hx_str_split(&value, ' ', &id) || !hx_str_equal(id, row->id)) return false;
    if (hx_failed(hx_str_parse_i64(value, &until)) || hx_port_now(req) > until) return false;
    wake_later(req, row->lane, until + 1);
    return true;
}

/* The signal to work on next: the lane's first, or one that may go ahead of it. *ready false: there is none now, and
 * the lane will be woken. *superseded: the first one was ended for an exit behind it. */
static hx_err choose(struct hx_req *req, hx_str lane, hx_str until, struct hx_signal_row *row, bool *superseded,
                     bool *ready) {
    *superseded = *ready = false;
    hx_err err = hx_ledger_first_open(req, lane, row);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return HX_OK;
    HX_TRY(err);
    if (!hx_str_equal(row->id, until) && has_sender(req, row)) return HX_OK;
    HX_TRY(supersede(req, row, superseded));
    *ready = *superseded || row->due_ms <= hx_port_now(req);
    if (*ready) return HX_OK;
    struct hx_signal_row ahead;
    hx_time due = row->due_ms;
    HX_TRY(hx_work_find_overtaking(req, row, &ahead, ready, &due));
    if (*ready) *row = ahead;
    else wake_later(req, lane, due);
    return HX_OK;
}

hx_err hx_lane_drain(struct hx_req *req, hx_str lane, hx_str until) {
    uint32_t conflicts = 0;
    for (uint32_t round = 0; round < DRAIN_ROUNDS_MAX && req->call_count < DRAIN_CALLS_MAX; round++) {
        size_t mark = hx_arena_mark(&req->arena);
        struct hx_signal_row row;
        char id[HX_UUID_LEN];
        bool superseded = false, ready = false;
        HX_TRY(choose(req, lane, until, &row, &superseded, &ready));
        if (!ready) return HX_OK;
        enum hx_work_result result = HX_WORK_PARKED;
        hx_err err = superseded ? HX_OK : run_one(req, &row, &result);
        if (hx_ok(err) && result == HX_WORK_FINISHED && hx_str_equal(row.id, until)) return HX_OK;
        size_t id_len = row.id.len < sizeof(id) ? row.id.len : sizeof(id);
        hx_mem_copy(id, row.id.data, id_len);
        hx_arena_rewind(&req->arena, mark);
        HX_TRY(handle_failure(req, hx_str_make(id, id_len), err, &conflicts));
        hx_arena_rewind(&req->arena, mark);
    }
    hx_port_queue_send(req, lane, hx_port_now(req));
    return HX_OK;
}

/* What became of one resting order since it was last looked at. With the kill switch on, an entry does not go on
 * resting: it could still add exposure; nor does an order on which nobody counts any more. */
static hx_err follow_one(struct hx_req *req, struct hx_order_row *order, bool stopped) {
    struct hx_signal_row row;
    bool turned_up = true;
    if (hx_absent_is(order)) HX_TRY(hx_absent_look(req, order, &turned_up));
    if (!turned_up) return HX_OK;
    HX_TRY(hx_ledger_get_signal(req, order->signal_id, &row));
    struct hx_work work;
    HX_TRY(hx_work_init(&work, req, &row));
    work.account = order->account;
    struct hx_venue_result rules;
    HX_TRY(hx_work_load_rules(&work, true, &rules));
    if (rules.outcome != HX_OUTCOME_DONE) return HX_OK;
    struct hx_order_report report;
    HX_TRY(hx_work_ask_resting(&work, order, order->disowned || (stopped && order->opens), &report));
    if (report.outcome != HX_OUTCOME_DONE) return HX_OK;
    bool unchanged = hx_dec_equal(report.executed_quantity, order->executed_quantity) &&
                     (report.status == HX_ORDER_NEW || report.status == HX_ORDER_PARTIALLY_FILLED);
    if (unchanged) return HX_OK;
    enum hx_work_result result = HX_WORK_GOES_ON;
    return hx_work_settle_resting(&work, order, &report, &result);
}

/* How long until an order of this age is looked at again: often at first, once a minute in the end. */
static int64_t follow_delay_ms(int64_t age_ms) {
    int64_t delay = age_ms / 20;
    if (delay < FOLLOW_MIN_MS) return FOLLOW_MIN_MS;
    return delay < HX_MS_PER_MINUTE ? delay : HX_MS_PER_MINUTE;
}

static hx_err lane_memo(struct hx_req *req, const char *kind, hx_str lane, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &req->arena, lane.len + 16));
    hx_buf_add_c(&buf, kind);
    hx_buf_add(&buf, lane);
    return hx_buf_finish(&buf, out);
}

void hx_lane_note_moved(struct hx_req *req, hx_str lane) {
    hx_str memo;
    struct hx_buf buf;
    hx_time now = hx_port_now(req);
    if (hx_ok(lane_memo(req, "moved:", lane, &memo)) && hx_ok(hx_buf_make(&buf, &req->arena, 24))) {
        hx_buf_add_i64(&buf, now);
        hx_port_memo_put(req, memo, hx_buf_str(&buf));
    }
    hx_port_queue_send(req, lane, now);
}

/* When resting orders of a lane are asked for again, and when they were asked for last. */
struct following {
    hx_str memo;
    hx_time next, asked;
    bool due;
};

/* Whether a hint came since the last asking began. It is answered at once, but not more than once a second. */
static hx_err hint_is_due(struct hx_req *req, hx_str lane, const struct following *following, bool *due) {
    hx_str memo, noted;
    int64_t moved = 0;
    hx_time now = hx_port_now(req);
    *due = false;
    HX_TRY(lane_memo(req, "moved:", lane, &memo));
    bool known = hx_ok(hx_port_memo_get(req, memo, &noted)) && hx_ok(hx_str_parse_i64(noted, &moved));
    if (!known || moved < following->asked) return HX_OK;
    hx_time earliest = following->asked + HINT_PAUSE_MS;
    *due = now >= earliest || now < following->asked;
    if (!*due) hx_port_queue_send(req, lane, earliest);
    return HX_OK;
}

/* Every wake-up of a lane comes by here, so wake-ups must not breed: one that comes before the time noted in the memo
 * leaves the asking to the one that was sent for that time. */
static hx_err follow_is_due(struct hx_req *req, hx_str lane, struct following *following) {
    hx_str noted, next_text;
    *following = (struct following){.due = true};
    HX_TRY(lane_memo(req, "follow:", lane, &following->memo));
    if (hx_failed(hx_port_memo_get(req, following->memo, &noted)) || !hx_str_split(&noted, ' ', &next_text)) {
        return HX_OK;
    }
    if (hx_failed(hx_str_parse_i64(next_text, &following->next)) ||
        hx_failed(hx_str_parse_i64(noted, &following->asked))) {
        return HX_OK;
    }
    following->due = hx_port_now(req) >= following->next;
    return following->due ? HX_OK : hint_is_due(req, lane, following, &following->due);
}

static hx_err follow_remember(struct hx_req *req, const struct following *following) {
    struct hx_buf buf;
    hx_str text;
    HX_TRY(hx_buf_make(&buf, &req->arena, 48));
    hx_buf_add_i64(&buf, following->next);
    hx_buf_add_char(&buf, ' ');
    hx_buf_add_i64(&buf, following->asked);
    HX_TRY(hx_buf_finish(&buf, &text));
    hx_port_memo_put(req, following->memo, text);
    return HX_OK;
}

/* All of a lane's, a page at a time. *youngest: when the last of them was placed; 0: there are none. */
static hx_err follow_all(struct hx_req *req, hx_str lane, bool stopped, hx_time *youngest) {
    struct hx_order_cursor cursor = {0};
    struct hx_order_row *open = NULL;
    uint32_t count = HX_LEDGER_PAGE_ORDERS;
    while (count == HX_LEDGER_PAGE_ORDERS) {
        size_t page = hx_arena_mark(&req->arena);
        HX_TRY(hx_ledger_orders_open(req, lane, &cursor, &open, &count));
        for (uint32_t i = 0; i < count; i++) {
            size_t mark = hx_arena_mark(&req->arena);
            HX_TRY(follow_one(req, &open[i], stopped));
            hx_arena_rewind(&req->arena, mark);
        }
        hx_arena_rewind(&req->arena, page);
    }
    *youngest = cursor.after_ms;
    return HX_OK;
}

/* Resting orders are followed until they end. */
static hx_err follow(struct hx_req *req, hx_str lane) {
    hx_time youngest = 0;
    struct following following;
    bool stopped = hx_manifest_kill_switch(req) != HX_KILL_SWITCH_OFF;
    HX_TRY(follow_is_due(req, lane, &following));
    if (!following.due && !stopped) return HX_OK;
    hx_time asked = hx_port_now(req);
    HX_TRY(follow_all(req, lane, stopped, &youngest));
    if (youngest == 0) return HX_OK;
    following.asked = asked;
    hx_time now = hx_port_now(req);
    following.next = now + follow_delay_ms(now - youngest);
    HX_TRY(follow_remember(req, &following));
    if (following.due) hx_port_queue_send(req, lane, following.next);
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
