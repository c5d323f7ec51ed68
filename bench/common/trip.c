#define _GNU_SOURCE
#include "bench/common/trip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/common/stats.h"

#define MESSAGE_LEN 300

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void set_no_delay(int fd) {
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void echo(int listener) {
    char bytes[512];
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) _exit(1);
    set_no_delay(fd);
    for (;;) {
        ssize_t len = read(fd, bytes, sizeof(bytes));
        if (len <= 0 || write(fd, bytes, (size_t)len) != len) _exit(0);
    }
}

int trip_open(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 1) != 0) die("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &len) != 0) die("getsockname");
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) echo(listener);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, len) != 0) die("connect");
    close(listener);
    set_no_delay(fd);
    return fd;
}

uint64_t trip_sample(int fd) {
    char bytes[MESSAGE_LEN];
    memset(bytes, 'x', sizeof(bytes));
    uint64_t start = stats_now_ns();
    if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes)) die("write");
    for (size_t got = 0; got < sizeof(bytes);) {
        ssize_t len = read(fd, bytes, sizeof(bytes));
        if (len <= 0) die("read");
        got += (size_t)len;
    }
    return stats_now_ns() - start;
}
