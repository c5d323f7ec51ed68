/* Covers bybit_account.c, bybit_position.c, bybit_stops.c. Goal: positions, their leverage, mode and stops, the wallet
 * and the margin mode behave as documented, refusals and "already so" included. Method: signed requests at pinned
 * prices, figures worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lab/bybit_rig.h"

RIG_STORAGE(memory);
static struct rig rig;

#define BTC "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\","
#define STOP "/v5/position/trading-stop"
#define POSITIONS "/v5/position/list"

static int begin(void **state) {
    (void)state;
    bybit_init(&rig, memory, 42);
    hx_lab_set_limits_enforced(rig.lab, false);
    rig_pin(&rig, "BTCUSDT", "100000");
    rig_pin_spot(&rig, "BTCUSDT", "100000");
    return 0;
}

static void market(const char *side, const char *quantity, const char *more) {
    char body[512];
    (void)snprintf(body, sizeof body, BTC "\"side\":\"%s\",\"orderType\":\"Market\",\"qty\":\"%s\"%s}", side, quantity,
                   more);
    assert_int_equal(bybit_create(&rig, body), 0);
    bybit_pass(&rig, 10);
}

static void list_btc(void) {
    assert_int_equal(bybit_get(&rig, POSITIONS, "category=linear&symbol=BTCUSDT"), 0);
}

/* One row when flat; size, entry and profit while held; what was realised, with fees, afterwards. */
static void test_positions(void **state) {
    (void)state;
    list_btc();
    assert_int_equal(rig_count(&rig, "\"positionIdx\":0"), 1);
    assert_true(rig_is(&rig, "side", ""));
    assert_true(rig_is(&rig, "size", "0.000"));
    assert_int_equal(rig_number(&rig, "seq"), -1);
    assert_int_equal(bybit_get(&rig, POSITIONS, "category=linear&settleCoin=USDT"), 0);
    assert_int_equal(rig_count(&rig, "\"list\":[]"), 1);
    assert_int_equal(bybit_get(&rig, POSITIONS, "category=linear"), 10001);
    assert_int_equal(bybit_get(&rig, POSITIONS, "category=spot&symbol=BTCUSDT"), 10001);
    market("Sell", "0.2", "");
    rig_pin(&rig, "BTCUSDT", "99000");
    list_btc();
    assert_true(rig_is(&rig, "side", "Sell"));
    assert_true(rig_is(&rig, "size", "0.200"));
    assert_true(rig_is(&rig, "avgPrice", "100000"));
    assert_true(rig_is(&rig, "unrealisedPnl", "200"));
    assert_true(rig_is(&rig, "positionValue", "19800"));
    assert_true(rig_is(&rig, "positionIM", "990"));
    assert_true(rig_is(&rig, "leverage", "20"));
    assert_true(rig_is(&rig, "liqPrice", ""));
    market("Buy", "0.1", "");
    list_btc();
    assert_true(rig_is(&rig, "curRealisedPnl", "83.555"));
    assert_true(rig_is(&rig, "cumRealisedPnl", "83.555"));
    market("Buy", "0.2", "");
    list_btc();
    assert_true(rig_is(&rig, "side", "Buy"));
    assert_true(rig_is(&rig, "avgPrice", "99000"));
    assert_true(rig_is(&rig, "size", "0.100"));
    assert_int_equal(bybit_get(&rig, POSITIONS, "category=linear&settleCoin=USDT"), 0);
    assert_int_equal(rig_count(&rig, "\"symbol\""), 1);
}

static int64_t leverage(const char *buy, const char *sell) {
    char body[160];
    (void)snprintf(body, sizeof body, BTC "\"buyLeverage\":%s,\"sellLeverage\":%s}", buy, sell);
    return bybit_post(&rig, "/v5/position/set-leverage", body);
}

