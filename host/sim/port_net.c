/* http and sign: the network between the process and the laboratory. A request is copied when its first byte leaves;
 * from then on it goes its own way, whatever becomes of the process that sent it. */
#include <string.h>

#include "core/base/sha256.h"
#include "host/sim/edge.h"
#include "host/sim/line.h"

static uint32_t slot_of(const struct sim_request *request) {
    return (uint32_t)(request - request->sim->requests);
}

hx_err hx_host_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    if (sim->edge != NULL) {
        /* A Worker can't open a connection ahead; its request is handed over at the moment of the call. */
        request->prepared = true;
        return HX_OK;
    }
    int64_t takes = sim_random_to(&sim->latency, 2 * sim->config.network_ms_max);
    sim_wait_until(request, sim->now + (takes < timeout_ms ? takes : timeout_ms));
    if (takes >= timeout_ms || !hx_str_equal(origin, HX_STR(SIM_ORIGIN))) return HX_ERR(BUSY_NOT_SENT);
    request->prepared = true;
    return HX_OK;
}

/* A flight. */

static struct hx_http_header *headers_copy(struct hx_host *sim, const struct hx_http_header *headers, uint32_t count) {
    if (count == 0) return NULL;
    struct hx_http_header *copy = sim_alloc(sim, count * sizeof(*copy));
    for (uint32_t i = 0; i < count; i++)
        copy[i] = (struct hx_http_header){sim_copy(sim, headers[i].name), sim_copy(sim, headers[i].value)};
    return copy;
}

uint32_t sim_flight_make(struct hx_host *sim, const struct hx_http_call *call, uint32_t slot) {
    for (uint32_t i = 0; i < SIM_FLIGHTS_MAX; i++) {
        struct sim_flight *flight = &sim->flights[i];
        if (flight->live) continue;
        *flight = (struct sim_flight){
            .live = true,
            .slot = slot,
            .method = call->method,
            .target = sim_copy(sim, call->target),
            .body = sim_copy(sim, call->body),
            .headers = headers_copy(sim, call->headers, call->header_count),
            .header_count = call->header_count,
            .fault = {0, HX_SIM_FAULT_COUNT, 0},
        };
        return i;
    }
    hx_assert(false);
    return 0;
}

static bool is_meant(const struct hx_sim_venue *venue, const struct sim_trouble *trouble,
                     const struct hx_http_call *call) {
    if (trouble->match.len > 0) return hx_str_starts_with(call->target, trouble->match);
    return call->method == HX_HTTP_METHOD_POST &&
           hx_str_starts_with(call->target, hx_str_from_c(hx_sim_speech_of(venue)->order_path));
}

struct hx_sim_fault sim_fault_of(struct sim_request *request, const struct hx_http_call *call) {
    struct hx_host *sim = request->sim;
    struct hx_sim_fault fault = request->fault;
    request->fault.kind = HX_SIM_FAULT_COUNT;
    if (fault.kind != HX_SIM_FAULT_COUNT || sim->trouble.count == 0 ||
        !is_meant(hx_sim_venue_of(sim), &sim->trouble, call))
        return fault;
    sim->trouble.count--;
    return (struct hx_sim_fault){0, sim->trouble.kind, sim->trouble.argument};
}

/* Sends the flight off; tells when its caller gives up at the latest. */
static void flight_start(struct hx_host *sim, uint32_t index) {
    struct sim_flight *flight = &sim->flights[index];
    int64_t transit = 1 + sim_random_to(&sim->latency, sim->config.network_ms_max);
    if (flight->fault.kind == HX_SIM_FAULT_NET_SILENCE) return;
    if (flight->fault.kind == HX_SIM_FAULT_NET_DROP_REQUEST) {
        flight->outcome_at = sim->now + transit;
        flight->err = HX_ERR(UNKNOWN_OUTCOME);
        sim_wake(sim, flight->slot, flight->token, flight->outcome_at);
        return;
    }
    if (flight->fault.kind == HX_SIM_FAULT_NET_LATE_REQUEST) transit += flight->fault.argument;
    flight->arrives = true;
    sim_push(sim, (struct sim_event){.at = sim->now + transit, .kind = SIM_EVENT_ARRIVE, .a = index});
}

