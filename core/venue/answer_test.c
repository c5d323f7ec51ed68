/* Goal: what all adapters read their answers with never says more than the bytes prove (answer.c). Method: small
 * tables; every class of code against every purpose, every reader against values at and beyond its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/answer.h"

static uint8_t memory[65536];
static struct hx_arena arena;
static struct hx_venue_context ctx;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena};
    return 0;
}

static const struct hx_json *json(const char *text) {
    const struct hx_json *root = hx_answer_parse(&ctx, hx_str_from_c(text));
    assert_non_null(root);
    return root;
}

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static void codes_are_found_in_either_order(void **state) {
    static const struct hx_venue_code rising[] = {
        {10001, HX_CODE_REJECTED, "a"}, {10003, HX_CODE_BUSY, "b"}, {110007, HX_CODE_CLOCK, "c"}};
    static const struct hx_venue_code falling[] = {
        {-1, HX_CODE_REJECTED, "a"}, {-3, HX_CODE_BUSY, "b"}, {-7, HX_CODE_CLOCK, "c"}, {-8, HX_CODE_CLOCK, "d"}};
    (void)state;
    for (size_t count = 0; count <= 3; count++) {
        for (size_t i = 0; i < 3; i++) {
            const struct hx_venue_code *found = hx_venue_code_find(rising, count, rising[i].code);
            assert_ptr_equal(found, i < count ? &rising[i] : NULL);
        }
    }
    for (size_t count = 0; count <= 4; count++) {
        for (size_t i = 0; i < 4; i++) {
            const struct hx_venue_code *found = hx_venue_code_find(falling, count, falling[i].code);
            assert_ptr_equal(found, i < count ? &falling[i] : NULL);
        }
    }
    static const int64_t missing[] = {0,      10000,     10002,     110008,
                                      -10001, INT64_MIN, INT64_MAX, 10001 + ((int64_t)1 << 32)};
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        assert_null(hx_venue_code_find(rising, 3, missing[i]));
        assert_null(hx_venue_code_find(falling, 4, missing[i]));
    }
}

#define D HX_OUTCOME_DONE
#define R HX_OUTCOME_REJECTED
#define B HX_OUTCOME_BUSY
#define U HX_OUTCOME_UNKNOWN
#define A HX_OUTCOME_ABSENT

/* One row for each class: for an order, a cancel, a query, a setting, another question. */
static void classes_mean_what_was_asked(void **state) {
    static const struct {
        enum hx_code_class class_;
        enum hx_outcome by_purpose[5];
    } table[] = {
        {HX_CODE_REJECTED, {R, R, R, R, R}}, {HX_CODE_HALTED, {R, R, R, R, R}},    {HX_CODE_BUSY, {B, B, B, B, B}},
        {HX_CODE_CLOCK, {B, B, B, B, B}},    {HX_CODE_UNKNOWN, {U, U, U, U, U}},   {HX_CODE_DUPLICATE, {U, U, U, U, U}},
        {HX_CODE_ALREADY, {U, U, U, D, U}},  {HX_CODE_PREVENTED, {U, U, U, R, U}}, {HX_CODE_ABSENT, {U, A, A, U, U}},
        {HX_CODE_GONE, {U, A, U, U, U}},     {HX_CODE_LEVERAGE, {R, R, R, R, R}},
    };
    static const enum hx_venue_purpose purposes[] = {HX_VENUE_FOR_ORDER, HX_VENUE_FOR_CANCEL, HX_VENUE_FOR_QUERY,
                                                     HX_VENUE_FOR_SETTING, HX_VENUE_FOR_QUESTION};
    const struct hx_venue_failure failure = {.code = -77, .words = HX_STR("Words")};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        for (size_t p = 0; p < 5; p++) {
            const struct hx_venue_code code = {-77, table[i].class_, "Do this."};
            struct hx_venue_verdict verdict = hx_answer_read_code(&ctx, &code, failure, purposes[p]);
            if (verdict.outcome != table[i].by_purpose[p]) fail_msg("class %zu, purpose %zu", i, p);
            assert_int_equal(verdict.venue_code, -77);
            assert_true(hx_str_equal(verdict.message, HX_STR("Words (-77). Do this.")));
            bool setting = purposes[p] == HX_VENUE_FOR_SETTING;
            assert_int_equal(verdict.halted, table[i].class_ == HX_CODE_HALTED);
            assert_int_equal(verdict.about_leverage, table[i].class_ == HX_CODE_LEVERAGE);
            assert_int_equal(verdict.clock_is_off, table[i].class_ == HX_CODE_CLOCK);
            assert_int_equal(verdict.already_so, setting && table[i].class_ == HX_CODE_ALREADY);
            assert_int_equal(verdict.position_prevents, setting && table[i].class_ == HX_CODE_PREVENTED);
            assert_false(verdict.connection_lost || verdict.mode_differs || verdict.no_such_symbol);
        }
    }
    for (size_t p = 0; p < 5; p++) {
        struct hx_venue_verdict verdict = hx_answer_read_code(&ctx, NULL, failure, purposes[p]);
        assert_int_equal(verdict.outcome, HX_OUTCOME_UNKNOWN);
        assert_int_equal(verdict.venue_code, -77);
    }
}

