/* Goal: what the check lets pass is what the readers, and those who use a value, understand; the table has every
 * setting there is. Covers setting.c and setting_check.c. Method: values that owners write against the check; readers
 * on a host of a few arrays; the table against the adapters and against the limits of those who use the values. */
#include "core/app/setting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/admit/fake_host.h"
#include "core/admit/keys.h"
#include "core/signal/signal.h"
#include "core/trade/attempt.h"
#include "core/venue/adapter.h"
#include "core/venue/stream.h"

static int setup(void **state) {
    (void)state;
    fake_reset();
    return 0;
}

static bool may_be(const char *name, const char *value) {
    struct hx_setting_info info;
    assert_true(hx_setting_find(hx_str_from_c(name), &info));
    return hx_setting_check(&info, hx_str_from_c(value));
}

struct row {
    const char *name;
    const char *good[6], *bad[8];
};

static const struct row rows[] = {
    {"HOOX_STREAMS", {"on", "Off", "YES", "0", ""}, {"enabled", "y", "onn", "2"}},
    {"HOOX_REFUSE_WITHDRAW_KEYS", {"1", "yes", "TRUE", "off", "no"}, {"enabled", "y", "-"}},
    {"HOOX_TARGET_MISMATCH", {"refuse", "Refuse", "CATCH_UP", ""}, {"refuse ", "catch-up", "catch", "catch_up,refuse"}},
    {"HOOX_ORDER_ENTRY", {"ws", "WS", "rest"}, {"websocket", ","}},
    {"HOOX_MARGIN_MODE", {"crossed", "Isolated", "keep", ""}, {"cross"}},
    {"HOOX_LOG_LEVEL", {"debug", "WARN"}, {"verbose", "warning"}},
    {"HOOX_VENUE_TIMEOUT_MS", {"100", "60000", ""}, {"5", "99", "60001", "3s", "3000 ", "-1", "1e3"}},
    {"HOOX_REPLY_BUDGET_MS", {"0", "2000"}, {"2s", "60001", "2000ms"}},
    {"HOOX_RETRY_SCHEDULE",
     {"30", "30,60,300", "1, 2 ,3", "0", ""},
     {"30s,60s", "abc", "30;60", "30,,60", "86401", "-1", " "}},
    {"HOOX_PAPER_SEED", {"0", "9223372036854775807"}, {"foo", "-1", "9223372036854775808"}},
    {"HOOX_REQUESTS_MAX", {"1", "65536"}, {"0", "65537"}},
    {"HOOX_LISTEN",
     {"8787", ":8787", "127.0.0.1:0", "localhost:8787", "[::1]:8787, 127.0.0.1:8787"},
     {"", "127.0.0.1", "::1:8787", "[127.0.0.1]:1", "example.com:80", "127.0.0.1:65536", "a,", ","}},
    {"HOOX_PAPER_LISTEN", {"127.0.0.1:0", ""}, {"foo"}},
    {"HOOX_TRUSTED_PROXIES", {"127.0.0.1/32", "10.0.0.0/8, ::1", ""}, {"foo", "127.0.0.1/8", "10.0.0.0/33"}},
    {"HOOX_NOTIFY_URL",
     {"https://a.example/x?y=1", "http://127.0.0.1:1/", ""},
     {"foo", "a.example", "ftp://a.example"}},
    {"HOOX_BINANCE_FUTURES_URL",
     {"http://127.0.0.1:1", "https://a.example/sub/", ""},
     {"foo", "ws://a.example", "http://", "https://a.example/?x"}},
    {"HOOX_BYBIT_WS_URL", {"wss://a.example", "ws://127.0.0.1:1/x", "https://a.example"}, {"foo", "ws:/a", "wsx://a"}},
    {"HOOX_BINANCE_SPOT_WS_URL", {"wss://a.example:443", ""}, {"a.example"}},
    {"HOOX_BINANCE_SPOT_WS_API_URL", {"wss://a.example:443"}, {"a.example"}},
    {"MEXC_API_KEY", {"mx0", ""}, {"with space", "line\nbreak", "\xc3\xa9"}},
    {"BYBIT_TESTNET_API_SECRET", {"abc"}, {"abc "}},
    {"HOOX_WEBHOOK_KEY", {"hxk_abcdefghijklmnop", "a", ""}, {"hxk_ abcdefghijklmnop"}},
    {"HOOX_OPERATOR_TOKEN", {"the-operator's-own-token"}, {"x"}},
    {"HOOX_DATA", {"anything", ""}, {NULL}},
};

