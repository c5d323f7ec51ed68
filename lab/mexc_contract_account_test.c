/* Covers mexc_contract_account.c. Goal: positions, leverage, mode, money and fees read as MEXC gives them, and change
 * only when it would let them. Method: a worked example at pinned prices, every refusal, then random trading with the
 * positions on the wire checked against sums over the fills. */
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

static void create(const char *rest) {
    char body[256];
    (void)snprintf(body, sizeof body, "{\"symbol\":\"BTC_USDT\",\"type\":5,%s}", rest);
    (void)mexc_post(&rig, MEXC "order/create", body);
    if (!mexc_done(&rig)) fail_msg("%s: %s", body, rig.text);
}

static void post(const char *path, const char *body, int64_t code) {
    (void)mexc_post(&rig, path, body);
    const bool as_wanted = code == 0 ? mexc_done(&rig) : mexc_refused(&rig, code);
    if (!as_wanted) fail_msg("%s: %s, not %d", body, rig.text, (int)code);
}

#define OPEN "\"side\":1,\"openType\":1,\"leverage\":10,\"vol\":1000"

/* 1,000 contracts are 0.1 BTC: 10,000 USDT at 100,000, margin 1,000, fee 4. 400 closed at 101,000 gain 40, fee 1.616.
 */
static void test_position(void **state) {
    (void)state;
    create(OPEN);
    rig_pin(&rig, "BTCUSDT", "101000");
    create("\"side\":4,\"openType\":1,\"vol\":400");
    (void)mexc_post(&rig, MEXC "order/create",
                    "{\"symbol\":\"BTC_USDT\",\"type\":1,\"price\":102000,\"side\":4,\"openType\":1,\"vol\":100}");
    (void)mexc_get(&rig, MEXC "position/open_positions", "symbol=BTC_USDT");
    assert_true(mexc_done(&rig));
    static const char *const wanted[] = {"\"positionId\":1100000001,",
                                         "\"symbol\":\"BTC_USDT\",",
                                         "\"positionType\":1,",
                                         "\"openType\":1,",
                                         "\"state\":1,",
                                         "\"holdVol\":600,",
                                         "\"frozenVol\":100,",
                                         "\"closeVol\":400,",
                                         "\"holdAvgPrice\":100000,",
                                         "\"openAvgPrice\":100000,",
                                         "\"closeAvgPrice\":101000,",
                                         "\"liquidatePrice\":90000,",
                                         "\"im\":600,",
                                         "\"realised\":34.384,",
                                         "\"closeProfitLoss\":40,",
                                         "\"fee\":-5.616,",
                                         "\"leverage\":10,",
                                         "\"autoAddIm\":false,"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (!mexc_says(&rig, wanted[i])) fail_msg("%s in %s", wanted[i], rig.text);
    }
    (void)mexc_get(&rig, MEXC "position/open_positions", "positionId=1100000009");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    (void)mexc_get(&rig, MEXC "position/open_positions", "symbol=ETH_USDT");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    post(MEXC "order/cancel_all", "{}", 0);
    create("\"side\":4,\"openType\":1,\"vol\":600");
    (void)mexc_get(&rig, MEXC "position/open_positions", "");
    assert_true(mexc_says(&rig, "\"data\":[]"));
    create("\"side\":3,\"openType\":2,\"leverage\":5,\"vol\":10");
    (void)mexc_get(&rig, MEXC "position/open_positions", "");
    assert_true(mexc_says(&rig, "\"positionId\":1100000002,"));
    assert_true(mexc_says(&rig, "\"positionType\":2,"));
    assert_true(mexc_says(&rig, "\"openType\":2,"));
    assert_true(mexc_says(&rig, "\"leverage\":5,"));
}

/* In hedge mode both sides are there, each with its own leverage. */
static void test_hedge(void **state) {
    (void)state;
    post(MEXC "position/change_position_mode", "{\"positionMode\":1}", 0);
    create(OPEN);
    create("\"side\":3,\"openType\":2,\"leverage\":25,\"vol\":7");
    (void)mexc_get(&rig, MEXC "position/open_positions", "symbol=BTC_USDT");
    assert_int_equal(rig_count(&rig, "\"positionId\""), 2);
    (void)mexc_get(&rig, MEXC "position/open_positions", "positionId=1100000002");
    assert_int_equal(rig_count(&rig, "\"positionId\""), 1);
    assert_true(mexc_says(&rig, "\"positionType\":2,"));
    assert_true(mexc_says(&rig, "\"holdVol\":7,"));
    (void)mexc_get(&rig, MEXC "position/leverage", "symbol=BTC_USDT");
    assert_true(mexc_says(&rig, "\"positionType\":1,\"openType\":1,\"leverage\":10,"));
    assert_true(mexc_says(&rig, "\"positionType\":2,\"openType\":2,\"leverage\":25,"));
}

