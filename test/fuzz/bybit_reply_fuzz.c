/* Goal: whatever Bybit answers, no decoder crashes, and none says more than the bytes prove. Method: the first three
 * bytes choose the product and the question, the HTTP status, and what an earlier stage has left; the rest is the body.
 * What a decoder accepts is looked up again with another parser (jansson). */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/venue/bybit.h"

#define ID "AZOpXu_0-23456789abcde"
#define SYMBOL "BTCUSDT"
#define ORDER_ID "c6f055d9-7f21-4079-913d-e6523a9cfffa"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static const struct hx_venue_adapter *a;
static const struct hx_symbol_rules rules = {.base_asset = HX_FORM_TEXT("BTC"), .quote_asset = HX_FORM_TEXT("USDT")};

#define require(condition) ((condition) ? (void)0 : broken(#condition))
static void broken(const char *condition) {
    fprintf(stderr, "does not hold: %s\n", condition);
    abort();
}

/* The body as another parser sees it; NULL when that one does not take it (it need not: its integers are bounded). */
static json_t *load(hx_str body) {
    json_error_t error;
    size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    return body.len == 0 ? NULL : json_loadb(body.data, body.len, flags, &error);
}

static bool same_text(const json_t *object, const char *name, const char *wanted) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && strcmp(text, wanted) == 0;
}

/* retCode as a number or the text of one. */
static bool code_is(const json_t *root, double wanted) {
    const json_t *code = json_object_get(root, "retCode");
    char text[32];
    snprintf(text, sizeof text, "%.0f", wanted);
    if (json_is_number(code)) return json_number_value(code) == wanted;
    return json_is_string(code) && strtod(json_string_value(code), NULL) == wanted;
}

static json_t *list_of(const json_t *root) {
    return json_object_get(json_object_get(root, "result"), "list");
}

static void check_verdict(const struct hx_http_answer *answer, const struct hx_venue_verdict *verdict) {
    bool refused = answer->status >= 400 && answer->status < 500 && answer->status != 408;
    require(verdict->message.len <= HX_VENUE_MESSAGE_LEN_MAX);
    for (size_t i = 0; i < verdict->message.len; i++) require((unsigned char)verdict->message.data[i] >= 0x20);
    require(verdict->outcome == HX_OUTCOME_DONE || verdict->message.len > 0);
    require(verdict->retry_after_ms >= 0 && verdict->retry_after_ms <= 3 * HX_MS_PER_DAY);
    if (verdict->outcome == HX_OUTCOME_DONE && !verdict->already_so) require(answer->status == 200);
    if (verdict->outcome == HX_OUTCOME_ABSENT) require(answer->status == 200 || refused);
}

/* Of a write: success only with 200 and code 0, a proof of no effect never from a failing server. */
static void check_write(const struct hx_http_answer *answer, const struct hx_venue_verdict *verdict) {
    json_t *root = load(answer->body);
    bool refused = answer->status >= 400 && answer->status < 500 && answer->status != 408;
    bool proof = verdict->outcome == HX_OUTCOME_REJECTED || verdict->outcome == HX_OUTCOME_BUSY;
    if (proof) require(answer->status == 200 || refused);
    if (root != NULL && answer->status == 200) {
        if (proof) require(!code_is(root, 0));
        if (verdict->outcome == HX_OUTCOME_DONE) require(code_is(root, 0));
    }
    json_decref(root);
}

static void check_receipt(const struct hx_http_answer *answer, hx_str order_id) {
    json_t *root = load(answer->body);
    const json_t *result = json_object_get(root, "result");
    require(order_id.len > 0 && order_id.len <= HX_VENUE_VALUE_LEN_MAX);
    if (root != NULL) require(same_text(result, "orderLinkId", ID));
    json_decref(root);
}

static bool is_duplicate(const json_t *row) {
    return same_text(row, "orderStatus", "Rejected") && same_text(row, "rejectReason", "EC_DuplicatedClOrdID");
}

/* One row, and only one that is no refused duplicate, is the order; absence means that there is none. */
static void check_orders(const struct hx_http_answer *answer, enum hx_outcome outcome,
                         const struct hx_order_report *report) {
    json_t *root = load(answer->body);
    json_t *list = list_of(root);
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        if (is_duplicate(row)) continue;
        count++;
        if (outcome != HX_OUTCOME_DONE) continue;
        require(same_text(row, "orderLinkId", ID) && same_text(row, "symbol", SYMBOL));
        require(
            hx_str_equal(report->venue_order_id, hx_str_from_c(json_string_value(json_object_get(row, "orderId")))));
    }
    if (root != NULL && outcome == HX_OUTCOME_DONE) require(count == 1);
    if (root != NULL && outcome == HX_OUTCOME_ABSENT && code_is(root, 0)) require(count == 0);
    json_decref(root);
}

