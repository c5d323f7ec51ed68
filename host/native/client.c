/* The order path: one request, sent once, over a connection that stood ready before.
 *
 * Nothing here repeats a request. What failed before the first byte was handed to the kernel (or to TLS) is
 * BUSY_NOT_SENT; whatever goes wrong later is UNKNOWN, because the peer may have acted on it. */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/native/link.h"

#define IDLE_MAX 8                           /* Links kept per origin. */
#define IDLE_US ((int64_t)55 * 1000000)      /* Below the minute after which many peers close. */
#define WARM_US ((int64_t)1800 * 1000000)    /* An origin used within this keeps a connection open. */
#define WARM_PAUSE_US ((int64_t)5 * 1000000) /* Between two connections opened ahead. */
#define WARM_MS 10000
#define READ_LEN_MAX ((size_t)64 * 1024)
#define HEAD_LEN_MAX ((size_t)16 * 1024)

static char read_memory[READ_LEN_MAX]; /* One thread, used within one call. */

static struct hx_link *link_open(struct hx_origin *origin, struct hx_task *task);

static bool resolve_direct(struct hx_origin *origin) {
    char host[64];
    hx_str name = origin->url.host;
    if (origin->url.is_https || name.len >= sizeof(host)) return false;
    memcpy(host, name.data, name.len);
    host[name.len] = '\0';
    if (origin->url.host_is_ipv6) {
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(origin->url.port)};
        if (inet_pton(AF_INET6, host, &v6.sin6_addr) != 1) return false;
        memcpy(&origin->address, &v6, sizeof(v6));
        origin->address_len = sizeof(v6);
        return true;
    }
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(origin->url.port)};
    if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &v4.sin_addr) != 1) return false;
    memcpy(&origin->address, &v4, sizeof(v4));
    origin->address_len = sizeof(v4);
    return true;
}

static struct hx_origin *origin_get(struct hx_host *host, hx_str text) {
    struct hx_origin *origin = (struct hx_origin *)(void *)hx_table_find(&host->origins, text);
    if (origin != NULL) return origin;
    origin = calloc(1, sizeof(*origin) + text.len + 1);
    hx_assert(origin != NULL);
    if (text.len > 0) memcpy(origin->text, text.data, text.len);
    hx_str kept = hx_str_make(origin->text, text.len);
    if (hx_failed(hx_http_parse_url(kept, &origin->url))) {
        free(origin);
        return NULL;
    }
    origin->host = host;
    origin->is_direct = resolve_direct(origin);
    hx_table_add(&host->origins, &origin->node, kept);
    return origin;
}

static void drop_exchange(struct hx_link *link) {
    free(link->out);
    free(link->storage);
    link->out = NULL;
    link->storage = NULL;
    link->out_len = link->sent = 0;
    link->send_tried = false;
}

static void idle_remove(struct hx_link *link) {
    struct hx_link **place = &link->origin->idle;
    while (*place != NULL && *place != link) place = &(*place)->next;
    if (*place != link) return;
    *place = link->next;
    link->origin->idle_count--;
}

void hx_link_close(struct hx_link *link) {
    struct hx_host *host = link->origin->host;
    if (link->state == HX_LINK_IDLE) idle_remove(link);
    int fd = link->watch.fd;
    hx_loop_unwatch(&host->loop, &link->watch);
    hx_timer_unset(&host->loop.timers, &link->timer);
    if (link->easy != NULL) {
        hx_curl_close(link);
    } else if (fd >= 0) {
        (void)close(fd);
    }
    drop_exchange(link);
    if (link->owner == NULL) link->origin->link_count--;
    free(link);
}

/* An origin that orders go to should never make one wait for a handshake, so a connection lost while idle is replaced
 * ahead of the next order. */
static void keep_warm(struct hx_origin *origin) {
    int64_t now = hx_loop_now_us();
    if (origin->host->draining || origin->link_count > 0 || origin->used_us == 0) return;
    if (now - origin->used_us > WARM_US || now - origin->warmed_us < WARM_PAUSE_US) return;
    origin->warmed_us = now;
    (void)link_open(origin, NULL);
}

static void idle_lost(struct hx_link *link) {
    struct hx_origin *origin = link->origin;
    hx_link_close(link);
    keep_warm(origin);
}

