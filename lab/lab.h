/* The laboratory: a stand-in for the venues that speaks their wire formats and can be told to lie.
 *
 * One laboratory is one venue with all its products: futures and spot side by side, with the same account and key.
 * Several venues are several laboratories; equal seeds give them the same prices. Quantities in settings and views are
 * always in units of the base asset, whatever the venue counts on the wire (MEXC counts contracts), and symbols are
 * always written BTCUSDT.
 *
 * Pure: bytes in, bytes out, explicit time and seed, no I/O, no libc, no globals. It serves the simulator, the tests
 * and paper trading. Written from the venues' documents, not from our client code. The list of endpoints, settings,
 * faults and the control API (/lab/...) is docs/LAB.md.
 *
 * Invariants
 *  1. All state is in the caller's memory block. The same configuration, seed and calls give the same bytes.
 *  2. Time is what the caller says; it never goes backwards inside (an earlier `now` is read as the latest one).
 *  3. Futures: sum of fills = position; wallet = start + realised P&L - fees. Spot: every asset = start + bought - sold
 *     - fees paid in it. Where one wallet serves both (Bybit) the two sums add up in it. Exact, in units of 10^-8.
 *  4. Nothing of a request is kept except what its rules ask for: views given in are not held after the call.
 *
 * Nothing here suspends or fails: what is wrong with a request is answered the way the venue answers it. */
#ifndef HX_LAB_LAB_H
#define HX_LAB_LAB_H

#include "core/base/buf.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/base/venues.h"
#include "core/http/http.h"

/* The pair a lab accepts until told otherwise. Obviously not a live one. */
#define HX_LAB_API_KEY "paper-key"
#define HX_LAB_API_SECRET "paper-secret"

/* HX_LAB_… of each row in core/base/venues.h. */
#define HX_LAB_ROW_VENUE(constant, name) HX_LAB_##constant,
enum hx_lab_venue { HX_VENUE_ROWS(HX_LAB_ROW_VENUE, HX_LAB_ROW_VENUE) };
#define HX_LAB_VENUES HX_VENUE_COUNT
enum hx_lab_product { HX_LAB_FUTURES, HX_LAB_SPOT };
#define HX_LAB_PRODUCTS 2

hx_str hx_lab_venue_text(enum hx_lab_venue venue);       /* "binance" and its fellows. */
hx_str hx_lab_product_text(enum hx_lab_product product); /* "futures", "spot". */

/* What an answer says of itself. */
struct hx_lab_word {
    uint32_t status; /* HTTP; 0: whatever the venue gives this code. */
    int32_t code;
    const char *text; /* Empty: the venue's own. */
};

/* How a venue speaks of a product, for those who watch a conversation with it, or disturb it. Constant. */
struct hx_lab_speech {
    const char *order_path, *fills_path, *rules_path; /* Beginnings of targets. */
    const char *order_message;                        /* In the text of an order over a stream; NULL: none goes so. */
    const char *client_id;                            /* What an order calls its client order id. */
    const char *closing_sides[2];                     /* Sides that reduce; NULL: `reduceOnly` says so. */
    bool buys_by_value;         /* A market buy says how much to spend, and nothing about how much comes of it. */
    bool takes_bnb;             /* Fees may be paid in BNB. */
    struct hx_lab_word limited; /* Too many requests; nothing was done. */
    struct hx_lab_word banned;
    struct hx_lab_word timeout;     /* Nobody knows what was done. */
    struct hx_lab_word overloaded;  /* Nothing was done. */
    struct hx_lab_word unavailable; /* Likewise. */
    struct hx_lab_word poor;        /* Not enough money. */
};
const struct hx_lab_speech *hx_lab_speech_of(enum hx_lab_venue venue, enum hx_lab_product product);

#define HX_LAB_SYMBOL_LEN_MAX 20
#define HX_LAB_ID_LEN_MAX 40 /* An id the venue gives, as it is on the wire. */
#define HX_LAB_CLIENT_ID_LEN_MAX 36
#define HX_LAB_HEADERS_MAX 8
#define HX_LAB_LEVERAGE_DEFAULT 20

