/* Goal: the venue client and the laboratory, written apart from the same documents, understand each other about Binance
 * spot: rules, orders, what is held, fills with fees in any asset, stops, the key's rights, and every refusal. Method:
 * the real client in front of the real laboratory (venue_lab.h). */
#include "core/venue/binance_codes.h"
#include "test/venue/venue_lab.h"

#define BTC HX_STR("BTCUSDT")

static struct hx_order_report report;
static struct hx_stop_report stop;
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_SPOT};
static uint32_t ids;
static char id[32];

static int setup(void **state) {
    struct hx_symbol_rules rules;
    (void)lab_setup(state);
    assert_true(hx_ok(hx_lab_set_price_in(lab, HX_LAB_SPOT, BTC, (hx_dec){6, 4})));
    assert_int_equal(hx_venue_rules(&req, &live, BTC, &rules).outcome, HX_OUTCOME_DONE);
    return 0;
}

static void prepare(void) {
    hx_req_init(&req, &host, memory, sizeof memory);
    snprintf(id, sizeof id, "order-%u", ids++);
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
}

static enum hx_outcome place(enum hx_side side, enum hx_order_type type, int64_t thousandths, int64_t price) {
    struct hx_order_request order = {.symbol = BTC,
                                     .side = side,
                                     .type = type,
                                     .price = hx_dec_from_i64(price),
                                     .reduce_only = side == HX_SIDE_SELL};
    prepare();
    order.client_order_id = hx_str_from_c(id);
    assert_true(hx_ok(hx_dec_make(thousandths, -3, &order.quantity)));
    hx_venue_place(&req, &live, &order, host.now + 3000, &report);
    return report.outcome;
}

static enum hx_outcome query(void) {
    hx_venue_query(&req, &live, BTC, hx_str_from_c(id), &report);
    return report.outcome;
}

static hx_dec held(void) {
    struct hx_venue_position position;
    assert_int_equal(hx_venue_get_position(&req, &live, BTC, &position).outcome, HX_OUTCOME_DONE);
    assert_false(position.hedged);
    return position.quantity;
}

/* What the laboratory says is there: what the client says must be the same to the last digit. */
static hx_dec told(const char *asset) {
    struct hx_lab_balance_view view;
    assert_true(hx_ok(hx_lab_find_balance(lab, HX_LAB_SPOT, hx_str_from_c(asset), &view)));
    return view.total;
}

static void every_symbol_has_rules(void **state) {
    struct hx_symbol_rules rules;
    uint32_t tradable = 0;
    (void)state;
    for (uint32_t i = 0; i < hx_lab_symbol_count_in(lab, HX_LAB_SPOT); i++) {
        hx_str name = hx_lab_symbol_name_in(lab, HX_LAB_SPOT, i);
        hx_req_init(&req, &host, memory, sizeof memory);
        assert_int_equal(hx_venue_rules(&req, &live, name, &rules).outcome, HX_OUTCOME_DONE);
        if (rules.tradable) tradable++;
        assert_true(hx_dec_sign(rules.tick) > 0 && hx_dec_sign(rules.step) > 0 && hx_dec_sign(rules.market_step) > 0);
        assert_true(hx_dec_compare(rules.market_step, rules.step) >= 0);
        assert_true(hx_dec_sign(rules.notional_min) > 0 && hx_str_equal(rules.quote_asset, HX_STR("USDT")));
        assert_true(hx_str_starts_with(name, rules.base_asset));
    }
    assert_true(tradable >= 4);
    assert_int_equal(hx_venue_rules(&req, &live, HX_STR("NOPEUSDT"), &rules).outcome, HX_OUTCOME_REJECTED);
    host.memo_count = 0;
    assert_true(hx_ok(hx_lab_set_halted_in(lab, HX_LAB_SPOT, BTC, true)));
    assert_int_equal(hx_venue_rules(&req, &live, BTC, &rules).outcome, HX_OUTCOME_DONE);
    assert_false(rules.tradable);
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0), HX_OUTCOME_REJECTED);
    assert_true(hx_str_starts_with(report.message, HX_STR("Market is closed. (-2010)")));
}

