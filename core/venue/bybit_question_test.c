/* Goal: what Bybit says about its clock, symbols, prices and settings and about a key's rights is read to the last
 * digit, and nothing is made up where it is silent. Method: samples in the documented shapes of both products, each
 * field that matters spoilt in turn. Of answer.c: decimals that are cut. Fills and holdings are in
 * bybit_holdings_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/bybit.h"

#define ENVELOPE(result) \
    "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":" result ",\"retExtInfo\":{},\"time\":1764000000900}"
#define LINEAR                                                                                                      \
    "{\"symbol\":\"BTCUSDT\",\"symbolId\":5,\"contractType\":\"LinearPerpetual\",\"status\":\"Trading\","           \
    "\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\",\"launchTime\":\"1585526400000\",\"deliveryTime\":\"0\","          \
    "\"deliveryFeeRate\":\"\",\"priceScale\":\"2\",\"leverageFilter\":{\"minLeverage\":\"1\",\"maxLeverage\":"      \
    "\"100.50\",\"leverageStep\":\"0.01\"},\"priceFilter\":{\"minPrice\":\"0.10\",\"maxPrice\":\"1999999.80\","     \
    "\"tickSize\":\"0.10\"},\"lotSizeFilter\":{\"maxOrderQty\":\"1190.000\",\"minOrderQty\":\"0.001\",\"qtyStep\":" \
    "\"0.001\",\"postOnlyMaxOrderQty\":\"1190.000\",\"maxMktOrderQty\":\"500.000\",\"minNotionalValue\":\"5\"},"    \
    "\"unifiedMarginTrade\":true,\"fundingInterval\":480,\"settleCoin\":\"USDT\",\"copyTrading\":\"both\","         \
    "\"isPreListing\":false,\"preListingInfo\":null,\"riskParameters\":{\"priceLimitRatioX\":\"0.01\","             \
    "\"priceLimitRatioY\":\"0.02\"},\"symbolType\":\"\"}"
#define SPOT                                                                                                     \
    "{\"symbolId\":9,\"symbol\":\"BTCUSDT\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\",\"innovation\":\"0\","   \
    "\"status\":\"Trading\",\"marginTrading\":\"utaOnly\",\"stTag\":\"0\",\"lotSizeFilter\":{\"basePrecision\":" \
    "\"0.000001\",\"quotePrecision\":\"0.0000001\",\"minOrderQty\":\"0.000011\",\"maxOrderQty\":\"84\","         \
    "\"minOrderAmt\":\"5\",\"maxOrderAmt\":\"8000000\",\"maxLimitOrderQty\":\"83\",\"maxMarketOrderQty\":"       \
    "\"41.5\",\"postOnlyMaxLimitOrderSize\":\"60000\"},\"priceFilter\":{\"tickSize\":\"0.1\"},"                  \
    "\"riskParameters\":{\"priceLimitRatioX\":\"0.005\",\"priceLimitRatioY\":\"0.01\"},\"symbolType\":\"\"}"
#define RULES(row) ENVELOPE("{\"category\":\"linear\",\"list\":[" row "],\"nextPageCursor\":\"\"}")
#define RIGHTS                                                                                                  \
    ENVELOPE(                                                                                                   \
        "{\"id\":\"16651472\",\"note\":\"testxxx\",\"apiKey\":\"testApiKey0123456789\",\"readOnly\":0,"         \
        "\"secret\":\"\",\"permissions\":{\"ContractTrade\":[\"Order\",\"Position\"],\"Spot\":[\"SpotTrade\"]," \
        "\"Wallet\":[\"AccountTransfer\",\"SubMemberTransfer\"],\"Options\":[],\"Derivatives\":"                \
        "[\"DerivativesTrade\"],\"CopyTrading\":[],\"BlockTrade\":[],\"Exchange\":[],\"NFT\":[]},\"ips\":"      \
        "[\"192.0.2.7\"],\"type\":1,\"deadlineDay\":-2,\"expiredAt\":\"\",\"createdAt\":"                       \
        "\"2023-02-15T03:13:24Z\",\"unified\":0,\"uta\":1,\"userID\":53888001,\"isMaster\":true}")

static uint8_t memory[131072];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_symbol_rules symbol_rules;
static const struct hx_venue_adapter *const linear = &hx_bybit_linear;
static const struct hx_venue_adapter *const spot = &hx_bybit_spot;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    symbol_rules = (struct hx_symbol_rules){.base_asset = HX_STR("BTC"), .quote_asset = HX_STR("USDT")};
    ctx = (struct hx_venue_context){.arena = &arena, .rules = &symbol_rules};
    return 0;
}

static struct hx_http_answer answer(const char *body) {
    hx_arena_reset(&arena);
    return (struct hx_http_answer){.status = 200, .body = hx_str_from_c(body)};
}

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static void assert_dec(hx_dec value, const char *wanted) {
    assert_true(hx_dec_equal(value, dec(wanted)));
}

static void assert_str(hx_str s, const char *wanted) {
    if (!hx_str_equal(s, hx_str_from_c(wanted))) fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, s.data, wanted);
}

static const char *with(const char *text, const char *what, const char *by) {
    static char out[4][65536];
    static unsigned turn;
    const char *at = strstr(text, what);
    char *to = out[turn++ % 4];
    assert_non_null(at);
    snprintf(to, sizeof out[0], "%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
    return to;
}

static void the_time_is_read(void **state) {
    static const char *const bad[] = {"",
                                      "{}",
                                      ENVELOPE("{}"),
                                      ENVELOPE("{\"timeNano\":\"\"}"),
                                      ENVELOPE("{\"timeNano\":\"0\"}"),
                                      ENVELOPE("{\"timeNano\":\"-1764000000123456789\"}"),
                                      ENVELOPE("{\"timeNano\":\"17640000001234567890\"}"),
                                      ENVELOPE("{\"timeSecond\":\"1764000000\"}")};
    struct hx_http_answer got =
        answer(ENVELOPE("{\"timeSecond\":\"1764000000\",\"timeNano\":\"1764000000123456789\"}"));
    hx_time time = 0;
    (void)state;
    assert_int_equal(linear->decode_time(&ctx, &got, &time).outcome, HX_OUTCOME_DONE);
    assert_int_equal(time, 1764000000123);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        got = answer(bad[i]);
        assert_int_equal(linear->decode_time(&ctx, &got, &time).outcome, HX_OUTCOME_UNKNOWN);
    }
    got = answer("");
    got.status = 503;
    assert_int_equal(spot->decode_time(&ctx, &got, &time).outcome, HX_OUTCOME_BUSY);
}

static enum hx_outcome rules_of(const struct hx_venue_adapter *a, const char *body, struct hx_symbol_rules *out) {
    struct hx_http_answer got = answer(body);
    return a->decode_rules(&ctx, &got, HX_STR("BTCUSDT"), out).outcome;
}

static void linear_rules_are_read(void **state) {
    struct hx_symbol_rules r;
    (void)state;
    assert_int_equal(rules_of(linear, RULES(LINEAR), &r), HX_OUTCOME_DONE);
    assert_str(r.symbol, "BTCUSDT");
    assert_str(r.base_asset, "BTC");
    assert_str(r.quote_asset, "USDT");
    assert_true(r.tradable);
    assert_dec(r.tick, "0.1");
    assert_dec(r.step, "0.001");
    assert_dec(r.market_step, "0.001");
    assert_dec(r.quantity_min, "0.001");
    assert_dec(r.quantity_max, "1190");
    assert_dec(r.market_quantity_min, "0.001");
    assert_dec(r.market_quantity_max, "500");
    assert_dec(r.notional_min, "5");
    assert_dec(r.price_min, "0.1");
    assert_dec(r.price_max, "1999999.8");
    assert_int_equal(r.leverage_max, 100);
    assert_true(hx_dec_is_zero(r.contract_size));
    assert_true(hx_dec_is_zero(r.quote_step));
    /* What counts is what it is settled in: BTCPERP is quoted in USD and paid in USDC. */
    const char *settled = with(with(RULES(LINEAR), "\"settleCoin\":\"USDT\"", "\"settleCoin\":\"USDC\""),
                               "\"quoteCoin\":\"USDT\"", "\"quoteCoin\":\"USD\"");
    assert_int_equal(rules_of(linear, settled, &r), HX_OUTCOME_DONE);
    assert_str(r.quote_asset, "USDC");
    assert_int_equal(rules_of(linear, with(RULES(LINEAR), "\"Trading\"", "\"Delivering\""), &r), HX_OUTCOME_DONE);
    assert_false(r.tradable);
    assert_int_equal(rules_of(linear, with(RULES(LINEAR), "\"maxMktOrderQty\":\"500.000\",", ""), &r), HX_OUTCOME_DONE);
    assert_dec(r.market_quantity_max, "1190");
    assert_int_equal(rules_of(linear, with(RULES(LINEAR), "\"100.50\"", "\"\""), &r), HX_OUTCOME_DONE);
    assert_int_equal(r.leverage_max, 0);
}

