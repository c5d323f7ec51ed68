/* Goal: an amount always comes out: exactly when it can, else rounded by less than a unit of the last place kept.
 * Method: exact cases compared with hx_dec, and cases that hx_dec refuses compared with figures worked out by hand. */
#include "core/trade/amount.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static void exact_where_possible(void **state) {
    (void)state;
    srand(5);
    for (int i = 0; i < 20000; i++) {
        hx_dec a, b, exact, out;
        assert_true(hx_ok(hx_dec_make(rand() - RAND_MAX / 2, -(rand() % 7), &a)));
        assert_true(hx_ok(hx_dec_make(rand() % 100000000, -(rand() % 7), &b)));
        if (hx_ok(hx_dec_multiply(a, b, &exact))) {
            assert_true(hx_ok(hx_amount_multiply(a, b, HX_ROUND_DOWN, &out)));
            assert_true(hx_dec_equal(out, exact));
        }
        assert_true(hx_ok(hx_dec_add(a, b, &exact)));
        assert_true(hx_ok(hx_amount_add(a, b, &out)));
        assert_true(hx_dec_equal(out, exact));
        assert_true(hx_ok(hx_dec_subtract(a, b, &exact)));
        assert_true(hx_ok(hx_amount_subtract(a, b, &out)));
        assert_true(hx_dec_equal(out, exact));
    }
}

static void rounded_where_not(void **state) {
    (void)state;
    hx_dec out;
    assert_true(hx_ok(hx_amount_multiply(dec("3415.123456789012"), dec("1.371"), HX_ROUND_DOWN, &out)));
    assert_true(hx_dec_equal(out, dec("4682.134259257735")));
    assert_true(hx_ok(hx_amount_divide(dec("20000"), dec("0.0107"), HX_ROUND_DOWN, &out)));
    assert_true(hx_dec_equal(out, dec("1869158.8785046728")));
    assert_true(hx_ok(hx_amount_add(dec("123456789012"), dec("0.00000000049"), &out)));
    assert_true(hx_dec_equal(out, dec("123456789012")));
    assert_true(hx_ok(hx_amount_add(dec("12345678901"), dec("0.12345678"), &out)));
    assert_true(hx_dec_equal(out, dec("12345678901.123457")));
    assert_true(hx_err_equal(hx_amount_divide(dec("1"), HX_DEC_ZERO, HX_ROUND_DOWN, &out), HX_ERR(REJECT_DIVIDE_ZERO)));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(exact_where_possible), cmocka_unit_test(rounded_where_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
