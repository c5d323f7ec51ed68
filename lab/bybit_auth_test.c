/* Covers bybit.c, bybit_auth.c, bybit_limits.c, bybit_errors.c, bybit_params.c. Goal: who asks, when and how often is
 * checked as the venue checks it, and every refusal is in its envelope. Method: signed requests with one thing wrong at
 * a time; the clock rule at its edges; published sums of our own vectors; limits counted to their last request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lab/bybit_rig.h"

RIG_STORAGE(memory);
static struct rig rig;

static int begin(void **state) {
    (void)state;
    bybit_init(&rig, memory, 42);
    return 0;
}

static int64_t info_with(const struct bybit_headers *headers) {
    (void)bybit_send(&rig, HX_HTTP_METHOD_GET, "/v5/account/info", "", headers);
    return rig_number(&rig, "retCode");
}

static void test_envelope(void **state) {
    (void)state;
    assert_int_equal(bybit_get(&rig, "/v5/account/info", ""), 0);
    assert_true(rig_is(&rig, "retMsg", "OK"));
    assert_int_equal(rig_number(&rig, "time"), RIG_NOW);
    assert_int_equal(rig_count(&rig, "\"retExtInfo\":{}"), 1);
    assert_true(rig_is(&rig, "marginMode", "REGULAR_MARGIN"));
    assert_int_equal(rig_number(&rig, "unifiedMarginStatus"), 5);
    assert_int_equal(bybit_get(&rig, "/v5/position/list", "category=inverse"), 10001);
    assert_int_equal(rig_count(&rig, "\"result\":{}"), 1);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/v5/account/nothing", "", ""), 404);
    assert_int_equal(rig_number(&rig, "retCode"), 10017);
}

static void test_keys(void **state) {
    (void)state;
    struct bybit_headers headers = bybit_usual(&rig);
    headers.key = "another";
    assert_int_equal(info_with(&headers), 10003);
    assert_int_equal(rig.answer.status, 200);
    headers.key = "";
    assert_int_equal(info_with(&headers), 10007);
    assert_int_equal(rig.answer.status, 401);
    headers = bybit_usual(&rig);
    headers.sign = "00000000000000000000000000000000000000000000000000000000000000aa";
    assert_int_equal(info_with(&headers), 10004);
    headers.sign = "";
    assert_int_equal(info_with(&headers), 10007);
}

/* A right signature in upper-case letters is a wrong one. */
static void test_hex_case(void **state) {
    (void)state;
    const struct bybit_headers headers = bybit_usual(&rig);
    char upper[HX_SHA256_LEN * 2 + 1];
    char hex[HX_SHA256_LEN * 2];
    char stamp[24];
    struct hx_buf time;
    struct hx_buf origin;
    hx_buf_init(&time, stamp, sizeof stamp);
    hx_buf_add_i64(&time, rig.now);
    hx_buf_init(&origin, rig.request, sizeof rig.request);
    const hx_str sign = bybit_sign(&headers, hx_buf_str(&time), "", hex, &origin);
    for (size_t i = 0; i < sign.len; i++) {
        upper[i] = sign.data[i];
        if (upper[i] >= 'a') upper[i] = (char)(upper[i] - 'a' + 'A');
    }
    upper[sign.len] = 0;
    struct bybit_headers with = headers;
    with.sign = upper;
    assert_int_equal(info_with(&with), 10004);
}

/* server - window <= timestamp < server + 1000 */
static void test_clock(void **state) {
    (void)state;
    static const struct {
        int64_t offset;
        const char *window;
        int64_t code;
    } rows[] = {
        {0, "5000", 0},         {999, "5000", 0},     {1000, "5000", 10002}, {-5000, "5000", 0},
        {-5001, "5000", 10002}, {-5000, "", 0},       {-5001, "", 10002},    {-100, "100", 0},
        {-101, "100", 10002},   {-90000, "90000", 0}, {0, "x", 10001},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bybit_headers headers = bybit_usual(&rig);
        headers.timestamp = rig.now + rows[i].offset;
        headers.window = rows[i].window;
        assert_int_equal(info_with(&headers), rows[i].code);
    }
    hx_lab_set_skew(rig.lab, 6000);
    assert_int_equal(bybit_get(&rig, "/v5/account/info", ""), 10002);
    assert_int_equal(rig_number(&rig, "time"), RIG_NOW + 6000);
}

