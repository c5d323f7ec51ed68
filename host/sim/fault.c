/* Faults: which port call is hit by what, by plan or by chance. */
#include "host/sim/world.h"

#define OP(name) (1u << HX_OP_##name)
#define OPS_WRITE (OP(DB_BATCH) | OP(KV_PUT) | OP(KV_DELETE))
#define OPS_PREPARE (OP(HTTP_PREPARE) | OP(SOCKET_PREPARE))
#define OPS_SUSPEND (OPS_WRITE | OP(SLEEP) | OP(DB_QUERY) | OP(LANE_LOCK) | OP(LANE_CALL) | OPS_PREPARE)
#define OPS_CACHE (OP(KV_GET) | OP(MEMO_GET))
#define OPS_SEND (OP(HTTP_SEND) | OP(SOCKET_ASK))
#define OPS_EFFECT (OPS_WRITE | OP(LANE_LOCK) | OP(LANE_CALL) | OPS_PREPARE | OPS_SEND)
#define OPS_QUEUE OP(QUEUE_SEND)
#define SIM_OP(name) (1u << SIM_OP_##name)
#define OPS_STREAM SIM_OP(STREAM)
#define OPS_DYING (SIM_OP(ALARM) | SIM_OP(PUBLISH))
#define OPS_RINGING (SIM_OP(ALARM) | SIM_OP(DELIVER))
#define OPS_LOSING (SIM_OP(CRON) | SIM_OP(DELIVER))
#define OPS_LATE (OPS_RINGING | OPS_REMOTE | SIM_OP(CRON))
#define OPS_REMOTE (SIM_OP(PUBLISH) | SIM_OP(ADOPT) | SIM_OP(DELIVER))
#define OPS_ALL (OPS_SUSPEND | OPS_CACHE | OPS_SEND | OP(KV_LIST) | OP(SIGN))

_Static_assert(SIM_OP_COUNT <= 32, "a mask holds every operation");

static const struct {
    const char *text;
    uint32_t ops;
} kinds[] = {
#define X(name, text, ops) {text, ops},
#include "host/sim/fault.def"
#undef X
};

const char *hx_sim_fault_text(enum hx_sim_fault_kind kind) {
    return kind < HX_SIM_FAULT_COUNT ? kinds[kind].text : "any";
}

bool hx_sim_fault_parse(hx_str text, enum hx_sim_fault_kind *out) {
    *out = HX_SIM_FAULT_ANY;
    if (hx_str_equal(text, HX_STR("any"))) return true;
    for (uint32_t i = 0; i < HX_SIM_FAULT_COUNT; i++) {
        if (!hx_str_equal(text, hx_str_from_c(kinds[i].text))) continue;
        *out = (enum hx_sim_fault_kind)i;
        return true;
    }
    return false;
}

bool hx_sim_fault_applies(enum hx_sim_fault_kind kind, uint32_t op) {
    return kind < HX_SIM_FAULT_COUNT && (kinds[kind].ops >> op & 1) != 0;
}

/* The sizes a fault comes in, by kind; each row ends at its count. */
static const struct {
    enum hx_sim_fault_kind kind;
    uint32_t count;
    int64_t values[6];
} sizes[] = {
    {HX_SIM_FAULT_CRASH_BEFORE, 3, {300, 4000, 70000}},
    {HX_SIM_FAULT_CRASH_AFTER, 3, {300, 4000, 70000}},
    {HX_SIM_FAULT_DELAY, 5, {20, 700, 4000, 20000, 90000}},
    {HX_SIM_FAULT_DUPLICATE, 3, {0, 50, 5000}},
    {HX_SIM_FAULT_LATE, 3, {1000, 20000, 300000}},
    {HX_SIM_FAULT_ARENA, 4, {0, 256, 4096, 32768}},
    {HX_SIM_FAULT_CLOCK, 4, {-400, 400, -60, 60}},
    {HX_SIM_FAULT_NET_LATE_REPLY, 4, {500, 3000, 12000, 40000}},
    {HX_SIM_FAULT_NET_LATE_REQUEST, 6, {300, 1500, 2500, 4000, 9000, 35000}},
    {HX_SIM_FAULT_VENUE_BUSY_429, 2, {1, 30}},
    {HX_SIM_FAULT_VENUE_BANNED_418, 2, {5, 120}},
    {HX_SIM_FAULT_VENUE_503_UNKNOWN, 2, {0, 1}},
    {HX_SIM_FAULT_VENUE_500, 2, {0, 1}},
    {HX_SIM_FAULT_VENUE_TIMEOUT, 2, {0, 1}},
    {HX_SIM_FAULT_VENUE_PARTIAL, 3, {100, 500, 999}},
    {HX_SIM_FAULT_VENUE_SPLIT, 2, {3, 12}},
    {HX_SIM_FAULT_VENUE_SKEW, 4, {-300, 300, -900, 900}},
    {HX_SIM_FAULT_VENUE_GARBAGE, 3, {0, 1, 2}},
};

