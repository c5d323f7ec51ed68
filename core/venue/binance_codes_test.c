/* Goal: every code of Binance means what the facts say it means, for each product. Method: second lists, typed from the
 * facts page (sections 2.5 and 4) and not from the tables, are compared with what the order decoders make of each code
 * and of each text; and the tables are checked for their order, for double rows and for sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/binance_codes.h"

static uint8_t memory[65536];
static const struct hx_venue_adapter *const futures = &hx_binance_futures;
static const struct hx_venue_adapter *const spot = &hx_binance_spot;

static const struct hx_http_answer *refusal(uint32_t status, int32_t code, const char *words,
                                            struct hx_venue_context *ctx) {
    static char body[256];
    static struct hx_arena arena;
    static struct hx_http_answer answer;
    hx_arena_init(&arena, memory, sizeof memory);
    *ctx = (struct hx_venue_context){.arena = &arena};
    snprintf(body, sizeof body, "{\"code\":%d,\"msg\":\"%s\"}", code, words);
    answer = (struct hx_http_answer){.status = status, .body = hx_str_from_c(body)};
    return &answer;
}

static struct hx_venue_verdict decode(const struct hx_venue_adapter *a, int32_t code, const char *words) {
    struct hx_order_request sent = {.symbol = HX_STR("BTCUSDT"), .client_order_id = HX_STR("abc")};
    struct hx_order_report report;
    struct hx_venue_context ctx;
    const struct hx_http_answer *answer = refusal(400, code, words, &ctx);
    return a->decode_order(&ctx, answer, &sent, &report);
}

static enum hx_outcome cancel(const struct hx_venue_adapter *a, int32_t code, const char *words) {
    struct hx_order_report report;
    struct hx_venue_context ctx;
    const struct hx_http_answer *answer = refusal(400, code, words, &ctx);
    return a->decode_cancel(&ctx, answer, HX_STR("BTCUSDT"), HX_STR("abc"), &report).outcome;
}

static enum hx_outcome query(const struct hx_venue_adapter *a, int32_t code, const char *words) {
    struct hx_order_report report;
    struct hx_venue_context ctx;
    const struct hx_http_answer *answer = refusal(400, code, words, &ctx);
    return a->decode_query(&ctx, answer, HX_STR("BTCUSDT"), HX_STR("abc"), 0, &report).outcome;
}

static struct hx_venue_verdict set_margin(int32_t code) {
    struct hx_venue_context ctx;
    const struct hx_http_answer *answer = refusal(400, code, "Words.", &ctx);
    return futures->decode_margin_mode(&ctx, answer);
}

/* Section 4, class by class; for an order. Of both products: */
static const int32_t rejected[] = {
    /* Auth, permission. */
    -1002, -1022, -2014, -2015, -1109,
    /* Bad request. */
    -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1111, -1114, -1115, -1116, -1117, -1118, -1121, -1128, -1130,
    /* Filter. */
    -1013,
    /* Balance, margin. */
    -2018, -2019,
    /* A refusal of the new order. */
    -2010};
static const int32_t busy[] = {-1003, -1008, -1015, -1016, -1034, -1112, -1021};
static const int32_t unknown[] = {-1000, -1001, -1006, -1007,
                                  /* These answer other questions; to an order they say nothing. */
                                  -2013, -2011,
                                  /* No such codes. */
                                  -1, -999, -1009, -3000, -4999, -9999, -32000};
/* Of USD-M alone; to spot they are no codes. */
static const int32_t rejected_futures[] = {
    /* Auth, permission. */
    -4087, -4088, -4192, -4400, -4401, -4109,
    /* Filter, size, price. */
    -4001, -4002, -4003, -4004, -4005, -4013, -4014, -4023, -4015, -4016, -4024, -4131, -4164, -4140, -4028, -4161,
    /* Balance, margin. */
    -4050, -4051,
    /* Position, mode. */
    -4061, -4062, -4060, -4118,
    /* Conditional. */
    -4120, -4045, -4130, -4137, -4138, -4142,
    /* Time in force: terminal, no change of position. */
    -5021, -5022};
static const int32_t unknown_futures[] = {-4116, -5027,
                                          /* Settings. */
                                          -4046, -4059, -4171, -4047, -4048, -4067, -4068, -4531};

static void check(const struct hx_venue_adapter *a, const int32_t *list, size_t count, enum hx_outcome wanted) {
    for (size_t i = 0; i < count; i++) {
        struct hx_venue_verdict verdict = decode(a, list[i], "Words.");
        if (verdict.outcome != wanted) fail_msg("%s %d: outcome %d", a->name.data, list[i], (int)verdict.outcome);
        assert_int_equal(verdict.venue_code, list[i]);
    }
}

#define CHECK(a, list, wanted) check(a, list, sizeof(list) / sizeof(list)[0], wanted)

