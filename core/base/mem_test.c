/* Goal: the memory functions do what their libc namesakes do. Method: every small length, offset and overlap against
 * libc, and every single-bit difference for the comparisons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/str.h"

static void fill(uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)(i * 37 + 11);
}

static void copies_and_moves(void **state) {
    (void)state;
    uint8_t expected[64];
    uint8_t found[64];
    for (size_t from = 0; from < 24; from++) {
        for (size_t to = 0; to < 24; to++) {
            for (size_t len = 0; len <= 40; len++) {
                fill(expected, sizeof expected);
                fill(found, sizeof found);
                memmove(expected + to, expected + from, len);
                hx_mem_move(found + to, found + from, len);
                assert_memory_equal(found, expected, sizeof found);
            }
        }
    }
    for (size_t len = 0; len <= 64; len++) {
        fill(expected, sizeof expected);
        memset(found, 0, sizeof found);
        hx_mem_copy(found, expected, len);
        assert_memory_equal(found, expected, len);
        for (size_t i = len; i < sizeof found; i++) assert_int_equal(found[i], 0);
    }
}

static void sets(void **state) {
    (void)state;
    uint8_t found[64];
    for (size_t len = 0; len <= 60; len++) {
        fill(found, sizeof found);
        hx_mem_set(found + 1, 0xfe, len);
        assert_int_equal(found[0], 11);
        for (size_t i = 1; i <= len; i++) assert_int_equal(found[i], 0xfe);
        assert_int_equal(found[len + 1], (uint8_t)((len + 1) * 37 + 11));
    }
}

static void compares(void **state) {
    (void)state;
    uint8_t a[32];
    uint8_t b[32];
    fill(a, sizeof a);
    fill(b, sizeof b);
    for (size_t len = 0; len <= sizeof a; len++) {
        assert_true(hx_mem_equal(a, b, len));
        assert_true(hx_mem_equal_constant_time(a, b, len));
        for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
            b[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_true(hx_mem_equal(a, b, len) == (bit / 8 >= len));
            assert_true(hx_mem_equal_constant_time(a, b, len) == (bit / 8 >= len));
            b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void nothing_at_null_is_nothing(void **state) {
    (void)state;
    hx_mem_copy(NULL, NULL, 0);
    hx_mem_move(NULL, NULL, 0);
    hx_mem_set(NULL, 1, 0);
    assert_true(hx_mem_equal(NULL, NULL, 0));
    assert_true(hx_mem_equal_constant_time(NULL, NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_and_moves),
        cmocka_unit_test(sets),
        cmocka_unit_test(compares),
        cmocka_unit_test(nothing_at_null_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
