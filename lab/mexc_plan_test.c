/* Covers mexc_plan.c, mexc_stop.c, mexc_track.c. Goal: plan orders, exits and trailing orders fire at their price,
 * once, for what they should, end when they should, and are listed, changed and cancelled as MEXC says. Method: prices
 * moved by hand over and just short of every trigger. */
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

static void post(const char *path, const char *body, int64_t code) {
    (void)mexc_post(&rig, path, body);
    const bool as_wanted = code == 0 ? mexc_done(&rig) : mexc_refused(&rig, code);
    if (!as_wanted) fail_msg("%s %s: %s, not %d", path, body, rig.text, (int)code);
}

static void create(const char *rest) {
    char body[256];
    (void)snprintf(body, sizeof body, "{\"symbol\":\"BTC_USDT\",\"openType\":2,\"leverage\":20,%s}", rest);
    post(MEXC "order/create", body, 0);
}

/* Contracts of the one-way position: positive long. */
static int64_t held(void) {
    struct hx_lab_position_view position;
    hx_dec contracts;
    int64_t whole;
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("BTCUSDT"), HX_LAB_BOTH, &position)));
    assert_true(hx_ok(hx_dec_multiply(position.quantity, rig_dec("10000"), &contracts)));
    char text[HX_DEC_TEXT_MAX];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_dec_add_to(&buf, contracts);
    assert_true(hx_ok(hx_str_parse_i64(hx_buf_str(&buf), &whole)));
    return whole;
}

static void list(const char *path, const char *query) {
    (void)mexc_get(&rig, path, query);
    assert_true(mexc_done(&rig));
}

#define OPEN_10 "\"side\":1,\"type\":5,\"vol\":10"
#define FIRST_ID "3000000001"

/* Plan orders. */

#define PLACE MEXC "planorder/place/v2"
#define PLANS MEXC "planorder/list/orders"
#define PLAN(rest) "{\"symbol\":\"BTC_USDT\",\"openType\":2,\"leverage\":20,\"vol\":10," rest "}"
#define WHEN(price, type) "\"triggerPrice\":" price ",\"triggerType\":" type ",\"trend\":2,\"executeCycle\":1"

/* 1 fires at or above, 2 at or below, for buyers and sellers alike. */
static void test_plan_triggers(void **state) {
    (void)state;
    static const struct {
        const char *side, *price, *type, *before, *at;
        int64_t held;
    } rows[] = {
        {"1", "101000", "1", "100999.9", "101000", 10},
        {"1", "99000", "2", "99000.1", "99000", 10},
        {"3", "101000", "1", "100999.9", "101000", -10},
        {"3", "99000", "2", "99000.1", "99000", -10},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[256];
        (void)begin(NULL);
        (void)snprintf(body, sizeof body,
                       "{\"symbol\":\"BTC_USDT\",\"openType\":2,\"leverage\":20,\"vol\":10,\"side\":%s,"
                       "\"triggerPrice\":%s,\"triggerType\":%s,\"trend\":1,\"executeCycle\":2,\"orderType\":5}",
                       rows[i].side, rows[i].price, rows[i].type);
        post(PLACE, body, 0);
        assert_true(rig_is(&rig, "data", FIRST_ID));
        rig_pin(&rig, "BTCUSDT", rows[i].before);
        assert_int_equal(held(), 0);
        rig_pin(&rig, "BTCUSDT", rows[i].at);
        assert_int_equal(held(), rows[i].held);
        list(PLANS, "");
        assert_true(mexc_says(&rig, "\"state\":3,"));
        assert_true(mexc_says(&rig, "\"executeCycle\":168,"));
        assert_true(mexc_says(&rig, "\"orderId\":\"720000000000000001\""));
        rig_pin(&rig, "BTCUSDT", "100000");
        assert_int_equal(held(), rows[i].held);
    }
}

