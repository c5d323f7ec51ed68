/* Covers mexc_contract.c, mexc_contract_market.c, mexc_contract_order.c, mexc_contract_query.c, mexc_params.c. Goal:
 * contract orders are placed, refused, cancelled and found as MEXC says, in contracts and JSON numbers. Method:
 * requests at pinned prices, answers against figures worked out by hand and against the laboratory's own records. */
#include "lab/mexc_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

static int begin(void **state) {
    (void)state;
    mexc_init(&rig, memory);
    hx_lab_set_limits_enforced(rig.lab, false);
    return 0;
}

#define CREATE MEXC "order/create"
#define ORDER(rest) "{\"symbol\":\"BTC_USDT\"," rest "}"
/* Ten contracts, cross, leverage 20. */
#define SIDE(side, rest) ORDER("\"side\":" side ",\"openType\":2,\"leverage\":20,\"vol\":10," rest)
#define MARKET(side) SIDE(side, "\"type\":5")
#define LIMIT(side, price, rest) SIDE(side, "\"type\":1,\"price\":" price rest)

static void create(const char *body) {
    (void)mexc_post(&rig, CREATE, body);
    if (!mexc_done(&rig)) fail_msg("%s: %s", body, rig.text);
}

static void refuse(const char *body, int64_t code) {
    const uint32_t before = hx_lab_order_count(rig.lab);
    (void)mexc_post(&rig, CREATE, body);
    if (!mexc_refused(&rig, code)) fail_msg("%s: %s, not %d", body, rig.text, (int)code);
    assert_int_equal(hx_lab_order_count(rig.lab), before);
}

static void ask(const char *external) {
    char path[128];
    (void)snprintf(path, sizeof path, MEXC "order/external/BTC_USDT/%s", external);
    (void)mexc_get(&rig, path, "");
    assert_true(mexc_done(&rig));
}

static struct hx_lab_order_view last_order(void) {
    struct hx_lab_order_view view;
    hx_lab_get_order(rig.lab, hx_lab_order_count(rig.lab) - 1, &view);
    return view;
}

/* Public. */

static void test_detail(void **state) {
    (void)state;
    (void)mexc_public(&rig, "/api/v1/contract/detail", "symbol=BTC_USDT");
    assert_true(mexc_done(&rig));
    assert_true(mexc_says(&rig, "\"data\":{\"symbol\":\"BTC_USDT\""));
    assert_true(mexc_says(&rig, "\"contractSize\":0.0001,"));
    assert_true(mexc_says(&rig, "\"volUnit\":1,"));
    assert_true(mexc_says(&rig, "\"volScale\":0,"));
    assert_true(mexc_says(&rig, "\"priceUnit\":0.1,"));
    assert_true(mexc_says(&rig, "\"priceScale\":1,"));
    assert_true(mexc_says(&rig, "\"minVol\":1,"));
    assert_true(mexc_says(&rig, "\"maxVol\":1200000,"));
    assert_true(mexc_says(&rig, "\"limitMaxVol\":10000000,"));
    assert_true(mexc_says(&rig, "\"state\":0,"));
    assert_true(mexc_says(&rig, "\"apiAllowed\":true"));
    (void)mexc_public(&rig, "/api/v1/contract/detail", "");
    assert_true(mexc_says(&rig, "\"data\":[{"));
    assert_int_equal(rig_count(&rig, "\"contractSize\""), 6);
    assert_true(mexc_says(&rig, "\"priceUnit\":0.0000001,"));
    assert_int_equal(rig_count(&rig, "\"state\":4,"), 1);
    (void)mexc_public(&rig, "/api/v1/contract/detail", "symbol=BTCUSDT");
    assert_true(mexc_refused(&rig, 1001));
    assert_true(hx_ok(hx_lab_set_halted(rig.lab, HX_STR("BTCUSDT"), true)));
    (void)mexc_public(&rig, "/api/v1/contract/detail", "symbol=BTC_USDT");
    assert_true(mexc_says(&rig, "\"state\":4,"));
    refuse(MARKET("1"), 1002);
}

