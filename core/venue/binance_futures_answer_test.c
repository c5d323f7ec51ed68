/* Goal: an answer about an order or a stop is read for what it proves and no more (binance_answer.c,
 * binance_futures_answer.c). Method: samples in the documented shapes, each field spoilt in turn, and a table of HTTP
 * answers with the outcome each may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/binance_futures.h"

#define ID "AZOpXu_0-23456789abcde"
/* POST /fapi/v1/order with RESULT, as of 2026-07: no avgPrice, no cumQuote. */
#define PLACED                                                                                                    \
    "{\"orderId\":8389765525874655123,\"symbol\":\"BTCUSDT\",\"status\":\"FILLED\",\"clientOrderId\":\"" ID       \
    "\","                                                                                                         \
    "\"price\":\"0.00\",\"origQty\":\"0.012\",\"executedQty\":\"0.012\",\"cumQty\":\"0.012\","                    \
    "\"timeInForce\":\"GTC\",\"type\":\"MARKET\",\"reduceOnly\":false,\"closePosition\":false,\"side\":\"BUY\","  \
    "\"positionSide\":\"BOTH\",\"stopPrice\":\"0.00\",\"workingType\":\"CONTRACT_PRICE\",\"priceProtect\":false," \
    "\"origType\":\"MARKET\",\"priceMatch\":\"NONE\",\"selfTradePreventionMode\":\"EXPIRE_MAKER\","               \
    "\"goodTillDate\":0,\"updateTime\":1764000000123}"

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_order_report report;
static struct hx_order_request sent;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena};
    sent = (struct hx_order_request){
        .symbol = HX_STR("BTCUSDT"), .side = HX_SIDE_BUY, .quantity = {12, -3}, .client_order_id = HX_STR(ID)};
    memset(&report, 0, sizeof report);
    return 0;
}

static struct hx_venue_verdict place(uint32_t status, const char *body) {
    struct hx_http_answer answer = {.status = status, .body = hx_str_from_c(body)};
    hx_arena_reset(&arena);
    return hx_binance_futures.decode_order(&ctx, &answer, &sent, &report);
}

static struct hx_venue_verdict query(uint32_t status, const char *body) {
    struct hx_http_answer answer = {.status = status, .body = hx_str_from_c(body)};
    hx_arena_reset(&arena);
    return hx_binance_futures.decode_query(&ctx, &answer, sent.symbol, sent.client_order_id, 0, &report);
}

static struct hx_venue_verdict cancel(uint32_t status, const char *body) {
    struct hx_http_answer answer = {.status = status, .body = hx_str_from_c(body)};
    hx_arena_reset(&arena);
    return hx_binance_futures.decode_cancel(&ctx, &answer, sent.symbol, sent.client_order_id, &report);
}

/* PLACED with the first occurrence of one text replaced by another. */
static const char *with(const char *what, const char *by) {
    static char text[2048];
    const char *at = strstr(PLACED, what);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - PLACED), PLACED, by, at + strlen(what));
    return text;
}

static void an_order_is_read(void **state) {
    (void)state;
    assert_int_equal(place(200, PLACED).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR("8389765525874655123")));
    assert_true(hx_str_equal(report.client_order_id, HX_STR(ID)));
    assert_true(hx_dec_equal(report.executed_quantity, (hx_dec){12, -3}));
    assert_true(hx_dec_is_zero(report.average_price));
    assert_int_equal(report.venue_time_ms, 1764000000123);
    /* GET still has avgPrice; and an order id may have nineteen digits. */
    assert_int_equal(query(200, with("\"price\":\"0.00\"", "\"price\":\"0\",\"avgPrice\":\"61234.50000\"")).outcome,
                     HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(report.average_price, (hx_dec){612345, -1}));
    /* An average with more digits than can be kept exactly is left out; the fills have the truth. */
    assert_int_equal(query(200, with("\"price\":\"0.00\"", "\"avgPrice\":\"61234.12345678901234567\"")).outcome,
                     HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(report.average_price));
}

