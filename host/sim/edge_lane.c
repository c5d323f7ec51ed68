/* What wakes a lane's object, as lane.mjs has it: timers that die with it, the alarm that does not, queue messages and
 * the watchdog. */
#include "host/sim/edge.h"

#define NET_MS 30000
#define ROUND_MS 60000
#define TIMERS_MS_MAX 20000
#define QUEUED_MS_MIN 10000
#define PRUNE_MS (6 * HX_MS_PER_HOUR)
#define REDELIVER_MS 30000
#define ATTEMPTS_MAX 10
#define LOOK_AGAIN_MS 50
#define JOIN_LOOK_MS 2

static struct edge_place *place_at(struct hx_host *sim, uint32_t place) {
    hx_assert(edge_is_lane(place));
    return &sim->edge->places[place];
}

void hx_edge_wake_by(struct hx_host *sim, uint32_t index, hx_time time, bool with_rows) {
    struct edge_place *place = place_at(sim, index);
    if (place->alarm_at <= time) return;
    place->alarm_before = place->alarm_stored;
    place->alarm_at = place->alarm_stored = time;
    place->alarm_set_ms = with_rows ? -EDGE_NEVER / 2 : sim->now;
    sim_push(sim, (struct sim_event){.at = time, .kind = SIM_EVENT_ALARM, .a = index, .token = ++place->alarm_token});
}

static void note(struct hx_host *sim, uint32_t index, bool busy) {
    place_at(sim, index)->noted = busy;
    sim_push(sim, (struct sim_event){
                      .at = sim->now + hx_edge_latency(sim), .kind = SIM_EVENT_NOTE, .a = index, .number = busy});
}

void hx_edge_begin_work(struct hx_host *sim, uint32_t index) {
    if (!edge_is_lane(index)) return;
    struct edge_place *place = place_at(sim, index);
    place->dirty = true;
    hx_edge_wake_by(sim, index, sim->now + NET_MS, true);
    if (!place->noted) note(sim, index, true);
}

/* Wake-ups. */

static void message_push(struct hx_host *sim, struct edge_message *message, int64_t in_ms) {
    sim_message_added(sim);
    sim_push(sim, (struct sim_event){
                      .at = sim->now + in_ms, .kind = SIM_EVENT_MESSAGE, .a = message->place, .context = message});
}

static void message_send(struct hx_host *sim, uint32_t place, int64_t in_ms) {
    struct edge_message *message = sim_alloc(sim, sizeof(*message));
    *message = (struct edge_message){.place = place};
    message_push(sim, message, in_ms > 0 ? in_ms : 0);
}

static void start_timer(struct hx_host *sim, uint32_t index, hx_time due) {
    struct edge_place *place = place_at(sim, index);
    if (due >= place->timer_at) return;
    place->timer_at = due;
    hx_time at = due - sim->clock_offset;
    sim_push(sim, (struct sim_event){.at = at, .kind = SIM_EVENT_TIMER, .a = index, .token = ++place->timer_token});
}

static struct edge_working *working_on(struct hx_host *sim, uint32_t index, hx_str lane) {
    struct edge_place *place = place_at(sim, index);
    for (uint32_t i = 0; i < place->working_count; i++) {
        if (hx_str_equal(place->working[i].lane, lane)) return &place->working[i];
    }
    hx_assert(place->working_count < EDGE_WORKING_MAX);
    struct edge_working *working = &place->working[place->working_count++];
    *working = (struct edge_working){.lane = sim_copy(sim, lane)};
    return working;
}

static void due_add(struct hx_host *sim, uint32_t index, hx_str lane, hx_time due) {
    struct edge_place *place = place_at(sim, index);
    for (uint32_t i = 0; i < place->due_count; i++) {
        if (place->dues[i].due == due && hx_str_equal(place->dues[i].lane, lane)) return;
    }
    if (place->due_count == EDGE_DUES_MAX) {
        hx_sim_violate(sim, "I9", "more than %d wake-ups wait in one lane", EDGE_DUES_MAX);
        return;
    }
    place->dues[place->due_count++] = (struct edge_due){working_on(sim, index, lane)->lane, due};
    int64_t delay = due - hx_sim_host_now(sim);
    if (delay > TIMERS_MS_MAX) hx_edge_wake_by(sim, index, sim->now + delay, false);
    else start_timer(sim, index, due);
    if (delay >= QUEUED_MS_MIN && hx_edge_is_retry(sim, index, due))
        message_send(sim, index, (delay + 999) / 1000 * 1000 + hx_edge_latency(sim));
}

