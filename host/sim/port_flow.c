/* Everything of the port that is neither store nor network: time, randomness, logs, trace, settings, lanes, the queue.
 */
#include "host/sim/edge.h"
#include "host/sim/line.h"

hx_time hx_host_now(struct hx_req *req) {
    return hx_sim_host_now(req->host);
}

void hx_host_random(struct hx_req *req, void *out, size_t len) {
    struct hx_host *sim = req->host;
    uint8_t *bytes = out;
    for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)(sim_random_next(&sim->core_random) >> 24);
}

static const char *level_name(enum hx_log_level level) {
    static const char *const names[] = {"debug", "info", "warn", "error", "notice"};
    return names[level];
}

void hx_host_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail) {
    struct hx_host *sim = req->host;
    hx_sim_tell(sim, "#%llu   %s: %.*s %.*s", (unsigned long long)sim_request_of(req)->serial, level_name(level),
                (int)message.len, message.data, (int)detail.len, detail.data);
    if (sim->config.log != NULL)
        fprintf(sim->config.log, "%lld %s %s %.*s %.*s\n", (long long)hx_host_now(req), req->id, level_name(level),
                (int)message.len, message.data, (int)detail.len, detail.data);
    sim_mix_str(sim, message);
    if (sim->observer.on_text == NULL) return;
    sim->observer.on_text(sim->observer.context, sim, "log message", message);
    sim->observer.on_text(sim->observer.context, sim, "log detail", detail);
}

void hx_host_trace(struct hx_req *req, enum hx_op op, uint32_t sequence, bool done, hx_err err) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    if (!done) {
        request->call_began_ms = sim->now;
        return;
    }
    sim_mix(sim, ((request->serial << 20 ^ sequence) << 5 ^ (uint64_t)op) * 31 + err.code);
    request->fault.kind = HX_SIM_FAULT_COUNT;
    sim_tell_call(request, op, sequence, err);
}

hx_err hx_host_setting(struct hx_req *req, hx_str name, hx_str *out) {
    const struct hx_host *sim = req->host;
    for (uint32_t i = 0; i < sim->config.setting_count; i++) {
        if (!hx_str_equal(name, hx_str_from_c(sim->config.settings[i].name))) continue;
        *out = hx_str_from_c(sim->config.settings[i].value);
        return HX_OK;
    }
    return sim_line_url(sim, name, out) ? HX_OK : HX_ERR(ABSENT_KEY);
}

/* Sleeps until the host's clock says so: a step of the clock meanwhile moves the moment. */
hx_err hx_host_sleep(struct hx_req *req, hx_time until) {
    struct sim_request *request = sim_request_of(req);
    do {
        if (request->sim->draining) return HX_ERR(LIMIT_TIME);
        request->sleeping = true;
        sim_wait_until(request, request->sim->now + (until - hx_host_now(req)));
        request->sleeping = false;
        if (request->sleep_cut) return HX_ERR(LIMIT_TIME);
    } while (hx_host_now(req) < until);
    return HX_OK;
}

/* Lanes. */

static uint32_t lane_make(struct hx_host *sim, uint32_t place, hx_str name) {
    for (uint32_t i = 0; i < sim->lane_count; i++) {
        if (sim->lanes[i].place == place && hx_str_equal(sim->lanes[i].name, name)) return i;
    }
    hx_assert(sim->lane_count < SIM_LANES_MAX);
    sim->lanes[sim->lane_count] = (struct sim_lane){sim_copy(sim, name), place, SIM_NONE, SIM_NONE, SIM_NONE};
    return sim->lane_count++;
}

hx_err hx_host_lane_lock(struct hx_req *req, hx_str name) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    uint32_t slot = (uint32_t)(request - sim->requests);
    hx_assert(request->lane == SIM_NONE);
    if (sim->edge != NULL && !edge_is_lane(request->place)) return HX_ERR(BROKEN_HOST);
    request->lane = lane_make(sim, request->place, name);
    struct sim_lane *lane = &sim->lanes[request->lane];
    if (lane->holder == SIM_NONE) {
        lane->holder = slot;
        return HX_OK;
    }
    if (sim->draining) {
        request->lane = SIM_NONE;
        return HX_ERR(LIMIT_TIME);
    }
    if (lane->first == SIM_NONE) lane->first = slot;
    else sim->requests[lane->last].lane_next = slot;
    lane->last = slot;
    request->lane_next = SIM_NONE;
    request->token = ++sim->event_sequence;
    sim_wait(request);
    if (request->gate_cut) return HX_ERR(LIMIT_TIME);
    hx_assert(lane->holder == slot);
    return HX_OK;
}

