#include "core/trade/position.h"

#include "core/base/json.h"
#include "core/trade/amount.h"

hx_err hx_fees_add(struct hx_fees *fees, hx_str asset, hx_dec amount) {
    if (hx_dec_is_zero(amount)) return HX_OK;
    for (uint32_t i = 0; i < fees->count; i++) {
        if (!hx_str_equal(fees->list[i].asset, asset)) continue;
        return hx_amount_add(fees->list[i].amount, amount, &fees->list[i].amount);
    }
    if (fees->count == HX_FEE_ASSETS_MAX) return HX_ERR(LIMIT_COUNT);
    fees->list[fees->count++] = (struct hx_fee_total){asset, amount};
    return HX_OK;
}

hx_dec hx_fees_get(const struct hx_fees *fees, hx_str asset) {
    for (uint32_t i = 0; i < fees->count; i++) {
        if (hx_str_equal(fees->list[i].asset, asset)) return fees->list[i].amount;
    }
    return HX_DEC_ZERO;
}

hx_err hx_fees_format_others(struct hx_arena *arena, const struct hx_fees *fees, hx_str except, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, arena, HX_FEE_ASSETS_MAX * 96 + 8));
    hx_buf_add_char(&buf, '{');
    bool first = true;
    for (uint32_t i = 0; i < fees->count; i++) {
        if (hx_str_equal(fees->list[i].asset, except)) continue;
        if (!first) hx_buf_add_char(&buf, ',');
        first = false;
        hx_json_add_string(&buf, fees->list[i].asset);
        hx_buf_add_c(&buf, ":\"");
        hx_dec_add_to(&buf, fees->list[i].amount);
        hx_buf_add_char(&buf, '"');
    }
    hx_buf_add_char(&buf, '}');
    return hx_buf_finish(&buf, out);
}

hx_err hx_fees_parse_others(struct hx_arena *arena, hx_str text, struct hx_fees *fees) {
    const struct hx_json *root = NULL;
    HX_TRY(hx_json_parse(arena, text, &root, NULL));
    if (root->type != HX_JSON_OBJECT) return HX_ERR(REJECT_SYNTAX);
    for (const struct hx_json *child = hx_json_first(root); child != NULL; child = hx_json_next(root, child)) {
        hx_dec amount;
        HX_TRY(hx_dec_parse(child->text, &amount));
        HX_TRY(hx_fees_add(fees, child->name, amount));
    }
    return HX_OK;
}

hx_err hx_position_entry_price(const struct hx_position *position, hx_dec *out) {
    *out = HX_DEC_ZERO;
    if (hx_dec_is_zero(position->quantity)) return HX_OK;
    return hx_amount_divide(position->cost, position->quantity, HX_ROUND_HALF_EVEN, out);
}

/* A new round trip; dust that an earlier one left behind is the first thing in it. */
static void begin_trade(struct hx_position *position, bool is_long, hx_time time_ms, hx_str trade_id,
                        hx_str signal_id) {
    position->opened_ms = time_ms;
    position->trade = (struct hx_trade){.id = trade_id,
                                        .is_long = is_long,
                                        .opened_quantity = hx_dec_abs(position->quantity),
                                        .opened_value = hx_dec_abs(position->cost),
                                        .opened_ms = time_ms,
                                        .open_signal_id = signal_id};
}

/* The part of a fill that opens or adds: `traded` of it, of which `gained` came into the position; both positive. */
static hx_err apply_opening(struct hx_position *position, const struct hx_fill *fill, hx_dec traded, hx_dec gained,
                            hx_str trade_id, hx_str signal_id) {
    bool is_long = fill->side == HX_SIDE_BUY;
    hx_dec value;
    HX_TRY(hx_amount_multiply(traded, fill->price, HX_ROUND_HALF_EVEN, &value));
    if (hx_dec_is_zero(position->quantity)) position->cost = HX_DEC_ZERO;
    if (position->trade.id.len == 0) begin_trade(position, is_long, fill->time_ms, trade_id, signal_id);
    HX_TRY(hx_dec_add(position->quantity, is_long ? gained : hx_dec_negate(gained), &position->quantity));
    HX_TRY(hx_amount_add(position->cost, is_long ? value : hx_dec_negate(value), &position->cost));
    struct hx_trade *trade = &position->trade;
    HX_TRY(hx_dec_add(trade->opened_quantity, gained, &trade->opened_quantity));
    return hx_amount_add(trade->opened_value, value, &trade->opened_value);
}

