/* Covers mexc.c, mexc_auth.c, mexc_limits.c, mexc_errors.c, mexc_answer.c. Goal: nobody gets in without the right key,
 * signature, time and right, nobody stays in who asks too often, and every refusal is in its product's envelope.
 * Method: signatures made elsewhere (the venue's own for spot), every deviation from them, clocks moved around the
 * edges, and counting. */
#include "lab/mexc_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

static int begin(void **state) {
    (void)state;
    mexc_init(&rig, memory);
    return 0;
}

/* Contracts. */

#define CONTRACT_KEY "testApiKey0123456789"
#define CONTRACT_SECRET "testApiSecret9876543210"
#define CONTRACT_TIME ((hx_time)1700000000000)
#define ORDER_BODY                                                                                                 \
    "{\"symbol\":\"BTC_USDT\",\"vol\":1,\"side\":1,\"type\":5,\"openType\":1,\"leverage\":5,\"externalOid\":\"or-" \
    "0001\"}"
#define ORDER_SIGNATURE "a99093fe143bf400f54d1a69d50ad53aec58a23b96b50e2a89d449db0801f781"
#define QUERY "page_num=1&page_size=20&symbol=BTC_USDT"
#define QUERY_SIGNATURE "ed68ff59492c789d62d2a6c0a874844fff64167ef2cdc68876da4775614ca88c"
#define EMPTY_SIGNATURE "d7166f4a7ede0bcf04d008175a687c1a0d61c7d89c38cae0932901224556f43e"

static int begin_contract(void **state) {
    (void)begin(state);
    rig.now = CONTRACT_TIME;
    hx_lab_reset(rig.lab, CONTRACT_TIME);
    hx_lab_set_credentials(rig.lab, HX_STR(CONTRACT_KEY), HX_STR(CONTRACT_SECRET));
    return 0;
}

static void send_as(const char *key, const char *time, const char *signature, const char *path, const char *query,
                    const char *body) {
    const struct hx_http_header headers[] = {{HX_STR("apikey"), hx_str_from_c(key)},
                                             {HX_STR("request-time"), hx_str_from_c(time)},
                                             {HX_STR("signature"), hx_str_from_c(signature)}};
    const enum hx_http_method method = body[0] == 0 ? HX_HTTP_METHOD_GET : HX_HTTP_METHOD_POST;
    (void)mexc_send(&rig, method, path, query, body, headers, 3);
}

#define T "1700000000000"

static void test_contract_vectors(void **state) {
    (void)state;
    send_as(CONTRACT_KEY, T, ORDER_SIGNATURE, MEXC "order/create", "", ORDER_BODY);
    assert_true(mexc_done(&rig));
    send_as(CONTRACT_KEY, T, QUERY_SIGNATURE, MEXC "order/list/open_orders", QUERY, "");
    assert_true(mexc_done(&rig));
    send_as(CONTRACT_KEY, T, QUERY_SIGNATURE, MEXC "order/list/open_orders",
            "symbol=BTC%5FUSDT&page_size=20&page_num=1", "");
    assert_true(mexc_done(&rig));
    send_as(CONTRACT_KEY, T, EMPTY_SIGNATURE, MEXC "account/assets", "", "");
    assert_true(mexc_done(&rig));
    assert_int_equal(hx_lab_order_count(rig.lab), 1);
}

