/* Goal: every body is valid JSON with the members of DESIGN 2, whatever the venue's words are and however little memory
 * is left. Method: the makers of bodies are called in a request with rows of every shape, with words of every kind of
 * byte at their greatest length, and with arenas of every size. Covers reply.c. */
#include "core/app/reply.h"

#include "test/app/world.h"

#define ORDERS_MAX 16 /* Of a close in as many legs as there can be, and the open after it. */

static struct hx_signal_row row;
static struct hx_order_row orders[ORDERS_MAX];
static char body_text[8192];

enum maker { MAKE_BODY, MAKE_ACCEPTED, MAKE_NOTICE, MAKE_ERROR };

struct making {
    enum maker maker;
    uint32_t order_count;
    struct hx_verdict verdict;
    const struct hx_signal_issues *issues;
    size_t arena_left; /* 0: all of it. */
    hx_err err;
    struct hx_reply reply;
    hx_str body;
};

static void make(struct hx_req *req, void *context) {
    struct making *m = context;
    if (m->arena_left > 0) req->arena.size = req->arena.used + m->arena_left;
    hx_str body = HX_STR_EMPTY;
    switch (m->maker) {
        case MAKE_BODY:
            m->err = hx_reply_body_make(req, &row, orders, m->order_count, &m->verdict, &body);
            break;
        case MAKE_ACCEPTED:
            m->err = hx_reply_body_accepted(req, &row, &body);
            break;
        case MAKE_NOTICE:
            m->err = hx_notice_make(req, &row, orders, m->order_count, &m->verdict, &body);
            break;
        case MAKE_ERROR:
            hx_reply_error(req, &m->reply, m->verdict.http_status, m->verdict.code, m->verdict.message, m->issues);
            body = m->reply.body;
            break;
    }
    if (body.len > 0) memcpy(body_text, body.data, body.len);
    m->body = hx_str_make(body_text, body.len);
}

static hx_str made(struct making *m) {
    world_begin();
    hx_sim_run_request(world.sim, make, m);
    return m->body;
}

static int rows_fill(void **state) {
    world_reset(state);
    row = (struct hx_signal_row){.id = HX_STR("01990000-0000-7000-8000-000000000001"),
                                 .venue = HX_VENUE_BINANCE,
                                 .symbol = HX_STR("BTCUSDT"),
                                 .action = HX_STR("LONG"),
                                 .request_id = HX_STR("01990000-0000-7000-8000-000000000002")};
    for (uint32_t i = 0; i < ORDERS_MAX; i++) {
        orders[i] = (struct hx_order_row){.leg = i,
                                          .client_order_id = HX_STR("AZkAAAAAAACAAAAAAAAAAQ"),
                                          .venue_order_id = HX_STR("9223372036854775807"),
                                          .side = HX_SIDE_SELL,
                                          .status = HX_STR("filled"),
                                          .executed_quantity = world_dec("0.010"),
                                          .average_price = world_dec("60000.123456789"),
                                          .price = world_dec("59000"),
                                          .fee = world_dec("0.3"),
                                          .fee_asset = HX_STR("USDT"),
                                          .updated_ms = 1767225600000};
    }
    return 0;
}

static const struct hx_verdict filled = {{"filled", 6}, 200, {NULL, 0}, {NULL, 0}, {NULL, 0}};

static void assert_member(hx_str body, const char *path, const char *expected) {
    assert_string_equal(world_json(body, path), expected);
}

static void success_has_its_members(void **state) {
    (void)state;
    struct making m = {.maker = MAKE_BODY, .order_count = 1, .verdict = filled};
    hx_str body = made(&m);
    assert_true(hx_ok(m.err));
    assert_member(body, "success", "true");
    assert_member(body, "requestId", "01990000-0000-7000-8000-000000000002");
    assert_member(body, "signalId", "01990000-0000-7000-8000-000000000001");
    assert_member(body, "exchange", "binance");
    assert_member(body, "symbol", "BTCUSDT");
    assert_member(body, "action", "LONG");
    assert_member(body, "status", "filled");
    assert_member(body, "result.orderId", "9223372036854775807");
    assert_member(body, "result.clientOrderId", "AZkAAAAAAACAAAAAAAAAAQ");
    assert_member(body, "result.side", "sell");
    assert_member(body, "result.status", "FILLED");
    assert_member(body, "result.price", "60000.123456789");
    assert_member(body, "result.timestamp", "1767225600000");
    assert_member(body, "error", "-");
    assert_member(body, "orders", "-");
    /* Amounts are strings, times are numbers. */
    size_t at = 0;
    assert_true(hx_str_find(body, HX_STR("\"executedQty\":\"0.01\""), &at));
    assert_true(hx_str_find(body, HX_STR("\"fee\":\"0.3\""), &at));
    assert_true(hx_str_find(body, HX_STR("\"timestamp\":1767225600000"), &at));
}

