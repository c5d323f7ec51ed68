/* Tables for people, arrays of objects for scripts. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"

struct cell {
    char *text; /* NULL: null. */
    size_t len;
    bool is_raw;
};

struct cli_table {
    char **columns;
    size_t column_count;
    struct cell *cells;
    size_t cell_count, cell_room, bytes;
    bool shows_times;
};

struct cli_table *cli_table_make(const char *const *columns, size_t column_count) {
    struct cli_table *table = cli_must(calloc(1, sizeof *table));
    table->columns = cli_must(calloc(column_count + 1, sizeof *table->columns));
    table->column_count = column_count;
    for (size_t i = 0; i < column_count; i++)
        table->columns[i] = cli_must(strdup(columns[i] != NULL ? columns[i] : ""));
    return table;
}

void cli_table_add(struct cli_table *table, const char *text, size_t len, bool is_raw) {
    if (table->cell_count == table->cell_room) {
        table->cell_room = table->cell_room == 0 ? 256 : table->cell_room * 2;
        table->cells = cli_must(realloc(table->cells, table->cell_room * sizeof *table->cells));
    }
    struct cell *cell = &table->cells[table->cell_count++];
    *cell = (struct cell){NULL, len, is_raw};
    table->bytes += sizeof *cell + len;
    if (text == NULL) return;
    cell->text = cli_must(malloc(len + 1));
    memcpy(cell->text, text, len);
    cell->text[len] = '\0';
}

void cli_table_add_c(struct cli_table *table, const char *text) {
    cli_table_add(table, text, text != NULL ? strlen(text) : 0, false);
}

void cli_table_show_times(struct cli_table *table) {
    table->shows_times = true;
}

size_t cli_table_rows(const struct cli_table *table) {
    return table->column_count == 0 ? 0 : table->cell_count / table->column_count;
}

size_t cli_table_bytes(const struct cli_table *table) {
    return table->bytes;
}

const char *cli_table_first(const struct cli_table *table) {
    return table->cell_count > 0 ? table->cells[0].text : NULL;
}

static const struct cell *cell_at(const struct cli_table *table, size_t row, size_t column) {
    return &table->cells[row * table->column_count + column];
}

static void print_json_row(const struct cli_table *table, size_t row) {
    putchar('{');
    for (size_t column = 0; column < table->column_count; column++) {
        const struct cell *cell = cell_at(table, row, column);
        if (column > 0) putchar(',');
        cli_print_json_string(table->columns[column], strlen(table->columns[column]));
        putchar(':');
        if (cell->text == NULL) {
            printf("null");
        } else if (cell->is_raw) {
            printf("%s", cell->text);
        } else {
            cli_print_json_string(cell->text, cell->len);
        }
    }
    putchar('}');
}

static void print_json_rows(const struct cli_table *table) {
    putchar('[');
    for (size_t row = 0; row < cli_table_rows(table); row++) {
        printf("%s\n  ", row > 0 ? "," : "");
        print_json_row(table, row);
    }
    printf("%s]\n", cli_table_rows(table) > 0 ? "\n" : "");
}

/* What a person sees of a cell or heading; lives in `memory` or in the table. */
struct shown {
    const char *text;
    size_t len;
    char memory[64];
};

static bool is_time(const struct cli_table *table, size_t column) {
    const char *name = table->columns[column];
    size_t len = strlen(name);
    return table->shows_times && len > 3 && strcmp(name + len - 3, "_ms") == 0;
}

static void show_heading(const struct cli_table *table, size_t column, struct shown *out) {
    const char *name = table->columns[column];
    *out = (struct shown){.text = name, .len = strlen(name)};
    if (!is_time(table, column)) return;
    out->len = (size_t)snprintf(out->memory, sizeof out->memory, "%.*s_utc", (int)(out->len - 3), name);
    out->text = out->memory;
}