/* One byte, one digit, another case, another place, another key: none of it gets in. */
static void test_contract_wrong(void **state) {
    (void)state;
    static const struct {
        const char *key, *time, *signature, *path, *query, *body;
        int64_t code;
    } rows[] = {
        {"", T, EMPTY_SIGNATURE, MEXC "account/assets", "", "", 401},
        {"someone", T, EMPTY_SIGNATURE, MEXC "account/assets", "", "", 401},
        {CONTRACT_KEY, T, "", MEXC "account/assets", "", "", 602},
        {CONTRACT_KEY, T, EMPTY_SIGNATURE "0", MEXC "account/assets", "", "", 602},
        {CONTRACT_KEY, T, "D7166F4A7EDE0BCF04D008175A687C1A0D61C7D89C38CAE0932901224556F43E", MEXC "account/assets", "",
         "", 602},
        {CONTRACT_KEY, "1700000000001", EMPTY_SIGNATURE, MEXC "account/assets", "", "", 602},
        {CONTRACT_KEY, T, EMPTY_SIGNATURE, MEXC "account/assets", "a=1", "", 602},
        {CONTRACT_KEY, T, QUERY_SIGNATURE, MEXC "order/list/open_orders", "page_num=2&page_size=20&symbol=BTC_USDT", "",
         602},
        {CONTRACT_KEY, T, ORDER_SIGNATURE, MEXC "order/create", "", ORDER_BODY " ", 602},
        {CONTRACT_KEY, T, ORDER_SIGNATURE, MEXC "order/create", "vol=2", ORDER_BODY, 600},
        {CONTRACT_KEY, "", EMPTY_SIGNATURE, MEXC "account/assets", "", "", 513},
        {CONTRACT_KEY, "now", EMPTY_SIGNATURE, MEXC "account/assets", "", "", 513},
        {CONTRACT_KEY, "-1", EMPTY_SIGNATURE, MEXC "account/assets", "", "", 513},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        send_as(rows[i].key, rows[i].time, rows[i].signature, rows[i].path, rows[i].query, rows[i].body);
        if (!mexc_refused(&rig, rows[i].code)) fail_msg("row %zu: %s", i, rig.text);
    }
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
}

/* Recv-Window is in seconds, 10 when it is not sent, and counts both ways. */
static void test_contract_time(void **state) {
    (void)state;
    static const struct {
        int64_t offset_ms;
        const char *window;
        int64_t code;
    } rows[] = {
        {0, "", 0},      {-10000, "", 0},   {-10001, "", 513}, {10000, "", 0},    {10001, "", 513},
        {-5000, "5", 0}, {-5001, "5", 513}, {5001, "5", 513},  {-60000, "60", 0}, {-60001, "60", 513},
        {0, "61", 600},  {0, "0", 600},     {0, "5000", 600},  {0, "x", 600},     {999, "1", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)mexc_contract_at(&rig, HX_HTTP_METHOD_GET, MEXC "account/assets", "", "", "", rig.now + rows[i].offset_ms,
                               rows[i].window);
        const bool as_wanted = rows[i].code == 0 ? mexc_done(&rig) : mexc_refused(&rig, rows[i].code);
        if (!as_wanted) fail_msg("row %zu: %s", i, rig.text);
    }
    hx_lab_set_skew(rig.lab, 6000);
    (void)mexc_get(&rig, MEXC "account/assets", "");
    assert_true(mexc_refused(&rig, 513));
    (void)mexc_public(&rig, "/api/v1/contract/ping", "");
    assert_int_equal(rig_number(&rig, "data"), rig.now + 6000);
}

/* A body that is not JSON, numbers that are text, exponents, too much of everything. */
static void test_contract_bodies(void **state) {
    (void)state;
#define WITH(vol) "{\"symbol\":\"BTC_USDT\",\"side\":1,\"type\":5,\"openType\":2,\"vol\":" vol "}"
    static const struct {
        const char *body;
        int64_t code;
    } rows[] = {
        {"{", 601},
        {"symbol=BTC_USDT", 601},
        {"[]", 600},
        {"{}", 600},
        {WITH("\"1\""), 600},
        {WITH("1e1"), 600},
        {WITH("-1"), 600},
        {WITH("null"), 600},
        {WITH("true"), 600},
        {WITH("0"), 2011},
        {WITH("1.5"), 2015},
        {WITH("1.0000000000001"), 2015},
        {WITH("2000000"), 2028},
        {WITH("99999999999"), 600},
    };
    hx_lab_set_limits_enforced(rig.lab, false);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)mexc_post(&rig, MEXC "order/create", rows[i].body);
        if (!mexc_refused(&rig, rows[i].code)) fail_msg("row %zu: %s", i, rig.text);
    }
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
}

