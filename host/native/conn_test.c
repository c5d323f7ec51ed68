/* Goal: the server side of HTTP holds against slow, broken, greedy and hostile peers, and serves honest ones however
 * they cut and pipeline. Covers conn.c, server.c, tls.c. Method: a server in a child process, each deadline short where
 * it is what is tested and far away elsewhere; raw sockets as peers; OpenSSL as the TLS peer. */
#define _GNU_SOURCE

#include "host/native/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "core/app/setting.h"
#include "host/native/test_rig.h"
#include "host/native/tls.h"

#define SHORT_MS 300
#define CONN_MAX 24
#define PATIENCE_MS 20000        /* Only a broken server lets a test wait so long. */
#define FAR_MS (3 * PATIENCE_MS) /* A deadline that no test sees. */

struct deadlines {
    int64_t message_ms, idle_ms, write_ms;
};

static const struct deadlines far_away = {FAR_MS, FAR_MS, FAR_MS};

struct echo {
    struct hx_loop loop;
    struct hx_server server;
    struct hx_conn *held;
    uint32_t held_count, gone_count;
};

static char large[400 * 1024];

/* GET /hold never answers; GET /held says how many there were, GET /gone how many lost their peer, GET /open how many
 * connections there are; GET /large sends 400 KiB; everything else is sent back as "METHOD path body". */
static void on_request(struct hx_conn *conn, struct hx_message *message) {
    struct echo *echo = conn->server->owner;
    const struct hx_http_message *http = &message->parser.message;
    static char text[80 * 1024];
    int len = 0;
    if (hx_str_equal(http->path, HX_STR("/hold"))) {
        conn->user = echo;
        echo->held_count++;
        hx_message_release(message);
        return;
    }
    if (hx_str_equal(http->path, HX_STR("/large"))) {
        hx_message_release(message);
        hx_conn_reply(conn, 200, NULL, 0, hx_str_make(large, sizeof(large)));
        return;
    }
    if (hx_str_equal(http->path, HX_STR("/held"))) {
        len = snprintf(text, sizeof(text), "%u", echo->held_count);
    } else if (hx_str_equal(http->path, HX_STR("/gone"))) {
        len = snprintf(text, sizeof(text), "%u", echo->gone_count);
    } else if (hx_str_equal(http->path, HX_STR("/open"))) {
        len = snprintf(text, sizeof(text), "%u", echo->server.conn_count);
    } else {
        len = snprintf(text, sizeof(text), "%.*s %.*s %.*s", (int)http->method_text.len, http->method_text.data,
                       (int)http->path.len, http->path.data, (int)http->body.len, http->body.data);
    }
    hx_message_release(message);
    hx_conn_reply(conn, 200, NULL, 0, hx_str_make(text, (size_t)len));
}

static void on_gone(struct hx_conn *conn) {
    struct echo *echo = conn->user;
    echo->gone_count++;
}

struct peer {
    pid_t pid;
    uint16_t port;
};

