#include "lab/stream.h"

/* A queued text: this head, then the bytes. Heads are 8-aligned. */
struct head {
    hx_time due;
    uint32_t len;
    bool is_sent;
};

#define ALIGNED(size) (((size) + 7) & ~(size_t)7)

static struct hx_lab_stream *get(const struct hx_lab *lab, uint32_t stream) {
    return stream < lab->config.streams_max && lab->streams[stream].is_open ? &lab->streams[stream] : NULL;
}

static struct head *head_at(struct hx_lab_stream *stream, size_t at) {
    return (struct head *)(void *)(stream->waiting + at);
}

/* The queue. */

static size_t next_of(struct hx_lab_stream *stream, size_t at) {
    return at + sizeof(struct head) + ALIGNED(head_at(stream, at)->len);
}

static void compact(struct hx_lab_stream *stream) {
    while (stream->waiting_from < stream->waiting_to && head_at(stream, stream->waiting_from)->is_sent) {
        stream->waiting_from = next_of(stream, stream->waiting_from);
    }
    if (stream->waiting_from == 0) return;
    hx_mem_move(stream->waiting, stream->waiting + stream->waiting_from, stream->waiting_to - stream->waiting_from);
    stream->waiting_to -= stream->waiting_from;
    stream->waiting_from = 0;
}

void hx_lab_stream_end(struct hx_lab_stream *stream, uint32_t code) {
    if (stream->is_closing) return;
    stream->is_closing = true;
    stream->close_code = code;
}

void hx_lab_stream_push(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str text, int64_t delay_ms) {
    const size_t needed = sizeof(struct head) + ALIGNED(text.len);
    if (stream->is_closing) return;
    compact(stream);
    if (needed > lab->config.stream_len_max - stream->waiting_to) {
        hx_lab_stream_end(stream, 1008);
        return;
    }
    struct head *head = head_at(stream, stream->waiting_to);
    *head = (struct head){.due = lab->now + delay_ms, .len = (uint32_t)text.len};
    hx_mem_copy(stream->waiting + stream->waiting_to + sizeof *head, text.data, text.len);
    stream->waiting_to += needed;
}

/* The first text that is due; the others keep their order. */
static bool pop(const struct hx_lab *lab, struct hx_lab_stream *stream, hx_str *text) {
    for (size_t at = stream->waiting_from; at < stream->waiting_to; at = next_of(stream, at)) {
        struct head *head = head_at(stream, at);
        if (head->is_sent || head->due > lab->now) continue;
        head->is_sent = true;
        *text = hx_str_make(stream->waiting + at + sizeof *head, head->len);
        return true;
    }
    return false;
}

static hx_time queue_due(struct hx_lab_stream *stream) {
    hx_time due = INT64_MAX;
    for (size_t at = stream->waiting_from; at < stream->waiting_to; at = next_of(stream, at)) {
        const struct head *head = head_at(stream, at);
        if (!head->is_sent && head->due < due) due = head->due;
    }
    return due;
}

void hx_lab_text_begin(struct hx_lab *lab, struct hx_lab_text *text) {
    hx_buf_init(&text->buf, lab->answer, lab->config.answer_len_max);
    hx_json_begin(&text->json, &text->buf);
}

void hx_lab_text_push(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_text *text) {
    hx_str whole;
    if (hx_failed(hx_buf_finish(&text->buf, &whole))) {
        hx_lab_stream_end(stream, 1009);
        return;
    }
    hx_lab_stream_push(lab, stream, whole, 0);
}

/* Topics. */

bool hx_lab_stream_add_topic(struct hx_lab_stream *stream, uint32_t market, uint32_t kind, hx_time due) {
    for (uint32_t i = 0; i < stream->topic_count; i++) {
        if (stream->topics[i].market == market && stream->topics[i].kind == kind) return true;
    }
    if (stream->topic_count == HX_LAB_STREAM_TOPICS_MAX) return false;
    stream->topics[stream->topic_count++] = (struct hx_lab_topic){.market = market, .kind = kind, .due = due};
    return true;
}

