/* url.c: goal: only unambiguous URLs are read, and read right. Method: tables of good and bad texts; percent-decoding
 * of every byte against its own encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/http/url.h"

static char memory[4096];
static struct hx_arena arena;

static void assert_str(hx_str actual, const char *expected) {
    assert_int_equal(actual.len, strlen(expected));
    if (actual.len > 0) assert_memory_equal(actual.data, expected, actual.len);
}

static void good_urls_are_split(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is_https;
        const char *authority;
        const char *host;
        bool host_is_ipv6;
        uint16_t port;
        const char *path;
        const char *query;
    } rows[] = {
        {"https://fapi.binance.com", true, "fapi.binance.com", "fapi.binance.com", false, 443, "/", ""},
        {"http://127.0.0.1:8080/", false, "127.0.0.1:8080", "127.0.0.1", false, 8080, "/", ""},
        {"HTTP://[::1]:9/a/b?c=d?e", false, "[::1]:9", "::1", true, 9, "/a/b", "c=d?e"},
        {"http://[2001:db8::1]", false, "[2001:db8::1]", "2001:db8::1", true, 80, "/", ""},
        {"http://a?b", false, "a", "a", false, 80, "/", "b"},
        {"http://a?", false, "a", "a", false, 80, "/", ""},
        {"http://a/?", false, "a", "a", false, 80, "/", ""},
        {"http://a_b-c.d1:65535/%2F", false, "a_b-c.d1:65535", "a_b-c.d1", false, 65535, "/%2F", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hx_http_url url;
        assert_true(hx_ok(hx_http_parse_url(hx_str_from_c(rows[i].text), &url)));
        assert_int_equal(url.is_https, rows[i].is_https);
        assert_str(url.authority, rows[i].authority);
        assert_str(url.host, rows[i].host);
        assert_int_equal(url.host_is_ipv6, rows[i].host_is_ipv6);
        assert_int_equal(url.port, rows[i].port);
        assert_str(url.path, rows[i].path);
        assert_str(url.query, rows[i].query);
    }
}

static void bad_urls_are_rejected(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "a",
        "//a/",
        "ftp://a/",
        "http:/a",
        "http//a",
        "http://",
        "http:///",
        "http://:80/",
        "http://u@a/",
        "http://u:p@a/",
        "http://a:/",
        "http://a:0",
        "http://a:+1",
        "http://a:65536",
        "http://a:080000",
        "http://a:8x",
        "http://a b/",
        "http://a/ ",
        "http://a#f",
        "http://a/#f",
        "http://a/\n",
        "http://a/%",
        "http://a/%1",
        "http://a/%1g",
        "http://a\\b",
        "http://a%41/",
        "http://[::1",
        "http://::1/",
        "http://[::1]x/",
        "http://[::1%25lo]/",
        "http://[v1.a]/",
        "http://a..b/",
        "http://.a/",
        "http://a./",
        "http://a?b#c",
        " http://a/",
        "http://\xc3\xa4/",
        "http://a?b c",
        "http://a/\"41",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct hx_http_url url;
        hx_err err = hx_http_parse_url(hx_str_from_c(texts[i]), &url);
        if (hx_ok(err)) print_error("accepted: %s\n", texts[i]);
        assert_true(hx_err_is(err, HX_CLASS_REJECT));
    }
}

static bool authority_valid(const char *text) {
    hx_str host;
    bool is_ipv6;
    uint16_t port;
    return hx_ok(hx_http_parse_authority(hx_str_from_c(text), &host, &is_ipv6, &port));
}

static void addresses_are_checked(void **state) {
    (void)state;
    static const char *const good[] = {
        "1.2.3.4",
        "255.255.255.255",
        "0.0.0.0",
        "1a",
        "1.2.3.4a",
        "[::]",
        "[::1]",
        "[1::]",
        "[1:2:3:4:5:6:7:8]",
        "[1:2:3:4:5:6:7::]",
        "[::2:3:4:5:6:7:8]",
        "[1::3:4:5:6:7:8]",
        "[::1.2.3.4]",
        "[::ffff:1.2.3.4]",
        "[1:2:3:4:5:6:1.2.3.4]",
        "[ABCD:ef01::]",
    };
    static const char *const bad[] = {
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.04",
        "1.2.3.",
        "a.1",
        "123",
        "[]",
        "[:]",
        "[:::]",
        "[1:2:3:4:5:6:7]",
        "[1:2:3:4:5:6:7:8:9]",
        "[1:2:3:4:5:6:7:8::]",
        "[::1:2:3:4:5:6:7:8]",
        "[1::2::3]",
        "[12345::]",
        "[1:]",
        "[:1]",
        "[g::]",
        "[1.2.3.4]",
        "[::1.2.3]",
        "[::1.2.3.4:5]",
        "[1:2:3:4:5:6:7:1.2.3.4]",
        "[::1]]",
        "[::1]:",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!authority_valid(good[i])) print_error("refused: %s\n", good[i]);
        assert_true(authority_valid(good[i]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (authority_valid(bad[i])) print_error("accepted: %s\n", bad[i]);
        assert_false(authority_valid(bad[i]));
    }
}

static void host_lengths_are_bounded(void **state) {
    (void)state;
    char label[65];
    memset(label, 'a', 64);
    label[63] = '\0';
    assert_true(authority_valid(label));
    label[63] = 'a';
    label[64] = '\0';
    assert_false(authority_valid(label));
    char name[260];
    for (size_t i = 0; i < sizeof name; i++) name[i] = i % 2 == 0 ? 'a' : '.';
    name[HX_HTTP_HOST_LEN_MAX] = '\0';
    assert_true(authority_valid(name));
    name[HX_HTTP_HOST_LEN_MAX] = '.';
    name[HX_HTTP_HOST_LEN_MAX + 2] = '\0';
    assert_false(authority_valid(name));
}

static void every_byte_decodes_from_its_encoding(void **state) {
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        hx_arena_init(&arena, memory, sizeof memory);
        char text[8];
        snprintf(text, sizeof text, byte % 2 == 0 ? "a%%%02Xb" : "a%%%02xb", byte);
        hx_str decoded = HX_STR_EMPTY;
        hx_err err = hx_http_decode_percent(&arena, hx_str_from_c(text), &decoded);
        assert_int_equal(hx_ok(err), byte != 0);
        if (byte == 0) continue;
        assert_int_equal(decoded.len, 3);
        assert_int_equal((uint8_t)decoded.data[1], byte);
    }
}

static void percent_decoding_is_strict(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    hx_str out = HX_STR_EMPTY;
    hx_str plain = HX_STR("a+b");
    assert_true(hx_ok(hx_http_decode_percent(&arena, plain, &out)));
    assert_ptr_equal(out.data, plain.data);
    assert_true(hx_ok(hx_http_decode_percent(&arena, HX_STR(""), &out)));
    assert_int_equal(out.len, 0);
    static const char *const bad[] = {"%", "a%", "%1", "%g1", "%1g", "%%41", "%+1", "% 1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_true(hx_err_equal(hx_http_decode_percent(&arena, hx_str_from_c(bad[i]), &out), HX_ERR(REJECT_SYNTAX)));
    }
    hx_arena_init(&arena, memory, 1);
    assert_true(hx_err_is(hx_http_decode_percent(&arena, HX_STR("%41"), &out), HX_CLASS_LIMIT));
}

static void query_parameters_are_found(void **state) {
    (void)state;
    static const struct {
        const char *query;
        const char *name;
        const char *value; /* NULL: absent. */
    } rows[] = {
        {"a=1&b=2", "b", "2"}, {"a=1&a=2", "a", "1"}, {"a", "a", ""},
        {"a=", "a", ""},       {"a==b", "a", "=b"},   {"a=x+y%2Bz", "a", "x y+z"},
        {"%61=1", "a", "1"},   {"a+b=1", "a b", "1"}, {"", "a", NULL},
        {"aa=1", "a", NULL},   {"a=1", "aa", NULL},   {"&&b=1", "b", "1"},
        {"=1", "", "1"},       {"&", "", NULL},       {"%zz=1&b=2", "b", "2"},
        {"A=1", "a", NULL},    {"a=1", "", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        hx_arena_init(&arena, memory, sizeof memory);
        hx_str out = HX_STR_EMPTY;
        hx_err err = hx_http_get_query(&arena, hx_str_from_c(rows[i].query), hx_str_from_c(rows[i].name), &out);
        if (rows[i].value == NULL) {
            assert_true(hx_err_equal(err, HX_ERR(ABSENT_FIELD)));
        } else {
            assert_true(hx_ok(err));
            assert_str(out, rows[i].value);
        }
    }
    hx_str out;
    assert_true(hx_err_equal(hx_http_get_query(&arena, HX_STR("a=%"), HX_STR("a"), &out), HX_ERR(REJECT_SYNTAX)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_urls_are_split),        cmocka_unit_test(bad_urls_are_rejected),
        cmocka_unit_test(addresses_are_checked),      cmocka_unit_test(host_lengths_are_bounded),
        cmocka_unit_test(percent_decoding_is_strict), cmocka_unit_test(every_byte_decodes_from_its_encoding),
        cmocka_unit_test(query_parameters_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
