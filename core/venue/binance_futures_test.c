/* Goal: what is sent to Binance is exactly what its documentation asks for, and is signed over exactly those bytes.
 * Method: golden requests (binance_futures.c) and the signature's place (adapter.c), and the published signature
 * examples with the core's HMAC in the place of the host's. */
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

/* USD-M documentation, signed endpoint examples. The second prints a signature that fits a text with a stray space;
 * this one is what the stated text gives. */
static void published_signatures_come_out(void **state) {
    (void)state;
    call = (struct hx_venue_call){
        .query = HX_STR("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000"
                        "&timestamp=1591702613943")};
    assert_true(hx_ok(hx_venue_sign_query_and_body(&arena, &call)));
    sign(call.sign_text);
    assert_string_equal(hex, "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9");
    call = (struct hx_venue_call){.query = HX_STR("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"),
                                  .body = HX_STR("quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943")};
    assert_true(hx_ok(hx_venue_sign_query_and_body(&arena, &call)));
    sign(call.sign_text);
    assert_string_equal(hex, "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4");
}

/* The places where other venues put their signatures. */
static void signatures_find_their_place(void **state) {
    hx_str target;
    struct hx_venue_call in_header = {.path = HX_STR("/v5/order/create"),
                                      .signature_place = HX_SIGNATURE_HEADER,
                                      .signature_name = HX_STR("X-BAPI-SIGN")};
    struct hx_venue_call bare = {
        .path = HX_STR("/p"), .signature_place = HX_SIGNATURE_QUERY, .signature_name = HX_STR("signature")};
    (void)state;
    assert_true(hx_ok(hx_venue_call_finish(&arena, &in_header, HX_STR("ab"), &target)));
    assert_str(target, "/v5/order/create");
    assert_int_equal(in_header.header_count, 1);
    assert_str(in_header.headers[0].name, "X-BAPI-SIGN");
    assert_str(in_header.headers[0].value, "ab");
    assert_true(hx_ok(hx_venue_call_finish(&arena, &bare, HX_STR("ab"), &target)));
    assert_str(target, "/p?signature=ab");
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
    assert_null(hx_venue_find_adapter(&account));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(orders_are_encoded, setup),
        cmocka_unit_test_setup(orders_that_make_no_sense_are_refused, setup),
        cmocka_unit_test_setup(questions_are_encoded, setup),
        cmocka_unit_test_setup(public_questions_carry_no_key, setup),
        cmocka_unit_test_setup(published_signatures_come_out, setup),
        cmocka_unit_test_setup(signatures_find_their_place, setup),
        cmocka_unit_test_setup(the_limits_of_values_are_allowed, setup),
        cmocka_unit_test_setup(the_guarantees_are_stated, setup),
        cmocka_unit_test_setup(the_adapter_is_found, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
