/* Goal: whatever a venue answers, no decoder crashes, and none says more than the bytes prove. Method: the first three
 * bytes choose venue and question, the HTTP status and how the body is split; the rest is the body. What a decoder
 * accepts is looked up again with another parser (jansson), and the extractor is compared with itself under another
 * splitting and with the strict parser. */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/venue/adapter.h"
#include "core/venue/extract.h"

#define ID "AZOpXu_0-23456789abcde"
#define SYMBOL "BTCUSDT"
#define ORDER_ID "77"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_arena arena;
static struct hx_venue_context ctx;
/* Append only: the seeds name them by number, and so they do with the questions. */
static const struct hx_venue_adapter *const adapters[] = {&hx_binance_futures, &hx_mexc_futures, &hx_mexc_spot,
                                                          &hx_binance_spot};
#define ADAPTERS (sizeof adapters / sizeof adapters[0])
enum question { ASK_ORDER, ASK_QUERY, ASK_CANCEL, ASK_EXTRACT = 12, ASK_STOP, ASK_STOP_QUERY, ASK_STOP_CANCEL };
enum { ASK_POSITION_MODE = ASK_STOP_CANCEL + 1, ASK_SETTING, ASK_KEY_RIGHTS, QUESTIONS };
/* First bytes from here on are about the questions from ASK_STOP on. */
#define SECOND_HALF 128
static const struct hx_venue_adapter *a;
static const struct hx_symbol_rules rules = {
    .base_asset = {"BTC", 3}, .quote_asset = {"USDT", 4}, .step = {1, -4}, .contract_size = {1, -4}};

#define require(condition) ((condition) ? (void)0 : broken(#condition))
static void broken(const char *condition) {
    fprintf(stderr, "does not hold: %s\n", condition);
    abort();
}

static bool same_text(const json_t *object, const char *name, const char *wanted) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && strcmp(text, wanted) == 0;
}

/* The body as another parser sees it; NULL when that one does not take it (it need not: its integers are bounded). */
static json_t *load(hx_str body) {
    json_error_t error;
    size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    return body.len == 0 ? NULL : json_loadb(body.data, body.len, flags, &error);
}

static bool is_zero(const json_t *value) {
    const char *text = json_string_value(value);
    return (json_is_number(value) && json_number_value(value) == 0) || (text != NULL && strtod(text, NULL) == 0);
}

static bool is_binance(void) {
    return a == &hx_binance_futures || a == &hx_binance_spot;
}

/* What MEXC's contract API answers with 200 is success only when it says so, and else only what its code says. */
static void check_envelope(const struct hx_http_answer *answer, const struct hx_venue_verdict *verdict) {
    json_t *root = load(answer->body);
    bool success = json_is_true(json_object_get(root, "success")) && is_zero(json_object_get(root, "code"));
    json_t *payload = json_object_get(root, "data");
    bool by_code = verdict->venue_code == 2040 || verdict->venue_code == 2041;
    if (verdict->outcome == HX_OUTCOME_DONE) require(answer->status >= 200 && answer->status < 300);
    if (root != NULL && verdict->outcome == HX_OUTCOME_DONE) require(success);
    if (root != NULL && verdict->outcome == HX_OUTCOME_ABSENT && !by_code) {
        require(success && verdict->venue_code == 0 && (payload == NULL || json_is_null(payload)));
    }
    json_decref(root);
}

static void check_verdict(const struct hx_http_answer *answer, const struct hx_venue_verdict *verdict) {
    require(verdict->message.len <= HX_VENUE_MESSAGE_LEN_MAX);
    for (size_t i = 0; i < verdict->message.len; i++) require((unsigned char)verdict->message.data[i] >= 0x20);
    require(verdict->outcome == HX_OUTCOME_DONE || verdict->message.len > 0);
    require(verdict->retry_after_ms >= 0 && verdict->retry_after_ms <= 3 * HX_MS_PER_DAY);
    if (a == &hx_mexc_futures) {
        check_envelope(answer, verdict);
        return;
    }
    /* Success is said with 200 (or the question does not exist, or there was nothing to set), and everything that
     * proves that nothing happened with an error's status. */
    if (is_binance() && verdict->outcome == HX_OUTCOME_DONE && !verdict->already_so) {
        require(answer->status == 200 || answer->status == 404);
    }
    if (answer->status == 200) {
        require(verdict->outcome == HX_OUTCOME_DONE || verdict->outcome == HX_OUTCOME_UNKNOWN ||
                verdict->outcome == HX_OUTCOME_REJECTED);
    }
    if (verdict->outcome == HX_OUTCOME_BUSY) require(answer->status >= 400);
    bool gone = a == &hx_mexc_spot && (verdict->venue_code == 30026 || verdict->venue_code == 22222);
    if (verdict->outcome == HX_OUTCOME_ABSENT) {
        require(verdict->venue_code == -2013 || verdict->venue_code == -2011 || gone);
    }
}

