/* Exact decimals for money, quantity, price and percent: value = mantissa * 10^exponent.
 *
 * Invariants:
 *   1. Canonical: no trailing zero in the mantissa (0 is mantissa 0, exponent 0), so equal values are equal structs.
 *   2. |mantissa| < 10^18 and -18 <= exponent <= 18; what does not fit is an error (REJECT_PRECISION or
 *      REJECT_RANGE), never rounded silently. Intermediate products use 128 bits.
 *   3. Text form: optional '-', digits, optional '.' and digits; never an exponent, never a leading '+',
 *      no superfluous zeros: "0.001", "-12.5", "100".
 * No float or double anywhere. */
#ifndef HX_CORE_BASE_DEC_H
#define HX_CORE_BASE_DEC_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/str.h"

typedef struct {
    int64_t mantissa;
    int32_t exponent;
} hx_dec;

#define HX_DEC_ZERO ((hx_dec){0, 0})
#define HX_DEC_TEXT_MAX 40 /* Longest text of any value, without NUL. */

enum hx_round {
    HX_ROUND_DOWN,    /* Toward zero. */
    HX_ROUND_UP,      /* Away from zero. */
    HX_ROUND_FLOOR,   /* Toward minus infinity. */
    HX_ROUND_CEILING, /* Toward plus infinity. */
    HX_ROUND_HALF_EVEN,
};

/* JSON number grammar (RFC 8259 section 6) and also a bare leading-zero-free decimal; an exponent ("1e-7") is read
 * exactly. The whole string must be used. REJECT_SYNTAX, REJECT_PRECISION (too many significant digits), REJECT_RANGE.
 */
HX_MUST_USE hx_err hx_dec_parse(hx_str text, hx_dec *out);
void hx_dec_add_to(struct hx_buf *buf, hx_dec value);
/* Formats into the arena. LIMIT_ARENA. */
HX_MUST_USE hx_err hx_dec_format(struct hx_arena *arena, hx_dec value, hx_str *out);

hx_dec hx_dec_from_i64(int64_t value); /* |value| < 10^18, asserted. */
/* mantissa * 10^exponent, made canonical. REJECT_RANGE, REJECT_PRECISION. */
HX_MUST_USE hx_err hx_dec_make(int64_t mantissa, int32_t exponent, hx_dec *out);

int hx_dec_compare(hx_dec a, hx_dec b); /* -1, 0, 1; exact for every pair. */
bool hx_dec_equal(hx_dec a, hx_dec b);
int hx_dec_sign(hx_dec a); /* -1, 0, 1. */
bool hx_dec_is_zero(hx_dec a);
hx_dec hx_dec_negate(hx_dec a);
hx_dec hx_dec_abs(hx_dec a);
hx_dec hx_dec_min(hx_dec a, hx_dec b);
hx_dec hx_dec_max(hx_dec a, hx_dec b);

/* Exact, or an error: REJECT_PRECISION when the exact result has more than 18 significant digits, else REJECT_RANGE
 * when its last digit lies beyond exponent -18..18. `out` may be one of the arguments, here and below. */
HX_MUST_USE hx_err hx_dec_add(hx_dec a, hx_dec b, hx_dec *out);
HX_MUST_USE hx_err hx_dec_subtract(hx_dec a, hx_dec b, hx_dec *out);
HX_MUST_USE hx_err hx_dec_multiply(hx_dec a, hx_dec b, hx_dec *out);
/* The product rounded to `places` decimal places. Places are -18..18 here and below (REJECT_INPUT otherwise); a
 * negative number rounds to tens, hundreds and so on. REJECT_PRECISION, REJECT_RANGE. */
HX_MUST_USE hx_err hx_dec_multiply_round(hx_dec a, hx_dec b, int32_t places, enum hx_round round, hx_dec *out);
/* a / b rounded to `places` decimal places. REJECT_DIVIDE_ZERO, REJECT_PRECISION, REJECT_RANGE. */
HX_MUST_USE hx_err hx_dec_divide(hx_dec a, hx_dec b, int32_t places, enum hx_round round, hx_dec *out);
/* Rounded to `places` decimal places. REJECT_RANGE. */
HX_MUST_USE hx_err hx_dec_round(hx_dec a, int32_t places, enum hx_round round, hx_dec *out);
/* Rounded to a multiple of step (> 0, else REJECT_INPUT): tick and lot sizes. REJECT_PRECISION,
 * REJECT_RANGE. */
HX_MUST_USE hx_err hx_dec_round_step(hx_dec a, hx_dec step, enum hx_round round, hx_dec *out);
/* True when a is a whole multiple of step; false when step is not above zero. */
bool hx_dec_is_multiple(hx_dec a, hx_dec step);
/* The integer value; REJECT_PRECISION when there is a fraction, REJECT_RANGE beyond int64. */
HX_MUST_USE hx_err hx_dec_to_i64(hx_dec a, int64_t *out);

#endif
