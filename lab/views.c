/* What happened, for oracles: read-only views of the laboratory's records. */
#include "lab/wire.h"

static hx_dec dec(hx_lab_amount amount) {
    return hx_lab_amount_to_dec(amount);
}

static hx_str symbol_of(const struct hx_lab *lab, uint32_t market) {
    return hx_str_from_c(lab->markets[market].name);
}

uint32_t hx_lab_order_count(const struct hx_lab *lab) {
    return (uint32_t)(lab->order_seq + 1 - hx_lab_order_first(lab));
}

uint64_t hx_lab_orders_forgotten(const struct hx_lab *lab) {
    return hx_lab_order_first(lab) - 1;
}

static void view_order(const struct hx_lab *lab, const struct hx_lab_order *order, struct hx_lab_order_view *out) {
    const hx_str id = hx_lab_order_client_id(order);
    *out = (struct hx_lab_order_view){
        .order_id = hx_lab_order_id(lab, order),
        .client_order_id = id,
        .symbol = symbol_of(lab, order->market),
        .buy = order->buy,
        .type = order->type,
        .status = order->status,
        .price = dec(order->price),
        .quantity = dec(order->quantity),
        .executed_quantity = dec(order->executed),
        .average_price = dec(order->executed > 0 ? hx_lab_amount_divide(order->quote, order->executed) : 0),
        .reduce_only = order->reduce_only,
        .from_algo = order->from_algo,
        .time_ms = order->accepted,
        .request_timestamp = order->request_timestamp,
        .placements = hx_lab_order_by_client_id(lab, order->market, id, INT64_MAX)->placements,
    };
}

void hx_lab_get_order(const struct hx_lab *lab, uint32_t index, struct hx_lab_order_view *out) {
    const struct hx_lab_order *order = hx_lab_order_at(lab, hx_lab_order_first(lab) + index);
    hx_assert(order != NULL);
    view_order(lab, order, out);
}

hx_err hx_lab_find_order(const struct hx_lab *lab, hx_str symbol, hx_str client_order_id,
                         struct hx_lab_order_view *out) {
    const struct hx_lab_market *market = hx_lab_find_market(lab, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    const uint32_t index = (uint32_t)(market - lab->markets);
    const struct hx_lab_order *order = hx_lab_order_by_client_id(lab, index, client_order_id, INT64_MAX);
    if (order == NULL) return HX_ERR(ABSENT_KEY);
    view_order(lab, order, out);
    return HX_OK;
}

uint32_t hx_lab_fill_count(const struct hx_lab *lab) {
    return (uint32_t)(lab->fill_seq + 1 - hx_lab_fill_first(lab));
}

void hx_lab_get_fill(const struct hx_lab *lab, uint32_t index, struct hx_lab_fill_view *out) {
    const struct hx_lab_fill *fill = hx_lab_fill_at(lab, hx_lab_fill_first(lab) + index);
    hx_assert(fill != NULL);
    const struct hx_lab_order *order = hx_lab_order_at(lab, fill->order_seq);
    *out = (struct hx_lab_fill_view){
        .trade_id = hx_lab_trade_id(fill),
        .order_id = fill->order_id,
        .client_order_id = order != NULL ? hx_lab_order_client_id(order) : HX_STR_EMPTY,
        .symbol = symbol_of(lab, fill->market),
        .buy = fill->buy,
        .maker = fill->maker,
        .quantity = dec(fill->quantity),
        .price = dec(fill->price),
        .quote_quantity = dec(fill->quote),
        .fee = dec(fill->fee),
        .fee_asset = fill->fee_asset == HX_LAB_FEE_BNB ? HX_STR("BNB") : HX_STR("USDT"),
        .realized_pnl = dec(fill->realized),
        .time_ms = fill->accepted,
    };
}

uint32_t hx_lab_algo_count(const struct hx_lab *lab) {
    return (uint32_t)(lab->algo_seq + 1 - hx_lab_algo_first(lab));
}

void hx_lab_get_algo(const struct hx_lab *lab, uint32_t index, struct hx_lab_algo_view *out) {
    const struct hx_lab_algo *algo = hx_lab_algo_at(lab, hx_lab_algo_first(lab) + index);
    hx_assert(algo != NULL);
    *out = (struct hx_lab_algo_view){
        .algo_id = hx_lab_algo_id(algo),
        .client_algo_id = hx_str_make(algo->client_id, algo->client_id_len),
        .symbol = symbol_of(lab, algo->market),
        .status = hx_lab_algo_status_text(lab, algo),
        .type = hx_lab_algo_type_text(algo->type),
        .buy = algo->buy,
        .reduce_only = algo->reduce_only,
        .close_position = algo->close_position,
        .quantity = dec(algo->quantity),
        .trigger_price = dec(algo->trigger),
        .actual_order_id = algo->order_id,
        .time_ms = algo->accepted,
    };
}

hx_err hx_lab_get_position(const struct hx_lab *lab, hx_str symbol, enum hx_lab_position_side side,
                           struct hx_lab_position_view *out) {
    const struct hx_lab_market *market = hx_lab_find_market(lab, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    const struct hx_lab_position *position = &market->positions[side];
    const hx_lab_amount mark = hx_lab_book_now(lab, market).mark;
    *out = (struct hx_lab_position_view){
        .symbol = hx_str_from_c(market->name),
        .side = side,
        .quantity = dec(position->quantity),
        .entry_price = dec(position->entry),
        .mark_price = dec(mark),
        .unrealized_pnl = dec(hx_lab_unrealized(position, mark)),
        .leverage = market->leverage,
        .isolated = market->isolated,
    };
    return HX_OK;
}

void hx_lab_get_account(const struct hx_lab *lab, struct hx_lab_account_view *out) {
    const struct hx_lab_margin margin = hx_lab_margin_now(lab);
    *out = (struct hx_lab_account_view){
        .usdt_wallet = dec(lab->usdt),
        .bnb_wallet = dec(lab->bnb),
        .usdt_start = dec(lab->usdt_start),
        .bnb_start = dec(lab->bnb_start),
        .unrealized_pnl = dec(margin.unrealized),
        .available = dec(margin.available),
        .realized_pnl_total = dec(lab->realized_total),
        .usdt_fees_total = dec(lab->usdt_fees),
        .bnb_fees_total = dec(lab->bnb_fees),
        .requests = lab->requests,
        .order_requests = lab->order_requests,
    };
}
