/* Workers are processes, not threads: a case that kills its process takes no other with it and names itself. */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE
#include "sim/campaign.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX 8
#define REPEAT_EVERY 1000

struct share {
    struct hx_campaign_report reports[WORKERS_MAX];
    uint64_t current[WORKERS_MAX];
    volatile uint32_t stop;
};

static int64_t clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void report_add(struct hx_campaign_report *report, const struct hx_case_result *result) {
    report->runs++;
    report->signals += result->signals;
    report->orders += result->orders;
    report->requests += result->counters.requests;
    report->crashes += result->counters.crashes;
    report->faults += result->counters.faults;
    report->events += result->counters.events;
    if (result->counters.arena_used_max > report->arena_used_max)
        report->arena_used_max = result->counters.arena_used_max;
    if (result->counters.calls_max > report->calls_max) report->calls_max = result->counters.calls_max;
}

static void report_fail(struct hx_campaign_report *report, uint64_t index, const char *number, const char *text) {
    report->failed = true;
    report->failed_index = index;
    snprintf(report->number, sizeof(report->number), "%s", number);
    snprintf(report->text, sizeof(report->text), "%s", text);
}

static void repeat(struct hx_host *sim, struct hx_case *c, uint64_t index, uint64_t hash,
                   struct hx_campaign_report *report) {
    struct hx_case_result again;
    hx_case_run(sim, c, NULL, &again);
    report->repeated++;
    if (again.hash != hash) report_fail(report, index, "seed", "the same case, run twice, did not do the same");
}

static void work(const struct hx_campaign *campaign, struct share *share, uint32_t worker, uint32_t workers) {
    struct hx_host *sim = hx_sim_make();
    struct hx_case *c = hx_case_make();
    struct hx_campaign_report *report = &share->reports[worker];
    if (sim == NULL) exit(2);
    hx_sim_catch_assertions(sim);
    for (uint64_t i = worker; i < campaign->count && !share->stop && !report->failed; i += workers) {
        uint64_t index = campaign->first + i;
        struct hx_case_result result;
        share->current[worker] = index;
        hx_case_clear(c);
        c->edge = campaign->edge;
        campaign->build(campaign->context, index, c);
        hx_case_run(sim, c, NULL, &result);
        report_add(report, &result);
        if (!result.passed) report_fail(report, index, result.number, result.text);
        else if (index % REPEAT_EVERY == 0) repeat(sim, c, index, result.hash, report);
    }
    if (report->failed) share->stop = 1;
    hx_case_release(c);
    hx_sim_release(sim);
}

static void report_merge(struct hx_campaign_report *out, const struct hx_campaign_report *part) {
    out->runs += part->runs;
    out->signals += part->signals;
    out->orders += part->orders;
    out->requests += part->requests;
    out->crashes += part->crashes;
    out->faults += part->faults;
    out->events += part->events;
    out->repeated += part->repeated;
    if (part->arena_used_max > out->arena_used_max) out->arena_used_max = part->arena_used_max;
    if (part->calls_max > out->calls_max) out->calls_max = part->calls_max;
    if (part->failed && (!out->failed || part->failed_index < out->failed_index))
        report_fail(out, part->failed_index, part->number, part->text);
}

static uint32_t worker_count(const struct hx_campaign *campaign) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t count = campaign->workers > 0 ? campaign->workers : processors > 0 ? (uint32_t)processors : 1;
    if (count > WORKERS_MAX) count = WORKERS_MAX;
    return campaign->count < count ? (uint32_t)campaign->count : count;
}

void hx_campaign_run(const struct hx_campaign *campaign, struct hx_campaign_report *out) {
    uint32_t workers = worker_count(campaign);
    pid_t children[WORKERS_MAX] = {0};
    *out = (struct hx_campaign_report){0};
    struct share *share = mmap(NULL, sizeof(*share), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (share == MAP_FAILED) {
        perror("sim: mmap");
        exit(2);
    }
    int64_t began = clock_ms();
    fflush(NULL);
    for (uint32_t i = 0; i < workers; i++) {
        children[i] = fork();
        if (children[i] < 0) {
            perror("sim: fork");
            exit(2);
        }
        if (children[i] > 0) continue;
        work(campaign, share, i, workers);
        fflush(NULL);
        _exit(0);
    }
    for (uint32_t i = 0; i < workers; i++) {
        int status = 0;
        if (waitpid(children[i], &status, 0) < 0) perror("sim: waitpid");
        if (!share->reports[i].failed && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
            report_fail(&share->reports[i], share->current[i], "I9", "the process of this case died");
            share->stop = 1;
        }
        report_merge(out, &share->reports[i]);
    }
    out->took_ms = clock_ms() - began;
    munmap(share, sizeof(*share));
}
