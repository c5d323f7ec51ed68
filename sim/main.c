/* hoox-sim: the simulator's command line. See docs/SIM.md. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/campaign.h"
#include "sim/scenario.h"
#include "sim/serve.h"

#define SWEEP_RUNS_DEFAULT 100000
#define SWARM_SEEDS_DEFAULT 10000

static const char usage[] =
    "hoox-sim: the core in a simulated, failing world\n"
    "  hoox-sim --sweep [--limit N]      every fault at every port call of every scenario, then pairs (default "
    "100000)\n"
    "  hoox-sim --swarm [--seeds A..B]   random workloads and faults (default 1..10000)\n"
    "  hoox-sim --find-bug               both until the first violation: 0 when there is one, 1 when not\n"
    "  hoox-sim --seed N [--trace]       one seed of the swarm; --trace tells it as a story\n"
    "  hoox-sim --sweep-run N [--trace]  one run of the sweep\n"
    "  hoox-sim --scenario NAME [--trace]  one scenario without faults; --scenario list\n"
    "  hoox-sim --replay FILE [--trace]  a case that was written down\n"
    "  hoox-sim --serve                  a world at the pace of the outside: commands in, answers out (sim/serve.h)\n"
    "  hoox-sim --bench                  signal lifetimes per second on one processor, faults on\n"
    "with one run: --shrink reduces a failing case and prints it; --print prints the case as it is\n"
    "with many: --workers N\n"
    "with all: --world edge (one object per lane, queue, alarms, D1) or native (the default);\n"
    "          --venue NAME, such as bybit:spot (the default is the first of them; the swarm draws one):";

struct options {
    const char *mode, *value;
    uint64_t limit, first, last;
    uint32_t workers;
    bool trace, shrink, print, edge;
    const struct hx_sim_venue *venue; /* NULL: not said. */
};

static _Noreturn void usage_fail(const char *what) {
    fprintf(stderr, "hoox-sim: %s\n%s", what, usage);
    for (uint32_t i = 0; i < HX_SIM_VENUES; i++) fprintf(stderr, " %s", hx_sim_venues[i].name);
    fprintf(stderr, "\n");
    exit(2);
}

static uint64_t number_of(const char *text) {
    uint64_t number = 0;
    if (text == NULL || hx_failed(hx_str_parse_u64(hx_str_from_c(text), &number))) usage_fail("a number is missing");
    return number;
}

static void seeds_read(struct options *options, const char *text) {
    hx_str rest = hx_str_from_c(text == NULL ? "" : text);
    size_t at = 0;
    if (!hx_str_find(rest, HX_STR(".."), &at)) usage_fail("--seeds wants A..B");
    if (hx_failed(hx_str_parse_u64(hx_str_slice(rest, 0, at), &options->first)) ||
        hx_failed(hx_str_parse_u64(hx_str_slice(rest, at + 2, rest.len), &options->last)) ||
        options->last < options->first)
        usage_fail("--seeds wants A..B");
}

static bool world_is_edge(const char *text) {
    bool edge = text != NULL && strcmp(text, "edge") == 0;
    if (!edge && (text == NULL || strcmp(text, "native") != 0)) usage_fail("--world wants native or edge");
    return edge;
}

static const struct hx_sim_venue *venue_of(const char *text) {
    const struct hx_sim_venue *venue = hx_sim_find_venue(hx_str_from_c(text == NULL ? "" : text));
    if (venue == NULL) usage_fail("--venue wants a venue and a product: bybit:spot");
    return venue;
}

