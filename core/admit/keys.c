#include "core/admit/keys.h"

#include "core/base/json.h"

#define SECRET_LEN 32
#define HEX_LEN (2 * HX_SHA256_LEN)
#define ENTRY_LEN_MAX 512

struct entry {
    hx_str digest; /* HEX_LEN lower-case hex digits. */
    hx_time created_ms;
    hx_time expires_ms;
    bool has_previous;
    hx_str previous_digest;
    hx_time previous_expires_ms;
};

hx_err hx_key_name_check(hx_str name) {
    if (name.len == 0 || name.len > HX_KEY_NAME_LEN_MAX) return HX_ERR(REJECT_INPUT);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') return HX_ERR(REJECT_INPUT);
    }
    return hx_str_equal(name, HX_STR(HX_KEY_ENV_NAME)) ? HX_ERR(REJECT_INPUT) : HX_OK;
}

void hx_key_add_digest(struct hx_buf *buf, hx_str plain) {
    uint8_t digest[HX_SHA256_LEN];
    hx_sha256(plain, digest);
    hx_buf_add_hex(buf, digest, sizeof digest);
}

static hx_err make_kv_key(struct hx_req *req, hx_str name, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &req->arena, sizeof HX_KEYS_PREFIX + HX_KEY_NAME_LEN_MAX));
    hx_buf_add(&buf, HX_STR(HX_KEYS_PREFIX));
    hx_buf_add(&buf, name);
    return hx_buf_finish(&buf, out);
}

static hx_err get_digest(const struct hx_json *object, hx_str *out) {
    HX_TRY(hx_json_get_str(object, HX_STR("digest"), out));
    if (out->len != HEX_LEN) return HX_ERR(REJECT_INPUT);
    for (size_t i = 0; i < out->len; i++) {
        char c = out->data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return HX_ERR(REJECT_INPUT);
    }
    return HX_OK;
}

static hx_err parse_entry(struct hx_arena *arena, hx_str text, struct entry *out) {
    const struct hx_json *root = NULL;
    *out = (struct entry){.has_previous = false};
    if (text.len > ENTRY_LEN_MAX) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_json_parse(arena, text, &root, NULL));
    HX_TRY(get_digest(root, &out->digest));
    HX_TRY(hx_json_get_i64(root, HX_STR("created"), &out->created_ms));
    HX_TRY(hx_json_get_i64(root, HX_STR("expires"), &out->expires_ms));
    const struct hx_json *previous = hx_json_find(root, HX_STR("previous"));
    if (previous == NULL) return HX_OK;
    HX_TRY(get_digest(previous, &out->previous_digest));
    HX_TRY(hx_json_get_i64(previous, HX_STR("expires"), &out->previous_expires_ms));
    out->has_previous = true;
    return HX_OK;
}

/* May suspend. */
static hx_err store_entry(struct hx_req *req, hx_str kv_key, const struct entry *entry) {
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_str text = HX_STR_EMPTY;
    HX_TRY(hx_buf_make(&buf, &req->arena, ENTRY_LEN_MAX));
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "digest", entry->digest);
    hx_json_write_i64(&w, "created", entry->created_ms);
    hx_json_write_i64(&w, "expires", entry->expires_ms);
    if (entry->has_previous) {
        hx_json_open_object(&w, "previous");
        hx_json_write_str(&w, "digest", entry->previous_digest);
        hx_json_write_i64(&w, "expires", entry->previous_expires_ms);
        hx_json_close_object(&w);
    }
    hx_json_close_object(&w);
    HX_TRY(hx_buf_finish(&buf, &text));
    return hx_port_kv_put(req, kv_key, text);
}

/* A fresh key and its digest. */
static hx_err make_plain(struct hx_req *req, hx_str *plain, hx_str *digest) {
    uint8_t secret[SECRET_LEN];
    struct hx_buf buf;
    hx_port_random(req, secret, sizeof secret);
    HX_TRY(hx_buf_make(&buf, &req->arena, HX_KEY_PLAIN_LEN));
    hx_buf_add(&buf, HX_STR("hxk_"));
    hx_buf_add_base64url(&buf, secret, sizeof secret);
    hx_mem_set(secret, 0, sizeof secret);
    HX_TRY(hx_buf_finish(&buf, plain));
    HX_TRY(hx_buf_make(&buf, &req->arena, HEX_LEN));
    hx_key_add_digest(&buf, *plain);
    return hx_buf_finish(&buf, digest);
}

