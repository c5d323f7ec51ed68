/* Read-only by the engine: an authorizer that lets a statement read tables and call harmless functions, and nothing
 * else, whatever its words are. */
#ifndef HX_CLI_READONLY_H
#define HX_CLI_READONLY_H

#include <stdint.h>

struct sqlite3;

struct cli_readonly_limits {
    int64_t deadline_ms; /* On CLOCK_MONOTONIC. A query that is not done by then ends with SQLITE_INTERRUPT. */
};

/* `limits` must outlive the connection. */
void cli_readonly_restrict(struct sqlite3 *db, struct cli_readonly_limits *limits);
int64_t cli_monotonic_ms(void);

#endif
