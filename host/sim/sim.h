/* The simulated host: the port on one deterministic machine that can be told to fail.
 *
 * One world holds a virtual clock, an event heap, a seeded generator, the requests (one coroutine each), the lanes, a
 * store in memory that stands for the durable disk, volatile memory, a network and the laboratory at its other end.
 * Time passes only between events, so two hours cost as much as what happens in them.
 *
 * Invariants
 *  1. The same configuration and calls give the same events, bytes and hash (hx_sim_hash).
 *  2. What a crash leaves: rows of committed batches, and requests that are already on the wire. Nothing else.
 *  3. The bytes of an http_send leave at the moment of the call when the request holds a prepared connection.
 *  4. Every fault is one that the port's contract allows (port/host.h P1..P8); faults are numbered by the port call
 *     they hit, the "point", so that a run can be repeated with any subset of them.
 *
 * Not thread-safe: one world per thread, and no two at once on one (the coroutines are per thread). */
#ifndef HX_HOST_SIM_SIM_H
#define HX_HOST_SIM_SIM_H

#include <stdio.h>

#include "core/app/app.h"
#include "host/sim/venue.h"
#include "lab/lab.h"
#include "port/host.h"

/* Faults. */

enum hx_sim_fault_kind {
#define X(name, text, ops) HX_SIM_FAULT_##name,
#include "host/sim/fault.def"
#undef X
    HX_SIM_FAULT_COUNT
};

const char *hx_sim_fault_text(enum hx_sim_fault_kind kind);        /* "crash_before" */
bool hx_sim_fault_parse(hx_str text, enum hx_sim_fault_kind *out); /* False: no such kind. */
/* Whether this fault can hit that operation, or step of the edge's platform (hx_sim_op_at). */
bool hx_sim_fault_applies(enum hx_sim_fault_kind kind, uint32_t op);

/* In a plan: one of the faults that can hit the call there, picked by `argument`. */
#define HX_SIM_FAULT_ANY HX_SIM_FAULT_COUNT

/* The sizes (arguments) each fault comes in: how many, and one of them. */
uint32_t hx_sim_fault_size_count(enum hx_sim_fault_kind kind);
int64_t hx_sim_fault_size(enum hx_sim_fault_kind kind, uint64_t pick);

/* `argument` picks the size: milliseconds of a delay, bytes left of an arena, the variant of garbage. */
struct hx_sim_fault {
    uint32_t point; /* Number of the port call of this run, from 0. */
    enum hx_sim_fault_kind kind;
    int64_t argument;
};

/* A world. */

struct hx_sim_pair {
    const char *name;
    const char *value;
};

struct hx_sim_config {
    uint64_t seed;
    bool edge;                        /* The world is the edge: lanes are objects of their own (docs/SIM.md). */
    const struct hx_sim_venue *venue; /* At the other end of the network; NULL: the first there is. */
    hx_time start_ms;
    const struct hx_sim_pair *settings; /* What hx_port_setting answers; kept by pointer until the next reset. */
    uint32_t setting_count;
    const struct hx_sim_pair *secrets; /* Beside the venue's, which is the laboratory's. */
    uint32_t secret_count;
    const struct hx_sim_pair *kv; /* Rows that are there at the start. */
    uint32_t kv_count;
    int64_t store_ms_max;        /* A batch becomes durable, and is reported, after up to so long each. */
    int64_t network_ms_max;      /* One way. */
    uint32_t venue_fills_max;    /* Market orders fill in up to so many parts; 0: one. */
    int64_t venue_lookup_lag_ms; /* Orders are invisible to queries for so long. */
    bool venue_fee_in_bnb;
    uint32_t streams; /* Of the venue: 0 none, 1 the account's, 2 prices too. Not at the edge. */
    /* Faults hit by plan, in ascending order of point; kept by pointer until the next reset. */
    const struct hx_sim_fault *faults;
    uint32_t fault_count;
    /* Faults hit by chance: probability per applicable point, in 1/65536. All zero: none. */
    uint16_t fault_chance[HX_SIM_FAULT_COUNT];
    bool no_ticks; /* For unit tests of the port alone. */
    FILE *story;   /* NULL, or where the run is told as it happens. */
    FILE *log;     /* NULL, or where the core's log goes. */
};

