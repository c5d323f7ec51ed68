/* Goal: test trading and live trading never meet: not in keys, not in lanes, positions, figures or routing.
 * Method: signals of both kinds for one symbol into the world; every request that leaves is looked at for whose key and
 * whose signature it carries, and rows of every table are counted apart. Routing's refusals are here too, since they
 * name the keys. */
#include "test/app/world.h"

#define TEST ",\"test\":true"
#define TEST_KEY "testnet-key"
#define TEST_SECRET "testnet-secret"

static const struct hx_sim_pair shared_secret = {"BINANCE_TESTNET_API_SECRET", HX_LAB_API_SECRET};
static const struct hx_sim_pair own_secret = {"BINANCE_TESTNET_API_SECRET", TEST_SECRET};

/* The laboratory stands in for the test network too, with the key it knows. */
static int test_reset(void **state) {
    int failed = world_reset(state);
    world_setting("HOOX_BINANCE_FUTURES_TESTNET_URL", "http://venue.sim");
    world_setting("BINANCE_TESTNET_API_KEY", HX_LAB_API_KEY);
    world.config.secrets = &shared_secret;
    world.config.secret_count = 1;
    return failed;
}

static struct { uint32_t live, test, wrong; } seen;

static bool is_signed_with(const struct hx_http_call *call, hx_str secret) {
    size_t query = 0, at = 0;
    if (!hx_str_find_char(call->target, '?', &query)) return false;
    if (!hx_str_find(call->target, HX_STR("&signature="), &at)) return false;
    uint8_t digest[HX_SHA256_LEN];
    char hex[2 * HX_SHA256_LEN];
    struct hx_buf buf;
    hx_buf_init(&buf, hex, sizeof(hex));
    hx_hmac_sha256(secret, hx_str_slice(call->target, query + 1, at), digest);
    hx_buf_add_hex(&buf, digest, sizeof(digest));
    return hx_str_equal(hx_str_slice(call->target, at + 11, call->target.len), hx_buf_str(&buf));
}

static void look_at_keys(void *context, struct hx_host *sim, const struct hx_http_call *call) {
    (void)context, (void)sim;
    for (uint32_t i = 0; i < call->header_count; i++) {
        if (!hx_str_equal(call->headers[i].name, HX_STR("X-MBX-APIKEY"))) continue;
        bool live = hx_str_equal(call->headers[i].value, HX_STR(HX_LAB_API_KEY));
        bool right = is_signed_with(call, live ? HX_STR(HX_LAB_API_SECRET) : HX_STR(TEST_SECRET));
        seen.live += live;
        seen.test += !live && hx_str_equal(call->headers[i].value, HX_STR(TEST_KEY));
        seen.wrong += !right;
    }
}

static void each_kind_has_its_own_keys(void **state) {
    (void)state;
    world_setting("BINANCE_TESTNET_API_KEY", TEST_KEY);
    world.config.secrets = &own_secret;
    world_begin();
    memset(&seen, 0, sizeof(seen));
    hx_sim_observe(world.sim, &(struct hx_sim_observer){.on_wire = look_at_keys});
    assert_int_equal(world_alert(LONG_BTC KEYED("a"))->status, 200);
    assert_true(seen.live > 0);
    assert_int_equal(seen.test, 0);
    uint32_t live = seen.live;
    /* The laboratory does not know the test network's key: refused, and nothing of it was tried with the live one. */
    assert_string_equal(world_member(world_alert(LONG_BTC TEST KEYED("b")), "success"), "false");
    assert_int_equal(seen.live, live);
    assert_true(seen.test > 0);
    assert_int_equal(seen.wrong, 0);
    assert_rows("SELECT test, quantity FROM positions", "0|0.01");
}

static void without_its_own_keys_test_trading_is_refused(void **state) {
    (void)state;
    world_setting("BINANCE_TESTNET_API_KEY", "");
    world_begin();
    memset(&seen, 0, sizeof(seen));
    hx_sim_observe(world.sim, &(struct hx_sim_observer){.on_wire = look_at_keys});
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC TEST ",\"exchange\":\"binance\"");
    assert_int_equal(reply->status, 400);
    assert_non_null(strstr(world_member(reply, "error.details.0.issue"), "BINANCE_TESTNET_API_KEY"));
    assert_int_equal(seen.live + seen.test, 0);
}

