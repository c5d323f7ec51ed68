/* Goal: timers fire in order and once, tables keep what they were given, the loop calls everybody who is due and nobody
 * who left. Covers loop.c, timer.c, table.c. Method: a heap against a sorted list with random changes; a loop on pipes.
 */
#define _GNU_SOURCE

#include "host/native/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/native/table.h"

#define MANY 500

/* Random sets, moves and unsets; what comes out must be what a plain search for the smallest finds. */
static void timers_come_in_order(void **state) {
    (void)state;
    struct hx_timers timers = {0};
    static struct hx_timer list[MANY];
    memset(list, 0, sizeof(list));
    srandom(7);
    for (int round = 0; round < 20000; round++) {
        struct hx_timer *timer = &list[random() % MANY];
        if (random() % 3 == 0) {
            hx_timer_unset(&timers, timer);
            assert_false(hx_timer_is_set(timer));
        } else {
            hx_timer_set(&timers, timer, random() % 1000);
        }
        const struct hx_timer *first = NULL;
        for (int i = 0; i < MANY; i++) {
            if (!hx_timer_is_set(&list[i])) continue;
            bool before = first == NULL || list[i].at_us < first->at_us ||
                          (list[i].at_us == first->at_us && list[i].order < first->order);
            if (before) first = &list[i];
        }
        int64_t at = 0;
        assert_int_equal(hx_timer_next(&timers, &at), first != NULL);
        if (first == NULL || round % 5 != 0) continue;
        assert_null(hx_timer_take_due(&timers, first->at_us - 1));
        assert_ptr_equal(hx_timer_take_due(&timers, first->at_us), first);
        assert_false(hx_timer_is_set(first));
    }
    hx_timers_release(&timers);
}

struct entry {
    struct hx_table_node node;
    char key[16];
    bool in;
};

static void table_finds_what_is_in_it(void **state) {
    (void)state;
    struct hx_table table = {0};
    static struct entry entries[MANY];
    memset(entries, 0, sizeof(entries));
    srandom(9);
    for (int i = 0; i < MANY; i++) (void)snprintf(entries[i].key, sizeof(entries[i].key), "key-%d", i);
    size_t count = 0;
    for (int round = 0; round < 20000; round++) {
        struct entry *entry = &entries[random() % MANY];
        hx_str key = hx_str_from_c(entry->key);
        assert_ptr_equal(hx_table_find(&table, key), entry->in ? &entry->node : NULL);
        if (entry->in) {
            hx_table_remove(&table, &entry->node);
        } else {
            hx_table_add(&table, &entry->node, key);
        }
        entry->in = !entry->in;
        count = entry->in ? count + 1 : count - 1;
        assert_int_equal(table.count, count);
        assert_int_equal(hx_table_any(&table) != NULL, count > 0);
    }
    hx_table_release(&table);
}

struct scene {
    struct hx_loop loop;
    struct hx_watch one, two;
    struct hx_timer timer, stop;
    struct hx_ready ready;
    int calls_one, calls_two, calls_ready, calls_timer, calls_end;
    int64_t timer_us;
};

static void on_stop(struct hx_timer *timer) {
    struct scene *scene = timer->owner;
    scene->loop.stop = true;
}

/* Two watches with events in the same round: the first to be called removes the other, which must not be called. */
static void on_one(struct hx_watch *watch, uint32_t events) {
    (void)events;
    struct scene *scene = watch->owner;
    scene->calls_one++;
    hx_loop_unwatch(&scene->loop, watch == &scene->one ? &scene->two : &scene->one);
    hx_loop_unwatch(&scene->loop, watch);
    hx_loop_make_ready(&scene->loop, &scene->ready);
    hx_loop_make_ready(&scene->loop, &scene->ready);
    scene->loop.round_end_wanted = true;
}

