/* Goal: the server as a whole: replies in time, survives, stops gracefully, refuses a second one, answers its operator,
 * tells how long things took. Covers serve.c, tasks.c, stages.c, open.c, stop.c, control.c, oneshot.c, queue.c,
 * lanes.c, memo.c, kv.c, port.c, paper.c and test_rig.c; contract_test.c covers them again as the port. Method: a small
 * application behind a real server in a child process. */
#define _GNU_SOURCE

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/native/test_rig.h"

#define PATIENCE_MS 20000 /* Only a broken server lets a test wait so long. */
#define DRAIN_MS 120000   /* Much longer, so that who waits for it is noticed. */

static unsigned arrived; /* In the server's process: how many of the requests that stay have come. */

static hx_err put(struct hx_req *req, hx_str name, hx_str value) {
    struct hx_db_value params[] = {{HX_DB_TEXT, 0, name}, {HX_DB_TEXT, 0, value}};
    struct hx_db_stmt stmt = {"INSERT INTO meta (name, value) VALUES (?1, ?2)", params, 2, 1};
    return hx_port_db_batch(req, &stmt, 1, NULL);
}

static int64_t count(struct hx_req *req) {
    struct hx_db_stmt stmt = {"SELECT count(*) FROM meta", NULL, 0, HX_DB_EXPECT_ANY};
    struct hx_db_rows rows;
    return hx_ok(hx_port_db_query(req, &stmt, &rows)) ? rows.cells[0].integer : -1;
}

static void say(struct hx_req *req, struct hx_reply *reply, uint32_t status, const char *text) {
    reply->status = status;
    if (hx_failed(hx_arena_copy_str(&req->arena, hx_str_from_c(text), &reply->body))) reply->status = 500;
}

/* Holds the lane "l" until the request's end is due; so a second one waits for it. */
static void hold_lane(struct hx_req *req, struct hx_reply *reply) {
    arrived++;
    hx_err err = hx_port_lane_lock(req, HX_STR("l"));
    if (hx_failed(err)) {
        say(req, reply, 503, hx_err_name(err));
        return;
    }
    err = hx_port_sleep(req, hx_port_now(req) + 60000);
    hx_port_lane_unlock(req);
    say(req, reply, 200, hx_err_name(err));
}

/* Stands for the core's look at the exchanges: it takes a moment, and says what the setting says. */
static void look_at_venues(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    hx_str found = HX_STR_EMPTY;
    hx_err err = hx_port_setting(req, HX_STR("HOOX_TEST_KEYS"), &found);
    hx_err slept = hx_port_sleep(req, hx_port_now(req) + (hx_ok(err) && found.len > 0 ? 100 : 0));
    hx_port_log(req, HX_LOG_INFO, HX_STR("looked at the exchanges"), event->query);
    bool withdraws = hx_ok(slept) && hx_str_equal(found, HX_STR("withdraw"));
    say(req, reply, withdraws ? 403 : 200, withdraws ? "{\"error\":{\"message\":\"it may withdraw\"}}" : "{}");
}

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    *reply = (struct hx_reply){.status = 0};
    if (event->kind == HX_EVENT_TICK) {
        hx_err err = put(req, HX_STR("tick"), HX_STR("1"));
        if (hx_failed(err)) hx_port_log(req, HX_LOG_INFO, HX_STR("tick again"), HX_STR_EMPTY);
        return;
    }
    if (event->kind != HX_EVENT_HTTP) return;
    char text[128];
    if (hx_str_equal(event->path, HX_STR("/put"))) {
        hx_err err = put(req, event->query, HX_STR("v"));
        say(req, reply, hx_ok(err) ? 200 : 409, hx_err_name(err));
    } else if (hx_str_equal(event->path, HX_STR("/count"))) {
        (void)snprintf(text, sizeof(text), "%lld", (long long)count(req));
        say(req, reply, 200, text);
    } else if (hx_str_equal(event->path, HX_STR("/who"))) {
        (void)snprintf(text, sizeof(text), "%.*s %s", (int)event->peer_address.len, event->peer_address.data,
                       event->from_operator ? "operator" : "caller");
        say(req, reply, 200, text);
    } else if (hx_str_equal(event->path, HX_STR("/arrived"))) {
        (void)snprintf(text, sizeof(text), "%u", arrived);
        say(req, reply, 200, text);
    } else if (hx_str_equal(event->path, HX_STR("/nap"))) {
        arrived++;
        hx_err err = hx_port_sleep(req, hx_port_now(req) + 60000);
        hx_err stored = put(req, HX_STR("after nap"), HX_STR("v"));
        (void)snprintf(text, sizeof(text), "%s %s", hx_err_name(err), hx_err_name(stored));
        say(req, reply, 200, text);
    } else if (hx_str_equal(event->path, HX_STR("/health"))) {
        say(req, reply, 200, "alive");
    } else if (hx_str_equal(event->path, HX_STR("/lane"))) {
        hold_lane(req, reply);
    } else if (hx_str_equal(event->path, HX_STR("/key"))) {
        hx_str value = HX_STR_EMPTY;
        hx_err err = hx_port_kv_get(req, HX_STR("keys:webhook:env"), HX_KV_STRONG, &value);
        reply->status = hx_ok(err) ? 200 : 404;
        reply->body = value;
    } else if (hx_str_equal(event->path, HX_STR("/v1/venues")) && event->from_operator) {
        look_at_venues(req, event, reply);
    } else {
        say(req, reply, 404, "no such path");
    }
}

