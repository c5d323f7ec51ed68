/* Covers mexc_spot.c, mexc_spot_market.c, mexc_spot_order.c, mexc_spot_account.c. Goal: spot orders are placed,
 * refused, cancelled and found as MEXC says, and the account is right to the last digit. Method: requests at pinned
 * prices, answers against figures worked out by hand. */
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
    hx_lab_set_limits_enforced(rig.lab, false);
    return 0;
}

#define GET HX_HTTP_METHOD_GET
#define DELETE HX_HTTP_METHOD_DELETE
#define BTC "symbol=BTCUSDT&"
#define LIMIT BTC "side=BUY&type=LIMIT&"

static void order(const char *params) {
    if (mexc_spot_order(&rig, params) != 200) fail_msg("%s: %s", params, rig.text);
}

static void get(const char *path, const char *params) {
    if (mexc_spot(&rig, GET, path, params) != 200) fail_msg("%s: %s", params, rig.text);
}

static void ask(const char *id) {
    char params[128];
    (void)snprintf(params, sizeof params, BTC "origClientOrderId=%s", id);
    get("/api/v3/order", params);
}

static void test_market(void **state) {
    (void)state;
    (void)mexc_public(&rig, "/api/v3/time", "");
    assert_int_equal(rig_number(&rig, "serverTime"), rig.now);
    (void)mexc_public(&rig, "/api/v3/ping", "");
    assert_string_equal(rig.text, "{}");
    (void)mexc_public(&rig, "/api/v3/exchangeInfo", "symbol=BTCUSDT");
    static const char *const wanted[] = {"\"symbol\":\"BTCUSDT\",",
                                         "\"status\":\"1\",",
                                         "\"baseAssetPrecision\":5,",
                                         "\"quotePrecision\":2,",
                                         "\"quoteAmountPrecision\":\"5\"",
                                         "\"baseSizePrecision\":\"0.00001\"",
                                         "\"maxQuoteAmount\":\"2000000\"",
                                         "\"quoteAmountPrecisionMarket\":\"5\"",
                                         "\"takerCommission\":\"0.0005\"",
                                         "\"isSpotTradingAllowed\":true",
                                         "\"FILL_OR_KILL\"",
                                         "PERCENT_PRICE_BY_SIDE"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (!mexc_says(&rig, wanted[i])) fail_msg("%s in %s", wanted[i], rig.text);
    }
    assert_int_equal(rig_count(&rig, "\"baseAsset\""), 1);
    (void)mexc_public(&rig, "/api/v3/exchangeInfo", "symbols=BTCUSDT,ETHUSDT");
    assert_int_equal(rig_count(&rig, "\"baseAsset\""), 2);
    (void)mexc_public(&rig, "/api/v3/exchangeInfo", "");
    assert_int_equal(rig_count(&rig, "\"baseAsset\""), 7);
    assert_int_equal(rig_count(&rig, "\"status\":\"2\""), 1);
    (void)mexc_public(&rig, "/api/v3/exchangeInfo", "symbol=BTC_USDT");
    assert_true(mexc_spot_refused(&rig, 400, -1121));
    (void)mexc_public(&rig, "/api/v3/defaultSymbols", "");
    assert_true(mexc_says(&rig, "{\"code\":200,\"data\":[\"BTCUSDT\","));
    assert_false(mexc_says(&rig, "SRMUSDT"));
    get("/api/v3/selfSymbols", "");
    assert_true(mexc_says(&rig, "\"msg\":null"));
    (void)mexc_public(&rig, "/api/v3/ticker/price", "symbol=BTCUSDT");
    assert_string_equal(rig.text, "{\"symbol\":\"BTCUSDT\",\"price\":\"100000\"}");
    (void)mexc_public(&rig, "/api/v3/ticker/bookTicker", "");
    assert_int_equal(rig_count(&rig, "\"bidPrice\""), 7);
    (void)mexc_public(&rig, "/api/v3/avgPrice", "symbol=BTCUSDT");
    assert_string_equal(rig.text, "{\"mins\":5,\"price\":\"100000\"}");
    (void)mexc_public(&rig, "/api/v3/avgPrice", "");
    assert_true(mexc_spot_refused(&rig, 400, 44444));
}