static struct hx_venue_verdict decode_query(const struct hx_http_answer *answer, uint32_t stage, bool duplicate_seen) {
    struct hx_order_report report = {.status = duplicate_seen ? HX_ORDER_REJECTED : HX_ORDER_NEW};
    struct hx_venue_verdict verdict = a->decode_query(&ctx, answer, HX_STR(SYMBOL), HX_STR(ID), stage, &report);
    require(verdict.outcome != HX_OUTCOME_REJECTED);
    if (stage < HX_BYBIT_STAGE_EXECUTIONS) check_orders(answer, verdict.outcome, &report);
    if (verdict.outcome == HX_OUTCOME_ABSENT && duplicate_seen) {
        require(stage < HX_BYBIT_STAGE_EXECUTIONS && report.status == HX_ORDER_REJECTED);
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        require(!report.is_ack && report.venue_order_id.len > 0);
        require(hx_dec_sign(report.executed_quantity) >= 0 && hx_dec_sign(report.average_price) >= 0);
    }
    return verdict;
}

static struct hx_venue_verdict decode_writes(uint8_t which, const struct hx_http_answer *answer) {
    const struct hx_order_request sent = {
        .symbol = HX_STR(SYMBOL), .side = HX_SIDE_BUY, .quantity = {1, -2}, .client_order_id = HX_STR(ID)};
    const struct hx_stop_request sent_stop = {.symbol = HX_STR(SYMBOL), .client_order_id = HX_STR(ID)};
    struct hx_order_report report = {0};
    struct hx_stop_report stop = {0};
    struct hx_venue_verdict verdict;
    if (which == 0) verdict = a->decode_order(&ctx, answer, &sent, &report);
    if (which == 1) verdict = a->decode_cancel(&ctx, answer, sent.symbol, sent.client_order_id, &report);
    if (which == 2) verdict = a->decode_stop(&ctx, answer, &sent_stop, &stop);
    if (which == 3) verdict = a->decode_stop_cancel(&ctx, answer, &sent_stop, &stop);
    check_write(answer, &verdict);
    if (which == 0 || which == 2) require(verdict.outcome != HX_OUTCOME_ABSENT);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    require(which < 2 ? report.is_ack && report.status == HX_ORDER_NEW : stop.is_ack && stop.waiting);
    check_receipt(answer, which < 2 ? report.venue_order_id : stop.venue_stop_id);
    return verdict;
}

static struct hx_venue_verdict decode_fills(const struct hx_http_answer *answer) {
    static struct hx_fill_page page;
    struct hx_venue_verdict verdict =
        a->decode_fills(&ctx, answer, HX_STR(SYMBOL), HX_STR(ORDER_ID), HX_STR_EMPTY, &page);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    require(page.count <= HX_BYBIT_PAGE_FILLS && page.next.len <= HX_VENUE_TOKEN_LEN_MAX && !page.restart);
    for (uint32_t i = 0; i < page.count; i++) {
        const struct hx_fill *fill = &page.list[i];
        require(hx_dec_sign(fill->quantity) > 0 && hx_dec_sign(fill->price) > 0 && fill->fee_asset.len > 0);
        require(i == 0 || fill->time_ms >= page.list[i - 1].time_ms);
        for (uint32_t k = 0; k < i; k++) require(!hx_str_equal(fill->venue_trade_id, page.list[k].venue_trade_id));
    }
    json_t *root = load(answer->body);
    size_t trades = 0;
    for (size_t i = 0; i < json_array_size(list_of(root)); i++) {
        trades += same_text(json_array_get(list_of(root), i), "execType", "Trade");
    }
    if (root != NULL) require(trades == page.count);
    json_decref(root);
    return verdict;
}

static struct hx_venue_verdict decode_position(const struct hx_http_answer *answer) {
    struct hx_venue_position position = {0};
    hx_dec net = HX_DEC_ZERO;
    struct hx_venue_verdict verdict = a->decode_position(&ctx, answer, HX_STR(SYMBOL), &position);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    require(hx_dec_sign(position.long_quantity) >= 0 && hx_dec_sign(position.short_quantity) >= 0);
    require(!a->traits.spot || (hx_dec_sign(position.quantity) >= 0 && !position.hedged));
    if (position.hedged) {
        require(hx_ok(hx_dec_subtract(position.long_quantity, position.short_quantity, &net)));
        require(hx_dec_equal(net, position.quantity));
    } else {
        require(hx_dec_is_zero(position.long_quantity) && hx_dec_is_zero(position.short_quantity));
    }
    return verdict;
}