/* The part of a fill that closes: `traded` of it, which took `lost` from the position; both positive, `lost` at most
 * the position's size. */
static hx_err apply_closing(struct hx_position *position, const struct hx_fill *fill, hx_dec traded, hx_dec lost,
                            hx_str trade_id, hx_str signal_id) {
    bool is_long = hx_dec_sign(position->quantity) > 0;
    hx_dec size = hx_dec_abs(position->quantity);
    bool flat_after = hx_dec_equal(size, lost);
    hx_dec cost_out = hx_dec_abs(position->cost);
    if (position->trade.id.len == 0) begin_trade(position, is_long, fill->time_ms, trade_id, signal_id);
    if (!flat_after) {
        /* In proportion to the opening average; so few places that sums stay exact far beyond any account. */
        hx_dec average;
        HX_TRY(hx_amount_divide(cost_out, size, HX_ROUND_HALF_EVEN, &average));
        HX_TRY(hx_amount_multiply(average, lost, HX_ROUND_HALF_EVEN, &cost_out));
        HX_TRY(hx_dec_round(cost_out, HX_COST_PLACES, HX_ROUND_HALF_EVEN, &cost_out));
    }
    hx_dec value, pnl;
    HX_TRY(hx_amount_multiply(traded, fill->price, HX_ROUND_HALF_EVEN, &value));
    HX_TRY(is_long ? hx_amount_subtract(value, cost_out, &pnl) : hx_amount_subtract(cost_out, value, &pnl));

    hx_dec signed_quantity = is_long ? hx_dec_negate(lost) : lost;
    hx_dec signed_cost = is_long ? hx_dec_negate(cost_out) : cost_out;
    HX_TRY(hx_dec_add(position->quantity, signed_quantity, &position->quantity));
    HX_TRY(hx_amount_add(position->cost, signed_cost, &position->cost));
    HX_TRY(hx_amount_add(position->realized_pnl, pnl, &position->realized_pnl));
    struct hx_trade *trade = &position->trade;
    HX_TRY(hx_dec_add(trade->closed_quantity, lost, &trade->closed_quantity));
    HX_TRY(hx_amount_add(trade->closed_value, value, &trade->closed_value));
    HX_TRY(hx_amount_add(trade->realized_pnl, pnl, &trade->realized_pnl));
    trade->close_signal_id = signal_id;
    if (flat_after) {
        position->cost = HX_DEC_ZERO; /* Whatever was rounded on the way. */
        trade->closed_ms = fill->time_ms;
        position->opened_ms = 0;
    }
    return HX_OK;
}

/* Splits the fee of a flipping fill by quantity: the closing part is rounded, the rest goes to the opening part, so
 * the parts always add up to the venue's figure. */
static hx_err fee_of_closing_part(const struct hx_fill *fill, hx_dec closing, hx_dec *fee) {
    if (hx_dec_equal(closing, fill->quantity)) {
        *fee = fill->fee;
        return HX_OK;
    }
    hx_dec scaled;
    HX_TRY(hx_amount_multiply(fill->fee, closing, HX_ROUND_HALF_EVEN, &scaled));
    HX_TRY(hx_amount_divide(scaled, fill->quantity, HX_ROUND_HALF_EVEN, fee));
    return hx_dec_round(*fee, HX_FEE_PLACES, HX_ROUND_HALF_EVEN, fee);
}

static hx_err flip_trade_id(struct hx_arena *arena, hx_str trade_id, hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, arena, trade_id.len + 2));
    hx_buf_add(&buf, trade_id);
    hx_buf_add_c(&buf, "-r");
    return hx_buf_finish(&buf, out);
}

/* A fill of an account that holds what it buys. A commission in the asset itself is taken from what came in, or from
 * what is left after a sale. */