/* The answer has no status and no fills, and the id is text. */
static void test_place(void **state) {
    (void)state;
    order(BTC "side=BUY&type=MARKET&quoteOrderQty=1000&newClientOrderId=one");
    assert_true(mexc_says(&rig, "{\"symbol\":\"BTCUSDT\",\"orderId\":\"C02__560000000000000001\",\"orderListId\":-1,"));
    assert_true(mexc_says(&rig, "\"type\":\"MARKET\",\"side\":\"BUY\","));
    assert_int_equal(rig_number(&rig, "transactTime"), rig.now);
    assert_int_equal(rig_count(&rig, "status"), 0);
    assert_int_equal(rig_count(&rig, "fills"), 0);
    ask("one");
    static const char *const wanted[] = {"\"orderId\":\"C02__560000000000000001\",",
                                         "\"clientOrderId\":\"one\",",
                                         "\"price\":\"0\",",
                                         "\"origQty\":\"0.01\",",
                                         "\"executedQty\":\"0.01\",",
                                         "\"cummulativeQuoteQty\":\"1000\",",
                                         "\"status\":\"FILLED\",",
                                         "\"timeInForce\":null,",
                                         "\"type\":\"MARKET\",",
                                         "\"side\":\"BUY\",",
                                         "\"origQuoteOrderQty\":\"1000\""};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (!mexc_says(&rig, wanted[i])) fail_msg("%s in %s", wanted[i], rig.text);
    }
    get("/api/v3/order", BTC "orderId=C02__560000000000000001");
    assert_true(rig_is(&rig, "clientOrderId", "one"));
    order(BTC "side=SELL&type=MARKET&quantity=0.005");
    get("/api/v3/order", BTC "orderId=C02__560000000000000002");
    assert_true(mexc_says(&rig, "\"clientOrderId\":null,"));
    assert_true(mexc_says(&rig, "\"cummulativeQuoteQty\":\"500\","));
}

