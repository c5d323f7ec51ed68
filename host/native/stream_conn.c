#define _GNU_SOURCE

#include "host/native/stream_conn.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/http/ws.h"
#include "host/native/link.h"

#define READ_LEN_MAX ((size_t)64 * 1024)
#define READS_PER_TURN 16 /* Then the loop sees to others first. */
#define OUT_LEN_MAX ((size_t)256 * 1024)
#define HEAD_LEN_MAX ((size_t)8 * 1024)
#define WHY_LEN_MAX 200

enum state { CONNECTING, UPGRADING, OPEN, ENDED };

/* Bytes on their way out. They stay where they are: TLS wants what it could not take once more from the same place. */
struct frame {
    struct frame *next;
    size_t len, done;
    char data[];
};

struct hx_stream_conn {
    struct hx_host *host;
    struct hx_stream_conn_options options;
    enum state state;
    struct hx_link *link;
    struct hx_timer timer; /* Of opening; then of ping, silence and life, whichever is next. */
    struct hx_timer more;  /* Reading goes on. */
    struct hx_ready end;   /* Tells the owner. */
    int64_t opened_us, heard_us, pinged_us, life_us;
    char key[HX_STREAM_KEY_LEN];
    void *storage; /* The parser's, while upgrading; then the reader's. */
    struct hx_http_parser parser;
    struct hx_ws_reader reader;
    struct frame *out_first, *out_last; /* Not handed over yet, or not in full. */
    size_t out_len;
    char why[WHY_LEN_MAX];
    char text[]; /* Origin and target. */
};

static char read_memory[READ_LEN_MAX]; /* One thread, used within one call. */

void hx_stream_make_key(struct hx_host *host, char out[HX_STREAM_KEY_LEN]) {
    uint8_t bytes[16];
    unsigned char text[HX_STREAM_KEY_LEN + 1];
    hx_host_random_bytes(host, bytes, sizeof(bytes));
    hx_assert(EVP_EncodeBlock(text, bytes, (int)sizeof(bytes)) == HX_STREAM_KEY_LEN);
    memcpy(out, text, HX_STREAM_KEY_LEN);
}

void hx_stream_make_accept(hx_str key, char out[HX_STREAM_ACCEPT_LEN]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_len = 0;
    unsigned char text[HX_STREAM_ACCEPT_LEN + 1];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1 &&
              EVP_DigestUpdate(ctx, key.data, key.len) == 1 &&
              EVP_DigestUpdate(ctx, HX_WS_GUID, sizeof(HX_WS_GUID) - 1) == 1 &&
              EVP_DigestFinal_ex(ctx, digest, &digest_len) == 1;
    EVP_MD_CTX_free(ctx);
    hx_assert(ok && EVP_EncodeBlock(text, digest, (int)digest_len) == HX_STREAM_ACCEPT_LEN);
    memcpy(out, text, HX_STREAM_ACCEPT_LEN);
}

/* Whatever ends it: the socket goes at once, the owner hears of it from the loop. */
static void end(struct hx_stream_conn *conn, const char *why) {
    if (conn->state == ENDED) return;
    conn->state = ENDED;
    (void)snprintf(conn->why, sizeof(conn->why), "%s", why);
    hx_timer_unset(&conn->host->loop.timers, &conn->timer);
    hx_timer_unset(&conn->host->loop.timers, &conn->more);
    if (conn->link != NULL) hx_link_close(conn->link);
    conn->link = NULL;
    hx_loop_make_ready(&conn->host->loop, &conn->end);
}

static void on_end(struct hx_ready *ready) {
    struct hx_stream_conn *conn = ready->owner;
    conn->options.on_end(conn->options.arg, conn->why);
}

static struct frame *frame_make(size_t room) {
    struct frame *frame = malloc(sizeof(*frame) + room);
    hx_assert(frame != NULL);
    frame->next = NULL;
    frame->len = frame->done = 0;
    return frame;
}

static void flush(struct hx_stream_conn *conn) {
    while (conn->state != ENDED && conn->out_first != NULL) {
        struct frame *frame = conn->out_first;
        ssize_t sent = hx_link_send(conn->link, frame->data + frame->done, frame->len - frame->done);
        if (sent == HX_LINK_AGAIN) return;
        if (sent < 0) {
            end(conn, "the connection broke");
            return;
        }
        frame->done += (size_t)sent;
        conn->out_len -= (size_t)sent;
        if (frame->done < frame->len) continue;
        conn->out_first = frame->next;
        if (conn->out_first == NULL) conn->out_last = NULL;
        free(frame);
    }
}

