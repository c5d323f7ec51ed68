/* Goal: an owner hears at start what is wrong with an exchange or a key, hoox does not start with a key that may
 * withdraw when it was told not to, and nobody is asked who has no key. Method: the operator's question and /ready with
 * a venue at the client's interface (test/app/venue_double.h) that answers as set; answers and log lines are compared.
 * Covers venues.c. */
#include "test/app/venue_double.h"

static char logged[4096];

static void on_text(void *context, struct hx_host *sim, const char *where, hx_str text) {
    (void)context, (void)sim;
    size_t len = strlen(logged);
    if (strcmp(where, "log detail") != 0 || len + text.len + 2 > sizeof(logged)) return;
    snprintf(logged + len, sizeof(logged) - len, "%.*s\n", (int)text.len, text.data);
}

static const struct world_answer *ask(const char *path, const char *query) {
    world_begin();
    logged[0] = '\0';
    hx_sim_observe(world.sim, &(struct hx_sim_observer){.on_text = on_text});
    return world_handle(&(struct hx_event){.kind = HX_EVENT_HTTP,
                                           .method = HX_HTTP_METHOD_GET,
                                           .path = hx_str_from_c(path),
                                           .query = hx_str_from_c(query),
                                           .from_operator = true});
}

static const struct world_answer *start(void) {
    return ask("/v1/venues", "start=1");
}

static const char *first(const char *member) {
    char path[100];
    snprintf(path, sizeof(path), "venues.0.%s", member);
    return world_json(ask("/v1/venues", "")->body, path);
}

static void assert_logged(const char *words) {
    if (strstr(logged, words) == NULL) fail_msg("not in the log: %s; but: %s", words, logged);
}

static void a_good_key_is_no_news(void **state) {
    (void)state;
    venue.rights = (struct hx_key_rights){.may_trade_known = true,
                                          .may_trade = true,
                                          .may_withdraw_known = true,
                                          .address_known = true,
                                          .bound_to_address = true};
    const struct world_answer *answer = start();
    assert_int_equal(answer->status, 200);
    assert_string_equal(world_json(answer->body, "venues.0.name"), "binance-futures");
    assert_string_equal(world_json(answer->body, "venues.0.problems.0"), "-");
    assert_string_equal(world_json(answer->body, "venues.0.mayWithdraw"), "false");
    assert_logged("binance-futures");
    assert_null(strstr(logged, "WITHDRAW"));
    /* It is kept for those that only may look. */
    answer = ask("/ready", "");
    assert_int_equal(answer->status, 200);
    assert_string_equal(world_json(answer->body, "venues.binance.mayTrade"), "true");
    assert_string_equal(world_json(answer->body, "venues.binance.mayWithdraw"), "false");
    assert_string_equal(world_json(answer->body, "venues.binance.boundToAddress"), "true");
}

static void a_key_that_may_withdraw_is_shouted_about(void **state) {
    (void)state;
    venue.rights = (struct hx_key_rights){.may_withdraw_known = true, .may_withdraw = true, .address_known = true};
    const struct world_answer *answer = start();
    assert_int_equal(answer->status, 200);
    assert_logged("binance-futures lets BINANCE_API_KEY WITHDRAW");
    assert_logged("takes BINANCE_API_KEY from everywhere");
    assert_string_equal(world_json(ask("/ready", "")->body, "venues.binance.mayWithdraw"), "true");
    assert_string_equal(world_json(ask("/ready", "")->body, "venues.binance.boundToAddress"), "false");
    assert_string_equal(first("mayWithdraw"), "true");
    assert_string_not_equal(first("problems.1"), "-");
}

static void it_can_keep_hoox_from_starting(void **state) {
    (void)state;
    world_setting("HOOX_REFUSE_WITHDRAW_KEYS", "1");
    /* Being told not to look does not make it safe. */
    world_setting("HOOX_STARTUP_CHECKS", "off");
    venue.rights = (struct hx_key_rights){.may_withdraw_known = true, .may_withdraw = true};
    const struct world_answer *answer = start();
    assert_int_equal(answer->status, 403);
    assert_string_equal(world_json(answer->body, "error.code"), "WITHDRAW_KEY");
    assert_non_null(strstr(world_json(answer->body, "error.message"), "BINANCE_API_KEY may withdraw"));
    /* Looking alone refuses nothing. */
    assert_int_equal(ask("/v1/venues", "")->status, 200);
    venue.rights.may_withdraw = false;
    assert_int_equal(start()->status, 200);
}

