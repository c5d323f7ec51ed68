/* Goal: through the client MEXC behaves as the header promises: leverage is set by side and only where it differs, the
 * margin mode goes with it, orders are acknowledged and then asked for, limits of a few orders leave one for exits, and
 * what MEXC can't do is refused with a sentence. Method: the scripted venue of the client's tests. */
#include "core/venue/mexc.h"
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define ID "AZOpXu_0-23456789abcde"
#define DATA(json) "{\"success\":true,\"code\":0,\"data\":" json "}"
#define OK "{\"success\":true,\"code\":0}"
#define DETAIL "/api/v1/contract/detail?symbol=BTC_USDT"
#define LEVERAGE "/api/v1/private/position/leverage?symbol=BTC_USDT"
#define POSITIONS "/api/v1/private/position/open_positions?symbol=BTC_USDT"
#define CHANGE "/api/v1/private/position/change_leverage"
#define CREATE "/api/v1/private/order/create"
#define QUERY "/api/v1/private/order/external/BTC_USDT/" ID
#define CONTRACT                                                                                               \
    DATA(                                                                                                      \
        "{\"symbol\":\"BTC_USDT\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\",\"settleCoin\":\"USDT\","        \
        "\"contractSize\":0.0001,\"maxLeverage\":125,\"priceUnit\":0.5,\"volUnit\":1,\"minVol\":1,\"maxVol\":" \
        "5000000,\"state\":0,\"apiAllowed\":true}")
#define LEVERAGES(long_, short_) \
    DATA("[{\"positionType\":1,\"leverage\":" long_ "},{\"positionType\":2,\"leverage\":" short_ "}]")
#define HELD(type, open_type, leverage)                                                            \
    "{\"positionId\":77,\"symbol\":\"BTC_USDT\",\"positionType\":" type ",\"openType\":" open_type \
    ",\"state\":1,\"holdVol\":5,\"holdAvgPrice\":60000,\"leverage\":" leverage "}"

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_order_report report;
static char bodies[8][256];
static uint32_t body_count;
static const struct hx_account futures = {.venue = HX_VENUE_MEXC, .market = HX_MARKET_FUTURES};
static const struct hx_account spot = {.venue = HX_VENUE_MEXC, .market = HX_MARKET_SPOT};

/* MEXC's clocks, and the script for everything else; bodies that were sent are kept. */
static hx_err serve(struct hx_req *request, const struct hx_http_call *call, struct hx_http_answer *out) {
    char text[64];
    bool contract = hx_str_equal(call->target, HX_STR("/api/v1/contract/ping"));
    if (contract || hx_str_equal(call->target, HX_STR("/api/v3/time"))) {
        struct step step = {.status = 200, .body = text};
        snprintf(text, sizeof text, contract ? DATA("%lld") : "{\"serverTime\":%lld}", (long long)host.now);
        return host_deliver(request, call, &step, out);
    }
    if (host.served == host.scripted) fail_msg("unexpected: %.*s", (int)call->target.len, call->target.data);
    const struct step *step = &host.script[host.served++];
    if (!hx_str_starts_with(call->target, hx_str_from_c(step->target))) {
        fail_msg("%.*s is not %s", (int)call->target.len, call->target.data, step->target);
    }
    if (call->body.len > 0) {
        assert_true(body_count < 8);
        snprintf(bodies[body_count++], sizeof bodies[0], "%.*s", (int)call->body.len, call->body.data);
    }
    return step->status == 0 ? step->err : host_deliver(request, call, step, out);
}

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.secret = "secret";
    host.secret_name = "MEXC_API_SECRET";
    host.serve = serve;
    host_set(&host, "MEXC_API_KEY", "the-key");
    hx_req_init(&req, &host, memory, sizeof memory);
    body_count = 0;
    return 0;
}

static void know_rules(void) {
    struct hx_symbol_rules rules;
    host_answer(&host, DETAIL, 200, CONTRACT);
    assert_int_equal(hx_venue_rules(&req, &futures, HX_STR("BTCUSDT"), &rules).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(rules.contract_size, (hx_dec){1, -4}));
}

static struct hx_venue_result lever(int32_t leverage) {
    hx_req_init(&req, &host, memory, sizeof memory);
    return hx_venue_set_leverage(&req, &futures, HX_STR("BTCUSDT"), leverage);
}

