/* What people and scripts see: tables, JSON, colours, questions, errors. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

void cli_print_json_string(const char *text, size_t len) {
    putchar('"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            printf("\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            printf("\\u%04x", c);
        } else {
            putchar(c);
        }
    }
    putchar('"');
}

const char *cli_color(const struct cli *cli, const char *name) {
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool off = cli->no_color || cli->json || (no_color != NULL && no_color[0] != '\0') ||
               (term != NULL && strcmp(term, "dumb") == 0) || !isatty(STDOUT_FILENO);
    if (off) return "";
    if (strcmp(name, "red") == 0) return "\033[31m";
    if (strcmp(name, "green") == 0) return "\033[32m";
    if (strcmp(name, "bold") == 0) return "\033[1m";
    if (strcmp(name, "dim") == 0) return "\033[2m";
    return "\033[0m";
}

int cli_fail(const struct cli *cli, enum exit_code code, const char *name, const char *format, ...) {
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (cli->json) {
        printf("{\"success\":false,\"error\":{\"code\":\"%s\",\"message\":", name);
        cli_print_json_string(text, strlen(text));
        printf("}}\n");
    } else {
        fprintf(stderr, "hoox: %s\n", text);
    }
    return (int)code;
}

void cli_say(const struct cli *cli, const char *format, ...) {
    if (cli->quiet || cli->json) return;
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

bool cli_confirm(const struct cli *cli, const char *question) {
    if (cli->yes) return true;
    if (!isatty(STDIN_FILENO)) return false;
    fprintf(stderr, "%s [y/N] ", question);
    char line[16];
    if (fgets(line, sizeof line, stdin) == NULL) return false;
    return line[0] == 'y' || line[0] == 'Y';
}

struct cell {
    char *text; /* NULL: null. */
    size_t len;
    bool is_number;
};

struct cli_table {
    const char *const *columns;
    size_t column_count;
    struct cell *cells;
    size_t cell_count, cell_room;
};

static void *must(void *memory) {
    if (memory != NULL) return memory;
    fprintf(stderr, "hoox: out of memory\n");
    exit(EXIT_FAILED);
}

struct cli_table *cli_table_make(const char *const *columns, size_t column_count) {
    struct cli_table *table = must(calloc(1, sizeof *table));
    table->columns = columns;
    table->column_count = column_count;
    return table;
}

void cli_table_add(struct cli_table *table, const char *text, size_t len, bool is_number) {
    if (table->cell_count == table->cell_room) {
        table->cell_room = table->cell_room == 0 ? 256 : table->cell_room * 2;
        table->cells = must(realloc(table->cells, table->cell_room * sizeof *table->cells));
    }
    struct cell *cell = &table->cells[table->cell_count++];
    *cell = (struct cell){NULL, len, is_number};
    if (text == NULL) return;
    cell->text = must(malloc(len + 1));
    memcpy(cell->text, text, len);
    cell->text[len] = '\0';
}

size_t cli_table_rows(const struct cli_table *table) {
    return table->column_count == 0 ? 0 : table->cell_count / table->column_count;
}

static void print_json_rows(const struct cli_table *table) {
    putchar('[');
    for (size_t row = 0; row < cli_table_rows(table); row++) {
        printf("%s\n  {", row > 0 ? "," : "");
        for (size_t column = 0; column < table->column_count; column++) {
            const struct cell *cell = &table->cells[row * table->column_count + column];
            if (column > 0) putchar(',');
            cli_print_json_string(table->columns[column], strlen(table->columns[column]));
            putchar(':');
            if (cell->text == NULL) {
                printf("null");
            } else if (cell->is_number) {
                printf("%s", cell->text);
            } else {
                cli_print_json_string(cell->text, cell->len);
            }
        }
        putchar('}');
    }
    printf("%s]\n", cli_table_rows(table) > 0 ? "\n" : "");
}

/* Columns on a terminal, not bytes: continuation bytes of UTF-8 take no room. */
static size_t width_of(const char *text) {
    size_t width = 0;
    for (; text != NULL && *text != '\0'; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/* Control characters in a cell must not reach the terminal. */
static void print_cell(const char *text, size_t width, bool to_the_right, bool last) {
    size_t padding = width > width_of(text) ? width - width_of(text) : 0;
    if (to_the_right) printf("%*s", (int)padding, "");
    for (; text != NULL && *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        putchar(c < 0x20 || c == 0x7f ? '?' : c);
    }
    if (!to_the_right && !last) printf("%*s", (int)padding, "");
}

static void print_rows(const struct cli *cli, const struct cli_table *table) {
    size_t *widths = must(calloc(table->column_count, sizeof *widths));
    for (size_t column = 0; column < table->column_count; column++) {
        widths[column] = width_of(table->columns[column]);
        for (size_t row = 0; row < cli_table_rows(table); row++) {
            size_t width = width_of(table->cells[row * table->column_count + column].text);
            if (width > widths[column]) widths[column] = width;
        }
    }
    for (size_t column = 0; column < table->column_count; column++) {
        bool last = column + 1 == table->column_count;
        printf("%s%s", column > 0 ? "  " : "", cli_color(cli, "bold"));
        bool number = cli_table_rows(table) > 0 && table->cells[column].is_number;
        print_cell(table->columns[column], widths[column], number, last);
        printf("%s", cli_color(cli, "reset"));
    }
    putchar('\n');
    for (size_t row = 0; row < cli_table_rows(table); row++) {
        for (size_t column = 0; column < table->column_count; column++) {
            const struct cell *cell = &table->cells[row * table->column_count + column];
            if (column > 0) printf("  ");
            print_cell(cell->text, widths[column], cell->is_number, column + 1 == table->column_count);
        }
        putchar('\n');
    }
    free(widths);
}

void cli_table_print(const struct cli *cli, struct cli_table *table, const char *when_empty) {
    if (cli->json) {
        print_json_rows(table);
    } else if (cli_table_rows(table) == 0) {
        cli_say(cli, "%s\n", when_empty);
    } else {
        print_rows(cli, table);
    }
}

void cli_table_release(struct cli_table *table) {
    for (size_t i = 0; i < table->cell_count; i++) free(table->cells[i].text);
    free(table->cells);
    free(table);
}
