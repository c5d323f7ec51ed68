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

static struct hx_position_change apply_to(struct hx_position *position, struct hx_fill f, const char *spot_asset,
                                          const char *trade_id) {
    struct hx_position_change change;
    int64_t version = position->version;
    assert_true(hx_ok(hx_position_apply(&arena, position, &f, hx_str_from_c(spot_asset), hx_str_from_c(trade_id),
                                        HX_STR("signal"), &change)));
    assert_int_equal(position->version, version + 1);
    return change;
}

static struct hx_position_change apply(struct hx_position *position, struct hx_fill f) {
    return apply_to(position, f, "", "trade");
}

static struct hx_position_change hold(struct hx_position *position, struct hx_fill f) {
    return apply_to(position, f, "BTC", "trade");
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

/* Bought 1 BTC for 100, 0.001 of it kept by the venue: 0.999 are held, and cost 100. */
static void a_commission_in_the_coin_shrinks_the_holding(void **state) {
    (void)state;
    struct hx_position p = {0};
    struct hx_position_change change = hold(&p, fill(HX_SIDE_BUY, "1", "100", "0.001", "BTC"));
    assert_dec(p.quantity, "0.999");
    assert_dec(p.cost, "100");
    assert_dec(change.trades[0].opened_quantity, "0.999");
    assert_dec(change.trades[0].opened_value, "100");
    assert_dec(hx_fees_get(&p.fees, HX_STR("BTC")), "0.001");
    change = hold(&p, fill(HX_SIDE_SELL, "0.999", "110", "0.10989", "USDT"));
    assert_dec(p.quantity, "0");
    assert_dec(p.cost, "0");
    assert_dec(p.realized_pnl, "9.89");
    assert_dec(change.trades[0].closed_quantity, "0.999");
    assert_dec(change.trades[0].realized_pnl, "9.89");
    assert_int_equal(change.trades[0].closed_ms, 1000);
    assert_dec(hx_fees_get(&change.trades[0].fees, HX_STR("USDT")), "0.10989");
    assert_int_equal(p.trade.id.len, 0);
}

/* In another coin, or in the same coin of a futures position, it does not. */
static void other_commissions_leave_it_alone(void **state) {
    (void)state;
    struct hx_position p = {0}, futures = {0};
    hold(&p, fill(HX_SIDE_BUY, "1", "100", "0.0002", "BNB"));
    hold(&p, fill(HX_SIDE_BUY, "1", "100", "0.1", "USDT"));
    assert_dec(p.quantity, "2");
    apply(&futures, fill(HX_SIDE_BUY, "1", "100", "0.001", "BTC"));
    assert_dec(futures.quantity, "1");
}

/* Selling a coin that also pays the commission takes both; a rebate in it is a gain. */
static void a_sale_may_cost_more_than_is_sold(void **state) {
    (void)state;
    struct hx_position p = {0};
    hold(&p, fill(HX_SIDE_BUY, "2", "100", "-0.001", "BTC"));
    assert_dec(p.quantity, "2.001");
    hold(&p, fill(HX_SIDE_SELL, "1", "100", "0.001", "BTC"));
    assert_dec(p.quantity, "1");
    /* The last of it: what the ledger does not have came from the owner's own coins. */
    struct hx_position_change change = hold(&p, fill(HX_SIDE_SELL, "1", "100", "0.001", "BTC"));
    assert_dec(p.quantity, "0");
    assert_dec(p.cost, "0");
    assert_dec(change.trades[0].closed_value, "200");
    assert_int_equal(change.trades[0].closed_ms, 1000);
}

static void nothing_is_sold_short(void **state) {
    (void)state;
    struct hx_position p = {0};
    struct hx_position_change change = hold(&p, fill(HX_SIDE_SELL, "1", "100", "0.1", "USDT"));
    assert_dec(p.quantity, "0");
    assert_int_equal(change.count, 0);
    hold(&p, fill(HX_SIDE_BUY, "1", "100", "0.1", "USDT"));
    change = hold(&p, fill(HX_SIDE_SELL, "1.5", "110", "0.1", "USDT"));
    assert_dec(p.quantity, "0");
    assert_int_equal(change.count, 1);
    assert_dec(change.trades[0].realized_pnl, "10");
    struct hx_fill absurd = fill(HX_SIDE_BUY, "1", "100", "1", "BTC");
    assert_true(hx_err_equal(hx_position_apply(&arena, &p, &absurd, HX_STR("BTC"), HX_STR("t"), HX_STR("s"), &change),
                             HX_ERR(REJECT_RANGE)));
}

/* 0.999 held, 0.99 sold, 0.009 can't be: the round trip is over, and the next one begins with what was left. */
static void dust_is_carried_into_the_next_round_trip(void **state) {
    (void)state;
    struct hx_position p = {0};
    struct hx_position_change change;
    hold(&p, fill(HX_SIDE_BUY, "1", "99.9", "0.001", "BTC"));
    hold(&p, fill(HX_SIDE_SELL, "0.99", "110", "0.1", "USDT"));
    hx_position_leave_dust(&p, 2000, &change);
    assert_int_equal(change.count, 1);
    assert_int_equal(change.trades[0].closed_ms, 2000);
    assert_dec(change.trades[0].realized_pnl, "9.9");
    assert_dec(p.quantity, "0.009");
    assert_dec(p.cost, "0.9");
    assert_int_equal(p.trade.id.len, 0);
    assert_int_equal(p.opened_ms, 0);
    hx_position_leave_dust(&p, 2000, &change);
    assert_int_equal(change.count, 0);

    change = apply_to(&p, fill(HX_SIDE_BUY, "1", "200", "0.001", "BTC"), "BTC", "second");
    assert_true(hx_str_equal(change.trades[0].id, HX_STR("second")));
    assert_dec(change.trades[0].opened_quantity, "1.008");
    assert_dec(change.trades[0].opened_value, "200.9");
    assert_dec(p.cost, "200.9");
    change = hold(&p, fill(HX_SIDE_SELL, "1.008", "200", "0.1", "USDT"));
    assert_dec(change.trades[0].realized_pnl, "0.7");
    assert_dec(p.quantity, "0");
    assert_dec(p.realized_pnl, "10.6");
}

/* Dust that became worth selling is a round trip of its own. */
static void dust_can_be_sold_after_all(void **state) {
    (void)state;
    struct hx_position p = {.quantity = dec("0.01"), .cost = dec("1")};
    struct hx_position_change change = apply_to(&p, fill(HX_SIDE_SELL, "0.01", "500", "0.005", "USDT"), "BTC", "late");
    assert_int_equal(change.count, 1);
    assert_true(hx_str_equal(change.trades[0].id, HX_STR("late")));
    assert_true(change.trades[0].is_long);
    assert_dec(change.trades[0].opened_quantity, "0.01");
    assert_dec(change.trades[0].opened_value, "1");
    assert_dec(change.trades[0].realized_pnl, "4");
    assert_int_equal(change.trades[0].closed_ms, 1000);
}

/* Whatever is bought and sold, with whatever commission: the holding is the balance, and what was paid less what was
 * received is the cost of the rest less the P&L. Integers as above, in millionths of the coin. */
static void random_holdings_equal_the_balance(void **state) {
    (void)state;
    srand(12);
    for (int run = 0; run < 3000; run++) {
        struct hx_position p = {0};
        struct hx_position_change change;
        int64_t balance = 0, paid = 0; /* Millionths of the coin; of the quote asset times ten. */
        for (int i = 0; i < 16; i++) {
            hx_arena_reset(&arena);
            bool buy = balance < 1000 || rand() % 2 == 0;
            int64_t q = buy ? rand() % 1000000 + 1000 : rand() % (balance - 500) + 1;
            int64_t fee = rand() % 2 ? rand() % 400 - 100 : 0;
            int64_t price = rand() % 100000 + 1;
            struct hx_fill f = {.side = buy ? HX_SIDE_BUY : HX_SIDE_SELL, .fee_asset = HX_STR("BTC"), .time_ms = i + 1};
            if (q + fee <= 0) continue;
            assert_true(hx_ok(hx_dec_make(q, -6, &f.quantity)));
            assert_true(hx_ok(hx_dec_make(price, -1, &f.price)));
            assert_true(hx_ok(hx_dec_make(fee, -6, &f.fee)));
            hold(&p, f);
            balance += (buy ? q : -q) - fee;
            paid += buy ? q * price : -q * price;
            if (rand() % 8 == 0) hx_position_leave_dust(&p, i + 1, &change);
            hx_dec expected, left;
            assert_true(hx_ok(hx_dec_make(balance, -6, &expected)));
            assert_true(hx_dec_equal(p.quantity, expected));
            assert_true(hx_ok(hx_dec_make(paid, -7, &expected)));
            assert_true(hx_ok(hx_dec_subtract(p.cost, p.realized_pnl, &left)));
            assert_true(hx_dec_equal(left, expected));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(add_and_close_in_parts, setup),
                                       cmocka_unit_test_setup(flip_by_one_fill, setup),
                                       cmocka_unit_test_setup(fees_as_text, setup),
                                       cmocka_unit_test_setup(random_round_trips, setup),
                                       cmocka_unit_test_setup(a_commission_in_the_coin_shrinks_the_holding, setup),
                                       cmocka_unit_test_setup(other_commissions_leave_it_alone, setup),
                                       cmocka_unit_test_setup(a_sale_may_cost_more_than_is_sold, setup),
                                       cmocka_unit_test_setup(nothing_is_sold_short, setup),
                                       cmocka_unit_test_setup(dust_is_carried_into_the_next_round_trip, setup),
                                       cmocka_unit_test_setup(dust_can_be_sold_after_all, setup),
                                       cmocka_unit_test_setup(random_holdings_equal_the_balance, setup)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
