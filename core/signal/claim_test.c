/* Goal: two arrivals share a claim exactly when they are the same signal by DESIGN 2, on whatever day or clock edge.
 * Method: pairs of bodies and circumstances with the verdict on their digests; windows and buckets by example. */
#include "core/signal/signal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW ((hx_time)1795420800000) /* 2026-11-23T08:00:00Z. */

struct arrival {
    const char *body, *scope, *lane, *header;
    hx_time now;
};

static char memory[4][64 * 1024];

static hx_err claim(size_t slot, struct arrival a, struct hx_claim *out) {
    struct hx_arena arena;
    struct hx_signal signal;
    struct hx_signal_issues issues;
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, memory[slot], sizeof memory[slot]);
    assert_true(hx_ok(hx_signal_parse(&arena, hx_str_from_c(a.body), &signal, &root, &issues)));
    return hx_claim_make(&arena, &signal, root, hx_str_from_c(a.scope), hx_str_from_c(a.lane), hx_str_from_c(a.header),
                         a.now, out);
}

static struct hx_claim make(size_t slot, struct arrival a) {
    struct hx_claim out;
    assert_true(hx_ok(claim(slot, a, &out)));
    return out;
}

static struct hx_claim of_body(size_t slot, const char *body) {
    return make(slot, (struct arrival){body, "webhook/tv", "live:BTCUSDT", "", NOW});
}

#define BODY(members) "{\"apiKey\":\"k\",\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":1" members "}"

static bool same_key(const struct hx_claim *a, const struct hx_claim *b) {
    return memcmp(a->key, b->key, HX_CLAIM_LEN) == 0;
}

static bool same_payload(const struct hx_claim *a, const struct hx_claim *b) {
    return memcmp(a->payload_digest, b->payload_digest, HX_SHA256_LEN) == 0;
}

static void bodies_are_compared_by_content(void **state) {
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {BODY(""), BODY(""), true},
        {BODY(""), " {\"quantity\" : 1,\n\"symbol\":\"BTC\\u0055SDT\",\"action\":\"LONG\",\"apiKey\":\"k\"} ", true},
        {BODY(",\"x\":{\"a\":1,\"b\":[1,2]}"), BODY(",\"x\":{\"b\":[1,2],\"a\":1}"), true},
        {BODY(",\"x\":[1,2]"), BODY(",\"x\":[2,1]"), false},
        {BODY(",\"timenow\":\"1\""), BODY(",\"timenow\":\"2\""), false},
        {BODY(",\"leverage\":2"), BODY(",\"leverage\":3"), false},
        {BODY(""), BODY(",\"test\":false"), false},
        /* The key is no part of the payload, under any of its names, so a rotation repeats nothing. */
        {BODY(""), "{\"apiKey\":\"other\",\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":1}", true},
        {BODY(""), "{\"token\":\"other\",\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":1}", true},
        /* Only the top level's: inside, the same names are ordinary data. */
        {BODY(",\"x\":{\"key\":\"1\"}"), BODY(",\"x\":{\"key\":\"2\"}"), false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hx_claim a = of_body(0, cases[i].a);
        struct hx_claim b = of_body(1, cases[i].b);
        assert_int_equal(same_key(&a, &b), cases[i].same);
        assert_int_equal(same_payload(&a, &b), cases[i].same);
        assert_int_equal(hx_str_equal(a.idempotency_key, b.idempotency_key), cases[i].same);
    }
}

static void scope_and_lane_separate(void **state) {
    (void)state;
    struct hx_claim base = of_body(0, BODY(",\"idempotencyKey\":\"a\""));
    struct hx_claim scope =
        make(1, (struct arrival){BODY(",\"idempotencyKey\":\"a\""), "webhook/tw", "live:BTCUSDT", "", NOW});
    struct hx_claim lane =
        make(2, (struct arrival){BODY(",\"idempotencyKey\":\"a\""), "webhook/tv", "test:BTCUSDT", "", NOW});
    /* Without lengths between the parts these two would read the same. */
    struct hx_claim shifted =
        make(3, (struct arrival){BODY(",\"idempotencyKey\":\"a\""), "webhook/tvl", "ive:BTCUSDT", "", NOW});
    assert_false(same_key(&base, &scope));
    assert_false(same_key(&base, &lane));
    assert_false(same_key(&base, &shifted));
    assert_true(same_payload(&base, &scope) && same_payload(&base, &lane));
}

