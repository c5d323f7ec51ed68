/* A MEXC laboratory in the hands of a test: requests signed as each product wants them. Only *_test.c and the fuzzer
 * include this. */
#ifndef HX_LAB_MEXC_RIG_H
#define HX_LAB_MEXC_RIG_H

#include "lab/test_rig.h"

#define MEXC "/api/v1/private/"

/* Pinned at 100,000. */
static inline void mexc_init(struct rig *rig, void *memory) {
    struct hx_lab_config config = hx_lab_config_small();
    config.venue = HX_LAB_MEXC;
    hx_assert(hx_lab_size_with(&config) <= RIG_MEMORY_MAX);
    rig->now = RIG_NOW;
    rig->lab = hx_lab_init_with(memory, &config, 42, RIG_NOW);
    rig->text[0] = 0;
    rig_pin(rig, "BTCUSDT", "100000");
    rig_pin_spot(rig, "BTCUSDT", "100000");
}

static inline uint32_t mexc_send(struct rig *rig, enum hx_http_method method, const char *path, const char *query,
                                 const char *body, const struct hx_http_header *headers, uint32_t header_count) {
    const struct hx_lab_request request = {
        .method = method,
        .path = hx_str_from_c(path),
        .query = hx_str_from_c(query),
        .headers = headers,
        .header_count = header_count,
        .body = hx_str_from_c(body),
    };
    hx_lab_handle(rig->lab, rig->now, &request, &rig->answer);
    const size_t len = rig->answer.body.len < RIG_TEXT_MAX ? rig->answer.body.len : RIG_TEXT_MAX;
    hx_mem_copy(rig->text, rig->answer.body.data, len);
    rig->text[len] = 0;
    return rig->answer.status;
}

static inline uint32_t mexc_public(struct rig *rig, const char *path, const char *query) {
    return mexc_send(rig, HX_HTTP_METHOD_GET, path, query, "", NULL, 0);
}

/* Contracts: `signed_part` is the body, or the sorted query. */
static inline uint32_t mexc_contract_at(struct rig *rig, enum hx_http_method method, const char *path,
                                        const char *query, const char *body, const char *signed_part, hx_time time,
                                        const char *window) {
    char hex[HX_SHA256_LEN * 2];
    char time_text[24];
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf text;
    struct hx_buf signature;
    struct hx_buf stamp;
    hx_buf_init(&stamp, time_text, sizeof time_text);
    hx_buf_add_i64(&stamp, time);
    hx_buf_init(&text, rig->request, sizeof rig->request);
    hx_buf_add_c(&text, HX_LAB_API_KEY);
    hx_buf_add(&text, hx_buf_str(&stamp));
    hx_buf_add_c(&text, signed_part);
    hx_hmac_sha256(HX_STR(HX_LAB_API_SECRET), hx_buf_str(&text), digest);
    hx_buf_init(&signature, hex, sizeof hex);
    hx_buf_add_hex(&signature, digest, sizeof digest);
    const struct hx_http_header headers[] = {{HX_STR("ApiKey"), HX_STR(HX_LAB_API_KEY)},
                                             {HX_STR("Request-Time"), hx_buf_str(&stamp)},
                                             {HX_STR("Signature"), hx_buf_str(&signature)},
                                             {HX_STR("Content-Type"), HX_STR("application/json")},
                                             {HX_STR("Recv-Window"), hx_str_from_c(window)}};
    return mexc_send(rig, method, path, query, body, headers, window[0] == 0 ? 4 : 5);
}

static inline uint32_t mexc_get(struct rig *rig, const char *path, const char *sorted_query) {
    return mexc_contract_at(rig, HX_HTTP_METHOD_GET, path, sorted_query, "", sorted_query, rig->now, "5");
}

static inline uint32_t mexc_post(struct rig *rig, const char *path, const char *json) {
    return mexc_contract_at(rig, HX_HTTP_METHOD_POST, path, "", json, json, rig->now, "5");
}

/* Spot: everything in the query. */
static inline uint32_t mexc_spot_at(struct rig *rig, enum hx_http_method method, const char *path, const char *params,
                                    hx_time timestamp, const char *window) {
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf text;
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
    const struct hx_http_header headers[] = {{HX_STR("X-MEXC-APIKEY"), HX_STR(HX_LAB_API_KEY)},
                                             {HX_STR("Content-Type"), HX_STR("application/json")}};
    return mexc_send(rig, method, path, rig->request, "", headers, 2);
}

static inline uint32_t mexc_spot(struct rig *rig, enum hx_http_method method, const char *path, const char *params) {
    return mexc_spot_at(rig, method, path, params, rig->now, "recvWindow=5000&");
}

static inline uint32_t mexc_spot_order(struct rig *rig, const char *params) {
    return mexc_spot(rig, HX_HTTP_METHOD_POST, "/api/v3/order", params);
}

/* Contracts answer 200 to refusals too. */
static inline bool mexc_done(struct rig *rig) {
    return rig->answer.status == 200 && rig_is(rig, "success", "true") && rig_is(rig, "code", "0");
}

static inline bool mexc_refused(struct rig *rig, int64_t code) {
    return rig->answer.status == 200 && rig_is(rig, "success", "false") && rig_number(rig, "code") == code;
}

static inline bool mexc_spot_refused(struct rig *rig, uint32_t status, int64_t code) {
    return rig->answer.status == status && rig_number(rig, "code") == code;
}

/* The answer has that text somewhere. */
static inline bool mexc_says(struct rig *rig, const char *text) {
    return rig_count(rig, text) > 0;
}

#endif