static void codes_mean_what_the_facts_say(void **state) {
    static const int32_t position[] = {-2022, -2021, -2027, -2028};
    static const int32_t late[] = {-5028};
    (void)state;
    CHECK(futures, rejected, HX_OUTCOME_REJECTED);
    CHECK(futures, rejected_futures, HX_OUTCOME_REJECTED);
    CHECK(futures, position, HX_OUTCOME_REJECTED);
    CHECK(futures, busy, HX_OUTCOME_BUSY);
    CHECK(futures, late, HX_OUTCOME_BUSY);
    CHECK(futures, unknown, HX_OUTCOME_UNKNOWN);
    CHECK(futures, unknown_futures, HX_OUTCOME_UNKNOWN);
    assert_true(decode(futures, -1021, "x").clock_is_off);
    assert_true(decode(futures, -5028, "x").clock_is_off);
    assert_false(decode(futures, -1003, "x").clock_is_off);
    /* The spot text of a duplicate under a code that else is a refusal. */
    assert_int_equal(decode(futures, -2010, "Duplicate order sent.").outcome, HX_OUTCOME_UNKNOWN);
}

static void spot_has_its_own_meanings(void **state) {
    /* Cancel-replace failed, wholly or in part; an order put away. */
    static const int32_t other[] = {-2021, -2022, -2026};
    static const int32_t late[] = {-5028};
    (void)state;
    CHECK(spot, rejected, HX_OUTCOME_REJECTED);
    CHECK(spot, busy, HX_OUTCOME_BUSY);
    CHECK(spot, unknown, HX_OUTCOME_UNKNOWN);
    CHECK(spot, other, HX_OUTCOME_UNKNOWN);
    CHECK(spot, rejected_futures, HX_OUTCOME_UNKNOWN);
    CHECK(spot, unknown_futures, HX_OUTCOME_UNKNOWN);
    CHECK(spot, late, HX_OUTCOME_UNKNOWN);
    assert_false(decode(spot, -5028, "x").clock_is_off);
    assert_true(decode(spot, -1021, "x").clock_is_off);
    assert_false(decode(spot, -4061, "x").mode_differs);
}

/* Settings that are so, and those that positions or orders keep. */
static void settings_mean_what_the_facts_say(void **state) {
    static const int32_t already[] = {-4046, -4059, -4171};
    static const int32_t prevented[] = {-4047, -4048, -4067, -4068, -4531};
    (void)state;
    for (size_t i = 0; i < sizeof already / sizeof already[0]; i++) {
        assert_int_equal(set_margin(already[i]).outcome, HX_OUTCOME_DONE);
        assert_true(set_margin(already[i]).already_so);
    }
    for (size_t i = 0; i < sizeof prevented / sizeof prevented[0]; i++) {
        assert_int_equal(set_margin(prevented[i]).outcome, HX_OUTCOME_REJECTED);
        assert_true(set_margin(prevented[i]).position_prevents);
    }
    assert_int_equal(set_margin(-4168).outcome, HX_OUTCOME_REJECTED);
    assert_false(set_margin(-4168).position_prevents);
}

/* Section 2.5, and the two codes of an order that is not there. */
static void texts_decide_where_codes_are_shared(void **state) {
    static const char *const refusals[] = {
        "Account has insufficient balance for requested action.",
        "Order would immediately match and take.",
        "Order would trigger immediately.",
        "Market is closed.",
        "This action is disabled on this account.",
        "Rest API trading is not enabled.",
        /* Not in the facts: whatever it is, the order was refused. */
        "Something new.",
    };
    static const char *const filters[] = {
        "PRICE_FILTER",          "LOT_SIZE",       "NOTIONAL",       "MARKET_LOT_SIZE",
        "PERCENT_PRICE_BY_SIDE", "MAX_NUM_ORDERS", "TRAILING_DELTA", "NEW_FILTER"};
    char words[64];
    (void)state;
    assert_int_equal(decode(spot, -2010, "Duplicate order sent.").outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(decode(spot, -2010, "Duplicate order sent").outcome, HX_OUTCOME_REJECTED);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        assert_int_equal(decode(spot, -2010, refusals[i]).outcome, HX_OUTCOME_REJECTED);
    }
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        snprintf(words, sizeof words, "Filter failure: %s", filters[i]);
        assert_int_equal(decode(spot, -1013, words).outcome, HX_OUTCOME_REJECTED);
    }
    assert_int_equal(cancel(spot, -2011, "Unknown order sent."), HX_OUTCOME_ABSENT);
    assert_int_equal(cancel(futures, -2011, "Unknown order sent."), HX_OUTCOME_ABSENT);
    assert_int_equal(cancel(spot, -2013, "Order does not exist."), HX_OUTCOME_ABSENT);
    assert_int_equal(query(spot, -2013, "Order does not exist."), HX_OUTCOME_ABSENT);
    assert_int_equal(query(futures, -2013, "Order does not exist."), HX_OUTCOME_ABSENT);
    /* That nothing can be cancelled does not say that there is no such order. */
    assert_int_equal(query(spot, -2011, "Unknown order sent."), HX_OUTCOME_UNKNOWN);
    /* A duplicate is not what a cancel or a query can be told. */
    assert_int_equal(cancel(spot, -2010, "Duplicate order sent."), HX_OUTCOME_UNKNOWN);
}