static void show_cell(const struct cli_table *table, size_t row, size_t column, struct shown *out) {
    const struct cell *cell = cell_at(table, row, column);
    *out = (struct shown){.text = cell->text != NULL ? cell->text : "", .len = cell->text != NULL ? cell->len : 0};
    if (!is_time(table, column) || !cell->is_raw || cell->text == NULL) return;
    char *end = NULL;
    long long ms = strtoll(cell->text, &end, 10);
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    if (*end != '\0' || ms < 0 || gmtime_r(&seconds, &utc) == NULL) return;
    /* Zero is "never" in the columns that can hold it. */
    out->text = out->memory;
    out->len = ms == 0 ? 0 : strftime(out->memory, sizeof out->memory, "%Y-%m-%d %H:%M:%S", &utc);
}

static bool is_right(const struct cli_table *table, size_t row, size_t column) {
    return cell_at(table, row, column)->is_raw && !is_time(table, column);
}

static bool is_blank(const struct cli_table *table, size_t row, size_t column) {
    struct shown shown;
    show_cell(table, row, column, &shown);
    return shown.len == 0;
}

static void print_padded(const struct shown *shown, size_t width, bool to_the_right, bool is_last) {
    size_t taken = cli_print_safely(NULL, shown->text, shown->len);
    int padding = width > taken ? (int)(width - taken) : 0;
    if (to_the_right) printf("%*s", padding, "");
    cli_print_safely(stdout, shown->text, shown->len);
    if (!to_the_right && !is_last) printf("%*s", padding, "");
}

static void measure(const struct cli_table *table, size_t *widths) {
    struct shown shown;
    for (size_t column = 0; column < table->column_count; column++) {
        show_heading(table, column, &shown);
        widths[column] = cli_print_safely(NULL, shown.text, shown.len);
        for (size_t row = 0; row < cli_table_rows(table); row++) {
            show_cell(table, row, column, &shown);
            size_t width = cli_print_safely(NULL, shown.text, shown.len);
            if (width > widths[column]) widths[column] = width;
        }
    }
}

static void print_rows(const struct cli *cli, const struct cli_table *table) {
    size_t *widths = cli_must(calloc(table->column_count, sizeof *widths));
    struct shown shown;
    measure(table, widths);
    for (size_t column = 0; column < table->column_count; column++) {
        printf("%s%s", column > 0 ? "  " : "", cli_color(cli, "bold"));
        show_heading(table, column, &shown);
        print_padded(&shown, widths[column], is_right(table, 0, column), column + 1 == table->column_count);
        printf("%s", cli_color(cli, "reset"));
    }
    putchar('\n');
    for (size_t row = 0; row < cli_table_rows(table); row++) {
        size_t end = table->column_count;
        while (end > 0 && is_blank(table, row, end - 1)) end--;
        for (size_t column = 0; column < end; column++) {
            if (column > 0) printf("  ");
            show_cell(table, row, column, &shown);
            print_padded(&shown, widths[column], is_right(table, row, column), column + 1 == end);
        }
        putchar('\n');
    }
    free(widths);
}

void cli_table_print(const struct cli *cli, const struct cli_table *table, const char *when_empty) {
    if (cli->json) {
        print_json_rows(table);
    } else if (cli_table_rows(table) == 0) {
        cli_say(cli, "%s\n", when_empty);
    } else {
        print_rows(cli, table);
    }
}

void cli_table_print_record(const struct cli *cli, const struct cli_table *table) {
    if (cli->json) {
        print_json_row(table, 0);
        return;
    }
    struct shown shown;
    size_t width = 0;
    for (size_t column = 0; column < table->column_count; column++) {
        show_heading(table, column, &shown);
        if (shown.len > width) width = shown.len;
    }
    for (size_t column = 0; column < table->column_count; column++) {
        struct shown value;
        show_cell(table, 0, column, &value);
        if (value.len == 0) continue;
        show_heading(table, column, &shown);
        print_padded(&shown, width + 2, false, false);
        print_padded(&value, 0, false, true);
        putchar('\n');
    }
}

void cli_table_release(struct cli_table *table) {
    if (table == NULL) return;
    for (size_t i = 0; i < table->cell_count; i++) free(table->cells[i].text);
    for (size_t i = 0; i < table->column_count; i++) free(table->columns[i]);
    free(table->columns);
    free(table->cells);
    free(table);
}
