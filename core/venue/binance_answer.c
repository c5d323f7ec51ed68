#include "core/venue/binance_answer.h"

#include "core/venue/binance_codes.h"
#include "core/venue/binance_futures.h"

#define RETRY_AFTER_FIREWALL_MS (60 * HX_MS_PER_SECOND)

static struct hx_venue_failure parse_failure(const struct hx_venue_context *ctx, hx_str body) {
    struct hx_venue_failure failure = {0};
    const struct hx_json *root = hx_answer_parse(ctx, body);
    if (hx_failed(hx_json_get_i64(root, HX_STR("code"), &failure.code))) failure.code = 0;
    if (hx_failed(hx_json_get_str(root, HX_STR("msg"), &failure.words))) failure.words = HX_STR_EMPTY;
    return failure;
}

/* The code, as the one table has it. "Duplicate order sent." shares its code with refusals on spot; should it come, the
 * order may well exist. */
static struct hx_venue_verdict read_code(const struct hx_venue_context *ctx, struct hx_venue_failure failure,
                                         enum hx_venue_purpose purpose) {
    struct hx_venue_verdict verdict = hx_answer_read_code(ctx, hx_binance_find_code(failure.code), failure, purpose);
    bool write = purpose == HX_VENUE_FOR_ORDER || purpose == HX_VENUE_FOR_CANCEL;
    if (write && failure.code == -2010 && hx_str_equal(failure.words, HX_STR("Duplicate order sent."))) {
        verdict.outcome = HX_OUTCOME_UNKNOWN;
    }
    /* The position side does not go with the account's mode, or a reduce-only flag in hedge mode: nothing happened. */
    verdict.mode_differs = failure.code == -4061 || failure.code == -1106;
    return verdict;
}

/* 503 has three texts; two of them, and the overload code, are Binance's word that nothing was executed. Only in its
 * own JSON: a proxy's page of the same wording proves nothing. */
static bool is_proof_of_failure(const struct hx_http_answer *answer, struct hx_venue_failure failure) {
    if (answer->status != 503) return false;
    return failure.code == -1008 || hx_str_equal(failure.words, HX_STR("Service Unavailable.")) ||
           hx_str_equal(failure.words, HX_STR("Internal error; unable to process your request. Please try again."));
}

static struct hx_venue_verdict read_status(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                           enum hx_venue_purpose purpose) {
    struct hx_venue_failure failure = parse_failure(ctx, answer->body);
    uint32_t status = answer->status;
    struct hx_venue_verdict verdict;
    if (status == 429 || status == 418) return hx_answer_limited(ctx, answer, failure);
    if (status == 451) {
        return hx_answer_verdict(ctx, HX_OUTCOME_REJECTED, failure,
                                 HX_STR("Binance does not serve this machine's location: run hoox elsewhere."));
    }
    if (status == 403 && failure.code == 0) {
        verdict =
            hx_answer_verdict(ctx, HX_OUTCOME_BUSY, failure,
                              HX_STR("Binance's firewall refused the request before it was read: hoox waits. Should "
                                     "it last, check this machine's address and proxy."));
        verdict.retry_after_ms = RETRY_AFTER_FIREWALL_MS;
        return verdict;
    }
    if (is_proof_of_failure(answer, failure)) {
        return hx_answer_verdict(ctx, HX_OUTCOME_BUSY, failure,
                                 HX_STR("Binance did not execute it; hoox tries again."));
    }
    if (status >= 400 && status < 500 && status != 408 && failure.code != 0) return read_code(ctx, failure, purpose);
    if (status >= 200 && status < 300) return hx_answer_unreadable(ctx);
    return hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, failure,
                             HX_STR("Binance had a failure of its own; it is not known what it did."));
}

struct hx_venue_verdict hx_binance_read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                enum hx_venue_purpose purpose) {
    struct hx_venue_verdict verdict = read_status(ctx, answer, purpose);
    bool client_error = answer->status >= 400 && answer->status < 500;
    bool is_failure_code = verdict.venue_code == -1000 || verdict.venue_code == -1001 || verdict.venue_code == -1006 ||
                           verdict.venue_code == -1007;
    bool server_failed = answer->status == 408 || answer->status >= 500 || (client_error && is_failure_code);
    return hx_answer_for_purpose(verdict, purpose, server_failed);
}

