/* Covers bybit_query.c, bybit_market.c. Goal: lists show what the venue would still show, page by page, and the public
 * endpoints carry the rules and prices where the venue carries them. Method: orders placed and left to age; every page
 * of a list read to its end; members looked for by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lab/bybit_rig.h"

RIG_STORAGE(memory);
static struct rig rig;

#define LINEAR "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\","
#define SPOT "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\","
#define REALTIME "/v5/order/realtime"
#define HISTORY "/v5/order/history"
#define FILLS "/v5/execution/list"

static int begin(void **state) {
    (void)state;
    bybit_init(&rig, memory, 42);
    hx_lab_set_limits_enforced(rig.lab, false);
    rig_pin(&rig, "BTCUSDT", "100000");
    rig_pin_spot(&rig, "BTCUSDT", "100000");
    return 0;
}

static void market_order(const char *link_id) {
    char body[256];
    (void)snprintf(body, sizeof body,
                   LINEAR "\"side\":\"Buy\",\"orderType\":\"Market\",\"qty\":\"0.01\",\"orderLinkId\":\"%s\"}",
                   link_id);
    assert_int_equal(bybit_create(&rig, body), 0);
    bybit_pass(&rig, 10);
}

static void resting_order(const char *link_id) {
    char body[256];
    (void)snprintf(body, sizeof body,
                   LINEAR
                   "\"side\":\"Buy\",\"orderType\":\"Limit\",\"qty\":\"0.01\",\"price\":"
                   "\"99000\",\"orderLinkId\":\"%s\"}",
                   link_id);
    assert_int_equal(bybit_create(&rig, body), 0);
    bybit_pass(&rig, 10);
}

static void cancel(const char *link_id) {
    char body[128];
    (void)snprintf(body, sizeof body, LINEAR "\"orderLinkId\":\"%s\"}", link_id);
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", body), 0);
    bybit_pass(&rig, 10);
}

/* How many rows that list has. */
static uint32_t rows(const char *path, const char *query) {
    assert_int_equal(bybit_get(&rig, path, query), 0);
    return rig_count(&rig, "\"symbol\"");
}

static void test_realtime(void **state) {
    (void)state;
    market_order("filled");
    resting_order("open");
    resting_order("gone");
    cancel("gone");
    assert_int_equal(bybit_get(&rig, REALTIME, "category=linear"), 10001);
    assert_int_equal(rows(REALTIME, "category=linear&symbol=BTCUSDT"), 1);
    assert_true(rig_is(&rig, "orderLinkId", "open"));
    assert_int_equal(rows(REALTIME, "category=linear&settleCoin=USDT&openOnly=1"), 2);
    assert_true(rig_is(&rig, "orderLinkId", "gone"));
    assert_int_equal(rows(REALTIME, "category=linear&settleCoin=USDC"), 0);
    assert_int_equal(rows(REALTIME, "category=linear&baseCoin=BTC"), 1);
    assert_int_equal(rows(REALTIME, "category=linear&baseCoin=ETH"), 0);
    assert_int_equal(rows(REALTIME, "category=linear&symbol=BTCUSDT&orderLinkId=filled"), 1);
    assert_int_equal(rows(REALTIME, "category=linear&symbol=ETHUSDT&orderLinkId=filled"), 1);
    assert_int_equal(rows(REALTIME, "category=spot&symbol=BTCUSDT&orderLinkId=filled"), 0);
    assert_int_equal(rows(REALTIME, "category=linear&symbol=BTCUSDT&orderFilter=StopOrder"), 0);
    assert_int_equal(bybit_get(&rig, REALTIME, "category=linear&symbol=BTCUSDT&limit=51"), 10001);
    assert_int_equal(bybit_get(&rig, REALTIME, "category=linear&symbol=BTCUSDT&cursor=x"), 10001);
}

