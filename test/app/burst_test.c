/* Goal: five hundred alerts in one second are worked off without one request beyond the venue's limits, exits before
 * entries, and none of them loses a try of its schedule to a wait of ours.
 * Method: the world with a laboratory of many symbols and the venue's published limits; what the laboratory refuses for
 * its limits shows in the log, and a laboratory with tighter limits than ours proves that it would. */
#include "test/app/world.h"

#define SYMBOLS 40
#define ALERTS 500
#define EXITS 20 /* Of symbols of their own, so that no exit ends an entry. */

static uint32_t refusals; /* 429 and 418. */

static void on_text(void *context, struct hx_host *sim, const char *where, hx_str text) {
    (void)context, (void)sim, (void)where;
    if (hx_str_equal(text, HX_STR("the venue asked us to wait: too many requests"))) refusals++;
}

static int burst_make(void **state) {
    (void)state;
    struct hx_sim_room room = hx_sim_room_small();
    room.arena_size = (size_t)128 * 1024 * 1024;
    room.lab.symbols_max = SYMBOLS + EXITS + 16; /* Of a product. */
    room.lab.orders_max = 4096;
    room.lab.fills_max = 4096;
    room.lab.answer_len_max = (size_t)1024 * 1024;
    room.lab.usdt_balance = hx_dec_from_i64(100000000);
    world.sim = hx_sim_make_with(&room);
    return world.sim == NULL;
}

static void add_symbol(enum hx_lab_product product, const char *name) {
    struct hx_lab_symbol symbol = {.product = product,
                                   .base = "C",
                                   .tick = world_dec("0.01"),
                                   .step = world_dec("0.1"),
                                   .market_step = world_dec("0.1"),
                                   .price_min = world_dec("0.01"),
                                   .price_max = world_dec("10000"),
                                   .quantity_min = world_dec("0.1"),
                                   .quantity_max = world_dec("1000"),
                                   .market_quantity_max = world_dec("1000"),
                                   .notional_min = world_dec("5"),
                                   .price_start = world_dec("100"),
                                   .price_precision = 2,
                                   .quantity_precision = 1,
                                   .leverage_max = product == HX_LAB_FUTURES ? 20 : 0};
    snprintf(symbol.name, sizeof(symbol.name), "%s", name);
    snprintf(symbol.base, sizeof(symbol.base), "%.3s", name);
    assert_true(hx_ok(hx_lab_add_symbol(world_lab(), &symbol)));
    assert_true(hx_ok(hx_lab_set_price_in(world_lab(), product, hx_str_from_c(name), world_dec("100"))));
}

static const char *symbol_name(char kind, uint32_t index) {
    static char name[16];
    snprintf(name, sizeof(name), "%c%02uUSDT", kind, index);
    return name;
}

static void begin(void) {
    world_kv("webhook:rate_limit", "off");
    world_begin();
    refusals = 0;
    hx_sim_observe(world.sim, &(struct hx_sim_observer){.on_wire = world_on_wire, .on_text = on_text});
    for (uint32_t i = 0; i < SYMBOLS; i++) add_symbol(HX_LAB_FUTURES, symbol_name('E', i));
    for (uint32_t i = 0; i < EXITS; i++) add_symbol(HX_LAB_FUTURES, symbol_name('X', i));
}

static void send_as(hx_time at, const char *action, const char *key, const char *symbol, uint32_t number) {
    char body[400];
    snprintf(body, sizeof(body),
             "{\"apiKey\":\"" WORLD_KEY
             "\",\"action\":\"%s\",\"symbol\":\"%s\",\"quantity\":\"1\","
             "\"idempotencyKey\":\"%s%u\"}",
             action, symbol, key, number);
    world_send(&(struct hx_sim_call){.at_ms = at,
                                     .method = HX_HTTP_METHOD_POST,
                                     .path = HX_STR("/webhook"),
                                     .body = hx_str_from_c(body),
                                     .peer_address = HX_STR(WORLD_TRADINGVIEW),
                                     .sends_max = 4,
                                     .resend_after_ms = 5000});
}

static void send(hx_time at, const char *action, const char *symbol, uint32_t number) {
    send_as(at, action, action, symbol, number);
}

/* The alerts of one second: entries, and among the last of them the exits. */
static void burst(uint32_t exits) {
    hx_time now = world_now() + 1;
    for (uint32_t i = 0; i < ALERTS - exits; i++) send(now + i * 2, "LONG", symbol_name('E', i % SYMBOLS), i);
    for (uint32_t i = 0; i < exits; i++) send(now + 900 + i, "CLOSE", symbol_name('X', i), i);
}

static uint32_t count(const char *sql) {
    return (uint32_t)strtoul(world_rows(sql), NULL, 10);
}

static void five_hundred_alerts_are_worked_off(void **state) {
    (void)state;
    begin();
    burst(0);
    world_pass(3000);
    /* Whoever did not have his turn was told that it waits, and stands in the queue with its time. */
    assert_true(count("SELECT count(*) FROM signals WHERE status = 'queued' AND due_ms > 0 AND reply_status = 202") >
                0);
    world_pass(4 * HX_MS_PER_MINUTE);
    assert_int_equal(refusals, 0);
    assert_int_equal(count("SELECT count(*) FROM signals"), ALERTS);
    assert_rows("SELECT status, count(*), max(tries) FROM signals GROUP BY status", "filled|500|0");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%\"unknown\"%'", "0");
    assert_rows("SELECT count(*), max(attempt) FROM orders", "500|1");
    assert_true(count("SELECT max(n) FROM (SELECT count(*) AS n FROM orders GROUP BY created_ms / 10000)") <= 240);
    assert_true(count("SELECT max(finished_ms) - min(received_ms) FROM signals") <= 120000);
    assert_rows("SELECT count(*) FROM fills", "500");
}

