/* Goal: a failed invariant ends the process and says which and where. Method: a child that fails one. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"

static void says_where_and_aborts(void **state) {
    (void)state;
    int pipe_ends[2];
    char text[512] = "";
    size_t len = 0;
    ssize_t got = 0;
    int status = 0;
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        dup2(pipe_ends[1], STDERR_FILENO);
        hx_assert(len == 1);
        _exit(0);
    }
    close(pipe_ends[1]);
    while (len < sizeof text - 1 && (got = read(pipe_ends[0], text + len, sizeof text - 1 - len)) > 0)
        len += (size_t)got;
    close(pipe_ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == 6);
    assert_non_null(strstr(text, "assert_test.c:"));
    assert_non_null(strstr(text, "len == 1"));
}

static void a_holding_invariant_is_silent(void **state) {
    (void)state;
    hx_assert(state != NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where_and_aborts),
        cmocka_unit_test(a_holding_invariant_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
