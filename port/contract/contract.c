#include "port/contract/contract.h"

#define CHECK HX_CONTRACT_CHECK
#define LANE_A HX_STR("contract:a")
#define LANE_B HX_STR("contract:b")
#define LANE_C HX_STR("contract:c")
#define WAIT_MS_MAX 20000 /* Only a broken host lets a case wait so long. */
#define LOOK_MS 25        /* So often that the request's calls last for as long. */

/* Case of the LANE_DUE events: what a woken lane does depends on its name. */
static void handle_due(struct hx_req *req, const struct hx_event *event);

static struct hx_db_value text_of(hx_str text) {
    return (struct hx_db_value){HX_DB_TEXT, 0, text};
}

static struct hx_db_stmt insert_meta(const struct hx_db_value params[2]) {
    return (struct hx_db_stmt){"INSERT INTO meta (name, value) VALUES (?1, ?2)", params, 2, 1};
}

static hx_err put_meta(struct hx_req *req, hx_str name, hx_str value) {
    struct hx_db_value params[2] = {text_of(name), text_of(value)};
    struct hx_db_stmt stmt = insert_meta(params);
    return hx_port_db_batch(req, &stmt, 1, NULL);
}

/* Rows of meta whose name begins so. */
static int64_t count_meta(struct hx_req *req, hx_str prefix) {
    struct hx_db_value param = text_of(prefix);
    struct hx_db_stmt stmt = {"SELECT count(*) FROM meta WHERE substr(name, 1, length(?1)) = ?1", &param, 1,
                              HX_DB_EXPECT_ANY};
    struct hx_db_rows rows;
    if (hx_failed(hx_port_db_query(req, &stmt, &rows)) || rows.row_count != 1) return -1;
    return rows.cells[0].integer;
}

static const char *clock_and_random(struct hx_req *req) {
    hx_time first = hx_port_now(req);
    CHECK(first > (hx_time)1577836800000); /* 2020. */
    CHECK(hx_port_now(req) >= first);
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    hx_port_random(req, a, sizeof(a));
    hx_port_random(req, b, sizeof(b));
    CHECK(!hx_mem_equal(a, b, sizeof(a)));
    hx_port_log(req, HX_LOG_INFO, HX_STR("contract"), HX_STR("a line with \"quotes\" and a \n line end"));
    return NULL;
}

static const char *setting(struct hx_req *req) {
    hx_str value;
    CHECK(hx_ok(hx_port_setting(req, HX_STR("HOOX_CONTRACT_SETTING"), &value)));
    CHECK(hx_str_equal(value, HX_STR("plain")));
    CHECK(hx_err_equal(hx_port_setting(req, HX_STR("HOOX_NO_SUCH"), &value), HX_ERR(ABSENT_KEY)));
    CHECK(hx_err_equal(hx_port_setting(req, HX_STR("HOOX_CONTRACT_SECRET"), &value), HX_ERR(ABSENT_KEY)));
    return NULL;
}

static const char *sign(struct hx_req *req) {
    hx_str hex;
    hx_str text = HX_STR("The quick brown fox jumps over the lazy dog");
    CHECK(hx_ok(hx_port_sign(req, HX_STR("HOOX_CONTRACT_SECRET"), text, &hex)));
    CHECK(hx_str_equal(hex, HX_STR("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")));
    CHECK(hx_err_equal(hx_port_sign(req, HX_STR("HOOX_NO_SUCH_SECRET"), text, &hex), HX_ERR(ABSENT_KEY)));
    return NULL;
}

