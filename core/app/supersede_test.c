/* Goal: an exit ends the entry that waits before it when it would undo it, and only then; what the entry was to close
 * is closed all the same, and what it was to open for somebody who has called it off is not opened. Method: every kind
 * of entry waits for a venue that refused its order, with nothing or either side held, and every kind of exit comes
 * behind; what became of both and what is held in the end. Covers supersede.c. */
#include "test/app/world.h"

#define CLOSE_LONG "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\""
#define CLOSE_SHORT "\"action\":\"CLOSE_SHORT\",\"symbol\":\"BTCUSDT\""
#define CLOSE_SPOT CLOSE_BTC ",\"market\":\"spot\""
#define TARGET(size)                                                                                                  \
    "\"ticker\":\"BTCUSDT\",\"action\":\"sell\",\"contracts\":\"1\",\"market_position\":\"short\",\"position_size\":" \
    "\"" size "\""
#define FLAT                                                                                                        \
    "\"ticker\":\"BTCUSDT\",\"action\":\"buy\",\"contracts\":\"1\",\"market_position\":\"flat\",\"position_size\":" \
    "\"0\""

struct meeting {
    const char *before; /* What was done long ago; empty: nothing. */
    const char *entry, *exit;
    const char *ended; /* Entry and exit. */
    const char *held;
};

static const struct meeting meetings[] = {
    {"", LONG_BTC, CLOSE_BTC, "superseded nothing_to_do", "0"},
    {"", LONG_BTC, CLOSE_LONG, "superseded nothing_to_do", "0"},
    {"", SHORT_BTC, CLOSE_SHORT, "superseded nothing_to_do", "0"},
    {"", TARGET("-0.02"), FLAT, "superseded nothing_to_do", "0"},
    {LONG_BTC, LONG_BTC, CLOSE_LONG, "superseded filled", "0"},
    /* The other side's exit is none of the entry's business. */
    {"", LONG_BTC, CLOSE_SHORT, "filled nothing_to_do", "0.01"},
    {"", SHORT_BTC, CLOSE_LONG, "filled nothing_to_do", "-0.01"},
    {LONG_BTC, SHORT_BTC, CLOSE_LONG, "filled nothing_to_do", "-0.01"},
    {SHORT_BTC, LONG_BTC, CLOSE_SHORT, "filled nothing_to_do", "0.01"},
    /* A flip that is called off: its first half is an exit of its own. */
    {LONG_BTC, SHORT_BTC, CLOSE_SHORT, "superseded nothing_to_do", "0"},
    {SHORT_BTC, LONG_BTC, CLOSE_LONG, "superseded nothing_to_do", "0"},
    {LONG_BTC, SHORT_BTC, CLOSE_BTC, "superseded filled", "0"},
    {LONG_BTC, TARGET("-0.02"), FLAT, "superseded filled", "0"},
    {LONG_BTC, TARGET("-0.02"), CLOSE_SHORT, "superseded nothing_to_do", "0"},
    /* Less is closed than the flip would have. */
    {LONG_BTC, SHORT_BTC, CLOSE_BTC ",\"quantity\":\"0.004\"", "superseded nothing_to_do", "0"},
};

static void an_exit_ends_what_it_would_undo_and_nothing_else(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++) {
        const struct meeting *m = &meetings[i];
        world_reset(NULL);
        if (m->before[0] != '\0') world_alert(m->before);
        world_pass(20 * HX_MS_PER_SECOND);
        world_trouble(HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0);
        char entry[256];
        (void)snprintf(entry, sizeof(entry), "%s" KEYED("entry"), m->entry);
        assert_int_equal(world_alert(entry)->status, 202);
        world_alert(m->exit);
        world_pass(HX_MS_PER_SECOND);
        bool one_before = m->before[0] != '\0';
        assert_rows(one_before ? "SELECT status FROM signals WHERE seq > 1 ORDER BY seq"
                               : "SELECT status FROM signals ORDER BY seq",
                    m->ended);
        assert_string_equal(world_venue_holds("BTCUSDT"), m->held);
        world_pass(HX_MS_PER_HOUR);
        assert_string_equal(world_venue_holds("BTCUSDT"), m->held);
        world_check_books();
    }
}