/* The live address is never a stand-in for the test network's. */
static void without_its_own_address_it_goes_to_the_test_network(void **state) {
    (void)state;
    world_setting("HOOX_BINANCE_FUTURES_TESTNET_URL", "");
    world_begin();
    memset(&seen, 0, sizeof(seen));
    hx_sim_observe(world.sim, &(struct hx_sim_observer){.on_wire = look_at_keys});
    assert_int_equal(world_alert(LONG_BTC TEST)->status, 202);
    assert_int_equal(seen.live + seen.test, 0);
}

static void every_table_keeps_them_apart(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("a"));
    world_price("BTCUSDT", "61000");
    const struct hx_sim_exchange *reply =
        world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.02\"" TEST KEYED("a"));
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "test"), "true");
    assert_rows("SELECT lane, test FROM signals ORDER BY seq", "live:BTCUSDT|0 test:BTCUSDT|1");
    assert_rows("SELECT lane, test FROM orders ORDER BY created_ms", "live:BTCUSDT|0 test:BTCUSDT|1");
    assert_rows("SELECT test, count(*) FROM fills GROUP BY test", "0|1 1|1");
    assert_rows("SELECT test, quantity, entry_price FROM positions ORDER BY test", "0|0.01|60000 1|0.02|61000");
    assert_rows("SELECT test, opened_quantity FROM trades ORDER BY test", "0|0.01 1|0.02");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%\"test\":true%'", "1");

    /* A close of one leaves the other, whoever asks. */
    world_pass(6000);
    reply = world_alert(CLOSE_BTC TEST KEYED("out"));
    assert_string_equal(world_member(reply, "result.executedQty"), "0.02");
    assert_rows("SELECT test, quantity FROM positions ORDER BY test", "0|0.01 1|0");
    world_price("BTCUSDT", "62000");
    world_pass(6000);
    assert_string_equal(world_member(world_alert(CLOSE_BTC TEST KEYED("out2")), "status"), "nothing_to_do");
    world_alert(CLOSE_BTC KEYED("out3"));
    assert_rows("SELECT test, quantity FROM positions ORDER BY test", "0|0 1|0");
    assert_rows("SELECT test, market, trades, wins FROM win_rates ORDER BY test", "0|futures|1|1 1|futures|1|0");
}

/* The position that a venue holds on paper draws no live signal there. */
static void routing_looks_at_its_own_kind(void **state) {
    (void)state;
    world_setting("BYBIT_API_KEY", "");
    world_alert(LONG_BTC TEST ",\"exchange\":\"binance\"" KEYED("a"));
    world_set("exchanges:default_routing", "mexc");
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("b"));
    assert_int_equal(reply->status, 400);
    assert_string_equal(world_member(reply, "exchange"), "mexc");
    reply = world_alert(LONG_BTC TEST KEYED("c"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "exchange"), "binance");
}

/* A signal that names no exchange and is routed to one without a key: three ways out are named. */
static void routing_to_a_venue_without_a_key_is_explained(void **state) {
    (void)state;
    world_setting("BINANCE_API_KEY", "");
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC);
    assert_int_equal(reply->status, 400);
    assert_string_equal(world_member(reply, "error.code"), "VALIDATION_ERROR");
    assert_string_equal(world_member(reply, "error.details.0.field"), "exchange");
    const char *issue = world_member(reply, "error.details.0.issue");
    assert_non_null(strstr(issue, "binance"));
    assert_non_null(strstr(issue, "BINANCE_API_KEY and BINANCE_API_SECRET"));
    assert_non_null(strstr(issue, "exchanges:default_routing"));
    assert_rows("SELECT status, reason FROM signals", "rejected|VALIDATION_ERROR");
    /* Named, it is the signal's own choice, and routing is not to blame. */
    reply = world_alert(LONG_BTC ",\"exchange\":\"binance\"");
    assert_int_equal(reply->status, 400);
    issue = world_member(reply, "error.details.0.issue");
    assert_non_null(strstr(issue, "BINANCE_API_KEY"));
    assert_null(strstr(issue, "routing"));
}

#define trading_test(function) cmocka_unit_test_setup(function, test_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        trading_test(each_kind_has_its_own_keys),
        trading_test(without_its_own_keys_test_trading_is_refused),
        trading_test(without_its_own_address_it_goes_to_the_test_network),
        trading_test(every_table_keeps_them_apart),
        trading_test(routing_looks_at_its_own_kind),
        trading_test(routing_to_a_venue_without_a_key_is_explained),
    };
    return world_run(tests);
}
