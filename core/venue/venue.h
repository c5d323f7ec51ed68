/* Venues: what every exchange is asked, in one vocabulary.
 *
 * Two layers. An adapter (binance_futures.c) is pure: it encodes a question into a request and decodes bytes into a
 * report, and owns the venue's table of codes. The client (client.c) suspends: it stamps, signs, sends and remembers.
 *
 * Every answer is one of four outcomes (DESIGN 2.6), and every code of every venue maps to exactly one. What is not
 * proof is HX_OUTCOME_UNKNOWN. */
#ifndef HX_CORE_VENUE_VENUE_H
#define HX_CORE_VENUE_VENUE_H

#include "core/base/dec.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/signal/signal.h"
#include "port/host.h"

enum hx_outcome {
    HX_OUTCOME_DONE,     /* The venue has it (or: the question was answered). */
    HX_OUTCOME_REJECTED, /* Permanent; nothing happened and nothing will. */
    HX_OUTCOME_BUSY,     /* Provably nothing happened; may be retried. */
    HX_OUTCOME_UNKNOWN,  /* It may have happened. A duplicate-id answer is also this: ask. */
    HX_OUTCOME_ABSENT,   /* Queries only: the venue does not know the order. Proof only under the waiting rule. */
};

enum hx_side { HX_SIDE_BUY, HX_SIDE_SELL };

enum hx_order_status {
    HX_ORDER_NEW,
    HX_ORDER_PARTIALLY_FILLED,
    HX_ORDER_FILLED,
    HX_ORDER_CANCELED,
    HX_ORDER_REJECTED,
    HX_ORDER_EXPIRED,
};

/* Which of an account's positions in a symbol is meant: the only one, or one of the two of hedge mode. */
enum hx_position_side { HX_POSITION_NET, HX_POSITION_LONG, HX_POSITION_SHORT };

/* Which account is meant: venue, product, live or test. */
struct hx_account {
    enum hx_venue_id venue;
    enum hx_market market;
    bool test;
};

/* What each venue promises about client order ids and time; the exactly-once rule is computed from it. */
struct hx_venue_guarantees {
    bool has_timestamp_window;   /* False: an unknown order stops and the owner is asked. */
    int64_t receive_window_ms;   /* R: the venue refuses what is older than this. */
    int64_t lookup_lag_ms;       /* An order may take this long to become visible to a query. */
    int64_t clock_slack_ms;      /* Allowance for error in our idea of the venue's clock. */
    bool id_unique_forever;      /* False on Binance: unique among open orders only. */
    int64_t lookup_retention_ms; /* How long a final order can be asked for. */
};

struct hx_symbol_rules {
    hx_str symbol;
    hx_str base_asset, quote_asset;
    bool tradable;
    hx_dec tick;        /* Price step. */
    hx_dec step;        /* Quantity step, limit orders. */
    hx_dec market_step; /* Quantity step, market orders. */
    hx_dec quantity_min, quantity_max;
    hx_dec market_quantity_min, market_quantity_max;
    hx_dec notional_min;       /* Zero: none. Likewise the greatest values: */
    bool market_notional_free; /* notional_min is of limit orders alone. */
    hx_dec notional_max, market_notional_max;
    hx_dec price_min, price_max; /* Zero: none. */
    hx_dec contract_size;        /* Base units per contract, where orders count contracts; zero elsewhere. */
    hx_dec quote_step;           /* Step of an amount of quote, where market buys are given in it; zero elsewhere. */
    int32_t leverage_max;        /* 0: the venue does not say here. */
};

struct hx_order_request {
    hx_str symbol;
    enum hx_side side;
    enum hx_order_type type;
    hx_dec quantity; /* Base; already rounded to the rules. */
    hx_dec price;    /* Limit orders. */
    bool reduce_only;
    hx_str client_order_id;
    enum hx_position_side position_side; /* LONG or SHORT in hedge mode; NET otherwise. */
    hx_dec quote_quantity;               /* Market buys where hx_venue_traits.market_buy_in_quote; else zero. */
    int32_t leverage;                    /* For venues that want it with the order; 0: as it is. */
    bool isolated;                       /* Likewise the margin mode. */
};

