/* ws_upgrade.c: goal: an upgrade is recognised on both sides exactly when RFC 6455 section 4 says so. Method: the
 * standard's own example; then each header of it left out, changed or doubled, through the HTTP parser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http/ws.h"

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static char storage[64 * 1024], out[4096];
static struct hx_http_parser parser;

static const struct hx_http_message *parse_request(const char *line, const char *headers) {
    size_t consumed = 0;
    struct hx_buf buf;
    hx_buf_init(&buf, out, sizeof out);
    hx_buf_add_c(&buf, line);
    hx_buf_add_c(&buf, "\r\nHost: server.example.com\r\n");
    hx_buf_add_c(&buf, headers);
    hx_buf_add_c(&buf, "\r\n");
    struct hx_http_limits limits = HX_HTTP_LIMITS_SERVER;
    limits.body_len_max = 1024;
    assert_true(hx_ok(hx_http_request_parser_init(&parser, storage, sizeof storage, limits)));
    assert_int_equal(hx_http_parser_feed(&parser, out, buf.len, &consumed), HX_HTTP_DONE);
    return &parser.message;
}

static const struct hx_http_message *parse_response(const char *line, const char *headers) {
    size_t consumed = 0;
    struct hx_buf buf;
    hx_buf_init(&buf, out, sizeof out);
    hx_buf_add_c(&buf, line);
    hx_buf_add_c(&buf, "\r\n");
    hx_buf_add_c(&buf, headers);
    hx_buf_add_c(&buf, "\r\n");
    struct hx_http_limits limits = HX_HTTP_LIMITS_CLIENT;
    limits.body_len_max = 1024;
    assert_true(hx_ok(hx_http_response_parser_init(&parser, storage, sizeof storage, limits, false)));
    assert_int_equal(hx_http_parser_feed(&parser, out, buf.len, &consumed), HX_HTTP_DONE);
    return &parser.message;
}

#define GOOD_UPGRADE "Upgrade: websocket\r\n"
#define GOOD_CONNECTION "Connection: Upgrade\r\n"
#define GOOD_VERSION "Sec-WebSocket-Version: 13\r\n"
#define GOOD_KEY "Sec-WebSocket-Key: " KEY "\r\n"
#define GOOD_ACCEPT "Sec-WebSocket-Accept: " ACCEPT "\r\n"
#define GET_CHAT "GET /chat HTTP/1.1"

static void a_good_request_is_recognised(void **state) {
    (void)state;
    hx_str key;
    assert_null(hx_ws_check_request(parse_request(GET_CHAT, GOOD_UPGRADE GOOD_CONNECTION GOOD_VERSION GOOD_KEY), &key));
    assert_true(hx_str_equal(key, HX_STR(KEY)));
    /* Lists, case and other tokens beside it. */
    const char *odd = "Upgrade: h2c, WebSocket\r\nConnection: keep-alive\r\nconnection: x, UPGRADE\r\n" GOOD_VERSION
                      "sec-websocket-key:" KEY "\r\n";
    assert_null(hx_ws_check_request(parse_request(GET_CHAT, odd), &key));
}

