/* A venue at the client's interface (core/venue/venue.h) instead of on the wire: one account and one symbol, for tests
 * of what the flows make of a product's rules. Included once per test program; being defined here, these functions are
 * linked in place of the client's. Market orders fill at once, limit orders when the price is met or is moved there. */
#ifndef HX_TEST_APP_VENUE_DOUBLE_H
#define HX_TEST_APP_VENUE_DOUBLE_H

#include "test/app/world.h"

#define DOUBLE_ORDERS_MAX 64
#define DOUBLE_FILLS_MAX 256

struct double_order {
    struct hx_order_request request;
    char id[32], client_id[32];
    hx_dec executed, value, fee;
    enum hx_order_status status;
};

struct double_fill {
    struct hx_fill fill;
    char id[32];
    uint32_t order;
};

struct venue_double {
    struct hx_venue_traits traits;
    struct hx_symbol_rules rules;
    hx_dec price;      /* At which orders fill. */
    hx_dec mark_price; /* What the venue says when asked; zero: it does not answer. */
    hx_dec fee_rate;
    const char *buy_fee_asset, *sell_fee_asset;
    uint32_t parts;     /* Fills of a market order. */
    hx_dec base, quote; /* Spot: what the account holds. */
    bool hedged;
    hx_dec long_quantity, short_quantity, net_quantity; /* Futures. */
    hx_dec ends_after;                                  /* A market order executes so much and ends; zero: all. */
    struct double_order orders[DOUBLE_ORDERS_MAX];
    uint32_t order_count;
    struct double_fill fills[DOUBLE_FILLS_MAX];
    uint32_t fill_count;
    uint32_t questions; /* About the position. */
    /* What the venue keeps to itself: its answer to an order, what became of market orders, fills, and orders, when so
     * many questions about them were answered, for so many. */
    bool loses_answers, matches_late, hides_fills;
    bool acks;              /* An order is answered with a receipt. */
    uint32_t lists_at_most; /* Fills of an order, the latest; 0: all. Of more it says that they can't be had. */
    bool tells_fee;         /* An order's report says what it cost. */
    uint32_t hides_orders_after, hides_orders_for;
    /* So many cancels find it busy; so many questions about orders hoox holds back itself, or never reach it. */
    uint32_t refuses_cancels, holds_back, unreachable;
    /* Of start-up: how the questions for the time, for the key's rights and for the balance are answered. */
    struct hx_venue_result clock_answer, rights_answer, equity_answer;
    struct hx_key_rights rights;
};

static struct venue_double venue;

static inline hx_dec double_add(hx_dec a, hx_dec b) {
    hx_dec out = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_add(a, b, &out)));
    return out;
}

static inline hx_dec double_subtract(hx_dec a, hx_dec b) {
    return double_add(a, hx_dec_negate(b));
}

static inline hx_dec double_multiply(hx_dec a, hx_dec b) {
    hx_dec out = HX_DEC_ZERO;
    assert_true(hx_ok(hx_dec_multiply(a, b, &out)));
    return out;
}

/* Setup of a test: an account of that market with rules of its own. */
static inline int double_reset(void **state, bool spot) {
    memset(&venue, 0, sizeof(venue));
    venue.traits.spot = spot;
    venue.rules = (struct hx_symbol_rules){.base_asset = HX_STR("BTC"),
                                           .quote_asset = HX_STR("USDT"),
                                           .tradable = true,
                                           .tick = world_dec("0.01"),
                                           .step = world_dec("0.00001"),
                                           .market_step = world_dec("0.00001"),
                                           .quantity_min = world_dec("0.00001"),
                                           .quantity_max = world_dec("100"),
                                           .notional_min = world_dec("5")};
    venue.price = venue.mark_price = world_dec("50000");
    venue.fee_rate = world_dec("0.001");
    venue.buy_fee_asset = spot ? "BTC" : "USDT";
    venue.sell_fee_asset = "USDT";
    venue.parts = 1;
    venue.quote = world_dec("100000");
    return world_reset(state);
}

static inline int spot_reset(void **state) {
    return double_reset(state, true);
}

static inline int futures_reset(void **state) {
    return double_reset(state, false);
}

/* Matching. */

static inline hx_dec *double_side(const struct hx_order_request *request) {
    if (request->position_side == HX_POSITION_LONG) return &venue.long_quantity;
    return request->position_side == HX_POSITION_SHORT ? &venue.short_quantity : &venue.net_quantity;
}

