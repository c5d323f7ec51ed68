/* Is it alive, and is it set up right? */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/ledger.h"
#include "cli/setting.h"
#include "core/base/json.h"
#include "core/venue/adapter.h"
#include "host/native/native.h"
#include "host/native/secrets.h"
#include "host/native/settings.h"

static int ask(const struct cli *cli, const char *target, struct cli_answer *out) {
    char problem[512] = "";
    uint32_t status = 0;
    enum hx_native_status said = hx_native_control(cli->data_dir, "GET", target, HX_STR_EMPTY, &status, &out->body,
                                                   &out->body_len, problem, sizeof problem);
    out->status = (int)status;
    if (said == HX_NATIVE_OK) return 0;
    if (said == HX_NATIVE_NOT_RUNNING) {
        return cli_fail(cli, EXIT_UNREACHABLE, "NOT_RUNNING", "no server runs on %s", cli->data_dir);
    }
    return cli_fail(cli, EXIT_UNREACHABLE, "UNREACHABLE", "%s", problem);
}

int cli_check_health(struct cli *cli) {
    struct cli_answer health = {0, NULL, 0}, ready = {0, NULL, 0};
    int code = ask(cli, "/health", &health);
    if (code == 0) code = ask(cli, "/ready", &ready);
    if (code == 0 && cli->json) {
        printf("{\"health\":%s,\"ready\":%s}\n", health.body, ready.body);
    } else if (code == 0) {
        printf("/health  %d  %s\n/ready   %d  %s\n", health.status, health.body, ready.status, ready.body);
    }
    if (code == 0 && (health.status != 200 || ready.status != 200)) {
        fflush(stdout);
        if (!cli->json) fprintf(stderr, "hoox: the server runs but is not ready\n");
        code = EXIT_FAILED;
    }
    free(health.body);
    free(ready.body);
    return code;
}

struct findings {
    const struct cli *cli;
    struct cli_table *table;
    int bad, settings_bad;
};

static void add(struct findings *findings, bool ok, const char *check, const char *advice) {
    cli_table_add_c(findings->table, ok ? "ok" : "look");
    cli_table_add_c(findings->table, check);
    cli_table_add_c(findings->table, ok ? "" : advice);
    if (!ok) findings->bad++;
}

static bool is_private(const char *dir, const char *name, bool *exists) {
    char path[4300];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    *exists = stat(path, &info) == 0;
    return *exists && (info.st_mode & 077) == 0;
}

void cli_list_live_keys(char *out, size_t size) {
    const struct hx_venue_access *access = NULL;
    struct hx_buf buf;
    hx_buf_init(&buf, out, size - 1);
    for (uint32_t i = 0; (access = hx_venue_list_keys(i, false)) != NULL; i++) {
        if (i > 0) hx_buf_add_c(&buf, ", ");
        hx_buf_add(&buf, access->key_setting);
        hx_buf_add_c(&buf, " and ");
        hx_buf_add(&buf, access->secret_name);
    }
    out[buf.len] = '\0';
}

static bool check_key_pair(struct findings *findings, const struct hx_settings *settings, struct hx_secrets *secrets,
                           const struct hx_venue_access *access) {
    hx_str value;
    bool has_key = hx_settings_find_str(settings, access->key_setting, &value) && value.len > 0;
    bool has_secret = hx_secrets_has(secrets, access->secret_name);
    char check[200], advice[200];
    if (!has_key && !has_secret) return false;
    hx_str missing = has_key ? access->secret_name : access->key_setting;
    snprintf(check, sizeof check, "%.*s and %.*s are set", (int)access->key_setting.len, access->key_setting.data,
             (int)access->secret_name.len, access->secret_name.data);
    snprintf(advice, sizeof advice, "put %.*s into hoox.env too", (int)missing.len, missing.data);
    add(findings, has_key && has_secret, check, advice);
    return true;
}

/* True when any live pair is there, even by half. */
static bool check_key_pairs(struct findings *findings, const struct hx_settings *settings, struct hx_secrets *secrets) {
    bool any = false;
    const struct hx_venue_access *access = NULL;
    for (uint32_t i = 0; (access = hx_venue_list_keys(i, false)) != NULL; i++) {
        any = check_key_pair(findings, settings, secrets, access) || any;
    }
    for (uint32_t i = 0; (access = hx_venue_list_keys(i, true)) != NULL; i++) {
        (void)check_key_pair(findings, settings, secrets, access);
    }
    return any;
}

