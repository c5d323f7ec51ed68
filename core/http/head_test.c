/* head.c: goal: each start line and header is read as RFC 9112 says, or refused with the right status. Method: tables
 * of heads and the whole result expected of each, fed at once, at every split point, and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/http/http.h"
#include "test/fuzz/http_result.h"

struct row {
    const char *bytes;
    size_t len;
    const char *expected;
};
#define ROW(bytes, expected) \
    { bytes, sizeof(bytes) - 1, expected }
#define HOST "Host: h\r\n"

static struct http_result whole, split;

static void check_rows(const struct row *rows, size_t count, bool is_response) {
    for (size_t i = 0; i < count; i++) {
        struct http_input input = {rows[i].bytes, rows[i].len, HX_HTTP_LIMITS_SERVER, is_response, false, false};
        input.limits.body_len_max = 64;
        http_result_make(&whole, &input, 0, input.len);
        whole.text[whole.text_len] = '\0';
        if (strcmp(whole.text, rows[i].expected) != 0) print_error("row %zu: %s\n", i, rows[i].bytes);
        assert_string_equal(whole.text, rows[i].expected);
        for (size_t at = 1; at < input.len; at++) {
            http_result_make(&split, &input, at, input.len);
            assert_true(http_result_equal(&whole, &split));
        }
        http_result_make(&split, &input, 0, 1);
        assert_true(http_result_equal(&whole, &split));
    }
}
#define CHECK_ROWS(rows, is_response) check_rows(rows, sizeof(rows) / sizeof((rows)[0]), is_response)

static void request_lines_are_read(void **state) {
    (void)state;
    static const struct row rows[] = {
        ROW("GET / HTTP/1.1\r\n" HOST "\r\n", "GET / ? @h 1.1 keep {Host=h} "),
        ROW("\r\nGET / HTTP/1.1\r\n" HOST "\r\n", "GET / ? @h 1.1 keep {Host=h} "),
        ROW("GET / HTTP/1.0\r\n\r\n", "GET / ? @ 1.0 close {} "),
        ROW("get /a%20b?x=1?&y HTTP/1.1\r\n" HOST "\r\n", "get /a%20b ?x=1?&y @h 1.1 keep {Host=h} "),
        ROW("GET /-._~!$&'()*+,;=:@/ HTTP/1.1\r\n" HOST "\r\n", "GET /-._~!$&'()*+,;=:@/ ? @h 1.1 keep {Host=h} "),
        ROW("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF / HTTP/1.1\r\n" HOST "\r\n",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF / ? @h 1.1 keep {Host=h} "),
        ROW("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "OPTIONS * ? @h 1.1 keep {Host=h} "),
        ROW("GET http://a.b:81/p?q HTTP/1.1\r\n" HOST "\r\n", "GET /p ?q @a.b:81 1.1 keep {Host=h} "),
        ROW("GET HTTPS://a HTTP/1.1\r\n" HOST "\r\n", "GET / ? @a 1.1 keep {Host=h} "),
        ROW("GET http://a?q HTTP/1.1\r\n" HOST "\r\n", "GET / ?q @a 1.1 keep {Host=h} "),
    };
    CHECK_ROWS(rows, false);
}

static void bad_request_lines_are_refused(void **state) {
    (void)state;
    static const struct row rows[] = {
        ROW("\r\n\r\nGET / HTTP/1.1\r\n", "refused 400 START_LINE"),
        ROW("GET /\r\n", "refused 400 START_LINE"),
        ROW("GET\r\n", "refused 400 START_LINE"),
        ROW(" GET / HTTP/1.1\r\n", "refused 400 START_LINE"),
        ROW("GET / HTTP/1.1 \r\n", "refused 400 START_LINE"),
        ROW("GET / http/1.1\r\n", "refused 400 START_LINE"),
        ROW("GET / HTTP/1\r\n", "refused 400 START_LINE"),
        ROW("GET / HTTP/1.10\r\n", "refused 400 START_LINE"),
        ROW("GET / HTTP/x.1\r\n", "refused 400 START_LINE"),
        ROW("GET / HTTP/1.x\r\n", "refused 400 START_LINE"),
        ROW("GET / HTTP/1,1\r\n", "refused 400 START_LINE"),
        ROW("GET\t/ HTTP/1.1\r\n", "refused 400 START_LINE"),
        ROW("G(T / HTTP/1.1\r\n", "refused 400 START_LINE"),
        ROW("GET HTTP/1.1\r\n", "refused 400 START_LINE"),
        ROW("GET  HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET  / HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET /  HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET /a b HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET /\xc3\xa4 HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET /% HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET /%2 HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET /?%zz HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET /\"41 HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET /#f HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET /\"<>\\^`{|} HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET * HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("OPTIONS ** HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET a/b HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET ftp://a/ HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET http:///a HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("GET http://u@a/ HTTP/1.1\r\n", "refused 400 TARGET"),
        ROW("CONNECT a:443 HTTP/1.1\r\n", "refused 501 METHOD"),
        ROW("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n", "refused 501 METHOD"),
        ROW("GET / HTTP/0.9\r\n", "refused 505 VERSION"),
        ROW("GET / HTTP/1.2\r\n", "refused 505 VERSION"),
        ROW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "refused 505 VERSION"),
        ROW("\x16\x03\x01\x02", "refused 400 CONTROL"),
        ROW("GET / HTTP/1.1\n", "refused 400 BARE_LF"),
        ROW("GET / HTTP/1.1\rHost", "refused 400 BARE_CR"),
        ROW("GET / HTTP/1.1\r\r\n", "refused 400 BARE_CR"),
        ROW("\n", "refused 400 BARE_LF"),
        ROW("GET /\0 HTTP/1.1\r\n", "refused 400 CONTROL"),
        ROW("GET /\x7f HTTP/1.1\r\n", "refused 400 CONTROL"),
    };
    CHECK_ROWS(rows, false);
}

#define GET "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST

static void headers_are_read(void **state) {
    (void)state;
    static const struct row rows[] = {
        ROW(GET "hOST:h\r\n\r\n", "GET / ? @h 1.1 keep {hOST=h} "),
        ROW(GET "Host: \t h:80 \t\r\n\r\n", "GET / ? @h:80 1.1 keep {Host=h:80} "),
        ROW(GET "Host: [::1]:80\r\n\r\n", "GET / ? @[::1]:80 1.1 keep {Host=[::1]:80} "),
        ROW(GET HOST "A:\r\nB: \r\nC: a b\tc\r\nD: \xff:\r\n\r\n",
            "GET / ? @h 1.1 keep {Host=h;A=;B=;C=a b\tc;D=\xff:} "),
        ROW(GET HOST "!#$%&'*+-.^_`|~09az: 1\r\n\r\n", "GET / ? @h 1.1 keep {Host=h;!#$%&'*+-.^_`|~09az=1} "),
        ROW(GET HOST "Content-Langth: x\r\nTransfer-Encodin_: y\r\n\r\n",
            "GET / ? @h 1.1 keep {Host=h;Content-Langth=x;Transfer-Encodin_=y} "),
        ROW(GET HOST "A: 1\r\nA: 2\r\n\r\n", "GET / ? @h 1.1 keep {Host=h;A=1;A=2} "),
        ROW(GET HOST "Connection: close\r\n\r\n", "GET / ? @h 1.1 close {Host=h;Connection=close} "),
        ROW(GET HOST "Connection: x , CLOSE\r\n\r\n", "GET / ? @h 1.1 close {Host=h;Connection=x , CLOSE} "),
        ROW(GET HOST "Connection: closed\r\n\r\n", "GET / ? @h 1.1 keep {Host=h;Connection=closed} "),
        ROW("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / ? @ 1.0 keep {Connection=Keep-Alive} "),
        ROW("GET / HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n",
            "GET / ? @ 1.0 close {Connection=close;Connection=keep-alive} "),
        ROW(POST "Content-Length: 0\r\n\r\n", "POST / ? @h 1.1 keep length=0 {Host=h;Content-Length=0} "),
        ROW(POST "Content-Length: 003\r\n\r\nabc", "POST / ? @h 1.1 keep length=3 {Host=h;Content-Length=003} abc"),
        ROW(POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\na",
            "POST / ? @h 1.1 keep expects length=1 {Host=h;Expect=100-Continue;Content-Length=1} a"),
        ROW("POST / HTTP/1.0\r\nExpect: tea\r\n\r\n", "POST / ? @ 1.0 close {Expect=tea} "),
        ROW(POST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
            "POST / ? @h 1.1 keep chunked {Host=h;Transfer-Encoding=Chunked} "),
    };
    CHECK_ROWS(rows, false);
}

static void bad_headers_are_refused(void **state) {
    (void)state;
    static const struct row rows[] = {
        ROW(GET "\r\n", "refused 400 HOST_MISSING"),
        ROW(GET HOST HOST "\r\n", "refused 400 HOST_DUPLICATE"),
        ROW("GET / HTTP/1.0\r\n" HOST HOST "\r\n", "refused 400 HOST_DUPLICATE"),
        ROW(GET "Host:\r\n\r\n", "refused 400 HOST_INVALID"),
        ROW(GET "Host: a,b\r\n\r\n", "refused 400 HOST_INVALID"),
        ROW(GET "Host: u@a\r\n\r\n", "refused 400 HOST_INVALID"),
        ROW(GET "Host: a/b\r\n\r\n", "refused 400 HOST_INVALID"),
        ROW(GET "Host: a:0\r\n\r\n", "refused 400 HOST_INVALID"),
        ROW(GET "Host: a:65536\r\n\r\n", "refused 400 HOST_INVALID"),
        ROW(GET "Host: a b\r\n\r\n", "refused 400 HOST_INVALID"),
        ROW(GET " A: b\r\n", "refused 400 FOLD"),
        ROW(GET HOST "A: b\r\n c\r\n", "refused 400 FOLD"),
        ROW(GET HOST "A: b\r\n\tc: d\r\n", "refused 400 FOLD"),
        ROW(GET HOST " \r\n", "refused 400 FOLD"),
        ROW(GET HOST "A : b\r\n", "refused 400 FIELD_NAME"),
        ROW(GET HOST "A\t: b\r\n", "refused 400 FIELD_NAME"),
        ROW(GET HOST ": b\r\n", "refused 400 FIELD_NAME"),
        ROW(GET HOST "A\r\n", "refused 400 FIELD_NAME"),
        ROW(GET HOST "A(b): c\r\n", "refused 400 FIELD_NAME"),
        ROW(GET HOST "\xc3\xa4: c\r\n", "refused 400 FIELD_NAME"),
        ROW(GET HOST "A: b\nC: d\r\n", "refused 400 BARE_LF"),
        ROW(GET HOST "A: b\rC: d\r\n", "refused 400 BARE_CR"),
        ROW(GET HOST "A: b\0\r\n", "refused 400 CONTROL"),
        ROW(GET HOST "A: \x1b[0m\r\n", "refused 400 CONTROL"),
        ROW(GET HOST "A: \x7f\r\n", "refused 400 CONTROL"),
        ROW(GET HOST "\n", "refused 400 BARE_LF"),
        ROW(POST "Expect: 200-ok\r\n", "refused 417 EXPECTATION"),
    };
    CHECK_ROWS(rows, false);
}

static void ambiguous_framing_is_refused(void **state) {
    (void)state;
    static const struct row rows[] = {
        ROW(POST "Content-Length: 3\r\nContent-Length: 7\r\n\r\nabc", "refused 400 LENGTH_DUPLICATE"),
        ROW(POST "Content-Length: 3\r\ncontent-length: 3\r\n\r\nabc", "refused 400 LENGTH_DUPLICATE"),
        ROW(POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "refused 400 LENGTH_AND_CODING"),
        ROW(POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", "refused 400 LENGTH_AND_CODING"),
        ROW(POST "Content-Length: +3\r\n", "refused 400 LENGTH_INVALID"),
        ROW(POST "Content-Length: -1\r\n", "refused 400 LENGTH_INVALID"),
        ROW(POST "Content-Length: 0x3\r\n", "refused 400 LENGTH_INVALID"),
        ROW(POST "Content-Length: 3,3\r\n", "refused 400 LENGTH_INVALID"),
        ROW(POST "Content-Length: 3 3\r\n", "refused 400 LENGTH_INVALID"),
        ROW(POST "Content-Length: 3.0\r\n", "refused 400 LENGTH_INVALID"),
        ROW(POST "Content-Length:\r\n", "refused 400 LENGTH_INVALID"),
        ROW(POST "Content-Length: 18446744073709551619\r\n", "refused 400 LENGTH_INVALID"),
        ROW(POST "Transfer-Encoding: gzip\r\n", "refused 501 CODING_UNKNOWN"),
        ROW(POST "Transfer-Encoding: gzip, chunked\r\n", "refused 501 CODING_UNKNOWN"),
        ROW(POST "Transfer-Encoding: identity\r\n", "refused 501 CODING_UNKNOWN"),
        ROW(POST "Transfer-Encoding: xchunked\r\n", "refused 501 CODING_UNKNOWN"),
        ROW(POST "Transfer-Encoding: chunked, chunked\r\n", "refused 400 CODING_INVALID"),
        ROW(POST "Transfer-Encoding: chunked;q=1\r\n", "refused 400 CODING_INVALID"),
        ROW(POST "Transfer-Encoding: \"chunked\"\r\n", "refused 400 CODING_INVALID"),
        ROW(POST "Transfer-Encoding:\r\n", "refused 400 CODING_INVALID"),
        ROW(POST "Transfer-Encoding: ,chunked\r\n", "refused 400 CODING_INVALID"),
        ROW(POST "Transfer-Encoding: \x0b"
                 "chunked\r\n",
            "refused 400 CONTROL"),
        ROW(POST "Transfer-Encoding : chunked\r\n", "refused 400 FIELD_NAME"),
        ROW(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "refused 400 CODING_INVALID"),
        ROW(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", "refused 400 CODING_INVALID"),
        ROW("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", "refused 400 CODING_INVALID"),
    };
    CHECK_ROWS(rows, false);
}

static void status_lines_are_read(void **state) {
    (void)state;
    static const struct row rows[] = {
        ROW("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 OK 1.1 keep length=2 {Content-Length=2} ok"),
        ROW("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200  1.1 keep length=0 {Content-Length=0} "),
        ROW("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200  1.1 keep length=0 {Content-Length=0} "),
        ROW("HTTP/1.0 599 a b\r\nContent-Length: 0\r\n\r\n", "599 a b 1.0 close length=0 {Content-Length=0} "),
        ROW("\r\nHTTP/1.1 200 OK\r\n", "refused 400 START_LINE"),
        ROW("HTTP/1.1  200 OK\r\n", "refused 400 START_LINE"),
        ROW("HTTP/1.1 20 OK\r\n", "refused 400 START_LINE"),
        ROW("HTTP/1.1 2000 OK\r\n", "refused 400 START_LINE"),
        ROW("HTTP/1.1 +20 OK\r\n", "refused 400 START_LINE"),
        ROW("HTTP/1.1 099 OK\r\n", "refused 400 START_LINE"),
        ROW("HTTP/1.1 600 OK\r\n", "refused 400 START_LINE"),
        ROW("HTTP/1.1 200\tOK\r\n", "refused 400 START_LINE"),
        ROW("HTTP/2.0 200 OK\r\n", "refused 505 VERSION"),
        ROW("ICY 200 OK\r\n", "refused 400 START_LINE"),
        ROW("<html>502 Bad Gateway</html>\r\n", "refused 400 START_LINE"),
        ROW("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n", "refused 400 LENGTH_DUPLICATE"),
        ROW("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n", "refused 400 LENGTH_AND_CODING"),
        ROW("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n", "refused 501 CODING_UNKNOWN"),
        ROW("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n", "refused 400 CODING_INVALID"),
        ROW("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n", "refused 400 FOLD"),
        ROW("HTTP/1.1 200 OK\nA: b\r\n", "refused 400 BARE_LF"),
    };
    CHECK_ROWS(rows, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_lines_are_read),
        cmocka_unit_test(bad_request_lines_are_refused),
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(ambiguous_framing_is_refused),
        cmocka_unit_test(status_lines_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
