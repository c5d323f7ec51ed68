/* Goal: the venue client and the laboratory, written apart from the same documents, understand each other: signatures,
 * clocks, every question and its answer. Method: the real client in front of the real laboratory, with the requests
 * handed over in memory. */
#include "core/venue/binance_codes.h"
#include "lab/lab.h"
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1795000000000)
#define BTC HX_STR("BTCUSDT")

static struct hx_host host;
static struct hx_req req;
static struct hx_lab *lab;
static void *lab_memory;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_order_report report;
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};
static uint32_t ids;
static char id[32];

static hx_err serve(struct hx_req *r, const struct hx_http_call *call, struct hx_http_answer *out) {
    size_t mark = 0;
    struct hx_lab_response response;
    static char body[1024 * 1024];
    bool has_query = hx_str_find_char(call->target, '?', &mark);
    struct hx_lab_request request = {.method = call->method,
                                     .path = has_query ? hx_str_slice(call->target, 0, mark) : call->target,
                                     .query = has_query ? hx_str_slice(call->target, mark + 1, SIZE_MAX) : HX_STR_EMPTY,
                                     .headers = call->headers,
                                     .header_count = call->header_count,
                                     .body = call->body};
    host.now += 5;
    hx_lab_handle(lab, host.now, &request, &response);
    host.now += 5 + response.delay_ms;
    if (response.delivery != HX_LAB_DELIVER) return HX_ERR(UNKNOWN_OUTCOME);
    struct hx_http_header *headers = hx_arena_alloc(&r->arena, sizeof response.headers);
    assert_non_null(headers);
    memcpy(headers, response.headers, sizeof response.headers);
    *out = (struct hx_http_answer){
        .status = response.status, .headers = headers, .header_count = response.header_count, .body = HX_STR_EMPTY};
    assert_true(response.body.len < sizeof body);
    memcpy(body, response.body.data, response.body.len);
    if (call->body_sink != NULL && response.status / 100 == 2) {
        for (size_t at = 0; at < response.body.len; at += 1000) {
            size_t left = response.body.len - at;
            call->body_sink(call->sink_data, body + at, left < 1000 ? left : 1000);
        }
        return HX_OK;
    }
    assert_true(response.body.len <= call->response_len_max);
    return hx_arena_copy_str(&r->arena, hx_str_make(body, response.body.len), &out->body);
}

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.secret = HX_LAB_API_SECRET;
    host.serve = serve;
    host_set(&host, "BINANCE_API_KEY", HX_LAB_API_KEY);
    hx_req_init(&req, &host, memory, sizeof memory);
    lab = hx_lab_init(lab_memory, 7, T0);
    hx_lab_set_skew(lab, 400);
    assert_true(hx_ok(hx_lab_set_price(lab, BTC, (hx_dec){6, 4})));
    return 0;
}

static int group_setup(void **state) {
    (void)state;
    lab_memory = test_malloc(hx_lab_size());
    return lab_memory == NULL ? -1 : 0;
}

static int group_end(void **state) {
    (void)state;
    test_free(lab_memory);
    return 0;
}

/* Each order is a request of its own, as it would be. */
static enum hx_outcome place(enum hx_side side, enum hx_order_type type, int64_t thousandths, int64_t price,
                             bool reduce) {
    hx_dec quantity = HX_DEC_ZERO;
    hx_req_init(&req, &host, memory, sizeof memory);
    assert_true(hx_ok(hx_dec_make(thousandths, -3, &quantity)));
    snprintf(id, sizeof id, "order-%u", ids++);
    struct hx_order_request order = {.symbol = BTC,
                                     .side = side,
                                     .type = type,
                                     .quantity = quantity,
                                     .price = hx_dec_from_i64(price),
                                     .reduce_only = reduce,
                                     .client_order_id = hx_str_from_c(id)};
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    hx_venue_place(&req, &live, &order, host.now + 3000, &report);
    return report.outcome;
}

static enum hx_outcome query(void) {
    hx_venue_query(&req, &live, BTC, hx_str_from_c(id), &report);
    return report.outcome;
}

