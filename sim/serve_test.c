/* Goal: who drives the world from outside can rely on the protocol of serve.h: every command has one answer, time
 * passes where it says so and nowhere else, mistakes are told and change nothing, the command line's socket is there
 * while the process is, and the same commands give the same bytes. Method: scripts of commands through hx_serve_run,
 * their answers compared as text; for the socket a second process that knocks. Covers serve.c, serve_open.c,
 * serve_world.c and serve_control.c. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "sim/serve.h"

#define KEY "hxk_c2VydmluZy10ZXN0LWtleS0zMi1ieXRlcy1sb25nISE"
#define POST "POST /webhook HTTP/1.1\\r\\nHost: gateway\\r\\nContent-Length: "
#define ALERT \
    "\\r\\n\\r\\n{\\\"apiKey\\\":\\\"" KEY "\\\",\\\"action\\\":\\\"LONG\\\",\\\"exchange\\\":\\\"binance\\\","
#define SEND                                             \
    "{\"do\":\"send\",\"requests\":[\"" POST "134" ALERT \
    "\\\"symbol\\\":\\\"BTCUSDT\\\",\\\"quantity\\\":\\\"0.01\\\"}\"]}\n"
#define WAIT "{\"do\":\"run\",\"ms\":60000,\"for_answer\":true}\n"
#define QUERY "{\"do\":\"query\",\"sql\":\"SELECT status, finished_ms IS NULL AS open FROM signals\"}\n"
#define LINES_MAX 16

static char folder[64];
static char *answers;
static char *lines[LINES_MAX];
static size_t line_count;

static int folder_make(void **state) {
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/hoox-sim-serve-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int folder_remove(void **state) {
    static const char *const names[] = {"hoox.db", "hoox.db-wal", "hoox.db-shm", "hoox.lock", "serve.log", "story.log"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[96];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    free(answers);
    answers = NULL;
    return rmdir(folder);
}

static void text_write(int fd, const char *text) {
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void open_write(int fd) {
    char text[512];
    snprintf(text, sizeof(text),
             "{\"do\":\"open\",\"data\":\"%s\",\"webhook_key\":\"" KEY
             "\",\"settings\":{\"HOOX_BINANCE_FUTURES_URL\":\"http://venue.sim\",\"BINANCE_API_KEY\":\"paper-key\"}}\n",
             folder);
    text_write(fd, text);
}

/* Serves what is in the pipe, and keeps the answers line by line. */
static void serve(int in, int code_expected) {
    size_t len = 0;
    free(answers);
    answers = NULL;
    FILE *out = open_memstream(&answers, &len);
    assert_non_null(out);
    assert_int_equal(hx_serve_run(in, out), code_expected);
    fclose(out);
    close(in);
    line_count = 0;
    for (char *at = answers, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        *end = '\0';
        assert_true(line_count < LINES_MAX);
        lines[line_count++] = at;
    }
}

static void script(const char *commands, int code_expected) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    open_write(ends[1]);
    text_write(ends[1], commands);
    close(ends[1]);
    serve(ends[0], code_expected);
}

static void line_has(size_t index, const char *part) {
    assert_true(index < line_count);
    if (strstr(lines[index], part) == NULL) fail_msg("answer %zu is %s, without %s", index, lines[index], part);
}

static void an_alert_is_filled_in_virtual_time(void **state) {
    (void)state;
    script(SEND "{\"do\":\"run\",\"ms\":5}\n" SEND WAIT WAIT QUERY "{\"do\":\"quit\"}\n", 0);
    assert_int_equal(line_count, 8);
    assert_string_equal(lines[0], "{\"now\":1767225600000}");
    assert_string_equal(lines[1], "{\"now\":1767225600000,\"ids\":[0]}");
    assert_string_equal(lines[3], "{\"now\":1767225600005,\"ids\":[1]}");
    line_has(4, "\"answers\":[{\"id\":1,\"status\":409,\"ms\":");
    line_has(5, "\"answers\":[{\"id\":0,\"status\":200,\"ms\":");
    line_has(5, "\"headers\":{\"content-type\":\"application/json\",\"x-request-id\":\"");
    line_has(5, "\\\"executedQty\\\":\\\"0.01\\\"");
    line_has(6, "\"rows\":[{\"status\":\"filled\",\"open\":0}]");
}

