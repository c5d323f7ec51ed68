/* The command line: what every command group shares. One file per group; commands.c has the table of commands.
 *
 * Reading goes to the ledger directly, read-only (ledger.c). Changing goes to the core as an operator's request: over
 * the control socket when the server runs, in this process when it does not (call.c). */
#ifndef HX_CLI_CLI_H
#define HX_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

struct cli_command {
    const char *words;     /* "queue retry": what selects it. */
    const char *arguments; /* "ID", "[N]", "show|on|off", "ACTION SYMBOL [QUANTITY]"; "" for none. */
    int arguments_min, arguments_max;
    const char *help;
    const struct cli_option *options; /* Ends with a NULL name; may be NULL. */
    int (*run)(struct cli *cli);
};

#define CLI_ARGUMENTS_MAX 8
#define CLI_OPTIONS_MAX 24
#define CLI_WORDS_MAX 3 /* Of a command. */

/* A parsed command line. Strings belong to argv and the table of commands. */
struct cli {
    const char *program; /* As it was called: for commands to paste. */
    const struct cli_command *command;
    const char *words[CLI_WORDS_MAX]; /* Without a command: the words of the group help is wanted for. */
    int word_count;
    const char *arguments[CLI_ARGUMENTS_MAX];
    int argument_count;
    struct {
        const char *name;
        const char *value; /* NULL for switches. */
    } options[CLI_OPTIONS_MAX];
    int option_count;
    bool json, quiet, no_color, yes, help, version;
    char data_dir[4096];
};

extern const struct cli_command cli_commands[];      /* Ends with NULL words. */
extern const struct cli_option cli_global_options[]; /* Ends with a NULL name. */

/* In args.c. */

/* Parses argv. 0, or an exit code after the problem was printed. With `help` or `version` set there may be no
 * command. */
int cli_parse(struct cli *cli, int argc, char **argv);
const char *cli_find_option(const struct cli *cli, const char *name); /* NULL when not given; "" for a switch. */
bool cli_has_option(const struct cli *cli, const char *name);
/* A whole number from min to max out of an option or an argument. 0, or an exit code after the problem was printed. */
int cli_parse_count(const struct cli *cli, const char *what, const char *text, long min, long max, long *out);
const struct cli_option *cli_option_in(const struct cli_option *options, const char *name, size_t len);

/* In words.c: the commands as trees of words. */

/* The nearest of `words` within a distance of two, or NULL: "did you mean". */
const char *cli_nearest(const char *word, const char *const *words, size_t count);
/* The command that these words spell, or NULL; *is_group when they are the beginning of one. */
const struct cli_command *cli_match(const char *const *words, int count, bool *is_group);
/* The next words of all commands that begin with these, each once. Returns how many; `out` holds copies. */
#define CLI_WORD_SIZE 32
size_t cli_next_words(const char *const *words, int count, char (*out)[CLI_WORD_SIZE], size_t room);
int cli_unknown_command(const struct cli *cli, const char *const *words, int count);
/* Help for the command, for a group, or for all. */
void cli_print_help(const struct cli *cli, FILE *out);

/* In output.c. */

/* Prints what went wrong and what to do, as JSON with --json, and returns `code`. */
int cli_fail(const struct cli *cli, enum exit_code code, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Says something to a person: nothing with --quiet or --json. */
void cli_say(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Quoted and escaped; bytes that are not UTF-8 become U+FFFD. */
void cli_print_json_string(const char *text, size_t len);
/* Text of unknown origin for a terminal: what could move the cursor or turn the writing direction becomes '?'.
 * Returns the columns it takes; `out` NULL only measures. */
size_t cli_print_safely(FILE *out, const char *text, size_t len);
/* Asks on the terminal. True with -y, and without a terminal: a script that says it means it. */
bool cli_confirm(const struct cli *cli, const char *question);
const char *cli_color(const struct cli *cli, const char *name); /* An escape sequence, or "" when colours are off. */
void *cli_must(void *memory);                                   /* Ends the program when NULL. */

/* In table.c: a table for people that is an array of objects with --json. Everything is copied. */
struct cli_table;
struct cli_table *cli_table_make(const char *const *columns, size_t column_count);
/* `is_raw`: printed without quotes in JSON (a number, a boolean, a JSON text), to the right in tables. NULL is null. */
void cli_table_add(struct cli_table *table, const char *text, size_t len, bool is_raw);
void cli_table_add_c(struct cli_table *table, const char *text);
/* Columns that end with _ms hold times: for people they are written as dates in UTC, for scripts they stay numbers. */
void cli_table_show_times(struct cli_table *table);
size_t cli_table_rows(const struct cli_table *table);
size_t cli_table_bytes(const struct cli_table *table);
const char *cli_table_first(const struct cli_table *table); /* The first cell; NULL when it is null or absent. */
void cli_table_print(const struct cli *cli, const struct cli_table *table, const char *when_empty);
/* The first row alone: a line per column, or one object. */
void cli_table_print_record(const struct cli *cli, const struct cli_table *table);
void cli_table_release(struct cli_table *table);

/* In answer.c and call.c: the core's answers. */
struct cli_answer {
    int status;
    char *body; /* NUL-terminated; the caller frees it. */
    size_t body_len;
};

/* The text of a member, or of a member of a member when `inner` is given; NULL when absent. The caller frees it. */
char *cli_json_text(const char *json, size_t len, const char *name, const char *inner);
bool cli_json_is_valid(const char *json, size_t len);
/* Prints an array of objects (member `name` of an answer) as a table: `members` of the answer under these `columns`. */
int cli_print_answer_rows(const struct cli *cli, const struct cli_answer *answer, const char *name,
                          const char *const *members, const char *const *columns, size_t column_count,
                          const char *when_empty);
/* The answer's error with its details, for people. */
void cli_print_answer_error(const struct cli_answer *answer);
/* The exit code that stands for an answer's status. */
int cli_exit_code(int status);

/* 0, or an exit code after it was said that there is no data directory, or that it can't be looked at. */
int cli_check_data_dir(const struct cli *cli);
/* One operator's request, wherever it can be answered. 0, or an exit code after the problem was printed. */
int cli_call(const struct cli *cli, const char *method, const char *target, const char *body,
             struct cli_answer *answer);
/* The same, and prints the error of an answer that is not 2xx. */
int cli_call_expect(const struct cli *cli, const char *method, const char *target, const char *body,
                    struct cli_answer *answer);
/* The same, and says `done` or prints the answer with --json. */
int cli_call_done(const struct cli *cli, const char *method, const char *target, const char *body, const char *done);

/* In serve.c. */

/* Whether the data directory holds a paper server's ledger: its trades never happened at a venue. */
bool cli_is_paper_dir(const struct cli *cli);

#endif
