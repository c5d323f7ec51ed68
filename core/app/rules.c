/* Symbol rules in the flows: an entry needs those of today; what is there already goes by whatever rules there are.
 *
 * A venue that halts or delists a symbol may not tell its rules any more, and the memo forgets: so each entry keeps
 * them beside the ledger (meta), where an exit finds them after a restart too. */
#include "core/app/work.h"
#include "core/trade/size.h"

/* Whether the ledger holds something of the symbol. */
static hx_err holds(struct hx_work *work, bool *out) {
    struct hx_position position;
    HX_TRY(hx_ledger_position(work->req, &work->account, work->row.symbol, HX_STR_EMPTY, &position));
    *out = !hx_dec_is_zero(position.quantity);
    return HX_OK;
}

hx_err hx_work_load_rules(struct hx_work *work, bool there, struct hx_venue_result *answer) {
    struct hx_req *req = work->req;
    hx_str symbol = work->row.symbol;
    hx_str name, text;
    bool held = false;
    if (!there) {
        *answer = hx_venue_rules(req, &work->account, symbol, &work->rules);
        return HX_OK;
    }
    *answer = hx_venue_known_rules(req, &work->account, symbol, &work->rules);
    if (answer->outcome == HX_OUTCOME_DONE) return HX_OK;
    (void)hx_venue_save_rules(req, &work->account, symbol, &name, &text);
    HX_TRY(hx_ledger_rules(req, name, &text));
    if (text.len > 0 && hx_venue_restore_rules(req, &work->account, symbol, text, &work->rules)) {
        *answer = (struct hx_venue_result){.outcome = HX_OUTCOME_DONE};
        return HX_OK;
    }
    if (!answer->no_such_symbol) return HX_OK;
    HX_TRY(holds(work, &held));
    if (!held) return HX_OK;
    answer->outcome = HX_OUTCOME_BUSY;
    answer->message = HX_STR("the venue does not list the symbol now, but the ledger holds a position in it");
    return HX_OK;
}

void hx_work_add_rules(struct hx_work *work, struct hx_batch *batch) {
    hx_str name, text;
    if (!hx_venue_save_rules(work->req, &work->account, work->row.symbol, &name, &text)) return;
    hx_batch_add_rules(batch, name, text);
}

hx_err hx_work_fit_close(struct hx_work *work, struct hx_order_row *order) {
    struct hx_size size;
    struct hx_batch batch;
    if (order->opens || !hx_str_equal(order->status, HX_STATUS_BUSY)) return HX_OK;
    const struct hx_size_input input = {.rules = &work->rules,
                                        .side = order->side,
                                        .type = order->type,
                                        .reduces = true,
                                        .spot = order->account.market == HX_MARKET_SPOT,
                                        .price = order->price};
    HX_TRY(hx_size_decide_base(order->quantity, &input, &size));
    hx_dec price = order->type == HX_ORDER_LIMIT ? size.price : order->price;
    bool fits = hx_dec_equal(size.quantity, order->quantity) && hx_dec_equal(price, order->price);
    if (fits || size.problem.len > 0) return HX_OK;
    order->quantity = size.quantity;
    order->price = price;
    hx_batch_init(&batch, work->req);
    hx_batch_add_fit(&batch, order, hx_port_now(work->req));
    return hx_batch_write(&batch, NULL);
}
