/* Goal: spot's rules, fills, balances and key rights come out to the last digit, or not at all
 * (binance_spot_question.c, binance_question.c). Method: samples in the documented shapes, and the same samples spoilt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/binance_spot.h"

static uint8_t memory[262144];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static const struct hx_symbol_rules ltc = {
    .symbol = {"LTCBTC", 6}, .base_asset = {"LTC", 3}, .quote_asset = {"BTC", 3}};
static const struct hx_venue_adapter *const a = &hx_binance_spot;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena, .rules = &ltc};
    return 0;
}

static struct hx_http_answer http(uint32_t status, const char *body) {
    hx_arena_reset(&arena);
    return (struct hx_http_answer){.status = status, .body = hx_str_from_c(body)};
}

static void assert_dec(hx_dec value, const char *wanted) {
    hx_dec parsed = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(wanted), &parsed)));
    assert_true(hx_dec_equal(value, parsed));
}

/* `text` with the first occurrence of `what` replaced. */
static const char *with(const char *text, const char *what, const char *by) {
    static char out[2][16384];
    static int turn;
    char *into = out[turn++ % 2];
    const char *at = strstr(text, what);
    if (at == NULL) fail_msg("%s is not in the sample", what);
    snprintf(into, sizeof out[0], "%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
    return into;
}

#define RULES(filters)                                                                                             \
    "{\"symbol\":\"LTCBTC\",\"status\":\"TRADING\",\"baseAsset\":\"LTC\",\"baseAssetPrecision\":8,"                \
    "\"quoteAsset\":\"BTC\",\"quotePrecision\":8,\"quoteAssetPrecision\":6,\"orderTypes\":[\"LIMIT\",\"MARKET\"]," \
    "\"isSpotTradingAllowed\":true,\"isMarginTradingAllowed\":false,\"filters\":[" filters                         \
    "],\"permissions\":[],\"permissionSets\":[]}"
#define PRICE \
    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.00000100\",\"maxPrice\":\"1000\",\"tickSize\":\"0.00000100\"}"
#define LOT \
    "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.00100000\",\"maxQty\":\"100000.0\",\"stepSize\":\"0.00100000\"}"
#define MARKET_LOT(min, max, step) \
    "{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"" min "\",\"maxQty\":\"" max "\",\"stepSize\":\"" step "\"}"
#define NOTIONAL                                                                                                     \
    "{\"filterType\":\"NOTIONAL\",\"minNotional\":\"0.0001\",\"applyMinToMarket\":true,\"maxNotional\":\"9000000\"," \
    "\"applyMaxToMarket\":false,\"avgPriceMins\":5}"

static enum hx_outcome rules(const char *body, struct hx_symbol_rules *out) {
    struct hx_http_answer answer = http(200, body);
    return a->decode_rules(&ctx, &answer, HX_STR("LTCBTC"), out).outcome;
}

static void rules_come_from_filters(void **state) {
    struct hx_symbol_rules r;
    (void)state;
    assert_int_equal(rules(RULES(PRICE "," LOT "," MARKET_LOT("0.0", "107.5", "0.00000000") "," NOTIONAL), &r),
                     HX_OUTCOME_DONE);
    assert_true(r.tradable);
    assert_true(hx_str_equal(r.base_asset, HX_STR("LTC")) && hx_str_equal(r.quote_asset, HX_STR("BTC")));
    assert_dec(r.tick, "0.000001");
    assert_dec(r.price_min, "0.000001");
    assert_dec(r.price_max, "1000");
    assert_dec(r.step, "0.001");
    assert_dec(r.quantity_min, "0.001");
    assert_dec(r.quantity_max, "100000");
    /* The market's own filter comes besides: its step and minimum are nothing, its maximum holds. */
    assert_dec(r.market_step, "0.001");
    assert_dec(r.market_quantity_min, "0.001");
    assert_dec(r.market_quantity_max, "107.5");
    assert_dec(r.notional_min, "0.0001");
    assert_dec(r.notional_max, "9000000");
    assert_true(hx_dec_is_zero(r.market_notional_max));
    assert_true(hx_dec_is_zero(r.quote_step) && hx_dec_is_zero(r.contract_size) && r.leverage_max == 0);
}

static void the_stricter_filter_holds_for_market_orders(void **state) {
    struct hx_symbol_rules r;
    (void)state;
    assert_int_equal(rules(RULES(PRICE "," LOT "," MARKET_LOT("0.02", "200000", "0.01")), &r), HX_OUTCOME_DONE);
    assert_dec(r.market_step, "0.01");
    assert_dec(r.market_quantity_min, "0.02");
    assert_dec(r.market_quantity_max, "100000");
    assert_true(hx_dec_is_zero(r.notional_min));
    assert_int_equal(rules(RULES(PRICE "," LOT), &r), HX_OUTCOME_DONE);
    assert_dec(r.market_step, "0.001");
    assert_dec(r.market_quantity_max, "100000");
    assert_int_equal(rules(RULES(PRICE "," LOT "," MARKET_LOT("0", "0", "0")), &r), HX_OUTCOME_DONE);
    assert_dec(r.market_quantity_max, "100000");
    /* The older name of the least value; should both be there, the larger. */
    assert_int_equal(rules(RULES(PRICE "," LOT ",{\"filterType\":\"MIN_NOTIONAL\",\"minNotional\":\"0.002\","
                                       "\"applyToMarket\":true,\"avgPriceMins\":5}"),
                           &r),
                     HX_OUTCOME_DONE);
    assert_dec(r.notional_min, "0.002");
    assert_int_equal(
        rules(RULES(PRICE "," LOT "," NOTIONAL ",{\"filterType\":\"MIN_NOTIONAL\",\"minNotional\":\"0.002\"}"), &r),
        HX_OUTCOME_DONE);
    assert_dec(r.notional_min, "0.002");
    const char *applied = RULES(PRICE "," LOT "," NOTIONAL);
    assert_int_equal(rules(applied, &r), HX_OUTCOME_DONE);
    assert_false(r.market_notional_free);
    assert_int_equal(rules(with(applied, "\"applyMinToMarket\":true", "\"applyMinToMarket\":false"), &r),
                     HX_OUTCOME_DONE);
    assert_dec(r.notional_min, "0.0001");
    assert_true(r.market_notional_free);
    assert_int_equal(rules(with(applied, "\"applyMinToMarket\":true", "\"x\":true"), &r), HX_OUTCOME_DONE);
    assert_false(r.market_notional_free);
    assert_int_equal(rules(RULES(PRICE "," LOT ",{\"filterType\":\"MIN_NOTIONAL\",\"minNotional\":\"0.002\","
                                       "\"applyToMarket\":false,\"avgPriceMins\":5}"),
                           &r),
                     HX_OUTCOME_DONE);
    assert_true(r.market_notional_free);
    assert_int_equal(rules(with(applied, "\"applyMaxToMarket\":false", "\"applyMaxToMarket\":true"), &r),
                     HX_OUTCOME_DONE);
    assert_dec(r.market_notional_max, "9000000");
    assert_int_equal(rules(RULES(PRICE "," LOT), &r), HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(r.notional_max) && hx_dec_is_zero(r.market_notional_max));
}

/* A step of zero switches the rule off; the assets' own precision remains. */
static void steps_that_are_off_are_the_precision(void **state) {
    struct hx_symbol_rules r;
    const char *body = RULES(PRICE "," LOT);
    (void)state;
    assert_int_equal(rules(with(body, "\"tickSize\":\"0.00000100\"", "\"tickSize\":\"0\""), &r), HX_OUTCOME_DONE);
    assert_dec(r.tick, "0.000001");
    assert_int_equal(rules(with(body, "\"stepSize\":\"0.00100000\"", "\"stepSize\":\"0\""), &r), HX_OUTCOME_DONE);
    assert_dec(r.step, "0.00000001");
    assert_dec(r.market_step, "0.00000001");
    static const struct {
        const char *places, *tick;
    } table[] = {{"0", "1"}, {"18", "0.000000000000000001"}, {"19", NULL}, {"-1", NULL}, {"null", NULL}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char precision[64];
        snprintf(precision, sizeof precision, "\"quoteAssetPrecision\":%s", table[i].places);
        const char *one = with(body, "\"tickSize\":\"0.00000100\"", "\"tickSize\":\"0\"");
        enum hx_outcome outcome = rules(with(one, "\"quoteAssetPrecision\":6", precision), &r);
        assert_int_equal(outcome, table[i].tick == NULL ? HX_OUTCOME_UNKNOWN : HX_OUTCOME_DONE);
        if (table[i].tick != NULL) assert_dec(r.tick, table[i].tick);
    }
    body = with(body, "quoteAssetPrecision", "precision");
    assert_int_equal(rules(with(body, "\"tickSize\":\"0.00000100\"", "\"tickSize\":\"0\""), &r), HX_OUTCOME_UNKNOWN);
}

static void symbols_that_do_not_trade_say_so(void **state) {
    static const char *const closed[] = {"BREAK", "HALT", "END_OF_DAY", "CANCEL_ONLY"};
    struct hx_symbol_rules r;
    (void)state;
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        assert_int_equal(rules(with(RULES(PRICE "," LOT), "TRADING", closed[i]), &r), HX_OUTCOME_DONE);
        assert_false(r.tradable);
    }
    assert_int_equal(
        rules(with(RULES(PRICE "," LOT), "\"isSpotTradingAllowed\":true", "\"isSpotTradingAllowed\":false"), &r),
        HX_OUTCOME_DONE);
    assert_false(r.tradable);
}