static void get(const struct hx_rig *rig, const char *target, const char *headers, char *out, size_t size) {
    char request[512];
    (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", target,
                   headers);
    hx_rig_exchange(rig->port, request, out, size);
}

static void assert_body(const char *answer, const char *status, const char *body) {
    if (strncmp(answer, status, strlen(status)) != 0) fail_msg("expected '%s', got '%s'", status, answer);
    const char *at = strstr(answer, "\r\n\r\n");
    assert_non_null(at);
    assert_string_equal(at + 4, body);
}

/* By the operator's socket, for the other may be overloaded. */
static void assert_operator(const struct hx_rig *rig, const char *path, const char *wanted) {
    uint32_t status = 0;
    char *body = NULL;
    size_t len = 0;
    char problem[256] = "";
    assert_int_equal(
        hx_native_control(rig->directory, "GET", path, HX_STR_EMPTY, &status, &body, &len, problem, sizeof(problem)),
        HX_NATIVE_OK);
    assert_int_equal(status, 200);
    assert_string_equal(body, wanted);
    free(body);
}

/* Waits until so many of the requests that stay are being worked on. */
static void wait_for_arrivals(const struct hx_rig *rig, unsigned count) {
    char wanted[16];
    (void)snprintf(wanted, sizeof(wanted), "%u", count);
    for (int64_t from_ms = hx_rig_now_ms(); hx_rig_now_ms() - from_ms < PATIENCE_MS; (void)usleep(5000)) {
        uint32_t status = 0;
        char *body = NULL;
        size_t len = 0;
        char problem[256] = "";
        enum hx_native_status code = hx_native_control(rig->directory, "GET", "/arrived", HX_STR_EMPTY, &status, &body,
                                                       &len, problem, sizeof(problem));
        if (code != HX_NATIVE_OK) fail_msg("%s", problem);
        bool all = strcmp(body, wanted) == 0;
        free(body);
        if (all) return;
    }
    fail_msg("%u requests have not arrived", count);
}

static const struct hx_native_options plain;

static void answers_and_tells_the_stages(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    hx_rig_start(&rig, &plain);
    get(&rig, "/who", "", text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "127.0.0.1 caller");
    assert_non_null(strstr(text, "Content-Type: application/json\r\n"));
    assert_null(strstr(text, "Server-Timing"));
    get(&rig, "/put?a", "X-Hoox-Trace: 1\r\n", text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "OK");
    const char *timing = strstr(text, "Server-Timing: total;dur=");
    assert_non_null(timing);
    const char *batch = strstr(timing, "db_batch;dur=");
    assert_non_null(batch);
    double total_ms = strtod(timing + 25, NULL);
    double batch_ms = strtod(batch + 13, NULL);
    assert_true(batch_ms > 0.0 && batch_ms <= total_ms);
    get(&rig, "/put?a", "", text, sizeof(text));
    assert_body(text, "HTTP/1.1 409 ", "CONFLICT_KEY");
    assert_int_equal(hx_rig_stop(&rig), 0);
}

/* What was answered is there after kill -9; a tick ran at start. */
static void kill_and_restart(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    hx_rig_start(&rig, &plain);
    for (int i = 0; i < 10; i++) {
        char target[32];
        (void)snprintf(target, sizeof(target), "/put?k%d", i);
        get(&rig, target, "", text, sizeof(text));
        assert_body(text, "HTTP/1.1 200 ", "OK");
    }
    assert_int_equal(kill(rig.pid, SIGKILL), 0);
    assert_int_equal(hx_rig_wait(&rig), 1000 + SIGKILL);
    hx_rig_restart(&rig, &plain);
    get(&rig, "/count", "", text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "11");
    assert_int_equal(hx_rig_stop(&rig), 0);
}

