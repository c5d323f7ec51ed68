/* encode.c: goal: what is encoded is what a parser reads back, and no part can smuggle a line, a header or a length in.
 * Method: exact texts; random messages through encode and parse; every byte value tried in every part, where either the
 * encoder refuses it or the parser gives back exactly that part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http/http.h"

static char out[65536];
static char storage[131072];
static struct hx_buf buf;
static struct hx_http_parser parser;

static void begin(void) {
    hx_buf_init(&buf, out, sizeof out);
}

static void assert_out(const char *expected) {
    hx_str text = hx_buf_str(&buf);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.data, expected, text.len);
}

static void assert_str(hx_str actual, hx_str expected) {
    assert_true(hx_str_equal(actual, expected));
}

static void assert_rejected(hx_err err) {
    assert_true(hx_err_equal(err, HX_ERR(REJECT_INPUT)));
}

static void requests_have_the_expected_text(void **state) {
    (void)state;
    struct hx_http_header headers[] = {{HX_STR("X-MBX-APIKEY"), HX_STR("k")}, {HX_STR("A"), HX_STR("")}};
    hx_str none = HX_STR_EMPTY;
    begin();
    assert_true(hx_ok(hx_http_encode_request(&buf, HX_STR("POST"), HX_STR("h:80"), HX_STR("/fapi/v1/order?a=%20"),
                                             headers, 2, HX_STR("ab"))));
    assert_out(
        "POST /fapi/v1/order?a=%20 HTTP/1.1\r\nHost: h:80\r\nX-MBX-APIKEY: k\r\nA: \r\nContent-Length: 2\r\n\r\nab");
    begin();
    assert_true(hx_ok(hx_http_encode_request(&buf, HX_STR("GET"), HX_STR("h"), HX_STR("/"), NULL, 0, none)));
    assert_out("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    begin();
    assert_true(hx_ok(hx_http_encode_request(&buf, HX_STR("PUT"), HX_STR("h"), HX_STR("/"), NULL, 0, none)));
    assert_out("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    begin();
    assert_true(hx_ok(hx_http_encode_request(&buf, HX_STR("OPTIONS"), HX_STR("h"), HX_STR("*"), NULL, 0, none)));
    assert_out("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
}

static void responses_have_the_expected_text(void **state) {
    (void)state;
    struct hx_http_header header = {HX_STR("Retry-After"), HX_STR("5")};
    struct hx_http_header upgrade = {HX_STR("Connection"), HX_STR("Upgrade")};
    hx_str none = HX_STR_EMPTY;
    begin();
    assert_true(hx_ok(hx_http_encode_response(&buf, 503, &header, 1, HX_STR("{}"), true)));
    assert_out(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}");
    begin();
    assert_true(hx_ok(hx_http_encode_response(&buf, 299, NULL, 0, none, false)));
    assert_out("HTTP/1.1 299 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    begin();
    assert_true(hx_ok(hx_http_encode_response(&buf, 204, NULL, 0, none, true)));
    assert_out("HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
    begin();
    assert_true(hx_ok(hx_http_encode_response_head(&buf, 100, NULL, 0, 0, true)));
    assert_out("HTTP/1.1 100 Continue\r\n\r\n");
    begin();
    assert_true(hx_ok(hx_http_encode_response_head(&buf, 101, &upgrade, 1, 0, true)));
    assert_out("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n");
    begin();
    assert_true(hx_ok(hx_http_encode_response_head(&buf, 200, NULL, 0, 12345, true)));
    assert_out("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nConnection: keep-alive\r\n\r\n");
}

static void impossible_messages_are_rejected(void **state) {
    (void)state;
    static const char *const reserved[] = {"Host", "content-length", "Transfer-Encoding", "trailer", "Expect"};
    hx_str get = HX_STR("GET");
    hx_str host = HX_STR("h");
    hx_str root = HX_STR("/");
    hx_str none = HX_STR_EMPTY;
    begin();
    assert_rejected(hx_http_encode_request(&buf, HX_STR(""), host, root, NULL, 0, none));
    assert_rejected(hx_http_encode_request(&buf, HX_STR("CONNECT"), host, root, NULL, 0, none));
    assert_rejected(
        hx_http_encode_request(&buf, HX_STR("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG"), host, root, NULL, 0, none));
    assert_rejected(hx_http_encode_request(&buf, get, none, root, NULL, 0, none));
    assert_rejected(hx_http_encode_request(&buf, get, host, none, NULL, 0, none));
    assert_rejected(hx_http_encode_request(&buf, get, host, HX_STR("*"), NULL, 0, none));
    assert_rejected(hx_http_encode_request(&buf, get, host, HX_STR("http://h/"), NULL, 0, none));
    assert_rejected(hx_http_encode_request(&buf, get, host, HX_STR("/a b"), NULL, 0, none));
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        struct hx_http_header header = {hx_str_from_c(reserved[i]), HX_STR("1")};
        assert_rejected(hx_http_encode_request(&buf, get, host, root, &header, 1, none));
        assert_rejected(hx_http_encode_response(&buf, 200, &header, 1, none, true));
    }
    hx_str longest = HX_STR("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF");
    assert_true(hx_ok(hx_http_encode_request(&buf, longest, host, root, NULL, 0, none)));
    struct hx_http_header connection = {HX_STR("connection"), HX_STR("close")};
    assert_rejected(hx_http_encode_response(&buf, 200, &connection, 1, none, true));
    assert_true(hx_ok(hx_http_encode_request(&buf, get, host, root, &connection, 1, none)));
    begin();
    assert_rejected(hx_http_encode_response(&buf, 99, NULL, 0, none, true));
    assert_rejected(hx_http_encode_response(&buf, 600, NULL, 0, none, true));
    assert_rejected(hx_http_encode_response(&buf, 204, NULL, 0, HX_STR("a"), true));
    assert_rejected(hx_http_encode_response(&buf, 304, NULL, 0, HX_STR("a"), true));
    assert_rejected(hx_http_encode_response(&buf, 100, NULL, 0, HX_STR("a"), true));
    assert_int_equal(buf.len, 0);
}

static void what_does_not_fit_is_an_error(void **state) {
    (void)state;
    begin();
    assert_true(hx_ok(hx_http_encode_request(&buf, HX_STR("POST"), HX_STR("h"), HX_STR("/"), NULL, 0, HX_STR("abc"))));
    size_t request_len = buf.len;
    begin();
    assert_true(hx_ok(hx_http_encode_response(&buf, 200, NULL, 0, HX_STR("abc"), true)));
    size_t response_len = buf.len;
    for (size_t len_max = 0; len_max < request_len; len_max++) {
        hx_buf_init(&buf, out, len_max);
        hx_err err = hx_http_encode_request(&buf, HX_STR("POST"), HX_STR("h"), HX_STR("/"), NULL, 0, HX_STR("abc"));
        assert_true(hx_err_equal(err, HX_ERR(LIMIT_BUFFER)));
    }
    for (size_t len_max = 0; len_max < response_len; len_max++) {
        hx_buf_init(&buf, out, len_max);
        hx_err err = hx_http_encode_response(&buf, 200, NULL, 0, HX_STR("abc"), true);
        assert_true(hx_err_equal(err, HX_ERR(LIMIT_BUFFER)));
    }
}

static void parse_out(bool as_response) {
    struct hx_http_limits limits = {256, 2048, 16, 4096};
    hx_err err = as_response ? hx_http_response_parser_init(&parser, storage, sizeof storage, limits, false)
                             : hx_http_request_parser_init(&parser, storage, sizeof storage, limits);
    assert_true(hx_ok(err));
    size_t consumed = 0;
    enum hx_http_progress progress = hx_http_parser_feed(&parser, out, buf.len, &consumed);
    if (progress != HX_HTTP_DONE) print_error("%s: %.*s\n", hx_http_refusal_text(parser.refusal), (int)buf.len, out);
    assert_int_equal(progress, HX_HTTP_DONE);
    assert_int_equal(consumed, buf.len);
}

enum { PART_METHOD, PART_HOST, PART_TARGET, PART_NAME, PART_VALUE, PARTS };

/* The byte stands in the middle of the part, so that it can't hide by being trimmed. */
static void try_byte(unsigned part, char c) {
    char text[] = "/x_y";
    text[2] = c;
    hx_str parts[PARTS] = {HX_STR("GET"), HX_STR("h"), HX_STR("/"), HX_STR("N"), HX_STR("v")};
    parts[part] = hx_str_make(part == PART_TARGET ? text : text + 1, part == PART_TARGET ? 4 : 3);
    struct hx_http_header header = {parts[PART_NAME], parts[PART_VALUE]};
    begin();
    hx_err err = hx_http_encode_request(&buf, parts[PART_METHOD], parts[PART_HOST], parts[PART_TARGET], &header, 1,
                                        HX_STR("body"));
    bool hostile = c == '\r' || c == '\n' || c == '\0' || c == '\x7f' || (c == ' ' && part != PART_VALUE);
    if (hostile) assert_rejected(err);
    if (hx_failed(err)) {
        assert_rejected(err);
        assert_int_equal(buf.len, 0);
        return;
    }
    parse_out(false);
    assert_str(parser.message.method_text, parts[PART_METHOD]);
    assert_str(parser.message.host, parts[PART_HOST]);
    assert_str(parser.message.target, parts[PART_TARGET]);
    assert_int_equal(parser.message.headers_count, 3);
    assert_str(parser.message.headers[1].name, parts[PART_NAME]);
    assert_str(parser.message.headers[1].value, parts[PART_VALUE]);
    assert_str(parser.message.body, HX_STR("body"));
}

