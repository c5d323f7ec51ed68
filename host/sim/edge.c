/* The edge's places: who is where, who dies, and what travels between them. */
#include "host/sim/edge.h"

#include <stdio.h>
#include <stdlib.h>

#define KEYS_FRESH_MS 20000      /* worker.mjs: how long an isolate goes by the keys it has. */
#define ALARM_RETRY_MS 2000      /* The platform's, after a round that its object did not live to end. */
#define TELLS_OF_LOST_ALARM_MS 1 /* An alarm set without rows this shortly before the end may not have been kept. */

struct sim_edge *sim_edge_make(struct hx_host *sim) {
    struct sim_edge *edge = calloc(1, sizeof(*edge));
    if (edge != NULL) edge->keys = calloc(SIM_KV_MAX + EDGE_VERSIONS_MAX, sizeof(*edge->keys));
    if (edge == NULL || edge->keys == NULL) return NULL;
    edge->key_max = SIM_KV_MAX + EDGE_VERSIONS_MAX;
    sim->edge_made = edge;
    return hx_edge_mirror_make(sim) ? edge : NULL;
}

void sim_edge_release(struct hx_host *sim) {
    struct sim_edge *edge = sim->edge_made;
    if (edge == NULL) return;
    hx_edge_mirror_release(sim);
    free(edge->keys);
    free(edge);
    sim->edge = sim->edge_made = NULL;
}

static void place_clear(struct edge_place *place) {
    struct hx_store *store = place->store;
    uint32_t life = place->life;
    *place = (struct edge_place){.store = store, .life = life + 1};
    place->alarm_stored = place->alarm_before = place->alarm_at = place->timer_at = EDGE_NEVER;
    place->alarm_set_ms = place->kv_read_ms = -EDGE_NEVER / 2;
}

void sim_edge_reset(struct hx_host *sim) {
    struct sim_edge *edge = sim->edge;
    hx_edge_mirror_reset(sim);
    for (uint32_t i = 0; i < EDGE_PLACES; i++) place_clear(&edge->places[i]);
    for (uint32_t i = 0; i < EDGE_ISOLATES; i++) edge->places[i].made = true;
    edge->lane_count = 0;
    edge->version = edge->version_settled = edge->key_count = 0;
    for (uint32_t i = 0; i < EDGE_VERSIONS_MAX; i++) edge->stored_at[i] = i == 0 ? 0 : EDGE_NEVER;
    edge->put_count = edge->flush_pending = 0;
    edge->flushing = false;
    hx_edge_keys_load(sim);
}

int64_t hx_edge_latency(struct hx_host *sim) {
    return 1 + sim_random_to(&sim->latency, sim->config.network_ms_max);
}

uint32_t hx_edge_lane_find(struct hx_host *sim, hx_str lane) {
    struct sim_edge *edge = sim->edge;
    for (uint32_t i = 0; i < edge->lane_count; i++) {
        if (hx_str_equal(edge->places[EDGE_ISOLATES + i].lane, lane)) return EDGE_ISOLATES + i;
    }
    hx_assert(edge->lane_count < EDGE_LANES_MAX);
    struct edge_place *place = &edge->places[EDGE_ISOLATES + edge->lane_count];
    place->made = true;
    place->lane = sim_copy(sim, lane);
    return EDGE_ISOLATES + edge->lane_count++;
}

uint32_t hx_edge_isolate_draw(struct hx_host *sim) {
    uint32_t place = (uint32_t)sim_random_to(&sim->latency, EDGE_ISOLATES - 1);
    struct edge_place *isolate = &sim->edge->places[place];
    if (sim->now - isolate->kv_read_ms > KEYS_FRESH_MS) {
        isolate->kv_read_ms = sim->now;
        isolate->kv_version = hx_edge_version_in_store(sim);
    }
    return place;
}

/* Dying. */

static void evict(struct hx_host *sim, uint32_t index, int64_t down_ms) {
    struct edge_place *place = &sim->edge->places[index];
    if (!place->made) return;
    sim->counters.crashes++;
    hx_sim_tell(sim, "CRASH  %s%.*s is gone; it can be had again in %lld ms",
                edge_is_lane(index) ? "lane " : "an isolate", (int)place->lane.len, place->lane.data,
                edge_is_lane(index) ? (long long)down_ms : 0);
    place->life++;
    place->up_at = edge_is_lane(index) ? sim->now + down_ms : 0;
    sim_requests_abandon_at(sim, index);
    sim_memo_forget(sim, index);
    place->kv_read_ms = -EDGE_NEVER / 2;
    place->joining = place->noted = place->pumping = place->pump_again = false;
    place->due_count = 0;
    place->timer_at = EDGE_NEVER;
    place->timer_token++;
    place->working_count = 0;
    bool fresh = sim->now - place->alarm_set_ms <= TELLS_OF_LOST_ALARM_MS;
    if (fresh && sim_random_to(&sim->latency, 1) == 0) place->alarm_stored = place->alarm_before;
    if (place->rounds > 0 && place->alarm_stored > sim->now + ALARM_RETRY_MS)
        place->alarm_stored = sim->now + ALARM_RETRY_MS;
    place->rounds = place->rounds_flushing = 0;
    place->alarm_at = place->alarm_stored;
    place->alarm_token++;
    if (place->alarm_stored == EDGE_NEVER) return;
    hx_time at = place->alarm_stored > place->up_at ? place->alarm_stored : place->up_at;
    sim_push(sim, (struct sim_event){.at = at, .kind = SIM_EVENT_ALARM, .a = index, .token = place->alarm_token});
}