static void advice_follows_the_text(void **state) {
    static const char *const table[][2] = {
        {"Account has insufficient balance for requested action.", "add funds, or trade smaller."},
        {"Market is closed.", "is not open for trading now."},
        {"This symbol is not permitted for this account.", "ask Binance for the permission."},
        {"Words.", "its words say why."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        hx_str message = decode(spot, -2010, table[i][0]).message;
        assert_true(hx_str_starts_with(message, hx_str_from_c(table[i][0])));
        assert_true(hx_str_ends_with(message, hx_str_from_c(table[i][1])));
    }
    hx_str message = decode(spot, -1013, "Filter failure: NOTIONAL").message;
    assert_true(hx_str_equal(message, HX_STR("Filter failure: NOTIONAL (-1013). The order's value is outside of the "
                                             "symbol's limits: trade larger, or smaller.")));
}

/* Those that say that the symbol is not traded now, and no others. */
static void halts_are_told_apart(void **state) {
    size_t count = 0;
    (void)state;
    const struct hx_venue_code *codes = hx_binance_list_codes(&count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(decode(futures, codes[i].code, "").halted, codes[i].code == -4140);
    }
    assert_true(decode(spot, -2010, "Market is closed.").halted);
    assert_false(decode(spot, -2010, "This action is disabled on this account.").halted);
    assert_false(decode(spot, -2010, "").halted);
}

static void a_leverage_that_will_not_do_is_told_apart(void **state) {
    static const int32_t of_leverage[] = {-2027, -2028, -4028, -4161, -4209};
    static const int32_t of_something_else[] = {-1022, -2015, -2019, -4027, -4046, -4168};
    (void)state;
    for (size_t i = 0; i < sizeof of_leverage / sizeof of_leverage[0]; i++) {
        struct hx_venue_verdict verdict = decode(futures, of_leverage[i], "Words.");
        assert_int_equal(verdict.outcome, HX_OUTCOME_REJECTED);
        assert_true(verdict.about_leverage);
    }
    for (size_t i = 0; i < sizeof of_something_else / sizeof of_something_else[0]; i++) {
        assert_false(decode(futures, of_something_else[i], "Words.").about_leverage);
    }
}

/* A row is found, comes with its advice, and yields what its class says. */
static void check_row(const struct hx_venue_adapter *a, const struct hx_venue_code *row) {
    enum hx_outcome wanted =
        row->class_ == HX_CODE_REJECTED || row->class_ == HX_CODE_HALTED || row->class_ == HX_CODE_LEVERAGE
            ? HX_OUTCOME_REJECTED
        : row->class_ == HX_CODE_BUSY || row->class_ == HX_CODE_CLOCK ? HX_OUTCOME_BUSY
                                                                      : HX_OUTCOME_UNKNOWN;
    size_t advice_len = strlen(row->advice);
    struct hx_venue_verdict verdict = decode(a, row->code, "The venue's words.");
    assert_ptr_equal(hx_binance_find_code(a->market, row->code, HX_STR_EMPTY), row);
    if (verdict.outcome != wanted) fail_msg("%d: outcome %d", row->code, (int)verdict.outcome);
    assert_true(advice_len > 15 && advice_len < 200 && row->advice[advice_len - 1] == '.');
    assert_true(hx_str_starts_with(verdict.message, HX_STR("The venue's words. (")));
    assert_true(hx_str_ends_with(verdict.message, hx_str_from_c(row->advice)));
    /* That is decided later. */
    assert_null(strstr(row->advice, "hoox tries again"));
    assert_null(strstr(row->advice, "hoox waits"));
}

static const struct hx_venue_code *find(int64_t code) {
    const struct hx_venue_code *found = hx_binance_find_code(HX_MARKET_FUTURES, code, HX_STR_EMPTY);
    if (found == NULL) assert_null(hx_binance_find_code(HX_MARKET_SPOT, code, HX_STR_EMPTY));
    return found;
}

static void every_row_of_the_tables_is_used(void **state) {
    size_t count = 0;
    size_t spot_count = 0;
    const struct hx_venue_code *codes = hx_binance_list_codes(&count);
    const struct hx_venue_code *spot_codes = hx_binance_list_spot_codes(&spot_count);
    (void)state;
    assert_true(count > 180);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && codes[i].code >= codes[i - 1].code) fail_msg("%d is out of order", codes[i].code);
        check_row(futures, &codes[i]);
    }
    for (size_t i = 0; i < spot_count; i++) {
        if (i > 0 && spot_codes[i].code >= spot_codes[i - 1].code) fail_msg("%d is out of order", spot_codes[i].code);
        check_row(spot, &spot_codes[i]);
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
        cmocka_unit_test(spot_has_its_own_meanings),
        cmocka_unit_test(settings_mean_what_the_facts_say),
        cmocka_unit_test(texts_decide_where_codes_are_shared),
        cmocka_unit_test(halts_are_told_apart),
        cmocka_unit_test(a_leverage_that_will_not_do_is_told_apart),
        cmocka_unit_test(advice_follows_the_text),
        cmocka_unit_test(every_row_of_the_tables_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
