/* Goal: times are written and read as RFC 3339 says. Method: every day of the range against gmtime_r and timegm, every
 * second of some days, and a table of what must be refused. */
#define _DEFAULT_SOURCE
#include "core/base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define LAST_DAY 2932896 /* 9999-12-31. */

static void assert_written(hx_time at) {
    char expected[64];
    char room[64];
    struct tm tm;
    struct hx_buf buf;
    hx_time back = -1;
    time_t seconds = (time_t)(at / 1000);
    gmtime_r(&seconds, &tm);
    size_t len = strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &tm);
    len += (size_t)snprintf(expected + len, sizeof expected - len, ".%03dZ", (int)(at % 1000));
    hx_buf_init(&buf, room, sizeof room);
    hx_time_add_rfc3339(&buf, at);
    assert_int_equal(buf.len, len);
    assert_memory_equal(room, expected, len);
    assert_true(hx_ok(hx_time_parse_rfc3339(hx_buf_str(&buf), &back)));
    assert_true(back == at && timegm(&tm) == back / 1000);
    hx_buf_init(&buf, room, sizeof room);
    hx_time_add_date(&buf, at);
    assert_int_equal(buf.len, 10);
    assert_memory_equal(room, expected, 10);
}

static void every_day_until_9999(void **state) {
    (void)state;
    uint64_t random = 7;
    for (int64_t day = 0; day <= LAST_DAY; day++) {
        /* A few days around each turn of month, and a tenth of the others, at a random moment. */
        random = random * 6364136223846793005u + 1442695040888963407u;
        if (day % 365 > 62 && random >> 60 != 0) continue;
        assert_written(day * HX_MS_PER_DAY + (int64_t)((random >> 20) % 86400000));
        assert_written(day * HX_MS_PER_DAY);
        assert_written(day * HX_MS_PER_DAY + HX_MS_PER_DAY - 1);
    }
}

static void every_second_of_a_leap_day(void **state) {
    (void)state;
    for (int64_t second = 0; second < 86400; second += 7) assert_written(1709164800000 + second * 1000 + second % 1000);
}

static void day_starts(void **state) {
    (void)state;
    assert_true(hx_time_day_start(0) == 0);
    assert_true(hx_time_day_start(HX_MS_PER_DAY - 1) == 0);
    assert_true(hx_time_day_start(HX_MS_PER_DAY) == HX_MS_PER_DAY);
    assert_true(hx_time_day_start(-1) == -HX_MS_PER_DAY);
    assert_true(hx_time_day_start(-HX_MS_PER_DAY) == -HX_MS_PER_DAY);
    assert_true(hx_time_day_start(INT64_MIN) == INT64_MIN);
    assert_true(hx_time_day_start(INT64_MAX) <= INT64_MAX && hx_time_day_start(INT64_MAX) % HX_MS_PER_DAY == 0);
}

static void out_of_range_fails_the_builder(void **state) {
    (void)state;
    const hx_time times[] = {-1, INT64_MIN, 253402300800000, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        char room[64];
        struct hx_buf buf;
        hx_buf_init(&buf, room, sizeof room);
        hx_time_add_rfc3339(&buf, times[i]);
        assert_true(buf.overflowed && buf.len == 0);
        hx_buf_init(&buf, room, sizeof room);
        hx_time_add_date(&buf, times[i]);
        assert_true(buf.overflowed && buf.len == 0);
    }
}

struct parse_case {
    const char *text;
    hx_err err;
    hx_time time;
};

