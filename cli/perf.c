/* hoox perf fastpath run: alerts through a running paper server, timed by the server's own trace of each.
 *
 * The server answers a request that carries X-Hoox-Trace with a Server-Timing header: the time each port operation of
 * that very request took. What is printed are percentiles of those.
 *
 * Two limits are in the way. Entries count against webhook:rate_limit like any alert: a refused one is waited for and
 * sent again, and is no sample. And the venue takes 300 orders in 10 seconds, of which hoox uses four fifths: after a
 * burst the alerts are paced. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/commands.h"

#define STAGES_MAX 24
#define SAMPLES_MAX 10000
#define TIMING_LEN_MAX 4096
#define BODY_LEN_MAX 4096
#define BURST 100
#define PAUSE_MS 70

const struct cli_option cli_perf_options[] = {
    {"n", "N", "how many alerts (default 200)"},
    {"url", "URL", "the server (default http:// and HOOX_LISTEN, else http://127.0.0.1:8787)"},
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
    const struct cli *cli;
    CURL *curl;
    const char *key, *symbol;
    struct stage stages[STAGES_MAX];
    int stage_count;
    int failures;
    bool is_queued; /* The venue's limit was met all the same: what follows would only wait behind it. */
    bool was_limited;
    /* Of the answer at hand. */
    char timing[TIMING_LEN_MAX];
    char body[BODY_LEN_MAX];
    size_t body_len;
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
static void add_timing(struct run *run) {
    char *save = NULL;
    for (char *part = strtok_r(run->timing, ",\r\n", &save); part != NULL; part = strtok_r(NULL, ",\r\n", &save)) {
        part += strspn(part, " ");
        char *duration = strstr(part, ";dur=");
        if (duration != NULL) add_sample(run, part, (size_t)(duration - part), strtod(duration + 5, NULL));
    }
}

