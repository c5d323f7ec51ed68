/* Covers binance_spot.c, binance_spot_order.c, binance_spot_list.c, binance_spot_account.c, binance_spot_market.c.
 * Goal: spot answers as the venue's documents say: signatures, filters and their texts, fills in the answer, the
 * swapped ids of a cancel, conditional orders, lists, balances. Method: the venue's signature vectors, requests at
 * pinned prices against figures worked out by hand. */
#include "lab/test_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

#define ORDER "/api/v3/order"
#define VECTOR_KEY "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
#define VECTOR_SECRET "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
#define VECTOR_TIME ((hx_time)1499827319559)
#define VECTOR_TAIL "&side=BUY&type=LIMIT&timeInForce=GTC"
#define VECTOR_BODY "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
#define WIDE "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96"
#define SIGNATURE_1 "&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
#define SIGNATURE_2 "&signature=0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"
#define SIGNATURE_3 "&signature=e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"

static int begin(void **state) {
    (void)state;
    rig_init(&rig, memory, 42);
    rig_pin_spot(&rig, "BTCUSDT", "100000");
    return 0;
}

static uint32_t order(const char *params) {
    return rig_post(&rig, ORDER, params);
}

/* The refusal's code and text. */
static void assert_refused(int64_t code, const char *text) {
    assert_true(rig_refused(&rig, code));
    if (text != NULL && !rig_is(&rig, "msg", text)) fail_msg("%s", rig.text);
}

static void add_symbol(const char *name) {
    struct hx_lab_symbol symbol = {
        .base = "LTC",
        .tick = {1, -2},
        .step = {1, -2},
        .market_step = {1, -2},
        .price_min = {1, -2},
        .price_max = {1, 3},
        .quantity_min = {1, -2},
        .quantity_max = {1, 3},
        .market_quantity_max = {1, 3},
        .notional_min = {1, -2},
        .price_start = {1, -1},
        .price_precision = 2,
        .quantity_precision = 2,
        .product = HX_LAB_SPOT,
    };
    (void)snprintf(symbol.name, sizeof symbol.name, "%s", name);
    assert_true(hx_ok(hx_lab_add_symbol(rig.lab, &symbol)));
    rig_pin_spot(&rig, name, "0.2");
}

static uint32_t send_signed(const char *query, const char *body) {
    const struct hx_http_header headers[] = {{HX_STR("X-MBX-APIKEY"), HX_STR(VECTOR_KEY)},
                                             {HX_STR("Content-Type"), HX_STR("application/x-www-form-urlencoded")}};
    const struct hx_lab_request request = {
        .method = HX_HTTP_METHOD_POST,
        .path = HX_STR(ORDER),
        .query = hx_str_from_c(query),
        .headers = headers,
        .header_count = 2,
        .body = hx_str_from_c(body),
    };
    hx_lab_handle(rig.lab, rig.now, &request, &rig.answer);
    hx_mem_copy(rig.text, rig.answer.body.data, rig.answer.body.len);
    rig.text[rig.answer.body.len] = 0;
    return rig.answer.status;
}

/* Vectors 1 to 3 of the venue: in the query, split over query and body, and with a symbol that needs escapes. */
static void test_published_vectors(void **state) {
    (void)state;
    struct hx_lab_config config = hx_lab_config_small();
    config.symbols_max = 16;
    rig.now = VECTOR_TIME;
    rig.lab = hx_lab_init_with(memory, &config, 42, VECTOR_TIME);
    hx_lab_set_credentials(rig.lab, HX_STR(VECTOR_KEY), HX_STR(VECTOR_SECRET));
    add_symbol("LTCBTC");
    add_symbol("\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x96");
    assert_int_equal(send_signed("symbol=LTCBTC" VECTOR_TAIL "&" VECTOR_BODY SIGNATURE_1, ""), 200);
    assert_int_equal(send_signed("symbol=LTCBTC" VECTOR_TAIL, VECTOR_BODY SIGNATURE_2), 200);
    assert_int_equal(send_signed("symbol=" WIDE VECTOR_TAIL "&" VECTOR_BODY SIGNATURE_3, ""), 200);
    assert_int_equal(hx_lab_order_count(rig.lab), 3);
    assert_int_equal(send_signed("symbol=LTCBTC" VECTOR_TAIL "&" VECTOR_BODY SIGNATURE_3, ""), 400);
    assert_refused(-1022, NULL);
}