static struct options options_read(int count, char **arguments) {
    struct options o = {.limit = SWEEP_RUNS_DEFAULT, .first = 1, .last = SWARM_SEEDS_DEFAULT};
    static const char *const with_value[] = {"--seed", "--sweep-run", "--scenario", "--replay"};
    static const char *const without[] = {"--sweep", "--swarm", "--find-bug", "--bench", "--serve"};
    for (int i = 1; i < count; i++) {
        const char *name = arguments[i], *next = i + 1 < count ? arguments[i + 1] : NULL;
        bool known = true;
        if (strcmp(name, "--trace") == 0) o.trace = true;
        else if (strcmp(name, "--shrink") == 0) o.shrink = true;
        else if (strcmp(name, "--print") == 0) o.print = true;
        else if (strcmp(name, "--limit") == 0) o.limit = number_of(next), i++;
        else if (strcmp(name, "--workers") == 0) o.workers = (uint32_t)number_of(next), i++;
        else if (strcmp(name, "--world") == 0) o.edge = world_is_edge(next), i++;
        else if (strcmp(name, "--venue") == 0) o.venue = venue_of(next), i++;
        else if (strcmp(name, "--seeds") == 0) seeds_read(&o, next), i++;
        else known = false;
        if (known) continue;
        for (size_t k = 0; k < sizeof(with_value) / sizeof(with_value[0]); k++) {
            if (strcmp(name, with_value[k]) != 0) continue;
            if (next == NULL) usage_fail("a value is missing");
            o.mode = name, o.value = next, known = true;
        }
        if (known) i++;
        for (size_t k = 0; k < sizeof(without) / sizeof(without[0]); k++) {
            if (strcmp(name, without[k]) == 0) o.mode = name, known = true;
        }
        if (!known) usage_fail(name);
    }
    if (o.mode == NULL) usage_fail("nothing to do");
    return o;
}

/* One case. */

static void result_print(const struct hx_case_result *r) {
    printf("%s%s%s%s\n", r->passed ? "passed" : "violated ", r->number, r->passed ? "" : ": ", r->text);
    printf("signals %u  orders %u  requests %u  port calls %u  faults %u  crashes %u  hash %016" PRIx64 "\n",
           r->signals, r->orders, r->counters.requests, r->counters.points, r->counters.faults, r->counters.crashes,
           r->hash);
}

static int one_run(struct hx_host *sim, struct hx_case *c, const struct options *o) {
    struct hx_case_result result;
    hx_sim_catch_assertions(sim);
    if (o->print) hx_case_write(c, stdout);
    hx_case_run(sim, c, o->trace ? stdout : NULL, &result);
    if (!result.passed && o->shrink) {
        uint32_t runs = hx_case_shrink(sim, c);
        printf("# reduced in %u runs\n", runs);
        hx_case_write(c, stdout);
        hx_case_run(sim, c, o->trace ? stdout : NULL, &result);
    }
    result_print(&result);
    return result.passed ? 0 : 1;
}

static bool scenario_build(const char *name, struct hx_case *c) {
    for (uint32_t i = 0; i < hx_scenario_count; i++) {
        if (strcmp(hx_scenarios[i].name, name) != 0) continue;
        hx_scenarios[i].build(c);
        return true;
    }
    for (uint32_t i = 0; i < hx_scenario_count; i++) puts(hx_scenarios[i].name);
    return false;
}

static bool replay_read(const char *path, struct hx_case *c) {
    char problem[200] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return false;
    }
    bool read = hx_case_read(c, file, problem, sizeof(problem));
    fclose(file);
    if (!read) fprintf(stderr, "%s: %s\n", path, problem);
    return read;
}

static const struct hx_sim_venue *venue_swept(const struct options *o) {
    return o->venue == NULL ? &hx_sim_venues[0] : o->venue;
}

static bool case_build(struct hx_host *sim, const struct options *o, struct hx_case *c) {
    c->edge = o->edge;
    if (o->venue != NULL) hx_case_set_venue(c, o->venue);
    if (strcmp(o->mode, "--scenario") == 0) return scenario_build(o->value, c);
    if (strcmp(o->mode, "--replay") == 0) {
        if (!replay_read(o->value, c)) return false;
        c->edge = c->edge || o->edge;
        return true;
    }
    if (strcmp(o->mode, "--seed") == 0) {
        hx_swarm_build(o->venue, number_of(o->value), c);
        return true;
    }
    struct hx_sweep *sweep = hx_sweep_make(sim, o->edge, venue_swept(o));
    if (sweep != NULL) hx_sweep_build(sweep, number_of(o->value), c);
    hx_sweep_release(sweep);
    return sweep != NULL;
}

/* Many. */