/* SIGTERM: sleepers and lane waiters are told, do their last batch, and their callers get the answer. */
static void graceful_stop(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    hx_rig_start(&rig, &(struct hx_native_options){.drain_ms = DRAIN_MS});
    int idle = hx_rig_connect(rig.port);
    int nap = hx_rig_connect(rig.port);
    int holder = hx_rig_connect(rig.port);
    int waiter = hx_rig_connect(rig.port);
    hx_rig_send(nap, "GET /nap HTTP/1.1\r\nHost: x\r\n\r\n");
    hx_rig_send(holder, "GET /lane HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for_arrivals(&rig, 2);
    hx_rig_send(waiter, "GET /lane HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for_arrivals(&rig, 3);
    int64_t from_ms = hx_rig_now_ms();
    assert_int_equal(kill(rig.pid, SIGTERM), 0);
    assert_int_equal(hx_rig_recv(idle, text, 1), 0);
    (void)hx_rig_read(nap, text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "LIMIT_TIME OK");
    assert_non_null(strstr(text, "Connection: close\r\n"));
    (void)hx_rig_read(holder, text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "LIMIT_TIME");
    (void)hx_rig_read(waiter, text, sizeof(text));
    assert_body(text, "HTTP/1.1 503 ", "LIMIT_TIME");
    assert_int_equal(hx_rig_connect(rig.port), -1);
    int fds[] = {idle, nap, holder, waiter};
    for (int i = 0; i < 4; i++) (void)close(fds[i]);
    assert_int_equal(hx_rig_wait(&rig), 0);
    assert_true(hx_rig_now_ms() - from_ms < DRAIN_MS / 2);
    assert_true(hx_rig_log_has(&rig, "\"message\":\"stopped\""));
    hx_rig_remove(&rig);
}

static void overload(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    assert_int_equal(setenv("HOOX_REQUESTS_MAX", "8", 1), 0);
    hx_rig_start(&rig, &plain);
    assert_int_equal(unsetenv("HOOX_REQUESTS_MAX"), 0);
    int naps[8];
    for (int i = 0; i < 8; i++) {
        naps[i] = hx_rig_connect(rig.port);
        hx_rig_send(naps[i], "GET /nap HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    wait_for_arrivals(&rig, 8);
    get(&rig, "/count", "", text, sizeof(text));
    assert_int_equal(strncmp(text, "HTTP/1.1 503 ", 13), 0);
    assert_non_null(strstr(text, "Retry-After: 1\r\n"));
    assert_non_null(strstr(text, "\"OVERLOADED\""));
    assert_non_null(strstr(text, "{\"success\":false,\"requestId\":\"0"));
    /* Busy is not dead: a supervisor that asks must hear so. */
    get(&rig, "/health", "", text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "alive");
    /* The operator gets through all the same. */
    assert_operator(&rig, "/who", " operator");
    for (int i = 0; i < 8; i++) (void)close(naps[i]);
    assert_int_equal(hx_rig_stop(&rig), 0);
}

static void keep_reply(void *arg, const struct hx_reply *reply) {
    (void)snprintf(arg, 64, "%u %.*s", reply->status, (int)reply->body.len, reply->body.data);
}

/* One process per data directory: the second is told who is there; the operator reaches the running one by its socket,
 * and the directory itself when none runs. */
static void one_per_directory(void **state) {
    (void)state;
    struct hx_rig rig;
    char reply[64] = "";
    char problem[256] = "";
    char pid[64];
    hx_rig_start(&rig, &plain);
    struct hx_native_options options = {.data_dir = rig.directory};
    struct hx_event event = {
        .kind = HX_EVENT_HTTP, .path = HX_STR("/put"), .query = HX_STR("shot"), .from_operator = true};
    assert_int_equal(hx_native_oneshot(&options, &event, keep_reply, reply, problem, sizeof(problem)),
                     HX_NATIVE_IN_USE);
    (void)snprintf(pid, sizeof(pid), "in use by another hoox (pid %d)", (int)rig.pid);
    assert_non_null(strstr(problem, pid));
    struct hx_rig second = rig;
    hx_rig_restart(&second, &plain);
    assert_int_equal(second.port, 0);
    assert_int_equal(hx_rig_wait(&second), 1);
    assert_true(hx_rig_log_has(&rig, pid));
    struct stat info;
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/hoox.sock", rig.directory);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    (void)snprintf(path, sizeof(path), "%s/hoox.db", rig.directory);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(kill(rig.pid, SIGTERM), 0);
    assert_int_equal(hx_rig_wait(&rig), 0);
    uint32_t status = 0;
    char *body = NULL;
    size_t len = 0;
    assert_int_equal(
        hx_native_control(rig.directory, "GET", "/who", HX_STR_EMPTY, &status, &body, &len, problem, sizeof(problem)),
        HX_NATIVE_NOT_RUNNING);
    assert_int_equal(hx_native_oneshot(&options, &event, keep_reply, reply, problem, sizeof(problem)), HX_NATIVE_OK);
    assert_string_equal(reply, "200 OK");
    hx_rig_restart(&rig, &plain);
    char text[4096];
    get(&rig, "/put?shot", "", text, sizeof(text));
    assert_body(text, "HTTP/1.1 409 ", "CONFLICT_KEY");
    assert_int_equal(hx_rig_stop(&rig), 0);
}

static void the_environments_key(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    assert_int_equal(setenv("HOOX_WEBHOOK_KEY", "abcdefghijklmnop", 1), 0);
    hx_rig_start(&rig, &plain);
    assert_int_equal(unsetenv("HOOX_WEBHOOK_KEY"), 0);
    get(&rig, "/key", "", text, sizeof(text));
    assert_non_null(strstr(text,
                           "{\"digest\":\"f39dac6cbaba535e2c207cd0cd8f154974223c848f727f98b3564cea569b41cf\","
                           "\"created\":1"));
    assert_non_null(strstr(text, ",\"expires\":0}"));
    assert_int_equal(kill(rig.pid, SIGTERM), 0);
    assert_int_equal(hx_rig_wait(&rig), 0);
    hx_rig_restart(&rig, &plain);
    get(&rig, "/key", "", text, sizeof(text));
    assert_int_equal(strncmp(text, "HTTP/1.1 404 ", 13), 0);
    assert_int_equal(hx_rig_stop(&rig), 0);
}

/* Many at once share commits; each gets its own answer. */
static void many_at_once(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    hx_rig_start(&rig, &plain);
    int fds[100];
    for (int i = 0; i < 100; i++) {
        char request[128];
        fds[i] = hx_rig_connect(rig.port);
        /* Pairs want the same key: one of each pair must lose, and take nobody with it. */
        (void)snprintf(request, sizeof(request), "GET /put?m%d HTTP/1.1\r\nHost: x\r\n\r\n", i / 2);
        hx_rig_send(fds[i], request);
    }
    int won = 0;
    for (int i = 0; i < 100; i++) {
        (void)hx_rig_read(fds[i], text, sizeof(text));
        if (strncmp(text, "HTTP/1.1 200 ", 13) == 0) won++;
        (void)close(fds[i]);
    }
    assert_int_equal(won, 50);
    get(&rig, "/count", "", text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "51");
    assert_int_equal(hx_rig_stop(&rig), 0);
}

static void bad_starts(void **state) {
    (void)state;
    struct hx_rig rig;
    const struct hx_native_options options[] = {{.listen = "nonsense"},
                                                {.tls_cert = "/no/such/cert", .tls_key = "/no/such/key"},
                                                {.tls_cert = "/no/such/cert"}};
    const char *words[] = {"hoox: --listen must be an address", "/no/such/cert", "both a certificate and its key"};
    for (int i = 0; i < 3; i++) {
        hx_rig_start(&rig, &options[i]);
        assert_int_equal(rig.port, 0);
        assert_int_equal(hx_rig_wait(&rig), i == 0 ? HX_EXIT_WRONG_SETTING : 1);
        assert_true(hx_rig_log_has(&rig, words[i]));
        hx_rig_remove(&rig);
    }
}

static void assert_refused(const struct hx_native_options *options, const char *said) {
    struct hx_rig rig;
    hx_rig_start(&rig, options);
    assert_int_equal(rig.port, 0);
    assert_int_equal(hx_rig_wait(&rig), HX_EXIT_WRONG_SETTING);
    if (!hx_rig_log_has(&rig, said)) fail_msg("not said: %s", said);
    assert_false(hx_rig_log_has(&rig, "a-wrong-value"));
    hx_rig_remove(&rig);
}

/* A wrong value is refused by its name, and never shown; a name that is no setting is told of, and no more. */
static void wrong_settings(void **state) {
    (void)state;
    struct hx_rig rig;
    static const char *const rows[][3] = {
        {"HOOX_TARGET_MISMATCH", "a-wrong-value", "hoox: HOOX_TARGET_MISMATCH must be catch_up or refuse"},
        {"HOOX_RETRY_SCHEDULE", "30s,60s", "hoox: HOOX_RETRY_SCHEDULE must be whole numbers of seconds"},
        {"HOOX_WEBHOOK_KEY", "a-wrong-value with a space", "hoox: HOOX_WEBHOOK_KEY must be at most 256 printable"},
        {"HOOX_PAPER_SEED", "foo", "hoox: HOOX_PAPER_SEED must be a whole number"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(setenv(rows[i][0], rows[i][1], 1), 0);
        assert_refused(&plain, rows[i][2]);
        assert_int_equal(unsetenv(rows[i][0]), 0);
    }
    assert_refused(&(struct hx_native_options){.listen = ""}, "hoox: --listen must be an address");
    assert_int_equal(setenv("HOOX_LISTEN", "", 1), 0);
    assert_int_equal(setenv("HOOX_LOG_LEVEL", "a-wrong-value", 1), 0);
    assert_refused(&plain, "hoox: HOOX_LISTEN must be an address");
    assert_refused(&plain, "; 1 more wrong: `hoox check setup` lists them");
    assert_int_equal(unsetenv("HOOX_LISTEN"), 0);
    assert_int_equal(unsetenv("HOOX_LOG_LEVEL"), 0);
    assert_int_equal(setenv("HOOX_TARGET_MISMACH", "a-wrong-value", 1), 0);
    assert_int_equal(setenv("HOOX_OPERATOR_TOKEN", "short", 1), 0); /* Not the gateway's concern. */
    assert_int_equal(setenv("HOOX_WEBHOOK_KEY", "short", 1), 0);
    hx_rig_start(&rig, &plain);
    assert_int_equal(unsetenv("HOOX_WEBHOOK_KEY"), 0);
    assert_true(hx_rig_log_has(&rig, "a webhook key that can be guessed"));
    assert_int_equal(unsetenv("HOOX_TARGET_MISMACH"), 0);
    assert_int_equal(unsetenv("HOOX_OPERATOR_TOKEN"), 0);
    assert_true(rig.port > 0);
    assert_true(hx_rig_log_has(&rig, "HOOX_TARGET_MISMACH is no setting of hoox"));
    assert_false(hx_rig_log_has(&rig, "a-wrong-value"));
    assert_int_equal(hx_rig_stop(&rig), 0);
}

/* With the setting nobody is listened to before the keys were looked at; without it the look is taken meanwhile. */
static void keys_are_looked_at(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    hx_rig_start(&rig, &plain);
    assert_true(rig.port > 0);
    for (int64_t from_ms = hx_rig_now_ms(); hx_rig_now_ms() - from_ms < PATIENCE_MS; (void)usleep(10000)) {
        if (hx_rig_log_has(&rig, "start=1")) break;
    }
    assert_true(hx_rig_log_has(&rig, "start=1"));
    assert_int_equal(hx_rig_stop(&rig), 0);

    assert_int_equal(setenv("HOOX_REFUSE_WITHDRAW_KEYS", "1", 1), 0);
    assert_int_equal(setenv("HOOX_TEST_KEYS", "withdraw", 1), 0);
    hx_rig_start(&rig, &plain);
    assert_int_equal(rig.port, 0);
    assert_int_equal(hx_rig_wait(&rig), 1);
    assert_true(hx_rig_log_has(&rig, "hoox: not started: it may withdraw"));
    hx_rig_remove(&rig);

    assert_int_equal(setenv("HOOX_TEST_KEYS", "fine", 1), 0);
    hx_rig_start(&rig, &plain);
    assert_true(rig.port > 0);
    assert_true(hx_rig_log_has(&rig, "start=1"));
    get(&rig, "/count", "", text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "1");
    assert_int_equal(hx_rig_stop(&rig), 0);
    assert_int_equal(unsetenv("HOOX_REFUSE_WITHDRAW_KEYS"), 0);
    assert_int_equal(unsetenv("HOOX_TEST_KEYS"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_and_tells_the_stages),
        cmocka_unit_test(kill_and_restart),
        cmocka_unit_test(graceful_stop),
        cmocka_unit_test(overload),
        cmocka_unit_test(one_per_directory),
        cmocka_unit_test(the_environments_key),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(bad_starts),
        cmocka_unit_test(wrong_settings),
        cmocka_unit_test(keys_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
