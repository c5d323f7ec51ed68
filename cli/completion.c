/* Completion scripts, made from the table of commands. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"

/* Every command as its words, and the global options. */
static void print_word_list(const char *separator) {
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        printf("%s%s%s%s", c->group != NULL ? c->group : "", c->group != NULL ? " " : "", c->name, separator);
    }
}

static void print_bash(void) {
    printf(
        "_hoox() {\n    local line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" words=\"\" c\n    while IFS= read -r c; do\n");
    printf("        if [ -z \"$line\" ]; then words+=\" ${c%%%% *}\"\n");
    printf("        elif [[ \"$c\" == \"$line \"* ]]; then c=\"${c#\"$line \"}\"; words+=\" ${c%%%% *}\"; fi\n");
    printf("    done <<'END'\n");
    print_word_list("\n");
    printf("END\n    words+=\" --json --quiet --no-color --data --yes --help\"\n");
    printf("    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -F _hoox hoox\n");
}

static void print_zsh(void) {
    printf("#compdef hoox\nautoload -U +X bashcompinit && bashcompinit\n");
    print_bash();
}

static void print_fish(void) {
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        const char *group = c->group;
        if (group == NULL) {
            printf("complete -c hoox -f -n __fish_use_subcommand -a %s -d '%s'\n", c->name, c->help);
            continue;
        }
        const char *space = strchr(group, ' ');
        int first_len = space != NULL ? (int)(space - group) : (int)strlen(group);
        printf("complete -c hoox -f -n __fish_use_subcommand -a %.*s\n", first_len, group);
        printf("complete -c hoox -f -n '__fish_seen_subcommand_from %s' -a %s\n", group, c->name);
    }
    printf("complete -c hoox -l json -l quiet -l no-color -l yes -l help\ncomplete -c hoox -l data -r\n");
}

int cli_completion(struct cli *cli) {
    const char *shell = cli->arguments[0];
    if (strcmp(shell, "bash") == 0) {
        print_bash();
    } else if (strcmp(shell, "zsh") == 0) {
        print_zsh();
    } else if (strcmp(shell, "fish") == 0) {
        print_fish();
    } else {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "say bash, zsh or fish");
    }
    return EXIT_OK;
}
