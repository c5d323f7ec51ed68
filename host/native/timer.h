/* Timers: a binary heap of caller-owned entries, ordered by time, then by when they were set. */
#ifndef HX_HOST_NATIVE_TIMER_H
#define HX_HOST_NATIVE_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hx_timer {
    void (*fn)(struct hx_timer *timer); /* Set by the owner; called once the time has come, with the timer unset. */
    void *owner;
    int64_t at_us; /* Monotonic. */
    uint64_t order;
    size_t place; /* Index in the heap plus one; 0: not set. Zeroed memory is an unset timer. */
};

struct hx_timers {
    struct hx_timer **heap;
    size_t count;
    size_t count_max;
    uint64_t order_next;
};

void hx_timer_set(struct hx_timers *timers, struct hx_timer *timer, int64_t at_us); /* Moves it when already set. */
void hx_timer_unset(struct hx_timers *timers, struct hx_timer *timer);              /* Not set: does nothing. */
bool hx_timer_is_set(const struct hx_timer *timer);
bool hx_timer_next(const struct hx_timers *timers, int64_t *at_us); /* False: none is set. */
/* Takes the first that is due at `now_us`; NULL: none. The caller calls its fn. */
struct hx_timer *hx_timer_take_due(struct hx_timers *timers, int64_t now_us);
void hx_timers_release(struct hx_timers *timers);

#endif