static inline void double_book(const struct hx_order_request *request, hx_dec quantity, hx_dec price, hx_dec fee) {
    bool buy = request->side == HX_SIDE_BUY;
    if (venue.traits.spot) {
        hx_dec value = double_multiply(quantity, price);
        const char *fee_asset = buy ? venue.buy_fee_asset : venue.sell_fee_asset;
        venue.base = buy ? double_add(venue.base, quantity) : double_subtract(venue.base, quantity);
        venue.quote = buy ? double_subtract(venue.quote, value) : double_add(venue.quote, value);
        if (strcmp(fee_asset, "BTC") == 0) venue.base = double_subtract(venue.base, fee);
        if (strcmp(fee_asset, "USDT") == 0) venue.quote = double_subtract(venue.quote, fee);
        return;
    }
    hx_dec *side = double_side(request);
    bool adds = buy == (request->position_side != HX_POSITION_SHORT);
    *side = adds ? double_add(*side, quantity) : double_subtract(*side, quantity);
    /* A side of hedge mode is never sold below nothing. */
    if (request->position_side != HX_POSITION_NET) assert_true(hx_dec_sign(*side) >= 0);
}

static inline void double_fill_order(uint32_t index, hx_dec quantity) {
    struct double_order *order = &venue.orders[index];
    assert_true(venue.fill_count < DOUBLE_FILLS_MAX);
    struct double_fill *made = &venue.fills[venue.fill_count++];
    bool buy = order->request.side == HX_SIDE_BUY;
    const char *fee_asset = buy ? venue.buy_fee_asset : venue.sell_fee_asset;
    hx_dec value = double_multiply(quantity, venue.price);
    hx_dec fee = double_multiply(strcmp(fee_asset, "USDT") == 0 ? value : quantity, venue.fee_rate);
    snprintf(made->id, sizeof(made->id), "t%u", venue.fill_count);
    made->order = index;
    made->fill = (struct hx_fill){.venue_trade_id = hx_str_from_c(made->id),
                                  .venue_order_id = hx_str_from_c(order->id),
                                  .side = order->request.side,
                                  .quantity = quantity,
                                  .price = venue.price,
                                  .fee = fee,
                                  .fee_asset = hx_str_from_c(fee_asset),
                                  .time_ms = hx_sim_now(world.sim)};
    order->executed = double_add(order->executed, quantity);
    order->value = double_add(order->value, value);
    order->fee = double_add(order->fee, fee);
    double_book(&order->request, quantity, venue.price, fee);
}

static inline bool double_is_met(const struct hx_order_request *request) {
    if (request->type == HX_ORDER_MARKET) return true;
    int above = hx_dec_compare(venue.price, request->price);
    return request->side == HX_SIDE_BUY ? above <= 0 : above >= 0;
}

/* All of an order, in parts; a market order may end before. */
static inline void double_match(uint32_t index) {
    struct double_order *order = &venue.orders[index];
    hx_dec left = double_subtract(order->request.quantity, order->executed);
    bool market = order->request.type == HX_ORDER_MARKET;
    if (hx_dec_sign(order->request.quote_quantity) > 0) {
        assert_true(hx_ok(hx_dec_divide(order->request.quote_quantity, venue.price, 12, HX_ROUND_DOWN, &left)));
        assert_true(hx_ok(hx_dec_round_step(left, venue.rules.step, HX_ROUND_DOWN, &left)));
    }
    bool ends = market && hx_dec_sign(venue.ends_after) > 0 && hx_dec_compare(venue.ends_after, left) < 0;
    if (ends) left = venue.ends_after;
    for (uint32_t part = market ? venue.parts : 1; part > 1; part--) {
        hx_dec one;
        assert_true(hx_ok(hx_dec_divide(left, hx_dec_from_i64(part), 12, HX_ROUND_DOWN, &one)));
        assert_true(hx_ok(hx_dec_round_step(one, venue.rules.step, HX_ROUND_DOWN, &one)));
        if (hx_dec_sign(one) <= 0) continue;
        double_fill_order(index, one);
        left = double_subtract(left, one);
    }
    double_fill_order(index, left);
    order->status = ends ? HX_ORDER_EXPIRED : HX_ORDER_FILLED;
}

/* The price goes there, and what rests meets it. */
static inline void double_price(const char *price) {
    venue.price = venue.mark_price = world_dec(price);
    for (uint32_t i = 0; i < venue.order_count; i++) {
        if (venue.orders[i].status == HX_ORDER_NEW && double_is_met(&venue.orders[i].request)) double_match(i);
    }
}

static inline const struct double_order *double_last(void) {
    assert_true(venue.order_count > 0);
    return &venue.orders[venue.order_count - 1];
}

/* The client's interface. */

