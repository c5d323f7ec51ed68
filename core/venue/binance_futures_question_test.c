/* Goal: rules, fills, positions, balances and settings of USD-M futures come out to the last digit, or not at all
 * (binance_question.c, binance_futures_question.c). Method: samples in the documented shapes, and the same samples
 * spoilt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/binance_futures.h"

#define RULES                                                                                                   \
    "{\"symbol\":\"BTCUSDT\",\"pair\":\"BTCUSDT\",\"contractType\":\"PERPETUAL\",\"status\":\"TRADING\","       \
    "\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\",\"pricePrecision\":2,"              \
    "\"quantityPrecision\":3,\"triggerProtect\":\"0.0500\",\"orderTypes\":[\"LIMIT\",\"MARKET\"],"              \
    "\"timeInForce\":[\"GTC\",\"IOC\"],\"filters\":["                                                           \
    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"556.80\",\"maxPrice\":\"4529764\",\"tickSize\":\"0.10\"}," \
    "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"1000\",\"stepSize\":\"0.001\"},"            \
    "{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.002\",\"maxQty\":\"120\",\"stepSize\":\"0.002\"},"      \
    "{\"filterType\":\"MAX_NUM_ORDERS\",\"limit\":200},"                                                        \
    "{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"50\"},"                                                    \
    "{\"filterType\":\"PERCENT_PRICE\",\"multiplierUp\":\"1.0500\",\"multiplierDown\":\"0.9500\","              \
    "\"multiplierDecimal\":\"4\"}]}"
#define FILL                                                                                               \
    "{\"buyer\":true,\"commission\":\"0.07819010\",\"commissionAsset\":\"BNB\",\"id\":%s,\"maker\":false," \
    "\"orderId\":25851813,\"price\":\"7819.01\",\"qty\":\"0.002\",\"quoteQty\":\"15.63802\","              \
    "\"realizedPnl\":\"-0.91539999\",\"side\":\"SELL\",\"positionSide\":\"BOTH\",\"symbol\":\"BTCUSDT\","  \
    "\"time\":1569514978020}"

static uint8_t memory[262144];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static const struct hx_venue_adapter *const a = &hx_binance_futures;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena};
    return 0;
}

static struct hx_http_answer answer(const char *body) {
    hx_arena_reset(&arena);
    return (struct hx_http_answer){.status = 200, .body = hx_str_from_c(body)};
}

static struct hx_http_answer failure(uint32_t status, const char *body) {
    struct hx_http_answer out = answer(body);
    out.status = status;
    return out;
}

static void assert_dec(hx_dec value, const char *wanted) {
    hx_dec parsed = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(wanted), &parsed)));
    assert_true(hx_dec_equal(value, parsed));
}

static const char *with(const char *text, const char *what, const char *by) {
    static char out[65536];
    const char *at = strstr(text, what);
    assert_non_null(at);
    snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
    return out;
}

static enum hx_outcome rules(const char *body, struct hx_symbol_rules *out) {
    struct hx_http_answer got = answer(body);
    return a->decode_rules(&ctx, &got, HX_STR("BTCUSDT"), out).outcome;
}

static void rules_come_from_filters(void **state) {
    struct hx_symbol_rules r;
    (void)state;
    assert_int_equal(rules(RULES, &r), HX_OUTCOME_DONE);
    assert_true(r.tradable);
    assert_true(hx_str_equal(r.symbol, HX_STR("BTCUSDT")));
    assert_true(hx_str_equal(r.base_asset, HX_STR("BTC")));
    assert_true(hx_str_equal(r.quote_asset, HX_STR("USDT")));
    assert_dec(r.tick, "0.1");
    assert_dec(r.step, "0.001");
    assert_dec(r.market_step, "0.002");
    assert_dec(r.quantity_min, "0.001");
    assert_dec(r.quantity_max, "1000");
    assert_dec(r.market_quantity_min, "0.002");
    assert_dec(r.market_quantity_max, "120");
    assert_dec(r.notional_min, "50");
    assert_dec(r.price_min, "556.8");
    assert_dec(r.price_max, "4529764");
    assert_int_equal(rules(with(RULES, "TRADING", "SETTLING"), &r), HX_OUTCOME_DONE);
    assert_false(r.tradable);
    /* Without a market filter the general one holds for both. */
    assert_int_equal(rules(with(RULES, "MARKET_LOT_SIZE", "OTHER"), &r), HX_OUTCOME_DONE);
    assert_dec(r.market_step, "0.001");
    assert_dec(r.market_quantity_max, "1000");
    assert_int_equal(rules(with(RULES, "MIN_NOTIONAL", "OTHER"), &r), HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(r.notional_min));
}

