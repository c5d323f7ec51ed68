/* The decoders of orders, and the envelope that all answers of the contract API come in. */
#include "core/venue/mexc.h"

#define LIMITED_MS (2 * HX_MS_PER_SECOND) /* The window in which MEXC counts calls. */

static struct hx_venue_failure read_failure(const struct hx_json *root) {
    struct hx_venue_failure failure = {0};
    if (hx_failed(hx_json_get_i64(root, HX_STR("code"), &failure.code))) failure.code = 0;
    if (hx_ok(hx_json_get_str(root, HX_STR("message"), &failure.words))) return failure;
    if (hx_failed(hx_json_get_str(root, HX_STR("msg"), &failure.words))) failure.words = HX_STR_EMPTY;
    return failure;
}

/* {success, code, data, message}. A code is the venue's word when it says itself that it did not succeed, or says
 * nothing of success and answers with a client error's status. */
struct hx_venue_verdict hx_mexc_futures_open(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             enum hx_venue_purpose purpose, const struct hx_json **root,
                                             const struct hx_json **data) {
    bool success = false;
    int64_t code = 0;
    uint32_t status = answer->status;
    *root = hx_answer_parse(ctx, answer->body);
    *data = hx_json_find(*root, HX_STR("data"));
    if (*data != NULL && (*data)->type == HX_JSON_NULL) *data = NULL;
    struct hx_venue_failure failure = read_failure(*root);
    bool said = hx_ok(hx_json_get_bool(*root, HX_STR("success"), &success));
    bool has_code = hx_ok(hx_json_get_i64(*root, HX_STR("code"), &code));
    struct hx_venue_verdict verdict;
    if (status == 429 || status == 418) return hx_answer_limited(ctx, answer, failure);
    if (status >= 200 && status < 300) {
        if (said && success && has_code && code == 0) return hx_answer_done();
        if (!said || success || failure.code == 0) return hx_answer_unreadable(ctx);
    }
    bool refused = (status >= 200 && status < 300) || (status >= 400 && status < 500 && status != 408);
    if (refused && !success && failure.code != 0) {
        verdict = hx_answer_read_code(ctx, hx_mexc_futures_find_code(failure.code), failure, purpose);
        verdict.no_such_symbol = failure.code == 1001;
        bool own_failure = failure.code == 500 || failure.code == 501 || failure.code == 9999 || failure.code == 3016;
        return hx_answer_for_purpose(verdict, purpose, own_failure);
    }
    verdict = hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, failure,
                                HX_STR("MEXC had a failure of its own; it is not known what it did."));
    return hx_answer_for_purpose(verdict, purpose, status == 408 || status >= 500);
}

/* Of a refused call there is nothing to take back, so all that is needed of an order's answer is its id: an object, or
 * in older documents the id itself. */
struct hx_venue_verdict hx_mexc_futures_decode_order(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer,
                                                     const struct hx_order_request *sent, struct hx_order_report *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    int64_t id = 0;
    struct hx_order_report report = {.status = HX_ORDER_NEW, .client_order_id = sent->client_order_id, .is_ack = true};
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_ORDER, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    bool object = data != NULL && data->type == HX_JSON_OBJECT;
    bool read = object ? hx_answer_read_id(ctx, data, HX_STR("orderId"), &id, &report.venue_order_id)
                       : hx_answer_read_id(ctx, root, HX_STR("data"), &id, &report.venue_order_id);
    if (!read || id == 0) return hx_answer_unreadable(ctx);
    if (!object || !hx_answer_read_ms(data, HX_STR("ts"), &report.venue_time_ms)) report.venue_time_ms = 0;
    *out = report;
    return hx_answer_done();
}

static bool is_of_contract(const struct hx_venue_context *ctx, const struct hx_json *object, hx_str symbol) {
    hx_str contract = HX_STR_EMPTY;
    if (hx_failed(hx_mexc_contract_make(ctx->arena, symbol, &contract))) return false;
    return hx_answer_member_equals(object, HX_STR("symbol"), contract);
}

