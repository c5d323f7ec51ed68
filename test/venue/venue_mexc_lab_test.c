/* Goal: the venue client and the laboratory, written apart from the same documents, understand each other about the
 * stops of MEXC's contracts: found by their figures, never doubled, cancelled by the number that is looked up,
 * triggered, expired. Method: the real client in front of the real laboratory (venue_lab.h). */
#include "test/venue/venue_lab.h"

#define BTC HX_STR("BTCUSDT")

static struct hx_stop_request wanted;
static struct hx_stop_report stop;
static const struct hx_account live = {.venue = HX_VENUE_MEXC, .market = HX_MARKET_FUTURES};
static uint32_t ids;

static int setup(void **state) {
    struct hx_lab_config config = hx_lab_config_small();
    struct hx_symbol_rules rules;
    (void)lab_setup(state);
    config.venue = HX_LAB_MEXC;
    config.answer_len_max = (size_t)512 * 1024;
    config.fills_max = 4096;
    lab_memory = test_realloc(lab_memory, hx_lab_size_with(&config));
    lab = hx_lab_init_with(lab_memory, &config, 7, LAB_T0);
    hx_lab_set_skew(lab, 400);
    host.secret_name = "MEXC_API_SECRET";
    host_set(&host, "MEXC_API_KEY", HX_LAB_API_KEY);
    assert_true(hx_ok(hx_lab_set_price(lab, BTC, (hx_dec){6, 4})));
    assert_int_equal(hx_venue_rules(&req, &live, BTC, &rules).outcome, HX_OUTCOME_DONE);
    wanted = (struct hx_stop_request){
        .symbol = BTC, .kind = HX_STOP_LOSS, .side = HX_SIDE_SELL, .quantity = {2, -2}, .trigger_price = {58, 3}};
    return 0;
}

static void prepare(void) {
    hx_req_init(&req, &host, memory, sizeof memory);
    host.now += HX_MS_PER_SECOND; /* Below the limits of what may be placed. */
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
}

static void buy(void) {
    struct hx_order_report report;
    char id[32];
    prepare();
    snprintf(id, sizeof id, "order-%u", ids++);
    struct hx_order_request order = {.symbol = BTC,
                                     .side = HX_SIDE_BUY,
                                     .type = HX_ORDER_MARKET,
                                     .quantity = {2, -2},
                                     .leverage = 5,
                                     .client_order_id = hx_str_from_c(id)};
    hx_venue_place(&req, &live, &order, host.now + 3000, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
}

static hx_dec held(void) {
    struct hx_venue_position position;
    assert_int_equal(hx_venue_get_position(&req, &live, BTC, &position).outcome, HX_OUTCOME_DONE);
    return position.quantity;
}

static enum hx_outcome query(void) {
    hx_venue_query_stop(&req, &live, &wanted, &stop);
    return stop.outcome;
}

static enum hx_outcome place(void) {
    prepare();
    hx_venue_place_stop(&req, &live, &wanted, host.now + 3000, &stop);
    return stop.outcome;
}

static enum hx_outcome cancel(void) {
    prepare();
    hx_venue_cancel_stop(&req, &live, &wanted, &stop);
    return stop.outcome;
}

/* The number of the stop whose report was the last, kept beyond its request. */
static hx_str number(void) {
    static char text[32];
    assert_true(stop.venue_stop_id.len > 0 && stop.venue_stop_id.len < sizeof text);
    memcpy(text, stop.venue_stop_id.data, stop.venue_stop_id.len);
    return hx_str_make(text, stop.venue_stop_id.len);
}

static void a_stop_closes_its_position(void **state) {
    struct hx_fills fills;
    (void)state;
    buy();
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_true(stop.waiting && stop.is_ack);
    hx_time promised = stop.expires_ms;
    hx_str id = number();
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_true(stop.waiting && !stop.is_ack && hx_str_equal(stop.venue_stop_id, id));
    assert_true(stop.expires_ms >= promised && stop.expires_ms <= promised + 1000);
    assert_true(hx_ok(hx_lab_set_price(lab, BTC, (hx_dec){579, 2})));
    prepare();
    assert_true(hx_dec_is_zero(held()));
    assert_int_equal(query(), HX_OUTCOME_ABSENT); /* By its figures only what waits is there. */
    wanted.venue_stop_id = id;
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_true(stop.triggered && !stop.waiting && stop.venue_order_id.len > 0);
    assert_int_equal(hx_venue_fills(&req, &live, BTC, stop.venue_order_id, &fills).outcome, HX_OUTCOME_DONE);
    assert_true(fills.count == 1 && hx_dec_equal(fills.list[0].quantity, wanted.quantity));
    assert_int_equal(cancel(), HX_OUTCOME_ABSENT);
}

/* Whatever is lost on the way, who looks first and adopts has one stop, not two. */
static void a_lost_answer_leaves_one_stop(void **state) {
    (void)state;
    buy();
    for (int lost = 0; lost < 2; lost++) {
        struct hx_lab_fault fault = {.kind = lost == 0 ? HX_LAB_FAULT_DROP_REPLY : HX_LAB_FAULT_DROP_REQUEST};
        wanted.trigger_price = (hx_dec){58 - lost, 3};
        assert_int_equal(query(), HX_OUTCOME_ABSENT);
        lab_fault(fault, "order");
        assert_int_equal(place(), HX_OUTCOME_UNKNOWN);
        prepare();
        assert_int_equal(query(), lost == 0 ? HX_OUTCOME_DONE : HX_OUTCOME_ABSENT);
    }
    /* The one that was adopted is the only one. */
    wanted.trigger_price = (hx_dec){58, 3};
    assert_int_equal(cancel(), HX_OUTCOME_DONE);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    assert_int_equal(cancel(), HX_OUTCOME_ABSENT);
}

static void each_figure_tells_stops_apart(void **state) {
    const struct hx_stop_request first = wanted;
    (void)state;
    buy();
    assert_int_equal(place(), HX_OUTCOME_DONE);
    struct hx_stop_request others[] = {first, first, first, first, first};
    others[0].kind = HX_TAKE_PROFIT;
    others[1].side = HX_SIDE_BUY;
    others[2].quantity = (hx_dec){1, -2};
    others[3].trigger_price = (hx_dec){57, 3};
    others[4].by_mark = true;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        wanted = others[i];
        assert_int_equal(query(), HX_OUTCOME_ABSENT);
    }
    wanted = others[4];
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_int_equal(cancel(), HX_OUTCOME_DONE);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    wanted = first;
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_true(stop.waiting);
}