static void on_ready(struct hx_ready *ready) {
    struct scene *scene = ready->owner;
    scene->calls_ready++;
    /* Again once, from inside its own call: still the same round. */
    if (scene->calls_ready == 1) hx_loop_make_ready(&scene->loop, ready);
}

static void on_round_end(void *arg) {
    struct scene *scene = arg;
    assert_int_equal(scene->calls_ready, 2);
    scene->calls_end++;
}

static void on_timer(struct hx_timer *timer) {
    struct scene *scene = timer->owner;
    scene->calls_timer++;
    scene->timer_us = hx_loop_now_us();
}

static void a_loop_round(void **state) {
    (void)state;
    static struct scene scene;
    memset(&scene, 0, sizeof(scene));
    int a[2];
    int b[2];
    assert_true(hx_loop_init(&scene.loop));
    assert_int_equal(pipe(a) | pipe(b), 0);
    scene.one = (struct hx_watch){-1, on_one, &scene};
    scene.two = (struct hx_watch){-1, on_one, &scene};
    scene.ready = (struct hx_ready){.fn = on_ready, .owner = &scene};
    scene.timer = (struct hx_timer){.fn = on_timer, .owner = &scene};
    scene.stop = (struct hx_timer){.fn = on_stop, .owner = &scene};
    scene.loop.round_end = on_round_end;
    scene.loop.round_end_arg = &scene;
    assert_true(hx_loop_watch(&scene.loop, &scene.one, a[0], EPOLLIN));
    assert_true(hx_loop_watch(&scene.loop, &scene.two, b[0], EPOLLIN));
    assert_int_equal(write(a[1], "x", 1) + write(b[1], "x", 1), 2);
    int64_t from_us = hx_loop_now_us();
    hx_loop_set_timer(&scene.loop, &scene.timer, 20000);
    hx_loop_set_timer(&scene.loop, &scene.stop, 40000);
    hx_loop_run(&scene.loop);
    assert_int_equal(scene.calls_one, 1);
    assert_int_equal(scene.calls_ready, 2);
    assert_int_equal(scene.calls_end, 1);
    assert_int_equal(scene.calls_timer, 1);
    assert_true(scene.timer_us - from_us >= 20000);
    for (int i = 0; i < 2; i++) (void)(close(a[i]) + close(b[i]));
    hx_loop_release(&scene.loop);
}

static char called[8];

static void note_call(struct hx_ready *ready) {
    const char *name = ready->owner;
    called[strlen(called)] = name[0];
}

static void stop_at_end(void *arg) {
    struct hx_loop *loop = arg;
    loop->stop = true;
}

/* Whoever leaves the queue, from its front, middle or end, is not called, and what stays keeps its order. */
static void ready_nodes_leave(void **state) {
    (void)state;
    static const struct {
        const char *leave, *wanted;
    } cases[] = {{"a", "bcd"}, {"b", "acd"}, {"c", "abd"}, {"abc", "d"}, {"cba", "d"}, {"bb", "acd"}, {"", "abcd"}};
    static char names[][2] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hx_loop loop;
        struct hx_ready nodes[4];
        memset(called, 0, sizeof(called));
        assert_true(hx_loop_init(&loop));
        for (int n = 0; n < 4; n++) nodes[n] = (struct hx_ready){.fn = note_call, .owner = names[n]};
        for (int n = 0; n < 3; n++) hx_loop_make_ready(&loop, &nodes[n]);
        for (const char *at = cases[i].leave; *at != '\0'; at++) hx_loop_unready(&loop, &nodes[*at - 'a']);
        hx_loop_make_ready(&loop, &nodes[3]);
        loop.round_end = stop_at_end;
        loop.round_end_arg = &loop;
        loop.round_end_wanted = true;
        hx_loop_run(&loop);
        assert_string_equal(called, cases[i].wanted);
        hx_loop_release(&loop);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_come_in_order),
        cmocka_unit_test(table_finds_what_is_in_it),
        cmocka_unit_test(a_loop_round),
        cmocka_unit_test(ready_nodes_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
