/* What a signal needs next: the planner's question put from what is durable, and the step it answers with as an order
 * of so much, or why there is none. */
#include "core/admit/manifest.h"
#include "core/app/setting.h"
#include "core/app/work.h"
#include "core/base/id.h"
#include "core/trade/amount.h"
#include "core/trade/size.h"

#define RESIDUE_LEN_MAX 256
#define BY_VALUE_SLACK_PERCENT 1

/* Whether what is to be sold is worth enough is told beforehand where the price can be had; else the venue tells. */
static hx_err gather_sale_price(struct hx_work *work, struct hx_size_input *input) {
    hx_dec price;
    bool has_least = hx_dec_sign(work->rules.notional_min) > 0 && !work->rules.market_notional_free;
    if (input->type != HX_ORDER_MARKET || !has_least) return HX_OK;
    struct hx_venue_result answer = hx_venue_get_mark_price(work->req, &work->account, work->row.symbol, &price);
    if (answer.outcome == HX_OUTCOME_DONE) input->price = price;
    return HX_OK;
}

/* Prices and equity that the sizing asks for. */
static hx_err gather_inputs(struct hx_work *work, bool opens, struct hx_size_input *input, struct hx_verdict *verdict,
                            struct hx_venue_result *busy) {
    struct hx_req *req = work->req;
    const struct hx_signal *signal = &work->signal;
    if (opens && hx_failed(hx_manifest_max_order_notional(req, &input->notional_cap))) {
        *verdict = (struct hx_verdict){
            HX_STR("refused"), 403, HX_STR("KILL_SWITCH"),
            HX_STR("trade:max_order_notional can't be read, so no entry is sent; set it again"), HX_STR_EMPTY};
        return HX_OK;
    }
    struct hx_size_needs needs = hx_size_needs(signal, input->type, !opens, input->notional_cap);
    struct hx_venue_result answer;
    if (input->type == HX_ORDER_LIMIT) input->price = signal->price;
    if (input->spot && !opens) return gather_sale_price(work, input);
    needs.price = needs.price || input->by_value;
    if (needs.price) {
        answer = hx_venue_get_mark_price(req, &work->account, signal->symbol, &input->price);
        if (hx_work_stops(&answer, HX_STR_EMPTY, verdict, busy)) return HX_OK;
    }
    if (needs.equity) {
        struct hx_equity equity;
        answer = hx_venue_get_equity(req, &work->account, work->rules.quote_asset, &equity);
        if (hx_work_stops(&answer, HX_STR_EMPTY, verdict, busy)) return HX_OK;
        HX_TRY(hx_dec_add(equity.wallet_balance, equity.unrealized_pnl, &input->equity));
    }
    return HX_OK;
}

/* The last thing before an entry: one that is refused for its size must not change the leverage of what is open. */
static bool set_leverage(struct hx_work *work, struct hx_verdict *verdict, struct hx_venue_result *busy) {
    if (work->account.market != HX_MARKET_FUTURES) return true;
    struct hx_venue_result answer =
        hx_venue_set_leverage(work->req, &work->account, work->signal.symbol, hx_work_leverage(work));
    /* Asking for it may be refused for the key, the account or the symbol: then no field is to blame. */
    return !hx_work_stops(&answer, answer.about_leverage ? HX_STR("leverage") : HX_STR_EMPTY, verdict, busy);
}

static hx_err fill_order(struct hx_work *work, const struct hx_step *step, const struct hx_size_input *input,
                         const struct hx_size *size, struct hx_order_row *order) {
    struct hx_req *req = work->req;
    hx_uuid id;
    struct hx_buf buf;
    hx_mem_set(order, 0, sizeof(*order));
    HX_TRY(hx_uuid_parse(work->row.id, &id));
    HX_TRY(hx_buf_make(&buf, &req->arena, HX_CLIENT_ORDER_ID_LEN));
    hx_client_order_id_add_to(&buf, id, work->order_count);
    HX_TRY(hx_buf_finish(&buf, &order->client_order_id));
    order->signal_id = work->row.id;
    order->leg = work->order_count;
    order->lane = work->row.lane;
    order->account = work->account;
    order->symbol = work->row.symbol;
    order->opens = step->kind == HX_STEP_OPEN;
    order->side = step->side;
    order->type = input->type;
    order->reduce_only = !order->opens && !input->spot;
    order->quantity = size->quantity;
    order->price = input->type == HX_ORDER_LIMIT ? size->price : HX_DEC_ZERO;
    if (input->by_value) order->price = input->price;
    order->status = HX_STATUS_INTENT;
    order->attempt = 1;
    order->created_ms = hx_port_now(req);
    order->updated_ms = order->created_ms;
    order->send_by_ms = order->created_ms + HX_SEND_WINDOW_MS;
    return HX_OK;
}

