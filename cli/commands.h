/* The run functions of the commands, by file. The table that names them is commands.c. */
#ifndef HX_CLI_COMMANDS_H
#define HX_CLI_COMMANDS_H

#include "cli/cli.h"

int cli_init(struct cli *cli);
int cli_serve(struct cli *cli);
int cli_lab(struct cli *cli);
extern const struct cli_option cli_serve_options[], cli_lab_options[];

int cli_trade(struct cli *cli);
extern const struct cli_option cli_trade_options[];

int cli_signals_list(struct cli *cli);
int cli_signals_show(struct cli *cli);
int cli_signals_replay_reply(struct cli *cli);
int cli_positions(struct cli *cli);
int cli_monitor_trades(struct cli *cli);
int cli_monitor_queue_depth(struct cli *cli);
extern const struct cli_option cli_list_options[];
extern const struct cli_option cli_resolve_options[];

int cli_queue_list(struct cli *cli);
int cli_queue_retry(struct cli *cli);
int cli_queue_drop(struct cli *cli);
int cli_queue_resolve(struct cli *cli);

int cli_keys_generate(struct cli *cli);
int cli_keys_list(struct cli *cli);
int cli_keys_revoke(struct cli *cli);
int cli_keys_rotate(struct cli *cli);
extern const struct cli_option cli_rotate_options[];

int cli_kv_list(struct cli *cli);
int cli_kv_get(struct cli *cli);
int cli_kv_set(struct cli *cli);
int cli_kv_delete(struct cli *cli);
int cli_kv_manifest(struct cli *cli);
int cli_kv_apply(struct cli *cli);
int cli_kill_switch(struct cli *cli);
extern const struct cli_option cli_apply_options[];

int cli_db_list(struct cli *cli);
int cli_db_query(struct cli *cli);
int cli_db_export(struct cli *cli);
int cli_db_backup(struct cli *cli);
extern const struct cli_option cli_export_options[];

int cli_deploy(struct cli *cli);
int cli_deploy_history(struct cli *cli);
int cli_deploy_rollback(struct cli *cli);
extern const struct cli_option cli_deploy_options[], cli_history_options[];

int cli_infra_list(struct cli *cli);
int cli_infra_create(struct cli *cli);
int cli_infra_delete(struct cli *cli);
int cli_infra_provision(struct cli *cli);
extern const struct cli_option cli_infra_options[], cli_index_options[], cli_provision_options[];

extern const struct cli_option cli_remote_options[]; /* --remote alone. */

int cli_check_health(struct cli *cli);
int cli_check_setup(struct cli *cli);

int cli_venue_request(struct cli *cli);
int cli_venue_parse(struct cli *cli);
extern const struct cli_option cli_venue_request_options[], cli_venue_parse_options[];
/* The n-th kind of question; NULL after the last. */
const char *cli_venue_kind_at(int n);

/* In check.c: "BINANCE_API_KEY and BINANCE_API_SECRET, BYBIT_…": what a live account may be set up with. */
void cli_list_live_keys(char *out, size_t size);

int cli_perf_fastpath_run(struct cli *cli);
extern const struct cli_option cli_perf_options[];

int cli_completion(struct cli *cli);
/* What the completion scripts call: `hoox __complete WORDS…` prints what may stand for the last word. */
#define CLI_COMPLETE "__complete"
int cli_complete(int count, char **words);

int cli_version(struct cli *cli);
int cli_help(struct cli *cli);
int cli_run(struct cli *cli); /* A parsed command. Returns the exit code. */

#endif
