#include "core/admit/rate.h"

#define BUCKET_LEN_MAX 96

hx_err hx_rate_limit_parse(hx_str text, struct hx_rate_limit *out) {
    uint64_t count = 0;
    uint64_t seconds = 0;
    size_t slash = 0;
    text = hx_str_trim(text);
    if (hx_str_equal(text, HX_STR("0")) || hx_str_equal_ignore_case(text, HX_STR("off"))) {
        *out = (struct hx_rate_limit){0, HX_MS_PER_MINUTE};
        return HX_OK;
    }
    if (!hx_str_find_char(text, '/', &slash)) return HX_ERR(REJECT_INPUT);
    hx_str count_text = hx_str_trim(hx_str_slice(text, 0, slash));
    hx_str seconds_text = hx_str_trim(hx_str_slice(text, slash + 1, text.len));
    if (hx_failed(hx_str_parse_u64(count_text, &count)) || hx_failed(hx_str_parse_u64(seconds_text, &seconds))) {
        return HX_ERR(REJECT_INPUT);
    }
    if (count == 0 || count > HX_RATE_COUNT_MAX) return HX_ERR(REJECT_INPUT);
    if (seconds == 0 || seconds > (uint64_t)(HX_RATE_WINDOW_MAX_MS / HX_MS_PER_SECOND)) return HX_ERR(REJECT_INPUT);
    *out = (struct hx_rate_limit){(uint32_t)count, (int64_t)seconds * HX_MS_PER_SECOND};
    return HX_OK;
}

struct hx_rate_result hx_rate_check(struct hx_req *req, hx_str key_name, struct hx_rate_limit limit, bool exempt,
                                    hx_time now) {
    struct hx_rate_result result = {true, 0, 0};
    char text[BUCKET_LEN_MAX];
    struct hx_buf bucket;
    if (exempt || limit.count == 0) return result;
    hx_assert(limit.window_ms > 0 && now >= 0);
    hx_buf_init(&bucket, text, sizeof text);
    hx_buf_add(&bucket, HX_STR("rate:"));
    hx_buf_add(&bucket, hx_str_slice(key_name, 0, BUCKET_LEN_MAX - 5));
    result.count = hx_port_memo_count(req, hx_buf_str(&bucket), 1, limit.window_ms);
    result.allowed = result.count <= limit.count;
    if (result.allowed) return result;
    int64_t rest_ms = limit.window_ms - now % limit.window_ms;
    result.retry_after_s = (uint32_t)((rest_ms + HX_MS_PER_SECOND - 1) / HX_MS_PER_SECOND);
    return result;
}