/* What a step that needs no order means for the signal. */
static struct hx_verdict verdict_without_order(const struct hx_work *work, const struct hx_step *step) {
    if (step->kind != HX_STEP_REFUSE) return hx_work_verdict_of_orders(work);
    return (struct hx_verdict){
        HX_STR("refused"), 422, HX_STR("POSITION_MISMATCH"),
        HX_STR("the alert says the strategy held something else than the ledger: an earlier alert "
               "was lost; set HOOX_TARGET_MISMATCH=catch_up to follow the target anyway"),
        HX_STR("prev_market_position")};
}

/* The largest order that closes, in whole steps. */
static hx_err largest_close(const struct hx_work *work, hx_dec *out) {
    const struct hx_symbol_rules *rules = &work->rules;
    bool limit = hx_signal_only_reduces(&work->signal) && work->signal.order_type == HX_ORDER_LIMIT;
    bool has_market = hx_dec_sign(rules->market_quantity_max) > 0;
    hx_dec step = !limit && hx_dec_sign(rules->market_step) > 0 ? rules->market_step : rules->step;
    *out = !limit && has_market ? rules->market_quantity_max : rules->quantity_max;
    return hx_dec_sign(step) > 0 ? hx_dec_round_step(*out, step, HX_ROUND_DOWN, out) : HX_OK;
}

/* A market buy in quote meets its quantity as nearly as the price kept still; the next alert is not to correct that. */
static hx_err allow_for_price(const struct hx_work *work, hx_dec *slack) {
    hx_dec share;
    if (work->signal.action != HX_ACTION_TARGET) return HX_OK;
    HX_TRY(hx_dec_make(BY_VALUE_SLACK_PERCENT, -2, &share));
    HX_TRY(hx_amount_multiply(hx_dec_abs(work->signal.target), share, HX_ROUND_DOWN, &share));
    *slack = hx_dec_max(*slack, share);
    return HX_OK;
}

bool hx_work_is_refused_close(const struct hx_order_row *order) {
    return !order->opens && order->type == HX_ORDER_MARKET && hx_str_equal(order->status, HX_STR("rejected"));
}

/* Whether a close ended before it was done, and there is something new to go on with: a market order was executed in
 * part, or one that was refused turned out to be for more than there is, and the ledger has followed since. */
static bool is_cut(const struct hx_work *work, const struct hx_order_row *order) {
    bool in_part = hx_str_equal(order->status, HX_STR("partially_filled")) && order->type == HX_ORDER_MARKET;
    return !order->opens &&
           (in_part || (hx_work_is_refused_close(order) && work->position.updated_ms > order->updated_ms));
}

hx_err hx_work_plan(struct hx_work *work, struct hx_step *out) {
    struct hx_leg legs[HX_WORK_ORDERS_MAX];
    bool refuse = hx_str_equal_ignore_case(hx_setting_read(work->req, HX_SETTING_TARGET_MISMATCH), HX_STR("refuse"));
    for (uint32_t i = 0; i < work->order_count; i++) {
        const struct hx_order_row *order = &work->orders[i];
        bool filled = hx_str_equal(order->status, HX_STR("filled"));
        legs[i] = (struct hx_leg){order->opens, filled, is_cut(work, order), order->executed_quantity};
    }
    const struct hx_order_row *first = &work->orders[0];
    bool closed_first = work->order_count > 0 && !first->opens;
    bool spot = work->account.market == HX_MARKET_SPOT;
    struct hx_plan_input input = {.signal = &work->signal,
                                  .position = work->position.quantity,
                                  .spot = spot,
                                  .step = work->rules.step,
                                  .legs = legs,
                                  .leg_count = work->order_count,
                                  .held_before = !closed_first                 ? 0
                                                 : first->side == HX_SIDE_SELL ? 1
                                                                               : -1,
                                  .refuse_lost_alert = refuse};
    HX_TRY(largest_close(work, &input.close_max));
    if (spot) {
        input.commission = hx_fees_get(&work->position.trade.fees, work->rules.base_asset);
        input.slack = hx_size_least(&work->rules);
    }
    if (hx_venue_traits(&work->account)->market_buy_in_quote) HX_TRY(allow_for_price(work, &input.slack));
    return hx_plan_decide(&input, out);
}

/* The order can't be made as the signal has it; of its two ways to name a quantity the alert knows only its own. */
static struct hx_verdict invalid_size(const struct hx_work *work, const struct hx_size *size) {
    const struct hx_signal *signal = &work->signal;
    bool about_quantity = hx_str_equal(size->field, HX_STR("quantity"));
    if (about_quantity && signal->is_plain_order) return hx_work_invalid(HX_STR("contracts"), size->problem);
    if (!about_quantity || signal->action != HX_ACTION_TARGET) return hx_work_invalid(size->field, size->problem);
    bool changes = size->below_minimum && !hx_dec_is_zero(work->position.quantity);
    return hx_work_invalid(HX_STR("position_size"),
                           changes
                               ? HX_STR("asks for a change below the smallest order the venue takes; nothing was sent")
                               : size->problem);
}

