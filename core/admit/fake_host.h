/* A host of a few arrays for this folder's tests: kv, settings, memo, clock and log, each of which can be made to fail.
 * Included once per test program; everything else of the port aborts. */
#ifndef HX_CORE_ADMIT_FAKE_HOST_H
#define HX_CORE_ADMIT_FAKE_HOST_H

#include "port/host.h"

#define FAKE_KV_MAX 80
#define FAKE_TEXT_MAX 20000

struct fake_pair {
    char key[64];
    size_t key_len;
    char value[1024];
    size_t value_len;
    uint64_t count;
};

static struct fake_host {
    struct fake_pair kv[FAKE_KV_MAX];
    uint32_t kv_count;
    struct fake_pair settings[4];
    uint32_t setting_count;
    struct fake_pair memo[16];
    uint32_t memo_count;
    int64_t window_ms; /* Of the last memo_count. */
    hx_time now;
    uint8_t random_next;
    hx_err kv_err; /* Returned by every kv operation when set. */
    uint32_t put_count;
    uint32_t strong_count;
    uint32_t warning_count;
    char logged[FAKE_TEXT_MAX];
    size_t logged_len;
    char arena[HX_REQUEST_ARENA_SIZE];
    struct hx_req req;
} fake;

static void fake_reset(void) {
    hx_mem_set(&fake, 0, sizeof fake);
    fake.now = 1795420800000;
    hx_req_init(&fake.req, (struct hx_host *)(void *)&fake, fake.arena, sizeof fake.arena);
}

static hx_str fake_key(const struct fake_pair *pair) {
    return hx_str_make(pair->key, pair->key_len);
}
static hx_str fake_value(const struct fake_pair *pair) {
    return hx_str_make(pair->value, pair->value_len);
}

static struct fake_pair *fake_find(struct fake_pair *pairs, uint32_t count, hx_str key) {
    for (uint32_t i = 0; i < count; i++) {
        if (hx_str_equal(fake_key(&pairs[i]), key)) return &pairs[i];
    }
    return NULL;
}

static void fake_put(struct fake_pair *pairs, uint32_t *count, uint32_t max, hx_str key, hx_str value) {
    struct fake_pair *pair = fake_find(pairs, *count, key);
    if (pair == NULL) {
        hx_assert(*count < max);
        pair = &pairs[(*count)++];
    }
    hx_assert(key.len <= sizeof pair->key && value.len <= sizeof pair->value);
    hx_mem_copy(pair->key, key.data, key.len);
    pair->key_len = key.len;
    hx_mem_copy(pair->value, value.data, value.len);
    pair->value_len = value.len;
}

/* For tests: stores without going through the port. */
static inline void fake_kv(const char *key, const char *value) {
    fake_put(fake.kv, &fake.kv_count, FAKE_KV_MAX, hx_str_from_c(key), hx_str_from_c(value));
}

static inline void fake_setting(const char *key, const char *value) {
    fake_put(fake.settings, &fake.setting_count, 4, hx_str_from_c(key), hx_str_from_c(value));
}

hx_time hx_host_now(struct hx_req *req) {
    (void)req;
    return fake.now;
}

void hx_host_random(struct hx_req *req, void *out, size_t len) {
    uint8_t *bytes = out;
    (void)req;
    for (size_t i = 0; i < len; i++) bytes[i] = fake.random_next++;
}

void hx_host_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail) {
    struct hx_buf buf;
    (void)req;
    if (level >= HX_LOG_WARN) fake.warning_count++;
    hx_buf_init(&buf, fake.logged + fake.logged_len, sizeof fake.logged - fake.logged_len);
    hx_buf_add(&buf, message);
    hx_buf_add(&buf, HX_STR(": "));
    hx_buf_add(&buf, detail);
    hx_buf_add(&buf, HX_STR("\n"));
    fake.logged_len += hx_buf_str(&buf).len;
}

void hx_host_trace(struct hx_req *req, enum hx_op op, uint32_t sequence, bool done, hx_err err) {
    (void)req, (void)op, (void)sequence, (void)done, (void)err;
}

