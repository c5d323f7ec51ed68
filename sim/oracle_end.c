/* Oracles at the end: faults have stopped, everything is quiet; ledger, venue and callers must agree. */
#include "sim/oracle_end.h"

#include <stdio.h>
#include <string.h>

#include "core/base/id.h"
#include "core/signal/signal.h"

#define ARG(s) (int)(s).len, (s).data

/* I2. */

void hx_oracle_check_final(struct hx_host *sim) {
    struct hx_db_rows rows;
    hx_sim_query(sim, "SELECT seq, status, message FROM signals WHERE finished_ms IS NULL ORDER BY seq LIMIT 1", NULL,
                 0, &rows);
    if (rows.row_count > 0)
        hx_sim_violate(sim, "I2", "signal %lld is not final long after faults stopped: %.*s, %.*s",
                       (long long)rows.cells[0].integer, ARG(rows.cells[1].text), ARG(rows.cells[2].text));
    hx_sim_query(sim,
                 "SELECT o.client_order_id, o.status FROM orders o WHERE o.finished_ms IS NULL AND o.status NOT IN "
                 "('open', 'absent') "
                 "LIMIT 1",
                 NULL, 0, &rows);
    if (rows.row_count > 0)
        hx_sim_violate(sim, "I2", "order %.*s is still %.*s long after faults stopped", ARG(rows.cells[0].text),
                       ARG(rows.cells[1].text));
    hx_sim_query(sim,
                 "SELECT s.seq, s.status FROM signals s WHERE s.status <> 'filled' AND NOT EXISTS "
                 "(SELECT 1 FROM outbox b WHERE b.subject = s.id) LIMIT 1",
                 NULL, 0, &rows);
    if (rows.row_count > 0)
        hx_sim_violate(sim, "I2", "the owner was never told that signal %lld ended as %.*s",
                       (long long)rows.cells[0].integer, ARG(rows.cells[1].text));
    for (uint32_t i = 0; i < hx_sim_exchange_count(sim); i++) {
        if (!hx_sim_get_exchange(sim, i)->answered)
            hx_sim_violate(sim, "I9", "a caller still waits for an answer to %.*s",
                           ARG(hx_sim_get_exchange(sim, i)->body));
    }
}

/* I1. */

/* The venue cuts a reduce-only order to what there is to reduce; one by an amount of quote says no quantity. */
static bool quantity_agrees(const struct hx_sim_venue *venue, const struct hx_lab_order_view *order, hx_dec ledger) {
    if (hx_sim_speech_of(venue)->buys_by_value && order->buy && order->type == HX_LAB_ORDER_MARKET) return true;
    int less = hx_dec_compare(order->quantity, ledger);
    return less == 0 || (less < 0 && order->reduce_only);
}

static void order_check(struct hx_host *sim, const struct hx_lab_order_view *order) {
    if (order->placements > 1) {
        hx_sim_violate(sim, "I1", "the venue accepted %u orders under %.*s", order->placements,
                       ARG(order->client_order_id));
        return;
    }
    hx_uuid signal;
    uint32_t leg = 0;
    if (hx_failed(hx_client_order_id_parse(order->client_order_id, &signal, &leg)) || leg > HX_LEG_MAX) {
        hx_sim_violate(sim, "I1", "the venue has order %.*s, which names no leg of a signal",
                       ARG(order->client_order_id));
        return;
    }
    struct hx_db_rows rows;
    const struct hx_db_value params[1] = {{HX_DB_TEXT, 0, order->client_order_id}};
    hx_sim_query(sim, "SELECT leg, executed_quantity, quantity, side FROM orders WHERE client_order_id = ?1", params, 1,
                 &rows);
    if (rows.row_count != 1 || rows.cells[0].integer != (int64_t)leg) {
        hx_sim_violate(sim, "I1", "the venue has order %.*s, the ledger does not", ARG(order->client_order_id));
        return;
    }
    hx_dec executed, quantity;
    if (hx_failed(hx_dec_parse(rows.cells[1].text, &executed)) ||
        hx_failed(hx_dec_parse(rows.cells[2].text, &quantity)) || !hx_dec_equal(executed, order->executed_quantity) ||
        !quantity_agrees(hx_sim_venue_of(sim), order, quantity) ||
        hx_str_equal(rows.cells[3].text, HX_STR("buy")) != order->buy)
        hx_sim_violate(sim, "I4", "the ledger has order %.*s as %.*s %.*s of %.*s; the venue does not",
                       ARG(order->client_order_id), ARG(rows.cells[3].text), ARG(rows.cells[1].text),
                       ARG(rows.cells[2].text));
}

