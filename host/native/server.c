/* Listening sockets and the accepting side of conn.h. */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/http/url.h"
#include "host/native/conn.h"

#define BACKLOG 1024
#define ACCEPTS_PER_EVENT_MAX 64

void hx_server_init(struct hx_server *server, struct hx_loop *loop, void *owner) {
    memset(server, 0, sizeof(*server));
    server->loop = loop;
    server->owner = owner;
    server->limits = HX_HTTP_LIMITS_SERVER;
    server->conn_max = 4096;
    server->conn_per_peer_max = 256;
    server->message_ms = 10000;
    server->idle_ms = 60000;
    server->write_ms = 10000;
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void turn_away(int fd) {
    static const char reply[] =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\nContent-Length: 85\r\n"
        "Connection: close\r\n\r\n"
        "{\"success\":false,\"error\":{\"code\":\"OVERLOADED\",\"message\":\"too many open connections\"}}";
    (void)send(fd, reply, sizeof(reply) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)close(fd);
}

/* Out of descriptors the waiting connection would wake the loop for ever: take it with the spare one, and close it. */
static void accept_with_spare(struct hx_server *server, int listening) {
    if (server->spare_fd < 0) return;
    (void)close(server->spare_fd);
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) turn_away(fd);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_acceptable(struct hx_watch *watch, uint32_t events) {
    (void)events;
    struct hx_server *server = watch->owner;
    for (int i = 0; i < ACCEPTS_PER_EVENT_MAX; i++) {
        struct sockaddr_storage address;
        socklen_t len = sizeof(address);
        memset(&address, 0, sizeof(address));
        int fd = accept4(watch->fd, (struct sockaddr *)&address, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE) accept_with_spare(server, watch->fd);
            return;
        }
        if (server->conn_count >= server->conn_max) {
            turn_away(fd);
        } else {
            (void)hx_conn_accept(server, fd, &address);
        }
    }
}

bool hx_server_add_socket(struct hx_server *server, int fd) {
    if (server->socket_count >= HX_SERVER_SOCKETS_MAX) return false;
    struct hx_watch *watch = &server->sockets[server->socket_count];
    *watch = (struct hx_watch){-1, on_acceptable, server};
    if (!hx_loop_watch(server->loop, watch, fd, EPOLLIN)) return false;
    server->socket_count++;
    return true;
}

static void close_sockets(struct hx_server *server) {
    for (uint32_t i = 0; i < server->socket_count; i++) {
        int fd = server->sockets[i].fd;
        hx_loop_unwatch(server->loop, &server->sockets[i]);
        (void)close(fd);
    }
    server->socket_count = 0;
}

void hx_server_drain(struct hx_server *server) {
    server->draining = true;
    close_sockets(server);
    for (struct hx_conn *conn = server->conns; conn != NULL; conn = conn->next) {
        bool idle = (conn->state == HX_CONN_READING && conn->message == NULL && conn->left_len == 0) ||
                    conn->state == HX_CONN_HANDSHAKE;
        if (idle && !conn->closed) hx_conn_close(conn);
    }
}

void hx_server_release(struct hx_server *server) {
    close_sockets(server);
    while (server->conns != NULL) {
        struct hx_conn *conn = server->conns;
        hx_conn_drop(conn);
        hx_loop_unready(server->loop, &conn->again);
        server->conns = conn->next;
        free(conn);
    }
    while (server->pool != NULL) {
        struct hx_message *message = server->pool;
        server->pool = message->next;
        (void)munmap(message->memory, hx_http_storage_size(server->limits));
        free(message);
    }
    if (server->spare_fd >= 0) (void)close(server->spare_fd);
    server->spare_fd = -1;
}

/* "127.0.0.1:8787", "[::1]:8787", ":8787" and "8787" (both: every interface). */
static bool parse_address(hx_str text, struct sockaddr_storage *out, socklen_t *out_len) {
    memset(out, 0, sizeof(*out));
    hx_str host = HX_STR_EMPTY;
    bool is_ipv6 = false;
    uint16_t port = 0;
    uint64_t number = 0;
    hx_str digits = text.len > 0 && text.data[0] == ':' ? hx_str_slice(text, 1, text.len) : text;
    if (hx_ok(hx_str_parse_u64(digits, &number))) {
        if (number > 65535) return false;
        port = (uint16_t)number;
    } else if (text.len > 2 && hx_str_ends_with(text, HX_STR(":0"))) {
        /* Any free port, for tests: not a port that a URL may name. */
        host = hx_str_slice(text, 0, text.len - 2);
        is_ipv6 = host.data[0] == '[';
        if (is_ipv6) host = hx_str_slice(host, 1, host.len - 1);
    } else if (hx_failed(hx_http_parse_authority(text, &host, &is_ipv6, &port)) || port == 0) {
        return false;
    }
    char name[64];
    if (host.len >= sizeof(name)) return false;
    memcpy(name, host.len == 0 ? "" : host.data, host.len);
    name[host.len] = '\0';
    if (is_ipv6) {
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        if (inet_pton(AF_INET6, name, &v6.sin6_addr) != 1) return false;
        memcpy(out, &v6, sizeof(v6));
        *out_len = sizeof(v6);
        return true;
    }
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    const char *address = host.len == 0 ? "0.0.0.0" : strcmp(name, "localhost") == 0 ? "127.0.0.1" : name;
    if (inet_pton(AF_INET, address, &v4.sin_addr) != 1) return false;
    memcpy(out, &v4, sizeof(v4));
    *out_len = sizeof(v4);
    return true;
}

int hx_conn_listen(hx_str address, char *problem, size_t problem_size) {
    struct sockaddr_storage parsed;
    socklen_t len = 0;
    if (!parse_address(address, &parsed, &len)) {
        (void)snprintf(problem, problem_size, "cannot listen on '%.*s': write it as 127.0.0.1:8787 or [::1]:8787",
                       (int)address.len, address.data);
        return -1;
    }
    int fd = socket(parsed.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* Accepted sockets inherit it. */
        if (parsed.ss_family == AF_INET6) (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    }
    if (fd < 0 || bind(fd, (struct sockaddr *)&parsed, len) != 0 || listen(fd, BACKLOG) != 0) {
        (void)snprintf(problem, problem_size, "cannot listen on %.*s: %s", (int)address.len, address.data,
                       strerror(errno));
        if (fd >= 0) (void)close(fd);
        return -1;
    }
    return fd;
}

int hx_conn_listen_local(const char *path, char *problem, size_t problem_size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        (void)snprintf(problem, problem_size, "%s: too long for a socket's name (%zu bytes at most)", path,
                       sizeof(address.sun_path) - 1);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    (void)unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The mode is the authentication, so it must be right from the moment the name exists. */
    mode_t before = umask(0177);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, BACKLOG) == 0;
    (void)umask(before);
    if (ok) return fd;
    (void)snprintf(problem, problem_size, "%s: %s", path, strerror(errno));
    if (fd >= 0) (void)close(fd);
    return -1;
}

uint16_t hx_conn_port(int fd) {
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    memset(&address, 0, sizeof(address));
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) return 0;
    if (address.ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &address, sizeof(v4));
        return ntohs(v4.sin_port);
    }
    if (address.ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, &address, sizeof(v6));
        return ntohs(v6.sin6_port);
    }
    return 0;
}
