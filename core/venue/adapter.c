#include "core/venue/adapter.h"

static const struct hx_venue_adapter *const adapters[] = {
#define ROW(constant, name, market, adapter, private_stream, public_stream, socket) &hx_##adapter,
    HX_PRODUCT_ROWS(ROW)
#undef ROW
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