void sim_edge_queue_send(struct sim_request *request, hx_str lane, hx_time due) {
    struct hx_host *sim = request->sim;
    struct hx_sim_fault fault = sim_fault_at(sim, HX_OP_QUEUE_SEND);
    hx_sim_tell(sim, "#%llu   queue_send: %.*s in %lld ms", (unsigned long long)request->serial, (int)lane.len,
                lane.data, (long long)(due - hx_sim_host_now(sim)));
    if (fault.kind == HX_SIM_FAULT_LOSE) return;
    if (fault.kind == HX_SIM_FAULT_LATE) due += fault.argument;
    uint32_t place = request->place;
    int64_t delay = due - hx_sim_host_now(sim);
    if (!edge_is_lane(place)) {
        place = hx_edge_lane_find(sim, lane);
        message_send(sim, place, delay + hx_edge_latency(sim));
    } else {
        due_add(sim, place, lane, due);
    }
    if (fault.kind == HX_SIM_FAULT_DUPLICATE) message_send(sim, place, (delay > 0 ? delay : 0) + fault.argument);
}

void hx_edge_work_off(struct hx_host *sim, uint32_t index, hx_str lane) {
    struct edge_working *working = working_on(sim, index, lane);
    if (working->running) {
        working->again = true;
        return;
    }
    working->running = true;
    working->again = false;
    const struct hx_event event = {
        .kind = HX_EVENT_LANE_DUE, .lane = working->lane, .received_ms = hx_sim_host_now(sim)};
    const struct sim_origin origin = {.place = index, .exchange = SIM_NONE, .after = SIM_AFTER_WORK_OFF};
    if (sim_request_start_at(sim, &event, &origin) != NULL) return;
    working->running = false;
    due_add(sim, index, lane, hx_sim_host_now(sim) + LOOK_AGAIN_MS);
}

static void deliver_due(struct hx_host *sim, uint32_t index) {
    struct edge_place *place = place_at(sim, index);
    hx_time now = hx_sim_host_now(sim), next = EDGE_NEVER;
    place->timer_at = EDGE_NEVER;
    place->timer_token++;
    for (uint32_t i = 0; i < place->due_count;) {
        struct edge_due *due = &place->dues[i];
        if (due->due > now) {
            i++;
            continue;
        }
        working_on(sim, index, due->lane)->due = true;
        *due = place->dues[--place->due_count];
    }
    for (uint32_t i = 0; i < place->working_count; i++) {
        if (!place->working[i].due) continue;
        place->working[i].due = false;
        hx_edge_work_off(sim, index, place->working[i].lane);
    }
    for (uint32_t i = 0; i < place->due_count; i++) {
        if (place->dues[i].due < next) next = place->dues[i].due;
    }
    if (next == EDGE_NEVER) return;
    if (next - now <= TIMERS_MS_MAX) start_timer(sim, index, next);
    else hx_edge_wake_by(sim, index, next - sim->clock_offset, false);
}

void hx_edge_timer(struct hx_host *sim, const struct sim_event *event) {
    if (place_at(sim, event->a)->timer_token == event->token) deliver_due(sim, event->a);
}

/* The alarm. */

static void round_end(struct hx_host *sim, uint32_t index) {
    struct edge_place *place = place_at(sim, index);
    bool claims = false;
    bool rows = hx_edge_unfinished(sim, index, &claims);
    if (rows || place->dirty || place->due_count > 0) {
        hx_edge_wake_by(sim, index, sim->now + ROUND_MS, false);
        return;
    }
    note(sim, index, false);
    if (claims) hx_edge_wake_by(sim, index, sim->now + PRUNE_MS, false);
}

void hx_edge_flushed(struct hx_host *sim, uint32_t index) {
    struct edge_place *place = place_at(sim, index);
    if (place->rounds_flushing == 0) return;
    place->rounds -= place->rounds_flushing;
    place->rounds_flushing = 0;
    round_end(sim, index);
}

static void round_flush(struct hx_host *sim, uint32_t index) {
    place_at(sim, index)->rounds_flushing++;
    hx_edge_pump(sim, index);
}

void hx_edge_tick(struct hx_host *sim, uint32_t index, enum sim_after after) {
    const struct hx_event event = {.kind = HX_EVENT_TICK, .received_ms = hx_sim_host_now(sim)};
    const struct sim_origin origin = {.place = index, .exchange = SIM_NONE, .after = after};
    if (sim_request_start_at(sim, &event, &origin) == NULL && after == SIM_AFTER_ROUND) round_flush(sim, index);
}

