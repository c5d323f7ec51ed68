/* Goal: an exit is never refused because the venue does not tell a symbol's rules any more, or told others than it has
 * now; an entry and a symbol that nobody knows are (rules.c, and what drift.c makes of a symbol that is gone). Method:
 * a position, a crash that takes the memo along, and a venue that no longer knows the symbol, says that it is halted,
 * or refuses the figures; then exits and entries. */
#include "core/app/work.h"
#include "test/app/rows.h"

/* Later than the time in which the ledger is trusted over the venue's list, and rules over a refusal. */
#define LATER_MS 6000
#define LIST "GET /fapi/v1/exchangeInfo"
#define POSITION "GET /fapi/v3/positionRisk"
#define UNKNOWN_SYMBOL (-1121)
#define HALTED (-4140)
#define PRECISION (-1111)

static void refuse(const char *match, int32_t code, int32_t count) {
    struct hx_lab_fault fault = {.kind = HX_LAB_FAULT_ERROR_CODE, .code = code, .count = count};
    snprintf(fault.match, sizeof(fault.match), "%s", match);
    world_fault(&fault);
}

/* In a position, of which the process remembers nothing, in a symbol that the venue does not list any more. */
static void begin_unlisted(void) {
    world_setting("HOOX_RETRY_SCHEDULE", "2,2,2,2");
    assert_int_equal(world_alert(LONG_BTC KEYED("in"))->status, 200);
    world_crash(1000);
    world_pass(LATER_MS);
    refuse(LIST, UNKNOWN_SYMBOL, -1);
}

static void an_exit_goes_by_the_rules_of_its_entry(void **state) {
    (void)state;
    begin_unlisted();
    refuse("order", HALTED, 1);
    assert_int_equal(world_alert(LONG_BTC KEYED("more"))->status, 400);
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 202);
    world_pass(3000);
    assert_rows("SELECT status, tries FROM signals ORDER BY seq", "filled|0 rejected|0 filled|1");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

static void a_symbol_that_nobody_knows_is_refused(void **state) {
    (void)state;
    begin_unlisted();
    const struct hx_sim_exchange *exit = world_alert("\"action\":\"CLOSE\",\"symbol\":\"BTCUSDC\"");
    assert_int_equal(exit->status, 400);
    assert_string_equal(world_member(exit, "error.details.0.field"), "symbol");
    assert_rows("SELECT status, tries FROM signals ORDER BY seq DESC LIMIT 1", "rejected|0");
}

static void forget_kept(struct hx_req *req) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    hx_batch_add_rules(&batch, HX_STR("rules:binance-futures:live:BTCUSDT"), HX_STR(""));
    assert_true(hx_ok(hx_batch_write(&batch, NULL)));
}

/* As after an update from a version that kept no rules. */
static void a_position_without_rules_waits(void **state) {
    (void)state;
    begin_unlisted();
    in_request(forget_kept);
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 202);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled queued");
    world_pass(60 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, reason FROM signals ORDER BY seq", "filled| failed|VENUE_UNAVAILABLE");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%\"failed\"%'", "1");
}

/* Settled by the venue and gone from its list: there is nothing to close, and the ledger must not go on holding it. */
static void what_is_gone_is_let_go(void **state) {
    (void)state;
    begin_unlisted();
    world_trade_by_hand("BTCUSDT", "SELL", "0.010");
    refuse(POSITION, UNKNOWN_SYMBOL, -1);
    const struct hx_sim_exchange *exit = world_alert(CLOSE_BTC KEYED("out"));
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "status"), "nothing_to_do");
    assert_rows("SELECT quantity FROM positions", "0");
    assert_rows("SELECT count(*) FROM outbox WHERE payload LIKE '%position_drift%'", "1");
    assert_int_equal(world_orders_sent(), 1);
}

/* A venue that lists the symbol and says of its position that there is none such proves nothing: the exit goes on with
 * what the ledger has. */
static void what_is_listed_is_not_gone(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("in"));
    world_pass(LATER_MS);
    refuse(POSITION, UNKNOWN_SYMBOL, 1);
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 200);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled filled");
    world_check_books();
}

