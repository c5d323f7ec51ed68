#define _GNU_SOURCE

#include "host/native/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "core/base/id.h"
#include "core/base/json.h"
#include "core/base/time.h"

#define READ_LEN_MAX ((size_t)64 * 1024)
#define REPLY_LEN_MAX ((size_t)512 * 1024)
#define REPLY_HEADERS_MAX 24
#define FAILURE_LEN_MAX 1024
#define LINGER_LEN_MAX ((size_t)256 * 1024)
#define LINGER_MS 2000
#define POOLED_MAX 128
#define BODY_KEPT_LEN_MAX ((size_t)32 * 1024) /* A pooled message keeps this much of its memory resident. */

/* One thread: shared by all connections, used only within one call. */
static char read_memory[READ_LEN_MAX];
static char reply_memory[REPLY_LEN_MAX];

enum { IO_AGAIN = -1, IO_FAILED = -2 };

static ssize_t tls_result(struct hx_conn *conn, int got) {
    if (got > 0) return got;
    switch (SSL_get_error(conn->tls, got)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return IO_AGAIN;
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        default:
            ERR_clear_error();
            return IO_FAILED;
    }
}

/* 0: the peer has closed its side. */
static ssize_t io_read(struct hx_conn *conn, char *out, size_t size) {
    if (conn->tls != NULL) return tls_result(conn, SSL_read(conn->tls, out, (int)size));
    ssize_t got = recv(conn->watch.fd, out, size, 0);
    if (got >= 0) return got;
    return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
}

