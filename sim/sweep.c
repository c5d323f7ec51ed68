/* The sweep. Each scenario is run once without faults to learn its port calls; then every call is failed in every way
 * and size, one per run, and after that in pairs: the second fault hits one of the calls that follow the first, which
 * often belong to the recovery from it. Pairs are drawn by index, so any range of them can be run and named. */
#include <stdlib.h>
#include <string.h>

#include "sim/campaign.h"
#include "sim/scenario.h"

#define SINGLES_MAX 400000
#define NEAR 14
#define SWEEP_SEED 20260101

struct single {
    uint16_t scenario;
    uint8_t kind, size;
    uint32_t point;
};

struct hx_sweep {
    const struct hx_sim_venue *venue;
    struct single *singles;
    uint64_t count;
};

static uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 31)) * 0x7fb5d329728ea185u;
    value = (value ^ (value >> 27)) * 0x81dadef4bc2dd44du;
    return value ^ (value >> 33);
}

/* The faults of the network and the venue come in every size at every call; those that can hit any call in one size per
 * call, another at the next. */
static bool takes_turns(enum hx_sim_fault_kind kind) {
    return kind == HX_SIM_FAULT_CRASH_BEFORE || kind == HX_SIM_FAULT_CRASH_AFTER || kind == HX_SIM_FAULT_DELAY ||
           kind == HX_SIM_FAULT_ARENA || kind == HX_SIM_FAULT_CLOCK;
}

static void singles_add(struct hx_sweep *sweep, const struct hx_host *sim, uint32_t scenario) {
    uint32_t points = hx_sim_get_counters(sim)->points;
    for (uint32_t point = 0; point < points && point < HX_SIM_POINTS_MAX; point++) {
        for (uint32_t kind = 0; kind < HX_SIM_FAULT_COUNT; kind++) {
            enum hx_sim_fault_kind fault = (enum hx_sim_fault_kind)kind;
            if (!hx_sim_fault_applies(fault, hx_sim_op_at(sim, point))) continue;
            uint32_t count = hx_sim_fault_size_count(fault);
            for (uint32_t size = 0; size < count; size++) {
                if (sweep->count == SINGLES_MAX) return;
                if (takes_turns(fault) && (point + kind) % count != size) continue;
                sweep->singles[sweep->count++] =
                    (struct single){(uint16_t)scenario, (uint8_t)kind, (uint8_t)size, point};
            }
        }
    }
}

struct hx_sweep *hx_sweep_make(struct hx_host *sim, bool edge, const struct hx_sim_venue *venue) {
    struct hx_sweep *sweep = calloc(1, sizeof(*sweep));
    struct hx_case *c = hx_case_make();
    if (sweep != NULL) sweep->singles = malloc(SINGLES_MAX * sizeof(*sweep->singles));
    if (sweep == NULL || sweep->singles == NULL) abort();
    bool passed = true;
    sweep->venue = venue;
    for (uint32_t i = 0; i < hx_scenario_count && passed; i++) {
        struct hx_case_result result;
        hx_case_clear(c);
        c->seed = SWEEP_SEED;
        c->edge = edge;
        hx_case_set_venue(c, venue);
        if (hx_scenarios[i].short_positions && venue->product == HX_LAB_SPOT) continue;
        hx_scenarios[i].build(c);
        hx_case_run(sim, c, NULL, &result);
        singles_add(sweep, sim, i);
        /* On their way to a lane of the edge alerts of the same moment may overtake each other. */
        bool as_expected =
            edge || hx_scenarios[i].orders_expected == UINT32_MAX || hx_scenarios[i].orders_expected == result.orders;
        if (result.passed && as_expected) continue;
        passed = false;
        fprintf(stderr, "scenario %s fails without any fault on %s: %s %s (%u orders, %u expected)\n",
                hx_scenarios[i].name, venue->name, result.number, result.text, result.orders,
                hx_scenarios[i].orders_expected);
    }
    hx_case_release(c);
    if (passed) return sweep;
    hx_sweep_release(sweep);
    return NULL;
}

void hx_sweep_release(struct hx_sweep *sweep) {
    if (sweep == NULL) return;
    free(sweep->singles);
    free(sweep);
}

uint64_t hx_sweep_single_count(const struct hx_sweep *sweep) {
    return sweep->count;
}

/* Singles in an order that visits all scenarios early: a multiplicative walk through the list. */
static const struct single *single_at(const struct hx_sweep *sweep, uint64_t index) {
    uint64_t step = 7919;
    while (sweep->count % step == 0) step += 2;
    return &sweep->singles[index % sweep->count * step % sweep->count];
}

void hx_sweep_build(const void *context, uint64_t index, struct hx_case *c) {
    const struct hx_sweep *sweep = context;
    bool pair = index >= sweep->count;
    uint64_t draw = mix(index + 1);
    const struct single *first = single_at(sweep, pair ? draw >> 8 : index);
    enum hx_sim_fault_kind kind = (enum hx_sim_fault_kind)first->kind;
    c->seed = pair && draw % 4 == 0 ? draw : SWEEP_SEED;
    hx_case_set_venue(c, sweep->venue);
    hx_scenarios[first->scenario].build(c);
    hx_case_fault(c, first->point, kind, hx_sim_fault_size(kind, first->size));
    if (!pair) return;
    uint64_t second = mix(draw);
    hx_case_fault(c, first->point + 1 + (uint32_t)(second % NEAR), HX_SIM_FAULT_ANY, (int64_t)(mix(second) >> 1));
}