static void ring(struct hx_host *sim, uint32_t index) {
    struct edge_place *place = place_at(sim, index);
    bool claims = false;
    place->rounds++;
    deliver_due(sim, index);
    bool rows = hx_edge_unfinished(sim, index, &claims);
    if (rows || claims) hx_edge_tick(sim, index, SIM_AFTER_ROUND);
    else round_flush(sim, index);
}

/* number: an extra ring, whatever was set since. */
void hx_edge_alarm(struct hx_host *sim, const struct sim_event *event) {
    struct edge_place *place = place_at(sim, event->a);
    struct sim_event again = *event;
    if (event->number == 0 && event->token != place->alarm_token) return;
    if (sim->now < place->up_at) {
        again.at = place->up_at;
        sim_push(sim, again);
        return;
    }
    struct hx_sim_fault fault = sim_fault_at(sim, SIM_OP_ALARM);
    if (fault.kind == HX_SIM_FAULT_LATE || fault.kind == HX_SIM_FAULT_DUPLICATE) {
        again.at = sim->now + fault.argument;
        again.number = fault.kind == HX_SIM_FAULT_DUPLICATE;
        sim_push(sim, again);
        if (fault.kind == HX_SIM_FAULT_LATE) return;
    }
    if (event->number == 0) {
        place->alarm_token++;
        place->alarm_at = place->alarm_stored = EDGE_NEVER;
    }
    if (fault.kind == HX_SIM_FAULT_CRASH_BEFORE || fault.kind == HX_SIM_FAULT_CRASH_AFTER) {
        sim->crash_pending = true;
        sim->crash_place = event->a;
        sim->crash_down_ms = fault.argument;
    }
    hx_sim_tell(sim, "ALARM  of lane %.*s", (int)place->lane.len, place->lane.data);
    if (fault.kind == HX_SIM_FAULT_CRASH_BEFORE) place->rounds++;
    else ring(sim, event->a);
}

/* The queue. */

static void dead_letter(struct hx_host *sim, uint32_t index) {
    hx_sim_tell(sim, "QUEUE  a message of lane %.*s was never delivered", (int)place_at(sim, index)->lane.len,
                place_at(sim, index)->lane.data);
    hx_edge_dead_letter_write(sim, index);
    hx_edge_begin_work(sim, index);
    hx_edge_tick(sim, index, SIM_AFTER_NOTHING);
}

static void redeliver(struct hx_host *sim, struct edge_message *message, bool lost) {
    message->attempts++;
    int64_t in_ms = REDELIVER_MS;
    if (!message->dead && (lost || message->attempts > ATTEMPTS_MAX)) {
        message->dead = true;
        if (lost) in_ms *= ATTEMPTS_MAX;
    }
    message_push(sim, message, in_ms);
}

void hx_edge_message_arrive(struct hx_host *sim, struct edge_message *message) {
    struct edge_place *place = place_at(sim, message->place);
    struct hx_sim_fault fault = sim_fault_at(sim, SIM_OP_DELIVER);
    sim->message_count--;
    if (fault.kind == HX_SIM_FAULT_LATE) {
        message_push(sim, message, fault.argument);
        return;
    }
    if (fault.kind == HX_SIM_FAULT_DUPLICATE) message_send(sim, message->place, fault.argument);
    bool lost = fault.kind == HX_SIM_FAULT_LOSE && !message->dead;
    if (lost || fault.kind == HX_SIM_FAULT_ERROR || sim->now < place->up_at) {
        redeliver(sim, message, lost);
        return;
    }
    if (!hx_edge_join(sim, message->place)) {
        message_push(sim, message, JOIN_LOOK_MS);
        return;
    }
    if (fault.kind == HX_SIM_FAULT_EFFECT_ERROR) redeliver(sim, message, false);
    if (message->dead) dead_letter(sim, message->place);
    else hx_edge_work_off(sim, message->place, place->lane);
}

/* Afterwards. */

void sim_edge_request_ended(struct hx_host *sim, uint32_t index, enum sim_after after, hx_str lane) {
    if (!edge_is_lane(index)) return;
    if (after == SIM_AFTER_ROUND) round_flush(sim, index);
    else hx_edge_pump(sim, index);
    if (after != SIM_AFTER_WORK_OFF) return;
    struct edge_working *working = working_on(sim, index, lane);
    working->running = false;
    if (working->again) hx_edge_work_off(sim, index, working->lane);
}
