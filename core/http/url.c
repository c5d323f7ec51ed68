#include "core/http/url.h"

#include "core/base/buf.h"
#include "core/http/chars.h"

static bool target_chars_valid(hx_str text) {
    size_t at = 0;
    for (;;) {
        at += hx_http_char_run(text.data + at, text.len - at, HX_HTTP_CHAR_TARGET);
        if (at == text.len) return true;
        if (text.data[at] != '%' || text.len - at < 3) return false;
        if (hx_http_char_run(text.data + at + 1, 2, HX_HTTP_CHAR_HEX) != 2) return false;
        at += 3;
    }
}

hx_err hx_http_parse_origin(hx_str target, hx_str *path, hx_str *query) {
    if (target.len == 0 || target.data[0] != '/' || !target_chars_valid(target)) return HX_ERR(REJECT_SYNTAX);
    size_t mark = target.len;
    bool has_query = hx_str_find_char(target, '?', &mark);
    *path = hx_str_slice(target, 0, mark);
    *query = has_query ? hx_str_slice(target, mark + 1, target.len) : HX_STR_EMPTY;
    return HX_OK;
}

static bool ipv4_valid(hx_str text) {
    size_t at = 0;
    for (uint32_t octets = 1;; octets++) {
        uint32_t value = 0;
        size_t digits = 0;
        while (at < text.len && hx_http_char_is_digit(text.data[at]) && digits < 3) {
            value = value * 10 + (uint32_t)(text.data[at] - '0');
            at++;
            digits++;
        }
        if (digits == 0 || value > 255 || (digits > 1 && text.data[at - digits] == '0')) return false;
        if (octets == 4) return at == text.len;
        if (at == text.len || text.data[at] != '.') return false;
        at++;
    }
}

/* RFC 3986 3.2.2 IPv6address: eight groups, one of the gaps may be "::" for at least one group, and an IPv4 address
 * may stand for the last two. */
static bool ipv6_valid(hx_str text) {
    uint32_t groups = 0;
    bool compressed = false;
    size_t at = 0;
    if (hx_str_starts_with(text, HX_STR("::"))) {
        compressed = true;
        at = 2;
        if (at == text.len) return true;
    }
    for (;;) {
        hx_str rest = hx_str_slice(text, at, text.len);
        if (groups <= 6 && ipv4_valid(rest)) {
            groups += 2;
            break;
        }
        size_t digits = hx_http_char_run(rest.data, rest.len, HX_HTTP_CHAR_HEX);
        if (digits == 0 || digits > 4 || groups == 8) return false;
        groups++;
        at += digits;
        if (at == text.len) break;
        if (text.data[at++] != ':' || at == text.len) return false;
        if (text.data[at] != ':') continue;
        if (compressed) return false;
        compressed = true;
        at++;
        if (at == text.len) break;
    }
    return compressed ? groups <= 7 : groups == 8;
}

static bool host_name_valid(hx_str host) {
    if (!hx_http_str_is(host, HX_HTTP_CHAR_HOST) || host.len > HX_HTTP_HOST_LEN_MAX) return false;
    size_t label_start = 0;
    for (size_t at = 0; at <= host.len; at++) {
        if (at < host.len && host.data[at] != '.') continue;
        if (at == label_start || at - label_start > 63) return false;
        if (at < host.len) label_start = at + 1;
    }
    bool last_is_number = true;
    for (size_t at = label_start; at < host.len; at++) {
        if (!hx_http_char_is_digit(host.data[at])) last_is_number = false;
    }
    return !last_is_number || ipv4_valid(host);
}

static hx_err parse_port(hx_str digits, uint16_t *port) {
    uint64_t value = 0;
    HX_TRY(hx_str_parse_u64(digits, &value));
    if (digits.len > 5 || value == 0 || value > 65535) return HX_ERR(REJECT_RANGE);
    *port = (uint16_t)value;
    return HX_OK;
}

hx_err hx_http_parse_authority(hx_str text, hx_str *host, bool *host_is_ipv6, uint16_t *port) {
    size_t end = text.len;
    size_t rest = text.len;
    *host_is_ipv6 = text.len > 0 && text.data[0] == '[';
    if (*host_is_ipv6) {
        if (!hx_str_find_char(text, ']', &end)) return HX_ERR(REJECT_SYNTAX);
        rest = end + 1;
        *host = hx_str_slice(text, 1, end);
        if (!ipv6_valid(*host)) return HX_ERR(REJECT_SYNTAX);
    } else {
        if (hx_str_find_char(text, ':', &end)) rest = end;
        *host = hx_str_slice(text, 0, end);
        if (!host_name_valid(*host)) return HX_ERR(REJECT_SYNTAX);
    }
    *port = 0;
    if (rest == text.len) return HX_OK;
    if (text.data[rest] != ':') return HX_ERR(REJECT_SYNTAX);
    return parse_port(hx_str_slice(text, rest + 1, text.len), port);
}

