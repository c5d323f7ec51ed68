/* The world of kind `edge`: the same core spread over Worker isolates, one object per lane, a registry, a queue, alarms
 * and D1, as host/edge does it (lane.mjs, publish.mjs, worker.mjs), with the weakest behaviour the platform allows.
 *
 * Invariants
 *  1. A place (isolate or object) dies alone: its requests, memo, timers, dues and unfinished pumps are gone; its rows,
 *     its alarm and whatever is under way to others stay.
 *  2. A row of a lane lives in the store of that lane only; D1 knows of it by what the lane's pump has sent.
 *  3. Every step of the platform is a point (sim_op), so plans and chances reach it as they reach a port call. */
#ifndef HX_HOST_SIM_EDGE_H
#define HX_HOST_SIM_EDGE_H

#include "host/sim/world.h"

#define EDGE_ISOLATES 3
#define EDGE_LANES_MAX 4                             /* One per symbol of the workloads. */
#define EDGE_PLACES (EDGE_ISOLATES + EDGE_LANES_MAX) /* Isolates first. */
#define EDGE_DUES_MAX 400
#define EDGE_WORKING_MAX 16
#define EDGE_VERSIONS_MAX 128
#define EDGE_PUTS_MAX 32
#define EDGE_PARCELS_MAX 256
#define EDGE_NEVER INT64_MAX

struct edge_due {
    hx_str lane;
    hx_time due; /* By the host's clock. */
};

/* A lane's wake-ups that come while one is at work become one more after it. */
struct edge_working {
    hx_str lane; /* The lane itself, or "outbox". */
    bool running, again, due;
};

struct edge_place {
    bool made;
    hx_str lane; /* Empty for isolates. */
    uint32_t life;
    hx_time up_at;
    uint32_t kv_version;
    hx_time kv_read_ms; /* Isolates: when they last asked CONFIG_KV. */
    /* Durable. */
    struct hx_store *store; /* Isolates: D1. */
    hx_time alarm_stored, alarm_before, alarm_set_ms;
    uint64_t alarm_token;
    uint32_t registry_version; /* What the registry knows this lane to have. */
    bool registered, busy;     /* So does the registry. */
    bool joined;
    /* Volatile. */
    bool joining, noted;
    hx_time alarm_at;
    struct edge_due dues[EDGE_DUES_MAX];
    uint32_t due_count;
    hx_time timer_at;
    uint64_t timer_token;
    struct edge_working working[EDGE_WORKING_MAX];
    uint32_t working_count;
    uint32_t rounds, rounds_flushing;
    bool pumping, pump_again;
    bool dirty; /* Not all of its rows are known to be in D1. */
};

/* One change of a key; `version` counts them. Version 0 is what the world began with. */
struct edge_key {
    uint32_t version;
    bool present;
    hx_str key, value;
};

struct edge_put {
    uint32_t slot, version;
    uint64_t token;
    bool flushing, done;
    hx_err err;
};

/* A call from one place to another and its way back. Lives in the run's arena. */
struct edge_rpc {
    uint32_t place; /* Where it is handled. */
    uint32_t slot;  /* The request that waits, unless it has gone; its wait has this token. */
    uint64_t token;
    struct hx_event event;
    bool answered;
    hx_err err;
    struct hx_reply reply;
};

struct edge_message {
    uint32_t place;
    uint32_t attempts;
    bool dead; /* It is in the queue of the undeliverable. */
};

struct edge_parcel; /* Rows on their way to D1. */

struct sim_edge {
    struct edge_place places[EDGE_PLACES];
    uint32_t lane_count;
    struct hx_store *d1, *truth;
    struct edge_mirror *mirror; /* Prepared statements. */
    struct edge_parcel *parcels[EDGE_PARCELS_MAX];
    /* The registry. */
    struct edge_key *keys;
    uint32_t key_count, key_max;
    uint32_t version, version_settled;
    hx_time stored_at[EDGE_VERSIONS_MAX]; /* When CONFIG_KV had a version. */
    struct edge_put *puts[EDGE_PUTS_MAX];
    uint32_t put_count;
    bool flushing;
    uint32_t flush_pending, flush_version;
    bool flush_failed;
    uint64_t retry_token;
};