uint32_t hx_sim_fault_size_count(enum hx_sim_fault_kind kind) {
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (sizes[i].kind == kind) return sizes[i].count;
    }
    return 1;
}

int64_t hx_sim_fault_size(enum hx_sim_fault_kind kind, uint64_t pick) {
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (sizes[i].kind == kind) return sizes[i].values[pick % sizes[i].count];
    }
    return 0;
}

/* Choosing. */

static const struct hx_sim_fault none = {0, HX_SIM_FAULT_COUNT, 0};

/* The argument is a mixed number: its low part picks the kind, the rest the size. */
static struct hx_sim_fault any(uint32_t point, uint32_t op, uint64_t pick) {
    uint32_t count = 0;
    for (uint32_t kind = 0; kind < HX_SIM_FAULT_COUNT; kind++)
        count += hx_sim_fault_applies((enum hx_sim_fault_kind)kind, op);
    if (count == 0) return none;
    uint32_t skip = (uint32_t)(pick % count);
    for (uint32_t kind = 0; kind < HX_SIM_FAULT_COUNT; kind++) {
        enum hx_sim_fault_kind chosen = (enum hx_sim_fault_kind)kind;
        if (!hx_sim_fault_applies(chosen, op) || skip-- > 0) continue;
        return (struct hx_sim_fault){point, chosen, hx_sim_fault_size(chosen, pick / count)};
    }
    return none;
}

static struct hx_sim_fault planned(struct hx_host *sim, uint32_t point, uint32_t op) {
    const struct hx_sim_config *config = &sim->config;
    while (sim->plan_next < config->fault_count && config->faults[sim->plan_next].point < point) sim->plan_next++;
    if (sim->plan_next >= config->fault_count || config->faults[sim->plan_next].point != point) return none;
    struct hx_sim_fault fault = config->faults[sim->plan_next];
    if (fault.kind == HX_SIM_FAULT_ANY) return any(point, op, (uint64_t)fault.argument);
    return hx_sim_fault_applies(fault.kind, op) ? fault : none;
}

/* One draw per point whatever the operation, so that the sequence of draws depends on nothing but the count. */
static struct hx_sim_fault drawn(struct hx_host *sim, uint32_t point, uint32_t op) {
    if (!sim->chance_any) return none;
    uint64_t draw = sim_random_next(&sim->chance);
    uint32_t roll = (uint32_t)(draw & 0xffff), sum = 0;
    if (roll >= sim->chance_by_op[op]) return none;
    for (uint32_t kind = 0; kind < HX_SIM_FAULT_COUNT; kind++) {
        if (!hx_sim_fault_applies((enum hx_sim_fault_kind)kind, op)) continue;
        sum += sim->config.fault_chance[kind];
        if (roll >= sum) continue;
        enum hx_sim_fault_kind chosen = (enum hx_sim_fault_kind)kind;
        return (struct hx_sim_fault){point, chosen, hx_sim_fault_size(chosen, draw >> 16)};
    }
    return none;
}

static const char *op_name(uint32_t op) {
    static const char *const names[] = {"alarm", "cron", "publish", "deliver", "adopt", "stream"};
    return op < HX_OP_COUNT ? hx_op_name((enum hx_op)op) : names[op - HX_OP_COUNT];
}

struct hx_sim_fault sim_fault_at(struct hx_host *sim, uint32_t op) {
    uint32_t point = sim->counters.points++;
    if (point < HX_SIM_POINTS_MAX) sim->points[point] = (uint8_t)op;
    if (!sim->faults_on) return none;
    struct hx_sim_fault fault = planned(sim, point, op);
    if (fault.kind == HX_SIM_FAULT_COUNT) fault = drawn(sim, point, op);
    if (fault.kind == HX_SIM_FAULT_COUNT) return none;
    sim->counters.faults++;
    if (sim->hit_count < SIM_FAULTS_HIT_MAX) sim->hit[sim->hit_count++] = fault;
    hx_sim_tell(sim, "FAULT  %s %lld at point %u, %s", hx_sim_fault_text(fault.kind), (long long)fault.argument, point,
                op_name(op));
    return fault;
}

uint32_t hx_sim_op_at(const struct hx_host *sim, uint32_t point) {
    hx_assert(point < sim->counters.points && point < HX_SIM_POINTS_MAX);
    return sim->points[point];
}

const struct hx_sim_fault *hx_sim_faults_hit(const struct hx_host *sim, uint32_t *count) {
    *count = sim->hit_count;
    return sim->hit;
}

