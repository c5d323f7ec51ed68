/* Goal: the client and Bybit's adapters together keep the exactly-once rule where orders are acknowledged, looked for
 * in three places and counted by the second; and settings that belong to an account or a symbol are treated as such.
 * Method: the scripted venue of the client's tests; each case names the requests it expects and fails on any other.
 * Covers stops.c too. */
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define ID "AZOpXu_0-23456789abcde"
#define ORDER_ID "c6f055d9-7f21-4079-913d-e6523a9cfffa"
#define OK(result) "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":" result ",\"retExtInfo\":{},\"time\":1764000000900}"
#define NO(code, words) "{\"retCode\":" code ",\"retMsg\":\"" words "\",\"result\":{},\"retExtInfo\":{},\"time\":1}"
#define RECEIPT OK("{\"orderId\":\"" ORDER_ID "\",\"orderLinkId\":\"" ID "\"}")
#define ORDER(status, executed)                                                       \
    "{\"orderId\":\"" ORDER_ID "\",\"orderLinkId\":\"" ID                             \
    "\",\"symbol\":\"BTCUSDT\",\"qty\":\"0.010\",\"side\":"                           \
    "\"Buy\",\"orderStatus\":\"" status                                               \
    "\",\"rejectReason\":\"EC_NoError\",\"avgPrice\":\"\",\"cumExecQty\":\"" executed \
    "\",\"updatedTime\":\"1764000000500\"}"
#define DUPLICATE                                             \
    "{\"orderId\":\"1111\",\"orderLinkId\":\"" ID             \
    "\",\"symbol\":\"BTCUSDT\",\"orderStatus\":\"Rejected\"," \
    "\"rejectReason\":\"EC_DuplicatedClOrdID\"}"
#define LIST(rows) OK("{\"list\":[" rows "],\"nextPageCursor\":\"\",\"category\":\"linear\"}")
/* As long as they come. */
#define EXECUTION                                                                                                   \
    "{\"symbol\":\"BTCUSDT\",\"orderType\":\"Market\",\"underlyingPrice\":\"\",\"orderLinkId\":\"" ID               \
    "\",\"side\":\"Buy\",\"indexPrice\":\"\",\"orderId\":\"" ORDER_ID                                               \
    "\",\"stopOrderType\":\"UNKNOWN\",\"leavesQty\":\"0\",\"execTime\":\"1764000000400\",\"feeCurrency\":\"\","     \
    "\"isMaker\":false,\"execFee\":\"0.03\",\"feeRate\":\"0.00055\",\"execId\":\"e0cbe81d-0f18-5866-9415-cf319b%"   \
    "06u\","                                                                                                        \
    "\"tradeIv\":\"\",\"blockTradeId\":\"\",\"markPrice\":\"61200.10\",\"execPrice\":\"60000.5\",\"markIv\":\"\","  \
    "\"orderQty\":\"0.010\",\"orderPrice\":\"63000\",\"execValue\":\"60.0005\",\"execType\":\"Trade\",\"execQty\":" \
    "\"0.001\",\"closedSize\":\"\",\"createType\":\"CreateByUser\",\"extraFees\":\"\",\"seq\":4688002127}"
#define POSITION(index, symbol) "{\"positionIdx\":" index ",\"symbol\":\"" symbol "\",\"side\":\"\",\"size\":\"0\"}"
#define REALTIME "/v5/order/realtime?category=linear&symbol=BTCUSDT&orderLinkId=" ID
#define HISTORY "/v5/order/history?category=linear&symbol=BTCUSDT&orderLinkId=" ID
#define EXECUTIONS "/v5/execution/list?category=linear&symbol=BTCUSDT&orderLinkId=" ID
#define FILLS "/v5/execution/list?category=linear&symbol=BTCUSDT&orderId=" ORDER_ID "&limit=25"
#define CURSOR "132766%3A2%2C132766%3A2%2Ca-token-that-is-longer-than-any-symbol-or-id-or-asset-may-be-in-a-request"
#define SPOT_RULES                                                                                       \
    LIST(                                                                                                \
        "{\"symbol\":\"BTCUSDT\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\",\"status\":\"Trading\","    \
        "\"lotSizeFilter\":{\"basePrecision\":\"0.000001\",\"minOrderQty\":\"0.00001\",\"minOrderAmt\":" \
        "\"5\",\"maxLimitOrderQty\":\"83\",\"maxMarketOrderQty\":\"41\"},\"priceFilter\":{\"tickSize\":\"0.1\"}}")

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_order_report report;
static struct hx_stop_report stop;
static const struct hx_stop_request by_id = {.symbol = {"BTCUSDT", sizeof("BTCUSDT") - 1},
                                             .client_order_id = {ID, sizeof(ID) - 1}};
