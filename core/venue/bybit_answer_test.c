/* Goal: an order's answer is read for what it proves and no more: a receipt is a receipt, the truth is in the lists,
 * and a refused duplicate proves that there is a first order. Method: samples in the documented shapes, each field
 * spoilt in turn; a table of HTTP answers with the outcome each may have; and the lists of the three places in every
 * state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/bybit.h"

#define ID "AZOpXu_0-23456789abcde"
#define ORDER_ID "c6f055d9-7f21-4079-913d-e6523a9cfffa"
#define ENVELOPE(result) \
    "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":" result ",\"retExtInfo\":{},\"time\":1764000000900}"
#define RECEIPT ENVELOPE("{\"orderId\":\"" ORDER_ID "\",\"orderLinkId\":\"" ID "\"}")
#define LIST(rows)                                                                                                     \
    ENVELOPE("{\"list\":[" rows                                                                                        \
             "],\"nextPageCursor\":\"page_args%3Dc6f055d9-7f21-4079-913d-e6523a9cfffa%26symbol%3D6%26\",\"category\":" \
             "\"linear\"}")
/* GET /v5/order/realtime and /v5/order/history of a unified account. */
#define ROW_OF(id, status, reason, quantity, executed, average)                                                   \
    "{\"orderId\":\"" id "\",\"orderLinkId\":\"" ID                                                               \
    "\",\"blockTradeId\":\"\",\"symbol\":\"BTCUSDT\",\"price\":\"63000.00\",\"qty\":\"" quantity                  \
    "\",\"side\":\"Buy\",\"isLeverage\":\"\",\"positionIdx\":0,\"orderStatus\":\"" status                         \
    "\",\"createType\":\"CreateByUser\",\"cancelType\":\"UNKNOWN\",\"rejectReason\":\"" reason                    \
    "\",\"avgPrice\":\"" average "\",\"leavesQty\":\"0.000\",\"leavesValue\":\"0\",\"cumExecQty\":\"" executed    \
    "\",\"cumExecValue\":\"734.86\",\"cumExecFee\":\"0.40417\",\"timeInForce\":\"IOC\",\"orderType\":\"Market\"," \
    "\"stopOrderType\":\"\",\"orderIv\":\"\",\"triggerPrice\":\"\",\"takeProfit\":\"\",\"stopLoss\":\"\","        \
    "\"tpTriggerBy\":\"\",\"slTriggerBy\":\"\",\"triggerDirection\":0,\"triggerBy\":\"\","                        \
    "\"lastPriceOnCreated\":\"61200.10\",\"reduceOnly\":false,\"closeOnTrigger\":false,\"smpType\":\"None\","     \
    "\"smpGroup\":0,\"smpOrderId\":\"\",\"tpslMode\":\"\",\"tpLimitPrice\":\"\",\"slLimitPrice\":\"\","           \
    "\"placeType\":\"\",\"createdTime\":\"1764000000540\",\"updatedTime\":\"1764000000561\","                     \
    "\"cumFeeDetail\":{\"USDT\":\"0.40417\"}}"
#define ROW(status, executed) ROW_OF(ORDER_ID, status, "EC_NoError", "0.012", executed, "61238.30")
#define DUPLICATE ROW_OF("11111111-7f21-4079-913d-e6523a9cfffa", "Rejected", "EC_DuplicatedClOrdID", "0.012", "0", "")
#define FILLED LIST(ROW("Filled", "0.012"))
/* GET /v5/execution/list. */
#define EXECUTION(exec_id, quantity, left, type)                                                                   \
    "{\"symbol\":\"BTCUSDT\",\"orderType\":\"Market\",\"underlyingPrice\":\"\",\"orderLinkId\":\"" ID              \
    "\",\"side\":\"Buy\",\"indexPrice\":\"\",\"orderId\":\"" ORDER_ID                                              \
    "\",\"stopOrderType\":\"UNKNOWN\",\"leavesQty\":\"" left                                                       \
    "\",\"execTime\":\"1764000000555\",\"feeCurrency\":\"\",\"isMaker\":false,\"execFee\":\"0.2\",\"feeRate\":"    \
    "\"0.00055\",\"execId\":\"" exec_id                                                                            \
    "\",\"tradeIv\":\"\",\"blockTradeId\":\"\",\"markPrice\":\"61200\",\"execPrice\":\"61238.3\",\"markIv\":\"\"," \
    "\"orderQty\":\"0.012\",\"orderPrice\":\"63000\",\"execValue\":\"367.43\",\"execType\":\"" type                \
    "\",\"execQty\":\"" quantity "\",\"closedSize\":\"\",\"extraFees\":\"\",\"seq\":4688002127}"

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_order_report report;
static struct hx_stop_report stop;
static struct hx_order_request sent;
static struct hx_stop_request sent_stop;
static const struct hx_venue_adapter *const a = &hx_bybit_linear;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena, .timestamp_ms = 1764000000000};
    sent = (struct hx_order_request){
        .symbol = HX_STR("BTCUSDT"), .side = HX_SIDE_BUY, .quantity = {12, -3}, .client_order_id = HX_STR(ID)};
    sent_stop = (struct hx_stop_request){.symbol = HX_STR("BTCUSDT"), .client_order_id = HX_STR(ID)};
    memset(&report, 0, sizeof report);
    memset(&stop, 0, sizeof stop);
    return 0;
}

