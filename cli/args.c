/* Reading the command line, and saying what was meant when it is wrong. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define WORD_LEN_MAX 64

static const struct cli_option global_options[] = {
    {"json", NULL, "machine-readable output, errors too"},
    {"quiet", NULL, "print nothing but results"},
    {"no-color", NULL, "no colours (also: NO_COLOR, TERM=dumb)"},
    {"yes", NULL, "answer every question with yes (-y)"},
    {"data", "DIR", "data directory (else HOOX_DATA, else ~/.local/share/hoox)"},
    {"help", NULL, "help for a command (-h)"},
    {NULL, NULL, NULL},
};

static size_t distance(const char *a, const char *b) {
    size_t row[WORD_LEN_MAX + 1];
    size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len > WORD_LEN_MAX || b_len > WORD_LEN_MAX) return WORD_LEN_MAX;
    for (size_t j = 0; j <= b_len; j++) row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best) best = above + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[b_len];
}

const char *cli_nearest(const char *word, const char *const *words, size_t count) {
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(word, words[i]);
        if (d >= best_distance) continue;
        best = words[i];
        best_distance = d;
    }
    return best;
}

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

static const struct cli_option *find_in(const struct cli_option *options, const char *name, size_t len) {
    for (; options != NULL && options->name != NULL; options++) {
        if (strlen(options->name) == len && memcmp(options->name, name, len) == 0) return options;
    }
    return NULL;
}

/* Words the user may have meant, for an option or a command. */
struct words {
    const char *list[160];
    size_t count;
};

static void add_word(struct words *words, const char *word) {
    if (words->count < sizeof words->list / sizeof words->list[0]) words->list[words->count++] = word;
}

static int unknown_option(const struct cli *cli, const char *name) {
    struct words words = {.count = 0};
    for (const struct cli_option *o = global_options; o->name != NULL; o++) add_word(&words, o->name);
    if (cli->command != NULL) {
        for (const struct cli_option *o = cli->command->options; o != NULL && o->name != NULL; o++) {
            add_word(&words, o->name);
        }
    }
    const char *near = cli_nearest(name, words.list, words.count);
    if (near != NULL) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "no option --%s here; did you mean --%s?", name, near);
    }
    return cli_fail(cli, EXIT_USAGE, "USAGE", "no option --%s here; see --help", name);
}

static int unknown_command(const struct cli *cli, const char *group, const char *word) {
    struct words words = {.count = 0};
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        if (group != NULL && c->group != NULL && strcmp(c->group, group) == 0) add_word(&words, c->name);
        if (group == NULL) add_word(&words, c->group != NULL ? c->group : c->name);
    }
    const char *near = cli_nearest(word, words.list, words.count);
    const char *space = group != NULL ? " " : "";
    if (near != NULL) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "no command '%s%s%s'; did you mean '%s%s%s'?",
                        group != NULL ? group : "", space, word, group != NULL ? group : "", space, near);
    }
    return cli_fail(cli, EXIT_USAGE, "USAGE", "no command '%s%s%s'; `hoox help` lists them", group != NULL ? group : "",
                    space, word);
}

/* A group may be two words ("config kv"). */
static const struct cli_command *match_command(int argc, char **argv, int *used) {
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        char words[WORD_LEN_MAX * 2];
        snprintf(words, sizeof words, "%s%s%s", c->group != NULL ? c->group : "", c->group != NULL ? " " : "", c->name);
        char *save = NULL;
        int at = 0;
        bool matches = true;
        for (char *word = strtok_r(words, " ", &save); word != NULL && matches; word = strtok_r(NULL, " ", &save)) {
            matches = at < argc && strcmp(argv[at], word) == 0;
            at++;
        }
        if (!matches) continue;
        *used = at;
        return c;
    }
    return NULL;
}

static bool is_group(const char *word) {
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        if (c->group == NULL) continue;
        size_t len = strlen(word);
        if (strncmp(c->group, word, len) == 0 && (c->group[len] == '\0' || c->group[len] == ' ')) return true;
    }
    return false;
}

static int set_global(struct cli *cli, const char *name, const char *value) {
    if (strcmp(name, "json") == 0) cli->json = true;
    if (strcmp(name, "quiet") == 0) cli->quiet = true;
    if (strcmp(name, "no-color") == 0) cli->no_color = true;
    if (strcmp(name, "yes") == 0) cli->yes = true;
    if (strcmp(name, "help") == 0) cli->help = true;
    if (strcmp(name, "data") != 0) return 0;
    if (strlen(value) >= sizeof cli->data_dir || value[0] == '\0') {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "--data needs a directory");
    }
    strcpy(cli->data_dir, value);
    return 0;
}

static int take_option(struct cli *cli, int argc, char **argv, int *at) {
    const char *word = argv[*at] + 2;
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct cli_option *option = find_in(global_options, word, len);
    bool is_global = option != NULL;
    if (option == NULL && cli->command != NULL) option = find_in(cli->command->options, word, len);
    if (option == NULL) {
        char name[WORD_LEN_MAX];
        snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), word);
        return unknown_option(cli, name);
    }
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (option->value == NULL && value != NULL) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "--%s takes no value", option->name);
    }
    if (option->value != NULL && value == NULL) {
        if (*at + 1 >= argc) return cli_fail(cli, EXIT_USAGE, "USAGE", "--%s needs %s", option->name, option->value);
        value = argv[++*at];
    }
    if (is_global) return set_global(cli, option->name, value);
    if (cli->option_count == CLI_OPTIONS_MAX) return cli_fail(cli, EXIT_USAGE, "USAGE", "too many options");
    cli->options[cli->option_count].name = option->name;
    cli->options[cli->option_count].value = value;
    cli->option_count++;
    return 0;
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

