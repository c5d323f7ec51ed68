/* The decoders of orders and stops. */
#include "core/venue/binance_answer.h"
#include "core/venue/binance_spot.h"

/* Digits of an average price, which is a quotient: as many as there is room for. */
#define AVERAGE_PLACES 12
#define AVERAGE_PLACES_LEAST 8

static struct hx_venue_verdict read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            enum hx_venue_purpose purpose) {
    return hx_binance_read_failure(ctx, answer, HX_MARKET_SPOT, purpose);
}

/* What was paid (spelled as Binance spells it) over what was bought; below zero it is not available. */
static hx_dec read_average(const struct hx_json *order, hx_dec executed) {
    hx_dec paid = hx_answer_optional_dec(order, HX_STR("cummulativeQuoteQty"));
    hx_dec average = HX_DEC_ZERO;
    if (hx_dec_sign(executed) <= 0 || hx_dec_sign(paid) <= 0) return HX_DEC_ZERO;
    if (hx_ok(hx_dec_divide(paid, executed, AVERAGE_PLACES, HX_ROUND_HALF_EVEN, &average))) return average;
    hx_err err = hx_dec_divide(paid, executed, AVERAGE_PLACES_LEAST, HX_ROUND_HALF_EVEN, &average);
    return hx_ok(err) ? average : HX_DEC_ZERO;
}

/* Placed and cancelled: transactTime; asked for: updateTime. */
static bool read_order(const struct hx_venue_context *ctx, const struct hx_json *order, hx_str symbol, hx_str id_name,
                       hx_str client_order_id, struct hx_order_report *out, hx_dec *ordered) {
    if (!hx_binance_read_order(ctx, order, symbol, id_name, client_order_id, out, ordered)) return false;
    out->average_price = read_average(order, out->executed_quantity);
    if (hx_failed(hx_json_get_i64(order, HX_STR("transactTime"), &out->venue_time_ms)) &&
        hx_failed(hx_json_get_i64(order, HX_STR("updateTime"), &out->venue_time_ms))) {
        out->venue_time_ms = 0;
    }
    return hx_answer_order_is_consistent(out, *ordered);
}