static struct hx_http_answer answer_of(uint32_t status, const char *body) {
    hx_arena_reset(&arena);
    return (struct hx_http_answer){.status = status, .body = hx_str_from_c(body)};
}

static struct hx_venue_verdict place(uint32_t status, const char *body) {
    struct hx_http_answer answer = answer_of(status, body);
    return a->decode_order(&ctx, &answer, &sent, &report);
}

/* As the client asks it first: with nothing in the report. */
static struct hx_venue_verdict query(uint32_t status, const char *body, uint32_t stage) {
    struct hx_http_answer answer = answer_of(status, body);
    memset(&report, 0, sizeof report);
    return a->decode_query(&ctx, &answer, sent.symbol, sent.client_order_id, stage, &report);
}

static struct hx_venue_verdict cancel(uint32_t status, const char *body) {
    struct hx_http_answer answer = answer_of(status, body);
    return a->decode_cancel(&ctx, &answer, sent.symbol, sent.client_order_id, &report);
}

/* A text with the first occurrence of one part replaced by another. */
static const char *with(const char *text, const char *what, const char *by) {
    static char out[4][8192];
    static unsigned turn;
    const char *at = strstr(text, what);
    char *to = out[turn++ % 4];
    assert_non_null(at);
    snprintf(to, sizeof out[0], "%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
    return to;
}

static void a_receipt_is_no_order(void **state) {
    (void)state;
    assert_int_equal(place(200, RECEIPT).outcome, HX_OUTCOME_DONE);
    assert_true(report.is_ack);
    assert_int_equal(report.status, HX_ORDER_NEW);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR(ORDER_ID)));
    assert_true(hx_str_equal(report.client_order_id, HX_STR(ID)));
    assert_true(hx_dec_is_zero(report.executed_quantity));
    /* Spot's ids are digits. */
    assert_int_equal(place(200, with(RECEIPT, ORDER_ID, "1523347543495541248")).outcome, HX_OUTCOME_DONE);
    memset(&report, 0, sizeof report);
    assert_int_equal(cancel(200, RECEIPT).outcome, HX_OUTCOME_DONE);
    assert_true(report.is_ack);
    assert_int_equal(report.status, HX_ORDER_NEW);
}