/* In pieces of every size, as a network would. */
static void body_pour(struct hx_host *sim, const struct hx_http_call *call, hx_str body) {
    while (body.len > 0) {
        size_t len = 1 + (size_t)sim_random_to(&sim->latency, (int64_t)body.len * 2);
        hx_str piece = hx_str_slice(body, 0, len);
        call->body_sink(call->sink_data, piece.data, piece.len);
        body = hx_str_slice(body, piece.len, body.len);
    }
}

static hx_err answer_take(struct hx_req *req, const struct sim_flight *flight, const struct hx_http_call *call,
                          struct hx_http_answer *out) {
    if (flight->answer.len > call->response_len_max) return HX_ERR(UNKNOWN_OUTCOME);
    out->status = flight->status;
    out->header_count = flight->answer_header_count;
    void *memory = NULL;
    if (hx_failed(hx_arena_make(&req->arena, flight->answer_header_count + 1, sizeof(struct hx_http_header), &memory)))
        return HX_ERR(UNKNOWN_OUTCOME);
    struct hx_http_header *headers = memory;
    for (uint32_t i = 0; i < flight->answer_header_count; i++) {
        if (hx_failed(hx_arena_copy_str(&req->arena, flight->answer_headers[i].name, &headers[i].name)) ||
            hx_failed(hx_arena_copy_str(&req->arena, flight->answer_headers[i].value, &headers[i].value)))
            return HX_ERR(UNKNOWN_OUTCOME);
    }
    out->headers = headers;
    if (call->body_sink != NULL && flight->status >= 200 && flight->status <= 299) {
        body_pour(req->host, call, flight->answer);
        return HX_OK;
    }
    return hx_failed(hx_arena_copy_str(&req->arena, flight->answer, &out->body)) ? HX_ERR(UNKNOWN_OUTCOME) : HX_OK;
}

struct wire_call {
    struct hx_host *sim;
    const struct hx_http_call *call;
};

static void wire_observe(void *context) {
    struct wire_call *wire = context;
    wire->sim->observer.on_wire(wire->sim->observer.context, wire->sim, wire->call);
}

void sim_wire_tell(struct sim_request *request, const struct hx_http_call *call) {
    struct hx_host *sim = request->sim;
    sim_mix_str(sim, call->target);
    sim_mix_str(sim, call->body);
    sim_tell_wire(request, call);
    struct wire_call wire = {sim, call};
    if (sim->observer.on_wire != NULL) hx_coro_call_outside(wire_observe, &wire);
}

hx_err hx_host_http_send(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    hx_time timeout_at = sim->now + call->timeout_ms;
    struct hx_sim_fault fault = sim_fault_of(request, call);
    if (!request->prepared && sim->edge == NULL)
        sim_wait_until(request, sim->now + 1 + sim_random_to(&sim->latency, sim->config.network_ms_max));
    request->prepared = false;
    if (call->send_by_ms != 0 && hx_host_now(req) > call->send_by_ms) return HX_ERR(BUSY_NOT_SENT);
    if (!hx_str_equal(call->origin, HX_STR(SIM_ORIGIN)))
        return sim->edge != NULL ? HX_ERR(UNKNOWN_OUTCOME) : HX_ERR(BUSY_NOT_SENT);
    sim_wire_tell(request, call);
    uint32_t index = sim_flight_make(sim, call, slot_of(request));
    struct sim_flight *flight = &sim->flights[index];
    flight->fault = fault;
    flight->token = request->token = ++sim->event_sequence;
    flight_start(sim, index);
    sim_wake(sim, flight->slot, flight->token, timeout_at);
    sim_wait(request);
    bool in_time = flight->outcome_at != 0 && flight->outcome_at <= sim->now;
    hx_err err = in_time ? flight->err : HX_ERR(UNKNOWN_TIMEOUT);
    if (hx_ok(err)) err = answer_take(req, flight, call, out);
    flight->slot = SIM_NONE;
    if (!flight->arrives) flight->live = false;
    return err;
}

/* At the venue. */

static void rule_say(struct hx_lab_fault *rule, const struct hx_lab_word *word, bool executes) {
    rule->kind = word->status == 0 ? HX_LAB_FAULT_ERROR_CODE : HX_LAB_FAULT_HTTP_STATUS;
    rule->status = word->status;
    rule->code = word->code;
    rule->executes = executes;
    memcpy(rule->msg, word->text, strlen(word->text) + 1);
}