static void values_that_owners_write(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t k = 0; k < 6 && rows[i].good[k] != NULL; k++) {
            if (!may_be(rows[i].name, rows[i].good[k])) fail_msg("%s=%s refused", rows[i].name, rows[i].good[k]);
        }
        for (size_t k = 0; k < 8 && rows[i].bad[k] != NULL; k++) {
            if (may_be(rows[i].name, rows[i].bad[k])) fail_msg("%s=%s taken", rows[i].name, rows[i].bad[k]);
        }
    }
}

/* What goes for a value that is not there, or wrong, must be one; and there is something to say of every setting. */
static void the_table_is_sound(void **state) {
    (void)state;
    struct hx_setting_info info, found;
    uint32_t count = 0;
    for (; hx_setting_list(count, &info); count++) {
        assert_true(info.name.len > 0 && hx_setting_find(info.name, &found));
        assert_true(hx_str_equal(found.name, info.name) && found.kind == info.kind);
        assert_true(info.default_value.len == 0 || hx_setting_check(&info, info.default_value));
        assert_true(info.when_wrong.len == 0 || hx_setting_check(&info, info.when_wrong));
        assert_true(hx_str_starts_with(hx_setting_issue(&info), HX_STR("must ")));
        for (uint32_t k = 0; k < count; k++) {
            assert_true(hx_setting_list(k, &found));
            assert_false(hx_str_equal(found.name, info.name));
        }
    }
    assert_true(count > HX_SETTING_COUNT);
    assert_false(hx_setting_find(HX_STR("HOOX_TARGET_MISMACH"), &found));
    assert_false(hx_setting_find(HX_STR_EMPTY, &found));
}

static void assert_known(hx_str name, enum hx_setting_kind kind) {
    struct hx_setting_info info;
    if (name.len == 0) return;
    if (!hx_setting_find(name, &info)) fail_msg("%.*s is not in the table", (int)name.len, name.data);
    assert_int_equal(info.kind, kind);
}

static void it_has_what_the_venues_name(void **state) {
    (void)state;
    const struct hx_venue_adapter *adapter = NULL;
    const struct hx_venue_stream *stream = NULL;
    for (uint32_t i = 0; (adapter = hx_venue_list_adapters(i)) != NULL; i++) {
        const struct hx_venue_access *const accesses[] = {&adapter->live, &adapter->test};
        for (int k = 0; k < 2; k++) {
            assert_known(accesses[k]->origin_setting, HX_SETTING_KIND_ORIGIN);
            assert_known(accesses[k]->key_setting, HX_SETTING_KIND_API_KEY);
            assert_known(accesses[k]->secret_name, HX_SETTING_KIND_SECRET);
        }
    }
    for (uint32_t i = 0; (stream = hx_venue_list_streams(i)) != NULL; i++) {
        assert_known(stream->live.origin_setting, HX_SETTING_KIND_SOCKET_URL);
        assert_known(stream->test.origin_setting, HX_SETTING_KIND_SOCKET_URL);
    }
}