static void test_plan_refusals(void **state) {
    (void)state;
    static const struct {
        const char *body;
        int64_t code;
    } rows[] = {
        {PLAN("\"side\":1,\"orderType\":5," WHEN("99000", "1")), 3004},
        {PLAN("\"side\":1,\"orderType\":5," WHEN("101000", "3")), 3002},
        {PLAN("\"side\":1,\"orderType\":5," WHEN("101000.05", "1")), 2015},
        {PLAN("\"side\":1,\"orderType\":6," WHEN("101000", "1")), 2029},
        {PLAN("\"side\":1,\"orderType\":1," WHEN("101000", "1")), 600},
        {PLAN("\"side\":7,\"orderType\":5," WHEN("101000", "1")), 2001},
        {PLAN("\"side\":1,\"orderType\":5,\"triggerPrice\":101000,\"triggerType\":1,\"trend\":4,\"executeCycle\":1"),
         3001},
        {PLAN("\"side\":1,\"orderType\":5,\"triggerPrice\":101000,\"triggerType\":1,\"trend\":1,\"executeCycle\":3"),
         3003},
        {PLAN("\"side\":1,\"orderType\":5,\"triggerPrice\":101000,\"triggerType\":1,\"executeCycle\":1"), 600},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) post(PLACE, rows[i].body, rows[i].code);
    assert_int_equal(hx_lab_algo_count(rig.lab), 0);
}

/* A limit order of its own, with the leverage the plan was given; what it can not place is a failure. */
static void test_plan_orders(void **state) {
    (void)state;
    post(PLACE, PLAN("\"side\":1,\"orderType\":1,\"price\":100500," WHEN("101000", "1")), 0);
    post(PLACE, PLAN("\"side\":4,\"orderType\":5," WHEN("101000", "1")), 0);
    rig_pin(&rig, "BTCUSDT", "101000");
    list(MEXC "order/list/open_orders", "");
    assert_true(mexc_says(&rig, "\"price\":100500,"));
    assert_true(mexc_says(&rig, "\"side\":1,"));
    assert_true(mexc_says(&rig, "\"leverage\":20,"));
    list(PLANS, "states=5");
    assert_true(mexc_says(&rig, "\"id\":\"3000000002\""));
    assert_true(mexc_says(&rig, "\"errorCode\":3,"));
    list(PLANS, "states=3&symbol=BTC_USDT");
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
    list(PLANS, "side=3");
    assert_true(mexc_says(&rig, "\"data\":[]"));
}

static void test_plan_changes(void **state) {
    (void)state;
#define MOVE(id, price)                        \
    "{\"symbol\":\"BTC_USDT\",\"orderId\":" id \
    ",\"orderType\":5,\"triggerType\":1,\"trend\":1,\"triggerPrice\":" price "}"
    post(PLACE, PLAN("\"side\":1,\"orderType\":5," WHEN("101000", "1")), 0);
    post(PLACE, PLAN("\"side\":1,\"orderType\":5," WHEN("103000", "1")), 0);
    post(PLACE, PLAN("\"side\":1,\"orderType\":5," WHEN("104000", "1")), 0);
    post(MEXC "planorder/change_price", MOVE(FIRST_ID, "102000"), 0);
    rig_pin(&rig, "BTCUSDT", "101000");
    assert_int_equal(held(), 0);
    rig_pin(&rig, "BTCUSDT", "102000");
    assert_int_equal(held(), 10);
    post(MEXC "planorder/change_price", MOVE(FIRST_ID, "103000"), 2041);
    post(MEXC "planorder/change_price", MOVE("3000000009", "103000"), 2040);
    post(MEXC "planorder/cancel",
         "[{\"symbol\":\"BTC_USDT\",\"orderId\":\"3000000002\"},{\"symbol\":\"BTC_USDT\",\"orderId\":3000000009}]",
         2040);
    list(PLANS, "states=2");
    assert_true(mexc_says(&rig, "\"id\":\"3000000002\""));
    post(MEXC "planorder/cancel", "[{\"symbol\":\"BTC_USDT\",\"orderId\":\"3000000002\"}]", 2041);
    post(MEXC "planorder/cancel", "{}", 600);
    post(MEXC "planorder/cancel_all", "{\"symbol\":\"ETH_USDT\"}", 0);
    list(PLANS, "states=1");
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
    post(MEXC "planorder/cancel_all", "{\"symbol\":\"BTC_USDT\"}", 0);
    list(PLANS, "states=1");
    assert_true(mexc_says(&rig, "\"data\":[]"));
}

/* 24 hours and no longer. */
static void test_plan_expiry(void **state) {
    (void)state;
    post(PLACE, PLAN("\"side\":1,\"orderType\":5," WHEN("101000", "1")), 0);
    rig.now += HX_MS_PER_DAY - 1;
    list(PLANS, "states=1");
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
    rig.now += 1;
    list(PLANS, "states=4");
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
    rig_pin(&rig, "BTCUSDT", "101000");
    assert_int_equal(held(), 0);
}

/* Exits of positions. */

