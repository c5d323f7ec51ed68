/* Covers amount.c. Goal: amounts are exact where they must be and rounded as documented elsewhere. Method: known
 * values, and random products and averages against the compiler's 128-bit integers. */
#include "lab/amount.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

__extension__ typedef __int128 wide;

static uint64_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 11;
}

static void assert_text(hx_lab_amount amount, int places, const char *expected) {
    char text[64];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text - 1);
    if (places < 0) {
        hx_lab_amount_add_short(&buf, amount);
    } else {
        hx_lab_amount_add_fixed(&buf, amount, (uint32_t)places);
    }
    text[buf.len] = 0;
    assert_string_equal(text, expected);
}

/* Text in, text out; what is no plain decimal is refused. */
static void test_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        hx_lab_amount amount;
        uint32_t places;
    } rows[] = {
        {"0", true, 0, 0},
        {"0.001", true, 100000, 3},
        {"97000.10", true, 9700010000000, 1},
        {"-12.5", true, -1250000000, 1},
        {"0.123456789", true, 12345678, 9},
        {"9999999999", true, 999999999900000000, 0},
        {"10000000000", false, 0, 0},
        {"", false, 0, 0},
        {"-", false, 0, 0},
        {"1.", false, 0, 0},
        {".5", false, 0, 0},
        {"1e5", false, 0, 0},
        {"+1", false, 0, 0},
        {" 1", false, 0, 0},
        {"1,5", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hx_lab_amount amount = -1;
        uint32_t places = 99;
        assert_int_equal(hx_lab_amount_parse(hx_str_from_c(rows[i].text), &amount, &places), rows[i].ok);
        if (!rows[i].ok) continue;
        assert_int_equal(amount, rows[i].amount);
        assert_int_equal(places, rows[i].places);
    }
    assert_text(9700010000000, 2, "97000.10");
    assert_text(9700010000000, -1, "97000.1");
    assert_text(100000, 3, "0.001");
    assert_text(0, 0, "0");
    assert_text(0, 3, "0.000");
    assert_text(-1, 7, "0.0000000");
    assert_text(-5, 7, "-0.0000001");
    assert_text(-1250000000, -1, "-12.5");
    assert_text(HX_LAB_AMOUNT_MAX, -1, "9999999999.99999999");
}

static hx_lab_amount expected_ratio(wide numerator, wide denominator) {
    const bool negative = (numerator < 0) != (denominator < 0);
    const wide top = numerator < 0 ? -numerator : numerator;
    const wide bottom = denominator < 0 ? -denominator : denominator;
    wide quotient = (2 * top + bottom) / (2 * bottom);
    if (quotient > HX_LAB_AMOUNT_MAX) quotient = HX_LAB_AMOUNT_MAX;
    return (hx_lab_amount)(negative ? -quotient : quotient);
}

static hx_lab_amount random_amount(uint64_t *seed, bool positive) {
    const uint64_t size = next_random(seed) % 60;
    const hx_lab_amount amount = (hx_lab_amount)(next_random(seed) << 11 >> (64 - size - 1) & 0x7fffffffffffff) + 1;
    return !positive && next_random(seed) % 2 == 0 ? -amount : amount;
}

/* Products, quotients and averages equal the rounded exact value, or the ceiling. */
static void test_arithmetic(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (uint32_t i = 0; i < 200000; i++) {
        const hx_lab_amount a = random_amount(&seed, false);
        const hx_lab_amount b = random_amount(&seed, false);
        assert_int_equal(hx_lab_amount_multiply(a, b), expected_ratio((wide)a * b, HX_LAB_UNIT));
        assert_int_equal(hx_lab_amount_divide(a, b), expected_ratio((wide)a * HX_LAB_UNIT, b));
        const hx_lab_amount w = random_amount(&seed, true);
        const hx_lab_amount v = random_amount(&seed, true);
        const hx_lab_amount p = a < 0 ? -a : a;
        const hx_lab_amount q = b < 0 ? -b : b;
        assert_int_equal(hx_lab_amount_average(w, p, v, q), expected_ratio((wide)w * p + (wide)v * q, (wide)w + v));
        assert_int_equal(hx_lab_amount_product_is_exact(p, q), (wide)p * q % HX_LAB_UNIT == 0);
    }
    assert_int_equal(hx_lab_amount_multiply(HX_LAB_AMOUNT_MAX, -HX_LAB_AMOUNT_MAX), -HX_LAB_AMOUNT_MAX);
    assert_int_equal(hx_lab_amount_divide(HX_LAB_AMOUNT_MAX, 1), HX_LAB_AMOUNT_MAX);
    assert_int_equal(hx_lab_amount_add(HX_LAB_AMOUNT_MAX, 1), HX_LAB_AMOUNT_MAX);
    assert_int_equal(hx_lab_amount_add(-HX_LAB_AMOUNT_MAX, -1), -HX_LAB_AMOUNT_MAX);
}

/* Decimals go in and out without change, or are refused. */
static void test_decimals(void **state) {
    (void)state;
    hx_lab_amount amount = 0;
    assert_true(hx_lab_amount_from_dec((hx_dec){1, -1}, &amount));
    assert_int_equal(amount, 10000000);
    assert_true(hx_dec_equal(hx_lab_amount_to_dec(amount), (hx_dec){1, -1}));
    assert_true(hx_lab_amount_from_dec((hx_dec){97, 3}, &amount));
    assert_int_equal(amount, 97000 * HX_LAB_UNIT);
    assert_false(hx_lab_amount_from_dec((hx_dec){1, -9}, &amount));
    assert_false(hx_lab_amount_from_dec((hx_dec){1, 10}, &amount));
    assert_false(hx_lab_amount_from_dec((hx_dec){-1, 18}, &amount));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
