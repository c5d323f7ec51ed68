/* The command line: what every command group shares. One file per group; main.c has the table of commands.
 *
 * Reading goes to the ledger directly, read-only (ledger.c). Changing goes to the core as an operator's request: over
 * the control socket when the server runs, in this process when it does not (call.c). */
#ifndef HX_CLI_CLI_H
#define HX_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,      /* It was tried and did not work. */
    EXIT_USAGE = 2,       /* The command itself is wrong. */
    EXIT_UNREACHABLE = 3, /* Server, venue or data directory can't be reached. */
};

/* One option of a command. */
struct cli_option {
    const char *name;  /* Without dashes: "overlap". */
    const char *value; /* What it takes: "SECONDS"; NULL for a switch. */
    const char *help;
};

struct cli;

struct cli_answer {
    int status;
    char *body; /* NUL-terminated; the caller frees it. */
    size_t body_len;
};

struct cli_command {
    const char *group;     /* "queue"; NULL for a command without a group. */
    const char *name;      /* "retry". */
    const char *arguments; /* "ID", "[N]", "ACTION SYMBOL [QUANTITY]"; "" for none. */
    int arguments_min, arguments_max;
    const char *help;
    const struct cli_option *options; /* Ends with a NULL name; may be NULL. */
    int (*run)(struct cli *cli);
};

#define CLI_ARGUMENTS_MAX 8
#define CLI_OPTIONS_MAX 24

/* A parsed command line. */
struct cli {
    const struct cli_command *command;
    const char *arguments[CLI_ARGUMENTS_MAX];
    int argument_count;
    struct {
        const char *name;
        const char *value; /* NULL for switches. */
    } options[CLI_OPTIONS_MAX];
    int option_count;
    bool json, quiet, no_color, yes, help;
    char data_dir[4096];
};

extern const struct cli_command cli_commands[]; /* Ends with a NULL name. */

/* In args.c. */

/* Parses argv. 0, or an exit code after the problem was printed. */
int cli_parse(struct cli *cli, int argc, char **argv);
const char *cli_find_option(const struct cli *cli, const char *name); /* NULL when not given; "" for a switch. */
bool cli_has_option(const struct cli *cli, const char *name);
/* The nearest of `words` within a distance of two, or NULL: "did you mean". */
const char *cli_nearest(const char *word, const char *const *words, size_t count);
int cli_print_help(const struct cli *cli);

/* In output.c and answer.c. */

/* Prints what went wrong and what to do, as JSON with --json, and returns `code`. */
int cli_fail(const struct cli *cli, enum exit_code code, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Says something to a person: nothing with --quiet or --json. */
void cli_say(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_print_json_string(const char *text, size_t len);
/* The text of a member, or of a member of a member when `inner` is given; NULL when absent. The caller frees it. */
char *cli_json_text(const char *json, size_t len, const char *name, const char *inner);
/* Prints an array of objects (member `name` of an answer) as a table of these members. */
int cli_print_answer_rows(const struct cli *cli, const struct cli_answer *answer, const char *name,
                          const char *const *columns, size_t column_count, const char *when_empty);
/* Asks on the terminal; true with -y, false without a terminal. */
bool cli_confirm(const struct cli *cli, const char *question);
const char *cli_color(const struct cli *cli, const char *name); /* An escape sequence, or "" when colours are off. */

/* A table that is an array of objects with --json. Cells are copied. */
struct cli_table;
struct cli_table *cli_table_make(const char *const *columns, size_t column_count);
/* `is_number`: printed without quotes in JSON, to the right in tables. NULL text is null. */
void cli_table_add(struct cli_table *table, const char *text, size_t len, bool is_number);
size_t cli_table_rows(const struct cli_table *table);
void cli_table_print(const struct cli *cli, struct cli_table *table, const char *when_empty);
void cli_table_release(struct cli_table *table);

/* In ledger.c. */

/* Runs one SELECT on the ledger, opened read-only, and prints it. `parameters` are texts bound to ?1 ?2 …. */
int cli_ledger_print(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                     const char *when_empty);
/* The same for SQL that a user typed: the engine itself refuses everything but reading. */
int cli_ledger_print_untrusted(const struct cli *cli, const char *sql);
/* One text value, or NULL; the caller frees it. *problem is an exit code after it was printed. */
char *cli_ledger_value(const struct cli *cli, const char *sql, const char *const *parameters, int parameter_count,
                       int *problem);

/* In call.c. */

/* One operator's request, wherever it can be answered. 0, or an exit code after the problem was printed. */
int cli_call(const struct cli *cli, const char *method, const char *target, const char *body, size_t body_len,
             struct cli_answer *answer);
/* The same, and prints the error of an answer that is not 2xx. */
int cli_call_expect(const struct cli *cli, const char *method, const char *target, const char *body, size_t body_len,
                    struct cli_answer *answer);

#endif