static void on_idle_end(struct hx_timer *timer) {
    struct hx_link *link = timer->owner;
    /* Still connecting ahead after all that time, or idle long enough. */
    idle_lost(link);
}

static void idle_put(struct hx_link *link) {
    struct hx_origin *origin = link->origin;
    link->task = NULL;
    if (origin->idle_count >= IDLE_MAX || origin->host->draining) {
        hx_link_close(link);
        return;
    }
    link->state = HX_LINK_IDLE;
    link->next = origin->idle;
    origin->idle = link;
    origin->idle_count++;
    hx_loop_set_timer(&origin->host->loop, &link->timer, IDLE_US);
}

/* Whether the peer has neither closed nor spoken. TLS may have spoken below HTTP (session tickets): curl sorts that
 * out and says whether anything is left. */
static bool is_alive(struct hx_link *link) {
    char byte = 0;
    if (link->dead) return false;
    if (recv(link->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN) return true;
    return link->easy != NULL && hx_curl_recv(link, &byte, 1) == HX_LINK_AGAIN;
}

static void tell_task(struct hx_link *link) {
    if (!link->waited) return;
    link->waited = false;
    hx_task_wake(link->task);
}

static void on_event(struct hx_watch *watch, uint32_t events);

void hx_link_connected(struct hx_link *link, int fd, const char *problem) {
    struct hx_host *host = link->origin->host;
    uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    /* A link of our own is watched already; curl has let go of its one. */
    bool ok = fd >= 0 && (link->watch.fd == fd || hx_loop_watch(&host->loop, &link->watch, fd, events));
    if (!ok) {
        hx_log_write(&host->log, HX_LOG_WARN, HX_STR_EMPTY, HX_STR("cannot connect"), hx_str_from_c(problem));
        link->result = HX_ERR(BUSY_NOT_SENT);
        link->dead = true;
    }
    if (link->owner != NULL) {
        if (ok) link->state = HX_LINK_BUSY;
        link->owner->on_connected(link, ok);
    } else if (link->task != NULL) {
        if (ok) link->state = HX_LINK_READY;
        tell_task(link);
    } else if (ok) {
        idle_put(link);
    } else {
        hx_link_close(link);
    }
}

static void on_direct_connected(struct hx_link *link) {
    int problem = 0;
    socklen_t len = sizeof(problem);
    if (getsockopt(link->watch.fd, SOL_SOCKET, SO_ERROR, &problem, &len) != 0) problem = errno;
    char text[160];
    (void)snprintf(text, sizeof(text), "%.100s: %s", link->origin->text, strerror(problem));
    hx_link_connected(link, problem == 0 ? link->watch.fd : -1, text);
}

static bool direct_connect(struct hx_link *link) {
    struct hx_origin *origin = link->origin;
    int on = 1;
    int fd = socket(origin->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    int result = connect(fd, (struct sockaddr *)&origin->address, origin->address_len);
    if ((result != 0 && errno != EINPROGRESS) ||
        !hx_loop_watch(&origin->host->loop, &link->watch, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)) {
        (void)close(fd);
        return false;
    }
    return true;
}

struct opening {
    struct hx_link *link;
    bool ok;
};

static void open_outside(void *arg) {
    struct opening *opening = arg;
    opening->ok = opening->link->origin->is_direct ? direct_connect(opening->link) : hx_curl_connect(opening->link);
}

static struct hx_link *link_make(struct hx_origin *origin) {
    struct hx_link *link = calloc(1, sizeof(*link));
    hx_assert(link != NULL);
    link->origin = origin;
    link->watch = (struct hx_watch){-1, on_event, link};
    link->timer = (struct hx_timer){.fn = on_idle_end, .owner = link};
    link->state = HX_LINK_CONNECTING;
    return link;
}

struct hx_link *hx_link_open_own(struct hx_host *host, hx_str text, const struct hx_link_owner *owner, void *arg) {
    struct hx_origin *origin = origin_get(host, text);
    if (origin == NULL) return NULL;
    struct hx_link *link = link_make(origin);
    link->owner = owner;
    link->owner_arg = arg;
    if (origin->is_direct ? direct_connect(link) : hx_curl_connect(link)) return link;
    hx_link_close(link);
    return NULL;
}

static struct hx_link *link_open(struct hx_origin *origin, struct hx_task *task) {
    struct hx_link *link = link_make(origin);
    link->task = task;
    origin->link_count++;
    struct opening opening = {link, false};
    hx_coro_call_outside(open_outside, &opening);
    if (!opening.ok) {
        hx_link_close(link);
        return NULL;
    }
    if (task == NULL) hx_loop_set_timer(&origin->host->loop, &link->timer, (int64_t)WARM_MS * 1000);
    return link;
}

static void on_deadline(struct hx_timer *timer) {
    struct hx_task *task = timer->owner;
    struct hx_link *link = task->link;
    link->dead = true;
    link->result = link->state == HX_LINK_BUSY && link->send_tried ? HX_ERR(UNKNOWN_TIMEOUT) : HX_ERR(BUSY_NOT_SENT);
    tell_task(link);
}

static void wait_for_link(struct hx_task *task, enum hx_wait wait, int64_t deadline_us) {
    task->link->waited = true;
    task->timer.fn = on_deadline;
    task->timer.owner = task;
    hx_timer_set(&task->host->loop.timers, &task->timer, deadline_us);
    hx_task_wait(task, wait);
}

void hx_client_forget(struct hx_task *task) {
    struct hx_link *link = task->link;
    if (link == NULL) return;
    task->link = NULL;
    if (link->state == HX_LINK_READY && is_alive(link)) {
        idle_put(link);
    } else {
        hx_link_close(link);
    }
}

struct reserving {
    struct hx_task *task;
    struct hx_origin *origin;
};

/* An idle link that is still good becomes the task's. Outside the coroutine, because curl may look at TLS records. */
static void reserve_outside(void *arg) {
    struct reserving *reserving = arg;
    struct hx_task *task = reserving->task;
    if (task->link != NULL) {
        if (task->link->origin == reserving->origin && task->link->state == HX_LINK_READY && is_alive(task->link))
            return;
        hx_client_forget(task);
    }
    struct hx_link *link = NULL;
    while ((link = reserving->origin->idle) != NULL) {
        if (!is_alive(link)) {
            hx_link_close(link);
            continue;
        }
        idle_remove(link);
        hx_timer_unset(&task->host->loop.timers, &link->timer);
        link->state = HX_LINK_READY;
        link->task = task;
        task->link = link;
        return;
    }
}

/* `may_wait` false: only a connection that stands already will do. */
static hx_err prepare(struct hx_task *task, struct hx_origin *origin, int64_t deadline_us, bool may_wait) {
    struct reserving reserving = {task, origin};
    hx_coro_call_outside(reserve_outside, &reserving);
    if (task->link != NULL) return HX_OK;
    if (!may_wait) return HX_ERR(BUSY_NOT_SENT);
    task->link = link_open(origin, task);
    if (task->link == NULL) return HX_ERR(BUSY_NOT_SENT);
    wait_for_link(task, HX_WAIT_CONNECT, deadline_us);
    hx_err err = task->link->result;
    if (hx_ok(err)) return HX_OK;
    hx_client_forget(task);
    return err;
}

static void note_trail(struct hx_task *task, const char *what, const struct hx_origin *origin) {
    char text[200];
    int len = snprintf(text, sizeof(text), "%s: %.120s", what, origin->text);
    hx_req_trail(&task->req, hx_str_make(text, (size_t)len));
}

hx_err hx_client_prepare(struct hx_task *task, hx_str origin_text, int64_t timeout_ms) {
    struct hx_origin *origin = origin_get(task->host, origin_text);
    if (origin == NULL) return HX_ERR(BROKEN_CONFIG);
    hx_err err = prepare(task, origin, hx_loop_now_us() + timeout_ms * 1000, true);
    if (hx_failed(err)) note_trail(task, "cannot connect", origin);
    return err;
}

static void end_exchange(struct hx_link *link, hx_err result) {
    link->result = result;
    if (hx_failed(result)) link->dead = true;
    tell_task(link);
}

ssize_t hx_link_send(struct hx_link *link, const char *data, size_t len) {
    if (link->easy != NULL) return hx_curl_send(link, data, len);
    ssize_t sent = send(link->watch.fd, data, len, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    return errno == EAGAIN || errno == EINTR ? HX_LINK_AGAIN : HX_LINK_FAILED;
}

ssize_t hx_link_recv(struct hx_link *link, char *out, size_t size) {
    if (link->easy != NULL) return hx_curl_recv(link, out, size);
    ssize_t got = recv(link->watch.fd, out, size, 0);
    if (got >= 0) return got;
    return errno == EAGAIN || errno == EINTR ? HX_LINK_AGAIN : HX_LINK_FAILED;
}

static void note_sent(struct hx_link *link) {
    struct hx_stages *stages = &link->task->stages;
    if (stages->wanted && link->is_mutating && stages->order_sent_us == 0) stages->order_sent_us = hx_loop_now_us();
}

static void write_on(struct hx_link *link) {
    while (link->sent < link->out_len) {
        /* The clock is read for every try at the first byte: this is the promise the absence proof rests on. */
        bool first = link->sent == 0 && !(link->send_tried && link->easy != NULL);
        if (first && link->send_by_ms != 0 && hx_host_wall_ms() > link->send_by_ms) {
            end_exchange(link, HX_ERR(BUSY_NOT_SENT));
            return;
        }
        ssize_t sent = hx_link_send(link, link->out + link->sent, link->out_len - link->sent);
        /* A socket that took nothing has handed over nothing. TLS may have sent part of a record: not provable. */
        link->send_tried = link->send_tried || sent > 0 || link->easy != NULL;
        if (sent == HX_LINK_AGAIN) return;
        if (sent < 0) {
            end_exchange(link, link->send_tried ? HX_ERR(UNKNOWN_OUTCOME) : HX_ERR(BUSY_NOT_SENT));
            return;
        }
        if (link->sent == 0) note_sent(link);
        link->sent += (size_t)sent;
    }
}

/* True: go on reading. */
static bool take_answer(struct hx_link *link, const char *data, size_t len) {
    size_t consumed = 0;
    switch (hx_http_parser_feed(&link->parser, data, len, &consumed)) {
        case HX_HTTP_NEED_MORE:
            return true;
        case HX_HTTP_DONE:
            /* Bytes nobody asked for, or an answer before the request was out: not a connection to use again. */
            if (consumed < len || link->sent < link->out_len || !link->parser.message.keep_alive) link->dead = true;
            end_exchange(link, HX_OK);
            return false;
        default:
            end_exchange(link, HX_ERR(UNKNOWN_OUTCOME));
            return false;
    }
}

static void read_on(struct hx_link *link) {
    for (;;) {
        ssize_t got = hx_link_recv(link, read_memory, sizeof(read_memory));
        if (got == HX_LINK_AGAIN) return;
        if (got > 0) {
            if (!take_answer(link, read_memory, (size_t)got)) return;
            if (link->easy == NULL && (size_t)got < sizeof(read_memory)) return;
            continue;
        }
        link->dead = true;
        bool done = got == 0 && hx_http_parser_eof(&link->parser) == HX_HTTP_DONE;
        end_exchange(link, done ? HX_OK : link->send_tried ? HX_ERR(UNKNOWN_OUTCOME) : HX_ERR(BUSY_NOT_SENT));
        return;
    }
}

static void on_event(struct hx_watch *watch, uint32_t events) {
    struct hx_link *link = watch->owner;
    if (link->state == HX_LINK_CONNECTING) {
        if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) on_direct_connected(link);
        return;
    }
    if (link->owner != NULL) {
        link->owner->on_event(link, events);
        return;
    }
    bool spoken = (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (link->state == HX_LINK_BUSY) {
        if (!link->waited) return;
        if ((events & EPOLLOUT) != 0) write_on(link);
        if (link->waited && spoken) read_on(link);
        /* The end of input was announced together with the last bytes: no further event will tell. */
        if (link->waited && (events & (EPOLLRDHUP | EPOLLHUP)) != 0) read_on(link);
        return;
    }
    if (!spoken || is_alive(link)) return;
    if (link->state == HX_LINK_IDLE) {
        idle_lost(link);
    } else {
        link->dead = true;
    }
}

static hx_err begin_exchange(struct hx_link *link, const struct hx_http_call *call) {
    size_t room = call->body.len + call->target.len + HEAD_LEN_MAX;
    struct hx_http_limits limits = HX_HTTP_LIMITS_CLIENT;
    limits.body_len_max = call->response_len_max;
    size_t storage_size = hx_http_storage_size(limits);
    link->out = malloc(room);
    link->storage = malloc(storage_size);
    if (link->out == NULL || link->storage == NULL) return HX_ERR(BUSY_NOT_SENT);
    static const char *const methods[] = {"", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"};
    struct hx_buf buf;
    hx_buf_init(&buf, link->out, room);
    HX_TRY(hx_http_encode_request(&buf, hx_str_from_c(methods[call->method]), link->origin->url.authority, call->target,
                                  call->headers, call->header_count, call->body));
    HX_TRY(hx_http_response_parser_init(&link->parser, link->storage, storage_size, limits,
                                        call->method == HX_HTTP_METHOD_HEAD));
    link->out_len = buf.len;
    link->send_by_ms = call->send_by_ms;
    link->is_mutating = call->method != HX_HTTP_METHOD_GET && call->method != HX_HTTP_METHOD_HEAD;
    link->result = HX_OK;
    link->state = HX_LINK_BUSY;
    return HX_OK;
}

/* The answer is copied into the arena, at its true size. One that does not fit was received all the same: UNKNOWN. */
static hx_err copy_answer(struct hx_task *task, const struct hx_http_call *call, const struct hx_http_message *message,
                          struct hx_http_answer *out) {
    struct hx_arena *arena = &task->req.arena;
    void *memory = NULL;
    HX_TRY(hx_arena_make(arena, message->headers_count, sizeof(struct hx_http_header), &memory));
    struct hx_http_header *headers = memory;
    for (size_t i = 0; i < message->headers_count; i++) {
        HX_TRY(hx_arena_copy_str(arena, message->headers[i].name, &headers[i].name));
        HX_TRY(hx_arena_copy_str(arena, message->headers[i].value, &headers[i].value));
    }
    out->status = message->status;
    out->headers = headers;
    out->header_count = (uint32_t)message->headers_count;
    if (call->body_sink != NULL && message->status >= 200 && message->status < 300) {
        call->body_sink(call->sink_data, message->body.data, message->body.len);
        return HX_OK;
    }
    return hx_arena_copy_str(arena, message->body, &out->body);
}

static void write_outside(void *arg) {
    write_on(arg);
}

hx_err hx_client_send(struct hx_task *task, const struct hx_http_call *call, struct hx_http_answer *out) {
    struct hx_origin *origin = origin_get(task->host, call->origin);
    if (origin == NULL) return HX_ERR(BROKEN_CONFIG);
    int64_t deadline_us = hx_loop_now_us() + call->timeout_ms * 1000;
    origin->used_us = deadline_us - call->timeout_ms * 1000;
    /* What has a deadline for its first byte has been decided on just now: waiting for a connection would make that old
     * (a kill switch may be set meanwhile). */
    hx_err err = prepare(task, origin, deadline_us, call->send_by_ms == 0);
    if (hx_failed(err)) {
        note_trail(task, "cannot connect", origin);
        return err;
    }
    struct hx_link *link = task->link;
    err = begin_exchange(link, call);
    if (hx_ok(err)) {
        link->waited = false;
        hx_coro_call_outside(write_outside, link);
        if (!link->dead) wait_for_link(task, HX_WAIT_ANSWER, deadline_us);
        err = link->result;
    } else {
        link->dead = true;
    }
    if (hx_ok(err) && hx_failed(copy_answer(task, call, &link->parser.message, out))) err = HX_ERR(UNKNOWN_OUTCOME);
    if (hx_failed(err)) note_trail(task, hx_err_text(err), origin);
    drop_exchange(link);
    if (!link->dead) link->state = HX_LINK_READY;
    hx_client_forget(task);
    return err;
}

void hx_client_release(struct hx_host *host) {
    struct hx_table_node *node = NULL;
    while ((node = hx_table_any(&host->origins)) != NULL) {
        struct hx_origin *origin = (struct hx_origin *)(void *)node;
        while (origin->idle != NULL) hx_link_close(origin->idle);
        hx_table_remove(&host->origins, node);
        free(origin);
    }
    hx_table_release(&host->origins);
    hx_curl_release(host);
}
