/* Covers bybit_order.c, bybit_change.c, bybit_shape.c. Goal: an order is acknowledged before it is placed, what is
 * wrong is refused with the venue's code for the product, and amendments and cancels do what they say. Method: signed
 * requests at pinned prices; a table of refusals for each product; the life of orders step by step with figures worked
 * out by hand. */
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

static int begin(void **state) {
    (void)state;
    bybit_init(&rig, memory, 42);
    hx_lab_set_limits_enforced(rig.lab, false);
    rig_pin(&rig, "BTCUSDT", "100000");
    rig_pin_spot(&rig, "BTCUSDT", "100000");
    return 0;
}

static void placed(const char *body) {
    assert_int_equal(bybit_create(&rig, body), 0);
    bybit_pass(&rig, 10);
}

static void assert_order(const char *category, const char *link_id, const char *status) {
    char query[128];
    (void)snprintf(query, sizeof query, "category=%s&symbol=BTCUSDT&orderLinkId=%s", category, link_id);
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", query), 0);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    assert_true(rig_is(&rig, "orderStatus", status));
}

static void assert_none(const char *category, const char *link_id) {
    char query[128];
    (void)snprintf(query, sizeof query, "category=%s&symbol=BTCUSDT&orderLinkId=%s", category, link_id);
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", query), 0);
    assert_int_equal(rig_count(&rig, "\"list\":[]"), 1);
}

/* The answer is an acknowledgement: no query sees the order for ten milliseconds. 0.1 at 100,000 costs 5.5. */
static void test_acknowledged(void **state) {
    (void)state;
    const char *body =
        LINEAR "\"side\":\"Buy\",\"orderType\":\"Market\",\"qty\":\"0.1\",\"positionIdx\":0,\"orderLinkId\":\"ack-1\"}";
    assert_int_equal(bybit_create(&rig, body), 0);
    assert_true(rig_is(&rig, "orderLinkId", "ack-1"));
    assert_int_equal(rig_value(&rig, "orderId").len, 36);
    assert_int_equal(rig_count(&rig, "orderStatus"), 0);
    assert_none("linear", "ack-1");
    rig.now += 9;
    assert_none("linear", "ack-1");
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", LINEAR "\"orderLinkId\":\"ack-1\"}"), 110001);
    assert_int_equal(bybit_create(&rig, body), 110072);
    rig.now += 1;
    assert_order("linear", "ack-1", "Filled");
    assert_true(rig_is(&rig, "avgPrice", "100000"));
    assert_true(rig_is(&rig, "cumExecQty", "0.100"));
    assert_true(rig_is(&rig, "leavesQty", "0.000"));
    assert_true(rig_is(&rig, "cumExecFee", "5.5"));
    assert_int_equal(rig_count(&rig, "\"cumFeeDetail\":{\"USDT\":\"5.5\"}"), 1);
    assert_true(rig_is(&rig, "rejectReason", "EC_NoError"));
    assert_true(rig_is(&rig, "timeInForce", "IOC"));
    assert_int_equal(rig_number(&rig, "positionIdx"), 0);
    assert_int_equal(bybit_create(&rig, body), 110072);
}

