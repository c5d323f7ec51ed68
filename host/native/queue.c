/* Due lanes and ticks: events that come by time alone. */
#include <stdlib.h>
#include <string.h>

#include "host/native/host.h"

#define TICK_MS 60000
#define AGAIN_MS 50 /* When too many background tasks run. */
#define DUES_MAX 100000

struct due {
    struct hx_table_node node; /* Key: the due time's bytes, then the lane. */
    struct hx_timer timer;
    struct hx_host *host;
    hx_time due;
    size_t lane_len;
    char key[];
};

static void due_free(struct due *due) {
    hx_timer_unset(&due->host->loop.timers, &due->timer);
    hx_table_remove(&due->host->dues, &due->node);
    free(due);
}

static void on_due(struct hx_timer *timer) {
    struct due *due = timer->owner;
    int64_t left_ms = due->due - hx_host_wall_ms();
    if (left_ms > 0) {
        /* The wall clock was set back, or runs slower than ours. */
        hx_loop_set_timer(&due->host->loop, timer, left_ms * 1000);
        return;
    }
    struct hx_event event = {.kind = HX_EVENT_LANE_DUE, .lane = hx_str_make(due->key + sizeof(hx_time), due->lane_len)};
    if (hx_task_start(due->host, &event, NULL, NULL)) {
        due_free(due);
    } else {
        hx_loop_set_timer(&due->host->loop, timer, AGAIN_MS * 1000);
    }
}

void hx_queue_send(struct hx_host *host, hx_str lane, hx_time at) {
    struct due *due = calloc(1, sizeof(*due) + sizeof(at) + lane.len);
    hx_assert(due != NULL);
    memcpy(due->key, &at, sizeof(at));
    if (lane.len > 0) memcpy(due->key + sizeof(at), lane.data, lane.len);
    hx_str key = hx_str_make(due->key, sizeof(at) + lane.len);
    /* Forgetting is allowed (P5): the tick finds what is due in the ledger. */
    if (host->dues.count >= DUES_MAX || hx_table_find(&host->dues, key) != NULL) {
        free(due);
        return;
    }
    due->host = host;
    due->due = at;
    due->lane_len = lane.len;
    due->timer = (struct hx_timer){.fn = on_due, .owner = due};
    hx_table_add(&host->dues, &due->node, key);
    hx_loop_set_timer(&host->loop, &due->timer, (at - hx_host_wall_ms()) * 1000);
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
    while ((node = hx_table_any(&host->dues)) != NULL) due_free((struct due *)(void *)node);
    hx_table_release(&host->dues);
}
