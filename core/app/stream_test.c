/* Goal: streams are had while there is something to hear about, what they say is looked at by REST at once, and nothing
 * they say is believed. Method: the simulated world with the laboratory as the venue; the test plays the host and hands
 * over what a stream would bring, true and false. Covers stream.c and stream_ledger.c. */
#include "core/app/stream.h"

#include "test/app/world.h"

#define BUY_LOW LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"59000\""
#define BUY_LOW_ETH LONG_ETH ",\"orderType\":\"LIMIT\",\"price\":\"2900\""

/* What the host keeps of one stream, and what the core said last, copied out of the request. */
static struct hx_stream_talk talk;
static char origin[200], target[4096], says[4096];

static void keep(char *out, size_t size, hx_str text) {
    snprintf(out, size, "%.*s", (int)text.len, text.data);
}

static void handle(struct hx_req *req, void *context) {
    const struct hx_event event = {.kind = HX_EVENT_STREAM, .stream = &talk};
    struct hx_reply reply;
    (void)context;
    hx_app_handle(req, &event, &reply);
    says[0] = '\0';
    if (talk.wish == HX_STREAM_CONNECT) {
        keep(origin, sizeof(origin), talk.origin);
        keep(target, sizeof(target), talk.target);
    }
    for (uint32_t i = 0; i < talk.says.count; i++) {
        size_t len = strlen(says);
        snprintf(says + len, sizeof(says) - len, "%.*s\n", (int)talk.says.list[i].len, talk.says.list[i].data);
    }
}

static enum hx_stream_wish tell(enum hx_stream_phase phase, const char *message) {
    world_begin();
    talk.phase = phase;
    talk.message = hx_str_from_c(message);
    hx_sim_run_request(world.sim, handle, NULL);
    world_check();
    if (phase == HX_STREAM_LOST) memset(&talk.state, 0, sizeof(talk.state));
    return talk.wish;
}

static int reset(void **state) {
    memset(&talk, 0, sizeof(talk));
    talk.account = (struct hx_account){HX_VENUE_BINANCE, HX_MARKET_FUTURES, false};
    talk.kind = HX_STREAM_PRIVATE;
    world_reset(state);
    world_setting("HOOX_BINANCE_FUTURES_WS_URL", "ws://venue.sim/edge");
    return 0;
}

/* Connects as far as the core is concerned. */
static void connect(enum hx_stream_kind kind) {
    memset(&talk.state, 0, sizeof(talk.state));
    talk.kind = kind;
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_CONNECT);
    assert_int_equal(tell(HX_STREAM_OPENED, ""), HX_STREAM_KEEP);
    assert_true(talk.state.ready);
}

static const char *client_id(uint32_t index) {
    static char ids[4][64];
    struct hx_db_rows rows;
    const struct hx_db_value param = {HX_DB_INT, index, HX_STR_EMPTY};
    hx_sim_query(world.sim, "SELECT client_order_id FROM orders ORDER BY created_ms, leg LIMIT 1 OFFSET ?1", &param, 1,
                 &rows);
    assert_int_equal(rows.row_count, 1);
    keep(ids[index % 4], sizeof(ids[0]), rows.cells[0].text);
    return ids[index % 4];
}

static enum hx_stream_wish tell_order(const char *id, const char *status) {
    char message[600];
    snprintf(message, sizeof(message),
             "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"T\":1,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"%s\",\"X\":\"%s\"}}", id,
             status);
    return tell(HX_STREAM_MESSAGE, message);
}

static uint32_t questions(const char *target_begins) {
    uint32_t count = 0;
    while (world_wire_at(target_begins, count) != NULL) count++;
    return count;
}

#define ASKED "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId="

static void streams_run_while_something_is_open(void **state) {
    (void)state;
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_IDLE);
    assert_true(talk.wake_ms > 0);
    world_alert(BUY_LOW);
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_CONNECT);
    assert_string_equal(origin, "http://venue.sim");
    assert_true(strncmp(target, "/edge/private/ws/", 17) == 0 && strlen(target) > 20);
    assert_true(talk.ping_ms > 0 && talk.silence_ms_max > 0 && talk.life_ms_max > 0);
    talk.kind = HX_STREAM_PUBLIC;
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_CONNECT);
    assert_string_equal(target, "/edge/market/stream?streams=btcusdt@markPrice@1s");
    /* A position counts as well as an order. */
    world_alert(LONG_ETH);
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_CONNECT);
    assert_string_equal(target, "/edge/market/stream?streams=btcusdt@markPrice@1s/ethusdt@markPrice@1s");
}

