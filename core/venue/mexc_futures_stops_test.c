/* Goal: a stop of MEXC's contract API is what was asked for, is found again by its figures and by nothing less, and an
 * answer proves no more than it says. Method: golden requests; listed rows in the documented shape with each figure
 * spoilt in turn; then the client in front of a scripted venue: asked for before it is placed, cancelled by the id
 * that is looked up, never without one. */
#include "core/venue/mexc.h"
#include "test/venue/venue_host.h"

#define T0 ((hx_time)1764000000000)
#define ID "739114860879304259"
#define LIST "/api/v1/private/planorder/list/orders?end_time="
#define CANCEL "/api/v1/private/planorder/cancel"
#define PLACE "/api/v1/private/planorder/place/v2"
#define DATA(json) "{\"success\":true,\"code\":0,\"data\":" json "}"
#define FAILED(code) "{\"success\":false,\"code\":" code ",\"message\":\"m\"}"
#define ROW(id, state, more)                                                                      \
    "{\"id\":\"" id                                                                               \
    "\",\"symbol\":\"BTC_USDT\",\"leverage\":20,\"side\":4,\"triggerPrice\":58000.5,\"price\":0," \
    "\"vol\":120,\"openType\":2,\"triggerType\":2,\"state\":" state                               \
    ",\"executeCycle\":168,\"trend\":1,"                                                          \
    "\"orderType\":5," more                                                                       \
    "\"errorCode\":0,\"priceProtect\":0,\"createTime\":1763990000000,"                            \
    "\"updateTime\":1763990000000,\"positionMode\":1,\"lossTrend\":1,\"profitTrend\":1,\"reduceOnly\":true}"
#define WAITS ROW(ID, "1", "")
#define EXPIRES (1763990000000 + 7 * HX_MS_PER_DAY)

static struct hx_host host;
static struct hx_req req;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_venue_context ctx;
static struct hx_venue_call call;
static struct hx_symbol_rules rules;
static struct hx_stop_request sent;
static struct hx_stop_report stop;
static char bodies[8][256];
static uint32_t body_count;
static int64_t venue_ahead_ms;
static const struct hx_account futures = {.venue = HX_VENUE_MEXC, .market = HX_MARKET_FUTURES};
static const struct hx_venue_adapter *const a = &hx_mexc_futures;

/* MEXC's clock and the contract, and the script for everything else; bodies that were sent are kept. */
static hx_err serve(struct hx_req *request, const struct hx_http_call *asked, struct hx_http_answer *out) {
    char text[64];
    if (hx_str_equal(asked->target, HX_STR("/api/v1/contract/ping"))) {
        struct step step = {.status = 200, .body = text};
        snprintf(text, sizeof text, DATA("%lld"), (long long)(host.now + venue_ahead_ms));
        return host_deliver(request, asked, &step, out);
    }
    if (host.served == host.scripted) fail_msg("unexpected: %.*s", (int)asked->target.len, asked->target.data);
    const struct step *step = &host.script[host.served++];
    if (!hx_str_starts_with(asked->target, hx_str_from_c(step->target))) {
        fail_msg("%.*s is not %s", (int)asked->target.len, asked->target.data, step->target);
    }
    if (asked->body.len > 0) {
        assert_true(body_count < 8);
        snprintf(bodies[body_count++], sizeof bodies[0], "%.*s", (int)asked->body.len, asked->body.data);
    }
    return step->status == 0 ? step->err : host_deliver(request, asked, step, out);
}

static int setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = T0;
    host.secret = "secret";
    host.secret_name = "MEXC_API_SECRET";
    host.serve = serve;
    host_set(&host, "MEXC_API_KEY", "the-key");
    hx_req_init(&req, &host, memory, sizeof memory);
    body_count = 0;
    venue_ahead_ms = 0;
    rules = (struct hx_symbol_rules){.contract_size = {1, -4}, .step = {1, -4}};
    ctx = (struct hx_venue_context){.arena = &req.arena,
                                    .api_key = HX_STR("the-key"),
                                    .timestamp_ms = T0,
                                    .receive_window_ms = 2000,
                                    .rules = &rules};
    sent = (struct hx_stop_request){.symbol = HX_STR("BTCUSDT"),
                                    .kind = HX_STOP_LOSS,
                                    .side = HX_SIDE_SELL,
                                    .quantity = {12, -3},
                                    .trigger_price = {580005, -1}};
    memset(&stop, 0, sizeof stop);
    return 0;
}

