/* Binance's WebSocket API: requests by name, signed over their sorted parameters, answered like their REST
 * counterparts inside an envelope. */
#include "core/base/sha256.h"
#include "lab/binance.h"
#include "lab/binance_stream.h"

#define GET HX_HTTP_METHOD_GET
#define POST HX_HTTP_METHOD_POST
#define PUT HX_HTTP_METHOD_PUT
#define DELETE HX_HTTP_METHOD_DELETE

static const struct hx_lab_message futures_messages[] = {
    {"order.place", POST, "/fapi/v1/order"},
    {"order.status", GET, "/fapi/v1/order"},
    {"order.cancel", DELETE, "/fapi/v1/order"},
    {"algoOrder.place", POST, "/fapi/v1/algoOrder"},
    {"algoOrder.cancel", DELETE, "/fapi/v1/algoOrder"},
    {"account.position", GET, "/fapi/v2/positionRisk"},
    {"v2/account.position", GET, "/fapi/v3/positionRisk"},
    {"account.balance", GET, "/fapi/v2/balance"},
    {"v2/account.balance", GET, "/fapi/v3/balance"},
    {"v2/account.status", GET, "/fapi/v3/account"},
    {"userDataStream.start", POST, "/fapi/v1/listenKey"},
    {"userDataStream.ping", PUT, "/fapi/v1/listenKey"},
    {"userDataStream.stop", DELETE, "/fapi/v1/listenKey"},
    {"ticker.price", GET, "/fapi/v2/ticker/price"},
    {"ticker.book", GET, "/fapi/v1/ticker/bookTicker"},
};

static const struct hx_lab_message spot_messages[] = {
    {"order.place", POST, "/api/v3/order"},
    {"order.test", POST, "/api/v3/order/test"},
    {"order.status", GET, "/api/v3/order"},
    {"order.cancel", DELETE, "/api/v3/order"},
    {"openOrders.status", GET, "/api/v3/openOrders"},
    {"openOrders.cancelAll", DELETE, "/api/v3/openOrders"},
    {"allOrders", GET, "/api/v3/allOrders"},
    {"myTrades", GET, "/api/v3/myTrades"},
    {"account.status", GET, "/api/v3/account"},
    {"account.commission", GET, "/api/v3/account/commission"},
    {"account.rateLimits.orders", GET, "/api/v3/rateLimit/order"},
    {"exchangeInfo", GET, "/api/v3/exchangeInfo"},
    {"ticker.price", GET, "/api/v3/ticker/price"},
    {"ticker.book", GET, "/api/v3/ticker/bookTicker"},
    {"ping", GET, "/api/v3/ping"},
    {"time", GET, "/api/v3/time"},
};

/* The account's events begin and end with these; they have no REST counterpart, only its signature and weight. */
static const struct hx_lab_message subscribe = {"userDataStream.subscribe.signature", GET, "/api/v3/account"};

static const struct hx_lab_message *find_message(enum hx_lab_product product, hx_str name) {
    const bool spot = product == HX_LAB_SPOT;
    const struct hx_lab_message *list = spot ? spot_messages : futures_messages;
    const size_t count =
        spot ? sizeof spot_messages / sizeof spot_messages[0] : sizeof futures_messages / sizeof futures_messages[0];
    for (size_t i = 0; i < count; i++) {
        if (hx_str_equal(hx_str_from_c(list[i].method_name), name)) return &list[i];
    }
    return spot && hx_str_equal(name, hx_str_from_c(subscribe.method_name)) ? &subscribe : NULL;
}

/* Signature: every parameter but itself, by name, joined raw. */

static bool is_before(const struct hx_lab_params *params, size_t a, size_t b) {
    return hx_str_compare(params->list[a].name, params->list[b].name) < 0;
}

/* The parameter that comes after `last` by name; count when none does. */
static size_t next_by_name(const struct hx_lab_params *params, size_t last) {
    size_t best = params->count;
    for (size_t i = 0; i < params->count; i++) {
        if (last != params->count && !is_before(params, last, i)) continue;
        if (best == params->count || is_before(params, i, best)) best = i;
    }
    return best;
}