/* Whether what is closed only makes room for the other side. */
static bool turns_around(const struct hx_work *work) {
    const struct hx_signal *signal = &work->signal;
    hx_dec held = work->position.quantity;
    if (hx_signal_only_reduces(signal)) return false;
    if (signal->action == HX_ACTION_TARGET) return hx_dec_sign(signal->target) == -hx_dec_sign(held);
    return !signal->is_plain_order || hx_dec_compare(signal->quantity, hx_dec_abs(held)) > 0;
}

/* Why nothing is sold although something is held. */
static hx_err explain_dust(struct hx_work *work, struct hx_verdict *verdict) {
    struct hx_buf buf;
    bool blocks = turns_around(work);
    HX_TRY(hx_buf_make(&buf, &work->req->arena, RESIDUE_LEN_MAX));
    hx_buf_add_c(&buf, "what is left, ");
    hx_dec_add_to(&buf, hx_dec_abs(work->position.quantity));
    hx_buf_add_char(&buf, ' ');
    hx_buf_add(&buf, work->rules.base_asset);
    hx_buf_add_c(&buf, ", is below the smallest order the venue takes; it stays in the position");
    if (work->account.market == HX_MARKET_SPOT) hx_buf_add_c(&buf, " and is sold with what is bought next");
    if (blocks) hx_buf_add_c(&buf, ", and nothing was opened: close it at the exchange first");
    if (blocks)
        *verdict = (struct hx_verdict){HX_STR("rejected"), 422, HX_STR("NOT_POSSIBLE"), HX_STR_EMPTY, HX_STR_EMPTY};
    return hx_buf_finish(&buf, &verdict->message);
}

/* What it means for the signal that the next leg is too little for an order. What it names itself is refused, to open
 * and to close; what remains of a close is as good as nothing, but what a flip was to open is not. */
static hx_err decide_too_little(struct hx_work *work, bool opens, const struct hx_size_input *input,
                                const struct hx_size *size, struct hx_verdict *verdict) {
    bool dust = false, begun = hx_work_has_executed(work);
    bool goes_on = work->order_count > 0 && (begun || !opens);
    *verdict = goes_on ? hx_work_verdict_of_orders(work) : invalid_size(work, size);
    if (goes_on) {
        if (!begun || (!opens && !turns_around(work))) return HX_OK;
        verdict->status = HX_STR("partially_filled");
        verdict->message =
            opens
                ? HX_STR("what was there is closed; what was to be opened is below the smallest order the venue takes")
                : HX_STR("what is left to close is below the smallest order the venue takes; nothing was opened");
        return HX_OK;
    }
    if (opens) return HX_OK;
    hx_dec price = input->spot ? input->price : HX_DEC_ZERO;
    HX_TRY(hx_size_is_dust(&work->rules, hx_dec_abs(work->position.quantity), price, &dust));
    if (!dust) return HX_OK;
    *verdict = hx_work_verdict_of_orders(work);
    return explain_dust(work, verdict);
}

hx_err hx_work_next_order(struct hx_work *work, struct hx_order_row *order, struct hx_verdict *verdict,
                          struct hx_venue_result *busy) {
    struct hx_step step;
    HX_TRY(hx_work_plan(work, &step));
    if (step.kind != HX_STEP_OPEN && step.kind != HX_STEP_CLOSE) {
        *verdict = verdict_without_order(work, &step);
        return HX_OK;
    }
    bool opens = step.kind == HX_STEP_OPEN;
    bool undone = false;
    hx_work_check_gates(work, opens, verdict);
    if (verdict->status.len > 0) return HX_OK;
    if (opens && work->order_count > 0) HX_TRY(hx_work_opening_is_undone(work, &undone));
    if (undone) {
        *verdict = (struct hx_verdict){
            HX_STR("superseded"), 409, HX_STR("SUPERSEDED"),
            HX_STR("an exit came meanwhile: what was there is closed, and nothing was opened"), HX_STR_EMPTY};
        return HX_OK;
    }
    struct hx_size_input input = {
        .rules = &work->rules, .side = step.side, .reduces = !opens, .spot = work->account.market == HX_MARKET_SPOT};
    bool limit_close = hx_signal_only_reduces(&work->signal);
    input.type = opens || limit_close ? work->signal.order_type : HX_ORDER_MARKET;
    input.by_value = hx_work_buys_by_value(hx_venue_traits(&work->account), input.type, input.side);
    HX_TRY(gather_inputs(work, opens, &input, verdict, busy));
    if (verdict->status.len > 0 || busy->outcome != HX_OUTCOME_DONE) return HX_OK;
    struct hx_size size;
    HX_TRY(step.has_quantity ? hx_size_decide_base(step.quantity, &input, &size)
                             : hx_size_decide_entry(&work->signal, &input, &size));
    if (size.problem.len == 0) {
        if (opens && !set_leverage(work, verdict, busy)) return HX_OK;
        return fill_order(work, &step, &input, &size, order);
    }
    if (size.below_minimum) return decide_too_little(work, opens, &input, &size, verdict);
    *verdict = invalid_size(work, &size);
    return HX_OK;
}