/* What shows when it is placed: the status and the reason differ between futures and spot. */
static void test_late_rejections(void **state) {
    (void)state;
    placed(LINEAR
           "\"side\":\"Buy\",\"orderType\":\"Limit\",\"qty\":\"0.1\",\"price\":\"100000\","
           "\"timeInForce\":\"PostOnly\",\"orderLinkId\":\"post\"}");
    assert_order("linear", "post", "Cancelled");
    assert_true(rig_is(&rig, "rejectReason", "EC_PostOnlyWillTakeLiquidity"));
    assert_true(rig_is(&rig, "avgPrice", ""));
    placed(SPOT
           "\"side\":\"Buy\",\"orderType\":\"Limit\",\"qty\":\"0.1\",\"price\":\"100000\","
           "\"timeInForce\":\"PostOnly\",\"orderLinkId\":\"post\"}");
    assert_order("spot", "post", "Rejected");
    assert_true(rig_is(&rig, "rejectReason", "EC_PostOnlyWillTakeLiquidity"));
    placed(LINEAR
           "\"side\":\"Buy\",\"orderType\":\"Limit\",\"qty\":\"0.1\",\"price\":\"99999\","
           "\"timeInForce\":\"FOK\",\"orderLinkId\":\"fok\"}");
    assert_order("linear", "fok", "Cancelled");
    assert_true(rig_is(&rig, "rejectReason", "EC_CancelForNoFullFill"));
    placed(LINEAR
           "\"side\":\"Buy\",\"orderType\":\"Limit\",\"qty\":\"0.1\",\"price\":\"99999\","
           "\"timeInForce\":\"IOC\",\"orderLinkId\":\"ioc\"}");
    assert_order("linear", "ioc", "Cancelled");
    assert_true(rig_is(&rig, "rejectReason", "EC_NoImmediateQtyToFill"));
    const char *all = SPOT "\"side\":\"Buy\",\"orderType\":\"Limit\",\"qty\":\"0.9\",\"price\":\"99000\",";
    char body[256];
    (void)snprintf(body, sizeof body, "%s\"orderLinkId\":\"first\"}", all);
    assert_int_equal(bybit_create(&rig, body), 0);
    (void)snprintf(body, sizeof body, "%s\"orderLinkId\":\"second\"}", all);
    assert_int_equal(bybit_create(&rig, body), 0);
    bybit_pass(&rig, 10);
    assert_order("spot", "first", "New");
    assert_order("spot", "second", "Rejected");
    assert_true(rig_is(&rig, "rejectReason", "EC_Others"));
}

/* As an option the duplicate shows late, too: beside the order that was first. */
static void test_late_duplicates(void **state) {
    (void)state;
    const char *body = LINEAR "\"side\":\"Buy\",\"orderType\":\"Market\",\"qty\":\"0.1\",\"orderLinkId\":\"twice\"}";
    assert_int_equal(rig_control(&rig, HX_HTTP_METHOD_POST, "/lab/settings", "{\"lateDuplicates\":true}"), 200);
    placed(body);
    placed(body);
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", "category=linear&orderLinkId=twice"), 0);
    assert_int_equal(rig_count(&rig, "\"orderStatus\":\"Filled\""), 1);
    assert_int_equal(rig_count(&rig, "\"orderStatus\":\"Rejected\""), 1);
    assert_int_equal(rig_count(&rig, "EC_DuplicatedClOrdID"), 1);
    struct hx_lab_order_view view;
    hx_lab_get_order(rig.lab, 1, &view);
    assert_int_equal(view.placements, 1);
    assert_int_equal(view.status, HX_LAB_STATUS_REJECTED);
    assert_int_equal(bybit_get(&rig, "/v5/execution/list", "category=linear&orderLinkId=twice"), 0);
    assert_int_equal(rig_count(&rig, "execId"), 1);
}

struct row {
    const char *members;
    int64_t code;
};

static void assert_rows(const char *head, const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char body[512];
        (void)snprintf(body, sizeof body, "%s%s}", head, rows[i].members);
        const int64_t code = bybit_create(&rig, body);
        if (code != rows[i].code) print_error("%s: %s\n", body, rig.text);
        assert_int_equal(code, rows[i].code);
    }
}

#define BUY "\"side\":\"Buy\",\"orderType\":"
#define SELL "\"side\":\"Sell\",\"orderType\":"

