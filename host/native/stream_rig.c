#define _GNU_SOURCE

#include "host/native/stream_rig.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/http/ws.h"
#include "host/native/open.h"
#include "host/native/stream_conn.h"

#define PATIENCE_MS 20000

/* The peer's side. */

static ssize_t take(int fd, SSL *tls, char *out, size_t size) {
    return tls != NULL ? SSL_read(tls, out, (int)size) : recv(fd, out, size, 0);
}

static void give(int fd, SSL *tls, const char *data, size_t len) {
    for (size_t done = 0; done < len;) {
        ssize_t sent = tls != NULL ? SSL_write(tls, data + done, (int)(len - done))
                                   : send(fd, data + done, len - done, MSG_NOSIGNAL);
        if (sent <= 0) _exit(0);
        done += (size_t)sent;
    }
}

static void give_frame(int fd, SSL *tls, enum hx_ws_opcode opcode, bool final, const uint8_t *mask, hx_str payload) {
    static char memory[70000];
    struct hx_buf buf;
    hx_buf_init(&buf, memory, sizeof(memory));
    hx_assert(hx_ok(hx_ws_encode(&buf, opcode, final, mask, payload)));
    give(fd, tls, memory, buf.len);
}

static bool upgrade(int fd, SSL *tls, enum hx_stream_rig_mode mode, struct hx_stream_rig_counts *counts) {
    static char text[16384], storage[65536];
    struct hx_http_parser parser;
    struct hx_http_limits limits = HX_HTTP_LIMITS_SERVER;
    limits.body_len_max = 1024;
    hx_assert(hx_ok(hx_http_request_parser_init(&parser, storage, sizeof(storage), limits)));
    enum hx_http_progress progress = HX_HTTP_NEED_MORE;
    while (progress == HX_HTTP_NEED_MORE) {
        size_t consumed = 0;
        ssize_t got = take(fd, tls, text, sizeof(text));
        if (got <= 0) return false;
        progress = hx_http_parser_feed(&parser, text, (size_t)got, &consumed);
    }
    hx_str key;
    hx_assert(progress == HX_HTTP_DONE && hx_ws_check_request(&parser.message, &key) == NULL);
    hx_assert(hx_str_equal(parser.message.target, HX_STR("/private/ws/ticket?a=b")));
    counts->upgrades++;
    if (mode == HX_STREAM_RIG_NEVER_ANSWERS) (void)pause();
    char accept[HX_STREAM_ACCEPT_LEN];
    struct hx_http_header headers[HX_WS_RESPONSE_HEADERS];
    struct hx_buf buf;
    hx_stream_make_accept(key, accept);
    if (mode == HX_STREAM_RIG_WRONG_ACCEPT) accept[0] = accept[0] == 'A' ? 'B' : 'A';
    hx_ws_fill_response(headers, hx_str_make(accept, sizeof(accept)));
    hx_buf_init(&buf, text, sizeof(text));
    if (mode == HX_STREAM_RIG_REFUSES) {
        hx_assert(hx_ok(hx_http_encode_response(&buf, 403, NULL, 0, HX_STR("no"), false)));
    } else {
        hx_assert(hx_ok(hx_http_encode_response_head(&buf, 101, headers, HX_WS_RESPONSE_HEADERS, 0, true)));
    }
    /* With the first frame in the same bytes where it can be. */
    if (mode == HX_STREAM_RIG_SAYS_AND_CUTS)
        hx_assert(hx_ok(hx_ws_encode(&buf, HX_WS_TEXT, true, NULL, HX_STR("last words"))));
    give(fd, tls, text, buf.len);
    return mode != HX_STREAM_RIG_REFUSES;
}

