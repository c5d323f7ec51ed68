/* Goal: what happens on a stream reaches the core in order, one thing at a time, and what the core wishes is done.
 * Covers stream.c. Method: the scripted servers of stream_rig.h, and a small core of the test's that writes down what
 * it is told. */
#define _GNU_SOURCE

#include "host/native/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "core/app/stream.h"
#include "core/http/ws.h"
#include "host/native/stream_rig.h"

#define LIMIT_MS 60000 /* Only where something is broken a test lasts so long. */

static struct {
    const char *origin;
    char story[2000];
    size_t len;
    uint32_t checks, messages, losses;
    uint32_t stop_at_losses, stop_at_messages;
    bool ready, again_on_message, idle_on_message;
    int64_t slow_ms;                /* The first message takes so long. */
    const _Atomic uint32_t *floods; /* The first message takes until there is one. */
    int64_t wake_ms;                /* After the second message. */
    hx_time lost_at, checked_at;
} core;

static void tell(const char *what) {
    core.len += (size_t)snprintf(core.story + core.len, sizeof(core.story) - core.len, "%s ", what);
    if (core.len >= sizeof(core.story)) core.len = sizeof(core.story) - 1;
}

static void wait_for_the_flood(struct hx_req *req) {
    for (hx_time limit = hx_port_now(req) + LIMIT_MS / 2; *core.floods == 0 && hx_port_now(req) < limit;) {
        assert_true(hx_ok(hx_port_sleep(req, hx_port_now(req) + 20)));
    }
    /* It is in the network; the loop takes it in before it looks whether a sleeper is due. */
    assert_true(hx_ok(hx_port_sleep(req, hx_port_now(req) + 100)));
}

static void on_message(struct hx_req *req, struct hx_stream_talk *talk) {
    core.messages++;
    if (core.messages == 1 && core.floods != NULL) wait_for_the_flood(req);
    if (core.messages == 2) talk->wake_ms = core.wake_ms;
    if (core.messages == 1 && core.slow_ms > 0) {
        assert_true(hx_ok(hx_port_sleep(req, hx_port_now(req) + core.slow_ms)));
    }
    if (core.messages <= 3) {
        char text[64];
        (void)snprintf(text, sizeof(text), "'%.*s'", (int)talk->message.len, talk->message.data);
        tell(text);
    }
    if (core.again_on_message) talk->wish = HX_STREAM_AGAIN;
    if (core.idle_on_message) {
        talk->wish = HX_STREAM_IDLE;
        talk->wake_ms = 400;
    }
    if (core.messages == core.stop_at_messages) req->host->loop.stop = true;
}

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    struct hx_stream_talk *talk = event->stream;
    (void)reply;
    assert_int_equal(event->kind, HX_EVENT_STREAM);
    talk->says.count = 0;
    talk->wake_ms = 0;
    talk->wish = HX_STREAM_KEEP;
    bool ours = talk->account.venue == HX_VENUE_BINANCE && talk->account.market == HX_MARKET_FUTURES &&
                !talk->account.test && talk->kind == HX_STREAM_PRIVATE;
    if (!ours) {
        talk->wish = HX_STREAM_NEVER;
        return;
    }
    switch (talk->phase) {
        case HX_STREAM_CHECK:
            assert_int_equal(talk->state.opened_ms, 0);
            core.checks++;
            core.checked_at = hx_port_now(req);
            tell("check");
            talk->wish = HX_STREAM_CONNECT;
            talk->origin = hx_str_from_c(core.origin);
            talk->target = HX_STR("/private/ws/ticket?a=b");
            break;
        case HX_STREAM_OPENED:
            tell("opened");
            talk->state.opened_ms = 1;
            talk->state.ready = core.ready;
            talk->says.list[talk->says.count++] = HX_STR("one");
            talk->says.list[talk->says.count++] = HX_STR("two");
            break;
        case HX_STREAM_MESSAGE:
            on_message(req, talk);
            break;
        case HX_STREAM_TIMER:
            tell("timer");
            talk->says.list[talk->says.count++] = HX_STR("three");
            break;
        case HX_STREAM_LOST:
            tell("lost");
            core.losses++;
            core.lost_at = hx_port_now(req);
            talk->wish = HX_STREAM_AGAIN;
            if (core.losses == core.stop_at_losses) req->host->loop.stop = true;
            break;
    }
}

