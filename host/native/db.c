/* The group commit: batches that became ready in one round of the loop share a transaction and one sync. */
#include <stdio.h>
#include <string.h>

#include "host/native/host.h"

#define IDLE_CHECKPOINT_FRAMES (HX_STORE_CHECKPOINT_FRAMES / 4)
#define IDLE_MS 500
#define GROW_FIRST_US 20000 /* After the start, which should not wait for it. */
#define GROW_PAUSE_US 2000

static void stop_broken(struct hx_host *host, const char *what) {
    hx_log_write(&host->log, HX_LOG_ERROR, HX_STR_EMPTY, hx_str_from_c(what),
                 hx_str_from_c(hx_store_problem(host->store)));
    host->exit_code = HX_EXIT_BROKEN;
    host->loop.stop = true;
}

/* False: nothing of the transaction may be trusted. */
static bool execute(struct hx_host *host, struct hx_task *task) {
    task->batch_err = hx_store_batch(host->store, task->batch, task->batch_count, &task->batch_failed);
    if (hx_store_is_broken(host->store)) return false;
    host->batch_total++;
    if (hx_ok(task->batch_err) || hx_err_is(task->batch_err, HX_CLASS_CONFLICT)) return true;
    hx_log_write(&host->log, HX_LOG_ERROR, hx_str_from_c(task->req.id), HX_STR("the ledger refused a batch"),
                 hx_str_from_c(hx_store_problem(host->store)));
    return true;
}

/* One batch is a transaction by itself; several share one, each in a savepoint of its own. */
static bool commit_all(struct hx_host *host) {
    struct hx_task *first = host->batch_first;
    if (first->batch_next == NULL) return execute(host, first);
    hx_err err = hx_store_begin(host->store);
    if (hx_err_is(err, HX_CLASS_BUSY)) {
        for (struct hx_task *task = first; task != NULL; task = task->batch_next) task->batch_err = err;
        return true;
    }
    if (hx_failed(err)) return false;
    for (struct hx_task *task = first; task != NULL; task = task->batch_next) {
        if (!execute(host, task)) return false;
    }
    return hx_ok(hx_store_commit(host->store));
}

static void resume_all(struct hx_host *host) {
    struct hx_task *task = host->batch_first;
    host->batch_first = host->batch_last = NULL;
    for (struct hx_task *each = task; each != NULL; each = each->batch_next) {
        if (hx_ok(each->batch_err) && each->on_commit != NULL) each->on_commit(each, each->commit_arg);
    }
    while (task != NULL) {
        struct hx_task *next = task->batch_next;
        hx_task_wake(task);
        task = next;
    }
}

static void on_round_end(void *arg) {
    struct hx_host *host = arg;
    if (host->batch_first == NULL) return;
    /* Nobody is told anything after a failure: what is on the disk only the disk knows. */
    if (!commit_all(host)) {
        stop_broken(host, "the ledger failed; stopping so that a restart reads it from the disk");
        return;
    }
    host->commit_count++;
    host->commit_last_us = hx_loop_now_us();
    resume_all(host);
    /* Behind the callers in the queue, so that their replies leave first. */
    if (hx_store_wal_frames(host->store) >= HX_STORE_CHECKPOINT_FRAMES)
        hx_loop_make_ready(&host->loop, &host->checkpoint_ready);
    if (!hx_timer_is_set(&host->idle_timer)) hx_loop_set_timer(&host->loop, &host->idle_timer, IDLE_MS * 1000);
}

static void checkpoint(struct hx_host *host) {
    if (hx_failed(hx_store_checkpoint(host->store))) {
        stop_broken(host, "the checkpoint failed; stopping so that a restart reads the ledger from the disk");
    }
}

static void on_checkpoint(struct hx_ready *ready) {
    checkpoint(ready->owner);
}

/* In steps of about a millisecond, and only while nobody commits. */
static void on_grow(struct hx_timer *timer) {
    struct hx_host *host = timer->owner;
    bool busy = host->batch_first != NULL || hx_loop_now_us() - host->commit_last_us < GROW_PAUSE_US;
    bool more = busy || hx_store_grow_wal(host->store);
    if (hx_store_is_broken(host->store)) {
        stop_broken(host, "the ledger's log can't be synced; stopping so that a restart reads it from the disk");
    } else if (more && !host->draining) {
        hx_loop_set_timer(&host->loop, timer, GROW_PAUSE_US);
    }
}

static void on_idle(struct hx_timer *timer) {
    struct hx_host *host = timer->owner;
    int64_t idle_us = hx_loop_now_us() - host->commit_last_us;
    if (idle_us < IDLE_MS * 1000) {
        hx_loop_set_timer(&host->loop, timer, IDLE_MS * 1000 - idle_us);
    } else if (hx_store_wal_frames(host->store) >= IDLE_CHECKPOINT_FRAMES) {
        checkpoint(host);
    }
}

void hx_db_init(struct hx_host *host) {
    host->loop.round_end = on_round_end;
    host->loop.round_end_arg = host;
    host->checkpoint_ready = (struct hx_ready){.fn = on_checkpoint, .owner = host};
    host->idle_timer = (struct hx_timer){.fn = on_idle, .owner = host};
    host->grow_timer = (struct hx_timer){.fn = on_grow, .owner = host};
}

void hx_db_start_growing(struct hx_host *host) {
    hx_loop_set_timer(&host->loop, &host->grow_timer, GROW_FIRST_US);
}

void hx_db_release(struct hx_host *host) {
    hx_store_close(host->store);
    host->store = NULL;
}

hx_err hx_db_batch(struct hx_task *task, const struct hx_db_stmt *statements, uint32_t count, uint32_t *failed) {
    struct hx_host *host = task->host;
    task->batch = statements;
    task->batch_count = count;
    task->batch_failed = 0;
    task->batch_err = HX_OK;
    task->batch_next = NULL;
    if (host->batch_last == NULL) {
        host->batch_first = task;
    } else {
        host->batch_last->batch_next = task;
    }
    host->batch_last = task;
    host->loop.round_end_wanted = true;
    hx_task_wait(task, HX_WAIT_COMMIT);
    if (failed != NULL) *failed = task->batch_failed;
    task->on_commit = NULL;
    return task->batch_err;
}

struct query {
    struct hx_task *task;
    const struct hx_db_stmt *statement;
    struct hx_db_rows *out;
    hx_err err;
};

static void run_query(void *arg) {
    struct query *query = arg;
    struct hx_host *host = query->task->host;
    query->err = hx_store_query(host->store, &query->task->req.arena, query->statement, query->out);
    if (hx_err_is(query->err, HX_CLASS_BROKEN)) {
        hx_log_write(&host->log, HX_LOG_ERROR, hx_str_from_c(query->task->req.id), HX_STR("the ledger refused a query"),
                     hx_str_from_c(hx_store_problem(host->store)));
    }
    if (hx_store_is_broken(host->store)) stop_broken(host, "the ledger can't be read");
}

hx_err hx_db_query(struct hx_task *task, const struct hx_db_stmt *statement, struct hx_db_rows *out) {
    struct query query = {task, statement, out, HX_OK};
    /* SQLite's need of stack is not ours to bound. */
    hx_coro_call_outside(run_query, &query);
    return query.err;
}
