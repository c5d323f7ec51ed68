/* The world: clock, event heap, generators, and the life of the one process in it. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host/sim/edge.h"
#include "host/sim/line.h"

#define TICK_MS HX_MS_PER_MINUTE
/* The host's clock stays this close to the world's, so that a step is always less than what the venues' guarantees
 * allow for (hx_venue_guarantees.clock_slack_ms). */
#define CLOCK_OFFSET_MAX_MS 400

/* SplitMix64: one addition and a mix; good enough for schedules, and the same on every machine. */
uint64_t sim_random_next(struct sim_random *random) {
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t sim_random_to(struct sim_random *random, int64_t max) {
    hx_assert(max >= 0);
    return (int64_t)(sim_random_next(random) % ((uint64_t)max + 1));
}

void sim_mix(struct hx_host *sim, uint64_t value) {
    sim->hash = (sim->hash ^ value) * 0x100000001b3u + 0x9e37;
}

void sim_mix_str(struct hx_host *sim, hx_str text) {
    sim_mix(sim, hx_str_hash(text));
}

void *sim_alloc(struct hx_host *sim, size_t size) {
    void *memory = hx_arena_alloc(&sim->arena, size);
    if (memory == NULL) {
        fprintf(stderr, "sim: this run needs more than %zu bytes\n", sim->room.arena_size);
        exit(2);
    }
    return memory;
}

hx_str sim_copy(struct hx_host *sim, hx_str text) {
    if (text.len == 0) return HX_STR_EMPTY;
    char *copy = sim_alloc(sim, text.len);
    memcpy(copy, text.data, text.len);
    return hx_str_make(copy, text.len);
}

/* The heap. */

static bool comes_first(const struct sim_event *a, const struct sim_event *b) {
    return a->at != b->at ? a->at < b->at : a->sequence < b->sequence;
}

/* Ticks, alarms and what streams bring come for ever; what else is ahead means that something goes on. */
static bool counts(const struct sim_event *event) {
    bool of_streams = event->kind >= SIM_EVENT_LINE_TELL && event->kind <= SIM_EVENT_STREAM_WAKE;
    return event->kind != SIM_EVENT_TICK && event->kind != SIM_EVENT_ALARM && !of_streams;
}

void sim_push(struct hx_host *sim, struct sim_event event) {
    hx_assert(sim->heap_len < SIM_EVENTS_MAX);
    if (event.at < sim->now) event.at = sim->now;
    event.sequence = sim->event_sequence++;
    event.epoch = sim->epoch;
    if (counts(&event)) sim->ahead_count++;
    uint32_t i = sim->heap_len++;
    while (i > 0 && comes_first(&event, &sim->heap[(i - 1) / 2])) {
        sim->heap[i] = sim->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    sim->heap[i] = event;
}

static struct sim_event pop(struct hx_host *sim) {
    struct sim_event first = sim->heap[0];
    struct sim_event last = sim->heap[--sim->heap_len];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= sim->heap_len) break;
        if (child + 1 < sim->heap_len && comes_first(&sim->heap[child + 1], &sim->heap[child])) child++;
        if (!comes_first(&sim->heap[child], &last)) break;
        sim->heap[i] = sim->heap[child];
        i = child;
    }
    sim->heap[i] = last;
    if (counts(&first)) sim->ahead_count--;
    return first;
}

/* Making and resetting. */

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) {
        fprintf(stderr, "sim: out of memory\n");
        exit(2);
    }
    return memory;
}

struct hx_sim_room hx_sim_room_small(void) {
    return (struct hx_sim_room){.callers_max = 1024,
                                .exchanges_max = 4096,
                                .arena_size = (size_t)16 * 1024 * 1024,
                                .lab = hx_lab_config_small()};
}

