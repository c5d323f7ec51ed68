/* Covers spot.c, trigger.c, ids.c, front.c, bybit.c, mexc.c. Goal: balances are right to the last digit, an order that
 * was only acknowledged is placed or rejected later, a condition fires at its price, and every venue's ids find their
 * orders. Method: the engine driven directly at pinned prices, worked examples by hand, then random trading on every
 * venue with the balances checked against sums over the fills. */
#include "lab/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lab/test_rig.h"

RIG_STORAGE(memory);
static struct hx_lab *lab;

static void open_venue(enum hx_lab_venue venue) {
    struct hx_lab_config config = hx_lab_config_small();
    config.venue = venue;
    assert_true(hx_lab_size_with(&config) <= sizeof memory);
    lab = hx_lab_init_with(memory, &config, 42, RIG_NOW);
    hx_lab_set_ack_delay(lab, 0);
}

static void pin(enum hx_lab_product product, const char *price) {
    assert_true(hx_ok(hx_lab_set_price_in(lab, product, HX_STR("BTCUSDT"), rig_dec(price))));
}

static int begin(void **state) {
    (void)state;
    open_venue(HX_LAB_BINANCE);
    pin(HX_LAB_SPOT, "100000");
    return 0;
}

static hx_lab_amount amount(const char *text) {
    hx_lab_amount value;
    uint32_t places;
    assert_true(hx_lab_amount_parse(hx_str_from_c(text), &value, &places));
    return value;
}

static struct hx_lab_draft draft_in(enum hx_lab_product product, bool buy, const char *quantity, const char *price) {
    struct hx_lab_draft draft;
    hx_mem_set(&draft, 0, sizeof draft);
    draft.market = hx_lab_market_index(lab, hx_lab_find_market(lab, product, HX_STR("BTCUSDT")));
    draft.buy = buy;
    draft.type = price == NULL ? HX_LAB_ORDER_MARKET : HX_LAB_ORDER_LIMIT;
    draft.quantity = amount(quantity);
    if (price != NULL) draft.price = amount(price);
    return draft;
}

static struct hx_lab_order *place(struct hx_lab_draft draft, enum hx_lab_refusal wanted) {
    struct hx_lab_order *order = NULL;
    assert_int_equal(hx_lab_place(lab, &draft, &order), wanted);
    return order;
}

static void assert_balance(const char *asset, const char *total, const char *locked) {
    struct hx_lab_balance_view view;
    assert_true(hx_ok(hx_lab_find_balance(lab, HX_LAB_SPOT, hx_str_from_c(asset), &view)));
    assert_true(hx_dec_equal(view.total, rig_dec(total)));
    assert_true(hx_dec_equal(view.locked, rig_dec(locked)));
}

/* Bought 0.1 at 100,000 with 0.1 % in BTC, sold 0.05 at 101,000 with 0.1 % in USDT. */
static void test_market_orders(void **state) {
    (void)state;
    (void)place(draft_in(HX_LAB_SPOT, true, "0.1", NULL), HX_LAB_ACCEPTED);
    assert_balance("USDT", "90000", "0");
    assert_balance("BTC", "0.0999", "0");
    pin(HX_LAB_SPOT, "101000");
    (void)place(draft_in(HX_LAB_SPOT, false, "0.05", NULL), HX_LAB_ACCEPTED);
    assert_balance("USDT", "95044.95", "0");
    assert_balance("BTC", "0.0499", "0");
    (void)place(draft_in(HX_LAB_SPOT, false, "0.05", NULL), HX_LAB_REFUSED_BALANCE);
    struct hx_lab_fill_view fill;
    hx_lab_get_fill(lab, 0, &fill);
    assert_int_equal(fill.product, HX_LAB_SPOT);
    assert_true(hx_str_equal(fill.fee_asset, HX_STR("BTC")));
    assert_true(hx_dec_equal(fill.fee, rig_dec("0.0001")));
    struct hx_lab_account_view account;
    hx_lab_get_account(lab, &account);
    assert_true(hx_dec_equal(account.usdt_wallet, rig_dec("100000")));
}