void hx_oracle_check_orders(struct hx_host *sim) {
    const struct hx_lab *lab = hx_sim_lab(sim);
    for (uint32_t i = 0; i < hx_lab_order_count(lab); i++) {
        struct hx_lab_order_view order;
        hx_lab_get_order(lab, i, &order);
        order_check(sim, &order);
    }
    const struct hx_sim_venue *venue = hx_sim_venue_of(sim);
    const bool by_value = hx_sim_speech_of(venue)->buys_by_value;
    const struct hx_db_value params[2] = {{HX_DB_TEXT, 0, by_value ? hx_lab_venue_text(venue->venue) : HX_STR_EMPTY},
                                          {HX_DB_TEXT, 0, hx_lab_product_text(venue->product)}};
    struct hx_db_rows rows;
    /* What the owner is told must be so: filled means everything, unless another close took up what one left; the
     * failures of one-legged signals mean nothing. */
    hx_sim_query(
        sim,
        "SELECT s.seq, s.status, o.executed_quantity, o.quantity FROM signals s JOIN orders o ON o.signal_id = "
        "s.id WHERE (s.status = 'filled' AND o.executed_quantity <> o.quantity AND NOT o.reduce_only AND NOT "
        "(o.venue = ?1 AND o.market = ?2 AND o.type = 'MARKET') AND NOT EXISTS (SELECT 1 FROM orders n WHERE "
        "n.signal_id = o.signal_id AND n.leg = o.leg + 1 AND n.purpose = 'close' AND o.purpose = 'close')) OR "
        "(s.status IN ('rejected', 'refused', 'expired', "
        "'failed', 'dropped') AND o.executed_quantity <> '0' AND s.reason <> 'DECLARED_ABSENT' AND "
        "(SELECT count(*) FROM orders x WHERE x.signal_id = s.id) = 1 AND o.purpose = 'open') LIMIT 1",
        params, 2, &rows);
    if (rows.row_count > 0)
        hx_sim_violate(sim, "I2", "signal %lld ended as %.*s with %.*s of %.*s executed",
                       (long long)rows.cells[0].integer, ARG(rows.cells[1].text), ARG(rows.cells[2].text),
                       ARG(rows.cells[3].text));
    hx_sim_query(sim, "SELECT client_order_id, executed_quantity FROM orders WHERE executed_quantity <> '0'", NULL, 0,
                 &rows);
    for (uint32_t i = 0; i < rows.row_count; i++) {
        hx_str id = rows.cells[2 * i].text;
        uint32_t at = 0;
        for (; at < hx_lab_order_count(lab); at++) {
            struct hx_lab_order_view order;
            hx_lab_get_order(lab, at, &order);
            if (hx_str_equal(order.client_order_id, id)) break;
        }
        if (at == hx_lab_order_count(lab))
            hx_sim_violate(sim, "I4", "the ledger executed %.*s of order %.*s, which the venue never had",
                           ARG(rows.cells[2 * i + 1].text), ARG(id));
    }
}

/* I4. */

static bool dec_is(hx_str text, hx_dec value) {
    hx_dec parsed;
    return hx_ok(hx_dec_parse(text, &parsed)) && hx_dec_equal(parsed, value);
}

static bool fill_is(const struct hx_db_value *cell, const struct hx_lab_fill_view *fill) {
    return hx_str_equal(cell[0].text, hx_str_from_c(fill->trade_id_text)) &&
           hx_str_equal(cell[1].text, fill->client_order_id) &&
           hx_str_equal(cell[2].text, fill->buy ? HX_STR("buy") : HX_STR("sell")) &&
           dec_is(cell[3].text, fill->quantity) && dec_is(cell[4].text, fill->price) &&
           dec_is(cell[5].text, fill->fee) && hx_str_equal(cell[6].text, fill->fee_asset) &&
           hx_str_equal(cell[7].text, fill->symbol);
}

