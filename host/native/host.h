/* The native host's state, shared by its files; nobody outside host/native sees it.
 *
 * One thread. Each request is a task: a struct hx_req with its arena, on a coroutine. A task that has to wait says for
 * what (`wait`), yields, and is woken exactly once through its ready node. */
#ifndef HX_HOST_NATIVE_HOST_H
#define HX_HOST_NATIVE_HOST_H

#include "core/app/app.h"
#include "host/common/coro.h"
#include "host/common/sqlite_store.h"
#include "host/native/conn.h"
#include "host/native/log.h"
#include "host/native/loop.h"
#include "host/native/secrets.h"
#include "host/native/settings.h"
#include "host/native/table.h"
#include "port/host.h"

#define HX_EXIT_BROKEN 70 /* The store failed: a supervisor restarts the program, which then reads the disk. */

enum hx_wait { HX_WAIT_NONE, HX_WAIT_SLEEP, HX_WAIT_COMMIT, HX_WAIT_LANE, HX_WAIT_CONNECT, HX_WAIT_ANSWER };

/* Stages of one request, for its Server-Timing header; only kept when asked for. */
struct hx_stages {
    bool wanted;
    int64_t begin_us;
    int64_t order_sent_us; /* First byte of the first outgoing request that is not a GET; 0: none. */
    int64_t op_begin_us[HX_OP_COUNT];
    int64_t op_total_us[HX_OP_COUNT];
    uint32_t op_count[HX_OP_COUNT];
};

struct hx_task {
    struct hx_req req;
    struct hx_host *host;
    struct hx_task *next, *previous; /* Among the live ones; `next` alone in the pool. */
    struct hx_coro *coro;
    uint8_t *memory; /* The arena's. */
    struct hx_event event;
    struct hx_reply reply;
    struct hx_stages stages;

    enum hx_wait wait;
    bool interrupted;      /* Woken because the host is shutting down. */
    struct hx_ready ready; /* Resumes the coroutine. */
    struct hx_timer timer; /* Of the wait. */
    hx_time sleep_until_ms;

    struct hx_conn *conn; /* The caller's; NULL: none, or gone, or answered already. */
    struct hx_message *message;
    void (*on_done)(struct hx_task *task); /* For tasks without a connection; may be NULL. */
    void *done_arg;

    struct hx_timer early_timer; /* reply_by */
    struct hx_reply *early;      /* Deep copy, in one block. */

    struct hx_store_job batch;                          /* db.c: waiting for the round's commit. */
    void (*on_commit)(struct hx_task *task, void *arg); /* After the commit, before anybody is resumed. */
    void *commit_arg;

    struct hx_lane *lane; /* lanes.c: held or waited for. */
    struct hx_task *lane_next;

    struct hx_link *link; /* client.c: reserved for this task. */

    struct hx_socket *socket; /* stream_socket.c: waited for. */
    struct hx_task *socket_next;
    hx_str socket_mark; /* Of the answer; empty: the connection itself is waited for. */
    hx_err socket_err;
    char *socket_answer;
    size_t socket_answer_len, socket_answer_len_max;
};

struct hx_kv_slot {
    char *key;
    char *value;
    size_t key_len, value_len;
};

struct hx_host {
    struct hx_loop loop;
    struct hx_log log;
    struct hx_secrets *secrets;
    struct hx_settings settings;
    struct hx_store *store;
    int exit_code;
    bool draining;

    /* tasks.c */
    struct hx_task *tasks;
    struct hx_task *task_pool;
    uint32_t task_count, task_pooled, task_max;
    uint32_t background_count, background_max;
    uint8_t random[1024];
    size_t random_used;
    struct hx_timer drain_timer;
    int64_t drain_deadline_us;
    bool drain_writing; /* All work is done, replies are still on their way out. */

    /* db.c */
    struct hx_store_job *batch_first, *batch_last; /* Of this round; their owners are tasks. */
    struct hx_ready checkpoint_ready;
    struct hx_timer idle_timer, grow_timer, room_timer;
    bool ledger_full; /* Its disk has no room: a commit or checkpoint failed for it, and no later look found any. */
    int64_t commit_last_us;
    uint64_t commit_count, batch_total;

    /* lanes.c, memo.c, kv.c, queue.c */
    struct hx_table lanes;
    struct hx_table memo, counters;
    struct hx_memo_entry *memo_oldest, *memo_newest;
    size_t memo_bytes;
    struct hx_kv_slot *kv;
    size_t kv_count, kv_max;
    struct hx_table dues;
    struct hx_timer tick_timer;
    bool tick_running;

    /* client.c, connect_curl.c */
    struct hx_table origins;
    struct hx_curl *curl;

    /* stream.c */
    struct hx_streams *streams; /* NULL: not started. */
    struct hx_table sockets;    /* stream_socket.c */
    uint64_t socket_serial;