#define STOP MEXC "stoporder/place"
#define STOPS MEXC "stoporder/list/orders"
#define EXIT(rest) "{\"positionId\":1100000001,\"lossTrend\":2,\"profitTrend\":1," rest "}"

/* Both prices in one: the first that comes closes and ends both. */
static void test_stop(void **state) {
    (void)state;
    static const struct {
        const char *at, *side;
    } rows[] = {{"98000", "\"triggerSide\":2,"}, {"103000", "\"triggerSide\":1,"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)begin(NULL);
        create(OPEN_10);
        post(STOP, EXIT("\"vol\":10,\"stopLossPrice\":98000,\"takeProfitPrice\":103000"), 0);
        assert_int_equal(rig_number(&rig, "data"), 3000000001);
        rig_pin(&rig, "BTCUSDT", "98000.1");
        rig_pin(&rig, "BTCUSDT", "102999.9");
        assert_int_equal(held(), 10);
        list(STOPS, "is_finished=0");
        assert_true(mexc_says(&rig, "\"state\":1,"));
        assert_true(mexc_says(&rig, "\"triggerSide\":0,"));
        assert_true(mexc_says(&rig, "\"positionId\":\"1100000001\","));
        rig_pin(&rig, "BTCUSDT", rows[i].at);
        assert_int_equal(held(), 0);
        list(STOPS, "is_finished=1&symbol=BTC_USDT");
        assert_true(mexc_says(&rig, "\"state\":3,"));
        assert_true(mexc_says(&rig, rows[i].side));
        assert_true(mexc_says(&rig, "\"realityVol\":10,"));
        assert_true(mexc_says(&rig, "\"placeOrderId\":\"720000000000000002\","));
        list(MEXC "stoporder/open_orders", "");
        assert_true(mexc_says(&rig, "\"data\":[]"));
        rig_pin(&rig, "BTCUSDT", "90000");
        assert_int_equal(held(), 0);
    }
}

/* A short's loss is above and its profit below. */
static void test_stop_short(void **state) {
    (void)state;
    create("\"side\":3,\"type\":5,\"vol\":10");
    post(STOP, EXIT("\"vol\":10,\"stopLossPrice\":98000"), 5003);
    post(STOP, EXIT("\"vol\":4,\"stopLossPrice\":102000"), 0);
    post(STOP, EXIT("\"vol\":6,\"takeProfitPrice\":97000"), 0);
    rig_pin(&rig, "BTCUSDT", "102000");
    assert_int_equal(held(), -6);
    rig_pin(&rig, "BTCUSDT", "97000");
    assert_int_equal(held(), 0);
}

static void test_stop_refusals(void **state) {
    (void)state;
    static const struct {
        const char *body;
        int64_t code;
    } rows[] = {
        {"{\"positionId\":1100000009,\"vol\":1,\"stopLossPrice\":98000}", 2009},
        {"{\"vol\":1,\"stopLossPrice\":98000}", 600},
        {EXIT("\"vol\":10"), 5001},
        {EXIT("\"vol\":10,\"stopLossPrice\":0,\"takeProfitPrice\":0"), 5001},
        {EXIT("\"vol\":10,\"stopLossPrice\":100000"), 5003},
        {EXIT("\"vol\":10,\"takeProfitPrice\":99000"), 5003},
        {EXIT("\"vol\":11,\"stopLossPrice\":98000"), 5004},
        {EXIT("\"vol\":0,\"stopLossPrice\":98000"), 2011},
        {EXIT("\"stopLossPrice\":98000"), 600},
        {EXIT("\"vol\":10,\"stopLossPrice\":98000,\"stopLossType\":1"), 600},
        {EXIT("\"vol\":10,\"stopLossPrice\":98000,\"profitLossVolType\":\"SEPARATE\""), 600},
        {EXIT("\"vol\":10,\"stopLossPrice\":98000,\"volType\":3"), 600},
        {EXIT("\"vol\":10,\"stopLossPrice\":98000.05"), 2015},
        {"{\"positionId\":1100000001,\"vol\":1,\"stopLossPrice\":98000,\"lossTrend\":4}", 3001},
    };
    create(OPEN_10);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) post(STOP, rows[i].body, rows[i].code);
    assert_int_equal(hx_lab_algo_count(rig.lab), 0);
}

