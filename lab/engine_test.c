/* Covers engine.c, check.c, account.c, path.c, symbols.c, binance_futures_trade.c, views.c, settings.c. Goal: matching,
 * positions and money are right to the last digit and the same for the same seed. Method: worked examples at pinned
 * prices, then random trading on the seeded path with every identity checked against sums over the fills. */
#include "lab/test_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

RIG_STORAGE(memory);
RIG_STORAGE(memory_twin);
static struct rig rig;
static struct rig twin;

static int begin(void **state) {
    (void)state;
    rig_init(&rig, memory, 42);
    rig_pin(&rig, "BTCUSDT", "100000");
    return 0;
}

static void trade(const char *side, const char *quantity, const char *more) {
    char params[256];
    (void)snprintf(params, sizeof params, "symbol=BTCUSDT&side=%s&type=MARKET&quantity=%s&newOrderRespType=RESULT%s",
                   side, quantity, more);
    assert_int_equal(rig_order(&rig, params), 200);
}

static void assert_position(const char *quantity, const char *entry) {
    struct hx_lab_position_view position;
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("BTCUSDT"), HX_LAB_BOTH, &position)));
    assert_true(hx_dec_equal(position.quantity, rig_dec(quantity)));
    assert_true(hx_dec_equal(position.entry_price, rig_dec(entry)));
}

static void assert_last_fill(const char *realized, const char *fee) {
    struct hx_lab_fill_view fill;
    hx_lab_get_fill(rig.lab, hx_lab_fill_count(rig.lab) - 1, &fill);
    assert_true(hx_dec_equal(fill.realized_pnl, rig_dec(realized)));
    assert_true(hx_dec_equal(fill.fee, rig_dec(fee)));
}

/* Open, add, close a part, flip, close: entry, realised P&L and fee of each step by hand. */
static void test_position_life(void **state) {
    (void)state;
    trade("BUY", "0.1", "");
    assert_position("0.1", "100000");
    assert_last_fill("0", "5");
    rig_pin(&rig, "BTCUSDT", "101000");
    trade("BUY", "0.2", "");
    assert_position("0.3", "100666.66666667");
    rig_pin(&rig, "BTCUSDT", "102000");
    trade("SELL", "0.1", "");
    assert_position("0.2", "100666.66666667");
    assert_last_fill("133.33333333", "5.1");
    trade("SELL", "0.5", "");
    assert_position("-0.3", "102000");
    assert_last_fill("266.66666667", "25.5");
    rig_pin(&rig, "BTCUSDT", "103000");
    trade("BUY", "0.3", "&reduceOnly=true");
    assert_position("0", "0");
    assert_last_fill("-300", "15.45");
    struct hx_lab_account_view account;
    hx_lab_get_account(rig.lab, &account);
    assert_true(hx_dec_equal(account.realized_pnl_total, rig_dec("100")));
    assert_true(hx_dec_equal(account.usdt_fees_total, rig_dec("61.15")));
    assert_true(hx_dec_equal(account.usdt_wallet, rig_dec("100038.85")));
    assert_int_equal(account.order_requests, 5);
}

/* Reduce-only never opens: refused when flat or on the wrong side, cut to what is there, free of the notional minimum.
 */
static void test_reduce_only(void **state) {
    (void)state;
    (void)rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.1&reduceOnly=true");
    assert_true(rig_refused(&rig, -2022));
    trade("BUY", "0.1", "");
    (void)rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1&reduceOnly=true");
    assert_true(rig_refused(&rig, -2022));
    rig_pin(&rig, "BTCUSDT", "20000");
    trade("SELL", "0.002", "&reduceOnly=true");
    assert_true(rig_is(&rig, "origQty", "0.002"));
    (void)rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002");
    assert_true(rig_refused(&rig, -4164));
    trade("SELL", "5", "&reduceOnly=true");
    assert_true(rig_is(&rig, "origQty", "0.098"));
    assert_true(rig_is(&rig, "executedQty", "0.098"));
    assert_position("0", "0");
}

