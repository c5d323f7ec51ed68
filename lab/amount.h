/* Amounts inside the laboratory: whole numbers of 10^-8, as the venue keeps them.
 *
 * Invariant: |amount| <= HX_LAB_AMOUNT_MAX. Products and quotients are rounded half away from zero and saturate there,
 * so that absurd but well-formed requests meet the venue's filters instead of an overflow. */
#ifndef HX_LAB_AMOUNT_H
#define HX_LAB_AMOUNT_H

#include "core/base/buf.h"
#include "core/base/dec.h"
#include "core/base/str.h"

typedef int64_t hx_lab_amount;

#define HX_LAB_UNIT ((hx_lab_amount)100000000)
#define HX_LAB_PLACES 8
#define HX_LAB_AMOUNT_MAX ((hx_lab_amount)999999999999999999)

/* Plain decimal text, optional '-'. *places: decimals written, without trailing zeros; what is behind the eighth is cut
 * off (a caller that must refuse it looks at *places). False: malformed, or beyond HX_LAB_AMOUNT_MAX. */
bool hx_lab_amount_parse(hx_str text, hx_lab_amount *out, uint32_t *places);
void hx_lab_amount_add_fixed(struct hx_buf *buf, hx_lab_amount amount, uint32_t places); /* Exactly `places` (0..8). */
void hx_lab_amount_add_short(struct hx_buf *buf, hx_lab_amount amount);                  /* No trailing zeros. */

hx_lab_amount hx_lab_amount_multiply(hx_lab_amount a, hx_lab_amount b);
hx_lab_amount hx_lab_amount_divide(hx_lab_amount a, hx_lab_amount b); /* b != 0, asserted. */
/* a * factor / divisor without an intermediate loss; divisor > 0, asserted. */
hx_lab_amount hx_lab_amount_scale(hx_lab_amount a, int64_t factor, int64_t divisor);
/* (weight_a * a + weight_b * b) / (weight_a + weight_b) of four amounts >= 0, weights not both 0: asserted. */
hx_lab_amount hx_lab_amount_average(hx_lab_amount weight_a, hx_lab_amount a, hx_lab_amount weight_b, hx_lab_amount b);
bool hx_lab_amount_product_is_exact(hx_lab_amount a, hx_lab_amount b); /* a, b >= 0: a * b needs no rounding. */
hx_lab_amount hx_lab_amount_add(hx_lab_amount a, hx_lab_amount b);     /* Saturates. */
hx_lab_amount hx_lab_amount_abs(hx_lab_amount a);
hx_lab_amount hx_lab_amount_min(hx_lab_amount a, hx_lab_amount b);
hx_lab_amount hx_lab_amount_floor_step(hx_lab_amount a, hx_lab_amount step); /* a >= 0, step > 0. */

hx_dec hx_lab_amount_to_dec(hx_lab_amount a);
/* False: more than eight decimals, or beyond HX_LAB_AMOUNT_MAX. */
bool hx_lab_amount_from_dec(hx_dec value, hx_lab_amount *out);

#endif