static void fills_check(struct hx_host *sim) {
    const struct hx_lab *lab = hx_sim_lab(sim);
    struct hx_db_rows rows;
    hx_sim_query(sim,
                 "SELECT venue_trade_id, client_order_id, side, quantity, price, fee, fee_asset, symbol FROM fills",
                 NULL, 0, &rows);
    if (rows.row_count != hx_lab_fill_count(lab))
        hx_sim_violate(sim, "I4", "the ledger has %u fills, the venue %u", rows.row_count, hx_lab_fill_count(lab));
    for (uint32_t i = 0; i < hx_lab_fill_count(lab); i++) {
        struct hx_lab_fill_view fill;
        hx_lab_get_fill(lab, i, &fill);
        uint32_t row = 0;
        while (row < rows.row_count && !fill_is(rows.cells + (size_t)row * rows.column_count, &fill)) row++;
        if (row == rows.row_count)
            hx_sim_violate(sim, "I4", "fill %lld of order %.*s is not in the ledger as the venue has it",
                           (long long)fill.trade_id, ARG(fill.client_order_id));
    }
}

/* What the venue says is held. On spot that is what came to the base asset's balance since the start. */
static bool held_at_venue(struct hx_host *sim, hx_str symbol, hx_dec *out) {
    const struct hx_lab *lab = hx_sim_lab(sim);
    struct hx_lab_position_view position;
    struct hx_lab_balance_view balance;
    if (hx_sim_venue_of(sim)->product == HX_LAB_FUTURES) {
        if (hx_failed(hx_lab_get_position(lab, symbol, HX_LAB_BOTH, &position))) return false;
        *out = position.quantity;
        return true;
    }
    hx_str base = hx_str_slice(symbol, 0, symbol.len - strlen("USDT"));
    if (hx_failed(hx_lab_find_balance(lab, HX_LAB_SPOT, base, &balance))) return false;
    if (hx_failed(hx_dec_subtract(balance.total, balance.start, out))) return false;
    /* BNB is not traded in our cases, but fees may be paid in it. */
    return !hx_str_equal(base, HX_STR("BNB")) || hx_ok(hx_dec_add(*out, balance.fees, out));
}

static void position_check(struct hx_host *sim, hx_str symbol) {
    hx_dec held;
    if (!held_at_venue(sim, symbol, &held)) return;
    struct hx_db_rows rows;
    const struct hx_db_value params[1] = {{HX_DB_TEXT, 0, symbol}};
    hx_sim_query(sim, "SELECT quantity, fees FROM positions WHERE symbol = ?1 AND test = 0", params, 1, &rows);
    bool same = rows.row_count == 0 ? hx_dec_is_zero(held) : dec_is(rows.cells[0].text, held);
    if (!same) {
        hx_str text = rows.row_count == 0 ? HX_STR("nothing") : rows.cells[0].text;
        hx_sim_violate(sim, "I4", "the ledger's position in %.*s is %.*s; the venue's is not", ARG(symbol), ARG(text));
        return;
    }
    if (rows.row_count == 0) return;
    hx_dec fees = HX_DEC_ZERO, ledger_fees;
    for (uint32_t i = 0; i < hx_lab_fill_count(hx_sim_lab(sim)); i++) {
        struct hx_lab_fill_view fill;
        hx_lab_get_fill(hx_sim_lab(sim), i, &fill);
        if (!hx_str_equal(fill.symbol, symbol) || !hx_str_equal(fill.fee_asset, HX_STR("USDT"))) continue;
        if (hx_failed(hx_dec_add(fees, fill.fee, &fees))) return;
    }
    if (hx_failed(hx_dec_parse(rows.cells[1].text, &ledger_fees)) || !hx_dec_equal(ledger_fees, fees))
        hx_sim_violate(sim, "I4", "the ledger's fees in %.*s are %.*s; the venue's are not", ARG(symbol),
                       ARG(rows.cells[1].text));
}

void hx_oracle_check_ledger(struct hx_host *sim) {
    fills_check(sim);
    enum hx_lab_product product = hx_sim_venue_of(sim)->product;
    for (uint32_t i = 0; i < hx_lab_symbol_count_in(hx_sim_lab(sim), product); i++)
        position_check(sim, hx_lab_symbol_name_in(hx_sim_lab(sim), product, i));
}