static void spot_rules_are_read(void **state) {
    struct hx_symbol_rules r;
    (void)state;
    assert_int_equal(rules_of(spot, RULES(SPOT), &r), HX_OUTCOME_DONE);
    assert_str(r.base_asset, "BTC");
    assert_str(r.quote_asset, "USDT");
    assert_true(r.tradable);
    assert_dec(r.tick, "0.1");
    assert_dec(r.step, "0.000001");
    assert_dec(r.market_step, "0.000001");
    assert_dec(r.quantity_min, "0.000011");
    assert_dec(r.quantity_max, "83");
    assert_dec(r.market_quantity_max, "41.5");
    assert_dec(r.notional_min, "5");
    assert_true(hx_dec_is_zero(r.price_min) && hx_dec_is_zero(r.price_max));
    assert_int_equal(r.leverage_max, 0);
    /* Members that Bybit gives up. */
    const char *newer = with(RULES(SPOT), "\"minOrderQty\":\"0.000011\",\"maxOrderQty\":\"84\",", "");
    assert_int_equal(rules_of(spot, newer, &r), HX_OUTCOME_DONE);
    assert_dec(r.quantity_min, "0.000001");
    const char *older = with(RULES(SPOT), "\"maxLimitOrderQty\":\"83\",\"maxMarketOrderQty\":\"41.5\",", "");
    assert_int_equal(rules_of(spot, older, &r), HX_OUTCOME_DONE);
    assert_dec(r.quantity_max, "84");
    assert_dec(r.market_quantity_max, "84");
}