static void test_prices(void **state) {
    (void)state;
    (void)mexc_public(&rig, "/api/v1/contract/fair_price/BTC_USDT", "");
    assert_true(mexc_says(&rig, "\"fairPrice\":100000,"));
    (void)mexc_public(&rig, "/api/v1/contract/index_price/BTC_USDT", "");
    assert_true(mexc_says(&rig, "\"indexPrice\":100000,"));
    (void)mexc_public(&rig, "/api/v1/contract/funding_rate/BTC_USDT", "");
    assert_true(mexc_says(&rig, "\"fundingRate\":0.0001,"));
    (void)mexc_public(&rig, "/api/v1/contract/fair_price/BTCUSDT", "");
    assert_true(mexc_refused(&rig, 1001));
    (void)mexc_public(&rig, "/api/v1/contract/ticker", "symbol=BTC_USDT");
    assert_true(mexc_says(&rig, "\"data\":{"));
    assert_true(mexc_says(&rig, "\"lastPrice\":100000,"));
    assert_true(mexc_says(&rig, "\"maxBidPrice\":105000,"));
    (void)mexc_public(&rig, "/api/v1/contract/ticker", "");
    assert_int_equal(rig_count(&rig, "\"bid1\""), 6);
    (void)mexc_public(&rig, "/api/v1/contract/ping", "");
    assert_int_equal(rig_number(&rig, "data"), rig.now);
    (void)mexc_public(&rig, "/api/v1/contract/support_currencies", "");
    assert_true(mexc_says(&rig, "\"data\":[\"USDT\""));
}

/* Placing. */

/* The answer has the id and the time and nothing else; what became of the order has to be asked for. */
static void test_create(void **state) {
    (void)state;
    create(SIDE("1", "\"type\":5,\"externalOid\":\"one\""));
    const struct hx_lab_order_view order = last_order();
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, "{\"success\":true,\"code\":0,\"data\":{\"orderId\":\"%s\",\"ts\":%lld}}",
                   order.order_id_text, (long long)rig.now);
    assert_string_equal(rig.text, wanted);
    assert_true(hx_dec_equal(order.quantity, rig_dec("0.001")));
    assert_true(hx_str_equal(order.client_order_id, HX_STR("one")));
    assert_int_equal(order.request_timestamp, rig.now);
    ask("one");
    assert_true(rig_is(&rig, "orderId", order.order_id_text));
    assert_true(mexc_says(&rig, "\"vol\":10,"));
    assert_true(mexc_says(&rig, "\"dealVol\":10,"));
    assert_true(mexc_says(&rig, "\"dealAvgPrice\":100000,"));
    assert_true(mexc_says(&rig, "\"state\":3,"));
    assert_true(mexc_says(&rig, "\"side\":1,"));
    assert_true(mexc_says(&rig, "\"orderType\":5,"));
    assert_true(mexc_says(&rig, "\"openType\":2,"));
    assert_true(mexc_says(&rig, "\"leverage\":20,"));
    assert_true(mexc_says(&rig, "\"takerFee\":0.04,"));
    assert_true(mexc_says(&rig, "\"positionMode\":2,"));
    assert_true(mexc_says(&rig, "\"positionId\":1100000001,"));
    char path[128];
    (void)snprintf(path, sizeof path, MEXC "order/get/%s", order.order_id_text);
    (void)mexc_get(&rig, path, "");
    assert_true(rig_is(&rig, "externalOid", "one"));
    (void)mexc_post(&rig, MEXC "order/submit", MARKET("1"));
    assert_true(mexc_done(&rig));
    assert_int_equal(rig_number(&rig, "data"), last_order().order_id);
    assert_int_equal(last_order().client_order_id.len, 35);
    (void)mexc_post(&rig, MEXC "order/submit_batch", "[" MARKET("1") "]");
    assert_true(mexc_refused(&rig, 511));
}

/* An id that is not known is success without data; by the venue's own id it is an error. */
static void test_absent(void **state) {
    (void)state;
    ask("nobody");
    assert_string_equal(rig.text, "{\"success\":true,\"code\":0}");
    (void)mexc_get(&rig, MEXC "order/external/NO_USDT/nobody", "");
    assert_string_equal(rig.text, "{\"success\":true,\"code\":0}");
    (void)mexc_get(&rig, MEXC "order/get/720000000000000099", "");
    assert_true(mexc_refused(&rig, 2040));
    (void)mexc_get(&rig, MEXC "order/get/abc", "");
    assert_true(mexc_refused(&rig, 2040));
    hx_lab_set_lookup_lag(rig.lab, 500);
    create(SIDE("1", "\"type\":5,\"externalOid\":\"one\""));
    ask("one");
    assert_string_equal(rig.text, "{\"success\":true,\"code\":0}");
    rig.now += 500;
    ask("one");
    assert_true(rig_is(&rig, "externalOid", "one"));
}

