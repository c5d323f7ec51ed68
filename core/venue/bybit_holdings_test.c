/* Goal: fills, positions and balances come out of Bybit's lists to the last digit, in order and once. Method: samples
 * in the documented shapes of both products, each field that matters spoilt in turn, and pages of every length. Covers
 * bybit_question.c too. */
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
#define POSITION(index, side, size, average)                                                                       \
    "{\"positionIdx\":" index ",\"riskId\":1,\"riskLimitValue\":\"150\",\"symbol\":\"BTCUSDT\",\"side\":\"" side   \
    "\",\"size\":\"" size "\",\"avgPrice\":\"" average                                                             \
    "\",\"positionValue\":\"300\",\"tradeMode\":0,\"positionStatus\":\"Normal\",\"autoAddMargin\":0,"              \
    "\"adlRankIndicator\":2,\"leverage\":\"10\",\"markPrice\":\"28224.50\",\"liqPrice\":\"\",\"bustPrice\":\"\","  \
    "\"positionMM\":\"0.15\",\"positionIM\":\"1.09\",\"takeProfit\":\"\",\"stopLoss\":\"\",\"trailingStop\":\"\"," \
    "\"unrealisedPnl\":\"-0.25\",\"curRealisedPnl\":\"0\",\"cumRealisedPnl\":\"-0.9\",\"seq\":5723621632,"         \
    "\"isReduceOnly\":false,\"createdTime\":\"1676538056258\",\"updatedTime\":\"1697673600012\"}"
#define POSITIONS(rows) ENVELOPE("{\"list\":[" rows "],\"nextPageCursor\":\"\",\"category\":\"linear\"}")
#define FILL(id, time, fee, currency)                                                                                 \
    "{\"symbol\":\"BTCUSDT\",\"orderType\":\"Market\",\"underlyingPrice\":\"\",\"orderLinkId\":\"x\",\"side\":"       \
    "\"Buy\",\"indexPrice\":\"\",\"orderId\":\"8c065341-7b52-4ca9-ac2c-37e31ac55c94\",\"stopOrderType\":\"UNKNOWN\"," \
    "\"leavesQty\":\"0\",\"execTime\":\"" time "\",\"feeCurrency\":\"" currency                                       \
    "\",\"isMaker\":false,\"execFee\":\"" fee "\",\"feeRate\":\"0.0006\",\"execId\":\"" id                            \
    "\",\"tradeIv\":\"\",\"blockTradeId\":\"\",\"markPrice\":\"1183.54\",\"execPrice\":\"1190.15\",\"markIv\":\"\","  \
    "\"orderQty\":\"0.1\",\"orderPrice\":\"1236.9\",\"execValue\":\"119.015\",\"execType\":\"Trade\",\"execQty\":"    \
    "\"0.1\",\"closedSize\":\"\",\"extraFees\":\"\",\"seq\":4688002127}"
#define UUID "e0cbe81d-0f18-5866-9415-cf319b5dab3b"
#define ORDER_ID "8c065341-7b52-4ca9-ac2c-37e31ac55c94"
#define FILLS(rows) \
    ENVELOPE("{\"nextPageCursor\":\"132766%3A2%2C132766%3A2\",\"category\":\"linear\",\"list\":[" rows "]}")
#define COIN(coin, balance)                                                                                 \
    "{\"availableToBorrow\":\"\",\"bonus\":\"0\",\"accruedInterest\":\"0\",\"availableToWithdraw\":\"\","   \
    "\"totalOrderIM\":\"10\",\"equity\":\"0.805994\",\"totalPositionMM\":\"0\",\"usdValue\":\"12920.95\","  \
    "\"unrealisedPnl\":\"-1.5\",\"collateralSwitch\":true,\"spotHedgingQty\":\"0\",\"borrowAmount\":\"0\"," \
    "\"totalPositionIM\":\"20.5\",\"walletBalance\":\"" balance                                             \
    "\",\"cumRealisedPnl\":\"0\",\"locked\":\"5\",\"marginCollateral\":true,\"coin\":\"" coin "\"}"
#define WALLET(coins)                                                                                     \
    ENVELOPE(                                                                                             \
        "{\"list\":[{\"totalEquity\":\"18070.32\",\"accountType\":\"UNIFIED\",\"totalAvailableBalance\":" \
        "\"17887.7\",\"coin\":[" coins "]}]}")

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

static struct hx_fill_page page;

static enum hx_outcome fills(const struct hx_venue_adapter *a, const char *body) {
    struct hx_http_answer got = answer(body);
    return a->decode_fills(&ctx, &got, HX_STR("BTCUSDT"), HX_STR(ORDER_ID), HX_STR_EMPTY, &page).outcome;
}

