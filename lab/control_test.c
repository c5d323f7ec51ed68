/* Covers control.c, control_rules.c, control_settings.c. Goal: what a script can ask and tell over /lab/ is what the
 * direct calls do. Method: JSON in, JSON out, compared with the venue's side. */
#include "lab/test_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

#define GET HX_HTTP_METHOD_GET
#define POST HX_HTTP_METHOD_POST
#define DELETE HX_HTTP_METHOD_DELETE
#define BUY "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1"

static int begin(void **state) {
    (void)state;
    rig_init(&rig, memory, 42);
    rig_pin(&rig, "BTCUSDT", "100000");
    return 0;
}

/* Orders, fills and positions with everything a test compares; pages by from and limit. */
static void test_lists(void **state) {
    (void)state;
    assert_int_equal(rig_control(&rig, GET, "/lab/orders", ""), 200);
    assert_string_equal(rig.text, "[]");
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=one"), 200);
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=one"), 200);
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=two"), 200);
    assert_int_equal(rig_control(&rig, GET, "/lab/orders", ""), 200);
    assert_int_equal(rig_count(&rig, "\"clientOrderId\":\"one\""), 2);
    assert_int_equal(rig_count(&rig, "\"placements\":2"), 2);
    assert_int_equal(rig_count(&rig, "\"placements\":1"), 1);
    assert_true(rig_is(&rig, "orderId", "400000000001"));
    assert_true(rig_is(&rig, "side", "BUY"));
    assert_true(rig_is(&rig, "type", "MARKET"));
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_true(rig_is(&rig, "origQty", "0.1"));
    assert_true(rig_is(&rig, "executedQty", "0.1"));
    assert_true(rig_is(&rig, "avgPrice", "100000"));
    assert_int_equal(rig_number(&rig, "requestTimestamp"), RIG_NOW);
    assert_int_equal(rig_send(&rig, GET, "/lab/orders", "from=1&limit=1", ""), 200);
    assert_int_equal(rig_count(&rig, "clientOrderId"), 1);
    assert_true(hx_str_equal(rig_header(&rig, "X-Lab-Next"), HX_STR("2")));
    assert_int_equal(rig_send(&rig, GET, "/lab/orders", "from=3", ""), 200);
    assert_string_equal(rig.text, "[]");
    assert_int_equal(rig_header(&rig, "X-Lab-Next").len, 0);
    assert_int_equal(rig_send(&rig, GET, "/lab/orders", "from=x", ""), 400);
    assert_true(rig_value(&rig, "error").len > 0);
    assert_int_equal(rig_control(&rig, GET, "/lab/fills", ""), 200);
    assert_int_equal(rig_count(&rig, "\"tradeId\""), 3);
    assert_true(rig_is(&rig, "commission", "5"));
    assert_int_equal(rig_control(&rig, GET, "/lab/positions", ""), 200);
    assert_int_equal(rig_count(&rig, "\"symbol\""), 1);
    assert_true(rig_is(&rig, "positionAmt", "0.3"));
    assert_int_equal(rig_post(&rig, "/fapi/v1/algoOrder",
                              "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&closePosition=true&"
                              "triggerPrice=90000&clientAlgoId=stop"),
                     200);
    assert_int_equal(rig_control(&rig, GET, "/lab/algo-orders", ""), 200);
    assert_true(rig_is(&rig, "clientAlgoId", "stop"));
    assert_true(rig_is(&rig, "status", "NEW"));
}

/* A list longer than the buffer ends early and says where it goes on; walking it gives every row once. */
static void test_long_list(void **state) {
    (void)state;
    struct hx_lab_config config = hx_lab_config_small();
    config.answer_len_max = 8192;
    rig.lab = hx_lab_init_with(memory, &config, 1, RIG_NOW);
    for (int i = 0; i < 100; i++)
        assert_int_equal(rig_order(&rig, "symbol=DOGEUSDT&side=BUY&type=MARKET&quantity=100"), 200);
    uint32_t rows = 0;
    uint32_t pages = 0;
    char query[32] = "from=0";
    for (;;) {
        assert_int_equal(rig_send(&rig, GET, "/lab/orders", query, ""), 200);
        rows += rig_count(&rig, "clientOrderId");
        pages++;
        const hx_str next = rig_header(&rig, "X-Lab-Next");
        if (next.len == 0) break;
        hx_mem_copy(query + 5, next.data, next.len);
        query[5 + next.len] = 0;
    }
    assert_int_equal(rows, 100);
    assert_true(pages > 3);
}

