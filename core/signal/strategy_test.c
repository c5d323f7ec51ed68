/* Goal: a TradingView strategy alert becomes the position that the strategy holds after the order, or an error where
 * that can't be known. Method: a table over market_position before and after, with and without sizes, and templates
 * seen in the wild. */
#include "core/signal/signal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static char memory[64 * 1024];
static struct hx_arena arena;
static struct hx_signal_issues issues;

static hx_err parse(const char *body, struct hx_signal *out) {
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, memory, sizeof memory);
    return hx_signal_parse(&arena, hx_str_from_c(body), out, &root, &issues);
}

static void assert_dec(const char *body, hx_dec value, const char *text) {
    hx_dec expected = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &expected)));
    if (!hx_dec_equal(value, expected)) print_error("%s: not %s\n", body, text);
    assert_true(hx_dec_equal(value, expected));
}

/* One row: the members beside ticker; then either the expected action, target or quantity, and previous ("" for none),
 * or the field to be blamed. */
struct row {
    const char *members;
    enum hx_action action;
    const char *amount;
    const char *previous;
    const char *blamed;
};

static void check_row(const struct row *row) {
    char body[1024];
    struct hx_signal s;
    snprintf(body, sizeof body, "{\"apiKey\":\"k\",\"ticker\":\"BTCUSDT.P\",%s}", row->members);
    hx_err err = parse(body, &s);
    if (row->blamed != NULL) {
        if (hx_ok(err) || !hx_str_equal(issues.list[0].field, hx_str_from_c(row->blamed))) {
            print_error("%s: expected an issue with %s, got %.*s\n", body, row->blamed, (int)issues.list[0].field.len,
                        issues.list[0].field.data);
        }
        assert_true(hx_err_equal(err, HX_ERR(REJECT_INPUT)));
        assert_true(hx_str_equal(issues.list[0].field, hx_str_from_c(row->blamed)));
        return;
    }
    if (hx_failed(err)) print_error("%s: %.*s\n", body, (int)issues.list[0].field.len, issues.list[0].field.data);
    assert_true(hx_ok(err));
    assert_int_equal(s.action, row->action);
    assert_dec(body, row->action == HX_ACTION_TARGET ? s.target : s.quantity, row->amount);
    assert_int_equal(s.has_quantity, row->action != HX_ACTION_TARGET);
    assert_int_equal(s.has_previous, row->previous[0] != '\0');
    if (s.has_previous) assert_dec(body, s.previous, row->previous);
    assert_true(hx_str_equal(s.symbol, HX_STR("BTCUSDT")));
}

#define ORDER(side, n) "\"action\":\"" side "\",\"contracts\":\"" n "\""
#define NOW(position) ",\"market_position\":\"" position "\""
#define SIZE(n) ",\"market_position_size\":\"" n "\""
#define SIGNED(n) ",\"position_size\":\"" n "\""
#define WAS(position) ",\"prev_market_position\":\"" position "\""
#define WAS_SIZE(n) ",\"prev_market_position_size\":\"" n "\""
#define TARGET(amount, previous) HX_ACTION_TARGET, amount, previous, NULL
#define BLAME(field) HX_ACTION_TARGET, NULL, NULL, field

