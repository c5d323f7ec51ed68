#include "core/venue/binance_answer.h"

#include "core/venue/binance_codes.h"

#define RETRY_AFTER_FIREWALL_MS (60 * HX_MS_PER_SECOND)

static struct hx_venue_failure parse_failure(const struct hx_venue_context *ctx, hx_str body) {
    struct hx_venue_failure failure = {0};
    const struct hx_json *root = hx_answer_parse(ctx, body);
    if (hx_failed(hx_json_get_i64(root, HX_STR("code"), &failure.code))) failure.code = 0;
    if (hx_failed(hx_json_get_str(root, HX_STR("msg"), &failure.words))) failure.words = HX_STR_EMPTY;
    return failure;
}

/* Texts decide about writes only: nothing hangs on why a question was refused. */
static struct hx_venue_verdict read_code(const struct hx_venue_context *ctx, struct hx_venue_failure failure,
                                         enum hx_market market, enum hx_venue_purpose purpose) {
    bool write = purpose == HX_VENUE_FOR_ORDER || purpose == HX_VENUE_FOR_CANCEL;
    const struct hx_venue_code *code = hx_binance_find_code(market, failure.code, write ? failure.words : HX_STR_EMPTY);
    struct hx_venue_verdict verdict = hx_answer_read_code(ctx, code, failure, purpose);
    /* The position side does not go with the account's mode, or a reduce-only flag in hedge mode: nothing happened. */
    verdict.mode_differs = market == HX_MARKET_FUTURES && (failure.code == -4061 || failure.code == -1106);
    verdict.no_such_symbol = failure.code == -1121;
    return verdict;
}

/* USD-M's 503 has three texts; two of them, and the overload code, are Binance's word that nothing was executed. Only
 * in its own JSON: a proxy's page of the same wording proves nothing. Spot calls the outcome of any 5xx unknown. */
static bool is_proof_of_failure(const struct hx_http_answer *answer, enum hx_market market,
                                struct hx_venue_failure failure) {
    if (answer->status != 503 || market != HX_MARKET_FUTURES) return false;
    return failure.code == -1008 || hx_str_equal(failure.words, HX_STR("Service Unavailable.")) ||
           hx_str_equal(failure.words, HX_STR("Internal error; unable to process your request. Please try again."));
}

static struct hx_venue_verdict read_status(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                           enum hx_market market, enum hx_venue_purpose purpose) {
    struct hx_venue_failure failure = parse_failure(ctx, answer->body);
    uint32_t status = answer->status;
    struct hx_venue_verdict verdict;
    if (status == 429 || status == 418) return hx_answer_limited(ctx, answer, failure);
    if (status == 451) {
        return hx_answer_verdict(ctx, HX_OUTCOME_REJECTED, failure,
                                 HX_STR("Binance does not serve this machine's location: run hoox elsewhere."));
    }
    if (status == 403 && failure.code == 0) {
        verdict = hx_answer_verdict(ctx, HX_OUTCOME_BUSY, failure,
                                    HX_STR("Binance's firewall refused the request before it was read. Should it last, "
                                           "check this machine's address and proxy."));
        verdict.retry_after_ms = RETRY_AFTER_FIREWALL_MS;
        return verdict;
    }
    if (is_proof_of_failure(answer, market, failure)) {
        return hx_answer_verdict(ctx, HX_OUTCOME_BUSY, failure, HX_STR("Binance did not execute it."));
    }
    if (status >= 400 && status < 500 && status != 408 && failure.code != 0) {
        return read_code(ctx, failure, market, purpose);
    }
    if (status >= 200 && status < 300) return hx_answer_unreadable(ctx);
    if (status == 404) {
        return hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, failure,
                                 HX_STR("There is no such call at this address (HTTP 404): check the exchange's URL in "
                                        "the settings."));
    }
    return hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, failure,
                             HX_STR("Binance had a failure of its own; it is not known what it did."));
}

struct hx_venue_verdict hx_binance_read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                enum hx_market market, enum hx_venue_purpose purpose) {
    struct hx_venue_verdict verdict = read_status(ctx, answer, market, purpose);
    bool client_error = answer->status >= 400 && answer->status < 500;
    bool is_failure_code = verdict.venue_code == -1000 || verdict.venue_code == -1001 || verdict.venue_code == -1006 ||
                           verdict.venue_code == -1007;
    bool server_failed = answer->status == 408 || answer->status >= 500 || (client_error && is_failure_code);
    return hx_answer_for_purpose(verdict, purpose, server_failed);
}

bool hx_binance_read_side(const struct hx_json *object, enum hx_side *side) {
    static const struct hx_answer_word sides[] = {{"BUY", HX_SIDE_BUY}, {"SELL", HX_SIDE_SELL}};
    int value = HX_SIDE_BUY;
    bool known = hx_answer_read_word(object, HX_STR("side"), sides, sizeof sides / sizeof sides[0], &value);
    *side = (enum hx_side)value;
    return known;
}

/* PENDING_NEW (spot) waits for another order of its list, and PENDING_CANCEL, which spot documents as unused, is an
 * order that is still there: both are open. */
static bool read_order_status(const struct hx_json *order, enum hx_order_status *status) {
    static const struct hx_answer_word words[] = {
        {"NEW", HX_ORDER_NEW},
        {"PENDING_NEW", HX_ORDER_NEW},
        {"PENDING_CANCEL", HX_ORDER_NEW},
        {"PARTIALLY_FILLED", HX_ORDER_PARTIALLY_FILLED},
        {"FILLED", HX_ORDER_FILLED},
        {"CANCELED", HX_ORDER_CANCELED},
        {"REJECTED", HX_ORDER_REJECTED},
        {"EXPIRED", HX_ORDER_EXPIRED},
        {"EXPIRED_IN_MATCH", HX_ORDER_EXPIRED},
    };
    int value = HX_ORDER_NEW;
    bool known = hx_answer_read_word(order, HX_STR("status"), words, sizeof words / sizeof words[0], &value);
    *status = (enum hx_order_status)value;
    return known;
}

bool hx_binance_read_order(const struct hx_venue_context *ctx, const struct hx_json *order, hx_str symbol,
                           hx_str id_name, hx_str client_order_id, struct hx_order_report *out, hx_dec *ordered) {
    int64_t id = 0;
    if (!hx_answer_member_equals(order, id_name, client_order_id)) return false;
    if (!hx_answer_member_equals(order, HX_STR("symbol"), symbol)) return false;
    if (!hx_answer_read_id(ctx, order, HX_STR("orderId"), &id, &out->venue_order_id)) return false;
    if (!read_order_status(order, &out->status)) return false;
    if (hx_failed(hx_json_get_dec(order, HX_STR("executedQty"), &out->executed_quantity))) return false;
    out->client_order_id = client_order_id;
    return hx_ok(hx_json_get_dec(order, HX_STR("origQty"), ordered));
}
