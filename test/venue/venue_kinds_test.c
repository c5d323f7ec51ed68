/* Goal: the client serves every kind of adapter, not only the one of Binance futures: orders that are asked for in
 * several places, answers that are mere acknowledgements, symbols whose rules every request needs, balances in a long
 * list, accounts of the test network with keys of their own, budgets of other windows. Method: the scripted venue of
 * the client's tests, with Binance spot and with adapters of the test's own in the place of adapter.c's table. */
#include "core/venue/adapter.h"
#include "core/venue/binance_spot.h"
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define ID "AZOpXu_0-23456789abcde"
#define ORDER(status, executed)                                                                \
    "{\"orderId\":77,\"symbol\":\"BTCUSDT\",\"status\":\"" status "\",\"clientOrderId\":\"" ID \
    "\",\"origQty\":\"0.010\",\"executedQty\":\"" executed "\",\"side\":\"BUY\",\"updateTime\":1764000000500}"
#define ABSENT "{\"code\":-2013,\"msg\":\"Order does not exist.\"}"
#define RULES                                                                                                 \
    "{\"timezone\":\"UTC\",\"rateLimits\":[],\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\","    \
    "\"baseAsset\":\"BTC\",\"baseAssetPrecision\":8,\"quoteAsset\":\"USDT\",\"quoteAssetPrecision\":8,"       \
    "\"isSpotTradingAllowed\":true,\"filters\":["                                                             \
    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.01\",\"maxPrice\":\"1000000\",\"tickSize\":\"0.01\"}," \
    "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.00001\",\"maxQty\":\"9000\",\"stepSize\":\"0.00001\"},"      \
    "{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5\",\"applyMinToMarket\":true}]}]}"
#define INFO "/api/v3/exchangeInfo?symbol=BTCUSDT&"
#define ACCOUNT "/api/v3/account?omitZeroBalances=true&"
#define SPOT_PLACE "/api/v3/order?symbol=BTCUSDT&side="

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_order_report report;
static const struct hx_account spot = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_SPOT};
static const struct hx_account futures = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};
static const struct hx_account other = {.venue = HX_VENUE_BYBIT, .market = HX_MARKET_FUTURES};
static struct hx_venue_adapter staged;

const struct hx_venue_adapter *hx_venue_find_adapter(const struct hx_account *account) {
    if (account->venue == HX_VENUE_BYBIT) return &staged;
    return account->market == HX_MARKET_SPOT ? &hx_binance_spot : &hx_binance_futures;
}
const struct hx_venue_adapter *hx_venue_list_adapters(uint32_t index) {
    (void)index;
    return NULL;
}

/* Like the futures adapter, but an order is asked for in three places, and placed it is only acknowledged. */
static hx_err encode_stage(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id, uint32_t stage,
                           struct hx_venue_call *call) {
    static const char *const paths[] = {"/open", "/recent", "/history"};
    hx_err err = hx_binance_futures.encode_query(ctx, symbol, client_order_id, 0, call);
    call->path = hx_str_from_c(paths[stage]);
    return err;
}

static struct hx_venue_verdict decode_ack(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                          const struct hx_order_request *sent, struct hx_order_report *out) {
    struct hx_venue_verdict verdict = hx_binance_futures.decode_order(ctx, answer, sent, out);
    out->is_ack = true;
    return verdict;
}

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.venue_offset_ms = 250;
    host.time_takes_ms = 40;
    host.secret = "secret";
    host_set(&host, "BINANCE_API_KEY", "the-key");
    hx_req_init(&req, &host, memory, sizeof memory);
    staged = hx_binance_futures;
    staged.name = HX_STR("staged");
    staged.query_stages = 3;
    staged.encode_query = encode_stage;
    staged.decode_order = decode_ack;
    staged.encode_key_rights = NULL;
    return 0;
}

