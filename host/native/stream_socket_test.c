/* Goal: a question leaves once or not at all, its asker gets its own answer, and what is reported is what can be
 * proved. Covers stream_socket.c. Method: the scripted servers of stream_rig.h, which count what they were told, asked
 * by tasks of a real host. */
#define _GNU_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/native/stream_conn.h"
#include "host/native/stream_rig.h"

#define TARGET "/private/ws/ticket?a=b"
#define TIMEOUT_MS 20000 /* Only where something is broken it is waited for. */

static void (*script)(struct hx_req *req, uint32_t number);
static struct hx_stream_rig_peer *peer;
static uint32_t started, ended;

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    (void)event;
    (void)reply;
    script(req, started++);
}

static void on_done(struct hx_task *task) {
    if (++ended == *(uint32_t *)task->done_arg) task->host->loop.stop = true;
}

/* Runs `fn` in so many tasks at once. */
static void run(void (*fn)(struct hx_req *req, uint32_t number), uint32_t tasks) {
    struct hx_host *host = hx_stream_rig_open(NULL);
    const struct hx_event event = {.kind = HX_EVENT_TICK};
    script = fn;
    started = ended = 0;
    for (uint32_t i = 0; i < tasks; i++) assert_true(hx_task_start(host, &event, on_done, &tasks));
    if (ended < tasks) hx_stream_rig_run(3 * TIMEOUT_MS);
    assert_int_equal(ended, tasks);
    hx_stream_rig_close();
}

static void with_peer(enum hx_stream_rig_mode mode, void (*fn)(struct hx_req *req, uint32_t number), uint32_t tasks) {
    struct hx_stream_rig_peer started_peer = hx_stream_rig_start(mode, NULL);
    peer = &started_peer;
    run(fn, tasks);
    hx_stream_rig_stop(&started_peer);
}

static struct hx_socket_place place(void) {
    return (struct hx_socket_place){.origin = hx_str_from_c(peer->origin), .target = HX_STR(TARGET)};
}

static hx_err prepare(struct hx_req *req, uint64_t *serial) {
    const struct hx_socket_place where = place();
    return hx_port_socket_prepare(req, &where, TIMEOUT_MS, serial);
}

static struct hx_socket_call call_of(uint64_t serial, const char *text, const char *mark) {
    return (struct hx_socket_call){.origin = hx_str_from_c(peer->origin),
                                   .target = HX_STR(TARGET),
                                   .serial = serial,
                                   .text = hx_str_from_c(text),
                                   .mark = hx_str_from_c(mark),
                                   .timeout_ms = TIMEOUT_MS,
                                   .answer_len_max = 1000};
}

static void assert_err(hx_err err, hx_err expected) {
    if (err.code != expected.code) fail_msg("expected %s, got %s", hx_err_name(expected), hx_err_name(err));
}

static void ask_ten_times(struct hx_req *req, uint32_t number) {
    uint64_t serial = 0, again = 0;
    assert_err(prepare(req, &serial), HX_OK);
    assert_true(serial > 0);
    for (int i = 0; i < 10; i++) {
        char text[64];
        hx_str answer;
        (void)snprintf(text, sizeof(text), "question %u.%d.", number, i);
        struct hx_socket_call call = call_of(serial, text, text);
        assert_err(hx_port_socket_ask(req, &call, &answer), HX_OK);
        assert_true(hx_str_equal(answer, hx_str_from_c(text)));
    }
    assert_err(prepare(req, &again), HX_OK);
    assert_true(serial == again);
}

static void answers_find_their_askers(void **state) {
    (void)state;
    with_peer(HX_STREAM_RIG_ECHOES, ask_ten_times, 1);
    struct hx_stream_rig_peer echo = hx_stream_rig_start(HX_STREAM_RIG_ECHOES, NULL);
    peer = &echo;
    run(ask_ten_times, 30);
    assert_int_equal(echo.counts->connections, 1);
    assert_int_equal(echo.counts->texts, 300);
    hx_stream_rig_stop(&echo);
}