struct hx_sim_room hx_sim_room_large(const char *ledger_path) {
    return (struct hx_sim_room){.callers_max = 100000,
                                .exchanges_max = 100000,
                                .arena_size = (size_t)256 * 1024 * 1024,
                                .lab = hx_lab_config_large(),
                                .ledger_path = ledger_path};
}

/* The world's disk outlives the world's crashes whatever the machine's does: nothing is gained by syncing. */
static bool store_open(struct hx_host *sim) {
    char problem[200] = "no memory";
    const struct hx_store_options options = {.path = sim->room.ledger_path != NULL ? sim->room.ledger_path : ":memory:",
                                             .sync = HX_STORE_SYNC_OFF};
    if (hx_failed(hx_store_open(&options, &sim->store, problem, sizeof(problem)))) {
        fprintf(stderr, "sim: %s\n", problem);
        return false;
    }
    return true;
}

struct hx_host *hx_sim_make(void) {
    const struct hx_sim_room room = hx_sim_room_small();
    return hx_sim_make_with(&room);
}

struct hx_host *hx_sim_make_with(const struct hx_sim_room *room) {
    struct hx_host *sim = allocate(1, sizeof(*sim));
    sim->room = *room;
    sim->heap = allocate(SIM_EVENTS_MAX, sizeof(*sim->heap));
    sim->requests = allocate(SIM_REQUESTS_MAX, sizeof(*sim->requests));
    sim->callers = allocate(room->callers_max, sizeof(*sim->callers));
    sim->exchanges = allocate(room->exchanges_max, sizeof(*sim->exchanges));
    sim->exchange_caller = allocate(room->exchanges_max, sizeof(*sim->exchange_caller));
    sim->flights = allocate(SIM_FLIGHTS_MAX, sizeof(*sim->flights));
    sim->lines = allocate(1, sizeof(*sim->lines));
    sim->points = allocate(HX_SIM_POINTS_MAX, 1);
    sim->hit = allocate(SIM_FAULTS_HIT_MAX, sizeof(*sim->hit));
    hx_arena_init(&sim->arena, allocate(1, room->arena_size), room->arena_size);
    hx_arena_init(&sim->query_arena, allocate(1, SIM_QUERY_ARENA_SIZE), SIM_QUERY_ARENA_SIZE);
    size_t lab_size = (hx_lab_size_with(&room->lab) + 63) / 64 * 64;
    sim->lab_memory = aligned_alloc(64, lab_size);
    if (sim->lab_memory == NULL || !store_open(sim)) {
        hx_sim_release(sim);
        return NULL;
    }
    return sim;
}

void hx_sim_release(struct hx_host *sim) {
    if (sim == NULL) return;
    sim->observer = (struct hx_sim_observer){0};
    sim_requests_abandon(sim);
    for (uint32_t i = 0; i < SIM_REQUESTS_MAX; i++) free(sim->requests[i].arena_memory);
    sim_edge_release(sim);
    hx_store_close(sim->store);
    free(sim->heap);
    free(sim->requests);
    free(sim->callers);
    free(sim->exchanges);
    free(sim->exchange_caller);
    free(sim->flights);
    free(sim->lines);
    free(sim->points);
    free(sim->hit);
    free(sim->arena.base);
    free(sim->query_arena.base);
    free(sim->lab_memory);
    free(sim);
}

static void state_clear(struct hx_host *sim) {
    sim->now = sim->config.start_ms;
    sim->clock_offset = 0;
    sim->hash = 0xcbf29ce484222325u;
    sim->epoch = 1;
    sim->up = true;
    sim->draining = sim->crash_pending = false;
    sim->faults_on = true;
    sim->heap_len = sim->ahead_count = 0;
    sim->event_sequence = 0;
    sim->serial_next = 1;
    sim->live_count = 0;
    sim->caller_count = sim->exchange_count = 0;
    memset(sim->flights, 0, SIM_FLIGHTS_MAX * sizeof(*sim->flights));
    sim->plan_next = sim->hit_count = sim->message_count = 0;
    sim->counters = (struct hx_sim_counters){0};
    sim->violation = NULL;
    sim->violation_text[0] = '\0';
    sim->trouble = (struct sim_trouble){HX_SIM_FAULT_COUNT, 0, 0, HX_STR_EMPTY};
    sim->stale_again_at = 0;
    sim->observer = (struct hx_sim_observer){0};
    hx_arena_reset(&sim->arena);
}