static struct peer start(const struct deadlines *deadlines, const char *cert, const char *key) {
    char problem[256] = "";
    int fd = hx_conn_listen(HX_STR("127.0.0.1:0"), problem, sizeof(problem));
    if (fd < 0) fail_msg("%s", problem);
    struct peer peer = {fork(), hx_conn_port(fd)};
    assert_true(peer.pid >= 0);
    if (peer.pid > 0) {
        (void)close(fd);
        return peer;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* A failing test must not leave a server behind. */
    static struct echo echo;
    memset(large, 'l', sizeof(large));
    (void)signal(SIGPIPE, SIG_IGN);
    hx_assert(hx_loop_init(&echo.loop));
    hx_server_init(&echo.server, &echo.loop, &echo);
    echo.server.on_request = on_request;
    echo.server.on_gone = on_gone;
    echo.server.message_ms = deadlines->message_ms;
    echo.server.idle_ms = deadlines->idle_ms;
    echo.server.write_ms = deadlines->write_ms;
    echo.server.conn_max = CONN_MAX;
    if (cert != NULL) echo.server.tls = hx_tls_make(cert, key, problem, sizeof(problem));
    hx_assert(cert == NULL || echo.server.tls != NULL);
    hx_assert(hx_server_add_socket(&echo.server, fd));
    hx_loop_run(&echo.loop);
    _exit(0);
}

static int set_up(void **state) {
    static struct peer peer;
    peer = start(&far_away, NULL, NULL);
    *state = &peer;
    return 0;
}

static void stop(const struct peer *peer) {
    int status = 0;
    /* Still there: no peer has brought it down. */
    assert_int_equal(waitpid(peer->pid, &status, WNOHANG), 0);
    assert_int_equal(kill(peer->pid, SIGKILL), 0);
    assert_int_equal(waitpid(peer->pid, &status, 0), peer->pid);
}

static int tear_down(void **state) {
    stop(*state);
    return 0;
}

static void assert_answer(int fd, const char *status, const char *body) {
    char text[8192];
    size_t len = hx_rig_read(fd, text, sizeof(text));
    if (strncmp(text, status, strlen(status)) != 0) fail_msg("expected '%s', got '%s'", status, text);
    if (body == NULL) return;
    assert_true(len >= strlen(body));
    assert_string_equal(text + len - strlen(body), body);
}

/* True when the peer ends the connection within the time; what it still says goes to `out`. */
static bool ends_within_more(int fd, int64_t limit_ms, char *out, size_t size) {
    int64_t end_ms = hx_rig_now_ms() + limit_ms;
    size_t len = strlen(out);
    for (;;) {
        struct pollfd poll_fd = {fd, POLLIN, 0};
        int64_t left_ms = end_ms - hx_rig_now_ms();
        int ready = left_ms <= 0 ? 0 : poll(&poll_fd, 1, (int)left_ms);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return false;
        ssize_t got = hx_rig_recv(fd, out + len, size - 1 - len);
        if (got <= 0) return true;
        len += (size_t)got;
        out[len] = '\0';
    }
}

static bool ends_within(int fd, int64_t limit_ms, char *out, size_t size) {
    out[0] = '\0';
    return ends_within_more(fd, limit_ms, out, size);
}

/* Asks until the answer has `wanted`: what another connection's end causes comes in its own time. */
static void assert_comes_true(uint16_t port, const char *request, const char *wanted) {
    char text[1024] = "";
    for (int64_t from_ms = hx_rig_now_ms(); hx_rig_now_ms() - from_ms < PATIENCE_MS;) {
        hx_rig_exchange(port, request, text, sizeof(text));
        if (strstr(text, wanted) != NULL) return;
        (void)usleep(5000);
    }
    fail_msg("%s: %s", request, text);
}

static void kept_alive_and_cut_anywhere(void **state) {
    const struct peer *peer = *state;
    const char *request = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    int fd = hx_rig_connect(peer->port);
    for (int i = 0; i < 3; i++) {
        hx_rig_send(fd, request);
        assert_answer(fd, "HTTP/1.1 200 OK\r\n", "\r\n\r\nPOST /a hello");
    }
    for (const char *c = request; *c != '\0'; c++) {
        char one[2] = {*c, '\0'};
        hx_rig_send(fd, one);
    }
    assert_answer(fd, "HTTP/1.1 200 OK\r\n", "\r\n\r\nPOST /a hello");
    hx_rig_send(fd, "HEAD /h HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    char text[1024];
    assert_true(ends_within(fd, PATIENCE_MS, text, sizeof(text)));
    assert_non_null(strstr(text, "Content-Length: 8\r\n"));
    assert_non_null(strstr(text, "Connection: close\r\n"));
    assert_string_equal(text + strlen(text) - 4, "\r\n\r\n");
    (void)close(fd);
}

/* Hundreds in one write, more than one read holds: every answer, in order, and the connection stays usable. */
static void pipelined(void **state) {
    const struct peer *peer = *state;
    int fd = hx_rig_connect(peer->port);
    static char requests[400 * 256];
    size_t len = 0;
    for (int i = 0; i < 400; i++) {
        len += (size_t)snprintf(requests + len, sizeof(requests) - len,
                                "GET /%d HTTP/1.1\r\nHost: x\r\nX-Fill: %0150d\r\n\r\n", i, i);
    }
    hx_rig_send(fd, requests);
    static char text[400 * 256];
    size_t got = 0;
    int found = 0;
    char *from = text;
    while (found < 400) {
        ssize_t part = hx_rig_recv(fd, text + got, sizeof(text) - 1 - got);
        assert_true(part > 0);
        got += (size_t)part;
        text[got] = '\0';
        for (;;) {
            char expected[32];
            (void)snprintf(expected, sizeof(expected), "\r\n\r\nGET /%d ", found);
            char *hit = strstr(from, expected);
            if (hit == NULL) break;
            from = hit + 4;
            found++;
        }
    }
    (void)close(fd);
}

static void ambiguous_framing_is_refused(void **state) {
    const struct peer *peer = *state;
    const struct {
        const char *request;
        const char *status;
    } table[] = {
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 7\r\n\r\nabc", "400"},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc", "400"},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc", "400"},
        {"GET / HTTP/1.1\nHost: x\n\n", "400"},
        {"GET / HTTP/1.1\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", "400"},
        {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n", "413"},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: magic\r\n\r\n", "417"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int fd = hx_rig_connect(peer->port);
        char text[4096];
        char expected[32];
        hx_rig_send(fd, table[i].request);
        /* The server says so and ends the connection: what would follow can't be told from a body. */
        assert_true(ends_within(fd, PATIENCE_MS, text, sizeof(text)));
        (void)snprintf(expected, sizeof(expected), "HTTP/1.1 %s ", table[i].status);
        if (strncmp(text, expected, strlen(expected)) != 0) fail_msg("%s: %s", table[i].request, text);
        assert_non_null(strstr(text, "{\"success\":false,\"requestId\":\"0"));
        if (strcmp(table[i].status, "413") == 0) assert_non_null(strstr(text, "the body is larger than 64 KiB"));
        (void)close(fd);
    }
}

/* A refusal must reach a peer that is still busy sending what nobody will read. */
static void refusal_reaches_an_uploader(void **state) {
    const struct peer *peer = *state;
    int fd = hx_rig_connect(peer->port);
    static char chunk[64 * 1024];
    memset(chunk, 'x', sizeof(chunk) - 1);
    hx_rig_send(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n");
    for (int i = 0; i < 3; i++) hx_rig_send(fd, chunk);
    char text[1024];
    assert_true(ends_within(fd, PATIENCE_MS, text, sizeof(text)));
    assert_int_equal(strncmp(text, "HTTP/1.1 413 ", 13), 0);
    (void)close(fd);
}

static void hundred_continue(void **state) {
    const struct peer *peer = *state;
    int fd = hx_rig_connect(peer->port);
    hx_rig_send(fd, "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    assert_answer(fd, "HTTP/1.1 100 Continue\r\n\r\n", NULL);
    hx_rig_send(fd, "ok");
    assert_answer(fd, "HTTP/1.1 200 ", "POST /e ok");
    (void)close(fd);
}

/* One byte every 20 ms keeps an inactivity timeout happy for ever; the total deadline ends it. */
static void drip(uint16_t port, const char *head) {
    char text[1024] = "";
    /* Held up before its first byte it is only a silent one, who is told nothing: then once more. */
    for (int tries = 0; tries < 5 && text[0] == '\0'; tries++) {
        int64_t from_ms = hx_rig_now_ms();
        int fd = hx_rig_connect(port);
        hx_rig_send(fd, head);
        bool ended = false;
        while (!ended && hx_rig_now_ms() - from_ms < PATIENCE_MS) {
            hx_rig_send(fd, "a");
            ended = ends_within_more(fd, 20, text, sizeof(text));
        }
        assert_true(ended);
        assert_true(hx_rig_now_ms() - from_ms >= SHORT_MS - 50);
        (void)close(fd);
    }
    assert_int_equal(strncmp(text, "HTTP/1.1 408 ", 13), 0);
}

static void slow_peers_are_ended(void **state) {
    (void)state;
    const struct peer peer = start(&(struct deadlines){SHORT_MS, FAR_MS, FAR_MS}, NULL, NULL);
    drip(peer.port, "GET / HTTP/1.1\r\nX-Slow: ");
    drip(peer.port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n");
    char text[256];
    int silent = hx_rig_connect(peer.port);
    assert_true(ends_within(silent, PATIENCE_MS, text, sizeof(text)));
    (void)close(silent);
    stop(&peer);
}

static void idle_peers_are_ended(void **state) {
    (void)state;
    const struct peer peer = start(&(struct deadlines){FAR_MS, SHORT_MS, FAR_MS}, NULL, NULL);
    int idle = hx_rig_connect(peer.port);
    int64_t sent_ms = hx_rig_now_ms();
    hx_rig_send(idle, "GET /i HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_answer(idle, "HTTP/1.1 200 ", "GET /i ");
    char text[256];
    assert_true(ends_within(idle, PATIENCE_MS, text, sizeof(text)));
    assert_true(hx_rig_now_ms() - sent_ms >= SHORT_MS - 50);
    (void)close(idle);
    stop(&peer);
}

static void readers_get_all_of_it(void **state) {
    const struct peer *peer = *state;
    int fd = hx_rig_connect(peer->port);
    static char text[sizeof(large) + 4096];
    for (int i = 0; i < 4; i++) {
        hx_rig_send(fd, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_true(hx_rig_read(fd, text, sizeof(text)) > sizeof(large));
        assert_int_equal(text[sizeof(large) / 2], 'l');
    }
    (void)close(fd);
}

/* Takes no byte of a large reply: its connection and memory are freed. */
static void those_who_do_not_read_are_ended(void **state) {
    (void)state;
    const struct peer peer = start(&(struct deadlines){FAR_MS, FAR_MS, SHORT_MS}, NULL, NULL);
    int lazy = hx_rig_connect(peer.port);
    int small = 4096;
    (void)setsockopt(lazy, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    for (int i = 0; i < 20; i++) hx_rig_send(lazy, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    /* Who asks is the only one left. */
    assert_comes_true(peer.port, "GET /open HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n1");
    static char text[64 * 1024];
    ssize_t got = 0;
    size_t total = 0;
    while ((got = hx_rig_recv(lazy, text, sizeof(text))) > 0) total += (size_t)got;
    /* Ended by the server, not by our own patience, and before all of it was delivered. */
    assert_true(got == 0 || errno == ECONNRESET);
    assert_true(total < 20 * sizeof(large));
    (void)close(lazy);
    stop(&peer);
}

static void leaving_peers(void **state) {
    const struct peer *peer = *state;
    /* In the middle of a message, and before the first byte. */
    int fd = hx_rig_connect(peer->port);
    hx_rig_send(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Le");
    (void)close(fd);
    (void)close(hx_rig_connect(peer->port));
    /* Done sending is not gone: it still wants its answer. */
    fd = hx_rig_connect(peer->port);
    hx_rig_send(fd, "GET /half HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_answer(fd, "HTTP/1.1 200 ", "GET /half ");
    (void)close(fd);
    /* Reset while its request is handled: the handler is told. */
    fd = hx_rig_connect(peer->port);
    hx_rig_send(fd, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_comes_true(peer->port, "GET /held HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n1");
    struct linger reset = {1, 0};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
    (void)close(fd);
    assert_comes_true(peer->port, "GET /gone HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n1");
}

static void too_many_connections(void **state) {
    const struct peer *peer = *state;
    int fds[CONN_MAX];
    for (int i = 0; i < CONN_MAX; i++) {
        fds[i] = hx_rig_connect(peer->port);
        hx_rig_send(fds[i], "GET /c HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_answer(fds[i], "HTTP/1.1 200 ", NULL);
    }
    int extra = hx_rig_connect(peer->port);
    assert_answer(extra, "HTTP/1.1 503 ", "too many open connections\"}}");
    (void)close(extra);
    for (int i = 0; i < CONN_MAX; i++) (void)close(fds[i]);
    assert_comes_true(peer->port, "GET /c HTTP/1.1\r\nHost: x\r\n\r\n", "GET /c ");
}

static void addresses(void **state) {
    (void)state;
    char problem[256];
    /* What the check of HOOX_LISTEN lets pass is what can be listened on. */
    struct hx_setting_info info = hx_setting_info(HX_SETTING_LISTEN);
    const char *good[] = {"127.0.0.1:0", "[::1]:0", ":0", "0", "localhost:0"};
    for (size_t i = 0; i < 5; i++) {
        int fd = hx_conn_listen(hx_str_from_c(good[i]), problem, sizeof(problem));
        assert_true(fd >= 0);
        assert_true(hx_setting_check(&info, hx_str_from_c(good[i])));
        assert_int_not_equal(hx_conn_port(fd), 0);
        (void)close(fd);
    }
    const char *bad[] = {"", "127.0.0.1", "70000", "example.org:80", "127.0.0.1:http", "[::1", "1.2.3:80"};
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(hx_conn_listen(hx_str_from_c(bad[i]), problem, sizeof(problem)), -1);
        assert_non_null(strstr(problem, "cannot listen on"));
        assert_false(hx_setting_check(&info, hx_str_from_c(bad[i])));
    }
}

static void over_tls(void **state) {
    (void)state;
    struct hx_rig_certificate pair;
    hx_rig_certify(&pair, "127.0.0.1");
    const struct peer peer = start(&far_away, pair.cert_path, pair.key_path);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    assert_int_equal(SSL_CTX_load_verify_locations(context, pair.cert_path, NULL), 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    int fd = hx_rig_connect(peer.port);
    SSL *tls = SSL_new(context);
    assert_int_equal(SSL_set_fd(tls, fd), 1);
    int connected = 0;
    while ((connected = SSL_connect(tls)) < 0 && SSL_get_error(tls, connected) == SSL_ERROR_WANT_READ) continue;
    assert_int_equal(connected, 1);
    static char text[sizeof(large) + 4096];
    for (int i = 0; i < 3; i++) {
        const char *request = "GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
        assert_true(SSL_write(tls, request, (int)strlen(request)) > 0);
        size_t len = 0;
        while (len < sizeof(large) + 20 || strstr(text, "\r\n\r\n") == NULL ||
               len < (size_t)(strstr(text, "\r\n\r\n") + 4 - text) + sizeof(large)) {
            int got = SSL_read(tls, text + len, (int)(sizeof(text) - 1 - len));
            if (got <= 0 && SSL_get_error(tls, got) == SSL_ERROR_WANT_READ) continue; /* As in hx_rig_recv. */
            assert_true(got > 0);
            len += (size_t)got;
            text[len] = '\0';
        }
        assert_int_equal(text[len - 1], 'l');
    }
    /* Plain HTTP at the TLS port gets no answer and does no harm. */
    int plain = hx_rig_connect(peer.port);
    hx_rig_send(plain, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(ends_within(plain, PATIENCE_MS, text, sizeof(text)));
    assert_null(strstr(text, "HTTP/1.1 200"));
    (void)close(plain);
    SSL_free(tls);
    (void)close(fd);
    SSL_CTX_free(context);
    stop(&peer);
    char problem[256] = "";
    assert_null(hx_tls_make("/no/such/file", pair.key_path, problem, sizeof(problem)));
    assert_non_null(strstr(problem, "/no/such/file"));
    hx_rig_uncertify(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kept_alive_and_cut_anywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pipelined, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ambiguous_framing_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusal_reaches_an_uploader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hundred_continue, set_up, tear_down),
        cmocka_unit_test(slow_peers_are_ended),
        cmocka_unit_test(idle_peers_are_ended),
        cmocka_unit_test_setup_teardown(readers_get_all_of_it, set_up, tear_down),
        cmocka_unit_test(those_who_do_not_read_are_ended),
        cmocka_unit_test_setup_teardown(leaving_peers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_many_connections, set_up, tear_down),
        cmocka_unit_test(addresses),
        cmocka_unit_test(over_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
