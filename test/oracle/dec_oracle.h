/* What hx_dec ought to answer, computed with GMP's rationals: shares no code and no method with core/base/dec.c.
 *
 * Every expectation is made in the same two steps: the exact rational result (rounded, where asked, by floor
 * division), then the rules of dec.h's invariants 1 and 2 applied to it. */
#ifndef HX_TEST_ORACLE_DEC_ORACLE_H
#define HX_TEST_ORACLE_DEC_ORACLE_H

#include <gmp.h>

#include "core/base/dec.h"

struct oracle_result {
    hx_err err;
    hx_dec value;
};

static inline void oracle_power(mpq_t out, long exponent) {
    mpq_set_ui(out, 1, 1);
    if (exponent < 0) {
        mpz_ui_pow_ui(mpq_denref(out), 10, (unsigned long)-exponent);
    } else {
        mpz_ui_pow_ui(mpq_numref(out), 10, (unsigned long)exponent);
    }
}

static inline void oracle_load(mpq_t out, long mantissa, long exponent) {
    mpq_t power;
    mpq_init(power);
    oracle_power(power, exponent);
    mpq_set_si(out, mantissa, 1);
    mpq_mul(out, out, power);
    mpq_clear(power);
}

/* The canonical hx_dec equal to `exact`, whose denominator divides 10^80, or the error that dec.h promises. */
static inline struct oracle_result oracle_store(const mpq_t exact) {
    struct oracle_result result = {HX_OK, HX_DEC_ZERO};
    long exponent = -80; /* Below the last digit of any product or quotient. */
    mpq_t scaled;
    mpz_t limit;
    if (mpq_sgn(exact) == 0) return result;
    mpq_init(scaled);
    mpz_init_set_ui(limit, 10);
    oracle_power(scaled, -exponent);
    mpq_mul(scaled, scaled, exact);
    exponent += (long)mpz_remove(mpq_numref(scaled), mpq_numref(scaled), limit);
    mpz_ui_pow_ui(limit, 10, 18);
    if (mpz_cmp_ui(mpq_denref(scaled), 1) != 0 || mpz_cmpabs(mpq_numref(scaled), limit) >= 0) {
        result.err = HX_ERR(REJECT_PRECISION);
    } else if (exponent < -18 || exponent > 18) {
        result.err = HX_ERR(REJECT_RANGE);
    } else {
        result.value = (hx_dec){mpz_get_si(mpq_numref(scaled)), (int32_t)exponent};
    }
    mpz_clear(limit);
    mpq_clear(scaled);
    return result;
}

/* Rounds a rational to an integer. */
static inline void oracle_round_integer(mpz_t out, const mpq_t exact, enum hx_round round) {
    mpz_t rest, twice;
    int sign = mpq_sgn(exact);
    mpz_inits(rest, twice, NULL);
    mpz_fdiv_qr(out, rest, mpq_numref(exact), mpq_denref(exact));
    mpz_mul_ui(twice, rest, 2);
    int half = mpz_cmp(twice, mpq_denref(exact));
    bool up = false; /* Toward plus infinity, since `out` is the floor. */
    if (mpz_sgn(rest) != 0) {
        if (round == HX_ROUND_DOWN) up = sign < 0;
        if (round == HX_ROUND_UP) up = sign > 0;
        if (round == HX_ROUND_CEILING) up = true;
        if (round == HX_ROUND_HALF_EVEN) up = half > 0 || (half == 0 && mpz_odd_p(out));
    }
    if (up) mpz_add_ui(out, out, 1);
    mpz_clears(rest, twice, NULL);
}

/* `exact` rounded to a multiple of `unit`. */
static inline struct oracle_result oracle_round_to(const mpq_t exact, const mpq_t unit, enum hx_round round) {
    mpq_t scaled;
    mpz_t whole;
    mpq_init(scaled);
    mpz_init(whole);
    mpq_div(scaled, exact, unit);
    oracle_round_integer(whole, scaled, round);
    mpq_set_z(scaled, whole);
    mpq_mul(scaled, scaled, unit);
    struct oracle_result result = oracle_store(scaled);
    mpz_clear(whole);
    mpq_clear(scaled);
    return result;
}

enum oracle_operation {
    ORACLE_ADD,
    ORACLE_SUBTRACT,
    ORACLE_MULTIPLY,
    ORACLE_MULTIPLY_ROUND,
    ORACLE_DIVIDE,
    ORACLE_ROUND,
    ORACLE_ROUND_STEP,
    ORACLE_OPERATION_COUNT,
};

