#include "core/base/id.h"

static bool is_version_7(hx_uuid id) {
    return id.bytes[6] >> 4 == 7 && id.bytes[8] >> 6 == 2;
}

hx_uuid hx_uuid_make_v7(hx_time now, const uint8_t random[10]) {
    hx_uuid id;
    hx_assert(now >= 0 && now >> 48 == 0);
    for (size_t i = 0; i < 6; i++) id.bytes[i] = (uint8_t)(now >> (40 - 8 * i));
    hx_mem_copy(id.bytes + 6, random, 10);
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x70);
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
    return id;
}

static bool is_hyphen_before(size_t byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void hx_uuid_add_to(struct hx_buf *buf, hx_uuid id) {
    char text[HX_UUID_LEN];
    struct hx_buf whole;
    hx_buf_init(&whole, text, sizeof text);
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        if (is_hyphen_before(i)) hx_buf_add_char(&whole, '-');
        hx_buf_add_hex(&whole, &id.bytes[i], 1);
    }
    hx_buf_add(buf, hx_buf_str(&whole));
}

static bool read_hex(char c, uint8_t *out) {
    if (c >= '0' && c <= '9') {
        *out = (uint8_t)(c - '0');
    } else if (c >= 'a' && c <= 'f') {
        *out = (uint8_t)(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
        *out = (uint8_t)(c - 'A' + 10);
    } else {
        return false;
    }
    return true;
}

hx_err hx_uuid_parse(hx_str text, hx_uuid *out) {
    hx_uuid id;
    size_t at = 0;
    if (text.len != HX_UUID_LEN) return HX_ERR(REJECT_SYNTAX);
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        uint8_t high = 0;
        uint8_t low = 0;
        if (is_hyphen_before(i) && text.data[at++] != '-') return HX_ERR(REJECT_SYNTAX);
        if (!read_hex(text.data[at], &high) || !read_hex(text.data[at + 1], &low)) return HX_ERR(REJECT_SYNTAX);
        id.bytes[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    *out = id;
    return HX_OK;
}

void hx_client_order_id_add_to(struct hx_buf *buf, hx_uuid signal, uint32_t leg) {
    hx_assert(leg <= HX_LEG_MAX && is_version_7(signal));
    signal.bytes[6] = (uint8_t)((signal.bytes[6] & 0x0f) | leg << 4);
    hx_buf_add_base64url(buf, signal.bytes, sizeof signal.bytes);
}

static bool read_base64url(char c, uint32_t *out) {
    if (c >= 'A' && c <= 'Z') {
        *out = (uint32_t)(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
        *out = (uint32_t)(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
        *out = (uint32_t)(c - '0') + 52;
    } else if (c == '-' || c == '_') {
        *out = c == '-' ? 62 : 63;
    } else {
        return false;
    }
    return true;
}

hx_err hx_client_order_id_parse(hx_str text, hx_uuid *signal, uint32_t *leg) {
    hx_uuid id;
    uint32_t pending = 0;
    size_t bits = 0;
    size_t len = 0;
    if (text.len != HX_CLIENT_ORDER_ID_LEN) return HX_ERR(REJECT_SYNTAX);
    for (size_t i = 0; i < text.len; i++) {
        uint32_t sextet = 0;
        if (!read_base64url(text.data[i], &sextet)) return HX_ERR(REJECT_SYNTAX);
        pending = (pending << 6 | sextet) & 0xfff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        id.bytes[len++] = (uint8_t)(pending >> bits);
    }
    /* 22 characters hold 132 bits; the four left over are zero in what we write, so each id has one spelling. */
    if ((pending & 15u) != 0) return HX_ERR(REJECT_SYNTAX);
    uint32_t found_leg = id.bytes[6] >> 4;
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x70);
    if (!is_version_7(id)) return HX_ERR(REJECT_SYNTAX);
    *signal = id;
    *leg = found_leg;
    return HX_OK;
}