static void an_order_lives_its_life(void **state) {
    struct hx_equity equity;
    struct hx_fills fills;
    hx_dec price = HX_DEC_ZERO;
    hx_dec expected = HX_DEC_ZERO;
    bool hedged = true;
    (void)state;
    hx_dec before = held();
    assert_int_equal(hx_venue_get_mark_price(&req, &live, BTC, &price).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(price, (hx_dec){6, 4}));
    /* There is nothing to lever and no mode to look at. */
    assert_int_equal(hx_venue_set_leverage(&req, &live, BTC, 5).outcome, HX_OUTCOME_DONE);
    assert_int_equal(hx_venue_get_position_mode(&req, &live, BTC, &hedged).outcome, HX_OUTCOME_DONE);
    assert_false(hedged);
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_dec_equal(report.executed_quantity, (hx_dec){2, -2}));
    hx_dec average = report.average_price;
    assert_int_equal(hx_venue_fills(&req, &live, BTC, report.venue_order_id, &fills).outcome, HX_OUTCOME_DONE);
    assert_int_equal(fills.count, 1);
    assert_int_equal(fills.list[0].side, HX_SIDE_BUY);
    assert_true(hx_dec_equal(average, fills.list[0].price));
    /* The fee of a purchase is taken from what was bought. */
    assert_true(hx_str_equal(fills.list[0].fee_asset, HX_STR("BTC")) && hx_dec_sign(fills.list[0].fee) > 0);
    assert_true(hx_ok(hx_dec_add(before, report.executed_quantity, &expected)));
    assert_true(hx_ok(hx_dec_subtract(expected, fills.list[0].fee, &expected)));
    assert_true(hx_dec_equal(held(), expected));
    assert_true(hx_dec_equal(held(), told("BTC")));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_dec_equal(report.average_price, average));
    assert_int_equal(place(HX_SIDE_SELL, HX_ORDER_MARKET, 19, 0), HX_OUTCOME_DONE);
    assert_int_equal(hx_venue_fills(&req, &live, BTC, report.venue_order_id, &fills).outcome, HX_OUTCOME_DONE);
    assert_true(fills.list[0].side == HX_SIDE_SELL && hx_str_equal(fills.list[0].fee_asset, HX_STR("USDT")));
    assert_true(hx_dec_equal(held(), told("BTC")));
    assert_int_equal(hx_venue_get_equity(&req, &live, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_equal(equity.wallet_balance, told("USDT")));
    assert_int_equal(hx_venue_get_equity(&req, &live, HX_STR("NOPE"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(equity.wallet_balance));
}

static void fees_may_be_paid_in_another_asset(void **state) {
    struct hx_fills fills;
    (void)state;
    assert_true(hx_ok(
        hx_lab_set_fee_in(lab, HX_LAB_SPOT, (hx_dec){1, -3}, (hx_dec){1, -3}, HX_LAB_FEE_BNB, hx_dec_from_i64(600))));
    hx_dec before = held();
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0), HX_OUTCOME_DONE);
    assert_int_equal(hx_venue_fills(&req, &live, BTC, report.venue_order_id, &fills).outcome, HX_OUTCOME_DONE);
    assert_true(hx_str_equal(fills.list[0].fee_asset, HX_STR("BNB")));
    assert_true(hx_ok(hx_dec_add(before, (hx_dec){2, -2}, &before)));
    assert_true(hx_dec_equal(held(), before));
}

static void what_is_not_there_can_not_be_sold(void **state) {
    (void)state;
    assert_true(hx_ok(hx_lab_set_balance_in(lab, HX_LAB_SPOT, HX_STR("BTC"), HX_DEC_ZERO)));
    assert_int_equal(place(HX_SIDE_SELL, HX_ORDER_MARKET, 20, 0), HX_OUTCOME_REJECTED);
    assert_int_equal(report.venue_code, -2010);
    assert_true(hx_str_ends_with(report.message, HX_STR("add funds, or trade smaller.")));
    assert_true(hx_dec_is_zero(held()));
    /* Worth less than the symbol's least. */
    assert_true(hx_ok(hx_lab_set_price_in(lab, HX_LAB_SPOT, BTC, hx_dec_from_i64(1000))));
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 1, 0), HX_OUTCOME_REJECTED);
    assert_int_equal(report.venue_code, -1013);
    assert_true(hx_str_starts_with(report.message, HX_STR("Filter failure: NOTIONAL (-1013). The order's value")));
}

static void a_resting_order_holds_what_it_offers(void **state) {
    struct hx_equity equity;
    hx_dec locked = HX_DEC_ZERO;
    (void)state;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_LIMIT, 20, 59000), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_NEW);
    assert_int_equal(hx_venue_get_equity(&req, &live, HX_STR("USDT"), &equity).outcome, HX_OUTCOME_DONE);
    assert_true(hx_ok(hx_dec_subtract(equity.wallet_balance, equity.available, &locked)));
    assert_true(hx_dec_equal(locked, hx_dec_from_i64(1180)));
    hx_venue_cancel(&req, &live, BTC, hx_str_from_c(id), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_CANCELED);
    hx_venue_cancel(&req, &live, BTC, hx_str_from_c(id), &report);
    assert_int_equal(report.outcome, HX_OUTCOME_ABSENT);
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_CANCELED);
    /* An id may be used again once its order is closed, not while it is open. */
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_LIMIT, 20, 59000), HX_OUTCOME_DONE);
    ids--;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_LIMIT, 20, 59000), HX_OUTCOME_UNKNOWN);
    assert_true(hx_str_starts_with(report.message, HX_STR("Duplicate order sent. (-2010)")));
}

