/* Covers binance.c, binance_futures_order.c, binance_lists.c, binance_errors.c, params.c, errors.c, route.c, write.c,
 * front.c, store.c. Goal: every order endpoint answers as the venue's documents say, above all for client order ids.
 * Method: signed requests against a pinned price, answers read back. */
#include "lab/test_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

#define BUY "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&newOrderRespType=RESULT"

static int begin(void **state) {
    (void)state;
    rig_init(&rig, memory, 42);
    rig_pin(&rig, "BTCUSDT", "97000.1");
    return 0;
}

/* A market order with RESULT answers its final state; avgPrice and cumQuote only where the venue still has them. */
static void test_place_market(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=abc-1"), 200);
    assert_true(rig_is(&rig, "clientOrderId", "abc-1"));
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_true(rig_is(&rig, "origQty", "0.002"));
    assert_true(rig_is(&rig, "executedQty", "0.002"));
    assert_true(rig_is(&rig, "cumQty", "0.002"));
    assert_true(rig_is(&rig, "price", "0.00"));
    assert_true(rig_is(&rig, "reduceOnly", "false"));
    assert_true(rig_is(&rig, "positionSide", "BOTH"));
    assert_int_equal(rig_number(&rig, "updateTime"), rig.now);
    assert_int_equal(rig_count(&rig, "avgPrice"), 0);
    assert_int_equal(rig_count(&rig, "cumQuote"), 0);
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=abc-1"), 200);
    assert_true(rig_is(&rig, "avgPrice", "97000.10000"));
    assert_true(rig_is(&rig, "cumQuote", "194.0002"));
    assert_int_equal(rig_number(&rig, "time"), rig.now);
    hx_lab_set_answer_averages(rig.lab, true);
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_true(rig_is(&rig, "avgPrice", "97000.10000"));
}

/* ACK is the default and shows the order as it was accepted. */
static void test_ack(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&newClientOrderId=a"), 200);
    assert_true(rig_is(&rig, "status", "NEW"));
    assert_true(rig_is(&rig, "executedQty", "0.000"));
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=a"), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
}

/* The trap: a client id is unique among open orders only, so a second market order with the id of a filled one is a
 * second fill. A query answers with the most recent. */
static void test_client_id_of_filled_order_is_free(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=twice"), 200);
    const int64_t first = rig_number(&rig, "orderId");
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=twice"), 200);
    const int64_t second = rig_number(&rig, "orderId");
    assert_true(second > first);
    struct hx_lab_position_view position;
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("BTCUSDT"), HX_LAB_BOTH, &position)));
    assert_true(hx_dec_equal(position.quantity, rig_dec("0.004")));
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=twice"), 200);
    assert_int_equal(rig_number(&rig, "orderId"), second);
    struct hx_lab_order_view view;
    assert_true(hx_ok(hx_lab_find_order(rig.lab, HX_STR("BTCUSDT"), HX_STR("twice"), &view)));
    assert_int_equal(view.placements, 2);
}