static void rules_that_lack_something_are_no_rules(void **state) {
    static const char *const spoilt[][2] = {
        {"\"LTCBTC\"", "\"LTCUSDT\""},
        {"\"baseAsset\"", "\"b\""},
        {"\"quoteAsset\"", "\"q\""},
        {"isSpotTradingAllowed", "allowed"},
        {"PRICE_FILTER", "PRICE"},
        {"LOT_SIZE", "LOT"},
        {"\"tickSize\":\"0", "\"tickSize\":\"-0"},
        {"\"stepSize\":\"0", "\"stepSize\":\"-0"},
        {"\"maxQty\":\"100000.0\"", "\"maxQty\":\"0\""},
        {"\"minQty\":\"0", "\"minQty\":\"x0"},
        {"\"filters\":[", "\"filters\":[["},
        {"\"maxQty\"", "\"most\""},
    };
    struct hx_symbol_rules r;
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        const char *body = with(RULES(PRICE "," LOT), spoilt[i][0], spoilt[i][1]);
        if (rules(body, &r) != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i][0]);
    }
    assert_int_equal(rules(RULES(PRICE "," LOT ",{\"filterType\":\"MARKET_LOT_SIZE\"}"), &r), HX_OUTCOME_UNKNOWN);
    /* None of that name in the list, or Binance says so itself. */
    struct hx_http_answer answer = http(200, "");
    assert_int_equal(a->decode_rules(&ctx, &answer, HX_STR("LTCBTC"), &r).outcome, HX_OUTCOME_REJECTED);
    answer = http(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
    struct hx_venue_verdict verdict = a->decode_rules(&ctx, &answer, HX_STR("LTCBTC"), &r);
    assert_int_equal(verdict.outcome, HX_OUTCOME_REJECTED);
    assert_true(verdict.no_such_symbol);
}

