/* Due lanes and ticks: events that come by time alone.
 *
 * A lane has at most one wake-up under way: a second would only wait for the lane. Messages that come due meanwhile, or
 * together, are answered by one event after them, so a burst of messages costs one wake-up and not one each. */
#include <stdlib.h>
#include <string.h>

#include "host/native/host.h"

#define TICK_MS 60000
#define AGAIN_MS 50 /* When too many background tasks run. */
#define DUES_PER_LANE_MAX 65536

struct due_lane {
    struct hx_table_node node;
    struct hx_timer timer; /* Set to the first due time, unless a wake-up is under way. */
    struct hx_host *host;
    hx_time *heap; /* Smallest first. */
    size_t count, count_max;
    bool starting; /* hx_task_start has not returned: the task may already be done. */
    bool running;
    size_t name_len;
    char name[];
};

static void push(struct due_lane *lane, hx_time due) {
    /* Forgetting is allowed (P5): the tick finds what is due in the ledger. */
    if (lane->count >= DUES_PER_LANE_MAX) return;
    if (lane->count == lane->count_max) {
        lane->count_max = lane->count_max == 0 ? 4 : lane->count_max * 2;
        lane->heap = realloc(lane->heap, lane->count_max * sizeof(lane->heap[0]));
        hx_assert(lane->heap != NULL);
    }
    size_t index = lane->count++;
    while (index > 0 && lane->heap[(index - 1) / 2] > due) {
        lane->heap[index] = lane->heap[(index - 1) / 2];
        index = (index - 1) / 2;
    }
    lane->heap[index] = due;
}

static void pop(struct due_lane *lane) {
    hx_time last = lane->heap[--lane->count];
    size_t index = 0;
    for (;;) {
        size_t child = index * 2 + 1;
        if (child >= lane->count) break;
        if (child + 1 < lane->count && lane->heap[child + 1] < lane->heap[child]) child++;
        if (lane->heap[child] >= last) break;
        lane->heap[index] = lane->heap[child];
        index = child;
    }
    lane->heap[index] = last;
}

static void lane_free(struct due_lane *lane) {
    hx_timer_unset(&lane->host->loop.timers, &lane->timer);
    hx_table_remove(&lane->host->dues, &lane->node);
    free(lane->heap);
    free(lane);
}

static void schedule(struct due_lane *lane) {
    if (lane->running || lane->starting) return;
    if (lane->count == 0) {
        lane_free(lane);
        return;
    }
    hx_loop_set_timer(&lane->host->loop, &lane->timer, (lane->heap[0] - hx_host_wall_ms()) * 1000);
}

static void on_lane_done(struct hx_task *task) {
    struct due_lane *lane = task->done_arg;
    lane->running = false;
    schedule(lane);
}

static void on_due(struct hx_timer *timer) {
    struct due_lane *lane = timer->owner;
    hx_time now = hx_host_wall_ms();
    /* Not yet, when the wall clock was set back or runs slower than the loop's. */
    if (lane->heap[0] > now) {
        schedule(lane);
        return;
    }
    while (lane->count > 0 && lane->heap[0] <= now) pop(lane);
    struct hx_event event = {.kind = HX_EVENT_LANE_DUE, .lane = hx_str_make(lane->name, lane->name_len)};
    lane->starting = true;
    lane->running = true;
    if (!hx_task_start(lane->host, &event, on_lane_done, lane)) {
        lane->running = false;
        push(lane, now + AGAIN_MS);
    }
    lane->starting = false;
    schedule(lane);
}

void hx_queue_send(struct hx_host *host, hx_str name, hx_time due) {
    struct due_lane *lane = (struct due_lane *)(void *)hx_table_find(&host->dues, name);
    if (lane == NULL) {
        lane = calloc(1, sizeof(*lane) + name.len);
        hx_assert(lane != NULL);
        if (name.len > 0) memcpy(lane->name, name.data, name.len);
        lane->name_len = name.len;
        lane->host = host;
        lane->timer = (struct hx_timer){.fn = on_due, .owner = lane};
        hx_table_add(&host->dues, &lane->node, hx_str_make(lane->name, name.len));
    }
    bool sooner = lane->count == 0 || due < lane->heap[0];
    push(lane, due);
    if (sooner) schedule(lane);
}

static void on_tick_done(struct hx_task *task) {
    task->host->tick_running = false;
}

static void on_tick(struct hx_timer *timer) {
    struct hx_host *host = timer->owner;
    struct hx_event event = {.kind = HX_EVENT_TICK};
    if (!host->tick_running) {
        host->tick_running = true; /* Before: the task may be done when hx_task_start returns. */
        if (!hx_task_start(host, &event, on_tick_done, NULL)) host->tick_running = false;
    }
    if (!host->draining) hx_loop_set_timer(&host->loop, timer, (int64_t)TICK_MS * 1000);
}

void hx_queue_start_ticks(struct hx_host *host) {
    host->tick_timer = (struct hx_timer){.fn = on_tick, .owner = host};
    hx_loop_set_timer(&host->loop, &host->tick_timer, 0);
}

void hx_queue_release(struct hx_host *host) {
    struct hx_table_node *node = NULL;
    while ((node = hx_table_any(&host->dues)) != NULL) lane_free((struct due_lane *)(void *)node);
    hx_table_release(&host->dues);
}
