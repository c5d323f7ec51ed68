/* Goal: only a key that was made, has not ended and was not revoked admits, and the store never holds one.
 * Method: the life of keys on a small host with a settable clock and a kv that can fail or hold rubbish. */
#include "core/admit/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/admit/fake_host.h"

/* SHA-256 of "abc" (FIPS 180-4, appendix B.1). */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define HOUR HX_MS_PER_HOUR

static int setup(void **state) {
    (void)state;
    fake_reset();
    return 0;
}

/* A copy, since the request's arena may be reset between requests. */
static hx_str generate(const char *name, char plain[HX_KEY_PLAIN_LEN]) {
    hx_str out = HX_STR_EMPTY;
    assert_true(hx_ok(hx_keys_generate(&fake.req, hx_str_from_c(name), &out)));
    assert_int_equal(out.len, HX_KEY_PLAIN_LEN);
    hx_mem_copy(plain, out.data, out.len);
    return hx_str_make(plain, HX_KEY_PLAIN_LEN);
}

static void assert_admits(hx_str presented, const char *name) {
    hx_str found = HX_STR_EMPTY;
    hx_err err = hx_keys_check(&fake.req, presented, fake.now, &found);
    if (name == NULL) {
        assert_true(hx_err_equal(err, HX_ERR(ABSENT_KEY)));
        return;
    }
    assert_true(hx_ok(err));
    assert_true(hx_str_equal(found, hx_str_from_c(name)));
}

static bool is_stored(hx_str text) {
    size_t at = 0;
    for (uint32_t i = 0; i < fake.kv_count; i++) {
        if (hx_str_find(fake_value(&fake.kv[i]), text, &at)) return true;
    }
    return hx_str_find(hx_str_make(fake.logged, fake.logged_len), text, &at);
}

static void a_made_key_admits_and_is_stored_hashed(void **state) {
    char a[HX_KEY_PLAIN_LEN], b[HX_KEY_PLAIN_LEN];
    (void)state;
    hx_str key = generate("chart", a);
    hx_str other = generate("phone-2", b);
    assert_false(hx_str_equal(key, other));
    assert_true(hx_str_starts_with(key, HX_STR("hxk_")));
    assert_admits(key, "chart");
    assert_admits(other, "phone-2");
    assert_false(is_stored(key) || is_stored(hx_str_slice(key, 4, key.len)));
    assert_admits(hx_str_slice(key, 0, key.len - 1), NULL);
    assert_admits(HX_STR(""), NULL);
    a[10] = a[10] == 'x' ? 'y' : 'x';
    assert_admits(key, NULL);
}

static void the_digest_is_sha_256(void **state) {
    char text[64];
    struct hx_buf buf;
    (void)state;
    hx_buf_init(&buf, text, sizeof text);
    hx_key_add_digest(&buf, HX_STR("abc"));
    assert_true(hx_str_equal(hx_buf_str(&buf), HX_STR(ABC)));
    fake_kv("keys:webhook:old", "{\"digest\":\"" ABC
                                "\",\"created\":1,"
                                "\"expires\":0}");
    assert_admits(HX_STR("abc"), "old");
}

static void a_name_is_taken_once(void **state) {
    char plain[HX_KEY_PLAIN_LEN];
    hx_str out = HX_STR_EMPTY;
    (void)state;
    hx_str key = generate("chart", plain);
    assert_true(hx_err_equal(hx_keys_generate(&fake.req, HX_STR("chart"), &out), HX_ERR(CONFLICT_KEY)));
    assert_admits(key, "chart");
    assert_int_equal(fake.put_count, 1);
}

static void names_are_checked(void **state) {
    static const char *const wrong[] = {
        "", "A", "a b", "a_b", "a:b", "env", "caf\xc3\xa9", "a\n", "abcdefghijklmnopqrstuvwxyz-012345"};
    hx_str out = HX_STR_EMPTY;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        hx_str name = hx_str_from_c(wrong[i]);
        assert_true(hx_err_equal(hx_key_name_check(name), HX_ERR(REJECT_INPUT)));
        assert_true(hx_err_equal(hx_keys_generate(&fake.req, name, &out), HX_ERR(REJECT_INPUT)));
        assert_true(hx_err_equal(hx_keys_rotate(&fake.req, name, 0, &out), HX_ERR(REJECT_INPUT)));
        assert_true(hx_err_equal(hx_keys_revoke(&fake.req, name), HX_ERR(REJECT_INPUT)));
        assert_true(hx_err_equal(hx_keys_set_expiry(&fake.req, name, 0), HX_ERR(REJECT_INPUT)));
    }
    assert_true(hx_ok(hx_key_name_check(HX_STR("abcdefghijklmnopqrstuvwxyz-01234"))));
    assert_int_equal(fake.kv_count, 0);
}

static void a_revoked_key_is_nobody(void **state) {
    char plain[HX_KEY_PLAIN_LEN];
    (void)state;
    hx_str key = generate("chart", plain);
    assert_true(hx_ok(hx_keys_revoke(&fake.req, HX_STR("chart"))));
    assert_admits(key, NULL);
    assert_true(hx_err_equal(hx_keys_revoke(&fake.req, HX_STR("chart")), HX_ERR(ABSENT_KEY)));
}