static void append(struct hx_stream_conn *conn, struct frame *frame) {
    if (conn->out_last != NULL) conn->out_last->next = frame;
    else conn->out_first = frame;
    conn->out_last = frame;
    conn->out_len += frame->len - frame->done;
}

/* Text, pong, ping; or a close, with a code. NULL: it can't be said. */
static struct frame *encode(struct hx_stream_conn *conn, enum hx_ws_opcode opcode, uint32_t code, hx_str payload) {
    uint8_t mask[HX_WS_MASK_LEN];
    struct hx_buf buf;
    size_t room = payload.len + HX_WS_HEAD_LEN_MAX + 2;
    struct frame *frame = frame_make(room);
    hx_host_random_bytes(conn->host, mask, sizeof(mask));
    hx_buf_init(&buf, frame->data, room);
    hx_err err = opcode == HX_WS_CLOSE ? hx_ws_encode_close(&buf, mask, code, payload)
                                       : hx_ws_encode(&buf, opcode, true, mask, payload);
    frame->len = buf.len;
    if (hx_ok(err)) return frame;
    free(frame);
    return NULL;
}

static bool send_frame(struct hx_stream_conn *conn, enum hx_ws_opcode opcode, uint32_t code, hx_str payload) {
    struct frame *frame = conn->out_len + payload.len > OUT_LEN_MAX ? NULL : encode(conn, opcode, code, payload);
    if (frame == NULL) {
        end(conn, "what is to be said is no text, or the peer does not take what was said before");
        return false;
    }
    append(conn, frame);
    flush(conn);
    return conn->state != ENDED;
}

static void refuse(struct hx_stream_conn *conn, uint32_t code, const char *why) {
    (void)send_frame(conn, HX_WS_CLOSE, code, HX_STR_EMPTY);
    end(conn, why);
}

static void take_message(struct hx_stream_conn *conn) {
    const struct hx_ws_message *message = &conn->reader.message;
    char why[WHY_LEN_MAX];
    switch (message->opcode) {
        case HX_WS_TEXT:
            conn->options.on_text(conn->options.arg, message->payload);
            break;
        case HX_WS_PING:
            (void)send_frame(conn, HX_WS_PONG, 0, message->payload);
            break;
        case HX_WS_CLOSE:
            (void)snprintf(why, sizeof(why), "closed by the peer with %u %.*s", message->close_code,
                           (int)message->payload.len, message->payload.data);
            refuse(conn, message->close_code, why);
            break;
        case HX_WS_BINARY:
            refuse(conn, HX_WS_CODE_POLICY, "a binary message, of which none is understood");
            break;
        case HX_WS_PONG:
        case HX_WS_CONTINUATION:
            break;
    }
}

static void take_frames(struct hx_stream_conn *conn, const char *data, size_t len) {
    size_t at = 0;
    while (conn->state == OPEN && at < len) {
        size_t consumed = 0;
        enum hx_ws_progress progress = hx_ws_reader_feed(&conn->reader, data + at, len - at, &consumed);
        at += consumed;
        if (progress == HX_WS_MESSAGE) take_message(conn);
        if (progress == HX_WS_REFUSED) refuse(conn, conn->reader.refusal_code, conn->reader.refusal);
    }
}

static void schedule(struct hx_stream_conn *conn) {
    const struct hx_stream_conn_options *options = &conn->options;
    int64_t at = INT64_MAX;
    int64_t ping = conn->pinged_us + options->ping_ms * 1000;
    int64_t silence = conn->heard_us + options->silence_ms_max * 1000;
    if (options->ping_ms > 0) at = ping;
    if (options->silence_ms_max > 0 && silence < at) at = silence;
    if (options->life_ms_max > 0 && conn->opened_us + conn->life_us < at) at = conn->opened_us + conn->life_us;
    if (at < INT64_MAX) hx_timer_set(&conn->host->loop.timers, &conn->timer, at);
}

