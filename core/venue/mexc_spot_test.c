/* Goal: what is sent to MEXC's spot API is exactly what its documentation asks for, signed over exactly those bytes,
 * all of it in the query. Method: golden requests, and the documentation's signatures with the core's HMAC in the place
 * of the host's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/sha256.h"
#include "core/venue/mexc.h"

#define KEY "mx0aBYs33eIilxBWC5"
#define SECRET "45d0b3c26f2644f19bfb98b07741b2f5"
#define STAMP "&recvWindow=2000&timestamp=1644489390087"
#define ID "AZOpXu_0-23456789abcde"

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_venue_call call;
static char hex[2 * HX_SHA256_LEN + 1];
static const struct hx_venue_adapter *const a = &hx_mexc_spot;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){
        .arena = &arena, .api_key = HX_STR(KEY), .timestamp_ms = 1644489390087, .receive_window_ms = 2000};
    memset(&call, 0xa5, sizeof call);
    return 0;
}

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static void assert_str(hx_str s, const char *wanted) {
    if (!hx_str_equal(s, hx_str_from_c(wanted))) fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, s.data, wanted);
}

static const char *sign(hx_str text) {
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf buf;
    hx_hmac_sha256(HX_STR(SECRET), text, digest);
    hx_buf_init(&buf, hex, 2 * HX_SHA256_LEN);
    hx_buf_add_hex(&buf, digest, sizeof digest);
    hex[2 * HX_SHA256_LEN] = '\0';
    return hex;
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
    assert_int_equal(call.header_count, 2);
    assert_str(call.headers[0].name, "Content-Type");
    assert_str(call.headers[0].value, "application/json");
    assert_str(call.headers[1].name, "X-MEXC-APIKEY");
    assert_str(call.headers[1].value, KEY);
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, hx_str_from_c(sign(call.sign_text)), &target)));
    snprintf(wanted, sizeof wanted, "%s?%s&signature=%s", path, query, hex);
    assert_str(target, wanted);
}

/* Facts 6.1: the documentation's two examples that reproduce. */
static void the_published_signatures_come_out(void **state) {
    (void)state;
    call = (struct hx_venue_call){.query = HX_STR("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=11"
                                                  "&recvWindow=5000&timestamp=1644489390087")};
    assert_true(hx_ok(hx_venue_sign_query_and_body(&arena, &call)));
    assert_string_equal(sign(call.sign_text), "fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a");
    call = (struct hx_venue_call){.query = HX_STR("symbol=BTCUSDT&side=BUY&type=LIMIT"),
                                  .body = HX_STR("quantity=1&price=11&recvWindow=5000&timestamp=1644489390087")};
    assert_true(hx_ok(hx_venue_sign_query_and_body(&arena, &call)));
    assert_string_equal(sign(call.sign_text), "d1a676610ceb39174c8039b3f548357994b2a34139a8addd33baadba65684592");
}

static struct hx_order_request market_buy(void) {
    return (struct hx_order_request){.symbol = HX_STR("BTCUSDT"),
                                     .side = HX_SIDE_BUY,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = dec("0.001"),
                                     .quote_quantity = dec("61.23"),
                                     .client_order_id = HX_STR(ID)};
}

