/* Which venue speaks how. A new venue is a front end of its own files and a line here. */
#include "lab/wire.h"

const struct hx_lab_front *hx_lab_front_of(enum hx_lab_venue venue) {
    switch (venue) {
        case HX_LAB_BINANCE:
            return &hx_lab_binance;
        case HX_LAB_BYBIT:
            return &hx_lab_bybit;
        case HX_LAB_MEXC:
            return &hx_lab_mexc;
    }
    hx_assert(false);
    return NULL;
}

hx_str hx_lab_venue_text(enum hx_lab_venue venue) {
    static const char *const names[] = {"binance", "bybit", "mexc"};
    hx_assert((uint32_t)venue < HX_LAB_VENUES);
    return hx_str_from_c(names[venue]);
}

hx_str hx_lab_product_text(enum hx_lab_product product) {
    return product == HX_LAB_SPOT ? HX_STR("spot") : HX_STR("futures");
}
