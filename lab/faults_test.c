/* Covers faults.c, lab.c. Goal: every kind of fault does what lab.h says, to the request, to the answer and to the
 * account, and only to the requests its rule matches. Method: one rule at a time, then the books are read. */
#include "lab/test_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

RIG_STORAGE(memory);
RIG_STORAGE(memory_twin);
static struct rig rig;
static struct rig twin;

#define BUY "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1&newOrderRespType=RESULT"
#define QUERY "symbol=BTCUSDT&origClientOrderId=id"

static int begin(void **state) {
    (void)state;
    rig_init(&rig, memory, 42);
    rig_pin(&rig, "BTCUSDT", "100000");
    return 0;
}

static void add(struct hx_lab_fault fault, const char *match) {
    const hx_str text = hx_str_from_c(match);
    hx_mem_copy(fault.match, text.data, text.len);
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &fault)));
}

static void add_msg(struct hx_lab_fault fault, const char *match, const char *msg) {
    const hx_str text = hx_str_from_c(msg);
    hx_mem_copy(fault.msg, text.data, text.len);
    add(fault, match);
}

static uint32_t orders(void) {
    return hx_lab_order_count(rig.lab);
}

static void test_drop(void **state) {
    (void)state;
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REQUEST, .count = 1, .hold_ms = 250}, "order");
    (void)rig_order(&rig, BUY);
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REQUEST);
    assert_int_equal(rig.answer.delay_ms, 250);
    assert_int_equal(orders(), 0);
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .count = 1}, "order");
    (void)rig_order(&rig, BUY);
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    assert_int_equal(orders(), 1);
    (void)rig_order(&rig, BUY);
    assert_int_equal(rig.answer.delivery, HX_LAB_DELIVER);
    assert_int_equal(orders(), 2);
    assert_int_equal(hx_lab_faults_applied(rig.lab), 2);
    assert_int_equal(hx_lab_fault_count(rig.lab), 0);
}

static void test_late(void **state) {
    (void)state;
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE, .count = 1, .delay_ms = 7000}, "order");
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_int_equal(rig.answer.delay_ms, 7000);
    assert_int_equal(orders(), 1);
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_int_equal(rig.answer.delay_ms, 0);
}

/* A request under way reaches the engine later: within its window it is executed, behind it the venue refuses it. */
static void test_late_process(void **state) {
    (void)state;
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE_PROCESS, .count = 1, .delay_ms = 4000, .hold_ms = 100},
        "order");
    (void)rig_order(&rig, BUY "&newClientOrderId=id");
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    assert_int_equal(rig.answer.delay_ms, 100);
    assert_int_equal(hx_lab_next_arrival(rig.lab), rig.now + 4000);
    assert_int_equal(orders(), 0);
    rig.now += 3999;
    (void)rig_get(&rig, "/fapi/v1/order", QUERY);
    assert_true(rig_refused(&rig, -2013));
    rig.now += 1;
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", QUERY), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_int_equal(rig_number(&rig, "time"), RIG_NOW + 4000);
    assert_int_equal(hx_lab_next_arrival(rig.lab), INT64_MAX);
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE_PROCESS, .count = 1, .delay_ms = 5001}, "order");
    (void)rig_order(&rig, BUY "&newClientOrderId=too-late");
    hx_lab_advance(rig.lab, rig.now + 60000);
    assert_int_equal(orders(), 1);
    assert_int_equal(hx_lab_next_arrival(rig.lab), INT64_MAX);
}

/* Several under way arrive in order of their times, and time between them passes for the market too. */
static void test_late_process_order(void **state) {
    (void)state;
    static const int64_t delays_ms[] = {3000, 1000, 2000, 1000};
    for (size_t i = 0; i < 4; i++) {
        add((struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE_PROCESS, .count = 1, .delay_ms = delays_ms[i]}, "order");
        char params[] = BUY "&newClientOrderId=n?";
        params[sizeof params - 2] = (char)('0' + i);
        (void)rig_order(&rig, params);
    }
    hx_lab_advance(rig.lab, rig.now + 10000);
    assert_int_equal(orders(), 4);
    static const char *const expected[] = {"n1", "n3", "n2", "n0"};
    for (uint32_t i = 0; i < 4; i++) {
        struct hx_lab_order_view order;
        hx_lab_get_order(rig.lab, i, &order);
        assert_true(hx_str_equal(order.client_order_id, hx_str_from_c(expected[i])));
        assert_int_equal(order.request_timestamp, RIG_NOW);
    }
}