static void rotation_overlaps_as_long_as_asked(void **state) {
    char a[HX_KEY_PLAIN_LEN], b[HX_KEY_PLAIN_LEN], c[HX_KEY_PLAIN_LEN];
    hx_str out = HX_STR_EMPTY;
    (void)state;
    hx_str first = generate("chart", a);
    assert_true(hx_ok(hx_keys_rotate(&fake.req, HX_STR("chart"), HOUR, &out)));
    hx_mem_copy(b, out.data, out.len);
    hx_str second = hx_str_make(b, out.len);
    assert_admits(first, "chart");
    assert_admits(second, "chart");
    fake.now += HOUR - 1;
    assert_admits(first, "chart");
    fake.now += 1;
    assert_admits(first, NULL);
    assert_admits(second, "chart");

    /* A second rotation ends the first key's overlap even when that was longer. */
    assert_true(hx_ok(hx_keys_rotate(&fake.req, HX_STR("chart"), 10 * HOUR, &out)));
    assert_true(hx_ok(hx_keys_rotate(&fake.req, HX_STR("chart"), 0, &out)));
    hx_mem_copy(c, out.data, out.len);
    assert_admits(second, NULL);
    assert_admits(hx_str_make(c, out.len), "chart");
    assert_true(hx_err_equal(hx_keys_rotate(&fake.req, HX_STR("nobody"), 0, &out), HX_ERR(ABSENT_KEY)));
    assert_true(hx_err_equal(hx_keys_rotate(&fake.req, HX_STR("chart"), -1, &out), HX_ERR(REJECT_INPUT)));
    assert_true(hx_err_equal(hx_keys_rotate(&fake.req, HX_STR("chart"), INT64_MAX, &out), HX_ERR(REJECT_INPUT)));
}

static void keys_end(void **state) {
    char plain[HX_KEY_PLAIN_LEN];
    hx_str out = HX_STR_EMPTY;
    (void)state;
    hx_str key = generate("chart", plain);
    assert_true(hx_ok(hx_keys_set_expiry(&fake.req, HX_STR("chart"), fake.now + HOUR)));
    /* Rotating does not lengthen what the owner cut short, for either of the two. */
    assert_true(hx_ok(hx_keys_rotate(&fake.req, HX_STR("chart"), 5 * HOUR, &out)));
    fake.now += HOUR - 1;
    assert_admits(key, "chart");
    assert_admits(out, "chart");
    fake.now += 1;
    assert_admits(key, NULL);
    assert_admits(out, NULL);
    assert_true(hx_ok(hx_keys_set_expiry(&fake.req, HX_STR("chart"), 0)));
    assert_admits(out, "chart");
    assert_true(hx_err_equal(hx_keys_set_expiry(&fake.req, HX_STR("nobody"), 0), HX_ERR(ABSENT_KEY)));
    assert_true(hx_err_equal(hx_keys_set_expiry(&fake.req, HX_STR("chart"), -1), HX_ERR(REJECT_INPUT)));
}

static void the_list_shows_no_secret(void **state) {
    char plain[HX_KEY_PLAIN_LEN];
    hx_str out = HX_STR_EMPTY;
    const struct hx_key_info *list = NULL;
    uint32_t count = 0;
    (void)state;
    (void)generate("chart", plain);
    hx_time made = fake.now;
    fake.now += 5;
    assert_true(hx_ok(hx_keys_rotate(&fake.req, HX_STR("chart"), HOUR, &out)));
    fake_kv("keys:webhook:broken", "{\"digest\":\"short\",\"created\":1,\"expires\":0}");
    fake_kv("keys:other:x", "y");
    assert_true(hx_ok(hx_keys_list(&fake.req, &list, &count)));
    assert_int_equal(count, 2);
    assert_true(hx_str_equal(list[0].name, HX_STR("chart")));
    assert_true(list[0].valid && list[0].has_previous);
    assert_int_equal(list[0].created_ms, made + 5);
    assert_int_equal(list[0].expires_ms, 0);
    assert_int_equal(list[0].previous_expires_ms, made + 5 + HOUR);
    assert_true(hx_str_equal(list[1].name, HX_STR("broken")));
    assert_false(list[1].valid);
}

