/* Covers binance_auth.c, binance_limits.c. Goal: nobody gets in without the right key, signature and time, and nobody
 * stays in who asks too often. Method: the venue's published signature vectors, every deviation from them, and clocks
 * moved around the edges. */
#include "lab/test_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

#define VECTOR_KEY "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
#define VECTOR_SECRET "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
#define VECTOR_TIME ((hx_time)1591702613943)
#define VECTOR_6                                                                                          \
    "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=" \
    "1591702613943"
#define SIGNATURE_6 "&signature=3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
#define SIGNATURE_6_UPPER "&signature=3C661234138461FCC7A7D8746C6558C9842D4E10870D2ECBEDF7777CAD694AF9"
#define VECTOR_7_QUERY "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
#define VECTOR_7_BODY "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943"
#define SIGNATURE_7 "&signature=30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"

static int begin(void **state) {
    (void)state;
    rig_init(&rig, memory, 42);
    return 0;
}

static int begin_vectors(void **state) {
    (void)state;
    rig.now = VECTOR_TIME;
    rig.lab = hx_lab_init(memory, 42, VECTOR_TIME);
    hx_lab_set_credentials(rig.lab, HX_STR(VECTOR_KEY), HX_STR(VECTOR_SECRET));
    rig_pin(&rig, "BTCUSDT", "9000");
    return 0;
}

static uint32_t send_as(const char *key, const char *content_type, const char *query, const char *body) {
    const struct hx_http_header headers[] = {{HX_STR("X-MBX-APIKEY"), hx_str_from_c(key)},
                                             {HX_STR("Content-Type"), hx_str_from_c(content_type)}};
    const struct hx_lab_request request = {
        .method = HX_HTTP_METHOD_POST,
        .path = HX_STR("/fapi/v1/order"),
        .query = hx_str_from_c(query),
        .headers = headers,
        .header_count = 2,
        .body = hx_str_from_c(body),
    };
    hx_lab_handle(rig.lab, rig.now, &request, &rig.answer);
    hx_mem_copy(rig.text, rig.answer.body.data, rig.answer.body.len);
    rig.text[rig.answer.body.len] = 0;
    return rig.answer.status;
}

#define FORM "application/x-www-form-urlencoded"

/* Vectors 6 and 7 of the venue: in the query, in the body, and mixed without an ampersand between the two. */
static void test_published_vectors(void **state) {
    (void)state;
    assert_int_equal(send_as(VECTOR_KEY, FORM, VECTOR_6 SIGNATURE_6, ""), 200);
    assert_int_equal(send_as(VECTOR_KEY, FORM, "", VECTOR_6 SIGNATURE_6), 200);
    assert_int_equal(send_as(VECTOR_KEY, FORM, VECTOR_6 SIGNATURE_6_UPPER, ""), 200);
    assert_int_equal(send_as(VECTOR_KEY, FORM, VECTOR_7_QUERY, VECTOR_7_BODY SIGNATURE_7), 200);
    assert_int_equal(hx_lab_order_count(rig.lab), 4);
}