/* One HTTP request as it reached the venue. Paths under /lab/ are for the test's own hands. */
struct hx_lab_request {
    enum hx_http_method method;
    hx_str path;
    hx_str query; /* Raw, without '?'. */
    const struct hx_http_header *headers;
    uint32_t header_count;
    hx_str body;
};

/* How the answer travels. The server or simulator that carries the bytes obeys it. */
enum hx_lab_delivery {
    HX_LAB_DELIVER,      /* Normally, after delay_ms. */
    HX_LAB_DROP_REPLY,   /* It was (or will be) processed; after delay_ms close without a byte of answer. */
    HX_LAB_DROP_REQUEST, /* It was not processed; after delay_ms close without a byte of answer. */
};

struct hx_lab_response {
    enum hx_lab_delivery delivery;
    int64_t delay_ms;
    uint32_t status;
    struct hx_http_header headers[HX_LAB_HEADERS_MAX]; /* Content-Type included; values in the lab's own storage. */
    uint32_t header_count;
    hx_str body; /* In the lab's own answer buffer; valid until the next call. */
};

struct hx_lab;

/* Making one. */

/* Capacities and settings of a laboratory. Take one of the two defaults and change what matters. */
struct hx_lab_config {
    enum hx_lab_venue venue;    /* The first of them in both defaults. */
    uint32_t symbols_max;       /* Per product, >= 7: the built-in ones; the rest for hx_lab_add_symbol. */
    uint32_t orders_max;        /* The oldest order is forgotten when full; while that one is open: -1008. */
    uint32_t fills_max;         /* The oldest fill is forgotten when full. */
    uint32_t algo_orders_max;   /* Conditional orders, as orders_max. */
    uint32_t faults_max;        /* Rules at one time. */
    uint32_t pending_max;       /* Requests under way inside the venue (late_process) at one time. */
    uint32_t events_max;        /* What happened, for streams; a stream that falls behind by so much is closed. */
    uint32_t streams_max;       /* Open at one time. */
    size_t stream_len_max;      /* Text that waits in one stream for the caller to fetch it. */
    size_t answer_len_max;      /* Body of one answer. Lists of /lab/ end when it is full and name the next row. */
    hx_str api_key, api_secret; /* Up to 128 bytes each; copied. */
    hx_dec usdt_balance, bnb_balance; /* In each account: futures and spot, or the one that serves both (Bybit). */
};

/* 256 orders, 1024 fills, 64 KiB answers: hx_lab_init touches a few KiB. For the simulator and unit tests. */
struct hx_lab_config hx_lab_config_small(void);
/* 65536 orders, 131072 fills, 4 MiB answers. For paper trading and load. */
struct hx_lab_config hx_lab_config_large(void);

/* Bytes hx_lab_init_with needs; hx_lab_size: the same for the small configuration. */
size_t hx_lab_size_with(const struct hx_lab_config *config);
size_t hx_lab_size(void);
/* `memory` is 16-aligned, of the size above, the caller's; its contents do not matter. */
struct hx_lab *hx_lab_init_with(void *memory, const struct hx_lab_config *config, uint64_t seed, hx_time now);
struct hx_lab *hx_lab_init(void *memory, uint64_t seed, hx_time now);

/* Orders, fills, positions, balances, faults, pins and settings as hx_lab_init left them, with another time. */
void hx_lab_reset(struct hx_lab *lab, hx_time now);

/* Running it. */

/* Brings the venue to `now`: requests under way arrive, resting orders and triggers meet the price path.
 * hx_lab_handle does it first, so it is only needed where nobody calls for a long time. */
void hx_lab_advance(struct hx_lab *lab, hx_time now);
/* When a request that is under way (late_process) will be processed or an order that was only acknowledged will be
 * placed; INT64_MAX when neither is. */
hx_time hx_lab_next_arrival(const struct hx_lab *lab);

void hx_lab_handle(struct hx_lab *lab, hx_time now, const struct hx_lab_request *request, struct hx_lab_response *out);

/* Streams: WebSocket conversations, but for the WebSocket. The caller carries the texts of frames, each way. */

