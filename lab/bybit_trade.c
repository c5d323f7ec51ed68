/* Order entry over Bybit's /v5/trade: logged in once, each message with its own timestamp, answered like the REST
 * counterpart in an envelope of its own. Like there it is an acknowledgement only. */
#include "lab/bybit.h"
#include "lab/bybit_stream.h"

#define RECV_WINDOW_MS_DEFAULT 5000
#define AHEAD_MS_MAX 1000
#define REQUEST_ID_LEN_MAX 36

static const struct hx_lab_message messages[] = {
    {"order.create", HX_HTTP_METHOD_POST, "/v5/order/create"},
    {"order.amend", HX_HTTP_METHOD_POST, "/v5/order/amend"},
    {"order.cancel", HX_HTTP_METHOD_POST, "/v5/order/cancel"},
};

static hx_str text_of(const struct hx_json *object, const char *name) {
    const struct hx_json *member = hx_json_find(object, hx_str_from_c(name));
    return member != NULL ? member->text : HX_STR_EMPTY;
}

/* call NULL: nothing was counted. */
static void write_header(const struct hx_lab *lab, struct hx_json_writer *json, const struct hx_lab_call *call) {
    const hx_time clock = hx_lab_clock(lab);
    struct hx_lab_bybit_rate rate;
    hx_json_open_object(json, "header");
    if (call != NULL && hx_lab_bybit_rate_of(call, &rate)) {
        hx_lab_json_i64_text(json, "X-Bapi-Limit", rate.limit);
        hx_lab_json_i64_text(json, "X-Bapi-Limit-Status", rate.left);
        hx_lab_json_i64_text(json, "X-Bapi-Limit-Reset-Timestamp", rate.reset);
    }
    hx_lab_json_i64_text(json, "Traceid", (int64_t)lab->requests);
    hx_lab_json_i64_text(json, "Timenow", clock);
    hx_json_close_object(json);
}

static void push_refusal(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *root, int32_t code,
                         const char *msg) {
    struct hx_lab_text text;
    hx_lab_text_begin(lab, &text);
    hx_json_open_object(&text.json, NULL);
    hx_json_write_str(&text.json, "reqId", text_of(root, "reqId"));
    hx_json_write_i64(&text.json, "retCode", code);
    hx_lab_json_c(&text.json, "retMsg", msg);
    hx_json_write_str(&text.json, "op", text_of(root, "op"));
    hx_json_open_object(&text.json, "data");
    hx_json_close_object(&text.json);
    hx_json_open_object(&text.json, "retExtInfo");
    hx_json_close_object(&text.json);
    write_header(lab, &text.json, NULL);
    hx_json_write_str(&text.json, "connId", hx_str_make(stream->id, stream->id_len));
    hx_json_close_object(&text.json);
    hx_lab_text_push(lab, stream, &text);
}

/* An id that was used lately on this connection. Messages without one are not watched. */
static bool request_id_is_used(struct hx_lab_stream *stream, hx_str id) {
    const uint64_t hash = hx_str_hash(id);
    const uint32_t known =
        stream->request_count < HX_LAB_STREAM_REQUESTS_MAX ? stream->request_count : HX_LAB_STREAM_REQUESTS_MAX;
    if (id.len == 0) return false;
    for (uint32_t i = 0; i < known; i++) {
        if (stream->request_ids[i] == hash) return true;
    }
    stream->request_ids[stream->request_count++ % HX_LAB_STREAM_REQUESTS_MAX] = hash;
    return false;
}

void hx_lab_bybit_receive_trade(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *root,
                                hx_str text) {
    const hx_str op = text_of(root, "op");
    const hx_str id = text_of(root, "reqId");
    if (!stream->is_logged_in) {
        push_refusal(lab, stream, root, 10003, "Not logged in");
        return;
    }
    if (id.len > REQUEST_ID_LEN_MAX) {
        push_refusal(lab, stream, root, 10001, "reqId is longer than 36 characters");
        return;
    }
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        if (!hx_str_equal(op, hx_str_from_c(messages[i].method_name))) continue;
        if (request_id_is_used(stream, id)) {
            push_refusal(lab, stream, root, 20006, "Duplicate reqId");
        } else {
            hx_lab_stream_request(lab, stream, &messages[i], text);
        }
        return;
    }
    push_refusal(lab, stream, root, 10404, "op is not known");
}

