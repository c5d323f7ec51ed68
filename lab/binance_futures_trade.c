/* Fills on the wire: userTrades. */
#include "lab/binance.h"

struct wanted {
    uint32_t market;
    bool has_order;
    int64_t order_id;
    struct hx_lab_range range;
};

static void write_fill(struct hx_lab_call *call, const struct hx_lab_fill *fill) {
    const struct hx_lab_market *market = &call->lab->markets[fill->market];
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", market->name);
    hx_lab_write_c(call, "pair", market->name);
    hx_json_write_i64(json, "id", hx_lab_trade_id(fill));
    hx_json_write_i64(json, "orderId", fill->order_id);
    hx_lab_write_c(call, "side", fill->buy ? "BUY" : "SELL");
    hx_lab_write_fixed(call, "price", fill->price, market->price_precision);
    hx_lab_write_fixed(call, "qty", fill->quantity, market->quantity_precision);
    hx_lab_write_fixed(call, "baseQty", fill->quantity, market->quantity_precision);
    hx_lab_write_short(call, "realizedPnl", fill->realized);
    hx_lab_write_c(call, "marginAsset", "USDT");
    hx_lab_write_short(call, "quoteQty", fill->quote);
    hx_lab_write_fixed(call, "commission", fill->fee, HX_LAB_PLACES);
    hx_lab_write_c(call, "commissionAsset", call->lab->assets[fill->fee_asset].name);
    hx_json_write_i64(json, "time", fill->time);
    hx_json_write_str(json, "positionSide", hx_lab_position_side_text(fill->side));
    hx_json_write_bool(json, "buyer", fill->buy);
    hx_json_write_bool(json, "maker", fill->maker);
    hx_json_close_object(json);
}

static bool read_wanted(struct hx_lab_call *call, struct wanted *wanted) {
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, true, &market)) return false;
    wanted->market = hx_lab_market_index(call->lab, market);
    if (!hx_lab_param_i64(call, "orderId", &wanted->has_order, &wanted->order_id)) return false;
    if (!hx_lab_param_range(call, "fromId", 7, &wanted->range)) return false;
    const struct hx_lab_range *range = &wanted->range;
    if (!range->has_from || (!range->has_start && !range->has_end)) return true;
    return hx_lab_fail_about(call, -1106, range->has_start ? HX_STR("startTime") : HX_STR("endTime"));
}

/* An order's own fills are given whatever their age; so are those behind fromId. */
static bool is_wanted(const struct hx_lab_fill *fill, const struct wanted *wanted) {
    if (fill->market != wanted->market) return false;
    if (wanted->has_order && fill->order_id != wanted->order_id) return false;
    const struct hx_lab_range *range = &wanted->range;
    if (range->has_from) return hx_lab_trade_id(fill) >= range->from;
    const bool timed = range->has_start || range->has_end || !wanted->has_order;
    return !timed || (fill->time >= range->start && fill->time <= range->end);
}

static uint64_t first_seq(const struct hx_lab *lab, const struct wanted *wanted) {
    const uint64_t oldest = hx_lab_fill_first(lab);
    if (wanted->has_order) {
        const struct hx_lab_order *order = hx_lab_order_by_id(lab, wanted->market, wanted->order_id);
        if (order == NULL || order->fill_count == 0) return lab->fill_seq + 1;
        return order->fill_first > oldest ? order->fill_first : oldest;
    }
    if (wanted->range.has_from || wanted->range.has_start) return oldest;
    int64_t found = 0;
    uint64_t seq = lab->fill_seq + 1;
    while (seq > oldest && found < wanted->range.limit) {
        seq--;
        if (is_wanted(hx_lab_fill_at(lab, seq), wanted)) found++;
    }
    return seq;
}

void hx_lab_get_user_trades(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct wanted wanted;
    hx_mem_set(&wanted, 0, sizeof wanted);
    if (!read_wanted(call, &wanted)) return;
    int64_t left = wanted.range.limit;
    hx_json_open_array(&call->json, NULL);
    for (uint64_t seq = first_seq(lab, &wanted); seq <= lab->fill_seq && left > 0; seq++) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (!is_wanted(fill, &wanted)) continue;
        write_fill(call, fill);
        left--;
    }
    hx_json_close_array(&call->json);
}