static void test_leverage(void **state) {
    (void)state;
    assert_int_equal(leverage("\"20\"", "\"20\""), 110043);
    assert_int_equal(leverage("\"10\"", "\"10\""), 0);
    assert_int_equal(leverage("\"10.00\"", "\"10\""), 110043);
    assert_int_equal(leverage("10", "10"), 10001);
    assert_int_equal(leverage("\"10\"", "\"20\""), 10001);
    assert_int_equal(leverage("\"0\"", "\"0\""), 10001);
    assert_int_equal(leverage("\"12.5\"", "\"12.5\""), 10001);
    assert_int_equal(leverage("\"126\"", "\"126\""), 110013);
    assert_int_equal(bybit_post(&rig, "/v5/position/set-leverage",
                                "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\",\"buyLeverage\":\"5\",\"sellLeverage\":"
                                "\"5\"}"),
                     10001);
    market("Buy", "9", "");
    assert_int_equal(leverage("\"125\"", "\"125\""), 110013);
    assert_int_equal(leverage("\"5\"", "\"5\""), 110044);
    list_btc();
    assert_true(rig_is(&rig, "leverage", "10"));
}

static int64_t mode(const char *members) {
    char body[160];
    (void)snprintf(body, sizeof body, "{\"category\":\"linear\",%s}", members);
    return bybit_post(&rig, "/v5/position/switch-mode", body);
}

/* By symbol it is the symbol's alone; by coin it is that of all that are free to change. */
static void test_mode(void **state) {
    (void)state;
    assert_int_equal(mode("\"symbol\":\"BTCUSDT\",\"mode\":0"), 110025);
    assert_int_equal(mode("\"symbol\":\"BTCUSDT\",\"mode\":\"3\""), 10001);
    assert_int_equal(mode("\"symbol\":\"BTCUSDT\",\"mode\":1"), 10001);
    assert_int_equal(mode("\"mode\":3"), 10001);
    assert_int_equal(mode("\"symbol\":\"BTCUSDT\",\"mode\":3"), 0);
    list_btc();
    assert_int_equal(rig_count(&rig, "\"positionIdx\":1"), 1);
    assert_int_equal(rig_count(&rig, "\"positionIdx\":2"), 1);
    assert_int_equal(rig_count(&rig, "\"positionIdx\":0"), 0);
    assert_int_equal(bybit_get(&rig, POSITIONS, "category=linear&symbol=ETHUSDT"), 0);
    assert_int_equal(rig_count(&rig, "\"positionIdx\":0"), 1);
    market("Buy", "0.1", ",\"positionIdx\":1");
    assert_int_equal(mode("\"symbol\":\"BTCUSDT\",\"mode\":0"), 110024);
    assert_int_equal(rig_control(&rig, HX_HTTP_METHOD_POST, "/lab/settings", "{\"ackDelayMs\":10}"), 200);
    list_btc();
    assert_int_equal(rig_count(&rig, "\"positionIdx\":1"), 1);
    assert_int_equal(bybit_create(&rig,
                                  "{\"category\":\"linear\",\"symbol\":\"ETHUSDT\",\"side\":\"Buy\",\"orderType\":"
                                  "\"Limit\",\"qty\":\"1\",\"price\":\"3300\"}"),
                     0);
    bybit_pass(&rig, 10);
    assert_int_equal(mode("\"symbol\":\"ETHUSDT\",\"mode\":3"), 110028);
    assert_int_equal(mode("\"coin\":\"USDT\",\"mode\":3"), 0);
    assert_int_equal(bybit_get(&rig, POSITIONS, "category=linear&symbol=ETHUSDT"), 0);
    assert_int_equal(rig_count(&rig, "\"positionIdx\":0"), 1);
    assert_int_equal(bybit_get(&rig, POSITIONS, "category=linear&symbol=SOLUSDT"), 0);
    assert_int_equal(rig_count(&rig, "\"positionIdx\""), 2);
}

static int64_t margin(const char *wanted) {
    char body[96];
    (void)snprintf(body, sizeof body, "{\"setMarginMode\":\"%s\"}", wanted);
    return bybit_post(&rig, "/v5/account/set-margin-mode", body);
}

