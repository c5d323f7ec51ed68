/* Goal: a deployment does what is missing and nothing else, and sends what belongs to the Worker and nothing else.
 * Method: a configuration as the build writes it, with states before, between and after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/deploy_plan.h"

#define METADATA_MAX 8192

static const char config_text[] =
    "{\"main\":\"worker.mjs\",\"compatibility_date\":\"2026-03-10\",\"compatibility_flags\":[\"nodejs_compat\"],"
    "\"triggers\":{\"crons\":[\"* * * * *\"]},"
    "\"durable_objects\":{\"bindings\":[{\"name\":\"LANE\",\"class_name\":\"Lane\"}]},"
    "\"migrations\":[{\"tag\":\"v1\",\"new_sqlite_classes\":[\"Lane\"]},{\"tag\":\"v2\",\"new_sqlite_classes\":["
    "\"Room\"]}],"
    "\"d1_databases\":[{\"binding\":\"DB\",\"database_name\":\"hoox-ledger\"}],"
    "\"kv_namespaces\":[{\"binding\":\"CONFIG_KV\",\"id\":\"x\"}],"
    "\"queues\":{\"producers\":[{\"binding\":\"TRADE_QUEUE\",\"queue\":\"trade\"},{\"binding\":\"TRADE_DLQ\",\"queue\":"
    "\"trade-dlq\"}],\"consumers\":[{\"queue\":\"trade\",\"max_batch_size\":10,\"max_batch_timeout\":1,\"max_retries\":"
    "4,"
    "\"dead_letter_queue\":\"trade-dlq\"},{\"queue\":\"trade-dlq\"}]},"
    "\"r2_buckets\":[{\"binding\":\"B\",\"bucket_name\":\"hoox-reports\"}],\"ai\":{\"binding\":\"AI\"}}";

static const char *const migrations[] = {"001_ledger.sql", "002_more.sql"};

static void parse(struct cli_edge_config *config, const char *worker) {
    const char *problem = cli_edge_config_parse(config, hx_str_from_c(config_text), worker);
    if (problem != NULL) fail_msg("%s", problem);
}

static size_t count_action(const struct cli_step *steps, size_t count, const char *action) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) found += strcmp(steps[i].action, action) == 0;
    return found;
}

static void test_plan(void **state) {
    (void)state;
    static struct cli_step steps[CLI_STEPS_MAX];
    struct cli_edge_config config;
    struct cli_edge_state there = {.has_script = false};
    parse(&config, "hoox");
    assert_int_equal(config.item_count, 5);
    assert_int_equal(config.consumer_count, 2);
    size_t count = cli_deploy_plan(&config, &there, "hoox", migrations, 2, steps);
    assert_int_equal(count, 5 + 2 + 1 + 2 + 2);
    assert_int_equal(count_action(steps, count, "keep"), 0);
    /* Data before code, code before what calls it. */
    for (size_t i = 1; i < count; i++) assert_true(steps[i].kind >= steps[i - 1].kind);
    assert_int_equal(steps[7].kind, CLI_STEP_UPLOAD);
    assert_string_equal(steps[1].name, "hoox-config");

    there.found[0] = there.applied[0] = there.consumes[1] = there.has_schedule = true;
    count = cli_deploy_plan(&config, &there, "hoox", migrations, 2, steps);
    assert_string_equal(steps[0].action, "keep");
    assert_string_equal(steps[1].action, "create");
    assert_string_equal(steps[5].action, "keep");
    assert_string_equal(steps[6].action, "apply");
    assert_string_equal(steps[6].name, "002_more.sql");
    assert_int_equal(count_action(steps, count, "keep"), 4);

    memset(&there, 1, sizeof there);
    count = cli_deploy_plan(&config, &there, "hoox", migrations, 2, steps);
    assert_int_equal(count_action(steps, count, "keep"), count - 1);
    assert_int_equal(count_action(steps, count, "upload"), 1);
    cli_edge_config_release(&config);
}

static void test_names(void **state) {
    (void)state;
    char name[CLI_EDGE_NAME_SIZE];
    struct cli_edge_config config;
    cli_edge_name("hoox", "hoox-ledger", name);
    assert_string_equal(name, "hoox-ledger");
    cli_edge_name("paper", "hoox-ledger", name);
    assert_string_equal(name, "paper-ledger");
    cli_edge_name("paper", "trade", name);
    assert_string_equal(name, "paper-trade");
    parse(&config, "paper");
    assert_string_equal(config.consumers[0].dead, "paper-trade-dlq");
    assert_string_equal(config.consumers[1].dead, "");
    assert_int_equal(config.consumers[0].wait_ms, 1000);
    cli_edge_config_release(&config);
}

