/* Goal: the venue client and the laboratory, written apart from the same documents, understand each other about Binance
 * USD-M futures: signatures, clocks, every question and its answer, hedge mode, stops. Method: the real client in front
 * of the real laboratory (venue_lab.h). */
#include "test/venue/venue_lab.h"
#include "core/venue/binance_codes.h"

#define BTC HX_STR("BTCUSDT")

static struct hx_order_report report;
static struct hx_stop_report stop;
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};
static enum hx_position_side position_side; /* Of the next orders. */
static uint32_t ids;
static char id[32];

static int setup(void **state) {
    position_side = HX_POSITION_NET;
    (void)lab_setup(state);
    assert_true(hx_ok(hx_lab_set_price(lab, BTC, (hx_dec){6, 4})));
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
                                     .client_order_id = hx_str_from_c(id),
                                     .position_side = position_side};
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    hx_venue_place(&req, &live, &order, host.now + 3000, &report);
    return report.outcome;
}

static enum hx_outcome query(void) {
    hx_venue_query(&req, &live, BTC, hx_str_from_c(id), &report);
    return report.outcome;
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

/* What the venue's own settings are is looked at before they are changed. */
static void settings_are_made_so(void **state) {
    struct hx_lab_position_view view;
    (void)state;
    assert_int_equal(hx_venue_set_leverage(&req, &live, BTC, HX_LAB_LEVERAGE_DEFAULT).outcome, HX_OUTCOME_DONE);
    host_set(&host, "HOOX_MARGIN_MODE", "isolated");
    assert_int_equal(hx_venue_set_leverage(&req, &live, BTC, 7).outcome, HX_OUTCOME_DONE);
    assert_true(hx_ok(hx_lab_get_position(lab, BTC, HX_LAB_BOTH, &view)));
    assert_int_equal(view.leverage, 7);
    assert_true(view.isolated);
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_DONE);
    /* A position keeps the margin mode, and the trader is told so. */
    host_set(&host, "HOOX_MARGIN_MODE", "crossed");
    struct hx_venue_result kept = hx_venue_set_leverage(&req, &live, BTC, 9);
    assert_int_equal(kept.outcome, HX_OUTCOME_DONE);
    assert_true(hx_str_ends_with(kept.message, HX_STR("it changes once it is closed.")));
    assert_true(hx_ok(hx_lab_get_position(lab, BTC, HX_LAB_BOTH, &view)));
    assert_true(view.isolated && view.leverage == 9);
}

/* Both sides at once, each opened and reduced by itself, and never across zero. */
static void hedge_mode_keeps_two_sides(void **state) {
    struct hx_venue_position position;
    bool hedged = false;
    (void)state;
    assert_int_equal(hx_venue_get_position_mode(&req, &live, BTC, &hedged).outcome, HX_OUTCOME_DONE);
    assert_false(hedged);
    assert_true(hx_ok(hx_lab_set_hedge(lab, true)));
    /* What was believed is older than a moment: the venue's refusal makes it be asked again. */
    host.now += HX_MS_PER_MINUTE;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_BUSY);
    assert_int_equal(report.venue_code, -4061);
    assert_true(report.may_pass_at_once);
    assert_int_equal(hx_venue_get_position_mode(&req, &live, BTC, &hedged).outcome, HX_OUTCOME_DONE);
    assert_true(hedged);
    position_side = HX_POSITION_LONG;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_DONE);
    position_side = HX_POSITION_SHORT;
    assert_int_equal(place(HX_SIDE_SELL, HX_ORDER_MARKET, 5, 0, false), HX_OUTCOME_DONE);
    assert_int_equal(hx_venue_get_position(&req, &live, BTC, &position).outcome, HX_OUTCOME_DONE);
    assert_true(position.hedged);
    assert_true(hx_dec_equal(position.long_quantity, (hx_dec){2, -2}));
    assert_true(hx_dec_equal(position.short_quantity, (hx_dec){5, -3}));
    assert_true(hx_dec_equal(position.quantity, (hx_dec){15, -3}));
    /* reduce_only is said by the sides. */
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 5, 0, true), HX_OUTCOME_DONE);
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 5, 0, true), HX_OUTCOME_REJECTED);
    assert_int_equal(report.venue_code, -2022);
    position_side = HX_POSITION_LONG;
    assert_int_equal(place(HX_SIDE_SELL, HX_ORDER_MARKET, 20, 0, true), HX_OUTCOME_DONE);
    assert_int_equal(hx_venue_get_position(&req, &live, BTC, &position).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(position.quantity) && hx_dec_is_zero(position.long_quantity));
    /* An order of one-way mode in an account that was just seen hedged is refused for good. */
    position_side = HX_POSITION_NET;
    assert_int_equal(hx_venue_get_position_mode(&req, &live, BTC, &hedged).outcome, HX_OUTCOME_DONE);
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_REJECTED);
    assert_int_equal(report.venue_code, -4061);
}

