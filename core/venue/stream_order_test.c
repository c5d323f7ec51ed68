/* Goal: an order over a socket is the order REST would have sent, understood by the same table, and sent once: by REST
 * only when not a byte went the other way. Method: the published signing vectors; exact texts; the scripted venue of
 * the client's tests with a socket beside it. Covers stream_order.c, binance_order_stream.c and bybit_order_stream.c.
 */
#include "core/venue/stream_order.h"

#include "core/base/json.h"
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define ID "AZOpXu_0-23456789abcde"
#define PLACE "/fapi/v1/order?symbol=BTCUSDT&side=BUY"
#define RESULT(status, executed)                                                               \
    "{\"orderId\":77,\"symbol\":\"BTCUSDT\",\"status\":\"" status "\",\"clientOrderId\":\"" ID \
    "\",\"origQty\":\"0.010\",\"executedQty\":\"" executed "\",\"side\":\"BUY\",\"updateTime\":1764000000500}"

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_order_report report;
static const struct hx_account live = {.venue = HX_VENUE_BINANCE, .market = HX_MARKET_FUTURES};
static char asked[4096];
static hx_time asked_by;
static uint32_t ask_count;
static const char *reply; /* "%" stands for the id; NULL: fail with reply_err. */
static hx_err reply_err;

static hx_err converse(struct hx_req *r, const struct hx_socket_call *call, hx_str *answer) {
    struct hx_buf buf;
    ask_count++;
    snprintf(asked, sizeof asked, "%.*s", (int)call->text.len, call->text.data);
    asked_by = call->send_by_ms;
    if (reply == NULL) return reply_err;
    assert_true(hx_ok(hx_buf_make(&buf, &r->arena, 2000)));
    for (const char *c = reply; *c != '\0'; c++) {
        if (*c == '%') hx_buf_add(&buf, call->mark);
        else hx_buf_add_char(&buf, *c);
    }
    return hx_buf_finish(&buf, answer);
}

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.venue_offset_ms = 250;
    host.time_takes_ms = 40;
    host.secret = "secret";
    host.socket_serial = 7;
    host.converse = converse;
    ask_count = 0;
    reply = NULL;
    reply_err = HX_ERR(UNKNOWN_TIMEOUT);
    host_set(&host, "BINANCE_API_KEY", "the-key");
    host_set(&host, "HOOX_BINANCE_FUTURES_URL", "http://127.0.0.1:9");
    host_set(&host, "HOOX_BINANCE_FUTURES_WS_API_URL", "ws://127.0.0.1:8");
    host_set(&host, "HOOX_ORDER_ENTRY", "ws");
    hx_req_init(&req, &host, memory, sizeof memory);
    return 0;
}

static enum hx_outcome place(void) {
    const struct hx_order_request order = {.symbol = HX_STR("BTCUSDT"),
                                           .side = HX_SIDE_BUY,
                                           .type = HX_ORDER_MARKET,
                                           .quantity = {1, -2},
                                           .client_order_id = HX_STR(ID)};
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    hx_venue_place(&req, &live, &order, host.now + 2000, &report);
    return report.outcome;
}

static const char *param(const char *name) {
    static char out[8][200];
    static uint32_t turn;
    struct hx_arena arena;
    static uint8_t scratch[32768];
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, scratch, sizeof scratch);
    assert_true(hx_ok(hx_json_parse(&arena, hx_str_from_c(asked), &root, NULL)));
    const struct hx_json *node = hx_json_find(hx_json_find(root, HX_STR("params")), hx_str_from_c(name));
    char *place_of = out[turn++ % 8];
    if (node == NULL) return "-";
    snprintf(place_of, sizeof out[0], "%.*s", (int)node->text.len, node->text.data);
    return place_of;
}