static void test_bad_configurations(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"compatibility_date\":\"2026-03-10\",\"r2_buckets\":[{\"binding\":\"B\"}]}",
        "{\"compatibility_date\":\"2026-03-10\",\"r2_buckets\":[{\"binding\":\"B\",\"bucket_name\":\"X\"}]}",
        "{\"compatibility_date\":\"2026-03-10\",\"queues\":{\"consumers\":[{}]}}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cli_edge_config config;
        assert_non_null(cli_edge_config_parse(&config, hx_str_from_c(bad[i]), "hoox"));
        assert_null(config.memory);
    }
}

static void test_what_travels(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum cli_travel travel;
    } table[] = {
        {"BINANCE_API_SECRET", CLI_SECRET},
        {"BINANCE_API_KEY", CLI_SECRET},
        {"BYBIT_API_SECRET", CLI_SECRET},
        {"BYBIT_API_KEY", CLI_SECRET},
        {"MEXC_API_SECRET", CLI_SECRET},
        {"MEXC_API_KEY", CLI_SECRET},
        {"BINANCE_TESTNET_API_SECRET", CLI_SECRET},
        {"BINANCE_TESTNET_API_KEY", CLI_SECRET},
        {"BYBIT_TESTNET_API_SECRET", CLI_SECRET},
        {"BYBIT_TESTNET_API_KEY", CLI_SECRET},
        {"HOOX_WEBHOOK_KEY", CLI_SECRET},
        {"HOOX_OPERATOR_TOKEN", CLI_SECRET},
        {"HOOX_NOTIFY_URL", CLI_SECRET},
        {"MEXC_PASSPHRASE", CLI_SECRET},
        {"HOOX_LOG_LEVEL", CLI_PLAIN},
        {"HOOX_BINANCE_FUTURES_URL", CLI_PLAIN},
        {"HOOX_BYBIT_TESTNET_URL", CLI_PLAIN},
        {"HOOX_MEXC_SPOT_URL", CLI_PLAIN},
        {"CLOUDFLARE_API_TOKEN", CLI_STAYS},
        {"CLOUDFLARE_ACCOUNT_ID", CLI_STAYS},
        {"HOOX_DATA", CLI_STAYS},
        {"HOOX_LISTEN", CLI_STAYS},
        {"HOOX_WORKER_URL", CLI_STAYS},
        {"PATH", CLI_STAYS},
        {"AWS_SECRET", CLI_STAYS},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (cli_edge_travel(table[i].name) != table[i].travel) fail_msg("%s", table[i].name);
    }
}

static void write_metadata(const struct cli_edge_config *config, const char *tag, char *out, bool wanted) {
    static char n1[] = "BINANCE_API_SECRET", v1[] = "a\"b", n2[] = "HOOX_LOG_LEVEL", v2[] = "info",
                n3[] = "HOOX_OPERATOR_TOKEN", v3[] = "", n4[] = "CLOUDFLARE_API_TOKEN", v4[] = "not-to-be-sent";
    const struct cli_settings settings = {.list = {{n1, v1}, {n2, v2}, {n3, v3}, {n4, v4}}, .count = 4};
    struct cli_edge_state there = {.has_script = tag[0] != '\0'};
    struct hx_buf buf;
    snprintf(there.ids[0], sizeof there.ids[0], "the-database");
    snprintf(there.ids[1], sizeof there.ids[1], "the-namespace");
    snprintf(there.tag, sizeof there.tag, "%s", tag);
    hx_buf_init(&buf, out, METADATA_MAX - 1);
    assert_int_equal(hx_ok(cli_edge_write_metadata(config, &there, &settings, &buf)), wanted);
    out[buf.len] = '\0';
}

static void assert_has(const char *text, const char *part, bool wanted) {
    if ((strstr(text, part) != NULL) != wanted) fail_msg("%s %s in %s", part, wanted ? "is not" : "is", text);
}

