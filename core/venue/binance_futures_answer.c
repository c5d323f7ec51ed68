/* The decoders of orders and stops. */
#include "core/venue/binance_answer.h"
#include "core/venue/binance_futures.h"

/* avgPrice is missing from answers to POST and DELETE since 2026-07. */
static bool read_order(const struct hx_venue_context *ctx, const struct hx_json *order, hx_str symbol,
                       hx_str client_order_id, struct hx_order_report *out, hx_dec *ordered) {
    if (!hx_binance_read_order(ctx, order, symbol, HX_STR("clientOrderId"), client_order_id, out, ordered)) {
        return false;
    }
    if (hx_dec_sign(out->executed_quantity) > 0) {
        out->average_price = hx_answer_optional_dec(order, HX_STR("avgPrice"));
        if (hx_dec_sign(out->average_price) < 0) out->average_price = HX_DEC_ZERO;
    }
    if (hx_failed(hx_json_get_i64(order, HX_STR("updateTime"), &out->venue_time_ms))) out->venue_time_ms = 0;
    return hx_answer_order_is_consistent(out, *ordered);
}

/* Of the position that was meant. Answers of one-way mode may leave it out. */
static bool position_side_matches(const struct hx_json *order, enum hx_position_side sent) {
    if (sent == HX_POSITION_NET && hx_json_find(order, HX_STR("positionSide")) == NULL) return true;
    return hx_answer_member_equals(order, HX_STR("positionSide"), hx_binance_futures_position_side(sent));
}

