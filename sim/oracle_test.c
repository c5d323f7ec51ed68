/* Goal: every oracle can fail. Method: a run of the real core ends well; then one fact is changed behind its back, in
 * the ledger or at the venue, and the oracle that guards it must name its number. The oracles of the wire and of
 * replies are seen to fail by the planted bugs (`make bugs`). Covers oracle.c and oracle_end.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "sim/case.h"
#include "sim/oracle.h"
#include "sim/oracle_end.h"
#include "sim/scenario.h"

static struct hx_host *sim;
static struct hx_case *c;
static bool at_edge;

static void run_scenario(void) {
    struct hx_case_result result;
    hx_case_clear(c);
    c->seed = 3;
    c->edge = at_edge;
    hx_case_signal(c, 1000, 1,
                   "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.010\",\"idempotencyKey\":\"k-1\"");
    hx_case_signal(c, 2000, 1,
                   "\"action\":\"LONG\",\"symbol\":\"ETHUSDT\",\"quantity\":\"0.5\",\"idempotencyKey\":\"k-2\"");
    hx_case_signal(c, 3000, 1,
                   "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.010\",\"idempotencyKey\":\"k-1\"");
    hx_case_signal(c, 4000, 1, "\"action\":\"CLOSE\",\"symbol\":\"SOLUSDT\",\"idempotencyKey\":\"k-3\"");
    hx_case_run(sim, c, NULL, &result);
    if (!result.passed) print_error("%s %s\n", result.number, result.text);
    assert_true(result.passed);
    assert_int_equal(result.orders, 2);
}

static const char *sql;

static void change(struct hx_req *req, void *context) {
    (void)context;
    const struct hx_db_stmt statement = {sql, NULL, 0, HX_DB_EXPECT_ANY};
    hx_err err = hx_port_db_batch(req, &statement, 1, NULL);
    hx_assert(hx_ok(err));
}

static const struct {
    const char *number, *sql;
} changes[] = {
    {"I2", "UPDATE signals SET finished_ms = NULL, status = 'queued' WHERE seq = 1"},
    {"I2", "UPDATE orders SET finished_ms = NULL, status = 'intent'"},
    {"I2", "DELETE FROM outbox WHERE subject = (SELECT id FROM signals WHERE seq = 3)"},
    {"I2", "UPDATE signals SET status = 'failed' WHERE seq = 1"},
    {"I1", "DELETE FROM orders WHERE symbol = 'ETHUSDT'"},
    {"I1", "UPDATE orders SET client_order_id = 'AAAAAAAAAAAAAAAAAAAAAA' WHERE symbol = 'ETHUSDT'"},
    {"I4", "UPDATE orders SET executed_quantity = '0.009', quantity = '0.009' WHERE symbol = 'BTCUSDT'"},
    {"I4", "UPDATE orders SET side = 'sell' WHERE symbol = 'BTCUSDT'"},
    {"I4", "DELETE FROM fills WHERE symbol = 'BTCUSDT'"},
    {"I4", "UPDATE fills SET price = price || '1'"},
    {"I4", "UPDATE fills SET fee = '0'"},
    {"I4", "UPDATE fills SET quantity = '0.02' WHERE symbol = 'BTCUSDT'"},
    {"I4", "UPDATE positions SET quantity = '0.02' WHERE symbol = 'BTCUSDT'"},
    {"I4", "DELETE FROM positions WHERE symbol = 'BTCUSDT'"},
    {"I4", "UPDATE positions SET fees = '0' WHERE symbol = 'BTCUSDT'"},
    {"I1", "UPDATE signals SET idempotency_key = 'k-1', lane = 'live:BTCUSDT'"},
    {"I7", "UPDATE signals SET reply_body = '{}' WHERE seq = 1"},
    {"I7", "UPDATE signals SET reply_status = 202 WHERE seq = 1"},
    {"I7", "UPDATE signals SET request_id = 'another' WHERE seq = 1"},
    {"I8", "UPDATE signals SET message = 'with paper-secret in it' WHERE seq = 1"},
    {"I8", "UPDATE outbox SET payload = '" HX_CASE_WEBHOOK_KEY "'"},
};

static void every_change_is_noticed(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct hx_oracle oracle = {.secrets = {HX_STR(HX_CASE_WEBHOOK_KEY), HX_STR(HX_LAB_API_SECRET)},
                                   .secret_count = 2};
        run_scenario();
        sql = changes[i].sql;
        hx_sim_run_request(sim, change, NULL);
        hx_oracle_check_end(&oracle, sim);
        const char *number = hx_sim_violation_number(sim);
        if (number == NULL) print_error("not noticed: %s\n", sql);
        assert_non_null(number);
        if (number[1] != changes[i].number[1]) print_error("%s: %s\n", sql, hx_sim_violation_text(sim));
        assert_string_equal(number, changes[i].number);
    }
}

/* At the edge what runs outside of a lane changes D1, and D1 must say what the lanes say. */
static void a_wrong_copy_in_d1_is_noticed(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "DELETE FROM fills WHERE symbol = 'BTCUSDT'",
        "UPDATE orders SET status = 'intent', finished_ms = NULL WHERE symbol = 'ETHUSDT'",
        "UPDATE signals SET reply_body = '{}' WHERE symbol = 'SOLUSDT'",
        "UPDATE positions SET quantity = '0.02' WHERE symbol = 'BTCUSDT'",
        "UPDATE outbox SET finished_ms = NULL",
        "INSERT INTO system_logs (time_ms, level, subject, message) VALUES (1, 'warn', '', '')",
    };
    for (size_t i = 0; i <= sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct hx_oracle oracle = {.secret_count = 0};
        at_edge = true;
        run_scenario();
        at_edge = false;
        if (i < sizeof(wrong) / sizeof(wrong[0])) {
            sql = wrong[i];
            hx_sim_run_request(sim, change, NULL);
        }
        hx_oracle_check_end(&oracle, sim);
        const char *number = hx_sim_violation_number(sim);
        if (i == sizeof(wrong) / sizeof(wrong[0])) assert_null(number);
        else assert_string_equal(number, "I4");
    }
}