/* The account's: blocked by anything open in any symbol, with a reason. */
static void test_margin_mode(void **state) {
    (void)state;
    assert_int_equal(margin("REGULAR_MARGIN"), 0);
    assert_int_equal(rig_count(&rig, "\"reasons\":[]"), 1);
    assert_int_equal(margin("CROSS"), 10001);
    assert_int_equal(margin("PORTFOLIO_MARGIN"), 3400045);
    assert_true(rig_is(&rig, "reasonCode", "3400000"));
    market("Buy", "0.1", "");
    assert_int_equal(margin("ISOLATED_MARGIN"), 3400045);
    assert_true(rig_is(&rig, "reasonCode", "3400208"));
    market("Sell", "0.1", "");
    assert_int_equal(margin("ISOLATED_MARGIN"), 0);
    assert_int_equal(bybit_get(&rig, "/v5/account/info", ""), 0);
    assert_true(rig_is(&rig, "marginMode", "ISOLATED_MARGIN"));
    assert_int_equal(bybit_get(&rig, "/v5/account/wallet-balance", "accountType=UNIFIED"), 0);
    assert_true(rig_is(&rig, "totalAvailableBalance", ""));
    assert_true(rig_is(&rig, "totalMarginBalance", ""));
    struct hx_lab_position_view view;
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("ETHUSDT"), HX_LAB_BOTH, &view)));
    assert_true(view.isolated);
}

/* One account for both products: 0.1 BTC of futures and 10,000 USDT of spot at 100,000, then up by one percent. */
static void test_wallet(void **state) {
    (void)state;
    const char *path = "/v5/account/wallet-balance";
    assert_int_equal(bybit_get(&rig, path, ""), 10001);
    assert_int_equal(bybit_get(&rig, path, "accountType=SPOT"), 10001);
    assert_int_equal(bybit_get(&rig, path, "accountType=UNIFIED&coin=NONE"), 10001);
    market("Buy", "0.1", "");
    assert_int_equal(bybit_create(&rig,
                                  "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":"
                                  "\"Market\",\"qty\":\"10000\"}"),
                     0);
    bybit_pass(&rig, 10);
    rig_pin(&rig, "BTCUSDT", "101000");
    rig_pin_spot(&rig, "BTCUSDT", "101000");
    rig_pin_spot(&rig, "BNBUSDT", "600");
    assert_int_equal(bybit_get(&rig, path, "accountType=UNIFIED&coin=USDT"), 0);
    assert_true(rig_is(&rig, "walletBalance", "89994.5"));
    assert_true(rig_is(&rig, "unrealisedPnl", "100"));
    assert_true(rig_is(&rig, "equity", "90094.5"));
    assert_true(rig_is(&rig, "totalPositionIM", "505"));
    assert_true(rig_is(&rig, "totalAvailableBalance", "89589.5"));
    assert_true(rig_is(&rig, "totalMarginBalance", "90094.5"));
    assert_true(rig_is(&rig, "totalPerpUPL", "100"));
    assert_true(rig_is(&rig, "totalEquity", "106184.4"));
    assert_int_equal(rig_count(&rig, "\"coin\":\""), 1);
    assert_int_equal(bybit_get(&rig, path, "accountType=UNIFIED&coin=BTC,ETH"), 0);
    assert_true(rig_is(&rig, "walletBalance", "0.0999"));
    assert_true(rig_is(&rig, "usdValue", "10089.9"));
    assert_int_equal(rig_count(&rig, "\"coin\":\"ETH\""), 1);
    assert_int_equal(bybit_get(&rig, path, "accountType=UNIFIED"), 0);
    assert_int_equal(rig_count(&rig, "\"coin\":\""), 3);
}

static int64_t stop(const char *members) {
    char body[320];
    (void)snprintf(body, sizeof body, BTC "\"positionIdx\":0,%s}", members);
    return bybit_post(&rig, STOP, body);
}