static enum hx_outcome for_purpose(enum hx_outcome outcome, enum hx_venue_purpose purpose, bool server_failed) {
    return hx_answer_for_purpose((struct hx_venue_verdict){.outcome = outcome}, purpose, server_failed).outcome;
}

static void questions_may_be_asked_again(void **state) {
    static const enum hx_venue_purpose writes[] = {HX_VENUE_FOR_ORDER, HX_VENUE_FOR_CANCEL, HX_VENUE_FOR_SETTING};
    static const enum hx_outcome outcomes[] = {D, R, B, U, A};
    (void)state;
    for (size_t w = 0; w < 3; w++) {
        for (size_t i = 0; i < 5; i++) {
            assert_int_equal(for_purpose(outcomes[i], writes[w], true), outcomes[i]);
            assert_int_equal(for_purpose(outcomes[i], writes[w], false), outcomes[i]);
        }
    }
    assert_int_equal(for_purpose(U, HX_VENUE_FOR_QUERY, true), B);
    assert_int_equal(for_purpose(U, HX_VENUE_FOR_QUERY, false), U);
    assert_int_equal(for_purpose(R, HX_VENUE_FOR_QUERY, false), B);
    assert_int_equal(for_purpose(A, HX_VENUE_FOR_QUERY, true), A);
    assert_int_equal(for_purpose(U, HX_VENUE_FOR_QUESTION, true), B);
    assert_int_equal(for_purpose(U, HX_VENUE_FOR_QUESTION, false), U);
    assert_int_equal(for_purpose(R, HX_VENUE_FOR_QUESTION, true), R);
}

static void verdicts_are_made(void **state) {
    (void)state;
    assert_int_equal(hx_answer_done().outcome, HX_OUTCOME_DONE);
    assert_int_equal(hx_answer_done().message.len, 0);
    assert_int_equal(hx_answer_unreadable(&ctx).outcome, HX_OUTCOME_UNKNOWN);
    assert_true(hx_answer_unreadable(&ctx).message.len > 0);
    struct hx_venue_verdict refused = hx_answer_refuse(&ctx, HX_STR("Because."));
    assert_int_equal(refused.outcome, HX_OUTCOME_REJECTED);
    assert_true(hx_str_equal(refused.message, HX_STR("Because.")));
}

static int64_t retry_after(uint32_t status, const char *value) {
    struct hx_http_header headers[] = {{HX_STR("Server"), HX_STR("x")},
                                       {HX_STR("rEtRy-AfTeR"), hx_str_from_c(value == NULL ? "" : value)}};
    struct hx_http_answer answer = {.status = status, .headers = headers, .header_count = value == NULL ? 1 : 2};
    struct hx_venue_verdict verdict = hx_answer_limited(&ctx, &answer, (struct hx_venue_failure){.code = -1003});
    assert_int_equal(verdict.outcome, HX_OUTCOME_BUSY);
    assert_int_equal(verdict.venue_code, -1003);
    assert_int_equal(verdict.retry_after_ms, hx_answer_retry_after_ms(&answer));
    size_t at = 0;
    hx_str banned = hx_str_make("banned", 6);
    while (at + banned.len < verdict.message.len &&
           !hx_str_equal(hx_str_slice(verdict.message, at, at + banned.len), banned)) {
        at++;
    }
    assert_int_equal(at + banned.len < verdict.message.len, status == 418);
    return verdict.retry_after_ms;
}

static void waiting_is_bounded(void **state) {
    (void)state;
    assert_int_equal(retry_after(429, "7"), 7000);
    assert_int_equal(retry_after(429, "0"), 1000);
    assert_int_equal(retry_after(418, "259200"), 259200000);
    assert_int_equal(retry_after(418, "259201"), 259200000);
    assert_int_equal(retry_after(418, "99999999999999999999"), 120000);
    assert_int_equal(retry_after(429, "-5"), 60000);
    assert_int_equal(retry_after(429, "Wed, 21 Oct 2026 07:28:00 GMT"), 60000);
    assert_int_equal(retry_after(429, NULL), 60000);
    assert_int_equal(retry_after(418, NULL), 120000);
    assert_int_equal(retry_after(200, NULL), 0);
    assert_int_equal(retry_after(503, "3"), 3000);
}

