/* The simulated host's inside, shared by the files of this folder only. */
#ifndef HX_HOST_SIM_WORLD_H
#define HX_HOST_SIM_WORLD_H

#include "core/base/id.h"
#include "host/common/coro.h"
#include "host/common/sqlite_store.h"
#include "host/sim/sim.h"

#define SIM_REQUESTS_MAX 256 /* At once; a caller beyond gets 503. */
#define SIM_EVENTS_MAX 8192  /* Ahead at once. */
#define SIM_LANES_MAX 64
#define SIM_MEMOS_MAX 256
#define SIM_MEMO_LEN_MAX 8192
#define SIM_FLIGHTS_MAX 512 /* HTTP exchanges under way. */
#define SIM_KV_MAX 128
#define SIM_FAULTS_HIT_MAX 8192
#define SIM_QUERY_ARENA_SIZE ((size_t)32 * 1024 * 1024)
#define SIM_NONE UINT32_MAX
#define SIM_ORIGIN "http://venue.sim"

enum sim_event_kind {
    SIM_EVENT_RESUME,   /* a: request slot; token. */
    SIM_EVENT_CALL,     /* a: caller. */
    SIM_EVENT_LANE_DUE, /* p: lane text in the run's arena; dies with the process. */
    SIM_EVENT_TICK,
    SIM_EVENT_REPLY_BY, /* a: request slot; token: its serial. */
    SIM_EVENT_ARRIVE,   /* a: flight; the request reaches the venue. */
    SIM_EVENT_CRASH,    /* b: down time in ms. */
    SIM_EVENT_RESTART,
    SIM_EVENT_CLOCK, /* number: step. */
    SIM_EVENT_TROUBLE,
    SIM_EVENT_PRICE,
    SIM_EVENT_ACTION,
    /* Of lines (line.h). a: line or stream; token: its serial, or the wake-up's; p: text. */
    SIM_EVENT_LINE_TELL,
    SIM_EVENT_LINE_PUMP,
    SIM_EVENT_LINE_OPENED,
    SIM_EVENT_LINE_HEAR,
    SIM_EVENT_LINE_END,
    SIM_EVENT_STREAM_WAKE,
    /* Of the edge (edge.h). a: place; token and number as needed; p: what travels. */
    SIM_EVENT_RPC,
    SIM_EVENT_JOINED,
    SIM_EVENT_TIMER,
    SIM_EVENT_ALARM,
    SIM_EVENT_MESSAGE,
    SIM_EVENT_WATCH,
    SIM_EVENT_NOTE,
    SIM_EVENT_PUT,
    SIM_EVENT_ADOPT,
    SIM_EVENT_ADOPTED,
    SIM_EVENT_FLUSH_KEYS,
    SIM_EVENT_PARCEL,
    SIM_EVENT_PARCEL_ANSWER,
};

/* What the platform of the edge does by itself, as points beside the port's operations. */
enum sim_op {
    SIM_OP_ALARM = HX_OP_COUNT, /* An alarm rings. */
    SIM_OP_CRON,                /* The minute's round of the watchdog. */
    SIM_OP_PUBLISH,             /* Rows leave for D1. */
    SIM_OP_DELIVER,             /* The queue delivers. */
    SIM_OP_ADOPT,               /* The registry tells a lane the keys. */
    SIM_OP_STREAM,              /* A stream brings a message. */
    SIM_OP_COUNT
};

/* What goes on when a request of a lane has ended. */
enum sim_after { SIM_AFTER_NOTHING, SIM_AFTER_WORK_OFF, SIM_AFTER_ROUND };

struct sim_event {
    hx_time at;
    uint64_t sequence; /* Ties go by insertion. */
    enum sim_event_kind kind;
    uint32_t a;
    uint32_t epoch; /* RESUME, LANE_DUE, TICK, REPLY_BY: of the process they belong to. */
    uint64_t token;
    int64_t number;
    const void *p;
    void (*fn)(void *context, struct hx_host *sim);
    void *context;
};