enum hx_lab_frame_kind {
    HX_LAB_FRAME_TEXT,
    HX_LAB_FRAME_PING,  /* To be answered with the same payload: hx_lab_stream_pong. */
    HX_LAB_FRAME_CLOSE, /* The stream is gone after it. 1006: without a closing frame, the connection just ends. */
};
struct hx_lab_frame {
    enum hx_lab_frame_kind kind;
    hx_str text; /* Message, payload or reason; valid until the next call with the lab. */
    uint32_t close_code;
};

/* Path and query of the upgrade request. *stream names it from then on.
 * ABSENT_KEY: the venue has no such path (404). REJECT_INPUT: not for this caller (an unknown listen key: 401).
 * LIMIT_COUNT: streams_max. */
HX_MUST_USE hx_err hx_lab_stream_open(struct hx_lab *lab, hx_time now, hx_str path, hx_str query, uint32_t *stream);
void hx_lab_stream_receive(struct hx_lab *lab, hx_time now, uint32_t stream, hx_str text);
void hx_lab_stream_pong(struct hx_lab *lab, hx_time now, uint32_t stream, hx_str payload);
/* The next frame to send; false: none now. To be called until false after anything was done with the lab. */
bool hx_lab_stream_next(struct hx_lab *lab, hx_time now, uint32_t stream, struct hx_lab_frame *out);
/* When it will have something by time alone (prices, pings, delayed answers); INT64_MAX: never. */
hx_time hx_lab_stream_due(const struct hx_lab *lab, uint32_t stream);
void hx_lab_stream_close(struct hx_lab *lab, uint32_t stream); /* The connection is gone. Closed ones are no error. */
bool hx_lab_stream_is_open(const struct hx_lab *lab, uint32_t stream);
uint32_t hx_lab_stream_count(const struct hx_lab *lab);

/* Settings. */

/* Functions that name a symbol or an asset without a product mean futures; the ones that end in _in say which. */

enum hx_lab_venue hx_lab_get_venue(const struct hx_lab *lab);
void hx_lab_set_credentials(struct hx_lab *lab, hx_str api_key, hx_str api_secret); /* Up to 128 bytes each. */
/* The venue's clock = now + skew_ms. */
void hx_lab_set_skew(struct hx_lab *lab, int64_t skew_ms);
/* Pins mark, last, bid and ask of a symbol to one price; zero goes back to the seeded path. Resting orders and triggers
 * meet the new price at once. ABSENT_KEY: no such symbol. REJECT_RANGE: not a positive multiple of the tick. */
HX_MUST_USE hx_err hx_lab_set_price(struct hx_lab *lab, hx_str symbol, hx_dec price);
HX_MUST_USE hx_err hx_lab_set_price_in(struct hx_lab *lab, enum hx_lab_product product, hx_str symbol, hx_dec price);
/* The price market orders and triggers see now. ABSENT_KEY. */
HX_MUST_USE hx_err hx_lab_get_price(const struct hx_lab *lab, hx_str symbol, hx_dec *mark, hx_dec *bid, hx_dec *ask);
HX_MUST_USE hx_err hx_lab_get_price_in(const struct hx_lab *lab, enum hx_lab_product product, hx_str symbol,
                                       hx_dec *mark, hx_dec *bid, hx_dec *ask);
/* A halted symbol refuses orders and shows it in the venue's list of rules. ABSENT_KEY. */
HX_MUST_USE hx_err hx_lab_set_halted(struct hx_lab *lab, hx_str symbol, bool halted);
HX_MUST_USE hx_err hx_lab_set_halted_in(struct hx_lab *lab, enum hx_lab_product product, hx_str symbol, bool halted);
/* The venue changes a symbol's rules: quantities, and the least one, are multiples of `step` from now on. ABSENT_KEY,
 * REJECT_INPUT (no multiple of what the symbol's quantities are counted in). */
HX_MUST_USE hx_err hx_lab_set_step_in(struct hx_lab *lab, enum hx_lab_product product, hx_str symbol, hx_dec step);
/* USDT, BNB, on spot also the base assets; at most 10^9. ABSENT_KEY, REJECT_RANGE (also: less than orders hold). */
HX_MUST_USE hx_err hx_lab_set_balance(struct hx_lab *lab, hx_str asset, hx_dec amount);
HX_MUST_USE hx_err hx_lab_set_balance_in(struct hx_lab *lab, enum hx_lab_product product, hx_str asset, hx_dec amount);