/* A number of contracts, as base units. */
static bool read_quantity(const struct hx_venue_context *ctx, const struct hx_json *object, hx_str name, hx_dec *out) {
    hx_dec contracts = HX_DEC_ZERO;
    if (ctx->rules == NULL || hx_dec_sign(ctx->rules->contract_size) <= 0) return false;
    if (hx_failed(hx_json_get_dec(object, name, &contracts))) return false;
    return hx_ok(hx_dec_multiply(contracts, ctx->rules->contract_size, out));
}

/* state: 1 pending, 2 unfilled or partly filled, 3 filled, 4 cancelled, 5 invalid. What was executed in part has ended
 * by a cancellation, whatever the reason. */
static bool read_status(const struct hx_json *order, const struct hx_mexc_order_error *error, bool whole, bool executed,
                        enum hx_order_status *status) {
    int64_t state = 0;
    if (hx_failed(hx_json_get_i64(order, HX_STR("state"), &state))) return false;
    switch (state) {
        case 1:
        case 2:
            *status = executed ? HX_ORDER_PARTIALLY_FILLED : HX_ORDER_NEW;
            return true;
        case 3:
            *status = !whole && error != NULL ? HX_ORDER_CANCELED : HX_ORDER_FILLED;
            return true;
        case 4:
        case 5:
            *status = state == 4 ? HX_ORDER_CANCELED : HX_ORDER_REJECTED;
            if (state == 4 && error != NULL) *status = error->status;
            if (executed) *status = HX_ORDER_CANCELED;
            return true;
        default:
            return false;
    }
}

/* The order's commission, all of it; nothing is taken where one of the figures is missing. */
static void read_fee(const struct hx_json *order, struct hx_order_report *out) {
    hx_dec taker = HX_DEC_ZERO;
    hx_dec maker = HX_DEC_ZERO;
    hx_str asset = HX_STR_EMPTY;
    if (!hx_answer_read_dec_cut(order, HX_STR("takerFee"), &taker)) return;
    if (!hx_answer_read_dec_cut(order, HX_STR("makerFee"), &maker)) return;
    if (hx_failed(hx_json_get_str(order, HX_STR("feeCurrency"), &asset))) return;
    if (hx_ok(hx_dec_add(taker, maker, &out->fee))) out->fee_asset = asset;
}

/* True when the object is an order with this id and contract and its figures agree with each other. */
static bool read_order(const struct hx_venue_context *ctx, const struct hx_json *order, hx_str symbol,
                       hx_str client_order_id, const struct hx_mexc_order_error *error, struct hx_order_report *out) {
    int64_t id = 0;
    hx_dec ordered = HX_DEC_ZERO;
    if (!hx_answer_member_equals(order, HX_STR("externalOid"), client_order_id)) return false;
    if (!is_of_contract(ctx, order, symbol)) return false;
    if (!hx_answer_read_id(ctx, order, HX_STR("orderId"), &id, &out->venue_order_id) || id == 0) return false;
    if (!read_quantity(ctx, order, HX_STR("vol"), &ordered) || hx_dec_sign(ordered) <= 0) return false;
    if (!read_quantity(ctx, order, HX_STR("dealVol"), &out->executed_quantity)) return false;
    bool executed = hx_dec_sign(out->executed_quantity) > 0;
    bool whole = hx_dec_equal(out->executed_quantity, ordered);
    if (!read_status(order, error, whole, executed, &out->status)) return false;
    out->client_order_id = client_order_id;
    bool priced = executed && hx_answer_read_dec_cut(order, HX_STR("dealAvgPrice"), &out->average_price);
    if (!priced || hx_dec_sign(out->average_price) < 0) out->average_price = HX_DEC_ZERO;
    if (executed) read_fee(order, out);
    if (!hx_answer_read_ms(order, HX_STR("updateTime"), &out->venue_time_ms)) out->venue_time_ms = 0;
    return hx_answer_order_is_consistent(out, ordered);
}