/* By orderId, which goes before orderLinkId. */
static void test_by_order_id(void **state) {
    (void)state;
    char query[160];
    market_order("one");
    market_order("two");
    assert_int_equal(rows(REALTIME, "category=linear&orderLinkId=one"), 1);
    const hx_str id = rig_value(&rig, "orderId");
    (void)snprintf(query, sizeof query, "category=linear&orderLinkId=two&orderId=%.*s", (int)id.len, id.data);
    assert_int_equal(rows(REALTIME, query), 1);
    assert_true(rig_is(&rig, "orderLinkId", "one"));
    assert_int_equal(rows(FILLS, query), 1);
    assert_true(rig_is(&rig, "orderLinkId", "one"));
    assert_int_equal(rows(REALTIME, "category=linear&orderId=00000000-0000-4000-8000-000000000000"), 0);
}

/* A restart of the service forgets what is closed; the history and what is open stay. */
static void test_restart(void **state) {
    (void)state;
    market_order("filled");
    resting_order("open");
    assert_int_equal(rig_control(&rig, HX_HTTP_METHOD_POST, "/lab/restart", ""), 200);
    assert_int_equal(rows(REALTIME, "category=linear&orderLinkId=filled"), 0);
    assert_int_equal(rows(REALTIME, "category=linear&orderLinkId=open"), 1);
    assert_int_equal(rows(HISTORY, "category=linear&orderLinkId=filled"), 1);
    assert_int_equal(rows(HISTORY, "category=linear&orderLinkId=open"), 0);
    market_order("after");
    assert_int_equal(rows(REALTIME, "category=linear&orderLinkId=after"), 1);
}

/* Without a fill for a day, with one for ever; a list without times goes back seven days. */
static void test_history(void **state) {
    (void)state;
    char query[128];
    market_order("filled");
    resting_order("gone");
    cancel("gone");
    const hx_time then = rig.now;
    assert_int_equal(rows(HISTORY, "category=linear"), 2);
    assert_int_equal(rows(HISTORY, "category=linear&orderStatus=Cancelled"), 1);
    assert_int_equal(rows(HISTORY, "category=linear&symbol=ETHUSDT"), 0);
    rig.now = then + HX_MS_PER_DAY;
    assert_int_equal(rows(HISTORY, "category=linear&orderLinkId=gone"), 1);
    rig.now = then + HX_MS_PER_DAY + 1;
    assert_int_equal(rows(HISTORY, "category=linear&orderLinkId=gone"), 0);
    assert_int_equal(rows(HISTORY, "category=linear"), 1);
    rig.now = then + 8 * HX_MS_PER_DAY;
    assert_int_equal(rows(HISTORY, "category=linear"), 0);
    assert_int_equal(rows(HISTORY, "category=linear&orderLinkId=filled"), 1);
    (void)snprintf(query, sizeof query, "category=linear&startTime=%lld", (long long)(then - 1000));
    assert_int_equal(rows(HISTORY, query), 1);
    (void)snprintf(query, sizeof query, "category=linear&startTime=%lld&endTime=%lld", (long long)then,
                   (long long)(then + 7 * HX_MS_PER_DAY + 1));
    assert_int_equal(bybit_get(&rig, HISTORY, query), 10001);
    (void)snprintf(query, sizeof query, "category=linear&startTime=%lld&endTime=%lld", (long long)then,
                   (long long)(then - 1));
    assert_int_equal(bybit_get(&rig, HISTORY, query), 10001);
}

