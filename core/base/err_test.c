/* Goal: every error has a class, a name and a text of its own, and foreign values are told apart. Method: all rows. */
#include "core/base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const hx_err all[] = {
#define X(name, class_, text) {(uint32_t)HX_ERR_CODE_##name},
#include "core/base/err.def"
#undef X
};

static void rows_are_distinct_and_classed_by_name(void **state) {
    (void)state;
    static const char *const classes[] = {"",      "REJECT_",  "CONFLICT_", "ABSENT_",
                                          "BUSY_", "UNKNOWN_", "LIMIT_",    "BROKEN_"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const char *name = hx_err_name(all[i]);
        const char *prefix = classes[hx_err_class(all[i])];
        assert_true(hx_failed(all[i]) && !hx_ok(all[i]));
        assert_int_equal(strncmp(name, prefix, strlen(prefix)), 0);
        assert_true(strlen(hx_err_text(all[i])) > 0);
        for (size_t j = 0; j < i; j++) {
            assert_false(hx_err_equal(all[i], all[j]));
            assert_string_not_equal(name, hx_err_name(all[j]));
        }
    }
    assert_string_equal(hx_err_name(HX_ERR(LIMIT_ARENA)), "LIMIT_ARENA");
    assert_true(hx_err_is(HX_ERR(LIMIT_ARENA), HX_CLASS_LIMIT));
}

static void foreign_values_are_unlisted(void **state) {
    (void)state;
    assert_string_equal(hx_err_name(HX_OK), "OK");
    assert_string_equal(hx_err_text(HX_OK), "ok");
    assert_string_equal(hx_err_name(HX_ERR_MAKE(HX_CLASS_LIMIT, 0xffffff)), "UNLISTED");
    assert_string_equal(hx_err_name(HX_ERR_MAKE(HX_CLASS_LIMIT, HX_ERR_NUMBER_REJECT_INPUT)), "UNLISTED");
    assert_string_equal(hx_err_text((hx_err){UINT32_MAX}), "unlisted");
}

static hx_err pass_on(hx_err err, bool *reached) {
    HX_TRY(err);
    *reached = true;
    return HX_OK;
}

static void try_returns_failures_only(void **state) {
    (void)state;
    bool reached = false;
    assert_true(hx_err_equal(pass_on(HX_ERR(BUSY_VENUE), &reached), HX_ERR(BUSY_VENUE)));
    assert_false(reached);
    assert_true(hx_ok(pass_on(HX_OK, &reached)));
    assert_true(reached);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_distinct_and_classed_by_name),
        cmocka_unit_test(foreign_values_are_unlisted),
        cmocka_unit_test(try_returns_failures_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
