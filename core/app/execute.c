/* Executing one signal: load, decide the next leg, make its intent durable, drive it, until there is no next leg. */
#include "core/admit/manifest.h"
#include "core/app/setting.h"
#include "core/app/work.h"
#include "core/base/id.h"
#include "core/trade/amount.h"
#include "core/trade/attempt.h"
#include "core/trade/size.h"

#define KEYLESS_LEN_MAX 320

hx_err hx_work_init(struct hx_work *work, struct hx_req *req, const struct hx_signal_row *row) {
    struct hx_signal_issues issues;
    hx_mem_set(work, 0, sizeof(*work));
    work->req = req;
    work->row = *row;
    HX_TRY(hx_signal_parse(&req->arena, row->body, &work->signal, NULL, &issues));
    work->account = (struct hx_account){row->venue, work->signal.market, row->test};
    return HX_OK;
}

int32_t hx_work_leverage(struct hx_work *work) {
    return work->signal.leverage > 0 ? work->signal.leverage : hx_manifest_default_leverage(work->req);
}

hx_str hx_work_spot_asset(const struct hx_work *work) {
    return work->account.market == HX_MARKET_SPOT ? work->rules.base_asset : HX_STR_EMPTY;
}

bool hx_work_buys_by_value(const struct hx_venue_traits *traits, enum hx_order_type type, enum hx_side side) {
    return traits->market_buy_in_quote && type == HX_ORDER_MARKET && side == HX_SIDE_BUY;
}

static hx_err warm_key(struct hx_work *work, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &work->req->arena, 96));
    hx_buf_add_c(&buf, "warm:");
    hx_buf_add(&buf, hx_venue_name(work->account.venue));
    hx_buf_add_char(&buf, ':');
    hx_buf_add(&buf, hx_market_name(work->account.market));
    hx_buf_add_c(&buf, work->account.test ? ":test:" : ":live:");
    hx_buf_add(&buf, work->signal.symbol);
    return hx_buf_finish(&buf, out);
}

/* The next entry like this one need not ask the venue anything before its order. */
static hx_err remember_warm(struct hx_work *work) {
    struct hx_buf buf;
    hx_str key, value;
    HX_TRY(warm_key(work, &key));
    HX_TRY(hx_buf_make(&buf, &work->req->arena, 32));
    hx_buf_add_i64(&buf, hx_port_now(work->req) + HX_WARM_MS);
    hx_buf_add_char(&buf, ' ');
    hx_buf_add_i64(&buf, hx_work_leverage(work));
    HX_TRY(hx_buf_finish(&buf, &value));
    hx_port_memo_put(work->req, key, value);
    return HX_OK;
}

bool hx_work_is_warm(struct hx_work *work) {
    hx_str key, value, until_text;
    int64_t until = 0, leverage = 0;
    if (hx_failed(warm_key(work, &key)) || hx_failed(hx_port_memo_get(work->req, key, &value))) return false;
    if (!hx_str_split(&value, ' ', &until_text)) return false;
    if (hx_failed(hx_str_parse_i64(until_text, &until)) || hx_failed(hx_str_parse_i64(value, &leverage))) return false;
    if (hx_port_now(work->req) >= until || leverage != hx_work_leverage(work)) return false;
    return hx_venue_has_leverage(work->req, &work->account, work->signal.symbol, (int32_t)leverage);
}

bool hx_work_has_executed(const struct hx_work *work) {
    for (uint32_t i = 0; i < work->order_count; i++) {
        if (!hx_dec_is_zero(work->orders[i].executed_quantity)) return true;
    }
    return false;
}

/* Of a flip the first half may be done. */
static hx_str what_was_sent(const struct hx_work *work, hx_str nothing, hx_str half) {
    return hx_work_has_executed(work) ? half : nothing;
}

