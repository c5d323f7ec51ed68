/* Goal: digests are those of FIPS 180-4 and RFC 2104. Method: NIST's examples, RFC 4231's cases, and OpenSSL for every
 * length around the block border, in pieces of every size. */
#include "core/base/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"

static void assert_hex(const uint8_t digest[HX_SHA256_LEN], const char *expected) {
    char room[65] = "";
    struct hx_buf buf;
    hx_buf_init(&buf, room, 64);
    hx_buf_add_hex(&buf, digest, HX_SHA256_LEN);
    assert_string_equal(room, expected);
}

/* The examples of NIST's "Secure Hash Standard" validation: empty, one block, two blocks, a million letters. */
static void nist_examples(void **state) {
    (void)state;
    uint8_t digest[HX_SHA256_LEN];
    hx_sha256(HX_STR_EMPTY, digest);
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hx_sha256(HX_STR("abc"), digest);
    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hx_sha256(HX_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), digest);
    assert_hex(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    struct hx_sha256 hash;
    hx_sha256_init(&hash);
    for (uint32_t i = 0; i < 100000; i++) hx_sha256_add(&hash, "aaaaaaaaaa", 10);
    hx_sha256_finish(&hash, digest);
    assert_hex(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void matches_openssl(void **state) {
    (void)state;
    uint8_t data[300];
    uint8_t expected[HX_SHA256_LEN];
    uint8_t digest[HX_SHA256_LEN];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 151 + 3);
    for (size_t len = 0; len <= sizeof data; len++) {
        assert_int_equal(EVP_Digest(data, len, expected, NULL, EVP_sha256(), NULL), 1);
        hx_sha256(hx_str_make((const char *)data, len), digest);
        assert_memory_equal(digest, expected, sizeof digest);
        for (size_t piece = 1; piece <= 130; piece += 1 + piece / 9) {
            struct hx_sha256 hash;
            hx_sha256_init(&hash);
            for (size_t at = 0; at < len; at += piece)
                hx_sha256_add(&hash, data + at, len - at < piece ? len - at : piece);
            hx_sha256_finish(&hash, digest);
            assert_memory_equal(digest, expected, sizeof digest);
        }
    }
}

struct hmac_case {
    uint8_t key_byte;
    size_t key_len; /* 0: the key is key_text. */
    hx_str key_text;
    uint8_t data_byte;
    size_t data_len; /* 0: the data is data_text. */
    hx_str data_text;
    const char *digest;
};

/* RFC 4231 section 4, test cases 1 to 4, 6 and 7 (5 is about truncation, which is not done here). */
static void rfc4231_cases(void **state) {
    (void)state;
    static const char counting[] =
        "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19";
    const struct hmac_case cases[] = {
        {0x0b, 20, HX_STR_EMPTY, 0, 0, HX_STR("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {0, 0, HX_STR("Jefe"), 0, 0, HX_STR("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {0xaa, 20, HX_STR_EMPTY, 0xdd, 50, HX_STR_EMPTY,
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {0, 0, HX_STR(counting), 0xcd, 50, HX_STR_EMPTY,
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {0xaa, 131, HX_STR_EMPTY, 0, 0, HX_STR("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {0xaa, 131, HX_STR_EMPTY, 0, 0,
         HX_STR("This is a test using a larger than block-size key and a larger than block-size data. The key needs to "
                "be hashed before being used by the HMAC algorithm."),
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char key[160];
        char data[160];
        uint8_t digest[HX_SHA256_LEN];
        memset(key, cases[i].key_byte, sizeof key);
        memset(data, cases[i].data_byte, sizeof data);
        hx_hmac_sha256(cases[i].key_len == 0 ? cases[i].key_text : hx_str_make(key, cases[i].key_len),
                       cases[i].data_len == 0 ? cases[i].data_text : hx_str_make(data, cases[i].data_len), digest);
        assert_hex(digest, cases[i].digest);
    }
}

static void hmac_matches_openssl(void **state) {
    (void)state;
    char key[140];
    char data[140];
    for (size_t i = 0; i < sizeof key; i++) key[i] = (char)(i * 7 + 1), data[i] = (char)(i * 5 + 2);
    for (size_t key_len = 0; key_len <= sizeof key; key_len++) {
        for (size_t data_len = key_len % 3; data_len <= sizeof data; data_len += 11) {
            uint8_t expected[EVP_MAX_MD_SIZE];
            uint8_t digest[HX_SHA256_LEN];
            unsigned expected_len = 0;
            HMAC(EVP_sha256(), key, (int)key_len, (const uint8_t *)data, data_len, expected, &expected_len);
            hx_hmac_sha256(hx_str_make(key, key_len), hx_str_make(data, data_len), digest);
            assert_int_equal(expected_len, sizeof digest);
            assert_memory_equal(digest, expected, sizeof digest);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nist_examples),
        cmocka_unit_test(matches_openssl),
        cmocka_unit_test(rfc4231_cases),
        cmocka_unit_test(hmac_matches_openssl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
