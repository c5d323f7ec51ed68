/* What happened: signals, positions, round trips, depths. Reading only. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"

#define TIME(column) "strftime('%Y-%m-%d %H:%M:%S', " column " / 1000, 'unixepoch')"

const struct cli_option cli_list_options[] = {{"symbol", "SYMBOL", "only this symbol"}, {NULL, NULL, NULL}};

/* The optional count of a listing: 1..1000, 20 when not given. 0 when it is wrong. */
static int count_of(const struct cli *cli) {
    if (cli->argument_count == 0) return 20;
    char *end = NULL;
    long count = strtol(cli->arguments[0], &end, 10);
    return *end == '\0' && count >= 1 && count <= 1000 ? (int)count : 0;
}

static int print_list(const struct cli *cli, const char *sql, const char *when_empty) {
    char limit[16];
    int count = count_of(cli);
    if (count == 0) return cli_fail(cli, EXIT_USAGE, "USAGE", "the count must be from 1 to 1000");
    snprintf(limit, sizeof limit, "%d", count);
    const char *symbol = cli_find_option(cli, "symbol");
    const char *const parameters[] = {limit, symbol != NULL ? symbol : ""};
    return cli_ledger_print(cli, sql, parameters, 2, when_empty);
}

int cli_signals_list(struct cli *cli) {
    return print_list(cli,
                      "SELECT id, " TIME("received_ms") " AS received, source, venue, symbol, action, status, reason "
                      "FROM signals WHERE ?2 = '' OR symbol = ?2 ORDER BY seq DESC LIMIT cast(?1 AS INTEGER)",
                      "no signals yet");
}

static int require_signal(const struct cli *cli, const char *id) {
    int problem = 0;
    const char *const parameters[] = {id};
    char *found = cli_ledger_value(cli, "SELECT id FROM signals WHERE id = ?1", parameters, 1, &problem);
    bool exists = found != NULL;
    free(found);
    if (problem != 0) return problem;
    if (exists) return 0;
    return cli_fail(cli, EXIT_FAILED, "NOT_FOUND", "no signal %s; `hoox signals list` shows the newest", id);
}

static int print_section(const struct cli *cli, const char *title, const char *sql, const char *when_empty) {
    if (cli->json) {
        printf("\"%s\":", title);
    } else {
        printf("%s%s%s\n", cli_color(cli, "bold"), title, cli_color(cli, "reset"));
    }
    const char *const parameters[] = {cli->arguments[0]};
    return cli_ledger_print(cli, sql, parameters, 1, when_empty);
}

int cli_signals_show(struct cli *cli) {
    int code = require_signal(cli, cli->arguments[0]);
    if (code != 0) return code;
    if (cli->json) printf("{");
    code = print_section(cli, "signal",
                         "SELECT id, " TIME("received_ms") " AS received, lane, source, key_name, venue, market, symbol, "
                         "action, status, reason, message, tries, idempotency_key, request_id FROM signals WHERE id = ?1",
                         "none");
    if (code == 0) printf(cli->json ? "," : "\n");
    if (code == 0) {
        code = print_section(cli, "orders",
                             "SELECT leg, client_order_id, purpose, side, type, quantity, price, status, attempt, "
                             "venue_order_id, executed_quantity, average_price, fee, fee_asset, venue_code, message "
                             "FROM orders WHERE signal_id = ?1 ORDER BY leg",
                             "no orders");
    }
    if (code == 0) printf(cli->json ? "," : "\n");
    if (code == 0) {
        code = print_section(cli, "fills",
                             "SELECT " TIME("time_ms") " AS time, venue_trade_id, side, quantity, price, fee, fee_asset, "
                             "realized_pnl FROM fills WHERE signal_id = ?1 ORDER BY time_ms, venue_trade_id",
                             "no fills");
    }
    if (code == 0) printf(cli->json ? "," : "\n");
    if (code == 0) code = print_section(cli, "body", "SELECT body FROM signals WHERE id = ?1", "none");
    if (cli->json) printf("}\n");
    return code;
}

int cli_signals_replay_reply(struct cli *cli) {
    int problem = require_signal(cli, cli->arguments[0]);
    if (problem != 0) return problem;
    const char *const parameters[] = {cli->arguments[0]};
    char *status = cli_ledger_value(cli, "SELECT reply_status FROM signals WHERE id = ?1", parameters, 1, &problem);
    char *body = cli_ledger_value(cli, "SELECT reply_body FROM signals WHERE id = ?1", parameters, 1, &problem);
    if (problem == 0 && (status == NULL || body == NULL)) {
        problem =
            cli_fail(cli, EXIT_FAILED, "IN_PROGRESS", "the signal is still being worked on: a repetition gets 409");
    } else if (problem == 0 && cli->json) {
        printf("{\"status\":%s,\"body\":%s}\n", status, body);
    } else if (problem == 0) {
        printf("%s\n%s\n", status, body);
    }
    free(status);
    free(body);
    return problem;
}

int cli_positions(struct cli *cli) {
    return cli_ledger_print(cli,
                            "SELECT venue, market, CASE test WHEN 1 THEN 'test' ELSE 'live' END AS mode, symbol, "
                            "CASE WHEN quantity LIKE '-%' THEN 'short' ELSE 'long' END AS side, quantity, entry_price, "
                            "realized_pnl, fees, " TIME("opened_ms") " AS opened "
                            "FROM positions WHERE quantity <> '0' ORDER BY venue, symbol",
                            NULL, 0, "no open positions");
}

int cli_monitor_trades(struct cli *cli) {
    return print_list(cli,
                      "SELECT " TIME("opened_ms") " AS opened, coalesce(" TIME("closed_ms") ", 'open') AS closed, venue, "
                      "symbol, side, opened_quantity, entry_price, closed_quantity, exit_price, realized_pnl, fees "
                      "FROM trades WHERE ?2 = '' OR symbol = ?2 "
                      "ORDER BY coalesce(closed_ms, opened_ms) DESC LIMIT cast(?1 AS INTEGER)",
                      "no trades yet");
}

int cli_monitor_queue_depth(struct cli *cli) {
    return cli_ledger_print(
        cli,
        "SELECT (SELECT count(*) FROM signals WHERE finished_ms IS NULL) AS signals_open, "
        "(SELECT count(*) FROM signals WHERE finished_ms IS NULL AND status = 'queued') AS queued, "
        "(SELECT count(*) FROM signals WHERE finished_ms IS NULL AND status = 'unknown') AS unknown, "
        "(SELECT count(*) FROM signals WHERE status = 'failed') AS failed, "
        "(SELECT count(*) FROM orders WHERE finished_ms IS NULL AND status = 'open') AS resting, "
        "(SELECT count(*) FROM outbox WHERE finished_ms IS NULL) AS notices_waiting",
        NULL, 0, "");
}
