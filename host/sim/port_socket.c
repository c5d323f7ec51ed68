/* socket_prepare and socket_ask: order entry over a line to the laboratory. A question is a flight like a request: once
 * its first byte has left, it goes its own way. */
#include <string.h>

#include "host/sim/line.h"

static uint32_t slot_of(const struct sim_request *request) {
    return (uint32_t)(request - request->sim->requests);
}

static uint32_t find_line(struct hx_host *sim, hx_str target) {
    for (uint32_t i = 0; i < SIM_LINES_MAX; i++) {
        const struct sim_line *line = &sim->lines->list[i];
        if (line->kind == SIM_LINE_SOCKET && line->near && hx_str_equal(line->path, target)) return i;
    }
    return SIM_NONE;
}

hx_err hx_host_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                              uint64_t *serial) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    if (sim->edge != NULL || sim->draining || !hx_str_equal(place->origin, HX_STR(SIM_ORIGIN))) {
        return HX_ERR(BUSY_NOT_SENT);
    }
    if (find_line(sim, place->target) == SIM_NONE) {
        int64_t takes = 2 + sim_random_to(&sim->latency, 2 * sim->config.network_ms_max);
        sim_wait_until(request, sim->now + (takes < timeout_ms ? takes : timeout_ms));
        if (takes >= timeout_ms) return HX_ERR(BUSY_NOT_SENT);
    }
    /* Another request may have opened it meanwhile. */
    uint32_t index = find_line(sim, place->target);
    if (index == SIM_NONE) index = sim_line_open(sim, SIM_LINE_SOCKET, 0, place->target);
    if (index == SIM_NONE) return HX_ERR(BUSY_NOT_SENT);
    *serial = sim->lines->list[index].serial;
    return HX_OK;
}

/* Everybody who waits on the line hears that it is gone. */
void sim_socket_ended(struct hx_host *sim, uint32_t index) {
    struct sim_line *line = &sim->lines->list[index];
    line->near = false;
    for (uint32_t i = 0; i < SIM_FLIGHTS_MAX; i++) {
        struct sim_flight *flight = &sim->flights[i];
        if (!flight->live || flight->line_serial != line->serial || flight->outcome_at != 0) continue;
        flight->outcome_at = sim->now + 1;
        flight->err = HX_ERR(UNKNOWN_OUTCOME);
        if (flight->slot != SIM_NONE) sim_wake(sim, flight->slot, flight->token, flight->outcome_at);
    }
}

void sim_socket_heard(struct hx_host *sim, uint32_t index, hx_str text) {
    const struct sim_line *line = &sim->lines->list[index];
    size_t place = 0;
    for (uint32_t i = 0; i < SIM_FLIGHTS_MAX; i++) {
        struct sim_flight *flight = &sim->flights[i];
        bool waits = flight->live && flight->line_serial == line->serial && flight->slot != SIM_NONE;
        if (!waits || flight->outcome_at != 0 || !hx_str_find(text, flight->mark, &place)) continue;
        bool lost = flight->fault.kind == HX_SIM_FAULT_NET_DROP_REPLY;
        int64_t back = 1 + sim_random_to(&sim->latency, sim->config.network_ms_max);
        if (flight->fault.kind == HX_SIM_FAULT_NET_LATE_REPLY) back += flight->fault.argument;
        flight->outcome_at = sim->now + back;
        flight->err = lost ? HX_ERR(UNKNOWN_OUTCOME) : HX_OK;
        flight->answer = sim_copy(sim, text);
        sim_wake(sim, flight->slot, flight->token, flight->outcome_at);
        if (!lost) return;
        sim_line_cut(sim, index);
        sim_socket_ended(sim, index);
        return;
    }
}

/* At the venue. The rule of a fault bends this one message. */
void sim_socket_arrive(struct hx_host *sim, uint32_t index) {
    struct sim_flight *flight = &sim->flights[index];
    flight->arrives = false;
    for (uint32_t i = 0; i < SIM_LINES_MAX; i++) {
        struct sim_line *line = &sim->lines->list[i];
        if (!line->open || line->serial != flight->line_serial) continue;
        bool bent = sim_fault_begin(sim, &flight->fault);
        line->under_way--;
        sim_mix_str(sim, flight->body);
        hx_lab_stream_receive(sim->lab, sim->now, line->lab_stream, flight->body);
        if (bent) sim_fault_end(sim, &flight->fault);
        sim_lines_pump(sim);
        if (!line->near) sim_line_cut(sim, i);
        break;
    }
    if (flight->slot == SIM_NONE) flight->live = false;
}

static void start(struct hx_host *sim, uint32_t index, uint32_t line) {
    struct sim_flight *flight = &sim->flights[index];
    int64_t transit = 1 + sim_random_to(&sim->latency, sim->config.network_ms_max);
    if (flight->fault.kind == HX_SIM_FAULT_NET_SILENCE) return;
    if (flight->fault.kind == HX_SIM_FAULT_NET_DROP_REQUEST) {
        sim_line_cut(sim, line);
        sim_socket_ended(sim, line);
        return;
    }
    if (flight->fault.kind == HX_SIM_FAULT_NET_LATE_REQUEST) transit += flight->fault.argument;
    flight->arrives = true;
    sim->lines->list[line].under_way++;
    sim_push(sim, (struct sim_event){.at = sim->now + transit, .kind = SIM_EVENT_ARRIVE, .a = index});
}

hx_err hx_host_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    uint32_t line = sim->edge != NULL ? SIM_NONE : find_line(sim, call->target);
    /* Whoever watches the wire sees it as the request it stands for. */
    size_t place = 0;
    const struct hx_lab_speech *speech = hx_sim_speech_of(hx_sim_venue_of(sim));
    bool is_order =
        speech->order_message != NULL && hx_str_find(call->text, hx_str_from_c(speech->order_message), &place);
    const struct hx_http_call seen = {.origin = call->origin,
                                      .method = HX_HTTP_METHOD_POST,
                                      .target = is_order ? hx_str_from_c(speech->order_path) : call->target,
                                      .body = call->text};
    if (line == SIM_NONE || sim->lines->list[line].serial != call->serial) return HX_ERR(BUSY_NOT_SENT);
    if (call->send_by_ms != 0 && hx_host_now(req) > call->send_by_ms) return HX_ERR(BUSY_NOT_SENT);
    struct hx_sim_fault fault = sim_fault_of(request, &seen);
    sim_wire_tell(request, &seen);
    uint32_t index = sim_flight_make(sim, &seen, slot_of(request));
    struct sim_flight *flight = &sim->flights[index];
    flight->fault = fault;
    flight->mark = sim_copy(sim, call->mark);
    flight->line_serial = call->serial;
    flight->token = request->token = ++sim->event_sequence;
    start(sim, index, line);
    sim_wake(sim, flight->slot, flight->token, sim->now + call->timeout_ms);
    sim_wait(request);
    bool in_time = flight->outcome_at != 0 && flight->outcome_at <= sim->now;
    hx_err err = in_time ? flight->err : HX_ERR(UNKNOWN_TIMEOUT);
    if (hx_ok(err) && (flight->answer.len > call->answer_len_max ||
                       hx_failed(hx_arena_copy_str(&req->arena, flight->answer, answer)))) {
        err = HX_ERR(UNKNOWN_OUTCOME);
    }
    flight->slot = SIM_NONE;
    if (!flight->arrives) flight->live = false;
    return err;
}