/* The payload of the signature is the query, or the body, byte for byte: these vectors are of an outside tool. */
static void test_vectors(void **state) {
    (void)state;
    hx_lab_set_credentials(rig.lab, HX_STR("testApiKey0123456789"), HX_STR("testApiSecret9876543210"));
    hx_lab_set_skew(rig.lab, 1700000000000 - RIG_NOW);
    struct bybit_headers headers = {"testApiKey0123456789", "5000", "application/json", 1700000000000,
                                    "93d472665790a4ade8e95ee40af835c8b80d380a5113362ab9e4d27c2d2f7415"};
    (void)bybit_send(&rig, HX_HTTP_METHOD_GET, "/v5/order/realtime",
                     "category=linear&symbol=BTCUSDT&orderLinkId=or-0001", &headers);
    assert_int_equal(rig_number(&rig, "retCode"), 0);
    headers.sign = "0c554ad2abe74466a7ca02fa8f96ece81ed6ffff574da5b84ddc79b4eeb65255";
    (void)bybit_send(&rig, HX_HTTP_METHOD_POST, "/v5/order/create",
                     "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Market\","
                     "\"qty\":\"0.001\",\"orderLinkId\":\"or-0001\"}",
                     &headers);
    assert_int_equal(rig_number(&rig, "retCode"), 0);
    assert_true(rig_is(&rig, "orderLinkId", "or-0001"));
}

static void test_forms(void **state) {
    (void)state;
    struct bybit_headers headers = bybit_usual(&rig);
    headers.type = "application/x-www-form-urlencoded";
    (void)bybit_send(&rig, HX_HTTP_METHOD_POST, "/v5/order/create", "{}", &headers);
    assert_int_equal(rig_number(&rig, "retCode"), 10001);
    assert_int_equal(bybit_create(&rig, "category=linear&symbol=BTCUSDT"), 10001);
    assert_int_equal(bybit_create(&rig, "[]"), 10001);
    assert_int_equal(bybit_create(&rig, "{\"category\":\"linear\",\"category\":\"linear\"}"), 10001);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/v5/market/time", "", "{}"), 403);
    assert_int_equal(bybit_get(&rig, "/v5/order/realtime", "category=linear&symbol=%zz"), 10001);
}

static void set_rights(bool read, bool spot, bool futures, bool withdraw, bool bound) {
    const struct hx_lab_key_rights rights = {.ip_restricted = bound,
                                             .can_read = read,
                                             .can_withdraw = withdraw,
                                             .can_trade_spot = spot,
                                             .can_trade_futures = futures};
    hx_lab_set_key_rights(rig.lab, &rights);
}

static void test_rights(void **state) {
    (void)state;
    const char *linear =
        "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Market\","
        "\"qty\":\"0.001\"}";
    const char *spot =
        "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Market\","
        "\"qty\":\"100\"}";
    set_rights(true, true, false, false, true);
    assert_int_equal(bybit_create(&rig, linear), 10005);
    assert_int_equal(bybit_create(&rig, spot), 0);
    set_rights(true, false, true, false, true);
    assert_int_equal(bybit_create(&rig, linear), 0);
    assert_int_equal(bybit_create(&rig, spot), 10005);
    assert_int_equal(bybit_get(&rig, "/v5/user/query-api", ""), 0);
    assert_int_equal(rig_number(&rig, "readOnly"), 0);
    assert_int_equal(rig_count(&rig, "Withdraw"), 0);
    assert_int_equal(rig_count(&rig, "\"ips\":[\"203.0.113.7\"]"), 1);
    assert_int_equal(rig_count(&rig, "\"Spot\":[]"), 1);
    set_rights(false, false, false, true, false);
    assert_int_equal(bybit_get(&rig, "/v5/account/info", ""), 10005);
    assert_int_equal(bybit_get(&rig, "/v5/user/query-api", ""), 0);
    assert_int_equal(rig_number(&rig, "readOnly"), 1);
    assert_int_equal(rig_count(&rig, "\"Withdraw\""), 1);
    assert_int_equal(rig_count(&rig, "\"ips\":[\"*\"]"), 1);
}

static bool header_is(const char *name, int64_t value) {
    int64_t number = -1;
    return hx_ok(hx_str_parse_i64(rig_header(&rig, name), &number)) && number == value;
}

/* Ten a second for linear, twenty for spot, each counted apart; the next second starts anew. */
static void test_rates(void **state) {
    (void)state;
    const char *linear = "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"orderLinkId\":\"none\"}";
    const char *spot = "{\"category\":\"spot\",\"symbol\":\"BTCUSDT\",\"orderLinkId\":\"none\"}";
    for (int64_t i = 0; i < 10; i++) {
        assert_int_equal(bybit_post(&rig, "/v5/order/cancel", linear), 110001);
        assert_true(header_is("X-Bapi-Limit", 10));
        assert_true(header_is("X-Bapi-Limit-Status", 9 - i));
    }
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", linear), 10006);
    assert_int_equal(rig.answer.status, 200);
    assert_true(header_is("X-Bapi-Limit-Status", 0));
    assert_true(header_is("X-Bapi-Limit-Reset-Timestamp", RIG_NOW + 1000));
    assert_int_equal(bybit_post(&rig, "/v5/order/amend", linear), 110001);
    for (int64_t i = 0; i < 20; i++) assert_int_equal(bybit_post(&rig, "/v5/order/cancel", spot), 170213);
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", spot), 10006);
    rig.now += 1000;
    assert_int_equal(bybit_post(&rig, "/v5/order/cancel", linear), 110001);
    assert_true(header_is("X-Bapi-Limit-Status", 9));
    hx_lab_set_limits_enforced(rig.lab, false);
    for (int64_t i = 0; i < 30; i++) assert_int_equal(bybit_post(&rig, "/v5/order/cancel", linear), 110001);
}

