/* Covers mexc_stream.c, mexc_event.c, mexc_words.c. Goal: MEXC's contract stream logs in with the venue's text, tells
 * what was asked for and no more, in contracts and JSON numbers. Method: a signature made elsewhere, then conversations
 * frame by frame against figures worked out by hand. */
#include "lab/mexc_words.h"
#include "lab/talk_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

#define LOGIN_TIME ((hx_time)1700000000000)
#define SIGNATURE "d7166f4a7ede0bcf04d008175a687c1a0d61c7d89c38cae0932901224556f43e"
#define LOGIN_AS(key, time, signature)                                                                            \
    "{\"method\":\"login\",\"param\":{\"apiKey\":\"" key "\",\"reqTime\":\"" time "\",\"signature\":\"" signature \
    "\"},"                                                                                                        \
    "\"subscribe\":false}"
#define LOGIN LOGIN_AS(TALK_KEY, "1700000000000", SIGNATURE)

static int begin(void **state) {
    (void)state;
    talk_init(&rig, memory, HX_LAB_MEXC, LOGIN_TIME);
    return 0;
}

static void test_login(void **state) {
    (void)state;
    static const char *const wrong[] = {
        LOGIN_AS("someone", "1700000000000", SIGNATURE),
        LOGIN_AS(TALK_KEY, "1700000000001", SIGNATURE),
        LOGIN_AS(TALK_KEY, "soon", SIGNATURE),
        "{\"method\":\"login\"}",
    };
    uint32_t stream = talk_open(&rig, "/edge");
    talk_say(&rig, stream, "{\"method\":\"personal.filter\",\"param\":{\"filters\":[]}}");
    assert_true(talk_next_is(&rig, stream, "channel", "rs.error"));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        talk_say(&rig, stream, wrong[i]);
        assert_true(talk_next_is(&rig, stream, "channel", "rs.error"));
    }
    talk_say(&rig, stream, LOGIN);
    assert_true(talk_next_is(&rig, stream, "channel", "rs.login"));
    (void)talk_order(&rig, HX_LAB_FUTURES, true, "0.1", NULL, "unheard");
    assert_false(talk_next(&rig, stream));
    rig.now += 11000;
    talk_say(&rig, stream, LOGIN);
    assert_true(talk_next_is(&rig, stream, "channel", "rs.error"));
    assert_true(hx_err_is(hx_lab_stream_open(rig.lab, rig.now, HX_STR("/ws"), HX_STR_EMPTY, &stream), HX_CLASS_ABSENT));
}

/* 0.1 BTC are 1,000 contracts of 0.0001; 0.0004 of 10,000 is a fee of 4. */
static void test_personal(void **state) {
    (void)state;
    const uint32_t stream = talk_open(&rig, "/edge");
    talk_say(&rig, stream, LOGIN);
    assert_true(talk_next(&rig, stream));
    talk_say(
        &rig, stream,
        "{\"method\":\"personal.filter\",\"param\":{\"filters\":[{\"filter\":\"order\"},{\"filter\":\"order.deal\"},"
        "{\"filter\":\"position\"},{\"filter\":\"asset\"}]}}");
    assert_true(talk_next_is(&rig, stream, "channel", "rs.personal.filter"));
    (void)talk_order(&rig, HX_LAB_FUTURES, true, "0.1", NULL, "one");
    assert_true(talk_next_is(&rig, stream, "channel", "push.personal.order"));
    assert_int_equal(rig_count(&rig, "\"state\":2"), 1);
    assert_int_equal(rig_count(&rig, "\"vol\":1000,"), 1);
    assert_int_equal(rig_count(&rig, "\"remainVol\":1000,"), 1);
    assert_int_equal(rig_count(&rig, "\"side\":1,"), 1);
    assert_int_equal(rig_count(&rig, "\"orderType\":5,"), 1);
    assert_true(rig_is(&rig, "symbol", "BTC_USDT"));
    assert_true(rig_is(&rig, "externalOid", "one"));
    assert_true(talk_next_is(&rig, stream, "channel", "push.personal.order"));
    assert_int_equal(rig_count(&rig, "\"state\":3"), 1);
    assert_int_equal(rig_count(&rig, "\"dealVol\":1000,"), 1);
    assert_int_equal(rig_count(&rig, "\"dealAvgPrice\":100000,"), 1);
    assert_int_equal(rig_count(&rig, "\"takerFee\":4,"), 1);
    assert_true(talk_next_is(&rig, stream, "channel", "push.personal.order.deal"));
    assert_int_equal(rig_count(&rig, "\"fee\":4,"), 1);
    assert_int_equal(rig_count(&rig, "\"isTaker\":true"), 1);
    assert_true(talk_next_is(&rig, stream, "channel", "push.personal.position"));
    assert_int_equal(rig_count(&rig, "\"positionType\":1,"), 1);
    assert_int_equal(rig_count(&rig, "\"holdVol\":1000,"), 1);
    assert_true(talk_next_is(&rig, stream, "channel", "push.personal.asset"));
    assert_int_equal(rig_count(&rig, "\"cashBalance\":99996,"), 1);
    assert_false(talk_next(&rig, stream));
    (void)talk_order(&rig, HX_LAB_SPOT, true, "0.1", NULL, "spot");
    assert_false(talk_next(&rig, stream));
    talk_say(&rig, stream, "{\"method\":\"personal.filter\",\"param\":{\"filters\":[{\"filter\":\"asset\"}]}}");
    assert_true(talk_next(&rig, stream));
    (void)talk_order(&rig, HX_LAB_FUTURES, false, "0.1", NULL, "two");
    assert_true(talk_next_is(&rig, stream, "channel", "push.personal.asset"));
    assert_false(talk_next(&rig, stream));
}