/* What a world has room for. */
struct hx_sim_room {
    uint32_t callers_max, exchanges_max;
    size_t arena_size;        /* Of a run: everything that travels stays in it to the run's end. */
    struct hx_lab_config lab; /* Of the laboratory. */
    const char *ledger_path;  /* The file that is the native world's store; NULL: in memory. */
};
struct hx_sim_room hx_sim_room_small(void); /* For many short runs: 1024 callers, 4096 exchanges, 16 MiB. */
/* For one long run at the pace of the outside, which then can read its ledger. Memory is touched as it is needed. */
struct hx_sim_room hx_sim_room_large(const char *ledger_path);

/* NULL when the system has no memory, or the ledger can't be opened. One world serves any number of runs. */
struct hx_host *hx_sim_make_with(const struct hx_sim_room *room);
struct hx_host *hx_sim_make(void); /* The small one. */
void hx_sim_release(struct hx_host *sim);
void hx_sim_reset(struct hx_host *sim, const struct hx_sim_config *config); /* A new run. */
const struct hx_sim_venue *hx_sim_venue_of(const struct hx_host *sim);      /* Of this run; never NULL. */

/* Tells of what leaves the world, at the moment it does. Set after reset; any may be NULL. */
struct hx_sim_observer {
    void *context;
    void (*on_wire)(void *context, struct hx_host *sim, const struct hx_http_call *call); /* First byte leaves. */
    void (*on_reply)(void *context, struct hx_host *sim, uint32_t exchange);              /* A caller is answered. */
    void (*on_text)(void *context, struct hx_host *sim, const char *where, hx_str text);  /* Logs. */
};
void hx_sim_observe(struct hx_host *sim, const struct hx_sim_observer *observer);

/* What the outside does. */

/* One caller. It sends, waits for the answer, and sends again after an answer of 5xx or none, as TradingView does. */
struct hx_sim_call {
    hx_time at_ms; /* World time. */
    enum hx_http_method method;
    hx_str path, body;                    /* Copied. */
    hx_str query;                         /* Copied. */
    hx_str peer_address;                  /* Copied. */
    hx_str idempotency_key;               /* Header, when not empty; copied. Instead of `headers`. */
    const struct hx_http_header *headers; /* Copied. */
    uint32_t header_count;
    bool from_operator;
    uint32_t sends_max;      /* >= 1. */
    int64_t resend_after_ms; /* From the answer or the loss of the connection to the next send. */
    uint32_t tag;            /* The caller's own. */
};
void hx_sim_add_call(struct hx_host *sim, const struct hx_sim_call *call);

/* One send of a caller and what came back. */
struct hx_sim_exchange {
    uint32_t tag;
    hx_str path, body, idempotency_key; /* As sent. */
    hx_time sent_ms, answered_ms;
    bool answered;   /* False at the end: still waiting. */
    uint32_t status; /* 0: the connection was refused or broke. */
    bool replayed;   /* Idempotent-Replayed: true. */
    const struct hx_http_header *reply_headers;
    uint32_t reply_header_count;
    hx_str reply_body;
};
uint32_t hx_sim_exchange_count(const struct hx_host *sim);
const struct hx_sim_exchange *hx_sim_get_exchange(const struct hx_host *sim, uint32_t index);

/* Scheduled disturbances, at world times. */
void hx_sim_add_crash(struct hx_host *sim, hx_time at_ms, int64_t down_ms);
void hx_sim_add_clock_step(struct hx_host *sim, hx_time at_ms,
                           int64_t step_ms); /* The host's clock against the world. */
/* The next `count` requests whose target begins with `match` (empty: orders) get fault `kind` of network or venue. */
void hx_sim_add_venue_trouble(struct hx_host *sim, hx_time at_ms, enum hx_sim_fault_kind kind, uint32_t count,
                              int64_t argument, hx_str match);
void hx_sim_add_price(struct hx_host *sim, hx_time at_ms, hx_str symbol, hx_dec price); /* Pins it; zero lets go. */
/* Calls fn(context, sim) from the event loop. */
void hx_sim_add_action(struct hx_host *sim, hx_time at_ms, void (*fn)(void *context, struct hx_host *sim),
                       void *context);

