/* Goal: each of the sixteen keys takes what its type allows, reads back as that, and falls back or fails safe as
 * manifest.h says; applying the manifest writes what is missing and no more. Covers manifest.c, manifest_value.c and
 * manifest_read.c. Method: a table of right and wrong values per key; readers on a small host; the difference on
 * made-up stores, applied twice. */
#include "core/admit/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/admit/fake_host.h"

static int setup(void **state) {
    (void)state;
    fake_reset();
    return 0;
}

static hx_err check(enum hx_manifest_key key, const char *value) {
    hx_str issue = HX_STR_EMPTY;
    hx_err err = hx_manifest_check(&fake.req.arena, key, hx_str_from_c(value), &issue);
    assert_int_equal(hx_failed(err), issue.len > 0);
    return err;
}

static void assert_dec(hx_dec value, const char *text) {
    hx_dec expected = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &expected)));
    assert_true(hx_dec_equal(value, expected));
}

static void there_are_sixteen_and_their_defaults_are_valid(void **state) {
    (void)state;
    assert_int_equal(HX_MANIFEST_COUNT, 16);
    for (uint32_t i = 0; i < HX_MANIFEST_COUNT; i++) {
        struct hx_manifest_info info = hx_manifest_info((enum hx_manifest_key)i);
        enum hx_manifest_key found = HX_MANIFEST_COUNT;
        hx_str issue = HX_STR_EMPTY;
        assert_true(info.meaning.len > 0 && info.type_name.len > 0);
        assert_true(hx_ok(hx_manifest_check(&fake.req.arena, (enum hx_manifest_key)i, info.default_value, &issue)));
        assert_true(hx_manifest_find(info.name, &found));
        assert_int_equal(found, i);
    }
    enum hx_manifest_key found;
    assert_false(hx_manifest_find(HX_STR("trade:kill_switc"), &found));
    assert_false(hx_manifest_find(HX_STR(""), &found));
}

#define VALUES_MAX 24
static const struct {
    enum hx_manifest_key key;
    const char *right[VALUES_MAX];
    const char *wrong[VALUES_MAX];
} values[] = {
    {HX_MANIFEST_KILL_SWITCH,
     {"off", "reduce", "halt", "on", "true", "yes", "1", "false", "no", "0", " ON ", "Halt"},
     {"", "stop", "2", "off!", "\"off\""}},
    {HX_MANIFEST_MAX_DAILY_DRAWDOWN_PERCENT, {"0", "5", "2.5", "100", " 7 "}, {"", "-1", "100.1", "5%", "NaN", "1e9"}},
    {HX_MANIFEST_DRAWDOWN_ACTION, {"reduce", "flatten", "FLATTEN"}, {"", "halt", "off"}},
    {HX_MANIFEST_MAX_ORDER_NOTIONAL,
     {"0", "2500", "0.5", "1000000000000"},
     {"", "-1", "1000000000000.1", "2,500", "$5"}},
    {HX_MANIFEST_MAX_SIGNAL_AGE, {"1", "3600", "604800"}, {"", "0", "-1", "604801", "1.5", "1h"}},
    {HX_MANIFEST_DEFAULT_LEVERAGE, {"1", "125"}, {"", "0", "126", "10x", "1.5"}},
    {HX_MANIFEST_DEFAULT_ROUTING, {"binance", "Bybit", "mexc"}, {"", "kraken", "binance,bybit"}},
    {HX_MANIFEST_ROUTING,
     {"{}", "{\"SOLUSDT\":\"binance\"}", " {\"A1\":\"MEXC\",\"B2\":\"bybit\"} "},
     {"", "[]", "{\"SOLUSDT\":\"kraken\"}", "{\"SOL-USDT\":\"bybit\"}", "{\"solusdt\":\"bybit\"}", "{\"SOLUSDT\":1}",
      "{\"SOLUSDT\":\"bybit\",\"SOLUSDT\":\"mexc\"}", "{\"\":\"bybit\"}", "{", "null"}},
    {HX_MANIFEST_ENABLED,
     {"binance", "binance,bybit,mexc", " MEXC , bybit "},
     {"", ",", "binance,", "binance,,mexc", "binance,binance", "kraken", "binance bybit"}},
    {HX_MANIFEST_QUEUE_MODE, {"queue_failover", "queue_everywhere", "Queue_Disabled"}, {"", "direct_only", "queue"}},
    {HX_MANIFEST_RATE_LIMIT, {"120/60", "1/1", "0", "off"}, {"", "120", "0/60", "120/0", "x/y"}},
    {HX_MANIFEST_IP_CHECK, {"true", "false", "on", "off", "yes", "no", "1", "0"}, {"", "maybe", "2"}},
    {HX_MANIFEST_ALLOWED_IPS, {"", "1.2.3.4", "1.2.3.4/32, ::1/128"}, {"1.2.3.4/24", "all", "1.2.3", "::1%lo"}},
    {HX_MANIFEST_TRAILING_STOP_PERCENT, {"0", "2", "0.75", "99.9"}, {"", "100", "-1", "2%"}},
    {HX_MANIFEST_TAKE_PROFIT_LADDER,
     {"", " ", "3:25", "3:25,5:25:breakeven", "0.5:100", "1:10,2:10,3:10,4:10,5:10,6:10,7:10,8:30",
      " 3 : 25 , 5 : 25 : BreakEven "},
     {"3", "3:", ":25", "3:0", "0:25", "3:101", "3:60,5:60", "5:25,3:25", "3:25,3:25", "3:25:be", "3:25,",
      "3:25:breakeven:x", "-3:25", "100001:1", "1:1,2:1,3:1,4:1,5:1,6:1,7:1,8:1,9:1", "a:b"}},
    {HX_MANIFEST_PROVIDER_CHAIN,
     {"", "local", "openai,local", "workers-ai,local,anthropic,google,openai"},
     {"llama", "local,local", "local,", ",local"}},
};

