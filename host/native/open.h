/* Opening and closing a data directory: lock, settings, secrets, ledger. Shared by serve.c and oneshot.c. */
#ifndef HX_HOST_NATIVE_OPEN_H
#define HX_HOST_NATIVE_OPEN_H

#include "host/native/host.h"
#include "host/native/native.h"

struct hx_opened {
    struct hx_host *host;
    int lock_fd;
};

/* Everything but sockets. On failure nothing stays open. */
enum hx_native_status hx_host_open(const struct hx_native_options *options, struct hx_opened *out, char *problem,
                                   size_t problem_size);
void hx_host_close(struct hx_opened *opened);

#endif
