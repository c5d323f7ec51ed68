/* Goal: a body becomes exactly the signal it says, or a list that names each wrong field; covers reader.c and hoox.c.
 * Method: bodies with the fields expected of them; wrong bodies with the field that must be blamed; and over all wrong
 * ones, that no issue repeats a byte run of the webhook key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/signal/signal.h"

#define KEY "hxk_secret-of-the-owner."

static char memory[256 * 1024];
static struct hx_arena arena;
static struct hx_signal_issues issues;

static hx_err parse(const char *body, struct hx_signal *out) {
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, memory, sizeof memory);
    return hx_signal_parse(&arena, hx_str_from_c(body), out, &root, &issues);
}

static struct hx_signal accept(const char *body) {
    struct hx_signal signal;
    hx_err err = parse(body, &signal);
    for (uint32_t i = 0; i < issues.count; i++) {
        print_error("%s: %.*s: %.*s\n", body, (int)issues.list[i].field.len, issues.list[i].field.data,
                    (int)issues.list[i].issue.len, issues.list[i].issue.data);
    }
    assert_true(hx_ok(err));
    return signal;
}

static void assert_no_secret(hx_str text) {
    size_t at = 0;
    assert_false(hx_str_find(text, HX_STR("secret-of"), &at));
}

/* The first issue must be about `field`. */
static void refuse(const char *body, const char *field) {
    struct hx_signal signal;
    hx_err err = parse(body, &signal);
    if (hx_ok(err) || issues.count == 0 || !hx_str_equal(issues.list[0].field, hx_str_from_c(field))) {
        print_error("%s: expected an issue with %s, got %u, first %.*s\n", body, field, issues.count,
                    (int)issues.list[0].field.len, issues.list[0].field.data);
    }
    assert_true(hx_err_is(err, HX_CLASS_REJECT));
    assert_true(issues.count > 0 && issues.count <= HX_SIGNAL_ISSUES_MAX);
    assert_true(hx_str_equal(issues.list[0].field, hx_str_from_c(field)));
    for (uint32_t i = 0; i < issues.count; i++) {
        assert_true(issues.list[i].issue.len > 0);
        assert_no_secret(issues.list[i].issue);
        assert_no_secret(issues.list[i].field);
    }
}

static void assert_dec(hx_dec value, const char *text) {
    hx_dec expected = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &expected)));
    assert_true(hx_dec_equal(value, expected));
}

static void every_field_is_read(void **state) {
    (void)state;
    struct hx_signal s = accept(
        "{\"apiKey\":\"" KEY
        "\",\"exchange\":\"Binance\",\"action\":\"long\",\"symbol\":\"BINANCE:btc-usdt.P\","
        "\"quantity\":\"0.50\",\"price\":50000,\"orderType\":\"limit\",\"leverage\":\"20\",\"test\":\"true\","
        "\"idempotencyKey\":\"abc 1\",\"maxAge\":90,\"stopLoss\":49000.5,\"takeProfit\":\"51000\",\"trailingStop\":1.5,"
        "\"quantityType\":\"base\",\"reduceOnly\":false,\"market\":\"Futures\",\"notify\":{\"chatId\":1},\"extra\":[1]"
        "}");
    assert_true(hx_str_equal(s.api_key, HX_STR(KEY)));
    assert_int_equal(s.venue, HX_VENUE_BINANCE);
    assert_int_equal(s.market, HX_MARKET_FUTURES);
    assert_true(hx_str_equal(s.symbol, HX_STR("BTCUSDT")));
    assert_true(s.test);
    assert_int_equal(s.action, HX_ACTION_LONG);
    assert_true(s.has_quantity);
    assert_dec(s.quantity, "0.5");
    assert_int_equal(s.quantity_type, HX_QUANTITY_BASE);
    assert_int_equal(s.order_type, HX_ORDER_LIMIT);
    assert_true(s.has_price);
    assert_dec(s.price, "50000");
    assert_int_equal(s.leverage, 20);
    assert_true(s.has_stop_loss && s.has_take_profit && s.has_trailing_stop);
    assert_dec(s.stop_loss, "49000.5");
    assert_dec(s.take_profit, "51000");
    assert_dec(s.trailing_stop, "1.5");
    assert_false(s.reduce_only);
    assert_true(hx_str_equal(s.idempotency_key, HX_STR("abc 1")));
    assert_int_equal(s.max_age_ms, 90000);
    assert_false(s.has_time_field);
}