static const char *body_of(void) {
    static char text[512];
    assert_true(hx_ok(a->encode_stop(&ctx, &sent, &call)));
    snprintf(text, sizeof text, "%.*s", (int)call.body.len, call.body.data);
    return text;
}

static void assert_str(hx_str text, const char *wanted) {
    if (!hx_str_equal(text, hx_str_from_c(wanted)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)text.len, text.data, wanted);
}

static void stops_are_encoded(void **state) {
    (void)state;
    assert_string_equal(body_of(),
                        "{\"symbol\":\"BTC_USDT\",\"vol\":120,\"side\":4,\"openType\":2,\"triggerPrice\":58000.5,"
                        "\"triggerType\":2,\"executeCycle\":2,\"orderType\":5,\"trend\":1}");
    assert_str(call.path, PLACE);
    assert_int_equal(call.method, HX_HTTP_METHOD_POST);
    assert_int_equal(call.order_count, 1);
    assert_int_equal(call.kind, HX_VENUE_CALL_OTHER);
    assert_true(hx_str_ends_with(call.sign_text, call.body) && call.query.len == 0);
    sent.by_mark = sent.isolated = true;
    sent.leverage = 5;
    sent.position_side = HX_POSITION_LONG;
    assert_string_equal(body_of(),
                        "{\"symbol\":\"BTC_USDT\",\"vol\":120,\"side\":4,\"openType\":1,\"leverage\":5,"
                        "\"triggerPrice\":58000.5,\"triggerType\":2,\"executeCycle\":2,\"orderType\":5,\"trend\":2}");
}