static void what_is_right_is_not_set(void **state) {
    (void)state;
    know_rules();
    host_answer(&host, LEVERAGE, 200, LEVERAGES("5", "5"));
    host_answer(&host, POSITIONS, 200, DATA("[]"));
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    /* Remembered: nothing is asked for a day. */
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void each_side_is_set_where_it_differs(void **state) {
    (void)state;
    know_rules();
    host_answer(&host, LEVERAGE, 200, LEVERAGES("20", "20"));
    host_answer(&host, POSITIONS, 200, DATA("[]"));
    host_answer(&host, CHANGE, 200, OK);
    host_answer(&host, CHANGE, 200, OK);
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    assert_string_equal(bodies[0], "{\"openType\":2,\"leverage\":5,\"symbol\":\"BTC_USDT\",\"positionType\":1}");
    assert_string_equal(bodies[1], "{\"openType\":2,\"leverage\":5,\"symbol\":\"BTC_USDT\",\"positionType\":2}");
    /* A position by its id; the other side has it right. */
    host_answer(&host, LEVERAGE, 200, LEVERAGES("7", "5"));
    host_answer(&host, POSITIONS, 200, DATA("[" HELD("2", "2", "5") "]"));
    host_answer(&host, CHANGE, 200, OK);
    assert_int_equal(lever(7).outcome, HX_OUTCOME_DONE);
    assert_string_equal(bodies[2], "{\"positionId\":77,\"leverage\":7}");
    host_assert_done(&host);
}

static void what_was_not_set_is_tried_again(void **state) {
    (void)state;
    know_rules();
    for (int round = 0; round < 2; round++) {
        host_answer(&host, LEVERAGE, 200, LEVERAGES("20", "20"));
        host_answer(&host, POSITIONS, 200, OK);
        host_answer(&host, CHANGE, 200, OK);
        host_answer(&host, CHANGE, 200, "{\"success\":false,\"code\":2019,\"message\":\"open position\"}");
        struct hx_venue_result result = lever(5);
        assert_int_equal(result.outcome, HX_OUTCOME_REJECTED);
        assert_int_equal(result.venue_code, 2019);
    }
    /* A limit, with the status of a success: nothing else is asked, and its own word is told. */
    host_answer(&host, LEVERAGE, 200, "{\"success\":false,\"code\":510}");
    struct hx_venue_result limited = lever(5);
    assert_int_equal(limited.outcome, HX_OUTCOME_BUSY);
    assert_int_equal(limited.venue_code, 510);
    host_assert_done(&host);
}

static void a_position_in_the_other_mode_is_said(void **state) {
    (void)state;
    know_rules();
    host_answer(&host, LEVERAGE, 200, LEVERAGES("5", "5"));
    host_answer(&host, POSITIONS, 200, DATA("[" HELD("1", "1", "5") "]"));
    struct hx_venue_result result = lever(5);
    assert_int_equal(result.outcome, HX_OUTCOME_REJECTED);
    assert_true(hx_str_starts_with(result.message, HX_STR("The position is held in the other margin mode, ")));
    host_set(&host, "HOOX_MARGIN_MODE", "isolated");
    host_answer(&host, LEVERAGE, 200, LEVERAGES("9", "9"));
    host_answer(&host, POSITIONS, 200, DATA("[" HELD("1", "1", "5") "]"));
    host_answer(&host, CHANGE, 200, OK);
    assert_int_equal(lever(5).outcome, HX_OUTCOME_DONE);
    assert_string_equal(bodies[0], "{\"openType\":1,\"leverage\":5,\"symbol\":\"BTC_USDT\",\"positionType\":2}");
    host_assert_done(&host);
}

static struct hx_order_request order_of(bool reduces) {
    return (struct hx_order_request){.symbol = HX_STR("BTCUSDT"),
                                     .side = reduces ? HX_SIDE_SELL : HX_SIDE_BUY,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = {12, -3},
                                     .reduce_only = reduces,
                                     .client_order_id = HX_STR(ID)};
}

static enum hx_outcome place(bool reduces) {
    const struct hx_order_request order = order_of(reduces);
    hx_req_init(&req, &host, memory, sizeof memory);
    assert_int_equal(hx_venue_prepare(&req, &futures).outcome, HX_OUTCOME_DONE);
    hx_venue_place(&req, &futures, &order, host.now + 1000, &report);
    return report.outcome;
}

static void orders_are_acknowledged_and_asked_for(void **state) {
    (void)state;
    /* Nothing leaves before the contract's size is known. */
    assert_int_equal(place(false), HX_OUTCOME_BUSY);
    know_rules();
    host_answer(&host, CREATE, 200, DATA("{\"orderId\":\"102015012431820288\",\"ts\":1764000000000}"));
    assert_int_equal(place(false), HX_OUTCOME_DONE);
    assert_true(report.is_ack);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR("102015012431820288")));
    assert_string_equal(bodies[0],
                        "{\"symbol\":\"BTC_USDT\",\"vol\":120,\"side\":1,\"type\":5,\"openType\":2,"
                        "\"externalOid\":\"" ID "\"}");
    host_answer(&host, QUERY, 200, OK);
    hx_venue_query(&req, &futures, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_ABSENT);
    host_answer(&host, QUERY, 200,
                DATA("{\"orderId\":\"102015012431820288\",\"symbol\":\"BTC_USDT\",\"vol\":120,\"dealVol\":120,"
                     "\"dealAvgPrice\":61234.5,\"state\":3,\"externalOid\":\"" ID "\",\"errorCode\":0}"));
    hx_venue_query(&req, &futures, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_dec_equal(report.executed_quantity, (hx_dec){12, -3}));
    host_answer(&host, CREATE, 200, "{\"success\":false,\"code\":2042,\"message\":\"duplicate\"}");
    assert_int_equal(place(false), HX_OUTCOME_UNKNOWN);
    assert_int_equal(report.venue_code, 2042);
    host_assert_done(&host);
}

