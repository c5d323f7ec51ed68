/* Goal: what is sent to MEXC's contract API is exactly what its documentation asks for, signed over exactly those
 * bytes. Method: golden requests, and the facts' signature vectors with the core's HMAC in the place of the host's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/sha256.h"
#include "core/venue/mexc.h"

#define KEY "testApiKey0123456789"
#define SECRET "testApiSecret9876543210"
#define TIME "1700000000000"
#define BTC HX_STR("BTCUSDT")

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_venue_call call;
static struct hx_symbol_rules rules;
static char hex[2 * HX_SHA256_LEN + 1];
static const struct hx_venue_adapter *const a = &hx_mexc_futures;

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    rules = (struct hx_symbol_rules){.contract_size = dec("0.0001"), .step = dec("0.0001")};
    ctx = (struct hx_venue_context){.arena = &arena,
                                    .api_key = HX_STR(KEY),
                                    .timestamp_ms = 1700000000000,
                                    .receive_window_ms = 2000,
                                    .rules = &rules};
    memset(&call, 0xa5, sizeof call);
    return 0;
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

static void assert_header(uint32_t at, const char *name, const char *value) {
    assert_str(call.headers[at].name, name);
    assert_str(call.headers[at].value, value);
}

/* A private call: `params` is the query or the body; `target` what is asked for. */
static void assert_signed(enum hx_http_method method, const char *target, const char *params) {
    char text[1024];
    hx_str asked;
    assert_int_equal(call.method, method);
    assert_str(call.body, method == HX_HTTP_METHOD_POST ? params : "");
    assert_str(call.query, method == HX_HTTP_METHOD_POST ? "" : params);
    snprintf(text, sizeof text, KEY TIME "%s", params);
    assert_str(call.sign_text, text);
    assert_int_equal(call.signature_place, HX_SIGNATURE_HEADER);
    assert_int_equal(call.header_count, 4);
    assert_header(0, "Content-Type", "application/json");
    assert_header(1, "ApiKey", KEY);
    assert_header(2, "Request-Time", TIME);
    assert_header(3, "Recv-Window", "2");
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, hx_str_from_c(sign(call.sign_text)), &asked)));
    assert_str(asked, target);
    assert_header(4, "Signature", hex);
}

static struct hx_order_request market_order(void) {
    return (struct hx_order_request){.symbol = BTC,
                                     .side = HX_SIDE_BUY,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = dec("0.0001"),
                                     .leverage = 5,
                                     .isolated = true,
                                     .client_order_id = HX_STR("or-0001")};
}