static void no_byte_injects_anything(void **state) {
    (void)state;
    for (unsigned part = 0; part < PARTS; part++) {
        for (int byte = 0; byte < 256; byte++) try_byte(part, (char)byte);
    }
    static const char *const values[] = {" v", "v ", "\tv", "v\t", "a\r\nHost: evil", "a\n b", " "};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct hx_http_header header = {HX_STR("A"), hx_str_from_c(values[i])};
        begin();
        assert_rejected(hx_http_encode_response(&buf, 200, &header, 1, HX_STR_EMPTY, true));
    }
}

static uint64_t random_state;

static uint32_t random_below(uint32_t limit) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % limit;
}

static hx_str random_text(char *text, size_t len, const char *alphabet) {
    size_t alphabet_len = strlen(alphabet);
    for (size_t i = 0; i < len; i++) text[i] = alphabet[random_below((uint32_t)alphabet_len)];
    return hx_str_make(text, len);
}

#define HEADERS_MAX 8
static struct hx_http_header headers[HEADERS_MAX];
static char header_text[HEADERS_MAX][48];

static size_t make_headers(void) {
    size_t count = random_below(HEADERS_MAX);
    for (size_t i = 0; i < count; i++) {
        char *text = header_text[i];
        text[0] = 'X';
        text[1] = '-';
        size_t name_len = random_below(12);
        random_text(text + 2, name_len, "abcXYZ019!#$%&'*+-.^_`|~");
        headers[i].name = hx_str_make(text, 2 + name_len);
        headers[i].value = hx_str_trim(random_text(text + 16, random_below(32), "ab \t,;:=\"\xe4\xff{}[]()/?0"));
    }
    return count;
}