/* Anything else is refused: one digit, one byte, another place, another key. */
static void test_wrong_signatures(void **state) {
    (void)state;
    (void)send_as(VECTOR_KEY, FORM, VECTOR_6 SIGNATURE_7, "");
    assert_true(rig_refused(&rig, -1022));
    (void)send_as(VECTOR_KEY, FORM, VECTOR_6 SIGNATURE_6 "0", "");
    assert_true(rig_refused(&rig, -1022));
    (void)send_as(VECTOR_KEY, FORM, VECTOR_6 "&newClientOrderId=x" SIGNATURE_6, "");
    assert_true(rig_refused(&rig, -1022));
    (void)send_as(VECTOR_KEY, FORM, VECTOR_6 SIGNATURE_6 "&newClientOrderId=x", "");
    assert_true(rig_refused(&rig, -1022));
    (void)send_as(VECTOR_KEY, FORM, VECTOR_7_QUERY "&", VECTOR_7_BODY SIGNATURE_7);
    assert_true(rig_refused(&rig, -1022));
    (void)send_as(VECTOR_KEY, FORM, VECTOR_6, "");
    assert_true(rig_refused(&rig, -1102));
    (void)send_as(VECTOR_KEY, FORM, VECTOR_6 "&signature=", "");
    assert_true(rig_refused(&rig, -1102));
    assert_int_equal(send_as("someone", FORM, VECTOR_6 SIGNATURE_6, ""), 401);
    assert_true(rig_refused(&rig, -2015));
    assert_int_equal(send_as("", FORM, VECTOR_6 SIGNATURE_6, ""), 401);
    assert_true(rig_refused(&rig, -2014));
    (void)send_as(VECTOR_KEY, "text/plain", "", VECTOR_6 SIGNATURE_6);
    assert_true(rig_refused(&rig, -1102));
    hx_lab_set_credentials(rig.lab, HX_STR(VECTOR_KEY), HX_STR("another secret"));
    (void)send_as(VECTOR_KEY, FORM, VECTOR_6 SIGNATURE_6, "");
    assert_true(rig_refused(&rig, -1022));
    assert_int_equal(hx_lab_order_count(rig.lab), 0);
}

/* timestamp < clock + 1000 and clock - timestamp <= recvWindow, to the millisecond, by the venue's own clock. */
static void test_time_window(void **state) {
    (void)state;
    static const struct {
        int64_t skew_ms, timestamp_offset_ms;
        const char *window;
        int64_t code;
    } rows[] = {
        {0, 0, "recvWindow=5000&", 0},
        {0, -5000, "recvWindow=5000&", 0},
        {0, -5001, "recvWindow=5000&", -1021},
        {0, 999, "recvWindow=5000&", 0},
        {0, 1000, "recvWindow=5000&", -1021},
        {0, -5000, "", 0},
        {0, -5001, "", -1021},
        {0, -60000, "recvWindow=60000&", 0},
        {0, 0, "recvWindow=60001&", -1131},
        {0, 0, "recvWindow=0&", 0},
        {0, -1, "recvWindow=0&", -1021},
        {0, 0, "recvWindow=abc&", -1100},
        {0, 0, "recvWindow=&", -1105},
        {6000, 0, "recvWindow=5000&", -1021},
        {6000, 6000, "recvWindow=5000&", 0},
        {-2000, 0, "recvWindow=5000&", -1021},
        {-2000, -2000, "recvWindow=5000&", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hx_lab_set_skew(rig.lab, rows[i].skew_ms);
        (void)rig_call_at(&rig, HX_HTTP_METHOD_GET, "/fapi/v3/balance", "", rig.now + rows[i].timestamp_offset_ms,
                          rows[i].window);
        if (rows[i].code == 0) {
            if (rig.answer.status != 200) fail_msg("row %zu: %s", i, rig.text);
        } else if (!rig_refused(&rig, rows[i].code)) {
            fail_msg("row %zu: %s", i, rig.text);
        }
    }
    (void)rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v3/balance", "signature=00", "");
    assert_true(rig_refused(&rig, -1102));
    assert_true(rig_is(&rig, "msg", "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed."));
    (void)rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v3/balance", "timestamp=18446744073709551615&signature=00", "");
    assert_true(rig_refused(&rig, -1100));
}

/* Weight adds up per minute and shows in every answer; too much is 429 with Retry-After, going on is 418. */
static void test_weight(void **state) {
    (void)state;
    hx_lab_set_limits(rig.lab, 100, 300, 1200, 3);
    rig.now = RIG_NOW - RIG_NOW % HX_MS_PER_MINUTE + HX_MS_PER_MINUTE + 15000;
    for (uint32_t i = 1; i <= 20; i++) {
        char used[16];
        (void)snprintf(used, sizeof used, "%u", i * 5);
        assert_int_equal(rig_get(&rig, "/fapi/v3/balance", ""), 200);
        assert_true(hx_str_equal(rig_header(&rig, "X-MBX-USED-WEIGHT-1M"), hx_str_from_c(used)));
    }
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(rig_get(&rig, "/fapi/v3/balance", ""), 429);
        assert_int_equal(rig_number(&rig, "code"), -1003);
        assert_true(hx_str_equal(rig_header(&rig, "Retry-After"), HX_STR("45")));
    }
    assert_int_equal(rig_get(&rig, "/fapi/v3/balance", ""), 418);
    assert_true(hx_str_equal(rig_header(&rig, "Retry-After"), HX_STR("120")));
    rig.now += 60000;
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/ping", "", ""), 418);
    rig.now += 60000;
    assert_int_equal(rig_get(&rig, "/fapi/v3/balance", ""), 200);
    assert_true(hx_str_equal(rig_header(&rig, "X-MBX-USED-WEIGHT-1M"), HX_STR("5")));
    rig.now += 60000;
    assert_int_equal(rig_get(&rig, "/fapi/v1/openOrders", ""), 200);
    assert_true(hx_str_equal(rig_header(&rig, "X-MBX-USED-WEIGHT-1M"), HX_STR("40")));
    assert_int_equal(rig_get(&rig, "/fapi/v1/openOrders", "symbol=BTCUSDT"), 200);
    assert_true(hx_str_equal(rig_header(&rig, "X-MBX-USED-WEIGHT-1M"), HX_STR("41")));
}