static void every_type_has_its_values(void **state) {
    (void)state;
    assert_int_equal(sizeof values / sizeof values[0], HX_MANIFEST_COUNT);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_int_equal(values[i].key, i);
        for (size_t k = 0; k < VALUES_MAX && values[i].right[k] != NULL; k++) {
            hx_err err = check(values[i].key, values[i].right[k]);
            if (hx_failed(err)) print_error("key %zu refused \"%s\"\n", i, values[i].right[k]);
            assert_true(hx_ok(err));
        }
        for (size_t k = 0; k < VALUES_MAX && values[i].wrong[k] != NULL; k++) {
            hx_err err = check(values[i].key, values[i].wrong[k]);
            if (hx_ok(err)) print_error("key %zu accepted \"%s\"\n", i, values[i].wrong[k]);
            assert_true(hx_err_equal(err, HX_ERR(REJECT_INPUT)));
        }
    }
}

static void long_values_are_refused(void **state) {
    static char text[HX_MANIFEST_VALUE_LEN_MAX + 2];
    (void)state;
    for (size_t i = 0; i < sizeof text - 1; i++) text[i] = ' ';
    assert_true(hx_failed(check(HX_MANIFEST_ALLOWED_IPS, text)));
    text[HX_MANIFEST_VALUE_LEN_MAX] = '\0';
    assert_true(hx_ok(check(HX_MANIFEST_ALLOWED_IPS, text)));
}