static void fills_are_read(void **state) {
    (void)state;
    assert_int_equal(fills(linear, FILLS(FILL(UUID, "1672282722429", "0.071409", ""))), HX_OUTCOME_DONE);
    assert_int_equal(page.count, 1);
    /* A page that is not full is the last, cursor or not. */
    assert_int_equal(page.next.len, 0);
    assert_str(page.list[0].venue_trade_id, UUID);
    assert_str(page.list[0].venue_order_id, ORDER_ID);
    assert_int_equal(page.list[0].side, HX_SIDE_BUY);
    assert_dec(page.list[0].quantity, "0.1");
    assert_dec(page.list[0].price, "1190.15");
    assert_dec(page.list[0].fee, "0.071409");
    assert_str(page.list[0].fee_asset, "USDT");
    assert_false(page.list[0].maker);
    assert_int_equal(page.list[0].time_ms, 1672282722429);
    assert_true(hx_dec_is_zero(page.list[0].realized_pnl));
    /* A rebate. */
    assert_int_equal(fills(linear, FILLS(FILL(UUID, "1672282722429", "-0.02", ""))), HX_OUTCOME_DONE);
    assert_dec(page.list[0].fee, "-0.02");
    assert_int_equal(fills(linear, FILLS("")), HX_OUTCOME_DONE);
    assert_int_equal(page.count, 0);
    /* Other executions are not the order's. */
    const char *mixed = FILLS(FILL("a", "3", "1", "") "," FILL("b", "2", "1", "") "," FILL("c", "1", "1", ""));
    mixed = with(with(mixed, "\"Trade\"", "\"Funding\""), "\"Trade\"", "\"AdlTrade\"");
    assert_int_equal(fills(linear, mixed), HX_OUTCOME_DONE);
    assert_int_equal(page.count, 1);
    assert_str(page.list[0].venue_trade_id, "c");
}

/* Listed from the latest, handed on from the earliest. */
static void fills_come_in_order_of_time(void **state) {
    (void)state;
    assert_int_equal(fills(linear, FILLS(FILL("d", "30", "1", "") "," FILL("a", "10", "1", "") "," FILL(
                                       "c", "20", "1", "") "," FILL("b", "20", "1", ""))),
                     HX_OUTCOME_DONE);
    assert_int_equal(page.count, 4);
    assert_str(page.list[0].venue_trade_id, "a");
    assert_str(page.list[1].venue_trade_id, "b");
    assert_str(page.list[2].venue_trade_id, "c");
    assert_str(page.list[3].venue_trade_id, "d");
    assert_int_equal(fills(linear, FILLS(FILL("a", "30", "1", "") "," FILL("a", "10", "1", ""))), HX_OUTCOME_UNKNOWN);
}

/* Named by Bybit; where it is not, what is bought pays in base, what is sold in quote, a rebate the other way. */
static void fees_are_paid_in_their_coin(void **state) {
    static const struct {
        const char *currency, *fee, *side, *asset;
    } table[] = {{"BTC", "0.1", "Buy", "BTC"},    {"MNT", "0.1", "Buy", "MNT"}, {"", "0.1", "Buy", "BTC"},
                 {"", "0.1", "Sell", "USDT"},     {"", "-0.1", "Buy", "USDT"},  {"", "-0.1", "Sell", "BTC"},
                 {"USDT", "-0.1", "Sell", "USDT"}};
    char part[64];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        snprintf(part, sizeof part, "\"side\":\"%s\"", table[i].side);
        const char *body = with(FILLS(FILL("2100000000007764263", "5", "FEE", "COIN")), "\"side\":\"Buy\"", part);
        assert_int_equal(fills(spot, with(with(body, "FEE", table[i].fee), "COIN", table[i].currency)),
                         HX_OUTCOME_DONE);
        assert_str(page.list[0].fee_asset, table[i].asset);
        assert_dec(page.list[0].fee, table[i].fee);
        assert_str(page.list[0].venue_trade_id, "2100000000007764263");
    }
    /* Linear futures pay in what they are settled in; the name tells which of two it is. */
    static const char *const settled[][2] = {{"BTCUSDT", "USDT"},  {"BTCUSDT-26DEC25", "USDT"},
                                             {"BTCPERP", "USDC"},  {"BTC-26DEC25", "USDC"},
                                             {"USDCUSDT", "USDT"}, {"USDTPERP", "USDC"}};
    ctx.rules = NULL;
    for (size_t i = 0; i < sizeof settled / sizeof settled[0]; i++) {
        struct hx_http_answer got = answer(with(FILLS(FILL("a", "5", "1", "")), "BTCUSDT", settled[i][0]));
        hx_str symbol = hx_str_from_c(settled[i][0]);
        assert_int_equal(linear->decode_fills(&ctx, &got, symbol, HX_STR(ORDER_ID), HX_STR_EMPTY, &page).outcome,
                         HX_OUTCOME_DONE);
        assert_str(page.list[0].fee_asset, settled[i][1]);
    }
}

