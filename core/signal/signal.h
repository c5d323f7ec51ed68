/* Signals: from the bytes of an alert to one typed value, or a list of what is wrong with it.
 *
 * Two families are understood (DESIGN 2). Numbers may be quoted or bare, booleans too, null is absent, words are read
 * in any case. Unknown extra fields are ignored; unknown values of known fields are errors, a placeholder that
 * TradingView left unfilled ("{{timenow}}") among them. Nothing here suspends, allocates outside the arena or trusts
 * the Content-Type.
 *
 * hoox: action (LONG SHORT CLOSE_LONG CLOSE_SHORT CLOSE), symbol, quantity (required to enter; on a close the most to
 * close, in base). `ticker` and `contracts` are read where `symbol` and `quantity` are missing.
 *
 * TradingView strategy: `action` is buy or sell and there is a `ticker`, `market_position` (also named `sentiment`) or
 * an object `strategy`; or there is a `market_position` and no action. What is not found at the top is looked for in
 * `strategy` (order_action, order_contracts, order_price, market_position, ...). It is read as HX_ACTION_TARGET:
 * - market_position with market_position_size or position_size (signed or absolute) is the target;
 * - flat is the target 0, whatever sizes are missing;
 * - without a size the target is prev_market_position(_size) plus or minus contracts, and must lie on the side that
 *   market_position names; without the previous size (of a position that was not flat) it is an error;
 * - position_size alone is signed; positive after a sell it is an error, for it may be a short without its sign;
 * - with neither, buy is LONG and sell is SHORT by `contracts`: right for a strategy that never flips.
 *
 * Both: exchange, market (futures spot), test, leverage 1..125, orderType (MARKET LIMIT), price, quantityType, stopLoss
 * and takeProfit (prices), trailingStop (percent below 100), reduceOnly, maxAge (whole seconds up to a week),
 * idempotencyKey, notify (an object or a boolean; not used). Without orderType the order is a market order and `price`
 * is a reference for slippage and stops. An `exchange` that is none of ours is an error: leave it out to be routed. The
 * prefix of "BINANCE:BTCUSDT.P" is spelling, not routing: charts of one venue are traded on another.
 *
 * On spot there are no shorts, and so no SHORT, CLOSE_SHORT, negative target, buy with reduceOnly or leverage: each is
 * an error that says what to send instead. A plain sell sells at most what is held.
 *
 * The webhook key is the first that is there of apiKey, passphrase, secret, key, token. */
#ifndef HX_CORE_SIGNAL_SIGNAL_H
#define HX_CORE_SIGNAL_SIGNAL_H

#include "core/base/arena.h"
#include "core/base/dec.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/base/venues.h"

#define HX_SYMBOL_LEN_MAX 20
#define HX_SIGNAL_NUMBER_MAX ((int64_t)1000000000000) /* Largest magnitude of any number in a signal. */
#define HX_IDEMPOTENCY_KEY_LEN_MAX 255
#define HX_SIGNAL_KEY_LEN_MAX 256 /* A longer webhook key is none. */
#define HX_SIGNAL_ISSUES_MAX 8

enum hx_market { HX_MARKET_FUTURES, HX_MARKET_SPOT };

enum hx_action {
    HX_ACTION_LONG,       /* Be long `quantity` more; an opposite position is closed first. */
    HX_ACTION_SHORT,      /* Mirrored. */
    HX_ACTION_CLOSE_LONG, /* Close a long; `quantity`, if given, is the most to close. */
    HX_ACTION_CLOSE_SHORT,
    HX_ACTION_CLOSE,  /* Close whatever is open. */
    HX_ACTION_TARGET, /* TradingView strategy: make the position `target`. */
};

enum hx_quantity_type {
    HX_QUANTITY_BASE,
    HX_QUANTITY_QUOTE,          /* Amount of the quote asset. */
    HX_QUANTITY_PERCENT_EQUITY, /* Percent of equity, as notional. */
    HX_QUANTITY_RISK_PERCENT,   /* Percent of equity lost when the stop is hit; needs stopLoss. */
};

enum hx_order_type { HX_ORDER_MARKET, HX_ORDER_LIMIT };