/* A success without data is MEXC's way to say that there is no such order. */
struct hx_venue_verdict hx_mexc_futures_decode_query(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     hx_str client_order_id, uint32_t stage,
                                                     struct hx_order_report *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    struct hx_order_report report = {0};
    int64_t code = 0;
    (void)stage;
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_QUERY, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (data == NULL) {
        return hx_answer_verdict(ctx, HX_OUTCOME_ABSENT, (struct hx_venue_failure){0},
                                 HX_STR("MEXC has no such order."));
    }
    if (hx_failed(hx_json_get_i64(data, HX_STR("errorCode"), &code))) code = 0;
    const struct hx_mexc_order_error *error = hx_mexc_find_order_error(code);
    if (!read_order(ctx, data, symbol, client_order_id, error, &report)) return hx_answer_unreadable(ctx);
    *out = report;
    bool open = report.status == HX_ORDER_NEW || report.status == HX_ORDER_PARTIALLY_FILLED;
    if (error == NULL || open || report.status == HX_ORDER_FILLED) return hx_answer_done();
    return hx_answer_verdict(ctx, HX_OUTCOME_DONE, (struct hx_venue_failure){.code = code},
                             hx_str_from_c(error->advice));
}

static bool names_nothing(const struct hx_json *item) {
    const struct hx_json *name = hx_json_find(item, HX_STR("externalOid"));
    return name == NULL || name->type == HX_JSON_NULL;
}

/* What was said of this order, in an object or a list of them; NULL: nothing. What names no order is about it when it
 * is alone. */
static const struct hx_json *find_item(const struct hx_json *data, hx_str client_order_id) {
    if (data == NULL) return NULL;
    const struct hx_json *only = data;
    if (data->type == HX_JSON_ARRAY) {
        for (const struct hx_json *item = hx_json_first(data); item != NULL; item = hx_json_next(data, item)) {
            if (hx_answer_member_equals(item, HX_STR("externalOid"), client_order_id)) return item;
        }
        only = data->count == 1 ? hx_json_first(data) : NULL;
    }
    if (hx_answer_member_equals(only, HX_STR("externalOid"), client_order_id)) return only;
    return only != NULL && names_nothing(only) ? only : NULL;
}

/* The outer success says only that the request was read. What became of the order has to be asked. */
struct hx_venue_verdict hx_mexc_futures_decode_cancel(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str symbol,
                                                      hx_str client_order_id, struct hx_order_report *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    int64_t id = 0;
    struct hx_order_report report = {.status = HX_ORDER_NEW, .client_order_id = client_order_id, .is_ack = true};
    struct hx_venue_failure failure = {0};
    (void)symbol;
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_CANCEL, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    const struct hx_json *item = find_item(data, client_order_id);
    if (item == NULL) return hx_answer_unreadable(ctx);
    if (hx_failed(hx_json_get_i64(item, HX_STR("errorCode"), &failure.code))) return hx_answer_unreadable(ctx);
    if (failure.code != 0) {
        if (hx_failed(hx_json_get_str(item, HX_STR("errorMsg"), &failure.words))) failure.words = HX_STR_EMPTY;
        return hx_answer_read_code(ctx, hx_mexc_futures_find_code(failure.code), failure, HX_VENUE_FOR_CANCEL);
    }
    if (!hx_answer_read_id(ctx, item, HX_STR("orderId"), &id, &report.venue_order_id)) {
        report.venue_order_id = HX_STR_EMPTY;
    }
    *out = report;
    return hx_answer_done();
}

static bool read_fill_side(const struct hx_json *row, enum hx_side *side) {
    int64_t number = 0;
    if (hx_failed(hx_json_get_i64(row, HX_STR("side"), &number)) || number < 1 || number > 4) return false;
    *side = number <= 2 ? HX_SIDE_BUY : HX_SIDE_SELL;
    return true;
}