static enum hx_outcome place_stop(enum hx_stop_kind kind, int64_t thousandths, int64_t trigger) {
    struct hx_stop_request request = {
        .symbol = BTC, .kind = kind, .side = HX_SIDE_SELL, .trigger_price = hx_dec_from_i64(trigger)};
    prepare();
    request.client_order_id = hx_str_from_c(id);
    assert_true(hx_ok(hx_dec_make(thousandths, -3, &request.quantity)));
    hx_venue_place_stop(&req, &live, &request, host.now + 3000, &stop);
    return stop.outcome;
}

/* The stop of the last id. */
static struct hx_stop_request by_id(void) {
    return (struct hx_stop_request){.symbol = BTC, .client_order_id = hx_str_from_c(id)};
}

static enum hx_outcome query_stop(void) {
    const struct hx_stop_request wanted = by_id();
    hx_venue_query_stop(&req, &live, &wanted, &stop);
    return stop.outcome;
}

static void a_stop_sells_what_is_held(void **state) {
    struct hx_fills fills;
    (void)state;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 25, 0), HX_OUTCOME_DONE);
    hx_dec before = held();
    assert_int_equal(place_stop(HX_STOP_LOSS, 19, 61000), HX_OUTCOME_REJECTED);
    assert_true(hx_str_starts_with(stop.message, HX_STR("Order would trigger immediately. (-2010)")));
    assert_int_equal(place_stop(HX_STOP_LOSS, 19, 59000), HX_OUTCOME_DONE);
    assert_true(stop.waiting && !stop.triggered && stop.venue_order_id.len == 0);
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(stop.waiting);
    assert_true(hx_dec_equal(held(), before)); /* Locked, and still held. */
    hx_lab_advance(lab, host.now);
    assert_true(hx_ok(hx_lab_set_price_in(lab, HX_LAB_SPOT, BTC, (hx_dec){589, 2})));
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(!stop.waiting && stop.triggered && hx_str_equal(stop.venue_order_id, stop.venue_stop_id));
    assert_int_equal(hx_venue_fills(&req, &live, BTC, stop.venue_order_id, &fills).outcome, HX_OUTCOME_DONE);
    assert_int_equal(fills.count, 1);
    assert_true(hx_dec_equal(fills.list[0].quantity, (hx_dec){19, -3}));
    assert_true(hx_dec_equal(held(), told("BTC")));
    const struct hx_stop_request wanted = by_id();
    hx_venue_cancel_stop(&req, &live, &wanted, &stop);
    assert_int_equal(stop.outcome, HX_OUTCOME_ABSENT);
    assert_int_equal(place_stop(HX_TAKE_PROFIT, 1, 70000), HX_OUTCOME_DONE);
    hx_venue_cancel_stop(&req, &live, &wanted, &stop);
    assert_int_equal(stop.outcome, HX_OUTCOME_DONE);
    assert_true(!stop.waiting && !stop.triggered);
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(!stop.waiting && !stop.triggered);
}

static void what_was_lost_is_found_by_asking(void **state) {
    (void)state;
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REQUEST}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    for (uint32_t variant = 0; variant < 3; variant++) {
        lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_GARBAGE, .variant = variant}, "order");
        assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0), HX_OUTCOME_UNKNOWN);
        assert_int_equal(query(), HX_OUTCOME_DONE);
    }
    /* Whatever a 503 says, spot does not say that nothing happened. */
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 503}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
}

/* Whatever the code: an outcome other than UNKNOWN says that no order exists, and none does. */
static void no_code_lies(void **state) {
    size_t count = 0;
    const struct hx_venue_code *codes = hx_binance_list_codes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        host.now += HX_MS_PER_MINUTE;
        lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .code = codes[i].code}, "order");
        enum hx_outcome outcome = place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0);
        const struct hx_venue_code *code = hx_binance_find_code(HX_MARKET_SPOT, codes[i].code, HX_STR_EMPTY);
        bool certain = code != NULL && (code->class_ == HX_CODE_REJECTED || code->class_ == HX_CODE_HALTED ||
                                        code->class_ == HX_CODE_LEVERAGE || code->class_ == HX_CODE_BUSY ||
                                        code->class_ == HX_CODE_CLOCK);
        if (!certain) assert_int_equal(outcome, HX_OUTCOME_UNKNOWN);
        assert_int_not_equal(outcome, HX_OUTCOME_DONE);
        assert_int_not_equal(outcome, HX_OUTCOME_ABSENT);
        host.now += HX_MS_PER_MINUTE;
        assert_int_equal(query(), HX_OUTCOME_ABSENT);
    }
}

