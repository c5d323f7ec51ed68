/* A Bybit laboratory in the hands of a test: requests signed the venue's way, on top of test_rig.h. Only *_test.c and
 * the fuzzer include this. */
#ifndef HX_LAB_BYBIT_RIG_H
#define HX_LAB_BYBIT_RIG_H

#include "lab/test_rig.h"

struct bybit_headers {
    const char *key, *window, *type;
    hx_time timestamp;
    const char *sign; /* NULL: the right one. */
};

static inline struct bybit_headers bybit_usual(const struct rig *rig) {
    return (struct bybit_headers){HX_LAB_API_KEY, "5000", "application/json", rig->now, NULL};
}

static inline hx_str bybit_sign(const struct bybit_headers *with, hx_str timestamp, const char *payload, char *hex,
                                struct hx_buf *origin) {
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf buf;
    hx_buf_add(origin, timestamp);
    hx_buf_add_c(origin, with->key);
    hx_buf_add_c(origin, with->window);
    hx_buf_add_c(origin, payload);
    hx_hmac_sha256(HX_STR(HX_LAB_API_SECRET), hx_buf_str(origin), digest);
    hx_buf_init(&buf, hex, HX_SHA256_LEN * 2);
    hx_buf_add_hex(&buf, digest, sizeof digest);
    return hx_buf_str(&buf);
}

/* GET: text is the query; POST: the body. */
static inline uint32_t bybit_send(struct rig *rig, enum hx_http_method method, const char *path, const char *text,
                                  const struct bybit_headers *with) {
    char stamp[24];
    char hex[HX_SHA256_LEN * 2];
    struct hx_buf time;
    struct hx_buf origin;
    hx_buf_init(&time, stamp, sizeof stamp);
    hx_buf_add_i64(&time, with->timestamp);
    hx_buf_init(&origin, rig->request, sizeof rig->request);
    hx_str sign = bybit_sign(with, hx_buf_str(&time), text, hex, &origin);
    if (with->sign != NULL) sign = hx_str_from_c(with->sign);
    const struct hx_http_header headers[] = {
        {HX_STR("x-bapi-api-key"), hx_str_from_c(with->key)},        {HX_STR("X-BAPI-TIMESTAMP"), hx_buf_str(&time)},
        {HX_STR("X-BAPI-RECV-WINDOW"), hx_str_from_c(with->window)}, {HX_STR("X-BAPI-SIGN"), sign},
        {HX_STR("Content-Type"), hx_str_from_c(with->type)},
    };
    const bool get = method == HX_HTTP_METHOD_GET;
    const struct hx_lab_request request = {
        .method = method,
        .path = hx_str_from_c(path),
        .query = get ? hx_str_from_c(text) : HX_STR_EMPTY,
        .headers = headers,
        .header_count = get ? 4 : 5,
        .body = get ? HX_STR_EMPTY : hx_str_from_c(text),
    };
    hx_lab_handle(rig->lab, rig->now, &request, &rig->answer);
    const size_t len = rig->answer.body.len < RIG_TEXT_MAX ? rig->answer.body.len : RIG_TEXT_MAX;
    hx_mem_copy(rig->text, rig->answer.body.data, len);
    rig->text[len] = 0;
    return rig->answer.status;
}

/* INT64_MIN: a status that is not 200, or no answer. */
static inline int64_t bybit_code(struct rig *rig) {
    const bool answered = rig->answer.delivery == HX_LAB_DELIVER && rig->answer.status == 200;
    return answered ? rig_number(rig, "retCode") : INT64_MIN;
}

static inline int64_t bybit_get(struct rig *rig, const char *path, const char *query) {
    const struct bybit_headers headers = bybit_usual(rig);
    (void)bybit_send(rig, HX_HTTP_METHOD_GET, path, query, &headers);
    return bybit_code(rig);
}

static inline int64_t bybit_post(struct rig *rig, const char *path, const char *body) {
    const struct bybit_headers headers = bybit_usual(rig);
    (void)bybit_send(rig, HX_HTTP_METHOD_POST, path, body, &headers);
    return bybit_code(rig);
}

static inline int64_t bybit_create(struct rig *rig, const char *body) {
    return bybit_post(rig, "/v5/order/create", body);
}

/* Time passes, so that what was acknowledged is placed. */
static inline void bybit_pass(struct rig *rig, int64_t ms) {
    rig->now += ms;
    hx_lab_advance(rig->lab, rig->now);
}

static inline void bybit_init(struct rig *rig, void *memory, uint64_t seed) {
    struct hx_lab_config config = hx_lab_config_small();
    config.venue = HX_LAB_BYBIT;
    rig->now = RIG_NOW;
    rig->lab = hx_lab_init_with(memory, &config, seed, RIG_NOW);
    rig->text[0] = 0;
}

#endif
