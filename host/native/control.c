/* The client of the control socket, for the command line: one request, one answer, plain blocking calls. */
#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/http/http.h"
#include "host/native/native.h"

#define ANSWER_LEN_MAX ((size_t)16 * 1024 * 1024)
#define TIMEOUT_S 120 /* A trade may wait for the venue and its proof of absence. */
#define HEAD_ROOM ((size_t)4096)

static enum hx_native_status fail(char *problem, size_t size, const char *what) {
    (void)snprintf(problem, size, "%s: %s", what, strerror(errno));
    return HX_NATIVE_FAILED;
}

static enum hx_native_status connect_to(const char *data_dir, int *out, char *problem, size_t problem_size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len = snprintf(address.sun_path, sizeof(address.sun_path), "%s/hoox.sock", data_dir);
    if (len < 0 || (size_t)len >= sizeof(address.sun_path)) {
        (void)snprintf(problem, problem_size, "%s: too long a path for a local socket", data_dir);
        return HX_NATIVE_FAILED;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(problem, problem_size, "socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        bool absent = errno == ENOENT || errno == ECONNREFUSED;
        enum hx_native_status status = fail(problem, problem_size, address.sun_path);
        (void)close(fd);
        if (!absent) return status;
        (void)snprintf(problem, problem_size, "no server is running on %s", data_dir);
        return HX_NATIVE_NOT_RUNNING;
    }
    struct timeval limit = {.tv_sec = TIMEOUT_S};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    *out = fd;
    return HX_NATIVE_OK;
}

static bool send_request(int fd, const char *method, const char *target, hx_str body) {
    size_t size = HEAD_ROOM + strlen(target) + body.len;
    char *memory = malloc(size);
    if (memory == NULL) return false;
    struct hx_buf buf;
    hx_buf_init(&buf, memory, size);
    const struct hx_http_header headers[] = {{HX_STR("Connection"), HX_STR("close")}};
    errno = EINVAL;
    bool ok = hx_ok(hx_http_encode_request(&buf, hx_str_from_c(method), HX_STR("hoox.sock"), hx_str_from_c(target),
                                           headers, 1, body));
    size_t sent = 0;
    while (ok && sent < buf.len) {
        ssize_t part = send(fd, memory + sent, buf.len - sent, MSG_NOSIGNAL);
        if (part < 0 && errno == EINTR) continue;
        ok = part > 0;
        if (ok) sent += (size_t)part;
    }
    free(memory);
    return ok;
}

static bool read_answer(int fd, struct hx_http_parser *parser) {
    char chunk[16384];
    for (;;) {
        ssize_t got = recv(fd, chunk, sizeof(chunk), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        size_t consumed = 0;
        enum hx_http_progress progress =
            got == 0 ? hx_http_parser_eof(parser) : hx_http_parser_feed(parser, chunk, (size_t)got, &consumed);
        if (progress == HX_HTTP_DONE) return true;
        errno = EPROTO;
        if (progress == HX_HTTP_REFUSED) return false;
    }
}

enum hx_native_status hx_native_control(const char *data_dir, const char *method, const char *target, hx_str body,
                                        uint32_t *status, char **reply_body, size_t *reply_len, char *problem,
                                        size_t problem_size) {
    *reply_body = NULL;
    *reply_len = 0;
    int fd = -1;
    enum hx_native_status result = connect_to(data_dir, &fd, problem, problem_size);
    if (result != HX_NATIVE_OK) return result;
    struct hx_http_limits limits = HX_HTTP_LIMITS_CLIENT;
    limits.body_len_max = ANSWER_LEN_MAX;
    size_t size = hx_http_storage_size(limits);
    void *storage = malloc(size);
    struct hx_http_parser parser;
    if (storage == NULL || hx_failed(hx_http_response_parser_init(&parser, storage, size, limits, false))) {
        result = fail(problem, problem_size, "memory");
    } else if (!send_request(fd, method, target, body)) {
        result = fail(problem, problem_size, "sending to the server");
    } else if (!read_answer(fd, &parser)) {
        result = fail(problem, problem_size, "the server's answer");
    } else {
        hx_str text = parser.message.body;
        char *copy = malloc(text.len + 1);
        hx_assert(copy != NULL);
        if (text.len > 0) memcpy(copy, text.data, text.len);
        copy[text.len] = '\0';
        *status = parser.message.status;
        *reply_body = copy;
        *reply_len = text.len;
    }
    free(storage);
    (void)close(fd);
    return result;
}
