/* Callers: whoever posts alerts and gives commands, and what they got for it. */
#include "host/sim/edge.h"

static struct hx_http_header *headers_copy(struct hx_host *sim, const struct hx_http_header *from, uint32_t count) {
    if (count == 0) return NULL;
    struct hx_http_header *to = sim_alloc(sim, count * sizeof(*to));
    for (uint32_t i = 0; i < count; i++)
        to[i] = (struct hx_http_header){sim_copy(sim, from[i].name), sim_copy(sim, from[i].value)};
    return to;
}

void hx_sim_add_call(struct hx_host *sim, const struct hx_sim_call *call) {
    hx_assert(sim->caller_count < sim->room.callers_max && call->sends_max >= 1);
    uint32_t index = sim->caller_count++;
    struct sim_caller *caller = &sim->callers[index];
    *caller = (struct sim_caller){.call = *call};
    caller->call.path = sim_copy(sim, call->path);
    caller->call.query = sim_copy(sim, call->query);
    caller->call.body = sim_copy(sim, call->body);
    caller->call.peer_address = sim_copy(sim, call->peer_address);
    caller->call.idempotency_key = sim_copy(sim, call->idempotency_key);
    caller->call.headers = headers_copy(sim, call->headers, call->header_count);
    if (call->idempotency_key.len > 0) {
        const struct hx_http_header key = {HX_STR("Idempotency-Key"), call->idempotency_key};
        caller->call.headers = headers_copy(sim, &key, 1);
        caller->call.header_count = 1;
    }
    sim_push(sim, (struct sim_event){.at = call->at_ms, .kind = SIM_EVENT_CALL, .a = index});
}

uint32_t hx_sim_exchange_count(const struct hx_host *sim) {
    return sim->exchange_count;
}

const struct hx_sim_exchange *hx_sim_get_exchange(const struct hx_host *sim, uint32_t index) {
    hx_assert(index < sim->exchange_count);
    return &sim->exchanges[index];
}

static struct hx_event event_make(const struct hx_host *sim, const struct hx_sim_call *call) {
    return (struct hx_event){
        .kind = HX_EVENT_HTTP,
        .method = call->method,
        .path = call->path,
        .query = call->query,
        .headers = call->headers,
        .header_count = call->header_count,
        .body = call->body,
        .peer_address = call->peer_address,
        .from_operator = call->from_operator,
        .source = call->from_operator ? HX_SOURCE_CLI : HX_SOURCE_WEBHOOK,
        .received_ms = hx_sim_host_now(sim),
    };
}

void sim_caller_send(struct hx_host *sim, uint32_t index) {
    struct sim_caller *caller = &sim->callers[index];
    if (sim->exchange_count == sim->room.exchanges_max) return;
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
    if (!sim->up || sim->draining) {
        sim_exchange_answer(sim, number, NULL);
        return;
    }
    struct hx_event event = event_make(sim, &caller->call);
    struct sim_origin origin = {.exchange = number};
    if (sim->edge != NULL) {
        origin.place = hx_edge_isolate_draw(sim);
        /* The operator sees what is stored; everybody else what is cached. */
        bool stored = caller->call.from_operator;
        origin.kv_version = stored ? sim->edge->version : sim->edge->places[origin.place].kv_version;
    }
    if (sim_request_start_at(sim, &event, &origin) == NULL)
        sim_exchange_answer(sim, number, &(struct hx_reply){.status = 503});
}

static bool is_replayed(const struct hx_reply *reply) {
    for (uint32_t i = 0; i < reply->header_count; i++) {
        if (hx_str_equal_ignore_case(reply->headers[i].name, HX_STR("Idempotent-Replayed")) &&
            hx_str_equal(reply->headers[i].value, HX_STR("true")))
            return true;
    }
    return false;
}

void sim_exchange_answer(struct hx_host *sim, uint32_t number, const struct hx_reply *reply) {
    static const struct hx_reply none = {.status = 0};
    struct hx_sim_exchange *exchange = &sim->exchanges[number];
    if (reply == NULL) reply = &none;
    uint32_t status = reply->status;
    hx_assert(!exchange->answered);
    exchange->answered = true;
    exchange->answered_ms = sim->now;
    exchange->status = status;
    exchange->replayed = is_replayed(reply);
    exchange->reply_headers = headers_copy(sim, reply->headers, reply->header_count);
    exchange->reply_header_count = reply->header_count;
    exchange->reply_body = sim_copy(sim, reply->body);
    sim_mix(sim, status);
    sim_mix_str(sim, reply->body);
    if (status == 0) hx_sim_tell(sim, "caller %u: no connection, or it broke", exchange->tag);
    if (sim->observer.on_reply != NULL) sim->observer.on_reply(sim->observer.context, sim, number);
    const struct sim_caller *caller = &sim->callers[sim->exchange_caller[number]];
    bool again = status == 0 || (status >= 500 && status != 504);
    if (!again || caller->sends >= caller->call.sends_max) return;
    sim_push(sim, (struct sim_event){.at = sim->now + caller->call.resend_after_ms,
                                     .kind = SIM_EVENT_CALL,
                                     .a = sim->exchange_caller[number]});
}