bool hx_binance_read_side(const struct hx_json *object, enum hx_side *side) {
    *side = hx_answer_member_equals(object, HX_STR("side"), HX_STR("SELL")) ? HX_SIDE_SELL : HX_SIDE_BUY;
    return *side == HX_SIDE_SELL || hx_answer_member_equals(object, HX_STR("side"), HX_STR("BUY"));
}

static bool read_order_status(const struct hx_json *order, enum hx_order_status *status) {
    static const struct {
        const char *text;
        enum hx_order_status status;
    } names[] = {
        {"NEW", HX_ORDER_NEW},
        {"PARTIALLY_FILLED", HX_ORDER_PARTIALLY_FILLED},
        {"FILLED", HX_ORDER_FILLED},
        {"CANCELED", HX_ORDER_CANCELED},
        {"REJECTED", HX_ORDER_REJECTED},
        {"EXPIRED", HX_ORDER_EXPIRED},
        {"EXPIRED_IN_MATCH", HX_ORDER_EXPIRED},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!hx_answer_member_equals(order, HX_STR("status"), hx_str_from_c(names[i].text))) continue;
        *status = names[i].status;
        return true;
    }
    return false;
}

/* True when the object is an order with this id and symbol and its figures agree with each other. avgPrice is missing
 * from answers to POST and DELETE since 2026-07. */
static bool read_order(const struct hx_venue_context *ctx, const struct hx_json *order, hx_str symbol,
                       hx_str client_order_id, struct hx_order_report *out) {
    int64_t id = 0;
    hx_dec ordered = HX_DEC_ZERO;
    if (!hx_answer_member_equals(order, HX_STR("clientOrderId"), client_order_id)) return false;
    if (!hx_answer_member_equals(order, HX_STR("symbol"), symbol)) return false;
    if (!hx_answer_read_id(ctx, order, HX_STR("orderId"), &id, &out->venue_order_id)) return false;
    if (!read_order_status(order, &out->status)) return false;
    if (hx_failed(hx_json_get_dec(order, HX_STR("executedQty"), &out->executed_quantity))) return false;
    if (hx_failed(hx_json_get_dec(order, HX_STR("origQty"), &ordered))) return false;
    out->client_order_id = client_order_id;
    if (hx_dec_sign(out->executed_quantity) > 0) {
        out->average_price = hx_answer_optional_dec(order, HX_STR("avgPrice"));
        if (hx_dec_sign(out->average_price) < 0) out->average_price = HX_DEC_ZERO;
    }
    if (hx_failed(hx_json_get_i64(order, HX_STR("updateTime"), &out->venue_time_ms))) out->venue_time_ms = 0;
    return hx_answer_order_is_consistent(out, ordered);
}

struct hx_venue_verdict hx_binance_decode_order(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                const struct hx_order_request *sent, struct hx_order_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_ORDER);
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    struct hx_order_report report = {0};
    enum hx_side side = HX_SIDE_BUY;
    hx_dec ordered = HX_DEC_ZERO;
    if (!read_order(ctx, order, sent->symbol, sent->client_order_id, &report)) return hx_answer_unreadable(ctx);
    if (!hx_binance_read_side(order, &side) || side != sent->side) return hx_answer_unreadable(ctx);
    if (hx_failed(hx_json_get_dec(order, HX_STR("origQty"), &ordered))) return hx_answer_unreadable(ctx);
    if (!hx_answer_quantity_matches(sent, ordered)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_decode_query(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                hx_str symbol, hx_str client_order_id, uint32_t stage,
                                                struct hx_order_report *out) {
    (void)stage;
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_QUERY);
    struct hx_order_report report = {0};
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    if (!read_order(ctx, order, symbol, client_order_id, &report)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_decode_cancel(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str symbol,
                                                 hx_str client_order_id, struct hx_order_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_VENUE_FOR_CANCEL);
    struct hx_order_report report = {0};
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    if (!read_order(ctx, order, symbol, client_order_id, &report)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

void hx_binance_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out) {
    bool limited = answer->status == 429 || answer->status == 418;
    out->used[HX_BINANCE_BUDGET_WEIGHT] = hx_answer_read_count(answer, HX_STR("X-MBX-USED-WEIGHT-1M"));
    out->used[HX_BINANCE_BUDGET_ORDERS_10S] = hx_answer_read_count(answer, HX_STR("X-MBX-ORDER-COUNT-10S"));
    out->used[HX_BINANCE_BUDGET_ORDERS_1M] = hx_answer_read_count(answer, HX_STR("X-MBX-ORDER-COUNT-1M"));
    out->blocked_for_ms = limited ? hx_answer_retry_after_ms(answer) : 0;
}