/* A resting buy holds its quote and gives the rest back when it is cancelled; a better price costs less. */
static void test_locks(void **state) {
    (void)state;
    struct hx_lab_order *order = place(draft_in(HX_LAB_SPOT, true, "0.5", "99000"), HX_LAB_ACCEPTED);
    assert_balance("USDT", "100000", "49500");
    (void)place(draft_in(HX_LAB_SPOT, true, "0.6", "99000"), HX_LAB_REFUSED_BALANCE);
    hx_lab_cancel(lab, order);
    assert_balance("USDT", "100000", "0");
    order = place(draft_in(HX_LAB_SPOT, true, "0.5", "99000"), HX_LAB_ACCEPTED);
    hx_lab_advance(lab, RIG_NOW + 1000);
    pin(HX_LAB_SPOT, "98000");
    assert_int_equal(order->status, HX_LAB_STATUS_FILLED);
    assert_balance("USDT", "50500", "0");
    assert_balance("BTC", "0.4995", "0");
    order = place(draft_in(HX_LAB_SPOT, false, "0.2", "99000"), HX_LAB_ACCEPTED);
    assert_balance("BTC", "0.4995", "0.2");
    (void)place(draft_in(HX_LAB_SPOT, false, "0.3", NULL), HX_LAB_REFUSED_BALANCE);
    struct hx_lab_draft crossing = draft_in(HX_LAB_SPOT, true, "0.1", "98500");
    (void)place(crossing, HX_LAB_ACCEPTED);
    assert_balance("USDT", "40700", "0");
    assert_true(hx_err_is(hx_lab_set_balance_in(lab, HX_LAB_SPOT, HX_STR("BTC"), rig_dec("0.1")), HX_CLASS_REJECT));
}

/* By quote amount: the steps that fit into it. 1,000 / 100,000 is 0.01; 999.99 is 0.00999. */
static void test_quote_amount(void **state) {
    (void)state;
    struct hx_lab_draft draft = draft_in(HX_LAB_SPOT, true, "0", NULL);
    draft.quote_asked = amount("1000");
    assert_int_equal(place(draft, HX_LAB_ACCEPTED)->executed, amount("0.01"));
    draft.quote_asked = amount("999.99");
    assert_int_equal(place(draft, HX_LAB_ACCEPTED)->executed, amount("0.00999"));
    assert_balance("USDT", "98001", "0");
    draft.quote_asked = amount("4.99");
    (void)place(draft, HX_LAB_REFUSED_NOTIONAL_LOW);
    draft.quote_asked = amount("98001");
    draft.bend.parts = 3;
    assert_int_equal(place(draft, HX_LAB_ACCEPTED)->status, HX_LAB_STATUS_FILLED);
    struct hx_lab_balance_view view;
    assert_true(hx_ok(hx_lab_find_balance(lab, HX_LAB_SPOT, HX_STR("USDT"), &view)));
    assert_true(hx_dec_sign(view.total) >= 0);
}

/* In BNB while there is enough of it free, then in what is received again. 10,000 * 0.001 / 500 = 0.02. */
static void test_fee_in_bnb(void **state) {
    (void)state;
    assert_true(
        hx_ok(hx_lab_set_fee_in(lab, HX_LAB_SPOT, rig_dec("0.001"), rig_dec("0.001"), HX_LAB_FEE_BNB, rig_dec("500"))));
    (void)place(draft_in(HX_LAB_SPOT, true, "0.1", NULL), HX_LAB_ACCEPTED);
    assert_balance("BNB", "9.98", "0");
    assert_balance("BTC", "0.1", "0");
    assert_true(hx_ok(hx_lab_set_balance_in(lab, HX_LAB_SPOT, HX_STR("BNB"), rig_dec("0.01"))));
    (void)place(draft_in(HX_LAB_SPOT, true, "0.1", NULL), HX_LAB_ACCEPTED);
    assert_balance("BNB", "0.01", "0");
    assert_balance("BTC", "0.1999", "0");
}

/* A stop that sells holds its base, fires at its price, and is a market order then. */
static void test_stop(void **state) {
    (void)state;
    (void)place(draft_in(HX_LAB_SPOT, true, "0.1", NULL), HX_LAB_ACCEPTED);
    struct hx_lab_draft stop = draft_in(HX_LAB_SPOT, false, "0.05", NULL);
    stop.trigger = (struct hx_lab_trigger){.is_set = true, .price = amount("95000")};
    struct hx_lab_order *order = place(stop, HX_LAB_ACCEPTED);
    assert_int_equal(order->status, HX_LAB_STATUS_UNTRIGGERED);
    assert_balance("BTC", "0.0999", "0.05");
    pin(HX_LAB_SPOT, "95000.01");
    assert_int_equal(order->status, HX_LAB_STATUS_UNTRIGGERED);
    pin(HX_LAB_SPOT, "95000");
    assert_int_equal(order->status, HX_LAB_STATUS_FILLED);
    assert_true(order->triggered);
    assert_balance("BTC", "0.0499", "0");
    assert_balance("USDT", "94745.25", "0");
    stop.quantity = amount("0.04");
    (void)place(stop, HX_LAB_REFUSED_TRIGGER_MET);
}

