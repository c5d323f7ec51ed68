#include "lab/amount.h"

#include "core/base/wide.h"

static const hx_lab_amount powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool hx_lab_amount_parse(hx_str text, hx_lab_amount *out, uint32_t *places) {
    size_t at = 0;
    const bool negative = text.len > 0 && text.data[0] == '-';
    if (negative) at = 1;
    size_t digits = 0;
    hx_lab_amount value = 0;
    for (; at < text.len && is_digit(text.data[at]); at++, digits++) {
        value = value * 10 + (text.data[at] - '0');
        if (value > HX_LAB_AMOUNT_MAX / HX_LAB_UNIT) return false;
    }
    if (digits == 0) return false;
    value *= HX_LAB_UNIT;
    uint32_t written = 0;
    uint32_t significant = 0;
    if (at < text.len && text.data[at] == '.') {
        at++;
        for (; at < text.len && is_digit(text.data[at]); at++) {
            written++;
            if (text.data[at] != '0') significant = written;
            if (written <= HX_LAB_PLACES) value += (text.data[at] - '0') * powers[HX_LAB_PLACES - written];
        }
        if (written == 0) return false;
    }
    if (at != text.len) return false;
    *out = negative ? -value : value;
    *places = significant;
    return true;
}

void hx_lab_amount_add_fixed(struct hx_buf *buf, hx_lab_amount amount, uint32_t places) {
    hx_assert(places <= HX_LAB_PLACES);
    const hx_lab_amount step = powers[HX_LAB_PLACES - places];
    hx_lab_amount rounded = (hx_lab_amount_abs(amount) + step / 2) / step;
    if (amount < 0 && rounded != 0) hx_buf_add_char(buf, '-');
    hx_buf_add_i64(buf, rounded / powers[places]);
    if (places == 0) return;
    hx_buf_add_char(buf, '.');
    rounded %= powers[places];
    for (uint32_t i = places; i > 0; i--) {
        hx_buf_add_char(buf, (char)('0' + rounded / powers[i - 1]));
        rounded %= powers[i - 1];
    }
}

void hx_lab_amount_add_short(struct hx_buf *buf, hx_lab_amount amount) {
    uint32_t places = HX_LAB_PLACES;
    while (places > 0 && amount % powers[HX_LAB_PLACES - places + 1] == 0) places--;
    hx_lab_amount_add_fixed(buf, amount, places);
}

/* Long division, bit by bit; the quotient saturates. */
static uint64_t divide_wide(hx_wide numerator, uint64_t divisor, uint64_t *remainder) {
    uint64_t rest = numerator.high;
    if (rest >= divisor) {
        *remainder = 0;
        return UINT64_MAX;
    }
    uint64_t quotient = 0;
    for (uint32_t bit = 64; bit > 0; bit--) {
        const bool carry = (rest >> 63) != 0;
        rest = rest << 1 | ((numerator.low >> (bit - 1)) & 1);
        quotient <<= 1;
        if (carry || rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    *remainder = rest;
    return quotient;
}

/* Rounded half up, at most HX_LAB_AMOUNT_MAX. */
static hx_lab_amount divide_rounded(hx_wide numerator, uint64_t divisor) {
    uint64_t quotient;
    uint64_t remainder;
    if (divisor <= UINT32_MAX) {
        uint32_t rest;
        const hx_wide wide = hx_wide_divide(numerator, (uint32_t)divisor, &rest);
        quotient = wide.high == 0 ? wide.low : UINT64_MAX;
        remainder = rest;
    } else {
        quotient = divide_wide(numerator, divisor, &remainder);
    }
    if (quotient >= (uint64_t)HX_LAB_AMOUNT_MAX) return HX_LAB_AMOUNT_MAX;
    if (remainder >= divisor - remainder) quotient++;
    return (hx_lab_amount)quotient;
}

static uint64_t magnitude(int64_t value) {
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

hx_lab_amount hx_lab_amount_scale(hx_lab_amount a, int64_t factor, int64_t divisor) {
    hx_assert(divisor > 0);
    const hx_wide product = hx_wide_multiply(magnitude(a), magnitude(factor));
    const hx_lab_amount rounded = divide_rounded(product, (uint64_t)divisor);
    return (a < 0) != (factor < 0) ? -rounded : rounded;
}

hx_lab_amount hx_lab_amount_multiply(hx_lab_amount a, hx_lab_amount b) {
    return hx_lab_amount_scale(a, b, HX_LAB_UNIT);
}

hx_lab_amount hx_lab_amount_divide(hx_lab_amount a, hx_lab_amount b) {
    hx_assert(b != 0);
    return b > 0 ? hx_lab_amount_scale(a, HX_LAB_UNIT, b) : hx_lab_amount_scale(-a, HX_LAB_UNIT, -b);
}

hx_lab_amount hx_lab_amount_average(hx_lab_amount weight_a, hx_lab_amount a, hx_lab_amount weight_b, hx_lab_amount b) {
    hx_assert(weight_a >= 0 && a >= 0 && weight_b >= 0 && b >= 0 && weight_a + weight_b > 0);
    const hx_wide sum = hx_wide_add(hx_wide_multiply((uint64_t)weight_a, (uint64_t)a),
                                    hx_wide_multiply((uint64_t)weight_b, (uint64_t)b));
    return divide_rounded(sum, (uint64_t)(weight_a + weight_b));
}

bool hx_lab_amount_product_is_exact(hx_lab_amount a, hx_lab_amount b) {
    hx_assert(a >= 0 && b >= 0);
    uint32_t remainder;
    (void)hx_wide_divide(hx_wide_multiply((uint64_t)a, (uint64_t)b), (uint32_t)HX_LAB_UNIT, &remainder);
    return remainder == 0;
}

hx_lab_amount hx_lab_amount_add(hx_lab_amount a, hx_lab_amount b) {
    const hx_lab_amount sum = a + b;
    if (sum > HX_LAB_AMOUNT_MAX) return HX_LAB_AMOUNT_MAX;
    return sum < -HX_LAB_AMOUNT_MAX ? -HX_LAB_AMOUNT_MAX : sum;
}

hx_lab_amount hx_lab_amount_abs(hx_lab_amount a) {
    return a < 0 ? -a : a;
}

hx_lab_amount hx_lab_amount_min(hx_lab_amount a, hx_lab_amount b) {
    return a < b ? a : b;
}

hx_lab_amount hx_lab_amount_floor_step(hx_lab_amount a, hx_lab_amount step) {
    hx_assert(a >= 0 && step > 0);
    return a - a % step;
}

hx_dec hx_lab_amount_to_dec(hx_lab_amount a) {
    hx_dec value = HX_DEC_ZERO;
    const hx_err err = hx_dec_make(a, -HX_LAB_PLACES, &value);
    hx_assert(hx_ok(err));
    return value;
}

bool hx_lab_amount_from_dec(hx_dec value, hx_lab_amount *out) {
    hx_lab_amount amount = value.mantissa;
    int32_t shift = value.exponent + HX_LAB_PLACES;
    if (amount == 0) shift = 0;
    if (shift < 0) return false;
    for (; shift > 0; shift--) {
        if (amount > HX_LAB_AMOUNT_MAX / 10 || amount < -HX_LAB_AMOUNT_MAX / 10) return false;
        amount *= 10;
    }
    if (amount > HX_LAB_AMOUNT_MAX || amount < -HX_LAB_AMOUNT_MAX) return false;
    *out = amount;
    return true;
}
