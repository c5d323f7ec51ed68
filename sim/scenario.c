#include "sim/scenario.h"

#define LONG_BTC "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.010\""
#define SHORT_BTC "\"action\":\"SHORT\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.020\""
#define CLOSE_BTC "\"action\":\"CLOSE\",\"symbol\":\"BTCUSDT\""
#define LONG_ETH "\"action\":\"LONG\",\"symbol\":\"ETHUSDT\",\"quantity\":\"0.5\""
#define KEY(name) ",\"idempotencyKey\":\"" name "\""
#define KILL "/v1/kv/trade:kill_switch"

static void one_long(struct hx_case *c) {
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
}

static void long_replayed(struct hx_case *c) {
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 1020, 1, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 9000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 100000, 4, LONG_BTC KEY("k-1"));
}

/* The same alert without a key: within 60 s of the first it is a repeat, across the border of a minute too; later it is
 * a new signal. The run starts on a full minute. */
static void long_unkeyed(struct hx_case *c) {
    hx_case_signal(c, 50000, 4, LONG_BTC);
    hx_case_signal(c, 65000, 4, LONG_BTC);
    hx_case_signal(c, 115000, 4, LONG_BTC);
}

static void long_then_close(struct hx_case *c) {
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 1005, 4, CLOSE_BTC KEY("k-2"));
}

static void flip(struct hx_case *c) {
    hx_case_signal(
        c, 1000, 4,
        "\"ticker\":\"BINANCE:BTCUSDT.P\",\"action\":\"buy\",\"contracts\":\"0.010\",\"market_position\":\"long\","
        "\"market_position_size\":\"0.010\",\"prev_market_position\":\"flat\","
        "\"prev_market_position_size\":\"0\",\"position_size\":\"0.010\"" KEY("k-1"));
    hx_case_signal(c, 2000, 4,
                   "\"ticker\":\"BINANCE:BTCUSDT.P\",\"action\":\"sell\",\"contracts\":\"0.030\",\"market_position\":"
                   "\"short\",\"market_position_size\":\"0.020\",\"prev_market_position\":\"long\","
                   "\"prev_market_position_size\":\"0.010\",\"position_size\":\"-0.020\"" KEY("k-2"));
}

static void long_then_short(struct hx_case *c) {
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 1200, 4, SHORT_BTC KEY("k-2"));
}

/* The limit order rests below the market, is met later, and is closed. */
static void limit_order(struct hx_case *c) {
    struct hx_case_action *price = hx_case_add(c, HX_CASE_PRICE, 0);
    price->body = HX_STR("BTCUSDT");
    price->price = hx_dec_from_i64(60000);
    hx_case_signal(c, 1000, 4, LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"59000\"" KEY("k-1"));
    price = hx_case_add(c, HX_CASE_PRICE, 90000);
    price->body = HX_STR("BTCUSDT");
    price->price = hx_dec_from_i64(58900);
    hx_case_signal(c, 240000, 4, CLOSE_BTC KEY("k-2"));
}

/* A limit order that meets the market is filled in part before the market moves off, and in full when it comes back:
 * its first fills are read again with the others. */
static void limit_partial(struct hx_case *c) {
    struct hx_case_action *price = hx_case_add(c, HX_CASE_PRICE, 0);
    price->body = HX_STR("BTCUSDT");
    price->price = hx_dec_from_i64(60000);
    struct hx_case_action *partial = hx_case_add(c, HX_CASE_TROUBLE, 0);
    partial->fault = HX_SIM_FAULT_VENUE_PARTIAL;
    partial->number = 400;
    hx_case_signal(c, 1000, 4, LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"60100\"" KEY("k-1"));
    price = hx_case_add(c, HX_CASE_PRICE, 70000);
    price->body = HX_STR("BTCUSDT");
    price->price = hx_dec_from_i64(60000);
    hx_case_signal(c, 200000, 4, CLOSE_BTC KEY("k-2"));
}

#define LONG_BTC_LARGE "\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.024\""

/* More fills than one batch holds. */
static void many_fills(struct hx_case *c) {
    struct hx_case_action *split = hx_case_add(c, HX_CASE_TROUBLE, 0);
    split->fault = HX_SIM_FAULT_VENUE_SPLIT;
    split->number = 12;
    hx_case_signal(c, 1000, 4, LONG_BTC_LARGE KEY("k-1"));
    hx_case_signal(c, 3000, 4, CLOSE_BTC KEY("k-2"));
}

/* The same with the account's stream: what rests is looked at when the stream says that it moved. */
static void limit_streamed(struct hx_case *c) {
    limit_order(c);
    c->streams = 1;
}