static ssize_t io_write(struct hx_conn *conn, const char *data, size_t len) {
    if (conn->tls != NULL) {
        ssize_t sent = tls_result(conn, SSL_write(conn->tls, data, (int)len));
        return sent == 0 ? IO_FAILED : sent;
    }
    ssize_t sent = send(conn->watch.fd, data, len, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
}

static struct hx_message *message_take(struct hx_server *server) {
    struct hx_message *message = server->pool;
    if (message != NULL) {
        server->pool = message->next;
        server->pool_count--;
        hx_http_parser_reset(&message->parser);
        return message;
    }
    size_t size = hx_http_storage_size(server->limits);
    message = calloc(1, sizeof(*message));
    if (message == NULL) return NULL;
    /* Mapped, so that only what requests really fill becomes resident. */
    message->memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (message->memory == MAP_FAILED) {
        free(message);
        return NULL;
    }
    message->server = server;
    hx_assert(hx_ok(hx_http_request_parser_init(&message->parser, message->memory, size, server->limits)));
    return message;
}

static void message_free(struct hx_message *message) {
    (void)munmap(message->memory, hx_http_storage_size(message->server->limits));
    free(message);
}

void hx_message_release(struct hx_message *message) {
    struct hx_server *server = message->server;
    if (server->pool_count >= POOLED_MAX || message->parser.message.body.len > BODY_KEPT_LEN_MAX) {
        message_free(message);
        return;
    }
    message->next = server->pool;
    server->pool = message;
    server->pool_count++;
}

static void arm(struct hx_conn *conn, int64_t delay_ms) {
    conn->deadline_us = hx_loop_now_us() + delay_ms * 1000;
    /* A timer that is set for earlier finds the deadline moved and sets itself again: mostly there is nothing to do. */
    if (hx_timer_is_set(&conn->timer) && conn->timer.at_us <= conn->deadline_us) return;
    hx_timer_set(&conn->server->loop->timers, &conn->timer, conn->deadline_us);
}

static void conn_free(struct hx_conn *conn) {
    if (conn->previous != NULL) conn->previous->next = conn->next;
    if (conn->next != NULL) conn->next->previous = conn->previous;
    if (conn->server->conns == conn) conn->server->conns = conn->next;
    free(conn);
}

void hx_conn_close(struct hx_conn *conn) {
    if (conn->closed) return;
    conn->closed = true;
    struct hx_server *server = conn->server;
    bool handling = conn->state == HX_CONN_HANDLING;
    int fd = conn->watch.fd;
    hx_loop_unwatch(server->loop, &conn->watch);
    hx_timer_unset(&server->loop->timers, &conn->timer);
    if (conn->tls != NULL) SSL_free(conn->tls);
    conn->tls = NULL;
    if (fd >= 0) (void)close(fd);
    if (conn->message != NULL) hx_message_release(conn->message);
    conn->message = NULL;
    free(conn->left);
    free(conn->out);
    conn->left = conn->out = NULL;
    server->conn_count--;
    hx_loop_make_ready(server->loop, &conn->again);
    if (handling && conn->user != NULL) server->on_gone(conn);
}

void hx_conn_drop(struct hx_conn *conn) {
    conn->user = NULL;
    hx_conn_close(conn);
}

int hx_conn_take(struct hx_conn *conn, char **left, size_t *left_len) {
    int fd = conn->watch.fd;
    hx_assert(conn->state == HX_CONN_HANDLING && !conn->closed && conn->tls == NULL && conn->out_len == 0);
    *left = conn->left;
    *left_len = conn->left_len;
    conn->left = NULL;
    conn->left_len = 0;
    hx_loop_unwatch(conn->server->loop, &conn->watch);
    hx_conn_drop(conn);
    return fd;
}

static void read_on(struct hx_conn *conn);

/* Closing with unread input would reset the connection and could take the reply with it: say we are done, then wait
 * for the peer to be done (RFC 9112 9.6). */
static void linger(struct hx_conn *conn) {
    if (conn->tls != NULL) (void)SSL_shutdown(conn->tls);
    if (conn->peer_done || shutdown(conn->watch.fd, SHUT_WR) != 0) {
        hx_conn_close(conn);
        return;
    }
    conn->state = HX_CONN_LINGERING;
    conn->lingered = 0;
    arm(conn, LINGER_MS);
    conn->readable = true;
    hx_loop_make_ready(conn->server->loop, &conn->again);
}

static void written(struct hx_conn *conn) {
    if (conn->close_after) {
        linger(conn);
        return;
    }
    conn->state = HX_CONN_READING;
    arm(conn, conn->server->idle_ms);
    if (conn->left_len > 0 || conn->readable) hx_loop_make_ready(conn->server->loop, &conn->again);
}

static void flush(struct hx_conn *conn) {
    while (conn->out_done < conn->out_len) {
        ssize_t sent = io_write(conn, conn->out + conn->out_done, conn->out_len - conn->out_done);
        if (sent == IO_AGAIN) return;
        if (sent < 0) {
            hx_conn_close(conn);
            return;
        }
        conn->out_done += (size_t)sent;
    }
    free(conn->out);
    conn->out = NULL;
    conn->out_len = conn->out_done = 0;
    if (conn->state == HX_CONN_WRITING) written(conn);
}

/* At once as far as it goes; the rest is kept for when the peer takes it. */
static void send_bytes(struct hx_conn *conn, hx_str data) {
    size_t done = 0;
    /* Until it says "again", for only then an event follows: TLS takes a record at a time. */
    while (conn->out_len == 0 && done < data.len) {
        ssize_t sent = io_write(conn, data.data + done, data.len - done);
        if (sent == IO_AGAIN) break;
        if (sent == IO_FAILED) {
            hx_conn_close(conn);
            return;
        }
        done += (size_t)sent;
    }
    if (done == data.len) return;
    char *out = realloc(conn->out, conn->out_len + data.len - done);
    hx_assert(out != NULL);
    memcpy(out + conn->out_len, data.data + done, data.len - done);
    conn->out = out;
    conn->out_len += data.len - done;
}

/* IMF-fixdate of RFC 9110 5.6.7, made once a second. */
static hx_str date_text(void) {
    static char text[40];
    static time_t made;
    time_t now = time(NULL);
    if (now != made) {
        struct tm parts;
        (void)gmtime_r(&now, &parts);
        (void)strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        made = now;
    }
    return hx_str_from_c(text);
}

/* Failure bodies are not in the core's hands where no request reached it, or its reply can't be sent. */
static hx_str failure_body(char *out, size_t size, hx_str code, hx_str message) {
    char id[HX_UUID_LEN];
    uint8_t random[10];
    struct timespec now;
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_assert(getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random));
    (void)clock_gettime(CLOCK_REALTIME, &now);
    hx_buf_init(&buf, id, sizeof(id));
    hx_uuid_add_to(&buf, hx_uuid_make_v7((hx_time)now.tv_sec * 1000 + now.tv_nsec / 1000000, random));
    hx_str name = hx_buf_str(&buf);
    hx_buf_init(&buf, out, size);
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_bool(&w, "success", false);
    hx_json_write_str(&w, "requestId", name);
    hx_json_open_object(&w, "error");
    hx_json_write_str(&w, "code", code);
    hx_json_write_str(&w, "message", message);
    hx_json_close_object(&w);
    hx_json_close_object(&w);
    hx_assert(!buf.overflowed);
    return hx_buf_str(&buf);
}

