/* The port's socket operations: connections on which many tasks ask and each gets its own answer.
 *
 * What was not handed over is BUSY_NOT_SENT; from the first byte on, whatever ends the waiting without an answer is
 * UNKNOWN. Nothing is ever said twice. */
#define _GNU_SOURCE

#include <stdlib.h>
#include <string.h>

#include "host/native/stream_conn.h"

#define MESSAGE_LEN_MAX ((size_t)64 * 1024)
#define PING_MS 20000
#define SILENCE_MS_MAX 50000
#define IDLE_US ((int64_t)1800 * 1000000) /* As long as the order path keeps its connections warm. */
#define AGE_MS_MAX ((int64_t)23 * 3600 * 1000)
#define CARE_MS 5000

struct hx_socket {
    struct hx_table_node node;
    struct hx_host *host;
    struct hx_stream_conn *conn; /* NULL: none. */
    uint64_t serial;             /* Of the connection, once it is open. */
    struct hx_task *waiting;
    struct hx_timer care; /* Keep-alive, idleness and old age. */
    int64_t used_us, said_us;
    char *keep_alive;
    size_t keep_alive_len;
    int64_t keep_alive_ms;
    size_t origin_len, target_len;
    char text[]; /* Origin and target, one behind the other: the key. */
};

static void wake(struct hx_task *task, hx_err err) {
    task->socket_err = err;
    hx_socket_forget(task);
    hx_task_wake(task);
}

void hx_socket_forget(struct hx_task *task) {
    if (task->socket == NULL) return;
    struct hx_task **place = &task->socket->waiting;
    while (*place != task) place = &(*place)->socket_next;
    *place = task->socket_next;
    task->socket = NULL;
}

static void drop(struct hx_socket *socket) {
    if (socket->conn == NULL) return;
    hx_stream_conn_close(socket->conn);
    socket->conn = NULL;
    socket->serial = 0;
    hx_timer_unset(&socket->host->loop.timers, &socket->care);
    while (socket->waiting != NULL) {
        bool asked = socket->waiting->socket_mark.len > 0;
        wake(socket->waiting, asked ? HX_ERR(UNKNOWN_OUTCOME) : HX_ERR(BUSY_NOT_SENT));
    }
}

static void on_open(void *arg) {
    struct hx_socket *socket = arg;
    socket->serial = ++socket->host->socket_serial;
    socket->said_us = socket->used_us = hx_loop_now_us();
    hx_loop_set_timer(&socket->host->loop, &socket->care, (int64_t)CARE_MS * 1000);
    while (socket->waiting != NULL) wake(socket->waiting, HX_OK);
}

static void give(struct hx_task *task, hx_str text) {
    if (text.len > task->socket_answer_len_max) {
        wake(task, HX_ERR(UNKNOWN_OUTCOME));
        return;
    }
    task->socket_answer = malloc(text.len > 0 ? text.len : 1);
    hx_assert(task->socket_answer != NULL);
    memcpy(task->socket_answer, text.data, text.len);
    task->socket_answer_len = text.len;
    wake(task, HX_OK);
}

static void on_text(void *arg, hx_str text) {
    struct hx_socket *socket = arg;
    size_t place = 0;
    for (struct hx_task *task = socket->waiting; task != NULL; task = task->socket_next) {
        if (task->socket_mark.len == 0 || !hx_str_find(text, task->socket_mark, &place)) continue;
        give(task, text);
        return;
    }
}

static void on_end(void *arg, const char *why) {
    struct hx_socket *socket = arg;
    hx_log_write(&socket->host->log, HX_LOG_INFO, HX_STR_EMPTY, HX_STR("order connection ended"), hx_str_from_c(why));
    drop(socket);
}

static void on_care(struct hx_timer *timer) {
    struct hx_socket *socket = timer->owner;
    int64_t now = hx_loop_now_us();
    bool old = hx_stream_conn_age_ms(socket->conn) >= AGE_MS_MAX;
    if (socket->waiting == NULL && (old || now - socket->used_us >= IDLE_US)) {
        drop(socket);
        return;
    }
    if (socket->keep_alive_ms > 0 && now - socket->said_us >= socket->keep_alive_ms * 1000) {
        socket->said_us = now;
        (void)hx_stream_conn_say(socket->conn, hx_str_make(socket->keep_alive, socket->keep_alive_len));
    }
    hx_loop_set_timer(&socket->host->loop, timer, (int64_t)CARE_MS * 1000);
}

static struct hx_socket *find(struct hx_host *host, hx_str origin, hx_str target) {
    char key[1024];
    if (origin.len + target.len > sizeof(key)) return NULL;
    memcpy(key, origin.data, origin.len);
    memcpy(key + origin.len, target.data, target.len);
    return (struct hx_socket *)(void *)hx_table_find(&host->sockets, hx_str_make(key, origin.len + target.len));
}

static struct hx_socket *make(struct hx_host *host, const struct hx_socket_place *place) {
    struct hx_socket *socket = calloc(1, sizeof(*socket) + place->origin.len + place->target.len);
    hx_assert(socket != NULL);
    memcpy(socket->text, place->origin.data, place->origin.len);
    memcpy(socket->text + place->origin.len, place->target.data, place->target.len);
    socket->origin_len = place->origin.len;
    socket->target_len = place->target.len;
    socket->host = host;
    socket->care = (struct hx_timer){.fn = on_care, .owner = socket};
    socket->keep_alive = malloc(place->keep_alive.len + 1);
    hx_assert(socket->keep_alive != NULL);
    if (place->keep_alive.len > 0) memcpy(socket->keep_alive, place->keep_alive.data, place->keep_alive.len);
    socket->keep_alive_len = place->keep_alive.len;
    socket->keep_alive_ms = place->keep_alive_ms;
    hx_table_add(&host->sockets, &socket->node, hx_str_make(socket->text, socket->origin_len + socket->target_len));
    return socket;
}