static void what_is_no_receipt_is_unknown(void **state) {
    static const char *const spoilt[][2] = {
        {ID, "AZOpXu_0-23456789abcdf"},
        {"\"orderLinkId\":\"" ID "\"", "\"orderLinkId\":\"\""},
        {"\"orderLinkId\":\"" ID "\"", "\"orderLinkId\":null"},
        {"\"orderLinkId\":\"" ID "\"", "\"x\":1"},
        {ORDER_ID, ""},
        {ORDER_ID, "not an id"},
        {ORDER_ID, "12345678901234567890123456789012345678901234567890123456789012345"},
        {"\"" ORDER_ID "\"", "77"},
        {"\"retCode\":0", "\"retCode\":\"\""},
        {"\"retCode\":0", "\"code\":0"},
        {"\"retCode\":0", "\"retCode\":0.5"},
        {"\"retCode\":0", "\"retCode\":99999999999999999999"},
        {"\"result\":", "\"results\":"},
        {"\"retExtInfo\":{},", "\"retCode\":0,"},
        {"{", "[{"},
        {"}", ""},
    };
    static const char *const others[] = {"",
                                         " ",
                                         "null",
                                         "[]",
                                         "{}",
                                         "OK",
                                         "<html></html>",
                                         "{\"retCode\":0}",
                                         "{\"retCode\":0,\"result\":[]}",
                                         "{\"retCode\":0,\"result\":null}",
                                         ENVELOPE("{}"),
                                         ENVELOPE("{\"list\":[]}"),
                                         "\"" ID "\"",
                                         "[" RECEIPT "]"};
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        const char *body = with(RECEIPT, spoilt[i][0], spoilt[i][1]);
        struct hx_venue_verdict verdict = place(200, body);
        if (verdict.outcome != HX_OUTCOME_UNKNOWN) fail_msg("%s -> %s", spoilt[i][0], spoilt[i][1]);
        assert_true(verdict.message.len > 0);
        assert_int_equal(cancel(200, body).outcome, HX_OUTCOME_UNKNOWN);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(place(200, others[i]).outcome, HX_OUTCOME_UNKNOWN);
        assert_int_equal(cancel(200, others[i]).outcome, HX_OUTCOME_UNKNOWN);
    }
    assert_int_equal(place(201, RECEIPT).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(place(302, RECEIPT).outcome, HX_OUTCOME_UNKNOWN);
}

static void an_order_is_read_from_a_list(void **state) {
    (void)state;
    for (uint32_t stage = 0; stage < 2; stage++) {
        assert_int_equal(query(200, FILLED, stage).outcome, HX_OUTCOME_DONE);
        assert_false(report.is_ack);
        assert_int_equal(report.status, HX_ORDER_FILLED);
        assert_true(hx_str_equal(report.venue_order_id, HX_STR(ORDER_ID)));
        assert_true(hx_str_equal(report.client_order_id, HX_STR(ID)));
        assert_true(hx_dec_equal(report.executed_quantity, (hx_dec){12, -3}));
        assert_true(hx_dec_equal(report.average_price, (hx_dec){612383, -1}));
        assert_int_equal(report.venue_time_ms, 1764000000561);
    }
    /* An average that can't be kept exactly is cut; it is told, not counted with. */
    assert_int_equal(query(200, with(FILLED, "61238.30", "61238.3012345678901234567"), 0).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(report.average_price, (hx_dec){612383012345678901, -13}));
    assert_int_equal(query(200, with(FILLED, "61238.30", ""), 0).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(report.average_price));
    assert_int_equal(query(200, with(FILLED, "\"1764000000561\"", "\"\""), 0).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.venue_time_ms, 0);
}

static void every_status_is_read(void **state) {
    static const struct {
        const char *text;
        const char *executed;
        enum hx_outcome outcome;
        enum hx_order_status status;
    } table[] = {
        {"New", "0.000", HX_OUTCOME_DONE, HX_ORDER_NEW},
        {"PartiallyFilled", "0.004", HX_OUTCOME_DONE, HX_ORDER_PARTIALLY_FILLED},
        {"Untriggered", "0", HX_OUTCOME_DONE, HX_ORDER_NEW},
        {"Triggered", "0", HX_OUTCOME_DONE, HX_ORDER_NEW},
        {"Filled", "0.012", HX_OUTCOME_DONE, HX_ORDER_FILLED},
        /* A reducing order that was cut down to the position. */
        {"Filled", "0.004", HX_OUTCOME_DONE, HX_ORDER_CANCELED},
        {"Cancelled", "0", HX_OUTCOME_DONE, HX_ORDER_CANCELED},
        {"Cancelled", "0.004", HX_OUTCOME_DONE, HX_ORDER_CANCELED},
        {"PartiallyFilledCanceled", "0.004", HX_OUTCOME_DONE, HX_ORDER_CANCELED},
        {"Deactivated", "0", HX_OUTCOME_DONE, HX_ORDER_CANCELED},
        {"Rejected", "0", HX_OUTCOME_DONE, HX_ORDER_REJECTED},
        {"PartiallyFilled", "0", HX_OUTCOME_UNKNOWN, HX_ORDER_NEW},
        {"Filled", "0", HX_OUTCOME_UNKNOWN, HX_ORDER_NEW},
        {"Filled", "0.013", HX_OUTCOME_UNKNOWN, HX_ORDER_NEW},
        {"New", "-0.001", HX_OUTCOME_UNKNOWN, HX_ORDER_NEW},
        {"filled", "0.012", HX_OUTCOME_UNKNOWN, HX_ORDER_NEW},
        {"Canceled", "0", HX_OUTCOME_UNKNOWN, HX_ORDER_NEW},
        {"", "0", HX_OUTCOME_UNKNOWN, HX_ORDER_NEW},
    };
    char status[64];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        snprintf(status, sizeof status, "\"orderStatus\":\"%s\"", table[i].text);
        const char *body = with(FILLED, "\"orderStatus\":\"Filled\"", status);
        snprintf(status, sizeof status, "\"cumExecQty\":\"%s\"", table[i].executed);
        body = with(body, "\"cumExecQty\":\"0.012\"", status);
        if (query(200, body, 0).outcome != table[i].outcome) fail_msg("%s %s", table[i].text, table[i].executed);
        if (table[i].outcome == HX_OUTCOME_DONE) assert_int_equal(report.status, table[i].status);
    }
}

