/* HTTP server connections: accept, read, parse, hand over, reply, keep alive. No request logic.
 *
 * Serves the webhook listener, the control socket and the laboratory. Deadlines: a whole request must arrive within
 * message_ms of its first byte, the first one within message_ms of the connection; a reply must be taken within
 * write_ms; idle connections live idle_ms. Requests of one connection are handled one after the other.
 *
 * Invariants
 *  1. A message handed to on_request belongs to the handler until hx_message_release, whatever becomes of the
 * connection.
 *  2. Each on_request is followed by exactly one of: hx_conn_reply, hx_conn_drop (by the handler), on_gone (by us). */
#ifndef HX_HOST_NATIVE_CONN_H
#define HX_HOST_NATIVE_CONN_H

#include <openssl/ssl.h>
#include <sys/socket.h>

#include "core/http/http.h"
#include "host/native/loop.h"

#define HX_CONN_PEER_LEN_MAX 46
#define HX_SERVER_SOCKETS_MAX 8

/* A request being parsed or handled, with the memory its views point into. */
struct hx_message {
    struct hx_http_parser parser;
    struct hx_message *next; /* In the pool. */
    struct hx_server *server;
    uint8_t *memory;
};

struct hx_conn {
    struct hx_server *server;
    struct hx_watch watch;
    struct hx_timer timer;
    struct hx_ready again; /* More to read after a reply; or, once closed, to be freed. */
    struct hx_conn *next, *previous;
    void *user; /* The handler's, between on_request and its reply. */
    struct hx_message *message;
    SSL *tls;
    enum { HX_CONN_HANDSHAKE, HX_CONN_READING, HX_CONN_HANDLING, HX_CONN_WRITING, HX_CONN_LINGERING } state;
    bool readable;    /* The kernel may hold bytes that no event will announce again. */
    bool closed;      /* Waits to be freed where no caller can still be using it. */
    bool peer_done;   /* The peer has closed its side. */
    bool close_after; /* Once the output is written. */
    bool keep_alive;  /* The request being handled lets the connection live on. */
    bool head_only;   /* The request being handled is HEAD. */
    bool is_loopback;
    int64_t deadline_us;
    char *left; /* Bytes behind the message being handled. */
    size_t left_len;
    char *out; /* What the kernel did not take yet. */
    size_t out_len, out_done;
    size_t lingered;
    char peer[HX_CONN_PEER_LEN_MAX + 1];
};

struct hx_server {
    struct hx_loop *loop;
    void *owner;
    void (*on_request)(struct hx_conn *conn, struct hx_message *message);
    void (*on_gone)(
        struct hx_conn *conn); /* The connection of a request being handled is gone; conn->user tells which. */
    SSL_CTX *tls;              /* NULL: plain. The server's. */
    struct hx_http_limits limits;
    uint32_t conn_max, conn_per_peer_max; /* Loopback and local sockets are exempt from the second. */
    int64_t message_ms, idle_ms, write_ms;

    /* Below: the server's own. */
    struct hx_watch sockets[HX_SERVER_SOCKETS_MAX];
    uint32_t socket_count;
    struct hx_conn *conns;
    uint32_t conn_count;
    struct hx_message *pool;
    uint32_t pool_count;
    int spare_fd; /* Given up for a moment when descriptors run out. */
    bool draining;
};

/* Sets defaults: limits of the codec, 4096 connections, 256 per peer, 10 s, 60 s, 10 s. */
void hx_server_init(struct hx_server *server, struct hx_loop *loop, void *owner);
/* Takes over a bound, listening, non-blocking socket. False: too many, or the system refused. */
bool hx_server_add_socket(struct hx_server *server, int fd);
/* Stops accepting; idle connections are closed, others after the reply they wait for. */
void hx_server_drain(struct hx_server *server);
void hx_server_release(struct hx_server *server); /* Closes everything at once, without on_gone. */

/* The reply to the request of this connection, sent at once as far as the kernel takes it. Content-Type defaults to
 * application/json; Date is added. A body the codec refuses becomes a 500. */
void hx_conn_reply(struct hx_conn *conn, uint32_t status, const struct hx_http_header *headers, size_t header_count,
                   hx_str body);
/* The same for a request that nobody worked on: the body every failure has, with a request id of its own. */
void hx_conn_refuse(struct hx_conn *conn, uint32_t status, hx_str code, hx_str message);
void hx_conn_drop(struct hx_conn *conn); /* Closes without a reply. */
/* Instead of a reply: takes the socket over, for a protocol that is not HTTP. *left is what came behind the request, to
 * be freed. The connection is gone. Not for TLS. */
int hx_conn_take(struct hx_conn *conn, char **left, size_t *left_len);
void hx_message_release(struct hx_message *message);

/* For server.c: a connection on an accepted, non-blocking socket. NULL: refused (the socket is closed). */
struct hx_conn *hx_conn_accept(struct hx_server *server, int fd, const struct sockaddr_storage *address);
void hx_conn_close(struct hx_conn *conn);

/* A listening socket for "host:port", "[v6]:port", ":port" or "port" (numeric hosts only); -1 and a sentence in
 * `problem`. */
int hx_conn_listen(hx_str address, char *problem, size_t problem_size);
int hx_conn_listen_local(const char *path, char *problem, size_t problem_size); /* Unix socket, mode 0600. */
/* Port a socket is bound to; 0 for local ones. */
uint16_t hx_conn_port(int fd);

#endif
