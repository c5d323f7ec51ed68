/* Covers args.c, words.c, commands.c, completion.c. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/test_rig.h"

#define ARGV_MAX 16

static struct cli cli;

/* Parses words up to NULL; the exit code. */
static int parse(const char *first, ...) {
    static char program[] = "hoox";
    static char copies[ARGV_MAX][128];
    char *argv[ARGV_MAX] = {program};
    int argc = 1;
    va_list args;
    va_start(args, first);
    for (const char *word = first; word != NULL && argc < ARGV_MAX; word = va_arg(args, const char *)) {
        snprintf(copies[argc], sizeof copies[argc], "%s", word);
        argv[argc] = copies[argc];
        argc++;
    }
    va_end(args);
    return cli_parse(&cli, argc, argv);
}

static void assert_says(const char *line, int code, const char *stream_text, bool on_out) {
    struct cli_captured captured;
    cli_rig_run(&captured, line);
    const char *text = on_out ? captured.out : captured.err;
    if (captured.code != code || strstr(text, stream_text) == NULL) {
        fail_msg("`hoox %s`: code %d, out '%s', err '%s'; wanted %d and '%s'", line, captured.code, captured.out,
                 captured.err, code, stream_text);
    }
    cli_rig_release(&captured);
}

/* Global options mean the same wherever they stand: before, between, behind the command's words. */
static void test_globals_anywhere(void **state) {
    (void)state;
    assert_int_equal(parse("--json", "queue", "list", NULL), 0);
    assert_true(cli.json);
    assert_int_equal(parse("queue", "--json", "-y", "list", "--data", "/d", NULL), 0);
    assert_string_equal(cli.command->words, "queue list");
    assert_true(cli.json && cli.yes);
    assert_string_equal(cli.data_dir, "/d");
    assert_int_equal(parse("config", "--quiet", "kv", "--data=/e", "get", "k", "--no-color", "--yes", NULL), 0);
    assert_string_equal(cli.command->words, "config kv get");
    assert_true(cli.quiet && cli.no_color && cli.yes && !cli.json);
    assert_string_equal(cli.arguments[0], "k");
    assert_string_equal(cli.data_dir, "/e");
}

/* --name value and --name=value are one; a later one wins; what looks like a number is no option. */
static void test_options_and_arguments(void **state) {
    (void)state;
    assert_int_equal(parse("trade", "LONG", "BTCUSDT", "-0.5", "--price=-1", "--price", "-2", "--reduce-only", NULL),
                     0);
    assert_int_equal(cli.argument_count, 3);
    assert_string_equal(cli.arguments[2], "-0.5");
    assert_string_equal(cli_find_option(&cli, "price"), "-2");
    assert_true(cli_has_option(&cli, "reduce-only"));
    assert_null(cli_find_option(&cli, "leverage"));
    assert_int_equal(parse("trade", "SHORT", "X", "-.5", "--key=a=b", NULL), 0);
    assert_string_equal(cli.arguments[2], "-.5");
    assert_string_equal(cli_find_option(&cli, "key"), "a=b");
    assert_int_equal(parse("db", "query", "--", "--json", NULL), 0);
    assert_string_equal(cli.arguments[0], "--json");
    assert_false(cli.json);
}

/* The data directory: option, then HOOX_DATA, then XDG_DATA_HOME, then HOME. */
static void test_data_directory(void **state) {
    (void)state;
    setenv("HOME", "/h", 1);
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOOX_DATA");
    assert_int_equal(parse("positions", NULL), 0);
    assert_string_equal(cli.data_dir, "/h/.local/share/hoox");
    setenv("XDG_DATA_HOME", "relative", 1);
    assert_int_equal(parse("positions", NULL), 0);
    assert_string_equal(cli.data_dir, "/h/.local/share/hoox");
    setenv("XDG_DATA_HOME", "/x", 1);
    assert_int_equal(parse("positions", NULL), 0);
    assert_string_equal(cli.data_dir, "/x/hoox");
    setenv("HOOX_DATA", "/y", 1);
    assert_int_equal(parse("positions", NULL), 0);
    assert_string_equal(cli.data_dir, "/y");
    assert_int_equal(parse("positions", "--data", "/z", NULL), 0);
    assert_string_equal(cli.data_dir, "/z");
    unsetenv("HOOX_DATA");
    unsetenv("XDG_DATA_HOME");
}