static void report_print(const char *name, const struct hx_campaign_report *r, const char *again,
                         const struct options *o) {
    char world[64];
    snprintf(world, sizeof(world), "%s%s%s%s", o->edge ? "--world edge " : "", o->venue == NULL ? "" : "--venue ",
             o->venue == NULL ? "" : o->venue->name, o->venue == NULL ? "" : " ");
    double seconds = (double)(r->took_ms > 0 ? r->took_ms : 1) / 1000;
    printf("%s: %" PRIu64 " runs, %" PRIu64 " signals, %" PRIu64 " orders, %" PRIu64 " faults, %" PRIu64
           " crashes, %" PRIu64 " requests, %" PRIu64
           " run twice; %.1f s, %.0f runs/s, %.0f signals/s; arena at most %zu, calls %u\n",
           name, r->runs, r->signals, r->orders, r->faults, r->crashes, r->requests, r->repeated, seconds,
           (double)r->runs / seconds, (double)r->signals / seconds, r->arena_used_max, r->calls_max);
    if (!r->failed) return;
    printf("violated %s: %s\n  again:    build/hoox-sim %s%s %" PRIu64
           " --trace\n  smaller:  build/hoox-sim %s%s %" PRIu64 " --shrink\n",
           r->number, r->text, world, again, r->failed_index, world, again, r->failed_index);
}

static bool sweep_run(struct hx_host *sim, const struct options *o, uint64_t limit, struct hx_campaign_report *report) {
    struct hx_sweep *sweep = hx_sweep_make(sim, o->edge, venue_swept(o));
    if (sweep == NULL) return false;
    uint64_t singles = hx_sweep_single_count(sweep);
    struct hx_campaign campaign = {hx_sweep_build, sweep, 0, limit, o->edge, o->workers};
    hx_campaign_run(&campaign, report);
    printf("sweep: %" PRIu64 " single faults, %" PRIu64 " pairs\n", limit < singles ? limit : singles,
           limit < singles ? 0 : limit - singles);
    report_print("sweep", report, "--sweep-run", o);
    hx_sweep_release(sweep);
    return !report->failed;
}

static bool swarm_run(const struct options *o, uint64_t first, uint64_t count, struct hx_campaign_report *report) {
    struct hx_campaign campaign = {hx_swarm_build, o->venue, first, count, o->edge, o->workers};
    hx_campaign_run(&campaign, report);
    report_print("swarm", report, "--seed", o);
    return !report->failed;
}

/* Small portions of both, so that a bug that only one of them shows is found soon. */
static int find_bug(struct hx_host *sim, const struct options *o) {
    static const uint64_t swarm_portions[] = {300, 3000, 6000}, sweep_portions[] = {3000, 20000, 60000};
    struct hx_campaign_report report;
    uint64_t seed = 1;
    for (size_t i = 0; i < sizeof(swarm_portions) / sizeof(swarm_portions[0]); i++) {
        if (!sweep_run(sim, o, sweep_portions[i], &report) || !swarm_run(o, seed, swarm_portions[i], &report)) {
            printf("found\n");
            return 0;
        }
        seed += swarm_portions[i];
    }
    printf("not found\n");
    return 1;
}

static int bench(const struct options *o) {
    struct options one = *o;
    struct hx_campaign_report report;
    one.workers = 1;
    if (!swarm_run(&one, 1, 500, &report)) return 1;
    double seconds = (double)(report.took_ms > 0 ? report.took_ms : 1) / 1000;
    printf("{\"signals_per_second\":%.0f,\"runs_per_second\":%.0f,\"events_per_second\":%.0f}\n",
           (double)report.signals / seconds, (double)report.runs / seconds, (double)report.events / seconds);
    return 0;
}

int main(int count, char **arguments) {
    struct options o = options_read(count, arguments);
    if (strcmp(o.mode, "--serve") == 0) return hx_serve_run(STDIN_FILENO, stdout);
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct hx_campaign_report report = {0};
    struct hx_host *sim = hx_sim_make();
    if (sim == NULL) return 2;
    int code = 0;
    if (strcmp(o.mode, "--sweep") == 0) {
        code = sweep_run(sim, &o, o.limit, &report) ? 0 : 1;
    } else if (strcmp(o.mode, "--swarm") == 0) {
        code = swarm_run(&o, o.first, o.last - o.first + 1, &report) ? 0 : 1;
    } else if (strcmp(o.mode, "--find-bug") == 0) {
        code = find_bug(sim, &o);
    } else if (strcmp(o.mode, "--bench") == 0) {
        code = bench(&o);
    } else {
        struct hx_case *c = hx_case_make();
        code = case_build(sim, &o, c) ? one_run(sim, c, &o) : 2;
        hx_case_release(c);
    }
    hx_sim_release(sim);
    return code;
}
