#include "core/app/ledger.h"

#include "core/app/ledger_row.h"

void hx_batch_init(struct hx_batch *batch, struct hx_req *req) {
    batch->req = req;
    batch->count = 0;
    batch->err = HX_OK;
}

void hx_batch_add(struct hx_batch *batch, const char *sql, int32_t expect_changes, const struct hx_db_value *params,
                  uint32_t param_count) {
    if (hx_failed(batch->err)) return;
    if (batch->count == HX_DB_STATEMENTS_MAX) {
        batch->err = HX_ERR(LIMIT_COUNT);
        return;
    }
    void *copy = NULL;
    batch->err = hx_arena_make(&batch->req->arena, param_count, sizeof(*params), &copy);
    if (hx_failed(batch->err)) return;
    hx_mem_copy(copy, params, param_count * sizeof(*params));
    batch->statements[batch->count++] = (struct hx_db_stmt){sql, copy, param_count, expect_changes};
}

struct hx_db_value hx_batch_dec(struct hx_batch *batch, hx_dec value) {
    hx_str text = HX_STR_EMPTY;
    hx_err err = hx_dec_format(&batch->req->arena, value, &text);
    if (hx_failed(err) && hx_ok(batch->err)) batch->err = err;
    return hx_param_text(text);
}

hx_err hx_batch_write(struct hx_batch *batch, uint32_t *failed) {
    HX_TRY(batch->err);
    return hx_port_db_batch(batch->req, batch->statements, batch->count, failed);
}

struct hx_row_reader hx_row_read(const struct hx_db_rows *rows, uint32_t row) {
    hx_assert(row < rows->row_count);
    return (struct hx_row_reader){rows->cells + (size_t)row * rows->column_count, rows->column_count, 0, HX_OK};
}

hx_str hx_row_text(struct hx_row_reader *reader) {
    hx_assert(reader->next < reader->count);
    const struct hx_db_value *cell = &reader->cells[reader->next++];
    if (cell->type == HX_DB_INT) reader->err = HX_ERR(BROKEN_STORE);
    return cell->type == HX_DB_NULL ? HX_STR_EMPTY : cell->text;
}

int64_t hx_row_int(struct hx_row_reader *reader, bool *present) {
    hx_assert(reader->next < reader->count);
    const struct hx_db_value *cell = &reader->cells[reader->next++];
    if (present != NULL) *present = cell->type == HX_DB_INT;
    if (cell->type == HX_DB_TEXT || cell->type == HX_DB_BLOB) reader->err = HX_ERR(BROKEN_STORE);
    return cell->type == HX_DB_INT ? cell->integer : 0;
}

hx_dec hx_row_dec(struct hx_row_reader *reader) {
    hx_dec value = HX_DEC_ZERO;
    hx_str text = hx_row_text(reader);
    if (text.len > 0 && hx_failed(hx_dec_parse(text, &value))) reader->err = HX_ERR(BROKEN_STORE);
    return value;
}

hx_err hx_ledger_query(struct hx_req *req, const char *sql, const struct hx_db_value *params, uint32_t param_count,
                       struct hx_db_rows *out) {
    const struct hx_db_stmt statement = {sql, params, param_count, HX_DB_EXPECT_ANY};
    return hx_port_db_query(req, &statement, out);
}

/* Accepting.
 *
 * The form of these statements is chosen for what it spares SQLite: before a statement that may touch several rows and
 * abort in between, it makes ready to undo it and copies each page it changes. INSERT … VALUES touches one row; OR FAIL
 * does not undo, which for a single row is the same. */

