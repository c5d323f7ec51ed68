/* MEXC contract: personal channels and fair prices, over one address.
 *
 * Symbols are written with an underscore here. Everything is plain JSON when asked for without gzip. A "ping" is
 * expected at least every 20 seconds. MEXC spot's private stream is protobuf, so spot is asked by REST alone. */
#include "core/venue/answer.h"
#include "core/venue/form.h"
#include "core/venue/stream.h"

static hx_err encode_target(const struct hx_stream_context *ctx, hx_str *target) {
    (void)ctx;
    *target = HX_STR("/edge");
    return HX_OK;
}

static hx_err encode_sign_text(const struct hx_stream_context *ctx, hx_str *text) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, ctx->api_key.len + 24));
    hx_buf_add(&buf, ctx->api_key);
    hx_buf_add_i64(&buf, ctx->timestamp_ms);
    return hx_buf_finish(&buf, text);
}

static hx_err encode_login(const struct hx_stream_context *ctx, hx_str signature, hx_str *text) {
    struct hx_buf buf;
    struct hx_json_writer w;
    char memory[24];
    struct hx_buf time;
    hx_buf_init(&time, memory, sizeof memory);
    hx_buf_add_i64(&time, ctx->timestamp_ms);
    HX_TRY(hx_buf_make(&buf, ctx->arena, ctx->api_key.len * 6 + signature.len + 160));
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "method", HX_STR("login"));
    hx_json_open_object(&w, "param");
    hx_json_write_str(&w, "apiKey", ctx->api_key);
    hx_json_write_str(&w, "reqTime", hx_buf_str(&time));
    hx_json_write_str(&w, "signature", signature);
    hx_json_close_object(&w);
    hx_json_write_bool(&w, "subscribe", false);
    hx_json_close_object(&w);
    return hx_buf_finish(&buf, text);
}

static hx_err encode_private_subscribe(const struct hx_stream_context *ctx, hx_str *text) {
    (void)ctx;
    *text = HX_STR(
        "{\"method\":\"personal.filter\",\"param\":{\"filters\":[{\"filter\":\"order\"},{\"filter\":\"order.deal\"},"
        "{\"filter\":\"position\"}]}}");
    return HX_OK;
}

/* BTCUSDT to BTC_USDT: contracts are quoted in these. */
static void add_symbol(struct hx_buf *buf, hx_str symbol) {
    static const hx_str quotes[] = {HX_FORM_TEXT("USDT"), HX_FORM_TEXT("USDC"), HX_FORM_TEXT("USD")};
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
        if (!hx_str_ends_with(symbol, quotes[i]) || symbol.len == quotes[i].len) continue;
        hx_buf_add(buf, hx_str_slice(symbol, 0, symbol.len - quotes[i].len));
        hx_buf_add_char(buf, '_');
        hx_buf_add(buf, quotes[i]);
        return;
    }
    hx_buf_add(buf, symbol);
}

static hx_err encode_public_subscribe(const struct hx_stream_context *ctx, hx_str *text) {
    struct hx_buf buf;
    hx_assert(ctx->symbol_count == 1);
    HX_TRY(hx_buf_make(&buf, ctx->arena, 128));
    hx_buf_add_c(&buf, "{\"method\":\"sub.fair.price\",\"param\":{\"symbol\":\"");
    add_symbol(&buf, ctx->symbols[0]);
    hx_buf_add_c(&buf, "\"},\"gzip\":false}");
    return hx_buf_finish(&buf, text);
}

/* BTC_USDT to BTCUSDT. */
static bool read_symbol(const struct hx_stream_context *ctx, const struct hx_json *object, hx_str *out) {
    hx_str text;
    struct hx_buf buf;
    if (hx_failed(hx_json_get_str(object, HX_STR("symbol"), &text)) || text.len > HX_SYMBOL_LEN_MAX + 2) return false;
    if (hx_failed(hx_buf_make(&buf, ctx->arena, text.len))) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '_') hx_buf_add_char(&buf, text.data[i]);
    }
    return hx_ok(hx_buf_finish(&buf, out));
}

/* state: 1 on its way, 2 resting or filled in part, 3 filled, 4 cancelled, 5 invalid. */
static bool read_state(const struct hx_json *data, enum hx_order_status *out) {
    int64_t state = 0;
    if (hx_failed(hx_json_get_i64(data, HX_STR("state"), &state))) return false;
    if (state == 3) *out = HX_ORDER_FILLED;
    else if (state == 4) *out = HX_ORDER_CANCELED;
    else if (state == 5) *out = HX_ORDER_REJECTED;
    return state >= 3 && state <= 5;
}