struct sim_request {
    struct hx_req req;
    struct hx_host *sim;
    struct hx_coro *coro; /* NULL: slot free. */
    void *arena_memory;
    uint64_t serial; /* Unique in the run; in the story "#12". */
    uint64_t token;  /* Of the wait it is in; a RESUME with another one is late. */
    bool waiting;
    struct hx_event event;
    struct hx_reply reply;
    uint32_t exchange; /* Of its caller; SIM_NONE: none, or answered already. */
    void (*fn)(struct hx_req *req, void *context);
    void *fn_context;
    uint32_t place;       /* Where it runs: 0 unless the world is the edge. */
    uint32_t kv_version;  /* Edge: the keys an isolate's request sees. */
    struct edge_rpc *rpc; /* Edge: the call it serves; NULL: none, or answered already. */
    enum sim_after after;
    bool gate_cut;      /* It does not wait for its lane any longer: it was answered, or the process is to end. */
    bool sleeping;      /* Waits for nothing but the time. */
    bool sleep_cut;     /* The process is to end: so does the sleep. */
    uint32_t lane;      /* Held or waited for; SIM_NONE. */
    uint32_t lane_next; /* Next in the lane's queue. */
    bool prepared;      /* A connection stands ready. */
    uint32_t flight;
    const struct hx_reply *reply_by; /* In the run's arena; NULL: none. */
    hx_time reply_by_ms;             /* World time. */
    struct hx_sim_fault fault;       /* Of the operation under way; HX_SIM_FAULT_COUNT: none. */
    uint32_t crash_after;            /* Sequence number of the call after which the process dies; SIM_NONE. */
    int64_t crash_down_ms;
    hx_time call_began_ms; /* For the story. */
};

struct sim_lane {
    hx_str name;
    uint32_t place;
    uint32_t holder; /* SIM_NONE: free. */
    uint32_t first, last;
};

struct sim_memo {
    hx_str key;
    uint32_t place;
    char *value; /* NULL: only counted. */
    size_t len, capacity;
    uint64_t count;
    int64_t window;
};

struct sim_kv {
    hx_str key, value, before;
    bool present, present_before;
    bool seen; /* While the table is read again. */
    hx_time changed_ms;
};

struct sim_caller {
    struct hx_sim_call call;
    uint32_t sends;
};

/* One http_send, from its first byte to its answer. Lives on when its request is gone. */
struct sim_flight {
    bool live;
    uint32_t slot; /* Of the request that waits; SIM_NONE: nobody any more. */
    uint64_t token;
    enum hx_http_method method;
    hx_str target, body; /* The run's arena. */
    struct hx_http_header *headers;
    uint32_t header_count;
    struct hx_sim_fault fault;
    bool arrives;       /* Still on its way to the venue. */
    hx_time outcome_at; /* When what follows reaches the waiting request; 0: not known yet. */
    hx_err err;
    uint32_t status;
    struct hx_http_header *answer_headers;
    uint32_t answer_header_count;
    hx_str answer;
    uint64_t line_serial; /* Over which line; 0: a request of its own. */
    hx_str mark;          /* Of the answer to it, there. */
};

struct sim_random {
    uint64_t state;
};

struct sim_hooks {
    struct hx_hooks base;
    struct hx_host *sim;
};

struct sim_trouble {
    enum hx_sim_fault_kind kind;
    uint32_t count;
    int64_t argument;
    hx_str match; /* Beginning of the target; empty: orders. */
};

struct hx_host {
    struct hx_sim_room room;
    struct hx_sim_config config;
    struct hx_sim_observer observer;
    struct sim_hooks hooks;
    hx_time now;
    int64_t clock_offset;
    uint64_t hash;
    bool up;       /* The process is running. */
    bool draining; /* It was asked to end. */
    uint32_t epoch;
    bool crash_pending;
    int64_t crash_down_ms;
    uint32_t crash_place;
    bool faults_on;

    struct sim_random latency, outside, core_random, chance;

    struct sim_event *heap;
    uint32_t heap_len;
    uint32_t ahead_count; /* Events in the heap other than ticks. */
    uint64_t event_sequence;
    uint32_t message_count; /* LANE_DUE events of this process that are ahead. */

    struct sim_request *requests;
    uint32_t live_count;
    uint64_t serial_next;

    struct sim_lane lanes[SIM_LANES_MAX];
    uint32_t lane_count;
    struct sim_memo memos[SIM_MEMOS_MAX];
    uint32_t memo_count;
    struct sim_kv kv[SIM_KV_MAX];
    uint32_t kv_count;

    struct sim_caller *callers;
    uint32_t caller_count;
    struct hx_sim_exchange *exchanges;
    uint32_t *exchange_caller;
    uint32_t exchange_count;
    struct sim_flight *flights;

    struct hx_store *store;
    struct sim_edge *edge; /* NULL: a native world. */
    struct sim_edge *edge_made;
    void *lab_memory;
    struct hx_lab *lab;
    struct sim_lines *lines;
    struct sim_trouble trouble;
    hx_time stale_again_at;

