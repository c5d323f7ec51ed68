/* Signals that wait for another try, or failed: seen, tried again, dropped; and what only their owner can find out. */
#define _GNU_SOURCE
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/ledger.h"
#include "core/base/json.h"

int cli_queue_list(struct cli *cli) {
    return cli_ledger_print(
        cli,
        "SELECT id, CASE test WHEN 1 THEN 'test' ELSE 'live' END AS mode, symbol, action, status, tries, "
        "CASE WHEN finished_ms IS NULL THEN due_ms END AS next_try_ms, message FROM signals "
        "WHERE finished_ms IS NULL OR status = 'failed' ORDER BY seq DESC LIMIT 200",
        NULL, 0, "nothing waits and nothing failed");
}

const struct cli_option cli_resolve_options[] = {
    {"absent", NULL, "the exchange does not have its order: you have looked"},
    {"remote", NULL, "of what is deployed, not of this machine"},
    {NULL, NULL, NULL}};

static int change(struct cli *cli, const char *verb, const char *question, const char *body, const char *done) {
    char target[128];
    const char *id = cli->arguments[0];
    if (strlen(id) != 36 || strspn(id, "0123456789abcdefABCDEF-") != strlen(id)) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "'%s' is no signal id; `hoox queue list` shows them", id);
    }
    if (!cli_confirm(cli, question)) return cli_fail(cli, EXIT_FAILED, "NOT_CONFIRMED", "nothing was done");
    snprintf(target, sizeof target, "/v1/queue/%s/%s", id, verb);
    return cli_call_done(cli, "POST", target, body, done);
}

int cli_queue_retry(struct cli *cli) {
    return change(cli, "retry", "Try this signal again now?", NULL, "It is being tried again.");
}

int cli_queue_drop(struct cli *cli) {
    return change(cli, "drop", "Drop this signal? No order will come of it.", NULL, "Dropped.");
}

/* Who sits here, for the record: {"by":"user@machine"}. */
static void write_who(char *out, size_t size) {
    char machine[64] = "";
    char who[128];
    struct hx_buf buf;
    struct hx_json_writer w;
    const struct passwd *user = getpwuid(getuid());
    if (gethostname(machine, sizeof machine - 1) != 0) machine[0] = '\0';
    snprintf(who, sizeof who, "%s@%s", user != NULL ? user->pw_name : "?", machine);
    hx_buf_init(&buf, out, size - 1);
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "by", hx_str_from_c(who));
    hx_json_close_object(&w);
    out[buf.overflowed ? 0 : buf.len] = '\0';
}

int cli_queue_resolve(struct cli *cli) {
    char body[512];
    if (!cli_has_option(cli, "absent")) {
        return cli_fail(cli, EXIT_USAGE, "USAGE",
                        "say what you have found at the exchange: --absent when it does not have the order");
    }
    write_who(body, sizeof body);
    return change(cli, "absent", "Have you looked, and the exchange does not have its order? It is never sent again.",
                  body, "The signal is ended and its lane is free. Should the order turn up, you are told.");
}
