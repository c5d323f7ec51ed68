/* The laboratory's streams behind sockets: the server's end of WebSocket connections, for one laboratory.
 *
 * Pumping: whatever is done with the laboratory may give a stream something to say, so hx_paper_streams_pump belongs
 * behind every call; what comes by time alone has a timer. */
#ifndef HX_HOST_NATIVE_PAPER_STREAM_H
#define HX_HOST_NATIVE_PAPER_STREAM_H

#include "host/native/conn.h"
#include "lab/lab.h"

struct hx_paper_stream;

struct hx_paper_streams {
    struct hx_loop *loop;
    struct hx_lab *lab;
    struct hx_paper_stream *list;
    struct hx_timer due;
    struct hx_ready sweep; /* Frees what has ended. */
};

void hx_paper_streams_init(struct hx_paper_streams *streams, struct hx_loop *loop, struct hx_lab *lab);
/* Answers a request that wants an upgrade: with 101 and a stream of the laboratory, or with the refusal it deserves.
 * The message is released. */
void hx_paper_streams_accept(struct hx_paper_streams *streams, struct hx_conn *conn, struct hx_message *message);
void hx_paper_streams_pump(struct hx_paper_streams *streams);
void hx_paper_streams_release(struct hx_paper_streams *streams);

#endif
