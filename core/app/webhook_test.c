/* Goal: the door lets in who has a key, from where the owner allows, at the rate the owner set, and tells strangers
 * nothing (DESIGN 2.1 and the table of replies). Method: one event per way to be refused, with the whole reply
 * compared, headers too; and after each, that nothing was written and nothing left. Covers webhook.c and app.c. */
#include "test/app/world.h"

#define KEY_MEMBER "\"apiKey\":\"" WORLD_KEY "\","
#define WRONG_KEY "\"apiKey\":\"hxk_wrong\","

struct knock {
    const char *from; /* NULL: TradingView. */
    const char *path; /* NULL: /webhook. */
    enum hx_http_method method;
    hx_str body;
    bool from_operator;
};

static const struct world_answer *knock(struct knock knock) {
    const struct hx_event event = {
        .kind = HX_EVENT_HTTP,
        .method = knock.method,
        .path = hx_str_from_c(knock.path == NULL ? "/webhook" : knock.path),
        .body = knock.body,
        .peer_address = hx_str_from_c(knock.from == NULL ? WORLD_TRADINGVIEW : knock.from),
        .from_operator = knock.from_operator,
    };
    return world_handle(&event);
}

static const struct world_answer *post(const char *from, const char *body) {
    return knock((struct knock){from, NULL, HX_HTTP_METHOD_POST, hx_str_from_c(body), false});
}

static bool has_header(const struct world_answer *answer, const char *line) {
    char wanted[200];
    snprintf(wanted, sizeof(wanted), "\n%s\n", line);
    return strncmp(answer->headers, wanted + 1, strlen(line) + 1) == 0 || strstr(answer->headers, wanted) != NULL;
}

static void assert_refused(const struct world_answer *answer, uint32_t status, const char *code) {
    assert_int_equal(answer->status, status);
    assert_string_equal(world_json(answer->body, "success"), "false");
    assert_string_equal(world_json(answer->body, "error.code"), code);
    assert_true(strlen(world_json(answer->body, "requestId")) == 36);
    assert_true(has_header(answer, "Content-Type: application/json"));
}

static void assert_nothing_happened(void) {
    assert_rows(
        "SELECT (SELECT count(*) FROM signals) + (SELECT count(*) FROM claims) + (SELECT count(*) FROM orders) + "
        "(SELECT count(*) FROM outbox) + (SELECT count(*) FROM system_logs)",
        "0");
    assert_int_equal(world_orders_sent(), 0);
}

static void every_answer_is_kept_out_of_caches(void **state) {
    (void)state;
    const struct world_answer *answer = post(NULL, "{}");
    assert_true(has_header(answer, "Cache-Control: no-store"));
    assert_true(has_header(answer, "X-Content-Type-Options: nosniff"));
    char line[80];
    snprintf(line, sizeof(line), "X-Request-Id: %s", world_json(answer->body, "requestId"));
    assert_true(has_header(answer, line));
}

static void size_comes_before_everything(void **state) {
    (void)state;
    static char large[66000];
    memset(large, ' ', sizeof(large));
    memcpy(large, "{" KEY_MEMBER LONG_BTC "}", sizeof("{" KEY_MEMBER LONG_BTC "}") - 1);
    struct knock one = {"203.0.113.9", NULL, HX_HTTP_METHOD_POST, {large, 65537}, false};
    assert_refused(knock(one), 413, "TOO_LARGE");
    one.from = NULL;
    assert_refused(knock(one), 413, "TOO_LARGE");
    assert_nothing_happened();
    one.body.len = 65536;
    assert_int_equal(knock(one)->status, 200);
}

