#include "core/base/dec.h"

#include "core/base/wide.h"

#define DIGITS_MAX 18
#define EXPONENT_MAX 18
#define MANTISSA_LIMIT ((uint64_t)1000000000000000000) /* 10^18: the smallest magnitude that does not fit. */

/* A number on its way in or out of hx_dec: magnitude with sign, exponent not yet checked. */
struct raw {
    uint64_t magnitude;
    int64_t exponent;
    bool negative;
};

/* How what was cut off compares to half a unit of what is kept. */
enum rest { REST_NONE, REST_BELOW_HALF, REST_HALF, REST_ABOVE_HALF };

static uint64_t power_of_ten(int64_t exponent) {
    static const uint64_t powers[] = {
        1u,
        10u,
        100u,
        1000u,
        10000u,
        100000u,
        1000000u,
        10000000u,
        100000000u,
        1000000000u,
        10000000000u,
        100000000000u,
        1000000000000u,
        10000000000000u,
        100000000000000u,
        1000000000000000u,
        10000000000000000u,
        100000000000000000u,
        1000000000000000000u,
        10000000000000000000u,
    };
    hx_assert(exponent >= 0 && exponent < (int64_t)(sizeof powers / sizeof powers[0]));
    return powers[exponent];
}

static uint64_t magnitude_of(int64_t value) {
    return value < 0 ? 0u - (uint64_t)value : (uint64_t)value;
}

static void assert_valid(hx_dec value) {
    hx_assert(magnitude_of(value.mantissa) < MANTISSA_LIMIT);
    hx_assert(value.exponent >= -EXPONENT_MAX && value.exponent <= EXPONENT_MAX);
    hx_assert(value.mantissa % 10 != 0 || (value.mantissa == 0 && value.exponent == 0));
}

static void strip_zeros(struct raw *raw) {
    if (raw->magnitude == 0) {
        *raw = (struct raw){0, 0, false};
        return;
    }
    while (raw->magnitude % 10000 == 0) {
        raw->magnitude /= 10000;
        raw->exponent += 4;
    }
    while (raw->magnitude % 10 == 0) {
        raw->magnitude /= 10;
        raw->exponent++;
    }
}

/* The one place where a result becomes an hx_dec. Digits are judged before the exponent. */
static hx_err finish(struct raw raw, hx_dec *out) {
    strip_zeros(&raw);
    if (raw.magnitude >= MANTISSA_LIMIT) return HX_ERR(REJECT_PRECISION);
    if (raw.exponent < -EXPONENT_MAX || raw.exponent > EXPONENT_MAX) return HX_ERR(REJECT_RANGE);
    int64_t mantissa = (int64_t)raw.magnitude;
    *out = (hx_dec){raw.negative ? -mantissa : mantissa, (int32_t)raw.exponent};
    return HX_OK;
}

static hx_err finish_wide(hx_wide magnitude, int64_t exponent, bool negative, hx_dec *out) {
    while (magnitude.high != 0) {
        uint32_t digit = 0;
        hx_wide shorter = hx_wide_divide(magnitude, 10, &digit);
        if (digit != 0) return HX_ERR(REJECT_PRECISION);
        magnitude = shorter;
        exponent++;
    }
    return finish((struct raw){magnitude.low, exponent, negative}, out);
}

static bool rounds_away(enum hx_round round, bool negative, bool odd, enum rest rest) {
    if (rest == REST_NONE) return false;
    hx_assert(round <= HX_ROUND_HALF_EVEN);
    switch (round) {
        case HX_ROUND_DOWN:
            return false;
        case HX_ROUND_UP:
            return true;
        case HX_ROUND_FLOOR:
            return negative;
        case HX_ROUND_CEILING:
            return !negative;
        case HX_ROUND_HALF_EVEN:
            break;
    }
    return rest == REST_ABOVE_HALF || (rest == REST_HALF && odd);
}

static enum rest compare_rest(uint64_t rest, uint64_t whole) {
    if (rest == 0) return REST_NONE;
    if (rest < whole - rest) return REST_BELOW_HALF;
    return rest == whole - rest ? REST_HALF : REST_ABOVE_HALF;
}

static bool are_places(int32_t places) {
    return places >= -EXPONENT_MAX && places <= EXPONENT_MAX;
}

struct digits {
    uint64_t mantissa;
    int64_t significant;   /* Digits in mantissa. */
    int64_t zeros_pending; /* Zeros read since its last digit, which count only if another digit follows. */
    bool too_many;
};