/* A trailing condition follows the price up and never down: from 101,000 with 1,000 behind it fires at 100,000. */
static void test_trailing(void **state) {
    (void)state;
    (void)place(draft_in(HX_LAB_SPOT, true, "0.1", NULL), HX_LAB_ACCEPTED);
    struct hx_lab_draft stop = draft_in(HX_LAB_SPOT, false, "0.05", NULL);
    stop.trigger = (struct hx_lab_trigger){.is_set = true, .trail = amount("1000"), .activate = amount("100500")};
    struct hx_lab_order *order = place(stop, HX_LAB_ACCEPTED);
    pin(HX_LAB_SPOT, "98000");
    assert_int_equal(order->status, HX_LAB_STATUS_UNTRIGGERED);
    pin(HX_LAB_SPOT, "101000");
    assert_int_equal(order->trigger.price, amount("100000"));
    pin(HX_LAB_SPOT, "100000.01");
    assert_int_equal(order->status, HX_LAB_STATUS_UNTRIGGERED);
    pin(HX_LAB_SPOT, "100000");
    assert_int_equal(order->status, HX_LAB_STATUS_FILLED);
}

/* Acknowledged at once, placed 50 ms later at the price of then; what is wrong by then makes it rejected. */
static void test_acknowledged(void **state) {
    (void)state;
    open_venue(HX_LAB_BYBIT);
    hx_lab_set_ack_delay(lab, 50);
    pin(HX_LAB_FUTURES, "100000");
    struct hx_lab_draft draft = draft_in(HX_LAB_FUTURES, true, "0.1", NULL);
    draft.is_acked = true;
    draft.client_id = HX_STR("one");
    struct hx_lab_order *order = place(draft, HX_LAB_ACCEPTED);
    assert_int_equal(order->status, HX_LAB_STATUS_PENDING);
    assert_false(hx_lab_order_is_visible(lab, order));
    (void)place(draft, HX_LAB_REFUSED_DUPLICATE);
    assert_int_equal(hx_lab_next_arrival(lab), RIG_NOW + 50);
    hx_lab_advance(lab, RIG_NOW + 49);
    assert_int_equal(order->status, HX_LAB_STATUS_PENDING);
    pin(HX_LAB_FUTURES, "100100");
    hx_lab_advance(lab, RIG_NOW + 50);
    assert_int_equal(order->status, HX_LAB_STATUS_FILLED);
    assert_int_equal(order->quote, amount("10010"));
    assert_int_equal(hx_lab_next_arrival(lab), INT64_MAX);
    draft.client_id = HX_STR("two");
    draft.buy = false;
    draft.reduce_only = true;
    order = place(draft, HX_LAB_ACCEPTED);
    draft.client_id = HX_STR("three");
    struct hx_lab_order *late = place(draft, HX_LAB_ACCEPTED);
    hx_lab_advance(lab, RIG_NOW + 1000);
    assert_int_equal(order->status, HX_LAB_STATUS_FILLED);
    assert_int_equal(late->status, HX_LAB_STATUS_REJECTED);
    assert_int_equal(late->refusal, HX_LAB_REFUSED_REDUCE_ONLY);
    struct hx_lab_draft post_only = draft_in(HX_LAB_FUTURES, true, "0.1", "100100");
    post_only.is_acked = true;
    post_only.tif = HX_LAB_GTX;
    hx_lab_set_ack_delay(lab, 0);
    order = place(post_only, HX_LAB_ACCEPTED);
    assert_int_equal(order->status, HX_LAB_STATUS_REJECTED);
    assert_int_equal(order->refusal, HX_LAB_REFUSED_WOULD_TAKE);
}