/* Why an order was taken and ended: the venue's reason and what to do. */
static void a_late_refusal_says_why(void **state) {
    (void)state;
    struct hx_venue_verdict verdict =
        query(200, LIST(ROW_OF(ORDER_ID, "Rejected", "EC_PostOnlyWillTakeLiquidity", "0.012", "0", "")), 0);
    assert_int_equal(verdict.outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_REJECTED);
    assert_true(hx_str_starts_with(verdict.message, HX_STR("EC_PostOnlyWillTakeLiquidity. It would have traded")));
    verdict = query(200, LIST(ROW_OF(ORDER_ID, "Cancelled", "EC_NoImmediateQtyToFill", "0.012", "0.000", "")), 0);
    assert_int_equal(report.status, HX_ORDER_CANCELED);
    assert_true(hx_str_starts_with(verdict.message, HX_STR("EC_NoImmediateQtyToFill. The book is too thin")));
    verdict = query(200, LIST(ROW_OF(ORDER_ID, "Rejected", "EC_NoError", "0.012", "0", "")), 0);
    assert_int_equal(verdict.outcome, HX_OUTCOME_DONE);
    assert_int_equal(verdict.message.len, 0);
    verdict = query(200, LIST(ROW_OF(ORDER_ID, "Rejected", "EC_SomethingNew", "0.012", "0", "")), 0);
    assert_true(hx_str_starts_with(verdict.message, HX_STR("EC_SomethingNew. ")));
}

static void what_does_not_fit_is_unknown(void **state) {
    static const char *const spoilt[][2] = {
        {"\"orderLinkId\":\"" ID "\"", "\"orderLinkId\":\"\""},
        {ID, "another"},
        {"BTCUSDT", "ETHUSDT"},
        {"\"" ORDER_ID "\"", "\"\""},
        {"\"" ORDER_ID "\"", "null"},
        {"\"qty\":\"0.012\"", "\"qty\":\"\""},
        {"\"qty\":\"0.012\"", "\"qty\":\"-0.012\""},
        {"\"qty\":\"0.012\"", "\"qty\":\"x\""},
        {"\"cumExecQty\":\"0.012\"", "\"cumExecQty\":\"\""},
        {"\"cumExecQty\":\"0.012\"", "\"cumExecQty\":null"},
        {"\"orderStatus\":\"Filled\"", "\"orderStatus\":7"},
        {"\"orderStatus\":\"Filled\",", ""},
        {"\"list\":[", "\"lists\":["},
        {"\"list\":[", "\"list\":[1,"},
        {"\"list\":[", "\"list\":[[]],\"x\":["},
        {"\"isLeverage\":\"\",", "\"symbol\":\"BTCUSDT\","},
        {"}", ""},
    };
    static const char *const others[] = {"",
                                         "null",
                                         "[]",
                                         "{}",
                                         ENVELOPE("{}"),
                                         ENVELOPE("{\"list\":null}"),
                                         ENVELOPE("{\"list\":{}}"),
                                         RECEIPT,
                                         LIST(ROW("New", "0") "," ROW("New", "0")),
                                         "<html></html>"};
    (void)state;
    for (uint32_t stage = 0; stage < 2; stage++) {
        for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
            struct hx_venue_verdict verdict = query(200, with(FILLED, spoilt[i][0], spoilt[i][1]), stage);
            if (verdict.outcome != HX_OUTCOME_UNKNOWN) fail_msg("%s -> %s", spoilt[i][0], spoilt[i][1]);
            assert_true(hx_dec_is_zero(report.executed_quantity));
        }
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
            assert_int_equal(query(200, others[i], stage).outcome, HX_OUTCOME_UNKNOWN);
        }
    }
}