static void push_digit(struct digits *digits, uint64_t digit) {
    if (digit == 0) {
        if (digits->mantissa != 0) digits->zeros_pending++;
        return;
    }
    int64_t more = digits->mantissa == 0 ? 1 : digits->zeros_pending + 1;
    if (digits->significant + more > DIGITS_MAX) {
        digits->too_many = true;
        return;
    }
    digits->mantissa = digits->mantissa * power_of_ten(more) + digit;
    digits->significant += more;
    digits->zeros_pending = 0;
}

static bool is_digit_at(hx_str text, size_t at) {
    return at < text.len && text.data[at] >= '0' && text.data[at] <= '9';
}

/* Reads "e-7" at *at, if there. Saturates: no text is long enough to bring such an exponent back into range. */
static bool take_exponent(hx_str text, size_t *at, int64_t *exponent) {
    const int64_t exponent_cap = (int64_t)1 << 60;
    *exponent = 0;
    if (*at >= text.len || (text.data[*at] != 'e' && text.data[*at] != 'E')) return true;
    ++*at;
    bool negative = *at < text.len && text.data[*at] == '-';
    if (negative || (*at < text.len && text.data[*at] == '+')) ++*at;
    if (!is_digit_at(text, *at)) return false;
    for (; is_digit_at(text, *at); ++*at) {
        *exponent = *exponent * 10 + (text.data[*at] - '0');
        if (*exponent > exponent_cap / 10) *exponent = exponent_cap / 10;
    }
    if (negative) *exponent = -*exponent;
    return true;
}

hx_err hx_dec_parse(hx_str text, hx_dec *out) {
    struct digits digits = {0, 0, 0, false};
    int64_t fraction_len = 0;
    int64_t exponent = 0;
    size_t at = 0;
    bool negative = text.len > 0 && text.data[0] == '-';
    if (negative) at++;
    if (!is_digit_at(text, at)) return HX_ERR(REJECT_SYNTAX);
    if (text.data[at] == '0' && is_digit_at(text, at + 1)) return HX_ERR(REJECT_SYNTAX);
    for (; is_digit_at(text, at); at++) push_digit(&digits, (uint64_t)(text.data[at] - '0'));
    if (at < text.len && text.data[at] == '.') {
        at++;
        if (!is_digit_at(text, at)) return HX_ERR(REJECT_SYNTAX);
        for (; is_digit_at(text, at); at++, fraction_len++) push_digit(&digits, (uint64_t)(text.data[at] - '0'));
    }
    if (!take_exponent(text, &at, &exponent) || at != text.len) return HX_ERR(REJECT_SYNTAX);
    if (digits.too_many) return HX_ERR(REJECT_PRECISION);
    struct raw raw = {digits.mantissa, exponent - fraction_len + digits.zeros_pending, negative};
    return finish(raw, out);
}

void hx_dec_add_to(struct hx_buf *buf, hx_dec value) {
    char reversed[HX_DEC_TEXT_MAX];
    char text[HX_DEC_TEXT_MAX];
    size_t len = 0;
    assert_valid(value);
    uint64_t magnitude = magnitude_of(value.mantissa);
    int32_t point = -value.exponent; /* Digits behind the point; negative for zeros before it. */
    for (int32_t i = point; i < 0; i++) reversed[len++] = '0';
    for (int32_t i = 0; magnitude > 0 || i <= point || len == 0; i++) {
        if (i == point && i > 0) reversed[len++] = '.';
        reversed[len++] = (char)('0' + magnitude % 10);
        magnitude /= 10;
    }
    if (value.mantissa < 0) reversed[len++] = '-';
    for (size_t i = 0; i < len; i++) text[i] = reversed[len - 1 - i];
    hx_buf_add(buf, (hx_str){text, len});
}

hx_err hx_dec_format(struct hx_arena *arena, hx_dec value, hx_str *out) {
    char text[HX_DEC_TEXT_MAX];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_dec_add_to(&buf, value);
    hx_assert(!buf.overflowed);
    return hx_arena_copy_str(arena, hx_buf_str(&buf), out);
}

hx_dec hx_dec_from_i64(int64_t value) {
    hx_dec out = HX_DEC_ZERO;
    hx_err err = finish((struct raw){magnitude_of(value), 0, value < 0}, &out);
    hx_assert(magnitude_of(value) < MANTISSA_LIMIT && hx_ok(err));
    return out;
}

