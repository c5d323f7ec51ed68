/* The part of the contract that speaks to a venue: http_prepare and http_send against a laboratory. */
#include "port/contract/contract.h"

#define CHECK HX_CONTRACT_CHECK
#define TIMEOUT_MS 20000 /* Nothing here waits for it. */

static hx_str venue(struct hx_req *req) {
    hx_str origin;
    return hx_ok(hx_port_setting(req, HX_STR("HOOX_BINANCE_FUTURES_URL"), &origin)) ? origin : HX_STR_EMPTY;
}

static struct hx_http_call call_of(struct hx_req *req, enum hx_http_method method, hx_str target, hx_str body) {
    return (struct hx_http_call){
        .origin = venue(req),
        .method = method,
        .target = target,
        .body = body,
        .timeout_ms = TIMEOUT_MS,
        .response_len_max = (size_t)64 * 1024,
    };
}

static const char *answer(struct hx_req *req) {
    struct hx_http_call call = call_of(req, HX_HTTP_METHOD_GET, HX_STR("/fapi/v1/time"), HX_STR_EMPTY);
    struct hx_http_answer got;
    size_t place = 0;
    for (int i = 0; i < 3; i++) {
        CHECK(hx_ok(hx_port_http_prepare(req, venue(req), TIMEOUT_MS)));
        CHECK(hx_ok(hx_port_http_send(req, &call, &got)));
        CHECK(got.status == 200 && hx_str_find(got.body, HX_STR("serverTime"), &place));
        CHECK(got.header_count > 0);
    }
    call.target = HX_STR("/no/such/path");
    CHECK(hx_ok(hx_port_http_send(req, &call, &got)));
    CHECK(got.status >= 400);
    return NULL;
}

/* P7: BUSY means that no byte was handed over. A host that can't see its connections may never say so for one that was
 * refused: it can't know. */
static const char *not_sent(struct hx_req *req) {
    struct hx_http_answer got;
    hx_str setting;
    bool blind = hx_ok(hx_port_setting(req, HX_STR("HOOX_CONTRACT_CONNECTS_BLINDLY"), &setting));
    hx_err err = hx_port_http_prepare(req, HX_STR("http://127.0.0.1:1"), TIMEOUT_MS);
    CHECK(blind ? hx_ok(err) : hx_err_equal(err, HX_ERR(BUSY_NOT_SENT)));
    struct hx_http_call call = call_of(req, HX_HTTP_METHOD_GET, HX_STR("/fapi/v1/time"), HX_STR_EMPTY);
    call.origin = HX_STR("http://127.0.0.1:1");
    err = hx_port_http_send(req, &call, &got);
    CHECK(blind ? hx_err_is(err, HX_CLASS_UNKNOWN) : hx_err_equal(err, HX_ERR(BUSY_NOT_SENT)));
    /* Past its deadline it must not leave, however ready the connection stands. */
    struct hx_http_call late = call_of(req, HX_HTTP_METHOD_DELETE, HX_STR("/lab/faults"), HX_STR_EMPTY);
    CHECK(hx_ok(hx_port_http_prepare(req, venue(req), TIMEOUT_MS)));
    late.send_by_ms = hx_port_now(req) - 1;
    CHECK(hx_err_equal(hx_port_http_send(req, &late, &got), HX_ERR(BUSY_NOT_SENT)));
    CHECK(hx_ok(hx_port_http_prepare(req, venue(req), TIMEOUT_MS)));
    late.send_by_ms = hx_port_now(req) + 60000;
    CHECK(hx_ok(hx_port_http_prepare(req, venue(req), TIMEOUT_MS)));
    CHECK(hx_ok(hx_port_http_send(req, &late, &got)));
    return NULL;
}

/* P7: processed or not, without an answer nobody can say. */
static const char *unknown(struct hx_req *req) {
    struct hx_http_answer got;
    struct hx_http_call fault =
        call_of(req, HX_HTTP_METHOD_POST, HX_STR("/lab/faults"),
                HX_STR("{\"kind\":\"drop_reply\",\"match\":\"GET /fapi/v1/time\",\"count\":1}"));
    const struct hx_http_header json[] = {{HX_STR("Content-Type"), HX_STR("application/json")}};
    fault.headers = json;
    fault.header_count = 1;
    CHECK(hx_ok(hx_port_http_send(req, &fault, &got)));
    CHECK(got.status < 300);
    struct hx_http_call call = call_of(req, HX_HTTP_METHOD_GET, HX_STR("/fapi/v1/time"), HX_STR_EMPTY);
    hx_err err = hx_port_http_send(req, &call, &got);
    CHECK(hx_err_is(err, HX_CLASS_UNKNOWN));
    /* The connection is gone; a later request gets a new one. */
    CHECK(hx_ok(hx_port_http_send(req, &call, &got)) && got.status == 200);
    return NULL;
}

static const char *too_long(struct hx_req *req) {
    struct hx_http_answer got;
    struct hx_http_call call = call_of(req, HX_HTTP_METHOD_GET, HX_STR("/fapi/v1/time"), HX_STR_EMPTY);
    call.response_len_max = 4;
    CHECK(hx_err_is(hx_port_http_send(req, &call, &got), HX_CLASS_UNKNOWN));
    return NULL;
}

hx_contract_fn hx_contract_find_outward(hx_str path) {
    if (hx_str_equal(path, HX_STR("/contract/http-answer"))) return answer;
    if (hx_str_equal(path, HX_STR("/contract/http-not-sent"))) return not_sent;
    if (hx_str_equal(path, HX_STR("/contract/http-unknown"))) return unknown;
    if (hx_str_equal(path, HX_STR("/contract/http-too-long"))) return too_long;
    return NULL;
}
