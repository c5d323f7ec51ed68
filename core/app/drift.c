/* Drift: the venue holds something else than the ledger, because somebody traded by hand.
 *
 * An exit means "be out", so before it is sized the venue is asked what is really there, and the ledger takes that
 * over: what was closed elsewhere leaves it at cost (its result is not ours to know), what was opened elsewhere comes
 * in at the venue's entry price. The owner is told each time.
 *
 * An order that was declared absent and turns up executed (absent.c) may have been taken over so already, by an exit
 * that came meanwhile. What it did is then in the ledger twice, so after it is booked the venue is asked once more.
 *
 * On spot the venue only knows a balance, and the owner may hold coins of his own: less than the ledger has is taken
 * over, more never is, whoever asks. In hedge mode the ledger's side is compared with the same side at the venue; the
 * other one is the owner's. */
#include "core/app/work.h"
#include "core/trade/amount.h"
#include "core/trade/size.h"

static hx_err apply(struct hx_work *work, struct hx_batch *batch, hx_str trade_id, hx_dec signed_quantity,
                    hx_dec price) {
    struct hx_position_change change;
    bool was_dust = !hx_dec_is_zero(work->position.quantity) && work->position.trade.id.len == 0;
    const struct hx_fill fill = {.side = hx_dec_sign(signed_quantity) > 0 ? HX_SIDE_BUY : HX_SIDE_SELL,
                                 .quantity = hx_dec_abs(signed_quantity),
                                 .price = price,
                                 .fee_asset = work->rules.quote_asset,
                                 .time_ms = hx_port_now(work->req)};
    HX_TRY(hx_position_apply(&work->req->arena, &work->position, &fill, hx_work_spot_asset(work), trade_id,
                             work->row.id, &change));
    if (was_dust) {
        /* What no round trip had any more is no round trip by leaving. */
        hx_position_leave_dust(&work->position, fill.time_ms, &change);
        return HX_OK;
    }
    for (uint32_t i = 0; i < change.count; i++) {
        HX_TRY(hx_batch_add_trade(batch, &work->account, work->row.symbol, work->rules.quote_asset, &change.trades[i]));
    }
    return HX_OK;
}

/* What the venue says a position cost; in hedge mode with both sides open it can't be told which of them is meant. */
static hx_err venue_price(const struct hx_work *work, const struct hx_venue_position *venue, hx_dec *price) {
    bool both = venue->hedged && !hx_dec_is_zero(venue->long_quantity) && !hx_dec_is_zero(venue->short_quantity);
    *price = !both && hx_dec_sign(venue->entry_price) > 0 ? venue->entry_price : venue->mark_price;
    if (hx_dec_sign(*price) > 0) return HX_OK;
    struct hx_venue_result answer = hx_venue_get_mark_price(work->req, &work->account, work->row.symbol, price);
    return answer.outcome == HX_OUTCOME_DONE ? HX_OK : HX_ERR(BUSY_OVERLOADED);
}

/* The price at which what was added elsewhere must have come in for the venue's average to be what it is. */
static hx_err price_of_addition(const struct hx_work *work, const struct hx_venue_position *venue, hx_dec added,
                                hx_dec *price) {
    hx_dec value, rest;
    HX_TRY(venue_price(work, venue, price));
    if (hx_dec_is_zero(work->position.quantity)) return HX_OK;
    HX_TRY(hx_amount_multiply(hx_dec_abs(venue->quantity), *price, HX_ROUND_HALF_EVEN, &value));
    HX_TRY(hx_amount_subtract(value, hx_dec_abs(work->position.cost), &rest));
    if (hx_dec_sign(rest) <= 0) return HX_OK;
    return hx_amount_divide(rest, hx_dec_abs(added), HX_ROUND_HALF_EVEN, price);
}

/* On spot, what is left may be too little to be sold. */
static hx_err leave_dust(struct hx_work *work, struct hx_batch *batch, hx_dec price) {
    struct hx_position_change change;
    bool dust = false;
    if (work->account.market != HX_MARKET_SPOT) return HX_OK;
    HX_TRY(hx_size_is_dust(&work->rules, work->position.quantity, price, &dust));
    if (!dust) return HX_OK;
    hx_position_leave_dust(&work->position, hx_port_now(work->req), &change);
    if (change.count == 0) return HX_OK;
    return hx_batch_add_trade(batch, &work->account, work->row.symbol, work->rules.quote_asset, &change.trades[0]);
}

