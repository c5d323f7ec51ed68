#include "lab/mexc_words.h"

#define POSITION_ID_BASE ((int64_t)1100000000)
#define TYPES 8 /* More than there are: sides and types in one number. */

uint8_t hx_lab_mexc_kind_of(int64_t side, int64_t type) {
    return (uint8_t)(side * TYPES + type);
}

/* 1 open long, 2 close short, 3 open short, 4 close long. In one-way mode what reduces is 2 (buying) or 4 (selling). */
int64_t hx_lab_mexc_side(const struct hx_lab_order *order) {
    if (order->wire_kind != 0) return order->wire_kind / TYPES;
    const bool closes = order->side == HX_LAB_BOTH ? order->reduce_only : (order->side == HX_LAB_LONG) != order->buy;
    if (order->buy) return closes ? 2 : 1;
    return closes ? 4 : 3;
}

int64_t hx_lab_mexc_order_type(const struct hx_lab_order *order) {
    if (order->wire_kind != 0) return order->wire_kind % TYPES;
    if (order->type == HX_LAB_ORDER_MARKET) return 5;
    switch (order->tif) {
        case HX_LAB_GTX:
            return 2;
        case HX_LAB_IOC:
            return 3;
        case HX_LAB_FOK:
            return 4;
        case HX_LAB_GTC:
        case HX_LAB_GTD:
            return 1;
    }
    hx_assert(false);
    return 0;
}

static bool is_canceled_by_kind(const struct hx_lab_order *order) {
    return order->refusal == HX_LAB_REFUSED_WOULD_TAKE || order->refusal == HX_LAB_REFUSED_WOULD_NOT_FILL;
}

int64_t hx_lab_mexc_state(const struct hx_lab_order *order, enum hx_lab_order_status status) {
    switch (status) {
        case HX_LAB_STATUS_PENDING:
        case HX_LAB_STATUS_UNTRIGGERED:
            return 1;
        case HX_LAB_STATUS_NEW:
        case HX_LAB_STATUS_PARTIALLY_FILLED:
            return 2;
        case HX_LAB_STATUS_FILLED:
            return 3;
        case HX_LAB_STATUS_CANCELED:
        case HX_LAB_STATUS_EXPIRED:
            return 4;
        case HX_LAB_STATUS_REJECTED:
            return is_canceled_by_kind(order) ? 4 : 5;
    }
    hx_assert(false);
    return 0;
}

int64_t hx_lab_mexc_refusal_error(enum hx_lab_refusal refusal) {
    switch (refusal) {
        case HX_LAB_ACCEPTED:
            return 0;
        case HX_LAB_REFUSED_MARGIN:
        case HX_LAB_REFUSED_BALANCE:
            return 2;
        case HX_LAB_REFUSED_REDUCE_ONLY:
            return 3;
        case HX_LAB_REFUSED_POSITION_SIZE:
            return 7;
        case HX_LAB_REFUSED_POSITION_MODE:
            return 9;
        case HX_LAB_REFUSED_HALTED:
            return 11;
        case HX_LAB_REFUSED_WOULD_NOT_FILL:
            return 19;
        case HX_LAB_REFUSED_WOULD_TAKE:
            return 20;
        case HX_LAB_REFUSED_DUPLICATE:
            return 22;
        case HX_LAB_REFUSED_ORDER_COUNT:
        case HX_LAB_REFUSED_FULL:
            return 999;
        default:
            return 1;
    }
}

/* What an order that ended without its owner's cancel ended of. */
int64_t hx_lab_mexc_error(const struct hx_lab_order *order, enum hx_lab_order_status status) {
    if (status == HX_LAB_STATUS_REJECTED) return hx_lab_mexc_refusal_error(order->refusal);
    if (status != HX_LAB_STATUS_EXPIRED) return 0;
    if (order->type == HX_LAB_ORDER_MARKET) return 21;
    if (order->tif == HX_LAB_IOC) return 18;
    if (order->tif == HX_LAB_FOK) return 19;
    return order->reduce_only ? 3 : 8;
}

