/* parser.c and message.c: goal: bodies end exactly where the framing says, limits hold to the byte, and nothing depends
 * on how the input is split. Method: tables of whole messages fed at once, at every split point and byte by byte, with
 * the total of consumed bytes; limits tried at their value and one past it; several messages through one connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/http/http.h"
#include "test/fuzz/http_result.h"

static struct http_result whole, split;

/* `unread` bytes at the end belong to the next message, or come after the refusal. */
static void check(struct http_input input, size_t unread, const char *expected) {
    http_result_make(&whole, &input, 0, input.len);
    whole.text[whole.text_len] = '\0';
    if (strcmp(whole.text, expected) != 0) print_error("of: %.200s\n", input.bytes);
    assert_string_equal(whole.text, expected);
    assert_int_equal(input.len - whole.consumed, unread);
    for (size_t at = 1; at < input.len; at++) {
        http_result_make(&split, &input, at, input.len);
        assert_true(http_result_equal(&whole, &split));
    }
    for (size_t piece = 1; piece <= 3; piece++) {
        http_result_make(&split, &input, 0, piece);
        assert_true(http_result_equal(&whole, &split));
    }
}

static const struct hx_http_limits limits_small = {64, 64, 3, 8};
#define HOST "Host: h\r\n"
#define HEAD "POST / HTTP/1.1\r\n" HOST
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define CHUNKED_DONE "POST / ? @h 1.1 keep chunked {Host=h;Transfer-Encoding=chunked} "

struct row {
    const char *bytes;
    size_t len;
    size_t unread;
    const char *expected;
};
#define ROW(bytes, unread, expected) \
    { bytes, sizeof(bytes) - 1, unread, expected }

static void request_bodies_end_where_announced(void **state) {
    (void)state;
    static const struct row rows[] = {
        ROW(HEAD "\r\n", 0, "POST / ? @h 1.1 keep {Host=h} "),
        ROW(HEAD "\r\nabc", 3, "POST / ? @h 1.1 keep {Host=h} "),
        ROW(HEAD "Content-Length: 3\r\n\r\nabcGET", 3, "POST / ? @h 1.1 keep length=3 {Host=h;Content-Length=3} abc"),
        ROW(HEAD "Content-Length: 3\r\n\r\nab", 0, "unfinished"),
        ROW(HEAD, 0, "unfinished"),
        ROW(HEAD "Content-Length: 8\r\n\r\n12345678", 0,
            "POST / ? @h 1.1 keep length=8 {Host=h;Content-Length=8} 12345678"),
        ROW(HEAD "Content-Length: 9\r\n\r\n123", 3, "refused 413 BODY_TOO_LARGE"),
        ROW(HEAD "Content-Length: 18446744073709551609\r\n\r\n", 0, "refused 413 BODY_TOO_LARGE"),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct http_input input = {rows[i].bytes, rows[i].len, limits_small, false, false, false};
        check(input, rows[i].unread, rows[i].expected);
    }
}

