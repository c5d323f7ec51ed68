/* The commands as trees of words: matched, suggested, listed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#define WORD_LEN_MAX 64
#define NEXT_MAX 48

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
    /* Of a short word at least one letter must have been right. */
    size_t best_distance = strlen(word) < 3 ? strlen(word) : 3;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(word, words[i]);
        if (d >= best_distance) continue;
        best = words[i];
        best_distance = d;
    }
    return best;
}

/* What is left of a command's words after these; NULL when it does not begin with them. */
static const char *rest_after(const struct cli_command *command, const char *const *words, int count) {
    const char *at = command->words;
    for (int i = 0; i < count; i++) {
        size_t len = strcspn(at, " ");
        if (strlen(words[i]) != len || len == 0 || memcmp(at, words[i], len) != 0) return NULL;
        at += len;
        at += strspn(at, " ");
    }
    return at;
}

const struct cli_command *cli_match(const char *const *words, int count, bool *is_group) {
    *is_group = false;
    for (const struct cli_command *c = cli_commands; c->words != NULL; c++) {
        const char *rest = rest_after(c, words, count);
        if (rest == NULL) continue;
        if (rest[0] == '\0') return c;
        *is_group = true;
    }
    return NULL;
}

size_t cli_next_words(const char *const *words, int count, char (*out)[CLI_WORD_SIZE], size_t room) {
    size_t found = 0;
    for (const struct cli_command *c = cli_commands; c->words != NULL && found < room; c++) {
        const char *rest = rest_after(c, words, count);
        if (rest == NULL || rest[0] == '\0') continue;
        snprintf(out[found], CLI_WORD_SIZE, "%.*s", (int)strcspn(rest, " "), rest);
        bool is_new = true;
        for (size_t i = 0; i < found; i++) is_new = is_new && strcmp(out[i], out[found]) != 0;
        found += is_new;
    }
    return found;
}

/* A command that ends with this very word, of the group that was named, if one was: `hoox kill-switch` means `hoox
 * monitor kill-switch`, and `hoox config list` means `hoox config kv list`. */
static const struct cli_command *find_by_last_word(const char *word, const char *const *group, int group_count) {
    for (const struct cli_command *c = cli_commands; c->words != NULL; c++) {
        const char *space = strrchr(c->words, ' ');
        if (space == NULL || strcmp(space + 1, word) != 0) continue;
        if (rest_after(c, group, group_count) != NULL) return c;
    }
    return NULL;
}

/* "generate, list, revoke" */
static void join(const char *const *words, size_t count, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", words[i]);
    }
}

int cli_unknown_command(const struct cli *cli, const char *const *words, int count) {
    char next[NEXT_MAX][CLI_WORD_SIZE];
    const char *list[NEXT_MAX];
    char before[CLI_WORDS_MAX * CLI_WORD_SIZE] = "", all[NEXT_MAX * CLI_WORD_SIZE];
    for (int i = 0; i < count - 1; i++) {
        size_t used = strlen(before);
        snprintf(before + used, sizeof before - used, "%s ", words[i]);
    }
    const char *word = words[count - 1];
    size_t found = cli_next_words(words, count - 1, next, NEXT_MAX);
    for (size_t i = 0; i < found; i++) list[i] = next[i];
    const char *near = cli_nearest(word, list, found);
    const struct cli_command *elsewhere = near == NULL ? find_by_last_word(word, words, count - 1) : NULL;
    if (near != NULL) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "no command '%s%s'; did you mean '%s%s'?", before, word, before,
                        near);
    }
    if (elsewhere != NULL) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "no command '%s%s'; did you mean '%s'?", before, word,
                        elsewhere->words);
    }
    if (count == 1) return cli_fail(cli, EXIT_USAGE, "USAGE", "no command '%s'; `hoox help` lists them", word);
    join(list, found, all, sizeof all);
    return cli_fail(cli, EXIT_USAGE, "USAGE", "no command '%s%s'; after '%.*s' comes one of: %s", before, word,
                    (int)strlen(before) - 1, before, all);
}

static void print_options(FILE *out, const struct cli_option *options) {
    for (; options != NULL && options->name != NULL; options++) {
        char left[WORD_LEN_MAX];
        snprintf(left, sizeof left, "--%s%s%s", options->name, options->value != NULL ? " " : "",
                 options->value != NULL ? options->value : "");
        fprintf(out, "  %-26s %s\n", left, options->help);
    }
}

static void print_commands(FILE *out, const char *const *words, int count) {
    for (const struct cli_command *c = cli_commands; c->words != NULL; c++) {
        if (rest_after(c, words, count) == NULL) continue;
        char left[WORD_LEN_MAX * 2];
        snprintf(left, sizeof left, "%s %s", c->words, c->arguments);
        fprintf(out, "  %-38s %s\n", left, c->help);
    }
}

void cli_print_help(const struct cli *cli, FILE *out) {
    const struct cli_command *one = cli->command;
    if (one != NULL) {
        fprintf(out, "hoox %s%s%s\n\n%s\n", one->words, one->arguments[0] != '\0' ? " " : "", one->arguments,
                one->help);
        if (one->options != NULL) fprintf(out, "\nOptions\n");
        print_options(out, one->options);
    } else if (cli->word_count > 0) {
        fprintf(out, "\n");
        print_commands(out, cli->words, cli->word_count);
        fprintf(out, "\n`hoox COMMAND --help` tells more.\n");
        return;
    } else {
        fprintf(out, "hoox turns a trading signal into exactly one order.\n\nCommands\n");
        print_commands(out, NULL, 0);
    }
    fprintf(out, "\nFor every command\n");
    print_options(out, cli_global_options);
    if (one == NULL) fprintf(out, "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 unreachable.\n");
}
