/* Goal: a connection speaks RFC 6455 with whatever peer it meets and always ends in one word. Covers stream_conn.c and
 * stream_rig.c. Method: scripted WebSocket servers, plain and TLS, in child processes that count in shared memory, met
 * from the host's own loop. */
#define _GNU_SOURCE

#include "host/native/stream_conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "core/http/ws.h"
#include "host/native/stream_rig.h"

/* One connection. */

struct seen {
    struct hx_host *host;
    struct hx_stream_conn *conn;
    char text[4096]; /* What came, a '|' behind each. */
    size_t len;
    uint32_t opened, texts, ended;
    uint32_t stop_after; /* Texts. */
    char why[200];
};

static void seen_open(void *arg) {
    struct seen *seen = arg;
    seen->opened++;
    assert_true(hx_stream_conn_say(seen->conn, HX_STR("hello")));
}

static void seen_text(void *arg, hx_str text) {
    struct seen *seen = arg;
    if (seen->len + text.len + 2 < sizeof(seen->text)) {
        memcpy(seen->text + seen->len, text.data, text.len);
        seen->len += text.len;
        seen->text[seen->len++] = '|';
        seen->text[seen->len] = '\0';
    }
    if (++seen->texts == seen->stop_after) seen->host->loop.stop = true;
}

static void seen_end(void *arg, const char *why) {
    struct seen *seen = arg;
    seen->ended++;
    (void)snprintf(seen->why, sizeof(seen->why), "%s", why);
    seen->host->loop.stop = true;
}

static struct hx_stream_conn_options options_of(const struct hx_stream_rig_peer *peer, struct seen *seen) {
    return (struct hx_stream_conn_options){.origin = hx_str_from_c(peer->origin),
                                           .target = HX_STR("/private/ws/ticket?a=b"),
                                           .open_ms_max = 10000,
                                           .message_len_max = 4096,
                                           .on_open = seen_open,
                                           .on_text = seen_text,
                                           .on_end = seen_end,
                                           .arg = seen};
}

/* Meets one peer until `stop_after` texts came, or the end. */
static void meet(enum hx_stream_rig_mode mode, uint32_t stop_after,
                 void (*change)(struct hx_stream_conn_options *options), struct seen *seen,
                 struct hx_stream_rig_counts *counts) {
    struct hx_stream_rig_peer peer = hx_stream_rig_start(mode, NULL);
    struct hx_host *host = hx_stream_rig_open(NULL);
    memset(seen, 0, sizeof(*seen));
    seen->host = host;
    seen->stop_after = stop_after;
    struct hx_stream_conn_options options = options_of(&peer, seen);
    if (change != NULL) change(&options);
    seen->conn = hx_stream_conn_open(host, &options);
    assert_non_null(seen->conn);
    hx_stream_rig_run(60000);
    hx_stream_conn_close(seen->conn);
    hx_stream_rig_close();
    memcpy(counts, peer.counts, sizeof(*counts));
    hx_stream_rig_stop(&peer);
}

static void texts_go_both_ways(void **state) {
    (void)state;
    struct seen seen;
    struct hx_stream_rig_counts counts;
    meet(HX_STREAM_RIG_ECHOES, 1, NULL, &seen, &counts);
    assert_string_equal(seen.text, "hello|");
    assert_int_equal(counts.unmasked, 0);
    meet(HX_STREAM_RIG_PINGS, 1, NULL, &seen, &counts);
    assert_string_equal(seen.text, "are you there|");
    meet(HX_STREAM_RIG_FRAGMENTS, 1, NULL, &seen, &counts);
    assert_string_equal(seen.text, "in three parts|");
}

