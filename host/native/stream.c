#define _GNU_SOURCE

#include "host/native/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/app/stream.h"
#include "host/native/stream_conn.h"

#define OPEN_MS_MAX 10000
#define BACKOFF_MS_MIN 1000
#define BACKOFF_MS_MAX 60000
#define HELD_MS 60000 /* A connection that held so long was a good one. */
#define TASK_AGAIN_MS 200
#define FIRST_CHECK_MS 20 /* Between the first checks of two streams. */
#define INBOX_COUNT_MAX 2048
#define INBOX_LEN_MAX ((size_t)1024 * 1024)

/* What has happened and not been handed over yet. */
struct happening {
    struct happening *next;
    enum hx_stream_phase phase;
    size_t len;
    char text[];
};

struct stream {
    struct hx_streams *all;
    struct hx_stream_talk talk;
    struct hx_stream_conn *conn; /* NULL: none. */
    struct hx_ready pump;
    struct hx_timer wake;  /* CHECK while there is no connection, else TIMER. */
    struct hx_timer again; /* No task was to be had. */
    struct happening *first, *last;
    uint32_t inbox_count;
    size_t inbox_len;
    struct happening *told; /* Handed over, or about to be. */
    bool busy;              /* The core works on it. */
    bool overflowed;        /* More came than is kept: the connection has to go, so that the core catches up. */
    bool wished;            /* The core itself ended a connection that was of use. */
    int64_t age_ms;         /* Of the last connection when it ended. */
    int64_t idle_ms;        /* How long the core wishes to be left alone after the loss; 0: as ever. */
    uint32_t failures;      /* Connections in a row that did not hold. */
};

struct hx_streams {
    struct hx_host *host;
    struct stream *list;
    uint32_t count;
    bool draining;
};

static struct hx_loop *loop_of(const struct stream *stream) {
    return &stream->all->host->loop;
}

/* What happens. */

static void push(struct stream *stream, enum hx_stream_phase phase, hx_str text) {
    struct happening *happening = malloc(sizeof(*happening) + text.len);
    hx_assert(happening != NULL);
    happening->next = NULL;
    happening->phase = phase;
    happening->len = text.len;
    if (text.len > 0) memcpy(happening->text, text.data, text.len);
    if (stream->last != NULL) stream->last->next = happening;
    else stream->first = happening;
    stream->last = happening;
    stream->inbox_count++;
    stream->inbox_len += text.len;
    hx_loop_make_ready(loop_of(stream), &stream->pump);
}

static struct happening *take(struct stream *stream) {
    struct happening *happening = stream->first;
    if (happening == NULL) return NULL;
    stream->first = happening->next;
    if (stream->first == NULL) stream->last = NULL;
    stream->inbox_count--;
    stream->inbox_len -= happening->len;
    return happening;
}

static void note(const struct stream *stream, enum hx_log_level level, const char *message, const char *why) {
    char detail[300];
    const struct hx_account *account = &stream->talk.account;
    hx_str venue = hx_venue_name(account->venue);
    hx_str market = hx_market_name(account->market);
    int len =
        snprintf(detail, sizeof(detail), "%.*s %.*s%s %s: %s", (int)venue.len, venue.data, (int)market.len, market.data,
                 account->test ? " test" : "", stream->talk.kind == HX_STREAM_PRIVATE ? "private" : "public", why);
    hx_log_write(&stream->all->host->log, level, HX_STR_EMPTY, hx_str_from_c(message),
                 hx_str_make(detail, (size_t)len));
}

/* The connection. */

static void drop(struct stream *stream) {
    if (stream->conn == NULL) return;
    stream->age_ms = hx_stream_conn_age_ms(stream->conn);
    hx_stream_conn_close(stream->conn);
    stream->conn = NULL;
    hx_timer_unset(&loop_of(stream)->timers, &stream->wake);
    push(stream, HX_STREAM_LOST, HX_STR_EMPTY);
}

static void on_open(void *arg) {
    push(arg, HX_STREAM_OPENED, HX_STR_EMPTY);
}

