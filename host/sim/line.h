/* WebSocket connections between the simulated process and the laboratory: streams (stream.c) and order entry
 * (port_socket.c). For the files of this folder only.
 *
 * A line carries texts each way, in order. What the process said goes its own way from then on, whatever becomes of the
 * process, as a request does; what the venue said reaches the process that opened the line, or nobody. */
#ifndef HX_HOST_SIM_LINE_H
#define HX_HOST_SIM_LINE_H

#include "core/app/stream.h"
#include "host/sim/world.h"

#define SIM_LINES_MAX 6 /* As many as a small laboratory serves. */
#define SIM_STREAMS_MAX HX_STREAM_KINDS
#define SIM_INBOX_MAX 256

enum sim_line_kind { SIM_LINE_STREAM, SIM_LINE_SOCKET };

struct sim_line {
    bool open; /* At the laboratory. */
    bool near; /* The process still has it. */
    enum sim_line_kind kind;
    uint32_t owner; /* STREAM: which. */
    uint32_t lab_stream;
    uint64_t serial;
    hx_str path;               /* SOCKET: of which place. */
    hx_time heard_at, told_at; /* Nothing overtakes what came before, either way. */
    uint32_t under_way;        /* Texts on their way to the venue. */
};

struct sim_happening {
    enum hx_stream_phase phase;
    hx_str text;
};

/* The host's half of one stream, as host/native/stream.c is. */
struct sim_stream {
    bool runs;
    struct hx_stream_talk talk;
    uint32_t line; /* SIM_NONE: no connection. */
    bool busy;
    enum hx_stream_phase told;
    struct sim_happening inbox[SIM_INBOX_MAX];
    uint32_t inbox_first, inbox_count;
    uint64_t wake; /* Number of the wake-up that counts. */
    hx_time opened_at;
    int64_t idle_ms;
    uint32_t failures;
};

struct sim_lines {
    struct sim_line list[SIM_LINES_MAX];
    struct sim_stream streams[SIM_STREAMS_MAX];
    uint64_t serial;
    hx_time pump_at; /* Of the earliest pump ahead; 0: none. */
};

/* Opens a line to the path and query of `target`. SIM_NONE: the venue refuses, or there are too many. */
uint32_t sim_line_open(struct hx_host *sim, enum sim_line_kind kind, uint32_t owner, hx_str target);
/* The text arrives at the venue, after `late_ms` more than usual. */
void sim_line_say(struct hx_host *sim, uint32_t line, hx_str text, int64_t late_ms);
void sim_line_cut(struct hx_host *sim, uint32_t line); /* The process lets go of it. */
/* Takes what the laboratory has to say on all lines. To be called after anything that may have given it something. */
void sim_lines_pump(struct hx_host *sim);
bool sim_lines_handle(struct hx_host *sim, const struct sim_event *event); /* False: not of lines. */
/* The settings that name the run's venue's streams. */
bool sim_line_url(const struct hx_host *sim, hx_str name, hx_str *out);

/* stream.c */
void sim_streams_reset(struct hx_host *sim); /* A new run. */
void sim_streams_start(struct hx_host *sim); /* The process begins. */
void sim_streams_die(struct hx_host *sim);   /* It is gone. */
void sim_stream_heard(struct hx_host *sim, const struct sim_event *event);
void sim_stream_ended(struct hx_host *sim, const struct sim_event *event);
void sim_stream_woken(struct hx_host *sim, const struct sim_event *event);
void sim_stream_opened(struct hx_host *sim, const struct sim_event *event);
void sim_stream_done(struct sim_request *request); /* The core has answered. */

/* port_socket.c: what the venue said on a line of order entry, or that it ended. */
void sim_socket_heard(struct hx_host *sim, uint32_t line, hx_str text);
void sim_socket_ended(struct hx_host *sim, uint32_t line);
void sim_socket_arrive(struct hx_host *sim, uint32_t flight);

#endif