static void test_state(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_int_equal(rig_get(&rig, "/fapi/v3/balance", ""), 200);
    assert_int_equal(rig_get(&rig, "/fapi/v1/nothing", ""), 404);
    assert_int_equal(rig_control(&rig, GET, "/lab/state", ""), 200);
    assert_true(rig_is(&rig, "USDT", "99995"));
    assert_true(rig_is(&rig, "usdtFees", "5"));
    assert_int_equal(rig_number(&rig, "orders"), 1);
    assert_int_equal(rig_number(&rig, "requests"), 3);
    assert_int_equal(rig_number(&rig, "POST /fapi/v1/order"), 1);
    assert_int_equal(rig_number(&rig, "GET /fapi/v3/balance"), 1);
    assert_int_equal(rig_number(&rig, "unknown"), 1);
}

/* One rule, several, replacing, listing and deleting. */
static void test_faults(void **state) {
    (void)state;
    assert_int_equal(
        rig_control(&rig, POST, "/lab/faults", "{\"kind\":\"drop_reply\",\"match\":\"order\",\"count\":2}"), 200);
    assert_int_equal(rig_number(&rig, "rules"), 1);
    (void)rig_order(&rig, BUY);
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    assert_int_equal(rig_control(&rig, GET, "/lab/faults", ""), 200);
    assert_int_equal(rig_number(&rig, "applied"), 1);
    assert_int_equal(rig_control(&rig, POST, "/lab/faults",
                                 "{\"replace\":true,\"rules\":[{\"kind\":\"http_status\",\"match\":\"order\","
                                 "\"status\":503,\"msg\":\"Service Unavailable.\",\"delay_ms\":20}]}"),
                     200);
    assert_int_equal(rig_order(&rig, BUY), 503);
    assert_int_equal(rig.answer.delay_ms, 20);
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_int_equal(rig_control(&rig, POST, "/lab/faults",
                                 "[{\"kind\":\"error_code\",\"match\":\"POST /fapi/v1/order\",\"code\":-2019},"
                                 "{\"kind\":\"maintenance\",\"count\":-1}]"),
                     200);
    assert_int_equal(rig_order(&rig, BUY), 400);
    assert_int_equal(rig_order(&rig, BUY), 503);
    assert_int_equal(rig_control(&rig, DELETE, "/lab/faults", ""), 200);
    assert_int_equal(rig_order(&rig, BUY), 200);
}

/* Every kind can be named, with the members lab.h gives it. */
static void test_fault_names(void **state) {
    (void)state;
    static const char *const rules[] = {
        "{\"kind\":\"drop_request\",\"hold_ms\":100}",
        "{\"kind\":\"drop_reply\",\"skip\":2,\"probability\":500}",
        "{\"kind\":\"late\",\"delay_ms\":100}",
        "{\"kind\":\"late_process\",\"delay_ms\":100,\"hold_ms\":5}",
        "{\"kind\":\"http_status\",\"status\":429,\"retry_after_s\":3}",
        "{\"kind\":\"error_code\",\"code\":-1007,\"executes\":true}",
        "{\"kind\":\"maintenance\"}",
        "{\"kind\":\"partial\",\"fill_permille\":500}",
        "{\"kind\":\"split\",\"parts\":3}",
        "{\"kind\":\"halt\",\"symbol\":\"BTCUSDT\"}",
        "{\"kind\":\"clock_skew\",\"skew_ms\":-2000}",
        "{\"kind\":\"garbage\",\"variant\":1}",
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rig_control(&rig, POST, "/lab/faults", rules[i]) != 200) fail_msg("%s gave %s", rules[i], rig.text);
    }
    assert_int_equal(hx_lab_fault_count(rig.lab), sizeof rules / sizeof rules[0]);
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *path, *body;
    } rows[] = {
        {"/lab/faults", "nonsense"},
        {"/lab/faults", "{\"match\":\"order\"}"},
        {"/lab/faults", "{\"kind\":\"explode\"}"},
        {"/lab/faults", "{\"kind\":\"late\",\"cuont\":1}"},
        {"/lab/faults", "{\"kind\":\"late\",\"count\":-2}"},
        {"/lab/faults", "{\"kind\":\"late\",\"delay_ms\":\"soon\"}"},
        {"/lab/faults", "{\"kind\":\"http_status\"}"},
        {"/lab/faults", "{\"kind\":\"late\",\"executes\":1}"},
        {"/lab/faults", "[1]"},
        {"/lab/price", "{\"price\":\"1\"}"},
        {"/lab/price", "{\"symbol\":\"NONE\",\"price\":\"1\"}"},
        {"/lab/price", "{\"symbol\":\"BTCUSDT\",\"price\":\"1.05\"}"},
        {"/lab/price", "{\"symbol\":\"BTCUSDT\",\"price\":\"-1\"}"},
        {"/lab/price", "{\"symbol\":\"BTCUSDT\",\"price\":true}"},
        {"/lab/time-skew", "{}"},
        {"/lab/halt", "{}"},
        {"/lab/halt", "{\"symbol\":\"NONE\"}"},
        {"/lab/step", "{\"step\":\"1\"}"},
        {"/lab/step", "{\"symbol\":\"BTCUSDT\"}"},
        {"/lab/step", "{\"symbol\":\"NONE\",\"step\":\"1\"}"},
        {"/lab/step", "{\"symbol\":\"BTCUSDT\",\"step\":\"0\"}"},
        {"/lab/step", "{\"symbol\":\"BTCUSDT\",\"step\":\"0.0005\"}"},
        {"/lab/settings", "{\"marketFillsMax\":0}"},
        {"/lab/settings", "{\"takerRate\":\"0.5\"}"},
        {"/lab/settings", "{\"usdtBalance\":[]}"},
        {"/lab/settings", "{\"product\":\"options\"}"},
        {"/lab/settings", "{\"idRule\":\"never\"}"},
        {"/lab/settings", "{\"keyRights\":true}"},
        {"/lab/settings", "{\"keyRights\":{\"canRead\":1}}"},
        {"/lab/settings", "{\"balances\":{\"BTC\":\"1\"}}"},
        {"/lab/price", "{\"product\":1,\"symbol\":\"BTCUSDT\",\"price\":\"1\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rig_control(&rig, POST, rows[i].path, rows[i].body) != 400) fail_msg("%s: %s", rows[i].body, rig.text);
        assert_true(rig_value(&rig, "error").len > 0);
    }
    assert_int_equal(hx_lab_fault_count(rig.lab), 0);
    assert_int_equal(rig_control(&rig, GET, "/lab/nothing", ""), 404);
    assert_int_equal(rig_control(&rig, GET, "/lab/price", ""), 404);
}