hx_err hx_dec_make(int64_t mantissa, int32_t exponent, hx_dec *out) {
    return finish((struct raw){magnitude_of(mantissa), exponent, mantissa < 0}, out);
}

/* Compares a * 10^a_exponent with b * 10^b_exponent, both magnitudes below 10^18. */
static int compare_magnitudes(uint64_t a, int32_t a_exponent, uint64_t b, int32_t b_exponent) {
    if (a == 0 || b == 0) return a == b ? 0 : a == 0 ? -1 : 1;
    int32_t distance = a_exponent - b_exponent;
    /* Nineteen places up, 1 is more than any magnitude. */
    if (distance > DIGITS_MAX) return 1;
    if (distance < -DIGITS_MAX) return -1;
    hx_wide left = hx_wide_multiply(a, power_of_ten(distance > 0 ? distance : 0));
    hx_wide right = hx_wide_multiply(b, power_of_ten(distance < 0 ? -distance : 0));
    return hx_wide_compare(left, right);
}

int hx_dec_compare(hx_dec a, hx_dec b) {
    assert_valid(a);
    assert_valid(b);
    int a_sign = hx_dec_sign(a);
    int b_sign = hx_dec_sign(b);
    if (a_sign != b_sign) return a_sign < b_sign ? -1 : 1;
    int order = compare_magnitudes(magnitude_of(a.mantissa), a.exponent, magnitude_of(b.mantissa), b.exponent);
    return a_sign < 0 ? -order : order;
}

bool hx_dec_equal(hx_dec a, hx_dec b) {
    return a.mantissa == b.mantissa && a.exponent == b.exponent;
}

int hx_dec_sign(hx_dec a) {
    return a.mantissa < 0 ? -1 : a.mantissa > 0 ? 1 : 0;
}

bool hx_dec_is_zero(hx_dec a) {
    return a.mantissa == 0;
}

hx_dec hx_dec_negate(hx_dec a) {
    assert_valid(a);
    return (hx_dec){-a.mantissa, a.exponent};
}

hx_dec hx_dec_abs(hx_dec a) {
    return a.mantissa < 0 ? hx_dec_negate(a) : a;
}

hx_dec hx_dec_min(hx_dec a, hx_dec b) {
    return hx_dec_compare(a, b) <= 0 ? a : b;
}

hx_dec hx_dec_max(hx_dec a, hx_dec b) {
    return hx_dec_compare(a, b) >= 0 ? a : b;
}

/* The exact sum of two numbers below 10^18 in magnitude, neither with a trailing zero, exponents at will. */
static hx_err add_raw(struct raw a, struct raw b, hx_dec *out) {
    if (a.magnitude == 0) return finish(b, out);
    if (b.magnitude == 0) return finish(a, out);
    if (a.exponent < b.exponent) {
        struct raw swap = a;
        a = b;
        b = swap;
    }
    int64_t distance = a.exponent - b.exponent;
    /* The last digit of b stays the last digit of the sum, and a is at least 10^19 of b's units. */
    if (distance > DIGITS_MAX) return HX_ERR(REJECT_PRECISION);
    hx_wide left = hx_wide_multiply(a.magnitude, power_of_ten(distance));
    hx_wide right = hx_wide_from(b.magnitude);
    if (a.negative == b.negative) return finish_wide(hx_wide_add(left, right), b.exponent, a.negative, out);
    if (hx_wide_compare(left, right) >= 0) {
        return finish_wide(hx_wide_subtract(left, right), b.exponent, a.negative, out);
    }
    return finish_wide(hx_wide_subtract(right, left), b.exponent, b.negative, out);
}

static struct raw raw_of(hx_dec value) {
    assert_valid(value);
    return (struct raw){magnitude_of(value.mantissa), value.exponent, value.mantissa < 0};
}

hx_err hx_dec_add(hx_dec a, hx_dec b, hx_dec *out) {
    return add_raw(raw_of(a), raw_of(b), out);
}

hx_err hx_dec_subtract(hx_dec a, hx_dec b, hx_dec *out) {
    return add_raw(raw_of(a), raw_of(hx_dec_negate(b)), out);
}

hx_err hx_dec_multiply(hx_dec a, hx_dec b, hx_dec *out) {
    struct raw x = raw_of(a);
    struct raw y = raw_of(b);
    hx_wide product = hx_wide_multiply(x.magnitude, y.magnitude);
    return finish_wide(product, x.exponent + y.exponent, x.negative != y.negative, out);
}