static const struct hx_venue_guarantees double_guarantees = {.has_timestamp_window = true,
                                                             .receive_window_ms = 2000,
                                                             .clock_slack_ms = 1000,
                                                             .lookup_lag_ms = 500,
                                                             .lookup_retention_ms = HX_MS_PER_DAY};

const struct hx_venue_guarantees *hx_venue_guarantees(const struct hx_account *account) {
    (void)account;
    return &double_guarantees;
}

const struct hx_venue_traits *hx_venue_traits(const struct hx_account *account) {
    (void)account;
    return &venue.traits;
}

static inline struct hx_venue_result double_done(void) {
    return (struct hx_venue_result){.outcome = HX_OUTCOME_DONE};
}

struct hx_venue_result hx_venue_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                      struct hx_symbol_rules *out) {
    (void)req, (void)account;
    *out = venue.rules;
    out->symbol = symbol;
    return double_done();
}

struct hx_venue_result hx_venue_sync_clock(struct hx_req *req, const struct hx_account *account) {
    (void)req, (void)account;
    return venue.clock_answer;
}

struct hx_venue_result hx_venue_get_position_mode(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                                  bool *hedged) {
    (void)req, (void)account, (void)symbol;
    *hedged = venue.hedged;
    return double_done();
}

struct hx_venue_result hx_venue_known_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                            struct hx_symbol_rules *out) {
    return hx_venue_rules(req, account, symbol, out);
}

/* It tells its rules always, so nothing is kept of them. */
void hx_venue_forget_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol) {
    (void)req, (void)account, (void)symbol;
}

bool hx_venue_save_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str *name,
                         hx_str *text) {
    (void)req, (void)account, (void)symbol;
    *name = *text = HX_STR_EMPTY;
    return false;
}

bool hx_venue_restore_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str text,
                            struct hx_symbol_rules *out) {
    (void)req, (void)account, (void)symbol, (void)text, (void)out;
    return false;
}

bool hx_venue_has_leverage(struct hx_req *req, const struct hx_account *account, hx_str symbol, int32_t leverage) {
    (void)req, (void)account, (void)symbol, (void)leverage;
    return true;
}

void hx_venue_note_setting(struct hx_req *req, const struct hx_account *account, hx_str symbol, int32_t leverage) {
    (void)req, (void)account, (void)symbol, (void)leverage;
}

struct hx_venue_result hx_venue_set_leverage(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                             int32_t leverage) {
    (void)req, (void)account, (void)symbol, (void)leverage;
    assert_false(venue.traits.spot);
    return double_done();
}

bool hx_venue_margin_is_isolated(struct hx_req *req) {
    (void)req;
    return false;
}

struct hx_venue_result hx_venue_prepare(struct hx_req *req, const struct hx_account *account) {
    (void)req, (void)account;
    return double_done();
}

static inline void double_report(const struct double_order *order, struct hx_order_report *out) {
    *out = (struct hx_order_report){.outcome = HX_OUTCOME_DONE,
                                    .status = order->status,
                                    .venue_order_id = hx_str_from_c(order->id),
                                    .client_order_id = hx_str_from_c(order->client_id),
                                    .executed_quantity = order->executed,
                                    .executed_value = order->value,
                                    .fee = venue.tells_fee ? order->fee : HX_DEC_ZERO,
                                    .fee_asset = venue.tells_fee ? HX_STR("USDT") : HX_STR_EMPTY};
}

void hx_venue_place(struct hx_req *req, const struct hx_account *account, const struct hx_order_request *order,
                    hx_time send_by, struct hx_order_report *out) {
    (void)req, (void)account, (void)send_by;
    *out = (struct hx_order_report){0};
    if (venue.traits.spot && order->side == HX_SIDE_SELL && hx_dec_compare(order->quantity, venue.base) > 0) {
        out->outcome = HX_OUTCOME_REJECTED;
        out->message = HX_STR("The account has too little of it.");
        return;
    }
    assert_true(venue.order_count < DOUBLE_ORDERS_MAX);
    uint32_t index = venue.order_count++;
    struct double_order *made = &venue.orders[index];
    *made = (struct double_order){.request = *order, .status = HX_ORDER_NEW};
    snprintf(made->id, sizeof(made->id), "o%u", index);
    snprintf(made->client_id, sizeof(made->client_id), "%.*s", (int)order->client_order_id.len,
             order->client_order_id.data);
    made->request.symbol = made->request.client_order_id = HX_STR_EMPTY; /* Die with the request. */
    if (double_is_met(order) && !venue.matches_late) double_match(index);
    double_report(made, out);
    if (venue.acks) {
        *out = (struct hx_order_report){.outcome = HX_OUTCOME_DONE,
                                        .status = HX_ORDER_NEW,
                                        .venue_order_id = hx_str_from_c(made->id),
                                        .is_ack = true};
    }
    if (venue.loses_answers) *out = (struct hx_order_report){.outcome = HX_OUTCOME_UNKNOWN};
}