static void requests_that_lack_something_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *line, *headers;
    } rows[] = {
        {"POST /chat HTTP/1.1", GOOD_UPGRADE GOOD_CONNECTION GOOD_VERSION GOOD_KEY},
        {"GET /chat HTTP/1.0", GOOD_UPGRADE GOOD_CONNECTION GOOD_VERSION GOOD_KEY},
        {GET_CHAT, GOOD_CONNECTION GOOD_VERSION GOOD_KEY},
        {GET_CHAT, "Upgrade: websocketx\r\n" GOOD_CONNECTION GOOD_VERSION GOOD_KEY},
        {GET_CHAT, GOOD_UPGRADE GOOD_VERSION GOOD_KEY},
        {GET_CHAT, GOOD_UPGRADE "Connection: keep-alive\r\n" GOOD_VERSION GOOD_KEY},
        {GET_CHAT, GOOD_UPGRADE GOOD_CONNECTION GOOD_KEY},
        {GET_CHAT, GOOD_UPGRADE GOOD_CONNECTION "Sec-WebSocket-Version: 8\r\n" GOOD_KEY},
        {GET_CHAT, GOOD_UPGRADE GOOD_CONNECTION GOOD_VERSION GOOD_VERSION GOOD_KEY},
        {GET_CHAT, GOOD_UPGRADE GOOD_CONNECTION GOOD_VERSION},
        {GET_CHAT, GOOD_UPGRADE GOOD_CONNECTION GOOD_VERSION GOOD_KEY GOOD_KEY},
        {GET_CHAT, GOOD_UPGRADE GOOD_CONNECTION GOOD_VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n"},
        {GET_CHAT, GOOD_UPGRADE GOOD_CONNECTION GOOD_VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n"},
        {GET_CHAT, GOOD_UPGRADE GOOD_CONNECTION GOOD_VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub2 jZQ==\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hx_str key;
        const char *problem = hx_ws_check_request(parse_request(rows[i].line, rows[i].headers), &key);
        if (problem == NULL) print_error("row %zu was let through\n", i);
        assert_non_null(problem);
        assert_int_equal(key.len, 0);
    }
}

static void responses_are_checked(void **state) {
    (void)state;
    static const char *const good = "HTTP/1.1 101 Switching Protocols";
    static const struct {
        const char *line, *headers;
        bool accepted;
    } rows[] = {
        {"HTTP/1.1 101 Switching Protocols", GOOD_UPGRADE GOOD_CONNECTION GOOD_ACCEPT, true},
        {"HTTP/1.1 101 Switching Protocols", "upgrade: WebSocket\r\nconnection: upgrade\r\n" GOOD_ACCEPT, true},
        {"HTTP/1.1 200 OK", GOOD_UPGRADE GOOD_CONNECTION GOOD_ACCEPT "Content-Length: 0\r\n", false},
        {"HTTP/1.1 101 Switching Protocols", GOOD_CONNECTION GOOD_ACCEPT, false},
        {"HTTP/1.1 101 Switching Protocols", GOOD_UPGRADE GOOD_ACCEPT, false},
        {"HTTP/1.1 101 Switching Protocols", GOOD_UPGRADE GOOD_CONNECTION, false},
        {"HTTP/1.1 101 Switching Protocols", GOOD_UPGRADE GOOD_CONNECTION GOOD_ACCEPT GOOD_ACCEPT, false},
        {"HTTP/1.1 101 Switching Protocols",
         GOOD_UPGRADE GOOD_CONNECTION "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\r\n", false},
        {"HTTP/1.1 101 Switching Protocols",
         GOOD_UPGRADE GOOD_CONNECTION GOOD_ACCEPT "Sec-WebSocket-Extensions: permessage-deflate\r\n", false},
        {"HTTP/1.1 101 Switching Protocols",
         GOOD_UPGRADE GOOD_CONNECTION GOOD_ACCEPT "Sec-WebSocket-Protocol: chat\r\n", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *problem = hx_ws_check_response(parse_response(rows[i].line, rows[i].headers), HX_STR(ACCEPT));
        if ((problem == NULL) != rows[i].accepted) print_error("row %zu\n", i);
        assert_int_equal(problem == NULL, rows[i].accepted);
    }
    assert_non_null(hx_ws_check_response(parse_response(good, GOOD_UPGRADE GOOD_CONNECTION GOOD_ACCEPT),
                                         HX_STR("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
}

static void what_is_filled_in_passes_the_checks(void **state) {
    (void)state;
    struct hx_http_header headers[HX_WS_REQUEST_HEADERS];
    struct hx_buf buf;
    size_t consumed = 0;
    hx_str key;
    hx_ws_fill_request(headers, HX_STR(KEY));
    hx_buf_init(&buf, out, sizeof out);
    assert_true(hx_ok(hx_http_encode_request(&buf, HX_STR("GET"), HX_STR("h:1"), HX_STR("/ws?a=b"), headers,
                                             HX_WS_REQUEST_HEADERS, HX_STR_EMPTY)));
    struct hx_http_limits limits = HX_HTTP_LIMITS_SERVER;
    limits.body_len_max = 1024;
    assert_true(hx_ok(hx_http_request_parser_init(&parser, storage, sizeof storage, limits)));
    assert_int_equal(hx_http_parser_feed(&parser, out, buf.len, &consumed), HX_HTTP_DONE);
    assert_true(hx_ws_is_wanted(&parser.message));
    assert_null(hx_ws_check_request(&parser.message, &key));
    assert_true(hx_str_equal(key, HX_STR(KEY)));
    assert_false(hx_ws_is_wanted(parse_request(GET_CHAT, "")));
    hx_ws_fill_response(headers, HX_STR(ACCEPT));
    hx_buf_init(&buf, out, sizeof out);
    assert_true(hx_ok(hx_http_encode_response_head(&buf, 101, headers, HX_WS_RESPONSE_HEADERS, 0, true)));
    limits = HX_HTTP_LIMITS_CLIENT;
    limits.body_len_max = 1024;
    assert_true(hx_ok(hx_http_response_parser_init(&parser, storage, sizeof storage, limits, false)));
    assert_int_equal(hx_http_parser_feed(&parser, out, buf.len, &consumed), HX_HTTP_DONE);
    assert_int_equal(consumed, buf.len);
    assert_null(hx_ws_check_response(&parser.message, HX_STR(ACCEPT)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_request_is_recognised),
        cmocka_unit_test(requests_that_lack_something_are_refused),
        cmocka_unit_test(responses_are_checked),
        cmocka_unit_test(what_is_filled_in_passes_the_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
