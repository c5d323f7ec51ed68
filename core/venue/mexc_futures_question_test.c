/* Goal: the contract API's answers to questions and settings are read for what they say, in base units. Method: samples
 * in the documented shapes, and each field spoilt in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/mexc.h"

#define BTC HX_STR("BTCUSDT")
#define DATA(json) "{\"success\":true,\"code\":0,\"data\":" json "}"
#define DETAIL                                                                                                      \
    "{\"symbol\":\"BTC_USDT\",\"displayName\":\"BTC_USDT\",\"positionOpenType\":3,\"baseCoin\":\"BTC\","            \
    "\"quoteCoin\":\"USDT\",\"settleCoin\":\"USDT\",\"contractSize\":0.0001,\"minLeverage\":1,\"maxLeverage\":125," \
    "\"priceScale\":2,\"volScale\":0,\"amountScale\":4,\"priceUnit\":0.5,\"volUnit\":1,\"minVol\":2,"               \
    "\"maxVol\":5000000,\"bidLimitPriceRate\":0.03,\"indexOrigin\":[\"Binance\"],\"state\":0,\"isNew\":false,"      \
    "\"maxNumOrders\":[200,50],\"apiAllowed\":true}"
#define POSITION(type, open_type, state, vol)                                                                  \
    "{\"positionId\":139465" type ",\"symbol\":\"BTC_USDT\",\"positionType\":" type ",\"openType\":" open_type \
    ",\"state\":" state ",\"holdVol\":" vol ",\"frozenVol\":0,\"closeVol\":0,\"holdAvgPrice\":6123" type       \
    ".5,\"openAvgPrice\":61230.5,\"closeAvgPrice\":"                                                           \
    "0,\"liquidatePrice\":1,\"oim\":1,\"im\":1,\"holdFee\":0,\"realised\":-0.1,\"leverage\":20,"               \
    "\"createTime\":1764000000000,\"updateTime\":1764000000000,\"autoAddIm\":false}"
#define ASSET                                                                                      \
    "{\"currency\":\"USDT\",\"positionMargin\":12.5,\"availableBalance\":76.5,\"cashBalance\":70," \
    "\"frozenBalance\":0,\"equity\":90.25,\"unrealized\":-0.75,\"bonus\":0}"

static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_symbol_rules rules;
static const struct hx_venue_adapter *const a = &hx_mexc_futures;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    rules = (struct hx_symbol_rules){.contract_size = {1, -4}, .step = {1, -4}};
    ctx = (struct hx_venue_context){.arena = &arena, .rules = &rules};
    return 0;
}

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static struct hx_http_answer answer_of(const char *body) {
    hx_arena_reset(&arena);
    return (struct hx_http_answer){.status = 200, .body = hx_str_from_c(body)};
}

static const char *swapped(const char *sample, const char *what, const char *by) {
    static char text[4096];
    const char *at = strstr(sample, what);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - sample), sample, by, at + strlen(what));
    return text;
}

static enum hx_outcome read_rules(const char *body, struct hx_symbol_rules *out) {
    struct hx_http_answer answer = answer_of(body);
    return a->decode_rules(&ctx, &answer, BTC, out).outcome;
}

static void rules_are_in_base_units(void **state) {
    struct hx_symbol_rules r = {0};
    (void)state;
    assert_int_equal(read_rules(DATA(DETAIL), &r), HX_OUTCOME_DONE);
    assert_true(hx_str_equal(r.symbol, BTC));
    assert_true(hx_str_equal(r.base_asset, HX_STR("BTC")));
    assert_true(hx_str_equal(r.quote_asset, HX_STR("USDT")));
    assert_true(r.tradable);
    assert_true(hx_dec_equal(r.contract_size, dec("0.0001")));
    assert_true(hx_dec_equal(r.tick, dec("0.5")));
    assert_true(hx_dec_equal(r.step, dec("0.0001")));
    assert_true(hx_dec_equal(r.market_step, dec("0.0001")));
    assert_true(hx_dec_equal(r.quantity_min, dec("0.0002")));
    assert_true(hx_dec_equal(r.market_quantity_min, dec("0.0002")));
    assert_true(hx_dec_equal(r.quantity_max, dec("500")));
    assert_true(hx_dec_equal(r.market_quantity_max, dec("500")));
    assert_true(hx_dec_is_zero(r.notional_min));
    assert_int_equal(r.leverage_max, 125);
    /* A list of it, small numbers as MEXC's JSON has them, and a limit of its own for limit orders. */
    assert_int_equal(read_rules(DATA("[{\"symbol\":\"ETH_USDT\"}," DETAIL "]"), &r), HX_OUTCOME_DONE);
    assert_int_equal(read_rules(swapped(DATA(DETAIL), "\"priceUnit\":0.5", "\"priceUnit\":1e-07"), &r),
                     HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(r.tick, dec("0.0000001")));
    assert_int_equal(read_rules(swapped(DATA(DETAIL), "\"priceUnit\"", "\"limitMaxVol\":9000000,\"priceUnit\""), &r),
                     HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(r.quantity_max, dec("900")));
    assert_true(hx_dec_equal(r.market_quantity_max, dec("500")));
}

