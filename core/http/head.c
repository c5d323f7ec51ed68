#include "core/http/head.h"

#include "core/http/chars.h"
#include "core/http/url.h"

/* HTTP-version = "HTTP/" DIGIT "." DIGIT, case-sensitive (RFC 9112 2.3). */
static enum hx_http_refusal read_version(hx_str text, uint32_t *minor) {
    bool well_formed = text.len == 8 && hx_str_starts_with(text, HX_STR("HTTP/")) && text.data[6] == '.' &&
                       hx_http_char_is_digit(text.data[5]) && hx_http_char_is_digit(text.data[7]);
    if (!well_formed) return HX_HTTP_REFUSAL_START_LINE;
    if (text.data[5] != '1' || text.data[7] > '1') return HX_HTTP_REFUSAL_VERSION;
    *minor = (uint32_t)(text.data[7] - '0');
    return HX_HTTP_REFUSAL_NONE;
}

static enum hx_http_refusal read_target(struct hx_http_message *message) {
    hx_str target = message->target;
    if (hx_str_equal(target, HX_STR("*"))) {
        if (message->method != HX_HTTP_METHOD_OPTIONS) return HX_HTTP_REFUSAL_TARGET;
        message->path = target;
        return HX_HTTP_REFUSAL_NONE;
    }
    if (target.len > 0 && target.data[0] == '/') {
        hx_err err = hx_http_parse_origin(target, &message->path, &message->query);
        return hx_ok(err) ? HX_HTTP_REFUSAL_NONE : HX_HTTP_REFUSAL_TARGET;
    }
    struct hx_http_url url;
    if (hx_failed(hx_http_parse_url(target, &url))) return HX_HTTP_REFUSAL_TARGET;
    message->path = url.path;
    message->query = url.query;
    message->host = url.authority;
    return HX_HTTP_REFUSAL_NONE;
}

enum hx_http_refusal hx_http_read_request_line(hx_str line, struct hx_http_message *message) {
    size_t method_end = hx_http_char_run(line.data, line.len, HX_HTTP_CHAR_TOKEN);
    if (method_end == 0 || method_end == line.len || line.data[method_end] != ' ') return HX_HTTP_REFUSAL_START_LINE;
    size_t version_start = line.len;
    while (line.data[version_start - 1] != ' ') version_start--;
    if (version_start == method_end + 1) return HX_HTTP_REFUSAL_START_LINE;
    message->method_text = hx_str_slice(line, 0, method_end);
    message->target = hx_str_slice(line, method_end + 1, version_start - 1);
    enum hx_http_refusal refusal = read_version(hx_str_slice(line, version_start, line.len), &message->version_minor);
    if (refusal != HX_HTTP_REFUSAL_NONE) return refusal;
    if (method_end > HX_HTTP_METHOD_LEN_MAX) return HX_HTTP_REFUSAL_METHOD;
    if (hx_str_equal(message->method_text, HX_STR("CONNECT"))) return HX_HTTP_REFUSAL_METHOD;
    message->method = hx_http_find_method(message->method_text);
    return read_target(message);
}