/* A stop or take-profit that rests at the venue and reduces a position when the price gets there. */
enum hx_stop_kind { HX_STOP_LOSS, HX_TAKE_PROFIT };

struct hx_stop_request {
    hx_str symbol;
    enum hx_stop_kind kind;
    enum hx_side side; /* Of the order it becomes: SELL protects a long. */
    hx_dec quantity;   /* Base; already rounded to the rules. */
    hx_dec trigger_price;
    bool by_mark;           /* Triggered by the mark price; else by the last one. Spot knows only the last. */
    hx_str client_order_id; /* Not sent where stops_by_figures. */
    enum hx_position_side position_side;
    bool isolated;
    int32_t leverage;
    hx_str
        venue_stop_id; /* Of questions and cancels where stops_by_figures: of this very one; empty: by its figures. */
};

/* Where it stands. `order` is that of the order it became, when it has. */
struct hx_stop_report {
    enum hx_outcome outcome;
    bool waiting; /* Not triggered yet, not cancelled. */
    bool triggered;
    bool is_ack; /* DONE, but only received: what became of it has to be asked. */
    hx_str venue_stop_id;
    hx_str venue_order_id; /* Of the order it became; empty: none (or the venue does not say). */
    hx_time expires_ms;    /* Of one that waits: when the venue forgets it; 0: never, or the venue does not say. */
    int64_t venue_code;
    hx_str message;
    int64_t retry_after_ms;
};

struct hx_order_report {
    enum hx_outcome outcome;
    enum hx_order_status status; /* Valid when DONE. */
    hx_str venue_order_id;
    hx_str client_order_id;
    hx_dec executed_quantity;
    hx_dec average_price; /* Zero when the venue does not say. */
    /* What the order's own figures say of all it executed: its value in quote (zero: only the average is told), and its
     * commission (fee_asset empty: nothing is said). */
    hx_dec executed_value, fee;
    hx_str fee_asset;
    hx_time venue_time_ms;
    int64_t venue_code;     /* The venue's error code; 0 when none. */
    hx_str message;         /* The venue's words, cut to 200 bytes; then what to do, in ours. */
    int64_t retry_after_ms; /* BUSY: how long the venue asked us to wait; 0 when it did not say. */
    bool is_ack;            /* DONE, but only received: what became of it has to be asked. */
    bool may_pass_at_once;  /* BUSY: a refused timestamp or a lost connection; the next attempt need not wait. */
    bool held_back;         /* As in hx_venue_result. */
    bool halted;            /* REJECTED: the symbol is not traded now; what was asked for may be asked for later. */
};

struct hx_fill {
    hx_str venue_trade_id;
    hx_str venue_order_id;
    enum hx_side side;
    hx_dec quantity, price;
    hx_dec fee; /* Positive: cost. */
    hx_str fee_asset;
    hx_dec realized_pnl; /* As the venue computes it. */
    bool maker;
    hx_time time_ms;
};

#define HX_FILLS_PER_ORDER_MAX 1000

struct hx_fills {
    struct hx_fill *list;
    uint32_t count;
};

struct hx_venue_position {
    hx_dec quantity; /* Signed; long positive. In hedge mode the long minus the short one. Spot: what is held. */
    bool hedged;     /* The two sides are kept apart: */
    hx_dec long_quantity, short_quantity; /* Both positive or zero; set in hedge mode only. */
    hx_dec entry_price;
    hx_dec mark_price;
    hx_dec unrealized_pnl;
};

struct hx_equity {
    hx_str asset;
    hx_dec wallet_balance;
    hx_dec unrealized_pnl;
    hx_dec available;
};

