/* Goal: a request says what was meant, byte for byte, or is refused as a whole (form.c). Method: golden texts, and each
 * kind of value that may not be sent, at every place in the list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/form.h"

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_form form;
static struct hx_json_form object;
static hx_str out;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena};
    assert_true(hx_ok(hx_form_begin(&ctx, &form)));
    assert_true(hx_ok(hx_json_form_begin(&ctx, &object)));
    out = HX_STR_EMPTY;
    return 0;
}

static void assert_form(const char *wanted) {
    assert_true(hx_ok(hx_form_finish(&form, &out)));
    if (!hx_str_equal(out, hx_str_from_c(wanted))) fail_msg("%.*s", (int)out.len, out.data);
}

static void assert_object(const char *wanted) {
    assert_true(hx_ok(hx_json_form_finish(&object, &out)));
    if (!hx_str_equal(out, hx_str_from_c(wanted))) fail_msg("%.*s", (int)out.len, out.data);
}

static void queries_are_written(void **state) {
    (void)state;
    hx_form_add(&form, "symbol", HX_STR("BTCUSDT"));
    hx_form_add_dec(&form, "quantity", (hx_dec){12, -3});
    hx_form_add_dec(&form, "price", (hx_dec){6, 4});
    hx_form_add_i64(&form, "limit", -50);
    hx_form_add_i64(&form, "zero", 0);
    assert_form("symbol=BTCUSDT&quantity=0.012&price=60000&limit=-50&zero=0");
}

static void an_empty_query_is_empty(void **state) {
    (void)state;
    assert_form("");
    assert_int_equal(out.len, 0);
}

/* Everything but the unreserved characters, in upper-case hexadecimal: what is signed is what the venue sees. */
static void values_are_escaped(void **state) {
    (void)state;
    hx_form_add(&form, "a", HX_STR("az AZ-09_.~"));
    hx_form_add(&form, "b", HX_STR("&=+%/?#\"\n"));
    hx_form_add(&form, "c", HX_STR("\xe5\xb8\x81"));
    assert_form("a=az%20AZ-09_.~&b=%26%3D%2B%25%2F%3F%23%22%0A&c=%E5%B8%81");
}

static void objects_are_written(void **state) {
    (void)state;
    hx_json_form_add(&object, "symbol", HX_STR("BTCUSDT"));
    hx_json_form_add_dec(&object, "qty", (hx_dec){12, -3});
    hx_json_form_add_dec_number(&object, "vol", (hx_dec){1, 2});
    hx_json_form_add_dec_number(&object, "price", (hx_dec){1, -8});
    hx_json_form_add_i64(&object, "side", 3);
    hx_json_form_add_bool(&object, "reduceOnly", true);
    hx_json_form_add_bool(&object, "closeOnTrigger", false);
    hx_json_form_add(&object, "odd", HX_STR("a\"b\\c\nd"));
    assert_object(
        "{\"symbol\":\"BTCUSDT\",\"qty\":\"0.012\",\"vol\":100,\"price\":0.00000001,\"side\":3,"
        "\"reduceOnly\":true,\"closeOnTrigger\":false,\"odd\":\"a\\\"b\\\\c\\nd\"}");
}

static void an_empty_object_is_an_object(void **state) {
    (void)state;
    assert_object("{}");
}

/* One value of the four kinds in a row of good ones. */
static void add_wrong(int kind) {
    char longer[HX_VENUE_VALUE_LEN_MAX + 1];
    memset(longer, 'a', sizeof longer);
    hx_str text = kind == 0 ? HX_STR_EMPTY : hx_str_make(longer, sizeof longer);
    hx_dec amount = kind == 2 ? HX_DEC_ZERO : (hx_dec){-1, 0};
    if (kind < 2) {
        hx_form_add(&form, "x", text);
        hx_json_form_add(&object, "x", text);
    } else {
        hx_form_add_dec(&form, "x", amount);
        if (kind == 2) hx_json_form_add_dec(&object, "x", amount);
        if (kind == 3) hx_json_form_add_dec_number(&object, "x", amount);
    }
}

static void one_wrong_value_refuses_all(void **state) {
    for (int kind = 0; kind < 4; kind++) {
        for (int place = 0; place < 3; place++) {
            (void)setup(state);
            for (int i = 0; i < 3; i++) {
                hx_form_add(&form, "good", HX_STR("1"));
                hx_json_form_add(&object, "good", HX_STR("1"));
                if (i == place) add_wrong(kind);
            }
            assert_true(hx_err_is(hx_form_finish(&form, &out), HX_CLASS_REJECT));
            assert_true(hx_err_is(hx_json_form_finish(&object, &out), HX_CLASS_REJECT));
            assert_int_equal(out.len, 0);
        }
    }
}

static void the_longest_value_is_sent(void **state) {
    char longest[HX_VENUE_VALUE_LEN_MAX];
    (void)state;
    memset(longest, 'a', sizeof longest);
    hx_form_add(&form, "x", hx_str_make(longest, sizeof longest));
    hx_json_form_add(&object, "x", hx_str_make(longest, sizeof longest));
    assert_true(hx_ok(hx_form_finish(&form, &out)));
    assert_int_equal(out.len, HX_VENUE_VALUE_LEN_MAX + 2);
    assert_true(hx_ok(hx_json_form_finish(&object, &out)));
    assert_int_equal(out.len, HX_VENUE_VALUE_LEN_MAX + 8);
}

static void what_does_not_fit_is_no_request(void **state) {
    (void)state;
    for (int i = 0; i < HX_FORM_LEN_MAX / 4; i++) {
        hx_form_add(&form, "abc", HX_STR("1"));
        hx_json_form_add(&object, "abc", HX_STR("1"));
    }
    assert_true(hx_err_is(hx_form_finish(&form, &out), HX_CLASS_LIMIT));
    assert_true(hx_err_is(hx_json_form_finish(&object, &out), HX_CLASS_LIMIT));
    hx_arena_init(&arena, memory, HX_FORM_LEN_MAX - 1);
    assert_true(hx_err_is(hx_form_begin(&ctx, &form), HX_CLASS_LIMIT));
    assert_true(hx_err_is(hx_json_form_begin(&ctx, &object), HX_CLASS_LIMIT));
}

static void client_order_ids_fit_every_venue(void **state) {
    static const char *const good[] = {
        "a", "Z", "0", "-", "_", "AZOpXu_0-23456789abcde", "azAZ09-_azAZ09-_azAZ09-_azAZ09-_"};
    static const char *const bad[] = {
        "", "a b", "a.b", "a/b", "a:b", "a\xc3\xa4", "@", "[", "`", "{", "azAZ09-_azAZ09-_azAZ09-_azAZ09-_1"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(hx_form_is_client_order_id(hx_str_from_c(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(hx_form_is_client_order_id(hx_str_from_c(bad[i])));
    }
    assert_false(hx_form_is_client_order_id(hx_str_make("a\0b", 3)));
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(queries_are_written),       CASE(an_empty_query_is_empty),         CASE(values_are_escaped),
        CASE(objects_are_written),       CASE(an_empty_object_is_an_object),    CASE(one_wrong_value_refuses_all),
        CASE(the_longest_value_is_sent), CASE(what_does_not_fit_is_no_request), CASE(client_order_ids_fit_every_venue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
