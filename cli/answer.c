/* Reading the core's JSON answers, with the core's own parser. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/base/json.h"

#define ARENA_SIZE ((size_t)8 * 1024 * 1024)

/* Parses into fresh memory that the caller frees. NULL when it is not JSON. */
static const struct hx_json *parse(const char *json, size_t len, void **memory) {
    struct hx_arena arena;
    const struct hx_json *root = NULL;
    *memory = cli_must(malloc(ARENA_SIZE));
    hx_arena_init(&arena, *memory, ARENA_SIZE);
    return hx_ok(hx_json_parse(&arena, hx_str_make(json, len), &root, NULL)) ? root : NULL;
}

bool cli_json_is_valid(const char *json, size_t len) {
    void *memory = NULL;
    bool valid = parse(json, len, &memory) != NULL;
    free(memory);
    return valid;
}

char *cli_json_text(const char *json, size_t len, const char *name, const char *inner) {
    void *memory = NULL;
    char *text = NULL;
    const struct hx_json *node = hx_json_find(parse(json, len, &memory), hx_str_from_c(name));
    if (inner != NULL) node = hx_json_find(node, hx_str_from_c(inner));
    if (node != NULL && (node->type == HX_JSON_STRING || node->type == HX_JSON_NUMBER)) {
        text = cli_must(malloc(node->text.len + 1));
        if (node->text.len > 0) memcpy(text, node->text.data, node->text.len);
        text[node->text.len] = '\0';
    } else if (node != NULL && node->type == HX_JSON_BOOL) {
        text = cli_must(strdup(node->boolean ? "true" : "false"));
    }
    free(memory);
    return text;
}

static void add_member(struct cli_table *table, const struct hx_json *row, const char *member) {
    const struct hx_json *cell = hx_json_find(row, hx_str_from_c(member));
    if (cell == NULL || cell->type == HX_JSON_NULL) {
        cli_table_add(table, NULL, 0, false);
    } else if (cell->type == HX_JSON_BOOL) {
        const char *word = cell->boolean ? "true" : "false";
        cli_table_add(table, word, strlen(word), true);
    } else {
        cli_table_add(table, cell->text.data != NULL ? cell->text.data : "", cell->text.len,
                      cell->type == HX_JSON_NUMBER);
    }
}

int cli_print_answer_rows(const struct cli *cli, const struct cli_answer *answer, const char *name,
                          const char *const *members, const char *const *columns, size_t column_count,
                          const char *when_empty) {
    void *memory = NULL;
    const struct hx_json *list = hx_json_find(parse(answer->body, answer->body_len, &memory), hx_str_from_c(name));
    if (list == NULL || list->type != HX_JSON_ARRAY) {
        free(memory);
        return cli_fail(cli, EXIT_FAILED, "BAD_ANSWER", "the server's answer can't be read");
    }
    struct cli_table *table = cli_table_make(columns, column_count);
    for (const struct hx_json *row = hx_json_first(list); row != NULL; row = hx_json_next(list, row)) {
        for (size_t i = 0; i < column_count; i++) add_member(table, row, members[i]);
    }
    cli_table_show_times(table);
    cli_table_print(cli, table, when_empty);
    cli_table_release(table);
    free(memory);
    return EXIT_OK;
}

static void print_text(FILE *out, hx_str text) {
    cli_print_safely(out, text.data, text.len);
}

void cli_print_answer_error(const struct cli_answer *answer) {
    void *memory = NULL;
    const struct hx_json *error = hx_json_find(parse(answer->body, answer->body_len, &memory), HX_STR("error"));
    hx_str message = HX_STR_EMPTY, code = HX_STR_EMPTY;
    fprintf(stderr, "hoox: ");
    if (hx_ok(hx_json_get_str(error, HX_STR("message"), &message))) {
        print_text(stderr, message);
        if (hx_ok(hx_json_get_str(error, HX_STR("code"), &code))) {
            fprintf(stderr, " (");
            print_text(stderr, code);
            fprintf(stderr, ")");
        }
    } else {
        fprintf(stderr, "the answer was status %d: ", answer->status);
        print_text(stderr, hx_str_make(answer->body, answer->body_len));
    }
    fputc('\n', stderr);
    const struct hx_json *details = hx_json_find(error, HX_STR("details"));
    bool is_list = details != NULL && details->type == HX_JSON_ARRAY;
    for (const struct hx_json *d = is_list ? hx_json_first(details) : NULL; d != NULL; d = hx_json_next(details, d)) {
        hx_str field = HX_STR_EMPTY, issue = HX_STR_EMPTY;
        if (hx_failed(hx_json_get_str(d, HX_STR("field"), &field)) ||
            hx_failed(hx_json_get_str(d, HX_STR("issue"), &issue))) {
            continue;
        }
        if (hx_str_ends_with(message, issue)) continue; /* Said already. */
        fprintf(stderr, "  ");
        print_text(stderr, field);
        fprintf(stderr, ": ");
        print_text(stderr, issue);
        fputc('\n', stderr);
    }
    free(memory);
}

int cli_exit_code(int status) {
    if (status >= 200 && status < 300) return EXIT_OK;
    if (status == 400) return EXIT_USAGE;
    /* The venue, or the server itself, was out of reach. */
    return status == 424 || status == 503 ? EXIT_UNREACHABLE : EXIT_FAILED;
}
