/* MEXC's numbers for what the engine knows of contracts: shared by its answers and its streams. */
#ifndef HX_LAB_MEXC_WORDS_H
#define HX_LAB_MEXC_WORDS_H

#include "lab/wire.h"

int64_t hx_lab_mexc_side(const struct hx_lab_order *order);                                   /* 1..4. */
int64_t hx_lab_mexc_order_type(const struct hx_lab_order *order);                             /* 1..5. */
int64_t hx_lab_mexc_state(enum hx_lab_order_status status);                                   /* 1..5. */
int64_t hx_lab_mexc_error(const struct hx_lab_order *order, enum hx_lab_order_status status); /* errorCode, 0 none. */
/* 1 long, 2 short: of a position, or of the one an order is for. */
int64_t hx_lab_mexc_position_type(const struct hx_lab_order *order);
int64_t hx_lab_mexc_position_id(uint32_t market, int64_t position_type);
/* Base units to what the wire counts: an exact division. */
hx_lab_amount hx_lab_mexc_contracts(const struct hx_lab_market *market, hx_lab_amount quantity);

#endif
