/* The deployed ledger, read out of D1 in pieces. D1's own export would lock the database for as long as it takes, and
 * the Worker writes its fills there. */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "cli/dump.h"
#include "cli/remote.h"

#define SQL_LEN_MAX ((size_t)100 * 1000) /* D1's own. */
#define TABLES_MAX 64
/* What one answer may hold, so that it can be parsed here; shared by the tables that have more. */
#define ROWS_MAX 9000
#define CHARACTERS_MAX 3000000

#define MIGRATIONS "d1_migrations"
/* Without D1's own tables. */
#define SCHEMA_SQL                                                                                              \
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' " \
    "ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY type <> 'table', type <> 'index', name"

/* So many rows behind the last one, as far as the room for text goes, but one at least. `n` tells how many the rows
 * would have been. */
#define ROWS_SQL                                                                                      \
    "SELECT r, k, n FROM (SELECT r, k, count(*) OVER () AS n, sum(length(r)) OVER (ORDER BY %s ROWS " \
    "UNBOUNDED PRECEDING) AS s FROM (SELECT %s AS r, %s AS k, %s FROM \"%w\" %s%s%s%s%s ORDER BY %s " \
    "LIMIT %d)) WHERE s <= %d OR s = length(r)"

struct table {
    char *name;
    char *row, *columns, *key; /* See dump.h. */
    char *last;                /* Key of the last row that was read; NULL: none was. */
    bool asked, done;
};

struct reading {
    const struct cli *cli;
    struct cli_cloudflare *cf;
    char database[CLI_RESOURCE_ID_SIZE];
    const struct cli_dump_sink *sink;
    sqlite3 *model; /* The tables as D1 has them, empty. */
    struct table tables[TABLES_MAX];
    int count, open;
    int requests, rows_max; /* In one request, for each table that is open. */
};

static int unreadable(const struct reading *reading) {
    return cli_fail(reading->cli, EXIT_FAILED, "BAD_ANSWER", "the database's answer can't be read");
}

static int put(const struct reading *reading, const char *sql) {
    const char *why = reading->sink->put(reading->sink->context, sql);
    if (why == NULL) return 0;
    return cli_fail(reading->cli, EXIT_FAILED, "EXPORT_FAILED", "the export failed: %s", why);
}

static int put_text(const struct reading *reading, hx_str text) {
    char *sql = cli_must(strndup(text.len > 0 ? text.data : "", text.len));
    int code = put(reading, sql);
    free(sql);
    return code;
}

/* Rows of the answer's statement at `index`; NULL: there are none to be read. */
static const struct hx_json *rows_of(const struct cli_cf_reply *reply, uint32_t index) {
    const struct hx_json *rows = hx_json_find(hx_json_at(reply->result, index), HX_STR("results"));
    return rows != NULL && rows->type == HX_JSON_ARRAY ? rows : NULL;
}

static const struct hx_json *first_of(const struct hx_json *rows) {
    return rows->count > 0 ? hx_json_first(rows) : NULL;
}

/* The schema. */

static int table_add(struct reading *reading, hx_str name, hx_str sql) {
    if (reading->count == TABLES_MAX) {
        return cli_fail(reading->cli, EXIT_FAILED, "TOO_MANY_TABLES", "more than %d tables", TABLES_MAX);
    }
    struct table *table = &reading->tables[reading->count++];
    sqlite3_stmt *create = NULL;
    table->name = cli_must(strndup(name.data, name.len));
    /* The first statement alone: what comes behind it is nobody's schema. */
    bool ok = sqlite3_prepare_v2(reading->model, sql.data, (int)sql.len, &create, NULL) == SQLITE_OK;
    ok = ok && sqlite3_step(create) == SQLITE_DONE;
    sqlite3_finalize(create);
    if (ok) table->row = cli_dump_row(reading->model, table->name);
    ok = table->row != NULL && cli_dump_key(reading->model, table->name, &table->columns, &table->key);
    reading->open++;
    return ok ? 0 : unreadable(reading);
}

