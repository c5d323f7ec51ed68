/* Binance's order.place over its WebSocket APIs, spot and USD-M: the parameters of REST as a JSON object, and the API
 * key among them; the signature is over all of them by name, raw (keys that sign with HMAC can't log in once for all).
 */
#include "core/venue/answer.h"
#include "core/venue/form.h"
#include "core/venue/stream_order.h"

#define PARAMS_MAX 24

struct param {
    hx_str name, value;
};

struct params {
    struct param list[PARAMS_MAX];
    uint32_t count;
};

static bool insert(struct params *params, hx_str name, hx_str value) {
    size_t place = 0;
    /* Raw and encoded are the same, or the signature would be over other bytes than the venue's. */
    bool plain = name.len > 0 && !hx_str_find_char(value, '%', &place) && !hx_str_find_char(value, '+', &place);
    if (!plain || params->count == PARAMS_MAX) return false;
    uint32_t at = params->count++;
    while (at > 0 && hx_str_compare(params->list[at - 1].name, name) > 0) {
        params->list[at] = params->list[at - 1];
        at--;
    }
    params->list[at] = (struct param){name, value};
    return true;
}

/* REST's query and the API key, sorted by name. */
static hx_err read_params(const struct hx_venue_context *ctx, const struct hx_venue_call *rest, struct params *out) {
    hx_str query = rest->query, part, name;
    out->count = 0;
    if (rest->body.len > 0 || !insert(out, HX_STR("apiKey"), ctx->api_key)) return HX_ERR(REJECT_INPUT);
    while (hx_str_split(&query, '&', &part)) {
        if (!hx_str_split(&part, '=', &name) || !insert(out, name, part)) return HX_ERR(REJECT_INPUT);
    }
    return HX_OK;
}

static hx_err encode_sign_text(const struct hx_venue_context *ctx, const struct hx_venue_call *rest, hx_str *text) {
    struct params params;
    struct hx_buf buf;
    HX_TRY(read_params(ctx, rest, &params));
    HX_TRY(hx_buf_make(&buf, ctx->arena, rest->query.len + ctx->api_key.len + 16));
    for (uint32_t i = 0; i < params.count; i++) {
        if (i > 0) hx_buf_add_char(&buf, '&');
        hx_buf_add(&buf, params.list[i].name);
        hx_buf_add_char(&buf, '=');
        hx_buf_add(&buf, params.list[i].value);
    }
    return hx_buf_finish(&buf, text);
}

/* Times are numbers here, everything else is text as in a query. */
static void write_param(struct hx_json_writer *w, const struct param *param) {
    char name[32];
    int64_t number = 0;
    bool is_time = hx_str_equal(param->name, HX_STR("timestamp")) || hx_str_equal(param->name, HX_STR("recvWindow"));
    hx_assert(param->name.len < sizeof name);
    hx_mem_copy(name, param->name.data, param->name.len);
    name[param->name.len] = '\0';
    if (is_time && hx_ok(hx_str_parse_i64(param->value, &number))) {
        hx_json_write_i64(w, name, number);
    } else {
        hx_json_write_str(w, name, param->value);
    }
}

static hx_err encode(const struct hx_venue_context *ctx, const struct hx_venue_call *rest, hx_str id, hx_str signature,
                     hx_str *text) {
    struct params params;
    struct hx_buf buf;
    struct hx_json_writer w;
    HX_TRY(read_params(ctx, rest, &params));
    for (uint32_t i = 0; i < params.count; i++) {
        if (params.list[i].name.len >= 32) return HX_ERR(REJECT_INPUT);
    }
    HX_TRY(hx_buf_make(&buf, ctx->arena, 2048));
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "id", id);
    hx_json_write_str(&w, "method", HX_STR("order.place"));
    hx_json_open_object(&w, "params");
    for (uint32_t i = 0; i < params.count; i++) write_param(&w, &params.list[i]);
    hx_json_write_str(&w, "signature", signature);
    hx_json_close_object(&w);
    hx_json_close_object(&w);
    return hx_buf_finish(&buf, text);
}