static void an_address_that_is_not_allowed_learns_nothing(void **state) {
    (void)state;
    static const char *const strangers[] = {"203.0.113.9", "::ffff:203.0.113.9", "2001:db8::1", "nonsense", ""};
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        const struct world_answer *answer = post(strangers[i], "{" KEY_MEMBER LONG_BTC "}");
        assert_refused(answer, 403, "FORBIDDEN");
        assert_string_equal(world_json(answer->body, "error.message"), "not allowed");
        assert_string_equal(world_json(answer->body, "error.details"), "-");
    }
    assert_refused(post("203.0.113.9", "{not json"), 403, "FORBIDDEN");
    assert_nothing_happened();
    static const char *const friends[] = {"52.32.178.7", "127.0.0.1", "::1", "::ffff:54.218.53.128"};
    for (size_t i = 0; i < sizeof(friends) / sizeof(friends[0]); i++) {
        assert_int_equal(post(friends[i], "{" KEY_MEMBER LONG_BTC KEYED("k") "}")->status, 200);
    }
    assert_rows("SELECT count(*) FROM signals", "1");
}

static void the_address_check_is_the_owners_choice(void **state) {
    (void)state;
    world_kv("webhook:ip_check", "false");
    assert_int_equal(post("203.0.113.9", "{" KEY_MEMBER LONG_BTC "}")->status, 200);
    world_reset(NULL);
    world_kv("webhook:allowed_ips", "203.0.113.0/24");
    assert_int_equal(post("203.0.113.9", "{" KEY_MEMBER LONG_BTC "}")->status, 200);
    assert_refused(post(WORLD_TRADINGVIEW, "{" KEY_MEMBER LONG_ETH "}"), 403, "FORBIDDEN");
}

static void a_body_must_be_a_json_object(void **state) {
    (void)state;
    static char deep[100];
    memset(deep, '[', sizeof(deep) - 1);
    static const char *const bodies[] = {"",    "long BTC",          "{\"action\":",         "{\"a\":1}x",
                                         "[1,", "{\"a\":1,\"a\":2}", "{\"action\":\"\xff\"}"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        const struct world_answer *answer = post(NULL, bodies[i]);
        assert_refused(answer, 400, "VALIDATION_ERROR");
        assert_string_equal(world_json(answer->body, "error.details.0.field"), "body");
    }
    assert_refused(post(NULL, deep), 400, "VALIDATION_ERROR");
    assert_nothing_happened();
}

/* The same words whatever else is wrong or right with the body. */
static void without_a_key_there_is_no_advice(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{" LONG_BTC "}",
        "{" WRONG_KEY LONG_BTC "}",
        "{" WRONG_KEY "\"action\":\"NONSENSE\",\"quantity\":-1}",
        "{\"apiKey\":\"\"," LONG_BTC "}",
        "{\"apiKey\":null," LONG_BTC "}",
        "{\"apiKey\":\"" WORLD_KEY " \"," LONG_BTC "}",
        "{\"apiKey\":\"" WORLD_KEY "x\"," LONG_BTC "}",
        "{}",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        const struct world_answer *answer = post(NULL, bodies[i]);
        assert_refused(answer, 401, "UNAUTHORIZED");
        assert_string_equal(world_json(answer->body, "error.message"), "not authorized");
        assert_string_equal(world_json(answer->body, "error.details"), "-");
    }
    assert_nothing_happened();
}

static void a_key_is_found_under_each_of_its_names(void **state) {
    (void)state;
    static const char *const names[] = {"apiKey", "passphrase", "secret", "key", "token"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char body[300];
        snprintf(body, sizeof(body), "{\"%s\":\"" WORLD_KEY "\"," LONG_BTC KEYED("k") "}", names[i]);
        assert_int_equal(post(NULL, body)->status, 200);
    }
    assert_rows("SELECT count(*), max(body LIKE '%hxk_%') FROM signals", "1|0");
}

