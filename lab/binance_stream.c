/* Opening Binance's streams, subscribing on them, and what they say by time alone. */
#include "lab/binance_stream.h"

#include "lab/binance.h"

#define LISTEN_KEY_MS (60 * HX_MS_PER_MINUTE)
#define FUNDING_PERIOD_MS (8 * HX_MS_PER_HOUR)
#define INBOUND_PER_SECOND 10 /* Spot: 5, but for the WebSocket API. */
#define PING_MS (3 * HX_MS_PER_MINUTE)
#define SILENCE_MS_MAX (10 * HX_MS_PER_MINUTE)

/* The listen key: the same while it is alive, another after it died. */

void hx_lab_add_listen_key(struct hx_buf *buf, const struct hx_lab *lab) {
    for (uint64_t i = 0; i < 4; i++) {
        const uint64_t bits = hx_lab_mix(lab->seed + i + 4 * (uint64_t)lab->listen_key_generation);
        hx_buf_add_hex(buf, &bits, sizeof bits);
    }
}

bool hx_lab_listen_key_is_good(const struct hx_lab *lab, hx_str key) {
    char text[HX_LAB_STREAM_ID_LEN_MAX];
    struct hx_buf current;
    hx_buf_init(&current, text, sizeof text);
    hx_lab_add_listen_key(&current, lab);
    return lab->listen_key_until > hx_lab_clock(lab) && hx_str_equal(hx_buf_str(&current), key);
}

/* POST and PUT make it last an hour from now; DELETE ends it. PUT without one is -1125. */
void hx_lab_listen_key(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    const bool alive = lab->listen_key_until > call->clock;
    const enum hx_http_method method = call->request->method;
    if (!alive && method == HX_HTTP_METHOD_PUT) {
        (void)hx_lab_fail(call, -1125);
        return;
    }
    if (!alive && method == HX_HTTP_METHOD_POST) lab->listen_key_generation++;
    lab->listen_key_until = method == HX_HTTP_METHOD_DELETE ? 0 : call->clock + LISTEN_KEY_MS;
    hx_json_open_object(&call->json, NULL);
    if (method != HX_HTTP_METHOD_DELETE) {
        char text[HX_LAB_STREAM_ID_LEN_MAX];
        struct hx_buf key;
        hx_buf_init(&key, text, sizeof text);
        hx_lab_add_listen_key(&key, lab);
        hx_json_write_str(&call->json, "listenKey", hx_buf_str(&key));
    }
    hx_json_close_object(&call->json);
}

/* Frames. */

void hx_lab_binance_open_frame(struct hx_lab_stream *stream, struct hx_lab_text *text, hx_str name) {
    const char *data = NULL;
    if (stream->is_combined) {
        hx_json_open_object(&text->json, NULL);
        hx_json_write_str(&text->json, "stream", name);
        data = "data";
    }
    hx_json_open_object(&text->json, data);
}

void hx_lab_binance_push_frame(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_text *text) {
    hx_json_close_object(&text->json);
    if (stream->is_combined) hx_json_close_object(&text->json);
    hx_lab_text_push(lab, stream, text);
}

/* Names: btcusdt@markPrice@1s. */

static bool is_lower_of(hx_str name, hx_str lower) {
    if (name.len != lower.len) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        if (c != lower.data[i]) return false;
    }
    return true;
}

static bool find_lower(const struct hx_lab *lab, enum hx_lab_product product, hx_str lower, uint32_t *market) {
    for (uint32_t i = 0; i < lab->market_count; i++) {
        if (lab->markets[i].product != product || !is_lower_of(hx_str_from_c(lab->markets[i].name), lower)) continue;
        *market = i;
        return true;
    }
    return false;
}

static const char *const topic_names[] = {"markPrice", "markPrice@1s", "bookTicker"};

/* A name that is none, or that another path serves, is accepted and never heard of again, as on the venue. */
static void set_topic(const struct hx_lab *lab, struct hx_lab_stream *stream, hx_str name, bool wanted) {
    hx_str symbol;
    uint32_t market;
    if (!hx_str_split(&name, '@', &symbol) || !find_lower(lab, stream->product, symbol, &market)) return;
    for (uint32_t kind = 0; kind < sizeof topic_names / sizeof topic_names[0]; kind++) {
        if (!hx_str_equal(name, hx_str_from_c(topic_names[kind]))) continue;
        if ((stream->event_filter & (1u << kind)) == 0) return;
        if (wanted) {
            (void)hx_lab_stream_add_topic(stream, market, kind, lab->now);
        } else {
            hx_lab_stream_drop_topic(stream, market, kind);
        }
    }
}

