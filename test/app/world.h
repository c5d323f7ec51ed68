/* A world for the tests of the flows (core/app): the simulated host with the laboratory as its venue, a quiet network,
 * pinned prices and one webhook key, and short words for what a test does and asks. Included once per test program.
 *
 * Time is virtual: world_alert returns when the caller has its answer, world_pass lets time go by. Nothing starts
 * before the first of these, so settings and faults of a test come first. */
#ifndef HX_TEST_APP_WORLD_H
#define HX_TEST_APP_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "core/admit/keys.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/venue/venue.h"
#include "host/sim/sim.h"

#define WORLD_START_MS ((hx_time)1767225600000) /* 2026-01-01, a full day. */
#define WORLD_KEY "hxk_dGVzdC13ZWJob29rLWtleS1vZi0zMi1ieXRlcy1sb25n"
#define WORLD_TRADINGVIEW "52.89.214.238"
#define WORLD_PAIRS_MAX 24
#define WORLD_WIRE_MAX 512
#define WORLD_TEXT_MAX 100000

#define LONG_BTC "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.010\""
#define SHORT_BTC "\"action\":\"SHORT\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.010\""
#define CLOSE_BTC "\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\""
#define LONG_ETH "\"action\":\"LONG\",\"symbol\":\"ETHUSDT\",\"quantity\":\"0.5\""
#define KEYED(name) ",\"idempotencyKey\":\"" name "\""

/* One request that left for the outside. */
struct world_wire {
    hx_time at;
    uint32_t point; /* Port calls made so far. */
    enum hx_http_method method;
    char target[1024];
    char body[4096];
};

struct world {
    struct hx_host *sim;
    struct hx_sim_config config;
    struct hx_sim_pair settings[WORLD_PAIRS_MAX], kv[WORLD_PAIRS_MAX];
    struct hx_sim_fault faults[WORLD_PAIRS_MAX];
    bool started;
    uint32_t tags;
    struct world_wire wire[WORLD_WIRE_MAX];
    uint32_t wire_count;
    char key_row[256];
    char text[WORLD_TEXT_MAX];
    char scratch[1024 * 1024];
};

static struct world world;

/* What the test sets before it begins. */

static inline void world_setting(const char *name, const char *value) {
    assert_false(world.started);
    uint32_t i = 0;
    while (i < world.config.setting_count && strcmp(world.settings[i].name, name) != 0) i++;
    assert_true(i < WORLD_PAIRS_MAX);
    if (i == world.config.setting_count) world.config.setting_count++;
    world.settings[i] = (struct hx_sim_pair){name, value};
}

static inline void world_kv(const char *key, const char *value) {
    assert_false(world.started);
    assert_true(world.config.kv_count < WORLD_PAIRS_MAX);
    world.kv[world.config.kv_count++] = (struct hx_sim_pair){key, value};
}

/* The port call with that number (from 0) is hit. In ascending order of point. */
static inline void world_fault_at(uint32_t point, enum hx_sim_fault_kind kind, int64_t argument) {
    assert_false(world.started);
    assert_true(world.config.fault_count < WORLD_PAIRS_MAX);
    world.faults[world.config.fault_count++] = (struct hx_sim_fault){point, kind, argument};
}

/* Setup of every test: a new world that has not begun. */
static inline int world_reset(void **state) {
    (void)state;
    char digest[2 * HX_SHA256_LEN + 1] = {0};
    struct hx_buf buf;
    world.started = false;
    world.tags = world.wire_count = 0;
    world.config = (struct hx_sim_config){.seed = 7,
                                          .start_ms = WORLD_START_MS,
                                          .settings = world.settings,
                                          .kv = world.kv,
                                          .faults = world.faults,
                                          .store_ms_max = 1,
                                          .network_ms_max = 5};
    world_setting("HOOX_BINANCE_FUTURES_URL", "http://venue.sim");
    world_setting("HOOX_BINANCE_SPOT_URL", "http://venue.sim");
    world_setting("BINANCE_API_KEY", HX_LAB_API_KEY);
    hx_buf_init(&buf, digest, sizeof(digest) - 1);
    hx_key_add_digest(&buf, HX_STR(WORLD_KEY));
    snprintf(world.key_row, sizeof(world.key_row), "{\"digest\":\"%s\",\"created\":0,\"expires\":0}", digest);
    world_kv(HX_KEYS_PREFIX "test", world.key_row);
    world_kv("exchanges:default_routing", "binance");
    return 0;
}

