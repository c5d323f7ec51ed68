/* Keys at the edge: the registry holds them, writes a change through to every lane and then to CONFIG_KV, and reports
 * it as done once all lanes have it. Lanes go by what they were told; isolates by what CONFIG_KV said a while ago. */
#include "host/sim/edge.h"

#define CONFIG_KV_STALE_MS 40000 /* With the 20 s of an isolate, P3's minute. */
#define FLUSH_MS 1000
#define FLUSH_AGAIN_MS 2000

static void key_add(struct hx_host *sim, const struct edge_key *change, uint32_t version) {
    struct sim_edge *edge = sim->edge;
    hx_assert(edge->key_count < edge->key_max);
    struct edge_key *key = &edge->keys[edge->key_count++];
    *key = *change;
    key->version = version;
}

void hx_edge_keys_load(struct hx_host *sim) {
    for (uint32_t i = 0; i < sim->config.kv_count; i++) {
        const struct hx_sim_pair *pair = &sim->config.kv[i];
        const struct edge_key key = {0, true, hx_str_from_c(pair->name), hx_str_from_c(pair->value)};
        key_add(sim, &key, 0);
    }
}

/* Reading. */

static const struct edge_key *find(const struct sim_edge *edge, uint32_t version, hx_str key) {
    for (uint32_t i = edge->key_count; i > 0; i--) {
        const struct edge_key *at = &edge->keys[i - 1];
        if (at->version <= version && hx_str_equal(at->key, key)) return at;
    }
    return NULL;
}

static uint32_t version_of(const struct sim_request *request) {
    return edge_is_lane(request->place) ? request->sim->edge->places[request->place].kv_version : request->kv_version;
}

hx_err sim_edge_kv_get(struct sim_request *request, hx_str key, hx_str *out) {
    const struct edge_key *found = find(request->sim->edge, version_of(request), key);
    if (found == NULL || !found->present) return HX_ERR(ABSENT_KEY);
    return hx_arena_copy_str(&request->req.arena, found->value, out);
}

hx_err sim_edge_kv_list(struct sim_request *request, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    const struct sim_edge *edge = request->sim->edge;
    struct hx_arena *arena = &request->req.arena;
    void *memory = NULL;
    HX_TRY(hx_arena_make(arena, edge->key_count + 1, sizeof(struct hx_kv_entry), &memory));
    struct hx_kv_entry *list = memory;
    uint32_t len = 0;
    for (uint32_t i = 0; i < edge->key_count; i++) {
        const struct edge_key *key = &edge->keys[i];
        if (!hx_str_starts_with(key->key, prefix) || find(edge, version_of(request), key->key) != key) continue;
        if (!key->present) continue;
        struct hx_kv_entry copy;
        HX_TRY(hx_arena_copy_str(arena, key->key, &copy.key));
        HX_TRY(hx_arena_copy_str(arena, key->value, &copy.value));
        uint32_t at = len++;
        for (; at > 0 && hx_str_compare(list[at - 1].key, copy.key) > 0; at--) list[at] = list[at - 1];
        list[at] = copy;
    }
    *out = list;
    *count = len;
    return HX_OK;
}

uint32_t hx_edge_kv_values(struct hx_host *sim, hx_str key, hx_str *values, uint32_t max) {
    const struct sim_edge *edge = sim->edge;
    const struct edge_key *settled = find(edge, edge->version_settled, key);
    uint32_t count = 0;
    hx_assert(max > 0);
    values[count++] = settled != NULL && settled->present ? settled->value : HX_STR_EMPTY;
    for (uint32_t i = 0; i < edge->key_count && count < max; i++) {
        const struct edge_key *at = &edge->keys[i];
        if (at->version <= edge->version_settled || !hx_str_equal(at->key, key)) continue;
        values[count++] = at->present ? at->value : HX_STR_EMPTY;
    }
    return count;
}

uint32_t hx_edge_version_in_store(struct hx_host *sim) {
    hx_time then = sim->now - sim_random_to(&sim->latency, CONFIG_KV_STALE_MS);
    uint32_t version = sim->edge->version;
    while (version > 0 && sim->edge->stored_at[version] > then) version--;
    return version;
}

/* Writing. */

hx_err sim_edge_kv_put(struct sim_request *request, hx_str key, bool present, hx_str value) {
    struct hx_host *sim = request->sim;
    struct edge_key *change = sim_alloc(sim, sizeof(*change));
    struct edge_put *put = sim_alloc(sim, sizeof(*put));
    *change = (struct edge_key){0, present, sim_copy(sim, key), sim_copy(sim, value)};
    *put = (struct edge_put){.slot = (uint32_t)(request - sim->requests), .token = ++sim->event_sequence};
    request->token = put->token;
    sim_push(sim, (struct sim_event){
                      .at = sim->now + hx_edge_latency(sim), .kind = SIM_EVENT_PUT, .p = change, .context = put});
    sim_wait(request);
    request->kv_version = put->version;
    return put->err;
}

