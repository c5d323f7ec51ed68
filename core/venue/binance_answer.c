#include "core/venue/binance_answer.h"

#include "core/venue/binance_codes.h"
#include "core/venue/binance_futures.h"

#define RETRY_AFTER_LIMITED_MS (60 * HX_MS_PER_SECOND)
#define RETRY_AFTER_BANNED_MS (2 * HX_MS_PER_MINUTE)
#define RETRY_AFTER_FIREWALL_MS (60 * HX_MS_PER_SECOND)
#define RETRY_AFTER_SECONDS_MAX ((uint64_t)3 * 86400)

struct failure {
    int64_t code; /* 0: the body is not Binance's {code, msg}. */
    hx_str words;
};

struct hx_venue_verdict hx_binance_done(void) {
    return (struct hx_venue_verdict){.outcome = HX_OUTCOME_DONE};
}

static struct hx_venue_verdict verdict_make(const struct hx_venue_context *ctx, enum hx_outcome outcome,
                                            struct failure failure, hx_str advice) {
    return (struct hx_venue_verdict){.outcome = outcome,
                                     .venue_code = failure.code,
                                     .message = hx_venue_message_make(ctx->arena, failure.words, failure.code, advice)};
}

struct hx_venue_verdict hx_binance_unreadable(const struct hx_venue_context *ctx) {
    return verdict_make(ctx, HX_OUTCOME_UNKNOWN, (struct failure){0},
                        HX_STR("Binance's answer could not be understood or is about something else."));
}

struct hx_venue_verdict hx_binance_refuse(const struct hx_venue_context *ctx, hx_str advice) {
    return verdict_make(ctx, HX_OUTCOME_REJECTED, (struct failure){0}, advice);
}

const struct hx_json *hx_binance_parse(const struct hx_venue_context *ctx, hx_str body) {
    const struct hx_json *root = NULL;
    return hx_ok(hx_json_parse(ctx->arena, body, &root, NULL)) ? root : NULL;
}

static struct failure parse_failure(const struct hx_venue_context *ctx, hx_str body) {
    struct failure failure = {0};
    const struct hx_json *root = hx_binance_parse(ctx, body);
    if (hx_failed(hx_json_get_i64(root, HX_STR("code"), &failure.code))) failure.code = 0;
    if (hx_failed(hx_json_get_str(root, HX_STR("msg"), &failure.words))) failure.words = HX_STR_EMPTY;
    return failure;
}

static bool find_header(const struct hx_http_answer *answer, hx_str name, hx_str *value) {
    for (uint32_t i = 0; i < answer->header_count; i++) {
        if (!hx_str_equal_ignore_case(answer->headers[i].name, name)) continue;
        *value = answer->headers[i].value;
        return true;
    }
    return false;
}

static int64_t retry_after_ms(const struct hx_http_answer *answer) {
    hx_str text = HX_STR_EMPTY;
    uint64_t seconds = 0;
    if (find_header(answer, HX_STR("Retry-After"), &text) && hx_ok(hx_str_parse_u64(text, &seconds))) {
        if (seconds < 1) seconds = 1;
        if (seconds > RETRY_AFTER_SECONDS_MAX) seconds = RETRY_AFTER_SECONDS_MAX;
        return (int64_t)seconds * HX_MS_PER_SECOND;
    }
    if (answer->status == 429) return RETRY_AFTER_LIMITED_MS;
    return answer->status == 418 ? RETRY_AFTER_BANNED_MS : 0;
}

/* The code, as the one table has it. */
static struct hx_venue_verdict read_code(const struct hx_venue_context *ctx, struct failure failure,
                                         enum hx_binance_purpose purpose) {
    const struct hx_binance_code *code = hx_binance_find_code(failure.code);
    if (code == NULL) {
        return verdict_make(ctx, HX_OUTCOME_UNKNOWN, failure, HX_STR("Binance does not document this answer."));
    }
    struct hx_venue_verdict verdict = verdict_make(ctx, HX_OUTCOME_UNKNOWN, failure, hx_str_from_c(code->advice));
    bool write = purpose == HX_BINANCE_FOR_ORDER || purpose == HX_BINANCE_FOR_CANCEL;
    switch (code->class_) {
        case HX_BINANCE_REJECTED:
            verdict.outcome = HX_OUTCOME_REJECTED;
            break;
        case HX_BINANCE_BUSY:
            verdict.outcome = HX_OUTCOME_BUSY;
            break;
        case HX_BINANCE_CLOCK:
            verdict.outcome = HX_OUTCOME_BUSY;
            verdict.clock_is_off = true;
            break;
        case HX_BINANCE_ALREADY:
            if (purpose != HX_BINANCE_FOR_SETTING) break;
            verdict.outcome = HX_OUTCOME_DONE;
            verdict.already_so = true;
            break;
        case HX_BINANCE_PREVENTED:
            if (purpose != HX_BINANCE_FOR_SETTING) break;
            verdict.outcome = HX_OUTCOME_REJECTED;
            verdict.position_prevents = true;
            break;
        case HX_BINANCE_ABSENT:
            if (purpose == HX_BINANCE_FOR_QUERY && failure.code == -2013) verdict.outcome = HX_OUTCOME_ABSENT;
            if (purpose == HX_BINANCE_FOR_CANCEL) verdict.outcome = HX_OUTCOME_ABSENT;
            break;
        case HX_BINANCE_UNKNOWN:
        case HX_BINANCE_DUPLICATE:
            break;
    }
    /* "Duplicate order sent." shares its code with refusals on spot; should it come here, the order may well exist. */
    if (write && failure.code == -2010 && hx_str_equal(failure.words, HX_STR("Duplicate order sent."))) {
        verdict.outcome = HX_OUTCOME_UNKNOWN;
    }
    return verdict;
}

