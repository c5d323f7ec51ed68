/* Lists of spot orders and trades: ascending; without a place to begin, the most recent rows. */
#include "lab/binance_spot.h"

#define LIST_LIMIT_DEFAULT 500
#define LIST_LIMIT_MAX 1000

struct wanted {
    uint32_t market;
    bool has_order;
    int64_t order_id;
    struct hx_lab_range range;
};

void hx_lab_spot_get_open_orders(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, false, &market)) return;
    hx_json_open_array(&call->json, NULL);
    for (uint32_t i = 0; i < lab->open_count; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        if (!hx_lab_market_is_spot(lab, order->market)) continue;
        if (market != NULL && &lab->markets[order->market] != market) continue;
        if (hx_lab_order_is_visible(lab, order)) hx_lab_spot_write_query(call, order);
    }
    hx_json_close_array(&call->json);
}

/* A day at most between the times; each alone, and none, set no bound. */
static bool read_range(struct hx_lab_call *call, const char *from_name, struct hx_lab_range *range) {
    bool has_limit;
    range->limit = LIST_LIMIT_DEFAULT;
    range->start = 0;
    range->end = INT64_MAX;
    if (!hx_lab_param_i64(call, "startTime", &range->has_start, &range->start)) return false;
    if (!hx_lab_param_i64(call, "endTime", &range->has_end, &range->end)) return false;
    if (!hx_lab_param_i64(call, from_name, &range->has_from, &range->from)) return false;
    if (!hx_lab_param_i64(call, "limit", &has_limit, &range->limit)) return false;
    if (range->limit < 1) return hx_lab_fail_about(call, -1130, HX_STR("limit"));
    if (range->limit > LIST_LIMIT_MAX) range->limit = LIST_LIMIT_MAX;
    const bool both = range->has_start && range->has_end;
    if (both && range->end >= range->start && range->end - range->start > HX_MS_PER_DAY) {
        return hx_lab_fail_as(call, 0, -1127, HX_STR("More than 24 hours between startTime and endTime."));
    }
    return true;
}

static bool order_is_wanted(const struct hx_lab_call *call, const struct hx_lab_order *order,
                            const struct wanted *wanted) {
    if (order->market != wanted->market || !hx_lab_order_is_visible(call->lab, order)) return false;
    if (wanted->range.has_from) return hx_lab_order_id(call->lab, order) >= wanted->range.from;
    return order->time >= wanted->range.start && order->time <= wanted->range.end;
}

void hx_lab_spot_get_all_orders(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    struct wanted wanted = {0};
    if (!hx_lab_param_market(call, true, &market)) return;
    if (!read_range(call, "orderId", &wanted.range)) return;
    wanted.market = hx_lab_market_index(lab, market);
    uint64_t seq = hx_lab_order_first(lab);
    int64_t left = wanted.range.limit;
    if (!wanted.range.has_from && !wanted.range.has_start) {
        int64_t found = 0;
        const uint64_t oldest = seq;
        for (seq = lab->order_seq + 1; seq > oldest && found < left;) {
            seq--;
            if (order_is_wanted(call, hx_lab_order_at(lab, seq), &wanted)) found++;
        }
    }
    hx_json_open_array(&call->json, NULL);
    for (; seq <= lab->order_seq && left > 0; seq++) {
        const struct hx_lab_order *order = hx_lab_order_at(lab, seq);
        if (order == NULL || !order_is_wanted(call, order, &wanted)) continue;
        hx_lab_spot_write_query(call, order);
        left--;
    }
    hx_json_close_array(&call->json);
}

static void write_trade(struct hx_lab_call *call, const struct hx_lab_fill *fill) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", call->lab->markets[fill->market].name);
    hx_json_write_i64(json, "id", hx_lab_trade_id(fill));
    hx_json_write_i64(json, "orderId", fill->order_id);
    hx_json_write_i64(json, "orderListId", -1);
    hx_lab_write_fixed(call, "price", fill->price, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "qty", fill->quantity, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "quoteQty", fill->quote, HX_LAB_PLACES);
    hx_lab_write_fixed(call, "commission", fill->fee, HX_LAB_PLACES);
    hx_lab_write_c(call, "commissionAsset", call->lab->assets[fill->fee_asset].name);
    hx_json_write_i64(json, "time", fill->time);
    hx_json_write_bool(json, "isBuyer", fill->buy);
    hx_json_write_bool(json, "isMaker", fill->maker);
    hx_json_write_bool(json, "isBestMatch", true);
    hx_json_close_object(json);
}

static bool trade_is_wanted(const struct hx_lab_fill *fill, const struct wanted *wanted) {
    if (fill->market != wanted->market) return false;
    if (wanted->has_order && fill->order_id != wanted->order_id) return false;
    if (wanted->range.has_from && hx_lab_trade_id(fill) < wanted->range.from) return false;
    return fill->time >= wanted->range.start && fill->time <= wanted->range.end;
}

void hx_lab_spot_get_my_trades(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_market *market;
    struct wanted wanted = {0};
    if (!hx_lab_param_market(call, true, &market)) return;
    if (!hx_lab_param_i64(call, "orderId", &wanted.has_order, &wanted.order_id)) return;
    if (!read_range(call, "fromId", &wanted.range)) return;
    wanted.market = hx_lab_market_index(lab, market);
    const bool timed = wanted.range.has_start || wanted.range.has_end;
    if (wanted.range.has_from && timed) {
        (void)hx_lab_fail_about(call, -1106, wanted.range.has_start ? HX_STR("startTime") : HX_STR("endTime"));
        return;
    }
    uint64_t seq = hx_lab_fill_first(lab);
    int64_t left = wanted.range.limit;
    if (!wanted.range.has_from && !wanted.range.has_start && !wanted.has_order) {
        int64_t found = 0;
        const uint64_t oldest = seq;
        for (seq = lab->fill_seq + 1; seq > oldest && found < left;) {
            seq--;
            if (trade_is_wanted(hx_lab_fill_at(lab, seq), &wanted)) found++;
        }
    }
    hx_json_open_array(&call->json, NULL);
    for (; seq <= lab->fill_seq && left > 0; seq++) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (fill == NULL || !trade_is_wanted(fill, &wanted)) continue;
        write_trade(call, fill);
        left--;
    }
    hx_json_close_array(&call->json);
}
