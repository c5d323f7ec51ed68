/* The runtime manifest: read, changed, applied; and the kill switch, which is one of its keys. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/ledger.h"
#include "cli/remote.h"
#include "core/admit/manifest.h"

const struct cli_option cli_apply_options[] = {
    {"force", NULL, "also put back what was changed; never the kill switch"},
    {"dry-run", NULL, "only show the difference"},
    {"remote", NULL, "of the deployed Worker"},
    {NULL, NULL, NULL},
};

/* The path of a key; a wrong name is explained with the nearest one. */
static int key_target(const struct cli *cli, char *target, size_t size) {
    enum hx_manifest_key key;
    if (hx_manifest_find(hx_str_from_c(cli->arguments[0]), &key)) {
        snprintf(target, size, "/v1/kv/%s", cli->arguments[0]);
        return 0;
    }
    const char *names[HX_MANIFEST_COUNT];
    for (size_t i = 0; i < HX_MANIFEST_COUNT; i++) names[i] = hx_manifest_info((enum hx_manifest_key)i).name.data;
    const char *near = cli_nearest(cli->arguments[0], names, HX_MANIFEST_COUNT);
    if (near != NULL) {
        return cli_fail(cli, EXIT_USAGE, "NO_SUCH_KEY", "no setting '%s'; did you mean '%s'?", cli->arguments[0], near);
    }
    return cli_fail(cli, EXIT_USAGE, "NO_SUCH_KEY", "no setting '%s'; `hoox config kv manifest` lists them",
                    cli->arguments[0]);
}

static int print_manifest(const struct cli *cli, const char *method, const char *target) {
    static const char *const compared[] = {"key", "state", "current", "default", "write"};
    static const char *const applied[] = {"key", "state", "current", "default", "written"};
    struct cli_answer answer;
    int code = cli_call_expect(cli, method, target, NULL, &answer);
    if (code != 0) return code;
    const char *const *columns = strcmp(method, "POST") == 0 ? applied : compared;
    code = cli_print_answer_rows(cli, &answer, "keys", columns, columns, 5, "empty");
    free(answer.body);
    return code;
}

int cli_kv_list(struct cli *cli) {
    if (cli_is_remote(cli)) return cli_remote_kv_list(cli);
    return cli_ledger_print(cli, "SELECT key, value FROM kv WHERE key NOT LIKE 'keys:%' ORDER BY key", NULL, 0,
                            "nothing is set; the defaults rule (hoox config kv manifest)");
}

int cli_kv_get(struct cli *cli) {
    char target[160];
    int code = key_target(cli, target, sizeof target);
    if (code != 0) return code;
    struct cli_answer answer;
    code = cli_call(cli, "GET", target, NULL, &answer);
    if (code != 0) return code;
    char *value = answer.status == 200 ? cli_json_text(answer.body, answer.body_len, "value", NULL) : NULL;
    bool is_default = value == NULL && answer.status == 404;
    enum hx_manifest_key key;
    if (is_default && hx_manifest_find(hx_str_from_c(cli->arguments[0]), &key)) {
        value = cli_must(strdup(hx_manifest_info(key).default_value.data));
    }
    if (value == NULL) {
        code = cli_fail(cli, EXIT_FAILED, "BAD_ANSWER", "the server's answer can't be read: %s", answer.body);
    } else if (cli->json) {
        printf("{\"key\":\"%s\",\"value\":", cli->arguments[0]);
        cli_print_json_string(value, strlen(value));
        printf(",\"isDefault\":%s}\n", is_default ? "true" : "false");
    } else {
        printf("%s\n", value);
        if (is_default) cli_say(cli, "%s(default)%s\n", cli_color(cli, "dim"), cli_color(cli, "reset"));
    }
    free(value);
    free(answer.body);
    return code;
}

int cli_kv_set(struct cli *cli) {
    char target[160];
    int code = key_target(cli, target, sizeof target);
    return code != 0 ? code : cli_call_done(cli, "PUT", target, cli->arguments[1], "Set.");
}

int cli_kv_delete(struct cli *cli) {
    char target[160];
    int code = key_target(cli, target, sizeof target);
    return code != 0 ? code : cli_call_done(cli, "DELETE", target, NULL, "Deleted; the default rules.");
}

int cli_kv_manifest(struct cli *cli) {
    static const char *const columns[] = {"key", "type", "default", "meaning"};
    struct cli_table *table = cli_table_make(columns, 4);
    for (size_t i = 0; i < HX_MANIFEST_COUNT; i++) {
        struct hx_manifest_info info = hx_manifest_info((enum hx_manifest_key)i);
        cli_table_add(table, info.name.data, info.name.len, false);
        cli_table_add(table, info.type_name.data, info.type_name.len, false);
        cli_table_add(table, info.default_value.data, info.default_value.len, false);
        cli_table_add(table, info.meaning.data, info.meaning.len, false);
    }
    cli_table_print(cli, table, "");
    cli_table_release(table);
    return EXIT_OK;
}

int cli_kv_apply(struct cli *cli) {
    bool force = cli_has_option(cli, "force");
    bool dry_run = cli_has_option(cli, "dry-run");
    if (dry_run) return print_manifest(cli, "GET", force ? "/v1/manifest?force=1" : "/v1/manifest");
    return print_manifest(cli, "POST", force ? "/v1/manifest/apply?force=1" : "/v1/manifest/apply");
}

int cli_kill_switch(struct cli *cli) {
    static const char *const done[] = {
        [HX_KILL_SWITCH_OFF] = "Kill switch off: entries are sent again.",
        [HX_KILL_SWITCH_REDUCE] = "Kill switch on: only orders that reduce exposure leave.",
        [HX_KILL_SWITCH_HALT] = "Halted: nothing leaves but exits sent by your own hand.",
    };
    static char key[] = "trade:kill_switch";
    const char *verb = cli->arguments[0];
    enum hx_kill_switch state = HX_KILL_SWITCH_OFF;
    char value[16];
    if (strcasecmp(verb, "show") == 0) {
        cli->arguments[0] = key;
        return cli_kv_get(cli);
    }
    /* Every word that the setting takes, as `show` prints it or not. */
    if (hx_failed(hx_kill_switch_parse(hx_str_from_c(verb), &state))) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "'%s' is no state; say show, on (reduce), off or halt", verb);
    }
    hx_str name = hx_kill_switch_name(state);
    snprintf(value, sizeof value, "%.*s", (int)name.len, name.data);
    return cli_call_done(cli, "PUT", "/v1/kv/trade:kill_switch", value, done[state]);
}
