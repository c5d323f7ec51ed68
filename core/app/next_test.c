/* Goal: what an alert asks for becomes orders of the right size, or a clear answer why it does not. Method: alerts of
 * every kind against every position, then the reply, the orders at the venue and the books. Covers next.c. */
#include "test/app/world.h"

static const char *code_of(const struct hx_sim_exchange *exchange) {
    return world_member(exchange, "error.code");
}
struct wrong {
    const char *fields;
    const char *field;
};

static void what_the_rules_forbid_is_400_with_the_field(void **state) {
    (void)state;
    static const struct wrong wrongs[] = {
        {"\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.0001\"", "quantity"},
        {"\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"100000\"", "quantity"},
        {"\"action\":\"LONG\",\"symbol\":\"NOSUCHUSDT\",\"quantity\":\"1\"", "symbol"},
        {"\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"1\",\"exchange\":\"bybit\"", "exchange"},
    };
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        const struct hx_sim_exchange *reply = world_alert(wrongs[i].fields);
        assert_int_equal(reply->status, 400);
        assert_string_equal(code_of(reply), "VALIDATION_ERROR");
        assert_string_equal(world_member(reply, "error.details.0.field"), wrongs[i].field);
        assert_true(strlen(world_member(reply, "error.details.0.issue")) > 10);
    }
    assert_int_equal(world_orders_sent(), 0);
    assert_rows("SELECT count(*) FROM signals WHERE finished_ms IS NULL", "0");
    assert_rows("SELECT count(*) FROM outbox", "4");
}

/* Asking for a leverage is the first signed request of an entry, and asking for the rules the first of all: what is
 * refused there need not be about either. */
static void a_field_is_blamed_only_for_what_is_about_it(void **state) {
    (void)state;
    static const struct {
        int32_t code;
        uint32_t status;
        const char *field;
    } codes[] = {{-2015, 422, "-"}, {-4027, 422, "-"}, {-4028, 400, "leverage"}, {-2028, 400, "leverage"}};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        world_reset(NULL);
        world_fault(&(struct hx_lab_fault){
            .kind = HX_LAB_FAULT_ERROR_CODE, .match = "POST /fapi/v1/leverage", .code = codes[i].code, .count = -1});
        const struct hx_sim_exchange *reply = world_alert(LONG_BTC ",\"leverage\":7");
        assert_int_equal(reply->status, codes[i].status);
        assert_string_equal(code_of(reply), codes[i].status == 400 ? "VALIDATION_ERROR" : "VENUE_REJECTED");
        assert_string_equal(world_member(reply, "error.details.0.field"), codes[i].field);
        char told[16];
        snprintf(told, sizeof(told), "(%d). ", (int)codes[i].code);
        assert_non_null(strstr(world_member(reply, "error.message"), told));
    }
    world_reset(NULL);
    world_fault(&(struct hx_lab_fault){
        .kind = HX_LAB_FAULT_HTTP_STATUS, .match = "GET /fapi/v1/exchangeInfo", .status = 451, .count = -1});
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC);
    assert_int_equal(reply->status, 422);
    assert_string_equal(world_member(reply, "error.details.0.field"), "-");
    assert_int_equal(world_orders_sent(), 0);
}

static void larger_orders_than_the_cap_are_refused(void **state) {
    (void)state;
    world_kv("trade:max_order_notional", "500");
    assert_int_equal(world_alert(LONG_BTC KEYED("600 USDT"))->status, 400);
    assert_int_equal(world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.008\"")->status, 200);
    assert_int_equal(world_orders_sent(), 1);
    assert_rows("SELECT quantity FROM orders", "0.008");
}

static void quantities_come_in_four_kinds(void **state) {
    (void)state;
    world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"650\",\"quantityType\":\"quote\"");
    world_alert("\"action\":\"LONG\",\"symbol\":\"ETHUSDT\",\"quantity\":\"3\",\"quantityType\":\"percent_equity\"");
    /* One percent of about 100000 is lost over 300 of 60000: 3.33. */
    world_alert(
        "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"1\",\"quantityType\":\"risk_percent\","
        "\"stopLoss\":\"59700\",\"price\":\"60000\",\"leverage\":10");
    assert_rows("SELECT quantity FROM orders ORDER BY created_ms", "0.01 0.999 3.333");
    world_check_books();
}

