/* --remote: the deployed ledger in D1, and the deployed Worker as its operator. 0, or an exit code after the problem
 * was printed. */
#ifndef HX_CLI_REMOTE_H
#define HX_CLI_REMOTE_H

#include "cli/cloudflare.h"
#include "cli/dump.h"
#include "cli/resource.h"

bool cli_is_remote(const struct cli *cli);

/* The deployed ledger: its database's id. The caller closes *cf, also after a problem. */
int cli_remote_open(const struct cli *cli, struct cli_cloudflare **cf, char id[CLI_RESOURCE_ID_SIZE]);
/* One or more statements on a database. The reply's result is an array with one object per statement. */
int cli_remote_query(struct cli_cloudflare *cf, const char *database, const char *sql, const char *const *parameters,
                     int parameter_count, struct cli_cf_reply *reply);
/* One SELECT on the deployed ledger as a table that the caller releases. It is prepared here first, on an empty ledger
 * of the same schema: that tells the columns, and with `is_untrusted` refuses everything but reading. */
int cli_remote_select(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                      bool is_untrusted, struct cli_table **out);
/* remote_dump.c: the deployed ledger as statements that make it anew. What fits into one answer is of one moment; of
 * what doesn't, each piece is, and a line on standard error says so. */
int cli_remote_dump(const struct cli *cli, const struct cli_dump_sink *sink);
int cli_remote_tables(const struct cli *cli);  /* Prints the tables and their rows. */
int cli_remote_kv_list(const struct cli *cli); /* Prints the settings as CONFIG_KV has them. */
int cli_remote_call(const struct cli *cli, const char *method, const char *target, const char *body,
                    struct cli_answer *answer);

#endif