/* server - window <= timestamp < server + 1000, as for a request. */
static bool check_time(struct hx_lab_call *call, const struct hx_json *root) {
    const struct hx_json *header = hx_json_find(root, HX_STR("header"));
    int64_t timestamp = 0;
    int64_t window_ms = RECV_WINDOW_MS_DEFAULT;
    const hx_str window = text_of(header, "X-BAPI-RECV-WINDOW");
    const bool has_window = window.len > 0;
    bool ok = hx_ok(hx_str_parse_i64(text_of(header, "X-BAPI-TIMESTAMP"), &timestamp));
    if (has_window) ok = ok && hx_ok(hx_str_parse_i64(window, &window_ms));
    ok = ok && timestamp < call->clock + AHEAD_MS_MAX && call->clock - timestamp <= window_ms;
    call->request_timestamp = timestamp;
    return ok ? true : hx_lab_fail(call, 10002);
}

/* The request's path names the counterpart; the body is the message, whose first argument is the REST body. */
void hx_lab_bybit_answer_message(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    uint32_t index;
    const struct hx_json *root = hx_lab_stream_parse(lab, call->request->body);
    call->route = hx_lab_find_route(lab->front, call->request->method, call->request->path, &index, call->segments);
    lab->requests++;
    call->params.too_many = false;
    const struct hx_json *body = hx_json_at(hx_json_find(root, HX_STR("args")), 0);
    if (call->route == NULL || body == NULL || body->type != HX_JSON_OBJECT) {
        (void)hx_lab_fail_as(call, 200, 10001, HX_STR("Request parameter error."));
        return;
    }
    lab->seen[index]++;
    if (call->route->kind == HX_LAB_ROUTE_ORDER) lab->order_requests++;
    call->route_index = index;
    call->product = call->route->product;
    call->json_body = body;
    hx_lab_params_take(call, body);
    hx_lab_bybit_guess_product(call);
    if (!check_time(call, root) || !hx_lab_bybit_admit_user(call) || !hx_lab_bybit_check_rights(call)) return;
    call->route->run(call);
}

/* The answer's result is moved into the envelope of messages. */
void hx_lab_bybit_wrap(struct hx_lab_call *call, struct hx_lab_stream *stream, hx_str text, struct hx_buf *out) {
    struct hx_lab *lab = call->lab;
    struct hx_arena arena;
    const struct hx_json *root = NULL;
    const struct hx_json *answer = NULL;
    hx_arena_init(&arena, lab->scratch, sizeof lab->scratch);
    const bool parsed = hx_ok(hx_json_parse(&arena, text, &root, NULL)) &&
                        hx_ok(hx_json_parse(&arena, hx_buf_str(&call->body), &answer, NULL));
    const struct hx_json *result = hx_json_find(answer, HX_STR("result"));
    int64_t code = 10016;
    hx_str message = HX_STR_EMPTY;
    char data[1024];
    struct hx_buf raw;
    hx_buf_init(&raw, data, sizeof data);
    if (!parsed || result == NULL || hx_failed(hx_json_add_canonical(&raw, &arena, result, NULL))) {
        hx_buf_init(&raw, data, sizeof data);
        hx_buf_add_c(&raw, "{}");
    }
    if (answer != NULL) {
        const hx_err err = hx_json_get_i64(answer, HX_STR("retCode"), &code);
        message = hx_ok(err) ? text_of(answer, "retMsg") : HX_STR_EMPTY;
    }
    struct hx_json_writer json;
    hx_json_begin(&json, out);
    hx_json_open_object(&json, NULL);
    hx_json_write_str(&json, "reqId", text_of(root, "reqId"));
    hx_json_write_i64(&json, "retCode", code);
    hx_json_write_str(&json, "retMsg", message);
    hx_json_write_str(&json, "op", text_of(root, "op"));
    hx_json_write_raw(&json, "data", hx_buf_str(&raw));
    hx_json_open_object(&json, "retExtInfo");
    hx_json_close_object(&json);
    write_header(lab, &json, call);
    hx_json_write_str(&json, "connId", hx_str_make(stream->id, stream->id_len));
    hx_json_close_object(&json);
}
