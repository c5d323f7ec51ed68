/* Goal: whatever a venue answers, no decoder crashes, and none says more than the bytes prove. Method: the first three
 * bytes choose the question and the adapter (from 64 on the next one), the HTTP status and how the body is split; the
 * rest is the body. What a decoder accepts is looked up again with another parser (jansson), and the extractor is
 * compared with itself under another splitting and with the strict parser. */
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
static const struct hx_venue_adapter *const adapters[] = {&hx_binance_futures, &hx_binance_spot};
static const struct hx_venue_adapter *a;
static const struct hx_symbol_rules rules_of_symbol = {
    .symbol = {SYMBOL, sizeof SYMBOL - 1}, .base_asset = {"BTC", 3}, .quote_asset = {"USDT", 4}};

/* What a first byte asks for. Append only: the seeds name them by number. */
enum question {
    ASK_ORDER,
    ASK_QUERY,
    ASK_CANCEL,
    ASK_FILLS,
    ASK_NEXT_FILLS,
    ASK_RULES,
    ASK_POSITION,
    ASK_EQUITY,
    ASK_MARK_PRICE,
    ASK_TIME,
    ASK_LEVERAGE,
    ASK_MARGIN_MODE,
    ASK_EXTRACT,
    ASK_STOP,
    ASK_STOP_QUERY,
    ASK_STOP_CANCEL,
    ASK_POSITION_MODE,
    ASK_SETTING,
    ASK_KEY_RIGHTS,
    QUESTIONS
};
#define QUESTIONS_PER_ADAPTER 64

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

static void check_verdict(const struct hx_http_answer *answer, const struct hx_venue_verdict *verdict) {
    require(verdict->message.len <= HX_VENUE_MESSAGE_LEN_MAX);
    for (size_t i = 0; i < verdict->message.len; i++) require((unsigned char)verdict->message.data[i] >= 0x20);
    require(verdict->outcome == HX_OUTCOME_DONE || verdict->message.len > 0);
    require(verdict->retry_after_ms >= 0 && verdict->retry_after_ms <= 3 * HX_MS_PER_DAY);
    /* Success is said with 200 (or a question does not exist), and everything that proves that nothing happened with an
     * error's status. */
    if (verdict->outcome == HX_OUTCOME_DONE && !verdict->already_so) {
        require(answer->status == 200 || answer->status == 404);
    }
    if (answer->status == 200) {
        require(verdict->outcome == HX_OUTCOME_DONE || verdict->outcome == HX_OUTCOME_UNKNOWN ||
                verdict->outcome == HX_OUTCOME_REJECTED);
    }
    if (verdict->outcome == HX_OUTCOME_BUSY) require(answer->status >= 400);
    if (verdict->outcome == HX_OUTCOME_ABSENT) require(verdict->venue_code == -2013 || verdict->venue_code == -2011);
}

