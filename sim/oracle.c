/* Oracles at the moment of things: an order on the wire, a reply to a caller, a line in the log. */
#include "sim/oracle.h"

#include <string.h>

#include "core/base/json.h"
#include "sim/oracle_end.h"

/* How long after its expiry an entry may still leave: the intent was written before it, and its send window runs. */
#define EXPIRY_SLACK_MS (10 * HX_MS_PER_SECOND)

#define KILL_VALUES_MAX 16

/* I8. */

static void text_check(struct hx_oracle *oracle, struct hx_host *sim, const char *where, hx_str text) {
    size_t at = 0;
    for (uint32_t i = 0; i < oracle->secret_count; i++) {
        if (hx_str_find(text, oracle->secrets[i], &at))
            hx_sim_violate(sim, "I8", "a secret appears in a %s: %.*s", where, (int)text.len, text.data);
    }
}

static void on_text(void *context, struct hx_host *sim, const char *where, hx_str text) {
    text_check(context, sim, where, text);
}

/* Orders on the wire: I3, I5, I6, expiry. */

/* What is on the wire is read here with eyes of our own, not with the adapters'. */

/* The value of a parameter of query text. */
static hx_str param_find(hx_str query, hx_str name) {
    hx_str part;
    while (hx_str_split(&query, '&', &part)) {
        if (part.len > name.len && hx_str_starts_with(part, name) && part.data[name.len] == '=')
            return hx_str_slice(part, name.len + 1, part.len);
    }
    return HX_STR_EMPTY;
}

struct wire_order {
    hx_str client_order_id;
    bool reduce_only;
};

/* The value of a member of flat JSON text, quoted or bare. */
static hx_str member_find(hx_str body, hx_str name) {
    char quoted[40];
    size_t at = 0, end = 0;
    int len = snprintf(quoted, sizeof(quoted), "\"%.*s\":", (int)name.len, name.data);
    if (!hx_str_find(body, hx_str_make(quoted, (size_t)len), &at)) return HX_STR_EMPTY;
    hx_str rest = hx_str_slice(body, at + (size_t)len, body.len);
    bool text = hx_str_starts_with(rest, HX_STR("\""));
    if (text) rest = hx_str_slice(rest, 1, rest.len);
    while (end < rest.len && rest.data[end] != '"' && rest.data[end] != ',' && rest.data[end] != '}') end++;
    return hx_str_slice(rest, 0, end);
}

/* A field of that name, wherever it is. */
static hx_str field_find(const struct hx_http_call *call, hx_str name) {
    size_t mark = 0;
    hx_str query = HX_STR_EMPTY;
    if (hx_str_find_char(call->target, '?', &mark)) query = hx_str_slice(call->target, mark + 1, call->target.len);
    hx_str found = param_find(query, name);
    if (found.len == 0) found = param_find(call->body, name);
    if (found.len == 0) found = member_find(call->body, name);
    return found;
}

static bool wire_order_read(const struct hx_sim_venue *venue, const struct hx_http_call *call, struct wire_order *out) {
    const struct hx_lab_speech *speech = hx_sim_speech_of(venue);
    if (call->method != HX_HTTP_METHOD_POST) return false;
    if (!hx_str_starts_with(call->target, hx_str_from_c(speech->order_path))) return false;
    hx_str side = field_find(call, HX_STR("side"));
    out->client_order_id = field_find(call, hx_str_from_c(speech->client_id));
    out->reduce_only = hx_str_equal(field_find(call, HX_STR("reduceOnly")), HX_STR("true"));
    /* Spot has nothing but what is held to sell. */
    if (venue->product == HX_LAB_SPOT) out->reduce_only = hx_str_equal_ignore_case(side, HX_STR("sell"));
    for (uint32_t i = 0; i < 2 && speech->closing_sides[i] != NULL; i++) {
        if (hx_str_equal(side, hx_str_from_c(speech->closing_sides[i]))) out->reduce_only = true;
    }
    return true;
}

static bool was_retried(struct hx_host *sim, hx_str signal_id) {
    size_t at = 0;
    for (uint32_t i = 0; i < hx_sim_exchange_count(sim); i++) {
        hx_str path = hx_sim_get_exchange(sim, i)->path;
        if (hx_str_ends_with(path, HX_STR("/retry")) && hx_str_find(path, signal_id, &at)) return true;
    }
    return false;
}