/* The hooks. */

_Noreturn void sim_crash_here(struct sim_request *request) {
    request->sim->crash_pending = true;
    request->sim->crash_place = request->place;
    for (;;) hx_coro_yield();
}

/* The error that the port's contract gives this operation when it fails without effect. */
static hx_err error_of(enum hx_op op) {
    switch (op) {
        case HX_OP_SLEEP:
        case HX_OP_LANE_LOCK:
            return HX_ERR(LIMIT_TIME);
        case HX_OP_LANE_CALL:
        case HX_OP_HTTP_PREPARE:
        case HX_OP_HTTP_SEND:
        case HX_OP_SOCKET_PREPARE:
        case HX_OP_SOCKET_ASK:
            return HX_ERR(BUSY_NOT_SENT);
        case HX_OP_MEMO_GET:
            return HX_ERR(ABSENT_KEY);
        case HX_OP_DB_QUERY:
            return HX_ERR(BROKEN_STORE);
        case HX_OP_SIGN:
            return HX_ERR(BROKEN_HOST);
        default:
            return HX_ERR(BUSY_OVERLOADED);
    }
}

/* And when nobody can tell whether it took effect. */
static hx_err unknown_of(enum hx_op op) {
    switch (op) {
        case HX_OP_LANE_LOCK:
            return HX_ERR(LIMIT_TIME);
        case HX_OP_HTTP_PREPARE:
        case HX_OP_SOCKET_PREPARE:
            return HX_ERR(BUSY_NOT_SENT);
        case HX_OP_LANE_CALL:
        case HX_OP_HTTP_SEND:
        case HX_OP_SOCKET_ASK:
            return HX_ERR(UNKNOWN_OUTCOME);
        default:
            return HX_ERR(UNKNOWN_STORE);
    }
}

static void arena_shrink(struct hx_arena *arena, int64_t left) {
    size_t size = arena->used + (size_t)left;
    if (size < arena->size) arena->size = size;
}

static enum hx_fault before(struct hx_hooks *hooks, struct hx_req *req, enum hx_op op, uint32_t sequence,
                            hx_err *fault_err) {
    struct hx_host *sim = ((struct sim_hooks *)hooks)->sim;
    struct sim_request *request = sim_request_of(req);
    struct hx_sim_fault fault = sim_fault_at(sim, op);
    request->fault = fault;
    switch (fault.kind) {
        case HX_SIM_FAULT_CRASH_BEFORE:
            sim->crash_down_ms = fault.argument;
            sim_crash_here(request);
        case HX_SIM_FAULT_CRASH_AFTER:
            request->crash_after = sequence;
            request->crash_down_ms = fault.argument;
            return HX_FAULT_NONE;
        case HX_SIM_FAULT_ERROR:
            *fault_err = error_of(op);
            return HX_FAULT_ERROR;
        case HX_SIM_FAULT_ERROR_UNKNOWN:
            *fault_err = unknown_of(op);
            return HX_FAULT_ERROR;
        case HX_SIM_FAULT_EFFECT_ERROR:
            *fault_err = unknown_of(op);
            return HX_FAULT_EFFECT_THEN_ERROR;
        case HX_SIM_FAULT_DELAY:
            sim_wait_until(request, sim->now + fault.argument);
            return HX_FAULT_NONE;
        case HX_SIM_FAULT_ARENA:
            arena_shrink(&req->arena, fault.argument);
            return HX_FAULT_NONE;
        case HX_SIM_FAULT_CLOCK:
            sim_step_clock(sim, fault.argument);
            return HX_FAULT_NONE;
        default:
            return HX_FAULT_NONE;
    }
}

static void after(struct hx_hooks *hooks, struct hx_req *req, enum hx_op op, uint32_t sequence) {
    struct sim_request *request = sim_request_of(req);
    (void)op;
    if (request->crash_after != sequence) return;
    ((struct sim_hooks *)hooks)->sim->crash_down_ms = request->crash_down_ms;
    sim_crash_here(request);
}

void sim_hooks_init(struct hx_host *sim) {
    sim->hooks = (struct sim_hooks){{before, after}, sim};
    sim->chance_any = false;
    for (uint32_t op = 0; op < SIM_OP_COUNT; op++) {
        sim->chance_by_op[op] = 0;
        for (uint32_t kind = 0; kind < HX_SIM_FAULT_COUNT; kind++) {
            if (hx_sim_fault_applies((enum hx_sim_fault_kind)kind, op))
                sim->chance_by_op[op] += sim->config.fault_chance[kind];
        }
        sim->chance_any = sim->chance_any || sim->chance_by_op[op] > 0;
    }
}
