/* Amounts: products, quotients and sums of money that must come out, however many digits they would need.
 *
 * Exact where 18 digits can hold the result; else rounded half-even (or as asked) to the most places that fit, of at
 * most HX_AMOUNT_PLACES. Quantities are never computed with these: what the venue executed is summed exactly.
 * REJECT_RANGE only where even whole units do not fit. */
#ifndef HX_CORE_TRADE_AMOUNT_H
#define HX_CORE_TRADE_AMOUNT_H

#include "core/base/dec.h"

#define HX_AMOUNT_PLACES 12

HX_MUST_USE hx_err hx_amount_multiply(hx_dec a, hx_dec b, enum hx_round round, hx_dec *out);
HX_MUST_USE hx_err hx_amount_divide(hx_dec a, hx_dec b, enum hx_round round, hx_dec *out); /* REJECT_DIVIDE_ZERO. */
HX_MUST_USE hx_err hx_amount_add(hx_dec a, hx_dec b, hx_dec *out);
HX_MUST_USE hx_err hx_amount_subtract(hx_dec a, hx_dec b, hx_dec *out);

#endif