/* Cut to the step, the rest stays; a refusal that new rules don't explain is one. */
static void a_close_is_made_to_fit(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "2,2,2,2");
    world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.017\"" KEYED("in"));
    world_pass(LATER_MS);
    assert_true(hx_ok(hx_lab_set_step_in(world_lab(), HX_LAB_FUTURES, HX_STR("BTCUSDT"), (hx_dec){5, -3})));
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out"))->status, 202);
    world_pass(3000);
    assert_rows("SELECT status, quantity, attempt FROM orders ORDER BY created_ms", "filled|0.017|1 filled|0.015|2");
    assert_rows("SELECT quantity FROM positions", "0.002");
    world_check_books();
    world_alert(LONG_BTC KEYED("again"));
    world_pass(LATER_MS);
    refuse("order", PRECISION, 2);
    assert_int_equal(world_alert(CLOSE_BTC KEYED("out again"))->status, 202);
    world_pass(3000);
    assert_rows("SELECT status, tries FROM signals ORDER BY seq DESC LIMIT 1", "rejected|1");
    assert_rows("SELECT status, quantity, attempt FROM orders ORDER BY created_ms DESC LIMIT 1", "rejected|0.01|2");
}

/* An entry is refused at once, and the next one is measured by the rules as they are. */
static void an_entry_is_refused_for_its_figures(void **state) {
    (void)state;
    world_alert(LONG_BTC KEYED("in"));
    world_pass(LATER_MS);
    assert_true(hx_ok(hx_lab_set_step_in(world_lab(), HX_LAB_FUTURES, HX_STR("BTCUSDT"), (hx_dec){5, -3})));
    assert_int_equal(world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.012\"")->status, 422);
    assert_int_equal(world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.013\"")->status, 200);
    assert_rows("SELECT quantity FROM orders ORDER BY created_ms", "0.01 0.012 0.01");
    world_check_books();
}

/* A limit price follows the tick, toward the better price; a quantity below one step is left to the venue. */
static void fit(struct hx_req *req) {
    static struct hx_work work;
    struct hx_order_row order = {
        .signal_id = HX_STR("s1"), .attempt = 1, .account = {HX_VENUE_BINANCE, HX_MARKET_FUTURES, false}};
    work = (struct hx_work){.req = req,
                            .rules = {.tick = {5, -1},
                                      .step = {5, -3},
                                      .market_step = {5, -3},
                                      .quantity_min = {5, -3},
                                      .quantity_max = {1, 3},
                                      .market_quantity_min = {5, -3},
                                      .market_quantity_max = {1, 3}}};
    order.opens = false;
    order.side = HX_SIDE_SELL;
    order.quantity = (hx_dec){4, -3};
    order.status = HX_STATUS_BUSY;
    assert_true(hx_ok(hx_work_fit_close(&work, &order)));
    assert_true(hx_dec_equal(order.quantity, (hx_dec){4, -3}));
    order.quantity = (hx_dec){12, -3};
    order.status = HX_STATUS_INTENT;
    assert_true(hx_ok(hx_work_fit_close(&work, &order)));
    order.status = HX_STATUS_BUSY;
    order.opens = true;
    assert_true(hx_ok(hx_work_fit_close(&work, &order)));
    assert_true(hx_dec_equal(order.quantity, (hx_dec){12, -3}));
    order.opens = false;
    order.type = HX_ORDER_LIMIT;
    order.price = (hx_dec){600003, -1};
    /* What is not in the ledger as it is here is not written over. */
    assert_true(hx_err_is(hx_work_fit_close(&work, &order), HX_CLASS_CONFLICT));
    assert_true(hx_dec_equal(order.quantity, (hx_dec){1, -2}));
    assert_true(hx_dec_equal(order.price, (hx_dec){600005, -1}));
}

static void only_what_waits_is_made_to_fit(void **state) {
    (void)state;
    in_request(fit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(an_exit_goes_by_the_rules_of_its_entry),
        world_test(a_symbol_that_nobody_knows_is_refused),
        world_test(a_position_without_rules_waits),
        world_test(what_is_gone_is_let_go),
        world_test(what_is_listed_is_not_gone),
        world_test(a_close_is_made_to_fit),
        world_test(an_entry_is_refused_for_its_figures),
        world_test(only_what_waits_is_made_to_fit),
    };
    return cmocka_run_group_tests(tests, world_make, world_release);
}