static void absent_reads_as_the_default(void **state) {
    struct hx_cidr_list ips;
    struct hx_ladder ladder;
    struct hx_provider_chain chain;
    hx_dec cap = hx_dec_from_i64(1);
    (void)state;
    assert_int_equal(hx_manifest_kill_switch(&fake.req), HX_KILL_SWITCH_OFF);
    assert_dec(hx_manifest_max_daily_drawdown_percent(&fake.req), "5");
    assert_int_equal(hx_manifest_drawdown_action(&fake.req), HX_DRAWDOWN_FLATTEN);
    assert_true(hx_ok(hx_manifest_max_order_notional(&fake.req, &cap)));
    assert_dec(cap, "0");
    assert_int_equal(hx_manifest_max_signal_age_ms(&fake.req), 3600000);
    assert_int_equal(hx_manifest_default_leverage(&fake.req), 1);
    assert_int_equal(hx_manifest_route(&fake.req, HX_STR("BTCUSDT")), HX_VENUE_BYBIT);
    assert_true(hx_manifest_venue_enabled(&fake.req, HX_VENUE_BINANCE));
    assert_true(hx_manifest_venue_enabled(&fake.req, HX_VENUE_MEXC));
    assert_false(hx_manifest_venue_enabled(&fake.req, HX_VENUE_NONE));
    assert_int_equal(hx_manifest_queue_mode(&fake.req), HX_QUEUE_FAILOVER);
    assert_int_equal(hx_manifest_rate_limit(&fake.req).count, 120);
    assert_int_equal(hx_manifest_rate_limit(&fake.req).window_ms, 60000);
    assert_true(hx_manifest_ip_check(&fake.req));
    hx_manifest_allowed_ips(&fake.req, &ips);
    assert_int_equal(ips.count, 6);
    assert_dec(hx_manifest_trailing_stop_percent(&fake.req), "0");
    hx_manifest_take_profit_ladder(&fake.req, &ladder);
    assert_int_equal(ladder.count, 0);
    hx_manifest_provider_chain(&fake.req, &chain);
    assert_int_equal(chain.count, 5);
    assert_int_equal(chain.list[0], HX_AI_WORKERS_AI);
    assert_int_equal(fake.warning_count, 0);
}

static void stored_values_are_read(void **state) {
    struct hx_ladder ladder;
    struct hx_provider_chain chain;
    struct hx_cidr_list ips;
    hx_dec cap = HX_DEC_ZERO;
    (void)state;
    fake_kv("trade:kill_switch", "halt");
    fake_kv("trade:max_daily_drawdown_percent", "2.5");
    fake_kv("trade:drawdown_action", "reduce");
    fake_kv("trade:max_order_notional", " 2500.5");
    fake_kv("trade:max_signal_age", "60");
    fake_kv("trade:default_leverage", "10");
    fake_kv("exchanges:default_routing", "mexc");
    fake_kv("exchanges:routing", "{\"SOLUSDT\":\"binance\"}");
    fake_kv("exchanges:enabled", "binance");
    fake_kv("webhook:queue_mode", "queue_disabled");
    fake_kv("webhook:rate_limit", "5/10");
    fake_kv("webhook:ip_check", "off");
    fake_kv("webhook:allowed_ips", "1.2.3.4");
    fake_kv("risk:trailing_stop_percent", "0.75");
    fake_kv("risk:take_profit_ladder", "3:25,5:30:breakeven");
    fake_kv("agent:provider_chain", "openai,local");
    assert_int_equal(hx_manifest_kill_switch(&fake.req), HX_KILL_SWITCH_HALT);
    assert_int_equal(fake.strong_count, 1);
    assert_dec(hx_manifest_max_daily_drawdown_percent(&fake.req), "2.5");
    assert_int_equal(hx_manifest_drawdown_action(&fake.req), HX_DRAWDOWN_REDUCE);
    assert_true(hx_ok(hx_manifest_max_order_notional(&fake.req, &cap)));
    assert_dec(cap, "2500.5");
    assert_int_equal(hx_manifest_max_signal_age_ms(&fake.req), 60000);
    assert_int_equal(hx_manifest_default_leverage(&fake.req), 10);
    assert_int_equal(hx_manifest_route(&fake.req, HX_STR("SOLUSDT")), HX_VENUE_BINANCE);
    assert_int_equal(hx_manifest_route(&fake.req, HX_STR("BTCUSDT")), HX_VENUE_MEXC);
    assert_true(hx_manifest_venue_enabled(&fake.req, HX_VENUE_BINANCE));
    assert_false(hx_manifest_venue_enabled(&fake.req, HX_VENUE_MEXC));
    assert_int_equal(hx_manifest_queue_mode(&fake.req), HX_QUEUE_DISABLED);
    assert_int_equal(hx_manifest_rate_limit(&fake.req).count, 5);
    assert_false(hx_manifest_ip_check(&fake.req));
    hx_manifest_allowed_ips(&fake.req, &ips);
    assert_int_equal(ips.count, 1);
    assert_dec(hx_manifest_trailing_stop_percent(&fake.req), "0.75");
    hx_manifest_take_profit_ladder(&fake.req, &ladder);
    assert_int_equal(ladder.count, 2);
    assert_dec(ladder.rungs[0].gain_percent, "3");
    assert_dec(ladder.rungs[1].share_percent, "30");
    assert_true(!ladder.rungs[0].breakeven && ladder.rungs[1].breakeven);
    hx_manifest_provider_chain(&fake.req, &chain);
    assert_int_equal(chain.count, 2);
    assert_int_equal(chain.list[0], HX_AI_OPENAI);
    assert_int_equal(chain.list[1], HX_AI_LOCAL);
    assert_int_equal(fake.warning_count, 0);
}

