#define _GNU_SOURCE
#include "cli/ledger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/readonly.h"
#include "cli/remote.h"

#define LEDGER_FILE "hoox.db"
#define BUSY_TIMEOUT_MS 5000

/* What one query may print, and how long it may take. */
#define ROWS_MAX 1000000
#define BYTES_MAX ((size_t)512 * 1024 * 1024)
#define QUERY_MS_MAX 15000

static bool try_open(const char *name, int flags, sqlite3 **out) {
    if (sqlite3_open_v2(name, out, SQLITE_OPEN_READONLY | flags, NULL) != SQLITE_OK) return false;
    sqlite3_busy_timeout(*out, BUSY_TIMEOUT_MS);
    /* Only the server checkpoints: see host/common/sqlite_store.h, invariant 3. */
    sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    return sqlite3_exec(*out, "SELECT 1 FROM meta", NULL, NULL, NULL) == SQLITE_OK;
}

bool cli_ledger_try_open(const struct cli *cli, sqlite3 **out, char *problem, size_t problem_size) {
    char path[4200], other[4300];
    struct stat info;
    *out = NULL;
    snprintf(path, sizeof path, "%s/%s", cli->data_dir, LEDGER_FILE);
    if (try_open(path, 0, out)) return true;
    /* A directory that can't be written has no room for the WAL's index. With no server and no WAL left behind, the
     * file alone is the whole ledger. */
    snprintf(other, sizeof other, "%s-wal", path);
    bool is_whole = stat(other, &info) != 0 || info.st_size == 0;
    if (is_whole && strpbrk(path, "?#%") == NULL) {
        sqlite3_close(*out);
        *out = NULL;
        snprintf(other, sizeof other, "file:%s?immutable=1", path);
        if (try_open(other, SQLITE_OPEN_URI, out)) return true;
    }
    snprintf(problem, problem_size, "the ledger %s can't be read: %s", path,
             *out != NULL ? sqlite3_errmsg(*out) : "out of memory");
    sqlite3_close(*out);
    *out = NULL;
    return false;
}

int cli_ledger_open(const struct cli *cli, sqlite3 **out) {
    char path[4200], problem[4600];
    *out = NULL;
    if (cli_is_remote(cli)) return 0;
    snprintf(path, sizeof path, "%s/%s", cli->data_dir, LEDGER_FILE);
    bool is_there = access(path, F_OK) == 0;
    if (!is_there && errno != ENOENT && errno != ENOTDIR) {
        return cli_fail(cli, EXIT_UNREACHABLE, "LEDGER_UNREADABLE", "the ledger %s can't be read: %s", path,
                        strerror(errno));
    }
    if (!is_there) {
        return cli_fail(cli, EXIT_UNREACHABLE, "NO_LEDGER",
                        "no ledger at %s; `hoox init` makes one, --data names another directory", path);
    }
    if (cli_ledger_try_open(cli, out, problem, sizeof problem)) return 0;
    return cli_fail(cli, EXIT_UNREACHABLE, "LEDGER_UNREADABLE", "%s", problem);
}

static void add_blob(struct cli_table *table, const unsigned char *bytes, size_t len) {
    char *hex = cli_must(malloc(len * 2 + 1));
    for (size_t i = 0; i < len; i++) snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    hex[len * 2] = '\0';
    cli_table_add(table, hex, len * 2, false);
    free(hex);
}

static void add_cell(struct cli_table *table, sqlite3_stmt *statement, int column) {
    int type = sqlite3_column_type(statement, column);
    if (type == SQLITE_NULL) {
        cli_table_add(table, NULL, 0, false);
    } else if (type == SQLITE_BLOB) {
        const unsigned char *bytes = sqlite3_column_blob(statement, column);
        add_blob(table, bytes, (size_t)sqlite3_column_bytes(statement, column));
    } else {
        const char *text = (const char *)sqlite3_column_text(statement, column);
        size_t len = (size_t)sqlite3_column_bytes(statement, column);
        /* "Inf" is a number to SQLite only. */
        bool is_number = type == SQLITE_INTEGER || (type == SQLITE_FLOAT && strpbrk(text, "fF") == NULL);
        cli_table_add(table, text, len, is_number);
    }
}

static int fetch(const struct cli *cli, sqlite3 *db, sqlite3_stmt *statement, struct cli_table **out) {
    size_t count = (size_t)sqlite3_column_count(statement);
    if (count == 0) return cli_fail(cli, EXIT_USAGE, "USAGE", "that returns no columns; only SELECT is possible");
    const char **columns = cli_must(calloc(count, sizeof *columns));
    for (size_t i = 0; i < count; i++) columns[i] = sqlite3_column_name(statement, (int)i);
    struct cli_table *table = cli_table_make(columns, count);
    free(columns);
    int step = SQLITE_ROW;
    while (cli_table_rows(table) < ROWS_MAX && cli_table_bytes(table) < BYTES_MAX &&
           (step = sqlite3_step(statement)) == SQLITE_ROW) {
        for (size_t i = 0; i < count; i++) add_cell(table, statement, (int)i);
    }
    if (step == SQLITE_DONE) {
        *out = table;
        return 0;
    }
    cli_table_release(table);
    if (step == SQLITE_ROW) return cli_fail(cli, EXIT_FAILED, "TOO_MANY_ROWS", "too many rows; add a LIMIT");
    if (step == SQLITE_INTERRUPT) {
        return cli_fail(cli, EXIT_FAILED, "TOO_SLOW", "the query took too long; narrow it with WHERE and LIMIT");
    }
    return cli_fail(cli, EXIT_FAILED, "QUERY_FAILED", "%s", sqlite3_errmsg(db));
}