/* Global options may stand before the command; they decide how its errors are printed. */
static int take_leading_globals(struct cli *cli, int argc, char **argv, int *at) {
    while (*at < argc && argv[*at][0] == '-' && argv[*at][1] != '\0') {
        if (strcmp(argv[*at], "-y") == 0) {
            cli->yes = true;
        } else if (strcmp(argv[*at], "-h") == 0) {
            cli->help = true;
        } else if (strcmp(argv[*at], "--version") == 0) {
            return 0;
        } else if (strncmp(argv[*at], "--", 2) == 0) {
            int code = take_option(cli, argc, argv, at);
            if (code != 0) return code;
        } else {
            return cli_fail(cli, EXIT_USAGE, "USAGE", "no option %s; see --help", argv[*at]);
        }
        ++*at;
    }
    return 0;
}

static int take_rest(struct cli *cli, int argc, char **argv, int at) {
    bool only_arguments = false;
    for (; at < argc; at++) {
        const char *word = argv[at];
        bool is_negative_number = word[0] == '-' && word[1] >= '0' && word[1] <= '9';
        if (!only_arguments && strcmp(word, "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && strcmp(word, "-y") == 0) {
            cli->yes = true;
        } else if (!only_arguments && strcmp(word, "-h") == 0) {
            cli->help = true;
        } else if (!only_arguments && strncmp(word, "--", 2) == 0) {
            int code = take_option(cli, argc, argv, &at);
            if (code != 0) return code;
        } else if (!only_arguments && word[0] == '-' && word[1] != '\0' && !is_negative_number) {
            return cli_fail(cli, EXIT_USAGE, "USAGE", "no option %s here; see --help", word);
        } else if (cli->argument_count == CLI_ARGUMENTS_MAX) {
            return cli_fail(cli, EXIT_USAGE, "USAGE", "too many arguments; see --help");
        } else {
            cli->arguments[cli->argument_count++] = word;
        }
    }
    return 0;
}

int cli_parse(struct cli *cli, int argc, char **argv) {
    memset(cli, 0, sizeof *cli);
    default_data_dir(cli);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) cli->json = true;
    }
    int at = 1;
    int code = take_leading_globals(cli, argc, argv, &at);
    if (code != 0) return code;
    if (at >= argc) {
        cli->help = true;
        return 0;
    }
    static char version[] = "version";
    if (strcmp(argv[at], "--version") == 0) argv[at] = version;
    int used = 0;
    cli->command = match_command(argc - at, argv + at, &used);
    if (cli->command == NULL) {
        if (!is_group(argv[at])) return unknown_command(cli, NULL, argv[at]);
        if (at + 1 >= argc || argv[at + 1][0] == '-') {
            return cli_fail(cli, EXIT_USAGE, "USAGE", "'%s' needs a command after it; see `hoox help`", argv[at]);
        }
        char group[WORD_LEN_MAX];
        snprintf(group, sizeof group, "%s", argv[at]);
        bool two = strcmp(group, "config") == 0 && strcmp(argv[at + 1], "kv") == 0 && at + 2 < argc;
        if (two) snprintf(group, sizeof group, "config kv");
        return unknown_command(cli, strcmp(group, "config") == 0 ? "config kv" : group, argv[at + (two ? 2 : 1)]);
    }
    code = take_rest(cli, argc, argv, at + used);
    if (code != 0 || cli->help) return code;
    const struct cli_command *command = cli->command;
    if (cli->argument_count < command->arguments_min || cli->argument_count > command->arguments_max) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "usage: hoox %s%s%s %s", command->group != NULL ? command->group : "",
                        command->group != NULL ? " " : "", command->name, command->arguments);
    }
    return 0;
}

static void print_options(const struct cli_option *options) {
    for (; options != NULL && options->name != NULL; options++) {
        char left[WORD_LEN_MAX];
        snprintf(left, sizeof left, "--%s%s%s", options->name, options->value != NULL ? " " : "",
                 options->value != NULL ? options->value : "");
        printf("  %-26s %s\n", left, options->help);
    }
}

int cli_print_help(const struct cli *cli) {
    const struct cli_command *one = cli->command;
    if (one != NULL) {
        printf("hoox %s%s%s %s\n\n%s\n", one->group != NULL ? one->group : "", one->group != NULL ? " " : "", one->name,
               one->arguments, one->help);
        if (one->options != NULL) printf("\nOptions\n");
        print_options(one->options);
        printf("\nFor every command\n");
        print_options(global_options);
        return EXIT_OK;
    }
    printf("hoox turns a trading signal into exactly one order.\n\nCommands\n");
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        char left[WORD_LEN_MAX * 2];
        snprintf(left, sizeof left, "%s%s%s %s", c->group != NULL ? c->group : "", c->group != NULL ? " " : "", c->name,
                 c->arguments);
        printf("  %-44s %s\n", left, c->help);
    }
    printf("\nFor every command\n");
    print_options(global_options);
    printf("\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 unreachable.\n");
    return EXIT_OK;
}