static inline struct double_order *double_find(hx_str client_order_id) {
    for (uint32_t i = 0; i < venue.order_count; i++) {
        if (hx_str_equal(hx_str_from_c(venue.orders[i].client_id), client_order_id)) return &venue.orders[i];
    }
    return NULL;
}

void hx_venue_query(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str client_order_id,
                    struct hx_order_report *out) {
    (void)req, (void)account, (void)symbol;
    const struct double_order *order = double_find(client_order_id);
    uint32_t *unasked = venue.holds_back > 0 ? &venue.holds_back : &venue.unreachable;
    if (*unasked > 0) {
        bool ours = unasked == &venue.holds_back;
        *out =
            (struct hx_order_report){.outcome = HX_OUTCOME_BUSY, .held_back = ours, .retry_after_ms = ours ? 1500 : 0};
        (*unasked)--;
        return;
    }
    bool hidden = venue.hides_orders_after == 0 && venue.hides_orders_for > 0;
    if (hidden) venue.hides_orders_for--;
    if (venue.hides_orders_after > 0) venue.hides_orders_after--;
    *out = (struct hx_order_report){.outcome = HX_OUTCOME_ABSENT};
    if (order != NULL && !hidden) double_report(order, out);
}

void hx_venue_cancel(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str client_order_id,
                     struct hx_order_report *out) {
    struct double_order *order = double_find(client_order_id);
    if (venue.refuses_cancels > 0) {
        venue.refuses_cancels--;
        *out = (struct hx_order_report){.outcome = HX_OUTCOME_BUSY};
        return;
    }
    if (order != NULL && order->status == HX_ORDER_NEW) order->status = HX_ORDER_CANCELED;
    hx_venue_query(req, account, symbol, client_order_id, out);
}

struct hx_venue_result hx_venue_fills(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                      hx_str venue_order_id, struct hx_fills *out) {
    void *memory = NULL;
    (void)account, (void)symbol;
    assert_true(hx_ok(hx_arena_make(&req->arena, venue.fill_count + 1, sizeof(struct hx_fill), &memory)));
    *out = (struct hx_fills){memory, 0};
    for (uint32_t i = 0; i < venue.fill_count; i++) {
        if (venue.hides_fills || !hx_str_equal(venue.fills[i].fill.venue_order_id, venue_order_id)) continue;
        out->list[out->count++] = venue.fills[i].fill;
    }
    uint32_t most = venue.lists_at_most;
    if (most == 0 || out->count <= most) return double_done();
    out->list += out->count - most;
    out->count = most;
    return (struct hx_venue_result){.outcome = HX_OUTCOME_UNKNOWN, .too_many = true};
}

struct hx_venue_result hx_venue_get_position(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                             struct hx_venue_position *out) {
    (void)req, (void)account, (void)symbol;
    venue.questions++;
    *out = (struct hx_venue_position){.quantity = venue.traits.spot ? venue.base : venue.net_quantity,
                                      .hedged = venue.hedged,
                                      .mark_price = venue.traits.spot ? HX_DEC_ZERO : venue.mark_price};
    if (venue.hedged) {
        out->long_quantity = venue.long_quantity;
        out->short_quantity = venue.short_quantity;
        out->quantity = double_subtract(venue.long_quantity, venue.short_quantity);
    }
    return double_done();
}

struct hx_venue_result hx_venue_get_equity(struct hx_req *req, const struct hx_account *account, hx_str asset,
                                           struct hx_equity *out) {
    (void)req, (void)account;
    *out = (struct hx_equity){.asset = asset, .wallet_balance = venue.quote, .available = venue.quote};
    return venue.equity_answer;
}

struct hx_venue_result hx_venue_get_key_rights(struct hx_req *req, const struct hx_account *account,
                                               struct hx_key_rights *out) {
    (void)req, (void)account;
    *out = venue.rights;
    return venue.rights_answer;
}

struct hx_venue_result hx_venue_get_mark_price(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                               hx_dec *out) {
    (void)req, (void)account, (void)symbol;
    *out = venue.mark_price;
    return hx_dec_is_zero(venue.mark_price) ? (struct hx_venue_result){.outcome = HX_OUTCOME_BUSY} : double_done();
}

#endif
