#define _GNU_SOURCE

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

#include "core/base/id.h"
#include "host/native/host.h"

#define POOLED_MAX 128
#define ARENA_KEPT ((size_t)64 * 1024) /* A pooled task keeps this much of its arena resident. */
#define DRAIN_POLL_MS 20
#define DRAIN_WRITE_MS 1000

hx_time hx_host_wall_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (hx_time)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* From a small pool: one system call for about a hundred request ids. */
void hx_host_random_bytes(struct hx_host *host, void *out, size_t len) {
    if (len > sizeof(host->random)) {
        hx_assert(getrandom(out, len, 0) == (ssize_t)len);
        return;
    }
    if (host->random_used + len > sizeof(host->random)) {
        hx_assert(getrandom(host->random, sizeof(host->random), 0) == (ssize_t)sizeof(host->random));
        host->random_used = 0;
    }
    memcpy(out, host->random + host->random_used, len);
    explicit_bzero(host->random + host->random_used, len);
    host->random_used += len;
}

struct hx_task *hx_task_of(struct hx_req *req) {
    return req->host_data;
}

static void finish(struct hx_task *task);

static void resume(struct hx_task *task) {
    if (hx_coro_resume(task->coro)) finish(task);
}

static void on_ready(struct hx_ready *ready) {
    resume(ready->owner);
}

void hx_task_wait(struct hx_task *task, enum hx_wait wait) {
    hx_assert(task->wait == HX_WAIT_NONE && wait != HX_WAIT_NONE);
    task->wait = wait;
    hx_coro_yield();
    task->wait = HX_WAIT_NONE;
}

void hx_task_wake(struct hx_task *task) {
    hx_assert(task->wait != HX_WAIT_NONE);
    hx_timer_unset(&task->host->loop.timers, &task->timer);
    hx_loop_make_ready(&task->host->loop, &task->ready);
}

static void main_of_task(void *arg) {
    struct hx_task *task = arg;
    hx_app_handle(&task->req, &task->event, &task->reply);
}

