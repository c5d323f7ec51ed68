/* Goal: cutting the streams at random changes no final state, at any venue. Method: cases of the swarm, calmed so that
 * the moments of things depend on nothing but the case (a network without latency, a disk without delay, prices
 * pinned), each run three times: without streams, with them, and with them cut where every third message was to come.
 * Signals, orders, fills and positions must end the same, to the last digit. Then cases of the swarm as they come, with
 * streams that are cut, late, doubled and lossy: every oracle must hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "sim/campaign.h"
#include "sim/case.h"

#define CALM_SEEDS 150
#define ROUGH_SEEDS 150
#define DIGEST_LEN_MAX 100000

enum streams { OFF, ON, CUT, WAYS };

static struct hx_host *sim;
static struct hx_case *c;
static char digests[WAYS][DIGEST_LEN_MAX];

static int begin(void **state) {
    (void)state;
    sim = hx_sim_make();
    c = hx_case_make();
    return sim == NULL || c == NULL;
}

static int end(void **state) {
    (void)state;
    hx_sim_release(sim);
    hx_case_release(c);
    return 0;
}

/* Everything that a run leaves, but for the moments at which it was learnt. */
static const char *const final_state[] = {
    "SELECT action, symbol, status, reason, finished_ms IS NOT NULL FROM signals ORDER BY seq",
    "SELECT s.seq, o.leg, o.side, o.type, o.status, o.quantity, o.price, o.executed_quantity, o.average_price, o.fee, "
    "o.fee_asset FROM orders o JOIN signals s ON s.id = o.signal_id ORDER BY s.seq, o.leg",
    "SELECT s.seq, f.symbol, f.venue_trade_id, f.side, f.quantity, f.price, f.fee, f.fee_asset FROM fills f "
    "JOIN signals s ON s.id = f.signal_id ORDER BY f.symbol, f.venue_trade_id",
    "SELECT symbol, quantity, cost, realized_pnl, fees, fees_other FROM positions ORDER BY symbol",
};

static void digest_make(char *out) {
    struct hx_buf buf;
    hx_buf_init(&buf, out, DIGEST_LEN_MAX - 1);
    for (size_t q = 0; q < sizeof(final_state) / sizeof(final_state[0]); q++) {
        struct hx_db_rows rows;
        hx_sim_query(sim, final_state[q], NULL, 0, &rows);
        for (uint32_t i = 0; i < rows.row_count * rows.column_count; i++) {
            const struct hx_db_value *cell = &rows.cells[i];
            hx_buf_add_char(&buf, i % rows.column_count == 0 ? '\n' : '|');
            if (cell->type == HX_DB_INT) hx_buf_add_i64(&buf, cell->integer);
            else hx_buf_add(&buf, cell->text);
        }
        hx_buf_add_c(&buf, "\n--");
    }
    assert_false(buf.overflowed);
    out[buf.len] = '\0';
}

/* Prices stand still until an action of the case moves them. */
static void pin(struct hx_case *calm, const char *symbol, const char *price) {
    struct hx_case_action *action = hx_case_add(calm, HX_CASE_PRICE, 0);
    hx_err err = hx_dec_parse(hx_str_from_c(price), &action->price);
    action->body = hx_str_from_c(symbol);
    assert_true(hx_ok(err));
}

static void calm_down(struct hx_case *calm) {
    uint32_t kept = 0;
    memset(calm->fault_chance, 0, sizeof(calm->fault_chance));
    calm->store_ms_max = calm->network_ms_max = 0;
    for (uint32_t i = 0; i < calm->action_count; i++) {
        enum hx_case_action_kind kind = calm->actions[i].kind;
        if (kind != HX_CASE_TROUBLE && kind != HX_CASE_CLOCK) calm->actions[kept++] = calm->actions[i];
    }
    calm->action_count = kept;
    pin(calm, "BTCUSDT", "60000");
    pin(calm, "ETHUSDT", "3000");
    pin(calm, "SOLUSDT", "150");
    pin(calm, "DOGEUSDT", "0.15");
}

