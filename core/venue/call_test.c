/* Goal: what is signed is exactly what is sent, the signature stands where the venue looks for it, and a venue's words
 * reach the trader whole and harmless (call.c). Method: the signatures that Binance publishes, with the core's HMAC in
 * the place of the host's and the requests made by the core's own form, and small tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/sha256.h"
#include "core/venue/form.h"

/* Published with the examples; they open nothing. */
#define SPOT_KEY "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
#define SPOT_SECRET "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
#define FUTURES_SECRET "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
#define DIGITS "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93\xef\xbc\x94\xef\xbc\x95\xef\xbc\x96" /* Full-width 123456. */

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static char hex[2 * HX_SHA256_LEN + 1];

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena};
    return 0;
}

static const char *sign(const char *secret, hx_str text) {
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf buf;
    hx_hmac_sha256(hx_str_from_c(secret), text, digest);
    hx_buf_init(&buf, hex, 2 * HX_SHA256_LEN);
    hx_buf_add_hex(&buf, digest, sizeof digest);
    hex[2 * HX_SHA256_LEN] = '\0';
    return hex;
}

static void assert_str(hx_str s, const char *wanted) {
    if (!hx_str_equal(s, hx_str_from_c(wanted))) fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, s.data, wanted);
}

/* The parameters of an example, in its order, through the form; a NULL name begins the body. */
static const char *sign_example(const char *secret, const char *const parameters[][2], size_t count) {
    struct hx_venue_call call = {.query = HX_STR_EMPTY};
    struct hx_form form;
    hx_str *part = &call.query;
    assert_true(hx_ok(hx_form_begin(&ctx, &form)));
    for (size_t i = 0; i < count; i++) {
        if (parameters[i][0] != NULL) {
            hx_form_add(&form, parameters[i][0], hx_str_from_c(parameters[i][1]));
            continue;
        }
        assert_true(hx_ok(hx_form_finish(&form, part)));
        part = &call.body;
        assert_true(hx_ok(hx_form_begin(&ctx, &form)));
    }
    assert_true(hx_ok(hx_form_finish(&form, part)));
    assert_true(hx_ok(hx_venue_sign_query_and_body(&arena, &call)));
    assert_int_equal(call.signature_place, HX_SIGNATURE_QUERY);
    assert_str(call.signature_name, "signature");
    assert_int_equal(call.sign_text.len, call.query.len + call.body.len);
    return sign(secret, call.sign_text);
}

#define EXAMPLE(secret, ...)                                    \
    sign_example(secret, (const char *const[][2]){__VA_ARGS__}, \
                 sizeof((const char *const[][2]){__VA_ARGS__}) / sizeof(const char *[2]))

