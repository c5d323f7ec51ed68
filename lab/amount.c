#include "lab/amount.h"

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

hx_lab_amount hx_lab_amount_ratio(hx_lab_wide numerator, hx_lab_wide denominator) {
    hx_assert(denominator > 0);
    const hx_lab_wide half = denominator / 2;
    const hx_lab_wide quotient = (numerator >= 0 ? numerator + half : numerator - half) / denominator;
    if (quotient > HX_LAB_AMOUNT_MAX) return HX_LAB_AMOUNT_MAX;
    if (quotient < -HX_LAB_AMOUNT_MAX) return -HX_LAB_AMOUNT_MAX;
    return (hx_lab_amount)quotient;
}

hx_lab_amount hx_lab_amount_multiply(hx_lab_amount a, hx_lab_amount b) {
    return hx_lab_amount_ratio((hx_lab_wide)a * b, HX_LAB_UNIT);
}

hx_lab_amount hx_lab_amount_divide(hx_lab_amount a, hx_lab_amount b) {
    hx_assert(b != 0);
    const hx_lab_wide numerator = (hx_lab_wide)a * HX_LAB_UNIT;
    return b > 0 ? hx_lab_amount_ratio(numerator, b) : hx_lab_amount_ratio(-numerator, -(hx_lab_wide)b);
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
    hx_lab_wide amount = value.mantissa;
    int32_t shift = value.exponent + HX_LAB_PLACES;
    if (amount == 0) shift = 0;
    if (shift < 0) return false;
    for (; shift > 0; shift--) {
        amount *= 10;
        if (amount > HX_LAB_AMOUNT_MAX || amount < -HX_LAB_AMOUNT_MAX) return false;
    }
    if (amount > HX_LAB_AMOUNT_MAX || amount < -HX_LAB_AMOUNT_MAX) return false;
    *out = (hx_lab_amount)amount;
    return true;
}
