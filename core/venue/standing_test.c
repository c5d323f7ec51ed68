/* Goal: the venue's limits are kept below the venue's own word, with a reserve for what reduces and asks, and a ban is
 * obeyed (standing.c). Method: the scripted venue of the client's tests, its usage headers included. */
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define ID "AZOpXu_0-23456789abcde"
#define ORDER(status, executed)                                                                \
    "{\"orderId\":77,\"symbol\":\"BTCUSDT\",\"status\":\"" status "\",\"clientOrderId\":\"" ID \
    "\","                                                                                      \
    "\"origQty\":\"0.010\",\"executedQty\":\"" executed "\",\"side\":\"BUY\",\"updateTime\":1764000000500}"
#define PLACE "/fapi/v1/order?symbol=BTCUSDT&side=BUY"
#define QUERY "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=" ID

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_order_report report;
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.venue_offset_ms = 250;
    host.time_takes_ms = 40;
    host.secret = "secret";
    host_set(&host, "BINANCE_API_KEY", "the-key");
    host_set(&host, "HOOX_BINANCE_FUTURES_URL", "http://127.0.0.1:9");
    hx_req_init(&req, &host, memory, sizeof memory);
    return 0;
}

static struct hx_order_request request(void) {
    return (struct hx_order_request){.symbol = HX_STR("BTCUSDT"),
                                     .side = HX_SIDE_BUY,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = {1, -2},
                                     .client_order_id = HX_STR(ID)};
}

static enum hx_outcome prepare(void) {
    return hx_venue_prepare(&req, &live).outcome;
}

static enum hx_outcome place(void) {
    struct hx_order_request order = request();
    hx_venue_place(&req, &live, &order, host.now + 3000, &report);
    return report.outcome;
}

static enum hx_outcome query(void) {
    hx_venue_query(&req, &live, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    return report.outcome;
}

static struct step weighing(const char *weight) {
    struct step step = {.target = QUERY, .status = 200, .body = ORDER("NEW", "0"), .header_count = 1};
    step.headers[0] = (struct hx_http_header){HX_STR("X-MBX-USED-WEIGHT-1M"), hx_str_from_c(weight)};
    return step;
}

/* Entries stop at 80 % of 2400, everything else at 95 %; a new minute of the venue's clock begins at zero. */
static void the_weight_limit_is_obeyed_before_it_bites(void **state) {
    struct hx_order_request exit = request();
    (void)state;
    exit.reduce_only = true;
    host.now = T0 - T0 % HX_MS_PER_MINUTE + 1000;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_script(&host, weighing("1920"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    host_answer(&host, PLACE, 200, ORDER("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    host_answer(&host, QUERY, 200, ORDER("NEW", "0")); /* Its weight is counted before the venue says so: 1921. */
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(report.retry_after_ms, 60000 - 1000 - 40 - 250);
    host_answer(&host, PLACE, 200, ORDER("NEW", "0"));
    hx_venue_place(&req, &live, &exit, host.now + 1, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_script(&host, weighing("2280"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host.now += HX_MS_PER_MINUTE;
    host_answer(&host, PLACE, 200, ORDER("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void a_figure_of_the_last_minute_is_not_of_this(void **state) {
    struct step late = weighing("2400");
    (void)state;
    host.now = T0 - T0 % HX_MS_PER_MINUTE + 59000;
    late.takes_ms = 2000;
    host_script(&host, late);
    assert_int_equal(query(), HX_OUTCOME_DONE);
    host_answer(&host, PLACE, 200, ORDER("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void the_order_limits_are_obeyed(void **state) {
    struct hx_order_request exit = request();
    (void)state;
    exit.reduce_only = true;
    host.now = T0 - T0 % HX_MS_PER_MINUTE + 1000;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    struct step counted = {.target = PLACE, .status = 200, .body = ORDER("NEW", "0"), .header_count = 1};
    counted.headers[0] = (struct hx_http_header){HX_STR("X-MBX-ORDER-COUNT-10S"), HX_STR("239")};
    host_script(&host, counted);
    assert_int_equal(place(), HX_OUTCOME_DONE);
    host_answer(&host, PLACE, 200, ORDER("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(report.retry_after_ms, 10000 - 1000 - 40 - 250);
    counted.headers[0].value = HX_STR("285");
    host_script(&host, counted);
    hx_venue_place(&req, &live, &exit, host.now + 1, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    hx_venue_place(&req, &live, &exit, host.now + 1, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_BUSY);
    assert_int_equal(prepare(), HX_OUTCOME_BUSY);
    host_assert_done(&host);
}

static void the_orders_of_a_minute_are_counted(void **state) {
    (void)state;
    host.now = T0 - T0 % HX_MS_PER_MINUTE + 1000;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    struct step counted = {.target = PLACE, .status = 200, .body = ORDER("NEW", "0"), .header_count = 1};
    counted.headers[0] = (struct hx_http_header){HX_STR("X-MBX-ORDER-COUNT-1M"), HX_STR("960")};
    host_script(&host, counted);
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(report.retry_after_ms, 60000 - 1000 - 40 - 250);
    /* Questions are no orders. */
    host_answer(&host, QUERY, 200, ORDER("NEW", "0"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    host.now += HX_MS_PER_MINUTE;
    host_answer(&host, PLACE, 200, ORDER("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void a_ban_silences_everything(void **state) {
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    struct step banned = {.target = PLACE, .status = 418, .body = "<html>", .header_count = 1};
    banned.headers[0] = (struct hx_http_header){HX_STR("Retry-After"), HX_STR("30")};
    host_script(&host, banned);
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(report.retry_after_ms, 30000);
    host.now += 29999;
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(report.retry_after_ms, 1);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    assert_int_equal(prepare(), HX_OUTCOME_BUSY);
    assert_int_equal(host.time_asked, 1);
    host.now += 1;
    host_answer(&host, PLACE, 200, ORDER("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(the_weight_limit_is_obeyed_before_it_bites),
        CASE(a_figure_of_the_last_minute_is_not_of_this),
        CASE(the_order_limits_are_obeyed),
        CASE(the_orders_of_a_minute_are_counted),
        CASE(a_ban_silences_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