void hx_batch_add_claim(struct hx_batch *batch, const struct hx_claim *claim, hx_str signal_id, hx_time received) {
    /* The same digest may stand under a neighbouring day: it counts as long as it has not lapsed. What decides is when
     * the alert came in, not when its turn came: a copy that was held up somewhere is still a copy. */
    const struct hx_db_value neighbours[] = {hx_param_blob(claim->key_previous, HX_CLAIM_LEN),
                                             hx_param_blob(claim->key_next, HX_CLAIM_LEN), hx_param_int(received)};
    hx_batch_add(batch, "UPDATE OR FAIL claims SET until_ms = until_ms WHERE claim_key IN (?1, ?2) AND until_ms > ?3",
                 0, neighbours, HX_PARAM_COUNT(neighbours));
    const struct hx_db_value params[] = {hx_param_blob(claim->key, HX_CLAIM_LEN), hx_param_text(signal_id),
                                         hx_param_int(received + claim->lasts_ms), hx_param_int(received)};
    hx_batch_add(batch,
                 "INSERT INTO claims (claim_key, signal_id, until_ms) VALUES (?1, ?2, ?3) "
                 "ON CONFLICT (claim_key) DO UPDATE SET signal_id = excluded.signal_id, until_ms = excluded.until_ms "
                 "WHERE claims.until_ms <= ?4",
                 1, params, HX_PARAM_COUNT(params));
}

#define SIGNAL_INTO                                                                                          \
    "INTO signals (id, lane, source, key_name, idempotency_key, payload_digest, body, venue, market, test, " \
    "symbol, action, status, received_ms, expires_ms, due_ms, request_id, reply_status, reply_body) "
#define SIGNAL_VALUES "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19"

void hx_batch_add_signal(struct hx_batch *batch, const struct hx_signal_row *row, bool only_if_idle) {
    const struct hx_db_value params[] = {
        hx_param_text(row->id),
        hx_param_text(row->lane),
        hx_param_text(row->source),
        hx_param_text(row->key_name),
        hx_param_text(row->idempotency_key),
        hx_param_text(row->payload_digest),
        hx_param_text(row->body),
        hx_param_text(hx_venue_name(row->venue)),
        hx_param_text(row->market),
        hx_param_int(row->test),
        hx_param_text(row->symbol),
        hx_param_text(row->action),
        hx_param_text(row->status),
        hx_param_int(row->received_ms),
        row->has_expiry ? hx_param_int(row->expires_ms) : hx_param_null(),
        hx_param_int(row->due_ms),
        hx_param_text(row->request_id),
        row->has_reply ? hx_param_int(row->reply_status) : hx_param_null(),
        row->has_reply ? hx_param_text(row->reply_body) : hx_param_null(),
    };
    const char *sql = only_if_idle ? "INSERT OR FAIL " SIGNAL_INTO "SELECT " SIGNAL_VALUES
                                     " WHERE NOT EXISTS (SELECT 1 FROM signals WHERE lane = ?2 AND finished_ms IS NULL)"
                                   : "INSERT " SIGNAL_INTO "VALUES (" SIGNAL_VALUES ")";
    hx_batch_add(batch, sql, 1, params, HX_PARAM_COUNT(params));
}

#define SIGNAL_COLUMNS                                                                                            \
    "s.seq, s.id, s.lane, s.source, s.key_name, s.idempotency_key, s.payload_digest, s.body, s.venue, s.market, " \
    "s.symbol, s.action, s.status, s.test, s.tries, s.received_ms, s.expires_ms, s.due_ms, s.finished_ms, "       \
    "s.request_id, s.reply_status, s.reply_body, s.message "

