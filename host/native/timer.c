#include "host/native/timer.h"

#include <stdlib.h>

#include "core/base/err.h"

static bool is_before(const struct hx_timer *a, const struct hx_timer *b) {
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void put(struct hx_timers *timers, size_t index, struct hx_timer *timer) {
    timers->heap[index] = timer;
    timer->place = index + 1;
}

static void sift_up(struct hx_timers *timers, size_t index, struct hx_timer *timer) {
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (!is_before(timer, timers->heap[parent])) break;
        put(timers, index, timers->heap[parent]);
        index = parent;
    }
    put(timers, index, timer);
}

static void sift_down(struct hx_timers *timers, size_t index, struct hx_timer *timer) {
    for (;;) {
        size_t child = index * 2 + 1;
        if (child >= timers->count) break;
        if (child + 1 < timers->count && is_before(timers->heap[child + 1], timers->heap[child])) child++;
        if (!is_before(timers->heap[child], timer)) break;
        put(timers, index, timers->heap[child]);
        index = child;
    }
    put(timers, index, timer);
}

void hx_timer_set(struct hx_timers *timers, struct hx_timer *timer, int64_t at_us) {
    hx_timer_unset(timers, timer);
    if (timers->count == timers->count_max) {
        size_t more = timers->count_max == 0 ? 64 : timers->count_max * 2;
        struct hx_timer **heap = realloc(timers->heap, more * sizeof(*heap));
        hx_assert(heap != NULL);
        timers->heap = heap;
        timers->count_max = more;
    }
    timer->at_us = at_us;
    timer->order = timers->order_next++;
    sift_up(timers, timers->count++, timer);
}

void hx_timer_unset(struct hx_timers *timers, struct hx_timer *timer) {
    if (timer->place == 0) return;
    size_t index = timer->place - 1;
    hx_assert(index < timers->count && timers->heap[index] == timer);
    timer->place = 0;
    struct hx_timer *last = timers->heap[--timers->count];
    if (last == timer) return;
    if (index > 0 && is_before(last, timers->heap[(index - 1) / 2])) {
        sift_up(timers, index, last);
    } else {
        sift_down(timers, index, last);
    }
}

bool hx_timer_is_set(const struct hx_timer *timer) {
    return timer->place != 0;
}

bool hx_timer_next(const struct hx_timers *timers, int64_t *at_us) {
    if (timers->count == 0) return false;
    *at_us = timers->heap[0]->at_us;
    return true;
}

struct hx_timer *hx_timer_take_due(struct hx_timers *timers, int64_t now_us) {
    if (timers->count == 0 || timers->heap[0]->at_us > now_us) return NULL;
    struct hx_timer *timer = timers->heap[0];
    hx_timer_unset(timers, timer);
    return timer;
}

void hx_timers_release(struct hx_timers *timers) {
    free(timers->heap);
    *timers = (struct hx_timers){NULL, 0, 0, 0};
}