/* Cuts `count` (>= 1) decimal digits off *magnitude (< 10^36). */
static enum rest cut_digits(hx_wide *magnitude, int64_t count) {
    bool any = false;
    uint32_t digits = 0;
    for (; count > 9; count -= 9) {
        *magnitude = hx_wide_divide(*magnitude, 1000000000, &digits);
        any = any || digits != 0;
        if (magnitude->high == 0 && magnitude->low == 0) break;
    }
    if (count > 9) return any ? REST_BELOW_HALF : REST_NONE;
    uint32_t unit = (uint32_t)power_of_ten(count);
    *magnitude = hx_wide_divide(*magnitude, unit, &digits);
    enum rest rest = compare_rest(digits, unit);
    if (!any) return rest;
    if (rest == REST_NONE) return REST_BELOW_HALF;
    return rest == REST_HALF ? REST_ABOVE_HALF : rest;
}

/* magnitude * 10^exponent, rounded to `places` decimal places. */
static hx_err finish_rounded(hx_wide magnitude, int64_t exponent, bool negative, int32_t places, enum hx_round round,
                             hx_dec *out) {
    int64_t excess = -places - exponent;
    if (excess <= 0) return finish_wide(magnitude, exponent, negative, out);
    enum rest rest = cut_digits(&magnitude, excess);
    if (rounds_away(round, negative, magnitude.low % 2 != 0, rest)) {
        magnitude = hx_wide_add(magnitude, hx_wide_from(1));
    }
    return finish_wide(magnitude, -places, negative, out);
}

hx_err hx_dec_multiply_round(hx_dec a, hx_dec b, int32_t places, enum hx_round round, hx_dec *out) {
    struct raw x = raw_of(a);
    struct raw y = raw_of(b);
    if (!are_places(places)) return HX_ERR(REJECT_INPUT);
    hx_wide product = hx_wide_multiply(x.magnitude, y.magnitude);
    return finish_rounded(product, x.exponent + y.exponent, x.negative != y.negative, places, round, out);
}

hx_err hx_dec_round(hx_dec a, int32_t places, enum hx_round round, hx_dec *out) {
    struct raw x = raw_of(a);
    if (!are_places(places)) return HX_ERR(REJECT_INPUT);
    return finish_rounded(hx_wide_from(x.magnitude), x.exponent, x.negative, places, round, out);
}

/* The divisor is the magnitude of an hx_dec times 10^-shift with shift < 0; it exceeds every dividend when shift is
 * below -18. Rounds dividend / divisor, a quotient below 10^18. */
static hx_err divide_down(struct raw x, struct raw y, int64_t shift, int32_t places, enum hx_round round, hx_dec *out) {
    uint64_t quotient = 0;
    enum rest rest = x.magnitude == 0 ? REST_NONE : REST_BELOW_HALF;
    if (shift >= -DIGITS_MAX) {
        hx_wide divisor = hx_wide_multiply(y.magnitude, power_of_ten(-shift));
        if (divisor.high == 0) {
            quotient = x.magnitude / divisor.low;
            rest = compare_rest(x.magnitude % divisor.low, divisor.low);
        }
        /* Past 64 bits the divisor is more than twice any dividend: the quotient is 0 and less than a half is cut. */
    }
    bool negative = x.negative != y.negative;
    if (rounds_away(round, negative, quotient % 2 != 0, rest)) quotient++;
    return finish((struct raw){quotient, -places, negative}, out);
}

hx_err hx_dec_divide(hx_dec a, hx_dec b, int32_t places, enum hx_round round, hx_dec *out) {
    struct raw x = raw_of(a);
    struct raw y = raw_of(b);
    if (!are_places(places)) return HX_ERR(REJECT_INPUT);
    if (y.magnitude == 0) return HX_ERR(REJECT_DIVIDE_ZERO);
    int64_t shift = x.exponent - y.exponent + places;
    if (shift < 0) return divide_down(x, y, shift, places, round, out);
    hx_wide quotient = hx_wide_from(x.magnitude / y.magnitude);
    uint64_t rest = x.magnitude % y.magnitude;
    /* Long division. 10^37 ends it: a quotient that is not exact differs from every number of 18 digits by more than
     * 10^-36 of its size (the distance is at least 1 / (numerator * divisor)), so rounding at the 38th digit or
     * later cannot give one. */
    const hx_wide digits_limit = hx_wide_multiply(MANTISSA_LIMIT, power_of_ten(19));
    for (; shift > 0 && rest != 0; shift--) {
        if (hx_wide_compare(quotient, digits_limit) >= 0) return HX_ERR(REJECT_PRECISION);
        hx_wide tenfold = hx_wide_multiply(quotient.low, 10);
        tenfold.high += quotient.high * 10;
        rest *= 10;
        quotient = hx_wide_add(tenfold, hx_wide_from(rest / y.magnitude));
        rest %= y.magnitude;
    }
    bool negative = x.negative != y.negative;
    enum rest cut = compare_rest(rest, y.magnitude);
    if (rounds_away(round, negative, quotient.low % 2 != 0, cut)) quotient = hx_wide_add(quotient, hx_wide_from(1));
    return finish_wide(quotient, shift - places, negative, out);
}