static void keys_expire_rotate_and_are_revoked(void **state) {
    (void)state;
    char old_body[300], new_body[300];
    snprintf(old_body, sizeof(old_body), "{" KEY_MEMBER LONG_BTC KEYED("k") "}");
    assert_int_equal(post(NULL, old_body)->status, 200);
    const struct hx_sim_exchange *rotated = world_command(HX_HTTP_METHOD_POST, "/v1/keys/test/rotate", "");
    snprintf(new_body, sizeof(new_body), "{\"apiKey\":\"%s\"," LONG_BTC KEYED("k") "}", world_member(rotated, "key"));
    assert_refused(post(NULL, old_body), 401, "UNAUTHORIZED");
    /* A rotated key sends the same signal. */
    const struct world_answer *replay = post(NULL, new_body);
    assert_int_equal(replay->status, 200);
    assert_true(has_header(replay, "Idempotent-Replayed: true"));
    world_command(HX_HTTP_METHOD_DELETE, "/v1/keys/test", "");
    assert_refused(post(NULL, new_body), 401, "UNAUTHORIZED");
    assert_int_equal(world_orders_sent(), 1);
}

static void what_is_wrong_with_a_signal_is_said_to_its_owner(void **state) {
    (void)state;
    const struct world_answer *answer =
        post(NULL, "{" KEY_MEMBER "\"action\":\"LONGER\",\"symbol\":\"BTCUSDT\",\"quantity\":\"-1\"}");
    assert_refused(answer, 400, "VALIDATION_ERROR");
    assert_string_equal(world_json(answer->body, "error.details.0.field"), "action");
    assert_string_equal(world_json(answer->body, "error.details.1.field"), "quantity");
    assert_true(strlen(world_json(answer->body, "error.details.0.issue")) > 10);
    assert_nothing_happened();
}

#define TOO_SMALL "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.00001\""

/* TradingView sends again after 503 and never after 429. */
static void the_rate_limit_speaks_to_each_as_they_understand(void **state) {
    (void)state;
    world_kv("webhook:rate_limit", "3/60");
    world_begin();
    world_pass(9000); /* Ten seconds into the minute. */
    for (int i = 0; i < 3; i++) assert_int_equal(post(NULL, "{" KEY_MEMBER TOO_SMALL "}")->status, 400);
    const struct world_answer *answer = post(NULL, "{" KEY_MEMBER LONG_BTC "}");
    assert_refused(answer, 503, "RATE_LIMITED");
    assert_true(has_header(answer, "Retry-After: 50"));
    answer = post("127.0.0.1", "{" KEY_MEMBER LONG_BTC "}");
    assert_refused(answer, 429, "RATE_LIMITED");
    assert_true(has_header(answer, "Retry-After: 50"));
    assert_int_equal(world_orders_sent(), 0);
    /* Exits and the owner are exempt. */
    assert_int_equal(post(NULL, "{" KEY_MEMBER CLOSE_BTC "}")->status, 200);
    assert_int_equal(post(NULL, "{" KEY_MEMBER LONG_BTC ",\"reduceOnly\":true}")->status, 200);
    assert_int_equal(world_command(HX_HTTP_METHOD_POST, "/v1/trade", "{" LONG_BTC "}")->status, 200);
    world_pass(51000);
    assert_int_equal(post(NULL, "{" KEY_MEMBER LONG_ETH "}")->status, 200);
}

/* Strangers don't use up the owner's rate. */
static void a_wrong_key_is_not_counted(void **state) {
    (void)state;
    world_kv("webhook:rate_limit", "2/60");
    world_begin();
    for (int i = 0; i < 10; i++) assert_int_equal(post(NULL, "{" WRONG_KEY LONG_BTC "}")->status, 401);
    assert_int_equal(post(NULL, "{" KEY_MEMBER LONG_BTC "}")->status, 200);
}

