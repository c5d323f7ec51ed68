/* Goal: spot's answers about orders and stops are read for what they prove and no more (binance_spot_answer.c). Method:
 * samples in the documented shapes, each field spoilt in turn, and tables of refusals with the outcome each may have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/binance_spot.h"

#define ID "AZOpXu_0-23456789abcde"
/* POST /api/v3/order with RESULT. */
#define PLACED                                                                                                  \
    "{\"symbol\":\"LTCBTC\",\"orderId\":28,\"orderListId\":-1,\"clientOrderId\":\"" ID                          \
    "\",\"transactTime\":1507725176595,\"price\":\"0.00000000\",\"origQty\":\"1.25000000\","                    \
    "\"executedQty\":\"1.25000000\",\"origQuoteOrderQty\":\"0.000000\",\"cummulativeQuoteQty\":\"0.12345678\"," \
    "\"status\":\"FILLED\",\"timeInForce\":\"GTC\",\"type\":\"MARKET\",\"side\":\"BUY\","                       \
    "\"workingTime\":1507725176595,\"selfTradePreventionMode\":\"NONE\"}"
/* GET /api/v3/order. */
#define ASKED                                                                                               \
    "{\"symbol\":\"LTCBTC\",\"orderId\":28,\"orderListId\":-1,\"clientOrderId\":\"" ID                      \
    "\",\"price\":\"0.1\",\"origQty\":\"1.25\",\"executedQty\":\"0.0\",\"cummulativeQuoteQty\":\"0.0\","    \
    "\"status\":\"NEW\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"BUY\",\"stopPrice\":\"0.0\"," \
    "\"icebergQty\":\"0.0\",\"time\":1499827319559,\"updateTime\":1499827319777,\"isWorking\":true,"        \
    "\"workingTime\":1499827319559,\"origQuoteOrderQty\":\"0.000000\",\"selfTradePreventionMode\":\"NONE\"}"
/* DELETE /api/v3/order: clientOrderId is the cancel's. */
#define CANCELLED                                                                                               \
    "{\"symbol\":\"LTCBTC\",\"origClientOrderId\":\"" ID                                                        \
    "\",\"orderId\":28,\"orderListId\":-1,\"clientOrderId\":\"cancelMyOrder1\",\"transactTime\":1684804350068," \
    "\"price\":\"2.00000000\",\"origQty\":\"1.25000000\",\"executedQty\":\"0.25000000\","                       \
    "\"origQuoteOrderQty\":\"0.000000\",\"cummulativeQuoteQty\":\"0.50000000\",\"status\":\"CANCELED\","        \
    "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"BUY\",\"selfTradePreventionMode\":\"NONE\"}"

static uint8_t memory[262144];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_order_report report;
static struct hx_order_request sent;
static struct hx_stop_report stop;
static const struct hx_stop_request by_id = {.symbol = {"LTCBTC", sizeof("LTCBTC") - 1},
                                             .client_order_id = {ID, sizeof(ID) - 1}};
static const struct hx_symbol_rules ltc = {
    .symbol = {"LTCBTC", 6}, .base_asset = {"LTC", 3}, .quote_asset = {"BTC", 3}};
static const struct hx_venue_adapter *const a = &hx_binance_spot;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena, .rules = &ltc};
    sent = (struct hx_order_request){
        .symbol = HX_STR("LTCBTC"), .side = HX_SIDE_BUY, .quantity = {125, -2}, .client_order_id = HX_STR(ID)};
    memset(&report, 0, sizeof report);
    return 0;
}

static struct hx_http_answer http(uint32_t status, const char *body) {
    hx_arena_reset(&arena);
    return (struct hx_http_answer){.status = status, .body = hx_str_from_c(body)};
}

static struct hx_venue_verdict place(uint32_t status, const char *body) {
    struct hx_http_answer answer = http(status, body);
    return a->decode_order(&ctx, &answer, &sent, &report);
}