static void check_report(const struct hx_http_answer *answer, const struct hx_order_report *report,
                         enum question question) {
    json_t *root = load(answer->body);
    bool mexc = !is_binance();
    /* A cancel has an id of its own there. */
    bool swaps_ids = question == ASK_CANCEL && a == &hx_binance_spot;
    require(answer->status == 200 || (a == &hx_mexc_futures && answer->status == 201));
    require(report->venue_order_id.len <= HX_VENUE_VALUE_LEN_MAX);
    require(hx_dec_sign(report->executed_quantity) >= 0 && hx_dec_sign(report->average_price) >= 0);
    /* An acknowledgement claims nothing but itself. */
    if (report->is_ack) require(mexc && report->status == HX_ORDER_NEW && hx_dec_is_zero(report->executed_quantity));
    if (!report->is_ack) require(report->venue_order_id.len > 0);
    if (root != NULL && a == &hx_mexc_futures && !report->is_ack) {
        require(same_text(json_object_get(root, "data"), "externalOid", ID));
        require(same_text(json_object_get(root, "data"), "symbol", "BTC_USDT"));
    } else if (root != NULL && a != &hx_mexc_futures) {
        require(report->is_ack || same_text(root, swaps_ids ? "origClientOrderId" : "clientOrderId", ID));
        require(same_text(root, "symbol", SYMBOL));
        if (question == ASK_ORDER) require(same_text(root, "side", "BUY"));
    }
    json_decref(root);
}

static struct hx_venue_verdict decode_orders(enum question question, const struct hx_http_answer *answer) {
    const struct hx_order_request sent = {
        .symbol = HX_STR(SYMBOL), .side = HX_SIDE_BUY, .quantity = {1, -2}, .client_order_id = HX_STR(ID)};
    struct hx_order_report report = {0};
    struct hx_venue_verdict verdict;
    if (question == ASK_ORDER) {
        verdict = a->decode_order(&ctx, answer, &sent, &report);
        require(verdict.outcome != HX_OUTCOME_ABSENT);
        /* Nothing about an order is final on the word of a failing server. */
        bool said = a == &hx_mexc_futures && answer->status >= 200 && answer->status < 300;
        if (verdict.outcome == HX_OUTCOME_REJECTED) require(said || (answer->status >= 400 && answer->status < 500));
    } else if (question == ASK_QUERY) {
        verdict = a->decode_query(&ctx, answer, sent.symbol, sent.client_order_id, 0, &report);
        require(verdict.outcome != HX_OUTCOME_REJECTED);
    } else {
        verdict = a->decode_cancel(&ctx, answer, sent.symbol, sent.client_order_id, &report);
    }
    if (verdict.outcome == HX_OUTCOME_DONE) check_report(answer, &report, question);
    return verdict;
}

/* A stop is waiting or has triggered or neither, never both; what it became is named only then. */
static void check_stop(const struct hx_http_answer *answer, const struct hx_stop_report *report,
                       enum question question) {
    static const char *const names[2][2] = {{"clientAlgoId", "clientAlgoId"}, {"clientOrderId", "origClientOrderId"}};
    json_t *root = load(answer->body);
    require(!report->waiting || !report->triggered);
    require(report->venue_stop_id.len > 0 && report->venue_stop_id.len <= HX_VENUE_VALUE_LEN_MAX);
    require(report->venue_order_id.len == 0 || report->triggered);
    if (root != NULL && is_binance()) {
        require(answer->status == 200);
        require(same_text(root, names[a == &hx_binance_spot][question == ASK_STOP_CANCEL], ID));
        if (question == ASK_STOP) require(same_text(root, "side", "SELL") && same_text(root, "symbol", SYMBOL));
    }
    json_decref(root);
}

static struct hx_venue_verdict decode_stops(enum question question, const struct hx_http_answer *answer) {
    const struct hx_stop_request sent = {
        .symbol = HX_STR(SYMBOL), .side = HX_SIDE_SELL, .quantity = {1, -2}, .client_order_id = HX_STR(ID)};
    struct hx_stop_report report = {0};
    struct hx_venue_verdict verdict;
    if (question == ASK_STOP) {
        verdict = a->decode_stop(&ctx, answer, &sent, &report);
        require(verdict.outcome != HX_OUTCOME_ABSENT);
        if (verdict.outcome == HX_OUTCOME_REJECTED && is_binance()) {
            require(answer->status >= 400 && answer->status < 500);
        }
    } else if (question == ASK_STOP_QUERY) {
        verdict = a->decode_stop_query(&ctx, answer, sent.symbol, sent.client_order_id, &report);
        require(verdict.outcome != HX_OUTCOME_REJECTED);
    } else {
        verdict = a->decode_stop_cancel(&ctx, answer, sent.symbol, sent.client_order_id, &report);
    }
    if (verdict.outcome == HX_OUTCOME_DONE) check_stop(answer, &report, question);
    return verdict;
}

