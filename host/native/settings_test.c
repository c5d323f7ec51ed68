/* Goal: settings come from the right place, secrets are used and never shown, log lines are JSON without them.
 * Covers settings.c, secrets.c and log.c. Method: a directory with a hoox.env of each kind; known answers of FIPS 180-4
 * and RFC 4231; a log written into a pipe. */
#define _GNU_SOURCE

#include "host/native/settings.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/native/log.h"

struct rig {
    char directory[40];
    struct hx_settings settings;
    struct hx_secrets *secrets;
    char problem[256];
};

static int set_up(void **state) {
    struct rig *rig = calloc(1, sizeof(*rig));
    (void)snprintf(rig->directory, sizeof(rig->directory), "/tmp/hoox-settings-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    rig->secrets = hx_secrets_make();
    assert_non_null(rig->secrets);
    *state = rig;
    return 0;
}

static void write_file(const struct rig *rig, const char *name, const char *text, mode_t mode) {
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/%s", rig->directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    (void)close(fd);
}

static int tear_down(void **state) {
    struct rig *rig = *state;
    const char *names[] = {"hoox.env", "HOOX_FROM_FILE", "BINANCE_API_SECRET"};
    for (size_t i = 0; i < 3; i++) {
        char path[96];
        (void)snprintf(path, sizeof(path), "%s/%s", rig->directory, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(rig->directory);
    hx_settings_release(&rig->settings);
    hx_secrets_release(rig->secrets);
    free(rig);
    return 0;
}

static hx_err load(struct rig *rig) {
    return hx_settings_load(&rig->settings, rig->secrets, rig->directory, rig->problem, sizeof(rig->problem));
}

static void assert_setting(const struct rig *rig, const char *name, const char *expected) {
    hx_str value = HX_STR_EMPTY;
    bool found = hx_settings_find(&rig->settings, name, &value);
    assert_int_equal(found, expected != NULL);
    if (expected != NULL) assert_true(hx_str_equal(value, hx_str_from_c(expected)));
}

static void environment_over_credentials_over_file(void **state) {
    struct rig *rig = *state;
    write_file(rig, "hoox.env",
               "# comment\n\nHOOX_ONE = file \nHOOX_TWO=file\nHOOX_THREE=\"quoted # not a comment\"\nHOOX_FOUR=''\n"
               "HOOX_FROM_FILE=file\nBINANCE_API_KEY=identifier\nBINANCE_API_SECRET=from the file\n",
               0600);
    write_file(rig, "HOOX_FROM_FILE", "credential\n", 0400);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", rig->directory, 1), 0);
    assert_int_equal(setenv("HOOX_TWO", "environment", 1), 0);
    assert_int_equal(setenv("OTHER_THING", "not ours", 1), 0);
    assert_true(hx_ok(load(rig)));
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_int_equal(unsetenv("HOOX_TWO"), 0);
    assert_setting(rig, "HOOX_ONE", "file");
    assert_setting(rig, "HOOX_TWO", "environment");
    assert_setting(rig, "HOOX_THREE", "quoted # not a comment");
    assert_setting(rig, "HOOX_FOUR", "");
    assert_setting(rig, "HOOX_FROM_FILE", "credential");
    assert_setting(rig, "BINANCE_API_KEY", "identifier");
    assert_setting(rig, "BINANCE_API_SECRET", NULL);
    assert_setting(rig, "OTHER_THING", NULL);
    assert_true(hx_secrets_has(rig->secrets, HX_STR("BINANCE_API_SECRET")));
}

/* The very memory that /proc/PID/environ shows must not keep what was a secret. */
static void secrets_leave_the_environment(void **state) {
    struct rig *rig = *state;
    char entry[] = "HOOX_WEBHOOK_KEY=abc";
    assert_int_equal(putenv(entry), 0);
    assert_true(hx_ok(load(rig)));
    assert_setting(rig, "HOOX_WEBHOOK_KEY", NULL);
    assert_string_equal(entry, "HOOX_WEBHOOK_KEY=");
    char hex[64];
    assert_true(hx_secrets_digest(rig->secrets, HX_STR("HOOX_WEBHOOK_KEY"), hex));
    assert_memory_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 64);
    assert_int_equal(unsetenv("HOOX_WEBHOOK_KEY"), 0);
}

static void bad_files_are_refused(void **state) {
    struct rig *rig = *state;
    write_file(rig, "hoox.env", "HOOX_ONE=1\n", 0640);
    assert_int_equal(load(rig).code, HX_ERR(BROKEN_CONFIG).code);
    assert_non_null(strstr(rig->problem, "chmod 600"));
    const char *lines[] = {"novalue\n", "lower=1\n", "HOOX_A='open\n", "=x\n", "1A=x\n"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "HOOX_OK=1\n%s", lines[i]);
        write_file(rig, "hoox.env", text, 0600);
        assert_int_equal(load(rig).code, HX_ERR(BROKEN_CONFIG).code);
        assert_non_null(strstr(rig->problem, "hoox.env:2"));
    }
}

/* What every editor and shell may leave behind is told by what it is. */
static void a_line_that_is_wrong_says_why(void **state) {
    struct rig *rig = *state;
    static const struct {
        const char *line, *said;
    } rows[] = {{"\xef\xbb\xbfHOOX_A=1", "byte order mark"},
                {"export HOOX_A=1", "'export'"},
                {"HOOX_A=\"open", "quote"},
                {"HOOX_A=open'", NULL},
                {"hoox_a=1", "capital letters"},
                {"HOOX A=1", "capital letters"},
                {"some words", "'#' before a comment"},
                {"# some words", NULL}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_file(rig, "hoox.env", rows[i].line, 0600);
        hx_err err = load(rig);
        assert_int_equal(hx_ok(err), rows[i].said == NULL);
        if (rows[i].said == NULL) continue;
        assert_non_null(strstr(rig->problem, "hoox.env:1: this line "));
        if (strstr(rig->problem, rows[i].said) == NULL) fail_msg("%s: %s", rows[i].line, rig->problem);
        assert_null(strstr(rig->problem, "=1"));
    }
}

/* Neither is taken for not set. */
static void what_is_too_long_is_refused(void **state) {
    struct rig *rig = *state;
    static char text[HX_SETTING_LEN_MAX + 64];
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text, "HOOX_A=", 7);
    write_file(rig, "hoox.env", text, 0600);
    assert_true(hx_failed(load(rig)));
    assert_non_null(strstr(rig->problem, "too long"));
    write_file(rig, "hoox.env", "", 0600);
    text[HX_SECRET_LEN_MAX + 1] = '\0';
    assert_int_equal(setenv("HOOX_WEBHOOK_KEY", text, 1), 0);
    assert_true(hx_failed(load(rig)));
    assert_int_equal(unsetenv("HOOX_WEBHOOK_KEY"), 0);
    assert_non_null(strstr(rig->problem, "HOOX_WEBHOOK_KEY in the environment"));
    assert_null(strstr(rig->problem, "xxx"));
}

