/* Bybit's conversations: login, subscriptions, heartbeat, and the public tickers. */
#include "lab/bybit_stream.h"

#include "core/base/sha256.h"

#define SILENCE_MS_MAX (10 * HX_MS_PER_MINUTE)
#define TICKER_MS HX_MS_PER_SECOND
#define SPOT_ARGS_MAX 10
#define FUNDING_PERIOD_MS (8 * HX_MS_PER_HOUR)

static hx_err open_stream(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str path, hx_str query) {
    static const struct {
        const char *path;
        enum hx_lab_bybit_stream_kind kind;
        enum hx_lab_product product;
    } rows[] = {
        {"/v5/public/linear", HX_LAB_BYBIT_PUBLIC, HX_LAB_FUTURES},
        {"/v5/public/spot", HX_LAB_BYBIT_PUBLIC, HX_LAB_SPOT},
        {"/v5/private", HX_LAB_BYBIT_PRIVATE, HX_LAB_FUTURES},
        {"/v5/trade", HX_LAB_BYBIT_TRADE, HX_LAB_FUTURES},
    };
    (void)query;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!hx_str_equal(path, hx_str_from_c(rows[i].path))) continue;
        stream->kind = rows[i].kind;
        stream->product = rows[i].product;
        const uint64_t id = hx_lab_mix(lab->seed ^ (uint64_t)lab->now);
        struct hx_buf text;
        hx_buf_init(&text, stream->id, sizeof stream->id);
        hx_buf_add_hex(&text, &id, sizeof id);
        stream->id_len = (uint32_t)text.len;
        return HX_OK;
    }
    return HX_ERR(ABSENT_KEY);
}

static hx_str text_of(const struct hx_json *root, const char *name) {
    hx_str text = HX_STR_EMPTY;
    const hx_err err = hx_json_get_str(root, hx_str_from_c(name), &text);
    return hx_ok(err) ? text : HX_STR_EMPTY;
}

/* Acknowledgements: the trade endpoint has an envelope of its own. */
static void push_ack(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *root, int32_t code,
                     const char *msg) {
    const hx_str op = text_of(root, "op");
    struct hx_lab_text text;
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    if (stream->kind == HX_LAB_BYBIT_TRADE) {
        hx_json_write_str(&text.json, "reqId", text_of(root, "reqId"));
        hx_json_write_i64(&text.json, "retCode", code);
        hx_lab_json_c(&text.json, "retMsg", code == 0 ? "OK" : msg);
        hx_json_write_str(&text.json, "op", op);
        hx_json_write_str(&text.json, "connId", hx_str_make(stream->id, stream->id_len));
    } else {
        hx_json_write_str(&text.json, "req_id", text_of(root, "req_id"));
        hx_json_write_bool(&text.json, "success", code == 0);
        hx_lab_json_c(&text.json, "ret_msg", msg);
        hx_json_write_str(&text.json, "op", op);
        hx_json_write_str(&text.json, "conn_id", hx_str_make(stream->id, stream->id_len));
    }
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
}

static void push_pong(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *root) {
    if (stream->kind == HX_LAB_BYBIT_PUBLIC) {
        push_ack(lab, stream, root, 0, "pong");
        return;
    }
    struct hx_lab_text text;
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    hx_json_write_str(&text.json, "req_id", text_of(root, "req_id"));
    hx_lab_json_c(&text.json, "op", "pong");
    hx_json_open_array(&text.json, "args");
    hx_lab_json_i64_text(&text.json, NULL, hx_lab_clock(lab));
    hx_json_close_array(&text.json);
    hx_json_write_str(&text.json, "conn_id", hx_str_make(stream->id, stream->id_len));
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
}

