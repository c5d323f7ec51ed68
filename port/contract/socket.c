/* The part of the contract that asks over WebSocket connections: socket_prepare and socket_ask against a laboratory. */
#include "port/contract/contract.h"

#define CHECK HX_CONTRACT_CHECK
#define TIMEOUT_MS 20000 /* Nothing here waits for it. */

static hx_str venue(struct hx_req *req) {
    hx_str origin;
    return hx_ok(hx_port_setting(req, HX_STR("HOOX_BINANCE_FUTURES_URL"), &origin)) ? origin : HX_STR_EMPTY;
}

static struct hx_socket_place place_of(struct hx_req *req) {
    return (struct hx_socket_place){.origin = venue(req), .target = HX_STR("/ws-api/v3")};
}

/* A host without such connections says of everything that it was not sent, which sends the caller to http_send. */
static bool is_without(struct hx_req *req) {
    hx_str setting;
    return hx_ok(hx_port_setting(req, HX_STR("HOOX_CONTRACT_HAS_NO_SOCKETS"), &setting));
}

static struct hx_socket_call call_of(struct hx_req *req, uint64_t serial) {
    return (struct hx_socket_call){
        .origin = venue(req),
        .target = HX_STR("/ws-api/v3"),
        .serial = serial,
        .text = HX_STR("{\"id\":\"contract-1\",\"method\":\"time\"}"),
        .mark = HX_STR("\"contract-1\""),
        .timeout_ms = TIMEOUT_MS,
        .answer_len_max = 4096,
    };
}

static const char *answer(struct hx_req *req) {
    struct hx_socket_place where = place_of(req);
    uint64_t serial = 0;
    hx_err err = hx_port_socket_prepare(req, &where, TIMEOUT_MS, &serial);
    if (is_without(req)) CHECK(hx_err_equal(err, HX_ERR(BUSY_NOT_SENT)));
    if (is_without(req)) return NULL;
    CHECK(hx_ok(err));
    struct hx_socket_call call = call_of(req, serial);
    hx_str got;
    size_t place = 0;
    for (int i = 0; i < 3; i++) {
        CHECK(hx_ok(hx_port_socket_ask(req, &call, &got)));
        CHECK(hx_str_find(got, call.mark, &place) && hx_str_find(got, HX_STR("serverTime"), &place));
        /* Nothing is wrong with the connection, so that it is the same one. */
        uint64_t again = 0;
        CHECK(hx_ok(hx_port_socket_prepare(req, &where, TIMEOUT_MS, &again)) && again == serial);
    }
    call.answer_len_max = 4;
    CHECK(hx_err_is(hx_port_socket_ask(req, &call, &got), HX_CLASS_UNKNOWN));
    return NULL;
}

/* P7: without a connection, over another one than was prepared, or too late, no byte leaves. */
static const char *not_sent(struct hx_req *req) {
    struct hx_socket_place nowhere = {.origin = HX_STR("http://127.0.0.1:1"), .target = HX_STR("/ws-api/v3")};
    uint64_t serial = 0;
    CHECK(hx_err_equal(hx_port_socket_prepare(req, &nowhere, TIMEOUT_MS, &serial), HX_ERR(BUSY_NOT_SENT)));
    hx_str got;
    struct hx_socket_call call = call_of(req, 0);
    call.target = HX_STR("/ws-api/nobody/prepared/this");
    CHECK(hx_err_equal(hx_port_socket_ask(req, &call, &got), HX_ERR(BUSY_NOT_SENT)));
    if (is_without(req)) return NULL;
    struct hx_socket_place where = place_of(req);
    CHECK(hx_ok(hx_port_socket_prepare(req, &where, TIMEOUT_MS, &serial)));
    call = call_of(req, serial + 1);
    CHECK(hx_err_equal(hx_port_socket_ask(req, &call, &got), HX_ERR(BUSY_NOT_SENT)));
    call.serial = serial;
    call.send_by_ms = hx_port_now(req) - 1;
    CHECK(hx_err_equal(hx_port_socket_ask(req, &call, &got), HX_ERR(BUSY_NOT_SENT)));
    call.send_by_ms = hx_port_now(req) + 60000;
    CHECK(hx_ok(hx_port_socket_ask(req, &call, &got)));
    return NULL;
}

/* P7: processed or not, without an answer nobody can say. */
static const char *unknown(struct hx_req *req) {
    if (is_without(req)) return NULL;
    const struct hx_http_header json[] = {{HX_STR("Content-Type"), HX_STR("application/json")}};
    const struct hx_http_call fault = {
        .origin = venue(req),
        .method = HX_HTTP_METHOD_POST,
        .target = HX_STR("/lab/faults"),
        .headers = json,
        .header_count = 1,
        .body = HX_STR("{\"kind\":\"drop_reply\",\"match\":\"GET /api/v3/time\",\"count\":1}"),
        .timeout_ms = TIMEOUT_MS,
        .response_len_max = (size_t)64 * 1024,
    };
    struct hx_http_answer told;
    CHECK(hx_ok(hx_port_http_send(req, &fault, &told)) && told.status < 300);
    struct hx_socket_place where = place_of(req);
    uint64_t serial = 0;
    CHECK(hx_ok(hx_port_socket_prepare(req, &where, TIMEOUT_MS, &serial)));
    struct hx_socket_call call = call_of(req, serial);
    hx_str got;
    CHECK(hx_err_is(hx_port_socket_ask(req, &call, &got), HX_CLASS_UNKNOWN));
    /* That connection is gone for good; a later question needs a new one. */
    CHECK(hx_err_equal(hx_port_socket_ask(req, &call, &got), HX_ERR(BUSY_NOT_SENT)));
    CHECK(hx_ok(hx_port_socket_prepare(req, &where, TIMEOUT_MS, &call.serial)) && call.serial != serial);
    CHECK(hx_ok(hx_port_socket_ask(req, &call, &got)));
    return NULL;
}

hx_contract_fn hx_contract_find_socket(hx_str path) {
    if (hx_str_equal(path, HX_STR("/contract/socket-answer"))) return answer;
    if (hx_str_equal(path, HX_STR("/contract/socket-not-sent"))) return not_sent;
    if (hx_str_equal(path, HX_STR("/contract/socket-unknown"))) return unknown;
    return NULL;
}