bool hx_oracle_was_retried(struct hx_host *sim, hx_str signal_id) {
    return was_retried(sim, signal_id);
}

static void sent_once_check(struct hx_oracle *oracle, struct hx_host *sim, hx_str order, int64_t attempt) {
    uint64_t hash = hx_str_hash(order);
    for (uint32_t i = 0; i < oracle->sent_count; i++) {
        if (oracle->sent[i].order == hash && oracle->sent[i].attempt == attempt)
            hx_sim_violate(sim, "I3", "attempt %lld of order %.*s is on the wire twice", (long long)attempt,
                           (int)order.len, order.data);
    }
    if (oracle->sent_count == HX_ORACLE_SENT_MAX) return;
    oracle->sent[oracle->sent_count].order = hash;
    oracle->sent[oracle->sent_count++].attempt = attempt;
}

/* `lane`: with the account, within which the order counts. */
static void lane_order_check(struct hx_oracle *oracle, struct hx_host *sim, hx_str lane, int64_t seq) {
    uint64_t hash = hx_str_hash(lane);
    uint32_t i = 0;
    while (i < oracle->lane_count && oracle->lanes[i].lane != hash) i++;
    if (i == HX_ORACLE_LANES_MAX) return;
    if (i == oracle->lane_count) {
        oracle->lane_count++;
        oracle->lanes[i].lane = hash;
        oracle->lanes[i].seq_max = seq;
    }
    if (seq < oracle->lanes[i].seq_max)
        hx_sim_violate(sim, "I5",
                       "an order of signal %lld leaves after one of signal %lld in the same lane and account",
                       (long long)seq, (long long)oracle->lanes[i].seq_max);
    oracle->lanes[i].seq_max = seq;
}

/* At the edge a put that is not yet reported as done may or may not count. */
static void kill_switch_check(struct hx_host *sim, const struct wire_order *order) {
    hx_str values[KILL_VALUES_MAX];
    uint32_t count = hx_sim_kv_values(sim, HX_STR("trade:kill_switch"), values, KILL_VALUES_MAX);
    if (order->reduce_only) return;
    for (uint32_t i = 0; i < count; i++) {
        if (values[i].len == 0 || hx_str_equal(values[i], HX_STR("off")) || hx_str_equal(values[i], HX_STR("false")))
            return;
    }
    hx_sim_violate(sim, "I6", "order %.*s adds exposure and leaves with the kill switch at %.*s",
                   (int)order->client_order_id.len, order->client_order_id.data, (int)values[0].len, values[0].data);
}

#define WIRE_SQL                                                                                           \
    "SELECT o.status, o.attempt, o.send_by_ms, o.lane || o.venue || o.market, s.seq, s.expires_ms, s.id, " \
    "s.finished_ms FROM orders o "                                                                         \
    "JOIN signals s ON s.id = o.signal_id WHERE o.client_order_id = ?1"

static void on_wire(void *context, struct hx_host *sim, const struct hx_http_call *call) {
    struct hx_oracle *oracle = context;
    struct wire_order order;
    if (!wire_order_read(hx_sim_venue_of(sim), call, &order)) return;
    oracle->order_requests++;
    hx_str id = order.client_order_id;
    struct hx_db_rows rows;
    const struct hx_db_value params[1] = {{HX_DB_TEXT, 0, id}};
    hx_sim_query(sim, WIRE_SQL, params, 1, &rows);
    if (rows.row_count != 1) {
        hx_sim_violate(sim, "I3", "order %.*s leaves without a durable intent", (int)id.len, id.data);
        return;
    }
    const struct hx_db_value *cell = rows.cells;
    hx_time now = hx_sim_host_now(sim);
    if (!hx_str_equal(cell[0].text, HX_STR("intent")))
        hx_sim_violate(sim, "I3", "order %.*s leaves while its row says %.*s", (int)id.len, id.data,
                       (int)cell[0].text.len, cell[0].text.data);
    if (now > cell[2].integer)
        hx_sim_violate(sim, "I3", "order %.*s leaves %lld ms after its send deadline", (int)id.len, id.data,
                       (long long)(now - cell[2].integer));
    if (cell[5].type == HX_DB_INT && !order.reduce_only && now > cell[5].integer + EXPIRY_SLACK_MS)
        hx_sim_violate(sim, "I2", "order %.*s leaves %lld ms after its signal expired", (int)id.len, id.data,
                       (long long)(now - cell[5].integer));
    if (cell[7].type == HX_DB_INT)
        hx_sim_violate(sim, "I2", "order %.*s leaves after its signal became final", (int)id.len, id.data);
    sent_once_check(oracle, sim, id, cell[1].integer);
    if (!was_retried(sim, cell[6].text)) lane_order_check(oracle, sim, cell[3].text, cell[4].integer);
    kill_switch_check(sim, &order);
}