/* A stop-loss waits for what hurts, a take-profit for what pleases. */
static void the_direction_follows_from_kind_and_side(void **state) {
    static const struct {
        enum hx_stop_kind kind;
        enum hx_side side;
        const char *side_text, *trigger;
    } cases[] = {{HX_STOP_LOSS, HX_SIDE_SELL, "\"side\":4,", "\"triggerType\":2,"},
                 {HX_STOP_LOSS, HX_SIDE_BUY, "\"side\":2,", "\"triggerType\":1,"},
                 {HX_TAKE_PROFIT, HX_SIDE_SELL, "\"side\":4,", "\"triggerType\":1,"},
                 {HX_TAKE_PROFIT, HX_SIDE_BUY, "\"side\":2,", "\"triggerType\":2,"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sent.kind = cases[i].kind;
        sent.side = cases[i].side;
        assert_non_null(strstr(body_of(), cases[i].side_text));
        assert_non_null(strstr(body_of(), cases[i].trigger));
    }
}

static void stops_that_make_no_sense_are_refused(void **state) {
    const struct hx_stop_request right = sent;
    (void)state;
    sent.position_side = HX_POSITION_SHORT; /* A sale would open it. */
    assert_true(hx_err_is(a->encode_stop(&ctx, &sent, &call), HX_CLASS_REJECT));
    assert_true(hx_err_is(a->encode_stop_query(&ctx, &sent, &call), HX_CLASS_REJECT));
    sent = right;
    sent.trigger_price = HX_DEC_ZERO;
    assert_true(hx_err_is(a->encode_stop(&ctx, &sent, &call), HX_CLASS_REJECT));
    sent = right;
    sent.quantity = (hx_dec){15, -5};
    assert_true(hx_err_is(a->encode_stop(&ctx, &sent, &call), HX_CLASS_REJECT));
    assert_true(hx_str_starts_with(call.refusal, HX_STR("The quantity is not a whole number of MEXC's contracts")));
    assert_true(hx_err_is(a->encode_stop_query(&ctx, &sent, &call), HX_CLASS_REJECT));
    sent = right;
    static const char *const ids[] = {"", "0", "-7", "7a", "99999999999999999999"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        sent.venue_stop_id = hx_str_from_c(ids[i]);
        assert_true(hx_err_is(a->encode_stop_cancel(&ctx, &sent, &call), HX_CLASS_REJECT));
        assert_true(hx_str_starts_with(call.refusal, HX_STR("Give the number MEXC has given the stop")));
        assert_true(hx_err_is(a->encode_stop_history(&ctx, &sent, &call), HX_CLASS_REJECT));
    }
}

/* In order of name, over the longest time that one can wait. */
static void lists_are_asked_for(void **state) {
    (void)state;
    assert_true(hx_ok(a->encode_stop_query(&ctx, &sent, &call)));
    assert_str(call.query,
               "end_time=1764000060000&page_num=1&page_size=50&start_time=1763308800000&states=1&symbol=BTC_USDT");
    assert_true(hx_str_ends_with(call.sign_text, call.query));
    assert_int_equal(call.order_count, 0);
    sent.venue_stop_id = HX_STR(ID);
    assert_true(hx_ok(a->encode_stop_history(&ctx, &sent, &call)));
    assert_true(hx_str_ends_with(call.query, HX_STR("&states=2%2C3%2C4%2C5&symbol=BTC_USDT")));
    assert_true(hx_ok(a->encode_stop_cancel(&ctx, &sent, &call)));
    assert_str(call.path, CANCEL);
    assert_str(call.body, "[{\"symbol\":\"BTC_USDT\",\"orderId\":" ID "}]");
    assert_true(hx_str_ends_with(call.sign_text, call.body));
}

static struct hx_http_answer answer_of(const char *body) {
    hx_arena_reset(&req.arena);
    return (struct hx_http_answer){.status = 200, .body = hx_str_from_c(body)};
}

static enum hx_outcome read_query(const char *body) {
    struct hx_http_answer answer = answer_of(body);
    memset(&stop, 0, sizeof stop);
    return a->decode_stop_query(&ctx, &answer, &sent, &stop).outcome;
}

static enum hx_outcome read_place(const char *body) {
    struct hx_http_answer answer = answer_of(body);
    return a->decode_stop(&ctx, &answer, &sent, &stop).outcome;
}

static void a_stop_is_acknowledged_by_its_number(void **state) {
    static const char *const unreadable[] = {DATA("\"\""), DATA("0"), DATA("{}"),   DATA("null"),
                                             "{}",         "",        DATA("\"x\"")};
    (void)state;
    assert_int_equal(read_place(DATA("\"" ID "\"")), HX_OUTCOME_DONE);
    assert_true(stop.waiting && stop.is_ack && !stop.triggered);
    assert_true(stop.expires_ms == T0 + 7 * HX_MS_PER_DAY);
    assert_str(stop.venue_stop_id, ID);
    assert_int_equal(read_place(DATA(ID)), HX_OUTCOME_DONE);
    for (size_t i = 0; i < sizeof unreadable / sizeof unreadable[0]; i++) {
        if (read_place(unreadable[i]) != HX_OUTCOME_UNKNOWN) fail_msg("%s", unreadable[i]);
    }
    assert_int_equal(read_place(FAILED("3004")), HX_OUTCOME_REJECTED); /* Triggered already. */
    assert_int_equal(read_place(FAILED("510")), HX_OUTCOME_BUSY);
    assert_int_equal(read_place(FAILED("500")), HX_OUTCOME_UNKNOWN);
}

static const char *with(const char *from, const char *to) {
    static const char all[] = DATA("[" WAITS "]");
    static char text[2048];
    const char *at = strstr(all, from);
    if (at == NULL) fail_msg("no %s", from);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - all), all, to, at + strlen(from));
    return text;
}

static void a_stop_is_found_by_its_figures(void **state) {
    static const char *const others[][2] = {
        {"\"side\":4", "\"side\":2"},
        {"\"side\":4", "\"side\":3"},
        {"58000.5", "58000.6"},
        {"\"vol\":120", "\"vol\":121"},
        {"\"openType\":2", "\"openType\":1"},
        {"\"triggerType\":2", "\"triggerType\":1"},
        {"\"trend\":1", "\"trend\":2"},
        {"\"orderType\":5", "\"orderType\":1"},
        {"BTC_USDT", "ETH_USDT"},
        {"\"state\":1", "\"state\":2"},
    };
    (void)state;
    assert_int_equal(read_query(DATA("[" WAITS "]")), HX_OUTCOME_DONE);
    assert_true(stop.waiting && !stop.is_ack && !stop.triggered && stop.venue_order_id.len == 0);
    assert_true(stop.expires_ms == EXPIRES);
    assert_str(stop.venue_stop_id, ID);
    assert_int_equal(read_query(with("58000.5", "\"58000.50\"")), HX_OUTCOME_DONE);
    assert_int_equal(read_query(with("\"executeCycle\":168", "\"executeCycle\":2")), HX_OUTCOME_DONE);
    assert_true(stop.expires_ms == EXPIRES);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (read_query(with(others[i][0], others[i][1])) != HX_OUTCOME_ABSENT) fail_msg("%s", others[i][1]);
    }
    assert_int_equal(read_query(DATA("[]")), HX_OUTCOME_ABSENT);
}