static void rules_that_lack_something_are_no_rules(void **state) {
    static const char *const spoilt[][2] = {
        {"BTCUSDT", "ETHUSDT"},
        {"\"baseAsset\"", "\"x\""},
        {"\"quoteAsset\"", "\"x\""},
        {"PRICE_FILTER", "OTHER"},
        {"\"tickSize\":\"0.10\"", "\"tickSize\":\"0\""},
        {"\"tickSize\":\"0.10\"", "\"tickSize\":\"-0.1\""},
        {"\"LOT_SIZE\"", "\"OTHER\""},
        {"\"stepSize\":\"0.001\"", "\"stepSize\":\"0\""},
        {"\"maxQty\":\"1000\"", "\"maxQty\":\"\""},
        {"\"maxQty\":\"1000\"", "\"maxQty\":\"0\""},
        {"\"minQty\":\"0.001\"", "\"minQty\":\"-0.001\""},
        {"\"minQty\":\"0.001\"", "\"minQty\":null"},
        {"\"filters\":[", "\"filters\":[["},
    };
    struct hx_symbol_rules r;
    struct hx_http_answer empty = answer("");
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (rules(with(RULES, spoilt[i][0], spoilt[i][1]), &r) != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i][0]);
    }
    assert_int_equal(a->decode_rules(&ctx, &empty, HX_STR("BTCUSDT"), &r).outcome, HX_OUTCOME_REJECTED);
    empty = failure(502, "");
    assert_int_equal(a->decode_rules(&ctx, &empty, HX_STR("BTCUSDT"), &r).outcome, HX_OUTCOME_BUSY);
}

static struct hx_fill_page page;

static enum hx_outcome fills(const char *body, const char *token) {
    struct hx_http_answer got = answer(body);
    return a->decode_fills(&ctx, &got, HX_STR("BTCUSDT"), HX_STR("25851813"), hx_str_from_c(token), &page).outcome;
}

/* A page of fills with ids first, first + 1, ..., each separated from the last by a comma. */
static const char *list(int64_t first, int count) {
    static char text[65536];
    char id[32];
    size_t len = (size_t)snprintf(text, sizeof text, "[");
    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%lld", (long long)(first + i));
        if (i > 0) text[len++] = ',';
        len += (size_t)snprintf(text + len, sizeof text - len, FILL, id);
    }
    snprintf(text + len, sizeof text - len, "]");
    return text;
}