static void on_timer(struct hx_timer *timer) {
    struct hx_stream_conn *conn = timer->owner;
    const struct hx_stream_conn_options *options = &conn->options;
    int64_t now = hx_loop_now_us();
    if (conn->state != OPEN) {
        end(conn, conn->state == CONNECTING ? "it can't be connected to in time" : "the upgrade is not answered");
        return;
    }
    if (options->silence_ms_max > 0 && now - conn->heard_us >= options->silence_ms_max * 1000) {
        end(conn, "nothing came for too long");
    } else if (options->life_ms_max > 0 && now - conn->opened_us >= conn->life_us) {
        refuse(conn, HX_WS_CODE_NORMAL, "old enough to be replaced");
    } else if (options->ping_ms > 0 && now - conn->pinged_us >= options->ping_ms * 1000) {
        conn->pinged_us = now;
        (void)send_frame(conn, HX_WS_PING, 0, HX_STR_EMPTY);
    }
    if (conn->state == OPEN) schedule(conn);
}

static void become_open(struct hx_stream_conn *conn) {
    uint32_t chance = 0;
    hx_host_random_bytes(conn->host, &chance, sizeof(chance));
    free(conn->storage);
    conn->storage = malloc(conn->options.message_len_max);
    hx_assert(conn->storage != NULL);
    hx_ws_reader_init(&conn->reader, false, conn->storage, conn->options.message_len_max);
    conn->state = OPEN;
    conn->opened_us = conn->heard_us = conn->pinged_us = hx_loop_now_us();
    /* Not all at one moment: a tenth of its life, by chance, is given up. */
    conn->life_us = conn->options.life_ms_max * (1000 - (int64_t)(chance % 101));
    schedule(conn);
    conn->options.on_open(conn->options.arg);
}

/* The answer to the upgrade; what follows it in the same bytes are frames. */
static void take_answer(struct hx_stream_conn *conn, const char *data, size_t len) {
    size_t consumed = 0;
    char accept[HX_STREAM_ACCEPT_LEN];
    char why[WHY_LEN_MAX];
    switch (hx_http_parser_feed(&conn->parser, data, len, &consumed)) {
        case HX_HTTP_NEED_MORE:
            return;
        case HX_HTTP_REFUSED:
            end(conn, hx_http_refusal_text(conn->parser.refusal));
            return;
        case HX_HTTP_DONE:
            break;
    }
    hx_stream_make_accept(hx_str_make(conn->key, sizeof(conn->key)), accept);
    const char *problem = hx_ws_check_response(&conn->parser.message, hx_str_make(accept, sizeof(accept)));
    if (problem != NULL) {
        (void)snprintf(why, sizeof(why), "%s (HTTP %u)", problem, conn->parser.message.status);
        end(conn, why);
        return;
    }
    become_open(conn);
    take_frames(conn, data + consumed, len - consumed);
}

static void read_on(struct hx_stream_conn *conn) {
    for (int turn = 0; conn->state == UPGRADING || conn->state == OPEN; turn++) {
        if (turn == READS_PER_TURN) {
            hx_loop_set_timer(&conn->host->loop, &conn->more, 0);
            return;
        }
        ssize_t got = hx_link_recv(conn->link, read_memory, sizeof(read_memory));
        if (got == HX_LINK_AGAIN) return;
        if (got <= 0) {
            end(conn, got == 0 ? "the peer closed the connection" : "the connection broke");
            return;
        }
        conn->heard_us = hx_loop_now_us();
        if (conn->state == UPGRADING) {
            take_answer(conn, read_memory, (size_t)got);
        } else {
            take_frames(conn, read_memory, (size_t)got);
        }
    }
}

static void on_more(struct hx_timer *timer) {
    read_on(timer->owner);
}

static void on_event(struct hx_link *link, uint32_t events) {
    struct hx_stream_conn *conn = link->owner_arg;
    if ((events & EPOLLOUT) != 0) flush(conn);
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) read_on(conn);
}

static hx_err begin_upgrade(struct hx_stream_conn *conn) {
    struct hx_http_header headers[HX_WS_REQUEST_HEADERS];
    struct hx_http_limits limits = HX_HTTP_LIMITS_CLIENT;
    struct hx_buf buf;
    size_t room = conn->options.target.len + conn->options.origin.len + HEAD_LEN_MAX;
    limits.body_len_max = HEAD_LEN_MAX; /* Of a refusal; nobody reads it. */
    size_t size = hx_http_storage_size(limits);
    conn->storage = malloc(size);
    hx_assert(conn->storage != NULL);
    HX_TRY(hx_http_response_parser_init(&conn->parser, conn->storage, size, limits, false));
    hx_stream_make_key(conn->host, conn->key);
    hx_ws_fill_request(headers, hx_str_make(conn->key, sizeof(conn->key)));
    struct frame *frame = frame_make(room);
    hx_buf_init(&buf, frame->data, room);
    hx_err err = hx_http_encode_request(&buf, HX_STR("GET"), conn->link->origin->url.authority, conn->options.target,
                                        headers, HX_WS_REQUEST_HEADERS, HX_STR_EMPTY);
    frame->len = buf.len;
    if (hx_ok(err)) append(conn, frame);
    else free(frame);
    return err;
}