/* Which ids may come again is the venue's: Bybit never, MEXC's contracts never in the symbol, MEXC's spot always. */
static void test_id_rules(void **state) {
    (void)state;
    struct hx_lab_draft draft = draft_in(HX_LAB_SPOT, true, "0.1", NULL);
    draft.client_id = HX_STR("one");
    (void)place(draft, HX_LAB_ACCEPTED);
    (void)place(draft, HX_LAB_ACCEPTED);
    open_venue(HX_LAB_MEXC);
    pin(HX_LAB_FUTURES, "100000");
    pin(HX_LAB_SPOT, "100000");
    (void)place(draft, HX_LAB_ACCEPTED);
    (void)place(draft, HX_LAB_ACCEPTED);
    hx_lab_set_id_rule(lab, HX_LAB_SPOT, HX_LAB_ID_UNIQUE_SYMBOL);
    (void)place(draft, HX_LAB_REFUSED_DUPLICATE);
    draft = draft_in(HX_LAB_FUTURES, true, "0.1", NULL);
    draft.client_id = HX_STR("one");
    (void)place(draft, HX_LAB_ACCEPTED);
    (void)place(draft, HX_LAB_REFUSED_DUPLICATE);
    draft.market = hx_lab_market_index(lab, hx_lab_find_wire_market(lab, HX_LAB_FUTURES, HX_STR("ETH_USDT")));
    (void)place(draft, HX_LAB_ACCEPTED);
    open_venue(HX_LAB_BYBIT);
    pin(HX_LAB_SPOT, "100000");
    draft = draft_in(HX_LAB_SPOT, true, "0.1", NULL);
    draft.client_id = HX_STR("one");
    (void)place(draft, HX_LAB_ACCEPTED);
    draft.market = hx_lab_market_index(lab, hx_lab_find_market(lab, HX_LAB_SPOT, HX_STR("ETHUSDT")));
    (void)place(draft, HX_LAB_REFUSED_DUPLICATE);
}

static uint32_t dice(uint64_t *state, uint32_t below) {
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 33) % below;
}

static void check_ids(void) {
    for (uint32_t i = 0; i < hx_lab_order_count(lab); i++) {
        struct hx_lab_order_view view;
        hx_lab_get_order(lab, i, &view);
        const struct hx_lab_order *found = hx_lab_order_by_text(lab, view.product, hx_str_from_c(view.order_id_text));
        assert_ptr_equal(found, hx_lab_order_at(lab, hx_lab_order_first(lab) + i));
        const enum hx_lab_product other = view.product == HX_LAB_SPOT ? HX_LAB_FUTURES : HX_LAB_SPOT;
        assert_null(hx_lab_order_by_text(lab, other, hx_str_from_c(view.order_id_text)));
        assert_true(hx_str_from_c(view.order_id_text).len >= 11);
    }
    assert_null(hx_lab_order_by_text(lab, HX_LAB_SPOT, HX_STR("")));
    assert_null(hx_lab_order_by_text(lab, HX_LAB_FUTURES, HX_STR("00000000-0000-4000-8000-000000000001")));
    assert_null(hx_lab_order_by_text(lab, HX_LAB_SPOT, HX_STR("C02__1")));
}

static hx_dec sum_of(enum hx_lab_product product, hx_str asset, bool whole_account) {
    hx_dec sum = HX_DEC_ZERO;
    hx_dec part;
    for (uint32_t i = 0; i < hx_lab_fill_count(lab); i++) {
        struct hx_lab_fill_view fill;
        hx_lab_get_fill(lab, i, &fill);
        if (fill.product != product && !whole_account) continue;
        const bool spot = fill.product == HX_LAB_SPOT;
        if (spot && hx_str_starts_with(fill.symbol, asset)) {
            part = fill.buy ? fill.quantity : hx_dec_negate(fill.quantity);
            assert_true(hx_ok(hx_dec_add(sum, part, &sum)));
        }
        if (hx_str_equal(asset, HX_STR("USDT"))) {
            part = fill.buy ? hx_dec_negate(fill.quote_quantity) : fill.quote_quantity;
            assert_true(hx_ok(hx_dec_add(sum, spot ? part : fill.realized_pnl, &sum)));
        }
        if (hx_str_equal(asset, fill.fee_asset)) assert_true(hx_ok(hx_dec_subtract(sum, fill.fee, &sum)));
    }
    return sum;
}

static void check_balances(void) {
    const bool one = lab->front->one_account;
    for (uint32_t i = 0; i < hx_lab_asset_count(lab); i++) {
        struct hx_lab_balance_view view;
        hx_dec expected;
        hx_lab_get_asset(lab, HX_LAB_SPOT, i, &view);
        assert_true(hx_ok(hx_dec_add(view.start, sum_of(HX_LAB_SPOT, view.asset, one), &expected)));
        assert_true(hx_dec_equal(view.total, expected));
        assert_true(hx_dec_sign(view.locked) >= 0);
        if (!one) assert_true(hx_dec_compare(view.total, view.locked) >= 0);
    }
}