static void flush_by(struct hx_host *sim, int64_t in_ms) {
    sim_push(sim, (struct sim_event){
                      .at = sim->now + in_ms, .kind = SIM_EVENT_FLUSH_KEYS, .token = ++sim->edge->retry_token});
}

void hx_edge_put_arrive(struct hx_host *sim, const struct edge_key *change, struct edge_put *put) {
    struct sim_edge *edge = sim->edge;
    hx_assert(edge->version + 1 < EDGE_VERSIONS_MAX && edge->put_count < EDGE_PUTS_MAX);
    put->version = ++edge->version;
    key_add(sim, change, put->version);
    edge->puts[edge->put_count++] = put;
    hx_sim_tell(sim, "KEYS   version %u: %.*s is %.*s", put->version, (int)change->key.len, change->key.data,
                (int)change->value.len, change->value.data);
    flush_by(sim, FLUSH_MS);
    hx_edge_flush_keys(sim);
}

static void flush_end(struct hx_host *sim) {
    struct sim_edge *edge = sim->edge;
    hx_err err = edge->flush_failed ? HX_ERR(UNKNOWN_STORE) : HX_OK;
    uint32_t left = 0;
    edge->flushing = false;
    if (edge->stored_at[edge->flush_version] == EDGE_NEVER)
        edge->stored_at[edge->flush_version] = sim->now + hx_edge_latency(sim);
    if (edge->flush_failed) flush_by(sim, FLUSH_AGAIN_MS);
    else if (edge->version_settled < edge->flush_version) edge->version_settled = edge->flush_version;
    for (uint32_t i = 0; i < edge->put_count; i++) {
        struct edge_put *put = edge->puts[i];
        if (!put->flushing) {
            edge->puts[left++] = put;
            continue;
        }
        put->err = err;
        sim_wake(sim, put->slot, put->token, sim->now + hx_edge_latency(sim));
    }
    edge->put_count = left;
    if (left > 0) hx_edge_flush_keys(sim);
}

void hx_edge_flush_keys(struct hx_host *sim) {
    struct sim_edge *edge = sim->edge;
    if (edge->flushing) return;
    edge->flushing = true;
    edge->flush_failed = false;
    edge->flush_pending = 0;
    edge->flush_version = edge->version;
    for (uint32_t i = 0; i < edge->put_count; i++) edge->puts[i]->flushing = true;
    for (uint32_t i = EDGE_ISOLATES; i < EDGE_PLACES; i++) {
        const struct edge_place *place = &edge->places[i];
        if (!place->registered || place->registry_version >= edge->version) continue;
        struct hx_sim_fault fault = sim_fault_at(sim, SIM_OP_ADOPT);
        edge->flush_pending++;
        struct sim_event tell = {.at = sim->now + hx_edge_latency(sim),
                                 .kind = SIM_EVENT_ADOPT,
                                 .a = i,
                                 .token = edge->version,
                                 .number = fault.kind != HX_SIM_FAULT_EFFECT_ERROR};
        if (fault.kind == HX_SIM_FAULT_LATE) tell.at += fault.argument;
        if (fault.kind == HX_SIM_FAULT_ERROR) tell.kind = SIM_EVENT_ADOPTED, tell.number = 0;
        sim_push(sim, tell);
    }
    if (edge->flush_pending == 0) flush_end(sim);
}

/* told: whether the registry will hear of it. */
void hx_edge_adopt_arrive(struct hx_host *sim, uint32_t index, uint32_t version, bool told) {
    struct edge_place *place = &sim->edge->places[index];
    bool up = sim->now >= place->up_at;
    if (up && place->kv_version < version) place->kv_version = version;
    hx_sim_tell(sim, "KEYS   lane %.*s %s version %u", (int)place->lane.len, place->lane.data,
                up ? "has" : "can't be told of", version);
    sim_push(sim, (struct sim_event){.at = sim->now + hx_edge_latency(sim),
                                     .kind = SIM_EVENT_ADOPTED,
                                     .a = index,
                                     .token = version,
                                     .number = up && told});
}

void hx_edge_adopt_answer(struct hx_host *sim, uint32_t index, uint32_t version, bool ok) {
    struct sim_edge *edge = sim->edge;
    struct edge_place *place = &edge->places[index];
    if (!ok) edge->flush_failed = true;
    else if (place->registry_version < version) place->registry_version = version;
    if (--edge->flush_pending == 0) flush_end(sim);
}