static void read_personal(const struct hx_stream_context *ctx, const struct hx_json *root, hx_str channel,
                          struct hx_stream_notes *notes) {
    const struct hx_json *data = hx_json_find(root, HX_STR("data"));
    struct hx_stream_note note = {.kind = HX_NOTE_ORDER};
    bool has_symbol = read_symbol(ctx, data, &note.symbol);
    bool is_order = hx_str_equal(channel, HX_STR("push.personal.order"));
    bool is_deal = hx_str_equal(channel, HX_STR("push.personal.order.deal"));
    if (is_order || is_deal) {
        if (hx_failed(hx_json_get_str(data, HX_STR("externalOid"), &note.client_order_id))) return;
        note.has_status = is_order && read_state(data, &note.status);
        hx_stream_notes_add(notes, &note);
    } else if (hx_str_equal(channel, HX_STR("push.personal.position")) && has_symbol) {
        note.kind = HX_NOTE_POSITION;
        hx_stream_notes_add(notes, &note);
    }
}

static const struct hx_json *parse(const struct hx_stream_context *ctx, hx_str message, hx_str *channel) {
    const struct hx_json *root = NULL;
    *channel = HX_STR_EMPTY;
    if (hx_failed(hx_json_parse(ctx->arena, message, &root, NULL)) || root->type != HX_JSON_OBJECT) return NULL;
    if (hx_failed(hx_json_get_str(root, HX_STR("channel"), channel))) *channel = HX_STR_EMPTY;
    return root;
}

static void tell_refused(const struct hx_json *root, struct hx_stream_notes *notes) {
    hx_str words;
    if (hx_failed(hx_json_get_str(root, HX_STR("data"), &words))) words = HX_STR("no reason given");
    hx_stream_notes_tell(notes, HX_NOTE_REFUSED, words);
}

static void decode_private(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes) {
    hx_str channel;
    const struct hx_json *root = parse(ctx, message, &channel);
    if (root == NULL) {
        hx_stream_notes_tell(notes, HX_NOTE_GAP, HX_STR("a message that can't be read"));
    } else if (hx_str_equal(channel, HX_STR("rs.login"))) {
        if (hx_answer_member_equals(root, HX_STR("data"), HX_STR("success"))) {
            hx_stream_notes_tell(notes, HX_NOTE_LOGGED_IN, HX_STR_EMPTY);
        } else {
            tell_refused(root, notes);
        }
    } else if (hx_str_starts_with(channel, HX_STR("rs.personal"))) {
        hx_stream_notes_tell(notes, HX_NOTE_READY, HX_STR_EMPTY);
    } else if (hx_str_equal(channel, HX_STR("rs.error"))) {
        tell_refused(root, notes);
    } else if (hx_str_starts_with(channel, HX_STR("push.personal."))) {
        read_personal(ctx, root, channel, notes);
    }
}

static void decode_public(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes) {
    hx_str channel;
    struct hx_stream_note note = {.kind = HX_NOTE_MARK};
    const struct hx_json *root = parse(ctx, message, &channel);
    if (root == NULL) return;
    if (hx_str_equal(channel, HX_STR("rs.sub.fair.price"))) {
        hx_stream_notes_tell(notes, HX_NOTE_READY, HX_STR_EMPTY);
    } else if (hx_str_equal(channel, HX_STR("rs.error"))) {
        tell_refused(root, notes);
    } else if (hx_str_equal(channel, HX_STR("push.fair.price"))) {
        const struct hx_json *data = hx_json_find(root, HX_STR("data"));
        bool whole = read_symbol(ctx, data, &note.symbol) &&
                     hx_answer_positive_dec(data, HX_STR("price"), &note.price) &&
                     hx_answer_read_ms(root, HX_STR("ts"), &note.venue_time_ms);
        if (whole) hx_stream_notes_add(notes, &note);
    }
}

#define ACCESS .live = {HX_FORM_TEXT("HOOX_MEXC_FUTURES_WS_URL"), HX_FORM_TEXT("wss://contract.mexc.com")}
#define TIMES                                                                                    \
    .keep_alive_ms = 10 * HX_MS_PER_SECOND, .keep_alive = HX_FORM_TEXT("{\"method\":\"ping\"}"), \
    .silence_ms_max = 45 * HX_MS_PER_SECOND, .life_ms_max = 23 * HX_MS_PER_HOUR

const struct hx_venue_stream hx_mexc_futures_private_stream = {.venue = HX_VENUE_MEXC,
                                                               .market = HX_MARKET_FUTURES,
                                                               .kind = HX_STREAM_PRIVATE,
                                                               ACCESS,
                                                               TIMES,
                                                               .encode_target = encode_target,
                                                               .encode_sign_text = encode_sign_text,
                                                               .encode_login = encode_login,
                                                               .encode_subscribe = encode_private_subscribe,
                                                               .decode = decode_private};

const struct hx_venue_stream hx_mexc_futures_public_stream = {.venue = HX_VENUE_MEXC,
                                                              .market = HX_MARKET_FUTURES,
                                                              .kind = HX_STREAM_PUBLIC,
                                                              ACCESS,
                                                              TIMES,
                                                              .symbols_max = 20,
                                                              .one_by_one = true,
                                                              .encode_target = encode_target,
                                                              .encode_subscribe = encode_public_subscribe,
                                                              .decode = decode_public};
