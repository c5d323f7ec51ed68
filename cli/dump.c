#include "cli/dump.h"

#include <stddef.h>

/* One value as SQL. quote() writes every type so that it reads back as it is, but for text with a NUL, which it would
 * cut there, and for the infinite, which it writes as a name. */
#define VALUE_SQL                                                                                 \
    "iif(typeof(\"%w\")='text' AND instr(\"%w\",char(0)),'CAST(x'''||hex(\"%w\")||''' AS TEXT)'," \
    "iif(typeof(\"%w\")='real' AND abs(\"%w\")=9e999,iif(\"%w\">0,'9e999','-9e999'),quote(\"%w\")))"

/* Some engines, D1 among them, allow expressions little depth: a chain of || is one deeper with every link. */
#define VALUES_PER_GROUP 8

static void add_value(sqlite3_str *sql, int index, const char *name) {
    const char *n = name;
    const char *between = index == 0 ? "(" : index % VALUES_PER_GROUP == 0 ? ")||','||(" : "||','||";
    sqlite3_str_appendf(sql, "%s" VALUE_SQL, between, n, n, n, n, n, n, n);
}

/* Adds a value for each name that the query gives. How many there were. */
static int add_values(sqlite3 *db, sqlite3_str *sql, sqlite3_str *columns, const char *query, const char *table) {
    sqlite3_stmt *names = NULL;
    int count = 0;
    if (sqlite3_prepare_v2(db, query, -1, &names, NULL) == SQLITE_OK) {
        sqlite3_bind_text(names, 1, table, -1, SQLITE_TRANSIENT);
        for (; sqlite3_step(names) == SQLITE_ROW; count++) {
            const char *name = (const char *)sqlite3_column_text(names, 0);
            add_value(sql, count, name);
            if (columns != NULL) sqlite3_str_appendf(columns, "%s\"%w\"", count == 0 ? "" : ",", name);
        }
    }
    sqlite3_finalize(names);
    if (count > 0) sqlite3_str_appendall(sql, ")");
    return count;
}

char *cli_dump_row(sqlite3 *db, const char *table) {
    sqlite3_str *sql = sqlite3_str_new(db);
    int count = add_values(db, sql, NULL, "SELECT name FROM pragma_table_info(?1)", table);
    char *text = sqlite3_str_finish(sql);
    if (count > 0) return text;
    sqlite3_free(text);
    return NULL;
}

static bool has_rowid(sqlite3 *db, const char *table) {
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("SELECT rowid FROM \"%w\"", table);
    bool has = sql != NULL && sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK;
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    return has;
}

/* The primary key of a table with row ids may hold NULL, which is like nothing and not like itself. */
bool cli_dump_key(sqlite3 *db, const char *table, char **columns, char **values) {
    if (has_rowid(db, table)) {
        *columns = sqlite3_mprintf("rowid");
        *values = sqlite3_mprintf("CAST(rowid AS TEXT)");
        return true;
    }
    sqlite3_str *names = sqlite3_str_new(db), *sql = sqlite3_str_new(db);
    int count = add_values(db, sql, names, "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", table);
    *columns = sqlite3_str_finish(names);
    *values = sqlite3_str_finish(sql);
    if (count > 0) return true;
    sqlite3_free(*columns);
    sqlite3_free(*values);
    *columns = *values = NULL;
    return false;
}