hx_err hx_host_setting(struct hx_req *req, hx_str name, hx_str *out) {
    const struct fake_pair *pair = fake_find(fake.settings, fake.setting_count, name);
    (void)req;
    if (pair == NULL) return HX_ERR(ABSENT_KEY);
    *out = fake_value(pair);
    return HX_OK;
}

hx_err hx_host_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out) {
    const struct fake_pair *pair = fake_find(fake.kv, fake.kv_count, key);
    (void)req;
    HX_TRY(fake.kv_err);
    if (read == HX_KV_STRONG) fake.strong_count++;
    if (pair == NULL) return HX_ERR(ABSENT_KEY);
    *out = fake_value(pair);
    return HX_OK;
}

hx_err hx_host_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    void *list_memory = NULL;
    HX_TRY(fake.kv_err);
    HX_TRY(hx_arena_make(&req->arena, FAKE_KV_MAX, sizeof(struct hx_kv_entry), &list_memory));
    struct hx_kv_entry *list = list_memory;
    *count = 0;
    for (uint32_t i = 0; i < fake.kv_count; i++) {
        if (!hx_str_starts_with(fake_key(&fake.kv[i]), prefix)) continue;
        list[(*count)++] = (struct hx_kv_entry){fake_key(&fake.kv[i]), fake_value(&fake.kv[i])};
    }
    *out = list;
    return HX_OK;
}

hx_err hx_host_kv_put(struct hx_req *req, hx_str key, hx_str value) {
    (void)req;
    HX_TRY(fake.kv_err);
    fake.put_count++;
    fake_put(fake.kv, &fake.kv_count, FAKE_KV_MAX, key, value);
    return HX_OK;
}

hx_err hx_host_kv_delete(struct hx_req *req, hx_str key) {
    struct fake_pair *pair = fake_find(fake.kv, fake.kv_count, key);
    (void)req;
    HX_TRY(fake.kv_err);
    if (pair != NULL) *pair = fake.kv[--fake.kv_count];
    return HX_OK;
}

uint64_t hx_host_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms) {
    (void)req;
    if (fake_find(fake.memo, fake.memo_count, key) == NULL) {
        fake_put(fake.memo, &fake.memo_count, 16, key, HX_STR_EMPTY);
    }
    struct fake_pair *pair = fake_find(fake.memo, fake.memo_count, key);
    fake.window_ms = window_ms;
    pair->count += add;
    return pair->count;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define FAKE_UNUSED(signature)                                       \
    signature {                                                      \
        hx_assert_fail("not part of this test", __FILE__, __LINE__); \
    }
FAKE_UNUSED(hx_err hx_host_sleep(struct hx_req *req, hx_time until))
FAKE_UNUSED(hx_err hx_host_db_batch(struct hx_req *req, const struct hx_db_stmt *statements, uint32_t count,
                                    uint32_t *failed))
FAKE_UNUSED(hx_err hx_host_db_query(struct hx_req *req, const struct hx_db_stmt *statement, struct hx_db_rows *out))
FAKE_UNUSED(hx_err hx_host_memo_get(struct hx_req *req, hx_str key, hx_str *out))
FAKE_UNUSED(void hx_host_memo_put(struct hx_req *req, hx_str key, hx_str value))
FAKE_UNUSED(void hx_host_queue_send(struct hx_req *req, hx_str lane, hx_time due))
FAKE_UNUSED(hx_err hx_host_lane_lock(struct hx_req *req, hx_str lane))
FAKE_UNUSED(void hx_host_lane_unlock(struct hx_req *req))
FAKE_UNUSED(hx_err hx_host_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event,
                                     struct hx_reply *reply))
FAKE_UNUSED(hx_err hx_host_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms))
FAKE_UNUSED(hx_err hx_host_http_send(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out))
FAKE_UNUSED(hx_err hx_host_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                                          uint64_t *serial))
FAKE_UNUSED(hx_err hx_host_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer))
FAKE_UNUSED(hx_err hx_host_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex))
FAKE_UNUSED(void hx_host_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply))
#pragma GCC diagnostic pop

#endif
