/* Covers output.c, table.c, answer.c. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/test_rig.h"

struct text {
    const char *bytes;
    size_t len;
};

static int print_string(void *arg) {
    const struct text *text = arg;
    cli_print_json_string(text->bytes, text->len);
    return 0;
}

static int print_safely(void *arg) {
    const struct text *text = arg;
    return (int)cli_print_safely(stdout, text->bytes, text->len);
}

static void assert_prints(int (*fn)(void *arg), const char *bytes, size_t len, const char *wanted, int code) {
    struct cli_captured captured;
    struct text text = {bytes, len};
    cli_rig_capture(&captured, fn, &text);
    assert_string_equal(captured.out, wanted);
    assert_int_equal(captured.code, code);
    cli_rig_release(&captured);
}

/* Strings come out as JSON whatever bytes they hold: RFC 8259 section 7, and U+FFFD for what is not UTF-8. */
static void test_json_strings(void **state) {
    (void)state;
    assert_prints(print_string, "a\"b\\c", 5, "\"a\\\"b\\\\c\"", 0);
    assert_prints(print_string, "\n\0\x1f\x7f", 4, "\"\\u000a\\u0000\\u001f\\u007f\"", 0);
    assert_prints(print_string, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
                  0);
    assert_prints(print_string, "\xc2\x9b", 2, "\"\\u009b\"", 0);
    /* A lone byte, a cut-off sequence, an overlong slash, a surrogate, one above U+10FFFF. */
    assert_prints(print_string, "\xff", 1, "\"\xef\xbf\xbd\"", 0);
    assert_prints(print_string, "\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"", 0);
    assert_prints(print_string, "\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"", 0);
    assert_prints(print_string, "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", 0);
    assert_prints(print_string, "\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", 0);
}

/* Text for a terminal can't steer it, and its width is that of what is seen: wide, narrow and combining characters. */
static void test_safe_text(void **state) {
    (void)state;
    assert_prints(print_safely, "\033[2Ja\r\n", 7, "?[2Ja??", 7);
    assert_prints(print_safely,
                  "\xc2\x9b"
                  "2J",
                  4, "?2J", 3);
    assert_prints(print_safely,
                  "a\xe2\x80\xae"
                  "b",
                  5, "a?b", 3);
    assert_prints(print_safely, "\xff\xfe", 2, "??", 2);
    assert_prints(print_safely, "\xc3\xa4", 2, "\xc3\xa4", 1);
    assert_prints(print_safely, "\xe6\x97\xa5", 3, "\xe6\x97\xa5", 2);
    assert_prints(print_safely, "e\xcc\x81", 3, "e\xcc\x81", 1);
}

struct table_case {
    struct cli cli;
    struct cli_table *table;
    bool as_record;
};

static int print_table(void *arg) {
    struct table_case *c = arg;
    if (c->as_record) {
        cli_table_print_record(&c->cli, c->table);
    } else {
        cli_table_print(&c->cli, c->table, "nothing");
    }
    return 0;
}

static void assert_table(struct table_case *c, const char *wanted) {
    struct cli_captured captured;
    cli_rig_capture(&captured, print_table, c);
    assert_string_equal(captured.out, wanted);
    if (c->cli.json) assert_true(cli_json_is_valid(captured.out, captured.out_len));
    cli_rig_release(&captured);
}

static void make_table(struct table_case *c, bool json) {
    static const char *const columns[] = {"name", "count", "at_ms"};
    memset(c, 0, sizeof *c);
    c->cli.json = json;
    c->table = cli_table_make(columns, 3);
}

/* Columns line up for people; times are dates there and numbers for scripts. */
static void test_tables(void **state) {
    (void)state;
    struct table_case c;
    for (int json = 0; json < 2; json++) {
        make_table(&c, json == 1);
        cli_table_show_times(c.table);
        cli_table_add_c(c.table, "\xe6\x97\xa5");
        cli_table_add(c.table, "7", 1, true);
        cli_table_add(c.table, "1795422376631", 13, true);
        cli_table_add_c(c.table, "a\033b\"");
        cli_table_add(c.table, "123456", 6, true);
        cli_table_add(c.table, NULL, 0, false);
        assert_table(&c, json == 0 ? "name   count  at_utc\n"
                                     "\xe6\x97\xa5         7  2026-11-23 08:26:16\n"
                                     "a?b\"  123456\n"
                                   : "[\n  {\"name\":\"\xe6\x97\xa5\",\"count\":7,\"at_ms\":1795422376631},\n"
                                     "  {\"name\":\"a\\u001bb\\\"\",\"count\":123456,\"at_ms\":null}\n]\n");
        cli_table_release(c.table);
    }
}

/* An empty table is a remark for people, an empty list for scripts, and nothing for those who want quiet. */
static void test_empty_tables(void **state) {
    (void)state;
    struct table_case c;
    make_table(&c, false);
    assert_table(&c, "nothing\n");
    c.cli.quiet = true;
    assert_table(&c, "");
    c.cli.json = true;
    assert_table(&c, "[]\n");
    cli_table_release(c.table);
}

/* One row as a record: a line for each column that has something to say; one object for scripts. */
static void test_records(void **state) {
    (void)state;
    struct table_case c;
    make_table(&c, false);
    c.as_record = true;
    cli_table_show_times(c.table);
    cli_table_add_c(c.table, "x");
    cli_table_add(c.table, NULL, 0, true);
    cli_table_add(c.table, "0", 1, true);
    assert_table(&c, "name    x\n");
    c.cli.json = true;
    assert_table(&c, "{\"name\":\"x\",\"count\":null,\"at_ms\":0}");
    cli_table_release(c.table);
}

struct failure {
    bool json;
};

static int fail_with(void *arg) {
    const struct failure *failure = arg;
    struct cli cli = {.json = failure->json};
    cli_say(&cli, "said\n");
    return cli_fail(&cli, EXIT_UNREACHABLE, "CODE", "it %s\033 broke \"here\"", "all");
}

/* Errors go to standard error for people, to standard output as JSON for scripts. */
static void test_failures(void **state) {
    (void)state;
    struct cli_captured captured;
    struct failure failure = {false};
    cli_rig_capture(&captured, fail_with, &failure);
    assert_int_equal(captured.code, 3);
    assert_string_equal(captured.out, "said\n");
    assert_string_equal(captured.err, "hoox: it all? broke \"here\"\n");
    cli_rig_release(&captured);
    failure.json = true;
    cli_rig_capture(&captured, fail_with, &failure);
    assert_string_equal(captured.err, "");
    assert_string_equal(captured.out,
                        "{\"success\":false,\"error\":{\"code\":\"CODE\","
                        "\"message\":\"it all\\u001b broke \\\"here\\\"\"}}\n");
    cli_rig_release(&captured);
}

/* No colours where there is no terminal, whatever TERM says. */
static void test_colours(void **state) {
    (void)state;
    struct cli cli = {.json = false};
    setenv("TERM", "xterm", 1);
    struct cli_captured captured;
    struct failure failure = {false};
    /* Under capture standard output is a file. */
    cli_rig_capture(&captured, fail_with, &failure);
    assert_null(strchr(captured.out, '\033'));
    cli_rig_release(&captured);
    cli.no_color = true;
    assert_string_equal(cli_color(&cli, "red"), "");
    cli.no_color = false;
    setenv("NO_COLOR", "1", 1);
    assert_string_equal(cli_color(&cli, "red"), "");
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    assert_string_equal(cli_color(&cli, "red"), "");
}

/* Members of answers, one and two levels deep, of every type; nonsense is absence, not a crash. */
static void test_answer_members(void **state) {
    (void)state;
    static const char json[] = "{\"a\":\"x\\u0041\",\"n\":1.50,\"b\":true,\"z\":null,\"o\":{\"i\":\"y\"},\"l\":[]}";
    static const struct {
        const char *name, *inner, *wanted;
    } cases[] = {{"a", NULL, "xA"}, {"n", NULL, "1.50"}, {"b", NULL, "true"}, {"z", NULL, NULL},
                 {"o", "i", "y"},   {"o", NULL, NULL},   {"l", "i", NULL},    {"a", "i", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = cli_json_text(json, sizeof json - 1, cases[i].name, cases[i].inner);
        if (cases[i].wanted == NULL) {
            assert_null(text);
        } else {
            assert_non_null(text);
            assert_string_equal(text, cases[i].wanted);
        }
        free(text);
    }
    assert_null(cli_json_text("<html>", 6, "a", NULL));
    assert_null(cli_json_text("", 0, "a", NULL));
    assert_true(cli_json_is_valid("[1]", 3));
    assert_false(cli_json_is_valid("[1]x", 4));
}

struct answered {
    struct cli cli;
    struct cli_answer answer;
};

static int print_rows(void *arg) {
    static const char *const members[] = {"n", "t"};
    static const char *const columns[] = {"name", "t_ms"};
    struct answered *a = arg;
    return cli_print_answer_rows(&a->cli, &a->answer, "list", members, columns, 2, "none");
}

static int print_problem(void *arg) {
    struct answered *a = arg;
    cli_print_answer_error(&a->answer);
    return cli_exit_code(a->answer.status);
}

static void answer(struct answered *a, int status, char *body, bool json) {
    memset(a, 0, sizeof *a);
    a->cli.json = json;
    a->answer = (struct cli_answer){status, body, strlen(body)};
}

static void test_answer_rows(void **state) {
    (void)state;
    struct cli_captured captured;
    struct answered a;
    char rows[] = "{\"list\":[{\"n\":\"k\",\"t\":0},{\"t\":1000}]}", other[] = "{\"list\":7}";
    answer(&a, 200, rows, true);
    cli_rig_capture(&captured, print_rows, &a);
    assert_string_equal(captured.out, "[\n  {\"name\":\"k\",\"t_ms\":0},\n  {\"name\":null,\"t_ms\":1000}\n]\n");
    cli_rig_release(&captured);
    answer(&a, 200, other, false);
    cli_rig_capture(&captured, print_rows, &a);
    assert_int_equal(captured.code, EXIT_FAILED);
    cli_rig_release(&captured);
}

/* The reply's details are listed; the exit code tells wrong from refused from unreachable. */
static void test_answer_errors(void **state) {
    (void)state;
    struct cli_captured captured;
    struct answered a;
    char refused[] =
        "{\"error\":{\"code\":\"VALIDATION_ERROR\",\"message\":\"not valid\",\"details\":"
        "[{\"field\":\"quantity\",\"issue\":\"must be a number\"},{\"field\":7},3]}}";
    char once[] =
        "{\"error\":{\"code\":\"VALIDATION_ERROR\",\"message\":\"quantity: is too small\",\"details\":"
        "[{\"field\":\"quantity\",\"issue\":\"is too small\"}]}}";
    char strange[] = "\033oops";
    answer(&a, 400, refused, false);
    cli_rig_capture(&captured, print_problem, &a);
    assert_int_equal(captured.code, EXIT_USAGE);
    assert_string_equal(captured.err, "hoox: not valid (VALIDATION_ERROR)\n  quantity: must be a number\n");
    cli_rig_release(&captured);
    answer(&a, 400, once, false);
    cli_rig_capture(&captured, print_problem, &a);
    assert_string_equal(captured.err, "hoox: quantity: is too small (VALIDATION_ERROR)\n");
    cli_rig_release(&captured);
    answer(&a, 503, strange, false);
    cli_rig_capture(&captured, print_problem, &a);
    assert_int_equal(captured.code, EXIT_UNREACHABLE);
    assert_string_equal(captured.err, "hoox: the answer was status 503: ?oops\n");
    cli_rig_release(&captured);
    assert_int_equal(cli_exit_code(202), EXIT_OK);
    assert_int_equal(cli_exit_code(422), EXIT_FAILED);
    assert_int_equal(cli_exit_code(424), EXIT_UNREACHABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_strings),  cmocka_unit_test(test_safe_text),      cmocka_unit_test(test_tables),
        cmocka_unit_test(test_empty_tables),  cmocka_unit_test(test_records),        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_colours),       cmocka_unit_test(test_answer_members), cmocka_unit_test(test_answer_rows),
        cmocka_unit_test(test_answer_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
