/* The upgrade of RFC 6455 section 4: what has to be in the request and in the response. */
#include "core/http/ws.h"

#define VERSION HX_STR("13")

/* Whether a list header (RFC 9110 5.6.1) holds a token, in any of its lines and whatever its case. */
static bool lists(const struct hx_http_message *message, hx_str name, hx_str token) {
    size_t position = 0;
    hx_str value, part;
    while (hx_http_find_next_header(message, name, &position, &value)) {
        while (hx_str_split(&value, ',', &part)) {
            if (hx_str_equal_ignore_case(hx_str_trim(part), token)) return true;
        }
    }
    return false;
}

/* A header that must be there once: two of them would let two programs read two things. */
static bool find_once(const struct hx_http_message *message, hx_str name, hx_str *value) {
    size_t position = 0;
    hx_str again;
    return hx_http_find_next_header(message, name, &position, value) &&
           !hx_http_find_next_header(message, name, &position, &again);
}

static bool is_base64(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Base64 of exactly 16 bytes: 22 characters and two signs of padding. */
static bool is_key(hx_str text) {
    if (text.len != HX_WS_KEY_LEN || !hx_str_ends_with(text, HX_STR("=="))) return false;
    for (size_t i = 0; i < HX_WS_KEY_LEN - 2; i++) {
        if (!is_base64(text.data[i])) return false;
    }
    /* The last character carries two bits; the other four are zero. */
    char last = text.data[HX_WS_KEY_LEN - 3];
    return last == 'A' || last == 'Q' || last == 'g' || last == 'w';
}

void hx_ws_fill_request(struct hx_http_header *headers, hx_str key) {
    hx_assert(is_key(key));
    headers[0] = (struct hx_http_header){HX_STR("Upgrade"), HX_STR("websocket")};
    headers[1] = (struct hx_http_header){HX_STR("Connection"), HX_STR("Upgrade")};
    headers[2] = (struct hx_http_header){HX_STR("Sec-WebSocket-Version"), VERSION};
    headers[3] = (struct hx_http_header){HX_STR("Sec-WebSocket-Key"), key};
}

const char *hx_ws_check_response(const struct hx_http_message *response, hx_str accept) {
    hx_str value;
    if (response->status != 101) return "the answer is no upgrade";
    if (!lists(response, HX_STR("upgrade"), HX_STR("websocket"))) return "the upgrade is to something else";
    if (!lists(response, HX_STR("connection"), HX_STR("upgrade"))) return "the Connection header lacks the upgrade";
    if (!find_once(response, HX_STR("sec-websocket-accept"), &value) || !hx_str_equal(value, accept)) {
        return "the upgrade answers another key";
    }
    if (hx_http_find_header(response, HX_STR("sec-websocket-extensions"), &value)) {
        return "an extension that was not asked for";
    }
    if (hx_http_find_header(response, HX_STR("sec-websocket-protocol"), &value)) {
        return "a subprotocol that was not asked for";
    }
    return NULL;
}

bool hx_ws_is_wanted(const struct hx_http_message *request) {
    return lists(request, HX_STR("upgrade"), HX_STR("websocket"));
}

const char *hx_ws_check_request(const struct hx_http_message *request, hx_str *key) {
    hx_str value;
    *key = HX_STR_EMPTY;
    if (request->method != HX_HTTP_METHOD_GET || request->version_minor != 1) return "an upgrade is a GET of HTTP/1.1";
    if (request->body.len > 0) return "an upgrade has no body";
    if (!hx_ws_is_wanted(request)) return "the Upgrade header does not say websocket";
    if (!lists(request, HX_STR("connection"), HX_STR("upgrade"))) return "the Connection header lacks the upgrade";
    if (!find_once(request, HX_STR("sec-websocket-version"), &value) || !hx_str_equal(value, VERSION)) {
        return "the version is not 13";
    }
    if (!find_once(request, HX_STR("sec-websocket-key"), &value) || !is_key(value)) return "the key is malformed";
    *key = value;
    return NULL;
}

void hx_ws_fill_response(struct hx_http_header *headers, hx_str accept) {
    headers[0] = (struct hx_http_header){HX_STR("Upgrade"), HX_STR("websocket")};
    headers[1] = (struct hx_http_header){HX_STR("Connection"), HX_STR("Upgrade")};
    headers[2] = (struct hx_http_header){HX_STR("Sec-WebSocket-Accept"), accept};
}
