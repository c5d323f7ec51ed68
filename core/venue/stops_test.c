/* Goal: a stop is sent once, inside its bounds, and nothing is taken for proof that is none (stops.c). Method: the
 * scripted venue of the client's tests, with both products of Binance and an adapter without stops. */
#include "test/venue/venue_host.h"

#include "core/venue/adapter.h"

#define T0 ((hx_time)1764000000000)
#define ID "AZOpXu_0-23456789abcds"
#define STOP(status)                                                             \
    "{\"algoId\":7,\"clientAlgoId\":\"" ID                                       \
    "\",\"orderType\":\"STOP_MARKET\",\"symbol\":\"BTCUSDT\",\"side\":\"SELL\"," \
    "\"positionSide\":\"BOTH\",\"quantity\":\"0.012\",\"algoStatus\":\"" status "\"}"
#define PLACE "/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET"
#define ASK "/fapi/v1/algoOrder?clientAlgoId=" ID
#define ABSENT "{\"code\":-2013,\"msg\":\"Order does not exist.\"}"

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_stop_report stop;
static const struct hx_stop_request by_id = {.symbol = {"BTCUSDT", sizeof("BTCUSDT") - 1},
                                             .client_order_id = {ID, sizeof(ID) - 1}};
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};
static const struct hx_account spot = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_SPOT};
static const struct hx_account without = {.venue = HX_VENUE_MEXC, .market = HX_MARKET_FUTURES};
static struct hx_venue_adapter no_stops;

/* The table of this test, in the place of adapter.c's. */
const struct hx_venue_adapter *hx_venue_find_adapter(const struct hx_account *account) {
    if (account->venue == HX_VENUE_MEXC) return &no_stops;
    return account->market == HX_MARKET_SPOT ? &hx_binance_spot : &hx_binance_futures;
}
const struct hx_venue_adapter *hx_venue_list_adapters(uint32_t index) {
    (void)index;
    return NULL;
}

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.time_takes_ms = 40;
    host.secret = "secret";
    host_set(&host, "BINANCE_API_KEY", "the-key");
    hx_req_init(&req, &host, memory, sizeof memory);
    no_stops = hx_binance_futures;
    no_stops.traits.has_stops = false;
    no_stops.encode_stop = NULL;
    memset(&stop, 0xa5, sizeof stop);
    return 0;
}

static enum hx_outcome place_with(const struct hx_account *account, hx_time send_by) {
    struct hx_stop_request request = {.symbol = HX_STR("BTCUSDT"),
                                      .kind = HX_STOP_LOSS,
                                      .side = HX_SIDE_SELL,
                                      .quantity = {12, -3},
                                      .trigger_price = {58, 3},
                                      .client_order_id = HX_STR(ID)};
    hx_venue_place_stop(&req, account, &request, send_by, &stop);
    return stop.outcome;
}

static enum hx_outcome place(void) {
    return place_with(&live, host.now + 3000);
}

static enum hx_outcome query(void) {
    hx_venue_query_stop(&req, &live, &by_id, &stop);
    return stop.outcome;
}

static enum hx_outcome cancel(void) {
    hx_venue_cancel_stop(&req, &live, &by_id, &stop);
    return stop.outcome;
}