/* How long an order lives is its type. */
static void test_types(void **state) {
    (void)state;
    static const struct {
        const char *type, *price, *status;
    } rows[] = {
        {"LIMIT", "99000", "NEW"},
        {"LIMIT", "100000", "FILLED"},
        {"LIMIT_MAKER", "99000", "NEW"},
        {"LIMIT_MAKER", "100000", "CANCELED"},
        {"IMMEDIATE_OR_CANCEL", "99000", "CANCELED"},
        {"IMMEDIATE_OR_CANCEL", "100000", "FILLED"},
        {"FILL_OR_KILL", "99000", "CANCELED"},
        {"FILL_OR_KILL", "100000", "FILLED"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char params[192];
        char id[8];
        (void)snprintf(id, sizeof id, "t%zu", i);
        (void)snprintf(params, sizeof params, BTC "side=BUY&type=%s&quantity=0.001&price=%s&newClientOrderId=%s",
                       rows[i].type, rows[i].price, id);
        order(params);
        ask(id);
        if (!rig_is(&rig, "status", rows[i].status)) fail_msg("row %zu: %s", i, rig.text);
        assert_true(rig_is(&rig, "type", rows[i].type));
    }
    struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_PARTIAL, .fill_permille = 500, .count = 2};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &fault)));
    order(BTC "side=BUY&type=IMMEDIATE_OR_CANCEL&quantity=0.002&price=100000&newClientOrderId=half");
    ask("half");
    assert_true(rig_is(&rig, "status", "PARTIALLY_CANCELED"));
    assert_true(rig_is(&rig, "executedQty", "0.001"));
    order(BTC "side=BUY&type=LIMIT&quantity=0.002&price=100000&newClientOrderId=rest");
    ask("rest");
    assert_true(rig_is(&rig, "status", "PARTIALLY_FILLED"));
    assert_int_equal(mexc_spot(&rig, DELETE, "/api/v3/order", BTC "origClientOrderId=rest"), 200);
    assert_true(rig_is(&rig, "status", "PARTIALLY_CANCELED"));
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *params;
        int64_t code;
    } rows[] = {
        {"side=BUY&type=LIMIT&quantity=1&price=1", 44444},
        {"symbol=NOUSDT&side=BUY&type=LIMIT&quantity=1&price=1", 10007},
        {"symbol=SRMUSDT&side=BUY&type=LIMIT&quantity=100&price=0.3", 30016},
        {BTC "side=HOLD&type=LIMIT&quantity=1&price=1", 30001},
        {BTC "side=BUY&type=STOP_LOSS&quantity=1&price=1", 30041},
        {BTC "side=BUY&quantity=1&price=1", 44444},
        {LIMIT "price=99000", 44444},
        {LIMIT "quantity=0.001", 44444},
        {LIMIT "quantity=x&price=99000", 700008},
        {LIMIT "quantity=0&price=99000", 10097},
        {LIMIT "quantity=0.000001&price=99000", 10096},
        {LIMIT "quantity=0.00001&price=99000", 30002},
        {LIMIT "quantity=0.001&price=99000.001", 10096},
        {LIMIT "quantity=0.001&price=0", 30010},
        {LIMIT "quantity=0.001&price=500000.01", 30087},
        {LIMIT "quantity=25&price=99000", 30003},
        {LIMIT "quantity=1.1&price=99000", 30004},
        {BTC "side=SELL&type=LIMIT&quantity=1&price=101000", 30005},
        {BTC "side=SELL&type=MARKET&quantity=0.5", 30005},
        {BTC "side=BUY&type=MARKET&quoteOrderQty=4.99", 30002},
        {BTC "side=BUY&type=MARKET&quoteOrderQty=0", 10097},
        {BTC "side=BUY&type=MARKET&quoteOrderQty=100001", 30003},
        {BTC "side=BUY&type=MARKET&quantity=0.01", 44444},
        {BTC "side=SELL&type=MARKET&quoteOrderQty=100", 44444},
        {LIMIT "quantity=0.001&price=99000&newClientOrderId=a%20b", 700008},
        {LIMIT "quantity=0.001&price=99000&newClientOrderId=123456789012345678901234567890123", 700008},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)mexc_spot_order(&rig, rows[i].params);
        if (!mexc_spot_refused(&rig, 400, rows[i].code)) fail_msg("%s: %s", rows[i].params, rig.text);
        (void)mexc_spot(&rig, HX_HTTP_METHOD_POST, "/api/v3/order/test", rows[i].params);
        if (!mexc_spot_refused(&rig, 400, rows[i].code)) fail_msg("%s: %s", rows[i].params, rig.text);
    }
    order(BTC "side=BUY&type=MARKET&quoteOrderQty=60000");
    (void)mexc_spot_order(&rig, BTC "side=BUY&type=MARKET&quoteOrderQty=60000");
    assert_true(mexc_spot_refused(&rig, 400, 10101));
    assert_int_equal(hx_lab_order_count(rig.lab), 1);
    assert_int_equal(mexc_spot(&rig, HX_HTTP_METHOD_POST, "/api/v3/order/test", LIMIT "quantity=0.001&price=99000"),
                     200);
    assert_string_equal(rig.text, "{}");
    assert_int_equal(hx_lab_order_count(rig.lab), 1);
}

/* The documents do not say what a second order of the same id is: another order, until the rule is set. */
static void test_ids(void **state) {
    (void)state;
    order(LIMIT "quantity=0.001&price=99000&newClientOrderId=one");
    order(LIMIT "quantity=0.002&price=99000&newClientOrderId=one");
    ask("one");
    assert_true(rig_is(&rig, "origQty", "0.002"));
    hx_lab_set_id_rule(rig.lab, HX_LAB_SPOT, HX_LAB_ID_UNIQUE_SYMBOL);
    (void)mexc_spot_order(&rig, LIMIT "quantity=0.001&price=99000&newClientOrderId=one");
    assert_true(mexc_spot_refused(&rig, 400, -2010));
}