/* A row that can't be read may be the stop: unless it is found beside, nothing is proved. */
static void what_can_not_be_read_proves_nothing(void **state) {
    static const char *const spoilt[][2] = {
        {"\"side\":4,", ""},
        {"\"vol\":120", "\"vol\":\"x\""},
        {"\"triggerPrice\":58000.5,", ""},
        {"\"openType\":2,", ""},
        {"\"triggerType\":2,", ""},
        {"\"trend\":1,", ""},
        {"\"orderType\":5,", ""},
        {"\"symbol\":\"BTC_USDT\",", ""},
        {"\"id\":\"" ID "\"", "\"id\":\"\""},
        {"\"state\":1", "\"state\":6"},
        {"\"errorCode\":0", "\"orderId\":\"77\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        if (read_query(with(spoilt[i][0], spoilt[i][1])) != HX_OUTCOME_UNKNOWN) fail_msg("%s", spoilt[i][0]);
    }
    assert_int_equal(read_query(DATA("[{}," WAITS "]")), HX_OUTCOME_DONE);
    assert_int_equal(read_query(DATA("{}")), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_query("{\"success\":true,\"code\":0}"), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_query(FAILED("500")), HX_OUTCOME_BUSY);
}

static void the_one_that_waits_longest_is_taken(void **state) {
    (void)state;
    assert_int_equal(read_query(DATA("[" ROW("8", "1", "\"createTime_\":0,") "," WAITS "]")), HX_OUTCOME_DONE);
    assert_str(stop.venue_stop_id, "8"); /* Of equals the first. */
    static char text[2048];
    char first[] = ROW("8", "1", "");
    memcpy(strstr(first, "\"createTime\":17639"), "\"createTime\":17638", 18);
    snprintf(text, sizeof text, "{\"success\":true,\"code\":0,\"data\":[%s,%s]}", first, WAITS);
    assert_int_equal(read_query(text), HX_OUTCOME_DONE);
    assert_str(stop.venue_stop_id, ID);
}

/* By its number it is found in any state, even when its figures were changed on MEXC. */
static void a_stop_is_found_by_its_number(void **state) {
    (void)state;
    sent.venue_stop_id = HX_STR(ID);
    assert_int_equal(read_query(DATA("[" ROW("8", "1", "") "]")), HX_OUTCOME_ABSENT);
    assert_int_equal(read_query(with("58000.5", "57000")), HX_OUTCOME_DONE);
    assert_true(stop.waiting);
    assert_int_equal(read_query(DATA("[" ROW(ID, "3", "\"orderId\":\"77\",") "]")), HX_OUTCOME_DONE);
    assert_true(stop.triggered && !stop.waiting && stop.expires_ms == 0);
    assert_str(stop.venue_order_id, "77");
    assert_int_equal(read_query(DATA("[" ROW(ID, "2", "\"orderId\":0,") "]")), HX_OUTCOME_DONE);
    assert_true(!stop.triggered && !stop.waiting && stop.venue_order_id.len == 0);
    assert_int_equal(read_query(DATA("[" ROW(ID, "4", "") "]")), HX_OUTCOME_DONE);
    assert_true(!stop.triggered && !stop.waiting);
    struct hx_http_answer answer =
        answer_of(with("\"state\":1,\"executeCycle\":168,\"trend\":1,\"orderType\":5,"
                       "\"errorCode\":0",
                       "\"state\":5,\"errorCode\":3"));
    struct hx_venue_verdict verdict = a->decode_stop_query(&ctx, &answer, &sent, &stop);
    assert_int_equal(verdict.outcome, HX_OUTCOME_DONE);
    assert_int_equal(verdict.venue_code, 3);
    assert_true(!stop.waiting && !stop.triggered && verdict.message.len > 0);
}

static void a_full_list_proves_no_absence(void **state) {
    static char text[HX_MEXC_STOPS_MAX * 700];
    (void)state;
    for (int count = HX_MEXC_STOPS_MAX - 1; count <= HX_MEXC_STOPS_MAX; count++) {
        size_t len = (size_t)snprintf(text, sizeof text, "{\"success\":true,\"code\":0,\"data\":[");
        for (int i = 0; i < count; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i > 0 ? "," : "", WAITS);
        }
        snprintf(text + len, sizeof text - len, "]}");
        assert_int_equal(read_query(text), HX_OUTCOME_DONE);
        sent.trigger_price = (hx_dec){57, 3};
        bool full = count == HX_MEXC_STOPS_MAX;
        assert_int_equal(read_query(text), full ? HX_OUTCOME_UNKNOWN : HX_OUTCOME_ABSENT);
        sent.trigger_price = (hx_dec){580005, -1};
    }
}

