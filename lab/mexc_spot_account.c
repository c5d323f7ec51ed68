/* The spot account: balances, fills, fees. */
#include "lab/mexc.h"

#define TRADES_MAX 100
#define TRADES_SPAN_MS (30 * HX_MS_PER_DAY)

static void write_balances(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    hx_json_open_array(&call->json, "balances");
    for (uint32_t i = 0; i < lab->asset_count; i++) {
        const struct hx_lab_purse *purse = hx_lab_purse_of(lab, HX_LAB_SPOT, i);
        if (purse->total == 0) continue;
        hx_json_open_object(&call->json, NULL);
        hx_lab_write_c(call, "asset", lab->assets[i].name);
        hx_lab_write_short(call, "free", purse->total - purse->locked);
        hx_lab_write_short(call, "locked", purse->locked);
        hx_lab_write_short(call, "available", purse->total - purse->locked);
        hx_json_close_object(&call->json);
    }
    hx_json_close_array(&call->json);
}

void hx_lab_mexc_spot_get_account(struct hx_lab_call *call) {
    const struct hx_lab_key_rights *rights = &call->lab->rights;
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_json_write_null(json, "makerCommission");
    hx_json_write_null(json, "takerCommission");
    hx_json_write_null(json, "buyerCommission");
    hx_json_write_null(json, "sellerCommission");
    hx_json_write_bool(json, "canTrade", rights->can_trade_spot);
    hx_json_write_bool(json, "canWithdraw", rights->can_withdraw);
    hx_json_write_bool(json, "canDeposit", true);
    hx_json_write_null(json, "updateTime");
    hx_lab_write_c(call, "accountType", "SPOT");
    write_balances(call);
    hx_json_open_array(json, "permissions");
    hx_lab_write_c(call, NULL, "SPOT");
    hx_json_close_array(json);
    hx_json_close_object(json);
}

static void write_trade(struct hx_lab_call *call, const struct hx_lab_fill *fill) {
    const struct hx_lab *lab = call->lab;
    const struct hx_lab_order *order = hx_lab_order_at(lab, fill->order_seq);
    const hx_str client_id = order != NULL ? hx_lab_order_client_id(order) : HX_STR_EMPTY;
    struct hx_json_writer *json = &call->json;
    char text[HX_LAB_ID_LEN_MAX];
    struct hx_buf id;
    hx_buf_init(&id, text, sizeof text);
    hx_lab_add_order_id_of(&id, lab, fill);
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "symbol", lab->markets[fill->market].name);
    hx_lab_write_trade_id(call, "id", fill);
    hx_json_write_str(json, "orderId", hx_buf_str(&id));
    hx_json_write_i64(json, "orderListId", -1);
    hx_lab_write_short(call, "price", fill->price);
    hx_lab_write_short(call, "qty", fill->quantity);
    hx_lab_write_short(call, "quoteQty", fill->quote);
    hx_lab_write_short(call, "commission", fill->fee);
    hx_lab_write_c(call, "commissionAsset", lab->assets[fill->fee_asset].name);
    hx_json_write_i64(json, "time", fill->time);
    hx_json_write_bool(json, "isBuyer", fill->buy);
    hx_json_write_bool(json, "isMaker", fill->maker);
    hx_json_write_bool(json, "isBestMatch", true);
    hx_json_write_bool(json, "isSelfTrade", false);
    if (client_id.len > 0) {
        hx_json_write_str(json, "clientOrderId", client_id);
    } else {
        hx_json_write_null(json, "clientOrderId");
    }
    hx_json_close_object(json);
}

struct wanted {
    struct hx_lab_market *market;
    bool by_order;
    uint64_t order_seq; /* 0: an order that is not known, which has no fills. */
    hx_time start, end;
    int64_t left;
};

static bool read_wanted(struct hx_lab_call *call, struct wanted *wanted) {
    bool present;
    hx_str id;
    *wanted = (struct wanted){.end = INT64_MAX, .left = TRADES_MAX};
    if (!hx_lab_param_market(call, true, &wanted->market)) return false;
    if (!hx_lab_param_i64(call, "startTime", &present, &wanted->start)) return false;
    if (!hx_lab_param_i64(call, "endTime", &present, &wanted->end)) return false;
    if (!hx_lab_param_i64(call, "limit", &present, &wanted->left)) return false;
    if (wanted->left > TRADES_MAX) wanted->left = TRADES_MAX;
    const hx_time oldest = call->clock - TRADES_SPAN_MS;
    if (wanted->start < oldest) wanted->start = oldest;
    wanted->by_order = hx_lab_param_find(call, "orderId", &id);
    if (!wanted->by_order) return true;
    const struct hx_lab_order *order = hx_lab_order_by_text(call->lab, HX_LAB_SPOT, id);
    wanted->order_seq = order != NULL ? order->seq : 0;
    return true;
}

/* Of the last month, newest first. */
void hx_lab_mexc_spot_get_trades(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct wanted wanted;
    if (!read_wanted(call, &wanted)) return;
    hx_json_open_array(&call->json, NULL);
    for (uint64_t seq = lab->fill_seq; seq >= hx_lab_fill_first(lab) && seq > 0 && wanted.left > 0; seq--) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (&lab->markets[fill->market] != wanted.market) continue;
        if (wanted.by_order && fill->order_seq != wanted.order_seq) continue;
        if (fill->time < wanted.start || fill->time > wanted.end) continue;
        write_trade(call, fill);
        wanted.left--;
    }
    hx_json_close_array(&call->json);
}

void hx_lab_mexc_spot_get_fee(struct hx_lab_call *call) {
    struct hx_lab_market *market;
    if (!hx_lab_param_market(call, true, &market)) return;
    hx_json_open_object(&call->json, NULL);
    hx_json_open_object(&call->json, "data");
    hx_lab_write_number(call, "makerCommission", call->lab->maker_rate[HX_LAB_SPOT]);
    hx_lab_write_number(call, "takerCommission", call->lab->taker_rate[HX_LAB_SPOT]);
    hx_json_close_object(&call->json);
    hx_json_write_i64(&call->json, "code", 0);
    hx_lab_write_c(call, "msg", "success");
    hx_json_write_i64(&call->json, "timestamp", call->clock);
    hx_json_close_object(&call->json);
}
