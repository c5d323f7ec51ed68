/* Goal: every code of MEXC means what the facts say it means, for orders, cancels, queries and settings. Method: second
 * lists, typed from the facts page by class and not from the tables, are compared with what the decoders make of each
 * code; the tables hold no code that is in none of these lists, are in order, and speak in sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/mexc.h"

#define BTC HX_STR("BTCUSDT")
#define ID HX_STR("abc")

enum class_ { REFUSED, NOT_NOW, CLOCK, UNCERTAIN, DOUBLE, MISSING, OVER };

struct group {
    enum class_ class_;
    int32_t codes[24]; /* 0 ends it. */
};

/* Facts 7.7, row by row. */
static const struct group futures[] = {
    {REFUSED,
     {401, 402, 406, 506, 511, 602, 701, 702, 703, 704, 1000, 200005, 200006, 300000, 300001, 6001, 6002, 6005}},
    {CLOCK, {513}},
    {NOT_NOW, {510, 2037}},
    {UNCERTAIN, {500, 501, 9999, 3016}},
    {DOUBLE, {2042, 603}},
    {NOT_NOW, {604, 801, 11444}},
    {REFUSED, {600, 601, 1001, 1002, 2001, 2002, 2022, 2029, 2030, 2013, 2014, 2034}},
    {REFUSED, {2005, 2018}},
    {REFUSED, {2003, 2004, 2007, 2032, 2033, 2035}},
    {REFUSED, {1004, 2011, 2015, 2016, 2028, 2031, 2025, 2038, 2036, 1003, 8817}},
    {REFUSED, {2006, 2019, 2021, 2023, 2024, 2026, 2027}},
    {REFUSED, {2008, 2009, 2043}},
    {MISSING, {2040}},
    {OVER, {2041}},
    {REFUSED, {3001, 3002, 3003, 3004, 5001, 5002, 5003, 5004}},
    {REFUSED, {2070}},
};

/* Facts 6.5, row by row. Of the clock's codes 700005 is a window that is too long, which measuring does not help. Of
 * what is not there only -2013 is the answer to a question. */
static const struct group spot[] = {
    {REFUSED, {400, 401, 403, 406, 602, 700001, 700002, 10072, 700006, 700007, 700011}},
    {CLOCK, {700003, 10073}},
    {REFUSED, {700005}},
    {REFUSED, {700004, 700008, 700013, 33333, 44444, 10095, 10096, 10097, 30041, -1128}},
    {REFUSED, {10007, 30014, 30021, -1121, 30000, 30016, 30018, 30019, 30020, 30001, 70011}},
    {REFUSED, {10101, 30004, 30005}},
    {REFUSED, {30002, 30003, 30010, 30025, 30027, 30028, 30029, 30032, 30087}},
    {REFUSED, {60005, 730100}},
    {OVER, {-2011, 30026, 22222}},
    {MISSING, {-2013}},
    {NOT_NOW, {429}},
    {UNCERTAIN, {500, 503, 504}},
};

/* Facts 7.7, inside an order, with what an order that executed nothing is then. */
static const struct {
    int32_t code;
    enum hx_order_status status;
} order_errors[] = {{1, HX_ORDER_REJECTED},  {2, HX_ORDER_REJECTED},  {3, HX_ORDER_REJECTED},  {4, HX_ORDER_REJECTED},
                    {5, HX_ORDER_REJECTED},  {6, HX_ORDER_REJECTED},  {7, HX_ORDER_REJECTED},  {8, HX_ORDER_CANCELED},
                    {9, HX_ORDER_REJECTED},  {10, HX_ORDER_REJECTED}, {11, HX_ORDER_REJECTED}, {12, HX_ORDER_CANCELED},
                    {13, HX_ORDER_CANCELED}, {14, HX_ORDER_CANCELED}, {15, HX_ORDER_REJECTED}, {16, HX_ORDER_CANCELED},
                    {17, HX_ORDER_CANCELED}, {18, HX_ORDER_EXPIRED},  {19, HX_ORDER_EXPIRED},  {20, HX_ORDER_EXPIRED},
                    {21, HX_ORDER_CANCELED}};

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static const struct hx_symbol_rules rules = {.contract_size = {1, -4}, .step = {1, -4}};