static struct hx_task *task_allocate(struct hx_host *host) {
    struct hx_task *task = host->task_pool;
    if (task != NULL) {
        host->task_pool = task->next;
        host->task_pooled--;
        return task;
    }
    task = calloc(1, sizeof(*task));
    if (task == NULL) return NULL;
    task->memory =
        mmap(NULL, HX_REQUEST_ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (task->memory == MAP_FAILED) {
        free(task);
        return NULL;
    }
    return task;
}

static void task_free(struct hx_task *task) {
    (void)munmap(task->memory, HX_REQUEST_ARENA_SIZE);
    free(task);
}

static void name_request(struct hx_task *task) {
    uint8_t random[10];
    struct hx_buf buf;
    hx_host_random_bytes(task->host, random, sizeof(random));
    hx_buf_init(&buf, task->req.id, sizeof(task->req.id) - 1);
    hx_uuid_add_to(&buf, hx_uuid_make_v7(task->req.received_ms, random));
}

static struct hx_task *task_take(struct hx_host *host) {
    struct hx_task *task = task_allocate(host);
    if (task == NULL) return NULL;
    uint8_t *memory = task->memory;
    memset(task, 0, sizeof(*task));
    task->memory = memory;
    task->host = host;
    task->ready = (struct hx_ready){.fn = on_ready, .owner = task};
    hx_req_init(&task->req, host, memory, HX_REQUEST_ARENA_SIZE);
    task->req.host_data = task;
    task->req.received_ms = hx_host_wall_ms();
    name_request(task);
    task->coro = hx_coro_make(main_of_task, task);
    if (task->coro == NULL) {
        task_free(task);
        return NULL;
    }
    task->next = host->tasks;
    if (task->next != NULL) task->next->previous = task;
    host->tasks = task;
    host->task_count++;
    return task;
}

bool hx_task_start(struct hx_host *host, const struct hx_event *event, void (*on_done)(struct hx_task *task),
                   void *done_arg) {
    if (host->draining || host->background_count >= host->background_max) return false;
    struct hx_task *task = task_take(host);
    if (task == NULL) return false;
    host->background_count++;
    task->event = *event;
    task->event.received_ms = task->req.received_ms;
    hx_assert(hx_ok(hx_arena_copy_str(&task->req.arena, event->lane, &task->event.lane)));
    task->on_done = on_done;
    task->done_arg = done_arg;
    resume(task);
    return true;
}

static void give_back(struct hx_task *task) {
    struct hx_host *host = task->host;
    if (task->previous != NULL) task->previous->next = task->next;
    if (task->next != NULL) task->next->previous = task->previous;
    if (host->tasks == task) host->tasks = task->next;
    host->task_count--;
    hx_timer_unset(&host->loop.timers, &task->timer);
    hx_timer_unset(&host->loop.timers, &task->early_timer);
    free(task->early);
    free(task->socket_answer);
    if (task->message != NULL) hx_message_release(task->message);
    if (host->task_pooled >= POOLED_MAX) {
        task_free(task);
        return;
    }
    if (task->req.arena.used_max > ARENA_KEPT) {
        (void)madvise(task->memory + ARENA_KEPT, HX_REQUEST_ARENA_SIZE - ARENA_KEPT, MADV_DONTNEED);
    }
    task->next = host->task_pool;
    host->task_pool = task;
    host->task_pooled++;
}

static void reply_to_caller(struct hx_task *task, const struct hx_reply *reply) {
    struct hx_conn *conn = task->conn;
    if (conn == NULL) return;
    task->conn = NULL;
    struct hx_http_header headers[HX_REPLY_HEADERS_MAX + 1];
    size_t count = reply->header_count;
    hx_assert(count <= HX_REPLY_HEADERS_MAX);
    memcpy(headers, reply->headers, count * sizeof(headers[0]));
    hx_str stages = hx_stages_format(task);
    if (stages.len > 0) headers[count++] = (struct hx_http_header){HX_STR("Server-Timing"), stages};
    hx_conn_reply(conn, reply->status, headers, count, reply->body);
}

static void finish(struct hx_task *task) {
    struct hx_host *host = task->host;
    hx_assert(task->lane == NULL);
    hx_client_forget(task);
    hx_socket_forget(task);
    reply_to_caller(task, &task->reply);
    if (task->message == NULL) host->background_count--;
    if (task->on_done != NULL) task->on_done(task);
    give_back(task);
}

static void on_early(struct hx_timer *timer) {
    struct hx_task *task = timer->owner;
    reply_to_caller(task, task->early);
}

static size_t copied_len(const struct hx_reply *reply) {
    size_t len = reply->body.len;
    for (uint32_t i = 0; i < reply->header_count; i++) len += reply->headers[i].name.len + reply->headers[i].value.len;
    return len;
}

static hx_str copy_into(char **at, hx_str s) {
    char *copy = *at;
    if (s.len > 0) memcpy(copy, s.data, s.len);
    *at += s.len;
    return hx_str_make(copy, s.len);
}

void hx_host_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply) {
    struct hx_task *task = hx_task_of(req);
    if (task->conn == NULL) return;
    /* A copy, because the core may go on to use the memory it built the reply in. */
    struct hx_reply *copy = malloc(sizeof(*copy) + copied_len(reply));
    hx_assert(copy != NULL);
    *copy = *reply;
    char *text = (char *)(copy + 1);
    for (uint32_t i = 0; i < reply->header_count; i++) {
        copy->headers[i].name = copy_into(&text, reply->headers[i].name);
        copy->headers[i].value = copy_into(&text, reply->headers[i].value);
    }
    copy->body = copy_into(&text, reply->body);
    free(task->early);
    task->early = copy;
    task->early_timer.fn = on_early;
    task->early_timer.owner = task;
    hx_loop_set_timer(&task->host->loop, &task->early_timer, (at - hx_host_wall_ms()) * 1000);
}

/* Whether the program is alive is told at any load: it takes no ledger and no time, and a supervisor that hears nothing
 * restarts what is merely busy. */
static bool is_health(const struct hx_message *message) {
    return hx_str_equal(message->parser.message.path, HX_STR("/health"));
}

/* The core's own question for it can't tell: the log takes a row as long as it has room of its own. */
static bool is_unready(const struct hx_host *host, const struct hx_message *message) {
    return host->ledger_full && hx_str_equal(message->parser.message.path, HX_STR("/ready"));
}

