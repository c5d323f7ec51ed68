/* The event loop: one thread, epoll, timers, and a queue of things ready to run.
 *
 * A round: wait for events (not at all while something is ready) → handle them → due timers → everything ready, until
 * nothing is → the round's end hook (the group commit) → what that made ready. What those want committed waits for the
 * next round, so that events which arrived meanwhile share the next commit. Handlers never block.
 *
 * Watches, timers and ready nodes belong to their owners; a handler may unset or unwatch any of them, its own included.
 */
#ifndef HX_HOST_NATIVE_LOOP_H
#define HX_HOST_NATIVE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "host/native/timer.h"

#define HX_LOOP_EVENTS_MAX 256

struct hx_watch {
    int fd; /* -1: not watched. */
    void (*fn)(struct hx_watch *watch, uint32_t events);
    void *owner;
};

struct hx_ready {
    struct hx_ready *next;
    bool queued;
    void (*fn)(struct hx_ready *ready);
    void *owner;
};

struct hx_loop {
    int epoll_fd;
    struct hx_timers timers;
    struct hx_ready *ready_first, *ready_last;
    struct epoll_event events[HX_LOOP_EVENTS_MAX];
    int event_count; /* Of the round; events of watches that go away are struck out. */
    bool stop;       /* Set by a handler: hx_loop_run returns after the current step. */
    void (*round_end)(void *arg);
    void *round_end_arg;
    bool round_end_wanted; /* Set by whoever has work for it; cleared before it is called. */
};

int64_t hx_loop_now_us(void); /* Monotonic microseconds. */

bool hx_loop_init(struct hx_loop *loop); /* False: errno says why. */
void hx_loop_release(struct hx_loop *loop);

/* False: the system refused (errno). `events` as for epoll_ctl. */
bool hx_loop_watch(struct hx_loop *loop, struct hx_watch *watch, int fd, uint32_t events);
bool hx_loop_rewatch(struct hx_loop *loop, struct hx_watch *watch, uint32_t events);
void hx_loop_unwatch(struct hx_loop *loop, struct hx_watch *watch); /* Does not close the descriptor. */

void hx_loop_make_ready(struct hx_loop *loop, struct hx_ready *ready); /* Already queued: does nothing. */
void hx_loop_unready(struct hx_loop *loop, struct hx_ready *ready); /* Before its memory goes; not queued: nothing. */
void hx_loop_set_timer(struct hx_loop *loop, struct hx_timer *timer, int64_t delay_us);

void hx_loop_run(struct hx_loop *loop); /* Until `stop`. */

#endif