static void on_setting_found(void *arg, hx_str name, const struct hx_setting_info *wrong) {
    struct findings *findings = arg;
    char check[CLI_SETTING_NAME_SIZE + 32], advice[256];
    findings->settings_bad++;
    snprintf(check, sizeof check, "%.*s is %s", (int)name.len, name.data,
             wrong != NULL ? "set right" : "a setting of hoox");
    if (wrong == NULL) {
        cli_setting_suggest(name, advice, sizeof advice);
    } else {
        snprintf(advice, sizeof advice, "it %s", hx_setting_issue(wrong).data);
    }
    add(findings, false, check, advice);
}

/* True when there is a key with which an exchange could be asked. */
static bool check_settings(struct findings *findings) {
    static struct hx_settings settings;
    struct hx_secrets *secrets = hx_secrets_make();
    char problem[512] = "";
    bool any = false;
    if (secrets == NULL) return false;
    hx_err err = hx_settings_load(&settings, secrets, findings->cli->data_dir, problem, sizeof problem);
    add(findings, hx_ok(err), "the settings can be read", problem);
    if (hx_ok(err)) hx_settings_check(&settings, secrets, on_setting_found, findings);
    if (hx_ok(err) && findings->settings_bad == 0) add(findings, true, "the settings have values they may have", "");
    if (hx_ok(err) && cli_is_paper_dir(findings->cli)) {
        add(findings, true, "trades on paper: no exchange key is needed", "");
    } else if (hx_ok(err)) {
        any = check_key_pairs(findings, &settings, secrets);
        if (!any) {
            char names[512], advice[640];
            cli_list_live_keys(names, sizeof names);
            snprintf(advice, sizeof advice, "put a pair of them (%s) into hoox.env, or try `hoox serve --paper`",
                     names);
            add(findings, false, "there is a key of an exchange", advice);
        }
    }
    hx_settings_release(&settings);
    hx_secrets_release(secrets);
    return any;
}

static bool check_ledger(struct findings *findings) {
    static const struct {
        const char *sql, *want, *check, *advice;
    } checks[] = {
        {"SELECT quick_check FROM pragma_quick_check", "ok", "the ledger is sound", "restore a backup; keep this file"},
        {"SELECT count(*) > 0 FROM kv WHERE key LIKE 'keys:webhook:%'", "1", "there is a webhook key",
         "hoox keys generate NAME"},
        {"SELECT count(*) FROM signals WHERE status IN ('unknown', 'failed')", "0", "no signal failed or is unresolved",
         "hoox queue list"},
        {"SELECT count(*) FROM kv WHERE key = 'trade:kill_switch' AND value NOT IN ('off', 'false', 'no', '0')", "0",
         "the kill switch is off", "hoox monitor kill-switch off, when you mean to trade"},
    };
    char path[4300], problem[4600] = "", advice[4700];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/hoox.db", findings->cli->data_dir);
    bool exists = access(path, F_OK) == 0;
    add(findings, exists, "there is a ledger", "hoox init");
    if (!exists) return false;
    bool opened = cli_ledger_try_open(findings->cli, &db, problem, sizeof problem);
    snprintf(advice, sizeof advice, "restore a backup; keep this file: %s", problem);
    add(findings, opened, "the ledger can be read", advice);
    if (!opened) return false;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        char *said = cli_ledger_value(db, checks[i].sql, NULL, 0);
        add(findings, said != NULL && strcmp(said, checks[i].want) == 0, checks[i].check, checks[i].advice);
        free(said);
    }
    sqlite3_close(db);
    return true;
}