/* 2042 whatever became of the first, in the same contract; another contract has ids of its own. */
static void test_duplicates(void **state) {
    (void)state;
    create(SIDE("1", "\"type\":5,\"externalOid\":\"one\""));
    refuse(SIDE("1", "\"type\":5,\"externalOid\":\"one\""), 2042);
    create(SIDE("4", "\"type\":5,\"externalOid\":\"two\""));
    refuse(SIDE("4", "\"type\":5,\"externalOid\":\"two\""), 2042);
    refuse(SIDE("1", "\"type\":5,\"externalOid\":\"123456789012345678901234567890123\""), 2030);
    create(SIDE("1", "\"type\":5,\"externalOid\":\"12345678901234567890123456789012\""));
    refuse(SIDE("1", "\"type\":5,\"externalOid\":\"a b\""), 600);
    refuse(SIDE("1", "\"type\":5,\"externalOid\":\"\""), 600);
    create("{\"symbol\":\"ETH_USDT\",\"side\":1,\"type\":5,\"openType\":2,\"vol\":1,\"externalOid\":\"one\"}");
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *body;
        int64_t code;
    } rows[] = {
        {"{\"side\":1,\"type\":5,\"openType\":2,\"vol\":1}", 600},
        {"{\"symbol\":\"NO_USDT\",\"side\":1,\"type\":5,\"openType\":2,\"vol\":1}", 1001},
        {"{\"symbol\":\"SRM_USDT\",\"side\":1,\"type\":5,\"openType\":2,\"vol\":1}", 1002},
        {ORDER("\"side\":0,\"type\":5,\"openType\":2,\"vol\":1"), 2001},
        {ORDER("\"side\":5,\"type\":5,\"openType\":2,\"vol\":1"), 2001},
        {ORDER("\"type\":5,\"openType\":2,\"vol\":1"), 600},
        {ORDER("\"side\":1,\"type\":0,\"openType\":2,\"vol\":1"), 2029},
        {ORDER("\"side\":1,\"type\":7,\"openType\":2,\"vol\":1"), 2029},
        {ORDER("\"side\":1,\"type\":5,\"openType\":3,\"vol\":1"), 2002},
        {ORDER("\"side\":1,\"type\":5,\"vol\":1"), 600},
        {ORDER("\"side\":1,\"type\":5,\"openType\":1,\"vol\":1"), 2006},
        {ORDER("\"side\":1,\"type\":5,\"openType\":1,\"vol\":1,\"leverage\":126"), 2006},
        {ORDER("\"side\":1,\"type\":5,\"openType\":2"), 600},
        {LIMIT("1", "100000.05", ""), 2015},
        {LIMIT("1", "100000.123", ""), 2015},
        {LIMIT("1", "0", ""), 2007},
        {SIDE("1", "\"type\":1"), 600},
        {LIMIT("1", "105000.1", ""), 2003},
        {LIMIT("3", "94999.9", ""), 2004},
        {ORDER("\"side\":1,\"type\":5,\"openType\":2,\"leverage\":1,\"vol\":10001"), 2005},
        {ORDER("\"side\":1,\"type\":5,\"openType\":2,\"leverage\":125,\"vol\":30001"), 2031},
        {MARKET("2"), 2009},
        {MARKET("4"), 2009},
        {SIDE("3", "\"type\":5,\"reduceOnly\":true"), 2009},
        {SIDE("1", "\"type\":5,\"positionMode\":3"), 600},
        {LIMIT("1", "99000", ",\"stopLossPrice\":99000"), 5003},
        {LIMIT("1", "99000", ",\"takeProfitPrice\":98000"), 5003},
        {LIMIT("1", "99000", ",\"stopLossPrice\":98000,\"lossTrend\":4"), 3001},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) refuse(rows[i].body, rows[i].code);
    create(ORDER("\"side\":1,\"type\":5,\"openType\":2,\"leverage\":1,\"vol\":10000"));
}

