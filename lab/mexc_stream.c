#include "lab/mexc_stream.h"

#include "core/base/sha256.h"

#define SILENCE_MS_MAX HX_MS_PER_MINUTE
#define PERIOD_MS HX_MS_PER_SECOND
#define LOGIN_WINDOW_MS (10 * HX_MS_PER_SECOND)

static const char *const topic_names[] = {"fair.price", "index.price", "ticker"};
#define TOPICS (sizeof topic_names / sizeof topic_names[0])

static hx_err open_stream(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str path, hx_str query) {
    (void)lab;
    (void)query;
    stream->product = HX_LAB_FUTURES;
    return hx_str_equal(path, HX_STR("/edge")) ? HX_OK : HX_ERR(ABSENT_KEY);
}

static void push_word(struct hx_lab *lab, struct hx_lab_stream *stream, const char *prefix, hx_str channel,
                      const char *word) {
    char name[64];
    struct hx_buf full;
    struct hx_lab_text text;
    hx_buf_init(&full, name, sizeof name);
    hx_buf_add_c(&full, prefix);
    hx_buf_add(&full, hx_str_slice(channel, 0, 40));
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    hx_json_write_str(&text.json, "channel", hx_buf_str(&full));
    hx_lab_json_c(&text.json, "data", word);
    hx_json_write_i64(&text.json, "ts", hx_lab_clock(lab));
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
}

static void push_pong(struct hx_lab *lab, struct hx_lab_stream *stream) {
    struct hx_lab_text text;
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    hx_lab_json_c(&text.json, "channel", "pong");
    hx_json_write_i64(&text.json, "data", hx_lab_clock(lab));
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
}

static hx_str text_of(const struct hx_json *object, const char *name) {
    const struct hx_json *member = hx_json_find(object, hx_str_from_c(name));
    return member != NULL ? member->text : HX_STR_EMPTY;
}

/* HMAC of key and time, lower case. */
static bool login_is_right(const struct hx_lab *lab, const struct hx_json *param) {
    const hx_str key = text_of(param, "apiKey");
    const hx_str time = text_of(param, "reqTime");
    int64_t req_time;
    if (!hx_str_equal(key, hx_str_make(lab->key, lab->key_len))) return false;
    if (hx_failed(hx_str_parse_i64(time, &req_time))) return false;
    const int64_t off_ms = hx_lab_clock(lab) - req_time;
    if (off_ms > LOGIN_WINDOW_MS || off_ms < -LOGIN_WINDOW_MS) return false;
    char text[HX_LAB_KEY_LEN_MAX + 32];
    char hex[HX_SHA256_LEN * 2];
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf signed_text;
    struct hx_buf expected;
    hx_buf_init(&signed_text, text, sizeof text);
    hx_buf_add(&signed_text, key);
    hx_buf_add(&signed_text, time);
    hx_hmac_sha256(hx_str_make(lab->secret, lab->secret_len), hx_buf_str(&signed_text), digest);
    hx_buf_init(&expected, hex, sizeof hex);
    hx_buf_add_hex(&expected, digest, sizeof digest);
    return hx_str_equal(text_of(param, "signature"), hx_buf_str(&expected));
}

/* A login subscribes to everything personal unless it says "subscribe": false. */
static void receive_login(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *root) {
    bool subscribe = true;
    const hx_err err = hx_json_get_bool(root, HX_STR("subscribe"), &subscribe);
    if (!login_is_right(lab, hx_json_find(root, HX_STR("param")))) {
        push_word(lab, stream, "rs.error", HX_STR_EMPTY, "Signature verification failed!");
        return;
    }
    stream->is_logged_in = true;
    stream->event_filter = hx_ok(err) && !subscribe ? 0 : HX_LAB_MEXC_WANTS_ALL;
    push_word(lab, stream, "rs.login", HX_STR_EMPTY, "success");
}

/* No filters means everything. */
static void receive_filter(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *root) {
    static const char *const names[] = {"order", "order.deal", "position", "asset"};
    const struct hx_json *filters = hx_json_find(hx_json_find(root, HX_STR("param")), HX_STR("filters"));
    if (!stream->is_logged_in) {
        push_word(lab, stream, "rs.error", HX_STR_EMPTY, "Not logged in!");
        return;
    }
    const bool some = filters != NULL && filters->type == HX_JSON_ARRAY && filters->count > 0;
    stream->event_filter = some ? 0 : HX_LAB_MEXC_WANTS_ALL;
    for (const struct hx_json *filter = some ? hx_json_first(filters) : NULL; filter != NULL;
         filter = hx_json_next(filters, filter)) {
        for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            if (hx_str_equal(text_of(filter, "filter"), hx_str_from_c(names[i]))) stream->event_filter |= 1u << i;
        }
    }
    push_word(lab, stream, "rs.personal.filter", HX_STR_EMPTY, "success");
}

