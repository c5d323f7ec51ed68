/* Binance spot: user data over the WebSocket API.
 *
 * There is no listen key any more: a signed userDataStream.subscribe.signature on the WebSocket API's connection is
 * login and subscription in one. Events come wrapped as {"subscriptionId":0,"event":{…}}. Prices have no stream here:
 * book tickers carry no time, so their age could not be known, and every change of the book would be a message. */
#include "core/venue/answer.h"
#include "core/venue/form.h"
#include "core/venue/stream.h"

#define LOGIN_ID "hoox-login"

static hx_err encode_target(const struct hx_stream_context *ctx, hx_str *target) {
    (void)ctx;
    *target = HX_STR("/ws-api/v3");
    return HX_OK;
}

/* Parameters by name, raw. */
static hx_err encode_sign_text(const struct hx_stream_context *ctx, hx_str *text) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, ctx->api_key.len + 64));
    hx_buf_add_c(&buf, "apiKey=");
    hx_buf_add(&buf, ctx->api_key);
    hx_buf_add_c(&buf, "&timestamp=");
    hx_buf_add_i64(&buf, ctx->timestamp_ms);
    return hx_buf_finish(&buf, text);
}

static hx_err encode_login(const struct hx_stream_context *ctx, hx_str signature, hx_str *text) {
    struct hx_buf buf;
    struct hx_json_writer w;
    HX_TRY(hx_buf_make(&buf, ctx->arena, ctx->api_key.len * 6 + signature.len + 256));
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "id", HX_STR(LOGIN_ID));
    hx_json_write_str(&w, "method", HX_STR("userDataStream.subscribe.signature"));
    hx_json_open_object(&w, "params");
    hx_json_write_str(&w, "apiKey", ctx->api_key);
    hx_json_write_i64(&w, "timestamp", ctx->timestamp_ms);
    hx_json_write_str(&w, "signature", signature);
    hx_json_close_object(&w);
    hx_json_close_object(&w);
    return hx_buf_finish(&buf, text);
}

/* On a cancel, c is the cancel's own id and C the order's. */
static void read_order(const struct hx_json *event, struct hx_stream_notes *notes) {
    static const struct hx_answer_word words[] = {{"NEW", HX_ORDER_NEW},
                                                  {"PENDING_NEW", HX_ORDER_NEW},
                                                  {"PARTIALLY_FILLED", HX_ORDER_PARTIALLY_FILLED},
                                                  {"FILLED", HX_ORDER_FILLED},
                                                  {"CANCELED", HX_ORDER_CANCELED},
                                                  {"PENDING_CANCEL", HX_ORDER_PARTIALLY_FILLED},
                                                  {"REJECTED", HX_ORDER_REJECTED},
                                                  {"EXPIRED", HX_ORDER_EXPIRED},
                                                  {"EXPIRED_IN_MATCH", HX_ORDER_EXPIRED}};
    struct hx_stream_note note = {.kind = HX_NOTE_ORDER};
    hx_str original = HX_STR_EMPTY;
    int status = 0;
    if (hx_failed(hx_json_get_str(event, HX_STR("c"), &note.client_order_id)) ||
        hx_failed(hx_json_get_str(event, HX_STR("s"), &note.symbol))) {
        hx_stream_notes_tell(notes, HX_NOTE_GAP, HX_STR("an order update that can't be read"));
        return;
    }
    if (hx_ok(hx_json_get_str(event, HX_STR("C"), &original)) && original.len > 0) note.client_order_id = original;
    note.has_status = hx_answer_read_word(event, HX_STR("X"), words, sizeof words / sizeof words[0], &status);
    if (note.has_status) note.status = (enum hx_order_status)status;
    hx_stream_notes_add(notes, &note);
}

/* The answer to the login: {"id":…,"status":200,…} or {"id":…,"status":4xx,"error":{"code":…,"msg":…}}. */
static void read_login(const struct hx_json *root, struct hx_stream_notes *notes) {
    int64_t status = 0, code = 0;
    hx_str words = HX_STR("no reason given");
    const struct hx_json *error = hx_json_find(root, HX_STR("error"));
    if (hx_failed(hx_json_get_i64(root, HX_STR("status"), &status))) status = 0;
    if (status == 200) {
        hx_stream_notes_tell(notes, HX_NOTE_READY, HX_STR_EMPTY);
        return;
    }
    if (hx_failed(hx_json_get_str(error, HX_STR("msg"), &words))) words = HX_STR("no reason given");
    if (hx_failed(hx_json_get_i64(error, HX_STR("code"), &code))) code = 0;
    /* A clock that was off, or a server in trouble, may be better next time. */
    bool passes = code == -1021 || status >= 500;
    hx_stream_notes_tell(notes, passes ? HX_NOTE_RENEW : HX_NOTE_REFUSED, words);
}

static void decode(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes) {
    const struct hx_json *root = NULL;
    hx_str name;
    if (hx_failed(hx_json_parse(ctx->arena, message, &root, NULL)) || root->type != HX_JSON_OBJECT) {
        hx_stream_notes_tell(notes, HX_NOTE_GAP, HX_STR("a message that can't be read"));
        return;
    }
    if (hx_answer_member_equals(root, HX_STR("id"), HX_STR(LOGIN_ID))) {
        read_login(root, notes);
        return;
    }
    const struct hx_json *event = hx_json_find(root, HX_STR("event"));
    if (hx_failed(hx_json_get_str(event, HX_STR("e"), &name))) return;
    if (hx_str_equal(name, HX_STR("executionReport"))) {
        read_order(event, notes);
    } else if (hx_str_equal(name, HX_STR("outboundAccountPosition")) || hx_str_equal(name, HX_STR("balanceUpdate"))) {
        const struct hx_stream_note note = {.kind = HX_NOTE_POSITION};
        hx_stream_notes_add(notes, &note);
    } else if (hx_str_equal(name, HX_STR("eventStreamTerminated")) || hx_str_equal(name, HX_STR("serverShutdown"))) {
        hx_stream_notes_tell(notes, HX_NOTE_RENEW, name);
    }
}

const struct hx_venue_stream hx_binance_spot_private_stream = {
    .venue = HX_VENUE_BINANCE,
    .market = HX_MARKET_SPOT,
    .kind = HX_STREAM_PRIVATE,
    .live = {HX_FORM_TEXT("HOOX_BINANCE_SPOT_WS_API_URL"), HX_FORM_TEXT("wss://ws-api.binance.com:443")},
    .test = {HX_FORM_TEXT("HOOX_BINANCE_SPOT_TESTNET_WS_API_URL"), HX_FORM_TEXT("wss://ws-api.testnet.binance.vision")},
    .ping_ms = 60 * HX_MS_PER_SECOND,
    .silence_ms_max = 150 * HX_MS_PER_SECOND,
    .life_ms_max = 23 * HX_MS_PER_HOUR,
    .encode_target = encode_target,
    .encode_sign_text = encode_sign_text,
    .encode_login = encode_login,
    .decode = decode,
};
