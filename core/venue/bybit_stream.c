/* Bybit v5: order, execution and position topics of the account, and tickers.
 *
 * The private connection is the account's: linear and spot come over it side by side and are told apart by their
 * category. A "ping" is expected every 20 seconds. Executions may come once more, and orders merged: both are hints. */
#include "core/venue/answer.h"
#include "core/venue/form.h"
#include "core/venue/stream.h"

#define LOGIN_LASTS_MS (10 * HX_MS_PER_SECOND)
#define PING "{\"op\":\"ping\"}"

static hx_err encode_private_target(const struct hx_stream_context *ctx, hx_str *target) {
    (void)ctx;
    *target = HX_STR("/v5/private");
    return HX_OK;
}

static hx_err encode_linear_target(const struct hx_stream_context *ctx, hx_str *target) {
    (void)ctx;
    *target = HX_STR("/v5/public/linear");
    return HX_OK;
}

static hx_err encode_spot_target(const struct hx_stream_context *ctx, hx_str *target) {
    (void)ctx;
    *target = HX_STR("/v5/public/spot");
    return HX_OK;
}

static hx_err encode_sign_text(const struct hx_stream_context *ctx, hx_str *text) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, 48));
    hx_buf_add_c(&buf, "GET/realtime");
    hx_buf_add_i64(&buf, ctx->timestamp_ms + LOGIN_LASTS_MS);
    return hx_buf_finish(&buf, text);
}

static hx_err encode_login(const struct hx_stream_context *ctx, hx_str signature, hx_str *text) {
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

static hx_err encode_private_subscribe(const struct hx_stream_context *ctx, hx_str *text) {
    (void)ctx;
    *text = HX_STR("{\"op\":\"subscribe\",\"args\":[\"order\",\"execution\",\"position\"]}");
    return HX_OK;
}

static hx_err encode_public_subscribe(const struct hx_stream_context *ctx, hx_str *text) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, ctx->arena, 64 + ctx->symbol_count * (HX_SYMBOL_LEN_MAX + 16)));
    hx_buf_add_c(&buf, "{\"op\":\"subscribe\",\"args\":[");
    for (uint32_t i = 0; i < ctx->symbol_count; i++) {
        hx_buf_add_c(&buf, i > 0 ? ",\"tickers." : "\"tickers.");
        hx_buf_add(&buf, ctx->symbols[i]);
        hx_buf_add_char(&buf, '"');
    }
    hx_buf_add_c(&buf, "]}");
    return hx_buf_finish(&buf, text);
}

/* {"success":true,"ret_msg":"","op":"auth"|"subscribe",…}; some answers carry retCode and retMsg instead. */
static void read_answer(const struct hx_json *root, hx_str op, struct hx_stream_notes *notes) {
    bool success = false;
    int64_t code = -1;
    hx_str words = HX_STR_EMPTY;
    bool is_auth = hx_str_equal(op, HX_STR("auth"));
    if (!is_auth && !hx_str_equal(op, HX_STR("subscribe"))) return;
    bool told = hx_ok(hx_json_get_bool(root, HX_STR("success"), &success));
    /* 20001: logged in already. */
    if (!told && hx_ok(hx_json_get_i64(root, HX_STR("retCode"), &code))) success = code == 0 || code == 20001;
    if (success) {
        hx_stream_notes_tell(notes, is_auth ? HX_NOTE_LOGGED_IN : HX_NOTE_READY, HX_STR_EMPTY);
        return;
    }
    if (hx_failed(hx_json_get_str(root, HX_STR("ret_msg"), &words)) &&
        hx_failed(hx_json_get_str(root, HX_STR("retMsg"), &words))) {
        words = HX_STR("no reason given");
    }
    /* 10019: this server is being restarted. */
    hx_stream_notes_tell(notes, code == 10019 ? HX_NOTE_RENEW : HX_NOTE_REFUSED, words);
}

static bool read_status(const struct hx_json *row, enum hx_order_status *out) {
    static const struct hx_answer_word words[] = {
        {"New", HX_ORDER_NEW},           {"PartiallyFilled", HX_ORDER_PARTIALLY_FILLED},
        {"Filled", HX_ORDER_FILLED},     {"Cancelled", HX_ORDER_CANCELED},
        {"Rejected", HX_ORDER_REJECTED}, {"PartiallyFilledCanceled", HX_ORDER_CANCELED}};
    int value = 0;
    if (!hx_answer_read_word(row, HX_STR("orderStatus"), words, sizeof words / sizeof words[0], &value)) return false;
    *out = (enum hx_order_status)value;
    return true;
}

static void read_row(const struct hx_json *row, hx_str topic, hx_str category, struct hx_stream_notes *notes) {
    struct hx_stream_note note = {.kind = HX_NOTE_ORDER};
    hx_str said = HX_STR_EMPTY;
    if (hx_ok(hx_json_get_str(row, HX_STR("category"), &said)) && !hx_str_equal(said, category)) return;
    if (hx_failed(hx_json_get_str(row, HX_STR("symbol"), &note.symbol))) {
        hx_stream_notes_tell(notes, HX_NOTE_GAP, HX_STR("a row that can't be read"));
        return;
    }
    if (hx_str_starts_with(topic, HX_STR("position"))) {
        note.kind = HX_NOTE_POSITION;
        note.leverage = hx_stream_read_leverage(row, HX_STR("leverage"));
    } else {
        if (hx_failed(hx_json_get_str(row, HX_STR("orderLinkId"), &note.client_order_id))) return;
        note.has_status = hx_str_starts_with(topic, HX_STR("order")) && read_status(row, &note.status);
    }
    if (note.kind == HX_NOTE_POSITION || note.client_order_id.len > 0) hx_stream_notes_add(notes, &note);
}