static void rules_that_do_not_fit_are_unknown(void **state) {
    static const char *const spoilt[][2] = {
        {"BTCUSDT", "ETHUSDT"},           {"\"baseCoin\":\"BTC\"", "\"baseCoin\":\"\""},
        {"\"baseCoin\":\"BTC\",", ""},    {"\"tickSize\":\"0.1", "\"tickSize\":\"0\",\"x\":\"0.1"},
        {"\"priceFilter\":{", "\"x\":{"}, {"\"lotSizeFilter\":{", "\"x\":{"},
        {"\"list\":[", "\"list\":[{},"},
    };
    static const char *const of_linear[][2] = {{"\"qtyStep\":\"0.001\"", "\"qtyStep\":\"0\""},
                                               {"\"minOrderQty\":\"0.001\"", "\"minOrderQty\":\"-1\""},
                                               {"\"maxOrderQty\":\"1190.000\"", "\"maxOrderQty\":\"\""},
                                               {"\"settleCoin\":\"USDT\",", ""},
                                               {"\"minNotionalValue\":\"5\"", "\"minNotionalValue\":\"-5\""},
                                               {"\"minPrice\":\"0.10\"", "\"minPrice\":\"-0.10\""}};
    static const char *const of_spot[][2] = {
        {"\"basePrecision\":\"0.000001\"", "\"basePrecision\":\"\""},
        {"\"quoteCoin\":\"USDT\",", ""},
        {"\"maxOrderQty\":\"84\",\"minOrderAmt\":\"5\",\"maxOrderAmt\":\"8000000\","
         "\"maxLimitOrderQty\":\"83\",",
         ""}};
    struct hx_symbol_rules r;
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        const char *what = spoilt[i][0];
        if (rules_of(linear, with(RULES(LINEAR), what, spoilt[i][1]), &r) != HX_OUTCOME_UNKNOWN) fail_msg("%s", what);
        if (rules_of(spot, with(RULES(SPOT), what, spoilt[i][1]), &r) != HX_OUTCOME_UNKNOWN) fail_msg("%s", what);
    }
    for (size_t i = 0; i < sizeof of_linear / sizeof of_linear[0]; i++) {
        const char *body = with(RULES(LINEAR), of_linear[i][0], of_linear[i][1]);
        if (rules_of(linear, body, &r) != HX_OUTCOME_UNKNOWN) fail_msg("%s", of_linear[i][0]);
    }
    for (size_t i = 0; i < sizeof of_spot / sizeof of_spot[0]; i++) {
        const char *body = with(RULES(SPOT), of_spot[i][0], of_spot[i][1]);
        if (rules_of(spot, body, &r) != HX_OUTCOME_UNKNOWN) fail_msg("%s", of_spot[i][0]);
    }
    /* No such symbol: an empty list, or Bybit's word. */
    static const struct {
        const char *body;
        bool no_such_symbol;
    } refused[] = {
        {RULES(""), true},
        {"{\"retCode\":10001,\"retMsg\":\"params error: symbol invalid DOGEUSDX\",\"result\":{}}", true},
        {"{\"retCode\":170121,\"retMsg\":\"Invalid symbol.\",\"result\":{}}", true},
        {"{\"retCode\":10001,\"retMsg\":\"params error: category invalid\",\"result\":{}}", false},
        {"{\"retCode\":10009,\"retMsg\":\"IP has been banned.\",\"result\":{}}", false},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct hx_http_answer got = answer(refused[i].body);
        struct hx_venue_verdict verdict = spot->decode_rules(&ctx, &got, HX_STR("BTCUSDT"), &r);
        assert_int_equal(verdict.outcome, HX_OUTCOME_REJECTED);
        assert_int_equal(verdict.no_such_symbol, refused[i].no_such_symbol);
    }
    assert_int_equal(rules_of(spot, "{\"retCode\":10016,\"retMsg\":\"x\",\"result\":{}}", &r), HX_OUTCOME_BUSY);
}

