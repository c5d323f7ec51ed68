/* Goal: what is sent to Bybit is exactly what its documentation asks for, and is signed over exactly those bytes.
 * Method: golden requests for both products, and signature vectors computed with another program (facts, section 5.2)
 * with the core's HMAC in the place of the host's. Covers bybit.c, bybit_linear.c and bybit_spot.c, and of form.c what
 * goes back as it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/sha256.h"
#include "core/venue/bybit.h"

#define KEY "testApiKey0123456789"
#define SECRET "testApiSecret9876543210"
#define T 1700000000000

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_venue_call call;
static struct hx_symbol_rules rules;
static const struct hx_venue_adapter *const linear = &hx_bybit_linear;
static const struct hx_venue_adapter *const spot = &hx_bybit_spot;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    rules = (struct hx_symbol_rules){.base_asset = HX_STR("BTC"), .quote_asset = HX_STR("USDT")};
    ctx = (struct hx_venue_context){
        .arena = &arena, .api_key = HX_STR(KEY), .timestamp_ms = T, .receive_window_ms = 5000, .rules = &rules};
    memset(&call, 0xa5, sizeof call);
    return 0;
}

static void assert_str(hx_str s, const char *wanted) {
    if (!hx_str_equal(s, hx_str_from_c(wanted))) fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, s.data, wanted);
}

static void assert_header(uint32_t index, const char *name, const char *value) {
    assert_true(index < call.header_count);
    assert_str(call.headers[index].name, name);
    assert_str(call.headers[index].value, value);
}

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static const char *sign(hx_str text) {
    static char hex[2 * HX_SHA256_LEN + 1];
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf buf;
    hx_hmac_sha256(HX_STR(SECRET), text, digest);
    hx_buf_init(&buf, hex, 2 * HX_SHA256_LEN);
    hx_buf_add_hex(&buf, digest, sizeof digest);
    hex[2 * HX_SHA256_LEN] = '\0';
    return hex;
}

/* `payload` is the query of a GET, the body of a POST. */
static void assert_signed(enum hx_http_method method, const char *path, const char *payload) {
    char text[2048];
    hx_str target = HX_STR_EMPTY;
    bool get = method == HX_HTTP_METHOD_GET;
    uint32_t first = get ? 0 : 1;
    assert_int_equal(call.method, method);
    assert_str(call.path, path);
    assert_str(get ? call.query : call.body, payload);
    assert_int_equal(get ? call.body.len : call.query.len, 0);
    assert_int_equal(call.weight, 1);
    assert_int_equal(call.extract_array.len, 0);
    snprintf(text, sizeof text, "1700000000000" KEY "5000%s", payload);
    assert_str(call.sign_text, text);
    if (!get) assert_header(0, "Content-Type", "application/json");
    assert_header(first, "X-BAPI-API-KEY", KEY);
    assert_header(first + 1, "X-BAPI-TIMESTAMP", "1700000000000");
    assert_header(first + 2, "X-BAPI-RECV-WINDOW", "5000");
    assert_int_equal(call.header_count, first + 3);
    const char *hex = sign(call.sign_text);
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, hx_str_from_c(hex), &target)));
    snprintf(text, sizeof text, "%s%s%s", path, get && payload[0] != '\0' ? "?" : "", get ? payload : "");
    assert_str(target, text);
    assert_header(first + 3, "X-BAPI-SIGN", hex);
}

static struct hx_order_request market_order(void) {
    return (struct hx_order_request){.symbol = HX_STR("BTCUSDT"),
                                     .side = HX_SIDE_BUY,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = dec("0.001"),
                                     .client_order_id = HX_STR("or-0001")};
}