int64_t hx_lab_mexc_position_id(uint64_t number) {
    return number > 0 ? POSITION_ID_BASE + (int64_t)number : 0;
}

bool hx_lab_mexc_is_long(const struct hx_lab_position *position, enum hx_lab_position_side side) {
    return side == HX_LAB_BOTH ? position->quantity > 0 : side == HX_LAB_LONG;
}

bool hx_lab_mexc_find_position(const struct hx_lab *lab, int64_t id, struct hx_lab_mexc_held *held) {
    for (uint32_t i = 0; i < lab->market_count; i++) {
        for (enum hx_lab_position_side side = HX_LAB_BOTH; side <= HX_LAB_SHORT; side++) {
            const struct hx_lab_position *position = &lab->markets[i].positions[side];
            if (position->quantity == 0 || hx_lab_mexc_position_id(position->number) != id) continue;
            *held = (struct hx_lab_mexc_held){&lab->markets[i], position, side, hx_lab_mexc_is_long(position, side)};
            return true;
        }
    }
    return false;
}

hx_lab_amount hx_lab_mexc_contracts(const struct hx_lab_market *market, hx_lab_amount quantity) {
    return hx_lab_amount_divide(quantity, market->contract_size);
}

hx_lab_amount hx_lab_mexc_frozen(const struct hx_lab *lab, const struct hx_lab_market *market,
                                 enum hx_lab_position_side side, bool is_long) {
    hx_lab_amount frozen = 0;
    for (uint32_t i = 0; i < lab->open_count; i++) {
        const struct hx_lab_order *order = &lab->orders[lab->open[i]];
        if (&lab->markets[order->market] != market || order->side != side) continue;
        if (order->reduce_only && order->buy != is_long) frozen += order->quantity - order->executed;
    }
    return frozen;
}

struct sums {
    hx_lab_amount maker_fee, taker_fee, profit;
};

/* Fees and profit of the order's fills up to what was executed by then. */
static struct sums sum_fills(const struct hx_lab *lab, const struct hx_lab_order *order, hx_lab_amount executed) {
    struct sums sums = {0, 0, 0};
    hx_lab_amount seen = 0;
    for (uint64_t seq = order->fill_first; order->fill_count > 0 && seq <= lab->fill_seq && seen < executed; seq++) {
        const struct hx_lab_fill *fill = hx_lab_fill_at(lab, seq);
        if (fill == NULL || fill->order_seq != order->seq) continue;
        *(fill->maker ? &sums.maker_fee : &sums.taker_fee) += fill->fee;
        sums.profit += fill->realized;
        seen += fill->quantity;
    }
    return sums;
}

static bool order_is_long(const struct hx_lab_order *order) {
    return order->side == HX_LAB_BOTH ? order->buy != order->reduce_only : order->side == HX_LAB_LONG;
}

static hx_lab_amount order_margin(const struct hx_lab_order *order, const struct hx_lab_mexc_moment *moment,
                                  int64_t leverage) {
    const bool works = moment->status == HX_LAB_STATUS_NEW || moment->status == HX_LAB_STATUS_PARTIALLY_FILLED;
    if (!works || order->reduce_only) return 0;
    return hx_lab_amount_multiply(moment->quantity - moment->executed, order->price) / leverage;
}

static void add_money(struct hx_json_writer *json, const struct hx_lab *lab, const struct hx_lab_order *order,
                      const struct hx_lab_mexc_moment *moment, int64_t leverage) {
    const struct sums sums = sum_fills(lab, order, moment->executed);
    hx_lab_json_number(json, "orderMargin", order_margin(order, moment, leverage));
    hx_lab_json_number(json, "usedMargin", order->reduce_only ? 0 : moment->quote / leverage);
    hx_lab_json_number(json, "takerFee", sums.taker_fee);
    hx_lab_json_number(json, "makerFee", sums.maker_fee);
    hx_lab_json_number(json, "totalFee", sums.taker_fee + sums.maker_fee);
    hx_lab_json_number(json, "profit", sums.profit);
    hx_lab_json_c(json, "feeCurrency", "USDT");
}