/* 503 has three texts; two of them, and the overload code, are Binance's word that nothing was executed. Only in its
 * own JSON: a proxy's page of the same wording proves nothing. */
static bool is_proof_of_failure(const struct hx_http_answer *answer, struct failure failure) {
    if (answer->status != 503) return false;
    return failure.code == -1008 || hx_str_equal(failure.words, HX_STR("Service Unavailable.")) ||
           hx_str_equal(failure.words, HX_STR("Internal error; unable to process your request. Please try again."));
}

static struct hx_venue_verdict read_status(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                           enum hx_binance_purpose purpose) {
    struct failure failure = parse_failure(ctx, answer->body);
    uint32_t status = answer->status;
    struct hx_venue_verdict verdict;
    if (status == 429 || status == 418) {
        verdict = verdict_make(ctx, HX_OUTCOME_BUSY, failure,
                               status == 429 ? HX_STR("Too many requests: hoox waits as long as Binance asks.")
                                             : HX_STR("Binance has banned this address for a while: hoox waits."));
        verdict.retry_after_ms = retry_after_ms(answer);
        return verdict;
    }
    if (status == 451) {
        return verdict_make(ctx, HX_OUTCOME_REJECTED, failure,
                            HX_STR("Binance does not serve this machine's location: run hoox elsewhere."));
    }
    if (status == 403 && failure.code == 0) {
        verdict = verdict_make(ctx, HX_OUTCOME_BUSY, failure,
                               HX_STR("Binance's firewall refused the request before it was read: hoox waits. Should "
                                      "it last, check this machine's address and proxy."));
        verdict.retry_after_ms = RETRY_AFTER_FIREWALL_MS;
        return verdict;
    }
    if (is_proof_of_failure(answer, failure)) {
        return verdict_make(ctx, HX_OUTCOME_BUSY, failure, HX_STR("Binance did not execute it; hoox tries again."));
    }
    if (status >= 400 && status < 500 && status != 408 && failure.code != 0) return read_code(ctx, failure, purpose);
    if (status >= 200 && status < 300) return hx_binance_unreadable(ctx);
    return verdict_make(ctx, HX_OUTCOME_UNKNOWN, failure,
                        HX_STR("Binance had a failure of its own; it is not known what it did."));
}

/* Where nothing can be changed by asking, an answer that Binance could not give is one to ask for again. */
struct hx_venue_verdict hx_binance_read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                enum hx_binance_purpose purpose) {
    struct hx_venue_verdict verdict = read_status(ctx, answer, purpose);
    bool asking = purpose == HX_BINANCE_FOR_QUERY || purpose == HX_BINANCE_FOR_QUESTION;
    bool client_error = answer->status >= 400 && answer->status < 500;
    bool is_failure_code = verdict.venue_code == -1000 || verdict.venue_code == -1001 || verdict.venue_code == -1006 ||
                           verdict.venue_code == -1007;
    bool server_failed = answer->status == 408 || answer->status >= 500 || (client_error && is_failure_code);
    if (asking && verdict.outcome == HX_OUTCOME_UNKNOWN && server_failed) verdict.outcome = HX_OUTCOME_BUSY;
    /* A refused question (a key without permission) says nothing about the order: it could not be asked. */
    if (purpose == HX_BINANCE_FOR_QUERY && verdict.outcome == HX_OUTCOME_REJECTED) verdict.outcome = HX_OUTCOME_BUSY;
    return verdict;
}

bool hx_binance_member_equals(const struct hx_json *object, hx_str name, hx_str wanted) {
    hx_str text = HX_STR_EMPTY;
    return hx_ok(hx_json_get_str(object, name, &text)) && hx_str_equal(text, wanted);
}

hx_dec hx_binance_optional_dec(const struct hx_json *object, hx_str name) {
    hx_dec value = HX_DEC_ZERO;
    return hx_ok(hx_json_get_dec(object, name, &value)) ? value : HX_DEC_ZERO;
}

bool hx_binance_read_side(const struct hx_json *object, enum hx_side *side) {
    *side = hx_binance_member_equals(object, HX_STR("side"), HX_STR("SELL")) ? HX_SIDE_SELL : HX_SIDE_BUY;
    return *side == HX_SIDE_SELL || hx_binance_member_equals(object, HX_STR("side"), HX_STR("BUY"));
}

