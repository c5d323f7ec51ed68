/* Who asks and when. Contracts: headers; the signed text is key, time, then the sorted query or the body as it came;
 * Recv-Window in seconds, both ways. Spot: parameters; the signed text is query and body without anything between;
 * recvWindow in milliseconds. Signatures are lower-case hex for both. */
#include "core/base/sha256.h"
#include "lab/mexc.h"

#define WINDOW_S_DEFAULT 10
#define WINDOW_S_MAX 60
#define WINDOW_MS_DEFAULT 5000
#define WINDOW_MS_MAX 60000
#define AHEAD_MS_MAX 1000

static bool signature_fits(const struct hx_lab *lab, const struct hx_buf *text, hx_str signature) {
    char hex[HX_SHA256_LEN * 2];
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf expected;
    hx_str whole;
    if (hx_failed(hx_buf_finish(text, &whole))) return false;
    hx_hmac_sha256(hx_str_make(lab->secret, lab->secret_len), whole, digest);
    hx_buf_init(&expected, hex, sizeof hex);
    hx_buf_add_hex(&expected, digest, sizeof digest);
    return hx_str_equal(signature, hx_buf_str(&expected));
}

/* Contracts. */

static hx_str header(const struct hx_lab_call *call, const char *name) {
    hx_str value = HX_STR_EMPTY;
    (void)hx_lab_find_header(call->request, name, &value);
    return value;
}

/* A request is good for as many seconds before its time as after it. */
static bool check_contract_time(struct hx_lab_call *call) {
    const hx_str window_text = header(call, "Recv-Window");
    uint64_t window_s = WINDOW_S_DEFAULT;
    int64_t time;
    if (window_text.len > 0 && hx_failed(hx_str_parse_u64(window_text, &window_s))) return hx_lab_fail(call, 600);
    if (window_s < 1 || window_s > WINDOW_S_MAX) return hx_lab_fail(call, 600);
    if (hx_failed(hx_str_parse_i64(header(call, "Request-Time"), &time)) || time < 0) return hx_lab_fail(call, 513);
    const int64_t window_ms = (int64_t)window_s * HX_MS_PER_SECOND;
    if (time > call->clock + window_ms || time < call->clock - window_ms) return hx_lab_fail(call, 513);
    call->request_timestamp = time;
    return true;
}

/* By name, values encoded again: the way the query was written does not matter. */
static void add_sorted(struct hx_buf *text, const struct hx_lab_params *params) {
    uint32_t order[HX_LAB_PARAMS_MAX];
    for (uint32_t i = 0; i < params->count; i++) {
        uint32_t at = i;
        for (; at > 0; at--) {
            if (hx_str_compare(params->list[order[at - 1]].name, params->list[i].name) <= 0) break;
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    for (uint32_t i = 0; i < params->count; i++) {
        if (i > 0) hx_buf_add_char(text, '&');
        hx_buf_add(text, params->list[order[i]].name);
        hx_buf_add_char(text, '=');
        hx_buf_add_url_encoded(text, params->list[order[i]].value);
    }
}

static bool check_contract_signature(struct hx_lab_call *call) {
    struct hx_buf text;
    hx_buf_init(&text, call->lab->scratch, sizeof call->lab->scratch);
    hx_buf_add(&text, header(call, "ApiKey"));
    hx_buf_add(&text, header(call, "Request-Time"));
    if (call->request->method == HX_HTTP_METHOD_POST) {
        hx_buf_add(&text, call->request->body);
    } else {
        add_sorted(&text, &call->params);
    }
    return signature_fits(call->lab, &text, header(call, "Signature")) ? true : hx_lab_fail(call, 602);
}

/* The body of a POST is JSON and signed; its query is neither and must not be there. */
static bool read_contract_params(struct hx_lab_call *call) {
    hx_lab_params_parse(&call->params, call->request->query, HX_STR_EMPTY);
    if (call->params.too_many || call->params.malformed || call->params.duplicate) return hx_lab_fail(call, 600);
    if (call->request->method != HX_HTTP_METHOD_POST) return true;
    return call->request->query.len == 0 ? true : hx_lab_fail(call, 600);
}

static bool check_contract_rights(struct hx_lab_call *call) {
    const struct hx_lab_key_rights *rights = &call->lab->rights;
    const struct hx_lab_route *route = call->route;
    const bool asks = route->method == HX_HTTP_METHOD_GET || route->kind == HX_LAB_ROUTE_QUERY ||
                      route->run == hx_lab_mexc_get_open_count;
    if (!asks) return rights->can_trade_futures ? true : hx_lab_fail(call, 704);
    if (rights->can_read) return true;
    const bool of_account = hx_str_starts_with(call->request->path, HX_STR("/api/v1/private/account/"));
    return hx_lab_fail(call, of_account ? 701 : 703);
}

bool hx_lab_mexc_check_contract(struct hx_lab_call *call) {
    const hx_str key = header(call, "ApiKey");
    if (!hx_str_equal(key, hx_str_make(call->lab->key, call->lab->key_len))) return hx_lab_fail(call, 401);
    if (!check_contract_time(call) || !read_contract_params(call)) return false;
    if (!check_contract_signature(call) || !check_contract_rights(call)) return false;
    if (call->request->method != HX_HTTP_METHOD_POST) return true;
    if (!hx_lab_params_parse_json(call)) return hx_lab_fail(call, 601);
    return call->params.too_many ? hx_lab_fail(call, 600) : true;
}

/* Spot. */

/* Cuts "signature=<hex>" off when it is the last pair of the text. */
static bool cut_signature(hx_str *text, hx_str *signature) {
    size_t start = text->len;
    while (start > 0 && text->data[start - 1] != '&') start--;
    const hx_str last = hx_str_slice(*text, start, text->len);
    if (!hx_str_starts_with(last, HX_STR("signature="))) return false;
    *signature = hx_str_slice(last, sizeof "signature=" - 1, last.len);
    *text = hx_str_slice(*text, 0, start > 0 ? start - 1 : 0);
    return true;
}

/* The venue encodes again with upper-case hex: what was signed with %2c is not what it reads. */
static bool escapes_are_upper(hx_str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '%') continue;
        for (size_t k = i + 1; k < text.len && k < i + 3; k++) {
            if (text.data[k] >= 'a' && text.data[k] <= 'f') return false;
        }
    }
    return true;
}