/* A limit's error says when it ends, as a time; REST says for how many seconds, in a header. */
static void add_retry_after(struct hx_arena *arena, const struct hx_json *root, struct hx_http_answer *out) {
    const struct hx_json *data = hx_json_find(hx_json_find(root, HX_STR("error")), HX_STR("data"));
    struct hx_http_header *header = hx_arena_alloc(arena, sizeof *header);
    int64_t until = 0, server = 0;
    struct hx_buf buf;
    if (header == NULL || hx_failed(hx_buf_make(&buf, arena, 24))) return;
    if (hx_failed(hx_json_get_i64(data, HX_STR("retryAfter"), &until))) return;
    if (hx_failed(hx_json_get_i64(data, HX_STR("serverTime"), &server)) || until <= server) return;
    hx_buf_add_i64(&buf, (until - server + HX_MS_PER_SECOND - 1) / HX_MS_PER_SECOND);
    *header = (struct hx_http_header){HX_STR("Retry-After"), hx_buf_str(&buf)};
    out->headers = header;
    out->header_count = 1;
}

/* {"id":…,"status":200,"result":{…}} or {"id":…,"status":4xx,"error":{"code":…,"msg":…}}. */
static bool decode(struct hx_arena *arena, hx_str answer, hx_str id, struct hx_http_answer *out) {
    const struct hx_json *root = NULL;
    int64_t status = 0;
    struct hx_buf buf;
    hx_mem_set(out, 0, sizeof *out);
    if (hx_failed(hx_json_parse(arena, answer, &root, NULL)) || root->type != HX_JSON_OBJECT) return false;
    if (!hx_answer_member_equals(root, HX_STR("id"), id)) return false;
    if (hx_failed(hx_json_get_i64(root, HX_STR("status"), &status)) || status < 100 || status > 599) return false;
    const struct hx_json *body = hx_json_find(root, status == 200 ? HX_STR("result") : HX_STR("error"));
    if (body == NULL || hx_failed(hx_buf_make(&buf, arena, answer.len + 64))) return false;
    if (hx_failed(hx_json_add_canonical(&buf, arena, body, NULL))) return false;
    if (hx_failed(hx_buf_finish(&buf, &out->body))) return false;
    out->status = (uint32_t)status;
    if (status == 429 || status == 418) add_retry_after(arena, root, out);
    return true;
}

const struct hx_order_socket hx_binance_futures_order_socket = {
    .venue = HX_VENUE_BINANCE,
    .market = HX_MARKET_FUTURES,
    .live = {HX_FORM_TEXT("HOOX_BINANCE_FUTURES_WS_API_URL"), HX_FORM_TEXT("wss://ws-fapi.binance.com")},
    .test = {HX_FORM_TEXT("HOOX_BINANCE_FUTURES_TESTNET_WS_API_URL"), HX_FORM_TEXT("wss://testnet.binancefuture.com")},
    .target = HX_FORM_TEXT("/ws-fapi/v1"),
    .encode_sign_text = encode_sign_text,
    .encode = encode,
    .decode = decode,
};

const struct hx_order_socket hx_binance_spot_order_socket = {
    .venue = HX_VENUE_BINANCE,
    .market = HX_MARKET_SPOT,
    .live = {HX_FORM_TEXT("HOOX_BINANCE_SPOT_WS_API_URL"), HX_FORM_TEXT("wss://ws-api.binance.com:443")},
    .test = {HX_FORM_TEXT("HOOX_BINANCE_SPOT_TESTNET_WS_API_URL"), HX_FORM_TEXT("wss://ws-api.testnet.binance.vision")},
    .target = HX_FORM_TEXT("/ws-api/v3"),
    .encode_sign_text = encode_sign_text,
    .encode = encode,
    .decode = decode,
};