static void test_query(void **state) {
    (void)state;
    (void)mexc_spot(&rig, GET, "/api/v3/order", BTC "origClientOrderId=nobody");
    assert_true(mexc_spot_refused(&rig, 400, -2013));
    (void)mexc_spot(&rig, GET, "/api/v3/order", BTC "orderId=C02__1");
    assert_true(mexc_spot_refused(&rig, 400, -2013));
    (void)mexc_spot(&rig, GET, "/api/v3/order", "symbol=BTCUSDT");
    assert_true(mexc_spot_refused(&rig, 400, 700004));
    order(LIMIT "quantity=0.001&price=99000&newClientOrderId=one");
    (void)mexc_spot(&rig, GET, "/api/v3/order", "symbol=ETHUSDT&orderId=C02__560000000000000001");
    assert_true(mexc_spot_refused(&rig, 400, -2013));
    hx_lab_set_lookup_lag(rig.lab, 300);
    order(LIMIT "quantity=0.001&price=99000&newClientOrderId=two");
    (void)mexc_spot(&rig, GET, "/api/v3/order", BTC "origClientOrderId=two");
    assert_true(mexc_spot_refused(&rig, 400, -2013));
    rig.now += 300;
    ask("two");
    assert_true(mexc_says(&rig, "\"isWorking\":true"));
}

static void test_cancel(void **state) {
    (void)state;
    order(LIMIT "quantity=0.001&price=99000&newClientOrderId=one");
    assert_int_equal(mexc_spot(&rig, DELETE, "/api/v3/order", BTC "origClientOrderId=one&newClientOrderId=c"), 200);
    assert_true(rig_is(&rig, "origClientOrderId", "one"));
    assert_true(rig_is(&rig, "clientOrderId", "c"));
    assert_true(rig_is(&rig, "status", "CANCELED"));
    (void)mexc_spot(&rig, DELETE, "/api/v3/order", BTC "origClientOrderId=one");
    assert_true(mexc_spot_refused(&rig, 400, -2011));
    (void)mexc_spot(&rig, DELETE, "/api/v3/order", BTC "orderId=C02__560000000000000009");
    assert_true(mexc_spot_refused(&rig, 400, -2011));
    order(LIMIT "quantity=0.001&price=99000");
    order(LIMIT "quantity=0.001&price=98000");
    order("symbol=ETHUSDT&side=BUY&type=LIMIT&quantity=0.01&price=3000");
    (void)mexc_post(&rig, MEXC "order/create",
                    "{\"symbol\":\"BTC_USDT\",\"side\":1,\"type\":1,\"price\":99000,\"openType\":2,\"vol\":1}");
    get("/api/v3/openOrders", "");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 3);
    get("/api/v3/openOrders", "symbol=BTCUSDT");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 2);
    assert_int_equal(mexc_spot(&rig, DELETE, "/api/v3/openOrders", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_count(&rig, "\"status\":\"CANCELED\""), 2);
    (void)mexc_spot(&rig, DELETE, "/api/v3/openOrders", "");
    assert_true(mexc_spot_refused(&rig, 400, 44444));
    (void)mexc_spot(&rig, DELETE, "/api/v3/openOrders", "symbol=BTCUSDT%2CNOUSDT");
    assert_true(mexc_spot_refused(&rig, 400, 10007));
    get("/api/v3/openOrders", "");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    struct hx_lab_order_view view;
    hx_lab_get_order(rig.lab, hx_lab_order_count(rig.lab) - 1, &view);
    assert_int_equal(view.status, HX_LAB_STATUS_NEW);
}