/* Opening. */

#define MARKS (1u << HX_LAB_BINANCE_MARK_3S | 1u << HX_LAB_BINANCE_MARK_1S)
#define BOOKS (1u << HX_LAB_BINANCE_BOOK)

/* Which topics a path serves are the bits of a price stream's filter. */
static const struct {
    const char *prefix;
    enum hx_lab_binance_stream_kind kind;
    enum hx_lab_product product;
    uint32_t topics;
} roots[] = {
    {"/market", HX_LAB_BINANCE_PRICES, HX_LAB_FUTURES, MARKS},
    {"/public", HX_LAB_BINANCE_PRICES, HX_LAB_FUTURES, BOOKS},
    {"/private", HX_LAB_BINANCE_USER, HX_LAB_FUTURES, 0},
    {"/ws-fapi/v1", HX_LAB_BINANCE_API, HX_LAB_FUTURES, 0},
    {"/ws-api/v3", HX_LAB_BINANCE_API, HX_LAB_SPOT, 0},
    {"", HX_LAB_BINANCE_PRICES, HX_LAB_SPOT, BOOKS},
};

static bool find_pair(hx_str query, const char *name, hx_str *value) {
    hx_str pair;
    while (hx_str_split(&query, '&', &pair)) {
        hx_str key;
        if (!hx_str_split(&pair, '=', &key) || !hx_str_equal(key, hx_str_from_c(name))) continue;
        *value = pair;
        return true;
    }
    return false;
}

static void read_events(struct hx_lab_stream *stream, hx_str query) {
    static const char *const names[] = {"ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE"};
    hx_str list;
    stream->event_filter = HX_LAB_BINANCE_WANTS_ORDERS | HX_LAB_BINANCE_WANTS_ACCOUNT | HX_LAB_BINANCE_WANTS_ALGOS;
    if (!find_pair(query, "events", &list)) return;
    stream->event_filter = 0;
    hx_str name;
    while (hx_str_split(&list, '/', &name)) {
        for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            if (hx_str_equal(name, hx_str_from_c(names[i]))) stream->event_filter |= 1u << i;
        }
    }
}

static hx_err open_user(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str rest, hx_str query) {
    hx_str key = rest;
    if (rest.len == 0 && !find_pair(query, stream->is_combined ? "streams" : "listenKey", &key)) {
        return HX_ERR(REJECT_INPUT);
    }
    if (!hx_lab_listen_key_is_good(lab, key)) return HX_ERR(REJECT_INPUT);
    hx_assert(key.len <= sizeof stream->id);
    hx_mem_copy(stream->id, key.data, key.len);
    stream->id_len = (uint32_t)key.len;
    stream->is_subscribed = true;
    read_events(stream, query);
    (void)hx_lab_stream_add_topic(stream, 0, HX_LAB_BINANCE_KEY, lab->listen_key_until - lab->skew_ms);
    return HX_OK;
}

static hx_err open_prices(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str rest, hx_str query) {
    hx_str names = rest;
    if (stream->is_combined) (void)find_pair(query, "streams", &names);
    hx_str name;
    while (hx_str_split(&names, '/', &name)) set_topic(lab, stream, name, true);
    return HX_OK;
}

static hx_err open_stream(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str path, hx_str query) {
    size_t i = 0;
    while (!hx_str_starts_with(path, hx_str_from_c(roots[i].prefix))) i++;
    hx_str rest = hx_str_slice(path, hx_str_from_c(roots[i].prefix).len, path.len);
    stream->kind = roots[i].kind;
    stream->product = roots[i].product;
    stream->event_filter = roots[i].topics;
    if (stream->kind == HX_LAB_BINANCE_API) return rest.len == 0 ? HX_OK : HX_ERR(ABSENT_KEY);
    hx_str first;
    if (!hx_str_split(&rest, '/', &first) || first.len != 0) return HX_ERR(ABSENT_KEY);
    if (!hx_str_split(&rest, '/', &first)) return HX_ERR(ABSENT_KEY);
    stream->is_combined = hx_str_equal(first, HX_STR("stream"));
    if (!stream->is_combined && !hx_str_equal(first, HX_STR("ws"))) return HX_ERR(ABSENT_KEY);
    if (stream->kind == HX_LAB_BINANCE_USER) return open_user(lab, stream, rest, query);
    return open_prices(lab, stream, rest, query);
}

