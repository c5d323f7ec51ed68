/* The swarm: everything about a case drawn from its seed. Which faults occur at all, and how often, is drawn per seed
 * too (a swarm of different worlds finds more than one world with everything in it). */
#include <string.h>

#include "sim/campaign.h"

struct dice {
    uint64_t state;
};

static uint64_t roll(struct dice *dice) {
    uint64_t z = dice->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int64_t to(struct dice *dice, int64_t max) {
    return (int64_t)(roll(dice) % ((uint64_t)max + 1));
}
static bool percent(struct dice *dice, int64_t chance) {
    return to(dice, 99) < chance;
}

static const struct market {
    const char *symbol, *spelled, *quantity, *price;
} markets[] = {
    {"BTCUSDT", "BTC-USDT", "0.024", "60000"},
    {"ETHUSDT", "BINANCE:ETHUSDT.P", "0.500", "3000"},
    {"SOLUSDT", "sol/usdt", "10", "150"},
    {"DOGEUSDT", "DOGE_USDT", "2000", "0.15"},
};

struct swarm {
    struct hx_case *c;
    struct dice dice;
    uint32_t market_count;
    int64_t span_ms;
    uint32_t key_next;
};

/* The world. */

static void world_draw(struct swarm *s) {
    static const int64_t store[] = {0, 1, 4, 25}, network[] = {1, 5, 40, 400}, lags[] = {0, 0, 100, 300};
    static const char *const schedules[] = {"30,60,300,900,1800", "1,2,4", "5,5,5,5", "20"};
    static const char *const budgets[] = {"2000", "400", "50"};
    static const char *const modes[] = {"queue_failover", "queue_failover", "queue_everywhere", "queue_disabled"};
    struct hx_case *c = s->c;
    c->store_ms_max = store[to(&s->dice, 3)];
    c->network_ms_max = network[to(&s->dice, 3)];
    c->venue_lag_ms = lags[to(&s->dice, 3)];
    c->venue_fills_max = (uint32_t)to(&s->dice, 3);
    c->venue_fee_bnb = percent(&s->dice, 20) && hx_sim_speech_of(c->venue)->takes_bnb;
    hx_case_setting(c, "HOOX_RETRY_SCHEDULE", schedules[to(&s->dice, 3)]);
    hx_case_setting(c, "HOOX_REPLY_BUDGET_MS", budgets[to(&s->dice, 2)]);
    hx_case_kv(c, "webhook:queue_mode", modes[to(&s->dice, 3)]);
    if (percent(&s->dice, 20)) hx_case_kv(c, "trade:max_signal_age", percent(&s->dice, 50) ? "20" : "90");
    if (percent(&s->dice, 15)) hx_case_kv(c, "trade:max_order_notional", "1000");
    if (percent(&s->dice, 15)) hx_case_kv(c, "trade:default_leverage", "5");
    if (percent(&s->dice, 10)) hx_case_kv(c, "webhook:rate_limit", "5/10");
}

static void faults_draw(struct swarm *s) {
    static const uint16_t rates[] = {40, 200, 900, 4000}, crash_rates[] = {10, 60, 300, 1200};
    if (percent(&s->dice, 8)) return;
    int64_t share = percent(&s->dice, 50) ? 20 : 50;
    for (uint32_t kind = 0; kind < HX_SIM_FAULT_COUNT; kind++) {
        bool crash = kind == HX_SIM_FAULT_CRASH_BEFORE || kind == HX_SIM_FAULT_CRASH_AFTER;
        if (!percent(&s->dice, share)) continue;
        s->c->fault_chance[kind] = crash ? crash_rates[to(&s->dice, 3)] : rates[to(&s->dice, 3)];
    }
}

/* Signals. */

static const char *fields_draw(struct swarm *s, const struct market *m) {
    static const char *const closes[] = {"CLOSE", "CLOSE_LONG", "CLOSE_SHORT"};
    struct hx_case *c = s->c;
    bool spot = c->venue->product == HX_LAB_SPOT;
    const char *symbol = percent(&s->dice, 30) ? m->spelled : m->symbol;
    switch (to(&s->dice, 9)) {
        case 0:
        case 1:
        case 2:
            return hx_case_text(c, "\"action\":\"%s\",\"symbol\":\"%s\",\"quantity\":%s",
                                percent(&s->dice, 60) || spot ? "LONG" : "SHORT", symbol, m->quantity);
        case 3:
        case 4:
            return hx_case_text(c, "\"action\":\"%s\",\"symbol\":\"%s\"", closes[to(&s->dice, 2)], symbol);
        case 5:
            if (percent(&s->dice, 60)) {
                static const char *const parts[] = {"", ",\"quantity\":\"0.004\"", ",\"quantity\":\"0.002\""};
                return hx_case_text(
                    c, "\"action\":\"CLOSE_LONG\",\"symbol\":\"BTCUSDT\",\"orderType\":\"LIMIT\",\"price\":\"%d\"%s",
                    percent(&s->dice, 50) ? 98000 : 102000, parts[to(&s->dice, 2)]);
            }
            return hx_case_text(c, "\"action\":\"CLOSE\",\"symbol\":\"%s\",\"quantity\":\"%s\"", symbol, m->quantity);
        case 6: {
            static const char *const actions[] = {"buy", "sell"}, *const positions[] = {"long", "short", "flat"};
            int64_t side = spot ? 2 * to(&s->dice, 1) : to(&s->dice, 2);
            return hx_case_text(c,
                                "\"ticker\":\"%s\",\"action\":\"%s\",\"contracts\":\"%s\",\"market_position\":\"%s\","
                                "\"position_size\":\"%s%s\"",
                                symbol, actions[to(&s->dice, 1)], m->quantity, positions[side], side == 1 ? "-" : "",
                                side == 2 ? "0" : m->quantity);
        }
        case 7:
            return hx_case_text(
                c, "\"action\":\"%s\",\"symbol\":\"%s\",\"quantity\":\"%s\",\"orderType\":\"LIMIT\",\"price\":\"%s\"",
                percent(&s->dice, 50) || spot ? "LONG" : "SHORT", symbol, m->quantity, m->price);
        case 8:
            return hx_case_text(c, "\"action\":\"LONG\",\"symbol\":\"%s\",\"quantity\":\"%d\",\"quantityType\":\"%s\"",
                                symbol, percent(&s->dice, 50) ? 3 : 300,
                                percent(&s->dice, 50) ? "percent_equity" : "quote");
        default:
            return hx_case_text(c, "\"action\":\"%s\",\"symbol\":\"%s\",\"quantity\":%s,\"maxAge\":%d",
                                spot ? "LONG" : "SHORT", symbol, m->quantity, percent(&s->dice, 50) ? 2 : 60);
    }
}

static const char *identity_draw(struct swarm *s, const char *fields) {
    uint32_t key = s->key_next++;
    int64_t kind = to(&s->dice, 9);
    if (kind < 2) return fields;
    if (kind < 4) return hx_case_text(s->c, "%s,\"timenow\":\"2026-01-01T00:00:%02uZ\"", fields, key % 60);
    return hx_case_text(s->c, "%s,\"idempotencyKey\":\"k-%u\"", fields, key);
}

static void repeats_draw(struct swarm *s, const char *fields, int64_t at) {
    static const int64_t gaps[] = {0, 3, 40, 900, 10000, 45000, 61500, 200000};
    for (int64_t i = to(&s->dice, 3); i > 0; i--) {
        at += gaps[to(&s->dice, 7)];
        hx_case_signal(s->c, at, percent(&s->dice, 50) ? 4 : 1, fields);
    }
}

static void signals_draw(struct swarm *s) {
    for (int64_t i = to(&s->dice, 9) + 1; i > 0; i--) {
        const struct market *m = &markets[to(&s->dice, (int64_t)s->market_count - 1)];
        const char *fields = identity_draw(s, fields_draw(s, m));
        int64_t at = to(&s->dice, s->span_ms);
        if (percent(&s->dice, 12)) {
            hx_case_trade(s->c, at, fields);
            continue;
        }
        hx_case_signal(s->c, at, 4, fields);
        if (percent(&s->dice, 40)) repeats_draw(s, fields, at);
        if (!percent(&s->dice, 5)) continue;
        struct hx_case_action *headed = hx_case_signal(s->c, at + 50, 4, fields);
        headed->header = hx_str_from_c(hx_case_text(s->c, "h-%u", s->key_next++));
    }
}

/* The owner and the outside. */

static void kill_switch_draw(struct swarm *s) {
    for (int64_t i = to(&s->dice, 3); i > 0; i--) {
        int64_t at = to(&s->dice, s->span_ms);
        hx_case_operator(s->c, at, HX_HTTP_METHOD_PUT, "/v1/kv/trade:kill_switch",
                         percent(&s->dice, 70) ? "reduce" : "halt");
        if (percent(&s->dice, 80))
            hx_case_operator(s->c, at + to(&s->dice, s->span_ms), HX_HTTP_METHOD_PUT, "/v1/kv/trade:kill_switch",
                             "off");
    }
}

static void owner_draw(struct swarm *s) {
    static const enum hx_case_action_kind commands[] = {HX_CASE_RETRY, HX_CASE_RETRY,  HX_CASE_RETRY,
                                                        HX_CASE_DROP,  HX_CASE_ABSENT, HX_CASE_ABSENT};
    if (percent(&s->dice, 30)) kill_switch_draw(s);
    if (percent(&s->dice, 20)) {
        for (int64_t i = to(&s->dice, 2); i >= 0; i--)
            hx_case_add(s->c, commands[to(&s->dice, 5)], to(&s->dice, 2 * s->span_ms))->count =
                (uint32_t)to(&s->dice, 5);
    }
    if (percent(&s->dice, 10)) {
        int64_t at = to(&s->dice, s->span_ms);
        /* Another than this world has: the second in the list, or the one behind it. */
        enum hx_lab_venue venue = s->c->venue->venue, elsewhere = (enum hx_lab_venue)(venue == 1 ? 2 : 1);
        const char *own = hx_lab_venue_text(venue).data, *other = hx_lab_venue_text(elsewhere).data;
        hx_case_operator(s->c, at, HX_HTTP_METHOD_PUT, "/v1/kv/exchanges:default_routing", other);
        hx_case_operator(s->c, at + 20000, HX_HTTP_METHOD_PUT, "/v1/kv/exchanges:default_routing", own);
    }
    if (percent(&s->dice, 10))
        hx_case_operator(s->c, to(&s->dice, s->span_ms), HX_HTTP_METHOD_PUT, "/v1/kv/webhook:queue_mode",
                         percent(&s->dice, 50) ? "queue_everywhere" : "queue_disabled");
}

static void outside_draw(struct swarm *s) {
    static const int64_t downs[] = {50, 2500, 40000}, steps[] = {-400, 400, -90, 90};
    for (int64_t i = percent(&s->dice, 40) ? to(&s->dice, 3) : 0; i > 0; i--)
        hx_case_add(s->c, HX_CASE_CRASH, to(&s->dice, s->span_ms))->number = downs[to(&s->dice, 2)];
    for (int64_t i = percent(&s->dice, 25) ? to(&s->dice, 3) : 0; i > 0; i--)
        hx_case_add(s->c, HX_CASE_CLOCK, to(&s->dice, s->span_ms))->number = steps[to(&s->dice, 3)];
    for (int64_t i = percent(&s->dice, 40) ? to(&s->dice, 2) : 0; i > 0; i--) {
        struct hx_case_action *action = hx_case_add(s->c, HX_CASE_TROUBLE, to(&s->dice, s->span_ms));
        action->fault = (enum hx_sim_fault_kind)(
            HX_SIM_FAULT_NET_DROP_REQUEST + to(&s->dice, HX_SIM_FAULT_VENUE_GARBAGE - HX_SIM_FAULT_NET_DROP_REQUEST));
        action->count = (uint32_t)to(&s->dice, 3) + 1;
        action->number = hx_sim_fault_size(action->fault, roll(&s->dice));
    }
    for (int64_t i = percent(&s->dice, 30) ? to(&s->dice, 4) : 0; i > 0; i--) {
        const struct market *m = &markets[to(&s->dice, (int64_t)s->market_count - 1)];
        struct hx_case_action *action = hx_case_add(s->c, HX_CASE_PRICE, to(&s->dice, s->span_ms));
        action->body = hx_str_from_c(m->symbol);
        hx_dec base, factor;
        hx_err err = hx_dec_parse(hx_str_from_c(m->price), &base);
        if (hx_ok(err)) err = hx_dec_make(90 + to(&s->dice, 20), -2, &factor);
        if (hx_ok(err)) err = hx_dec_multiply(base, factor, &action->price);
        hx_assert(hx_ok(err));
    }
}

void hx_swarm_build(const void *context, uint64_t seed, struct hx_case *c) {
    static const int64_t spans[] = {3000, 20000, 120000, 500000};
    struct swarm s = {.c = c, .dice = {seed * 0xd1342543de82ef95u + 77}};
    c->seed = seed;
    hx_case_set_venue(c, context != NULL ? context : &hx_sim_venues[seed % HX_SIM_VENUES]);
    s.market_count = (uint32_t)to(&s.dice, 3) + 1;
    s.span_ms = spans[to(&s.dice, 3)];
    c->safety_ms = s.span_ms + 1000 + to(&s.dice, 3) * 60000;
    /* Days, and the keys that name them, change within some runs. */
    if (percent(&s.dice, 25)) c->start_ms += HX_MS_PER_DAY - to(&s.dice, s.span_ms);
    world_draw(&s);
    faults_draw(&s);
    signals_draw(&s);
    owner_draw(&s);
    outside_draw(&s);
    if (percent(&s.dice, 35)) c->streams = percent(&s.dice, 25) ? 2 : 1;
    if (percent(&s.dice, 15)) hx_case_setting(c, "HOOX_ORDER_ENTRY", "ws");
}
