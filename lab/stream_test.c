/* Covers stream.c, event.c, binance_stream.c, binance_futures_event.c, binance_spot_event.c, binance_ws_api.c. Goal:
 * Binance's streams tell what happened once, in order, in the venue's words; its WebSocket API does what REST does and
 * meets the same faults. Method: the published signature vectors, conversations frame by frame, and a stream's account
 * of random trading compared with the laboratory's own. */
#include "lab/test_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

#define FAPI "/ws-fapi/v1"
#define SPOT_API "/ws-api/v3"
#define BUY "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1"

static int begin(void **state) {
    (void)state;
    rig_init(&rig, memory, 42);
    rig_pin(&rig, "BTCUSDT", "100000");
    rig_pin_spot(&rig, "BTCUSDT", "100000");
    return 0;
}

static uint32_t open_stream(const char *path, const char *query) {
    uint32_t stream = UINT32_MAX;
    assert_true(hx_ok(hx_lab_stream_open(rig.lab, rig.now, hx_str_from_c(path), hx_str_from_c(query), &stream)));
    return stream;
}

/* The next text, into rig.text; pings on the way are answered. */
static bool next(uint32_t stream) {
    struct hx_lab_frame frame;
    rig.text[0] = 0;
    while (hx_lab_stream_next(rig.lab, rig.now, stream, &frame)) {
        if (frame.kind == HX_LAB_FRAME_PING) {
            hx_lab_stream_pong(rig.lab, rig.now, stream, frame.text);
            continue;
        }
        if (frame.kind == HX_LAB_FRAME_CLOSE) return false;
        hx_mem_copy(rig.text, frame.text.data, frame.text.len);
        rig.text[frame.text.len] = 0;
        return true;
    }
    return false;
}

static void assert_next(uint32_t stream, const char *event) {
    if (!next(stream)) fail_msg("nothing instead of %s", event);
    if (!rig_is(&rig, "e", event)) fail_msg("%s instead of %s", rig.text, event);
}

static void say(uint32_t stream, const char *text) {
    hx_lab_stream_receive(rig.lab, rig.now, stream, hx_str_from_c(text));
}

static uint32_t open_user(const char *more) {
    char query[160];
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_POST, "/fapi/v1/listenKey", "", ""), 200);
    const hx_str key = rig_value(&rig, "listenKey");
    assert_int_equal(key.len, 64);
    (void)snprintf(query, sizeof query, "listenKey=%.*s%s", (int)key.len, key.data, more);
    return open_stream("/private/ws", query);
}

/* One market order: NEW, then the account, then the trade with its fee. */
static void test_futures_order(void **state) {
    (void)state;
    const uint32_t stream = open_user("");
    assert_false(next(stream));
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=one"), 200);
    assert_next(stream, "ORDER_TRADE_UPDATE");
    assert_true(rig_is(&rig, "x", "NEW"));
    assert_true(rig_is(&rig, "X", "NEW"));
    assert_true(rig_is(&rig, "c", "one"));
    assert_true(rig_is(&rig, "z", "0"));
    assert_next(stream, "ACCOUNT_UPDATE");
    assert_true(rig_is(&rig, "m", "ORDER"));
    assert_true(rig_is(&rig, "wb", "99995"));
    assert_true(rig_is(&rig, "pa", "0.1"));
    assert_true(rig_is(&rig, "ep", "100000"));
    assert_next(stream, "ORDER_TRADE_UPDATE");
    assert_true(rig_is(&rig, "x", "TRADE"));
    assert_true(rig_is(&rig, "X", "FILLED"));
    assert_true(rig_is(&rig, "l", "0.1"));
    assert_true(rig_is(&rig, "L", "100000"));
    assert_true(rig_is(&rig, "ap", "100000"));
    assert_true(rig_is(&rig, "n", "5"));
    assert_true(rig_is(&rig, "N", "USDT"));
    assert_int_equal(rig_number(&rig, "t"), 5000000001);
    assert_int_equal(rig_number(&rig, "i"), 400000000001);
    assert_false(next(stream));
    assert_int_equal(rig_post(&rig, "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"), 200);
    assert_false(next(stream));
}

