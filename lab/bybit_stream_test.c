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
    const char *cancel_type;
    const char *reason;
    order.refusal = HX_LAB_REFUSED_WOULD_TAKE;
    hx_lab_bybit_ending(&order, HX_LAB_STATUS_REJECTED, &cancel_type, &reason);
    assert_string_equal(reason, "EC_PostOnlyWillTakeLiquidity");
    order.refusal = HX_LAB_REFUSED_DUPLICATE;
    hx_lab_bybit_ending(&order, HX_LAB_STATUS_REJECTED, &cancel_type, &reason);
    assert_string_equal(reason, "EC_DuplicatedClOrdID");
    hx_lab_bybit_ending(&order, HX_LAB_STATUS_CANCELED, &cancel_type, &reason);
    assert_string_equal(cancel_type, "CancelByUser");
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

/* Order entry: the same rules as by REST, an acknowledgement as answer, the account's limit shared with REST. */
static void test_trade(void **state) {
    (void)state;
    char text[512];
    hx_lab_set_ack_delay(rig.lab, 10);
    const uint32_t stream = open_logged_in("/v5/trade");
    const char *head = "\"header\":{\"X-BAPI-TIMESTAMP\":\"1700000000000\",\"X-BAPI-RECV-WINDOW\":\"100\"}";
    const char *order =
        "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Limit\","
        "\"qty\":\"0.1\",\"price\":\"99000\",\"orderLinkId\":\"ws-1\"}";
    (void)snprintf(text, sizeof text, "{\"reqId\":\"1\",%s,\"op\":\"order.create\",\"args\":[%s]}", head, order);
    talk_say(&rig, stream, text);
    assert_true(talk_next_is(&rig, stream, "retCode", "0"));
    assert_true(rig_is(&rig, "op", "order.create"));
    assert_true(rig_is(&rig, "orderLinkId", "ws-1"));
    assert_true(rig_is(&rig, "X-Bapi-Limit", "10"));
    assert_true(rig_is(&rig, "X-Bapi-Limit-Status", "9"));
    assert_int_equal(rig_value(&rig, "orderId").len, 36);
    struct hx_lab_order_view view;
    hx_lab_get_order(rig.lab, 0, &view);
    assert_int_equal(view.status, HX_LAB_STATUS_PENDING);
    assert_int_equal(view.request_timestamp, LOGIN_TIME);
    (void)snprintf(text, sizeof text, "{\"reqId\":\"2\",%s,\"op\":\"order.create\",\"args\":[%s]}", head, order);
    talk_say(&rig, stream, text);
    assert_true(talk_next_is(&rig, stream, "retCode", "110072"));
    rig.now += 100;
    (void)snprintf(text, sizeof text,
                   "{\"reqId\":\"3\",%s,\"op\":\"order.amend\",\"args\":[{\"category\":\"linear\",\"symbol\":"
                   "\"BTCUSDT\",\"orderLinkId\":\"ws-1\",\"price\":\"98000\"}]}",
                   head);
    talk_say(&rig, stream, text);
    assert_true(talk_next_is(&rig, stream, "retCode", "0"));
    (void)snprintf(text, sizeof text,
                   "{\"reqId\":\"4\",%s,\"op\":\"order.cancel\",\"args\":[{\"category\":\"linear\",\"symbol\":"
                   "\"BTCUSDT\",\"orderLinkId\":\"ws-1\"}]}",
                   head);
    talk_say(&rig, stream, text);
    assert_true(talk_next_is(&rig, stream, "retCode", "0"));
    rig.now += 10;
    talk_say(&rig, stream, text);
    assert_true(talk_next_is(&rig, stream, "retCode", "20006"));
    hx_lab_get_order(rig.lab, 0, &view);
    assert_int_equal(view.status, HX_LAB_STATUS_CANCELED);
    assert_true(hx_dec_equal(view.price, rig_dec("98000")));
    (void)snprintf(text, sizeof text, "{\"reqId\":\"5\",%s,\"op\":\"order.create\",\"args\":[%s]}", head, order);
    talk_say(&rig, stream, text);
    assert_true(talk_next_is(&rig, stream, "retCode", "10002"));
    const struct hx_lab_key_rights rights = {.can_read = true, .can_trade_spot = true};
    hx_lab_set_key_rights(rig.lab, &rights);
    rig.now = LOGIN_TIME + 100;
    hx_lab_set_skew(rig.lab, LOGIN_TIME - rig.now);
    (void)snprintf(text, sizeof text, "{%s,\"op\":\"order.create\",\"args\":[%s]}", head, order);
    talk_say(&rig, stream, text);
    assert_true(talk_next_is(&rig, stream, "retCode", "10005"));
}

/* What ends without a fill says why, and a stop for the position is told as what it is. */
static void test_endings(void **state) {
    (void)state;
    const uint32_t stream = open_logged_in("/v5/private");
    talk_say(&rig, stream, "{\"op\":\"subscribe\",\"args\":[\"order.linear\"]}");
    assert_true(talk_next_is(&rig, stream, "success", "true"));
    struct hx_lab_draft draft;
    struct hx_lab_order *order = NULL;
    hx_mem_set(&draft, 0, sizeof draft);
    draft.is_acked = true;
    draft.buy = true;
    draft.tif = HX_LAB_GTX;
    draft.quantity = HX_LAB_UNIT / 10;
    draft.price = 100000 * HX_LAB_UNIT;
    assert_int_equal(hx_lab_place(rig.lab, &draft, &order), HX_LAB_ACCEPTED);
    assert_true(talk_next_is(&rig, stream, "orderStatus", "Cancelled"));
    assert_true(rig_is(&rig, "rejectReason", "EC_PostOnlyWillTakeLiquidity"));
    draft.tif = HX_LAB_GTC;
    draft.exits = (struct hx_lab_exits){.stop_loss = 95000 * HX_LAB_UNIT};
    assert_int_equal(hx_lab_place(rig.lab, &draft, &order), HX_LAB_ACCEPTED);
    assert_true(talk_next_is(&rig, stream, "orderStatus", "New"));
    assert_true(talk_next_is(&rig, stream, "orderStatus", "Filled"));
    assert_int_equal(rig_count(&rig, "\"cumFeeDetail\":{\"USDT\":\"5.5\"}"), 1);
    assert_true(talk_next_is(&rig, stream, "orderStatus", "Untriggered"));
    assert_true(rig_is(&rig, "stopOrderType", "StopLoss"));
    (void)talk_order(&rig, HX_LAB_FUTURES, false, "0.1", NULL, "close");
    assert_true(talk_next_is(&rig, stream, "orderStatus", "New"));
    assert_true(talk_next_is(&rig, stream, "orderStatus", "Filled"));
    assert_true(talk_next_is(&rig, stream, "orderStatus", "Deactivated"));
    assert_true(rig_is(&rig, "cancelType", "CancelByTpSlTsClear"));
    assert_false(talk_next(&rig, stream));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_login, begin),          cmocka_unit_test_setup(test_heartbeat, begin),
        cmocka_unit_test_setup(test_linear, begin),         cmocka_unit_test_setup(test_spot, begin),
        cmocka_unit_test_setup(test_words, begin),          cmocka_unit_test_setup(test_tickers, begin),
        cmocka_unit_test_setup(test_trade_refusals, begin), cmocka_unit_test_setup(test_trade, begin),
        cmocka_unit_test_setup(test_endings, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