static void chunked_bodies_are_decoded(void **state) {
    (void)state;
    static const struct row rows[] = {
        ROW(CHUNKED "0\r\n\r\n", 0, CHUNKED_DONE),
        ROW(CHUNKED "3\r\nabc\r\n2\r\nde\r\n000\r\n\r\nGET", 3, CHUNKED_DONE "abcde"),
        ROW(CHUNKED "0000000000000003\r\n\r\n\n\r\n0\r\n\r\n", 0, CHUNKED_DONE "\r\n\n"),
        ROW(CHUNKED "8\r\n12345678\r\n0\r\n\r\n", 0, CHUNKED_DONE "12345678"),
        ROW(CHUNKED "3;a\r\nabc\r\n0;b=\"c\" ; d\r\n\r\n", 0, CHUNKED_DONE "abc"),
        ROW(CHUNKED "0\r\nA: b\r\nC:\r\n\r\n", 0, CHUNKED_DONE),
        ROW(CHUNKED "0\r\nContent-Length: 5\r\nHost: evil\r\n\r\n", 0, CHUNKED_DONE),
        ROW(CHUNKED "9\r\n", 2, "refused 413 BODY_TOO_LARGE"),
        ROW(CHUNKED "5\r\n12345\r\n4\r\n", 2, "refused 413 BODY_TOO_LARGE"),
        ROW(CHUNKED "ffffffffffffffff\r\n", 17, "refused 413 BODY_TOO_LARGE"),
        ROW(CHUNKED "00000000000000000\r\n", 2, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED "\r\n", 1, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED ";a\r\n", 3, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED "0x3\r\n", 3, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED "+3\r\n", 3, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED "-1\r\n", 3, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED " 3\r\n", 3, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED "3 \r\n", 2, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED "g\r\n", 2, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED "3\nabc", 3, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED "3\rabc", 2, "refused 400 CHUNK_SIZE"),
        ROW(CHUNKED "3;a\nabc", 3, "refused 400 CHUNK_EXTENSION"),
        ROW(CHUNKED "3;\0\r\n", 2, "refused 400 CHUNK_EXTENSION"),
        ROW(CHUNKED "3\r\nabcd\r\n", 2, "refused 400 CHUNK_END"),
        ROW(CHUNKED "3\r\nabc\n0\r\n", 3, "refused 400 CHUNK_END"),
        ROW(CHUNKED "3\r\nab\r\n0\r\n", 3, "refused 400 CHUNK_END"),
        ROW(CHUNKED "3\r\nabc\rx", 0, "refused 400 CHUNK_END"),
        ROW(CHUNKED "0\r\nA : b\r\n", 5, "refused 400 TRAILER"),
        ROW(CHUNKED "0\r\n A: b\r\n", 6, "refused 400 TRAILER"),
        ROW(CHUNKED "0\r\nA: b\r\n c\r\n", 3, "refused 400 TRAILER"),
        ROW(CHUNKED "0\r\n: b\r\n", 4, "refused 400 TRAILER"),
        ROW(CHUNKED "0\r\nA\r\n", 1, "refused 400 TRAILER"),
        ROW(CHUNKED "0\r\nA: b\n", 0, "refused 400 TRAILER"),
        ROW(CHUNKED "0\r\nA: b\rc", 0, "refused 400 TRAILER"),
        ROW(CHUNKED "0\r\n\rx", 0, "refused 400 TRAILER"),
        ROW(CHUNKED "0\r\n\n", 0, "refused 400 TRAILER"),
        ROW(CHUNKED "3\r\nabc\r\n0\r\n", 0, "unfinished"),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct http_input input = {rows[i].bytes, rows[i].len, limits_small, false, false, false};
        check(input, rows[i].unread, rows[i].expected);
    }
}

enum { OPEN = 0, CLOSED = 1, TO_HEAD = 2 };
struct response_row {
    const char *bytes;
    size_t len;
    size_t unread;
    unsigned how;
    const char *expected;
};
#define RESPONSE(bytes, unread, how, expected) \
    { bytes, sizeof(bytes) - 1, unread, how, expected }
#define OK "HTTP/1.1 200 OK\r\n"
#define EMPTY "Content-Length: 0\r\n\r\n"