static void assert_headers(size_t from, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_str(parser.message.headers[from + i].name, headers[i].name);
        assert_str(parser.message.headers[from + i].value, headers[i].value);
    }
}

static hx_str random_body(char body[512]) {
    size_t len = random_below(4) == 0 ? 0 : random_below(512);
    for (size_t i = 0; i < len; i++) body[i] = (char)random_below(256);
    return hx_str_make(body, len);
}

static void requests_round_trip(void **state) {
    (void)state;
    static const char *const methods[] = {"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "BREW"};
    for (random_state = 1; random_state < 2000; random_state++) {
        uint64_t seed = random_state;
        char target_text[64] = "/";
        char body_text[512];
        size_t target_len = random_below(60);
        random_text(target_text + 1, target_len, "abc019-._~!$&'()*+,;=:@/?");
        hx_str target = hx_str_make(target_text, target_len + 1);
        hx_str method = hx_str_from_c(methods[random_below(7)]);
        hx_str body = random_body(body_text);
        size_t count = make_headers();
        begin();
        assert_true(
            hx_ok(hx_http_encode_request(&buf, method, HX_STR("api.example:8443"), target, headers, count, body)));
        parse_out(false);
        assert_str(parser.message.method_text, method);
        assert_str(parser.message.target, target);
        assert_str(parser.message.host, HX_STR("api.example:8443"));
        assert_headers(1, count);
        assert_str(parser.message.body, body);
        assert_true(parser.message.keep_alive);
        random_state = seed;
    }
}

static void responses_round_trip(void **state) {
    (void)state;
    for (random_state = 1; random_state < 2000; random_state++) {
        uint64_t seed = random_state;
        char body_text[512];
        uint32_t status = 200 + random_below(400);
        hx_str body = status == 204 || status == 304 ? HX_STR_EMPTY : random_body(body_text);
        bool keep_alive = random_below(2) == 0;
        size_t count = make_headers();
        begin();
        assert_true(hx_ok(hx_http_encode_response(&buf, status, headers, count, body, keep_alive)));
        parse_out(true);
        assert_int_equal(parser.message.status, status);
        assert_str(parser.message.reason, hx_str_from_c(hx_http_reason(status)));
        assert_headers(0, count);
        assert_str(parser.message.body, body);
        assert_int_equal(parser.message.keep_alive, keep_alive);
        random_state = seed;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_have_the_expected_text),
        cmocka_unit_test(responses_have_the_expected_text),
        cmocka_unit_test(impossible_messages_are_rejected),
        cmocka_unit_test(what_does_not_fit_is_an_error),
        cmocka_unit_test(no_byte_injects_anything),
        cmocka_unit_test(requests_round_trip),
        cmocka_unit_test(responses_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
