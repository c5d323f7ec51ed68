#include "core/app/stream_ledger.h"

#include "core/app/ledger_row.h"

#define OPEN_ON_ACCOUNT "WHERE finished_ms IS NULL AND venue = ?1 AND market = ?2 AND test = ?3 "

static hx_err read_texts(struct hx_req *req, const struct hx_db_rows *rows, hx_str **out, uint32_t *count) {
    void *list = NULL;
    HX_TRY(hx_arena_make(&req->arena, rows->row_count + 1, sizeof(**out), &list));
    *out = list;
    *count = rows->row_count;
    for (uint32_t i = 0; i < rows->row_count; i++) {
        struct hx_row_reader reader = hx_row_read(rows, i);
        (*out)[i] = hx_row_text(&reader);
        HX_TRY(reader.err);
    }
    return HX_OK;
}

hx_err hx_ledger_open_symbols(struct hx_req *req, const struct hx_account *account, uint32_t max, hx_str **out,
                              uint32_t *count) {
    const struct hx_db_value params[] = {hx_param_text(hx_venue_name(account->venue)),
                                         hx_param_text(hx_market_name(account->market)), hx_param_int(account->test),
                                         hx_param_int(max)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req,
                           "SELECT symbol FROM orders " OPEN_ON_ACCOUNT
                           "UNION SELECT symbol FROM signals " OPEN_ON_ACCOUNT
                           "UNION SELECT symbol FROM positions WHERE venue = ?1 AND market = ?2 AND test = ?3 "
                           "AND quantity <> '0' ORDER BY 1 LIMIT ?4",
                           params, HX_PARAM_COUNT(params), &rows));
    return read_texts(req, &rows, out, count);
}

hx_err hx_ledger_open_lanes(struct hx_req *req, const struct hx_account *account, hx_str **out, uint32_t *count) {
    const struct hx_db_value params[] = {hx_param_text(hx_venue_name(account->venue)),
                                         hx_param_text(hx_market_name(account->market)), hx_param_int(account->test)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(
        req, "SELECT lane FROM orders " OPEN_ON_ACCOUNT "UNION SELECT lane FROM signals " OPEN_ON_ACCOUNT "LIMIT 1000",
        params, HX_PARAM_COUNT(params), &rows));
    return read_texts(req, &rows, out, count);
}

hx_err hx_ledger_find_order_place(struct hx_req *req, hx_str signal_id, uint32_t leg, struct hx_order_place *out) {
    const struct hx_db_value params[] = {hx_param_text(signal_id), hx_param_int(leg)};
    struct hx_db_rows rows;
    HX_TRY(hx_ledger_query(req,
                           "SELECT o.lane, o.status, s.status, o.finished_ms FROM orders o "
                           "JOIN signals s ON s.id = o.signal_id WHERE o.signal_id = ?1 AND o.leg = ?2",
                           params, HX_PARAM_COUNT(params), &rows));
    if (rows.row_count == 0) return HX_ERR(ABSENT_ROW);
    struct hx_row_reader reader = hx_row_read(&rows, 0);
    out->lane = hx_row_text(&reader);
    out->order_status = hx_row_text(&reader);
    out->signal_status = hx_row_text(&reader);
    (void)hx_row_int(&reader, &out->finished);
    return reader.err;
}