void sim_gate_cut(struct sim_request *request) {
    struct hx_host *sim = request->sim;
    uint32_t slot = (uint32_t)(request - sim->requests), before = SIM_NONE;
    if (request->lane == SIM_NONE || sim->lanes[request->lane].holder == slot) return;
    struct sim_lane *lane = &sim->lanes[request->lane];
    for (uint32_t at = lane->first; at != slot; at = sim->requests[at].lane_next) before = at;
    if (before == SIM_NONE) lane->first = request->lane_next;
    else sim->requests[before].lane_next = request->lane_next;
    if (lane->last == slot) lane->last = before;
    request->lane = SIM_NONE;
    request->gate_cut = true;
    sim_wake(sim, slot, request->token, sim->now);
}

void sim_gates_forget(struct hx_host *sim, uint32_t place) {
    for (uint32_t i = 0; i < sim->lane_count; i++) {
        struct sim_lane *lane = &sim->lanes[i];
        if (lane->place == place) lane->holder = lane->first = lane->last = SIM_NONE;
    }
}

void sim_lane_release(struct sim_request *request) {
    struct hx_host *sim = request->sim;
    struct sim_lane *lane = &sim->lanes[request->lane];
    hx_assert(lane->holder == (uint32_t)(request - sim->requests));
    request->lane = SIM_NONE;
    lane->holder = lane->first;
    if (lane->first == SIM_NONE) return;
    struct sim_request *next = &sim->requests[lane->first];
    lane->first = next->lane_next;
    sim_wake(sim, lane->holder, next->token, sim->now);
}

void hx_host_lane_unlock(struct hx_req *req) {
    sim_lane_release(sim_request_of(req));
}

/* The lane's store is this process's, unless the world is the edge. */
hx_err hx_host_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event, struct hx_reply *reply) {
    if (req->host->edge != NULL) return sim_edge_lane_call(sim_request_of(req), lane, event, reply);
    hx_app_handle(req, event, reply);
    return HX_OK;
}

/* The queue. */

/* A chain of messages that grows instead of going on would fill any queue (I9). */
#define MESSAGES_MAX 400

void sim_message_added(struct hx_host *sim) {
    if (++sim->message_count > MESSAGES_MAX)
        hx_sim_violate(sim, "I9", "more than %d messages wait in the queue", MESSAGES_MAX);
}

static void message_push(struct hx_host *sim, const hx_str *lane, hx_time at) {
    sim_message_added(sim);
    sim_push(sim, (struct sim_event){.at = at, .kind = SIM_EVENT_LANE_DUE, .p = lane});
}

void hx_host_queue_send(struct hx_req *req, hx_str lane, hx_time due) {
    struct hx_host *sim = req->host;
    if (sim->edge != NULL) {
        sim_edge_queue_send(sim_request_of(req), lane, due);
        return;
    }
    struct hx_sim_fault fault = sim_fault_at(sim, HX_OP_QUEUE_SEND);
    hx_sim_tell(sim, "#%llu   queue_send: %.*s in %lld ms", (unsigned long long)sim_request_of(req)->serial,
                (int)lane.len, lane.data, (long long)(due - hx_host_now(req)));
    if (fault.kind == HX_SIM_FAULT_LOSE) return;
    hx_str *copy = sim_alloc(sim, sizeof(*copy));
    *copy = sim_copy(sim, lane);
    hx_time at = due - sim->clock_offset + 1;
    if (fault.kind == HX_SIM_FAULT_LATE) at += fault.argument;
    message_push(sim, copy, at);
    if (fault.kind == HX_SIM_FAULT_DUPLICATE) message_push(sim, copy, (at > sim->now ? at : sim->now) + fault.argument);
}