static void prices_are_read(void **state) {
    const char *ticker = ENVELOPE(
        "{\"category\":\"linear\",\"list\":[{\"symbol\":\"BTCUSDT\",\"lastPrice\":\"16597.00\","
        "\"indexPrice\":\"16598.54\",\"markPrice\":\"16596.25\",\"fundingRate\":\"-0.001\"}]}");
    struct hx_http_answer got = answer(ticker);
    hx_dec price = HX_DEC_ZERO;
    (void)state;
    assert_int_equal(linear->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_DONE);
    assert_dec(price, "16596.25");
    got = answer(ticker);
    assert_int_equal(spot->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_DONE);
    assert_dec(price, "16597");
    got = answer(with(ticker, "\"markPrice\"", "\"mark\""));
    assert_int_equal(linear->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_UNKNOWN);
    got = answer(with(ticker, "16597.00", "0"));
    assert_int_equal(spot->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_UNKNOWN);
    got = answer(with(ticker, "BTCUSDT", "ETHUSDT"));
    assert_int_equal(linear->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_UNKNOWN);
    got = answer(RULES(""));
    assert_int_equal(linear->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_UNKNOWN);
}

static struct hx_venue_verdict margin(const char *body) {
    struct hx_http_answer got = answer(body);
    return linear->decode_margin_mode(&ctx, &got);
}

