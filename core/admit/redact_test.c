/* Goal: no secret survives being stored or quoted, and nothing else is lost. Method: tables of names and documents; a
 * document with the key in every place it could hide; round trip through the scanner. */
#include "core/admit/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char memory[64 * 1024];
static struct hx_arena arena;

static hx_str redact(const char *json, const char *secret) {
    const struct hx_json *root = NULL;
    hx_str out = HX_STR_EMPTY;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_true(hx_ok(hx_json_parse(&arena, hx_str_from_c(json), &root, NULL)));
    assert_true(hx_ok(hx_redact_json(&arena, root, hx_str_from_c(secret), &out)));
    return out;
}

static void names_of_secrets(void **state) {
    static const char *const secret[] = {"apiKey",
                                         "APIKEY",
                                         "api_key",
                                         "X-MBX-APIKEY",
                                         "X-BAPI-SIGN",
                                         "secret",
                                         "token",
                                         "passphrase",
                                         "key",
                                         "signature",
                                         "Authorization",
                                         "signalToken",
                                         "BINANCE_API_SECRET",
                                         "listenKey",
                                         "Password",
                                         "webhook-key",
                                         "Cookie"};
    static const char *const plain[] = {
        "idempotencyKey",
        "action",
        "symbol",
        "keyword",
        "",
        "orderId",
        "signal",
        "clientOrderId",
        "tokens_left",
        "design",
        "anamethatismuchlongerthananynamethatweknowofandgoesonandonandendsinnowordofours"};
    (void)state;
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++) {
        if (!hx_redact_is_secret_name(hx_str_from_c(secret[i]))) print_error("%s\n", secret[i]);
        assert_true(hx_redact_is_secret_name(hx_str_from_c(secret[i])));
    }
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (hx_redact_is_secret_name(hx_str_from_c(plain[i]))) print_error("%s\n", plain[i]);
        assert_false(hx_redact_is_secret_name(hx_str_from_c(plain[i])));
    }
}

static void documents_keep_their_shape(void **state) {
    static const char *const cases[][2] = {
        {"{}", "{}"},
        {"[]", "[]"},
        {"7", "7"},
        {"{\"apiKey\":\"k\",\"a\":1}", "{\"apiKey\":\"[redacted]\",\"a\":1}"},
        {"{\"a\":1,\"token\":{\"x\":[1,{}]},\"b\":[true,null,\"s\",1.50]}",
         "{\"a\":1,\"token\":\"[redacted]\",\"b\":[true,null,\"s\",1.50]}"},
        {"{\"secret\":null,\"x\":false}", "{\"secret\":null,\"x\":false}"},
        {"{\"a\":{\"b\":{\"passphrase\":\"p\"}},\"c\":[[],{\"key\":1}]}",
         "{\"a\":{\"b\":{\"passphrase\":\"[redacted]\"}},\"c\":[[],{\"key\":\"[redacted]\"}]}"},
        {"{ \"n\\n\" : \"\\u0001\\\"\\u00e9\" }", "{\"n\\n\":\"\\u0001\\\"\xc3\xa9\"}"},
        {"[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hx_str out = redact(cases[i][0], "");
        if (!hx_str_equal(out, hx_str_from_c(cases[i][1]))) print_error("%.*s\n", (int)out.len, out.data);
        assert_true(hx_str_equal(out, hx_str_from_c(cases[i][1])));
    }
}

static void the_key_is_found_wherever_it_hides(void **state) {
    size_t at = 0;
    const struct hx_json *root = NULL;
    (void)state;
    hx_str out = redact(
        "{\"comment\":\"my hxk_abc key hxk_abc\",\"hxk_abc\":1,\"l\":[\"xhxk_abcx\",\"hxk\\u005fabc\"],"
        "\"apiKey\":\"hxk_abc\",\"n\":{\"m\":\"hxk_abhxk_abc\"}}",
        "hxk_abc");
    assert_false(hx_str_find(out, HX_STR("hxk_abc"), &at));
    assert_true(hx_ok(hx_json_parse(&arena, out, &root, NULL)));
    hx_str comment = HX_STR_EMPTY;
    assert_true(hx_ok(hx_json_get_str(root, HX_STR("comment"), &comment)));
    assert_true(hx_str_equal(comment, HX_STR("my [redacted] key [redacted]")));
}

static void short_secrets_still_fit(void **state) {
    (void)state;
    hx_str out = redact("{\"a\":\"eeeeeeeeeeeeeeee\"}", "e");
    assert_int_equal(out.len, sizeof "{\"a\":\"\"}" - 1 + 16 * (sizeof HX_REDACTED - 1));
}

static void control_characters_still_fit(void **state) {
    (void)state;
    hx_str out = redact("{\"\\u0001\\u0002\":\"\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\u001f\"}", "");
    assert_int_equal(out.len, sizeof "{\"\":\"\"}" - 1 + 10 * 6);
}

static void text_is_cleaned(void **state) {
    hx_str out = HX_STR_EMPTY;
    hx_str text = HX_STR("a key=abc&x=abcabc.");
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_true(hx_ok(hx_redact_text(&arena, text, HX_STR("abc"), &out)));
    assert_true(hx_str_equal(out, HX_STR("a key=[redacted]&x=[redacted][redacted].")));
    assert_true(hx_ok(hx_redact_text(&arena, text, HX_STR(""), &out)));
    assert_true(hx_str_equal(out, text));
    assert_true(hx_ok(hx_redact_text(&arena, text, HX_STR("abd"), &out)));
    assert_true(out.data == text.data);
    hx_arena_init(&arena, memory, 8);
    assert_true(hx_err_equal(hx_redact_text(&arena, text, HX_STR("abc"), &out), HX_ERR(LIMIT_ARENA)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_secrets),
        cmocka_unit_test(documents_keep_their_shape),
        cmocka_unit_test(the_key_is_found_wherever_it_hides),
        cmocka_unit_test(short_secrets_still_fit),
        cmocka_unit_test(control_characters_still_fit),
        cmocka_unit_test(text_is_cleaned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
