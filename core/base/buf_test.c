/* Goal: every append writes what it says, all of it or nothing, and an overflow is never forgotten. Method: one list of
 * appends into every size of buffer; numbers against snprintf, base64url against OpenSSL, URL encoding byte by byte. */
#include "core/base/buf.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void add_all(struct hx_buf *buf) {
    hx_buf_add(buf, HX_STR("key="));
    hx_buf_add_i64(buf, -1203);
    hx_buf_add_char(buf, ';');
    hx_buf_add_u64(buf, 77);
    hx_buf_add_c(buf, " hex ");
    hx_buf_add_hex(buf, "\x01\xfe", 2);
    hx_buf_add_base64url(buf, "\xfb\xff", 2);
    hx_buf_add_url_encoded(buf, HX_STR("a b"));
}

static void every_size_is_all_or_a_prefix_of_appends(void **state) {
    (void)state;
    const char *whole = "key=-1203;77 hex 01fe-_8a%20b";
    for (size_t size = 0; size <= strlen(whole) + 1; size++) {
        char room[64];
        struct hx_buf buf;
        hx_str text = HX_STR_EMPTY;
        memset(room, '#', sizeof room);
        hx_buf_init(&buf, room, size);
        add_all(&buf);
        assert_memory_equal(room, whole, buf.len);
        for (size_t i = buf.len; i < sizeof room; i++) assert_int_equal(room[i], '#');
        if (size < strlen(whole)) {
            assert_int_equal(hx_buf_finish(&buf, &text).code, HX_ERR(LIMIT_BUFFER).code);
            /* Even what would fit is not added after the first overflow. */
            size_t len = buf.len;
            hx_buf_add(&buf, HX_STR_EMPTY);
            if (size > len) hx_buf_add_char(&buf, 'x');
            assert_int_equal(hx_buf_str(&buf).len, len);
        } else {
            assert_true(hx_ok(hx_buf_finish(&buf, &text)));
            assert_int_equal(text.len, strlen(whole));
        }
    }
}

static void numbers_match_printf(void **state) {
    (void)state;
    const int64_t values[] = {0, 1, -1, 9, 10, -10, 99, 100, INT64_MAX, INT64_MIN, 1763881921000, -42};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char room[64];
        char expected[64];
        struct hx_buf buf;
        hx_buf_init(&buf, room, sizeof room);
        hx_buf_add_i64(&buf, values[i]);
        hx_buf_add_char(&buf, ' ');
        hx_buf_add_u64(&buf, (uint64_t)values[i]);
        int len = snprintf(expected, sizeof expected, "%lld %llu", (long long)values[i], (unsigned long long)values[i]);
        assert_int_equal(buf.len, len);
        assert_memory_equal(room, expected, buf.len);
    }
}

static void base64url_matches_openssl(void **state) {
    (void)state;
    uint8_t bytes[64];
    uint32_t random = 1;
    for (size_t len = 0; len <= sizeof bytes; len++) {
        for (uint32_t round = 0; round < 50; round++) {
            char room[128];
            uint8_t expected[128];
            struct hx_buf buf;
            for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)((random = random * 1664525u + 1013904223u) >> 24);
            size_t expected_len = (size_t)EVP_EncodeBlock(expected, bytes, (int)len);
            while (expected_len > 0 && expected[expected_len - 1] == '=') expected_len--;
            for (size_t i = 0; i < expected_len; i++) {
                if (expected[i] == '+') expected[i] = '-';
                if (expected[i] == '/') expected[i] = '_';
            }
            hx_buf_init(&buf, room, sizeof room);
            hx_buf_add_base64url(&buf, bytes, len);
            assert_int_equal(buf.len, expected_len);
            if (len > 0) assert_memory_equal(room, expected, buf.len);
        }
    }
}

static void url_encoding_of_every_byte(void **state) {
    (void)state;
    const char *unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (uint32_t byte = 0; byte < 256; byte++) {
        char room[8];
        char expected[8];
        char c = (char)byte;
        struct hx_buf buf;
        hx_buf_init(&buf, room, sizeof room);
        hx_buf_add_url_encoded(&buf, hx_str_make(&c, 1));
        snprintf(expected, sizeof expected, byte != 0 && strchr(unreserved, c) != NULL ? "%c" : "%%%02X", (int)byte);
        assert_int_equal(buf.len, strlen(expected));
        assert_memory_equal(room, expected, buf.len);
    }
}

static void made_in_an_arena(void **state) {
    (void)state;
    uint8_t memory[64];
    struct hx_arena arena;
    struct hx_buf buf;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(hx_buf_make(&buf, &arena, 65).code, HX_ERR(LIMIT_ARENA).code);
    assert_true(hx_ok(hx_buf_make(&buf, &arena, 16)));
    hx_buf_add_c(&buf, "0123456789abcdef");
    assert_false(buf.overflowed);
    hx_buf_add_hex(&buf, NULL, 0);
    hx_buf_add_base64url(&buf, NULL, 0);
    assert_false(buf.overflowed);
    hx_buf_add_char(&buf, 'x');
    assert_true(buf.overflowed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_is_all_or_a_prefix_of_appends),
        cmocka_unit_test(numbers_match_printf),
        cmocka_unit_test(base64url_matches_openssl),
        cmocka_unit_test(url_encoding_of_every_byte),
        cmocka_unit_test(made_in_an_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