static void fills_that_do_not_fit_are_unknown(void **state) {
    static const char *const spoilt[][2] = {
        {"BTCUSDT", "ETHUSDT"},
        {ORDER_ID, "8c065341-7b52-4ca9-ac2c-37e31ac55c95"},
        {"\"execId\":\"" UUID "\"", "\"execId\":\"\""},
        {"\"execId\":\"" UUID "\"", "\"execId\":7"},
        {"\"side\":\"Buy\"", "\"side\":\"\""},
        {"\"execQty\":\"0.1\"", "\"execQty\":\"0\""},
        {"\"execQty\":\"0.1\"", "\"execQty\":\"0.1234567890123456789\""},
        {"\"execPrice\":\"1190.15\"", "\"execPrice\":\"-1\""},
        {"\"execFee\":\"0.071409\"", "\"execFee\":\"\""},
        {"\"isMaker\":false", "\"isMaker\":\"no\""},
        {"\"execTime\":\"1672282722429\"", "\"execTime\":\"\""},
        {"\"execTime\":\"1672282722429\"", "\"execTime\":\"0\""},
        {"\"list\":[", "\"lists\":["},
        {"\"list\":[", "\"list\":{\"a\":["},
    };
    const char *whole = FILLS(FILL(UUID, "1672282722429", "0.071409", ""));
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (fills(linear, with(whole, spoilt[i][0], spoilt[i][1])) != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i][1]);
        if (fills(spot, with(whole, spoilt[i][0], spoilt[i][1])) != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i][1]);
    }
    assert_int_equal(fills(linear, "{\"retCode\":10006,\"retMsg\":\"Too many visits!\",\"result\":{}}"),
                     HX_OUTCOME_BUSY);
}

static const char *full_page(const char *cursor, int count) {
    static char rows[32768];
    size_t len = 0;
    for (int i = 0; i < count; i++) {
        char id[16];
        snprintf(id, sizeof id, "id-%d", i);
        const char *row = with(FILL("ID", "1672282722429", "1", ""), "\"execId\":\"ID\"", "\"execId\":\"ID\"");
        row = with(row, "\"ID\"", "\"@\"");
        const char *at = strchr(row, '@');
        len += (size_t)snprintf(rows + len, sizeof rows - len, "%s%.*s%s%s", i > 0 ? "," : "", (int)(at - row), row, id,
                                at + 1);
    }
    return with(with(FILLS("@"), "@", rows), "132766%3A2%2C132766%3A2", cursor);
}

static void a_full_page_has_a_next_one(void **state) {
    char longest[HX_VENUE_TOKEN_LEN_MAX + 2];
    (void)state;
    assert_int_equal(fills(linear, full_page("132766%3A2%2C132766%3A2", HX_BYBIT_PAGE_FILLS)), HX_OUTCOME_DONE);
    assert_int_equal(page.count, HX_BYBIT_PAGE_FILLS);
    assert_str(page.next, "132766%3A2%2C132766%3A2");
    assert_false(page.restart);
    /* Whatever it is full of. */
    const char *mixed = with(full_page("132766%3A2", HX_BYBIT_PAGE_FILLS), "\"Trade\"", "\"Funding\"");
    assert_int_equal(fills(linear, mixed), HX_OUTCOME_DONE);
    assert_int_equal(page.count, HX_BYBIT_PAGE_FILLS - 1);
    assert_str(page.next, "132766%3A2");
    assert_int_equal(fills(linear, full_page("132766%3A2", HX_BYBIT_PAGE_FILLS - 1)), HX_OUTCOME_DONE);
    assert_int_equal(page.next.len, 0);
    assert_int_equal(fills(linear, full_page("", HX_BYBIT_PAGE_FILLS)), HX_OUTCOME_DONE);
    assert_int_equal(page.next.len, 0);
    assert_int_equal(fills(linear, full_page("x", HX_BYBIT_PAGE_FILLS + 1)), HX_OUTCOME_UNKNOWN);
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(fills(linear, full_page(longest, HX_BYBIT_PAGE_FILLS)), HX_OUTCOME_UNKNOWN);
    longest[sizeof longest - 2] = '\0';
    assert_int_equal(fills(linear, full_page(longest, HX_BYBIT_PAGE_FILLS)), HX_OUTCOME_DONE);
}

