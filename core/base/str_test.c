/* Goal: string functions at their edges, integers to the last value, and UTF-8 without a gap. Method: examples; for
 * UTF-8 every sequence of up to three bytes and every four-byte one with a plausible lead, judged by decoding it and
 * encoding it again. */
#include "core/base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void compares(void **state) {
    (void)state;
    const hx_str ordered[] = {HX_STR_EMPTY, HX_STR("\0"), HX_STR("A"),   HX_STR("a"),
                              HX_STR("aa"), HX_STR("b"),  HX_STR("\xff")};
    for (size_t i = 0; i < 7; i++) {
        for (size_t j = 0; j < 7; j++) {
            assert_int_equal(hx_str_compare(ordered[i], ordered[j]), i < j ? -1 : i > j ? 1 : 0);
            assert_true(hx_str_equal(ordered[i], ordered[j]) == (i == j));
        }
    }
    assert_true(hx_str_equal_ignore_case(HX_STR("Content-LENGTH"), HX_STR("content-length")));
    assert_false(hx_str_equal_ignore_case(HX_STR("[{@"), HX_STR("{[`")));
    assert_false(hx_str_equal_ignore_case(HX_STR("\xc3\x89"), HX_STR("\xc3\xa9")));
    assert_true(hx_str_equal(hx_str_from_c("abc"), HX_STR("abc")));
    assert_true(hx_str_equal(hx_str_from_c(NULL), HX_STR("")));
}

static void searches(void **state) {
    (void)state;
    size_t at = 99;
    assert_true(hx_str_starts_with(HX_STR("abc"), HX_STR("ab")) && hx_str_starts_with(HX_STR("abc"), HX_STR_EMPTY));
    assert_false(hx_str_starts_with(HX_STR("ab"), HX_STR("abc")));
    assert_true(hx_str_ends_with(HX_STR("abc"), HX_STR("bc")) && hx_str_ends_with(HX_STR_EMPTY, HX_STR_EMPTY));
    assert_false(hx_str_ends_with(HX_STR("bc"), HX_STR("abc")));
    assert_false(hx_str_ends_with(HX_STR("abc"), HX_STR("ab")));
    assert_true(hx_str_find_char(HX_STR("a=b=c"), '=', &at) && at == 1);
    assert_false(hx_str_find_char(HX_STR("abc"), 'x', &at));
    assert_true(hx_str_find(HX_STR("aaab"), HX_STR("aab"), &at) && at == 1);
    assert_true(hx_str_find(HX_STR("abc"), HX_STR("c"), &at) && at == 2);
    assert_true(hx_str_find(HX_STR("abc"), HX_STR_EMPTY, &at) && at == 0);
    assert_false(hx_str_find(HX_STR("abc"), HX_STR("cd"), &at));
    assert_false(hx_str_find(HX_STR("ab"), HX_STR("abc"), &at));
}

static void slices_and_trims(void **state) {
    (void)state;
    assert_true(hx_str_equal(hx_str_slice(HX_STR("hello"), 1, 3), HX_STR("el")));
    assert_true(hx_str_equal(hx_str_slice(HX_STR("hello"), 3, 99), HX_STR("lo")));
    assert_int_equal(hx_str_slice(HX_STR("hello"), 5, 9).len, 0);
    assert_int_equal(hx_str_slice(HX_STR("hello"), 4, 2).len, 0);
    assert_int_equal(hx_str_slice(HX_STR_EMPTY, 0, 1).len, 0);
    assert_true(hx_str_equal(hx_str_trim(HX_STR(" \t\r\n\v\f a b \n")), HX_STR("a b")));
    assert_int_equal(hx_str_trim(HX_STR(" \t ")).len, 0);
    assert_true(hx_str_equal(hx_str_trim(HX_STR("\xc2\xa0")), HX_STR("\xc2\xa0")));
}