#define FILL                                                                                                        \
    "{\"symbol\":\"LTCBTC\",\"id\":%d,\"orderId\":28,\"orderListId\":-1,\"price\":\"4.00000100\",\"qty\":\"12.0\"," \
    "\"quoteQty\":\"48.000012\",\"commission\":\"10.10000000\",\"commissionAsset\":\"BNB\","                        \
    "\"time\":1499865549590,\"isBuyer\":true,\"isMaker\":false,\"isBestMatch\":true}"

static struct hx_fill_page page;

static enum hx_outcome fills(const char *body, const char *token) {
    struct hx_http_answer answer = http(200, body);
    return a->decode_fills(&ctx, &answer, HX_STR("LTCBTC"), HX_STR("28"), hx_str_from_c(token), &page).outcome;
}

static const char *trades(int first, int count) {
    static char text[32768];
    size_t len = (size_t)snprintf(text, sizeof text, "[");
    for (int i = 0; i < count; i++) {
        if (i > 0) text[len++] = ',';
        len += (size_t)snprintf(text + len, sizeof text - len, FILL, first + i);
    }
    snprintf(text + len, sizeof text - len, "]");
    return text;
}

static void fills_are_read(void **state) {
    static const char *const spoilt[][2] = {
        {"LTCBTC", "LTCUSDT"},    {"\"orderId\":28", "\"orderId\":\"x\""},
        {"isBuyer", "buyer"},     {"\"isMaker\":false", "\"isMaker\":1"},
        {"\"12.0\"", "\"0\""},    {"\"4.00000100\"", "\"-4\""},
        {"commission\"", "x\""},  {"\"id\":7", "\"id\":-7"},
        {"commissionAsset", "y"}, {"1499865549590", "\"then\""},
    };
    char one[1024];
    (void)state;
    assert_int_equal(fills(trades(7, 3), ""), HX_OUTCOME_DONE);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.next.len, 0);
    assert_true(hx_str_equal(page.list[0].venue_trade_id, HX_STR("7")));
    assert_int_equal(page.list[0].side, HX_SIDE_BUY);
    assert_false(page.list[0].maker);
    assert_dec(page.list[0].price, "4.000001");
    assert_dec(page.list[0].quantity, "12");
    assert_dec(page.list[0].fee, "10.1");
    assert_true(hx_str_equal(page.list[0].fee_asset, HX_STR("BNB")));
    assert_true(hx_dec_is_zero(page.list[0].realized_pnl));
    snprintf(one, sizeof one, "[" FILL "]", 7);
    assert_int_equal(
        fills(with(with(one, "\"isBuyer\":true", "\"isBuyer\":false"), "\"isMaker\":false", "\"isMaker\":true"), ""),
        HX_OUTCOME_DONE);
    assert_int_equal(page.list[0].side, HX_SIDE_SELL);
    assert_true(page.list[0].maker);
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (fills(with(one, spoilt[i][0], spoilt[i][1]), "") != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i][0]);
    }
}

