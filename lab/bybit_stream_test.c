/* Covers bybit_stream.c, bybit_event.c, bybit_trade.c, bybit_words.c. Goal: Bybit's streams log in with the venue's
 * text, tell what happened in its topics, and tickers tell what changed. Method: a signature made elsewhere, then
 * conversations frame by frame against figures worked out by hand. */
#include "lab/bybit_words.h"
#include "lab/talk_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

#define LOGIN_TIME ((hx_time)1700000000000)
#define LOGIN_AS(key, expires, signature) "{\"op\":\"auth\",\"args\":[\"" key "\"," expires ",\"" signature "\"]}"
#define SIGNATURE "f5c78c1cdd2c20e7adb807bcd1226c7fdb67d0a2f4164c5f32c019aa8214ce1e"
#define LOGIN LOGIN_AS(TALK_KEY, "1700000010000", SIGNATURE)

static int begin(void **state) {
    (void)state;
    talk_init(&rig, memory, HX_LAB_BYBIT, LOGIN_TIME);
    return 0;
}

static uint32_t open_logged_in(const char *path) {
    const uint32_t stream = talk_open(&rig, path);
    talk_say(&rig, stream, LOGIN);
    assert_true(talk_next(&rig, stream));
    return stream;
}

static void test_login(void **state) {
    (void)state;
    static const char *const wrong[] = {
        LOGIN_AS("someone", "1700000010000", SIGNATURE),
        LOGIN_AS(TALK_KEY, "1700000010001", SIGNATURE),
        LOGIN_AS(TALK_KEY, "1699999999999", SIGNATURE),
        LOGIN_AS(TALK_KEY, "1700000010000", "F5C78C1CDD2C20E7ADB807BCD1226C7FDB67D0A2F4164C5F32C019AA8214CE1E"),
        "{\"op\":\"auth\",\"args\":[]}",
        "{\"op\":\"auth\"}",
    };
    uint32_t stream = talk_open(&rig, "/v5/private");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        talk_say(&rig, stream, wrong[i]);
        assert_true(talk_next_is(&rig, stream, "success", "false"));
    }
    talk_say(&rig, stream, "{\"op\":\"subscribe\",\"args\":[\"order\"]}");
    assert_true(talk_next_is(&rig, stream, "success", "false"));
    talk_say(&rig, stream, LOGIN);
    assert_true(talk_next_is(&rig, stream, "success", "true"));
    assert_true(rig_is(&rig, "op", "auth"));
    stream = open_logged_in("/v5/trade");
    assert_int_equal(rig_number(&rig, "retCode"), 0);
    talk_say(&rig, stream, LOGIN);
    assert_true(talk_next_is(&rig, stream, "retCode", "20001"));
    assert_true(
        hx_err_is(hx_lab_stream_open(rig.lab, rig.now, HX_STR("/v5/public"), HX_STR_EMPTY, &stream), HX_CLASS_ABSENT));
}

static void test_heartbeat(void **state) {
    (void)state;
    const uint32_t public_one = talk_open(&rig, "/v5/public/linear");
    const uint32_t private_one = talk_open(&rig, "/v5/private");
    talk_say(&rig, public_one, "{\"req_id\":\"7\",\"op\":\"ping\"}");
    assert_true(talk_next_is(&rig, public_one, "ret_msg", "pong"));
    assert_true(rig_is(&rig, "req_id", "7"));
    talk_say(&rig, private_one, "{\"op\":\"ping\"}");
    assert_true(talk_next_is(&rig, private_one, "op", "pong"));
    talk_say(&rig, private_one, "not JSON");
    assert_true(talk_next_is(&rig, private_one, "success", "false"));
    rig.now += 11 * HX_MS_PER_MINUTE;
    assert_false(talk_next(&rig, public_one));
    assert_false(hx_lab_stream_is_open(rig.lab, public_one));
}