static void test_prices(void **state) {
    (void)state;
    const uint32_t stream = talk_open(&rig, "/edge");
    talk_say(&rig, stream, "{\"method\":\"sub.fair.price\",\"param\":{\"symbol\":\"BTC_USDT\"},\"gzip\":false}");
    assert_true(talk_next_is(&rig, stream, "channel", "rs.sub.fair.price"));
    assert_true(talk_next_is(&rig, stream, "channel", "push.fair.price"));
    assert_int_equal(rig_count(&rig, "\"price\":100000}"), 1);
    talk_say(&rig, stream, "{\"method\":\"sub.ticker\",\"param\":{\"symbol\":\"BTC_USDT\"}}");
    assert_true(talk_next_is(&rig, stream, "channel", "rs.sub.ticker"));
    assert_true(talk_next_is(&rig, stream, "channel", "push.ticker"));
    assert_int_equal(rig_count(&rig, "\"fairPrice\":100000,"), 1);
    talk_say(&rig, stream, "{\"method\":\"unsub.ticker\",\"param\":{\"symbol\":\"BTC_USDT\"}}");
    assert_true(talk_next_is(&rig, stream, "channel", "rs.unsub.ticker"));
    rig.now += 1000;
    assert_true(talk_next_is(&rig, stream, "channel", "push.fair.price"));
    assert_false(talk_next(&rig, stream));
    talk_say(&rig, stream, "{\"method\":\"sub.fair.price\",\"param\":{\"symbol\":\"BTCUSDT\"}}");
    assert_true(talk_next_is(&rig, stream, "channel", "rs.error"));
    talk_say(&rig, stream, "{\"method\":\"ping\"}");
    assert_true(talk_next_is(&rig, stream, "channel", "pong"));
    rig.now += 61000;
    assert_false(talk_next(&rig, stream));
    assert_false(hx_lab_stream_is_open(rig.lab, stream));
}

static void test_words(void **state) {
    (void)state;
    static const struct {
        bool buy, reduce_only;
        enum hx_lab_position_side side;
        int64_t wire_side;
    } rows[] = {
        {true, false, HX_LAB_BOTH, 1}, {false, false, HX_LAB_BOTH, 3},  {true, true, HX_LAB_BOTH, 2},
        {false, true, HX_LAB_BOTH, 4}, {true, false, HX_LAB_LONG, 1},   {false, true, HX_LAB_LONG, 4},
        {true, true, HX_LAB_SHORT, 2}, {false, false, HX_LAB_SHORT, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct hx_lab_order order = {
            .buy = rows[i].buy, .reduce_only = rows[i].reduce_only, .side = rows[i].side};
        assert_int_equal(hx_lab_mexc_side(&order), rows[i].wire_side);
    }
    for (int64_t side = 1; side <= 4; side++) {
        for (int64_t type = 1; type <= 6; type++) {
            const struct hx_lab_order order = {.wire_kind = hx_lab_mexc_kind_of(side, type)};
            assert_int_equal(hx_lab_mexc_side(&order), side);
            assert_int_equal(hx_lab_mexc_order_type(&order), type);
        }
    }
    struct hx_lab_order order = {.tif = HX_LAB_IOC};
    assert_int_equal(hx_lab_mexc_order_type(&order), 3);
    assert_int_equal(hx_lab_mexc_error(&order, HX_LAB_STATUS_EXPIRED), 18);
    assert_int_equal(hx_lab_mexc_error(&order, HX_LAB_STATUS_CANCELED), 0);
    assert_int_equal(hx_lab_mexc_state(&order, HX_LAB_STATUS_EXPIRED), 4);
    order.refusal = HX_LAB_REFUSED_MARGIN;
    assert_int_equal(hx_lab_mexc_state(&order, HX_LAB_STATUS_REJECTED), 5);
    assert_int_equal(hx_lab_mexc_error(&order, HX_LAB_STATUS_REJECTED), 2);
    order.refusal = HX_LAB_REFUSED_WOULD_TAKE;
    assert_int_equal(hx_lab_mexc_state(&order, HX_LAB_STATUS_REJECTED), 4);
    assert_int_equal(hx_lab_mexc_error(&order, HX_LAB_STATUS_REJECTED), 20);
    assert_int_equal(hx_lab_mexc_position_id(0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_login, begin),
        cmocka_unit_test_setup(test_personal, begin),
        cmocka_unit_test_setup(test_prices, begin),
        cmocka_unit_test_setup(test_words, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