static void fault(struct hx_lab_fault rule, const char *match) {
    memcpy(rule.match, match, strlen(match) + 1);
    if (rule.count == 0) rule.count = 1;
    assert_true(hx_ok(hx_lab_add_fault(lab, &rule)));
}

static void every_symbol_has_rules(void **state) {
    struct hx_symbol_rules rules;
    uint32_t tradable = 0;
    (void)state;
    for (uint32_t i = 0; i < hx_lab_symbol_count(lab); i++) {
        assert_int_equal(hx_venue_rules(&req, &live, hx_lab_symbol_name(lab, i), &rules).outcome, HX_OUTCOME_DONE);
        if (rules.tradable) tradable++;
        assert_true(hx_dec_sign(rules.tick) > 0 && hx_dec_sign(rules.market_step) > 0);
        assert_true(hx_dec_sign(rules.notional_min) > 0 && hx_str_equal(rules.quote_asset, HX_STR("USDT")));
    }
    assert_true(tradable >= 4);
    assert_int_equal(hx_venue_rules(&req, &live, HX_STR("NOPEUSDT"), &rules).outcome, HX_OUTCOME_REJECTED);
    hx_req_init(&req, &host, memory, sizeof memory);
    host.memo_count = 0;
    assert_true(hx_ok(hx_lab_set_halted(lab, BTC, true)));
    assert_int_equal(hx_venue_rules(&req, &live, BTC, &rules).outcome, HX_OUTCOME_DONE);
    assert_false(rules.tradable);
}

static void an_order_lives_its_life(void **state) {
    struct hx_venue_position position;
    struct hx_equity equity;
    struct hx_fills fills;
    hx_dec price = HX_DEC_ZERO;
    (void)state;
    assert_int_equal(hx_venue_set_leverage(&req, &live, BTC, 5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(hx_venue_get_mark_price(&req, &live, BTC, &price).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(price, (hx_dec){6, 4}));
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_dec_equal(report.executed_quantity, (hx_dec){2, -2}));
    assert_int_equal(hx_venue_fills(&req, &live, BTC, report.venue_order_id, &fills).outcome, HX_OUTCOME_DONE);
    assert_int_equal(fills.count, 1);
    assert_true(hx_dec_equal(fills.list[0].quantity, (hx_dec){2, -2}));
    assert_true(hx_dec_sign(fills.list[0].fee) > 0);
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_dec_equal(report.average_price, fills.list[0].price));
    assert_int_equal(hx_venue_get_position(&req, &live, BTC, &position).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(position.quantity, (hx_dec){2, -2}));
    assert_true(hx_dec_equal(position.entry_price, fills.list[0].price));
    assert_int_equal(hx_venue_get_equity(&req, &live, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_sign(equity.wallet_balance) > 0);
    assert_int_equal(place(HX_SIDE_SELL, HX_ORDER_MARKET, 20, 0, true), HX_OUTCOME_DONE);
    assert_int_equal(hx_venue_get_position(&req, &live, BTC, &position).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(position.quantity));
    assert_int_equal(place(HX_SIDE_SELL, HX_ORDER_MARKET, 20, 0, true), HX_OUTCOME_REJECTED);
    assert_int_equal(report.venue_code, -2022);
}

static void a_resting_order_is_cancelled_once(void **state) {
    (void)state;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_LIMIT, 20, 65000, false), HX_OUTCOME_REJECTED);
    assert_int_equal(report.venue_code, -4016); /* Above the band around the mark price. */
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_LIMIT, 20, 59000, false), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_NEW);
    hx_venue_cancel(&req, &live, BTC, hx_str_from_c(id), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_CANCELED);
    hx_venue_cancel(&req, &live, BTC, hx_str_from_c(id), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_ABSENT);
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_CANCELED);
}

static void what_was_lost_is_found_by_asking(void **state) {
    (void)state;
    fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REQUEST}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    for (uint32_t variant = 0; variant < 3; variant++) {
        fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_GARBAGE, .variant = variant}, "order");
        assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_UNKNOWN);
        assert_int_equal(query(), HX_OUTCOME_DONE);
    }
    fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 503, .executes = true}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(), HX_OUTCOME_DONE);
    fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 503}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_BUSY);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .count = 2}, "any");
    assert_int_equal(query(), HX_OUTCOME_BUSY);
}

