#define _GNU_SOURCE
#include "bench/common/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/common/stats.h"

#define FILE_LEN ((size_t)4 << 20)
#define BLOCK_LEN ((size_t)4096)

static void die(const char *what) {
    perror(what);
    exit(1);
}

int floor_open(const char *folder) {
    char path[4096], block[BLOCK_LEN];
    snprintf(path, sizeof(path), "%s/floor.tmp", folder);
    int fd = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) die(path);
    unlink(path);
    memset(block, 'x', sizeof(block));
    for (size_t at = 0; at < FILE_LEN; at += BLOCK_LEN) {
        if (write(fd, block, BLOCK_LEN) != (ssize_t)BLOCK_LEN) die("write");
    }
    if (fsync(fd) != 0) die("fsync");
    return fd;
}

uint64_t floor_sample(int fd, size_t number) {
    char block[BLOCK_LEN];
    memset(block, (int)(number & 0x7f), sizeof(block));
    uint64_t start = stats_now_ns();
    if (pwrite(fd, block, BLOCK_LEN, (off_t)(number * BLOCK_LEN % FILE_LEN)) != (ssize_t)BLOCK_LEN) die("pwrite");
    if (fdatasync(fd) != 0) die("fdatasync");
    return stats_now_ns() - start;
}