static void on_text(void *arg, hx_str text) {
    struct stream *stream = arg;
    if (stream->inbox_count >= INBOX_COUNT_MAX || text.len > INBOX_LEN_MAX - stream->inbox_len) {
        stream->overflowed = true;
        hx_loop_make_ready(loop_of(stream), &stream->pump);
    }
    if (!stream->overflowed) push(stream, HX_STREAM_MESSAGE, text);
}

static void on_end(void *arg, const char *why) {
    struct stream *stream = arg;
    note(stream, HX_LOG_INFO, "stream ended", why);
    drop(stream);
}

static void dial(struct stream *stream) {
    const struct hx_stream_talk *talk = &stream->talk;
    const struct hx_stream_conn_options options = {.origin = talk->origin,
                                                   .target = talk->target,
                                                   .open_ms_max = OPEN_MS_MAX,
                                                   .ping_ms = talk->ping_ms,
                                                   .silence_ms_max = talk->silence_ms_max,
                                                   .life_ms_max = talk->life_ms_max,
                                                   .message_len_max = HX_STREAM_MESSAGE_LEN_MAX,
                                                   .on_open = on_open,
                                                   .on_text = on_text,
                                                   .on_end = on_end,
                                                   .arg = stream};
    stream->age_ms = 0;
    stream->conn = hx_stream_conn_open(stream->all->host, &options);
    if (stream->conn == NULL) push(stream, HX_STREAM_LOST, HX_STR_EMPTY);
}

static int64_t backoff_ms(struct stream *stream) {
    uint32_t chance = 0;
    int64_t delay = BACKOFF_MS_MIN;
    hx_host_random_bytes(stream->all->host, &chance, sizeof(chance));
    if (stream->age_ms >= HELD_MS) {
        stream->failures = 0;
        delay = 0;
    } else if (stream->wished) {
        stream->failures = 0;
    } else {
        for (uint32_t i = 0; i < stream->failures && delay < BACKOFF_MS_MAX; i++) delay *= 2;
        if (delay > BACKOFF_MS_MAX) delay = BACKOFF_MS_MAX;
        stream->failures++;
    }
    return delay + (int64_t)(chance % 1000) * (delay > 0 ? delay : 500) / 2000;
}

/* What the core wishes. */

static void say_all(struct stream *stream) {
    const struct hx_stream_talk *talk = &stream->talk;
    for (uint32_t i = 0; i < talk->says.count; i++) {
        if (!hx_stream_conn_say(stream->conn, talk->says.list[i])) return;
    }
}

static void end_connection(struct stream *stream) {
    const struct hx_stream_talk *talk = &stream->talk;
    stream->wished = talk->state.ready;
    stream->idle_ms = talk->wish == HX_STREAM_IDLE ? talk->wake_ms : 0;
    drop(stream);
}

/* No connection: when the core is asked next. */
static void rest(struct stream *stream) {
    const struct hx_stream_talk *talk = &stream->talk;
    int64_t delay = talk->wake_ms;
    if (stream->idle_ms > 0) delay = stream->idle_ms;
    else if (talk->wish == HX_STREAM_AGAIN) delay = backoff_ms(stream);
    stream->idle_ms = 0;
    stream->wished = false;
    hx_loop_set_timer(loop_of(stream), &stream->wake, delay * 1000);
}

static void obey(struct stream *stream, enum hx_stream_phase phase) {
    struct hx_stream_talk *talk = &stream->talk;
    if (phase == HX_STREAM_LOST) memset(&talk->state, 0, sizeof(talk->state));
    switch (talk->wish) {
        case HX_STREAM_NEVER:
            drop(stream);
            break;
        case HX_STREAM_CONNECT:
            hx_assert(phase == HX_STREAM_CHECK && stream->conn == NULL);
            dial(stream);
            break;
        case HX_STREAM_KEEP:
            /* It may have been lost meanwhile: then that is what comes next. */
            if (stream->conn == NULL) break;
            say_all(stream);
            if (talk->wake_ms > 0) hx_loop_set_timer(loop_of(stream), &stream->wake, talk->wake_ms * 1000);
            break;
        case HX_STREAM_IDLE:
        case HX_STREAM_AGAIN:
            if (stream->conn != NULL) {
                end_connection(stream);
            } else if (phase == HX_STREAM_CHECK || phase == HX_STREAM_LOST) {
                rest(stream);
            }
            break;
    }
}