static void an_empty_list_is_absence_there(void **state) {
    (void)state;
    for (uint32_t stage = 0; stage < HX_BYBIT_STAGES; stage++) {
        struct hx_venue_verdict verdict = query(200, LIST(""), stage);
        assert_int_equal(verdict.outcome, HX_OUTCOME_ABSENT);
        assert_true(verdict.message.len > 0);
    }
}

/* What the first stage saw of a refused second order the last one remembers: then there is a first order. */
static void a_refused_duplicate_proves_the_first(void **state) {
    struct hx_http_answer answer;
    (void)state;
    assert_int_equal(query(200, LIST(DUPLICATE "," ROW("Filled", "0.012")), 0).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_int_equal(query(200, LIST(ROW("New", "0") "," DUPLICATE), 1).outcome, HX_OUTCOME_DONE);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR(ORDER_ID)));
    assert_int_equal(query(200, LIST(DUPLICATE "," DUPLICATE), 0).outcome, HX_OUTCOME_ABSENT);
    for (uint32_t stage = 1; stage < HX_BYBIT_STAGES; stage++) {
        bool last = stage + 1 == HX_BYBIT_STAGES;
        answer = answer_of(200, LIST(""));
        enum hx_outcome wanted = last ? HX_OUTCOME_UNKNOWN : HX_OUTCOME_ABSENT;
        assert_int_equal(a->decode_query(&ctx, &answer, sent.symbol, sent.client_order_id, stage, &report).outcome,
                         wanted);
    }
    answer = answer_of(200, "{\"retCode\":110001,\"retMsg\":\"order not exists or too late to cancel\"}");
    assert_int_equal(a->decode_query(&ctx, &answer, sent.symbol, sent.client_order_id, 2, &report).outcome,
                     HX_OUTCOME_UNKNOWN);
    answer = answer_of(200, LIST(EXECUTION("e-1", "0.012", "0", "Trade")));
    assert_int_equal(a->decode_query(&ctx, &answer, sent.symbol, sent.client_order_id, 2, &report).outcome,
                     HX_OUTCOME_DONE);
    /* Bybit's word for absence in the history does not end the search either. */
    report.status = HX_ORDER_REJECTED;
    answer = answer_of(200, "{\"retCode\":170213,\"retMsg\":\"Order does not exist.\"}");
    assert_int_equal(a->decode_query(&ctx, &answer, sent.symbol, sent.client_order_id, 1, &report).outcome,
                     HX_OUTCOME_ABSENT);
    assert_int_equal(report.status, HX_ORDER_REJECTED);
    /* Seen only in the history. */
    assert_int_equal(query(200, LIST(DUPLICATE), 1).outcome, HX_OUTCOME_ABSENT);
    answer = answer_of(200, LIST(""));
    assert_int_equal(a->decode_query(&ctx, &answer, sent.symbol, sent.client_order_id, 2, &report).outcome,
                     HX_OUTCOME_UNKNOWN);
}