static void responses_end_where_announced(void **state) {
    (void)state;
    static const struct response_row rows[] = {
        RESPONSE(OK "Content-Length: 3\r\n\r\nabcd", 1, OPEN, "200 OK 1.1 keep length=3 {Content-Length=3} abc"),
        RESPONSE(OK "Content-Length: 3\r\n\r\nabc", 0, CLOSED, "200 OK 1.1 keep length=3 {Content-Length=3} abc"),
        RESPONSE(OK "Content-Length: 3\r\n\r\nab", 0, CLOSED, "refused 400 TRUNCATED"),
        RESPONSE(OK "Content-Length: 9\r\n\r\nab", 2, OPEN, "refused 413 BODY_TOO_LARGE"),
        RESPONSE(OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 0, OPEN,
                 "200 OK 1.1 keep chunked {Transfer-Encoding=chunked} a"),
        RESPONSE(OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", 0, CLOSED, "refused 400 TRUNCATED"),
        RESPONSE(OK "\r\nabc", 0, OPEN, "unfinished"),
        RESPONSE(OK "\r\nabc", 0, CLOSED, "200 OK 1.1 close {} abc"),
        RESPONSE(OK "\r\n", 0, CLOSED, "200 OK 1.1 close {} "),
        RESPONSE(OK "\r\n12345678", 0, CLOSED, "200 OK 1.1 close {} 12345678"),
        RESPONSE(OK "\r\n123456789", 0, CLOSED, "refused 413 BODY_TOO_LARGE"),
        RESPONSE(OK "\r", 0, CLOSED, "refused 400 TRUNCATED"),
        RESPONSE(OK "A: b\r\n", 0, CLOSED, "refused 400 TRUNCATED"),
        RESPONSE("H", 0, CLOSED, "refused 400 TRUNCATED"),
        RESPONSE("", 0, CLOSED, "refused 400 TRUNCATED"),
        RESPONSE("HTTP/1.1 204 No Content\r\n\r\nH", 1, OPEN, "204 No Content 1.1 keep {} "),
        RESPONSE("HTTP/1.1 204 N\r\nContent-Length: 3\r\n\r\nabc", 3, OPEN,
                 "204 N 1.1 close length=3 {Content-Length=3} "),
        RESPONSE("HTTP/1.1 204 N\r\nTransfer-Encoding: chunked\r\n\r\n0", 1, OPEN,
                 "204 N 1.1 close chunked {Transfer-Encoding=chunked} "),
        RESPONSE("HTTP/1.1 304 N\r\nContent-Length: 30\r\n\r\nH", 1, OPEN,
                 "304 N 1.1 keep length=30 {Content-Length=30} "),
        RESPONSE(OK "Content-Length: 30\r\n\r\nH", 1, TO_HEAD, "200 OK 1.1 keep length=30 {Content-Length=30} "),
        RESPONSE(OK "\r\nH", 1, TO_HEAD, "200 OK 1.1 keep {} "),
        RESPONSE("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nA: b\r\n\r\nHTTP/1.1 204 N\r\n\r\n", 0, OPEN,
                 "204 N 1.1 keep {} "),
        RESPONSE("HTTP/1.1 100 C\r\nConnection: close\r\n\r\n" OK EMPTY, 0, OPEN,
                 "200 OK 1.1 keep length=0 {Content-Length=0} "),
        RESPONSE("HTTP/1.1 100 C\r\n\r\n", 0, CLOSED, "refused 400 TRUNCATED"),
        RESPONSE("HTTP/1.1 100 C\r\nContent-Length: 5\r\n\r\n", 0, OPEN, "refused 400 INTERIM"),
        RESPONSE("HTTP/1.1 100 C\r\nTransfer-Encoding: chunked\r\n\r\n", 0, OPEN, "refused 400 INTERIM"),
        RESPONSE("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nab", 2, OPEN, "101 Switching 1.1 close {Upgrade=x} "),
        RESPONSE(OK "Connection: close\r\n" EMPTY, 0, OPEN,
                 "200 OK 1.1 close length=0 {Connection=close;Content-Length=0} "),
        RESPONSE("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" EMPTY, 0, OPEN,
                 "200 OK 1.0 keep length=0 {Connection=keep-alive;Content-Length=0} "),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct http_input input = {rows[i].bytes, rows[i].len, limits_small, true, false, false};
        input.request_was_head = rows[i].how == TO_HEAD;
        input.closed_after = rows[i].how == CLOSED;
        check(input, rows[i].unread, rows[i].expected);
    }
}

static void interim_responses_are_bounded(void **state) {
    (void)state;
    static char bytes[4096];
    for (size_t count = HX_HTTP_INTERIM_COUNT_MAX; count <= HX_HTTP_INTERIM_COUNT_MAX + 1; count++) {
        static const char interim[] = "HTTP/1.1 100 C\r\n\r\n";
        size_t interims_len = count * (sizeof interim - 1);
        for (size_t i = 0; i < count; i++) memcpy(bytes + i * (sizeof interim - 1), interim, sizeof interim - 1);
        memcpy(bytes + interims_len, OK EMPTY, sizeof OK EMPTY);
        bool over = count > HX_HTTP_INTERIM_COUNT_MAX;
        struct http_input input = {bytes, strlen(bytes), limits_small, true, false, false};
        check(input, over ? input.len - interims_len : 0,
              over ? "refused 400 INTERIM" : "200 OK 1.1 keep length=0 {Content-Length=0} ");
    }
}

/* The text before `filler`, then `filler` times 'a', then the text after. */
static struct http_input padded(const char *before, size_t filler, const char *after) {
    static char bytes[65536];
    size_t len = strlen(before);
    memcpy(bytes, before, len);
    memset(bytes + len, 'a', filler);
    memcpy(bytes + len + filler, after, strlen(after) + 1);
    return (struct http_input){bytes, strlen(bytes), limits_small, false, false, false};
}

static void line_limits_hold_to_the_byte(void **state) {
    (void)state;
    static char expected[256];
    /* "GET /" and " HTTP/1.1" take 14 of 64. */
    snprintf(expected, sizeof expected, "GET /%.50s ? @h 1.1 keep {Host=h} ",
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    check(padded("GET /", 50, " HTTP/1.1\r\n" HOST "\r\n"), 0, expected);
    check(padded("GET /", 51, " HTTP/1.1\r\n"), 2, "refused 414 TARGET_TOO_LONG");
    check(padded("", 65, ""), 0, "refused 414 TARGET_TOO_LONG");
    /* "Host: h" and two line ends and "A:" take 13 of 64. */
    snprintf(expected, sizeof expected, "GET / ? @h 1.1 keep {Host=h;A=%.51s} ",
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    check(padded("GET / HTTP/1.1\r\n" HOST "A:", 51, "\r\n\r\n"), 0, expected);
    check(padded("GET / HTTP/1.1\r\n" HOST "A:", 52, "\r\n\r\n"), 2, "refused 431 FIELDS_TOO_LARGE");
    check(padded("GET / HTTP/1.1\r\n" HOST "A:", 53, "\r\n\r\n"), 2, "refused 431 FIELDS_TOO_LARGE");
    check(padded("GET / HTTP/1.1\r\n" HOST "A:", 54, "\r\n\r\n"), 4, "refused 431 FIELDS_TOO_LARGE");
    struct http_input input = padded("HTTP/1.1 200 ", 52, "\r\n");
    input.is_response = true;
    check(input, 2, "refused 400 START_LINE");
}

static void header_count_limit_holds(void **state) {
    (void)state;
    check(padded("GET / HTTP/1.1\r\n" HOST "A:\r\nB:\r\n", 0, "\r\n"), 0, "GET / ? @h 1.1 keep {Host=h;A=;B=} ");
    check(padded("GET / HTTP/1.1\r\n" HOST "A:\r\nB:\r\nC:\r\n", 0, "\r\n"), 2, "refused 431 FIELDS_TOO_MANY");
}

static void chunk_extension_and_trailer_limits_hold(void **state) {
    (void)state;
    check(padded(CHUNKED "0;", HX_HTTP_CHUNK_EXTENSIONS_LEN_MAX, "\r\n\r\n"), 0, CHUNKED_DONE);
    check(padded(CHUNKED "0;", HX_HTTP_CHUNK_EXTENSIONS_LEN_MAX + 1, "\r\n\r\n"), 4, "refused 400 CHUNK_EXTENSION");
    check(padded(CHUNKED "1;a\r\nb\r\n0;", HX_HTTP_CHUNK_EXTENSIONS_LEN_MAX, "\r\n\r\n"), 4,
          "refused 400 CHUNK_EXTENSION");
    check(padded(CHUNKED "0\r\nA:", HX_HTTP_TRAILERS_LEN_MAX - 4, "\r\n\r\n"), 0, CHUNKED_DONE);
    check(padded(CHUNKED "0\r\nA:", HX_HTTP_TRAILERS_LEN_MAX - 3, "\r\n\r\n"), 2, "refused 431 TRAILERS_TOO_LARGE");
}

static void default_limits_are_those_promised(void **state) {
    (void)state;
    struct http_input input = padded("GET /", 8192 - 14, " HTTP/1.1\r\n" HOST "\r\n");
    input.limits = HX_HTTP_LIMITS_SERVER;
    http_result_make(&whole, &input, 0, input.len);
    assert_memory_equal(whole.text, "GET /aaa", 8);
    input = padded("GET /", 8192 - 13, " HTTP/1.1\r\n" HOST "\r\n");
    input.limits = HX_HTTP_LIMITS_SERVER;
    http_result_make(&whole, &input, 0, input.len);
    assert_memory_equal(whole.text, "refused 414", 11);
    input = padded(HEAD "Content-Length: 65536\r\n\r\n", 0, "");
    input.limits = HX_HTTP_LIMITS_SERVER;
    http_result_make(&whole, &input, 0, input.len);
    assert_memory_equal(whole.text, "unfinished", 10);
    input = padded(HEAD "Content-Length: 65537\r\n\r\n", 0, "");
    input.limits = HX_HTTP_LIMITS_SERVER;
    http_result_make(&whole, &input, 0, input.len);
    assert_memory_equal(whole.text, "refused 413", 11);
}

static void pipelined_requests_come_out_one_by_one(void **state) {
    (void)state;
    static const char stream[] = "GET /1 HTTP/1.1\r\n" HOST
                                 "\r\n"
                                 "POST /2 HTTP/1.1\r\n" HOST
                                 "Content-Length: 2\r\n\r\nab"
                                 "POST /3 HTTP/1.1\r\n" HOST
                                 "Transfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n"
                                 "\r\nGET /4 HTTP/1.1\r\n" HOST "\r\n";
    static const char *const paths[] = {"/1", "/2", "/3", "/4"};
    static const char *const bodies[] = {"", "ab", "c", ""};
    static char memory[1024];
    for (size_t piece = 1; piece <= sizeof(stream); piece++) {
        struct hx_http_parser parser;
        assert_true(hx_ok(hx_http_request_parser_init(&parser, memory, sizeof memory, limits_small)));
        size_t found = 0;
        for (size_t at = 0; at < sizeof(stream) - 1;) {
            size_t len = sizeof(stream) - 1 - at < piece ? sizeof(stream) - 1 - at : piece;
            size_t consumed = 0;
            enum hx_http_progress progress = hx_http_parser_feed(&parser, stream + at, len, &consumed);
            at += consumed;
            assert_int_not_equal(progress, HX_HTTP_REFUSED);
            if (progress == HX_HTTP_NEED_MORE) {
                assert_int_equal(consumed, len);
                continue;
            }
            assert_true(hx_str_equal(parser.message.path, hx_str_from_c(paths[found])));
            assert_true(hx_str_equal(parser.message.body, hx_str_from_c(bodies[found])));
            assert_int_equal(hx_http_parser_feed(&parser, stream + at, 1, &consumed), HX_HTTP_DONE);
            assert_int_equal(consumed, 0);
            found++;
            hx_http_parser_reset(&parser);
            assert_true(hx_http_parser_is_idle(&parser));
        }
        assert_int_equal(found, 4);
    }
}

static enum hx_http_progress feed_text(struct hx_http_parser *parser, const char *text) {
    size_t consumed = 0;
    return hx_http_parser_feed(parser, text, strlen(text), &consumed);
}

static void a_client_waiting_for_continue_is_seen(void **state) {
    (void)state;
    static char memory[1024];
    struct hx_http_parser parser;
    static const char *const framings[] = {"Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n"};
    static const char *const bodies[] = {"a", "1\r\na\r\n0\r\n\r\n"};
    struct hx_http_limits limits = {64, 128, 4, 8};
    assert_true(hx_ok(hx_http_request_parser_init(&parser, memory, sizeof memory, limits)));
    for (size_t i = 0; i < 2; i++) {
        hx_http_parser_reset(&parser);
        assert_int_equal(feed_text(&parser, HEAD "Expect: 100-continue\r\n"), HX_HTTP_NEED_MORE);
        assert_int_equal(feed_text(&parser, framings[i]), HX_HTTP_NEED_MORE);
        assert_false(hx_http_parser_wants_continue(&parser));
        assert_false(hx_http_parser_is_idle(&parser));
        assert_int_equal(feed_text(&parser, "\r\n"), HX_HTTP_NEED_MORE);
        assert_true(hx_http_parser_wants_continue(&parser));
        assert_true(parser.head_done);
        size_t consumed = 0;
        assert_int_not_equal(hx_http_parser_feed(&parser, bodies[i], 1, &consumed), HX_HTTP_REFUSED);
        assert_false(hx_http_parser_wants_continue(&parser));
        assert_int_equal(feed_text(&parser, bodies[i] + 1), HX_HTTP_DONE);
    }
    hx_http_parser_reset(&parser);
    assert_int_equal(feed_text(&parser, HEAD "Content-Length: 1\r\n\r\n"), HX_HTTP_NEED_MORE);
    assert_false(hx_http_parser_wants_continue(&parser));
}

static void a_response_parser_follows_its_requests(void **state) {
    (void)state;
    static char memory[1024];
    struct hx_http_parser parser;
    assert_true(hx_ok(hx_http_response_parser_init(&parser, memory, sizeof memory, limits_small, true)));
    assert_int_equal(feed_text(&parser, OK "Content-Length: 3\r\n\r\n"), HX_HTTP_DONE);
    hx_http_response_parser_reset(&parser, false);
    assert_int_equal(feed_text(&parser, OK "Content-Length: 3\r\n\r\n"), HX_HTTP_NEED_MORE);
    assert_int_equal(feed_text(&parser, "abc"), HX_HTTP_DONE);
    assert_true(hx_str_equal(parser.message.body, HX_STR("abc")));
}

static void a_refusal_ends_the_connection(void **state) {
    (void)state;
    static char memory[1024];
    struct hx_http_parser parser;
    assert_true(hx_ok(hx_http_request_parser_init(&parser, memory, sizeof memory, limits_small)));
    assert_int_equal(feed_text(&parser, HEAD "Content-Length: 9\r\n\r\n"), HX_HTTP_REFUSED);
    assert_false(parser.message.keep_alive);
    assert_int_equal(hx_http_parser_eof(&parser), HX_HTTP_REFUSED);
    assert_int_equal(parser.refusal, HX_HTTP_REFUSAL_BODY_TOO_LARGE);
    size_t consumed = 1;
    assert_int_equal(hx_http_parser_feed(&parser, "a", 1, &consumed), HX_HTTP_REFUSED);
    assert_int_equal(consumed, 0);
}

static void a_parser_is_idle_before_its_first_byte(void **state) {
    (void)state;
    static char memory[1024];
    struct hx_http_parser parser;
    assert_true(hx_ok(hx_http_request_parser_init(&parser, memory, sizeof memory, limits_small)));
    assert_int_equal(feed_text(&parser, ""), HX_HTTP_NEED_MORE);
    assert_true(hx_http_parser_is_idle(&parser));
    assert_int_equal(feed_text(&parser, "G"), HX_HTTP_NEED_MORE);
    assert_int_equal(feed_text(&parser, ""), HX_HTTP_NEED_MORE);
    assert_false(hx_http_parser_is_idle(&parser));
}

static void storage_must_suffice_and_may_be_unaligned(void **state) {
    (void)state;
    size_t size = hx_http_storage_size(limits_small);
    struct hx_http_parser parser;
    for (size_t shift = 0; shift < 16; shift++) {
        char *memory = malloc(size + shift);
        assert_non_null(memory);
        hx_err err = hx_http_request_parser_init(&parser, memory + shift, size - 1, limits_small);
        assert_true(hx_err_equal(err, HX_ERR(LIMIT_BUFFER)));
        assert_true(hx_ok(hx_http_request_parser_init(&parser, memory + shift, size, limits_small)));
        assert_int_equal(feed_text(&parser, "POST /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\n"),
                         HX_HTTP_NEED_MORE);
        assert_int_equal(
            feed_text(&parser, HOST "Content-Length:8\r\nA:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n12345678"),
            HX_HTTP_DONE);
        assert_true(hx_str_equal(parser.message.body, HX_STR("12345678")));
        free(memory);
    }
}

static void headers_are_found_by_name(void **state) {
    (void)state;
    static char memory[1024];
    struct hx_http_parser parser;
    assert_true(hx_ok(hx_http_request_parser_init(&parser, memory, sizeof memory, limits_small)));
    assert_int_equal(feed_text(&parser, "GET / HTTP/1.1\r\nX-A: 1\r\n" HOST "x-a: 2\r\n\r\n"), HX_HTTP_DONE);
    hx_str value = HX_STR("untouched");
    assert_false(hx_http_find_header(&parser.message, HX_STR("X-"), &value));
    assert_true(hx_str_equal(value, HX_STR("untouched")));
    assert_true(hx_http_find_header(&parser.message, HX_STR("x-A"), &value));
    assert_true(hx_str_equal(value, HX_STR("1")));
    size_t position = 0;
    assert_true(hx_http_find_next_header(&parser.message, HX_STR("X-A"), &position, &value));
    assert_true(hx_str_equal(value, HX_STR("1")));
    assert_true(hx_http_find_next_header(&parser.message, HX_STR("X-A"), &position, &value));
    assert_true(hx_str_equal(value, HX_STR("2")));
    assert_false(hx_http_find_next_header(&parser.message, HX_STR("X-A"), &position, &value));
}

static void names_and_texts_are_known(void **state) {
    (void)state;
    assert_int_equal(hx_http_find_method(HX_STR("GET")), HX_HTTP_METHOD_GET);
    assert_int_equal(hx_http_find_method(HX_STR("TRACE")), HX_HTTP_METHOD_TRACE);
    assert_int_equal(hx_http_find_method(HX_STR("get")), HX_HTTP_METHOD_OTHER);
    assert_int_equal(hx_http_find_method(HX_STR("")), HX_HTTP_METHOD_OTHER);
    assert_string_equal(hx_http_reason(424), "Failed Dependency");
    assert_string_equal(hx_http_reason(299), "");
    assert_int_equal(hx_http_refusal_status(HX_HTTP_REFUSAL_NONE), 0);
    assert_string_equal(hx_http_refusal_text(HX_HTTP_REFUSAL_FOLD), "a folded header line");
#define X(name, status, text) assert_string_not_equal(hx_http_reason(status), "");
#include "core/http/refusal.def"
#undef X
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_bodies_end_where_announced),
        cmocka_unit_test(chunked_bodies_are_decoded),
        cmocka_unit_test(responses_end_where_announced),
        cmocka_unit_test(interim_responses_are_bounded),
        cmocka_unit_test(line_limits_hold_to_the_byte),
        cmocka_unit_test(header_count_limit_holds),
        cmocka_unit_test(chunk_extension_and_trailer_limits_hold),
        cmocka_unit_test(default_limits_are_those_promised),
        cmocka_unit_test(pipelined_requests_come_out_one_by_one),
        cmocka_unit_test(a_client_waiting_for_continue_is_seen),
        cmocka_unit_test(a_response_parser_follows_its_requests),
        cmocka_unit_test(a_refusal_ends_the_connection),
        cmocka_unit_test(a_parser_is_idle_before_its_first_byte),
        cmocka_unit_test(storage_must_suffice_and_may_be_unaligned),
        cmocka_unit_test(headers_are_found_by_name),
        cmocka_unit_test(names_and_texts_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
