/* Streams inside the laboratory: what a front end adds, and what stream.c does for it.
 *
 * A stream has a queue of texts, topics that are due again and again, and a cursor in the events. When the queue is
 * empty the events behind the cursor are put into it, one by one, each in the venue's words; then the topics that are
 * due. A request that comes over a stream meets the same faults as its REST counterpart. */
#ifndef HX_LAB_STREAM_H
#define HX_LAB_STREAM_H

#include "lab/wire.h"

/* A request that came as a message. */
struct hx_lab_message {
    const char *method_name;    /* "order.place" */
    enum hx_http_method method; /* What it is by REST: for faults, weights and the handler. */
    const char *path;
};

struct hx_lab_stream_front {
    /* Sets kind, product and what the path and query ask for. ABSENT_KEY, REJECT_INPUT. */
    hx_err (*open)(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str path, hx_str query);
    /* Answers by hx_lab_stream_push, hx_lab_stream_request or hx_lab_stream_end. */
    void (*receive)(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str text);
    /* Pushes what this stream has to be told of the event, if anything. */
    void (*tell)(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event);
    /* Pushes the topic's message and sets when it is due again. */
    void (*tell_topic)(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_topic *topic);
    /* The frame of an answer that hx_lab_stream_request made: `text` is the client's message. */
    void (*wrap)(struct hx_lab_call *call, struct hx_lab_stream *stream, hx_str text, struct hx_buf *out);
    int64_t ping_ms;        /* The venue pings so often; 0: never. */
    int64_t silence_ms_max; /* Without a word (or pong) for so long it closes; 0: never. */
    int64_t life_ms_max;    /* 0: for ever. */
};

/* A text being made: in lab.answer, which is free while nothing is answered. */
struct hx_lab_text {
    struct hx_buf buf;
    struct hx_json_writer json;
};
void hx_lab_text_begin(struct hx_lab *lab, struct hx_lab_text *text);
void hx_lab_text_push(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_text *text);

/* Queues a text; too long a queue ends the stream. delay_ms: it is not sent earlier, but others are. */
void hx_lab_stream_push(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str text, int64_t delay_ms);
/* After what is queued: the closing frame. */
void hx_lab_stream_end(struct hx_lab_stream *stream, uint32_t code);
/* Runs the message as the request it stands for, with faults, and queues the wrapped answer. */
void hx_lab_stream_request(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_message *message,
                           hx_str text);
/* False: HX_LAB_STREAM_TOPICS_MAX. Twice the same is once. */
bool hx_lab_stream_add_topic(struct hx_lab_stream *stream, uint32_t market, uint32_t kind, hx_time due);
void hx_lab_stream_drop_topic(struct hx_lab_stream *stream, uint32_t market, uint32_t kind);
/* The text as JSON in lab.scratch; NULL: it is none. */
const struct hx_json *hx_lab_stream_parse(struct hx_lab *lab, hx_str text);
/* The object's plain members as the call's parameters, as hx_lab_params_parse_json does. */
void hx_lab_params_take(struct hx_lab_call *call, const struct hx_json *object);

#endif