static const struct hx_account linear = {.venue = HX_VENUE_BYBIT, .market = HX_MARKET_FUTURES};
static const struct hx_account spot = {.venue = HX_VENUE_BYBIT, .market = HX_MARKET_SPOT};

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.venue_offset_ms = 250;
    host.time_takes_ms = 40;
    host.time_target = "/v5/market/time";
    host.time_prefix = "{\"retCode\":0,\"result\":{\"timeNano\":\"";
    host.time_suffix = "123456\"}}";
    host.secret = "secret";
    host.secret_name = "BYBIT_API_SECRET";
    host_set(&host, "BYBIT_API_KEY", "the-key");
    host_set(&host, "HOOX_BYBIT_URL", "http://127.0.0.1:9");
    hx_req_init(&req, &host, memory, sizeof memory);
    return 0;
}

static enum hx_outcome prepare(void) {
    return hx_venue_prepare(&req, &linear).outcome;
}

static enum hx_outcome place(bool reduce_only) {
    struct hx_order_request order = {.symbol = HX_STR("BTCUSDT"),
                                     .type = HX_ORDER_MARKET,
                                     .quantity = {1, -2},
                                     .reduce_only = reduce_only,
                                     .client_order_id = HX_STR(ID)};
    hx_venue_place(&req, &linear, &order, host.now + 3000, &report);
    return report.outcome;
}

static enum hx_outcome query(void) {
    hx_venue_query(&req, &linear, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    return report.outcome;
}

static void an_order_is_received_then_asked_for(void **state) {
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_answer(&host, "/v5/order/create", 200, RECEIPT);
    assert_int_equal(place(false), HX_OUTCOME_DONE);
    assert_int_equal(host.last_method, HX_HTTP_METHOD_POST);
    assert_string_equal(host.last_target, "/v5/order/create");
    assert_string_equal(host.last_body,
                        "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Market\","
                        "\"qty\":\"0.01\",\"orderLinkId\":\"" ID "\"}");
    assert_true(report.is_ack);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR(ORDER_ID)));
    host_answer(&host, REALTIME, 200, LIST(ORDER("Filled", "0.010")));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_false(report.is_ack);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    host_assert_done(&host);
}