/* P1: all or nothing, with the failing statement named. P2: a query sees what was reported as done. */
static const char *batch_atomic(struct hx_req *req) {
    struct hx_db_value one[2] = {text_of(HX_STR("batch:1")), text_of(HX_STR("x"))};
    struct hx_db_value two[2] = {text_of(HX_STR("batch:2")), text_of(HX_STR("y"))};
    struct hx_db_stmt update_none = {"UPDATE meta SET value = 'z' WHERE name = 'batch:none'", NULL, 0, 1};
    uint32_t failed = 77;
    struct hx_db_stmt good[] = {insert_meta(one)};
    CHECK(hx_ok(hx_port_db_batch(req, good, 1, &failed)));
    CHECK(failed == 0 && count_meta(req, HX_STR("batch:")) == 1);
    struct hx_db_stmt taken[] = {insert_meta(two), insert_meta(one)};
    CHECK(hx_err_equal(hx_port_db_batch(req, taken, 2, &failed), HX_ERR(CONFLICT_KEY)));
    CHECK(failed == 1 && count_meta(req, HX_STR("batch:")) == 1);
    struct hx_db_stmt unmet[] = {insert_meta(two), update_none};
    CHECK(hx_err_equal(hx_port_db_batch(req, unmet, 2, &failed), HX_ERR(CONFLICT_CONDITION)));
    CHECK(failed == 1 && count_meta(req, HX_STR("batch:")) == 1);
    update_none.expect_changes = HX_DB_EXPECT_ANY;
    struct hx_db_stmt met[] = {update_none, insert_meta(two)};
    CHECK(hx_ok(hx_port_db_batch(req, met, 2, NULL)));
    CHECK(count_meta(req, HX_STR("batch:")) == 2);
    struct hx_db_stmt rejected = {"INSERT INTO meta (name, value) VALUES ('batch:3', NULL)", NULL, 0, 1};
    CHECK(hx_err_is(hx_port_db_batch(req, &rejected, 1, &failed), HX_CLASS_REJECT));
    CHECK(count_meta(req, HX_STR("batch:")) == 2);
    return NULL;
}

static const char *query_values(struct hx_req *req) {
    struct hx_db_value params[] = {{HX_DB_NULL, 0, HX_STR_EMPTY},        {HX_DB_INT, INT64_MAX, HX_STR_EMPTY},
                                   {HX_DB_INT, INT64_MIN, HX_STR_EMPTY}, {HX_DB_TEXT, 0, HX_STR("it's \xc3\xa4")},
                                   {HX_DB_TEXT, 0, HX_STR_EMPTY},        {HX_DB_BLOB, 0, HX_STR("\x00\xff")}};
    struct hx_db_stmt stmt = {"SELECT ?1, ?2, ?3, ?4, ?5, ?6", params, 6, HX_DB_EXPECT_ANY};
    struct hx_db_rows rows;
    CHECK(hx_ok(hx_port_db_query(req, &stmt, &rows)));
    CHECK(rows.row_count == 1 && rows.column_count == 6);
    for (uint32_t i = 0; i < 6; i++) {
        CHECK(rows.cells[i].type == params[i].type);
        CHECK(rows.cells[i].integer == params[i].integer);
        CHECK(hx_str_equal(rows.cells[i].text, params[i].text));
    }
    struct hx_db_stmt none = {"SELECT name FROM meta WHERE name = 'no such'", NULL, 0, HX_DB_EXPECT_ANY};
    CHECK(hx_ok(hx_port_db_query(req, &none, &rows)) && rows.row_count == 0);
    struct hx_db_stmt large = {"SELECT zeroblob(1000000)", NULL, 0, HX_DB_EXPECT_ANY};
    CHECK(hx_err_equal(hx_port_db_query(req, &large, &rows), HX_ERR(LIMIT_ARENA)));
    CHECK(rows.row_count == 0);
    return NULL;
}