/* What remains of a close below one step is as good as nothing; what a close itself names is not. */
static void a_residue_below_one_step_is_left(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    const struct hx_sim_exchange *reply =
        world_alert("\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.0004\"");
    assert_int_equal(reply->status, 400);
    assert_string_equal(world_member(reply, "error.details.0.field"), "quantity");
    assert_int_equal(world_orders_sent(), 1);
    assert_int_equal(world_alert("\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.0096\"")->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.001");
    world_check_books();
}

/* 120 BTC is the venue's largest market order. */
static void a_close_above_the_largest_order_takes_several(void **state) {
    (void)state;
    world_begin();
    assert_true(hx_ok(hx_lab_set_balance(world_lab(), HX_STR("USDT"), world_dec("900000000"))));
    for (int i = 0; i < 3; i++) {
        char fields[200];
        snprintf(fields, sizeof(fields),
                 "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"100\",\"idempotencyKey\":\"%d\"", i);
        assert_int_equal(world_alert(fields)->status, 200);
    }
    const struct hx_sim_exchange *partial =
        world_alert("\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\",\"quantity\":\"130\"");
    assert_string_equal(world_member(partial, "orders.0.executedQty"), "120");
    assert_string_equal(world_member(partial, "orders.1.executedQty"), "10");
    assert_string_equal(world_member(partial, "orders.2"), "-");
    assert_string_equal(world_venue_holds("BTCUSDT"), "170");
    assert_int_equal(world_alert(CLOSE_BTC)->status, 200);
    assert_rows(
        "SELECT leg, quantity FROM orders WHERE signal_id = (SELECT id FROM signals WHERE seq = 5) ORDER BY leg",
        "0|120 1|50");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

/* As many legs as there can be, each in parts, in one request's memory and one reply. */
static void a_close_may_take_fifteen_orders(void **state) {
    (void)state;
    world.config.venue_fills_max = 4;
    world_begin();
    assert_true(hx_ok(hx_lab_set_balance(world_lab(), HX_STR("USDT"), world_dec("900000000"))));
    for (int i = 0; i < 15; i++) {
        char fields[200];
        snprintf(fields, sizeof(fields),
                 "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"120\",\"idempotencyKey\":\"%d\"", i);
        assert_int_equal(world_alert(fields)->status, 200);
    }
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC);
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "status"), "filled");
    assert_string_equal(world_member(exit, "orders.14.executedQty"), "120");
    assert_string_equal(world_member(exit, "orders.15"), "-");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%unknown%'", "0");
    world_check_books();
}

#define PLAIN(action, contracts) "\"ticker\":\"BTCUSDT\",\"action\":\"" action "\",\"contracts\":\"" contracts "\""