static void test_contract_rights(void **state) {
    (void)state;
    struct hx_lab_key_rights rights = {.can_read = true, .can_trade_spot = true};
    hx_lab_set_key_rights(rig.lab, &rights);
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_true(mexc_refused(&rig, 704));
    (void)mexc_post(&rig, MEXC "position/change_position_mode", "{\"positionMode\":1}");
    assert_true(mexc_refused(&rig, 704));
    (void)mexc_post(&rig, MEXC "order/batch_query_with_external", "[{\"symbol\":\"BTC_USDT\",\"externalOid\":\"a\"}]");
    assert_true(mexc_done(&rig));
    rights = (struct hx_lab_key_rights){.can_trade_futures = true};
    hx_lab_set_key_rights(rig.lab, &rights);
    (void)mexc_get(&rig, MEXC "account/assets", "");
    assert_true(mexc_refused(&rig, 701));
    (void)mexc_get(&rig, MEXC "position/open_positions", "");
    assert_true(mexc_refused(&rig, 703));
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_true(mexc_done(&rig));
    (void)mexc_spot(&rig, HX_HTTP_METHOD_GET, "/api/v3/account", "");
    assert_true(mexc_spot_refused(&rig, 400, 700007));
    (void)mexc_spot_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=10");
    assert_true(mexc_spot_refused(&rig, 400, 700007));
}

/* Four placements in two seconds, counted for each endpoint by itself and by the venue's clock. */
static void test_contract_limits(void **state) {
    (void)state;
    rig.now = RIG_NOW - RIG_NOW % 2000 + 2000;
    for (uint32_t i = 0; i < 4; i++) {
        (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
        assert_true(mexc_done(&rig));
    }
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_true(mexc_refused(&rig, 510));
    (void)mexc_get(&rig, MEXC "account/assets", "");
    assert_true(mexc_done(&rig));
    rig.now += 1999;
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_true(mexc_refused(&rig, 510));
    rig.now += 1;
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_true(mexc_done(&rig));
    for (uint32_t i = 0; i < 9; i++) (void)mexc_public(&rig, "/api/v1/contract/detail", "symbol=BTC_USDT");
    assert_true(mexc_done(&rig));
    (void)mexc_public(&rig, "/api/v1/contract/detail", "symbol=BTC_USDT");
    (void)mexc_public(&rig, "/api/v1/contract/detail", "symbol=BTC_USDT");
    assert_true(mexc_refused(&rig, 510));
    hx_lab_set_limits_enforced(rig.lab, false);
    (void)mexc_public(&rig, "/api/v1/contract/detail", "symbol=BTC_USDT");
    assert_true(mexc_done(&rig));
}

/* Spot. */

#define SPOT_KEY "mx0aBYs33eIilxBWC5"
#define SPOT_SECRET "45d0b3c26f2644f19bfb98b07741b2f5"
#define SPOT_TIME ((hx_time)1644489390087)
#define SPOT_QUERY "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=11&recvWindow=5000&timestamp=1644489390087"
#define SPOT_SIGNATURE "fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a"
#define SPLIT_QUERY "symbol=BTCUSDT&side=BUY&type=LIMIT"
#define SPLIT_BODY "quantity=1&price=11&recvWindow=5000&timestamp=1644489390087"
#define SPLIT_SIGNATURE "d1a676610ceb39174c8039b3f548357994b2a34139a8addd33baadba65684592"

static int begin_spot(void **state) {
    (void)begin(state);
    rig.now = SPOT_TIME;
    hx_lab_reset(rig.lab, SPOT_TIME);
    hx_lab_set_credentials(rig.lab, HX_STR(SPOT_KEY), HX_STR(SPOT_SECRET));
    rig_pin_spot(&rig, "BTCUSDT", "12");
    return 0;
}

static uint32_t spot_as(const char *key, const char *query, const char *body) {
    const struct hx_http_header headers[] = {{HX_STR("x-mexc-apikey"), hx_str_from_c(key)}};
    return mexc_send(&rig, HX_HTTP_METHOD_POST, "/api/v3/order", query, body, headers, key[0] == '-' ? 0 : 1);
}

/* The venue's vectors: in the query, in the body, and split between them without an ampersand. */
static void test_spot_vectors(void **state) {
    (void)state;
    assert_int_equal(spot_as(SPOT_KEY, SPOT_QUERY "&signature=" SPOT_SIGNATURE, ""), 200);
    assert_int_equal(spot_as(SPOT_KEY, "", SPOT_QUERY "&signature=" SPOT_SIGNATURE), 200);
    assert_int_equal(spot_as(SPOT_KEY, SPLIT_QUERY, SPLIT_BODY "&signature=" SPLIT_SIGNATURE), 200);
    assert_int_equal(hx_lab_order_count(rig.lab), 3);
}

static void test_spot_wrong(void **state) {
    (void)state;
    static const struct {
        const char *key, *query, *body;
        int64_t code;
    } rows[] = {
        {"-", SPOT_QUERY "&signature=" SPOT_SIGNATURE, "", 400},
        {"", SPOT_QUERY "&signature=" SPOT_SIGNATURE, "", 700001},
        {"someone", SPOT_QUERY "&signature=" SPOT_SIGNATURE, "", 10072},
        {SPOT_KEY, SPOT_QUERY, "", 700002},
        {SPOT_KEY, SPOT_QUERY "&signature=", "", 700002},
        {SPOT_KEY, SPOT_QUERY "&signature=" SPLIT_SIGNATURE, "", 700002},
        {SPOT_KEY, SPOT_QUERY "&signature=FD3E4E8543C5188531EB7279D68AE7D26A573D0FC5AB0D18EB692451654D837A", "",
         700002},
        {SPOT_KEY, SPOT_QUERY "&signature=" SPOT_SIGNATURE "&a=1", "", 700002},
        {SPOT_KEY, SPLIT_QUERY "&", SPLIT_BODY "&signature=" SPLIT_SIGNATURE, 700002},
        {SPOT_KEY, "symbol=BTCUSDT&signature=00", "", 10073},
        {SPOT_KEY, "symbol=BTCUSDT&timestamp=x&signature=00", "", 10073},
        {SPOT_KEY, "symbol=BTCUSDT&symbol=BTCUSDT&timestamp=1644489390087&signature=00", "", 33333},
        {SPOT_KEY, "recvWindow=60001&timestamp=1644489390087&signature=00", "", 700005},
        {SPOT_KEY, "recvWindow=x&timestamp=1644489390087&signature=00", "", 700008},
    };
    hx_lab_set_limits_enforced(rig.lab, false);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)spot_as(rows[i].key, rows[i].query, rows[i].body);
        if (!mexc_spot_refused(&rig, 400, rows[i].code)) fail_msg("row %zu: %s", i, rig.text);
    }
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
}