static const char *kv(struct hx_req *req) {
    hx_str value;
    CHECK(hx_err_equal(hx_port_kv_get(req, HX_STR("contract:a"), HX_KV_STRONG, &value), HX_ERR(ABSENT_KEY)));
    CHECK(hx_ok(hx_port_kv_put(req, HX_STR("contract:b"), HX_STR("1"))));
    CHECK(hx_ok(hx_port_kv_put(req, HX_STR("contract:a"), HX_STR("2"))));
    CHECK(hx_ok(hx_port_kv_put(req, HX_STR("contract:b"), HX_STR("three"))));
    CHECK(hx_ok(hx_port_kv_put(req, HX_STR("contracts"), HX_STR_EMPTY)));
    CHECK(hx_ok(hx_port_kv_get(req, HX_STR("contract:b"), HX_KV_STRONG, &value)));
    CHECK(hx_str_equal(value, HX_STR("three")));
    CHECK(hx_ok(hx_port_kv_get(req, HX_STR("contracts"), HX_KV_STRONG, &value)) && value.len == 0);
    const struct hx_kv_entry *entries = NULL;
    uint32_t count = 0;
    CHECK(hx_ok(hx_port_kv_list(req, HX_STR("contract:"), &entries, &count)) && count == 2);
    CHECK(hx_str_equal(entries[0].key, HX_STR("contract:a")) && hx_str_equal(entries[1].value, HX_STR("three")));
    CHECK(hx_ok(hx_port_kv_delete(req, HX_STR("contract:b"))));
    CHECK(hx_ok(hx_port_kv_delete(req, HX_STR("contract:b"))));
    CHECK(hx_err_equal(hx_port_kv_get(req, HX_STR("contract:b"), HX_KV_STRONG, &value), HX_ERR(ABSENT_KEY)));
    CHECK(hx_ok(hx_port_kv_list(req, HX_STR("contract:"), &entries, &count)) && count == 1);
    return NULL;
}

/* P4 lets a memo forget, but not lie. */
static const char *memo(struct hx_req *req) {
    hx_str value;
    CHECK(hx_err_equal(hx_port_memo_get(req, HX_STR("contract:m"), &value), HX_ERR(ABSENT_KEY)));
    hx_port_memo_put(req, HX_STR("contract:m"), HX_STR("1"));
    hx_port_memo_put(req, HX_STR("contract:m"), HX_STR("22"));
    hx_err err = hx_port_memo_get(req, HX_STR("contract:m"), &value);
    CHECK(hx_ok(err) ? hx_str_equal(value, HX_STR("22")) : hx_err_equal(err, HX_ERR(ABSENT_KEY)));
    uint64_t first = hx_port_memo_count(req, HX_STR("contract:n"), 2, HX_MS_PER_DAY);
    uint64_t second = hx_port_memo_count(req, HX_STR("contract:n"), 3, HX_MS_PER_DAY);
    CHECK(first == 2 && (second == 5 || second == 3));
    CHECK(hx_port_memo_count(req, HX_STR("contract:o"), 1, HX_MS_PER_DAY) == 1);
    return NULL;
}

static const char *sleep_until(struct hx_req *req) {
    hx_time until = hx_port_now(req) + 30;
    CHECK(hx_ok(hx_port_sleep(req, until)));
    CHECK(hx_port_now(req) >= until);
    CHECK(hx_ok(hx_port_sleep(req, until - 1000)));
    return NULL;
}

static const char *wait_for_rows(struct hx_req *req, hx_str prefix, int64_t count) {
    hx_time limit = hx_port_now(req) + WAIT_MS_MAX;
    while (count_meta(req, prefix) < count) {
        CHECK(hx_port_now(req) < limit);
        CHECK(hx_ok(hx_port_sleep(req, hx_port_now(req) + LOOK_MS)));
    }
    return NULL;
}

/* P6: nobody enters a held lane, another lane is free, and a wake-up waits its turn. P5: not before its time. */
static const char *lane_exclusive(struct hx_req *req) {
    CHECK(hx_ok(hx_port_lane_lock(req, LANE_A)));
    hx_time due = hx_port_now(req) + 20;
    hx_port_queue_send(req, LANE_A, due);
    hx_port_queue_send(req, LANE_B, due);
    const char *problem = wait_for_rows(req, HX_STR("contract:b"), 1);
    if (problem != NULL) return problem;
    CHECK(hx_port_now(req) >= due);
    CHECK(hx_ok(hx_port_sleep(req, hx_port_now(req) + 50)));
    CHECK(count_meta(req, HX_STR("contract:a")) == 0);
    hx_port_lane_unlock(req);
    return wait_for_rows(req, HX_STR("contract:a"), 1);
}

/* The name of a row that says when LANE_C was woken; names sort by time. */
static hx_str woken_at(hx_time now, char out[48]) {
    struct hx_buf buf;
    hx_buf_init(&buf, out, 48);
    hx_buf_add_c(&buf, "woken:");
    hx_buf_add_i64(&buf, now);
    return hx_buf_str(&buf);
}

