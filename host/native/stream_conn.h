/* One WebSocket connection as a client: name lookup and TLS by link.h, the upgrade, frames by core/http/ws.h, pings,
 * and deadlines. What is said on it is its owner's.
 *
 * Invariants
 *  1. Callbacks come from the event loop, never from within a call made by the owner, and not after
 *     hx_stream_conn_close.
 *  2. on_end comes once, whatever ends the connection, and nothing after it. The owner then closes it to free it. */
#ifndef HX_HOST_NATIVE_STREAM_CONN_H
#define HX_HOST_NATIVE_STREAM_CONN_H

#include "host/native/host.h"

struct hx_stream_conn;

struct hx_stream_conn_options {
    hx_str origin; /* http://host[:port] or https://…; copied, as is the target. */
    hx_str target;
    int64_t open_ms_max;    /* Until the upgrade is answered. */
    int64_t ping_ms;        /* Pings the peer so often; 0: never. */
    int64_t silence_ms_max; /* Ends when not a byte came for so long; 0: never. */
    int64_t life_ms_max;    /* Ends after so long, or up to a tenth sooner; 0: never. */
    size_t message_len_max;
    /* May call hx_stream_conn_say, but not close. */
    void (*on_open)(void *arg);
    void (*on_text)(void *arg, hx_str text);    /* The text lives for the call. */
    void (*on_end)(void *arg, const char *why); /* Constant or the connection's own text. */
    void *arg;
};

/* NULL: it can't even start (malformed origin or target). */
struct hx_stream_conn *hx_stream_conn_open(struct hx_host *host, const struct hx_stream_conn_options *options);
/* Sends a text. False when the connection is not open, or has more to send than it can keep: then on_end follows. */
bool hx_stream_conn_say(struct hx_stream_conn *conn, hx_str text);
/* The same for what must not be said late or twice. False: not a byte was handed over, nor will be. True: it was, or it
 * can't be known; should the connection break, on_end follows. No first byte leaves after `send_by_ms` (0: no bound).
 */
bool hx_stream_conn_ask(struct hx_stream_conn *conn, hx_str text, hx_time send_by_ms);
bool hx_stream_conn_is_open(const struct hx_stream_conn *conn);
/* How long since the upgrade; 0 when it never was. */
int64_t hx_stream_conn_age_ms(const struct hx_stream_conn *conn);
/* Says good-bye as far as the kernel takes it at once, closes and frees. */
void hx_stream_conn_close(struct hx_stream_conn *conn);

#define HX_STREAM_KEY_LEN 24
#define HX_STREAM_ACCEPT_LEN 28
/* A fresh Sec-WebSocket-Key, and the Sec-WebSocket-Accept that answers a key (RFC 6455 4.2.2). */
void hx_stream_make_key(struct hx_host *host, char out[HX_STREAM_KEY_LEN]);
void hx_stream_make_accept(hx_str key, char out[HX_STREAM_ACCEPT_LEN]);

#endif