static void test_metadata(void **state) {
    (void)state;
    char text[METADATA_MAX];
    struct cli_edge_config config;
    parse(&config, "hoox");
    write_metadata(&config, "", text, true);
    assert_true(cli_json_is_valid(text, strlen(text)));
    static const char *const parts[] = {
        "\"main_module\":\"worker.mjs\"",
        "\"compatibility_flags\":[\"nodejs_compat\"]",
        "{\"type\":\"durable_object_namespace\",\"name\":\"LANE\",\"class_name\":\"Lane\"}",
        "{\"type\":\"d1\",\"name\":\"DB\",\"id\":\"the-database\"}",
        "{\"type\":\"kv_namespace\",\"name\":\"CONFIG_KV\",\"namespace_id\":\"the-namespace\"}",
        "{\"type\":\"queue\",\"name\":\"TRADE_DLQ\",\"queue_name\":\"trade-dlq\"}",
        "{\"type\":\"r2_bucket\",\"name\":\"B\",\"bucket_name\":\"hoox-reports\"}",
        "{\"type\":\"ai\",\"name\":\"AI\"}",
        "{\"type\":\"secret_text\",\"name\":\"BINANCE_API_SECRET\",\"text\":\"a\\\"b\"}",
        "{\"type\":\"plain_text\",\"name\":\"HOOX_LOG_LEVEL\",\"text\":\"info\"}",
        ("\"migrations\":{\"new_tag\":\"v2\",\"steps\":[{\"new_sqlite_classes\":[\"Lane\"]},{\"new_sqlite_classes\":"
         "[\"Room\"]}]}"),
        "\"keep_bindings\":[\"secret_text\"]"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) assert_has(text, parts[i], true);
    assert_has(text, "HOOX_OPERATOR_TOKEN", false);
    assert_has(text, "not-to-be-sent", false);
    assert_has(text, "browser", false);
    write_metadata(&config, "v1", text, true);
    assert_has(text, "{\"old_tag\":\"v1\",\"new_tag\":\"v2\",\"steps\":[{\"new_sqlite_classes\":[\"Room\"]}]}", true);
    write_metadata(&config, "v2", text, true);
    assert_has(text, "migrations", false);
    write_metadata(&config, "v3", text, false);
    cli_edge_config_release(&config);
}

static bool is_listed(const struct cli_edge_consumer *consumer, const char *json) {
    static char memory[16384];
    struct hx_arena arena;
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_true(hx_ok(hx_json_parse(&arena, hx_str_from_c(json), &root, NULL)));
    return cli_edge_is_consumer(consumer, "hoox", root);
}

static void test_consumers(void **state) {
    (void)state;
    char memory[512];
    struct hx_buf buf;
    struct cli_edge_config config;
    parse(&config, "hoox");
    hx_buf_init(&buf, memory, sizeof memory);
    assert_true(hx_ok(cli_edge_write_consumer(&config.consumers[0], "hoox", &buf)));
    assert_true(hx_str_equal(hx_buf_str(&buf),
                             HX_STR("{\"type\":\"worker\",\"script_name\":\"hoox\",\"dead_letter_queue\":\"trade-dlq\","
                                    "\"settings\":{\"batch_size\":10,\"max_retries\":4,\"max_wait_time_ms\":1000}}")));
    const struct cli_edge_consumer *c = &config.consumers[0];
    assert_true(is_listed(c,
                          "{\"script\":\"hoox\",\"dead_letter_queue\":\"trade-dlq\",\"settings\":{\"batch_size\":10,"
                          "\"max_retries\":4,\"max_wait_time_ms\":1000,\"max_concurrency\":null}}"));
    assert_false(is_listed(c,
                           "{\"script\":\"hoox\",\"settings\":{\"batch_size\":10,\"max_retries\":4,"
                           "\"max_wait_time_ms\":1000}}"));
    assert_false(is_listed(c,
                           "{\"script_name\":\"hoox\",\"dead_letter_queue\":\"trade-dlq\",\"settings\":{"
                           "\"batch_size\":9,\"max_retries\":4,\"max_wait_time_ms\":1000}}"));
    assert_false(is_listed(c,
                           "{\"script\":\"x\",\"dead_letter_queue\":\"trade-dlq\",\"settings\":{\"batch_size\":10,"
                           "\"max_retries\":4,\"max_wait_time_ms\":1000}}"));
    cli_edge_config_release(&config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan),         cmocka_unit_test(test_names),    cmocka_unit_test(test_bad_configurations),
        cmocka_unit_test(test_what_travels), cmocka_unit_test(test_metadata), cmocka_unit_test(test_consumers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
