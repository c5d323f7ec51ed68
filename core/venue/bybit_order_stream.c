/* Bybit's order.create over /v5/trade: one login for each connection, then REST's body as the only argument. The answer
 * is the acknowledgement REST would have given. Demo accounts have no such thing. */
#include "core/venue/answer.h"
#include "core/venue/form.h"
#include "core/venue/stream_order.h"

#define LOGIN_LASTS_MS (10 * HX_MS_PER_SECOND)

static hx_err encode_login_sign_text(const struct hx_venue_context *ctx, hx_str *text) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, 48));
    hx_buf_add_c(&buf, "GET/realtime");
    hx_buf_add_i64(&buf, ctx->timestamp_ms + LOGIN_LASTS_MS);
    return hx_buf_finish(&buf, text);
}

static hx_err encode_login(const struct hx_venue_context *ctx, hx_str signature, hx_str *text) {
    struct hx_buf buf;
    struct hx_json_writer w;
    HX_TRY(hx_buf_make(&buf, ctx->arena, ctx->api_key.len * 6 + signature.len + 128));
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "op", HX_STR("auth"));
    hx_json_open_array(&w, "args");
    hx_json_write_str(&w, NULL, ctx->api_key);
    hx_json_write_i64(&w, NULL, ctx->timestamp_ms + LOGIN_LASTS_MS);
    hx_json_write_str(&w, NULL, signature);
    hx_json_close_array(&w);
    hx_json_close_object(&w);
    return hx_buf_finish(&buf, text);
}

/* 20001: logged in already. */
static bool is_logged_in(struct hx_arena *arena, hx_str answer) {
    const struct hx_json *root = NULL;
    int64_t code = -1;
    bool success = false;
    if (hx_failed(hx_json_parse(arena, answer, &root, NULL))) return false;
    if (hx_ok(hx_json_get_i64(root, HX_STR("retCode"), &code))) return code == 0 || code == 20001;
    return hx_ok(hx_json_get_bool(root, HX_STR("success"), &success)) && success;
}

static hx_err encode(const struct hx_venue_context *ctx, const struct hx_venue_call *rest, hx_str id, hx_str signature,
                     hx_str *text) {
    struct hx_buf buf;
    (void)signature;
    if (rest->body.len == 0 || rest->body.data[0] != '{') return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_buf_make(&buf, ctx->arena, rest->body.len + id.len + 256));
    hx_buf_add_c(&buf, "{\"reqId\":\"");
    hx_buf_add(&buf, id);
    hx_buf_add_c(&buf, "\",\"header\":{\"X-BAPI-TIMESTAMP\":\"");
    hx_buf_add_i64(&buf, ctx->timestamp_ms);
    hx_buf_add_c(&buf, "\",\"X-BAPI-RECV-WINDOW\":\"");
    hx_buf_add_i64(&buf, ctx->receive_window_ms);
    hx_buf_add_c(&buf, "\"},\"op\":\"order.create\",\"args\":[");
    hx_buf_add(&buf, rest->body);
    hx_buf_add_c(&buf, "]}");
    return hx_buf_finish(&buf, text);
}

/* {"reqId":…,"retCode":0,"retMsg":"OK","op":"order.create","data":{…},"retExtInfo":{},…}: REST says `result` for data.
 */
static bool decode(struct hx_arena *arena, hx_str answer, hx_str id, struct hx_http_answer *out) {
    const struct hx_json *root = NULL;
    int64_t code = 0;
    hx_str words = HX_STR_EMPTY;
    struct hx_buf buf;
    hx_mem_set(out, 0, sizeof *out);
    if (hx_failed(hx_json_parse(arena, answer, &root, NULL)) || root->type != HX_JSON_OBJECT) return false;
    if (!hx_answer_member_equals(root, HX_STR("reqId"), id)) return false;
    if (hx_failed(hx_json_get_i64(root, HX_STR("retCode"), &code))) return false;
    if (hx_failed(hx_json_get_str(root, HX_STR("retMsg"), &words))) words = HX_STR_EMPTY;
    const struct hx_json *data = hx_json_find(root, HX_STR("data"));
    if (hx_failed(hx_buf_make(&buf, arena, answer.len + words.len * 6 + 128))) return false;
    hx_buf_add_c(&buf, "{\"retCode\":");
    hx_buf_add_i64(&buf, code);
    hx_buf_add_c(&buf, ",\"retMsg\":");
    hx_json_add_string(&buf, words);
    hx_buf_add_c(&buf, ",\"result\":");
    if (data == NULL || data->type != HX_JSON_OBJECT) {
        hx_buf_add_c(&buf, "{}");
    } else if (hx_failed(hx_json_add_canonical(&buf, arena, data, NULL))) {
        return false;
    }
    hx_buf_add_c(&buf, ",\"retExtInfo\":{}}");
    if (hx_failed(hx_buf_finish(&buf, &out->body))) return false;
    out->status = 200;
    return true;
}

#define ROW                                                                                                       \
    .venue = HX_VENUE_BYBIT, .live = {HX_FORM_TEXT("HOOX_BYBIT_WS_URL"), HX_FORM_TEXT("wss://stream.bybit.com")}, \
    .test = {HX_FORM_TEXT("HOOX_BYBIT_TESTNET_WS_URL"), HX_FORM_TEXT("wss://stream-testnet.bybit.com")},          \
    .target = HX_FORM_TEXT("/v5/trade"), .keep_alive = HX_FORM_TEXT("{\"op\":\"ping\"}"),                         \
    .keep_alive_ms = 15 * HX_MS_PER_SECOND, .login_mark = HX_FORM_TEXT("\"op\":\"auth\""),                        \
    .encode_login_sign_text = encode_login_sign_text, .encode_login = encode_login, .is_logged_in = is_logged_in, \
    .encode = encode, .decode = decode

const struct hx_order_socket hx_bybit_linear_order_socket = {ROW, .market = HX_MARKET_FUTURES};
const struct hx_order_socket hx_bybit_spot_order_socket = {ROW, .market = HX_MARKET_SPOT};