/* Every way of writing a command wrongly ends with code 2 and a sentence that helps. */
static void test_wrong_usage(void **state) {
    (void)state;
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"tarde", "did you mean 'trade'?"},
        {"queue lst", "did you mean 'queue list'?"},
        {"config kv gett k", "did you mean 'config kv get'?"},
        {"kill-switch on", "did you mean 'monitor kill-switch'?"},
        {"frobnicate", "`hoox help` lists them"},
        {"keys create tv", "no command 'keys create'; after 'keys' comes one of: generate, list, revoke, rotate"},
        {"config list", "did you mean 'config kv list'?"},
        {"infra d1 frobnicate", "after 'infra d1' comes one of: list, create, delete"},
        {"keys generate env", "HOOX_WEBHOOK_KEY"},
        {"keys revoke env", "unset that and restart hoox"},
        {"keys rotate env", "HOOX_WEBHOOK_KEY"},
        {"signals list --symbol B", "'B' is no symbol; write it as in BTCUSDT"},
        {"serve --papr", "did you mean --paper?"},
        {"positions --jsno", "did you mean --json?"},
        {"positions --frobnicate", "no option --frobnicate here"},
        {"--paper serve", "no option --paper here"},
        {"positions -x", "no option -x here"},
        {"serve --listen", "--listen needs ADDRESS"},
        {"serve --listen --paper", "--listen needs ADDRESS"},
        {"serve --paper=yes", "--paper takes no value"},
        {"positions --data=", "--data needs a directory"},
        {"signals show", "usage: hoox signals show ID"},
        {"positions now", "too many arguments"},
        {"queue", "'queue' needs a command after it"},
        {"config kv", "'config kv' needs a command after it"},
        {"signals list 0", "from 1 to 1000"},
        {"signals list 1e2", "from 1 to 1000"},
        {"signals list 99999999999999999999", "from 1 to 1000"},
        {"monitor kill-switch up", "say show, on (reduce), off or halt"},
        {"completion tcsh", "say bash, zsh or fish"},
        {"keys generate UPPER", "a-z 0-9 -"},
        {"keys rotate a --overlap 1h", "from 0 to 2592000"},
        {"config kv set trade:kill_swich on", "did you mean 'trade:kill_switch'?"},
        {"queue retry ../../etc", "is no signal id"},
        {"help frobnicate", "no command 'frobnicate'"},
        {"a b c d e f g h i j k", "no command 'a'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) assert_says(cases[i].line, 2, cases[i].says, false);
}

/* With --json, wherever it stands, the same is one JSON document on standard output, and nothing elsewhere. */
static void test_wrong_usage_in_json(void **state) {
    (void)state;
    static const char *const lines[] = {"tarde --json", "--json queue", "queue --json lst", "serve --papr --json"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct cli_captured captured;
        cli_rig_run(&captured, lines[i]);
        assert_int_equal(captured.code, 2);
        assert_string_equal(captured.err, "");
        assert_true(cli_json_is_valid(captured.out, captured.out_len));
        char *code = cli_json_text(captured.out, captured.out_len, "error", "code");
        assert_string_equal(code, "USAGE");
        free(code);
        cli_rig_release(&captured);
    }
}

/* Help and version go to standard output with code 0, for all, for a group, for a command. */
static void test_help_and_version(void **state) {
    (void)state;
    assert_says("", 0, "Exit codes", true);
    assert_says("help", 0, "perf fastpath run", true);
    assert_says("--help", 0, "perf fastpath run", true);
    assert_says("queue --help", 0, "queue retry ID", true);
    assert_says("help queue", 0, "queue retry ID", true);
    assert_says("help config kv set", 0, "hoox config kv set KEY VALUE", true);
    assert_says("trade -h", 0, "--stop-loss PRICE", true);
    assert_says("queue retry --help", 0, "hoox queue retry ID", true);
    assert_says("--version", 0, "hoox 0.", true);
    assert_says("serve --version", 0, "hoox 0.", true);
    assert_says("version --json", 0, "{\"version\":\"0.", true);
    /* A command that is the beginning of others. */
    assert_says("deploy --help", 0, "--dry-run", true);
    assert_says("deploy history --help", 0, "what was deployed when", true);
    assert_says("deploy hstory", 2, "did you mean 'deploy history'?", false);
    assert_says("deploy history now", 2, "too many arguments", false);
}

