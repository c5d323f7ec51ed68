/* Goal: the client sends once, inside its bounds, and never takes for proof what is none: client.c and exchange.c.
 * Method: a scripted venue behind a host of the test's own; each case names the requests it expects and fails on any
 * other. */
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define ID "AZOpXu_0-23456789abcde"
#define ORDER(status, executed)                                                                \
    "{\"orderId\":77,\"symbol\":\"BTCUSDT\",\"status\":\"" status "\",\"clientOrderId\":\"" ID \
    "\","                                                                                      \
    "\"origQty\":\"0.010\",\"executedQty\":\"" executed "\",\"side\":\"BUY\",\"updateTime\":1764000000500}"
#define FILL                                                                                                     \
    "{\"symbol\":\"BTCUSDT\",\"id\":%u,\"orderId\":77,\"side\":\"BUY\",\"price\":\"60000.5\",\"qty\":\"0.001\"," \
    "\"realizedPnl\":\"0\",\"commission\":\"0.03\",\"commissionAsset\":\"%s\",\"maker\":false,\"time\":1764000000400}"
#define ABSENT "{\"code\":-2013,\"msg\":\"Order does not exist.\"}"
#define PLACE "/fapi/v1/order?symbol=BTCUSDT&side=BUY"
#define QUERY "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=" ID

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_order_report report;
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.venue_offset_ms = 250;
    host.time_takes_ms = 40;
    host.secret = "secret";
    host_set(&host, "BINANCE_API_KEY", "the-key");
    host_set(&host, "HOOX_BINANCE_FUTURES_URL", "http://127.0.0.1:9");
    hx_req_init(&req, &host, memory, sizeof memory);
    return 0;
}

static struct hx_order_request request(void) {
    return (struct hx_order_request){.symbol = HX_STR("BTCUSDT"),
                                     .side = HX_SIDE_BUY,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = {1, -2},
                                     .client_order_id = HX_STR(ID)};
}

static enum hx_outcome prepare(void) {
    return hx_venue_prepare(&req, &live).outcome;
}

static enum hx_outcome place(void) {
    struct hx_order_request order = request();
    hx_venue_place(&req, &live, &order, host.now + 3000, &report);
    return report.outcome;
}

static enum hx_outcome query(void) {
    hx_venue_query(&req, &live, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    return report.outcome;
}

static void an_order_is_sent_once(void **state) {
    char expected[512];
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    assert_int_equal(host.prepared, 1);
    assert_int_equal(host.time_asked, 1);
    host_answer(&host, PLACE, 200, ORDER("FILLED", "0.010"));
    hx_time sent = host.now;
    assert_int_equal(place(), HX_OUTCOME_DONE);
    host_assert_done(&host);
    assert_int_equal(host.last_method, HX_HTTP_METHOD_POST);
    assert_int_equal(host.last_send_by_ms, sent + 3000);
    assert_int_equal(host.last_timeout_ms, 3000);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR("77")));
    assert_true(hx_str_equal(report.client_order_id, HX_STR(ID)));
    /* The timestamp is the venue's time: ours, plus the offset that GET time told. */
    snprintf(expected, sizeof expected, "&recvWindow=2000&timestamp=%lld&signature=", (long long)(sent + 250));
    assert_non_null(strstr(host.last_target, expected));
}

