/* Requests: one coroutine and one arena each, from the event that starts it to its reply. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "host/sim/edge.h"
#include "host/sim/line.h"

struct sim_request *sim_request_of(struct hx_req *req) {
    return req->host_data;
}

static uint32_t slot_of(const struct sim_request *request) {
    return (uint32_t)(request - request->sim->requests);
}

static void request_main(void *context) {
    struct sim_request *request = context;
    if (request->fn != NULL) request->fn(&request->req, request->fn_context);
    else hx_app_handle(&request->req, &request->event, &request->reply);
}

static struct sim_request *find_free(struct hx_host *sim) {
    for (uint32_t i = 0; i < SIM_REQUESTS_MAX; i++) {
        if (sim->requests[i].coro == NULL) return &sim->requests[i];
    }
    return NULL;
}

static void request_init(struct hx_host *sim, struct sim_request *request) {
    void *arena_memory = request->arena_memory;
    memset(request, 0, sizeof(*request));
    request->arena_memory = arena_memory;
    if (arena_memory == NULL) {
        request->arena_memory = malloc(HX_REQUEST_ARENA_SIZE);
        if (request->arena_memory == NULL) abort();
        memset(request->arena_memory, 0xa5, HX_REQUEST_ARENA_SIZE);
    }
    request->sim = sim;
    request->serial = sim->serial_next++;
    request->exchange = request->lane = request->lane_next = request->flight = request->crash_after = SIM_NONE;
    request->fault.kind = HX_SIM_FAULT_COUNT;
    hx_req_init(&request->req, sim, request->arena_memory, HX_REQUEST_ARENA_SIZE);
    request->req.hooks = &sim->hooks.base;
    request->req.host_data = request;
    request->req.received_ms = hx_sim_host_now(sim);
    uint8_t random[10];
    for (size_t i = 0; i < sizeof(random); i++) random[i] = (uint8_t)sim_random_next(&sim->core_random);
    struct hx_buf id;
    hx_buf_init(&id, request->req.id, sizeof(request->req.id) - 1);
    hx_uuid_add_to(&id, hx_uuid_make_v7(request->req.received_ms, random));
    sim->live_count++;
    sim->counters.requests++;
}

static struct sim_request *start(struct hx_host *sim, struct sim_request *request) {
    request->coro = hx_coro_make(request_main, request);
    if (request->coro == NULL) {
        fprintf(stderr, "sim: no memory for a coroutine\n");
        exit(2);
    }
    sim_tell_start(request);
    sim_request_run(sim, slot_of(request));
    return request;
}

struct sim_request *sim_request_start(struct hx_host *sim, const struct hx_event *event, uint32_t exchange) {
    return sim_request_start_at(sim, event, &(struct sim_origin){.exchange = exchange});
}

struct sim_request *sim_request_start_at(struct hx_host *sim, const struct hx_event *event,
                                         const struct sim_origin *origin) {
    struct sim_request *request = find_free(sim);
    if (request == NULL) return NULL;
    request_init(sim, request);
    request->event = *event;
    request->place = origin->place;
    request->kv_version = origin->kv_version;
    request->exchange = origin->exchange;
    request->rpc = origin->rpc;
    request->after = origin->after;
    return start(sim, request);
}

/* What was used of the arena is spoilt, so that a read of what was never written can't look right by luck. */
static void slot_free(struct sim_request *request) {
    struct hx_host *sim = request->sim;
    size_t used = request->req.arena.used_max;
    if (used > sim->counters.arena_used_max) sim->counters.arena_used_max = used;
    if (request->req.call_count > sim->counters.calls_max) sim->counters.calls_max = request->req.call_count;
    memset(request->arena_memory, 0xa5, used);
    request->coro = NULL;
    request->waiting = false;
    sim->live_count--;
}

static void request_end(struct sim_request *request) {
    struct hx_host *sim = request->sim;
    hx_sim_tell(sim, "#%llu ends: %u %.*s", (unsigned long long)request->serial, request->reply.status,
                (int)request->reply.body.len, request->reply.body.data);
    if (request->lane != SIM_NONE) sim_lane_release(request);
    if (request->exchange != SIM_NONE) sim_exchange_answer(sim, request->exchange, &request->reply);
    if (request->rpc != NULL) sim_edge_answer(request, HX_OK, &request->reply);
    if (request->event.kind == HX_EVENT_STREAM) sim_stream_done(request);
    uint32_t place = request->place;
    enum sim_after after = request->after;
    hx_str lane = request->event.lane;
    slot_free(request);
    if (sim->edge != NULL) sim_edge_request_ended(sim, place, after, lane);
}