/* What is percent-encoded must be so with upper-case hex. */
static void test_spot_escapes(void **state) {
    (void)state;
    assert_int_equal(mexc_spot(&rig, HX_HTTP_METHOD_DELETE, "/api/v3/openOrders", "symbol=BTCUSDT%2CETHUSDT"), 200);
    (void)mexc_spot(&rig, HX_HTTP_METHOD_DELETE, "/api/v3/openOrders", "symbol=BTCUSDT%2cETHUSDT");
    assert_true(mexc_spot_refused(&rig, 400, 700002));
}

static void test_spot_time(void **state) {
    (void)state;
    static const struct {
        int64_t offset_ms;
        const char *window;
        int64_t code;
    } rows[] = {
        {0, "", 0},
        {-5000, "", 0},
        {-5001, "", 700003},
        {999, "", 0},
        {1000, "", 700003},
        {-1, "recvWindow=0&", 700003},
        {0, "recvWindow=0&", 0},
        {-60000, "recvWindow=60000&", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)mexc_spot_at(&rig, HX_HTTP_METHOD_GET, "/api/v3/account", "", rig.now + rows[i].offset_ms,
                           rows[i].window);
        const bool as_wanted =
            rows[i].code == 0 ? rig.answer.status == 200 : mexc_spot_refused(&rig, 400, rows[i].code);
        if (!as_wanted) fail_msg("row %zu: %s", i, rig.text);
    }
}

/* 500 in ten seconds for each endpoint, then 429; whoever goes on is shut out. Orders and cancels are twelve a second
 * together. */
