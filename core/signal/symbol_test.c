/* Goal: every spelling of a symbol that charts and people use becomes one canonical symbol, and nothing else passes.
 * Method: a table of spellings, and the lane made from the result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/signal/signal.h"

static char memory[4096];

static void check(const char *spelling, const char *symbol) {
    struct hx_arena arena;
    hx_str out = HX_STR_EMPTY;
    hx_arena_init(&arena, memory, sizeof memory);
    hx_err err = hx_symbol_parse(&arena, hx_str_from_c(spelling), &out);
    if (symbol == NULL) {
        if (hx_ok(err)) print_error("accepted \"%s\"\n", spelling);
        assert_true(hx_err_equal(err, HX_ERR(REJECT_INPUT)));
        return;
    }
    if (hx_failed(err)) print_error("refused \"%s\"\n", spelling);
    assert_true(hx_ok(err));
    assert_true(hx_str_equal(out, hx_str_from_c(symbol)));
}

static void spellings_become_one(void **state) {
    static const char *const same[] = {"BTCUSDT",           "btcusdt",         "BTC-USDT",  "BTC_USDT",  "btc/usdt",
                                       "BINANCE:BTCUSDT.P", "BYBIT:btcusdt.p", " BTCUSDT ", "BTC-USDT.P"};
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) check(same[i], "BTCUSDT");
    check("1000PEPEUSDT", "1000PEPEUSDT");
    check("BTCUSDTPERP", "BTCUSDTPERP");
    check("AB", "AB");
    check("azAZ09", "AZAZ09");
    check("A-B", "AB");
    check("ABCDEFGHIJKLMNOPQRST", "ABCDEFGHIJKLMNOPQRST");
    check("BTCUSDT_240628", "BTCUSDT240628");
}

static void others_are_refused(void **state) {
    static const char *const wrong[] = {"",           " ",           "A",          ".P",
                                        "A.P",        "BTC USDT",    "BTC.USDT",   "BTC--USDT",
                                        "-BTCUSDT",   "BTCUSDT-",    "BTC-_USDT",  ":BTCUSDT",
                                        "BINANCE:",   "A:B:CCC",     "A B:CCC",    "BTC\nUSDT",
                                        "B\xc3\x96Z", "BTCUSDT.P.P", "{{ticker}}", "ABCDEFGHIJKLMNOPQRSTU"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) check(wrong[i], NULL);
    check("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:BTCUSDT", NULL);
}

static void an_exhausted_arena_is_told(void **state) {
    struct hx_arena arena;
    hx_str out = HX_STR_EMPTY;
    (void)state;
    hx_arena_init(&arena, memory, 4);
    assert_true(hx_err_equal(hx_symbol_parse(&arena, HX_STR("BTCUSDT"), &out), HX_ERR(LIMIT_ARENA)));
}

static void lanes_separate_live_from_test(void **state) {
    struct hx_arena arena;
    struct hx_signal signal = {.symbol = HX_STR("BTCUSDT")};
    hx_str lane = HX_STR_EMPTY;
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_true(hx_ok(hx_signal_lane(&arena, &signal, &lane)));
    assert_true(hx_str_equal(lane, HX_STR("live:BTCUSDT")));
    signal.test = true;
    signal.symbol = HX_STR("ABCDEFGHIJKLMNOPQRST");
    assert_true(hx_ok(hx_signal_lane(&arena, &signal, &lane)));
    assert_true(hx_str_equal(lane, HX_STR("test:ABCDEFGHIJKLMNOPQRST")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_become_one),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(an_exhausted_arena_is_told),
        cmocka_unit_test(lanes_separate_live_from_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