static void readers_know_the_defaults(void **state) {
    struct rig *rig = *state;
    write_file(rig, "hoox.env",
               "HOOX_REQUESTS_MAX=12\nHOOX_CONNECTIONS_MAX=twelve\nHOOX_PAPER_SEED=\nHOOX_LOG_LEVEL=WARN\n"
               "HOOX_REFUSE_WITHDRAW_KEYS=enabled\nHOOX_STARTUP_CHECKS=No\n",
               0600);
    assert_true(hx_ok(load(rig)));
    assert_int_equal(hx_settings_read_whole(&rig->settings, HX_SETTING_REQUESTS_MAX), 12);
    assert_int_equal(hx_settings_read_whole(&rig->settings, HX_SETTING_CONNECTIONS_MAX), 4096);
    assert_int_equal(hx_settings_read_whole(&rig->settings, HX_SETTING_CONNECTIONS_PER_PEER_MAX), 256);
    assert_int_equal(hx_settings_read_whole(&rig->settings, HX_SETTING_PAPER_SEED), 1);
    assert_int_equal(hx_log_parse_level(hx_settings_read(&rig->settings, HX_SETTING_LOG_LEVEL)), HX_LOG_WARN);
    assert_true(hx_settings_is_on(&rig->settings, HX_SETTING_REFUSE_WITHDRAW_KEYS));
    assert_false(hx_settings_is_on(&rig->settings, HX_SETTING_STARTUP_CHECKS));
    assert_true(hx_settings_is_on(&rig->settings, HX_SETTING_STREAMS));
}

static void note_found(void *arg, hx_str name, const struct hx_setting_info *wrong) {
    char *text = arg;
    size_t len = strlen(text);
    (void)snprintf(text + len, 512 - len, "%s%.*s ", wrong == NULL ? "?" : "", (int)name.len, name.data);
}

/* Secrets among them, which nobody but the secrets may read; an empty one is as good as none. */
static void all_that_is_wrong_is_found(void **state) {
    struct rig *rig = *state;
    char found[512] = "";
    write_file(rig, "hoox.env",
               "HOOX_STREAMS=maybe\nHOOX_LISTEN=\nHOOX_WEBHOOK_KEY=not one\nHOOX_OPERATOR_TOKEN=\n"
               "HOOX_TARGET_MISMACH=refuse\nHOOX_WEBHOK_KEY=hxk_abcdefghijklmnop\nHOOX_CA_FILE=/nowhere/at/all\n"
               "BINANCE_API_SECRET=with a space\nHOOX_MARGIN_MODE=Keep\nHOOX_BYBIT_URL=foo\nOTHER=1\n",
               0600);
    assert_true(hx_ok(load(rig)));
    hx_settings_check(&rig->settings, rig->secrets, note_found, found);
    assert_string_equal(found,
                        "HOOX_STREAMS HOOX_LISTEN ?HOOX_TARGET_MISMACH HOOX_CA_FILE HOOX_BYBIT_URL HOOX_WEBHOOK_KEY "
                        "?HOOX_WEBHOK_KEY BINANCE_API_SECRET ");
}