/* A place of the edge is gone: nobody of it goes on, and whoever called it hears so. */
void sim_requests_abandon_at(struct hx_host *sim, uint32_t place) {
    for (uint32_t i = 0; i < SIM_REQUESTS_MAX; i++) {
        struct sim_request *request = &sim->requests[i];
        if (request->coro == NULL || request->place != place) continue;
        hx_coro_abandon(request->coro);
        slot_free(request);
        if (request->exchange != SIM_NONE) sim_exchange_answer(sim, request->exchange, NULL);
        if (request->rpc != NULL) sim_edge_answer(request, HX_ERR(BROKEN_HOST), NULL);
        for (uint32_t k = 0; k < SIM_FLIGHTS_MAX; k++) {
            struct sim_flight *flight = &sim->flights[k];
            if (flight->slot != i) continue;
            flight->slot = SIM_NONE;
            if (!flight->arrives) flight->live = false;
        }
    }
    sim_gates_forget(sim, place);
}

static struct hx_host *asserting; /* The world that hx_sim_catch_assertions was called for. */

void sim_request_run(struct hx_host *sim, uint32_t slot) {
    struct sim_request *request = &sim->requests[slot];
    request->waiting = false;
    if (hx_coro_resume(request->coro)) request_end(request);
}

void sim_requests_abandon(struct hx_host *sim) {
    for (uint32_t i = 0; i < SIM_REQUESTS_MAX; i++) {
        struct sim_request *request = &sim->requests[i];
        if (request->coro == NULL) continue;
        hx_coro_abandon(request->coro);
        slot_free(request);
        if (request->exchange != SIM_NONE) sim_exchange_answer(sim, request->exchange, NULL);
    }
    sim->lane_count = 0;
    for (uint32_t i = 0; i < SIM_FLIGHTS_MAX; i++) {
        sim->flights[i].slot = SIM_NONE;
        if (!sim->flights[i].arrives) sim->flights[i].live = false;
    }
}

void sim_wait(struct sim_request *request) {
    request->waiting = true;
    hx_coro_yield();
}

void sim_wake(struct hx_host *sim, uint32_t slot, uint64_t token, hx_time at) {
    sim_push(sim, (struct sim_event){.at = at, .kind = SIM_EVENT_RESUME, .a = slot, .token = token});
}

void sim_wait_until(struct sim_request *request, hx_time at) {
    request->token = request->sim->event_sequence + 1;
    sim_wake(request->sim, slot_of(request), request->token, at);
    sim_wait(request);
}

void hx_sim_run_request(struct hx_host *sim, void (*fn)(struct hx_req *req, void *context), void *context) {
    struct sim_request *request = find_free(sim);
    hx_assert(request != NULL);
    request_init(sim, request);
    request->fn = fn;
    request->fn_context = context;
    request->kv_version = sim->edge != NULL ? sim->edge->version : 0;
    uint64_t serial = request->serial;
    start(sim, request);
    while (request->coro != NULL && request->serial == serial) {
        if (!hx_sim_step(sim)) return;
    }
}

/* Replies before the end. */

void hx_host_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    if (request->exchange == SIM_NONE && request->rpc == NULL) return;
    struct hx_reply *copy = sim_alloc(sim, sizeof(*copy));
    sim_edge_reply_copy(sim, reply, copy);
    request->reply_by = copy;
    request->reply_by_ms = at - sim->clock_offset;
    sim_push(
        sim,
        (struct sim_event){
            .at = request->reply_by_ms, .kind = SIM_EVENT_REPLY_BY, .a = slot_of(request), .token = request->serial});
}

void sim_reply_by_due(struct hx_host *sim, uint32_t slot) {
    struct sim_request *request = &sim->requests[slot];
    if (request->coro == NULL || sim->now < request->reply_by_ms) return;
    if (request->rpc != NULL) {
        hx_sim_tell(sim, "#%llu answers early: %u", (unsigned long long)request->serial, request->reply_by->status);
        sim_edge_answer(request, HX_OK, request->reply_by);
        sim_gate_cut(request);
        return;
    }
    if (request->exchange == SIM_NONE) return;
    uint32_t exchange = request->exchange;
    request->exchange = SIM_NONE;
    hx_sim_tell(sim, "#%llu is answered early: %u", (unsigned long long)request->serial, request->reply_by->status);
    sim_exchange_answer(sim, exchange, request->reply_by);
}

/* Assertions. */

/* Runs on the stack of the coroutine whose assertion failed: leaving it for ever is what the end of the process would
 * do. Outside of coroutines it is the simulator itself that is wrong, and the default action follows. */
static void on_abort(int signal_number) {
    if (asserting == NULL || hx_coro_current() == NULL) {
        signal(signal_number, SIG_DFL);
        return;
    }
    hx_sim_violate(asserting, "I9", "an assertion of the core failed (see stderr)");
    for (;;) hx_coro_yield();
}

void hx_sim_catch_assertions(struct hx_host *sim) {
    asserting = sim;
    struct sigaction action = {0};
    action.sa_handler = on_abort;
    action.sa_flags = SA_NODEFER;
    sigaction(SIGABRT, &action, NULL);
}