static struct hx_venue_verdict query(uint32_t status, const char *body) {
    struct hx_http_answer answer = http(status, body);
    return a->decode_query(&ctx, &answer, sent.symbol, sent.client_order_id, 0, &report);
}

static struct hx_venue_verdict cancel(uint32_t status, const char *body) {
    struct hx_http_answer answer = http(status, body);
    return a->decode_cancel(&ctx, &answer, sent.symbol, sent.client_order_id, &report);
}

static void assert_dec(hx_dec value, const char *wanted) {
    hx_dec parsed = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(wanted), &parsed)));
    assert_true(hx_dec_equal(value, parsed));
}

/* `text` with the first occurrence of `what` replaced. */
static const char *with(const char *text, const char *what, const char *by) {
    static char out[2][16384];
    static int turn;
    char *into = out[turn++ % 2];
    const char *at = strstr(text, what);
    if (at == NULL) fail_msg("%s is not in the sample", what);
    snprintf(into, sizeof out[0], "%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
    return into;
}

static void orders_are_read(void **state) {
    (void)state;
    assert_int_equal(place(200, PLACED).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR("28")));
    assert_true(hx_str_equal(report.client_order_id, HX_STR(ID)));
    assert_dec(report.executed_quantity, "1.25");
    assert_dec(report.average_price, "0.098765424");
    assert_int_equal(report.venue_time_ms, 1507725176595);
    assert_false(report.is_ack);
    assert_int_equal(query(200, ASKED).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_NEW);
    assert_true(hx_dec_is_zero(report.executed_quantity) && hx_dec_is_zero(report.average_price));
    assert_int_equal(report.venue_time_ms, 1499827319777);
    assert_int_equal(cancel(200, CANCELLED).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_CANCELED);
    assert_dec(report.executed_quantity, "0.25");
    assert_dec(report.average_price, "2");
    assert_true(hx_str_equal(report.client_order_id, HX_STR(ID)));
    assert_int_equal(report.venue_time_ms, 1684804350068);
}

/* What is paid over what is bought, with as many digits as can be kept. */
static void averages_are_quotients(void **state) {
    static const struct {
        const char *paid, *bought, *average;
    } table[] = {
        {"1", "3", "0.333333333333"},
        {"200000", "3", "66666.666666666667"},
        {"12345678", "3", "4115226"},
        {"12345679", "3", "4115226.33333333"}, /* Nineteen digits would be too many. */
        {"0.00712345", "1000", "0.00000712345"},
        {"-1", "3", "0"}, /* Not available, says Binance. */
        {"0", "3", "0"},
        {"many", "3", "0"},
    };
    char body[2048];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        snprintf(body, sizeof body,
                 "{\"symbol\":\"LTCBTC\",\"orderId\":28,\"clientOrderId\":\"" ID
                 "\",\"origQty\":\"%s\",\"executedQty\":\"%s\",\"cummulativeQuoteQty\":\"%s\",\"status\":\"FILLED\"}",
                 table[i].bought, table[i].bought, table[i].paid);
        assert_int_equal(query(200, body).outcome, HX_OUTCOME_DONE);
        assert_dec(report.average_price, table[i].average);
        assert_int_equal(report.venue_time_ms, 0);
    }
    assert_int_equal(query(200, with(PLACED, "cummulativeQuoteQty", "cumulativeQuoteQty")).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(report.average_price));
}

