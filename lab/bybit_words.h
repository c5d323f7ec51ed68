/* Bybit's words for what the engine knows: shared by its answers and its streams. */
#ifndef HX_LAB_BYBIT_WORDS_H
#define HX_LAB_BYBIT_WORDS_H

#include "lab/wire.h"

/* What an order is besides an order: hx_lab_order.wire_kind. */
enum hx_lab_bybit_stop {
    HX_LAB_BYBIT_PLAIN,
    HX_LAB_BYBIT_STOP,       /* Conditional. */
    HX_LAB_BYBIT_TPSL_ORDER, /* Spot: holds its assets while it waits. */
    HX_LAB_BYBIT_TAKE_PROFIT,
    HX_LAB_BYBIT_STOP_LOSS,
    HX_LAB_BYBIT_TRAILING_STOP,
    HX_LAB_BYBIT_PARTIAL_TAKE_PROFIT,
    HX_LAB_BYBIT_PARTIAL_STOP_LOSS,
};
#define HX_LAB_BYBIT_STOP_MASK 0x0f
#define HX_LAB_BYBIT_CLOSE_ON_TRIGGER 0x10
#define HX_LAB_BYBIT_BY_INDEX 0x20 /* The index is the mark here, but is shown as what it was sent as. */
enum hx_lab_bybit_stop hx_lab_bybit_stop_of(const struct hx_lab_order *order);

/* orderStatus of an order that is, or was, in that status with so much executed. */
const char *hx_lab_bybit_status_text(const struct hx_lab *lab, const struct hx_lab_order *order,
                                     enum hx_lab_order_status status, hx_lab_amount executed);
/* cancelType and rejectReason that go with it. */
void hx_lab_bybit_ending(const struct hx_lab_order *order, enum hx_lab_order_status status, const char **cancel_type,
                         const char **reason);
/* Orders by value: what of it is too little for one more step. */
hx_lab_amount hx_lab_bybit_residue(const struct hx_lab_order *order);
const char *hx_lab_bybit_tif_text(const struct hx_lab_order *order);
const char *hx_lab_bybit_category(enum hx_lab_product product);                                 /* "linear", "spot". */
const char *hx_lab_bybit_stop_text(const struct hx_lab *lab, const struct hx_lab_order *order); /* stopOrderType. */
const char *hx_lab_bybit_create_text(const struct hx_lab_order *order);                         /* createType. */
const char *hx_lab_bybit_trigger_text(bool is_set, bool by_mark, bool by_index, const char *none); /* triggerBy. */
int64_t hx_lab_bybit_position_index(enum hx_lab_position_side side);
uint32_t hx_lab_bybit_places(hx_lab_amount step); /* Decimals of a tick or step. */

#endif