static void parses_the_forms(void **state) {
    (void)state;
    const struct parse_case cases[] = {
        {"2026-11-23T07:12:01Z", HX_OK, 1795417921000},
        {"2026-11-23t07:12:01z", HX_OK, 1795417921000},
        {"2026-11-23T07:12:01.5Z", HX_OK, 1795417921500},
        {"2026-11-23T07:12:01.123999999999999Z", HX_OK, 1795417921123},
        {"2026-11-23T09:12:01+02:00", HX_OK, 1795417921000},
        {"2026-11-23T01:42:01.000-05:30", HX_OK, 1795417921000},
        {"2026-11-23T07:12:01-00:00", HX_OK, 1795417921000},
        {"1970-01-01T00:00:00Z", HX_OK, 0},
        {"1969-12-31T23:59:59-00:01", HX_OK, 59000},
        {"9999-12-31T23:59:59.999Z", HX_OK, 253402300799999},
        {"2024-02-29T00:00:00Z", HX_OK, 1709164800000},
        {"2000-02-29T00:00:00Z", HX_OK, 951782400000},
        {"1969-12-31T23:59:59Z", HX_ERR(REJECT_RANGE), 0},
        {"1970-01-01T00:00:00+00:01", HX_ERR(REJECT_RANGE), 0},
        {"9999-12-31T23:59:59-00:01", HX_ERR(REJECT_RANGE), 0},
        {"0000-01-01T00:00:00Z", HX_ERR(REJECT_RANGE), 0},
        {"2023-02-29T00:00:00Z", HX_ERR(REJECT_RANGE), 0},
        {"2100-02-29T00:00:00Z", HX_ERR(REJECT_RANGE), 0},
        {"2026-04-31T00:00:00Z", HX_ERR(REJECT_RANGE), 0},
        {"2026-13-01T00:00:00Z", HX_ERR(REJECT_RANGE), 0},
        {"2026-00-01T00:00:00Z", HX_ERR(REJECT_RANGE), 0},
        {"2026-01-00T00:00:00Z", HX_ERR(REJECT_RANGE), 0},
        {"2026-01-01T24:00:00Z", HX_ERR(REJECT_RANGE), 0},
        {"2026-01-01T00:60:00Z", HX_ERR(REJECT_RANGE), 0},
        {"2016-12-31T23:59:60Z", HX_ERR(REJECT_RANGE), 0},
        {"", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23T07:12Z", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23T07:12:01", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23 07:12:01Z", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23T07:12:01.Z", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23T07:12:01,5Z", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23T07:12:01Zx", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23T07:12:01+0200", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23T07:12:01+24:00", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-11-23T07:12:01+02", HX_ERR(REJECT_SYNTAX), 0},
        {"26-11-23T07:12:01Z", HX_ERR(REJECT_SYNTAX), 0},
        {"2026-1-23T07:12:01Z", HX_ERR(REJECT_SYNTAX), 0},
        {"2026/11/23T07:12:01Z", HX_ERR(REJECT_SYNTAX), 0},
        {"-026-11-23T07:12:01Z", HX_ERR(REJECT_SYNTAX), 0},
        {" 2026-11-23T07:12:01Z", HX_ERR(REJECT_SYNTAX), 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hx_time found = 0;
        hx_err err = hx_time_parse_rfc3339(hx_str_from_c(cases[i].text), &found);
        if (!hx_err_equal(err, cases[i].err)) print_message("%s\n", cases[i].text);
        assert_int_equal(err.code, cases[i].err.code);
        assert_true(found == cases[i].time);
    }
}

/* Shorter by any number of bytes, a valid text is none. */
static void every_cut_is_refused(void **state) {
    (void)state;
    const char text[] = "2026-11-23T07:12:01.123+02:00";
    for (size_t len = 0; len < sizeof text - 1; len++) {
        hx_time found = 0;
        assert_int_equal(hx_time_parse_rfc3339(hx_str_make(text, len), &found).code, HX_ERR(REJECT_SYNTAX).code);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_until_9999), cmocka_unit_test(every_second_of_a_leap_day),
        cmocka_unit_test(day_starts),           cmocka_unit_test(out_of_range_fails_the_builder),
        cmocka_unit_test(parses_the_forms),     cmocka_unit_test(every_cut_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