const struct hx_sim_venue *hx_sim_venue_of(const struct hx_host *sim) {
    return sim->config.venue == NULL ? &hx_sim_venues[0] : sim->config.venue;
}

static void lab_init(struct hx_host *sim) {
    const struct hx_sim_config *config = &sim->config;
    const struct hx_sim_venue *venue = hx_sim_venue_of(sim);
    struct hx_lab_config lab = sim->room.lab;
    lab.venue = venue->venue;
    sim->lab = hx_lab_init_with(sim->lab_memory, &lab, config->seed, sim->now);
    if (config->venue_fills_max > 0) hx_lab_set_market_fills(sim->lab, config->venue_fills_max);
    hx_lab_set_lookup_lag(sim->lab, config->venue_lookup_lag_ms);
    if (!config->venue_fee_in_bnb) return;
    const hx_dec maker = {2, -4}, taker = {5, -4}, bnb_price = {6, 2};
    hx_err err = hx_lab_set_fee_in(sim->lab, venue->product, maker, taker, HX_LAB_FEE_BNB, bnb_price);
    hx_assert(hx_ok(err));
}

void hx_sim_reset(struct hx_host *sim, const struct hx_sim_config *config) {
    sim->observer = (struct hx_sim_observer){0};
    sim_requests_abandon(sim);
    sim->config = *config;
    if (config->edge && sim->edge_made == NULL) {
        sim->edge_made = sim_edge_make(sim);
        if (sim->edge_made == NULL) exit(2);
    }
    sim->edge = config->edge ? sim->edge_made : NULL;
    state_clear(sim);
    struct sim_random seed = {config->seed * 0x9e3779b97f4a7c15u + 1};
    sim->latency.state = sim_random_next(&seed);
    sim->outside.state = sim_random_next(&seed);
    sim->core_random.state = sim_random_next(&seed);
    sim->chance.state = sim_random_next(&seed);
    lab_init(sim);
    sim->kv_count = 0;
    sim_volatile_forget(sim);
    if (sim->edge != NULL) {
        sim_edge_reset(sim);
    } else {
        hx_store_reset(sim->store);
        sim_kv_load(sim);
    }
    sim_hooks_init(sim);
    sim_streams_reset(sim);
    if (config->no_ticks) return;
    sim_push(sim, (struct sim_event){.at = sim->now, .kind = SIM_EVENT_TICK});
    sim_streams_start(sim);
}

void hx_sim_observe(struct hx_host *sim, const struct hx_sim_observer *observer) {
    sim->observer = *observer;
}

/* What the outside schedules. */

void hx_sim_add_crash(struct hx_host *sim, hx_time at_ms, int64_t down_ms) {
    sim_push(sim, (struct sim_event){.at = at_ms, .kind = SIM_EVENT_CRASH, .number = down_ms});
}

void hx_sim_add_clock_step(struct hx_host *sim, hx_time at_ms, int64_t step_ms) {
    sim_push(sim, (struct sim_event){.at = at_ms, .kind = SIM_EVENT_CLOCK, .number = step_ms});
}

void hx_sim_add_venue_trouble(struct hx_host *sim, hx_time at_ms, enum hx_sim_fault_kind kind, uint32_t count,
                              int64_t argument, hx_str match) {
    struct sim_trouble *trouble = sim_alloc(sim, sizeof(*trouble));
    *trouble = (struct sim_trouble){kind, count, argument, sim_copy(sim, match)};
    sim_push(sim, (struct sim_event){.at = at_ms, .kind = SIM_EVENT_TROUBLE, .p = trouble});
}