/* How often LANE_C was woken at `from` or later, but before `to`. */
static int64_t count_woken(struct hx_req *req, hx_time from, hx_time to) {
    char names[2][48];
    struct hx_db_value params[] = {text_of(woken_at(from, names[0])), text_of(woken_at(to, names[1]))};
    struct hx_db_stmt stmt = {"SELECT count(*) FROM meta WHERE name >= ?1 AND name < ?2", params, 2, HX_DB_EXPECT_ANY};
    struct hx_db_rows rows;
    return hx_ok(hx_port_db_query(req, &stmt, &rows)) && rows.row_count == 1 ? rows.cells[0].integer : -1;
}

/* P5: each message is followed by an event at or after its time, however many are on their way: those that are due much
 * later, sent before it or after it, hold up none. */
static const char *queue_each(struct hx_req *req) {
    hx_time now = hx_port_now(req);
    const int64_t delays_ms[] = {60, 2 * WAIT_MS_MAX, 20, 150, 20, 60, 61, 3 * WAIT_MS_MAX};
    for (uint32_t i = 0; i < 8; i++) hx_port_queue_send(req, LANE_C, now + delays_ms[i]);
    hx_time limit = now + WAIT_MS_MAX;
    while (count_woken(req, now + 150, limit) < 1) {
        CHECK(hx_port_now(req) < limit);
        CHECK(hx_ok(hx_port_sleep(req, hx_port_now(req) + LOOK_MS)));
    }
    CHECK(count_woken(req, now, now + 20) == 0);
    return NULL;
}

static void handle_due(struct hx_req *req, const struct hx_event *event) {
    char name[48];
    if (hx_str_equal(event->lane, LANE_C)) {
        hx_err noted = put_meta(req, woken_at(hx_port_now(req), name), HX_STR("1"));
        if (hx_failed(noted)) hx_port_log(req, HX_LOG_INFO, HX_STR("woken twice in one millisecond"), HX_STR_EMPTY);
        return;
    }
    if (hx_failed(hx_port_lane_lock(req, event->lane))) return;
    /* P5: the same message may come twice; the second finds the row there. */
    hx_err err = put_meta(req, event->lane, HX_STR("woken"));
    if (hx_failed(err)) hx_port_log(req, HX_LOG_INFO, HX_STR("woken again"), hx_str_from_c(hx_err_name(err)));
    hx_port_lane_unlock(req);
}

static const char *lane_call(struct hx_req *req) {
    struct hx_event event = {.kind = HX_EVENT_SIGNAL, .lane = LANE_A, .body = HX_STR("ping")};
    struct hx_reply reply = {.status = 0};
    CHECK(hx_ok(hx_port_lane_call(req, LANE_A, &event, &reply)));
    CHECK(reply.status == 299 && hx_str_equal(reply.body, HX_STR("ping")));
    return NULL;
}

static const char *early_reply(struct hx_req *req) {
    struct hx_reply early = {.status = 202, .body = HX_STR("{\"early\":true}")};
    struct hx_reply earlier = {.status = 203, .body = HX_STR("{}")};
    hx_time now = hx_port_now(req);
    hx_port_reply_by(req, now + 20, &earlier);
    hx_port_reply_by(req, now + 50, &early);
    CHECK(hx_ok(hx_port_sleep(req, now + 200)));
    CHECK(hx_ok(put_meta(req, HX_STR("early:after"), HX_STR("went on"))));
    return NULL;
}

static const char *early_went_on(struct hx_req *req) {
    return wait_for_rows(req, HX_STR("early:after"), 1);
}

static const char *late_reply(struct hx_req *req) {
    struct hx_reply early = {.status = 202, .body = HX_STR("{}")};
    hx_port_reply_by(req, hx_port_now(req) + 60000, &early);
    return NULL;
}

