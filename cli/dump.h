/* Rows as SQL text that reads back as what they were: what exports and backups are made of.
 *
 * The texts are expressions for the database that has the rows, and are made from one that has the tables. The caller
 * frees them with sqlite3_free. */
#ifndef HX_CLI_DUMP_H
#define HX_CLI_DUMP_H

#include <sqlite3.h>
#include <stdbool.h>

/* The values of a row as INSERT takes them: "1,'a',NULL". NULL: no such table. */
char *cli_dump_row(sqlite3 *db, const char *table);
/* What orders the table so that no two rows are alike: columns ("a","b"), and their values as cli_dump_row writes them.
 * False: no such table. */
bool cli_dump_key(sqlite3 *db, const char *table, char **columns, char **values);

/* Where statements go, in order and without the semicolon. */
struct cli_dump_sink {
    void *context;
    const char *(*put)(void *context, const char *sql); /* NULL, or what went wrong. */
};

#endif