/* The close comes while the limit order still rests. */
static void limit_canceled(struct hx_case *c) {
    struct hx_case_action *price = hx_case_add(c, HX_CASE_PRICE, 0);
    price->body = HX_STR("BTCUSDT");
    price->price = hx_dec_from_i64(60000);
    hx_case_signal(c, 1000, 4, LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"59000\"" KEY("k-1"));
    hx_case_signal(c, 3000, 4, CLOSE_BTC KEY("k-2"));
}

/* A take-profit rests, and the stop comes, or a flip: the venue lets nobody ask for the same position twice. */
static void take_profit(struct hx_case *c, const char *then) {
    struct hx_case_action *price = hx_case_add(c, HX_CASE_PRICE, 0);
    price->body = HX_STR("BTCUSDT");
    price->price = hx_dec_from_i64(60000);
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 3000, 4,
                   "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.006\",\"orderType\":\"LIMIT\","
                   "\"price\":\"61000\"" KEY("k-2"));
    hx_case_signal(c, 6000, 4, then);
}

static void take_profit_then_stop(struct hx_case *c) {
    take_profit(c, CLOSE_BTC KEY("k-3"));
}

static void take_profit_then_flip(struct hx_case *c) {
    take_profit(c, SHORT_BTC KEY("k-3"));
}

/* The take-profit is met, and the stop comes before anybody has looked. */
static void take_profit_met_unseen(struct hx_case *c) {
    take_profit_then_stop(c);
    struct hx_case_action *price = hx_case_add(c, HX_CASE_PRICE, 5990);
    price->body = HX_STR("BTCUSDT");
    price->price = hx_dec_from_i64(61100);
}

/* The limit order is filled, and the close comes before anybody has looked. */
static void limit_filled_unseen(struct hx_case *c) {
    struct hx_case_action *price = hx_case_add(c, HX_CASE_PRICE, 0);
    price->body = HX_STR("BTCUSDT");
    price->price = hx_dec_from_i64(60000);
    hx_case_signal(c, 1000, 4, LONG_BTC ",\"orderType\":\"LIMIT\",\"price\":\"59000\"" KEY("k-1"));
    price = hx_case_add(c, HX_CASE_PRICE, 3000);
    price->body = HX_STR("BTCUSDT");
    price->price = hx_dec_from_i64(58900);
    hx_case_signal(c, 3010, 4, CLOSE_BTC KEY("k-2"));
}

/* And after a restart that forgot what the venue had said. */
static void limit_filled_while_down(struct hx_case *c) {
    limit_filled_unseen(c);
    hx_case_add(c, HX_CASE_CRASH, 2990)->number = 15;
}

static void queued(struct hx_case *c) {
    hx_case_kv(c, "webhook:queue_mode", "queue_everywhere");
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 1010, 4, CLOSE_BTC KEY("k-2"));
}

static void trouble(struct hx_case *c, int64_t at, enum hx_sim_fault_kind kind, uint32_t count) {
    struct hx_case_action *action = hx_case_add(c, HX_CASE_TROUBLE, at);
    action->fault = kind;
    action->count = count;
}

static void busy_twice(struct hx_case *c) {
    trouble(c, 0, HX_SIM_FAULT_VENUE_503_UNAVAILABLE, 2);
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 2000, 4, LONG_BTC KEY("k-1"));
}

static void busy_for_ever(struct hx_case *c) {
    hx_case_setting(c, "HOOX_RETRY_SCHEDULE", "5,10");
    trouble(c, 0, HX_SIM_FAULT_VENUE_503_UNAVAILABLE, 9);
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 60000, 1, LONG_BTC KEY("k-1"));
}

static void busy_unqueued(struct hx_case *c) {
    hx_case_kv(c, "webhook:queue_mode", "queue_disabled");
    trouble(c, 0, HX_SIM_FAULT_VENUE_503_UNAVAILABLE, 1);
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 2000, 1, LONG_BTC KEY("k-1"));
}

/* A queued entry must be refused once the switch is on; the close behind it must pass. */
static void kill_switch(struct hx_case *c) {
    hx_case_setting(c, "HOOX_RETRY_SCHEDULE", "5,5,5");
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    trouble(c, 1900, HX_SIM_FAULT_VENUE_503_UNAVAILABLE, 1);
    hx_case_signal(c, 2000, 4, LONG_BTC KEY("k-2"));
    hx_case_operator(c, 2003, HX_HTTP_METHOD_PUT, KILL, "reduce");
    hx_case_signal(c, 3000, 4, LONG_BTC KEY("k-3"));
    hx_case_signal(c, 4000, 4, CLOSE_BTC KEY("k-4"));
    hx_case_operator(c, 20000, HX_HTTP_METHOD_PUT, KILL, "off");
    hx_case_signal(c, 21000, 4, LONG_BTC KEY("k-5"));
}

