/* Completion: each shell's script asks the program itself what may come next, so that it never grows stale. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "core/admit/manifest.h"
#include "core/signal/signal.h"

#define NEXT_MAX 48

/* Bash cuts words at ':' and '=' as well; what it takes for the word is what follows the last of these. */
static const char bash_script[] =
    "_hoox() {\n"
    "    local line=\"${COMP_LINE:0:COMP_POINT}\" words=() cur cut\n"
    "    read -ra words <<<\"$line\"\n"
    "    [[ \"$line\" == *[[:space:]] ]] && words+=(\"\")\n"
    "    cur=\"${words[${#words[@]}-1]}\"\n"
    "    cut=\"${cur%\"${cur##*[:=]}\"}\"\n"
    "    mapfile -t COMPREPLY < <(\"${words[0]/#\\~/$HOME}\" " CLI_COMPLETE
    " \"${words[@]:1}\" 2>/dev/null)\n"
    "    COMPREPLY=(\"${COMPREPLY[@]#\"$cut\"}\")\n"
    "}\n"
    "complete -o default -F _hoox hoox\n";

static const char zsh_script[] =
    "#compdef hoox\n"
    "_hoox() {\n"
    "    local -a found\n"
    "    found=(\"${(@f)$(\"${(Q)words[1]/#\\~/$HOME}\" " CLI_COMPLETE
    " \"${(@Q)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
    "    found=(${found:#})\n"
    "    if (( ${#found} )); then compadd -a found; else _files; fi\n"
    "}\n"
    "if [[ \"${funcstack[1]}\" == _hoox ]]; then _hoox \"$@\"; else compdef _hoox hoox; fi\n";

static const char fish_script[] =
    "function __hoox_next\n"
    "    set -l words (commandline -opc)\n"
    "    command $words[1] " CLI_COMPLETE
    " $words[2..] (commandline -ct) 2>/dev/null\n"
    "end\n"
    "complete -c hoox -f -a '(__hoox_next)'\n"
    "complete -c hoox -n '__fish_seen_subcommand_from backup request parse' -F\n"
    "complete -c hoox -l data -r -F\n";

int cli_completion(struct cli *cli) {
    static const struct {
        const char *shell, *script;
    } scripts[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        if (strcmp(cli->arguments[0], scripts[i].shell) != 0) continue;
        printf("%s", scripts[i].script);
        return EXIT_OK;
    }
    return cli_fail(cli, EXIT_USAGE, "USAGE", "'%s' is no shell known here; say bash, zsh or fish", cli->arguments[0]);
}

static void offer(const char *word, size_t len, const char *partial) {
    if (strncmp(word, partial, strlen(partial)) == 0 && strlen(partial) <= len) printf("%.*s\n", (int)len, word);
}

static void offer_options(const struct cli_option *options, const char *partial) {
    for (; options != NULL && options->name != NULL; options++) {
        char word[64];
        int len = snprintf(word, sizeof word, "--%s", options->name);
        offer(word, (size_t)len, partial);
    }
}

/* What the command's n-th argument may be, as far as that is known. */
static void offer_arguments(const struct cli_command *command, int n, const char *partial) {
    const char *at = command->arguments;
    for (; n > 0 && *at != '\0'; n--) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    size_t len = strcspn(at, " ");
    if (len == 3 && memcmp(at, "KEY", 3) == 0) {
        for (size_t i = 0; i < HX_MANIFEST_COUNT; i++) {
            hx_str name = hx_manifest_info((enum hx_manifest_key)i).name;
            offer(name.data, name.len, partial);
        }
        return;
    }
    if (len == 4 && memcmp(at, "KIND", 4) == 0) {
        for (int i = 0; cli_venue_kind_at(i) != NULL; i++) {
            offer(cli_venue_kind_at(i), strlen(cli_venue_kind_at(i)), partial);
        }
        return;
    }
    if (len == 5 && memcmp(at, "VENUE", 5) == 0) {
        for (uint32_t v = HX_VENUE_NONE + 1; v < HX_VENUES; v++) {
            hx_str name = hx_venue_name((enum hx_venue_id)v);
            offer(name.data, name.len, partial);
        }
        return;
    }
    if (len == 6 && memcmp(at, "MARKET", 6) == 0) {
        at = "futures|spot";
        len = strlen(at);
    }
    if (len == 6 && memcmp(at, "ACTION", 6) == 0) {
        at = "LONG|SHORT|CLOSE_LONG|CLOSE_SHORT|CLOSE";
        len = strlen(at);
    }
    if (memchr(at, '|', len) == NULL) return;
    while (len > 0) {
        size_t word_len = strcspn(at, "| ");
        offer(at, word_len, partial);
        size_t step = word_len < len ? word_len + 1 : word_len;
        at += step;
        len -= step;
    }
}

static bool takes_value(const struct cli_command *command, const char *word) {
    if (strncmp(word, "--", 2) != 0 || strchr(word, '=') != NULL) return false;
    const struct cli_option *option = cli_option_in(cli_global_options, word + 2, strlen(word + 2));
    if (option == NULL && command != NULL) option = cli_option_in(command->options, word + 2, strlen(word + 2));
    return option != NULL && option->value != NULL;
}

int cli_complete(int count, char **words) {
    const struct cli_command *command = NULL;
    const char *spelt[CLI_WORDS_MAX];
    const char *partial = count > 0 ? words[count - 1] : "";
    int spelt_count = 0, argument_count = 0;
    for (int i = 0; i < count - 1; i++) {
        bool is_group = false;
        if (takes_value(command, words[i])) {
            /* What is being typed is a file or a number: nothing to offer. */
            if (++i == count - 1) return EXIT_OK;
        } else if (words[i][0] == '-') {
            continue;
        } else if (command != NULL) {
            /* `deploy` is a command, and so is `deploy history`. */
            bool has_room = argument_count == 0 && spelt_count < CLI_WORDS_MAX;
            if (has_room) spelt[spelt_count] = words[i];
            const struct cli_command *longer = has_room ? cli_match(spelt, spelt_count + 1, &is_group) : NULL;
            if (longer != NULL) {
                command = longer;
                spelt_count++;
            } else {
                argument_count++;
            }
        } else {
            if (spelt_count == CLI_WORDS_MAX) return EXIT_OK;
            spelt[spelt_count++] = words[i];
            command = cli_match(spelt, spelt_count, &is_group);
            if (command == NULL && !is_group) return EXIT_OK;
        }
    }
    if (partial[0] == '-') {
        if (command != NULL) offer_options(command->options, partial);
        offer_options(cli_global_options, partial);
        return EXIT_OK;
    }
    if (command != NULL) offer_arguments(command, argument_count, partial);
    if (command == NULL || argument_count == 0) {
        char next[NEXT_MAX][CLI_WORD_SIZE];
        size_t found = cli_next_words(spelt, spelt_count, next, NEXT_MAX);
        for (size_t i = 0; i < found; i++) offer(next[i], strlen(next[i]), partial);
    }
    return EXIT_OK;
}