static void refuse_what_is_late(struct hx_req *req, uint32_t number) {
    uint64_t serial = 0;
    hx_str answer;
    (void)number;
    assert_err(prepare(req, &serial), HX_OK);
    struct hx_socket_call late = call_of(serial, "late", "late");
    late.send_by_ms = hx_port_now(req) - 1;
    assert_err(hx_port_socket_ask(req, &late, &answer), HX_ERR(BUSY_NOT_SENT));
    struct hx_socket_call other = call_of(serial + 1, "other", "other");
    assert_err(hx_port_socket_ask(req, &other, &answer), HX_ERR(BUSY_NOT_SENT));
    struct hx_socket_call nowhere = call_of(serial, "nowhere", "nowhere");
    nowhere.target = HX_STR("/else");
    assert_err(hx_port_socket_ask(req, &nowhere, &answer), HX_ERR(BUSY_NOT_SENT));
    struct hx_socket_call good = call_of(serial, "good", "good");
    good.send_by_ms = hx_port_now(req) + 60000;
    assert_err(hx_port_socket_ask(req, &good, &answer), HX_OK);
    struct hx_socket_call longer = call_of(serial, "too long an answer", "too");
    longer.answer_len_max = 5;
    assert_err(hx_port_socket_ask(req, &longer, &answer), HX_ERR(UNKNOWN_OUTCOME));
    assert_int_equal(peer->counts->texts, 2);
}

static void what_must_not_leave_does_not(void **state) {
    (void)state;
    with_peer(HX_STREAM_RIG_ECHOES, refuse_what_is_late, 1);
}

static void lose_the_second(struct hx_req *req, uint32_t number) {
    (void)number;
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t serial = 0, next = 0;
        hx_str answer;
        assert_err(prepare(req, &serial), HX_OK);
        struct hx_socket_call call = call_of(serial, "order", "order");
        assert_err(hx_port_socket_ask(req, &call, &answer), HX_OK);
        assert_err(hx_port_socket_ask(req, &call, &answer), HX_ERR(UNKNOWN_OUTCOME));
        assert_int_equal(peer->counts->texts, 2 * (i + 1));
        /* Not over another connection, whose beginning nobody has seen. */
        assert_err(hx_port_socket_ask(req, &call, &answer), HX_ERR(BUSY_NOT_SENT));
        assert_err(prepare(req, &next), HX_OK);
        assert_true(next != serial);
        assert_int_equal(peer->counts->texts, 2 * (i + 1));
    }
}

static void what_is_lost_on_the_way_is_unknown_and_not_repeated(void **state) {
    (void)state;
    with_peer(HX_STREAM_RIG_SWALLOWS, lose_the_second, 1);
}

static void wait_in_vain(struct hx_req *req, uint32_t number) {
    uint64_t serial = 0;
    hx_str answer;
    (void)number;
    assert_err(prepare(req, &serial), HX_OK);
    struct hx_socket_call call = call_of(serial, "order", "order");
    call.timeout_ms = 150;
    assert_err(hx_port_socket_ask(req, &call, &answer), HX_ERR(UNKNOWN_TIMEOUT));
}

static void silence_is_unknown(void **state) {
    (void)state;
    struct hx_stream_rig_peer silent = hx_stream_rig_start(HX_STREAM_RIG_SAYS_NOTHING, NULL);
    peer = &silent;
    run(wait_in_vain, 3);
    hx_stream_rig_wait(&silent.counts->texts, 3);
    assert_int_equal(silent.counts->texts, 3);
    hx_stream_rig_stop(&silent);
}

static void find_nobody(struct hx_req *req, uint32_t number) {
    uint64_t serial = 0;
    (void)number;
    const struct hx_socket_place where = {.origin = HX_STR("http://127.0.0.1:1"), .target = HX_STR(TARGET)};
    assert_err(hx_port_socket_prepare(req, &where, TIMEOUT_MS, &serial), HX_ERR(BUSY_NOT_SENT));
    assert_err(prepare(req, &serial), HX_ERR(BUSY_NOT_SENT));
}

static void what_can_t_be_had_is_not_sent(void **state) {
    (void)state;
    with_peer(HX_STREAM_RIG_REFUSES, find_nobody, 2);
}

static void stay_for_a_while(struct hx_req *req, uint32_t number) {
    struct hx_socket_place where = place();
    uint64_t serial = 0;
    (void)number;
    where.keep_alive = HX_STR("still here");
    where.keep_alive_ms = 1000;
    assert_err(hx_port_socket_prepare(req, &where, TIMEOUT_MS, &serial), HX_OK);
    for (hx_time limit = hx_port_now(req) + 2 * TIMEOUT_MS; peer->counts->texts == 0;) {
        assert_true(hx_port_now(req) < limit);
        assert_true(hx_ok(hx_port_sleep(req, hx_port_now(req) + 100)));
    }
}

static void a_connection_is_kept_alive(void **state) {
    (void)state;
    with_peer(HX_STREAM_RIG_ECHOES, stay_for_a_while, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_find_their_askers),
        cmocka_unit_test(what_must_not_leave_does_not),
        cmocka_unit_test(what_is_lost_on_the_way_is_unknown_and_not_repeated),
        cmocka_unit_test(silence_is_unknown),
        cmocka_unit_test(what_can_t_be_had_is_not_sent),
        cmocka_unit_test(a_connection_is_kept_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