enum hx_lab_fee_asset { HX_LAB_FEE_USDT, HX_LAB_FEE_BNB };
/* Rates as fractions of the notional (0.0005); with BNB: commission = notional * rate / bnb_price (in USDT). On spot
 * HX_LAB_FEE_USDT means the asset that was received: the base for buys, USDT for sells.
 * Defaults: futures maker 0.0002, taker 0.0005; spot 0.001 both; USDT. REJECT_RANGE: a rate outside 0..0.1 (Bybit:
 * makers from -0.1, a rebate), a BNB price that is not positive. The asset and the price of BNB are the account's, the
 * rates the product's. */
HX_MUST_USE hx_err hx_lab_set_fee(struct hx_lab *lab, hx_dec maker_rate, hx_dec taker_rate, enum hx_lab_fee_asset asset,
                                  hx_dec bnb_price);
HX_MUST_USE hx_err hx_lab_set_fee_in(struct hx_lab *lab, enum hx_lab_product product, hx_dec maker_rate,
                                     hx_dec taker_rate, enum hx_lab_fee_asset asset, hx_dec bnb_price);
/* Binance. Defaults 2400, 300, 1200, 50 for futures and 6000, 100, 200000, 50 for spot, where the third is a day's, as
 * the venue publishes (the last one is ours: requests past a 429 before the 418). The other venues count otherwise: see
 * docs/LAB.md. */
void hx_lab_set_limits(struct hx_lab *lab, uint32_t weight_per_minute, uint32_t orders_per_10s,
                       uint32_t orders_per_minute, uint32_t requests_until_ban);
void hx_lab_set_limits_in(struct hx_lab *lab, enum hx_lab_product product, uint32_t weight_per_minute,
                          uint32_t orders_per_10s, uint32_t orders_per_minute, uint32_t requests_until_ban);
/* Whether limits are enforced and counted at all. Default true. */
void hx_lab_set_limits_enforced(struct hx_lab *lab, bool enforced);
/* Market orders fill in 1..fills_max parts (seeded by order), each part one tick worse than the one before. Default 1.
 */
void hx_lab_set_market_fills(struct hx_lab *lab, uint32_t fills_max);
/* Whether place and cancel answers carry avgPrice and cumQuote, as they did before SDK 14. Default false. */
void hx_lab_set_answer_averages(struct hx_lab *lab, bool present);
/* How long an order stays invisible to queries (not to the duplicate check) after it was accepted. Default 0. */
void hx_lab_set_lookup_lag(struct hx_lab *lab, int64_t lag_ms);
/* How long an order that the venue only acknowledges waits until it is placed: no query sees it before, and what
 * refuses it then makes it REJECTED. Venues that answer with the order itself have no such time. Default: Bybit 10. */
void hx_lab_set_ack_delay(struct hx_lab *lab, int64_t delay_ms);
/* Where orders are only acknowledged: a client order id that is taken makes the order REJECTED when it is placed,
 * instead of being refused at once. Default false. */
void hx_lab_set_late_duplicates(struct hx_lab *lab, bool late);
/* Bybit: the trading service restarts and forgets the closed orders that it showed; their history stays. */
void hx_lab_restart_service(struct hx_lab *lab);
/* Two sides of a position beside each other. Default false. CONFLICT_CONDITION while anything is open or held. */
HX_MUST_USE hx_err hx_lab_set_hedge(struct hx_lab *lab, bool hedge);

/* What the venue says the key may do. Orders of a product that it may not trade are refused; the rest is only told. */
struct hx_lab_key_rights {
    bool ip_restricted, can_read, can_withdraw, can_trade_spot, can_trade_futures;
};
/* Default: bound to an address, all but withdrawing. */
void hx_lab_set_key_rights(struct hx_lab *lab, const struct hx_lab_key_rights *rights);

