/* Orders, fills, positions and trades of the ledger. */
#include "core/app/ledger.h"
#include "core/app/ledger_row.h"
#include "core/trade/amount.h"

#define FILLS_PAGE 64

hx_str hx_side_name(enum hx_side side) {
    return side == HX_SIDE_BUY ? HX_STR("buy") : HX_STR("sell");
}

void hx_batch_add_intent(struct hx_batch *batch, const struct hx_order_row *order, int64_t position_version) {
    const struct hx_db_value params[] = {
        hx_param_text(order->signal_id),
        hx_param_int(order->leg),
        hx_param_text(order->client_order_id),
        hx_param_text(order->lane),
        hx_param_text(hx_venue_name(order->account.venue)),
        hx_param_text(hx_market_name(order->account.market)),
        hx_param_int(order->account.test),
        hx_param_text(order->symbol),
        hx_param_text(order->opens ? HX_STR("open") : HX_STR("close")),
        hx_param_text(hx_side_name(order->side)),
        hx_param_text(hx_order_type_name(order->type)),
        hx_param_int(order->reduce_only),
        hx_batch_dec(batch, order->quantity),
        hx_batch_dec(batch, order->price),
        hx_param_int(order->attempt),
        hx_param_int(order->send_by_ms),
        hx_param_int(order->created_ms),
        hx_param_int(position_version),
    };
    hx_batch_add(batch,
                 "INSERT OR FAIL INTO orders (signal_id, leg, client_order_id, lane, venue, market, test, symbol, "
                 "purpose, side, "
                 "type, reduce_only, quantity, price, status, attempt, send_by_ms, created_ms, updated_ms) "
                 "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'intent', ?15, ?16, ?17, ?17 "
                 "WHERE EXISTS (SELECT 1 FROM signals WHERE id = ?1 AND finished_ms IS NULL) "
                 "AND coalesce((SELECT version FROM positions "
                 "WHERE venue = ?5 AND market = ?6 AND test = ?7 AND symbol = ?8), 0) = ?18",
                 1, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_attempt(struct hx_batch *batch, const struct hx_order_row *order, uint32_t attempt, hx_time send_by,
                          hx_time now) {
    const struct hx_db_value params[] = {hx_param_text(order->signal_id), hx_param_int(order->leg),
                                         hx_param_int(order->attempt),    hx_param_int(attempt),
                                         hx_param_int(send_by),           hx_param_int(now)};
    hx_batch_add(batch,
                 "UPDATE orders SET status = 'intent', attempt = ?4, send_by_ms = ?5, updated_ms = ?6, "
                 "denied_ms = NULL "
                 "WHERE signal_id = ?1 AND leg = ?2 AND attempt = ?3 AND status IN ('intent', 'busy')",
                 1, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_fit(struct hx_batch *batch, const struct hx_order_row *order, hx_time now) {
    const struct hx_db_value params[] = {hx_param_text(order->signal_id),   hx_param_int(order->leg),
                                         hx_param_int(order->attempt),      hx_batch_dec(batch, order->quantity),
                                         hx_batch_dec(batch, order->price), hx_param_int(now)};
    hx_batch_add(batch,
                 "UPDATE orders SET quantity = ?4, price = ?5, updated_ms = ?6 "
                 "WHERE signal_id = ?1 AND leg = ?2 AND attempt = ?3 AND status = 'busy'",
                 1, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_order_state(struct hx_batch *batch, const struct hx_order_row *order, hx_time now) {
    const struct hx_db_value params[] = {
        hx_param_text(order->signal_id),
        hx_param_int(order->leg),
        hx_param_int(order->attempt),
        hx_param_text(order->status),
        hx_param_text(order->venue_order_id),
        hx_batch_dec(batch, order->executed_quantity),
        hx_batch_dec(batch, order->average_price),
        hx_batch_dec(batch, order->fee),
        hx_param_text(order->fee_asset),
        hx_param_int(order->venue_code),
        hx_param_text(order->message),
        hx_param_int(now),
        order->finished ? hx_param_int(now) : hx_param_null(),
    };
    hx_batch_add(batch,
                 "UPDATE orders SET status = ?4, venue_order_id = ?5, executed_quantity = ?6, average_price = ?7, "
                 "fee = ?8, fee_asset = ?9, venue_code = ?10, message = ?11, updated_ms = ?12, finished_ms = ?13 "
                 "WHERE signal_id = ?1 AND leg = ?2 AND attempt = ?3 AND finished_ms IS NULL",
                 1, params, HX_PARAM_COUNT(params));
}

void hx_batch_add_order_watch(struct hx_batch *batch, const struct hx_order_row *order) {
    const struct hx_db_value params[] = {hx_param_text(order->signal_id), hx_param_int(order->leg),
                                         order->denied_ms != 0 ? hx_param_int(order->denied_ms) : hx_param_null(),
                                         hx_param_int(order->recalled), hx_param_int(order->updated_ms)};
    hx_batch_add(batch,
                 "UPDATE orders SET denied_ms = ?3, recalled = ?4, updated_ms = ?5 "
                 "WHERE signal_id = ?1 AND leg = ?2 AND finished_ms IS NULL",
                 1, params, HX_PARAM_COUNT(params));
}

#define ORDER_COLUMNS                                                                                                  \
    "signal_id, leg, client_order_id, lane, venue, market, test, symbol, purpose, side, type, reduce_only, quantity, " \
    "price, status, attempt, send_by_ms, venue_order_id, executed_quantity, average_price, fee, fee_asset, "           \
    "venue_code, message, created_ms, updated_ms, finished_ms, denied_ms, recalled, "                                  \
    "EXISTS (SELECT 1 FROM signals s WHERE s.id = signal_id AND s.reason = 'DECLARED_ABSENT') "

static hx_err order_from_row(const struct hx_db_rows *rows, uint32_t index, struct hx_order_row *out) {
    struct hx_row_reader reader = hx_row_read(rows, index);
    hx_mem_set(out, 0, sizeof(*out));
    out->signal_id = hx_row_text(&reader);
    out->leg = (uint32_t)hx_row_int(&reader, NULL);
    out->client_order_id = hx_row_text(&reader);
    out->lane = hx_row_text(&reader);
    hx_str venue = hx_row_text(&reader);
    out->account.market = hx_str_equal(hx_row_text(&reader), HX_STR("spot")) ? HX_MARKET_SPOT : HX_MARKET_FUTURES;
    out->account.test = hx_row_int(&reader, NULL) != 0;
    out->symbol = hx_row_text(&reader);
    out->opens = hx_str_equal(hx_row_text(&reader), HX_STR("open"));
    out->side = hx_str_equal(hx_row_text(&reader), HX_STR("buy")) ? HX_SIDE_BUY : HX_SIDE_SELL;
    out->type = hx_str_equal_ignore_case(hx_row_text(&reader), HX_STR("limit")) ? HX_ORDER_LIMIT : HX_ORDER_MARKET;
    out->reduce_only = hx_row_int(&reader, NULL) != 0;
    out->quantity = hx_row_dec(&reader);
    out->price = hx_row_dec(&reader);
    out->status = hx_row_text(&reader);
    out->attempt = (uint32_t)hx_row_int(&reader, NULL);
    out->send_by_ms = hx_row_int(&reader, NULL);
    out->venue_order_id = hx_row_text(&reader);
    out->executed_quantity = hx_row_dec(&reader);
    out->average_price = hx_row_dec(&reader);
    out->fee = hx_row_dec(&reader);
    out->fee_asset = hx_row_text(&reader);
    out->venue_code = hx_row_int(&reader, NULL);
    out->message = hx_row_text(&reader);
    out->created_ms = hx_row_int(&reader, NULL);
    out->updated_ms = hx_row_int(&reader, NULL);
    (void)hx_row_int(&reader, &out->finished);
    out->denied_ms = hx_row_int(&reader, NULL);
    out->recalled = hx_row_int(&reader, NULL) != 0;
    out->disowned = hx_row_int(&reader, NULL) != 0 || out->recalled;
    if (hx_failed(hx_venue_parse(venue, &out->account.venue))) return HX_ERR(BROKEN_STORE);
    return reader.err;
}

static hx_err orders_from_rows(struct hx_req *req, const struct hx_db_rows *rows, struct hx_order_row **out,
                               uint32_t *count) {
    void *list = NULL;
    HX_TRY(hx_arena_make(&req->arena, rows->row_count + 1, sizeof(**out), &list));
    *out = list;
    *count = rows->row_count;
    for (uint32_t i = 0; i < rows->row_count; i++) HX_TRY(order_from_row(rows, i, &(*out)[i]));
    return HX_OK;
}

hx_err hx_ledger_orders_of(struct hx_req *req, hx_str signal_id, struct hx_order_row **out, uint32_t *count) {
    const struct hx_db_value params[] = {hx_param_text(signal_id)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req, "SELECT " ORDER_COLUMNS "FROM orders WHERE signal_id = ?1 ORDER BY leg LIMIT 16",
                           params, HX_PARAM_COUNT(params), &rows));
    return orders_from_rows(req, &rows, out, count);
}

hx_err hx_ledger_has_unsettled(struct hx_req *req, hx_str lane, const struct hx_account *account, bool *out) {
    const struct hx_db_value params[] = {hx_param_text(lane), hx_param_text(hx_venue_name(account->venue)),
                                         hx_param_text(hx_market_name(account->market)), hx_param_int(account->test)};
    struct hx_db_rows rows;
    HX_TRY(
        hx_ledger_query(req,
                        "SELECT 1 FROM orders WHERE lane = ?1 AND finished_ms IS NULL AND status IN ('intent', 'open') "
                        "AND venue = ?2 AND market = ?3 AND test = ?4 LIMIT 1",
                        params, HX_PARAM_COUNT(params), &rows));
    *out = rows.row_count > 0;
    return HX_OK;
}

hx_err hx_ledger_orders_open(struct hx_req *req, hx_str lane, struct hx_order_cursor *cursor, struct hx_order_row **out,
                             uint32_t *count) {
    bool goes_on = cursor != NULL && cursor->after_ms != 0;
    const struct hx_db_value params[] = {
        hx_param_text(lane), hx_param_int(goes_on ? cursor->after_ms : 0),
        hx_param_text(goes_on ? hx_str_make(cursor->after_id, HX_CLIENT_ORDER_ID_LEN) : HX_STR_EMPTY),
        hx_param_int(HX_LEDGER_PAGE_ORDERS)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req,
                           "SELECT " ORDER_COLUMNS
                           "FROM orders WHERE lane = ?1 AND finished_ms IS NULL AND status IN ('open', 'absent') "
                           "AND (created_ms, client_order_id) > (?2, ?3) ORDER BY created_ms, client_order_id LIMIT ?4",
                           params, HX_PARAM_COUNT(params), &rows));
    HX_TRY(orders_from_rows(req, &rows, out, count));
    if (cursor == NULL || *count == 0) return HX_OK;
    const struct hx_order_row *last = &(*out)[*count - 1];
    if (last->client_order_id.len != HX_CLIENT_ORDER_ID_LEN) return HX_ERR(BROKEN_STORE);
    cursor->after_ms = last->created_ms;
    hx_mem_copy(cursor->after_id, last->client_order_id.data, HX_CLIENT_ORDER_ID_LEN);
    return HX_OK;
}

hx_err hx_ledger_fill_ids(struct hx_req *req, hx_str client_order_id, hx_str **out, uint32_t *count) {
    const struct hx_db_value params[] = {hx_param_text(client_order_id)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req, "SELECT venue_trade_id FROM fills WHERE client_order_id = ?1", params,
                           HX_PARAM_COUNT(params), &rows));
    void *list = NULL;
    HX_TRY(hx_arena_make(&req->arena, rows.row_count + 1, sizeof(**out), &list));
    *out = list;
    *count = rows.row_count;
    for (uint32_t i = 0; i < rows.row_count; i++) {
        struct hx_row_reader reader = hx_row_read(&rows, i);
        (*out)[i] = hx_row_text(&reader);
        HX_TRY(reader.err);
    }
    return HX_OK;
}

hx_err hx_ledger_last_fill_time(struct hx_req *req, hx_str client_order_id, hx_time *out) {
    const struct hx_db_value params[] = {hx_param_text(client_order_id)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req, "SELECT coalesce(max(time_ms), 0) FROM fills WHERE client_order_id = ?1", params,
                           HX_PARAM_COUNT(params), &rows));
    struct hx_row_reader reader = hx_row_read(&rows, 0);
    *out = hx_row_int(&reader, NULL);
    return reader.err;
}

hx_err hx_fill_sum_add(struct hx_fill_sum *sum, const struct hx_fill *fill) {
    hx_dec value;
    HX_TRY(hx_dec_add(sum->quantity, fill->quantity, &sum->quantity));
    HX_TRY(hx_amount_multiply(fill->quantity, fill->price, HX_ROUND_HALF_EVEN, &value));
    HX_TRY(hx_amount_add(sum->value, value, &sum->value));
    bool same = hx_str_equal(fill->fee_asset, sum->fee_asset);
    return same ? hx_amount_add(sum->fee, fill->fee, &sum->fee) : HX_OK;
}

/* There may be hundreds, so each page gives its memory back. */
hx_err hx_ledger_sum_fills(struct hx_req *req, hx_str client_order_id, struct hx_fill_sum *sum) {
    struct hx_db_rows rows = {.row_count = FILLS_PAGE};
    for (int64_t from = 0; rows.row_count == FILLS_PAGE; from += FILLS_PAGE) {
        size_t mark = hx_arena_mark(&req->arena);
        const struct hx_db_value params[] = {hx_param_text(client_order_id), hx_param_int(FILLS_PAGE),
                                             hx_param_int(from)};
        HX_TRY(hx_ledger_query(req,
                               "SELECT quantity, price, fee, fee_asset FROM fills WHERE client_order_id = ?1 "
                               "ORDER BY venue_trade_id LIMIT ?2 OFFSET ?3",
                               params, HX_PARAM_COUNT(params), &rows));
        for (uint32_t i = 0; i < rows.row_count; i++) {
            struct hx_row_reader reader = hx_row_read(&rows, i);
            struct hx_fill fill = {.quantity = hx_row_dec(&reader)};
            fill.price = hx_row_dec(&reader);
            fill.fee = hx_row_dec(&reader);
            fill.fee_asset = hx_row_text(&reader);
            HX_TRY(reader.err);
            HX_TRY(hx_fill_sum_add(sum, &fill));
        }
        hx_arena_rewind(&req->arena, mark);
    }
    return HX_OK;
}

void hx_batch_add_fill(struct hx_batch *batch, const struct hx_order_row *order, const struct hx_fill *fill) {
    const struct hx_db_value params[] = {
        hx_param_text(hx_venue_name(order->account.venue)),
        hx_param_text(hx_market_name(order->account.market)),
        hx_param_int(order->account.test),
        hx_param_text(order->symbol),
        hx_param_text(fill->venue_trade_id),
        hx_param_text(order->client_order_id),
        hx_param_text(order->signal_id),
        hx_param_text(hx_side_name(fill->side)),
        hx_batch_dec(batch, fill->quantity),
        hx_batch_dec(batch, fill->price),
        hx_batch_dec(batch, fill->fee),
        hx_param_text(fill->fee_asset),
        hx_batch_dec(batch, fill->realized_pnl),
        hx_param_int(fill->maker),
        hx_param_int(fill->time_ms),
    };
#ifdef HX_BUG_7
    const char *verb =
        "INSERT OR REPLACE INTO fills (venue, market, test, symbol, venue_trade_id, client_order_id, "
#else
    const char *verb =
        "INSERT INTO fills (venue, market, test, symbol, venue_trade_id, client_order_id, "
#endif
        "signal_id, side, quantity, price, fee, fee_asset, realized_pnl, maker, time_ms) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    hx_batch_add(batch, verb, 1, params, HX_PARAM_COUNT(params));
}

static hx_err trade_from_row(struct hx_req *req, struct hx_row_reader *reader, hx_str quote_asset,
                             struct hx_trade *out) {
    out->id = hx_row_text(reader);
    out->is_long = hx_str_equal(hx_row_text(reader), HX_STR("long"));
    out->opened_quantity = hx_row_dec(reader);
    out->closed_quantity = hx_row_dec(reader);
    out->opened_value = hx_row_dec(reader);
    out->closed_value = hx_row_dec(reader);
    hx_dec fees = hx_row_dec(reader);
    hx_str fees_other = hx_row_text(reader);
    out->realized_pnl = hx_row_dec(reader);
    out->open_signal_id = hx_row_text(reader);
    out->close_signal_id = hx_row_text(reader);
    out->opened_ms = hx_row_int(reader, NULL);
    if (out->id.len == 0) return HX_OK;
    HX_TRY(hx_fees_add(&out->fees, quote_asset, fees));
    return hx_fees_parse_others(&req->arena, fees_other, &out->fees);
}

hx_err hx_ledger_position(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str quote_asset,
                          struct hx_position *out) {
    const struct hx_db_value params[] = {hx_param_text(hx_venue_name(account->venue)),
                                         hx_param_text(hx_market_name(account->market)), hx_param_int(account->test),
                                         hx_param_text(symbol)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(
        req,
        "SELECT p.quantity, p.cost, p.realized_pnl, p.fees, p.fees_other, p.opened_ms, p.updated_ms, p.version, "
        "t.id, t.side, t.opened_quantity, t.closed_quantity, t.opened_value, t.closed_value, t.fees, "
        "t.fees_other, t.realized_pnl, t.open_signal_id, t.close_signal_id, t.opened_ms "
        "FROM positions p LEFT JOIN trades t ON t.id = p.trade_id AND p.trade_id <> '' "
        "WHERE p.venue = ?1 AND p.market = ?2 AND p.test = ?3 AND p.symbol = ?4",
        params, HX_PARAM_COUNT(params), &rows));
    hx_mem_set(out, 0, sizeof(*out));
    if (rows.row_count == 0) return HX_OK;
    struct hx_row_reader reader = hx_row_read(&rows, 0);
    out->quantity = hx_row_dec(&reader);
    out->cost = hx_row_dec(&reader);
    out->realized_pnl = hx_row_dec(&reader);
    hx_dec fees = hx_row_dec(&reader);
    hx_str fees_other = hx_row_text(&reader);
    out->opened_ms = hx_row_int(&reader, NULL);
    out->updated_ms = hx_row_int(&reader, NULL);
    out->version = hx_row_int(&reader, NULL);
    HX_TRY(hx_fees_add(&out->fees, quote_asset, fees));
    HX_TRY(hx_fees_parse_others(&req->arena, fees_other, &out->fees));
    HX_TRY(trade_from_row(req, &reader, quote_asset, &out->trade));
    return reader.err;
}

hx_err hx_batch_add_position(struct hx_batch *batch, const struct hx_account *account, hx_str symbol,
                             hx_str quote_asset, const struct hx_position *position, hx_time now) {
    hx_dec entry_price;
    hx_str fees_other;
    HX_TRY(hx_position_entry_price(position, &entry_price));
    HX_TRY(hx_fees_format_others(&batch->req->arena, &position->fees, quote_asset, &fees_other));
    const struct hx_db_value params[] = {
        hx_param_text(hx_venue_name(account->venue)),
        hx_param_text(hx_market_name(account->market)),
        hx_param_int(account->test),
        hx_param_text(symbol),
        hx_batch_dec(batch, position->quantity),
        hx_batch_dec(batch, position->cost),
        hx_batch_dec(batch, entry_price),
        hx_batch_dec(batch, position->realized_pnl),
        hx_batch_dec(batch, hx_fees_get(&position->fees, quote_asset)),
        hx_param_text(fees_other),
        hx_param_text(position->trade.id),
        position->opened_ms != 0 ? hx_param_int(position->opened_ms) : hx_param_null(),
        hx_param_int(now),
        hx_param_int(position->version),
    };
    hx_batch_add(batch,
                 "INSERT INTO positions (venue, market, test, symbol, quantity, cost, entry_price, realized_pnl, fees, "
                 "fees_other, trade_id, opened_ms, updated_ms, version) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
                 "ON CONFLICT (venue, market, test, symbol) DO UPDATE SET quantity = excluded.quantity, "
                 "cost = excluded.cost, entry_price = excluded.entry_price, realized_pnl = excluded.realized_pnl, "
                 "fees = excluded.fees, fees_other = excluded.fees_other, trade_id = excluded.trade_id, "
                 "opened_ms = excluded.opened_ms, updated_ms = excluded.updated_ms, version = excluded.version "
                 "WHERE positions.version = excluded.version - 1",
                 1, params, HX_PARAM_COUNT(params));
    return batch->err;
}

static hx_err average(hx_dec value, hx_dec quantity, hx_dec *out) {
    *out = HX_DEC_ZERO;
    if (hx_dec_is_zero(quantity)) return HX_OK;
    const struct hx_position as_position = {.quantity = quantity, .cost = value};
    return hx_position_entry_price(&as_position, out);
}

hx_err hx_batch_add_trade(struct hx_batch *batch, const struct hx_account *account, hx_str symbol, hx_str quote_asset,
                          const struct hx_trade *trade) {
    hx_dec entry_price, exit_price;
    hx_str fees_other;
    HX_TRY(average(trade->opened_value, trade->opened_quantity, &entry_price));
    HX_TRY(average(trade->closed_value, trade->closed_quantity, &exit_price));
    HX_TRY(hx_fees_format_others(&batch->req->arena, &trade->fees, quote_asset, &fees_other));
    const struct hx_db_value params[] = {
        hx_param_text(trade->id),
        hx_param_text(hx_venue_name(account->venue)),
        hx_param_text(hx_market_name(account->market)),
        hx_param_int(account->test),
        hx_param_text(symbol),
        hx_param_text(trade->is_long ? HX_STR("long") : HX_STR("short")),
        hx_batch_dec(batch, trade->opened_quantity),
        hx_batch_dec(batch, trade->closed_quantity),
        hx_batch_dec(batch, trade->opened_value),
        hx_batch_dec(batch, trade->closed_value),
        hx_batch_dec(batch, entry_price),
        hx_batch_dec(batch, exit_price),
        hx_batch_dec(batch, hx_fees_get(&trade->fees, quote_asset)),
        hx_param_text(fees_other),
        hx_batch_dec(batch, trade->realized_pnl),
        hx_param_text(trade->open_signal_id),
        hx_param_text(trade->close_signal_id),
        hx_param_int(trade->opened_ms),
        trade->closed_ms != 0 ? hx_param_int(trade->closed_ms) : hx_param_null(),
    };
    hx_batch_add(batch,
                 "INSERT INTO trades (id, venue, market, test, symbol, side, opened_quantity, closed_quantity, "
                 "opened_value, closed_value, entry_price, exit_price, fees, fees_other, realized_pnl, open_signal_id, "
                 "close_signal_id, opened_ms, closed_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
                 "?13, ?14, ?15, ?16, ?17, ?18, ?19) "
                 "ON CONFLICT (id) DO UPDATE SET opened_quantity = excluded.opened_quantity, "
                 "closed_quantity = excluded.closed_quantity, opened_value = excluded.opened_value, "
                 "closed_value = excluded.closed_value, entry_price = excluded.entry_price, "
                 "exit_price = excluded.exit_price, fees = excluded.fees, fees_other = excluded.fees_other, "
                 "realized_pnl = excluded.realized_pnl, close_signal_id = excluded.close_signal_id, "
                 "closed_ms = excluded.closed_ms",
                 1, params, HX_PARAM_COUNT(params));
    return batch->err;
}

/* How much a row ties a symbol to its venue: a round trip, an entry that rests or is watched, dust. */
enum { TIED_BY_TRADE, TIED_BY_ENTRY, TIED_BY_DUST };

hx_err hx_ledger_venue_holding(struct hx_req *req, enum hx_market market, bool test, hx_str symbol, bool reduces,
                               enum hx_venue_id *out) {
    const struct hx_db_value params[] = {hx_param_text(hx_market_name(market)), hx_param_int(test),
                                         hx_param_text(symbol)};
    struct hx_db_rows rows;
    int64_t tie[2] = {TIED_BY_DUST, TIED_BY_DUST};
    enum hx_venue_id venues[2] = {HX_VENUE_NONE, HX_VENUE_NONE};
    *out = HX_VENUE_NONE;
    HX_TRY(hx_ledger_query(
        req,
        "SELECT venue, min(tie) FROM ("
        "SELECT venue, CASE trade_id WHEN '' THEN 2 ELSE 0 END AS tie FROM positions "
        "WHERE market = ?1 AND test = ?2 AND symbol = ?3 AND quantity <> '0' "
        "UNION ALL SELECT venue, 1 FROM orders WHERE finished_ms IS NULL "
        "AND status IN ('open', 'absent') AND purpose = 'open' AND market = ?1 AND test = ?2 AND symbol = ?3) "
        "GROUP BY venue ORDER BY 2 LIMIT 2",
        params, HX_PARAM_COUNT(params), &rows));
    for (uint32_t i = 0; i < rows.row_count; i++) {
        struct hx_row_reader reader = hx_row_read(&rows, i);
        if (hx_failed(hx_venue_parse(hx_row_text(&reader), &venues[i]))) return HX_ERR(BROKEN_STORE);
        tie[i] = hx_row_int(&reader, NULL);
        HX_TRY(reader.err);
    }
    bool several = rows.row_count == 2 && tie[0] == tie[1];
    if (several || (tie[0] == TIED_BY_DUST && !reduces)) return HX_OK;
    *out = venues[0];
    return HX_OK;
}
