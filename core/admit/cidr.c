#include "core/admit/cidr.h"

#define V4_LEN 4
#define V6_LEN 16
#define V6_GROUPS 8
#define MAPPED_PREFIX_LEN 96

bool hx_ip_equal(struct hx_ip a, struct hx_ip b) {
    return a.is_v4 == b.is_v4 && hx_mem_equal(a.bytes, b.bytes, sizeof a.bytes);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static hx_err parse_v4(hx_str text, uint8_t out[V4_LEN]) {
    size_t at = 0;
    for (size_t i = 0; i < V4_LEN; i++) {
        uint32_t value = 0;
        size_t start = at;
        if (i > 0) {
            if (at == text.len || text.data[at] != '.') return HX_ERR(REJECT_SYNTAX);
            start = ++at;
        }
        while (at < text.len && is_digit(text.data[at]) && at - start < 3) {
            value = value * 10 + (uint32_t)(text.data[at++] - '0');
        }
        size_t len = at - start;
        /* A leading zero would be octal to some readers. */
        if (len == 0 || value > 255 || (len > 1 && text.data[start] == '0')) return HX_ERR(REJECT_SYNTAX);
        out[i] = (uint8_t)value;
    }
    return at == text.len ? HX_OK : HX_ERR(REJECT_SYNTAX);
}

static int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Groups separated by ':', up to the end of the text; the last may be a dotted IPv4 address, which is two. */
static hx_err parse_groups(hx_str text, uint16_t *groups, size_t count_max, size_t *count) {
    *count = 0;
    if (text.len == 0) return HX_OK;
    for (;;) {
        size_t end = 0;
        size_t dot = 0;
        if (!hx_str_find_char(text, ':', &end)) end = text.len;
        hx_str part = hx_str_slice(text, 0, end);
        if (hx_str_find_char(part, '.', &dot)) {
            uint8_t v4[V4_LEN];
            if (end != text.len || *count + 2 > count_max) return HX_ERR(REJECT_SYNTAX);
            HX_TRY(parse_v4(part, v4));
            groups[(*count)++] = (uint16_t)(v4[0] << 8 | v4[1]);
            groups[(*count)++] = (uint16_t)(v4[2] << 8 | v4[3]);
            return HX_OK;
        }
        uint32_t value = 0;
        if (part.len == 0 || part.len > 4 || *count == count_max) return HX_ERR(REJECT_SYNTAX);
        for (size_t i = 0; i < part.len; i++) {
            int digit = hex_value(part.data[i]);
            if (digit < 0) return HX_ERR(REJECT_SYNTAX);
            value = value << 4 | (uint32_t)digit;
        }
        groups[(*count)++] = (uint16_t)value;
        if (end == text.len) return HX_OK;
        text = hx_str_slice(text, end + 1, text.len);
        if (text.len == 0) return HX_ERR(REJECT_SYNTAX);
    }
}

static hx_err parse_v6(hx_str text, uint8_t out[V6_LEN]) {
    uint16_t head[V6_GROUPS] = {0};
    uint16_t tail[V6_GROUPS] = {0};
    size_t head_count = 0;
    size_t tail_count = 0;
    size_t gap = 0;
    size_t dot = 0;
    bool has_gap = hx_str_find(text, HX_STR("::"), &gap);
    hx_str front = has_gap ? hx_str_slice(text, 0, gap) : text;
    /* An IPv4 tail stands at the very end only. */
    if (has_gap && hx_str_find_char(front, '.', &dot)) return HX_ERR(REJECT_SYNTAX);
    HX_TRY(parse_groups(front, head, V6_GROUPS, &head_count));
    if (has_gap) {
        HX_TRY(parse_groups(hx_str_slice(text, gap + 2, text.len), tail, V6_GROUPS, &tail_count));
        /* "::" stands for one group at least (RFC 4291 2.2). */
        if (head_count + tail_count >= V6_GROUPS) return HX_ERR(REJECT_SYNTAX);
    } else if (head_count != V6_GROUPS) {
        return HX_ERR(REJECT_SYNTAX);
    }
    for (size_t i = 0; i < V6_GROUPS; i++) {
        size_t tail_start = V6_GROUPS - tail_count;
        uint16_t group = i < head_count ? head[i] : i >= tail_start ? tail[i - tail_start] : 0;
        out[2 * i] = (uint8_t)(group >> 8);
        out[2 * i + 1] = (uint8_t)group;
    }
    return HX_OK;
}

static const uint8_t mapped_prefix[V6_LEN - V4_LEN] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static hx_err parse_ip(hx_str text, struct hx_ip *out, bool *is_mapped) {
    size_t colon = 0;
    *out = (struct hx_ip){.is_v4 = false};
    *is_mapped = false;
    if (text.len > HX_IP_TEXT_MAX) return HX_ERR(REJECT_SYNTAX);
    if (!hx_str_find_char(text, ':', &colon)) {
        out->is_v4 = true;
        return parse_v4(text, out->bytes);
    }
    uint8_t bytes[V6_LEN];
    HX_TRY(parse_v6(text, bytes));
    *is_mapped = hx_mem_equal(bytes, mapped_prefix, sizeof mapped_prefix);
    out->is_v4 = *is_mapped;
    if (*is_mapped) {
        hx_mem_copy(out->bytes, bytes + sizeof mapped_prefix, V4_LEN);
    } else {
        hx_mem_copy(out->bytes, bytes, V6_LEN);
    }
    return HX_OK;
}

hx_err hx_ip_parse(hx_str text, struct hx_ip *out) {
    bool is_mapped = false;
    return parse_ip(text, out, &is_mapped);
}

static uint32_t group_at(const uint8_t *bytes, size_t i) {
    return (uint32_t)bytes[2 * i] << 8 | bytes[2 * i + 1];
}

static void add_group(struct hx_buf *buf, uint32_t group) {
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        uint32_t digit = group >> shift & 15;
        if (digit == 0 && !started && shift > 0) continue;
        started = true;
        hx_buf_add_char(buf, "0123456789abcdef"[digit]);
    }
}

