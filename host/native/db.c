/* The group commit: batches that became ready in one round of the loop share a transaction and one sync.
 *
 * A disk without room ends nothing: batches for which there is none are refused as not done, what the log already holds
 * stays there, and every two seconds it is seen whether there is room again (sqlite_store.h, invariant 2). */
#include <stdio.h>
#include <string.h>

#include "host/native/host.h"

#define IDLE_CHECKPOINT_FRAMES (HX_STORE_CHECKPOINT_FRAMES / 4)
#define IDLE_MS 500
#define GROW_FIRST_US 20000 /* After the start, which should not wait for it. */
#define GROW_PAUSE_US 2000
#define ROOM_PAUSE_US 2000000
#define LEDGER_FAILED "the ledger failed; stopping so that a restart reads it from the disk"
#define FULL_TEXT \
    "the disk of the ledger is full: free space where the data directory is; nothing is lost, it goes on by itself"

static void stop_broken(struct hx_host *host, const char *what) {
    hx_log_write(&host->log, HX_LOG_ERROR, HX_STR_EMPTY, hx_str_from_c(what),
                 hx_str_from_c(hx_store_problem(host->store)));
    host->exit_code = HX_EXIT_BROKEN;
    host->loop.stop = true;
}

static void set_full(struct hx_host *host) {
    if (host->ledger_full || !hx_store_is_full(host->store)) return;
    host->ledger_full = true;
    hx_log_write(&host->log, HX_LOG_ERROR, HX_STR_EMPTY, HX_STR(FULL_TEXT),
                 hx_str_from_c(hx_store_problem(host->store)));
    hx_loop_set_timer(&host->loop, &host->room_timer, ROOM_PAUSE_US);
}

static void note_outcome(struct hx_host *host, const struct hx_store_job *job) {
    const struct hx_task *task = job->owner;
    host->batch_total++;
    if (hx_ok(job->err) || hx_err_is(job->err, HX_CLASS_CONFLICT)) return;
    /* Said once, and not of every batch. */
    if (host->ledger_full && hx_err_is(job->err, HX_CLASS_BUSY)) return;
    hx_log_write(&host->log, HX_LOG_ERROR, hx_str_from_c(task->req.id), HX_STR("the ledger refused a batch"),
                 hx_str_from_c(hx_store_problem(host->store)));
}

static void resume_all(struct hx_host *host) {
    struct hx_store_job *first = host->batch_first;
    host->batch_first = host->batch_last = NULL;
    for (struct hx_store_job *job = first; job != NULL; job = job->next) {
        struct hx_task *task = job->owner;
        note_outcome(host, job);
        if (hx_ok(job->err) && task->on_commit != NULL) task->on_commit(task, task->commit_arg);
    }
    while (first != NULL) {
        struct hx_store_job *next = first->next;
        hx_task_wake(first->owner);
        first = next;
    }
}

static void on_round_end(void *arg) {
    struct hx_host *host = arg;
    if (host->batch_first == NULL) return;
    /* Nobody is told anything after a failure: what is on the disk only the disk knows. */
    if (hx_failed(hx_store_batches(host->store, host->batch_first))) {
        stop_broken(host, LEDGER_FAILED);
        return;
    }
    set_full(host);
    host->commit_count++;
    host->commit_last_us = hx_loop_now_us();
    resume_all(host);
    /* Behind the callers in the queue, so that their replies leave first. */
    if (hx_store_wal_frames(host->store) >= HX_STORE_CHECKPOINT_FRAMES && !host->ledger_full)
        hx_loop_make_ready(&host->loop, &host->checkpoint_ready);
    if (!hx_timer_is_set(&host->idle_timer)) hx_loop_set_timer(&host->loop, &host->idle_timer, IDLE_MS * 1000);
}

static bool checkpoint(struct hx_host *host) {
    bool done = hx_ok(hx_store_checkpoint(host->store));
    if (hx_store_is_broken(host->store)) {
        stop_broken(host, "the checkpoint failed; stopping so that a restart reads the ledger from the disk");
    }
    set_full(host);
    return done;
}

/* What makes room in the log comes first; then, whether a row can be written. */
static void on_room(struct hx_timer *timer) {
    static const struct hx_db_stmt probe = {
        "INSERT INTO meta (name, value) VALUES ('room_probe', '1') ON CONFLICT (name) DO UPDATE SET value = '1'", NULL,
        0, 1};
    struct hx_host *host = timer->owner;
    if (checkpoint(host) && hx_failed(hx_store_batch(host->store, &probe, 1, NULL)) &&
        hx_store_is_broken(host->store)) {
        stop_broken(host, LEDGER_FAILED);
    }
    if (hx_store_is_broken(host->store)) return;
    if (hx_store_is_full(host->store)) {
        hx_loop_set_timer(&host->loop, timer, ROOM_PAUSE_US);
    } else {
        host->ledger_full = false;
        hx_log_write(&host->log, HX_LOG_WARN, HX_STR_EMPTY, HX_STR("the disk of the ledger has room again"),
                     HX_STR_EMPTY);
    }
}

static void on_checkpoint(struct hx_ready *ready) {
    (void)checkpoint(ready->owner);
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
    } else if (hx_store_wal_frames(host->store) >= IDLE_CHECKPOINT_FRAMES && !host->ledger_full) {
        (void)checkpoint(host);
    }
}

const char *hx_db_full_text(const struct hx_host *host) {
    return host->ledger_full ? FULL_TEXT : "";
}

void hx_db_init(struct hx_host *host) {
    host->loop.round_end = on_round_end;
    host->loop.round_end_arg = host;
    host->checkpoint_ready = (struct hx_ready){.fn = on_checkpoint, .owner = host};
    host->idle_timer = (struct hx_timer){.fn = on_idle, .owner = host};
    host->room_timer = (struct hx_timer){.fn = on_room, .owner = host};
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
    task->batch = (struct hx_store_job){.statements = statements, .count = count, .owner = task};
    if (host->batch_last == NULL) {
        host->batch_first = &task->batch;
    } else {
        host->batch_last->next = &task->batch;
    }
    host->batch_last = &task->batch;
    host->loop.round_end_wanted = true;
    hx_task_wait(task, HX_WAIT_COMMIT);
    if (failed != NULL) *failed = task->batch.failed;
    task->on_commit = NULL;
    return task->batch.err;
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