static void start_request(struct hx_conn *conn, struct hx_message *message, bool from_operator) {
    struct hx_host *host = conn->server->owner;
    struct hx_task *task = NULL;
    if (is_unready(host, message)) {
        hx_message_release(message);
        hx_conn_refuse(conn, 503, HX_STR("UNAVAILABLE"), hx_str_from_c(hx_db_full_text(host)));
        return;
    }
    if (host->task_count < host->task_max || from_operator || is_health(message)) task = task_take(host);
    if (task == NULL) {
        hx_message_release(message);
        hx_conn_refuse(conn, 503, HX_STR("OVERLOADED"), HX_STR("too many requests in progress; try again"));
        return;
    }
    const struct hx_http_message *http = &message->parser.message;
    task->event = (struct hx_event){
        .kind = HX_EVENT_HTTP,
        .method = http->method,
        .path = http->path,
        .query = http->query,
        .headers = http->headers,
        .header_count = (uint32_t)http->headers_count,
        .body = http->body,
        .peer_address = hx_str_from_c(conn->peer),
        .from_operator = from_operator,
        .received_ms = task->req.received_ms,
    };
    /* The connection may be gone before the task is. */
    if (hx_failed(hx_arena_copy_str(&task->req.arena, task->event.peer_address, &task->event.peer_address))) {
        task->event.peer_address = HX_STR_EMPTY;
    }
    hx_str traced;
    task->stages.wanted =
        hx_http_find_header(http, HX_STR("X-Hoox-Trace"), &traced) && hx_str_equal(traced, HX_STR("1"));
    if (task->stages.wanted) task->stages.begin_us = hx_loop_now_us();
    task->conn = conn;
    task->message = message;
    conn->user = task;
    resume(task);
}

void hx_tasks_on_request(struct hx_conn *conn, struct hx_message *message) {
    start_request(conn, message, false);
}

void hx_tasks_on_operator_request(struct hx_conn *conn, struct hx_message *message) {
    start_request(conn, message, true);
}

void hx_tasks_on_gone(struct hx_conn *conn) {
    struct hx_task *task = conn->user;
    task->conn = NULL;
}

void hx_tasks_init(struct hx_host *host) {
    host->task_max = (uint32_t)hx_settings_read_whole(&host->settings, HX_SETTING_REQUESTS_MAX);
    host->background_max = 256;
    host->random_used = sizeof(host->random);
}

/* Stops the loop once nothing is in progress and every reply is out, or when time is up. */
static void on_drain_check(struct hx_timer *timer) {
    struct hx_host *host = timer->owner;
    int64_t now = hx_loop_now_us();
    bool work_done = host->task_count == 0;
    if (now >= host->drain_deadline_us || (work_done && host->listener.conn_count + host->control.conn_count == 0)) {
        host->loop.stop = true;
        return;
    }
    /* Callers that do not take their reply must not hold the stop up. */
    int64_t write_deadline = now + DRAIN_WRITE_MS * 1000;
    if (work_done && !host->drain_writing) {
        host->drain_writing = true;
        if (write_deadline < host->drain_deadline_us) host->drain_deadline_us = write_deadline;
    }
    hx_loop_set_timer(&host->loop, timer, DRAIN_POLL_MS * 1000);
}

void hx_tasks_drain(struct hx_host *host, int64_t limit_ms) {
    if (host->draining) return;
    host->draining = true;
    host->drain_deadline_us = hx_loop_now_us() + limit_ms * 1000;
    for (struct hx_task *task = host->tasks; task != NULL; task = task->next) {
        if (task->wait == HX_WAIT_SLEEP) {
            task->interrupted = true;
            hx_task_wake(task);
        } else if (task->wait == HX_WAIT_LANE) {
            hx_lane_interrupt(task);
        }
    }
    host->drain_timer = (struct hx_timer){.fn = on_drain_check, .owner = host};
    hx_loop_set_timer(&host->loop, &host->drain_timer, 0);
}

void hx_tasks_release(struct hx_host *host) {
    while (host->tasks != NULL) {
        struct hx_task *task = host->tasks;
        if (task->conn != NULL) task->conn->user = NULL;
        hx_coro_abandon(task->coro);
        hx_client_forget(task);
        hx_socket_forget(task);
        give_back(task);
    }
    while (host->task_pool != NULL) {
        struct hx_task *task = host->task_pool;
        host->task_pool = task->next;
        task_free(task);
    }
    explicit_bzero(host->random, sizeof(host->random));
}