/* Every row once, from new to old; the cursor may come back as it was given or decoded. */
static void test_pages(void **state) {
    (void)state;
    char query[160];
    char cursor[64] = "";
    char link_id[8];
    for (int i = 0; i < 5; i++) {
        (void)snprintf(link_id, sizeof link_id, "p%d", i);
        market_order(link_id);
    }
    int next = 4;
    for (int page = 0; page < 3; page++) {
        (void)snprintf(query, sizeof query, "category=linear&symbol=BTCUSDT&openOnly=1&limit=2%s%s",
                       cursor[0] ? "&cursor=" : "", cursor);
        const uint32_t count = rows(REALTIME, query);
        assert_int_equal(count, page < 2 ? 2 : 1);
        (void)snprintf(link_id, sizeof link_id, "p%d", next);
        assert_true(rig_is(&rig, "orderLinkId", link_id));
        next -= 2;
        const hx_str given = rig_value(&rig, "nextPageCursor");
        (void)snprintf(cursor, sizeof cursor, "%.*s", (int)given.len, given.data);
    }
    assert_string_equal(cursor, "");
    assert_int_equal(rows(FILLS, "category=linear&limit=4"), 4);
    assert_int_equal(rows(FILLS, "category=linear&limit=4&cursor=page_token%253D2%2526"), 1);
    assert_int_equal(rows(FILLS, "category=linear&limit=4&cursor=page_token%3D2%26"), 1);
    assert_true(rig_is(&rig, "orderLinkId", "p0"));
    assert_true(rig_is(&rig, "nextPageCursor", ""));
    assert_int_equal(bybit_get(&rig, FILLS, "category=linear&limit=101"), 10001);
}

/* Two parts, each with what was left after it; a maker's rebate is negative. */
static void test_executions(void **state) {
    (void)state;
    assert_int_equal(
        rig_control(&rig, HX_HTTP_METHOD_POST, "/lab/settings", "{\"marketFillsMax\":1,\"makerRate\":\"-0.0001\"}"),
        200);
    assert_int_equal(
        rig_control(&rig, HX_HTTP_METHOD_POST, "/lab/faults", "{\"kind\":\"split\",\"match\":\"order\",\"parts\":2}"),
        200);
    assert_int_equal(bybit_create(&rig, LINEAR "\"side\":\"Buy\",\"orderType\":\"Market\",\"qty\":\"0.2\","
                                               "\"orderLinkId\":\"split\"}"),
                     0);
    bybit_pass(&rig, 10);
    assert_int_equal(rows(FILLS, "category=linear&orderLinkId=split"), 2);
    assert_true(rig_is(&rig, "leavesQty", "0.000"));
    assert_true(rig_is(&rig, "execPrice", "100000.1"));
    assert_true(rig_is(&rig, "execFee", "5.5000055"));
    assert_true(rig_is(&rig, "feeCurrency", ""));
    assert_true(rig_is(&rig, "isMaker", "false"));
    assert_true(rig_is(&rig, "execType", "Trade"));
    assert_true(rig_is(&rig, "closedSize", "0.000"));
    assert_int_equal(rig_count(&rig, "\"leavesQty\":\"0.100\""), 1);
    assert_int_equal(rig_value(&rig, "execId").len, 36);
    assert_int_equal(rows(FILLS, "category=linear&execType=Funding"), 0);
    assert_int_equal(bybit_get(&rig, FILLS, "category=linear&execType=Nothing"), 10001);
    assert_int_equal(bybit_create(&rig, LINEAR "\"side\":\"Sell\",\"orderType\":\"Limit\",\"qty\":\"0.1\",\"price\":"
                                               "\"101000\",\"orderLinkId\":\"make\"}"),
                     0);
    bybit_pass(&rig, 10);
    rig_pin(&rig, "BTCUSDT", "101000");
    assert_int_equal(rows(FILLS, "category=linear&orderLinkId=make"), 1);
    assert_true(rig_is(&rig, "isMaker", "true"));
    assert_true(rig_is(&rig, "execFee", "-1.01"));
    assert_true(rig_is(&rig, "feeRate", "-0.0001"));
    assert_true(rig_is(&rig, "closedSize", "0.100"));
    rig.now += 8 * HX_MS_PER_DAY;
    assert_int_equal(rows(FILLS, "category=linear"), 0);
    assert_int_equal(rows(FILLS, "category=linear&orderLinkId=make"), 1);
}

