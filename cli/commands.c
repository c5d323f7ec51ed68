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
    {"positions", "", 0, 0, "what is open, as the ledger has it", NULL, cli_positions},
    {"signals list", "[N]", 0, 1, "the newest signals and what became of them", cli_list_options, cli_signals_list},
    {"signals show", "ID", 1, 1, "one signal with its orders and fills", NULL, cli_signals_show},
    {"signals replay-reply", "ID", 1, 1, "the reply a repetition of the signal gets", NULL, cli_signals_replay_reply},
    {"monitor trades", "[N]", 0, 1, "the newest round trips with their results", cli_list_options, cli_monitor_trades},
    {"monitor kill-switch", "show|on|off|halt", 1, 1, "on: only orders that reduce; halt: none but your own exits",
     NULL, cli_kill_switch},
    {"monitor queue-depth", "", 0, 0, "how many signals and notices wait", NULL, cli_monitor_queue_depth},
    {"queue list", "", 0, 0, "signals that wait for a try, or failed", NULL, cli_queue_list},
    {"queue show", "ID", 1, 1, "one of them, whole", NULL, cli_signals_show},
    {"queue retry", "ID", 1, 1, "try it now, with the whole schedule before it again", NULL, cli_queue_retry},
    {"queue drop", "ID", 1, 1, "end it without an order", NULL, cli_queue_drop},
    {"keys generate", "NAME", 1, 1, "make a webhook key; it is shown once", NULL, cli_keys_generate},
    {"keys list", "", 0, 0, "names of the webhook keys", NULL, cli_keys_list},
    {"keys revoke", "NAME", 1, 1, "a key stops working at once", NULL, cli_keys_revoke},
    {"keys rotate", "NAME", 1, 1, "a new key; the old one works for a while longer", cli_rotate_options,
     cli_keys_rotate},
    {"config kv list", "", 0, 0, "the settings that are set", NULL, cli_kv_list},
    {"config kv get", "KEY", 1, 1, "one setting", NULL, cli_kv_get},
    {"config kv set", "KEY VALUE", 2, 2, "change a setting; a running server sees it at once", NULL, cli_kv_set},
    {"config kv delete", "KEY", 1, 1, "back to the default", NULL, cli_kv_delete},
    {"config kv manifest", "", 0, 0, "every setting with its type, default and meaning", NULL, cli_kv_manifest},
    {"config kv apply-manifest", "", 0, 0, "write the defaults that are missing", cli_apply_options, cli_kv_apply},
    {"db list", "", 0, 0, "tables and their rows", NULL, cli_db_list},
    {"db query", "SQL", 1, 1, "a SELECT on the ledger; the engine refuses everything else", NULL, cli_db_query},
    {"db export", "", 0, 0, "the ledger as SQL text", cli_export_options, cli_db_export},
    {"db backup", "FILE", 1, 1, "a consistent copy, also while the server runs", NULL, cli_db_backup},
    {"check health", "", 0, 0, "ask the running server whether it is alive and ready", NULL, cli_check_health},
    {"check setup", "", 0, 0, "look over data directory, settings, ledger and keys", NULL, cli_check_setup},
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
