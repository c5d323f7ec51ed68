/* POST /v5/order/create: what is asked for becomes a draft; what it answers is only that it was understood. */
#include "lab/bybit.h"

/* Spot and linear have words of their own for the same mistakes. */
static bool read_word(struct hx_lab_call *call, const char *name, const char *const *words, int32_t spot_code,
                      uint32_t *index) {
    hx_str text;
    if (!hx_lab_bybit_text(call, name, &text)) return false;
    for (uint32_t i = 0; words[i] != NULL; i++) {
        if (!hx_str_equal(text, hx_str_from_c(words[i]))) continue;
        *index = i;
        return true;
    }
    if (call->product == HX_LAB_SPOT) return hx_lab_fail(call, spot_code);
    return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_INVALID, name, "");
}

static bool read_kind(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    static const char *const sides[] = {"Sell", "Buy", NULL};
    static const char *const types[] = {"Limit", "Market", NULL};
    uint32_t side = 0;
    uint32_t type = 0;
    struct hx_lab_market *market;
    if (!hx_lab_bybit_read_category(call, false) || !hx_lab_bybit_market(call, true, &market)) return false;
    if (!read_word(call, "side", sides, 170117, &side)) return false;
    if (!read_word(call, "orderType", types, 170116, &type)) return false;
    draft->market = hx_lab_market_index(call->lab, market);
    draft->buy = side == 1;
    draft->type = type == 1 ? HX_LAB_ORDER_MARKET : HX_LAB_ORDER_LIMIT;
    return true;
}

/* Market orders are immediate or cancelled whatever is said. */
static bool read_tif(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    static const char *const words[] = {"GTC", "IOC", "FOK", "PostOnly", "RPI", NULL};
    static const enum hx_lab_tif values[] = {HX_LAB_GTC, HX_LAB_IOC, HX_LAB_FOK, HX_LAB_GTX};
    hx_str text;
    uint32_t index = 0;
    if (!hx_lab_bybit_text(call, "timeInForce", &text)) return false;
    if (text.len > 0 && !read_word(call, "timeInForce", words, 170115, &index)) return false;
    if (index == 4) return hx_lab_bybit_fail_by(call, 110119, 170355);
    draft->tif = draft->type == HX_LAB_ORDER_MARKET ? HX_LAB_GTC : values[index];
    return true;
}

/* Spot market orders: by value unless told otherwise when they buy, by quantity when they sell. */
static bool read_unit(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    static const char *const words[] = {"baseCoin", "quoteCoin", NULL};
    const struct hx_lab_market *market = &call->lab->markets[draft->market];
    uint32_t unit = draft->buy ? 1 : 0;
    if (call->product != HX_LAB_SPOT || draft->type != HX_LAB_ORDER_MARKET) return true;
    if (!hx_lab_bybit_word(call, "marketUnit", words, &unit)) return false;
    if (unit == 0) return true;
    const hx_lab_amount precision = hx_lab_amount_multiply(market->tick, market->step);
    if (draft->quantity_places > hx_lab_bybit_places(precision)) return hx_lab_fail(call, 170148);
    if (draft->quantity == 0) return hx_lab_fail(call, 170140);
    draft->quote_asked = draft->quantity;
    draft->quantity = 0;
    draft->quantity_places = 0;
    return true;
}

/* qty "0" with reduceOnly and closeOnTrigger closes the position, up to the largest market order. */
static bool read_quantity(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    bool present;
    const struct hx_lab_market *market = &call->lab->markets[draft->market];
    if (!hx_lab_bybit_amount(call, "qty", &present, &draft->quantity, &draft->quantity_places)) return false;
    if (!present) return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_MISSING, "qty", "");
    const bool closes = draft->reduce_only && (draft->wire_kind & HX_LAB_BYBIT_CLOSE_ON_TRIGGER) != 0;
    if (call->product == HX_LAB_SPOT || draft->quantity > 0 || !closes) return read_unit(call, draft);
    const hx_lab_amount there = hx_lab_reducible(market, draft->side, draft->buy);
    if (there == 0) return hx_lab_bybit_refuse(call, HX_LAB_REFUSED_REDUCE_ONLY, draft);
    const bool limit = draft->type == HX_LAB_ORDER_LIMIT;
    draft->quantity = hx_lab_amount_min(there, limit ? market->quantity_max : market->market_quantity_max);
    return true;
}

static bool read_price(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    bool present;
    if (draft->type == HX_LAB_ORDER_MARKET) return true;
    if (!hx_lab_bybit_amount(call, "price", &present, &draft->price, &draft->price_places)) return false;
    if (present) return true;
    return call->product == HX_LAB_SPOT ? hx_lab_fail_about(call, 170130, HX_STR("price"))
                                        : hx_lab_bybit_fail_param(call, HX_LAB_PARAM_MISSING, "price", "");
}

/* Linear only. Both flags mean that the order may only reduce. In hedge mode the closing side has to say so. */
static bool read_flags(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    const struct hx_lab_market *market = &call->lab->markets[draft->market];
    bool closes;
    if (call->product == HX_LAB_SPOT) return true;
    if (!hx_lab_bybit_read_side(call, market, &draft->side)) return false;
    if (!hx_lab_bybit_flag(call, "reduceOnly", &draft->reduce_only)) return false;
    if (!hx_lab_bybit_flag(call, "closeOnTrigger", &closes)) return false;
    if (closes) draft->wire_kind |= HX_LAB_BYBIT_CLOSE_ON_TRIGGER;
    draft->reduce_only = draft->reduce_only || closes;
    const bool opens = draft->side == HX_LAB_BOTH || draft->buy == (draft->side == HX_LAB_LONG);
    if (!opens && !draft->reduce_only) {
        return hx_lab_bybit_fail_with(call, "reduceOnly must be true to close a position in hedge mode");
    }
    if (opens && draft->side != HX_LAB_BOTH && draft->reduce_only) {
        return hx_lab_bybit_refuse(call, HX_LAB_REFUSED_REDUCE_ONLY, draft);
    }
    return true;
}