/* SUBSCRIBE and its like, on price streams. */

static void write_id(struct hx_lab_text *text, const struct hx_json *id) {
    if (id == NULL || id->type == HX_JSON_NULL) {
        hx_json_write_null(&text->json, "id");
    } else if (id->type == HX_JSON_NUMBER) {
        hx_json_write_raw(&text->json, "id", id->text);
    } else {
        hx_json_write_str(&text->json, "id", id->text);
    }
}

static void push_problem(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *id, int64_t code,
                         const char *msg) {
    struct hx_lab_text text;
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    hx_json_open_object(&text.json, "error");
    hx_json_write_i64(&text.json, "code", code);
    hx_lab_json_c(&text.json, "msg", msg);
    hx_json_close_object(&text.json);
    write_id(&text, id);
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
}

static void receive_prices(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str message) {
    const struct hx_json *root = hx_lab_stream_parse(lab, message);
    hx_str method;
    if (root == NULL || hx_failed(hx_json_get_str(root, HX_STR("method"), &method))) {
        push_problem(lab, stream, NULL, 3, "Invalid JSON: expected a request object");
        return;
    }
    const struct hx_json *id = hx_json_find(root, HX_STR("id"));
    const struct hx_json *params = hx_json_find(root, HX_STR("params"));
    const bool subscribes = hx_str_equal(method, HX_STR("SUBSCRIBE"));
    if (!subscribes && !hx_str_equal(method, HX_STR("UNSUBSCRIBE"))) {
        push_problem(lab, stream, id, 2, "Invalid request: unknown variant, expected SUBSCRIBE or UNSUBSCRIBE");
        return;
    }
    if (params == NULL || params->type != HX_JSON_ARRAY) {
        push_problem(lab, stream, id, 2, "Invalid request: missing field params");
        return;
    }
    for (const struct hx_json *name = hx_json_first(params); name; name = hx_json_next(params, name)) {
        if (name->type == HX_JSON_STRING) set_topic(lab, stream, name->text, subscribes);
    }
    struct hx_lab_text text;
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    hx_json_write_null(&text.json, "result");
    write_id(&text, id);
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
}

static void receive(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str message) {
    if (stream->kind == HX_LAB_BINANCE_API) {
        hx_lab_binance_receive_api(lab, stream, message);
        return;
    }
    const uint32_t limit = stream->product == HX_LAB_SPOT ? INBOUND_PER_SECOND / 2 : INBOUND_PER_SECOND;
    if (!hx_lab_window_admit(&stream->inbound, lab->now, HX_MS_PER_SECOND, limit, 1)) {
        hx_lab_stream_end(stream, 1008);
        return;
    }
    receive_prices(lab, stream, message);
}

/* What time alone makes them say. */

static void add_lower(struct hx_buf *buf, const char *name) {
    for (; *name != 0; name++) hx_buf_add_char(buf, *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name);
}

static void open_topic(struct hx_lab_stream *stream, struct hx_lab_text *text, const struct hx_lab_market *market,
                       uint32_t kind) {
    char name[48];
    struct hx_buf buf;
    hx_buf_init(&buf, name, sizeof name);
    add_lower(&buf, market->name);
    hx_buf_add_char(&buf, '@');
    hx_buf_add_c(&buf, topic_names[kind]);
    hx_lab_binance_open_frame(stream, text, hx_buf_str(&buf));
}

