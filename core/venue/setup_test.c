/* Goal: leverage, margin mode and mark prices are asked for once and remembered for as long as they hold
 * (setup.c). Method: the scripted venue of the client's tests; a request that should have been saved fails the case. */
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define MARGIN "/fapi/v1/marginType?symbol=BTCUSDT&marginType="
#define LEVERAGE "/fapi/v1/leverage?symbol=BTCUSDT&leverage="
#define CONFIG "/fapi/v1/symbolConfig?symbol=BTCUSDT&"
#define SET(margin, leverage)                                                                                 \
    "[{\"symbol\":\"BTCUSDT\",\"marginType\":\"" margin "\",\"isAutoAddMargin\":false,\"leverage\":" leverage \
    ",\"maxNotionalValue\":\"1000000\"}]"
#define MADE(leverage) "{\"leverage\":" leverage ",\"maxNotionalValue\":\"1000000\",\"symbol\":\"BTCUSDT\"}"
#define SUCCESS "{\"code\":200,\"msg\":\"success\"}"
static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
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

static struct hx_venue_result lever(int32_t leverage) {
    hx_req_init(&req, &host, memory, sizeof memory);
    return hx_venue_set_leverage(&req, &live, HX_STR("BTCUSDT"), leverage);
}

static void leverage_is_set_once(void **state) {
    (void)state;
    host_answer(&host, CONFIG, 200, SET("ISOLATED", "20"));
    host_answer(&host, MARGIN "CROSSED", 200, SUCCESS);
    host_answer(&host, LEVERAGE "5", 200, MADE("5"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.last_method, HX_HTTP_METHOD_POST);
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.served, 3);
    host_answer(&host, CONFIG, 200, SET("CROSSED", "5"));
    host_answer(&host, LEVERAGE "7", 200, MADE("7"));
    assert_int_equal(lever(7).outcome, HX_OUTCOME_DONE);
    host.now += HX_MS_PER_DAY;
    host_answer(&host, CONFIG, 200, SET("ISOLATED", "20"));
    host_answer(&host, MARGIN "CROSSED", 400, "{\"code\":-4046,\"msg\":\"No need to change margin type.\"}");
    host_answer(&host, LEVERAGE "7", 200, MADE("7"));
    assert_int_equal(lever(7).outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
}

/* Within minutes; at once where a stream tells. Whether it would be asked for is known without asking. */
static void leverage_set_elsewhere_is_noticed(void **state) {
    (void)state;
    assert_false(hx_venue_has_leverage(&req, &live, HX_STR("BTCUSDT"), 5));
    host_answer(&host, CONFIG, 200, SET("CROSSED", "5"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    host.now += 4 * HX_MS_PER_MINUTE;
    hx_venue_note_setting(&req, &live, HX_STR("BTCUSDT"), 5);
    hx_venue_note_setting(&req, &live, HX_STR("ETHUSDT"), 50);
    assert_true(hx_venue_has_leverage(&req, &live, HX_STR("BTCUSDT"), 5));
    assert_false(hx_venue_has_leverage(&req, &live, HX_STR("BTCUSDT"), 6));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.served, 1);
    host.now += 2 * HX_MS_PER_MINUTE;
    host_answer(&host, CONFIG, 200, SET("CROSSED", "50"));
    host_answer(&host, LEVERAGE "5", 200, MADE("5"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    for (int32_t told = 0; told <= 50; told += 50) {
        hx_venue_note_setting(&req, &live, HX_STR("BTCUSDT"), told);
        assert_false(hx_venue_has_leverage(&req, &live, HX_STR("BTCUSDT"), 5));
        host_answer(&host, CONFIG, 200, SET("ISOLATED", "50"));
        host_answer(&host, MARGIN "CROSSED", 200, SUCCESS);
        host_answer(&host, LEVERAGE "5", 200, MADE("5"));
        assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    }
    host_assert_done(&host);
}

/* What already is as wanted is not set again, and is remembered as if it had been set. */
static void what_is_so_already_is_left_alone(void **state) {
    (void)state;
    host_answer(&host, CONFIG, 200, SET("CROSSED", "5"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.served, 1);
    host.now += HX_MS_PER_DAY;
    host_answer(&host, CONFIG, 200, SET("CROSSED", "8"));
    host_answer(&host, LEVERAGE "5", 200, MADE("5"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    host.now += HX_MS_PER_DAY;
    host_answer(&host, CONFIG, 200, SET("ISOLATED", "5"));
    host_answer(&host, MARGIN "CROSSED", 200, SUCCESS);
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    /* A symbol of which nothing is said is set unasked. */
    host.now += HX_MS_PER_DAY;
    host_answer(&host, CONFIG, 200, "[]");
    host_answer(&host, MARGIN "CROSSED", 200, SUCCESS);
    host_answer(&host, LEVERAGE "5", 200, MADE("5"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void a_position_keeps_the_margin_mode(void **state) {
    (void)state;
    host_answer(&host, CONFIG, 200, SET("ISOLATED", "20"));
    host_answer(&host, MARGIN "CROSSED", 400, "{\"code\":-4048,\"msg\":\"Margin type cannot be changed.\"}");
    host_answer(&host, LEVERAGE "5", 200, MADE("5"));
    struct hx_venue_result result = lever(5);
    assert_int_equal(result.outcome, HX_OUTCOME_DONE);
    assert_true(
        hx_str_starts_with(result.message, HX_STR("Margin type cannot be changed. (-4048). The position keeps")));
    assert_int_equal(host.logged, 1);
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
    host.now += 10 * HX_MS_PER_MINUTE;
    host_answer(&host, CONFIG, 200, SET("ISOLATED", "5"));
    host_answer(&host, MARGIN "CROSSED", 200, SUCCESS);
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void the_margin_mode_is_a_setting(void **state) {
    (void)state;
    host_set(&host, "HOOX_MARGIN_MODE", "isolated");
    host_answer(&host, CONFIG, 200, SET("CROSSED", "20"));
    host_answer(&host, MARGIN "ISOLATED", 200, SUCCESS);
    host_answer(&host, LEVERAGE "5", 200, MADE("5"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    host_set(&host, "HOOX_MARGIN_MODE", "keep");
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    host_answer(&host, CONFIG, 200, SET("ISOLATED", "5"));
    host_answer(&host, LEVERAGE "6", 200, MADE("6"));
    assert_int_equal(lever(6).outcome, HX_OUTCOME_DONE);
    host_set(&host, "HOOX_MARGIN_MODE", "Crossed");
    host_answer(&host, CONFIG, 200, SET("ISOLATED", "6"));
    host_answer(&host, MARGIN "CROSSED", 200, SUCCESS);
    assert_int_equal(lever(6).outcome, HX_OUTCOME_DONE);
    host_set(&host, "HOOX_MARGIN_MODE", "");
    assert_int_equal(lever(6).outcome, HX_OUTCOME_DONE);
    host_set(&host, "HOOX_MARGIN_MODE", "cross");
    assert_int_equal(lever(6).outcome, HX_OUTCOME_REJECTED);
    host_assert_done(&host);
}

static void script_settings(uint32_t times) {
    for (uint32_t i = 0; i < times; i++) host_answer(&host, CONFIG, 200, SET("ISOLATED", "20"));
}

static void what_was_not_made_is_not_remembered(void **state) {
    (void)state;
    host_fail(&host, CONFIG, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_BUSY);
    host_answer(&host, CONFIG, 429, "");
    assert_int_equal(lever(5).outcome, HX_OUTCOME_BUSY);
    host.now += HX_MS_PER_MINUTE;
    script_settings(1);
    host_fail(&host, MARGIN, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_BUSY);
    script_settings(1);
    host_answer(&host, MARGIN, 200, "{\"code\":0}");
    assert_int_equal(lever(5).outcome, HX_OUTCOME_BUSY);
    script_settings(1);
    host_answer(&host, MARGIN, 400, "{\"code\":-4168,\"msg\":\"Unable to adjust to isolated-margin mode.\"}");
    assert_int_equal(lever(5).outcome, HX_OUTCOME_REJECTED);
    script_settings(1);
    host_answer(&host, MARGIN, 200, SUCCESS);
    host_fail(&host, LEVERAGE, HX_ERR(BUSY_NOT_SENT));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_BUSY);
    script_settings(1);
    host_answer(&host, LEVERAGE, 200, MADE("4"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_BUSY);
    script_settings(1);
    host_answer(&host, LEVERAGE, 400, "{\"code\":-4028,\"msg\":\"Leverage 5 is not valid\"}");
    assert_int_equal(lever(5).outcome, HX_OUTCOME_REJECTED);
    script_settings(2);
    assert_int_equal(lever(0).outcome, HX_OUTCOME_REJECTED);
    assert_int_equal(lever(126).outcome, HX_OUTCOME_REJECTED);
    script_settings(1);
    host_answer(&host, LEVERAGE, 200, MADE("5"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
    host_set(&host, "BINANCE_API_KEY", NULL);
    assert_int_equal(lever(9).outcome, HX_OUTCOME_REJECTED);
}

/* The clock that refused the first setting is measured before the next is tried. */
static void a_refused_timestamp_measures_again(void **state) {
    (void)state;
    script_settings(1);
    host_answer(&host, MARGIN, 400, "{\"code\":-1021,\"msg\":\"x\"}");
    assert_int_equal(lever(5).outcome, HX_OUTCOME_BUSY);
    assert_int_equal(host.time_asked, 1);
    script_settings(1);
    host_answer(&host, MARGIN, 200, SUCCESS);
    host_answer(&host, LEVERAGE, 200, MADE("5"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.time_asked, 2);
}

/* How the symbol is set is asked to save calls: where that is not told, they are made. */
static void a_setting_that_is_not_told_is_made_unasked(void **state) {
    static const struct {
        uint32_t status;
        const char *body;
    } table[] = {{404, "<html>"}, {404, "{\"error\":\"not found\"}"}, {500, ""}, {200, "{}"}, {405, ""}, {403, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        host_answer(&host, CONFIG, table[i].status, table[i].body);
        host_answer(&host, MARGIN "CROSSED", 200, SUCCESS);
        host_answer(&host, LEVERAGE "5", 200, MADE("5"));
        assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
        assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
        host_assert_done(&host);
        host.now += HX_MS_PER_DAY;
    }
}

/* Settings for which the venue has no call at all stay as they are, and are tried again after a while. */
static void what_can_not_be_set_stays_as_it_is(void **state) {
    (void)state;
    host_answer(&host, CONFIG, 404, "");
    host_answer(&host, MARGIN, 404, "<html>");
    host_answer(&host, LEVERAGE "5", 404, "{\"code\":-5000,\"msg\":\"Path is invalid\"}");
    struct hx_venue_result result = lever(5);
    assert_int_equal(result.outcome, HX_OUTCOME_DONE);
    assert_true(hx_str_starts_with(result.message, HX_STR("The venue has no call to set the margin mode")));
    assert_int_equal(host.logged, 2);
    assert_string_equal(host.last_log, "BTCUSDT: The venue has no call to set the leverage: it stays as it is.");
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.logged, 2);
    host.now += 10 * HX_MS_PER_MINUTE;
    host_answer(&host, CONFIG, 200, SET("CROSSED", "20"));
    host_answer(&host, LEVERAGE "5", 200, MADE("5"));
    result = lever(5);
    assert_int_equal(result.outcome, HX_OUTCOME_DONE);
    assert_int_equal(result.message.len, 0);
    host_assert_done(&host);
}

/* A venue that tells how the symbol is set, or that failed to, has the calls to set it, whatever it answers for once:
 * no entry goes at a leverage nobody asked for. */
static void what_is_told_can_be_set(void **state) {
    static const struct {
        uint32_t status;
        const char *body;
    } settings[] = {{200, SET("CROSSED", "20")}, {500, ""}, {200, "{}"}};
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        host_answer(&host, CONFIG, settings[i].status, settings[i].body);
        if (i > 0) host_answer(&host, MARGIN "CROSSED", 200, SUCCESS);
        host_answer(&host, LEVERAGE "5", 404, "<html>");
        struct hx_venue_result result = lever(5);
        assert_int_equal(result.outcome, HX_OUTCOME_BUSY);
        assert_false(result.not_served);
        host_answer(&host, CONFIG, 200, SET("CROSSED", "20"));
        host_answer(&host, LEVERAGE "5", 200, MADE("5"));
        assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
        host.now += HX_MS_PER_DAY;
    }
    host_answer(&host, CONFIG, 200, SET("ISOLATED", "5"));
    host_answer(&host, MARGIN "CROSSED", 404, "{\"code\":-5000,\"msg\":\"Path is invalid\"}");
    assert_int_equal(lever(5).outcome, HX_OUTCOME_BUSY);
    host_answer(&host, CONFIG, 500, "");
    host_answer(&host, MARGIN "CROSSED", 404, "<html>");
    assert_int_equal(lever(5).outcome, HX_OUTCOME_BUSY);
    assert_int_equal(host.logged, 0);
    host_assert_done(&host);
}

static enum hx_outcome mark_price(hx_dec *price) {
    return hx_venue_get_mark_price(&req, &live, HX_STR("BTCUSDT"), price).outcome;
}

static void a_mark_price_lasts_two_seconds(void **state) {
    hx_dec price = HX_DEC_ZERO;
    struct step slow = {.target = "/fapi/v1/premiumIndex?symbol=BTCUSDT",
                        .status = 200,
                        .body = "{\"symbol\":\"BTCUSDT\",\"markPrice\":\"61234.56789012\"}",
                        .takes_ms = 1500};
    (void)state;
    host_script(&host, slow);
    assert_int_equal(mark_price(&price), HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(price, (hx_dec){6123456789012, -8}));
    price = HX_DEC_ZERO;
    host.now += 500;
    assert_int_equal(mark_price(&price), HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(price, (hx_dec){6123456789012, -8}));
    assert_int_equal(host.served, 1);
    /* Two seconds after it was asked for, not after it came. */
    host.now += 1;
    host_fail(&host, "/fapi/v1/premiumIndex", HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(mark_price(&price), HX_OUTCOME_BUSY);
    host_answer(&host, "/fapi/v1/premiumIndex", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
    assert_int_equal(mark_price(&price), HX_OUTCOME_REJECTED);
    host_assert_done(&host);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(leverage_is_set_once),
        CASE(leverage_set_elsewhere_is_noticed),
        CASE(what_is_so_already_is_left_alone),
        CASE(a_position_keeps_the_margin_mode),
        CASE(the_margin_mode_is_a_setting),
        CASE(what_was_not_made_is_not_remembered),
        CASE(a_refused_timestamp_measures_again),
        CASE(a_setting_that_is_not_told_is_made_unasked),
        CASE(what_can_not_be_set_stays_as_it_is),
        CASE(what_is_told_can_be_set),
        CASE(a_mark_price_lasts_two_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