static void give_fragments(int fd, SSL *tls) {
    static char memory[200];
    struct hx_buf buf;
    hx_buf_init(&buf, memory, sizeof(memory));
    hx_assert(hx_ok(hx_ws_encode(&buf, HX_WS_TEXT, false, NULL, HX_STR("in "))));
    hx_assert(hx_ok(hx_ws_encode(&buf, HX_WS_CONTINUATION, false, NULL, HX_STR("three "))));
    hx_assert(hx_ok(hx_ws_encode(&buf, HX_WS_PING, true, NULL, HX_STR("between"))));
    hx_assert(hx_ok(hx_ws_encode(&buf, HX_WS_CONTINUATION, true, NULL, HX_STR("parts"))));
    for (size_t i = 0; i < buf.len; i++) {
        give(fd, tls, memory + i, 1);
        (void)usleep(500);
    }
}

static void begin(int fd, SSL *tls, enum hx_stream_rig_mode mode, struct hx_stream_rig_counts *counts) {
    static const uint8_t mask[] = {1, 2, 3, 4};
    struct hx_buf buf;
    char text[64];
    switch (mode) {
        case HX_STREAM_RIG_PINGS:
            give_frame(fd, tls, HX_WS_PING, true, NULL, HX_STR("are you there"));
            break;
        case HX_STREAM_RIG_FRAGMENTS:
            give_fragments(fd, tls);
            break;
        case HX_STREAM_RIG_SAYS_AND_CUTS:
            /* Closing with unread bytes would be a reset, which may take the last words with it. */
            (void)shutdown(fd, SHUT_WR);
            while (take(fd, tls, text, sizeof(text)) > 0) continue;
            _exit(0);
        case HX_STREAM_RIG_SAYS_AND_CLOSES:
            give_frame(fd, tls, HX_WS_TEXT, true, NULL, HX_STR("last words"));
            hx_buf_init(&buf, text, sizeof(text));
            hx_assert(hx_ok(hx_ws_encode_close(&buf, NULL, HX_WS_CODE_GOING_AWAY, HX_STR("bye"))));
            give(fd, tls, text, buf.len);
            break;
        case HX_STREAM_RIG_MASKS:
            give_frame(fd, tls, HX_WS_TEXT, true, mask, HX_STR("x"));
            break;
        case HX_STREAM_RIG_BINARY:
            give_frame(fd, tls, HX_WS_BINARY, true, NULL, HX_STR("x"));
            break;
        case HX_STREAM_RIG_FLOODS:
            for (int i = 0; i < 5000; i++) give_frame(fd, tls, HX_WS_TEXT, true, NULL, HX_STR("much"));
            counts->floods++;
            break;
        default:
            break;
    }
}

static void on_frame(int fd, SSL *tls, enum hx_stream_rig_mode mode, const struct hx_ws_message *message,
                     struct hx_stream_rig_counts *counts) {
    switch (message->opcode) {
        case HX_WS_TEXT:
            counts->texts++;
            if (mode == HX_STREAM_RIG_SWALLOWS && counts->texts % 2 == 0) _exit(0);
            if (mode == HX_STREAM_RIG_ECHOES || mode == HX_STREAM_RIG_SWALLOWS)
                give_frame(fd, tls, HX_WS_TEXT, true, NULL, message->payload);
            break;
        case HX_WS_PING:
            counts->pings++;
            if (mode != HX_STREAM_RIG_SAYS_NOTHING) give_frame(fd, tls, HX_WS_PONG, true, NULL, message->payload);
            break;
        case HX_WS_PONG:
            if (mode == HX_STREAM_RIG_PINGS) give_frame(fd, tls, HX_WS_TEXT, true, NULL, message->payload);
            break;
        case HX_WS_CLOSE:
            counts->close_code = message->close_code;
            counts->closes++;
            break;
        default:
            break;
    }
}