static void test_linear_refusals(void **state) {
    (void)state;
    static const struct row rows[] = {
        {BUY "\"Market\"", 10001},
        {BUY "\"Market\",\"qty\":0.1", 10001},
        {BUY "\"Market\",\"qty\":\"-0.1\"", 10001},
        {BUY "\"Market\",\"qty\":\"0\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.0005\"", 10001},
        {BUY "\"Market\",\"qty\":\"121\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"positionIdx\":1", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"positionIdx\":\"0\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"reduceOnly\":\"true\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"reduceOnly\":true", 110017},
        {BUY "\"Market\",\"qty\":\"0\",\"reduceOnly\":true,\"closeOnTrigger\":true", 110017},
        {BUY "\"Limit\",\"qty\":\"0.1\"", 10001},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":99000", 10001},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000.05\"", 110003},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000.001\"", 110003},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"100\"", 110003},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"105000.1\"", 110121},
        {SELL "\"Limit\",\"qty\":\"0.1\",\"price\":\"94999.9\"", 110120},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000\",\"timeInForce\":\"GTX\"", 10001},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000\",\"timeInForce\":\"RPI\"", 110119},
        {"\"side\":\"BUY\",\"orderType\":\"Market\",\"qty\":\"0.1\"", 10001},
        {"\"side\":\"Buy\",\"orderType\":\"market\",\"qty\":\"0.1\"", 10001},
        {BUY "\"Market\",\"qty\":\"30\"", 110007},
        {BUY "\"Market\",\"qty\":\"0.1\",\"orderLinkId\":\"a b\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"orderLinkId\":\"1234567890123456789012345678901234567\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"101000\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"101000.05\",\"triggerDirection\":1", 110003},
        {BUY "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"100000\",\"triggerDirection\":1", 110092},
        {BUY "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"100000\",\"triggerDirection\":2", 110093},
        {BUY "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"101000\",\"triggerDirection\":\"1\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"takeProfit\":\"99000\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"stopLoss\":\"101000\"", 10001},
        {BUY "\"Market\",\"qty\":\"0.1\",\"takeProfit\":\"101000\",\"tpOrderType\":\"Limit\"", 10001},
    };
    assert_rows(LINEAR, rows, sizeof rows / sizeof rows[0]);
    assert_rows("{\"category\":\"linear\",\"symbol\":\"NONE\",",
                (struct row[]){{BUY "\"Market\",\"qty\":\"1\"", 10001}}, 1);
    assert_rows("{\"category\":\"linear\",\"symbol\":\"SRMUSDT\",",
                (struct row[]){{BUY "\"Market\",\"qty\":\"100\"", 110074}}, 1);
    assert_rows("{\"category\":\"linear\",\"symbol\":\"DOGEUSDT\",",
                (struct row[]){{BUY "\"Market\",\"qty\":\"1\"", 110094}}, 1);
    assert_rows("{\"symbol\":\"BTCUSDT\",", (struct row[]){{BUY "\"Market\",\"qty\":\"1\"", 10001}}, 1);
    assert_rows("{\"category\":\"inverse\",\"symbol\":\"BTCUSDT\",",
                (struct row[]){{BUY "\"Market\",\"qty\":\"1\"", 10001}}, 1);
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
}

static void test_spot_refusals(void **state) {
    (void)state;
    static const struct row rows[] = {
        {BUY "\"Market\",\"qty\":\"4.99\"", 170140},
        {BUY "\"Market\",\"qty\":\"100.00000001\"", 170148},
        {BUY "\"Market\",\"qty\":\"100001\"", 170131},
        {BUY "\"Market\",\"qty\":\"0.000001\",\"marketUnit\":\"baseCoin\"", 170137},
        {BUY "\"Market\",\"qty\":\"0.00001\",\"marketUnit\":\"baseCoin\"", 170140},
        {BUY "\"Market\",\"qty\":\"121\",\"marketUnit\":\"baseCoin\"", 170124},
        {BUY "\"Market\",\"qty\":\"100\",\"marketUnit\":\"USDT\"", 10001},
        {SELL "\"Market\",\"qty\":\"0.1\"", 170131},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000.001\"", 170134},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"1000001\"", 170132},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"500000.01\"", 170193},
        {SELL "\"Limit\",\"qty\":\"0.1\",\"price\":\"19999.99\"", 170194},
        {BUY "\"Limit\",\"qty\":\"0.1\"", 170130},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000\",\"timeInForce\":\"GTX\"", 170115},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000\",\"timeInForce\":\"RPI\"", 170355},
        {"\"side\":\"BUY\",\"orderType\":\"Market\",\"qty\":\"100\"", 170117},
        {"\"side\":\"Buy\",\"orderType\":\"MARKET\",\"qty\":\"100\"", 170116},
        {BUY "\"Market\",\"qty\":\"100\",\"isLeverage\":1", 170036},
        {BUY "\"Market\",\"qty\":\"100\",\"orderFilter\":\"Stop\"", 170201},
        {BUY "\"Market\",\"qty\":\"100\",\"orderFilter\":\"tpslOrder\"", 170202},
        {BUY "\"Market\",\"qty\":\"100\",\"triggerPrice\":\"101000\"", 170130},
        {BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000\",\"takeProfit\":\"101000\"", 170227},
    };
    assert_rows(SPOT, rows, sizeof rows / sizeof rows[0]);
    assert_rows("{\"category\":\"spot\",\"symbol\":\"NONE\",", (struct row[]){{BUY "\"Market\",\"qty\":\"1\"", 170121}},
                1);
    assert_rows("{\"category\":\"spot\",\"symbol\":\"SRMUSDT\",",
                (struct row[]){{BUY "\"Market\",\"qty\":\"100\"", 170151}}, 1);
    placed(SPOT BUY "\"Market\",\"qty\":\"100\",\"orderLinkId\":\"one\"}");
    assert_rows(SPOT, (struct row[]){{BUY "\"Market\",\"qty\":\"100\",\"orderLinkId\":\"one\"", 170141}}, 1);
    placed(LINEAR BUY "\"Market\",\"qty\":\"0.1\",\"orderLinkId\":\"one\"}");
    assert_int_equal(hx_lab_order_count(rig.lab), 2);
}

