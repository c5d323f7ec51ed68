/* Is it alive, and is it set up right? */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/readonly.h"
#include "host/native/native.h"
#include "host/native/secrets.h"
#include "host/native/settings.h"

const struct cli_option cli_check_options[] = {{NULL, NULL, NULL}};

int cli_check_health(struct cli *cli) {
    char problem[512] = "";
    for (int i = 0; i < 2; i++) {
        const char *target = i == 0 ? "/health" : "/ready";
        char *body = NULL;
        size_t len = 0;
        uint32_t status = 0;
        enum hx_native_status said = hx_native_control(cli->data_dir, "GET", target, HX_STR_EMPTY, &status, &body, &len,
                                                       problem, sizeof problem);
        if (said == HX_NATIVE_NOT_RUNNING) {
            return cli_fail(cli, EXIT_UNREACHABLE, "NOT_RUNNING", "no server runs on %s", cli->data_dir);
        }
        if (said != HX_NATIVE_OK) return cli_fail(cli, EXIT_UNREACHABLE, "UNREACHABLE", "%s", problem);
        bool last = i == 1;
        if (cli->json && last) printf("%s\n", body);
        if (!cli->json) printf("%-8s %u  %s\n", target, status, body);
        free(body);
        if (status != 200) {
            if (!cli->json) fprintf(stderr, "hoox: the server runs but is not ready\n");
            return EXIT_FAILED;
        }
    }
    return EXIT_OK;
}

struct findings {
    const struct cli *cli;
    struct cli_table *table;
    int bad;
};

static void add(struct findings *findings, bool ok, const char *check, const char *advice) {
    cli_table_add(findings->table, ok ? "ok" : "look", ok ? 2 : 4, false);
    cli_table_add(findings->table, check, strlen(check), false);
    cli_table_add(findings->table, ok ? "" : advice, ok ? 0 : strlen(advice), false);
    if (!ok) findings->bad++;
}

static bool is_private(const char *dir, const char *name, bool *exists) {
    char path[4300];
    struct stat info;
    snprintf(path, sizeof path, "%s%s%s", dir, name[0] != '\0' ? "/" : "", name);
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
    add(findings, hx_ok(err), "settings can be read", problem);
    bool has_key = hx_settings_find(&settings, "BINANCE_API_KEY", &value) && value.len > 0;
    add(findings, has_key, "BINANCE_API_KEY is set", "put your exchange key into hoox.env (or trade with --paper)");
    bool has_secret = hx_secrets_has(secrets, HX_STR("BINANCE_API_SECRET"));
    add(findings, has_secret, "BINANCE_API_SECRET is set", "put your exchange secret into hoox.env");
    hx_settings_release(&settings);
    hx_secrets_release(secrets);
}

static void check_ledger(struct findings *findings) {
    int problem = 0;
    char *said = cli_ledger_value(findings->cli, "SELECT quick_check FROM pragma_quick_check", NULL, 0, &problem);
    add(findings, problem == 0 && said != NULL && strcmp(said, "ok") == 0, "the ledger is sound",
        said != NULL ? said : "it can't be read");
    free(said);
    if (problem != 0) return;
    char *keys =
        cli_ledger_value(findings->cli, "SELECT count(*) FROM kv WHERE key LIKE 'keys:webhook:%'", NULL, 0, &problem);
    add(findings, keys != NULL && strcmp(keys, "0") != 0, "there is a webhook key", "hoox keys generate NAME");
    free(keys);
    char *stuck = cli_ledger_value(findings->cli, "SELECT count(*) FROM signals WHERE status IN ('unknown', 'failed')",
                                   NULL, 0, &problem);
    add(findings, stuck != NULL && strcmp(stuck, "0") == 0, "no signal failed or is unresolved", "hoox queue list");
    free(stuck);
}

int cli_check_setup(struct cli *cli) {
    static const char *const columns[] = {"state", "check", "advice"};
    struct findings findings = {cli, cli_table_make(columns, 3), 0};
    bool exists = false;
    bool private = is_private(cli->data_dir, "", &exists);
    add(&findings, exists, "the data directory exists", "hoox init");
    if (exists) {
        add(&findings, private, "only you can enter the data directory", "chmod 700 it");
        private = is_private(cli->data_dir, "hoox.env", &exists);
        if (exists) add(&findings, private, "only you can read hoox.env", "chmod 600 it");
        check_settings(&findings);
        check_ledger(&findings);
    }
    cli_table_print(cli, findings.table, "");
    cli_table_release(findings.table);
    return findings.bad == 0 ? EXIT_OK : EXIT_FAILED;
}
