/* Covers paper.c. Goal: paper trading reaches the laboratories only, each venue its own, and a testnet never the venue
 * beside it. Method: laboratories opened, the settings they leave behind read back. */
#include "host/native/paper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/stream_order.h"
#include "host/native/secrets.h"

static struct hx_loop loop;
static struct hx_settings settings;

static int begin(void **state) {
    (void)state;
    assert_true(hx_loop_init(&loop));
    return 0;
}

static int end(void **state) {
    (void)state;
    hx_loop_release(&loop);
    return 0;
}

static uint16_t port_of(const struct hx_paper *paper, const char *name) {
    for (uint32_t i = 0; i < hx_paper_count(paper); i++) {
        if (strcmp(hx_paper_name(paper, i), name) == 0) return hx_paper_port(paper, i);
    }
    fail_msg("no laboratory is %s", name);
    return 0;
}

static void assert_setting(const char *name, const char *scheme, uint16_t port) {
    char url[64];
    hx_str value;
    (void)snprintf(url, sizeof(url), "%s://127.0.0.1:%u", scheme, (unsigned)port);
    assert_true(hx_settings_find(&settings, name, &value));
    assert_true(hx_str_equal(value, hx_str_from_c(url)));
}

static void assert_stays_here(hx_str name) {
    hx_str value;
    size_t at = 0;
    if (name.len == 0) return;
    bool is_set = hx_settings_find_str(&settings, name, &value);
    if (!is_set || !hx_str_find(value, HX_STR("://127.0.0.1:"), &at)) fail_msg("%s leads out", name.data);
}

/* Whatever the core may ask or listen to, whichever venues there are. */
static void assert_nothing_leads_out(void) {
    const struct hx_venue_adapter *adapter = NULL;
    const struct hx_venue_stream *stream = NULL;
    for (uint32_t i = 0; (adapter = hx_venue_list_adapters(i)) != NULL; i++) {
        assert_stays_here(adapter->live.origin_setting);
        assert_stays_here(adapter->test.origin_setting);
        const struct hx_account account = {adapter->venue, adapter->market, false};
        const struct hx_order_socket *socket = hx_order_socket_find(&account);
        if (socket == NULL) continue;
        assert_stays_here(socket->live.origin_setting);
        assert_stays_here(socket->test.origin_setting);
    }
    for (uint32_t i = 0; (stream = hx_venue_list_streams(i)) != NULL; i++) {
        assert_stays_here(stream->live.origin_setting);
        assert_stays_here(stream->test.origin_setting);
    }
}

static void test_settings(void **state) {
    (void)state;
    char problem[256] = "";
    struct hx_secrets *secrets = hx_secrets_make();
    assert_true(hx_settings_put(&settings, secrets, HX_STR("HOOX_BYBIT_URL"), HX_STR("https://live.example")));
    struct hx_paper *paper = hx_paper_open(&loop, HX_STR("127.0.0.1:0"), 1, problem, sizeof(problem));
    assert_non_null(paper);
    assert_true(hx_paper_configure(paper, &settings, secrets));
    static const struct {
        const char *url, *ws;
        const char *venue;
    } rows[] = {
        {"HOOX_BINANCE_FUTURES_URL", "HOOX_BINANCE_FUTURES_WS_URL", "binance"},
        {"HOOX_BINANCE_SPOT_URL", "HOOX_BINANCE_SPOT_WS_URL", "binance"},
        {"HOOX_BYBIT_URL", "HOOX_BYBIT_WS_URL", "bybit"},
        {"HOOX_MEXC_FUTURES_URL", "HOOX_MEXC_FUTURES_WS_URL", "mexc"},
        {"HOOX_MEXC_SPOT_URL", "HOOX_MEXC_SPOT_WS_URL", "mexc"},
        {"HOOX_BINANCE_FUTURES_TESTNET_URL", "HOOX_BINANCE_FUTURES_TESTNET_WS_URL", "binance testnet"},
        {"HOOX_BINANCE_SPOT_TESTNET_URL", "HOOX_BINANCE_SPOT_TESTNET_WS_URL", "binance testnet"},
        {"HOOX_BYBIT_TESTNET_URL", "HOOX_BYBIT_TESTNET_WS_URL", "bybit testnet"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_setting(rows[i].url, "http", port_of(paper, rows[i].venue));
        assert_setting(rows[i].ws, "ws", port_of(paper, rows[i].venue));
        /* "…_WS_URL" and "…_WS_API_URL". */
        char api[64];
        (void)snprintf(api, sizeof(api), "%.*sAPI_URL", (int)(strlen(rows[i].ws) - 3), rows[i].ws);
        assert_setting(api, "ws", port_of(paper, rows[i].venue));
    }
    assert_nothing_leads_out();
    /* `--listen` has its addresses in this order: every venue, then those that have a testnet. */
    assert_true(hx_paper_count(paper) >= HX_VENUE_COUNT);
    for (uint32_t a = 0; a < hx_paper_count(paper); a++) {
        hx_str name = hx_str_from_c(hx_paper_name(paper, a));
        if (a < HX_VENUE_COUNT) assert_true(hx_str_equal(name, hx_venue_name((enum hx_venue_id)(a + 1))));
        if (a >= HX_VENUE_COUNT) assert_true(hx_str_ends_with(name, HX_STR(" testnet")));
        for (uint32_t b = 0; b < a; b++) {
            assert_int_not_equal(hx_paper_port(paper, a), hx_paper_port(paper, b));
        }
    }
    char taken[32];
    (void)snprintf(taken, sizeof(taken), "127.0.0.1:0,127.0.0.1:%u", (unsigned)port_of(paper, "mexc"));
    assert_null(hx_paper_open(&loop, hx_str_from_c(taken), 1, problem, sizeof(problem)));
    assert_true(problem[0] != '\0');
    hx_paper_close(paper);
    hx_settings_release(&settings);
    hx_secrets_release(secrets);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_settings, begin, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
