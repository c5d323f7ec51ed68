/* Goal: the account's position mode is asked for, remembered for as long as it holds, and never guessed where it can be
 * had (setup.c). Method: the scripted venue of the client's tests; a request that should have been saved fails the
 * case. */
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define MODE "/fapi/v1/accountConfig?"
#define HEDGED "{\"dualSidePosition\":true}"
#define ONE_WAY "{\"dualSidePosition\":false}"
#define DUAL "/fapi/v1/positionSide/dual?"
#define PLACE "/fapi/v1/order?symbol=BTCUSDT&side=BUY"
#define OTHER_MODE "{\"code\":-4061,\"msg\":\"Order's position side does not match user's setting.\"}"

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

static enum hx_outcome mode(bool *hedged) {
    hx_req_init(&req, &host, memory, sizeof memory);
    return hx_venue_get_position_mode(&req, &live, HX_STR("BTCUSDT"), hedged).outcome;
}

static void the_position_mode_is_remembered_for_ten_minutes(void **state) {
    bool hedged = false;
    (void)state;
    host_answer(&host, MODE, 200, HEDGED);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_true(hedged);
    hedged = false;
    host.now += 10 * HX_MS_PER_MINUTE - 100;
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_true(hedged);
    assert_int_equal(host.served, 1);
    host.now += 200;
    host_answer(&host, MODE, 200, ONE_WAY);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_false(hedged);
    /* A clock that was set back makes what is remembered worthless. */
    host.now -= HX_MS_PER_HOUR;
    host_answer(&host, MODE, 200, HEDGED);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_true(hedged);
    host_assert_done(&host);
}