static void a_lost_answer_is_unknown(void **state) {
    const struct {
        hx_err err;
        enum hx_outcome order, asked;
    } table[] = {
        {HX_ERR(BUSY_NOT_SENT), HX_OUTCOME_BUSY, HX_OUTCOME_BUSY},
        {HX_ERR(UNKNOWN_TIMEOUT), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {HX_ERR(UNKNOWN_OUTCOME), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {HX_ERR(LIMIT_ARENA), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {HX_ERR(LIMIT_SIZE), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {HX_ERR(LIMIT_TIME), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {HX_ERR(BROKEN_HOST), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
        {HX_ERR(REJECT_INPUT), HX_OUTCOME_UNKNOWN, HX_OUTCOME_BUSY},
    };
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        host_fail(&host, PLACE, table[i].err);
        assert_int_equal(place(), table[i].order);
        assert_true(report.message.len > 0);
        host_fail(&host, QUERY, table[i].err);
        assert_int_equal(query(), table[i].asked);
        host_fail(&host, QUERY, table[i].err);
        hx_venue_cancel(&req, &live, HX_STR("BTCUSDT"), HX_STR(ID), &report);
        assert_int_equal(report.outcome, table[i].order);
    }
    host_assert_done(&host);
}

static void a_refusal_is_told_in_words(void **state) {
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_answer(&host, PLACE, 400, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}");
    assert_int_equal(place(), HX_OUTCOME_REJECTED);
    assert_int_equal(report.venue_code, -2019);
    assert_true(
        hx_str_equal(report.message, HX_STR("Margin is insufficient. (-2019). Move funds to the futures wallet, "
                                            "or trade smaller.")));
    host_answer(&host, PLACE, 400, "{\"code\":-4116,\"msg\":\"ClientOrderId is duplicated.\"}");
    assert_int_equal(place(), HX_OUTCOME_UNKNOWN);
    /* The answer to another order. */
    host_answer(&host, PLACE, 200,
                "{\"orderId\":77,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"clientOrderId\":\"x\"}");
    assert_int_equal(place(), HX_OUTCOME_UNKNOWN);
    assert_int_equal(report.venue_order_id.len, 0);
}

static void nothing_leaves_without_its_conditions(void **state) {
    struct hx_order_request order = request();
    struct hx_account test = live;
    (void)state;
    /* The clock was never measured: placing must not suspend to do it. */
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    hx_venue_place(&req, &live, &order, host.now - 1, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_BUSY);
    host_answer(&host, PLACE, 200, ORDER("NEW", "0"));
    hx_venue_place(&req, &live, &order, host.now, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    order.client_order_id = HX_STR("not an id");
    hx_venue_place(&req, &live, &order, host.now + 1, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_REJECTED);
    /* Too little memory to read the answer. */
    size_t mark = hx_arena_mark(&req.arena);
    assert_non_null(hx_arena_take(&req.arena, sizeof memory - mark - 90000));
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    hx_arena_rewind(&req.arena, mark);
    /* A clock that has not been looked at for long. */
    host.now += 21 * HX_MS_PER_MINUTE;
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    /* Nor one that was set back since it was. */
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host.now -= HX_MS_PER_HOUR;
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    test.test = true;
    order = request();
    hx_venue_place(&req, &test, &order, host.now + 1, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_REJECTED);
    /* Never with the live keys: it wants its own. */
    assert_non_null(strstr(report.message.data, "BINANCE_TESTNET_API_KEY"));
    test = (struct hx_account){.venue = HX_VENUE_MEXC, .market = HX_MARKET_FUTURES, .test = true};
    hx_venue_place(&req, &test, &order, host.now + 1, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_REJECTED);
    assert_true(hx_str_starts_with(report.message, HX_STR("TEST_TRADING_UNSUPPORTED: ")));
    test = (struct hx_account){.venue = (enum hx_venue_id)77, .market = HX_MARKET_FUTURES};
    hx_venue_place(&req, &test, &order, host.now + 1, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_REJECTED);
    assert_null(hx_venue_guarantees(&test));
    host_assert_done(&host);
}

static void missing_credentials_are_named(void **state) {
    (void)state;
    host.secret = NULL;
    struct hx_venue_result result = hx_venue_prepare(&req, &live);
    assert_int_equal(result.outcome, HX_OUTCOME_REJECTED);
    assert_true(hx_str_equal(result.message, HX_STR("There is no API key for this venue: set BINANCE_API_KEY and "
                                                    "BINANCE_API_SECRET in hoox.env, or run hoox serve --paper.")));
    assert_int_equal(place(), HX_OUTCOME_REJECTED);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host.secret = "secret";
    host.sign_err = HX_ERR(BROKEN_HOST);
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(prepare(), HX_OUTCOME_BUSY);
    host.sign_err = HX_OK;
    host_set(&host, "BINANCE_API_KEY", "");
    assert_int_equal(prepare(), HX_OUTCOME_REJECTED);
    host_set(&host, "BINANCE_API_KEY", NULL);
    assert_int_equal(prepare(), HX_OUTCOME_REJECTED);
    assert_int_equal(place(), HX_OUTCOME_REJECTED);
    host_assert_done(&host);
}

static void the_connection_is_made_ready(void **state) {
    (void)state;
    host.prepare_err = HX_ERR(BUSY_NOT_SENT);
    assert_int_equal(prepare(), HX_OUTCOME_BUSY);
    host.prepare_err = HX_OK;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    assert_int_equal(host.prepared, 2);
}

static void the_clock_is_measured_seldom(void **state) {
    (void)state;
    assert_int_equal(hx_venue_sync_clock(&req, &live).outcome, HX_OUTCOME_DONE);
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    assert_int_equal(host.time_asked, 1);
    host.now += 9 * HX_MS_PER_MINUTE;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    assert_int_equal(host.time_asked, 1);
    host.now += 2 * HX_MS_PER_MINUTE;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    assert_int_equal(host.time_asked, 2);
    /* A slow answer is no measurement; three are tried. */
    host.now += 11 * HX_MS_PER_MINUTE;
    host.time_takes_ms = 1100;
    assert_int_equal(prepare(), HX_OUTCOME_BUSY);
    assert_int_equal(host.time_asked, 5);
    host.time_fails = true;
    assert_int_equal(prepare(), HX_OUTCOME_BUSY);
    assert_int_equal(host.time_asked, 6);
}

static void a_refused_timestamp_measures_again(void **state) {
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_answer(&host, PLACE, 400,
                "{\"code\":-1021,\"msg\":\"Timestamp for this request is outside of the recvWindow.\"}");
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    /* Not placed again before the clock is known again, which prepare sees to. */
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    host_assert_done(&host);
    host.venue_offset_ms = 500;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    assert_int_equal(host.time_asked, 2);
    host_answer(&host, PLACE, 200, ORDER("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
}

static void absence_is_reported_with_a_clock_just_seen(void **state) {
    (void)state;
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    assert_int_equal(report.venue_time_ms, T0 + 40 + 250);
    assert_int_equal(host.time_asked, 1);
    host.now += HX_MS_PER_SECOND / 2;
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    assert_int_equal(host.time_asked, 1);
    host.now += HX_MS_PER_SECOND;
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    assert_int_equal(host.time_asked, 2);
    /* Found orders need no second look. */
    host.now += 31 * HX_MS_PER_SECOND;
    host_answer(&host, QUERY, 200, ORDER("PARTIALLY_FILLED", "0.004"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_PARTIALLY_FILLED);
    assert_int_equal(host.time_asked, 2);
    /* Without a clock there is no proof. */
    host.time_fails = true;
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host_assert_done(&host);
}

/* The host's clock is set forward after the order left: by it the waiting is over, by the venue's the order may still
 * arrive. The next look at the clock shows the jump, and absence is no proof until every earlier order is too old. */
static void absence_is_no_proof_after_a_jump(void **state) {
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_fail(&host, PLACE, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(place(), HX_OUTCOME_UNKNOWN);
    host.now += 60 * HX_MS_PER_SECOND;
    host.venue_offset_ms -= 60 * HX_MS_PER_SECOND;
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    assert_int_equal(report.retry_after_ms, 3500);
    host.now += 3400; /* Looking at the clock takes its time too. */
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host.now += 100;
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    /* A small correction is within the slack. */
    host.now += 40 * HX_MS_PER_SECOND;
    host.venue_offset_ms += 900;
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    host.now += 40 * HX_MS_PER_SECOND;
    host.venue_offset_ms -= 1000;
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host_assert_done(&host);
}

/* While hoox asks again and again the clock was looked at a moment ago; a jump since then counts all the same. */
static void absence_is_no_proof_after_a_jump_between_questions(void **state) {
    (void)state;
    const int64_t jumps[] = {1100, 5000, 20000, 29000};
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        host_answer(&host, QUERY, 400, ABSENT);
        assert_int_equal(query(), HX_OUTCOME_ABSENT);
        host.now += 100;
        host.now += jumps[i];
        host.venue_offset_ms -= jumps[i];
        host_answer(&host, QUERY, 400, ABSENT);
        assert_int_equal(query(), HX_OUTCOME_BUSY);
        host.now += 10 * HX_MS_PER_SECOND;
    }
    host_assert_done(&host);
}

static void a_cancel_reports_what_is_left(void **state) {
    (void)state;
    host_answer(&host, QUERY, 200, ORDER("CANCELED", "0.004"));
    hx_venue_cancel(&req, &live, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    assert_int_equal(host.last_method, HX_HTTP_METHOD_DELETE);
    assert_int_equal(report.status, HX_ORDER_CANCELED);
    host_answer(&host, QUERY, 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");
    hx_venue_cancel(&req, &live, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_ABSENT);
    host_assert_done(&host);
}

static const char *page(unsigned first, unsigned count) {
    static char text[4][32768];
    static unsigned turn;
    char *out = text[turn++ % 4];
    size_t len = (size_t)snprintf(out, 32768, "[");
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) out[len++] = ',';
        len += (size_t)snprintf(out + len, 32768 - len, FILL, first + i, (first + i) % 2 != 0 ? "BNB" : "USDT");
    }
    snprintf(out + len, 32768 - len, "]");
    return out;
}

static enum hx_outcome fills(struct hx_fills *out) {
    return hx_venue_fills(&req, &live, HX_STR("BTCUSDT"), HX_STR("77"), out).outcome;
}

static void fills_come_on_one_page(void **state) {
    struct hx_fills list;
    (void)state;
    host_answer(&host, "/fapi/v1/userTrades?symbol=BTCUSDT&orderId=77&limit=50", 200, page(500, 3));
    assert_int_equal(fills(&list), HX_OUTCOME_DONE);
    assert_int_equal(list.count, 3);
    assert_true(hx_str_equal(list.list[0].venue_trade_id, HX_STR("500")));
    assert_true(hx_str_equal(list.list[2].venue_trade_id, HX_STR("502")));
    assert_true(hx_str_equal(list.list[1].fee_asset, HX_STR("BNB")));
    assert_true(hx_str_equal(list.list[2].fee_asset, HX_STR("USDT")));
    assert_true(hx_str_equal(list.list[2].venue_order_id, HX_STR("77")));
    host_answer(&host, "/fapi/v1/userTrades?", 200, "[]");
    assert_int_equal(fills(&list), HX_OUTCOME_DONE);
    assert_int_equal(list.count, 0);
    host_answer(&host, "/fapi/v1/userTrades?", 502, "");
    assert_int_equal(fills(&list), HX_OUTCOME_BUSY);
    assert_int_equal(list.count, 0);
    host_assert_done(&host);
}

static void fills_come_on_many_pages(void **state) {
    struct hx_fills list;
    char target[4][128];
    (void)state;
    host_answer(&host, "/fapi/v1/userTrades?symbol=BTCUSDT&orderId=77&limit=50", 200, page(570, 50));
    for (unsigned i = 0; i < 3; i++) {
        snprintf(target[i], sizeof target[i], "/fapi/v1/userTrades?symbol=BTCUSDT&orderId=77&fromId=%u&limit=50",
                 i == 0 ? 0 : 500 + 50 * i);
        host_answer(&host, target[i], 200, page(500 + 50 * i, i == 2 ? 20 : 50));
    }
    assert_int_equal(fills(&list), HX_OUTCOME_DONE);
    host_assert_done(&host);
    assert_int_equal(list.count, 120);
    for (unsigned i = 0; i < 120; i++) {
        char id[16];
        snprintf(id, sizeof id, "%u", 500 + i);
        assert_true(hx_str_equal(list.list[i].venue_trade_id, hx_str_from_c(id)));
        assert_true(hx_str_equal(list.list[i].fee_asset, i % 2 != 0 ? HX_STR("BNB") : HX_STR("USDT")));
    }
}

/* A first page that is full, then `count` fills from the beginning. */
static void script_long_list(unsigned count) {
    static char pages[21][32768];
    static char full[32768];
    memcpy(full, page(9000, 50), sizeof full);
    host_answer(&host, "/fapi/v1/userTrades?", 200, full);
    for (unsigned i = 0; i <= count / 50 && i < 21; i++) {
        memcpy(pages[i], page(1 + 50 * i, count - 50 * i < 50 ? count - 50 * i : 50), sizeof pages[i]);
        host_answer(&host, "/fapi/v1/userTrades?", 200, pages[i]);
    }
}

/* As many fills as an order may have fit into a request that has done nothing else yet. */
static void a_long_list_fits(void **state) {
    struct hx_fills list;
    (void)state;
    script_long_list(HX_FILLS_PER_ORDER_MAX - 1);
    assert_int_equal(fills(&list), HX_OUTCOME_DONE);
    assert_int_equal(list.count, HX_FILLS_PER_ORDER_MAX - 1);
    assert_true(hx_str_equal(list.list[998].venue_trade_id, HX_STR("999")));
    assert_true(hx_str_equal(list.list[0].venue_trade_id, HX_STR("1")));
    host_assert_done(&host);
}

/* Short of memory, a question is put off before it is asked, and a list that does not fit is said to be incomplete. */
static void little_memory_is_no_answer(void **state) {
    struct hx_fills list;
    (void)state;
    hx_req_init(&req, &host, memory, 1500);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    hx_req_init(&req, &host, memory, 100 * 1024);
    script_long_list(HX_FILLS_PER_ORDER_MAX - 1);
    assert_int_equal(fills(&list), HX_OUTCOME_UNKNOWN);
    assert_int_equal(list.count, 0);
}

/* A list that breaks off is no list, and one without end is an error, not a loop. */
static void an_incomplete_list_is_not_done(void **state) {
    struct hx_fills list;
    (void)state;
    host_answer(&host, "/fapi/v1/userTrades?", 200, page(570, 50));
    host_answer(&host, "/fapi/v1/userTrades?", 200, page(500, 50));
    host_fail(&host, "/fapi/v1/userTrades?", HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(fills(&list), HX_OUTCOME_BUSY);
    assert_int_equal(list.count, 0);
    host_assert_done(&host);
    host.scripted = host.served = 0;
    hx_req_init(&req, &host, memory, sizeof memory);
    script_long_list(5000);
    assert_int_equal(fills(&list), HX_OUTCOME_UNKNOWN);
    assert_int_equal(list.count, 0);
    assert_int_equal(host.served, 21);
}

static void positions_and_balances_are_asked_for(void **state) {
    struct hx_venue_position position;
    struct hx_equity equity;
    (void)state;
    host_answer(&host, "/fapi/v3/positionRisk?symbol=BTCUSDT&", 200,
                "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"0.5\",\"entryPrice\":\"6e4\","
                "\"markPrice\":\"60001\",\"unRealizedProfit\":\"0.5\"}]");
    assert_int_equal(hx_venue_get_position(&req, &live, HX_STR("BTCUSDT"), &position).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(position.quantity, (hx_dec){5, -1}));
    host_answer(&host, "/fapi/v3/balance?recvWindow", 200,
                "[{\"asset\":\"USDT\",\"balance\":\"1000.5\",\"crossUnPnl\":\"-1\",\"availableBalance\":\"900\"}]");
    assert_int_equal(hx_venue_get_equity(&req, &live, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(equity.wallet_balance, (hx_dec){10005, -1}));
    host_fail(&host, "/fapi/v3/balance?", HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(hx_venue_get_equity(&req, &live, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_BUSY);
    host_answer(&host, "/fapi/v3/positionRisk?", 200, "{}");
    assert_int_equal(hx_venue_get_position(&req, &live, HX_STR("BTCUSDT"), &position).outcome, HX_OUTCOME_UNKNOWN);
    host_assert_done(&host);
}

/* Asking again and again, as the resolution of an unknown order does, costs little of the request's arena. */
static void asking_again_is_cheap(void **state) {
    (void)state;
    host_answer(&host, QUERY, 400, ABSENT);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    size_t before = hx_arena_mark(&req.arena);
    for (int i = 0; i < 50; i++) {
        host_answer(&host, QUERY, 400, ABSENT);
        assert_int_equal(query(), HX_OUTCOME_ABSENT);
    }
    assert_true(hx_arena_mark(&req.arena) - before <= 50 * 800);
}

static void the_address_is_a_setting(void **state) {
    static const char *const table[][2] = {{"http://127.0.0.1:9", "http://127.0.0.1:9"},
                                           {"https://example.test/", "https://example.test"},
                                           {"", "https://fapi.binance.com"},
                                           {NULL, "https://fapi.binance.com"}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        host_set(&host, "HOOX_BINANCE_FUTURES_URL", table[i][0]);
        assert_int_equal(prepare(), HX_OUTCOME_DONE);
        assert_string_equal(host.last_origin, table[i][1]);
    }
}

static void the_timeout_is_a_setting(void **state) {
    static const struct {
        const char *text;
        int64_t timeout_ms;
    } table[] = {{"1500", 1500},  {"100", 100},   {"60000", 60000}, {"99", 3000},
                 {"60001", 3000}, {"soon", 3000}, {"", 3000}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        host_set(&host, "HOOX_VENUE_TIMEOUT_MS", table[i].text);
        host_answer(&host, QUERY, 200, ORDER("NEW", "0"));
        assert_int_equal(query(), HX_OUTCOME_DONE);
        assert_int_equal(host.last_timeout_ms, table[i].timeout_ms);
    }
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(an_order_is_sent_once),
        CASE(a_lost_answer_is_unknown),
        CASE(a_refusal_is_told_in_words),
        CASE(nothing_leaves_without_its_conditions),
        CASE(missing_credentials_are_named),
        CASE(the_connection_is_made_ready),
        CASE(the_clock_is_measured_seldom),
        CASE(a_refused_timestamp_measures_again),
        CASE(absence_is_reported_with_a_clock_just_seen),
        CASE(absence_is_no_proof_after_a_jump),
        CASE(absence_is_no_proof_after_a_jump_between_questions),
        CASE(a_cancel_reports_what_is_left),
        CASE(fills_come_on_one_page),
        CASE(fills_come_on_many_pages),
        CASE(a_long_list_fits),
        CASE(little_memory_is_no_answer),
        CASE(an_incomplete_list_is_not_done),
        CASE(positions_and_balances_are_asked_for),
        CASE(asking_again_is_cheap),
        CASE(the_address_is_a_setting),
        CASE(the_timeout_is_a_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
