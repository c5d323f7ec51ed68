/* Binance USD-M futures: user data and mark prices.
 *
 * The user stream needs a listen key: POST makes it (or names the one there is), it lasts 60 minutes, PUT makes it last
 * again; the API key's header is all the authentication. Streams are named in the URL. The server pings every three
 * minutes and ends connections after 24 hours. */
#include "core/venue/answer.h"
#include "core/venue/form.h"
#include "core/venue/stream.h"

#define MARK_SUFFIX "@markPrice@1s"

static hx_err encode_ticket(const struct hx_venue_context *ctx, bool renew, struct hx_venue_call *call) {
    *call = (struct hx_venue_call){.method = renew ? HX_HTTP_METHOD_PUT : HX_HTTP_METHOD_POST,
                                   .path = HX_STR("/fapi/v1/listenKey"),
                                   .kind = HX_VENUE_CALL_OTHER,
                                   .weight = 1};
    call->headers[call->header_count++] = (struct hx_http_header){HX_STR("X-MBX-APIKEY"), ctx->api_key};
    return HX_OK;
}

static bool is_ticket(hx_str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    }
    return text.len > 0;
}

static bool decode_ticket(const struct hx_venue_context *ctx, const struct hx_http_answer *answer, bool renew,
                          hx_str *ticket) {
    const struct hx_json *root = NULL;
    *ticket = HX_STR_EMPTY;
    if (answer->status != 200 || hx_failed(hx_json_parse(ctx->arena, answer->body, &root, NULL))) return false;
    if (renew && root->type == HX_JSON_OBJECT && hx_json_find(root, HX_STR("listenKey")) == NULL) return true;
    return hx_ok(hx_json_get_str(root, HX_STR("listenKey"), ticket)) && is_ticket(*ticket);
}

static hx_err encode_private_target(const struct hx_stream_context *ctx, hx_str *target) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, 64 + ctx->ticket.len));
    hx_buf_add_c(&buf, "/private/ws/");
    hx_buf_add(&buf, ctx->ticket);
    return hx_buf_finish(&buf, target);
}

/* "/market/stream?streams=btcusdt@markPrice@1s/ethusdt@markPrice@1s" */
static hx_err encode_public_target(const struct hx_stream_context *ctx, hx_str *target) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, 64 + ctx->symbol_count * (HX_SYMBOL_LEN_MAX + sizeof(MARK_SUFFIX))));
    hx_buf_add_c(&buf, "/market/stream?streams=");
    for (uint32_t i = 0; i < ctx->symbol_count; i++) {
        if (i > 0) hx_buf_add_char(&buf, '/');
        for (size_t k = 0; k < ctx->symbols[i].len; k++) {
            char c = ctx->symbols[i].data[k];
            hx_buf_add_char(&buf, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        }
        hx_buf_add_c(&buf, MARK_SUFFIX);
    }
    return hx_buf_finish(&buf, target);
}

static bool read_status(const struct hx_json *order, enum hx_order_status *out) {
    static const struct hx_answer_word words[] = {{"NEW", HX_ORDER_NEW},
                                                  {"PARTIALLY_FILLED", HX_ORDER_PARTIALLY_FILLED},
                                                  {"FILLED", HX_ORDER_FILLED},
                                                  {"CANCELED", HX_ORDER_CANCELED},
                                                  {"REJECTED", HX_ORDER_REJECTED},
                                                  {"EXPIRED", HX_ORDER_EXPIRED},
                                                  {"EXPIRED_IN_MATCH", HX_ORDER_EXPIRED}};
    int value = 0;
    if (!hx_answer_read_word(order, HX_STR("X"), words, sizeof words / sizeof words[0], &value)) return false;
    *out = (enum hx_order_status)value;
    return true;
}

/* ORDER_TRADE_UPDATE, and ALGO_UPDATE under its own names: o.<id> is the client order id, o.X the status. A status that
 * is not one of an order's (of an algo order's own) is left out: the order has moved is all that matters. */
static void read_order(const struct hx_json *root, hx_str id_name, bool is_algo, struct hx_stream_notes *notes) {
    struct hx_stream_note note = {.kind = HX_NOTE_ORDER};
    const struct hx_json *order = hx_json_find(root, HX_STR("o"));
    if (hx_failed(hx_json_get_str(order, id_name, &note.client_order_id)) ||
        hx_failed(hx_json_get_str(order, HX_STR("s"), &note.symbol))) {
        hx_stream_notes_tell(notes, HX_NOTE_GAP, HX_STR("an order update that can't be read"));
        return;
    }
    note.has_status = !is_algo && read_status(order, &note.status);
    hx_stream_notes_add(notes, &note);
}

static void read_account(const struct hx_json *root, struct hx_stream_notes *notes) {
    const struct hx_json *account = hx_json_find(root, HX_STR("a"));
    const struct hx_json *positions = hx_json_find(account, HX_STR("P"));
    bool set_anew = hx_answer_member_equals(account, HX_STR("m"), HX_STR("MARGIN_TYPE_CHANGE"));
    if (positions == NULL || positions->type != HX_JSON_ARRAY) return;
    for (const struct hx_json *p = hx_json_first(positions); p != NULL; p = hx_json_next(positions, p)) {
        struct hx_stream_note note = {.kind = HX_NOTE_POSITION};
        if (hx_failed(hx_json_get_str(p, HX_STR("s"), &note.symbol))) continue;
        hx_stream_notes_add(notes, &note);
        note.kind = HX_NOTE_SETTING;
        if (set_anew) hx_stream_notes_add(notes, &note);
    }
}