/* A market buy answers with its fills: 0.01 at 100,000, fee 0.001 of the base. */
static void test_market_full(void **state) {
    (void)state;
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=m-1"), 200);
    assert_true(rig_is(&rig, "symbol", "BTCUSDT"));
    assert_true(rig_is(&rig, "clientOrderId", "m-1"));
    assert_int_equal(rig_number(&rig, "orderListId"), -1);
    assert_int_equal(rig_number(&rig, "transactTime"), RIG_NOW);
    assert_true(rig_is(&rig, "price", "0.00000000"));
    assert_true(rig_is(&rig, "origQty", "0.01000000"));
    assert_true(rig_is(&rig, "executedQty", "0.01000000"));
    assert_true(rig_is(&rig, "cummulativeQuoteQty", "1000.00000000"));
    assert_true(rig_is(&rig, "origQuoteOrderQty", "0.00000000"));
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_true(rig_is(&rig, "type", "MARKET"));
    assert_true(rig_is(&rig, "commission", "0.00001000"));
    assert_true(rig_is(&rig, "commissionAsset", "BTC"));
    assert_int_equal(rig_count(&rig, "\"tradeId\":"), 1);
    assert_int_equal(rig_header(&rig, "X-MBX-ORDER-COUNT-10S").len, 1);
    assert_int_equal(rig_header(&rig, "X-MBX-ORDER-COUNT-1D").len, 1);
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=999.99&newOrderRespType=RESULT"), 200);
    assert_true(rig_is(&rig, "origQty", "0.00999000"));
    assert_true(rig_is(&rig, "origQuoteOrderQty", "999.99000000"));
    assert_true(rig_is(&rig, "cummulativeQuoteQty", "999.00000000"));
    assert_int_equal(rig_count(&rig, "fills"), 0);
    assert_int_equal(order("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&newOrderRespType=ACK"), 200);
    assert_int_equal(rig_count(&rig, "status"), 0);
    assert_int_equal(order("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.00997"), 200);
    assert_true(rig_is(&rig, "commission", "0.99700000"));
    assert_true(rig_is(&rig, "commissionAsset", "USDT"));
    assert_int_equal(order("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.00997"), 400);
    assert_refused(-2010, "Account has insufficient balance for requested action.");
}