/* Four in two seconds: entries take three of them. */
static void exits_have_the_last_order_of_a_window(void **state) {
    (void)state;
    know_rules();
    for (int i = 0; i < 3; i++) {
        host_answer(&host, CREATE, 200, DATA("1"));
        assert_int_equal(place(false), HX_OUTCOME_DONE);
    }
    assert_int_equal(place(false), HX_OUTCOME_BUSY);
    assert_true(report.retry_after_ms > 0 && report.retry_after_ms <= 2000);
    host_answer(&host, CREATE, 200, DATA("2"));
    assert_int_equal(place(true), HX_OUTCOME_DONE);
    const struct hx_order_request exit = order_of(true);
    hx_venue_place(&req, &futures, &exit, host.now + 1000, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_BUSY);
    host.now += 2000;
    host_answer(&host, CREATE, 200, DATA("3"));
    assert_int_equal(place(false), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void what_it_can_not_do_is_refused(void **state) {
    const struct hx_stop_request stop = {.symbol = HX_STR("BTCUSDT"),
                                         .side = HX_SIDE_SELL,
                                         .quantity = {12, -3},
                                         .trigger_price = {60000, 0},
                                         .client_order_id = HX_STR(ID)};
    struct hx_stop_report stopped;
    struct hx_symbol_rules rules;
    struct hx_key_rights rights;
    bool hedged = true;
    struct hx_account account = futures;
    (void)state;
    struct hx_venue_result result = hx_venue_rules(&req, &futures, HX_STR("BTCEUR"), &rules);
    assert_int_equal(result.outcome, HX_OUTCOME_REJECTED);
    assert_true(
        hx_str_starts_with(result.message, HX_STR("Check the symbol: contracts of MEXC futures are quoted in ")));
    hx_venue_place_stop(&req, &spot, &stop, host.now + 1000, &stopped);
    assert_int_equal(stopped.outcome, HX_OUTCOME_REJECTED);
    assert_true(hx_str_starts_with(stopped.message, HX_STR("hoox places no stop orders on this venue and market")));
    account.test = true;
    result = hx_venue_rules(&req, &account, HX_STR("BTCUSDT"), &rules);
    assert_int_equal(result.outcome, HX_OUTCOME_REJECTED);
    assert_true(hx_str_starts_with(result.message, HX_STR("TEST_TRADING_UNSUPPORTED: ")));
    assert_int_equal(hx_venue_get_key_rights(&req, &futures, &rights).outcome, HX_OUTCOME_DONE);
    assert_false(rights.may_withdraw_known);
    assert_int_equal(hx_venue_get_position_mode(&req, &spot, HX_STR("BTCUSDT"), &hedged).outcome, HX_OUTCOME_DONE);
    assert_false(hedged);
    assert_int_equal(hx_venue_set_leverage(&req, &spot, HX_STR("BTCUSDT"), 5).outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static struct hx_venue_position position_of(const char *rows) {
    struct hx_venue_position position;
    host_answer(&host, POSITIONS, 200, rows);
    assert_int_equal(hx_venue_get_position(&req, &futures, HX_STR("BTCUSDT"), &position).outcome, HX_OUTCOME_DONE);
    return position;
}

/* Which MEXC does not say with the position, but was asked for before. */
static void one_side_of_hedge_mode_is_seen_as_one(void **state) {
    bool hedged = false;
    (void)state;
    know_rules();
    struct hx_venue_position position = position_of(DATA("[" HELD("2", "2", "5") "]"));
    assert_false(position.hedged);
    assert_true(hx_dec_equal(position.quantity, (hx_dec){-5, -4}) && hx_dec_is_zero(position.short_quantity));
    host_answer(&host, "/api/v1/private/position/position_mode", 200, DATA("1"));
    assert_int_equal(hx_venue_get_position_mode(&req, &futures, HX_STR("BTCUSDT"), &hedged).outcome, HX_OUTCOME_DONE);
    assert_true(hedged);
    position = position_of(DATA("[" HELD("2", "2", "5") "]"));
    assert_true(position.hedged);
    assert_true(hx_dec_equal(position.quantity, (hx_dec){-5, -4}));
    assert_true(hx_dec_equal(position.short_quantity, (hx_dec){5, -4}) && hx_dec_is_zero(position.long_quantity));
    position = position_of(DATA("[]"));
    assert_true(hx_dec_is_zero(position.quantity));
    host_assert_done(&host);
}

static void spot_holds_the_base_asset(void **state) {
    struct hx_venue_position position;
    struct hx_symbol_rules rules;
    (void)state;
    host_answer(&host, "/api/v3/exchangeInfo?symbol=BTCUSDT", 200,
                "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"1\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\","
                "\"baseAssetPrecision\":6,\"quotePrecision\":2,\"isSpotTradingAllowed\":true,\"baseSizePrecision\":"
                "\"0.00001\",\"quoteAmountPrecision\":\"1\",\"maxQuoteAmount\":\"5000000\","
                "\"maxQuoteAmountMarket\":\"100000\"}]}");
    host_answer(&host, "/api/v3/account?recvWindow=2000&timestamp=1764000000000&signature=", 200,
                "{\"balances\":[{\"asset\":\"BTC\",\"free\":\"0.002\",\"locked\":\"0.001\"}]}");
    assert_int_equal(hx_venue_get_position(&req, &spot, HX_STR("BTCUSDT"), &position).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(position.quantity, (hx_dec){3, -3}));
    /* The greatest values are remembered with the rest. */
    assert_int_equal(hx_venue_rules(&req, &spot, HX_STR("BTCUSDT"), &rules).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(rules.notional_max, (hx_dec){5, 6}));
    assert_true(hx_dec_equal(rules.market_notional_max, (hx_dec){1, 5}));
    assert_true(hx_dec_equal(rules.quote_step, (hx_dec){1, -2}));
    host_assert_done(&host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_right_is_not_set, setup),
        cmocka_unit_test_setup(each_side_is_set_where_it_differs, setup),
        cmocka_unit_test_setup(what_was_not_set_is_tried_again, setup),
        cmocka_unit_test_setup(a_position_in_the_other_mode_is_said, setup),
        cmocka_unit_test_setup(orders_are_acknowledged_and_asked_for, setup),
        cmocka_unit_test_setup(exits_have_the_last_order_of_a_window, setup),
        cmocka_unit_test_setup(what_it_can_not_do_is_refused, setup),
        cmocka_unit_test_setup(one_side_of_hedge_mode_is_seen_as_one, setup),
        cmocka_unit_test_setup(spot_holds_the_base_asset, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