static void booleans_have_many_words(void **state) {
    static const char *const yes[] = {"true", "on", "yes", "1", " TRUE "};
    static const char *const no[] = {"false", "off", "no", "0"};
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        fake_kv("webhook:ip_check", yes[i]);
        assert_true(hx_manifest_ip_check(&fake.req));
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        fake_kv("webhook:ip_check", no[i]);
        assert_false(hx_manifest_ip_check(&fake.req));
    }
}

static void store_rubbish_everywhere(void) {
    for (uint32_t i = 0; i < HX_MANIFEST_COUNT; i++) {
        char name[64];
        hx_str text = hx_manifest_info((enum hx_manifest_key)i).name;
        snprintf(name, sizeof name, "%.*s", (int)text.len, text.data);
        fake_kv(name, "rubbish-hxk_key");
    }
}

static void assert_safe(void) {
    struct hx_cidr_list ips;
    struct hx_ladder ladder;
    struct hx_provider_chain chain;
    hx_dec cap = HX_DEC_ZERO;
    assert_int_equal(hx_manifest_kill_switch(&fake.req), HX_KILL_SWITCH_REDUCE);
    assert_true(hx_err_equal(hx_manifest_max_order_notional(&fake.req, &cap), HX_ERR(BROKEN_CONFIG)));
    assert_int_equal(hx_manifest_route(&fake.req, HX_STR("BTCUSDT")), HX_VENUE_NONE);
    assert_false(hx_manifest_venue_enabled(&fake.req, HX_VENUE_BINANCE));
    assert_int_equal(fake.warning_count, 4);
    assert_dec(hx_manifest_max_daily_drawdown_percent(&fake.req), "5");
    assert_int_equal(hx_manifest_drawdown_action(&fake.req), HX_DRAWDOWN_FLATTEN);
    assert_int_equal(hx_manifest_max_signal_age_ms(&fake.req), 3600000);
    assert_int_equal(hx_manifest_default_leverage(&fake.req), 1);
    assert_int_equal(hx_manifest_queue_mode(&fake.req), HX_QUEUE_FAILOVER);
    assert_int_equal(hx_manifest_rate_limit(&fake.req).count, 120);
    assert_true(hx_manifest_ip_check(&fake.req));
    hx_manifest_allowed_ips(&fake.req, &ips);
    assert_int_equal(ips.count, 6);
    assert_dec(hx_manifest_trailing_stop_percent(&fake.req), "0");
    hx_manifest_take_profit_ladder(&fake.req, &ladder);
    assert_int_equal(ladder.count, 0);
    hx_manifest_provider_chain(&fake.req, &chain);
    assert_int_equal(chain.count, 5);
    assert_int_equal(fake.warning_count, 15);
}

