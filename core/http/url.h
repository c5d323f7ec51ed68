/* URLs as this program needs them: base URLs from settings, request targets, query strings (RFC 3986, a strict subset).
 *
 * Stricter than the RFC: no user information, no fragment, no percent escapes or sub-delimiters in hosts, no IPvFuture,
 * no zone ids, ports 1..65535, and a host whose last label is a number must be a dotted IPv4 address. */
#ifndef HX_CORE_HTTP_URL_H
#define HX_CORE_HTTP_URL_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"

#define HX_HTTP_HOST_LEN_MAX 253

struct hx_http_url {
    bool is_https;
    hx_str authority;  /* host[:port] as written: the value for Host. */
    hx_str host;       /* Without brackets. */
    bool host_is_ipv6; /* It was in brackets. */
    uint16_t port;     /* 80 or 443 when not written. */
    hx_str path;       /* Not decoded; "/" when empty. */
    hx_str query;      /* Not decoded, without '?'. */
};

/* An absolute http or https URL. Views into `text` (or constants). REJECT_SYNTAX, REJECT_RANGE (port). */
HX_MUST_USE hx_err hx_http_parse_url(hx_str text, struct hx_http_url *out);

/* host[:port], as in Host. *port is 0 when not written. REJECT_SYNTAX, REJECT_RANGE. */
HX_MUST_USE hx_err hx_http_parse_authority(hx_str text, hx_str *host, bool *host_is_ipv6, uint16_t *port);

/* path[?query] made of RFC 3986 characters and whole percent escapes, starting with '/'.
 * Views into `target`. REJECT_SYNTAX. */
HX_MUST_USE hx_err hx_http_parse_origin(hx_str target, hx_str *path, hx_str *query);

/* Percent-decodes. Without escapes *out is `raw` itself, else a copy in the arena. The result may hold any byte but
 * NUL:
 * "%00" is REJECT_SYNTAX, as are broken escapes. LIMIT_ARENA. */
HX_MUST_USE hx_err hx_http_decode_percent(struct hx_arena *arena, hx_str raw, hx_str *out);

/* The first parameter of that (decoded) name in a query string or form body, decoded, '+' read as a space.
 * "a" and "a=" both give the empty string. ABSENT_FIELD, REJECT_SYNTAX, LIMIT_ARENA. */
HX_MUST_USE hx_err hx_http_get_query(struct hx_arena *arena, hx_str query, hx_str name, hx_str *out);

#endif