/* One exchange and market: a line that all is well, or one for each thing that is not. */
static void add_venue(struct findings *findings, const struct hx_json *venue) {
    hx_str name = HX_STR_EMPTY;
    char text[800], advice[800];
    if (hx_failed(hx_json_get_str(venue, HX_STR("name"), &name))) return;
    snprintf(text, sizeof text, "%.*s answers and takes the key", (int)name.len, name.data);
    const struct hx_json *problems = hx_json_find(venue, HX_STR("problems"));
    const struct hx_json *problem = problems != NULL ? hx_json_first(problems) : NULL;
    if (problem == NULL) add(findings, true, text, "");
    for (; problem != NULL; problem = hx_json_next(problems, problem)) {
        snprintf(advice, sizeof advice, "%.*s", (int)problem->text.len, problem->text.data);
        add(findings, false, text, advice);
    }
}

/* The exchanges themselves, by the running server or in this process; HOOX_STARTUP_CHECKS=off asks nobody. */
static void check_venues(struct findings *findings) {
    static char memory[64 * 1024];
    struct cli_answer answer = {0, NULL, 0};
    struct hx_arena arena;
    const struct hx_json *root = NULL;
    bool asked = true;
    struct cli aside = *findings->cli;
    aside.json = false; /* What went wrong is said on standard error; the one document is the table. */
    if (cli_call(&aside, "GET", "/v1/venues", NULL, &answer) != 0) {
        add(findings, false, "the exchanges can be asked", "see the error printed above");
        return;
    }
    hx_arena_init(&arena, memory, sizeof memory);
    hx_err err = hx_json_parse(&arena, hx_str_make(answer.body, answer.body_len), &root, NULL);
    if (answer.status != 200 || hx_failed(err)) {
        add(findings, false, "the exchanges can be asked", "try again");
    } else if (hx_ok(hx_json_get_bool(root, HX_STR("asked"), &asked)) && !asked) {
        add(findings, true, "the exchanges were not asked (HOOX_STARTUP_CHECKS)", "");
    } else {
        const struct hx_json *venues = hx_json_find(root, HX_STR("venues"));
        const struct hx_json *venue = venues != NULL ? hx_json_first(venues) : NULL;
        for (; venue != NULL; venue = hx_json_next(venues, venue)) add_venue(findings, venue);
    }
    free(answer.body);
}

/* Reading the settings takes secrets out of the environment; asking the exchanges in this process reads them again. */
struct kept {
    const char *name;
    char *value;
};

#define KEPT_MAX 32

static void keep_secrets(struct kept kept[KEPT_MAX]) {
    const struct hx_venue_access *access = NULL;
    uint32_t count = 0;
    memset(kept, 0, KEPT_MAX * sizeof *kept);
    for (int test = 0; test < 2; test++) {
        for (uint32_t i = 0; (access = hx_venue_list_keys(i, test == 1)) != NULL && count < KEPT_MAX; i++) {
            const char *name = access->secret_name.data, *value = getenv(name);
            if (value != NULL && value[0] != '\0') kept[count++] = (struct kept){name, strdup(value)};
        }
    }
}

static void put_secrets_back(struct kept kept[KEPT_MAX]) {
    for (uint32_t i = 0; i < KEPT_MAX; i++) {
        if (kept[i].value == NULL) continue;
        setenv(kept[i].name, kept[i].value, 1);
        explicit_bzero(kept[i].value, strlen(kept[i].value));
        free(kept[i].value);
    }
}

int cli_check_setup(struct cli *cli) {
    static const char *const columns[] = {"state", "check", "advice"};
    struct findings findings = {cli, cli_table_make(columns, 3), 0, 0};
    bool exists = false;
    bool is_safe = is_private(cli->data_dir, "", &exists);
    add(&findings, exists, "the data directory exists", "hoox init");
    if (exists) {
        add(&findings, is_safe, "only you can enter the data directory", "chmod 700 it");
        is_safe = is_private(cli->data_dir, "hoox.env", &exists);
        if (exists) add(&findings, is_safe, "only you can read hoox.env", "chmod 600 it");
        struct kept kept[KEPT_MAX];
        keep_secrets(kept);
        bool has_keys = check_settings(&findings);
        put_secrets_back(kept);
        bool has_ledger = check_ledger(&findings);
        if (has_keys && has_ledger) check_venues(&findings);
    }
    cli_table_print(cli, findings.table, "");
    cli_table_release(findings.table);
    return findings.bad == 0 ? EXIT_OK : EXIT_FAILED;
}
