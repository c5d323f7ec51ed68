#include "core/trade/amount.h"

#define PLACES_STEP 2

static bool is_too_fine(hx_err err) {
    return hx_err_equal(err, HX_ERR(REJECT_PRECISION));
}

hx_err hx_amount_multiply(hx_dec a, hx_dec b, enum hx_round round, hx_dec *out) {
    hx_err err = hx_dec_multiply(a, b, out);
    for (int32_t places = HX_AMOUNT_PLACES; is_too_fine(err) && places >= 0; places -= PLACES_STEP) {
        err = hx_dec_multiply_round(a, b, places, round, out);
    }
    return err;
}

hx_err hx_amount_divide(hx_dec a, hx_dec b, enum hx_round round, hx_dec *out) {
    hx_err err = hx_dec_divide(a, b, HX_AMOUNT_PLACES, round, out);
    for (int32_t places = HX_AMOUNT_PLACES - PLACES_STEP; is_too_fine(err) && places >= 0; places -= PLACES_STEP) {
        err = hx_dec_divide(a, b, places, round, out);
    }
    return err;
}

hx_err hx_amount_add(hx_dec a, hx_dec b, hx_dec *out) {
    hx_err err = hx_dec_add(a, b, out);
    for (int32_t places = HX_AMOUNT_PLACES; is_too_fine(err) && places >= 0; places -= PLACES_STEP) {
        hx_dec a_short, b_short;
        HX_TRY(hx_dec_round(a, places, HX_ROUND_HALF_EVEN, &a_short));
        HX_TRY(hx_dec_round(b, places, HX_ROUND_HALF_EVEN, &b_short));
        err = hx_dec_add(a_short, b_short, out);
    }
    return err;
}

hx_err hx_amount_subtract(hx_dec a, hx_dec b, hx_dec *out) {
    return hx_amount_add(a, hx_dec_negate(b), out);
}
