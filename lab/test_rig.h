/* A laboratory in the hands of a test: requests are signed, sent at a time the test sets, and every JSON answer is
 * parsed. Only *_test.c include this. */
#ifndef HX_LAB_TEST_RIG_H
#define HX_LAB_TEST_RIG_H

#include "core/base/json.h"
#include "core/base/sha256.h"
#include "lab/lab.h"

#define RIG_NOW ((hx_time)1795000000000)
#define RIG_TEXT_MAX 65536

struct rig {
    struct hx_lab *lab;
    hx_time now;
    struct hx_lab_response answer;
    char text[RIG_TEXT_MAX + 1]; /* The answer's body, terminated. */
    char request[4096];
    char scratch[1024 * 1024];
};

static inline hx_dec rig_dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    const hx_err err = hx_dec_parse(hx_str_from_c(text), &value);
    hx_assert(hx_ok(err));
    return value;
}

/* The first value of that member name anywhere in the answer, as text; "" when there is none. */
static inline hx_str rig_value(struct rig *rig, const char *name) {
    struct hx_arena arena;
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, rig->scratch, sizeof rig->scratch);
    const hx_err err = hx_json_parse(&arena, hx_str_from_c(rig->text), &root, NULL);
    hx_assert(hx_ok(err));
    for (uint32_t i = 0; i < root->next; i++) {
        if (!hx_str_equal(root[i].name, hx_str_from_c(name))) continue;
        if (root[i].type == HX_JSON_BOOL) return root[i].boolean ? HX_STR("true") : HX_STR("false");
        return root[i].text;
    }
    return HX_STR_EMPTY;
}

static inline bool rig_is(struct rig *rig, const char *name, const char *value) {
    return hx_str_equal(rig_value(rig, name), hx_str_from_c(value));
}

static inline int64_t rig_number(struct rig *rig, const char *name) {
    int64_t value = INT64_MIN;
    const hx_err err = hx_str_parse_i64(rig_value(rig, name), &value);
    return hx_ok(err) ? value : INT64_MIN;
}

static inline hx_dec rig_dec_of(struct rig *rig, const char *name) {
    hx_dec value = HX_DEC_ZERO;
    const hx_err err = hx_dec_parse(rig_value(rig, name), &value);
    hx_assert(hx_ok(err));
    return value;
}

/* How often a text occurs in the answer. */
static inline uint32_t rig_count(const struct rig *rig, const char *needle) {
    hx_str rest = hx_str_from_c(rig->text);
    const hx_str wanted = hx_str_from_c(needle);
    uint32_t count = 0;
    size_t at;
    while (hx_str_find(rest, wanted, &at)) {
        count++;
        rest = hx_str_slice(rest, at + wanted.len, rest.len);
    }
    return count;
}

static inline hx_str rig_header(const struct rig *rig, const char *name) {
    for (uint32_t i = 0; i < rig->answer.header_count; i++) {
        if (hx_str_equal_ignore_case(rig->answer.headers[i].name, hx_str_from_c(name))) {
            return rig->answer.headers[i].value;
        }
    }
    return HX_STR_EMPTY;
}

/* As it is: no signature, no timestamp. POST and DELETE of /lab/ carry JSON, other POSTs a form. */
static inline uint32_t rig_send(struct rig *rig, enum hx_http_method method, const char *path, const char *query,
                                const char *body) {
    const hx_str json = HX_STR("application/json");
    const hx_str form = HX_STR("application/x-www-form-urlencoded");
    const bool control = hx_str_starts_with(hx_str_from_c(path), HX_STR("/lab/"));
    const struct hx_http_header headers[] = {{HX_STR("x-mbx-apikey"), HX_STR(HX_LAB_API_KEY)},
                                             {HX_STR("content-type"), control ? json : form}};
    const struct hx_lab_request request = {
        .method = method,
        .path = hx_str_from_c(path),
        .query = hx_str_from_c(query),
        .headers = headers,
        .header_count = 2,
        .body = hx_str_from_c(body),
    };
    hx_lab_handle(rig->lab, rig->now, &request, &rig->answer);
    const size_t len = rig->answer.body.len < RIG_TEXT_MAX ? rig->answer.body.len : RIG_TEXT_MAX;
    hx_mem_copy(rig->text, rig->answer.body.data, len);
    rig->text[len] = 0;
    return rig->answer.status;
}

/* Appends timestamp and signature; GET and DELETE by query, POST by body. */
static inline uint32_t rig_call_at(struct rig *rig, enum hx_http_method method, const char *path, const char *params,
                                   hx_time timestamp, const char *window) {
    struct hx_buf text;
    uint8_t digest[HX_SHA256_LEN];
    hx_buf_init(&text, rig->request, sizeof rig->request - 1);
    hx_buf_add_c(&text, params);
    if (text.len > 0) hx_buf_add_char(&text, '&');
    hx_buf_add_c(&text, window);
    hx_buf_add_c(&text, "timestamp=");
    hx_buf_add_i64(&text, timestamp);
    hx_hmac_sha256(HX_STR(HX_LAB_API_SECRET), hx_buf_str(&text), digest);
    hx_buf_add_c(&text, "&signature=");
    hx_buf_add_hex(&text, digest, sizeof digest);
    rig->request[text.len] = 0;
    const bool in_body = method == HX_HTTP_METHOD_POST;
    return rig_send(rig, method, path, in_body ? "" : rig->request, in_body ? rig->request : "");
}

static inline uint32_t rig_call(struct rig *rig, enum hx_http_method method, const char *path, const char *params) {
    return rig_call_at(rig, method, path, params, rig->now, "recvWindow=5000&");
}

static inline uint32_t rig_get(struct rig *rig, const char *path, const char *params) {
    return rig_call(rig, HX_HTTP_METHOD_GET, path, params);
}

static inline uint32_t rig_post(struct rig *rig, const char *path, const char *params) {
    return rig_call(rig, HX_HTTP_METHOD_POST, path, params);
}

static inline uint32_t rig_delete(struct rig *rig, const char *path, const char *params) {
    return rig_call(rig, HX_HTTP_METHOD_DELETE, path, params);
}

static inline uint32_t rig_order(struct rig *rig, const char *params) {
    return rig_post(rig, "/fapi/v1/order", params);
}

/* The venue's refusal with that code. */
static inline bool rig_refused(struct rig *rig, int64_t code) {
    return rig->answer.status >= 400 && rig_number(rig, "code") == code;
}

static inline uint32_t rig_control(struct rig *rig, enum hx_http_method method, const char *path, const char *json) {
    return rig_send(rig, method, path, "", json);
}

static inline void rig_pin(struct rig *rig, const char *symbol, const char *price) {
    const hx_err err = hx_lab_set_price(rig->lab, hx_str_from_c(symbol), rig_dec(price));
    hx_assert(hx_ok(err));
}

static inline void rig_pin_spot(struct rig *rig, const char *symbol, const char *price) {
    const hx_err err = hx_lab_set_price_in(rig->lab, HX_LAB_SPOT, hx_str_from_c(symbol), rig_dec(price));
    hx_assert(hx_ok(err));
}

static inline void rig_init(struct rig *rig, void *memory, uint64_t seed) {
    rig->now = RIG_NOW;
    rig->lab = hx_lab_init(memory, seed, RIG_NOW);
    rig->text[0] = 0;
}

/* A small laboratory in static storage: one per test program. */
#define RIG_MEMORY_MAX ((size_t)1024 * 1024)
#define RIG_STORAGE(name) static _Alignas(16) uint8_t name[RIG_MEMORY_MAX]

#endif
