/* Goal: every code of Bybit means what the facts say it means, for orders, cancels, queries and settings. Method: a
 * second list, typed from the facts page class by class and not from the table, is compared with what the decoders of
 * both products make of each code; and the table is checked for its order, for double rows and for sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/bybit.h"
#include "core/venue/bybit_codes.h"

static uint8_t memory[65536];
static struct hx_arena arena;
static const struct hx_symbol_rules rules = {.base_asset = HX_FORM_TEXT("BTC"), .quote_asset = HX_FORM_TEXT("USDT")};

static struct hx_http_answer refuse(int32_t code, const char *words) {
    static char body[512];
    hx_arena_init(&arena, memory, sizeof memory);
    snprintf(body, sizeof body,
             "{\"retCode\":%d,\"retMsg\":\"%s\",\"result\":{},\"retExtInfo\":{},\"time\":1764000000123}", code, words);
    return (struct hx_http_answer){.status = 200, .body = hx_str_from_c(body)};
}

static struct hx_venue_context context(void) {
    return (struct hx_venue_context){.arena = &arena, .timestamp_ms = 1764000000000, .rules = &rules};
}

static struct hx_venue_verdict order(const struct hx_venue_adapter *a, int32_t code, const char *words) {
    struct hx_http_answer answer = refuse(code, words);
    struct hx_venue_context ctx = context();
    struct hx_order_request sent = {.symbol = HX_STR("BTCUSDT"), .client_order_id = HX_STR("abc")};
    struct hx_order_report report;
    return a->decode_order(&ctx, &answer, &sent, &report);
}

static struct hx_venue_verdict cancel(const struct hx_venue_adapter *a, int32_t code) {
    struct hx_http_answer answer = refuse(code, "x");
    struct hx_venue_context ctx = context();
    struct hx_order_report report;
    return a->decode_cancel(&ctx, &answer, HX_STR("BTCUSDT"), HX_STR("abc"), &report);
}

static struct hx_venue_verdict query(const struct hx_venue_adapter *a, int32_t code, uint32_t stage) {
    struct hx_http_answer answer = refuse(code, "x");
    struct hx_venue_context ctx = context();
    struct hx_order_report report = {0};
    return a->decode_query(&ctx, &answer, HX_STR("BTCUSDT"), HX_STR("abc"), stage, &report);
}

static struct hx_venue_verdict leverage(int32_t code) {
    struct hx_http_answer answer = refuse(code, "x");
    struct hx_venue_context ctx = context();
    return hx_bybit_linear.decode_leverage(&ctx, &answer, HX_STR("BTCUSDT"), 5);
}

static struct hx_venue_verdict margin_mode(int32_t code) {
    struct hx_http_answer answer = refuse(code, "x");
    struct hx_venue_context ctx = context();
    return hx_bybit_linear.decode_margin_mode(&ctx, &answer);
}

/* Facts, section 5.9, class by class. */
static const int32_t already[] = {110043, 110025, 110026, 110027, 34040};
static const int32_t duplicate[] = {110072, 170141, 10014, 20006};
static const int32_t open_outcome[] = {10000, 10016, 170001, 170007, 170035, 170146, 170147, 170032, 170149, 170150};
static const int32_t later[] = {10006, 429, 10429, 10403, 20003, 170005, 170222, 110079, 170144, 170191, 10019, 10018};
static const int32_t clock_[] = {10002, -1};
static const int32_t refused[] = {
    /* Auth, permission. */
    10003, 10004, 10005, 10007, 10008, 10009, 10010, 10024, 10027, 10028, 10029, 33004, -2015, 110066, 110123, 110125,
    110124, 110132, 170209, 170157,
    /* Bad request, symbol. */
    10001, 10017, 10404, 170115, 170116, 170117, 170121, 170130, 170201, 110074, 170151,
    /* Balance. */
    110004, 110006, 110007, 110012, 110014, 110044, 110045, 110051, 110052, 110053, 170131, 170033,
    /* Quantity, price, filter. */
    110003, 110120, 110121, 170371, 170372, 170192, 170193, 170194, 110094, 110017, 170124, 170381, 170382, 170132,
    170133, 170134, 170136, 170137, 170140, 170148, 110118, 170217, 170218,
    /* Position limits. */
    110020, 110009, 110021, 110090, 110040, 110023, 110042, 110063,
    /* Leverage. */
    110013, 110086, 110036, 110038,
    /* Trigger side. */
    110092, 110093, 170203, 170204,
    /* A mode that the symbol does not have. */
    110029};
static const int32_t not_there[] = {110001, 170213, 170143};
static const int32_t ended[] = {110008, 110010, 170139, 170142, 170190};
/* The documentation's page on setting the margin mode adds the last one. */
static const int32_t prevented[] = {110024, 110028, 110073, 3400045};
/* No such codes. */
static const int32_t nowhere[] = {1, -2, 10011, 10015, 99999, 110002, 130125, 170999, 2000000, -32000};