/* A market buy is by value: 999.99 buys 0.00999, and what is left of the value makes it PartiallyFilledCanceled. */
static void test_spot_units(void **state) {
    (void)state;
    placed(SPOT BUY "\"Market\",\"qty\":\"1000\",\"orderLinkId\":\"even\"}");
    assert_order("spot", "even", "Filled");
    assert_true(rig_is(&rig, "qty", "1000"));
    assert_true(rig_is(&rig, "marketUnit", "quoteCoin"));
    assert_true(rig_is(&rig, "cumExecQty", "0.01000"));
    assert_true(rig_is(&rig, "cumExecValue", "1000"));
    assert_int_equal(rig_count(&rig, "\"cumFeeDetail\":{\"BTC\":\"0.00001\"}"), 1);
    placed(SPOT BUY "\"Market\",\"qty\":\"999.99\",\"orderLinkId\":\"rest\"}");
    assert_order("spot", "rest", "PartiallyFilledCanceled");
    assert_true(rig_is(&rig, "cumExecValue", "999"));
    assert_true(rig_is(&rig, "leavesValue", "0.99"));
    placed(SPOT BUY "\"Market\",\"qty\":\"0.01\",\"marketUnit\":\"baseCoin\",\"orderLinkId\":\"base\"}");
    assert_order("spot", "base", "Filled");
    assert_true(rig_is(&rig, "qty", "0.01000"));
    placed(SPOT SELL "\"Market\",\"qty\":\"0.01\",\"orderLinkId\":\"sold\"}");
    assert_order("spot", "sold", "Filled");
    assert_int_equal(rig_count(&rig, "\"cumFeeDetail\":{\"USDT\":\"1\"}"), 1);
    assert_true(rig_value(&rig, "orderId").len >= 19 && rig_value(&rig, "orderId").data[8] != '-');
}

/* A conditional futures order keeps its id, holds nothing, fires on its side of the price. */
static void test_conditional(void **state) {
    (void)state;
    placed(LINEAR BUY
           "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"101000\",\"triggerDirection\":1,"
           "\"triggerBy\":\"MarkPrice\",\"orderLinkId\":\"stop\"}");
    assert_order("linear", "stop", "Untriggered");
    assert_true(rig_is(&rig, "stopOrderType", "Stop"));
    assert_true(rig_is(&rig, "triggerBy", "MarkPrice"));
    assert_int_equal(rig_number(&rig, "triggerDirection"), 1);
    char id[HX_LAB_ID_LEN_MAX + 1] = {0};
    hx_mem_copy(id, rig_value(&rig, "orderId").data, rig_value(&rig, "orderId").len);
    rig_pin(&rig, "BTCUSDT", "101000");
    assert_order("linear", "stop", "Filled");
    assert_true(rig_is(&rig, "orderId", id));
    placed(LINEAR BUY
           "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"102000\",\"triggerDirection\":1,"
           "\"orderLinkId\":\"gone\"}");
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", LINEAR "\"orderLinkId\":\"gone\"}"), 0);
    bybit_pass(&rig, 10);
    assert_order("linear", "gone", "Deactivated");
    assert_true(rig_is(&rig, "cancelType", "CancelByUser"));
    for (uint32_t i = 0; i < 10; i++) {
        placed(LINEAR BUY "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"103000\",\"triggerDirection\":1}");
    }
    assert_int_equal(bybit_create(&rig, LINEAR BUY "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"103000\","
                                                   "\"triggerDirection\":1}"),
                     110009);
}