/* The exit comes while the flip's first half is being asked about. */
static void an_exit_between_the_halves_of_a_flip(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_pass(20 * HX_MS_PER_SECOND);
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_LATE, .match = "order", .count = 1, .delay_ms = 900});
    uint32_t flip = world_send_alert(SHORT_BTC KEYED("flip"), NULL);
    world_pass(100);
    uint32_t exit = world_send_alert(CLOSE_SHORT KEYED("exit"), NULL);
    assert_int_equal(world_await(exit)->status, 200);
    assert_int_equal(world_find(flip)->status, 409);
    assert_rows("SELECT status FROM signals ORDER BY seq", "filled superseded nothing_to_do");
    assert_rows("SELECT purpose, status FROM orders ORDER BY created_ms", "open|filled close|filled");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0");
    world_check_books();
}

#define LONG_SPOT LONG_BTC ",\"market\":\"spot\""
#define STATUSES "SELECT status FROM signals ORDER BY seq"

static void futures_busy(int32_t count) {
    world_fault(
        &(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "POST /fapi/v1/order", .count = count});
}

static void spot_busy(int32_t count) {
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS,
                                       .status = 400,
                                       .code = -1015,
                                       .msg = "Too many new orders.",
                                       .match = "POST /api/v3/order",
                                       .count = count});
}

/* Coins on spot, and an entry of futures that waits for half a minute. */
static void let_an_entry_wait(void) {
    assert_int_equal(world_alert(LONG_SPOT KEYED("coins"))->status, 200);
    world_pass(20 * HX_MS_PER_SECOND);
    futures_busy(1);
    assert_int_equal(world_alert(LONG_BTC KEYED("entry"))->status, 202);
    assert_rows(STATUSES, "filled queued");
}

static void assert_entry_fills(void) {
    world_pass(HX_MS_PER_HOUR);
    assert_rows("SELECT status, tries FROM signals WHERE idempotency_key = 'entry'", "filled|1");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.01");
    assert_rows("SELECT count(*) FROM signals WHERE finished_ms IS NULL", "0");
}

/* It neither waits for the entry nor ends it, nor makes it use up a try. */
static void an_exit_of_another_account_goes_ahead(void **state) {
    (void)state;
    let_an_entry_wait();
    const struct hx_sim_exchange *exit = world_alert(CLOSE_SPOT KEYED("exit"));
    assert_int_equal(exit->status, 200);
    assert_string_equal(world_member(exit, "status"), "filled");
    assert_rows(STATUSES, "filled queued filled");
    assert_rows("SELECT tries FROM signals WHERE idempotency_key = 'entry'", "1");
    assert_entry_fills();
    assert_rows("SELECT o.market, o.purpose FROM orders o ORDER BY o.updated_ms", "spot|open spot|close futures|open");
}

/* In its own account it keeps its place: behind an exit of that account which waits itself. */
static void within_an_account_nobody_goes_ahead(void **state) {
    (void)state;
    let_an_entry_wait();
    spot_busy(1);
    assert_int_equal(world_alert("\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\",\"market\":\"spot\","
                                 "\"quantity\":\"0.004\"" KEYED("half"))
                         ->status,
                     202);
    assert_rows(STATUSES, "filled queued queued");
    world_send_alert(CLOSE_SPOT KEYED("rest"), NULL);
    world_pass(3 * HX_MS_PER_SECOND);
    /* A second exit wakes what waits in its account: both are done, in their order. */
    assert_rows(STATUSES, "filled queued filled filled");
    assert_rows(
        "SELECT s.idempotency_key FROM signals s JOIN orders o ON o.signal_id = s.id WHERE o.purpose = 'close' "
        "ORDER BY o.updated_ms",
        "half rest");
    assert_entry_fills();
}

/* Behind an entry's other side, which waits for it, is no place to wait either. */
static void it_goes_ahead_of_all_that_waits(void **state) {
    (void)state;
    let_an_entry_wait();
    assert_int_equal(world_alert(LONG_BTC KEYED("second"))->status, 202);
    futures_busy(2);
    world_send_alert(CLOSE_SHORT KEYED("other-side"), NULL);
    world_pass(3 * HX_MS_PER_SECOND);
    assert_rows("SELECT count(*) FROM signals WHERE finished_ms IS NULL", "3");
    assert_string_equal(world_member(world_alert(CLOSE_SPOT KEYED("exit")), "status"), "filled");
    assert_rows("SELECT count(*) FROM signals WHERE finished_ms IS NULL", "3");
    world_pass(HX_MS_PER_HOUR);
    assert_rows("SELECT count(*) FROM signals WHERE finished_ms IS NULL", "0");
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.02");
}

