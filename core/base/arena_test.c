/* Goal: pieces are aligned, zeroed, apart from each other and never past the cap. Method: every size and skew near the
 * edges, with a guard behind the memory. */
#include "core/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define GUARD 0xa5

static void pieces_are_aligned_zeroed_and_inside(void **state) {
    (void)state;
    _Alignas(16) uint8_t memory[512];
    for (size_t skew = 0; skew < 17; skew++) {
        for (size_t size = 0; size <= 200; size++) {
            struct hx_arena arena;
            memset(memory, GUARD, sizeof memory);
            hx_arena_init(&arena, memory + skew, size);
            uint8_t *previous_end = memory + skew;
            for (size_t piece = size % 23;; piece = (piece + 7) % 29) {
                uint8_t *p = hx_arena_alloc(&arena, piece);
                if (p == NULL) break;
                if (arena.size > 0) assert_int_equal((uintptr_t)p % 16, 0);
                assert_true(p >= previous_end && p + piece <= memory + skew + size);
                for (size_t i = 0; i < piece; i++) assert_int_equal(p[i], 0);
                memset(p, 1, piece);
                previous_end = p + piece;
            }
            assert_true(arena.used <= arena.size && arena.used_max == arena.used);
            for (size_t i = skew + size; i < sizeof memory; i++) assert_int_equal(memory[i], GUARD);
            for (size_t i = 0; i < skew; i++) assert_int_equal(memory[i], GUARD);
        }
    }
}

static void the_whole_size_can_be_had(void **state) {
    (void)state;
    _Alignas(16) uint8_t memory[100];
    struct hx_arena arena;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(arena.size, 96);
    assert_null(hx_arena_alloc(&arena, 97));
    assert_null(hx_arena_alloc(&arena, SIZE_MAX));
    assert_non_null(hx_arena_alloc(&arena, 90));
    assert_null(hx_arena_alloc(&arena, 1));
    assert_non_null(hx_arena_alloc(&arena, 0));
}

static void make_checks_the_product(void **state) {
    (void)state;
    _Alignas(16) uint8_t memory[128];
    struct hx_arena arena;
    void *out = &arena;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(hx_arena_make(&arena, SIZE_MAX / 8 + 2, 8, &out).code, HX_ERR(LIMIT_ARENA).code);
    assert_int_equal(hx_arena_make(&arena, 17, 8, &out).code, HX_ERR(LIMIT_ARENA).code);
    assert_ptr_equal(out, &arena);
    assert_true(hx_ok(hx_arena_make(&arena, 16, 8, &out)));
    assert_ptr_equal(out, memory);
}

static void rewinding_makes_memory_reusable(void **state) {
    (void)state;
    _Alignas(16) uint8_t memory[128];
    struct hx_arena arena;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_non_null(hx_arena_alloc(&arena, 10));
    size_t mark = hx_arena_mark(&arena);
    uint8_t *first = hx_arena_alloc(&arena, 50);
    memset(first, 7, 50);
    hx_arena_rewind(&arena, mark);
    uint8_t *second = hx_arena_alloc(&arena, 20);
    assert_ptr_equal(first, second);
    assert_int_equal(second[0], 0);
    assert_true(arena.used_max >= mark + 50);
    hx_arena_reset(&arena);
    assert_int_equal(arena.used, 0);
    assert_true(arena.used_max >= mark + 50);
    assert_ptr_equal(hx_arena_take(&arena, 1), memory);
    assert_int_equal(memory[16], 0);
}

static void copies_are_terminated(void **state) {
    (void)state;
    _Alignas(16) uint8_t memory[32];
    struct hx_arena arena;
    hx_str copy = HX_STR_EMPTY;
    memset(memory, GUARD, sizeof memory);
    hx_arena_init(&arena, memory, 16);
    assert_true(hx_ok(hx_arena_copy_str(&arena, HX_STR("abc"), &copy)));
    assert_string_equal(copy.data, "abc");
    assert_int_equal(copy.len, 3);
    assert_int_equal(hx_arena_copy_str(&arena, HX_STR_EMPTY, &copy).code, HX_ERR(LIMIT_ARENA).code);
    hx_arena_reset(&arena);
    assert_true(hx_ok(hx_arena_copy_str(&arena, HX_STR_EMPTY, &copy)));
    assert_string_equal(copy.data, "");
    hx_arena_reset(&arena);
    assert_int_equal(hx_arena_copy_str(&arena, HX_STR("1234567890123456"), &copy).code, HX_ERR(LIMIT_ARENA).code);
    assert_true(hx_ok(hx_arena_copy_str(&arena, HX_STR("123456789012345"), &copy)));
    assert_int_equal(memory[15], 0);
    assert_int_equal(memory[16], GUARD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_zeroed_and_inside),
        cmocka_unit_test(the_whole_size_can_be_had),
        cmocka_unit_test(make_checks_the_product),
        cmocka_unit_test(rewinding_makes_memory_reusable),
        cmocka_unit_test(copies_are_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