/* The switch goes on between door and wire, at every millisecond of the way. */
static void kill_switch_race(struct hx_case *c) {
    for (int i = 0; i < 12; i++) {
        int64_t at = 1000 + 10000 * i;
        hx_case_signal(c, at, 1, hx_case_text(c, LONG_ETH ",\"idempotencyKey\":\"k-%d\"", i));
        hx_case_operator(c, at + i, HX_HTTP_METHOD_PUT, KILL, "reduce");
        hx_case_operator(c, at + 5000, HX_HTTP_METHOD_PUT, KILL, "off");
    }
}

static void rejected(struct hx_case *c) {
    trouble(c, 0, HX_SIM_FAULT_VENUE_REJECT, 1);
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 2000, 4, LONG_BTC KEY("k-1"));
}

static void reply_lost(struct hx_case *c) {
    trouble(c, 0, HX_SIM_FAULT_NET_DROP_REPLY, 1);
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 1500, 4, CLOSE_BTC KEY("k-2"));
}

static void request_late(struct hx_case *c) {
    trouble(c, 0, HX_SIM_FAULT_NET_LATE_REQUEST, 1);
    c->actions[c->action_count - 1].number = 1500;
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
}

static void request_lost(struct hx_case *c) {
    trouble(c, 0, HX_SIM_FAULT_NET_SILENCE, 1);
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
}

static void two_symbols(struct hx_case *c) {
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 1000, 4, LONG_ETH KEY("k-1"));
    hx_case_signal(c, 1003, 4, CLOSE_BTC KEY("k-2"));
}

static void queue_commands(struct hx_case *c) {
    hx_case_setting(c, "HOOX_RETRY_SCHEDULE", "60,60");
    trouble(c, 0, HX_SIM_FAULT_VENUE_503_UNAVAILABLE, 2);
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 2000, 4, LONG_ETH KEY("k-2"));
    hx_case_add(c, HX_CASE_RETRY, 5000)->count = 0;
    hx_case_add(c, HX_CASE_DROP, 6000)->count = 1;
    hx_case_signal(c, 7000, 1, LONG_ETH KEY("k-2"));
}

/* Under which an order is placed and asked for: what is behind it in the path is which of the two. */
static hx_str orders_of(const struct hx_case *c) {
    hx_str path = hx_str_from_c(hx_sim_speech_of(c->venue)->order_path);
    const hx_str word = HX_STR("/order");
    size_t at = 0;
    return hx_str_find(path, word, &at) ? hx_str_slice(path, 0, at + word.len) : path;
}

/* The venue has the order, and no answer about it comes through until its owner has said that it is not there. */
static void declared_absent(struct hx_case *c) {
    trouble(c, 0, HX_SIM_FAULT_NET_DROP_REPLY, 30);
    c->actions[c->action_count - 1].path = orders_of(c);
    hx_case_signal(c, 1000, 1, LONG_BTC KEY("k-1"));
    hx_case_add(c, HX_CASE_ABSENT, 50000)->count = 0;
    hx_case_add(c, HX_CASE_ABSENT, 120000)->count = 0;
    hx_case_add(c, HX_CASE_RETRY, 125000)->count = 0;
    hx_case_signal(c, 400000, 4, CLOSE_BTC KEY("k-2"));
}

/* An exit that failed is retried by hand while the fills of a later one can't be read: the venue's position is not yet
 * the ledger's, and no reason to change it. */
static void retried_exit(struct hx_case *c) {
    hx_case_kv(c, "webhook:queue_mode", "queue_disabled");
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    hx_case_add(c, HX_CASE_CRASH, 1500)->number = 100;
    trouble(c, 1550, HX_SIM_FAULT_VENUE_MAINTENANCE, 9);
    c->actions[c->action_count - 1].path = HX_STR("rules");
    hx_case_signal(c, 2000, 1, CLOSE_BTC KEY("k-2"));
    trouble(c, 2950, HX_SIM_FAULT_NET_DROP_REPLY, 20);
    c->actions[c->action_count - 1].path = HX_STR("fills");
    hx_case_signal(c, 3000, 4, CLOSE_BTC KEY("k-3"));
    hx_case_add(c, HX_CASE_CRASH, 8000)->number = 100;
    hx_case_add(c, HX_CASE_RETRY, 9000)->count = 1;
}

static void operator_trades(struct hx_case *c) {
    hx_case_trade(c, 1000, LONG_BTC KEY("k-1"));
    hx_case_trade(c, 2000, CLOSE_BTC KEY("k-2"));
}

/* Keys stand under the day their alert came in; a copy may come the day after, or the clock step back to the day
 * before. */
