/* Unsigned 128-bit integers for the decimals' intermediate results: just the operations dec.c needs.
 *
 * Not __int128: its multiplication and division are calls into a compiler runtime on wasm, and the core links
 * nothing but itself there. Overflow is impossible in every use, by the bounds that dec.c states. */
#ifndef HX_CORE_BASE_WIDE_H
#define HX_CORE_BASE_WIDE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t high;
    uint64_t low;
} hx_wide;

static inline hx_wide hx_wide_from(uint64_t value) {
    return (hx_wide){0, value};
}

static inline hx_wide hx_wide_multiply(uint64_t a, uint64_t b) {
    uint64_t a_low = a & UINT32_MAX, a_high = a >> 32;
    uint64_t b_low = b & UINT32_MAX, b_high = b >> 32;
    uint64_t low = a_low * b_low;
    uint64_t cross = a_high * b_low + (low >> 32);
    uint64_t middle = a_low * b_high + (cross & UINT32_MAX);
    return (hx_wide){a_high * b_high + (cross >> 32) + (middle >> 32), middle << 32 | (low & UINT32_MAX)};
}

static inline hx_wide hx_wide_add(hx_wide a, hx_wide b) {
    uint64_t low = a.low + b.low;
    return (hx_wide){a.high + b.high + (low < a.low ? 1u : 0u), low};
}

/* a must not be smaller than b. */
static inline hx_wide hx_wide_subtract(hx_wide a, hx_wide b) {
    return (hx_wide){a.high - b.high - (a.low < b.low ? 1u : 0u), a.low - b.low};
}

static inline int hx_wide_compare(hx_wide a, hx_wide b) {
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    if (a.low != b.low) return a.low < b.low ? -1 : 1;
    return 0;
}

/* Quotient by a 32-bit divisor, in steps of 64 bits by 32, each of which is one machine division. */
static inline hx_wide hx_wide_divide(hx_wide a, uint32_t divisor, uint32_t *remainder) {
    uint64_t part = a.high >> 32;
    hx_wide quotient = {part / divisor << 32, 0};
    part = part % divisor << 32 | (a.high & UINT32_MAX);
    quotient.high |= part / divisor;
    part = part % divisor << 32 | a.low >> 32;
    quotient.low = part / divisor << 32;
    part = part % divisor << 32 | (a.low & UINT32_MAX);
    quotient.low |= part / divisor;
    *remainder = (uint32_t)(part % divisor);
    return quotient;
}

#endif