/* A resting reduce-only order expires when the position it was to reduce is gone. */
static void test_reduce_only_rest_expires(void **state) {
    (void)state;
    trade("BUY", "0.1", "");
    assert_int_equal(rig_order(&rig,
                               "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=104000&"
                               "reduceOnly=true&newClientOrderId=tp"),
                     200);
    trade("SELL", "0.1", "");
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=tp"), 200);
    assert_true(rig_is(&rig, "status", "EXPIRED"));
}

/* What rests to reduce takes its part of the position: another order gets what is left of it, and no more. */
static void test_reduce_only_rest_takes_room(void **state) {
    (void)state;
    trade("BUY", "0.1", "");
    assert_int_equal(rig_order(&rig,
                               "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.06&price=104000&"
                               "reduceOnly=true&newClientOrderId=tp"),
                     200);
    trade("SELL", "0.01", "&reduceOnly=true");
    (void)rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.04&reduceOnly=true");
    assert_true(rig_refused(&rig, -4118));
    trade("BUY", "0.01", "");
    trade("SELL", "0.04", "&reduceOnly=true");
    (void)rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002&reduceOnly=true");
    assert_true(rig_refused(&rig, -4118));
    trade("SELL", "0.06", "");
    assert_position("0", "0");
}

/* A marketable limit takes the better price; a resting one fills at its own as maker when the price comes. */
static void test_limit_orders(void **state) {
    (void)state;
#define LIMIT_BUY "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&newOrderRespType=RESULT"
    assert_int_equal(rig_order(&rig, LIMIT_BUY "&price=101000"), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_position("0.1", "100000");
    assert_int_equal(rig_order(&rig, LIMIT_BUY "&price=99000&newClientOrderId=wait"), 200);
    assert_true(rig_is(&rig, "status", "NEW"));
    rig.now += 1000;
    rig_pin(&rig, "BTCUSDT", "98000");
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=wait"), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_true(rig_is(&rig, "avgPrice", "99000.00000"));
    struct hx_lab_fill_view fill;
    hx_lab_get_fill(rig.lab, 1, &fill);
    assert_true(fill.maker);
    assert_true(hx_dec_equal(fill.fee, rig_dec("1.98")));
    assert_position("0.2", "99500");
}

/* On the seeded path a limit near the price fills by itself as time passes. */
static void test_limit_meets_the_path(void **state) {
    (void)state;
    rig_pin(&rig, "BTCUSDT", "0");
    hx_dec mark;
    hx_dec bid;
    hx_dec ask;
    assert_true(hx_ok(hx_lab_get_price(rig.lab, HX_STR("BTCUSDT"), &mark, &bid, &ask)));
    hx_dec spread;
    assert_true(hx_ok(hx_dec_subtract(ask, bid, &spread)));
    assert_true(hx_dec_equal(spread, rig_dec("0.1")));
    char text[64];
    struct hx_buf price;
    hx_buf_init(&price, text, sizeof text - 1);
    hx_dec_add_to(&price, bid);
    text[price.len] = 0;
    char params[256];
    (void)snprintf(params, sizeof params, LIMIT_BUY "&price=%s&newClientOrderId=near", text);
    assert_int_equal(rig_order(&rig, params), 200);
    assert_true(rig_is(&rig, "status", "NEW"));
    rig.now += 6 * HX_MS_PER_HOUR;
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=near"), 200);
    assert_true(rig_is(&rig, "status", "FILLED"));
}

/* A market order in several fills: quantities add up, prices get worse by a tick, the average is theirs. */
static void test_market_in_parts(void **state) {
    (void)state;
    const struct hx_lab_fault split = {.kind = HX_LAB_FAULT_SPLIT, .count = 1, .parts = 3};
    assert_true(hx_ok(hx_lab_add_fault(rig.lab, &split)));
    trade("BUY", "0.1", "&newClientOrderId=parts");
    assert_true(rig_is(&rig, "status", "FILLED"));
    assert_int_equal(hx_lab_fill_count(rig.lab), 3);
    static const char *const prices[] = {"100000", "100000.1", "100000.2"};
    static const char *const quantities[] = {"0.033", "0.033", "0.034"};
    for (uint32_t i = 0; i < 3; i++) {
        struct hx_lab_fill_view fill;
        hx_lab_get_fill(rig.lab, i, &fill);
        assert_true(hx_dec_equal(fill.price, rig_dec(prices[i])));
        assert_true(hx_dec_equal(fill.quantity, rig_dec(quantities[i])));
    }
    assert_int_equal(rig_get(&rig, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=parts"), 200);
    assert_true(rig_is(&rig, "avgPrice", "100000.10100"));
    assert_true(rig_is(&rig, "cumQuote", "10000.0101"));
}

/* Fees in BNB at the given price, and back to USDT when there is none left. */
static void test_fees_in_bnb(void **state) {
    (void)state;
    assert_true(hx_ok(hx_lab_set_fee(rig.lab, rig_dec("0.0002"), rig_dec("0.0004"), HX_LAB_FEE_BNB, rig_dec("500"))));
    trade("BUY", "0.1", "");
    assert_last_fill("0", "0.008");
    assert_int_equal(rig_get(&rig, "/fapi/v1/userTrades", "symbol=BTCUSDT"), 200);
    assert_true(rig_is(&rig, "commissionAsset", "BNB"));
    assert_true(rig_is(&rig, "commission", "0.00800000"));
    assert_true(hx_ok(hx_lab_set_balance(rig.lab, HX_STR("BNB"), rig_dec("0.001"))));
    trade("BUY", "0.1", "");
    assert_last_fill("0", "4");
    assert_true(hx_err_is(hx_lab_set_fee(rig.lab, rig_dec("0.2"), rig_dec("0"), HX_LAB_FEE_USDT, rig_dec("1")),
                          HX_CLASS_REJECT));
}

/* userTrades: by order, by id, by time, paged, ascending. */
static void test_user_trades(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        trade("BUY", "0.01", "");
        rig.now += 1000;
    }
    assert_int_equal(rig_get(&rig, "/fapi/v1/userTrades", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_count(&rig, "\"id\""), 4);
    assert_true(rig_is(&rig, "qty", "0.010"));
    assert_true(rig_is(&rig, "quoteQty", "1000"));
    assert_true(rig_is(&rig, "price", "100000.00"));
    assert_true(rig_is(&rig, "buyer", "true"));
    assert_true(rig_is(&rig, "maker", "false"));
    assert_int_equal(rig_number(&rig, "time"), RIG_NOW);
    assert_int_equal(rig_number(&rig, "id"), 5000000001);
    assert_int_equal(rig_get(&rig, "/fapi/v1/userTrades", "symbol=BTCUSDT&limit=1"), 200);
    assert_int_equal(rig_number(&rig, "id"), 5000000004);
    assert_int_equal(rig_get(&rig, "/fapi/v1/userTrades", "symbol=BTCUSDT&fromId=5000000002&limit=2"), 200);
    assert_int_equal(rig_number(&rig, "id"), 5000000002);
    assert_int_equal(rig_count(&rig, "\"id\""), 2);
    assert_int_equal(rig_get(&rig, "/fapi/v1/userTrades", "symbol=BTCUSDT&orderId=400000000003"), 200);
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
    assert_int_equal(rig_number(&rig, "orderId"), 400000000003);
    assert_int_equal(rig_get(&rig, "/fapi/v1/userTrades", "symbol=BTCUSDT&startTime=1795000003000"), 200);
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
    (void)rig_get(&rig, "/fapi/v1/userTrades", "symbol=BTCUSDT&startTime=1795000003000&fromId=1");
    assert_true(rig_refused(&rig, -1106));
    assert_int_equal(rig_get(&rig, "/fapi/v1/userTrades", "symbol=ETHUSDT"), 200);
    assert_string_equal(rig.text, "[]");
    rig.now += 8 * HX_MS_PER_DAY;
    assert_int_equal(rig_get(&rig, "/fapi/v1/userTrades", "symbol=BTCUSDT"), 200);
    assert_string_equal(rig.text, "[]");
    assert_int_equal(rig_get(&rig, "/fapi/v1/userTrades", "symbol=BTCUSDT&orderId=400000000003"), 200);
    assert_int_equal(rig_count(&rig, "\"id\""), 1);
}

/* Margin: what rests and what is held count, leverage bounds the position. */
static void test_margin(void **state) {
    (void)state;
    assert_int_equal(rig_post(&rig, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=1"), 200);
    (void)rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1.001");
    assert_true(rig_refused(&rig, -2019));
    assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.6&price=99000"),
                     200);
    (void)rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5");
    assert_true(rig_refused(&rig, -2019));
    trade("BUY", "0.4", "");
    assert_int_equal(rig_post(&rig, "/fapi/v1/leverage", "symbol=ETHUSDT&leverage=125"), 200);
    (void)rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=100");
    assert_true(rig_refused(&rig, -2027));
}

/* However low a price is pinned, resting orders can't add up to more than an amount holds. */
static void test_quantity_bound(void **state) {
    (void)state;
    rig_pin(&rig, "1000PEPEUSDT", "0.0000002");
    uint32_t taken = 0;
    for (int i = 0; i < 20; i++) {
        taken += rig_order(&rig,
                           "symbol=1000PEPEUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1000000000&"
                           "price=0.0000001") == 200
                     ? 1
                     : 0;
    }
    assert_int_equal(taken, 4);
    assert_true(rig_refused(&rig, -2027));
    rig_pin(&rig, "1000PEPEUSDT", "0.0000001");
    struct hx_lab_position_view position;
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("1000PEPEUSDT"), HX_LAB_BOTH, &position)));
    assert_true(hx_dec_equal(position.quantity, rig_dec("4000000000")));
}

/* Hedge mode: both sides stand beside each other, and the closing side never opens. */
static void test_hedge_mode(void **state) {
    (void)state;
    assert_int_equal(rig_post(&rig, "/fapi/v1/positionSide/dual", "dualSidePosition=true"), 200);
    trade("BUY", "0.2", "&positionSide=LONG");
    trade("SELL", "0.1", "&positionSide=SHORT");
    assert_int_equal(rig_get(&rig, "/fapi/v3/positionRisk", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_count(&rig, "\"positionAmt\""), 2);
    assert_int_equal(rig_count(&rig, "\"positionAmt\":\"0.200\""), 1);
    assert_int_equal(rig_count(&rig, "\"positionAmt\":\"-0.100\""), 1);
    (void)rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.2");
    assert_true(rig_refused(&rig, -4061));
    (void)rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.3&positionSide=LONG");
    assert_true(rig_refused(&rig, -2022));
    (void)rig_order(&rig, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.1&positionSide=LONG&reduceOnly=true");
    assert_true(rig_refused(&rig, -1106));
    trade("SELL", "0.2", "&positionSide=LONG");
    struct hx_lab_position_view position;
    assert_true(hx_ok(hx_lab_get_position(rig.lab, HX_STR("BTCUSDT"), HX_LAB_LONG, &position)));
    assert_true(hx_dec_is_zero(position.quantity));
}

/* The path: same seed same prices, other seed others; within its band; asking in another order changes nothing. */
static void test_path(void **state) {
    (void)state;
    rig_init(&rig, memory, 7);
    rig_init(&twin, memory_twin, 7);
    hx_lab_advance(twin.lab, RIG_NOW + 500 * HX_MS_PER_HOUR);
    uint32_t moves = 0;
    hx_dec last = HX_DEC_ZERO;
    for (int i = 0; i <= 500; i++) {
        hx_lab_advance(rig.lab, RIG_NOW + i * HX_MS_PER_HOUR);
        hx_dec mark;
        hx_dec bid;
        hx_dec ask;
        assert_true(hx_ok(hx_lab_get_price(rig.lab, HX_STR("1000PEPEUSDT"), &mark, &bid, &ask)));
        assert_true(hx_dec_compare(mark, rig_dec("0.0105")) > 0 && hx_dec_compare(mark, rig_dec("0.0115")) < 0);
        assert_true(hx_dec_compare(bid, mark) <= 0 && hx_dec_compare(ask, bid) > 0);
        assert_true(hx_dec_is_multiple(bid, rig_dec("0.0000001")));
        if (!hx_dec_equal(mark, last)) moves++;
        last = mark;
    }
    assert_true(moves > 450);
    hx_dec other;
    hx_dec bid;
    hx_dec ask;
    assert_true(hx_ok(hx_lab_get_price(twin.lab, HX_STR("1000PEPEUSDT"), &other, &bid, &ask)));
    assert_true(hx_dec_equal(other, last));
    rig_init(&twin, memory_twin, 8);
    hx_lab_advance(twin.lab, RIG_NOW + 500 * HX_MS_PER_HOUR);
    assert_true(hx_ok(hx_lab_get_price(twin.lab, HX_STR("1000PEPEUSDT"), &other, &bid, &ask)));
    assert_false(hx_dec_equal(other, last));
}

static uint32_t dice(uint64_t *state, uint32_t below) {
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 33) % below;
}

static uint32_t random_request(struct rig *on, uint64_t *seed) {
    static const struct {
        const char *symbol;
        uint32_t units;
        const char *format;
    } rows[] = {
        {"BTCUSDT", 300, "0.%03u"}, {"ETHUSDT", 900, "%u.1"}, {"SOLUSDT", 90, "%u.05"}, {"DOGEUSDT", 9000, "%u00"}};
    const uint32_t row = dice(seed, 4);
    const char *side = dice(seed, 2) == 0 ? "BUY" : "SELL";
    const uint32_t units = dice(seed, rows[row].units);
    const uint32_t kind = dice(seed, 8);
    const char *reduce = dice(seed, 4) == 0 ? "&reduceOnly=true" : "";
    char quantity[32];
    char params[256];
    (void)snprintf(quantity, sizeof quantity, rows[row].format, units);
    on->now += dice(seed, 20000);
    if (kind == 0) {
        (void)snprintf(params, sizeof params, "symbol=%s", rows[row].symbol);
        return rig_delete(on, "/fapi/v1/allOpenOrders", params);
    }
    (void)snprintf(params, sizeof params, "symbol=%s", rows[row].symbol);
    if (kind > 2) {
        (void)snprintf(params, sizeof params, "symbol=%s&side=%s&type=MARKET&quantity=%s%s", rows[row].symbol, side,
                       quantity, reduce);
        return rig_order(on, params);
    }
    (void)rig_get(on, "/fapi/v1/ticker/bookTicker", params);
    const hx_str price = rig_value(on, side[0] == 'B' ? "bidPrice" : "askPrice");
    (void)snprintf(params, sizeof params, "symbol=%s&side=%s&type=LIMIT&timeInForce=GTC&quantity=%s&price=%.*s%s",
                   rows[row].symbol, side, quantity, (int)price.len, price.data, reduce);
    return rig_order(on, params);
}

static hx_dec plus(hx_dec a, hx_dec b) {
    hx_dec sum;
    assert_true(hx_ok(hx_dec_add(a, b, &sum)));
    return sum;
}

static void check_identities(struct rig *on) {
    hx_dec quantities[16] = {HX_DEC_ZERO};
    hx_dec realized = HX_DEC_ZERO;
    hx_dec fees = HX_DEC_ZERO;
    const uint32_t symbols = hx_lab_symbol_count(on->lab);
    for (uint32_t i = 0; i < hx_lab_fill_count(on->lab); i++) {
        struct hx_lab_fill_view fill;
        hx_lab_get_fill(on->lab, i, &fill);
        hx_dec product;
        assert_true(hx_ok(hx_dec_multiply(fill.quantity, fill.price, &product)));
        assert_true(hx_dec_equal(product, fill.quote_quantity));
        realized = plus(realized, fill.realized_pnl);
        fees = plus(fees, fill.fee);
        for (uint32_t s = 0; s < symbols; s++) {
            if (!hx_str_equal(hx_lab_symbol_name(on->lab, s), fill.symbol)) continue;
            quantities[s] = plus(quantities[s], fill.buy ? fill.quantity : hx_dec_negate(fill.quantity));
        }
    }
    for (uint32_t s = 0; s < symbols; s++) {
        struct hx_lab_position_view position;
        const hx_str name = hx_lab_symbol_name(on->lab, s);
        assert_true(hx_ok(hx_lab_get_position(on->lab, name, HX_LAB_BOTH, &position)));
        assert_true(hx_dec_equal(position.quantity, quantities[s]));
    }
    struct hx_lab_account_view account;
    hx_lab_get_account(on->lab, &account);
    assert_true(hx_dec_equal(account.realized_pnl_total, realized));
    assert_true(hx_dec_equal(account.usdt_fees_total, fees));
    assert_true(hx_dec_equal(account.usdt_wallet, plus(account.usdt_start, plus(realized, hx_dec_negate(fees)))));
}

/* Sum of fills = position, wallet = start + realised - fees, executed = its fills; two runs give the same bytes. */
static void test_random_trading(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        rig_init(&rig, memory, seed);
        rig_init(&twin, memory_twin, seed);
        hx_lab_set_market_fills(rig.lab, 4);
        hx_lab_set_market_fills(twin.lab, 4);
        hx_lab_set_limits(rig.lab, 100000, 100000, 100000, 1);
        hx_lab_set_limits(twin.lab, 100000, 100000, 100000, 1);
        uint64_t one = seed;
        uint64_t two = seed;
        uint32_t taken = 0;
        for (int i = 0; i < 200; i++) {
            if (random_request(&rig, &one) == 200) taken++;
            (void)random_request(&twin, &two);
            assert_string_equal(rig.text, twin.text);
        }
        assert_true(taken > 60);
        assert_int_equal(hx_lab_orders_forgotten(rig.lab), 0);
        check_identities(&rig);
        for (uint32_t i = 0; i < hx_lab_order_count(rig.lab); i++) {
            struct hx_lab_order_view order;
            hx_dec executed = HX_DEC_ZERO;
            hx_lab_get_order(rig.lab, i, &order);
            for (uint32_t f = 0; f < hx_lab_fill_count(rig.lab); f++) {
                struct hx_lab_fill_view fill;
                hx_lab_get_fill(rig.lab, f, &fill);
                if (fill.order_id != order.order_id || !hx_str_equal(fill.symbol, order.symbol)) continue;
                executed = plus(executed, fill.quantity);
            }
            assert_true(hx_dec_equal(executed, order.executed_quantity));
            assert_true(order.status != HX_LAB_STATUS_FILLED || hx_dec_equal(executed, order.quantity));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_position_life, begin),
        cmocka_unit_test_setup(test_reduce_only, begin),
        cmocka_unit_test_setup(test_reduce_only_rest_expires, begin),
        cmocka_unit_test_setup(test_reduce_only_rest_takes_room, begin),
        cmocka_unit_test_setup(test_limit_orders, begin),
        cmocka_unit_test_setup(test_limit_meets_the_path, begin),
        cmocka_unit_test_setup(test_market_in_parts, begin),
        cmocka_unit_test_setup(test_fees_in_bnb, begin),
        cmocka_unit_test_setup(test_user_trades, begin),
        cmocka_unit_test_setup(test_margin, begin),
        cmocka_unit_test_setup(test_quantity_bound, begin),
        cmocka_unit_test_setup(test_hedge_mode, begin),
        cmocka_unit_test_setup(test_path, begin),
        cmocka_unit_test_setup(test_random_trading, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