/* Spot: a tpslOrder holds what it sells while it waits, a StopOrder does not and may fail for it. */
static void test_spot_stops(void **state) {
    (void)state;
    placed(SPOT BUY "\"Market\",\"qty\":\"0.1\",\"marketUnit\":\"baseCoin\"}");
    placed(SPOT SELL
           "\"Market\",\"qty\":\"0.05\",\"triggerPrice\":\"95000\",\"orderFilter\":\"tpslOrder\","
           "\"orderLinkId\":\"tpsl\"}");
    assert_order("spot", "tpsl", "Untriggered");
    assert_true(rig_is(&rig, "stopOrderType", "tpslOrder"));
    struct hx_lab_balance_view btc;
    assert_true(hx_ok(hx_lab_find_balance(rig.lab, HX_LAB_SPOT, HX_STR("BTC"), &btc)));
    assert_true(hx_dec_equal(btc.locked, rig_dec("0.05")));
    placed(SPOT SELL
           "\"Market\",\"qty\":\"0.09\",\"triggerPrice\":\"105000\",\"orderFilter\":\"StopOrder\","
           "\"orderLinkId\":\"stop\"}");
    assert_true(hx_ok(hx_lab_find_balance(rig.lab, HX_LAB_SPOT, HX_STR("BTC"), &btc)));
    assert_true(hx_dec_equal(btc.locked, rig_dec("0.05")));
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", SPOT "\"orderLinkId\":\"tpsl\"}"), 170213);
    rig_pin_spot(&rig, "BTCUSDT", "105000");
    assert_order("spot", "stop", "Rejected");
    rig_pin_spot(&rig, "BTCUSDT", "95000");
    assert_order("spot", "tpsl", "Filled");
    assert_true(rig_is(&rig, "avgPrice", "95000"));
    placed(SPOT SELL
           "\"Market\",\"qty\":\"0.01\",\"triggerPrice\":\"90000\",\"orderFilter\":\"tpslOrder\","
           "\"orderLinkId\":\"off\"}");
    assert_int_equal(
        bybit_post(&rig, "/v5/order/cancel", SPOT "\"orderLinkId\":\"off\",\"orderFilter\":\"tpslOrder\"}"), 0);
    bybit_pass(&rig, 10);
    assert_order("spot", "off", "Deactivated");
}

/* Reduce-only: cut to the position; "0" with both flags closes it; in hedge mode the closing side has to say it. */
static void test_reduce_only(void **state) {
    (void)state;
    placed(LINEAR BUY "\"Market\",\"qty\":\"0.3\"}");
    placed(LINEAR SELL "\"Market\",\"qty\":\"0.1\",\"reduceOnly\":true,\"orderLinkId\":\"part\"}");
    assert_order("linear", "part", "Filled");
    assert_true(rig_is(&rig, "reduceOnly", "true"));
    placed(LINEAR SELL "\"Market\",\"qty\":\"0\",\"reduceOnly\":true,\"closeOnTrigger\":true,\"orderLinkId\":\"all\"}");
    assert_order("linear", "all", "Filled");
    assert_true(rig_is(&rig, "qty", "0.200"));
    assert_true(rig_is(&rig, "closeOnTrigger", "true"));
    assert_true(hx_ok(hx_lab_set_hedge(rig.lab, true)));
    assert_int_equal(bybit_create(&rig, LINEAR BUY "\"Market\",\"qty\":\"0.1\",\"positionIdx\":0}"), 10001);
    assert_true(rig_is(&rig, "retMsg", "position idx not match position mode"));
    placed(LINEAR BUY "\"Market\",\"qty\":\"0.1\",\"positionIdx\":1}");
    placed(LINEAR SELL "\"Market\",\"qty\":\"0.2\",\"positionIdx\":2}");
    assert_int_equal(bybit_create(&rig, LINEAR SELL "\"Market\",\"qty\":\"0.1\",\"positionIdx\":1}"), 10001);
    assert_int_equal(bybit_create(&rig, LINEAR BUY "\"Market\",\"qty\":\"0.1\",\"positionIdx\":1,\"reduceOnly\":true}"),
                     110017);
    placed(LINEAR SELL "\"Market\",\"qty\":\"5\",\"positionIdx\":1,\"reduceOnly\":true,\"orderLinkId\":\"cut\"}");
    assert_order("linear", "cut", "Filled");
    assert_true(rig_is(&rig, "cumExecQty", "0.100"));
    assert_int_equal(rig_number(&rig, "positionIdx"), 1);
}