struct hx_signal {
    hx_str api_key;         /* As presented; never stored, logged or hashed into anything but its own digest. */
    enum hx_venue_id venue; /* HX_VENUE_NONE: routing decides. */
    enum hx_market market;
    hx_str symbol; /* Canonical: BTCUSDT. */
    bool test;
    enum hx_action action;
    bool has_quantity;
    hx_dec quantity; /* Greater than 0; up to 100 for RISK_PERCENT, up to 12500 (leverage 125) for PERCENT_EQUITY. */
    enum hx_quantity_type quantity_type;
    enum hx_order_type order_type;
    bool has_price;
    hx_dec price;     /* The limit of a LIMIT order, else a reference. */
    int32_t leverage; /* 0: not given. */
    bool has_stop_loss, has_take_profit, has_trailing_stop;
    hx_dec stop_loss, take_profit; /* Prices; on the right side of `price`, and of each other, when entering. */
    hx_dec trailing_stop;          /* Percent. */
    bool reduce_only;
    /* LONG or SHORT that is a plain buy or sell: TradingView's, without a position. It is a net order: it takes from an
     * opposite position before it opens. */
    bool is_plain_order;
    /* HX_ACTION_TARGET: signed base quantities, long positive. */
    hx_dec target;
    bool has_previous;
    hx_dec previous;        /* What the strategy held before this order. */
    hx_str idempotency_key; /* From the body; empty when absent. */
    bool has_time_field;    /* timenow, time, timestamp or alertId. */
    int64_t max_age_ms;     /* -1: not given. */
};

struct hx_signal_issue {
    hx_str field;
    hx_str issue; /* "must be one of LONG, SHORT, …": what to change. */
};

struct hx_signal_issues {
    struct hx_signal_issue list[HX_SIGNAL_ISSUES_MAX];
    uint32_t count;
};

/* Parses a body. A leading '=' or byte order mark and surrounding white space are tolerated. On REJECT_INPUT or
 * REJECT_SYNTAX *issues says what to change (a field's name and a sentence, never a value). out->api_key is set
 * whenever the body is an object, so that the key can be checked before anything else is told. `root` (may be NULL)
 * receives the document, for the fingerprint. LIMIT_ARENA: not the sender's fault, or a body of many thousand values.
 */
HX_MUST_USE hx_err hx_signal_parse(struct hx_arena *arena, hx_str body, struct hx_signal *out,
                                   const struct hx_json **root, struct hx_signal_issues *issues);

/* "BTC-USDT", "btc/usdt", "BINANCE:BTCUSDT.P", "BTC_USDT" -> "BTCUSDT": an "EXCHANGE:" in front, ".P" behind and single
 * separators between go; 2 to 20 letters and digits stay. REJECT_INPUT, LIMIT_ARENA. */
HX_MUST_USE hx_err hx_symbol_parse(struct hx_arena *arena, hx_str text, hx_str *out);

hx_str hx_venue_name(enum hx_venue_id venue);                          /* "binance"; empty for none. */
HX_MUST_USE hx_err hx_venue_parse(hx_str text, enum hx_venue_id *out); /* Any case. REJECT_INPUT. */
hx_str hx_market_name(enum hx_market market);
hx_str hx_action_name(enum hx_action action);
hx_str hx_order_type_name(enum hx_order_type type);

/* The lane: "live:BTCUSDT" or "test:BTCUSDT". */
HX_MUST_USE hx_err hx_signal_lane(struct hx_arena *arena, const struct hx_signal *signal, hx_str *out);

/* Idempotency (DESIGN 2). */

#define HX_CLAIM_LEN 20 /* 4-byte big-endian day number, then 16 bytes of digest. */
#define HX_CLAIM_KEYED_MS (24 * HX_MS_PER_HOUR)
#define HX_CLAIM_WINDOW_MS (60 * HX_MS_PER_SECOND)

struct hx_claim {
    uint8_t key[HX_CLAIM_LEN];             /* In the day of `received`. */
    uint8_t key_previous[HX_CLAIM_LEN];    /* The same digest, the day before. */
    uint8_t key_next[HX_CLAIM_LEN];        /* And the day after: a copy may have been overtaken over midnight. */
    uint8_t payload_digest[HX_SHA256_LEN]; /* Of the canonical body without the webhook key. */
    int64_t lasts_ms;                      /* HX_CLAIM_KEYED_MS, or HX_CLAIM_WINDOW_MS from the first arrival. */
    hx_str payload;                        /* That canonical body: what is stored with the signal. In the arena. */
    hx_str idempotency_key;                /* The explicit key, or 64 hex digits of the fingerprint. */
    bool is_explicit;
};

/* 1..255 printable ASCII characters. REJECT_INPUT. A header's value may be an RFC 8941 string in quotes. */
HX_MUST_USE hx_err hx_idempotency_key_check(hx_str key);

/* `header_key` (may be empty) is used when the body has none. Scope: source name and key name, and the lane. The
 * members that may hold the webhook key are no part of the payload: a rotated key sends the same signal. `now` >= 0.
 * REJECT_INPUT when the header's key is not valid, LIMIT_ARENA. */
HX_MUST_USE hx_err hx_claim_make(struct hx_arena *arena, const struct hx_signal *signal, const struct hx_json *root,
                                 hx_str scope, hx_str lane, hx_str header_key, hx_time received, struct hx_claim *out);

#endif