static void paths_and_methods(void **state) {
    (void)state;
    const hx_str body = hx_str_from_c("{" KEY_MEMBER LONG_BTC KEYED("k") "}");
    assert_int_equal(knock((struct knock){NULL, "/", HX_HTTP_METHOD_POST, body, false})->status, 200);
    assert_int_equal(knock((struct knock){NULL, "/webhook", HX_HTTP_METHOD_POST, body, false})->status, 200);
    const struct world_answer *answer = knock((struct knock){NULL, "/webhook", HX_HTTP_METHOD_GET, body, false});
    assert_refused(answer, 405, "METHOD_NOT_ALLOWED");
    assert_true(has_header(answer, "Allow: POST"));
    answer = knock((struct knock){NULL, "/health", HX_HTTP_METHOD_POST, body, false});
    assert_refused(answer, 405, "METHOD_NOT_ALLOWED");
    assert_true(has_header(answer, "Allow: GET, HEAD"));
    static const char *const nowhere[] = {
        "/webhook/", "/Webhook", "/v2", "/admin", "//", "", "/v1/kv/trade:kill_switch"};
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
        assert_refused(knock((struct knock){NULL, nowhere[i], HX_HTTP_METHOD_POST, body, false}), 404, "NOT_FOUND");
    }
    assert_rows("SELECT count(*) FROM signals", "1");
}

/* From the network /v1 does not exist, whoever asks. */
static void the_owners_commands_are_not_served_to_the_network(void **state) {
    (void)state;
    struct knock one = {"127.0.0.1", "/v1/kv/trade:kill_switch", HX_HTTP_METHOD_PUT, HX_STR("halt"), false};
    assert_refused(knock(one), 404, "NOT_FOUND");
    assert_rows("SELECT count(*) FROM kv WHERE key = 'trade:kill_switch'", "0");
    one.path = "/v1/trade";
    one.method = HX_HTTP_METHOD_POST;
    one.body = HX_STR("{" LONG_BTC "}");
    assert_refused(knock(one), 404, "NOT_FOUND");
    assert_nothing_happened();
}

static void a_lane_that_cannot_be_reached_is_503(void **state) {
    (void)state;
    world_begin();
    uint32_t from = world_points();
    post(NULL, "{" KEY_MEMBER LONG_BTC "}");
    uint32_t point = from;
    while (hx_sim_op_at(world.sim, point) != HX_OP_LANE_CALL) point++;
    world_reset(NULL);
    world_fault_at(point, HX_SIM_FAULT_ERROR, 0);
    const struct world_answer *answer = post(NULL, "{" KEY_MEMBER LONG_BTC "}");
    assert_refused(answer, 503, "UNAVAILABLE");
    assert_true(has_header(answer, "Retry-After: 5"));
    assert_nothing_happened();
    assert_int_equal(post(NULL, "{" KEY_MEMBER LONG_BTC "}")->status, 200);
}

static void keys_that_cannot_be_read_let_nobody_in(void **state) {
    (void)state;
    world_begin();
    uint32_t from = world_points();
    post(NULL, "{" KEY_MEMBER LONG_BTC "}");
    uint32_t point = from;
    while (hx_sim_op_at(world.sim, point) != HX_OP_KV_LIST) point++;
    world_reset(NULL);
    world_fault_at(point, HX_SIM_FAULT_ERROR, 0);
    const struct world_answer *answer = post(NULL, "{" KEY_MEMBER LONG_BTC "}");
    assert_refused(answer, 503, "UNAVAILABLE");
    assert_nothing_happened();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(every_answer_is_kept_out_of_caches),
        world_test(size_comes_before_everything),
        world_test(an_address_that_is_not_allowed_learns_nothing),
        world_test(the_address_check_is_the_owners_choice),
        world_test(a_body_must_be_a_json_object),
        world_test(without_a_key_there_is_no_advice),
        world_test(a_key_is_found_under_each_of_its_names),
        world_test(keys_expire_rotate_and_are_revoked),
        world_test(what_is_wrong_with_a_signal_is_said_to_its_owner),
        world_test(the_rate_limit_speaks_to_each_as_they_understand),
        world_test(a_wrong_key_is_not_counted),
        world_test(paths_and_methods),
        world_test(the_owners_commands_are_not_served_to_the_network),
        world_test(a_lane_that_cannot_be_reached_is_503),
        world_test(keys_that_cannot_be_read_let_nobody_in),
    };
    return world_run(tests);
}
