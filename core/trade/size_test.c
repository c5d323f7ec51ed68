/* Goal: a size never risks more than was asked for, and never breaks a rule of the venue.
 * Method: a table over quantity types, order types and rules; then random sizes checked against the rules they must
 * obey. */
#include "core/trade/size.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static hx_dec dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static struct hx_symbol_rules rules(void) {
    return (struct hx_symbol_rules){.tick = dec("0.1"),
                                    .step = dec("0.001"),
                                    .market_step = dec("0.01"),
                                    .quantity_min = dec("0.001"),
                                    .quantity_max = dec("1000"),
                                    .market_quantity_min = dec("0.01"),
                                    .market_quantity_max = dec("120"),
                                    .notional_min = dec("50"),
                                    .price_max = dec("1000000")};
}

struct row {
    enum hx_quantity_type type;
    const char *quantity, *stop, *price, *equity, *cap;
    enum hx_order_type order;
    enum hx_side side;
    const char *expected; /* NULL: refused. */
    const char *expected_price;
};

static const struct row rows[] = {
    {HX_QUANTITY_BASE, "1.2345", "0", "0", "0", "0", HX_ORDER_MARKET, HX_SIDE_BUY, "1.23", NULL},
    {HX_QUANTITY_BASE, "1.2345", "0", "100.07", "0", "0", HX_ORDER_LIMIT, HX_SIDE_BUY, "1.234", "100"},
    {HX_QUANTITY_BASE, "1.2345", "0", "100.07", "0", "0", HX_ORDER_LIMIT, HX_SIDE_SELL, "1.234", "100.1"},
    {HX_QUANTITY_BASE, "0.005", "0", "0", "0", "0", HX_ORDER_MARKET, HX_SIDE_BUY, NULL, NULL},
    {HX_QUANTITY_BASE, "121", "0", "0", "0", "0", HX_ORDER_MARKET, HX_SIDE_BUY, NULL, NULL},
    {HX_QUANTITY_BASE, "0.4", "0", "100", "0", "0", HX_ORDER_LIMIT, HX_SIDE_BUY, NULL, NULL},
    {HX_QUANTITY_BASE, "0.5", "0", "100", "0", "0", HX_ORDER_LIMIT, HX_SIDE_BUY, "0.5", "100"},
    {HX_QUANTITY_BASE, "11", "0", "100", "0", "1000", HX_ORDER_MARKET, HX_SIDE_BUY, NULL, NULL},
    {HX_QUANTITY_BASE, "10", "0", "100", "0", "1000", HX_ORDER_MARKET, HX_SIDE_BUY, "10", NULL},
    {HX_QUANTITY_BASE, "1", "0", "2000000", "0", "0", HX_ORDER_LIMIT, HX_SIDE_BUY, NULL, NULL},
    {HX_QUANTITY_QUOTE, "100", "0", "30", "0", "0", HX_ORDER_MARKET, HX_SIDE_BUY, "3.33", NULL},
    {HX_QUANTITY_QUOTE, "100", "0", "0", "0", "0", HX_ORDER_MARKET, HX_SIDE_BUY, NULL, NULL},
    {HX_QUANTITY_PERCENT_EQUITY, "10", "0", "50", "10000", "0", HX_ORDER_MARKET, HX_SIDE_BUY, "20", NULL},
    {HX_QUANTITY_RISK_PERCENT, "1", "95", "100", "10000", "0", HX_ORDER_MARKET, HX_SIDE_BUY, "20", NULL},
    {HX_QUANTITY_RISK_PERCENT, "1", "105", "100", "10000", "0", HX_ORDER_MARKET, HX_SIDE_SELL, "20", NULL},
    {HX_QUANTITY_RISK_PERCENT, "1", "105", "100", "10000", "0", HX_ORDER_MARKET, HX_SIDE_BUY, NULL, NULL},
};

