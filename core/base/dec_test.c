/* Goal: decimals are exact, canonical and fail as dec.h says. Method: worked examples, and 200,000 seeded random
 * questions per operation answered by GMP as well (test/oracle/dec_oracle.h), drawn so that extremes, ties, exact
 * quotients and near misses are common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/dec.h"
#include "test/oracle/dec_oracle.h"

#define QUESTIONS_PER_OPERATION 200000

static uint64_t random_state;

static uint64_t draw(void) {
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int64_t draw_range(int64_t low, int64_t high) {
    return low + (int64_t)(draw() % (uint64_t)(high - low + 1));
}

static int64_t power(int64_t base, int64_t exponent) {
    int64_t value = 1;
    for (; exponent > 0; exponent--) value *= base;
    return value;
}

static int64_t draw_magnitude(void) {
    switch (draw_range(0, 7)) {
        case 0:
            return draw_range(0, 20);
        case 1:
            return power(10, 18) - draw_range(1, 3);
        case 2:
            return power(10, draw_range(0, 17)) + draw_range(-1, 1);
        case 3:
            return power(2, draw_range(0, 59));
        case 4:
            return power(5, draw_range(0, 25));
        case 5:
            return draw_range(0, power(10, draw_range(1, 8)));
        default:
            return draw_range(0, power(10, draw_range(1, 18)) - 1);
    }
}

static hx_dec draw_dec(void) {
    hx_dec value = HX_DEC_ZERO;
    int64_t magnitude = draw_magnitude();
    int32_t exponent_max = draw_range(0, 1) == 0 ? 18 : 4;
    hx_err err = HX_OK;
    do {
        int32_t exponent = (int32_t)draw_range(-exponent_max, exponent_max);
        err = hx_dec_make(draw_range(0, 1) == 0 ? magnitude : -magnitude, exponent, &value);
    } while (hx_failed(err)); /* Only RANGE: a small exponent succeeds sooner or later. */
    return value;
}

static void print_question(const struct oracle_question *q) {
    printf("operation %d a %lde%d b %lde%d places %d round %d\n", (int)q->operation, (long)q->a.mantissa, q->a.exponent,
           (long)q->b.mantissa, q->b.exponent, q->places, (int)q->round);
}

/* Makes a an odd number of half units: of b where the operation rounds to b or divides by it, else of 10^-places. */
static void move_to_tie(struct oracle_question *q) {
    const hx_dec odd = {2 * draw_range(-50, 50) + 1, 0};
    hx_dec unit = q->b;
    hx_dec half = HX_DEC_ZERO;
    hx_dec tie = HX_DEC_ZERO;
    if (q->operation == ORACLE_ROUND || q->operation == ORACLE_MULTIPLY_ROUND) {
        q->b = hx_dec_from_i64(1);
        if (hx_failed(hx_dec_make(1, -q->places, &unit))) return;
    }
    if (q->operation == ORACLE_DIVIDE) q->places = 0;
    if (hx_failed(hx_dec_multiply(unit, (hx_dec){5, -1}, &half)) || hx_failed(hx_dec_multiply(half, odd, &tie))) return;
    q->a = tie;
}

static void check_operation(enum oracle_operation operation) {
    uint32_t failures = 0;
    uint32_t answers = 0;
    random_state = 20261123 + (uint64_t)operation;
    for (uint32_t i = 0; i < QUESTIONS_PER_OPERATION; i++) {
        struct oracle_question q = {operation, draw_dec(), draw_dec(), (int32_t)draw_range(-18, 18), HX_ROUND_DOWN};
        q.round = (enum hx_round)draw_range(HX_ROUND_DOWN, HX_ROUND_HALF_EVEN);
        if (i % 256 == 0) q.places = (int32_t)draw_range(-40, 40);
        if (i % 4 == 0) move_to_tie(&q);
        hx_err err = HX_OK;
        if (!oracle_agrees(&q, &err)) {
            print_question(&q);
            fail();
        }
        if (hx_failed(err)) {
            failures++;
        } else {
            answers++;
        }
    }
    /* Both kinds of outcome must have been exercised, else the drawing is at fault. */
    assert_true(failures > QUESTIONS_PER_OPERATION / 200);
    assert_true(answers > QUESTIONS_PER_OPERATION / 5);
}