static hx_err encode(struct hx_conn *conn, uint32_t status, const struct hx_http_header *headers, size_t header_count,
                     hx_str body, hx_str *out) {
    struct hx_http_header all[REPLY_HEADERS_MAX];
    size_t count = 0;
    bool typed = false;
    if (header_count + 2 > REPLY_HEADERS_MAX) return HX_ERR(LIMIT_COUNT);
    for (size_t i = 0; i < header_count; i++) {
        typed = typed || hx_str_equal_ignore_case(headers[i].name, HX_STR("Content-Type"));
        all[count++] = headers[i];
    }
    if (!typed && body.len > 0)
        all[count++] = (struct hx_http_header){HX_STR("Content-Type"), HX_STR("application/json")};
    all[count++] = (struct hx_http_header){HX_STR("Date"), date_text()};
    struct hx_buf buf;
    hx_buf_init(&buf, reply_memory, sizeof(reply_memory));
    bool keep_alive = conn->keep_alive && !conn->close_after;
    if (conn->head_only) {
        HX_TRY(hx_http_encode_response_head(&buf, status, all, count, body.len, keep_alive));
    } else {
        HX_TRY(hx_http_encode_response(&buf, status, all, count, body, keep_alive));
    }
    return hx_buf_finish(&buf, out);
}

void hx_conn_reply(struct hx_conn *conn, uint32_t status, const struct hx_http_header *headers, size_t header_count,
                   hx_str body) {
    hx_assert(conn->state == HX_CONN_HANDLING && !conn->closed);
    conn->user = NULL;
    if (!conn->keep_alive || conn->server->draining || (conn->peer_done && conn->left_len == 0))
        conn->close_after = true;
    hx_str bytes;
    if (hx_failed(encode(conn, status, headers, header_count, body, &bytes))) {
        char failure[FAILURE_LEN_MAX];
        conn->close_after = true;
        body = failure_body(failure, sizeof(failure), HX_STR("INTERNAL"), HX_STR("the reply could not be encoded"));
        hx_assert(hx_ok(encode(conn, 500, NULL, 0, body, &bytes)));
    }
    conn->state = HX_CONN_WRITING;
    send_bytes(conn, bytes);
    if (conn->closed) return;
    if (conn->out_len > 0) {
        arm(conn, conn->server->write_ms);
    } else {
        written(conn);
    }
}

void hx_conn_refuse(struct hx_conn *conn, uint32_t status, hx_str code, hx_str message) {
    char body[FAILURE_LEN_MAX];
    const struct hx_http_header retry[] = {{HX_STR("Retry-After"), HX_STR("1")}};
    hx_conn_reply(conn, status, retry, status == 503 ? 1 : 0, failure_body(body, sizeof(body), code, message));
}

/* A message that is not one, or not a whole one: nothing behind it can be read. */
static void refuse_message(struct hx_conn *conn, uint32_t status, hx_str code, hx_str message) {
    conn->state = HX_CONN_HANDLING;
    conn->keep_alive = false;
    conn->head_only = false;
    hx_conn_refuse(conn, status, code, message);
}

