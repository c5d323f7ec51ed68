/* What no gateway can be faster than: one fdatasync of a preallocated file in the data folder, and one round trip of a
 * small message over loopback TCP. Usage: floor FOLDER SECONDS. Prints JSON. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/common/stats.h"

#define FILE_LEN (4u << 20)
#define BLOCK_LEN 4096

static void die(const char *what) {
    perror(what);
    exit(1);
}

/* Overwrites, as a WAL at its full size does: no block is allocated and no size changes. */
static void measure_sync(const char *folder, double seconds, struct stats *out) {
    char path[4096], block[BLOCK_LEN];
    snprintf(path, sizeof(path), "%s/floor.tmp", folder);
    int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);
    if (fd < 0) die(path);
    memset(block, 'x', sizeof(block));
    for (size_t at = 0; at < FILE_LEN; at += BLOCK_LEN) {
        if (write(fd, block, BLOCK_LEN) != BLOCK_LEN) die("write");
    }
    if (fsync(fd) != 0) die("fsync");
    uint64_t end = stats_now_ns() + (uint64_t)(seconds * 1e9);
    for (size_t i = 0; stats_now_ns() < end; i++) {
        block[0] = (char)i;
        uint64_t start = stats_now_ns();
        if (pwrite(fd, block, BLOCK_LEN, (off_t)(i * BLOCK_LEN % FILE_LEN)) != BLOCK_LEN) die("pwrite");
        if (fdatasync(fd) != 0) die("fdatasync");
        stats_add(out, stats_now_ns() - start);
    }
    close(fd);
    unlink(path);
}

static int listen_anywhere(struct sockaddr_in *address) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(*address);
    if (fd < 0 || bind(fd, (struct sockaddr *)address, len) != 0 || listen(fd, 1) != 0) die("listen");
    if (getsockname(fd, (struct sockaddr *)address, &len) != 0) die("getsockname");
    return fd;
}

static void echo(int listener) {
    char bytes[512];
    int fd = accept(listener, NULL, NULL), one = 1;
    if (fd < 0) _exit(1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    for (;;) {
        ssize_t len = read(fd, bytes, sizeof(bytes));
        if (len <= 0 || write(fd, bytes, (size_t)len) != len) _exit(0);
    }
}

static void measure_round_trip(double seconds, struct stats *out) {
    struct sockaddr_in address;
    int listener = listen_anywhere(&address), one = 1;
    pid_t child = fork();
    if (child == 0) echo(listener);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    char bytes[300];
    memset(bytes, 'x', sizeof(bytes));
    uint64_t end = stats_now_ns() + (uint64_t)(seconds * 1e9);
    while (stats_now_ns() < end) {
        uint64_t start = stats_now_ns();
        if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes)) die("write");
        for (size_t got = 0; got < sizeof(bytes);) {
            ssize_t len = read(fd, bytes, sizeof(bytes));
            if (len <= 0) die("read");
            got += (size_t)len;
        }
        stats_add(out, stats_now_ns() - start);
    }
    close(fd);
    close(listener);
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s FOLDER SECONDS\n", argv[0]);
        return 2;
    }
    struct stats sync = {0}, trip = {0};
    double seconds = strtod(argv[2], NULL);
    measure_sync(argv[1], seconds, &sync);
    measure_round_trip(seconds, &trip);
    printf("{");
    stats_print(&sync, "sync", stdout);
    printf(", ");
    stats_print(&trip, "trip", stdout);
    printf("}\n");
    free(sync.ns);
    free(trip.ns);
    return 0;
}