/* Also: what is wrong is named in the log, never quoted, for it may be a secret in the wrong place. */
static void rubbish_is_safe(void **state) {
    size_t at = 0;
    (void)state;
    store_rubbish_everywhere();
    assert_safe();
    assert_false(hx_str_find(hx_str_make(fake.logged, fake.logged_len), HX_STR("hxk_"), &at));
    assert_true(hx_str_find(hx_str_make(fake.logged, fake.logged_len), HX_STR("trade:kill_switch"), &at));
}

static void an_unreadable_store_is_safe(void **state) {
    (void)state;
    fake.kv_err = HX_ERR(BROKEN_STORE);
    assert_safe();
}

/* A map that does not fit into memory must not send the order to the default venue instead. */
static void exhaustion_gives_no_route(void **state) {
    (void)state;
    fake_kv("exchanges:routing", "{\"SOLUSDT\":\"binance\"}");
    fake.req.arena.used = fake.req.arena.size;
    assert_int_equal(hx_manifest_route(&fake.req, HX_STR("SOLUSDT")), HX_VENUE_NONE);
}

static void readers_leave_the_arena_as_it_was(void **state) {
    (void)state;
    fake_kv("exchanges:routing", "{\"SOLUSDT\":\"binance\",\"BTCUSDT\":\"mexc\"}");
    size_t before = hx_arena_mark(&fake.req.arena);
    assert_int_equal(hx_manifest_route(&fake.req, HX_STR("BTCUSDT")), HX_VENUE_MEXC);
    assert_int_equal(hx_arena_mark(&fake.req.arena), before);
}

static void kill_switch_words(void **state) {
    enum hx_kill_switch kill = HX_KILL_SWITCH_OFF;
    (void)state;
    assert_true(hx_ok(hx_kill_switch_parse(HX_STR(" True "), &kill)));
    assert_int_equal(kill, HX_KILL_SWITCH_REDUCE);
    assert_true(hx_ok(hx_kill_switch_parse(HX_STR("no"), &kill)));
    assert_int_equal(kill, HX_KILL_SWITCH_OFF);
    assert_true(hx_failed(hx_kill_switch_parse(HX_STR("flatten"), &kill)));
    assert_true(hx_str_equal(hx_kill_switch_name(HX_KILL_SWITCH_OFF), HX_STR("off")));
    assert_true(hx_str_equal(hx_kill_switch_name(HX_KILL_SWITCH_REDUCE), HX_STR("reduce")));
    assert_true(hx_str_equal(hx_kill_switch_name(HX_KILL_SWITCH_HALT), HX_STR("halt")));
}

static hx_str stored(const char *key) {
    struct fake_pair *pair = fake_find(fake.kv, fake.kv_count, hx_str_from_c(key));
    return pair != NULL ? fake_value(pair) : HX_STR_EMPTY;
}

static void applying_writes_what_is_missing(void **state) {
    struct hx_manifest_change changes[HX_MANIFEST_COUNT];
    (void)state;
    fake_kv("trade:default_leverage", "10");
    fake_kv("webhook:rate_limit", "rubbish");
    fake_kv("risk:trailing_stop_percent", "0");
    assert_true(hx_ok(hx_manifest_compare(&fake.req, false, changes)));
    assert_int_equal(fake.put_count, 0);
    assert_int_equal(changes[HX_MANIFEST_DEFAULT_LEVERAGE].state, HX_MANIFEST_CHANGED);
    assert_int_equal(changes[HX_MANIFEST_RATE_LIMIT].state, HX_MANIFEST_INVALID);
    assert_int_equal(changes[HX_MANIFEST_TRAILING_STOP_PERCENT].state, HX_MANIFEST_SAME);
    assert_int_equal(changes[HX_MANIFEST_QUEUE_MODE].state, HX_MANIFEST_MISSING);
    assert_true(hx_str_equal(changes[HX_MANIFEST_DEFAULT_LEVERAGE].current, HX_STR("10")));

    assert_true(hx_ok(hx_manifest_apply(&fake.req, false, changes)));
    assert_int_equal(fake.put_count, 12); /* 16, less the three that are set, less the kill switch. */
    assert_true(hx_str_equal(stored("trade:default_leverage"), HX_STR("10")));
    assert_true(hx_str_equal(stored("webhook:rate_limit"), HX_STR("rubbish")));
    assert_true(hx_str_equal(stored("webhook:queue_mode"), HX_STR("queue_failover")));
    assert_int_equal(stored("trade:kill_switch").len, 0);
    assert_true(hx_ok(hx_manifest_apply(&fake.req, false, changes)));
    assert_int_equal(fake.put_count, 12);
}