static inline int world_make(void **state) {
    (void)state;
    world.sim = hx_sim_make();
    return world.sim == NULL;
}

static inline int world_release(void **state) {
    (void)state;
    hx_sim_release(world.sim);
    return 0;
}

/* Beginning. */

static inline void world_on_wire(void *context, struct hx_host *sim, const struct hx_http_call *call) {
    (void)context;
    if (world.wire_count == WORLD_WIRE_MAX) return;
    struct world_wire *wire = &world.wire[world.wire_count++];
    *wire =
        (struct world_wire){.at = hx_sim_now(sim), .point = hx_sim_get_counters(sim)->points, .method = call->method};
    snprintf(wire->target, sizeof(wire->target), "%.*s", (int)call->target.len, call->target.data);
    snprintf(wire->body, sizeof(wire->body), "%.*s", (int)call->body.len, call->body.data);
}

static inline hx_dec world_dec(const char *text) {
    hx_dec value = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_parse(hx_str_from_c(text), &value)));
    return value;
}

static inline struct hx_lab *world_lab(void) {
    return hx_sim_lab(world.sim);
}

/* Pins the price; what rests meets it at once. */
static inline void world_price(const char *symbol, const char *price) {
    hx_lab_advance(world_lab(), hx_sim_now(world.sim));
    assert_true(hx_ok(hx_lab_set_price(world_lab(), hx_str_from_c(symbol), world_dec(price))));
}

static inline void world_begin(void) {
    if (world.started) return;
    world.started = true;
    if (getenv("WORLD_STORY") != NULL) world.config.story = stderr;
    hx_sim_reset(world.sim, &world.config);
    hx_sim_observe(world.sim, &(struct hx_sim_observer){.on_wire = world_on_wire});
    world_price("BTCUSDT", "60000");
    world_price("ETHUSDT", "3000");
    hx_sim_run_until(world.sim, world.config.start_ms + 1000);
}

static inline void world_check(void) {
    const char *violation = hx_sim_violation_number(world.sim);
    if (violation != NULL) fail_msg("%s: %s", violation, hx_sim_violation_text(world.sim));
}

static inline hx_time world_now(void) {
    world_begin();
    return hx_sim_now(world.sim);
}

/* Lets time go by. */
static inline void world_pass(int64_t ms) {
    world_begin();
    hx_sim_run_until(world.sim, hx_sim_now(world.sim) + ms);
    world_check();
}

/* From now on the process is dead for so long. */
static inline void world_crash(int64_t down_ms) {
    world_begin();
    hx_sim_add_crash(world.sim, hx_sim_now(world.sim), down_ms);
}

static inline void world_fault(const struct hx_lab_fault *fault) {
    world_begin();
    assert_true(hx_ok(hx_lab_add_fault(world_lab(), fault)));
}

/* The next `count` orders get this fault of network or venue. */
static inline void world_trouble(enum hx_sim_fault_kind kind, uint32_t count, int64_t argument) {
    hx_sim_add_venue_trouble(world.sim, world_now(), kind, count, argument, HX_STR_EMPTY);
}

/* Callers. */

/* Sends without waiting; the tag names the call. */
static inline uint32_t world_send(const struct hx_sim_call *call) {
    world_begin();
    struct hx_sim_call copy = *call;
    copy.tag = ++world.tags;
    if (copy.at_ms == 0) copy.at_ms = hx_sim_now(world.sim);
    if (copy.sends_max == 0) copy.sends_max = 1;
    hx_sim_add_call(world.sim, &copy);
    return copy.tag;
}

/* The latest send of a call. */
static inline const struct hx_sim_exchange *world_find(uint32_t tag) {
    for (uint32_t i = hx_sim_exchange_count(world.sim); i > 0; i--) {
        const struct hx_sim_exchange *exchange = hx_sim_get_exchange(world.sim, i - 1);
        if (exchange->tag == tag) return exchange;
    }
    return NULL;
}