struct price {
    hx_str symbol;
    hx_dec price;
};

void hx_sim_add_price(struct hx_host *sim, hx_time at_ms, hx_str symbol, hx_dec price) {
    struct price *change = sim_alloc(sim, sizeof(*change));
    *change = (struct price){sim_copy(sim, symbol), price};
    sim_push(sim, (struct sim_event){.at = at_ms, .kind = SIM_EVENT_PRICE, .p = change});
}

void hx_sim_add_action(struct hx_host *sim, hx_time at_ms, void (*fn)(void *context, struct hx_host *sim),
                       void *context) {
    sim_push(sim, (struct sim_event){.at = at_ms, .kind = SIM_EVENT_ACTION, .fn = fn, .context = context});
}

/* Running. */

static void crash(struct hx_host *sim, uint32_t place, int64_t down_ms) {
    if (!sim->up) return;
    if (sim->edge != NULL) {
        sim_edge_crash(sim, place, down_ms);
        return;
    }
    sim->counters.crashes++;
    hx_sim_tell(sim, "CRASH  the process dies with %u requests under way; back in %lld ms", sim->live_count,
                (long long)down_ms);
    sim_process_die(sim);
    sim_push(sim, (struct sim_event){.at = sim->now + down_ms, .kind = SIM_EVENT_RESTART});
}

void sim_step_clock(struct hx_host *sim, int64_t step) {
    int64_t offset = sim->clock_offset + step;
    if (offset > CLOCK_OFFSET_MAX_MS) offset = CLOCK_OFFSET_MAX_MS;
    if (offset < -CLOCK_OFFSET_MAX_MS) offset = -CLOCK_OFFSET_MAX_MS;
    hx_sim_tell(sim, "CLOCK  the host's clock steps from %+lld to %+lld ms", (long long)sim->clock_offset,
                (long long)offset);
    sim->clock_offset = offset;
}

static void tick(struct hx_host *sim) {
    if (sim->draining) return;
    const struct hx_event event = {.kind = HX_EVENT_TICK, .received_ms = hx_sim_host_now(sim)};
    sim_push(sim, (struct sim_event){.at = sim->now + TICK_MS, .kind = SIM_EVENT_TICK});
    if (sim->edge != NULL) {
        sim_edge_cron(sim);
        return;
    }
    sim_request_start(sim, &event, SIM_NONE);
}

static void lane_due(struct hx_host *sim, const hx_str *lane) {
    sim->message_count--;
    if (sim->draining) return;
    const struct hx_event event = {.kind = HX_EVENT_LANE_DUE, .lane = *lane, .received_ms = hx_sim_host_now(sim)};
    sim_request_start(sim, &event, SIM_NONE);
}

static void change_price(struct hx_host *sim, const struct price *change) {
    hx_lab_advance(sim->lab, sim->now);
    hx_err err = hx_lab_set_price_in(sim->lab, hx_sim_venue_of(sim)->product, change->symbol, change->price);
    hx_sim_tell(sim, "PRICE  %.*s %s", (int)change->symbol.len, change->symbol.data,
                hx_failed(err) ? hx_err_name(err) : "set");
}

static void resume(struct hx_host *sim, const struct sim_event *event) {
    struct sim_request *request = &sim->requests[event->a];
    if (request->coro == NULL || !request->waiting || request->token != event->token) return;
    sim_request_run(sim, event->a);
}