/* Replies. */

hx_str hx_oracle_request_id(hx_str reply_body) {
    static const char name[] = "\"requestId\":\"";
    size_t at = 0, end = 0;
    if (!hx_str_find(reply_body, hx_str_from_c(name), &at)) return HX_STR_EMPTY;
    hx_str rest = hx_str_slice(reply_body, at + sizeof(name) - 1, reply_body.len);
    return hx_str_find_char(rest, '"', &end) ? hx_str_slice(rest, 0, end) : HX_STR_EMPTY;
}

bool hx_oracle_is_signal_call(const struct hx_sim_exchange *exchange) {
    return hx_str_equal(exchange->path, HX_STR("/webhook")) || hx_str_equal(exchange->path, HX_STR("/v1/trade"));
}

/* A yes is a promise: what it promises must be on the disk when it leaves. */
static void on_reply(void *context, struct hx_host *sim, uint32_t index) {
    const struct hx_sim_exchange *exchange = hx_sim_get_exchange(sim, index);
    text_check(context, sim, "reply", exchange->reply_body);
    if (exchange->status < 200 || exchange->status > 299 || !hx_oracle_is_signal_call(exchange)) return;
    hx_str id = hx_oracle_request_id(exchange->reply_body);
    struct hx_db_rows rows;
    /* A reply made when the arena was used up is constant text: then some signal of that moment must do. */
    const struct hx_db_value params[2] = {{HX_DB_TEXT, 0, id},
                                          {HX_DB_INT, exchange->sent_ms - HX_MS_PER_MINUTE, HX_STR_EMPTY}};
    hx_sim_query(sim, "SELECT seq FROM signals WHERE request_id = ?1 OR (?1 = '' AND received_ms > ?2) LIMIT 1", params,
                 2, &rows);
    if (rows.row_count != 1)
        hx_sim_violate(sim, "I2", "a caller was answered %u before its signal was durable: %.*s", exchange->status,
                       (int)exchange->reply_body.len, exchange->reply_body.data);
}

struct hx_sim_observer hx_oracle_begin(struct hx_oracle *oracle) {
    oracle->sent_count = oracle->lane_count = 0;
    oracle->order_requests = 0;
    return (struct hx_sim_observer){oracle, on_wire, on_reply, on_text};
}

void hx_oracle_watch(struct hx_oracle *oracle, struct hx_host *sim) {
    const struct hx_sim_observer observer = hx_oracle_begin(oracle);
    hx_sim_observe(sim, &observer);
}

/* The end. */

void hx_oracle_count_open(struct hx_host *sim, uint32_t *open, uint32_t *resting) {
    struct hx_db_rows rows;
    hx_sim_query(sim,
                 "SELECT (SELECT count(*) FROM signals WHERE finished_ms IS NULL), "
                 "count(*), coalesce(sum(status = 'open'), 0) FROM orders WHERE finished_ms IS NULL",
                 NULL, 0, &rows);
    *resting = (uint32_t)rows.cells[2].integer;
    *open = (uint32_t)(rows.cells[0].integer + rows.cells[1].integer) - *resting;
}

void hx_oracle_check_end(struct hx_oracle *oracle, struct hx_host *sim) {
    if (hx_sim_get_counters(sim)->calls_max >= HX_REQUEST_CALLS_MAX)
        hx_sim_violate(sim, "I9", "a request made %u port calls", hx_sim_get_counters(sim)->calls_max);
    hx_oracle_check_final(sim);
    hx_oracle_check_orders(sim);
    hx_oracle_check_ledger(sim);
    if (hx_sim_is_edge(sim)) hx_oracle_check_mirror(sim);
    hx_oracle_check_keys(sim);
    hx_oracle_check_replays(sim);
    for (uint32_t i = 0; i < oracle->secret_count; i++) hx_oracle_check_secret(sim, oracle->secrets[i]);
}