/* Parts add up to the position at most; the same prices are one; a whole one is what the position is by then. */
static void test_stop_parts(void **state) {
    (void)state;
    create(OPEN_10);
    post(STOP, EXIT("\"vol\":4,\"stopLossPrice\":98000"), 0);
    post(STOP, EXIT("\"vol\":3,\"stopLossPrice\":98000"), 0);
    assert_int_equal(rig_number(&rig, "data"), 3000000001);
    post(STOP, EXIT("\"vol\":4,\"stopLossPrice\":97000"), 5004);
    post(STOP, EXIT("\"vol\":3,\"stopLossPrice\":97000"), 0);
    post(STOP, EXIT("\"volType\":2,\"takeProfitPrice\":110000"), 0);
    post(STOP, EXIT("\"volType\":2,\"takeProfitPrice\":111000"), 5004);
    create("\"side\":1,\"type\":5,\"vol\":5");
    rig_pin(&rig, "BTCUSDT", "98000");
    assert_int_equal(held(), 8);
    rig_pin(&rig, "BTCUSDT", "110000");
    assert_int_equal(held(), 0);
    list(STOPS, "state=4");
    assert_int_equal(rig_count(&rig, "\"id\""), 0);
    rig.now += 1000;
    list(STOPS, "state=4");
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
}

/* Exits end with their position; the next one in the same place has none. */
static void test_stop_ends(void **state) {
    (void)state;
    create(OPEN_10);
    post(STOP, EXIT("\"vol\":10,\"stopLossPrice\":98000"), 0);
    create("\"side\":4,\"type\":5,\"vol\":10");
    create(OPEN_10);
    list(MEXC "stoporder/open_orders", "symbol=BTC_USDT");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    list(STOPS, "state=4&type=1");
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
    rig_pin(&rig, "BTCUSDT", "97000");
    assert_int_equal(held(), 10);
    /* A close that leaves less than the exit was for: it takes what there is. */
    post(STOP, "{\"positionId\":1100000002,\"vol\":10,\"stopLossPrice\":96000}", 0);
    create("\"side\":4,\"type\":5,\"vol\":6");
    rig_pin(&rig, "BTCUSDT", "96000");
    assert_int_equal(held(), 0);
    list(STOPS, "state=3");
    assert_true(mexc_says(&rig, "\"realityVol\":4,"));
}

static void test_stop_changes(void **state) {
    (void)state;
#define CHANGE MEXC "stoporder/change_plan_price"
    create(OPEN_10);
    post(STOP, EXIT("\"vol\":5,\"stopLossPrice\":98000,\"takeProfitPrice\":103000"), 0);
    post(STOP, EXIT("\"vol\":5,\"stopLossPrice\":97000"), 0);
    post(CHANGE, "{\"stopPlanOrderId\":" FIRST_ID "}", 5001);
    post(CHANGE, "{\"stopPlanOrderId\":3000000009,\"stopLossPrice\":96000}", 5002);
    post(CHANGE, "{\"stopPlanOrderId\":" FIRST_ID ",\"stopLossPrice\":101000}", 5003);
    post(CHANGE, "{\"stopPlanOrderId\":" FIRST_ID ",\"stopLossPrice\":96000}", 0);
    rig_pin(&rig, "BTCUSDT", "103000");
    assert_int_equal(held(), 10);
    rig_pin(&rig, "BTCUSDT", "97000");
    assert_int_equal(held(), 5);
    post(MEXC "stoporder/cancel", "[{\"stopPlanOrderId\":3000000002}]", 5002);
    post(MEXC "stoporder/cancel", "[]", 600);
    post(MEXC "stoporder/cancel", "[{\"stopPlanOrderId\":" FIRST_ID "}]", 0);
    rig_pin(&rig, "BTCUSDT", "96000");
    assert_int_equal(held(), 5);
    post(STOP, EXIT("\"vol\":5,\"stopLossPrice\":95000"), 0);
    post(MEXC "stoporder/cancel_all", "{\"positionId\":1100000009}", 0);
    post(MEXC "stoporder/cancel_all", "{\"symbol\":\"ETH_USDT\"}", 0);
    list(MEXC "stoporder/open_orders", "");
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
    post(MEXC "stoporder/cancel_all", "{\"positionId\":1100000001}", 0);
    list(MEXC "stoporder/open_orders", "");
    assert_true(mexc_says(&rig, "\"data\":[]"));
}

