/* The venues a simulated world can have at the other end of its network, one in a run: a row for each product in
 * core/base/venues.h. The venue itself, and how it speaks, is the laboratory (lab/). */
#ifndef HX_HOST_SIM_VENUE_H
#define HX_HOST_SIM_VENUE_H

#include "core/venue/adapter.h"
#include "lab/lab.h"

struct hx_sim_venue {
    const char *name; /* "bybit:spot" */
    enum hx_lab_venue venue;
    enum hx_lab_product product;
    const struct hx_venue_adapter *adapter; /* Says how our settings call it. */
};

#define HX_SIM_VENUES HX_PRODUCT_COUNT
extern const struct hx_sim_venue hx_sim_venues[HX_SIM_VENUES];

const struct hx_sim_venue *hx_sim_find_venue(hx_str name); /* NULL: none of that name. */
const struct hx_lab_speech *hx_sim_speech_of(const struct hx_sim_venue *venue);

#endif
