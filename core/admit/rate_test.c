/* Goal: the limit counts per key and window, tells when to come back, and never counts what is exempt.
 * Method: a table of texts; a window walked through at its edges. */
#include "core/admit/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/admit/fake_host.h"

static int setup(void **state) {
    (void)state;
    fake_reset();
    return 0;
}

static void limits_are_read(void **state) {
    static const struct {
        const char *text;
        uint32_t count;
        int64_t window_ms;
    } right[] = {{"120/60", 120, 60000},
                 {" 1 / 1 ", 1, 1000},
                 {"1000000/86400", 1000000, 86400000},
                 {"0", 0, 60000},
                 {"OFF", 0, 60000}};
    static const char *const wrong[] = {"",       "120",   "/",          "120/",    "/60",
                                        "0/60",   "120/0", "1000001/60", "1/86401", "-1/60",
                                        "1.5/60", "1/60s", "1/60/60",    "a/b",     "99999999999999999999/60"};
    struct hx_rate_limit limit;
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        assert_true(hx_ok(hx_rate_limit_parse(hx_str_from_c(right[i].text), &limit)));
        assert_int_equal(limit.count, right[i].count);
        assert_int_equal(limit.window_ms, right[i].window_ms);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_true(hx_err_equal(hx_rate_limit_parse(hx_str_from_c(wrong[i]), &limit), HX_ERR(REJECT_INPUT)));
    }
}

static struct hx_rate_result check(const char *key, bool exempt) {
    return hx_rate_check(&fake.req, hx_str_from_c(key), (struct hx_rate_limit){3, 60000}, exempt, fake.now);
}

static void the_fourth_of_three_waits(void **state) {
    (void)state;
    fake.now = 1795420800000 + 45200; /* 45.2 s into a window of a minute. */
    for (uint64_t i = 1; i <= 3; i++) {
        struct hx_rate_result result = check("a", false);
        assert_true(result.allowed);
        assert_int_equal(result.count, i);
        assert_int_equal(result.retry_after_s, 0);
    }
    assert_int_equal(fake.window_ms, 60000);
    struct hx_rate_result over = check("a", false);
    assert_false(over.allowed);
    assert_int_equal(over.retry_after_s, 15);
    assert_true(check("b", false).allowed);
    assert_true(check("a", true).allowed);
    assert_int_equal(check("a", true).count, 0);
    fake.now += 14799;
    assert_int_equal(check("a", false).retry_after_s, 1);
}

static void no_limit_counts_nothing(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_true(hx_rate_check(&fake.req, HX_STR("a"), (struct hx_rate_limit){0, 60000}, false, fake.now).allowed);
    }
    assert_int_equal(fake.memo_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(limits_are_read, setup),
        cmocka_unit_test_setup(the_fourth_of_three_waits, setup),
        cmocka_unit_test_setup(no_limit_counts_nothing, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