static int prepare(sqlite3 *db, const char *sql, const char *const *parameters, int parameter_count,
                   sqlite3_stmt **out) {
    int status = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    for (int i = 0; i < parameter_count && status == SQLITE_OK; i++) {
        status = sqlite3_bind_text(*out, i + 1, parameters[i], -1, SQLITE_TRANSIENT);
    }
    return status;
}

int cli_ledger_select(const struct cli *cli, sqlite3 *db, const char *sql, const char *const *parameters,
                      int parameter_count, struct cli_table **out) {
    sqlite3_stmt *statement = NULL;
    int code;
    *out = NULL;
    if (cli_is_remote(cli)) return cli_remote_select(cli, sql, parameters, parameter_count, false, out);
    if (prepare(db, sql, parameters, parameter_count, &statement) == SQLITE_OK) {
        code = fetch(cli, db, statement, out);
    } else {
        code = cli_fail(cli, EXIT_FAILED, "QUERY_FAILED", "%s", sqlite3_errmsg(db));
    }
    sqlite3_finalize(statement);
    return code;
}

int cli_ledger_print(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                     const char *when_empty) {
    sqlite3 *db = NULL;
    struct cli_table *table = NULL;
    int code = cli_ledger_open(cli, &db);
    if (code == 0) code = cli_ledger_select(cli, db, sql, parameters, parameter_count, &table);
    if (code == 0) {
        cli_table_show_times(table);
        cli_table_print(cli, table, when_empty);
    }
    cli_table_release(table);
    sqlite3_close(db);
    return code;
}

/* Prepares under the authorizer; sets *out when the statement may run. */
static int prepare_untrusted(const struct cli *cli, sqlite3 *db, const char *sql, sqlite3_stmt **out) {
    const char *rest = NULL;
    int prepared = sqlite3_prepare_v2(db, sql, -1, out, &rest);
    if (prepared == SQLITE_AUTH) {
        return cli_fail(cli, EXIT_USAGE, "READ_ONLY", "only reading is possible here: %s", sqlite3_errmsg(db));
    }
    if (prepared != SQLITE_OK) return cli_fail(cli, EXIT_USAGE, "QUERY_FAILED", "%s", sqlite3_errmsg(db));
    if (*out == NULL) return cli_fail(cli, EXIT_USAGE, "USAGE", "the query is empty");
    if (rest[strspn(rest, " \t\r\n;")] != '\0') {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "one statement at a time, please");
    }
    if (sqlite3_stmt_readonly(*out)) return 0;
    return cli_fail(cli, EXIT_USAGE, "READ_ONLY", "only reading is possible here");
}

int cli_ledger_print_untrusted(const struct cli *cli, const char *sql) {
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    struct cli_table *table = NULL;
    struct cli_readonly_limits limits = {cli_monotonic_ms() + QUERY_MS_MAX};
    int code = cli_ledger_open(cli, &db);
    if (code != 0) return code;
    if (cli_is_remote(cli)) {
        code = cli_remote_select(cli, sql, NULL, 0, true, &table);
    } else {
        cli_readonly_restrict(db, &limits);
        code = prepare_untrusted(cli, db, sql, &statement);
        if (code == 0) code = fetch(cli, db, statement, &table);
    }
    if (code == 0) cli_table_print(cli, table, "no rows");
    cli_table_release(table);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return code;
}

char *cli_ledger_value(sqlite3 *db, const char *sql, const char *const *parameters, int parameter_count) {
    sqlite3_stmt *statement = NULL;
    char *value = NULL;
    if (prepare(db, sql, parameters, parameter_count, &statement) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        value = text != NULL ? cli_must(strdup(text)) : NULL;
    }
    sqlite3_finalize(statement);
    return value;
}

char *cli_ledger_text(const struct cli *cli, sqlite3 *db, const char *sql, const char *const *parameters,
                      int parameter_count) {
    struct cli_table *table = NULL;
    if (!cli_is_remote(cli)) return cli_ledger_value(db, sql, parameters, parameter_count);
    if (cli_remote_select(cli, sql, parameters, parameter_count, false, &table) != 0) return NULL;
    const char *text = cli_table_first(table);
    char *copy = text != NULL ? cli_must(strdup(text)) : NULL;
    cli_table_release(table);
    return copy;
}
