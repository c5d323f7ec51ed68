/* The ledger as a database: listed, queried, exported, backed up. Nothing here writes to it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/dump.h"
#include "cli/ledger.h"
#include "cli/remote.h"

const struct cli_option cli_export_options[] = {
    {"output", "FILE", "write here instead of standard output; must not exist"},
    {"remote", NULL, "of what is deployed, not of this machine"},
    {NULL, NULL, NULL}};

int cli_db_list(struct cli *cli) {
    static const char *const columns[] = {"table", "rows"};
    sqlite3 *db = NULL;
    sqlite3_stmt *names = NULL;
    if (cli_is_remote(cli)) return cli_remote_tables(cli);
    int code = cli_ledger_open(cli, &db);
    if (code != 0) return code;
    struct cli_table *table = cli_table_make(columns, 2);
    sqlite3_prepare_v2(db,
                       "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
                       "ESCAPE '\\' ORDER BY name",
                       -1, &names, NULL);
    while (names != NULL && sqlite3_step(names) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);
        char *sql = cli_must(sqlite3_mprintf("SELECT count(*) FROM \"%w\"", name));
        char *rows = cli_ledger_value(db, sql, NULL, 0);
        cli_table_add_c(table, name);
        cli_table_add(table, rows, rows != NULL ? strlen(rows) : 0, true);
        free(rows);
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

static bool export_rows(sqlite3 *db, FILE *out, const char *table) {
    sqlite3_stmt *rows = NULL;
    char *values = cli_dump_row(db, table);
    char *sql = values != NULL ? sqlite3_mprintf("SELECT %s FROM \"%w\"", values, table) : NULL;
    char *name = sqlite3_mprintf("%w", table);
    bool ok = sql != NULL && name != NULL && sqlite3_prepare_v2(db, sql, -1, &rows, NULL) == SQLITE_OK;
    int step = SQLITE_DONE;
    while (ok && (step = sqlite3_step(rows)) == SQLITE_ROW) {
        const char *row = (const char *)sqlite3_column_text(rows, 0);
        ok = row != NULL && fprintf(out, "INSERT INTO \"%s\" VALUES(%s);\n", name, row) > 0;
    }
    sqlite3_finalize(rows);
    sqlite3_free(name);
    sqlite3_free(sql);
    sqlite3_free(values);
    return ok && step == SQLITE_DONE;
}

static bool export_all(sqlite3 *db, FILE *out) {
    sqlite3_stmt *schema = NULL;
    char *version = cli_ledger_value(db, "PRAGMA user_version", NULL, 0);
    /* Indexes and views come after the rows: faster, and a view may name any table. */
    bool ok = version != NULL &&
              sqlite3_prepare_v2(db,
                                 "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE "
                                 "'sqlite\\_%' ESCAPE '\\' ORDER BY type <> 'table', type <> 'index', name",
                                 -1, &schema, NULL) == SQLITE_OK;
    ok = ok && fprintf(out, "PRAGMA user_version=%s;\nBEGIN TRANSACTION;\n", version) > 0;
    int step = SQLITE_DONE;
    while (ok && (step = sqlite3_step(schema)) == SQLITE_ROW) {
        ok = fprintf(out, "%s;\n", (const char *)sqlite3_column_text(schema, 2)) > 0;
        if (ok && strcmp((const char *)sqlite3_column_text(schema, 0), "table") == 0) {
            ok = export_rows(db, out, (const char *)sqlite3_column_text(schema, 1));
        }
    }
    sqlite3_finalize(schema);
    free(version);
    return ok && step == SQLITE_DONE && fprintf(out, "COMMIT;\n") > 0 && fflush(out) == 0;
}

/* A new file that only its owner can read: what it will hold tells what its owner trades. */
static int create(const struct cli *cli, const char *path, int *out) {
    *out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*out >= 0) return 0;
    if (errno == EEXIST) return cli_fail(cli, EXIT_FAILED, "EXISTS", "%s exists already; name a new file", path);
    return cli_fail(cli, EXIT_FAILED, "NO_FILE", "%s can't be written: %s", path, strerror(errno));
}

static int wrote(const struct cli *cli, const char *path) {
    cli_say(cli, "Wrote %s.\n", path);
    if (cli->json) {
        printf("{\"success\":true,\"file\":");
        cli_print_json_string(path, strlen(path));
        printf("}\n");
    }
    return EXIT_OK;
}