static enum hx_outcome read_cancel(const char *body) {
    struct hx_http_answer answer = answer_of(body);
    memset(&stop, 0, sizeof stop);
    return a->decode_stop_cancel(&ctx, &answer, &sent, &stop).outcome;
}

static void a_cancel_is_a_receipt(void **state) {
#define ITEM(id, code) DATA("[{\"orderId\":\"" id "\",\"errorCode\":" code ",\"errorMsg\":\"x\"}]")
    (void)state;
    sent.venue_stop_id = HX_STR(ID);
    assert_int_equal(read_cancel("{\"success\":true,\"code\":0}"), HX_OUTCOME_DONE);
    assert_true(stop.is_ack && stop.waiting);
    assert_str(stop.venue_stop_id, ID);
    assert_int_equal(read_cancel(DATA("[]")), HX_OUTCOME_DONE);
    assert_int_equal(read_cancel(ITEM(ID, "0")), HX_OUTCOME_DONE);
    assert_int_equal(read_cancel(ITEM(ID, "2040")), HX_OUTCOME_ABSENT);
    assert_int_equal(read_cancel(ITEM(ID, "2041")), HX_OUTCOME_ABSENT);
    assert_int_equal(read_cancel(ITEM("8", "0")), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_cancel(DATA("[{\"orderId\":\"" ID "\"}]")), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_cancel(DATA("[{},{}]")), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_cancel(DATA("7")), HX_OUTCOME_UNKNOWN);
    assert_int_equal(read_cancel(FAILED("2040")), HX_OUTCOME_ABSENT);
    assert_int_equal(read_cancel(FAILED("701")), HX_OUTCOME_REJECTED);
}

static void know_rules(void) {
    struct hx_symbol_rules known;
    host_answer(&host, "/api/v1/contract/detail?symbol=BTC_USDT", 200,
                DATA("{\"symbol\":\"BTC_USDT\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\",\"settleCoin\":\"USDT\","
                     "\"contractSize\":0.0001,\"maxLeverage\":125,\"priceUnit\":0.5,\"volUnit\":1,\"minVol\":1,"
                     "\"maxVol\":5000000,\"state\":0,\"apiAllowed\":true}"));
    assert_int_equal(hx_venue_rules(&req, &futures, sent.symbol, &known).outcome, HX_OUTCOME_DONE);
}

static enum hx_outcome query(void) {
    hx_venue_query_stop(&req, &futures, &sent, &stop);
    return stop.outcome;
}

static enum hx_outcome place(void) {
    hx_venue_place_stop(&req, &futures, &sent, host.now + 1000, &stop);
    return stop.outcome;
}

static enum hx_outcome cancel(void) {
    hx_venue_cancel_stop(&req, &futures, &sent, &stop);
    return stop.outcome;
}

