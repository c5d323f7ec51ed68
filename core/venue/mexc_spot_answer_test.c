/* Goal: MEXC spot's answers are read for what they prove and no more. Method: samples in the documented shapes, each
 * field spoilt in turn, and a table of answers with the outcome each may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/mexc.h"

#define BTC HX_STR("BTCUSDT")
#define ID "AZOpXu_0-23456789abcde"
#define ORDER_ID "C02__505979017120235520113"
#define PLACED                                                                                           \
    "{\"symbol\":\"BTCUSDT\",\"orderId\":\"" ORDER_ID                                                    \
    "\",\"orderListId\":-1,\"price\":\"0\",\"origQty\":\"0.001\",\"type\":\"MARKET\",\"side\":\"SELL\"," \
    "\"transactTime\":1764000000123}"
#define FOUND                                                                                                     \
    "{\"symbol\":\"BTCUSDT\",\"orderId\":\"" ORDER_ID "\",\"orderListId\":-1,\"clientOrderId\":\"" ID             \
    "\",\"price\":\"61000\",\"origQty\":\"0.003\",\"executedQty\":\"0.001\",\"cummulativeQuoteQty\":\"61.2345\"," \
    "\"status\":\"PARTIALLY_FILLED\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"SELL\","               \
    "\"stopPrice\":\"0\",\"time\":1764000000000,\"updateTime\":1764000000123,\"isWorking\":true,"                 \
    "\"origQuoteOrderQty\":\"0.000000\"}"
#define CANCELED                                                                                          \
    "{\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"" ID "\",\"orderId\":\"" ORDER_ID                    \
    "\",\"clientOrderId\":\"other\",\"price\":\"61000\",\"origQty\":\"0.003\",\"executedQty\":\"0.000\"," \
    "\"cummulativeQuoteQty\":\"0\",\"status\":\"NEW\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"SELL\"}"
#define INFO                                                                                                      \
    "{\"timezone\":\"CST\",\"serverTime\":1764000000000,\"rateLimits\":[],\"exchangeFilters\":[],\"symbols\":[{"  \
    "\"symbol\":\"BTCUSDT\",\"status\":\"1\",\"baseAsset\":\"BTC\",\"baseAssetPrecision\":6,\"quoteAsset\":"      \
    "\"USDT\",\"quotePrecision\":2,\"quoteAssetPrecision\":2,\"orderTypes\":[\"LIMIT\",\"MARKET\"],"              \
    "\"isSpotTradingAllowed\":true,\"isMarginTradingAllowed\":false,\"quoteAmountPrecision\":\"1\","              \
    "\"baseSizePrecision\":\"0.00001\",\"permissions\":[\"SPOT\"],\"filters\":[],\"maxQuoteAmount\":\"5000000\"," \
    "\"makerCommission\":\"0\",\"takerCommission\":\"0.0005\",\"quoteAmountPrecisionMarket\":\"1\","              \
    "\"maxQuoteAmountMarket\":\"100000\",\"tradeSideType\":\"1\",\"st\":false}]}"
#define ACCOUNT                                                                                                 \
    "{\"canTrade\":true,\"canWithdraw\":true,\"canDeposit\":true,\"updateTime\":null,\"accountType\":\"SPOT\"," \
    "\"balances\":[{\"asset\":\"USDT\",\"free\":\"12.5\",\"locked\":\"7.5\"},"                                  \
    "{\"asset\":\"BTC\",\"free\":\"0.002\",\"locked\":\"0.001\"}],\"permissions\":[\"SPOT\"]}"

static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_order_report report;
static struct hx_order_request sent;
static const struct hx_symbol_rules rules = {.base_asset = {"BTC", 3}, .quote_asset = {"USDT", 4}};
static const struct hx_venue_adapter *const a = &hx_mexc_spot;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena, .rules = &rules};
    sent = (struct hx_order_request){
        .symbol = BTC, .side = HX_SIDE_SELL, .quantity = {1, -3}, .client_order_id = HX_STR(ID)};
    memset(&report, 0, sizeof report);
    return 0;
}

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static struct hx_http_answer answer_of(uint32_t status, const char *body) {
    hx_arena_reset(&arena);
    return (struct hx_http_answer){.status = status, .body = hx_str_from_c(body)};
}

static struct hx_venue_verdict place(uint32_t status, const char *body) {
    struct hx_http_answer answer = answer_of(status, body);
    return a->decode_order(&ctx, &answer, &sent, &report);
}

static struct hx_venue_verdict query(uint32_t status, const char *body) {
    struct hx_http_answer answer = answer_of(status, body);
    return a->decode_query(&ctx, &answer, BTC, sent.client_order_id, 0, &report);
}

static struct hx_venue_verdict cancel(uint32_t status, const char *body) {
    struct hx_http_answer answer = answer_of(status, body);
    return a->decode_cancel(&ctx, &answer, BTC, sent.client_order_id, &report);
}

static const char *swapped(const char *sample, const char *what, const char *by) {
    static char texts[2][4096];
    static int next;
    char *text = texts[next = !next];
    const char *at = strstr(sample, what);
    assert_non_null(at);
    snprintf(text, sizeof texts[0], "%.*s%s%s", (int)(at - sample), sample, by, at + strlen(what));
    return text;
}

static void an_order_is_acknowledged(void **state) {
    static const char *const spoilt[][2] = {{"\"symbol\":\"BTCUSDT\"", "\"symbol\":\"ETHUSDT\""},
                                            {"\"side\":\"SELL\"", "\"side\":\"BUY\""},
                                            {"\"side\":\"SELL\"", "\"side\":null"},
                                            {"\"orderId\":\"" ORDER_ID "\"", "\"orderId\":\"\""},
                                            {"\"orderId\":\"" ORDER_ID "\"", "\"orderId\":\"a b\""},
                                            {"\"orderId\":\"" ORDER_ID "\"", "\"orderId\":null"},
                                            {"\"orderId\":\"" ORDER_ID "\"", "\"orderId\":-1.5"}};
    (void)state;
    assert_int_equal(place(200, PLACED).outcome, HX_OUTCOME_DONE);
    assert_true(report.is_ack);
    assert_int_equal(report.status, HX_ORDER_NEW);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR(ORDER_ID)));
    assert_true(hx_dec_is_zero(report.executed_quantity));
    assert_int_equal(report.venue_time_ms, 1764000000123);
    assert_int_equal(place(200, swapped(PLACED, "\"orderId\":\"" ORDER_ID "\"", "\"orderId\":42")).outcome,
                     HX_OUTCOME_DONE);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR("42")));
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (place(200, swapped(PLACED, spoilt[i][0], spoilt[i][1])).outcome != HX_OUTCOME_UNKNOWN) {
            fail_msg("case %zu", i);
        }
    }
}

static void answers_mean_what_they_prove(void **state) {
    static const struct {
        uint32_t status;
        const char *body;
        enum hx_outcome order, query;
    } cases[] = {
        {200, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {200, "{\"code\":30004,\"msg\":\"x\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {201, PLACED, HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {302, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, "{\"code\":30004,\"msg\":\"Insufficient position\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {400, "{\"msg\":\"x\",\"code\":\"30004\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_ABSENT},
        {400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {404, "{\"code\":-2013}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_ABSENT},
        {400, "{}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {401, "{\"code\":700002,\"msg\":\"Signature\"}", HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY},
        {403, "<html>Access Denied</html>", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
        {400, "{\"code\":700003,\"msg\":\"x\"}", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {408, "{\"code\":30004}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {429, "", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {418, "", HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {500, "{\"code\":30004}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {502, "<html>", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {503, "{\"code\":503}", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {504, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {0, "", HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hx_venue_verdict verdict = place(cases[i].status, cases[i].body);
        if (verdict.outcome != cases[i].order) fail_msg("order %zu: outcome %d", i, (int)verdict.outcome);
        assert_true(verdict.message.len > 0);
        verdict = query(cases[i].status, cases[i].body);
        if (verdict.outcome != cases[i].query) fail_msg("query %zu: outcome %d", i, (int)verdict.outcome);
    }
    assert_true(place(400, "{\"code\":700003,\"msg\":\"x\"}").clock_is_off);
    assert_int_equal(place(418, "").retry_after_ms, 120000);
}

static void limits_are_obeyed(void **state) {
    struct hx_http_header retry = {HX_STR("Retry-After"), HX_STR("11")};
    struct hx_http_answer answer = {.status = 429, .headers = &retry, .header_count = 1};
    struct hx_venue_usage usage = {.used = {-1, -1, -1}};
    (void)state;
    a->read_usage(&answer, &usage);
    assert_int_equal(usage.blocked_for_ms, 11000);
    assert_int_equal(usage.used[0], -1);
    answer.status = 200;
    a->read_usage(&answer, &usage);
    assert_int_equal(usage.blocked_for_ms, 0);
}

static void an_order_is_found(void **state) {
    (void)state;
    assert_int_equal(query(200, FOUND).outcome, HX_OUTCOME_DONE);
    assert_false(report.is_ack);
    assert_int_equal(report.status, HX_ORDER_PARTIALLY_FILLED);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR(ORDER_ID)));
    assert_true(hx_dec_equal(report.executed_quantity, dec("0.001")));
    assert_true(hx_dec_equal(report.average_price, dec("61234.5")));
    assert_true(hx_dec_equal(report.executed_value, dec("61.2345")));
    assert_int_equal(report.fee_asset.len, 0);
    assert_int_equal(report.venue_time_ms, 1764000000123);
    /* The other spelling of the quantity; and no time of a change yet. */
    assert_int_equal(query(200, swapped(FOUND, "origQty", "Qty")).outcome, HX_OUTCOME_DONE);
    assert_int_equal(query(200, swapped(FOUND, "\"updateTime\":1764000000123", "\"updateTime\":null")).outcome,
                     HX_OUTCOME_DONE);
    assert_int_equal(report.venue_time_ms, 1764000000000);
    assert_int_equal(query(200, swapped(FOUND, "61.2345", "0")).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(report.average_price) && hx_dec_is_zero(report.executed_value));
}