/* A request that went wrong ends in errors, not in a loop without end (HX_REQUEST_CALLS_MAX). */
static const char *budget(struct hx_req *req) {
    hx_str value;
    uint32_t calls = 0;
    hx_err err = HX_ERR(ABSENT_KEY);
    while (hx_err_equal(err, HX_ERR(ABSENT_KEY)) && calls <= HX_REQUEST_CALLS_MAX) {
        err = hx_port_memo_get(req, HX_STR("contract:none"), &value);
        calls++;
    }
    CHECK(hx_err_equal(err, HX_ERR(LIMIT_COUNT)) && calls == HX_REQUEST_CALLS_MAX + 1);
    CHECK(hx_err_equal(hx_port_kv_put(req, HX_STR("over"), HX_STR("budget")), HX_ERR(LIMIT_COUNT)));
    return NULL;
}

static const char *budget_had_no_effect(struct hx_req *req) {
    hx_str value;
    CHECK(hx_err_equal(hx_port_kv_get(req, HX_STR("over"), HX_KV_STRONG, &value), HX_ERR(ABSENT_KEY)));
    return NULL;
}

static const struct {
    struct hx_contract_case about;
    hx_contract_fn function; /* NULL: in outward.c or socket.c. */
} cases[] = {
    {{"/contract/clock-and-random", 200, "now random log"}, clock_and_random},
    {{"/contract/setting", 200, "setting"}, setting},
    {{"/contract/sign", 200, "sign"}, sign},
    {{"/contract/batch-atomic", 200, "db_batch db_query"}, batch_atomic},
    {{"/contract/query-values", 200, "db_query"}, query_values},
    {{"/contract/kv", 200, "kv_get kv_list kv_put kv_delete"}, kv},
    {{"/contract/memo", 200, "memo_get memo_put memo_count"}, memo},
    {{"/contract/sleep", 200, "sleep"}, sleep_until},
    {{"/contract/lane-exclusive", 200, "lane_lock lane_unlock queue_send"}, lane_exclusive},
    {{"/contract/queue-each", 200, "queue_send"}, queue_each},
    {{"/contract/lane-call", 200, "lane_call"}, lane_call},
    {{"/contract/early-reply", 202, "reply_by"}, early_reply},
    {{"/contract/early-went-on", 200, "reply_by"}, early_went_on},
    {{"/contract/late-reply", 200, "reply_by"}, late_reply},
    {{"/contract/budget", 200, "trace"}, budget},
    {{"/contract/budget-had-no-effect", 200, "trace"}, budget_had_no_effect},
    {{"/contract/http-answer", 200, "http_prepare http_send"}, NULL},
    {{"/contract/http-not-sent", 200, "http_prepare http_send"}, NULL},
    {{"/contract/http-unknown", 200, "http_send"}, NULL},
    {{"/contract/http-too-long", 200, "http_send"}, NULL},
    {{"/contract/socket-answer", 200, "socket_prepare socket_ask"}, NULL},
    {{"/contract/socket-not-sent", 200, "socket_prepare socket_ask"}, NULL},
    {{"/contract/socket-unknown", 200, "socket_ask"}, NULL},
};

uint32_t hx_contract_case_count(void) {
    return (uint32_t)(sizeof(cases) / sizeof(cases[0]));
}

const struct hx_contract_case *hx_contract_case_at(uint32_t index) {
    hx_assert(index < hx_contract_case_count());
    return &cases[index].about;
}

static hx_contract_fn find(hx_str path) {
    for (uint32_t i = 0; i < hx_contract_case_count(); i++) {
        if (!hx_str_equal(path, hx_str_from_c(cases[i].about.path))) continue;
        if (cases[i].function != NULL) return cases[i].function;
        hx_contract_fn outward = hx_contract_find_outward(path);
        return outward != NULL ? outward : hx_contract_find_socket(path);
    }
    return NULL;
}

void hx_contract_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    *reply = (struct hx_reply){.status = 0};
    switch (event->kind) {
        case HX_EVENT_TICK:
        case HX_EVENT_STREAM:
            return;
        case HX_EVENT_LANE_DUE:
            handle_due(req, event);
            return;
        case HX_EVENT_SIGNAL:
            reply->status = 299;
            reply->body = event->body;
            return;
        case HX_EVENT_HTTP:
            break;
    }
    hx_contract_fn function = find(event->path);
    const char *problem = function == NULL ? "no such case" : function(req);
    reply->status = problem == NULL ? 200 : 500;
    reply->body = hx_str_from_c(problem == NULL ? "holds" : problem);
}
