/* Read-only by the engine: an authorizer that lets a statement read tables and call harmless functions, and nothing
 * else, whatever its words are. */
#ifndef HX_CLI_READONLY_H
#define HX_CLI_READONLY_H

#include <stdint.h>

struct sqlite3;

struct cli_readonly_limits {
    int64_t steps_max; /* In units of 100,000 virtual machine instructions. */
    int64_t steps;
};

/* `limits` must outlive the connection. A query over the limit ends with SQLITE_INTERRUPT. */
void cli_readonly_restrict(struct sqlite3 *db, struct cli_readonly_limits *limits);

#endif