/* While the order is open its id is taken (-4116); another symbol's is not; after the cancel it is free again. */
static void test_client_id_of_open_order_is_taken(void **state) {
    (void)state;
    const char *resting =
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=95000&"
        "newClientOrderId=same";
    assert_int_equal(rig_order(&rig, resting), 200);
    (void)rig_order(&rig, resting);
    assert_true(rig_refused(&rig, -4116));
    (void)rig_order(&rig, BUY "&newClientOrderId=same");
    assert_true(rig_refused(&rig, -4116));
    assert_int_equal(rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1&newClientOrderId=same"), 200);
    assert_int_equal(rig_delete(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=same"), 200);
    assert_true(rig_is(&rig, "status", "CANCELED"));
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=same"), 200);
}

/* The pattern and length of client order ids; without one the venue makes one. */
static void test_client_id_form(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=abcdefghijklmnopqrstuvwxyz.:/_-01234"), 200);
    (void)rig_order(&rig, BUY "&newClientOrderId=abcdefghijklmnopqrstuvwxyz.:/_-012345");
    assert_true(rig_refused(&rig, -4015));
    (void)rig_order(&rig, BUY "&newClientOrderId=a%20b");
    assert_true(rig_refused(&rig, -1100));
    (void)rig_order(&rig, BUY "&newClientOrderId=");
    assert_true(rig_refused(&rig, -1105));
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_int_equal(rig_value(&rig, "clientOrderId").len, 22);
}

/* A query forgets orders that ended without a fill after three days, and everything after ninety. */
static void test_retention(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=filled"), 200);
    assert_int_equal(rig_order(&rig,
                               "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=95000&"
                               "newClientOrderId=gone"),
                     200);
    assert_int_equal(rig_delete(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=gone"), 200);
    rig.now = RIG_NOW + 3 * HX_MS_PER_DAY;
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=gone"), 200);
    rig.now += 1;
    (void)rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=gone");
    assert_true(rig_refused(&rig, -2013));
    rig.now = RIG_NOW + 90 * HX_MS_PER_DAY;
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=filled"), 200);
    rig.now += 1;
    (void)rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=filled");
    assert_true(rig_refused(&rig, -2013));
}

/* An order may take a while to become visible; the duplicate check and the position do not wait for that. */
static void test_lookup_lag(void **state) {
    (void)state;
    hx_lab_set_lookup_lag(rig.lab, 300);
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=slow"), 200);
    (void)rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=slow");
    assert_true(rig_refused(&rig, -2013));
    rig.now += 300;
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=slow"), 200);
}

/* What is missing, wrong or too much, one row each. */
static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *params;
        int64_t code;
    } rows[] = {
        {"side=BUY&type=MARKET&quantity=0.002", -1102},
        {"symbol=NOSUCHUSDT&side=BUY&type=MARKET&quantity=0.002", -1121},
        {"symbol=BTCUSDT&type=MARKET&quantity=0.002", -1102},
        {"symbol=BTCUSDT&side=LONG&type=MARKET&quantity=0.002", -1117},
        {"symbol=BTCUSDT&side=BUY&quantity=0.002", -1102},
        {"symbol=BTCUSDT&side=BUY&type=ICEBERG&quantity=0.002", -1116},
        {"symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.002&stopPrice=1", -4120},
        {"symbol=BTCUSDT&side=BUY&type=STOP&quantity=0.002", -4120},
        {"symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT&quantity=0.002", -4120},
        {"symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT_MARKET&quantity=0.002", -4120},
        {"symbol=BTCUSDT&side=BUY&type=TRAILING_STOP_MARKET&quantity=0.002", -4120},
        {"symbol=BTCUSDT&side=BUY&type=MARKET", -1102},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=", -1105},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=-1", -1100},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1e-3", -1100},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0", -4003},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0005", -1111},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=120.001", -4005},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=97000&quantity=1000.001", -4005},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&price=97000", -1106},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&timeInForce=GTC", -1106},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.002&timeInForce=GTC", -1102},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.002&price=97000", -1102},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.002&price=97000&timeInForce=DAY", -1115},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.002&price=97000&timeInForce=GTD", -1102},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.002&price=97000.05&timeInForce=GTC", -4014},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.002&price=97000.001&timeInForce=GTC", -1111},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.002&price=0&timeInForce=GTC", -4001},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=500&timeInForce=GTC", -4013},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.002&price=4529765&timeInForce=GTC", -4002},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.002&price=101851&timeInForce=GTC", -4016},
        {"symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=0.002&price=92150&timeInForce=GTC", -4024},
        {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.001&price=49999.9&timeInForce=GTC", -4164},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=100", -2019},
        {"symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002&reduceOnly=true", -2022},
        {"symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002&reduceOnly=maybe", -1130},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&positionSide=LONG", -4061},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&positionSide=UP", -1130},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&newOrderRespType=FULL", -1130},
        {"symbol=SRMUSDT&side=BUY&type=MARKET&quantity=100", -4140},
        {"symbol=SOLUSDT&side=BUY&type=LIMIT&quantity=1&price=1800.001&timeInForce=GTC", -4014},
        {"symbol=DOGEUSDT&side=BUY&type=MARKET&quantity=100.5", -1111},
        {"symbol=BTCUSDT&symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.002", -1101},
        {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&x=%zz", -1100},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)rig_order(&rig, rows[i].params);
        if (!rig_refused(&rig, rows[i].code)) fail_msg("%s gave %s", rows[i].params, rig.text);
    }
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
}

