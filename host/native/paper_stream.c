#define _GNU_SOURCE

#include "host/native/paper_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/http/ws.h"
#include "host/native/host.h"
#include "host/native/stream_conn.h"

#define MESSAGE_LEN_MAX ((size_t)64 * 1024)
#define OUT_LEN_MAX ((size_t)1024 * 1024)
#define NO_STREAM UINT32_MAX
#define CODE_ABNORMAL 1006 /* The laboratory's word for a connection that just ends. */

struct hx_paper_stream {
    struct hx_paper_streams *all;
    struct hx_paper_stream *next;
    struct hx_watch watch;
    uint32_t
        lab_stream; /* Of the laboratory's; NO_STREAM once it is gone there, for the number may be another's by then. */
    bool ended, closing; /* closing: once everything is out. */
    struct hx_ws_reader reader;
    char *memory;
    char *out;
    size_t out_len, out_done, out_size;
};

static char read_memory[64 * 1024]; /* One thread, used within one call. */

static void detach(struct hx_paper_stream *stream) {
    if (stream->lab_stream != NO_STREAM) hx_lab_stream_close(stream->all->lab, stream->lab_stream);
    stream->lab_stream = NO_STREAM;
}

static void end(struct hx_paper_stream *stream) {
    if (stream->ended) return;
    stream->ended = true;
    int fd = stream->watch.fd;
    hx_loop_unwatch(stream->all->loop, &stream->watch);
    (void)close(fd);
    detach(stream);
    hx_loop_make_ready(stream->all->loop, &stream->all->sweep);
}