/* `id`: of what brought it to light. */
static hx_err take_over(struct hx_work *work, const struct hx_venue_position *venue, hx_str id,
                        struct hx_batch *batch) {
    hx_dec difference, entry_price, price;
    struct hx_buf buf;
    hx_str trade_id;
    int64_t version = work->position.version;
    HX_TRY(hx_buf_make(&buf, &work->req->arena, 64));
    hx_buf_add_c(&buf, "elsewhere-");
    hx_buf_add(&buf, id);
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
    HX_TRY(leave_dust(work, batch, entry_price));
    work->position.version = version + 1;
    work->position.updated_ms = hx_port_now(work->req);
    return hx_batch_add_position(batch, &work->account, work->row.symbol, work->rules.quote_asset, &work->position,
                                 work->position.updated_ms);
}

static bool is_by_owner(const struct hx_work *work) {
    return hx_str_equal(work->row.source, HX_STR("cli")) || hx_str_equal(work->row.source, HX_STR("telegram"));
}

/* What the venue holds of what the ledger has. */
static hx_dec lesser(hx_dec ledger, hx_dec venue) {
    if (hx_dec_sign(venue) != hx_dec_sign(ledger)) return HX_DEC_ZERO;
    return hx_dec_compare(hx_dec_abs(venue), hx_dec_abs(ledger)) < 0 ? venue : ledger;
}

/* How much of what the venue holds the ledger takes over. More than it has only when the owner himself asks. */
static hx_dec quantity_to_take(const struct hx_work *work, hx_dec venue) {
    if (is_by_owner(work) && work->account.market != HX_MARKET_SPOT) return venue;
    return lesser(work->position.quantity, venue);
}

/* Which side of hedge mode the signal is about: the one the ledger holds, else the one it names; NET: it does not say.
 */
static enum hx_position_side side_of(const struct hx_work *work) {
    int held = hx_dec_sign(work->position.quantity);
    if (held != 0) return held > 0 ? HX_POSITION_LONG : HX_POSITION_SHORT;
    bool buys = work->signal.action == HX_ACTION_LONG;
    bool sells = work->signal.action == HX_ACTION_SHORT;
    if (work->signal.action == HX_ACTION_CLOSE_LONG || sells) return HX_POSITION_LONG;
    return work->signal.action == HX_ACTION_CLOSE_SHORT || buys ? HX_POSITION_SHORT : HX_POSITION_NET;
}

bool hx_work_venue_holds(const struct hx_work *work, const struct hx_venue_position *venue, hx_dec *out) {
    *out = venue->quantity;
    if (!venue->hedged) return true;
    enum hx_position_side side = side_of(work);
    if (side == HX_POSITION_NET && hx_dec_is_zero(venue->short_quantity)) side = HX_POSITION_LONG;
    if (side == HX_POSITION_NET && hx_dec_is_zero(venue->long_quantity)) side = HX_POSITION_SHORT;
    *out = side == HX_POSITION_LONG ? venue->long_quantity : hx_dec_negate(venue->short_quantity);
    return side != HX_POSITION_NET;
}

static hx_err describe(struct hx_work *work, hx_dec venue, const char *why, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &work->req->arena, 192));
    hx_buf_add_c(&buf, "the ledger had ");
    hx_dec_add_to(&buf, work->position.quantity);
    hx_buf_add_c(&buf, ", the venue holds ");
    hx_dec_add_to(&buf, venue);
    hx_buf_add_c(&buf, why);
    return hx_buf_finish(&buf, out);
}

/* Takes `quantity` over of what the venue holds, and tells. */
static hx_err follow(struct hx_work *work, struct hx_venue_position *venue, hx_dec quantity, const char *why,
                     hx_str id) {
    struct hx_req *req = work->req;
    hx_str detail, notice;
    struct hx_batch batch;
    hx_time now = hx_port_now(req);
    HX_TRY(describe(work, venue->quantity, why, &detail));
    venue->quantity = quantity;
    if (hx_dec_equal(venue->quantity, work->position.quantity)) return HX_OK;
    const struct hx_verdict verdict = {HX_STR("position_drift"), 200, HX_STR_EMPTY, detail, HX_STR_EMPTY};
    HX_TRY(hx_notice_make(req, &work->row, NULL, 0, &verdict, &notice));
    hx_batch_init(&batch, req);
    HX_TRY(take_over(work, venue, id, &batch));
    hx_batch_add_log(&batch, HX_STR("warn"), work->row.id, HX_STR("position drift"), detail, now);
    hx_batch_add_notice(&batch, work->row.id, notice, now);
    return hx_batch_write(&batch, NULL);
}