static struct hx_venue_position position;

static enum hx_outcome hold(const char *body) {
    struct hx_http_answer got = answer(body);
    return linear->decode_position(&ctx, &got, HX_STR("BTCUSDT"), &position).outcome;
}

static void linear_positions_are_read(void **state) {
    (void)state;
    assert_int_equal(hold(POSITIONS(POSITION("0", "Sell", "0.300", "27464.50441675"))), HX_OUTCOME_DONE);
    assert_dec(position.quantity, "-0.3");
    assert_false(position.hedged);
    assert_true(hx_dec_is_zero(position.long_quantity) && hx_dec_is_zero(position.short_quantity));
    assert_dec(position.entry_price, "27464.50441675");
    assert_dec(position.mark_price, "28224.5");
    assert_dec(position.unrealized_pnl, "-0.25");
    assert_int_equal(hold(POSITIONS(POSITION("0", "Buy", "0.3", "27464.12345678901234567"))), HX_OUTCOME_DONE);
    assert_dec(position.quantity, "0.3");
    assert_dec(position.entry_price, "27464.1234567890123");
    assert_int_equal(hold(POSITIONS(POSITION("0", "", "0", "0"))), HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(position.quantity) && hx_dec_is_zero(position.entry_price));
    assert_dec(position.mark_price, "28224.5");
    assert_int_equal(hold(POSITIONS("")), HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(position.quantity));
}

static void hedged_positions_are_read(void **state) {
    (void)state;
    assert_int_equal(hold(POSITIONS(POSITION("1", "Buy", "0.5", "27000") "," POSITION("2", "Sell", "0.2", "28000"))),
                     HX_OUTCOME_DONE);
    assert_true(position.hedged);
    assert_dec(position.quantity, "0.3");
    assert_dec(position.long_quantity, "0.5");
    assert_dec(position.short_quantity, "0.2");
    assert_dec(position.unrealized_pnl, "-0.5");
    assert_true(hx_dec_is_zero(position.entry_price));
    assert_int_equal(hold(POSITIONS(POSITION("1", "", "0", "0") "," POSITION("2", "Sell", "0.2", "28000"))),
                     HX_OUTCOME_DONE);
    assert_dec(position.quantity, "-0.2");
    assert_dec(position.entry_price, "28000");
    assert_int_equal(hold(POSITIONS(POSITION("1", "", "0", "0") "," POSITION("2", "", "0", "0"))), HX_OUTCOME_DONE);
    assert_true(position.hedged && hx_dec_is_zero(position.quantity));
}

static void positions_that_do_not_fit_are_unknown(void **state) {
    static const char *const bad[] = {
        "",
        "{}",
        ENVELOPE("{}"),
        POSITIONS(POSITION("3", "Buy", "0.5", "27000")),
        POSITIONS(POSITION("-1", "Buy", "0.5", "27000")),
        POSITIONS(POSITION("\"\"", "Buy", "0.5", "27000")),
        POSITIONS(POSITION("0", "Buy", "-0.5", "27000")),
        POSITIONS(POSITION("0", "Buy", "", "27000")),
        POSITIONS(POSITION("0", "", "0.5", "27000")),
        POSITIONS(POSITION("0", "Buy", "0.5", "")),
        POSITIONS(POSITION("1", "Sell", "0.5", "27000")),
        POSITIONS(POSITION("2", "Buy", "0.5", "27000")),
        POSITIONS(POSITION("0", "Buy", "0.5", "27000") "," POSITION("0", "Buy", "0.5", "27000")),
        POSITIONS(POSITION("0", "Buy", "0.5", "27000") "," POSITION("0", "Sell", "0.5", "27000")),
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (hold(bad[i]) != HX_OUTCOME_UNKNOWN) fail_msg("%s", bad[i]);
    }
    assert_int_equal(hold(with(POSITIONS(POSITION("0", "Buy", "0.5", "1")), "BTCUSDT", "ETHUSDT")), HX_OUTCOME_UNKNOWN);
}