static void test_spot_limits(void **state) {
    (void)state;
    hx_lab_set_limits_in(rig.lab, HX_LAB_SPOT, 0, 0, 0, 2);
    rig.now = RIG_NOW - RIG_NOW % 10000 + 12000;
    for (uint32_t i = 0; i < 50; i++) {
        assert_int_equal(mexc_public(&rig, "/api/v3/exchangeInfo", "symbol=BTCUSDT"), 200);
    }
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(mexc_public(&rig, "/api/v3/exchangeInfo", "symbol=BTCUSDT"), 429);
        assert_int_equal(rig_number(&rig, "code"), 429);
        assert_true(hx_str_equal(rig_header(&rig, "Retry-After"), HX_STR("8")));
    }
    assert_int_equal(mexc_public(&rig, "/api/v3/exchangeInfo", "symbol=BTCUSDT"), 418);
    assert_true(hx_str_equal(rig_header(&rig, "Retry-After"), HX_STR("120")));
    rig.now += 60000;
    assert_int_equal(mexc_public(&rig, "/api/v3/time", ""), 418);
    rig.now += 60000;
    assert_int_equal(mexc_public(&rig, "/api/v3/time", ""), 200);
    for (uint32_t i = 0; i < 12; i++) {
        assert_int_equal(mexc_spot_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=10"), 200);
    }
    assert_int_equal(mexc_spot(&rig, HX_HTTP_METHOD_DELETE, "/api/v3/order", "symbol=BTCUSDT&orderId=1"), 429);
    assert_true(hx_str_equal(rig_header(&rig, "Retry-After"), HX_STR("1")));
    rig.now += 1000;
    (void)mexc_spot(&rig, HX_HTTP_METHOD_DELETE, "/api/v3/order", "symbol=BTCUSDT&orderId=1");
    assert_true(mexc_spot_refused(&rig, 400, -2011));
}

/* Faults in the words of each product. */
static void apply(struct hx_lab_fault fault) {
    hx_lab_clear_faults(rig.lab);
    fault.count = 1;
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &fault)));
}

static void test_faults(void **state) {
    (void)state;
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order"});
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_true(mexc_refused(&rig, 604));
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order"});
    (void)mexc_spot_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=10");
    assert_true(mexc_spot_refused(&rig, 503, 503));
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .code = 2037});
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_true(mexc_refused(&rig, 2037));
    assert_true(mexc_says(&rig, "Frequent transactions"));
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .code = 500});
    (void)mexc_spot_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=10");
    assert_true(mexc_spot_refused(&rig, 500, 500));
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .code = 777777});
    (void)mexc_spot_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=10");
    assert_true(mexc_spot_refused(&rig, 400, 777777));
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 504, .executes = true, .match = "order"});
    assert_int_equal(mexc_post(&rig, MEXC "order/create", WITH("1")), 504);
    assert_int_equal(hx_lab_order_count(rig.lab), 1);
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 429, .retry_after_s = 3});
    assert_int_equal(mexc_post(&rig, MEXC "order/create", WITH("1")), 429);
    assert_int_equal(rig_number(&rig, "code"), 510);
    assert_true(hx_str_equal(rig_header(&rig, "Retry-After"), HX_STR("3")));
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 418});
    (void)mexc_spot_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=10");
    assert_true(mexc_spot_refused(&rig, 418, 429));
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .match = "order", .symbol = "BTCUSDT"});
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    assert_int_equal(hx_lab_order_count(rig.lab), 2);
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_HALT, .symbol = "BTCUSDT"});
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_true(mexc_refused(&rig, 1002));
}

#define BIG "{\"symbol\":\"BTC_USDT\",\"side\":1,\"type\":5,\"vol\":1000,\"openType\":2,\"externalOid\":\"big\"}"
#define SPEND "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=1000&newClientOrderId=big"

/* What is left over ends as each product says it. */
static void test_faults_partial(void **state) {
    (void)state;
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_PARTIAL, .fill_permille = 250});
    (void)mexc_post(&rig, MEXC "order/create", BIG);
    (void)mexc_get(&rig, MEXC "order/external/BTC_USDT/big", "");
    assert_true(mexc_says(&rig, "\"dealVol\":250,"));
    assert_true(mexc_says(&rig, "\"state\":4,"));
    assert_true(mexc_says(&rig, "\"errorCode\":21,"));
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_PARTIAL, .fill_permille = 250});
    (void)mexc_spot_order(&rig, SPEND);
    (void)mexc_spot(&rig, HX_HTTP_METHOD_GET, "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=big");
    assert_true(rig_is(&rig, "executedQty", "0.0025"));
    assert_true(rig_is(&rig, "status", "PARTIALLY_CANCELED"));
}

