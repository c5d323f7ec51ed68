/* Shrinking: first every fault that hit becomes a planned one, so that nothing is left to chance; then faults, actions
 * and settings are taken away as long as the same promise is still broken. */
#include <stdlib.h>
#include <string.h>

#include "sim/case.h"

#define RUNS_MAX 3000

struct shrinker {
    struct hx_host *sim;
    struct hx_case *c;
    char number[8];
    uint32_t runs;
};

static bool still_fails(struct shrinker *s) {
    struct hx_case_result result;
    if (s->runs >= RUNS_MAX) return false;
    s->runs++;
    hx_case_run(s->sim, s->c, NULL, &result);
    return !result.passed && strcmp(result.number, s->number) == 0;
}

/* Drops `count` elements of `size` bytes from `first` on, keeps the array as it was when the case then passes. */
static bool drop(struct shrinker *s, void *array, uint32_t *len, size_t size, uint32_t first, uint32_t count) {
    char *bytes = array;
    uint32_t len_before = *len;
    char *saved = malloc(size * len_before);
    if (saved == NULL) return false;
    memcpy(saved, bytes, size * len_before);
    memmove(bytes + size * first, bytes + size * (first + count), size * (len_before - first - count));
    *len = len_before - count;
    bool fails = still_fails(s);
    if (!fails) {
        memcpy(bytes, saved, size * len_before);
        *len = len_before;
    }
    free(saved);
    return fails;
}

/* Halves first, single elements last; again as long as anything goes. */
static void reduce(struct shrinker *s, void *array, uint32_t *len, size_t size) {
    bool smaller = true;
    while (smaller && *len > 0) {
        smaller = false;
        for (uint32_t count = (*len + 1) / 2; count > 0; count /= 2) {
            for (uint32_t first = 0; first + count <= *len;) {
                if (drop(s, array, len, size, first, count)) smaller = true;
                else first += count;
            }
        }
    }
}

static bool plan_what_hit(struct shrinker *s) {
    uint32_t count = 0;
    const struct hx_sim_fault *hit = hx_sim_faults_hit(s->sim, &count);
    struct hx_case *c = s->c;
    if (count > HX_CASE_FAULTS_MAX) return false;
    uint16_t chance[HX_SIM_FAULT_COUNT];
    memcpy(chance, c->fault_chance, sizeof(chance));
    memset(c->fault_chance, 0, sizeof(c->fault_chance));
    memcpy(c->faults, hit, count * sizeof(*hit));
    c->fault_count = count;
    if (still_fails(s)) return true;
    memcpy(c->fault_chance, chance, sizeof(chance));
    c->fault_count = 0;
    return false;
}

uint32_t hx_case_shrink(struct hx_host *sim, struct hx_case *c) {
    struct shrinker s = {.sim = sim, .c = c};
    struct hx_case_result result;
    hx_case_run(sim, c, NULL, &result);
    if (result.passed) return 1;
    memcpy(s.number, result.number, sizeof(s.number));
    plan_what_hit(&s);
    for (int round = 0; round < 3; round++) {
        uint32_t before = c->fault_count + c->action_count;
        reduce(&s, c->actions, &c->action_count, sizeof(c->actions[0]));
        reduce(&s, c->faults, &c->fault_count, sizeof(c->faults[0]));
        if (c->fault_count + c->action_count == before) break;
    }
    return s.runs + 1;
}