/* The answer to a call; time passes until it is there. */
static inline const struct hx_sim_exchange *world_await(uint32_t tag) {
    hx_time until = hx_sim_now(world.sim) + 5 * HX_MS_PER_MINUTE;
    for (;;) {
        const struct hx_sim_exchange *exchange = world_find(tag);
        if (exchange != NULL && exchange->answered) return exchange;
        if (hx_sim_now(world.sim) > until || !hx_sim_step(world.sim)) break;
    }
    world_check();
    fail_msg("call %u is never answered", tag);
    abort();
}

static inline uint32_t world_send_alert(const char *fields, const char *header) {
    static char body[70000];
    snprintf(body, sizeof(body), "{\"apiKey\":\"" WORLD_KEY "\",%s}", fields);
    return world_send(&(struct hx_sim_call){.method = HX_HTTP_METHOD_POST,
                                            .path = HX_STR("/webhook"),
                                            .body = hx_str_from_c(body),
                                            .peer_address = HX_STR(WORLD_TRADINGVIEW),
                                            .idempotency_key = hx_str_from_c(header)});
}

static inline const struct hx_sim_exchange *world_alert(const char *fields) {
    return world_await(world_send_alert(fields, NULL));
}

static inline const struct hx_sim_exchange *world_alert_with_header(const char *fields, const char *header) {
    return world_await(world_send_alert(fields, header));
}

static inline uint32_t world_send_command(enum hx_http_method method, const char *path, const char *body) {
    return world_send(&(struct hx_sim_call){
        .method = method, .path = hx_str_from_c(path), .body = hx_str_from_c(body), .from_operator = true});
}

static inline const struct hx_sim_exchange *world_command(enum hx_http_method method, const char *path,
                                                          const char *body) {
    return world_await(world_send_command(method, path, body));
}

/* Sets a key of the manifest as the owner does. */
static inline void world_set(const char *key, const char *value) {
    char path[400];
    snprintf(path, sizeof(path), "/v1/kv/%s", key);
    assert_int_equal(world_command(HX_HTTP_METHOD_PUT, path, value)->status, 200);
}

/* One event, handled without a caller between, so that the whole reply can be looked at. */
struct world_answer {
    uint32_t status;
    char headers[1024]; /* "Name: value" lines. */
    hx_str body;
};

struct world_question {
    const struct hx_event *event;
    struct world_answer *answer;
};

static inline void world_handle_in_request(struct hx_req *req, void *context) {
    struct world_question *question = context;
    struct world_answer *answer = question->answer;
    struct hx_reply reply;
    hx_app_handle(req, question->event, &reply);
    struct hx_buf headers, body;
    hx_buf_init(&headers, answer->headers, sizeof(answer->headers) - 1);
    for (uint32_t i = 0; i < reply.header_count; i++) {
        hx_buf_add(&headers, reply.headers[i].name);
        hx_buf_add_c(&headers, ": ");
        hx_buf_add(&headers, reply.headers[i].value);
        hx_buf_add_char(&headers, '\n');
    }
    answer->headers[headers.len] = '\0';
    hx_buf_init(&body, world.text, sizeof(world.text));
    hx_buf_add(&body, reply.body);
    answer->status = reply.status;
    answer->body = hx_buf_str(&body);
}

/* The answer lives until the next word that reads rows or asks. */
static inline const struct world_answer *world_handle(const struct hx_event *event) {
    static struct world_answer answer;
    struct world_question question = {event, &answer};
    world_begin();
    memset(&answer, 0, sizeof(answer));
    hx_sim_run_request(world.sim, world_handle_in_request, &question);
    world_check();
    return &answer;
}

/* Asking. */

/* A member of a JSON text by path ("error.details.0.field"); "-" when absent, "null", "true", "{...}" for what is no
 * text. Fails when it is no JSON. The text lives until a few calls later. */