/* What a client order id may be used again for; the defaults are the venues' (docs/LAB.md). */
enum hx_lab_id_rule {
    HX_LAB_ID_FREE,           /* Always: a second order of that id is a second order. */
    HX_LAB_ID_UNIQUE_OPEN,    /* Unique among the open orders of the symbol. */
    HX_LAB_ID_UNIQUE_SYMBOL,  /* Never again in the symbol, as long as the order is remembered. */
    HX_LAB_ID_UNIQUE_PRODUCT, /* Never again in the product. */
};
void hx_lab_set_id_rule(struct hx_lab *lab, enum hx_lab_product product, enum hx_lab_id_rule rule);

struct hx_lab_symbol {
    char name[HX_LAB_SYMBOL_LEN_MAX + 1];
    char base[HX_LAB_SYMBOL_LEN_MAX + 1];
    hx_dec tick, step, market_step;
    hx_dec price_min, price_max;
    hx_dec quantity_min, quantity_max, market_quantity_max;
    hx_dec notional_min;
    hx_dec price_start;                          /* The seeded path moves around it. */
    uint8_t price_precision, quantity_precision; /* Decimals; together at most 8 for tick and step. */
    uint8_t leverage_max;                        /* Futures; 0 on spot. */
    bool halted;
    enum hx_lab_product product;
    hx_dec contract_size; /* Base units of one on the wire where it counts contracts (MEXC); 0: the step. Divides the
                             step. */
};
/* LIMIT_COUNT: symbols_max reached. REJECT_INPUT: not usable as a symbol. CONFLICT_KEY: there already. */
HX_MUST_USE hx_err hx_lab_add_symbol(struct hx_lab *lab, const struct hx_lab_symbol *symbol);
uint32_t hx_lab_symbol_count(const struct hx_lab *lab);
uint32_t hx_lab_symbol_count_in(const struct hx_lab *lab, enum hx_lab_product product);
hx_str hx_lab_symbol_name(const struct hx_lab *lab, uint32_t index); /* index < count, asserted. */
hx_str hx_lab_symbol_name_in(const struct hx_lab *lab, enum hx_lab_product product, uint32_t index);

/* Faults. */

enum hx_lab_fault_kind {
    HX_LAB_FAULT_DROP_REQUEST, /* Not processed, no answer. */
    HX_LAB_FAULT_DROP_REPLY,   /* Processed, no answer. */
    HX_LAB_FAULT_LATE,         /* Processed at once, answered after delay_ms. */
    HX_LAB_FAULT_LATE_PROCESS, /* Reaches the matching engine after delay_ms (its timestamp is checked then); the
                                  answer is never delivered: the connection closes after hold_ms. */
    HX_LAB_FAULT_HTTP_STATUS,  /* `status` with code and msg; processed first when `executes`. */
    HX_LAB_FAULT_ERROR_CODE,   /* `code` and msg (the venue's text when empty) with the status the venue gives it. */
    HX_LAB_FAULT_MAINTENANCE,  /* The venue's words for being closed (Binance: 503 "Service Unavailable."), not
                                  processed. */
    HX_LAB_FAULT_PARTIAL,      /* The order fills fill_permille of its quantity; the rest waits for another call
                                  (GTC) or expires (market, IOC). */
    HX_LAB_FAULT_SPLIT,        /* A market order fills in `parts` fills, each one tick worse. */
    HX_LAB_FAULT_HALT,         /* `symbol` (or any) is halted for the matched orders, and for exchangeInfo while the
                                  rule lasts. */
    HX_LAB_FAULT_CLOCK_SKEW,   /* The venue's clock is skew_ms off (on top of hx_lab_set_skew) for the request. */
    HX_LAB_FAULT_GARBAGE,      /* Processed; the body of the answer is cut in half (variant 0), a page of HTML (1) or
                                  empty (2). */
    HX_LAB_FAULT_STALE,        /* A question for orders is answered by a copy of the venue that has none yet. */
};

#define HX_LAB_FAULT_MATCH_LEN_MAX 63
#define HX_LAB_FAULT_MSG_LEN_MAX 127
#define HX_LAB_FAULT_PARTS_MAX 1000

/* PARTIAL, SPLIT, HALT, CLOCK_SKEW and STALE bend the processing and go together with any other kind; of the other
 * kinds the first rule that applies decides. A rule applies to a request it matches, after the first `skip` matches,
 * `count` times, each with the probability. All zero is a rule for every request, never (count 0): set count. */