/* The three 503 texts, 429 and 418: executed or not, as the rule says. */
static void test_http_status(void **state) {
    (void)state;
    static const struct {
        uint32_t status;
        bool executes;
        const char *msg, *expected;
        int64_t code;
    } rows[] = {
        {503, false, "", HX_LAB_MSG_503_UNAVAILABLE, 0},
        {503, true, "", HX_LAB_MSG_503_UNKNOWN, 0},
        {503, false, HX_LAB_MSG_503_UNKNOWN, HX_LAB_MSG_503_UNKNOWN, 0},
        {503, false, HX_LAB_MSG_503_INTERNAL, HX_LAB_MSG_503_INTERNAL, 0},
        {429, false, "", NULL, -1003},
        {418, false, "", NULL, -1003},
        {500, true, "", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint32_t before = orders();
        add_msg((struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS,
                                      .count = 1,
                                      .status = rows[i].status,
                                      .executes = rows[i].executes,
                                      .retry_after_s = 7},
                "order", rows[i].msg);
        assert_int_equal(rig_order(&rig, BUY), rows[i].status);
        if (rows[i].expected != NULL) assert_true(rig_is(&rig, "msg", rows[i].expected));
        assert_int_equal(rig_number(&rig, "code"), rows[i].code);
        assert_true(hx_str_equal(rig_header(&rig, "Retry-After"), HX_STR("7")));
        assert_int_equal(orders() - before, rows[i].executes ? 1 : 0);
    }
}

static void test_error_code(void **state) {
    (void)state;
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .count = 1, .code = -2019}, "order");
    assert_int_equal(rig_order(&rig, BUY), 400);
    assert_true(rig_is(&rig, "msg", "Margin is insufficient."));
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .count = 1, .code = -1021}, "order");
    assert_int_equal(rig_order(&rig, BUY), 400);
    assert_true(rig_is(&rig, "msg", "Timestamp for this request is outside of the recvWindow."));
    assert_int_equal(orders(), 0);
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .count = 1, .code = -1007, .executes = true}, "order");
    assert_int_equal(rig_order(&rig, BUY), 408);
    assert_int_equal(rig_number(&rig, "code"), -1007);
    assert_int_equal(orders(), 1);
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .count = 1, .code = -9999, .status = 451}, "order");
    assert_int_equal(rig_order(&rig, BUY), 451);
}

static void test_maintenance(void **state) {
    (void)state;
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .count = -1}, "any");
    assert_int_equal(rig_order(&rig, BUY), 503);
    assert_true(rig_is(&rig, "msg", HX_LAB_MSG_503_UNAVAILABLE));
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/time", "", ""), 503);
    assert_int_equal(rig_control(&rig, HX_HTTP_METHOD_GET, "/lab/state", ""), 200);
    hx_lab_clear_faults(rig.lab);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/time", "", ""), 200);
    assert_int_equal(orders(), 0);
}

/* A market order's rest expires, a limit's waits and fills with the next step of time. */
static void test_partial(void **state) {
    (void)state;
    const struct hx_lab_fault partial = {.kind = HX_LAB_FAULT_PARTIAL, .count = 1, .fill_permille = 333};
    add(partial, "order");
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_true(rig_is(&rig, "status", "EXPIRED"));
    assert_true(rig_is(&rig, "executedQty", "0.033"));
    add(partial, "order");
    assert_int_equal(rig_order(&rig,
                               "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=100000&"
                               "newOrderRespType=RESULT&newClientOrderId=id"),
                     200);
    assert_true(rig_is(&rig, "status", "PARTIALLY_FILLED"));
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", QUERY), 200);
    assert_true(rig_is(&rig, "executedQty", "0.033"));
    rig.now += 1;
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", QUERY), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_PARTIAL, .count = 1, .fill_permille = 0}, "order");
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_true(rig_is(&rig, "status", "EXPIRED"));
    assert_true(rig_is(&rig, "executedQty", "0.000"));
}

static void test_halt(void **state) {
    (void)state;
    struct hx_lab_fault halt = {.kind = HX_LAB_FAULT_HALT, .count = 2, .symbol = "BTCUSDT"};
    add(halt, "");
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/exchangeInfo", "", ""), 200);
    assert_int_equal(rig_count(&rig, "SETTLING"), 2);
    assert_int_equal(rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1"), 200);
    for (int i = 0; i < 2; i++) {
        (void)rig_order(&rig, BUY);
        assert_true(rig_refused(&rig, -4140));
    }
    assert_int_equal(rig_order(&rig, BUY), 200);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/exchangeInfo", "", ""), 200);
    assert_int_equal(rig_count(&rig, "SETTLING"), 1);
}

static void test_clock_skew(void **state) {
    (void)state;
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_CLOCK_SKEW, .count = 1, .skew_ms = 6000}, "order");
    (void)rig_order(&rig, BUY);
    assert_true(rig_refused(&rig, -1021));
    assert_int_equal(rig_order(&rig, BUY), 200);
}

