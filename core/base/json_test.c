/* Goal: what the scanner builds, where it says a mistake is, and how much memory and time it takes. (Which texts are
 * accepted is the business of test/json_suite.) Method: examples, and exhaustive cuts of memory and input. */
#include "core/base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_arena arena;

static int reset(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    return 0;
}

static const struct hx_json *parse(const char *text) {
    const struct hx_json *root = NULL;
    assert_true(hx_ok(hx_json_parse(&arena, hx_str_from_c(text), &root, NULL)));
    /* What the parser gave back is no longer its own: a view that still points there would now show. */
    memset(arena.base + arena.used, 0xa5, arena.size - arena.used);
    return root;
}

static void assert_str(hx_str s, const char *expected) {
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.data, expected, s.len);
}

static void lays_out_nodes_in_document_order(void **state) {
    (void)state;
    const char *text = "{\"a\":[1,{\"b\":null}],\"c\":\"x\",\"d\":true}";
    const struct hx_json *n = parse(text);
    const enum hx_json_type types[] = {HX_JSON_OBJECT, HX_JSON_ARRAY,  HX_JSON_NUMBER, HX_JSON_OBJECT,
                                       HX_JSON_NULL,   HX_JSON_STRING, HX_JSON_BOOL};
    const uint32_t nexts[] = {7, 4, 1, 2, 1, 1, 1};
    const uint32_t counts[] = {3, 2, 0, 1, 0, 0, 0};
    const char *names[] = {"", "a", "", "", "b", "c", "d"};
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(n[i].type, types[i]);
        assert_int_equal(n[i].next, nexts[i]);
        assert_int_equal(n[i].count, counts[i]);
        assert_str(n[i].name, names[i]);
    }
    assert_str(n[2].text, "1");
    assert_true(n[6].boolean);
    /* Plain text is not copied. */
    assert_ptr_equal(n[5].text.data, strchr(text, 'x'));
}

static void elements_after_an_object_have_no_name(void **state) {
    (void)state;
    const struct hx_json *n = parse("[{\"a\":1},2,[{\"b\":3}],[]]");
    for (const struct hx_json *child = hx_json_first(n); child != NULL; child = hx_json_next(n, child)) {
        assert_int_equal(child->name.len, 0);
    }
}

static void keeps_number_text(void **state) {
    (void)state;
    const struct hx_json *n = parse("[0.10, -1.50E+007 ]");
    assert_str(n[1].text, "0.10");
    assert_str(n[2].text, "-1.50E+007");
}

static void decodes_escapes(void **state) {
    (void)state;
    const struct hx_json *n = parse(
        "{\"\\u00e9\\n\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"p\":\"\\ud83d\\uDE00\\u20AC\\u0041-\xc3\xa9\","
        "\"z\":\"a\\u0000b\"}");
    assert_str(n[1].name, "\xc3\xa9\n");
    assert_str(n[1].text, "\"\\/\b\f\n\r\t");
    assert_str(n[2].text,
               "\xf0\x9f\x98\x80\xe2\x82\xac"
               "A-\xc3\xa9");
    assert_int_equal(n[3].text.len, 3);
    assert_memory_equal(n[3].text.data, "a\0b", 3);
}

/* Every code point, written as an escape, decodes to what the strings module calls well-formed UTF-8 of its own. */
static void decodes_every_code_point(void **state) {
    (void)state;
    char text[32];
    hx_arena_init(&arena, memory, 256);
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        uint32_t decoded = 0;
        if (code >= 0xd800 && code <= 0xdfff) continue;
        if (code < 0x10000) {
            snprintf(text, sizeof text, "\"\\u%04x\"", code);
        } else {
            snprintf(text, sizeof text, "\"\\u%04X\\u%04x\"", 0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
        }
        hx_arena_reset(&arena);
        hx_str s = parse(text)->text;
        assert_int_equal(hx_str_utf8_len(s), s.len);
        for (size_t i = 0; i < s.len; i++) decoded = decoded << 6 | ((uint8_t)s.data[i] & 0x3f);
        /* The bits of the first byte that are not its length. */
        uint32_t lead_bits = s.len == 1 ? 0x7f : s.len == 2 ? 0x7ff : s.len == 3 ? 0xffff : 0x1fffff;
        if (s.len == 1) decoded = (uint8_t)s.data[0];
        assert_int_equal(decoded & lead_bits, code);
    }
}