bool hx_binance_read_id(const struct hx_venue_context *ctx, const struct hx_json *object, hx_str name, int64_t *id,
                        hx_str *text) {
    struct hx_buf buf;
    if (hx_failed(hx_json_get_i64(object, name, id)) || *id < 0) return false;
    if (hx_failed(hx_buf_make(&buf, ctx->arena, 20))) return false;
    hx_buf_add_i64(&buf, *id);
    return hx_ok(hx_buf_finish(&buf, text));
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
        if (!hx_binance_member_equals(order, HX_STR("status"), hx_str_from_c(names[i].text))) continue;
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
    if (!hx_binance_member_equals(order, HX_STR("clientOrderId"), client_order_id)) return false;
    if (!hx_binance_member_equals(order, HX_STR("symbol"), symbol)) return false;
    if (!hx_binance_read_id(ctx, order, HX_STR("orderId"), &id, &out->venue_order_id)) return false;
    if (!read_order_status(order, &out->status)) return false;
    if (hx_failed(hx_json_get_dec(order, HX_STR("executedQty"), &out->executed_quantity))) return false;
    if (hx_failed(hx_json_get_dec(order, HX_STR("origQty"), &ordered))) return false;
    int executed = hx_dec_sign(out->executed_quantity);
    if (executed < 0 || hx_dec_compare(out->executed_quantity, ordered) > 0) return false;
    if (out->status == HX_ORDER_FILLED && !hx_dec_equal(out->executed_quantity, ordered)) return false;
    if ((out->status == HX_ORDER_FILLED || out->status == HX_ORDER_PARTIALLY_FILLED) && executed == 0) return false;
    out->client_order_id = client_order_id;
    out->average_price = executed > 0 ? hx_binance_optional_dec(order, HX_STR("avgPrice")) : HX_DEC_ZERO;
    if (hx_dec_sign(out->average_price) < 0) out->average_price = HX_DEC_ZERO;
    if (hx_failed(hx_json_get_i64(order, HX_STR("updateTime"), &out->venue_time_ms))) out->venue_time_ms = 0;
    return true;
}

struct hx_venue_verdict hx_binance_decode_order(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                const struct hx_order_request *sent, struct hx_order_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_BINANCE_FOR_ORDER);
    const struct hx_json *order = hx_binance_parse(ctx, answer->body);
    struct hx_order_report report = {0};
    enum hx_side side = HX_SIDE_BUY;
    hx_dec ordered = HX_DEC_ZERO;
    if (!read_order(ctx, order, sent->symbol, sent->client_order_id, &report)) return hx_binance_unreadable(ctx);
    if (!hx_binance_read_side(order, &side) || side != sent->side) return hx_binance_unreadable(ctx);
    if (hx_failed(hx_json_get_dec(order, HX_STR("origQty"), &ordered))) return hx_binance_unreadable(ctx);
    /* Binance may cut a reducing order down to the position. */
    int compared = hx_dec_compare(ordered, sent->quantity);
    if (compared > 0 || (compared < 0 && !sent->reduce_only)) return hx_binance_unreadable(ctx);
    *out = report;
    return hx_binance_done();
}

struct hx_venue_verdict hx_binance_decode_query(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                hx_str symbol, hx_str client_order_id, struct hx_order_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_BINANCE_FOR_QUERY);
    struct hx_order_report report = {0};
    const struct hx_json *order = hx_binance_parse(ctx, answer->body);
    if (!read_order(ctx, order, symbol, client_order_id, &report)) return hx_binance_unreadable(ctx);
    *out = report;
    return hx_binance_done();
}

struct hx_venue_verdict hx_binance_decode_cancel(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str symbol,
                                                 hx_str client_order_id, struct hx_order_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_BINANCE_FOR_CANCEL);
    struct hx_order_report report = {0};
    const struct hx_json *order = hx_binance_parse(ctx, answer->body);
    if (!read_order(ctx, order, symbol, client_order_id, &report)) return hx_binance_unreadable(ctx);
    *out = report;
    return hx_binance_done();
}

static int64_t read_count(const struct hx_http_answer *answer, hx_str name) {
    hx_str text = HX_STR_EMPTY;
    uint64_t count = 0;
    if (!find_header(answer, name, &text) || hx_failed(hx_str_parse_u64(text, &count))) return -1;
    return count > INT32_MAX ? INT32_MAX : (int64_t)count;
}

void hx_binance_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out) {
    bool limited = answer->status == 429 || answer->status == 418;
    out->weight_used = read_count(answer, HX_STR("X-MBX-USED-WEIGHT-1M"));
    out->orders_10s = read_count(answer, HX_STR("X-MBX-ORDER-COUNT-10S"));
    out->orders_1m = read_count(answer, HX_STR("X-MBX-ORDER-COUNT-1M"));
    out->blocked_for_ms = limited ? retry_after_ms(answer) : 0;
}