static void rule_status(struct hx_lab_fault *rule, uint32_t status, int32_t code, const char *text, bool executes) {
    rule->kind = HX_LAB_FAULT_HTTP_STATUS;
    rule->status = status;
    rule->code = code;
    rule->executes = executes;
    memcpy(rule->msg, text, strlen(text) + 1);
}

static bool rule_make(const struct hx_sim_venue *venue, const struct hx_sim_fault *fault, struct hx_lab_fault *rule) {
    const struct hx_lab_speech *speech = hx_sim_speech_of(venue);
    *rule = (struct hx_lab_fault){.count = 1};
    bool executes = fault->argument % 2 == 0;
    switch (fault->kind) {
        case HX_SIM_FAULT_VENUE_BUSY_429:
            rule_say(rule, &speech->limited, false);
            rule->retry_after_s = (uint32_t)fault->argument;
            return true;
        case HX_SIM_FAULT_VENUE_BANNED_418:
            rule_say(rule, &speech->banned, false);
            rule->retry_after_s = (uint32_t)fault->argument;
            return true;
        case HX_SIM_FAULT_VENUE_503_UNKNOWN:
            rule_status(rule, 503, 0, HX_LAB_MSG_503_UNKNOWN, executes);
            return true;
        case HX_SIM_FAULT_VENUE_503_UNAVAILABLE:
            rule_say(rule, &speech->unavailable, false);
            return true;
        case HX_SIM_FAULT_VENUE_503_INTERNAL:
            rule_status(rule, 503, 0, HX_LAB_MSG_503_INTERNAL, false);
            return true;
        case HX_SIM_FAULT_VENUE_500:
            rule_status(rule, 500, 0, "Internal Server Error", executes);
            return true;
        case HX_SIM_FAULT_VENUE_TIMEOUT:
            rule_say(rule, &speech->timeout, executes);
            return true;
        case HX_SIM_FAULT_VENUE_MAINTENANCE:
            rule->kind = HX_LAB_FAULT_MAINTENANCE;
            return true;
        case HX_SIM_FAULT_VENUE_OVERLOADED:
            rule_say(rule, &speech->overloaded, false);
            return true;
        case HX_SIM_FAULT_VENUE_REJECT:
            rule_say(rule, &speech->poor, false);
            memcpy(rule->match, "order", sizeof("order")); /* A word about margin: only orders hear it. */
            return true;
        case HX_SIM_FAULT_VENUE_PARTIAL:
            rule->kind = HX_LAB_FAULT_PARTIAL;
            rule->fill_permille = (uint32_t)fault->argument;
            return true;
        case HX_SIM_FAULT_VENUE_SPLIT:
            rule->kind = HX_LAB_FAULT_SPLIT;
            rule->parts = (uint32_t)fault->argument;
            return true;
        case HX_SIM_FAULT_VENUE_HALT:
            rule->kind = HX_LAB_FAULT_HALT;
            return true;
        case HX_SIM_FAULT_VENUE_SKEW:
            rule->kind = HX_LAB_FAULT_CLOCK_SKEW;
            rule->skew_ms = fault->argument;
            return true;
        case HX_SIM_FAULT_VENUE_GARBAGE:
            rule->kind = HX_LAB_FAULT_GARBAGE;
            rule->variant = (uint32_t)fault->argument;
            return true;
        case HX_SIM_FAULT_VENUE_STALE:
            rule->kind = HX_LAB_FAULT_STALE;
            return true;
        default:
            return false;
    }
}

#define STALE_APART_MS 60000

/* A copy of the venue that is behind catches up: whoever asks again somewhat later is told the truth. */
static bool catches_up(struct hx_host *sim, const struct hx_sim_fault *fault) {
    if (fault->kind != HX_SIM_FAULT_VENUE_STALE) return false;
    if (sim->now < sim->stale_again_at) return true;
    sim->stale_again_at = sim->now + STALE_APART_MS;
    return false;
}

bool sim_fault_begin(struct hx_host *sim, const struct hx_sim_fault *fault) {
    struct hx_lab_fault rule;
    if (catches_up(sim, fault)) return false;
    bool bent = rule_make(hx_sim_venue_of(sim), fault, &rule);
    if (!bent) return false;
    hx_err err = hx_lab_add_fault(sim->lab, &rule);
    hx_assert(hx_ok(err));
    return true;
}