/* A resting order that is cancelled, and one in two parts whose first event does not know of the second. */
static void test_futures_moments(void **state) {
    (void)state;
    const uint32_t stream = open_user("&events=ORDER_TRADE_UPDATE");
    assert_int_equal(rig_order(&rig,
                               "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=99000&"
                               "newClientOrderId=rest"),
                     200);
    assert_int_equal(rig_delete(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=rest"), 200);
    hx_lab_set_market_fills(rig.lab, 1);
    const struct hx_lab_fault split = {.kind = HX_LAB_FAULT_SPLIT, .count = 1, .parts = 2};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &split)));
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_next(stream, "ORDER_TRADE_UPDATE");
    assert_next(stream, "ORDER_TRADE_UPDATE");
    assert_true(rig_is(&rig, "x", "CANCELED"));
    assert_true(rig_is(&rig, "X", "CANCELED"));
    assert_next(stream, "ORDER_TRADE_UPDATE");
    assert_true(rig_is(&rig, "x", "NEW"));
    assert_next(stream, "ORDER_TRADE_UPDATE");
    assert_true(rig_is(&rig, "X", "PARTIALLY_FILLED"));
    assert_true(rig_is(&rig, "z", "0.05"));
    assert_next(stream, "ORDER_TRADE_UPDATE");
    assert_true(rig_is(&rig, "X", "FILLED"));
    assert_true(rig_is(&rig, "z", "0.1"));
    assert_true(rig_is(&rig, "ap", "100000.05"));
    assert_false(next(stream));
}

static void test_futures_algo(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig, BUY), 200);
    const uint32_t stream = open_user("&events=ALGO_UPDATE");
    assert_int_equal(rig_post(&rig, "/fapi/v1/algoOrder",
                              "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.1&"
                              "reduceOnly=true&triggerPrice=95000&clientAlgoId=stop"),
                     200);
    assert_next(stream, "ALGO_UPDATE");
    assert_true(rig_is(&rig, "X", "NEW"));
    assert_true(rig_is(&rig, "caid", "stop"));
    assert_true(rig_is(&rig, "tp", "95000"));
    rig_pin(&rig, "BTCUSDT", "95000");
    assert_next(stream, "ALGO_UPDATE");
    assert_true(rig_is(&rig, "X", "FINISHED"));
    assert_true(rig_is(&rig, "ai", "400000000002"));
    assert_true(rig_is(&rig, "ap", "95000"));
}

/* The key: one while it lives, renewed by PUT, expired with a word, another afterwards; a wrong one gets nowhere. */
static void test_listen_key(void **state) {
    (void)state;
    uint32_t stream;
    assert_true(hx_err_is(hx_lab_stream_open(rig.lab, rig.now, HX_STR("/private/ws/none"), HX_STR_EMPTY, &stream),
                          HX_CLASS_REJECT));
    assert_true(
        hx_err_is(hx_lab_stream_open(rig.lab, rig.now, HX_STR("/elsewhere"), HX_STR_EMPTY, &stream), HX_CLASS_ABSENT));
    stream = open_user("");
    const uint32_t twin = open_user("");
    for (int i = 0; i < 109; i++) {
        if (i == 50) assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_PUT, "/fapi/v1/listenKey", "", ""), 200);
        rig.now += HX_MS_PER_MINUTE;
        assert_false(next(stream));
        assert_false(next(twin));
    }
    rig.now += HX_MS_PER_MINUTE;
    assert_next(stream, "listenKeyExpired");
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_false(next(stream));
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_PUT, "/fapi/v1/listenKey", "", ""), 400);
    assert_true(rig_refused(&rig, -1125));
    assert_true(hx_lab_stream_is_open(rig.lab, open_user("")));
}

