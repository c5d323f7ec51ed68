#define _GNU_SOURCE

#include "host/native/stop.h"

#include <sys/signalfd.h>
#include <unistd.h>

static void on_signal(struct hx_watch *watch, uint32_t events) {
    (void)events;
    struct hx_stop *stop = watch->owner;
    struct signalfd_siginfo info;
    while (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (stop->asked) _exit(128 + (int)info.ssi_signo);
        stop->asked = true;
        stop->fn(stop->arg);
    }
}

bool hx_stop_open(struct hx_stop *stop, struct hx_loop *loop, void (*fn)(void *arg), void *arg) {
    *stop = (struct hx_stop){.watch = {-1, on_signal, stop}, .loop = loop, .fn = fn, .arg = arg};
    sigset_t ours;
    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, SIGTERM);
    (void)sigaddset(&ours, SIGINT);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* A limit of the size of files: the write says so. */
    if (sigprocmask(SIG_BLOCK, &ours, &stop->before) != 0) return false;
    int fd = signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd >= 0 && hx_loop_watch(loop, &stop->watch, fd, EPOLLIN);
}

void hx_stop_close(struct hx_stop *stop) {
    int fd = stop->watch.fd;
    if (fd < 0) return;
    hx_loop_unwatch(stop->loop, &stop->watch);
    (void)close(fd);
    (void)sigprocmask(SIG_SETMASK, &stop->before, NULL);
}
