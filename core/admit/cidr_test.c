/* Goal: addresses are read one way only, networks hold what their prefix says, and a client can't choose the address it
 * is judged by. Method: tables; a bit-by-bit oracle for the prefixes; spoofed forwarding headers. */
#include "core/admit/cidr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <arpa/inet.h>
#include <cmocka.h>

static hx_str S(const char *text) {
    return hx_str_from_c(text);
}

static struct hx_ip ip(const char *text) {
    struct hx_ip out;
    if (hx_failed(hx_ip_parse(S(text), &out))) print_error("refused %s\n", text);
    assert_true(hx_ok(hx_ip_parse(S(text), &out)));
    return out;
}

static void addresses_round_trip(void **state) {
    /* Input and its one canonical form (RFC 5952). */
    static const char *const cases[][2] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"52.89.214.238", "52.89.214.238"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:DB8::1", "2001:db8::1"},
        {"2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"::ffff:1.2.3.4", "1.2.3.4"},
        {"::FFFF:0102:0304", "1.2.3.4"},
        {"0:0:0:0:0:ffff:127.0.0.1", "127.0.0.1"},
        {"::1.2.3.4", "::102:304"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[HX_IP_TEXT_MAX];
        struct hx_buf buf;
        struct hx_ip parsed = ip(cases[i][0]);
        hx_buf_init(&buf, text, sizeof text);
        hx_ip_add_to(&buf, parsed);
        if (!hx_str_equal(hx_buf_str(&buf), S(cases[i][1]))) {
            print_error("%s: %.*s\n", cases[i][0], (int)buf.len, buf.data);
        }
        assert_true(hx_str_equal(hx_buf_str(&buf), S(cases[i][1])));
        assert_true(hx_ip_equal(parsed, ip(cases[i][1])));
    }
}

static void malformed_addresses_are_refused(void **state) {
    static const char *const wrong[] = {"",
                                        " ",
                                        "1",
                                        "1.2",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "1.2.3.",
                                        ".1.2.3",
                                        "1..2.3",
                                        "01.2.3.4",
                                        "1.2.3.04",
                                        "256.1.1.1",
                                        "1.2.3.1000",
                                        "1.2.3.4 ",
                                        " 1.2.3.4",
                                        "1.2.3.a",
                                        "0x1.2.3.4",
                                        "+1.2.3.4",
                                        "-1.2.3.4",
                                        "1.2.3.4/32",
                                        ":",
                                        ":::",
                                        "1:2:3:4:5:6:7",
                                        "1:2:3:4:5:6:7:8:9",
                                        "1::2::3",
                                        "12345::",
                                        "g::",
                                        "1:2:3:4:5:6:7:8::",
                                        "::1:2:3:4:5:6:7:8",
                                        ":1:2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:7:8:",
                                        "1:2:3:4:5:6:7:",
                                        "::1%eth0",
                                        "fe80::1%1",
                                        "[::1]",
                                        "::1.2.3",
                                        "::1.2.3.4:1",
                                        "1.2.3.4::",
                                        "1:2:3:4:5:6:7:1.2.3.4",
                                        "::256.1.1.1",
                                        "::ffff:01.2.3.4",
                                        "0000:0000:0000:0000:0000:0000:0000:0000:0000:00",
                                        "localhost"};
    struct hx_ip out;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        hx_err err = hx_ip_parse(S(wrong[i]), &out);
        if (hx_ok(err)) print_error("accepted \"%s\"\n", wrong[i]);
        assert_true(hx_err_equal(err, HX_ERR(REJECT_SYNTAX)));
    }
}