static void an_order_goes_over_the_socket(void **state) {
    (void)state;
    reply = "{\"id\":\"%\",\"status\":200,\"result\":" RESULT("FILLED", "0.010") ",\"rateLimits\":[]}";
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_string_equal(host.last_socket, "http://127.0.0.1:8/ws-fapi/v1");
    assert_int_equal(report.status, HX_ORDER_FILLED);
    assert_true(hx_str_equal(report.venue_order_id, HX_STR("77")));
    assert_int_equal(ask_count, 1);
    assert_int_equal(asked_by, host.now + 2000);
    assert_non_null(strstr(asked, "\"method\":\"order.place\""));
    assert_string_equal(param("symbol"), "BTCUSDT");
    assert_string_equal(param("newClientOrderId"), ID);
    assert_string_equal(param("newOrderRespType"), "RESULT");
    assert_string_equal(param("quantity"), "0.01");
    assert_string_equal(param("apiKey"), "the-key");
    assert_non_null(strstr(asked, "\"timestamp\":1764"));
    /* The signature is the last parameter, over all others by name. */
    char text[500];
    uint8_t digest[HX_SHA256_LEN];
    char hex[2 * HX_SHA256_LEN + 1] = {0};
    struct hx_buf buf;
    snprintf(text, sizeof text,
             "apiKey=the-key&newClientOrderId=" ID
             "&newOrderRespType=RESULT&quantity=0.01&recvWindow=%s&side=BUY"
             "&symbol=BTCUSDT&timestamp=%s&type=MARKET",
             param("recvWindow"), param("timestamp"));
    hx_hmac_sha256(HX_STR("secret"), hx_str_from_c(text), digest);
    hx_buf_init(&buf, hex, sizeof hex - 1);
    hx_buf_add_hex(&buf, digest, sizeof digest);
    assert_string_equal(param("signature"), hex);
    host_assert_done(&host);
}

