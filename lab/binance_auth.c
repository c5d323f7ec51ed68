/* Who asks and when: API key, HMAC-SHA256 signature, timestamp and recvWindow. */
#include "core/base/sha256.h"
#include "lab/binance.h"

#define RECV_WINDOW_MS_DEFAULT 5000
#define RECV_WINDOW_MS_MAX 60000
#define AHEAD_MS_MAX 1000
#define MICROSECONDS_FROM ((int64_t)100000000000000) /* Spot takes both; milliseconds reach it in the year 5138. */

bool hx_lab_check_key(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    hx_str key = HX_STR_EMPTY;
    if (!hx_lab_find_header(call->request, "X-MBX-APIKEY", &key) || key.len == 0) return hx_lab_fail(call, -2014);
    if (!hx_str_equal(key, hx_str_make(lab->key, lab->key_len))) return hx_lab_fail(call, -2015);
    return true;
}

/* Cuts "&signature=<hex>" off when it is the last pair of the text. */
static bool cut_signature(hx_str *text, hx_str *signature) {
    size_t start = text->len;
    while (start > 0 && text->data[start - 1] != '&') start--;
    const hx_str last = hx_str_slice(*text, start, text->len);
    if (!hx_str_starts_with(last, HX_STR("signature="))) return false;
    *signature = hx_str_slice(last, sizeof "signature=" - 1, last.len);
    *text = hx_str_slice(*text, 0, start > 0 ? start - 1 : 0);
    return true;
}

static bool hex_equals(hx_str hex, const uint8_t *bytes, size_t len) {
    char text[HX_SHA256_LEN * 2];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_buf_add_hex(&buf, bytes, len);
    return hx_str_equal_ignore_case(hex, hx_buf_str(&buf));
}

static bool signature_is_right(struct hx_lab *lab, const struct hx_lab_request *request) {
    hx_str query = request->query;
    hx_str body = request->body;
    hx_str signature;
    if (!cut_signature(&body, &signature) && !cut_signature(&query, &signature)) return false;
    struct hx_buf text;
    hx_buf_init(&text, lab->scratch, sizeof lab->scratch);
    hx_buf_add(&text, query);
    hx_buf_add(&text, body);
    hx_str signed_text;
    if (hx_failed(hx_buf_finish(&text, &signed_text))) return false;
    uint8_t digest[HX_SHA256_LEN];
    hx_hmac_sha256(hx_str_make(lab->secret, lab->secret_len), signed_text, digest);
    return hex_equals(signature, digest, sizeof digest);
}

/* Spot takes up to three decimals. */
static bool read_window(struct hx_lab_call *call, int64_t *window) {
    bool present;
    uint32_t places = 0;
    hx_lab_amount amount = 0;
    if (call->product != HX_LAB_SPOT) return hx_lab_param_i64(call, "recvWindow", &present, window);
    if (!hx_lab_param_amount(call, "recvWindow", &present, &amount, &places)) return false;
    if (places > 3) return hx_lab_fail_about(call, -1130, HX_STR("recvWindow"));
    if (present) *window = (amount + HX_LAB_UNIT - 1) / HX_LAB_UNIT;
    return true;
}

bool hx_lab_check_time(struct hx_lab_call *call) {
    bool present;
    int64_t timestamp = 0;
    int64_t window = RECV_WINDOW_MS_DEFAULT;
    if (!read_window(call, &window)) return false;
    if (window > RECV_WINDOW_MS_MAX) return hx_lab_fail(call, -1131);
    if (!hx_lab_param_i64(call, "timestamp", &present, &timestamp)) return false;
    if (call->product == HX_LAB_SPOT && timestamp >= MICROSECONDS_FROM) timestamp /= 1000;
    if (timestamp >= call->clock + AHEAD_MS_MAX) {
        return hx_lab_fail_as(call, 0, -1021,
                              HX_STR("Timestamp for this request was 1000ms ahead of the server's time."));
    }
    if (call->clock - timestamp > window) {
        return hx_lab_fail(call, -1021);
    }
    return true;
}

bool hx_lab_check_signature(struct hx_lab_call *call) {
    hx_str value;
    if (call->params.too_many) return hx_lab_fail(call, -1101);
    if (call->params.duplicate) return hx_lab_fail_about(call, -1101, HX_STR("Duplicate values for a parameter."));
    if (call->params.malformed) return hx_lab_fail(call, -1100);
    if (!hx_lab_param_get(call, "signature", &value)) return false;
    if (!hx_lab_param_get(call, "timestamp", &value)) return false;
    if (!hx_lab_check_time(call)) return false;
    return signature_is_right(call->lab, call->request) ? true : hx_lab_fail(call, -1022);
}