static void executions_prove_the_order(void **state) {
    (void)state;
    /* The latest first; what it left of the order says how much was executed, listed or not. */
    assert_int_equal(
        query(200, LIST(EXECUTION("e-2", "0.004", "0", "Trade") "," EXECUTION("e-1", "0.008", "0.004", "Trade")), 2)
            .outcome,
        HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_dec_equal(report.executed_quantity, (hx_dec){12, -3}));
    assert_true(hx_str_equal(report.venue_order_id, HX_STR(ORDER_ID)));
    assert_int_equal(query(200, LIST(EXECUTION("e-2", "0.003", "0.004", "Trade")), 2).outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_PARTIALLY_FILLED);
    assert_true(hx_dec_equal(report.executed_quantity, (hx_dec){8, -3}));
    /* Funding is nobody's order. */
    assert_int_equal(query(200, LIST(EXECUTION("e-9", "1", "", "Funding")), 2).outcome, HX_OUTCOME_ABSENT);
    static const char *const spoilt[][2] = {{ID, "another"},
                                            {"BTCUSDT", "ETHUSDT"},
                                            {ORDER_ID, ""},
                                            {"\"execQty\":\"0.004\"", "\"execQty\":\"0\""},
                                            {"\"execQty\":\"0.004\"", "\"execQty\":\"0.013\""},
                                            {"\"orderQty\":\"0.012\"", "\"orderQty\":\"0\""},
                                            {"\"leavesQty\":\"0.008\"", "\"leavesQty\":\"0.009\""},
                                            {"\"leavesQty\":\"0.008\"", "\"leavesQty\":\"0.013\""},
                                            {"\"leavesQty\":\"0.008\"", "\"leavesQty\":\"-1\""},
                                            {"\"leavesQty\":\"0.008\"", "\"leavesQty\":\"\""}};
    const char *whole = LIST(EXECUTION("e-1", "0.004", "0.008", "Trade"));
    assert_int_equal(query(200, whole, 2).outcome, HX_OUTCOME_DONE);
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        struct hx_venue_verdict verdict = query(200, with(whole, spoilt[i][0], spoilt[i][1]), 2);
        if (verdict.outcome != HX_OUTCOME_UNKNOWN) fail_msg("%s -> %s", spoilt[i][0], spoilt[i][1]);
    }
    /* Two orders under one id. */
    const char *two = LIST(EXECUTION("e-2", "0.004", "0", "Trade") "," EXECUTION("e-1", "0.008", "0.004", "Trade"));
    assert_int_equal(query(200, with(two, ORDER_ID, "another-order"), 2).outcome, HX_OUTCOME_UNKNOWN);
}

#define REFUSED(code) "{\"retCode\":" code ",\"retMsg\":\"words\",\"result\":{},\"retExtInfo\":{},\"time\":1}"