static void what_is_missing_has_its_default(void **state) {
    (void)state;
    struct hx_signal s = accept("{\"action\":\"CLOSE\",\"symbol\":\"ETHUSDT\",\"price\":null,\"leverage\":null}");
    assert_int_equal(s.api_key.len, 0);
    assert_int_equal(s.venue, HX_VENUE_NONE);
    assert_int_equal(s.market, HX_MARKET_FUTURES);
    assert_int_equal(s.action, HX_ACTION_CLOSE);
    assert_int_equal(s.order_type, HX_ORDER_MARKET);
    assert_int_equal(s.leverage, 0);
    assert_int_equal(s.max_age_ms, -1);
    assert_int_equal(s.idempotency_key.len, 0);
    assert_false(s.has_quantity || s.has_price || s.has_stop_loss || s.has_take_profit || s.has_trailing_stop);
    assert_false(s.test || s.reduce_only || s.has_previous || s.has_time_field);
}

static void bodies_come_wrapped(void **state) {
    static const char *const wrapped[] = {"\xef\xbb\xbf{\"action\":\"CLOSE\",\"symbol\":\"ETHUSDT\"}",
                                          "={\"action\":\"CLOSE\",\"symbol\":\"ETHUSDT\"}",
                                          " \r\n\t{\"action\":\"CLOSE\",\"symbol\":\"ETHUSDT\"}\r\n",
                                          "\xef\xbb\xbf = {\"action\":\"close\",\"symbol\":\"ETHUSDT\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof wrapped / sizeof wrapped[0]; i++) {
        assert_int_equal(accept(wrapped[i]).action, HX_ACTION_CLOSE);
    }
}

static void keys_are_found_by_their_names(void **state) {
    static const struct {
        const char *members, *key;
    } cases[] = {
        {"\"passphrase\":\"a\"", "a"},
        {"\"secret\":\"a\"", "a"},
        {"\"key\":\"a\"", "a"},
        {"\"token\":\"a\"", "a"},
        {"\"token\":\"a\",\"key\":\"b\",\"secret\":\"c\",\"passphrase\":\"d\",\"apiKey\":\"e\"", "e"},
        {"\"token\":\"a\",\"apiKey\":null", "a"},
        {"\"apiKey\":7", ""},
        {"\"apikey\":\"a\"", ""},
    };
    char body[512];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(body, sizeof body, "{%s,\"action\":\"CLOSE\",\"symbol\":\"ETHUSDT\"}", cases[i].members);
        assert_true(hx_str_equal(accept(body).api_key, hx_str_from_c(cases[i].key)));
    }
}

