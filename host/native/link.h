/* Outgoing connections: what client.c (the order path) and curl.c (names, TLS, proxies) share. */
#ifndef HX_HOST_NATIVE_LINK_H
#define HX_HOST_NATIVE_LINK_H

#include <sys/socket.h>
#include <sys/types.h>

#include "core/http/url.h"
#include "host/native/host.h"

struct hx_origin {
    struct hx_table_node node;
    struct hx_host *host;
    struct hx_link *idle; /* Last used first. */
    uint32_t idle_count;
    uint32_t link_count;
    struct hx_http_url url;
    bool is_direct; /* Plain HTTP to a numeric address: our own socket, no curl. */
    struct sockaddr_storage address;
    socklen_t address_len;
    int64_t used_us;   /* Last request. */
    int64_t warmed_us; /* Last connection opened ahead of any request. */
    char text[];
};

enum hx_link_state { HX_LINK_CONNECTING, HX_LINK_IDLE, HX_LINK_READY, HX_LINK_BUSY };

struct hx_link {
    struct hx_origin *origin;
    struct hx_link *next;
    struct hx_watch watch;
    struct hx_timer timer; /* End of idleness. */
    enum hx_link_state state;
    void *easy;           /* curl's handle; NULL: a socket of our own. */
    struct hx_task *task; /* READY and BUSY, and CONNECTING unless opened ahead. */
    bool waited;          /* The task waits for this link and is to be woken. */
    bool dead;
    hx_err result; /* Of the connecting, or of the exchange. */

    char *out; /* The request; `sent` bytes of it were handed over. */
    size_t out_len, sent;
    hx_time send_by_ms;
    bool send_tried;  /* TLS may have handed over part of a record without saying so. */
    bool is_mutating; /* Not a GET: the stages want to know when it left. */
    void *storage;
    struct hx_http_parser parser;

    /* A link that is not for one request but for as long as its owner wants it (stream.c). Its events and its end are
     * the owner's; `task` and what belongs to an exchange stay unused. NULL: one of client.c's own. */
    const struct hx_link_owner *owner;
    void *owner_arg;
};

struct hx_link_owner {
    void (*on_connected)(struct hx_link *link, bool ok);     /* Once. `ok` false: to be closed. */
    void (*on_event)(struct hx_link *link, uint32_t events); /* As of epoll, edge-triggered. */
};

/* A link of the caller's own to the origin (scheme://host[:port]). NULL: it can't even start. Never pooled. Call from
 * outside of any coroutine. */
struct hx_link *hx_link_open_own(struct hx_host *host, hx_str origin, const struct hx_link_owner *owner, void *arg);
void hx_link_close(struct hx_link *link);
/* Bytes taken or got, HX_LINK_AGAIN or HX_LINK_FAILED; 0 from recv: the peer is done. */
ssize_t hx_link_send(struct hx_link *link, const char *data, size_t len);
ssize_t hx_link_recv(struct hx_link *link, char *out, size_t size);

/* curl.c tells how connecting ended. `fd` is -1 on failure. */
void hx_link_connected(struct hx_link *link, int fd, const char *problem);

/* Starts connecting; hx_link_connected follows, not before this has returned. False: it can't even start. */
bool hx_curl_connect(struct hx_link *link);
void hx_curl_close(struct hx_link *link);
enum { HX_LINK_AGAIN = -1, HX_LINK_FAILED = -2 };
ssize_t hx_curl_send(struct hx_link *link, const char *data, size_t len); /* Bytes taken, or one of the above. */
ssize_t hx_curl_recv(struct hx_link *link, char *out, size_t size);       /* 0: the peer is done. */
void hx_curl_release(struct hx_host *host);

#endif