struct oracle_question {
    enum oracle_operation operation;
    hx_dec a;
    hx_dec b;
    int32_t places;
    enum hx_round round;
};

static inline struct oracle_result oracle_answer(const struct oracle_question *q) {
    struct oracle_result result = {HX_OK, HX_DEC_ZERO};
    mpq_t a, b, c, unit;
    mpq_inits(a, b, c, unit, NULL);
    oracle_load(a, q->a.mantissa, q->a.exponent);
    oracle_load(b, q->b.mantissa, q->b.exponent);
    oracle_power(unit, -q->places);
    bool takes_places =
        q->operation == ORACLE_MULTIPLY_ROUND || q->operation == ORACLE_DIVIDE || q->operation == ORACLE_ROUND;
    if (takes_places && (q->places < -18 || q->places > 18)) {
        result.err = HX_ERR(REJECT_INPUT);
    } else if (q->operation == ORACLE_ADD) {
        mpq_add(c, a, b);
        result = oracle_store(c);
    } else if (q->operation == ORACLE_SUBTRACT) {
        mpq_sub(c, a, b);
        result = oracle_store(c);
    } else if (q->operation == ORACLE_MULTIPLY) {
        mpq_mul(c, a, b);
        result = oracle_store(c);
    } else if (q->operation == ORACLE_MULTIPLY_ROUND) {
        mpq_mul(c, a, b);
        result = oracle_round_to(c, unit, q->round);
    } else if (q->operation == ORACLE_DIVIDE && mpq_sgn(b) == 0) {
        result.err = HX_ERR(REJECT_DIVIDE_ZERO);
    } else if (q->operation == ORACLE_DIVIDE) {
        mpq_div(c, a, b);
        result = oracle_round_to(c, unit, q->round);
    } else if (q->operation == ORACLE_ROUND) {
        result = oracle_round_to(a, unit, q->round);
    } else if (mpq_sgn(b) <= 0) {
        result.err = HX_ERR(REJECT_INPUT);
    } else {
        result = oracle_round_to(a, b, q->round);
    }
    mpq_clears(a, b, c, unit, NULL);
    return result;
}

static inline int oracle_compare(hx_dec x, hx_dec y) {
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    oracle_load(a, x.mantissa, x.exponent);
    oracle_load(b, y.mantissa, y.exponent);
    int order = mpq_cmp(a, b);
    mpq_clears(a, b, NULL);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

static inline bool oracle_is_multiple(hx_dec x, hx_dec step) {
    mpq_t a, b;
    bool answer = false;
    if (step.mantissa <= 0) return false;
    mpq_inits(a, b, NULL);
    oracle_load(a, x.mantissa, x.exponent);
    oracle_load(b, step.mantissa, step.exponent);
    mpq_div(a, a, b);
    answer = mpz_cmp_ui(mpq_denref(a), 1) == 0;
    mpq_clears(a, b, NULL);
    return answer;
}

/* What hx_dec answers to the same question. *value is left alone on errors. */
static inline hx_err oracle_ask_core(const struct oracle_question *q, hx_dec *value) {
    switch (q->operation) {
        case ORACLE_ADD:
            return hx_dec_add(q->a, q->b, value);
        case ORACLE_SUBTRACT:
            return hx_dec_subtract(q->a, q->b, value);
        case ORACLE_MULTIPLY:
            return hx_dec_multiply(q->a, q->b, value);
        case ORACLE_MULTIPLY_ROUND:
            return hx_dec_multiply_round(q->a, q->b, q->places, q->round, value);
        case ORACLE_DIVIDE:
            return hx_dec_divide(q->a, q->b, q->places, q->round, value);
        case ORACLE_ROUND:
            return hx_dec_round(q->a, q->places, q->round, value);
        case ORACLE_ROUND_STEP:
            return hx_dec_round_step(q->a, q->b, q->round, value);
        case ORACLE_OPERATION_COUNT:
            break;
    }
    return HX_ERR(BROKEN_INVARIANT);
}

/* *err is what both answered. */
static inline bool oracle_agrees(const struct oracle_question *q, hx_err *err) {
    const hx_dec untouched = {77, 7};
    hx_dec value = untouched;
    struct oracle_result expected = oracle_answer(q);
    *err = oracle_ask_core(q, &value);
    if (!hx_err_equal(*err, expected.err)) return false;
    return hx_dec_equal(value, hx_ok(*err) ? expected.value : untouched);
}

#endif