static void test_stale(void **state) {
    (void)state;
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=id"), 200);
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_STALE, .count = 2}, "");
    for (int i = 0; i < 2; i++) {
        (void)rig_get(&rig, "/fapi/v1/order", QUERY);
        assert_true(rig_refused(&rig, -2013));
        /* What changes something goes to the market itself, not to a copy. */
        (void)rig_delete(&rig, "/fapi/v1/order", QUERY);
        assert_true(rig_refused(&rig, -2011));
    }
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", QUERY), 200);
}

static void test_garbage(void **state) {
    (void)state;
    for (uint32_t variant = 0; variant < 3; variant++) {
        add((struct hx_lab_fault){.kind = HX_LAB_FAULT_GARBAGE, .count = 1, .variant = variant}, "order");
        assert_int_equal(rig_order(&rig, BUY), 200);
        assert_int_equal(orders(), variant + 1);
        if (variant == 0) assert_true(rig.text[0] == '{' && rig.text[rig.answer.body.len - 1] != '}');
        if (variant == 1) assert_int_equal(rig_count(&rig, "<html>"), 1);
        if (variant == 1) assert_true(hx_str_equal(rig_header(&rig, "Content-Type"), HX_STR("text/html")));
        if (variant == 2) assert_int_equal(rig.answer.body.len, 0);
    }
}

/* Matching: by kind of request, by method and path, by symbol, after skips, by chance. */
static void test_matching(void **state) {
    (void)state;
    const struct hx_lab_fault drop = {.kind = HX_LAB_FAULT_DROP_REPLY, .count = 1};
    add(drop, "query");
    assert_int_equal(rig_order(&rig, BUY "&newClientOrderId=id"), 200);
    assert_int_equal(rig.answer.delivery, HX_LAB_DELIVER);
    (void)rig_get(&rig, "/fapi/v1/order", QUERY);
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    add(drop, "GET /fapi/v3/");
    (void)rig_get(&rig, "/fapi/v2/positionRisk", "");
    assert_int_equal(rig.answer.delivery, HX_LAB_DELIVER);
    (void)rig_get(&rig, "/fapi/v3/balance", "");
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .count = 1, .symbol = "ETHUSDT"}, "order");
    (void)rig_order(&rig, BUY);
    assert_int_equal(rig.answer.delivery, HX_LAB_DELIVER);
    (void)rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1");
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .count = 2, .skip = 1}, "order");
    static const enum hx_lab_delivery expected[] = {HX_LAB_DELIVER, HX_LAB_DROP_REPLY, HX_LAB_DROP_REPLY,
                                                    HX_LAB_DELIVER};
    for (size_t i = 0; i < 4; i++) {
        (void)rig_order(&rig, BUY);
        assert_int_equal(rig.answer.delivery, expected[i]);
    }
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REQUEST, .count = -1, .probability_permille = 300}, "any");
    uint32_t dropped = 0;
    for (int i = 0; i < 1000; i++) {
        (void)rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/ping", "", "");
        dropped += rig.answer.delivery == HX_LAB_DROP_REQUEST ? 1 : 0;
    }
    assert_in_range(dropped, 230, 370);
}

/* A rule that bends and one that decides work on the same request; of two that decide the first does. */
static void test_combination(void **state) {
    (void)state;
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .count = 1}, "order");
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_PARTIAL, .count = 1, .fill_permille = 500}, "order");
    add((struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .count = 1}, "order");
    (void)rig_order(&rig, BUY "&newClientOrderId=id");
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    assert_int_equal(rig_order(&rig, BUY), 503);
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", QUERY), 200);
    assert_true(rig_is(&rig, "executedQty", "0.050"));
}