    struct hx_arena arena;       /* Of the run. */
    struct hx_arena query_arena; /* Of the last hx_sim_query. */
    uint8_t *points;             /* Operation by point. */
    uint32_t plan_next;
    bool chance_any;
    uint32_t chance_by_op[SIM_OP_COUNT];
    struct hx_sim_fault *hit;
    uint32_t hit_count;
    struct hx_sim_counters counters;

    const char *violation; /* "I1" */
    char violation_text[HX_SIM_VIOLATION_LEN_MAX];
};

/* world.c */
uint64_t sim_random_next(struct sim_random *random);
int64_t sim_random_to(struct sim_random *random, int64_t max); /* 0..max */
void sim_mix(struct hx_host *sim, uint64_t value);
void sim_mix_str(struct hx_host *sim, hx_str text);
hx_str sim_copy(struct hx_host *sim, hx_str text); /* Into the run's arena. */
void *sim_alloc(struct hx_host *sim, size_t size);
void sim_push(struct hx_host *sim, struct sim_event event);
void sim_step_clock(struct hx_host *sim, int64_t step);

/* process.c */
void sim_process_die(struct hx_host *sim);
void sim_process_start(struct hx_host *sim);

/* request.c */
struct sim_request *sim_request_of(struct hx_req *req);
struct sim_request *sim_request_start(struct hx_host *sim, const struct hx_event *event, uint32_t exchange);
/* What differs from the request of a native world, for the start of one at a place of the edge. */
struct sim_origin {
    uint32_t place, kv_version, exchange;
    struct edge_rpc *rpc;
    enum sim_after after;
};
struct sim_request *sim_request_start_at(struct hx_host *sim, const struct hx_event *event,
                                         const struct sim_origin *origin);
void sim_request_run(struct hx_host *sim, uint32_t slot);
void sim_requests_abandon(struct hx_host *sim);
void sim_requests_abandon_at(struct hx_host *sim, uint32_t place);
/* Yields until world time `at`, or until sim_wake. */
void sim_wait_until(struct sim_request *request, hx_time at);
void sim_wait(struct sim_request *request);
void sim_wake(struct hx_host *sim, uint32_t slot, uint64_t token, hx_time at);
void sim_reply_by_due(struct hx_host *sim, uint32_t slot);

/* caller.c */
void sim_caller_send(struct hx_host *sim, uint32_t caller);
void sim_exchange_answer(struct hx_host *sim, uint32_t exchange, const struct hx_reply *reply); /* NULL: no answer. */

/* fault.c */
void sim_hooks_init(struct hx_host *sim);
/* The fault for a port call without a hook (queue_send), or for a step of the platform. */
struct hx_sim_fault sim_fault_at(struct hx_host *sim, uint32_t op); /* hx_op or sim_op. */
_Noreturn void sim_crash_here(struct sim_request *request);         /* The coroutine never goes on. */

/* port_store.c */
void sim_kv_load(struct hx_host *sim);
void sim_kv_refresh(struct hx_host *sim); /* As the store has them. */
void sim_volatile_forget(struct hx_host *sim);
void sim_memo_forget(struct hx_host *sim, uint32_t place);

/* port_net.c */
void sim_flight_arrive(struct hx_host *sim, uint32_t flight);
uint32_t sim_flight_make(struct hx_host *sim, const struct hx_http_call *call, uint32_t slot);
struct hx_sim_fault sim_fault_of(struct sim_request *request, const struct hx_http_call *call);
void sim_wire_tell(struct sim_request *request, const struct hx_http_call *call);
/* Makes the laboratory lie about what comes next. False: this fault is none of the venue's. */
bool sim_fault_begin(struct hx_host *sim, const struct hx_sim_fault *fault);
void sim_fault_end(struct hx_host *sim, const struct hx_sim_fault *fault);

/* story.c */
void sim_tell_start(const struct sim_request *request);
void sim_tell_wire(const struct sim_request *request, const struct hx_http_call *call);
void sim_tell_venue(struct hx_host *sim, const struct sim_flight *flight, const struct hx_lab_response *response);
void sim_tell_batch(const struct sim_request *request, const struct hx_db_stmt *statements, uint32_t count, hx_err err);
void sim_tell_call(const struct sim_request *request, enum hx_op op, uint32_t sequence, hx_err err);

/* port_flow.c */
void sim_gates_forget(struct hx_host *sim, uint32_t place);
void sim_gate_cut(struct sim_request *request); /* Stops waiting for its lane, if it does. */
void sim_message_added(struct hx_host *sim);
void sim_lane_release(struct sim_request *request);

#endif