/* Whatever the code: an outcome other than UNKNOWN says that no order exists, and none does. */
static void no_code_lies(void **state) {
    size_t count = 0;
    const struct hx_venue_code *codes = hx_binance_list_codes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        host.now += HX_MS_PER_MINUTE;
        fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .code = codes[i].code}, "order");
        enum hx_outcome outcome = place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false);
        bool certain =
            codes[i].class_ == HX_CODE_REJECTED || codes[i].class_ == HX_CODE_BUSY || codes[i].class_ == HX_CODE_CLOCK;
        /* Code -1001 comes under 503 with the text that Binance calls a failure. */
        if (!certain && codes[i].code != -1001) assert_int_equal(outcome, HX_OUTCOME_UNKNOWN);
        assert_int_not_equal(outcome, HX_OUTCOME_DONE);
        assert_int_not_equal(outcome, HX_OUTCOME_ABSENT);
        host.now += HX_MS_PER_MINUTE;
        if (outcome != HX_OUTCOME_UNKNOWN) assert_int_equal(query(), HX_OUTCOME_ABSENT);
    }
}

static void a_clock_that_drifts_is_followed(void **state) {
    (void)state;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_DONE);
    hx_lab_set_skew(lab, 5000);
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_BUSY);
    assert_int_equal(report.venue_code, -1021);
    assert_int_equal(query(), HX_OUTCOME_BUSY); /* A clock jumped: not there is no proof now. */
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_DONE);
    host.now += 4000;
    snprintf(id, sizeof id, "never-sent");
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
}

static void a_wrong_secret_is_refused(void **state) {
    (void)state;
    host.secret = "another";
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_REJECTED);
    assert_int_equal(report.venue_code, -1022);
}

/* More fills than one page holds: the client must find all of them, once, in their order. */
static void many_fills_are_all_found(void **state) {
    struct hx_fills fills;
    hx_dec sum = HX_DEC_ZERO;
    (void)state;
    fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_SPLIT, .parts = 100}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 100, 0, false), HX_OUTCOME_DONE);
    hx_dec executed = report.executed_quantity;
    assert_int_equal(hx_venue_fills(&req, &live, BTC, report.venue_order_id, &fills).outcome, HX_OUTCOME_DONE);
    assert_int_equal(fills.count, 100);
    for (uint32_t i = 0; i < fills.count; i++) {
        assert_true(hx_ok(hx_dec_add(sum, fills.list[i].quantity, &sum)));
        if (i > 0) assert_int_equal(hx_str_compare(fills.list[i - 1].venue_trade_id, fills.list[i].venue_trade_id), -1);
    }
    assert_true(hx_dec_equal(sum, executed));
}

/* The venue's own count and ours: entries stop before the venue has to say 429. */
static void the_limit_is_never_reached(void **state) {
    uint32_t sent = 0;
    (void)state;
    hx_lab_set_limits(lab, 2400, 300, 1200, 1);
    host.now = T0 + HX_MS_PER_MINUTE - T0 % HX_MS_PER_MINUTE;
    for (int i = 0; i < 900; i++) {
        hx_req_init(&req, &host, memory, sizeof memory);
        struct hx_fills fills;
        struct hx_venue_result result = hx_venue_fills(&req, &live, BTC, HX_STR("1"), &fills);
        if (result.outcome == HX_OUTCOME_DONE) sent++;
        if (result.outcome == HX_OUTCOME_BUSY) assert_true(result.retry_after_ms > 0 && result.venue_code == 0);
    }
    assert_true(sent > 430 && sent <= 456);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(every_symbol_has_rules),
        CASE(an_order_lives_its_life),
        CASE(a_resting_order_is_cancelled_once),
        CASE(what_was_lost_is_found_by_asking),
        CASE(no_code_lies),
        CASE(a_clock_that_drifts_is_followed),
        CASE(a_wrong_secret_is_refused),
        CASE(many_fills_are_all_found),
        CASE(the_limit_is_never_reached),
    };
    return cmocka_run_group_tests(tests, group_setup, group_end);
}
