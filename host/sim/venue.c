#include "host/sim/venue.h"

const struct hx_sim_venue hx_sim_venues[HX_SIM_VENUES] = {
#define ROW(constant, name, market, adapter, private_stream, public_stream, socket) \
    {#name ":" HX_MARKET_NAME_##market, HX_LAB_##constant, HX_LAB_##market, &hx_##adapter},
    HX_PRODUCT_ROWS(ROW)
#undef ROW
};

const struct hx_sim_venue *hx_sim_find_venue(hx_str name) {
    for (size_t i = 0; i < HX_SIM_VENUES; i++) {
        if (hx_str_equal(name, hx_str_from_c(hx_sim_venues[i].name))) return &hx_sim_venues[i];
    }
    return NULL;
}

const struct hx_lab_speech *hx_sim_speech_of(const struct hx_sim_venue *venue) {
    return hx_lab_speech_of(venue->venue, venue->product);
}
