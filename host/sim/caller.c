/* Callers: whoever posts alerts and gives commands, and what they got for it. */
#include "host/sim/edge.h"

void hx_sim_add_call(struct hx_host *sim, const struct hx_sim_call *call) {
    hx_assert(sim->caller_count < SIM_CALLERS_MAX && call->sends_max >= 1);
    uint32_t index = sim->caller_count++;
    struct sim_caller *caller = &sim->callers[index];
    *caller = (struct sim_caller){.call = *call};
    caller->call.path = sim_copy(sim, call->path);
    caller->call.body = sim_copy(sim, call->body);
    caller->call.peer_address = sim_copy(sim, call->peer_address);
    caller->call.idempotency_key = sim_copy(sim, call->idempotency_key);
    sim_push(sim, (struct sim_event){.at = call->at_ms, .kind = SIM_EVENT_CALL, .a = index});
}

uint32_t hx_sim_exchange_count(const struct hx_host *sim) {
    return sim->exchange_count;
}

const struct hx_sim_exchange *hx_sim_get_exchange(const struct hx_host *sim, uint32_t index) {
    hx_assert(index < sim->exchange_count);
    return &sim->exchanges[index];
}

static void event_make(struct hx_host *sim, const struct hx_sim_call *call, struct hx_event *event) {
    *event = (struct hx_event){
        .kind = HX_EVENT_HTTP,
        .method = call->method,
        .path = call->path,
        .body = call->body,
        .peer_address = call->peer_address,
        .from_operator = call->from_operator,
        .source = call->from_operator ? HX_SOURCE_CLI : HX_SOURCE_WEBHOOK,
        .received_ms = hx_sim_host_now(sim),
    };
    if (call->idempotency_key.len == 0) return;
    struct hx_http_header *header = sim_alloc(sim, sizeof(*header));
    *header = (struct hx_http_header){HX_STR("Idempotency-Key"), call->idempotency_key};
    event->headers = header;
    event->header_count = 1;
}

void sim_caller_send(struct hx_host *sim, uint32_t index) {
    struct sim_caller *caller = &sim->callers[index];
    if (sim->exchange_count == SIM_EXCHANGES_MAX) return;
    uint32_t number = sim->exchange_count++;
    caller->sends++;
    sim->exchange_caller[number] = index;
    sim->exchanges[number] = (struct hx_sim_exchange){
        .tag = caller->call.tag,
        .path = caller->call.path,
        .body = caller->call.body,
        .idempotency_key = caller->call.idempotency_key,
        .sent_ms = sim->now,
    };
    if (!sim->up) {
        sim_exchange_answer(sim, number, 0, false, HX_STR_EMPTY);
        return;
    }
    struct hx_event event;
    event_make(sim, &caller->call, &event);
    struct sim_origin origin = {.exchange = number};
    if (sim->edge != NULL) {
        origin.place = hx_edge_isolate_draw(sim);
        /* The operator sees what is stored; everybody else what is cached. */
        bool stored = caller->call.from_operator;
        origin.kv_version = stored ? sim->edge->version : sim->edge->places[origin.place].kv_version;
    }
    if (sim_request_start_at(sim, &event, &origin) == NULL) sim_exchange_answer(sim, number, 503, false, HX_STR_EMPTY);
}

void sim_exchange_answer(struct hx_host *sim, uint32_t number, uint32_t status, bool replayed, hx_str body) {
    struct hx_sim_exchange *exchange = &sim->exchanges[number];
    hx_assert(!exchange->answered);
    exchange->answered = true;
    exchange->answered_ms = sim->now;
    exchange->status = status;
    exchange->replayed = replayed;
    exchange->reply_body = sim_copy(sim, body);
    sim_mix(sim, status);
    sim_mix_str(sim, body);
    if (status == 0) hx_sim_tell(sim, "caller %u: no connection, or it broke", exchange->tag);
    if (sim->observer.on_reply != NULL) sim->observer.on_reply(sim->observer.context, sim, number);
    const struct sim_caller *caller = &sim->callers[sim->exchange_caller[number]];
    bool again = status == 0 || (status >= 500 && status != 504);
    if (!again || caller->sends >= caller->call.sends_max) return;
    sim_push(sim, (struct sim_event){.at = sim->now + caller->call.resend_after_ms,
                                     .kind = SIM_EVENT_CALL,
                                     .a = sim->exchange_caller[number]});
}