void hx_work_check_gates(struct hx_work *work, bool opens, struct hx_verdict *verdict) {
    struct hx_req *req = work->req;
    enum hx_kill_switch kill_switch = hx_manifest_kill_switch(req);
    bool by_operator =
        !hx_str_equal(work->row.source, HX_STR("webhook")) && !hx_str_equal(work->row.source, HX_STR("risk"));
    bool stopped = opens ? kill_switch != HX_KILL_SWITCH_OFF : kill_switch == HX_KILL_SWITCH_HALT && !by_operator;
    if (stopped) {
        hx_str message =
            what_was_sent(work, HX_STR("the kill switch is on; nothing was sent"),
                          HX_STR("the kill switch is on: what was there is closed, and nothing was opened"));
        *verdict = (struct hx_verdict){HX_STR("refused"), 403, HX_STR("KILL_SWITCH"), message, HX_STR_EMPTY};
        return;
    }
    if (opens && work->row.has_expiry && hx_port_now(req) > work->row.expires_ms) {
        hx_str message = what_was_sent(
            work, HX_STR("the signal is older than its maximum age; nothing was sent"),
            HX_STR("the signal is older than its maximum age: what was there is closed, and nothing was opened"));
        *verdict = (struct hx_verdict){HX_STR("expired"), 403, HX_STR("EXPIRED"), message, HX_STR_EMPTY};
    }
}

struct hx_verdict hx_work_invalid(hx_str field, hx_str message) {
    return (struct hx_verdict){HX_STR("rejected"), 400, HX_STR("VALIDATION_ERROR"), message, field};
}

/* A venue without a key is a setting that was forgotten; where routing led there, in one of three places. */
static hx_err refuse_keyless(struct hx_req *req, const struct hx_account *account, bool routed,
                             struct hx_verdict *verdict) {
    struct hx_buf buf;
    *verdict = hx_work_invalid(HX_STR("exchange"), HX_STR_EMPTY);
    HX_TRY(hx_buf_make(&buf, &req->arena, KEYLESS_LEN_MAX));
    hx_buf_add_c(&buf, routed ? "is not given, and routing leads to " : "is ");
    hx_buf_add(&buf, hx_venue_name(account->venue));
    hx_buf_add_c(&buf, ", for which there is no key: set ");
    hx_venue_add_key_names(&buf, account);
    hx_buf_add_c(&buf, routed ? ", or name an exchange, or set exchanges:default_routing" : ", or name another one");
    return hx_buf_finish(&buf, &verdict->message);
}

hx_err hx_work_route(struct hx_req *req, const struct hx_signal *signal, struct hx_account *out,
                     struct hx_verdict *verdict) {
    bool named = signal->venue != HX_VENUE_NONE, routed = false;
    *verdict = (struct hx_verdict){.status = HX_STR_EMPTY};
    *out = (struct hx_account){signal->venue, signal->market, signal->test};
    if (out->venue == HX_VENUE_NONE) {
        bool reduces = hx_signal_only_reduces(signal);
        HX_TRY(hx_ledger_venue_holding(req, signal->market, signal->test, signal->symbol, reduces, &out->venue));
    }
    if (out->venue == HX_VENUE_NONE) {
        out->venue = hx_manifest_route(req, signal->symbol);
        /* Routing that can't be read is no reason to guess or to give up: the signal waits until it can. */
        if (out->venue == HX_VENUE_NONE) return HX_ERR(BUSY_OVERLOADED);
        routed = true;
    }
    if (!hx_manifest_venue_enabled(req, out->venue) && !hx_signal_only_reduces(signal)) {
        *verdict = hx_work_invalid(HX_STR("exchange"),
                                   HX_STR("is not among exchanges:enabled; enable it or name another exchange"));
    } else if (hx_venue_guarantees(out) == NULL) {
        *verdict = hx_work_invalid(
            HX_STR("exchange"),
            HX_STR("can't be traded on by this version in that market; name another exchange or market"));
    } else if (!hx_venue_is_reachable(out)) {
        *verdict = hx_work_invalid(
            HX_STR("test"), HX_STR("this exchange has no test network: send the signal without \"test\", name another "
                                   "exchange, or try it on paper (hoox serve --paper)"));
        verdict->code = HX_STR("TEST_TRADING_UNSUPPORTED");
    } else if ((routed || named) && !hx_venue_has_key(req, out)) {
        return refuse_keyless(req, out, routed, verdict);
    }
    return HX_OK;
}

