/* Goal: what Cloudflare answers is understood, and told to a person so that they know what to do. Method: recorded
 * envelopes, good and bad, through the parts that need no network. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cloudflare.h"
#include "cli/resource.h"

static struct cli_cf_reply reply_of(long status, const char *body) {
    struct cli_cf_reply reply = {.status = status, .retry_after_s = -1, .len = strlen(body)};
    reply.body = cli_must(strdup(body));
    return reply;
}

static void assert_explained(long status, const char *body, const char *wanted) {
    char text[1024];
    struct cli_cf_reply reply = reply_of(status, body);
    assert_false(cli_cf_parse(&reply));
    assert_null(reply.result);
    cli_cf_explain(&reply, text, sizeof text);
    if (strcmp(text, wanted) != 0) fail_msg("explained as '%s', not '%s'", text, wanted);
    cli_cf_reply_release(&reply);
}

static void test_success(void **state) {
    (void)state;
    struct cli_cf_reply reply =
        reply_of(200, "{\"success\":true,\"errors\":[],\"messages\":[],\"result\":{\"id\":\"ab\",\"n\":7,\"x\":null}}");
    assert_true(cli_cf_parse(&reply));
    hx_str id = cli_cf_text(reply.result, "id"), n = cli_cf_text(reply.result, "n");
    assert_true(hx_str_equal(id, HX_STR("ab")) && hx_str_equal(n, HX_STR("7")));
    assert_int_equal(cli_cf_text(reply.result, "x").len, 0);
    assert_int_equal(cli_cf_text(reply.result, "absent").len, 0);
    assert_int_equal(cli_cf_text(NULL, "id").len, 0);
    cli_cf_reply_release(&reply);
    /* The envelope and the status must agree. */
    reply = reply_of(500, "{\"success\":true,\"result\":{}}");
    assert_false(cli_cf_parse(&reply));
    cli_cf_reply_release(&reply);
}

static void test_errors(void **state) {
    (void)state;
    assert_explained(403, "{\"success\":false,\"errors\":[{\"code\":10000,\"message\":\"Authentication error\"}]}",
                     "Authentication error (code 10000, status 403); the token is wrong, expired or lacks a "
                     "permission: docs/DEPLOY.md lists what it needs");
    assert_explained(404, "{\"success\":false,\"errors\":[{\"code\":10007,\"message\":\"No such Worker.\"}]}",
                     "No such Worker. (code 10007, status 404); nothing is deployed under this name; `hoox deploy` "
                     "does it");
    assert_explained(400, "{\"success\":false,\"errors\":[{\"code\":7500,\"message\":\"near \\\"x\\\": error\"}]}",
                     "near \"x\": error (code 7500, status 400)");
    assert_explained(400, "{\"success\":false,\"errors\":[]}", "refused without a reason (status 400)");
    assert_explained(400, "{\"success\":false,\"errors\":{\"code\":1}}", "refused without a reason (status 400)");
    assert_explained(200, "{\"success\":\"yes\",\"result\":{}}", "refused without a reason (status 200)");
    assert_explained(502, "<html>", "no JSON came (status 502); Cloudflare has a problem; try again");
    assert_explained(200, "", "no JSON came (status 200)");
}

/* More values than the parser's bound are not mistaken for nonsense. */
static void test_too_much(void **state) {
    (void)state;
    size_t count = HX_JSON_NODES_MAX + 10;
    char *body = cli_must(malloc(count * 2 + 64));
    char *end = stpcpy(body, "{\"success\":true,\"result\":[0");
    for (size_t i = 0; i < count; i++) end = stpcpy(end, ",0");
    stpcpy(end, "]}");
    assert_explained(200, body, "the answer holds more than can be read at once; ask for less, say with a LIMIT");
    free(body);
}

