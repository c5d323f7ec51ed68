/* Goal: a disk that is full refuses what can't be written and is outlasted; one that fails ends the server for good.
 * What is answered as written is there after the next start. Method: a small application behind a real server in a
 * child process, on a disk that the test fills and breaks. */
#define _GNU_SOURCE

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/common/test_disk.h"
#include "host/native/test_rig.h"

#define PATIENCE_MS 20000 /* Only a broken server lets a test wait so long. */

static struct hx_test_disk *disk; /* Of the servers, too. */
static const struct hx_native_options plain;

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

static void fill_ledger(struct hx_req *req, struct hx_reply *reply) {
    static char large[100000];
    memset(large, 'x', sizeof(large));
    hx_err err = put(req, hx_str_from_c(req->id), hx_str_make(large, sizeof(large)));
    say(req, reply, hx_ok(err) ? 200 : 503, hx_err_name(err));
}

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    *reply = (struct hx_reply){.status = 0};
    if (event->kind == HX_EVENT_TICK) {
        hx_err err = put(req, HX_STR("tick"), HX_STR("1"));
        if (hx_failed(err)) hx_port_log(req, HX_LOG_INFO, HX_STR("tick again"), HX_STR_EMPTY);
        return;
    }
    if (event->kind != HX_EVENT_HTTP) return;
    char text[32];
    if (hx_str_equal(event->path, HX_STR("/count"))) {
        (void)snprintf(text, sizeof(text), "%lld", (long long)count(req));
        say(req, reply, 200, text);
    } else if (hx_str_equal(event->path, HX_STR("/fill"))) {
        fill_ledger(req, reply);
    } else {
        say(req, reply, 404, "no such path");
    }
}

