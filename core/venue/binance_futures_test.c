/* Goal: what is sent to USD-M futures is exactly what its documentation asks for, and is signed over exactly those
 * bytes. Method: golden requests (binance_futures.c, binance_request.c), found by their account (adapter.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/sha256.h"
#include "core/venue/binance_futures.h"

#define SECRET "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
#define KEY "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_venue_call call;
static char hex[2 * HX_SHA256_LEN + 1];

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){
        .arena = &arena, .api_key = HX_STR(KEY), .timestamp_ms = 1591702613943, .receive_window_ms = 2000};
    memset(&call, 0xa5, sizeof call);
    return 0;
}

static void sign(hx_str text) {
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf buf;
    hx_hmac_sha256(HX_STR(SECRET), text, digest);
    hx_buf_init(&buf, hex, 2 * HX_SHA256_LEN);
    hx_buf_add_hex(&buf, digest, sizeof digest);
    hex[2 * HX_SHA256_LEN] = '\0';
}

static void assert_str(hx_str s, const char *wanted) {
    if (!hx_str_equal(s, hx_str_from_c(wanted))) fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, s.data, wanted);
}

static void assert_signed(enum hx_http_method method, const char *path, const char *query, int64_t weight) {
    hx_str target;
    char wanted[1024];
    assert_int_equal(call.method, method);
    assert_str(call.path, path);
    assert_str(call.query, query);
    assert_str(call.sign_text, query);
    assert_int_equal(call.body.len, 0);
    assert_int_equal(call.weight, weight);
    assert_int_equal(call.signature_place, HX_SIGNATURE_QUERY);
    assert_int_equal(call.header_count, 1);
    assert_str(call.headers[0].name, "X-MBX-APIKEY");
    assert_str(call.headers[0].value, KEY);
    sign(call.sign_text);
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, hx_str_from_c(hex), &target)));
    snprintf(wanted, sizeof wanted, "%s?%s&signature=%s", path, query, hex);
    assert_str(target, wanted);
}

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static struct hx_order_request market_order(void) {
    return (struct hx_order_request){.symbol = HX_STR("BTCUSDT"),
                                     .side = HX_SIDE_BUY,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = dec("0.012"),
                                     .client_order_id = HX_STR("AZOpXu_0-23456789abcde")};
}

static void orders_are_encoded(void **state) {
    struct hx_order_request order = market_order();
    (void)state;
    assert_true(hx_ok(hx_binance_futures.encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_ENTRY);
    assert_int_equal(call.order_count, 1);
    assert_signed(HX_HTTP_METHOD_POST, "/fapi/v1/order",
                  "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.012&newClientOrderId=AZOpXu_0-23456789abcde"
                  "&newOrderRespType=RESULT&recvWindow=2000&timestamp=1591702613943",
                  0);
    order.side = HX_SIDE_SELL;
    order.type = HX_ORDER_LIMIT;
    order.price = dec("9000.10");
    order.reduce_only = true;
    assert_true(hx_ok(hx_binance_futures.encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_signed(HX_HTTP_METHOD_POST, "/fapi/v1/order",
                  "symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=0.012&price=9000.1&timeInForce=GTC&reduceOnly=true"
                  "&newClientOrderId=AZOpXu_0-23456789abcde&newOrderRespType=RESULT&recvWindow=2000"
                  "&timestamp=1591702613943",
                  0);
    /* Symbols need not be ASCII; they are escaped before signing. */
    order = market_order();
    order.symbol = HX_STR("\xe5\xb8\x81USDT");
    assert_true(hx_ok(hx_binance_futures.encode_order(&ctx, &order, &call)));
    assert_true(hx_str_starts_with(call.sign_text, HX_STR("symbol=%E5%B8%81USDT&side=BUY&")));
}