static void on_done(struct hx_task *task) {
    struct stream *stream = task->done_arg;
    enum hx_stream_phase phase = stream->told->phase;
    stream->busy = false;
    free(stream->told);
    stream->told = NULL;
    if (stream->all->draining) return;
    obey(stream, phase);
    hx_loop_make_ready(loop_of(stream), &stream->pump);
}

/* What a later event has made pointless. */
static bool is_stale(const struct stream *stream, enum hx_stream_phase phase) {
    if (phase == HX_STREAM_CHECK) return stream->conn != NULL;
    return (phase == HX_STREAM_TIMER || phase == HX_STREAM_OPENED) && stream->conn == NULL;
}

static void on_pump(struct hx_ready *ready) {
    struct stream *stream = ready->owner;
    if (stream->busy || stream->all->draining) return;
    if (stream->overflowed) {
        stream->overflowed = false;
        note(stream, HX_LOG_WARN, "stream ended", "more came than can be followed");
        drop(stream);
    }
    while (stream->told == NULL) {
        stream->told = take(stream);
        if (stream->told == NULL) return;
        if (!is_stale(stream, stream->told->phase)) break;
        free(stream->told);
        stream->told = NULL;
    }
    struct hx_event event = {.kind = HX_EVENT_STREAM, .stream = &stream->talk};
    stream->talk.phase = stream->told->phase;
    stream->talk.message = hx_str_make(stream->told->text, stream->told->len);
    stream->busy = true;
    if (hx_task_start(stream->all->host, &event, on_done, stream)) return;
    stream->busy = false;
    hx_loop_set_timer(loop_of(stream), &stream->again, (int64_t)TASK_AGAIN_MS * 1000);
}

static void on_again(struct hx_timer *timer) {
    struct stream *stream = timer->owner;
    hx_loop_make_ready(loop_of(stream), &stream->pump);
}

static void on_wake(struct hx_timer *timer) {
    struct stream *stream = timer->owner;
    push(stream, stream->conn != NULL ? HX_STREAM_TIMER : HX_STREAM_CHECK, HX_STR_EMPTY);
}

/* All of them. */

void hx_streams_start(struct hx_host *host) {
    struct hx_streams *all = calloc(1, sizeof(*all));
    struct hx_account account;
    enum hx_stream_kind kind;
    hx_assert(all != NULL && host->streams == NULL);
    host->streams = all;
    all->host = host;
    while (hx_stream_list(all->count, &account, &kind)) all->count++;
    all->list = calloc(all->count, sizeof(*all->list));
    hx_assert(all->list != NULL);
    for (uint32_t i = 0; i < all->count; i++) {
        struct stream *stream = &all->list[i];
        stream->all = all;
        hx_assert(hx_stream_list(i, &stream->talk.account, &stream->talk.kind));
        stream->pump = (struct hx_ready){.fn = on_pump, .owner = stream};
        stream->wake = (struct hx_timer){.fn = on_wake, .owner = stream};
        stream->again = (struct hx_timer){.fn = on_again, .owner = stream};
        hx_loop_set_timer(&host->loop, &stream->wake, (int64_t)i * FIRST_CHECK_MS * 1000);
    }
}

static void silence(struct stream *stream) {
    struct hx_loop *loop = loop_of(stream);
    if (stream->conn != NULL) hx_stream_conn_close(stream->conn);
    stream->conn = NULL;
    hx_timer_unset(&loop->timers, &stream->wake);
    hx_timer_unset(&loop->timers, &stream->again);
    hx_loop_unready(loop, &stream->pump);
}

void hx_streams_drain(struct hx_host *host) {
    struct hx_streams *all = host->streams;
    if (all == NULL || all->draining) return;
    all->draining = true;
    for (uint32_t i = 0; i < all->count; i++) silence(&all->list[i]);
}

void hx_streams_release(struct hx_host *host) {
    struct hx_streams *all = host->streams;
    if (all == NULL) return;
    host->streams = NULL;
    for (uint32_t i = 0; i < all->count; i++) {
        struct stream *stream = &all->list[i];
        struct happening *happening = NULL;
        silence(stream);
        while ((happening = take(stream)) != NULL) free(happening);
        free(stream->told);
    }
    free(all->list);
    free(all);
}