static void test_trading_stop(void **state) {
    (void)state;
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"stopLoss\":\"95000\""), 10001);
    assert_true(rig_is(&rig, "retMsg", "can not set tp/sl/ts for zero position"));
    market("Buy", "0.1", "");
    assert_int_equal(stop("\"stopLoss\":\"95000\""), 10001);
    assert_int_equal(bybit_post(&rig, STOP, BTC "\"tpslMode\":\"Full\",\"stopLoss\":\"95000\"}"), 10001);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"stopLoss\":\"100001\""), 10001);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"takeProfit\":\"99999\""), 10001);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"stopLoss\":\"95000.05\""), 110003);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"stopLoss\":\"95000\",\"takeProfit\":\"110000\""), 0);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"stopLoss\":\"95000\",\"takeProfit\":\"110000\""), 34040);
    assert_int_equal(stop("\"tpslMode\":\"Full\""), 34040);
    list_btc();
    assert_true(rig_is(&rig, "stopLoss", "95000.0"));
    assert_true(rig_is(&rig, "takeProfit", "110000.0"));
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", "category=linear&symbol=BTCUSDT&orderFilter=StopOrder"), 0);
    assert_int_equal(rig_count(&rig, "\"orderStatus\":\"Untriggered\""), 2);
    assert_int_equal(rig_count(&rig, "\"stopOrderType\":\"StopLoss\""), 1);
    assert_int_equal(rig_count(&rig, "\"createType\":\"CreateByTakeProfit\""), 1);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"stopLoss\":\"96000\",\"slTriggerBy\":\"MarkPrice\""), 0);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"takeProfit\":\"0\""), 0);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"takeProfit\":\"0\""), 34040);
    market("Buy", "0.1", "");
    rig_pin(&rig, "BTCUSDT", "96000");
    list_btc();
    assert_true(rig_is(&rig, "side", ""));
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", "category=linear&symbol=BTCUSDT&openOnly=1"), 0);
    assert_int_equal(rig_count(&rig, "\"stopOrderType\":\"StopLoss\""), 1);
    assert_int_equal(rig_count(&rig, "\"cumExecQty\":\"0.200\""), 1);
}

/* The position's end takes its stops along; in hedge mode each side has its own. */
static void test_stops_end(void **state) {
    (void)state;
    assert_true(hx_ok(hx_lab_set_hedge(rig.lab, true)));
    market("Buy", "0.1", ",\"positionIdx\":1");
    market("Sell", "0.2", ",\"positionIdx\":2");
    assert_int_equal(bybit_post(&rig, STOP, BTC "\"positionIdx\":0,\"tpslMode\":\"Full\",\"stopLoss\":\"95000\"}"),
                     10001);
    assert_int_equal(bybit_post(&rig, STOP, BTC "\"positionIdx\":1,\"tpslMode\":\"Full\",\"stopLoss\":\"95000\"}"), 0);
    assert_int_equal(bybit_post(&rig, STOP, BTC "\"positionIdx\":2,\"tpslMode\":\"Full\",\"stopLoss\":\"95000\"}"),
                     10001);
    assert_int_equal(bybit_post(&rig, STOP, BTC "\"positionIdx\":2,\"tpslMode\":\"Full\",\"stopLoss\":\"104000\"}"), 0);
    market("Sell", "0.1", ",\"positionIdx\":1,\"reduceOnly\":true");
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", "category=linear&symbol=BTCUSDT"), 0);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    assert_int_equal(rig_number(&rig, "positionIdx"), 2);
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", "category=linear&symbol=BTCUSDT&openOnly=1"), 0);
    assert_int_equal(rig_count(&rig, "\"orderStatus\":\"Deactivated\""), 1);
    assert_int_equal(rig_count(&rig, "CancelByTpSlTsClear"), 1);
    rig_pin(&rig, "BTCUSDT", "104000");
    list_btc();
    assert_int_equal(rig_count(&rig, "\"side\":\"\""), 2);
}

/* From 102,000 with 1,000 behind it fires at 101,000; the activation price comes first. */
static void test_trailing(void **state) {
    (void)state;
    market("Buy", "0.1", "");
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"trailingStop\":\"1000.05\""), 110003);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"trailingStop\":\"1000\",\"activePrice\":\"101500\""), 0);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"trailingStop\":\"1000\",\"activePrice\":\"101500\""), 34040);
    list_btc();
    assert_true(rig_is(&rig, "trailingStop", "1000.0"));
    rig_pin(&rig, "BTCUSDT", "98000");
    list_btc();
    assert_true(rig_is(&rig, "size", "0.100"));
    rig_pin(&rig, "BTCUSDT", "102000");
    rig_pin(&rig, "BTCUSDT", "101000.1");
    list_btc();
    assert_true(rig_is(&rig, "size", "0.100"));
    rig_pin(&rig, "BTCUSDT", "101000");
    list_btc();
    assert_true(rig_is(&rig, "size", "0.000"));
}

