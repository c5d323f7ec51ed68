/* Goal: 128-bit arithmetic is right in every limb and carry. Method: the compiler's __int128, on values whose limbs are
 * drawn from the extremes. */
#include "core/base/wide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

__extension__ typedef unsigned __int128 oracle;

static uint64_t random_state = 3;

static uint64_t draw(void) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return random_state >> 32;
}

static uint64_t draw_limbs(void) {
    static const uint32_t extremes[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
    uint64_t high = draw() % 2 == 0 ? extremes[draw() % 8] : draw();
    uint64_t low = draw() % 2 == 0 ? extremes[draw() % 8] : draw();
    return high << 32 | low;
}

static void assert_equal(hx_wide found, oracle expected) {
    assert_true(found.high == (uint64_t)(expected >> 64) && found.low == (uint64_t)expected);
}

static void agrees_with_the_compiler(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 300000; i++) {
        hx_wide a = {draw_limbs(), draw_limbs()};
        hx_wide b = i % 5 == 0 ? a : (hx_wide){draw_limbs(), draw_limbs()};
        oracle x = (oracle)a.high << 64 | a.low;
        oracle y = (oracle)b.high << 64 | b.low;
        uint32_t divisor = (uint32_t)draw_limbs() | (i % 3 == 0 ? 1 : 0);
        uint32_t remainder = 0;
        assert_equal(hx_wide_from(a.low), a.low);
        assert_equal(hx_wide_multiply(a.low, b.low), (oracle)a.low * b.low);
        assert_equal(hx_wide_add(a, b), x + y);
        if (x >= y) assert_equal(hx_wide_subtract(a, b), x - y);
        assert_int_equal(hx_wide_compare(a, b), x < y ? -1 : x > y ? 1 : 0);
        if (divisor == 0) continue;
        assert_equal(hx_wide_divide(a, divisor, &remainder), x / divisor);
        assert_int_equal(remainder, x % divisor);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_the_compiler)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
