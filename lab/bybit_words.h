/* Bybit's words for what the engine knows: shared by its answers and its streams. */
#ifndef HX_LAB_BYBIT_WORDS_H
#define HX_LAB_BYBIT_WORDS_H

#include "lab/wire.h"

/* orderStatus of an order that is, or was, in that status with so much executed. */
const char *hx_lab_bybit_status_text(const struct hx_lab *lab, const struct hx_lab_order *order,
                                     enum hx_lab_order_status status, hx_lab_amount executed);
const char *hx_lab_bybit_reject_reason(enum hx_lab_refusal refusal); /* "EC_NoError" when there is none. */
const char *hx_lab_bybit_tif_text(const struct hx_lab_order *order);
const char *hx_lab_bybit_category(enum hx_lab_product product); /* "linear", "spot". */
int64_t hx_lab_bybit_position_index(enum hx_lab_position_side side);

#endif
