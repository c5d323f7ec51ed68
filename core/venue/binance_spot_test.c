/* Goal: what is sent to spot is exactly what its documentation asks for, and is signed over exactly those bytes.
 * Method: golden requests (binance_spot.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/binance_spot.h"

#define KEY "an-api-key"
#define ID "AZOpXu_0-23456789abcde"
#define STAMP "&recvWindow=2000&timestamp=1499827319559"

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_venue_call call;
static const struct hx_stop_request by_id = {.symbol = {"LTCBTC", sizeof("LTCBTC") - 1},
                                             .client_order_id = {ID, sizeof(ID) - 1}};
static const struct hx_symbol_rules rules = {
    .symbol = {"LTCBTC", 6}, .base_asset = {"LTC", 3}, .quote_asset = {"BTC", 3}};
static const struct hx_venue_adapter *const a = &hx_binance_spot;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena,
                                    .api_key = HX_STR(KEY),
                                    .timestamp_ms = 1499827319559,
                                    .receive_window_ms = 2000,
                                    .rules = &rules};
    memset(&call, 0xa5, sizeof call);
    return 0;
}

static void assert_str(hx_str s, const char *wanted) {
    if (!hx_str_equal(s, hx_str_from_c(wanted))) fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, s.data, wanted);
}

static void assert_signed(enum hx_http_method method, const char *path, const char *query, int64_t weight) {
    hx_str target;
    char wanted[1024];
    assert_int_equal(call.method, method);
    assert_str(call.query, query);
    assert_str(call.sign_text, query);
    assert_int_equal(call.body.len, 0);
    assert_int_equal(call.weight, weight);
    assert_int_equal(call.signature_place, HX_SIGNATURE_QUERY);
    assert_int_equal(call.header_count, 1);
    assert_str(call.headers[0].name, "X-MBX-APIKEY");
    assert_str(call.headers[0].value, KEY);
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, HX_STR("5159"), &target)));
    snprintf(wanted, sizeof wanted, "%s?%s&signature=5159", path, query);
    assert_str(target, wanted);
}

static void assert_public(const char *target_wanted, int64_t weight) {
    hx_str target;
    assert_int_equal(call.method, HX_HTTP_METHOD_GET);
    assert_int_equal(call.header_count, 0);
    assert_int_equal(call.weight, weight);
    assert_int_equal(call.signature_place, HX_SIGNATURE_NONE);
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, HX_STR_EMPTY, &target)));
    assert_str(target, target_wanted);
}

static struct hx_order_request market_order(enum hx_side side) {
    return (struct hx_order_request){.symbol = HX_STR("LTCBTC"),
                                     .side = side,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = {125, -2},
                                     .client_order_id = HX_STR(ID)};
}

/* In base on both sides; never as an amount of quote. */
static void orders_are_encoded(void **state) {
    struct hx_order_request order = market_order(HX_SIDE_BUY);
    (void)state;
    assert_true(hx_ok(a->encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_ENTRY);
    assert_int_equal(call.order_count, 1);
    assert_signed(
        HX_HTTP_METHOD_POST, "/api/v3/order",
        "symbol=LTCBTC&side=BUY&type=MARKET&quantity=1.25&newClientOrderId=" ID "&newOrderRespType=RESULT" STAMP, 1);
    order.side = HX_SIDE_SELL;
    order.reduce_only = true;
    assert_true(hx_ok(a->encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_signed(
        HX_HTTP_METHOD_POST, "/api/v3/order",
        "symbol=LTCBTC&side=SELL&type=MARKET&quantity=1.25&newClientOrderId=" ID "&newOrderRespType=RESULT" STAMP, 1);
    order.reduce_only = false;
    order.type = HX_ORDER_LIMIT;
    order.price = (hx_dec){1, -1};
    assert_true(hx_ok(a->encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_signed(HX_HTTP_METHOD_POST, "/api/v3/order",
                  "symbol=LTCBTC&side=SELL&type=LIMIT&quantity=1.25&price=0.1&timeInForce=GTC&newClientOrderId=" ID
                  "&newOrderRespType=RESULT" STAMP,
                  1);
}

static void orders_that_make_no_sense_are_refused(void **state) {
    struct hx_order_request order = market_order(HX_SIDE_BUY);
    (void)state;
    order.reduce_only = true; /* Nothing is short. */
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
    order = market_order(HX_SIDE_SELL);
    order.position_side = HX_POSITION_LONG;
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
    order = market_order(HX_SIDE_BUY);
    order.quantity = HX_DEC_ZERO;
    order.quote_quantity = (hx_dec){5, 0};
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
    order = market_order(HX_SIDE_BUY);
    order.client_order_id = HX_STR("123456789012345678901234567890123");
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
    order = market_order(HX_SIDE_BUY);
    order.type = HX_ORDER_LIMIT;
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
    hx_arena_init(&arena, memory, 64);
    order = market_order(HX_SIDE_BUY);
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_LIMIT));
}

static void stops_are_orders_that_wait(void **state) {
    struct hx_stop_request stop = {.symbol = HX_STR("LTCBTC"),
                                   .kind = HX_STOP_LOSS,
                                   .side = HX_SIDE_SELL,
                                   .quantity = {125, -2},
                                   .trigger_price = {9, -2},
                                   .by_mark = true, /* There is but one price. */
                                   .client_order_id = HX_STR(ID)};
    (void)state;
    assert_true(hx_ok(a->encode_stop(&ctx, &stop, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_int_equal(call.order_count, 1);
    assert_signed(HX_HTTP_METHOD_POST, "/api/v3/order",
                  "symbol=LTCBTC&side=SELL&type=STOP_LOSS&quantity=1.25&stopPrice=0.09&newClientOrderId=" ID
                  "&newOrderRespType=RESULT" STAMP,
                  1);
    stop.kind = HX_TAKE_PROFIT;
    assert_true(hx_ok(a->encode_stop(&ctx, &stop, &call)));
    assert_true(hx_str_starts_with(call.query, HX_STR("symbol=LTCBTC&side=SELL&type=TAKE_PROFIT&quantity=1.25&")));
    assert_true(hx_ok(a->encode_stop_query(&ctx, &by_id, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/order", "symbol=LTCBTC&origClientOrderId=" ID STAMP, 4);
    assert_true(hx_ok(a->encode_stop_cancel(&ctx, &by_id, &call)));
    assert_signed(HX_HTTP_METHOD_DELETE, "/api/v3/order", "symbol=LTCBTC&origClientOrderId=" ID STAMP, 1);
    struct hx_stop_request wrong = stop;
    wrong.side = HX_SIDE_BUY;
    assert_true(hx_err_is(a->encode_stop(&ctx, &wrong, &call), HX_CLASS_REJECT));
    wrong = stop;
    wrong.position_side = HX_POSITION_SHORT;
    assert_true(hx_err_is(a->encode_stop(&ctx, &wrong, &call), HX_CLASS_REJECT));
    wrong = stop;
    wrong.client_order_id = HX_STR("a b");
    assert_true(hx_err_is(a->encode_stop(&ctx, &wrong, &call), HX_CLASS_REJECT));
    wrong = stop;
    wrong.trigger_price = HX_DEC_ZERO;
    assert_true(hx_err_is(a->encode_stop(&ctx, &wrong, &call), HX_CLASS_REJECT));
}

static void assert_extracts(const char *array, const char *member, const char *value) {
    assert_str(call.extract_array, array);
    assert_str(call.extract_member, member);
    assert_str(call.extract_value, value);
}

static void questions_are_encoded(void **state) {
    hx_str symbol = HX_STR("LTCBTC");
    (void)state;
    assert_true(hx_ok(a->encode_query(&ctx, symbol, HX_STR("id-1"), 0, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/order", "symbol=LTCBTC&origClientOrderId=id-1" STAMP, 4);
    assert_true(hx_ok(a->encode_cancel(&ctx, symbol, HX_STR("id-1"), &call)));
    assert_signed(HX_HTTP_METHOD_DELETE, "/api/v3/order", "symbol=LTCBTC&origClientOrderId=id-1" STAMP, 1);
    assert_true(hx_ok(a->encode_fills(&ctx, symbol, HX_STR("77"), HX_STR_EMPTY, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/myTrades", "symbol=LTCBTC&orderId=77&limit=50" STAMP, 5);
    assert_true(hx_ok(a->encode_fills(&ctx, symbol, HX_STR("77"), HX_STR("901"), &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/myTrades", "symbol=LTCBTC&orderId=77&fromId=901&limit=50" STAMP, 5);
    assert_true(hx_ok(a->encode_position(&ctx, symbol, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/account", "omitZeroBalances=true" STAMP, 20);
    assert_extracts("balances", "asset", "LTC");
    assert_true(hx_ok(a->encode_equity(&ctx, HX_STR("BTC"), &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v3/account", "omitZeroBalances=true" STAMP, 20);
    assert_extracts("balances", "asset", "BTC");
    assert_true(hx_ok(a->encode_key_rights(&ctx, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/sapi/v1/account/apiRestrictions", "recvWindow=2000&timestamp=1499827319559", 1);
    assert_true(hx_err_is(a->encode_equity(&ctx, HX_STR_EMPTY, &call), HX_CLASS_REJECT));
    char longest[HX_VENUE_VALUE_LEN_MAX + 1];
    memset(longest, 'A', sizeof longest);
    assert_true(hx_ok(a->encode_equity(&ctx, hx_str_make(longest, HX_VENUE_VALUE_LEN_MAX), &call)));
    assert_true(hx_err_is(a->encode_equity(&ctx, hx_str_make(longest, sizeof longest), &call), HX_CLASS_REJECT));
    /* Which asset a symbol is about is in its rules. */
    ctx.rules = NULL;
    assert_true(hx_err_is(a->encode_position(&ctx, symbol, &call), HX_CLASS_REJECT));
}

static void public_questions_carry_no_key(void **state) {
    (void)state;
    assert_true(hx_ok(a->encode_time(&ctx, &call)));
    assert_public("/api/v3/time", 1);
    assert_true(hx_ok(a->encode_mark_price(&ctx, HX_STR("LTCBTC"), &call)));
    assert_public("/api/v3/ticker/price?symbol=LTCBTC", 2);
    assert_true(hx_ok(a->encode_rules(&ctx, HX_STR("LTCBTC"), &call)));
    assert_public("/api/v3/exchangeInfo?symbol=LTCBTC&showPermissionSets=false", 20);
    assert_extracts("symbols", "symbol", "LTCBTC");
    assert_true(hx_err_is(a->encode_rules(&ctx, HX_STR_EMPTY, &call), HX_CLASS_REJECT));
    assert_true(hx_err_is(a->encode_mark_price(&ctx, HX_STR_EMPTY, &call), HX_CLASS_REJECT));
}

/* Facts, sections 0, 1.1, 1.4 and 2. */
static void the_adapter_states_its_facts(void **state) {
    const struct hx_account account = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_SPOT};
    (void)state;
    assert_ptr_equal(hx_venue_find_adapter(&account), a);
    assert_true(a->traits.spot && a->traits.has_stops && !a->traits.market_buy_in_quote && a->needs_rules);
    assert_true(a->guarantees.has_timestamp_window && !a->guarantees.id_unique_forever);
    assert_int_equal(a->guarantees.receive_window_ms, 2000);
    assert_int_equal(a->guarantees.lookup_lag_ms, 10 * HX_MS_PER_SECOND);
    assert_int_equal(a->guarantees.lookup_retention_ms, 90 * HX_MS_PER_DAY);
    assert_str(a->live.origin_default, "https://api.binance.com");
    assert_str(a->live.origin_setting, "HOOX_BINANCE_SPOT_URL");
    assert_str(a->live.key_setting, "BINANCE_API_KEY");
    assert_str(a->test.origin_default, "https://testnet.binance.vision");
    assert_str(a->test.origin_setting, "HOOX_BINANCE_SPOT_TESTNET_URL");
    assert_str(a->test.key_setting, "BINANCE_TESTNET_API_KEY");
    assert_str(a->test.secret_name, "BINANCE_TESTNET_API_SECRET");
    assert_int_equal(a->budgets[HX_BINANCE_SPOT_WEIGHT].limit, 6000);
    assert_int_equal(a->budgets[HX_BINANCE_SPOT_ORDERS_10S].limit, 50);
    assert_int_equal(a->budgets[HX_BINANCE_SPOT_ORDERS_1D].limit, 160000);
    assert_int_equal(a->budgets[HX_BINANCE_SPOT_ORDERS_1D].window_ms, HX_MS_PER_DAY);
    assert_null(a->encode_leverage);
    assert_null(a->encode_margin_mode);
    assert_null(a->encode_position_mode);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(orders_are_encoded, setup),
        cmocka_unit_test_setup(orders_that_make_no_sense_are_refused, setup),
        cmocka_unit_test_setup(stops_are_orders_that_wait, setup),
        cmocka_unit_test_setup(questions_are_encoded, setup),
        cmocka_unit_test_setup(public_questions_carry_no_key, setup),
        cmocka_unit_test_setup(the_adapter_states_its_facts, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