/* A ledger with orders and fills that the venue never had. */
static void the_venue_is_believed(void **state) {
    (void)state;
    struct hx_oracle oracle = {.secret_count = 0};
    run_scenario();
    hx_oracle_check_end(&oracle, sim);
    assert_null(hx_sim_violation_number(sim));
    hx_lab_reset(hx_sim_lab(sim), hx_sim_now(sim));
    hx_oracle_check_end(&oracle, sim);
    assert_string_equal(hx_sim_violation_number(sim), "I4");
}

/* A run that waits for a venue that never comes is not live. */
static void waiting_for_ever_is_noticed(void **state) {
    (void)state;
    struct hx_case_result result;
    hx_case_clear(c);
    hx_case_setting(c, "HOOX_BINANCE_FUTURES_URL", "http://nowhere.sim");
    hx_case_setting(c, "HOOX_RETRY_SCHEDULE", "9000,9000");
    hx_case_signal(c, 1000, 1, "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.010\"");
    hx_case_run(sim, c, NULL, &result);
    assert_false(result.passed);
    assert_string_equal(result.number, "I2");
}

static int make(void **state) {
    (void)state;
    sim = hx_sim_make();
    c = hx_case_make();
    return sim == NULL;
}

static int release(void **state) {
    (void)state;
    hx_case_release(c);
    hx_sim_release(sim);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_is_noticed),
        cmocka_unit_test(a_wrong_copy_in_d1_is_noticed),
        cmocka_unit_test(the_venue_is_believed),
        cmocka_unit_test(waiting_for_ever_is_noticed),
    };
    return cmocka_run_group_tests(tests, make, release);
}
