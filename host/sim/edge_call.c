/* Calls from an isolate to a lane's object, over a network that may lose either end. */
#include "host/sim/edge.h"

#define JOIN_LOOK_MS 2

static const struct hx_http_header *headers_copy(struct hx_host *sim, const struct hx_http_header *from,
                                                 uint32_t count) {
    if (count == 0) return NULL;
    struct hx_http_header *to = sim_alloc(sim, count * sizeof(*to));
    for (uint32_t i = 0; i < count; i++)
        to[i] = (struct hx_http_header){sim_copy(sim, from[i].name), sim_copy(sim, from[i].value)};
    return to;
}

static void event_copy(struct hx_host *sim, const struct hx_event *from, struct hx_event *to) {
    *to = *from;
    to->path = sim_copy(sim, from->path);
    to->query = sim_copy(sim, from->query);
    to->headers = headers_copy(sim, from->headers, from->header_count);
    to->body = sim_copy(sim, from->body);
    to->peer_address = sim_copy(sim, from->peer_address);
    to->key_name = sim_copy(sim, from->key_name);
    to->idempotency_key = sim_copy(sim, from->idempotency_key);
    to->lane = sim_copy(sim, from->lane);
}

void sim_edge_reply_copy(struct hx_host *sim, const struct hx_reply *from, struct hx_reply *to) {
    *to = *from;
    to->body = sim_copy(sim, from->body);
    for (uint32_t i = 0; i < from->header_count; i++)
        to->headers[i] =
            (struct hx_http_header){sim_copy(sim, from->headers[i].name), sim_copy(sim, from->headers[i].value)};
}

static hx_err reply_take(struct hx_arena *arena, const struct hx_reply *from, struct hx_reply *to) {
    *to = *from;
    HX_TRY(hx_arena_copy_str(arena, from->body, &to->body));
    for (uint32_t i = 0; i < from->header_count; i++) {
        HX_TRY(hx_arena_copy_str(arena, from->headers[i].name, &to->headers[i].name));
        HX_TRY(hx_arena_copy_str(arena, from->headers[i].value, &to->headers[i].value));
    }
    return HX_OK;
}

static void rpc_push(struct hx_host *sim, struct edge_rpc *rpc, int64_t in_ms) {
    sim_push(sim, (struct sim_event){.at = sim->now + in_ms, .kind = SIM_EVENT_RPC, .a = rpc->place, .context = rpc});
}

hx_err sim_edge_lane_call(struct sim_request *request, hx_str lane, const struct hx_event *event,
                          struct hx_reply *reply) {
    struct hx_host *sim = request->sim;
    if (hx_str_equal(sim->edge->places[request->place].lane, lane)) {
        hx_app_handle(&request->req, event, reply);
        return HX_OK;
    }
    struct edge_rpc *rpc = sim_alloc(sim, sizeof(*rpc));
    *rpc = (struct edge_rpc){.place = hx_edge_lane_find(sim, lane),
                             .slot = (uint32_t)(request - sim->requests),
                             .token = ++sim->event_sequence};
    event_copy(sim, event, &rpc->event);
    request->token = rpc->token;
    rpc_push(sim, rpc, hx_edge_latency(sim));
    sim_wait(request);
    HX_TRY(rpc->err);
    return reply_take(&request->req.arena, &rpc->reply, reply);
}

static void rpc_answer(struct hx_host *sim, struct edge_rpc *rpc, hx_err err, const struct hx_reply *reply) {
    hx_assert(!rpc->answered);
    rpc->answered = true;
    rpc->err = err;
    if (reply != NULL) sim_edge_reply_copy(sim, reply, &rpc->reply);
    sim_wake(sim, rpc->slot, rpc->token, sim->now + hx_edge_latency(sim));
}

void sim_edge_answer(struct sim_request *request, hx_err err, const struct hx_reply *reply) {
    struct edge_rpc *rpc = request->rpc;
    request->rpc = NULL;
    rpc_answer(request->sim, rpc, err, reply);
}

void hx_edge_rpc_arrive(struct hx_host *sim, struct edge_rpc *rpc) {
    if (sim->now < sim->edge->places[rpc->place].up_at) {
        rpc_answer(sim, rpc, HX_ERR(BROKEN_HOST), NULL);
        return;
    }
    if (!hx_edge_join(sim, rpc->place)) {
        rpc_push(sim, rpc, JOIN_LOOK_MS);
        return;
    }
    const struct sim_origin origin = {.place = rpc->place, .exchange = SIM_NONE, .rpc = rpc};
    if (sim_request_start_at(sim, &rpc->event, &origin) == NULL) rpc_answer(sim, rpc, HX_ERR(BUSY_OVERLOADED), NULL);
}
