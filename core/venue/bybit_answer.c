/* Answers: the envelope, failures, orders and stops. */
#include "core/venue/bybit.h"
#include "core/venue/bybit_codes.h"

#define PAUSE_ADDRESS_MS (10 * HX_MS_PER_MINUTE) /* What Bybit asks for once an address was too fast. */
#define PAUSE_USER_MS HX_MS_PER_SECOND           /* Limits by user are by the second. */
#define PAUSE_USER_MS_MAX HX_MS_PER_MINUTE
#define WORDS_OF_MODE HX_STR("position idx not match position mode")
#define WORDS_OF_LIMIT HX_STR("too frequent")
#define DUPLICATE_REASON HX_STR("EC_DuplicatedClOrdID")

static struct hx_venue_failure parse_failure(const struct hx_venue_context *ctx, hx_str body) {
    struct hx_venue_failure failure = {0};
    const struct hx_json *root = hx_answer_parse(ctx, body);
    if (hx_failed(hx_json_get_i64(root, HX_STR("retCode"), &failure.code))) failure.code = 0;
    if (hx_failed(hx_json_get_str(root, HX_STR("retMsg"), &failure.words))) failure.words = HX_STR_EMPTY;
    return failure;
}

/* For too many requests of this user: until when the headers say so. */
static int64_t user_pause_ms(const struct hx_venue_context *ctx, const struct hx_http_answer *answer) {
    hx_str text = HX_STR_EMPTY;
    hx_time reset = 0;
    if (!hx_answer_find_header(answer, HX_STR("X-Bapi-Limit-Reset-Timestamp"), &text)) return PAUSE_USER_MS;
    if (hx_failed(hx_str_parse_i64(text, &reset)) || reset <= ctx->timestamp_ms) return PAUSE_USER_MS;
    int64_t pause_ms = reset - ctx->timestamp_ms;
    return pause_ms > PAUSE_USER_MS_MAX ? PAUSE_USER_MS_MAX : pause_ms;
}

static struct hx_venue_verdict read_code(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                         struct hx_venue_failure failure, enum hx_venue_purpose purpose) {
    size_t at = 0;
    struct hx_venue_verdict verdict = hx_answer_read_code(ctx, hx_bybit_find_code(failure.code), failure, purpose);
    if (failure.code == 10006) verdict.retry_after_ms = user_pause_ms(ctx, answer);
    if (failure.code == 10018) verdict.retry_after_ms = PAUSE_ADDRESS_MS;
    /* Of a symbol there is a code of its own on spot; of futures it is one of the many bad values. */
    bool bad_symbol = failure.code == 10001 && hx_str_find(failure.words, HX_STR("symbol"), &at);
    verdict.no_such_symbol = purpose == HX_VENUE_FOR_QUESTION && (bad_symbol || failure.code == 170121);
    /* The general code for bad values; only its words tell this case. */
    bool wrong_mode = failure.code == 10001 && hx_str_find(failure.words, WORDS_OF_MODE, &at);
    if (wrong_mode) {
        verdict.mode_differs = true;
        verdict.message = hx_venue_message_make(ctx->arena, failure.words, failure.code,
                                                HX_STR("The symbol's position mode was changed on Bybit."));
    }
    return verdict;
}

/* Two things are refused with 403 before the request is read: an address that asks too often, and a location that Bybit
 * does not serve. Only the first passes. */
static struct hx_venue_verdict read_forbidden(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              struct hx_venue_failure failure) {
    size_t at = 0;
    if (hx_str_find(answer->body, WORDS_OF_LIMIT, &at)) {
        struct hx_venue_verdict verdict = hx_answer_verdict(
            ctx, HX_OUTCOME_BUSY, failure, HX_STR("Too many requests from this address: hoox pauses ten minutes."));
        verdict.retry_after_ms = PAUSE_ADDRESS_MS;
        return verdict;
    }
    return hx_answer_verdict(ctx, HX_OUTCOME_REJECTED, failure,
                             HX_STR("Bybit refuses this machine's address (HTTP 403): it does not serve its location, "
                                    "the USA and mainland China among others. Run hoox elsewhere."));
}

