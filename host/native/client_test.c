/* Goal: an order leaves once, however the peer behaves, and what is reported is what can be proved. Covers client.c and
 * curl.c. Method: the host's own loop and one task; scripted peers, plain and TLS, in child processes that count what
 * they were asked in shared memory. */
#define _GNU_SOURCE

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/native/conn.h"
#include "host/native/open.h"
#include "host/native/test_rig.h"

#define PATIENCE_MS 20000 /* Only a broken client lets a test wait so long. */

enum mode {
    ANSWERS,       /* Keep-alive, "ok". */
    SWALLOWS,      /* The first request of a connection is answered, the second read in full, then: close. */
    RESETS,        /* The same, with a reset. */
    CLOSES_IDLE,   /* Answers as if to keep alive, then closes. */
    SAYS_MORE,     /* Answers, and goes on talking. */
    SAYS_NOTHING,  /* Reads and waits. */
    SAYS_HALF,     /* Half an answer, then close. */
    SAYS_NONSENSE, /* An answer with two lengths. */
    ENDS_BY_CLOSE, /* An answer that ends with the connection. */
    IN_CHUNKS,
    REFUSES_EARLY, /* Answers after the head, without reading the body. */
};

struct counts {
    _Atomic uint32_t connections;
    _Atomic uint32_t requests;
    _Atomic uint32_t orders; /* POST. */
    _Atomic uint32_t ends;   /* Connections that the peer closed when it wanted to. */
};

struct peer {
    pid_t pid;
    uint16_t port;
    struct counts *counts;
    char origin[64];
};

/* The peer's side. */

static ssize_t take(int fd, SSL *tls, char *out, size_t size) {
    return tls != NULL ? SSL_read(tls, out, (int)size) : recv(fd, out, size, 0);
}

static void give(int fd, SSL *tls, const char *text) {
    ssize_t sent = tls != NULL ? SSL_write(tls, text, (int)strlen(text)) : send(fd, text, strlen(text), MSG_NOSIGNAL);
    if (sent < 0) _exit(0);
}

/* One request in full; false at the end of the connection. */
static bool take_request(int fd, SSL *tls, bool head_only, struct counts *counts) {
    static char text[65536];
    size_t len = 0;
    for (;;) {
        ssize_t got = take(fd, tls, text + len, sizeof(text) - 1 - len);
        if (got <= 0) return false;
        len += (size_t)got;
        text[len] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        if (end == NULL) continue;
        const char *length = strcasestr(text, "content-length:");
        size_t body_len = length == NULL ? 0 : strtoul(length + 15, NULL, 10);
        if (!head_only && len < (size_t)(end + 4 - text) + body_len) continue;
        counts->requests++;
        if (strncmp(text, "POST", 4) == 0) counts->orders++;
        return true;
    }
}

static const char ok[] = "HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nok";

