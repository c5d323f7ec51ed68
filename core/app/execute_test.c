/* Goal: one signal leads to the legs its plan says, sized by the venue's rules, through the gates, and to one reply.
 * Method: signals of every shape into the world, with the position, the kill switch, the age and the venue's answers
 * set so that each branch is taken; rows, replies and the venue's books are compared. Covers execute.c. */
#include "test/app/world.h"

static const char *code_of(const struct hx_sim_exchange *exchange) {
    return world_member(exchange, "error.code");
}

static void an_entry_is_one_order_with_its_reply(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC KEYED("k"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "success"), "true");
    assert_string_equal(world_member(reply, "exchange"), "binance");
    assert_string_equal(world_member(reply, "symbol"), "BTCUSDT");
    assert_string_equal(world_member(reply, "action"), "LONG");
    assert_string_equal(world_member(reply, "status"), "filled");
    assert_string_equal(world_member(reply, "result.status"), "FILLED");
    assert_string_equal(world_member(reply, "result.side"), "buy");
    assert_string_equal(world_member(reply, "result.executedQty"), "0.01");
    assert_string_equal(world_member(reply, "result.price"), "60000");
    assert_string_equal(world_member(reply, "result.fee"), "0.3");
    assert_string_equal(world_member(reply, "result.feeAsset"), "USDT");
    assert_string_equal(world_member(reply, "orders"), "-");
    assert_rows("SELECT leg, purpose, side, type, reduce_only, quantity, status, attempt FROM orders",
                "0|open|buy|MARKET|0|0.01|filled|1");
    assert_rows("SELECT quantity, entry_price, fees FROM positions", "0.01|60000|0.3");
    assert_rows("SELECT body LIKE '%apiKey%' FROM signals", "0");
    world_check_books();
}

static void a_flip_is_a_close_and_an_open(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_price("BTCUSDT", "61000");
    const struct hx_sim_exchange *reply = world_alert(SHORT_BTC KEYED("flip"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "orders.0.side"), "sell");
    assert_string_equal(world_member(reply, "orders.1.side"), "sell");
    assert_string_equal(world_member(reply, "orders.2"), "-");
    assert_string_equal(world_member(reply, "result.clientOrderId"), world_member(reply, "orders.1.clientOrderId"));
    assert_rows(
        "SELECT leg, purpose, reduce_only FROM orders WHERE leg = 0 OR signal_id IN "
        "(SELECT id FROM signals WHERE seq = 2) ORDER BY created_ms, leg",
        "0|open|0 0|close|1 1|open|0");
    assert_rows("SELECT side, realized_pnl, closed_ms IS NULL FROM trades ORDER BY opened_ms", "long|10|0 short|0|1");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
    world_check_books();
}

/* The first leg is done and stays done; the caller learns of both. */
static void a_second_leg_may_be_refused(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_fault(&(struct hx_lab_fault){
        .kind = HX_LAB_FAULT_ERROR_CODE, .match = "order", .code = -2019, .skip = 1, .count = 1});
    const struct hx_sim_exchange *reply = world_alert(SHORT_BTC KEYED("flip"));
    assert_int_equal(reply->status, 422);
    assert_string_equal(code_of(reply), "VENUE_REJECTED");
    assert_string_equal(world_member(reply, "orders.0.status"), "FILLED");
    assert_string_equal(world_member(reply, "orders.1.status"), "REJECTED");
    assert_string_equal(world_member(reply, "result.status"), "REJECTED");
    assert_rows("SELECT status, reason FROM signals ORDER BY seq", "filled| rejected|VENUE_REJECTED");
    assert_rows("SELECT status FROM orders ORDER BY created_ms, leg", "filled filled rejected");
    assert_rows("SELECT quantity FROM positions", "0");
    world_check_books();
}