static void refused(struct hx_conn *conn) {
    enum hx_http_refusal refusal = conn->message->parser.refusal;
    uint32_t status = hx_http_refusal_status(refusal);
    hx_str code = status < 500 ? HX_STR("VALIDATION_ERROR") : HX_STR("NOT_IMPLEMENTED");
    if (status != 413) {
        refuse_message(conn, status, code, hx_str_from_c(hx_http_refusal_text(refusal)));
        return;
    }
    /* As the core says it, which sees such a body on other hosts. */
    char text[64];
    (void)snprintf(text, sizeof(text), "the body is larger than %zu KiB", conn->server->limits.body_len_max / 1024);
    refuse_message(conn, 413, HX_STR("TOO_LARGE"), hx_str_from_c(text));
}

static void keep_left(struct hx_conn *conn, const char *data, size_t len) {
    hx_assert(conn->left == NULL);
    if (len == 0) return;
    conn->left = malloc(len);
    hx_assert(conn->left != NULL);
    memcpy(conn->left, data, len);
    conn->left_len = len;
}

static void feed(struct hx_conn *conn, const char *data, size_t len) {
    bool fresh = conn->message == NULL;
    if (fresh) conn->message = message_take(conn->server);
    if (conn->message == NULL) {
        hx_conn_close(conn);
        return;
    }
    struct hx_http_parser *parser = &conn->message->parser;
    size_t consumed = 0;
    enum hx_http_progress progress = hx_http_parser_feed(parser, data, len, &consumed);
    if (progress == HX_HTTP_NEED_MORE) {
        if (fresh) arm(conn, conn->server->message_ms);
        if (hx_http_parser_wants_continue(parser)) send_bytes(conn, HX_STR("HTTP/1.1 100 Continue\r\n\r\n"));
        return;
    }
    if (progress == HX_HTTP_REFUSED) {
        refused(conn);
        return;
    }
    keep_left(conn, data + consumed, len - consumed);
    struct hx_message *message = conn->message;
    conn->message = NULL;
    conn->state = HX_CONN_HANDLING;
    conn->keep_alive = parser->message.keep_alive;
    conn->head_only = parser->message.method == HX_HTTP_METHOD_HEAD;
    conn->server->on_request(conn, message);
}

static void feed_left(struct hx_conn *conn) {
    char *left = conn->left;
    size_t len = conn->left_len;
    conn->left = NULL;
    conn->left_len = 0;
    feed(conn, left, len);
    free(left);
}

static void read_on(struct hx_conn *conn) {
    while (!conn->closed && conn->state == HX_CONN_READING) {
        if (conn->left_len > 0) {
            feed_left(conn);
            continue;
        }
        if (!conn->readable) return;
        ssize_t got = io_read(conn, read_memory, sizeof(read_memory));
        if (got == IO_AGAIN) {
            conn->readable = false;
            return;
        }
        if (got <= 0) {
            hx_conn_close(conn);
            return;
        }
        /* A short read emptied the socket; the next bytes raise a new edge. Not so for TLS, which buffers, and not when
         * the end of input was announced already. */
        if (conn->tls == NULL && (size_t)got < sizeof(read_memory) && !conn->peer_done) conn->readable = false;
        feed(conn, read_memory, (size_t)got);
    }
}

static void discard(struct hx_conn *conn) {
    for (;;) {
        /* Below TLS: its records do not matter any more. */
        ssize_t got = recv(conn->watch.fd, read_memory, sizeof(read_memory), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        conn->lingered += got > 0 ? (size_t)got : 0;
        if (got > 0 && conn->lingered < LINGER_LEN_MAX) continue;
        hx_conn_close(conn);
        return;
    }
}

static void go_on(struct hx_conn *conn) {
    if (conn->closed) return;
    if (conn->state == HX_CONN_HANDSHAKE) {
        ssize_t result = tls_result(conn, SSL_accept(conn->tls));
        if (result == IO_AGAIN) return;
        if (result <= 0) {
            hx_conn_close(conn);
            return;
        }
        conn->state = HX_CONN_READING;
        conn->readable = true;
    }
    if (conn->state == HX_CONN_READING) read_on(conn);
    if (!conn->closed && conn->state == HX_CONN_LINGERING) discard(conn);
}

static void on_event(struct hx_watch *watch, uint32_t events) {
    struct hx_conn *conn = watch->owner;
    bool handling = conn->state == HX_CONN_HANDLING || conn->state == HX_CONN_WRITING;
    if ((events & EPOLLERR) != 0 || ((events & EPOLLHUP) != 0 && handling)) {
        hx_conn_close(conn);
        return;
    }
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) != 0) conn->readable = true;
    if ((events & (EPOLLRDHUP | EPOLLHUP)) != 0) conn->peer_done = true;
    if ((events & EPOLLOUT) != 0 && conn->out_len > 0) flush(conn);
    go_on(conn);
}