static void add_v6(struct hx_buf *buf, const uint8_t *bytes) {
    size_t gap_start = V6_GROUPS;
    size_t gap_len = 1; /* A single zero group is written out (RFC 5952 4.2.2). */
    for (size_t i = 0; i < V6_GROUPS; i++) {
        size_t len = 0;
        while (i + len < V6_GROUPS && group_at(bytes, i + len) == 0) len++;
        if (len > gap_len) {
            gap_start = i;
            gap_len = len;
        }
    }
    for (size_t i = 0; i < V6_GROUPS; i++) {
        if (i == gap_start) {
            hx_buf_add(buf, HX_STR("::"));
            i += gap_len - 1;
            continue;
        }
        if (i > 0 && i != gap_start + gap_len) hx_buf_add_char(buf, ':');
        add_group(buf, group_at(bytes, i));
    }
}

void hx_ip_add_to(struct hx_buf *buf, struct hx_ip ip) {
    if (!ip.is_v4) {
        add_v6(buf, ip.bytes);
        return;
    }
    for (size_t i = 0; i < V4_LEN; i++) {
        if (i > 0) hx_buf_add_char(buf, '.');
        hx_buf_add_u64(buf, ip.bytes[i]);
    }
}

/* Whether the two agree in their first `len` bits. */
static bool bits_equal(const uint8_t *a, const uint8_t *b, uint32_t len) {
    uint32_t whole = len / 8;
    if (!hx_mem_equal(a, b, whole)) return false;
    uint32_t rest = len % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static bool is_zero_from(const uint8_t *bytes, uint32_t bit, uint32_t len) {
    for (uint32_t i = bit; i < len; i++) {
        if ((bytes[i / 8] >> (7 - i % 8) & 1) != 0) return false;
    }
    return true;
}

hx_err hx_cidr_parse(hx_str text, struct hx_cidr *out) {
    size_t slash = 0;
    bool is_mapped = false;
    uint64_t prefix = 0;
    bool has_prefix = hx_str_find_char(text, '/', &slash);
    HX_TRY(parse_ip(has_prefix ? hx_str_slice(text, 0, slash) : text, &out->network, &is_mapped));
    uint32_t len_max = out->network.is_v4 ? 32 : 128;
    out->prefix_len = (uint8_t)len_max;
    if (!has_prefix) return HX_OK;

    hx_str digits = hx_str_slice(text, slash + 1, text.len);
    if (digits.len == 0 || digits.len > 3 || (digits.len > 1 && digits.data[0] == '0')) return HX_ERR(REJECT_SYNTAX);
    HX_TRY(hx_str_parse_u64(digits, &prefix));
    if (is_mapped) {
        if (prefix < MAPPED_PREFIX_LEN) return HX_ERR(REJECT_RANGE);
        prefix -= MAPPED_PREFIX_LEN;
    }
    if (prefix > len_max) return HX_ERR(REJECT_RANGE);
    if (!is_zero_from(out->network.bytes, (uint32_t)prefix, len_max)) return HX_ERR(REJECT_INPUT);
    out->prefix_len = (uint8_t)prefix;
    return HX_OK;
}

static bool is_list_separator(char c) {
    return c == ',' || c == ' ' || (c >= '\t' && c <= '\r');
}

hx_err hx_cidr_list_parse(hx_str text, struct hx_cidr_list *out, hx_str *bad) {
    size_t at = 0;
    out->count = 0;
    for (;;) {
        while (at < text.len && is_list_separator(text.data[at])) at++;
        if (at == text.len) return HX_OK;
        size_t start = at;
        while (at < text.len && !is_list_separator(text.data[at])) at++;
        hx_str part = hx_str_slice(text, start, at);
        if (bad != NULL) *bad = part;
        if (out->count == HX_CIDRS_MAX) return HX_ERR(LIMIT_COUNT);
        HX_TRY(hx_cidr_parse(part, &out->list[out->count]));
        out->count++;
    }
}

bool hx_cidr_contains(struct hx_cidr cidr, struct hx_ip ip) {
    return cidr.network.is_v4 == ip.is_v4 && bits_equal(cidr.network.bytes, ip.bytes, cidr.prefix_len);
}

bool hx_cidr_list_contains(const struct hx_cidr_list *list, struct hx_ip ip) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (hx_cidr_contains(list->list[i], ip)) return true;
    }
    return false;
}