static void table(void **state) {
    (void)state;
    struct hx_symbol_rules r = rules();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct hx_signal signal = {.action = HX_ACTION_LONG,
                                   .has_quantity = true,
                                   .quantity_type = row->type,
                                   .quantity = dec(row->quantity),
                                   .stop_loss = dec(row->stop)};
        signal.has_stop_loss = !hx_dec_is_zero(signal.stop_loss);
        const struct hx_size_input input = {.rules = &r,
                                            .side = row->side,
                                            .type = row->order,
                                            .price = dec(row->price),
                                            .equity = dec(row->equity),
                                            .notional_cap = dec(row->cap)};
        struct hx_size size;
        assert_true(hx_ok(hx_size_decide_entry(&signal, &input, &size)));
        if ((size.problem.len == 0) != (row->expected != NULL)) fail_msg("row %zu: refused or not", i);
        if (row->expected == NULL) {
            assert_true(size.field.len > 0);
            continue;
        }
        if (!hx_dec_equal(size.quantity, dec(row->expected))) fail_msg("row %zu: quantity", i);
        if (row->expected_price != NULL && !hx_dec_equal(size.price, dec(row->expected_price))) {
            fail_msg("row %zu: price", i);
        }
    }
}

static void closes_are_exempt(void **state) {
    (void)state;
    struct hx_symbol_rules r = rules();
    struct hx_size_input input = {.rules = &r,
                                  .side = HX_SIDE_SELL,
                                  .type = HX_ORDER_MARKET,
                                  .reduces = true,
                                  .price = dec("1"),
                                  .notional_cap = dec("1")};
    struct hx_size size;
    assert_true(hx_ok(hx_size_decide_base(dec("2"), &input, &size)));
    assert_int_equal(size.problem.len, 0);
    input.reduces = false;
    assert_true(hx_ok(hx_size_decide_base(dec("2"), &input, &size)));
    assert_true(size.below_minimum);
}

/* On spot a sale is an order like any other: it has to be worth the least the venue takes. */
static void on_spot_a_sale_must_be_worth_it(void **state) {
    (void)state;
    struct hx_symbol_rules r = rules();
    struct hx_size_input input = {
        .rules = &r, .side = HX_SIDE_SELL, .type = HX_ORDER_MARKET, .reduces = true, .spot = true, .price = dec("1")};
    struct hx_size size;
    assert_true(hx_ok(hx_size_decide_base(dec("2"), &input, &size)));
    assert_true(size.below_minimum);
    assert_true(hx_ok(hx_size_decide_base(dec("51.009"), &input, &size)));
    assert_int_equal(size.problem.len, 0);
    assert_true(hx_dec_equal(size.quantity, dec("51")));
    input.price = HX_DEC_ZERO;
    assert_true(hx_ok(hx_size_decide_base(dec("2"), &input, &size)));
    assert_int_equal(size.problem.len, 0);
}

static void dust(void **state) {
    (void)state;
    static const struct {
        const char *quantity, *price;
        bool dust;
    } table_of_dust[] = {
        {"0", "100", false},  {"0.009", "0", true},  {"0.009", "1000000", true}, {"0.01", "0", false},
        {"0.4", "100", true}, {"0.5", "100", false}, {"0.509", "98", true},      {"1000", "100", false},
    };
    struct hx_symbol_rules r = rules();
    for (size_t i = 0; i < sizeof table_of_dust / sizeof table_of_dust[0]; i++) {
        bool is_dust = false;
        assert_true(hx_ok(hx_size_is_dust(&r, dec(table_of_dust[i].quantity), dec(table_of_dust[i].price), &is_dust)));
        if (is_dust != table_of_dust[i].dust) fail_msg("row %zu", i);
    }
    assert_true(hx_dec_equal(hx_size_least(&r), dec("0.01")));
    r.market_step = r.market_quantity_min = HX_DEC_ZERO;
    assert_true(hx_dec_equal(hx_size_least(&r), dec("0.001")));
}