static void an_explicit_key_is_the_identity(void **state) {
    (void)state;
    struct hx_claim a = of_body(0, BODY(",\"idempotencyKey\":\"a\""));
    struct hx_claim other = of_body(1, BODY(",\"idempotencyKey\":\"a\",\"leverage\":3"));
    assert_true(same_key(&a, &other));
    assert_false(same_payload(&a, &other));
    assert_true(a.is_explicit);
    assert_true(hx_str_equal(a.idempotency_key, HX_STR("a")));
    assert_int_equal(a.lasts_ms, HX_CLAIM_KEYED_MS);
    struct hx_claim number = of_body(2, BODY(",\"idempotencyKey\":17"));
    assert_true(hx_str_equal(number.idempotency_key, HX_STR("17")));
}

static void the_header_stands_in_for_the_body(void **state) {
    static const struct {
        const char *header, *key;
    } cases[] = {
        {"abc", "abc"},
        {"\"abc\"", "abc"},
        {"\"a\\\"b\\\\c\"", "a\"b\\c"},
        {" \"abc\" ", "abc"},
        {"\"abc", NULL},
        {"\"a\"b\"", NULL},
        {"\"a\\b\"", NULL},
        {"\"\"", NULL},
        {"a\x01", NULL},
        {"\"abc\";p=1", NULL},
        {"\"a\\\"", NULL},
        {"\"", NULL},
        {"8e03978e-40d5", "8e03978e-40d5"},
    };
    struct hx_claim out;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arrival arrival = {BODY(""), "webhook/tv", "live:BTCUSDT", cases[i].header, NOW};
        hx_err err = claim(0, arrival, &out);
        if (cases[i].key == NULL) {
            assert_true(hx_err_equal(err, HX_ERR(REJECT_INPUT)));
            continue;
        }
        assert_true(hx_ok(err));
        assert_true(out.is_explicit);
        assert_true(hx_str_equal(out.idempotency_key, hx_str_from_c(cases[i].key)));
    }
    /* The body's key wins, and the header's is then not even read. */
    struct hx_claim body = of_body(0, BODY(",\"idempotencyKey\":\"a\""));
    struct hx_claim both =
        make(1, (struct arrival){BODY(",\"idempotencyKey\":\"a\""), "webhook/tv", "live:BTCUSDT", "\"bad", NOW});
    struct hx_claim header = make(2, (struct arrival){BODY(""), "webhook/tv", "live:BTCUSDT", "a", NOW});
    assert_true(same_key(&body, &both));
    assert_true(same_key(&body, &header));
}

/* A key that happens to be the text of a fingerprint must not meet that fingerprint's claim. */
static void keys_and_fingerprints_do_not_meet(void **state) {
    char hex[65] = {0};
    (void)state;
    struct hx_claim plain = of_body(0, BODY(""));
    assert_int_equal(plain.idempotency_key.len, 64);
    memcpy(hex, plain.idempotency_key.data, 64);
    struct hx_claim keyed = make(1, (struct arrival){BODY(""), "webhook/tv", "live:BTCUSDT", hex, NOW});
    assert_true(hx_str_equal(keyed.idempotency_key, plain.idempotency_key));
    assert_false(same_key(&plain, &keyed));
}

static void windows_depend_on_time_fields(void **state) {
    (void)state;
    assert_int_equal(of_body(0, BODY("")).lasts_ms, HX_CLAIM_WINDOW_MS);
    assert_int_equal(of_body(0, BODY("")).is_explicit, false);
    assert_int_equal(of_body(0, BODY(",\"timenow\":\"2026-11-23T07:00:00Z\"")).lasts_ms, HX_CLAIM_KEYED_MS);
    assert_int_equal(of_body(0, BODY(",\"alertId\":7")).lasts_ms, HX_CLAIM_KEYED_MS);
}

