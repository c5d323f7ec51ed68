/* Goal: identifiers have the promised form and can be read back, and no two legs share a client order id. Method: the
 * example of RFC 9562, random round trips, and every single-character change of a valid id. */
#include "core/base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t random_state = 5;

static void draw_bytes(uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        random_state = random_state * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (uint8_t)(random_state >> 56);
    }
}

static hx_uuid draw_uuid(void) {
    uint8_t random[16];
    draw_bytes(random, sizeof random);
    uint64_t now = (uint64_t)random[10] << 40 | (uint64_t)random[11] << 32 | (uint64_t)random[12] << 16 | random[13];
    return hx_uuid_make_v7((hx_time)now, random);
}

/* RFC 9562 appendix A.6. */
static void rfc_example(void **state) {
    (void)state;
    const uint8_t random[10] = {0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
    char text[HX_UUID_LEN + 1] = "";
    struct hx_buf buf;
    hx_buf_init(&buf, text, HX_UUID_LEN);
    hx_uuid_add_to(&buf, hx_uuid_make_v7(1645557742000, random));
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

static void uuids_sort_by_time(void **state) {
    (void)state;
    const uint8_t high[10] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    const uint8_t low[10] = {0};
    const hx_time times[] = {0, 1, 255, 256, 1645557742000, 1795417921000, ((hx_time)1 << 48) - 1};
    for (size_t i = 0; i + 1 < sizeof times / sizeof times[0]; i++) {
        hx_uuid earlier = hx_uuid_make_v7(times[i], high);
        hx_uuid later = hx_uuid_make_v7(times[i + 1], low);
        assert_true(memcmp(earlier.bytes, later.bytes, 16) < 0);
    }
}

static void uuids_round_trip(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        char text[HX_UUID_LEN];
        struct hx_buf buf;
        hx_uuid id = draw_uuid();
        hx_uuid back;
        hx_buf_init(&buf, text, sizeof text);
        hx_uuid_add_to(&buf, id);
        assert_int_equal(buf.len, HX_UUID_LEN);
        assert_true(hx_ok(hx_uuid_parse(hx_buf_str(&buf), &back)));
        assert_memory_equal(back.bytes, id.bytes, 16);
        for (size_t c = 0; c < sizeof text; c++) {
            if (text[c] >= 'a' && text[c] <= 'f') text[c] = (char)(text[c] - 'a' + 'A');
        }
        assert_true(hx_ok(hx_uuid_parse(hx_buf_str(&buf), &back)));
        assert_memory_equal(back.bytes, id.bytes, 16);
    }
}

static void uuid_needs_its_whole_form(void **state) {
    (void)state;
    const char good[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    hx_uuid id;
    for (size_t at = 0; at < HX_UUID_LEN; at++) {
        for (int c = 0; c < 256; c++) {
            char text[HX_UUID_LEN];
            memcpy(text, good, sizeof text);
            text[at] = (char)c;
            bool is_hyphen = at == 8 || at == 13 || at == 18 || at == 23;
            bool fits = is_hyphen ? c == '-' : c != 0 && strchr("0123456789abcdefABCDEF", c) != NULL;
            assert_true(hx_ok(hx_uuid_parse(hx_str_make(text, sizeof text), &id)) == fits);
        }
    }
    assert_true(hx_failed(hx_uuid_parse(hx_str_make(good, 35), &id)));
    assert_true(hx_failed(hx_uuid_parse(HX_STR("017f22e2-79b0-7cc3-98c4-dc0c0c07398f0"), &id)));
    assert_true(hx_failed(hx_uuid_parse(HX_STR_EMPTY, &id)));
}

static int order_ids(const void *a, const void *b) {
    return memcmp(a, b, HX_CLIENT_ORDER_ID_LEN);
}

static void client_order_ids_round_trip_and_differ(void **state) {
    (void)state;
    enum { SIGNALS = 2000, LEGS = HX_LEG_MAX + 1 };
    static char ids[SIGNALS * LEGS][HX_CLIENT_ORDER_ID_LEN];
    for (uint32_t i = 0; i < SIGNALS; i++) {
        hx_uuid signal = draw_uuid();
        for (uint32_t leg = 0; leg < LEGS; leg++) {
            struct hx_buf buf;
            hx_uuid back;
            uint32_t leg_back = 99;
            hx_buf_init(&buf, ids[i * LEGS + leg], HX_CLIENT_ORDER_ID_LEN);
            hx_client_order_id_add_to(&buf, signal, leg);
            assert_int_equal(buf.len, HX_CLIENT_ORDER_ID_LEN);
            for (size_t c = 0; c < buf.len; c++) {
                assert_non_null(
                    strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", buf.data[c]));
            }
            assert_true(hx_ok(hx_client_order_id_parse(hx_buf_str(&buf), &back, &leg_back)));
            assert_memory_equal(back.bytes, signal.bytes, 16);
            assert_int_equal(leg_back, leg);
        }
    }
    qsort(ids, SIGNALS * LEGS, sizeof ids[0], order_ids);
    for (size_t i = 1; i < SIGNALS * LEGS; i++) assert_memory_not_equal(ids[i - 1], ids[i], sizeof ids[0]);
}

/* Whatever parses is exactly what would be written for it: an id has one spelling. */
static void client_order_ids_have_one_spelling(void **state) {
    (void)state;
    uint32_t accepted = 0;
    for (uint32_t i = 0; i < 50; i++) {
        char good[HX_CLIENT_ORDER_ID_LEN];
        struct hx_buf buf;
        hx_buf_init(&buf, good, sizeof good);
        hx_client_order_id_add_to(&buf, draw_uuid(), i % 16);
        for (size_t at = 0; at < sizeof good; at++) {
            for (int c = 0; c < 256; c++) {
                char text[HX_CLIENT_ORDER_ID_LEN];
                char again[HX_CLIENT_ORDER_ID_LEN];
                hx_uuid signal;
                uint32_t leg = 0;
                memcpy(text, good, sizeof text);
                text[at] = (char)c;
                hx_err err = hx_client_order_id_parse(hx_str_make(text, sizeof text), &signal, &leg);
                if (hx_failed(err)) continue;
                accepted++;
                hx_buf_init(&buf, again, sizeof again);
                hx_client_order_id_add_to(&buf, signal, leg);
                assert_memory_equal(again, text, sizeof text);
            }
        }
        hx_uuid signal;
        uint32_t leg = 0;
        assert_true(hx_failed(hx_client_order_id_parse(hx_str_make(good, 21), &signal, &leg)));
    }
    /* Any letter at 20 places; 16 where two of the six bits are the variant; 4 at the end, which has two bits to
     * itself. */
    assert_int_equal(accepted, 50 * (20 * 64 + 16 + 4));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_example),
        cmocka_unit_test(uuids_sort_by_time),
        cmocka_unit_test(uuids_round_trip),
        cmocka_unit_test(uuid_needs_its_whole_form),
        cmocka_unit_test(client_order_ids_round_trip_and_differ),
        cmocka_unit_test(client_order_ids_have_one_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