static void add_exits(struct hx_json_writer *json, const struct hx_lab_exits *exits) {
    if (exits->stop_loss > 0) {
        hx_lab_json_number(json, "stopLossPrice", exits->stop_loss);
        hx_json_write_i64(json, "lossTrend", exits->stop_loss_by_mark ? 2 : 1);
    }
    if (exits->take_profit > 0) {
        hx_lab_json_number(json, "takeProfitPrice", exits->take_profit);
        hx_json_write_i64(json, "profitTrend", exits->take_profit_by_mark ? 2 : 1);
    }
}

void hx_lab_mexc_add_order(struct hx_json_writer *json, const struct hx_lab *lab, const struct hx_lab_order *order,
                           const struct hx_lab_mexc_moment *moment) {
    const struct hx_lab_market *market = &lab->markets[order->market];
    const bool is_long = order_is_long(order);
    const hx_lab_amount average = moment->executed > 0 ? hx_lab_amount_divide(moment->quote, moment->executed) : 0;
    const hx_lab_amount price = order->type == HX_LAB_ORDER_LIMIT ? order->price : average;
    const uint32_t leverage = order->leverage > 0 ? order->leverage : hx_lab_leverage_of(market, is_long);
    const bool isolated = order->leverage > 0 ? order->isolated : hx_lab_is_isolated(market, is_long);
    hx_lab_json_order_id(json, "orderId", lab, order);
    hx_lab_json_c(json, "symbol", market->wire);
    hx_json_write_i64(json, "positionId", hx_lab_mexc_position_id(moment->executed > 0 ? order->position_number : 0));
    hx_lab_json_number(json, "price", price);
    hx_lab_json_short(json, "priceStr", price);
    hx_lab_json_number(json, "vol", hx_lab_mexc_contracts(market, moment->quantity));
    hx_json_write_i64(json, "leverage", leverage);
    hx_json_write_i64(json, "side", hx_lab_mexc_side(order));
    hx_json_write_i64(json, "category", 1);
    hx_json_write_i64(json, "orderType", hx_lab_mexc_order_type(order));
    hx_lab_json_number(json, "dealAvgPrice", average);
    hx_lab_json_short(json, "dealAvgPriceStr", average);
    hx_lab_json_number(json, "dealVol", hx_lab_mexc_contracts(market, moment->executed));
    add_money(json, lab, order, moment, leverage);
    hx_json_write_i64(json, "openType", isolated ? 1 : 2);
    hx_json_write_i64(json, "state", hx_lab_mexc_state(order, moment->status));
    hx_json_write_str(json, "externalOid", hx_lab_order_client_id(order));
    hx_json_write_i64(json, "errorCode", hx_lab_mexc_error(order, moment->status));
    hx_json_write_i64(json, "createTime", order->time);
    hx_json_write_i64(json, "updateTime", moment->updated);
    hx_json_write_i64(json, "positionMode", order->side == HX_LAB_BOTH ? 2 : 1);
    if (order->side == HX_LAB_BOTH) hx_json_write_bool(json, "reduceOnly", order->reduce_only);
    hx_json_write_i64(json, "bboTypeNum", 0);
    add_exits(json, &order->exits);
}

/* Of an order that is forgotten the fill itself says what it did. */
static int64_t fill_side(const struct hx_lab *lab, const struct hx_lab_fill *fill) {
    const struct hx_lab_order *order = hx_lab_order_at(lab, fill->order_seq);
    if (order != NULL) return hx_lab_mexc_side(order);
    if (fill->buy) return fill->closed > 0 ? 2 : 1;
    return fill->closed > 0 ? 4 : 3;
}