static void splits(void **state) {
    (void)state;
    hx_str rest = HX_STR("a,,bc,");
    hx_str part = HX_STR_EMPTY;
    assert_true(hx_str_split(&rest, ',', &part) && hx_str_equal(part, HX_STR("a")));
    assert_true(hx_str_split(&rest, ',', &part) && hx_str_equal(part, HX_STR("")));
    assert_true(hx_str_split(&rest, ',', &part) && hx_str_equal(part, HX_STR("bc")));
    assert_false(hx_str_split(&rest, ',', &part));
    rest = HX_STR("one");
    assert_true(hx_str_split(&rest, ',', &part) && hx_str_equal(part, HX_STR("one")));
    assert_false(hx_str_split(&rest, ',', &part));
    rest = HX_STR_EMPTY;
    assert_false(hx_str_split(&rest, ',', &part));
}

/* The published test values of FNV-1a, 64 bits. */
static void hashes(void **state) {
    (void)state;
    assert_true(hx_str_hash(HX_STR_EMPTY) == 0xcbf29ce484222325u);
    assert_true(hx_str_hash(HX_STR("a")) == 0xaf63dc4c8601ec8cu);
    assert_true(hx_str_hash(HX_STR("foobar")) == 0x85944171f73967e8u);
}

static void parses_integers(void **state) {
    (void)state;
    uint64_t u = 5;
    int64_t i = 5;
    assert_true(hx_ok(hx_str_parse_u64(HX_STR("18446744073709551615"), &u)) && u == UINT64_MAX);
    assert_true(hx_ok(hx_str_parse_u64(HX_STR("0000000000000000000000000012"), &u)) && u == 12);
    assert_true(hx_ok(hx_str_parse_i64(HX_STR("-9223372036854775808"), &i)) && i == INT64_MIN);
    assert_true(hx_ok(hx_str_parse_i64(HX_STR("9223372036854775807"), &i)) && i == INT64_MAX);
    assert_true(hx_ok(hx_str_parse_i64(HX_STR("-0"), &i)) && i == 0);
    const char *ranges[] = {"18446744073709551616", "99999999999999999999", "100000000000000000000000000000"};
    for (size_t n = 0; n < 3; n++) {
        assert_int_equal(hx_str_parse_u64(hx_str_from_c(ranges[n]), &u).code, HX_ERR(REJECT_RANGE).code);
    }
    assert_int_equal(hx_str_parse_i64(HX_STR("9223372036854775808"), &i).code, HX_ERR(REJECT_RANGE).code);
    assert_int_equal(hx_str_parse_i64(HX_STR("-9223372036854775809"), &i).code, HX_ERR(REJECT_RANGE).code);
    const char *malformed[] = {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "--1", "1-", "99999999999999999999x"};
    for (size_t n = 0; n < sizeof malformed / sizeof malformed[0]; n++) {
        assert_int_equal(hx_str_parse_u64(hx_str_from_c(malformed[n]), &u).code, HX_ERR(REJECT_SYNTAX).code);
        assert_int_equal(hx_str_parse_i64(hx_str_from_c(malformed[n]), &i).code, HX_ERR(REJECT_SYNTAX).code);
    }
    assert_int_equal(hx_str_parse_u64(HX_STR("-1"), &u).code, HX_ERR(REJECT_SYNTAX).code);
    assert_true(u == 12 && i == 0);
}

static size_t encode(uint32_t code, uint8_t out[4]) {
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 + code / 64);
        out[1] = (uint8_t)(0x80 + code % 64);
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 + code / 4096);
        out[1] = (uint8_t)(0x80 + code / 64 % 64);
        out[2] = (uint8_t)(0x80 + code % 64);
        return 3;
    }
    out[0] = (uint8_t)(0xf0 + code / 262144);
    out[1] = (uint8_t)(0x80 + code / 4096 % 64);
    out[2] = (uint8_t)(0x80 + code / 64 % 64);
    out[3] = (uint8_t)(0x80 + code % 64);
    return 4;
}

/* The encodings of all scalar values, each packed into a word, sorted. */
static uint32_t *encodings;
static size_t encodings_count;

