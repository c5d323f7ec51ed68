/* For the tests of streams: scripted WebSocket servers in child processes, and a host to meet them from. */
#ifndef HX_HOST_NATIVE_STREAM_RIG_H
#define HX_HOST_NATIVE_STREAM_RIG_H

#include "host/native/host.h"
#include "host/native/test_rig.h"

enum hx_stream_rig_mode {
    HX_STREAM_RIG_ECHOES,          /* Every text comes back. */
    HX_STREAM_RIG_PINGS,           /* Pings first; the text tells what the pong carried. */
    HX_STREAM_RIG_FRAGMENTS,       /* "in three parts", a ping between them, a byte at a time. */
    HX_STREAM_RIG_SAYS_AND_CUTS,   /* "last words", then the end of the connection. */
    HX_STREAM_RIG_SAYS_AND_CLOSES, /* "last words", then a close with 1001. */
    HX_STREAM_RIG_SAYS_NOTHING,    /* Not even a pong. */
    HX_STREAM_RIG_NEVER_ANSWERS,   /* Nor the upgrade. */
    HX_STREAM_RIG_REFUSES,         /* 403. */
    HX_STREAM_RIG_WRONG_ACCEPT,
    HX_STREAM_RIG_MASKS, /* A server must not. */
    HX_STREAM_RIG_BINARY,
    HX_STREAM_RIG_FLOODS,
    HX_STREAM_RIG_SWALLOWS, /* The second text is read, and that is the end of it. */
};

struct hx_stream_rig_counts {
    _Atomic uint32_t connections;
    _Atomic uint32_t upgrades;
    _Atomic uint32_t texts;
    _Atomic uint32_t floods; /* Handed over to the network to the last word. */
    _Atomic uint32_t pings;
    _Atomic uint32_t closes;
    _Atomic uint32_t close_code;
    _Atomic uint32_t unmasked; /* Frames refused by the server's reader. */
};

struct hx_stream_rig_peer {
    pid_t pid;
    char origin[64];
    struct hx_stream_rig_counts *counts;
};

/* `pair` NULL: plain. What it asserts on the way, it asserts by ending the child. */
struct hx_stream_rig_peer hx_stream_rig_start(enum hx_stream_rig_mode mode, const struct hx_rig_certificate *pair);
void hx_stream_rig_stop(struct hx_stream_rig_peer *peer);
/* Until a peer has counted so many, or for as long as only a broken one takes. What it is sent last, it reads later. */
void hx_stream_rig_wait(const _Atomic uint32_t *counted, uint32_t wanted);

/* One host at a time, on a fresh directory; STREAM_LOG in the environment lets it talk. `ca_file` may be NULL. */
struct hx_host *hx_stream_rig_open(const char *ca_file);
void hx_stream_rig_close(void);
/* Runs its loop until somebody stops it or the time is up, which is a failure wherever it matters. */
void hx_stream_rig_run(int64_t limit_ms);

#endif