/* 600 in five seconds for an address, then HTTP 403 for ten minutes, whatever is asked. */
static void test_address(void **state) {
    (void)state;
    for (int64_t i = 0; i < 600; i++) assert_int_equal(bybit_get(&rig, "/v5/market/time", ""), 0);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/v5/market/time", "", ""), 403);
    assert_true(rig_is(&rig, "retMsg", "403, access too frequent"));
    rig.now += 10 * HX_MS_PER_MINUTE - 1;
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/v5/market/time", "", ""), 403);
    rig.now += 1;
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/v5/market/time", "", ""), 200);
}

static void add_fault(const char *json) {
    assert_int_equal(rig_control(&rig, HX_HTTP_METHOD_POST, "/lab/faults", json), 200);
}

/* Faults speak the venue's language: HTTP 200 with its code, or a status that never says retCode 0. */
static void test_faults(void **state) {
    (void)state;
    const char *order =
        "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Market\","
        "\"qty\":\"0.001\",\"orderLinkId\":\"fault-1\"}";
    add_fault("{\"kind\":\"maintenance\",\"match\":\"order\",\"count\":1}");
    assert_int_equal(bybit_get(&rig, "/v5/system/status", ""), 0);
    assert_int_equal(rig_count(&rig, "\"ongoing\""), 1);
    assert_int_equal(bybit_create(&rig, order), 10016);
    assert_int_equal(bybit_get(&rig, "/v5/system/status", ""), 0);
    assert_int_equal(rig_count(&rig, "\"ongoing\""), 0);
    add_fault("{\"kind\":\"error_code\",\"match\":\"order\",\"code\":10000,\"executes\":true}");
    assert_int_equal(bybit_create(&rig, order), 10000);
    assert_true(rig_is(&rig, "retMsg", "Server Timeout"));
    assert_int_equal(bybit_create(&rig, order), 110072);
    add_fault("{\"kind\":\"http_status\",\"status\":403}");
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/v5/market/time", "", ""), 403);
    assert_int_equal(rig_number(&rig, "retCode"), 10006);
    add_fault("{\"kind\":\"http_status\",\"status\":504}");
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/v5/market/time", "", ""), 504);
    assert_int_equal(rig_number(&rig, "retCode"), 10016);
    add_fault("{\"kind\":\"garbage\",\"variant\":1}");
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/v5/market/time", "", ""), 200);
    assert_true(hx_str_equal(rig_header(&rig, "Content-Type"), HX_STR("text/html")));
}

/* A request that arrives later is checked then, with the headers it came with. */
static void test_late(void **state) {
    (void)state;
    const char *order =
        "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Market\","
        "\"qty\":\"0.001\",\"orderLinkId\":\"late-1\"}";
    add_fault("{\"kind\":\"late_process\",\"match\":\"order\",\"delay_ms\":4000,\"symbol\":\"BTCUSDT\"}");
    (void)bybit_create(&rig, order);
    assert_int_equal(rig.answer.delivery, HX_LAB_DROP_REPLY);
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
    bybit_pass(&rig, 4000);
    assert_int_equal(hx_lab_order_count(rig.lab), 1);
    add_fault("{\"kind\":\"late_process\",\"match\":\"order\",\"delay_ms\":5001}");
    (void)bybit_create(&rig,
                       "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":"
                       "\"Market\",\"qty\":\"0.001\",\"orderLinkId\":\"late-2\"}");
    bybit_pass(&rig, 6000);
    assert_int_equal(hx_lab_order_count(rig.lab), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_envelope, begin), cmocka_unit_test_setup(test_keys, begin),
        cmocka_unit_test_setup(test_hex_case, begin), cmocka_unit_test_setup(test_clock, begin),
        cmocka_unit_test_setup(test_vectors, begin),  cmocka_unit_test_setup(test_forms, begin),
        cmocka_unit_test_setup(test_rights, begin),   cmocka_unit_test_setup(test_rates, begin),
        cmocka_unit_test_setup(test_address, begin),  cmocka_unit_test_setup(test_faults, begin),
        cmocka_unit_test_setup(test_late, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
