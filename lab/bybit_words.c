#include "lab/bybit_words.h"

const char *hx_lab_bybit_status_text(const struct hx_lab *lab, const struct hx_lab_order *order,
                                     enum hx_lab_order_status status, hx_lab_amount executed) {
    const bool waits = order->trigger.is_set && !order->triggered;
    const bool cut = executed > 0 && hx_lab_market_is_spot(lab, order->market);
    switch (status) {
        case HX_LAB_STATUS_PENDING:
        case HX_LAB_STATUS_NEW:
            return "New";
        case HX_LAB_STATUS_PARTIALLY_FILLED:
            return "PartiallyFilled";
        case HX_LAB_STATUS_FILLED:
            return "Filled";
        case HX_LAB_STATUS_CANCELED:
        case HX_LAB_STATUS_EXPIRED:
            if (waits) return "Deactivated";
            return cut ? "PartiallyFilledCanceled" : "Cancelled";
        case HX_LAB_STATUS_UNTRIGGERED:
            return "Untriggered";
        case HX_LAB_STATUS_REJECTED:
            return "Rejected";
    }
    hx_assert(false);
    return "";
}

const char *hx_lab_bybit_reject_reason(enum hx_lab_refusal refusal) {
    switch (refusal) {
        case HX_LAB_ACCEPTED:
            return "EC_NoError";
        case HX_LAB_REFUSED_WOULD_TAKE:
            return "EC_PostOnlyWillTakeLiquidity";
        case HX_LAB_REFUSED_WOULD_NOT_FILL:
            return "EC_NoEnoughQtyToFill";
        case HX_LAB_REFUSED_DUPLICATE:
            return "EC_DuplicatedClOrdID";
        default:
            return "EC_Others";
    }
}

const char *hx_lab_bybit_tif_text(const struct hx_lab_order *order) {
    static const char *const texts[] = {"GTC", "IOC", "FOK", "PostOnly", "GTC"};
    return order->type == HX_LAB_ORDER_MARKET ? "IOC" : texts[order->tif];
}

const char *hx_lab_bybit_category(enum hx_lab_product product) {
    return product == HX_LAB_SPOT ? "spot" : "linear";
}

int64_t hx_lab_bybit_position_index(enum hx_lab_position_side side) {
    return side == HX_LAB_BOTH ? 0 : side == HX_LAB_LONG ? 1 : 2;
}