static bool read_fill(const struct hx_venue_context *ctx, const struct hx_json *row, hx_str symbol,
                      hx_str venue_order_id, int64_t *id, struct hx_fill *fill) {
    int64_t order_id = 0;
    int64_t wanted = 0;
    bool taker = true;
    if (!is_of_contract(ctx, row, symbol)) return false;
    if (!hx_answer_read_id(ctx, row, HX_STR("id"), id, &fill->venue_trade_id)) return false;
    if (hx_failed(hx_json_get_i64(row, HX_STR("orderId"), &order_id))) return false;
    if (hx_failed(hx_str_parse_i64(venue_order_id, &wanted)) || order_id != wanted) return false;
    fill->venue_order_id = venue_order_id;
    if (!read_fill_side(row, &fill->side)) return false;
    if (!read_quantity(ctx, row, HX_STR("vol"), &fill->quantity) || hx_dec_sign(fill->quantity) <= 0) return false;
    if (!hx_answer_positive_dec(row, HX_STR("price"), &fill->price)) return false;
    if (!hx_answer_read_dec_cut(row, HX_STR("fee"), &fill->fee)) return false;
    if (hx_failed(hx_json_get_str(row, HX_STR("feeCurrency"), &fill->fee_asset))) return false;
    if (!hx_answer_read_dec_cut(row, HX_STR("profit"), &fill->realized_pnl)) fill->realized_pnl = HX_DEC_ZERO;
    /* Two spellings; a fill that has neither counts as a taker's. */
    if (hx_failed(hx_json_get_bool(row, HX_STR("taker"), &taker)) &&
        hx_failed(hx_json_get_bool(row, HX_STR("isTaker"), &taker))) {
        taker = true;
    }
    fill->maker = !taker;
    return hx_answer_read_ms(row, HX_STR("timestamp"), &fill->time_ms);
}

/* Keeps the page's fills with the lowest ids. *more: one had to be left to the next page. */
static bool page_take(struct hx_fill_page *page, int64_t *ids, int64_t id, const struct hx_fill *fill, bool *more) {
    if (page->count == HX_VENUE_PAGE_FILLS_MAX) {
        *more = true;
        if (id == ids[page->count - 1]) return false;
        if (id > ids[page->count - 1]) return true;
        page->count--;
    }
    return hx_fill_page_insert(page, ids, id, fill);
}

struct hx_venue_verdict hx_mexc_futures_decode_fills(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     hx_str venue_order_id, hx_str page, struct hx_fill_page *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    int64_t ids[HX_VENUE_PAGE_FILLS_MAX];
    int64_t after = -1;
    bool more = false;
    out->count = 0;
    out->next = HX_STR_EMPTY;
    out->restart = false;
    if (page.len > 0 && hx_failed(hx_str_parse_i64(page, &after))) return hx_answer_unreadable(ctx);
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_QUESTION, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE || data == NULL) return verdict;
    if (data->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(data); row != NULL; row = hx_json_next(data, row)) {
        struct hx_fill fill = {0};
        int64_t id = 0;
        if (!read_fill(ctx, row, symbol, venue_order_id, &id, &fill)) return hx_answer_unreadable(ctx);
        if (id > after && !page_take(out, ids, id, &fill, &more)) return hx_answer_unreadable(ctx);
    }
    if (more) out->next = out->list[out->count - 1].venue_trade_id;
    return verdict;
}

/* MEXC says nothing of what is used up; only that it was too much. */
void hx_mexc_futures_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out) {
    size_t at = 0;
    bool limited = answer->status == 429 || answer->status == 418;
    out->blocked_for_ms = limited ? hx_answer_retry_after_ms(answer) : 0;
    if (!limited && answer->body.len < 256 && hx_str_find(answer->body, HX_STR("\"code\":510"), &at)) {
        out->blocked_for_ms = LIMITED_MS;
    }
}