/* Each place is asked only when the one before does not have it, and absence is that of all. */
static void an_order_is_looked_for_in_three_places(void **state) {
    (void)state;
    host_answer(&host, REALTIME, 200, LIST(""));
    host_answer(&host, HISTORY, 200, LIST(ORDER("Cancelled", "0")));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_CANCELED);
    host_answer(&host, REALTIME, 200, LIST(""));
    host_answer(&host, HISTORY, 200, LIST(""));
    host_answer(&host, EXECUTIONS, 200,
                LIST("{\"symbol\":\"BTCUSDT\",\"orderLinkId\":\"" ID "\",\"orderId\":\"" ORDER_ID
                     "\",\"leavesQty\":\"0\",\"orderQty\":\"0.010\",\"execType\":\"Trade\","
                     "\"execQty\":\"0.010\"}"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    host_answer(&host, REALTIME, 200, LIST(""));
    host_answer(&host, HISTORY, 200, NO("110001", "order not exists or too late to cancel"));
    host_answer(&host, EXECUTIONS, 200, LIST(""));
    hx_time asked = host.now;
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    /* Of the first question: what came after it may have been seen by the first place only. */
    assert_int_equal(report.venue_time_ms, asked + 250);
    host_assert_done(&host);
}

static void a_place_that_does_not_answer_proves_nothing(void **state) {
    (void)state;
    host_answer(&host, REALTIME, 200, LIST(""));
    host_answer(&host, HISTORY, 503, "");
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host_answer(&host, REALTIME, 200, LIST(""));
    host_answer(&host, HISTORY, 200, LIST(""));
    host_fail(&host, EXECUTIONS, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host_answer(&host, REALTIME, 200, NO("10006", "Too many visits!"));
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host_answer(&host, REALTIME, 200, OK("{}"));
    assert_int_equal(query(), HX_OUTCOME_UNKNOWN);
    host_assert_done(&host);
}

/* A resend that Bybit took and then refused as a second one: the first is somewhere, and absence is not said. */
static void a_refused_duplicate_is_never_absence(void **state) {
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_answer(&host, "/v5/order/create", 200, NO("110072", "OrderLinkedID is duplicate"));
    assert_int_equal(place(false), HX_OUTCOME_UNKNOWN);
    host_answer(&host, REALTIME, 200, LIST(DUPLICATE));
    host_answer(&host, HISTORY, 200, LIST(""));
    host_answer(&host, EXECUTIONS, 200, LIST(""));
    assert_int_equal(query(), HX_OUTCOME_UNKNOWN);
    host_answer(&host, REALTIME, 200, LIST(DUPLICATE));
    host_answer(&host, HISTORY, 200, LIST(DUPLICATE "," ORDER("Filled", "0.010")));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    host_assert_done(&host);
}

static void a_cancel_is_received_too(void **state) {
    (void)state;
    host_answer(&host, "/v5/order/cancel", 200, RECEIPT);
    hx_venue_cancel(&req, &linear, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    assert_true(report.is_ack);
    /* Not an end: who cancels asks what became of it. */
    assert_int_equal(report.status, HX_ORDER_NEW);
    host_answer(&host, "/v5/order/cancel", 200, NO("110001", "order not exists or too late to cancel"));
    hx_venue_cancel(&req, &linear, HX_STR("BTCUSDT"), HX_STR(ID), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_ABSENT);
    host_assert_done(&host);
}

static const char *page(unsigned first, unsigned count, const char *cursor) {
    static char text[5][32768];
    static unsigned turn;
    char *out = text[turn++ % 5];
    size_t len =
        (size_t)snprintf(out, 32768, "{\"retCode\":0,\"result\":{\"nextPageCursor\":\"%s\",\"list\":[", cursor);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) out[len++] = ',';
        len += (size_t)snprintf(out + len, 32768 - len, EXECUTION, first + i);
    }
    snprintf(out + len, 32768 - len, "]}}");
    return out;
}

/* Ids are as long as they come, and so is what leads to the next page. */
static void fills_come_page_by_page(void **state) {
    struct hx_fills fills;
    (void)state;
    host_answer(&host, FILLS, 200, page(0, 25, CURSOR));
    host_answer(&host, FILLS, 200, page(0, 25, CURSOR));
    host_answer(&host, FILLS "&cursor=" CURSOR, 200, page(25, 25, CURSOR));
    host_answer(&host, FILLS "&cursor=" CURSOR, 200, page(50, 1, CURSOR));
    assert_int_equal(hx_venue_fills(&req, &linear, HX_STR("BTCUSDT"), HX_STR(ORDER_ID), &fills).outcome,
                     HX_OUTCOME_DONE);
    host_assert_done(&host);
    assert_int_equal(fills.count, 51);
    for (uint32_t i = 0; i < fills.count; i++) {
        assert_int_equal(fills.list[i].venue_trade_id.len, 36);
        assert_true(hx_str_equal(fills.list[i].fee_asset, HX_STR("USDT")));
    }
    assert_true(hx_str_equal(fills.list[50].venue_trade_id, HX_STR("e0cbe81d-0f18-5866-9415-cf319b000050")));
}

/* A fill came in between: what was last on a page is first on the next. */
static void a_fill_on_two_pages_counts_once(void **state) {
    struct hx_fills fills;
    (void)state;
    host_answer(&host, FILLS, 200, page(0, 25, CURSOR));
    host_answer(&host, FILLS, 200, page(0, 25, CURSOR));
    host_answer(&host, FILLS "&cursor=" CURSOR, 200, page(23, 25, CURSOR));
    host_answer(&host, FILLS "&cursor=" CURSOR, 200, page(48, 2, CURSOR));
    assert_int_equal(hx_venue_fills(&req, &linear, HX_STR("BTCUSDT"), HX_STR(ORDER_ID), &fills).outcome,
                     HX_OUTCOME_DONE);
    host_assert_done(&host);
    assert_int_equal(fills.count, 50);
    for (uint32_t i = 0; i < fills.count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            assert_false(hx_str_equal(fills.list[i].venue_trade_id, fills.list[k].venue_trade_id));
        }
    }
}