static struct hx_venue_verdict decode_fills(const struct hx_http_answer *answer, hx_str token) {
    static struct hx_fill_page page;
    struct hx_venue_verdict verdict = a->decode_fills(&ctx, answer, HX_STR(SYMBOL), HX_STR(ORDER_ID), token, &page);
    int64_t last = -1;
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    require(page.count <= HX_VENUE_PAGE_FILLS_MAX && page.next.len <= HX_VENUE_VALUE_LEN_MAX);
    for (uint32_t i = 0; i < page.count; i++) {
        int64_t id = 0;
        const struct hx_fill *fill = &page.list[i];
        require(hx_dec_sign(fill->quantity) > 0 && hx_dec_sign(fill->price) > 0);
        if (a == &hx_mexc_spot) {
            /* By time, then by id, which need not be a number. */
            const struct hx_fill *before = i == 0 ? NULL : fill - 1;
            require(
                before == NULL || before->time_ms < fill->time_ms ||
                (before->time_ms == fill->time_ms && hx_str_compare(before->venue_trade_id, fill->venue_trade_id) < 0));
            continue;
        }
        require(hx_ok(hx_str_parse_i64(fill->venue_trade_id, &id)) && id > last);
        last = id;
    }
    return verdict;
}

/* How a symbol and an account are set. */
static struct hx_venue_verdict decode_modes(uint8_t stage, const struct hx_http_answer *answer) {
    struct hx_symbol_setting setting = {0};
    bool hedged = false;
    if (stage > 1) return a->decode_position_mode(&ctx, answer, &hedged);
    ctx.stage = stage;
    struct hx_venue_verdict verdict = a->decode_setting(&ctx, answer, HX_STR(SYMBOL), &setting);
    for (int i = 0; i < 2; i++) require(setting.sides[i].leverage >= 0 && setting.sides[i].position_id >= 0);
    return verdict;
}

static struct hx_venue_verdict decode_position(const struct hx_http_answer *answer) {
    struct hx_venue_position position = {0};
    struct hx_venue_verdict verdict = a->decode_position(&ctx, answer, HX_STR(SYMBOL), &position);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    require(hx_dec_sign(position.long_quantity) >= 0 && hx_dec_sign(position.short_quantity) >= 0);
    if (position.hedged) {
        hx_dec net = HX_DEC_ZERO;
        require(hx_ok(hx_dec_subtract(position.long_quantity, position.short_quantity, &net)));
        require(hx_dec_equal(net, position.quantity));
    }
    if (a->traits.spot) require(!position.hedged && hx_dec_sign(position.quantity) >= 0);
    return verdict;
}

static struct hx_venue_verdict decode_second_half(enum question question, uint8_t detail,
                                                  const struct hx_http_answer *answer) {
    struct hx_key_rights rights;
    hx_time time = 0;
    bool hedged = false;
    if (question <= ASK_STOP_CANCEL && a->decode_stop != NULL) return decode_stops(question, answer);
    if (question == ASK_SETTING && a->decode_setting != NULL) return decode_modes(detail % 2, answer);
    if (question == ASK_POSITION_MODE && a->decode_position_mode != NULL) {
        return a->decode_position_mode(&ctx, answer, &hedged);
    }
    if (question == ASK_KEY_RIGHTS && a->decode_key_rights != NULL) return a->decode_key_rights(&ctx, answer, &rights);
    return a->decode_time(&ctx, answer, &time);
}

static struct hx_venue_verdict decode_others(uint8_t which, uint8_t detail, const struct hx_http_answer *answer) {
    struct hx_symbol_rules found = {0};
    struct hx_equity equity;
    hx_dec price = HX_DEC_ZERO;
    hx_time time = 0;
    struct hx_venue_verdict verdict;
    switch (which) {
        case 3:
            return decode_fills(answer, HX_STR_EMPTY);
        case 4:
            return decode_fills(answer, a == &hx_mexc_spot ? HX_STR("e1764000000000,500,b") : HX_STR("500"));
        case 5:
            verdict = a->decode_rules(&ctx, answer, HX_STR(SYMBOL), &found);
            if (verdict.outcome == HX_OUTCOME_DONE) require(hx_dec_sign(found.tick) > 0 && hx_dec_sign(found.step) > 0);
            if (verdict.outcome == HX_OUTCOME_DONE && is_binance()) {
                require(hx_dec_sign(found.market_step) > 0 && hx_dec_sign(found.market_quantity_max) > 0);
            }
            return verdict;
        case 6:
            return decode_position(answer);
        case 7:
            return a->decode_equity(&ctx, answer, HX_STR("USDT"), &equity);
        case 8:
            verdict = a->decode_mark_price(&ctx, answer, HX_STR(SYMBOL), &price);
            if (verdict.outcome == HX_OUTCOME_DONE) require(hx_dec_sign(price) > 0);
            return verdict;
        case 9:
            return a->decode_time(&ctx, answer, &time);
        case 10:
            if (a->decode_leverage != NULL) return a->decode_leverage(&ctx, answer, HX_STR(SYMBOL), 5);
            return a->decode_time(&ctx, answer, &time);
        default:
            if (a->decode_margin_mode != NULL) return a->decode_margin_mode(&ctx, answer);
            if (a->decode_setting != NULL) return decode_modes(detail % 3, answer);
            return a->decode_time(&ctx, answer, &time);
    }
}