static void fills_are_read(void **state) {
    (void)state;
    assert_int_equal(fills("[]", ""), HX_OUTCOME_DONE);
    assert_int_equal(page.count, 0);
    assert_int_equal(page.next.len, 0);
    assert_int_equal(fills(list(698759, 3), ""), HX_OUTCOME_DONE);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.next.len, 0);
    assert_false(page.restart);
    assert_true(hx_str_equal(page.list[2].venue_trade_id, HX_STR("698761")));
    assert_true(hx_str_equal(page.list[0].venue_order_id, HX_STR("25851813")));
    assert_int_equal(page.list[0].side, HX_SIDE_SELL);
    assert_dec(page.list[0].quantity, "0.002");
    assert_dec(page.list[0].price, "7819.01");
    assert_dec(page.list[0].fee, "0.0781901");
    assert_dec(page.list[0].realized_pnl, "-0.91539999");
    assert_true(hx_str_equal(page.list[0].fee_asset, HX_STR("BNB")));
    assert_false(page.list[0].maker);
    assert_int_equal(page.list[0].time_ms, 1569514978020);
    /* Where it is not told, it is no maker's. */
    assert_int_equal(fills(with(list(698759, 1), "\"maker\"", "\"m\""), ""), HX_OUTCOME_DONE);
    assert_false(page.list[0].maker);
    /* Any order on the page becomes the order of ids. */
    char text[2048];
    snprintf(text, sizeof text, "[" FILL "," FILL "," FILL "]", "9", "7", "8");
    assert_int_equal(fills(text, ""), HX_OUTCOME_DONE);
    for (uint32_t i = 0; i < 3; i++) assert_int_equal(page.list[i].venue_trade_id.data[0], '7' + (char)i);
}

/* A list of more than the order's fills: the others are left out, and count for the page alone. */
static void fills_of_other_orders_are_left_out(void **state) {
    char text[2048];
    (void)state;
    snprintf(text, sizeof text, "[" FILL "," FILL "]", "9", "7");
    assert_int_equal(fills(with(text, "25851813", "25851814"), ""), HX_OUTCOME_DONE);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.next.len, 0);
    assert_int_equal(fills(with(list(1000, 50), "25851813", "25851814"), "0"), HX_OUTCOME_DONE);
    assert_int_equal(page.count, 49);
    assert_true(hx_str_equal(page.next, HX_STR("1050")));
}

static void pages_follow_each_other(void **state) {
    (void)state;
    /* A full first page may be the end of a longer list: the list begins again at id 0. */
    assert_int_equal(fills(list(1000, 50), ""), HX_OUTCOME_DONE);
    assert_true(page.restart);
    assert_true(hx_str_equal(page.next, HX_STR("0")));
    assert_int_equal(fills(list(1000, 50), "0"), HX_OUTCOME_DONE);
    assert_false(page.restart);
    assert_true(hx_str_equal(page.next, HX_STR("1050")));
    assert_int_equal(fills(list(1050, 49), "1050"), HX_OUTCOME_DONE);
    assert_int_equal(page.count, 49);
    assert_int_equal(page.next.len, 0);
    assert_int_equal(fills("[]", "1099"), HX_OUTCOME_DONE);
    /* What can't be a page of that list. */
    assert_int_equal(fills(list(1049, 49), "1050"), HX_OUTCOME_UNKNOWN);
    assert_int_equal(fills(list(1000, 51), "0"), HX_OUTCOME_UNKNOWN);
    assert_int_equal(fills(list(INT64_MAX - 49, 50), "5"), HX_OUTCOME_UNKNOWN);
}

static void fills_that_do_not_fit_are_unknown(void **state) {
    static const char *const spoilt[][2] = {
        {"BTCUSDT", "ETHUSDT"},
        {"25851813", "\"x\""},
        {"\"qty\":\"0.002\"", "\"qty\":\"0\""},
        {"7819.01", "-1"},
        {"SELL", "SHORT"},
        {"\"commission\"", "\"x\""},
        {"\"maker\":false", "\"maker\":1"},
        {"1569514978020", "\"now\""},
        {"\"id\":7", "\"id\":-7"},
        {"\"qty\":\"0.002\"", "\"qty\":null"},
        {"\"price\":\"7819.01\"", "\"price\":null"},
        {"7819.01", "0"},
        {"25851813", "\"x\""},
    };
    char one[1024];
    char two[2048];
    (void)state;
    snprintf(one, sizeof one, "[" FILL "]", "7");
    assert_int_equal(fills(one, ""), HX_OUTCOME_DONE);
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (fills(with(one, spoilt[i][0], spoilt[i][1]), "") != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i][0]);
    }
    snprintf(two, sizeof two, "[" FILL "," FILL "]", "7", "7");
    assert_int_equal(fills(two, ""), HX_OUTCOME_UNKNOWN);
    assert_int_equal(fills("{}", ""), HX_OUTCOME_UNKNOWN);
    assert_int_equal(fills("[1]", ""), HX_OUTCOME_UNKNOWN);
    assert_int_equal(fills("", ""), HX_OUTCOME_UNKNOWN);
    struct hx_http_answer got = failure(500, "");
    assert_int_equal(a->decode_fills(&ctx, &got, HX_STR("X"), HX_STR("1"), HX_STR_EMPTY, &page).outcome,
                     HX_OUTCOME_BUSY);
}