/* In the memory of one request. */
static hx_err serve_pages(struct hx_req *r, const struct hx_http_call *call, struct hx_http_answer *out) {
    struct step step = {.status = 200};
    if (hx_str_equal(call->target, HX_STR("/v5/market/time"))) return host_tell_time(r, call, out);
    bool more = r->host->served < 1 + 850 / 25;
    unsigned first = r->host->served == 0 ? 0 : (r->host->served - 1) * 25;
    step.body = page(first, more ? 25 : 0, CURSOR);
    r->host->served++;
    return host_deliver(r, call, &step, out);
}

static void hundreds_of_fills_fit(void **state) {
    struct hx_fills fills;
    (void)state;
    host.serve = serve_pages;
    assert_int_equal(hx_venue_fills(&req, &linear, HX_STR("BTCUSDT"), HX_STR(ORDER_ID), &fills).outcome,
                     HX_OUTCOME_DONE);
    assert_int_equal(fills.count, 850);
    /* A page comes with the latest first, and all of these are of one moment. */
    assert_true(hx_str_equal(fills.list[849].venue_trade_id, HX_STR("e0cbe81d-0f18-5866-9415-cf319b000825")));
}

static struct hx_venue_result lever(int32_t leverage, const char *symbol) {
    hx_req_init(&req, &host, memory, sizeof memory);
    return hx_venue_set_leverage(&req, &linear, hx_str_from_c(symbol), leverage);
}

#define INFO(mode) OK("{\"marginMode\":\"" mode "\",\"unifiedMarginStatus\":5}")