static void statuses_are_read(void **state) {
    static const struct {
        const char *status, *type, *side, *quantity, *executed;
        int wanted; /* -1: not understood. */
    } cases[] = {
        {"NEW", "LIMIT", "BUY", "0.003", "0", HX_ORDER_NEW},
        {"PARTIALLY_FILLED", "LIMIT", "BUY", "0.003", "0.001", HX_ORDER_PARTIALLY_FILLED},
        {"PARTIALLY_FILLED", "LIMIT", "BUY", "0.003", "0", -1},
        {"FILLED", "LIMIT", "SELL", "0.003", "0.003", HX_ORDER_FILLED},
        {"FILLED", "LIMIT", "SELL", "0.003", "0.002", -1},
        {"FILLED", "MARKET", "SELL", "0.003", "0.002", -1},
        {"FILLED", "LIMIT", "SELL", "0.003", "0.004", -1},
        {"CANCELED", "LIMIT", "SELL", "0.003", "0", HX_ORDER_CANCELED},
        {"PARTIALLY_CANCELED", "LIMIT", "SELL", "0.003", "0.001", HX_ORDER_CANCELED},
        /* A market buy is ordered in quote: its quantity says nothing. */
        {"FILLED", "MARKET", "BUY", "0", "0.002", HX_ORDER_FILLED},
        {"FILLED", "MARKET", "BUY", "0.003", "0.002", HX_ORDER_FILLED},
        {"FILLED", "MARKET", "BUY", "0", "0", -1},
        {"PARTIALLY_CANCELED", "MARKET", "BUY", "0", "0.002", HX_ORDER_CANCELED},
        {"CANCELED", "LIMIT", "SELL", "0", "0", -1},
        {"CANCELED", "LIMIT", "SELL", "-1", "0", -1},
        {"CANCELED", "LIMIT", "SELL", "0.003", "-1", -1},
        {"REJECTED", "LIMIT", "SELL", "0.003", "0", -1},
        {"filled", "LIMIT", "SELL", "0.003", "0.003", -1},
        {"NEW", "LIMIT", "HOLD", "0.003", "0", -1},
    };
    char body[1024];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(body, sizeof body,
                 "{\"symbol\":\"BTCUSDT\",\"orderId\":\"7\",\"clientOrderId\":\"" ID
                 "\",\"origQty\":\"%s\",\"executedQty\":\"%s\",\"cummulativeQuoteQty\":\"9\",\"status\":\"%s\","
                 "\"type\":\"%s\",\"side\":\"%s\"}",
                 cases[i].quantity, cases[i].executed, cases[i].status, cases[i].type, cases[i].side);
        enum hx_outcome outcome = query(200, body).outcome;
        if (outcome != (cases[i].wanted < 0 ? HX_OUTCOME_UNKNOWN : HX_OUTCOME_DONE)) {
            fail_msg("case %zu: outcome %d", i, (int)outcome);
        }
        if (cases[i].wanted >= 0) assert_int_equal(report.status, cases[i].wanted);
    }
}