static void over_midnight(struct hx_case *c) {
    c->start_ms += HX_MS_PER_DAY - 30000;
    hx_case_signal(c, 25000, 1, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 26000, 1, LONG_ETH);
    hx_case_signal(c, 75000, 1, LONG_ETH);
    hx_case_signal(c, 88000, 1, LONG_BTC KEY("k-1"));
    hx_case_add(c, HX_CASE_CLOCK, 120000)->number = 300;
}

static void clock_back_over_midnight(struct hx_case *c) {
    c->start_ms += HX_MS_PER_DAY - 29900;
    hx_case_signal(c, 30000, 1, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 30010, 1, LONG_ETH);
    hx_case_add(c, HX_CASE_CLOCK, 30020)->number = -400;
    hx_case_signal(c, 30030, 1, LONG_BTC KEY("k-1"));
    hx_case_signal(c, 30040, 1, LONG_ETH);
}

static void sized(struct hx_case *c) {
    const char *leverage = c->venue->product == HX_LAB_SPOT ? "" : ",\"leverage\":3";
    hx_case_signal(c, 1000, 4,
                   hx_case_text(c,
                                "\"action\":\"LONG\",\"symbol\":\"ETHUSDT\",\"quantity\":\"5\","
                                "\"quantityType\":\"percent_equity\"%s" KEY("k-1"),
                                leverage));
    hx_case_signal(
        c, 2000, 4,
        "\"action\":\"LONG\",\"symbol\":\"BTC-USDT\",\"quantity\":500,\"quantityType\":\"quote\"" KEY("k-2"));
    hx_case_signal(c, 3000, 4, "\"action\":\"CLOSE_LONG\",\"symbol\":\"eth/usdt\",\"quantity\":\"0.1\"" KEY("k-3"));
}

/* Orders over a WebSocket, where the venue takes them so. */
static void by_socket(struct hx_case *c) {
    hx_case_setting(c, "HOOX_ORDER_ENTRY", "ws");
    hx_case_signal(c, 1000, 4, LONG_BTC KEY("k-1"));
    trouble(c, 1900, HX_SIM_FAULT_NET_DROP_REPLY, 1);
    hx_case_signal(c, 2000, 4, LONG_BTC KEY("k-2"));
    hx_case_signal(c, 9000, 4, CLOSE_BTC KEY("k-3"));
}

static void expiring(struct hx_case *c) {
    hx_case_setting(c, "HOOX_RETRY_SCHEDULE", "20,20,20");
    trouble(c, 0, HX_SIM_FAULT_VENUE_503_UNAVAILABLE, 2);
    hx_case_signal(c, 1000, 4, LONG_BTC ",\"maxAge\":30" KEY("k-1"));
    hx_case_signal(c, 2000, 4, LONG_BTC ",\"maxAge\":600" KEY("k-2"));
}

const struct hx_scenario hx_scenarios[] = {
    {"one_long", one_long, 1, false},
    {"long_replayed", long_replayed, 1, false},
    {"long_unkeyed", long_unkeyed, 2, false},
    {"long_then_close", long_then_close, 2, false},
    {"flip", flip, 3, true},
    {"long_then_short", long_then_short, 3, true},
    {"limit_order", limit_order, 2, false},
    {"limit_partial", limit_partial, 2, false},
    {"limit_streamed", limit_streamed, 2, false},
    {"many_fills", many_fills, 2, false},
    {"limit_canceled", limit_canceled, 1, false},
    {"take_profit_then_stop", take_profit_then_stop, 3, false},
    {"take_profit_then_flip", take_profit_then_flip, 4, true},
    {"take_profit_met_unseen", take_profit_met_unseen, 3, false},
    {"limit_filled_unseen", limit_filled_unseen, 2, false},
    {"limit_filled_while_down", limit_filled_while_down, 2, false},
    {"queued", queued, 2, false},
    {"busy_twice", busy_twice, 1, false},
    {"busy_for_ever", busy_for_ever, 0, false},
    {"busy_unqueued", busy_unqueued, 0, false},
    {"kill_switch", kill_switch, 3, false},
    {"kill_switch_race", kill_switch_race, UINT32_MAX, false},
    {"rejected", rejected, 0, false},
    {"reply_lost", reply_lost, 2, false},
    {"request_late", request_late, 1, false},
    {"request_lost", request_lost, 1, false},
    {"two_symbols", two_symbols, 3, false},
    {"queue_commands", queue_commands, 1, false},
    {"declared_absent", declared_absent, 2, false},
    {"retried_exit", retried_exit, 2, false},
    {"operator_trades", operator_trades, 2, false},
    {"over_midnight", over_midnight, 2, false},
    {"clock_back_over_midnight", clock_back_over_midnight, 2, false},
    {"sized", sized, 3, false},
    {"expiring", expiring, 1, false},
    {"by_socket", by_socket, 3, false},
};
const uint32_t hx_scenario_count = sizeof(hx_scenarios) / sizeof(hx_scenarios[0]);
