/* hoox perf fastpath run: alerts through a running paper server, timed by the server's own trace of each.
 *
 * The server answers a request that carries X-Hoox-Trace with a Server-Timing header: the time each port operation of
 * that very request took. What is printed are percentiles of those. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "host/native/native.h"

#define STAGES_MAX 24
#define SAMPLES_MAX 10000

const struct cli_option cli_perf_options[] = {
    {"n", "N", "how many alerts (default 200)"},
    {"url", "URL", "the server (default http://127.0.0.1:8787)"},
    {"key", "KEY", "webhook key (else HOOX_WEBHOOK_KEY)"},
    {"symbol", "SYMBOL", "default BTCUSDT"},
    {NULL, NULL, NULL},
};

struct stage {
    char name[32];
    double samples[SAMPLES_MAX];
    int count;
};

struct run {
    struct stage stages[STAGES_MAX];
    int stage_count;
    int failures;
};

static void add_sample(struct run *run, const char *name, size_t len, double ms) {
    int at = 0;
    while (at < run->stage_count &&
           (strlen(run->stages[at].name) != len || memcmp(run->stages[at].name, name, len) != 0)) {
        at++;
    }
    if (at == STAGES_MAX || len >= sizeof run->stages[at].name) return;
    if (at == run->stage_count) {
        memcpy(run->stages[at].name, name, len);
        run->stage_count++;
    }
    struct stage *stage = &run->stages[at];
    if (stage->count < SAMPLES_MAX) stage->samples[stage->count++] = ms;
}

/* "db_batch;dur=0.42, http_send;dur=1.10" */
static size_t on_header(char *data, size_t size, size_t count, void *arg) {
    size_t len = size * count;
    static const char name[] = "server-timing:";
    if (len < sizeof name || strncasecmp(data, name, sizeof name - 1) != 0 || len >= 4096) return len;
    char line[4096];
    memcpy(line, data + sizeof name - 1, len - (sizeof name - 1));
    line[len - (sizeof name - 1)] = '\0';
    char *save = NULL;
    for (char *part = strtok_r(line, ",\r\n", &save); part != NULL; part = strtok_r(NULL, ",\r\n", &save)) {
        part += strspn(part, " ");
        char *duration = strstr(part, ";dur=");
        if (duration != NULL) add_sample(arg, part, (size_t)(duration - part), strtod(duration + 5, NULL));
    }
    return len;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg) {
    (void)data, (void)arg;
    return size * count;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool send_one(CURL *curl, struct run *run, const char *key, const char *symbol, int number) {
    char body[512];
    /* Buys and sells in turn, so that the position stays where it is. */
    snprintf(body, sizeof body,
             "{\"apiKey\":\"%s\",\"exchange\":\"binance\",\"action\":\"%s\",\"symbol\":\"%s\",\"quantity\":\"0.01\","
             "\"idempotencyKey\":\"perf-%d-%.0f\"}",
             key, number % 2 == 0 ? "LONG" : "CLOSE_LONG", symbol, number, now_ms() * 1e3);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    double start = now_ms();
    CURLcode sent = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (sent != CURLE_OK) return false;
    add_sample(run, "caller", 6, now_ms() - start);
    if (status != 200) run->failures++;
    return true;
}

static double percentile(const struct stage *stage, double share) {
    int at = (int)((double)(stage->count - 1) * share + 0.5);
    return stage->samples[at];
}

static void print_run(const struct cli *cli, struct run *run) {
    static const char *const columns[] = {"stage", "count", "p50_ms", "p95_ms", "p99_ms"};
    static const double shares[] = {0.5, 0.95, 0.99};
    struct cli_table *table = cli_table_make(columns, 5);
    for (int i = 0; i < run->stage_count; i++) {
        struct stage *stage = &run->stages[i];
        qsort(stage->samples, (size_t)stage->count, sizeof stage->samples[0], compare);
        char text[32];
        cli_table_add(table, stage->name, strlen(stage->name), false);
        int len = snprintf(text, sizeof text, "%d", stage->count);
        cli_table_add(table, text, (size_t)len, true);
        for (int s = 0; s < 3; s++) {
            len = snprintf(text, sizeof text, "%.3f", percentile(stage, shares[s]));
            cli_table_add(table, text, (size_t)len, true);
        }
    }
    cli_table_print(cli, table, "no traces came back");
    cli_table_release(table);
}

/* Real orders for a measurement would be a strange idea: only a server that trades on a stand-in is measured. */
static int require_paper(const struct cli *cli) {
    char problem[512] = "";
    char *body = NULL;
    size_t len = 0;
    uint32_t status = 0;
    enum hx_native_status said =
        hx_native_control(cli->data_dir, "GET", "/ready", HX_STR_EMPTY, &status, &body, &len, problem, sizeof problem);
    if (said != HX_NATIVE_OK) {
        return cli_fail(cli, EXIT_UNREACHABLE, "NOT_RUNNING",
                        "no server runs on %s; start one with `hoox serve --paper`", cli->data_dir);
    }
    bool on_paper = strstr(body, "\"standIn\":true") != NULL;
    free(body);
    if (on_paper) return 0;
    return cli_fail(cli, EXIT_FAILED, "NOT_PAPER", "the server trades for real; measure one started with --paper");
}

int cli_perf_fastpath_run(struct cli *cli) {
    if (strcmp(cli->arguments[0], "run") != 0) return cli_fail(cli, EXIT_USAGE, "USAGE", "say: hoox perf fastpath run");
    const char *key = cli_find_option(cli, "key");
    const char *count_text = cli_find_option(cli, "n");
    const char *base = cli_find_option(cli, "url");
    const char *symbol = cli_find_option(cli, "symbol");
    if (key == NULL) key = getenv("HOOX_WEBHOOK_KEY");
    if (key == NULL) return cli_fail(cli, EXIT_USAGE, "USAGE", "--key or HOOX_WEBHOOK_KEY must hold a webhook key");
    int count = count_text != NULL ? atoi(count_text) : 200;
    if (count < 1 || count > SAMPLES_MAX) return cli_fail(cli, EXIT_USAGE, "USAGE", "--n must be from 1 to 10000");
    int code = require_paper(cli);
    if (code != 0) return code;
    char url[512];
    snprintf(url, sizeof url, "%s/webhook", base != NULL ? base : "http://127.0.0.1:8787");
    struct run *run = calloc(1, sizeof *run);
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "X-Hoox-Trace: 1");
    headers = curl_slist_append(headers, "Content-Type: application/json");
    if (run == NULL || curl == NULL || headers == NULL) return cli_fail(cli, EXIT_FAILED, "MEMORY", "out of memory");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, run);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 15000L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    for (int i = 0; i < count && code == 0; i++) {
        if (!send_one(curl, run, key, symbol != NULL ? symbol : "BTCUSDT", i)) {
            code = cli_fail(cli, EXIT_UNREACHABLE, "UNREACHABLE", "no answer from %s", url);
        }
    }
    if (code == 0) print_run(cli, run);
    if (code == 0 && run->failures > 0) {
        fprintf(stderr, "hoox: %d of %d alerts were not answered with 200\n", run->failures, count);
        code = EXIT_FAILED;
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(run);
    return code;
}
