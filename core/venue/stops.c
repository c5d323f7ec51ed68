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

static struct hx_venue_verdict ask(struct hx_exchange *x, hx_err encoded, hx_str client_order_id,
                                   struct hx_stop_report *out) {
    struct hx_venue_verdict verdict = hx_exchange_as_question(hx_exchange_send(x, encoded));
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    return x->adapter->decode_stop_query(&x->ctx, &x->answer, x->symbol, client_order_id, out);
}

void hx_venue_query_stop(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str client_order_id,
                         struct hx_stop_report *out) {
    struct hx_exchange x;
    *out = (struct hx_stop_report){0};
    struct hx_venue_verdict verdict = begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_load_rules(&x, symbol, true);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_stamp(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = ask(&x, x.adapter->encode_stop_query(&x.ctx, symbol, client_order_id, &x.call), client_order_id, out);
    }
    if (verdict.outcome == HX_OUTCOME_ABSENT && x.adapter->encode_stop_history != NULL) {
        verdict = hx_exchange_stamp(&x);
        if (verdict.outcome == HX_OUTCOME_DONE) {
            hx_err encoded = x.adapter->encode_stop_history(&x.ctx, symbol, client_order_id, &x.call);
            verdict = ask(&x, encoded, client_order_id, out);
        }
    }
    if (verdict.outcome == HX_OUTCOME_REJECTED) verdict.outcome = HX_OUTCOME_BUSY;
    stop_end(&x, verdict, out);
}

void hx_venue_cancel_stop(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str client_order_id,
                          struct hx_stop_report *out) {
    struct hx_exchange x;
    *out = (struct hx_stop_report){0};
    struct hx_venue_verdict verdict = begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_load_rules(&x, symbol, true);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_check_room(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_stamp(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = hx_exchange_send(&x, x.adapter->encode_stop_cancel(&x.ctx, symbol, client_order_id, &x.call));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = x.adapter->decode_stop_cancel(&x.ctx, &x.answer, symbol, client_order_id, out);
    }
    stop_end(&x, verdict, out);
}