static void what_was_not_handed_over_goes_by_rest(void **state) {
    (void)state;
    reply_err = HX_ERR(BUSY_NOT_SENT);
    host_answer(&host, PLACE, 200, RESULT("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_int_equal(ask_count, 1);
    assert_int_equal(host.last_send_by_ms, host.now + 2000);
    /* Another connection since it was prepared: nobody has logged in there. */
    host_answer(&host, PLACE, 200, RESULT("NEW", "0"));
    assert_int_equal(hx_venue_prepare(&req, &live).outcome, HX_OUTCOME_DONE);
    host.socket_serial = 8;
    const struct hx_order_request order = {.symbol = HX_STR("BTCUSDT"),
                                           .side = HX_SIDE_BUY,
                                           .type = HX_ORDER_MARKET,
                                           .quantity = {1, -2},
                                           .client_order_id = HX_STR(ID)};
    hx_venue_place(&req, &live, &order, host.now + 2000, &report);
    assert_int_equal(report.outcome, HX_OUTCOME_DONE);
    assert_int_equal(ask_count, 1);
    /* No socket at all. */
    host.socket_serial = 0;
    host_answer(&host, PLACE, 200, RESULT("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    host_assert_done(&host);
}

/* Nothing goes by REST as well when it may have gone over the socket: the script would fail the test. */
static void what_may_have_arrived_is_not_sent_again(void **state) {
    (void)state;
    static const char *const replies[] = {
        NULL,
        "{\"id\":\"other\",\"status\":200,\"result\":" RESULT("FILLED", "0.010") "}",
        "{\"id\":\"%\",\"status\":200}",
        "{\"id\":\"%\",\"status\":200,\"result\":{}}",
        "{\"id\":\"%\",\"status\":200,\"result\":\"FILLED\"}",
        "{\"id\":\"%\",\"status\":99,\"result\":{}}",
        "{\"id\":\"%\"",
        "{\"id\":\"%\",\"status\":500,\"error\":{\"code\":-1000,\"msg\":\"x\"}}",
        "{\"id\":\"%\",\"status\":408,\"error\":{\"code\":-1007,\"msg\":\"Timeout\"}}",
    };
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        reply = replies[i];
        assert_int_equal(place(), HX_OUTCOME_UNKNOWN);
    }
    reply = NULL;
    reply_err = HX_ERR(UNKNOWN_OUTCOME);
    assert_int_equal(place(), HX_OUTCOME_UNKNOWN);
    host_assert_done(&host);
}

static void refusals_are_read_by_the_same_table(void **state) {
    (void)state;
    reply = "{\"id\":\"%\",\"status\":400,\"error\":{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}}";
    assert_int_equal(place(), HX_OUTCOME_REJECTED);
    assert_int_equal(report.venue_code, -2019);
    reply = "{\"id\":\"%\",\"status\":503,\"error\":{\"code\":-1008,\"msg\":\"overloaded\"}}";
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    reply =
        "{\"id\":\"%\",\"status\":429,\"error\":{\"code\":-1003,\"msg\":\"Too many\",\"data\":{\"serverTime\":"
        "1764000000000,\"retryAfter\":1764000007500}}}";
    assert_int_equal(place(), HX_OUTCOME_BUSY);
    assert_int_equal(report.retry_after_ms, 8000);
    host_assert_done(&host);
}

static void the_setting_decides(void **state) {
    (void)state;
    host_set(&host, "HOOX_ORDER_ENTRY", "rest");
    host_answer(&host, PLACE, 200, RESULT("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    host_set(&host, "HOOX_ORDER_ENTRY", NULL);
    host_answer(&host, PLACE, 200, RESULT("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    /* REST at a stand-in, and no word about sockets: not the real venue's. */
    host_set(&host, "HOOX_ORDER_ENTRY", "ws");
    host_set(&host, "HOOX_BINANCE_FUTURES_WS_API_URL", NULL);
    host_answer(&host, PLACE, 200, RESULT("NEW", "0"));
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_int_equal(ask_count, 0);
    /* A stand-in has one address for streams and for requests over sockets; the venue itself has two. */
    reply = "{\"id\":\"%\",\"status\":200,\"result\":" RESULT("NEW", "0") "}";
    host_set(&host, "HOOX_BINANCE_FUTURES_WS_URL", "ws://127.0.0.1:7");
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_string_equal(host.last_socket, "http://127.0.0.1:7/ws-fapi/v1");
    host_set(&host, "HOOX_BINANCE_FUTURES_URL", NULL);
    assert_int_equal(place(), HX_OUTCOME_DONE);
    assert_string_equal(host.last_socket, "https://ws-fapi.binance.com/ws-fapi/v1");
    host_assert_done(&host);
}

/* The venue's published vectors for requests over its WebSocket API. */
static void signatures_are_the_published_ones(void **state) {
    (void)state;
    static const char key[] = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
    static const char secret[] = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
    static const struct {
        const char *query, *signature;
    } rows[] = {
        {"symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01000000&price=52000.00&recvWindow=100"
         "&timestamp=1645423376532",
         "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"},
        {"symbol=\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93\xef\xbc\x94\xef\xbc\x95\xef\xbc\x96&side=BUY&type=LIMIT"
         "&timeInForce=GTC&quantity=1.00000000&price=0.10000000&recvWindow=5000&timestamp=1645423376532",
         "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hx_arena arena;
        struct hx_venue_context ctx = {.arena = &arena, .api_key = HX_STR(key)};
        const struct hx_venue_call rest = {.query = hx_str_from_c(rows[i].query)};
        uint8_t digest[HX_SHA256_LEN];
        char hex[2 * HX_SHA256_LEN + 1] = {0};
        struct hx_buf buf;
        hx_str text;
        hx_arena_init(&arena, memory, sizeof memory);
        assert_true(hx_ok(hx_binance_spot_order_socket.encode_sign_text(&ctx, &rest, &text)));
        hx_hmac_sha256(HX_STR(secret), text, digest);
        hx_buf_init(&buf, hex, sizeof hex - 1);
        hx_buf_add_hex(&buf, digest, sizeof digest);
        assert_string_equal(hex, rows[i].signature);
    }
    /* An encoded value would be signed over other bytes than the venue's: not this way. */
    struct hx_arena arena;
    struct hx_venue_context ctx = {.arena = &arena, .api_key = HX_STR(key)};
    const struct hx_venue_call rest = {.query = HX_STR("symbol=%EF")};
    hx_str text;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_true(hx_err_equal(hx_binance_spot_order_socket.encode_sign_text(&ctx, &rest, &text), HX_ERR(REJECT_INPUT)));
}

static void assert_text(hx_str actual, const char *expected) {
    if (!hx_str_equal(actual, hx_str_from_c(expected))) fail_msg("%.*s", (int)actual.len, actual.data);
}

static void bybit_is_told_and_understood(void **state) {
    (void)state;
    const struct hx_order_socket *socket = &hx_bybit_linear_order_socket;
    struct hx_arena arena;
    struct hx_venue_context ctx = {.arena = &arena,
                                   .api_key = HX_STR("testApiKey0123456789"),
                                   .timestamp_ms = 1700000000000,
                                   .receive_window_ms = 2000};
    const struct hx_venue_call rest = {.body = HX_STR("{\"category\":\"linear\"}")};
    const struct hx_venue_call form = {.query = HX_STR("a=b")};
    struct hx_http_answer answer;
    hx_str text;
    hx_arena_init(&arena, memory, sizeof memory);
    assert_true(hx_ok(socket->encode_login_sign_text(&ctx, &text)));
    assert_text(text, "GET/realtime1700000010000");
    assert_true(hx_ok(socket->encode_login(&ctx, HX_STR("s"), &text)));
    assert_text(text, "{\"op\":\"auth\",\"args\":[\"testApiKey0123456789\",1700000010000,\"s\"]}");
    assert_true(socket->is_logged_in(&arena, HX_STR("{\"retCode\":0,\"retMsg\":\"OK\",\"op\":\"auth\"}")));
    assert_true(socket->is_logged_in(&arena, HX_STR("{\"retCode\":20001,\"op\":\"auth\"}")));
    assert_true(socket->is_logged_in(&arena, HX_STR("{\"success\":true,\"op\":\"auth\"}")));
    assert_false(socket->is_logged_in(&arena, HX_STR("{\"retCode\":10004,\"op\":\"auth\"}")));
    assert_false(socket->is_logged_in(&arena, HX_STR("{\"success\":false,\"op\":\"auth\"}")));
    assert_false(socket->is_logged_in(&arena, HX_STR("x")));
    assert_true(hx_ok(socket->encode(&ctx, &rest, HX_STR("i1"), HX_STR_EMPTY, &text)));
    assert_text(text,
                "{\"reqId\":\"i1\",\"header\":{\"X-BAPI-TIMESTAMP\":\"1700000000000\",\"X-BAPI-RECV-WINDOW\":\"2000\"},"
                "\"op\":\"order.create\",\"args\":[{\"category\":\"linear\"}]}");
    assert_true(hx_failed(socket->encode(&ctx, &form, HX_STR("i1"), HX_STR_EMPTY, &text)));
    assert_true(
        socket->decode(&arena,
                       HX_STR("{\"reqId\":\"i1\",\"retCode\":0,\"retMsg\":\"OK\",\"op\":\"order.create\",\"data\":{"
                              "\"orderId\":\"o\",\"orderLinkId\":\"l\"},\"retExtInfo\":{},\"connId\":\"c\"}"),
                       HX_STR("i1"), &answer));
    assert_int_equal(answer.status, 200);
    assert_text(
        answer.body,
        "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"orderId\":\"o\",\"orderLinkId\":\"l\"},\"retExtInfo\":{}}");
    assert_true(socket->decode(&arena,
                               HX_STR("{\"reqId\":\"i1\",\"retCode\":110007,\"retMsg\":\"ab \\\"x\\\"\",\"data\":{}}"),
                               HX_STR("i1"), &answer));
    assert_text(answer.body, "{\"retCode\":110007,\"retMsg\":\"ab \\\"x\\\"\",\"result\":{},\"retExtInfo\":{}}");
    assert_false(socket->decode(&arena, HX_STR("{\"reqId\":\"i2\",\"retCode\":0}"), HX_STR("i1"), &answer));
    assert_false(socket->decode(&arena, HX_STR("{\"reqId\":\"i1\"}"), HX_STR("i1"), &answer));
}

#define order_test(function) cmocka_unit_test_setup(function, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        order_test(an_order_goes_over_the_socket),
        order_test(what_was_not_handed_over_goes_by_rest),
        order_test(what_may_have_arrived_is_not_sent_again),
        order_test(refusals_are_read_by_the_same_table),
        order_test(the_setting_decides),
        order_test(signatures_are_the_published_ones),
        order_test(bybit_is_told_and_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
