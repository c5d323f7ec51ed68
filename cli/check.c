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
    int bad;
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

static void check_settings(struct findings *findings) {
    static struct hx_settings settings;
    struct hx_secrets *secrets = hx_secrets_make();
    char problem[512] = "";
    hx_str value;
    if (secrets == NULL) return;
    hx_err err = hx_settings_load(&settings, secrets, findings->cli->data_dir, problem, sizeof problem);
    add(findings, hx_ok(err), "the settings can be read", problem);
    if (hx_ok(err) && cli_is_paper_dir(findings->cli)) {
        add(findings, true, "trades on paper: no exchange key is needed", "");
    } else if (hx_ok(err)) {
        bool has_key = hx_settings_find(&settings, "BINANCE_API_KEY", &value) && value.len > 0;
        add(findings, has_key, "BINANCE_API_KEY is set",
            "put your exchange key into hoox.env, or try `hoox serve --paper`");
        bool has_secret = hx_secrets_has(secrets, HX_STR("BINANCE_API_SECRET"));
        add(findings, has_secret, "BINANCE_API_SECRET is set", "put your exchange secret into hoox.env");
    }
    hx_settings_release(&settings);
    hx_secrets_release(secrets);
}

static void check_ledger(struct findings *findings) {
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
    char path[4300];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/hoox.db", findings->cli->data_dir);
    bool exists = access(path, F_OK) == 0;
    add(findings, exists, "there is a ledger", "hoox init");
    if (!exists || cli_ledger_open(findings->cli, &db) != 0) return;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        char *said = cli_ledger_value(db, checks[i].sql, NULL, 0);
        add(findings, said != NULL && strcmp(said, checks[i].want) == 0, checks[i].check, checks[i].advice);
        free(said);
    }
    sqlite3_close(db);
}

int cli_check_setup(struct cli *cli) {
    static const char *const columns[] = {"state", "check", "advice"};
    struct findings findings = {cli, cli_table_make(columns, 3), 0};
    bool exists = false;
    bool is_safe = is_private(cli->data_dir, "", &exists);
    add(&findings, exists, "the data directory exists", "hoox init");
    if (exists) {
        add(&findings, is_safe, "only you can enter the data directory", "chmod 700 it");
        is_safe = is_private(cli->data_dir, "hoox.env", &exists);
        if (exists) add(&findings, is_safe, "only you can read hoox.env", "chmod 600 it");
        check_settings(&findings);
        check_ledger(&findings);
    }
    cli_table_print(cli, findings.table, "");
    cli_table_release(findings.table);
    return findings.bad == 0 ? EXIT_OK : EXIT_FAILED;
}