struct hx_lab_fault {
    enum hx_lab_fault_kind kind;
    char match[HX_LAB_FAULT_MATCH_LEN_MAX + 1]; /* "order" (what places an order, conditional ones included), "query"
                                                   (what asks for one order), "any" or "", "GET /fapi/v1/time" (path
                                                   prefix). */
    char symbol[HX_LAB_SYMBOL_LEN_MAX + 1];     /* As BTCUSDT on every venue. Empty: any. */
    int32_t count;                              /* Times it applies; -1 for ever. */
    uint32_t skip;
    uint32_t probability_permille; /* 0 means 1000: always. */
    uint32_t status;
    int32_t code;
    char msg[HX_LAB_FAULT_MSG_LEN_MAX + 1];
    bool executes;
    int64_t delay_ms; /* Of the answer, whatever the kind; LATE_PROCESS: of the processing. */
    int64_t hold_ms;  /* DROP_*, LATE_PROCESS: the connection stays open this long before it closes. */
    int64_t skew_ms;
    uint32_t fill_permille;
    uint32_t parts;
    uint32_t variant;
    uint32_t retry_after_s; /* HTTP_STATUS: a Retry-After header when not 0. */
};

/* The texts of HTTP 503 that mean different things. */
#define HX_LAB_MSG_503_UNKNOWN "Unknown error, please check your request or try again later."
#define HX_LAB_MSG_503_UNAVAILABLE "Service Unavailable."
#define HX_LAB_MSG_503_INTERNAL "Internal error; unable to process your request. Please try again."

/* LIMIT_COUNT when faults_max rules are alive. REJECT_INPUT: a text that is not NUL-terminated, a wrong number. */
HX_MUST_USE hx_err hx_lab_add_fault(struct hx_lab *lab, const struct hx_lab_fault *fault);
void hx_lab_clear_faults(struct hx_lab *lab);          /* Rules only; requests under way still arrive. */
uint32_t hx_lab_fault_count(const struct hx_lab *lab); /* Rules that can still apply. */
uint64_t hx_lab_faults_applied(const struct hx_lab *lab);

/* What happened, for oracles. */

enum hx_lab_order_type { HX_LAB_ORDER_LIMIT, HX_LAB_ORDER_MARKET };
enum hx_lab_order_status {
    HX_LAB_STATUS_NEW,
    HX_LAB_STATUS_PARTIALLY_FILLED,
    HX_LAB_STATUS_FILLED,
    HX_LAB_STATUS_CANCELED,
    HX_LAB_STATUS_EXPIRED,
    HX_LAB_STATUS_PENDING,     /* Acknowledged, not yet placed. */
    HX_LAB_STATUS_UNTRIGGERED, /* A conditional order that waits for its price. */
    HX_LAB_STATUS_REJECTED,    /* Acknowledged, then refused. */
};

/* Every hx_str of the views is valid until the next call that takes a non-const lab. */
struct hx_lab_order_view {
    enum hx_lab_product product;
    int64_t order_id;
    char order_id_text[HX_LAB_ID_LEN_MAX + 1]; /* As the wire has it: a UUID, "C02__...", or the number. */
    hx_str client_order_id;
    hx_str symbol;
    bool buy;
    enum hx_lab_order_type type;
    enum hx_lab_order_status status;
    hx_dec price; /* Zero for market orders. */
    hx_dec quantity, executed_quantity, average_price;
    hx_dec trigger_price; /* Of a conditional order; 0 otherwise. */
    bool reduce_only;
    bool from_algo;            /* Spawned by a conditional order. */
    hx_time time_ms;           /* Accepted, by `now` (not the venue's clock). */
    hx_time request_timestamp; /* The timestamp parameter of its request; 0 for spawned ones. */
    uint32_t placements;       /* Orders accepted so far under this client order id and symbol, any state. */
};

struct hx_lab_fill_view {
    enum hx_lab_product product;
    int64_t trade_id, order_id;
    char trade_id_text[HX_LAB_ID_LEN_MAX + 1], order_id_text[HX_LAB_ID_LEN_MAX + 1]; /* As the wire has them. */
    hx_str client_order_id; /* Of its order; empty once the order is forgotten. */
    hx_str symbol;
    bool buy, maker;
    hx_dec quantity, price, quote_quantity;
    hx_dec fee; /* Positive: cost. */
    hx_str fee_asset;
    hx_dec realized_pnl; /* Without fees. */
    hx_time time_ms;     /* By `now`. */
};