bool hx_ip_is_tradingview(struct hx_ip ip) {
    static const uint8_t addresses[][V4_LEN] = {
        {52, 89, 214, 238}, {34, 212, 75, 30}, {54, 218, 53, 128}, {52, 32, 178, 7}};
    if (!ip.is_v4) return false;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        if (hx_mem_equal(ip.bytes, addresses[i], V4_LEN)) return true;
    }
    return false;
}

/* Proxies write an address alone, "1.2.3.4:80", "[::1]" or "[::1]:80". */
static hx_err parse_forwarded(hx_str text, struct hx_ip *out) {
    size_t at = 0;
    text = hx_str_trim(text);
    if (hx_str_starts_with(text, HX_STR("["))) {
        if (!hx_str_find_char(text, ']', &at)) return HX_ERR(REJECT_INPUT);
        if (at + 1 < text.len && text.data[at + 1] != ':') return HX_ERR(REJECT_INPUT);
        text = hx_str_slice(text, 1, at);
    } else if (hx_str_find_char(text, '.', &at) && hx_str_find_char(text, ':', &at) && text.data[0] != ':') {
        hx_str host = hx_str_slice(text, 0, at);
        /* "::ffff:1.2.3.4" has its first colon elsewhere than behind a dotted address. */
        size_t dot = 0;
        if (hx_str_find_char(host, '.', &dot)) text = host;
    }
    return hx_failed(hx_ip_parse(text, out)) ? HX_ERR(REJECT_INPUT) : HX_OK;
}

/* Walks one header value from the right. *found once an address that is not trusted was met. */
static hx_err walk_forwarded(hx_str value, const struct hx_cidr_list *trusted, struct hx_ip *out, bool *found) {
    size_t end = value.len;
    for (;;) {
        size_t start = end;
        while (start > 0 && value.data[start - 1] != ',') start--;
        HX_TRY(parse_forwarded(hx_str_slice(value, start, end), out));
        *found = !hx_cidr_list_contains(trusted, *out);
        if (*found || start == 0) return HX_OK;
        end = start - 1;
    }
}

hx_err hx_client_address(hx_str peer, const struct hx_http_header *headers, size_t header_count,
                         const struct hx_cidr_list *trusted, struct hx_ip *out) {
    bool has_forwarded = false;
    bool found = false;
    if (hx_failed(hx_ip_parse(peer, out))) return HX_ERR(REJECT_INPUT);
    if (!hx_cidr_list_contains(trusted, *out)) return HX_OK;
    for (size_t i = header_count; i > 0 && !found; i--) {
        if (!hx_str_equal_ignore_case(headers[i - 1].name, HX_STR("X-Forwarded-For"))) continue;
        has_forwarded = true;
        HX_TRY(walk_forwarded(headers[i - 1].value, trusted, out, &found));
    }
    if (has_forwarded) return HX_OK;
    for (size_t i = 0; i < header_count; i++) {
        if (!hx_str_equal_ignore_case(headers[i].name, HX_STR("CF-Connecting-IP"))) continue;
        return hx_failed(hx_ip_parse(hx_str_trim(headers[i].value), out)) ? HX_ERR(REJECT_INPUT) : HX_OK;
    }
    return HX_OK;
}