static void orders_that_make_no_sense_are_refused(void **state) {
    static const char *const ids[] = {"", "a b", "a&b", "a.b", "123456789012345678901234567890123", "\xc3\xa4"};
    struct hx_order_request order = market_order();
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        order.client_order_id = hx_str_from_c(ids[i]);
        assert_true(hx_err_is(hx_binance_futures.encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
        assert_true(hx_err_is(hx_binance_futures.encode_query(&ctx, order.symbol, order.client_order_id, 0, &call),
                              HX_CLASS_REJECT));
    }
    order = market_order();
    order.quantity = HX_DEC_ZERO;
    assert_true(hx_err_is(hx_binance_futures.encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
    order = market_order();
    order.type = HX_ORDER_LIMIT;
    assert_true(hx_err_is(hx_binance_futures.encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
    order = market_order();
    order.symbol = HX_STR_EMPTY;
    assert_true(hx_err_is(hx_binance_futures.encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
    assert_true(hx_err_is(hx_binance_futures.encode_leverage(&ctx, HX_STR("BTCUSDT"), 0, &call), HX_CLASS_REJECT));
    assert_true(hx_err_is(hx_binance_futures.encode_leverage(&ctx, HX_STR("BTCUSDT"), 126, &call), HX_CLASS_REJECT));
    hx_arena_init(&arena, memory, 64);
    order = market_order();
    assert_true(hx_err_is(hx_binance_futures.encode_order(&ctx, &order, &call), HX_CLASS_LIMIT));
}

static void questions_are_encoded(void **state) {
    const struct hx_venue_adapter *a = &hx_binance_futures;
    hx_str symbol = HX_STR("ETHUSDT");
    (void)state;
    assert_true(hx_ok(a->encode_query(&ctx, symbol, HX_STR("id-1"), 0, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/fapi/v1/order",
                  "symbol=ETHUSDT&origClientOrderId=id-1&recvWindow=2000&timestamp=1591702613943", 1);
    assert_true(hx_ok(a->encode_cancel(&ctx, symbol, HX_STR("id-1"), &call)));
    assert_signed(HX_HTTP_METHOD_DELETE, "/fapi/v1/order",
                  "symbol=ETHUSDT&origClientOrderId=id-1&recvWindow=2000&timestamp=1591702613943", 1);
    assert_true(hx_ok(a->encode_fills(&ctx, symbol, HX_STR("77"), HX_STR_EMPTY, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/fapi/v1/userTrades",
                  "symbol=ETHUSDT&orderId=77&limit=50&recvWindow=2000&timestamp=1591702613943", 5);
    assert_true(hx_ok(a->encode_fills(&ctx, symbol, HX_STR("77"), HX_STR("901"), &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/fapi/v1/userTrades",
                  "symbol=ETHUSDT&orderId=77&fromId=901&limit=50&recvWindow=2000&timestamp=1591702613943", 5);
    assert_true(hx_ok(a->encode_position(&ctx, symbol, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/fapi/v3/positionRisk", "symbol=ETHUSDT&recvWindow=2000&timestamp=1591702613943",
                  5);
    assert_true(hx_ok(a->encode_equity(&ctx, HX_STR("USDT"), &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/fapi/v3/balance", "recvWindow=2000&timestamp=1591702613943", 5);
    assert_true(hx_ok(a->encode_leverage(&ctx, symbol, 20, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/fapi/v1/leverage",
                  "symbol=ETHUSDT&leverage=20&recvWindow=2000&timestamp=1591702613943", 1);
    assert_true(hx_ok(a->encode_margin_mode(&ctx, symbol, false, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/fapi/v1/marginType",
                  "symbol=ETHUSDT&marginType=CROSSED&recvWindow=2000&timestamp=1591702613943", 1);
    assert_true(hx_ok(a->encode_margin_mode(&ctx, symbol, true, &call)));
    assert_str(call.query, "symbol=ETHUSDT&marginType=ISOLATED&recvWindow=2000&timestamp=1591702613943");
    assert_true(hx_ok(a->encode_position_mode(&ctx, symbol, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/fapi/v1/accountConfig", "recvWindow=2000&timestamp=1591702613943", 5);
    assert_true(hx_ok(a->encode_setting(&ctx, symbol, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/fapi/v1/symbolConfig", "symbol=ETHUSDT&recvWindow=2000&timestamp=1591702613943",
                  5);
    assert_true(hx_ok(a->encode_key_rights(&ctx, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/fapi/v1/accountConfig", "recvWindow=2000&timestamp=1591702613943", 5);
    /* Without a symbol these would ask for all of them. */
    assert_true(hx_err_is(a->encode_setting(&ctx, HX_STR_EMPTY, &call), HX_CLASS_REJECT));
    assert_true(hx_err_is(a->encode_position(&ctx, HX_STR_EMPTY, &call), HX_CLASS_REJECT));
    assert_true(hx_err_is(a->encode_mark_price(&ctx, HX_STR_EMPTY, &call), HX_CLASS_REJECT));
}

static void public_questions_carry_no_key(void **state) {
    const struct hx_venue_adapter *a = &hx_binance_futures;
    hx_str target;
    (void)state;
    assert_true(hx_ok(a->encode_time(&ctx, &call)));
    assert_int_equal(call.header_count, 0);
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, HX_STR_EMPTY, &target)));
    assert_str(target, "/fapi/v1/time");
    assert_true(hx_ok(a->encode_mark_price(&ctx, HX_STR("BTCUSDT"), &call)));
    assert_int_equal(call.header_count, 0);
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, HX_STR_EMPTY, &target)));
    assert_str(target, "/fapi/v1/premiumIndex?symbol=BTCUSDT");
    assert_true(hx_ok(a->encode_rules(&ctx, HX_STR("BTCUSDT"), &call)));
    assert_int_equal(call.header_count, 0);
    assert_int_equal(call.signature_place, HX_SIGNATURE_NONE);
    assert_str(call.path, "/fapi/v1/exchangeInfo");
    assert_str(call.extract_array, "symbols");
    assert_str(call.extract_member, "symbol");
    assert_str(call.extract_value, "BTCUSDT");
}

enum encoding { ENCODED, REFUSED };

static enum encoding encode(enum hx_position_side position_side, enum hx_side side, bool reduce_only) {
    struct hx_order_request order = market_order();
    order.position_side = position_side;
    order.side = side;
    order.reduce_only = reduce_only;
    hx_err err = hx_binance_futures.encode_order(&ctx, &order, &call);
    assert_true(hx_ok(err) || hx_err_is(err, HX_CLASS_REJECT));
    return hx_ok(err) ? ENCODED : REFUSED;
}

/* In hedge mode the position's side is named and reduceOnly is not sent: it would be refused (-1106). */
static void hedge_mode_names_the_position(void **state) {
    static const struct {
        enum hx_position_side position_side;
        enum hx_side side;
        bool reduces;
    } table[] = {
        {HX_POSITION_LONG, HX_SIDE_BUY, false},
        {HX_POSITION_LONG, HX_SIDE_SELL, true},
        {HX_POSITION_SHORT, HX_SIDE_SELL, false},
        {HX_POSITION_SHORT, HX_SIDE_BUY, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char query[512];
        snprintf(query, sizeof query,
                 "symbol=BTCUSDT&side=%s&type=MARKET&quantity=0.012&positionSide=%s"
                 "&newClientOrderId=AZOpXu_0-23456789abcde&newOrderRespType=RESULT&recvWindow=2000"
                 "&timestamp=1591702613943",
                 table[i].side == HX_SIDE_BUY ? "BUY" : "SELL",
                 table[i].position_side == HX_POSITION_LONG ? "LONG" : "SHORT");
        assert_int_equal(encode(table[i].position_side, table[i].side, false), ENCODED);
        assert_int_equal(call.kind, table[i].reduces ? HX_VENUE_CALL_OTHER : HX_VENUE_CALL_ENTRY);
        assert_signed(HX_HTTP_METHOD_POST, "/fapi/v1/order", query, 0);
        /* What is to reduce only does so by its sides, or is not sent. */
        assert_int_equal(encode(table[i].position_side, table[i].side, true), table[i].reduces ? ENCODED : REFUSED);
        if (table[i].reduces) assert_str(call.query, query);
    }
}

static struct hx_stop_request stop_loss(void) {
    return (struct hx_stop_request){.symbol = HX_STR("BTCUSDT"),
                                    .kind = HX_STOP_LOSS,
                                    .side = HX_SIDE_SELL,
                                    .quantity = dec("0.012"),
                                    .trigger_price = dec("58000.50"),
                                    .by_mark = true,
                                    .client_order_id = HX_STR("AZOpXu_0-23456789abcds")};
}

static void stops_are_conditional_orders(void **state) {
    struct hx_stop_request stop = stop_loss();
    (void)state;
    assert_true(hx_ok(hx_binance_futures.encode_stop(&ctx, &stop, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_int_equal(call.order_count, 1);
    assert_signed(HX_HTTP_METHOD_POST, "/fapi/v1/algoOrder",
                  "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.012&triggerPrice=58000.5"
                  "&workingType=MARK_PRICE&reduceOnly=true&clientAlgoId=AZOpXu_0-23456789abcds&newOrderRespType=RESULT&"
                  "recvWindow=2000"
                  "&timestamp=1591702613943",
                  0);
    stop.kind = HX_TAKE_PROFIT;
    stop.side = HX_SIDE_BUY;
    stop.by_mark = false;
    stop.position_side = HX_POSITION_SHORT;
    assert_true(hx_ok(hx_binance_futures.encode_stop(&ctx, &stop, &call)));
    assert_signed(
        HX_HTTP_METHOD_POST, "/fapi/v1/algoOrder",
        "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT_MARKET&quantity=0.012"
        "&triggerPrice=58000.5&workingType=CONTRACT_PRICE&positionSide=SHORT"
        "&clientAlgoId=AZOpXu_0-23456789abcds&newOrderRespType=RESULT&recvWindow=2000&timestamp=1591702613943",
        0);
    /* A stop that would open is no stop. */
    stop.position_side = HX_POSITION_LONG;
    assert_true(hx_err_is(hx_binance_futures.encode_stop(&ctx, &stop, &call), HX_CLASS_REJECT));
    stop = stop_loss();
    stop.trigger_price = HX_DEC_ZERO;
    assert_true(hx_err_is(hx_binance_futures.encode_stop(&ctx, &stop, &call), HX_CLASS_REJECT));
    stop = stop_loss();
    stop.quantity = HX_DEC_ZERO;
    assert_true(hx_err_is(hx_binance_futures.encode_stop(&ctx, &stop, &call), HX_CLASS_REJECT));
    stop = stop_loss();
    stop.client_order_id = HX_STR("a b");
    assert_true(hx_err_is(hx_binance_futures.encode_stop(&ctx, &stop, &call), HX_CLASS_REJECT));
}

static void stops_are_asked_for_by_their_id(void **state) {
    struct hx_stop_request by_id = {.symbol = HX_STR("BTCUSDT"), .client_order_id = HX_STR("id-1")};
    (void)state;
    assert_true(hx_ok(hx_binance_futures.encode_stop_query(&ctx, &by_id, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/fapi/v1/algoOrder", "clientAlgoId=id-1&recvWindow=2000&timestamp=1591702613943",
                  1);
    assert_true(hx_ok(hx_binance_futures.encode_stop_cancel(&ctx, &by_id, &call)));
    assert_signed(HX_HTTP_METHOD_DELETE, "/fapi/v1/algoOrder",
                  "clientAlgoId=id-1&recvWindow=2000&timestamp=1591702613943", 1);
    by_id.client_order_id = HX_STR("a.b");
    assert_true(hx_err_is(hx_binance_futures.encode_stop_query(&ctx, &by_id, &call), HX_CLASS_REJECT));
    by_id.client_order_id = HX_STR_EMPTY;
    assert_true(hx_err_is(hx_binance_futures.encode_stop_cancel(&ctx, &by_id, &call), HX_CLASS_REJECT));
}

static void the_limits_of_values_are_allowed(void **state) {
    struct hx_order_request order = market_order();
    (void)state;
    order.client_order_id = HX_STR("azAZ09-_azAZ09-_azAZ09-_azAZ09-_");
    assert_true(hx_ok(hx_binance_futures.encode_order(&ctx, &order, &call)));
    assert_true(hx_ok(hx_binance_futures.encode_leverage(&ctx, HX_STR("BTCUSDT"), 1, &call)));
    assert_true(hx_ok(hx_binance_futures.encode_leverage(&ctx, HX_STR("BTCUSDT"), 125, &call)));
}

/* The exactly-once rule is computed from these: facts, sections 0 and 3.3. */
static void the_guarantees_are_stated(void **state) {
    const struct hx_venue_guarantees *g = &hx_binance_futures.guarantees;
    (void)state;
    assert_true(g->has_timestamp_window);
    assert_false(g->id_unique_forever);
    assert_int_equal(g->receive_window_ms, 2000);
    assert_int_equal(g->lookup_lag_ms, 500);
    assert_int_equal(g->clock_slack_ms, 1000);
    assert_int_equal(g->lookup_retention_ms, 3 * HX_MS_PER_DAY);
}

static void the_adapter_is_found(void **state) {
    struct hx_account account = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};
    (void)state;
    assert_ptr_equal(hx_venue_find_adapter(&account), &hx_binance_futures);
    account.market = HX_MARKET_SPOT;
    assert_ptr_equal(hx_venue_find_adapter(&account), &hx_binance_spot);
    assert_ptr_equal(hx_venue_list_adapters(0), &hx_binance_futures);
    account.venue = (enum hx_venue_id)77;
    assert_null(hx_venue_find_adapter(&account));
    assert_null(hx_venue_list_adapters(1000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(orders_are_encoded, setup),
        cmocka_unit_test_setup(orders_that_make_no_sense_are_refused, setup),
        cmocka_unit_test_setup(questions_are_encoded, setup),
        cmocka_unit_test_setup(public_questions_carry_no_key, setup),
        cmocka_unit_test_setup(hedge_mode_names_the_position, setup),
        cmocka_unit_test_setup(stops_are_conditional_orders, setup),
        cmocka_unit_test_setup(stops_are_asked_for_by_their_id, setup),
        cmocka_unit_test_setup(the_limits_of_values_are_allowed, setup),
        cmocka_unit_test_setup(the_guarantees_are_stated, setup),
        cmocka_unit_test_setup(the_adapter_is_found, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