/* What can't be found out keeps nobody from starting. */
static void an_unreachable_exchange_is_a_warning(void **state) {
    (void)state;
    world_setting("HOOX_REFUSE_WITHDRAW_KEYS", "1");
    venue.clock_answer = (struct hx_venue_result){.outcome = HX_OUTCOME_BUSY, .message = HX_STR("No route.")};
    assert_int_equal(start()->status, 200);
    assert_logged("binance-futures does not answer now: No route.");
    assert_string_equal(first("reachable"), "false");
    const struct world_answer *answer = ask("/ready", "");
    assert_int_equal(answer->status, 503);
    assert_string_equal(world_json(answer->body, "venues.binance.reachable"), "false");
    assert_string_equal(world_json(answer->body, "venues.binance.problem"), "binance-futures, binance-spot: No route.");
}

static void a_refusal_is_passed_on_in_its_words(void **state) {
    (void)state;
    venue.clock_answer = (struct hx_venue_result){.outcome = HX_OUTCOME_REJECTED,
                                                  .venue_code = 451,
                                                  .message = HX_STR("Not from this country: run hoox elsewhere.")};
    assert_int_equal(start()->status, 200);
    assert_logged("refuses this machine or its key: Not from this country: run hoox elsewhere.");
    venue.clock_answer = double_done();
    venue.rights_answer =
        (struct hx_venue_result){.outcome = HX_OUTCOME_REJECTED, .message = HX_STR("Invalid API key.")};
    start();
    assert_logged("refuses this machine or its key: Invalid API key.");
    /* Where an exchange tells nothing of its keys, a question that takes one shows whether it works. */
    venue.rights_answer = double_done();
    venue.equity_answer =
        (struct hx_venue_result){.outcome = HX_OUTCOME_REJECTED, .message = HX_STR("Signature is wrong.")};
    start();
    assert_logged("Signature is wrong.");
    assert_string_equal(first("reachable"), "true");
}

static void a_key_that_may_not_trade_is_told(void **state) {
    (void)state;
    venue.rights = (struct hx_key_rights){.may_trade_known = true};
    start();
    assert_logged("does not let BINANCE_API_KEY trade");
}

static const char *problems_of(bool may_trade, bool may_trade_other) {
    venue.rights = (struct hx_key_rights){
        .may_trade_known = true, .may_trade = may_trade, .other_known = true, .may_trade_other = may_trade_other};
    return first("problems.0");
}

/* A key made for one market lacks nothing, as long as nobody trades in the other. */
static void a_key_for_one_market_is_no_problem(void **state) {
    (void)state;
    assert_string_equal(problems_of(true, true), "-");
    assert_string_equal(problems_of(false, true), "-");
    assert_string_equal(world_json(ask("/ready", "")->body, "venues.binance.mayTrade"), "true");
    assert_string_equal(problems_of(true, false), "-");
    assert_non_null(strstr(problems_of(false, false), "does not let BINANCE_API_KEY trade: give"));
    world_alert(LONG_BTC);
    assert_non_null(strstr(problems_of(false, true), "does not let BINANCE_API_KEY trade, but hoox has traded there"));
    assert_string_equal(problems_of(true, false), "-");
}

/* What signals mean that name no market. */
static void futures_are_missed_even_before_they_are_traded(void **state) {
    (void)state;
    world_setting("HOOX_BINANCE_FUTURES_URL", "");
    world_setting("HOOX_BINANCE_SPOT_URL", "http://localhost:1");
    assert_non_null(strstr(problems_of(true, false), "lets BINANCE_API_KEY trade, but not futures: give"));
    assert_string_equal(problems_of(false, true), "-");
}