static enum hx_extract_result extract(hx_str body, size_t piece, char *kept, hx_str *element) {
    struct hx_extract x;
    hx_extract_init(&x, HX_STR("symbols"), HX_STR("symbol"), HX_STR(SYMBOL), kept, 4096);
    for (size_t at = 0; at < body.len; at += piece) {
        hx_extract_feed(&x, body.data + at, body.len - at < piece ? body.len - at : piece);
    }
    return hx_extract_finish(&x, element);
}

/* True when the strict parser finds the wanted element (or none) in a document that it takes. */
static void check_element(hx_str body, enum hx_extract_result result, hx_str element) {
    const struct hx_json *root = NULL;
    const struct hx_json *found = NULL;
    const struct hx_json *one = NULL;
    size_t escape = 0;
    hx_arena_reset(&arena);
    if (hx_failed(hx_json_parse(&arena, body, &root, NULL)) || hx_str_find_char(body, '\\', &escape)) return;
    const struct hx_json *list = hx_json_find(root, HX_STR("symbols"));
    if (list == NULL || list->type != HX_JSON_ARRAY) {
        require(result == HX_EXTRACT_BROKEN);
        return;
    }
    uint32_t count = 0;
    for (const struct hx_json *c = hx_json_first(list); c != NULL; c = hx_json_next(list, c)) {
        const struct hx_json *name = hx_json_find(c, HX_STR("symbol"));
        if (name == NULL || name->type != HX_JSON_STRING || !hx_str_equal(name->text, HX_STR(SYMBOL))) continue;
        found = c;
        count++;
    }
    if (count == 0) require(result == HX_EXTRACT_ABSENT);
    if (count > 1) require(result == HX_EXTRACT_BROKEN);
    if (count != 1 || result != HX_EXTRACT_FOUND) return; /* Longer than its memory. */
    require(hx_ok(hx_json_parse(&arena, element, &one, NULL)));
    require(one->type == HX_JSON_OBJECT && one->count == found->count && one->next == found->next);
}

static void check_extract(hx_str body, size_t piece) {
    static char kept[2][4096];
    hx_str whole = HX_STR_EMPTY;
    hx_str pieces = HX_STR_EMPTY;
    enum hx_extract_result result = extract(body, body.len + 1, kept[0], &whole);
    require(extract(body, piece, kept[1], &pieces) == result);
    require(hx_str_equal(whole, pieces));
    check_element(body, result, whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint32_t statuses[] = {200, 200, 200, 200, 400, 400, 401, 403, 404, 408, 409,
                                        418, 429, 451, 500, 502, 503, 503, 504, 0,   302, 201};
    if (size < 3 || size > 65536) return 0;
    hx_str body = hx_str_make((const char *)data + 3, size - 3);
    struct hx_http_header retry = {HX_STR("Retry-After"), hx_str_slice(body, 0, data[2])};
    struct hx_http_answer answer = {.status = statuses[data[1] % (sizeof statuses / sizeof statuses[0])],
                                    .headers = &retry,
                                    .header_count = 1,
                                    .body = body};
    struct hx_venue_usage usage;
    uint8_t first = data[0] % SECOND_HALF;
    bool second = data[0] >= SECOND_HALF;
    uint8_t which = second ? (uint8_t)(ASK_STOP + first % (QUESTIONS - ASK_STOP)) : first % ASK_STOP;
    a = adapters[first / (second ? QUESTIONS - ASK_STOP : ASK_STOP) % ADAPTERS];
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena, .rules = &rules};
    a->read_usage(&answer, &usage);
    require(usage.blocked_for_ms >= 0);
    if (which == ASK_EXTRACT) {
        check_extract(body, (size_t)data[2] + 1);
        return 0;
    }
    struct hx_venue_verdict verdict = which <= ASK_CANCEL   ? decode_orders((enum question)which, &answer)
                                      : which > ASK_EXTRACT ? decode_second_half((enum question)which, data[2], &answer)
                                                            : decode_others(which, data[2], &answer);
    check_verdict(&answer, &verdict);
    return 0;
}