static struct hx_venue_verdict decode_stop_query(const struct hx_http_answer *answer) {
    const struct hx_stop_request asked = {.symbol = HX_STR(SYMBOL), .client_order_id = HX_STR(ID)};
    struct hx_stop_report stop = {0};
    struct hx_venue_verdict verdict = a->decode_stop_query(&ctx, answer, &asked, &stop);
    require(verdict.outcome != HX_OUTCOME_REJECTED);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    require(!stop.is_ack && stop.venue_stop_id.len > 0 && !(stop.waiting && stop.triggered));
    require(stop.triggered == (stop.venue_order_id.len > 0));
    return verdict;
}

static struct hx_venue_verdict decode_settings(uint8_t which, const struct hx_http_answer *answer) {
    struct hx_symbol_setting setting = {0};
    bool hedged = false;
    switch (which) {
        case 0:
            return hx_bybit_linear.decode_leverage(&ctx, answer, HX_STR(SYMBOL), 5);
        case 1:
            return hx_bybit_linear.decode_margin_mode(&ctx, answer);
        case 2:
            return hx_bybit_linear.decode_position_mode(&ctx, answer, &hedged);
        default:
            return hx_bybit_linear.decode_setting(&ctx, answer, HX_STR(SYMBOL), &setting);
    }
}

static struct hx_venue_verdict decode_questions(uint8_t which, const struct hx_http_answer *answer) {
    struct hx_symbol_rules got = {0};
    struct hx_equity equity = {0};
    struct hx_key_rights rights = {0};
    hx_dec price = HX_DEC_ZERO;
    hx_time time = 0;
    struct hx_venue_verdict verdict;
    switch (which) {
        case 0:
            verdict = a->decode_rules(&ctx, answer, HX_STR(SYMBOL), &got);
            if (verdict.outcome == HX_OUTCOME_DONE) {
                require(hx_dec_sign(got.tick) > 0 && hx_dec_sign(got.step) > 0 && hx_dec_sign(got.market_step) > 0);
                require(hx_dec_sign(got.quantity_max) > 0 && hx_dec_sign(got.market_quantity_max) > 0);
                require(hx_dec_sign(got.notional_min) >= 0 && got.leverage_max >= 0);
            }
            return verdict;
        case 1:
            verdict = a->decode_mark_price(&ctx, answer, HX_STR(SYMBOL), &price);
            if (verdict.outcome == HX_OUTCOME_DONE) require(hx_dec_sign(price) > 0);
            return verdict;
        case 2:
            verdict = a->decode_time(&ctx, answer, &time);
            if (verdict.outcome == HX_OUTCOME_DONE) require(time > 0);
            return verdict;
        case 3:
            verdict = a->decode_equity(&ctx, answer, HX_STR("USDT"), &equity);
            if (verdict.outcome == HX_OUTCOME_DONE) require(hx_dec_sign(equity.available) >= 0);
            return verdict;
        default:
            verdict = a->decode_key_rights(&ctx, answer, &rights);
            if (verdict.outcome == HX_OUTCOME_DONE) require(!rights.bound_to_address || rights.address_known);
            return verdict;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint32_t statuses[] = {200, 200, 200, 200, 200, 200, 403, 429, 400, 401, 404, 408, 500, 503, 0, 201};
    if (size < 3 || size > 65536) return 0;
    hx_str body = hx_str_make((const char *)data + 3, size - 3);
    struct hx_http_header headers[] = {{HX_STR("X-Bapi-Limit"), HX_STR("10")},
                                       {HX_STR("X-Bapi-Limit-Status"), hx_str_slice(body, 0, data[2] % 4)},
                                       {HX_STR("X-Bapi-Limit-Reset-Timestamp"), hx_str_slice(body, 0, data[2] % 20)}};
    struct hx_http_answer answer = {.status = statuses[data[1] % (sizeof statuses / sizeof statuses[0])],
                                    .headers = headers,
                                    .header_count = 3,
                                    .body = body};
    struct hx_venue_usage usage;
    uint8_t which = (data[0] / 2) % 19;
    struct hx_venue_verdict verdict;
    a = data[0] % 2 == 0 ? &hx_bybit_linear : &hx_bybit_spot;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena, .timestamp_ms = 1764000000000, .rules = &rules};
    a->read_usage(&answer, &usage);
    require(usage.blocked_for_ms >= 0 && usage.used[HX_BYBIT_BUDGET_ORDERS] <= 20);
    if (which < 4) {
        verdict = decode_writes(which, &answer);
    } else if (which < 7) {
        verdict = decode_query(&answer, which - 4u, data[2] % 2 == 1);
    } else if (which == 7) {
        verdict = decode_fills(&answer);
    } else if (which == 8) {
        verdict = decode_position(&answer);
    } else if (which == 9) {
        verdict = decode_stop_query(&answer);
    } else if (which < 14) {
        verdict = decode_settings(which - 10, &answer);
    } else {
        verdict = decode_questions(which - 14, &answer);
    }
    check_verdict(&answer, &verdict);
    return 0;
}