static void statuses_are_read(void **state) {
    static const struct {
        const char *text;
        enum hx_order_status status;
    } open[] = {{"NEW", HX_ORDER_NEW},
                {"CANCELED", HX_ORDER_CANCELED},
                {"REJECTED", HX_ORDER_REJECTED},
                {"EXPIRED", HX_ORDER_EXPIRED},
                {"EXPIRED_IN_MATCH", HX_ORDER_EXPIRED}};
    char text[2048];
    (void)state;
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        snprintf(text, sizeof text,
                 "{\"orderId\":1,\"symbol\":\"BTCUSDT\",\"status\":\"%s\",\"clientOrderId\":\"" ID
                 "\",\"origQty\":\"0.0120\",\"executedQty\":\"0\",\"side\":\"BUY\"}",
                 open[i].text);
        assert_int_equal(place(200, text).outcome, HX_OUTCOME_DONE);
        assert_int_equal(report.status, open[i].status);
        assert_int_equal(report.venue_time_ms, 0);
    }
    snprintf(text, sizeof text,
             "{\"orderId\":1,\"symbol\":\"BTCUSDT\",\"status\":\"PARTIALLY_FILLED\",\"clientOrderId\":\"" ID
             "\",\"origQty\":\"0.012\",\"executedQty\":\"0\",\"side\":\"BUY\"}");
    assert_int_equal(place(200, text).outcome, HX_OUTCOME_UNKNOWN);
    /* Nothing executed has no average price, whatever the answer says. */
    assert_int_equal(query(200, with("\"FILLED\"", "\"NEW\",\"avgPrice\":\"5\"")).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(report.average_price, (hx_dec){5, 0}));
    assert_int_equal(query(200, "{\"orderId\":1,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"clientOrderId\":\"" ID
                                "\",\"origQty\":\"0.0120\",\"executedQty\":\"0\",\"avgPrice\":\"5\"}")
                         .outcome,
                     HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(report.average_price));
    assert_int_equal(place(200, with("FILLED", "PARTIALLY_FILLED")).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_PARTIALLY_FILLED);
    /* What a cancel leaves of a partly filled order. */
    assert_int_equal(cancel(200, with("\"FILLED\"", "\"CANCELED\"")).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_CANCELED);
}

