/* Covers algo.c, binance_futures_algo.c. Goal: conditional orders wait, trigger at the right price in the right
 * direction, and what they spawn is found by actualOrderId. Method: pinned prices moved across the trigger. */
#include "lab/test_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

#define ALGO "/fapi/v1/algoOrder"
#define SELL "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&workingType=MARK_PRICE"
#define BUY "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&workingType=MARK_PRICE"

static int begin(void **state) {
    (void)state;
    rig_init(&rig, memory, 42);
    rig_pin(&rig, "BTCUSDT", "100000");
    return 0;
}

static void open_long(void) {
    assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1"), 200);
}

static void assert_flat(bool flat) {
    struct hx_lab_position_view position;
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("BTCUSDT"), HX_LAB_BOTH, &position)));
    assert_int_equal(hx_dec_is_zero(position.quantity), flat);
}

static void assert_status(const char *client_id, const char *status) {
    char params[96];
    (void)snprintf(params, sizeof params, "clientAlgoId=%s", client_id);
    assert_int_equal(rig_get(&rig, ALGO, params), 200);
    if (!rig_is(&rig, "algoStatus", status)) fail_msg("%s is not %s: %s", client_id, status, rig.text);
}

/* A closing stop: waits, fires at the mark, closes what is there, and names the order it became. */
static void test_stop_market_closes(void **state) {
    (void)state;
    open_long();
    assert_int_equal(
        rig_post(&rig, ALGO, SELL "&type=STOP_MARKET&closePosition=true&triggerPrice=98000&clientAlgoId=sl"), 200);
    assert_true(rig_is(&rig, "algoStatus", "NEW"));
    assert_true(rig_is(&rig, "triggerPrice", "98000.00"));
    assert_int_equal(rig_count(&rig, "actualOrderId"), 0);
    assert_int_equal(rig_get(&rig, "/fapi/v1/openAlgoOrders", ""), 200);
    assert_int_equal(rig_count(&rig, "\"algoId\""), 1);
    rig_pin(&rig, "BTCUSDT", "98000.1");
    assert_status("sl", "NEW");
    assert_true(rig_is(&rig, "actualOrderId", ""));
    assert_flat(false);
    rig_pin(&rig, "BTCUSDT", "98000");
    assert_flat(true);
    assert_status("sl", "FINISHED");
    assert_true(rig_is(&rig, "actualQty", "0.100"));
    char params[96];
    const hx_str id = rig_value(&rig, "actualOrderId");
    (void)snprintf(params, sizeof params, "symbol=BTCUSDT&orderId=%.*s", (int)id.len, id.data);
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", params), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_true(rig_is(&rig, "closePosition", "true"));
    assert_int_equal(rig_get(&rig, "/fapi/v1/openAlgoOrders", ""), 200);
    assert_string_equal(rig.text, "[]");
}