enum hx_lab_position_side { HX_LAB_BOTH, HX_LAB_LONG, HX_LAB_SHORT };
struct hx_lab_position_view {
    hx_str symbol;
    enum hx_lab_position_side side;
    hx_dec quantity; /* Signed; long positive. */
    hx_dec entry_price;
    hx_dec mark_price;
    hx_dec unrealized_pnl;
    uint32_t leverage;
    bool isolated;
};

struct hx_lab_algo_view {
    int64_t algo_id;
    hx_str client_algo_id;
    hx_str symbol;
    hx_str status; /* The venue's word: NEW, FINISHED, ... */
    hx_str type;   /* STOP_MARKET, ... */
    bool buy, reduce_only, close_position;
    hx_dec quantity, trigger_price;
    int64_t actual_order_id; /* 0 before it triggered. */
    hx_time time_ms;
};

/* In order of acceptance, oldest first; index < count, asserted. Forgotten ones are not counted (orders_forgotten). */
uint32_t hx_lab_order_count(const struct hx_lab *lab);
void hx_lab_get_order(const struct hx_lab *lab, uint32_t index, struct hx_lab_order_view *out);
uint64_t hx_lab_orders_forgotten(const struct hx_lab *lab);
/* The most recent order of that client order id; ABSENT_KEY. Knows no retention rule. */
HX_MUST_USE hx_err hx_lab_find_order(const struct hx_lab *lab, hx_str symbol, hx_str client_order_id,
                                     struct hx_lab_order_view *out);
HX_MUST_USE hx_err hx_lab_find_order_in(const struct hx_lab *lab, enum hx_lab_product product, hx_str symbol,
                                        hx_str client_order_id, struct hx_lab_order_view *out);
uint32_t hx_lab_fill_count(const struct hx_lab *lab);
void hx_lab_get_fill(const struct hx_lab *lab, uint32_t index, struct hx_lab_fill_view *out);
uint32_t hx_lab_algo_count(const struct hx_lab *lab);
void hx_lab_get_algo(const struct hx_lab *lab, uint32_t index, struct hx_lab_algo_view *out);
/* Futures. ABSENT_KEY: no such symbol. A flat position is not an error. */
HX_MUST_USE hx_err hx_lab_get_position(const struct hx_lab *lab, hx_str symbol, enum hx_lab_position_side side,
                                       struct hx_lab_position_view *out);

/* One asset of one account. On Bybit both products show the same account. */
struct hx_lab_balance_view {
    hx_str asset;
    hx_dec total, locked; /* locked: held by open spot orders. */
    hx_dec start;         /* At init, or at the last set_balance. */
    hx_dec fees;          /* Paid in this asset since the start. */
};
uint32_t hx_lab_asset_count(const struct hx_lab *lab); /* USDT, BNB, then the base assets of spot. */
void hx_lab_get_asset(const struct hx_lab *lab, enum hx_lab_product product, uint32_t index,
                      struct hx_lab_balance_view *out); /* index < count, asserted. */
HX_MUST_USE hx_err hx_lab_find_balance(const struct hx_lab *lab, enum hx_lab_product product, hx_str asset,
                                       struct hx_lab_balance_view *out); /* ABSENT_KEY. */

/* The futures account. */
struct hx_lab_account_view {
    hx_dec usdt_wallet, bnb_wallet;
    hx_dec usdt_start, bnb_start; /* At init, or at the last hx_lab_set_balance. */
    hx_dec unrealized_pnl, available;
    hx_dec realized_pnl_total; /* Since the start. */
    hx_dec usdt_fees_total, bnb_fees_total;
    uint64_t requests;       /* Without /lab/ and those dropped on the way in. */
    uint64_t order_requests; /* POST order that reached the venue, refused ones included. */
};
void hx_lab_get_account(const struct hx_lab *lab, struct hx_lab_account_view *out);

#endif