/* Facts 7.2. The first body is what an order makes. */
static void the_vectors_come_out(void **state) {
    struct hx_order_request order = market_order();
    (void)state;
    assert_true(hx_ok(a->encode_order(&ctx, &order, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/api/v1/private/order/create",
                  "{\"symbol\":\"BTC_USDT\",\"vol\":1,\"side\":1,\"type\":5,\"openType\":1,\"leverage\":5,"
                  "\"externalOid\":\"or-0001\"}");
    assert_string_equal(hex, "a99093fe143bf400f54d1a69d50ad53aec58a23b96b50e2a89d449db0801f781");
    call = (struct hx_venue_call){.query = HX_STR("page_num=1&page_size=20&symbol=BTC_USDT")};
    assert_true(hx_ok(hx_mexc_futures_sign(&ctx, &call)));
    assert_string_equal(sign(call.sign_text), "ed68ff59492c789d62d2a6c0a874844fff64167ef2cdc68876da4775614ca88c");
    assert_true(hx_ok(a->encode_position_mode(&ctx, BTC, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v1/private/position/position_mode", "");
    assert_string_equal(hex, "d7166f4a7ede0bcf04d008175a687c1a0d61c7d89c38cae0932901224556f43e");
}

static const char *body_of(struct hx_order_request *order) {
    static char text[512];
    assert_true(hx_ok(a->encode_order(&ctx, order, &call)));
    snprintf(text, sizeof text, "%.*s", (int)call.body.len, call.body.data);
    return text;
}

/* Side, order type and margin mode, in both position modes: what closes names no leverage. */
static void orders_are_encoded(void **state) {
    struct hx_order_request order = market_order();
    (void)state;
    order.quantity = dec("12.3456");
    order.isolated = false;
    assert_string_equal(body_of(&order),
                        "{\"symbol\":\"BTC_USDT\",\"vol\":123456,\"side\":1,\"type\":5,\"openType\":2,"
                        "\"leverage\":5,\"externalOid\":\"or-0001\"}");
    assert_int_equal(call.kind, HX_VENUE_CALL_ENTRY);
    assert_int_equal(call.order_count, 1);
    assert_int_equal(call.weight, 0);
    order.leverage = 0;
    order.side = HX_SIDE_SELL;
    order.type = HX_ORDER_LIMIT;
    order.price = dec("61234.5");
    assert_string_equal(body_of(&order),
                        "{\"symbol\":\"BTC_USDT\",\"price\":61234.5,\"vol\":123456,\"side\":3,"
                        "\"type\":1,\"openType\":2,\"externalOid\":\"or-0001\"}");
    order.leverage = 5;
    order.reduce_only = true;
    assert_string_equal(body_of(&order),
                        "{\"symbol\":\"BTC_USDT\",\"price\":61234.5,\"vol\":123456,\"side\":4,"
                        "\"type\":1,\"openType\":2,\"externalOid\":\"or-0001\"}");
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    order.side = HX_SIDE_BUY;
    assert_non_null(strstr(body_of(&order), "\"side\":2,"));
}

static void hedge_mode_names_the_position(void **state) {
    static const struct {
        enum hx_position_side position;
        enum hx_side side;
        const char *wanted;
    } cases[] = {{HX_POSITION_LONG, HX_SIDE_BUY, "\"side\":1,"},
                 {HX_POSITION_LONG, HX_SIDE_SELL, "\"side\":4,"},
                 {HX_POSITION_SHORT, HX_SIDE_SELL, "\"side\":3,"},
                 {HX_POSITION_SHORT, HX_SIDE_BUY, "\"side\":2,"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hx_order_request order = market_order();
        order.position_side = cases[i].position;
        order.side = cases[i].side;
        assert_non_null(strstr(body_of(&order), cases[i].wanted));
        bool closes = (cases[i].position == HX_POSITION_LONG) == (cases[i].side == HX_SIDE_SELL);
        assert_int_equal(call.kind, closes ? HX_VENUE_CALL_OTHER : HX_VENUE_CALL_ENTRY);
        assert_int_equal(strstr(body_of(&order), "leverage") == NULL, closes);
    }
}

/* Never an exponent, never a quoted number. */
static void quantities_are_counted_in_contracts(void **state) {
    static const struct {
        const char *size, *step, *quantity, *wanted;
    } cases[] = {{"0.0001", "0.0001", "0.0001", "\"vol\":1,"},
                 {"0.0001", "0.0001", "500", "\"vol\":5000000,"},
                 {"10", "10", "100000000000000000", "\"vol\":10000000000000000,"},
                 {"0.1", "0.01", "0.25", "\"vol\":2.5,"},
                 {"0.3", "0.3", "0.9", "\"vol\":3,"},
                 {"1000", "1000", "7000", "\"vol\":7,"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hx_order_request order = market_order();
        rules.contract_size = dec(cases[i].size);
        rules.step = dec(cases[i].step);
        order.quantity = dec(cases[i].quantity);
        if (strstr(body_of(&order), cases[i].wanted) == NULL) fail_msg("case %zu: %s", i, body_of(&order));
    }
    rules.contract_size = dec("0.00000001");
    rules.step = dec("0.00000001");
    struct hx_order_request order = market_order();
    order.type = HX_ORDER_LIMIT;
    order.price = dec("1e-8");
    order.quantity = dec("0.00000003");
    assert_non_null(strstr(body_of(&order), "\"price\":0.00000001,\"vol\":3,"));
}

static void assert_refused(struct hx_order_request order) {
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_REJECT));
}

static void orders_that_make_no_sense_are_refused(void **state) {
    static const char *const ids[] = {"", "a b", "a/b", "a.b", "a?b", "123456789012345678901234567890123", "\xc3\xa4"};
    struct hx_order_request order = market_order();
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        order.client_order_id = hx_str_from_c(ids[i]);
        assert_refused(order);
        assert_true(hx_err_is(a->encode_query(&ctx, BTC, order.client_order_id, 0, &call), HX_CLASS_REJECT));
        assert_true(hx_err_is(a->encode_cancel(&ctx, BTC, order.client_order_id, &call), HX_CLASS_REJECT));
    }
    order = market_order();
    order.quantity = HX_DEC_ZERO;
    assert_refused(order);
    order = market_order();
    order.quantity = dec("0.00015");
    assert_refused(order);
    assert_true(hx_str_starts_with(call.refusal, HX_STR("The quantity is not a whole number of MEXC's contracts")));
    order = market_order();
    order.type = HX_ORDER_LIMIT;
    assert_refused(order);
    order = market_order();
    order.leverage = 0;
    assert_refused(order);
    assert_true(hx_str_starts_with(call.refusal, HX_STR("With isolated margin MEXC takes the leverage")));
    order = market_order();
    ctx.rules = NULL;
    assert_refused(order);
    ctx.rules = &rules;
    rules.contract_size = HX_DEC_ZERO;
    assert_refused(order);
    rules.contract_size = dec("0.0001");
    ctx.receive_window_ms = 2500; /* Whole seconds only. */
    assert_refused(order);
    ctx.receive_window_ms = 0;
    assert_refused(order);
    ctx.receive_window_ms = 2000;
    hx_arena_init(&arena, memory, 64);
    assert_true(hx_err_is(a->encode_order(&ctx, &order, &call), HX_CLASS_LIMIT));
}

static void symbols_become_contracts(void **state) {
    static const char *const pairs[][2] = {
        {"BTCUSDT", "BTC_USDT"},           {"ETHUSDC", "ETH_USDC"},   {"BTCUSD", "BTC_USD"}, {"USDCUSDT", "USDC_USDT"},
        {"1000BONKUSDT", "1000BONK_USDT"}, {"XUSDUSDT", "XUSD_USDT"}, {"AUSD", "A_USD"}};
    static const char *const refused[] = {
        "", "USDT", "USD", "BTC", "BTCEUR", "BTC_USDT", "btcusdt", "BTCUSDT ", "\xe5\xb8\x81USDT", "../../USDT"};
    char symbol[80];
    hx_str contract;
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_true(hx_ok(hx_mexc_contract_make(&arena, hx_str_from_c(pairs[i][0]), &contract)));
        assert_str(contract, pairs[i][1]);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        hx_str text = hx_str_from_c(refused[i]);
        if (hx_ok(hx_mexc_contract_make(&arena, text, &contract))) fail_msg("%s is taken", refused[i]);
        assert_true(hx_err_is(a->encode_rules(&ctx, text, &call), HX_CLASS_REJECT));
        assert_true(hx_str_starts_with(call.refusal, HX_STR("Check the symbol: ")));
        assert_true(hx_err_is(a->encode_mark_price(&ctx, text, &call), HX_CLASS_REJECT));
    }
    memset(symbol, 'A', sizeof symbol);
    memcpy(symbol + 60, "USDT", 5);
    assert_true(hx_ok(hx_mexc_contract_make(&arena, hx_str_from_c(symbol), &contract)));
    memcpy(symbol + 60, "AUSDT", 6);
    assert_true(hx_err_is(hx_mexc_contract_make(&arena, hx_str_from_c(symbol), &contract), HX_CLASS_REJECT));
    hx_arena_init(&arena, memory, 4);
    assert_true(hx_err_is(hx_mexc_contract_make(&arena, BTC, &contract), HX_CLASS_LIMIT));
}

static void questions_are_encoded(void **state) {
    hx_str id = HX_STR("AZOpXu_0-23456789abcde");
    (void)state;
    assert_true(hx_ok(a->encode_query(&ctx, BTC, id, 0, &call)));
    assert_int_equal(call.weight, 1);
    assert_signed(HX_HTTP_METHOD_GET, "/api/v1/private/order/external/BTC_USDT/AZOpXu_0-23456789abcde", "");
    assert_true(hx_ok(a->encode_cancel(&ctx, BTC, id, &call)));
    assert_int_equal(call.order_count, 0);
    assert_signed(HX_HTTP_METHOD_POST, "/api/v1/private/order/cancel_with_external",
                  "{\"symbol\":\"BTC_USDT\",\"externalOid\":\"AZOpXu_0-23456789abcde\"}");
    assert_true(hx_ok(a->encode_fills(&ctx, BTC, HX_STR("102057569836905984"), HX_STR("77"), &call)));
    assert_int_equal(call.weight, 1);
    assert_signed(HX_HTTP_METHOD_GET, "/api/v1/private/order/deal_details/102057569836905984", "");
    assert_true(hx_err_is(a->encode_fills(&ctx, BTC, HX_STR("10/2"), HX_STR_EMPTY, &call), HX_CLASS_REJECT));
    assert_true(hx_err_is(a->encode_fills(&ctx, BTC, HX_STR_EMPTY, HX_STR_EMPTY, &call), HX_CLASS_REJECT));
    assert_true(hx_ok(a->encode_position(&ctx, BTC, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v1/private/position/open_positions?symbol=BTC_USDT", "symbol=BTC_USDT");
    assert_true(hx_ok(a->encode_equity(&ctx, HX_STR("USDT"), &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v1/private/account/asset/USDT", "");
    assert_true(hx_err_is(a->encode_equity(&ctx, HX_STR("US/DT"), &call), HX_CLASS_REJECT));
    assert_true(hx_ok(a->encode_setting(&ctx, BTC, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v1/private/position/leverage?symbol=BTC_USDT", "symbol=BTC_USDT");
    ctx.stage = 1;
    assert_true(hx_ok(a->encode_setting(&ctx, BTC, &call)));
    assert_signed(HX_HTTP_METHOD_GET, "/api/v1/private/position/open_positions?symbol=BTC_USDT", "symbol=BTC_USDT");
}

static void leverage_is_of_a_position_or_a_side(void **state) {
    struct hx_symbol_setting setting = {.sides = {[HX_SIDE_SELL] = {.position_id = 1394650}}};
    (void)state;
    ctx.setting = &setting;
    ctx.position_side = HX_POSITION_LONG;
    assert_true(hx_ok(a->encode_leverage(&ctx, BTC, 20, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/api/v1/private/position/change_leverage",
                  "{\"openType\":2,\"leverage\":20,\"symbol\":\"BTC_USDT\",\"positionType\":1}");
    ctx.position_side = HX_POSITION_SHORT;
    assert_true(hx_ok(a->encode_leverage(&ctx, BTC, 20, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/api/v1/private/position/change_leverage",
                  "{\"positionId\":1394650,\"leverage\":20}");
    setting.sides[HX_SIDE_SELL].position_id = 0;
    ctx.isolated = true;
    assert_true(hx_ok(a->encode_leverage(&ctx, BTC, 1, &call)));
    assert_signed(HX_HTTP_METHOD_POST, "/api/v1/private/position/change_leverage",
                  "{\"openType\":1,\"leverage\":1,\"symbol\":\"BTC_USDT\",\"positionType\":2}");
    assert_true(hx_err_is(a->encode_leverage(&ctx, BTC, 0, &call), HX_CLASS_REJECT));
    ctx.position_side = HX_POSITION_NET;
    assert_true(hx_err_is(a->encode_leverage(&ctx, BTC, 5, &call), HX_CLASS_REJECT));
}

static void assert_public(const char *wanted) {
    hx_str target;
    assert_int_equal(call.header_count, 0);
    assert_int_equal(call.signature_place, HX_SIGNATURE_NONE);
    assert_int_equal(call.method, HX_HTTP_METHOD_GET);
    assert_true(hx_ok(hx_venue_call_finish(&arena, &call, HX_STR_EMPTY, &target)));
    assert_str(target, wanted);
}

static void public_questions_carry_no_key(void **state) {
    (void)state;
    assert_true(hx_ok(a->encode_time(&ctx, &call)));
    assert_public("/api/v1/contract/ping");
    assert_true(hx_ok(a->encode_mark_price(&ctx, BTC, &call)));
    assert_public("/api/v1/contract/fair_price/BTC_USDT");
    assert_true(hx_ok(a->encode_rules(&ctx, BTC, &call)));
    assert_int_equal(call.extract_array.len, 0);
    assert_public("/api/v1/contract/detail?symbol=BTC_USDT");
}

static void the_facts_about_it_are_stated(void **state) {
    const struct hx_account account = {.venue = HX_VENUE_MEXC, .market = HX_MARKET_FUTURES};
    const struct hx_venue_guarantees *g = &a->guarantees;
    (void)state;
    assert_ptr_equal(hx_venue_find_adapter(&account), a);
    assert_str(a->name, "mexc-futures");
    assert_true(g->has_timestamp_window && !g->id_unique_forever);
    assert_int_equal(g->receive_window_ms, 2000);
    assert_true(g->lookup_lag_ms >= 1000 && g->clock_slack_ms >= 1000);
    assert_true(a->needs_rules && !a->traits.spot && !a->traits.market_buy_in_quote);
    /* Four orders in two seconds. */
    assert_int_equal(a->budgets[0].unit, HX_SPEND_ORDERS);
    assert_int_equal(a->budgets[0].window_ms, 2000);
    assert_int_equal(a->budgets[0].limit, 4);
    assert_str(a->live.origin_setting, "HOOX_MEXC_FUTURES_URL");
    assert_str(a->live.origin_default, "https://api.mexc.com");
    assert_str(a->live.key_setting, "MEXC_API_KEY");
    assert_str(a->live.secret_name, "MEXC_API_SECRET");
    /* No test network, no margin mode of its own, no word about the key; stops without a client order id. */
    assert_int_equal(a->test.origin_default.len, 0);
    assert_true(a->traits.has_stops && a->traits.stops_by_figures);
    assert_true(a->encode_margin_mode == NULL && a->encode_key_rights == NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_vectors_come_out, setup),
        cmocka_unit_test_setup(orders_are_encoded, setup),
        cmocka_unit_test_setup(hedge_mode_names_the_position, setup),
        cmocka_unit_test_setup(quantities_are_counted_in_contracts, setup),
        cmocka_unit_test_setup(orders_that_make_no_sense_are_refused, setup),
        cmocka_unit_test_setup(symbols_become_contracts, setup),
        cmocka_unit_test_setup(questions_are_encoded, setup),
        cmocka_unit_test_setup(leverage_is_of_a_position_or_a_side, setup),
        cmocka_unit_test_setup(public_questions_carry_no_key, setup),
        cmocka_unit_test_setup(the_facts_about_it_are_stated, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