static inline bool edge_is_lane(uint32_t place) {
    return place >= EDGE_ISOLATES;
}

/* edge.c */
struct sim_edge *sim_edge_make(struct hx_host *sim); /* NULL, with the reason on stderr. */
void sim_edge_release(struct hx_host *sim);
void sim_edge_reset(struct hx_host *sim);
void sim_edge_handle(struct hx_host *sim, const struct sim_event *event);
void sim_edge_crash(struct hx_host *sim, uint32_t place, int64_t down_ms); /* place SIM_NONE: drawn. */
void sim_edge_cron(struct hx_host *sim);
bool sim_edge_is_idle(const struct hx_host *sim);
int64_t hx_edge_latency(struct hx_host *sim);
uint32_t hx_edge_isolate_draw(struct hx_host *sim); /* With the keys an alert there would see. */
uint32_t hx_edge_lane_find(struct hx_host *sim, hx_str lane);

/* edge_call.c */
hx_err sim_edge_lane_call(struct sim_request *request, hx_str lane, const struct hx_event *event,
                          struct hx_reply *reply);
void hx_edge_rpc_arrive(struct hx_host *sim, struct edge_rpc *rpc);
void sim_edge_answer(struct sim_request *request, hx_err err, const struct hx_reply *reply);
void sim_edge_reply_copy(struct hx_host *sim, const struct hx_reply *from, struct hx_reply *to);
bool hx_edge_join(struct hx_host *sim, uint32_t place); /* False: it is on its way; come back a little later. */

/* edge_lane.c */
void sim_edge_queue_send(struct sim_request *request, hx_str lane, hx_time due);
void sim_edge_request_ended(struct hx_host *sim, uint32_t place, enum sim_after after, hx_str lane);
void hx_edge_begin_work(struct hx_host *sim, uint32_t place);
void hx_edge_wake_by(struct hx_host *sim, uint32_t place, hx_time world_time, bool with_rows);
void hx_edge_work_off(struct hx_host *sim, uint32_t place, hx_str lane);
void hx_edge_tick(struct hx_host *sim, uint32_t place, enum sim_after after);
void hx_edge_alarm(struct hx_host *sim, const struct sim_event *event);
void hx_edge_timer(struct hx_host *sim, const struct sim_event *event);
void hx_edge_message_arrive(struct hx_host *sim, struct edge_message *message);
void hx_edge_flushed(struct hx_host *sim, uint32_t place); /* The pump has stopped, with or without success. */

/* edge_kv.c */
void hx_edge_keys_load(struct hx_host *sim);
hx_err sim_edge_kv_get(struct sim_request *request, hx_str key, hx_str *out);
hx_err sim_edge_kv_list(struct sim_request *request, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count);
hx_err sim_edge_kv_put(struct sim_request *request, hx_str key, bool present, hx_str value);
void hx_edge_put_arrive(struct hx_host *sim, const struct edge_key *change, struct edge_put *put);
void hx_edge_adopt_arrive(struct hx_host *sim, uint32_t place, uint32_t version, bool told);
void hx_edge_adopt_answer(struct hx_host *sim, uint32_t place, uint32_t version, bool ok);
void hx_edge_flush_keys(struct hx_host *sim);
uint32_t hx_edge_kv_values(struct hx_host *sim, hx_str key, hx_str *values, uint32_t max);
uint32_t hx_edge_version_in_store(struct hx_host *sim); /* What a read of CONFIG_KV may say at this moment. */

/* edge_mirror.c */
bool hx_edge_mirror_make(struct hx_host *sim);
void hx_edge_mirror_release(struct hx_host *sim);
void hx_edge_mirror_reset(struct hx_host *sim);
void hx_edge_pump(struct hx_host *sim, uint32_t place);
void hx_edge_parcel_arrive(struct hx_host *sim, uint32_t index);
void hx_edge_parcel_answer(struct hx_host *sim, uint32_t index, bool ok);
bool hx_edge_unfinished(struct hx_host *sim, uint32_t place, bool *claims);
bool hx_edge_is_retry(struct hx_host *sim, uint32_t place, hx_time due); /* A signal waits for this very moment. */
void hx_edge_dead_letter_write(struct hx_host *sim, uint32_t place);

#endif