static enum hx_outcome query(void) {
    hx_venue_query(&req, &other, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    return report.outcome;
}

static void places_are_asked_until_one_knows(void **state) {
    (void)state;
    host_answer(&host, "/open?", 200, ORDER("NEW", "0"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(host.served, 1);
    host_answer(&host, "/open?", 400, ABSENT);
    host_answer(&host, "/recent?", 200, ORDER("FILLED", "0.010"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR("77")));
    host_assert_done(&host);
}

/* Absent is said by all of them, and as of when the first was asked: an order may pass from one to the next. */
static void absence_is_the_word_of_all_places(void **state) {
    char stamp[64];
    (void)state;
    host_script(&host, (struct step){.target = "/open?", .status = 400, .body = ABSENT, .takes_ms = 700});
    host_script(&host, (struct step){.target = "/recent?", .status = 400, .body = ABSENT, .takes_ms = 900});
    host_answer(&host, "/history?", 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    assert_int_equal(report.venue_time_ms, T0 + 40 + 250);
    /* Each is asked with a timestamp of its own. */
    snprintf(stamp, sizeof stamp, "&timestamp=%lld&", (long long)(T0 + 40 + 250 + 1600));
    assert_non_null(strstr(host.last_target, stamp));
    host_assert_done(&host);
}

/* What one place could not say, the next does not make up for. */
static void a_place_that_fails_ends_the_asking(void **state) {
    (void)state;
    host_answer(&host, "/open?", 400, ABSENT);
    host_fail(&host, "/recent?", HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host_answer(&host, "/open?", 502, "");
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host_answer(&host, "/open?", 200, "{}");
    assert_int_equal(query(), HX_OUTCOME_UNKNOWN);
    host_answer(&host, "/open?", 400, ABSENT);
    host_answer(&host, "/recent?", 400, ABSENT);
    host_answer(&host, "/history?", 200, "[]");
    assert_int_equal(query(), HX_OUTCOME_UNKNOWN);
    host_assert_done(&host);
}

static enum hx_outcome place(const struct hx_account *account, enum hx_side side) {
    struct hx_order_request order = {.symbol = HX_STR("BTCUSDT"),
                                     .side = side,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = {1, -2},
                                     .client_order_id = HX_STR(ID)};
    hx_venue_place(&req, account, &order, host.now + 3000, &report);
    return report.outcome;
}

/* That an order was received is passed on as no more than that. */
static void an_acknowledgement_is_passed_on(void **state) {
    (void)state;
    assert_int_equal(hx_venue_prepare(&req, &other).outcome, HX_OUTCOME_DONE);
    host_answer(&host, "/fapi/v1/order?", 200, ORDER("NEW", "0"));
    assert_int_equal(place(&other, HX_SIDE_BUY), HX_OUTCOME_DONE);
    assert_true(report.is_ack);
    assert_int_equal(report.status, HX_ORDER_NEW);
    /* Of a refused or lost order nothing is acknowledged. */
    host_answer(&host, "/fapi/v1/order?", 400, "{\"code\":-2019,\"msg\":\"x\"}");
    assert_int_equal(place(&other, HX_SIDE_BUY), HX_OUTCOME_REJECTED);
    assert_false(report.is_ack);
    host_fail(&host, "/fapi/v1/order?", HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(place(&other, HX_SIDE_BUY), HX_OUTCOME_UNKNOWN);
    assert_false(report.is_ack);
    host_assert_done(&host);
}

static void what_a_venue_does_not_tell_is_not_known(void **state) {
    struct hx_key_rights rights;
    (void)state;
    assert_int_equal(hx_venue_get_key_rights(&req, &other, &rights).outcome, HX_OUTCOME_DONE);
    assert_false(rights.may_trade_known || rights.may_withdraw_known || rights.address_known);
    assert_int_equal(host.served, 0);
}

/* The order that needs its symbol's rules does not ask for them: that would suspend before its send. */
static void an_order_has_its_rules_or_does_not_leave(void **state) {
    struct hx_symbol_rules rules;
    (void)state;
    assert_int_equal(hx_venue_prepare(&req, &spot).outcome, HX_OUTCOME_DONE);
    assert_int_equal(place(&spot, HX_SIDE_BUY), HX_OUTCOME_BUSY);
    assert_int_equal(host.served, 0);
    host_answer(&host, INFO, 200, RULES);
    assert_int_equal(hx_venue_rules(&req, &spot, HX_STR("BTCUSDT"), &rules).outcome, HX_OUTCOME_DONE);
    assert_true(hx_str_equal(rules.base_asset, HX_STR("BTC")));
    host_answer(&host, SPOT_PLACE "BUY", 200, ORDER("FILLED", "0.010"));
    assert_int_equal(place(&spot, HX_SIDE_BUY), HX_OUTCOME_DONE);
    /* Rules too old to size by are still good enough to send by, and no reason to hold a close back. */
    host.now += 8 * HX_MS_PER_DAY;
    assert_int_equal(hx_venue_prepare(&req, &spot).outcome, HX_OUTCOME_DONE);
    host_answer(&host, SPOT_PLACE "BUY", 200, ORDER("FILLED", "0.010"));
    assert_int_equal(place(&spot, HX_SIDE_BUY), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static const char *balances(int count, const char *last) {
    static char text[256 * 1024];
    size_t len = (size_t)snprintf(text, sizeof text, "{\"makerCommission\":15,\"balances\":[");
    for (int i = 0; i < count; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "{\"asset\":\"A%d\",\"free\":\"4723846.89208129\",\"locked\":\"0.00000000\"},", i);
    }
    snprintf(text + len, sizeof text - len, "%s],\"permissions\":[\"SPOT\"]}", last);
    return text;
}

#define BTC_BALANCE "{\"asset\":\"BTC\",\"free\":\"1.5\",\"locked\":\"0.25\"}"

static enum hx_outcome position(struct hx_venue_position *out) {
    hx_req_init(&req, &host, memory, sizeof memory);
    return hx_venue_get_position(&req, &spot, HX_STR("BTCUSDT"), out).outcome;
}

/* Rules first, then the question, with a timestamp that the waiting for the rules has not used up. */
static void a_question_waits_for_the_rules_before_it_is_stamped(void **state) {
    struct hx_venue_position held;
    char stamp[64];
    (void)state;
    host_script(&host, (struct step){.target = INFO, .status = 200, .body = RULES, .takes_ms = 5000});
    host_answer(&host, ACCOUNT, 200, balances(0, BTC_BALANCE));
    assert_int_equal(position(&held), HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(held.quantity, (hx_dec){175, -2}));
    snprintf(stamp, sizeof stamp, "&timestamp=%lld&", (long long)(T0 + 5000 + 40 + 250));
    assert_non_null(strstr(host.last_target, stamp));
    assert_int_equal(host.last_timeout_ms, 3000); /* The rules' patience was theirs alone. */
    /* Remembered from here on. */
    host_answer(&host, ACCOUNT, 200, balances(0, BTC_BALANCE));
    assert_int_equal(position(&held), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void no_rules_no_answer(void **state) {
    struct hx_venue_position held;
    (void)state;
    host_fail(&host, INFO, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(position(&held), HX_OUTCOME_BUSY);
    host_answer(&host, INFO, 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
    assert_int_equal(position(&held), HX_OUTCOME_REJECTED);
    /* That there is no such symbol is remembered for a minute, though it was an error that said so. */
    assert_int_equal(position(&held), HX_OUTCOME_REJECTED);
    hx_venue_query(&req, &spot, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_BUSY);
    host_assert_done(&host);
    host.now += 61 * HX_MS_PER_SECOND;
    host_answer(&host, INFO, 451, "{\"code\":0,\"msg\":\"restricted location\"}");
    assert_int_equal(position(&held), HX_OUTCOME_REJECTED);
    host_answer(&host, INFO, 200, RULES);
    host_answer(&host, ACCOUNT, 200, balances(0, BTC_BALANCE));
    assert_int_equal(position(&held), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

/* An account of more assets than fit into a request's memory. */
static void one_balance_is_found_among_thousands(void **state) {
    struct hx_venue_position held;
    struct hx_equity equity;
    (void)state;
    host.sink_piece = 11;
    host_answer(&host, INFO, 200, RULES);
    host_answer(&host, ACCOUNT, 200, balances(3000, BTC_BALANCE));
    assert_int_equal(position(&held), HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(held.quantity, (hx_dec){175, -2}));
    host_answer(&host, ACCOUNT, 200, balances(2, "{\"asset\":\"LTC\",\"free\":\"1\",\"locked\":\"0\"}"));
    assert_int_equal(position(&held), HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(held.quantity));
    host_answer(&host, ACCOUNT, 200, balances(0, ""));
    assert_int_equal(hx_venue_get_equity(&req, &spot, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(equity.wallet_balance));
    /* A list that breaks off, is none or names the asset twice is no answer. */
    static const char *const broken[] = {"{\"balances\":[", "[]", "<html>",
                                         "{\"balances\":[" BTC_BALANCE "," BTC_BALANCE "]}",
                                         "{\"accountType\":\"SPOT\"}"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        host_answer(&host, ACCOUNT, 200, broken[i]);
        assert_int_equal(position(&held), HX_OUTCOME_BUSY);
        assert_true(hx_dec_is_zero(held.quantity));
    }
    host_answer(&host, ACCOUNT, 200, balances(0, "{\"asset\":\"BTC\",\"free\":\"-1\",\"locked\":\"0\"}"));
    assert_int_equal(position(&held), HX_OUTCOME_UNKNOWN);
    /* What follows is read whole again. */
    host_answer(&host, "/api/v3/order?symbol=BTCUSDT&origClientOrderId=" ID, 200, ORDER("NEW", "0"));
    hx_venue_query(&req, &spot, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
}

/* The account of the test network: its own address, key, secret, clock and count. Nothing of the live one is read. */
static void test_trading_uses_test_keys_alone(void **state) {
    const struct hx_account *const accounts[] = {&futures, &spot};
    static const char *const places[] = {"/fapi/v1/order?", SPOT_PLACE};
    static const char *const origins[] = {"https://demo-fapi.binance.com", "https://testnet.binance.vision"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct hx_account test = *accounts[i];
        struct hx_symbol_rules rules;
        (void)setup(state);
        test.test = true;
        host.forbidden = "BINANCE_API";
        host.secret_name = "BINANCE_TESTNET_API_SECRET";
        struct hx_venue_result ready = hx_venue_prepare(&req, &test);
        assert_int_equal(ready.outcome, HX_OUTCOME_REJECTED);
        assert_non_null(strstr(ready.message.data, "BINANCE_TESTNET_API_KEY and BINANCE_TESTNET_API_SECRET"));
        host_set(&host, "BINANCE_TESTNET_API_KEY", "the-test-key");
        assert_int_equal(hx_venue_prepare(&req, &test).outcome, HX_OUTCOME_DONE);
        assert_string_equal(host.last_origin, origins[i]);
        if (i == 1) {
            host_answer(&host, INFO, 200, RULES);
            assert_int_equal(hx_venue_rules(&req, &test, HX_STR("BTCUSDT"), &rules).outcome, HX_OUTCOME_DONE);
        }
        host_answer(&host, places[i], 200, ORDER("FILLED", "0.010"));
        assert_int_equal(place(&test, HX_SIDE_BUY), HX_OUTCOME_DONE);
        assert_string_equal(host.last_sent_to, origins[i]);
        assert_string_equal(host.last_key, "the-test-key");
        assert_int_equal(host.time_asked, 1);
        /* The live account's clock is not known from that, nor its symbols. */
        host.forbidden = NULL;
        host.secret_name = NULL;
        assert_int_equal(place(accounts[i], HX_SIDE_BUY), HX_OUTCOME_BUSY);
        assert_int_equal(hx_venue_prepare(&req, accounts[i]).outcome, HX_OUTCOME_DONE);
        assert_int_equal(host.time_asked, 2);
        host_assert_done(&host);
    }
}

/* A ban of the test network's is not the live one's. */
static void test_and_live_are_counted_apart(void **state) {
    struct hx_account test = futures;
    (void)state;
    test.test = true;
    host_set(&host, "BINANCE_TESTNET_API_KEY", "the-test-key");
    host.secret_name = "BINANCE_TESTNET_API_SECRET";
    assert_int_equal(hx_venue_prepare(&req, &test).outcome, HX_OUTCOME_DONE);
    host_answer(&host, "/fapi/v1/order?", 429, "");
    assert_int_equal(place(&test, HX_SIDE_BUY), HX_OUTCOME_BUSY);
    assert_int_equal(place(&test, HX_SIDE_BUY), HX_OUTCOME_BUSY);
    assert_int_equal(host.served, 1);
    host.secret_name = NULL;
    assert_int_equal(hx_venue_prepare(&req, &futures).outcome, HX_OUTCOME_DONE);
    host_answer(&host, "/fapi/v1/order?", 200, ORDER("FILLED", "0.010"));
    assert_int_equal(place(&futures, HX_SIDE_BUY), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

/* Spot's third budget is a day's: purchases stop at four fifths of it, sales go on. */
static void the_budget_of_a_day_is_kept(void **state) {
    struct hx_symbol_rules rules;
    struct step filled = {
        .target = SPOT_PLACE "BUY",
        .status = 200,
        .body = ORDER("FILLED", "0.010"),
        .headers = {{HX_STR("X-MBX-ORDER-COUNT-10S"), HX_STR("1")}, {HX_STR("X-MBX-ORDER-COUNT-1D"), HX_STR("127999")}},
        .header_count = 2};
    (void)state;
    host_answer(&host, INFO, 200, RULES);
    assert_int_equal(hx_venue_rules(&req, &spot, HX_STR("BTCUSDT"), &rules).outcome, HX_OUTCOME_DONE);
    assert_int_equal(hx_venue_prepare(&req, &spot).outcome, HX_OUTCOME_DONE);
    host_script(&host, filled);
    assert_int_equal(place(&spot, HX_SIDE_BUY), HX_OUTCOME_DONE);
    filled.headers[1].value = HX_STR("128000");
    host_script(&host, filled);
    assert_int_equal(place(&spot, HX_SIDE_BUY), HX_OUTCOME_DONE);
    assert_int_equal(place(&spot, HX_SIDE_BUY), HX_OUTCOME_BUSY);
    int64_t left_ms = HX_MS_PER_DAY - (host.now + 250) % HX_MS_PER_DAY;
    assert_int_equal(report.retry_after_ms, left_ms);
    host_answer(&host, SPOT_PLACE "SELL", 200, ORDER("FILLED", "0.010"));
    assert_int_equal(place(&spot, HX_SIDE_SELL), HX_OUTCOME_UNKNOWN); /* It was sent; the answer says BUY. */
    host.now += left_ms;
    assert_int_equal(hx_venue_prepare(&req, &spot).outcome, HX_OUTCOME_DONE);
    host_answer(&host, SPOT_PLACE "BUY", 200, ORDER("FILLED", "0.010"));
    assert_int_equal(place(&spot, HX_SIDE_BUY), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

/* Spot is one-way, and has nothing to lever: neither is asked about. */
static void spot_asks_for_no_mode(void **state) {
    bool hedged = true;
    (void)state;
    assert_int_equal(hx_venue_get_position_mode(&req, &spot, HX_STR("BTCUSDT"), &hedged).outcome, HX_OUTCOME_DONE);
    assert_false(hedged);
    assert_int_equal(hx_venue_set_leverage(&req, &spot, HX_STR("BTCUSDT"), 5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.served, 0);
    assert_true(hx_venue_traits(&spot)->spot && !hx_venue_traits(&futures)->spot);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(places_are_asked_until_one_knows),
        CASE(absence_is_the_word_of_all_places),
        CASE(a_place_that_fails_ends_the_asking),
        CASE(an_acknowledgement_is_passed_on),
        CASE(what_a_venue_does_not_tell_is_not_known),
        CASE(an_order_has_its_rules_or_does_not_leave),
        CASE(a_question_waits_for_the_rules_before_it_is_stamped),
        CASE(no_rules_no_answer),
        CASE(one_balance_is_found_among_thousands),
        CASE(test_trading_uses_test_keys_alone),
        CASE(test_and_live_are_counted_apart),
        CASE(the_budget_of_a_day_is_kept),
        CASE(spot_asks_for_no_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
