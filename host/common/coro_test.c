/* Goal: coroutines keep their locals, interleave freely, end, can be dropped, and give their stacks back.
 * Method: thousands at once, driven in an order the test chooses; counts compared with what must be left. */
#define _GNU_SOURCE

#include "host/common/coro.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#define MANY 4000

struct counter {
    uint32_t rounds;
    uint32_t done;
    double product;
    struct hx_coro *self;
};

static void count_rounds(void *arg) {
    struct counter *counter = arg;
    volatile uint8_t pattern[1024];
    for (size_t i = 0; i < sizeof(pattern); i++) pattern[i] = (uint8_t)(counter->rounds + i);
    double product = 1.0;
    for (uint32_t round = 0; round < counter->rounds; round++) {
        product *= 1.5;
        assert_ptr_equal(hx_coro_current(), counter->self);
        hx_coro_yield();
        counter->done++;
    }
    for (size_t i = 0; i < sizeof(pattern); i++) assert_int_equal(pattern[i], (uint8_t)(counter->rounds + i));
    counter->product = product;
}

/* Thousands alive at once, each with other rounds: all end exactly when they should, with locals intact. */
static void many_interleave_and_end(void **state) {
    (void)state;
    struct counter *counters = calloc(MANY, sizeof(*counters));
    assert_non_null(counters);
    for (uint32_t i = 0; i < MANY; i++) {
        counters[i].rounds = i % 7;
        counters[i].self = hx_coro_make(count_rounds, &counters[i]);
        assert_non_null(counters[i].self);
    }
    assert_int_equal(hx_coro_live_count(), MANY);
    for (uint32_t round = 0; round < 8; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            if (counters[i].rounds < round) continue;
            bool finished = hx_coro_resume(counters[i].self);
            assert_int_equal(finished, counters[i].rounds == round);
            assert_int_equal(counters[i].done, round);
        }
    }
    assert_int_equal(hx_coro_live_count(), 0);
    assert_true(counters[6].product > 11.39 && counters[6].product < 11.40);
    assert_null(hx_coro_current());
    free(counters);
}

/* Dropped ones, started or not, leave nothing behind; their stacks serve again without a trace of the old run. */
static void abandoned_stacks_are_reused(void **state) {
    (void)state;
    for (uint32_t round = 0; round < 50; round++) {
        struct counter counters[64];
        for (uint32_t i = 0; i < 64; i++) {
            counters[i] = (struct counter){.rounds = 3};
            counters[i].self = hx_coro_make(count_rounds, &counters[i]);
            if (i % 2 == 0) assert_false(hx_coro_resume(counters[i].self));
        }
        for (uint32_t i = 0; i < 64; i++) hx_coro_abandon(counters[i].self);
        assert_int_equal(hx_coro_live_count(), 0);
    }
    struct counter last = {.rounds = 1};
    last.self = hx_coro_make(count_rounds, &last);
    assert_false(hx_coro_resume(last.self));
    assert_true(hx_coro_resume(last.self));
    assert_int_equal(last.done, 1);
}

struct nest {
    uint32_t depth;
    char log[64];
    const char *stack_of_thread;
};

static void note(struct nest *nest, char what) {
    nest->log[strlen(nest->log)] = what;
}

static void note_outside(void *arg) {
    struct nest *nest = arg;
    char here = 'o';
    ptrdiff_t distance = nest->stack_of_thread - &here;
    /* The thread's stack, not one of the small ones. */
    if (distance > -(ptrdiff_t)65536 && distance < (ptrdiff_t)65536) note(nest, 'o');
}

static void descend(void *arg) {
    struct nest *nest = arg;
    if (nest->depth-- == 0) {
        hx_coro_call_outside(note_outside, nest);
        note(nest, 'i');
        hx_coro_yield();
        hx_coro_call_outside(note_outside, nest);
        return;
    }
    struct hx_coro *inner = hx_coro_make(descend, nest);
    while (!hx_coro_resume(inner)) note(nest, 'y');
    note(nest, 'r');
}

/* A coroutine may drive others, and library calls reach the thread's own stack from any depth. */
static void nested_and_outside(void **state) {
    (void)state;
    char here = 0;
    struct nest nest = {.depth = 2, .stack_of_thread = &here};
    struct hx_coro *outer = hx_coro_make(descend, &nest);
    assert_true(hx_coro_resume(outer));
#ifndef HX_CORO_SANITIZED
    assert_string_equal(nest.log, "oiyorr");
#endif
    hx_coro_call_outside(note_outside, &nest);
    assert_int_equal(hx_coro_live_count(), 0);
}

/* Every frame links to the one above, so that no compiler can turn the recursion into a loop. */
struct frame {
    volatile struct frame *above;
    volatile uint8_t block[4096];
};

static uint32_t eat_stack(volatile struct frame *above, uint32_t depth) {
    volatile struct frame frame;
    frame.above = above;
    for (size_t i = 0; i < sizeof(frame.block); i++) frame.block[i] = (uint8_t)depth;
    uint32_t below = depth == 0 ? 0U : eat_stack(&frame, depth - 1U);
    return below + (uint32_t)frame.block[9] + (frame.above == NULL ? 1U : 0U);
}

static void overflow(void *arg) {
    *(uint32_t *)arg = eat_stack(NULL, 1000);
}

/* Too deep a call hits the guard page and ends the process; it does not write into a neighbour. */
static void overflow_meets_the_guard(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) _exit(0);
        uint32_t result = 0;
        (void)hx_coro_resume(hx_coro_make(overflow, &result));
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_interleave_and_end),
        cmocka_unit_test(abandoned_stacks_are_reused),
        cmocka_unit_test(nested_and_outside),
        cmocka_unit_test(overflow_meets_the_guard),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hx_coro_pool_release();
    return failed;
}
