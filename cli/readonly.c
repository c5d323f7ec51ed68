#define _GNU_SOURCE
#include "cli/readonly.h"

#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

#define STEPS_PER_CALL 100000
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

static int out_of_steps(void *arg) {
    struct cli_readonly_limits *limits = arg;
    return ++limits->steps > limits->steps_max;
}

void cli_readonly_restrict(struct sqlite3 *db, struct cli_readonly_limits *limits) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_LEN_MAX);
    sqlite3_progress_handler(db, STEPS_PER_CALL, out_of_steps, limits);
    sqlite3_set_authorizer(db, authorize, NULL);
}
