/* A load generator: keep-alive connections, one request under way on each, every signal with a key of its own.
 *
 * Usage: load PORT CONNECTIONS SECONDS KEY [HEALTH]     KEY: the webhook key; HEALTH: GET /health instead of signals
 * The first tenth of the time is warm-up and not counted. Prints JSON: requests per second, latencies, statuses. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/common/stats.h"

#define CONNECTIONS_MAX 1024
#define ANSWER_LEN_MAX 16384

struct connection {
    int fd;
    char request[1024];
    size_t request_len, sent;
    char answer[ANSWER_LEN_MAX];
    size_t got;
    uint64_t started_ns;
};

static struct {
    struct sockaddr_in address;
    const char *key;
    bool health;
    int epoll;
    uint64_t serial, count_from_ns;
    uint64_t statuses[600], broken;
    struct stats latency;
    struct connection connections[CONNECTIONS_MAX];
} run;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void make_request(struct connection *c) {
    if (run.health) {
        c->request_len =
            (size_t)snprintf(c->request, sizeof(c->request), "GET /health HTTP/1.1\r\nHost: bench\r\n\r\n");
        return;
    }
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT"};
    char body[600];
    uint64_t serial = run.serial++;
    int len =
        snprintf(body, sizeof(body),
                 "{\"apiKey\":\"%s\",\"exchange\":\"binance\",\"action\":\"LONG\",\"symbol\":\"%s\",\"quantity\":1,"
                 "\"idempotencyKey\":\"bench-%d-%llu\",\"strategy\":\"a name of usual length\",\"interval\":\"15\"}",
                 run.key, symbols[serial % 3], (int)getpid(), (unsigned long long)serial);
    c->request_len = (size_t)snprintf(c->request, sizeof(c->request),
                                      "POST /webhook HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                                      "Content-Length: %d\r\n\r\n%s",
                                      len, body);
}

static void watch(struct connection *c, int op, uint32_t events) {
    struct epoll_event event = {.events = events, .data = {.ptr = c}};
    if (epoll_ctl(run.epoll, op, c->fd, &event) != 0) die("epoll_ctl");
}

static void start_request(struct connection *c) {
    make_request(c);
    c->sent = c->got = 0;
    c->started_ns = stats_now_ns();
    ssize_t len = write(c->fd, c->request, c->request_len);
    if (len > 0) c->sent = (size_t)len;
    if (c->sent < c->request_len) watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

static void open_connection(struct connection *c) {
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    if (connect(c->fd, (struct sockaddr *)&run.address, sizeof(run.address)) != 0) die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0) die("fcntl");
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
    start_request(c);
}

/* Length of the complete answer, or 0 while some of it is missing. */
static size_t answer_len(const struct connection *c) {
    const char *end = memmem(c->answer, c->got, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    size_t head = (size_t)(end - c->answer) + 4, body = 0;
    for (const char *line = c->answer; line < end;
         line = (const char *)memchr(line, 10, (size_t)(end - line) + 4) + 1) {
        if (strncasecmp(line, "content-length:", 15) == 0) body = strtoul(line + 15, NULL, 10);
    }
    return c->got >= head + body ? head + body : 0;
}

static void take_answer(struct connection *c) {
    uint64_t now = stats_now_ns();
    long status = strtol(c->answer + 9, NULL, 10);
    if (now >= run.count_from_ns) {
        if (status > 0 && status < 600) run.statuses[status]++;
        if (status >= 200 && status < 300) stats_add(&run.latency, now - c->started_ns);
    }
    start_request(c);
}

static void reopen(struct connection *c) {
    run.broken++;
    close(c->fd);
    open_connection(c);
}

static void on_event(struct connection *c, uint32_t events) {
    if (events & EPOLLOUT) {
        ssize_t len = write(c->fd, c->request + c->sent, c->request_len - c->sent);
        if (len > 0) c->sent += (size_t)len;
        if (c->sent == c->request_len) watch(c, EPOLL_CTL_MOD, EPOLLIN);
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
    ssize_t len = read(c->fd, c->answer + c->got, sizeof(c->answer) - 1 - c->got);
    if (len < 0 && errno == EAGAIN) return;
    if (len <= 0) {
        reopen(c);
        return;
    }
    c->got += (size_t)len;
    c->answer[c->got] = '\0';
    if (answer_len(c) > 0) take_answer(c);
}

static void print_result(double seconds) {
    printf("{\"per_second\": %.0f, ", (double)run.latency.count / seconds);
    stats_print(&run.latency, "answer", stdout);
    printf(", \"broken\": %llu, \"statuses\": {", (unsigned long long)run.broken);
    const char *comma = "";
    for (int status = 0; status < 600; status++) {
        if (run.statuses[status] == 0) continue;
        printf("%s\"%d\": %llu", comma, status, (unsigned long long)run.statuses[status]);
        comma = ", ";
    }
    printf("}}\n");
}

int main(int argc, char **argv) {
    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: %s PORT CONNECTIONS SECONDS KEY [HEALTH]\n", argv[0]);
        return 2;
    }
    long count = strtol(argv[2], NULL, 10);
    double seconds = strtod(argv[3], NULL);
    if (count < 1 || count > CONNECTIONS_MAX || seconds <= 0) return 2;
    run.address = (struct sockaddr_in){.sin_family = AF_INET,
                                       .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
                                       .sin_addr = {htonl(INADDR_LOOPBACK)}};
    run.key = argv[4];
    run.health = argc == 6;
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    uint64_t start = stats_now_ns();
    run.count_from_ns = start + (uint64_t)(seconds * 1e8);
    uint64_t end = start + (uint64_t)(seconds * 1e9);
    for (long i = 0; i < count; i++) open_connection(&run.connections[i]);
    while (stats_now_ns() < end) {
        struct epoll_event events[256];
        int ready = epoll_wait(run.epoll, events, 256, 100);
        for (int i = 0; i < ready; i++) on_event(events[i].data.ptr, events[i].events);
    }
    print_result(seconds * 0.9);
    return 0;
}