static enum hx_outcome place_stop(enum hx_stop_kind kind, enum hx_side side, int64_t thousandths, int64_t trigger) {
    hx_dec quantity = HX_DEC_ZERO;
    hx_req_init(&req, &host, memory, sizeof memory);
    assert_true(hx_ok(hx_dec_make(thousandths, -3, &quantity)));
    snprintf(id, sizeof id, "stop-%u", ids++);
    struct hx_stop_request request = {.symbol = BTC,
                                      .kind = kind,
                                      .side = side,
                                      .quantity = quantity,
                                      .trigger_price = hx_dec_from_i64(trigger),
                                      .by_mark = true,
                                      .client_order_id = hx_str_from_c(id),
                                      .position_side = position_side};
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
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

static enum hx_outcome cancel_stop(void) {
    const struct hx_stop_request wanted = by_id();
    hx_venue_cancel_stop(&req, &live, &wanted, &stop);
    return stop.outcome;
}

/* It waits, the price falls, and it has closed what it protected. */
static void a_stop_closes_its_position(void **state) {
    struct hx_venue_position position;
    struct hx_fills fills;
    (void)state;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_DONE);
    assert_int_equal(place_stop(HX_STOP_LOSS, HX_SIDE_SELL, 20, 61000), HX_OUTCOME_REJECTED);
    assert_int_equal(stop.venue_code, -2021); /* It would trigger at once. */
    assert_int_equal(place_stop(HX_STOP_LOSS, HX_SIDE_SELL, 20, 59000), HX_OUTCOME_DONE);
    assert_true(stop.waiting && !stop.triggered && stop.venue_stop_id.len > 0 && stop.venue_order_id.len == 0);
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(stop.waiting && stop.venue_order_id.len == 0);
    hx_lab_advance(lab, host.now);
    assert_true(hx_ok(hx_lab_set_price(lab, BTC, (hx_dec){589, 2})));
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(!stop.waiting && stop.triggered && stop.venue_order_id.len > 0);
    assert_int_equal(hx_venue_fills(&req, &live, BTC, stop.venue_order_id, &fills).outcome, HX_OUTCOME_DONE);
    assert_int_equal(fills.count, 1);
    assert_true(hx_dec_equal(fills.list[0].quantity, (hx_dec){2, -2}));
    assert_int_equal(hx_venue_get_position(&req, &live, BTC, &position).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(position.quantity));
    assert_int_equal(cancel_stop(), HX_OUTCOME_ABSENT);
}

static void a_stop_is_cancelled_once(void **state) {
    (void)state;
    assert_int_equal(place(HX_SIDE_SELL, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_DONE);
    assert_int_equal(place_stop(HX_TAKE_PROFIT, HX_SIDE_BUY, 20, 58000), HX_OUTCOME_DONE);
    assert_int_equal(cancel_stop(), HX_OUTCOME_DONE);
    assert_true(!stop.waiting && !stop.triggered && stop.venue_stop_id.len > 0);
    assert_int_equal(cancel_stop(), HX_OUTCOME_ABSENT);
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(!stop.waiting && !stop.triggered && stop.venue_order_id.len == 0);
    snprintf(id, sizeof id, "never-sent");
    assert_int_equal(query_stop(), HX_OUTCOME_ABSENT);
    /* What was lost on the way is found, or proven not to be there. */
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY}, "order");
    assert_int_equal(place_stop(HX_TAKE_PROFIT, HX_SIDE_BUY, 20, 58000), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(stop.waiting);
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REQUEST}, "order");
    assert_int_equal(place_stop(HX_TAKE_PROFIT, HX_SIDE_BUY, 20, 58000), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query_stop(), HX_OUTCOME_ABSENT);
}