/* Spot fees are in what is received, a rebate in what is paid: 0.1 BTC bought at 99,000 by a maker gives 9.9 USDT. */
static void test_spot_rebate(void **state) {
    (void)state;
    assert_int_equal(
        rig_control(&rig, HX_HTTP_METHOD_POST, "/lab/settings", "{\"product\":\"spot\",\"makerRate\":\"-0.001\"}"),
        200);
    assert_int_equal(bybit_create(&rig, SPOT "\"side\":\"Buy\",\"orderType\":\"Limit\",\"qty\":\"0.1\",\"price\":"
                                             "\"99000\",\"orderLinkId\":\"make\"}"),
                     0);
    bybit_pass(&rig, 10);
    rig_pin_spot(&rig, "BTCUSDT", "99000");
    assert_int_equal(rows(FILLS, "category=spot&symbol=BTCUSDT"), 1);
    assert_true(rig_is(&rig, "execFee", "-9.9"));
    assert_true(rig_is(&rig, "feeCurrency", "USDT"));
    struct hx_lab_balance_view view;
    assert_true(hx_ok(hx_lab_find_balance(rig.lab, HX_LAB_SPOT, HX_STR("USDT"), &view)));
    assert_true(hx_dec_equal(view.total, rig_dec("90109.9")));
    assert_int_equal(bybit_get(&rig, "/v5/account/fee-rate", "category=spot&symbol=BTCUSDT"), 0);
    assert_true(rig_is(&rig, "makerFeeRate", "-0.001"));
    assert_true(rig_is(&rig, "takerFeeRate", "0.001"));
    assert_true(rig_is(&rig, "category", "spot"));
}

static void test_instruments(void **state) {
    (void)state;
    const char *path = "/v5/market/instruments-info";
    assert_int_equal(bybit_get(&rig, path, "category=linear&symbol=BTCUSDT"), 0);
    static const char *const linear[][2] = {
        {"status", "Trading"},
        {"tickSize", "0.1"},
        {"minPrice", "556.8"},
        {"qtyStep", "0.001"},
        {"minOrderQty", "0.001"},
        {"maxOrderQty", "1000.000"},
        {"maxMktOrderQty", "120.000"},
        {"minNotionalValue", "5"},
        {"maxLeverage", "125.00"},
        {"settleCoin", "USDT"},
        {"contractType", "LinearPerpetual"},
        {"priceScale", "1"},
        {"nextPageCursor", ""},
    };
    for (size_t i = 0; i < sizeof linear / sizeof linear[0]; i++) assert_true(rig_is(&rig, linear[i][0], linear[i][1]));
    assert_int_equal(bybit_get(&rig, path, "category=spot&symbol=BTCUSDT"), 0);
    static const char *const spot[][2] = {
        {"status", "Trading"},
        {"tickSize", "0.01"},
        {"basePrecision", "0.00001"},
        {"quotePrecision", "0.0000001"},
        {"minOrderAmt", "5"},
        {"maxLimitOrderQty", "9000.00000"},
        {"maxMarketOrderQty", "120.00000"},
    };
    for (size_t i = 0; i < sizeof spot / sizeof spot[0]; i++) assert_true(rig_is(&rig, spot[i][0], spot[i][1]));
    assert_int_equal(rig_count(&rig, "nextPageCursor"), 0);
    assert_int_equal(rows(path, "category=linear&limit=2"), 2);
    const hx_str given = rig_value(&rig, "nextPageCursor");
    char query[128];
    (void)snprintf(query, sizeof query, "category=linear&limit=10&cursor=%.*s", (int)given.len, given.data);
    assert_int_equal(rows(path, query), 3);
    assert_true(rig_is(&rig, "symbol", "SOLUSDT"));
    assert_true(rig_is(&rig, "nextPageCursor", ""));
    assert_int_equal(rows(path, "category=spot"), 6);
    assert_int_equal(rows(path, "category=linear&symbol=SRMUSDT"), 0);
    assert_int_equal(rows(path, "category=linear&status=Closed"), 1);
    assert_int_equal(rows(path, "category=linear&status=PreLaunch"), 0);
    assert_int_equal(rows(path, "category=linear&baseCoin=ETH"), 1);
    assert_int_equal(bybit_get(&rig, path, "category=linear&symbol=NONE"), 10001);
    assert_int_equal(bybit_get(&rig, path, "category=spot&symbol=NONE"), 170121);
    assert_int_equal(bybit_get(&rig, path, "category=linear&limit=1001"), 10001);
}