static void test_price_settings_skew_reset(void **state) {
    (void)state;
    assert_int_equal(rig_control(&rig, POST, "/lab/price", "{\"symbol\":\"ETHUSDT\",\"price\":\"3000.5\"}"), 200);
    assert_int_equal(rig_send(&rig, GET, "/fapi/v2/ticker/price", "symbol=ETHUSDT", ""), 200);
    assert_true(rig_is(&rig, "price", "3000.50"));
    assert_int_equal(rig_control(&rig, POST, "/lab/price", "{\"symbol\":\"ETHUSDT\",\"price\":null}"), 200);
    assert_int_equal(rig_send(&rig, GET, "/fapi/v2/ticker/price", "symbol=ETHUSDT", ""), 200);
    assert_false(rig_is(&rig, "price", "3000.50"));
    assert_int_equal(rig_control(&rig, POST, "/lab/time-skew", "{\"ms\":7000}"), 200);
    (void)rig_order(&rig, BUY);
    assert_true(rig_refused(&rig, -1021));
    assert_int_equal(rig_control(&rig, POST, "/lab/settings",
                                 "{\"marketFillsMax\":3,\"answerAverages\":true,\"takerRate\":\"0.001\","
                                 "\"feeAsset\":\"BNB\",\"bnbPrice\":\"1000\",\"usdtBalance\":\"5000\"}"),
                     200);
    assert_int_equal(rig_control(&rig, POST, "/lab/time-skew", "{\"ms\":0}"), 200);
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_int_equal(rig_count(&rig, "avgPrice"), 1);
    assert_int_equal(rig_control(&rig, GET, "/lab/state", ""), 200);
    assert_true(rig_is(&rig, "USDT", "5000"));
    assert_true(rig_number(&rig, "fills") >= 1);
    assert_int_equal(rig_control(&rig, POST, "/lab/reset", ""), 200);
    assert_int_equal(rig_control(&rig, GET, "/lab/state", ""), 200);
    assert_true(rig_is(&rig, "USDT", "100000"));
    assert_int_equal(rig_number(&rig, "orders"), 0);
    assert_int_equal(rig_number(&rig, "now"), rig.now);
    assert_int_equal(rig_order(&rig, BUY), 200);
}