static void a_stop_is_sent_once(void **state) {
    (void)state;
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    host_answer(&host, PLACE, 200, STOP("NEW"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_int_equal(host.last_method, HX_HTTP_METHOD_POST);
    assert_int_equal(host.last_send_by_ms, host.now + 3000);
    assert_true(stop.waiting && !stop.triggered);
    assert_true(hx_str_equal(stop.venue_stop_id, HX_STR("7")) && stop.venue_order_id.len == 0);
    host_assert_done(&host);
}

/* Placing must not suspend before its send: what it needs has to be known. */
static void nothing_leaves_without_its_conditions(void **state) {
    (void)state;
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(host.time_asked, 0);
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    assert_int_equal(place_with(&live, host.now - 1), HX_OUTCOME_BUSY);
    host_answer(&host, PLACE, 200, STOP("NEW"));
    assert_int_equal(place_with(&live, 0), HX_OUTCOME_DONE);
    /* Too little memory to read the answer. */
    size_t mark = hx_arena_mark(&req.arena);
    assert_non_null(hx_arena_take(&req.arena, sizeof memory - mark - 90000));
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(cancel(), HX_OUTCOME_BUSY);
    hx_arena_rewind(&req.arena, mark);
    host.now += 21 * HX_MS_PER_MINUTE;
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    host_set(&host, "BINANCE_API_KEY", NULL);
    assert_int_equal(place(), HX_OUTCOME_REJECTED);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    assert_int_equal(cancel(), HX_OUTCOME_REJECTED);
    host_assert_done(&host);
    /* Spot needs the symbol's rules, which are not asked for now. */
    host_set(&host, "BINANCE_API_KEY", "the-key");
    assert_int_equal(hx_venue_prepare(&req, &spot).outcome, HX_OUTCOME_DONE);
    assert_int_equal(place_with(&spot, host.now + 3000), HX_OUTCOME_BUSY);
    host_assert_done(&host);
}

static void what_is_lost_is_unknown(void **state) {
    const struct {
        hx_err err;
        enum hx_outcome written, asked;
    } table[] = {
        {HX_ERR(BUSY_NOT_SENT), HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {HX_ERR(UNKNOWN_TIMEOUT), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {HX_ERR(LIMIT_SIZE), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {HX_ERR(BROKEN_HOST), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
    };
    (void)state;
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        host_fail(&host, PLACE, table[i].err);
        assert_int_equal(place(), table[i].written);
        assert_true(stop.message.len > 0 && stop.venue_stop_id.len == 0 && !stop.waiting && !stop.triggered);
        host_fail(&host, ASK, table[i].err);
        assert_int_equal(query(), table[i].asked);
        host_fail(&host, ASK, table[i].err);
        assert_int_equal(cancel(), table[i].written);
    }
    host_assert_done(&host);
}

static void stops_are_asked_for_and_cancelled(void **state) {
    (void)state;
    host_answer(&host, ASK, 200, STOP("NEW"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(host.last_method, HX_HTTP_METHOD_GET);
    assert_true(stop.waiting);
    host_answer(&host, ASK, 200,
                "{\"algoId\":7,\"clientAlgoId\":\"" ID
                "\",\"symbol\":\"BTCUSDT\",\"algoStatus\":\"FINISHED\","
                "\"actualOrderId\":\"8389765525874655123\"}");
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_true(!stop.waiting && stop.triggered);
    assert_true(hx_str_equal(stop.venue_order_id, HX_STR("8389765525874655123")));
    host_answer(&host, ASK, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    assert_int_equal(stop.venue_code, -2013);
    host_answer(&host, ASK, 200, "{\"algoId\":7,\"clientAlgoId\":\"" ID "\",\"code\":\"200\",\"msg\":\"success\"}");
    assert_int_equal(cancel(), HX_OUTCOME_DONE);
    assert_int_equal(host.last_method, HX_HTTP_METHOD_DELETE);
    assert_true(!stop.waiting && !stop.triggered && hx_str_equal(stop.venue_stop_id, HX_STR("7")));
    host_answer(&host, ASK, 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");
    assert_int_equal(cancel(), HX_OUTCOME_ABSENT);
    /* A query that is refused says nothing about the stop; a cancel that is refused is. */
    host_answer(&host, ASK, 401, "{\"code\":-2015,\"msg\":\"x\"}");
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host_answer(&host, ASK, 401, "{\"code\":-2015,\"msg\":\"x\"}");
    assert_int_equal(cancel(), HX_OUTCOME_REJECTED);
    host_assert_done(&host);
}

static void refusals_are_told_in_words(void **state) {
    (void)state;
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    host_answer(&host, PLACE, 400, "{\"code\":-2021,\"msg\":\"Order would immediately trigger.\"}");
    assert_int_equal(place(), HX_OUTCOME_REJECTED);
    assert_int_equal(stop.venue_code, -2021);
    assert_true(hx_str_starts_with(stop.message, HX_STR("Order would immediately trigger. (-2021). Check the price")));
    struct step limited = {.target = PLACE,
                           .status = 429,
                           .body = "{\"code\":-1015,\"msg\":\"x\"}",
                           .headers = {{HX_STR("Retry-After"), HX_STR("4")}},
                           .header_count = 1};
    host_script(&host, limited);
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(stop.retry_after_ms, 4000);
    /* The ban holds for what comes next, without a byte. */
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_true(stop.retry_after_ms > 0);
    host_assert_done(&host);
}

/* A refused timestamp makes the clock be measured again before the next. */
static void a_refused_timestamp_measures_again(void **state) {
    (void)state;
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    host_answer(&host, PLACE, 400, "{\"code\":-1021,\"msg\":\"x\"}");
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    host_answer(&host, ASK, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    assert_int_equal(host.time_asked, 2);
    host_assert_done(&host);
}

static void venues_without_stops_say_so(void **state) {
    (void)state;
    assert_int_equal(place_with(&without, 0), HX_OUTCOME_REJECTED);
    assert_true(hx_str_ends_with(stop.message, HX_STR("send the signal without one.")));
    hx_venue_cancel_stop(&req, &without, &by_id, &stop);
    assert_int_equal(stop.outcome, HX_OUTCOME_REJECTED);
    hx_venue_query_stop(&req, &without, &by_id, &stop);
    assert_int_equal(stop.outcome, HX_OUTCOME_BUSY);
    host_assert_done(&host);
}

/* Asking again and again costs little of the request's arena. */
static void asking_again_is_cheap(void **state) {
    (void)state;
    host_answer(&host, ASK, 200, STOP("NEW"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    size_t before = hx_arena_mark(&req.arena);
    for (int i = 0; i < 50; i++) {
        host_answer(&host, ASK, 200, STOP("NEW"));
        assert_int_equal(query(), HX_OUTCOME_DONE);
    }
    assert_true(hx_arena_mark(&req.arena) - before <= 50 * 800);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_stop_is_sent_once),         CASE(nothing_leaves_without_its_conditions),
        CASE(what_is_lost_is_unknown),     CASE(stops_are_asked_for_and_cancelled),
        CASE(refusals_are_told_in_words),  CASE(a_refused_timestamp_measures_again),
        CASE(venues_without_stops_say_so), CASE(asking_again_is_cheap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