static void what_may_not_be_traded_is_seen(void **state) {
    static const char *const closed[][2] = {{"\"state\":0", "\"state\":1"},
                                            {"\"state\":0", "\"state\":2"},
                                            {"\"state\":0", "\"state\":3"},
                                            {"\"state\":0", "\"state\":4"},
                                            {"\"apiAllowed\":true", "\"apiAllowed\":false"},
                                            {",\"apiAllowed\":true", ""}};
    static const char *const spoilt[][2] = {{"\"state\":0", "\"state\":null"},
                                            {"\"contractSize\":0.0001", "\"contractSize\":0"},
                                            {"\"contractSize\":0.0001", "\"contractSize\":1e-18"},
                                            {"\"priceUnit\":0.5", "\"priceUnit\":-1"},
                                            {"\"volUnit\":1", "\"volUnit\":null"},
                                            {"\"minVol\":2", "\"minVol\":0"},
                                            {"\"maxVol\":5000000", "\"maxVol\":\"x\""},
                                            {"\"baseCoin\":\"BTC\"", "\"baseCoin\":1"},
                                            {"\"quoteCoin\":\"USDT\"", "\"quoteCoin\":null"},
                                            {"BTC_USDT", "ETH_USDT"}};
    struct hx_symbol_rules r = {0};
    (void)state;
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        assert_int_equal(read_rules(swapped(DATA(DETAIL), closed[i][0], closed[i][1]), &r), HX_OUTCOME_DONE);
        if (r.tradable) fail_msg("case %zu", i);
    }
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        enum hx_outcome outcome = read_rules(swapped(DATA(DETAIL), spoilt[i][0], spoilt[i][1]), &r);
        bool tiny = strstr(spoilt[i][1], "1e-18") != NULL; /* Too small a contract is still exact. */
        if (outcome != (tiny ? HX_OUTCOME_DONE : HX_OUTCOME_UNKNOWN)) fail_msg("case %zu: %d", i, (int)outcome);
    }
    /* No such contract; and one that is settled in its base coin. */
    assert_int_equal(read_rules("{\"success\":false,\"code\":1001,\"message\":\"x\"}", &r), HX_OUTCOME_REJECTED);
    assert_int_equal(read_rules("{\"success\":true,\"code\":0}", &r), HX_OUTCOME_REJECTED);
    assert_int_equal(read_rules(DATA("[]"), &r), HX_OUTCOME_REJECTED);
    assert_int_equal(read_rules(swapped(DATA(DETAIL), "\"settleCoin\":\"USDT\"", "\"settleCoin\":\"BTC\""), &r),
                     HX_OUTCOME_REJECTED);
    assert_int_equal(read_rules("{\"success\":false,\"code\":510}", &r), HX_OUTCOME_BUSY);
    assert_int_equal(read_rules("<html>", &r), HX_OUTCOME_UNKNOWN);
}