static size_t on_header(char *data, size_t size, size_t count, void *arg) {
    static const char name[] = "server-timing:";
    struct run *run = arg;
    size_t len = size * count, name_len = sizeof name - 1;
    if (len < name_len || strncasecmp(data, name, name_len) != 0 || len - name_len >= sizeof run->timing) return len;
    memcpy(run->timing, data + name_len, len - name_len);
    run->timing[len - name_len] = '\0';
    return len;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg) {
    struct run *run = arg;
    size_t len = size * count, room = sizeof run->body - 1 - run->body_len;
    memcpy(run->body + run->body_len, data, len < room ? len : room);
    run->body_len += len < room ? len : room;
    run->body[run->body_len] = '\0';
    return len;
}

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The status of the answer; 0 when there was none. */
static long exchange(struct run *run) {
    long status = 0;
    run->timing[0] = run->body[0] = '\0';
    run->body_len = 0;
    if (curl_easy_perform(run->curl) != CURLE_OK) return 0;
    curl_easy_getinfo(run->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static void wait_for_limit(struct run *run) {
    curl_off_t seconds = 0;
    curl_easy_getinfo(run->curl, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds < 1 || seconds > 60) seconds = 1;
    if (!run->was_limited && !run->cli->quiet) {
        fprintf(stderr,
                "hoox: waiting for the rate limit; `hoox config kv set webhook:rate_limit 100000/60` lifts it\n");
    }
    run->was_limited = true;
    nanosleep(&(struct timespec){.tv_sec = (time_t)seconds}, NULL);
}

/* Buys and sells in turn, so that the position stays where it is. False: no answer. */
static bool send_one(struct run *run, int number) {
    char body[512];
    snprintf(body, sizeof body,
             "{\"apiKey\":\"%s\",\"exchange\":\"binance\",\"action\":\"%s\",\"symbol\":\"%s\",\"quantity\":\"0.01\","
             "\"idempotencyKey\":\"perf-%d-%.0f\"}",
             run->key, number % 2 == 0 ? "LONG" : "CLOSE_LONG", run->symbol, number, now_ms() * 1e3);
    curl_easy_setopt(run->curl, CURLOPT_POSTFIELDS, body);
    double start = now_ms();
    long status = exchange(run);
    while (status == 429) {
        wait_for_limit(run);
        start = now_ms();
        status = exchange(run);
    }
    if (status == 0) return false;
    if (status == 200) {
        add_sample(run, "caller", 6, now_ms() - start);
        add_timing(run);
    } else if (status == 202) {
        run->is_queued = true;
    } else if (run->failures++ == 0 && !run->cli->json) {
        struct cli_answer answer = {(int)status, run->body, run->body_len};
        cli_print_answer_error(&answer);
    }
    return true;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_run(struct run *run) {
    static const char *const columns[] = {"stage", "count", "p50_ms", "p95_ms", "p99_ms"};
    static const double shares[] = {0.5, 0.95, 0.99};
    struct cli_table *table = cli_table_make(columns, 5);
    for (int i = 0; i < run->stage_count; i++) {
        struct stage *stage = &run->stages[i];
        qsort(stage->samples, (size_t)stage->count, sizeof stage->samples[0], compare);
        char text[32];
        cli_table_add_c(table, stage->name);
        int len = snprintf(text, sizeof text, "%d", stage->count);
        cli_table_add(table, text, (size_t)len, true);
        for (int s = 0; s < 3; s++) {
            int at = (int)((double)(stage->count - 1) * shares[s] + 0.5);
            len = snprintf(text, sizeof text, "%.3f", stage->samples[at]);
            cli_table_add(table, text, (size_t)len, true);
        }
    }
    cli_table_print(run->cli, table, "no traces came back");
    cli_table_release(table);
}

/* Real orders for a measurement would be a strange idea: the very server that gets them must trade on a stand-in. */
static int require_stand_in(struct run *run, const char *base) {
    char url[600];
    snprintf(url, sizeof url, "%s/ready", base);
    curl_easy_setopt(run->curl, CURLOPT_URL, url);
    if (exchange(run) == 0) {
        return cli_fail(run->cli, EXIT_UNREACHABLE, "UNREACHABLE",
                        "no answer from %s; start a server with `hoox serve --paper`", base);
    }
    bool any = strstr(run->body, "\"standIn\":true") != NULL;
    if (any && strstr(run->body, "\"standIn\":false") == NULL) return 0;
    return cli_fail(run->cli, EXIT_FAILED, "NOT_PAPER", "%s trades for real; measure a server started with --paper",
                    base);
}

static int send_all(struct run *run, const char *base, long count) {
    char url[600];
    int code = require_stand_in(run, base);
    if (code != 0) return code;
    snprintf(url, sizeof url, "%s/webhook", base);
    curl_easy_setopt(run->curl, CURLOPT_URL, url);
    for (int i = 0; i < count && !run->is_queued; i++) {
        if (i >= BURST) nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
        if (!send_one(run, i)) return cli_fail(run->cli, EXIT_UNREACHABLE, "UNREACHABLE", "no answer from %s", url);
    }
    if (run->stage_count == 0) {
        return cli_fail(run->cli, EXIT_FAILED, "REFUSED", "no alert was answered with 200%s",
                        run->is_queued ? ": the venue is slow, or its request limit is used up" : "");
    }
    print_run(run);
    fflush(stdout);
    if (run->is_queued && !run->cli->json) {
        fprintf(stderr, "hoox: stopped early: an alert had to wait for the venue; try again in a minute\n");
    } else if (run->failures > 0 && !run->cli->json) {
        fprintf(stderr, "hoox: %d of %ld alerts were not answered with 200\n", run->failures, count);
    }
    return run->is_queued || run->failures > 0 ? EXIT_FAILED : EXIT_OK;
}

int cli_perf_fastpath_run(struct cli *cli) {
    const char *key = cli_find_option(cli, "key");
    const char *count_text = cli_find_option(cli, "n");
    const char *url = cli_find_option(cli, "url");
    const char *symbol = cli_find_option(cli, "symbol");
    const char *listen = getenv("HOOX_LISTEN");
    char base[512];
    long count = 200;
    if (key == NULL) key = getenv("HOOX_WEBHOOK_KEY");
    if (key == NULL) return cli_fail(cli, EXIT_USAGE, "USAGE", "--key or HOOX_WEBHOOK_KEY must hold a webhook key");
    int code = count_text != NULL ? cli_parse_count(cli, "--n", count_text, 1, SAMPLES_MAX, &count) : 0;
    if (code != 0) return code;
    if (url != NULL) {
        snprintf(base, sizeof base, "%s", url);
    } else {
        snprintf(base, sizeof base, "http://%s", listen != NULL && listen[0] != '\0' ? listen : "127.0.0.1:8787");
    }
    struct run *run = cli_must(calloc(1, sizeof *run));
    run->cli = cli;
    run->key = key;
    run->symbol = symbol != NULL ? symbol : "BTCUSDT";
    run->curl = cli_must(curl_easy_init());
    struct curl_slist *headers = curl_slist_append(NULL, "X-Hoox-Trace: 1");
    headers = cli_must(curl_slist_append(headers, "Content-Type: application/json"));
    curl_easy_setopt(run->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(run->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(run->curl, CURLOPT_HEADERDATA, run);
    curl_easy_setopt(run->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(run->curl, CURLOPT_WRITEDATA, run);
    curl_easy_setopt(run->curl, CURLOPT_TIMEOUT_MS, 15000L);
    curl_easy_setopt(run->curl, CURLOPT_PROXY, "");
    code = send_all(run, base, count);
    curl_slist_free_all(headers);
    curl_easy_cleanup(run->curl);
    free(run);
    return code;
}