/* ACCOUNT_CONFIG_UPDATE: "ac" of a symbol's leverage, "ai" of the account as a whole. */
static void read_setting(const struct hx_json *root, struct hx_stream_notes *notes) {
    const struct hx_json *symbol = hx_json_find(root, HX_STR("ac"));
    struct hx_stream_note note = {.kind = HX_NOTE_SETTING, .leverage = hx_stream_read_leverage(symbol, HX_STR("l"))};
    if (hx_ok(hx_json_get_str(symbol, HX_STR("s"), &note.symbol))) hx_stream_notes_add(notes, &note);
}

static void read_mark(const struct hx_json *root, struct hx_stream_notes *notes) {
    struct hx_stream_note note = {.kind = HX_NOTE_MARK};
    bool whole = hx_ok(hx_json_get_str(root, HX_STR("s"), &note.symbol)) &&
                 hx_ok(hx_json_get_dec(root, HX_STR("p"), &note.price)) &&
                 hx_ok(hx_json_get_i64(root, HX_STR("E"), &note.venue_time_ms)) && hx_dec_sign(note.price) > 0;
    if (whole) hx_stream_notes_add(notes, &note);
}

/* Bare, or wrapped as {"stream":…,"data":{…}} on a combined connection. */
static const struct hx_json *unwrap(const struct hx_stream_context *ctx, hx_str message, hx_str *event) {
    const struct hx_json *root = NULL;
    *event = HX_STR_EMPTY;
    if (hx_failed(hx_json_parse(ctx->arena, message, &root, NULL)) || root->type != HX_JSON_OBJECT) return NULL;
    const struct hx_json *data = hx_json_find(root, HX_STR("data"));
    if (data != NULL && data->type == HX_JSON_OBJECT && hx_json_find(root, HX_STR("stream")) != NULL) root = data;
    if (hx_failed(hx_json_get_str(root, HX_STR("e"), event))) *event = HX_STR_EMPTY;
    return root;
}

static void decode_private(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes) {
    hx_str event;
    const struct hx_json *root = unwrap(ctx, message, &event);
    if (root == NULL) {
        hx_stream_notes_tell(notes, HX_NOTE_GAP, HX_STR("a message that can't be read"));
    } else if (hx_str_equal(event, HX_STR("ORDER_TRADE_UPDATE"))) {
        read_order(root, HX_STR("c"), false, notes);
    } else if (hx_str_equal(event, HX_STR("ALGO_UPDATE"))) {
        read_order(root, HX_STR("caid"), true, notes);
    } else if (hx_str_equal(event, HX_STR("ACCOUNT_UPDATE"))) {
        read_account(root, notes);
    } else if (hx_str_equal(event, HX_STR("ACCOUNT_CONFIG_UPDATE"))) {
        read_setting(root, notes);
    } else if (hx_str_equal(event, HX_STR("listenKeyExpired"))) {
        hx_stream_notes_tell(notes, HX_NOTE_RENEW, HX_STR("the listen key has expired"));
    } else if (hx_str_equal(event, HX_STR("serverShutdown"))) {
        hx_stream_notes_tell(notes, HX_NOTE_RENEW, HX_STR("the server is about to stop"));
    }
}

static void decode_public(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes) {
    hx_str event;
    const struct hx_json *root = unwrap(ctx, message, &event);
    if (root == NULL) return;
    if (hx_str_equal(event, HX_STR("markPriceUpdate"))) {
        read_mark(root, notes);
    } else if (hx_str_equal(event, HX_STR("serverShutdown"))) {
        hx_stream_notes_tell(notes, HX_NOTE_RENEW, HX_STR("the server is about to stop"));
    }
}

#define PING_MS (60 * HX_MS_PER_SECOND)
#define SILENCE_MS_MAX (150 * HX_MS_PER_SECOND)
#define LIFE_MS_MAX (23 * HX_MS_PER_HOUR)

const struct hx_venue_stream hx_binance_futures_private_stream = {
    .venue = HX_VENUE_BINANCE,
    .market = HX_MARKET_FUTURES,
    .kind = HX_STREAM_PRIVATE,
    .live = {HX_FORM_TEXT("HOOX_BINANCE_FUTURES_WS_URL"), HX_FORM_TEXT("wss://fstream.binance.com")},
    .test = {HX_FORM_TEXT("HOOX_BINANCE_FUTURES_TESTNET_WS_URL"), HX_FORM_TEXT("wss://demo-fstream.binance.com")},
    .ping_ms = PING_MS,
    .silence_ms_max = SILENCE_MS_MAX,
    .life_ms_max = LIFE_MS_MAX,
    .ticket_renew_ms = 25 * HX_MS_PER_MINUTE,
    .encode_ticket = encode_ticket,
    .decode_ticket = decode_ticket,
    .encode_target = encode_private_target,
    .decode = decode_private,
};

const struct hx_venue_stream hx_binance_futures_public_stream = {
    .venue = HX_VENUE_BINANCE,
    .market = HX_MARKET_FUTURES,
    .kind = HX_STREAM_PUBLIC,
    .live = {HX_FORM_TEXT("HOOX_BINANCE_FUTURES_WS_URL"), HX_FORM_TEXT("wss://fstream.binance.com")},
    .test = {HX_FORM_TEXT("HOOX_BINANCE_FUTURES_TESTNET_WS_URL"), HX_FORM_TEXT("wss://demo-fstream.binance.com")},
    .ping_ms = PING_MS,
    .silence_ms_max = 30 * HX_MS_PER_SECOND,
    .life_ms_max = LIFE_MS_MAX,
    .encode_target = encode_public_target,
    .decode = decode_public,
};
