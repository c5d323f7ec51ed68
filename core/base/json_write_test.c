/* Goal: what is written is JSON and says what was meant, and equal documents have one canonical form (json_write.c, and
 * json_order.c behind it). Method: examples, every byte through the string writer and back through the scanner, and a
 * shuffle whose canonical form must not change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/json.h"
#include "core/base/json_order.h"

static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_arena arena;

static int reset(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    return 0;
}

static const struct hx_json *parse(hx_str text) {
    const struct hx_json *root = NULL;
    assert_true(hx_ok(hx_json_parse(&arena, text, &root, NULL)));
    return root;
}

static void assert_buf(const struct hx_buf *buf, const char *expected) {
    hx_str text = HX_STR_EMPTY;
    assert_true(hx_ok(hx_buf_finish(buf, &text)));
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.data, expected, text.len);
}

static void writes_every_kind(void **state) {
    (void)state;
    char room[512];
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_buf_init(&buf, room, sizeof room);
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "symbol", HX_STR("BTC\"USDT"));
    hx_json_write_dec(&w, "price", (hx_dec){-125, -1});
    hx_json_write_i64(&w, "time", INT64_MIN);
    hx_json_write_bool(&w, "test", true);
    hx_json_write_null(&w, "note\n");
    hx_json_open_array(&w, "fills");
    hx_json_open_object(&w, NULL);
    hx_json_close_object(&w);
    hx_json_write_i64(&w, NULL, 1);
    hx_json_open_array(&w, NULL);
    hx_json_close_array(&w);
    hx_json_write_raw(&w, NULL, HX_STR("{\"x\":0.10}"));
    hx_json_close_array(&w);
    hx_json_write_bool(&w, "last", false);
    hx_json_close_object(&w);
    assert_buf(
        &buf,
        "{\"symbol\":\"BTC\\\"USDT\",\"price\":\"-12.5\",\"time\":-9223372036854775808,\"test\":true,\"note\\n\":null,"
        "\"fills\":[{},1,[],{\"x\":0.10}],\"last\":false}");
    assert_int_equal(parse(hx_buf_str(&buf))->count, 7);
}

static void reports_overflow_once(void **state) {
    (void)state;
    char room[10];
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_str text = HX_STR_EMPTY;
    hx_buf_init(&buf, room, sizeof room);
    hx_json_begin(&w, &buf);
    hx_json_open_array(&w, NULL);
    hx_json_write_str(&w, NULL, HX_STR("too long for this"));
    hx_json_close_array(&w);
    assert_int_equal(hx_buf_finish(&buf, &text).code, HX_ERR(LIMIT_BUFFER).code);
}

static void every_byte_comes_back(void **state) {
    (void)state;
    for (uint32_t value = 0; value < 0x10000; value++) {
        char room[64];
        struct hx_buf buf;
        const char pair[] = {'<', (char)(value >> 8), (char)value, '>'};
        hx_arena_reset(&arena);
        hx_buf_init(&buf, room, sizeof room);
        hx_json_add_string(&buf, hx_str_make(pair, sizeof pair));
        hx_str back = parse(hx_buf_str(&buf))->text;
        if (hx_str_is_utf8(hx_str_make(pair, sizeof pair))) {
            assert_true(hx_str_equal(back, hx_str_make(pair, sizeof pair)));
        } else {
            size_t index = 0;
            assert_true(hx_str_find(back, HX_STR("\xef\xbf\xbd"), &index));
        }
    }
}

static void escapes_minimally(void **state) {
    (void)state;
    char room[128];
    struct hx_buf buf;
    hx_buf_init(&buf, room, sizeof room);
    hx_json_add_string(&buf, HX_STR("\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9\xff\xc3z\xf0\x9f\x98\x80\xe2\x80\xa8"));
    assert_buf(
        &buf,
        "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\xef\xbf\xbd\xef\xbf\xbdz\xf0\x9f\x98\x80\xe2\x80\xa8\"");
}

struct canonical_case {
    const char *text;
    const char *skip;
    const char *canonical;
};

static void canonical_examples(void **state) {
    (void)state;
    const struct canonical_case cases[] = {
        {" { \"b\" : 1.50 , \"a\" : [ 2 , { \"d\" : null , \"c\" : true } ] } ", NULL,
         "{\"a\":[2,{\"c\":true,\"d\":null}],\"b\":1.50}"},
        {"{\"\\u0062\":\"\\u00e9\\/\\u000a\",\"\\u0061\":1}", NULL, "{\"a\":1,\"b\":\"\xc3\xa9/\\n\"}"},
        {"{\"b\":1,\"apiKey\":\"secret\",\"a\":{\"apiKey\":2}}", "apiKey", "{\"a\":{\"apiKey\":2},\"b\":1}"},
        {"{\"apiKey\":\"secret\"}", "apiKey", "{}"},
        {"[{\"apiKey\":1}]", "apiKey", "[{\"apiKey\":1}]"},
        {"{\"aa\":1,\"a\":2,\"\":3,\"B\":4,\"\xc3\xa9\":5}", NULL, "{\"\":3,\"B\":4,\"a\":2,\"aa\":1,\"\xc3\xa9\":5}"},
        {"[[],{},[[{}]]]", NULL, "[[],{},[[{}]]]"},
        {" -1.0E+2 ", "apiKey", "-1.0E+2"},
        {"\"a\"", NULL, "\"a\""},
        {"[[[[[[[[[[[[[[[{\"b\":1,\"a\":2}]]]]]]]]]]]]]]]", NULL, "[[[[[[[[[[[[[[[{\"a\":2,\"b\":1}]]]]]]]]]]]]]]]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char room[256];
        struct hx_buf buf;
        hx_buf_init(&buf, room, sizeof room);
        const struct hx_json *root = parse(hx_str_from_c(cases[i].text));
        size_t mark = hx_arena_mark(&arena);
        assert_true(hx_ok(hx_json_add_canonical(&buf, &arena, root, cases[i].skip)));
        assert_int_equal(hx_arena_mark(&arena), mark);
        assert_buf(&buf, cases[i].canonical);
    }
}

static void a_part_of_a_document_has_its_own_form(void **state) {
    (void)state;
    char room[64];
    struct hx_buf buf;
    hx_buf_init(&buf, room, sizeof room);
    const struct hx_json *root = parse(HX_STR("{\"x\":{\"b\":1,\"a\":2},\"y\":3}"));
    assert_true(hx_ok(hx_json_add_canonical(&buf, &arena, hx_json_find(root, HX_STR("x")), NULL)));
    assert_buf(&buf, "{\"a\":2,\"b\":1}");
}

static void canonical_limits_are_errors(void **state) {
    (void)state;
    char room[8];
    struct hx_buf buf;
    struct hx_arena none;
    hx_buf_init(&buf, room, sizeof room);
    const struct hx_json *root = parse(HX_STR("{\"abc\":1,\"def\":2}"));
    assert_int_equal(hx_json_add_canonical(&buf, &arena, root, NULL).code, HX_ERR(LIMIT_BUFFER).code);
    hx_arena_init(&none, NULL, 0);
    hx_buf_init(&buf, room, sizeof room);
    assert_int_equal(hx_json_add_canonical(&buf, &none, root, NULL).code, HX_ERR(LIMIT_ARENA).code);
}

/* Objects of 1..100 members in 40 random orders each: sorted, complete, and always of the same canonical form. */
static void order_does_not_matter(void **state) {
    (void)state;
    uint64_t random = 1;
    for (uint32_t members = 1; members <= 100; members += 1 + members / 8) {
        char first[4096];
        size_t first_len = 0;
        for (uint32_t round = 0; round < 40; round++) {
            uint32_t numbers[100];
            uint32_t order[100];
            char text[4096];
            char room[4096];
            struct hx_buf in;
            struct hx_buf out;
            for (uint32_t i = 0; i < members; i++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                uint32_t at = (uint32_t)(random >> 33) % (i + 1);
                numbers[i] = numbers[at];
                numbers[at] = i;
            }
            hx_buf_init(&in, text, sizeof text);
            for (uint32_t i = 0; i < members; i++) {
                hx_buf_add_c(&in, i == 0 ? "{\"" : ",\"");
                hx_buf_add_u64(&in, numbers[i] * 2654435761u);
                hx_buf_add_c(&in, "\":[[],{\"q\":1}]");
            }
            hx_buf_add_char(&in, '}');
            hx_arena_reset(&arena);
            const struct hx_json *root = parse(hx_buf_str(&in));
            hx_json_order_members(root, order);
            for (uint32_t i = 1; i < members; i++) {
                assert_int_equal(hx_str_compare(root[order[i - 1]].name, root[order[i]].name), -1);
            }
            hx_buf_init(&out, room, sizeof room);
            assert_true(hx_ok(hx_json_add_canonical(&out, &arena, root, NULL)));
            if (round == 0) {
                first_len = out.len;
                memcpy(first, out.data, out.len);
            }
            assert_int_equal(out.len, first_len);
            assert_memory_equal(out.data, first, first_len);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(writes_every_kind, reset),
        cmocka_unit_test_setup(reports_overflow_once, reset),
        cmocka_unit_test_setup(every_byte_comes_back, reset),
        cmocka_unit_test_setup(escapes_minimally, reset),
        cmocka_unit_test_setup(canonical_examples, reset),
        cmocka_unit_test_setup(a_part_of_a_document_has_its_own_form, reset),
        cmocka_unit_test_setup(canonical_limits_are_errors, reset),
        cmocka_unit_test_setup(order_does_not_matter, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
