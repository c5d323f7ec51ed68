/* Signals that wait for another try, or failed: seen, tried again, dropped. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"

int cli_queue_list(struct cli *cli) {
    return cli_ledger_print(
        cli,
        "SELECT id, symbol, action, status, tries, "
        "CASE WHEN finished_ms IS NULL THEN strftime('%Y-%m-%d %H:%M:%S', due_ms / 1000, 'unixepoch') END AS next_try, "
        "message FROM signals WHERE finished_ms IS NULL OR status = 'failed' ORDER BY seq DESC LIMIT 200",
        NULL, 0, "nothing waits and nothing failed");
}

int cli_queue_show(struct cli *cli) {
    return cli_signals_show(cli);
}

static int change(struct cli *cli, const char *verb, const char *done) {
    char target[128];
    const char *id = cli->arguments[0];
    if (strlen(id) > 64 || strspn(id, "0123456789abcdefABCDEF-") != strlen(id)) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "that is no signal id; `hoox queue list` shows them");
    }
    snprintf(target, sizeof target, "/v1/queue/%s/%s", id, verb);
    struct cli_answer answer;
    int code = cli_call_expect(cli, "POST", target, NULL, 0, &answer);
    if (code != 0) return code;
    if (cli->json) printf("%s\n", answer.body);
    cli_say(cli, "%s\n", done);
    free(answer.body);
    return EXIT_OK;
}

int cli_queue_retry(struct cli *cli) {
    if (!cli_confirm(cli, "Try this signal again now?")) {
        return cli_fail(cli, EXIT_FAILED, "NOT_CONFIRMED", "nothing was done; -y answers the question");
    }
    return change(cli, "retry", "It is being tried again.");
}

int cli_queue_drop(struct cli *cli) {
    if (!cli_confirm(cli, "Drop this signal? No order will come of it.")) {
        return cli_fail(cli, EXIT_FAILED, "NOT_CONFIRMED", "nothing was done; -y answers the question");
    }
    return change(cli, "drop", "Dropped.");
}