static void an_empty_secret_is_none(void **state) {
    struct rig *rig = *state;
    char hex[64];
    assert_true(hx_secrets_put(rig->secrets, HX_STR("A_SECRET"), HX_STR("something")));
    assert_true(hx_secrets_put(rig->secrets, HX_STR("A_SECRET"), HX_STR_EMPTY));
    assert_false(hx_secrets_has(rig->secrets, HX_STR("A_SECRET")));
    assert_false(hx_secrets_digest(rig->secrets, HX_STR("A_SECRET"), hex));
    assert_false(hx_secrets_sign(rig->secrets, HX_STR("A_SECRET"), HX_STR("x"), hex));
    assert_true(hx_secrets_put(rig->secrets, HX_STR("A_SECRET"), HX_STR("again")));
    assert_true(hx_secrets_has(rig->secrets, HX_STR("A_SECRET")));
}

/* RFC 4231, cases 1, 2 and 6 (a key longer than a block), twice each: the keyed state must not wear out. */
static void signatures(void **state) {
    struct rig *rig = *state;
    char long_key[131];
    memset(long_key, 0xaa, sizeof(long_key));
    const struct {
        hx_str key;
        hx_str text;
        const char *hex;
    } table[] = {
        {HX_STR("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"), HX_STR("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {HX_STR("Jefe"), HX_STR("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {hx_str_make(long_key, sizeof(long_key)), HX_STR("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    char hex[64];
    for (size_t i = 0; i < 6; i++) {
        size_t row = i / 2;
        if (i % 2 == 0) assert_true(hx_secrets_put(rig->secrets, HX_STR("A_SECRET"), table[row].key));
        assert_true(hx_secrets_sign(rig->secrets, HX_STR("A_SECRET"), table[row].text, hex));
        assert_memory_equal(hex, table[row].hex, 64);
    }
    assert_false(hx_secrets_sign(rig->secrets, HX_STR("B_SECRET"), HX_STR("x"), hex));
}

static void names_of_secrets(void **state) {
    (void)state;
    const char *secret[] = {"BINANCE_API_SECRET", "HOOX_TELEGRAM_TOKEN", "HOOX_WEBHOOK_KEY",
                            "OPENAI_API_KEY",     "HOOX_DB_PASSWORD",    "MEXC_PASSPHRASE"};
    const char *open[] = {"BINANCE_API_KEY",         "BYBIT_API_KEY", "HOOX_LISTEN",      "HOOX_TOKENS",
                          "BINANCE_TESTNET_API_KEY", "MEXC_API_KEY",  "HOOX_SECRETS_DIR", "BYBIT_TESTNET_API_KEY"};
    for (size_t i = 0; i < 6; i++) assert_true(hx_secrets_is_name(hx_str_from_c(secret[i])));
    for (size_t i = 0; i < 8; i++) assert_false(hx_secrets_is_name(hx_str_from_c(open[i])));
}

static void log_line(struct rig *rig, enum hx_log_level level, const char *message, const char *detail, char *out,
                     size_t size) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct hx_log log = {ends[1], HX_LOG_INFO, rig->secrets};
    hx_log_write(&log, level, HX_STR("id-1"), hx_str_from_c(message), hx_str_from_c(detail));
    (void)close(ends[1]);
    ssize_t len = read(ends[0], out, size - 1);
    out[len > 0 ? len : 0] = '\0';
    (void)close(ends[0]);
}

static void log_lines_are_json_without_secrets(void **state) {
    struct rig *rig = *state;
    char line[8192];
    assert_true(hx_secrets_put(rig->secrets, HX_STR("A_SECRET"), HX_STR("hunter2hunter2")));
    log_line(rig, HX_LOG_WARN, "say \"hunter2hunter2\"", "a\nb hunter2hunter2hunter2", line, sizeof(line));
    assert_null(strstr(line, "hunter2hunter2"));
    assert_non_null(
        strstr(line, "\"level\":\"warn\",\"requestId\":\"id-1\",\"message\":\"say \\\"**************\\\"\""));
    assert_non_null(strstr(line, "\"detail\":\"a\\nb "));
    assert_int_equal(line[strlen(line) - 1], '\n');
    log_line(rig, HX_LOG_DEBUG, "dropped", "", line, sizeof(line));
    assert_string_equal(line, "");
    /* A secret that stands across the cut must not show its first half. */
    char detail[1200];
    memset(detail, 'x', sizeof(detail));
    memcpy(detail + 1017, "hunter2hunter2", 14);
    detail[sizeof(detail) - 1] = '\0';
    log_line(rig, HX_LOG_INFO, "long", detail, line, sizeof(line));
    assert_null(strstr(line, "hunter"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(environment_over_credentials_over_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(secrets_leave_the_environment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_that_is_wrong_says_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_too_long_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(readers_know_the_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_that_is_wrong_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_secret_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signatures, set_up, tear_down),
        cmocka_unit_test(names_of_secrets),
        cmocka_unit_test_setup_teardown(log_lines_are_json_without_secrets, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