/* inet_pton is the opponent: whatever either of the two accepts, both read alike (leading zeros are its licence). */
static void the_c_library_agrees(void **state) {
    static const char alphabet[] = "0123456789abcdefF::::::.....";
    uint64_t seed = 12345;
    uint32_t accepted = 0;
    (void)state;
    for (int round = 0; round < 400000; round++) {
        char text[24];
        unsigned char expected[16] = {0};
        struct hx_ip got;
        size_t len = 0;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t want = 2 + (size_t)(seed >> 60);
        bool dotted = (seed >> 40 & 3) == 0;
        while (len < want) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            char c = alphabet[(seed >> 33) % (sizeof alphabet - 1)];
            if (dotted) c = "01259...."[(seed >> 33) % 9];
            text[len++] = c;
        }
        text[len] = '\0';
        bool is_v6 = hx_str_find_char(S(text), ':', &len);
        int peer = inet_pton(is_v6 ? AF_INET6 : AF_INET, text, expected);
        bool ours = hx_ok(hx_ip_parse(S(text), &got));
        if (ours != (peer == 1)) print_error("%s: ours %d, library %d\n", text, ours, peer);
        assert_int_equal(ours, peer == 1);
        if (!ours) continue;
        accepted++;
        size_t compared = got.is_v4 && is_v6 ? 4 : is_v6 ? 16 : 4;
        assert_memory_equal(got.bytes, got.is_v4 && is_v6 ? expected + 12 : expected, compared);
    }
    assert_true(accepted > 1000);
}

static void networks_are_checked(void **state) {
    static const struct {
        const char *text;
        uint32_t code;
    } cases[] = {
        {"0.0.0.0/0", 0},
        {"10.0.0.0/8", 0},
        {"1.2.3.4/32", 0},
        {"1.2.3.4", 0},
        {"::/0", 0},
        {"2001:db8::/32", 0},
        {"::1/128", 0},
        {"::ffff:1.2.3.0/120", 0},
        {"::ffff:0.0.0.0/96", 0},
        {"1.2.3.4/24", HX_ERR_CODE_REJECT_INPUT},
        {"2001:db8::1/32", HX_ERR_CODE_REJECT_INPUT},
        {"128.0.0.0/0", HX_ERR_CODE_REJECT_INPUT},
        {"1.2.3.4/33", HX_ERR_CODE_REJECT_RANGE},
        {"::/129", HX_ERR_CODE_REJECT_RANGE},
        {"::ffff:1.2.3.0/95", HX_ERR_CODE_REJECT_RANGE},
        {"1.2.3.4/", HX_ERR_CODE_REJECT_SYNTAX},
        {"1.2.3.4/08", HX_ERR_CODE_REJECT_SYNTAX},
        {"1.2.3.4/+8", HX_ERR_CODE_REJECT_SYNTAX},
        {"1.2.3.4/255.255.255.0", HX_ERR_CODE_REJECT_SYNTAX},
        {"/8", HX_ERR_CODE_REJECT_SYNTAX},
        {"1.2.3.4/8/8", HX_ERR_CODE_REJECT_SYNTAX},
    };
    struct hx_cidr out;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hx_err err = hx_cidr_parse(S(cases[i].text), &out);
        if (err.code != cases[i].code) print_error("%s: %s\n", cases[i].text, hx_err_name(err));
        assert_int_equal(err.code, cases[i].code);
    }
}