static void a_second_leg_waits_for_a_busy_venue(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order", .skip = 1, .count = 1});
    assert_int_equal(world_alert(SHORT_BTC KEYED("flip"))->status, 202);
    assert_rows("SELECT status FROM orders ORDER BY created_ms, leg", "filled filled busy");
    world_pass(35 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, attempt FROM orders ORDER BY created_ms, leg", "filled|1 filled|1 filled|2");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
    world_check_books();
}

static void reducing_is_allowed_while_the_switch_is_on(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_set("trade:kill_switch", "reduce");
    const struct hx_sim_exchange *entry = world_alert(LONG_BTC KEYED("more"));
    assert_int_equal(entry->status, 403);
    assert_string_equal(code_of(entry), "KILL_SWITCH");
    assert_int_equal(world_alert("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.004\"")->status,
                     200);
    /* A flip is stopped half way: out of the old position, not into the new one. */
    const struct hx_sim_exchange *flip = world_alert(SHORT_BTC KEYED("flip"));
    assert_int_equal(flip->status, 403);
    assert_string_equal(world_member(flip, "result.status"), "FILLED");
    assert_string_equal(world_member(flip, "error.message"),
                        "the kill switch is on: what was there is closed, and nothing was opened");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    assert_rows("SELECT status, reason FROM signals ORDER BY seq",
                "filled| refused|KILL_SWITCH filled| refused|KILL_SWITCH");
    world_set("trade:kill_switch", "off");
    assert_int_equal(world_alert(LONG_BTC KEYED("again"))->status, 200);
    world_check_books();
}

/* Too little to open is no residue: the owner is not told that the flip is filled. */
static void a_flip_into_too_little_is_half_of_one(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    const struct hx_sim_exchange *flip =
        world_alert("\"action\":\"SHORT\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.0004\"" KEYED("flip"));
    assert_int_equal(flip->status, 200);
    assert_string_equal(world_member(flip, "status"), "partially_filled");
    assert_rows("SELECT purpose, status FROM orders ORDER BY created_ms", "open|filled close|filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

static void halt_lets_only_the_owner_out(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_set("trade:kill_switch", "halt");
    assert_int_equal(world_alert(CLOSE_BTC KEYED("exit"))->status, 403);
    assert_int_equal(world_command(HX_HTTP_METHOD_POST, "/v1/trade", "{" LONG_BTC "}")->status, 403);
    assert_int_equal(world_command(HX_HTTP_METHOD_POST, "/v1/trade", "{" CLOSE_BTC "}")->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

static void entries_expire_and_exits_do_not(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "20,20,20");
    world_alert(LONG_BTC KEYED("held"));
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 2, 0);
    assert_int_equal(world_alert(LONG_BTC ",\"maxAge\":30" KEYED("old"))->status, 202);
    world_pass(60 * HX_MS_PER_SECOND);
    world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 2, 0);
    assert_int_equal(world_alert(CLOSE_BTC ",\"maxAge\":1" KEYED("exit"))->status, 202);
    world_pass(60 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, reason, reply_status FROM signals ORDER BY seq",
                "filled||200 expired|EXPIRED|403 filled||200");
    const struct hx_sim_exchange *expired = world_alert(LONG_BTC ",\"maxAge\":30" KEYED("old"));
    assert_int_equal(expired->status, 403);
    assert_string_equal(code_of(expired), "EXPIRED");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%\"EXPIRED\"%'", "1");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

static void the_manifest_sets_the_age_of_those_that_say_nothing(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "20,20,20");
    world_kv("trade:max_signal_age", "15");
    world_begin();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "order", .count = 1});
    world_alert(LONG_BTC KEYED("k"));
    world_pass(30 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, reason FROM signals", "expired|EXPIRED");
    assert_rows("SELECT status, finished_ms IS NOT NULL FROM orders", "rejected|1");
}

static void nothing_to_close_is_success_without_an_order(void **state) {
    (void)state;
    const struct hx_sim_exchange *reply = world_alert(CLOSE_BTC KEYED("k"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(world_member(reply, "status"), "nothing_to_do");
    assert_string_equal(world_member(reply, "result"), "null");
    assert_int_equal(world_orders_sent(), 0);
    world_alert(SHORT_BTC KEYED("short"));
    assert_string_equal(world_member(world_alert("\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\""), "status"),
                        "nothing_to_do");
    assert_string_equal(world_venue_holds("BTCUSDT"), "-0.01");
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

static void a_venue_that_is_switched_off_is_refused(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("k"));
    world_set("exchanges:enabled", "mexc");
    assert_string_equal(world_member(world_alert(LONG_BTC KEYED("more")), "error.details.0.field"), "exchange");
    assert_int_equal(world_alert(CLOSE_BTC KEYED("exit"))->status, 200);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
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

/* Rules, leverage and price have to be had before an entry: a venue that does not answer is waited for. */
static void questions_before_the_order_may_find_the_venue_down(void **state) {
    (void)state;
    static const char *const questions[] = {"GET /fapi/v1/exchangeInfo", "GET /fapi/v1/premiumIndex",
                                            "POST /fapi/v1/leverage"};
    for (size_t i = 0; i < 3; i++) {
        struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_MAINTENANCE, .count = 8};
        world_reset(NULL);
        world_begin();
        memcpy(fault.match, questions[i], strlen(questions[i]) + 1);
        world_fault(&fault);
        const struct hx_sim_exchange *reply =
            world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"650\",\"quantityType\":\"quote\"");
        assert_int_equal(reply->status, 202);
        assert_int_equal(world_orders_sent(), 0);
        assert_rows("SELECT status, tries FROM signals", "queued|1");
        hx_lab_clear_faults(world_lab());
        world_pass(31 * HX_MS_PER_SECOND);
        assert_rows("SELECT status, tries FROM signals", "filled|1");
        world_check_books();
    }
}

/* A proxy that is loaded anew knows no path for a moment: each of the calls that tell the mode answers 404 once. */
static void lose_the_mode(void) {
    static const char *const calls[] = {"GET /fapi/v1/accountConfig", "GET /fapi/v1/positionSide/dual"};
    for (size_t i = 0; i < 2; i++) {
        struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 404, .msg = "not found", .count = 1};
        memcpy(fault.match, calls[i], strlen(calls[i]) + 1);
        world_fault(&fault);
    }
}