#define POSITION                                                                                                       \
    "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"-0.150\",\"entryPrice\":\"61000.123456789\"," \
    "\"breakEvenPrice\":\"61024.5\",\"markPrice\":\"60999.90000000\",\"unRealizedProfit\":\"0.03351851\","             \
    "\"liquidationPrice\":\"0\",\"marginAsset\":\"USDT\",\"updateTime\":0}"

static struct hx_venue_verdict position(const char *body, struct hx_venue_position *out) {
    struct hx_http_answer got = answer(body);
    return a->decode_position(&ctx, &got, HX_STR("BTCUSDT"), out);
}

static void positions_are_read(void **state) {
    struct hx_venue_position p;
    (void)state;
    assert_int_equal(position("[" POSITION "]", &p).outcome, HX_OUTCOME_DONE);
    assert_dec(p.quantity, "-0.15");
    assert_dec(p.entry_price, "61000.123456789");
    assert_dec(p.mark_price, "60999.9");
    assert_dec(p.unrealized_pnl, "0.03351851");
    assert_int_equal(position("[]", &p).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(p.quantity));
    assert_int_equal(position(with("[" POSITION "]", "-0.150", "0.000"), &p).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(p.quantity));
    assert_false(p.hedged);
    assert_true(hx_dec_is_zero(p.long_quantity) && hx_dec_is_zero(p.short_quantity));
    assert_int_equal(position(with("[" POSITION "]", "BTCUSDT", "ETHUSDT"), &p).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(position(with("[" POSITION "]", "\"-0.150\"", "null"), &p).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(position(with("[" POSITION "]", "\"61000.123456789", "\"x"), &p).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(position(with("[" POSITION "]", "\"60999.9", "\"x"), &p).outcome, HX_OUTCOME_UNKNOWN);
    /* What is not told has to be asked for elsewhere. */
    assert_int_equal(position(with("[" POSITION "]", "\"entryPrice\"", "\"x\""), &p).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(p.entry_price));
    assert_int_equal(position(with("[" POSITION "]", "\"markPrice\"", "\"x\""), &p).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(p.mark_price));
    /* More symbols than were asked for; nothing but others is UNKNOWN, above. */
    assert_int_equal(
        position("[{\"symbol\":\"ETHUSDT\",\"positionAmt\":\"7\",\"positionSide\":\"BOTH\"}," POSITION "]", &p).outcome,
        HX_OUTCOME_DONE);
    assert_dec(p.quantity, "-0.15");
    assert_int_equal(position("not JSON", &p).outcome, HX_OUTCOME_UNKNOWN);
    struct hx_http_answer got = failure(502, "[]");
    assert_int_equal(a->decode_position(&ctx, &got, HX_STR("BTCUSDT"), &p).outcome, HX_OUTCOME_BUSY);
    assert_int_equal(position("[" POSITION "," POSITION "]", &p).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(position(POSITION, &p).outcome, HX_OUTCOME_UNKNOWN);
}

#define SIDE(side, amount, entry, pnl)                                                                             \
    "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"" side "\",\"positionAmt\":\"" amount "\",\"entryPrice\":\"" entry \
    "\",\"markPrice\":\"60999.9\",\"unRealizedProfit\":\"" pnl "\"}"
#define LONG_SIDE SIDE("LONG", "0.250", "60000.0", "249.97500000")
#define SHORT_SIDE SIDE("SHORT", "-0.150", "61000.5", "0.09000000")

/* In hedge mode each side has a row of its own, the short one's amount being negative. */
static void both_sides_of_hedge_mode_are_read(void **state) {
    static const char *const spoilt[] = {
        "[" LONG_SIDE "," LONG_SIDE "]",
        "[" SHORT_SIDE "," SHORT_SIDE "]",
        "[" SIDE("LONG", "-0.250", "60000.0", "1") "]",
        "[" SIDE("SHORT", "0.150", "60000.0", "1") "]",
        "[" SIDE("MIDDLE", "0.150", "60000.0", "1") "]",
        "[" SIDE("LONG", "x", "60000.0", "1") "]",
        "[" LONG_SIDE "," SIDE("BOTH", "0.150", "60000.0", "1") "]",
        "[" SIDE("BOTH", "-0.150", "60000.0", "1") "," LONG_SIDE "]",
        "[" SIDE("BOTH", "-0.150", "60000.0", "1") "," SIDE("LONG", "0", "0", "0") "]",
        "[" SIDE("BOTH", "-0.150", "60000.0", "1") "," SIDE("BOTH", "0.150", "60000.0", "1") "]",
    };
    struct hx_venue_position p;
    (void)state;
    assert_int_equal(position("[" LONG_SIDE "," SHORT_SIDE "]", &p).outcome, HX_OUTCOME_DONE);
    assert_true(p.hedged);
    assert_dec(p.long_quantity, "0.25");
    assert_dec(p.short_quantity, "0.15");
    assert_dec(p.quantity, "0.1");
    assert_dec(p.unrealized_pnl, "250.065");
    assert_dec(p.mark_price, "60999.9");
    assert_true(hx_dec_is_zero(p.entry_price));
    /* One side is held: the position's price is that side's. */
    assert_int_equal(position("[" SIDE("LONG", "0.000", "0.0", "0") "," SHORT_SIDE "]", &p).outcome, HX_OUTCOME_DONE);
    assert_true(p.hedged && hx_dec_is_zero(p.long_quantity));
    assert_dec(p.short_quantity, "0.15");
    assert_dec(p.quantity, "-0.15");
    assert_dec(p.entry_price, "61000.5");
    assert_int_equal(position("[" LONG_SIDE "," SIDE("SHORT", "0", "0", "0") "]", &p).outcome, HX_OUTCOME_DONE);
    assert_dec(p.entry_price, "60000");
    assert_true(hx_dec_is_zero(p.short_quantity));
    /* What is not held needs no price. */
    assert_int_equal(position("[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"LONG\",\"positionAmt\":\"0\"}]", &p).outcome,
                     HX_OUTCOME_DONE);
    assert_true(p.hedged && hx_dec_is_zero(p.quantity));
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (position(spoilt[i], &p).outcome != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i]);
    }
}

static void balances_are_read(void **state) {
    struct hx_equity e;
    struct hx_http_answer got = answer(
        "[{\"asset\":\"BNB\",\"balance\":\"1\",\"availableBalance\":\"1\"},"
        "{\"accountAlias\":\"x\",\"asset\":\"USDT\",\"balance\":\"122607.35137903\",\"crossWalletBalance\":\"1\","
        "\"crossUnPnl\":\"-3.5\",\"availableBalance\":\"23.72469206\",\"maxWithdrawAmount\":\"2\"}]");
    (void)state;
    assert_int_equal(a->decode_equity(&ctx, &got, HX_STR("USDT"), &e).outcome, HX_OUTCOME_DONE);
    assert_dec(e.wallet_balance, "122607.35137903");
    assert_dec(e.unrealized_pnl, "-3.5");
    assert_dec(e.available, "23.72469206");
    assert_int_equal(a->decode_equity(&ctx, &got, HX_STR("USDC"), &e).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(e.wallet_balance));
    got = answer("[{\"asset\":\"USDT\",\"balance\":\"x\"}]");
    assert_int_equal(a->decode_equity(&ctx, &got, HX_STR("USDT"), &e).outcome, HX_OUTCOME_UNKNOWN);
    got = answer("{\"asset\":\"USDT\"}");
    assert_int_equal(a->decode_equity(&ctx, &got, HX_STR("USDT"), &e).outcome, HX_OUTCOME_UNKNOWN);
    got = answer("");
    assert_int_equal(a->decode_equity(&ctx, &got, HX_STR("USDT"), &e).outcome, HX_OUTCOME_UNKNOWN);
    got = failure(401, "{\"code\":-2015,\"msg\":\"Invalid API-key\"}");
    assert_int_equal(a->decode_equity(&ctx, &got, HX_STR("USDT"), &e).outcome, HX_OUTCOME_REJECTED);
}

static void time_and_mark_price_are_read(void **state) {
    hx_time time = 0;
    hx_dec price = HX_DEC_ZERO;
    struct hx_http_answer got = answer("{\"serverTime\":1764000000123}");
    (void)state;
    assert_int_equal(a->decode_time(&ctx, &got, &time).outcome, HX_OUTCOME_DONE);
    assert_int_equal(time, 1764000000123);
    got = answer("{\"serverTime\":0}");
    assert_int_equal(a->decode_time(&ctx, &got, &time).outcome, HX_OUTCOME_UNKNOWN);
    got = answer("{\"symbol\":\"BTCUSDT\",\"markPrice\":\"61234.56789012\",\"time\":1764000000000}");
    assert_int_equal(a->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_DONE);
    assert_dec(price, "61234.56789012");
    assert_int_equal(a->decode_mark_price(&ctx, &got, HX_STR("ETHUSDT"), &price).outcome, HX_OUTCOME_UNKNOWN);
    got = answer("{\"symbol\":\"BTCUSDT\",\"price\":\"61234.5\",\"time\":1764000000000}");
    assert_int_equal(a->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_DONE);
    assert_dec(price, "61234.5");
    got = answer("{\"symbol\":\"BTCUSDT\",\"markPrice\":\"0\"}");
    assert_int_equal(a->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_UNKNOWN);
    got = failure(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
    assert_int_equal(a->decode_mark_price(&ctx, &got, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_REJECTED);
}

static void the_position_mode_is_read(void **state) {
    bool hedged = false;
    struct hx_http_answer got = answer("{\"dualSidePosition\":true}");
    (void)state;
    assert_int_equal(a->decode_position_mode(&ctx, &got, &hedged).outcome, HX_OUTCOME_DONE);
    assert_true(hedged);
    got = answer("{\"dualSidePosition\":false}");
    assert_int_equal(a->decode_position_mode(&ctx, &got, &hedged).outcome, HX_OUTCOME_DONE);
    assert_false(hedged);
    static const char *const unreadable[] = {"", "{}", "[]", "{\"dualSidePosition\":\"perhaps\"}", "true"};
    for (size_t i = 0; i < sizeof unreadable / sizeof unreadable[0]; i++) {
        got = answer(unreadable[i]);
        assert_int_equal(a->decode_position_mode(&ctx, &got, &hedged).outcome, HX_OUTCOME_UNKNOWN);
    }
    got = failure(502, "");
    assert_int_equal(a->decode_position_mode(&ctx, &got, &hedged).outcome, HX_OUTCOME_BUSY);
    got = failure(401, "{\"code\":-2015,\"msg\":\"x\"}");
    assert_int_equal(a->decode_position_mode(&ctx, &got, &hedged).outcome, HX_OUTCOME_REJECTED);
}

#define CONFIG                                                                                      \
    "{\"symbol\":\"BTCUSDT\",\"marginType\":\"CROSSED\",\"isAutoAddMargin\":false,\"leverage\":21," \
    "\"maxNotionalValue\":\"1000000\"}"

static enum hx_outcome setting(const char *body, struct hx_symbol_setting *out) {
    struct hx_http_answer got = answer(body);
    return a->decode_setting(&ctx, &got, HX_STR("BTCUSDT"), out).outcome;
}

static void how_a_symbol_is_set_is_read(void **state) {
    struct hx_symbol_setting now;
    (void)state;
    assert_int_equal(setting("[" CONFIG "]", &now), HX_OUTCOME_DONE);
    assert_int_equal(now.leverage, 21);
    assert_true(now.margin_known && !now.isolated);
    assert_int_equal(setting(with("[" CONFIG "]", "CROSSED", "ISOLATED"), &now), HX_OUTCOME_DONE);
    assert_true(now.margin_known && now.isolated);
    /* What it does not say is set unasked. */
    assert_int_equal(setting(with("[" CONFIG "]", "CROSSED", "NEW_KIND"), &now), HX_OUTCOME_DONE);
    assert_false(now.margin_known);
    assert_int_equal(setting("[]", &now), HX_OUTCOME_DONE);
    assert_true(now.leverage == 0 && !now.margin_known);
    assert_int_equal(setting(with("[" CONFIG "]", "BTCUSDT", "ETHUSDT"), &now), HX_OUTCOME_DONE);
    assert_true(now.leverage == 0 && !now.margin_known);
    assert_int_equal(setting(CONFIG, &now), HX_OUTCOME_UNKNOWN);
    assert_int_equal(setting(with("[" CONFIG "]", "21", "0"), &now), HX_OUTCOME_UNKNOWN);
    assert_int_equal(setting(with("[" CONFIG "]", "21", "null"), &now), HX_OUTCOME_UNKNOWN);
    assert_int_equal(setting(with("[" CONFIG "]", "21", "9223372036854775807"), &now), HX_OUTCOME_UNKNOWN);
    struct hx_http_answer got = failure(503, "");
    assert_int_equal(a->decode_setting(&ctx, &got, HX_STR("BTCUSDT"), &now).outcome, HX_OUTCOME_BUSY);
}

/* The account's permissions say nothing about what a key may do, except where they forbid. */
static void key_rights_are_what_the_account_forbids(void **state) {
    struct hx_key_rights rights;
    struct hx_http_answer got = answer(
        "{\"feeTier\":0,\"canTrade\":true,\"canDeposit\":true,\"canWithdraw\":true,\"dualSidePosition\":true,"
        "\"multiAssetsMargin\":false,\"tradeGroupId\":-1,\"updateTime\":0}");
    (void)state;
    assert_int_equal(a->decode_key_rights(&ctx, &got, &rights).outcome, HX_OUTCOME_DONE);
    assert_false(rights.may_trade_known || rights.may_withdraw_known || rights.address_known);
    got = answer("{\"canTrade\":false,\"canWithdraw\":false}");
    assert_int_equal(a->decode_key_rights(&ctx, &got, &rights).outcome, HX_OUTCOME_DONE);
    assert_true(rights.may_trade_known && !rights.may_trade);
    assert_false(rights.may_withdraw_known || rights.address_known);
    got = answer("{\"canWithdraw\":true}");
    assert_int_equal(a->decode_key_rights(&ctx, &got, &rights).outcome, HX_OUTCOME_UNKNOWN);
    got = failure(401, "{\"code\":-2015,\"msg\":\"x\"}");
    assert_int_equal(a->decode_key_rights(&ctx, &got, &rights).outcome, HX_OUTCOME_REJECTED);
}

static struct hx_venue_verdict margin(uint32_t status, const char *body) {
    struct hx_http_answer got = failure(status, body);
    return a->decode_margin_mode(&ctx, &got);
}

static void settings_that_are_so_are_done(void **state) {
    struct hx_http_answer got = answer("{\"leverage\":21,\"maxNotionalValue\":\"1000000\",\"symbol\":\"BTCUSDT\"}");
    (void)state;
    assert_int_equal(a->decode_leverage(&ctx, &got, HX_STR("BTCUSDT"), 21).outcome, HX_OUTCOME_DONE);
    assert_int_equal(a->decode_leverage(&ctx, &got, HX_STR("BTCUSDT"), 20).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(a->decode_leverage(&ctx, &got, HX_STR("ETHUSDT"), 21).outcome, HX_OUTCOME_UNKNOWN);
    static const char *const contradictory[] = {"[]", "", "{}", "{\"code\":0}", "{\"code\":200,\"leverage\":4}"};
    for (size_t i = 0; i < sizeof contradictory / sizeof contradictory[0]; i++) {
        got = answer(contradictory[i]);
        assert_int_equal(a->decode_leverage(&ctx, &got, HX_STR("BTCUSDT"), 21).outcome, HX_OUTCOME_UNKNOWN);
    }
    got = answer("{\"code\":200,\"msg\":\"success\"}");
    assert_int_equal(a->decode_leverage(&ctx, &got, HX_STR("BTCUSDT"), 21).outcome, HX_OUTCOME_DONE);
    got = failure(400, "{\"code\":-4028,\"msg\":\"Leverage 21 is not valid\"}");
    assert_int_equal(a->decode_leverage(&ctx, &got, HX_STR("BTCUSDT"), 21).outcome, HX_OUTCOME_REJECTED);
    got = failure(500, "{\"leverage\":21,\"symbol\":\"BTCUSDT\"}");
    assert_int_equal(a->decode_leverage(&ctx, &got, HX_STR("BTCUSDT"), 21).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(margin(200, "{\"code\":200,\"msg\":\"success\"}").outcome, HX_OUTCOME_DONE);
    assert_int_equal(margin(200, "{\"code\":-4046,\"msg\":\"x\"}").outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(margin(400, "{\"code\":-4046,\"msg\":\"No need\"}").outcome, HX_OUTCOME_DONE);
    assert_true(margin(400, "{\"code\":-4046,\"msg\":\"No need\"}").already_so);
    assert_int_equal(margin(400, "{\"code\":-4059,\"msg\":\"No need\"}").outcome, HX_OUTCOME_DONE);
    assert_int_equal(margin(400, "{\"code\":-4171,\"msg\":\"No need\"}").outcome, HX_OUTCOME_DONE);
    static const char *const kept[] = {"-4047", "-4048", "-4067", "-4068", "-4531"};
    char body[64];
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        snprintf(body, sizeof body, "{\"code\":%s,\"msg\":\"x\"}", kept[i]);
        assert_int_equal(margin(400, body).outcome, HX_OUTCOME_REJECTED);
        assert_true(margin(400, body).position_prevents);
    }
    assert_false(margin(400, "{\"code\":-4168,\"msg\":\"x\"}").position_prevents);
    assert_int_equal(margin(400, "{\"code\":-4168,\"msg\":\"x\"}").outcome, HX_OUTCOME_REJECTED);
    assert_int_equal(margin(500, "").outcome, HX_OUTCOME_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(rules_come_from_filters, setup),
        cmocka_unit_test_setup(rules_that_lack_something_are_no_rules, setup),
        cmocka_unit_test_setup(fills_are_read, setup),
        cmocka_unit_test_setup(fills_of_other_orders_are_left_out, setup),
        cmocka_unit_test_setup(pages_follow_each_other, setup),
        cmocka_unit_test_setup(fills_that_do_not_fit_are_unknown, setup),
        cmocka_unit_test_setup(positions_are_read, setup),
        cmocka_unit_test_setup(both_sides_of_hedge_mode_are_read, setup),
        cmocka_unit_test_setup(balances_are_read, setup),
        cmocka_unit_test_setup(time_and_mark_price_are_read, setup),
        cmocka_unit_test_setup(the_position_mode_is_read, setup),
        cmocka_unit_test_setup(how_a_symbol_is_set_is_read, setup),
        cmocka_unit_test_setup(key_rights_are_what_the_account_forbids, setup),
        cmocka_unit_test_setup(settings_that_are_so_are_done, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