/* One read transaction: what is exported is one moment, also while the server writes. */
static int export_here(const struct cli *cli, sqlite3 *db, FILE *out) {
    errno = 0;
    bool ok = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK && export_all(db, out);
    if (ok) return 0;
    return cli_fail(cli, EXIT_FAILED, "EXPORT_FAILED", "the export failed: %s",
                    errno != 0 ? strerror(errno) : sqlite3_errmsg(db));
}

static const char *put_line(void *context, const char *sql) {
    FILE *out = context;
    errno = 0;
    return fprintf(out, "%s;\n", sql) > 0 ? NULL : strerror(errno);
}

static int export_remote(const struct cli *cli, FILE *out) {
    const struct cli_dump_sink sink = {out, put_line};
    int code = cli_remote_dump(cli, &sink);
    if (code != 0 || fflush(out) == 0) return code;
    return cli_fail(cli, EXIT_FAILED, "EXPORT_FAILED", "the export failed: %s", strerror(errno));
}

int cli_db_export(struct cli *cli) {
    const char *path = cli_find_option(cli, "output");
    FILE *out = stdout;
    sqlite3 *db = NULL;
    int fd = -1;
    int code = cli_ledger_open(cli, &db);
    if (code == 0 && path != NULL) {
        code = create(cli, path, &fd);
        out = code == 0 ? cli_must(fdopen(fd, "w")) : NULL;
    }
    if (code == 0) code = cli_is_remote(cli) ? export_remote(cli, out) : export_here(cli, db, out);
    if (fd >= 0) {
        if (fclose(out) != 0 && code == 0) {
            code = cli_fail(cli, EXIT_FAILED, "EXPORT_FAILED", "%s can't be written: %s", path, strerror(errno));
        }
        if (code == 0) {
            code = wrote(cli, path);
        } else {
            unlink(path);
        }
    }
    sqlite3_close(db);
    return code;
}

static const char *put_in(void *context, const char *sql) {
    sqlite3 *copy = context;
    return sqlite3_exec(copy, sql, NULL, NULL, NULL) == SQLITE_OK ? NULL : sqlite3_errmsg(copy);
}

static int backup_remote(const struct cli *cli, sqlite3 *copy) {
    const struct cli_dump_sink sink = {copy, put_in};
    return cli_remote_dump(cli, &sink);
}

static int backup_here(const struct cli *cli, sqlite3 *db, sqlite3 *copy) {
    int status = SQLITE_ERROR;
    sqlite3_backup *backup = sqlite3_backup_init(copy, "main", db, "main");
    if (backup != NULL) {
        /* In one step: a reader's snapshot holds still while the server goes on. */
        status = sqlite3_backup_step(backup, -1);
        sqlite3_backup_finish(backup);
    }
    if (status == SQLITE_DONE) return 0;
    return cli_fail(cli, EXIT_FAILED, "BACKUP_FAILED", "the backup failed: %s", sqlite3_errmsg(copy));
}

int cli_db_backup(struct cli *cli) {
    const char *path = cli->arguments[0];
    char name[4300];
    sqlite3 *db = NULL, *copy = NULL;
    int fd = -1;
    int code = cli_ledger_open(cli, &db);
    if (code == 0) code = create(cli, path, &fd);
    if (code != 0) {
        sqlite3_close(db);
        return code;
    }
    close(fd);
    /* SQLite reads a special meaning into some names, but not into paths. */
    snprintf(name, sizeof name, "%s%s", strchr(path, '/') == NULL ? "./" : "", path);
    if (sqlite3_open_v2(name, &copy, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        code = cli_is_remote(cli) ? backup_remote(cli, copy) : backup_here(cli, db, copy);
    } else {
        code = cli_fail(cli, EXIT_FAILED, "BACKUP_FAILED", "the backup failed: %s",
                        copy != NULL ? sqlite3_errmsg(copy) : "out of memory");
    }
    if (sqlite3_close(copy) != SQLITE_OK && code == 0) {
        code = cli_fail(cli, EXIT_FAILED, "BACKUP_FAILED", "the backup failed: %s can't be closed", path);
    }
    if (code == 0) {
        code = wrote(cli, path);
    } else {
        unlink(path);
    }
    sqlite3_close(db);
    return code;
}
