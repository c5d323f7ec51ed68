/* For tests: a server in a child process on a fresh data directory, and raw sockets to speak to it. The test supplies
 * hx_app_handle. */
#ifndef HX_HOST_NATIVE_TEST_RIG_H
#define HX_HOST_NATIVE_TEST_RIG_H

#include <stdio.h>
#include <sys/types.h>

#include "host/native/native.h"

struct hx_rig {
    pid_t pid;
    uint16_t port;
    uint16_t lab_port;
    char directory[64];
    char log_path[96]; /* The child's standard error. */
};

/* Data directory, listen address and the ready callback are the rig's. Ends the test when it can't. */
void hx_rig_start(struct hx_rig *rig, const struct hx_native_options *options);
/* On the directory of a rig that was stopped or killed. */
void hx_rig_restart(struct hx_rig *rig, const struct hx_native_options *options);
int hx_rig_stop(struct hx_rig *rig);    /* SIGTERM; exit code; removes the directory. */
int hx_rig_wait(struct hx_rig *rig);    /* Exit code, or 1000 + signal; the directory stays. */
void hx_rig_remove(struct hx_rig *rig); /* The directory. */
bool hx_rig_log_has(const struct hx_rig *rig, const char *text);

int hx_rig_connect(uint16_t port);
void hx_rig_send(int fd, const char *text);
/* recv(), which a socket with a timeout leaves when its process was stopped and goes on. */
ssize_t hx_rig_recv(int fd, char *out, size_t size);
/* Reads one whole response (Content-Length) or to the end of the connection; returns bytes, NUL-terminated. */
size_t hx_rig_read(int fd, char *out, size_t size);
void hx_rig_exchange(uint16_t port, const char *request, char *out, size_t size); /* One connection, to its end. */
int64_t hx_rig_now_ms(void);

/* A self-signed certificate for an IP address, as PEM files. */
struct hx_rig_certificate {
    char cert_path[64];
    char key_path[64];
};
void hx_rig_certify(struct hx_rig_certificate *out, const char *address);
void hx_rig_uncertify(struct hx_rig_certificate *pair); /* Removes the files. */

#endif