/* The first two texts are what the encoders make of an order and its query; the third is a WebSocket's log-in. */
static void derived_signatures_come_out(void **state) {
    struct hx_order_request order = market_order();
    (void)state;
    assert_true(hx_ok(linear->encode_order(&ctx, &order, &call)));
    assert_str(call.sign_text,
               "1700000000000testApiKey01234567895000{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\","
               "\"orderType\":\"Market\",\"qty\":\"0.001\",\"orderLinkId\":\"or-0001\"}");
    assert_string_equal(sign(call.sign_text), "0c554ad2abe74466a7ca02fa8f96ece81ed6ffff574da5b84ddc79b4eeb65255");
    assert_true(hx_ok(linear->encode_query(&ctx, order.symbol, order.client_order_id, 0, &call)));
    assert_str(call.sign_text,
               "1700000000000testApiKey01234567895000category=linear&symbol=BTCUSDT&orderLinkId=or-0001");
    assert_string_equal(sign(call.sign_text), "93d472665790a4ade8e95ee40af835c8b80d380a5113362ab9e4d27c2d2f7415");
    assert_string_equal(sign(HX_STR("GET/realtime1700000010000")),
                        "f5c78c1cdd2c20e7adb807bcd1226c7fdb67d0a2f4164c5f32c019aa8214ce1e");
}