/* The door checks the key before it tells what is wrong with the rest. */
static void a_bad_signal_still_has_its_key(void **state) {
    struct hx_signal signal;
    (void)state;
    assert_true(hx_failed(parse("{\"apiKey\":\"" KEY "\",\"action\":\"fly\"}", &signal)));
    assert_true(hx_str_equal(signal.api_key, HX_STR(KEY)));
    assert_true(hx_failed(
        parse("{\"apiKey\":\"" KEY "\",\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":0}", &signal)));
    assert_true(hx_str_equal(signal.api_key, HX_STR(KEY)));
}

static const struct {
    const char *members, *field;
} wrong_fields[] = {
    {"\"quantity\":1", "action"},
    {"\"action\":\"buy\",\"quantity\":1", "action"},
    {"\"action\":7,\"quantity\":1", "action"},
    {"\"action\":\"\",\"quantity\":1", "action"},
    {"\"action\":\"LONG\"", "quantity"},
    {"\"action\":\"SHORT\",\"quantity\":null", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":0", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":\"-1\"", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":\"1,5\"", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":\"\"", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":true", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":[1]", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":\"" KEY "\"", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":1000000000000.5", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":1e400", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":0.00000000000000000001", "quantity"},
    {"\"action\":\"CLOSE\",\"quantity\":0", "quantity"},
    {"\"action\":\"CLOSE\",\"quantity\":1,\"quantityType\":\"quote\"", "quantityType"},
    {"\"action\":\"SHORT\",\"quantity\":1,\"quantityType\":\"quote\",\"reduceOnly\":true", "quantityType"},
    {"\"action\":\"LONG\",\"quantity\":1,\"quantityType\":\"percent_equity\",\"reduceOnly\":true", "quantityType"},
    {"\"action\":\"LONG\",\"quantity\":1,\"quantityType\":\"lots\"", "quantityType"},
    {"\"action\":\"LONG\",\"quantity\":12500.1,\"quantityType\":\"percent_equity\"", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":100.1,\"quantityType\":\"risk_percent\",\"stopLoss\":1", "quantity"},
    {"\"action\":\"LONG\",\"quantity\":1,\"quantityType\":\"risk_percent\"", "stopLoss"},
    {"\"action\":\"LONG\",\"quantity\":1,\"exchange\":\"coinbase\"", "exchange"},
    {"\"action\":\"LONG\",\"quantity\":1,\"exchange\":\"BINANCE_DL\"", "exchange"},
    {"\"action\":\"LONG\",\"quantity\":1,\"exchange\":\"\"", "exchange"},
    {"\"action\":\"LONG\",\"quantity\":1,\"exchange\":1", "exchange"},
    {"\"action\":\"LONG\",\"quantity\":1,\"market\":\"options\"", "market"},
    {"\"action\":\"LONG\",\"quantity\":1,\"orderType\":\"stop\"", "orderType"},
    {"\"action\":\"LONG\",\"quantity\":1,\"orderType\":\"LIMIT\"", "price"},
    {"\"action\":\"LONG\",\"quantity\":1,\"price\":\"0\"", "price"},
    {"\"action\":\"LONG\",\"quantity\":1,\"leverage\":0", "leverage"},
    {"\"action\":\"LONG\",\"quantity\":1,\"leverage\":126", "leverage"},
    {"\"action\":\"LONG\",\"quantity\":1,\"leverage\":1.5", "leverage"},
    {"\"action\":\"LONG\",\"quantity\":1,\"leverage\":\"max\"", "leverage"},
    {"\"action\":\"LONG\",\"quantity\":1,\"test\":\"yes\"", "test"},
    {"\"action\":\"LONG\",\"quantity\":1,\"test\":1", "test"},
    {"\"action\":\"LONG\",\"quantity\":1,\"reduceOnly\":\"1\"", "reduceOnly"},
    {"\"action\":\"LONG\",\"quantity\":1,\"maxAge\":0", "maxAge"},
    {"\"action\":\"LONG\",\"quantity\":1,\"maxAge\":604801", "maxAge"},
    {"\"action\":\"LONG\",\"quantity\":1,\"maxAge\":\"1h\"", "maxAge"},
    {"\"action\":\"LONG\",\"quantity\":1,\"trailingStop\":100", "trailingStop"},
    {"\"action\":\"LONG\",\"quantity\":1,\"stopLoss\":\"1%\"", "stopLoss"},
    {"\"action\":\"LONG\",\"quantity\":1,\"price\":100,\"stopLoss\":100", "stopLoss"},
    {"\"action\":\"SHORT\",\"quantity\":1,\"price\":100,\"stopLoss\":99", "stopLoss"},
    {"\"action\":\"LONG\",\"quantity\":1,\"price\":100,\"takeProfit\":99", "takeProfit"},
    {"\"action\":\"SHORT\",\"quantity\":1,\"price\":100,\"takeProfit\":101", "takeProfit"},
    {"\"action\":\"LONG\",\"quantity\":1,\"stopLoss\":100,\"takeProfit\":99", "takeProfit"},
    {"\"action\":\"LONG\",\"quantity\":1,\"idempotencyKey\":\"\"", "idempotencyKey"},
    {"\"action\":\"LONG\",\"quantity\":1,\"idempotencyKey\":\"a\\u0001\"", "idempotencyKey"},
    {"\"action\":\"LONG\",\"quantity\":1,\"idempotencyKey\":\"{{timenow}}\"", "idempotencyKey"},
    {"\"action\":\"LONG\",\"quantity\":1,\"idempotencyKey\":true", "idempotencyKey"},
    {"\"action\":\"LONG\",\"quantity\":1,\"timenow\":\"{{timenow}}\"", "timenow"},
    {"\"action\":\"LONG\",\"quantity\":1,\"time\":[]", "time"},
    {"\"action\":\"LONG\",\"quantity\":1,\"notify\":\"me\"", "notify"},
    {"\"action\":\"LONG\",\"quantity\":1,\"ticker\":\"ETHUSDT\"", "ticker"},
    {"\"action\":\"{{strategy.order.action}}\",\"quantity\":1", "action"},
    {"\"action\":\"LONG\",\"quantity\":\"{{plot_0}}\"", "quantity"},
};

static void wrong_fields_are_named(void **state) {
    char body[512];
    (void)state;
    for (size_t i = 0; i < sizeof wrong_fields / sizeof wrong_fields[0]; i++) {
        snprintf(body, sizeof body, "{\"apiKey\":\"" KEY "\",\"symbol\":\"BTCUSDT\",%s}", wrong_fields[i].members);
        refuse(body, wrong_fields[i].field);
    }
    refuse("{\"action\":\"CLOSE\"}", "symbol");
    refuse("{\"action\":\"CLOSE\",\"symbol\":7}", "symbol");
    refuse("{\"action\":\"CLOSE\",\"symbol\":\"" KEY "\"}", "symbol");
    refuse("{\"action\":\"CLOSE\",\"symbol\":\"\"}", "symbol");
}

static void wrong_documents_are_refused(void **state) {
    static char many[32 * 1024];
    struct hx_signal signal;
    (void)state;
    refuse("", "body");
    refuse(" =", "body");
    refuse("[]", "body");
    refuse("\"" KEY "\"", "body");
    refuse("buy " KEY, "body");
    refuse("{\"action\":\"CLOSE\",\"action\":\"LONG\",\"symbol\":\"BTCUSDT\"}", "body");
    refuse("{\"action\":\"LONG\",\"quantity\":,\"symbol\":\"BTCUSDT\"}", "body");
    refuse("{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", "body");
    assert_true(hx_err_equal(parse("{", &signal), HX_ERR(REJECT_SYNTAX)));
    size_t len = 0;
    many[len++] = '{';
    for (int i = 0; i < 300; i++) len += (size_t)snprintf(many + len, sizeof many - len, "\"m%d\":1,", i);
    snprintf(many + len, sizeof many - len, "\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\"}");
    refuse(many, "body");
}

static void the_place_of_a_syntax_error_is_told(void **state) {
    struct hx_signal signal;
    (void)state;
    assert_true(hx_err_equal(parse(" {\"a\":tru}", &signal), HX_ERR(REJECT_SYNTAX)));
    assert_int_equal(issues.count, 1);
    assert_true(hx_str_starts_with(issues.list[0].issue, HX_STR("is not valid JSON at byte ")));
    size_t colon = 0;
    assert_true(hx_str_find_char(issues.list[0].issue, ':', &colon) && colon + 2 < issues.list[0].issue.len);
}

/* At most 256 members, a key of at most 256 characters, numbers of at most 64. */
static void sizes_are_bounded(void **state) {
    static char text[16 * 1024];
    struct hx_signal signal;
    (void)state;
    size_t len = (size_t)snprintf(text, sizeof text, "{\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\"");
    for (int i = 0; i < 254; i++) len += (size_t)snprintf(text + len, sizeof text - len, ",\"m%d\":1", i);
    snprintf(text + len, sizeof text - len, "}");
    (void)accept(text);

    for (size_t key_len = 256; key_len <= 257; key_len++) {
        len = (size_t)snprintf(text, sizeof text, "{\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\",\"apiKey\":\"");
        memset(text + len, 'k', key_len);
        snprintf(text + len + key_len, sizeof text - len - key_len, "\"}");
        assert_int_equal(accept(text).api_key.len, key_len == 256 ? 256 : 0);
    }
    for (size_t number_len = 64; number_len <= 65; number_len++) {
        len = (size_t)snprintf(text, sizeof text, "{\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":1.");
        memset(text + len, '0', number_len - 2);
        snprintf(text + len + number_len - 2, sizeof text - len - number_len + 2, "}");
        assert_int_equal(hx_ok(parse(text, &signal)), number_len == 64);
    }
}

static void the_document_is_optional(void **state) {
    struct hx_signal signal;
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    hx_str body = HX_STR("{\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\",\"quantityType\":\"quote\"}");
    assert_true(hx_ok(hx_signal_parse(&arena, body, &signal, NULL, &issues)));
}

static void a_name_goes_before_its_alias(void **state) {
    (void)state;
    struct hx_signal s = accept("{\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"contracts\":2,\"quantity\":1}");
    assert_dec(s.quantity, "1");
}

static void issues_are_collected_up_to_eight(void **state) {
    struct hx_signal signal;
    (void)state;
    (void)parse("{\"action\":\"x\",\"symbol\":\"?\",\"quantity\":-1,\"exchange\":\"x\",\"leverage\":0}", &signal);
    assert_int_equal(issues.count, 5);
    (void)parse(
        "{\"action\":\"x\",\"symbol\":\"?\",\"quantity\":-1,\"exchange\":\"x\",\"leverage\":0,\"test\":3,\"price\":0,"
        "\"maxAge\":0,\"stopLoss\":0,\"takeProfit\":0,\"market\":0}",
        &signal);
    assert_int_equal(issues.count, HX_SIGNAL_ISSUES_MAX);
}

static void limits_are_inclusive(void **state) {
    (void)state;
    struct hx_signal s = accept(
        "{\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":12500,\"leverage\":\"125.0\","
        "\"quantityType\":\"PERCENT_EQUITY\",\"maxAge\":604800}");
    assert_int_equal(s.leverage, 125);
    assert_int_equal(s.quantity_type, HX_QUANTITY_PERCENT_EQUITY);
    s = accept(
        "{\"action\":\"SHORT\",\"symbol\":\"BTCUSDT\",\"quantity\":100,\"leverage\":1,\"maxAge\":1,"
        "\"quantityType\":\"risk_percent\",\"stopLoss\":101,\"takeProfit\":99,\"price\":100}");
    assert_int_equal(s.max_age_ms, 1000);
    s = accept("{\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":1000000000000}");
    assert_dec(s.quantity, "1000000000000");
    s = accept("{\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":250,\"quantityType\":\"quote\"}");
    assert_int_equal(s.quantity_type, HX_QUANTITY_QUOTE);
    /* A close has no direction of its own: a template's stop is no contradiction. */
    s = accept("{\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"price\":100,\"stopLoss\":101,\"quantity\":1}");
    assert_int_equal(s.action, HX_ACTION_CLOSE_LONG);
    s = accept("{\"action\":\"close_short\",\"symbol\":\"BTCUSDT\",\"reduceOnly\":true,\"notify\":false}");
    assert_int_equal(s.action, HX_ACTION_CLOSE_SHORT);
    assert_true(s.reduce_only);
}

static void doubles_are_cut_to_what_is_kept_exactly(void **state) {
    static const char *const cases[][2] = {
        {"1194.6000000000001", "1194.6000000000001"},
        {"0.0012345678901234567", "0.001234567890123456"},
        {"0.1000000000000000055511151231257827021", "0.100000000000000005"},
        {"123456789.1234567890123", "123456789.123456789"},
        {"1e-7", "0.0000001"},
        {"100", "100"},
    };
    char body[256];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(body, sizeof body, "{\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":%s}", cases[i][0]);
        assert_dec(accept(body).quantity, cases[i][1]);
    }
}

static void time_fields_are_noticed(void **state) {
    static const struct {
        const char *member;
        bool is_time;
    } cases[] = {
        {"\"timenow\":\"2026-11-23T07:00:00Z\"", true},
        {"\"time\":1}", true},
        {"\"timestamp\":\"1\"", true},
        {"\"alertId\":\"a\"", true},
        {"\"time\":null", false},
        {"\"timenow\":\"\"", false},
        {"\"Time\":\"1\"", false},
        {"\"interval\":\"5\"", false},
    };
    char body[256];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int len = (int)strcspn(cases[i].member, "}");
        snprintf(body, sizeof body, "{\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\",%.*s}", len, cases[i].member);
        assert_int_equal(accept(body).has_time_field, cases[i].is_time);
    }
}

static void an_exhausted_arena_is_no_fault_of_the_sender(void **state) {
    static const char body[] = "{\"action\":\"LONG\",\"symbol\":\"BTC\\u0055SDT\",\"quantity\":1}";
    struct hx_signal signal;
    const struct hx_json *root = NULL;
    bool done = false;
    (void)state;
    for (size_t size = 0; size < sizeof memory && !done; size += 16) {
        hx_arena_init(&arena, memory, size);
        hx_err err = hx_signal_parse(&arena, hx_str_from_c(body), &signal, &root, &issues);
        done = hx_ok(err);
        if (!done) assert_true(hx_err_equal(err, HX_ERR(LIMIT_ARENA)));
    }
    assert_true(done);
}

#define SPOT(fields) "{\"symbol\":\"BTCUSDT\",\"market\":\"spot\"," fields "}"

static void spot_knows_no_shorts(void **state) {
    (void)state;
    struct hx_signal s = accept(SPOT("\"action\":\"LONG\",\"quantity\":1,\"leverage\":1"));
    assert_int_equal(s.market, HX_MARKET_SPOT);
    accept(SPOT("\"action\":\"LONG\",\"quantity\":100,\"quantityType\":\"percent_equity\""));
    accept(SPOT("\"action\":\"LONG\",\"quantity\":1,\"stopLoss\":10,\"quantityType\":\"risk_percent\""));
    accept(SPOT("\"action\":\"CLOSE_LONG\",\"quantity\":1"));
    accept(SPOT("\"action\":\"CLOSE\",\"reduceOnly\":true"));
    refuse(SPOT("\"action\":\"SHORT\",\"quantity\":1"), "action");
    refuse(SPOT("\"action\":\"SHORT\",\"quantity\":1,\"reduceOnly\":true"), "action");
    refuse(SPOT("\"action\":\"CLOSE_SHORT\""), "action");
    refuse(SPOT("\"action\":\"LONG\",\"quantity\":1,\"leverage\":2"), "leverage");
    refuse(SPOT("\"action\":\"LONG\",\"quantity\":1,\"reduceOnly\":true"), "reduceOnly");
    refuse(SPOT("\"action\":\"LONG\",\"quantity\":101,\"quantityType\":\"percent_equity\""), "quantity");
    /* Each of them says where to go instead. */
    size_t at = 0;
    refuse(SPOT("\"action\":\"SHORT\",\"quantity\":1"), "action");
    assert_true(hx_str_find(issues.list[0].issue, HX_STR("CLOSE_LONG"), &at));
    assert_true(hx_str_find(issues.list[0].issue, HX_STR("futures"), &at));
}

static void names_are_stable(void **state) {
    enum hx_venue_id venue = HX_VENUE_NONE;
    (void)state;
    assert_true(hx_ok(hx_venue_parse(HX_STR("MeXC"), &venue)));
    assert_int_equal(venue, HX_VENUE_MEXC);
    assert_true(hx_failed(hx_venue_parse(HX_STR("mexc "), &venue)));
    assert_true(hx_failed(hx_venue_parse(HX_STR(""), &venue)));
    assert_true(hx_str_equal(hx_venue_name(HX_VENUE_BINANCE), HX_STR("binance")));
    assert_true(hx_str_equal(hx_venue_name(HX_VENUE_BYBIT), HX_STR("bybit")));
    assert_int_equal(hx_venue_name(HX_VENUE_NONE).len, 0);
    assert_true(hx_str_equal(hx_market_name(HX_MARKET_FUTURES), HX_STR("futures")));
    assert_true(hx_str_equal(hx_market_name(HX_MARKET_SPOT), HX_STR("spot")));
    assert_true(hx_str_equal(hx_action_name(HX_ACTION_CLOSE_SHORT), HX_STR("CLOSE_SHORT")));
    assert_true(hx_str_equal(hx_action_name(HX_ACTION_TARGET), HX_STR("TARGET")));
    assert_true(hx_str_equal(hx_order_type_name(HX_ORDER_LIMIT), HX_STR("LIMIT")));
    assert_true(hx_str_equal(hx_order_type_name(HX_ORDER_MARKET), HX_STR("MARKET")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(what_is_missing_has_its_default),
        cmocka_unit_test(bodies_come_wrapped),
        cmocka_unit_test(keys_are_found_by_their_names),
        cmocka_unit_test(a_bad_signal_still_has_its_key),
        cmocka_unit_test(wrong_fields_are_named),
        cmocka_unit_test(wrong_documents_are_refused),
        cmocka_unit_test(the_place_of_a_syntax_error_is_told),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(the_document_is_optional),
        cmocka_unit_test(a_name_goes_before_its_alias),
        cmocka_unit_test(issues_are_collected_up_to_eight),
        cmocka_unit_test(limits_are_inclusive),
        cmocka_unit_test(doubles_are_cut_to_what_is_kept_exactly),
        cmocka_unit_test(time_fields_are_noticed),
        cmocka_unit_test(an_exhausted_arena_is_no_fault_of_the_sender),
        cmocka_unit_test(spot_knows_no_shorts),
        cmocka_unit_test(names_are_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