static void add_agrees(void **state) {
    (void)state, check_operation(ORACLE_ADD);
}
static void subtract_agrees(void **state) {
    (void)state, check_operation(ORACLE_SUBTRACT);
}
static void multiply_agrees(void **state) {
    (void)state, check_operation(ORACLE_MULTIPLY);
}
static void multiply_round_agrees(void **state) {
    (void)state, check_operation(ORACLE_MULTIPLY_ROUND);
}
static void divide_agrees(void **state) {
    (void)state, check_operation(ORACLE_DIVIDE);
}
static void round_agrees(void **state) {
    (void)state, check_operation(ORACLE_ROUND);
}
static void round_step_agrees(void **state) {
    (void)state, check_operation(ORACLE_ROUND_STEP);
}

/* Every pair of a set of extremes, every operation, rounding and a spread of places: no luck involved. */
static void extremes_agree(void **state) {
    (void)state;
    static const int64_t magnitudes[] = {
        0, 1, 2, 5, 7, 99, 125, 500000000000000001, 999999999999999997, 999999999999999999};
    static const int32_t exponents[] = {-18, -17, -9, -1, 0, 1, 17, 18};
    static const int32_t places[] = {-18, -1, 0, 1, 18};
    hx_dec values[200];
    size_t count = 0;
    for (size_t i = 0; i < 80; i++) {
        int64_t magnitude = magnitudes[i % 10];
        if (hx_ok(hx_dec_make(magnitude, exponents[i / 10], &values[count]))) count++;
        if (hx_ok(hx_dec_make(-magnitude, exponents[i / 10], &values[count]))) count++;
    }
    for (size_t pair = 0; pair < count * count; pair++) {
        hx_dec a = values[pair / count];
        hx_dec b = values[pair % count];
        assert_int_equal(hx_dec_compare(a, b), oracle_compare(a, b));
        assert_true(hx_dec_is_multiple(a, b) == oracle_is_multiple(a, b));
        for (int operation = 0; operation < ORACLE_OPERATION_COUNT; operation++) {
            struct oracle_question q = {(enum oracle_operation)operation, a, b, places[pair % 5],
                                        (enum hx_round)(pair / 5 % 5)};
            hx_err err = HX_OK;
            if (!oracle_agrees(&q, &err)) {
                print_question(&q);
                fail();
            }
        }
    }
}

static void compare_agrees(void **state) {
    (void)state;
    random_state = 4711;
    for (uint32_t i = 0; i < QUESTIONS_PER_OPERATION; i++) {
        hx_dec a = draw_dec();
        hx_dec b = i % 8 == 0 ? a : draw_dec();
        /* Neighbours: the same but for the last digit. */
        if (i % 8 == 1 && a.mantissa % 10 == 1) b = (hx_dec){a.mantissa + 1, a.exponent};
        int order = oracle_compare(a, b);
        assert_int_equal(hx_dec_compare(a, b), order);
        assert_true(hx_dec_equal(a, b) == (order == 0));
        assert_true(hx_dec_equal(hx_dec_min(a, b), order <= 0 ? a : b));
        assert_true(hx_dec_equal(hx_dec_max(a, b), order >= 0 ? a : b));
        assert_int_equal(hx_dec_sign(a), oracle_compare(a, HX_DEC_ZERO));
        assert_true(hx_dec_equal(hx_dec_negate(hx_dec_negate(a)), a));
        assert_int_equal(hx_dec_sign(hx_dec_abs(a)), a.mantissa == 0 ? 0 : 1);
        assert_true(hx_dec_is_multiple(a, b) == oracle_is_multiple(a, b));
    }
}