/* Spot: tpslOrder holds its assets while it waits, StopOrder does not. Without a direction the price says which. */
static bool read_spot_trigger(struct hx_lab_call *call, struct hx_lab_draft *draft, bool has_trigger) {
    static const char *const words[] = {"Order", "tpslOrder", "StopOrder", NULL};
    hx_str text;
    uint32_t filter = 0;
    if (!hx_lab_bybit_text(call, "orderFilter", &text)) return false;
    if (text.len > 0 && !read_word(call, "orderFilter", words, 170201, &filter)) return false;
    if (filter == 0) return has_trigger ? hx_lab_fail_about(call, 170130, HX_STR("triggerPrice")) : true;
    if (!has_trigger) return hx_lab_fail(call, 170202);
    draft->locks_late = filter == 2;
    draft->wire_kind |= filter == 1 ? HX_LAB_BYBIT_TPSL_ORDER : HX_LAB_BYBIT_STOP;
    draft->trigger.rises = draft->trigger.price >= hx_lab_book_now(call->lab, &call->lab->markets[draft->market]).bid;
    return true;
}

static bool read_linear_trigger(struct hx_lab_call *call, struct hx_lab_draft *draft, bool has_trigger) {
    static const char *const words[] = {"LastPrice", "IndexPrice", "MarkPrice", NULL};
    bool present;
    int64_t direction = 0;
    uint32_t by = 0;
    if (!hx_lab_bybit_int(call, "triggerDirection", &present, &direction)) return false;
    if (!hx_lab_bybit_word(call, "triggerBy", words, &by)) return false;
    if (!has_trigger) return true;
    if (direction != 1 && direction != 2) {
        return hx_lab_bybit_fail_param(call, HX_LAB_PARAM_INVALID, "triggerDirection", "");
    }
    draft->trigger.rises = direction == 1;
    draft->trigger.by_mark = by > 0;
    draft->wire_kind |= HX_LAB_BYBIT_STOP;
    if (by == 1) draft->wire_kind |= HX_LAB_BYBIT_BY_INDEX;
    return true;
}

static bool read_trigger(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    uint32_t places = 0;
    bool present;
    const struct hx_lab_market *market = &call->lab->markets[draft->market];
    if (!hx_lab_bybit_amount(call, "triggerPrice", &present, &draft->trigger.price, &places)) return false;
    draft->trigger.is_set = present && draft->trigger.price > 0;
    if (draft->trigger.is_set) {
        const enum hx_lab_refusal refusal = hx_lab_check_price(market, draft->trigger.price, places);
        if (refusal != HX_LAB_ACCEPTED) return hx_lab_bybit_refuse(call, refusal, draft);
    }
    return call->product == HX_LAB_SPOT ? read_spot_trigger(call, draft, draft->trigger.is_set)
                                        : read_linear_trigger(call, draft, draft->trigger.is_set);
}

static bool is_id_char(char c) {
    if (c >= 'A' && c <= 'Z') return true;
    if (c >= 'a' && c <= 'z') return true;
    return (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool read_link_id(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    if (!hx_lab_bybit_text(call, "orderLinkId", &draft->client_id)) return false;
    bool fits = draft->client_id.len <= HX_LAB_CLIENT_ID_LEN_MAX;
    for (size_t i = 0; i < draft->client_id.len && fits; i++) fits = is_id_char(draft->client_id.data[i]);
    return fits ? true : hx_lab_bybit_fail_param(call, HX_LAB_PARAM_ILLEGAL, "orderLinkId", "");
}

/* Margin on spot is not switched on. */
static bool check_leverage(struct hx_lab_call *call) {
    bool present;
    int64_t borrows = 0;
    if (call->product != HX_LAB_SPOT) return true;
    if (!hx_lab_bybit_int(call, "isLeverage", &present, &borrows)) return false;
    return borrows == 0 ? true : hx_lab_fail(call, 170036);
}

static bool read_draft(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    hx_mem_set(draft, 0, sizeof *draft);
    draft->is_acked = true;
    draft->bend = call->bend;
    draft->request_timestamp = call->request_timestamp;
    return read_kind(call, draft) && read_tif(call, draft) && read_flags(call, draft) && read_quantity(call, draft) &&
           read_price(call, draft) && read_trigger(call, draft) && hx_lab_bybit_read_exits(call, draft) &&
           read_link_id(call, draft) && check_leverage(call);
}

void hx_lab_bybit_create(struct hx_lab_call *call) {
    struct hx_lab_draft draft;
    struct hx_lab_order *order = NULL;
    if (!read_draft(call, &draft)) return;
    const enum hx_lab_refusal refusal = hx_lab_place(call->lab, &draft, &order);
    if (refusal != HX_LAB_ACCEPTED) {
        (void)hx_lab_bybit_refuse(call, refusal, &draft);
        return;
    }
    hx_lab_bybit_open(call, "OK");
    hx_lab_write_order_id(call, "orderId", order);
    hx_json_write_str(&call->json, "orderLinkId", draft.client_id);
    hx_lab_bybit_close(call);
}
