#define _GNU_SOURCE
#include "cli/readonly.h"

#include <sqlite3.h>
#include <stddef.h>
#include <time.h>

#define STEPS_PER_LOOK 100000
#define VALUE_LEN_MAX (16 * 1024 * 1024)

/* Functions that reach outside of the query or can be made to eat the machine. */
static const char *const forbidden_functions[] = {
    "load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob", "randomblob", "sqlite_log", NULL};

/* Pragmas that describe the schema and change nothing, whatever their argument; also as table functions. */
static const char *const describing_pragmas[] = {"table_info", "table_xinfo", "table_list",       "index_list",
                                                 "index_info", "index_xinfo", "foreign_key_list", NULL};

static int is_among(const char *const *names, const char *name) {
    for (int i = 0; name != NULL && names[i] != NULL; i++) {
        if (sqlite3_stricmp(name, names[i]) == 0) return 1;
    }
    return 0;
}

static int authorize(void *unused, int action, const char *first, const char *second, const char *database,
                     const char *trigger) {
    (void)unused, (void)database, (void)trigger;
    switch (action) {
        case SQLITE_SELECT:
        case SQLITE_RECURSIVE:
        case SQLITE_READ:
            return SQLITE_OK;
        case SQLITE_FUNCTION:
            return is_among(forbidden_functions, second) ? SQLITE_DENY : SQLITE_OK;
        case SQLITE_PRAGMA:
            return is_among(describing_pragmas, first) ? SQLITE_OK : SQLITE_DENY;
        default:
            return SQLITE_DENY;
    }
}

int64_t cli_monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int is_too_late(void *arg) {
    const struct cli_readonly_limits *limits = arg;
    return cli_monotonic_ms() > limits->deadline_ms;
}

/* The first use of a table-valued function declares its columns with a CREATE TABLE of the engine's own, which the
 * authorizer could not tell from the user's. So they are used once before it is set. */
static void declare_table_functions(struct sqlite3 *db) {
    sqlite3_exec(db, "SELECT 1 FROM json_each('[]'), json_tree('[]')", NULL, NULL, NULL);
    for (int i = 0; describing_pragmas[i] != NULL; i++) {
        char *sql = sqlite3_mprintf("SELECT 1 FROM pragma_%s", describing_pragmas[i]);
        if (sql != NULL) sqlite3_exec(db, sql, NULL, NULL, NULL);
        sqlite3_free(sql);
    }
}

void cli_readonly_restrict(struct sqlite3 *db, struct cli_readonly_limits *limits) {
    declare_table_functions(db);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_LEN_MAX);
    sqlite3_progress_handler(db, STEPS_PER_LOOK, is_too_late, limits);
    sqlite3_set_authorizer(db, authorize, NULL);
}