struct opening {
    struct hx_socket *socket;
    int64_t timeout_ms;
};

/* Outside the coroutine, because names and TLS are curl's. */
static void open_outside(void *arg) {
    struct opening *opening = arg;
    struct hx_socket *socket = opening->socket;
    const struct hx_stream_conn_options options = {
        .origin = hx_str_make(socket->text, socket->origin_len),
        .target = hx_str_make(socket->text + socket->origin_len, socket->target_len),
        .open_ms_max = opening->timeout_ms,
        .ping_ms = PING_MS,
        .silence_ms_max = SILENCE_MS_MAX,
        .message_len_max = MESSAGE_LEN_MAX,
        .on_open = on_open,
        .on_text = on_text,
        .on_end = on_end,
        .arg = socket,
    };
    socket->conn = hx_stream_conn_open(socket->host, &options);
}

static void on_deadline(struct hx_timer *timer) {
    struct hx_task *task = timer->owner;
    bool asked = task->socket_mark.len > 0;
    wake(task, asked ? HX_ERR(UNKNOWN_TIMEOUT) : HX_ERR(BUSY_NOT_SENT));
}

static hx_err wait_on(struct hx_socket *socket, struct hx_task *task, enum hx_wait wait, int64_t deadline_us) {
    task->socket = socket;
    task->socket_next = socket->waiting;
    socket->waiting = task;
    task->timer.fn = on_deadline;
    task->timer.owner = task;
    hx_timer_set(&task->host->loop.timers, &task->timer, deadline_us);
    hx_task_wait(task, wait);
    return task->socket_err;
}

hx_err hx_socket_prepare(struct hx_task *task, const struct hx_socket_place *place, int64_t timeout_ms,
                         uint64_t *serial) {
    struct hx_socket *socket = find(task->host, place->origin, place->target);
    int64_t deadline_us = hx_loop_now_us() + timeout_ms * 1000;
    if (task->host->draining || place->origin.len + place->target.len > 1024) return HX_ERR(BUSY_NOT_SENT);
    if (socket == NULL) socket = make(task->host, place);
    if (socket->conn == NULL) {
        struct opening opening = {socket, timeout_ms};
        hx_coro_call_outside(open_outside, &opening);
        if (socket->conn == NULL) return HX_ERR(BUSY_NOT_SENT);
    }
    if (socket->serial == 0) {
        task->socket_mark = HX_STR_EMPTY;
        HX_TRY(wait_on(socket, task, HX_WAIT_CONNECT, deadline_us));
        /* It may be gone again. */
        if (socket->serial == 0) return HX_ERR(BUSY_NOT_SENT);
    }
    socket->used_us = hx_loop_now_us();
    *serial = socket->serial;
    return HX_OK;
}

struct saying {
    struct hx_stream_conn *conn;
    const struct hx_socket_call *call;
    bool said;
};

static void say_outside(void *arg) {
    struct saying *saying = arg;
    saying->said = hx_stream_conn_ask(saying->conn, saying->call->text, saying->call->send_by_ms);
}

hx_err hx_socket_ask(struct hx_task *task, const struct hx_socket_call *call, hx_str *answer) {
    struct hx_socket *socket = find(task->host, call->origin, call->target);
    int64_t now = hx_loop_now_us();
    if (socket == NULL || socket->serial == 0 || socket->serial != call->serial) return HX_ERR(BUSY_NOT_SENT);
    struct saying saying = {socket->conn, call, false};
    socket->used_us = socket->said_us = now;
    task->socket_mark = call->mark;
    task->socket_answer_len_max = call->answer_len_max;
    hx_coro_call_outside(say_outside, &saying);
    if (!saying.said) return HX_ERR(BUSY_NOT_SENT);
    hx_err err = wait_on(socket, task, HX_WAIT_ANSWER, now + call->timeout_ms * 1000);
    if (hx_ok(err)) {
        hx_str text = hx_str_make(task->socket_answer, task->socket_answer_len);
        /* Received all the same, whether it can be kept or not. */
        if (hx_failed(hx_arena_copy_str(&task->req.arena, text, answer))) err = HX_ERR(UNKNOWN_OUTCOME);
    }
    free(task->socket_answer);
    task->socket_answer = NULL;
    return err;
}

void hx_sockets_drain(struct hx_host *host) {
    for (size_t i = 0; i < host->sockets.bucket_count; i++) {
        for (struct hx_table_node *node = host->sockets.buckets[i]; node != NULL; node = node->next) {
            struct hx_socket *socket = (struct hx_socket *)(void *)node;
            if (socket->waiting == NULL) drop(socket);
        }
    }
}

void hx_sockets_release(struct hx_host *host) {
    struct hx_table_node *node = NULL;
    while ((node = hx_table_any(&host->sockets)) != NULL) {
        struct hx_socket *socket = (struct hx_socket *)(void *)node;
        hx_assert(socket->waiting == NULL); /* Tasks go first. */
        drop(socket);
        hx_table_remove(&host->sockets, node);
        free(socket->keep_alive);
        free(socket);
    }
    hx_table_release(&host->sockets);
}