/* Up to two letters wrong, never all of a short word. */
static void test_nearest(void **state) {
    (void)state;
    static const char *const words[] = {"db", "trade", "queue", "quiet"};
    assert_string_equal(cli_nearest("trdae", words, 4), "trade");
    assert_string_equal(cli_nearest("queu", words, 4), "queue");
    assert_string_equal(cli_nearest("tradesss", words, 4) != NULL ? "near" : "far", "far");
    assert_null(cli_nearest("xy", words, 4));
    assert_null(cli_nearest("", words, 4));
    assert_string_equal(cli_nearest("d", words, 1) != NULL ? "near" : "far", "far");
    assert_string_equal(cli_nearest("dx", words, 1), "db");
    char long_word[200];
    memset(long_word, 'a', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    assert_null(cli_nearest(long_word, words, 4));
}

static int complete_line(void *arg) {
    char *words[ARGV_MAX];
    int count = 0;
    char *save = NULL;
    for (char *word = strtok_r(arg, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save)) {
        words[count++] = strcmp(word, ".") == 0 ? word + 1 : word;
    }
    return cli_complete(count, words);
}

/* Words are given with commas between them; "." is the empty word. */
static void assert_completes(const char *words, const char *wanted) {
    struct cli_captured captured;
    char copy[128];
    snprintf(copy, sizeof copy, "%s", words);
    cli_rig_capture(&captured, complete_line, copy);
    assert_int_equal(captured.code, 0);
    if (strcmp(captured.out, wanted) != 0) fail_msg("%s completes to '%s', not '%s'", words, captured.out, wanted);
    cli_rig_release(&captured);
}

/* What the shells are offered: the next word of the command, its choices, its options, nothing for free text. */
static void test_completion(void **state) {
    (void)state;
    assert_completes("qu", "queue\n");
    assert_completes("queue,.", "list\nshow\nretry\ndrop\nresolve\n");
    assert_completes("--json,queue,re", "retry\nresolve\n");
    assert_completes("--data,/x,queue,ret", "retry\n");
    assert_completes("--data,.", "");
    assert_completes("config,.", "kv\n");
    assert_completes("monitor,kill-switch,h", "halt\n");
    assert_completes("completion,.", "bash\nzsh\nfish\n");
    assert_completes("trade,CLOSE_", "CLOSE_LONG\nCLOSE_SHORT\n");
    assert_completes("trade,LONG,.", "");
    assert_completes("config,kv,get,trade:k", "trade:kill_switch\n");
    assert_completes("serve,--tls", "--tls-cert\n--tls-key\n");
    assert_completes("serve,--q", "--quiet\n");
    assert_completes("serve,--listen,.", "");
    assert_completes("nonsense,.", "");
    assert_completes("a,b,c,d,e,f,.", "");
    assert_completes("deploy,.", "history\nrollback\n");
    assert_completes("deploy,history,.", "");
    assert_completes("deploy,rollback,--n", "--name\n--no-color\n");
    assert_completes("infra,r2,.", "list\ncreate\ndelete\n");
    assert_completes("venue,request,b", "binance\nbybit\n");
    assert_completes("venue,parse,mexc,.", "futures\nspot\n");
    assert_completes("venue,parse,mexc,spot,stop", "stop\nstopQuery\nstopHistory\nstopCancel\n");
}

/* Every command can be reached by its own words, takes no more arguments than there is room for, and has a help. */
static void test_table_of_commands(void **state) {
    (void)state;
    for (const struct cli_command *c = cli_commands; c->words != NULL; c++) {
        const char *words[CLI_WORDS_MAX + 1];
        char copy[CLI_WORDS_MAX * CLI_WORD_SIZE], *save = NULL;
        int count = 0, options = 0;
        bool is_group = false;
        snprintf(copy, sizeof copy, "%s", c->words);
        for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
            assert_true(count < CLI_WORDS_MAX && strlen(word) < CLI_WORD_SIZE);
            words[count++] = word;
        }
        assert_ptr_equal(cli_match(words, count, &is_group), c);
        assert_true(c->arguments_max <= CLI_ARGUMENTS_MAX && c->arguments_min <= c->arguments_max);
        assert_true(c->help[0] != '\0' && c->run != NULL);
        for (const struct cli_option *o = c->options; o != NULL && o->name != NULL; o++) {
            assert_null(cli_option_in(cli_global_options, o->name, strlen(o->name)));
            options++;
        }
        assert_true(options <= CLI_OPTIONS_MAX);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_globals_anywhere),
        cmocka_unit_test(test_options_and_arguments),
        cmocka_unit_test(test_data_directory),
        cmocka_unit_test(test_wrong_usage),
        cmocka_unit_test(test_wrong_usage_in_json),
        cmocka_unit_test(test_help_and_version),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_completion),
        cmocka_unit_test(test_table_of_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