/* What the query adds, what the cancel swaps, and what is then no longer there. */
static void test_query_and_cancel(void **state) {
    (void)state;
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=90000&"
                           "newClientOrderId=rest"),
                     200);
    const int64_t id = rig_number(&rig, "orderId");
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=90000&"
                           "newClientOrderId=rest"),
                     400);
    assert_refused(-2010, "Duplicate order sent.");
    assert_int_equal(rig_get(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=rest"), 200);
    assert_int_equal(rig_number(&rig, "orderId"), id);
    assert_true(rig_is(&rig, "status", "NEW"));
    assert_true(rig_is(&rig, "isWorking", "true"));
    assert_true(rig_is(&rig, "stopPrice", "0.00000000"));
    assert_true(rig_is(&rig, "icebergQty", "0.00000000"));
    assert_int_equal(rig_number(&rig, "time"), RIG_NOW);
    assert_int_equal(rig_get(&rig, "/api/v3/openOrders", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_count(&rig, "orderListId"), 1);
    assert_int_equal(rig_delete(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=rest&newClientOrderId=the-cancel"), 200);
    assert_true(rig_is(&rig, "clientOrderId", "the-cancel"));
    assert_true(rig_is(&rig, "origClientOrderId", "rest"));
    assert_true(rig_is(&rig, "status", "CANCELED"));
    assert_int_equal(rig_delete(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=rest"), 400);
    assert_refused(-2011, "Unknown order sent.");
    assert_int_equal(rig_get(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=rest"), 200);
    assert_true(rig_is(&rig, "clientOrderId", "rest"));
    assert_int_equal(rig_get(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=never"), 400);
    assert_refused(-2013, "Order does not exist.");
    (void)rig_get(&rig, ORDER, "symbol=BTCUSDT");
    assert_refused(-1102, NULL);
    rig.now += 91 * HX_MS_PER_DAY;
    (void)rig_get(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=rest");
    assert_refused(-2026, NULL);
    (void)rig_delete(&rig, "/api/v3/openOrders", "symbol=BTCUSDT");
    assert_refused(-2011, NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=90000"), 200);
    }
    assert_int_equal(rig_delete(&rig, "/api/v3/openOrders", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_count(&rig, "\"status\":\"CANCELED\""), 2);
}

/* A filled order's id is free again: the double fill that a client has to prevent itself. */
static void test_filled_id_is_free(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=same"), 200);
    }
    struct hx_lab_order_view view;
    assert_true(hx_ok(hx_lab_find_order_in(rig.lab, HX_LAB_SPOT, HX_STR("BTCUSDT"), HX_STR("same"), &view)));
    assert_int_equal(view.placements, 2);
    assert_true(hx_err_is(hx_lab_find_order(rig.lab, HX_STR("BTCUSDT"), HX_STR("same"), &view), HX_CLASS_ABSENT));
}

struct refusal {
    const char *params;
    int64_t code;
    const char *text;
};

static const struct refusal refusals[] = {
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.000011", -1013, "Filter failure: LOT_SIZE"},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0000100000001", -1111, NULL},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0", -1013, "Invalid quantity."},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=121", -1013, "Filter failure: MARKET_LOT_SIZE"},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.00004", -1013, "Filter failure: NOTIONAL"},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=4", -1013, "Filter failure: NOTIONAL"},
    {"symbol=BTCUSDT&side=BUY&type=MARKET", -1102, NULL},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&quoteOrderQty=5", -1106, NULL},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&price=1", -1106, NULL},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&timeInForce=GTC", -1106, NULL},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&stopPrice=1", -1106, NULL},
    {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.01&price=90000", -1102, NULL},
    {"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.01&price=90000", -1115, NULL},
    {"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=90000.001", -1013,
     "Filter failure: PRICE_FILTER"},
    {"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=500000.01", -1013,
     "Filter failure: PERCENT_PRICE_BY_SIDE"},
    {"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=19999.99", -1013,
     "Filter failure: PERCENT_PRICE_BY_SIDE"},
    {"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=60000", -2010,
     "Account has insufficient balance for requested action."},
    {"symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.01&price=100000", -2010,
     "Order would immediately match and take."},
    {"symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.01&price=90000&timeInForce=GTC", -1106, NULL},
    {"symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=0.01&stopPrice=100000", -2010,
     "Order would trigger immediately."},
    {"symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=0.01", -1102, NULL},
    {"symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=0.01&trailingDelta=5", -1013, "Filter failure: TRAILING_DELTA"},
    {"symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=0.01&stopPrice=110000.001", -1013,
     "Filter failure: PRICE_FILTER"},
    {"symbol=BTCUSDT&side=BUY&type=STOP&quantity=0.01&stopPrice=110000", -1116, NULL},
    {"symbol=BTCUSDT&side=LONG&type=MARKET&quantity=0.01", -1117, NULL},
    {"symbol=BTC_USDT&side=BUY&type=MARKET&quantity=0.01", -1121, NULL},
    {"symbol=SRMUSDT&side=BUY&type=MARKET&quantity=10", -2010, "Market is closed."},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=a.b", -1100, NULL},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=1234567890123456789012345678901234567", -1100,
     NULL},
    {"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newOrderRespType=ALL", -1130, NULL},
    {"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=90000&icebergQty=0.001", -2010, NULL},
};

static void test_refusals(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (order(refusals[i].params) == 200) fail_msg("%s gave %s", refusals[i].params, rig.text);
        if (!rig_refused(&rig, refusals[i].code)) fail_msg("%s gave %s", refusals[i].params, rig.text);
        assert_refused(refusals[i].code, refusals[i].text);
        assert_int_equal(rig_post(&rig, "/api/v3/order/test", refusals[i].params), 400);
    }
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
    assert_int_equal(rig_post(&rig, "/api/v3/order/test", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"), 200);
    assert_string_equal(rig.text, "{}");
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
}

/* Fill-or-kill that can't fill and what immediate-or-cancel leaves are recorded as EXPIRED. */
static void test_expired(void **state) {
    (void)state;
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.01&price=90000"), 200);
    assert_true(rig_is(&rig, "status", "EXPIRED"));
    assert_true(rig_is(&rig, "executedQty", "0.00000000"));
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.01&price=100000"), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
    const struct hx_lab_fault half = {.kind = HX_LAB_FAULT_PARTIAL, .count = 2, .fill_permille = 500};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &half)));
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.01&price=100000"), 200);
    assert_true(rig_is(&rig, "status", "EXPIRED"));
    assert_true(rig_is(&rig, "executedQty", "0.00500000"));
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.01&price=100000"), 200);
    assert_true(rig_is(&rig, "executedQty", "0.00000000"));
}

/* A stop is NEW and not working, holds its base, fires at its price; five of a symbol at most. */
static void test_conditional(void **state) {
    (void)state;
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1"), 200);
    assert_int_equal(order("symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=0.05&price=94000&"
                           "stopPrice=95000&newClientOrderId=stop"),
                     200);
    assert_int_equal(rig_count(&rig, "status"), 0);
    assert_int_equal(rig_get(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=stop"), 200);
    assert_true(rig_is(&rig, "type", "STOP_LOSS_LIMIT"));
    assert_true(rig_is(&rig, "status", "NEW"));
    assert_true(rig_is(&rig, "isWorking", "false"));
    assert_true(rig_is(&rig, "stopPrice", "95000.00000000"));
    assert_true(rig_is(&rig, "price", "94000.00000000"));
    assert_int_equal(rig_get(&rig, "/api/v3/account", "omitZeroBalances=true"), 200);
    assert_int_equal(rig_count(&rig, "{\"asset\":\"BTC\",\"free\":\"0.04990000\",\"locked\":\"0.05000000\"}"), 1);
    rig_pin_spot(&rig, "BTCUSDT", "94500");
    assert_int_equal(rig_get(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=stop"), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_true(rig_is(&rig, "cummulativeQuoteQty", "4725.00000000"));
    assert_int_equal(order("symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&quantity=0.001&trailingDelta=100"), 200);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(order("symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&quantity=0.001&stopPrice=99000"), 200);
    }
    assert_int_equal(order("symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&quantity=0.001&stopPrice=99000"), 400);
    assert_refused(-1013, "Filter failure: MAX_NUM_ALGO_ORDERS");
    rig_pin_spot(&rig, "BTCUSDT", "90000");
    rig_pin_spot(&rig, "BTCUSDT", "90899.99");
    assert_int_equal(rig_get(&rig, "/api/v3/openOrders", ""), 200);
    assert_int_equal(rig_count(&rig, "orderListId"), 5);
    rig_pin_spot(&rig, "BTCUSDT", "90900");
    assert_int_equal(rig_get(&rig, "/api/v3/openOrders", ""), 200);
    assert_int_equal(rig_count(&rig, "orderListId"), 4);
}

static void test_lists(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"), 200);
        rig.now += 1000;
    }
    assert_int_equal(rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1"), 200);
    assert_int_equal(rig_get(&rig, "/api/v3/allOrders", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_count(&rig, "orderListId"), 4);
    const int64_t first = rig_number(&rig, "orderId");
    assert_int_equal(rig_get(&rig, "/api/v3/allOrders", "symbol=BTCUSDT&limit=1"), 200);
    assert_int_equal(rig_number(&rig, "orderId"), first + 3);
    assert_int_equal(rig_get(&rig, "/api/v3/myTrades", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_count(&rig, "\"isBuyer\":true"), 4);
    assert_true(rig_is(&rig, "price", "100000.00000000"));
    assert_true(rig_is(&rig, "qty", "0.01000000"));
    assert_true(rig_is(&rig, "quoteQty", "1000.00000000"));
    assert_true(rig_is(&rig, "commission", "0.00001000"));
    char query[96];
    (void)snprintf(query, sizeof query, "symbol=BTCUSDT&orderId=%lld", (long long)(first + 1));
    assert_int_equal(rig_get(&rig, "/api/v3/myTrades", query), 200);
    assert_int_equal(rig_count(&rig, "isBuyer"), 1);
    assert_int_equal(rig_number(&rig, "orderId"), first + 1);
    (void)snprintf(query, sizeof query, "symbol=BTCUSDT&startTime=%lld", (long long)(RIG_NOW + 2000));
    assert_int_equal(rig_get(&rig, "/api/v3/myTrades", query), 200);
    assert_int_equal(rig_count(&rig, "isBuyer"), 2);
    (void)rig_get(&rig, "/api/v3/myTrades", "symbol=BTCUSDT&startTime=0&endTime=86400001");
    assert_refused(-1127, "More than 24 hours between startTime and endTime.");
    (void)rig_get(&rig, "/api/v3/myTrades", "symbol=BTCUSDT&startTime=0&fromId=1");
    assert_refused(-1106, NULL);
}

static void test_rules_and_prices(void **state) {
    (void)state;
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/api/v3/exchangeInfo", "symbol=BTCUSDT", ""), 200);
    assert_true(rig_is(&rig, "status", "TRADING"));
    assert_int_equal(rig_count(&rig, "\"symbol\":"), 1);
    assert_int_equal(rig_count(&rig,
                               "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.00001000\",\"maxQty\":"
                               "\"9000.00000000\",\"stepSize\":\"0.00001000\"}"),
                     1);
    assert_int_equal(rig_count(&rig, "\"minNotional\":\"5.00000000\""), 1);
    assert_int_equal(
        rig_send(&rig, HX_HTTP_METHOD_GET, "/api/v3/exchangeInfo", "symbols=%5B%22BTCUSDT%22,%22SRMUSDT%22%5D", ""),
        200);
    assert_int_equal(rig_count(&rig, "\"symbol\":"), 2);
    assert_int_equal(rig_count(&rig, "\"status\":\"BREAK\""), 1);
    (void)rig_send(&rig, HX_HTTP_METHOD_GET, "/api/v3/exchangeInfo", "symbols=[\"BTCUSDT\",\"NONE\"]", "");
    assert_refused(-1121, NULL);
    (void)rig_send(&rig, HX_HTTP_METHOD_GET, "/api/v3/exchangeInfo", "symbols=BTCUSDT", "");
    assert_refused(-1100, NULL);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/api/v3/exchangeInfo", "", ""), 200);
    assert_int_equal(rig_count(&rig, "\"symbol\":"), 7);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/api/v3/ticker/price", "symbol=BTCUSDT", ""), 200);
    assert_string_equal(rig.text, "{\"symbol\":\"BTCUSDT\",\"price\":\"100000.00000000\"}");
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/api/v3/ticker/bookTicker", "symbol=BTCUSDT", ""), 200);
    assert_true(rig_is(&rig, "askPrice", "100000.00000000"));
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/api/v3/time", "", ""), 200);
    assert_int_equal(rig_number(&rig, "serverTime"), RIG_NOW);
    assert_true(hx_str_equal(rig_header(&rig, "X-MBX-USED-WEIGHT-1M"), HX_STR("105")));
}

/* Account, fees, order rate, and what a start-up check reads of the key. */
static void test_account(void **state) {
    (void)state;
    assert_int_equal(rig_get(&rig, "/api/v3/account", ""), 200);
    assert_int_equal(rig_count(&rig, "{\"asset\":\"USDT\",\"free\":\"100000.00000000\",\"locked\":\"0.00000000\"}"), 1);
    assert_int_equal(rig_count(&rig, "\"asset\""), 8);
    assert_true(rig_is(&rig, "accountType", "SPOT"));
    assert_int_equal(rig_number(&rig, "takerCommission"), 10);
    assert_int_equal(rig_get(&rig, "/api/v3/account/commission", "symbol=BTCUSDT"), 200);
    assert_true(rig_is(&rig, "maker", "0.00100000"));
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"), 200);
    assert_int_equal(rig_get(&rig, "/api/v3/rateLimit/order", ""), 200);
    assert_int_equal(rig_count(&rig, "\"limit\":100,\"count\":1"), 1);
    assert_int_equal(rig_get(&rig, "/sapi/v1/account/apiRestrictions", ""), 200);
    assert_true(rig_is(&rig, "ipRestrict", "true"));
    assert_true(rig_is(&rig, "enableWithdrawals", "false"));
    const struct hx_lab_key_rights rights = {.can_read = true, .can_withdraw = true, .can_trade_futures = true};
    hx_lab_set_key_rights(rig.lab, &rights);
    assert_int_equal(rig_get(&rig, "/sapi/v1/account/apiRestrictions", ""), 200);
    assert_true(rig_is(&rig, "ipRestrict", "false"));
    assert_true(rig_is(&rig, "enableWithdrawals", "true"));
    assert_true(rig_is(&rig, "enableSpotAndMarginTrading", "false"));
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"), 401);
    assert_refused(-2015, NULL);
    assert_int_equal(rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1"), 200);
}

/* Spot's own clock rules: microseconds, a window with decimals. */
static void test_time(void **state) {
    (void)state;
    assert_int_equal(rig_call_at(&rig, HX_HTTP_METHOD_GET, "/api/v3/account", "", RIG_NOW * 1000, ""), 200);
    assert_int_equal(rig_call_at(&rig, HX_HTTP_METHOD_GET, "/api/v3/account", "", RIG_NOW - 3, "recvWindow=2.5&"), 200);
    (void)rig_call_at(&rig, HX_HTTP_METHOD_GET, "/api/v3/account", "", RIG_NOW - 4, "recvWindow=2.5&");
    assert_refused(-1021, NULL);
    (void)rig_call_at(&rig, HX_HTTP_METHOD_GET, "/api/v3/account", "", RIG_NOW, "recvWindow=60000.5&");
    assert_refused(-1131, NULL);
    (void)rig_call_at(&rig, HX_HTTP_METHOD_GET, "/api/v3/account", "", (RIG_NOW - 5001) * 1000, "");
    assert_refused(-1021, NULL);
}

/* Faults by their names match spot's paths as they do futures'. */
static void test_faults(void **state) {
    (void)state;
    const struct hx_lab_fault late = {
        .kind = HX_LAB_FAULT_LATE_PROCESS, .match = "order", .symbol = "BTCUSDT", .count = 1, .delay_ms = 700};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &late)));
    (void)order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=late");
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    (void)rig_get(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=late");
    assert_refused(-2013, NULL);
    rig.now += 700;
    assert_int_equal(rig_get(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=late"), 200);
    const struct hx_lab_fault query = {.kind = HX_LAB_FAULT_ERROR_CODE, .match = "query", .count = 1, .code = -1007};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &query)));
    assert_int_equal(rig_get(&rig, ORDER, "symbol=BTCUSDT&origClientOrderId=late"), 408);
    hx_lab_set_limits_in(rig.lab, HX_LAB_SPOT, 6000, 1, 100, 50);
    rig.now += 20000;
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"), 200);
    assert_int_equal(order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"), 429);
    assert_refused(-1015, NULL);
    assert_int_equal(rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1"), 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_published_vectors, begin),
        cmocka_unit_test_setup(test_market_full, begin),
        cmocka_unit_test_setup(test_query_and_cancel, begin),
        cmocka_unit_test_setup(test_filled_id_is_free, begin),
        cmocka_unit_test_setup(test_refusals, begin),
        cmocka_unit_test_setup(test_expired, begin),
        cmocka_unit_test_setup(test_conditional, begin),
        cmocka_unit_test_setup(test_lists, begin),
        cmocka_unit_test_setup(test_rules_and_prices, begin),
        cmocka_unit_test_setup(test_account, begin),
        cmocka_unit_test_setup(test_time, begin),
        cmocka_unit_test_setup(test_faults, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