static void test_leverage(void **state) {
    (void)state;
#define FREE(type) "{\"symbol\":\"BTC_USDT\",\"openType\":" type ",\"positionType\":1,\"leverage\":"
#define CHANGE MEXC "position/change_leverage"
    (void)mexc_get(&rig, MEXC "position/leverage", "symbol=BTC_USDT");
    assert_int_equal(rig_count(&rig, "\"leverage\":20,"), 2);
    post(CHANGE, FREE("1") "50}", 0);
    post(CHANGE, FREE("1") "50}", 0);
    (void)mexc_get(&rig, MEXC "position/leverage", "symbol=BTC_USDT");
    assert_int_equal(rig_count(&rig, "\"leverage\":20,"), 1);
    assert_true(mexc_says(&rig, "\"positionType\":1,\"openType\":1,\"leverage\":50,"));
    static const struct {
        const char *body;
        int64_t code;
    } rows[] = {
        {"{\"symbol\":\"BTC_USDT\",\"openType\":1,\"positionType\":1}", 600},
        {FREE("1") "0}", 2006},
        {FREE("1") "126}", 2006},
        {FREE("1") "99999999999}", 2006},
        {FREE("3") "10}", 2002},
        {"{\"symbol\":\"BTC_USDT\",\"openType\":1,\"positionType\":3,\"leverage\":10}", 2022},
        {"{\"symbol\":\"BTC_USDT\",\"positionType\":1,\"leverage\":10}", 600},
        {"{\"symbol\":\"NO_USDT\",\"openType\":1,\"positionType\":1,\"leverage\":10}", 1001},
        {"{\"positionId\":1100000009,\"leverage\":10}", 2009},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) post(CHANGE, rows[i].body, rows[i].code);
    create("\"side\":1,\"openType\":2,\"leverage\":50,\"vol\":90000");
    post(CHANGE, FREE("2") "40}", 2019);
    post(CHANGE, "{\"positionId\":1100000001,\"leverage\":40}", 0);
    post(CHANGE, "{\"positionId\":\"1100000001\",\"leverage\":30}", 0);
    post(CHANGE, "{\"positionId\":1100000001,\"leverage\":125}", 2023);
    post(CHANGE, "{\"positionId\":1100000001,\"leverage\":5}", 2005);
    post(CHANGE, "{\"symbol\":\"BTC_USDT\",\"openType\":2,\"positionType\":2,\"leverage\":7}", 0);
    (void)mexc_get(&rig, MEXC "position/leverage", "symbol=BTC_USDT");
    assert_true(mexc_says(&rig, "\"leverage\":30,"));
    assert_true(mexc_says(&rig, "\"leverage\":7,"));
}

static void test_mode(void **state) {
    (void)state;
#define MODE MEXC "position/change_position_mode"
    (void)mexc_get(&rig, MEXC "position/position_mode", "");
    assert_string_equal(rig.text, "{\"success\":true,\"code\":0,\"data\":2}");
    post(MODE, "{\"positionMode\":1}", 0);
    (void)mexc_get(&rig, MEXC "position/position_mode", "");
    assert_string_equal(rig.text, "{\"success\":true,\"code\":0,\"data\":1}");
    post(MODE, "{\"positionMode\":3}", 600);
    post(MODE, "{}", 600);
    create(OPEN);
    post(MODE, "{\"positionMode\":2}", 2019);
    post(MODE, "{\"positionMode\":1}", 0);
    create("\"side\":4,\"openType\":1,\"vol\":1000");
    (void)mexc_post(&rig, MEXC "order/create",
                    "{\"symbol\":\"BTC_USDT\",\"type\":1,\"price\":99000,\"side\":1,\"openType\":2,\"vol\":1}");
    post(MODE, "{\"positionMode\":2}", 2019);
    post(MEXC "order/cancel_all", "{}", 0);
    assert_int_equal(mexc_spot_order(&rig, "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.001&price=99000"), 200);
    post(MODE, "{\"positionMode\":2}", 0);
    post(MEXC "account/change_risk_level", "{}", 8817);
}

/* 100,000 less the fee of 4; 1,000 of margin; 50 to gain at 100,500. */
static void test_assets(void **state) {
    (void)state;
    create(OPEN);
    rig_pin(&rig, "BTCUSDT", "100500");
    (void)mexc_post(&rig, MEXC "order/create",
                    "{\"symbol\":\"BTC_USDT\",\"type\":1,\"price\":100000,\"side\":1,\"openType\":1,\"leverage\":10,"
                    "\"vol\":100}");
    (void)mexc_get(&rig, MEXC "account/asset/USDT", "");
    static const char *const wanted[] = {
        "\"currency\":\"USDT\",", "\"positionMargin\":1005,",    "\"frozenBalance\":100,", "\"equity\":100046,",
        "\"unrealized\":50,",     "\"availableBalance\":98941,", "\"cashBalance\":98891,"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (!mexc_says(&rig, wanted[i])) fail_msg("%s in %s", wanted[i], rig.text);
    }
    (void)mexc_get(&rig, MEXC "account/assets", "");
    assert_int_equal(rig_count(&rig, "\"currency\""), 2);
    assert_true(mexc_says(&rig, "\"currency\":\"BNB\",\"positionMargin\":0,\"availableBalance\":10,"));
    (void)mexc_get(&rig, MEXC "account/asset/NOTHING", "");
    assert_true(mexc_refused(&rig, 4001));
    (void)mexc_get(&rig, MEXC "account/asset/BTC", "");
    assert_true(mexc_refused(&rig, 4001));
}