static void time_passes_where_it_is_let(void **state) {
    (void)state;
    script(
        "{\"do\":\"run\",\"ms\":0}\n{\"do\":\"run\",\"ms\":86400000}\n{\"do\":\"run\",\"ms\":500,\"for_answer\":true}"
        "\n" QUERY "{\"do\":\"kill\"}\n{\"do\":\"run\",\"ms\":1000}\n{\"do\":\"start\"}\n",
        0);
    assert_string_equal(lines[1], "{\"now\":1767225600000,\"answers\":[]}");
    assert_string_equal(lines[2], "{\"now\":1767312000000,\"answers\":[]}");
    assert_string_equal(lines[3], "{\"now\":1767312000500,\"answers\":[]}");
    assert_string_equal(lines[4], "{\"now\":1767312000500,\"rows\":[]}");
    assert_string_equal(lines[5], "{\"now\":1767312000500}");
    assert_string_equal(lines[6], "{\"now\":1767312001500,\"answers\":[]}");
    assert_string_equal(lines[7], "{\"now\":1767312001500}");
}

static void who_is_down_answers_nobody(void **state) {
    (void)state;
    script(SEND "{\"do\":\"run\",\"ms\":1}\n{\"do\":\"stop\"}\n" WAIT SEND WAIT "{\"do\":\"start\"}\n" SEND WAIT QUERY,
           0);
    line_has(3, "\"finished\":true");
    line_has(4, "{\"id\":0,\"status\":200,");
    line_has(6, "{\"id\":1,\"status\":0,\"ms\":0,\"headers\":{},\"body\":\"\"}");
    line_has(9, "{\"id\":2,\"status\":200,");
    line_has(9, "\"idempotent-replayed\":\"true\"");
    line_has(10, "\"rows\":[{\"status\":\"filled\",\"open\":0}]");
}

static void the_codec_refuses_what_it_would_natively(void **state) {
    (void)state;
    script("{\"do\":\"send\",\"requests\":[\"" POST
           "65537\\r\\n\\r\\n{\",\"GET /a b HTTP/1.1\\r\\n\\r\\n\","
           "\"HEAD /health HTTP/1.1\\r\\nHost: g\\r\\n\\r\\n\"]}\n{\"do\":\"run\",\"ms\":100}\n",
           0);
    line_has(1, "\"ids\":[0,1,2]");
    line_has(2, "{\"id\":0,\"status\":413,\"ms\":0,");
    line_has(2, "\\\"code\\\":\\\"TOO_LARGE\\\"");
    line_has(2, "{\"id\":1,\"status\":400,");
    line_has(2, "{\"id\":2,\"status\":200,");
    assert_non_null(strstr(lines[2], "\"body\":\"\"}]}"));
}

static void bytes_travel_as_code_points(void **state) {
    (void)state;
    /* A byte order mark, C3 A4, and a byte that is no UTF-8: the first two are let pass, the last is told of. */
    script("{\"do\":\"send\",\"requests\":[\"" POST "5\\r\\n\\r\\n\u00ef\u00bb\u00bf{}\",\"" POST
           "1\\r\\n\\r\\n\u00ff\"]}\n{\"do\":\"run\",\"ms\":100}\n"
           "{\"do\":\"send\",\"requests\":[\"" POST "1\\r\\n\\r\\n\u0100\"]}\n",
           0);
    line_has(2, "{\"id\":0,\"status\":401,");
    line_has(2, "{\"id\":1,\"status\":400,");
    line_has(3, "{\"error\":\"a request is a text of code points that are bytes\"}");
}