static struct hx_venue_verdict decode(const struct hx_venue_adapter *a, int32_t code, enum hx_venue_purpose purpose) {
    static char body[256];
    const struct hx_order_request sent = {.symbol = BTC, .client_order_id = ID};
    struct hx_order_report report;
    hx_dec price;
    bool futures_api = a == &hx_mexc_futures;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena, .rules = &rules};
    snprintf(body, sizeof body,
             futures_api ? "{\"success\":false,\"code\":%d,\"message\":\"The venue's words.\"}"
                         : "{\"code\":%d,\"msg\":\"The venue's words.\"}",
             code);
    struct hx_http_answer answer = {.status = futures_api ? 200 : 400, .body = hx_str_from_c(body)};
    switch (purpose) {
        case HX_VENUE_FOR_ORDER:
            return a->decode_order(&ctx, &answer, &sent, &report);
        case HX_VENUE_FOR_CANCEL:
            return a->decode_cancel(&ctx, &answer, BTC, ID, &report);
        case HX_VENUE_FOR_QUERY:
            return a->decode_query(&ctx, &answer, BTC, ID, 0, &report);
        case HX_VENUE_FOR_SETTING:
            return a->decode_leverage(&ctx, &answer, BTC, 5);
        case HX_VENUE_FOR_QUESTION:
            break;
    }
    return a->decode_mark_price(&ctx, &answer, BTC, &price);
}

/* By class: what it means for an order, a cancel, a query and any other question. */
static const enum hx_outcome outcomes[][4] = {
    [REFUSED] = {HX_OUTCOME_REJECTED, HX_OUTCOME_REJECTED, HX_OUTCOME_BUSY, HX_OUTCOME_REJECTED},
    [NOT_NOW] = {HX_OUTCOME_BUSY, HX_OUTCOME_BUSY, HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
    [CLOCK] = {HX_OUTCOME_BUSY, HX_OUTCOME_BUSY, HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
    [UNCERTAIN] = {HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
    [DOUBLE] = {HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
    [MISSING] = {HX_OUTCOME_UNKNOWN, HX_OUTCOME_ABSENT, HX_OUTCOME_ABSENT, HX_OUTCOME_UNKNOWN},
    [OVER] = {HX_OUTCOME_UNKNOWN, HX_OUTCOME_ABSENT, HX_OUTCOME_UNKNOWN, HX_OUTCOME_UNKNOWN},
};

/* Says that the symbol is not traded now. */
static bool is_halt(const struct hx_venue_adapter *a, int32_t code) {
    if (a == &hx_mexc_futures) return code == 1002;
    return code == 30000 || code == 30016 || code == 30027 || code == 30028;
}

/* Says that another leverage would do. Facts 7.7. */
static bool is_of_leverage(const struct hx_venue_adapter *a, int32_t code) {
    static const int32_t codes[] = {2006, 2019, 2021, 2023, 2024, 2026};
    bool found = false;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) found = found || codes[i] == code;
    return found && a == &hx_mexc_futures;
}

static void check(const struct hx_venue_adapter *a, enum class_ class_, int32_t code) {
    static const enum hx_venue_purpose purposes[] = {HX_VENUE_FOR_ORDER, HX_VENUE_FOR_CANCEL, HX_VENUE_FOR_QUERY,
                                                     HX_VENUE_FOR_QUESTION};
    for (size_t i = 0; i < 4; i++) {
        struct hx_venue_verdict verdict = decode(a, code, purposes[i]);
        if (verdict.outcome != outcomes[class_][i]) fail_msg("%d for %zu: outcome %d", code, i, (int)verdict.outcome);
        assert_int_equal(verdict.venue_code, code);
        assert_int_equal(verdict.clock_is_off, class_ == CLOCK);
        assert_int_equal(verdict.halted, is_halt(a, code));
        assert_int_equal(verdict.about_leverage, is_of_leverage(a, code));
        bool no_such_symbol = a == &hx_mexc_futures ? code == 1001 : code == -1121 || code == 10007;
        assert_int_equal(verdict.no_such_symbol, no_such_symbol);
        assert_true(hx_str_starts_with(verdict.message, HX_STR("The venue's words. (")));
    }
}

static size_t check_groups(const struct hx_venue_adapter *a, const struct group *groups, size_t count) {
    size_t codes = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; groups[i].codes[k] != 0; k++) {
            check(a, groups[i].class_, groups[i].codes[k]);
            codes++;
        }
    }
    return codes;
}

static void check_table(const struct hx_venue_code *codes, size_t count, size_t listed,
                        const struct hx_venue_code *(*find)(int64_t code)) {
    /* Each of the second list was found, so a table of the same size has no other. */
    assert_int_equal(count, listed);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(codes[i].advice);
        if (i > 0 && codes[i].code <= codes[i - 1].code) fail_msg("%d is out of order", codes[i].code);
        assert_ptr_equal(find(codes[i].code), &codes[i]);
        assert_null(find((int64_t)codes[i].code + ((int64_t)1 << 32)));
        assert_true(len > 15 && len < 200 && codes[i].advice[len - 1] == '.');
        /* That is decided later. */
        assert_null(strstr(codes[i].advice, "hoox tries again"));
        assert_null(strstr(codes[i].advice, "hoox waits"));
    }
    assert_null(find(0));
    assert_null(find(INT64_MIN));
    assert_null(find(INT64_MAX));
}

