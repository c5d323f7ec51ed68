/* Idempotency: what makes two arrivals the same signal (DESIGN 2, "Idempotency key"). */
#include "core/signal/reader.h"
#include "core/signal/signal.h"

#define CONTROL_ESCAPED_LEN 6 /* A control character as \u00xx. */

hx_err hx_idempotency_key_check(hx_str key) {
    if (key.len == 0 || key.len > HX_IDEMPOTENCY_KEY_LEN_MAX) return HX_ERR(REJECT_INPUT);
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] < 0x20 || key.data[i] > 0x7e) return HX_ERR(REJECT_INPUT);
    }
    return HX_OK;
}

/* RFC 8941 section 3.3.3: a string is quoted, with \" and \\ as its only escapes. A value without quotes is taken as it
 * is, as most clients send it. */
static hx_err parse_header_key(struct hx_arena *arena, hx_str value, hx_str *out) {
    struct hx_buf buf;
    value = hx_str_trim(value);
    if (!hx_str_starts_with(value, HX_STR("\""))) {
        *out = value;
        return hx_idempotency_key_check(value);
    }
    if (value.len < 2 || value.data[value.len - 1] != '"' || value.len > 2 * HX_IDEMPOTENCY_KEY_LEN_MAX + 2) {
        return HX_ERR(REJECT_INPUT);
    }
    value = hx_str_slice(value, 1, value.len - 1);
    HX_TRY(hx_buf_make(&buf, arena, value.len + 1));
    for (size_t i = 0; i < value.len; i++) {
        char c = value.data[i];
        if (c == '"') return HX_ERR(REJECT_INPUT);
        if (c == '\\') {
            i++;
            if (i == value.len || (value.data[i] != '"' && value.data[i] != '\\')) return HX_ERR(REJECT_INPUT);
            c = value.data[i];
        }
        hx_buf_add_char(&buf, c);
    }
    HX_TRY(hx_buf_finish(&buf, out));
    return hx_idempotency_key_check(*out);
}

/* The alert without the members that hold the webhook key: a rotated key sends the same payload. The nodes of a
 * document are contiguous, so leaving a member out is copying the others. */
static hx_err remove_keys(struct hx_arena *arena, const struct hx_json *root, const struct hx_json **out) {
    void *memory = NULL;
    HX_TRY(hx_arena_make(arena, root->next, sizeof(struct hx_json), &memory));
    struct hx_json *copy = memory;
    uint32_t used = 1;
    copy[0] = *root;
    copy[0].count = 0;
    for (const struct hx_json *c = hx_json_first(root); c != NULL; c = hx_json_next(root, c)) {
        if (hx_signal_is_key_name(c->name)) continue;
        hx_mem_copy(&copy[used], c, c->next * sizeof(struct hx_json));
        used += c->next;
        copy[0].count++;
    }
    copy[0].next = used;
    *out = copy;
    return HX_OK;
}

static size_t escaped_len_max(hx_str s) {
    size_t len = 2;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = (uint8_t)s.data[i];
        len += c < 0x20 || c == 0x7f ? CONTROL_ESCAPED_LEN : c == '"' || c == '\\' || c == '/' ? 2 : 1;
    }
    return len;
}

/* Room that the canonical text of a document is sure to fit into. */
static size_t canonical_len_max(const struct hx_json *root) {
    size_t len = 0;
    for (uint32_t i = 0; i < root->next; i++) {
        /* Punctuation: brackets or a literal such as "false", a colon and a comma. */
        len += escaped_len_max(root[i].name) + escaped_len_max(root[i].text) + 7;
    }
    return len;
}

static hx_err format_payload(struct hx_arena *arena, const struct hx_json *root, hx_str *out) {
    const struct hx_json *payload = NULL;
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, arena, canonical_len_max(root)));
    size_t mark = hx_arena_mark(arena);
    HX_TRY(remove_keys(arena, root, &payload));
    HX_TRY(hx_json_add_canonical(&buf, arena, payload, NULL));
    hx_arena_rewind(arena, mark);
    return hx_buf_finish(&buf, out);
}

static void store_u32(uint8_t *to, uint32_t value) {
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
}

/* With its length in front, no part can pass for the end of the one before it. */
static void add_part(struct hx_sha256 *hash, hx_str part) {
    uint8_t len[4];
    store_u32(len, (uint32_t)part.len);
    hx_sha256_add(hash, len, sizeof len);
    hx_sha256_add(hash, part.data, part.len);
}

static hx_err format_hex(struct hx_arena *arena, const uint8_t digest[HX_SHA256_LEN], hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, arena, 2 * HX_SHA256_LEN));
    hx_buf_add_hex(&buf, digest, HX_SHA256_LEN);
    return hx_buf_finish(&buf, out);
}

hx_err hx_claim_make(struct hx_arena *arena, const struct hx_signal *signal, const struct hx_json *root, hx_str scope,
                     hx_str lane, hx_str header_key, hx_time received, struct hx_claim *out) {
    uint8_t digest[HX_SHA256_LEN];
    hx_str key = signal->idempotency_key;
    hx_assert(received >= 0 && root != NULL && root->type == HX_JSON_OBJECT);
    hx_mem_set(out, 0, sizeof *out);
    if (key.len == 0 && header_key.len > 0) HX_TRY(parse_header_key(arena, header_key, &key));

    HX_TRY(format_payload(arena, root, &out->payload));
    hx_sha256(out->payload, out->payload_digest);

    out->is_explicit = key.len > 0;
    struct hx_sha256 hash;
    hx_sha256_init(&hash);
    add_part(&hash, out->is_explicit ? HX_STR("key") : HX_STR("payload"));
    add_part(&hash, scope);
    add_part(&hash, lane);
    add_part(&hash, out->is_explicit ? key : hx_str_make((const char *)out->payload_digest, HX_SHA256_LEN));
    hx_sha256_finish(&hash, digest);

    uint32_t day = (uint32_t)(received / HX_MS_PER_DAY);
    store_u32(out->key, day);
    store_u32(out->key_previous, day - 1);
    store_u32(out->key_next, day + 1);
    hx_mem_copy(out->key + 4, digest, HX_CLAIM_LEN - 4);
    hx_mem_copy(out->key_previous + 4, digest, HX_CLAIM_LEN - 4);
    hx_mem_copy(out->key_next + 4, digest, HX_CLAIM_LEN - 4);
    out->lasts_ms = out->is_explicit || signal->has_time_field ? HX_CLAIM_KEYED_MS : HX_CLAIM_WINDOW_MS;
    out->idempotency_key = key;
    return out->is_explicit ? HX_OK : format_hex(arena, digest, &out->idempotency_key);
}