static void settings_are_made(void **state) {
    struct hx_http_answer got = answer(ENVELOPE("{}"));
    (void)state;
    assert_int_equal(linear->decode_leverage(&ctx, &got, HX_STR("BTCUSDT"), 5).outcome, HX_OUTCOME_DONE);
    got = answer("{\"retCode\":0,\"retMsg\":\"OK\"}");
    assert_int_equal(linear->decode_leverage(&ctx, &got, HX_STR("BTCUSDT"), 5).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(margin(ENVELOPE("{\"reasons\":[]}")).outcome, HX_OUTCOME_DONE);
    struct hx_venue_verdict verdict = margin(
        "{\"retCode\":3400045,\"retMsg\":\"Set margin mode failed\",\"result\":{\"reasons\":[{\"reasonCode\":"
        "\"3400000\",\"reasonMsg\":\"Equity needs to be equal to or greater than 1000 USDC\"}]}}");
    assert_int_equal(verdict.outcome, HX_OUTCOME_REJECTED);
    assert_true(verdict.position_prevents);
    assert_int_equal(verdict.venue_code, 3400000);
    assert_true(hx_str_starts_with(verdict.message, HX_STR("Equity needs to be equal to or greater than 1000 USDC "
                                                           "(3400000). The account's margin mode")));
    /* Success with reasons is none. */
    verdict =
        margin(ENVELOPE("{\"reasons\":[{\"reasonCode\":\"3400054\",\"reasonMsg\":\"You have uncancelled USDT "
                        "perpetual orders\"}]}"));
    assert_int_equal(verdict.outcome, HX_OUTCOME_REJECTED);
    assert_true(verdict.position_prevents);
    verdict = margin("{\"retCode\":110026,\"retMsg\":\"Cross/isolated margin mode is not modified\",\"result\":{}}");
    assert_int_equal(verdict.outcome, HX_OUTCOME_DONE);
    assert_true(verdict.already_so);
    verdict = margin("{\"retCode\":10005,\"retMsg\":\"Permission denied\",\"result\":{}}");
    assert_int_equal(verdict.outcome, HX_OUTCOME_REJECTED);
    assert_false(verdict.position_prevents);
    assert_int_equal(margin("").outcome, HX_OUTCOME_UNKNOWN);
}

static void the_margin_mode_is_read_from_the_account(void **state) {
    static const struct {
        const char *mode;
        enum hx_outcome outcome;
        bool isolated;
    } table[] = {{"ISOLATED_MARGIN", HX_OUTCOME_DONE, true},
                 {"REGULAR_MARGIN", HX_OUTCOME_DONE, false},
                 {"PORTFOLIO_MARGIN", HX_OUTCOME_DONE, false},
                 {"", HX_OUTCOME_UNKNOWN, false},
                 {"CROSS", HX_OUTCOME_UNKNOWN, false}};
    char body[512];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct hx_symbol_setting setting = {.leverage = 9};
        snprintf(body, sizeof body,
                 "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"marginMode\":\"%s\",\"updatedTime\":\"1697078946000\","
                 "\"unifiedMarginStatus\":5,\"dcpStatus\":\"OFF\"}}",
                 table[i].mode);
        struct hx_http_answer got = answer(body);
        assert_int_equal(linear->decode_setting(&ctx, &got, HX_STR("BTCUSDT"), &setting).outcome, table[i].outcome);
        if (table[i].outcome != HX_OUTCOME_DONE) continue;
        assert_true(setting.margin_known);
        assert_int_equal(setting.isolated, table[i].isolated);
        /* Leverage is set unasked. */
        assert_int_equal(setting.leverage, 0);
    }
}

static struct hx_key_rights rights_of(const struct hx_venue_adapter *a, const char *body) {
    struct hx_key_rights rights = {0};
    struct hx_http_answer got = answer(body);
    assert_int_equal(a->decode_key_rights(&ctx, &got, &rights).outcome, HX_OUTCOME_DONE);
    assert_true(rights.may_trade_known && rights.may_withdraw_known);
    return rights;
}