/* How a symbol of the account is set; false or 0 where the venue does not say. */
struct hx_symbol_setting {
    int32_t leverage;
    bool margin_known, isolated;
    /* Where the sides are set apart, instead of `leverage`: the long one under HX_SIDE_BUY, the short one under
     * HX_SIDE_SELL. */
    struct hx_side_setting {
        int32_t leverage;
        int64_t position_id; /* 0: no position. */
    } sides[2];
};

/* What an API key may do. `known` false: the venue does not tell. */
struct hx_key_rights {
    bool may_trade_known, may_trade;
    bool other_known, may_trade_other; /* In the venue's other market, where it is told beside. */
    bool may_withdraw_known, may_withdraw;
    bool address_known, bound_to_address;
};

/* What the client's callers must know of an adapter. */
struct hx_venue_traits {
    bool spot;                /* No shorts, no leverage, no reduce-only; the position is what is held. */
    bool market_buy_in_quote; /* A market buy is given as an amount of quote: set hx_order_request.quote_quantity. */
    bool has_stops;
    /* Stops have no client order id: one is known by its figures, or by venue_stop_id once it was told. Look before you
     * place: see hx_venue_place_stop. */
    bool stops_by_figures;
    /* Isolated or cross is a matter of the whole account: left as it is unless HOOX_MARGIN_MODE asks for one. */
    bool margin_is_account_wide;
};

/* Outcome of a question other than an order. */
struct hx_venue_result {
    enum hx_outcome outcome;
    int64_t venue_code;
    hx_str message;
    int64_t retry_after_ms;
    bool held_back;      /* BUSY by what hoox allows itself of the venue's limits: nothing was asked of the venue. */
    bool not_served;     /* The venue has no such call: there is nothing to wait for. */
    bool no_such_symbol; /* REJECTED: the venue does not know the symbol, or not any more. */
    bool about_leverage; /* REJECTED by a code about the leverage: with another one it may be taken. */
    bool too_many;       /* UNKNOWN, of fills: not all of them can be read, and asking again would not change that. */
};

/* The client. All of these may suspend; except hx_venue_guarantees, and hx_venue_place before its one send. Results
 * live in the request's arena, at most about 800 bytes a call (fills: their list); what an exchange needed besides is
 * given back, so asking in a loop is cheap. Strings given in are kept as views in the results.
 *
 * REJECTED before anything else: no adapter for this venue and market; `test` (TEST_TRADING_UNSUPPORTED, in the
 * message); no API key or secret, with the names of the settings. Settings read: the adapter's origin and key,
 * HOOX_VENUE_TIMEOUT_MS (100..60000, default 3000), HOOX_MARGIN_MODE (crossed, isolated, keep;
 * default crossed, keep where it is a matter of the whole account). */

const struct hx_venue_guarantees *hx_venue_guarantees(const struct hx_account *account); /* NULL: no such venue here. */
const struct hx_venue_traits *hx_venue_traits(const struct hx_account *account);         /* NULL: likewise. */

/* In access.c; these don't suspend. For an account that has no adapter they say nothing against it.
 *
 * False: `test`, and the venue has no test network. */
bool hx_venue_is_reachable(const struct hx_account *account);
bool hx_venue_has_key(struct hx_req *req, const struct hx_account *account);
/* What was found out about a key, for those that may not ask; true when something is known. The memo may forget it. */
void hx_venue_remember_rights(struct hx_req *req, const struct hx_account *account, const struct hx_key_rights *rights);
bool hx_venue_recall_rights(struct hx_req *req, const struct hx_account *account, struct hx_key_rights *out);
/* "BYBIT_API_KEY and BYBIT_API_SECRET": what to set for it. */
void hx_venue_add_key_names(struct hx_buf *buf, const struct hx_account *account);