static bool check_spot_signature(struct hx_lab_call *call) {
    hx_str query = call->request->query;
    hx_str body = call->request->body;
    hx_str signature;
    struct hx_buf text;
    if (!cut_signature(&body, &signature) && !cut_signature(&query, &signature)) return hx_lab_fail(call, 700002);
    hx_buf_init(&text, call->lab->scratch, sizeof call->lab->scratch);
    hx_buf_add(&text, query);
    hx_buf_add(&text, body);
    const bool good = escapes_are_upper(query) && escapes_are_upper(body);
    return good && signature_fits(call->lab, &text, signature) ? true : hx_lab_fail(call, 700002);
}

static bool check_spot_time(struct hx_lab_call *call) {
    hx_str text;
    bool present;
    int64_t time;
    int64_t window_ms = WINDOW_MS_DEFAULT;
    if (!hx_lab_param_i64(call, "recvWindow", &present, &window_ms)) return false;
    if (window_ms > WINDOW_MS_MAX) return hx_lab_fail(call, 700005);
    if (!hx_lab_param_find(call, "timestamp", &text) || hx_failed(hx_str_parse_i64(text, &time)) || time < 0) {
        return hx_lab_fail(call, 10073);
    }
    const bool good = time < call->clock + AHEAD_MS_MAX && time >= call->clock - window_ms;
    call->request_timestamp = time;
    return good ? true : hx_lab_fail(call, 700003);
}

static bool check_spot_rights(struct hx_lab_call *call) {
    const struct hx_lab_key_rights *rights = &call->lab->rights;
    const bool may = call->request->method == HX_HTTP_METHOD_GET ? rights->can_read : rights->can_trade_spot;
    return may ? true : hx_lab_fail(call, 700007);
}

bool hx_lab_mexc_check_spot(struct hx_lab_call *call) {
    hx_str key;
    if (!hx_lab_find_header(call->request, "X-MEXC-APIKEY", &key)) return hx_lab_fail(call, 400);
    if (key.len == 0) return hx_lab_fail(call, 700001);
    if (!hx_str_equal(key, hx_str_make(call->lab->key, call->lab->key_len))) return hx_lab_fail(call, 10072);
    if (call->params.too_many || call->params.malformed || call->params.duplicate) {
        return hx_lab_fail_about(call, 33333, HX_STR("too many, twice, or badly encoded"));
    }
    return check_spot_time(call) && check_spot_signature(call) && check_spot_rights(call);
}