static hx_err signal_from_rows(const struct hx_db_rows *rows, struct hx_signal_row *out) {
    if (rows->row_count == 0) return HX_ERR(ABSENT_ROW);
    struct hx_row_reader reader = hx_row_read(rows, 0);
    hx_mem_set(out, 0, sizeof(*out));
    out->seq = hx_row_int(&reader, NULL);
    out->id = hx_row_text(&reader);
    out->lane = hx_row_text(&reader);
    out->source = hx_row_text(&reader);
    out->key_name = hx_row_text(&reader);
    out->idempotency_key = hx_row_text(&reader);
    out->payload_digest = hx_row_text(&reader);
    out->body = hx_row_text(&reader);
    hx_str venue = hx_row_text(&reader);
    out->market = hx_row_text(&reader);
    out->symbol = hx_row_text(&reader);
    out->action = hx_row_text(&reader);
    out->status = hx_row_text(&reader);
    out->test = hx_row_int(&reader, NULL) != 0;
    out->tries = hx_row_int(&reader, NULL);
    out->received_ms = hx_row_int(&reader, NULL);
    out->expires_ms = hx_row_int(&reader, &out->has_expiry);
    out->due_ms = hx_row_int(&reader, NULL);
    (void)hx_row_int(&reader, &out->finished);
    out->request_id = hx_row_text(&reader);
    out->reply_status = (uint32_t)hx_row_int(&reader, &out->has_reply);
    out->reply_body = hx_row_text(&reader);
    out->message = hx_row_text(&reader);
    if (venue.len > 0 && hx_failed(hx_venue_parse(venue, &out->venue))) return HX_ERR(BROKEN_STORE);
    return reader.err;
}

hx_err hx_ledger_find_claimed(struct hx_req *req, const struct hx_claim *claim, hx_time received,
                              struct hx_signal_row *out) {
    const struct hx_db_value params[] = {hx_param_blob(claim->key, HX_CLAIM_LEN),
                                         hx_param_blob(claim->key_previous, HX_CLAIM_LEN),
                                         hx_param_blob(claim->key_next, HX_CLAIM_LEN), hx_param_int(received)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req,
                           "SELECT " SIGNAL_COLUMNS "FROM claims c JOIN signals s ON s.id = c.signal_id "
                           "WHERE c.claim_key IN (?1, ?2, ?3) AND c.until_ms > ?4 ORDER BY c.until_ms DESC LIMIT 1",
                           params, HX_PARAM_COUNT(params), &rows));
    return signal_from_rows(&rows, out);
}

/* Signals. */

hx_err hx_ledger_first_open(struct hx_req *req, hx_str lane, struct hx_signal_row *out) {
    return hx_ledger_next_open(req, lane, 0, out);
}

hx_err hx_ledger_exit_behind(struct hx_req *req, hx_str lane, int64_t seq, struct hx_signal_row *out) {
    /* Only what can add exposure expires. */
    const struct hx_db_value params[] = {hx_param_text(lane), hx_param_int(seq)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req,
                           "SELECT " SIGNAL_COLUMNS "FROM signals s WHERE s.lane = ?1 AND s.finished_ms IS NULL "
                           "AND s.seq > ?2 AND s.expires_ms IS NULL ORDER BY s.seq LIMIT 1",
                           params, HX_PARAM_COUNT(params), &rows));
    return signal_from_rows(&rows, out);
}

hx_err hx_ledger_next_open(struct hx_req *req, hx_str lane, int64_t seq, struct hx_signal_row *out) {
    const struct hx_db_value params[] = {hx_param_text(lane), hx_param_int(seq)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req,
                           "SELECT " SIGNAL_COLUMNS "FROM signals s WHERE s.lane = ?1 AND s.finished_ms IS NULL "
                           "AND s.seq > ?2 ORDER BY s.seq LIMIT 1",
                           params, HX_PARAM_COUNT(params), &rows));
    return signal_from_rows(&rows, out);
}

hx_err hx_ledger_find_intent(struct hx_req *req, hx_str lane, int64_t *seq) {
    const struct hx_db_value params[] = {hx_param_text(lane)};
    struct hx_db_rows rows;
    size_t mark = hx_arena_mark(&req->arena);
    *seq = 0;
    HX_TRY(hx_ledger_query(req,
                           "SELECT s.seq FROM orders o JOIN signals s ON s.id = o.signal_id WHERE o.lane = ?1 "
                           "AND o.finished_ms IS NULL AND o.status = 'intent' ORDER BY s.seq DESC LIMIT 1",
                           params, HX_PARAM_COUNT(params), &rows));
    if (rows.row_count > 0) {
        struct hx_row_reader reader = hx_row_read(&rows, 0);
        *seq = hx_row_int(&reader, NULL);
        HX_TRY(reader.err);
    }
    hx_arena_rewind(&req->arena, mark);
    return HX_OK;
}