static void test_prices(void **state) {
    (void)state;
    assert_int_equal(bybit_get(&rig, "/v5/market/tickers", "category=linear&symbol=BTCUSDT"), 0);
    assert_true(rig_is(&rig, "markPrice", "100000.0"));
    assert_true(rig_is(&rig, "lastPrice", "100000.0"));
    assert_int_equal(rig_count(&rig, "nextFundingTime"), 1);
    assert_int_equal(bybit_get(&rig, "/v5/market/tickers", "category=spot&symbol=BTCUSDT"), 0);
    assert_int_equal(rig_count(&rig, "markPrice"), 0);
    assert_true(rig_is(&rig, "lastPrice", "100000.00"));
    assert_int_equal(rows("/v5/market/tickers", "category=spot"), 7);
    assert_int_equal(bybit_get(&rig, "/v5/market/tickers", "symbol=BTCUSDT"), 10001);
    assert_int_equal(bybit_get(&rig, "/v5/market/price-limit", "category=linear&symbol=BTCUSDT"), 0);
    assert_true(rig_is(&rig, "buyLmt", "105000.0"));
    assert_true(rig_is(&rig, "sellLmt", "95000.0"));
    assert_int_equal(bybit_get(&rig, "/v5/market/price-limit", "symbol=BTCUSDT"), 0);
    assert_int_equal(bybit_get(&rig, "/v5/market/price-limit", "category=spot&symbol=BTCUSDT"), 0);
    assert_true(rig_is(&rig, "buyLmt", "500000.00"));
    rig.now = RIG_NOW + 123;
    assert_int_equal(bybit_get(&rig, "/v5/market/time", ""), 0);
    assert_true(rig_is(&rig, "timeSecond", "1795000000"));
    assert_true(rig_is(&rig, "timeNano", "1795000000123000000"));
    assert_int_equal(rig_number(&rig, "time"), RIG_NOW + 123);
}

/* 500 closed orders of a category, no more; by id as by list. */
static void test_keeps_500(void **state) {
    (void)state;
    static _Alignas(16) uint8_t large[(size_t)16 * 1024 * 1024];
    struct hx_lab_config config = hx_lab_config_small();
    config.venue = HX_LAB_BYBIT;
    config.orders_max = 1024;
    assert_true(hx_lab_size_with(&config) <= sizeof large);
    rig.lab = hx_lab_init_with(large, &config, 42, RIG_NOW);
    hx_lab_set_limits_enforced(rig.lab, false);
    rig_pin(&rig, "BTCUSDT", "100000");
    char link_id[8];
    for (int i = 0; i <= 500; i++) {
        (void)snprintf(link_id, sizeof link_id, "k%d", i);
        market_order(link_id);
    }
    assert_int_equal(rows(REALTIME, "category=linear&orderLinkId=k0"), 0);
    assert_int_equal(rows(REALTIME, "category=linear&orderLinkId=k1"), 1);
    assert_int_equal(rows(HISTORY, "category=linear&orderLinkId=k0"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_realtime, begin),    cmocka_unit_test_setup(test_by_order_id, begin),
        cmocka_unit_test_setup(test_restart, begin),     cmocka_unit_test_setup(test_history, begin),
        cmocka_unit_test_setup(test_pages, begin),       cmocka_unit_test_setup(test_executions, begin),
        cmocka_unit_test_setup(test_spot_rebate, begin), cmocka_unit_test_setup(test_instruments, begin),
        cmocka_unit_test_setup(test_prices, begin),      cmocka_unit_test_setup(test_keeps_500, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