/* Orders count in windows of ten seconds and a minute; only accepted ones count, and only they show the counters. */
static void test_order_counts(void **state) {
    (void)state;
#define ORDER "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002"
    hx_lab_set_limits(rig.lab, 2400, 3, 5, 50);
    rig.now = RIG_NOW - RIG_NOW % HX_MS_PER_MINUTE + HX_MS_PER_MINUTE + 1000;
    (void)rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0");
    assert_true(rig_refused(&rig, -4003));
    assert_int_equal(rig_header(&rig, "X-MBX-ORDER-COUNT-10S").len, 0);
    for (uint32_t i = 0; i < 3; i++) assert_int_equal(rig_order(&rig, ORDER), 200);
    assert_true(hx_str_equal(rig_header(&rig, "X-MBX-ORDER-COUNT-10S"), HX_STR("3")));
    assert_true(hx_str_equal(rig_header(&rig, "X-MBX-ORDER-COUNT-1M"), HX_STR("3")));
    assert_int_equal(rig_order(&rig, ORDER), 429);
    assert_int_equal(rig_number(&rig, "code"), -1015);
    assert_true(hx_str_equal(rig_header(&rig, "Retry-After"), HX_STR("9")));
    rig.now += 10000;
    assert_int_equal(rig_order(&rig, ORDER), 200);
    assert_true(hx_str_equal(rig_header(&rig, "X-MBX-ORDER-COUNT-10S"), HX_STR("1")));
    assert_int_equal(rig_order(&rig, ORDER), 200);
    assert_int_equal(rig_order(&rig, ORDER), 429);
    assert_true(hx_str_equal(rig_header(&rig, "Retry-After"), HX_STR("49")));
    assert_int_equal(hx_lab_order_count(rig.lab), 5);
}

/* Too many parameters, too long a text: refused, not cut. */
static void test_parameter_bounds(void **state) {
    (void)state;
    char many[1024] = "a0=1";
    for (int i = 1; i < 45; i++) {
        char one[16];
        (void)snprintf(one, sizeof one, "&a%d=1", i);
        hx_mem_copy(many + hx_str_from_c(many).len, one, hx_str_from_c(one).len + 1);
    }
    (void)rig_get(&rig, "/fapi/v3/balance", many);
    assert_true(rig_refused(&rig, -1101));
    char lengthy[3000] = "a=";
    hx_mem_set(lengthy + 2, 'x', 2500);
    lengthy[2502] = 0;
    (void)rig_get(&rig, "/fapi/v3/balance", lengthy);
    assert_true(rig_refused(&rig, -1101));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_published_vectors, begin_vectors),
        cmocka_unit_test_setup(test_wrong_signatures, begin_vectors),
        cmocka_unit_test_setup(test_time_window, begin),
        cmocka_unit_test_setup(test_weight, begin),
        cmocka_unit_test_setup(test_order_counts, begin),
        cmocka_unit_test_setup(test_parameter_bounds, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
