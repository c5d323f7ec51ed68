/* chars.c: goal: the table says what the grammars say. Method: every byte, against the grammars written out as lists.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http/chars.h"

static bool among(int byte, const char *list) {
    return byte != 0 && strchr(list, byte) != NULL;
}

static void every_byte_has_its_classes(void **state) {
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        bool alpha = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        bool alnum = alpha || (byte >= '0' && byte <= '9');
        /* RFC 9110 5.6.2 tchar; 5.5 field-content; RFC 3986 pchar, query; our host names; hexadecimal digits. */
        assert_int_equal(hx_http_char_is(c, HX_HTTP_CHAR_TOKEN), alnum || among(byte, "!#$%&'*+-.^_`|~"));
        assert_int_equal(hx_http_char_is(c, HX_HTTP_CHAR_TEXT), byte == '\t' || (byte >= ' ' && byte != 127));
        assert_int_equal(hx_http_char_is(c, HX_HTTP_CHAR_TARGET), alnum || among(byte, "-._~!$&'()*+,;=:@/?"));
        assert_int_equal(hx_http_char_is(c, HX_HTTP_CHAR_HOST), alnum || among(byte, "-_."));
        assert_int_equal(hx_http_char_is(c, HX_HTTP_CHAR_HEX), among(byte, "0123456789abcdefABCDEF"));
    }
}

static void hexadecimal_digits_have_their_values(void **state) {
    (void)state;
    for (uint32_t value = 0; value < 16; value++) {
        assert_int_equal(hx_http_char_hex("0123456789abcdef"[value]), value);
        assert_int_equal(hx_http_char_hex("0123456789ABCDEF"[value]), value);
    }
}

static void runs_stop_at_the_first_other_byte(void **state) {
    (void)state;
    assert_int_equal(hx_http_char_run("abc:", 4, HX_HTTP_CHAR_TOKEN), 3);
    assert_int_equal(hx_http_char_run("abc:", 2, HX_HTTP_CHAR_TOKEN), 2);
    assert_int_equal(hx_http_char_run(":", 1, HX_HTTP_CHAR_TOKEN), 0);
    assert_false(hx_http_str_is(HX_STR(""), HX_HTTP_CHAR_TOKEN));
    assert_false(hx_http_str_is(HX_STR("a b"), HX_HTTP_CHAR_TOKEN));
    assert_true(hx_http_str_is(HX_STR("ab"), HX_HTTP_CHAR_TOKEN));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_has_its_classes),
        cmocka_unit_test(hexadecimal_digits_have_their_values),
        cmocka_unit_test(runs_stop_at_the_first_other_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