static void pages_follow_each_other(void **state) {
    (void)state;
    assert_int_equal(fills(trades(1000, 50), ""), HX_OUTCOME_DONE);
    assert_true(page.restart && hx_str_equal(page.next, HX_STR("0")));
    assert_int_equal(fills(trades(1000, 50), "0"), HX_OUTCOME_DONE);
    assert_true(!page.restart && hx_str_equal(page.next, HX_STR("1050")));
    assert_int_equal(fills(trades(1050, 49), "1050"), HX_OUTCOME_DONE);
    assert_int_equal(page.next.len, 0);
    assert_int_equal(fills(trades(1049, 3), "1050"), HX_OUTCOME_UNKNOWN);
}

static enum hx_outcome position(const char *body, struct hx_venue_position *out) {
    struct hx_http_answer answer = http(200, body);
    return a->decode_position(&ctx, &answer, HX_STR("LTCBTC"), out).outcome;
}

/* The body is the one balance that was extracted. */
static void what_is_held_is_the_position(void **state) {
    static const char *const spoilt[] = {"{\"asset\":\"BTC\",\"free\":\"1\",\"locked\":\"0\"}",
                                         "{\"asset\":\"LTC\",\"free\":\"-1\",\"locked\":\"0\"}",
                                         "{\"asset\":\"LTC\",\"free\":\"1\",\"locked\":\"-1\"}",
                                         "{\"asset\":\"LTC\",\"free\":\"1\"}",
                                         "{\"asset\":\"LTC\",\"locked\":\"1\"}",
                                         "[]",
                                         "{",
                                         "x"};
    struct hx_venue_position p;
    struct hx_equity e;
    (void)state;
    assert_int_equal(position("{\"asset\":\"LTC\",\"free\":\"4763368.68006011\",\"locked\":\"0.31993989\"}", &p),
                     HX_OUTCOME_DONE);
    assert_dec(p.quantity, "4763369");
    assert_false(p.hedged);
    assert_true(hx_dec_is_zero(p.entry_price) && hx_dec_is_zero(p.unrealized_pnl));
    assert_int_equal(position("", &p), HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(p.quantity));
    assert_int_equal(position("{\"asset\":\"LTC\",\"free\":\"0.0\",\"locked\":\"2\"}", &p), HX_OUTCOME_DONE);
    assert_dec(p.quantity, "2");
    assert_int_equal(position("{\"asset\":\"LTC\",\"free\":\"2\",\"locked\":\"0\"}", &p), HX_OUTCOME_DONE);
    assert_dec(p.quantity, "2");
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (position(spoilt[i], &p) != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i]);
    }
    struct hx_http_answer answer = http(200, "{\"asset\":\"BTC\",\"free\":\"1.5\",\"locked\":\"0.25\"}");
    assert_int_equal(a->decode_equity(&ctx, &answer, HX_STR("BTC"), &e).outcome, HX_OUTCOME_DONE);
    assert_dec(e.wallet_balance, "1.75");
    assert_dec(e.available, "1.5");
    assert_true(hx_dec_is_zero(e.unrealized_pnl) && hx_str_equal(e.asset, HX_STR("BTC")));
    assert_int_equal(a->decode_equity(&ctx, &answer, HX_STR("USDT"), &e).outcome, HX_OUTCOME_UNKNOWN);
    answer = http(200, "");
    assert_int_equal(a->decode_equity(&ctx, &answer, HX_STR("USDT"), &e).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(e.wallet_balance));
    answer = http(401, "{\"code\":-2015,\"msg\":\"x\"}");
    assert_int_equal(a->decode_equity(&ctx, &answer, HX_STR("USDT"), &e).outcome, HX_OUTCOME_REJECTED);
    assert_int_equal(a->decode_position(&ctx, &answer, HX_STR("LTCBTC"), &p).outcome, HX_OUTCOME_REJECTED);
    ctx.rules = NULL;
    assert_int_equal(position("", &p), HX_OUTCOME_UNKNOWN);
}