static uint32_t run_calm(const struct hx_sim_venue *venue, uint64_t seed, enum streams way) {
    struct hx_case_result result;
    hx_case_clear(c);
    hx_swarm_build(venue, seed, c);
    calm_down(c);
    c->streams = way == OFF ? 0 : 1;
    if (way == CUT) c->fault_chance[HX_SIM_FAULT_STREAM_CUT] = 65535 / 3;
    hx_case_run(sim, c, NULL, &result);
    if (!result.passed) fail_msg("seed %llu: %s %s", (unsigned long long)seed, result.number, result.text);
    digest_make(digests[way]);
    return result.counters.faults;
}

static void cutting_streams_changes_no_final_state(const struct hx_sim_venue *venue) {
    uint32_t cuts = 0, signals = 0;
    for (uint64_t seed = 1; seed <= CALM_SEEDS; seed++) {
        for (int way = 0; way < WAYS; way++) cuts += run_calm(venue, seed, (enum streams)way);
        for (int way = ON; way < WAYS; way++) {
            if (strcmp(digests[OFF], digests[way]) == 0) continue;
            fail_msg("%s, seed %llu: streams %s\n%s\nwithout\n%s", venue->name, (unsigned long long)seed,
                     way == ON ? "on" : "cut", digests[way], digests[OFF]);
        }
        signals += strlen(digests[OFF]) > 100;
    }
    print_message("%s: %u streams cut, %u ledgers with something in them\n", venue->name, cuts, signals);
    assert_true(cuts > CALM_SEEDS / 4 && signals > CALM_SEEDS / 2);
}

static void of_binance_futures(void **state) {
    (void)state;
    cutting_streams_changes_no_final_state(hx_sim_find_venue(HX_STR("binance:futures")));
}

static void of_binance_spot(void **state) {
    (void)state;
    cutting_streams_changes_no_final_state(hx_sim_find_venue(HX_STR("binance:spot")));
}

static void of_bybit_futures(void **state) {
    (void)state;
    cutting_streams_changes_no_final_state(hx_sim_find_venue(HX_STR("bybit:futures")));
}

static void of_bybit_spot(void **state) {
    (void)state;
    cutting_streams_changes_no_final_state(hx_sim_find_venue(HX_STR("bybit:spot")));
}

static void of_mexc_futures(void **state) {
    (void)state;
    cutting_streams_changes_no_final_state(hx_sim_find_venue(HX_STR("mexc:futures")));
}

static void rough(const char *name) {
    static const enum hx_sim_fault_kind kinds[] = {HX_SIM_FAULT_STREAM_CUT, HX_SIM_FAULT_LOSE, HX_SIM_FAULT_LATE,
                                                   HX_SIM_FAULT_DUPLICATE};
    for (uint64_t seed = 1; seed <= ROUGH_SEEDS; seed++) {
        struct hx_case_result result;
        hx_case_clear(c);
        hx_swarm_build(hx_sim_find_venue(hx_str_from_c(name)), seed, c);
        c->streams = 2;
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) c->fault_chance[kinds[i]] = 2000;
        if (seed % 2 == 0) hx_case_setting(c, "HOOX_ORDER_ENTRY", "ws");
        hx_case_run(sim, c, NULL, &result);
        if (!result.passed)
            fail_msg("%s, seed %llu: %s %s", name, (unsigned long long)seed, result.number, result.text);
    }
}

static void every_promise_holds_with_bad_streams(void **state) {
    (void)state;
    rough("binance:futures");
    rough("binance:spot");
    rough("bybit:futures");
    rough("bybit:spot");
    rough("mexc:futures");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_binance_futures), cmocka_unit_test(of_binance_spot),
        cmocka_unit_test(of_bybit_futures),   cmocka_unit_test(of_bybit_spot),
        cmocka_unit_test(of_mexc_futures),    cmocka_unit_test(every_promise_holds_with_bad_streams),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