static void a_stop_vanishes_after_its_week(void **state) {
    (void)state;
    buy();
    assert_int_equal(place(), HX_OUTCOME_DONE);
    hx_str id = number();
    hx_time expires = stop.expires_ms;
    host.now = expires - 10 * HX_MS_PER_MINUTE;
    prepare();
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_true(stop.waiting);
    host.now = expires + HX_MS_PER_HOUR;
    prepare();
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    wanted.venue_stop_id = id;
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_true(!stop.waiting && !stop.triggered);
}

static void what_would_trigger_at_once_is_refused(void **state) {
    (void)state;
    buy();
    wanted.trigger_price = (hx_dec){61, 3};
    assert_int_equal(place(), HX_OUTCOME_REJECTED);
    assert_int_equal(stop.venue_code, 3004);
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
}

/* Up to what a request can hold all fills are read; of more it is said that asking again would not help, and the order
 * itself says what they were worth together. */
static void more_fills_than_can_be_held_are_told(void **state) {
    static const uint32_t parts[] = {1, 50, 100, 150, 300, 1000};
    struct hx_order_report report;
    struct hx_fills fills;
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char id[32];
        prepare();
        snprintf(id, sizeof id, "many-%u", parts[i]);
        lab_fault((struct hx_lab_fault){.kind = HX_LAB_FAULT_SPLIT, .parts = parts[i]}, "order");
        struct hx_order_request order = {.symbol = BTC,
                                         .side = HX_SIDE_BUY,
                                         .type = HX_ORDER_MARKET,
                                         .quantity = {1, -1},
                                         .leverage = 5,
                                         .client_order_id = hx_str_from_c(id)};
        hx_venue_place(&req, &live, &order, host.now + 3000, &report);
        assert_int_equal(report.outcome, HX_OUTCOME_DONE);
        prepare();
        hx_venue_query(&req, &live, BTC, order.client_order_id, &report);
        assert_int_equal(report.outcome, HX_OUTCOME_DONE);
        assert_int_equal(report.status, HX_ORDER_FILLED);
        assert_true(hx_str_equal(report.fee_asset, HX_STR("USDT")));
        struct hx_venue_result result = hx_venue_fills(&req, &live, BTC, report.venue_order_id, &fills);
        bool held = parts[i] <= 150;
        assert_int_equal(result.outcome, held ? HX_OUTCOME_DONE : HX_OUTCOME_UNKNOWN);
        assert_int_equal(result.too_many, !held);
        assert_int_equal(fills.count, held ? parts[i] : 0);
        /* Where little of the request's memory is left, it is asked again in a fresh one first. */
        size_t left = req.arena.size - req.arena.used;
        assert_non_null(hx_arena_take(&req.arena, left - 120000));
        result = hx_venue_fills(&req, &live, BTC, report.venue_order_id, &fills);
        assert_int_equal(result.outcome, parts[i] <= 50 ? HX_OUTCOME_DONE : HX_OUTCOME_UNKNOWN);
        assert_int_equal(result.too_many, false);
    }
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_stop_closes_its_position),
        CASE(a_lost_answer_leaves_one_stop),
        CASE(each_figure_tells_stops_apart),
        CASE(a_stop_vanishes_after_its_week),
        CASE(what_would_trigger_at_once_is_refused),
        CASE(more_fills_than_can_be_held_are_told),
    };
    return cmocka_run_group_tests(tests, lab_group_setup, lab_group_end);
}