/* Linear: execution with its fee, order, position, wallet; 0.1 at 100,000 costs 5.5 of fee. */
static void test_linear(void **state) {
    (void)state;
    const uint32_t stream = open_logged_in("/v5/private");
    talk_say(&rig, stream, "{\"op\":\"subscribe\",\"args\":[\"order\",\"execution\",\"position\",\"wallet\"]}");
    assert_true(talk_next_is(&rig, stream, "success", "true"));
    const struct hx_lab_order *order = talk_order(&rig, HX_LAB_FUTURES, true, "0.1", NULL, "one");
    assert_true(talk_next_is(&rig, stream, "topic", "order"));
    assert_true(rig_is(&rig, "orderStatus", "New"));
    assert_true(rig_is(&rig, "category", "linear"));
    assert_true(rig_is(&rig, "avgPrice", ""));
    assert_true(talk_next_is(&rig, stream, "topic", "execution"));
    assert_true(rig_is(&rig, "orderLinkId", "one"));
    assert_true(rig_is(&rig, "execFee", "5.5"));
    assert_true(rig_is(&rig, "execQty", "0.1"));
    assert_true(rig_is(&rig, "isMaker", "false"));
    assert_int_equal(rig_value(&rig, "execId").len, 36);
    assert_true(talk_next_is(&rig, stream, "topic", "order"));
    assert_true(rig_is(&rig, "orderStatus", "Filled"));
    assert_true(rig_is(&rig, "cumExecFee", "5.5"));
    assert_true(rig_is(&rig, "rejectReason", "EC_NoError"));
    assert_ptr_equal(hx_lab_order_by_text(rig.lab, HX_LAB_FUTURES, rig_value(&rig, "orderId")), order);
    assert_true(talk_next_is(&rig, stream, "topic", "position"));
    assert_true(rig_is(&rig, "side", "Buy"));
    assert_true(rig_is(&rig, "size", "0.1"));
    assert_true(talk_next_is(&rig, stream, "topic", "wallet"));
    assert_true(rig_is(&rig, "walletBalance", "99994.5"));
    assert_false(talk_next(&rig, stream));
    talk_say(&rig, stream, "{\"op\":\"unsubscribe\",\"args\":[\"order\",\"execution\",\"position\",\"wallet\"]}");
    assert_true(talk_next(&rig, stream));
    (void)talk_order(&rig, HX_LAB_FUTURES, false, "0.1", NULL, "two");
    assert_false(talk_next(&rig, stream));
}

/* Spot: the cancelled rest of an order that was partly filled has a status of its own; the fee is in BTC. */
static void test_spot(void **state) {
    (void)state;
    const uint32_t stream = open_logged_in("/v5/private");
    talk_say(&rig, stream, "{\"op\":\"subscribe\",\"args\":[\"order.spot\",\"execution.fast.spot\",\"wallet\"]}");
    assert_true(talk_next_is(&rig, stream, "success", "true"));
    struct hx_lab_order *order = talk_order(&rig, HX_LAB_SPOT, true, "0.1", "99000", "rest");
    assert_true(talk_next_is(&rig, stream, "orderStatus", "New"));
    assert_true(talk_next_is(&rig, stream, "topic", "wallet"));
    assert_true(rig_is(&rig, "locked", "9900"));
    hx_lab_cancel(rig.lab, order);
    assert_true(talk_next_is(&rig, stream, "orderStatus", "Cancelled"));
    assert_true(rig_is(&rig, "cancelType", "CancelByUser"));
    assert_true(talk_next(&rig, stream));
    (void)talk_order(&rig, HX_LAB_SPOT, true, "0.1", NULL, "now");
    assert_true(talk_next_is(&rig, stream, "orderStatus", "New"));
    assert_true(talk_next(&rig, stream));
    assert_true(talk_next_is(&rig, stream, "topic", "execution.fast"));
    assert_int_equal(rig_count(&rig, "execFee"), 0);
    assert_true(talk_next_is(&rig, stream, "orderStatus", "Filled"));
    assert_true(rig_is(&rig, "cumExecFee", "0.0001"));
    assert_true(talk_next_is(&rig, stream, "topic", "wallet"));
    assert_int_equal(rig_count(&rig, "\"coin\":\"BTC\",\"equity\":\"0.0999\""), 1);
}

