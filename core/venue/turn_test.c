/* Goal: signals begin only as far as a venue's limits bear what they will ask for, exits further than entries, and
 * those that wait have slots of their own. Method: the scripted venue of the client's tests, whose memo keeps the
 * counts; time is moved by hand through windows and slots. */
#include "test/venue/venue_host.h"

#define MINUTE_START ((hx_time)1764000000000)
#define QUERY "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId="
#define ID "AZOpXu_0-23456789abcde"

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};
static const struct hx_account test_net = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES, .test = true};

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = MINUTE_START;
    host.secret = "secret";
    host_set(&host, "BINANCE_API_KEY", "the-key");
    host_set(&host, "HOOX_BINANCE_FUTURES_URL", "http://127.0.0.1:9");
    hx_req_init(&req, &host, memory, sizeof memory);
    assert_int_equal(MINUTE_START % HX_MS_PER_MINUTE, 0);
    return 0;
}

/* How many signals of a kind can begin now. */
static int begin_all(const struct hx_account *account, bool reduces, bool waited) {
    int64_t retry_after_ms = 0;
    int begun = 0;
    while (begun < 5000 && hx_venue_begin(&req, account, reduces, waited, &retry_after_ms)) begun++;
    assert_true(retry_after_ms > 0);
    return begun;
}

/* 300 orders in ten seconds: entries begin up to 240, exits up to 285 in all. */
static void entries_leave_room_for_exits(void **state) {
    (void)state;
    int64_t retry_after_ms = 0;
    host.now += 2500;
    assert_int_equal(begin_all(&live, false, false), 240);
    assert_false(hx_venue_begin(&req, &live, false, false, &retry_after_ms));
    assert_int_equal(retry_after_ms, 7500);
    assert_int_equal(begin_all(&live, true, false), 45);
    assert_false(hx_venue_begin(&req, &live, true, false, &retry_after_ms));
    assert_int_equal(retry_after_ms, 7500);
    /* Another account has limits of its own. */
    assert_int_equal(begin_all(&test_net, false, false), 240);
}

/* The minute's weight of 2400 bears 320 entries of 6: 240 in the first ten seconds, 80 in the next, then none. */
static void every_window_counts(void **state) {
    (void)state;
    int64_t retry_after_ms = 0;
    assert_int_equal(begin_all(&live, false, false), 240);
    host.now += 10000;
    assert_int_equal(begin_all(&live, false, false), 80);
    host.now += 10000;
    assert_false(hx_venue_begin(&req, &live, false, false, &retry_after_ms));
    assert_int_equal(retry_after_ms, 40000);
    assert_true(hx_venue_begin(&req, &live, true, false, &retry_after_ms));
    host.now += 40000;
    assert_int_equal(begin_all(&live, false, false), 240);
}