static void serve(int fd, SSL *tls, enum hx_stream_rig_mode mode, struct hx_stream_rig_counts *counts) {
    static char bytes[65536], memory[65536];
    struct hx_ws_reader reader;
    if (!upgrade(fd, tls, mode, counts)) return;
    begin(fd, tls, mode, counts);
    hx_ws_reader_init(&reader, true, memory, sizeof(memory));
    for (;;) {
        ssize_t got = take(fd, tls, bytes, sizeof(bytes));
        if (got <= 0) return;
        for (size_t at = 0; at < (size_t)got;) {
            size_t consumed = 0;
            enum hx_ws_progress progress = hx_ws_reader_feed(&reader, bytes + at, (size_t)got - at, &consumed);
            at += consumed;
            if (progress == HX_WS_MESSAGE) on_frame(fd, tls, mode, &reader.message, counts);
            if (progress == HX_WS_REFUSED) {
                counts->unmasked++;
                return;
            }
        }
    }
}

static void peer_main(int listening, enum hx_stream_rig_mode mode, const struct hx_rig_certificate *pair,
                      struct hx_stream_rig_counts *counts) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGCHLD, SIG_IGN);
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

struct hx_stream_rig_peer hx_stream_rig_start(enum hx_stream_rig_mode mode, const struct hx_rig_certificate *pair) {
    struct hx_stream_rig_peer peer;
    char problem[128];
    int fd = hx_conn_listen(HX_STR("127.0.0.1:0"), problem, sizeof(problem));
    hx_assert(fd >= 0);
    (void)fcntl(fd, F_SETFL, 0);
    (void)snprintf(peer.origin, sizeof(peer.origin), "%s://127.0.0.1:%u", pair == NULL ? "http" : "https",
                   (unsigned)hx_conn_port(fd));
    peer.counts = mmap(NULL, sizeof(*peer.counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    hx_assert(peer.counts != MAP_FAILED);
    peer.pid = fork();
    hx_assert(peer.pid >= 0);
    if (peer.pid == 0) peer_main(fd, mode, pair, peer.counts);
    (void)close(fd);
    return peer;
}

void hx_stream_rig_stop(struct hx_stream_rig_peer *peer) {
    hx_assert(kill(peer->pid, SIGKILL) == 0);
    hx_assert(waitpid(peer->pid, NULL, 0) == peer->pid);
    (void)munmap(peer->counts, sizeof(*peer->counts));
}

void hx_stream_rig_wait(const _Atomic uint32_t *counted, uint32_t wanted) {
    for (int64_t from_ms = hx_rig_now_ms(); *counted < wanted && hx_rig_now_ms() - from_ms < PATIENCE_MS;) {
        (void)usleep(5000);
    }
}

/* The host. */

static struct hx_opened opened;
static char directory[64];

struct hx_host *hx_stream_rig_open(const char *ca_file) {
    char problem[256] = "";
    (void)snprintf(directory, sizeof(directory), "/tmp/hoox-stream-XXXXXX");
    hx_assert(mkdtemp(directory) != NULL);
    struct hx_native_options options = {.data_dir = directory};
    hx_assert(hx_host_open(&options, &opened, problem, sizeof(problem)) == HX_NATIVE_OK);
    struct hx_host *host = opened.host;
    host->log.level = getenv("STREAM_LOG") != NULL ? HX_LOG_DEBUG : HX_LOG_ERROR;
    (void)signal(SIGPIPE, SIG_IGN);
    if (ca_file != NULL) {
        hx_assert(hx_settings_put(&host->settings, host->secrets, HX_STR("HOOX_CA_FILE"), hx_str_from_c(ca_file)));
    }
    return host;
}

void hx_stream_rig_close(void) {
    struct hx_rig rig;
    hx_host_close(&opened);
    (void)snprintf(rig.directory, sizeof(rig.directory), "%s", directory);
    hx_rig_remove(&rig);
}

static void on_limit(struct hx_timer *timer) {
    struct hx_loop *loop = timer->owner;
    loop->stop = true;
}

void hx_stream_rig_run(int64_t limit_ms) {
    struct hx_loop *loop = &opened.host->loop;
    struct hx_timer limit = {.fn = on_limit, .owner = loop};
    hx_loop_set_timer(loop, &limit, limit_ms * 1000);
    loop->stop = false;
    hx_loop_run(loop);
    hx_timer_unset(&loop->timers, &limit);
}
