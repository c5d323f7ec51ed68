/* hoox deploy, and the names of what it deploys. */
#ifndef HX_CLI_DEPLOY_H
#define HX_CLI_DEPLOY_H

#include "cli/cli.h"

#define CLI_EDGE_LEDGER "hoox-ledger"
#define CLI_EDGE_CONFIG "hoox-config"
#define CLI_EDGE_QUEUE "trade-execution"
#define CLI_EDGE_DEAD_QUEUE "trade-execution-dlq"
#define CLI_EDGE_BUCKET "hoox-reports"
#define CLI_EDGE_INDEX "hoox-index"

/* wrangler's table of migrations, as wrangler makes it. */
#define CLI_D1_MIGRATIONS_SQL                                                                            \
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, " \
    "applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)"

int cli_deploy_provision(struct cli *cli); /* `infra provision --remote`: what stores data, and nothing that runs. */

#endif