/* A plain buy or sell is a net order: it takes from the other side first and opens what is left. */
static void a_plain_order_nets(void **state) {
    (void)state;
    assert_int_equal(world_alert(PLAIN("buy", "0.03"))->status, 200);
    assert_int_equal(world_alert(PLAIN("sell", "0.01"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.02");
    assert_int_equal(world_alert(PLAIN("sell", "0.05"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.03");
    assert_rows("SELECT purpose, side, quantity FROM orders ORDER BY created_ms, leg",
                "open|buy|0.03 close|sell|0.01 close|sell|0.02 open|sell|0.03");
    world_check_books();
}

#define TARGET(side, size, before, before_size)                                                           \
    "\"ticker\":\"BINANCE:BTCUSDT.P\",\"action\":\"buy\",\"contracts\":\"1\",\"market_position\":\"" side \
    "\",\"market_position_size\":\"" size "\",\"prev_market_position\":\"" before                         \
    "\",\"prev_market_position_size\":\"" before_size "\""

static void a_target_is_reached_from_wherever_we_are(void **state) {
    (void)state;
    assert_int_equal(world_alert(TARGET("long", "0.02", "flat", "0"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.02");
    assert_int_equal(world_alert(TARGET("long", "0.005", "long", "0.02"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.005");
    /* An alert between was lost: the target is reached all the same. */
    assert_int_equal(world_alert(TARGET("short", "0.01", "long", "0.05"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
    assert_string_equal(world_member(world_alert(TARGET("short", "0.01", "short", "0.02")), "status"), "nothing_to_do");
    assert_int_equal(world_alert(TARGET("flat", "0", "short", "0.01"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

static void assert_refused(const char *fields, const char *field) {
    const struct hx_sim_exchange *reply = world_alert(fields);
    assert_int_equal(reply->status, 400);
    assert_string_equal(code_of(reply), "VALIDATION_ERROR");
    assert_string_equal(world_member(reply, "status"), "rejected");
    assert_string_equal(world_member(reply, "error.details.0.field"), field);
    assert_non_null(strstr(world_member(reply, "error.details.0.issue"), "smallest order"));
}

/* A lost entry is no success, whatever words the alert has for it. The step is 0.001. */
static void what_is_too_little_to_open_is_refused_in_all_words(void **state) {
    (void)state;
    assert_refused("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.0004\"", "quantity");
    assert_refused(PLAIN("buy", "0.0004"), "contracts");
    assert_refused(PLAIN("sell", "0.0004"), "contracts");
    assert_refused(TARGET("long", "0.0004", "flat", "0"), "position_size");
    assert_refused(TARGET("short", "0.0004", "flat", "0"), "position_size");
    assert_int_equal(world_orders_sent(), 0);
    world_alert(LONG_BTC KEYED("k"));
    assert_refused(PLAIN("buy", "0.0003"), "contracts");
    assert_refused(PLAIN("sell", "0.0003"), "contracts");
    /* A target that is there but for less than a step is there. */
    const struct hx_sim_exchange *there = world_alert(TARGET("long", "0.0104", "long", "0.01"));
    assert_int_equal(there->status, 200);
    assert_string_equal(world_member(there, "status"), "nothing_to_do");
    assert_int_equal(world_orders_sent(), 1);
    world_check_books();
}

/* ETH: the smallest step is 0.001, worth 3, and an order must be worth 20. That is known beforehand where the price is:
 * here because there is a cap. Elsewhere the venue says it. */
static void a_change_below_the_smallest_value_is_refused(void **state) {
    (void)state;
#define ETH(size) \
    "\"ticker\":\"ETHUSDT\",\"action\":\"buy\",\"market_position\":\"long\",\"position_size\":\"" size "\""
    world_alert(ETH("0.1"));
    assert_string_equal(code_of(world_alert(ETH("0.104"))), "VENUE_REJECTED");
    world_set("trade:max_order_notional", "1000");
    const struct hx_sim_exchange *reply = world_alert(ETH("0.103"));
    assert_int_equal(reply->status, 400);
    assert_string_equal(world_member(reply, "error.details.0.field"), "position_size");
    assert_non_null(strstr(world_member(reply, "error.message"), "a change below the smallest order"));
    /* To reduce, the value does not matter. */
    assert_int_equal(world_alert(ETH("0.098"))->status, 200);
    assert_string_equal(world_venue_holds("ETHUSDT"), "0.098");
    /* A flip whose second half is a step, but not worth an order. */
    const struct hx_sim_exchange *flip =
        world_alert("\"ticker\":\"ETHUSDT\",\"action\":\"sell\",\"contracts\":\"0.1\"");
    assert_string_equal(world_member(flip, "status"), "partially_filled");
    assert_non_null(strstr(world_member(flip, "message"), "what was to be opened is below"));
    assert_string_equal(world_venue_holds("ETHUSDT"), "0");
    world_check_books();
}

/* A flip into less than an order is half of one; a net order's rest below a step is rounded off. */
static void a_flip_of_a_strategy_into_too_little_is_half_of_one(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("1"));
    const struct hx_sim_exchange *flip = world_alert(TARGET("short", "0.0004", "long", "0.01"));
    assert_int_equal(flip->status, 200);
    assert_string_equal(world_member(flip, "status"), "partially_filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_alert(LONG_BTC KEYED("2"));
    assert_string_equal(world_member(world_alert(PLAIN("sell", "0.0104")), "status"), "filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    /* Coming down to less than a step is leaving. */
    world_alert(LONG_BTC KEYED("4"));
    assert_string_equal(world_member(world_alert(TARGET("long", "0.0004", "long", "0.01")), "status"), "filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_string_equal(world_member(world_alert(TARGET("long", "0.0002", "long", "0.0004")), "status"),
                        "nothing_to_do");
    world_check_books();
}

/* What is too little to be closed keeps the other side from being opened: then an entry is no success either. */
static void dust_that_blocks_a_flip_is_told(void **state) {
    (void)state;
#define FOO(action, quantity) "\"action\":\"" action "\",\"symbol\":\"FOOUSDT\",\"quantity\":\"" quantity "\""
    const struct hx_lab_symbol symbol = {
        .name = "FOOUSDT",
        .base = "FOO",
        .tick = {1, -1},
        .step = {1, -1},
        .market_step = {1, -1},
        .price_min = {1, -1},
        .price_max = {1, 4},
        .quantity_min = {5, -1},
        .quantity_max = {1, 3},
        .market_quantity_max = {1, 3},
        .notional_min = {5, 0},
        .price_start = {1, 2},
        .price_precision = 1,
        .quantity_precision = 1,
        .leverage_max = 10,
    };
    world_begin();
    assert_true(hx_ok(hx_lab_add_symbol(world_lab(), &symbol)));
    assert_int_equal(world_alert(FOO("LONG", "1.2"))->status, 200);
    assert_int_equal(world_alert(FOO("CLOSE", "0.8"))->status, 200);
    const struct hx_sim_exchange *flip = world_alert(FOO("SHORT", "1"));
    assert_int_equal(flip->status, 422);
    assert_string_equal(code_of(flip), "NOT_POSSIBLE");
    assert_string_equal(world_member(flip, "error.message"),
                        "what is left, 0.4 FOO, is below the smallest order the venue takes; it stays in the position, "
                        "and nothing was opened: close it at the exchange first");
    const struct hx_sim_exchange *exit = world_alert("\"action\":\"CLOSE\",\"symbol\":\"FOOUSDT\"");
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "status"), "nothing_to_do");
    assert_string_equal(world_venue_holds("FOOUSDT"), "0.4");
    world_check_books();
}

static void a_lost_alert_may_be_refused_instead(void **state) {
    (void)state;
    world_setting("HOOX_TARGET_MISMATCH", "refuse");
    assert_int_equal(world_alert(TARGET("long", "0.02", "flat", "0"))->status, 200);
    const struct hx_sim_exchange *reply = world_alert(TARGET("long", "0.05", "long", "0.03"));
    assert_int_equal(reply->status, 422);
    assert_string_equal(code_of(reply), "POSITION_MISMATCH");
    assert_string_equal(world_member(reply, "error.details.0.field"), "prev_market_position");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.02");
    assert_int_equal(world_alert(TARGET("long", "0.05", "long", "0.02"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.05");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(what_the_rules_forbid_is_400_with_the_field),
        world_test(a_field_is_blamed_only_for_what_is_about_it),
        world_test(larger_orders_than_the_cap_are_refused),
        world_test(quantities_come_in_four_kinds),
        world_test(a_residue_below_one_step_is_left),
        world_test(a_close_above_the_largest_order_takes_several),
        world_test(a_close_may_take_fifteen_orders),
        world_test(a_plain_order_nets),
        world_test(a_target_is_reached_from_wherever_we_are),
        world_test(what_is_too_little_to_open_is_refused_in_all_words),
        world_test(a_change_below_the_smallest_value_is_refused),
        world_test(a_flip_of_a_strategy_into_too_little_is_half_of_one),
        world_test(dust_that_blocks_a_flip_is_told),
        world_test(a_lost_alert_may_be_refused_instead),
    };
    return world_run(tests);
}