hx_err hx_keys_generate(struct hx_req *req, hx_str name, hx_str *plain) {
    const struct hx_kv_entry *stored = NULL;
    uint32_t count = 0;
    hx_str kv_key = HX_STR_EMPTY;
    struct entry entry = {.created_ms = hx_port_now(req)};
    HX_TRY(hx_key_name_check(name));
    HX_TRY(make_kv_key(req, name, &kv_key));
    HX_TRY(hx_port_kv_list(req, HX_STR(HX_KEYS_PREFIX), &stored, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (hx_str_equal(stored[i].key, kv_key)) return HX_ERR(CONFLICT_KEY);
    }
    if (count >= HX_KEYS_MAX) return HX_ERR(LIMIT_COUNT);
    HX_TRY(make_plain(req, plain, &entry.digest));
    return store_entry(req, kv_key, &entry);
}

static hx_err get_entry(struct hx_req *req, hx_str name, hx_str *kv_key, struct entry *out) {
    hx_str text = HX_STR_EMPTY;
    HX_TRY(hx_key_name_check(name));
    HX_TRY(make_kv_key(req, name, kv_key));
    HX_TRY(hx_port_kv_get(req, *kv_key, HX_KV_STRONG, &text));
    hx_err err = parse_entry(&req->arena, text, out);
    if (hx_err_is(err, HX_CLASS_LIMIT)) return err;
    return hx_failed(err) ? HX_ERR(BROKEN_CONFIG) : HX_OK;
}

hx_err hx_keys_rotate(struct hx_req *req, hx_str name, int64_t overlap_ms, hx_str *plain) {
    struct entry old;
    hx_str kv_key = HX_STR_EMPTY;
    hx_time now = hx_port_now(req);
    if (overlap_ms < 0 || overlap_ms > INT64_MAX - now) return HX_ERR(REJECT_INPUT);
    HX_TRY(get_entry(req, name, &kv_key, &old));
    /* The clock's milliseconds are the creation time; an end that the owner set for the name stays. */
    struct entry entry = {.created_ms = now, .expires_ms = old.expires_ms, .has_previous = overlap_ms > 0};
    entry.previous_digest = old.digest;
    entry.previous_expires_ms = now + overlap_ms;
    HX_TRY(make_plain(req, plain, &entry.digest));
    return store_entry(req, kv_key, &entry);
}

hx_err hx_keys_revoke(struct hx_req *req, hx_str name) {
    hx_str kv_key = HX_STR_EMPTY;
    hx_str text = HX_STR_EMPTY;
    HX_TRY(hx_key_name_check(name));
    HX_TRY(make_kv_key(req, name, &kv_key));
    HX_TRY(hx_port_kv_get(req, kv_key, HX_KV_STRONG, &text));
    return hx_port_kv_delete(req, kv_key);
}

hx_err hx_keys_set_expiry(struct hx_req *req, hx_str name, hx_time expires_ms) {
    struct entry entry;
    hx_str kv_key = HX_STR_EMPTY;
    if (expires_ms < 0) return HX_ERR(REJECT_INPUT);
    HX_TRY(get_entry(req, name, &kv_key, &entry));
    entry.expires_ms = expires_ms;
    return store_entry(req, kv_key, &entry);
}

static hx_str name_of(const struct hx_kv_entry *stored) {
    return hx_str_slice(stored->key, sizeof HX_KEYS_PREFIX - 1, stored->key.len);
}

hx_err hx_keys_list(struct hx_req *req, const struct hx_key_info **out, uint32_t *count) {
    const struct hx_kv_entry *stored = NULL;
    void *memory = NULL;
    *out = NULL;
    *count = 0;
    HX_TRY(hx_port_kv_list(req, HX_STR(HX_KEYS_PREFIX), &stored, count));
    HX_TRY(hx_arena_make(&req->arena, *count, sizeof(struct hx_key_info), &memory));
    struct hx_key_info *list = memory;
    for (uint32_t i = 0; i < *count; i++) {
        struct entry entry;
        hx_err err = parse_entry(&req->arena, stored[i].value, &entry);
        if (hx_err_is(err, HX_CLASS_LIMIT)) return err;
        list[i] = (struct hx_key_info){.name = name_of(&stored[i]), .valid = hx_ok(err)};
        if (hx_failed(err)) continue;
        list[i].created_ms = entry.created_ms;
        list[i].expires_ms = entry.expires_ms;
        list[i].has_previous = entry.has_previous;
        list[i].previous_expires_ms = entry.previous_expires_ms;
    }
    *out = list;
    return HX_OK;
}

static bool is_current(hx_time expires_ms, hx_time now) {
    return expires_ms == 0 || now < expires_ms;
}

/* Both digests are always compared; whether they still count is public. */
static bool matches(const struct entry *entry, const char *digest, hx_time now) {
    bool is_key = hx_mem_equal_constant_time(entry->digest.data, digest, HEX_LEN);
    hx_str other = entry->has_previous ? entry->previous_digest : entry->digest;
    bool is_previous = hx_mem_equal_constant_time(other.data, digest, HEX_LEN) && entry->has_previous;
    bool key_counts = is_current(entry->expires_ms, now);
    bool previous_counts = key_counts && entry->has_previous && now < entry->previous_expires_ms;
    return (is_key && key_counts) || (is_previous && previous_counts);
}

hx_err hx_keys_check(struct hx_req *req, hx_str presented, hx_time now, hx_str *name) {
    const struct hx_kv_entry *stored = NULL;
    uint32_t count = 0;
    char digest[HEX_LEN];
    struct hx_buf buf;
    hx_str found = HX_STR_EMPTY;
    hx_buf_init(&buf, digest, sizeof digest);
    hx_key_add_digest(&buf, presented);
    HX_TRY(hx_port_kv_list(req, HX_STR(HX_KEYS_PREFIX), &stored, &count));
    size_t mark = hx_arena_mark(&req->arena);
    for (uint32_t i = 0; i < count; i++) {
        struct entry entry;
        hx_err err = parse_entry(&req->arena, stored[i].value, &entry);
        if (hx_err_is(err, HX_CLASS_LIMIT)) return err;
        if (hx_ok(err) && matches(&entry, digest, now)) found = name_of(&stored[i]);
        hx_arena_rewind(&req->arena, mark);
    }
    /* The digest of the empty text is well known: whoever stored it admits nobody. */
    if (found.len == 0 || presented.len == 0) return HX_ERR(ABSENT_KEY);
    *name = found;
    return HX_OK;
}