static void test_words(void **state) {
    (void)state;
    struct hx_lab_order order;
    hx_mem_set(&order, 0, sizeof order);
    order.market = hx_lab_market_index(rig.lab, hx_lab_find_market(rig.lab, HX_LAB_SPOT, HX_STR("BTCUSDT")));
    assert_string_equal(hx_lab_bybit_status_text(rig.lab, &order, HX_LAB_STATUS_EXPIRED, 1), "PartiallyFilledCanceled");
    assert_string_equal(hx_lab_bybit_status_text(rig.lab, &order, HX_LAB_STATUS_EXPIRED, 0), "Cancelled");
    order.trigger.is_set = true;
    assert_string_equal(hx_lab_bybit_status_text(rig.lab, &order, HX_LAB_STATUS_CANCELED, 0), "Deactivated");
    order.market = 0;
    order.triggered = true;
    assert_string_equal(hx_lab_bybit_status_text(rig.lab, &order, HX_LAB_STATUS_CANCELED, 1), "Cancelled");
    assert_string_equal(hx_lab_bybit_reject_reason(HX_LAB_REFUSED_WOULD_TAKE), "EC_PostOnlyWillTakeLiquidity");
    assert_string_equal(hx_lab_bybit_reject_reason(HX_LAB_REFUSED_DUPLICATE), "EC_DuplicatedClOrdID");
    order.tif = HX_LAB_GTX;
    assert_string_equal(hx_lab_bybit_tif_text(&order), "PostOnly");
    order.type = HX_LAB_ORDER_MARKET;
    assert_string_equal(hx_lab_bybit_tif_text(&order), "IOC");
    assert_int_equal(hx_lab_bybit_position_index(HX_LAB_SHORT), 2);
}

/* A snapshot, then what changed; nothing when nothing did. Spot tells everything each time. */
static void test_tickers(void **state) {
    (void)state;
    const uint32_t linear = talk_open(&rig, "/v5/public/linear");
    talk_say(&rig, linear, "{\"op\":\"subscribe\",\"args\":[\"tickers.BTCUSDT\"]}");
    assert_true(talk_next_is(&rig, linear, "success", "true"));
    assert_true(talk_next_is(&rig, linear, "type", "snapshot"));
    assert_true(rig_is(&rig, "markPrice", "100000.00"));
    assert_true(rig_is(&rig, "topic", "tickers.BTCUSDT"));
    rig.now += 1000;
    assert_false(talk_next(&rig, linear));
    rig_pin(&rig, "BTCUSDT", "100000.1");
    rig.now += 1000;
    assert_true(talk_next_is(&rig, linear, "type", "delta"));
    assert_true(rig_is(&rig, "markPrice", "100000.10"));
    assert_int_equal(rig_count(&rig, "fundingRate"), 0);
    const uint32_t spot = talk_open(&rig, "/v5/public/spot");
    talk_say(&rig, spot, "{\"op\":\"subscribe\",\"args\":[\"tickers.BTCUSDT\"]}");
    assert_true(talk_next(&rig, spot));
    assert_true(talk_next_is(&rig, spot, "type", "snapshot"));
    rig.now += 1000;
    assert_true(talk_next_is(&rig, spot, "type", "snapshot"));
    talk_say(&rig, spot, "{\"op\":\"subscribe\",\"args\":[\"tickers.NONE\"]}");
    assert_true(talk_next_is(&rig, spot, "success", "false"));
    talk_say(&rig, spot, "{\"op\":\"subscribe\",\"args\":[1,2,3,4,5,6,7,8,9,10,11]}");
    assert_true(talk_next_is(&rig, spot, "success", "false"));
}

/* Before there is anything to place: who may not, and what is no request. */
static void test_trade_refusals(void **state) {
    (void)state;
    uint32_t stream = talk_open(&rig, "/v5/trade");
    talk_say(&rig, stream, "{\"reqId\":\"1\",\"op\":\"order.create\",\"args\":[{}]}");
    assert_true(talk_next_is(&rig, stream, "retCode", "10003"));
    stream = open_logged_in("/v5/trade");
    talk_say(&rig, stream, "{\"reqId\":\"1\",\"op\":\"order.invent\",\"args\":[{}]}");
    assert_true(talk_next_is(&rig, stream, "retCode", "10404"));
    talk_say(&rig, stream, "{\"reqId\":\"1234567890123456789012345678901234567\",\"op\":\"order.create\",\"args\":[]}");
    assert_true(talk_next_is(&rig, stream, "retCode", "10001"));
    talk_say(&rig, stream, "{\"reqId\":\"1\",\"op\":\"order.create\",\"args\":[]}");
    assert_true(talk_next_is(&rig, stream, "retCode", "10001"));
    assert_true(rig_is(&rig, "reqId", "1"));
    talk_say(&rig, stream, "{\"reqId\":\"1\",\"op\":\"order.create\",\"args\":[]}");
    assert_true(talk_next_is(&rig, stream, "retCode", "20006"));
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_login, begin),          cmocka_unit_test_setup(test_heartbeat, begin),
        cmocka_unit_test_setup(test_linear, begin),         cmocka_unit_test_setup(test_spot, begin),
        cmocka_unit_test_setup(test_words, begin),          cmocka_unit_test_setup(test_tickers, begin),
        cmocka_unit_test_setup(test_trade_refusals, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