#define EACH(list, i) for (size_t i = 0; i < sizeof(list) / sizeof((list)[0]); i++)

static const struct hx_venue_adapter *const products[] = {&hx_bybit_linear, &hx_bybit_spot};

static void orders_of(const int32_t *list, size_t count, enum hx_outcome wanted) {
    for (size_t i = 0; i < count; i++) {
        EACH(products, p) {
            struct hx_venue_verdict verdict = order(products[p], list[i], "Words.");
            if (verdict.outcome != wanted) fail_msg("%d: outcome %d", list[i], (int)verdict.outcome);
            assert_int_equal(verdict.venue_code, list[i]);
            assert_false(verdict.already_so || verdict.position_prevents || verdict.mode_differs);
        }
    }
}

#define ORDERS_OF(list, wanted) orders_of(list, sizeof(list) / sizeof((list)[0]), wanted)

static void orders_end_as_the_facts_say(void **state) {
    (void)state;
    ORDERS_OF(refused, HX_OUTCOME_REJECTED);
    ORDERS_OF(later, HX_OUTCOME_BUSY);
    ORDERS_OF(clock_, HX_OUTCOME_BUSY);
    ORDERS_OF(open_outcome, HX_OUTCOME_UNKNOWN);
    ORDERS_OF(duplicate, HX_OUTCOME_UNKNOWN);
    ORDERS_OF(nowhere, HX_OUTCOME_UNKNOWN);
    /* These answer other questions; of an order they prove nothing. */
    ORDERS_OF(already, HX_OUTCOME_UNKNOWN);
    ORDERS_OF(prevented, HX_OUTCOME_UNKNOWN);
    ORDERS_OF(not_there, HX_OUTCOME_UNKNOWN);
    ORDERS_OF(ended, HX_OUTCOME_UNKNOWN);
    EACH(clock_, i) assert_true(order(&hx_bybit_linear, clock_[i], "x").clock_is_off);
    EACH(later, i) assert_false(order(&hx_bybit_linear, later[i], "x").clock_is_off);
}

static void cancels_end_as_the_facts_say(void **state) {
    (void)state;
    EACH(products, p) {
        EACH(not_there, i) assert_int_equal(cancel(products[p], not_there[i]).outcome, HX_OUTCOME_ABSENT);
        EACH(ended, i) assert_int_equal(cancel(products[p], ended[i]).outcome, HX_OUTCOME_ABSENT);
        EACH(open_outcome, i) assert_int_equal(cancel(products[p], open_outcome[i]).outcome, HX_OUTCOME_UNKNOWN);
        EACH(later, i) assert_int_equal(cancel(products[p], later[i]).outcome, HX_OUTCOME_BUSY);
        EACH(nowhere, i) assert_int_equal(cancel(products[p], nowhere[i]).outcome, HX_OUTCOME_UNKNOWN);
    }
}

/* Absence is said in each of the places; everything else means asking again. */
static void queries_end_as_the_facts_say(void **state) {
    (void)state;
    EACH(products, p) {
        for (uint32_t stage = 0; stage < HX_BYBIT_STAGES; stage++) {
            EACH(not_there, i) assert_int_equal(query(products[p], not_there[i], stage).outcome, HX_OUTCOME_ABSENT);
            EACH(ended, i) assert_int_equal(query(products[p], ended[i], stage).outcome, HX_OUTCOME_UNKNOWN);
            EACH(open_outcome, i) assert_int_equal(query(products[p], open_outcome[i], stage).outcome, HX_OUTCOME_BUSY);
            EACH(refused, i) assert_int_equal(query(products[p], refused[i], stage).outcome, HX_OUTCOME_BUSY);
            EACH(later, i) assert_int_equal(query(products[p], later[i], stage).outcome, HX_OUTCOME_BUSY);
            EACH(nowhere, i) assert_int_equal(query(products[p], nowhere[i], stage).outcome, HX_OUTCOME_UNKNOWN);
        }
    }
}

static void settings_end_as_the_facts_say(void **state) {
    (void)state;
    EACH(already, i) {
        struct hx_venue_verdict verdict = leverage(already[i]);
        assert_int_equal(verdict.outcome, HX_OUTCOME_DONE);
        assert_true(verdict.already_so);
        assert_int_equal(margin_mode(already[i]).outcome, HX_OUTCOME_DONE);
    }
    EACH(prevented, i) {
        struct hx_venue_verdict verdict = margin_mode(prevented[i]);
        assert_int_equal(verdict.outcome, HX_OUTCOME_REJECTED);
        assert_true(verdict.position_prevents);
    }
    EACH(refused, i) {
        assert_int_equal(leverage(refused[i]).outcome, HX_OUTCOME_REJECTED);
        assert_false(leverage(refused[i]).position_prevents);
    }
    static const int32_t of_leverage[] = {110013, 110036, 110086, 110090};
    static const int32_t of_something_else[] = {10003, 10005, 110007, 110038, 110043};
    EACH(of_leverage, i) {
        assert_int_equal(leverage(of_leverage[i]).outcome, HX_OUTCOME_REJECTED);
        assert_true(leverage(of_leverage[i]).about_leverage);
    }
    EACH(of_something_else, i) assert_false(leverage(of_something_else[i]).about_leverage);
    EACH(later, i) assert_int_equal(leverage(later[i]).outcome, HX_OUTCOME_BUSY);
    EACH(open_outcome, i) assert_int_equal(leverage(open_outcome[i]).outcome, HX_OUTCOME_UNKNOWN);
}