static void codes_mean_what_the_facts_say(void **state) {
    size_t count = 0;
    const struct hx_venue_code *codes = hx_mexc_futures_list_codes(&count);
    (void)state;
    check_table(codes, count, check_groups(&hx_mexc_futures, futures, sizeof futures / sizeof futures[0]),
                hx_mexc_futures_find_code);
    codes = hx_mexc_spot_list_codes(&count);
    check_table(codes, count, check_groups(&hx_mexc_spot, spot, sizeof spot / sizeof spot[0]), hx_mexc_spot_find_code);
}

/* No such codes, or another product's. */
static void unknown_codes_prove_nothing(void **state) {
    static const int32_t futures_codes[] = {1, 199, 200, 512, 2999, 30004, 700003, -2013};
    static const int32_t spot_codes[] = {1, 200, 513, 2005, 2042, 30006, 700009, -1, -1021};
    (void)state;
    for (size_t i = 0; i < sizeof futures_codes / sizeof futures_codes[0]; i++) {
        assert_int_equal(decode(&hx_mexc_futures, futures_codes[i], HX_VENUE_FOR_ORDER).outcome, HX_OUTCOME_UNKNOWN);
        assert_int_equal(decode(&hx_mexc_futures, futures_codes[i], HX_VENUE_FOR_CANCEL).outcome, HX_OUTCOME_UNKNOWN);
    }
    for (size_t i = 0; i < sizeof spot_codes / sizeof spot_codes[0]; i++) {
        assert_int_equal(decode(&hx_mexc_spot, spot_codes[i], HX_VENUE_FOR_ORDER).outcome, HX_OUTCOME_UNKNOWN);
        assert_int_equal(decode(&hx_mexc_spot, spot_codes[i], HX_VENUE_FOR_CANCEL).outcome, HX_OUTCOME_UNKNOWN);
    }
}

static void settings_are_refused_or_not_now(void **state) {
    (void)state;
    assert_int_equal(decode(&hx_mexc_futures, 2019, HX_VENUE_FOR_SETTING).outcome, HX_OUTCOME_REJECTED);
    assert_int_equal(decode(&hx_mexc_futures, 2024, HX_VENUE_FOR_SETTING).outcome, HX_OUTCOME_REJECTED);
    assert_int_equal(decode(&hx_mexc_futures, 510, HX_VENUE_FOR_SETTING).outcome, HX_OUTCOME_BUSY);
    assert_int_equal(decode(&hx_mexc_futures, 500, HX_VENUE_FOR_SETTING).outcome, HX_OUTCOME_UNKNOWN);
}

/* Through the order that carries it, in both states that an order can have ended in without a fill. */
static void errors_of_orders_say_how_they_ended(void **state) {
    char body[512];
    size_t count = 0;
    (void)state;
    (void)hx_mexc_list_order_errors(&count);
    assert_int_equal(count, sizeof order_errors / sizeof order_errors[0]);
    for (size_t i = 0; i < count; i++) {
        const struct hx_mexc_order_error *error = hx_mexc_find_order_error(order_errors[i].code);
        assert_non_null(error);
        size_t len = strlen(error->advice);
        assert_true(len > 15 && len < 200 && error->advice[len - 1] == '.');
        for (int state_of = 4; state_of <= 5; state_of++) {
            struct hx_order_report report;
            hx_arena_init(&arena, memory, sizeof memory);
            ctx = (struct hx_venue_context){.arena = &arena, .rules = &rules};
            snprintf(body, sizeof body,
                     "{\"success\":true,\"code\":0,\"data\":{\"orderId\":\"7\",\"symbol\":\"BTC_USDT\",\"vol\":2,"
                     "\"dealVol\":0,\"state\":%d,\"externalOid\":\"abc\",\"errorCode\":%d}}",
                     state_of, order_errors[i].code);
            struct hx_http_answer answer = {.status = 200, .body = hx_str_from_c(body)};
            struct hx_venue_verdict verdict = hx_mexc_futures.decode_query(&ctx, &answer, BTC, ID, 0, &report);
            assert_int_equal(verdict.outcome, HX_OUTCOME_DONE);
            assert_int_equal(report.status, state_of == 4 ? order_errors[i].status : HX_ORDER_REJECTED);
            assert_int_equal(verdict.venue_code, order_errors[i].code);
            assert_true(hx_str_ends_with(verdict.message, hx_str_from_c(error->advice)));
        }
    }
    assert_null(hx_mexc_find_order_error(0));
    assert_null(hx_mexc_find_order_error(22));
    assert_null(hx_mexc_find_order_error(-1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_mean_what_the_facts_say),
        cmocka_unit_test(unknown_codes_prove_nothing),
        cmocka_unit_test(settings_are_refused_or_not_now),
        cmocka_unit_test(errors_of_orders_say_how_they_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