static void what_does_not_fit_is_unknown(void **state) {
    static const char *const spoilt[][2] = {
        {ID, "AZOpXu_0-23456789abcdf"},
        {"\"clientOrderId\":\"" ID "\"", "\"clientOrderId\":null"},
        {"BTCUSDT", "BTCUSDC"},
        {"8389765525874655123", "-1"},
        {"8389765525874655123", "9389765525874655123"},
        {"8389765525874655123", "1.5"},
        {"8389765525874655123", "true"},
        {"\"FILLED\"", "\"DONE\""},
        {"\"FILLED\"", "7"},
        {"\"origQty\":\"0.012\"", "\"origQty\":\"0.013\""},
        {"\"origQty\":\"0.012\"", "\"origQty\":\"0.011\""},
        {"\"executedQty\":\"0.012\"", "\"executedQty\":\"0.013\""},
        {"\"executedQty\":\"0.012\"", "\"executedQty\":\"0.011\""},
        {"\"executedQty\":\"0.012\"", "\"executedQty\":\"0\""},
        {"\"executedQty\":\"0.012\"", "\"executedQty\":\"-0.012\""},
        {"\"executedQty\":\"0.012\"", "\"executedQty\":\"1e\""},
        {"\"executedQty\":\"0.012\"", "\"executedQtt\":\"0.012\""},
        {"\"side\":\"BUY\"", "\"side\":\"SELL\""},
        {"\"side\":\"BUY\"", "\"side\":\"\""},
        {"\"side\":\"BUY\",", ""},
        {"\"goodTillDate\":0,", "\"symbol\":\"BTCUSDT\","},
        {"}", ""},
        {"{", "[{"},
    };
    static const char *const others[] = {"",
                                         " ",
                                         "null",
                                         "[]",
                                         "\"" ID "\"",
                                         "OK",
                                         "<html></html>",
                                         "{}",
                                         "{\"code\":200,\"msg\":\"success\"}",
                                         "{\"code\":-2019,\"msg\":\"no\"}",
                                         "[" PLACED "]"};
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        struct hx_venue_verdict verdict = place(200, with(spoilt[i][0], spoilt[i][1]));
        if (verdict.outcome != HX_OUTCOME_UNKNOWN) fail_msg("%s -> %s", spoilt[i][0], spoilt[i][1]);
        assert_true(verdict.message.len > 0);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(place(200, others[i]).outcome, HX_OUTCOME_UNKNOWN);
        assert_int_equal(query(200, others[i]).outcome, HX_OUTCOME_UNKNOWN);
        assert_int_equal(cancel(200, others[i]).outcome, HX_OUTCOME_UNKNOWN);
    }
    /* A query and a cancel do not know the side; the rest they check the same. */
    assert_int_equal(query(200, with("\"BUY\"", "\"SELL\"")).outcome, HX_OUTCOME_DONE);
    assert_int_equal(query(200, with(ID, "other")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(cancel(200, with(ID, "other")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(cancel(200, with("BTCUSDT", "ETHUSDT")).outcome, HX_OUTCOME_UNKNOWN);
    /* A reducing order may be cut down to the position, never enlarged. */
    sent.reduce_only = true;
    sent.quantity = (hx_dec){2, -2};
    assert_int_equal(place(200, PLACED).outcome, HX_OUTCOME_DONE);
    sent.quantity = (hx_dec){11, -3};
    assert_int_equal(place(200, PLACED).outcome, HX_OUTCOME_UNKNOWN);
}

#define SAFE_1 "{\"code\":-1000,\"msg\":\"Service Unavailable.\"}"
#define SAFE_2 "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try again.\"}"
#define UNSAFE "{\"code\":-1000,\"msg\":\"Unknown error, please check your request or try again later.\"}"

/* One row for each kind of HTTP answer: what it means for an order, and for a query. */
static void statuses_of_http_are_read(void **state) {
    static const struct {
        uint32_t status;
        const char *body;
        enum hx_outcome order, query;
    } table[] = {
        {503, SAFE_1, HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {503, SAFE_2, HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {503, UNSAFE, HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {503, "{\"code\":-1008,\"msg\":\"Request throttled by system-level protection.\"}", HX_OUTCOME_BUSY,
         HX_OUTCOME_BUSY},
        {503, "{\"code\":-1016,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {503, "Service Unavailable.", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {503, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {500, SAFE_1, HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {502, SAFE_2, HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {504, "{\"code\":-1007,\"msg\":\"Timeout\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {500, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {408, "{\"code\":-1007,\"msg\":\"Timeout\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {408, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {429, "{\"code\":-1003,\"msg\":\"Too many requests\"}", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {429, "", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {418, "<html>", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {403, "<html>", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {403, "{\"code\":-2015,\"msg\":\"x\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {401, "{\"code\":-2014,\"msg\":\"x\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {451, "{\"code\":0,\"msg\":\"restricted location\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {400, "{\"code\":-1021,\"msg\":\"x\"}", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {400, "{\"code\":-1007,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {400, "{\"code\":-1000,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {400, "{\"code\":-1001,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {400, "{\"code\":-1006,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {400, "{\"code\":-2010,\"msg\":\"Duplicate order sent.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {400, "{\"code\":-2010,\"msg\":\"x\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {400, "{\"code\":-4116,\"msg\":\"ClientOrderId is duplicated.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_ABSENT},
        {404, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_ABSENT},
        {400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, "{\"code\":-77777,\"msg\":\"new\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, "{\"code\":\"abc\",\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {404, "<html>", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {409, "{\"code\":-2022,\"msg\":\"x\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {302, "{\"code\":-1006}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {302, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {201, PLACED, HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {204, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {200, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {0, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        enum hx_outcome order = place(table[i].status, table[i].body).outcome;
        enum hx_outcome asked = query(table[i].status, table[i].body).outcome;
        if (order != table[i].order || asked != table[i].query) {
            fail_msg("%u %s: order %d, query %d", table[i].status, table[i].body, (int)order, (int)asked);
        }
    }
}

static void a_cancel_that_finds_nothing_is_absent(void **state) {
    (void)state;
    assert_int_equal(cancel(400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}").outcome, HX_OUTCOME_ABSENT);
    assert_int_equal(cancel(400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}").outcome, HX_OUTCOME_ABSENT);
    assert_int_equal(cancel(400, "{\"code\":-1021,\"msg\":\"x\"}").outcome, HX_OUTCOME_BUSY);
    assert_int_equal(cancel(502, "").outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(cancel(400, "{\"code\":-2015,\"msg\":\"x\"}").outcome, HX_OUTCOME_REJECTED);
}

/* In hedge mode the answer must be about the side that was meant. */
static void the_position_side_must_fit(void **state) {
    (void)state;
    assert_int_equal(place(200, with("\"positionSide\":\"BOTH\",", "")).outcome, HX_OUTCOME_DONE);
    assert_int_equal(place(200, with("\"BOTH\"", "\"LONG\"")).outcome, HX_OUTCOME_UNKNOWN);
    sent.position_side = HX_POSITION_LONG;
    assert_int_equal(place(200, PLACED).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(place(200, with("\"positionSide\":\"BOTH\",", "")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(place(200, with("\"BOTH\"", "\"SHORT\"")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(place(200, with("\"BOTH\"", "\"LONG\"")).outcome, HX_OUTCOME_DONE);
    assert_int_equal(query(200, PLACED).outcome, HX_OUTCOME_DONE);
}

static void a_refused_mode_is_told(void **state) {
    static const char *const codes[] = {"-4061", "-1106"};
    char body[64];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        snprintf(body, sizeof body, "{\"code\":%s,\"msg\":\"x\"}", codes[i]);
        struct hx_venue_verdict verdict = place(400, body);
        assert_int_equal(verdict.outcome, HX_OUTCOME_REJECTED);
        assert_true(verdict.mode_differs);
    }
    assert_false(place(400, "{\"code\":-2019,\"msg\":\"x\"}").mode_differs);
    assert_false(place(503, "{\"code\":-1008,\"msg\":\"x\"}").mode_differs);
}

/* POST and GET /fapi/v1/algoOrder; `more` are the members that only the query's answer has. */
#define STOP_ID "AZOpXu_0-23456789abcds"
#define STOP(status, more)                                                                                         \
    "{\"algoId\":2146760,\"clientAlgoId\":\"" STOP_ID                                                              \
    "\",\"algoType\":\"CONDITIONAL\",\"orderType\":\"STOP_MARKET\",\"symbol\":\"BTCUSDT\",\"side\":\"SELL\","      \
    "\"positionSide\":\"BOTH\",\"timeInForce\":\"GTC\",\"quantity\":\"0.012\",\"algoStatus\":\"" status "\"," more \
    "\"triggerPrice\":\"58000.50\",\"price\":\"0.00\",\"icebergQuantity\":null,\"workingType\":\"MARK_PRICE\","    \
    "\"closePosition\":false,\"reduceOnly\":true,\"createTime\":1764000000123,\"updateTime\":1764000000123,"       \
    "\"triggerTime\":0,\"goodTillDate\":0}"

static struct hx_stop_report stop;
static const struct hx_stop_request by_id = {.symbol = {"BTCUSDT", sizeof("BTCUSDT") - 1},
                                             .client_order_id = {STOP_ID, sizeof(STOP_ID) - 1}};

static enum hx_outcome place_stop(uint32_t status, const char *body) {
    const struct hx_stop_request request = {.symbol = HX_STR("BTCUSDT"),
                                            .kind = HX_STOP_LOSS,
                                            .side = HX_SIDE_SELL,
                                            .quantity = {12, -3},
                                            .trigger_price = {580005, -1},
                                            .client_order_id = HX_STR(STOP_ID)};
    struct hx_http_answer answer = {.status = status, .body = hx_str_from_c(body)};
    hx_arena_reset(&arena);
    return hx_binance_futures.decode_stop(&ctx, &answer, &request, &stop).outcome;
}

static enum hx_outcome query_stop(uint32_t status, const char *body) {
    struct hx_http_answer answer = {.status = status, .body = hx_str_from_c(body)};
    hx_arena_reset(&arena);
    return hx_binance_futures.decode_stop_query(&ctx, &answer, &by_id, &stop).outcome;
}

static enum hx_outcome cancel_stop(uint32_t status, const char *body) {
    struct hx_http_answer answer = {.status = status, .body = hx_str_from_c(body)};
    hx_arena_reset(&arena);
    return hx_binance_futures.decode_stop_cancel(&ctx, &answer, &by_id, &stop).outcome;
}

static void stops_are_read(void **state) {
    static const struct {
        const char *body;
        bool waiting, triggered;
        const char *order_id;
    } table[] = {
        {STOP("NEW", ""), true, false, ""},
        {STOP("NEW", "\"actualOrderId\":\"\","), true, false, ""},
        {STOP("NEW", "\"actualOrderId\":null,"), true, false, ""},
        {STOP("NEW", "\"actualOrderId\":\"0\","), true, false, ""},
        {STOP("TRIGGERING", "\"actualOrderId\":\"\","), false, true, ""},
        {STOP("TRIGGERED", "\"actualOrderId\":\"8389765525874655123\","), false, true, "8389765525874655123"},
        {STOP("FINISHED", "\"actualOrderId\":\"77\","), false, true, "77"},
        {STOP("CANCELED", "\"actualOrderId\":\"\","), false, false, ""},
        {STOP("EXPIRED", "\"actualOrderId\":\"\","), false, false, ""},
        {STOP("REJECTED", "\"actualOrderId\":\"\","), false, false, ""},
        /* It triggered, and what it became was refused. */
        {STOP("REJECTED", "\"actualOrderId\":77,"), false, true, "77"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (query_stop(200, table[i].body) != HX_OUTCOME_DONE) fail_msg("%s", table[i].body);
        assert_int_equal(stop.waiting, table[i].waiting);
        assert_int_equal(stop.triggered, table[i].triggered);
        assert_true(hx_str_equal(stop.venue_order_id, hx_str_from_c(table[i].order_id)));
        assert_true(hx_str_equal(stop.venue_stop_id, HX_STR("2146760")));
    }
    assert_int_equal(place_stop(200, STOP("NEW", "")), HX_OUTCOME_DONE);
    assert_true(stop.waiting && !stop.triggered);
    /* A price that moves in between may trigger it at once. */
    assert_int_equal(place_stop(200, STOP("TRIGGERED", "")), HX_OUTCOME_DONE);
    assert_true(!stop.waiting && stop.triggered);
    assert_int_equal(
        cancel_stop(200, "{\"algoId\":2146760,\"clientAlgoId\":\"" STOP_ID "\",\"code\":\"200\",\"msg\":\"success\"}"),
        HX_OUTCOME_DONE);
    assert_true(!stop.waiting && !stop.triggered && hx_str_equal(stop.venue_stop_id, HX_STR("2146760")));
}

static void stops_that_do_not_fit_are_unknown(void **state) {
    static const char *const spoilt[][2] = {
        {STOP_ID, "another"},     {"BTCUSDT", "ETHUSDT"},
        {"\"SELL\"", "\"BUY\""},  {"STOP_MARKET", "TAKE_PROFIT_MARKET"},
        {"\"BOTH\"", "\"LONG\""}, {"\"NEW\"", "\"WORKING\""},
        {"2146760", "-1"},        {"2146760", "\"\""},
        {"algoStatus", "status"}, {"}", ""},
    };
    static const char *const cancels[] = {
        "{\"algoId\":1,\"clientAlgoId\":\"" STOP_ID "\",\"code\":\"-2011\"}",
        "{\"algoId\":1,\"clientAlgoId\":\"" STOP_ID "\"}",
        "{\"algoId\":1,\"clientAlgoId\":\"another\",\"code\":\"200\"}",
        "{\"clientAlgoId\":\"" STOP_ID "\",\"code\":\"200\"}",
        "[]",
        "",
    };
    static const char sample[] = STOP("NEW", "");
    char body[2048];
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        const char *at = strstr(sample, spoilt[i][0]);
        assert_non_null(at);
        snprintf(body, sizeof body, "%.*s%s%s", (int)(at - sample), sample, spoilt[i][1], at + strlen(spoilt[i][0]));
        if (place_stop(200, body) != HX_OUTCOME_UNKNOWN) fail_msg("%s -> %s", spoilt[i][0], spoilt[i][1]);
    }
    for (size_t i = 0; i < sizeof cancels / sizeof cancels[0]; i++) {
        if (cancel_stop(200, cancels[i]) != HX_OUTCOME_UNKNOWN) fail_msg("%s", cancels[i]);
    }
    /* Waiting, and yet it became an order: one of the two is wrong. */
    assert_int_equal(query_stop(200, STOP("NEW", "\"actualOrderId\":\"77\",")), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query_stop(200, STOP("TRIGGERED", "\"actualOrderId\":\"x\",")), HX_OUTCOME_UNKNOWN);
}

static void refused_stops_are_refused(void **state) {
    (void)state;
    assert_int_equal(place_stop(400, "{\"code\":-2021,\"msg\":\"Order would immediately trigger.\"}"),
                     HX_OUTCOME_REJECTED);
    assert_int_equal(place_stop(400, "{\"code\":-4045,\"msg\":\"Reach max stop order limit.\"}"), HX_OUTCOME_REJECTED);
    assert_int_equal(place_stop(400, "{\"code\":-4116,\"msg\":\"ClientOrderId is duplicated.\"}"), HX_OUTCOME_UNKNOWN);
    assert_int_equal(place_stop(502, ""), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query_stop(400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}"), HX_OUTCOME_ABSENT);
    assert_int_equal(query_stop(502, ""), HX_OUTCOME_BUSY);
    assert_int_equal(cancel_stop(400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}"), HX_OUTCOME_ABSENT);
    assert_int_equal(cancel_stop(502, ""), HX_OUTCOME_UNKNOWN);
}

static int64_t retry_after(uint32_t status, const char *value) {
    struct hx_http_header header = {HX_STR("retry-after"), hx_str_from_c(value)};
    struct hx_http_answer answer = {.status = status, .headers = &header, .header_count = value == NULL ? 0 : 1};
    struct hx_venue_usage usage;
    struct hx_venue_verdict verdict = hx_binance_futures.decode_order(&ctx, &answer, &sent, &report);
    hx_binance_futures.read_usage(&answer, &usage);
    assert_int_equal(usage.blocked_for_ms, verdict.retry_after_ms);
    return verdict.retry_after_ms;
}

static void retry_after_is_obeyed(void **state) {
    (void)state;
    assert_int_equal(retry_after(429, "7"), 7000);
    assert_int_equal(retry_after(418, "259200"), 259200000);
    assert_int_equal(retry_after(429, "0"), 1000);
    assert_int_equal(retry_after(418, "99999999999999999999"), 120000);
    assert_int_equal(retry_after(418, "9999999"), 259200000);
    assert_int_equal(retry_after(429, "soon"), 60000);
    assert_int_equal(retry_after(429, NULL), 60000);
    assert_int_equal(retry_after(418, NULL), 120000);
}

static void usage_is_read_from_headers(void **state) {
    struct hx_http_header headers[] = {{HX_STR("x-mbx-used-weight-1m"), HX_STR("118")},
                                       {HX_STR("X-MBX-ORDER-COUNT-10S"), HX_STR("3")},
                                       {HX_STR("X-MBX-ORDER-COUNT-1M"), HX_STR("99999999999")}};
    struct hx_http_answer answer = {.status = 200, .headers = headers, .header_count = 3};
    struct hx_venue_usage usage;
    (void)state;
    hx_binance_futures.read_usage(&answer, &usage);
    assert_int_equal(usage.used[HX_BINANCE_FUTURES_WEIGHT], 118);
    assert_int_equal(usage.used[HX_BINANCE_FUTURES_ORDERS_10S], 3);
    assert_int_equal(usage.used[HX_BINANCE_FUTURES_ORDERS_1M], INT32_MAX);
    assert_int_equal(usage.blocked_for_ms, 0);
    headers[0].value = HX_STR("many");
    answer.header_count = 1;
    hx_binance_futures.read_usage(&answer, &usage);
    assert_int_equal(usage.used[HX_BINANCE_FUTURES_WEIGHT], -1);
    assert_int_equal(usage.used[HX_BINANCE_FUTURES_ORDERS_10S], -1);
}

/* Out of memory while reading is not a verdict on the order. */
static void a_full_arena_is_unknown(void **state) {
    (void)state;
    for (size_t size = 0; size < 2048; size += 16) {
        struct hx_http_answer answer = {.status = 200, .body = HX_STR(PLACED)};
        hx_arena_init(&arena, memory, size);
        enum hx_outcome outcome = hx_binance_futures.decode_order(&ctx, &answer, &sent, &report).outcome;
        assert_true(outcome == HX_OUTCOME_UNKNOWN || outcome == HX_OUTCOME_DONE);
        answer = (struct hx_http_answer){.status = 400, .body = HX_STR("{\"code\":-2019,\"msg\":\"Margin\"}")};
        hx_arena_init(&arena, memory, size);
        outcome = hx_binance_futures.decode_order(&ctx, &answer, &sent, &report).outcome;
        assert_true(outcome == HX_OUTCOME_UNKNOWN || outcome == HX_OUTCOME_REJECTED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_order_is_read, setup),
        cmocka_unit_test_setup(statuses_are_read, setup),
        cmocka_unit_test_setup(what_does_not_fit_is_unknown, setup),
        cmocka_unit_test_setup(statuses_of_http_are_read, setup),
        cmocka_unit_test_setup(a_cancel_that_finds_nothing_is_absent, setup),
        cmocka_unit_test_setup(the_position_side_must_fit, setup),
        cmocka_unit_test_setup(a_refused_mode_is_told, setup),
        cmocka_unit_test_setup(stops_are_read, setup),
        cmocka_unit_test_setup(stops_that_do_not_fit_are_unknown, setup),
        cmocka_unit_test_setup(refused_stops_are_refused, setup),
        cmocka_unit_test_setup(retry_after_is_obeyed, setup),
        cmocka_unit_test_setup(usage_is_read_from_headers, setup),
        cmocka_unit_test_setup(a_full_arena_is_unknown, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