static inline const char *world_json(hx_str json, const char *path) {
    static char found[8][1024];
    static uint32_t turn;
    char *out = found[turn++ % 8];
    struct hx_arena arena;
    const struct hx_json *node = NULL;
    hx_str rest = hx_str_from_c(path), part;
    hx_arena_init(&arena, world.scratch, sizeof(world.scratch));
    if (hx_failed(hx_json_parse(&arena, json, &node, NULL))) fail_msg("no JSON: %.*s", (int)json.len, json.data);
    while (node != NULL && hx_str_split(&rest, '.', &part)) {
        uint64_t index = 0;
        bool by_index = node->type == HX_JSON_ARRAY && hx_ok(hx_str_parse_u64(part, &index));
        node = by_index ? hx_json_at(node, (uint32_t)index) : hx_json_find(node, part);
    }
    hx_str text = HX_STR("-");
    if (node != NULL) {
        text = node->text;
        if (node->type == HX_JSON_NULL) text = HX_STR("null");
        if (node->type == HX_JSON_BOOL) text = node->boolean ? HX_STR("true") : HX_STR("false");
        if (node->type == HX_JSON_OBJECT || node->type == HX_JSON_ARRAY) text = HX_STR("{...}");
    }
    snprintf(out, sizeof(found[0]), "%.*s", (int)text.len, text.data);
    return out;
}

static inline const char *world_member(const struct hx_sim_exchange *exchange, const char *path) {
    return world_json(exchange->reply_body, path);
}

/* Rows of the ledger: cells joined by '|', rows by a space. `sql` is constant text. */
static inline const char *world_rows(const char *sql) {
    struct hx_db_rows rows;
    struct hx_buf buf;
    world_begin();
    hx_sim_query(world.sim, sql, NULL, 0, &rows);
    hx_buf_init(&buf, world.text, sizeof(world.text) - 1);
    for (uint32_t i = 0; i < rows.row_count * rows.column_count; i++) {
        const struct hx_db_value *cell = &rows.cells[i];
        if (i > 0) hx_buf_add_char(&buf, i % rows.column_count == 0 ? ' ' : '|');
        if (cell->type == HX_DB_INT) hx_buf_add_i64(&buf, cell->integer);
        else hx_buf_add(&buf, cell->type == HX_DB_NULL ? HX_STR("null") : cell->text);
    }
    world.text[buf.len] = '\0';
    return world.text;
}

#define assert_rows(sql, expected) assert_string_equal(world_rows(sql), expected)

/* Id of the n-th signal accepted, from 0. */
static inline const char *world_signal_id(uint32_t index) {
    static char ids[4][64];
    struct hx_db_rows rows;
    const struct hx_db_value param = {HX_DB_INT, index, HX_STR_EMPTY};
    hx_sim_query(world.sim, "SELECT id FROM signals ORDER BY seq LIMIT 1 OFFSET ?1", &param, 1, &rows);
    assert_int_equal(rows.row_count, 1);
    snprintf(ids[index % 4], sizeof(ids[0]), "%.*s", (int)rows.cells[0].text.len, rows.cells[0].text.data);
    return ids[index % 4];
}

/* POST /v1/queue/<id of the n-th signal>/<verb>. */
static inline const struct hx_sim_exchange *world_queue(uint32_t index, const char *verb) {
    char path[400];
    snprintf(path, sizeof(path), "/v1/queue/%s/%s", world_signal_id(index), verb);
    return world_command(HX_HTTP_METHOD_POST, path, "{}");
}

static inline bool world_is_order(const struct world_wire *wire) {
    return wire->method == HX_HTTP_METHOD_POST && strncmp(wire->target, "/fapi/v1/order", 14) == 0;
}

/* How many orders left for the venue so far. */
static inline uint32_t world_orders_sent(void) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < world.wire_count; i++) count += world_is_order(&world.wire[i]);
    return count;
}

/* The n-th request that left and whose target begins so; NULL: there is none. */
static inline const struct world_wire *world_wire_at(const char *target, uint32_t index) {
    for (uint32_t i = 0; i < world.wire_count; i++) {
        if (strncmp(world.wire[i].target, target, strlen(target)) == 0 && index-- == 0) return &world.wire[i];
    }
    return NULL;
}

/* Port calls of one kind among those numbered from..to-1. */
static inline uint32_t world_ops(enum hx_op op, uint32_t from, uint32_t to) {
    uint32_t count = 0;
    for (uint32_t point = from; point < to; point++) count += hx_sim_op_at(world.sim, point) == op;
    return count;
}