/* What the venue says was used counts as well, whoever used it. */
static void what_was_used_is_not_begun_again(void **state) {
    (void)state;
    struct hx_order_report report;
    struct step step = {
        .target = QUERY ID, .status = 400, .body = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}"};
    step.header_count = 1;
    step.headers[0] = (struct hx_http_header){HX_STR("X-MBX-USED-WEIGHT-1M"), HX_STR("1915")};
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    host_script(&host, step);
    hx_venue_query(&req, &live, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_int_equal(begin_all(&live, false, false), 0);
    assert_true(begin_all(&live, true, false) > 0);
}

/* 187.5 ms of the minute's weight for an entry; an exit's share is larger, so its slots are nearer to each other. */
static void slots_are_apart_and_exits_come_first(void **state) {
    (void)state;
    assert_int_equal(hx_venue_next_slot_ms(&req, &live, false, 5000), 5000);
    assert_int_equal(hx_venue_next_slot_ms(&req, &live, false, 5000), 5188);
    assert_int_equal(hx_venue_next_slot_ms(&req, &live, false, 0), 5376);
    assert_int_equal(hx_venue_next_slot_ms(&req, &live, true, 5000), 5000);
    assert_int_equal(hx_venue_next_slot_ms(&req, &live, true, 5000), 5158);
    host.now += 5400;
    assert_int_equal(hx_venue_next_slot_ms(&req, &live, false, 0), 164);
    for (int i = 0; i < 3; i++) (void)hx_venue_next_slot_ms(&req, &live, true, 2000);
    assert_int_equal(hx_venue_next_slot_ms(&req, &live, false, 0), 2000 + 3 * 158);
    /* Once all have come, a slot is at once again. */
    host.now += 60000;
    assert_int_equal(hx_venue_next_slot_ms(&req, &live, false, 0), 0);
}

/* Nobody who just came in takes the place of one that waits. */
static void newcomers_go_behind_those_who_wait(void **state) {
    (void)state;
    int64_t retry_after_ms = 0;
    (void)hx_venue_next_slot_ms(&req, &live, false, 1000);
    assert_false(hx_venue_begin(&req, &live, false, false, &retry_after_ms));
    assert_int_equal(retry_after_ms, 1188);
    assert_true(hx_venue_begin(&req, &live, true, false, &retry_after_ms));
    host.now += 1000;
    assert_true(hx_venue_begin(&req, &live, false, true, &retry_after_ms));
    assert_false(hx_venue_begin(&req, &live, false, false, &retry_after_ms));
    host.now += 188;
    assert_true(hx_venue_begin(&req, &live, false, false, &retry_after_ms));
}

/* The host's clock was set back by two days: slots of the old time mean nothing. */
static void a_clock_set_back_keeps_nobody_waiting(void **state) {
    (void)state;
    int64_t retry_after_ms = 0;
    (void)hx_venue_next_slot_ms(&req, &live, false, 1000);
    host.now -= 2 * HX_MS_PER_DAY;
    assert_true(hx_venue_begin(&req, &live, false, false, &retry_after_ms));
    assert_int_equal(hx_venue_next_slot_ms(&req, &live, false, 0), 0);
}

/* A wait of ours is told from the venue's own: a ban is the venue's. */
static void a_ban_is_not_ours(void **state) {
    (void)state;
    struct hx_order_report report;
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    struct step step = {.target = QUERY ID, .status = 429, .body = "{\"code\":-1003,\"msg\":\"Too many requests\"}"};
    step.header_count = 1;
    step.headers[0] = (struct hx_http_header){HX_STR("Retry-After"), HX_STR("30")};
    host_script(&host, step);
    hx_venue_query(&req, &live, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_false(report.held_back);
    struct hx_venue_result banned = hx_venue_prepare(&req, &live);
    assert_int_equal(banned.outcome, HX_OUTCOME_BUSY);
    assert_false(banned.held_back);
    assert_true(banned.retry_after_ms > 20000);
    host.now += HX_MS_PER_MINUTE;
    step =
        (struct step){.target = QUERY ID, .status = 400, .body = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}"};
    step.header_count = 1;
    step.headers[0] = (struct hx_http_header){HX_STR("X-MBX-USED-WEIGHT-1M"), HX_STR("2390")};
    host_script(&host, step);
    hx_venue_query(&req, &live, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    struct hx_venue_result ours = hx_venue_prepare(&req, &live);
    assert_int_equal(ours.outcome, HX_OUTCOME_BUSY);
    assert_true(ours.held_back);
    assert_true(ours.retry_after_ms > 0 && ours.retry_after_ms <= HX_MS_PER_MINUTE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(entries_leave_room_for_exits, setup),
        cmocka_unit_test_setup(every_window_counts, setup),
        cmocka_unit_test_setup(what_was_used_is_not_begun_again, setup),
        cmocka_unit_test_setup(slots_are_apart_and_exits_come_first, setup),
        cmocka_unit_test_setup(newcomers_go_behind_those_who_wait, setup),
        cmocka_unit_test_setup(a_clock_set_back_keeps_nobody_waiting, setup),
        cmocka_unit_test_setup(a_ban_is_not_ours, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