struct problem_case {
    const char *text;
    size_t offset;
    const char *problem;
};

static void says_where_and_why(void **state) {
    (void)state;
    const struct problem_case cases[] = {
        {"", 0, "value missing"},
        {"{\"a\":1,\"a\":2}", 7, "duplicate member name"},
        {"{\"a\":1,}", 7, "member name missing"},
        {"{\"a\" 1}", 5, "':' missing after a member name"},
        {"[1 2]", 3, "',' or closing bracket missing"},
        {"[1,]", 3, "not a JSON value"},
        {"[1,", 3, "value missing"},
        {"[01]", 2, "number with a leading zero"},
        {"[1.]", 3, "digit missing in a number"},
        {"[\"ab", 4, "unterminated string"},
        {"[\"a\nb\"]", 3, "control character in a string"},
        {"[\"a\\xb\"]", 3, "unknown escape in a string"},
        {"[\"\\u12\"]", 2, "\\u without four hexadecimal digits"},
        {"[\"\\ud800\"]", 2, "lone surrogate"},
        {"[\"abcdefghijk\xff\"]", 13, "bad UTF-8 in a string"},
        {"[] x", 3, "text after the document"},
        {"[[[[[[[[[[[[[[[[[", 16, "nested too deeply"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hx_json_error error = {0, NULL};
        const struct hx_json *root = NULL;
        hx_str text = hx_str_from_c(cases[i].text);
        assert_true(hx_failed(hx_json_parse(&arena, text, &root, &error)));
        assert_string_equal(error.problem, cases[i].problem);
        assert_int_equal(error.offset, cases[i].offset);
        assert_true(hx_failed(hx_json_parse(&arena, text, &root, NULL)));
        assert_int_equal(arena.used, 0);
    }
}

/* With less than it takes, parsing fails with LIMIT_ARENA and gives everything back; with just enough, the tree stands.
 * Nothing beyond the end is touched in either case. */
static void memory_is_taken_as_needed(void **state) {
    (void)state;
    const char *text = "{\"a\\n\":[1,\"\\u0041\\u0042\",{\"plain\":\"x\"}],\"b\":\"\\t\\t\\t\"}";
    const size_t needed = 7 * sizeof(struct hx_json) + 2 + 2 + 3;
    uint8_t *small = aligned_alloc(16, 4096);
    for (size_t size = 0; size <= needed + 40; size++) {
        const struct hx_json *root = NULL;
        struct hx_arena tight;
        memset(small, 0xa5, 4096);
        hx_arena_init(&tight, small, size);
        hx_err err = hx_json_parse(&tight, hx_str_from_c(text), &root, NULL);
        for (size_t i = size; i < 4096; i++) assert_int_equal(small[i], 0xa5);
        if (tight.size < needed) {
            assert_int_equal(err.code, HX_ERR(LIMIT_ARENA).code);
            assert_int_equal(tight.used, 0);
            continue;
        }
        assert_true(hx_ok(err));
        assert_true(tight.used >= needed && tight.used < needed + 16);
        assert_str(root[1].name, "a\n");
        assert_str(root[3].text, "AB");
        assert_str(root[5].text, "x");
        break;
    }
    free(small);
}

static void every_cut_of_a_document_is_refused(void **state) {
    (void)state;
    const char *text = "{\"a\":[1.5e3,\"\\u0041\\ud83d\\ude00\xe2\x82\xac\",{\"b\":null}],\"c\":[true,false]}";
    for (size_t len = 0; len < strlen(text); len++) {
        const struct hx_json *root = NULL;
        struct hx_json_error error;
        char *cut = malloc(len + 1);
        memcpy(cut, text, len);
        hx_err err = hx_json_parse(&arena, hx_str_make(cut, len), &root, &error);
        assert_int_equal(err.code, HX_ERR(REJECT_SYNTAX).code);
        assert_true(error.offset <= len);
        free(cut);
    }
}

static void a_full_size_body_fits(void **state) {
    (void)state;
    static char text[65536];
    size_t len = 0;
    text[len++] = '[';
    while (len < sizeof text - 120) {
        len += (size_t)snprintf(text + len, sizeof text - len, "{\"id\":%zu,\"note\":\"line\\nbreak and text\"},", len);
    }
    text[len - 1] = ']';
    const struct hx_json *root = parse(text);
    assert_true(root->count > 1000);
    assert_true(arena.used < sizeof memory);
}

static void too_many_values_are_an_error(void **state) {
    (void)state;
    const size_t values = HX_JSON_NODES_MAX;
    const size_t size = (values + 1) * sizeof(struct hx_json);
    struct hx_arena large;
    const struct hx_json *root = NULL;
    void *room = malloc(size);
    char *text = malloc(2 * values + 2);
    for (size_t i = 0; i < values; i++) memcpy(text + 2 * i, ",0", 2);
    text[0] = '[';
    text[2 * values] = ']';
    hx_arena_init(&large, room, size);
    /* One array and NODES_MAX elements are one value too many. */
    hx_str whole = hx_str_make(text, 2 * values + 1);
    assert_int_equal(hx_json_parse(&large, whole, &root, NULL).code, HX_ERR(LIMIT_COUNT).code);
    text[2 * values - 2] = ']';
    assert_true(hx_ok(hx_json_parse(&large, hx_str_make(text, 2 * values - 1), &root, NULL)));
    assert_int_equal(root->count, values - 1);
    assert_int_equal(hx_json_parse(&arena, whole, &root, NULL).code, HX_ERR(LIMIT_ARENA).code);
    free(text);
    free(room);
}

/* The duplicate check changes its method at 32 members: a duplicate in any two places must be found on both sides. */
static void duplicates_are_found_at_any_size(void **state) {
    (void)state;
    char text[2048];
    for (uint32_t members = 2; members <= 40; members++) {
        for (uint32_t twin = 0; twin < members; twin++) {
            size_t len = 0;
            for (uint32_t i = 0; i < members; i++) {
                uint32_t name = i == members - 1 ? twin : i;
                len += (size_t)snprintf(text + len, sizeof text - len, "%c\"n%u\":[{\"n%u\":0}]", i == 0 ? '{' : ',',
                                        name, i);
            }
            text[len++] = '}';
            const struct hx_json *root = NULL;
            struct hx_json_error error = {0, NULL};
            hx_arena_reset(&arena);
            hx_err err = hx_json_parse(&arena, hx_str_make(text, len), &root, &error);
            assert_int_equal(err.code, twin == members - 1 ? 0 : HX_ERR(REJECT_SYNTAX).code);
            if (hx_failed(err)) assert_string_equal(error.problem, "duplicate member name");
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lays_out_nodes_in_document_order, reset),
        cmocka_unit_test_setup(elements_after_an_object_have_no_name, reset),
        cmocka_unit_test_setup(keeps_number_text, reset),
        cmocka_unit_test_setup(decodes_escapes, reset),
        cmocka_unit_test_setup(decodes_every_code_point, reset),
        cmocka_unit_test_setup(says_where_and_why, reset),
        cmocka_unit_test_setup(memory_is_taken_as_needed, reset),
        cmocka_unit_test_setup(every_cut_of_a_document_is_refused, reset),
        cmocka_unit_test_setup(a_full_size_body_fits, reset),
        cmocka_unit_test_setup(too_many_values_are_an_error, reset),
        cmocka_unit_test_setup(duplicates_are_found_at_any_size, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