static bool signature_is_right(struct hx_lab_call *call, hx_str signature) {
    const struct hx_lab *lab = call->lab;
    struct hx_buf text;
    hx_buf_init(&text, call->lab->scratch_out, sizeof call->lab->scratch_out);
    size_t at = call->params.count;
    for (;;) {
        at = next_by_name(&call->params, at);
        if (at == call->params.count) break;
        const struct hx_lab_param *param = &call->params.list[at];
        if (hx_str_equal(param->name, HX_STR("signature"))) continue;
        if (text.len > 0) hx_buf_add_char(&text, '&');
        hx_buf_add(&text, param->name);
        hx_buf_add_char(&text, '=');
        hx_buf_add(&text, param->value);
    }
    hx_str signed_text;
    if (hx_failed(hx_buf_finish(&text, &signed_text))) return false;
    uint8_t digest[HX_SHA256_LEN];
    char hex[HX_SHA256_LEN * 2];
    struct hx_buf expected;
    hx_hmac_sha256(hx_str_make(lab->secret, lab->secret_len), signed_text, digest);
    hx_buf_init(&expected, hex, sizeof hex);
    hx_buf_add_hex(&expected, digest, sizeof digest);
    return hx_str_equal_ignore_case(signature, hx_buf_str(&expected));
}

static bool check_key(struct hx_lab_call *call) {
    hx_str key;
    if (!hx_lab_param_get(call, "apiKey", &key)) return false;
    return hx_str_equal(key, hx_str_make(call->lab->key, call->lab->key_len)) ? true : hx_lab_fail(call, -2015);
}

static bool admit(struct hx_lab_call *call) {
    const struct hx_lab_route *route = call->route;
    hx_str value;
    const bool all = route->weight_all != 0 && !hx_lab_param_find(call, "symbol", &value);
    if (!hx_lab_admit_weight(call, all ? route->weight_all : route->weight)) return false;
    if (call->params.too_many) return hx_lab_fail(call, -1101);
    if (route->security != HX_LAB_SECURITY_NONE && !check_key(call)) return false;
    if (route->security != HX_LAB_SECURITY_SIGNED) return true;
    if (!hx_lab_param_get(call, "signature", &value)) return false;
    hx_str timestamp;
    if (!hx_lab_param_get(call, "timestamp", &timestamp) || !hx_lab_check_time(call)) return false;
    if (!signature_is_right(call, value)) return hx_lab_fail(call, -1022);
    return hx_lab_binance_check_rights(call);
}

/* The request's path names the counterpart; the body is the message. */
void hx_lab_binance_answer_message(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    uint32_t index;
    const struct hx_json *root = hx_lab_stream_parse(lab, call->request->body);
    call->route = hx_lab_find_route(lab->front, call->request->method, call->request->path, &index, call->segments);
    hx_assert(root != NULL && call->route != NULL);
    lab->requests++;
    lab->seen[index]++;
    if (call->route->kind == HX_LAB_ROUTE_ORDER) lab->order_requests++;
    call->route_index = index;
    call->product = call->route->product;
    const struct hx_json *params = hx_json_find(root, HX_STR("params"));
    call->params.too_many = false;
    if (params != NULL) hx_lab_params_take(call, params);
    if (!admit(call)) return;
    hx_str name;
    if (hx_ok(hx_json_get_str(root, HX_STR("method"), &name)) &&
        hx_str_equal(name, hx_str_from_c(subscribe.method_name))) {
        hx_json_open_object(&call->json, NULL);
        hx_json_write_i64(&call->json, "subscriptionId", 0);
        hx_json_close_object(&call->json);
        return;
    }
    call->route->run(call);
}

/* Envelopes. */

static void write_limit(struct hx_json_writer *json, const char *type, const char *interval, int64_t number,
                        uint32_t limit, uint32_t count) {
    hx_json_open_object(json, NULL);
    hx_lab_json_c(json, "rateLimitType", type);
    hx_lab_json_c(json, "interval", interval);
    hx_json_write_i64(json, "intervalNum", number);
    hx_json_write_i64(json, "limit", limit);
    hx_json_write_i64(json, "count", count);
    hx_json_close_object(json);
}

static void write_limits(const struct hx_lab_call *call, enum hx_lab_product product, struct hx_json_writer *json) {
    const struct hx_lab_limits *limits = &call->lab->limits[product];
    hx_json_open_array(json, "rateLimits");
    if (call->shows_order_count) {
        write_limit(json, "ORDERS", "SECOND", 10, limits->orders_per_10s, limits->orders_10s.count);
        write_limit(json, "ORDERS", product == HX_LAB_SPOT ? "DAY" : "MINUTE", 1, limits->orders_per_minute,
                    limits->orders_long.count);
    }
    write_limit(json, "REQUEST_WEIGHT", "MINUTE", 1, limits->weight_per_minute, limits->weight.count);
    hx_json_close_array(json);
}

