/* Reading the ledger: one SELECT, on a connection that can't write. */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/readonly.h"

#define LEDGER_FILE "hoox.db"

int cli_ledger_open(const struct cli *cli, struct sqlite3 **out) {
    char path[4200], uri[8600];
    *out = NULL;
    snprintf(path, sizeof path, "%s/%s", cli->data_dir, LEDGER_FILE);
    if (access(path, F_OK) != 0) {
        return cli_fail(cli, EXIT_UNREACHABLE, "NO_LEDGER",
                        "no ledger at %s; start the server once (hoox serve) or name another directory with --data",
                        path);
    }
    if (sqlite3_open_v2(path, out, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_exec(*out, "SELECT 1 FROM meta", NULL, NULL, NULL) == SQLITE_OK) {
        sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
        sqlite3_busy_timeout(*out, 2000);
        return 0;
    }
    sqlite3_close(*out);
    /* A directory that can't be written has no room for the WAL's index. With no server and no WAL left behind, the
     * file alone is the whole ledger. */
    char wal[4300];
    struct stat info;
    snprintf(wal, sizeof wal, "%s-wal", path);
    bool complete = stat(wal, &info) != 0 || info.st_size == 0;
    char *escaped = sqlite3_mprintf("%s", path);
    snprintf(uri, sizeof uri, "file:%s?immutable=1", escaped);
    sqlite3_free(escaped);
    if (complete && strpbrk(path, "?#%") == NULL &&
        sqlite3_open_v2(uri, out, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) == SQLITE_OK &&
        sqlite3_exec(*out, "SELECT 1 FROM meta", NULL, NULL, NULL) == SQLITE_OK) {
        return 0;
    }
    int code = cli_fail(cli, EXIT_UNREACHABLE, "LEDGER_UNREADABLE", "the ledger %s can't be read: %s", path,
                        *out != NULL ? sqlite3_errmsg(*out) : "out of memory");
    sqlite3_close(*out);
    *out = NULL;
    return code;
}

static void add_cell(struct cli_table *table, sqlite3_stmt *statement, int column) {
    int type = sqlite3_column_type(statement, column);
    if (type == SQLITE_NULL) {
        cli_table_add(table, NULL, 0, false);
        return;
    }
    if (type == SQLITE_BLOB) {
        size_t len = (size_t)sqlite3_column_bytes(statement, column);
        const unsigned char *bytes = sqlite3_column_blob(statement, column);
        char *hex = malloc(len * 2 + 1);
        for (size_t i = 0; hex != NULL && i < len; i++) snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
        if (hex != NULL) cli_table_add(table, hex, len * 2, false);
        free(hex);
        return;
    }
    const char *text = (const char *)sqlite3_column_text(statement, column);
    bool is_number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    cli_table_add(table, text, (size_t)sqlite3_column_bytes(statement, column), is_number);
}

/* Rows a query may print, and virtual machine steps (in units of the progress handler) it may take. */
#define ROWS_MAX 1000000

static int print_statement(const struct cli *cli, sqlite3 *db, sqlite3_stmt *statement, const char *when_empty) {
    size_t count = (size_t)sqlite3_column_count(statement);
    if (count == 0) return cli_fail(cli, EXIT_USAGE, "USAGE", "the query returns no columns; only SELECT is possible");
    const char **columns = calloc(count, sizeof *columns);
    if (columns == NULL) return cli_fail(cli, EXIT_FAILED, "MEMORY", "out of memory");
    for (size_t i = 0; i < count; i++) columns[i] = sqlite3_column_name(statement, (int)i);
    struct cli_table *table = cli_table_make(columns, count);
    int step = SQLITE_ROW;
    while (cli_table_rows(table) < ROWS_MAX && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        for (size_t i = 0; i < count; i++) add_cell(table, statement, (int)i);
    }
    int code = EXIT_OK;
    if (step == SQLITE_DONE) {
        cli_table_print(cli, table, when_empty);
    } else if (step == SQLITE_ROW) {
        code = cli_fail(cli, EXIT_FAILED, "TOO_MANY_ROWS", "more than %d rows; add a LIMIT", ROWS_MAX);
    } else if (step == SQLITE_INTERRUPT) {
        code = cli_fail(cli, EXIT_FAILED, "TOO_SLOW", "the query took too long; narrow it with WHERE and LIMIT");
    } else {
        code = cli_fail(cli, EXIT_FAILED, "QUERY_FAILED", "%s", sqlite3_errmsg(db));
    }
    cli_table_release(table);
    free(columns);
    return code;
}

int cli_ledger_print(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                     const char *when_empty) {
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int code = cli_ledger_open(cli, &db);
    if (code != 0) return code;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        code = cli_fail(cli, EXIT_FAILED, "QUERY_FAILED", "%s", sqlite3_errmsg(db));
    } else {
        for (int i = 0; i < parameter_count; i++) {
            sqlite3_bind_text(statement, i + 1, parameters[i], -1, SQLITE_TRANSIENT);
        }
        code = print_statement(cli, db, statement, when_empty);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return code;
}

int cli_ledger_print_untrusted(const struct cli *cli, const char *sql) {
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    int code = cli_ledger_open(cli, &db);
    if (code != 0) return code;
    struct readonly_limits limits = {.steps_max = 20000};
    readonly_restrict(db, &limits);
    int prepared = sqlite3_prepare_v2(db, sql, -1, &statement, &rest);
    if (prepared == SQLITE_AUTH) {
        code = cli_fail(cli, EXIT_USAGE, "READ_ONLY", "only reading is possible here: %s", sqlite3_errmsg(db));
    } else if (prepared != SQLITE_OK) {
        code = cli_fail(cli, EXIT_USAGE, "QUERY_FAILED", "%s", sqlite3_errmsg(db));
    } else if (statement == NULL) {
        code = cli_fail(cli, EXIT_USAGE, "USAGE", "the query is empty");
    } else if (rest[strspn(rest, " \t\r\n;")] != '\0') {
        code = cli_fail(cli, EXIT_USAGE, "USAGE", "one statement at a time, please");
    } else if (!sqlite3_stmt_readonly(statement)) {
        code = cli_fail(cli, EXIT_USAGE, "READ_ONLY", "only reading is possible here");
    } else {
        code = print_statement(cli, db, statement, "no rows");
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return code;
}

char *cli_ledger_value(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                       int *problem) {
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char *value = NULL;
    *problem = cli_ledger_open(cli, &db);
    if (*problem != 0) return NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK) {
        for (int i = 0; i < parameter_count; i++) {
            sqlite3_bind_text(statement, i + 1, parameters[i], -1, SQLITE_TRANSIENT);
        }
        if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
            const char *text = (const char *)sqlite3_column_text(statement, 0);
            value = text != NULL ? strdup(text) : NULL;
        }
    } else {
        *problem = cli_fail(cli, EXIT_FAILED, "QUERY_FAILED", "%s", sqlite3_errmsg(db));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}
