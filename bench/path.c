/* The fast path, from outside: from the first byte of an alert leaving its caller to the first byte of its order
 * reaching the venue's side. This program is the caller, and a relay between gateway and laboratory that sees the order
 * pass; both ends are read from one clock.
 *
 * Between two alerts it takes a sample of the disk's floor (one fdatasync of a preallocated file) in FOLDER: a disk's
 * mood changes within seconds, so floor and figure have to be of the same moment.
 *
 * Usage: path RELAY_PORT LAB_PORT GATEWAY_PORT SIGNALS KEY FOLDER VENUE MARKET PAUSE_MS
 * Start it, wait for its line "relay ready", start the gateway with the relay as its venue, then send it a newline to
 * begin. PAUSE_MS before each alert keeps below the venue's limits; 0: the next one as soon as the last is answered.
 * Prints JSON; by_socket: how many of the orders came by WebSocket. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/common/disk.h"
#include "bench/common/stats.h"
#include "bench/common/trip.h"

#define PAIRS_MAX 16
#define BYTES_MAX 65536
#define ORDERS_BEFORE 20 /* They read the rules, measure the clock and open connections. */
#define ORDERS_BEFORE_PACED 6

struct pair {
    int gateway, lab; /* -1: free. */
    bool is_socket;   /* It was upgraded for order entry: what the gateway says there is the order, masked. */
};

static struct {
    struct pair pairs[PAIRS_MAX];
    int listener, lab_port;
    uint64_t sent_ns, seen_ns; /* Of the signal under way; seen 0: its order was not seen yet. */
    bool seen_in_socket;
    long by_socket;
    const char *venue, *market;
    struct stats order, answer, sync, trip;
    char answer_bytes[BYTES_MAX];
    size_t answer_len;
} run;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static int connect_to(int port) {
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

static void open_listener(int port) {
    struct sockaddr_in address = loopback(port);
    int one = 1;
    run.listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(run.listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(run.listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(run.listener, 16) != 0) {
        die("listen");
    }
}

static void accept_pair(void) {
    int fd = accept(run.listener, NULL, NULL), one = 1;
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        if (run.pairs[i].gateway >= 0) continue;
        run.pairs[i] = (struct pair){fd, connect_to(run.lab_port), false};
        return;
    }
    close(fd);
}

static void close_pair(struct pair *pair) {
    close(pair->gateway);
    close(pair->lab);
    *pair = (struct pair){-1, -1, false};
}

static bool begins(const char *bytes, ssize_t len, const char *with) {
    size_t least = strlen(with);
    return len > (ssize_t)least && memcmp(bytes, with, least) == 0;
}

/* What places an order at any of the venues, and what opens a WebSocket for orders. */
static const char *const order_requests[] = {"POST /fapi/v1/order", "POST /api/v3/order", "POST /v5/order/create",
                                             "POST /api/v1/private/order/create", NULL};
static const char *const entry_sockets[] = {"GET /ws-fapi/", "GET /ws-api/", "GET /v5/trade", NULL};

static bool begins_with_any(const char *bytes, ssize_t len, const char *const *list) {
    while (*list != NULL && !begins(bytes, len, *list)) list++;
    return *list != NULL;
}

static bool is_order(const struct pair *pair, const char *bytes, ssize_t len) {
    /* 0x81: a text in one frame, so no answer to a ping. */
    if (pair->is_socket) return (uint8_t)bytes[0] == 0x81;
    return begins_with_any(bytes, len, order_requests);
}

static void relay(struct pair *pair, int from, int to) {
    static char bytes[BYTES_MAX];
    ssize_t len = read(from, bytes, sizeof(bytes));
    uint64_t now = stats_now_ns();
    if (len <= 0) {
        close_pair(pair);
        return;
    }
    if (from == pair->gateway && run.seen_ns == 0 && is_order(pair, bytes, len)) {
        run.seen_ns = now;
        run.seen_in_socket = pair->is_socket;
    }
    if (from == pair->gateway && begins_with_any(bytes, len, entry_sockets)) pair->is_socket = true;
    for (ssize_t at = 0; at < len;) {
        ssize_t wrote = write(to, bytes + at, (size_t)(len - at));
        if (wrote <= 0) {
            close_pair(pair);
            return;
        }
        at += wrote;
    }
}

/* Serves the relay until `caller` (or -1) is readable or the time is over. */
static bool serve(int caller, int timeout_ms) {
    struct pollfd fds[2 + 2 * PAIRS_MAX];
    uint64_t end = stats_now_ns() + (uint64_t)timeout_ms * 1000000u;
    for (;;) {
        uint64_t now = stats_now_ns();
        if (now >= end) return false;
        fds[0] = (struct pollfd){caller, POLLIN, 0};
        fds[1] = (struct pollfd){run.listener, POLLIN, 0};
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            fds[2 + 2 * i] = (struct pollfd){run.pairs[i].gateway, POLLIN, 0};
            fds[3 + 2 * i] = (struct pollfd){run.pairs[i].lab, POLLIN, 0};
        }
        int left_ms = (int)((end - now) / 1000000u) + 1;
        if (poll(fds, 2 + 2 * PAIRS_MAX, left_ms) <= 0) continue;
        if (fds[1].revents) accept_pair();
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            struct pair *pair = &run.pairs[i];
            if (pair->gateway >= 0 && fds[2 + 2 * i].revents) relay(pair, pair->gateway, pair->lab);
            if (pair->gateway >= 0 && fds[3 + 2 * i].revents) relay(pair, pair->lab, pair->gateway);
        }
        if (fds[0].revents) return true;
    }
}