static void test_waiting(void **state) {
    (void)state;
    struct cli_cf_reply reply = {.status = 429, .retry_after_s = 7};
    assert_int_equal(cli_cf_wait_s(&reply, 1), 7);
    assert_int_equal(cli_cf_wait_s(&reply, 3), 7);
    assert_int_equal(cli_cf_wait_s(&reply, 4), -1);
    reply.retry_after_s = -1;
    assert_int_equal(cli_cf_wait_s(&reply, 1), 5);
    reply.retry_after_s = 61;
    assert_int_equal(cli_cf_wait_s(&reply, 1), -1);
    reply = (struct cli_cf_reply){.status = 503, .retry_after_s = 1};
    assert_int_equal(cli_cf_wait_s(&reply, 1), -1);
}

/* The token must not leave this machine in the clear. */
static void test_safe_urls(void **state) {
    (void)state;
    static const char *const safe[] = {"https://api.cloudflare.com/client/v4", "http://127.0.0.1:8000/x",
                                       "http://localhost/x", "http://[::1]:1"};
    static const char *const unsafe[] = {
        "http://api.cloudflare.com",      "https://",         "", "ftp://127.0.0.1", "http://127.0.0.1.example.org",
        "http://localhost:1@example.org", "http://localhosts"};
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) assert_true(cli_cf_is_safe_url(safe[i]));
    for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) assert_false(cli_cf_is_safe_url(unsafe[i]));
}

static void test_names(void **state) {
    (void)state;
    assert_null(cli_resource_name_problem(CLI_R2, "abc"));
    assert_null(cli_resource_name_problem(CLI_R2, "hoox-reports"));
    static const char *const bad_buckets[] = {"ab", "", "-ab", "ab-", "Abc", "a_b", "a.b", "../x", "a/b"};
    for (size_t i = 0; i < sizeof bad_buckets / sizeof bad_buckets[0]; i++) {
        assert_non_null(cli_resource_name_problem(CLI_R2, bad_buckets[i]));
    }
    char name[80];
    memset(name, 'a', sizeof name);
    name[63] = '\0';
    assert_null(cli_resource_name_problem(CLI_R2, name));
    name[63] = 'a';
    name[64] = '\0';
    assert_non_null(cli_resource_name_problem(CLI_R2, name));
    assert_null(cli_resource_name_problem(CLI_D1, "A_b"));
    assert_non_null(cli_resource_name_problem(CLI_D1, "a b"));
    assert_non_null(cli_resource_name_problem(CLI_KV, ".."));
    assert_true(cli_cf_is_word("aZ09_-", 6) && !cli_cf_is_word("aZ09_-", 5) && !cli_cf_is_word("a%2f", 9));
}

/* hoox.env is read as the server reads it. */
static void test_setting_lines(void **state) {
    (void)state;
    struct cli_settings settings = {.count = 0};
    char good[][48] = {"# comment", "", "  A = b c \r", "B=\"x=1 \"", "A='later'", "C=", "D='"};
    for (size_t i = 0; i < 6; i++) assert_null(cli_settings_take_line(&settings, hx_str_from_c(good[i])));
    assert_non_null(cli_settings_take_line(&settings, hx_str_from_c(good[6])));
    char bad[][16] = {"no equals", "a=1", "1A=1", "=x", "A B=1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(cli_settings_take_line(&settings, hx_str_from_c(bad[i])));
    assert_string_equal(cli_settings_find(&settings, "A"), "later");
    assert_string_equal(cli_settings_find(&settings, "B"), "x=1 ");
    assert_null(cli_settings_find(&settings, "C"));
    assert_null(cli_settings_find(&settings, "D"));
    cli_settings_release(&settings);
    assert_int_equal(settings.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_success),       cmocka_unit_test(test_errors),    cmocka_unit_test(test_too_much),
        cmocka_unit_test(test_waiting),       cmocka_unit_test(test_safe_urls), cmocka_unit_test(test_names),
        cmocka_unit_test(test_setting_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
