#include "core/venue/adapter.h"

/* A venue's product is one row here. */
static const struct hx_venue_adapter *const adapters[] = {
    &hx_binance_futures, &hx_binance_spot, &hx_bybit_linear, &hx_bybit_spot, &hx_mexc_futures, &hx_mexc_spot,
};

#define ADAPTERS (sizeof adapters / sizeof adapters[0])

const struct hx_venue_adapter *hx_venue_list_adapters(uint32_t index) {
    return index < ADAPTERS ? adapters[index] : NULL;
}

const struct hx_venue_adapter *hx_venue_find_adapter(const struct hx_account *account) {
    for (size_t i = 0; i < ADAPTERS; i++) {
        if (adapters[i]->venue == account->venue && adapters[i]->market == account->market) return adapters[i];
    }
    return NULL;
}