struct hx_venue_verdict hx_binance_futures_decode_order(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer,
                                                        const struct hx_order_request *sent,
                                                        struct hx_order_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_MARKET_FUTURES, HX_VENUE_FOR_ORDER);
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    struct hx_order_report report = {0};
    enum hx_side side = HX_SIDE_BUY;
    hx_dec ordered = HX_DEC_ZERO;
    if (!read_order(ctx, order, sent->symbol, sent->client_order_id, &report, &ordered)) {
        return hx_answer_unreadable(ctx);
    }
    if (!hx_binance_read_side(order, &side) || side != sent->side) return hx_answer_unreadable(ctx);
    if (!position_side_matches(order, sent->position_side)) return hx_answer_unreadable(ctx);
    if (!hx_answer_quantity_matches(sent, ordered)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_futures_decode_query(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        hx_str client_order_id, uint32_t stage,
                                                        struct hx_order_report *out) {
    (void)stage;
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_MARKET_FUTURES, HX_VENUE_FOR_QUERY);
    struct hx_order_report report = {0};
    hx_dec ordered = HX_DEC_ZERO;
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    if (!read_order(ctx, order, symbol, client_order_id, &report, &ordered)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_futures_decode_cancel(const struct hx_venue_context *ctx,
                                                         const struct hx_http_answer *answer, hx_str symbol,
                                                         hx_str client_order_id, struct hx_order_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_MARKET_FUTURES, HX_VENUE_FOR_CANCEL);
    struct hx_order_report report = {0};
    hx_dec ordered = HX_DEC_ZERO;
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    if (!read_order(ctx, order, symbol, client_order_id, &report, &ordered)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

/* Where a conditional order stands. Triggering is the moment in which it is handed over: no longer to be cancelled. */
enum standing { WAITING, TRIGGERED, ENDED };

static bool read_standing(const struct hx_json *algo, struct hx_stop_report *out) {
    static const struct hx_answer_word words[] = {
        {"NEW", WAITING},    {"TRIGGERING", TRIGGERED}, {"TRIGGERED", TRIGGERED}, {"FINISHED", TRIGGERED},
        {"CANCELED", ENDED}, {"REJECTED", ENDED},       {"EXPIRED", ENDED},
    };
    int value = ENDED;
    if (!hx_answer_read_word(algo, HX_STR("algoStatus"), words, sizeof words / sizeof words[0], &value)) return false;
    out->waiting = value == WAITING;
    out->triggered = value == TRIGGERED;
    return true;
}

/* actualOrderId is text, empty until there is such an order; one that came to be and was then refused (REJECTED,
 * EXPIRED) shows that it had triggered. */
static bool read_spawned(const struct hx_venue_context *ctx, const struct hx_json *algo, struct hx_stop_report *out) {
    const struct hx_json *member = hx_json_find(algo, HX_STR("actualOrderId"));
    int64_t id = 0;
    if (member == NULL || member->type == HX_JSON_NULL) return true;
    if (member->type == HX_JSON_STRING && member->text.len == 0) return true;
    if (!hx_answer_read_id(ctx, algo, HX_STR("actualOrderId"), &id, &out->venue_order_id)) return false;
    if (id == 0) out->venue_order_id = HX_STR_EMPTY;
    if (id != 0 && !out->waiting) out->triggered = true;
    return id == 0 || !out->waiting;
}

static bool read_stop(const struct hx_venue_context *ctx, const struct hx_json *algo, hx_str symbol,
                      hx_str client_order_id, struct hx_stop_report *out) {
    int64_t id = 0;
    if (!hx_answer_member_equals(algo, HX_STR("clientAlgoId"), client_order_id)) return false;
    if (!hx_answer_member_equals(algo, HX_STR("symbol"), symbol)) return false;
    if (!hx_answer_read_id(ctx, algo, HX_STR("algoId"), &id, &out->venue_stop_id)) return false;
    return read_standing(algo, out) && read_spawned(ctx, algo, out);
}

struct hx_venue_verdict hx_binance_futures_decode_stop(const struct hx_venue_context *ctx,
                                                       const struct hx_http_answer *answer,
                                                       const struct hx_stop_request *sent, struct hx_stop_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_MARKET_FUTURES, HX_VENUE_FOR_ORDER);
    const struct hx_json *algo = hx_answer_parse(ctx, answer->body);
    struct hx_stop_report report = {0};
    enum hx_side side = HX_SIDE_BUY;
    if (!read_stop(ctx, algo, sent->symbol, sent->client_order_id, &report)) return hx_answer_unreadable(ctx);
    if (!hx_binance_read_side(algo, &side) || side != sent->side) return hx_answer_unreadable(ctx);
    if (!position_side_matches(algo, sent->position_side)) return hx_answer_unreadable(ctx);
    hx_str type = hx_binance_futures_stop_type(sent->kind);
    if (!hx_answer_member_equals(algo, HX_STR("orderType"), type)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_futures_decode_stop_query(const struct hx_venue_context *ctx,
                                                             const struct hx_http_answer *answer,
                                                             const struct hx_stop_request *stop,
                                                             struct hx_stop_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_MARKET_FUTURES, HX_VENUE_FOR_QUERY);
    struct hx_stop_report report = {0};
    const struct hx_json *algo = hx_answer_parse(ctx, answer->body);
    if (!read_stop(ctx, algo, stop->symbol, stop->client_order_id, &report)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

/* {"algoId":..,"clientAlgoId":"..","code":"200","msg":"success"}: it was waiting, and is no more. */
struct hx_venue_verdict hx_binance_futures_decode_stop_cancel(const struct hx_venue_context *ctx,
                                                              const struct hx_http_answer *answer,
                                                              const struct hx_stop_request *stop,
                                                              struct hx_stop_report *out) {
    if (answer->status != 200) return hx_binance_read_failure(ctx, answer, HX_MARKET_FUTURES, HX_VENUE_FOR_CANCEL);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    struct hx_stop_report report = {0};
    int64_t id = 0;
    int64_t code = 0;
    if (!hx_answer_member_equals(root, HX_STR("clientAlgoId"), stop->client_order_id)) return hx_answer_unreadable(ctx);
    if (hx_failed(hx_json_get_i64(root, HX_STR("code"), &code)) || code != 200) return hx_answer_unreadable(ctx);
    if (!hx_answer_read_id(ctx, root, HX_STR("algoId"), &id, &report.venue_stop_id)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

void hx_binance_futures_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out) {
    bool limited = answer->status == 429 || answer->status == 418;
    out->used[HX_BINANCE_FUTURES_WEIGHT] = hx_answer_read_count(answer, HX_STR("X-MBX-USED-WEIGHT-1M"));
    out->used[HX_BINANCE_FUTURES_ORDERS_10S] = hx_answer_read_count(answer, HX_STR("X-MBX-ORDER-COUNT-10S"));
    out->used[HX_BINANCE_FUTURES_ORDERS_1M] = hx_answer_read_count(answer, HX_STR("X-MBX-ORDER-COUNT-1M"));
    out->blocked_for_ms = limited ? hx_answer_retry_after_ms(answer) : 0;
}
