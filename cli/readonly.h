/* Read-only by the engine: an authorizer that lets a statement read tables and call harmless functions, and nothing
 * else, whatever its words are. And how the ledger is opened for reading. */
#ifndef HX_CLI_READONLY_H
#define HX_CLI_READONLY_H

#include <stdint.h>

struct sqlite3;
struct cli;

struct readonly_limits {
    int64_t steps_max; /* In units of 100,000 virtual machine instructions. */
    int64_t steps;
};

/* `limits` must outlive the connection. */
void readonly_restrict(struct sqlite3 *db, struct readonly_limits *limits);

/* 0, or an exit code after the problem was printed. The caller closes it. */
int cli_ledger_open(const struct cli *cli, struct sqlite3 **out);

#endif