/* The number of the last migration, "002" of 002_more.sql: what a ledger in a file has as its version. */
static int read_version(struct reading *reading, uint64_t *version) {
    struct cli_cf_reply reply;
    *version = 0;
    int code = cli_remote_query(reading->cf, reading->database, "SELECT name FROM " MIGRATIONS, NULL, 0, &reply);
    if (code != 0) return code;
    const struct hx_json *rows = rows_of(&reply, 0);
    for (const struct hx_json *r = rows != NULL ? first_of(rows) : NULL; r != NULL; r = hx_json_next(rows, r)) {
        hx_str name = cli_cf_text(r, "name"), digits = HX_STR_EMPTY;
        uint64_t number = 0;
        bool is_one = hx_str_split(&name, '_', &digits) && hx_ok(hx_str_parse_u64(digits, &number));
        if (is_one && number > *version) *version = number;
    }
    cli_cf_reply_release(&reply);
    return *version > 0 ? 0 : unreadable(reading);
}

static bool has_table(const struct hx_json *schema, const char *name) {
    for (const struct hx_json *s = first_of(schema); s != NULL; s = hx_json_next(schema, s)) {
        if (hx_str_equal(cli_cf_text(s, "name"), hx_str_from_c(name))) return true;
    }
    return false;
}

/* Tables at once; the rest of the schema is for the end: faster, and a view may name any table. */
static int schema_put(struct reading *reading, const struct hx_json *schema, bool tables) {
    int code = 0;
    for (const struct hx_json *s = first_of(schema); s != NULL && code == 0; s = hx_json_next(schema, s)) {
        bool is_table = hx_str_equal(cli_cf_text(s, "type"), HX_STR("table"));
        /* The deployment's list of what it did is no part of the ledger. */
        if (is_table != tables || hx_str_equal(cli_cf_text(s, "tbl_name"), HX_STR(MIGRATIONS))) continue;
        code = put_text(reading, cli_cf_text(s, "sql"));
        if (code == 0 && tables) code = table_add(reading, cli_cf_text(s, "name"), cli_cf_text(s, "sql"));
    }
    return code;
}

/* Rows. */

static char *statement_make(const struct reading *reading, const struct table *table) {
    bool on = table->last != NULL;
    return cli_must(sqlite3_mprintf(ROWS_SQL, table->columns, table->row, table->key, table->columns, table->name,
                                    on ? "WHERE (" : "", on ? table->columns : "", on ? ") > (" : "",
                                    on ? table->last : "", on ? ")" : "", table->columns, reading->rows_max,
                                    CHARACTERS_MAX / reading->open));
}

/* As many tables as there is room for in one request, which D1 takes as one transaction: one moment. */
static char *request_make(struct reading *reading) {
    sqlite3_str *sql = sqlite3_str_new(NULL);
    reading->rows_max = ROWS_MAX / reading->open;
    for (int i = 0; i < reading->count; i++) {
        struct table *table = &reading->tables[i];
        table->asked = false;
        if (table->done) continue;
        char *statement = statement_make(reading, table);
        size_t len = (size_t)sqlite3_str_length(sql);
        table->asked = len == 0 || len + strlen(statement) + 1 <= SQL_LEN_MAX;
        if (table->asked) sqlite3_str_appendf(sql, "%s%s", len > 0 ? ";" : "", statement);
        sqlite3_free(statement);
    }
    return cli_must(sqlite3_str_finish(sql));
}

static int row_put(struct reading *reading, struct table *table, const struct hx_json *row) {
    const struct hx_json *values = hx_json_find(row, HX_STR("r")), *key = hx_json_find(row, HX_STR("k"));
    if (values == NULL || values->type != HX_JSON_STRING || key == NULL || key->type != HX_JSON_STRING) {
        return unreadable(reading);
    }
    char *sql =
        sqlite3_mprintf("INSERT INTO \"%w\" VALUES(%.*s)", table->name, (int)values->text.len, values->text.data);
    int code = put(reading, cli_must(sql));
    sqlite3_free(sql);
    free(table->last);
    table->last = cli_must(strndup(key->text.data, key->text.len));
    return code;
}