static void rubbish_admits_nobody_and_stops_nobody(void **state) {
    static const char *const rubbish[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"digest\":7,\"created\":1,\"expires\":0}",
        "not json",
        "{\"digest\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"created\":1,\"expires\":0}",
        "{\"digest\":\"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\",\"created\":1,\"expires\":0}",
        "{\"digest\":\"" ABC "\"}",
        "{\"digest\":\"" ABC "\",\"created\":1,\"expires\":0,\"previous\":7}",
    };
    char plain[HX_KEY_PLAIN_LEN];
    char name[64];
    hx_str out = HX_STR_EMPTY;
    (void)state;
    for (size_t i = 0; i < sizeof rubbish / sizeof rubbish[0]; i++) {
        snprintf(name, sizeof name, "keys:webhook:r%zu", i);
        fake_kv(name, rubbish[i]);
    }
    hx_str key = generate("chart", plain);
    assert_admits(key, "chart");
    assert_admits(HX_STR(""), NULL);
    assert_admits(HX_STR("abc"), NULL);
    assert_true(hx_err_equal(hx_keys_rotate(&fake.req, HX_STR("r0"), 0, &out), HX_ERR(BROKEN_CONFIG)));
    assert_true(hx_err_equal(hx_keys_set_expiry(&fake.req, HX_STR("r3"), 0), HX_ERR(BROKEN_CONFIG)));
    assert_true(hx_ok(hx_keys_revoke(&fake.req, HX_STR("r0"))));
}

/* As the host writes it for HOOX_WEBHOOK_KEY; nobody else may touch it. */
static void the_environment_brings_one_key(void **state) {
    const struct hx_key_info *list = NULL;
    uint32_t count = 0;
    (void)state;
    assert_admits(HX_STR("abc"), NULL);
    fake_kv("keys:webhook:env", "{\"digest\":\"" ABC "\",\"created\":1,\"expires\":0}");
    assert_admits(HX_STR("abc"), "env");
    assert_admits(HX_STR("abd"), NULL);
    assert_true(hx_err_equal(hx_keys_revoke(&fake.req, HX_STR("env")), HX_ERR(REJECT_INPUT)));
    assert_true(hx_ok(hx_keys_list(&fake.req, &list, &count)));
    assert_true(count == 1 && hx_str_equal(list[0].name, HX_STR(HX_KEY_ENV_NAME)));
}

static void a_failing_store_admits_nobody(void **state) {
    char plain[HX_KEY_PLAIN_LEN];
    hx_str out = HX_STR_EMPTY;
    const struct hx_key_info *list = NULL;
    uint32_t count = 0;
    (void)state;
    hx_str key = generate("chart", plain);
    fake.kv_err = HX_ERR(BROKEN_STORE);
    assert_true(hx_err_equal(hx_keys_check(&fake.req, key, fake.now, &out), HX_ERR(BROKEN_STORE)));
    assert_true(hx_err_equal(hx_keys_generate(&fake.req, HX_STR("b"), &out), HX_ERR(BROKEN_STORE)));
    assert_true(hx_err_equal(hx_keys_revoke(&fake.req, HX_STR("chart")), HX_ERR(BROKEN_STORE)));
    assert_true(hx_err_equal(hx_keys_list(&fake.req, &list, &count), HX_ERR(BROKEN_STORE)));
}

static void there_is_a_most(void **state) {
    char name[64];
    hx_str out = HX_STR_EMPTY;
    (void)state;
    for (int i = 0; i < HX_KEYS_MAX; i++) {
        snprintf(name, sizeof name, "k%d", i);
        hx_arena_reset(&fake.req.arena);
        assert_true(hx_ok(hx_keys_generate(&fake.req, hx_str_from_c(name), &out)));
    }
    assert_true(hx_err_equal(hx_keys_generate(&fake.req, HX_STR("one-more"), &out), HX_ERR(LIMIT_COUNT)));
}

/* Checking many keys must not eat the request's memory. */
static void a_check_leaves_the_arena_as_it_was(void **state) {
    char name[64];
    hx_str out = HX_STR_EMPTY;
    (void)state;
    for (int i = 0; i < HX_KEYS_MAX; i++) {
        snprintf(name, sizeof name, "k%d", i);
        hx_arena_reset(&fake.req.arena);
        assert_true(hx_ok(hx_keys_generate(&fake.req, hx_str_from_c(name), &out)));
    }
    hx_arena_reset(&fake.req.arena);
    assert_admits(HX_STR("nobody"), NULL);
    assert_true(hx_arena_mark(&fake.req.arena) <= FAKE_KV_MAX * sizeof(struct hx_kv_entry) + 64);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_made_key_admits_and_is_stored_hashed, setup),
        cmocka_unit_test_setup(the_digest_is_sha_256, setup),
        cmocka_unit_test_setup(a_name_is_taken_once, setup),
        cmocka_unit_test_setup(names_are_checked, setup),
        cmocka_unit_test_setup(a_revoked_key_is_nobody, setup),
        cmocka_unit_test_setup(rotation_overlaps_as_long_as_asked, setup),
        cmocka_unit_test_setup(keys_end, setup),
        cmocka_unit_test_setup(the_list_shows_no_secret, setup),
        cmocka_unit_test_setup(rubbish_admits_nobody_and_stops_nobody, setup),
        cmocka_unit_test_setup(the_environment_brings_one_key, setup),
        cmocka_unit_test_setup(a_failing_store_admits_nobody, setup),
        cmocka_unit_test_setup(there_is_a_most, setup),
        cmocka_unit_test_setup(a_check_leaves_the_arena_as_it_was, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