/* -4023 needs a symbol whose step is coarser than its precision; -4164 names the bound. */
static void test_step_and_notional_texts(void **state) {
    (void)state;
    const struct hx_lab_symbol symbol = {
        .name = "TESTUSDT",
        .base = "TEST",
        .tick = {1, -1},
        .step = {5, -1},
        .market_step = {5, -1},
        .price_min = {1, -1},
        .price_max = {1, 4},
        .quantity_min = {5, -1},
        .quantity_max = {1, 3},
        .market_quantity_max = {1, 3},
        .notional_min = {5, 0},
        .price_start = {1, 2},
        .price_precision = 2,
        .quantity_precision = 1,
        .leverage_max = 10,
        .halted = false,
    };
    assert_true(hx_ok(hx_lab_add_symbol(rig.lab, &symbol)));
    assert_true(hx_err_is(hx_lab_add_symbol(rig.lab, &symbol), HX_CLASS_CONFLICT));
    (void)rig_order(&rig, "symbol=TESTUSDT&side=BUY&type=MARKET&quantity=1.2");
    assert_true(rig_refused(&rig, -4023));
    (void)rig_order(&rig, "symbol=TESTUSDT&side=BUY&type=MARKET&quantity=0");
    assert_true(rig_refused(&rig, -4003));
    (void)rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=49999.9");
    assert_true(rig_is(&rig, "msg", "Order's notional must be no smaller than 50 (unless you choose reduce only)."));
}

/* Time in force: IOC and FOK that cannot trade, GTX that would take, GTD that runs out. */
static void test_time_in_force(void **state) {
    (void)state;
#define LIMIT "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.01&newOrderRespType=RESULT"
    assert_int_equal(rig_order(&rig, LIMIT "&price=96000&timeInForce=IOC"), 200);
    assert_true(rig_is(&rig, "status", "EXPIRED"));
    assert_true(rig_is(&rig, "timeInForce", "IOC"));
    (void)rig_order(&rig, LIMIT "&price=96000&timeInForce=FOK");
    assert_true(rig_refused(&rig, -5021));
    (void)rig_order(&rig, LIMIT "&price=97000.1&timeInForce=GTX");
    assert_true(rig_refused(&rig, -5022));
    assert_int_equal(rig_order(&rig, LIMIT "&price=97000.1&timeInForce=FOK"), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_int_equal(rig_order(&rig, LIMIT "&price=97000&timeInForce=GTX&newClientOrderId=post"), 200);
    assert_true(rig_is(&rig, "status", "NEW"));
    assert_int_equal(
        rig_order(&rig, LIMIT "&price=96999&timeInForce=GTD&goodTillDate=1795000700000&newClientOrderId=till"), 200);
    rig.now += 700000;
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=till"), 200);
    assert_true(rig_is(&rig, "status", "EXPIRED"));
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=post"), 200);
    assert_true(rig_is(&rig, "status", "NEW"));
}

/* Query, open query, cancel and the lists agree about one resting and one filled order. */
static void test_query_cancel_lists(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig,
                               "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=3300&"
                               "newClientOrderId=rest"),
                     200);
    const hx_str id = rig_value(&rig, "orderId");
    assert_true(id.len == 19);
    char query[128];
    struct hx_buf text;
    hx_buf_init(&text, query, sizeof query - 1);
    hx_buf_add_c(&text, "symbol=ETHUSDT&orderId=");
    hx_buf_add(&text, id);
    query[text.len] = 0;
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=done"), 200);
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", query), 200);
    assert_true(rig_is(&rig, "clientOrderId", "rest"));
    assert_int_equal(rig_get(&rig, "/fapi/v1/openOrder", query), 200);
    (void)rig_get(&rig, "/fapi/v1/openOrder", "symbol=BTCUSDT&origClientOrderId=done");
    assert_true(rig_refused(&rig, -2013));
    (void)rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=rest");
    assert_true(rig_refused(&rig, -2013));
    (void)rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT");
    assert_true(rig_refused(&rig, -1102));
    assert_int_equal(rig_get(&rig, "/fapi/v1/openOrders", ""), 200);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    assert_int_equal(rig_get(&rig, "/fapi/v1/openOrders", "symbol=BTCUSDT"), 200);
    assert_string_equal(rig.text, "[]");
    assert_int_equal(rig_get(&rig, "/fapi/v1/allOrders", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    (void)rig_delete(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=done");
    assert_true(rig_refused(&rig, -2011));
    assert_int_equal(rig_delete(&rig, "/fapi/v1/order", query), 200);
    (void)rig_delete(&rig, "/fapi/v1/order", query);
    assert_true(rig_refused(&rig, -2011));
}

static void test_cancel_all(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(
            rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=95000"), 200);
    }
    assert_int_equal(rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=3300"),
                     200);
    assert_int_equal(rig_delete(&rig, "/fapi/v1/allOpenOrders", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_number(&rig, "code"), 200);
    assert_int_equal(rig_get(&rig, "/fapi/v1/openOrders", ""), 200);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
}

/* allOrders pages by orderId upwards and otherwise gives the most recent rows; limits of the list hold. */
static void test_all_orders_pages(void **state) {
    (void)state;
    int64_t ids[6];
    for (int i = 0; i < 6; i++) {
        assert_int_equal(rig_order(&rig, BUY), 200);
        ids[i] = rig_number(&rig, "orderId");
        rig.now += 1000;
    }
    assert_int_equal(rig_get(&rig, "/fapi/v1/allOrders", "symbol=BTCUSDT&limit=2"), 200);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 2);
    assert_int_equal(rig_number(&rig, "orderId"), ids[4]);
    assert_int_equal(rig_get(&rig, "/fapi/v1/allOrders", "symbol=BTCUSDT&orderId=400000000003&limit=2"), 200);
    assert_int_equal(rig_number(&rig, "orderId"), ids[2]);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 2);
    assert_int_equal(rig_get(&rig, "/fapi/v1/allOrders", "symbol=BTCUSDT&startTime=1795000004000"), 200);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 2);
    (void)rig_get(&rig, "/fapi/v1/allOrders", "symbol=BTCUSDT&startTime=1&endTime=999999999999");
    assert_true(rig_refused(&rig, -1127));
    (void)rig_get(&rig, "/fapi/v1/allOrders", "symbol=BTCUSDT&limit=0");
    assert_true(rig_refused(&rig, -1130));
    assert_int_equal(rig_get(&rig, "/fapi/v1/allOrders", "symbol=BTCUSDT&startTime=9223372036854775807"), 200);
    assert_string_equal(rig.text, "[]");
}