static struct hx_venue_verdict read_status(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                           enum hx_venue_purpose purpose) {
    struct hx_venue_failure failure = parse_failure(ctx, answer->body);
    uint32_t status = answer->status;
    bool known = failure.code != 0 && hx_bybit_find_code(failure.code) != NULL;
    if (status == 429) return hx_answer_limited(ctx, answer, failure);
    if (status == 200) {
        return failure.code != 0 ? read_code(ctx, answer, failure, purpose) : hx_answer_unreadable(ctx);
    }
    if (status >= 400 && status < 500 && status != 408 && known) return read_code(ctx, answer, failure, purpose);
    if (status == 403) return read_forbidden(ctx, answer, failure);
    if (status == 401) {
        return hx_answer_verdict(ctx, HX_OUTCOME_REJECTED, failure,
                                 HX_STR("Bybit does not accept the API key (HTTP 401): check key and secret."));
    }
    if (status == 400 || status == 404) {
        return hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, failure,
                                 HX_STR("There is no such request at this address (HTTP 400 or 404): check "
                                        "HOOX_BYBIT_URL, and that the account is a unified one."));
    }
    if (status >= 200 && status < 300) return hx_answer_unreadable(ctx);
    return hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, failure,
                             HX_STR("Bybit had a failure of its own; it is not known what it did."));
}

struct hx_venue_verdict hx_bybit_read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              enum hx_venue_purpose purpose) {
    struct hx_venue_verdict verdict = read_status(ctx, answer, purpose);
    const struct hx_venue_code *code = hx_bybit_find_code(verdict.venue_code);
    bool failure_code = code != NULL && code->class_ == HX_CODE_UNKNOWN;
    bool server_failed = answer->status == 408 || answer->status >= 500 || failure_code;
    return hx_answer_for_purpose(verdict, purpose, server_failed);
}

const struct hx_json *hx_bybit_read_result(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                           enum hx_venue_purpose purpose, struct hx_venue_verdict *verdict) {
    int64_t code = -1;
    const struct hx_json *root = answer->status == 200 ? hx_answer_parse(ctx, answer->body) : NULL;
    const struct hx_json *result = hx_json_find(root, HX_STR("result"));
    if (root == NULL || hx_failed(hx_json_get_i64(root, HX_STR("retCode"), &code)) || code != 0) {
        *verdict = hx_bybit_read_failure(ctx, answer, purpose);
        return NULL;
    }
    if (result == NULL || result->type != HX_JSON_OBJECT) {
        *verdict = hx_answer_unreadable(ctx);
        return NULL;
    }
    *verdict = hx_answer_done();
    return result;
}

const struct hx_json *hx_bybit_read_list(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                         enum hx_venue_purpose purpose, struct hx_venue_verdict *verdict) {
    const struct hx_json *result = hx_bybit_read_result(ctx, answer, purpose, verdict);
    if (result == NULL) return NULL;
    const struct hx_json *list = hx_json_find(result, HX_STR("list"));
    if (list != NULL && list->type == HX_JSON_ARRAY) return list;
    *verdict = hx_answer_unreadable(ctx);
    return NULL;
}

bool hx_bybit_read_id(const struct hx_json *object, hx_str name, hx_str *out) {
    if (hx_failed(hx_json_get_str(object, name, out)) || out->len == 0 || out->len > HX_VENUE_VALUE_LEN_MAX) {
        return false;
    }
    for (size_t i = 0; i < out->len; i++) {
        char c = out->data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-') return false;
    }
    return true;
}

/* The receipt of an order or a cancel: it names the ids and nothing else. */
static struct hx_venue_verdict read_receipt(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            enum hx_venue_purpose purpose, hx_str client_order_id, hx_str *id) {
    struct hx_venue_verdict verdict;
    const struct hx_json *result = hx_bybit_read_result(ctx, answer, purpose, &verdict);
    if (result == NULL) return verdict;
    if (!hx_answer_member_equals(result, HX_STR("orderLinkId"), client_order_id)) return hx_answer_unreadable(ctx);
    return hx_bybit_read_id(result, HX_STR("orderId"), id) ? verdict : hx_answer_unreadable(ctx);
}

static struct hx_venue_verdict receive(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                       enum hx_venue_purpose purpose, hx_str client_order_id,
                                       struct hx_order_report *out) {
    hx_str id = HX_STR_EMPTY;
    struct hx_venue_verdict verdict = read_receipt(ctx, answer, purpose, client_order_id, &id);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    *out = (struct hx_order_report){
        .status = HX_ORDER_NEW, .venue_order_id = id, .client_order_id = client_order_id, .is_ack = true};
    return verdict;
}

struct hx_venue_verdict hx_bybit_decode_order(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              const struct hx_order_request *sent, struct hx_order_report *out) {
    return receive(ctx, answer, HX_VENUE_FOR_ORDER, sent->client_order_id, out);
}

struct hx_venue_verdict hx_bybit_decode_cancel(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                               hx_str symbol, hx_str client_order_id, struct hx_order_report *out) {
    (void)symbol;
    return receive(ctx, answer, HX_VENUE_FOR_CANCEL, client_order_id, out);
}