static void counts_are_read_from_headers(void **state) {
    static const struct {
        const char *text;
        int64_t count;
    } table[] = {{"0", 0},    {"118", 118}, {"2147483647", INT32_MAX},   {"2147483648", INT32_MAX}, {"-1", -1},
                 {"1.5", -1}, {"", -1},     {"99999999999999999999", -1}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct hx_http_header header = {HX_STR("X-Used"), hx_str_from_c(table[i].text)};
        struct hx_http_answer answer = {.headers = &header, .header_count = 1};
        hx_str value = HX_STR_EMPTY;
        assert_int_equal(hx_answer_read_count(&answer, HX_STR("x-used")), table[i].count);
        assert_int_equal(hx_answer_read_count(&answer, HX_STR("x-use")), -1);
        assert_true(hx_answer_find_header(&answer, HX_STR("X-USED"), &value));
        assert_true(hx_str_equal(value, hx_str_from_c(table[i].text)));
        assert_false(hx_answer_find_header(&answer, HX_STR("X-Used-2"), &value));
    }
}

static void members_are_read_or_not(void **state) {
    const struct hx_json *o = json(
        "{\"t\":\"text\",\"n\":12.50,\"q\":\"0.001\",\"neg\":\"-1\",\"zero\":\"0.00\","
        "\"long\":\"1.2345678901234567890\",\"empty\":\"\",\"null\":null,\"b\":true}");
    hx_dec value = HX_DEC_ZERO;
    (void)state;
    assert_null(hx_answer_parse(&ctx, HX_STR("{")));
    assert_null(hx_answer_parse(&ctx, HX_STR_EMPTY));
    assert_true(hx_answer_member_equals(o, HX_STR("t"), HX_STR("text")));
    assert_false(hx_answer_member_equals(o, HX_STR("t"), HX_STR("tex")));
    assert_false(hx_answer_member_equals(o, HX_STR("n"), HX_STR("12.50")));
    assert_false(hx_answer_member_equals(o, HX_STR("x"), HX_STR_EMPTY));
    assert_false(hx_answer_member_equals(NULL, HX_STR("t"), HX_STR("text")));
    assert_true(hx_dec_equal(hx_answer_optional_dec(o, HX_STR("n")), dec("12.5")));
    assert_true(hx_dec_equal(hx_answer_optional_dec(o, HX_STR("neg")), dec("-1")));
    static const char *const nothing[] = {"long", "empty", "null", "b", "t", "x"};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        assert_true(hx_dec_is_zero(hx_answer_optional_dec(o, hx_str_from_c(nothing[i]))));
        assert_false(hx_answer_positive_dec(o, hx_str_from_c(nothing[i]), &value));
    }
    assert_true(hx_dec_is_zero(hx_answer_optional_dec(NULL, HX_STR("n"))));
    assert_true(hx_answer_positive_dec(o, HX_STR("q"), &value) && hx_dec_equal(value, dec("0.001")));
    assert_false(hx_answer_positive_dec(o, HX_STR("neg"), &value));
    assert_false(hx_answer_positive_dec(o, HX_STR("zero"), &value));
}

static void times_and_ids_are_read(void **state) {
    const struct hx_json *o = json(
        "{\"n\":1764000000123,\"t\":\"1764000000124\",\"f\":1.5,\"neg\":-3,\"w\":\"soon\","
        "\"max\":9223372036854775807,\"over\":9223372036854775808,\"zero\":0}");
    hx_time time = 0;
    int64_t id = 0;
    hx_str text = HX_STR_EMPTY;
    (void)state;
    assert_true(hx_answer_read_ms(o, HX_STR("n"), &time));
    assert_int_equal(time, 1764000000123);
    assert_true(hx_answer_read_ms(o, HX_STR("t"), &time));
    assert_int_equal(time, 1764000000124);
    assert_false(hx_answer_read_ms(o, HX_STR("f"), &time));
    assert_false(hx_answer_read_ms(o, HX_STR("w"), &time));
    assert_false(hx_answer_read_ms(o, HX_STR("x"), &time));
    assert_true(hx_answer_read_id(&ctx, o, HX_STR("max"), &id, &text));
    assert_true(id == INT64_MAX && hx_str_equal(text, HX_STR("9223372036854775807")));
    assert_true(hx_answer_read_id(&ctx, o, HX_STR("t"), &id, &text));
    assert_true(hx_str_equal(text, HX_STR("1764000000124")));
    assert_true(hx_answer_read_id(&ctx, o, HX_STR("zero"), &id, &text));
    static const char *const none[] = {"over", "neg", "f", "w", "x"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_false(hx_answer_read_id(&ctx, o, hx_str_from_c(none[i]), &id, &text));
    }
    hx_arena_init(&arena, memory, 8);
    assert_false(hx_answer_read_id(&ctx, o, HX_STR("max"), &id, &text));
}