void hx_lab_mexc_add_fill(struct hx_json_writer *json, const struct hx_lab *lab, const struct hx_lab_fill *fill) {
    const struct hx_lab_market *market = &lab->markets[fill->market];
    char text[HX_LAB_ID_LEN_MAX];
    struct hx_buf id;
    hx_buf_init(&id, text, sizeof text);
    hx_lab_add_order_id_of(&id, lab, fill);
    hx_lab_json_trade_id(json, "id", lab, fill);
    hx_lab_json_c(json, "symbol", market->wire);
    hx_json_write_i64(json, "side", fill_side(lab, fill));
    hx_lab_json_number(json, "vol", hx_lab_mexc_contracts(market, fill->quantity));
    hx_lab_json_number(json, "price", fill->price);
    hx_lab_json_number(json, "fee", fill->fee);
    hx_lab_json_c(json, "feeCurrency", lab->assets[fill->fee_asset].name);
    hx_lab_json_number(json, "profit", fill->realized);
    hx_json_write_i64(json, "category", 1);
    hx_json_write_str(json, "orderId", hx_buf_str(&id));
    hx_json_write_i64(json, "timestamp", fill->time);
    hx_json_write_i64(json, "positionMode", fill->side == HX_LAB_BOTH ? 2 : 1);
}

/* Where an isolated position of this leverage would have lost its margin; nobody is liquidated here. */
static hx_lab_amount liquidation_price(const struct hx_lab_position *position, uint32_t leverage, bool is_long) {
    const hx_lab_amount room = position->entry / (int64_t)leverage;
    return is_long ? position->entry - room : position->entry + room;
}

void hx_lab_mexc_add_position(struct hx_json_writer *json, const struct hx_lab *lab, const struct hx_lab_market *market,
                              const struct hx_lab_position *position, bool is_long) {
    const hx_lab_amount held = hx_lab_amount_abs(position->quantity);
    const uint32_t leverage = hx_lab_leverage_of(market, is_long);
    const bool isolated = hx_lab_is_isolated(market, is_long);
    const enum hx_lab_position_side own = is_long ? HX_LAB_LONG : HX_LAB_SHORT;
    const hx_lab_amount frozen = hx_lab_mexc_frozen(lab, market, lab->hedge ? own : HX_LAB_BOTH, is_long);
    const hx_lab_amount margin = hx_lab_amount_multiply(held, position->entry) / (int64_t)leverage;
    const hx_lab_amount close_average =
        position->closed > 0 ? hx_lab_amount_divide(position->closed_quote, position->closed) : 0;
    hx_json_write_i64(json, "positionId", hx_lab_mexc_position_id(position->number));
    hx_lab_json_c(json, "symbol", market->wire);
    hx_json_write_i64(json, "positionType", is_long ? 1 : 2);
    hx_json_write_i64(json, "openType", isolated ? 1 : 2);
    hx_json_write_i64(json, "state", held > 0 ? 1 : 3);
    hx_lab_json_number(json, "holdVol", hx_lab_mexc_contracts(market, held));
    hx_lab_json_number(json, "frozenVol", hx_lab_mexc_contracts(market, hx_lab_amount_min(frozen, held)));
    hx_lab_json_number(json, "closeVol", hx_lab_mexc_contracts(market, position->closed));
    hx_lab_json_number(json, "holdAvgPrice", position->entry);
    hx_lab_json_short(json, "holdAvgPriceFullyScale", position->entry);
    hx_lab_json_number(json, "openAvgPrice", position->entry);
    hx_lab_json_short(json, "openAvgPriceFullyScale", position->entry);
    hx_lab_json_number(json, "closeAvgPrice", close_average);
    hx_lab_json_number(json, "liquidatePrice", isolated ? liquidation_price(position, leverage, is_long) : 0);
    hx_lab_json_number(json, "oim", margin);
    hx_lab_json_number(json, "im", margin);
    hx_json_write_i64(json, "holdFee", 0);
    hx_lab_json_number(json, "realised", position->realized_now);
    hx_lab_json_number(json, "closeProfitLoss", hx_lab_amount_add(position->realized_now, position->fees));
    hx_lab_json_number(json, "fee", -position->fees);
    hx_lab_json_number(json, "totalFee", position->fees);
    hx_json_write_i64(json, "leverage", leverage);
    hx_json_write_bool(json, "autoAddIm", false);
    hx_json_write_i64(json, "createTime", position->opened);
    hx_json_write_i64(json, "updateTime", position->updated);
}