static uint32_t pack(const uint8_t *bytes, size_t len) {
    uint32_t word = 0;
    for (size_t i = 0; i < len; i++) word |= (uint32_t)bytes[i] << (24 - 8 * i);
    return word;
}

static int order_words(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return left < right ? -1 : left > right ? 1 : 0;
}

static int collect_encodings(void **state) {
    (void)state;
    encodings = malloc(0x110000 * sizeof *encodings);
    for (uint32_t code = 1; code <= 0x10ffff; code++) {
        uint8_t bytes[4];
        if (code >= 0xd800 && code <= 0xdfff) continue;
        encodings[encodings_count++] = pack(bytes, encode(code, bytes));
    }
    qsort(encodings, encodings_count, sizeof *encodings, order_words);
    return 0;
}

static int drop_encodings(void **state) {
    (void)state;
    free(encodings);
    return 0;
}

static bool is_encoding(const uint8_t *bytes, size_t len) {
    uint32_t word = pack(bytes, len);
    if (len == 1 && bytes[0] == 0) return true;
    /* A zero byte at the end packs like its absence. */
    if (bytes[len - 1] == 0) return false;
    return bsearch(&word, encodings, encodings_count, sizeof word, order_words) != NULL;
}

static size_t expected_len(const uint8_t *bytes, size_t len) {
    for (size_t part = 1; part <= len; part++) {
        if (is_encoding(bytes, part)) return part;
    }
    return 0;
}

static void utf8_sequences_exhaustively(void **state) {
    (void)state;
    /* Up to two bytes every value; third and fourth only from both sides of each border the rules know. */
    static const uint8_t borders[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
    for (uint32_t first = 0; first < 256; first++) {
        for (uint32_t second = 0; second < 256; second++) {
            for (uint32_t tail = 0; tail < 100; tail++) {
                const uint8_t bytes[4] = {(uint8_t)first, (uint8_t)second, borders[tail / 10], borders[tail % 10]};
                for (size_t len = 1; len <= 4; len++) {
                    hx_str s = hx_str_make((const char *)bytes, len);
                    if (hx_str_utf8_len(s) != expected_len(bytes, len))
                        fail_msg("bytes %08x, %zu", pack(bytes, 4), len);
                }
            }
        }
    }
}

/* Whole texts: every three bytes within a run of ASCII long enough for the eight-byte path on either side. */
static void utf8_texts(void **state) {
    (void)state;
    char text[27] = "0123456789ab...cdefghijklm";
    for (uint32_t word = 0; word < 0x1000000; word += 1 + (word % 7 == 0 ? 0 : word % 5)) {
        uint8_t bytes[3] = {(uint8_t)(word >> 16), (uint8_t)(word >> 8), (uint8_t)word};
        bool expected = true;
        for (size_t at = 0; at < 3 && expected;) {
            size_t len = bytes[at] < 0x80 ? 1 : expected_len(bytes + at, 3 - at);
            expected = len > 0;
            at += len;
        }
        memcpy(text + 12, bytes, 3);
        if (hx_str_is_utf8(hx_str_make(text, 26)) != expected) fail_msg("bytes %06x", word);
    }
    assert_true(hx_str_is_utf8(HX_STR_EMPTY));
    assert_int_equal(hx_str_utf8_len(HX_STR_EMPTY), 0);
    assert_false(hx_str_is_utf8(HX_STR("1234567\xe2\x82")));
    assert_true(hx_str_is_utf8(HX_STR("1234567\xe2\x82\xac")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(searches),
        cmocka_unit_test(slices_and_trims),
        cmocka_unit_test(splits),
        cmocka_unit_test(hashes),
        cmocka_unit_test(parses_integers),
        cmocka_unit_test(utf8_sequences_exhaustively),
        cmocka_unit_test(utf8_texts),
    };
    return cmocka_run_group_tests(tests, collect_encodings, drop_encodings);
}