bool hx_work_stops(const struct hx_venue_result *answer, hx_str field, struct hx_verdict *verdict,
                   struct hx_venue_result *busy) {
    if (answer->outcome == HX_OUTCOME_DONE) return false;
    if (answer->outcome == HX_OUTCOME_REJECTED) {
        *verdict = field.len > 0 ? hx_work_invalid(field, answer->message)
                                 : (struct hx_verdict){HX_STR("rejected"), 422, HX_STR("VENUE_REJECTED"),
                                                       answer->message, HX_STR_EMPTY};
    } else {
        *busy = *answer;
    }
    return true;
}

/* The leg that is not settled yet, if any. */
static struct hx_order_row *unsettled(struct hx_work *work) {
    for (uint32_t i = 0; i < work->order_count; i++) {
        hx_str status = work->orders[i].status;
        if (hx_str_equal(status, HX_STATUS_INTENT) || hx_str_equal(status, HX_STATUS_BUSY)) return &work->orders[i];
    }
    return NULL;
}

/* The venue's rules could not be had. A signal whose order may be at the venue never ends for that: it is resolved
 * first, however long it takes. */
static hx_err stop_without_rules(struct hx_work *work, const struct hx_venue_result *rules,
                                 enum hx_work_result *result) {
    struct hx_req *req = work->req;
    struct hx_batch batch;
    struct hx_verdict verdict = {HX_STR_EMPTY, 0, HX_STR_EMPTY, HX_STR_EMPTY, HX_STR_EMPTY};
    struct hx_venue_result busy = {.outcome = HX_OUTCOME_DONE};
    const struct hx_order_row *order = unsettled(work);
    hx_batch_init(&batch, req);
    bool maybe_there = order != NULL && hx_str_equal(order->status, HX_STATUS_INTENT);
    if (maybe_there && rules->held_back) {
        return hx_work_wait_turn(work, &batch, rules->message, true, rules->retry_after_ms, result);
    }
    if (maybe_there) {
        return hx_work_unknown(work, NULL, rules->message, hx_port_now(req) + 30 * HX_MS_PER_SECOND, result);
    }
    (void)hx_work_stops(rules, rules->no_such_symbol ? HX_STR("symbol") : HX_STR_EMPTY, &verdict, &busy);
    if (verdict.status.len == 0) return hx_work_retry_later(work, &batch, &busy, result);
    *result = HX_WORK_FINISHED;
    return hx_work_finish(work, &batch, &verdict);
}

/* Whether the signal may begin now. What may be at the venue is not a matter of turns, nor is what a gate will end: a
 * switched-off market full of alerts must not use up the turns of those that come after. */
static hx_err take_turn(struct hx_work *work, bool *taken, enum hx_work_result *result) {
    struct hx_batch batch;
    const struct hx_order_row *order = unsettled(work);
    bool waited = !hx_str_equal(work->row.status, HX_STR("accepted"));
    bool reduces = hx_signal_only_reduces(&work->signal);
    struct hx_venue_result busy = {
        .outcome = HX_OUTCOME_BUSY, .message = HX_STR("Many signals came at once."), .held_back = true};
    struct hx_verdict gate = {.status = HX_STR_EMPTY};
    *taken = true;
    if (order != NULL && hx_str_equal(order->status, HX_STATUS_INTENT)) return HX_OK;
    hx_work_check_gates(work, !reduces, &gate);
    if (gate.status.len > 0) return HX_OK;
    if (hx_venue_begin(work->req, &work->account, reduces, waited, &busy.retry_after_ms)) return HX_OK;
    *taken = false;
    hx_batch_init(&batch, work->req);
    return hx_work_retry_later(work, &batch, &busy, result);
}