/* Nobody asked for a margin mode: the account keeps its own. */
static void the_accounts_margin_mode_is_left_alone(void **state) {
    (void)state;
    host_answer(&host, "/v5/account/info", 200, INFO("ISOLATED_MARGIN"));
    host_answer(&host, "/v5/position/set-leverage", 200, OK("{}"));
    assert_int_equal(lever(5, "BTCUSDT").outcome, HX_OUTCOME_DONE);
    assert_string_equal(host.last_body,
                        "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"buyLeverage\":\"5\","
                        "\"sellLeverage\":\"5\"}");
    assert_int_equal(lever(5, "BTCUSDT").outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void the_accounts_margin_mode_is_read_before_it_is_set(void **state) {
    (void)state;
    host_set(&host, "HOOX_MARGIN_MODE", "crossed");
    host_answer(&host, "/v5/account/info", 200, INFO("PORTFOLIO_MARGIN"));
    host_answer(&host, "/v5/position/set-leverage", 200, NO("110043", "leverage not modified"));
    assert_int_equal(lever(5, "BTCUSDT").outcome, HX_OUTCOME_DONE);
    host_answer(&host, "/v5/account/info", 200, INFO("ISOLATED_MARGIN"));
    host_answer(&host, "/v5/account/set-margin-mode", 200, OK("{\"reasons\":[]}"));
    host_answer(&host, "/v5/position/set-leverage", 200, OK("{}"));
    assert_int_equal(lever(5, "ETHUSDT").outcome, HX_OUTCOME_DONE);
    /* What keeps it is told, and does not stop the trade. */
    host_set(&host, "HOOX_MARGIN_MODE", "isolated");
    host_answer(&host, "/v5/account/info", 200, INFO("REGULAR_MARGIN"));
    host_answer(&host, "/v5/account/set-margin-mode", 200,
                "{\"retCode\":3400045,\"retMsg\":\"Set margin mode failed\",\"result\":{\"reasons\":[{\"reasonCode\":"
                "\"3400054\",\"reasonMsg\":\"You have uncancelled USDT perpetual orders\"}]}}");
    host_answer(&host, "/v5/position/set-leverage", 200, OK("{}"));
    struct hx_venue_result result = lever(5, "SOLUSDT");
    assert_int_equal(result.outcome, HX_OUTCOME_DONE);
    assert_true(hx_str_starts_with(result.message, HX_STR("You have uncancelled USDT perpetual orders (3400054).")));
    host_answer(&host, "/v5/account/info", 200, NO("10005", "Permission denied"));
    assert_int_equal(lever(5, "XRPUSDT").outcome, HX_OUTCOME_REJECTED);
    host_assert_done(&host);
}

/* Limits are told by codes, too: the call that is asked only to save others is no reason to press on against one. */
static void a_limit_of_the_setting_is_heeded(void **state) {
    static const struct {
        uint32_t status;
        const char *body;
        int64_t code, pause_ms;
    } table[] = {{200, NO("10006", "Too many visits!"), 10006, HX_MS_PER_SECOND},
                 {200, NO("10429", "System level frequency protection"), 10429, 0},
                 {403, NO("10018", "Exceeded the IP Rate Limit"), 10018, 10 * HX_MS_PER_MINUTE},
                 {429, "", 0, HX_MS_PER_MINUTE}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        host_answer(&host, "/v5/account/info", table[i].status, table[i].body);
        struct hx_venue_result result = lever(5, "BTCUSDT");
        assert_int_equal(result.outcome, HX_OUTCOME_BUSY);
        assert_int_equal(result.venue_code, table[i].code);
        assert_int_equal(result.retry_after_ms, table[i].pause_ms);
        host_assert_done(&host);
    }
    /* After the last one Bybit is left alone for a minute. What says nothing is no limit. */
    host.now += 2 * HX_MS_PER_MINUTE;
    host_answer(&host, "/v5/account/info", 200, "{}");
    host_answer(&host, "/v5/position/set-leverage", 200, OK("{}"));
    assert_int_equal(lever(5, "BTCUSDT").outcome, HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static bool mode_of(const char *symbol) {
    bool hedged = false;
    hx_req_init(&req, &host, memory, sizeof memory);
    struct hx_venue_result result = hx_venue_get_position_mode(&req, &linear, hx_str_from_c(symbol), &hedged);
    assert_int_equal(result.outcome, HX_OUTCOME_DONE);
    return hedged;
}

static void each_symbol_has_its_position_mode(void **state) {
    (void)state;
    host_answer(&host, "/v5/position/list?category=linear&symbol=BTCUSDT", 200,
                LIST(POSITION("1", "BTCUSDT") "," POSITION("2", "BTCUSDT")));
    assert_true(mode_of("BTCUSDT"));
    host_answer(&host, "/v5/position/list?category=linear&symbol=ETHUSDT", 200, LIST(POSITION("0", "ETHUSDT")));
    assert_false(mode_of("ETHUSDT"));
    assert_true(mode_of("BTCUSDT"));
    assert_false(mode_of("ETHUSDT"));
    host_assert_done(&host);
}

/* The owner changed it: the refused order was not executed, and the next attempt may pass. */
static void a_changed_position_mode_is_asked_for_again(void **state) {
    (void)state;
    host_answer(&host, "/v5/position/list?category=linear&symbol=BTCUSDT", 200,
                LIST(POSITION("1", "BTCUSDT") "," POSITION("2", "BTCUSDT")));
    assert_true(mode_of("BTCUSDT"));
    host_answer(&host, "/v5/position/list?category=linear&symbol=ETHUSDT", 200, LIST(POSITION("0", "ETHUSDT")));
    assert_false(mode_of("ETHUSDT"));
    host.now += 60 * HX_MS_PER_SECOND;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_answer(&host, "/v5/order/create", 200, NO("10001", "position idx not match position mode"));
    assert_int_equal(place(false), HX_OUTCOME_BUSY);
    assert_true(report.may_pass_at_once);
    host_answer(&host, "/v5/position/list?category=linear&symbol=BTCUSDT", 200, LIST(POSITION("0", "BTCUSDT")));
    assert_false(mode_of("BTCUSDT"));
    assert_false(mode_of("ETHUSDT"));
    /* Just asked, and still refused: then it was not that. */
    host_answer(&host, "/v5/order/create", 200, NO("10001", "position idx not match position mode"));
    assert_int_equal(place(false), HX_OUTCOME_REJECTED);
    host_assert_done(&host);
}

/* Ten orders in any second: of one by the clock half, four entries at most, and the fifth is for what reduces. */
static void orders_keep_to_the_second(void **state) {
    (void)state;
    host.time_takes_ms = 0;
    host.venue_offset_ms = 0;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    for (int i = 0; i < 4; i++) {
        host_answer(&host, "/v5/order/create", 200, RECEIPT);
        assert_int_equal(place(false), HX_OUTCOME_DONE);
    }
    assert_int_equal(place(false), HX_OUTCOME_BUSY);
    assert_int_equal(report.retry_after_ms, 1000);
    host_answer(&host, "/v5/order/create", 200, RECEIPT);
    assert_int_equal(place(true), HX_OUTCOME_DONE);
    assert_int_equal(place(true), HX_OUTCOME_BUSY);
    host.now += 1000;
    host_answer(&host, "/v5/order/create", 200, RECEIPT);
    assert_int_equal(place(false), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void a_fast_address_pauses_ten_minutes(void **state) {
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_answer(&host, "/v5/order/create", 403, "403, access too frequent");
    assert_int_equal(place(false), HX_OUTCOME_BUSY);
    assert_int_equal(report.retry_after_ms, 600000);
    host.now += 9 * HX_MS_PER_MINUTE;
    assert_int_equal(place(true), HX_OUTCOME_BUSY);
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    host.now += HX_MS_PER_MINUTE;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_answer(&host, "/v5/order/create", 200, RECEIPT);
    assert_int_equal(place(false), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

static void spot_asks_its_rules_for_the_base_coin(void **state) {
    struct hx_venue_position position;
    struct hx_venue_result result;
    (void)state;
    host_answer(&host, "/v5/market/instruments-info?category=spot&symbol=BTCUSDT", 200, SPOT_RULES);
    host_answer(&host, "/v5/account/wallet-balance?accountType=UNIFIED&coin=BTC", 200,
                LIST("{\"accountType\":\"UNIFIED\",\"coin\":[{\"coin\":\"BTC\",\"walletBalance\":\"0.25\"}]}"));
    result = hx_venue_get_position(&req, &spot, HX_STR("BTCUSDT"), &position);
    assert_int_equal(result.outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(position.quantity, (hx_dec){25, -2}));
    /* No leverage, no mode: nothing is asked. */
    assert_int_equal(hx_venue_set_leverage(&req, &spot, HX_STR("BTCUSDT"), 5).outcome, HX_OUTCOME_DONE);
    bool hedged = true;
    assert_int_equal(hx_venue_get_position_mode(&req, &spot, HX_STR("BTCUSDT"), &hedged).outcome, HX_OUTCOME_DONE);
    assert_false(hedged);
    host_assert_done(&host);
}

/* Everything comes with HTTP 200; only what is said of the symbol is remembered as said of the symbol. */
static void an_unknown_symbol_is_told_from_other_refusals(void **state) {
    struct hx_symbol_rules rules;
    hx_str symbol = HX_STR("DOGEUSDX");
    (void)state;
    for (int i = 0; i < 2; i++) {
        host_answer(&host, "/v5/market/instruments-info?category=linear&symbol=DOGEUSDX", 200,
                    NO("10009", "IP has been banned."));
        assert_int_equal(hx_venue_rules(&req, &linear, symbol, &rules).outcome, HX_OUTCOME_REJECTED);
    }
    host_answer(&host, "/v5/market/instruments-info?category=linear&symbol=DOGEUSDX", 200,
                NO("10001", "params error: symbol invalid DOGEUSDX"));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(hx_venue_rules(&req, &linear, symbol, &rules).outcome, HX_OUTCOME_REJECTED);
    }
    host_assert_done(&host);
}

static enum hx_outcome query_stop(void) {
    hx_venue_query_stop(&req, &linear, &by_id, &stop);
    return stop.outcome;
}

/* One that has ended may be found in the history alone. */
static void stops_are_placed_found_and_cancelled(void **state) {
    struct hx_stop_request request = {.symbol = HX_STR("BTCUSDT"),
                                      .side = HX_SIDE_SELL,
                                      .quantity = {1, -2},
                                      .trigger_price = {59, 3},
                                      .client_order_id = HX_STR(ID)};
    (void)state;
    assert_int_equal(prepare(), HX_OUTCOME_DONE);
    host_answer(&host, "/v5/order/create", 200, RECEIPT);
    hx_venue_place_stop(&req, &linear, &request, host.now + 1000, &stop);
    assert_int_equal(stop.outcome, HX_OUTCOME_DONE);
    assert_true(stop.is_ack);
    hx_venue_place_stop(&req, &linear, &request, host.now - 1, &stop);
    assert_int_equal(stop.outcome, HX_OUTCOME_BUSY);
    host_answer(&host, REALTIME, 200, LIST(ORDER("Untriggered", "0")));
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(stop.waiting && !stop.is_ack);
    host_answer(&host, REALTIME, 200, LIST(""));
    host_answer(&host, HISTORY, 200, LIST(ORDER("Filled", "0.010")));
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(stop.triggered);
    assert_true(hx_str_equal(stop.venue_order_id, HX_STR(ORDER_ID)));
    host_answer(&host, REALTIME, 200, LIST(""));
    host_answer(&host, HISTORY, 200, LIST(""));
    assert_int_equal(query_stop(), HX_OUTCOME_ABSENT);
    host_answer(&host, REALTIME, 200, LIST(""));
    host_answer(&host, HISTORY, 502, "");
    assert_int_equal(query_stop(), HX_OUTCOME_BUSY);
    host_answer(&host, "/v5/order/cancel", 200, RECEIPT);
    hx_venue_cancel_stop(&req, &linear, &by_id, &stop);
    assert_int_equal(stop.outcome, HX_OUTCOME_DONE);
    assert_true(stop.is_ack);
    host_assert_done(&host);
}

static void the_test_network_has_its_own_key(void **state) {
    struct hx_account test = linear;
    (void)state;
    test.test = true;
    struct hx_venue_result result = hx_venue_prepare(&req, &test);
    assert_int_equal(result.outcome, HX_OUTCOME_REJECTED);
    assert_non_null(strstr(result.message.data, "BYBIT_TESTNET_API_KEY"));
    host_set(&host, "BYBIT_TESTNET_API_KEY", "test-key");
    host.secret_name = "BYBIT_TESTNET_API_SECRET";
    assert_int_equal(hx_venue_prepare(&req, &test).outcome, HX_OUTCOME_DONE);
    assert_string_equal(host.last_origin, "https://api-testnet.bybit.com");
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(an_order_is_received_then_asked_for),
        CASE(an_order_is_looked_for_in_three_places),
        CASE(a_place_that_does_not_answer_proves_nothing),
        CASE(a_refused_duplicate_is_never_absence),
        CASE(a_cancel_is_received_too),
        CASE(fills_come_page_by_page),
        CASE(a_fill_on_two_pages_counts_once),
        CASE(hundreds_of_fills_fit),
        CASE(the_accounts_margin_mode_is_left_alone),
        CASE(the_accounts_margin_mode_is_read_before_it_is_set),
        CASE(a_limit_of_the_setting_is_heeded),
        CASE(each_symbol_has_its_position_mode),
        CASE(a_changed_position_mode_is_asked_for_again),
        CASE(orders_keep_to_the_second),
        CASE(a_fast_address_pauses_ten_minutes),
        CASE(spot_asks_its_rules_for_the_base_coin),
        CASE(an_unknown_symbol_is_told_from_other_refusals),
        CASE(stops_are_placed_found_and_cancelled),
        CASE(the_test_network_has_its_own_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