/* A cancel is an acknowledgement, too: the order can still fill before it is done. */
static void test_cancel(void **state) {
    (void)state;
    placed(LINEAR BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000\",\"orderLinkId\":\"rest\"}");
    assert_order("linear", "rest", "New");
    assert_true(rig_is(&rig, "leavesQty", "0.100"));
    assert_true(rig_is(&rig, "leavesValue", "9900"));
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", LINEAR "}"), 10001);
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", LINEAR "\"orderLinkId\":\"rest\"}"), 0);
    assert_true(rig_is(&rig, "orderLinkId", "rest"));
    assert_order("linear", "rest", "New");
    bybit_pass(&rig, 10);
    assert_order("linear", "rest", "Cancelled");
    assert_true(rig_is(&rig, "rejectReason", "EC_PerCancelRequest"));
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", LINEAR "\"orderLinkId\":\"rest\"}"), 110010);
    placed(LINEAR BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000\",\"orderLinkId\":\"race\"}");
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", LINEAR "\"orderLinkId\":\"race\"}"), 0);
    rig_pin(&rig, "BTCUSDT", "98000");
    bybit_pass(&rig, 10);
    assert_order("linear", "race", "Filled");
    assert_true(rig_is(&rig, "avgPrice", "99000"));
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", LINEAR "\"orderLinkId\":\"race\"}"), 110008);
    assert_int_equal(hx_lab_next_arrival(rig.lab), INT64_MAX);
    placed(SPOT BUY "\"Market\",\"qty\":\"100\",\"orderLinkId\":\"spot\"}");
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", SPOT "\"orderLinkId\":\"spot\"}"), 170139);
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", SPOT "\"orderLinkId\":\"none\"}"), 170213);
}

static void test_cancel_all(void **state) {
    (void)state;
    placed(LINEAR BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000\",\"orderLinkId\":\"a\"}");
    placed(LINEAR BUY
           "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"102000\",\"triggerDirection\":1,\"orderLinkId\":\"b\"}");
    placed(SPOT BUY "\"Limit\",\"qty\":\"0.1\",\"price\":\"99000\",\"orderLinkId\":\"c\"}");
    placed(SPOT BUY
           "\"Market\",\"qty\":\"100\",\"triggerPrice\":\"102000\",\"orderFilter\":\"StopOrder\","
           "\"orderLinkId\":\"d\"}");
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel-all", "{\"category\":\"linear\"}"), 10001);
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel-all",
                                "{\"category\":\"linear\",\"settleCoin\":\"USDT\",\"orderFilter\":\"StopOrder\"}"),
                     0);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    assert_true(rig_is(&rig, "success", "1"));
    bybit_pass(&rig, 10);
    assert_order("linear", "a", "New");
    assert_order("linear", "b", "Deactivated");
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel-all", "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\"}"), 0);
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel-all", "{\"category\":\"spot\"}"), 0);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    bybit_pass(&rig, 10);
    assert_order("linear", "a", "Cancelled");
    assert_order("spot", "c", "Cancelled");
    assert_order("spot", "d", "Untriggered");
}