static void linear_orders_are_encoded(void **state) {
    struct hx_order_request order = market_order();
    (void)state;
    assert_true(hx_ok(linear->encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_ENTRY);
    assert_int_equal(call.order_count, 1);
    order.side = HX_SIDE_SELL;
    order.type = HX_ORDER_LIMIT;
    order.price = dec("61000.50");
    order.reduce_only = true;
    assert_true(hx_ok(linear->encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/create",
                  "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Sell\",\"orderType\":\"Limit\","
                  "\"qty\":\"0.001\",\"price\":\"61000.5\",\"timeInForce\":\"GTC\",\"reduceOnly\":true,"
                  "\"orderLinkId\":\"or-0001\"}");
}

/* Index 1 is the long side, 2 the short one, whichever way the order goes. */
static void hedged_orders_name_their_side(void **state) {
    struct hx_order_request order = market_order();
    (void)state;
    order.position_side = HX_POSITION_LONG;
    assert_true(hx_ok(linear->encode_order(&ctx, &order, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/create",
                  "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Market\","
                  "\"qty\":\"0.001\",\"positionIdx\":1,\"orderLinkId\":\"or-0001\"}");
    order.position_side = HX_POSITION_SHORT;
    order.reduce_only = true;
    assert_true(hx_ok(linear->encode_order(&ctx, &order, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/create",
                  "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Market\","
                  "\"qty\":\"0.001\",\"positionIdx\":2,\"reduceOnly\":true,\"orderLinkId\":\"or-0001\"}");
}

/* Base units said aloud; no reduce-only and no index, which spot does not have. */
static void spot_orders_are_encoded(void **state) {
    struct hx_order_request order = market_order();
    (void)state;
    assert_true(hx_ok(spot->encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_ENTRY);
    assert_int_equal(call.order_count, 1);
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/create",
                  "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Market\","
                  "\"qty\":\"0.001\",\"marketUnit\":\"baseCoin\",\"orderLinkId\":\"or-0001\"}");
    order.side = HX_SIDE_SELL;
    order.position_side = HX_POSITION_LONG;
    assert_true(hx_ok(spot->encode_order(&ctx, &order, &call)));
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    order.reduce_only = true;
    assert_true(hx_ok(spot->encode_order(&ctx, &order, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/create",
                  "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\",\"side\":\"Sell\",\"orderType\":\"Market\","
                  "\"qty\":\"0.001\",\"marketUnit\":\"baseCoin\",\"orderLinkId\":\"or-0001\"}");
    order = market_order();
    order.type = HX_ORDER_LIMIT;
    order.price = dec("9000");
    assert_true(hx_ok(spot->encode_order(&ctx, &order, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/create",
                  "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Limit\","
                  "\"qty\":\"0.001\",\"price\":\"9000\",\"timeInForce\":\"GTC\",\"orderLinkId\":\"or-0001\"}");
}

static void what_makes_no_sense_is_refused(void **state) {
    static const char *const ids[] = {"", "a b", "a&b", "a.b", "123456789012345678901234567890123", "\xc3\xa4"};
    const struct hx_venue_adapter *const both[] = {linear, spot};
    (void)state;
    for (size_t a = 0; a < 2; a++) {
        struct hx_order_request order = market_order();
        struct hx_stop_request stop = {.symbol = order.symbol, .quantity = order.quantity, .trigger_price = dec("1")};
        for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
            order.client_order_id = stop.client_order_id = hx_str_from_c(ids[i]);
            hx_str id = order.client_order_id;
            assert_true(hx_err_is(both[a]->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
            assert_true(hx_err_is(both[a]->encode_query(&ctx, order.symbol, id, 0, &call), HX_CLASS_REJECT));
            assert_true(hx_err_is(both[a]->encode_cancel(&ctx, order.symbol, id, &call), HX_CLASS_REJECT));
            assert_true(hx_err_is(both[a]->encode_stop(&ctx, &stop, &call), HX_CLASS_REJECT));
            assert_true(hx_err_is(both[a]->encode_stop_query(&ctx, &stop, &call), HX_CLASS_REJECT));
            assert_true(hx_err_is(both[a]->encode_stop_cancel(&ctx, &stop, &call), HX_CLASS_REJECT));
            hx_arena_reset(&arena);
        }
        order = market_order();
        assert_true(
            hx_err_is(both[a]->encode_query(&ctx, order.symbol, order.client_order_id, 3, &call), HX_CLASS_REJECT));
        order.quantity = HX_DEC_ZERO;
        assert_true(hx_err_is(both[a]->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
        order = market_order();
        order.type = HX_ORDER_LIMIT;
        assert_true(hx_err_is(both[a]->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
        order = market_order();
        order.symbol = HX_STR_EMPTY;
        assert_true(hx_err_is(both[a]->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
    }
    assert_true(hx_err_is(linear->encode_leverage(&ctx, HX_STR("BTCUSDT"), 0, &call), HX_CLASS_REJECT));
    assert_true(hx_err_is(linear->encode_leverage(&ctx, HX_STR("BTCUSDT"), 126, &call), HX_CLASS_REJECT));
    assert_str(call.refusal, "Ask for a leverage of 1 to 125.");
    hx_arena_init(&arena, memory, 64);
    struct hx_order_request order = market_order();
    assert_true(hx_err_is(linear->encode_order(&ctx, &order, &call), HX_CLASS_LIMIT));
}

static void orders_are_looked_for_in_three_places(void **state) {
    hx_str symbol = HX_STR("ETHUSDT");
    hx_str id = HX_STR("id-1");
    (void)state;
    assert_int_equal(linear->query_stages, 3);
    assert_int_equal(spot->query_stages, 3);
    assert_true(hx_ok(spot->encode_query(&ctx, symbol, id, 0, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/order/realtime", "category=spot&symbol=ETHUSDT&orderLinkId=id-1");
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_int_equal(call.order_count, 0);
    assert_true(hx_ok(linear->encode_query(&ctx, symbol, id, 1, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/order/history", "category=linear&symbol=ETHUSDT&orderLinkId=id-1");
    assert_true(hx_ok(linear->encode_query(&ctx, symbol, id, 2, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/execution/list", "category=linear&symbol=ETHUSDT&orderLinkId=id-1&limit=25");
}

static void cancels_and_fills_are_encoded(void **state) {
    hx_str symbol = HX_STR("ETHUSDT");
    hx_str id = HX_STR("8c065341-7b52-4ca9-ac2c-37e31ac55c94");
    (void)state;
    assert_true(hx_ok(linear->encode_cancel(&ctx, symbol, HX_STR("id-1"), &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/cancel",
                  "{\"category\":\"linear\",\"symbol\":\"ETHUSDT\",\"orderLinkId\":\"id-1\"}");
    assert_int_equal(call.order_count, 0);
    assert_true(hx_ok(spot->encode_cancel(&ctx, symbol, HX_STR("id-1"), &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/cancel",
                  "{\"category\":\"spot\",\"symbol\":\"ETHUSDT\",\"orderLinkId\":\"id-1\",\"orderFilter\":\"Order\"}");
    assert_true(hx_ok(linear->encode_fills(&ctx, symbol, id, HX_STR_EMPTY, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/execution/list",
                  "category=linear&symbol=ETHUSDT&orderId=8c065341-7b52-4ca9-ac2c-37e31ac55c94&limit=25");
    /* The cursor comes encoded and goes back as it came. */
    assert_true(hx_ok(spot->encode_fills(&ctx, symbol, id, HX_STR("132766%3A2%2C132766%3A2"), &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/execution/list",
                  "category=spot&symbol=ETHUSDT&orderId=8c065341-7b52-4ca9-ac2c-37e31ac55c94&limit=25"
                  "&cursor=132766%3A2%2C132766%3A2");
}

static void a_cursor_can_not_break_out_of_its_place(void **state) {
    static const char *const bad[] = {"a&b=c", "a b", "a\r\nX: y", "%",   "%4", "%zz",
                                      "a%2",   "a=",  "\xc3\xa4",  "a/b", "a?b"};
    char longest[HX_VENUE_TOKEN_LEN_MAX + 2];
    hx_str id = HX_STR("77");
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hx_err err = linear->encode_fills(&ctx, HX_STR("BTCUSDT"), id, hx_str_from_c(bad[i]), &call);
        if (!hx_err_is(err, HX_CLASS_REJECT)) fail_msg("%s", bad[i]);
    }
    memset(longest, 'a', sizeof longest);
    hx_str token = hx_str_make(longest, HX_VENUE_TOKEN_LEN_MAX);
    assert_true(hx_ok(linear->encode_fills(&ctx, HX_STR("BTCUSDT"), id, token, &call)));
    token.len++;
    assert_true(hx_err_is(linear->encode_fills(&ctx, HX_STR("BTCUSDT"), id, token, &call), HX_CLASS_REJECT));
}

static void the_account_is_asked_and_set(void **state) {
    hx_str symbol = HX_STR("BTCUSDT");
    (void)state;
    assert_true(hx_ok(linear->encode_leverage(&ctx, symbol, 20, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/position/set-leverage",
                  "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"buyLeverage\":\"20\",\"sellLeverage\":\"20\"}");
    assert_true(hx_ok(linear->encode_margin_mode(&ctx, symbol, true, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/account/set-margin-mode", "{\"setMarginMode\":\"ISOLATED_MARGIN\"}");
    assert_true(hx_ok(linear->encode_margin_mode(&ctx, symbol, false, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/account/set-margin-mode", "{\"setMarginMode\":\"REGULAR_MARGIN\"}");
    assert_true(hx_ok(linear->encode_setting(&ctx, symbol, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/account/info", "");
    assert_true(hx_ok(linear->encode_position(&ctx, symbol, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/position/list", "category=linear&symbol=BTCUSDT");
    assert_true(hx_ok(linear->encode_position_mode(&ctx, symbol, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/position/list", "category=linear&symbol=BTCUSDT");
    assert_true(hx_ok(spot->encode_position(&ctx, symbol, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/account/wallet-balance", "accountType=UNIFIED&coin=BTC");
    assert_true(hx_ok(linear->encode_equity(&ctx, HX_STR("USDT"), &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/account/wallet-balance", "accountType=UNIFIED&coin=USDT");
    assert_true(hx_ok(spot->encode_key_rights(&ctx, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/user/query-api", "");
    assert_null(spot->encode_leverage);
    assert_null(spot->encode_margin_mode);
    assert_null(spot->encode_position_mode);
    assert_null(spot->encode_setting);
}

static void public_questions_carry_no_key(void **state) {
    const struct hx_venue_adapter *const both[] = {linear, spot};
    static const char *const asked[][2] = {{"category=linear&symbol=BTCUSDT"}, {"category=spot&symbol=BTCUSDT"}};
    (void)state;
    for (size_t a = 0; a < 2; a++) {
        assert_true(hx_ok(both[a]->encode_time(&ctx, &call)));
        assert_str(call.path, "/v5/market/time");
        assert_int_equal(call.query.len + call.header_count, 0);
        assert_true(hx_ok(both[a]->encode_rules(&ctx, HX_STR("BTCUSDT"), &call)));
        assert_str(call.path, "/v5/market/instruments-info");
        assert_str(call.query, asked[a][0]);
        assert_int_equal(call.header_count, 0);
        assert_int_equal(call.signature_place, HX_SIGNATURE_NONE);
        assert_int_equal(call.extract_array.len, 0);
        assert_true(hx_ok(both[a]->encode_mark_price(&ctx, HX_STR("BTCUSDT"), &call)));
        assert_str(call.path, "/v5/market/tickers");
        assert_str(call.query, asked[a][0]);
        assert_int_equal(call.header_count, 0);
        assert_int_equal(call.weight, 1);
    }
}

static struct hx_stop_request stop_of(enum hx_stop_kind kind, enum hx_side side) {
    return (struct hx_stop_request){.symbol = HX_STR("BTCUSDT"),
                                    .kind = kind,
                                    .side = side,
                                    .quantity = dec("0.01"),
                                    .trigger_price = dec("59000.50"),
                                    .client_order_id = HX_STR("st-1")};
}

static void linear_stops_know_which_way_the_price_comes(void **state) {
    static const struct {
        enum hx_stop_kind kind;
        enum hx_side side;
        const char *named;
        int direction; /* 1: it rises to the trigger. */
    } table[] = {{HX_STOP_LOSS, HX_SIDE_SELL, "Sell", 2},
                 {HX_STOP_LOSS, HX_SIDE_BUY, "Buy", 1},
                 {HX_TAKE_PROFIT, HX_SIDE_SELL, "Sell", 1},
                 {HX_TAKE_PROFIT, HX_SIDE_BUY, "Buy", 2}};
    char body[512];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct hx_stop_request stop = stop_of(table[i].kind, table[i].side);
        stop.by_mark = i % 2 == 0;
        assert_true(hx_ok(linear->encode_stop(&ctx, &stop, &call)));
        snprintf(body, sizeof body,
                 "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"%s\",\"orderType\":\"Market\","
                 "\"qty\":\"0.01\",\"triggerPrice\":\"59000.5\",\"triggerDirection\":%d,\"triggerBy\":\"%s\","
                 "\"reduceOnly\":true,\"closeOnTrigger\":true,\"orderLinkId\":\"st-1\"}",
                 table[i].named, table[i].direction, stop.by_mark ? "MarkPrice" : "LastPrice");
        assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
        assert_int_equal(call.order_count, 1);
        assert_signed(HX_HTTP_METHOD_POST, "/v5/order/create", body);
    }
    struct hx_stop_request stop = stop_of(HX_STOP_LOSS, HX_SIDE_BUY);
    stop.position_side = HX_POSITION_SHORT;
    assert_true(hx_ok(linear->encode_stop(&ctx, &stop, &call)));
    size_t at = 0;
    assert_true(hx_str_find(call.body, HX_STR(",\"positionIdx\":2,\"reduceOnly\":true"), &at));
    stop.trigger_price = HX_DEC_ZERO;
    assert_true(hx_err_is(linear->encode_stop(&ctx, &stop, &call), HX_CLASS_REJECT));
}

static void spot_stops_are_encoded(void **state) {
    struct hx_stop_request stop = stop_of(HX_STOP_LOSS, HX_SIDE_SELL);
    const struct hx_stop_request by_id = {.symbol = HX_STR("BTCUSDT"), .client_order_id = HX_STR("st-1")};
    (void)state;
    stop.by_mark = true;
    assert_true(hx_ok(spot->encode_stop(&ctx, &stop, &call)));
    assert_int_equal(call.order_count, 1);
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/create",
                  "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\",\"side\":\"Sell\",\"orderType\":\"Market\","
                  "\"qty\":\"0.01\",\"triggerPrice\":\"59000.5\",\"marketUnit\":\"baseCoin\","
                  "\"orderFilter\":\"StopOrder\",\"orderLinkId\":\"st-1\"}");
    assert_true(hx_ok(spot->encode_stop_cancel(&ctx, &by_id, &call)));
    assert_signed(
        HX_HTTP_METHOD_POST, "/v5/order/cancel",
        "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\",\"orderLinkId\":\"st-1\",\"orderFilter\":\"StopOrder\"}");
    assert_true(hx_ok(linear->encode_stop_cancel(&ctx, &by_id, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/v5/order/cancel",
                  "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"orderLinkId\":\"st-1\"}");
    assert_true(hx_ok(spot->encode_stop_query(&ctx, &by_id, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/order/realtime", "category=spot&symbol=BTCUSDT&orderLinkId=st-1");
    assert_true(hx_ok(linear->encode_stop_history(&ctx, &by_id, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/v5/order/history", "category=linear&symbol=BTCUSDT&orderLinkId=st-1");
}

/* The exactly-once rule and the pace are computed from these: facts, sections 5.2, 5.6, 5.9 and 5.10. */
static void the_facts_are_stated(void **state) {
    const struct hx_venue_adapter *const both[] = {linear, spot};
    (void)state;
    for (size_t a = 0; a < 2; a++) {
        const struct hx_venue_guarantees *g = &both[a]->guarantees;
        assert_true(g->has_timestamp_window);
        assert_int_equal(g->receive_window_ms, 2000);
        assert_int_equal(g->lookup_lag_ms, 2000);
        assert_int_equal(g->clock_slack_ms, 1000);
        assert_true(g->id_unique_forever);
        assert_int_equal(g->lookup_retention_ms, HX_MS_PER_DAY);
        assert_str(both[a]->live.origin_setting, "HOOX_BYBIT_URL");
        assert_str(both[a]->live.origin_default, "https://api.bybit.com");
        assert_str(both[a]->live.key_setting, "BYBIT_API_KEY");
        assert_str(both[a]->live.secret_name, "BYBIT_API_SECRET");
        assert_str(both[a]->test.origin_setting, "HOOX_BYBIT_TESTNET_URL");
        assert_str(both[a]->test.origin_default, "https://api-testnet.bybit.com");
        assert_str(both[a]->test.key_setting, "BYBIT_TESTNET_API_KEY");
        assert_str(both[a]->test.secret_name, "BYBIT_TESTNET_API_SECRET");
        assert_int_equal(both[a]->budgets[0].unit, HX_SPEND_WEIGHT);
        assert_int_equal(both[a]->budgets[0].window_ms, 1000);
        /* The address's 600 in any 5 s, which touch six windows, and two products that count apart. */
        assert_true(both[a]->budgets[0].limit * 6 * 2 <= 600);
        assert_int_equal(both[a]->budgets[1].unit, HX_SPEND_ORDERS);
        assert_int_equal(both[a]->budgets[1].window_ms, 1000);
        assert_int_equal(both[a]->budgets[2].limit, 0);
        assert_true(both[a]->signal_weight >= 6 && both[a]->signal_weight * 4 <= both[a]->budgets[0].limit);
        assert_true(both[a]->traits.has_stops);
        assert_false(both[a]->traits.market_buy_in_quote);
    }
    /* Ten and twenty orders in any second, which touches two windows. */
    assert_int_equal(linear->budgets[1].limit * 2, 10);
    assert_int_equal(spot->budgets[1].limit * 2, 20);
    assert_str(linear->name, "bybit-futures");
    assert_str(spot->name, "bybit-spot");
    assert_false(linear->traits.spot);
    assert_true(spot->traits.spot);
    assert_true(linear->traits.margin_is_account_wide);
    assert_true(linear->mode_is_per_symbol);
}

static void the_adapters_are_found(void **state) {
    struct hx_account account = {.venue = HX_VENUE_BYBIT, .market = HX_MARKET_FUTURES};
    (void)state;
    assert_ptr_equal(hx_venue_find_adapter(&account), linear);
    account.market = HX_MARKET_SPOT;
    assert_ptr_equal(hx_venue_find_adapter(&account), spot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(derived_signatures_come_out, setup),
        cmocka_unit_test_setup(linear_orders_are_encoded, setup),
        cmocka_unit_test_setup(hedged_orders_name_their_side, setup),
        cmocka_unit_test_setup(spot_orders_are_encoded, setup),
        cmocka_unit_test_setup(what_makes_no_sense_is_refused, setup),
        cmocka_unit_test_setup(orders_are_looked_for_in_three_places, setup),
        cmocka_unit_test_setup(cancels_and_fills_are_encoded, setup),
        cmocka_unit_test_setup(a_cursor_can_not_break_out_of_its_place, setup),
        cmocka_unit_test_setup(the_account_is_asked_and_set, setup),
        cmocka_unit_test_setup(public_questions_carry_no_key, setup),
        cmocka_unit_test_setup(linear_stops_know_which_way_the_price_comes, setup),
        cmocka_unit_test_setup(spot_stops_are_encoded, setup),
        cmocka_unit_test_setup(the_facts_are_stated, setup),
        cmocka_unit_test_setup(the_adapters_are_found, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