static void random_order(uint64_t *seed) {
    static const char *const names[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "DOGEUSDT"};
    const enum hx_lab_product product = dice(seed, 3) == 0 ? HX_LAB_FUTURES : HX_LAB_SPOT;
    const struct hx_lab_market *market = hx_lab_find_market(lab, product, hx_str_from_c(names[dice(seed, 5)]));
    if (market == NULL) return;
    const struct hx_lab_book book = hx_lab_book_now(lab, market);
    struct hx_lab_draft draft;
    hx_mem_set(&draft, 0, sizeof draft);
    draft.market = hx_lab_market_index(lab, market);
    draft.buy = dice(seed, 2) == 0;
    draft.is_acked = lab->config.venue == HX_LAB_BYBIT;
    draft.type = dice(seed, 2) == 0 ? HX_LAB_ORDER_MARKET : HX_LAB_ORDER_LIMIT;
    draft.tif = (enum hx_lab_tif)dice(seed, 4);
    const hx_lab_amount units = hx_lab_amount_divide((hx_lab_amount)(1 + dice(seed, 5000)) * HX_LAB_UNIT, book.mark);
    draft.quantity = hx_lab_amount_floor_step(units, market->step);
    if (draft.type == HX_LAB_ORDER_MARKET) draft.tif = HX_LAB_GTC;
    if (draft.type == HX_LAB_ORDER_MARKET && product == HX_LAB_SPOT && dice(seed, 3) == 0) {
        draft.quote_asked = (hx_lab_amount)dice(seed, 3000) * HX_LAB_UNIT;
    }
    draft.price = hx_lab_amount_floor_step(book.mark / 1000 * (995 + dice(seed, 10)), market->tick);
    draft.reduce_only = product == HX_LAB_FUTURES && dice(seed, 4) == 0;
    draft.bend.has_partial = dice(seed, 8) == 0;
    draft.bend.fill_permille = dice(seed, 1001);
    if (dice(seed, 6) == 0) {
        draft.trigger.is_set = true;
        draft.trigger.rises = dice(seed, 2) == 0;
        draft.trigger.price = hx_lab_amount_floor_step(book.mark / 1000 * (995 + dice(seed, 10)), market->tick);
    }
    struct hx_lab_order *order = NULL;
    (void)hx_lab_place(lab, &draft, &order);
    if (order != NULL && hx_lab_order_is_open(order) && dice(seed, 5) == 0) hx_lab_cancel(lab, order);
}

static void test_random_trading(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (enum hx_lab_venue venue = HX_LAB_BINANCE; venue <= HX_LAB_MEXC; venue++) {
        open_venue(venue);
        assert_true(
            hx_ok(hx_lab_set_fee_in(lab, HX_LAB_SPOT, rig_dec("0.0007"), rig_dec("0.0011"),
                                    venue == HX_LAB_BINANCE ? HX_LAB_FEE_BNB : HX_LAB_FEE_USDT, rig_dec("613.7"))));
        hx_lab_set_market_fills(lab, 3);
        hx_lab_set_ack_delay(lab, 400);
        for (uint32_t i = 0; i < 240; i++) {
            random_order(&seed);
            hx_lab_advance(lab, lab->now + dice(&seed, 100000));
        }
        assert_true(hx_lab_fill_count(lab) > 60);
        check_balances();
        check_ids();
    }
}

/* A venue's answer to a path it does not have is in its own envelope. */
static void test_unknown_paths(void **state) {
    (void)state;
    static const struct {
        enum hx_lab_venue venue;
        const char *path, *member;
    } rows[] = {{HX_LAB_BINANCE, "/api/v3/nothing", "\"msg\""},
                {HX_LAB_BYBIT, "/v5/nothing", "\"retMsg\""},
                {HX_LAB_MEXC, "/api/v3/nothing", "\"msg\""},
                {HX_LAB_MEXC, "/api/v1/contract/nothing", "\"success\":false"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        open_venue(rows[i].venue);
        const struct hx_lab_request request = {.method = HX_HTTP_METHOD_GET, .path = hx_str_from_c(rows[i].path)};
        struct hx_lab_response answer;
        size_t at;
        hx_lab_handle(lab, RIG_NOW, &request, &answer);
        assert_int_equal(answer.status, 404);
        assert_true(hx_str_find(answer.body, hx_str_from_c(rows[i].member), &at));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_market_orders, begin),  cmocka_unit_test_setup(test_locks, begin),
        cmocka_unit_test_setup(test_quote_amount, begin),   cmocka_unit_test_setup(test_fee_in_bnb, begin),
        cmocka_unit_test_setup(test_stop, begin),           cmocka_unit_test_setup(test_trailing, begin),
        cmocka_unit_test_setup(test_acknowledged, begin),   cmocka_unit_test_setup(test_id_rules, begin),
        cmocka_unit_test_setup(test_random_trading, begin), cmocka_unit_test_setup(test_unknown_paths, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