static void test_faults_split(void **state) {
    (void)state;
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_SPLIT, .parts = 3});
    (void)mexc_post(&rig, MEXC "order/create", BIG);
    (void)mexc_get(&rig, MEXC "order/list/order_deals/v3", "symbol=BTC_USDT");
    assert_int_equal(rig_count(&rig, "\"vol\""), 3);
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_SPLIT, .parts = 3});
    (void)mexc_spot_order(&rig, SPEND);
    (void)mexc_spot(&rig, HX_HTTP_METHOD_GET, "/api/v3/myTrades", "symbol=BTCUSDT");
    assert_int_equal(rig_count(&rig, "\"qty\""), 3);
}

static void test_faults_skew(void **state) {
    (void)state;
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_CLOCK_SKEW, .skew_ms = -6000});
    (void)mexc_post(&rig, MEXC "order/create", BIG);
    assert_true(mexc_refused(&rig, 513));
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_CLOCK_SKEW, .skew_ms = 6000});
    (void)mexc_spot_order(&rig, SPEND);
    assert_true(mexc_spot_refused(&rig, 400, 700003));
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
    (void)mexc_post(&rig, MEXC "order/create", BIG);
    assert_true(mexc_done(&rig));
}

/* The order is there, and its answer is half of one, a page, nothing, or late. */
static void test_faults_garbage(void **state) {
    (void)state;
    for (uint32_t variant = 0; variant < 3; variant++) {
        apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_GARBAGE, .match = "order", .variant = variant});
        (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
        assert_int_equal(hx_lab_order_count(rig.lab), variant + 1);
        const hx_str body = rig.answer.body;
        assert_true(variant == 2 ? body.len == 0 : body.data[0] == (variant == 0 ? '{' : '<'));
        assert_true(variant == 2 || body.data[body.len - 1] != '}');
    }
    apply((struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE, .match = "order", .delay_ms = 7000});
    (void)mexc_spot_order(&rig, SPEND);
    assert_int_equal(rig.answer.delay_ms, 7000);
    assert_int_equal(hx_lab_order_count(rig.lab), 4);
}

/* A request that arrives late brings the headers that it is signed with, and its time is checked then. */
static void test_late(void **state) {
    (void)state;
    struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_LATE_PROCESS, .match = "order", .count = 3, .delay_ms = 4000};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &fault)));
    (void)mexc_post(&rig, MEXC "order/create", WITH("1"));
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    (void)mexc_spot_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=10");
    (void)mexc_contract_at(&rig, HX_HTTP_METHOD_POST, MEXC "order/create", "", WITH("1"), WITH("1"), rig.now, "3");
    hx_lab_advance(rig.lab, rig.now + 3999);
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
    hx_lab_advance(rig.lab, rig.now + 4001);
    assert_int_equal(hx_lab_order_count(rig.lab), 2);
    struct hx_lab_order_view order;
    hx_lab_get_order(rig.lab, 0, &order);
    assert_int_equal(order.request_timestamp, rig.now);
}

static void test_unknown(void **state) {
    (void)state;
    assert_int_equal(mexc_public(&rig, "/api/v3/userDataStream", ""), 404);
    assert_true(mexc_says(&rig, "\"msg\""));
    assert_int_equal(mexc_public(&rig, "/api/v1/private/order", ""), 404);
    assert_true(mexc_says(&rig, "\"success\":false"));
    assert_int_equal(mexc_public(&rig, MEXC "order/create", ""), 404);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_contract_vectors, begin_contract),
        cmocka_unit_test_setup(test_contract_wrong, begin_contract),
        cmocka_unit_test_setup(test_contract_time, begin),
        cmocka_unit_test_setup(test_contract_bodies, begin),
        cmocka_unit_test_setup(test_contract_rights, begin),
        cmocka_unit_test_setup(test_contract_limits, begin),
        cmocka_unit_test_setup(test_spot_vectors, begin_spot),
        cmocka_unit_test_setup(test_spot_wrong, begin_spot),
        cmocka_unit_test_setup(test_spot_escapes, begin),
        cmocka_unit_test_setup(test_spot_time, begin),
        cmocka_unit_test_setup(test_spot_limits, begin),
        cmocka_unit_test_setup(test_faults, begin),
        cmocka_unit_test_setup(test_faults_partial, begin),
        cmocka_unit_test_setup(test_faults_split, begin),
        cmocka_unit_test_setup(test_faults_skew, begin),
        cmocka_unit_test_setup(test_faults_garbage, begin),
        cmocka_unit_test_setup(test_late, begin),
        cmocka_unit_test_setup(test_unknown, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