/* One alert and its whole answer (its end is where nothing more comes: one connection, one answer under way). */
static bool send_signal(int fd, const char *key, long number) {
    char body[512], request[1024];
    int len = snprintf(body, sizeof(body),
                       "{\"apiKey\":\"%s\",\"exchange\":\"%s\",\"market\":\"%s\",\"action\":\"LONG\","
                       "\"symbol\":\"BTCUSDT\",\"quantity\":0.001,\"idempotencyKey\":\"path-%d-%ld\"}",
                       key, run.venue, run.market, (int)getpid(), number);
    int request_len = snprintf(request, sizeof(request),
                               "POST /webhook HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                               "Content-Length: %d\r\n\r\n%s",
                               len, body);
    run.seen_ns = 0;
    run.sent_ns = stats_now_ns();
    if (write(fd, request, (size_t)request_len) != request_len) return false;
    if (!serve(fd, 10000)) return false;
    ssize_t got = read(fd, run.answer_bytes, sizeof(run.answer_bytes) - 1);
    if (got <= 0) return false;
    run.answer_bytes[got] = '\0';
    if (strncmp(run.answer_bytes, "HTTP/1.1 200", 12) == 0) return true;
    fprintf(stderr, "signal %ld: %.300s\n", number, run.answer_bytes);
    return false;
}

/* In full: the runner joins the samples of several rounds. */
static void print_samples(const char *name, const struct stats *stats, const char *before) {
    printf("%s\"%s\": [", before, name);
    for (size_t i = 0; i < stats->count; i++) printf("%s%llu", i > 0 ? "," : "", (unsigned long long)stats->ns[i]);
    printf("]");
}

int main(int argc, char **argv) {
    if (argc != 10) {
        fprintf(stderr, "usage: %s RELAY_PORT LAB_PORT GATEWAY_PORT SIGNALS KEY FOLDER VENUE MARKET PAUSE_MS\n",
                argv[0]);
        return 2;
    }
    for (size_t i = 0; i < PAIRS_MAX; i++) run.pairs[i] = (struct pair){-1, -1, false};
    run.lab_port = (int)strtol(argv[2], NULL, 10);
    run.venue = argv[7];
    run.market = argv[8];
    int pause_ms = (int)strtol(argv[9], NULL, 10);
    open_listener((int)strtol(argv[1], NULL, 10));
    int floor_file = floor_open(argv[6]), echo = trip_open();
    printf("relay ready\n");
    fflush(stdout);
    (void)serve(STDIN_FILENO, 60000);
    int fd = connect_to((int)strtol(argv[3], NULL, 10));
    long signals = strtol(argv[4], NULL, 10);
    long before = pause_ms > 0 ? ORDERS_BEFORE_PACED : ORDERS_BEFORE;
    for (long i = 1 - before; i <= signals; i++) {
        if (pause_ms > 0) (void)serve(-1, pause_ms);
        if (!send_signal(fd, argv[5], i)) return 1;
        if (i <= 0) continue;
        stats_add(&run.answer, stats_now_ns() - run.sent_ns);
        if (run.seen_ns == 0) {
            fprintf(stderr, "signal %ld: filled, but its order was not seen\n", i);
            return 1;
        }
        run.by_socket += run.seen_in_socket;
        stats_add(&run.order, run.seen_ns - run.sent_ns);
        stats_add(&run.sync, floor_sample(floor_file, (size_t)i));
        stats_add(&run.trip, trip_sample(echo));
    }
    print_samples("order_ns", &run.order, "{");
    print_samples("filled_ns", &run.answer, ", ");
    print_samples("sync_ns", &run.sync, ", ");
    print_samples("trip_ns", &run.trip, ", ");
    printf(", \"by_socket\": %ld}\n", run.by_socket);
    return 0;
}
