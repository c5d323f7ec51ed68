/* SIGTERM and SIGINT as loop events: the first asks for a graceful stop, the second ends the process at once. */
#ifndef HX_HOST_NATIVE_STOP_H
#define HX_HOST_NATIVE_STOP_H

#include <signal.h>

#include "host/native/loop.h"

struct hx_stop {
    struct hx_watch watch;
    struct hx_loop *loop;
    void (*fn)(void *arg);
    void *arg;
    bool asked;
    sigset_t before;
};

/* Also ignores SIGPIPE and SIGXFSZ. False: the system refused. */
bool hx_stop_open(struct hx_stop *stop, struct hx_loop *loop, void (*fn)(void *arg), void *arg);
void hx_stop_close(struct hx_stop *stop);

#endif
