/* Reading the command line: commands, arguments, options. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define NAME_SIZE 64

const struct cli_option cli_global_options[] = {
    {"json", NULL, "machine-readable output, errors too"},
    {"quiet", NULL, "print nothing but results"},
    {"no-color", NULL, "no colours (also: NO_COLOR, TERM=dumb)"},
    {"yes", NULL, "answer every question with yes (-y)"},
    {"data", "DIR", "data directory (else HOOX_DATA, else ~/.local/share/hoox)"},
    {"help", NULL, "help for a command (-h)"},
    {"version", NULL, "print the version"},
    {NULL, NULL, NULL},
};

const char *cli_find_option(const struct cli *cli, const char *name) {
    for (int i = cli->option_count - 1; i >= 0; i--) {
        if (strcmp(cli->options[i].name, name) != 0) continue;
        return cli->options[i].value != NULL ? cli->options[i].value : "";
    }
    return NULL;
}

bool cli_has_option(const struct cli *cli, const char *name) {
    return cli_find_option(cli, name) != NULL;
}

int cli_parse_count(const struct cli *cli, const char *what, const char *text, long min, long max, long *out) {
    char *end = NULL;
    bool digits = text[0] != '\0' && strlen(text) < 19 && strspn(text, "0123456789") == strlen(text);
    long value = digits ? strtol(text, &end, 10) : -1;
    if (!digits || value < min || value > max) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "%s must be a whole number from %ld to %ld", what, min, max);
    }
    *out = value;
    return 0;
}

const struct cli_option *cli_option_in(const struct cli_option *options, const char *name, size_t len) {
    for (; options != NULL && options->name != NULL; options++) {
        if (strlen(options->name) == len && memcmp(options->name, name, len) == 0) return options;
    }
    return NULL;
}

static int unknown_option(const struct cli *cli, const char *name, size_t len) {
    const char *words[CLI_OPTIONS_MAX * 2];
    char text[NAME_SIZE];
    size_t count = 0;
    snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text - 1), name);
    const struct cli_option *lists[] = {cli_global_options, cli->command != NULL ? cli->command->options : NULL};
    for (int i = 0; i < 2; i++) {
        for (const struct cli_option *o = lists[i]; o != NULL && o->name != NULL; o++) words[count++] = o->name;
    }
    const char *near = cli_nearest(text, words, count);
    if (near == NULL) return cli_fail(cli, EXIT_USAGE, "USAGE", "no option --%s here; see --help", text);
    return cli_fail(cli, EXIT_USAGE, "USAGE", "no option --%s here; did you mean --%s?", text, near);
}

static int set_global(struct cli *cli, const char *name, const char *value) {
    if (strcmp(name, "json") == 0) cli->json = true;
    if (strcmp(name, "quiet") == 0) cli->quiet = true;
    if (strcmp(name, "no-color") == 0) cli->no_color = true;
    if (strcmp(name, "yes") == 0) cli->yes = true;
    if (strcmp(name, "help") == 0) cli->help = true;
    if (strcmp(name, "version") == 0) cli->version = true;
    if (strcmp(name, "data") != 0) return 0;
    int len = snprintf(cli->data_dir, sizeof cli->data_dir, "%s", value);
    if (len > 0 && (size_t)len < sizeof cli->data_dir) return 0;
    return cli_fail(cli, EXIT_USAGE, "USAGE", "--data needs a directory");
}

/* --name, --name=value or --name value, at argv[*at]; *at moves on to the value. */
static int take_option(struct cli *cli, int argc, char **argv, int *at) {
    const char *word = argv[*at] + 2;
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct cli_option *option = cli_option_in(cli_global_options, word, len);
    bool is_global = option != NULL;
    if (option == NULL && cli->command != NULL) option = cli_option_in(cli->command->options, word, len);
    if (option == NULL) return unknown_option(cli, word, len);
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (option->value == NULL && value != NULL) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "--%s takes no value", option->name);
    }
    if (option->value != NULL && value == NULL) {
        /* The next option is not this one's value: `--listen --paper` is a slip. */
        if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0) {
            return cli_fail(cli, EXIT_USAGE, "USAGE", "--%s needs %s", option->name, option->value);
        }
        value = argv[++*at];
    }
    if (is_global) return set_global(cli, option->name, value);
    if (cli->option_count == CLI_OPTIONS_MAX) return cli_fail(cli, EXIT_USAGE, "USAGE", "too many options");
    cli->options[cli->option_count].name = option->name;
    cli->options[cli->option_count].value = value;
    cli->option_count++;
    return 0;
}