/* Where the venue takes an amount of quote, that amount is what is spent and what limits are about. */
static void buys_by_value(void **state) {
    (void)state;
    static const struct {
        enum hx_quantity_type type;
        const char *quantity, *price, *equity, *cap;
        const char *value; /* NULL: refused. */
    } cases[] = {
        {HX_QUANTITY_QUOTE, "100.059", "30", "0", "0", "100.05"},
        {HX_QUANTITY_QUOTE, "100.05", "30", "0", "100.05", "100.05"},
        /* 3.33 of it would be below the cap, but all of it is spent. */
        {HX_QUANTITY_QUOTE, "100.05", "30", "0", "100", NULL},
        {HX_QUANTITY_QUOTE, "49.99", "30", "0", "0", NULL},
        {HX_QUANTITY_QUOTE, "50", "30", "0", "0", "50"},
        {HX_QUANTITY_BASE, "3.339", "30.5", "0", "0", "101.56"},
        {HX_QUANTITY_BASE, "3.339", "30.5", "0", "101.56", "101.56"},
        {HX_QUANTITY_BASE, "3.339", "30.5", "0", "101.55", NULL},
        {HX_QUANTITY_PERCENT_EQUITY, "10", "30", "1000", "0", "99.9"},
    };
    struct hx_symbol_rules r = rules();
    r.quote_step = dec("0.01");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hx_signal signal = {.action = HX_ACTION_LONG,
                                   .has_quantity = true,
                                   .quantity_type = cases[i].type,
                                   .quantity = dec(cases[i].quantity)};
        const struct hx_size_input input = {.rules = &r,
                                            .side = HX_SIDE_BUY,
                                            .type = HX_ORDER_MARKET,
                                            .spot = true,
                                            .by_value = true,
                                            .price = dec(cases[i].price),
                                            .equity = dec(cases[i].equity),
                                            .notional_cap = dec(cases[i].cap)};
        struct hx_size size;
        hx_dec spent;
        assert_true(hx_ok(hx_size_decide_entry(&signal, &input, &size)));
        if ((size.problem.len == 0) != (cases[i].value != NULL)) fail_msg("row %zu: refused or not", i);
        if (cases[i].value == NULL) continue;
        if (!hx_dec_equal(size.value, dec(cases[i].value))) fail_msg("row %zu: value", i);
        /* Later the same comes of what is durable. */
        assert_true(hx_ok(hx_size_spend(&signal, &r, size.quantity, input.price, &spent)));
        if (!hx_dec_equal(spent, size.value)) fail_msg("row %zu: spent", i);
    }
}

/* A difference of a target is counted in base, whatever the signal's own quantity is. */
static void a_difference_is_worth_its_price(void **state) {
    (void)state;
    struct hx_symbol_rules r = rules();
    r.quote_step = dec("0.01");
    const struct hx_size_input input = {.rules = &r,
                                        .side = HX_SIDE_BUY,
                                        .type = HX_ORDER_MARKET,
                                        .spot = true,
                                        .by_value = true,
                                        .price = dec("30.333")};
    struct hx_size size;
    assert_true(hx_ok(hx_size_decide_base(dec("2"), &input, &size)));
    assert_true(hx_dec_equal(size.value, dec("60.66")));
}

static void what_is_left_of_an_amount(void **state) {
    (void)state;
    struct hx_symbol_rules r = rules();
    bool spent = false;
    assert_true(hx_ok(hx_size_is_spent(&r, dec("100"), dec("99.71"), dec("30"), &spent)));
    assert_true(spent);
    assert_true(hx_ok(hx_size_is_spent(&r, dec("100"), dec("99.7"), dec("30"), &spent)));
    assert_false(spent);
    assert_true(hx_ok(hx_size_is_spent(&r, dec("100"), dec("100.5"), dec("30"), &spent)));
    assert_true(spent);
}

/* Each order type has its own; a close is let through, and the venue has the last word. */
static void the_greatest_value_is_obeyed(void **state) {
    static const struct {
        enum hx_order_type type;
        const char *quantity;
        bool reduces, refused;
    } cases[] = {{HX_ORDER_MARKET, "10", false, false},   {HX_ORDER_MARKET, "10.01", false, true},
                 {HX_ORDER_LIMIT, "10.01", false, false}, {HX_ORDER_LIMIT, "20", false, false},
                 {HX_ORDER_LIMIT, "20.001", false, true}, {HX_ORDER_MARKET, "10.01", true, false}};
    (void)state;
    struct hx_symbol_rules r = rules();
    r.market_notional_max = dec("1000");
    r.notional_max = dec("2000");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hx_size_input input = {
            .rules = &r, .side = HX_SIDE_SELL, .type = cases[i].type, .reduces = cases[i].reduces, .price = dec("100")};
        struct hx_size size;
        assert_true(hx_ok(hx_size_decide_base(dec(cases[i].quantity), &input, &size)));
        if ((size.problem.len > 0) != cases[i].refused) fail_msg("case %zu", i);
        assert_false(size.below_minimum);
    }
}