static void text_round_trips(void **state) {
    (void)state;
    uint8_t memory[256];
    random_state = 12;
    for (uint32_t i = 0; i < QUESTIONS_PER_OPERATION; i++) {
        struct hx_arena arena;
        hx_arena_init(&arena, memory, sizeof memory);
        hx_dec value = draw_dec();
        hx_dec back = {77, 7};
        hx_str text = HX_STR_EMPTY;
        assert_true(hx_ok(hx_dec_format(&arena, value, &text)));
        assert_true(text.len <= HX_DEC_TEXT_MAX);
        assert_true(hx_ok(hx_dec_parse(text, &back)));
        assert_true(hx_dec_equal(value, back));
    }
}

/* Random number texts in JSON's grammar, against GMP reading digits and exponent apart. */
static void parse_agrees(void **state) {
    (void)state;
    random_state = 99;
    for (uint32_t i = 0; i < QUESTIONS_PER_OPERATION; i++) {
        char digits[64] = "";
        char text[128];
        size_t whole = (size_t)draw_range(1, 22);
        size_t fraction = (size_t)draw_range(0, 22);
        bool sparse = draw_range(0, 1) == 0;
        for (size_t d = 0; d < whole + fraction; d++) {
            digits[d] = (char)('0' + (sparse && draw_range(0, 9) > 0 ? 0 : draw_range(0, 9)));
        }
        if (whole > 1 && digits[0] == '0') digits[0] = '3';
        bool negative = draw_range(0, 1) == 0;
        int exponent = (int)draw_range(-30, 30);
        int len = snprintf(text, sizeof text, "%s%.*s%s%.*s", negative ? "-" : "", (int)whole, digits,
                           fraction > 0 ? "." : "", (int)fraction, digits + whole);
        if (i % 2 == 0) len += snprintf(text + len, sizeof text - (size_t)len, i % 4 == 0 ? "e%d" : "E%+d", exponent);
        mpq_t exact, unit;
        mpq_inits(exact, unit, NULL);
        assert_int_equal(mpz_set_str(mpq_numref(exact), digits, 10), 0);
        oracle_power(unit, (i % 2 == 0 ? exponent : 0) - (long)fraction);
        mpq_mul(exact, exact, unit);
        if (negative) mpq_neg(exact, exact);
        struct oracle_result expected = oracle_store(exact);
        mpq_clears(exact, unit, NULL);
        hx_dec value = HX_DEC_ZERO;
        hx_err err = hx_dec_parse(hx_str_make(text, (size_t)len), &value);
        assert_true(hx_err_equal(err, expected.err) && hx_dec_equal(value, expected.value));
    }
}

struct parse_case {
    const char *text;
    const char *canonical; /* NULL when refused. */
    hx_err err;
};

