/* --remote: the deployed ledger in D1, and the deployed Worker as its operator. 0, or an exit code after the problem
 * was printed. */
#ifndef HX_CLI_REMOTE_H
#define HX_CLI_REMOTE_H

#include "cli/cloudflare.h"

bool cli_is_remote(const struct cli *cli);

/* One or more statements on a database. The reply's result is an array with one object per statement. */
int cli_remote_query(struct cli_cloudflare *cf, const char *database, const char *sql, const char *const *parameters,
                     int parameter_count, struct cli_cf_reply *reply);
/* One SELECT on the deployed ledger as a table that the caller releases. It is prepared here first, on an empty ledger
 * of the same schema: that tells the columns, and with `is_untrusted` refuses everything but reading. */
int cli_remote_select(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                      bool is_untrusted, struct cli_table **out);
int cli_remote_tables(const struct cli *cli);  /* Prints the tables and their rows. */
int cli_remote_kv_list(const struct cli *cli); /* Prints the settings as CONFIG_KV has them. */
int cli_remote_call(const struct cli *cli, const char *method, const char *target, const char *body,
                    struct cli_answer *answer);

#endif
