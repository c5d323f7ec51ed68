/* Goal: the ledger's accounting adds up: quantities exactly, nothing left over when flat, fees to the last digit.
 * Method: known round trips by hand, then random fills against an independent account in integers, where every sum has
 * a closed form: over a round trip, realised P&L is what was received minus what was paid. */
#include "core/trade/position.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static uint8_t memory[1 << 20];
static struct hx_arena arena;

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static void assert_dec(hx_dec value, const char *text) {
    if (hx_dec_equal(value, dec(text))) return;
    hx_str got;
    assert_true(hx_ok(hx_dec_format(&arena, value, &got)));
    fail_msg("%.*s is not %s", (int)got.len, got.data, text);
}

static struct hx_fill fill(enum hx_side side, const char *quantity, const char *price, const char *fee,
                           const char *asset) {
    return (struct hx_fill){.side = side,
                            .quantity = dec(quantity),
                            .price = dec(price),
                            .fee = dec(fee),
                            .fee_asset = hx_str_from_c(asset),
                            .time_ms = 1000};
}

static struct hx_position_change apply(struct hx_position *position, struct hx_fill f) {
    struct hx_position_change change;
    int64_t version = position->version;
    assert_true(hx_ok(hx_position_apply(&arena, position, &f, HX_STR("trade"), HX_STR("signal"), &change)));
    assert_int_equal(position->version, version + 1);
    return change;
}

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    return 0;
}

static void add_and_close_in_parts(void **state) {
    (void)state;
    struct hx_position p = {0};
    hx_dec entry;
    apply(&p, fill(HX_SIDE_BUY, "0.5", "100", "0.02", "USDT"));
    apply(&p, fill(HX_SIDE_BUY, "0.5", "110", "0.022", "USDT"));
    assert_dec(p.quantity, "1");
    assert_true(hx_ok(hx_position_entry_price(&p, &entry)));
    assert_dec(entry, "105");
    struct hx_position_change change = apply(&p, fill(HX_SIDE_SELL, "0.4", "120", "0.0192", "USDT"));
    assert_dec(p.realized_pnl, "6");
    assert_int_equal(change.count, 1);
    assert_int_equal(change.trades[0].closed_ms, 0);
    change = apply(&p, fill(HX_SIDE_SELL, "0.6", "100", "0.024", "USDT"));
    assert_dec(p.realized_pnl, "3");
    assert_dec(p.quantity, "0");
    assert_dec(p.cost, "0");
    assert_dec(hx_fees_get(&p.fees, HX_STR("USDT")), "0.0852");
    assert_int_equal(change.trades[0].closed_ms, 1000);
    assert_dec(change.trades[0].opened_value, "105");
    assert_dec(change.trades[0].closed_value, "108");
    assert_dec(change.trades[0].realized_pnl, "3");
    assert_int_equal(p.trade.id.len, 0);
}

static void flip_by_one_fill(void **state) {
    (void)state;
    struct hx_position p = {0};
    apply(&p, fill(HX_SIDE_SELL, "2", "50", "0.04", "USDT"));
    struct hx_position_change change = apply(&p, fill(HX_SIDE_BUY, "3", "40", "0.03", "BNB"));
    assert_int_equal(change.count, 2);
    assert_dec(change.trades[0].realized_pnl, "20");
    assert_dec(hx_fees_get(&change.trades[0].fees, HX_STR("BNB")), "0.02");
    assert_dec(hx_fees_get(&change.trades[1].fees, HX_STR("BNB")), "0.01");
    assert_true(change.trades[1].is_long);
    assert_true(hx_str_equal(change.trades[1].id, HX_STR("trade-r")));
    assert_dec(p.quantity, "1");
    assert_dec(p.cost, "40");
    assert_dec(hx_fees_get(&p.fees, HX_STR("BNB")), "0.03");
    assert_dec(hx_fees_get(&p.fees, HX_STR("USDT")), "0.04");
}

static void fees_as_text(void **state) {
    (void)state;
    struct hx_fees fees = {0}, back = {0};
    hx_str text;
    assert_true(hx_ok(hx_fees_add(&fees, HX_STR("USDT"), dec("1.5"))));
    assert_true(hx_ok(hx_fees_add(&fees, HX_STR("BNB"), dec("0.0001"))));
    assert_true(hx_ok(hx_fees_add(&fees, HX_STR("BNB"), dec("0.0002"))));
    assert_true(hx_ok(hx_fees_format_others(&arena, &fees, HX_STR("USDT"), &text)));
    assert_true(hx_str_equal(text, HX_STR("{\"BNB\":\"0.0003\"}")));
    assert_true(hx_ok(hx_fees_parse_others(&arena, text, &back)));
    assert_dec(hx_fees_get(&back, HX_STR("BNB")), "0.0003");
    const char *const assets[] = {"A", "B", "C", "D", "E", "F"};
    for (size_t i = 0; i < 6; i++) assert_true(hx_ok(hx_fees_add(&fees, hx_str_from_c(assets[i]), dec("1"))));
    assert_true(hx_err_equal(hx_fees_add(&fees, HX_STR("G"), dec("1")), HX_ERR(LIMIT_COUNT)));
}

/* Integers: quantities in thousandths, prices in tenths, so values are in ten-thousandths. */
static void random_round_trips(void **state) {
    (void)state;
    srand(11);
    for (int run = 0; run < 3000; run++) {
        struct hx_position p = {0};
        int64_t quantity = 0, paid = 0, fees = 0;
        for (int i = 0; i < 12; i++) {
            hx_arena_reset(&arena);
            bool last = i == 11;
            int64_t q = last ? (quantity < 0 ? -quantity : quantity) : rand() % 5000 + 1;
            if (q == 0) break;
            bool buy = last ? quantity < 0 : rand() % 2 == 0;
            int64_t price = rand() % 2000000 + 1, fee = rand() % 1000;
            struct hx_fill f = {
                .side = buy ? HX_SIDE_BUY : HX_SIDE_SELL, .fee_asset = HX_STR("USDT"), .time_ms = i + 1};
            assert_true(hx_ok(hx_dec_make(q, -3, &f.quantity)));
            assert_true(hx_ok(hx_dec_make(price, -1, &f.price)));
            assert_true(hx_ok(hx_dec_make(fee, -4, &f.fee)));
            apply(&p, f);
            quantity += buy ? q : -q;
            paid += buy ? q * price : -q * price;
            fees += fee;
            hx_dec expected;
            assert_true(hx_ok(hx_dec_make(quantity, -3, &expected)));
            assert_true(hx_dec_equal(p.quantity, expected));
            assert_int_equal(hx_dec_sign(p.cost), hx_dec_sign(p.quantity));
            assert_int_equal(p.trade.id.len > 0, quantity != 0);
        }
        hx_dec expected;
        assert_true(hx_dec_is_zero(p.cost));
        assert_true(hx_ok(hx_dec_make(-paid, -4, &expected)));
        assert_true(hx_dec_equal(p.realized_pnl, expected));
        assert_true(hx_ok(hx_dec_make(fees, -4, &expected)));
        assert_true(hx_dec_equal(hx_fees_get(&p.fees, HX_STR("USDT")), expected));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(add_and_close_in_parts, setup), cmocka_unit_test_setup(flip_by_one_fill, setup),
        cmocka_unit_test_setup(fees_as_text, setup), cmocka_unit_test_setup(random_round_trips, setup)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