/* 1 rests, 2 rests or is cancelled (20), 3 leaves nothing (18), 4 all or nothing (19), 5 and 6 take. */
static void test_types(void **state) {
    (void)state;
    static const struct {
        const char *type, *price;
        int64_t state, error;
    } rows[] = {
        {"1", "99000", 2, 0},  {"1", "100000", 3, 0}, {"2", "99000", 2, 0},  {"2", "100000", 4, 20},
        {"3", "99000", 4, 18}, {"3", "100000", 3, 0}, {"4", "99000", 4, 19}, {"4", "100000", 3, 0},
        {"5", "1", 3, 0},      {"6", "1", 3, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[256];
        char id[8];
        (void)snprintf(id, sizeof id, "t%zu", i);
        (void)snprintf(body, sizeof body, SIDE("1", "\"type\":%s,\"price\":%s,\"externalOid\":\"%s\""), rows[i].type,
                       rows[i].price, id);
        create(body);
        ask(id);
        if (rig_number(&rig, "state") != rows[i].state || rig_number(&rig, "errorCode") != rows[i].error) {
            fail_msg("row %zu: %s", i, rig.text);
        }
        assert_true(rig_is(&rig, "orderType", rows[i].type));
    }
    struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_PARTIAL, .fill_permille = 500, .count = 1};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &fault)));
    create(SIDE("1", "\"type\":5,\"externalOid\":\"half\""));
    ask("half");
    assert_int_equal(rig_number(&rig, "state"), 4);
    assert_int_equal(rig_number(&rig, "errorCode"), 21);
    assert_int_equal(rig_number(&rig, "dealVol"), 5);
}

/* One-way: 1 buys, 3 sells and may turn the position around; 2, 4 and reduceOnly close, and may not ask for more than
 * is there or than others already close. */
static void test_one_way(void **state) {
    (void)state;
    struct hx_lab_position_view position;
    create(MARKET("1"));
    refuse(ORDER("\"side\":4,\"type\":5,\"openType\":2,\"vol\":11"), 2008);
    refuse(MARKET("2"), 2009);
    create(LIMIT("4", "101000", ",\"externalOid\":\"close\""));
    refuse(ORDER("\"side\":4,\"type\":5,\"openType\":2,\"vol\":1"), 2008);
    refuse(ORDER("\"side\":3,\"type\":5,\"openType\":2,\"vol\":1,\"reduceOnly\":true"), 2008);
    (void)mexc_post(&rig, MEXC "order/cancel_with_external", "[{\"symbol\":\"BTC_USDT\",\"externalOid\":\"close\"}]");
    create(SIDE("3", "\"type\":5,\"reduceOnly\":true,\"externalOid\":\"reduce\""));
    ask("reduce");
    assert_true(mexc_says(&rig, "\"side\":3,"));
    assert_true(mexc_says(&rig, "\"reduceOnly\":true,"));
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("BTCUSDT"), HX_LAB_BOTH, &position)));
    assert_true(hx_dec_is_zero(position.quantity));
    create(MARKET("1"));
    create(ORDER("\"side\":3,\"type\":5,\"openType\":2,\"leverage\":10,\"vol\":25"));
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("BTCUSDT"), HX_LAB_BOTH, &position)));
    assert_true(hx_dec_equal(position.quantity, rig_dec("-0.0015")));
    assert_int_equal(position.leverage, 10);
    create(SIDE("2", "\"type\":5,\"positionMode\":2"));
}

/* Hedge: two sides, each closed by its own number. */
static void test_hedge(void **state) {
    (void)state;
    struct hx_lab_position_view position;
    assert_true(hx_ok(hx_lab_set_hedge(rig.lab, true)));
    create(MARKET("1"));
    create(ORDER("\"side\":3,\"type\":5,\"openType\":2,\"leverage\":20,\"vol\":7"));
    refuse(SIDE("4", "\"type\":5,\"reduceOnly\":true"), 600);
    create(ORDER("\"side\":4,\"type\":5,\"openType\":2,\"vol\":4,\"reduceOnly\":false"));
    refuse(ORDER("\"side\":2,\"type\":5,\"openType\":2,\"vol\":8"), 2008);
    refuse(ORDER("\"side\":2,\"type\":5,\"openType\":2,\"vol\":7,\"positionId\":1"), 2009);
    create(ORDER("\"side\":2,\"type\":5,\"openType\":2,\"vol\":7,\"positionId\":1100000002"));
    refuse(ORDER("\"side\":2,\"type\":5,\"openType\":2,\"vol\":1"), 2009);
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("BTCUSDT"), HX_LAB_LONG, &position)));
    assert_true(hx_dec_equal(position.quantity, rig_dec("0.0006")));
    /* Another mode than the account's is taken and shows in the order. */
    create(SIDE("1", "\"type\":5,\"positionMode\":2,\"externalOid\":\"mode\""));
    ask("mode");
    assert_int_equal(rig_number(&rig, "state"), 5);
    assert_int_equal(rig_number(&rig, "errorCode"), 9);
    assert_int_equal(rig_number(&rig, "dealVol"), 0);
}