static void handle(struct hx_host *sim, const struct sim_event *event) {
    bool current = event->epoch == sim->epoch;
    switch (event->kind) {
        case SIM_EVENT_RESUME:
            if (current) resume(sim, event);
            break;
        case SIM_EVENT_CALL:
            sim_caller_send(sim, event->a);
            break;
        case SIM_EVENT_LANE_DUE:
            if (current) lane_due(sim, event->p);
            break;
        case SIM_EVENT_TICK:
            if (current) tick(sim);
            break;
        case SIM_EVENT_REPLY_BY:
            if (current && sim->requests[event->a].serial == event->token) sim_reply_by_due(sim, event->a);
            break;
        case SIM_EVENT_ARRIVE:
            sim_flight_arrive(sim, event->a);
            sim_lines_pump(sim);
            break;
        case SIM_EVENT_CRASH:
            crash(sim, SIM_NONE, event->number);
            break;
        case SIM_EVENT_RESTART:
            sim_process_start(sim);
            break;
        case SIM_EVENT_CLOCK:
            sim_step_clock(sim, event->number);
            break;
        case SIM_EVENT_TROUBLE:
            sim->trouble = *(const struct sim_trouble *)event->p;
            break;
        case SIM_EVENT_PRICE:
            change_price(sim, event->p);
            sim_lines_pump(sim);
            break;
        case SIM_EVENT_ACTION:
            event->fn(event->context, sim);
            sim_lines_pump(sim);
            break;
        default:
            if (!sim_lines_handle(sim, event)) sim_edge_handle(sim, event);
            break;
    }
}

bool hx_sim_step(struct hx_host *sim) {
    if (sim->violation != NULL || sim->heap_len == 0) return false;
    struct sim_event event = pop(sim);
    sim->now = event.at;
    sim->counters.events++;
    sim_mix(sim, (uint64_t)event.at * 16 + event.kind);
    handle(sim, &event);
    if (sim->crash_pending) {
        sim->crash_pending = false;
        crash(sim, sim->crash_place, sim->crash_down_ms);
    }
    return sim->violation == NULL;
}

hx_time hx_sim_next(const struct hx_host *sim) {
    return sim->heap_len > 0 ? sim->heap[0].at : INT64_MAX;
}

void hx_sim_run_until(struct hx_host *sim, hx_time until) {
    while (sim->heap_len > 0 && sim->heap[0].at <= until) {
        if (!hx_sim_step(sim)) return;
    }
    if (sim->now < until) sim->now = until;
}

bool hx_sim_is_idle(const struct hx_host *sim) {
    bool idle = sim->up && sim->live_count == 0 && sim->ahead_count == 0;
    return idle && (sim->edge == NULL || sim_edge_is_idle(sim));
}

void hx_sim_set_faults(struct hx_host *sim, bool on) {
    sim->faults_on = on;
    if (!on) sim->trouble.count = 0;
}

hx_time hx_sim_now(const struct hx_host *sim) {
    return sim->now;
}
hx_time hx_sim_host_now(const struct hx_host *sim) {
    return sim->now + sim->clock_offset;
}
uint64_t hx_sim_hash(const struct hx_host *sim) {
    return sim->hash;
}
bool hx_sim_is_edge(const struct hx_host *sim) {
    return sim->edge != NULL;
}
struct hx_lab *hx_sim_lab(struct hx_host *sim) {
    return sim->lab;
}
void hx_sim_lab_changed(struct hx_host *sim) {
    sim_lines_pump(sim);
}
uint64_t hx_sim_random(struct hx_host *sim) {
    return sim_random_next(&sim->outside);
}
const struct hx_sim_counters *hx_sim_get_counters(const struct hx_host *sim) {
    return &sim->counters;
}

/* Violations and the story. */

void hx_sim_violate(struct hx_host *sim, const char *number, const char *format, ...) {
    if (sim->violation != NULL) return;
    sim->violation = number;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sim->violation_text, sizeof(sim->violation_text), format, arguments);
    va_end(arguments);
    hx_sim_tell(sim, "VIOLATED %s: %s", number, sim->violation_text);
}

const char *hx_sim_violation_number(const struct hx_host *sim) {
    return sim->violation;
}
const char *hx_sim_violation_text(const struct hx_host *sim) {
    return sim->violation_text;
}
