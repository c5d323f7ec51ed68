/* The venues a simulated world can have at the other end of its network, one in a run, and the words in which each says
 * what a fault makes it say. The venue itself is the laboratory (lab/). */
#ifndef HX_HOST_SIM_VENUE_H
#define HX_HOST_SIM_VENUE_H

#include "core/venue/adapter.h"
#include "lab/lab.h"

struct hx_sim_word {
    uint32_t status; /* HTTP; 0: whatever the venue gives this code. */
    int32_t code;
    const char *text; /* Empty: the venue's own. */
};

struct hx_sim_venue {
    const char *name; /* "bybit:spot" */
    enum hx_lab_venue venue;
    enum hx_lab_product product;
    bool buys_by_value; /* A market buy says how much to spend, and nothing about how much comes of it. */
    const struct hx_venue_adapter *adapter;           /* Says how our settings call it. */
    const char *order_path, *fills_path, *rules_path; /* Beginnings of targets. */
    struct hx_sim_word limited;                       /* Too many requests; nothing was done. */
    struct hx_sim_word banned;
    struct hx_sim_word timeout;     /* Nobody knows what was done. */
    struct hx_sim_word overloaded;  /* Nothing was done. */
    struct hx_sim_word unavailable; /* Likewise. */
    struct hx_sim_word poor;        /* Not enough money. */
};

#define HX_SIM_VENUES 6
extern const struct hx_sim_venue hx_sim_venues[HX_SIM_VENUES]; /* Binance futures is the first. */

const struct hx_sim_venue *hx_sim_find_venue(hx_str name); /* NULL: none of that name. */

#endif