/* Whatever was lost, doubled or late on the way to D1. */
void hx_oracle_check_mirror(struct hx_host *sim) {
#define BOTH(table, columns)                                                                            \
    {                                                                                                   \
        table, "SELECT (SELECT count(*) FROM (SELECT " columns " FROM " table " EXCEPT SELECT " columns \
               " FROM d1." table ")), (SELECT count(*) FROM (SELECT " columns " FROM d1." table         \
               " EXCEPT SELECT " columns " FROM " table "))"                                            \
    }
    static const struct {
        const char *table, *sql;
    } both[] = {
        BOTH("signals",
             "id, lane, source, key_name, idempotency_key, payload_digest, body, venue, market, test, symbol, "
             "action, status, reason, message, tries, received_ms, expires_ms, due_ms, finished_ms, "
             "request_id, reply_status, reply_body"),
        BOTH("orders", "*"),
        BOTH("fills", "*"),
        BOTH("positions", "*"),
        BOTH("trades", "*"),
        BOTH("outbox", "*"),
        BOTH("system_logs", "*"),
    };
#undef BOTH
    for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
        struct hx_db_rows rows;
        hx_sim_query(sim, both[i].sql, NULL, 0, &rows);
        if (rows.cells[0].integer != 0 || rows.cells[1].integer != 0)
            hx_sim_violate(sim, "I4", "D1 lacks %lld rows that lanes have in %s, and has %lld that no lane has",
                           (long long)rows.cells[0].integer, both[i].table, (long long)rows.cells[1].integer);
    }
}

/* One signal per key: I1, I7. */

/* Explicit keys are never 64 hex digits in the workloads; fingerprints always are. A fingerprint with a time field is
 * remembered for a day, one without for 60 s from its first arrival; the clock's steps are the slack. */
#define WINDOW_SLACK_MS 1000

void hx_oracle_check_keys(struct hx_host *sim) {
    struct hx_db_rows rows;
    hx_sim_query(sim,
                 "SELECT idempotency_key, count(*) FROM signals WHERE length(idempotency_key) <> 64 "
                 "GROUP BY lane, source, key_name, idempotency_key HAVING count(*) > 1 LIMIT 1",
                 NULL, 0, &rows);
    if (rows.row_count > 0)
        hx_sim_violate(sim, "I1", "key %.*s led to %lld signals", ARG(rows.cells[0].text),
                       (long long)rows.cells[1].integer);
    const struct hx_db_value params[2] = {{HX_DB_INT, HX_CLAIM_WINDOW_MS - WINDOW_SLACK_MS, HX_STR_EMPTY},
                                          {HX_DB_INT, HX_CLAIM_KEYED_MS - WINDOW_SLACK_MS, HX_STR_EMPTY}};
    hx_sim_query(sim,
                 "SELECT a.seq, b.seq, b.received_ms - a.received_ms FROM signals a JOIN signals b ON "
                 "a.idempotency_key = b.idempotency_key AND a.lane = b.lane AND a.source = b.source AND "
                 "a.key_name = b.key_name AND a.seq < b.seq AND b.received_ms - a.received_ms < "
                 "(CASE WHEN instr(a.body, '\"timenow\"') THEN ?2 ELSE ?1 END) LIMIT 1",
                 params, 2, &rows);
    if (rows.row_count > 0)
        hx_sim_violate(sim, "I1", "signals %lld and %lld are the same alert, %lld ms apart",
                       (long long)rows.cells[0].integer, (long long)rows.cells[1].integer,
                       (long long)rows.cells[2].integer);
}

/* One answer per signal: I7. */

enum answer { ANSWER_NONE, ANSWER_PENDING, ANSWER_FINAL };

static bool has_code(hx_str body, const char *code) {
    char text[64];
    size_t at = 0;
    snprintf(text, sizeof(text), "\"code\":\"%s\"", code);
    return hx_str_find(body, hx_str_from_c(text), &at);
}

/* Whether a reply says how the signal ended (FINAL), that it is being worked on, or nothing about it: refusals at the
 * door, and failures after which nobody knows. */
static enum answer answer_of(const struct hx_sim_exchange *exchange) {
    static const char *const endings[] = {"VENUE_REJECTED", "VENUE_UNAVAILABLE", "KILL_SWITCH", "EXPIRED"};
    if (exchange->status == 202) return ANSWER_PENDING;
    if (exchange->status == 200) return ANSWER_FINAL;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (has_code(exchange->reply_body, endings[i])) return ANSWER_FINAL;
    }
    return ANSWER_NONE;
}