/* In hedge mode an exit must not end as an order of the other mode, neither with the mode known from before nor with
 * nothing known. */
static void an_exit_outlives_a_moment_without_its_mode(void **state) {
    (void)state;
    for (int anew = 0; anew < 2; anew++) {
        world_reset(NULL);
        world_begin();
        assert_true(hx_ok(hx_lab_set_hedge(world_lab(), true)));
        world_alert(LONG_BTC KEYED("in"));
        if (anew) world_crash(HX_MS_PER_MINUTE);
        world_pass(11 * HX_MS_PER_MINUTE);
        lose_the_mode();
        assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 200);
        assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled");
        assert_rows("SELECT attempt FROM orders ORDER BY created_ms", anew ? "1 2" : "1 1");
        assert_rows("SELECT quantity FROM positions", "0");
        world_check_books();
    }
}

/* Leverage that can't be set for a moment is waited for: an entry at whatever the account has is not what was asked. */
static void an_entry_waits_for_its_leverage(void **state) {
    (void)state;
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS,
                                       .status = 404,
                                       .msg = "not found",
                                       .match = "POST /fapi/v1/leverage",
                                       .count = 1});
    assert_int_equal(world_alert(LONG_BTC ",\"leverage\":3" KEYED("k"))->status, 202);
    assert_int_equal(world_orders_sent(), 0);
    world_pass(31 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, tries FROM signals", "filled|1");
    world_check_books();
}

static const char *leverage_now(void) {
    struct hx_lab_position_view position;
    static char text[16];
    assert_true(hx_ok(hx_lab_get_position(world_lab(), HX_STR("BTCUSDT"), HX_LAB_BOTH, &position)));
    snprintf(text, sizeof(text), "%u", position.leverage);
    return text;
}

/* On an isolated position that would move the price at which it is liquidated. */
static void a_refused_entry_leaves_the_leverage_alone(void **state) {
    (void)state;
    world_alert(LONG_BTC ",\"leverage\":5" KEYED("k"));
    assert_string_equal(leverage_now(), "5");
    const char *refused = "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.0001\",\"leverage\":50";
    assert_int_equal(world_alert(refused)->status, 400);
    world_set("trade:max_order_notional", "500");
    assert_int_equal(world_alert(LONG_BTC ",\"leverage\":50" KEYED("capped"))->status, 400);
    assert_string_equal(leverage_now(), "5");
    world_set("trade:max_order_notional", "0");
    assert_int_equal(world_alert(LONG_BTC ",\"leverage\":50" KEYED("more"))->status, 200);
    assert_string_equal(leverage_now(), "50");
}

/* Somebody changes it at the exchange: the next entry within minutes may not see that, one after that does. */
static void leverage_changed_elsewhere_is_set_again(void **state) {
    (void)state;
    world_alert(LONG_BTC ",\"leverage\":5" KEYED("a"));
    world_by_hand(HX_HTTP_METHOD_POST, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=50");
    world_pass(5 * HX_MS_PER_MINUTE);
    world_alert(LONG_BTC ",\"leverage\":5" KEYED("b"));
    assert_string_equal(leverage_now(), "5");
    world_check_books();
}

static void without_credentials_the_owner_is_told_what_to_set(void **state) {
    (void)state;
    world_setting("BINANCE_API_KEY", "");
    const struct hx_sim_exchange *reply = world_alert(LONG_BTC ",\"exchange\":\"binance\"");
    assert_int_equal(reply->status, 400);
    assert_string_equal(world_member(reply, "error.details.0.field"), "exchange");
    assert_non_null(strstr(world_member(reply, "error.details.0.issue"), "BINANCE_API_KEY"));
    assert_int_equal(world_orders_sent(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(an_entry_is_one_order_with_its_reply),
        world_test(a_flip_is_a_close_and_an_open),
        world_test(a_second_leg_may_be_refused),
        world_test(a_second_leg_waits_for_a_busy_venue),
        world_test(reducing_is_allowed_while_the_switch_is_on),
        world_test(a_flip_into_too_little_is_half_of_one),
        world_test(halt_lets_only_the_owner_out),
        world_test(entries_expire_and_exits_do_not),
        world_test(the_manifest_sets_the_age_of_those_that_say_nothing),
        world_test(nothing_to_close_is_success_without_an_order),
        world_test(what_the_rules_forbid_is_400_with_the_field),
        world_test(a_field_is_blamed_only_for_what_is_about_it),
        world_test(a_venue_that_is_switched_off_is_refused),
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
        world_test(questions_before_the_order_may_find_the_venue_down),
        world_test(an_exit_outlives_a_moment_without_its_mode),
        world_test(an_entry_waits_for_its_leverage),
        world_test(a_refused_entry_leaves_the_leverage_alone),
        world_test(leverage_changed_elsewhere_is_set_again),
        world_test(without_credentials_the_owner_is_told_what_to_set),
    };
    return world_run(tests);
}
