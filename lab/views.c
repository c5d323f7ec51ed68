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

static struct hx_buf id_buf(char *text) {
    struct hx_buf buf;
    hx_mem_set(text, 0, HX_LAB_ID_LEN_MAX + 1);
    hx_buf_init(&buf, text, HX_LAB_ID_LEN_MAX);
    return buf;
}

static void view_order(const struct hx_lab *lab, const struct hx_lab_order *order, struct hx_lab_order_view *out) {
    const hx_str id = hx_lab_order_client_id(order);
    *out = (struct hx_lab_order_view){
        .product = lab->markets[order->market].product,
        .order_id = hx_lab_order_id(lab, order),
        .client_order_id = id,
        .symbol = symbol_of(lab, order->market),
        .buy = order->buy,
        .type = order->type,
        .status = order->status,
        .price = dec(order->price),
        .quantity = dec(order->quantity),
        .executed_quantity = dec(order->executed),
        .average_price = dec(hx_lab_order_average(order)),
        .trigger_price = dec(order->trigger.price),
        .reduce_only = order->reduce_only,
        .from_algo = order->from_algo,
        .time_ms = order->accepted,
        .request_timestamp = order->request_timestamp,
        .placements = hx_lab_order_by_client_id(lab, order->market, id, INT64_MAX)->placements,
    };
    struct hx_buf text = id_buf(out->order_id_text);
    hx_lab_add_order_id(&text, lab, order);
}

void hx_lab_get_order(const struct hx_lab *lab, uint32_t index, struct hx_lab_order_view *out) {
    const struct hx_lab_order *order = hx_lab_order_at(lab, hx_lab_order_first(lab) + index);
    hx_assert(order != NULL);
    view_order(lab, order, out);
}

hx_err hx_lab_find_order_in(const struct hx_lab *lab, enum hx_lab_product product, hx_str symbol,
                            hx_str client_order_id, struct hx_lab_order_view *out) {
    const struct hx_lab_market *market = hx_lab_find_market(lab, product, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    const uint32_t index = hx_lab_market_index(lab, market);
    const struct hx_lab_order *order = hx_lab_order_by_client_id(lab, index, client_order_id, INT64_MAX);
    if (order == NULL) return HX_ERR(ABSENT_KEY);
    view_order(lab, order, out);
    return HX_OK;
}

hx_err hx_lab_find_order(const struct hx_lab *lab, hx_str symbol, hx_str client_order_id,
                         struct hx_lab_order_view *out) {
    return hx_lab_find_order_in(lab, HX_LAB_FUTURES, symbol, client_order_id, out);
}

uint32_t hx_lab_fill_count(const struct hx_lab *lab) {
    return (uint32_t)(lab->fill_seq + 1 - hx_lab_fill_first(lab));
}

void hx_lab_get_fill(const struct hx_lab *lab, uint32_t index, struct hx_lab_fill_view *out) {
    const struct hx_lab_fill *fill = hx_lab_fill_at(lab, hx_lab_fill_first(lab) + index);
    hx_assert(fill != NULL);
    const struct hx_lab_order *order = hx_lab_order_at(lab, fill->order_seq);
    *out = (struct hx_lab_fill_view){
        .product = lab->markets[fill->market].product,
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
        .fee_asset = hx_str_from_c(lab->assets[fill->fee_asset].name),
        .realized_pnl = dec(fill->realized),
        .time_ms = fill->accepted,
    };
    struct hx_buf text = id_buf(out->order_id_text);
    hx_lab_add_order_id_of(&text, lab, fill);
    text = id_buf(out->trade_id_text);
    hx_lab_add_trade_id(&text, lab, fill);
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
    const struct hx_lab_market *market = hx_lab_find_market(lab, HX_LAB_FUTURES, symbol);
    if (market == NULL) return HX_ERR(ABSENT_KEY);
    const struct hx_lab_position *position = &market->positions[side];
    const hx_lab_amount mark = hx_lab_book_now(lab, market).mark;
    const bool is_long = side == HX_LAB_BOTH ? position->quantity >= 0 : side == HX_LAB_LONG;
    *out = (struct hx_lab_position_view){
        .symbol = hx_str_from_c(market->name),
        .side = side,
        .quantity = dec(position->quantity),
        .entry_price = dec(position->entry),
        .mark_price = dec(mark),
        .unrealized_pnl = dec(hx_lab_unrealized(position, mark)),
        .leverage = hx_lab_leverage_of(market, is_long),
        .isolated = hx_lab_is_isolated(market, is_long),
    };
    return HX_OK;
}

uint32_t hx_lab_asset_count(const struct hx_lab *lab) {
    return lab->asset_count;
}

void hx_lab_get_asset(const struct hx_lab *lab, enum hx_lab_product product, uint32_t index,
                      struct hx_lab_balance_view *out) {
    const struct hx_lab_purse *purse = hx_lab_purse_of(lab, product, index);
    *out = (struct hx_lab_balance_view){
        .asset = hx_str_from_c(lab->assets[index].name),
        .total = dec(purse->total),
        .locked = dec(purse->locked),
        .start = dec(purse->start),
        .fees = dec(purse->fees),
    };
}

hx_err hx_lab_find_balance(const struct hx_lab *lab, enum hx_lab_product product, hx_str asset,
                           struct hx_lab_balance_view *out) {
    const uint32_t index = hx_lab_asset_find(lab, asset);
    if (index == lab->asset_count) return HX_ERR(ABSENT_KEY);
    hx_lab_get_asset(lab, product, index, out);
    return HX_OK;
}

void hx_lab_get_account(const struct hx_lab *lab, struct hx_lab_account_view *out) {
    const struct hx_lab_margin margin = hx_lab_margin_now(lab);
    const struct hx_lab_purse *usdt = hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_USDT);
    const struct hx_lab_purse *bnb = hx_lab_purse_of(lab, HX_LAB_FUTURES, HX_LAB_ASSET_BNB);
    *out = (struct hx_lab_account_view){
        .usdt_wallet = dec(usdt->total),
        .bnb_wallet = dec(bnb->total),
        .usdt_start = dec(usdt->start),
        .bnb_start = dec(bnb->start),
        .unrealized_pnl = dec(margin.unrealized),
        .available = dec(margin.available),
        .realized_pnl_total = dec(lab->realized_total),
        .usdt_fees_total = dec(usdt->fees),
        .bnb_fees_total = dec(bnb->fees),
        .requests = lab->requests,
        .order_requests = lab->order_requests,
    };
}
