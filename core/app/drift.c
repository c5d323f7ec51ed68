/* Drift: the venue holds something else than the ledger, because somebody traded by hand.
 *
 * An exit means "be out", so before it is sized the venue is asked what is really there, and the ledger takes that
 * over: what was closed elsewhere leaves it at cost (its result is not ours to know), what was opened elsewhere comes
 * in at the venue's entry price. The owner is told each time. */
#include "core/app/work.h"
#include "core/trade/amount.h"

/* A venue's list of positions may lag behind its own fills: within this time of our last change the ledger is right. */
#define SETTLED_MS (5 * HX_MS_PER_SECOND)

static hx_err apply(struct hx_work *work, struct hx_batch *batch, hx_str trade_id, hx_dec signed_quantity,
                    hx_dec price) {
    struct hx_position_change change;
    const struct hx_fill fill = {.side = hx_dec_sign(signed_quantity) > 0 ? HX_SIDE_BUY : HX_SIDE_SELL,
                                 .quantity = hx_dec_abs(signed_quantity),
                                 .price = price,
                                 .fee_asset = work->rules.quote_asset,
                                 .time_ms = hx_port_now(work->req)};
    HX_TRY(hx_position_apply(&work->req->arena, &work->position, &fill, trade_id, work->row.id, &change));
    for (uint32_t i = 0; i < change.count; i++) {
        HX_TRY(hx_batch_add_trade(batch, &work->account, work->row.symbol, work->rules.quote_asset, &change.trades[i]));
    }
    return HX_OK;
}

/* The price at which what was added elsewhere must have come in for the venue's average to be what it is. */
static hx_err price_of_addition(const struct hx_work *work, const struct hx_venue_position *venue, hx_dec added,
                                hx_dec *price) {
    hx_dec value, rest;
    *price = hx_dec_sign(venue->entry_price) > 0 ? venue->entry_price : venue->mark_price;
    if (hx_dec_is_zero(work->position.quantity)) return HX_OK;
    HX_TRY(hx_amount_multiply(hx_dec_abs(venue->quantity), *price, HX_ROUND_HALF_EVEN, &value));
    HX_TRY(hx_amount_subtract(value, hx_dec_abs(work->position.cost), &rest));
    if (hx_dec_sign(rest) <= 0) return HX_OK;
    return hx_amount_divide(rest, hx_dec_abs(added), HX_ROUND_HALF_EVEN, price);
}

static hx_err take_over(struct hx_work *work, const struct hx_venue_position *venue, struct hx_batch *batch) {
    hx_dec difference, entry_price, price;
    struct hx_buf buf;
    hx_str trade_id;
    int64_t version = work->position.version;
    HX_TRY(hx_buf_make(&buf, &work->req->arena, 64));
    hx_buf_add_c(&buf, "elsewhere-");
    hx_buf_add(&buf, work->row.id);
    HX_TRY(hx_buf_finish(&buf, &trade_id));
    HX_TRY(hx_dec_subtract(venue->quantity, work->position.quantity, &difference));
    HX_TRY(hx_position_entry_price(&work->position, &entry_price));
    int held = hx_dec_sign(work->position.quantity);
    if (held != 0 && hx_dec_sign(difference) == -held) {
        hx_dec closed = hx_dec_min(hx_dec_abs(difference), hx_dec_abs(work->position.quantity));
        if (held > 0) closed = hx_dec_negate(closed);
        HX_TRY(apply(work, batch, trade_id, closed, entry_price));
        HX_TRY(hx_dec_subtract(difference, closed, &difference));
    }
    if (!hx_dec_is_zero(difference)) {
        HX_TRY(price_of_addition(work, venue, difference, &price));
        HX_TRY(apply(work, batch, trade_id, difference, price));
    }
    work->position.version = version + 1;
    return hx_batch_add_position(batch, &work->account, work->row.symbol, work->rules.quote_asset, &work->position,
                                 hx_port_now(work->req));
}

/* How much of what the venue holds the ledger takes over. More than it has only when the owner himself asks. */
static hx_dec quantity_to_take(const struct hx_work *work, hx_dec venue) {
    bool by_owner = hx_str_equal(work->row.source, HX_STR("cli")) || hx_str_equal(work->row.source, HX_STR("telegram"));
    hx_dec ledger = work->position.quantity;
    if (by_owner) return venue;
    if (hx_dec_sign(venue) != hx_dec_sign(ledger)) return HX_DEC_ZERO;
    return hx_dec_compare(hx_dec_abs(venue), hx_dec_abs(ledger)) < 0 ? venue : ledger;
}

static hx_err describe(struct hx_work *work, hx_dec venue, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &work->req->arena, 192));
    hx_buf_add_c(&buf, "the ledger had ");
    hx_dec_add_to(&buf, work->position.quantity);
    hx_buf_add_c(&buf, ", the venue holds ");
    hx_dec_add_to(&buf, venue);
    hx_buf_add_c(&buf, "; somebody traded by hand, and the ledger follows");
    return hx_buf_finish(&buf, out);
}

/* Whether the ledger's position can be compared at all: nothing of the lane half settled, and the last change of ours
 * long enough ago for the venue's list to show it. */
static hx_err is_comparable(struct hx_work *work, bool *out) {
    bool unsettled = false;
    bool fresh = work->position.updated_ms != 0 && hx_port_now(work->req) - work->position.updated_ms < SETTLED_MS;
    HX_TRY(hx_ledger_has_unsettled(work->req, work->row.lane, &unsettled));
    *out = !fresh && !unsettled;
    return HX_OK;
}

hx_err hx_work_follow_drift(struct hx_work *work, struct hx_venue_result *busy) {
    struct hx_req *req = work->req;
    struct hx_venue_position venue;
    bool comparable = false;
    bool flat = hx_dec_is_zero(work->position.quantity);
    if (flat && hx_dec_is_zero(quantity_to_take(work, hx_dec_from_i64(1)))) return HX_OK;
    HX_TRY(is_comparable(work, &comparable));
    if (!comparable) return HX_OK;
    struct hx_venue_result answer = hx_venue_get_position(req, &work->account, work->row.symbol, &venue);
    if (answer.outcome != HX_OUTCOME_DONE) {
        /* With a position in the ledger the exit goes on with that; with none there is nothing to size it from. */
        if (flat || answer.outcome == HX_OUTCOME_REJECTED) *busy = answer;
        return HX_OK;
    }
    hx_str detail, notice;
    struct hx_batch batch;
    hx_time now = hx_port_now(req);
    HX_TRY(describe(work, venue.quantity, &detail));
    venue.quantity = quantity_to_take(work, venue.quantity);
    if (hx_dec_equal(venue.quantity, work->position.quantity)) return HX_OK;
    const struct hx_verdict verdict = {HX_STR("position_drift"), 200, HX_STR_EMPTY, detail, HX_STR_EMPTY};
    HX_TRY(hx_notice_make(req, &work->row, NULL, 0, &verdict, &notice));
    hx_batch_init(&batch, req);
    HX_TRY(take_over(work, &venue, &batch));
    hx_batch_add_log(&batch, HX_STR("warn"), work->row.id, HX_STR("position drift"), detail, now);
    hx_batch_add_notice(&batch, work->row.id, notice, now);
    return hx_batch_write(&batch, NULL);
}