static int take_short(struct cli *cli, const char *word) {
    if (strcmp(word, "-y") == 0) {
        cli->yes = true;
    } else if (strcmp(word, "-h") == 0) {
        cli->help = true;
    } else {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "no option %s here; see --help", word);
    }
    return 0;
}

/* `deploy` is a command, and so is `deploy history`. */
static int take_longer(struct cli *cli, const char *word) {
    bool is_group = false;
    cli->words[cli->word_count++] = word;
    cli->command = cli_match(cli->words, cli->word_count, &is_group);
    if (cli->command != NULL || is_group) return 0;
    return cli_unknown_command(cli, cli->words, cli->word_count);
}

/* A word is part of the command until the command is known, then an argument. */
static int take_word(struct cli *cli, const char *word) {
    if (cli->command != NULL && cli->command->arguments_max == 0 && cli->argument_count == 0 &&
        cli->word_count < CLI_WORDS_MAX) {
        char next[1][CLI_WORD_SIZE];
        bool goes_on = cli_next_words(cli->words, cli->word_count, next, 1) > 0;
        if (goes_on) return take_longer(cli, word);
    }
    if (cli->command != NULL) {
        if (cli->argument_count == CLI_ARGUMENTS_MAX) {
            return cli_fail(cli, EXIT_USAGE, "USAGE", "too many arguments; see --help");
        }
        cli->arguments[cli->argument_count++] = word;
        return 0;
    }
    bool is_group = false;
    cli->words[cli->word_count++] = word;
    cli->command = cli_match(cli->words, cli->word_count, &is_group);
    if (cli->command != NULL || (is_group && cli->word_count < CLI_WORDS_MAX)) return 0;
    return cli_unknown_command(cli, cli->words, cli->word_count);
}

/* "-0.5" is a number, "-" alone a word. */
static bool is_option(const char *word) {
    return word[0] == '-' && word[1] != '\0' && strchr("0123456789.", word[1]) == NULL;
}

static void default_data_dir(struct cli *cli) {
    const char *data = getenv("HOOX_DATA");
    const char *xdg = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (data != NULL && data[0] != '\0') {
        snprintf(cli->data_dir, sizeof cli->data_dir, "%s", data);
    } else if (xdg != NULL && xdg[0] == '/') {
        snprintf(cli->data_dir, sizeof cli->data_dir, "%s/hoox", xdg);
    } else {
        snprintf(cli->data_dir, sizeof cli->data_dir, "%s/.local/share/hoox", home != NULL ? home : ".");
    }
}

static int check_arguments(const struct cli *cli) {
    const struct cli_command *command = cli->command;
    if (command == NULL) {
        int code = EXIT_USAGE;
        char group[CLI_WORDS_MAX * CLI_WORD_SIZE] = "";
        for (int i = 0; i < cli->word_count; i++) {
            size_t used = strlen(group);
            snprintf(group + used, sizeof group - used, "%s%s", i > 0 ? " " : "", cli->words[i]);
        }
        code = cli_fail(cli, EXIT_USAGE, "USAGE", "'%s' needs a command after it", group);
        if (!cli->json && !cli->quiet) cli_print_help(cli, stderr);
        return code;
    }
    if (cli->argument_count >= command->arguments_min && cli->argument_count <= command->arguments_max) return 0;
    const char *space = command->arguments[0] != '\0' ? " " : "";
    const char *why = cli->argument_count < command->arguments_min ? "an argument is missing" : "too many arguments";
    return cli_fail(cli, EXIT_USAGE, "USAGE", "%s; usage: hoox %s%s%s", why, command->words, space, command->arguments);
}

int cli_parse(struct cli *cli, int argc, char **argv) {
    memset(cli, 0, sizeof *cli);
    cli->program = argc > 0 ? argv[0] : "hoox";
    default_data_dir(cli);
    /* Known first, because it decides how errors on the way are printed. */
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0) cli->json = true;
    }
    bool only_words = false;
    int code = 0;
    for (int at = 1; at < argc && code == 0; at++) {
        const char *word = argv[at];
        if (only_words || !is_option(word)) {
            code = take_word(cli, word);
        } else if (strcmp(word, "--") == 0) {
            only_words = true;
        } else if (strncmp(word, "--", 2) == 0) {
            code = take_option(cli, argc, argv, &at);
        } else {
            code = take_short(cli, word);
        }
    }
    if (code != 0) return code;
    if (cli->word_count == 0 && !cli->version) cli->help = true;
    return cli->help || cli->version ? 0 : check_arguments(cli);
}
