/* Who asks and when: API key, timestamp and receive window, HMAC-SHA256 over timestamp, key, window and the query or
 * the raw body, and what the key may do. */
#include "core/base/sha256.h"
#include "lab/bybit.h"

#define RECV_WINDOW_MS_DEFAULT 5000
#define AHEAD_MS_MAX 1000
#define ORIGIN_LEN_MAX 200

static hx_str header_of(const struct hx_lab_call *call, const char *name) {
    hx_str value = HX_STR_EMPTY;
    (void)hx_lab_find_header(call->request, name, &value);
    return value;
}

/* Without the headers nobody is asking: HTTP 401. A wrong key has an answer of its own. */
bool hx_lab_bybit_check_key(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    const hx_str key = header_of(call, "X-BAPI-API-KEY");
    const bool has_all =
        key.len > 0 && header_of(call, "X-BAPI-SIGN").len > 0 && header_of(call, "X-BAPI-TIMESTAMP").len > 0;
    if (!has_all) return hx_lab_fail(call, 10007);
    return hx_str_equal(key, hx_str_make(lab->key, lab->key_len)) ? true : hx_lab_fail(call, 10003);
}

static bool read_ms(struct hx_lab_call *call, const char *name, int64_t *value) {
    const hx_str text = header_of(call, name);
    if (text.len == 0) return true;
    if (hx_ok(hx_str_parse_i64(text, value)) && *value >= 0) return true;
    return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_INVALID, name, "");
}

/* server - window <= timestamp < server + 1000 */
bool hx_lab_bybit_check_time(struct hx_lab_call *call) {
    int64_t timestamp = 0;
    int64_t window = RECV_WINDOW_MS_DEFAULT;
    char text[128];
    struct hx_buf detail;
    if (!read_ms(call, "X-BAPI-TIMESTAMP", &timestamp) || !read_ms(call, "X-BAPI-RECV-WINDOW", &window)) return false;
    call->request_timestamp = timestamp;
    const bool ahead = timestamp >= call->clock + AHEAD_MS_MAX;
    if (!ahead && call->clock - timestamp <= window) return true;
    hx_buf_init(&detail, text, sizeof text);
    hx_buf_add_c(&detail, "req_timestamp[");
    hx_buf_add_i64(&detail, timestamp);
    hx_buf_add_c(&detail, "],server_timestamp[");
    hx_buf_add_i64(&detail, call->clock);
    hx_buf_add_c(&detail, "],recv_window[");
    hx_buf_add_i64(&detail, window);
    hx_buf_add_char(&detail, ']');
    return hx_lab_fail_about(call, 10002, hx_buf_str(&detail));
}

/* Lower-case hex, as documented. */
bool hx_lab_bybit_check_signature(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    const struct hx_lab_request *request = call->request;
    struct hx_buf text;
    struct hx_buf wanted;
    char hex[HX_SHA256_LEN * 2];
    uint8_t digest[HX_SHA256_LEN];
    hx_str origin;
    hx_buf_init(&text, lab->scratch, sizeof lab->scratch);
    hx_buf_add(&text, header_of(call, "X-BAPI-TIMESTAMP"));
    hx_buf_add(&text, header_of(call, "X-BAPI-API-KEY"));
    hx_buf_add(&text, header_of(call, "X-BAPI-RECV-WINDOW"));
    hx_buf_add(&text, request->method == HX_HTTP_METHOD_GET ? request->query : request->body);
    if (hx_failed(hx_buf_finish(&text, &origin))) return hx_lab_fail(call, 10001);
    hx_hmac_sha256(hx_str_make(lab->secret, lab->secret_len), origin, digest);
    hx_buf_init(&wanted, hex, sizeof hex);
    hx_buf_add_hex(&wanted, digest, sizeof digest);
    if (hx_str_equal(header_of(call, "X-BAPI-SIGN"), hx_buf_str(&wanted))) return true;
    return hx_lab_fail_about(call, 10004, hx_str_slice(origin, 0, ORIGIN_LEN_MAX));
}

/* What changes something needs the right to trade; what asks, the right to read. */
bool hx_lab_bybit_check_rights(struct hx_lab_call *call) {
    const struct hx_lab_key_rights *rights = &call->lab->rights;
    const bool changes = call->request->method != HX_HTTP_METHOD_GET;
    const bool may_trade = call->product == HX_LAB_SPOT ? rights->can_trade_spot : rights->can_trade_futures;
    return (changes ? may_trade : rights->can_read) ? true : hx_lab_fail(call, 10005);
}