static void lab_ask(struct hx_host *sim, const struct sim_flight *flight, struct hx_lab_response *out) {
    size_t mark = 0;
    bool has_query = hx_str_find_char(flight->target, '?', &mark);
    const struct hx_lab_request request = {
        .method = flight->method,
        .path = hx_str_slice(flight->target, 0, has_query ? mark : flight->target.len),
        .query = has_query ? hx_str_slice(flight->target, mark + 1, flight->target.len) : HX_STR_EMPTY,
        .headers = flight->headers,
        .header_count = flight->header_count,
        .body = flight->body,
    };
    bool bent = sim_fault_begin(sim, &flight->fault);
    hx_lab_handle(sim->lab, sim->now, &request, out);
    if (bent) hx_lab_clear_faults(sim->lab);
}

/* After a partial fill the market moves away, so that the rest of a limit order waits for it to come back. */
static void move_off(struct hx_host *sim) {
    struct hx_lab_order_view order;
    uint32_t count = hx_lab_order_count(sim->lab);
    if (count == 0) return;
    hx_lab_get_order(sim->lab, count - 1, &order);
    if (order.status != HX_LAB_STATUS_PARTIALLY_FILLED || order.time_ms != sim->now) return;
    hx_dec price;
    const hx_dec up = {105, -2}, down = {95, -2};
    hx_err err = hx_dec_multiply_round(order.price, order.buy ? up : down, 0, HX_ROUND_DOWN, &price);
    if (hx_ok(err)) err = hx_lab_set_price_in(sim->lab, order.product, order.symbol, price);
    hx_sim_tell(sim, "PRICE  %.*s moves off: %s", (int)order.symbol.len, order.symbol.data, hx_err_name(err));
}

void sim_fault_end(struct hx_host *sim, const struct hx_sim_fault *fault) {
    hx_lab_clear_faults(sim->lab);
    if (fault->kind == HX_SIM_FAULT_VENUE_PARTIAL) move_off(sim);
}

void sim_flight_arrive(struct hx_host *sim, uint32_t index) {
    struct sim_flight *flight = &sim->flights[index];
    struct hx_lab_response response;
    if (flight->line_serial != 0) {
        sim_socket_arrive(sim, index);
        return;
    }
    lab_ask(sim, flight, &response);
    if (flight->fault.kind == HX_SIM_FAULT_VENUE_PARTIAL) move_off(sim);
    flight->arrives = false;
    sim_tell_venue(sim, flight, &response);
    sim_mix(sim, response.status);
    sim_mix_str(sim, response.body);
    if (flight->slot == SIM_NONE) {
        flight->live = false;
        return;
    }
    int64_t back = 1 + response.delay_ms + sim_random_to(&sim->latency, sim->config.network_ms_max);
    if (flight->fault.kind == HX_SIM_FAULT_NET_LATE_REPLY) back += flight->fault.argument;
    flight->outcome_at = sim->now + back;
    bool lost = response.delivery != HX_LAB_DELIVER || flight->fault.kind == HX_SIM_FAULT_NET_DROP_REPLY;
    flight->err = lost ? HX_ERR(UNKNOWN_OUTCOME) : HX_OK;
    flight->status = response.status;
    flight->answer = sim_copy(sim, response.body);
    flight->answer_headers = headers_copy(sim, response.headers, response.header_count);
    flight->answer_header_count = response.header_count;
    sim_wake(sim, flight->slot, flight->token, flight->outcome_at);
}

/* Sign. */

static hx_str secret_find(const struct hx_host *sim, hx_str name) {
    for (uint32_t i = 0; i < sim->config.secret_count; i++) {
        if (hx_str_equal(name, hx_str_from_c(sim->config.secrets[i].name)))
            return hx_str_from_c(sim->config.secrets[i].value);
    }
    bool is_venues = hx_str_equal(name, hx_sim_venue_of(sim)->adapter->live.secret_name);
    return is_venues ? HX_STR(HX_LAB_API_SECRET) : HX_STR_EMPTY;
}

hx_err hx_host_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex) {
    hx_str secret = secret_find(req->host, secret_name);
    if (secret.len == 0) return HX_ERR(ABSENT_KEY);
    uint8_t digest[HX_SHA256_LEN];
    hx_hmac_sha256(secret, text, digest);
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &req->arena, 2 * sizeof(digest)));
    hx_buf_add_hex(&buf, digest, sizeof(digest));
    return hx_buf_finish(&buf, hex);
}
