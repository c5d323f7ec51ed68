/* The suspending half: stops and take-profits that rest at the venue. */
#include "core/venue/exchange.h"

static struct hx_venue_verdict begin(struct hx_exchange *x, struct hx_req *req, const struct hx_account *account) {
    struct hx_venue_verdict verdict = hx_exchange_begin(x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE && !x->adapter->traits.has_stops) {
        verdict =
            hx_exchange_verdict(HX_OUTCOME_REJECTED, HX_STR("hoox places no stop orders on this venue and market; "
                                                            "send the signal without one."));
    }
    return verdict.outcome == HX_OUTCOME_DONE ? hx_exchange_authenticate(x) : verdict;
}

static void stop_end(struct hx_exchange *x, struct hx_venue_verdict verdict, struct hx_stop_report *out) {
    verdict = hx_exchange_distrust_mode(x, verdict);
    if (verdict.outcome != HX_OUTCOME_DONE) *out = (struct hx_stop_report){0};
    out->venue_stop_id = hx_exchange_keep(x, out->venue_stop_id);
    out->venue_order_id = hx_exchange_keep(x, out->venue_order_id);
    struct hx_venue_result result = hx_exchange_end(x, &verdict);
    out->outcome = result.outcome;
    out->venue_code = result.venue_code;
    out->message = result.message;
    out->retry_after_ms = result.retry_after_ms;
}

void hx_venue_place_stop(struct hx_req *req, const struct hx_account *account, const struct hx_stop_request *stop,
                         hx_time send_by, struct hx_stop_report *out) {
    struct hx_exchange x;
    *out = (struct hx_stop_report){0};
    struct hx_venue_verdict verdict = begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_check_room(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_load_rules(&x, stop->symbol, false);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_stamp_at_once(&x);
    if (verdict.outcome == HX_OUTCOME_DONE && send_by > 0 && hx_port_now(req) > send_by) {
        verdict = hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The stop's send deadline passed; nothing was sent."));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        x.send_by_ms = send_by;
        verdict = hx_exchange_send(&x, x.adapter->encode_stop(&x.ctx, stop, &x.call));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = x.adapter->decode_stop(&x.ctx, &x.answer, stop, out);
    stop_end(&x, verdict, out);
}

static struct hx_venue_verdict ask(struct hx_exchange *x, hx_err encoded, const struct hx_stop_request *stop,
                                   struct hx_stop_report *out) {
    struct hx_venue_verdict verdict = hx_exchange_as_question(hx_exchange_send(x, encoded));
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    return x->adapter->decode_stop_query(&x->ctx, &x->answer, stop, out);
}

/* What has ended can be told apart only by an id. */
static bool has_history(const struct hx_exchange *x, const struct hx_stop_request *stop) {
    if (x->adapter->encode_stop_history == NULL) return false;
    return !x->adapter->traits.stops_by_figures || stop->venue_stop_id.len > 0;
}

void hx_venue_query_stop(struct hx_req *req, const struct hx_account *account, const struct hx_stop_request *stop,
                         struct hx_stop_report *out) {
    struct hx_exchange x;
    *out = (struct hx_stop_report){0};
    struct hx_venue_verdict verdict = begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_load_rules(&x, stop->symbol, true);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_stamp(&x);
    size_t mark = hx_arena_mark(&req->arena);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = ask(&x, x.adapter->encode_stop_query(&x.ctx, stop, &x.call), stop, out);
    }
    if (verdict.outcome == HX_OUTCOME_ABSENT && has_history(&x, stop)) {
        hx_arena_rewind(&req->arena, mark); /* Each may be a long list. */
        verdict = hx_exchange_stamp(&x);
        if (verdict.outcome == HX_OUTCOME_DONE) {
            verdict = ask(&x, x.adapter->encode_stop_history(&x.ctx, stop, &x.call), stop, out);
        }
    }
    if (verdict.outcome == HX_OUTCOME_ABSENT) verdict = hx_exchange_confirm_absence(&x, verdict);
    if (verdict.outcome == HX_OUTCOME_REJECTED) verdict.outcome = HX_OUTCOME_BUSY;
    stop_end(&x, verdict, out);
}

/* Where a cancel needs the venue's id, one of the stops with these figures gives its own. */
static struct hx_venue_verdict find_id(struct hx_exchange *x, struct hx_stop_request *stop) {
    struct hx_stop_report found = {0};
    if (!x->adapter->traits.stops_by_figures || stop->venue_stop_id.len > 0) {
        return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
    }
    struct hx_venue_verdict verdict = hx_exchange_stamp(x);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    size_t mark = hx_arena_mark(&x->req->arena);
    verdict = ask(x, x->adapter->encode_stop_query(&x->ctx, stop, &x->call), stop, &found);
    /* Nothing was cancelled, whatever the answer was. */
    bool asked = verdict.outcome == HX_OUTCOME_DONE || verdict.outcome == HX_OUTCOME_ABSENT;
    if (!asked && verdict.outcome != HX_OUTCOME_REJECTED) verdict.outcome = HX_OUTCOME_BUSY;
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    stop->venue_stop_id = hx_exchange_keep(x, found.venue_stop_id);
    hx_arena_rewind(&x->req->arena, mark); /* Back to the room that was there. */
    return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
}

void hx_venue_cancel_stop(struct hx_req *req, const struct hx_account *account, const struct hx_stop_request *stop,
                          struct hx_stop_report *out) {
    struct hx_exchange x;
    struct hx_stop_request wanted = *stop;
    *out = (struct hx_stop_report){0};
    struct hx_venue_verdict verdict = begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_load_rules(&x, stop->symbol, true);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_check_room(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = find_id(&x, &wanted);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_stamp(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = hx_exchange_send(&x, x.adapter->encode_stop_cancel(&x.ctx, &wanted, &x.call));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = x.adapter->decode_stop_cancel(&x.ctx, &x.answer, &wanted, out);
    }
    stop_end(&x, verdict, out);
}