struct hx_venue_verdict hx_binance_spot_decode_order(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer,
                                                     const struct hx_order_request *sent, struct hx_order_report *out) {
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_ORDER);
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    struct hx_order_report report = {0};
    enum hx_side side = HX_SIDE_BUY;
    hx_dec ordered = HX_DEC_ZERO;
    bool is_ours =
        read_order(ctx, order, sent->symbol, HX_STR("clientOrderId"), sent->client_order_id, &report, &ordered);
    if (!is_ours || !hx_binance_read_side(order, &side) || side != sent->side) return hx_answer_unreadable(ctx);
    /* Nothing is cut down here, whatever it reduces. */
    if (!hx_dec_equal(ordered, sent->quantity)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

static struct hx_venue_verdict decode_known(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            enum hx_venue_purpose purpose, hx_str symbol, hx_str id_name,
                                            hx_str client_order_id, struct hx_order_report *out,
                                            const struct hx_json **order) {
    if (answer->status != 200) return read_failure(ctx, answer, purpose);
    struct hx_order_report report = {0};
    hx_dec ordered = HX_DEC_ZERO;
    *order = hx_answer_parse(ctx, answer->body);
    if (!read_order(ctx, *order, symbol, id_name, client_order_id, &report, &ordered)) {
        return hx_answer_unreadable(ctx);
    }
    *out = report;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_spot_decode_query(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     hx_str client_order_id, uint32_t stage,
                                                     struct hx_order_report *out) {
    (void)stage;
    const struct hx_json *order = NULL;
    return decode_known(ctx, answer, HX_VENUE_FOR_QUERY, symbol, HX_STR("clientOrderId"), client_order_id, out, &order);
}

/* The answer's clientOrderId is that of the cancel itself. */
struct hx_venue_verdict hx_binance_spot_decode_cancel(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str symbol,
                                                      hx_str client_order_id, struct hx_order_report *out) {
    const struct hx_json *order = NULL;
    return decode_known(ctx, answer, HX_VENUE_FOR_CANCEL, symbol, HX_STR("origClientOrderId"), client_order_id, out,
                        &order);
}

/* NEW and not in the book: it waits. The answers to POST and DELETE do not say isWorking, but a stop that is NEW when
 * it is placed has only just begun to wait. What it becomes is a market order, which can't be cancelled: of a cancelled
 * one isWorking says nothing. The stop and what it becomes have one id. */
static struct hx_stop_report as_stop(const struct hx_json *order, const struct hx_order_report *report) {
    struct hx_stop_report stop = {.venue_stop_id = report->venue_order_id};
    bool working = false;
    if (hx_failed(hx_json_get_bool(order, HX_STR("isWorking"), &working))) working = false;
    if (report->status == HX_ORDER_CANCELED || report->status == HX_ORDER_REJECTED) working = false;
    stop.triggered = working || hx_dec_sign(report->executed_quantity) > 0;
    stop.waiting = report->status == HX_ORDER_NEW && !stop.triggered;
    if (stop.triggered) stop.venue_order_id = report->venue_order_id;
    return stop;
}

struct hx_venue_verdict hx_binance_spot_decode_stop(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer,
                                                    const struct hx_stop_request *sent, struct hx_stop_report *out) {
    const struct hx_json *order = NULL;
    struct hx_order_report report = {0};
    struct hx_venue_verdict verdict = decode_known(ctx, answer, HX_VENUE_FOR_ORDER, sent->symbol,
                                                   HX_STR("clientOrderId"), sent->client_order_id, &report, &order);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    enum hx_side side = HX_SIDE_BUY;
    hx_str type = hx_binance_spot_stop_type(sent->kind);
    if (!hx_binance_read_side(order, &side) || side != sent->side) return hx_answer_unreadable(ctx);
    if (!hx_answer_member_equals(order, HX_STR("type"), type)) return hx_answer_unreadable(ctx);
    *out = as_stop(order, &report);
    return verdict;
}

struct hx_venue_verdict hx_binance_spot_decode_stop_query(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer,
                                                          const struct hx_stop_request *stop,
                                                          struct hx_stop_report *out) {
    const struct hx_json *order = NULL;
    struct hx_order_report report = {0};
    struct hx_venue_verdict verdict = decode_known(ctx, answer, HX_VENUE_FOR_QUERY, stop->symbol,
                                                   HX_STR("clientOrderId"), stop->client_order_id, &report, &order);
    if (verdict.outcome == HX_OUTCOME_DONE) *out = as_stop(order, &report);
    return verdict;
}

struct hx_venue_verdict hx_binance_spot_decode_stop_cancel(const struct hx_venue_context *ctx,
                                                           const struct hx_http_answer *answer,
                                                           const struct hx_stop_request *stop,
                                                           struct hx_stop_report *out) {
    const struct hx_json *order = NULL;
    struct hx_order_report report = {0};
    struct hx_venue_verdict verdict = decode_known(ctx, answer, HX_VENUE_FOR_CANCEL, stop->symbol,
                                                   HX_STR("origClientOrderId"), stop->client_order_id, &report, &order);
    if (verdict.outcome == HX_OUTCOME_DONE) *out = as_stop(order, &report);
    return verdict;
}

void hx_binance_spot_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out) {
    bool limited = answer->status == 429 || answer->status == 418;
    out->used[HX_BINANCE_SPOT_WEIGHT] = hx_answer_read_count(answer, HX_STR("X-MBX-USED-WEIGHT-1M"));
    out->used[HX_BINANCE_SPOT_ORDERS_10S] = hx_answer_read_count(answer, HX_STR("X-MBX-ORDER-COUNT-10S"));
    out->used[HX_BINANCE_SPOT_ORDERS_1D] = hx_answer_read_count(answer, HX_STR("X-MBX-ORDER-COUNT-1D"));
    out->blocked_for_ms = limited ? hx_answer_retry_after_ms(answer) : 0;
}