static void key_rights_are_read(void **state) {
    (void)state;
    struct hx_key_rights rights = rights_of(linear, RIGHTS);
    assert_true(rights.may_trade && !rights.may_withdraw && rights.address_known && rights.bound_to_address);
    assert_true(rights_of(spot, RIGHTS).may_trade);
    assert_false(rights_of(linear, with(RIGHTS, "[\"Order\",\"Position\"]", "[\"Position\"]")).may_trade);
    assert_false(rights_of(spot, with(RIGHTS, "[\"SpotTrade\"]", "[]")).may_trade);
    assert_true(rights_of(linear, with(RIGHTS, "[\"SpotTrade\"]", "[]")).may_trade);
    rights = rights_of(linear, with(RIGHTS, "\"SubMemberTransfer\"", "\"SubMemberTransfer\",\"Withdraw\""));
    assert_true(rights.may_withdraw);
    const char *reading =
        with(with(RIGHTS, "\"SubMemberTransfer\"", "\"Withdraw\""), "\"readOnly\":0", "\"readOnly\":1");
    rights = rights_of(linear, reading);
    assert_false(rights.may_trade || rights.may_withdraw);
    assert_false(rights_of(linear, with(RIGHTS, "\"192.0.2.7\"", "\"*\"")).bound_to_address);
    assert_false(rights_of(linear, with(RIGHTS, "\"192.0.2.7\"", "")).bound_to_address);
    rights = rights_of(linear, with(RIGHTS, "\"ips\"", "\"x\""));
    assert_false(rights.address_known || rights.bound_to_address);
    struct hx_http_answer got = answer(with(RIGHTS, "\"readOnly\":0", "\"readOnly\":null"));
    assert_int_equal(linear->decode_key_rights(&ctx, &got, &rights).outcome, HX_OUTCOME_UNKNOWN);
    got = answer(with(RIGHTS, "\"permissions\"", "\"x\""));
    assert_int_equal(linear->decode_key_rights(&ctx, &got, &rights).outcome, HX_OUTCOME_UNKNOWN);
    got = answer("{\"retCode\":33004,\"retMsg\":\"Your api key has expired\",\"result\":{}}");
    assert_int_equal(linear->decode_key_rights(&ctx, &got, &rights).outcome, HX_OUTCOME_REJECTED);
}

static void decimals_are_cut_toward_zero(void **state) {
    static const struct {
        const char *text;
        const char *wanted; /* NULL: not read. */
    } table[] = {{"\"1.25\"", "1.25"},
                 {"1.25", "1.25"},
                 {"\"-1.12345678901234567899\"", "-1.12345678901234567"},
                 {"\"0.00000000000000000000019\"", "0"},
                 {"\"123456789012345678.9\"", "123456789012345678"},
                 {"\"1234567890123456789.5\"", NULL},
                 {"\"1.2345678901234567890e-5\"", NULL},
                 {"\"1.2x\"", NULL},
                 {"\"x.2\"", NULL},
                 {"\".\"", NULL},
                 {"\"\"", NULL},
                 {"null", NULL},
                 {"true", NULL},
                 {"[1.5]", NULL}};
    char body[128];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        hx_dec value = HX_DEC_ZERO;
        snprintf(body, sizeof body, "{\"v\":%s}", table[i].text);
        hx_arena_reset(&arena);
        const struct hx_json *root = hx_answer_parse(&ctx, hx_str_from_c(body));
        bool read = hx_answer_read_dec_cut(root, HX_STR("v"), &value);
        if (read != (table[i].wanted != NULL)) fail_msg("%s", table[i].text);
        if (read) assert_dec(value, table[i].wanted);
    }
    assert_false(hx_answer_read_dec_cut(NULL, HX_STR("v"), &(hx_dec){0, 0}));
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(the_time_is_read),
        CASE(linear_rules_are_read),
        CASE(spot_rules_are_read),
        CASE(rules_that_do_not_fit_are_unknown),
        CASE(prices_are_read),
        CASE(settings_are_made),
        CASE(the_margin_mode_is_read_from_the_account),
        CASE(key_rights_are_read),
        CASE(decimals_are_cut_toward_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