static void nobody_is_asked_who_has_no_key(void **state) {
    (void)state;
    world_setting("BINANCE_API_KEY", "");
    venue.clock_answer = (struct hx_venue_result){.outcome = HX_OUTCOME_BUSY, .message = HX_STR("Asked.")};
    assert_string_equal(world_json(start()->body, "venues.0"), "-");
    assert_null(strstr(logged, "Asked."));
    const struct world_answer *answer = ask("/ready", "");
    assert_int_equal(answer->status, 503);
    assert_non_null(strstr(world_json(answer->body, "problem"), "no key of any exchange"));
}

/* Only the futures' address leads to a laboratory: its key is not shown to the real exchange's spot market. */
static void a_laboratorys_key_stays_on_this_machine(void **state) {
    (void)state;
    world_setting("HOOX_BINANCE_FUTURES_URL", "http://127.0.0.1:1");
    world_setting("HOOX_BINANCE_SPOT_URL", "");
    const struct world_answer *answer = ask("/v1/venues", "");
    assert_string_equal(world_json(answer->body, "venues.0.name"), "binance-futures");
    assert_string_equal(world_json(answer->body, "venues.1"), "-");
    assert_string_equal(world_json(ask("/ready", "")->body, "venues.binance.standIn"), "true");
    world_reset(NULL);
    world_setting("HOOX_BINANCE_FUTURES_URL", "");
    world_setting("HOOX_BINANCE_SPOT_URL", "http://localhost:1");
    answer = ask("/v1/venues", "");
    assert_string_equal(world_json(answer->body, "venues.0.name"), "binance-spot");
    assert_string_equal(world_json(answer->body, "venues.1"), "-");
    world_reset(NULL);
    answer = ask("/v1/venues", "");
    assert_string_equal(world_json(answer->body, "venues.0.market"), "futures");
    assert_string_equal(world_json(answer->body, "venues.1.market"), "spot");
    assert_string_equal(world_json(answer->body, "venues.2"), "-");
}

static void looking_can_be_switched_off(void **state) {
    (void)state;
    world_setting("HOOX_STARTUP_CHECKS", "off");
    venue.clock_answer = (struct hx_venue_result){.outcome = HX_OUTCOME_BUSY, .message = HX_STR("Asked.")};
    const struct world_answer *answer = start();
    assert_int_equal(answer->status, 200);
    assert_string_equal(world_json(answer->body, "asked"), "false");
    assert_string_equal(world_json(answer->body, "venues.0"), "-");
    assert_null(strstr(logged, "Asked."));
}

/* The test network is an entry of its own, and its keys hold no money. */
static void a_test_network_is_looked_at_for_itself(void **state) {
    (void)state;
    world_setting("BINANCE_TESTNET_API_KEY", "testnet");
    world_setting("HOOX_REFUSE_WITHDRAW_KEYS", "yes");
    world_setting("BINANCE_API_KEY", "");
    venue.rights = (struct hx_key_rights){.may_withdraw_known = true, .may_withdraw = true};
    assert_int_equal(start()->status, 200);
    assert_null(strstr(logged, "WITHDRAW"));
    assert_string_equal(first("test"), "true");
    assert_string_equal(first("name"), "binance-futures test");
    assert_string_equal(world_json(ask("/ready", "")->body, "venues.binance-test.reachable"), "true");
}

#define venues_test(function) cmocka_unit_test_setup(function, futures_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        venues_test(a_good_key_is_no_news),
        venues_test(a_key_that_may_withdraw_is_shouted_about),
        venues_test(it_can_keep_hoox_from_starting),
        venues_test(an_unreachable_exchange_is_a_warning),
        venues_test(a_refusal_is_passed_on_in_its_words),
        venues_test(a_key_that_may_not_trade_is_told),
        venues_test(a_key_for_one_market_is_no_problem),
        venues_test(futures_are_missed_even_before_they_are_traded),
        venues_test(nobody_is_asked_who_has_no_key),
        venues_test(a_laboratorys_key_stays_on_this_machine),
        venues_test(looking_can_be_switched_off),
        venues_test(a_test_network_is_looked_at_for_itself),
    };
    return world_run(tests);
}