/* Only the day bucket in front knows the time; whoever looks on the next day finds the digest in key_previous. */
static void midnight_is_no_edge(void **state) {
    hx_time midnight = NOW / HX_MS_PER_DAY * HX_MS_PER_DAY + HX_MS_PER_DAY;
    (void)state;
    struct hx_claim before = make(0, (struct arrival){BODY(""), "webhook/tv", "live:BTCUSDT", "", midnight - 1});
    struct hx_claim after = make(1, (struct arrival){BODY(""), "webhook/tv", "live:BTCUSDT", "", midnight});
    struct hx_claim later = make(2, (struct arrival){BODY(""), "webhook/tv", "live:BTCUSDT", "", midnight + 59999});
    assert_memory_equal(before.key, after.key_previous, HX_CLAIM_LEN);
    assert_memory_equal(after.key, later.key, HX_CLAIM_LEN);
    assert_memory_equal(before.key + 4, after.key + 4, HX_CLAIM_LEN - 4);
    uint32_t day = (uint32_t)(midnight / HX_MS_PER_DAY);
    uint8_t bucket[4] = {(uint8_t)(day >> 24), (uint8_t)(day >> 16), (uint8_t)(day >> 8), (uint8_t)day};
    assert_memory_equal(after.key, bucket, 4);
}

/* Every kind of character that grows when it is written again. */
static void long_strings_fit(void **state) {
    static const char unit[] = "\\u0001/\\\"\\\\\x7f\xc3\xa9";
    static char text[1500 * sizeof unit];
    static char body[sizeof text + 128];
    size_t len = 0;
    (void)state;
    for (int i = 0; i < 1500; i++, len += sizeof unit - 1) memcpy(text + len, unit, sizeof unit);
    snprintf(body, sizeof body, "{\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\",\"comment\":\"%s\"}", text);
    assert_int_equal(of_body(0, body).idempotency_key.len, 64);
}

static void exhaustion_is_told(void **state) {
    struct hx_arena arena;
    struct hx_signal signal;
    struct hx_signal_issues issues;
    struct hx_claim out;
    const struct hx_json *root = NULL;
    (void)state;
    hx_arena_init(&arena, memory[0], sizeof memory[0]);
    assert_true(hx_ok(hx_signal_parse(&arena, HX_STR(BODY("")), &signal, &root, &issues)));
    bool done = false;
    for (size_t size = 0; size < sizeof memory[1] && !done; size += 16) {
        struct hx_arena small;
        hx_arena_init(&small, memory[1], size);
        hx_err err = hx_claim_make(&small, &signal, root, HX_STR("s"), HX_STR("l"), HX_STR(""), NOW, &out);
        done = hx_ok(err);
        if (!done) assert_true(hx_err_equal(err, HX_ERR(LIMIT_ARENA)));
    }
    assert_true(done);
}

static void keys_are_printable_and_bounded(void **state) {
    char key[257];
    (void)state;
    memset(key, 'x', sizeof key);
    assert_true(hx_ok(hx_idempotency_key_check(hx_str_make(key, 1))));
    assert_true(hx_ok(hx_idempotency_key_check(hx_str_make(key, 255))));
    assert_true(hx_failed(hx_idempotency_key_check(hx_str_make(key, 256))));
    assert_true(hx_failed(hx_idempotency_key_check(HX_STR(""))));
    assert_true(hx_ok(hx_idempotency_key_check(HX_STR("a ~!"))));
    assert_true(hx_failed(hx_idempotency_key_check(HX_STR("a\n"))));
    assert_true(hx_failed(hx_idempotency_key_check(HX_STR("\x7f"))));
    assert_true(hx_failed(hx_idempotency_key_check(HX_STR("\xc3\xa9"))));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_compared_by_content),
        cmocka_unit_test(scope_and_lane_separate),
        cmocka_unit_test(an_explicit_key_is_the_identity),
        cmocka_unit_test(the_header_stands_in_for_the_body),
        cmocka_unit_test(keys_and_fingerprints_do_not_meet),
        cmocka_unit_test(windows_depend_on_time_fields),
        cmocka_unit_test(midnight_is_no_edge),
        cmocka_unit_test(long_strings_fit),
        cmocka_unit_test(exhaustion_is_told),
        cmocka_unit_test(keys_are_printable_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