static void a_clock_that_drifts_is_followed(void **state) {
    (void)state;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0), HX_OUTCOME_DONE);
    hx_lab_set_skew(lab, 5000);
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0), HX_OUTCOME_BUSY);
    assert_int_equal(report.venue_code, -1021);
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0), HX_OUTCOME_DONE);
}

/* More fills than one page holds: the client must find all of them, once, in their order. */
static void many_fills_are_all_found(void **state) {
    struct hx_fills fills;
    hx_dec sum = HX_DEC_ZERO;
    hx_dec fees = HX_DEC_ZERO;
    (void)state;
    hx_dec before = held();
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_SPLIT, .parts = 100}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 100, 0), HX_OUTCOME_DONE);
    hx_dec executed = report.executed_quantity;
    assert_int_equal(hx_venue_fills(&req, &live, BTC, report.venue_order_id, &fills).outcome, HX_OUTCOME_DONE);
    assert_int_equal(fills.count, 100);
    for (uint32_t i = 0; i < fills.count; i++) {
        assert_true(hx_ok(hx_dec_add(sum, fills.list[i].quantity, &sum)));
        assert_true(hx_ok(hx_dec_add(fees, fills.list[i].fee, &fees)));
    }
    assert_true(hx_dec_equal(sum, executed));
    assert_true(hx_ok(hx_dec_add(before, sum, &before)));
    assert_true(hx_ok(hx_dec_subtract(before, fees, &before)));
    assert_true(hx_dec_equal(held(), before));
}

static void the_key_tells_its_rights(void **state) {
    static const struct hx_lab_key_rights table[] = {
        {.can_read = true, .can_trade_spot = true, .ip_restricted = true},
        {.can_read = true, .can_trade_spot = true, .can_withdraw = true},
        {.can_read = true, .can_trade_futures = true},
    };
    struct hx_key_rights rights;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        hx_lab_set_key_rights(lab, &table[i]);
        assert_int_equal(hx_venue_get_key_rights(&req, &live, &rights).outcome, HX_OUTCOME_DONE);
        assert_true(rights.may_trade_known && rights.may_withdraw_known && rights.address_known);
        assert_int_equal(rights.may_trade, table[i].can_trade_spot);
        assert_int_equal(rights.may_withdraw, table[i].can_withdraw);
        assert_int_equal(rights.bound_to_address, table[i].ip_restricted);
    }
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0), HX_OUTCOME_REJECTED);
}

/* The venue's own count of orders and ours: entries stop before it has to say 429. */
static void the_limit_is_never_reached(void **state) {
    uint32_t sent = 0;
    (void)state;
    hx_lab_set_limits_in(lab, HX_LAB_SPOT, 6000, 50, 160000, 1);
    for (int i = 0; i < 60; i++) {
        host.now -= host.now % 10000; /* All in one window. */
        enum hx_outcome outcome = place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0);
        if (outcome == HX_OUTCOME_DONE) sent++;
        if (outcome == HX_OUTCOME_BUSY) assert_true(report.retry_after_ms > 0 && report.venue_code == 0);
    }
    assert_int_equal(sent, 40); /* Four fifths of fifty. */
    /* What sells may go on. */
    host.now -= host.now % 10000;
    assert_int_equal(place(HX_SIDE_SELL, HX_ORDER_MARKET, 2, 0), HX_OUTCOME_DONE);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(every_symbol_has_rules),
        CASE(an_order_lives_its_life),
        CASE(fees_may_be_paid_in_another_asset),
        CASE(what_is_not_there_can_not_be_sold),
        CASE(a_resting_order_holds_what_it_offers),
        CASE(a_stop_sells_what_is_held),
        CASE(what_was_lost_is_found_by_asking),
        CASE(no_code_lies),
        CASE(a_clock_that_drifts_is_followed),
        CASE(many_fills_are_all_found),
        CASE(the_key_tells_its_rights),
        CASE(the_limit_is_never_reached),
    };
    return cmocka_run_group_tests(tests, lab_group_setup, lab_group_end);
}
