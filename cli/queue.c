/* Signals that wait for another try, or failed: seen, tried again, dropped. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/ledger.h"

int cli_queue_list(struct cli *cli) {
    return cli_ledger_print(
        cli,
        "SELECT id, CASE test WHEN 1 THEN 'test' ELSE 'live' END AS mode, symbol, action, status, tries, "
        "CASE WHEN finished_ms IS NULL THEN due_ms END AS next_try_ms, message FROM signals "
        "WHERE finished_ms IS NULL OR status = 'failed' ORDER BY seq DESC LIMIT 200",
        NULL, 0, "nothing waits and nothing failed");
}

static int change(struct cli *cli, const char *verb, const char *question, const char *done) {
    char target[128];
    const char *id = cli->arguments[0];
    if (strlen(id) != 36 || strspn(id, "0123456789abcdefABCDEF-") != strlen(id)) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "'%s' is no signal id; `hoox queue list` shows them", id);
    }
    if (!cli_confirm(cli, question)) return cli_fail(cli, EXIT_FAILED, "NOT_CONFIRMED", "nothing was done");
    snprintf(target, sizeof target, "/v1/queue/%s/%s", id, verb);
    return cli_call_done(cli, "POST", target, NULL, done);
}

int cli_queue_retry(struct cli *cli) {
    return change(cli, "retry", "Try this signal again now?", "It is being tried again.");
}

int cli_queue_drop(struct cli *cli) {
    return change(cli, "drop", "Drop this signal? No order will come of it.", "Dropped.");
}
