/* The table of commands. Its order is the order of the help. */
#include "cli/commands.h"

#include <stdio.h>

#ifndef HX_VERSION
#define HX_VERSION "0.1.0"
#endif

const struct cli_command cli_commands[] = {
    {"init", "", 0, 0, "make the data directory, hoox.env and a first webhook key", NULL, cli_init},
    {"serve", "", 0, 0, "run the gateway (--paper: against a built-in exchange)", cli_serve_options, cli_serve},
    {"trade", "ACTION SYMBOL [QUANTITY]", 2, 3, "send a signal by hand, through the same path as an alert",
     cli_trade_options, cli_trade},
    {"positions", "", 0, 0, "what is open, as the ledger has it", cli_remote_options, cli_positions},
    {"signals list", "[N]", 0, 1, "the newest signals and what became of them", cli_list_options, cli_signals_list},
    {"signals show", "ID", 1, 1, "one signal with its orders and fills", cli_remote_options, cli_signals_show},
    {"signals replay-reply", "ID", 1, 1, "the reply a repetition of the signal gets", NULL, cli_signals_replay_reply},
    {"monitor trades", "[N]", 0, 1, "the newest round trips with their results", cli_list_options, cli_monitor_trades},
    {"monitor kill-switch", "show|on|off|halt", 1, 1, "on: only orders that reduce; halt: none but your own exits",
     cli_remote_options, cli_kill_switch},
    {"monitor queue-depth", "", 0, 0, "how many signals and notices wait", cli_remote_options, cli_monitor_queue_depth},
    {"queue list", "", 0, 0, "signals that wait for a try, or failed", cli_remote_options, cli_queue_list},
    {"queue show", "ID", 1, 1, "one of them, whole", cli_remote_options, cli_signals_show},
    {"queue retry", "ID", 1, 1, "try it now, with the whole schedule before it again", cli_remote_options,
     cli_queue_retry},
    {"queue drop", "ID", 1, 1, "end it without an order", cli_remote_options, cli_queue_drop},
    {"queue resolve", "ID", 1, 1, "say that its unknown order is not at the exchange (--absent)", cli_resolve_options,
     cli_queue_resolve},
    {"keys generate", "NAME", 1, 1, "make a webhook key; it is shown once", NULL, cli_keys_generate},
    {"keys list", "", 0, 0, "names of the webhook keys", NULL, cli_keys_list},
    {"keys revoke", "NAME", 1, 1, "a key stops working at once", NULL, cli_keys_revoke},
    {"keys rotate", "NAME", 1, 1, "a new key; the old one works for a while longer", cli_rotate_options,
     cli_keys_rotate},
    {"config kv list", "", 0, 0, "the settings that are set", cli_remote_options, cli_kv_list},
    {"config kv get", "KEY", 1, 1, "one setting", cli_remote_options, cli_kv_get},
    {"config kv set", "KEY VALUE", 2, 2, "change a setting; a running server sees it at once", cli_remote_options,
     cli_kv_set},
    {"config kv delete", "KEY", 1, 1, "back to the default", cli_remote_options, cli_kv_delete},
    {"config kv manifest", "", 0, 0, "every setting with its type, default and meaning", NULL, cli_kv_manifest},
    {"config kv apply-manifest", "", 0, 0, "write the defaults that are missing", cli_apply_options, cli_kv_apply},
    {"db list", "", 0, 0, "tables and their rows", cli_remote_options, cli_db_list},
    {"db query", "SQL", 1, 1, "a SELECT on the ledger; the engine refuses everything else", cli_remote_options,
     cli_db_query},
    {"db export", "", 0, 0, "the ledger as SQL text", cli_export_options, cli_db_export},
    {"db backup", "FILE", 1, 1, "a consistent copy, also while the server runs", cli_remote_options, cli_db_backup},
    {"deploy", "", 0, 0, "put the Worker and all it needs into your Cloudflare account", cli_deploy_options,
     cli_deploy},
    {"deploy history", "", 0, 0, "what was deployed when", cli_history_options, cli_deploy_history},
    {"deploy rollback", "[VERSION]", 0, 1, "back to the version before, or to this one", cli_history_options,
     cli_deploy_rollback},
    {"infra provision", "", 0, 0, "make what is missing of databases, queues, buckets", cli_provision_options,
     cli_infra_provision},
    {"infra d1 list", "", 0, 0, "the databases", cli_infra_options, cli_infra_list},
    {"infra d1 create", "NAME", 1, 1, "make a database", cli_infra_options, cli_infra_create},
    {"infra d1 delete", "NAME", 1, 1, "delete a database and what is in it", cli_infra_options, cli_infra_delete},
    {"infra kv list", "", 0, 0, "the namespaces", cli_infra_options, cli_infra_list},
    {"infra kv create", "NAME", 1, 1, "make a namespace", cli_infra_options, cli_infra_create},
    {"infra kv delete", "NAME", 1, 1, "delete a namespace and what is in it", cli_infra_options, cli_infra_delete},
    {"infra r2 list", "", 0, 0, "the buckets", cli_infra_options, cli_infra_list},
    {"infra r2 create", "NAME", 1, 1, "make a bucket", cli_infra_options, cli_infra_create},
    {"infra r2 delete", "NAME", 1, 1, "delete a bucket and what is in it", cli_infra_options, cli_infra_delete},
    {"infra queues list", "", 0, 0, "the queues", cli_infra_options, cli_infra_list},
    {"infra queues create", "NAME", 1, 1, "make a queue", cli_infra_options, cli_infra_create},
    {"infra queues delete", "NAME", 1, 1, "delete a queue and what is in it", cli_infra_options, cli_infra_delete},
    {"infra vectorize list", "", 0, 0, "the indexes", cli_infra_options, cli_infra_list},
    {"infra vectorize create", "NAME", 1, 1, "make an index of vectors", cli_index_options, cli_infra_create},
    {"infra vectorize delete", "NAME", 1, 1, "delete an index of vectors and what is in it", cli_infra_options,
     cli_infra_delete},
    {"check health", "", 0, 0, "ask the running server whether it is alive and ready", NULL, cli_check_health},
    {"check setup", "", 0, 0, "look over data directory, settings, ledger and keys", NULL, cli_check_setup},
    {"venue request", "VENUE MARKET INTENT", 3, 3,
     "the exact request that would be sent for an intent (a JSON file, - or text)", cli_venue_request_options,
     cli_venue_request},
    {"venue parse", "VENUE MARKET KIND REPLY", 4, 4,
     "how a venue's reply (a file or -) to a question of that kind is understood", cli_venue_parse_options,
     cli_venue_parse},
    {"perf fastpath run", "", 0, 0, "time alerts through a paper server, stage by stage", cli_perf_options,
     cli_perf_fastpath_run},
    {"lab", "", 0, 0, "run the laboratory alone: an exchange that can be told to lie", cli_lab_options, cli_lab},
    {"completion", "bash|zsh|fish", 1, 1, "a completion script for your shell", NULL, cli_completion},
    {"version", "", 0, 0, "print the version", NULL, cli_version},
    {"help", "[COMMAND]", 0, CLI_WORDS_MAX, "this list, or help for a command", NULL, cli_help},
    {NULL, NULL, 0, 0, NULL, NULL, NULL},
};

int cli_version(struct cli *cli) {
    if (cli->json) {
        printf("{\"version\":\"%s\"}\n", HX_VERSION);
    } else {
        printf("hoox %s\n", HX_VERSION);
    }
    return EXIT_OK;
}

int cli_help(struct cli *cli) {
    struct cli wanted = *cli;
    bool is_group = false;
    wanted.command = NULL;
    wanted.word_count = cli->argument_count;
    for (int i = 0; i < cli->argument_count; i++) wanted.words[i] = cli->arguments[i];
    if (wanted.word_count > 0) {
        wanted.command = cli_match(wanted.words, wanted.word_count, &is_group);
        if (wanted.command == NULL && !is_group) return cli_unknown_command(cli, wanted.words, wanted.word_count);
    }
    cli_print_help(&wanted, stdout);
    return EXIT_OK;
}

int cli_run(struct cli *cli) {
    if (cli->version) return cli_version(cli);
    if (cli->help) {
        cli_print_help(cli, stdout);
        return EXIT_OK;
    }
    return cli->command->run(cli);
}
