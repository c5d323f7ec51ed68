/* Goal: a case can be written down, read, run again and made smaller, and stays the same case. Method: scenarios and
 * swarm seeds through the text form and back, compared by the hash of their runs; a case that fails by construction is
 * shrunk. Covers case.c, run.c, scenario.c, sweep.c, swarm.c, shrink.c and campaign.c. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "sim/campaign.h"
#include "sim/scenario.h"

static struct hx_host *sim;
static struct hx_case *c, *copy;

static void through_text(void) {
    char problem[200] = "";
    FILE *file = tmpfile();
    assert_non_null(file);
    hx_case_write(c, file);
    rewind(file);
    bool read = hx_case_read(copy, file, problem, sizeof(problem));
    fclose(file);
    assert_string_equal(problem, "");
    assert_true(read);
}

static void text_keeps_the_run(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct hx_case_result first, second;
        hx_case_clear(c);
        hx_swarm_build(NULL, seed, c);
        hx_case_run(sim, c, NULL, &first);
        through_text();
        hx_case_run(sim, copy, NULL, &second);
        assert_true(first.hash == second.hash);
        assert_int_equal(first.orders, second.orders);
    }
}

static void seeds_differ(void **state) {
    (void)state;
    struct hx_case_result first, second;
    hx_case_clear(c);
    hx_swarm_build(NULL, 1, c);
    hx_case_run(sim, c, NULL, &first);
    hx_case_clear(c);
    hx_swarm_build(NULL, 2, c);
    hx_case_run(sim, c, NULL, &second);
    assert_true(first.hash != second.hash);
}

static void bad_lines_are_named(void **state) {
    (void)state;
    static const char *const lines[] = {
        "seed x",       "at 5 dance",         "fault 1 no_such 0", "fault 2 delay", "chance delay 70000",
        "at x crash 1", "at 1 signal 0 - {}", "nonsense"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char problem[200] = "";
        FILE *file = tmpfile();
        assert_non_null(file);
        fprintf(file, "# a comment\n\n%s\n", lines[i]);
        rewind(file);
        bool read = hx_case_read(c, file, problem, sizeof(problem));
        fclose(file);
        if (read) print_error("was read: %s\n", lines[i]);
        assert_false(read);
        assert_string_equal(problem, "line 3 can't be understood");
    }
}

static void scenarios_pass(bool edge) {
    for (uint32_t i = 0; i < hx_scenario_count; i++) {
        struct hx_case_result result;
        hx_case_clear(c);
        c->seed = 11;
        c->edge = edge;
        hx_scenarios[i].build(c);
        hx_case_run(sim, c, NULL, &result);
        if (!result.passed) print_error("%s: %s %s\n", hx_scenarios[i].name, result.number, result.text);
        assert_true(result.passed);
        /* At the edge alerts of the same moment may overtake each other, so only the single ones are counted. */
        bool counted = hx_scenarios[i].orders_expected != UINT32_MAX && (!edge || c->action_count == 1);
        if (counted) assert_int_equal(result.orders, hx_scenarios[i].orders_expected);
    }
}

static void scenarios_pass_without_faults(void **state) {
    (void)state;
    scenarios_pass(false);
}

static void scenarios_pass_at_the_edge(void **state) {
    (void)state;
    scenarios_pass(true);
}

/* What once failed: reduced cases, kept as text. Run from the root of the tree. */
static void saved_cases_pass(void **state) {
    (void)state;
    uint32_t count = 0;
    DIR *folder = opendir("sim/cases");
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[300], problem[200] = "";
        if (strstr(entry->d_name, ".case") == NULL) continue;
        (void)snprintf(path, sizeof(path), "sim/cases/%s", entry->d_name);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        bool read = hx_case_read(c, file, problem, sizeof(problem));
        fclose(file);
        assert_string_equal(problem, "");
        assert_true(read);
        struct hx_case_result result;
        hx_case_run(sim, c, NULL, &result);
        if (!result.passed) print_error("%s: %s %s\n", path, result.number, result.text);
        assert_true(result.passed);
        assert_true(result.signals > 0);
        count++;
    }
    closedir(folder);
    assert_true(count > 0);
}

/* Every single is one fault at one call; every pair a second one soon after. */
static void the_sweep_is_what_it_says(void **state) {
    (void)state;
    struct hx_sweep *sweep = hx_sweep_make(sim, false, &hx_sim_venues[0]);
    assert_non_null(sweep);
    uint64_t singles = hx_sweep_single_count(sweep);
    assert_true(singles > 10000);
    for (uint64_t i = 0; i < 200; i++) {
        hx_case_clear(c);
        hx_sweep_build(sweep, i, c);
        assert_int_equal(c->fault_count, 1);
        hx_case_clear(c);
        hx_sweep_build(sweep, singles + i, c);
        assert_int_equal(c->fault_count, 2);
        assert_true(c->faults[1].point > c->faults[0].point);
        assert_true(c->faults[1].point - c->faults[0].point <= 14);
    }
    hx_sweep_release(sweep);
}

static void failing_build(const void *context, uint64_t index, struct hx_case *out) {
    (void)context;
    out->seed = index;
    hx_swarm_build(&hx_sim_venues[0], 7, out);
    hx_case_signal(out, 500, 1, "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.010\"");
    if (index < 40) return;
    hx_case_setting(out, "HOOX_BINANCE_FUTURES_URL", "http://nowhere.sim");
    hx_case_setting(out, "HOOX_RETRY_SCHEDULE", "9000,9000");
    hx_case_kv(out, "webhook:queue_mode", "queue_failover");
}

static void a_failing_case_is_found_and_shrunk(void **state) {
    (void)state;
    struct hx_campaign_report report;
    const struct hx_campaign campaign = {failing_build, NULL, 30, 20, false, 2};
    hx_campaign_run(&campaign, &report);
    assert_true(report.failed);
    assert_in_range(report.failed_index, 40, 41);
    assert_string_equal(report.number, "I2");
    hx_case_clear(c);
    failing_build(NULL, report.failed_index, c);
    uint32_t actions = c->action_count;
    assert_true(hx_case_shrink(sim, c) > 1);
    assert_true(c->action_count < actions);
    assert_int_equal(c->action_count, 1);
    assert_int_equal(c->fault_count, 0);
    struct hx_case_result result;
    hx_case_run(sim, c, NULL, &result);
    assert_string_equal(result.number, "I2");
}

static int make(void **state) {
    (void)state;
    sim = hx_sim_make();
    c = hx_case_make();
    copy = hx_case_make();
    return sim == NULL;
}

static int release(void **state) {
    (void)state;
    hx_case_release(c);
    hx_case_release(copy);
    hx_sim_release(sim);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_keeps_the_run),         cmocka_unit_test(seeds_differ),
        cmocka_unit_test(bad_lines_are_named),        cmocka_unit_test(scenarios_pass_without_faults),
        cmocka_unit_test(scenarios_pass_at_the_edge), cmocka_unit_test(saved_cases_pass),
        cmocka_unit_test(the_sweep_is_what_it_says),  cmocka_unit_test(a_failing_case_is_found_and_shrunk),
    };
    return cmocka_run_group_tests(tests, make, release);
}