/* HMAC of "GET/realtime" and the expiry, which lies ahead. */
static bool login_is_right(const struct hx_lab *lab, const struct hx_json *args, int32_t *code) {
    const struct hx_json *key = hx_json_at(args, 0);
    const struct hx_json *expires = hx_json_at(args, 1);
    const struct hx_json *sign = hx_json_at(args, 2);
    int64_t until;
    *code = 10001;
    if (key == NULL || expires == NULL || sign == NULL) return false;
    if (hx_failed(hx_str_parse_i64(expires->text, &until))) return false;
    *code = 10003;
    if (!hx_str_equal(key->text, hx_str_make(lab->key, lab->key_len))) return false;
    *code = 10002;
    if (until <= hx_lab_clock(lab)) return false;
    char text[64];
    char hex[HX_SHA256_LEN * 2];
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf signed_text;
    struct hx_buf expected;
    hx_buf_init(&signed_text, text, sizeof text);
    hx_buf_add_c(&signed_text, "GET/realtime");
    hx_buf_add(&signed_text, expires->text);
    hx_hmac_sha256(hx_str_make(lab->secret, lab->secret_len), hx_buf_str(&signed_text), digest);
    hx_buf_init(&expected, hex, sizeof hex);
    hx_buf_add_hex(&expected, digest, sizeof digest);
    *code = 10004;
    return hx_str_equal(sign->text, hx_buf_str(&expected));
}

static void receive_login(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *root) {
    int32_t code = 0;
    if (stream->kind == HX_LAB_BYBIT_PUBLIC) {
        push_ack(lab, stream, root, 10404, "op is not supported here");
    } else if (stream->is_logged_in) {
        push_ack(lab, stream, root, 20001, "Repeat auth");
    } else if (login_is_right(lab, hx_json_find(root, HX_STR("args")), &code)) {
        stream->is_logged_in = true;
        push_ack(lab, stream, root, 0, "");
    } else {
        push_ack(lab, stream, root, code, "Params Error");
    }
}

/* "order" is both products' orders, "order.linear" one's. */
static bool private_bits(hx_str name, uint32_t *bits) {
    static const char *const names[HX_LAB_BYBIT_TOPICS] = {"order", "execution", "execution.fast", "position",
                                                           "wallet"};
    static const char *const endings[] = {".linear", ".spot", ""};
    static const uint32_t masks[] = {1, 2, 3};
    for (uint32_t topic = 0; topic < HX_LAB_BYBIT_TOPICS; topic++) {
        const hx_str stem = hx_str_from_c(names[topic]);
        if (!hx_str_starts_with(name, stem)) continue;
        const hx_str ending = hx_str_slice(name, stem.len, name.len);
        for (uint32_t i = 0; i < 3; i++) {
            if (!hx_str_equal(ending, hx_str_from_c(endings[i]))) continue;
            *bits = masks[i] << (2 * topic);
            return true;
        }
    }
    return false;
}

static bool set_private(struct hx_lab_stream *stream, hx_str name, bool wanted) {
    uint32_t bits;
    if (!stream->is_logged_in || !private_bits(name, &bits)) return false;
    stream->event_filter = wanted ? stream->event_filter | bits : stream->event_filter & ~bits;
    stream->is_subscribed = true;
    return true;
}

static bool set_ticker(const struct hx_lab *lab, struct hx_lab_stream *stream, hx_str name, bool wanted) {
    const hx_str stem = HX_STR("tickers.");
    if (!hx_str_starts_with(name, stem)) return false;
    const hx_str symbol = hx_str_slice(name, stem.len, name.len);
    const struct hx_lab_market *market = hx_lab_find_wire_market(lab, stream->product, symbol);
    if (market == NULL) return false;
    const uint32_t index = hx_lab_market_index(lab, market);
    if (wanted) return hx_lab_stream_add_topic(stream, index, 0, lab->now);
    hx_lab_stream_drop_topic(stream, index, 0);
    return true;
}

static void receive_topics(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *root, bool wanted) {
    const struct hx_json *args = hx_json_find(root, HX_STR("args"));
    const bool is_list = args != NULL && args->type == HX_JSON_ARRAY;
    const bool spot = stream->kind == HX_LAB_BYBIT_PUBLIC && stream->product == HX_LAB_SPOT;
    bool ok = is_list && !(spot && args->count > SPOT_ARGS_MAX);
    for (const struct hx_json *arg = ok ? hx_json_first(args) : NULL; arg != NULL && ok;
         arg = hx_json_next(args, arg)) {
        ok = stream->kind == HX_LAB_BYBIT_PUBLIC ? set_ticker(lab, stream, arg->text, wanted)
                                                 : set_private(stream, arg->text, wanted);
    }
    push_ack(lab, stream, root, ok ? 0 : 10001, ok ? "" : "error:handler not found or not logged in");
}