/* The same is told in another place. */
static void the_position_mode_is_told_in_two_places(void **state) {
    static const struct {
        uint32_t status;
        const char *body;
    } table[] = {{404, "<html>"}, {404, "{\"code\":-5000}"}, {403, ""}, {503, ""}, {200, "{}"}, {200, "[]"}};
    bool hedged = false;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        host_answer(&host, MODE, table[i].status, table[i].body);
        host_answer(&host, DUAL, 200, HEDGED);
        assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
        assert_true(hedged);
        host_assert_done(&host);
        host.now += HX_MS_PER_HOUR;
    }
    /* Where there is no such call anywhere, one-way is believed, but not because of a failure. */
    host.memo_count = 0;
    host_answer(&host, MODE, 500, "");
    host_answer(&host, DUAL, 404, "");
    assert_int_equal(mode(&hedged), HX_OUTCOME_BUSY);
    host_answer(&host, MODE, 404, "");
    host_fail(&host, DUAL, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(mode(&hedged), HX_OUTCOME_BUSY);
    host_answer(&host, MODE, 404, "");
    host_answer(&host, DUAL, 404, "");
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_false(hedged);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

/* Never guessed: without an answer there is no mode, and nothing is remembered. */
static void a_mode_that_is_not_told_is_not_known(void **state) {
    bool hedged = true;
    (void)state;
    host_fail(&host, MODE, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(mode(&hedged), HX_OUTCOME_BUSY);
    assert_false(hedged);
    host_answer(&host, MODE, 200, "{}");
    host_answer(&host, DUAL, 200, "{}");
    assert_int_equal(mode(&hedged), HX_OUTCOME_UNKNOWN);
    host_answer(&host, MODE, 401, "{\"code\":-2015,\"msg\":\"x\"}");
    assert_int_equal(mode(&hedged), HX_OUTCOME_REJECTED);
    host_answer(&host, MODE, 200, HEDGED);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_true(hedged);
    host_assert_done(&host);
}

static struct hx_order_report order(enum hx_position_side side) {
    struct hx_order_report report;
    struct hx_order_request request = {.symbol = HX_STR("BTCUSDT"),
                                       .quantity = {1, -2},
                                       .type = HX_ORDER_MARKET,
                                       .client_order_id = HX_STR("abc"),
                                       .position_side = side};
    hx_req_init(&req, &host, memory, sizeof memory);
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    hx_venue_place(&req, &live, &request, host.now + 3000, &report);
    return report;
}

/* The venue says that the account's mode is another one. What was seen long ago may be wrong: it is asked again, and
 * the order may pass at once. What was just seen is not: the order is refused. */
static void a_mode_that_the_venue_denies_is_asked_again(void **state) {
    bool hedged = true;
    (void)state;
    host_answer(&host, MODE, 200, ONE_WAY);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    host.now += HX_MS_PER_MINUTE;
    host_answer(&host, PLACE, 400, OTHER_MODE);
    struct hx_order_report report = order(HX_POSITION_NET);
    assert_int_equal(report.outcome, HX_OUTCOME_BUSY);
    assert_true(report.may_pass_at_once);
    assert_int_equal(report.venue_code, -4061);
    host_answer(&host, MODE, 200, HEDGED);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_true(hedged);
    host_answer(&host, PLACE, 400, OTHER_MODE);
    report = order(HX_POSITION_LONG);
    assert_int_equal(report.outcome, HX_OUTCOME_REJECTED);
    assert_false(report.may_pass_at_once);
    /* Distrusted all the same. */
    host_answer(&host, MODE, 200, HEDGED);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    /* A flag that hedge mode does not take. */
    host.now += HX_MS_PER_MINUTE;
    host_answer(&host, PLACE, 400, "{\"code\":-1106,\"msg\":\"Parameter 'reduceonly' sent when not required.\"}");
    assert_int_equal(order(HX_POSITION_NET).outcome, HX_OUTCOME_BUSY);
    host_answer(&host, MODE, 200, HEDGED);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    /* Other refusals say nothing about the mode. */
    host.now += HX_MS_PER_MINUTE;
    host_answer(&host, PLACE, 400, "{\"code\":-2019,\"msg\":\"x\"}");
    assert_int_equal(order(HX_POSITION_LONG).outcome, HX_OUTCOME_REJECTED);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

/* One that was only assumed, however lately, is no reason to give an order up: the venue may tell it now. */
static void an_assumed_mode_costs_no_order(void **state) {
    bool hedged = true;
    (void)state;
    host_answer(&host, MODE, 404, "<html>");
    host_answer(&host, DUAL, 404, "<html>");
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_false(hedged);
    for (int round = 0; round < 2; round++) {
        host_answer(&host, PLACE, 400, OTHER_MODE);
        struct hx_order_report report = order(HX_POSITION_NET);
        assert_int_equal(report.outcome, HX_OUTCOME_BUSY);
        assert_true(report.may_pass_at_once);
        host_answer(&host, MODE, 404, "<html>");
        host_answer(&host, DUAL, 404, "<html>");
        assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
        assert_false(hedged);
    }
    host_answer(&host, PLACE, 400, OTHER_MODE);
    assert_int_equal(order(HX_POSITION_NET).outcome, HX_OUTCOME_BUSY);
    host_answer(&host, MODE, 200, HEDGED);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_true(hedged);
    /* Told, and that just now. */
    host_answer(&host, PLACE, 400, OTHER_MODE);
    assert_int_equal(order(HX_POSITION_LONG).outcome, HX_OUTCOME_REJECTED);
    host_assert_done(&host);
}

/* A venue that has told the mode has a call to tell it, whatever it answers for a moment: nothing is assumed then. */
static void a_mode_that_was_told_is_kept(void **state) {
    bool hedged = false;
    (void)state;
    host_answer(&host, MODE, 200, HEDGED);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    for (int round = 0; round < 2; round++) {
        /* Old by now, and it stays old: it is asked for every time. */
        host.now += HX_MS_PER_DAY;
        hedged = false;
        host_answer(&host, MODE, 404, "<html>");
        host_answer(&host, DUAL, 404, "<html>");
        assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
        assert_true(hedged);
    }
    /* Denied as well, it is worth nothing. */
    host_answer(&host, PLACE, 400, OTHER_MODE);
    assert_int_equal(order(HX_POSITION_LONG).outcome, HX_OUTCOME_BUSY);
    host_answer(&host, MODE, 404, "<html>");
    host_answer(&host, DUAL, 404, "<html>");
    assert_int_equal(mode(&hedged), HX_OUTCOME_BUSY);
    host_answer(&host, MODE, 200, ONE_WAY);
    assert_int_equal(mode(&hedged), HX_OUTCOME_DONE);
    assert_false(hedged);
    host_assert_done(&host);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(the_position_mode_is_remembered_for_ten_minutes),
        CASE(the_position_mode_is_told_in_two_places),
        CASE(a_mode_that_is_not_told_is_not_known),
        CASE(a_mode_that_the_venue_denies_is_asked_again),
        CASE(an_assumed_mode_costs_no_order),
        CASE(a_mode_that_was_told_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
