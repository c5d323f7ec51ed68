/* Which venue speaks how. */
#include "lab/wire.h"

static const struct {
    const struct hx_lab_front *front;
    hx_str name;
} venues[HX_LAB_VENUES] = {
#define ROW(constant, name) [HX_LAB_##constant] = {&hx_lab_##name, {#name, sizeof(#name) - 1}},
    HX_VENUE_ROWS(ROW, ROW)
#undef ROW
};

const struct hx_lab_front *hx_lab_front_of(enum hx_lab_venue venue) {
    hx_assert((uint32_t)venue < HX_LAB_VENUES);
    return venues[venue].front;
}

hx_str hx_lab_venue_text(enum hx_lab_venue venue) {
    hx_assert((uint32_t)venue < HX_LAB_VENUES);
    return venues[venue].name;
}

const struct hx_lab_speech *hx_lab_speech_of(enum hx_lab_venue venue, enum hx_lab_product product) {
    return &hx_lab_front_of(venue)->speech[product];
}

hx_str hx_lab_product_text(enum hx_lab_product product) {
    return product == HX_LAB_SPOT ? HX_STR(HX_MARKET_NAME_SPOT) : HX_STR(HX_MARKET_NAME_FUTURES);
}