/* The test endpoint checks and does nothing; unknown paths and methods are 404. */
static void test_order_test_and_unknown_paths(void **state) {
    (void)state;
    assert_int_equal(rig_post(&rig, "/fapi/v1/order/test", BUY), 200);
    assert_string_equal(rig.text, "{}");
    (void)rig_post(&rig, "/fapi/v1/order/test", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=100");
    assert_true(rig_refused(&rig, -2019));
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
    assert_int_equal(rig_get(&rig, "/fapi/v1/nothing", ""), 404);
    assert_int_equal(rig_number(&rig, "code"), -5000);
    assert_int_equal(rig_call(&rig, HX_HTTP_METHOD_PUT, "/fapi/v1/order/test", BUY), 404);
}

/* The rings: the oldest closed order is forgotten, an open one there stops new ones with -1008, nothing is overwritten.
 */
static void test_rings(void **state) {
    (void)state;
    hx_lab_set_limits(rig.lab, 1000000, 1000000, 1000000, 1);
    for (int i = 0; i < 300; i++) assert_int_equal(rig_order(&rig, BUY), 200);
    assert_int_equal(hx_lab_order_count(rig.lab), 256);
    assert_int_equal(hx_lab_orders_forgotten(rig.lab), 44);
    (void)rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&orderId=400000000044");
    assert_true(rig_refused(&rig, -2013));
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&orderId=400000000045"), 200);
    assert_int_equal(rig_order(&rig,
                               "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=95000&"
                               "newClientOrderId=keep"),
                     200);
    for (int i = 0; i < 255; i++) assert_int_equal(rig_order(&rig, BUY), 200);
    (void)rig_order(&rig, BUY);
    assert_true(rig_refused(&rig, -1008));
    assert_int_equal(rig_delete(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=keep"), 200);
    assert_int_equal(rig_order(&rig, BUY), 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_place_market, begin),
        cmocka_unit_test_setup(test_ack, begin),
        cmocka_unit_test_setup(test_client_id_of_filled_order_is_free, begin),
        cmocka_unit_test_setup(test_client_id_of_open_order_is_taken, begin),
        cmocka_unit_test_setup(test_client_id_form, begin),
        cmocka_unit_test_setup(test_retention, begin),
        cmocka_unit_test_setup(test_lookup_lag, begin),
        cmocka_unit_test_setup(test_refusals, begin),
        cmocka_unit_test_setup(test_step_and_notional_texts, begin),
        cmocka_unit_test_setup(test_time_in_force, begin),
        cmocka_unit_test_setup(test_query_cancel_lists, begin),
        cmocka_unit_test_setup(test_cancel_all, begin),
        cmocka_unit_test_setup(test_all_orders_pages, begin),
        cmocka_unit_test_setup(test_order_test_and_unknown_paths, begin),
        cmocka_unit_test_setup(test_rings, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