/* Rules from the memo, else from the venue (then remembered for a day; for a minute when the symbol is unknown).
 * Should the venue not answer, rules up to a week old serve. REJECTED with no_such_symbol: the venue has none. */
struct hx_venue_result hx_venue_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                      struct hx_symbol_rules *out);
/* The same for what is there already, an order or a position: rules of any age serve where the venue does not tell
 * them, or not any more. */
struct hx_venue_result hx_venue_known_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                            struct hx_symbol_rules *out);
/* They are asked for anew; what was remembered serves while the venue does not answer. Never suspends. A refused order
 * whose code blames its figures does this by itself. */
void hx_venue_forget_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol);
/* What the memo has, for who keeps it where nothing is forgotten: a name for it (also when the memo has nothing: then
 * false) and its text, in the arena; and back. Neither suspends. */
bool hx_venue_save_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str *name,
                         hx_str *text);
bool hx_venue_restore_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str text,
                            struct hx_symbol_rules *out);
/* Measures the offset to the venue's clock when it is older than ten minutes. BUSY when it can't be measured to half
 * the clock slack. */
struct hx_venue_result hx_venue_sync_clock(struct hx_req *req, const struct hx_account *account);
/* Whether the account keeps long and short apart (hedge mode). Detected, remembered for ten minutes and never changed;
 * an answer that the mode is another one makes it be asked again. Never for spot, nor where the venue has no call to
 * tell it; a venue that has told it once has one. */
struct hx_venue_result hx_venue_get_position_mode(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                                  bool *hedged);
/* Makes the margin mode (HOOX_MARGIN_MODE) and leverage of a symbol so; remembered for five minutes, so it costs
 * nothing when already so. DONE with a message, which the log has too: orders or a position keep the margin mode as it
 * was, or the venue has no call to set one of them, nor one that tells it. */
struct hx_venue_result hx_venue_set_leverage(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                             int32_t leverage);

/* Whether hx_venue_set_leverage would ask nothing of the venue. Never suspends. */
bool hx_venue_has_leverage(struct hx_req *req, const struct hx_account *account, hx_str symbol, int32_t leverage);
/* The venue says how a symbol is set (0: that it was set anew, not how): another leverage than is remembered makes it
 * be looked at again. Never suspends. */
void hx_venue_note_setting(struct hx_req *req, const struct hx_account *account, hx_str symbol, int32_t leverage);

bool hx_venue_margin_is_isolated(struct hx_req *req); /* HOOX_MARGIN_MODE=isolated. */

/* Turns (turn.c): a burst of signals is worked off within the venue's limits. Neither of these suspends.
 *
 * Whether a signal may begin now. Then what it is about to ask for is counted as begun, so that signals don't begin
 * together what they can't finish together. Else *retry_after_ms is when the limits allow more. `reduces`: an exit,
 * which may use the share that is kept for exits. `waited`: it comes back from a wait; others go behind those that
 * wait. */
bool hx_venue_begin(struct hx_req *req, const struct hx_account *account, bool reduces, bool waited,
                    int64_t *retry_after_ms);
/* In how many ms, not below `at_least_ms`, a signal that waits should come back: no two at once, exits before entries.
 */
int64_t hx_venue_next_slot_ms(struct hx_req *req, const struct hx_account *account, bool reduces, int64_t at_least_ms);

/* Everything that may take time before an order can leave: clock, used weight against its limit, a ready connection.
 * Call it before the intent is written, and again right before hx_venue_place. DONE, BUSY or REJECTED (no credentials).
 */
struct hx_venue_result hx_venue_prepare(struct hx_req *req, const struct hx_account *account);

/* Sends the order, once. Nothing suspends before that send. No byte leaves after `send_by` (then BUSY; 0: no bound).
 * A refusal for which old rules may be to blame (rules_codes of the adapter) makes them be asked for anew, and is BUSY
 * for what reduces. Also BUSY without a byte sent: the clock is not known (prepare), the venue's limits are nearly used
 * up (entries stop at 80 % of them, reducing orders at 95 %), a ban, too little arena left to read the answer. Never
 * DONE without the venue's own word about this very order. */