static bool bit(const uint8_t *bytes, uint32_t i) {
    return (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
}

static void prefixes_hold_what_their_bits_say(void **state) {
    static const char *const addresses[] = {"10.1.2.3", "172.31.255.254", "2001:db8:aaaa:5555::1", "ff00::ff"};
    (void)state;
    for (size_t a = 0; a < 4; a++) {
        struct hx_ip base = ip(addresses[a]);
        uint32_t len = base.is_v4 ? 32 : 128;
        for (uint32_t prefix = 0; prefix <= len; prefix++) {
            struct hx_cidr cidr = {base, (uint8_t)prefix};
            for (uint32_t i = prefix; i < len; i++) cidr.network.bytes[i / 8] &= (uint8_t) ~(1u << (7 - i % 8));
            for (uint32_t flipped = 0; flipped < len; flipped++) {
                struct hx_ip other = base;
                other.bytes[flipped / 8] ^= (uint8_t)(1u << (7 - flipped % 8));
                assert_true(bit(other.bytes, flipped) != bit(base.bytes, flipped));
                assert_int_equal(hx_cidr_contains(cidr, other), flipped >= prefix);
            }
            assert_true(hx_cidr_contains(cidr, base));
        }
    }
}

static void families_are_separate_and_mapped_is_v4(void **state) {
    struct hx_cidr all4, all6, ten;
    (void)state;
    assert_true(hx_ok(hx_cidr_parse(S("0.0.0.0/0"), &all4)));
    assert_true(hx_ok(hx_cidr_parse(S("::/0"), &all6)));
    assert_true(hx_ok(hx_cidr_parse(S("::ffff:10.0.0.0/104"), &ten)));
    assert_true(hx_cidr_contains(all4, ip("1.2.3.4")) && !hx_cidr_contains(all4, ip("::1")));
    assert_true(hx_cidr_contains(all6, ip("::1")) && !hx_cidr_contains(all6, ip("1.2.3.4")));
    assert_true(hx_cidr_contains(all4, ip("::ffff:1.2.3.4")));
    assert_false(hx_ip_equal(ip("1.2.3.4"), ip("102:304::")) || hx_ip_equal(ip("1.2.3.4"), ip("1.2.3.5")));
    assert_true(hx_cidr_contains(ten, ip("10.9.8.7")) && !hx_cidr_contains(ten, ip("11.9.8.7")));
}

static void lists_are_read_whole(void **state) {
    struct hx_cidr_list list;
    hx_str bad = HX_STR_EMPTY;
    char many[130 * 8 + 1];
    (void)state;
    assert_true(hx_ok(hx_cidr_list_parse(S("52.89.214.238/32, ::1/128,\n10.0.0.0/8 1.2.3.4"), &list, &bad)));
    assert_int_equal(list.count, 4);
    assert_true(hx_cidr_list_contains(&list, ip("10.255.0.1")) && hx_cidr_list_contains(&list, ip("1.2.3.4")));
    assert_false(hx_cidr_list_contains(&list, ip("1.2.3.5")));
    assert_true(hx_ok(hx_cidr_list_parse(S(" , "), &list, NULL)));
    assert_int_equal(list.count, 0);
    assert_true(hx_failed(hx_cidr_list_parse(S("1.2.3.4,nonsense,5.6.7.8"), &list, &bad)));
    assert_true(hx_str_equal(bad, S("nonsense")));
    for (int i = 0; i < 129; i++) snprintf(many + i * 8, 9, "1.2.3.4,");
    assert_true(hx_err_equal(hx_cidr_list_parse(S(many), &list, &bad), HX_ERR(LIMIT_COUNT)));
    many[128 * 8] = '\0';
    assert_true(hx_ok(hx_cidr_list_parse(S(many), &list, &bad)));
}

static void tradingview_is_known(void **state) {
    (void)state;
    assert_true(hx_ip_is_tradingview(ip("52.89.214.238")) && hx_ip_is_tradingview(ip("34.212.75.30")));
    assert_true(hx_ip_is_tradingview(ip("54.218.53.128")) && hx_ip_is_tradingview(ip("52.32.178.7")));
    assert_false(hx_ip_is_tradingview(ip("52.32.178.8")) || hx_ip_is_tradingview(ip("3459:d6ee::")) ||
                 hx_ip_is_tradingview(ip("3420:b207::")));
}

static void the_client_is_the_right_most_untrusted(void **state) {
    /* Headers as name, value pairs; the expected address, or NULL for refused. Trusted: 10/8 and ::1. */
    static const struct {
        const char *peer;
        const char *headers[3][2];
        const char *client;
    } cases[] = {
        {"1.2.3.4", {{0}}, "1.2.3.4"},
        {"10.0.0.1", {{0}}, "10.0.0.1"},
        {"", {{0}}, NULL},
        {"localhost", {{0}}, NULL},
        /* An untrusted peer's headers are hearsay. */
        {"1.2.3.4", {{"X-Forwarded-For", "52.89.214.238"}}, "1.2.3.4"},
        {"1.2.3.4", {{"CF-Connecting-IP", "52.89.214.238"}}, "1.2.3.4"},
        {"10.0.0.1", {{"x-forwarded-for", "5.6.7.8"}}, "5.6.7.8"},
        /* What stands left of the client was written by the client. */
        {"10.0.0.1", {{"X-Forwarded-For", "52.89.214.238, 5.6.7.8"}}, "5.6.7.8"},
        {"10.0.0.1", {{"X-Forwarded-For", "52.89.214.238,5.6.7.8,10.9.9.9"}}, "5.6.7.8"},
        {"10.0.0.1", {{"X-Forwarded-For", "nonsense, 5.6.7.8"}}, "5.6.7.8"},
        {"10.0.0.1", {{"X-Forwarded-For", "52.89.214.238"}, {"X-Forwarded-For", "5.6.7.8"}}, "5.6.7.8"},
        {"10.0.0.1", {{"X-Forwarded-For", "5.6.7.8"}, {"X-Forwarded-For", "10.1.1.1"}}, "5.6.7.8"},
        {"10.0.0.1", {{"X-Forwarded-For", "10.1.1.1, 10.2.2.2"}}, "10.1.1.1"},
        {"::1", {{"X-Forwarded-For", "[2001:db8::1]:443"}}, "2001:db8::1"},
        {"::1", {{"X-Forwarded-For", "[2001:db8::1]"}}, "2001:db8::1"},
        {"::1", {{"X-Forwarded-For", "5.6.7.8:1234"}}, "5.6.7.8"},
        {"::1", {{"X-Forwarded-For", "::ffff:5.6.7.8"}}, "5.6.7.8"},
        {"::ffff:10.0.0.1", {{"X-Forwarded-For", "5.6.7.8"}}, "5.6.7.8"},
        {"10.0.0.1", {{"X-Forwarded-For", "5.6.7.8, unknown"}}, NULL},
        {"10.0.0.1", {{"X-Forwarded-For", "5.6.7.8,"}}, NULL},
        {"10.0.0.1", {{"X-Forwarded-For", ""}}, NULL},
        {"10.0.0.1", {{"X-Forwarded-For", "[::1"}}, NULL},
        {"10.0.0.1", {{"X-Forwarded-For", "[::1]x"}}, NULL},
        {"10.0.0.1", {{"CF-Connecting-IP", "5.6.7.8"}}, "5.6.7.8"},
        {"10.0.0.1", {{"CF-Connecting-IP", "5.6.7.8, 1.1.1.1"}}, NULL},
        /* A proxy other than Cloudflare's hands this one through. */
        {"10.0.0.1", {{"CF-Connecting-IP", "52.89.214.238"}, {"X-Forwarded-For", "5.6.7.8"}}, "5.6.7.8"},
        {"10.0.0.1", {{"X-Forwarded-Host", "52.89.214.238"}}, "10.0.0.1"},
    };
    struct hx_cidr_list trusted;
    (void)state;
    assert_true(hx_ok(hx_cidr_list_parse(S("10.0.0.0/8, ::1"), &trusted, NULL)));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hx_http_header headers[3];
        size_t count = 0;
        struct hx_ip out;
        for (; count < 3 && cases[i].headers[count][0] != NULL; count++) {
            headers[count] = (struct hx_http_header){S(cases[i].headers[count][0]), S(cases[i].headers[count][1])};
        }
        hx_err err = hx_client_address(S(cases[i].peer), headers, count, &trusted, &out);
        bool as_expected = cases[i].client == NULL ? hx_err_equal(err, HX_ERR(REJECT_INPUT))
                                                   : hx_ok(err) && hx_ip_equal(out, ip(cases[i].client));
        if (!as_expected) print_error("case %zu: %s\n", i, hx_err_name(err));
        assert_true(as_expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_round_trip),
        cmocka_unit_test(malformed_addresses_are_refused),
        cmocka_unit_test(the_c_library_agrees),
        cmocka_unit_test(networks_are_checked),
        cmocka_unit_test(prefixes_hold_what_their_bits_say),
        cmocka_unit_test(families_are_separate_and_mapped_is_v4),
        cmocka_unit_test(lists_are_read_whole),
        cmocka_unit_test(tradingview_is_known),
        cmocka_unit_test(the_client_is_the_right_most_untrusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
