/* hoox: from argv to one command. */
#define _GNU_SOURCE
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"

int main(int argc, char **argv) {
    static struct cli cli;
    /* For the widths of characters in tables. Text is UTF-8 whatever the user's locale says; numbers stay as in C. */
    setlocale(LC_CTYPE, "C.UTF-8");
    if (argc >= 2 && strcmp(argv[1], CLI_COMPLETE) == 0) return cli_complete(argc - 2, argv + 2);
    int code = cli_parse(&cli, argc, argv);
    if (code != 0) return code;
    code = cli_run(&cli);
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fprintf(stderr, "hoox: the output could not be written\n");
    return EXIT_FAILED;
}