static void tell_mark(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_market *market,
                      uint32_t kind) {
    struct hx_lab_text text;
    const hx_lab_amount mark = hx_lab_book_now(lab, market).mark;
    const hx_time clock = hx_lab_clock(lab);
    hx_lab_text_begin(lab, &text);
    open_topic(stream, &text, market, kind);
    hx_lab_json_c(&text.json, "e", "markPriceUpdate");
    hx_json_write_i64(&text.json, "E", clock);
    hx_lab_json_c(&text.json, "s", market->name);
    hx_lab_json_fixed(&text.json, "p", mark, HX_LAB_PLACES);
    hx_lab_json_fixed(&text.json, "ap", mark, HX_LAB_PLACES);
    hx_lab_json_fixed(&text.json, "P", mark, HX_LAB_PLACES);
    hx_lab_json_fixed(&text.json, "i", mark, HX_LAB_PLACES);
    hx_lab_json_c(&text.json, "r", "0.00010000");
    hx_json_write_i64(&text.json, "T", (clock / FUNDING_PERIOD_MS + 1) * FUNDING_PERIOD_MS);
    hx_json_write_i64(&text.json, "st", 0);
    hx_lab_binance_push_frame(lab, stream, &text);
}

static void tell_book(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_market *market,
                      struct hx_lab_topic *topic) {
    struct hx_lab_text text;
    const struct hx_lab_book book = hx_lab_book_now(lab, market);
    hx_lab_text_begin(lab, &text);
    open_topic(stream, &text, market, HX_LAB_BINANCE_BOOK);
    if (market->product == HX_LAB_FUTURES) hx_lab_json_c(&text.json, "e", "bookTicker");
    hx_json_write_i64(&text.json, "u", 1000000 + (int64_t)topic->count);
    hx_lab_json_c(&text.json, "s", market->name);
    hx_lab_json_fixed(&text.json, "b", book.bid, HX_LAB_PLACES);
    hx_lab_json_fixed(&text.json, "B", market->market_quantity_max, HX_LAB_PLACES);
    hx_lab_json_fixed(&text.json, "a", book.ask, HX_LAB_PLACES);
    hx_lab_json_fixed(&text.json, "A", market->market_quantity_max, HX_LAB_PLACES);
    if (market->product == HX_LAB_FUTURES) {
        hx_json_write_i64(&text.json, "T", hx_lab_clock(lab));
        hx_json_write_i64(&text.json, "E", hx_lab_clock(lab));
    }
    hx_lab_binance_push_frame(lab, stream, &text);
}

/* The key may have been renewed meanwhile. */
static void tell_key(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_topic *topic) {
    const hx_str key = hx_str_make(stream->id, stream->id_len);
    if (hx_lab_listen_key_is_good(lab, key)) {
        topic->due = lab->listen_key_until - lab->skew_ms;
        return;
    }
    topic->due = INT64_MAX;
    stream->is_subscribed = false;
    struct hx_lab_text text;
    hx_lab_text_begin(lab, &text);
    hx_lab_binance_open_frame(stream, &text, key);
    hx_lab_json_c(&text.json, "e", "listenKeyExpired");
    hx_json_write_i64(&text.json, "E", hx_lab_clock(lab));
    hx_json_write_str(&text.json, "listenKey", key);
    hx_lab_binance_push_frame(lab, stream, &text);
}

static void tell_topic(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_topic *topic) {
    const struct hx_lab_market *market = &lab->markets[topic->market];
    const int64_t period_ms = topic->kind == HX_LAB_BINANCE_MARK_3S ? 3 * HX_MS_PER_SECOND : HX_MS_PER_SECOND;
    if (topic->kind == HX_LAB_BINANCE_KEY) {
        tell_key(lab, stream, topic);
        return;
    }
    topic->due = (lab->now / period_ms + 1) * period_ms;
    if (topic->kind == HX_LAB_BINANCE_BOOK) {
        tell_book(lab, stream, market, topic);
    } else {
        tell_mark(lab, stream, market, topic->kind);
    }
}

static void tell(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    const struct hx_lab_order *order = hx_lab_order_at(lab, event->order_seq);
    if (!stream->is_subscribed) return;
    const bool is_spot = order != NULL && hx_lab_market_is_spot(lab, order->market);
    if (stream->kind == HX_LAB_BINANCE_USER && !is_spot) hx_lab_binance_tell_futures(lab, stream, event);
    if (stream->kind == HX_LAB_BINANCE_API && is_spot) hx_lab_binance_tell_spot(lab, stream, event);
}

const struct hx_lab_stream_front hx_lab_binance_streams = {
    .open = open_stream,
    .receive = receive,
    .tell = tell,
    .tell_topic = tell_topic,
    .wrap = hx_lab_binance_wrap,
    .ping_ms = PING_MS,
    .silence_ms_max = SILENCE_MS_MAX,
    .life_ms_max = HX_MS_PER_DAY,
};