static bool cut_scheme(hx_str *rest, bool *is_https) {
    static const hx_str schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < 2; i++) {
        if (!hx_str_equal_ignore_case(hx_str_slice(*rest, 0, schemes[i].len), schemes[i])) continue;
        *rest = hx_str_slice(*rest, schemes[i].len, rest->len);
        *is_https = i == 1;
        return true;
    }
    return false;
}

hx_err hx_http_parse_url(hx_str text, struct hx_http_url *out) {
    hx_str rest = text;
    if (!cut_scheme(&rest, &out->is_https)) return HX_ERR(REJECT_SYNTAX);
    size_t end = 0;
    while (end < rest.len && rest.data[end] != '/' && rest.data[end] != '?') end++;
    out->authority = hx_str_slice(rest, 0, end);
    HX_TRY(hx_http_parse_authority(out->authority, &out->host, &out->host_is_ipv6, &out->port));
    if (out->port == 0) out->port = out->is_https ? 443 : 80;
    rest = hx_str_slice(rest, end, rest.len);
    if (rest.len > 0 && rest.data[0] == '/') return hx_http_parse_origin(rest, &out->path, &out->query);
    if (rest.len > 0 && !target_chars_valid(rest)) return HX_ERR(REJECT_SYNTAX);
    out->path = HX_STR("/");
    out->query = rest.len > 0 ? hx_str_slice(rest, 1, rest.len) : HX_STR_EMPTY;
    return HX_OK;
}

/* Cuts one decoded byte off. False for a broken escape or an escaped NUL. */
static bool cut_decoded(hx_str *rest, bool plus_is_space, char *c) {
    *c = rest->data[0];
    size_t len = 1;
    if (*c == '+' && plus_is_space) *c = ' ';
    if (*c == '%') {
        if (rest->len < 3 || hx_http_char_run(rest->data + 1, 2, HX_HTTP_CHAR_HEX) != 2) return false;
        *c = (char)(hx_http_char_hex(rest->data[1]) << 4 | hx_http_char_hex(rest->data[2]));
        if (*c == '\0') return false;
        len = 3;
    }
    *rest = hx_str_slice(*rest, len, rest->len);
    return true;
}

static hx_err decode(struct hx_arena *arena, hx_str raw, bool plus_is_space, hx_str *out) {
    size_t ignored = 0;
    bool escaped = hx_str_find_char(raw, '%', &ignored) || (plus_is_space && hx_str_find_char(raw, '+', &ignored));
    if (!escaped) {
        *out = raw;
        return HX_OK;
    }
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, arena, raw.len));
    while (raw.len > 0) {
        char c = 0;
        if (!cut_decoded(&raw, plus_is_space, &c)) return HX_ERR(REJECT_SYNTAX);
        hx_buf_add_char(&buf, c);
    }
    return hx_buf_finish(&buf, out);
}

hx_err hx_http_decode_percent(struct hx_arena *arena, hx_str raw, hx_str *out) {
    return decode(arena, raw, false, out);
}

static bool decoded_equal(hx_str raw, hx_str text) {
    for (size_t at = 0; raw.len > 0; at++) {
        char c = 0;
        if (at == text.len || !cut_decoded(&raw, true, &c) || c != text.data[at]) return false;
        if (raw.len == 0) return at + 1 == text.len;
    }
    return text.len == 0;
}

hx_err hx_http_get_query(struct hx_arena *arena, hx_str query, hx_str name, hx_str *out) {
    hx_str part;
    while (hx_str_split(&query, '&', &part)) {
        size_t mark = part.len;
        bool has_value = hx_str_find_char(part, '=', &mark);
        if (part.len == 0 || !decoded_equal(hx_str_slice(part, 0, mark), name)) continue;
        return decode(arena, has_value ? hx_str_slice(part, mark + 1, part.len) : HX_STR_EMPTY, true, out);
    }
    return HX_ERR(ABSENT_FIELD);
}