    /* serve.c */
    struct hx_server listener;
    struct hx_server control;
    struct hx_paper *paper;
};

/* In tasks.c. */

void hx_tasks_init(struct hx_host *host);
void hx_tasks_release(struct hx_host *host); /* Abandons what still runs. */
/* Handlers of the listener and the control socket; server->owner is the host. */
void hx_tasks_on_request(struct hx_conn *conn, struct hx_message *message);
void hx_tasks_on_operator_request(struct hx_conn *conn, struct hx_message *message);
void hx_tasks_on_gone(struct hx_conn *conn);
/* Starts a task for an event that has no connection. False: too many run already, or shutting down. The lane's name is
 * copied; other strings of the event must outlive the task. on_done (may be NULL) is called when it has returned, its
 * reply still readable. */
bool hx_task_start(struct hx_host *host, const struct hx_event *event, void (*on_done)(struct hx_task *task),
                   void *done_arg);
struct hx_task *hx_task_of(struct hx_req *req);

/* Suspends the current task until hx_task_wake. */
void hx_task_wait(struct hx_task *task, enum hx_wait wait);
void hx_task_wake(struct hx_task *task);

/* Graceful stop: no new work, sleepers end, everything else gets `limit_ms`, then the loop stops. */
void hx_tasks_drain(struct hx_host *host, int64_t limit_ms);

hx_time hx_host_wall_ms(void);
void hx_host_random_bytes(struct hx_host *host, void *out, size_t len);

/* In stages.c. */

/* The value of a Server-Timing header, in the task's arena; empty when not wanted or no room. */
hx_str hx_stages_format(struct hx_task *task);

/* In db.c. */

void hx_db_init(struct hx_host *host);
/* Why the ledger's disk has no room, with what to do about it; "" when it has. */
const char *hx_db_full_text(const struct hx_host *host);
/* For servers, which live long enough to profit: makes the ledger's log as large as it will get. */
void hx_db_start_growing(struct hx_host *host);
void hx_db_release(struct hx_host *host);
/* Suspends until the batch is durable or refused. */
hx_err hx_db_batch(struct hx_task *task, const struct hx_db_stmt *statements, uint32_t count, uint32_t *failed);
hx_err hx_db_query(struct hx_task *task, const struct hx_db_stmt *statement, struct hx_db_rows *out);

/* In lanes.c. */

hx_err hx_lane_lock(struct hx_task *task, hx_str name);
void hx_lane_unlock(struct hx_task *task);
void hx_lane_interrupt(struct hx_task *task); /* Takes a waiting task out of its queue and wakes it. */
void hx_lanes_release(struct hx_host *host);

/* In memo.c. */

bool hx_memo_find(struct hx_host *host, hx_str key, hx_str *out); /* Valid until the next hx_memo_put. */
void hx_memo_put(struct hx_host *host, hx_str key, hx_str value);
uint64_t hx_memo_count(struct hx_host *host, hx_str key, uint64_t add, int64_t window_ms);
void hx_memo_release(struct hx_host *host);

/* In kv.c. */

hx_err hx_kv_load(struct hx_host *host);
bool hx_kv_find(const struct hx_host *host, hx_str key, hx_str *out); /* Valid until the next change. */
hx_err hx_kv_list(struct hx_task *task, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count);
hx_err hx_kv_put(struct hx_task *task, hx_str key, hx_str value);
hx_err hx_kv_delete(struct hx_task *task, hx_str key);
/* Without a task, before the loop runs: one durable change. */
hx_err hx_kv_set_now(struct hx_host *host, hx_str key, const hx_str *value);
void hx_kv_release(struct hx_host *host);

/* In queue.c. */

void hx_queue_send(struct hx_host *host, hx_str lane, hx_time due);
void hx_queue_start_ticks(struct hx_host *host);
void hx_queue_release(struct hx_host *host);

/* In stream_socket.c. */

hx_err hx_socket_prepare(struct hx_task *task, const struct hx_socket_place *place, int64_t timeout_ms,
                         uint64_t *serial);
hx_err hx_socket_ask(struct hx_task *task, const struct hx_socket_call *call, hx_str *answer);
void hx_socket_forget(struct hx_task *task); /* The task waits no longer. */
void hx_sockets_drain(struct hx_host *host); /* Those that nobody waits on are closed. */
void hx_sockets_release(struct hx_host *host);

/* In client.c. */

hx_err hx_client_prepare(struct hx_task *task, hx_str origin, int64_t timeout_ms);
hx_err hx_client_send(struct hx_task *task, const struct hx_http_call *call, struct hx_http_answer *out);
void hx_client_forget(struct hx_task *task); /* Gives a reserved link back. */
void hx_client_release(struct hx_host *host);

#endif
