/* Goal: a stream is begun with what the venue wants and the settings say, and a price from a stream is used only while
 * it is as fresh as one asked for would be (stream_client.c). Method: the scripted venue of the client's tests. */
#include "core/venue/stream.h"

#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define KEY_PATH "/fapi/v1/listenKey"

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};
static const hx_str symbols[] = {{"BTCUSDT", 7}, {"ETHUSDT", 7}};

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.venue_offset_ms = 250;
    host.time_takes_ms = 40;
    host.secret = "secret";
    host_set(&host, "BINANCE_API_KEY", "the-key");
    host_set(&host, "HOOX_BINANCE_FUTURES_URL", "http://127.0.0.1:9");
    host_set(&host, "HOOX_BINANCE_FUTURES_WS_URL", "ws://127.0.0.1:8");
    hx_req_init(&req, &host, memory, sizeof memory);
    return 0;
}

static void assert_text(hx_str actual, const char *expected) {
    if (!hx_str_equal(actual, hx_str_from_c(expected))) fail_msg("'%.*s'", (int)actual.len, actual.data);
}

static struct hx_venue_result route(enum hx_stream_kind kind, struct hx_stream_route *out, hx_str *ticket) {
    return hx_venue_stream_route(&req, &live, kind, symbols, 2, out, ticket);
}

static void what_is_missing_makes_a_stream_impossible(void **state) {
    (void)state;
    const struct hx_account mexc_spot = {.venue = HX_VENUE_MEXC, .market = HX_MARKET_SPOT};
    assert_true(hx_venue_stream_is_possible(&req, &live, HX_STREAM_PRIVATE));
    assert_true(hx_venue_stream_is_possible(&req, &live, HX_STREAM_PUBLIC));
    assert_false(hx_venue_stream_is_possible(&req, &mexc_spot, HX_STREAM_PRIVATE));
    host.secret = NULL;
    assert_false(hx_venue_stream_is_possible(&req, &live, HX_STREAM_PRIVATE));
    host.secret = "secret";
    host_set(&host, "BINANCE_API_KEY", NULL);
    assert_false(hx_venue_stream_is_possible(&req, &live, HX_STREAM_PRIVATE));
    /* A stand-in for REST, and no word about streams: not the real ones. */
    host_set(&host, "BINANCE_API_KEY", "the-key");
    host_set(&host, "HOOX_BINANCE_FUTURES_WS_URL", NULL);
    assert_false(hx_venue_stream_is_possible(&req, &live, HX_STREAM_PUBLIC));
    host_set(&host, "HOOX_BINANCE_FUTURES_URL", "https://fapi.binance.com/");
    assert_true(hx_venue_stream_is_possible(&req, &live, HX_STREAM_PUBLIC));
    host_set(&host, "HOOX_BINANCE_FUTURES_URL", NULL);
    assert_true(hx_venue_stream_is_possible(&req, &live, HX_STREAM_PUBLIC));
    host_assert_done(&host);
}

static void a_private_stream_has_a_ticket(void **state) {
    (void)state;
    struct hx_stream_route made;
    hx_str ticket;
    host_set(&host, "HOOX_BINANCE_FUTURES_URL", NULL);
    host_set(&host, "HOOX_BINANCE_FUTURES_WS_URL", NULL);
    host_answer(&host, KEY_PATH, 200, "{\"listenKey\":\"abc\"}");
    assert_int_equal(route(HX_STREAM_PRIVATE, &made, &ticket).outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.last_method, HX_HTTP_METHOD_POST);
    assert_text(made.origin, "https://fstream.binance.com");
    assert_text(made.target, "/private/ws/abc");
    assert_text(ticket, "abc");
    host_set(&host, "HOOX_BINANCE_FUTURES_WS_URL", "ws://127.0.0.1:7/prefix/");
    host_answer(&host, KEY_PATH, 200, "{\"listenKey\":\"abc\"}");
    assert_int_equal(route(HX_STREAM_PRIVATE, &made, &ticket).outcome, HX_OUTCOME_DONE);
    assert_text(made.origin, "http://127.0.0.1:7");
    assert_text(made.target, "/prefix/private/ws/abc");
    host_answer(&host, KEY_PATH, 200, "{}");
    assert_int_equal(hx_venue_stream_renew(&req, &live, HX_STREAM_PRIVATE, &ticket).outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.last_method, HX_HTTP_METHOD_PUT);
    assert_text(ticket, "abc");
    host_answer(&host, KEY_PATH, 200, "{\"listenKey\":\"def\"}");
    assert_int_equal(hx_venue_stream_renew(&req, &live, HX_STREAM_PRIVATE, &ticket).outcome, HX_OUTCOME_DONE);
    assert_text(ticket, "def");
    host_assert_done(&host);
}