/* Mark prices every three seconds or every one, by path and by message; each path serves its own. */
static void test_prices(void **state) {
    (void)state;
    const uint32_t stream = open_stream("/market/stream", "streams=btcusdt@markPrice@1s/ethusdt@markPrice");
    uint32_t btc = 0;
    uint32_t eth = 0;
    for (int i = 0; i < 9; i++) {
        while (next(stream)) {
            btc += rig_is(&rig, "stream", "btcusdt@markPrice@1s") ? 1 : 0;
            eth += rig_is(&rig, "stream", "ethusdt@markPrice") ? 1 : 0;
            assert_true(rig_is(&rig, "e", "markPriceUpdate"));
            if (rig_is(&rig, "s", "BTCUSDT")) assert_true(rig_is(&rig, "p", "100000.00000000"));
        }
        rig.now += 1000;
    }
    assert_int_equal(btc, 9);
    assert_in_range(eth, 3, 4);
    const uint32_t raw = open_stream("/market/ws", "");
    assert_false(next(raw));
    say(raw, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@markPrice\",\"btcusdt@bookTicker\"],\"id\":7}");
    assert_true(next(raw));
    assert_string_equal(rig.text, "{\"result\":null,\"id\":7}");
    assert_next(raw, "markPriceUpdate");
    assert_int_equal(rig_count(&rig, "\"stream\""), 0);
    assert_true(hx_lab_stream_due(rig.lab, raw) - rig.now <= 3000);
    say(raw, "{\"method\":\"UNSUBSCRIBE\",\"params\":[\"btcusdt@markPrice\"],\"id\":null}");
    assert_true(next(raw));
    rig.now += 60000;
    assert_false(next(raw));
    say(raw, "nonsense");
    assert_true(next(raw));
    assert_int_equal(rig_count(&rig, "error"), 1);
    const uint32_t book = open_stream("/ws/btcusdt@bookTicker", "");
    assert_true(next(book));
    assert_true(rig_is(&rig, "b", "100000.00000000"));
}

/* Silence, age, too much talk and falling behind each end a stream. */
static void test_ends(void **state) {
    (void)state;
    struct hx_lab_frame frame;
    uint32_t stream = open_stream("/market/ws", "");
    rig.now += 180000;
    assert_true(hx_lab_stream_next(rig.lab, rig.now, stream, &frame));
    assert_int_equal(frame.kind, HX_LAB_FRAME_PING);
    rig.now += 421000;
    assert_true(hx_lab_stream_next(rig.lab, rig.now, stream, &frame));
    assert_int_equal(frame.kind, HX_LAB_FRAME_CLOSE);
    assert_false(hx_lab_stream_is_open(rig.lab, stream));
    stream = open_stream("/market/ws", "");
    for (int i = 0; i < 11; i++) say(stream, "{\"method\":\"SUBSCRIBE\",\"params\":[],\"id\":1}");
    for (int i = 0; i < 10; i++) {
        assert_true(hx_lab_stream_next(rig.lab, rig.now, stream, &frame));
        assert_int_equal(frame.kind, HX_LAB_FRAME_TEXT);
    }
    assert_true(hx_lab_stream_next(rig.lab, rig.now, stream, &frame));
    assert_int_equal(frame.kind, HX_LAB_FRAME_CLOSE);
    assert_int_equal(frame.close_code, 1008);
    stream = open_user("");
    hx_lab_set_limits_enforced(rig.lab, false);
    for (int i = 0; i < 140; i++) {
        assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001"), 200);
    }
    assert_true(hx_lab_stream_next(rig.lab, rig.now, stream, &frame));
    assert_int_equal(frame.kind, HX_LAB_FRAME_CLOSE);
    for (uint32_t i = hx_lab_stream_count(rig.lab); i < 6; i++) stream = open_stream("/market/ws", "");
    assert_true(
        hx_err_is(hx_lab_stream_open(rig.lab, rig.now, HX_STR("/market/ws"), HX_STR_EMPTY, &stream), HX_CLASS_LIMIT));
}

/* The WebSocket API. */

#define VECTOR_KEY "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
#define VECTOR_SECRET "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
#define VECTOR_TIME ((hx_time)1645423376532)
#define WIDE "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x96"

static int begin_vectors(void **state) {
    (void)state;
    struct hx_lab_config config = hx_lab_config_small();
    config.symbols_max = 16;
    config.api_key = HX_STR(VECTOR_KEY);
    config.api_secret = HX_STR(VECTOR_SECRET);
    rig.now = VECTOR_TIME;
    rig.lab = hx_lab_init_with(memory, &config, 42, VECTOR_TIME);
    rig_pin_spot(&rig, "BTCUSDT", "50000");
    const hx_err err = hx_lab_set_balance_in(rig.lab, HX_LAB_SPOT, HX_STR("BTC"), rig_dec("1"));
    return hx_ok(err) ? 0 : 1;
}