static hx_err apply_spot(struct hx_position *position, const struct hx_fill *fill, hx_dec taken, hx_str trade_id,
                         hx_str signal_id, struct hx_position_change *change) {
    HX_TRY(hx_fees_add(&position->fees, fill->fee_asset, fill->fee));
    if (fill->side == HX_SIDE_BUY) {
        hx_dec gained;
        HX_TRY(hx_dec_subtract(fill->quantity, taken, &gained));
        if (hx_dec_sign(gained) <= 0) return HX_ERR(REJECT_RANGE);
        HX_TRY(apply_opening(position, fill, fill->quantity, gained, trade_id, signal_id));
    } else {
        hx_dec size = position->quantity;
        hx_dec lost;
        HX_TRY(hx_dec_add(fill->quantity, taken, &lost));
        if (hx_dec_sign(size) <= 0 || hx_dec_sign(lost) <= 0) return HX_OK;
        HX_TRY(apply_closing(position, fill, hx_dec_min(fill->quantity, size), hx_dec_min(lost, size), trade_id,
                             signal_id));
    }
    HX_TRY(hx_fees_add(&position->trade.fees, fill->fee_asset, fill->fee));
    change->trades[change->count++] = position->trade;
    if (hx_dec_is_zero(position->quantity)) position->trade = (struct hx_trade){0};
    return HX_OK;
}

/* A fill of an account that may be long or short: it closes what is opposite first. */
static hx_err apply_net(struct hx_arena *arena, struct hx_position *position, const struct hx_fill *fill,
                        hx_str trade_id, hx_str signal_id, struct hx_position_change *change) {
    hx_dec signed_quantity = fill->side == HX_SIDE_BUY ? fill->quantity : hx_dec_negate(fill->quantity);
    hx_dec closing = HX_DEC_ZERO;
    if (hx_dec_sign(position->quantity) * hx_dec_sign(signed_quantity) < 0) {
        closing = hx_dec_min(hx_dec_abs(position->quantity), fill->quantity);
    }
    HX_TRY(hx_fees_add(&position->fees, fill->fee_asset, fill->fee));
    hx_dec fee_closing = HX_DEC_ZERO;
    if (hx_dec_sign(closing) > 0) {
        HX_TRY(fee_of_closing_part(fill, closing, &fee_closing));
        HX_TRY(apply_closing(position, fill, closing, closing, trade_id, signal_id));
        HX_TRY(hx_fees_add(&position->trade.fees, fill->fee_asset, fee_closing));
        change->trades[change->count++] = position->trade;
        if (hx_dec_is_zero(position->quantity)) position->trade = (struct hx_trade){0};
    }
    hx_dec opening, fee_opening;
    HX_TRY(hx_dec_subtract(fill->quantity, closing, &opening));
    if (hx_dec_sign(opening) > 0) {
        if (change->count > 0) HX_TRY(flip_trade_id(arena, trade_id, &trade_id));
        HX_TRY(hx_amount_subtract(fill->fee, fee_closing, &fee_opening));
        HX_TRY(apply_opening(position, fill, opening, opening, trade_id, signal_id));
        HX_TRY(hx_fees_add(&position->trade.fees, fill->fee_asset, fee_opening));
        change->trades[change->count++] = position->trade;
    }
    return HX_OK;
}

hx_err hx_position_apply(struct hx_arena *arena, struct hx_position *position, const struct hx_fill *fill,
                         hx_str spot_asset, hx_str trade_id, hx_str signal_id, struct hx_position_change *change) {
    hx_assert(hx_dec_sign(fill->quantity) > 0);
    change->count = 0;
    if (spot_asset.len > 0) {
        hx_dec taken = hx_str_equal(fill->fee_asset, spot_asset) ? fill->fee : HX_DEC_ZERO;
        HX_TRY(apply_spot(position, fill, taken, trade_id, signal_id, change));
    } else {
        HX_TRY(apply_net(arena, position, fill, trade_id, signal_id, change));
    }
    position->version++;
    return HX_OK;
}

void hx_position_leave_dust(struct hx_position *position, hx_time now, struct hx_position_change *change) {
    change->count = 0;
    if (position->trade.id.len == 0) return;
    position->trade.closed_ms = now;
    change->trades[change->count++] = position->trade;
    position->trade = (struct hx_trade){0};
    position->opened_ms = 0;
}
