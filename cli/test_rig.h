/* For the tests of the command line: what was printed, and a ledger in a directory of its own. */
#ifndef HX_CLI_TEST_RIG_H
#define HX_CLI_TEST_RIG_H

#include "cli/cli.h"

struct cli_captured {
    char *out, *err; /* NUL-terminated. */
    size_t out_len;
    int code;
};

/* Parses and runs one command line, split at spaces; a '~' in a word stands for a space. */
void cli_rig_run(struct cli_captured *captured, const char *line);
/* Calls `fn` and keeps what it printed and returned. */
void cli_rig_capture(struct cli_captured *captured, int (*fn)(void *arg), void *arg);
void cli_rig_release(struct cli_captured *captured);

/* A directory under /tmp with a ledger of the current schema in it; HOOX_DATA names it until removed. */
void cli_rig_make_dir(char *path, size_t size, bool with_ledger);
void cli_rig_remove_dir(const char *path);
/* Writes to the ledger; ends the test when it can't. */
void cli_rig_exec(const char *dir, const char *sql);

#endif
