/* Fixed scenarios: small stories that between them pass through every flow of the core. The sweep fails each of their
 * port calls in every way; run without faults they must pass as they are. */
#ifndef HX_SIM_SCENARIO_H
#define HX_SIM_SCENARIO_H

#include "sim/case.h"

struct hx_scenario {
    const char *name;
    void (*build)(struct hx_case *c);
    uint32_t orders_expected; /* At the venue, when nothing fails; UINT32_MAX: depends on the race. */
    bool short_positions;     /* Goes short: not for spot. */
};

extern const struct hx_scenario hx_scenarios[];
extern const uint32_t hx_scenario_count;

#endif
