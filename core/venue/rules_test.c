/* Goal: rules are asked for once and remembered for as long as they hold; a refusal makes them be asked for anew; what
 * is held can be sold by rules that the venue no longer tells (rules.c). Method: the scripted venue of the client's
 * tests; a request that should have been saved fails the case. */
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define INFO "/fapi/v1/exchangeInfo"
#define ORDER "/fapi/v1/order?symbol=BTCUSDT"
#define ID "AZOpXu_0-23456789abcde"
#define SYMBOL(name, tick)                                                                                 \
    "{\"symbol\":\"" name                                                                                  \
    "\",\"status\":\"TRADING\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\",\"filters\":["                \
    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.5\",\"maxPrice\":\"900000\",\"tickSize\":\"" tick   \
    "\"},"                                                                                                 \
    "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"1000\",\"stepSize\":\"0.001\"},"       \
    "{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"120\",\"stepSize\":\"0.001\"}," \
    "{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"50\"}]}"
#define LIST                                                                                                      \
    "{\"timezone\":\"UTC\",\"assets\":[{\"asset\":\"USDT\"}],\"symbols\":[" SYMBOL("ETHUSDT", "0.01") "," SYMBOL( \
        "BTCUSDT", "0.10") "]}"

#define OTHER "{\"symbols\":[" SYMBOL("ETHUSDT", "0.01") "]}"

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_symbol_rules rules;
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.time_takes_ms = 40;
    host.secret = "secret";
    host_set(&host, "BINANCE_API_KEY", "the-key");
    hx_req_init(&req, &host, memory, sizeof memory);
    return 0;
}

static enum hx_outcome ask(const char *symbol) {
    /* Each asking is a request of its own. */
    hx_req_init(&req, &host, memory, sizeof memory);
    return hx_venue_rules(&req, &live, hx_str_from_c(symbol), &rules).outcome;
}

static void assert_rules(void) {
    assert_true(hx_str_equal(rules.symbol, HX_STR("BTCUSDT")));
    assert_true(hx_str_equal(rules.base_asset, HX_STR("BTC")));
    assert_true(hx_str_equal(rules.quote_asset, HX_STR("USDT")));
    assert_true(rules.tradable);
    assert_true(hx_dec_equal(rules.tick, (hx_dec){1, -1}));
    assert_true(hx_dec_equal(rules.step, (hx_dec){1, -3}));
    assert_true(hx_dec_equal(rules.market_step, (hx_dec){1, -3}));
    assert_true(hx_dec_equal(rules.quantity_min, (hx_dec){1, -3}));
    assert_true(hx_dec_equal(rules.quantity_max, (hx_dec){1, 3}));
    assert_true(hx_dec_equal(rules.market_quantity_min, (hx_dec){1, -3}));
    assert_true(hx_dec_equal(rules.market_quantity_max, (hx_dec){12, 1}));
    assert_true(hx_dec_equal(rules.notional_min, (hx_dec){5, 1}));
    assert_true(hx_dec_equal(rules.price_min, (hx_dec){5, -1}));
    assert_true(hx_dec_equal(rules.price_max, (hx_dec){9, 5}));
}

static void rules_are_asked_for_once_a_day(void **state) {
    (void)state;
    host.sink_piece = 7;
    host_answer(&host, INFO, 200, LIST);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_rules();
    assert_int_equal(host.last_response_len_max, 8 * 1024 * 1024);
    assert_int_equal(host.last_timeout_ms, 10000);
    assert_int_equal(host.signed_count, 0);
    memset(&rules, 0, sizeof rules);
    host.now += HX_MS_PER_DAY;
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_rules();
    assert_int_equal(host.served, 1);
    host.now += 1000;
    host_answer(&host, INFO, 200, "{\"symbols\":[" SYMBOL("BTCUSDT", "0.05") "]}");
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(rules.tick, (hx_dec){5, -2}));
    host_assert_done(&host);
}