void hx_lab_stream_drop_topic(struct hx_lab_stream *stream, uint32_t market, uint32_t kind) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < stream->topic_count; i++) {
        if (stream->topics[i].market == market && stream->topics[i].kind == kind) continue;
        stream->topics[kept++] = stream->topics[i];
    }
    stream->topic_count = kept;
}

static struct hx_lab_topic *topic_due(const struct hx_lab *lab, struct hx_lab_stream *stream) {
    struct hx_lab_topic *first = NULL;
    for (uint32_t i = 0; i < stream->topic_count; i++) {
        struct hx_lab_topic *topic = &stream->topics[i];
        if (topic->due <= lab->now && (first == NULL || topic->due < first->due)) first = topic;
    }
    return first;
}

/* The conversation. */

hx_err hx_lab_stream_open(struct hx_lab *lab, hx_time now, hx_str path, hx_str query, uint32_t *stream) {
    const struct hx_lab_stream_front *front = lab->front->streams;
    hx_lab_advance(lab, now);
    if (front == NULL) return HX_ERR(ABSENT_KEY);
    uint32_t index = 0;
    while (index < lab->config.streams_max && lab->streams[index].is_open) index++;
    if (index == lab->config.streams_max) return HX_ERR(LIMIT_COUNT);
    struct hx_lab_stream *made = &lab->streams[index];
    hx_mem_set(made, 0, sizeof *made);
    made->waiting = lab->stream_text + index * lab->config.stream_len_max;
    made->cursor = lab->event_seq + 1;
    made->opened = lab->now;
    made->heard = lab->now;
    made->next_ping = front->ping_ms > 0 ? lab->now + front->ping_ms : INT64_MAX;
    const hx_err err = front->open(lab, made, path, query);
    if (hx_failed(err)) return err;
    made->is_open = true;
    *stream = index;
    return HX_OK;
}

void hx_lab_stream_receive(struct hx_lab *lab, hx_time now, uint32_t stream, hx_str text) {
    struct hx_lab_stream *to = get(lab, stream);
    hx_lab_advance(lab, now);
    if (to == NULL || to->is_closing) return;
    to->heard = lab->now;
    lab->front->streams->receive(lab, to, text);
}

/* Any payload counts: who answers late answers. */
void hx_lab_stream_pong(struct hx_lab *lab, hx_time now, uint32_t stream, hx_str payload) {
    struct hx_lab_stream *from = get(lab, stream);
    (void)payload;
    hx_lab_advance(lab, now);
    if (from != NULL) from->heard = lab->now;
}

/* Puts something into the queue; false when there is nothing to put. */
static bool refill(struct hx_lab *lab, struct hx_lab_stream *stream) {
    const struct hx_lab_stream_front *front = lab->front->streams;
    if (stream->is_closing) return false;
    if (stream->cursor <= lab->event_seq) {
        const struct hx_lab_event *event = hx_lab_event_at(lab, stream->cursor);
        if (event == NULL) {
            hx_lab_stream_end(stream, 1008);
            return false;
        }
        stream->cursor++;
        if (event->order_seq == 0 || hx_lab_order_at(lab, event->order_seq) != NULL) front->tell(lab, stream, event);
        return true;
    }
    struct hx_lab_topic *topic = topic_due(lab, stream);
    if (topic == NULL) return false;
    front->tell_topic(lab, stream, topic);
    topic->count++;
    return true;
}

static void check_life(struct hx_lab *lab, struct hx_lab_stream *stream) {
    const struct hx_lab_stream_front *front = lab->front->streams;
    if (front->silence_ms_max > 0 && lab->now - stream->heard > front->silence_ms_max) hx_lab_stream_end(stream, 1008);
    if (front->life_ms_max > 0 && lab->now - stream->opened >= front->life_ms_max) hx_lab_stream_end(stream, 1000);
}

static bool take_ping(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_frame *out) {
    if (stream->is_closing || stream->next_ping > lab->now) return false;
    while (stream->next_ping <= lab->now) stream->next_ping += lab->front->streams->ping_ms;
    struct hx_buf payload;
    hx_buf_init(&payload, lab->header_text, sizeof lab->header_text);
    hx_buf_add_i64(&payload, lab->now);
    *out = (struct hx_lab_frame){HX_LAB_FRAME_PING, hx_buf_str(&payload), 0};
    return true;
}