/* One that waits itself comes back in its own time, before the entry's. */
static void one_that_is_busy_too_has_its_own_time(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "20,300");
    assert_int_equal(world_alert(LONG_SPOT KEYED("coins"))->status, 200);
    world_pass(20 * HX_MS_PER_SECOND);
    futures_busy(2);
    assert_int_equal(world_alert(LONG_BTC KEYED("entry"))->status, 202);
    world_pass(25 * HX_MS_PER_SECOND);
    assert_rows("SELECT status, tries FROM signals WHERE idempotency_key = 'entry'", "queued|2");
    spot_busy(1);
    assert_int_equal(world_alert(CLOSE_SPOT KEYED("exit"))->status, 202);
    assert_rows(STATUSES, "filled queued queued");
    world_pass(25 * HX_MS_PER_SECOND);
    assert_rows(STATUSES, "filled queued filled");
    world_pass(10 * HX_MS_PER_MINUTE);
    assert_rows(STATUSES, "filled filled filled");
}

/* What went ahead and is unknown is asked for, though the first of the lane is not due; and nobody goes ahead of it. */
static void one_that_is_unknown_is_resolved(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "1800");
    let_an_entry_wait();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .match = "POST /api/v3/order", .count = 1});
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "GET /api/v3/order", .count = -1});
    world_send_alert(CLOSE_SPOT KEYED("exit"), NULL);
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_rows(STATUSES, "filled queued unknown");
    hx_lab_clear_faults(world_lab());
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows(STATUSES, "filled queued filled");
    assert_entry_fills();
}

/* The exit has gone ahead, and the process ends before it knows what became of the order. */
static void crash_while_it_is_out(void) {
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .match = "POST /api/v3/order", .count = 1});
    world_send_alert(CLOSE_SPOT KEYED("exit"), NULL);
    for (int i = 0; i < 400 && strcmp(world_rows("SELECT count(*) FROM orders WHERE status = 'intent'"), "1") != 0;
         i++) {
        world_pass(1);
    }
    world_pass(20);
    assert_rows(STATUSES, "filled queued accepted");
    world_crash(300);
}

static void one_that_a_crash_left_is_resolved(void **state) {
    (void)state;
    world_setting("HOOX_RETRY_SCHEDULE", "1800");
    let_an_entry_wait();
    crash_while_it_is_out();
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows(STATUSES, "filled queued filled");
    assert_entry_fills();
}

/* So too when what it has overtaken is unknown since. */
static void one_that_a_crash_left_does_not_wait_for_what_is_unknown(void **state) {
    (void)state;
    let_an_entry_wait();
    crash_while_it_is_out();
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .match = "POST /fapi/v1/order", .count = 1});
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "GET /fapi/v1/order", .count = -1});
    world_pass(5 * HX_MS_PER_MINUTE);
    assert_rows(STATUSES, "filled unknown filled");
    hx_lab_clear_faults(world_lab());
    assert_entry_fills();
}

/* Nothing goes ahead of what may be at the venue. */
static void nobody_goes_ahead_of_what_is_unknown(void **state) {
    (void)state;
    assert_int_equal(world_alert(LONG_SPOT KEYED("coins"))->status, 200);
    world_pass(20 * HX_MS_PER_SECOND);
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .match = "POST /fapi/v1/order", .count = 1});
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .match = "GET /fapi/v1/order", .count = -1});
    world_send_alert(LONG_BTC KEYED("entry"), NULL);
    world_pass(3 * HX_MS_PER_MINUTE);
    assert_rows(STATUSES, "filled unknown");
    world_send_alert(CLOSE_SPOT KEYED("exit"), NULL);
    world_pass(HX_MS_PER_SECOND);
    assert_rows(STATUSES, "filled unknown accepted");
    hx_lab_clear_faults(world_lab());
    world_pass(2 * HX_MS_PER_MINUTE);
    assert_rows(STATUSES, "filled filled filled");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(an_exit_ends_what_it_would_undo_and_nothing_else),
        world_test(an_exit_between_the_halves_of_a_flip),
        world_test(an_exit_of_another_account_goes_ahead),
        world_test(within_an_account_nobody_goes_ahead),
        world_test(it_goes_ahead_of_all_that_waits),
        world_test(one_that_is_busy_too_has_its_own_time),
        world_test(one_that_is_unknown_is_resolved),
        world_test(one_that_a_crash_left_is_resolved),
        world_test(one_that_a_crash_left_does_not_wait_for_what_is_unknown),
        world_test(nobody_goes_ahead_of_what_is_unknown),
    };
    return world_run(tests);
}