static bool set_topic(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str name, const struct hx_json *root,
                      bool wanted) {
    const hx_str symbol = text_of(hx_json_find(root, HX_STR("param")), "symbol");
    const struct hx_lab_market *market = hx_lab_find_wire_market(lab, HX_LAB_FUTURES, symbol);
    for (uint32_t kind = 0; kind < TOPICS && market != NULL; kind++) {
        if (!hx_str_equal(name, hx_str_from_c(topic_names[kind]))) continue;
        const uint32_t index = hx_lab_market_index(lab, market);
        if (wanted) return hx_lab_stream_add_topic(stream, index, kind, lab->now);
        hx_lab_stream_drop_topic(stream, index, kind);
        return true;
    }
    return false;
}

static void receive(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str text) {
    const struct hx_json *root = hx_lab_stream_parse(lab, text);
    const hx_str method = text_of(root, "method");
    const bool subscribes = hx_str_starts_with(method, HX_STR("sub."));
    const bool unsubscribes = hx_str_starts_with(method, HX_STR("unsub."));
    if (hx_str_equal(method, HX_STR("ping"))) {
        push_pong(lab, stream);
    } else if (hx_str_equal(method, HX_STR("login"))) {
        receive_login(lab, stream, root);
    } else if (hx_str_equal(method, HX_STR("personal.filter"))) {
        receive_filter(lab, stream, root);
    } else if (subscribes || unsubscribes) {
        const hx_str name = hx_str_slice(method, subscribes ? 4 : 6, method.len);
        const bool ok = set_topic(lab, stream, name, root, subscribes);
        push_word(lab, stream, ok ? "rs." : "rs.error", ok ? method : HX_STR_EMPTY,
                  ok ? "success" : "Contract or channel does not exist!");
    } else {
        push_word(lab, stream, "rs.error", HX_STR_EMPTY, "Unknown method!");
    }
}

static void write_prices(struct hx_lab *lab, struct hx_json_writer *json, const struct hx_lab_market *market,
                         uint32_t kind) {
    const struct hx_lab_book book = hx_lab_book_now(lab, market);
    hx_lab_json_c(json, "symbol", market->wire);
    if (kind != HX_LAB_MEXC_TICKER) {
        hx_lab_json_number(json, "price", book.mark);
        return;
    }
    hx_lab_json_number(json, "lastPrice", book.bid);
    hx_lab_json_number(json, "bid1", book.bid);
    hx_lab_json_number(json, "ask1", book.ask);
    hx_lab_json_number(json, "fairPrice", book.mark);
    hx_lab_json_number(json, "indexPrice", book.mark);
    hx_json_write_i64(json, "timestamp", hx_lab_clock(lab));
}

static void tell_topic(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_topic *topic) {
    const struct hx_lab_market *market = &lab->markets[topic->market];
    char name[32];
    struct hx_buf channel;
    struct hx_lab_text text;
    topic->due = (lab->now / PERIOD_MS + 1) * PERIOD_MS;
    hx_buf_init(&channel, name, sizeof name);
    hx_buf_add_c(&channel, "push.");
    hx_buf_add_c(&channel, topic_names[topic->kind]);
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    hx_json_write_str(&text.json, "channel", hx_buf_str(&channel));
    hx_json_open_object(&text.json, "data");
    write_prices(lab, &text.json, market, topic->kind);
    hx_json_close_object(&text.json);
    hx_lab_json_c(&text.json, "symbol", market->wire);
    hx_json_write_i64(&text.json, "ts", hx_lab_clock(lab));
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
}

const struct hx_lab_stream_front hx_lab_mexc_streams = {
    .open = open_stream,
    .receive = receive,
    .tell = hx_lab_mexc_tell,
    .tell_topic = tell_topic,
    .silence_ms_max = SILENCE_MS_MAX,
    .life_ms_max = HX_MS_PER_DAY,
};