/* What an order brings begins with its fill, for what it opened, and can be changed while it rests. */
static void test_brought(void **state) {
    (void)state;
    create(
        "\"side\":1,\"type\":1,\"price\":99000,\"vol\":10,\"externalOid\":\"a\",\"stopLossPrice\":98000,"
        "\"takeProfitPrice\":103000");
    list(MEXC "stoporder/open_orders", "");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    (void)mexc_get(&rig, MEXC "order/external/BTC_USDT/a", "");
    assert_true(mexc_says(&rig, "\"stopLossPrice\":98000,"));
    post(MEXC "stoporder/change_price", "{\"orderId\":720000000000000001,\"stopLossPrice\":97500}", 0);
    post(MEXC "stoporder/change_price", "{\"orderId\":720000000000000001,\"stopLossPrice\":99500}", 5003);
    post(MEXC "stoporder/change_price", "{\"orderId\":720000000000000009,\"stopLossPrice\":97500}", 2040);
    rig_pin(&rig, "BTCUSDT", "99000");
    post(MEXC "stoporder/change_price", "{\"orderId\":720000000000000001,\"stopLossPrice\":97500}", 2041);
    assert_int_equal(held(), 10);
    list(MEXC "stoporder/open_orders", "");
    assert_true(mexc_says(&rig, "\"orderId\":\"720000000000000001\","));
    assert_true(mexc_says(&rig, "\"vol\":10,"));
    assert_true(mexc_says(&rig, "\"stopLossPrice\":97500,"));
    assert_true(mexc_says(&rig, "\"takeProfitPrice\":0,"));
    rig_pin(&rig, "BTCUSDT", "97500");
    assert_int_equal(held(), 0);
    /* A market order in two fills: one exit for both. */
    struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_SPLIT, .parts = 2, .count = 1};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &fault)));
    create("\"side\":3,\"type\":5,\"vol\":10,\"stopLossPrice\":99000");
    list(MEXC "stoporder/open_orders", "");
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
    assert_true(mexc_says(&rig, "\"vol\":10,"));
    rig_pin(&rig, "BTCUSDT", "99000");
    assert_int_equal(held(), 0);
    /* What closes brings nothing. */
    create(OPEN_10);
    create("\"side\":4,\"type\":5,\"vol\":5,\"stopLossPrice\":90000");
    list(MEXC "stoporder/open_orders", "");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    /* A plan order hands its exits on. */
    post(PLACE, PLAN("\"side\":1,\"orderType\":5,\"stopLossPrice\":98500," WHEN("99500", "1")), 0);
    list(PLANS, "states=1");
    assert_true(mexc_says(&rig, "\"stopLossPrice\":98500,"));
    rig_pin(&rig, "BTCUSDT", "99500");
    list(MEXC "stoporder/open_orders", "");
    assert_true(mexc_says(&rig, "\"vol\":10,"));
    rig_pin(&rig, "BTCUSDT", "98500");
    assert_int_equal(held(), 5);
}

static void test_plan_exits(void **state) {
    (void)state;
#define EXITS(rest) "{\"symbol\":\"BTC_USDT\",\"orderId\":\"" FIRST_ID "\"" rest "}"
    post(PLACE, PLAN("\"side\":1,\"orderType\":5,\"stopLossPrice\":98500," WHEN("101000", "1")), 0);
    post(MEXC "planorder/change_stop_order", EXITS(",\"stopLossPrice\":102000"), 5003);
    post(MEXC "planorder/change_stop_order", EXITS(",\"takeProfitPrice\":102000,\"profitTrend\":3"), 0);
    list(PLANS, "states=1");
    assert_true(mexc_says(&rig, "\"stopLossPrice\":0,"));
    assert_true(mexc_says(&rig, "\"takeProfitPrice\":102000,"));
    post(MEXC "planorder/change_stop_order", EXITS(""), 0);
    rig_pin(&rig, "BTCUSDT", "101000");
    list(MEXC "stoporder/open_orders", "");
    assert_true(mexc_says(&rig, "\"data\":[]"));
}

/* Trailing orders. */

#define TRACK MEXC "trackorder/place"
#define TRACKS MEXC "trackorder/list/orders"
#define TRAIL(rest) "{\"symbol\":\"BTC_USDT\",\"openType\":2,\"leverage\":20,\"trend\":1," rest "}"