static void test_bad_rules(void **state) {
    (void)state;
    const struct hx_lab_fault rows[] = {
        {.kind = HX_LAB_FAULT_HTTP_STATUS, .count = 1, .status = 99},
        {.kind = HX_LAB_FAULT_ERROR_CODE, .count = 1},
        {.kind = HX_LAB_FAULT_SPLIT, .count = 1, .parts = 0},
        {.kind = HX_LAB_FAULT_PARTIAL, .count = 1, .fill_permille = 1001},
        {.kind = HX_LAB_FAULT_LATE, .count = 1, .delay_ms = -1},
        {.kind = HX_LAB_FAULT_LATE, .count = -2},
        {.kind = HX_LAB_FAULT_LATE, .count = 1, .probability_permille = 1001},
        {.kind = (enum hx_lab_fault_kind)99, .count = 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(hx_err_is(hx_lab_add_fault(rig.lab, &rows[i]), HX_CLASS_REJECT));
    }
    const struct hx_lab_fault good = {.kind = HX_LAB_FAULT_LATE, .count = 1};
    for (int i = 0; i < 32; i++) assert_true(hx_ok(hx_lab_add_fault(rig.lab, &good)));
    assert_true(hx_err_is(hx_lab_add_fault(rig.lab, &good), HX_CLASS_LIMIT));
}

/* With faults by chance, two laboratories of one seed still give the same bytes; another seed does not. */
static void test_determinism(void **state) {
    (void)state;
    const struct hx_lab_fault rules[] = {
        {.kind = HX_LAB_FAULT_LATE_PROCESS, .count = -1, .probability_permille = 100, .delay_ms = 3000},
        {.kind = HX_LAB_FAULT_DROP_REPLY, .count = -1, .probability_permille = 200},
        {.kind = HX_LAB_FAULT_PARTIAL, .count = -1, .probability_permille = 300, .fill_permille = 400},
        {.kind = HX_LAB_FAULT_GARBAGE, .count = -1, .probability_permille = 100},
    };
    uint32_t differences = 0;
    for (uint64_t other = 42; other < 44; other++) {
        rig_init(&rig, memory, 42);
        rig_init(&twin, memory_twin, other);
        for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
            assert_true(hx_ok(hx_lab_add_fault(rig.lab, &rules[i])));
            assert_true(hx_ok(hx_lab_add_fault(twin.lab, &rules[i])));
        }
        for (int i = 0; i < 200; i++) {
            (void)rig_order(&rig, BUY);
            (void)rig_order(&twin, BUY);
            rig.now += 700;
            twin.now += 700;
            const bool same = rig.answer.delivery == twin.answer.delivery &&
                              hx_str_equal(hx_str_from_c(rig.text), hx_str_from_c(twin.text));
            if (other == 42) assert_true(same);
            if (!same) differences++;
        }
    }
    assert_true(differences > 50);
}

/* Time never goes backwards inside, whatever the caller says. */
static void test_time_is_monotone(void **state) {
    (void)state;
    rig.now += 5000;
    assert_int_equal(rig_order(&rig, BUY), 200);
    rig.now -= 4000;
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/time", "", ""), 200);
    assert_int_equal(rig_number(&rig, "serverTime"), RIG_NOW + 5000);
}

/* An answer that does not fit is a 500, not half a list. */
static void test_answer_too_large(void **state) {
    (void)state;
    struct hx_lab_config config = hx_lab_config_small();
    config.answer_len_max = 4096;
    assert_true(hx_lab_size_with(&config) <= RIG_MEMORY_MAX);
    rig.lab = hx_lab_init_with(memory, &config, 1, RIG_NOW);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/exchangeInfo", "", ""), 500);
    assert_int_equal(rig_number(&rig, "code"), -1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_drop, begin),
        cmocka_unit_test_setup(test_late, begin),
        cmocka_unit_test_setup(test_late_process, begin),
        cmocka_unit_test_setup(test_late_process_order, begin),
        cmocka_unit_test_setup(test_http_status, begin),
        cmocka_unit_test_setup(test_error_code, begin),
        cmocka_unit_test_setup(test_maintenance, begin),
        cmocka_unit_test_setup(test_partial, begin),
        cmocka_unit_test_setup(test_halt, begin),
        cmocka_unit_test_setup(test_clock_skew, begin),
        cmocka_unit_test_setup(test_stale, begin),
        cmocka_unit_test_setup(test_garbage, begin),
        cmocka_unit_test_setup(test_matching, begin),
        cmocka_unit_test_setup(test_combination, begin),
        cmocka_unit_test_setup(test_bad_rules, begin),
        cmocka_unit_test_setup(test_determinism, begin),
        cmocka_unit_test_setup(test_time_is_monotone, begin),
        cmocka_unit_test_setup(test_answer_too_large, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