/* One row for each kind of HTTP answer: what it means for an order, and for a query. */
static void statuses_of_http_are_read(void **state) {
    static const struct {
        uint32_t status;
        const char *body;
        enum hx_outcome order, query;
    } table[] = {
        {429, "", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {429, REFUSED("110007"), HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {403, "403, access too frequent", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {403, "{\"error\":\"The Amazon CloudFront distribution is configured to block access from your country.\"}",
         HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {403, "", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {403, REFUSED("10018"), HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {403, REFUSED("10009"), HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {401, "", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {401, REFUSED("10003"), HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {404, "<html>", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, REFUSED("999999"), HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, REFUSED("110007"), HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {400, REFUSED("10016"), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {408, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {408, REFUSED("110007"), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {409, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {500, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {500, REFUSED("110007"), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {502, "<html>", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {503, REFUSED("10006"), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {504, RECEIPT, HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {0, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {200, REFUSED("110007"), HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {200, REFUSED("10000"), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {200, REFUSED("4242"), HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {200, REFUSED("0"), HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct hx_venue_verdict verdict = place(table[i].status, table[i].body);
        if (verdict.outcome != table[i].order) fail_msg("%u %s", table[i].status, table[i].body);
        assert_true(verdict.message.len > 0);
        if (query(table[i].status, table[i].body, 0).outcome != table[i].query) {
            fail_msg("query: %u %s", table[i].status, table[i].body);
        }
    }
}

static struct hx_http_answer with_headers(const char *body, uint32_t status, const char *limit, const char *left,
                                          const char *reset) {
    static struct hx_http_header headers[3];
    headers[0] = (struct hx_http_header){HX_STR("x-bapi-limit"), hx_str_from_c(limit)};
    headers[1] = (struct hx_http_header){HX_STR("X-Bapi-Limit-Status"), hx_str_from_c(left)};
    headers[2] = (struct hx_http_header){HX_STR("X-Bapi-Limit-Reset-Timestamp"), hx_str_from_c(reset)};
    struct hx_http_answer answer = answer_of(status, body);
    answer.headers = headers;
    answer.header_count = 3;
    return answer;
}

/* Of the user's limits Bybit says when they are over; of the address's it asks for ten minutes. */
static void pauses_are_as_long_as_asked(void **state) {
    static const struct {
        const char *reset;
        int64_t pause_ms;
    } table[] = {{"1764000000250", 250},  {"1764000000000", 1000}, {"1763999999999", 1000}, {"x", 1000}, {"", 1000},
                 {"1764009999999", 60000}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct hx_http_answer answer = with_headers(REFUSED("10006"), 200, "10", "0", table[i].reset);
        struct hx_venue_verdict verdict = a->decode_order(&ctx, &answer, &sent, &report);
        assert_int_equal(verdict.outcome, HX_OUTCOME_BUSY);
        assert_int_equal(verdict.retry_after_ms, table[i].pause_ms);
    }
    assert_int_equal(place(200, REFUSED("10006")).retry_after_ms, 1000);
    assert_int_equal(place(200, REFUSED("10018")).retry_after_ms, 600000);
    assert_int_equal(place(403, "access too frequent").retry_after_ms, 600000);
    assert_int_equal(place(429, "").retry_after_ms, 60000);
    assert_int_equal(place(200, REFUSED("10016")).retry_after_ms, 0);
}

static void the_limits_are_read_where_they_speak_of_orders(void **state) {
    static const struct {
        const char *limit, *left;
        int64_t linear, spot;
    } table[] = {{"10", "9", -1, -1}, {"10", "3", -1, -1},  {"10", "2", 10, -1}, {"10", "0", 10, -1},
                 {"20", "5", -1, -1}, {"20", "4", -1, 20},  {"50", "0", -1, -1}, {"", "0", -1, -1},
                 {"10", "", -1, -1},  {"10", "-1", -1, -1}, {"x", "y", -1, -1}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct hx_venue_usage usage = {.used = {7, 7, 7}};
        struct hx_http_answer answer = with_headers(RECEIPT, 200, table[i].limit, table[i].left, "1764000000900");
        hx_bybit_linear.read_usage(&answer, &usage);
        assert_int_equal(usage.used[HX_BYBIT_BUDGET_WEIGHT], -1);
        assert_int_equal(usage.used[HX_BYBIT_BUDGET_ORDERS], table[i].linear);
        assert_int_equal(usage.blocked_for_ms, 0);
        hx_bybit_spot.read_usage(&answer, &usage);
        assert_int_equal(usage.used[HX_BYBIT_BUDGET_ORDERS], table[i].spot);
    }
    struct hx_venue_usage usage = {0};
    struct hx_http_answer answer = answer_of(403, "{\"retMsg\":\"access too frequent.\"}");
    a->read_usage(&answer, &usage);
    assert_int_equal(usage.blocked_for_ms, 600000);
    answer = answer_of(403, "The Amazon CloudFront distribution is configured to block access from your country.");
    a->read_usage(&answer, &usage);
    assert_int_equal(usage.blocked_for_ms, 0);
    answer = answer_of(429, "");
    a->read_usage(&answer, &usage);
    assert_int_equal(usage.blocked_for_ms, 60000);
    answer = answer_of(200, "access too frequent");
    a->read_usage(&answer, &usage);
    assert_int_equal(usage.blocked_for_ms, 0);
}

static struct hx_venue_verdict query_stop(const char *body) {
    struct hx_http_answer answer = answer_of(200, body);
    memset(&stop, 0, sizeof stop);
    return a->decode_stop_query(&ctx, &answer, &sent_stop, &stop);
}

static void stops_are_received_too(void **state) {
    struct hx_http_answer answer = answer_of(200, RECEIPT);
    (void)state;
    assert_int_equal(a->decode_stop(&ctx, &answer, &sent_stop, &stop).outcome, HX_OUTCOME_DONE);
    assert_true(stop.is_ack && stop.waiting && !stop.triggered);
    assert_true(hx_str_equal(stop.venue_stop_id, HX_STR(ORDER_ID)));
    assert_int_equal(stop.venue_order_id.len, 0);
    memset(&stop, 0, sizeof stop);
    answer = answer_of(200, RECEIPT);
    assert_int_equal(a->decode_stop_cancel(&ctx, &answer, &sent_stop, &stop).outcome, HX_OUTCOME_DONE);
    assert_true(stop.is_ack && stop.waiting);
    answer = answer_of(200, REFUSED("110001"));
    assert_int_equal(a->decode_stop_cancel(&ctx, &answer, &sent_stop, &stop).outcome, HX_OUTCOME_ABSENT);
    answer = answer_of(200, REFUSED("110092"));
    assert_int_equal(a->decode_stop(&ctx, &answer, &sent_stop, &stop).outcome, HX_OUTCOME_REJECTED);
    answer = answer_of(200, REFUSED("110072"));
    assert_int_equal(a->decode_stop(&ctx, &answer, &sent_stop, &stop).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(200, with(RECEIPT, ID, "x"));
    assert_int_equal(a->decode_stop(&ctx, &answer, &sent_stop, &stop).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(500, "");
    assert_int_equal(a->decode_stop(&ctx, &answer, &sent_stop, &stop).outcome, HX_OUTCOME_UNKNOWN);
}

/* The order that a stop becomes keeps its id. */
static void a_stop_waits_fires_or_ends(void **state) {
    static const struct {
        const char *status, *executed;
        bool waiting, triggered;
    } table[] = {
        {"Untriggered", "0", true, false},  {"Triggered", "0", false, true},
        {"New", "0", false, true},          {"PartiallyFilled", "0.004", false, true},
        {"Filled", "0.012", false, true},   {"PartiallyFilledCanceled", "0.004", false, true},
        {"Cancelled", "0", false, false},   {"Cancelled", "0.004", false, true},
        {"Deactivated", "0", false, false}, {"Rejected", "0", false, false},
    };
    char part[64];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        snprintf(part, sizeof part, "\"orderStatus\":\"%s\"", table[i].status);
        const char *body = with(FILLED, "\"orderStatus\":\"Filled\"", part);
        snprintf(part, sizeof part, "\"cumExecQty\":\"%s\"", table[i].executed);
        assert_int_equal(query_stop(with(body, "\"cumExecQty\":\"0.012\"", part)).outcome, HX_OUTCOME_DONE);
        assert_int_equal(stop.waiting, table[i].waiting);
        assert_int_equal(stop.triggered, table[i].triggered);
        assert_false(stop.is_ack);
        assert_true(hx_str_equal(stop.venue_stop_id, HX_STR(ORDER_ID)));
        assert_int_equal(stop.venue_order_id.len, table[i].triggered ? strlen(ORDER_ID) : 0);
    }
    assert_int_equal(query_stop(LIST("")).outcome, HX_OUTCOME_ABSENT);
    assert_int_equal(query_stop(LIST(DUPLICATE)).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(query_stop(with(FILLED, "BTCUSDT", "ETHUSDT")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(query_stop(with(FILLED, ID, "x")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(query_stop(with(FILLED, "\"Filled\"", "\"Done\"")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(query_stop(with(FILLED, "\"cumExecQty\":\"0.012\"", "\"cumExecQty\":\"\"")).outcome,
                     HX_OUTCOME_UNKNOWN);
    assert_int_equal(query_stop(with(FILLED, "\"cumExecQty\":\"0.012\"", "\"cumExecQty\":\"-1\"")).outcome,
                     HX_OUTCOME_UNKNOWN);
    /* What waits has not been executed. */
    assert_int_equal(query_stop(with(FILLED, "\"Filled\"", "\"Untriggered\"")).outcome, HX_OUTCOME_UNKNOWN);
    struct hx_venue_verdict verdict =
        query_stop(LIST(ROW_OF(ORDER_ID, "Rejected", "EC_InvalidSymbolStatus", "0.012", "0", "")));
    assert_true(hx_str_starts_with(verdict.message, HX_STR("EC_InvalidSymbolStatus. ")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_receipt_is_no_order, setup),
        cmocka_unit_test_setup(what_is_no_receipt_is_unknown, setup),
        cmocka_unit_test_setup(an_order_is_read_from_a_list, setup),
        cmocka_unit_test_setup(every_status_is_read, setup),
        cmocka_unit_test_setup(a_late_refusal_says_why, setup),
        cmocka_unit_test_setup(what_does_not_fit_is_unknown, setup),
        cmocka_unit_test_setup(an_empty_list_is_absence_there, setup),
        cmocka_unit_test_setup(a_refused_duplicate_proves_the_first, setup),
        cmocka_unit_test_setup(executions_prove_the_order, setup),
        cmocka_unit_test_setup(statuses_of_http_are_read, setup),
        cmocka_unit_test_setup(pauses_are_as_long_as_asked, setup),
        cmocka_unit_test_setup(the_limits_are_read_where_they_speak_of_orders, setup),
        cmocka_unit_test_setup(stops_are_received_too, setup),
        cmocka_unit_test_setup(a_stop_waits_fires_or_ends, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