enum hx_http_refusal hx_http_read_status_line(hx_str line, struct hx_http_message *message) {
    if (line.len < 12 || line.data[8] != ' ') return HX_HTTP_REFUSAL_START_LINE;
    enum hx_http_refusal refusal = read_version(hx_str_slice(line, 0, 8), &message->version_minor);
    if (refusal != HX_HTTP_REFUSAL_NONE) return refusal;
    uint64_t status = 0;
    if (hx_failed(hx_str_parse_u64(hx_str_slice(line, 9, 12), &status))) return HX_HTTP_REFUSAL_START_LINE;
    if (status < 100 || status > 599) return HX_HTTP_REFUSAL_START_LINE;
    if (line.len > 12 && line.data[12] != ' ') return HX_HTTP_REFUSAL_START_LINE;
    message->status = (uint32_t)status;
    message->reason = hx_str_slice(line, 13, line.len);
    return HX_HTTP_REFUSAL_NONE;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

enum hx_http_refusal hx_http_read_field(hx_str line, struct hx_http_header *header) {
    if (is_blank(line.data[0])) return HX_HTTP_REFUSAL_FOLD;
    size_t name_end = hx_http_char_run(line.data, line.len, HX_HTTP_CHAR_TOKEN);
    if (name_end == 0 || name_end == line.len || line.data[name_end] != ':') return HX_HTTP_REFUSAL_FIELD_NAME;
    size_t from = name_end + 1;
    size_t to = line.len;
    while (from < to && is_blank(line.data[from])) from++;
    while (to > from && is_blank(line.data[to - 1])) to--;
    header->name = hx_str_slice(line, 0, name_end);
    header->value = hx_str_slice(line, from, to);
    return HX_HTTP_REFUSAL_NONE;
}

static enum hx_http_refusal note_host(struct hx_http_head_notes *notes, struct hx_http_message *message, hx_str value) {
    if (notes->has_host) return HX_HTTP_REFUSAL_HOST_DUPLICATE;
    notes->has_host = true;
    hx_str host;
    bool is_ipv6;
    uint16_t port;
    if (hx_failed(hx_http_parse_authority(value, &host, &is_ipv6, &port))) return HX_HTTP_REFUSAL_HOST_INVALID;
    /* The authority of an absolute target wins over the header (RFC 9112 3.2.2). */
    if (message->host.len == 0) message->host = value;
    return HX_HTTP_REFUSAL_NONE;
}

static enum hx_http_refusal note_length(struct hx_http_message *message, hx_str value) {
    if (message->has_content_length) return HX_HTTP_REFUSAL_LENGTH_DUPLICATE;
    if (message->chunked) return HX_HTTP_REFUSAL_LENGTH_AND_CODING;
    if (value.len == 0) return HX_HTTP_REFUSAL_LENGTH_INVALID;
    uint64_t length = 0;
    for (size_t at = 0; at < value.len; at++) {
        if (!hx_http_char_is_digit(value.data[at])) return HX_HTTP_REFUSAL_LENGTH_INVALID;
        if (length > (UINT64_MAX - 9) / 10) return HX_HTTP_REFUSAL_LENGTH_INVALID;
        length = length * 10 + (uint64_t)(value.data[at] - '0');
    }
    message->has_content_length = true;
    message->content_length = length;
    return HX_HTTP_REFUSAL_NONE;
}

/* Only "chunked", once: anything else could be read differently by someone in front of us (RFC 9112 6.1, 6.3). */
static enum hx_http_refusal note_coding(struct hx_http_message *message, hx_str value) {
    if (message->has_content_length) return HX_HTTP_REFUSAL_LENGTH_AND_CODING;
    if (message->chunked || message->version_minor == 0) return HX_HTTP_REFUSAL_CODING_INVALID;
    if (hx_str_equal_ignore_case(value, HX_STR("chunked"))) {
        message->chunked = true;
        return HX_HTTP_REFUSAL_NONE;
    }
    bool unknown = false;
    hx_str coding;
    for (hx_str rest = value; hx_str_split(&rest, ',', &coding);) {
        coding = hx_str_trim(coding);
        if (!hx_http_str_is(coding, HX_HTTP_CHAR_TOKEN)) return HX_HTTP_REFUSAL_CODING_INVALID;
        if (!hx_str_equal_ignore_case(coding, HX_STR("chunked"))) unknown = true;
    }
    return unknown ? HX_HTTP_REFUSAL_CODING_UNKNOWN : HX_HTTP_REFUSAL_CODING_INVALID;
}

static void note_connection(struct hx_http_head_notes *notes, hx_str value) {
    hx_str option;
    while (hx_str_split(&value, ',', &option)) {
        option = hx_str_trim(option);
        if (hx_str_equal_ignore_case(option, HX_STR("close"))) notes->has_close = true;
        if (hx_str_equal_ignore_case(option, HX_STR("keep-alive"))) notes->has_keep_alive = true;
    }
}

/* An expectation in HTTP/1.0 is ignored (RFC 9110 10.1.1). */
static enum hx_http_refusal note_expect(struct hx_http_message *message, hx_str value) {
    if (message->version_minor == 0) return HX_HTTP_REFUSAL_NONE;
    if (!hx_str_equal_ignore_case(value, HX_STR("100-continue"))) return HX_HTTP_REFUSAL_EXPECTATION;
    message->expects_continue = true;
    return HX_HTTP_REFUSAL_NONE;
}

enum hx_http_refusal hx_http_note_field(struct hx_http_head_notes *notes, struct hx_http_message *message,
                                        bool is_response, const struct hx_http_header *header) {
    switch (header->name.len) {
        case 4:
            if (is_response || !hx_str_equal_ignore_case(header->name, HX_STR("host"))) break;
            return note_host(notes, message, header->value);
        case 6:
            if (is_response || !hx_str_equal_ignore_case(header->name, HX_STR("expect"))) break;
            return note_expect(message, header->value);
        case 10:
            if (hx_str_equal_ignore_case(header->name, HX_STR("connection"))) note_connection(notes, header->value);
            break;
        case 14:
            if (!hx_str_equal_ignore_case(header->name, HX_STR("content-length"))) break;
            return note_length(message, header->value);
        case 17:
            if (!hx_str_equal_ignore_case(header->name, HX_STR("transfer-encoding"))) break;
            return note_coding(message, header->value);
        default:
            break;
    }
    return HX_HTTP_REFUSAL_NONE;
}