static void the_result_is_the_last_of_several_orders(void **state) {
    (void)state;
    orders[1].client_order_id = HX_STR("AZkAAAAAAAGAAAAAAAAAAQ");
    struct making m = {.maker = MAKE_BODY, .order_count = 2, .verdict = filled};
    hx_str body = made(&m);
    assert_member(body, "result.clientOrderId", "AZkAAAAAAAGAAAAAAAAAAQ");
    assert_member(body, "orders.0.clientOrderId", "AZkAAAAAAACAAAAAAAAAAQ");
    assert_member(body, "orders.1.clientOrderId", "AZkAAAAAAAGAAAAAAAAAAQ");
    assert_member(body, "orders.2", "-");
    m.order_count = 0;
    assert_member(made(&m), "result", "null");
}

static void failure_has_its_members(void **state) {
    (void)state;
    struct making m = {
        .maker = MAKE_BODY,
        .verdict = {HX_STR("rejected"), 422, HX_STR("VENUE_REJECTED"), HX_STR("No margin."), HX_STR_EMPTY}};
    hx_str body = made(&m);
    assert_member(body, "success", "false");
    assert_member(body, "status", "rejected");
    assert_member(body, "error.code", "VENUE_REJECTED");
    assert_member(body, "error.message", "No margin.");
    assert_member(body, "error.details", "-");
    assert_member(body, "result", "-");
    m.verdict.field = HX_STR("quantity");
    m.order_count = 1;
    body = made(&m);
    assert_member(body, "error.details.0.field", "quantity");
    assert_member(body, "error.message", "No margin.");
    m.verdict.message = HX_STR("is too small");
    body = made(&m);
    assert_member(body, "error.message", "quantity: is too small");
    assert_member(body, "error.details.0.issue", "is too small");
    m.verdict.message = HX_STR("No margin.");
    body = made(&m);
    assert_member(body, "error.details.0.issue", "No margin.");
    assert_member(body, "result.status", "FILLED");
}

static void orders_are_told_in_the_venues_words(void **state) {
    (void)state;
    static const char *const words[][3] = {
        {"open", "0", "NEW"},          {"open", "0.005", "PARTIALLY_FILLED"},
        {"filled", "1", "FILLED"},     {"partially_filled", "1", "PARTIALLY_FILLED"},
        {"canceled", "0", "CANCELED"}, {"expired", "0", "EXPIRED"},
        {"rejected", "0", "REJECTED"}, {"intent", "0", "PENDING"},
        {"busy", "0", "PENDING"},      {"failed", "0", "PENDING"},
    };
    struct making m = {.maker = MAKE_BODY, .order_count = 1, .verdict = filled};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        orders[0].status = hx_str_from_c(words[i][0]);
        orders[0].executed_quantity = world_dec(words[i][1]);
        assert_member(made(&m), "result.status", words[i][2]);
    }
    /* Before anything is executed the price is the one asked for. */
    orders[0].average_price = HX_DEC_ZERO;
    assert_member(made(&m), "result.price", "59000");
}

static void accepted_and_notice_have_their_members(void **state) {
    (void)state;
    struct making m = {.maker = MAKE_ACCEPTED};
    hx_str body = made(&m);
    assert_member(body, "success", "true");
    assert_member(body, "status", "accepted");
    assert_member(body, "result", "null");
    m = (struct making){.maker = MAKE_NOTICE,
                        .order_count = 1,
                        .verdict = {HX_STR("expired"), 403, HX_STR("EXPIRED"), HX_STR("too old"), HX_STR_EMPTY}};
    body = made(&m);
    assert_member(body, "status", "expired");
    assert_member(body, "code", "EXPIRED");
    assert_member(body, "message", "too old");
    assert_member(body, "result.clientOrderId", "AZkAAAAAAACAAAAAAAAAAQ");
}

/* The venue's words at their longest (200 bytes that each need an escape), then ours: twice in a failure with a field,
 * beside all the orders there can be. A body that could not be made would leave the signal open for ever. */
