/* Goal: no account is ever used with another one's address, key or secret, whatever venues there are; and what is
 * missing is named. Method: over every adapter, its live and its test access are compared with each other and with
 * those of the other venues, and questions about keys are answered from a host with some settings. */
#include "core/venue/adapter.h"
#include "test/venue/venue_host.h"

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    hx_req_init(&req, &host, memory, sizeof memory);
    return 0;
}

static bool shares(const struct hx_venue_access *a, const struct hx_venue_access *b) {
    return hx_str_equal(a->key_setting, b->key_setting) || hx_str_equal(a->secret_name, b->secret_name) ||
           hx_str_equal(a->origin_setting, b->origin_setting) || hx_str_equal(a->origin_default, b->origin_default);
}

static void live_and_test_share_nothing(void **state) {
    (void)state;
    const struct hx_venue_adapter *one = NULL;
    for (uint32_t i = 0; (one = hx_venue_list_adapters(i)) != NULL; i++) {
        assert_true(one->live.origin_default.len > 0 && one->live.key_setting.len > 0);
        if (one->test.origin_default.len == 0) continue;
        assert_true(one->test.key_setting.len > 0 && one->test.secret_name.len > 0);
        if (shares(&one->live, &one->test)) fail_msg("%.*s", (int)one->name.len, one->name.data);
        const struct hx_venue_adapter *other = NULL;
        for (uint32_t k = 0; (other = hx_venue_list_adapters(k)) != NULL; k++) {
            if (shares(&one->test, &other->live)) fail_msg("%.*s", (int)one->name.len, one->name.data);
        }
    }
}

/* Products of a venue are one account at the exchange; two venues are two. */
static void venues_share_no_key(void **state) {
    (void)state;
    const struct hx_venue_adapter *one = NULL, *other = NULL;
    for (uint32_t i = 0; (one = hx_venue_list_adapters(i)) != NULL; i++) {
        for (uint32_t k = i + 1; (other = hx_venue_list_adapters(k)) != NULL; k++) {
            bool same = hx_str_equal(one->live.key_setting, other->live.key_setting);
            assert_int_equal(same, one->venue == other->venue);
        }
    }
}

static void what_is_missing_is_named(void **state) {
    (void)state;
    const struct hx_venue_adapter *one = NULL;
    for (uint32_t i = 0; (one = hx_venue_list_adapters(i)) != NULL; i++) {
        for (int test = 0; test < 2; test++) {
            const struct hx_account account = {one->venue, one->market, test == 1};
            const struct hx_venue_access *access = test ? &one->test : &one->live;
            char text[200], key[100];
            struct hx_buf buf;
            setup(NULL);
            assert_int_equal(hx_venue_is_reachable(&account), access->origin_default.len > 0);
            if (!hx_venue_is_reachable(&account)) continue;
            assert_false(hx_venue_has_key(&req, &account));
            snprintf(key, sizeof key, "%.*s", (int)access->key_setting.len, access->key_setting.data);
            host_set(&host, key, "");
            assert_false(hx_venue_has_key(&req, &account));
            host_set(&host, key, "k");
            assert_true(hx_venue_has_key(&req, &account));
            hx_buf_init(&buf, text, sizeof text);
            hx_venue_add_key_names(&buf, &account);
            size_t at = 0;
            assert_true(hx_str_find(hx_buf_str(&buf), access->key_setting, &at));
            assert_true(hx_str_find(hx_buf_str(&buf), access->secret_name, &at));
        }
    }
}

/* Of each exchange one pair, live and test, and which settings are an exchange's. */
static void keys_are_listed_once(void **state) {
    (void)state;
    const struct hx_venue_adapter *adapter = NULL;
    for (uint32_t i = 0; (adapter = hx_venue_list_adapters(i)) != NULL; i++) {
        for (int test = 0; test < 2; test++) {
            const struct hx_venue_access *access = test ? &adapter->test : &adapter->live, *key = NULL;
            uint32_t times = 0;
            if (access->key_setting.len == 0) continue;
            for (uint32_t k = 0; (key = hx_venue_list_keys(k, test == 1)) != NULL; k++) {
                times += hx_str_equal(key->key_setting, access->key_setting);
            }
            assert_int_equal(times, 1);
            assert_true(hx_venue_is_key_setting(access->key_setting));
            assert_false(hx_venue_is_key_setting(access->secret_name));
            assert_true(hx_venue_owns_setting(access->key_setting) && hx_venue_owns_setting(access->secret_name));
        }
    }
    assert_string_equal(hx_venue_list_keys(0, false)->key_setting.data, "BINANCE_API_KEY");
    assert_string_equal(hx_venue_list_keys(1, true)->secret_name.data, "BYBIT_TESTNET_API_SECRET");
    assert_non_null(hx_venue_list_keys(HX_VENUE_COUNT - 1, false));
    assert_null(hx_venue_list_keys(HX_VENUE_COUNT, false));
    assert_null(hx_venue_list_keys(HX_VENUE_COUNT, true));
    assert_true(hx_venue_owns_setting(HX_STR("MEXC_ANYTHING")));
    static const char *const others[] = {"", "MEXC", "BINANCEX_API_KEY", "HOOX_BYBIT_URL", "_API_KEY", "bybit_API_KEY"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(hx_venue_owns_setting(hx_str_from_c(others[i])));
        assert_false(hx_venue_is_key_setting(hx_str_from_c(others[i])));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(live_and_test_share_nothing, setup),
        cmocka_unit_test_setup(venues_share_no_key, setup),
        cmocka_unit_test_setup(what_is_missing_is_named, setup),
        cmocka_unit_test_setup(keys_are_listed_once, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