/* Spot beside futures: each row says which it is, and settings name the product they mean. */
static void test_products(void **state) {
    (void)state;
    assert_int_equal(
        rig_control(&rig, POST, "/lab/price", "{\"product\":\"spot\",\"symbol\":\"BTCUSDT\",\"price\":\"50000.01\"}"),
        200);
    assert_int_equal(rig_control(&rig, POST, "/lab/settings",
                                 "{\"product\":\"spot\",\"takerRate\":\"0\",\"idRule\":\"uniqueSymbol\","
                                 "\"balances\":{\"USDT\":\"500\",\"BTC\":\"2\"},\"ackDelayMs\":30,"
                                 "\"keyRights\":{\"canWithdraw\":true}}"),
                     200);
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=one"), 200);
    assert_int_equal(
        rig_post(&rig, "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&newClientOrderId=one"), 200);
    (void)rig_post(&rig, "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&newClientOrderId=one");
    assert_true(rig_refused(&rig, -2010));
    assert_int_equal(rig_control(&rig, GET, "/lab/orders", ""), 200);
    assert_int_equal(rig_count(&rig, "\"venue\":\"binance\",\"product\":\"futures\""), 1);
    assert_int_equal(rig_count(&rig, "\"venue\":\"binance\",\"product\":\"spot\""), 1);
    assert_int_equal(rig_control(&rig, GET, "/lab/balances", ""), 200);
    assert_int_equal(rig_count(&rig, "\"product\":\"spot\",\"asset\":\"USDT\",\"total\":\"50500.01\""), 1);
    assert_int_equal(rig_count(&rig, "\"product\":\"spot\",\"asset\":\"BTC\",\"total\":\"1\""), 1);
    assert_int_equal(rig_count(&rig, "\"product\":\"futures\",\"asset\":\"USDT\",\"total\":\"99995\""), 1);
    assert_int_equal(rig_get(&rig, "/sapi/v1/account/apiRestrictions", ""), 200);
    assert_true(rig_is(&rig, "enableWithdrawals", "true"));
    assert_int_equal(rig_control(&rig, POST, "/lab/settings", "{\"hedge\":true}"), 400);
    assert_int_equal(rig_control(&rig, POST, "/lab/halt", "{\"product\":\"spot\",\"symbol\":\"ETHUSDT\"}"), 200);
    (void)rig_post(&rig, "/api/v3/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1");
    assert_true(rig_refused(&rig, -2010));
    assert_int_equal(rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1"), 200);
    assert_int_equal(
        rig_control(&rig, POST, "/lab/halt", "{\"product\":\"spot\",\"symbol\":\"ETHUSDT\",\"halted\":false}"), 200);
    assert_int_equal(rig_post(&rig, "/api/v3/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1"), 200);
}

/* A symbol's rules change while it is traded: its list says so, and orders are measured by it. */
static void test_step(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.012"), 200);
    assert_int_equal(rig_control(&rig, POST, "/lab/step", "{\"symbol\":\"BTCUSDT\",\"step\":\"0.005\"}"), 200);
    assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.012"), 400);
    assert_true(rig_refused(&rig, -4023));
    assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002"), 400);
    assert_true(rig_refused(&rig, -4004));
    assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01"), 200);
    assert_int_equal(rig_get(&rig, "/fapi/v1/exchangeInfo", ""), 200);
    assert_int_equal(rig_count(&rig, "\"stepSize\":\"0.005\""), 2);
}

static void test_cut_streams(void **state) {
    (void)state;
    uint32_t stream;
    struct hx_lab_frame frame;
    assert_true(hx_ok(hx_lab_stream_open(rig.lab, rig.now, HX_STR("/market/ws"), HX_STR_EMPTY, &stream)));
    assert_int_equal(rig_control(&rig, GET, "/lab/state", ""), 200);
    assert_int_equal(rig_number(&rig, "streams"), 1);
    assert_int_equal(rig_control(&rig, DELETE, "/lab/streams", ""), 200);
    assert_true(hx_lab_stream_next(rig.lab, rig.now, stream, &frame));
    assert_int_equal(frame.kind, HX_LAB_FRAME_CLOSE);
    assert_int_equal(frame.close_code, 1006);
    assert_int_equal(hx_lab_stream_count(rig.lab), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_lists, begin),
        cmocka_unit_test_setup(test_long_list, begin),
        cmocka_unit_test_setup(test_state, begin),
        cmocka_unit_test_setup(test_faults, begin),
        cmocka_unit_test_setup(test_fault_names, begin),
        cmocka_unit_test_setup(test_refusals, begin),
        cmocka_unit_test_setup(test_price_settings_skew_reset, begin),
        cmocka_unit_test_setup(test_products, begin),
        cmocka_unit_test_setup(test_step, begin),
        cmocka_unit_test_setup(test_cut_streams, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