/* The answer to the first place is lost: the second look finds what it left, and it is not placed again. */
static void a_stop_is_looked_for_before_it_is_placed(void **state) {
    (void)state;
    know_rules();
    host_answer(&host, LIST, 200, DATA("[]"));
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    assert_int_equal(host.served, 2); /* No history without a number. */
    host_fail(&host, PLACE, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(place(), HX_OUTCOME_UNKNOWN);
    host_answer(&host, LIST, 200, DATA("[" WAITS "]"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_true(stop.waiting && stop.expires_ms == EXPIRES);
    assert_str(stop.venue_stop_id, ID);
    assert_int_equal(body_count, 1);
    host_assert_done(&host);
}

/* The look counts only when both clocks can be believed. */
static void absence_is_not_believed_after_a_jump(void **state) {
    (void)state;
    know_rules();
    host_answer(&host, LIST, 200, DATA("[]"));
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    venue_ahead_ms = 60 * HX_MS_PER_SECOND;
    host.now += HX_MS_PER_MINUTE;
    host_answer(&host, LIST, 200, DATA("[]"));
    assert_int_equal(query(), HX_OUTCOME_BUSY);
    assert_true(stop.retry_after_ms > 0);
    host_assert_done(&host);
}

static void what_became_of_it_is_told_by_its_number(void **state) {
    (void)state;
    know_rules();
    sent.venue_stop_id = HX_STR(ID);
    host_answer(&host, LIST, 200, DATA("[]"));
    host_answer(&host, LIST, 200, DATA("[" ROW("8", "2", "") "," ROW(ID, "3", "\"orderId\":\"77\",") "]"));
    assert_int_equal(query(), HX_OUTCOME_DONE);
    assert_true(stop.triggered);
    assert_str(stop.venue_order_id, "77");
    host_answer(&host, LIST, 200, DATA("[]"));
    host_answer(&host, LIST, 200, DATA("[]"));
    assert_int_equal(query(), HX_OUTCOME_ABSENT);
    host_assert_done(&host);
}

static void a_cancel_looks_up_the_number(void **state) {
    (void)state;
    know_rules();
    host_answer(&host, LIST, 200, DATA("[" WAITS "]"));
    host_answer(&host, CANCEL, 200, "{\"success\":true,\"code\":0}");
    assert_int_equal(cancel(), HX_OUTCOME_DONE);
    assert_string_equal(bodies[0], "[{\"symbol\":\"BTC_USDT\",\"orderId\":" ID "}]");
    assert_true(stop.is_ack);
    assert_str(stop.venue_stop_id, ID);
    /* Known, it is not looked up. */
    sent.venue_stop_id = HX_STR("8");
    host_answer(&host, CANCEL, 200, FAILED("2040"));
    assert_int_equal(cancel(), HX_OUTCOME_ABSENT);
    host_assert_done(&host);
}

/* Where the look-up says nothing, nothing is cancelled, and that is certain. */
static void a_cancel_without_a_number_cancels_nothing(void **state) {
    (void)state;
    know_rules();
    host_answer(&host, LIST, 200, DATA("[]"));
    assert_int_equal(cancel(), HX_OUTCOME_ABSENT);
    host_answer(&host, LIST, 200, DATA("[{}]"));
    assert_int_equal(cancel(), HX_OUTCOME_BUSY);
    host_fail(&host, LIST, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(cancel(), HX_OUTCOME_BUSY);
    assert_true(stop.message.len > 0);
    host_answer(&host, LIST, 200, DATA("[" WAITS "]"));
    host_fail(&host, CANCEL, HX_ERR(UNKNOWN_TIMEOUT));
    assert_int_equal(cancel(), HX_OUTCOME_UNKNOWN);
    assert_int_equal(body_count, 1);
    host_assert_done(&host);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(stops_are_encoded),
        CASE(the_direction_follows_from_kind_and_side),
        CASE(stops_that_make_no_sense_are_refused),
        CASE(lists_are_asked_for),
        CASE(a_stop_is_acknowledged_by_its_number),
        CASE(a_stop_is_found_by_its_figures),
        CASE(what_can_not_be_read_proves_nothing),
        CASE(the_one_that_waits_longest_is_taken),
        CASE(a_stop_is_found_by_its_number),
        CASE(a_full_list_proves_no_absence),
        CASE(a_cancel_is_a_receipt),
        CASE(a_stop_is_looked_for_before_it_is_placed),
        CASE(absence_is_not_believed_after_a_jump),
        CASE(what_became_of_it_is_told_by_its_number),
        CASE(a_cancel_looks_up_the_number),
        CASE(a_cancel_without_a_number_cancels_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