static void old_rules_serve_while_the_venue_is_silent(void **state) {
    (void)state;
    host_answer(&host, INFO, 200, LIST);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    host.now += 2 * HX_MS_PER_DAY;
    host_fail(&host, INFO, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_rules();
    /* Nor is it asked again at once. */
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    host.now += 61 * HX_MS_PER_SECOND;
    host_answer(&host, INFO, 200, "{\"symbols\":[{\"symb");
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_rules();
    host.now += 6 * HX_MS_PER_DAY;
    host_fail(&host, INFO, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_BUSY);
    assert_true(hx_dec_is_zero(rules.tick));
    host_assert_done(&host);
}

static void an_unknown_symbol_is_remembered_for_a_minute(void **state) {
    (void)state;
    host_answer(&host, INFO, 200, LIST);
    assert_int_equal(ask("DOGEUSDT"), HX_OUTCOME_REJECTED);
    assert_int_equal(ask("DOGEUSDT"), HX_OUTCOME_REJECTED);
    assert_int_equal(host.served, 1);
    host.now += 61 * HX_MS_PER_SECOND;
    host_answer(&host, INFO, 200, "{\"symbols\":[" SYMBOL("DOGEUSDT", "0.1") "]}");
    assert_int_equal(ask("DOGEUSDT"), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

/* Nothing of a failure is remembered as an answer. */
static void a_failed_question_is_not_remembered(void **state) {
    static const struct {
        uint32_t status;
        const char *body;
        enum hx_outcome outcome;
    } table[] = {
        {200, "{\"symbols\":[", HX_OUTCOME_BUSY},
        {200, "<html>", HX_OUTCOME_BUSY},
        {200, "{\"symbols\":[{\"symbol\":\"BTCUSDT\"}]}", HX_OUTCOME_BUSY},
        {502, "", HX_OUTCOME_BUSY},
        {429, "{\"code\":-1003,\"msg\":\"x\"}", HX_OUTCOME_BUSY},
        {451, "{\"code\":0,\"msg\":\"restricted location\"}", HX_OUTCOME_REJECTED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        host_answer(&host, INFO, table[i].status, table[i].body);
        assert_int_equal(ask("BTCUSDT"), table[i].outcome);
        /* A ban lasts a minute when the venue does not say how long. */
        host.now += 61 * HX_MS_PER_SECOND;
    }
    host_answer(&host, INFO, 200, LIST);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static enum hx_outcome ask_known(const char *symbol) {
    hx_req_init(&req, &host, memory, sizeof memory);
    return hx_venue_known_rules(&req, &live, hx_str_from_c(symbol), &rules).outcome;
}

/* An entry is refused, and an exit goes by what is remembered, however old; neither asks again within a minute. */
static void what_is_there_goes_by_old_rules(void **state) {
    (void)state;
    host_answer(&host, INFO, 200, OTHER);
    assert_int_equal(ask_known("BTCUSDT"), HX_OUTCOME_REJECTED);
    host.now += 2 * HX_MS_PER_MINUTE;
    host_answer(&host, INFO, 200, LIST);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    for (int days = 0; days < 2; days++) {
        host.now += 30 * HX_MS_PER_DAY;
        host_answer(&host, INFO, 200, OTHER);
        assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_REJECTED);
        assert_int_equal(ask_known("BTCUSDT"), HX_OUTCOME_DONE);
        assert_rules();
        assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_REJECTED);
    }
    host.now += 2 * HX_MS_PER_MINUTE;
    host_fail(&host, INFO, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_BUSY);
    assert_int_equal(ask_known("BTCUSDT"), HX_OUTCOME_DONE);
    host.now += 2 * HX_MS_PER_MINUTE;
    host_answer(&host, INFO, 451, "{\"code\":0,\"msg\":\"restricted location\"}");
    assert_int_equal(ask_known("BTCUSDT"), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void rules_can_be_kept_elsewhere(void **state) {
    char kept_text[1024];
    hx_str name, text;
    struct hx_venue_result result;
    (void)state;
    assert_false(hx_venue_save_rules(&req, &live, HX_STR("BTCUSDT"), &name, &text));
    assert_true(hx_str_equal(name, HX_STR("rules:binance-futures:live:BTCUSDT")));
    host_answer(&host, INFO, 200, LIST);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_true(hx_venue_save_rules(&req, &live, HX_STR("BTCUSDT"), &name, &text));
    assert_true(text.len < sizeof kept_text);
    memcpy(kept_text, text.data, text.len);
    size_t len = text.len;
    host.memo_count = 0;
    host.now += 2 * HX_MS_PER_DAY;
    host_answer(&host, INFO, 200, OTHER);
    hx_req_init(&req, &host, memory, sizeof memory);
    result = hx_venue_known_rules(&req, &live, HX_STR("BTCUSDT"), &rules);
    assert_int_equal(result.outcome, HX_OUTCOME_REJECTED);
    assert_true(result.no_such_symbol);
    for (size_t cut = 0; cut < len; cut++) {
        assert_false(hx_venue_restore_rules(&req, &live, HX_STR("BTCUSDT"), hx_str_make(kept_text, cut), &rules));
    }
    assert_int_equal(ask_known("BTCUSDT"), HX_OUTCOME_REJECTED);
    assert_true(hx_venue_restore_rules(&req, &live, HX_STR("BTCUSDT"), hx_str_make(kept_text, len), &rules));
    assert_rules();
    assert_int_equal(ask_known("BTCUSDT"), HX_OUTCOME_DONE);
    assert_rules();
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_REJECTED);
    host_assert_done(&host);
}

static enum hx_outcome place(bool reduces, int64_t code) {
    char body[80];
    struct hx_order_report report;
    const struct hx_order_request order = {.symbol = HX_STR("BTCUSDT"),
                                           .side = HX_SIDE_SELL,
                                           .type = HX_ORDER_MARKET,
                                           .quantity = {1, -2},
                                           .reduce_only = reduces,
                                           .client_order_id = HX_STR(ID)};
    hx_req_init(&req, &host, memory, sizeof memory);
    snprintf(body, sizeof body, "{\"code\":%lld,\"msg\":\"x\"}", (long long)code);
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    host_answer(&host, ORDER, 400, body);
    hx_venue_place(&req, &live, &order, host.now + 2000, &report);
    assert_false(report.may_pass_at_once);
    return report.outcome;
}

/* With rules asked for just now a refusal is one. With older ones it makes them be asked for anew, and an order that
 * reduces may then be made to fit. */
static void a_refused_figure_makes_rules_old(void **state) {
    (void)state;
    assert_int_equal(place(true, -1111), HX_OUTCOME_REJECTED);
    host_answer(&host, INFO, 200, LIST);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_int_equal(place(true, -1111), HX_OUTCOME_REJECTED);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    host.now += 10 * HX_MS_PER_SECOND;
    assert_int_equal(place(true, -2019), HX_OUTCOME_REJECTED);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_int_equal(place(false, -4023), HX_OUTCOME_REJECTED);
    host_answer(&host, INFO, 200, LIST);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    host.now += 10 * HX_MS_PER_SECOND;
    assert_int_equal(place(true, -1111), HX_OUTCOME_BUSY);
    /* What was remembered still serves while the venue is silent. */
    host_fail(&host, INFO, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(ask_known("BTCUSDT"), HX_OUTCOME_DONE);
    assert_rules();
    host.now += 61 * HX_MS_PER_SECOND;
    host_answer(&host, INFO, 200, "{\"symbols\":[" SYMBOL("BTCUSDT", "0.05") "]}");
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(rules.tick, (hx_dec){5, -2}));
    assert_int_equal(place(true, -1111), HX_OUTCOME_REJECTED);
    hx_venue_forget_rules(&req, &live, HX_STR("BTCUSDT"));
    host_answer(&host, INFO, 200, LIST);
    assert_int_equal(ask("BTCUSDT"), HX_OUTCOME_DONE);
    assert_rules();
    host_assert_done(&host);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(rules_are_asked_for_once_a_day),
        CASE(old_rules_serve_while_the_venue_is_silent),
        CASE(an_unknown_symbol_is_remembered_for_a_minute),
        CASE(a_failed_question_is_not_remembered),
        CASE(what_is_there_goes_by_old_rules),
        CASE(rules_can_be_kept_elsewhere),
        CASE(a_refused_figure_makes_rules_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
