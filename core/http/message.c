#include "core/http/http.h"

static const hx_str methods[] = {
    [HX_HTTP_METHOD_GET] = {"GET", 3},         [HX_HTTP_METHOD_HEAD] = {"HEAD", 4},
    [HX_HTTP_METHOD_POST] = {"POST", 4},       [HX_HTTP_METHOD_PUT] = {"PUT", 3},
    [HX_HTTP_METHOD_PATCH] = {"PATCH", 5},     [HX_HTTP_METHOD_DELETE] = {"DELETE", 6},
    [HX_HTTP_METHOD_OPTIONS] = {"OPTIONS", 7}, [HX_HTTP_METHOD_TRACE] = {"TRACE", 5},
};

static const struct {
    uint32_t status;
    const char *text;
} refusals[] = {
    {0, "none"},
#define X(name, status, text) {status, text},
#include "core/http/refusal.def"
#undef X
};

static const struct {
    uint32_t status;
    const char *text;
} reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a Teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

uint32_t hx_http_refusal_status(enum hx_http_refusal refusal) {
    return refusals[refusal].status;
}

const char *hx_http_refusal_text(enum hx_http_refusal refusal) {
    return refusals[refusal].text;
}

const char *hx_http_reason(uint32_t status) {
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status) return reasons[i].text;
    }
    return "";
}

enum hx_http_method hx_http_find_method(hx_str text) {
    for (size_t i = HX_HTTP_METHOD_GET; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (hx_str_equal(methods[i], text)) return (enum hx_http_method)i;
    }
    return HX_HTTP_METHOD_OTHER;
}

bool hx_http_find_next_header(const struct hx_http_message *message, hx_str name, size_t *position, hx_str *value) {
    while (*position < message->headers_count) {
        const struct hx_http_header *header = &message->headers[(*position)++];
        if (!hx_str_equal_ignore_case(header->name, name)) continue;
        *value = header->value;
        return true;
    }
    return false;
}

bool hx_http_find_header(const struct hx_http_message *message, hx_str name, hx_str *value) {
    size_t position = 0;
    return hx_http_find_next_header(message, name, &position, value);
}