/* 1,000 USDT at 100,000 are 0.01 BTC, less 0.05 percent of it; 0.005 sold at 101,000 are 505 USDT, less 0.2525. */
static void test_account(void **state) {
    (void)state;
    order(BTC "side=BUY&type=MARKET&quoteOrderQty=1000&newClientOrderId=one");
    rig_pin_spot(&rig, "BTCUSDT", "101000");
    order(BTC "side=SELL&type=MARKET&quantity=0.005&newClientOrderId=two");
    order(LIMIT "quantity=0.001&price=100000");
    get("/api/v3/account", "");
    assert_true(mexc_says(
        &rig, "{\"asset\":\"USDT\",\"free\":\"99404.7475\",\"locked\":\"100\",\"available\":\"99404.7475\"}"));
    assert_true(
        mexc_says(&rig, "{\"asset\":\"BTC\",\"free\":\"0.004995\",\"locked\":\"0\",\"available\":\"0.004995\"}"));
    assert_true(mexc_says(&rig, "\"canTrade\":true,\"canWithdraw\":false,"));
    assert_false(mexc_says(&rig, "\"ETH\""));
    get("/api/v3/myTrades", BTC "orderId=C02__560000000000000001");
    assert_int_equal(rig_count(&rig, "\"qty\""), 1);
    assert_true(mexc_says(&rig, "\"commission\":\"0.000005\",\"commissionAsset\":\"BTC\","));
    assert_true(mexc_says(&rig, "\"isBuyer\":true,\"isMaker\":false,"));
    assert_true(mexc_says(&rig, "\"clientOrderId\":\"one\""));
    get("/api/v3/myTrades", "symbol=BTCUSDT");
    assert_int_equal(rig_count(&rig, "\"qty\""), 2);
    assert_true(mexc_says(&rig, "\"commission\":\"0.2525\",\"commissionAsset\":\"USDT\","));
    get("/api/v3/myTrades", BTC "limit=1");
    assert_int_equal(rig_count(&rig, "\"qty\""), 1);
    get("/api/v3/myTrades", BTC "orderId=C02__7");
    assert_string_equal(rig.text, "[]");
    get("/api/v3/myTrades", BTC "startTime=1795000000001");
    assert_string_equal(rig.text, "[]");
    get("/api/v3/tradeFee", "symbol=BTCUSDT");
    assert_true(mexc_says(&rig, "{\"data\":{\"makerCommission\":0,\"takerCommission\":0.0005},\"code\":0,"));
    assert_true(hx_ok(
        hx_lab_set_fee_in(rig.lab, HX_LAB_SPOT, rig_dec("0"), rig_dec("0.0005"), HX_LAB_FEE_BNB, rig_dec("500"))));
    order(BTC "side=BUY&type=MARKET&quoteOrderQty=1010");
    get("/api/v3/myTrades", BTC "limit=1");
    assert_true(mexc_says(&rig, "\"commission\":\"0.00101\",\"commissionAsset\":\"BNB\","));
    rig.now += 31 * HX_MS_PER_DAY;
    get("/api/v3/myTrades", "symbol=BTCUSDT");
    assert_int_equal(rig_count(&rig, "\"isMaker\":false"), 0);
}

/* The last day unless said, a week at most; newest first. */
static void test_all_orders(void **state) {
    (void)state;
    order(LIMIT "quantity=0.001&price=90000&newClientOrderId=a");
    rig.now += 3 * HX_MS_PER_DAY;
    order(LIMIT "quantity=0.001&price=91000&newClientOrderId=b");
    order(LIMIT "quantity=0.001&price=92000&newClientOrderId=c");
    get("/api/v3/allOrders", "symbol=BTCUSDT");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 2);
    assert_true(rig_is(&rig, "clientOrderId", "c"));
    get("/api/v3/allOrders", BTC "startTime=1795000000000");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 3);
    get("/api/v3/allOrders", BTC "startTime=1795000000000&endTime=1795000000000&limit=5");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    get("/api/v3/allOrders", BTC "limit=1");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    rig.now += 5 * HX_MS_PER_DAY;
    get("/api/v3/allOrders", BTC "startTime=1795000000000");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_market, begin),     cmocka_unit_test_setup(test_place, begin),
        cmocka_unit_test_setup(test_types, begin),      cmocka_unit_test_setup(test_refusals, begin),
        cmocka_unit_test_setup(test_ids, begin),        cmocka_unit_test_setup(test_query, begin),
        cmocka_unit_test_setup(test_cancel, begin),     cmocka_unit_test_setup(test_account, begin),
        cmocka_unit_test_setup(test_all_orders, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