static void the_position_mode_is_seen(void **state) {
    static const struct {
        const char *body;
        enum hx_outcome outcome;
        bool hedged;
    } table[] = {
        {POSITIONS(POSITION("0", "", "0", "0")), HX_OUTCOME_DONE, false},
        {POSITIONS(POSITION("1", "", "0", "0") "," POSITION("2", "", "0", "0")), HX_OUTCOME_DONE, true},
        {POSITIONS(POSITION("2", "Sell", "1", "5")), HX_OUTCOME_DONE, true},
        {POSITIONS(""), HX_OUTCOME_UNKNOWN, false},
        {POSITIONS(POSITION("0", "", "0", "0") "," POSITION("1", "", "0", "0")), HX_OUTCOME_UNKNOWN, false},
        {POSITIONS(POSITION("7", "", "0", "0")), HX_OUTCOME_UNKNOWN, false},
        {POSITIONS(POSITION("null", "", "0", "0")), HX_OUTCOME_UNKNOWN, false},
        {"{\"retCode\":10001,\"retMsg\":\"symbol invalid\",\"result\":{}}", HX_OUTCOME_REJECTED, false},
        {"", HX_OUTCOME_UNKNOWN, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bool hedged = false;
        struct hx_http_answer got = answer(table[i].body);
        if (linear->decode_position_mode(&ctx, &got, &hedged).outcome != table[i].outcome) fail_msg("%zu", i);
        if (table[i].outcome == HX_OUTCOME_DONE) assert_int_equal(hedged, table[i].hedged);
    }
}

static enum hx_outcome hold_spot(const char *body) {
    struct hx_http_answer got = answer(body);
    return spot->decode_position(&ctx, &got, HX_STR("BTCUSDT"), &position).outcome;
}

static void spot_holds_its_base_coin(void **state) {
    (void)state;
    assert_int_equal(hold_spot(WALLET(COIN("USDT", "100") "," COIN("BTC", "0.805994"))), HX_OUTCOME_DONE);
    assert_dec(position.quantity, "0.805994");
    assert_false(position.hedged);
    assert_true(hx_dec_is_zero(position.entry_price));
    /* More digits than can be kept: the rest is dust. */
    assert_int_equal(hold_spot(WALLET(COIN("BTC", "12.1234567890123456789"))), HX_OUTCOME_DONE);
    assert_dec(position.quantity, "12.1234567890123456");
    assert_int_equal(hold_spot(WALLET(COIN("BTC", "-0.5"))), HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(position.quantity));
    assert_int_equal(hold_spot(WALLET("")), HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(position.quantity));
    assert_int_equal(hold_spot(WALLET(COIN("BTC", ""))), HX_OUTCOME_UNKNOWN);
    assert_int_equal(hold_spot(ENVELOPE("{\"list\":[{\"coin\":7}]}")), HX_OUTCOME_UNKNOWN);
    assert_int_equal(hold_spot(ENVELOPE("{\"list\":[{\"coin\":[]},{\"coin\":[]}]}")), HX_OUTCOME_UNKNOWN);
    assert_int_equal(hold_spot(""), HX_OUTCOME_UNKNOWN);
}

static void equity_is_of_one_coin(void **state) {
    struct hx_equity equity = {0};
    struct hx_http_answer got = answer(WALLET(COIN("BTC", "1") "," COIN("USDT", "1000.5")));
    (void)state;
    assert_int_equal(linear->decode_equity(&ctx, &got, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_str(equity.asset, "USDT");
    assert_dec(equity.wallet_balance, "1000.5");
    assert_dec(equity.unrealized_pnl, "-1.5");
    /* Without what orders and positions use. */
    assert_dec(equity.available, "965");
    got = answer(WALLET(COIN("USDT", "30")));
    assert_int_equal(linear->decode_equity(&ctx, &got, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(equity.available));
    got = answer(WALLET(COIN("BTC", "1")));
    assert_int_equal(linear->decode_equity(&ctx, &got, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(equity.wallet_balance));
    got = answer(ENVELOPE("{\"list\":[]}"));
    assert_int_equal(linear->decode_equity(&ctx, &got, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    got = answer(with(WALLET(COIN("USDT", "30")), "\"walletBalance\":\"30\"", "\"walletBalance\":null"));
    assert_int_equal(linear->decode_equity(&ctx, &got, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_UNKNOWN);
    got = answer(with(WALLET(COIN("USDT", "30")), "\"unrealisedPnl\":\"-1.5\"", "\"unrealisedPnl\":\"\""));
    assert_int_equal(linear->decode_equity(&ctx, &got, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(equity.unrealized_pnl));
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(fills_are_read),
        CASE(fills_come_in_order_of_time),
        CASE(fees_are_paid_in_their_coin),
        CASE(fills_that_do_not_fit_are_unknown),
        CASE(a_full_page_has_a_next_one),
        CASE(linear_positions_are_read),
        CASE(hedged_positions_are_read),
        CASE(positions_that_do_not_fit_are_unknown),
        CASE(the_position_mode_is_seen),
        CASE(spot_holds_its_base_coin),
        CASE(equity_is_of_one_coin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