/* Every type and side: just before the trigger nothing, at the trigger an order. */
static void test_triggers(void **state) {
    (void)state;
    static const struct {
        const char *params, *before, *at;
    } rows[] = {
        {SELL "&type=STOP_MARKET&quantity=0.1&triggerPrice=99000", "99000.1", "99000"},
        {BUY "&type=STOP_MARKET&quantity=0.1&triggerPrice=101000", "100999.9", "101000"},
        {SELL "&type=TAKE_PROFIT_MARKET&quantity=0.1&triggerPrice=101000", "100999.9", "101000"},
        {BUY "&type=TAKE_PROFIT_MARKET&quantity=0.1&triggerPrice=99000", "99000.1", "99000"},
        {SELL "&type=STOP&quantity=0.1&triggerPrice=99000&price=98900", "99000.1", "99000"},
        {BUY "&type=TAKE_PROFIT&quantity=0.1&triggerPrice=99000&price=99000", "99000.1", "99000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)begin(state);
        assert_int_equal(rig_post(&rig, ALGO, rows[i].params), 200);
        rig_pin(&rig, "BTCUSDT", rows[i].before);
        assert_int_equal(hx_lab_order_count(rig.lab), 0);
        rig_pin(&rig, "BTCUSDT", rows[i].at);
        assert_int_equal(hx_lab_order_count(rig.lab), 1);
        struct hx_lab_order_view order;
        hx_lab_get_order(rig.lab, 0, &order);
        assert_true(order.from_algo);
        assert_int_equal(order.status, HX_LAB_STATUS_FILLED);
    }
}

/* Trailing: follows the best price since activation, fires when it comes back by the callback rate. */
static void test_trailing(void **state) {
    (void)state;
    open_long();
    assert_int_equal(rig_post(&rig, ALGO,
                              SELL "&type=TRAILING_STOP_MARKET&quantity=0.1&callbackRate=2&reduceOnly=true&"
                                   "activatePrice=101000&clientAlgoId=trail"),
                     200);
    rig_pin(&rig, "BTCUSDT", "97000");
    assert_status("trail", "NEW");
    rig_pin(&rig, "BTCUSDT", "120000");
    rig_pin(&rig, "BTCUSDT", "117600.1");
    assert_status("trail", "NEW");
    rig_pin(&rig, "BTCUSDT", "117600");
    assert_status("trail", "FINISHED");
    assert_flat(true);
}

/* Triggered, but not placeable any more: refused then, or expired when there is nothing to close. */
static void test_trigger_without_effect(void **state) {
    (void)state;
    open_long();
    assert_int_equal(
        rig_post(&rig, ALGO, SELL "&type=STOP_MARKET&quantity=0.1&reduceOnly=true&triggerPrice=99000&clientAlgoId=ro"),
        200);
    assert_int_equal(
        rig_post(&rig, ALGO, SELL "&type=STOP_MARKET&closePosition=true&triggerPrice=99000&clientAlgoId=cp"), 200);
    assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.1"), 200);
    rig_pin(&rig, "BTCUSDT", "98000");
    assert_status("ro", "REJECTED");
    assert_status("cp", "EXPIRED");
    assert_flat(true);
}

/* A stop-limit that rests after its trigger is TRIGGERED until its order ends. */
static void test_triggered_but_resting(void **state) {
    (void)state;
    assert_int_equal(
        rig_post(&rig, ALGO, SELL "&type=STOP&quantity=0.1&triggerPrice=99000&price=99500&clientAlgoId=st"), 200);
    rig_pin(&rig, "BTCUSDT", "98900");
    assert_status("st", "TRIGGERED");
    assert_int_equal(rig_delete(&rig, "/fapi/v1/allOpenOrders", "symbol=BTCUSDT"), 200);
    assert_status("st", "FINISHED");
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *params;
        int64_t code;
    } rows[] = {
        {"symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.1&triggerPrice=99000", -1102},
        {"algoType=VP&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.1&triggerPrice=99000", -1130},
        {SELL "&type=LIMIT&quantity=0.1&triggerPrice=99000", -1116},
        {SELL "&type=STOP_MARKET&quantity=0.1", -1102},
        {SELL "&type=STOP_MARKET&quantity=0.1&triggerPrice=100000", -2021},
        {BUY "&type=STOP_MARKET&quantity=0.1&triggerPrice=99000", -2021},
        {SELL "&type=STOP_MARKET&quantity=0.1&triggerPrice=99000.05", -4014},
        {SELL "&type=STOP_MARKET&triggerPrice=99000", -1102},
        {SELL "&type=STOP_MARKET&quantity=0.0001&triggerPrice=99000", -1111},
        {SELL "&type=STOP_MARKET&quantity=0.1&closePosition=true&triggerPrice=99000", -4137},
        {SELL "&type=STOP_MARKET&reduceOnly=true&closePosition=true&triggerPrice=99000", -1106},
        {SELL "&type=STOP&closePosition=true&triggerPrice=99000&price=99000", -1106},
        {SELL "&type=STOP&quantity=0.1&triggerPrice=99000", -1102},
        {SELL "&type=TRAILING_STOP_MARKET&quantity=0.1", -1102},
        {SELL "&type=TRAILING_STOP_MARKET&quantity=0.1&callbackRate=0.05", -1130},
        {SELL "&type=TRAILING_STOP_MARKET&quantity=0.1&callbackRate=10.1", -1130},
        {"algoType=CONDITIONAL&symbol=SRMUSDT&side=SELL&type=STOP_MARKET&quantity=10&triggerPrice=0.2", -4140},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)rig_post(&rig, ALGO, rows[i].params);
        if (!rig_refused(&rig, rows[i].code)) fail_msg("%s gave %s", rows[i].params, rig.text);
    }
    assert_int_equal(hx_lab_algo_count(rig.lab), 0);
}

/* Ids are unique among open ones, closing stops are one per direction, cancel and lists. */
static void test_ids_and_cancel(void **state) {
    (void)state;
    const char *stop = SELL "&type=STOP_MARKET&closePosition=true&triggerPrice=99000&clientAlgoId=one";
    assert_int_equal(rig_post(&rig, ALGO, stop), 200);
    (void)rig_post(&rig, ALGO, SELL "&type=STOP_MARKET&quantity=0.1&triggerPrice=99000&clientAlgoId=one");
    assert_true(rig_refused(&rig, -4116));
    (void)rig_post(&rig, ALGO, SELL "&type=STOP_MARKET&closePosition=true&triggerPrice=98000");
    assert_true(rig_refused(&rig, -4130));
    assert_int_equal(rig_post(&rig, ALGO, SELL "&type=TAKE_PROFIT_MARKET&closePosition=true&triggerPrice=102000"), 200);
    assert_int_equal(rig_delete(&rig, "/fapi/v1/allOpenOrders", "symbol=BTCUSDT"), 200);
    assert_status("one", "NEW");
    assert_int_equal(rig_delete(&rig, ALGO, "clientAlgoId=one"), 200);
    assert_int_equal(rig_count(&rig, "\"code\":\"200\""), 1);
    (void)rig_delete(&rig, ALGO, "clientAlgoId=one");
    assert_true(rig_refused(&rig, -2011));
    (void)rig_get(&rig, ALGO, "clientAlgoId=none");
    assert_true(rig_refused(&rig, -2013));
    (void)rig_get(&rig, ALGO, "");
    assert_true(rig_refused(&rig, -1102));
    assert_int_equal(rig_post(&rig, ALGO, stop), 200);
    assert_int_equal(rig_get(&rig, "/fapi/v1/allAlgoOrders", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_count(&rig, "\"algoId\""), 3);
    assert_int_equal(rig_delete(&rig, "/fapi/v1/algoOpenOrders", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_get(&rig, "/fapi/v1/openAlgoOrders", "symbol=BTCUSDT"), 200);
    assert_string_equal(rig.text, "[]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_stop_market_closes, begin),
        cmocka_unit_test_setup(test_triggers, begin),
        cmocka_unit_test_setup(test_trailing, begin),
        cmocka_unit_test_setup(test_trigger_without_effect, begin),
        cmocka_unit_test_setup(test_triggered_but_resting, begin),
        cmocka_unit_test_setup(test_refusals, begin),
        cmocka_unit_test_setup(test_ids_and_cancel, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