/* Spot's documentation: a query, a query with a body, a symbol that is not ASCII. */
static void signatures_published_for_spot_come_out(void **state) {
    (void)state;
    assert_string_equal(
        EXAMPLE(SPOT_SECRET, {"symbol", "LTCBTC"}, {"side", "BUY"}, {"type", "LIMIT"}, {"timeInForce", "GTC"},
                {"quantity", "1"}, {"price", "0.1"}, {"recvWindow", "5000"}, {"timestamp", "1499827319559"}),
        "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
    assert_string_equal(EXAMPLE(SPOT_SECRET, {"symbol", "LTCBTC"}, {"side", "BUY"}, {"type", "LIMIT"},
                                {"timeInForce", "GTC"}, {NULL, NULL}, {"quantity", "1"}, {"price", "0.1"},
                                {"recvWindow", "5000"}, {"timestamp", "1499827319559"}),
                        "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77");
    assert_string_equal(
        EXAMPLE(SPOT_SECRET, {"symbol", DIGITS}, {"side", "BUY"}, {"type", "LIMIT"}, {"timeInForce", "GTC"},
                {"quantity", "1"}, {"price", "0.1"}, {"recvWindow", "5000"}, {"timestamp", "1499827319559"}),
        "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3");
}

/* Its WebSocket API: parameters sorted by name, joined as they are, nothing escaped. */
static void signatures_published_for_websockets_come_out(void **state) {
    (void)state;
    assert_string_equal(sign(SPOT_SECRET, HX_STR("apiKey=" SPOT_KEY "&price=52000.00&quantity=0.01000000&recvWindow=100"
                                                 "&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532"
                                                 "&type=LIMIT")),
                        "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24");
    assert_string_equal(sign(SPOT_SECRET, HX_STR("apiKey=" SPOT_KEY "&price=0.10000000&quantity=1.00000000"
                                                 "&recvWindow=5000&side=BUY&symbol=" DIGITS
                                                 "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT")),
                        "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd");
}

/* USD-M's documentation. The second prints a signature that fits a text with a stray space; this one is what the stated
 * text gives. The third is from the documentation of another product that signs alike. */
static void signatures_published_for_futures_come_out(void **state) {
    (void)state;
    assert_string_equal(
        EXAMPLE(FUTURES_SECRET, {"symbol", "BTCUSDT"}, {"side", "BUY"}, {"type", "LIMIT"}, {"quantity", "1"},
                {"price", "9000"}, {"timeInForce", "GTC"}, {"recvWindow", "5000"}, {"timestamp", "1591702613943"}),
        "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9");
    assert_string_equal(EXAMPLE(FUTURES_SECRET, {"symbol", "BTCUSDT"}, {"side", "BUY"}, {"type", "LIMIT"},
                                {"timeInForce", "GTC"}, {NULL, NULL}, {"quantity", "1"}, {"price", "9000"},
                                {"recvWindow", "5000"}, {"timestamp", "1591702613943"}),
                        "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4");
    assert_string_equal(EXAMPLE(FUTURES_SECRET, {"adsNo", "10191633467710386176"}, {"timestamp", "1591702613943"}),
                        "fcbf9e89c65b441e10281af8a8e82c1d91df4d202a516dbc0e76a8c9f54d4ae5");
}

static void signatures_find_their_place(void **state) {
    hx_str target;
    struct hx_venue_call in_header = {.path = HX_STR("/v5/order/create"),
                                      .signature_place = HX_SIGNATURE_HEADER,
                                      .signature_name = HX_STR("X-BAPI-SIGN")};
    struct hx_venue_call bare = {
        .path = HX_STR("/p"), .signature_place = HX_SIGNATURE_QUERY, .signature_name = HX_STR("signature")};
    struct hx_venue_call in_query = bare;
    struct hx_venue_call none = {.path = HX_STR("/p"), .query = HX_STR("a=b")};
    (void)state;
    assert_true(hx_ok(hx_venue_call_finish(&arena, &in_header, HX_STR("ab"), &target)));
    assert_str(target, "/v5/order/create");
    assert_int_equal(in_header.header_count, 1);
    assert_str(in_header.headers[0].name, "X-BAPI-SIGN");
    assert_str(in_header.headers[0].value, "ab");
    assert_true(hx_ok(hx_venue_call_finish(&arena, &bare, HX_STR("ab"), &target)));
    assert_str(target, "/p?signature=ab");
    in_query.query = HX_STR("a=b");
    assert_true(hx_ok(hx_venue_call_finish(&arena, &in_query, HX_STR("ab"), &target)));
    assert_str(target, "/p?a=b&signature=ab");
    assert_true(hx_ok(hx_venue_call_finish(&arena, &none, HX_STR_EMPTY, &target)));
    assert_str(target, "/p?a=b");
    hx_arena_init(&arena, memory, 8);
    assert_true(hx_err_is(hx_venue_call_finish(&arena, &in_query, HX_STR("abcdefgh"), &target), HX_CLASS_LIMIT));
    in_query.body = HX_STR("abcdefgh");
    assert_true(hx_err_is(hx_venue_sign_query_and_body(&arena, &in_query), HX_CLASS_LIMIT));
}

static void words_are_cut_and_cleaned(void **state) {
    char words[600];
    (void)state;
    for (size_t i = 0; i < sizeof words; i += 2) memcpy(words + i, "\xc3\xa4", 2);
    hx_str all = hx_venue_message_make(&arena, hx_str_make(words, HX_VENUE_WORDS_LEN_MAX + 2), 0, HX_STR_EMPTY);
    assert_int_equal(all.len, HX_VENUE_WORDS_LEN_MAX);
    words[1] = '\n'; /* Breaks the first character, and the count of two. */
    hx_str message = hx_venue_message_make(&arena, hx_str_make(words, sizeof words), -1, HX_STR("Do this."));
    assert_true(message.len <= HX_VENUE_WORDS_LEN_MAX + 20);
    assert_true(hx_str_ends_with(message, HX_STR("\xc3\xa4 (-1). Do this.")));
    assert_int_equal(message.data[1], ' ');
    message = hx_venue_message_make(&arena,
                                    HX_STR("a\xff"
                                           "b"),
                                    0, HX_STR("Do this."));
    assert_true(hx_str_equal(message, HX_STR("a\xff"
                                             "b. Do this.")));
    assert_str(hx_venue_message_make(&arena, HX_STR(" "), -7, HX_STR("Do this.")), "(-7). Do this.");
    assert_str(hx_venue_message_make(&arena, HX_STR(" "), 0, HX_STR("Do this.")), "Do this.");
    assert_str(hx_venue_message_make(&arena, HX_STR("Gone. "), 0, HX_STR("Do this.")), "Gone. Do this.");
    assert_str(hx_venue_message_make(&arena, HX_STR("Gone."), 3, HX_STR("Do this.")), "Gone. (3). Do this.");
    assert_str(hx_venue_message_make(&arena, HX_STR("Words"), 12, HX_STR_EMPTY), "Words (12)");
    hx_arena_init(&arena, memory, 16);
    assert_str(hx_venue_message_make(&arena, HX_STR("x"), 1, HX_STR("A.")), "A.");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(signatures_published_for_spot_come_out, setup),
        cmocka_unit_test_setup(signatures_published_for_websockets_come_out, setup),
        cmocka_unit_test_setup(signatures_published_for_futures_come_out, setup),
        cmocka_unit_test_setup(signatures_find_their_place, setup),
        cmocka_unit_test_setup(words_are_cut_and_cleaned, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