/* Binance spot may ask a least value of limit orders alone: what is left can then be sold at the market, as well. */
static void the_least_value_may_be_of_limit_orders_alone(void **state) {
    (void)state;
    struct hx_symbol_rules r = rules();
    struct hx_size size;
    bool dust = false;
    struct hx_size_input input = {.rules = &r, .side = HX_SIDE_BUY, .spot = true, .price = dec("100")};
    for (int free = 0; free < 2; free++) {
        r.market_notional_free = free != 0;
        input.type = HX_ORDER_MARKET;
        assert_true(hx_ok(hx_size_decide_base(dec("0.4"), &input, &size)));
        assert_true(size.below_minimum != r.market_notional_free);
        input.type = HX_ORDER_LIMIT;
        assert_true(hx_ok(hx_size_decide_base(dec("0.4"), &input, &size)));
        assert_true(size.below_minimum);
        assert_true(hx_ok(hx_size_is_dust(&r, dec("0.4"), dec("100"), &dust)));
        assert_true(dust != r.market_notional_free);
    }
}

static void needs(void **state) {
    (void)state;
    struct hx_signal signal = {.action = HX_ACTION_LONG, .quantity_type = HX_QUANTITY_BASE};
    struct hx_size_needs n = hx_size_needs(&signal, HX_ORDER_MARKET, false, HX_DEC_ZERO);
    assert_true(!n.price && !n.equity);
    n = hx_size_needs(&signal, HX_ORDER_MARKET, false, dec("100"));
    assert_true(n.price && !n.equity);
    n = hx_size_needs(&signal, HX_ORDER_LIMIT, false, dec("100"));
    assert_true(!n.price);
    signal.quantity_type = HX_QUANTITY_RISK_PERCENT;
    n = hx_size_needs(&signal, HX_ORDER_LIMIT, false, HX_DEC_ZERO);
    assert_true(!n.price && n.equity);
    n = hx_size_needs(&signal, HX_ORDER_MARKET, true, dec("100"));
    assert_true(!n.price && !n.equity);
}

static void never_more_than_asked(void **state) {
    (void)state;
    srand(3);
    struct hx_symbol_rules r = rules();
    for (int i = 0; i < 20000; i++) {
        struct hx_signal signal = {.action = HX_ACTION_LONG, .has_quantity = true, .quantity_type = HX_QUANTITY_QUOTE};
        struct hx_size_input input = {
            .rules = &r, .side = HX_SIDE_BUY, .type = rand() % 2 ? HX_ORDER_MARKET : HX_ORDER_LIMIT};
        assert_true(hx_ok(hx_dec_make(rand() % 1000000 + 1, -2, &signal.quantity)));
        assert_true(hx_ok(hx_dec_make(rand() % 10000000 + 1, -3, &input.price)));
        struct hx_size size;
        assert_true(hx_ok(hx_size_decide_entry(&signal, &input, &size)));
        if (size.problem.len > 0) continue;
        hx_dec value;
        assert_true(hx_ok(hx_dec_multiply(size.quantity, input.price, &value)));
        assert_true(hx_dec_compare(value, signal.quantity) <= 0);
        assert_true(hx_dec_is_multiple(size.quantity, input.type == HX_ORDER_MARKET ? r.market_step : r.step));
        if (input.type == HX_ORDER_LIMIT) assert_true(hx_dec_compare(size.price, input.price) <= 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(table),
                                       cmocka_unit_test(closes_are_exempt),
                                       cmocka_unit_test(on_spot_a_sale_must_be_worth_it),
                                       cmocka_unit_test(buys_by_value),
                                       cmocka_unit_test(a_difference_is_worth_its_price),
                                       cmocka_unit_test(what_is_left_of_an_amount),
                                       cmocka_unit_test(dust),
                                       cmocka_unit_test(the_greatest_value_is_obeyed),
                                       cmocka_unit_test(the_least_value_may_be_of_limit_orders_alone),
                                       cmocka_unit_test(needs),
                                       cmocka_unit_test(never_more_than_asked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