void hx_venue_place(struct hx_req *req, const struct hx_account *account, const struct hx_order_request *order,
                    hx_time send_by, struct hx_order_report *out);
/* By client order id. DONE, ABSENT, BUSY (could not ask) or UNKNOWN (could not understand). ABSENT is said only with a
 * clock looked at no longer ago than its slack, and not while a jump of either clock since the order left may have
 * voided the waiting rule's arithmetic (then BUSY); its venue_time_ms is the venue's time at which was asked. */
void hx_venue_query(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str client_order_id,
                    struct hx_order_report *out);
/* DONE: the report is the order's state after the cancel, or (is_ack) nothing but a receipt; ABSENT: nothing to cancel.
 * Of the last two, ask what became of it. */
void hx_venue_cancel(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str client_order_id,
                     struct hx_order_report *out);
/* All fills of one order, paged, in the venue's order. DONE only when the venue had no more to list; it may list a fill
 * later than it reports it as executed, so compare the sum. UNKNOWN with too_many: the venue has more than it lists,
 * and `out` holds those it did list; or more than fit (HX_FILLS_PER_ORDER_MAX, arena), and `out` is empty. */
struct hx_venue_result hx_venue_fills(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                      hx_str venue_order_id, struct hx_fills *out);
struct hx_venue_result hx_venue_get_position(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                             struct hx_venue_position *out);
/* An asset the account does not have is zero of it. */
struct hx_venue_result hx_venue_get_equity(struct hx_req *req, const struct hx_account *account, hx_str asset,
                                           struct hx_equity *out);
/* Stops: placed once, under the rules of hx_venue_place (nothing suspends before the send, no byte after `send_by`).
 * REJECTED where the venue has none. Asked for and cancelled by client order id; ABSENT: the venue has no such stop.
 *
 * Where traits.stops_by_figures there is no such id, and these rules keep a stop from being placed twice
 * (docs/decisions/mexc-stops.md):
 *   1. Before each hx_venue_place_stop, hx_venue_query_stop of the same request, without venue_stop_id. DONE: an
 *      identical one waits already; it is adopted (its venue_stop_id, its expires_ms) and none is placed.
 *      ABSENT: place. Anything else: ask again; don't place.
 *   2. After a place that was UNKNOWN, that question proves absence only by the waiting rule: later than `send_by`, or
 *      the return of the place, by the receive window, the lookup lag and the clock slack of the venue's guarantees.
 *   3. From the question to the place's outcome, nobody else places stops of this symbol and account.
 * ABSENT is said only with a clock looked at as for hx_venue_query. By figures only what waits is found: ABSENT may
 * also have triggered, been cancelled or expired. By venue_stop_id what became of it is told, for about a day after the
 * longest time one can wait. A cancel without venue_stop_id looks for one by its figures first (DONE: one of them;
 * BUSY: it could not look, and cancelled nothing). */
void hx_venue_place_stop(struct hx_req *req, const struct hx_account *account, const struct hx_stop_request *stop,
                         hx_time send_by, struct hx_stop_report *out);
void hx_venue_query_stop(struct hx_req *req, const struct hx_account *account, const struct hx_stop_request *stop,
                         struct hx_stop_report *out);
void hx_venue_cancel_stop(struct hx_req *req, const struct hx_account *account, const struct hx_stop_request *stop,
                          struct hx_stop_report *out);
/* What the API key may do. */
struct hx_venue_result hx_venue_get_key_rights(struct hx_req *req, const struct hx_account *account,
                                               struct hx_key_rights *out);
/* Mark price (spot: last price), at most two seconds old. */
struct hx_venue_result hx_venue_get_mark_price(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                               hx_dec *out);

#endif