static inline uint32_t world_points(void) {
    return hx_sim_get_counters(world.sim)->points;
}

/* The venue. */

static inline const char *world_format(hx_dec value) {
    static char texts[8][HX_DEC_TEXT_MAX + 1];
    static uint32_t turn;
    char *text = texts[turn++ % 8];
    struct hx_buf buf;
    hx_buf_init(&buf, text, HX_DEC_TEXT_MAX);
    hx_dec_add_to(&buf, value);
    text[buf.len] = '\0';
    return text;
}

static inline const char *world_venue_holds(const char *symbol) {
    struct hx_lab_position_view position;
    assert_true(hx_ok(hx_lab_get_position(world_lab(), hx_str_from_c(symbol), HX_LAB_BOTH, &position)));
    return world_format(position.quantity);
}

/* The owner at the exchange's own screen: a signed request with the same credentials. */
static inline void world_by_hand(enum hx_http_method method, const char *path, const char *params) {
    static char query[512];
    struct hx_buf buf;
    uint8_t digest[HX_SHA256_LEN];
    struct hx_lab_response answer;
    world_begin();
    hx_buf_init(&buf, query, sizeof(query) - 1);
    hx_buf_add_c(&buf, params);
    hx_buf_add_c(&buf, "&timestamp=");
    hx_buf_add_i64(&buf, hx_sim_now(world.sim));
    hx_hmac_sha256(HX_STR(HX_LAB_API_SECRET), hx_buf_str(&buf), digest);
    hx_buf_add_c(&buf, "&signature=");
    hx_buf_add_hex(&buf, digest, sizeof(digest));
    const struct hx_http_header header = {HX_STR("X-MBX-APIKEY"), HX_STR(HX_LAB_API_KEY)};
    const struct hx_lab_request request = {.method = method,
                                           .path = hx_str_from_c(path),
                                           .query = hx_buf_str(&buf),
                                           .headers = &header,
                                           .header_count = 1};
    hx_lab_handle(world_lab(), hx_sim_now(world.sim), &request, &answer);
    if (answer.status != 200) fail_msg("by hand: %.*s", (int)answer.body.len, answer.body.data);
}

static inline void world_trade_by_hand(const char *symbol, const char *side, const char *quantity) {
    char params[200];
    snprintf(params, sizeof(params), "symbol=%s&type=MARKET&side=%s&quantity=%s", symbol, side, quantity);
    world_by_hand(HX_HTTP_METHOD_POST, "/fapi/v1/order", params);
}

static inline void world_cancel_by_hand(const char *symbol) {
    char params[200];
    snprintf(params, sizeof(params), "symbol=%s", symbol);
    world_by_hand(HX_HTTP_METHOD_DELETE, "/fapi/v1/allOpenOrders", params);
}

/* Ledger and venue agree on what is held, and every fill of ours is in the ledger once. */
static inline void world_check_books(void) {
    char sums[64];
    snprintf(sums, sizeof(sums), "%u", hx_lab_fill_count(world_lab()));
    assert_rows("SELECT count(*) FROM fills", sums);
    for (uint32_t i = 0; i < hx_lab_symbol_count(world_lab()); i++) {
        struct hx_lab_position_view position;
        struct hx_db_rows rows;
        hx_str symbol = hx_lab_symbol_name(world_lab(), i);
        assert_true(hx_ok(hx_lab_get_position(world_lab(), symbol, HX_LAB_BOTH, &position)));
        const struct hx_db_value param = {HX_DB_TEXT, 0, symbol};
        hx_sim_query(world.sim, "SELECT quantity FROM positions WHERE symbol = ?1", &param, 1, &rows);
        char ledger[HX_DEC_TEXT_MAX + 1] = "0";
        if (rows.row_count == 1)
            snprintf(ledger, sizeof(ledger), "%.*s", (int)rows.cells[0].text.len, rows.cells[0].text.data);
        assert_string_equal(ledger, world_format(position.quantity));
    }
}

/* Runs the test list in worlds of its own. */
#define world_test(function) cmocka_unit_test_setup(function, world_reset)
#define world_run(tests) cmocka_run_group_tests(tests, world_make, world_release)

#endif
