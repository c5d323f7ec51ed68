/* Webhook keys by name: shown once, stored hashed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"

const struct cli_option cli_rotate_options[] = {
    {"overlap", "SECONDS", "how long the old key still works (default 86400)"}, {NULL, NULL, NULL}};

/* The name that core/admit/keys.h keeps for the key that a setting holds. */
#define SETTINGS_KEY "env"

static bool is_name(const char *name) {
    size_t len = strlen(name);
    return len >= 1 && len <= 32 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* 0, or an exit code after what is wrong with the name was said. */
static int check_name(const struct cli *cli) {
    const char *name = cli->arguments[0];
    if (!is_name(name)) return cli_fail(cli, EXIT_USAGE, "USAGE", "a key's name has 1 to 32 characters of a-z 0-9 -");
    if (strcmp(name, SETTINGS_KEY) != 0) return 0;
    return cli_fail(cli, EXIT_USAGE, "USAGE",
                    "'" SETTINGS_KEY
                    "' is the key that the setting HOOX_WEBHOOK_KEY holds: change or unset that and "
                    "restart hoox; keys made here need another name");
}

/* Sends the request and prints the key that comes back. */
static int print_new_key(const struct cli *cli, const char *target) {
    struct cli_answer answer;
    int code = cli_call_expect(cli, "POST", target, NULL, &answer);
    if (code != 0) return code;
    if (cli->json) {
        printf("%s\n", answer.body);
    } else {
        char *key = cli_json_text(answer.body, answer.body_len, "key", NULL);
        printf("%s\n", key != NULL ? key : "");
        cli_say(cli, "Keep it: it is shown once. Put it into the alert's \"apiKey\".\n");
        free(key);
    }
    free(answer.body);
    return EXIT_OK;
}

int cli_keys_generate(struct cli *cli) {
    char target[96];
    int code = check_name(cli);
    if (code != 0) return code;
    snprintf(target, sizeof target, "/v1/keys/%s", cli->arguments[0]);
    return print_new_key(cli, target);
}

int cli_keys_rotate(struct cli *cli) {
    char target[160];
    const char *overlap = cli_find_option(cli, "overlap");
    long seconds = 86400;
    int code = check_name(cli);
    if (code == 0 && overlap != NULL) code = cli_parse_count(cli, "--overlap", overlap, 0, 30 * 86400, &seconds);
    if (code != 0) return code;
    snprintf(target, sizeof target, "/v1/keys/%s/rotate?overlap=%ld", cli->arguments[0], seconds);
    return print_new_key(cli, target);
}

int cli_keys_revoke(struct cli *cli) {
    char target[96];
    int code = check_name(cli);
    if (code != 0) return code;
    if (!cli_confirm(cli, "Revoke this key? Alerts that carry it will be refused.")) {
        return cli_fail(cli, EXIT_FAILED, "NOT_CONFIRMED", "nothing was done");
    }
    snprintf(target, sizeof target, "/v1/keys/%s", cli->arguments[0]);
    return cli_call_done(cli, "DELETE", target, NULL, "Revoked: alerts with this key are refused from now on.");
}

int cli_keys_list(struct cli *cli) {
    static const char *const members[] = {"name", "valid", "created", "expires", "previousExpires"};
    static const char *const columns[] = {"name", "valid", "created_ms", "expires_ms", "previous_expires_ms"};
    struct cli_answer answer;
    int code = cli_call_expect(cli, "GET", "/v1/keys", NULL, &answer);
    if (code != 0) return code;
    code = cli_print_answer_rows(cli, &answer, "keys", members, columns, sizeof columns / sizeof columns[0],
                                 "no webhook keys; `hoox keys generate NAME` makes one");
    free(answer.body);
    return code;
}