/* Loads orders, rules and position of the signal. *ready false: it was finished or put aside instead. */
static hx_err load(struct hx_work *work, bool *ready, enum hx_work_result *result) {
    struct hx_req *req = work->req;
    struct hx_order_row *orders = NULL;
    uint32_t count = 0;
    *ready = false;
    HX_TRY(hx_ledger_orders_of(req, work->row.id, &orders, &count));
    if (count > HX_WORK_ORDERS_MAX) return HX_ERR(BROKEN_INVARIANT);
    hx_mem_copy(work->orders, orders, count * sizeof(*orders));
    work->order_count = count;
    bool taken = false;
    HX_TRY(take_turn(work, &taken, result));
    if (!taken) return HX_OK;
    /* What is there already is worked on by whatever rules there are. */
    const struct hx_order_row *order = unsettled(work);
    bool there = hx_signal_only_reduces(&work->signal) ||
                 (order != NULL && (!order->opens || hx_str_equal(order->status, HX_STATUS_INTENT)));
    struct hx_venue_result rules;
    HX_TRY(hx_work_load_rules(work, there, &rules));
    if (rules.outcome != HX_OUTCOME_DONE) return stop_without_rules(work, &rules, result);
    HX_TRY(hx_ledger_position(req, &work->account, work->row.symbol, work->rules.quote_asset, &work->position));
    *ready = true;
    return HX_OK;
}

static hx_err write_intent(struct hx_work *work, const struct hx_order_row *order) {
    struct hx_batch batch;
    hx_batch_init(&batch, work->req);
    hx_batch_add_intent(&batch, order, work->position.version);
    if (order->opens) hx_work_add_rules(work, &batch);
    return hx_batch_write(&batch, NULL);
}

/* Brings the ledger up to what is at the venue before the first leg is planned: resting orders that have moved, and,
 * when something is to be closed, a position that was changed elsewhere. What rests and would work against it goes. */
static hx_err align(struct hx_work *work, struct hx_venue_result *busy) {
    struct hx_step step;
    HX_TRY(hx_work_clear_resting(work, busy));
    if (busy->outcome == HX_OUTCOME_DONE) HX_TRY(hx_work_make_room(work, busy));
    if (busy->outcome != HX_OUTCOME_DONE) return HX_OK;
    HX_TRY(hx_work_plan(work, &step));
    bool closes = step.kind == HX_STEP_CLOSE || hx_signal_only_reduces(&work->signal);
    if (closes) HX_TRY(hx_work_follow_drift(work, busy));
    if (busy->outcome != HX_OUTCOME_DONE || work->passed.outcome == HX_OUTCOME_DONE) return HX_OK;
    /* The order that was gone past may yet open what the exit would have to close. */
    HX_TRY(hx_work_plan(work, &step));
    if (step.kind != HX_STEP_CLOSE) *busy = work->passed;
    return HX_OK;
}

/* The same before a further leg: a close that was refused for more than there is had something beside it that the
 * ledger does not know, so nothing rests beside the next; and what was to be closed may have gone past a resting order,
 * what is to be opened does not. */
static hx_err align_again(struct hx_work *work, struct hx_venue_result *busy) {
    const struct hx_order_row *last = &work->orders[work->order_count - 1];
    struct hx_step step;
    if (hx_work_is_refused_close(last)) {
        HX_TRY(hx_work_take_back_closes(work, last->side, busy));
        if (busy->outcome == HX_OUTCOME_DONE) HX_TRY(hx_work_follow_drift(work, busy));
        /* Another exit wakes those that wait, also before the venue's position can be believed. */
        int64_t early = work->position.updated_ms + HX_DRIFT_SETTLED_MS - hx_port_now(work->req);
        bool followed = work->position.updated_ms > last->updated_ms;
        if (busy->outcome == HX_OUTCOME_DONE && !followed && early > 0) {
            *busy = (struct hx_venue_result){.outcome = HX_OUTCOME_BUSY,
                                             .message = HX_STR("The venue holds less than the ledger."),
                                             .retry_after_ms = early,
                                             .held_back = true};
        }
    }
    if (busy->outcome != HX_OUTCOME_DONE) return HX_OK;
    HX_TRY(hx_work_plan(work, &step));
    return step.kind == HX_STEP_OPEN ? hx_work_clear_resting(work, busy) : HX_OK;
}