static void other_accounts_are_not_streamed(void **state) {
    (void)state;
    struct hx_account account;
    enum hx_stream_kind kind;
    world_alert(BUY_LOW);
    for (uint32_t i = 0; hx_stream_list(i, &account, &kind); i++) {
        bool ours = account.venue == HX_VENUE_BINANCE && account.market == HX_MARKET_FUTURES && !account.test;
        talk.account = account;
        talk.kind = kind;
        enum hx_stream_wish wished = tell(HX_STREAM_CHECK, "");
        /* The same key serves spot, for which this world names no streams; the others have no key. */
        assert_int_equal(wished, ours ? HX_STREAM_CONNECT : HX_STREAM_NEVER);
    }
    talk.account = (struct hx_account){HX_VENUE_MEXC, HX_MARKET_SPOT, false};
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_NEVER);
}

static void the_setting_turns_them_off(void **state) {
    (void)state;
    world_setting("HOOX_STREAMS", "off");
    world_alert(BUY_LOW);
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_NEVER);
    reset(NULL);
    world_setting("HOOX_STREAMS", "on");
    world_alert(BUY_LOW);
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_CONNECT);
    reset(NULL);
    world_setting("HOOX_BINANCE_FUTURES_WS_URL", "venue.sim");
    world_alert(BUY_LOW);
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_NEVER);
}

static void no_ticket_no_stream_for_now(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    hx_sim_add_venue_trouble(world.sim, world_now(), HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0,
                             HX_STR("/fapi/v1/listenKey"));
    world_pass(1);
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_AGAIN);
    assert_int_equal(tell(HX_STREAM_CHECK, ""), HX_STREAM_CONNECT);
}

/* Executed while nobody listened: the first thing a new stream leads to is asking. */
static void a_new_connection_catches_up(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    world_alert(BUY_LOW_ETH);
    world_pass(1000);
    world_price("BTCUSDT", "58900");
    world_price("ETHUSDT", "2800");
    assert_rows("SELECT status FROM orders", "open open");
    connect(HX_STREAM_PRIVATE);
    world_pass(700);
    assert_rows("SELECT status FROM orders", "filled filled");
    world_check_books();
}

static void an_order_that_moved_is_looked_at_right_then(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    world_pass(HX_MS_PER_HOUR);
    connect(HX_STREAM_PRIVATE);
    world_pass(1500);
    world_price("BTCUSDT", "58900");
    hx_time before = world_now();
    assert_int_equal(tell_order(client_id(0), "FILLED"), HX_STREAM_KEEP);
    world_pass(300);
    assert_rows("SELECT status FROM orders", "filled");
    assert_true(world_now() - before < 400);
    assert_string_equal(world_venue_holds("BTCUSDT"), "0.01");
    world_check_books();
}

/* Without it, after an hour of resting, that takes up to a minute. */
static void without_a_stream_it_is_seen_a_minute_later(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    world_pass(HX_MS_PER_HOUR + 1500);
    world_price("BTCUSDT", "58900");
    world_pass(300);
    assert_rows("SELECT status FROM orders", "open");
    world_pass(HX_MS_PER_MINUTE);
    assert_rows("SELECT status FROM orders", "filled");
}

/* A stream that lies costs a question. */
static void nothing_a_stream_says_is_believed(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    world_pass(10000);
    connect(HX_STREAM_PRIVATE);
    world_pass(1500);
    uint32_t asked = questions(ASKED);
    tell_order(client_id(0), "FILLED");
    world_pass(300);
    assert_int_equal(questions(ASKED), asked + 1);
    tell_order(client_id(0), "CANCELED");
    world_pass(1500);
    assert_int_equal(questions(ASKED), asked + 2);
    assert_rows("SELECT status FROM orders", "open");
    assert_rows("SELECT count(*) FROM fills", "0");
    world_check_books();
}

static void what_is_no_news_asks_nothing(void **state) {
    (void)state;
    world_alert(LONG_BTC);
    world_alert(BUY_LOW);
    world_pass(10000);
    connect(HX_STREAM_PRIVATE);
    world_pass(1500);
    uint32_t asked = questions(ASKED);
    tell_order(client_id(0), "FILLED"); /* Settled long since. */
    tell_order(client_id(1), "NEW");    /* Known to rest. */
    tell_order("somebody-else", "FILLED");
    tell_order("AZOpXu_0-23456789abcde", "FILLED"); /* Looks like ours, and is not. */
    tell(HX_STREAM_MESSAGE, "{\"e\":\"TRADE_LITE\"}");
    world_pass(1000);
    assert_int_equal(questions(ASKED), asked);
}