static void time_and_price_are_read(void **state) {
    hx_time time = 0;
    hx_dec price = HX_DEC_ZERO;
    struct hx_http_answer answer = http(200, "{\"serverTime\":1499827319559}");
    (void)state;
    assert_int_equal(a->decode_time(&ctx, &answer, &time).outcome, HX_OUTCOME_DONE);
    assert_int_equal(time, 1499827319559);
    answer = http(200, "{\"symbol\":\"LTCBTC\",\"price\":\"4.00000200\"}");
    assert_int_equal(a->decode_mark_price(&ctx, &answer, HX_STR("LTCBTC"), &price).outcome, HX_OUTCOME_DONE);
    assert_dec(price, "4.000002");
    assert_int_equal(a->decode_mark_price(&ctx, &answer, HX_STR("LTCUSDT"), &price).outcome, HX_OUTCOME_UNKNOWN);
    answer = http(200, "{\"symbol\":\"LTCBTC\",\"price\":\"0\"}");
    assert_int_equal(a->decode_mark_price(&ctx, &answer, HX_STR("LTCBTC"), &price).outcome, HX_OUTCOME_UNKNOWN);
}

#define RIGHTS                                                                                               \
    "{\"ipRestrict\":false,\"createTime\":1623840271000,\"enableReading\":true,\"enableWithdrawals\":false," \
    "\"enableInternalTransfer\":true,\"enableMargin\":false,\"enableFutures\":false,"                        \
    "\"permitsUniversalTransfer\":true,\"enableVanillaOptions\":false,\"enableFixApiTrade\":false,"          \
    "\"enableFixReadOnly\":true,\"enableSpotAndMarginTrading\":true,\"enablePortfolioMarginTrading\":true}"