/* Vectors 4 and 5 of the venue: sorted, raw, numbers as they were written. */
static void test_published_vectors(void **state) {
    (void)state;
    const struct hx_lab_symbol wide = {
        .name = WIDE,
        .base = "WIDE",
        .tick = {1, -2},
        .step = {1, -2},
        .market_step = {1, -2},
        .price_min = {1, -2},
        .price_max = {1, 3},
        .quantity_min = {1, -2},
        .quantity_max = {1, 3},
        .market_quantity_max = {1, 3},
        .price_start = {1, -1},
        .price_precision = 2,
        .quantity_precision = 2,
        .product = HX_LAB_SPOT,
    };
    assert_true(hx_ok(hx_lab_add_symbol(rig.lab, &wide)));
    rig_pin_spot(&rig, WIDE, "0.2");
    const uint32_t stream = open_stream(SPOT_API, "");
    say(stream,
        "{\"id\":\"4\",\"method\":\"order.place\",\"params\":{\"symbol\":\"BTCUSDT\",\"side\":\"SELL\","
        "\"type\":\"LIMIT\",\"timeInForce\":\"GTC\",\"quantity\":\"0.01000000\",\"price\":\"52000.00\","
        "\"recvWindow\":100,\"timestamp\":1645423376532,\"apiKey\":\"" VECTOR_KEY
        "\",\"signature\":"
        "\"aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24\"}}");
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "status"), 200);
    assert_true(rig_is(&rig, "id", "4"));
    assert_int_equal(rig_count(&rig, "\"rateLimits\""), 1);
    say(stream, "{\"id\":5,\"method\":\"order.place\",\"params\":{\"symbol\":\"" WIDE
                "\",\"side\":\"BUY\","
                "\"type\":\"LIMIT\",\"timeInForce\":\"GTC\",\"quantity\":\"1.00000000\",\"price\":\"0.10000000\","
                "\"recvWindow\":5000,\"timestamp\":1645423376532,\"apiKey\":\"" VECTOR_KEY
                "\",\"signature\":"
                "\"b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd\"}}");
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "status"), 200);
    assert_int_equal(hx_lab_order_count(rig.lab), 2);
    say(stream,
        "{\"id\":6,\"method\":\"order.place\",\"params\":{\"symbol\":\"BTCUSDT\",\"side\":\"SELL\","
        "\"type\":\"LIMIT\",\"timeInForce\":\"GTC\",\"quantity\":\"0.02000000\",\"price\":\"52000.00\","
        "\"recvWindow\":100,\"timestamp\":1645423376532,\"apiKey\":\"" VECTOR_KEY
        "\",\"signature\":"
        "\"aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24\"}}");
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "status"), 400);
    assert_int_equal(rig_number(&rig, "code"), -1022);
    assert_int_equal(hx_lab_order_count(rig.lab), 2);
}

/* Signs a request whose parameters are given sorted, as k=v&k=v. */
static void request(uint32_t stream, const char *method, const char *sorted) {
    char params[512];
    char text[1024];
    uint8_t digest[HX_SHA256_LEN];
    char hex[HX_SHA256_LEN * 2 + 1];
    struct hx_buf digits;
    (void)snprintf(params, sizeof params, "apiKey=" HX_LAB_API_KEY "&%s", sorted);
    hx_hmac_sha256(HX_STR(HX_LAB_API_SECRET), hx_str_from_c(params), digest);
    hx_buf_init(&digits, hex, sizeof hex - 1);
    hx_buf_add_hex(&digits, digest, sizeof digest);
    hex[digits.len] = 0;
    int len =
        snprintf(text, sizeof text, "{\"id\":\"r\",\"method\":\"%s\",\"params\":{\"signature\":\"%s\"", method, hex);
    hx_str rest = hx_str_from_c(params);
    hx_str pair;
    while (hx_str_split(&rest, '&', &pair)) {
        hx_str name;
        (void)hx_str_split(&pair, '=', &name);
        len += snprintf(text + len, sizeof text - (size_t)len, ",\"%.*s\":\"%.*s\"", (int)name.len, name.data,
                        (int)pair.len, pair.data);
    }
    (void)snprintf(text + len, sizeof text - (size_t)len, "}}");
    say(stream, text);
}