static void end(int fd, bool reset, struct counts *counts) {
    struct linger hard = {1, 0};
    if (reset) (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    (void)close(fd);
    counts->ends++;
    _exit(0);
}

static void serve(int fd, SSL *tls, enum mode mode, struct counts *counts) {
    for (int i = 0; take_request(fd, tls, mode == REFUSES_EARLY, counts); i++) {
        switch (mode) {
            case ANSWERS:
                give(fd, tls, ok);
                break;
            case SWALLOWS:
            case RESETS:
                if (i > 0) end(fd, mode == RESETS, counts);
                give(fd, tls, ok);
                break;
            case CLOSES_IDLE:
                give(fd, tls, ok);
                (void)usleep(20000);
                end(fd, false, counts);
                break;
            case SAYS_MORE:
                give(fd, tls, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n");
                break;
            case SAYS_NOTHING:
                break;
            case SAYS_HALF:
                give(fd, tls, "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nok");
                end(fd, false, counts);
                break;
            case SAYS_NONSENSE:
                give(fd, tls, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok");
                break;
            case ENDS_BY_CLOSE:
                give(fd, tls, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok");
                end(fd, false, counts);
                break;
            case IN_CHUNKS:
                give(fd, tls, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n");
                (void)usleep(10000);
                give(fd, tls, "1\r\nk\r\n0\r\n\r\n");
                break;
            case REFUSES_EARLY:
                give(fd, tls, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
                break;
        }
    }
}

static void peer_main(int listening, enum mode mode, const struct hx_rig_certificate *pair, struct counts *counts) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGCHLD, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    SSL_CTX *context = pair == NULL ? NULL : SSL_CTX_new(TLS_server_method());
    if (context != NULL) {
        hx_assert(SSL_CTX_use_certificate_file(context, pair->cert_path, SSL_FILETYPE_PEM) == 1);
        hx_assert(SSL_CTX_use_PrivateKey_file(context, pair->key_path, SSL_FILETYPE_PEM) == 1);
    }
    for (;;) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0) continue;
        counts->connections++;
        if (fork() == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            SSL *tls = context == NULL ? NULL : SSL_new(context);
            if (tls != NULL && (SSL_set_fd(tls, fd) != 1 || SSL_accept(tls) != 1)) _exit(0);
            serve(fd, tls, mode, counts);
            _exit(0);
        }
        (void)close(fd);
    }
}

static struct peer peer_start(enum mode mode, const struct hx_rig_certificate *pair) {
    struct peer peer;
    char problem[128];
    int fd = hx_conn_listen(HX_STR("127.0.0.1:0"), problem, sizeof(problem));
    assert_true(fd >= 0);
    (void)fcntl(fd, F_SETFL, 0);
    peer.port = hx_conn_port(fd);
    (void)snprintf(peer.origin, sizeof(peer.origin), "%s://127.0.0.1:%u", pair == NULL ? "http" : "https",
                   (unsigned)peer.port);
    peer.counts = mmap(NULL, sizeof(*peer.counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(peer.counts != MAP_FAILED);
    peer.pid = fork();
    assert_true(peer.pid >= 0);
    if (peer.pid == 0) peer_main(fd, mode, pair, peer.counts);
    (void)close(fd);
    return peer;
}

static void peer_stop(struct peer *peer) {
    assert_int_equal(kill(peer->pid, SIGKILL), 0);
    assert_int_equal(waitpid(peer->pid, NULL, 0), peer->pid);
    (void)munmap(peer->counts, sizeof(*peer->counts));
}

/* Our side: the test's function runs as a task of a real host. */

static void (*script)(struct hx_req *req, struct peer *peer);
static struct peer *script_peer;

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    (void)event;
    (void)reply;
    script(req, script_peer);
}

static void on_done(struct hx_task *task) {
    task->host->loop.stop = true;
}

static void run(void (*fn)(struct hx_req *req, struct peer *peer), struct peer *peer) {
    struct hx_opened opened;
    char directory[] = "/tmp/hoox-client-XXXXXX";
    char problem[256] = "";
    assert_non_null(mkdtemp(directory));
    struct hx_native_options options = {.data_dir = directory};
    if (hx_host_open(&options, &opened, problem, sizeof(problem)) != HX_NATIVE_OK) fail_msg("%s", problem);
    opened.host->log.level = HX_LOG_ERROR;
    (void)signal(SIGPIPE, SIG_IGN);
    script = fn;
    script_peer = peer;
    struct hx_event event = {.kind = HX_EVENT_TICK};
    struct hx_loop *loop = &opened.host->loop;
    assert_true(hx_task_start(opened.host, &event, on_done, NULL));
    hx_loop_run(loop);
    hx_host_close(&opened);
    struct hx_rig rig;
    (void)snprintf(rig.directory, sizeof(rig.directory), "%s", directory);
    hx_rig_remove(&rig);
}

static struct hx_http_call call_of(const struct peer *peer, enum hx_http_method method) {
    return (struct hx_http_call){
        .origin = hx_str_from_c(peer->origin),
        .method = method,
        .target = HX_STR("/fapi/v1/order"),
        .body = method == HX_HTTP_METHOD_POST ? HX_STR("symbol=BTCUSDT") : HX_STR_EMPTY,
        .timeout_ms = PATIENCE_MS,
        .response_len_max = 4096,
    };
}

static hx_err order(struct hx_req *req, const struct peer *peer, struct hx_http_answer *answer) {
    struct hx_http_call call = call_of(peer, HX_HTTP_METHOD_POST);
    return hx_port_http_send(req, &call, answer);
}

static void assert_err(hx_err err, hx_err expected) {
    if (err.code != expected.code) fail_msg("expected %s, got %s", hx_err_name(expected), hx_err_name(err));
}

/* A server reads an order in full on a reused connection and closes without a reply: it has seen it once, and the
 * outcome is unknown. (libcurl's own transfers would send it again.) */
static void swallowed_orders(struct hx_req *req, struct peer *peer) {
    struct hx_http_answer answer;
    for (uint32_t i = 0; i < 5; i++) {
        assert_true(hx_ok(hx_port_http_prepare(req, hx_str_from_c(peer->origin), PATIENCE_MS)));
        assert_true(hx_ok(order(req, peer, &answer)));
        assert_true(hx_str_equal(answer.body, HX_STR("ok")));
        assert_int_equal(peer->counts->connections, i + 1);
        assert_err(order(req, peer, &answer), HX_ERR(UNKNOWN_OUTCOME));
        assert_true(hx_ok(hx_port_sleep(req, hx_port_now(req) + 30)));
        assert_int_equal(peer->counts->orders, 2 * (i + 1));
    }
}

static void swallowed_order_is_sent_once(void **state) {
    (void)state;
    enum mode modes[] = {SWALLOWS, RESETS};
    for (int i = 0; i < 2; i++) {
        struct peer peer = peer_start(modes[i], NULL);
        run(swallowed_orders, &peer);
        peer_stop(&peer);
    }
}

/* Until the peer has counted so many, and our side had a moment to notice. */
static void wait_for(struct hx_req *req, const _Atomic uint32_t *counted, uint32_t wanted) {
    hx_time limit = hx_port_now(req) + PATIENCE_MS;
    while (*counted < wanted && hx_port_now(req) < limit) {
        assert_true(hx_ok(hx_port_sleep(req, hx_port_now(req) + 10)));
    }
    assert_true(hx_ok(hx_port_sleep(req, hx_port_now(req) + 10)));
    assert_int_equal(*counted, wanted);
}

/* A connection closed while idle is noticed before it is used: the order goes out on a new one, once. */
static void orders_after_idle_close(struct hx_req *req, struct peer *peer) {
    struct hx_http_answer answer;
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(hx_ok(order(req, peer, &answer)));
        assert_int_equal(peer->counts->orders, i + 1);
        wait_for(req, &peer->counts->ends, i + 1);
    }
    /* Reserved for this request, and then lost. */
    assert_true(hx_ok(hx_port_http_prepare(req, hx_str_from_c(peer->origin), PATIENCE_MS)));
    assert_true(hx_ok(order(req, peer, &answer)));
    assert_int_equal(peer->counts->orders, 5);
}

static void idle_close_is_noticed(void **state) {
    (void)state;
    struct peer peer = peer_start(CLOSES_IDLE, NULL);
    run(orders_after_idle_close, &peer);
    peer_stop(&peer);
}

static void orders_on_one_connection(struct hx_req *req, struct peer *peer) {
    struct hx_http_answer answer;
    for (uint32_t i = 0; i < 20; i++) {
        assert_true(hx_ok(order(req, peer, &answer)));
        assert_int_equal(answer.status, 200);
        assert_true(hx_str_equal(answer.headers[0].value, HX_STR("1")));
    }
    assert_int_equal(peer->counts->connections, 1);
    assert_int_equal(peer->counts->orders, 20);
    struct hx_http_call late = call_of(peer, HX_HTTP_METHOD_POST);
    late.send_by_ms = hx_port_now(req) - 1;
    assert_err(hx_port_http_send(req, &late, &answer), HX_ERR(BUSY_NOT_SENT));
    struct hx_http_call bad = call_of(peer, HX_HTTP_METHOD_POST);
    const struct hx_http_header smuggled[] = {{HX_STR("X"), HX_STR("a\r\nHost: b")}};
    bad.headers = smuggled;
    bad.header_count = 1;
    assert_true(hx_err_is(hx_port_http_send(req, &bad, &answer), HX_CLASS_REJECT));
    assert_int_equal(peer->counts->orders, 20);
}

static void kept_alive(void **state) {
    (void)state;
    struct peer peer = peer_start(ANSWERS, NULL);
    run(orders_on_one_connection, &peer);
    peer_stop(&peer);
}

static hx_err expected_err;

static void one_order(struct hx_req *req, struct peer *peer) {
    struct hx_http_answer answer;
    assert_err(order(req, peer, &answer), expected_err);
    assert_int_equal(peer->counts->orders, 1);
}

/* Nothing is known when the time is over and the order was on its way. A client that is held up may say, before that,
 * that it did not send: then it is asked again. */
static void one_order_in_little_time(struct hx_req *req, struct peer *peer) {
    struct hx_http_answer answer;
    struct hx_http_call call = call_of(peer, HX_HTTP_METHOD_POST);
    call.timeout_ms = 200;
    hx_err err = HX_ERR(BUSY_NOT_SENT);
    for (int tries = 0; tries < 5 && hx_err_equal(err, HX_ERR(BUSY_NOT_SENT)); tries++) {
        assert_true(hx_ok(hx_port_http_prepare(req, hx_str_from_c(peer->origin), PATIENCE_MS)));
        err = hx_port_http_send(req, &call, &answer);
    }
    assert_err(err, HX_ERR(UNKNOWN_TIMEOUT));
    wait_for(req, &peer->counts->orders, 1);
}

static void answers_that_prove_nothing(void **state) {
    (void)state;
    const struct {
        enum mode mode;
        hx_err err;
    } table[] = {
        {SAYS_HALF, HX_ERR(UNKNOWN_OUTCOME)},
        {SAYS_NONSENSE, HX_ERR(UNKNOWN_OUTCOME)},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct peer peer = peer_start(table[i].mode, NULL);
        expected_err = table[i].err;
        run(one_order, &peer);
        peer_stop(&peer);
    }
    struct peer silent = peer_start(SAYS_NOTHING, NULL);
    run(one_order_in_little_time, &silent);
    peer_stop(&silent);
}

static void two_orders(struct hx_req *req, struct peer *peer) {
    struct hx_http_answer answer;
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(hx_ok(order(req, peer, &answer)));
        assert_true(hx_str_equal(answer.body, HX_STR("ok")));
    }
    assert_int_equal(peer->counts->orders, 2);
}

static void other_ways_to_answer(void **state) {
    (void)state;
    enum mode modes[] = {SAYS_MORE, ENDS_BY_CLOSE, IN_CHUNKS};
    uint32_t connections[] = {2, 2, 1};
    for (int i = 0; i < 3; i++) {
        struct peer peer = peer_start(modes[i], NULL);
        run(two_orders, &peer);
        /* A connection on which the peer said too much, or the last word, carries nothing more. */
        assert_true(peer.counts->connections >= connections[i]);
        if (modes[i] == IN_CHUNKS) assert_int_equal(peer.counts->connections, 1);
        peer_stop(&peer);
    }
}

static void large_order(struct hx_req *req, struct peer *peer) {
    struct hx_http_answer answer;
    static char body[60000];
    memset(body, 'b', sizeof(body));
    struct hx_http_call call = call_of(peer, HX_HTTP_METHOD_POST);
    call.body = hx_str_make(body, sizeof(body));
    assert_true(hx_ok(hx_port_http_send(req, &call, &answer)));
    assert_int_equal(peer->counts->orders, 1);
    assert_true(answer.status == 200 || answer.status == 413);
}

static void large_requests(void **state) {
    (void)state;
    enum mode modes[] = {ANSWERS, REFUSES_EARLY};
    for (int i = 0; i < 2; i++) {
        struct peer peer = peer_start(modes[i], NULL);
        run(large_order, &peer);
        assert_int_equal(peer.counts->orders, 1);
        peer_stop(&peer);
    }
}

static void nobody_there(struct hx_req *req, struct peer *peer) {
    struct hx_http_answer answer;
    const char *origins[] = {"http://127.0.0.1:1", "https://127.0.0.1:1", "http://[::1]:1", "https://no-such.invalid"};
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(peer->origin, sizeof(peer->origin), "%s", origins[i]);
        assert_err(hx_port_http_prepare(req, hx_str_from_c(peer->origin), PATIENCE_MS), HX_ERR(BUSY_NOT_SENT));
        assert_err(order(req, peer, &answer), HX_ERR(BUSY_NOT_SENT));
    }
    assert_true(hx_err_is(hx_port_http_prepare(req, HX_STR("ftp://x"), 1000), HX_CLASS_BROKEN));
}

static void no_connection(void **state) {
    (void)state;
    struct peer peer = {.pid = 0};
    run(nobody_there, &peer);
}

/* The same promises through curl and TLS. */
static void over_tls(void **state) {
    (void)state;
    struct hx_rig_certificate pair;
    hx_rig_certify(&pair, "127.0.0.1");
    assert_int_equal(setenv("HOOX_CA_FILE", pair.cert_path, 1), 0);
    const struct {
        enum mode mode;
        void (*fn)(struct hx_req *req, struct peer *peer);
    } table[] = {{ANSWERS, orders_on_one_connection},
                 {SWALLOWS, swallowed_orders},
                 {CLOSES_IDLE, orders_after_idle_close},
                 {IN_CHUNKS, two_orders},
                 {ANSWERS, large_order}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct peer peer = peer_start(table[i].mode, &pair);
        run(table[i].fn, &peer);
        peer_stop(&peer);
    }
    assert_int_equal(unsetenv("HOOX_CA_FILE"), 0);
    hx_rig_uncertify(&pair);
}

static void untrusted(struct hx_req *req, struct peer *peer) {
    struct hx_http_answer answer;
    assert_err(order(req, peer, &answer), HX_ERR(BUSY_NOT_SENT));
    assert_int_equal(peer->counts->orders, 0);
}

/* A certificate nobody vouches for, and one for another host, get no order. */
static void certificates_are_verified(void **state) {
    (void)state;
    struct hx_rig_certificate pair;
    hx_rig_certify(&pair, "127.0.0.1");
    struct peer peer = peer_start(ANSWERS, &pair);
    run(untrusted, &peer);
    peer_stop(&peer);
    hx_rig_uncertify(&pair);
    hx_rig_certify(&pair, "127.0.0.2");
    assert_int_equal(setenv("HOOX_CA_FILE", pair.cert_path, 1), 0);
    peer = peer_start(ANSWERS, &pair);
    run(untrusted, &peer);
    peer_stop(&peer);
    assert_int_equal(unsetenv("HOOX_CA_FILE"), 0);
    hx_rig_uncertify(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swallowed_order_is_sent_once),
        cmocka_unit_test(idle_close_is_noticed),
        cmocka_unit_test(kept_alive),
        cmocka_unit_test(answers_that_prove_nothing),
        cmocka_unit_test(other_ways_to_answer),
        cmocka_unit_test(large_requests),
        cmocka_unit_test(no_connection),
        cmocka_unit_test(over_tls),
        cmocka_unit_test(certificates_are_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