/* Activated at 101,000, followed up to 105,000, one percent below it is 103,950. */
static void test_track(void **state) {
    (void)state;
    create(OPEN_10);
    post(TRACK, TRAIL("\"side\":4,\"vol\":10,\"backType\":1,\"backValue\":0.01,\"activePrice\":101000"), 0);
    assert_true(rig_is(&rig, "data", FIRST_ID));
    rig_pin(&rig, "BTCUSDT", "98000");
    list(TRACKS, "states=0");
    assert_true(mexc_says(&rig, "\"markPrice\":0,"));
    rig_pin(&rig, "BTCUSDT", "105000");
    list(TRACKS, "states=0%2C1");
    assert_true(mexc_says(&rig, "\"state\":1,"));
    assert_true(mexc_says(&rig, "\"markPrice\":105000,"));
    assert_true(mexc_says(&rig, "\"triggerPrice\":103950,"));
    assert_true(mexc_says(&rig, "\"backValue\":0.01,"));
    assert_true(mexc_says(&rig, "\"triggerType\":2,"));
    rig_pin(&rig, "BTCUSDT", "103950.1");
    assert_int_equal(held(), 10);
    rig_pin(&rig, "BTCUSDT", "103950");
    assert_int_equal(held(), 0);
    list(TRACKS, "states=%5B2%2C3%5D");
    assert_true(mexc_says(&rig, "\"state\":2,"));
    assert_true(mexc_says(&rig, "\"orderId\":\"720000000000000002\","));
}

/* A buyer follows the price down; a distance instead of a share. */
static void test_track_absolute(void **state) {
    (void)state;
    post(TRACK, TRAIL("\"side\":1,\"vol\":10,\"backType\":2,\"backValue\":500"), 0);
    rig_pin(&rig, "BTCUSDT", "99000");
    rig_pin(&rig, "BTCUSDT", "99499.9");
    assert_int_equal(held(), 0);
    post(MEXC "trackorder/change_order",
         "{\"symbol\":\"BTC_USDT\",\"trackOrderId\":" FIRST_ID
         ",\"trend\":1,\"backType\":2,\"backValue\":1000,\"vol\":7}",
         0);
    rig_pin(&rig, "BTCUSDT", "100499.8");
    assert_int_equal(held(), 0);
    rig_pin(&rig, "BTCUSDT", "100499.9");
    assert_int_equal(held(), 7);
    post(MEXC "trackorder/cancel", "{\"trackOrderId\":" FIRST_ID "}", 2041);
    post(MEXC "trackorder/cancel", "{\"trackOrderId\":3000000009}", 2040);
    static const struct {
        const char *body;
        int64_t code;
    } rows[] = {
        {TRAIL("\"side\":1,\"vol\":10,\"backType\":3,\"backValue\":500"), 600},
        {TRAIL("\"side\":1,\"vol\":10,\"backType\":1,\"backValue\":1"), 600},
        {TRAIL("\"side\":1,\"vol\":10,\"backType\":2,\"backValue\":0"), 600},
        {TRAIL("\"side\":1,\"vol\":10,\"backType\":2"), 600},
        {TRAIL("\"side\":1,\"vol\":10,\"backType\":2,\"backValue\":5,\"positionMode\":1"), 2001},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) post(TRACK, rows[i].body, rows[i].code);
    post(TRACK, TRAIL("\"side\":1,\"vol\":1,\"backType\":2,\"backValue\":500"), 0);
    post(TRACK, TRAIL("\"side\":1,\"vol\":1,\"backType\":2,\"backValue\":600"), 0);
    post(MEXC "trackorder/cancel", "{\"trackOrderId\":3000000002}", 0);
    post(MEXC "trackorder/cancel", "{\"symbol\":\"BTC_USDT\"}", 0);
    list(TRACKS, "states=4");
    assert_int_equal(rig_count(&rig, "\"id\""), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_plan_triggers, begin),  cmocka_unit_test_setup(test_plan_refusals, begin),
        cmocka_unit_test_setup(test_plan_orders, begin),    cmocka_unit_test_setup(test_plan_changes, begin),
        cmocka_unit_test_setup(test_plan_expiry, begin),    cmocka_unit_test_setup(test_stop, begin),
        cmocka_unit_test_setup(test_stop_short, begin),     cmocka_unit_test_setup(test_stop_refusals, begin),
        cmocka_unit_test_setup(test_stop_parts, begin),     cmocka_unit_test_setup(test_stop_ends, begin),
        cmocka_unit_test_setup(test_stop_changes, begin),   cmocka_unit_test_setup(test_brought, begin),
        cmocka_unit_test_setup(test_plan_exits, begin),     cmocka_unit_test_setup(test_track, begin),
        cmocka_unit_test_setup(test_track_absolute, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
