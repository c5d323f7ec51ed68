/* Lane gates: one holder, the rest in order of arrival. A gate exists while somebody holds it. */
#include <stdlib.h>
#include <string.h>

#include "host/native/host.h"

struct hx_lane {
    struct hx_table_node node;
    struct hx_task *holder;
    struct hx_task *first, *last; /* Waiting. */
    char name[];
};

static struct hx_lane *lane_make(struct hx_host *host, hx_str name) {
    struct hx_lane *lane = calloc(1, sizeof(*lane) + name.len);
    hx_assert(lane != NULL);
    memcpy(lane->name, name.data, name.len);
    hx_table_add(&host->lanes, &lane->node, hx_str_make(lane->name, name.len));
    return lane;
}

hx_err hx_lane_lock(struct hx_task *task, hx_str name) {
    struct hx_host *host = task->host;
    hx_assert(task->lane == NULL);
    struct hx_lane *lane = (struct hx_lane *)(void *)hx_table_find(&host->lanes, name);
    if (lane == NULL) {
        lane = lane_make(host, name);
        lane->holder = task;
        task->lane = lane;
        return HX_OK;
    }
    if (host->draining) return HX_ERR(LIMIT_TIME);
    task->lane = lane;
    task->lane_next = NULL;
    if (lane->last == NULL) {
        lane->first = task;
    } else {
        lane->last->lane_next = task;
    }
    lane->last = task;
    hx_task_wait(task, HX_WAIT_LANE);
    if (!task->interrupted) return HX_OK;
    task->interrupted = false;
    return HX_ERR(LIMIT_TIME);
}

void hx_lane_unlock(struct hx_task *task) {
    struct hx_lane *lane = task->lane;
    hx_assert(lane != NULL && lane->holder == task);
    task->lane = NULL;
    struct hx_task *next = lane->first;
    lane->holder = next;
    if (next == NULL) {
        hx_table_remove(&task->host->lanes, &lane->node);
        free(lane);
        return;
    }
    lane->first = next->lane_next;
    if (lane->first == NULL) lane->last = NULL;
    hx_task_wake(next);
}

void hx_lane_interrupt(struct hx_task *task) {
    struct hx_lane *lane = task->lane;
    hx_assert(task->wait == HX_WAIT_LANE && lane != NULL);
    /* Already handed the lane, only not yet resumed: it goes on as the holder. */
    if (lane->holder == task) return;
    struct hx_task *before = NULL;
    struct hx_task *at = lane->first;
    while (at != task) {
        hx_assert(at != NULL);
        before = at;
        at = at->lane_next;
    }
    if (before == NULL) {
        lane->first = task->lane_next;
    } else {
        before->lane_next = task->lane_next;
    }
    if (lane->last == task) lane->last = before;
    task->lane = NULL;
    task->interrupted = true;
    hx_task_wake(task);
}

void hx_lanes_release(struct hx_host *host) {
    struct hx_table_node *node = NULL;
    while ((node = hx_table_any(&host->lanes)) != NULL) {
        hx_table_remove(&host->lanes, node);
        free(node);
    }
    hx_table_release(&host->lanes);
}