/* A key that the check lets pass, an alert can present; its sentence says the very limits. */
static void a_webhook_key_fits_into_an_alert(void **state) {
    (void)state;
    struct hx_setting_info info = hx_setting_info(HX_SETTING_WEBHOOK_KEY);
    char key[HX_SIGNAL_KEY_LEN_MAX + 2], body[400], said[64];
    struct hx_signal signal;
    struct hx_signal_issues issues = {.count = 0};
    const struct hx_json *root = NULL;
    memset(key, 'k', sizeof key);
    assert_true(hx_setting_check(&info, hx_str_make(key, HX_SIGNAL_KEY_LEN_MAX)));
    assert_false(hx_setting_check(&info, hx_str_make(key, HX_SIGNAL_KEY_LEN_MAX + 1)));
    key[HX_SIGNAL_KEY_LEN_MAX] = '\0';
    snprintf(body, sizeof body, "{\"apiKey\":\"%s\",\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":1}", key);
    assert_true(hx_ok(hx_signal_parse(&fake.req.arena, hx_str_from_c(body), &signal, &root, &issues)));
    assert_true(hx_str_equal(signal.api_key, hx_str_from_c(key)));
    snprintf(said, sizeof said, "must be at most %d printable", HX_SIGNAL_KEY_LEN_MAX);
    assert_true(hx_str_starts_with(hx_setting_issue(&info), hx_str_from_c(said)));
}

static void readers_read_carefully(void **state) {
    (void)state;
    assert_true(hx_str_equal(hx_setting_read(&fake.req, HX_SETTING_TARGET_MISMATCH), HX_STR("catch_up")));
    assert_false(hx_setting_is_on(&fake.req, HX_SETTING_REFUSE_WITHDRAW_KEYS));
    assert_int_equal(hx_setting_read_whole(&fake.req, HX_SETTING_REPLY_BUDGET_MS), 2000);
    fake_setting("HOOX_TARGET_MISMATCH", "");
    fake_setting("HOOX_REFUSE_WITHDRAW_KEYS", "Yes");
    fake_setting("HOOX_REPLY_BUDGET_MS", "0");
    assert_true(hx_str_equal(hx_setting_read(&fake.req, HX_SETTING_TARGET_MISMATCH), HX_STR("catch_up")));
    assert_true(hx_setting_is_on(&fake.req, HX_SETTING_REFUSE_WITHDRAW_KEYS));
    assert_int_equal(hx_setting_read_whole(&fake.req, HX_SETTING_REPLY_BUDGET_MS), 0);
    assert_int_equal(fake.warning_count, 0);
    fake_setting("HOOX_TARGET_MISMATCH", "refused");
    fake_setting("HOOX_REFUSE_WITHDRAW_KEYS", "enabled");
    fake_setting("HOOX_REPLY_BUDGET_MS", "soon");
    assert_true(hx_str_equal(hx_setting_read(&fake.req, HX_SETTING_TARGET_MISMATCH), HX_STR("refuse")));
    assert_true(hx_setting_is_on(&fake.req, HX_SETTING_REFUSE_WITHDRAW_KEYS));
    assert_int_equal(hx_setting_read_whole(&fake.req, HX_SETTING_REPLY_BUDGET_MS), 2000);
    assert_int_equal(fake.warning_count, 3);
    assert_null(strstr(fake.logged, "enabled"));
    assert_non_null(strstr(fake.logged, "HOOX_REFUSE_WITHDRAW_KEYS"));
}

/* A schedule with a part that can't be read would end a signal there; it is the default's then, tries and all. */
static void a_wrong_schedule_is_the_default(void **state) {
    (void)state;
    fake_setting("HOOX_RETRY_SCHEDULE", "30s,60s");
    hx_str read = hx_setting_read(&fake.req, HX_SETTING_RETRY_SCHEDULE);
    for (int64_t tries = 1; tries <= 6; tries++) {
        assert_int_equal(hx_retry_delay_ms(read, tries), hx_retry_delay_ms(HX_STR_EMPTY, tries));
    }
    assert_int_equal(hx_retry_delay_ms(read, 1), 30000);
    assert_int_equal(hx_retry_delay_ms(read, 6), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(values_that_owners_write, setup),
        cmocka_unit_test_setup(the_table_is_sound, setup),
        cmocka_unit_test_setup(it_has_what_the_venues_name, setup),
        cmocka_unit_test_setup(a_webhook_key_fits_into_an_alert, setup),
        cmocka_unit_test_setup(readers_read_carefully, setup),
        cmocka_unit_test_setup(a_wrong_schedule_is_the_default, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
