/* Orders of which not every fill can be read: more than the venue lists, or than a request can hold.
 *
 * What the venue says of the order as a whole is as good as its fills for everything but their number: what is missing
 * is booked as one fill, once the order is final. Its id is the order's, marked, so that it can't be taken for one of
 * the venue's, and it comes last: the batch that writes it also ends the order, after which its fills are never looked
 * at again. A commission is taken from the order's figures where the venue has it there; else what is not known of it
 * is told to the owner, and nothing is made up. */
#include "core/app/work.h"
#include "core/trade/amount.h"

#define ID_PREFIX "summed-"
#define TELL_LEN_MAX 512

static hx_str choose_fee_asset(const struct hx_work *work, const struct hx_order_row *order,
                               const struct hx_order_report *report, const struct hx_fills *fills) {
    if (report->fee_asset.len > 0) return report->fee_asset;
    if (fills->count > 0) return fills->list[0].fee_asset;
    return order->fee_asset.len > 0 ? order->fee_asset : work->rules.quote_asset;
}

/* The price of the rest, so that all fills together are worth what the venue says. */
static hx_err price_rest(const struct hx_order_report *report, const struct hx_fill_sum *listed, hx_dec rest,
                         hx_dec *price) {
    hx_dec value = report->executed_value;
    *price = report->average_price;
    if (hx_dec_sign(value) <= 0) {
        HX_TRY(hx_amount_multiply(report->executed_quantity, report->average_price, HX_ROUND_HALF_EVEN, &value));
    }
    HX_TRY(hx_amount_subtract(value, listed->value, &value));
    if (hx_dec_sign(value) > 0) return hx_amount_divide(value, rest, HX_ROUND_HALF_EVEN, price);
    if (hx_dec_sign(*price) > 0) return HX_OK;
    return hx_amount_divide(report->executed_value, report->executed_quantity, HX_ROUND_HALF_EVEN, price);
}

static hx_err make_rest(struct hx_work *work, const struct hx_order_row *order, const struct hx_order_report *report,
                        const struct hx_fill_sum *listed, struct hx_fill *out) {
    struct hx_buf buf;
    hx_dec rest;
    HX_TRY(hx_dec_subtract(report->executed_quantity, listed->quantity, &rest));
    *out = (struct hx_fill){.venue_order_id = report->venue_order_id,
                            .side = order->side,
                            .quantity = rest,
                            .fee_asset = listed->fee_asset,
                            .time_ms = report->venue_time_ms > 0 ? report->venue_time_ms : hx_port_now(work->req)};
    if (hx_dec_sign(rest) <= 0) return HX_OK;
    HX_TRY(hx_buf_make(&buf, &work->req->arena, sizeof(ID_PREFIX) + report->venue_order_id.len));
    hx_buf_add_c(&buf, ID_PREFIX);
    hx_buf_add(&buf, report->venue_order_id);
    HX_TRY(hx_buf_finish(&buf, &out->venue_trade_id));
    HX_TRY(price_rest(report, listed, rest, &out->price));
    if (report->fee_asset.len > 0) HX_TRY(hx_amount_subtract(report->fee, listed->fee, &out->fee));
    return HX_OK;
}

static hx_err append(struct hx_work *work, struct hx_fills *fills, const struct hx_fill *fill) {
    void *memory = NULL;
    HX_TRY(hx_arena_make(&work->req->arena, fills->count + 1, sizeof(*fill), &memory));
    struct hx_fill *list = memory;
    if (fills->count > 0) hx_mem_copy(list, fills->list, fills->count * sizeof(*list));
    list[fills->count] = *fill;
    *fills = (struct hx_fills){list, fills->count + 1};
    return HX_OK;
}

hx_err hx_work_sum_rest(struct hx_work *work, const struct hx_order_row *order, const struct hx_order_report *report,
                        bool ended, struct hx_fills *fills, struct hx_unlisted *out) {
    struct hx_fill rest;
    *out = (struct hx_unlisted){.fee_known = report->fee_asset.len > 0};
    out->sum.fee_asset = choose_fee_asset(work, order, report, fills);
    HX_TRY(hx_ledger_sum_fills(work->req, order->client_order_id, &out->sum));
    for (uint32_t i = 0; i < fills->count; i++) HX_TRY(hx_fill_sum_add(&out->sum, &fills->list[i]));
    if (!ended) return HX_OK;
    HX_TRY(make_rest(work, order, report, &out->sum, &rest));
    if (hx_dec_sign(rest.quantity) <= 0) return HX_OK;
    out->rest = rest.quantity;
    HX_TRY(hx_fill_sum_add(&out->sum, &rest));
    return append(work, fills, &rest);
}

bool hx_work_can_sum(const struct hx_order_report *report) {
    return hx_dec_sign(report->average_price) > 0 || hx_dec_sign(report->executed_value) > 0;
}

static hx_err describe(struct hx_work *work, const struct hx_order_row *order, const struct hx_unlisted *unlisted,
                       hx_str *out) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &work->req->arena, TELL_LEN_MAX));
    hx_buf_add_c(&buf, "order ");
    hx_buf_add(&buf, order->venue_order_id);
    hx_buf_add_c(&buf, " has more fills than can be read: ");
    hx_dec_add_to(&buf, unlisted->rest);
    hx_buf_add_c(&buf, " of ");
    hx_dec_add_to(&buf, unlisted->sum.quantity);
    hx_buf_add_c(&buf, " are booked as one, from the order's own figures");
    if (!unlisted->fee_known) {
        hx_buf_add_c(&buf, "; the commission on them is not known and not booked: look it up at the exchange");
        if (work->account.market == HX_MARKET_SPOT && order->side == HX_SIDE_BUY) {
            hx_buf_add_c(&buf, ". If it was taken in ");
            hx_buf_add(&buf, work->rules.base_asset);
            hx_buf_add_c(&buf, ", the account holds so much less than the ledger; an exit follows what is there");
        }
    }
    return hx_buf_finish(&buf, out);
}

hx_err hx_work_tell_unlisted(struct hx_work *work, struct hx_batch *batch, const struct hx_order_row *order,
                             const struct hx_unlisted *unlisted) {
    hx_str detail, notice;
    hx_time now = hx_port_now(work->req);
    if (hx_dec_is_zero(unlisted->rest)) return HX_OK;
    HX_TRY(describe(work, order, unlisted, &detail));
    hx_batch_add_log(batch, HX_STR("warn"), order->signal_id, HX_STR("fills booked as one"), detail, now);
    if (unlisted->fee_known) return HX_OK;
    struct hx_signal_row row = work->row;
    row.id = order->signal_id;
    const struct hx_verdict verdict = {HX_STR("fee_unknown"), 200, HX_STR_EMPTY, detail, HX_STR_EMPTY};
    HX_TRY(hx_notice_make(work->req, &row, order, 1, &verdict, &notice));
    hx_batch_add_notice(batch, order->signal_id, notice, now);
    return HX_OK;
}