/* Triggered is on the way to New; an order that waits for its trigger has not ended either. */
static const struct hx_answer_word statuses[] = {
    {"New", HX_ORDER_NEW},
    {"PartiallyFilled", HX_ORDER_PARTIALLY_FILLED},
    {"Untriggered", HX_ORDER_NEW},
    {"Triggered", HX_ORDER_NEW},
    {"Filled", HX_ORDER_FILLED},
    {"Cancelled", HX_ORDER_CANCELED},
    {"PartiallyFilledCanceled", HX_ORDER_CANCELED},
    {"Deactivated", HX_ORDER_CANCELED},
    {"Rejected", HX_ORDER_REJECTED},
};

/* True when the row is an order with these ids and its figures agree with each other. Bybit may cut a reducing order
 * down to the position and call it filled: it has ended with less than was ordered. */
static bool read_order(const struct hx_json *row, hx_str symbol, hx_str client_order_id, struct hx_order_report *out) {
    int status = 0;
    hx_dec ordered = HX_DEC_ZERO;
    if (!hx_answer_member_equals(row, HX_STR("orderLinkId"), client_order_id)) return false;
    if (!hx_answer_member_equals(row, HX_STR("symbol"), symbol)) return false;
    if (!hx_bybit_read_id(row, HX_STR("orderId"), &out->venue_order_id)) return false;
    if (!hx_answer_read_word(row, HX_STR("orderStatus"), statuses, sizeof statuses / sizeof statuses[0], &status)) {
        return false;
    }
    if (hx_failed(hx_json_get_dec(row, HX_STR("qty"), &ordered))) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("cumExecQty"), &out->executed_quantity))) return false;
    out->status = (enum hx_order_status)status;
    out->client_order_id = client_order_id;
    bool less = hx_dec_sign(out->executed_quantity) > 0 && hx_dec_compare(out->executed_quantity, ordered) < 0;
    if (out->status == HX_ORDER_FILLED && less) out->status = HX_ORDER_CANCELED;
    if (hx_dec_sign(out->executed_quantity) > 0) {
        bool known = hx_answer_read_dec_cut(row, HX_STR("avgPrice"), &out->average_price);
        if (!known || hx_dec_sign(out->average_price) < 0) out->average_price = HX_DEC_ZERO;
    }
    if (!hx_answer_read_ms(row, HX_STR("updatedTime"), &out->venue_time_ms)) out->venue_time_ms = 0;
    return hx_answer_order_is_consistent(out, ordered);
}

/* Why an order ended otherwise than by filling; empty when Bybit does not say. */
static hx_str reject_message(const struct hx_venue_context *ctx, const struct hx_json *row) {
    hx_str reason = HX_STR_EMPTY;
    if (hx_failed(hx_json_get_str(row, HX_STR("rejectReason"), &reason)) || reason.len == 0) return HX_STR_EMPTY;
    if (hx_str_equal(reason, HX_STR("EC_NoError"))) return HX_STR_EMPTY;
    return hx_venue_message_make(ctx->arena, reason, 0, hx_bybit_find_advice(reason));
}

static bool is_refused_duplicate(const struct hx_json *row) {
    return hx_answer_member_equals(row, HX_STR("orderStatus"), HX_STR("Rejected")) &&
           hx_answer_member_equals(row, HX_STR("rejectReason"), DUPLICATE_REASON);
}

/* A list of orders with one client order id. *found NULL: none, but perhaps a refused duplicate. False: the list is
 * about something else, or two orders have the id. */
static bool find_order(const struct hx_json *list, hx_str client_order_id, const struct hx_json **found,
                       bool *duplicate) {
    *found = NULL;
    *duplicate = false;
    for (const struct hx_json *row = hx_json_first(list); row != NULL; row = hx_json_next(list, row)) {
        if (!hx_answer_member_equals(row, HX_STR("orderLinkId"), client_order_id)) return false;
        if (is_refused_duplicate(row)) {
            *duplicate = true;
            continue;
        }
        if (*found != NULL) return false;
        *found = row;
    }
    return true;
}

