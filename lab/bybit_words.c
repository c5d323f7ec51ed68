#include "lab/bybit_words.h"

static bool is_spot(const struct hx_lab *lab, const struct hx_lab_order *order) {
    return hx_lab_market_is_spot(lab, order->market);
}

hx_lab_amount hx_lab_bybit_residue(const struct hx_lab_order *order) {
    return order->quote_asked > order->quote ? order->quote_asked - order->quote : 0;
}

static const char *ended_text(const struct hx_lab *lab, const struct hx_lab_order *order, hx_lab_amount executed) {
    if (order->trigger.is_set && !order->triggered) return "Deactivated";
    return is_spot(lab, order) && executed > 0 ? "PartiallyFilledCanceled" : "Cancelled";
}

/* Futures: what the matching engine turns away ends as Cancelled with the reason, and so does what can not be placed
 * once it is triggered. */
static const char *rejected_text(const struct hx_lab *lab, const struct hx_lab_order *order) {
    const bool unmatched =
        order->refusal == HX_LAB_REFUSED_WOULD_TAKE || order->refusal == HX_LAB_REFUSED_WOULD_NOT_FILL;
    return !is_spot(lab, order) && (unmatched || order->triggered) ? "Cancelled" : "Rejected";
}

const char *hx_lab_bybit_status_text(const struct hx_lab *lab, const struct hx_lab_order *order,
                                     enum hx_lab_order_status status, hx_lab_amount executed) {
    switch (status) {
        case HX_LAB_STATUS_PENDING:
        case HX_LAB_STATUS_NEW:
            return "New";
        case HX_LAB_STATUS_PARTIALLY_FILLED:
            return "PartiallyFilled";
        case HX_LAB_STATUS_FILLED:
            return hx_lab_bybit_residue(order) > 0 ? "PartiallyFilledCanceled" : "Filled";
        case HX_LAB_STATUS_CANCELED:
        case HX_LAB_STATUS_EXPIRED:
            return ended_text(lab, order, executed);
        case HX_LAB_STATUS_UNTRIGGERED:
            return "Untriggered";
        case HX_LAB_STATUS_REJECTED:
            return rejected_text(lab, order);
    }
    hx_assert(false);
    return "";
}

static const char *reject_reason(enum hx_lab_refusal refusal) {
    switch (refusal) {
        case HX_LAB_ACCEPTED:
            return "EC_NoError";
        case HX_LAB_REFUSED_DUPLICATE:
            return "EC_DuplicatedClOrdID";
        case HX_LAB_REFUSED_WOULD_TAKE:
            return "EC_PostOnlyWillTakeLiquidity";
        case HX_LAB_REFUSED_WOULD_NOT_FILL:
            return "EC_CancelForNoFullFill";
        case HX_LAB_REFUSED_HALTED:
            return "EC_InvalidSymbolStatus";
        case HX_LAB_REFUSED_BAND_HIGH:
        case HX_LAB_REFUSED_BAND_LOW:
            return "EC_ReachMarketPriceLimit";
        case HX_LAB_REFUSED_NOTIONAL_LOW:
            return "EC_InvalidAmount";
        case HX_LAB_REFUSED_QUANTITY_LOW:
        case HX_LAB_REFUSED_QUANTITY_HIGH:
            return "EC_EcInvalidQty";
        case HX_LAB_REFUSED_QUANTITY_ZERO:
            return "EC_QtyCannotBeZero";
        default:
            return "EC_Others";
    }
}

/* An order that ended by itself was either one that does not rest, or had nothing left to reduce. */
static bool ended_unmatched(const struct hx_lab_order *order) {
    const bool waits = order->trigger.is_set && !order->triggered;
    return !waits && (order->type == HX_LAB_ORDER_MARKET || order->tif == HX_LAB_IOC || order->tif == HX_LAB_FOK);
}

void hx_lab_bybit_ending(const struct hx_lab_order *order, enum hx_lab_order_status status, const char **cancel_type,
                         const char **reason) {
    *cancel_type = "UNKNOWN";
    *reason = reject_reason(HX_LAB_ACCEPTED);
    if (status == HX_LAB_STATUS_REJECTED) *reason = reject_reason(order->refusal);
    if (status == HX_LAB_STATUS_CANCELED) {
        *cancel_type = "CancelByUser";
        *reason = "EC_PerCancelRequest";
    }
    if (status != HX_LAB_STATUS_EXPIRED) return;
    if (ended_unmatched(order)) {
        *reason = "EC_NoImmediateQtyToFill";
    } else {
        *cancel_type = order->trigger.of_position ? "CancelByTpSlTsClear" : "CancelByReduceOnly";
        *reason = "EC_PerCancelRequest";
    }
}

const char *hx_lab_bybit_tif_text(const struct hx_lab_order *order) {
    static const char *const texts[] = {"GTC", "IOC", "FOK", "PostOnly", "GTC"};
    return order->type == HX_LAB_ORDER_MARKET ? "IOC" : texts[order->tif];
}

const char *hx_lab_bybit_category(enum hx_lab_product product) {
    return product == HX_LAB_SPOT ? "spot" : "linear";
}

enum hx_lab_bybit_stop hx_lab_bybit_stop_of(const struct hx_lab_order *order) {
    return (enum hx_lab_bybit_stop)(order->wire_kind & HX_LAB_BYBIT_STOP_MASK);
}

const char *hx_lab_bybit_stop_text(const struct hx_lab *lab, const struct hx_lab_order *order) {
    static const char *const texts[] = {"",         "Stop",         "tpslOrder",         "TakeProfit",
                                        "StopLoss", "TrailingStop", "PartialTakeProfit", "PartialStopLoss"};
    const enum hx_lab_bybit_stop stop = hx_lab_bybit_stop_of(order);
    return stop == HX_LAB_BYBIT_PLAIN && !is_spot(lab, order) ? "UNKNOWN" : texts[stop];
}

const char *hx_lab_bybit_create_text(const struct hx_lab_order *order) {
    static const char *const texts[] = {
        "CreateByUser",     "CreateByStopOrder",    "CreateByStopOrder",         "CreateByTakeProfit",
        "CreateByStopLoss", "CreateByTrailingStop", "CreateByPartialTakeProfit", "CreateByPartialStopLoss"};
    return texts[hx_lab_bybit_stop_of(order)];
}

const char *hx_lab_bybit_trigger_text(bool is_set, bool by_mark, bool by_index, const char *none) {
    if (!is_set) return none;
    if (by_index) return "IndexPrice";
    return by_mark ? "MarkPrice" : "LastPrice";
}

int64_t hx_lab_bybit_position_index(enum hx_lab_position_side side) {
    return side == HX_LAB_BOTH ? 0 : side == HX_LAB_LONG ? 1 : 2;
}

uint32_t hx_lab_bybit_places(hx_lab_amount step) {
    uint32_t places = HX_LAB_PLACES;
    while (places > 0 && step % 10 == 0) {
        step /= 10;
        places--;
    }
    return places;
}
