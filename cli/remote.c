#define _GNU_SOURCE
#include "cli/remote.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/deploy.h"
#include "cli/deploy_plan.h"
#include "cli/readonly.h"
#include "host/common/schema.h"

#define KV_DOCUMENT "manifest" /* As host/edge/lane.mjs names it: all keys in one value. */
#define PREPARE_MS_MAX 5000
#define SQL_LEN_MAX ((size_t)100 * 1024) /* D1's own. */

const struct cli_option cli_remote_options[] = {{"remote", NULL, "of what is deployed, not of this machine"},
                                                {NULL, NULL, NULL}};

bool cli_is_remote(const struct cli *cli) {
    return cli_has_option(cli, "remote");
}

/* {"sql":…,"params":[…]} */
static char *write_query(const char *sql, const char *const *parameters, int parameter_count, hx_str *json) {
    size_t size = strlen(sql) + 256;
    struct hx_buf buf;
    struct hx_json_writer w;
    for (int i = 0; i < parameter_count; i++) size += strlen(parameters[i]) + 8;
    size *= 6; /* Every byte may need an escape. */
    char *memory = cli_must(malloc(size));
    hx_buf_init(&buf, memory, size);
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "sql", hx_str_from_c(sql));
    if (parameter_count > 0) hx_json_open_array(&w, "params");
    for (int i = 0; i < parameter_count; i++) hx_json_write_str(&w, NULL, hx_str_from_c(parameters[i]));
    if (parameter_count > 0) hx_json_close_array(&w);
    hx_json_close_object(&w);
    *json = hx_buf_str(&buf);
    return memory;
}

int cli_remote_query(struct cli_cloudflare *cf, const char *database, const char *sql, const char *const *parameters,
                     int parameter_count, struct cli_cf_reply *reply) {
    char path[CLI_RESOURCE_ID_SIZE + 32];
    hx_str json;
    char *memory = write_query(sql, parameters, parameter_count, &json);
    snprintf(path, sizeof path, "d1/database/%s/query", database);
    const struct cli_cf_request request = {.method = "POST", .path = path, .json = json};
    int code = cli_cf_send(cf, &request, reply);
    free(memory);
    if (code != 0 || (reply->result != NULL && reply->result->type == HX_JSON_ARRAY)) return code;
    cli_cf_reply_release(reply);
    return cli_fail(cli_cf_cli(cf), EXIT_FAILED, "CLOUDFLARE", "the database's answer can't be read");
}

/* An empty ledger like the deployed one. */
static sqlite3 *open_model(void) {
    sqlite3 *db = NULL;
    bool ok = sqlite3_open(":memory:", &db) == SQLITE_OK;
    for (int i = 0; i < hx_migration_count && ok; i++) {
        ok = sqlite3_exec(db, hx_migrations[i].sql, NULL, NULL, NULL) == SQLITE_OK;
    }
    ok = ok && sqlite3_exec(db, CLI_D1_MIGRATIONS_SQL, NULL, NULL, NULL) == SQLITE_OK;
    if (ok) return db;
    sqlite3_close(db);
    return NULL;
}

static int check_prepared(const struct cli *cli, sqlite3 *db, int status, const sqlite3_stmt *statement,
                          const char *rest) {
    if (status == SQLITE_AUTH) {
        return cli_fail(cli, EXIT_USAGE, "READ_ONLY", "only reading is possible here: %s", sqlite3_errmsg(db));
    }
    if (status != SQLITE_OK) return cli_fail(cli, EXIT_USAGE, "QUERY_FAILED", "%s", sqlite3_errmsg(db));
    if (statement == NULL) return cli_fail(cli, EXIT_USAGE, "USAGE", "the query is empty");
    if (rest[strspn(rest, " \t\r\n;")] != '\0') {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "one statement at a time, please");
    }
    return 0;
}