static void receive(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str text) {
    const struct hx_json *root = hx_lab_stream_parse(lab, text);
    const hx_str op = text_of(root, "op");
    if (hx_str_equal(op, HX_STR("ping"))) {
        push_pong(lab, stream, root);
    } else if (hx_str_equal(op, HX_STR("auth"))) {
        receive_login(lab, stream, root);
    } else if (stream->kind == HX_LAB_BYBIT_TRADE) {
        hx_lab_bybit_receive_trade(lab, stream, root, text);
    } else if (hx_str_equal(op, HX_STR("subscribe"))) {
        receive_topics(lab, stream, root, true);
    } else if (hx_str_equal(op, HX_STR("unsubscribe"))) {
        receive_topics(lab, stream, root, false);
    } else {
        push_ack(lab, stream, root, 10404, "op is not known");
    }
}

/* Tickers: the first is a snapshot. Linear then tells only what changed, spot tells everything again. */

static void write_if(struct hx_json_writer *json, const char *name, hx_lab_amount now, hx_lab_amount before, bool whole,
                     uint32_t places) {
    if (whole || now != before) hx_lab_json_fixed(json, name, now, places);
}

static void write_linear(const struct hx_lab *lab, struct hx_json_writer *json, const struct hx_lab_market *market,
                         const struct hx_lab_book *now, const struct hx_lab_book *before, bool whole) {
    const uint32_t places = market->price_precision;
    write_if(json, "lastPrice", now->bid, before->bid, whole, places);
    write_if(json, "markPrice", now->mark, before->mark, whole, places);
    write_if(json, "indexPrice", now->mark, before->mark, whole, places);
    write_if(json, "bid1Price", now->bid, before->bid, whole, places);
    write_if(json, "ask1Price", now->ask, before->ask, whole, places);
    if (!whole) return;
    hx_lab_json_short(json, "bid1Size", market->market_quantity_max);
    hx_lab_json_short(json, "ask1Size", market->market_quantity_max);
    hx_lab_json_c(json, "fundingRate", "0.0001");
    hx_lab_json_i64_text(json, "nextFundingTime", (hx_lab_clock(lab) / FUNDING_PERIOD_MS + 1) * FUNDING_PERIOD_MS);
}

static void tell_topic(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_topic *topic) {
    const struct hx_lab_market *market = &lab->markets[topic->market];
    const struct hx_lab_book now = hx_lab_book_now(lab, market);
    const bool linear = market->product == HX_LAB_FUTURES;
    const bool whole = topic->count == 0 || !linear;
    const bool same = now.mark == topic->last.mark && now.bid == topic->last.bid && now.ask == topic->last.ask;
    topic->due = (lab->now / TICKER_MS + 1) * TICKER_MS;
    if (!whole && same) return;
    char name[HX_LAB_SYMBOL_LEN_MAX + 16];
    struct hx_buf topic_name;
    hx_buf_init(&topic_name, name, sizeof name);
    hx_buf_add_c(&topic_name, "tickers.");
    hx_buf_add_c(&topic_name, market->wire);
    struct hx_lab_text text;
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    hx_json_write_str(&text.json, "topic", hx_buf_str(&topic_name));
    hx_lab_json_c(&text.json, "type", whole ? "snapshot" : "delta");
    hx_json_open_object(&text.json, "data");
    hx_lab_json_c(&text.json, "symbol", market->wire);
    if (linear) {
        write_linear(lab, &text.json, market, &now, &topic->last, whole);
    } else {
        hx_lab_json_fixed(&text.json, "lastPrice", now.bid, market->price_precision);
        hx_lab_json_short(&text.json, "usdIndexPrice", now.mark);
    }
    hx_json_close_object(&text.json);
    hx_json_write_i64(&text.json, "cs", 1000000 + (int64_t)topic->count);
    hx_json_write_i64(&text.json, "ts", hx_lab_clock(lab));
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
    topic->last = now;
}

const struct hx_lab_stream_front hx_lab_bybit_streams = {
    .open = open_stream,
    .receive = receive,
    .tell = hx_lab_bybit_tell,
    .tell_topic = tell_topic,
    .wrap = hx_lab_bybit_wrap,
    .silence_ms_max = SILENCE_MS_MAX,
};
