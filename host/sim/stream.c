/* Streams of the simulated process: what host/native/stream.c is, on virtual time. One for each kind of the account
 * that the run's venue stands for. */
#include <string.h>

#include "host/sim/line.h"

#define BACKOFF_MS_MIN 1000
#define BACKOFF_MS_MAX 60000
#define HELD_MS 60000
#define FIRST_CHECK_MS 20
#define AGAIN_MS 200

static void serve(struct hx_host *sim, uint32_t index);

static struct sim_stream *stream_at(struct hx_host *sim, uint32_t index) {
    return &sim->lines->streams[index];
}

static void push(struct hx_host *sim, uint32_t index, enum hx_stream_phase phase, hx_str text) {
    struct sim_stream *stream = stream_at(sim, index);
    hx_assert(stream->inbox_count < SIM_INBOX_MAX);
    uint32_t place = (stream->inbox_first + stream->inbox_count++) % SIM_INBOX_MAX;
    stream->inbox[place] = (struct sim_happening){phase, text};
    serve(sim, index);
}

static void drop(struct hx_host *sim, uint32_t index) {
    struct sim_stream *stream = stream_at(sim, index);
    if (stream->line == SIM_NONE) return;
    sim_line_cut(sim, stream->line);
    stream->line = SIM_NONE;
    stream->wake++;
    push(sim, index, HX_STREAM_LOST, HX_STR_EMPTY);
}

static void wake_in(struct hx_host *sim, uint32_t index, int64_t ms) {
    struct sim_stream *stream = stream_at(sim, index);
    sim_push(sim, (struct sim_event){
                      .at = sim->now + ms, .kind = SIM_EVENT_STREAM_WAKE, .a = index, .token = ++stream->wake});
}

static bool is_stale(const struct sim_stream *stream, enum hx_stream_phase phase) {
    if (phase == HX_STREAM_CHECK) return stream->line != SIM_NONE;
    return (phase == HX_STREAM_TIMER || phase == HX_STREAM_OPENED) && stream->line == SIM_NONE;
}

/* One thing at a time, in order. */
static void serve(struct hx_host *sim, uint32_t index) {
    struct sim_stream *stream = stream_at(sim, index);
    while (sim->up && !sim->draining && !stream->busy && stream->inbox_count > 0) {
        struct sim_happening happening = stream->inbox[stream->inbox_first];
        if (!is_stale(stream, happening.phase)) {
            const struct hx_event event = {
                .kind = HX_EVENT_STREAM, .stream = &stream->talk, .received_ms = hx_sim_host_now(sim)};
            stream->talk.phase = stream->told = happening.phase;
            stream->talk.message = happening.text;
            stream->busy = true;
            stream->inbox_first = (stream->inbox_first + 1) % SIM_INBOX_MAX;
            stream->inbox_count--;
            if (sim_request_start(sim, &event, SIM_NONE) != NULL) continue;
            /* Too many run already: this one waits its turn. */
            stream->busy = false;
            stream->inbox_first = (stream->inbox_first + SIM_INBOX_MAX - 1) % SIM_INBOX_MAX;
            stream->inbox_count++;
            sim_push(sim, (struct sim_event){.at = sim->now + AGAIN_MS, .kind = SIM_EVENT_STREAM_WAKE, .a = index});
            return;
        }
        stream->inbox_first = (stream->inbox_first + 1) % SIM_INBOX_MAX;
        stream->inbox_count--;
    }
}

static int64_t backoff_ms(struct hx_host *sim, struct sim_stream *stream) {
    int64_t delay = BACKOFF_MS_MIN;
    if (stream->opened_at != 0 && sim->now - stream->opened_at >= HELD_MS) {
        stream->failures = 0;
        delay = 0;
    } else {
        for (uint32_t i = 0; i < stream->failures && delay < BACKOFF_MS_MAX; i++) delay *= 2;
        if (delay > BACKOFF_MS_MAX) delay = BACKOFF_MS_MAX;
        stream->failures++;
    }
    return delay + sim_random_to(&sim->latency, delay > 0 ? delay / 2 : 250);
}

static void dial(struct hx_host *sim, uint32_t index) {
    struct sim_stream *stream = stream_at(sim, index);
    const struct hx_stream_talk *talk = &stream->talk;
    stream->opened_at = 0;
    uint32_t line = SIM_NONE;
    if (hx_str_equal(talk->origin, HX_STR(SIM_ORIGIN))) line = sim_line_open(sim, SIM_LINE_STREAM, index, talk->target);
    stream->line = line;
    if (line == SIM_NONE) {
        push(sim, index, HX_STREAM_LOST, HX_STR_EMPTY);
        return;
    }
    /* There and back. */
    int64_t takes = 2 + sim_random_to(&sim->latency, 2 * sim->config.network_ms_max);
    uint64_t serial = sim->lines->list[line].serial;
    sim->lines->list[line].heard_at = sim->now + takes;
    sim_push(sim,
             (struct sim_event){.at = sim->now + takes, .kind = SIM_EVENT_LINE_OPENED, .a = index, .token = serial});
    sim_lines_pump(sim);
}

