#include "core/http/chars.h"
#include "core/http/http.h"
#include "core/http/url.h"

static bool is_listed(hx_str name, const hx_str *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (hx_str_equal_ignore_case(name, names[i])) return true;
    }
    return false;
}

/* These decide where the message ends and whom it is for: they come from the codec or not at all. */
static bool is_reserved(hx_str name) {
    static const hx_str names[] = {
        {"host", 4}, {"content-length", 14}, {"transfer-encoding", 17}, {"trailer", 7}, {"expect", 6},
    };
    return is_listed(name, names, sizeof(names) / sizeof(names[0]));
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool header_valid(const struct hx_http_header *header) {
    hx_str value = header->value;
    if (!hx_http_str_is(header->name, HX_HTTP_CHAR_TOKEN) || is_reserved(header->name)) return false;
    if (value.len == 0) return true;
    if (is_blank(value.data[0]) || is_blank(value.data[value.len - 1])) return false;
    return hx_http_str_is(value, HX_HTTP_CHAR_TEXT);
}

static hx_err check_headers(const struct hx_http_header *headers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!header_valid(&headers[i])) return HX_ERR(REJECT_INPUT);
    }
    return HX_OK;
}

static void add_header(struct hx_buf *buf, hx_str name, hx_str value) {
    hx_buf_add(buf, name);
    hx_buf_add(buf, HX_STR(": "));
    hx_buf_add(buf, value);
    hx_buf_add(buf, HX_STR("\r\n"));
}

static void add_headers(struct hx_buf *buf, const struct hx_http_header *headers, size_t count) {
    for (size_t i = 0; i < count; i++) add_header(buf, headers[i].name, headers[i].value);
}

static void add_content_length(struct hx_buf *buf, uint64_t len) {
    hx_buf_add(buf, HX_STR("Content-Length: "));
    hx_buf_add_u64(buf, len);
    hx_buf_add(buf, HX_STR("\r\n"));
}

static hx_err check_request_line(hx_str method, hx_str host, hx_str target) {
    bool method_valid = hx_http_str_is(method, HX_HTTP_CHAR_TOKEN) && method.len <= HX_HTTP_METHOD_LEN_MAX &&
                        !hx_str_equal(method, HX_STR("CONNECT"));
    if (!method_valid) return HX_ERR(REJECT_INPUT);
    hx_str ignored;
    hx_str query;
    bool is_ipv6;
    uint16_t port;
    if (hx_failed(hx_http_parse_authority(host, &ignored, &is_ipv6, &port))) return HX_ERR(REJECT_INPUT);
    bool asterisk = hx_str_equal(target, HX_STR("*")) && hx_str_equal(method, HX_STR("OPTIONS"));
    if (!asterisk && hx_failed(hx_http_parse_origin(target, &ignored, &query))) return HX_ERR(REJECT_INPUT);
    return HX_OK;
}

/* Methods whose content is expected get "Content-Length: 0" for none (RFC 9110 8.6). */
static bool announces_length(hx_str method, hx_str body) {
    static const hx_str names[] = {{"POST", 4}, {"PUT", 3}, {"PATCH", 5}};
    return body.len > 0 || is_listed(method, names, sizeof(names) / sizeof(names[0]));
}

hx_err hx_http_encode_request(struct hx_buf *buf, hx_str method, hx_str host, hx_str target,
                              const struct hx_http_header *headers, size_t headers_count, hx_str body) {
    HX_TRY(check_request_line(method, host, target));
    HX_TRY(check_headers(headers, headers_count));
    hx_buf_add(buf, method);
    hx_buf_add_char(buf, ' ');
    hx_buf_add(buf, target);
    hx_buf_add(buf, HX_STR(" HTTP/1.1\r\n"));
    add_header(buf, HX_STR("Host"), host);
    add_headers(buf, headers, headers_count);
    if (announces_length(method, body)) add_content_length(buf, body.len);
    hx_buf_add(buf, HX_STR("\r\n"));
    hx_buf_add(buf, body);
    hx_str ignored;
    return hx_buf_finish(buf, &ignored);
}

static bool status_has_body(uint32_t status) {
    return status >= 200 && status != 204 && status != 304;
}

hx_err hx_http_encode_response_head(struct hx_buf *buf, uint32_t status, const struct hx_http_header *headers,
                                    size_t headers_count, uint64_t body_len, bool keep_alive) {
    if (status < 100 || status > 599) return HX_ERR(REJECT_INPUT);
    if (body_len > 0 && !status_has_body(status)) return HX_ERR(REJECT_INPUT);
    HX_TRY(check_headers(headers, headers_count));
    for (size_t i = 0; i < headers_count && status != 101; i++) {
        if (hx_str_equal_ignore_case(headers[i].name, HX_STR("connection"))) return HX_ERR(REJECT_INPUT);
    }
    hx_buf_add(buf, HX_STR("HTTP/1.1 "));
    hx_buf_add_u64(buf, status);
    hx_buf_add_char(buf, ' ');
    hx_buf_add_c(buf, hx_http_reason(status));
    hx_buf_add(buf, HX_STR("\r\n"));
    add_headers(buf, headers, headers_count);
    if (status_has_body(status)) add_content_length(buf, body_len);
    /* keep-alive is said aloud for HTTP/1.0 callers, whose default is to close. */
    if (status >= 200) add_header(buf, HX_STR("Connection"), keep_alive ? HX_STR("keep-alive") : HX_STR("close"));
    hx_buf_add(buf, HX_STR("\r\n"));
    hx_str ignored;
    return hx_buf_finish(buf, &ignored);
}

hx_err hx_http_encode_response(struct hx_buf *buf, uint32_t status, const struct hx_http_header *headers,
                               size_t headers_count, hx_str body, bool keep_alive) {
    HX_TRY(hx_http_encode_response_head(buf, status, headers, headers_count, body.len, keep_alive));
    hx_buf_add(buf, body);
    hx_str ignored;
    return hx_buf_finish(buf, &ignored);
}