static void get(const struct hx_rig *rig, const char *target, char *out, size_t size) {
    char request[512];
    (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", target);
    hx_rig_exchange(rig->port, request, out, size);
}

static void assert_body(const char *answer, const char *status, const char *body) {
    if (strncmp(answer, status, strlen(status)) != 0) fail_msg("expected '%s', got '%s'", status, answer);
    const char *at = strstr(answer, "\r\n\r\n");
    assert_non_null(at);
    assert_string_equal(at + 4, body);
}

static long count_of(const struct hx_rig *rig) {
    char text[4096];
    get(rig, "/count", text, sizeof(text));
    const char *body = strstr(text, "\r\n\r\n");
    assert_non_null(body);
    return strtol(body + 4, NULL, 10);
}

/* A sync that fails: nobody gets a 2xx that is not on the disk, the server says why and ends with the code that asks a
 * supervisor for a restart; after that everything answered is there. */
static void broken_ledger_ends_the_server(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    hx_rig_start(&rig, &plain);
    for (int i = 0; i < 3; i++) {
        get(&rig, "/fill", text, sizeof(text));
        assert_body(text, "HTTP/1.1 200 ", "OK");
    }
    disk->syncs_fail = true;
    get(&rig, "/fill", text, sizeof(text));
    assert_int_not_equal(strncmp(text, "HTTP/1.1 200 ", 13), 0);
    assert_int_equal(hx_rig_wait(&rig), 70);
    assert_true(hx_rig_log_has(&rig, "\"level\":\"error\""));
    disk->syncs_fail = false;
    hx_rig_restart(&rig, &plain);
    /* The tick's row, every answered one, and perhaps the last, whose outcome nobody knew. */
    assert_in_range(count_of(&rig), 4, 5);
    assert_int_equal(hx_rig_stop(&rig), 0);
}

/* The tick's row is there: it comes with the start, and might meet a disk that is full. */
static void wait_for_tick(const struct hx_rig *rig) {
    for (int64_t from_ms = hx_rig_now_ms(); hx_rig_now_ms() - from_ms < PATIENCE_MS; (void)usleep(10000)) {
        if (count_of(rig) > 0) return;
    }
    fail_msg("no tick");
}

static unsigned times_logged(const struct hx_rig *rig, const char *words) {
    char line[4096];
    unsigned times = 0;
    FILE *log = fopen(rig->log_path, "r");
    assert_non_null(log);
    while (fgets(line, sizeof(line), log) != NULL) times += strstr(line, words) != NULL;
    (void)fclose(log);
    return times;
}

static void wait_until_ready(const struct hx_rig *rig) {
    char text[4096];
    for (int64_t from_ms = hx_rig_now_ms(); hx_rig_now_ms() - from_ms < PATIENCE_MS; (void)usleep(50000)) {
        get(rig, "/ready", text, sizeof(text));
        if (strncmp(text, "HTTP/1.1 503 ", 13) != 0) return;
    }
    fail_msg("never ready again");
}

static void assert_unready(const struct hx_rig *rig) {
    char text[4096];
    get(rig, "/ready", text, sizeof(text));
    assert_int_equal(strncmp(text, "HTTP/1.1 503 ", 13), 0);
    assert_non_null(strstr(text, "\"requestId\":\"0"));
    assert_non_null(strstr(text, "\"code\":\"UNAVAILABLE\",\"message\":\"the disk of the ledger is full"));
}

/* The log finds no room: each batch is refused as not done, said once and by /ready, and once there is room all is well
 * without a restart. */
static void a_full_disk_is_outlasted(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    hx_rig_start(&rig, &plain);
    wait_for_tick(&rig);
    /* What the log was given ahead of need is used up first. */
    disk->log_room = 0;
    disk->database_room = 0;
    int answered = 0;
    do {
        get(&rig, "/fill", text, sizeof(text));
        answered += strncmp(text, "HTTP/1.1 200 ", 13) == 0;
        assert_true(answered < 1000);
    } while (strncmp(text, "HTTP/1.1 200 ", 13) == 0);
    for (int i = 0; i < 3; i++) {
        get(&rig, "/fill", text, sizeof(text));
        assert_body(text, "HTTP/1.1 503 ", "BUSY_OVERLOADED");
    }
    assert_unready(&rig);
    assert_int_equal(count_of(&rig), answered + 1);
    disk->log_room = disk->database_room = -1;
    wait_until_ready(&rig);
    get(&rig, "/fill", text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "OK");
    assert_int_equal(times_logged(&rig, "the disk of the ledger is full"), 1);
    assert_int_equal(times_logged(&rig, "\"level\":\"error\""), 1);
    assert_int_equal(times_logged(&rig, "has room again"), 1);
    assert_int_equal(kill(rig.pid, SIGKILL), 0);
    assert_int_equal(hx_rig_wait(&rig), 1000 + SIGKILL);
    hx_rig_restart(&rig, &plain);
    /* With the row that looked for room. */
    assert_int_equal(count_of(&rig), answered + 3);
    assert_int_equal(hx_rig_stop(&rig), 0);
}

/* The database can't grow, but the log has room: everything is answered, and /ready gives warning. Nor does a start
 * need more than that. */
static void a_checkpoint_waits_for_room(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    hx_rig_start(&rig, &plain);
    wait_for_tick(&rig);
    disk->database_room = 0;
    for (int start = 0; start < 2; start++) {
        for (int i = 0; i < 60; i++) {
            get(&rig, "/fill", text, sizeof(text));
            assert_body(text, "HTTP/1.1 200 ", "OK");
        }
        for (int64_t from_ms = hx_rig_now_ms(); hx_rig_now_ms() - from_ms < PATIENCE_MS; (void)usleep(50000)) {
            if (times_logged(&rig, "the disk of the ledger is full") > (unsigned)start) break;
        }
        assert_int_equal(times_logged(&rig, "the disk of the ledger is full"), start + 1);
        assert_unready(&rig);
        get(&rig, "/fill", text, sizeof(text));
        assert_body(text, "HTTP/1.1 200 ", "OK");
        if (start > 0) break;
        assert_int_equal(kill(rig.pid, SIGTERM), 0);
        assert_int_equal(hx_rig_wait(&rig), 0);
        hx_rig_restart(&rig, &plain);
    }
    disk->database_room = -1;
    wait_until_ready(&rig);
    assert_in_range(count_of(&rig), 1 + 2 * 61, 2 + 2 * 61);
    assert_int_equal(hx_rig_stop(&rig), 0);
}

/* A limit of the size of files, as a quota, is a full disk. */
static void a_limit_is_a_full_disk(void **state) {
    (void)state;
    struct hx_rig rig;
    char text[4096];
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {2 * 1024 * 1024, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    hx_rig_start(&rig, &plain);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    int answered = 0;
    for (int i = 0; i < 60; i++) {
        get(&rig, "/fill", text, sizeof(text));
        if (strncmp(text, "HTTP/1.1 200 ", 13) == 0) answered++;
    }
    assert_in_range(answered, 1, 59);
    assert_unready(&rig);
    assert_int_equal(count_of(&rig), answered + 1);
    assert_int_equal(prlimit(rig.pid, RLIMIT_FSIZE, &before, NULL), 0);
    wait_until_ready(&rig);
    get(&rig, "/fill", text, sizeof(text));
    assert_body(text, "HTTP/1.1 200 ", "OK");
    assert_int_equal(hx_rig_stop(&rig), 0);
}

static int repair_disk(void **state) {
    (void)state;
    *disk = (struct hx_test_disk){-1, -1, false};
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(broken_ledger_ends_the_server, repair_disk),
        cmocka_unit_test_teardown(a_full_disk_is_outlasted, repair_disk),
        cmocka_unit_test_teardown(a_checkpoint_waits_for_room, repair_disk),
        cmocka_unit_test(a_limit_is_a_full_disk),
    };
    disk = hx_test_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