/* Many hints in a moment: one question at once, one more a second later, and no chain that goes on. */
static void hints_that_come_fast_are_answered_once_a_second(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    world_pass(HX_MS_PER_HOUR);
    connect(HX_STREAM_PRIVATE);
    world_pass(1500);
    uint32_t asked = questions(ASKED);
    for (int i = 0; i < 40; i++) {
        tell_order(client_id(0), "PARTIALLY_FILLED");
        world_pass(10);
    }
    world_pass(2000);
    uint32_t more = questions(ASKED) - asked;
    assert_in_range(more, 2, 3);
    world_pass(55000);
    assert_in_range(questions(ASKED) - asked, more, more + 2);
    assert_true(hx_sim_is_idle(world.sim) || hx_sim_get_counters(world.sim)->requests < 1000);
}

static void a_gap_and_a_loss_catch_up(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    world_pass(10000);
    connect(HX_STREAM_PRIVATE);
    world_pass(3000);
    uint32_t asked = questions(ASKED);
    assert_int_equal(tell(HX_STREAM_MESSAGE, "{\"e\":"), HX_STREAM_KEEP);
    world_pass(500);
    assert_int_equal(questions(ASKED), asked + 1);
    /* One more so soon is owed, and paid with the next timer. */
    assert_int_equal(tell(HX_STREAM_MESSAGE, "{\"e\":"), HX_STREAM_KEEP);
    assert_true(talk.state.owes_catch_up);
    world_pass(2000);
    tell(HX_STREAM_TIMER, "");
    assert_false(talk.state.owes_catch_up);
    world_pass(500);
    assert_int_equal(questions(ASKED), asked + 2);
    world_pass(1000);
    assert_int_equal(tell(HX_STREAM_LOST, ""), HX_STREAM_AGAIN);
    world_pass(500);
    assert_int_equal(questions(ASKED), asked + 3);
    /* One that never was ready has told nobody anything. */
    tell(HX_STREAM_CHECK, "");
    assert_int_equal(tell(HX_STREAM_LOST, ""), HX_STREAM_AGAIN);
    world_pass(500);
    assert_int_equal(questions(ASKED), asked + 3);
}

static void an_ending_key_makes_a_new_connection(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    connect(HX_STREAM_PRIVATE);
    assert_int_equal(tell(HX_STREAM_MESSAGE, "{\"e\":\"listenKeyExpired\",\"E\":1}"), HX_STREAM_AGAIN);
}

static void the_key_is_renewed_in_time(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    connect(HX_STREAM_PRIVATE);
    uint32_t keys = questions("/fapi/v1/listenKey");
    for (int minute = 0; minute < 60; minute++) {
        world_pass(HX_MS_PER_MINUTE);
        assert_int_equal(tell(HX_STREAM_TIMER, ""), HX_STREAM_KEEP);
    }
    assert_int_equal(questions("/fapi/v1/listenKey"), keys + 2);
    const struct world_wire *wire = world_wire_at("/fapi/v1/listenKey", keys);
    assert_int_equal(wire->method, HX_HTTP_METHOD_PUT);
    /* A renewal that fails is tried again a minute later. */
    world_pass(14 * HX_MS_PER_MINUTE);
    hx_sim_add_venue_trouble(world.sim, world_now(), HX_SIM_FAULT_VENUE_MAINTENANCE, 1, 0,
                             HX_STR("/fapi/v1/listenKey"));
    for (int i = 0; i < 24; i++) {
        world_pass(5000);
        assert_int_equal(tell(HX_STREAM_TIMER, ""), HX_STREAM_KEEP);
    }
    assert_int_equal(questions("/fapi/v1/listenKey"), keys + 4);
}

static void a_new_symbol_makes_a_new_connection(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    connect(HX_STREAM_PUBLIC);
    assert_int_equal(tell(HX_STREAM_TIMER, ""), HX_STREAM_KEEP);
    world_alert(BUY_LOW_ETH);
    assert_int_equal(tell(HX_STREAM_TIMER, ""), HX_STREAM_AGAIN);
    connect(HX_STREAM_PUBLIC);
    /* One that is not needed any more stays: it does no harm. */
    world_cancel_by_hand("BTCUSDT");
    world_pass(20000);
    assert_rows("SELECT status FROM orders ORDER BY created_ms", "canceled open");
    assert_int_equal(tell(HX_STREAM_TIMER, ""), HX_STREAM_KEEP);
}