/* Adds one execution of the order: what is left of it after the latest one tells how much was executed in all. */
static bool add_execution(const struct hx_json *row, hx_str symbol, hx_str client_order_id, hx_dec *listed,
                          hx_dec *ordered, hx_dec *left, hx_str *order_id) {
    hx_str id = HX_STR_EMPTY;
    hx_dec quantity = HX_DEC_ZERO;
    hx_dec left_after = HX_DEC_ZERO;
    if (!hx_answer_member_equals(row, HX_STR("orderLinkId"), client_order_id)) return false;
    if (!hx_answer_member_equals(row, HX_STR("symbol"), symbol)) return false;
    if (!hx_bybit_read_id(row, HX_STR("orderId"), &id)) return false;
    if (order_id->len > 0 && !hx_str_equal(id, *order_id)) return false;
    if (!hx_answer_positive_dec(row, HX_STR("execQty"), &quantity)) return false;
    if (hx_failed(hx_dec_add(*listed, quantity, listed))) return false;
    if (!hx_answer_positive_dec(row, HX_STR("orderQty"), ordered)) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("leavesQty"), &left_after)) || hx_dec_sign(left_after) < 0) return false;
    if (order_id->len == 0 || hx_dec_compare(left_after, *left) < 0) *left = left_after;
    *order_id = id;
    return true;
}

/* The order is in neither list of orders, but was executed. Whether the rest of it still works can't be told from here:
 * it counts as open, and is asked about again. *found false: no executions. */
static bool read_executions(const struct hx_json *list, hx_str symbol, hx_str client_order_id, bool *found,
                            struct hx_order_report *out) {
    hx_dec listed = HX_DEC_ZERO;
    hx_dec ordered = HX_DEC_ZERO;
    hx_dec left = HX_DEC_ZERO;
    hx_str id = HX_STR_EMPTY;
    *found = false;
    for (const struct hx_json *row = hx_json_first(list); row != NULL; row = hx_json_next(list, row)) {
        if (!hx_answer_member_equals(row, HX_STR("execType"), HX_STR("Trade"))) continue;
        if (!add_execution(row, symbol, client_order_id, &listed, &ordered, &left, &id)) return false;
    }
    if (id.len == 0) return true;
    *found = true;
    *out = (struct hx_order_report){.venue_order_id = id, .client_order_id = client_order_id};
    out->status = hx_dec_is_zero(left) ? HX_ORDER_FILLED : HX_ORDER_PARTIALLY_FILLED;
    if (hx_failed(hx_dec_subtract(ordered, left, &out->executed_quantity))) return false;
    if (hx_dec_compare(out->executed_quantity, listed) < 0) return false;
    return hx_answer_order_is_consistent(out, ordered);
}

/* The refused second order proves that there is a first one, wherever it is. */
static struct hx_venue_verdict absent(const struct hx_venue_context *ctx, struct hx_venue_verdict verdict,
                                      uint32_t stage, const struct hx_order_report *out) {
    if (stage + 1 < HX_BYBIT_STAGES || out->status != HX_ORDER_REJECTED) return verdict;
    return hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, (struct hx_venue_failure){0},
                             HX_STR("Bybit refused a second order with this id, so there is a first one, but it does "
                                    "not show it; hoox asks again. Look for it on Bybit."));
}

static struct hx_venue_verdict no_such_order(const struct hx_venue_context *ctx) {
    return hx_answer_verdict(ctx, HX_OUTCOME_ABSENT, (struct hx_venue_failure){0}, HX_STR("Bybit has no such order."));
}

struct hx_venue_verdict hx_bybit_decode_query(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              hx_str symbol, hx_str client_order_id, uint32_t stage,
                                              struct hx_order_report *out) {
    struct hx_venue_verdict verdict;
    struct hx_order_report report = {0};
    const struct hx_json *found = NULL;
    bool duplicate = false;
    const struct hx_json *list = hx_bybit_read_list(ctx, answer, HX_VENUE_FOR_QUERY, &verdict);
    if (list == NULL && verdict.outcome == HX_OUTCOME_ABSENT) return absent(ctx, verdict, stage, out);
    if (list == NULL) return verdict;
    if (stage == HX_BYBIT_STAGE_EXECUTIONS) {
        bool executed = false;
        if (!read_executions(list, symbol, client_order_id, &executed, &report)) return hx_answer_unreadable(ctx);
        if (!executed) return absent(ctx, no_such_order(ctx), stage, out);
        *out = report;
        return verdict;
    }
    if (!find_order(list, client_order_id, &found, &duplicate)) return hx_answer_unreadable(ctx);
    if (found == NULL) {
        if (duplicate) out->status = HX_ORDER_REJECTED;
        return no_such_order(ctx);
    }
    if (!read_order(found, symbol, client_order_id, &report)) return hx_answer_unreadable(ctx);
    *out = report;
    bool ended_unfilled = report.status == HX_ORDER_REJECTED || report.status == HX_ORDER_CANCELED;
    if (ended_unfilled) verdict.message = reject_message(ctx, found);
    return verdict;
}