/* Whether the ledger's position can be compared at all: nothing of the lane half settled, and the last change of ours
 * long enough ago for the venue's list to show it. */
static hx_err is_comparable(struct hx_work *work, bool *out) {
    bool unsettled = false;
    bool fresh =
        work->position.updated_ms != 0 && hx_port_now(work->req) - work->position.updated_ms < HX_DRIFT_SETTLED_MS;
    HX_TRY(hx_ledger_has_unsettled(work->req, work->row.lane, &work->account, &unsettled));
    *out = !fresh && !unsettled;
    return HX_OK;
}

/* The venue does not know the symbol of which it was asked what it holds. When its list of symbols, asked anew, says
 * the same, it holds nothing; else it says two things, and is asked again later. */
static struct hx_venue_result confirm_unlisted(struct hx_work *work, const struct hx_venue_result *answer,
                                               struct hx_venue_position *venue) {
    struct hx_symbol_rules rules;
    hx_venue_forget_rules(work->req, &work->account, work->row.symbol);
    struct hx_venue_result listed = hx_venue_rules(work->req, &work->account, work->row.symbol, &rules);
    *venue = (struct hx_venue_position){.hedged = false};
    bool unlisted = listed.outcome == HX_OUTCOME_REJECTED && listed.no_such_symbol;
    return (struct hx_venue_result){.outcome = unlisted ? HX_OUTCOME_DONE : HX_OUTCOME_BUSY,
                                    .message = answer->message};
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
    if (answer.no_such_symbol) answer = confirm_unlisted(work, &answer, &venue);
    if (answer.outcome != HX_OUTCOME_DONE) {
        /* With a position in the ledger the exit goes on with that; with none there is nothing to size it from. */
        if (flat || answer.outcome == HX_OUTCOME_REJECTED) *busy = answer;
        return HX_OK;
    }
    if (!hx_work_venue_holds(work, &venue, &venue.quantity)) {
        *busy = (struct hx_venue_result){
            .outcome = HX_OUTCOME_REJECTED,
            .message = HX_STR("a long and a short are open (hedge mode): say CLOSE_LONG or CLOSE_SHORT")};
        return HX_OK;
    }
    return follow(work, &venue, quantity_to_take(work, venue.quantity),
                  "; somebody traded by hand, and the ledger follows", work->row.id);
}

/* What the venue holds on the order's side. False: the ledger held the other one. */
static bool side_holds(const struct hx_order_row *order, const struct hx_position *before,
                       const struct hx_venue_position *venue, hx_dec *out) {
    *out = venue->quantity;
    if (!venue->hedged) return true;
    bool is_long = hx_order_position_side(true, order->opens, order->side) == HX_POSITION_LONG;
    *out = is_long ? venue->long_quantity : hx_dec_negate(venue->short_quantity);
    return hx_dec_sign(before->quantity) != (is_long ? -1 : 1);
}

hx_err hx_work_follow_turned_up(struct hx_work *work, const struct hx_order_row *order,
                                const struct hx_position *before) {
    struct hx_req *req = work->req;
    struct hx_venue_position venue;
    bool unsettled = false;
    hx_time last = 0;
    HX_TRY(hx_ledger_has_unsettled(req, order->lane, &order->account, &unsettled));
    if (unsettled) return HX_OK;
    HX_TRY(hx_ledger_last_fill_time(req, order->client_order_id, &last));
    if (before->updated_ms > last) last = before->updated_ms;
    hx_time now = hx_port_now(req);
    if (last > now) last = now;
    if (now - last < HX_DRIFT_SETTLED_MS) HX_TRY(hx_port_sleep(req, last + HX_DRIFT_SETTLED_MS));
    struct hx_venue_result answer = hx_venue_get_position(req, &work->account, order->symbol, &venue);
    if (answer.outcome != HX_OUTCOME_DONE || !side_holds(order, before, &venue, &venue.quantity)) return HX_OK;
    bool was_counted = hx_dec_equal(venue.quantity, before->quantity);
    hx_dec quantity = was_counted ? venue.quantity : lesser(work->position.quantity, venue.quantity);
    return follow(work, &venue, quantity,
                  "; an order that turned up had been taken over before, and the ledger follows",
                  order->client_order_id);
}