static void on_again(struct hx_ready *ready) {
    struct hx_conn *conn = ready->owner;
    if (conn->closed) {
        conn_free(conn);
        return;
    }
    go_on(conn);
}

static void on_timer(struct hx_timer *timer) {
    struct hx_conn *conn = timer->owner;
    if (conn->state == HX_CONN_HANDLING) return;
    if (hx_loop_now_us() < conn->deadline_us) {
        hx_timer_set(&conn->server->loop->timers, timer, conn->deadline_us);
        return;
    }
    if (conn->state == HX_CONN_READING && conn->message != NULL) {
        refuse_message(conn, 408, HX_STR("TIMEOUT"), HX_STR("the request did not arrive in time"));
    } else {
        hx_conn_close(conn);
    }
}

static void name_peer(struct hx_conn *conn, const struct sockaddr_storage *address) {
    conn->peer[0] = '\0';
    conn->is_loopback = true;
    if (address->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof(v4));
        (void)inet_ntop(AF_INET, &v4.sin_addr, conn->peer, sizeof(conn->peer));
        conn->is_loopback = (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
    } else if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof(v6));
        /* An IPv4 peer of a dual-stack socket is an IPv4 peer: allowlists speak of those. */
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
            (void)inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], conn->peer, sizeof(conn->peer));
            conn->is_loopback = v6.sin6_addr.s6_addr[12] == 127;
        } else {
            (void)inet_ntop(AF_INET6, &v6.sin6_addr, conn->peer, sizeof(conn->peer));
            conn->is_loopback = IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
        }
    }
}

static bool peer_has_room(const struct hx_server *server, const struct hx_conn *conn) {
    if (conn->is_loopback) return true;
    uint32_t same = 0;
    for (const struct hx_conn *other = server->conns; other != NULL; other = other->next) {
        if (!other->closed && strcmp(other->peer, conn->peer) == 0) same++;
    }
    return same < server->conn_per_peer_max;
}

struct hx_conn *hx_conn_accept(struct hx_server *server, int fd, const struct sockaddr_storage *address) {
    struct hx_conn *conn = calloc(1, sizeof(*conn));
    if (conn == NULL) {
        (void)close(fd);
        return NULL;
    }
    conn->server = server;
    conn->watch = (struct hx_watch){-1, on_event, conn};
    conn->timer = (struct hx_timer){.fn = on_timer, .owner = conn};
    conn->again = (struct hx_ready){.fn = on_again, .owner = conn};
    conn->state = HX_CONN_READING;
    name_peer(conn, address);
    bool accepted = peer_has_room(server, conn);
    if (accepted && server->tls != NULL) {
        conn->state = HX_CONN_HANDSHAKE;
        conn->tls = SSL_new(server->tls);
        accepted = conn->tls != NULL && SSL_set_fd(conn->tls, fd) == 1;
    }
    uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    if (!accepted || !hx_loop_watch(server->loop, &conn->watch, fd, events)) {
        if (conn->tls != NULL) SSL_free(conn->tls);
        (void)close(fd);
        free(conn);
        return NULL;
    }
    conn->next = server->conns;
    if (conn->next != NULL) conn->next->previous = conn;
    server->conns = conn;
    server->conn_count++;
    arm(conn, server->message_ms);
    return conn;
}
