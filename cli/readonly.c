#define _GNU_SOURCE
#include "cli/readonly.h"

#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

#define STEPS_PER_CALL 100000

/* Functions that reach outside of the query or can be made to eat the machine. */
static const char *const forbidden_functions[] = {
    "load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob", "randomblob", "sqlite_log", NULL};

static int authorize(void *unused, int action, const char *first, const char *second, const char *database,
                     const char *trigger) {
    (void)unused, (void)first, (void)database, (void)trigger;
    switch (action) {
        case SQLITE_SELECT:
        case SQLITE_RECURSIVE:
            return SQLITE_OK;
        case SQLITE_READ:
            return SQLITE_OK;
        case SQLITE_FUNCTION:
            for (int i = 0; forbidden_functions[i] != NULL; i++) {
                if (second != NULL && sqlite3_stricmp(second, forbidden_functions[i]) == 0) return SQLITE_DENY;
            }
            return SQLITE_OK;
        default:
            return SQLITE_DENY;
    }
}

static int out_of_steps(void *arg) {
    struct readonly_limits *limits = arg;
    return ++limits->steps > limits->steps_max;
}

void readonly_restrict(struct sqlite3 *db, struct readonly_limits *limits) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024);
    sqlite3_progress_handler(db, STEPS_PER_CALL, out_of_steps, limits);
    sqlite3_set_authorizer(db, authorize, NULL);
}
