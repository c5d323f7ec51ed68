/* Campaigns: many cases, over all processors, until all have run or one fails. */
#ifndef HX_SIM_CAMPAIGN_H
#define HX_SIM_CAMPAIGN_H

#include "sim/case.h"

/* Builds case number `index`; the same index always gives the same case. */
typedef void (*hx_case_builder)(const void *context, uint64_t index, struct hx_case *c);

struct hx_campaign {
    hx_case_builder build;
    const void *context;
    uint64_t first, count; /* Cases first .. first + count - 1. */
    bool edge;             /* The world of all of them. */
    uint32_t workers;      /* Processes; 0: as many as there are processors, at most 8. */
};

struct hx_campaign_report {
    uint64_t runs, signals, orders, requests, crashes, faults, events, repeated;
    size_t arena_used_max;
    uint32_t calls_max;
    int64_t took_ms;
    bool failed;
    uint64_t failed_index;
    char number[8];
    char text[HX_SIM_VIOLATION_LEN_MAX];
};

/* Every thousandth case runs twice and must come out the same (determinism). */
void hx_campaign_run(const struct hx_campaign *campaign, struct hx_campaign_report *out);

/* The sweep: all scenarios with every fault at every port call, singly, then in near pairs. Made once, read-only. */
struct hx_sweep;
/* NULL when a scenario fails without faults; says so on stderr. */
struct hx_sweep *hx_sweep_make(struct hx_host *sim, bool edge, const struct hx_sim_venue *venue);
void hx_sweep_release(struct hx_sweep *sweep);
uint64_t hx_sweep_single_count(const struct hx_sweep *sweep); /* From there on, indexes are pairs without end. */
void hx_sweep_build(const void *sweep, uint64_t index, struct hx_case *c);

/* The swarm: a random workload and a random mix of faults per seed. The context is the venue of all of them
 * (struct hx_sim_venue), or NULL: then it is drawn too. */
void hx_swarm_build(const void *context, uint64_t seed, struct hx_case *c);

#endif