/* In hedge mode a stop protects the side it names, and only that. */
static void stops_of_hedge_mode_name_their_side(void **state) {
    struct hx_venue_position position;
    (void)state;
    assert_true(hx_ok(hx_lab_set_hedge(lab, true)));
    position_side = HX_POSITION_LONG;
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_DONE);
    position_side = HX_POSITION_SHORT;
    assert_int_equal(place(HX_SIDE_SELL, HX_ORDER_MARKET, 10, 0, false), HX_OUTCOME_DONE);
    assert_int_equal(place_stop(HX_STOP_LOSS, HX_SIDE_BUY, 10, 61000), HX_OUTCOME_DONE);
    hx_lab_advance(lab, host.now);
    assert_true(hx_ok(hx_lab_set_price(lab, BTC, (hx_dec){611, 2})));
    assert_int_equal(query_stop(), HX_OUTCOME_DONE);
    assert_true(stop.triggered);
    assert_int_equal(hx_venue_get_position(&req, &live, BTC, &position).outcome, HX_OUTCOME_DONE);
    assert_true(hx_dec_is_zero(position.short_quantity));
    assert_true(hx_dec_equal(position.long_quantity, (hx_dec){2, -2}));
}

/* USD-M tells what the account may do, which is not what the key may. */
static void key_rights_are_not_guessed(void **state) {
    struct hx_key_rights rights;
    struct hx_lab_key_rights told = {.can_read = true, .can_withdraw = true, .can_trade_futures = true};
    (void)state;
    hx_lab_set_key_rights(lab, &told);
    assert_int_equal(hx_venue_get_key_rights(&req, &live, &rights).outcome, HX_OUTCOME_DONE);
    assert_false(rights.may_trade_known || rights.may_withdraw_known || rights.address_known);
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
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REPLY}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_int_equal(report.status, HX_ORDER_FILLED);
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_DROP_REQUEST}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 20, 0, false), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    for (uint32_t variant = 0; variant < 3; variant++) {
        lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_GARBAGE, .variant = variant}, "order");
        assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_UNKNOWN);
        assert_int_equal(query(), HX_OUTCOME_DONE);
    }
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 503, .executes = true}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_UNKNOWN);
    assert_int_equal(query(), HX_OUTCOME_DONE);
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_HTTP_STATUS, .status = 503}, "order");
    assert_int_equal(place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false), HX_OUTCOME_BUSY);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_MAINTENANCE, .count = 2}, "any");
    assert_int_equal(query(), HX_OUTCOME_BUSY);
}

/* Whatever the code: an outcome other than UNKNOWN says that no order exists, and none does. */
static void no_code_lies(void **state) {
    size_t count = 0;
    const struct hx_venue_code *codes = hx_binance_list_codes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        host.now += HX_MS_PER_MINUTE;
        lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_ERROR_CODE, .code = codes[i].code}, "order");
        enum hx_outcome outcome = place(HX_SIDE_BUY, HX_ORDER_MARKET, 2, 0, false);
        bool certain = codes[i].class_ == HX_CODE_REJECTED || codes[i].class_ == HX_CODE_HALTED ||
                       codes[i].class_ == HX_CODE_LEVERAGE || codes[i].class_ == HX_CODE_BUSY ||
                       codes[i].class_ == HX_CODE_CLOCK;
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
    lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_SPLIT, .parts = 100}, "order");
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
    host.now = LAB_T0 + HX_MS_PER_MINUTE - LAB_T0 % HX_MS_PER_MINUTE;
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
        CASE(settings_are_made_so),
        CASE(hedge_mode_keeps_two_sides),
        CASE(a_stop_closes_its_position),
        CASE(a_stop_is_cancelled_once),
        CASE(stops_of_hedge_mode_name_their_side),
        CASE(key_rights_are_not_guessed),
        CASE(a_resting_order_is_cancelled_once),
        CASE(what_was_lost_is_found_by_asking),
        CASE(no_code_lies),
        CASE(a_clock_that_drifts_is_followed),
        CASE(a_wrong_secret_is_refused),
        CASE(many_fills_are_all_found),
        CASE(the_limit_is_never_reached),
    };
    return cmocka_run_group_tests(tests, lab_group_setup, lab_group_end);
}