static void force_resets_all_but_the_kill_switch(void **state) {
    struct hx_manifest_change changes[HX_MANIFEST_COUNT];
    (void)state;
    store_rubbish_everywhere();
    fake_kv("trade:kill_switch", "halt");
    assert_true(hx_ok(hx_manifest_apply(&fake.req, true, changes)));
    assert_int_equal(fake.put_count, 15);
    assert_false(changes[HX_MANIFEST_KILL_SWITCH].write);
    assert_int_equal(changes[HX_MANIFEST_KILL_SWITCH].state, HX_MANIFEST_CHANGED);
    assert_true(hx_str_equal(stored("trade:kill_switch"), HX_STR("halt")));
    for (uint32_t i = 0; i < HX_MANIFEST_COUNT; i++) {
        struct hx_manifest_info info = hx_manifest_info((enum hx_manifest_key)i);
        struct fake_pair *pair = fake_find(fake.kv, fake.kv_count, info.name);
        if (i != HX_MANIFEST_KILL_SWITCH) assert_true(hx_str_equal(fake_value(pair), info.default_value));
    }
    assert_true(hx_ok(hx_manifest_apply(&fake.req, true, changes)));
    assert_int_equal(fake.put_count, 15);
}

static void a_failing_store_is_told(void **state) {
    struct hx_manifest_change changes[HX_MANIFEST_COUNT];
    (void)state;
    fake.kv_err = HX_ERR(BROKEN_STORE);
    assert_true(hx_err_equal(hx_manifest_compare(&fake.req, false, changes), HX_ERR(BROKEN_STORE)));
    assert_true(hx_err_equal(hx_manifest_apply(&fake.req, false, changes), HX_ERR(BROKEN_STORE)));
}

static void states_have_names(void **state) {
    (void)state;
    assert_true(hx_str_equal(hx_manifest_state_name(HX_MANIFEST_MISSING), HX_STR("missing")));
    assert_true(hx_str_equal(hx_manifest_state_name(HX_MANIFEST_SAME), HX_STR("same")));
    assert_true(hx_str_equal(hx_manifest_state_name(HX_MANIFEST_CHANGED), HX_STR("changed")));
    assert_true(hx_str_equal(hx_manifest_state_name(HX_MANIFEST_INVALID), HX_STR("invalid")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(there_are_sixteen_and_their_defaults_are_valid, setup),
        cmocka_unit_test_setup(every_type_has_its_values, setup),
        cmocka_unit_test_setup(long_values_are_refused, setup),
        cmocka_unit_test_setup(absent_reads_as_the_default, setup),
        cmocka_unit_test_setup(stored_values_are_read, setup),
        cmocka_unit_test_setup(booleans_have_many_words, setup),
        cmocka_unit_test_setup(rubbish_is_safe, setup),
        cmocka_unit_test_setup(an_unreadable_store_is_safe, setup),
        cmocka_unit_test_setup(exhaustion_gives_no_route, setup),
        cmocka_unit_test_setup(readers_leave_the_arena_as_it_was, setup),
        cmocka_unit_test_setup(kill_switch_words, setup),
        cmocka_unit_test_setup(applying_writes_what_is_missing, setup),
        cmocka_unit_test_setup(force_resets_all_but_the_kill_switch, setup),
        cmocka_unit_test_setup(a_failing_store_is_told, setup),
        cmocka_unit_test_setup(states_have_names, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