static void orders_are_encoded(void **state) {
    struct hx_order_request order = market_buy();
    (void)state;
    assert_true(hx_ok(a->encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_ENTRY);
    assert_int_equal(call.order_count, 1);
    assert_signed(HX_HTTP_METHOD_POST, "/api/v3/order",
                  "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=61.23&newClientOrderId=" ID STAMP, 1);
    order.side = HX_SIDE_SELL;
    order.reduce_only = true;
    assert_true(hx_ok(a->encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_signed(HX_HTTP_METHOD_POST, "/api/v3/order",
                  "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.001&newClientOrderId=" ID STAMP, 1);
    order = market_buy();
    order.type = HX_ORDER_LIMIT;
    order.price = dec("61234.50");
    assert_true(hx_ok(a->encode_order(&ctx, &order, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/api/v3/order",
                  "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.001&price=61234.5&newClientOrderId=" ID STAMP, 1);
    /* Escapes are of upper case. */
    order.symbol = HX_STR("\xe5\xb8\x81USDT");
    assert_true(hx_ok(a->encode_order(&ctx, &order, &call)));
    assert_true(hx_str_starts_with(call.sign_text, HX_STR("symbol=%E5%B8%81USDT&side=BUY&")));
}

static void assert_refused(struct hx_order_request order) {
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
}

static void orders_that_make_no_sense_are_refused(void **state) {
    static const char *const ids[] = {"", "a b", "a&b", "a.b", "123456789012345678901234567890123"};
    struct hx_order_request order = market_buy();
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        order.client_order_id = hx_str_from_c(ids[i]);
        assert_refused(order);
        assert_true(hx_err_is(a->encode_query(&ctx, order.symbol, order.client_order_id, 0, &call), HX_CLASS_REJECT));
        assert_true(hx_err_is(a->encode_cancel(&ctx, order.symbol, order.client_order_id, &call), HX_CLASS_REJECT));
    }
    order = market_buy();
    order.quote_quantity = HX_DEC_ZERO; /* Never by quantity instead. */
    assert_refused(order);
    order.side = HX_SIDE_SELL;
    order.quantity = HX_DEC_ZERO;
    assert_refused(order);
    order = market_buy();
    order.type = HX_ORDER_LIMIT;
    assert_refused(order);
    order = market_buy();
    order.symbol = HX_STR_EMPTY;
    assert_refused(order);
    hx_arena_init(&arena, memory, 64);
    order = market_buy();
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_LIMIT));
}

static void questions_are_encoded(void **state) {
    hx_str symbol = HX_STR("ETHUSDT");
    (void)state;
    assert_true(hx_ok(a->encode_query(&ctx, symbol, HX_STR("id-1"), 0, &call)));
    assert_int_equal(call.order_count, 0);
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/order", "symbol=ETHUSDT&origClientOrderId=id-1" STAMP, 2);
    assert_true(hx_ok(a->encode_cancel(&ctx, symbol, HX_STR("id-1"), &call)));
    assert_int_equal(call.order_count, 1); /* Cancels share the orders' limit. */
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_signed(HX_HTTP_METHOD_DELETE, "/api/v3/order", "symbol=ETHUSDT&origClientOrderId=id-1" STAMP, 1);
    assert_true(hx_ok(a->encode_position(&ctx, symbol, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/account", "recvWindow=2000&timestamp=1644489390087", 10);
    assert_true(hx_ok(a->encode_equity(&ctx, HX_STR("USDT"), &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/account", "recvWindow=2000&timestamp=1644489390087", 10);
}

static void fills_are_asked_for_by_order(void **state) {
    static const char *const broken[] = {"s", "e,", "s12", "ex,1,a", "12", "12,", "x,y", "s1,2"};
    hx_str symbol = HX_STR("ETHUSDT");
    hx_str id = HX_STR("C02__77");
    (void)state;
    assert_true(hx_ok(a->encode_fills(&ctx, symbol, id, HX_STR_EMPTY, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/myTrades", "symbol=ETHUSDT&orderId=C02__77&limit=100" STAMP, 10);
    assert_true(hx_ok(a->encode_fills(&ctx, symbol, id, HX_STR("1644489390000,fad2"), &call)));
    assert_str(call.query, "symbol=ETHUSDT&orderId=C02__77&limit=100" STAMP);
    assert_true(hx_ok(a->encode_fills(&ctx, symbol, id, HX_STR("e1644489390000,"), &call)));
    assert_str(call.query, "symbol=ETHUSDT&orderId=C02__77&endTime=1644489390000&limit=100" STAMP);
    assert_true(hx_ok(a->encode_fills(&ctx, symbol, id, HX_STR("s1644489390000,1644489390007,f"), &call)));
    assert_str(call.query, "symbol=ETHUSDT&orderId=C02__77&startTime=1644489390000&limit=100" STAMP);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        hx_err err = a->encode_fills(&ctx, symbol, id, hx_str_from_c(broken[i]), &call);
        bool harmless = strcmp(broken[i], "s12") == 0; /* The comma at the end may be missing. */
        if (hx_ok(err) != harmless) fail_msg("case %zu", i);
    }
    assert_true(hx_err_is(a->encode_fills(&ctx, symbol, HX_STR_EMPTY, HX_STR_EMPTY, &call), HX_CLASS_REJECT));
}

static void assert_public(const char *wanted, int64_t weight) {
    hx_str target;
    assert_int_equal(call.header_count, 0);
    assert_int_equal(call.signature_place, HX_SIGNATURE_NONE);
    assert_int_equal(call.weight, weight);
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, HX_STR_EMPTY, &target)));
    assert_str(target, wanted);
}

static void public_questions_carry_no_key(void **state) {
    (void)state;
    assert_true(hx_ok(a->encode_time(&ctx, &call)));
    assert_public("/api/v3/time", 1);
    assert_true(hx_ok(a->encode_mark_price(&ctx, HX_STR("BTCUSDT"), &call)));
    assert_public("/api/v3/ticker/price?symbol=BTCUSDT", 1);
    assert_true(hx_ok(a->encode_rules(&ctx, HX_STR("BTCUSDT"), &call)));
    assert_int_equal(call.extract_array.len, 0);
    assert_public("/api/v3/exchangeInfo?symbol=BTCUSDT", 10);
    assert_true(hx_err_is(a->encode_rules(&ctx, HX_STR_EMPTY, &call), HX_CLASS_REJECT));
}

static void the_facts_about_it_are_stated(void **state) {
    const struct hx_account account = {.venue = HX_VENUE_MEXC, .market = HX_MARKET_SPOT};
    const struct hx_venue_guarantees *g = &a->guarantees;
    (void)state;
    assert_ptr_equal(hx_venue_find_adapter(&account), a);
    assert_str(a->name, "mexc-spot");
    assert_true(a->traits.spot && a->traits.market_buy_in_quote && !a->traits.has_stops);
    assert_true(g->has_timestamp_window && !g->id_unique_forever);
    assert_int_equal(g->receive_window_ms, 2000);
    /* Twelve orders and cancels a second; 300 of weight in ten. */
    assert_int_equal(a->budgets[0].unit, HX_SPEND_ORDERS);
    assert_int_equal(a->budgets[0].window_ms, 1000);
    assert_int_equal(a->budgets[0].limit, 12);
    assert_int_equal(a->budgets[1].unit, HX_SPEND_WEIGHT);
    assert_int_equal(a->budgets[1].window_ms, 10000);
    assert_int_equal(a->budgets[1].limit, 300);
    assert_str(a->live.origin_setting, "HOOX_MEXC_SPOT_URL");
    assert_str(a->live.origin_default, "https://api.mexc.com");
    assert_str(a->live.key_setting, "MEXC_API_KEY");
    assert_str(a->live.secret_name, "MEXC_API_SECRET");
    assert_int_equal(a->test.origin_default.len, 0);
    assert_true(a->encode_stop == NULL && a->encode_leverage == NULL && a->encode_margin_mode == NULL);
    assert_true(a->encode_position_mode == NULL && a->encode_key_rights == NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_published_signatures_come_out, setup),
        cmocka_unit_test_setup(orders_are_encoded, setup),
        cmocka_unit_test_setup(orders_that_make_no_sense_are_refused, setup),
        cmocka_unit_test_setup(questions_are_encoded, setup),
        cmocka_unit_test_setup(fills_are_asked_for_by_order, setup),
        cmocka_unit_test_setup(public_questions_carry_no_key, setup),
        cmocka_unit_test_setup(the_facts_about_it_are_stated, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
