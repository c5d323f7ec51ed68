/* Webhook keys by name: shown once, stored hashed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"

const struct cli_option cli_rotate_options[] = {
    {"overlap", "SECONDS", "how long the old key still works (default 86400)"}, {NULL, NULL, NULL}};

static bool is_name(const char *name) {
    size_t len = strlen(name);
    return len >= 1 && len <= 32 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static int bad_name(const struct cli *cli) {
    return cli_fail(cli, EXIT_USAGE, "USAGE", "a key's name has 1 to 32 characters of a-z 0-9 -");
}

/* Sends the request and prints the key that comes back. */
static int print_new_key(const struct cli *cli, const char *target) {
    struct cli_answer answer;
    int code = cli_call_expect(cli, "POST", target, NULL, 0, &answer);
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
    if (!is_name(cli->arguments[0])) return bad_name(cli);
    snprintf(target, sizeof target, "/v1/keys/%s", cli->arguments[0]);
    return print_new_key(cli, target);
}

int cli_keys_rotate(struct cli *cli) {
    char target[160];
    const char *overlap = cli_find_option(cli, "overlap");
    if (!is_name(cli->arguments[0])) return bad_name(cli);
    if (overlap == NULL) overlap = "86400";
    if (strlen(overlap) > 9 || strspn(overlap, "0123456789") != strlen(overlap)) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "--overlap needs whole seconds");
    }
    snprintf(target, sizeof target, "/v1/keys/%s/rotate?overlap=%s", cli->arguments[0], overlap);
    return print_new_key(cli, target);
}

int cli_keys_revoke(struct cli *cli) {
    char target[96];
    if (!is_name(cli->arguments[0])) return bad_name(cli);
    snprintf(target, sizeof target, "/v1/keys/%s", cli->arguments[0]);
    struct cli_answer answer;
    int code = cli_call_expect(cli, "DELETE", target, NULL, 0, &answer);
    if (code != 0) return code;
    if (cli->json) printf("%s\n", answer.body);
    cli_say(cli, "Revoked: alerts with this key are refused from now on.\n");
    free(answer.body);
    return EXIT_OK;
}

int cli_keys_list(struct cli *cli) {
    static const char *const columns[] = {"name", "valid", "created", "expires", "previousExpires"};
    struct cli_answer answer;
    int code = cli_call_expect(cli, "GET", "/v1/keys", NULL, 0, &answer);
    if (code != 0) return code;
    code = cli_print_answer_rows(cli, &answer, "keys", columns, sizeof columns / sizeof columns[0],
                                 "no webhook keys; `hoox keys generate NAME` makes one");
    free(answer.body);
    return code;
}