static void a_stream_outlives_its_reason_for_a_while(void **state) {
    (void)state;
    world_alert(BUY_LOW);
    connect(HX_STREAM_PRIVATE);
    world_cancel_by_hand("BTCUSDT");
    world_pass(20000);
    assert_rows("SELECT status FROM orders", "canceled");
    assert_int_equal(tell(HX_STREAM_TIMER, ""), HX_STREAM_KEEP);
    world_pass(6 * HX_MS_PER_MINUTE);
    assert_int_equal(tell(HX_STREAM_TIMER, ""), HX_STREAM_IDLE);
}

static void prices_need_not_be_asked_for(void **state) {
    (void)state;
    char message[200];
    world_alert(LONG_BTC);
    connect(HX_STREAM_PUBLIC);
    world_pass(5000);
    uint32_t asked = questions("/fapi/v1/premiumIndex");
    snprintf(message, sizeof(message), "{\"e\":\"markPriceUpdate\",\"E\":%lld,\"s\":\"BTCUSDT\",\"p\":\"50000\"}",
             (long long)world_now());
    assert_int_equal(tell(HX_STREAM_MESSAGE, message), HX_STREAM_KEEP);
    /* A thousand of quote at the streamed price. */
    world_alert("\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"1000\",\"quantityType\":\"quote\"");
    assert_int_equal(questions("/fapi/v1/premiumIndex"), asked);
    assert_rows("SELECT quantity FROM orders ORDER BY created_ms DESC LIMIT 1", "0.02");
}

/* The venue would not say what became of an order; a stream that does makes it be asked again at once. */
/* Told of another leverage, the next entry looks; told of what it set itself, it need not. */
static void leverage_set_elsewhere_is_looked_at(void **state) {
    (void)state;
    world_alert(LONG_ETH KEYED("a"));
    connect(HX_STREAM_PRIVATE);
    uint32_t asked = questions("/fapi/v1/symbolConfig");
    assert_int_equal(asked, 1);
    tell(HX_STREAM_MESSAGE, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1,\"T\":1,\"ac\":{\"s\":\"ETHUSDT\",\"l\":1}}");
    world_alert(LONG_ETH KEYED("b"));
    assert_int_equal(questions("/fapi/v1/symbolConfig"), asked);
    tell(HX_STREAM_MESSAGE, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1,\"T\":1,\"ac\":{\"s\":\"ETHUSDT\",\"l\":50}}");
    world_alert(LONG_ETH KEYED("c"));
    assert_int_equal(questions("/fapi/v1/symbolConfig"), asked + 1);
}

static void a_hint_about_an_unknown_order_is_followed_up(void **state) {
    (void)state;
    world_fault(&(struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY, .match = "order", .count = 1});
    hx_sim_add_venue_trouble(world.sim, world_now(), HX_SIM_FAULT_VENUE_MAINTENANCE, 1000, 0, HX_STR(ASKED));
    world_send_alert(LONG_BTC, NULL);
    /* Put aside, not to be asked about for most of half a minute. */
    while (strtoll(world_rows("SELECT due_ms FROM signals"), NULL, 10) < world_now() + 25000) world_pass(500);
    assert_rows("SELECT status FROM signals", "unknown");
    connect(HX_STREAM_PRIVATE);
    world_pass(100);
    assert_rows("SELECT status FROM signals", "unknown");
    hx_sim_add_venue_trouble(world.sim, world_now(), HX_SIM_FAULT_VENUE_MAINTENANCE, 0, 0, HX_STR(ASKED));
    world_pass(1);
    tell_order(client_id(0), "FILLED");
    world_pass(500);
    assert_rows("SELECT status FROM signals", "filled");
    world_check_books();
}

#define stream_test(function) cmocka_unit_test_setup(function, reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        stream_test(streams_run_while_something_is_open),
        stream_test(other_accounts_are_not_streamed),
        stream_test(the_setting_turns_them_off),
        stream_test(no_ticket_no_stream_for_now),
        stream_test(a_new_connection_catches_up),
        stream_test(an_order_that_moved_is_looked_at_right_then),
        stream_test(without_a_stream_it_is_seen_a_minute_later),
        stream_test(nothing_a_stream_says_is_believed),
        stream_test(what_is_no_news_asks_nothing),
        stream_test(hints_that_come_fast_are_answered_once_a_second),
        stream_test(a_gap_and_a_loss_catch_up),
        stream_test(an_ending_key_makes_a_new_connection),
        stream_test(the_key_is_renewed_in_time),
        stream_test(a_new_symbol_makes_a_new_connection),
        stream_test(a_stream_outlives_its_reason_for_a_while),
        stream_test(prices_need_not_be_asked_for),
        stream_test(leverage_set_elsewhere_is_looked_at),
        stream_test(a_hint_about_an_unknown_order_is_followed_up),
    };
    return world_run(tests);
}