#define PLACE "newClientOrderId=ws-1&quantity=0.1&side=BUY&symbol=BTCUSDT&timestamp=1795000000000&type=MARKET"
#define STATUS "origClientOrderId=ws-1&symbol=BTCUSDT&timestamp=1795000000000"

static void test_api_orders(void **state) {
    (void)state;
    const uint32_t stream = open_stream(FAPI, "");
    request(stream, "order.place", PLACE);
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "status"), 200);
    assert_true(rig_is(&rig, "clientOrderId", "ws-1"));
    assert_int_equal(rig_count(&rig, "\"rateLimitType\":\"ORDERS\""), 2);
    request(stream, "order.status", STATUS);
    assert_true(next(stream));
    assert_true(rig_is(&rig, "avgPrice", "100000.00000"));
    request(stream, "order.cancel", STATUS);
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "code"), -2011);
    request(stream, "nothing", STATUS);
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "status"), 400);
    say(stream, "{\"id\":1,\"method\":\"session.logon\",\"params\":{}}");
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "code"), -4056);
    hx_lab_set_limits(rig.lab, 2400, 1, 100, 50);
    request(stream, "order.place", PLACE);
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "status"), 429);
    assert_int_equal(rig_number(&rig, "code"), -1015);
    assert_true(rig_number(&rig, "retryAfter") > RIG_NOW);
    assert_true(rig_number(&rig, "retryAfter") <= RIG_NOW + 10000);
}

/* What is lost takes the connection with it; what is late comes late, also into the engine. */
static void test_api_faults(void **state) {
    (void)state;
    struct hx_lab_frame frame;
    static const enum hx_lab_fault_kind kinds[] = {HX_LAB_FAULT_DROP_REQUEST, HX_LAB_FAULT_DROP_REPLY,
                                                   HX_LAB_FAULT_LATE_PROCESS};
    static const uint32_t orders[] = {0, 1, 1};
    for (size_t i = 0; i < 3; i++) {
        const struct hx_lab_fault fault = {
            .kind = kinds[i], .match = "order", .symbol = "BTCUSDT", .count = 1, .delay_ms = 300};
        assert_true(hx_ok(hx_lab_add_fault(rig.lab, &fault)));
        const uint32_t stream = open_stream(FAPI, "");
        request(stream, "order.place", PLACE);
        assert_true(hx_lab_stream_next(rig.lab, rig.now, stream, &frame));
        assert_int_equal(frame.kind, HX_LAB_FRAME_CLOSE);
        assert_int_equal(frame.close_code, 1006);
        assert_int_equal(hx_lab_order_count(rig.lab), orders[i]);
    }
    rig.now += 300;
    hx_lab_advance(rig.lab, rig.now);
    assert_int_equal(hx_lab_order_count(rig.lab), 2);
    const struct hx_lab_fault late = {.kind = HX_LAB_FAULT_LATE, .match = "query", .count = 1, .delay_ms = 500};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &late)));
    const uint32_t stream = open_stream(FAPI, "");
    request(stream, "order.status", STATUS);
    assert_false(next(stream));
    assert_int_equal(hx_lab_stream_due(rig.lab, stream), rig.now + 500);
    rig.now += 500;
    assert_true(next(stream));
    const struct hx_lab_fault code = {.kind = HX_LAB_FAULT_ERROR_CODE, .match = "order", .count = 1, .code = -1007};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &code)));
    request(stream, "order.place", PLACE);
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "status"), 408);
    assert_int_equal(rig_number(&rig, "code"), -1007);
    assert_int_equal(hx_lab_order_count(rig.lab), 2);
}