/* Price, quantity and trigger change; everything is checked again; a price that crosses fills. */
static void test_amend(void **state) {
    (void)state;
    placed(SPOT BUY "\"Limit\",\"qty\":\"0.5\",\"price\":\"99000\",\"orderLinkId\":\"am\"}");
    const char *path = "/v5/order/amend";
    assert_int_equal(bybit_post(&rig, path, SPOT "\"orderLinkId\":\"am\"}"), 10001);
    assert_int_equal(bybit_post(&rig, path, SPOT "\"orderLinkId\":\"am\",\"price\":\"99000\"}"), 10001);
    assert_int_equal(bybit_post(&rig, path, SPOT "\"orderLinkId\":\"am\",\"price\":\"99000.001\"}"), 170134);
    assert_int_equal(bybit_post(&rig, path, SPOT "\"orderLinkId\":\"am\",\"qty\":\"1.2\"}"), 170131);
    assert_int_equal(bybit_post(&rig, path, SPOT "\"orderLinkId\":\"am\",\"qty\":\"1\",\"price\":\"98000\"}"), 0);
    struct hx_lab_balance_view usdt;
    assert_true(hx_ok(hx_lab_find_balance(rig.lab, HX_LAB_SPOT, HX_STR("USDT"), &usdt)));
    assert_true(hx_dec_equal(usdt.locked, rig_dec("98000")));
    assert_int_equal(bybit_post(&rig, path, SPOT "\"orderLinkId\":\"am\",\"qty\":\"0.1\",\"price\":\"100500\"}"), 0);
    assert_order("spot", "am", "Filled");
    assert_true(rig_is(&rig, "avgPrice", "100000"));
    assert_true(hx_ok(hx_lab_find_balance(rig.lab, HX_LAB_SPOT, HX_STR("USDT"), &usdt)));
    assert_true(hx_dec_is_zero(usdt.locked));
    assert_int_equal(bybit_post(&rig, path, SPOT "\"orderLinkId\":\"am\",\"qty\":\"0.2\"}"), 170139);
    placed(LINEAR SELL "\"Limit\",\"qty\":\"10\",\"price\":\"101000\",\"orderLinkId\":\"li\"}");
    assert_int_equal(bybit_post(&rig, path, LINEAR "\"orderLinkId\":\"li\",\"qty\":\"30\"}"), 110007);
    assert_int_equal(bybit_post(&rig, path, LINEAR "\"orderLinkId\":\"li\",\"qty\":\"17\"}"), 0);
    assert_order("linear", "li", "New");
    assert_true(rig_is(&rig, "qty", "17.000"));
    placed(LINEAR BUY
           "\"Market\",\"qty\":\"0.1\",\"triggerPrice\":\"102000\",\"triggerDirection\":1,\"orderLinkId\":\"tr\"}");
    assert_int_equal(bybit_post(&rig, path, LINEAR "\"orderLinkId\":\"tr\",\"triggerPrice\":\"99000\"}"), 110092);
    assert_int_equal(bybit_post(&rig, path, LINEAR "\"orderLinkId\":\"tr\",\"triggerPrice\":\"100500\"}"), 0);
    assert_order("linear", "tr", "Untriggered");
    assert_true(rig_is(&rig, "triggerPrice", "100500.0"));
    assert_int_equal(bybit_post(&rig, path, LINEAR "\"orderLinkId\":\"none\",\"qty\":\"1\"}"), 110001);
}

/* What filled stays: a smaller quantity than that is refused. */
static void test_amend_partly_filled(void **state) {
    (void)state;
    assert_int_equal(rig_control(&rig, HX_HTTP_METHOD_POST, "/lab/faults",
                                 "{\"kind\":\"partial\",\"match\":\"order\",\"fill_permille\":500}"),
                     200);
    placed(LINEAR BUY "\"Limit\",\"qty\":\"0.4\",\"price\":\"100000\",\"orderLinkId\":\"half\"}");
    assert_order("linear", "half", "PartiallyFilled");
    const char *path = "/v5/order/amend";
    rig_pin(&rig, "BTCUSDT", "101000");
    assert_int_equal(bybit_post(&rig, path, LINEAR "\"orderLinkId\":\"half\",\"qty\":\"0.2\"}"), 110064);
    assert_int_equal(bybit_post(&rig, path, LINEAR "\"orderLinkId\":\"half\",\"qty\":\"0.201\"}"), 0);
    assert_order("linear", "half", "PartiallyFilled");
    assert_true(rig_is(&rig, "leavesQty", "0.001"));
    assert_int_equal(bybit_post(&rig, path, LINEAR "\"orderLinkId\":\"half\",\"price\":\"101000\"}"), 0);
    assert_order("linear", "half", "Filled");
    assert_true(rig_is(&rig, "cumExecQty", "0.201"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_acknowledged, begin),        cmocka_unit_test_setup(test_late_rejections, begin),
        cmocka_unit_test_setup(test_late_duplicates, begin),     cmocka_unit_test_setup(test_linear_refusals, begin),
        cmocka_unit_test_setup(test_spot_refusals, begin),       cmocka_unit_test_setup(test_spot_units, begin),
        cmocka_unit_test_setup(test_conditional, begin),         cmocka_unit_test_setup(test_spot_stops, begin),
        cmocka_unit_test_setup(test_reduce_only, begin),         cmocka_unit_test_setup(test_cancel, begin),
        cmocka_unit_test_setup(test_cancel_all, begin),          cmocka_unit_test_setup(test_amend, begin),
        cmocka_unit_test_setup(test_amend_partly_filled, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