/* One code for all bad values; this one of them can be put right. */
static void a_wrong_position_mode_is_told_by_its_words(void **state) {
    (void)state;
    struct hx_venue_verdict verdict = order(&hx_bybit_linear, 10001, "position idx not match position mode");
    assert_int_equal(verdict.outcome, HX_OUTCOME_REJECTED);
    assert_true(verdict.mode_differs);
    verdict = order(&hx_bybit_linear, 10001, "Request parameter error: position idx not match position mode.");
    assert_true(verdict.mode_differs);
    assert_false(order(&hx_bybit_linear, 10001, "params error: side invalid").mode_differs);
    assert_false(order(&hx_bybit_linear, 10016, "position idx not match position mode").mode_differs);
}

/* Those that say that the symbol is not traded now, and no others. */
static void halts_are_told_apart(void **state) {
    size_t count = 0;
    (void)state;
    const struct hx_venue_code *codes = hx_bybit_list_codes(&count);
    for (size_t i = 0; i < count; i++) {
        int32_t code = codes[i].code;
        bool halted = code == 110063 || code == 110074 || code == 170151;
        assert_int_equal(order(&hx_bybit_linear, code, "").halted, halted);
    }
}

/* Every row is found, comes with its advice, and yields what its class says. */
static void every_row_of_the_table_is_used(void **state) {
    size_t count = 0;
    const struct hx_venue_code *codes = hx_bybit_list_codes(&count);
    (void)state;
    assert_true(count > 200);
    for (size_t i = 0; i < count; i++) {
        enum hx_outcome wanted = codes[i].class_ == HX_CODE_REJECTED || codes[i].class_ == HX_CODE_HALTED ||
                                         codes[i].class_ == HX_CODE_LEVERAGE
                                     ? HX_OUTCOME_REJECTED
                                 : codes[i].class_ == HX_CODE_BUSY || codes[i].class_ == HX_CODE_CLOCK
                                     ? HX_OUTCOME_BUSY
                                     : HX_OUTCOME_UNKNOWN;
        size_t advice_len = strlen(codes[i].advice);
        struct hx_venue_verdict verdict = order(&hx_bybit_spot, codes[i].code, "The venue's words.");
        if (i > 0 && codes[i].code <= codes[i - 1].code) fail_msg("%d is out of order", codes[i].code);
        assert_ptr_equal(hx_bybit_find_code(codes[i].code), &codes[i]);
        assert_int_equal(verdict.outcome, wanted);
        assert_true(advice_len > 15 && advice_len < 200 && codes[i].advice[advice_len - 1] == '.');
        assert_true(hx_str_starts_with(verdict.message, HX_STR("The venue's words. (")));
        assert_true(hx_str_ends_with(verdict.message, hx_str_from_c(codes[i].advice)));
        /* That is decided later. */
        assert_null(strstr(codes[i].advice, "hoox tries again"));
        assert_null(strstr(codes[i].advice, "hoox waits"));
    }
    assert_null(hx_bybit_find_code(0));
    assert_null(hx_bybit_find_code(INT64_MIN));
    assert_null(hx_bybit_find_code(INT64_MAX));
    assert_null(hx_bybit_find_code((int64_t)110001 + ((int64_t)1 << 32)));
}

static void reasons_come_with_advice(void **state) {
    hx_str general = hx_bybit_find_advice(HX_STR("EC_Others"));
    (void)state;
    assert_true(general.len > 15);
    assert_true(hx_str_equal(hx_bybit_find_advice(HX_STR_EMPTY), general));
    assert_false(hx_str_equal(hx_bybit_find_advice(HX_STR("EC_PostOnlyWillTakeLiquidity")), general));
    assert_false(hx_str_equal(hx_bybit_find_advice(HX_STR("EC_NoEnoughQtyToFill")), general));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_end_as_the_facts_say),
        cmocka_unit_test(cancels_end_as_the_facts_say),
        cmocka_unit_test(queries_end_as_the_facts_say),
        cmocka_unit_test(settings_end_as_the_facts_say),
        cmocka_unit_test(a_wrong_position_mode_is_told_by_its_words),
        cmocka_unit_test(halts_are_told_apart),
        cmocka_unit_test(every_row_of_the_table_is_used),
        cmocka_unit_test(reasons_come_with_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