static void run_streams(const struct hx_stream_rig_peer *peer) {
    struct hx_host *host = hx_stream_rig_open(NULL);
    core.origin = peer->origin;
    hx_streams_start(host);
    hx_stream_rig_run(LIMIT_MS);
    hx_streams_drain(host);
    hx_stream_rig_close();
}

static void core_reset(void) {
    memset(&core, 0, sizeof(core));
}

static void the_core_is_told_in_order_and_obeyed(void **state) {
    (void)state;
    struct hx_stream_rig_peer peer = hx_stream_rig_start(HX_STREAM_RIG_ECHOES, NULL);
    core_reset();
    core.wake_ms = 100;
    core.stop_at_messages = 3;
    run_streams(&peer);
    assert_string_equal(core.story, "check opened 'one' 'two' timer 'three' ");
    hx_stream_rig_wait(&peer.counts->closes, 1);
    assert_int_equal(peer.counts->close_code, HX_WS_CODE_NORMAL);
    hx_stream_rig_stop(&peer);
}

static void what_was_said_last_is_heard_before_the_loss(void **state) {
    (void)state;
    struct hx_stream_rig_peer peer = hx_stream_rig_start(HX_STREAM_RIG_SAYS_AND_CUTS, NULL);
    core_reset();
    core.slow_ms = 300; /* The loss happens while the message is being worked on. */
    core.stop_at_losses = 2;
    run_streams(&peer);
    assert_string_equal(core.story, "check opened 'last words' lost check opened 'last words' lost ");
    assert_int_equal(peer.counts->connections, 2);
    hx_stream_rig_stop(&peer);
}

static void a_peer_that_is_not_there_is_asked_less_and_less(void **state) {
    (void)state;
    struct hx_stream_rig_peer peer = {.origin = "http://127.0.0.1:1"};
    core_reset();
    core.stop_at_losses = 3;
    int64_t before = hx_rig_now_ms();
    run_streams(&peer);
    /* At 0, after 1..1.5 s and after another 2..3 s. */
    assert_int_equal(core.losses, 3);
    assert_int_equal(core.checks, 3);
    assert_true(hx_rig_now_ms() - before >= 3000);
}

static void the_core_can_end_a_connection(void **state) {
    (void)state;
    struct hx_stream_rig_peer peer = hx_stream_rig_start(HX_STREAM_RIG_ECHOES, NULL);
    core_reset();
    core.ready = true;
    core.again_on_message = true;
    core.stop_at_losses = 2;
    run_streams(&peer);
    /* "two" came on a connection that was given up on "one", or fell with it. */
    assert_non_null(strstr(core.story, "check opened 'one' "));
    assert_int_equal(core.checks, 2);
    core_reset();
    core.idle_on_message = true;
    core.stop_at_losses = 2;
    int64_t before = hx_rig_now_ms();
    run_streams(&peer);
    assert_int_equal(core.checks, 2);
    assert_true(hx_rig_now_ms() - before >= 400);
    hx_stream_rig_stop(&peer);
}

/* More than is kept while the core is slow: the connection goes, what was kept is heard, then the loss. */
static void a_flood_ends_the_connection(void **state) {
    (void)state;
    struct hx_stream_rig_peer peer = hx_stream_rig_start(HX_STREAM_RIG_FLOODS, NULL);
    core_reset();
    core.floods = &peer.counts->floods;
    core.stop_at_losses = 1;
    run_streams(&peer);
    assert_int_equal(core.losses, 1);
    assert_in_range(core.messages, 1, 4999);
    hx_stream_rig_stop(&peer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_core_is_told_in_order_and_obeyed),
        cmocka_unit_test(what_was_said_last_is_heard_before_the_loss),
        cmocka_unit_test(a_peer_that_is_not_there_is_asked_less_and_less),
        cmocka_unit_test(the_core_can_end_a_connection),
        cmocka_unit_test(a_flood_ends_the_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