static void every_end_is_told_once(void **state) {
    (void)state;
    static const struct {
        enum hx_stream_rig_mode mode;
        const char *text, *why;
    } rows[] = {
        {HX_STREAM_RIG_SAYS_AND_CUTS, "last words|", "the peer closed the connection"},
        {HX_STREAM_RIG_SAYS_AND_CLOSES, "last words|", "closed by the peer with 1001 bye"},
        {HX_STREAM_RIG_REFUSES, "", "the answer is no upgrade (HTTP 403)"},
        {HX_STREAM_RIG_WRONG_ACCEPT, "", "the upgrade answers another key (HTTP 101)"},
        {HX_STREAM_RIG_MASKS, "", "a server's frame is masked"},
        {HX_STREAM_RIG_BINARY, "", "a binary message, of which none is understood"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct seen seen;
        struct hx_stream_rig_counts counts;
        meet(rows[i].mode, 0, NULL, &seen, &counts);
        assert_string_equal(seen.why, rows[i].why);
        assert_string_equal(seen.text, rows[i].text);
        assert_int_equal(seen.ended, 1);
        bool opens = rows[i].mode != HX_STREAM_RIG_REFUSES && rows[i].mode != HX_STREAM_RIG_WRONG_ACCEPT;
        assert_int_equal(seen.opened, opens);
    }
}

static void be_impatient(struct hx_stream_conn_options *options) {
    options->open_ms_max = 150;
}

static void listen_closely(struct hx_stream_conn_options *options) {
    options->silence_ms_max = 300;
    options->ping_ms = 50;
}

static void live_shortly(struct hx_stream_conn_options *options) {
    options->life_ms_max = 300;
    options->ping_ms = 50;
    options->silence_ms_max = 60000;
}

static void take_little(struct hx_stream_conn_options *options) {
    options->message_len_max = 3;
}

/* Until the peer has seen a ping: one of the two may have been held up for longer than these short lives last. */
static void meet_until_pinged(enum hx_stream_rig_mode mode, void (*change)(struct hx_stream_conn_options *options),
                              const char *why) {
    struct seen seen;
    struct hx_stream_rig_counts counts = {.pings = 0};
    for (int tries = 0; tries < 5 && counts.pings == 0; tries++) {
        meet(mode, 0, change, &seen, &counts);
        assert_string_equal(seen.why, why);
    }
    assert_true(counts.pings >= 1);
}

static void limits_of_time_and_size_hold(void **state) {
    (void)state;
    struct seen seen = {.why = ""};
    struct hx_stream_rig_counts counts = {.upgrades = 0};
    for (int tries = 0; tries < 5 && counts.upgrades == 0; tries++) {
        meet(HX_STREAM_RIG_NEVER_ANSWERS, 0, be_impatient, &seen, &counts);
        assert_int_equal(seen.opened, 0);
    }
    assert_string_equal(seen.why, "the upgrade is not answered");
    meet_until_pinged(HX_STREAM_RIG_SAYS_NOTHING, listen_closely, "nothing came for too long");
    /* Pongs are a sign of life: this one ends of age. */
    meet_until_pinged(HX_STREAM_RIG_ECHOES, live_shortly, "old enough to be replaced");
    meet(HX_STREAM_RIG_ECHOES, 0, take_little, &seen, &counts);
    assert_string_equal(seen.why, "the message is too long");
}

static void nobody_there(void **state) {
    (void)state;
    struct hx_host *host = hx_stream_rig_open(NULL);
    struct seen seen = {.host = host};
    struct hx_stream_rig_peer peer = {.origin = "http://127.0.0.1:1"};
    struct hx_stream_conn_options options = options_of(&peer, &seen);
    seen.conn = hx_stream_conn_open(host, &options);
    if (seen.conn != NULL) {
        hx_stream_rig_run(60000);
        assert_string_equal(seen.why, "it can't be connected to");
        hx_stream_conn_close(seen.conn);
    }
    options.origin = HX_STR("no url");
    assert_null(hx_stream_conn_open(host, &options));
    hx_stream_rig_close();
}

static void tls_is_verified(void **state) {
    (void)state;
    struct hx_rig_certificate pair;
    hx_rig_certify(&pair, "127.0.0.1");
    struct hx_stream_rig_peer peer = hx_stream_rig_start(HX_STREAM_RIG_ECHOES, &pair);
    for (int trusted = 0; trusted < 2; trusted++) {
        struct hx_host *host = hx_stream_rig_open(trusted != 0 ? pair.cert_path : NULL);
        struct seen seen = {.host = host, .stop_after = 1};
        struct hx_stream_conn_options options = options_of(&peer, &seen);
        seen.conn = hx_stream_conn_open(host, &options);
        assert_non_null(seen.conn);
        hx_stream_rig_run(60000);
        if (trusted != 0) assert_string_equal(seen.text, "hello|");
        else assert_string_equal(seen.why, "it can't be connected to");
        hx_stream_conn_close(seen.conn);
        hx_stream_rig_close();
    }
    assert_int_equal(peer.counts->upgrades, 1);
    hx_stream_rig_stop(&peer);
    hx_rig_uncertify(&pair);
}

/* RFC 6455 1.3. */
static void accept_is_the_standards(void **state) {
    (void)state;
    char accept[HX_STREAM_ACCEPT_LEN];
    hx_stream_make_accept(HX_STR("dGhlIHNhbXBsZSBub25jZQ=="), accept);
    assert_memory_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", sizeof(accept));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept_is_the_standards),
        cmocka_unit_test(texts_go_both_ways),
        cmocka_unit_test(every_end_is_told_once),
        cmocka_unit_test(limits_of_time_and_size_hold),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(tls_is_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