hx_err hx_ledger_get_signal(struct hx_req *req, hx_str id, struct hx_signal_row *out) {
    const struct hx_db_value params[] = {hx_param_text(id)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req, "SELECT " SIGNAL_COLUMNS "FROM signals s WHERE s.id = ?1", params,
                           HX_PARAM_COUNT(params), &rows));
    return signal_from_rows(&rows, out);
}

void hx_batch_add_finish(struct hx_batch *batch, hx_str id, hx_str status, hx_str reason, hx_str message,
                         uint32_t reply_status, hx_str reply_body, hx_time now) {
    const struct hx_db_value params[] = {hx_param_text(id),      hx_param_text(status),      hx_param_text(reason),
                                         hx_param_text(message), hx_param_int(reply_status), hx_param_text(reply_body),
                                         hx_param_int(now)};
    hx_batch_add(batch,
                 "UPDATE signals SET status = ?2, reason = ?3, message = ?4, reply_status = ?5, reply_body = ?6, "
                 "finished_ms = ?7 WHERE id = ?1 AND finished_ms IS NULL",
                 1, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_park(struct hx_batch *batch, hx_str id, hx_str status, hx_str message, int64_t tries, hx_time due,
                       uint32_t reply_status, hx_str reply_body) {
    const struct hx_db_value params[] = {hx_param_text(id),
                                         hx_param_text(status),
                                         hx_param_text(message),
                                         hx_param_int(tries),
                                         hx_param_int(due),
                                         reply_status != 0 ? hx_param_int(reply_status) : hx_param_null(),
                                         reply_status != 0 ? hx_param_text(reply_body) : hx_param_null()};
    hx_batch_add(batch,
                 "UPDATE signals SET status = ?2, message = ?3, tries = ?4, due_ms = ?5, "
                 "reply_status = coalesce(reply_status, ?6), reply_body = coalesce(reply_body, ?7) "
                 "WHERE id = ?1 AND finished_ms IS NULL",
                 1, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_wake(struct hx_batch *batch, hx_str lane, enum hx_market market, enum hx_venue_id venue) {
    const struct hx_db_value params[] = {hx_param_text(lane), hx_param_text(hx_market_name(market)),
                                         hx_param_text(venue == HX_VENUE_NONE ? HX_STR_EMPTY : hx_venue_name(venue))};
    hx_batch_add(batch,
                 "UPDATE signals SET due_ms = 0 WHERE lane = ?1 AND finished_ms IS NULL AND status = 'queued' "
                 "AND market = ?2 AND (?3 = '' OR venue = '' OR venue = ?3)",
                 HX_DB_EXPECT_ANY, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_unknown_due(struct hx_batch *batch, hx_str signal_id) {
    const struct hx_db_value params[] = {hx_param_text(signal_id)};
    hx_batch_add(batch, "UPDATE signals SET due_ms = 0 WHERE id = ?1 AND finished_ms IS NULL AND status = 'unknown'",
                 HX_DB_EXPECT_ANY, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_route(struct hx_batch *batch, hx_str id, enum hx_venue_id venue) {
    const struct hx_db_value params[] = {hx_param_text(id), hx_param_text(hx_venue_name(venue))};
    hx_batch_add(batch, "UPDATE signals SET venue = ?2 WHERE id = ?1 AND finished_ms IS NULL", 1, params,
                 HX_PARAM_COUNT(params));
}

void hx_batch_add_retry(struct hx_batch *batch, hx_str id, hx_time expires, hx_time now) {
    const struct hx_db_value params[] = {hx_param_text(id), hx_param_int(expires), hx_param_int(now)};
    hx_batch_add(batch,
                 "UPDATE signals SET status = 'queued', reason = '', message = '', tries = 0, due_ms = ?3, "
                 "finished_ms = NULL, expires_ms = CASE WHEN expires_ms IS NULL THEN NULL ELSE max(expires_ms, ?2) END "
                 "WHERE id = ?1 AND (status = 'failed' OR finished_ms IS NULL)",
                 1, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_dismiss(struct hx_batch *batch, hx_str id) {
    const struct hx_db_value params[] = {hx_param_text(id)};
    hx_batch_add(batch, "UPDATE signals SET status = 'dropped' WHERE id = ?1 AND status = 'failed'", 1, params,
                 HX_PARAM_COUNT(params));
}

void hx_batch_add_reopen_orders(struct hx_batch *batch, hx_str id, hx_time now) {
    const struct hx_db_value params[] = {hx_param_text(id), hx_param_int(now)};
    hx_batch_add(batch,
                 "UPDATE orders SET status = 'busy', finished_ms = NULL, updated_ms = ?2 "
                 "WHERE signal_id = ?1 AND status = 'failed'",
                 HX_DB_EXPECT_ANY, params, HX_PARAM_COUNT(params));
}

hx_err hx_ledger_lanes_due(struct hx_req *req, struct hx_lane_due **out, uint32_t *count) {
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req,
                           "SELECT lane, min(due) FROM ("
                           "SELECT lane, due_ms AS due FROM signals WHERE finished_ms IS NULL "
                           "UNION ALL SELECT lane, 0 FROM orders WHERE finished_ms IS NULL) GROUP BY lane LIMIT 1000",
                           NULL, 0, &rows));
    void *list = NULL;
    HX_TRY(hx_arena_make(&req->arena, rows.row_count + 1, sizeof(**out), &list));
    *out = list;
    *count = rows.row_count;
    for (uint32_t i = 0; i < rows.row_count; i++) {
        struct hx_row_reader reader = hx_row_read(&rows, i);
        (*out)[i].lane = hx_row_text(&reader);
        (*out)[i].due_ms = hx_row_int(&reader, NULL);
        HX_TRY(reader.err);
    }
    return HX_OK;
}

/* The rest. */

void hx_batch_add_notice(struct hx_batch *batch, hx_str subject, hx_str payload, hx_time now) {
    const struct hx_db_value params[] = {hx_param_text(subject), hx_param_text(payload), hx_param_int(now)};
    hx_batch_add(batch,
                 "INSERT INTO outbox (kind, subject, payload, due_ms, created_ms) VALUES ('notify', ?1, ?2, ?3, ?3)", 1,
                 params, HX_PARAM_COUNT(params));
}

void hx_batch_add_log(struct hx_batch *batch, hx_str level, hx_str subject, hx_str message, hx_str detail,
                      hx_time now) {
    const struct hx_db_value params[] = {hx_param_int(now), hx_param_text(level), hx_param_text(subject),
                                         hx_param_text(message), hx_param_text(detail)};
    hx_batch_add(batch,
                 "INSERT INTO system_logs (time_ms, level, subject, message, detail) VALUES (?1, ?2, ?3, ?4, ?5)", 1,
                 params, HX_PARAM_COUNT(params));
}

hx_err hx_ledger_outbox_due(struct hx_req *req, hx_time now, struct hx_outbox_row **out, uint32_t *count) {
    const struct hx_db_value params[] = {hx_param_int(now)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req,
                           "SELECT id, subject, payload, tries FROM outbox WHERE finished_ms IS NULL AND due_ms <= ?1 "
                           "ORDER BY due_ms, id LIMIT 16",
                           params, HX_PARAM_COUNT(params), &rows));
    void *list = NULL;
    HX_TRY(hx_arena_make(&req->arena, rows.row_count + 1, sizeof(**out), &list));
    *out = list;
    *count = rows.row_count;
    for (uint32_t i = 0; i < rows.row_count; i++) {
        struct hx_row_reader reader = hx_row_read(&rows, i);
        (*out)[i].id = hx_row_int(&reader, NULL);
        (*out)[i].subject = hx_row_text(&reader);
        (*out)[i].payload = hx_row_text(&reader);
        (*out)[i].tries = hx_row_int(&reader, NULL);
        HX_TRY(reader.err);
    }
    return HX_OK;
}

void hx_batch_add_outbox_sent(struct hx_batch *batch, int64_t id, hx_time now) {
    const struct hx_db_value params[] = {hx_param_int(id), hx_param_int(now)};
    hx_batch_add(batch, "UPDATE outbox SET finished_ms = ?2, tries = tries + 1 WHERE id = ?1", HX_DB_EXPECT_ANY, params,
                 HX_PARAM_COUNT(params));
}

void hx_batch_add_outbox_failed(struct hx_batch *batch, int64_t id, hx_str error, hx_time due) {
    const struct hx_db_value params[] = {hx_param_int(id), hx_param_text(error), hx_param_int(due)};
    hx_batch_add(batch, "UPDATE outbox SET last_error = ?2, due_ms = ?3, tries = tries + 1 WHERE id = ?1",
                 HX_DB_EXPECT_ANY, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_claims_prune(struct hx_batch *batch, hx_time now) {
    uint64_t day = (uint64_t)(now / HX_MS_PER_DAY);
    uint64_t oldest = day > 1 ? day - 1 : 0;
    uint8_t prefix[4] = {(uint8_t)(oldest >> 24), (uint8_t)(oldest >> 16), (uint8_t)(oldest >> 8), (uint8_t)oldest};
    void *copy = hx_arena_alloc(&batch->req->arena, sizeof(prefix));
    if (copy == NULL) {
        batch->err = HX_ERR(LIMIT_ARENA);
        return;
    }
    hx_mem_copy(copy, prefix, sizeof(prefix));
    const struct hx_db_value params[] = {hx_param_blob(copy, sizeof(prefix))};
    hx_batch_add(batch,
                 "DELETE FROM claims WHERE claim_key IN "
                 "(SELECT claim_key FROM claims WHERE claim_key < ?1 ORDER BY claim_key LIMIT 1000)",
                 HX_DB_EXPECT_ANY, params, HX_PARAM_COUNT(params));
}

hx_err hx_ledger_counts(struct hx_req *req, int64_t *signals_open, int64_t *outbox_open) {
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req,
                           "SELECT (SELECT count(*) FROM signals WHERE finished_ms IS NULL), "
                           "(SELECT count(*) FROM outbox WHERE finished_ms IS NULL)",
                           NULL, 0, &rows));
    struct hx_row_reader reader = hx_row_read(&rows, 0);
    *signals_open = hx_row_int(&reader, NULL);
    *outbox_open = hx_row_int(&reader, NULL);
    return reader.err;
}

void hx_batch_add_rules(struct hx_batch *batch, hx_str name, hx_str text) {
    const struct hx_db_value params[] = {hx_param_text(name), hx_param_text(text)};
    hx_batch_add(batch,
                 "INSERT INTO meta (name, value) VALUES (?1, ?2) "
                 "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
                 HX_DB_EXPECT_ANY, params, HX_PARAM_COUNT(params));
}

hx_err hx_ledger_rules(struct hx_req *req, hx_str name, hx_str *text) {
    const struct hx_db_value params[] = {hx_param_text(name)};
    struct hx_db_rows rows;
    *text = HX_STR_EMPTY;
    HX_TRY(hx_ledger_query(req, "SELECT value FROM meta WHERE name = ?1", params, 1, &rows));
    if (rows.row_count == 0) return HX_OK;
    struct hx_row_reader reader = hx_row_read(&rows, 0);
    *text = hx_row_text(&reader);
    return reader.err;
}

hx_err hx_ledger_has_traded(struct hx_req *req, const struct hx_account *account, bool *out) {
    const struct hx_db_value params[] = {hx_param_text(hx_venue_name(account->venue)),
                                         hx_param_text(hx_market_name(account->market)), hx_param_int(account->test)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req, "SELECT symbol FROM positions WHERE venue = ?1 AND market = ?2 AND test = ?3 LIMIT 1",
                           params, HX_PARAM_COUNT(params), &rows));
    *out = rows.row_count > 0;
    return HX_OK;
}