static void write_id(struct hx_json_writer *json, const struct hx_json *id) {
    if (id == NULL || id->type == HX_JSON_NULL) {
        hx_json_write_null(json, "id");
    } else if (id->type == HX_JSON_NUMBER) {
        hx_json_write_raw(json, "id", id->text);
    } else {
        hx_json_write_str(json, "id", id->text);
    }
}

/* An error with the time from which on it may be tried again. */
static void write_error(const struct hx_lab_call *call, struct hx_json_writer *json, hx_str body) {
    if (call->retry_after_s == 0 || body.len == 0 || body.data[body.len - 1] != '}') {
        hx_json_write_raw(json, "error", body.len > 0 ? body : HX_STR("{}"));
        return;
    }
    char text[512];
    struct hx_buf error;
    hx_buf_init(&error, text, sizeof text);
    hx_buf_add(&error, hx_str_slice(body, 0, body.len - 1));
    hx_buf_add_c(&error, ",\"data\":{\"serverTime\":");
    hx_buf_add_i64(&error, call->clock);
    hx_buf_add_c(&error, ",\"retryAfter\":");
    hx_buf_add_i64(&error, call->clock + call->retry_after_s * HX_MS_PER_SECOND);
    hx_buf_add_c(&error, "}}");
    hx_json_write_raw(json, "error", hx_buf_str(&error));
}

void hx_lab_binance_wrap(struct hx_lab_call *call, struct hx_lab_stream *stream, hx_str text, struct hx_buf *out) {
    const struct hx_json *root = hx_lab_stream_parse(call->lab, text);
    struct hx_json_writer json;
    hx_json_begin(&json, out);
    hx_json_open_object(&json, NULL);
    write_id(&json, hx_json_find(root, HX_STR("id")));
    hx_json_write_i64(&json, "status", call->status);
    if (call->status == 200) {
        hx_json_write_raw(&json, "result", hx_buf_str(&call->body));
    } else {
        write_error(call, &json, hx_buf_str(&call->body));
    }
    write_limits(call, stream->product, &json);
    hx_json_close_object(&json);
    hx_str name;
    const bool named = hx_ok(hx_json_get_str(root, HX_STR("method"), &name));
    if (!named || call->status != 200 || !hx_str_equal(name, hx_str_from_c(subscribe.method_name))) return;
    stream->is_subscribed = true;
    stream->cursor = call->lab->event_seq + 1;
}

static void push_plain(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *id, uint32_t status,
                       int32_t code, const char *msg) {
    struct hx_lab_text text;
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    write_id(&text.json, id);
    hx_json_write_i64(&text.json, "status", status);
    if (status == 200) {
        hx_json_open_object(&text.json, "result");
        hx_json_close_object(&text.json);
    } else {
        hx_json_open_object(&text.json, "error");
        hx_json_write_i64(&text.json, "code", code);
        hx_lab_json_c(&text.json, "msg", msg);
        hx_json_close_object(&text.json);
    }
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
}

void hx_lab_binance_receive_api(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str text) {
    const struct hx_json *root = hx_lab_stream_parse(lab, text);
    hx_str name;
    if (root == NULL || hx_failed(hx_json_get_str(root, HX_STR("method"), &name))) {
        push_plain(lab, stream, NULL, 400, -1135, "Invalid JSON request");
        return;
    }
    const struct hx_json *id = hx_json_find(root, HX_STR("id"));
    const struct hx_lab_message *message = find_message(stream->product, name);
    if (message != NULL) {
        hx_lab_stream_request(lab, stream, message, text);
    } else if (hx_str_equal(name, HX_STR("userDataStream.unsubscribe"))) {
        stream->is_subscribed = false;
        push_plain(lab, stream, id, 200, 0, "");
    } else if (hx_str_starts_with(name, HX_STR("session."))) {
        push_plain(lab, stream, id, 400, -4056, "HMAC_SHA256 API key is not supported.");
    } else {
        push_plain(lab, stream, id, 400, -1000, "Unknown method");
    }
}