/* What an order says of leverage and margin mode is its side's until a position holds it. */
static void test_leverage(void **state) {
    (void)state;
    create(ORDER("\"side\":1,\"type\":5,\"openType\":1,\"leverage\":50,\"vol\":10"));
    refuse(ORDER("\"side\":1,\"type\":5,\"openType\":1,\"leverage\":40,\"vol\":10"), 2021);
    refuse(ORDER("\"side\":1,\"type\":5,\"openType\":2,\"leverage\":50,\"vol\":10"), 2027);
    refuse(ORDER("\"side\":1,\"type\":5,\"openType\":2,\"vol\":10"), 2027);
    create(ORDER("\"side\":1,\"type\":5,\"openType\":1,\"leverage\":50,\"vol\":10"));
    create(ORDER("\"side\":4,\"type\":5,\"openType\":1,\"leverage\":3,\"vol\":20"));
    create(ORDER("\"side\":1,\"type\":5,\"openType\":2,\"leverage\":40,\"vol\":10,\"externalOid\":\"l\""));
    ask("l");
    assert_true(mexc_says(&rig, "\"leverage\":40,"));
    assert_true(mexc_says(&rig, "\"openType\":2,"));
}

/* Taken first and refused later, when the acknowledgement takes its time. */
static void test_late_refusal(void **state) {
    (void)state;
    hx_lab_set_ack_delay(rig.lab, 100);
    create(ORDER("\"side\":1,\"type\":5,\"openType\":2,\"leverage\":1,\"vol\":9000,\"externalOid\":\"a\""));
    create(ORDER("\"side\":1,\"type\":5,\"openType\":2,\"leverage\":1,\"vol\":9000,\"externalOid\":\"b\""));
    ask("a");
    assert_string_equal(rig.text, "{\"success\":true,\"code\":0}");
    rig.now += 100;
    ask("a");
    assert_int_equal(rig_number(&rig, "state"), 3);
    ask("b");
    assert_int_equal(rig_number(&rig, "state"), 5);
    assert_int_equal(rig_number(&rig, "errorCode"), 2);
}

/* Cancelling. */

static void test_cancel(void **state) {
    (void)state;
    char body[256];
    create(LIMIT("1", "99000", ",\"externalOid\":\"a\""));
    const struct hx_lab_order_view first = last_order();
    create(MARKET("1"));
    const struct hx_lab_order_view filled = last_order();
    (void)snprintf(body, sizeof body, "[%s,\"%s\",720000000000000999]", first.order_id_text, filled.order_id_text);
    (void)mexc_post(&rig, MEXC "order/cancel", body);
    assert_true(mexc_done(&rig));
    char wanted[512];
    (void)snprintf(wanted, sizeof wanted,
                   "\"data\":[{\"orderId\":%s,\"errorCode\":0,\"errorMsg\":\"success\"},"
                   "{\"orderId\":%s,\"errorCode\":2041,\"errorMsg\":\"order state cannot be cancelled\"},"
                   "{\"orderId\":720000000000000999,\"errorCode\":2040,\"errorMsg\":\"order not exist\"}]",
                   first.order_id_text, filled.order_id_text);
    assert_true(mexc_says(&rig, wanted));
    ask("a");
    assert_int_equal(rig_number(&rig, "state"), 4);
    assert_int_equal(rig_number(&rig, "errorCode"), 0);
    static const char *const wrong[] = {"{}", "[]", "[{}]", "[true]", "\"1\""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        (void)mexc_post(&rig, MEXC "order/cancel", wrong[i]);
        assert_true(mexc_refused(&rig, 600));
    }
    char many[256] = "[1";
    for (int i = 0; i < 50; i++) (void)snprintf(many + 2 + 2 * i, sizeof many - 2 - 2 * (size_t)i, ",1");
    (void)snprintf(many + 102, sizeof many - 102, "]");
    (void)mexc_post(&rig, MEXC "order/cancel", many);
    assert_true(mexc_refused(&rig, 2013));
}

