/* The ledger as a database: listed, queried, exported, backed up. Nothing here writes to it. */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/readonly.h"

const struct cli_option cli_export_options[] = {
    {"output", "FILE", "write here instead of standard output; must not exist"}, {NULL, NULL, NULL}};
const struct cli_option cli_backup_options[] = {{NULL, NULL, NULL}};

int cli_db_list(struct cli *cli) {
    static const char *const columns[] = {"table", "rows"};
    sqlite3 *db = NULL;
    sqlite3_stmt *names = NULL;
    int code = cli_ledger_open(cli, &db);
    if (code != 0) return code;
    struct cli_table *table = cli_table_make(columns, 2);
    sqlite3_prepare_v2(db,
                       "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' "
                       "ORDER BY name",
                       -1, &names, NULL);
    while (names != NULL && sqlite3_step(names) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);
        char *sql = sqlite3_mprintf("SELECT count(*) FROM \"%w\"", name);
        sqlite3_stmt *count = NULL;
        cli_table_add(table, name, strlen(name), false);
        if (sqlite3_prepare_v2(db, sql, -1, &count, NULL) == SQLITE_OK && sqlite3_step(count) == SQLITE_ROW) {
            cli_table_add(table, (const char *)sqlite3_column_text(count, 0), (size_t)sqlite3_column_bytes(count, 0),
                          true);
        } else {
            cli_table_add(table, NULL, 0, true);
        }
        sqlite3_finalize(count);
        sqlite3_free(sql);
    }
    sqlite3_finalize(names);
    cli_table_print(cli, table, "no tables");
    cli_table_release(table);
    sqlite3_close(db);
    return EXIT_OK;
}

int cli_db_query(struct cli *cli) {
    return cli_ledger_print_untrusted(cli, cli->arguments[0]);
}

/* One row as an INSERT; quote() writes every type so that it reads back as it is. */
static bool export_rows(sqlite3 *db, FILE *out, const char *table) {
    sqlite3_stmt *columns = NULL, *rows = NULL;
    char *info = sqlite3_mprintf("SELECT name FROM pragma_table_info(%Q)", table);
    char *list = sqlite3_mprintf("");
    bool ok = sqlite3_prepare_v2(db, info, -1, &columns, NULL) == SQLITE_OK;
    while (ok && sqlite3_step(columns) == SQLITE_ROW) {
        char *longer = sqlite3_mprintf("%s%squote(\"%w\")", list, list[0] != '\0' ? "||','||" : "",
                                       (const char *)sqlite3_column_text(columns, 0));
        sqlite3_free(list);
        list = longer;
    }
    char *sql = sqlite3_mprintf("SELECT %s FROM \"%w\"", list, table);
    ok = ok && sqlite3_prepare_v2(db, sql, -1, &rows, NULL) == SQLITE_OK;
    int step = SQLITE_DONE;
    while (ok && (step = sqlite3_step(rows)) == SQLITE_ROW) {
        ok = fprintf(out, "INSERT INTO \"%s\" VALUES(%s);\n", table, (const char *)sqlite3_column_text(rows, 0)) > 0;
    }
    sqlite3_finalize(columns);
    sqlite3_finalize(rows);
    sqlite3_free(info);
    sqlite3_free(list);
    sqlite3_free(sql);
    return ok && step == SQLITE_DONE;
}

static bool export_all(sqlite3 *db, FILE *out) {
    sqlite3_stmt *schema = NULL;
    bool ok =
        sqlite3_prepare_v2(db,
                           "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE "
                           "'sqlite_%' ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, name",
                           -1, &schema, NULL) == SQLITE_OK;
    ok = ok && fprintf(out, "BEGIN TRANSACTION;\n") > 0;
    while (ok && sqlite3_step(schema) == SQLITE_ROW) {
        ok = fprintf(out, "%s;\n", (const char *)sqlite3_column_text(schema, 2)) > 0;
        if (ok && strcmp((const char *)sqlite3_column_text(schema, 0), "table") == 0) {
            ok = export_rows(db, out, (const char *)sqlite3_column_text(schema, 1));
        }
    }
    sqlite3_finalize(schema);
    return ok && fprintf(out, "COMMIT;\n") > 0 && fflush(out) == 0;
}

int cli_db_export(struct cli *cli) {
    const char *path = cli_find_option(cli, "output");
    sqlite3 *db = NULL;
    int code = cli_ledger_open(cli, &db);
    if (code != 0) return code;
    FILE *out = path != NULL ? fopen(path, "wx") : stdout;
    if (out == NULL) {
        sqlite3_close(db);
        return cli_fail(cli, EXIT_FAILED, "NO_FILE", "%s can't be made; it must not exist yet", path);
    }
    /* One read transaction: what is exported is one moment, also while the server writes. */
    bool ok = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK && export_all(db, out);
    if (!ok) code = cli_fail(cli, EXIT_FAILED, "EXPORT_FAILED", "the export failed: %s", sqlite3_errmsg(db));
    if (path != NULL && fclose(out) != 0) code = cli_fail(cli, EXIT_FAILED, "EXPORT_FAILED", "%s: write failed", path);
    if (path != NULL && code == 0) {
        cli_say(cli, "Wrote %s.\n", path);
        if (cli->json) printf("{\"success\":true}\n");
    }
    sqlite3_close(db);
    return code;
}

int cli_db_backup(struct cli *cli) {
    const char *path = cli->arguments[0];
    sqlite3 *db = NULL, *copy = NULL;
    if (access(path, F_OK) == 0) {
        return cli_fail(cli, EXIT_FAILED, "EXISTS", "%s exists already; name a new file", path);
    }
    int code = cli_ledger_open(cli, &db);
    if (code != 0) return code;
    mode_t before = umask(077);
    int status = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    umask(before);
    sqlite3_backup *backup = status == SQLITE_OK ? sqlite3_backup_init(copy, "main", db, "main") : NULL;
    if (backup != NULL) {
        /* In one step: a reader's snapshot holds still while the server goes on. */
        status = sqlite3_backup_step(backup, -1);
        sqlite3_backup_finish(backup);
    }
    if (status == SQLITE_DONE) {
        cli_say(cli, "Wrote %s.\n", path);
        if (cli->json) printf("{\"success\":true}\n");
    } else {
        code = cli_fail(cli, EXIT_FAILED, "BACKUP_FAILED", "the backup failed: %s",
                        copy != NULL ? sqlite3_errmsg(copy) : "out of memory");
        unlink(path);
    }
    sqlite3_close(copy);
    sqlite3_close(db);
    return code;
}