static void statuses_are_read(void **state) {
    static const struct {
        const char *text;
        enum hx_order_status status;
    } table[] = {{"NEW", HX_ORDER_NEW},
                 {"PENDING_NEW", HX_ORDER_NEW},
                 {"PENDING_CANCEL", HX_ORDER_NEW},
                 {"CANCELED", HX_ORDER_CANCELED},
                 {"REJECTED", HX_ORDER_REJECTED},
                 {"EXPIRED", HX_ORDER_EXPIRED},
                 {"EXPIRED_IN_MATCH", HX_ORDER_EXPIRED}};
    char status[64];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        snprintf(status, sizeof status, "\"status\":\"%s\"", table[i].text);
        assert_int_equal(query(200, with(ASKED, "\"status\":\"NEW\"", status)).outcome, HX_OUTCOME_DONE);
        assert_int_equal(report.status, table[i].status);
    }
    assert_int_equal(query(200, with(ASKED, "\"NEW\"", "\"SLEEPING\"")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(200, with(ASKED, "\"NEW\"", "\"FILLED\"")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(200, with(ASKED, "\"NEW\"", "\"PARTIALLY_FILLED\"")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(200, with(PLACED, "FILLED", "PARTIALLY_FILLED")).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_PARTIALLY_FILLED);
}

static void what_does_not_fit_is_unknown(void **state) {
    static const char *const spoilt[][2] = {
        {ID, "another"},
        {"clientOrderId", "origClientOrderId"},
        {"LTCBTC", "LTCUSDT"},
        {"\"orderId\":28", "\"orderId\":-28"},
        {"\"orderId\":28", "\"orderId\":\"x\""},
        {"\"BUY\"", "\"SELL\""},
        {"\"BUY\"", "\"\""},
        {"\"origQty\":\"1.25000000\"", "\"origQty\":\"1.26\""},
        {"\"origQty\":\"1.25000000\"", "\"origQty\":\"1.24\""},
        {"\"origQty\":\"1.25000000\"", "\"origQty\":null"},
        {"\"executedQty\":\"1.25000000\"", "\"executedQty\":\"1.24\""},
        {"\"executedQty\":\"1.25000000\"", "\"executedQty\":\"-1.25\""},
        {"\"executedQty\":\"1.25000000\"", "\"executedQty\":\"1.26\""},
        {"\"FILLED\"", "\"\""},
        {"{", "[{"},
        {"}", ""},
    };
    static const char *const others[] = {
        "", "null", "[]", "OK", "<html></html>", "{}", "[" PLACED "]", "{\"code\":-2010,\"msg\":\"no\"}",
        /* ACK: received, and no more is known. */
        "{\"symbol\":\"LTCBTC\",\"orderId\":28,\"orderListId\":-1,\"clientOrderId\":\"" ID "\",\"transactTime\":15}"};
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        struct hx_venue_verdict verdict = place(200, with(PLACED, spoilt[i][0], spoilt[i][1]));
        if (verdict.outcome != HX_OUTCOME_UNKNOWN) fail_msg("%s -> %s", spoilt[i][0], spoilt[i][1]);
        assert_true(verdict.message.len > 0);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(place(200, others[i]).outcome, HX_OUTCOME_UNKNOWN);
        assert_int_equal(query(200, others[i]).outcome, HX_OUTCOME_UNKNOWN);
        assert_int_equal(cancel(200, others[i]).outcome, HX_OUTCOME_UNKNOWN);
    }
    /* A cancel's answer whose own id is ours is about another order. */
    assert_int_equal(cancel(200, PLACED).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(cancel(200, with(with(CANCELLED, ID, "another"), "cancelMyOrder1", ID)).outcome,
                     HX_OUTCOME_UNKNOWN);
    /* Nothing is cut down here, not even what reduces. */
    sent.reduce_only = true;
    sent.quantity = (hx_dec){126, -2};
    assert_int_equal(place(200, PLACED).outcome, HX_OUTCOME_UNKNOWN);
}

static void statuses_of_http_are_read(void **state) {
    static const struct {
        uint32_t status;
        const char *body;
        enum hx_outcome order, query;
    } table[] = {
        /* The outcome of every 5xx is unknown on spot, whatever it says. */
        {503, "{\"code\":-1000,\"msg\":\"Service Unavailable.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {503, "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try again.\"}",
         HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {503, "{\"code\":-1008,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {500, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {504, "{\"code\":-1007,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {408, "{\"code\":-2010,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {400, "{\"code\":-1007,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {400, "{\"code\":-1006,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {400, "{\"code\":-1008,\"msg\":\"x\"}", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {429, "{\"code\":-1015,\"msg\":\"x\"}", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {418, "", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {403, "<html>", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {451, "{\"code\":0,\"msg\":\"restricted location\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {401, "{\"code\":-2015,\"msg\":\"x\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {409, "{\"code\":-2021,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_ABSENT},
        /* Put away: it was there once, so it is not absent. */
        {400, "{\"code\":-2026,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {404, "<html>", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {302, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {201, PLACED, HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        enum hx_outcome order = place(table[i].status, table[i].body).outcome;
        enum hx_outcome asked = query(table[i].status, table[i].body).outcome;
        if (order != table[i].order || asked != table[i].query) {
            fail_msg("%u %s: order %d, query %d", table[i].status, table[i].body, (int)order, (int)asked);
        }
    }
    assert_true(place(400, "{\"code\":-1021,\"msg\":\"x\"}").clock_is_off);
    /* A mode is nothing that spot has. */
    assert_false(place(400, "{\"code\":-1106,\"msg\":\"x\"}").mode_differs);
    assert_true(place(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}").no_such_symbol);
    assert_false(place(400, "{\"code\":-2015,\"msg\":\"x\"}").no_such_symbol);
}

static void cancels_that_find_nothing_are_absent(void **state) {
    (void)state;
    assert_int_equal(cancel(400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}").outcome, HX_OUTCOME_ABSENT);
    assert_int_equal(cancel(400, "{\"code\":-2011,\"msg\":\"This action is disabled on this account.\"}").outcome,
                     HX_OUTCOME_REJECTED);
    /* Words nobody knows prove nothing. */
    assert_int_equal(cancel(400, "{\"code\":-2011,\"msg\":\"x\"}").outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(cancel(502, "").outcome, HX_OUTCOME_UNKNOWN);
}

static enum hx_outcome place_stop(uint32_t status, const char *body) {
    const struct hx_stop_request request = {.symbol = HX_STR("LTCBTC"),
                                            .kind = HX_STOP_LOSS,
                                            .side = HX_SIDE_SELL,
                                            .quantity = {125, -2},
                                            .trigger_price = {9, -2},
                                            .client_order_id = HX_STR(ID)};
    struct hx_http_answer answer = http(status, body);
    return a->decode_stop(&ctx, &answer, &request, &stop).outcome;
}

#define STOP(status, executed, working)                                                                           \
    "{\"symbol\":\"LTCBTC\",\"orderId\":28,\"clientOrderId\":\"" ID                                               \
    "\",\"origQty\":\"1.25\",\"executedQty\":\"" executed "\",\"cummulativeQuoteQty\":\"0\",\"status\":\"" status \
    "\",\"type\":\"STOP_LOSS\",\"side\":\"SELL\",\"stopPrice\":\"0.09\"" working "}"

static void stops_are_read(void **state) {
    static const struct {
        const char *body;
        bool waiting, triggered;
    } table[] = {
        {STOP("NEW", "0", ",\"isWorking\":false"), true, false},
        {STOP("NEW", "0", ",\"isWorking\":true"), false, true},
        {STOP("PARTIALLY_FILLED", "1", ",\"isWorking\":true"), false, true},
        {STOP("FILLED", "1.25", ",\"isWorking\":true"), false, true},
        {STOP("EXPIRED", "0.5", ""), false, true},
        {STOP("EXPIRED", "0", ",\"isWorking\":true"), false, true},
        {STOP("CANCELED", "0", ",\"isWorking\":false"), false, false},
        {STOP("CANCELED", "0", ",\"isWorking\":true"), false, false},
        {STOP("EXPIRED", "0", ",\"isWorking\":false"), false, false},
        {STOP("REJECTED", "0", ",\"isWorking\":false"), false, false},
    };
    struct hx_http_answer answer;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        answer = http(200, table[i].body);
        assert_int_equal(a->decode_stop_query(&ctx, &answer, &by_id, &stop).outcome, HX_OUTCOME_DONE);
        assert_int_equal(stop.waiting, table[i].waiting);
        assert_int_equal(stop.triggered, table[i].triggered);
        assert_true(hx_str_equal(stop.venue_stop_id, HX_STR("28")));
        assert_true(hx_str_equal(stop.venue_order_id, table[i].triggered ? HX_STR("28") : HX_STR_EMPTY));
    }
    assert_int_equal(place_stop(200, STOP("NEW", "0", ",\"workingTime\":-1")), HX_OUTCOME_DONE);
    assert_true(stop.waiting && !stop.triggered);
    answer = http(200, CANCELLED);
    assert_int_equal(a->decode_stop_cancel(&ctx, &answer, &by_id, &stop).outcome, HX_OUTCOME_DONE);
    assert_true(!stop.waiting && stop.triggered); /* Partly executed before it was cancelled. */
}

static void stops_that_do_not_fit_are_unknown(void **state) {
    static const char *const spoilt[][2] = {{ID, "another"},        {"LTCBTC", "LTCUSDT"},
                                            {"SELL", "BUY"},        {"STOP_LOSS", "TAKE_PROFIT"},
                                            {"STOP_LOSS", "LIMIT"}, {"\"NEW\"", "\"\""}};
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        const char *body = with(STOP("NEW", "0", ""), spoilt[i][0], spoilt[i][1]);
        if (place_stop(200, body) != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i][0]);
    }
    assert_int_equal(place_stop(400, "{\"code\":-2010,\"msg\":\"Order would trigger immediately.\"}"),
                     HX_OUTCOME_REJECTED);
    assert_int_equal(place_stop(400, "{\"code\":-2010,\"msg\":\"Duplicate order sent.\"}"), HX_OUTCOME_UNKNOWN);
    assert_int_equal(place_stop(502, ""), HX_OUTCOME_UNKNOWN);
    struct hx_http_answer answer = http(400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}");
    assert_int_equal(a->decode_stop_query(&ctx, &answer, &by_id, &stop).outcome, HX_OUTCOME_ABSENT);
    answer = http(400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");
    assert_int_equal(a->decode_stop_cancel(&ctx, &answer, &by_id, &stop).outcome, HX_OUTCOME_ABSENT);
}

static void usage_is_read_from_headers(void **state) {
    struct hx_http_header headers[] = {{HX_STR("x-mbx-used-weight-1m"), HX_STR("118")},
                                       {HX_STR("X-MBX-ORDER-COUNT-10S"), HX_STR("3")},
                                       {HX_STR("X-MBX-ORDER-COUNT-1D"), HX_STR("91")},
                                       {HX_STR("Retry-After"), HX_STR("7")}};
    struct hx_http_answer answer = {.status = 200, .headers = headers, .header_count = 4};
    struct hx_venue_usage usage;
    (void)state;
    a->read_usage(&answer, &usage);
    assert_int_equal(usage.used[HX_BINANCE_SPOT_WEIGHT], 118);
    assert_int_equal(usage.used[HX_BINANCE_SPOT_ORDERS_10S], 3);
    assert_int_equal(usage.used[HX_BINANCE_SPOT_ORDERS_1D], 91);
    assert_int_equal(usage.blocked_for_ms, 0);
    answer.status = 429;
    a->read_usage(&answer, &usage);
    assert_int_equal(usage.blocked_for_ms, 7000);
    answer.header_count = 0;
    answer.status = 418;
    a->read_usage(&answer, &usage);
    assert_int_equal(usage.blocked_for_ms, 120000);
    assert_int_equal(usage.used[HX_BINANCE_SPOT_ORDERS_1D], -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(orders_are_read, setup),
        cmocka_unit_test_setup(averages_are_quotients, setup),
        cmocka_unit_test_setup(statuses_are_read, setup),
        cmocka_unit_test_setup(what_does_not_fit_is_unknown, setup),
        cmocka_unit_test_setup(statuses_of_http_are_read, setup),
        cmocka_unit_test_setup(cancels_that_find_nothing_are_absent, setup),
        cmocka_unit_test_setup(stops_are_read, setup),
        cmocka_unit_test_setup(stops_that_do_not_fit_are_unknown, setup),
        cmocka_unit_test_setup(usage_is_read_from_headers, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