static void another_order_is_not_taken(void **state) {
    static const char *const spoilt[][2] = {{"\"clientOrderId\":\"" ID "\"", "\"clientOrderId\":\"other\""},
                                            {"\"clientOrderId\":\"" ID "\"", "\"clientOrderId\":null"},
                                            {"\"symbol\":\"BTCUSDT\"", "\"symbol\":\"ETHUSDT\""},
                                            {"\"orderId\":\"" ORDER_ID "\"", "\"orderId\":\"../x\""},
                                            {"\"executedQty\":\"0.001\"", "\"executedQty\":null"},
                                            {"\"origQty\":\"0.003\"", "\"origQty\":null"}};
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (query(200, swapped(FOUND, spoilt[i][0], spoilt[i][1])).outcome != HX_OUTCOME_UNKNOWN) {
            fail_msg("case %zu", i);
        }
    }
}

static void a_cancel_is_an_acknowledgement(void **state) {
    (void)state;
    assert_int_equal(cancel(200, CANCELED).outcome, HX_OUTCOME_DONE);
    assert_true(report.is_ack && report.status == HX_ORDER_NEW);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR(ORDER_ID)));
    assert_int_equal(cancel(200, FOUND).outcome, HX_OUTCOME_DONE);
    assert_int_equal(cancel(200, swapped(CANCELED, ID, "another")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(cancel(200, swapped(CANCELED, "BTCUSDT", "ETHUSDT")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(cancel(200, swapped(CANCELED, "\"" ORDER_ID "\"", "null")).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(cancel(400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}").outcome, HX_OUTCOME_ABSENT);
    assert_int_equal(cancel(400, "{\"code\":30026}").outcome, HX_OUTCOME_ABSENT);
    assert_int_equal(cancel(503, "").outcome, HX_OUTCOME_UNKNOWN);
}

static enum hx_outcome read_rules(const char *body, struct hx_symbol_rules *out) {
    struct hx_http_answer answer = answer_of(200, body);
    return a->decode_rules(&ctx, &answer, BTC, out).outcome;
}

static void rules_are_read(void **state) {
    struct hx_symbol_rules r = {0};
    (void)state;
    assert_int_equal(read_rules(INFO, &r), HX_OUTCOME_DONE);
    assert_true(hx_str_equal(r.symbol, BTC) && r.tradable);
    assert_true(hx_str_equal(r.base_asset, HX_STR("BTC")));
    assert_true(hx_str_equal(r.quote_asset, HX_STR("USDT")));
    assert_true(hx_dec_equal(r.tick, dec("0.01")) && hx_dec_equal(r.quote_step, dec("0.01")));
    assert_true(hx_dec_equal(r.step, dec("0.00001")) && hx_dec_equal(r.market_step, dec("0.00001")));
    assert_true(hx_dec_equal(r.quantity_min, dec("0.00001")) && hx_dec_equal(r.market_quantity_min, r.quantity_min));
    assert_true(hx_dec_is_zero(r.quantity_max) && hx_dec_is_zero(r.market_quantity_max));
    assert_true(hx_dec_equal(r.notional_min, dec("1")));
    assert_true(hx_dec_equal(r.notional_max, dec("5000000")));
    assert_true(hx_dec_equal(r.market_notional_max, dec("100000")));
    assert_true(hx_dec_is_zero(r.contract_size));
    /* Without a least quantity the step is that of the asset. */
    assert_int_equal(read_rules(swapped(INFO, "\"baseSizePrecision\":\"0.00001\"", "\"baseSizePrecision\":\"0\""), &r),
                     HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(r.step, dec("0.000001")));
    assert_int_equal(read_rules(swapped(INFO, "\"quotePrecision\":2", "\"quotePrecision\":\"0\""), &r),
                     HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(r.tick, dec("1")));
}

static void what_may_not_be_traded_is_seen(void **state) {
    static const char *const closed[][2] = {{"\"status\":\"1\"", "\"status\":\"2\""},
                                            {"\"status\":\"1\"", "\"status\":\"3\""},
                                            {"\"status\":\"1\"", "\"status\":\"ENABLED\""},
                                            {"\"isSpotTradingAllowed\":true", "\"isSpotTradingAllowed\":false"},
                                            {"\"tradeSideType\":\"1\"", "\"tradeSideType\":4"}};
    static const char *const spoilt[][2] = {{"\"quotePrecision\":2", "\"quotePrecision\":19"},
                                            {"\"quotePrecision\":2", "\"quotePrecision\":-1"},
                                            {"\"quotePrecision\":2", "\"quotePrecision\":null"},
                                            {"\"isSpotTradingAllowed\":true", "\"isSpotTradingAllowed\":null"},
                                            {"\"baseAsset\":\"BTC\"", "\"baseAsset\":null"},
                                            {"\"quoteAsset\":\"USDT\"", "\"quoteAsset\":1"},
                                            {"\"symbols\":[", "\"symbols\":{},\"x\":["}};
    struct hx_symbol_rules r = {0};
    (void)state;
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        assert_int_equal(read_rules(swapped(INFO, closed[i][0], closed[i][1]), &r), HX_OUTCOME_DONE);
        if (r.tradable) fail_msg("case %zu", i);
    }
    /* One side only is still traded: exits must be able to go. */
    assert_int_equal(read_rules(swapped(INFO, "\"tradeSideType\":\"1\"", "\"tradeSideType\":\"3\""), &r),
                     HX_OUTCOME_DONE);
    assert_true(r.tradable);
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (read_rules(swapped(INFO, spoilt[i][0], spoilt[i][1]), &r) != HX_OUTCOME_UNKNOWN) fail_msg("case %zu", i);
    }
    assert_int_equal(read_rules("{\"symbols\":[]}", &r), HX_OUTCOME_REJECTED);
    assert_int_equal(read_rules(swapped(INFO, "\"symbol\":\"BTCUSDT\"", "\"symbol\":\"ETHUSDT\""), &r),
                     HX_OUTCOME_REJECTED);
    struct hx_http_answer answer = answer_of(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
    assert_int_equal(a->decode_rules(&ctx, &answer, BTC, &r).outcome, HX_OUTCOME_REJECTED);
}

static void time_and_price_are_read(void **state) {
    hx_time time = 0;
    hx_dec price = HX_DEC_ZERO;
    (void)state;
    struct hx_http_answer answer = answer_of(200, "{\"serverTime\":1764000000123}");
    assert_int_equal(a->decode_time(&ctx, &answer, &time).outcome, HX_OUTCOME_DONE);
    assert_int_equal(time, 1764000000123);
    answer = answer_of(200, "{\"serverTime\":0}");
    assert_int_equal(a->decode_time(&ctx, &answer, &time).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(503, "");
    assert_int_equal(a->decode_time(&ctx, &answer, &time).outcome, HX_OUTCOME_BUSY);
    answer = answer_of(200, "{\"symbol\":\"BTCUSDT\",\"price\":\"61234.5\"}");
    assert_int_equal(a->decode_mark_price(&ctx, &answer, BTC, &price).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(price, dec("61234.5")));
    assert_int_equal(a->decode_mark_price(&ctx, &answer, HX_STR("ETHUSDT"), &price).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(200, "{\"symbol\":\"BTCUSDT\",\"price\":\"0\"}");
    assert_int_equal(a->decode_mark_price(&ctx, &answer, BTC, &price).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(400, "{\"code\":-1121,\"msg\":\"x\"}");
    assert_int_equal(a->decode_mark_price(&ctx, &answer, BTC, &price).outcome, HX_OUTCOME_REJECTED);
}

static void balances_are_read(void **state) {
    struct hx_venue_position position;
    struct hx_equity equity;
    (void)state;
    struct hx_http_answer answer = answer_of(200, ACCOUNT);
    assert_int_equal(a->decode_position(&ctx, &answer, BTC, &position).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(position.quantity, dec("0.003")) && !position.hedged);
    assert_int_equal(a->decode_equity(&ctx, &answer, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(equity.wallet_balance, dec("20")) && hx_dec_equal(equity.available, dec("12.5")));
    assert_true(hx_dec_is_zero(equity.unrealized_pnl));
    /* What is not listed is zero. */
    assert_int_equal(a->decode_equity(&ctx, &answer, HX_STR("EUR"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(equity.wallet_balance));
    answer = answer_of(200, swapped(ACCOUNT, "\"free\":\"0.002\"", "\"free\":\"-1\""));
    assert_int_equal(a->decode_position(&ctx, &answer, BTC, &position).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(200, swapped(ACCOUNT, "\"locked\":\"0.001\"", "\"locked\":null"));
    assert_int_equal(a->decode_position(&ctx, &answer, BTC, &position).outcome, HX_OUTCOME_UNKNOWN);
    answer = answer_of(200, "{}");
    assert_int_equal(a->decode_position(&ctx, &answer, BTC, &position).outcome, HX_OUTCOME_UNKNOWN);
    ctx.rules = NULL;
    answer = answer_of(200, ACCOUNT);
    assert_int_equal(a->decode_position(&ctx, &answer, BTC, &position).outcome, HX_OUTCOME_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_order_is_acknowledged, setup),
        cmocka_unit_test_setup(answers_mean_what_they_prove, setup),
        cmocka_unit_test_setup(limits_are_obeyed, setup),
        cmocka_unit_test_setup(an_order_is_found, setup),
        cmocka_unit_test_setup(statuses_are_read, setup),
        cmocka_unit_test_setup(another_order_is_not_taken, setup),
        cmocka_unit_test_setup(a_cancel_is_an_acknowledgement, setup),
        cmocka_unit_test_setup(rules_are_read, setup),
        cmocka_unit_test_setup(what_may_not_be_traded_is_seen, setup),
        cmocka_unit_test_setup(time_and_price_are_read, setup),
        cmocka_unit_test_setup(balances_are_read, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
