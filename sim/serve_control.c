/* The control socket, as a server beside the ledger has it: one request to a connection. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/serve.h"

#define BACKLOG 16
#define PATIENCE_S 10
#define REQUEST_LEN_MAX ((size_t)256 * 1024) /* More than the codec lets pass. */
#define ANSWER_ROOM ((size_t)16384)

bool hx_serve_listen(struct hx_serve *serve) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(serve->socket_path) >= sizeof(address.sun_path))
        return hx_serve_fail(serve, "%s: too long for a socket's name", serve->socket_path);
    memcpy(address.sun_path, serve->socket_path, strlen(serve->socket_path) + 1);
    unlink(serve->socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    serve->listen_fd = fd;
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, BACKLOG) == 0) return true;
    return hx_serve_fail(serve, "%s: %s", serve->socket_path, strerror(errno));
}

void hx_serve_deafen(struct hx_serve *serve) {
    if (serve->listen_fd < 0) return;
    unlink(serve->socket_path);
    close(serve->listen_fd);
    serve->listen_fd = -1;
}

/* What came until the request is whole, or can't become one. The caller frees it. */
static char *request_read(int fd, size_t *len) {
    const struct hx_http_limits limits = HX_HTTP_LIMITS_SERVER;
    size_t size = hx_http_storage_size(limits);
    void *storage = malloc(size);
    char *text = malloc(REQUEST_LEN_MAX);
    struct hx_http_parser parser;
    enum hx_http_progress progress = HX_HTTP_NEED_MORE;
    *len = 0;
    if (storage == NULL || text == NULL || hx_failed(hx_http_request_parser_init(&parser, storage, size, limits)))
        abort();
    while (progress == HX_HTTP_NEED_MORE && *len < REQUEST_LEN_MAX) {
        size_t consumed = 0;
        ssize_t got = recv(fd, text + *len, REQUEST_LEN_MAX - *len, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        progress = hx_http_parser_feed(&parser, text + *len, (size_t)got, &consumed);
        *len += (size_t)got;
    }
    free(storage);
    return text;
}

static void answer_send(int fd, const struct hx_sim_exchange *exchange) {
    size_t size = exchange->reply_body.len + ANSWER_ROOM, sent = 0;
    char *memory = malloc(size);
    struct hx_buf buf;
    if (memory == NULL) abort();
    hx_buf_init(&buf, memory, size);
    hx_str bytes = HX_STR_EMPTY;
    hx_err err = hx_http_encode_response(&buf, exchange->status, exchange->reply_headers, exchange->reply_header_count,
                                         exchange->reply_body, false);
    if (hx_ok(err)) err = hx_buf_finish(&buf, &bytes);
    while (hx_ok(err) && sent < bytes.len) {
        ssize_t part = send(fd, bytes.data + sent, bytes.len - sent, MSG_NOSIGNAL);
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) break;
        sent += (size_t)part;
    }
    free(memory);
}

void hx_serve_accept(struct hx_serve *serve) {
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = accept4(serve->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) return;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    size_t len = 0;
    char *text = request_read(fd, &len);
    const struct hx_sim_exchange *exchange = hx_serve_operate(serve, hx_str_make(text, len));
    if (exchange != NULL) answer_send(fd, exchange);
    free(text);
    close(fd);
}