static void flush(struct hx_paper_stream *stream) {
    while (!stream->ended && stream->out_done < stream->out_len) {
        ssize_t sent =
            send(stream->watch.fd, stream->out + stream->out_done, stream->out_len - stream->out_done, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (sent < 0) {
            end(stream);
            return;
        }
        stream->out_done += (size_t)sent;
    }
    stream->out_len = stream->out_done = 0;
    if (stream->closing) end(stream);
}

/* Room for so many bytes more; NULL, and the end, when the peer does not read what it is sent. */
static struct hx_buf *reserve(struct hx_paper_stream *stream, size_t len, struct hx_buf *buf) {
    if (len > OUT_LEN_MAX - stream->out_len) {
        end(stream);
        return NULL;
    }
    if (stream->out_len + len > stream->out_size) {
        stream->out_size = stream->out_len + len;
        stream->out = realloc(stream->out, stream->out_size);
        hx_assert(stream->out != NULL);
    }
    hx_buf_init(buf, stream->out + stream->out_len, len);
    return buf;
}

static void say(struct hx_paper_stream *stream, enum hx_ws_opcode opcode, uint32_t code, hx_str payload) {
    struct hx_buf buf;
    if (stream->ended || reserve(stream, payload.len + HX_WS_HEAD_LEN_MAX + 2, &buf) == NULL) return;
    hx_err err = opcode == HX_WS_CLOSE ? hx_ws_encode_close(&buf, NULL, code, payload)
                                       : hx_ws_encode(&buf, opcode, true, NULL, payload);
    hx_assert(hx_ok(err));
    stream->out_len += buf.len;
}

static void take_frame(struct hx_paper_stream *stream, const struct hx_lab_frame *frame) {
    switch (frame->kind) {
        case HX_LAB_FRAME_TEXT:
            say(stream, HX_WS_TEXT, 0, frame->text);
            break;
        case HX_LAB_FRAME_PING:
            say(stream, HX_WS_PING, 0, frame->text);
            break;
        case HX_LAB_FRAME_CLOSE:
            stream->lab_stream = NO_STREAM;
            if (frame->close_code == CODE_ABNORMAL) {
                end(stream);
            } else {
                say(stream, HX_WS_CLOSE, frame->close_code, frame->text);
                stream->closing = true;
            }
            break;
    }
}

static void pump(struct hx_paper_stream *stream, hx_time now) {
    struct hx_lab_frame frame;
    while (!stream->ended && stream->lab_stream != NO_STREAM &&
           hx_lab_stream_next(stream->all->lab, now, stream->lab_stream, &frame)) {
        take_frame(stream, &frame);
    }
    flush(stream);
}

void hx_paper_streams_pump(struct hx_paper_streams *streams) {
    hx_time now = hx_host_wall_ms();
    hx_time due = INT64_MAX;
    for (struct hx_paper_stream *stream = streams->list; stream != NULL; stream = stream->next) {
        pump(stream, now);
        if (stream->lab_stream == NO_STREAM) continue;
        hx_time next = hx_lab_stream_due(streams->lab, stream->lab_stream);
        if (next < due) due = next;
    }
    if (due == INT64_MAX) hx_timer_unset(&streams->loop->timers, &streams->due);
    else hx_loop_set_timer(streams->loop, &streams->due, (due - now) * 1000);
}

static void on_due(struct hx_timer *timer) {
    hx_paper_streams_pump(timer->owner);
}

/* True: go on. */
static bool take_message(struct hx_paper_stream *stream) {
    const struct hx_ws_message *message = &stream->reader.message;
    hx_time now = hx_host_wall_ms();
    switch (message->opcode) {
        case HX_WS_TEXT:
            hx_lab_stream_receive(stream->all->lab, now, stream->lab_stream, message->payload);
            return true;
        case HX_WS_PING:
            say(stream, HX_WS_PONG, 0, message->payload);
            return true;
        case HX_WS_PONG:
            hx_lab_stream_pong(stream->all->lab, now, stream->lab_stream, message->payload);
            return true;
        case HX_WS_CLOSE:
            say(stream, HX_WS_CLOSE, message->close_code, HX_STR_EMPTY);
            break;
        default:
            say(stream, HX_WS_CLOSE, HX_WS_CODE_POLICY, HX_STR_EMPTY);
            break;
    }
    detach(stream);
    stream->closing = true;
    return false;
}

static void take_bytes(struct hx_paper_stream *stream, const char *data, size_t len) {
    for (size_t at = 0; at < len && !stream->ended && !stream->closing;) {
        size_t consumed = 0;
        enum hx_ws_progress progress = hx_ws_reader_feed(&stream->reader, data + at, len - at, &consumed);
        at += consumed;
        if (progress == HX_WS_MESSAGE && !take_message(stream)) break;
        if (progress != HX_WS_REFUSED) continue;
        say(stream, HX_WS_CLOSE, stream->reader.refusal_code, HX_STR_EMPTY);
        detach(stream);
        stream->closing = true;
    }
}

static void on_event(struct hx_watch *watch, uint32_t events) {
    struct hx_paper_stream *stream = watch->owner;
    if ((events & EPOLLOUT) != 0) flush(stream);
    while (!stream->ended && !stream->closing) {
        ssize_t got = recv(watch->fd, read_memory, sizeof(read_memory), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (got <= 0) {
            end(stream);
            break;
        }
        take_bytes(stream, read_memory, (size_t)got);
    }
    hx_paper_streams_pump(stream->all);
}

static void on_sweep(struct hx_ready *ready) {
    struct hx_paper_streams *streams = ready->owner;
    struct hx_paper_stream **place = &streams->list;
    while (*place != NULL) {
        struct hx_paper_stream *stream = *place;
        if (!stream->ended) {
            place = &stream->next;
            continue;
        }
        *place = stream->next;
        free(stream->memory);
        free(stream->out);
        free(stream);
    }
}

void hx_paper_streams_init(struct hx_paper_streams *streams, struct hx_loop *loop, struct hx_lab *lab) {
    *streams = (struct hx_paper_streams){.loop = loop, .lab = lab};
    streams->due = (struct hx_timer){.fn = on_due, .owner = streams};
    streams->sweep = (struct hx_ready){.fn = on_sweep, .owner = streams};
}

static void refuse(struct hx_conn *conn, struct hx_message *message, uint32_t status) {
    hx_message_release(message);
    hx_conn_reply(conn, status, NULL, 0, HX_STR("{}"));
}

/* The connection becomes a stream's; the 101 is the first thing it says. */
static void begin(struct hx_paper_streams *streams, struct hx_conn *conn, hx_str key, uint32_t lab_stream) {
    struct hx_paper_stream *stream = calloc(1, sizeof(*stream));
    struct hx_http_header headers[HX_WS_RESPONSE_HEADERS];
    char accept[HX_STREAM_ACCEPT_LEN];
    char *left = NULL;
    size_t left_len = 0;
    struct hx_buf buf;
    hx_assert(stream != NULL);
    stream->memory = malloc(MESSAGE_LEN_MAX);
    hx_assert(stream->memory != NULL);
    stream->all = streams;
    stream->lab_stream = lab_stream;
    stream->watch = (struct hx_watch){-1, on_event, stream};
    hx_ws_reader_init(&stream->reader, true, stream->memory, MESSAGE_LEN_MAX);
    stream->next = streams->list;
    streams->list = stream;
    hx_stream_make_accept(key, accept);
    hx_ws_fill_response(headers, hx_str_make(accept, sizeof(accept)));
    hx_assert(reserve(stream, 1024, &buf) != NULL);
    hx_err err = hx_http_encode_response_head(&buf, 101, headers, HX_WS_RESPONSE_HEADERS, 0, true);
    hx_assert(hx_ok(err));
    stream->out_len = buf.len;
    int fd = hx_conn_take(conn, &left, &left_len);
    hx_assert(hx_loop_watch(streams->loop, &stream->watch, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET));
    take_bytes(stream, left, left_len);
    free(left);
    hx_paper_streams_pump(streams);
}

void hx_paper_streams_accept(struct hx_paper_streams *streams, struct hx_conn *conn, struct hx_message *message) {
    const struct hx_http_message *http = &message->parser.message;
    char key_text[HX_WS_KEY_LEN];
    hx_str key;
    uint32_t lab_stream = 0;
    if (hx_ws_check_request(http, &key) != NULL) {
        refuse(conn, message, 400);
        return;
    }
    hx_err err = hx_lab_stream_open(streams->lab, hx_host_wall_ms(), http->path, http->query, &lab_stream);
    if (hx_failed(err)) {
        bool absent = hx_err_is(err, HX_CLASS_ABSENT);
        refuse(conn, message, absent ? 404 : hx_err_is(err, HX_CLASS_REJECT) ? 401 : 503);
        return;
    }
    memcpy(key_text, key.data, sizeof(key_text));
    hx_message_release(message);
    begin(streams, conn, hx_str_make(key_text, sizeof(key_text)), lab_stream);
}

void hx_paper_streams_release(struct hx_paper_streams *streams) {
    if (streams->loop == NULL) return;
    for (struct hx_paper_stream *stream = streams->list; stream != NULL; stream = stream->next) end(stream);
    hx_loop_unready(streams->loop, &streams->sweep);
    on_sweep(&streams->sweep);
    hx_timer_unset(&streams->loop->timers, &streams->due);
}