static void mistakes_are_told_and_change_nothing(void **state) {
    (void)state;
    script(
        "nothing\n{\"do\":\"dance\"}\n{\"do\":\"open\"}\n{\"do\":\"run\"}\n{\"do\":\"run\",\"ms\":-1}\n"
        "{\"do\":\"send\",\"requests\":[\"GET / HTTP/1.1\\r\\n\"]}\n{\"do\":\"query\",\"sql\":\"DELETE FROM kv\"}\n"
        "{\"do\":\"start\"}\n{\"do\":\"lab\",\"request\":\"GET /lab/state\"}\n[]\n{\"do\":\"run\",\"ms\":0}\n",
        0);
    assert_string_equal(lines[1], "{\"error\":\"not JSON at byte 0: not a JSON value\"}");
    assert_string_equal(lines[2], "{\"error\":\"no such command: dance\"}");
    assert_string_equal(lines[3], "{\"error\":\"the world is open already\"}");
    line_has(4, "{\"error\":\"run wants ms");
    line_has(5, "{\"error\":\"run wants ms");
    line_has(6, "{\"error\":\"a request must be whole");
    line_has(7, "{\"error\":\"attempt to write a readonly database");
    line_has(8, "{\"error\":\"it runs already\"}");
    line_has(9, "{\"error\":\"the request must be whole");
    line_has(10, "{\"error\":\"a command is an object");
    assert_string_equal(lines[11], "{\"now\":1767225600000,\"answers\":[]}");
}

static void a_world_that_is_not_opened_is_none(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    text_write(ends[1], "{\"do\":\"run\",\"ms\":0}\n{\"do\":\"run\",\"ms\":0}\n");
    close(ends[1]);
    serve(ends[0], 2);
    assert_int_equal(line_count, 1);
    assert_string_equal(lines[0], "{\"error\":\"the first command is open\"}");
}

static void the_laboratory_obeys_and_the_same_commands_give_the_same_bytes(void **state) {
    static const char commands[] =
        "{\"do\":\"lab\",\"request\":\"POST /lab/faults HTTP/1.1\\r\\nHost: l\\r\\nContent-Length: 37\\r\\n\\r\\n"
        "{\\\"kind\\\":\\\"drop_reply\\\",\\\"match\\\":\\\"order\\\"}\"}\n" SEND WAIT
        "{\"do\":\"lab\",\"request\":\"GET /lab/orders HTTP/1.1\\r\\nHost: l\\r\\n\\r\\n\"}\n";
    (void)state;
    script(commands, 0);
    line_has(1, "\"status\":200");
    line_has(3, "{\"id\":0,\"status\":200,");
    line_has(4, "\\\"executedQty\\\":\\\"0.01\\\"");
    char *before = strdup(lines[3]);
    assert_non_null(before);
    script(commands, 0);
    assert_string_equal(lines[3], before);
    free(before);
}

/* In a process of its own: asks at the control socket, and lets the serving one end. */
static void knock(int out) {
    static const char request[] = "GET /health HTTP/1.1\r\nHost: hoox.sock\r\nConnection: close\r\n\r\n";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/hoox.sock", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    for (int tries = 0; connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0; tries++) {
        if (tries > 1000) _exit(1);
        usleep(10000);
    }
    char answer[2048] = "";
    size_t len = 0;
    if (write(fd, request, sizeof(request) - 1) != (ssize_t)sizeof(request) - 1) _exit(2);
    for (ssize_t got = 1; got > 0 && len < sizeof(answer) - 1; len += (size_t)got) {
        got = read(fd, answer + len, sizeof(answer) - 1 - len);
        if (got < 0) _exit(3);
    }
    if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0 || strstr(answer, "\"service\":\"hoox\"") == NULL) _exit(4);
    text_write(out, "{\"do\":\"run\",\"ms\":0}\n{\"do\":\"stop\"}\n{\"do\":\"quit\"}\n");
    _exit(0);
}

static void the_command_line_is_answered(void **state) {
    (void)state;
    int ends[2], status = -1;
    assert_int_equal(pipe(ends), 0);
    open_write(ends[1]);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) knock(ends[1]);
    close(ends[1]);
    serve(ends[0], 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    /* What the operator is told is nobody else's. */
    line_has(1, "\"answers\":[]");
    char path[96];
    snprintf(path, sizeof(path), "%s/hoox.sock", folder);
    assert_int_not_equal(access(path, F_OK), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_alert_is_filled_in_virtual_time, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(time_passes_where_it_is_let, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(who_is_down_answers_nobody, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(the_codec_refuses_what_it_would_natively, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(bytes_travel_as_code_points, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(mistakes_are_told_and_change_nothing, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(a_world_that_is_not_opened_is_none, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(the_laboratory_obeys_and_the_same_commands_give_the_same_bytes, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(the_command_line_is_answered, folder_make, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