static void no_ticket_no_stream_for_now(void **state) {
    (void)state;
    struct hx_stream_route made;
    hx_str ticket;
    host_fail(&host, KEY_PATH, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(route(HX_STREAM_PRIVATE, &made, &ticket).outcome, HX_OUTCOME_BUSY);
    host_fail(&host, KEY_PATH, HX_ERR(BUSY_NOT_SENT));
    assert_int_equal(route(HX_STREAM_PRIVATE, &made, &ticket).outcome, HX_OUTCOME_BUSY);
    host_answer(&host, KEY_PATH, 503, "Service Unavailable.");
    struct hx_venue_result result = route(HX_STREAM_PRIVATE, &made, &ticket);
    assert_int_equal(result.outcome, HX_OUTCOME_BUSY);
    assert_int_equal(result.venue_code, 503);
    host_answer(&host, KEY_PATH, 400, "{\"code\":-1125,\"msg\":\"This listenKey does not exist.\"}");
    assert_int_equal(hx_venue_stream_renew(&req, &live, HX_STREAM_PRIVATE, &ticket).outcome, HX_OUTCOME_BUSY);
    host_assert_done(&host);
}

static void a_bad_url_is_named(void **state) {
    (void)state;
    struct hx_stream_route made;
    hx_str ticket;
    host_set(&host, "HOOX_BINANCE_FUTURES_WS_URL", "fstream.binance.com");
    struct hx_venue_result result = route(HX_STREAM_PUBLIC, &made, &ticket);
    assert_int_equal(result.outcome, HX_OUTCOME_REJECTED);
    assert_text(result.message, "HOOX_BINANCE_FUTURES_WS_URL");
}

/* Binance's streams are named in the target: nothing is left to be said. */
static void what_is_in_the_target_is_not_said_again(void **state) {
    (void)state;
    struct hx_stream_route made;
    struct hx_stream_texts texts;
    hx_str ticket;
    assert_int_equal(route(HX_STREAM_PUBLIC, &made, &ticket).outcome, HX_OUTCOME_DONE);
    assert_text(made.target, "/market/stream?streams=btcusdt@markPrice@1s/ethusdt@markPrice@1s");
    assert_int_equal(ticket.len, 0);
    assert_int_equal(hx_venue_stream_greet(&req, &live, HX_STREAM_PUBLIC, symbols, 2, &texts).outcome, HX_OUTCOME_DONE);
    assert_int_equal(texts.count, 0);
    host_assert_done(&host);
}

static hx_dec price_of(int64_t mantissa) {
    hx_dec price;
    assert_true(hx_ok(hx_dec_make(mantissa, -1, &price)));
    return price;
}

/* The mark price as the rest of the program sees it; `by_rest` is what the venue would answer. */
static int64_t seen_price(const char *by_rest) {
    static char body[200];
    hx_dec price;
    int64_t whole = 0;
    if (by_rest != NULL) {
        snprintf(body, sizeof body, "{\"symbol\":\"BTCUSDT\",\"markPrice\":\"%s\",\"time\":1}", by_rest);
        host_answer(&host, "/fapi/v1/premiumIndex", 200, body);
    }
    assert_int_equal(hx_venue_get_mark_price(&req, &live, HX_STR("BTCUSDT"), &price).outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
    assert_true(hx_ok(hx_dec_multiply(price, hx_dec_from_i64(10), &price)));
    assert_true(hx_ok(hx_dec_to_i64(price, &whole)));
    return whole;
}

static void note(int64_t mantissa, hx_time venue_time) {
    hx_venue_note_mark_price(&req, &live, HX_STR("BTCUSDT"), price_of(mantissa), venue_time);
}

static void streamed_prices_are_used_while_fresh(void **state) {
    (void)state;
    /* The venue's clock is not known yet: how old the price is can't be said, so it is not kept. */
    note(600000, T0 + 250);
    assert_int_equal(seen_price("60001.0"), 600010);
    assert_int_equal(hx_venue_sync_clock(&req, &live).outcome, HX_OUTCOME_DONE);
    host.now += 10000;
    hx_time venue_now = host.now + 250;
    note(600020, venue_now - 1500);
    assert_int_equal(seen_price(NULL), 600020);
    note(600030, venue_now - 100);
    assert_int_equal(seen_price(NULL), 600030);
    /* Older than what is there: it was overtaken. */
    note(600040, venue_now - 200);
    assert_int_equal(seen_price(NULL), 600030);
    /* From the future, or no price at all. */
    note(600050, venue_now + 5000);
    note(0, venue_now);
    note(-1, venue_now);
    assert_int_equal(seen_price(NULL), 600030);
    /* As old as the venue says, not as old as its arrival. */
    host.now += 2000;
    assert_int_equal(seen_price("60006.0"), 600060);
    host.now += 10000;
    note(600070, host.now + 250 - 9000);
    assert_int_equal(seen_price("60008.0"), 600080);
}

#define client_test(function) cmocka_unit_test_setup(function, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        client_test(what_is_missing_makes_a_stream_impossible),
        client_test(a_private_stream_has_a_ticket),
        client_test(no_ticket_no_stream_for_now),
        client_test(a_bad_url_is_named),
        client_test(what_is_in_the_target_is_not_said_again),
        client_test(streamed_prices_are_used_while_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