static void on_connected(struct hx_link *link, bool ok) {
    struct hx_stream_conn *conn = link->owner_arg;
    if (!ok) {
        end(conn, "it can't be connected to");
        return;
    }
    conn->state = UPGRADING;
    if (hx_failed(begin_upgrade(conn))) {
        end(conn, "the upgrade can't be asked for: its target is malformed");
        return;
    }
    flush(conn);
    /* TLS may hold the first bytes already. */
    if (conn->state != ENDED) read_on(conn);
}

struct hx_stream_conn *hx_stream_conn_open(struct hx_host *host, const struct hx_stream_conn_options *options) {
    static const struct hx_link_owner owner = {on_connected, on_event};
    struct hx_stream_conn *conn = calloc(1, sizeof(*conn) + options->origin.len + options->target.len);
    hx_assert(conn != NULL && options->target.len <= OUT_LEN_MAX / 2);
    conn->host = host;
    conn->options = *options;
    memcpy(conn->text, options->origin.data, options->origin.len);
    memcpy(conn->text + options->origin.len, options->target.data, options->target.len);
    conn->options.origin = hx_str_make(conn->text, options->origin.len);
    conn->options.target = hx_str_make(conn->text + options->origin.len, options->target.len);
    conn->timer = (struct hx_timer){.fn = on_timer, .owner = conn};
    conn->more = (struct hx_timer){.fn = on_more, .owner = conn};
    conn->end = (struct hx_ready){.fn = on_end, .owner = conn};
    conn->link = hx_link_open_own(host, conn->options.origin, &owner, conn);
    if (conn->link == NULL) {
        free(conn);
        return NULL;
    }
    hx_loop_set_timer(&host->loop, &conn->timer, options->open_ms_max * 1000);
    return conn;
}

bool hx_stream_conn_say(struct hx_stream_conn *conn, hx_str text) {
    return conn->state == OPEN && send_frame(conn, HX_WS_TEXT, 0, text);
}

bool hx_stream_conn_ask(struct hx_stream_conn *conn, hx_str text, hx_time send_by_ms) {
    /* Behind what is still on its way out it would wait, and grow old. */
    if (conn->state != OPEN || conn->out_first != NULL) return false;
    struct frame *frame = encode(conn, HX_WS_TEXT, 0, text);
    bool is_tls = conn->link->easy != NULL;
    if (frame == NULL || (send_by_ms != 0 && hx_host_wall_ms() > send_by_ms)) {
        free(frame);
        return false;
    }
    ssize_t sent = hx_link_send(conn->link, frame->data, frame->len);
    if (sent <= 0 && !is_tls) {
        /* A socket that took nothing has handed over nothing. */
        free(frame);
        if (sent == HX_LINK_FAILED) end(conn, "the connection broke");
        return false;
    }
    /* TLS may have handed over part of a record without saying so: from here on nothing is provable. */
    if (sent > 0) frame->done = (size_t)sent;
    if (sent == HX_LINK_FAILED) {
        free(frame);
        end(conn, "the connection broke");
    } else if (frame->done < frame->len) {
        append(conn, frame);
        flush(conn);
    } else {
        free(frame);
    }
    return true;
}

bool hx_stream_conn_is_open(const struct hx_stream_conn *conn) {
    return conn->state == OPEN;
}

int64_t hx_stream_conn_age_ms(const struct hx_stream_conn *conn) {
    return conn->opened_us == 0 ? 0 : (hx_loop_now_us() - conn->opened_us) / 1000;
}

void hx_stream_conn_close(struct hx_stream_conn *conn) {
    struct hx_loop *loop = &conn->host->loop;
    if (conn->state == OPEN) refuse(conn, HX_WS_CODE_NORMAL, "closed");
    end(conn, "closed");
    hx_loop_unready(loop, &conn->end);
    while (conn->out_first != NULL) {
        struct frame *frame = conn->out_first;
        conn->out_first = frame->next;
        free(frame);
    }
    free(conn->storage);
    free(conn);
}