static void test_cancel_external(void **state) {
    (void)state;
    create(LIMIT("1", "99000", ",\"externalOid\":\"a\""));
    create(LIMIT("1", "98000", ",\"externalOid\":\"b\""));
    create(LIMIT("1", "97000", ",\"externalOid\":\"c\""));
    (void)mexc_post(&rig, MEXC "order/cancel_with_external",
                    "[{\"symbol\":\"BTC_USDT\",\"externalOid\":\"a\"},{\"symbol\":\"BTC_USDT\",\"externalOid\":\"x\"},"
                    "{\"symbol\":\"ETH_USDT\",\"externalOid\":\"b\"}]");
    assert_true(mexc_done(&rig));
    assert_int_equal(rig_count(&rig, "\"errorCode\":0,"), 1);
    assert_int_equal(rig_count(&rig, "\"errorCode\":2040,"), 2);
    (void)mexc_post(&rig, MEXC "order/cancel_with_external", "{\"symbol\":\"BTC_USDT\",\"externalOid\":\"b\"}");
    assert_int_equal(rig_count(&rig, "\"errorCode\":0,"), 1);
    (void)mexc_post(
        &rig, MEXC "order/batch_cancel_with_external",
        "[{\"symbol\":\"BTC_USDT\",\"externalOid\":\"b\"},{\"symbol\":\"BTC_USDT\",\"externalOid\":\"c\"}]");
    assert_int_equal(rig_count(&rig, "\"errorCode\":2041,"), 1);
    assert_int_equal(rig_count(&rig, "\"errorCode\":0,"), 1);
    (void)mexc_post(&rig, MEXC "order/cancel_with_external", "[1]");
    assert_true(mexc_refused(&rig, 600));
}

static void test_cancel_all(void **state) {
    (void)state;
    create(LIMIT("1", "99000", ""));
    create("{\"symbol\":\"DOGE_USDT\",\"side\":1,\"type\":1,\"price\":0.31,\"openType\":2,\"vol\":1}");
    assert_int_equal(mexc_spot_order(&rig, "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.001&price=99000"), 200);
    (void)mexc_post(&rig, MEXC "order/cancel_all", "{\"symbol\":\"NO_USDT\"}");
    assert_true(mexc_refused(&rig, 1001));
    (void)mexc_post(&rig, MEXC "order/cancel_all", "{\"symbol\":\"BTC_USDT\"}");
    assert_string_equal(rig.text, "{\"success\":true,\"code\":0}");
    (void)mexc_get(&rig, MEXC "order/list/open_orders", "");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    assert_true(mexc_says(&rig, "DOGE_USDT"));
    (void)mexc_post(&rig, MEXC "order/cancel_all", "{\"symbol\":\"\"}");
    (void)mexc_get(&rig, MEXC "order/list/open_orders", "");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    assert_int_equal(last_order().product, HX_LAB_SPOT);
    assert_int_equal(last_order().status, HX_LAB_STATUS_NEW);
}

/* Asking. */

static void test_lists(void **state) {
    (void)state;
    char body[256];
    for (int i = 0; i < 5; i++) {
        (void)snprintf(body, sizeof body, LIMIT("1", "9900%d", ",\"externalOid\":\"o%d\""), i, i);
        create(body);
    }
    create(SIDE("1", "\"type\":5,\"externalOid\":\"m\""));
    (void)mexc_get(&rig, MEXC "order/list/open_orders", "page_num=1&page_size=2&symbol=BTC_USDT");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 2);
    assert_true(mexc_says(&rig, "\"o4\""));
    assert_true(mexc_says(&rig, "\"o3\""));
    (void)mexc_get(&rig, MEXC "order/list/open_orders/BTC_USDT", "page_num=3&page_size=2");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    assert_true(mexc_says(&rig, "\"o0\""));
    (void)mexc_get(&rig, MEXC "order/list/open_orders/NO_USDT", "");
    assert_true(mexc_refused(&rig, 1001));
    (void)mexc_get(&rig, MEXC "order/list/open_orders", "page_size=101");
    assert_true(mexc_refused(&rig, 600));
    (void)mexc_get(&rig, MEXC "order/list/history_orders", "");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    (void)mexc_get(&rig, MEXC "order/list/history_orders", "states=2%2C3&symbol=BTC_USDT");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 6);
    (void)mexc_get(&rig, MEXC "order/list/history_orders", "side=3&states=2%2C3");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    (void)mexc_get(&rig, MEXC "order/list/history_orders", "end_time=1795000000000&start_time=1787223999999");
    assert_true(mexc_refused(&rig, 6003));
    (void)mexc_get(&rig, MEXC "order/list/history_orders", "endTime=1794000000000");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    (void)mexc_post(
        &rig, MEXC "order/batch_query_with_external",
        "[{\"symbol\":\"BTC_USDT\",\"externalOid\":\"o1\"},{\"symbol\":\"BTC_USDT\",\"externalOid\":\"x\"}]");
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    const struct hx_lab_order_view last = last_order();
    (void)snprintf(body, sizeof body, "order_ids=%s%%2C7", last.order_id_text);
    (void)mexc_get(&rig, MEXC "order/batch_query", body);
    assert_int_equal(rig_count(&rig, "\"orderId\""), 1);
    (void)mexc_post(&rig, MEXC "order/open_order_total_count", "{}");
    assert_true(mexc_says(&rig, "\"limitOrderCount\":5,"));
}

