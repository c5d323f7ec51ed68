#define _GNU_SOURCE

#include "host/native/loop.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/err.h"

int64_t hx_loop_now_us(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool hx_loop_init(struct hx_loop *loop) {
    memset(loop, 0, sizeof(*loop));
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return loop->epoll_fd >= 0;
}

void hx_loop_release(struct hx_loop *loop) {
    if (loop->epoll_fd >= 0) (void)close(loop->epoll_fd);
    loop->epoll_fd = -1;
    hx_timers_release(&loop->timers);
}

bool hx_loop_watch(struct hx_loop *loop, struct hx_watch *watch, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = watch};
    watch->fd = -1;
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) return false;
    watch->fd = fd;
    return true;
}

bool hx_loop_rewatch(struct hx_loop *loop, struct hx_watch *watch, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = watch};
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) == 0;
}

void hx_loop_unwatch(struct hx_loop *loop, struct hx_watch *watch) {
    if (watch->fd < 0) return;
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->fd = -1;
    for (int i = 0; i < loop->event_count; i++) {
        if (loop->events[i].data.ptr == watch) loop->events[i].data.ptr = NULL;
    }
}

void hx_loop_make_ready(struct hx_loop *loop, struct hx_ready *ready) {
    if (ready->queued) return;
    ready->queued = true;
    ready->next = NULL;
    if (loop->ready_last == NULL) {
        loop->ready_first = ready;
    } else {
        loop->ready_last->next = ready;
    }
    loop->ready_last = ready;
}

void hx_loop_unready(struct hx_loop *loop, struct hx_ready *ready) {
    if (!ready->queued) return;
    struct hx_ready *before = NULL;
    for (struct hx_ready *at = loop->ready_first; at != ready; at = at->next) before = at;
    if (before != NULL) {
        before->next = ready->next;
    } else {
        loop->ready_first = ready->next;
    }
    if (loop->ready_last == ready) loop->ready_last = before;
    ready->queued = false;
}

void hx_loop_set_timer(struct hx_loop *loop, struct hx_timer *timer, int64_t delay_us) {
    hx_timer_set(&loop->timers, timer, hx_loop_now_us() + (delay_us > 0 ? delay_us : 0));
}

static void run_ready(struct hx_loop *loop) {
    while (loop->ready_first != NULL && !loop->stop) {
        struct hx_ready *ready = loop->ready_first;
        loop->ready_first = ready->next;
        if (loop->ready_first == NULL) loop->ready_last = NULL;
        ready->queued = false;
        ready->fn(ready);
    }
}

static void run_timers(struct hx_loop *loop) {
    int64_t next = 0;
    if (!hx_timer_next(&loop->timers, &next)) return;
    /* One look at the clock: timers set by these handlers wait for the next round, so none can starve the rest. */
    int64_t now = hx_loop_now_us();
    struct hx_timer *timer = NULL;
    while (!loop->stop && (timer = hx_timer_take_due(&loop->timers, now)) != NULL) timer->fn(timer);
}

/* Milliseconds until the next timer, rounded up so that it is due on waking; -1 without one. */
static int wait_ms(struct hx_loop *loop) {
    if (loop->ready_first != NULL || loop->round_end_wanted) return 0;
    int64_t next = 0;
    if (!hx_timer_next(&loop->timers, &next)) return -1;
    int64_t left_us = next - hx_loop_now_us();
    if (left_us <= 0) return 0;
    int64_t left_ms = (left_us + 999) / 1000;
    return left_ms > 3600000 ? 3600000 : (int)left_ms;
}

void hx_loop_run(struct hx_loop *loop) {
    while (!loop->stop) {
        int count = epoll_wait(loop->epoll_fd, loop->events, HX_LOOP_EVENTS_MAX, wait_ms(loop));
        hx_assert(count >= 0 || errno == EINTR);
        loop->event_count = count > 0 ? count : 0;
        for (int i = 0; i < loop->event_count && !loop->stop; i++) {
            struct hx_watch *watch = loop->events[i].data.ptr;
            if (watch != NULL) watch->fn(watch, loop->events[i].events);
        }
        loop->event_count = 0;
        run_timers(loop);
        run_ready(loop);
        if (loop->stop || !loop->round_end_wanted) continue;
        loop->round_end_wanted = false;
        loop->round_end(loop->round_end_arg);
        run_ready(loop);
    }
}