static struct hx_venue_verdict rights(uint32_t status, const char *body, struct hx_key_rights *out) {
    struct hx_http_answer answer = http(status, body);
    return a->decode_key_rights(&ctx, &answer, out);
}

static void key_rights_are_read(void **state) {
    struct hx_key_rights r;
    (void)state;
    assert_int_equal(rights(200, RIGHTS, &r).outcome, HX_OUTCOME_DONE);
    assert_true(r.may_trade_known && r.may_withdraw_known && r.address_known);
    assert_true(r.may_trade && !r.may_withdraw && !r.bound_to_address);
    assert_true(r.other_known && !r.may_trade_other);
    assert_int_equal(rights(200, with(RIGHTS, "Futures\":false", "Futures\":true"), &r).outcome, HX_OUTCOME_DONE);
    assert_true(r.other_known && r.may_trade_other);
    assert_int_equal(rights(200, with(RIGHTS, "enableFutures", "x"), &r).outcome, HX_OUTCOME_DONE);
    assert_false(r.other_known || r.may_trade_other);
    assert_int_equal(rights(200, with(RIGHTS, "\"enableWithdrawals\":false", "\"enableWithdrawals\":true"), &r).outcome,
                     HX_OUTCOME_DONE);
    assert_true(r.may_withdraw);
    assert_int_equal(rights(200, with(RIGHTS, "\"ipRestrict\":false", "\"ipRestrict\":true"), &r).outcome,
                     HX_OUTCOME_DONE);
    assert_true(r.bound_to_address);
    assert_int_equal(rights(200, with(RIGHTS, "\"enableReading\":true", "\"enableReading\":false"), &r).outcome,
                     HX_OUTCOME_DONE);
    assert_false(r.may_trade);
    assert_int_equal(rights(200, with(RIGHTS, "AndMarginTrading\":true", "AndMarginTrading\":false"), &r).outcome,
                     HX_OUTCOME_DONE);
    assert_false(r.may_trade);
    /* What is not said is not known, and not assumed. */
    static const char *const needed[] = {"ipRestrict", "enableReading", "enableWithdrawals",
                                         "enableSpotAndMarginTrading"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        assert_int_equal(rights(200, with(RIGHTS, needed[i], "x"), &r).outcome, HX_OUTCOME_UNKNOWN);
        assert_false(r.may_trade_known || r.may_withdraw_known || r.address_known);
    }
    /* The test network does not have this question. */
    assert_int_equal(rights(404, "<html>", &r).outcome, HX_OUTCOME_DONE);
    assert_false(r.may_trade_known || r.may_withdraw_known || r.address_known);
    assert_int_equal(rights(401, "{\"code\":-2015,\"msg\":\"x\"}", &r).outcome, HX_OUTCOME_REJECTED);
    assert_int_equal(rights(502, "", &r).outcome, HX_OUTCOME_BUSY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(rules_come_from_filters, setup),
        cmocka_unit_test_setup(the_stricter_filter_holds_for_market_orders, setup),
        cmocka_unit_test_setup(steps_that_are_off_are_the_precision, setup),
        cmocka_unit_test_setup(symbols_that_do_not_trade_say_so, setup),
        cmocka_unit_test_setup(rules_that_lack_something_are_no_rules, setup),
        cmocka_unit_test_setup(fills_are_read, setup),
        cmocka_unit_test_setup(pages_follow_each_other, setup),
        cmocka_unit_test_setup(what_is_held_is_the_position, setup),
        cmocka_unit_test_setup(time_and_price_are_read, setup),
        cmocka_unit_test_setup(key_rights_are_read, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