static void sizes_tell_the_target(void **state) {
    static const struct row rows[] = {
        {ORDER("buy", "2") NOW("long") SIZE("2") WAS("flat") WAS_SIZE("0"), TARGET("2", "0")},
        {ORDER("buy", "1") NOW("long") SIZE("3") WAS("long") WAS_SIZE("2"), TARGET("3", "2")},
        {ORDER("sell", "1") NOW("long") SIZE("2") WAS("long") WAS_SIZE("3"), TARGET("2", "3")},
        {ORDER("sell", "2") NOW("flat") SIZE("0") WAS("long") WAS_SIZE("2"), TARGET("0", "2")},
        {ORDER("sell", "5") NOW("short") SIZE("3") WAS("long") WAS_SIZE("2"), TARGET("-3", "2")},
        {ORDER("buy", "5") NOW("long") SIZE("2") WAS("short") WAS_SIZE("3"), TARGET("2", "-3")},
        {ORDER("buy", "3") NOW("flat") SIZE("0") WAS("short") WAS_SIZE("3"), TARGET("0", "-3")},
        {ORDER("sell", "1") NOW("flat") WAS("flat"), TARGET("0", "0")},
        {ORDER("sell", "3") NOW("short") SIGNED("-3"), TARGET("-3", "")},
        {ORDER("sell", "3") NOW("short") SIGNED("3"), TARGET("-3", "")},
        {ORDER("sell", "3") NOW("short") SIGNED("-3") SIZE("3"), TARGET("-3", "")},
        {ORDER("BUY", "3") NOW("LONG") SIGNED("3.50"), TARGET("3.5", "")},
        {"\"market_position\":\"long\"" SIZE("1"), TARGET("1", "")},
        {"\"sentiment\":\"flat\",\"action\":\"sell\",\"quantity\":\"1\"", TARGET("0", "")},
        {ORDER("sell", "3") NOW("flat"), TARGET("0", "")},
        {ORDER("sell", "0.3") NOW("long") SIZE("0.30000000000000004") WAS("long"), TARGET("0.30000000000000004", "")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) check_row(&rows[i]);
}

static void without_a_size_it_follows_or_is_asked_for(void **state) {
    static const struct row rows[] = {
        {ORDER("buy", "2") NOW("long") WAS("flat"), TARGET("2", "0")},
        {ORDER("sell", "2") NOW("short") WAS("flat"), TARGET("-2", "0")},
        {ORDER("sell", "5") NOW("short") WAS("long") WAS_SIZE("2"), TARGET("-3", "2")},
        {ORDER("buy", "1") NOW("long") WAS("long") WAS_SIZE("2"), TARGET("3", "2")},
        {ORDER("sell", "1") NOW("long") WAS("long") WAS_SIZE("2"), TARGET("1", "2")},
        {ORDER("buy", "1") NOW("short") WAS("short") WAS_SIZE("2"), TARGET("-1", "-2")},
        {ORDER("buy", "5") NOW("long") WAS("short"), BLAME("position_size")},
        {ORDER("buy", "5") NOW("long") WAS("long"), BLAME("position_size")},
        {ORDER("buy", "5") NOW("long"), BLAME("position_size")},
        {"\"market_position\":\"long\"", BLAME("position_size")},
        {"\"action\":\"buy\"" NOW("long") WAS("flat"), BLAME("position_size")},
        /* The order leads elsewhere than the position that is named. */
        {ORDER("sell", "2") NOW("long") WAS("long") WAS_SIZE("2"), BLAME("market_position")},
        {ORDER("sell", "2") NOW("long") WAS("flat"), BLAME("market_position")},
        {ORDER("buy", "1") NOW("long") WAS("short") WAS_SIZE("2"), BLAME("market_position")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) check_row(&rows[i]);
}

static void contradictions_are_errors(void **state) {
    static const struct row rows[] = {
        {ORDER("buy", "1") NOW("flat") SIZE("1"), BLAME("market_position_size")},
        {ORDER("buy", "1") NOW("long") SIZE("0"), BLAME("market_position_size")},
        {ORDER("buy", "1") NOW("long") SIGNED("-1"), BLAME("position_size")},
        {ORDER("buy", "1") NOW("long") SIZE("1") SIGNED("2"), BLAME("position_size")},
        {ORDER("buy", "1") NOW("long") SIZE("1") SIGNED("-1"), BLAME("position_size")},
        {ORDER("buy", "1") NOW("long") SIZE("-1"), BLAME("market_position_size")},
        {ORDER("buy", "1") NOW("long") SIZE("x"), BLAME("market_position_size")},
        {ORDER("buy", "1") NOW("long") SIGNED("x"), BLAME("position_size")},
        {ORDER("buy", "1") NOW("up") SIZE("1"), BLAME("market_position")},
        {ORDER("buy", "1") NOW("long") SIZE("1") WAS("up"), BLAME("prev_market_position")},
        {ORDER("buy", "1") NOW("long") SIZE("1") WAS("flat") WAS_SIZE("1"), BLAME("prev_market_position_size")},
        {ORDER("buy", "1") NOW("long") SIZE("1") WAS("long") WAS_SIZE("0"), BLAME("prev_market_position_size")},
        {ORDER("buy", "0") NOW("long") SIZE("1"), BLAME("contracts")},
        {ORDER("buy", "1") NOW("long") SIZE("1") ",\"exchange\":\"COINBASE\"", BLAME("exchange")},
        {ORDER("buy", "1") NOW("long") SIZE("1") ",\"quantityType\":\"quote\"", BLAME("quantityType")},
        {ORDER("buy", "1") NOW("long") SIZE("1") ",\"price\":10,\"stopLoss\":11", BLAME("stopLoss")},
        {ORDER("sell", "1") NOW("short") SIZE("1") ",\"price\":10,\"stopLoss\":9", BLAME("stopLoss")},
        {ORDER("buy", "{{strategy.order.contracts}}") NOW("long") SIZE("1"), BLAME("contracts")},
        {ORDER("buy", "1") NOW("{{strategy.market_position}}") SIZE("1"), BLAME("market_position")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) check_row(&rows[i]);
}

static void without_market_position(void **state) {
    static const struct row rows[] = {
        {ORDER("buy", "2"), HX_ACTION_LONG, "2", "", NULL},
        {ORDER("Sell", "0.5"), HX_ACTION_SHORT, "0.5", "", NULL},
        {"\"action\":\"buy\",\"quantity\":2", HX_ACTION_LONG, "2", "", NULL},
        {ORDER("buy", "2") ",\"quantityType\":\"percent_equity\"", HX_ACTION_LONG, "2", "", NULL},
        {"\"action\":\"buy\"", BLAME("contracts")},
        {ORDER("sell", "1") SIGNED("0"), TARGET("0", "")},
        {ORDER("sell", "1") SIGNED("-1"), TARGET("-1", "")},
        {ORDER("buy", "1") SIGNED("1"), TARGET("1", "")},
        {ORDER("buy", "1") SIGNED("-1"), TARGET("-1", "")},
        {ORDER("sell", "1") SIZE("0"), TARGET("0", "")},
        /* A long that was reduced, or a short without its sign? */
        {ORDER("sell", "1") SIGNED("1"), BLAME("market_position")},
        {ORDER("buy", "1") SIZE("1"), BLAME("market_position")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) check_row(&rows[i]);
}

static void templates_from_the_wild(void **state) {
    static const char full[] =
        "{\"ticker\":\"BTCUSDT.P\",\"exchange\":\"BYBIT\",\"interval\":\"15\",\"time\":\"2026-11-23T07:00:00Z\","
        "\"timenow\":\"2026-11-23T07:00:01Z\",\"action\":\"buy\",\"contracts\":0.5,\"price\":1194.6000000000001,"
        "\"order_id\":\"Long\",\"comment\":\"\",\"alert_message\":\"\",\"position_size\":0.5,"
        "\"market_position\":\"long\",\"market_position_size\":0.5,\"prev_market_position\":\"flat\","
        "\"prev_market_position_size\":0,\"passphrase\":\"k\"}";
    static const char nested[] =
        "{\"passphrase\":\"k\",\"time\":\"2026-11-23T07:00:00Z\",\"exchange\":\"BINANCE\",\"ticker\":\"ETHUSDT\","
        "\"bar\":{\"open\":1,\"close\":2},\"strategy\":{\"position_size\":-2,\"order_action\":\"sell\","
        "\"order_contracts\":3,\"order_price\":2000,\"order_id\":\"x\",\"market_position\":\"short\","
        "\"market_position_size\":2,\"prev_market_position\":\"long\",\"prev_market_position_size\":1}}";
    struct hx_signal s;
    (void)state;
    assert_true(hx_ok(parse(full, &s)));
    assert_int_equal(s.action, HX_ACTION_TARGET);
    assert_int_equal(s.venue, HX_VENUE_BYBIT);
    assert_int_equal(s.order_type, HX_ORDER_MARKET);
    assert_dec(full, s.target, "0.5");
    assert_dec(full, s.price, "1194.6000000000001");
    assert_true(s.has_time_field && s.has_previous);
    assert_true(hx_str_equal(s.api_key, HX_STR("k")));

    assert_true(hx_ok(parse(nested, &s)));
    assert_int_equal(s.action, HX_ACTION_TARGET);
    assert_dec(nested, s.target, "-2");
    assert_dec(nested, s.previous, "1");
    assert_dec(nested, s.price, "2000");
    assert_true(hx_str_equal(s.symbol, HX_STR("ETHUSDT")));
}

static void nested_fields_are_blamed_by_their_path(void **state) {
    struct hx_signal s;
    (void)state;
    assert_true(
        hx_failed(parse("{\"ticker\":\"ETHUSDT\",\"strategy\":{\"order_action\":\"hold\","
                        "\"market_position\":\"long\",\"position_size\":1}}",
                        &s)));
    /* An unknown order action is no strategy alert; it has no action that hoox knows either. */
    assert_true(hx_str_equal(issues.list[0].field, HX_STR("action")));
    assert_true(
        hx_failed(parse("{\"ticker\":\"ETHUSDT\",\"strategy\":{\"order_action\":\"buy\","
                        "\"market_position\":\"up\",\"position_size\":1}}",
                        &s)));
    assert_true(hx_str_equal(issues.list[0].field, HX_STR("strategy.market_position")));
}

/* Either a ticker, a position or a nested order makes buy and sell a strategy's. */
static void what_makes_a_strategy_alert(void **state) {
    struct hx_signal s;
    (void)state;
    assert_true(hx_ok(
        parse("{\"symbol\":\"ETHUSDT\",\"action\":\"buy\",\"market_position\":\"long\",\"position_size\":1}", &s)));
    assert_int_equal(s.action, HX_ACTION_TARGET);
    assert_true(hx_ok(parse("{\"symbol\":\"ETHUSDT\",\"action\":\"sell\",\"strategy\":{\"order_contracts\":2}}", &s)));
    assert_int_equal(s.action, HX_ACTION_SHORT);
    assert_dec("order_contracts", s.quantity, "2");
    assert_true(hx_failed(parse("{\"symbol\":\"ETHUSDT\",\"action\":\"sell\",\"quantity\":2}", &s)));
    assert_true(hx_str_equal(issues.list[0].field, HX_STR("action")));
}

/* A hoox action stays one, whatever else a template carries along. */
static void hoox_actions_win(void **state) {
    struct hx_signal s;
    (void)state;
    assert_true(
        hx_ok(parse("{\"ticker\":\"ETHUSDT\",\"action\":\"CLOSE_LONG\",\"market_position\":\"short\","
                    "\"strategy\":\"my strategy\"}",
                    &s)));
    assert_int_equal(s.action, HX_ACTION_CLOSE_LONG);
    assert_true(hx_ok(parse("{\"ticker\":\"ETHUSDT\",\"action\":\"LONG\",\"contracts\":\"3\"}", &s)));
    assert_int_equal(s.action, HX_ACTION_LONG);
    assert_dec("contracts", s.quantity, "3");
}

/* On spot a plain sell sells what is held; a target can't be short, and flat is always possible. */
static void on_spot_a_strategy_is_long_or_flat(void **state) {
    static const struct row rows[] = {
        {"\"market\":\"spot\",\"action\":\"sell\",\"contracts\":2", HX_ACTION_SHORT, "2", "", NULL},
        {"\"market\":\"spot\",\"action\":\"buy\",\"contracts\":2", HX_ACTION_LONG, "2", "", NULL},
        {"\"market\":\"spot\",\"action\":\"buy\",\"contracts\":2,\"quantityType\":\"quote\"", HX_ACTION_LONG, "2", "",
         NULL},
        {"\"market\":\"spot\",\"action\":\"sell\",\"contracts\":2,\"quantityType\":\"quote\"", HX_ACTION_SHORT, "2", "",
         "quantityType"},
        {"\"market\":\"spot\",\"action\":\"sell\",\"market_position\":\"flat\"", HX_ACTION_TARGET, "0", "", NULL},
        {"\"market\":\"spot\",\"action\":\"sell\",\"market_position\":\"long\",\"position_size\":1", HX_ACTION_TARGET,
         "1", "", NULL},
        {"\"market\":\"spot\",\"action\":\"sell\",\"market_position\":\"short\",\"position_size\":-1", HX_ACTION_TARGET,
         "-1", "", "market_position"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) check_row(&rows[i]);
    struct hx_signal s;
    assert_true(hx_ok(parse("{\"ticker\":\"X1\",\"market\":\"spot\",\"action\":\"sell\",\"contracts\":2}", &s)));
    assert_true(s.is_plain_order);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_tell_the_target),
        cmocka_unit_test(without_a_size_it_follows_or_is_asked_for),
        cmocka_unit_test(contradictions_are_errors),
        cmocka_unit_test(without_market_position),
        cmocka_unit_test(templates_from_the_wild),
        cmocka_unit_test(nested_fields_are_blamed_by_their_path),
        cmocka_unit_test(what_makes_a_strategy_alert),
        cmocka_unit_test(hoox_actions_win),
        cmocka_unit_test(on_spot_a_strategy_is_long_or_flat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