bool hx_lab_stream_next(struct hx_lab *lab, hx_time now, uint32_t stream, struct hx_lab_frame *out) {
    struct hx_lab_stream *from = get(lab, stream);
    hx_lab_advance(lab, now);
    if (from == NULL) return false;
    check_life(lab, from);
    hx_str text;
    do {
        if (pop(lab, from, &text)) {
            from->sent++;
            *out = (struct hx_lab_frame){HX_LAB_FRAME_TEXT, text, 0};
            return true;
        }
    } while (refill(lab, from));
    if (take_ping(lab, from, out)) return true;
    if (!from->is_closing || queue_due(from) != INT64_MAX) return false;
    *out = (struct hx_lab_frame){HX_LAB_FRAME_CLOSE, HX_STR_EMPTY, from->close_code};
    from->is_open = false;
    return true;
}

hx_time hx_lab_stream_due(const struct hx_lab *lab, uint32_t stream) {
    struct hx_lab_stream *from = get(lab, stream);
    if (from == NULL) return INT64_MAX;
    hx_time due = queue_due(from);
    if (from->next_ping < due) due = from->next_ping;
    for (uint32_t i = 0; i < from->topic_count; i++) {
        if (from->topics[i].due < due) due = from->topics[i].due;
    }
    return from->is_closing && due == INT64_MAX ? lab->now : due;
}

void hx_lab_stream_close(struct hx_lab *lab, uint32_t stream) {
    struct hx_lab_stream *from = get(lab, stream);
    if (from != NULL) from->is_open = false;
}

bool hx_lab_stream_is_open(const struct hx_lab *lab, uint32_t stream) {
    return get(lab, stream) != NULL;
}

uint32_t hx_lab_stream_count(const struct hx_lab *lab) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < lab->config.streams_max; i++) count += lab->streams[i].is_open ? 1 : 0;
    return count;
}

/* Requests. */

const struct hx_json *hx_lab_stream_parse(struct hx_lab *lab, hx_str text) {
    struct hx_arena arena;
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, lab->scratch, sizeof lab->scratch);
    return hx_ok(hx_json_parse(&arena, text, &root, NULL)) ? root : NULL;
}

/* Lost on the way in or out: the connection goes with it, after what was queued before. */
static void lose(struct hx_lab_call *call, struct hx_lab_stream *stream, const struct hx_lab_fault *fault) {
    if (fault->kind == HX_LAB_FAULT_LATE_PROCESS) {
        (void)hx_lab_keep_for_later(call->lab, call->request, &call->bend, fault->delay_ms, true);
    }
    hx_lab_stream_end(stream, 1006);
}

void hx_lab_stream_request(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_message *message,
                           hx_str text) {
    struct hx_lab_bend bend = {0};
    int64_t delay_ms = 0;
    const struct hx_lab_request request = {
        .method = message->method, .path = hx_str_from_c(message->path), .body = text};
    const struct hx_lab_fault *decided = hx_lab_decide_fault(lab, &request, &bend, &delay_ms);
    struct hx_lab_call *call = hx_lab_begin_call(lab, &request, &bend);
    if (hx_lab_is_processed(decided)) lab->front->answer_message(call);
    if (decided != NULL) {
        const bool lost = decided->kind == HX_LAB_FAULT_DROP_REQUEST || decided->kind == HX_LAB_FAULT_DROP_REPLY ||
                          decided->kind == HX_LAB_FAULT_LATE_PROCESS;
        if (lost) {
            lose(call, stream, decided);
            return;
        }
        if (decided->kind != HX_LAB_FAULT_GARBAGE) hx_lab_bend_answer(call, decided);
    }
    struct hx_buf frame;
    hx_buf_init(&frame, lab->scratch_out, sizeof lab->scratch_out);
    lab->front->streams->wrap(call, stream, text, &frame);
    hx_str whole;
    if (hx_failed(hx_buf_finish(&frame, &whole))) {
        hx_lab_stream_end(stream, 1009);
        return;
    }
    if (decided != NULL && decided->kind == HX_LAB_FAULT_GARBAGE) whole.len /= 2;
    hx_lab_stream_push(lab, stream, whole, delay_ms);
}
