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
    /* Another account's exit has no other way past. */
    {"", LONG_BTC, CLOSE_SPOT, "superseded nothing_to_do", "0"},
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

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(an_exit_ends_what_it_would_undo_and_nothing_else),
        world_test(an_exit_between_the_halves_of_a_flip),
    };
    return world_run(tests);
}