/* Opened at 100,000, closed at 101,000: 10 contracts are 0.001 BTC, 1 USDT of profit, fees of 4 hundredths of a percent
 * of 100 and 101. */
static void test_deals(void **state) {
    (void)state;
    hx_lab_set_market_fills(rig.lab, 1);
    create(MARKET("1"));
    rig_pin(&rig, "BTCUSDT", "101000");
    struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_SPLIT, .parts = 2, .count = 1};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &fault)));
    create(SIDE("4", "\"type\":5,\"externalOid\":\"close\""));
    const struct hx_lab_order_view order = last_order();
    char path[128];
    (void)snprintf(path, sizeof path, MEXC "order/deal_details/%s", order.order_id_text);
    (void)mexc_get(&rig, path, "");
    assert_true(mexc_done(&rig));
    assert_int_equal(rig_count(&rig, "\"id\":\""), 2);
    assert_int_equal(rig_count(&rig, "\"vol\":5,"), 2);
    assert_int_equal(rig_count(&rig, "\"side\":4,"), 2);
    assert_int_equal(rig_count(&rig, "\"taker\":true"), 2);
    assert_int_equal(rig_count(&rig, "\"price\":101000,"), 1);
    assert_int_equal(rig_count(&rig, "\"price\":100999.9,"), 1);
    assert_int_equal(rig_count(&rig, "\"fee\":0.0202,"), 1);
    assert_int_equal(rig_count(&rig, "\"profit\":0.5,"), 1);
    ask("close");
    assert_true(mexc_says(&rig, "\"profit\":0.99995,"));
    (void)mexc_get(&rig, MEXC "order/list/order_deals/v3", "page_num=1&page_size=1000&symbol=BTC_USDT");
    assert_int_equal(rig_count(&rig, "\"id\":\""), 3);
    (void)mexc_get(&rig, MEXC "order/list/order_deals", "page_size=1000&symbol=BTC_USDT");
    assert_true(mexc_refused(&rig, 600));
    (void)mexc_get(&rig, MEXC "order/list/order_deals", "symbol=ETH_USDT");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    (void)mexc_get(&rig, MEXC "order/deal_details/720000000000000099", "");
    assert_true(mexc_says(&rig, "\"data\":[]"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_detail, begin),          cmocka_unit_test_setup(test_prices, begin),
        cmocka_unit_test_setup(test_create, begin),          cmocka_unit_test_setup(test_absent, begin),
        cmocka_unit_test_setup(test_duplicates, begin),      cmocka_unit_test_setup(test_refusals, begin),
        cmocka_unit_test_setup(test_types, begin),           cmocka_unit_test_setup(test_one_way, begin),
        cmocka_unit_test_setup(test_hedge, begin),           cmocka_unit_test_setup(test_leverage, begin),
        cmocka_unit_test_setup(test_late_refusal, begin),    cmocka_unit_test_setup(test_cancel, begin),
        cmocka_unit_test_setup(test_cancel_external, begin), cmocka_unit_test_setup(test_cancel_all, begin),
        cmocka_unit_test_setup(test_lists, begin),           cmocka_unit_test_setup(test_deals, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