static void the_longest_words_fit(void **state) {
    (void)state;
    static char words[512];
    static const unsigned char bytes[] = {0x01, '"', '\\', 0x7f, 0xff, 0xc3, 0xe2, 0xf0, '\n', 'x'};
    for (size_t kind = 0; kind < sizeof(bytes); kind++) {
        memset(words, 'a', sizeof(words));
        memset(words, bytes[kind], 200);
        struct making m = {.maker = MAKE_BODY,
                           .order_count = ORDERS_MAX,
                           .verdict = {HX_STR("rejected"), 422, HX_STR("VENUE_REJECTED"),
                                       hx_str_make(words, sizeof(words)), HX_STR("leverage")}};
        hx_str body = made(&m);
        assert_true(hx_ok(m.err));
        assert_true(strlen(world_json(body, "error.message")) > 300);
        m.maker = MAKE_NOTICE;
        body = made(&m);
        assert_true(hx_ok(m.err));
        assert_true(strlen(world_json(body, "message")) > 300);
    }
}

static void words_of_any_script_come_back_as_they_were(void **state) {
    (void)state;
    const char *words = "余额不足 – недостаточно средств 💸 \"quoted\"\\";
    struct making m = {.maker = MAKE_BODY,
                       .verdict = {HX_STR("rejected"), 422, HX_STR("X"), hx_str_from_c(words), HX_STR_EMPTY}};
    assert_member(made(&m), "error.message", words);
    /* Bytes that are no text become U+FFFD each. */
    m.verdict.message = HX_STR("a\xff\xc3z");
    assert_member(made(&m), "error.message", "a\xef\xbf\xbd\xef\xbf\xbdz");
}

static void an_error_lists_its_details(void **state) {
    (void)state;
    struct hx_signal_issues issues = {.count = HX_SIGNAL_ISSUES_MAX};
    for (uint32_t i = 0; i < HX_SIGNAL_ISSUES_MAX; i++) {
        issues.list[i] = (struct hx_signal_issue){HX_STR("prev_market_position_size"),
                                                  HX_STR("must be one of these many words, none of which is short, "
                                                         "and all of which have to be said to be of any help at all")};
    }
    struct making m = {.maker = MAKE_ERROR,
                       .issues = &issues,
                       .verdict = {HX_STR_EMPTY, 400, HX_STR("VALIDATION_ERROR"), HX_STR("see details"), HX_STR_EMPTY}};
    hx_str body = made(&m);
    assert_int_equal(m.reply.status, 400);
    assert_int_equal(m.reply.header_count, 1);
    assert_member(body, "success", "false");
    assert_member(body, "error.code", "VALIDATION_ERROR");
    assert_member(body, "error.details.7.field", "prev_market_position_size");
    assert_member(body, "error.details.8", "-");
    assert_int_equal(strlen(world_json(body, "requestId")), 36);
    m.issues = NULL;
    assert_member(made(&m), "error.details", "-");
}

/* With any amount of memory there is an answer, and it is JSON; where one could not be made, an error says so. */
static void little_memory_is_no_reason_for_half_a_body(void **state) {
    (void)state;
    uint32_t failures = 0;
    for (size_t left = 1; left < 14000; left += 233) {
        for (enum maker maker = MAKE_BODY; maker <= MAKE_ERROR; maker++) {
            struct making m = {.maker = maker, .order_count = 2, .arena_left = left, .verdict = filled};
            m.verdict.http_status = 503;
            hx_str body = made(&m);
            if (maker == MAKE_ERROR) assert_member(body, "success", "false");
            else if (hx_ok(m.err)) assert_member(body, "symbol", "BTCUSDT");
            else assert_true(hx_err_is(m.err, HX_CLASS_LIMIT));
            failures += hx_failed(m.err);
        }
    }
    assert_in_range(failures, 30, 180);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(success_has_its_members, rows_fill),
        cmocka_unit_test_setup(the_result_is_the_last_of_several_orders, rows_fill),
        cmocka_unit_test_setup(failure_has_its_members, rows_fill),
        cmocka_unit_test_setup(orders_are_told_in_the_venues_words, rows_fill),
        cmocka_unit_test_setup(accepted_and_notice_have_their_members, rows_fill),
        cmocka_unit_test_setup(the_longest_words_fit, rows_fill),
        cmocka_unit_test_setup(words_of_any_script_come_back_as_they_were, rows_fill),
        cmocka_unit_test_setup(an_error_lists_its_details, rows_fill),
        cmocka_unit_test_setup(little_memory_is_no_reason_for_half_a_body, rows_fill),
    };
    return world_run(tests);
}
