/* Goal: every code of Binance means what the facts say it means. Method: a second list, typed from the facts page and
 * not from the table, is compared with what the order decoder makes of each code; and the table is checked for its
 * order, for double rows and for sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/binance_codes.h"
#include "core/venue/binance_futures.h"

static uint8_t memory[65536];

static struct hx_venue_verdict decode(uint32_t status, int32_t code, const char *words) {
    static char body[256];
    static struct hx_arena arena;
    struct hx_order_request sent = {.symbol = HX_STR("BTCUSDT"), .client_order_id = HX_STR("abc")};
    struct hx_order_report report;
    hx_arena_init(&arena, memory, sizeof memory);
    struct hx_venue_context ctx = {.arena = &arena};
    snprintf(body, sizeof body, "{\"code\":%d,\"msg\":\"%s\"}", code, words);
    struct hx_http_answer answer = {.status = status, .body = hx_str_from_c(body)};
    return hx_binance_futures.decode_order(&ctx, &answer, &sent, &report);
}

/* Facts, section 4, class by class; for an order. */
static const int32_t rejected[] = {
    /* Auth, permission. */
    -1002, -1022, -2014, -2015, -1109, -4087, -4088, -4192, -4400, -4401, -4109,
    /* Bad request. */
    -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1111, -1114, -1115, -1116, -1117, -1118, -1121, -1128, -1130,
    /* Filter, size, price. */
    -1013, -4001, -4002, -4003, -4004, -4005, -4013, -4014, -4023, -4015, -4016, -4024, -4131, -4164, -4140, -4028,
    -2027, -2028, -4161,
    /* Balance, margin. */
    -2018, -2019, -4050, -4051,
    /* Position, mode. */
    -2022, -4061, -4062, -4060, -4118,
    /* Conditional. */
    -2021, -4120, -4045, -4130, -4137, -4138, -4142,
    /* Time in force: terminal, no change of position. */
    -5021, -5022,
    /* A refusal of the new order. */
    -2010};
static const int32_t busy[] = {-1003, -1008, -1015, -1016, -1034, -1112, -1021, -5028};
static const int32_t unknown[] = {-1000, -1001, -1006, -1007, -4116, -5027,
                                  /* These answer other questions; to an order they say nothing. */
                                  -2013, -2011, -4046, -4059, -4171, -4047, -4048, -4067, -4068, -4531,
                                  /* No such codes. */
                                  -1, -999, -1009, -3000, -4999, -9999, -32000};

static void check(const int32_t *list, size_t count, enum hx_outcome wanted) {
    for (size_t i = 0; i < count; i++) {
        struct hx_venue_verdict verdict = decode(400, list[i], "Words.");
        if (verdict.outcome != wanted) fail_msg("%d: outcome %d", list[i], (int)verdict.outcome);
        assert_int_equal(verdict.venue_code, list[i]);
    }
}

static void codes_mean_what_the_facts_say(void **state) {
    (void)state;
    check(rejected, sizeof rejected / sizeof rejected[0], HX_OUTCOME_REJECTED);
    check(busy, sizeof busy / sizeof busy[0], HX_OUTCOME_BUSY);
    check(unknown, sizeof unknown / sizeof unknown[0], HX_OUTCOME_UNKNOWN);
    assert_true(decode(400, -1021, "x").clock_is_off);
    assert_true(decode(400, -5028, "x").clock_is_off);
    assert_false(decode(400, -1003, "x").clock_is_off);
    /* The spot text of a duplicate under a code that else is a refusal. */
    assert_int_equal(decode(400, -2010, "Duplicate order sent.").outcome, HX_OUTCOME_UNKNOWN);
}

static const struct hx_venue_code *find(int64_t code) {
    return hx_binance_find_code(HX_MARKET_FUTURES, code, HX_STR_EMPTY);
}

/* Every row is found, comes with its advice, and yields what its class says. */
static void every_row_of_the_table_is_used(void **state) {
    size_t count = 0;
    const struct hx_venue_code *codes = hx_binance_list_codes(&count);
    (void)state;
    assert_true(count > 180);
    for (size_t i = 0; i < count; i++) {
        enum hx_outcome wanted = codes[i].class_ == HX_CODE_REJECTED ? HX_OUTCOME_REJECTED
                                 : codes[i].class_ == HX_CODE_BUSY || codes[i].class_ == HX_CODE_CLOCK
                                     ? HX_OUTCOME_BUSY
                                     : HX_OUTCOME_UNKNOWN;
        size_t advice_len = strlen(codes[i].advice);
        struct hx_venue_verdict verdict = decode(400, codes[i].code, "The venue's words.");
        if (i > 0 && codes[i].code >= codes[i - 1].code) fail_msg("%d is out of order", codes[i].code);
        assert_ptr_equal(find(codes[i].code), &codes[i]);
        assert_int_equal(verdict.outcome, wanted);
        assert_true(advice_len > 15 && advice_len < 200 && codes[i].advice[advice_len - 1] == '.');
        assert_true(hx_str_starts_with(verdict.message, HX_STR("The venue's words. (")));
        assert_true(hx_str_ends_with(verdict.message, hx_str_from_c(codes[i].advice)));
    }
    assert_null(find(0));
    assert_null(find(200));
    assert_null(find(INT64_MIN));
    assert_null(find(INT64_MAX));
    assert_null(find((int64_t)-1121 - ((int64_t)1 << 32)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_mean_what_the_facts_say),
        cmocka_unit_test(every_row_of_the_table_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