static void obey(struct hx_host *sim, uint32_t index, enum hx_stream_phase phase) {
    struct sim_stream *stream = stream_at(sim, index);
    struct hx_stream_talk *talk = &stream->talk;
    bool was_ready = talk->state.ready;
    if (phase == HX_STREAM_LOST) memset(&talk->state, 0, sizeof(talk->state));
    switch (talk->wish) {
        case HX_STREAM_NEVER:
            drop(sim, index);
            break;
        case HX_STREAM_CONNECT:
            hx_assert(phase == HX_STREAM_CHECK && stream->line == SIM_NONE);
            dial(sim, index);
            break;
        case HX_STREAM_KEEP:
            if (stream->line == SIM_NONE) break;
            for (uint32_t i = 0; i < talk->says.count; i++) sim_line_say(sim, stream->line, talk->says.list[i], 0);
            if (talk->wake_ms > 0) wake_in(sim, index, talk->wake_ms);
            break;
        case HX_STREAM_IDLE:
        case HX_STREAM_AGAIN:
            if (stream->line != SIM_NONE) {
                stream->idle_ms = talk->wish == HX_STREAM_IDLE ? talk->wake_ms : was_ready ? BACKOFF_MS_MIN : 0;
                drop(sim, index);
            } else if (phase == HX_STREAM_CHECK || phase == HX_STREAM_LOST) {
                int64_t delay = talk->wish == HX_STREAM_AGAIN ? backoff_ms(sim, stream) : talk->wake_ms;
                if (stream->idle_ms > 0) delay = stream->idle_ms;
                stream->idle_ms = 0;
                wake_in(sim, index, delay);
            }
            break;
    }
}

void sim_stream_done(struct sim_request *request) {
    struct hx_host *sim = request->sim;
    for (uint32_t i = 0; i < SIM_STREAMS_MAX; i++) {
        struct sim_stream *stream = stream_at(sim, i);
        if (request->event.stream != &stream->talk) continue;
        stream->busy = false;
        if (sim->draining) return;
        obey(sim, i, stream->told);
        serve(sim, i);
    }
}

/* What comes over the line. */

static bool is_current(struct hx_host *sim, const struct sim_event *event) {
    const struct sim_stream *stream = stream_at(sim, event->a);
    return event->epoch == sim->epoch && stream->line != SIM_NONE &&
           sim->lines->list[stream->line].serial == event->token;
}

void sim_stream_opened(struct hx_host *sim, const struct sim_event *event) {
    if (!is_current(sim, event)) return;
    stream_at(sim, event->a)->opened_at = sim->now;
    push(sim, event->a, HX_STREAM_OPENED, HX_STR_EMPTY);
}

void sim_stream_ended(struct hx_host *sim, const struct sim_event *event) {
    if (is_current(sim, event)) drop(sim, event->a);
}

static void hear_again(struct hx_host *sim, const struct sim_event *event, int64_t in_ms) {
    struct sim_event again = *event;
    struct sim_line *line = &sim->lines->list[stream_at(sim, event->a)->line];
    again.at = sim->now + in_ms;
    again.number = 1; /* It has met its fault. */
    if (again.at > line->heard_at) line->heard_at = again.at;
    sim_push(sim, again);
}

/* A message arrives: a step of the platform that faults can hit. One that is held up holds up those behind it, but for
 * those that are on their way already. */
void sim_stream_heard(struct hx_host *sim, const struct sim_event *event) {
    if (!is_current(sim, event)) return;
    struct sim_stream *stream = stream_at(sim, event->a);
    const hx_str *text = event->p;
    struct hx_sim_fault fault = {0, HX_SIM_FAULT_COUNT, 0};
    if (event->number == 0) fault = sim_fault_at(sim, SIM_OP_STREAM);
    if (fault.kind == HX_SIM_FAULT_LOSE) return;
    if (fault.kind == HX_SIM_FAULT_LATE) {
        hear_again(sim, event, fault.argument);
        return;
    }
    if (fault.kind == HX_SIM_FAULT_DUPLICATE) hear_again(sim, event, fault.argument);
    if (fault.kind == HX_SIM_FAULT_STREAM_CUT || stream->inbox_count + 8 >= SIM_INBOX_MAX) {
        hx_sim_tell(sim, "CUT    a stream breaks");
        drop(sim, event->a);
        return;
    }
    push(sim, event->a, HX_STREAM_MESSAGE, *text);
}

void sim_stream_woken(struct hx_host *sim, const struct sim_event *event) {
    struct sim_stream *stream = stream_at(sim, event->a);
    if (event->epoch != sim->epoch) return;
    if (event->token == 0) {
        serve(sim, event->a);
    } else if (event->token == stream->wake) {
        push(sim, event->a, stream->line != SIM_NONE ? HX_STREAM_TIMER : HX_STREAM_CHECK, HX_STR_EMPTY);
    }
}

/* The process. */

static void stream_clear(struct sim_stream *stream) {
    const struct hx_stream_talk talk = stream->talk;
    *stream = (struct sim_stream){.line = SIM_NONE, .wake = stream->wake};
    stream->talk.account = talk.account;
    stream->talk.kind = talk.kind;
}

void sim_streams_die(struct hx_host *sim) {
    for (uint32_t i = 0; i < SIM_LINES_MAX; i++) {
        if (sim->lines->list[i].near) sim_line_cut(sim, i);
    }
    for (uint32_t i = 0; i < SIM_STREAMS_MAX; i++) stream_clear(stream_at(sim, i));
}

void sim_streams_reset(struct hx_host *sim) {
    memset(sim->lines, 0, sizeof(*sim->lines));
    for (uint32_t i = 0; i < SIM_STREAMS_MAX; i++) sim->lines->streams[i].line = SIM_NONE;
}

void sim_streams_start(struct hx_host *sim) {
    const struct hx_sim_venue *venue = hx_sim_venue_of(sim);
    for (uint32_t i = 0; i < sim->config.streams && i < SIM_STREAMS_MAX && sim->edge == NULL; i++) {
        struct sim_stream *stream = stream_at(sim, i);
        stream->talk.account = (struct hx_account){venue->adapter->venue, venue->adapter->market, false};
        stream->talk.kind = i == 0 ? HX_STREAM_PRIVATE : HX_STREAM_PUBLIC;
        wake_in(sim, i, (int64_t)(i + 1) * FIRST_CHECK_MS);
    }
}