/* Spot's user stream: subscribed by a signed request, wrapped, with locks in it; the cancel's id stands before. */
static void test_spot_user(void **state) {
    (void)state;
    const uint32_t stream = open_stream(SPOT_API, "");
    request(stream, "userDataStream.subscribe.signature", "timestamp=1795000000000");
    assert_true(next(stream));
    assert_int_equal(rig_number(&rig, "subscriptionId"), 0);
    assert_int_equal(rig_post(&rig, "/api/v3/order",
                              "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=90000&"
                              "newClientOrderId=rest"),
                     200);
    assert_next(stream, "executionReport");
    assert_true(rig_is(&rig, "x", "NEW"));
    assert_true(rig_is(&rig, "c", "rest"));
    assert_int_equal(rig_number(&rig, "t"), -1);
    assert_next(stream, "outboundAccountPosition");
    assert_int_equal(rig_count(&rig, "{\"a\":\"USDT\",\"f\":\"91000.00000000\",\"l\":\"9000.00000000\"}"), 1);
    assert_int_equal(rig_delete(&rig, "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=rest&newClientOrderId=cancel"),
                     200);
    assert_next(stream, "executionReport");
    assert_true(rig_is(&rig, "x", "CANCELED"));
    assert_true(rig_is(&rig, "c", "cancel"));
    assert_true(rig_is(&rig, "C", "rest"));
    assert_next(stream, "outboundAccountPosition");
    assert_int_equal(rig_count(&rig, "{\"a\":\"USDT\",\"f\":\"100000.00000000\",\"l\":\"0.00000000\"}"), 1);
    assert_int_equal(rig_post(&rig, "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1"), 200);
    assert_next(stream, "executionReport");
    assert_next(stream, "outboundAccountPosition");
    assert_next(stream, "executionReport");
    assert_true(rig_is(&rig, "X", "FILLED"));
    assert_true(rig_is(&rig, "n", "0.00010000"));
    assert_true(rig_is(&rig, "N", "BTC"));
    assert_true(rig_is(&rig, "Z", "10000.00000000"));
    assert_next(stream, "outboundAccountPosition");
    assert_int_equal(rig_count(&rig, "{\"a\":\"BTC\",\"f\":\"0.09990000\",\"l\":\"0.00000000\"}"), 1);
    say(stream, "{\"id\":1,\"method\":\"userDataStream.unsubscribe\"}");
    assert_true(next(stream));
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_false(next(stream));
}

static uint32_t dice(uint64_t *state, uint32_t below) {
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 33) % below;
}

/* What the stream says was filled is what was filled. */
static void test_stream_agrees(void **state) {
    (void)state;
    const uint32_t stream = open_user("&events=ORDER_TRADE_UPDATE");
    uint64_t seed = 3;
    uint32_t told = 0;
    rig_pin(&rig, "BTCUSDT", "0");
    hx_lab_set_market_fills(rig.lab, 3);
    for (int i = 0; i < 200; i++) {
        char params[160];
        (void)snprintf(params, sizeof params, "symbol=BTCUSDT&side=%s&type=MARKET&quantity=0.0%u",
                       dice(&seed, 2) == 0 ? "BUY" : "SELL", 10 + dice(&seed, 80));
        (void)rig_order(&rig, params);
        rig.now += dice(&seed, 30000);
        while (next(stream)) {
            if (!rig_is(&rig, "x", "TRADE")) continue;
            struct hx_lab_fill_view fill;
            hx_lab_get_fill(rig.lab, told++, &fill);
            assert_int_equal(rig_number(&rig, "t"), fill.trade_id);
            assert_true(hx_dec_equal(rig_dec_of(&rig, "l"), fill.quantity));
            assert_true(hx_dec_equal(rig_dec_of(&rig, "L"), fill.price));
            assert_true(hx_dec_equal(rig_dec_of(&rig, "n"), fill.fee));
            assert_true(hx_dec_equal(rig_dec_of(&rig, "rp"), fill.realized_pnl));
        }
    }
    assert_int_equal(told, hx_lab_fill_count(rig.lab));
    assert_true(told > 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_futures_order, begin),
        cmocka_unit_test_setup(test_futures_moments, begin),
        cmocka_unit_test_setup(test_futures_algo, begin),
        cmocka_unit_test_setup(test_listen_key, begin),
        cmocka_unit_test_setup(test_prices, begin),
        cmocka_unit_test_setup(test_ends, begin),
        cmocka_unit_test_setup(test_published_vectors, begin_vectors),
        cmocka_unit_test_setup(test_api_orders, begin),
        cmocka_unit_test_setup(test_api_faults, begin),
        cmocka_unit_test_setup(test_spot_user, begin),
        cmocka_unit_test_setup(test_stream_agrees, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