/* Those who wait do not come back together: no second has more than a few of them. */
static void waiting_signals_come_back_one_by_one(void **state) {
    (void)state;
    begin();
    burst(0);
    world_pass(3000);
    assert_true(count("SELECT count(DISTINCT due_ms) FROM signals WHERE status = 'queued' AND due_ms > 0") ==
                count("SELECT count(*) FROM signals WHERE status = 'queued' AND due_ms > 0"));
    world_pass(4 * HX_MS_PER_MINUTE);
    struct hx_db_rows rows;
    hx_sim_query(world.sim,
                 "SELECT max(n) FROM (SELECT count(*) AS n FROM orders WHERE created_ms > "
                 "(SELECT min(created_ms) + 20000 FROM orders) GROUP BY created_ms / 1000)",
                 NULL, 0, &rows);
    assert_true(rows.cells[0].integer <= 12);
    assert_int_equal(refusals, 0);
}

static void exits_go_before_entries(void **state) {
    (void)state;
    begin();
    for (uint32_t i = 0; i < EXITS; i++) send(world_now() + 1 + i * 20, "LONG", symbol_name('X', i), 1000 + i);
    world_pass(70 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, count(*) FROM signals GROUP BY status", "filled|20");
    burst(EXITS);
    world_pass(15 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, count(*) FROM signals WHERE action = 'CLOSE' GROUP BY status", "filled|20");
    assert_true(count("SELECT count(*) FROM signals WHERE action = 'LONG' AND finished_ms IS NULL") > 100);
    world_pass(4 * HX_MS_PER_MINUTE);
    assert_rows("SELECT status, count(*), max(tries) FROM signals GROUP BY status", "filled|520|0");
    assert_int_equal(refusals, 0);
}

/* With only exits there is no share to keep free, and still no limit is touched. */
static void a_burst_of_exits_alone_is_quick(void **state) {
    (void)state;
    begin();
    for (uint32_t i = 0; i < SYMBOLS; i++) send(world_now() + 1 + i * 20, "LONG", symbol_name('E', i), i);
    world_pass(70 * HX_MS_PER_SECOND);
    for (uint32_t i = 0; i < SYMBOLS; i++) send(world_now() + 1 + i, "CLOSE", symbol_name('E', i), i);
    world_pass(3000);
    assert_rows("SELECT status, count(*) FROM signals GROUP BY status", "filled|80");
    assert_int_equal(refusals, 0);
}

/* The test above can fail: a venue that allows less than it publishes refuses, and that is seen. */
static void a_refusal_would_be_seen(void **state) {
    (void)state;
    begin();
    hx_lab_set_limits(world_lab(), 2400, 20, 1200, 1000);
    burst(0);
    world_pass(5000);
    assert_true(refusals > 0);
}

/* Waiting is off: then a wait of ours is refused like any other. */
static void without_a_queue_nothing_waits(void **state) {
    (void)state;
    world_kv("webhook:queue_mode", "queue_disabled");
    begin();
    burst(0);
    world_pass(30 * HX_MS_PER_SECOND);
    assert_int_equal(count("SELECT count(*) FROM signals WHERE finished_ms IS NULL"), 0);
    assert_true(count("SELECT count(*) FROM signals WHERE reason = 'VENUE_UNAVAILABLE'") > 0);
    assert_int_equal(refusals, 0);
}

/* Spot has other limits: fifty orders in ten seconds, so that nearly all have to wait. */
static void a_burst_on_spot_keeps_to_its_limits(void **state) {
    (void)state;
    begin();
    for (uint32_t i = 0; i < SYMBOLS; i++) add_symbol(HX_LAB_SPOT, symbol_name('S', i));
    hx_time now = world_now() + 1;
    for (uint32_t i = 0; i < ALERTS; i++) {
        send_as(now + i * 2, "LONG\",\"market\":\"spot", "spot", symbol_name('S', i % SYMBOLS), i);
    }
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_int_equal(refusals, 0);
    assert_rows("SELECT market, status, count(*), max(tries) FROM signals GROUP BY 1, 2", "spot|filled|500|0");
    assert_true(count("SELECT max(n) FROM (SELECT count(*) AS n FROM orders GROUP BY created_ms / 10000)") <= 40);
    assert_rows("SELECT count(*), max(attempt) FROM orders", "500|1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(five_hundred_alerts_are_worked_off),
        world_test(waiting_signals_come_back_one_by_one),
        world_test(exits_go_before_entries),
        world_test(a_burst_of_exits_alone_is_quick),
        world_test(a_refusal_would_be_seen),
        world_test(without_a_queue_nothing_waits),
        world_test(a_burst_on_spot_keeps_to_its_limits),
    };
    return cmocka_run_group_tests(tests, burst_make, world_release);
}