/* A reply that says how a signal ended is the one the ledger keeps for replays, byte for byte. */
static void stored_check(struct hx_host *sim, const struct hx_sim_exchange *exchange) {
    struct hx_db_rows rows;
    hx_str request_id = hx_oracle_request_id(exchange->reply_body);
    const struct hx_db_value params[1] = {{HX_DB_TEXT, 0, request_id}};
    hx_sim_query(sim, "SELECT id, reply_status, reply_body, status FROM signals WHERE request_id = ?1", params, 1,
                 &rows);
    if (rows.row_count == 0) {
        if (request_id.len > 0 && (exchange->replayed || exchange->status == 200))
            hx_sim_violate(sim, "I7", "a caller got an answer that belongs to no signal: %.*s",
                           ARG(exchange->reply_body));
        return;
    }
    if (hx_oracle_was_retried(sim, rows.cells[0].text) || hx_str_equal(rows.cells[3].text, HX_STR("dropped"))) return;
    if (rows.cells[1].integer != (int64_t)exchange->status || !hx_str_equal(rows.cells[2].text, exchange->reply_body))
        hx_sim_violate(sim, "I7", "a caller got %u %.*s; stored is %lld %.*s", exchange->status,
                       ARG(exchange->reply_body), (long long)rows.cells[1].integer, ARG(rows.cells[2].text));
}

static void pair_check(struct hx_host *sim, const struct hx_sim_exchange *first, const struct hx_sim_exchange *second) {
    enum answer was = answer_of(first), is = answer_of(second);
    if (was == ANSWER_NONE || is == ANSWER_NONE || second->sent_ms < first->answered_ms) return;
    hx_str id_first = hx_oracle_request_id(first->reply_body), id_second = hx_oracle_request_id(second->reply_body);
    if (!hx_str_equal(first->body, second->body) || !hx_str_equal(first->idempotency_key, second->idempotency_key))
        return;
    if (id_first.len == 0 || id_second.len == 0) return; /* Constant text: the arena was used up. */
    bool same_signal = hx_str_equal(id_first, id_second);
    if (second->replayed && was == ANSWER_FINAL && same_signal && is == ANSWER_PENDING)
        hx_sim_violate(sim, "I7", "a replay of a finished signal was told that it is pending: %.*s", ARG(id_second));
    if (same_signal && !second->replayed)
        hx_sim_violate(sim, "I7", "a replay was answered without saying so: %.*s", ARG(second->reply_body));
    size_t at = 0;
    bool keyed = first->idempotency_key.len > 0 || hx_str_find(first->body, HX_STR("\"idempotencyKey\""), &at) ||
                 hx_str_find(first->body, HX_STR("\"timenow\""), &at);
    if (keyed && !same_signal)
        hx_sim_violate(sim, "I7", "the same key was answered for two signals, %.*s and %.*s", ARG(id_first),
                       ARG(id_second));
}

void hx_oracle_check_replays(struct hx_host *sim) {
    for (uint32_t i = 0; i < hx_sim_exchange_count(sim); i++) {
        const struct hx_sim_exchange *exchange = hx_sim_get_exchange(sim, i);
        if (!hx_oracle_is_signal_call(exchange)) continue;
        if (answer_of(exchange) == ANSWER_FINAL) stored_check(sim, exchange);
        for (uint32_t j = i + 1; j < hx_sim_exchange_count(sim); j++) {
            const struct hx_sim_exchange *later = hx_sim_get_exchange(sim, j);
            if (later->tag == exchange->tag && hx_oracle_is_signal_call(later)) pair_check(sim, exchange, later);
        }
    }
}

/* I8. */

void hx_oracle_check_secret(struct hx_host *sim, hx_str secret) {
    static const char sql[] =
        "SELECT 'signals' FROM signals WHERE instr(body || message || coalesce(reply_body, ''), ?1) UNION ALL "
        "SELECT 'orders' FROM orders WHERE instr(message, ?1) UNION ALL "
        "SELECT 'outbox' FROM outbox WHERE instr(payload || last_error, ?1) UNION ALL "
        "SELECT 'kv' FROM kv WHERE instr(value, ?1) UNION ALL "
        "SELECT 'system_logs' FROM system_logs WHERE instr(message || detail, ?1) LIMIT 1";
    struct hx_db_rows rows;
    const struct hx_db_value params[1] = {{HX_DB_TEXT, 0, secret}};
    hx_sim_query(sim, sql, params, 1, &rows);
    if (rows.row_count > 0) hx_sim_violate(sim, "I8", "a secret is in table %.*s", ARG(rows.cells[0].text));
}