/* Where a lies between two multiples of step, as magnitudes in units of 10^exponent. */
struct position {
    uint64_t down; /* Distance to the multiple toward zero. */
    uint64_t up;   /* Distance to the next one away from zero; meaningless when is_first. */
    int64_t exponent;
    bool is_first; /* The multiple toward zero is zero itself. */
    bool odd;      /* It is an odd multiple. */
    enum rest rest;
};

static struct position find_position(struct raw x, struct raw step) {
    int64_t shift = x.exponent - step.exponent;
    struct position p = {.exponent = step.exponent};
    uint64_t unit = step.magnitude;
    if (shift < 0) {
        p.exponent = x.exponent;
        hx_wide scaled = {1, 0};
        if (shift >= -DIGITS_MAX) scaled = hx_wide_multiply(step.magnitude, power_of_ten(-shift));
        if (scaled.high != 0) {
            /* The step is more than twice x. */
            p.down = x.magnitude;
            p.is_first = true;
            p.rest = x.magnitude == 0 ? REST_NONE : REST_BELOW_HALF;
            return p;
        }
        unit = scaled.low;
    }
    uint64_t quotient = x.magnitude / unit;
    p.down = x.magnitude % unit;
    p.is_first = quotient == 0;
    p.odd = quotient % 2 != 0;
    for (; shift > 0 && p.down != 0; shift--) {
        uint64_t digit = p.down * 10 / unit;
        p.down = p.down * 10 % unit;
        p.is_first = p.is_first && digit == 0;
        p.odd = digit % 2 != 0;
    }
    p.up = unit - p.down;
    p.rest = compare_rest(p.down, unit);
    return p;
}

hx_err hx_dec_round_step(hx_dec a, hx_dec step, enum hx_round round, hx_dec *out) {
    struct raw x = raw_of(a);
    struct raw unit = raw_of(step);
    if (unit.negative || unit.magnitude == 0) return HX_ERR(REJECT_INPUT);
    struct position p = find_position(x, unit);
    bool away = rounds_away(round, x.negative, p.odd, p.rest);
    if (p.rest == REST_NONE) return finish(x, out);
    if (p.is_first) {
        if (!away) unit.magnitude = 0;
        unit.negative = x.negative;
        return finish(unit, out);
    }
    /* a minus or plus the distance: the multiple itself may be out of reach of 128 bits, the distance never is. */
    struct raw distance = {away ? p.up : p.down, p.exponent, away ? x.negative : !x.negative};
    strip_zeros(&distance);
    return add_raw(x, distance, out);
}

bool hx_dec_is_multiple(hx_dec a, hx_dec step) {
    struct raw unit = raw_of(step);
    if (unit.negative || unit.magnitude == 0) return false;
    return find_position(raw_of(a), unit).rest == REST_NONE;
}

hx_err hx_dec_to_i64(hx_dec a, int64_t *out) {
    struct raw x = raw_of(a);
    if (x.exponent < 0) return HX_ERR(REJECT_PRECISION);
    hx_wide magnitude = hx_wide_multiply(x.magnitude, power_of_ten(x.exponent));
    uint64_t limit = (uint64_t)INT64_MAX + (x.negative ? 1u : 0u);
    if (magnitude.high != 0 || magnitude.low > limit) return HX_ERR(REJECT_RANGE);
    if (x.negative && magnitude.low > (uint64_t)INT64_MAX) {
        *out = INT64_MIN;
    } else {
        *out = x.negative ? -(int64_t)magnitude.low : (int64_t)magnitude.low;
    }
    return HX_OK;
}