static int rows_put(struct reading *reading, struct table *table, const struct hx_json *rows) {
    int64_t wanted = 0;
    int code = 0;
    if (rows == NULL) return unreadable(reading);
    for (const struct hx_json *row = first_of(rows); row != NULL && code == 0; row = hx_json_next(rows, row)) {
        if (hx_failed(hx_json_get_i64(row, HX_STR("n"), &wanted))) return unreadable(reading);
        code = row_put(reading, table, row);
    }
    /* All that were there, and fewer than there was room for. */
    table->done = rows->count == wanted && wanted < reading->rows_max;
    if (table->done) reading->open--;
    return code;
}

static int piece_read(struct reading *reading) {
    struct cli_cf_reply reply;
    char *sql = request_make(reading);
    int code = cli_remote_query(reading->cf, reading->database, sql, NULL, 0, &reply);
    sqlite3_free(sql);
    if (code != 0) return code;
    reading->requests++;
    uint32_t index = 0;
    for (int i = 0; i < reading->count && code == 0; i++) {
        struct table *table = &reading->tables[i];
        if (table->asked) code = rows_put(reading, table, rows_of(&reply, index++));
    }
    cli_cf_reply_release(&reply);
    return code;
}

static int read_all(struct reading *reading, const struct hx_json *schema) {
    char text[64];
    uint64_t version = 0;
    if (schema == NULL) return unreadable(reading);
    if (!has_table(schema, MIGRATIONS)) {
        return cli_fail(
            reading->cli, EXIT_FAILED, "NO_LEDGER",
            "the database has no list of migrations, so it is not as `hoox deploy` makes it; run that first");
    }
    int code = read_version(reading, &version);
    snprintf(text, sizeof text, "PRAGMA user_version=%llu", (unsigned long long)version);
    if (code == 0) code = put(reading, text);
    if (code == 0) code = put(reading, "BEGIN TRANSACTION");
    if (code == 0) code = schema_put(reading, schema, true);
    while (code == 0 && reading->open > 0) code = piece_read(reading);
    if (code == 0) code = schema_put(reading, schema, false);
    return code == 0 ? put(reading, "COMMIT") : code;
}

static void release(struct reading *reading) {
    for (int i = 0; i < reading->count; i++) {
        free(reading->tables[i].name);
        free(reading->tables[i].last);
        sqlite3_free(reading->tables[i].row);
        sqlite3_free(reading->tables[i].columns);
        sqlite3_free(reading->tables[i].key);
    }
    sqlite3_close(reading->model);
    cli_cf_close(reading->cf);
    free(reading);
}

int cli_remote_dump(const struct cli *cli, const struct cli_dump_sink *sink) {
    struct reading *reading = cli_must(calloc(1, sizeof *reading));
    struct cli_cf_reply reply;
    reading->cli = cli;
    reading->sink = sink;
    int code = cli_remote_open(cli, &reading->cf, reading->database);
    if (code == 0 && sqlite3_open(":memory:", &reading->model) != SQLITE_OK) {
        code = cli_fail(cli, EXIT_FAILED, "NO_SCHEMA", "the ledger's schema can't be made");
    }
    if (code == 0) code = cli_remote_query(reading->cf, reading->database, SCHEMA_SQL, NULL, 0, &reply);
    if (code == 0) {
        code = read_all(reading, rows_of(&reply, 0));
        cli_cf_reply_release(&reply);
    }
    if (code == 0 && reading->requests > 1 && !cli->quiet) {
        fprintf(stderr, "hoox: the ledger was read in %d pieces while the Worker went on; each is of its own moment\n",
                reading->requests);
    }
    release(reading);
    return code;
}
