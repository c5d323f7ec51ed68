#include "lab/mexc_words.h"

#define POSITION_ID_BASE ((int64_t)600000000)

/* 1 open long, 2 close short, 3 open short, 4 close long. In one-way mode what reduces is 2 (buying) or 4 (selling). */
int64_t hx_lab_mexc_side(const struct hx_lab_order *order) {
    const bool closes = order->side == HX_LAB_BOTH ? order->reduce_only : (order->side == HX_LAB_LONG) != order->buy;
    if (order->buy) return closes ? 2 : 1;
    return closes ? 4 : 3;
}

int64_t hx_lab_mexc_order_type(const struct hx_lab_order *order) {
    if (order->type == HX_LAB_ORDER_MARKET) return 5;
    switch (order->tif) {
        case HX_LAB_GTX:
            return 2;
        case HX_LAB_IOC:
            return 3;
        case HX_LAB_FOK:
            return 4;
        case HX_LAB_GTC:
        case HX_LAB_GTD:
            return 1;
    }
    hx_assert(false);
    return 0;
}

int64_t hx_lab_mexc_state(enum hx_lab_order_status status) {
    switch (status) {
        case HX_LAB_STATUS_PENDING:
        case HX_LAB_STATUS_UNTRIGGERED:
            return 1;
        case HX_LAB_STATUS_NEW:
        case HX_LAB_STATUS_PARTIALLY_FILLED:
            return 2;
        case HX_LAB_STATUS_FILLED:
            return 3;
        case HX_LAB_STATUS_CANCELED:
        case HX_LAB_STATUS_EXPIRED:
            return 4;
        case HX_LAB_STATUS_REJECTED:
            return 5;
    }
    hx_assert(false);
    return 0;
}

/* What an order that ended without its owner's cancel ended of. */
int64_t hx_lab_mexc_error(const struct hx_lab_order *order, enum hx_lab_order_status status) {
    if (status == HX_LAB_STATUS_REJECTED) {
        if (order->refusal == HX_LAB_REFUSED_WOULD_TAKE) return 20;
        if (order->refusal == HX_LAB_REFUSED_WOULD_NOT_FILL) return 19;
        return order->refusal == HX_LAB_REFUSED_MARGIN ? 2 : 1;
    }
    if (status != HX_LAB_STATUS_EXPIRED) return 0;
    if (order->type == HX_LAB_ORDER_MARKET) return 21;
    if (order->tif == HX_LAB_IOC) return 18;
    if (order->tif == HX_LAB_FOK) return 19;
    return order->reduce_only ? 10 : 8;
}

int64_t hx_lab_mexc_position_type(const struct hx_lab_order *order) {
    if (order->side != HX_LAB_BOTH) return order->side == HX_LAB_LONG ? 1 : 2;
    return order->buy != order->reduce_only ? 1 : 2;
}

int64_t hx_lab_mexc_position_id(uint32_t market, int64_t position_type) {
    return POSITION_ID_BASE + 2 * (int64_t)market + position_type;
}

hx_lab_amount hx_lab_mexc_contracts(const struct hx_lab_market *market, hx_lab_amount quantity) {
    return hx_lab_amount_divide(quantity, market->contract_size);
}
