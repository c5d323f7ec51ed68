/* Exits that come behind an entry which is not done yet.
 *
 * One that would close what the entry opens ends the entry, or what is left of it. But an entry may have something to
 * close first (a flip), and an exit may be about the other side: then the entry goes on, so that nobody is kept in a
 * position for having called off the one that was to follow it. */
#include "core/app/work.h"

/* A lane spans venues and markets. An exit that names no venue goes where the position is. */
static bool is_of_account(const struct hx_work *work, const struct hx_signal_row *row, const struct hx_signal *exit) {
    enum hx_venue_id venue = row->venue != HX_VENUE_NONE ? row->venue : exit->venue;
    return exit->market == work->account.market && (venue == HX_VENUE_NONE || venue == work->account.venue);
}

/* What a signal without legs would close of a position, to begin with. */
static hx_err quantity_closed(const struct hx_signal *signal, hx_dec position, hx_dec *out) {
    const struct hx_plan_input input = {
        .signal = signal, .position = position, .spot = signal->market == HX_MARKET_SPOT};
    struct hx_step step;
    HX_TRY(hx_plan_decide(&input, &step));
    *out = step.kind == HX_STEP_CLOSE ? step.quantity : HX_DEC_ZERO;
    return HX_OK;
}

/* Whether the exit closes any of what the entry opens. */
static hx_err undoes(const struct hx_work *work, const struct hx_signal *exit, bool *out) {
    const struct hx_signal *entry = &work->signal;
    bool is_short =
        entry->action == HX_ACTION_SHORT || (entry->action == HX_ACTION_TARGET && hx_dec_sign(entry->target) < 0);
    hx_dec closed;
    HX_TRY(quantity_closed(exit, hx_dec_from_i64(is_short ? -1 : 1), &closed));
    *out = hx_dec_sign(closed) > 0;
    return HX_OK;
}

/* What the entry has still to close before it opens anything. */
static hx_err quantity_owed(const struct hx_work *work, hx_dec position, hx_dec *out) {
    *out = HX_DEC_ZERO;
    if (work->order_count == 0) return quantity_closed(&work->signal, position, out);
    const struct hx_order_row *last = &work->orders[work->order_count - 1];
    bool waits = !last->opens && hx_str_equal(last->status, HX_STATUS_BUSY);
    if (waits) *out = hx_dec_min(last->quantity, hx_dec_abs(position));
    return HX_OK;
}

hx_err hx_work_gives_way(struct hx_work *work, const struct hx_signal_row *exit_row, bool *gives_way) {
    struct hx_signal exit;
    struct hx_signal_issues issues;
    struct hx_position position;
    hx_dec owed, closed;
    HX_TRY(hx_signal_parse(&work->req->arena, exit_row->body, &exit, NULL, &issues));
    *gives_way = true;
    if (!is_of_account(work, exit_row, &exit)) return HX_OK;
    HX_TRY(undoes(work, &exit, gives_way));
    if (!*gives_way) return HX_OK;
    /* Only its quantity counts here. */
    HX_TRY(hx_ledger_position(work->req, &work->account, work->row.symbol, HX_STR_EMPTY, &position));
    HX_TRY(quantity_owed(work, position.quantity, &owed));
    HX_TRY(quantity_closed(&exit, position.quantity, &closed));
    *gives_way = hx_dec_compare(owed, closed) <= 0;
    return HX_OK;
}

hx_err hx_work_opening_is_undone(struct hx_work *work, bool *undone) {
    struct hx_signal_row row;
    struct hx_signal exit;
    struct hx_signal_issues issues;
    *undone = false;
    hx_err err = hx_ledger_exit_behind(work->req, work->row.lane, work->row.seq, &row);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return HX_OK;
    HX_TRY(err);
    HX_TRY(hx_signal_parse(&work->req->arena, row.body, &exit, NULL, &issues));
    return is_of_account(work, &row, &exit) ? undoes(work, &exit, undone) : HX_OK;
}
