/* The ledger as commands read it: on a connection that can't write, next to a running server or without one. */
#ifndef HX_CLI_LEDGER_H
#define HX_CLI_LEDGER_H

#include <sqlite3.h>

#include "cli/cli.h"

/* 0, or an exit code after the problem was printed. The caller closes it. With --remote there is no connection: *out is
 * NULL, which cli_ledger_select and cli_ledger_text take for the deployed ledger. */
int cli_ledger_open(const struct cli *cli, sqlite3 **out);
/* The same of a file that is there on this machine, without printing: false with a sentence in `problem`. */
bool cli_ledger_try_open(const struct cli *cli, sqlite3 **out, char *problem, size_t problem_size);

/* One statement's rows as a table that the caller releases; `parameters` are texts bound to ?1 ?2 …. 0, or an exit
 * code after the problem was printed. */
int cli_ledger_select(const struct cli *cli, sqlite3 *db, const char *sql, const char *const *parameters,
                      int parameter_count, struct cli_table **out);

/* Opens, selects and prints, with times readable for people. */
int cli_ledger_print(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                     const char *when_empty);

/* The same for SQL that a user typed: the engine itself refuses everything but reading. Values stay as they are. */
int cli_ledger_print_untrusted(const struct cli *cli, const char *sql);

/* First column of the first row, or NULL when there is none or it is null; the caller frees it. */
char *cli_ledger_value(sqlite3 *db, const char *sql, const char *const *parameters, int parameter_count);

/* The same wherever the ledger is. */
char *cli_ledger_text(const struct cli *cli, sqlite3 *db, const char *sql, const char *const *parameters,
                      int parameter_count);

#endif
