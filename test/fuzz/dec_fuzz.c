/* Decimals against GMP. The input is two number texts and a question about them: "OPS|a|b", where O picks the
 * operation, P the places and S the rounding. Whatever parses must format to a text that parses to the same value and
 * is no longer than promised; every answer must be GMP's. */
#include <stddef.h>
#include <stdint.h>

#include "core/base/dec.h"
#include "test/oracle/dec_oracle.h"

static void check_text(hx_dec value) {
    char text[HX_DEC_TEXT_MAX];
    struct hx_buf buf;
    hx_str formatted = HX_STR_EMPTY;
    hx_dec back = HX_DEC_ZERO;
    hx_buf_init(&buf, text, sizeof text);
    hx_dec_add_to(&buf, value);
    hx_assert(hx_ok(hx_buf_finish(&buf, &formatted)));
    hx_assert(hx_ok(hx_dec_parse(formatted, &back)) && hx_dec_equal(back, value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hx_str rest = hx_str_make((const char *)data, size);
    hx_str controls = HX_STR_EMPTY;
    hx_str text_a = HX_STR_EMPTY;
    hx_str text_b = HX_STR_EMPTY;
    struct oracle_question q = {ORACLE_ADD, HX_DEC_ZERO, HX_DEC_ZERO, 0, HX_ROUND_DOWN};
    hx_err err = HX_OK;
    if (!hx_str_split(&rest, '|', &controls) || !hx_str_split(&rest, '|', &text_a)) return 0;
    hx_str_split(&rest, '|', &text_b);
    if (controls.len != 3 || hx_failed(hx_dec_parse(text_a, &q.a))) return 0;
    check_text(q.a);
    if (hx_failed(hx_dec_parse(text_b, &q.b))) return 0;
    q.operation = (enum oracle_operation)((uint8_t)controls.data[0] % ORACLE_OPERATION_COUNT);
    q.places = (int8_t)controls.data[1] % 24;
    q.round = (enum hx_round)((uint8_t)controls.data[2] % 5);
    hx_assert(oracle_agrees(&q, &err));
    hx_assert(hx_dec_compare(q.a, q.b) == oracle_compare(q.a, q.b));
    hx_assert(hx_dec_is_multiple(q.a, q.b) == oracle_is_multiple(q.a, q.b));
    return 0;
}
