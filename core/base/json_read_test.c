/* Goal: members are found and read as json.h says, and what is missing or of another type is an error. Method:
 * examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/json.h"

static uint8_t memory[16384];
static struct hx_arena arena;

static const struct hx_json *parse(const char *text) {
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_true(hx_ok(hx_json_parse(&arena, hx_str_from_c(text), &root, NULL)));
    return root;
}

static void walks_children(void **state) {
    (void)state;
    const struct hx_json *root = parse("[10,[11,[12]],{\"a\":13},14]");
    uint32_t index = 0;
    for (const struct hx_json *c = hx_json_first(root); c != NULL; c = hx_json_next(root, c)) {
        assert_ptr_equal(c, hx_json_at(root, index));
        index++;
    }
    assert_int_equal(index, 4);
    assert_true(hx_str_equal(hx_json_at(root, 3)->text, HX_STR("14")));
    assert_null(hx_json_at(root, 4));
    assert_null(hx_json_at(hx_json_at(root, 2), 0));
    assert_null(hx_json_at(NULL, 0));
    assert_null(hx_json_first(hx_json_at(root, 0)));
    assert_null(hx_json_first(parse("[]")));
    assert_null(hx_json_first(parse("{}")));
    assert_null(hx_json_first(NULL));
}

static void finds_members(void **state) {
    (void)state;
    const struct hx_json *root = parse("{\"a\":{\"b\":1},\"b\":2,\"\\u0063\":3,\"\":4}");
    assert_true(hx_str_equal(hx_json_find(root, HX_STR("b"))->text, HX_STR("2")));
    assert_true(hx_str_equal(hx_json_find(hx_json_find(root, HX_STR("a")), HX_STR("b"))->text, HX_STR("1")));
    assert_true(hx_str_equal(hx_json_find(root, HX_STR("c"))->text, HX_STR("3")));
    assert_true(hx_str_equal(hx_json_find(root, HX_STR_EMPTY)->text, HX_STR("4")));
    assert_null(hx_json_find(root, HX_STR("B")));
    assert_null(hx_json_find(NULL, HX_STR("a")));
    assert_null(hx_json_find(parse("[\"a\"]"), HX_STR("a")));
}

static void reads_by_type(void **state) {
    (void)state;
    const struct hx_json *root =
        parse("{\"s\":\"text\",\"n\":1.5,\"q\":\"-2.50\",\"t\":true,\"f\":false,\"z\":null,\"o\":{}}");
    hx_str s = HX_STR_EMPTY;
    hx_dec d = HX_DEC_ZERO;
    bool b = false;
    assert_true(hx_ok(hx_json_get_str(root, HX_STR("s"), &s)) && hx_str_equal(s, HX_STR("text")));
    assert_true(hx_ok(hx_json_get_dec(root, HX_STR("n"), &d)) && hx_dec_equal(d, (hx_dec){15, -1}));
    assert_true(hx_ok(hx_json_get_dec(root, HX_STR("q"), &d)) && hx_dec_equal(d, (hx_dec){-25, -1}));
    assert_true(hx_ok(hx_json_get_bool(root, HX_STR("t"), &b)) && b);
    assert_true(hx_ok(hx_json_get_bool(root, HX_STR("f"), &b)) && !b);
    assert_int_equal(hx_json_get_str(root, HX_STR("z"), &s).code, HX_ERR(ABSENT_FIELD).code);
    assert_int_equal(hx_json_get_str(root, HX_STR("x"), &s).code, HX_ERR(ABSENT_FIELD).code);
    assert_int_equal(hx_json_get_str(NULL, HX_STR("x"), &s).code, HX_ERR(ABSENT_FIELD).code);
    assert_int_equal(hx_json_get_str(root, HX_STR("n"), &s).code, HX_ERR(REJECT_INPUT).code);
    assert_int_equal(hx_json_get_dec(root, HX_STR("t"), &d).code, HX_ERR(REJECT_INPUT).code);
    assert_int_equal(hx_json_get_dec(root, HX_STR("o"), &d).code, HX_ERR(REJECT_INPUT).code);
    assert_int_equal(hx_json_get_dec(root, HX_STR("s"), &d).code, HX_ERR(REJECT_SYNTAX).code);
    assert_int_equal(hx_json_get_dec(root, HX_STR("z"), &d).code, HX_ERR(ABSENT_FIELD).code);
    assert_int_equal(hx_json_get_bool(root, HX_STR("s"), &b).code, HX_ERR(REJECT_INPUT).code);
    assert_int_equal(hx_json_get_bool(root, HX_STR("z"), &b).code, HX_ERR(ABSENT_FIELD).code);
}

struct integer_case {
    const char *text;
    hx_err err;
    int64_t value;
};

static void reads_integers(void **state) {
    (void)state;
    const struct integer_case cases[] = {
        {"{\"v\":1763881921000}", HX_OK, 1763881921000},
        {"{\"v\":\"-7\"}", HX_OK, -7},
        {"{\"v\":5.0}", HX_OK, 5},
        {"{\"v\":1e3}", HX_OK, 1000},
        {"{\"v\":8389765591382465011}", HX_OK, 8389765591382465011},
        {"{\"v\":\"9223372036854775807\"}", HX_OK, INT64_MAX},
        {"{\"v\":-9223372036854775808}", HX_OK, INT64_MIN},
        {"{\"v\":9223372036854775808}", HX_ERR(REJECT_RANGE), 0},
        {"{\"v\":92233720368547758070000}", HX_ERR(REJECT_RANGE), 0},
        {"{\"v\":1e300}", HX_ERR(REJECT_RANGE), 0},
        {"{\"v\":1.5}", HX_ERR(REJECT_PRECISION), 0},
        {"{\"v\":1234567890123456789.5}", HX_ERR(REJECT_PRECISION), 0},
        {"{\"v\":\"\"}", HX_ERR(REJECT_SYNTAX), 0},
        {"{\"v\":\"12 \"}", HX_ERR(REJECT_SYNTAX), 0},
        {"{\"v\":\"0012\"}", HX_ERR(REJECT_SYNTAX), 0},
        {"{\"v\":true}", HX_ERR(REJECT_INPUT), 0},
        {"{\"w\":1}", HX_ERR(ABSENT_FIELD), 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 0;
        hx_err err = hx_json_get_i64(parse(cases[i].text), HX_STR("v"), &value);
        if (!hx_err_equal(err, cases[i].err)) print_message("%s\n", cases[i].text);
        assert_int_equal(err.code, cases[i].err.code);
        assert_int_equal(value, cases[i].value);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_children),
        cmocka_unit_test(finds_members),
        cmocka_unit_test(reads_by_type),
        cmocka_unit_test(reads_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