static void check_report(const struct hx_http_answer *answer, const struct hx_order_report *report,
                         enum question question) {
    json_t *root = load(answer->body);
    bool swaps_ids = question == ASK_CANCEL && a->market == HX_MARKET_SPOT;
    require(answer->status == 200);
    require(report->venue_order_id.len > 0 && report->venue_order_id.len <= 20);
    require(hx_dec_sign(report->executed_quantity) >= 0 && hx_dec_sign(report->average_price) >= 0);
    if (root != NULL) {
        require(same_text(root, swaps_ids ? "origClientOrderId" : "clientOrderId", ID));
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
        if (verdict.outcome == HX_OUTCOME_REJECTED) require(answer->status >= 400 && answer->status < 500);
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
    require(answer->status == 200);
    require(!report->waiting || !report->triggered);
    require(report->venue_stop_id.len > 0 && report->venue_stop_id.len <= 20);
    require(report->venue_order_id.len == 0 || report->triggered);
    if (root != NULL) {
        require(same_text(root, names[a->market == HX_MARKET_SPOT][question == ASK_STOP_CANCEL], ID));
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
        if (verdict.outcome == HX_OUTCOME_REJECTED) require(answer->status >= 400 && answer->status < 500);
    } else if (question == ASK_STOP_QUERY) {
        verdict = a->decode_stop_query(&ctx, answer, &sent, &report);
        require(verdict.outcome != HX_OUTCOME_REJECTED);
    } else {
        verdict = a->decode_stop_cancel(&ctx, answer, &sent, &report);
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
        require(hx_ok(hx_str_parse_i64(page.list[i].venue_trade_id, &id)) && id > last);
        require(hx_dec_sign(page.list[i].quantity) > 0 && hx_dec_sign(page.list[i].price) > 0);
        last = id;
    }
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

static struct hx_venue_verdict decode_rules(const struct hx_http_answer *answer) {
    struct hx_symbol_rules rules = {0};
    struct hx_venue_verdict verdict = a->decode_rules(&ctx, answer, HX_STR(SYMBOL), &rules);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    require(hx_dec_sign(rules.tick) > 0 && hx_dec_sign(rules.step) > 0 && hx_dec_sign(rules.market_step) > 0);
    require(hx_dec_sign(rules.quantity_max) > 0 && hx_dec_sign(rules.market_quantity_max) > 0);
    return verdict;
}

static struct hx_venue_verdict decode_settings(enum question question, const struct hx_http_answer *answer) {
    struct hx_symbol_setting setting = {0};
    struct hx_venue_verdict verdict;
    bool hedged = false;
    switch (question) {
        case ASK_LEVERAGE:
            return a->decode_leverage(&ctx, answer, HX_STR(SYMBOL), 5);
        case ASK_MARGIN_MODE:
            return a->decode_margin_mode(&ctx, answer);
        case ASK_POSITION_MODE:
            return a->decode_position_mode(&ctx, answer, &hedged);
        default:
            verdict = a->decode_setting(&ctx, answer, HX_STR(SYMBOL), &setting);
            if (verdict.outcome == HX_OUTCOME_DONE) require(setting.leverage >= 0);
            return verdict;
    }
}

static struct hx_venue_verdict decode_others(enum question question, const struct hx_http_answer *answer) {
    struct hx_key_rights rights;
    struct hx_equity equity;
    hx_dec price = HX_DEC_ZERO;
    hx_time time = 0;
    struct hx_venue_verdict verdict;
    switch (question) {
        case ASK_FILLS:
            return decode_fills(answer, HX_STR_EMPTY);
        case ASK_NEXT_FILLS:
            return decode_fills(answer, HX_STR("500"));
        case ASK_RULES:
            return decode_rules(answer);
        case ASK_POSITION:
            return decode_position(answer);
        case ASK_EQUITY:
            return a->decode_equity(&ctx, answer, HX_STR("USDT"), &equity);
        case ASK_MARK_PRICE:
            verdict = a->decode_mark_price(&ctx, answer, HX_STR(SYMBOL), &price);
            if (verdict.outcome == HX_OUTCOME_DONE) require(hx_dec_sign(price) > 0);
            return verdict;
        case ASK_TIME:
            return a->decode_time(&ctx, answer, &time);
        case ASK_KEY_RIGHTS:
            return a->decode_key_rights(&ctx, answer, &rights);
        default:
            return decode_settings(question, answer);
    }
}

/* Spot has nothing to set. */
static bool is_asked(enum question question) {
    bool setting = question == ASK_LEVERAGE || question == ASK_MARGIN_MODE || question == ASK_POSITION_MODE ||
                   question == ASK_SETTING;
    return !setting || a->decode_leverage != NULL;
}

static struct hx_venue_verdict decode(enum question question, const struct hx_http_answer *answer) {
    if (question <= ASK_CANCEL) return decode_orders(question, answer);
    if (question >= ASK_STOP && question <= ASK_STOP_CANCEL) return decode_stops(question, answer);
    return decode_others(question, answer);
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
    enum question question = (enum question)(data[0] % QUESTIONS_PER_ADAPTER % QUESTIONS);
    a = adapters[data[0] / QUESTIONS_PER_ADAPTER % (sizeof adapters / sizeof adapters[0])];
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena, .rules = &rules_of_symbol};
    a->read_usage(&answer, &usage);
    require(usage.blocked_for_ms >= 0);
    if (question == ASK_EXTRACT) {
        check_extract(body, (size_t)data[2] + 1);
    } else if (is_asked(question)) {
        struct hx_venue_verdict verdict = decode(question, &answer);
        check_verdict(&answer, &verdict);
    }
    return 0;
}