static const struct hx_json *parse(const struct hx_stream_context *ctx, hx_str message, hx_str *topic, hx_str *op) {
    const struct hx_json *root = NULL;
    *topic = *op = HX_STR_EMPTY;
    if (hx_failed(hx_json_parse(ctx->arena, message, &root, NULL)) || root->type != HX_JSON_OBJECT) return NULL;
    if (hx_failed(hx_json_get_str(root, HX_STR("topic"), topic))) *topic = HX_STR_EMPTY;
    if (hx_failed(hx_json_get_str(root, HX_STR("op"), op))) *op = HX_STR_EMPTY;
    return root;
}

static void read_private(const struct hx_stream_context *ctx, hx_str message, hx_str category,
                         struct hx_stream_notes *notes) {
    hx_str topic, op;
    const struct hx_json *root = parse(ctx, message, &topic, &op);
    if (root == NULL) {
        hx_stream_notes_tell(notes, HX_NOTE_GAP, HX_STR("a message that can't be read"));
        return;
    }
    if (topic.len == 0) {
        read_answer(root, op, notes);
        return;
    }
    const struct hx_json *data = hx_json_find(root, HX_STR("data"));
    if (data == NULL || data->type != HX_JSON_ARRAY) return;
    for (const struct hx_json *row = hx_json_first(data); row != NULL; row = hx_json_next(data, row)) {
        read_row(row, topic, category, notes);
    }
}

static void decode_linear_private(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes) {
    read_private(ctx, message, HX_STR("linear"), notes);
}

static void decode_spot_private(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes) {
    read_private(ctx, message, HX_STR("spot"), notes);
}

/* A delta leaves out what did not change: then there is nothing to note. */
static void read_public(const struct hx_stream_context *ctx, hx_str message, hx_str price_name,
                        struct hx_stream_notes *notes) {
    hx_str topic, op;
    struct hx_stream_note note = {.kind = HX_NOTE_MARK};
    const struct hx_json *root = parse(ctx, message, &topic, &op);
    if (root == NULL) return;
    if (topic.len == 0) {
        read_answer(root, op, notes);
        return;
    }
    const struct hx_json *data = hx_json_find(root, HX_STR("data"));
    bool whole = hx_str_starts_with(topic, HX_STR("tickers.")) &&
                 hx_ok(hx_json_get_str(data, HX_STR("symbol"), &note.symbol)) &&
                 hx_answer_positive_dec(data, price_name, &note.price) &&
                 hx_answer_read_ms(root, HX_STR("ts"), &note.venue_time_ms);
    if (whole) hx_stream_notes_add(notes, &note);
}

static void decode_linear_public(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes) {
    read_public(ctx, message, HX_STR("markPrice"), notes);
}

static void decode_spot_public(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes) {
    read_public(ctx, message, HX_STR("lastPrice"), notes);
}

#define ACCESS                                                                           \
    .live = {HX_FORM_TEXT("HOOX_BYBIT_WS_URL"), HX_FORM_TEXT("wss://stream.bybit.com")}, \
    .test = {HX_FORM_TEXT("HOOX_BYBIT_TESTNET_WS_URL"), HX_FORM_TEXT("wss://stream-testnet.bybit.com")}
#define TIMES                                                                                                          \
    .keep_alive_ms = 15 * HX_MS_PER_SECOND, .keep_alive = HX_FORM_TEXT(PING), .silence_ms_max = 50 * HX_MS_PER_SECOND, \
    .life_ms_max = 23 * HX_MS_PER_HOUR
#define PRIVATE                                                                                              \
    .kind = HX_STREAM_PRIVATE, .encode_target = encode_private_target, .encode_sign_text = encode_sign_text, \
    .encode_login = encode_login, .encode_subscribe = encode_private_subscribe

const struct hx_venue_stream hx_bybit_linear_private_stream = {
    .venue = HX_VENUE_BYBIT, .market = HX_MARKET_FUTURES, ACCESS, TIMES, PRIVATE, .decode = decode_linear_private};

const struct hx_venue_stream hx_bybit_spot_private_stream = {
    .venue = HX_VENUE_BYBIT, .market = HX_MARKET_SPOT, ACCESS, TIMES, PRIVATE, .decode = decode_spot_private};

const struct hx_venue_stream hx_bybit_linear_public_stream = {.venue = HX_VENUE_BYBIT,
                                                              .market = HX_MARKET_FUTURES,
                                                              .kind = HX_STREAM_PUBLIC,
                                                              ACCESS,
                                                              TIMES,
                                                              .encode_target = encode_linear_target,
                                                              .encode_subscribe = encode_public_subscribe,
                                                              .decode = decode_linear_public};

/* Ten topics at most in one subscription to spot. */
const struct hx_venue_stream hx_bybit_spot_public_stream = {.venue = HX_VENUE_BYBIT,
                                                            .market = HX_MARKET_SPOT,
                                                            .kind = HX_STREAM_PUBLIC,
                                                            ACCESS,
                                                            TIMES,
                                                            .symbols_max = 10,
                                                            .encode_target = encode_spot_target,
                                                            .encode_subscribe = encode_public_subscribe,
                                                            .decode = decode_spot_public};
