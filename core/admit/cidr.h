/* Addresses and networks: IPv4 and IPv6 text, CIDR lists, and whose address a request came from.
 *
 * Strict on purpose: an address that two programs could read differently (octal-looking "010", a zone, a bare "1.2") is
 * refused. An IPv4-mapped IPv6 address (::ffff:1.2.3.4, RFC 4291 2.5.5.2) is the IPv4 address. Nothing here suspends.
 */
#ifndef HX_CORE_ADMIT_CIDR_H
#define HX_CORE_ADMIT_CIDR_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/http/http.h"

#define HX_CIDRS_MAX 128
#define HX_IP_TEXT_MAX 45 /* Longest text of an address, without NUL. */

struct hx_ip {
    bool is_v4;
    uint8_t bytes[16]; /* IPv4 in the first four, the rest zero. */
};

struct hx_cidr {
    struct hx_ip network; /* Bits beyond the prefix are zero. */
    uint8_t prefix_len;   /* 0..32 or 0..128. */
};

struct hx_cidr_list {
    struct hx_cidr list[HX_CIDRS_MAX];
    uint32_t count;
};

/* Dotted decimal, or RFC 4291 section 2.2 in all three forms; no zone, no brackets, no port. REJECT_SYNTAX. */
HX_MUST_USE hx_err hx_ip_parse(hx_str text, struct hx_ip *out);
/* RFC 5952 for IPv6. */
void hx_ip_add_to(struct hx_buf *buf, struct hx_ip ip);
bool hx_ip_equal(struct hx_ip a, struct hx_ip b);

/* "1.2.3.0/24", "2001:db8::/32", or an address alone for that one address. A network with bits beyond its prefix
 * ("1.2.3.4/24") is REJECT_INPUT: it is more often a slip than meant. REJECT_SYNTAX, REJECT_RANGE (prefix). */
HX_MUST_USE hx_err hx_cidr_parse(hx_str text, struct hx_cidr *out);
/* A list separated by commas or white space; empty text is an empty list. On failure *bad (may be NULL) is the part
 * that is wrong. Errors as above, and LIMIT_COUNT beyond HX_CIDRS_MAX. */
HX_MUST_USE hx_err hx_cidr_list_parse(hx_str text, struct hx_cidr_list *out, hx_str *bad);
/* 0.0.0.0/0 holds every IPv4 address and no IPv6 address; ::/0 the other way round. */
bool hx_cidr_contains(struct hx_cidr cidr, struct hx_ip ip);
bool hx_cidr_list_contains(const struct hx_cidr_list *list, struct hx_ip ip);

/* One of the four addresses TradingView sends alerts from (support article 43000529348). They resend on 503 only. */
bool hx_ip_is_tradingview(struct hx_ip ip);

/* The client's address. `peer` is the TCP peer. When it is trusted, X-Forwarded-For is read from the right, and the
 * first address that is not trusted is the client (the left-most when all are). CF-Connecting-IP counts only when there
 * is no X-Forwarded-For, since a proxy other than Cloudflare's hands it through from the client. "1.2.3.4:80" and
 * "[::1]:80" are read too. REJECT_INPUT when the peer or an entry that had to be read is no address: the client is then
 * unknown and must be treated as not allowed. */
HX_MUST_USE hx_err hx_client_address(hx_str peer, const struct hx_http_header *headers, size_t header_count,
                                     const struct hx_cidr_list *trusted, struct hx_ip *out);

#endif