static void parse_examples(void **state) {
    (void)state;
    const struct parse_case cases[] = {
        {"0", "0", HX_OK},
        {"-0", "0", HX_OK},
        {"-0.000e5", "0", HX_OK},
        {"0e999999999999999999999999", "0", HX_OK},
        {"0.0010", "0.001", HX_OK},
        {"-12.50", "-12.5", HX_OK},
        {"100", "100", HX_OK},
        {"1e-7", "0.0000001", HX_OK},
        {"1E+2", "100", HX_OK},
        {"0.000000000000000001", "0.000000000000000001", HX_OK},
        {"-0.999999999999999999", "-0.999999999999999999", HX_OK},
        {"999999999999999999e18", "999999999999999999000000000000000000", HX_OK},
        {"-1000000000000000000", "-1000000000000000000", HX_OK},
        {"1.000000000000000000000000000000", "1", HX_OK},
        {"123456789.123456789", "123456789.123456789", HX_OK},
        {"1234567890.1234567890123", NULL, HX_ERR(REJECT_PRECISION)},
        {"1234567890123456789", NULL, HX_ERR(REJECT_PRECISION)},
        {"1234567890123456789x", NULL, HX_ERR(REJECT_SYNTAX)},
        {"1e19", NULL, HX_ERR(REJECT_RANGE)},
        {"1e-19", NULL, HX_ERR(REJECT_RANGE)},
        {"1e99999999999999999999", NULL, HX_ERR(REJECT_RANGE)},
        {"1e-99999999999999999999", NULL, HX_ERR(REJECT_RANGE)},
        {"", NULL, HX_ERR(REJECT_SYNTAX)},
        {"-", NULL, HX_ERR(REJECT_SYNTAX)},
        {"+1", NULL, HX_ERR(REJECT_SYNTAX)},
        {"01", NULL, HX_ERR(REJECT_SYNTAX)},
        {"-01", NULL, HX_ERR(REJECT_SYNTAX)},
        {"1.", NULL, HX_ERR(REJECT_SYNTAX)},
        {".5", NULL, HX_ERR(REJECT_SYNTAX)},
        {"1.e5", NULL, HX_ERR(REJECT_SYNTAX)},
        {"1e", NULL, HX_ERR(REJECT_SYNTAX)},
        {"1e+", NULL, HX_ERR(REJECT_SYNTAX)},
        {"1e5.5", NULL, HX_ERR(REJECT_SYNTAX)},
        {" 1", NULL, HX_ERR(REJECT_SYNTAX)},
        {"1 ", NULL, HX_ERR(REJECT_SYNTAX)},
        {"--1", NULL, HX_ERR(REJECT_SYNTAX)},
        {"0x10", NULL, HX_ERR(REJECT_SYNTAX)},
        {"NaN", NULL, HX_ERR(REJECT_SYNTAX)},
        {"Infinity", NULL, HX_ERR(REJECT_SYNTAX)},
        {"1,000", NULL, HX_ERR(REJECT_SYNTAX)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t memory[128];
        struct hx_arena arena;
        hx_arena_init(&arena, memory, sizeof memory);
        hx_dec value = HX_DEC_ZERO;
        hx_str text = HX_STR_EMPTY;
        hx_err err = hx_dec_parse(hx_str_from_c(cases[i].text), &value);
        if (!hx_err_equal(err, cases[i].err)) print_message("case %s\n", cases[i].text);
        assert_int_equal(err.code, cases[i].err.code);
        if (cases[i].canonical == NULL) continue;
        assert_true(hx_ok(hx_dec_format(&arena, value, &text)));
        assert_string_equal(text.data, cases[i].canonical);
    }
}

/* Leading zeros of a fraction are no significant digits however many, and an exponent can make up for them. */
static void long_texts_are_read(void **state) {
    (void)state;
    static char text[70000];
    hx_dec value = HX_DEC_ZERO;
    memset(text, '0', sizeof text);
    text[1] = '.';
    memcpy(text + 65001, "7e65000", 7);
    assert_true(hx_ok(hx_dec_parse(hx_str_make(text, 65008), &value)));
    assert_true(hx_dec_equal(value, hx_dec_from_i64(7)));
    assert_true(hx_err_equal(hx_dec_parse(hx_str_make(text, 65002), &value), HX_ERR(REJECT_RANGE)));
}

static void integers_convert(void **state) {
    (void)state;
    int64_t out = 0;
    assert_true(hx_dec_equal(hx_dec_from_i64(-1200), (hx_dec){-12, 2}));
    assert_true(hx_dec_equal(hx_dec_from_i64(999999999999999999), (hx_dec){999999999999999999, 0}));
    assert_true(hx_dec_is_zero(hx_dec_from_i64(0)));
    assert_true(hx_ok(hx_dec_to_i64((hx_dec){-12, 2}, &out)));
    assert_int_equal(out, -1200);
    assert_true(hx_ok(hx_dec_to_i64((hx_dec){9, 18}, &out)));
    assert_int_equal(out, 9000000000000000000);
    assert_true(hx_ok(hx_dec_to_i64((hx_dec){922337203685477, 4}, &out)));
    assert_int_equal(out, 9223372036854770000);
    assert_true(hx_err_equal(hx_dec_to_i64((hx_dec){922337203685477581, 1}, &out), HX_ERR(REJECT_RANGE)));
    assert_true(hx_err_equal(hx_dec_to_i64((hx_dec){-93, 17}, &out), HX_ERR(REJECT_RANGE)));
    assert_true(hx_err_equal(hx_dec_to_i64((hx_dec){1, -1}, &out), HX_ERR(REJECT_PRECISION)));
    assert_true(hx_err_equal(hx_dec_make(INT64_MIN, 0, &(hx_dec){0, 0}), HX_ERR(REJECT_PRECISION)));
    assert_true(hx_err_equal(hx_dec_make(1, INT32_MAX, &(hx_dec){0, 0}), HX_ERR(REJECT_RANGE)));
    assert_true(hx_err_equal(hx_dec_make(10, INT32_MIN, &(hx_dec){0, 0}), HX_ERR(REJECT_RANGE)));
}

/* What a trader checks by hand: quantities to the lot and prices to the tick. */
static void lots_and_ticks(void **state) {
    (void)state;
    const hx_dec lot = {1, -3};
    const hx_dec tick = {5, -2};
    hx_dec out = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_round_step((hx_dec){12349, -4}, lot, HX_ROUND_DOWN, &out)));
    assert_true(hx_dec_equal(out, (hx_dec){1234, -3}));
    assert_true(hx_ok(hx_dec_round_step((hx_dec){12341, -4}, lot, HX_ROUND_UP, &out)));
    assert_true(hx_dec_equal(out, (hx_dec){1235, -3}));
    assert_true(hx_ok(hx_dec_round_step((hx_dec){-1012, -2}, tick, HX_ROUND_FLOOR, &out)));
    assert_true(hx_dec_equal(out, (hx_dec){-1015, -2}));
    assert_true(hx_ok(hx_dec_round_step((hx_dec){-1012, -2}, tick, HX_ROUND_CEILING, &out)));
    assert_true(hx_dec_equal(out, (hx_dec){-101, -1}));
    assert_true(hx_ok(hx_dec_round_step((hx_dec){4, -4}, lot, HX_ROUND_DOWN, &out)));
    assert_true(hx_dec_is_zero(out));
    assert_true(hx_err_equal(hx_dec_round_step(lot, HX_DEC_ZERO, HX_ROUND_DOWN, &out), HX_ERR(REJECT_INPUT)));
    assert_true(hx_dec_is_multiple((hx_dec){15, -2}, tick));
    assert_false(hx_dec_is_multiple((hx_dec){16, -2}, tick));
    assert_false(hx_dec_is_multiple((hx_dec){16, -2}, HX_DEC_ZERO));
}

static void results_may_replace_arguments(void **state) {
    (void)state;
    hx_dec a = {7, 0};
    assert_true(hx_ok(hx_dec_add(a, a, &a)));
    assert_true(hx_ok(hx_dec_multiply(a, a, &a)));
    assert_true(hx_ok(hx_dec_divide(a, (hx_dec){8, 0}, 1, HX_ROUND_DOWN, &a)));
    assert_true(hx_dec_equal(a, (hx_dec){245, -1}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_examples),
        cmocka_unit_test(long_texts_are_read),
        cmocka_unit_test(integers_convert),
        cmocka_unit_test(lots_and_ticks),
        cmocka_unit_test(results_may_replace_arguments),
        cmocka_unit_test(extremes_agree),
        cmocka_unit_test(add_agrees),
        cmocka_unit_test(subtract_agrees),
        cmocka_unit_test(multiply_agrees),
        cmocka_unit_test(multiply_round_agrees),
        cmocka_unit_test(divide_agrees),
        cmocka_unit_test(round_agrees),
        cmocka_unit_test(round_step_agrees),
        cmocka_unit_test(compare_agrees),
        cmocka_unit_test(text_round_trips),
        cmocka_unit_test(parse_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