/* Prepares on the model; the table's columns are the statement's. */
static int prepare(const struct cli *cli, const char *sql, bool is_untrusted, struct cli_table **out, size_t *count,
                   char ***names) {
    struct cli_readonly_limits limits = {cli_monotonic_ms() + PREPARE_MS_MAX};
    sqlite3_stmt *statement = NULL;
    const char *rest = "";
    sqlite3 *db = open_model();
    if (db == NULL) return cli_fail(cli, EXIT_FAILED, "NO_SCHEMA", "the ledger's schema can't be made");
    if (is_untrusted) cli_readonly_restrict(db, &limits);
    int status = sqlite3_prepare_v2(db, sql, -1, &statement, &rest);
    int code = check_prepared(cli, db, status, statement, rest);
    if (code == 0 && (!sqlite3_stmt_readonly(statement) || sqlite3_column_count(statement) == 0)) {
        code = cli_fail(cli, EXIT_USAGE, "READ_ONLY", "only reading is possible here");
    }
    if (code == 0) {
        *count = (size_t)sqlite3_column_count(statement);
        *names = cli_must(calloc(*count, sizeof **names));
        for (size_t i = 0; i < *count; i++) (*names)[i] = cli_must(strdup(sqlite3_column_name(statement, (int)i)));
        const char **columns = cli_must(calloc(*count, sizeof *columns));
        for (size_t i = 0; i < *count; i++) columns[i] = (*names)[i];
        *out = cli_table_make(columns, *count);
        free(columns);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return code;
}

/* A BLOB comes as an array of numbers. */
static void add_blob(struct cli_table *table, const struct hx_json *cell) {
    char *hex = cli_must(calloc(cell->count + 1, 2));
    size_t len = 0;
    for (const struct hx_json *b = hx_json_first(cell); b != NULL; b = hx_json_next(cell, b)) {
        int64_t byte = 0;
        if (hx_failed(hx_str_parse_i64(b->text, &byte))) byte = 0;
        snprintf(hex + len, 3, "%02x", (unsigned)(byte & 0xff));
        len += 2;
    }
    cli_table_add(table, hex, len, false);
    free(hex);
}

static void add_cell(struct cli_table *table, const struct hx_json *cell) {
    if (cell == NULL || cell->type == HX_JSON_NULL) {
        cli_table_add(table, NULL, 0, false);
    } else if (cell->type == HX_JSON_ARRAY && cell->count > 0) {
        add_blob(table, cell);
    } else if (cell->type == HX_JSON_BOOL) {
        cli_table_add_c(table, cell->boolean ? "true" : "false");
    } else {
        cli_table_add(table, cell->text.len > 0 ? cell->text.data : "", cell->text.len, cell->type == HX_JSON_NUMBER);
    }
}

int cli_remote_open(const struct cli *cli, struct cli_cloudflare **cf, char id[CLI_RESOURCE_ID_SIZE]) {
    char name[CLI_EDGE_NAME_SIZE];
    bool found = false;
    int code = cli_cf_open(cli, cf);
    if (code != 0) return code;
    cli_edge_name(cli_cf_worker(*cf), CLI_EDGE_LEDGER, name);
    code = cli_resource_find(*cf, CLI_D1, name, &found, id);
    if (code != 0 || found) return code;
    return cli_fail(cli, EXIT_UNREACHABLE, "NO_LEDGER", "no D1 database %s in this account; `hoox deploy` makes it",
                    name);
}

static int fetch(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                 struct cli_table *table, char *const *names, size_t count) {
    char id[CLI_RESOURCE_ID_SIZE];
    struct cli_cloudflare *cf = NULL;
    struct cli_cf_reply reply;
    int code = cli_remote_open(cli, &cf, id);
    if (code == 0) code = cli_remote_query(cf, id, sql, parameters, parameter_count, &reply);
    if (code == 0) {
        const struct hx_json *rows = hx_json_find(hx_json_at(reply.result, 0), HX_STR("results"));
        bool is_list = rows != NULL && rows->type == HX_JSON_ARRAY && rows->count > 0;
        for (const struct hx_json *r = is_list ? hx_json_first(rows) : NULL; r != NULL; r = hx_json_next(rows, r)) {
            for (size_t i = 0; i < count; i++) add_cell(table, hx_json_find(r, hx_str_from_c(names[i])));
        }
        cli_cf_reply_release(&reply);
    }
    cli_cf_close(cf);
    return code;
}

int cli_remote_select(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                      bool is_untrusted, struct cli_table **out) {
    char **names = NULL;
    size_t count = 0;
    *out = NULL;
    if (strlen(sql) > SQL_LEN_MAX) return cli_fail(cli, EXIT_USAGE, "USAGE", "D1 takes at most 100 KB of SQL");
    int code = prepare(cli, sql, is_untrusted, out, &count, &names);
    if (code == 0) code = fetch(cli, sql, parameters, parameter_count, *out, names, count);
    for (size_t i = 0; i < count; i++) free(names[i]);
    free(names);
    if (code == 0) return 0;
    cli_table_release(*out);
    *out = NULL;
    return code;
}

/* The counts of all tables in one statement, because each one costs a round trip. */
static char *count_sql(const struct hx_json *rows) {
    sqlite3_str *sql = sqlite3_str_new(NULL);
    const char *between = "";
    for (const struct hx_json *r = hx_json_first(rows); r != NULL; r = hx_json_next(rows, r)) {
        char name[256];
        hx_str text = cli_cf_text(r, "name");
        snprintf(name, sizeof name, "%.*s", (int)text.len, text.data);
        sqlite3_str_appendf(sql, "%sSELECT '%q' AS name, count(*) AS n FROM \"%w\"", between, name, name);
        between = " UNION ALL ";
    }
    return sqlite3_str_finish(sql);
}

int cli_remote_tables(const struct cli *cli) {
    static const char *const columns[] = {"table", "rows"};
    static const char names_sql[] =
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY name";
    char id[CLI_RESOURCE_ID_SIZE];
    struct cli_cloudflare *cf = NULL;
    struct cli_cf_reply reply;
    struct cli_table *table = cli_table_make(columns, 2);
    char *sql = NULL;
    int code = cli_remote_open(cli, &cf, id);
    if (code == 0) code = cli_remote_query(cf, id, names_sql, NULL, 0, &reply);
    if (code == 0) {
        const struct hx_json *rows = hx_json_find(hx_json_at(reply.result, 0), HX_STR("results"));
        if (rows != NULL && rows->type == HX_JSON_ARRAY && rows->count > 0) sql = count_sql(rows);
        cli_cf_reply_release(&reply);
    }
    if (code == 0 && sql != NULL) code = cli_remote_query(cf, id, sql, NULL, 0, &reply);
    if (code == 0 && sql != NULL) {
        const struct hx_json *rows = hx_json_find(hx_json_at(reply.result, 0), HX_STR("results"));
        bool is_list = rows != NULL && rows->type == HX_JSON_ARRAY && rows->count > 0;
        for (const struct hx_json *r = is_list ? hx_json_first(rows) : NULL; r != NULL; r = hx_json_next(rows, r)) {
            add_cell(table, hx_json_find(r, HX_STR("name")));
            add_cell(table, hx_json_find(r, HX_STR("n")));
        }
        cli_cf_reply_release(&reply);
    }
    sqlite3_free(sql);
    if (code == 0) cli_table_print(cli, table, "no tables");
    cli_table_release(table);
    cli_cf_close(cf);
    return code;
}

/* Settings, not keys: of those only names are anybody's business, and `hoox keys list` shows them. */
static bool add_pairs(struct cli_table *table, struct cli_cf_reply *reply) {
    struct hx_arena arena;
    const struct hx_json *pairs = NULL;
    reply->memory = cli_must(malloc(reply->len * 16 + 65536));
    hx_arena_init(&arena, reply->memory, reply->len * 16 + 65536);
    if (hx_failed(hx_json_parse(&arena, hx_str_make(reply->body, reply->len), &pairs, NULL))) return false;
    if (pairs->type != HX_JSON_ARRAY) return false;
    for (const struct hx_json *p = pairs->count > 0 ? hx_json_first(pairs) : NULL; p != NULL;
         p = hx_json_next(pairs, p)) {
        const struct hx_json *key = hx_json_at(p, 0), *value = hx_json_at(p, 1);
        if (key == NULL || value == NULL) return false;
        if (hx_str_starts_with(key->text, HX_STR("keys:"))) continue;
        cli_table_add(table, key->text.data, key->text.len, false);
        add_cell(table, value);
    }
    return true;
}

int cli_remote_kv_list(const struct cli *cli) {
    static const char *const columns[] = {"key", "value"};
    char id[CLI_RESOURCE_ID_SIZE], name[CLI_EDGE_NAME_SIZE];
    struct cli_cloudflare *cf = NULL;
    struct cli_cf_reply reply = {.retry_after_s = -1};
    struct cli_table *table = cli_table_make(columns, 2);
    bool found = false, is_there = false;
    int code = cli_cf_open(cli, &cf);
    if (code == 0) {
        cli_edge_name(cli_cf_worker(cf), CLI_EDGE_CONFIG, name);
        code = cli_resource_find(cf, CLI_KV, name, &found, id);
    }
    if (code == 0 && !found) {
        code = cli_fail(cli, EXIT_UNREACHABLE, "NO_NAMESPACE",
                        "no KV namespace %s in this account; `hoox deploy` makes it", name);
    }
    if (code == 0) code = cli_cf_get_value(cf, &reply, &is_there, "storage/kv/namespaces/%s/values/" KV_DOCUMENT, id);
    if (code == 0 && is_there && !add_pairs(table, &reply)) {
        code = cli_fail(cli, EXIT_FAILED, "BAD_ANSWER", "what CONFIG_KV holds can't be read");
    }
    if (code == 0) cli_table_print(cli, table, "nothing is set; the defaults rule (hoox config kv manifest)");
    cli_cf_reply_release(&reply);
    cli_table_release(table);
    cli_cf_close(cf);
    return code;
}

int cli_remote_call(const struct cli *cli, const char *method, const char *target, const char *body,
                    struct cli_answer *answer) {
    struct cli_cloudflare *cf = NULL;
    *answer = (struct cli_answer){0, NULL, 0};
    int code = cli_cf_open(cli, &cf);
    if (code == 0) code = cli_cf_call_worker(cf, method, target, body, answer);
    cli_cf_close(cf);
    return code;
}