/* Plans and starts the next leg; *order is it, with its intent durable, or NULL when the work ended otherwise. */
static hx_err start_next_leg(struct hx_work *work, struct hx_order_row **order, enum hx_work_result *result) {
    struct hx_req *req = work->req;
    *order = NULL;
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    struct hx_verdict verdict = {HX_STR_EMPTY, 0, HX_STR_EMPTY, HX_STR_EMPTY, HX_STR_EMPTY};
    struct hx_venue_result busy = {.outcome = HX_OUTCOME_DONE};
    HX_TRY(work->order_count == 0 ? align(work, &busy) : align_again(work, &busy));
    if (busy.outcome == HX_OUTCOME_REJECTED) (void)hx_work_stops(&busy, HX_STR_EMPTY, &verdict, &busy);
    struct hx_order_row next;
    hx_mem_set(&next, 0, sizeof(next));
    if (busy.outcome == HX_OUTCOME_DONE && verdict.status.len == 0) {
        HX_TRY(hx_work_next_order(work, &next, &verdict, &busy));
    }
    if (busy.outcome == HX_OUTCOME_DONE && verdict.status.len == 0) {
        struct hx_venue_result ready = hx_venue_prepare(req, &work->account);
        (void)hx_work_stops(&ready, HX_STR_EMPTY, &verdict, &busy);
    }
    if (verdict.status.len > 0) {
        *result = HX_WORK_FINISHED;
        return hx_work_finish(work, &batch, &verdict);
    }
    if (busy.outcome != HX_OUTCOME_DONE) {
        return hx_work_retry_later(work, &batch, &busy, result);
    }
    if (work->order_count == HX_WORK_ORDERS_MAX) return HX_ERR(BROKEN_INVARIANT);
    next.created_ms = hx_port_now(req);
    next.updated_ms = next.created_ms;
    next.send_by_ms = next.created_ms + HX_SEND_WINDOW_MS;
#ifndef HX_BUG_1
    HX_TRY(write_intent(work, &next));
#endif
    if (next.opens) HX_TRY(remember_warm(work));
    *order = &work->orders[work->order_count++];
    **order = next;
    return HX_OK;
}

#ifdef HX_BUG_1
/* Planted: the order leaves first, and its intent is written after. */
static hx_err send_before_intent(struct hx_work *work, const struct hx_order_row *order) {
    struct hx_order_report report;
    struct hx_order_request request;
    HX_TRY(hx_work_make_request(work, order, false, &request));
    hx_venue_place(work->req, &work->account, &request, order->send_by_ms, &report);
    return write_intent(work, order);
}
#endif

hx_err hx_work_run(struct hx_work *work, bool fresh, enum hx_work_result *result) {
    bool ready = true;
    if (!fresh) {
        HX_TRY(load(work, &ready, result));
        if (!ready) return HX_OK;
    }
    for (;;) {
        struct hx_order_row *order = unsettled(work);
        if (order == NULL) {
            *result = HX_WORK_FINISHED;
            HX_TRY(start_next_leg(work, &order, result));
            if (order == NULL) return HX_OK;
#ifdef HX_BUG_1
            HX_TRY(send_before_intent(work, order));
            fresh = false;
#else
            fresh = true;
#endif
        }
        *result = HX_WORK_GOES_ON;
        HX_TRY(hx_work_fit_close(work, order));
        HX_TRY(hx_work_drive_order(work, order, fresh, result));
        if (*result != HX_WORK_GOES_ON) return HX_OK;
        /* A close in many legs would use up the request's memory: whoever holds the lane goes on with it anew. */
        if (work->order_count > 2) return HX_OK;
        fresh = false;
    }
}