struct hx_venue_verdict hx_bybit_decode_stop(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             const struct hx_stop_request *sent, struct hx_stop_report *out) {
    hx_str id = HX_STR_EMPTY;
    struct hx_venue_verdict verdict = read_receipt(ctx, answer, HX_VENUE_FOR_ORDER, sent->client_order_id, &id);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    *out = (struct hx_stop_report){.waiting = true, .is_ack = true, .venue_stop_id = id};
    return verdict;
}

struct hx_venue_verdict hx_bybit_decode_stop_cancel(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer,
                                                    const struct hx_stop_request *stop, struct hx_stop_report *out) {
    hx_str id = HX_STR_EMPTY;
    struct hx_venue_verdict verdict = read_receipt(ctx, answer, HX_VENUE_FOR_CANCEL, stop->client_order_id, &id);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    *out = (struct hx_stop_report){.waiting = true, .is_ack = true, .venue_stop_id = id};
    return verdict;
}

enum stop_state { STOP_WAITS, STOP_TRIGGERED, STOP_ENDED };

/* What cancels a stop before its trigger is called Deactivated; Cancelled and Rejected may have come after it. */
static const struct hx_answer_word stop_states[] = {
    {"Untriggered", STOP_WAITS},         {"Triggered", STOP_TRIGGERED}, {"New", STOP_TRIGGERED},
    {"PartiallyFilled", STOP_TRIGGERED}, {"Filled", STOP_TRIGGERED},    {"PartiallyFilledCanceled", STOP_TRIGGERED},
    {"Cancelled", STOP_ENDED},           {"Deactivated", STOP_ENDED},   {"Rejected", STOP_ENDED},
};

struct hx_venue_verdict hx_bybit_decode_stop_query(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer,
                                                   const struct hx_stop_request *stop, struct hx_stop_report *out) {
    struct hx_venue_verdict verdict;
    const struct hx_json *found = NULL;
    bool duplicate = false;
    int state = 0;
    hx_str id = HX_STR_EMPTY;
    hx_dec executed = HX_DEC_ZERO;
    const struct hx_json *list = hx_bybit_read_list(ctx, answer, HX_VENUE_FOR_QUERY, &verdict);
    if (list == NULL) return verdict;
    if (!find_order(list, stop->client_order_id, &found, &duplicate)) return hx_answer_unreadable(ctx);
    if (found == NULL && duplicate) return hx_answer_unreadable(ctx);
    if (found == NULL) return no_such_order(ctx);
    if (!hx_answer_member_equals(found, HX_STR("symbol"), stop->symbol)) return hx_answer_unreadable(ctx);
    if (!hx_bybit_read_id(found, HX_STR("orderId"), &id)) return hx_answer_unreadable(ctx);
    size_t count = sizeof stop_states / sizeof stop_states[0];
    if (!hx_answer_read_word(found, HX_STR("orderStatus"), stop_states, count, &state)) {
        return hx_answer_unreadable(ctx);
    }
    if (hx_failed(hx_json_get_dec(found, HX_STR("cumExecQty"), &executed))) return hx_answer_unreadable(ctx);
    bool sane = hx_dec_sign(executed) == 0 || (hx_dec_sign(executed) > 0 && state != STOP_WAITS);
    if (!sane) return hx_answer_unreadable(ctx);
    bool triggered = state == STOP_TRIGGERED || hx_dec_sign(executed) > 0;
    *out = (struct hx_stop_report){.waiting = state == STOP_WAITS,
                                   .triggered = triggered,
                                   .venue_stop_id = id,
                                   .venue_order_id = triggered ? id : HX_STR_EMPTY};
    if (state == STOP_ENDED) verdict.message = reject_message(ctx, found);
    return verdict;
}

void hx_bybit_read_usage(const struct hx_http_answer *answer, int64_t orders_max, struct hx_venue_usage *out) {
    size_t at = 0;
    int64_t limit = hx_answer_read_count(answer, HX_STR("X-Bapi-Limit"));
    int64_t left = hx_answer_read_count(answer, HX_STR("X-Bapi-Limit-Status"));
    bool too_frequent = answer->status == 403 && hx_str_find(answer->body, WORDS_OF_LIMIT, &at);
    bool nearly_reached = limit == orders_max && left >= 0 && left * 5 <= limit;
    out->used[HX_BYBIT_BUDGET_WEIGHT] = -1;
    out->used[HX_BYBIT_BUDGET_ORDERS] = nearly_reached ? limit : -1;
    out->blocked_for_ms = answer->status == 429 ? hx_answer_retry_after_ms(answer) : 0;
    if (too_frequent) out->blocked_for_ms = PAUSE_ADDRESS_MS;
}