/* A new version takes them all at once; otherwise somebody. */
void sim_edge_crash(struct hx_host *sim, uint32_t place, int64_t down_ms) {
    if (place != SIM_NONE) {
        evict(sim, place, down_ms);
        return;
    }
    int64_t pick = sim_random_to(&sim->latency, 2 * (int64_t)(EDGE_ISOLATES + sim->edge->lane_count));
    if (pick < (int64_t)(EDGE_ISOLATES + sim->edge->lane_count)) {
        evict(sim, (uint32_t)pick, down_ms);
        return;
    }
    for (uint32_t i = 0; i < EDGE_PLACES; i++) evict(sim, i, down_ms);
}

/* The watchdog. */

void sim_edge_cron(struct hx_host *sim) {
    struct hx_sim_fault fault = sim_fault_at(sim, SIM_OP_CRON);
    if (fault.kind == HX_SIM_FAULT_LOSE) return;
    int64_t late = fault.kind == HX_SIM_FAULT_LATE ? fault.argument : 0;
    for (uint32_t i = EDGE_ISOLATES; i < EDGE_PLACES; i++) {
        if (!sim->edge->places[i].busy) continue;
        sim_push(sim,
                 (struct sim_event){.at = sim->now + late + 2 * hx_edge_latency(sim), .kind = SIM_EVENT_WATCH, .a = i});
    }
}

static void watch(struct hx_host *sim, const struct sim_event *event) {
    struct edge_place *place = &sim->edge->places[event->a];
    if (sim->now < place->up_at || !hx_edge_join(sim, event->a)) return;
    hx_edge_tick(sim, event->a, SIM_AFTER_NOTHING);
}

static void joined(struct hx_host *sim, const struct sim_event *event) {
    struct edge_place *place = &sim->edge->places[event->a];
    if (place->life != event->token) return;
    if (place->kv_version < (uint32_t)event->number) place->kv_version = (uint32_t)event->number;
    place->joined = true;
    place->joining = false;
}

bool hx_edge_join(struct hx_host *sim, uint32_t index) {
    struct edge_place *place = &sim->edge->places[index];
    if (place->joined) return true;
    if (place->joining) return false;
    place->joining = place->registered = true;
    place->registry_version = sim->edge->version;
    sim_push(sim, (struct sim_event){.at = sim->now + 2 * hx_edge_latency(sim),
                                     .kind = SIM_EVENT_JOINED,
                                     .a = index,
                                     .token = place->life,
                                     .number = sim->edge->version});
    return false;
}

void sim_edge_handle(struct hx_host *sim, const struct sim_event *event) {
    switch (event->kind) {
        case SIM_EVENT_RPC:
            hx_edge_rpc_arrive(sim, event->context);
            break;
        case SIM_EVENT_JOINED:
            joined(sim, event);
            break;
        case SIM_EVENT_TIMER:
            hx_edge_timer(sim, event);
            break;
        case SIM_EVENT_ALARM:
            hx_edge_alarm(sim, event);
            break;
        case SIM_EVENT_MESSAGE:
            hx_edge_message_arrive(sim, event->context);
            break;
        case SIM_EVENT_WATCH:
            watch(sim, event);
            break;
        case SIM_EVENT_NOTE:
            sim->edge->places[event->a].busy = event->number != 0;
            break;
        case SIM_EVENT_PUT:
            hx_edge_put_arrive(sim, event->p, event->context);
            break;
        case SIM_EVENT_ADOPT:
            hx_edge_adopt_arrive(sim, event->a, (uint32_t)event->token, event->number != 0);
            break;
        case SIM_EVENT_ADOPTED:
            hx_edge_adopt_answer(sim, event->a, (uint32_t)event->token, event->number != 0);
            break;
        case SIM_EVENT_FLUSH_KEYS:
            if (event->token == sim->edge->retry_token) hx_edge_flush_keys(sim);
            break;
        case SIM_EVENT_PARCEL:
            hx_edge_parcel_arrive(sim, event->a);
            break;
        default:
            hx_assert(event->kind == SIM_EVENT_PARCEL_ANSWER);
            hx_edge_parcel_answer(sim, event->a, event->number != 0);
            break;
    }
}

bool sim_edge_is_idle(const struct hx_host *sim) {
    for (uint32_t i = EDGE_ISOLATES; i < EDGE_PLACES; i++) {
        const struct edge_place *place = &sim->edge->places[i];
        if (place->made && (place->dirty || place->pumping || place->rounds > 0)) return false;
    }
    return true;
}