/* Running. */

/* One event. False when there is none left, or the run was stopped by a violation. */
bool hx_sim_step(struct hx_host *sim);
/* Until world time reaches `until` or the run stops. */
void hx_sim_run_until(struct hx_host *sim, hx_time until);
/* When the next event is due; INT64_MAX when there is none. */
hx_time hx_sim_next(const struct hx_host *sim);
/* True when nothing is under way: no live request, and only ticks ahead. Says nothing about rows. */
bool hx_sim_is_idle(const struct hx_host *sim);

/* The life of the process in a native world, at the pace of the outside. Callers of one that is down find nobody. */
void hx_sim_kill(struct hx_host *sim); /* As kill -9 would. It stays down. */
/* Asks it to end, as SIGTERM does: nobody new is let in, sleeps and waits for lanes are cut short, what is under way
 * gets `limit_ms` to end. False when something had to be left unfinished. */
bool hx_sim_stop(struct hx_host *sim, int64_t limit_ms);
void hx_sim_start(struct hx_host *sim); /* Does nothing when it is up. */
bool hx_sim_is_up(const struct hx_host *sim);

void hx_sim_set_faults(struct hx_host *sim, bool on); /* Off: no fault of plan or chance any more. */
/* Runs fn as a request of its own until it returns (contract tests). */
void hx_sim_run_request(struct hx_host *sim, void (*fn)(struct hx_req *req, void *context), void *context);

hx_time hx_sim_now(const struct hx_host *sim);      /* World time. */
hx_time hx_sim_host_now(const struct hx_host *sim); /* What hx_port_now answers. */
uint64_t hx_sim_hash(const struct hx_host *sim);    /* Of everything that happened so far. */
struct hx_lab *hx_sim_lab(struct hx_host *sim);
void hx_sim_lab_changed(struct hx_host *sim); /* It was told something from outside: its streams may have news. */
uint64_t hx_sim_random(struct hx_host *sim);  /* From the run's own generator: for the outside, not for oracles. */

/* The store, for oracles: no virtual time passes, no fault hits. The rows live until the next call. Asserts success.
 * At the edge this is the union of all lanes' rows; D1's tables are there as d1.signals and so on. */
void hx_sim_query(struct hx_host *sim, const char *sql, const struct hx_db_value *params, uint32_t param_count,
                  struct hx_db_rows *out);

bool hx_sim_is_edge(const struct hx_host *sim);
/* The values of a key that an order may rightly go by: in a native world the stored one, at the edge also those of puts
 * that have not been reported as done. At most `max`; an absent key is an empty value. */
uint32_t hx_sim_kv_values(struct hx_host *sim, hx_str key, hx_str *values, uint32_t max);

struct hx_sim_counters {
    uint32_t points;   /* Port calls that a fault could hit. */
    uint32_t requests; /* Started. */
    uint32_t crashes;
    uint32_t faults; /* That hit. */
    uint64_t events;
    size_t arena_used_max;
    uint32_t calls_max; /* Port calls of the busiest request. */
};
const struct hx_sim_counters *hx_sim_get_counters(const struct hx_host *sim);
/* The operation at a point of this run; point < counters.points and < HX_SIM_POINTS_MAX. */
#define HX_SIM_POINTS_MAX 65536
uint32_t hx_sim_op_at(const struct hx_host *sim, uint32_t point); /* enum hx_op; above it: the platform's. */
/* The faults that hit, in order, ready to be given back as a plan. */
const struct hx_sim_fault *hx_sim_faults_hit(const struct hx_host *sim, uint32_t *count);

/* Violations. */

#define HX_SIM_VIOLATION_LEN_MAX 400

/* Records the first violation of a run and stops it. `number` is that of the contract: "I1". */
void hx_sim_violate(struct hx_host *sim, const char *number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *hx_sim_violation_number(const struct hx_host *sim); /* NULL: none. */
const char *hx_sim_violation_text(const struct hx_host *sim);
/* Makes a failing hx_assert of the core a violation of I9 in the run that met it, instead of the end of the process. */
void hx_sim_catch_assertions(struct hx_host *sim);

/* Tells the story, when there is one. */
void hx_sim_tell(struct hx_host *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