static void test_partial_stops(void **state) {
    (void)state;
    market("Buy", "0.1", "");
    assert_int_equal(stop("\"tpslMode\":\"Partial\",\"stopLoss\":\"95000\""), 10001);
    assert_int_equal(stop("\"tpslMode\":\"Partial\",\"stopLoss\":\"95000\",\"slSize\":\"0.2\""), 110058);
    assert_int_equal(
        stop("\"tpslMode\":\"Partial\",\"stopLoss\":\"95000\",\"slSize\":\"0.05\",\"takeProfit\":\"105000\","
             "\"tpSize\":\"0.04\""),
        10001);
    assert_int_equal(stop("\"tpslMode\":\"Full\",\"takeProfit\":\"104000\",\"tpOrderType\":\"Limit\",\"tpLimitPrice\":"
                          "\"104000\""),
                     10001);
    assert_int_equal(stop("\"tpslMode\":\"Partial\",\"stopLoss\":\"95000\",\"slSize\":\"0.04\""), 0);
    assert_int_equal(stop("\"tpslMode\":\"Partial\",\"takeProfit\":\"104000\",\"tpSize\":\"0.03\",\"tpOrderType\":"
                          "\"Limit\",\"tpLimitPrice\":\"104500\""),
                     0);
    list_btc();
    assert_true(rig_is(&rig, "stopLoss", "0.0"));
    rig_pin(&rig, "BTCUSDT", "104000");
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", "category=linear&symbol=BTCUSDT"), 0);
    assert_int_equal(rig_count(&rig, "\"orderStatus\":\"New\""), 1);
    rig_pin(&rig, "BTCUSDT", "104500");
    rig_pin(&rig, "BTCUSDT", "95000");
    list_btc();
    assert_true(rig_is(&rig, "size", "0.030"));
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(stop("\"tpslMode\":\"Partial\",\"stopLoss\":\"90000\",\"slSize\":\"0.001\""), 0);
    }
    assert_int_equal(stop("\"tpslMode\":\"Partial\",\"stopLoss\":\"90000\",\"slSize\":\"0.001\""), 110061);
}

/* Sent with the order, set on the position once it filled. */
static void test_attached(void **state) {
    (void)state;
    market("Buy", "0.1", ",\"takeProfit\":\"103000\",\"stopLoss\":\"98000\",\"orderLinkId\":\"with\"");
    list_btc();
    assert_true(rig_is(&rig, "takeProfit", "103000.0"));
    assert_true(rig_is(&rig, "stopLoss", "98000.0"));
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", "category=linear&orderLinkId=with"), 0);
    assert_true(rig_is(&rig, "takeProfit", "103000.0"));
    assert_true(rig_is(&rig, "tpslMode", "Full"));
    market("Sell", "0.2", ",\"stopLoss\":\"101000\"");
    list_btc();
    assert_true(rig_is(&rig, "side", "Sell"));
    assert_true(rig_is(&rig, "takeProfit", "0.0"));
    assert_true(rig_is(&rig, "stopLoss", "101000.0"));
    rig_pin(&rig, "BTCUSDT", "101000");
    list_btc();
    assert_true(rig_is(&rig, "size", "0.000"));
    const char *reduce = BTC
        "\"side\":\"Buy\",\"orderType\":\"Market\",\"qty\":\"0.1\",\"reduceOnly\":true,"
        "\"takeProfit\":\"103000\"}";
    assert_int_equal(bybit_create(&rig, reduce), 110057);
    market("Buy", "0.1", ",\"stopLoss\":\"99000\",\"tpslMode\":\"Partial\"");
    list_btc();
    assert_true(rig_is(&rig, "stopLoss", "0.0"));
    rig_pin(&rig, "BTCUSDT", "99000");
    list_btc();
    assert_true(rig_is(&rig, "size", "0.000"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_positions, begin),     cmocka_unit_test_setup(test_leverage, begin),
        cmocka_unit_test_setup(test_mode, begin),          cmocka_unit_test_setup(test_margin_mode, begin),
        cmocka_unit_test_setup(test_wallet, begin),        cmocka_unit_test_setup(test_trading_stop, begin),
        cmocka_unit_test_setup(test_stops_end, begin),     cmocka_unit_test_setup(test_trailing, begin),
        cmocka_unit_test_setup(test_partial_stops, begin), cmocka_unit_test_setup(test_attached, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