static void test_fees(void **state) {
    (void)state;
    assert_true(hx_ok(hx_lab_set_fee(rig.lab, rig_dec("0.00015"), rig_dec("0.00045"), HX_LAB_FEE_BNB, rig_dec("500"))));
    (void)mexc_get(&rig, MEXC "account/tiered_fee_rate/v2", "symbol=BTC_USDT");
    assert_true(mexc_says(&rig, "\"realMakerFee\":0.00015,"));
    assert_true(mexc_says(&rig, "\"realTakerFee\":0.00045,"));
    (void)mexc_get(&rig, MEXC "account/tiered_fee_rate", "symbol=BTC_USDT");
    assert_true(mexc_says(&rig, "\"takerFee\":0.00045,"));
    (void)mexc_get(&rig, MEXC "account/tiered_fee_rate", "");
    assert_true(mexc_refused(&rig, 600));
    create(OPEN);
    (void)mexc_get(&rig, MEXC "order/list/order_deals/v3", "symbol=BTC_USDT");
    assert_true(mexc_says(&rig, "\"fee\":0.009,\"feeCurrency\":\"BNB\","));
}

static uint32_t dice(uint64_t *state, uint32_t below) {
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 33) % below;
}

static hx_dec held_by_fills(bool is_long) {
    hx_dec sum = HX_DEC_ZERO;
    for (uint32_t i = 0; i < hx_lab_fill_count(rig.lab); i++) {
        struct hx_lab_fill_view fill;
        struct hx_lab_order_view order;
        hx_lab_get_fill(rig.lab, i, &fill);
        assert_true(hx_ok(hx_lab_find_order(rig.lab, fill.symbol, fill.client_order_id, &order)));
        /* In hedge mode what closes a long is a reduce-only sell. */
        const bool of_long = fill.buy != order.reduce_only;
        if (of_long != is_long) continue;
        const hx_err err =
            order.reduce_only ? hx_dec_subtract(sum, fill.quantity, &sum) : hx_dec_add(sum, fill.quantity, &sum);
        assert_true(hx_ok(err));
    }
    return sum;
}

/* What is on the wire is what the fills add up to, in contracts, on both sides, whatever was tried. */
static void test_random_trading(void **state) {
    (void)state;
    uint64_t seed = 11;
    uint32_t done = 0;
    assert_true(hx_ok(hx_lab_set_hedge(rig.lab, true)));
    assert_true(hx_ok(hx_lab_set_price(rig.lab, HX_STR("BTCUSDT"), HX_DEC_ZERO)));
    for (uint32_t i = 0; i < 200; i++) {
        char body[256];
        hx_dec mark;
        hx_dec bid;
        hx_dec ask;
        char price[HX_DEC_TEXT_MAX];
        struct hx_buf text;
        assert_true(hx_ok(hx_lab_get_price(rig.lab, HX_STR("BTCUSDT"), &mark, &bid, &ask)));
        hx_buf_init(&text, price, sizeof price - 1);
        hx_dec_add_to(&text, bid);
        price[text.len] = 0;
        (void)snprintf(body, sizeof body,
                       "{\"symbol\":\"BTC_USDT\",\"side\":%u,\"type\":%u,\"price\":%s,\"openType\":2,\"leverage\":20,"
                       "\"vol\":%u}",
                       1 + dice(&seed, 4), 1 + dice(&seed, 6), price, 1 + dice(&seed, 400));
        (void)mexc_post(&rig, MEXC "order/create", body);
        done += mexc_done(&rig) ? 1 : 0;
        rig.now += dice(&seed, 60000);
        if (dice(&seed, 8) == 0) post(MEXC "order/cancel_all", "{}", 0);
    }
    assert_true(done > 60 && hx_lab_fill_count(rig.lab) > 40);
    for (int64_t id = 1100000001; id < 1100000200; id++) {
        char query[64];
        (void)snprintf(query, sizeof query, "positionId=%lld", (long long)id);
        (void)mexc_get(&rig, MEXC "position/open_positions", query);
        if (mexc_says(&rig, "\"data\":[]")) continue;
        hx_dec base;
        assert_true(hx_ok(hx_dec_multiply(rig_dec_of(&rig, "holdVol"), rig_dec("0.0001"), &base)));
        assert_true(hx_dec_equal(base, held_by_fills(rig_number(&rig, "positionType") == 1)));
        done = 0;
    }
    assert_int_equal(done, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_position, begin),       cmocka_unit_test_setup(test_hedge, begin),
        cmocka_unit_test_setup(test_leverage, begin),       cmocka_unit_test_setup(test_mode, begin),
        cmocka_unit_test_setup(test_assets, begin),         cmocka_unit_test_setup(test_fees, begin),
        cmocka_unit_test_setup(test_random_trading, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