static void numbers_are_read(void **state) {
    hx_time time = 0;
    bool hedged = false;
    hx_dec price = HX_DEC_ZERO;
    struct hx_http_answer answer = answer_of(DATA("1764000000123"));
    (void)state;
    assert_int_equal(a->decode_time(&ctx, &answer, &time).outcome, HX_OUTCOME_DONE);
    assert_int_equal(time, 1764000000123);
    answer = answer_of(DATA("0"));
    assert_int_equal(a->decode_time(&ctx, &answer, &time).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(DATA("\"x\""));
    assert_int_equal(a->decode_time(&ctx, &answer, &time).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(DATA("1"));
    assert_int_equal(a->decode_position_mode(&ctx, &answer, &hedged).outcome, HX_OUTCOME_DONE);
    assert_true(hedged);
    answer = answer_of(DATA("2"));
    assert_int_equal(a->decode_position_mode(&ctx, &answer, &hedged).outcome, HX_OUTCOME_DONE);
    assert_false(hedged);
    answer = answer_of(DATA("3"));
    assert_int_equal(a->decode_position_mode(&ctx, &answer, &hedged).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of("{\"success\":true,\"code\":0}");
    assert_int_equal(a->decode_position_mode(&ctx, &answer, &hedged).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(DATA("{\"symbol\":\"BTC_USDT\",\"fairPrice\":61234.5,\"timestamp\":1764000000000}"));
    assert_int_equal(a->decode_mark_price(&ctx, &answer, BTC, &price).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(price, dec("61234.5")));
    assert_int_equal(a->decode_mark_price(&ctx, &answer, HX_STR("ETHUSDT"), &price).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(DATA("{\"symbol\":\"BTC_USDT\",\"fairPrice\":0}"));
    assert_int_equal(a->decode_mark_price(&ctx, &answer, BTC, &price).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of("{\"success\":true,\"code\":0}");
    assert_int_equal(a->decode_mark_price(&ctx, &answer, BTC, &price).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(a->decode_leverage(&ctx, &answer, BTC, 5).outcome, HX_OUTCOME_DONE);
    answer = answer_of("{\"success\":false,\"code\":2006}");
    assert_int_equal(a->decode_leverage(&ctx, &answer, BTC, 5).outcome, HX_OUTCOME_REJECTED);
}

static enum hx_outcome read_setting(uint32_t stage, const char *body, struct hx_symbol_setting *out) {
    struct hx_http_answer answer = answer_of(body);
    ctx.stage = stage;
    return a->decode_setting(&ctx, &answer, BTC, out).outcome;
}

#define ROW(type, open, leverage) \
    "{\"positionType\":" type ",\"level\":1,\"imr\":0.05," open "\"leverage\":" leverage "}"

static void settings_are_read_in_two_stages(void **state) {
    struct hx_symbol_setting s = {0};
    (void)state;
    assert_int_equal(read_setting(0, DATA("[" ROW("1", "", "20") "," ROW("2", "", "10") "]"), &s), HX_OUTCOME_DONE);
    assert_int_equal(s.sides[HX_SIDE_BUY].leverage, 20);
    assert_int_equal(s.sides[HX_SIDE_SELL].leverage, 10);
    assert_false(s.margin_known);
    /* A position's own leverage and mode overrule. */
    assert_int_equal(read_setting(1, DATA("[" POSITION("2", "2", "1", "7") "]"), &s), HX_OUTCOME_DONE);
    assert_int_equal(s.sides[HX_SIDE_SELL].leverage, 20);
    assert_int_equal(s.sides[HX_SIDE_SELL].position_id, 1394652);
    assert_int_equal(s.sides[HX_SIDE_BUY].position_id, 0);
    assert_true(s.margin_known && !s.isolated);
    /* Rows of the other margin mode say nothing of the orders to come. */
    s = (struct hx_symbol_setting){0};
    assert_int_equal(read_setting(0,
                                  DATA("[" ROW("1", "\"openType\":1,", "20") "," ROW(
                                      "1", "\"openType\":2,", "7") "," ROW("2", "\"openType\":1,", "20") "]"),
                                  &s),
                     HX_OUTCOME_DONE);
    assert_int_equal(s.sides[HX_SIDE_BUY].leverage, 7);
    assert_int_equal(s.sides[HX_SIDE_SELL].leverage, 0);
    /* Of two positions the one in the other mode is what matters, wherever it stands. */
    for (int i = 0; i < 2; i++) {
        s = (struct hx_symbol_setting){0};
        ctx.isolated = i == 1;
        assert_int_equal(
            read_setting(1, DATA("[" POSITION("1", "1", "1", "7") "," POSITION("2", "2", "1", "7") "]"), &s),
            HX_OUTCOME_DONE);
        assert_true(s.margin_known && s.isolated != ctx.isolated);
    }
    /* Nothing held: closed, or of another contract. */
    s = (struct hx_symbol_setting){0};
    assert_int_equal(read_setting(1, DATA("[" POSITION("1", "1", "3", "7") "]"), &s), HX_OUTCOME_DONE);
    assert_int_equal(read_setting(1, swapped(DATA("[" POSITION("1", "1", "1", "7") "]"), "BTC_", "ETH_"), &s),
                     HX_OUTCOME_DONE);
    assert_int_equal(read_setting(1, "{\"success\":true,\"code\":0}", &s), HX_OUTCOME_DONE);
    assert_true(!s.margin_known && s.sides[HX_SIDE_BUY].position_id == 0);
    assert_int_equal(read_setting(0, DATA("[" ROW("3", "", "20") "]"), &s), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_setting(0, DATA("{}"), &s), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_setting(1, DATA("[" POSITION("1", "3", "1", "7") "]"), &s), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_setting(1, DATA("[" POSITION("1", "1", "4", "7") "]"), &s), HX_OUTCOME_UNKNOWN);
}

static struct hx_venue_verdict read_position(const char *body, struct hx_venue_position *out) {
    struct hx_http_answer answer = answer_of(body);
    return a->decode_position(&ctx, &answer, BTC, out);
}

static void positions_are_in_base_units(void **state) {
    struct hx_venue_position p;
    (void)state;
    assert_int_equal(read_position(DATA("[]"), &p).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(p.quantity) && !p.hedged);
    assert_int_equal(read_position(DATA("[" POSITION("1", "2", "1", "120") "]"), &p).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(p.quantity, dec("0.012")));
    assert_true(hx_dec_equal(p.entry_price, dec("61231.5")));
    assert_false(p.hedged);
    assert_int_equal(read_position(DATA("[" POSITION("2", "2", "1", "120") "]"), &p).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(p.quantity, dec("-0.012")));
    /* Both sides: the entry price is that of the larger one, whichever comes first. */
    assert_int_equal(
        read_position(DATA("[" POSITION("2", "2", "1", "20") "," POSITION("1", "2", "1", "50") "]"), &p).outcome,
        HX_OUTCOME_DONE);
    assert_true(p.hedged);
    assert_true(hx_dec_equal(p.quantity, dec("0.003")));
    assert_true(hx_dec_equal(p.long_quantity, dec("0.005")) && hx_dec_equal(p.short_quantity, dec("0.002")));
    assert_true(hx_dec_equal(p.entry_price, dec("61231.5")));
    assert_int_equal(
        read_position(DATA("[" POSITION("2", "2", "1", "50") "," POSITION("1", "2", "1", "20") "]"), &p).outcome,
        HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(p.entry_price, dec("61232.5")));
    /* What is closed, or another contract's, is not there. */
    assert_int_equal(read_position(DATA("[" POSITION("1", "2", "3", "120") "]"), &p).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(p.quantity));
    assert_int_equal(read_position(swapped(DATA("[" POSITION("1", "2", "1", "9") "]"), "BTC_", "ETH_"), &p).outcome,
                     HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(p.quantity));
}

static void positions_that_can_not_be_read_are_not_taken(void **state) {
    struct hx_venue_position p;
    (void)state;
    /* Being liquidated: later it is over. */
    assert_int_equal(read_position(DATA("[" POSITION("1", "2", "2", "120") "]"), &p).outcome, HX_OUTCOME_BUSY);
    assert_int_equal(read_position(DATA("[" POSITION("1", "2", "9", "120") "]"), &p).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_position(DATA("[" POSITION("1", "2", "1", "-1") "]"), &p).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(
        read_position(DATA("[" POSITION("1", "2", "1", "5") "," POSITION("1", "2", "1", "5") "]"), &p).outcome,
        HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_position(DATA("{}"), &p).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_position("{\"success\":true,\"code\":0}", &p).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_position("{\"success\":false,\"code\":703}", &p).outcome, HX_OUTCOME_REJECTED);
    ctx.rules = NULL;
    assert_int_equal(read_position(DATA("[]"), &p).outcome, HX_OUTCOME_UNKNOWN);
}

static enum hx_outcome read_equity(const char *body, struct hx_equity *out) {
    struct hx_http_answer answer = answer_of(body);
    return a->decode_equity(&ctx, &answer, HX_STR("USDT"), out).outcome;
}

static void equity_is_wallet_and_unrealized(void **state) {
    struct hx_equity e;
    (void)state;
    assert_int_equal(read_equity(DATA(ASSET), &e), HX_OUTCOME_DONE);
    assert_true(hx_str_equal(e.asset, HX_STR("USDT")));
    assert_true(hx_dec_equal(e.wallet_balance, dec("91")));
    assert_true(hx_dec_equal(e.unrealized_pnl, dec("-0.75")));
    assert_true(hx_dec_equal(e.available, dec("76.5")));
    assert_int_equal(read_equity(swapped(DATA(ASSET), "90.25", "90.123456789012345678901"), &e), HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(e.wallet_balance, dec("90.8734567890123456")));
    /* What has too many digits only together is cut too. */
    assert_int_equal(read_equity(swapped(DATA(ASSET), "90.25", "99.9999999999999999"), &e), HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(e.wallet_balance, dec("100.74999999")));
    /* An asset the account does not have is zero of it. */
    assert_int_equal(read_equity("{\"success\":true,\"code\":0,\"data\":null}", &e), HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(e.wallet_balance));
    assert_int_equal(read_equity(swapped(DATA(ASSET), "\"USDT\"", "\"BTC\""), &e), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_equity(swapped(DATA(ASSET), "90.25", "null"), &e), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_equity(swapped(DATA(ASSET), "-0.75", "\"x.1\""), &e), HX_OUTCOME_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(rules_are_in_base_units, setup),
        cmocka_unit_test_setup(what_may_not_be_traded_is_seen, setup),
        cmocka_unit_test_setup(numbers_are_read, setup),
        cmocka_unit_test_setup(settings_are_read_in_two_stages, setup),
        cmocka_unit_test_setup(positions_are_in_base_units, setup),
        cmocka_unit_test_setup(positions_that_can_not_be_read_are_not_taken, setup),
        cmocka_unit_test_setup(equity_is_wallet_and_unrealized, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
