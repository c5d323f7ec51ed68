/* What happened: signals, positions, round trips, depths. Reading only. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/ledger.h"
#include "core/signal/signal.h"

/* Test trading is never taken for real. */
#define MODE "CASE test WHEN 1 THEN 'test' ELSE 'live' END AS mode"

const struct cli_option cli_list_options[] = {
    {"symbol", "SYMBOL", "only this symbol"}, {"remote", NULL, "from the deployed ledger"}, {NULL, NULL, NULL}};

/* --symbol as alerts may write it, as the ledger has it; empty when there is none. */
static int find_symbol(const struct cli *cli, char *out, size_t size) {
    uint8_t memory[1024];
    struct hx_arena arena;
    hx_str symbol = HX_STR_EMPTY;
    const char *given = cli_find_option(cli, "symbol");
    hx_arena_init(&arena, memory, sizeof memory);
    if (given != NULL && hx_failed(hx_symbol_parse(&arena, hx_str_from_c(given), &symbol))) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "'%s' is no symbol; write it as in BTCUSDT", given);
    }
    snprintf(out, size, "%.*s", (int)symbol.len, symbol.len > 0 ? symbol.data : "");
    return 0;
}

/* `what` there are none of when the list is empty. */
static int print_list(const struct cli *cli, const char *sql, const char *what) {
    char limit[24], symbol[64] = "", when_empty[128];
    long count = 20;
    int code = find_symbol(cli, symbol, sizeof symbol);
    if (code == 0 && cli->argument_count > 0)
        code = cli_parse_count(cli, "the count", cli->arguments[0], 1, 1000, &count);
    if (code != 0) return code;
    snprintf(limit, sizeof limit, "%ld", count);
    snprintf(when_empty, sizeof when_empty, "no %s%s%s", what, symbol[0] != '\0' ? " of " : " yet", symbol);
    const char *const parameters[] = {limit, symbol};
    return cli_ledger_print(cli, sql, parameters, 2, when_empty);
}

int cli_signals_list(struct cli *cli) {
    return print_list(cli,
                      "SELECT id, received_ms, source, venue, market, " MODE
                      ", symbol, action, status, reason FROM signals "
                      "WHERE ?2 = '' OR symbol = ?2 ORDER BY seq DESC LIMIT cast(?1 AS INTEGER)",
                      "signals");
}

static int not_found(const struct cli *cli) {
    return cli_fail(cli, EXIT_FAILED, "NOT_FOUND", "no signal %s; `hoox signals list` shows the newest",
                    cli->arguments[0]);
}

struct section {
    const char *title;
    const char *sql; /* ?1 is the signal's id. */
};

static const struct section sections[] = {
    {"signal", "SELECT id, received_ms, lane, source, key_name, venue, market, " MODE
               ", symbol, action, status, reason, message, "
               "tries, due_ms, expires_ms, finished_ms, idempotency_key, request_id FROM signals WHERE id = ?1"},
    {"orders",
     "SELECT leg, client_order_id, purpose, side, type, quantity, price, status, attempt, venue_order_id, "
     "executed_quantity, average_price, fee, fee_asset, venue_code, message FROM orders "
     "WHERE signal_id = ?1 ORDER BY leg"},
    {"fills",
     "SELECT time_ms, venue_trade_id, side, quantity, price, fee, fee_asset, realized_pnl FROM fills "
     "WHERE signal_id = ?1 ORDER BY time_ms, venue_trade_id"},
};

#define SECTION_COUNT (sizeof sections / sizeof sections[0])

static void print_sections(const struct cli *cli, struct cli_table *const *tables, const char *body) {
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        cli_table_show_times(tables[i]);
        if (cli->json) {
            printf("%s\"%s\":", i == 0 ? "{" : ",", sections[i].title);
        } else if (i > 0) {
            printf("\n%s%s%s\n", cli_color(cli, "bold"), sections[i].title, cli_color(cli, "reset"));
        }
        if (i == 0) {
            cli_table_print_record(cli, tables[i]);
        } else {
            cli_table_print(cli, tables[i], "none");
        }
    }
    bool is_json = cli_json_is_valid(body, strlen(body));
    if (!cli->json) {
        printf("\n%sbody%s\n", cli_color(cli, "bold"), cli_color(cli, "reset"));
        cli_print_safely(stdout, body, strlen(body));
        putchar('\n');
        return;
    }
    printf(",\"body\":");
    if (is_json) {
        printf("%s", body);
    } else {
        cli_print_json_string(body, strlen(body));
    }
    printf("}\n");
}

int cli_signals_show(struct cli *cli) {
    const char *const parameters[] = {cli->arguments[0]};
    struct cli_table *tables[SECTION_COUNT] = {NULL};
    sqlite3 *db = NULL;
    int code = cli_ledger_open(cli, &db);
    if (code != 0) return code;
    /* One read transaction: order and fills belong to the signal as it was at one moment. */
    if (db != NULL) sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    for (size_t i = 0; i < SECTION_COUNT && code == 0; i++) {
        code = cli_ledger_select(cli, db, sections[i].sql, parameters, 1, &tables[i]);
    }
    char *body = code != 0 ? NULL : cli_ledger_text(cli, db, "SELECT body FROM signals WHERE id = ?1", parameters, 1);
    if (code == 0 && body == NULL) {
        code = not_found(cli);
    } else if (code == 0) {
        print_sections(cli, tables, body);
    }
    for (size_t i = 0; i < SECTION_COUNT; i++) cli_table_release(tables[i]);
    free(body);
    sqlite3_close(db);
    return code;
}

int cli_signals_replay_reply(struct cli *cli) {
    const char *const parameters[] = {cli->arguments[0]};
    sqlite3 *db = NULL;
    int code = cli_ledger_open(cli, &db);
    if (code != 0) return code;
    char *id = cli_ledger_value(db, "SELECT id FROM signals WHERE id = ?1", parameters, 1);
    char *status = cli_ledger_value(db, "SELECT reply_status FROM signals WHERE id = ?1", parameters, 1);
    char *body = cli_ledger_value(db, "SELECT reply_body FROM signals WHERE id = ?1", parameters, 1);
    if (id == NULL) {
        code = not_found(cli);
    } else if (status == NULL || body == NULL) {
        code = cli_fail(cli, EXIT_FAILED, "IN_PROGRESS", "the signal is still being worked on: a repetition gets 409");
    } else {
        printf(cli->json ? "{\"status\":%s,\"body\":%s}\n" : "%s\n%s\n", status, body);
    }
    free(id);
    free(status);
    free(body);
    sqlite3_close(db);
    return code;
}

int cli_positions(struct cli *cli) {
    return cli_ledger_print(cli,
                            "SELECT venue, market, " MODE
                            ", symbol, "
                            "CASE WHEN quantity LIKE '-%' THEN 'short' ELSE 'long' END AS side, quantity, entry_price, "
                            "realized_pnl, fees, opened_ms FROM positions WHERE quantity <> '0' "
                            "ORDER BY test, venue, market, symbol",
                            NULL, 0, "no open positions");
}

int cli_monitor_trades(struct cli *cli) {
    return print_list(cli,
                      "SELECT opened_ms, closed_ms, venue, market, " MODE
                      ", symbol, side, opened_quantity, entry_price, "
                      "closed_quantity, exit_price, realized_pnl, fees FROM trades "
                      "WHERE ?2 = '' OR symbol = ?2 "
                      "ORDER BY coalesce(closed_ms, opened_ms) DESC LIMIT cast(?1 AS INTEGER)",
                      "trades");
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