static void words_are_one_of_a_list(void **state) {
    static const struct hx_answer_word words[] = {{"Buy", 1}, {"Sell", 2}, {"", 3}};
    const struct hx_json *o = json("{\"a\":\"Buy\",\"b\":\"Sell\",\"c\":\"BUY\",\"d\":\"\",\"e\":1,\"f\":null}");
    int value = 7;
    (void)state;
    assert_true(hx_answer_read_word(o, HX_STR("a"), words, 3, &value) && value == 1);
    assert_true(hx_answer_read_word(o, HX_STR("b"), words, 3, &value) && value == 2);
    assert_true(hx_answer_read_word(o, HX_STR("d"), words, 3, &value) && value == 3);
    value = 7;
    assert_false(hx_answer_read_word(o, HX_STR("d"), words, 2, &value));
    assert_false(hx_answer_read_word(o, HX_STR("c"), words, 3, &value));
    assert_false(hx_answer_read_word(o, HX_STR("e"), words, 3, &value));
    assert_false(hx_answer_read_word(o, HX_STR("f"), words, 3, &value));
    assert_false(hx_answer_read_word(o, HX_STR("x"), words, 3, &value));
    assert_int_equal(value, 7);
}

static void figures_agree_with_each_other(void **state) {
    static const struct {
        enum hx_order_status status;
        const char *ordered, *executed, *average;
        bool consistent;
    } table[] = {
        {HX_ORDER_NEW, "2", "0", "0", true},
        {HX_ORDER_NEW, "2", "1", "0", true},
        {HX_ORDER_FILLED, "2", "2", "7", true},
        {HX_ORDER_FILLED, "2", "1.9", "7", false},
        {HX_ORDER_FILLED, "2", "2.1", "7", false},
        {HX_ORDER_FILLED, "0", "2", "7", true}, /* By an amount of quote: what was ordered is not said. */
        {HX_ORDER_FILLED, "0", "0", "0", false},
        {HX_ORDER_PARTIALLY_FILLED, "2", "0", "0", false},
        {HX_ORDER_PARTIALLY_FILLED, "2", "1", "0", true},
        {HX_ORDER_CANCELED, "2", "0", "0", true},
        {HX_ORDER_CANCELED, "2", "3", "0", false},
        {HX_ORDER_EXPIRED, "2", "1", "7", true},
        {HX_ORDER_REJECTED, "2", "-1", "0", false},
        {HX_ORDER_NEW, "-2", "0", "0", false},
        {HX_ORDER_NEW, "2", "0", "-7", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct hx_order_report report = {.status = table[i].status,
                                         .executed_quantity = dec(table[i].executed),
                                         .average_price = dec(table[i].average)};
        if (hx_answer_order_is_consistent(&report, dec(table[i].ordered)) != table[i].consistent) fail_msg("%zu", i);
    }
}

static void only_reducing_orders_are_cut_down(void **state) {
    struct hx_order_request sent = {.quantity = {2, 0}};
    (void)state;
    assert_true(hx_answer_quantity_matches(&sent, dec("2.0")));
    assert_false(hx_answer_quantity_matches(&sent, dec("1.9")));
    assert_false(hx_answer_quantity_matches(&sent, dec("2.1")));
    sent.reduce_only = true;
    assert_true(hx_answer_quantity_matches(&sent, dec("2")));
    assert_true(hx_answer_quantity_matches(&sent, dec("1.9")));
    assert_false(hx_answer_quantity_matches(&sent, dec("2.1")));
}

static void fills_are_kept_in_order(void **state) {
    static struct hx_fill_page page;
    static const int64_t order[] = {50, 10, 90, 30, 70};
    int64_t ids[HX_VENUE_PAGE_FILLS_MAX];
    (void)state;
    page.count = 0;
    for (size_t i = 0; i < 5; i++) {
        struct hx_fill fill = {.time_ms = order[i]};
        assert_true(hx_fill_page_insert(&page, ids, order[i], &fill));
    }
    for (size_t i = 0; i < 5; i++) {
        struct hx_fill fill = {.time_ms = -1};
        assert_false(hx_fill_page_insert(&page, ids, order[i], &fill));
    }
    assert_int_equal(page.count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(ids[i], 10 + 20 * (int64_t)i);
        assert_int_equal(page.list[i].time_ms, ids[i]);
    }
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(codes_are_found_in_either_order),
        CASE(classes_mean_what_was_asked),
        CASE(questions_may_be_asked_again),
        CASE(verdicts_are_made),
        CASE(waiting_is_bounded),
        CASE(counts_are_read_from_headers),
        CASE(members_are_read_or_not),
        CASE(times_and_ids_are_read),
        CASE(words_are_one_of_a_list),
        CASE(figures_agree_with_each_other),
        CASE(only_reducing_orders_are_cut_down),
        CASE(fills_are_kept_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
