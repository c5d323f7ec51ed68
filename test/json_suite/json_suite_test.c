/* Goal: the scanner accepts what RFC 8259 accepts and refuses the rest, rule by rule. Method: our own table over the
 * rules that the public JSONTestSuite covers, named its way: y_ must be accepted, n_ must be refused, i_ is left to the
 * implementation and carries the answer that hoox has chosen. Every y_ and n_ row is also shown to yajl and jansson, so
 * that a mistake in the table shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test/oracle/json_peers.h"

struct suite_case {
    const char *name;
    hx_str input;
    enum hx_err_class i_class; /* The chosen answer of an i_ row. */
};

#define ROW(name, input) \
    { name, {input, sizeof(input) - 1}, HX_CLASS_OK }
#define CHOICE(name, input, i_class) \
    { name, {input, sizeof(input) - 1}, i_class }

static const struct suite_case accepted[] = {
    ROW("y_array_empty", "[]"),
    ROW("y_array_empty_with_spaces", "[ \t\r\n ]"),
    ROW("y_array_of_empty_string", "[\"\"]"),
    ROW("y_array_of_arrays", "[[],[[]],[]]"),
    ROW("y_array_mixed", "[null, 1, \"1\", {}, true, false]"),
    ROW("y_array_with_leading_space", " [1]"),
    ROW("y_array_with_trailing_space", "[2] "),
    ROW("y_array_with_newline", "[1\n]"),
    ROW("y_array_with_many_nulls", "[1,null,null,null,2]"),
    ROW("y_array_false", "[false]"),
    ROW("y_array_null", "[null]"),
    ROW("y_number_zero", "[0]"),
    ROW("y_number_negative_zero", "[-0]"),
    ROW("y_number_negative_one", "[-1]"),
    ROW("y_number_negative_int", "[-123]"),
    ROW("y_number_int", "[123]"),
    ROW("y_number_int_exponent", "[20e1]"),
    ROW("y_number_zero_exponent", "[0e1]"),
    ROW("y_number_zero_plus_exponent", "[0e+1]"),
    ROW("y_number_capital_exponent", "[1E22]"),
    ROW("y_number_capital_negative_exponent", "[1E-2]"),
    ROW("y_number_capital_positive_exponent", "[1E+2]"),
    ROW("y_number_fraction", "[123.456789]"),
    ROW("y_number_fraction_exponent", "[123.456e78]"),
    ROW("y_number_fraction_zeros", "[0.000]"),
    ROW("y_number_exponent_leading_zero", "[1e007]"),
    ROW("y_number_close_to_zero",
        "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"),
    ROW("y_number_after_space", "[ 4]"),
    ROW("y_number_after_newline", "[\n4]"),
    ROW("y_object_empty", "{}"),
    ROW("y_object_empty_with_space", "{ }"),
    ROW("y_object_empty_name", "{\"\":0}"),
    ROW("y_object_basic", "{\"a\":\"b\"}"),
    ROW("y_object_two", "{\"a\":1,\"b\":2}"),
    ROW("y_object_spaces", " { \"a\" : 1 , \"b\" : [ ] } "),
    ROW("y_object_newlines", "{\n\"a\"\n:\n1\n}"),
    ROW("y_object_nested", "{\"a\":{\"b\":{\"c\":{}}}}"),
    ROW("y_object_same_name_in_child", "{\"a\":{\"a\":1},\"b\":{\"a\":2}}"),
    ROW("y_object_names_that_differ_in_case", "{\"a\":1,\"A\":2}"),
    ROW("y_object_name_is_prefix", "{\"a\":1,\"aa\":2,\"\":3}"),
    ROW("y_object_names_not_normalised", "{\"\xc3\xa9\":1,\"e\xcc\x81\":2}"),
    ROW("y_object_escaped_name", "{\"\\u0061\\n\":1}"),
    ROW("y_object_long_strings",
        "{\"x\":[{\"id\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}]}"),
    ROW("y_string_simple", "[\"asd\"]"),
    ROW("y_string_space", "\" \""),
    ROW("y_string_delete_character", "[\"a\x7f\"]"),
    ROW("y_string_all_short_escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    ROW("y_string_escaped_backslash_then_n", "[\"\\\\n\"]"),
    ROW("y_string_double_escaped_quote", "[\"\\\\\\\"\"]"),
    ROW("y_string_unicode_escape", "[\"\\u0041\"]"),
    ROW("y_string_unicode_escape_cases", "[\"\\uAbCd\\uaBcD\"]"),
    ROW("y_string_escaped_controls", "[\"\\u0012\\u001f\"]"),
    ROW("y_string_escaped_two_byte", "[\"\\u0123\"]"),
    ROW("y_string_escaped_three_byte", "[\"\\u0821\"]"),
    ROW("y_string_surrogate_pair", "[\"\\uD834\\uDd1e\"]"),
    ROW("y_string_surrogate_pairs", "[\"\\uD801\\udc37\\uD83d\\ude39\\uD83d\\udc8d\"]"),
    ROW("y_string_first_surrogate_pair", "[\"\\uD800\\uDC00\"]"),
    ROW("y_string_last_surrogate_pair", "[\"\\uDBFF\\uDFFF\"]"),
    ROW("y_string_escaped_noncharacter", "[\"\\uFFFE\\uFDD0\"]"),
    ROW("y_string_escaped_noncharacter_pair", "[\"\\uDBFF\\uDFFE\"]"),
    ROW("y_string_escaped_nul", "[\"\\u0000\"]"),
    ROW("y_string_escaped_line_separators", "[\"\\u2028\\u2029\"]"),
    ROW("y_string_line_separators", "[\"\xe2\x80\xa8\xe2\x80\xa9\"]"),
    ROW("y_string_two_byte", "[\"\xc2\x80\xdf\xbf\"]"),
    ROW("y_string_three_byte", "[\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"]"),
    ROW("y_string_four_byte", "[\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"]"),
    ROW("y_string_byte_order_mark_inside", "[\"\xef\xbb\xbf\"]"),
    ROW("y_string_comment_inside", "[\"a/*b*/c/*d//e\"]"),
    ROW("y_string_brackets_inside", "[\"[]{},:\"]"),
    ROW("y_structure_lonely_string", "\"asd\""),
    ROW("y_structure_lonely_number", "42"),
    ROW("y_structure_lonely_negative", "-0.1"),
    ROW("y_structure_lonely_true", "true"),
    ROW("y_structure_lonely_false", "false"),
    ROW("y_structure_lonely_null", "null"),
    ROW("y_structure_empty_string", "\"\""),
    ROW("y_structure_trailing_newline", "[\"a\"]\n"),
    ROW("y_structure_spaces_all_kinds", "\r\n\t [] \t\n\r"),
};

static const struct suite_case refused[] = {
    ROW("n_array_missing_comma", "[1 true]"),
    ROW("n_array_colon", "[\"\": 1]"),
    ROW("n_array_comma_after_close", "[\"\"],"),
    ROW("n_array_comma_and_number", "[,1]"),
    ROW("n_array_double_comma", "[1,,2]"),
    ROW("n_array_extra_comma", "[1,]"),
    ROW("n_array_extra_commas", "[1,,]"),
    ROW("n_array_just_comma", "[,]"),
    ROW("n_array_extra_close", "[1]]"),
    ROW("n_array_unclosed", "[1"),
    ROW("n_array_unclosed_comma", "[1,"),
    ROW("n_array_unclosed_nested", "[[1]"),
    ROW("n_array_inner_number_missing_comma", "[3[4]]"),
    ROW("n_array_vertical_tab", "[\"\v\"]"),
    ROW("n_array_vertical_tab_space", "[\v1]"),
    ROW("n_array_form_feed_space", "[\f]"),
    ROW("n_array_star", "[*]"),
    ROW("n_array_minus_only", "[-]"),
    ROW("n_array_invalid_utf8", "[\xff]"),
    ROW("n_array_closed_by_brace", "[1}"),
    ROW("n_array_newlines_unclosed", "[1,\n1\n,1"),
    ROW("n_literal_incomplete_true", "[tru]"),
    ROW("n_literal_incomplete_false", "[fals]"),
    ROW("n_literal_incomplete_null", "[nul]"),
    ROW("n_literal_at_end", "nul"),
    ROW("n_literal_capitals", "[True]"),
    ROW("n_literal_all_capitals", "[NULL]"),
    ROW("n_literal_run_on", "[truefalse]"),
    ROW("n_literal_with_nul_byte", "[nu\0l]"),
    ROW("n_number_double_sign", "[--1.]"),
    ROW("n_number_plus", "[+1]"),
    ROW("n_number_plus_plus", "[++1234]"),
    ROW("n_number_plus_inf", "[+Inf]"),
    ROW("n_number_leading_zero", "[012]"),
    ROW("n_number_negative_leading_zero", "[-012]"),
    ROW("n_number_double_zero", "[00]"),
    ROW("n_number_minus_zero_one", "[-01]"),
    ROW("n_number_two_points", "[0.1.2]"),
    ROW("n_number_point_without_whole", "[.5]"),
    ROW("n_number_negative_point_without_whole", "[-.5]"),
    ROW("n_number_point_without_fraction", "[1.]"),
    ROW("n_number_zero_point_exponent", "[0.e1]"),
    ROW("n_number_point_exponent", "[2.e+3]"),
    ROW("n_number_exponent_empty", "[1e]"),
    ROW("n_number_exponent_sign_only", "[1e+]"),
    ROW("n_number_exponent_minus_only", "[1E-]"),
    ROW("n_number_exponent_double_sign", "[1e+-2]"),
    ROW("n_number_exponent_fraction", "[1e2.5]"),
    ROW("n_number_exponent_twice", "[9e1e2]"),
    ROW("n_number_space_inside", "[1 000.0]"),
    ROW("n_number_space_after_minus", "[- 1]"),
    ROW("n_number_hexadecimal", "[0x42]"),
    ROW("n_number_letter_after", "[1a]"),
    ROW("n_number_nan", "[NaN]"),
    ROW("n_number_minus_nan", "[-NaN]"),
    ROW("n_number_infinity", "[Infinity]"),
    ROW("n_number_minus_infinity", "[-Infinity]"),
    ROW("n_number_comma_decimal", "[1,5.]"),
    ROW("n_number_underscore", "[1_000]"),
    ROW("n_number_full_width_digit", "[\xef\xbc\x91]"),
    ROW("n_number_invalid_utf8_after", "[123\xe5]"),
    ROW("n_number_at_end", "-"),
    ROW("n_object_bad_value", "[\"x\", truth]"),
    ROW("n_object_bracket_name", "{[: \"x\"}"),
    ROW("n_object_comma_instead_of_colon", "{\"x\", null}"),
    ROW("n_object_double_colon", "{\"x\"::\"b\"}"),
    ROW("n_object_missing_colon", "{\"a\" \"b\"}"),
    ROW("n_object_missing_value", "{\"a\":}"),
    ROW("n_object_missing_value_at_end", "{\"a\":"),
    ROW("n_object_missing_name", "{:\"b\"}"),
    ROW("n_object_name_only", "{\"a\"}"),
    ROW("n_object_name_at_end", "{\"a\""),
    ROW("n_object_number_name", "{1:1}"),
    ROW("n_object_null_name", "{null:null}"),
    ROW("n_object_unquoted_name", "{a: \"b\"}"),
    ROW("n_object_single_quotes", "{'a':0}"),
    ROW("n_object_trailing_comma", "{\"id\":0,}"),
    ROW("n_object_many_trailing_commas", "{\"id\":0,,,,,}"),
    ROW("n_object_two_commas", "{\"a\":\"b\",,\"c\":\"d\"}"),
    ROW("n_object_leading_comma", "{,\"a\":1}"),
    ROW("n_object_just_comma", "{,}"),
    ROW("n_object_unclosed", "{\"a\":1"),
    ROW("n_object_closed_by_bracket", "{\"a\":1]"),
    ROW("n_object_trailing_text", "{\"a\":\"b\"}#"),
    ROW("n_object_trailing_comment", "{\"a\":\"b\"}/**/"),
    ROW("n_object_trailing_line_comment", "{\"a\":\"b\"}//"),
    ROW("n_object_garbage_inside", "{\"a\":\"a\" 123}"),
    ROW("n_object_unterminated_value", "{\"a\":\"a"),
    ROW("n_object_same_name", "{\"a\":1,\"a\":1}"),
    ROW("n_object_same_name_escaped", "{\"a\":1,\"\\u0061\":2}"),
    ROW("n_object_same_empty_name", "{\"\":1,\"\":2}"),
    ROW("n_object_same_name_apart", "{\"a\":{\"x\":[1,2]},\"b\":2,\"a\":3}"),
    ROW("n_string_unterminated", "[\"abc"),
    ROW("n_string_single_quote_mark", "\""),
    ROW("n_string_single_quoted", "['single']"),
    ROW("n_string_no_quotes", "[\\u0020\"asd\"]"),
    ROW("n_string_raw_nul", "[\"a\0a\"]"),
    ROW("n_string_raw_newline", "[\"new\nline\"]"),
    ROW("n_string_raw_tab", "[\"\t\"]"),
    ROW("n_string_raw_unit_separator", "[\"a\x1f\"]"),
    ROW("n_string_escape_x", "[\"\\x00\"]"),
    ROW("n_string_escape_a", "[\"\\a\"]"),
    ROW("n_string_escape_quote_only", "[\"\\'\"]"),
    ROW("n_string_escape_zero", "[\"\\0\"]"),
    ROW("n_string_escape_newline", "[\"\\\n\"]"),
    ROW("n_string_escape_capital_u", "[\"\\U0041\"]"),
    ROW("n_string_escape_capital_n", "[\"\\N\"]"),
    ROW("n_string_escape_emoji", "[\"\\\xf0\x9f\x8c\x80\"]"),
    ROW("n_string_escape_invalid_utf8", "[\"\\\xe5\"]"),
    ROW("n_string_escape_at_end", "[\"\\"),
    ROW("n_string_backslash_before_quote", "[\"\\\"]"),
    ROW("n_string_three_backslashes", "[\"\\\\\\\"]"),
    ROW("n_string_u_without_digits", "[\"\\u\"]"),
    ROW("n_string_u_three_digits", "[\"\\u00A\"]"),
    ROW("n_string_u_bad_digit", "[\"\\u00g0\"]"),
    ROW("n_string_u_sign", "[\"\\u-041\"]"),
    ROW("n_string_u_space", "[\"\\u 041\"]"),
    ROW("n_string_u_at_end", "[\"\\u004"),
    ROW("n_string_pair_incomplete", "[\"\\uD834\\uDd\"]"),
    ROW("n_string_pair_incomplete_escape", "[\"\\uD800\\u\"]"),
    ROW("n_string_pair_bad_digit", "[\"\\uD800\\u1x\"]"),
    ROW("n_string_pair_other_escape", "[\"\\uD800\\n\\x\"]"),
    ROW("n_structure_empty", ""),
    ROW("n_structure_space_only", " "),
    ROW("n_structure_newline_only", "\n"),
    ROW("n_structure_open_array", "["),
    ROW("n_structure_open_object", "{"),
    ROW("n_structure_open_object_string", "{\"a"),
    ROW("n_structure_close_array", "]"),
    ROW("n_structure_close_object", "}"),
    ROW("n_structure_colon", ":"),
    ROW("n_structure_comma", ","),
    ROW("n_structure_two_documents", "[][]"),
    ROW("n_structure_two_objects", "{}{}"),
    ROW("n_structure_two_numbers", "1 2"),
    ROW("n_structure_trailing_bracket", "1]"),
    ROW("n_structure_trailing_letter", "2@"),
    ROW("n_structure_trailing_nul", "[]\0"),
    ROW("n_structure_leading_nul", "\0[]"),
    ROW("n_structure_nul_only", "\0"),
    ROW("n_structure_angle_bracket", "<.>"),
    ROW("n_structure_comment_before", "/*a*/[]"),
    ROW("n_structure_comment_inside", "[1,/*2*/3]"),
    ROW("n_structure_line_comment", "[1]//a\n"),
    ROW("n_structure_hash_comment", "# a\n[]"),
    ROW("n_structure_byte_order_mark_only", "\xef\xbb\xbf"),
    ROW("n_structure_byte_order_mark_half", "\xef\xbb{}"),
    ROW("n_structure_no_break_space", "[\xc2\xa0]"),
    ROW("n_structure_word_joiner", "[\xe2\x81\xa0]"),
    ROW("n_structure_utf16", "[\0\"\0\xe9\0\"\0]\0"),
    ROW("n_structure_ascii_escape", "[\x1b]"),
    ROW("n_structure_unquoted_word", "hello"),
    ROW("n_structure_jsonp", "f([])"),
    ROW("n_structure_unicode_name", "\xc3\xa5"),
    ROW("n_structure_reversed", "}{"),
};

static const struct suite_case chosen[] = {
    /* Numbers stay text, so none is too large or too fine for the scanner. */
    CHOICE("i_number_huge_exponent", "[0.4e00669999999999999999999999999999999999999999999999999999999999969999999006]",
           HX_CLASS_OK),
    CHOICE("i_number_beyond_double", "[123123e100000]", HX_CLASS_OK),
    CHOICE("i_number_negative_beyond_double", "[-1e+9999]", HX_CLASS_OK),
    CHOICE("i_number_underflow", "[123e-10000000]", HX_CLASS_OK),
    CHOICE("i_number_beyond_int64", "[100000000000000000000]", HX_CLASS_OK),
    CHOICE("i_number_too_big_negative_int", "[-123123123123123123123123123123]", HX_CLASS_OK),
    /* A NUL has a decoded form like any other character; whoever may not have one must look. */
    CHOICE("i_object_escaped_nul_in_name", "{\"a\\u0000b\":1}", HX_CLASS_OK),
    CHOICE("i_string_lone_high_surrogate", "[\"\\uDADA\"]", HX_CLASS_REJECT),
    CHOICE("i_string_lone_low_surrogate", "[\"\\uDd1e\"]", HX_CLASS_REJECT),
    CHOICE("i_string_high_surrogate_then_text", "[\"\\ud800abc\"]", HX_CLASS_REJECT),
    CHOICE("i_string_high_surrogate_then_escape", "[\"\\uD800\\n\"]", HX_CLASS_REJECT),
    CHOICE("i_string_two_high_surrogates", "[\"\\uD800\\uD800\"]", HX_CLASS_REJECT),
    CHOICE("i_string_high_surrogate_then_scalar", "[\"\\uD888\\u1234\"]", HX_CLASS_REJECT),
    CHOICE("i_string_reversed_pair", "[\"\\uDd1e\\uD834\"]", HX_CLASS_REJECT),
    CHOICE("i_string_lone_surrogate_in_name", "{\"\\uD800\":1}", HX_CLASS_REJECT),
    CHOICE("i_string_invalid_utf8", "[\"\xff\"]", HX_CLASS_REJECT),
    CHOICE("i_string_latin1", "[\"\xe9\"]", HX_CLASS_REJECT),
    CHOICE("i_string_lone_continuation", "[\"\x81\"]", HX_CLASS_REJECT),
    CHOICE("i_string_truncated_utf8", "[\"\xe0\xff\"]", HX_CLASS_REJECT),
    CHOICE("i_string_truncated_four_byte", "[\"\xf0\x9f\x98\"]", HX_CLASS_REJECT),
    CHOICE("i_string_overlong_two_bytes", "[\"\xc0\xaf\"]", HX_CLASS_REJECT),
    CHOICE("i_string_overlong_nul", "[\"\xc0\x80\"]", HX_CLASS_REJECT),
    CHOICE("i_string_overlong_three_bytes", "[\"\xe0\x9f\xbf\"]", HX_CLASS_REJECT),
    CHOICE("i_string_overlong_four_bytes", "[\"\xf0\x8f\xbf\xbf\"]", HX_CLASS_REJECT),
    CHOICE("i_string_six_bytes", "[\"\xfc\x83\xbf\xbf\xbf\xbf\"]", HX_CLASS_REJECT),
    CHOICE("i_string_utf8_surrogate", "[\"\xed\xa0\x80\"]", HX_CLASS_REJECT),
    CHOICE("i_string_beyond_unicode", "[\"\xf4\xbf\xbf\xbf\"]", HX_CLASS_REJECT),
    CHOICE("i_string_utf16_little_endian", "\xff\xfe[\0\"\0\xe9\0\"\0]\0", HX_CLASS_REJECT),
    CHOICE("i_structure_byte_order_mark", "\xef\xbb\xbf{}", HX_CLASS_REJECT),
    CHOICE("i_structure_16_arrays", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", HX_CLASS_OK),
    CHOICE("i_structure_17_arrays", "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", HX_CLASS_LIMIT),
    CHOICE("i_structure_17_mixed", "[{\"\":[{\"\":[{\"\":[{\"\":[{\"\":[{\"\":[{\"\":[{\"\":[0]}]}]}]}]}]}]}]}]",
           HX_CLASS_LIMIT),
};

static enum hx_err_class class_of(hx_str input) {
    static uint8_t memory[HX_REQUEST_ARENA_SIZE];
    struct hx_arena arena;
    const struct hx_json *root = NULL;
    /* A copy of exactly the input's length, so that the address sanitizer sees a read past it. */
    char *copy = malloc(input.len + (input.len == 0));
    hx_mem_copy(copy, input.data, input.len);
    hx_arena_init(&arena, memory, sizeof memory);
    hx_err err = hx_json_parse(&arena, (hx_str){copy, input.len}, &root, NULL);
    free(copy);
    return hx_err_class(err);
}

static bool jansson_accepts(hx_str input) {
    json_error_t error;
    json_t *value = peers_jansson_load(input, &error);
    json_decref(value);
    return value != NULL;
}

static void check_row(const struct suite_case *row, enum hx_err_class expected) {
    const char *finding = json_peers_finding(row->input);
    if (class_of(row->input) != expected || finding != NULL) {
        print_message("%s: class %d, %s\n", row->name, (int)class_of(row->input), finding == NULL ? "" : finding);
        fail();
    }
}

static void accepts_what_must_be(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        check_row(&accepted[i], HX_CLASS_OK);
        assert_int_equal(strncmp(accepted[i].name, "y_", 2), 0);
        assert_true(peers_yajl_accepts(accepted[i].input) && jansson_accepts(accepted[i].input));
    }
}

static void refuses_what_must_be(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        check_row(&refused[i], HX_CLASS_REJECT);
        assert_int_equal(strncmp(refused[i].name, "n_", 2), 0);
        assert_false(jansson_accepts(refused[i].input));
    }
}

static void answers_as_chosen(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++) {
        check_row(&chosen[i], chosen[i].i_class);
        assert_int_equal(strncmp(chosen[i].name, "i_", 2), 0);
    }
}

/* Deep nesting ends at the limit whatever its depth: the scanner keeps no stack beyond it. */
static void survives_any_depth(void **state) {
    (void)state;
    static char text[200000];
    memset(text, '[', sizeof text);
    assert_int_equal(class_of(hx_str_make(text, sizeof text)), HX_CLASS_LIMIT);
    for (size_t i = 0; i + 5 <= sizeof text; i += 5) memcpy(text + i, "{\"\":[", 5);
    assert_int_equal(class_of(hx_str_make(text, sizeof text)), HX_CLASS_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_must_be),
        cmocka_unit_test(refuses_what_must_be),
        cmocka_unit_test(answers_as_chosen),
        cmocka_unit_test(survives_any_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
