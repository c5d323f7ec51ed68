/* The laboratory's inside: what it remembers and how its files call each other. Nothing outside lab/ includes this.
 *
 * Reading order: amount (numbers), path (prices), symbols (rules), store (orders and fills), ids (their names on the
 * wire), account (positions and money), spot (balances), engine (checks and matching), algo (conditional orders with
 * ids of their own), faults, lab (time, dispatch), then the wire: wire.h, and each venue's front end behind it. */
#ifndef HX_LAB_STATE_H
#define HX_LAB_STATE_H

#include "core/base/json.h"
#include "lab/amount.h"
#include "lab/lab.h"

#define HX_LAB_KEY_LEN_MAX 128
#define HX_LAB_PARAMS_MAX 40
#define HX_LAB_REQUEST_LEN_MAX 2048 /* Query and body of a signed request together; the venue refuses longer ones. */
#define HX_LAB_PENDING_PATH_LEN_MAX 127
#define HX_LAB_KEPT_HEADERS_MAX 6
#define HX_LAB_KEPT_HEADERS_LEN_MAX 512
#define HX_LAB_ROUTES_MAX 128
#define HX_LAB_SEGMENTS_MAX 2
#define HX_LAB_OPEN_ORDERS_PER_SYMBOL_MAX 200
#define HX_LAB_OPEN_ALGOS_MAX 200
#define HX_LAB_POSITION_SIDES 3

struct hx_lab_position {
    hx_lab_amount quantity;                   /* Signed. */
    hx_lab_amount entry;                      /* 0 when flat. */
    hx_time updated, opened, first;           /* Of what is held now, and of the first time anything was; 0: never. */
    hx_lab_amount realized, realized_now;     /* With fees in the quote: ever, and since it was opened. */
    hx_lab_amount closed, closed_quote, fees; /* Since it was opened. */
    uint64_t number;                          /* Counts all positions that were ever opened; 0: none yet. */
};

/* One asset in one account. */
struct hx_lab_purse {
    hx_lab_amount total, locked, start, fees;
};

#define HX_LAB_ASSET_USDT 0
#define HX_LAB_ASSET_BNB 1
struct hx_lab_asset {
    char name[HX_LAB_SYMBOL_LEN_MAX + 1];
    struct hx_lab_purse purses[HX_LAB_PRODUCTS]; /* By hx_lab_purse_of: some venues have one account only. */
};

struct hx_lab_market {
    enum hx_lab_product product;
    char name[HX_LAB_SYMBOL_LEN_MAX + 1];
    char wire[HX_LAB_SYMBOL_LEN_MAX + 4]; /* As the venue writes it: BTC_USDT. */
    char base[HX_LAB_SYMBOL_LEN_MAX + 1];
    uint32_t base_asset;         /* Spot: of lab.assets. */
    hx_lab_amount contract_size; /* Base units of one on the wire. */
    hx_lab_amount tick, step, market_step;
    hx_lab_amount price_min, price_max;
    hx_lab_amount quantity_min, quantity_max, market_quantity_max;
    hx_lab_amount notional_min;
    hx_lab_amount price_start;
    uint32_t price_precision, quantity_precision;
    uint32_t leverage_max;
    int64_t order_id_base; /* Order id = base + sequence number; ids are per symbol, as the venue's are. */
    bool halted;
    bool isolated;
    bool hedge; /* Where the position mode is the symbol's (Bybit); elsewhere lab.hedge alone counts. */
    uint32_t leverage;
    uint32_t side_leverage[2]; /* As side_isolated: long, short, where the venue keeps two (MEXC); 0: leverage. */
    bool side_isolated[2];
    uint32_t open_orders;
    hx_lab_amount pinned; /* 0: the seeded path. */
    struct hx_lab_position positions[HX_LAB_POSITION_SIDES];
};

struct hx_lab_book {
    hx_lab_amount mark, bid, ask;
};

/* Why the engine does not take an order. Each front end has its venue's code for each. */
enum hx_lab_refusal {
    HX_LAB_ACCEPTED,
    HX_LAB_REFUSED_HALTED,
    HX_LAB_REFUSED_QUANTITY_ZERO,
    HX_LAB_REFUSED_QUANTITY_PLACES,
    HX_LAB_REFUSED_QUANTITY_LOW,
    HX_LAB_REFUSED_QUANTITY_HIGH,
    HX_LAB_REFUSED_QUANTITY_STEP,
    HX_LAB_REFUSED_PRICE_ZERO,
    HX_LAB_REFUSED_PRICE_PLACES,
    HX_LAB_REFUSED_PRICE_LOW,
    HX_LAB_REFUSED_PRICE_HIGH,
    HX_LAB_REFUSED_PRICE_TICK,
    HX_LAB_REFUSED_BAND_HIGH, /* draft.bound: the band's edge. */
    HX_LAB_REFUSED_BAND_LOW,
    HX_LAB_REFUSED_DUPLICATE,
    HX_LAB_REFUSED_REDUCE_ONLY,   /* Nothing there to reduce, or less than a hedge close asks for. */
    HX_LAB_REFUSED_NOTIONAL_LOW,  /* draft.bound: the minimum. */
    HX_LAB_REFUSED_ORDER_COUNT,   /* Open orders of the symbol. */
    HX_LAB_REFUSED_TRIGGER_COUNT, /* Conditional orders. */
    HX_LAB_REFUSED_POSITION_SIZE, /* Against the leverage. */
    HX_LAB_REFUSED_MARGIN,
    HX_LAB_REFUSED_BALANCE,        /* Spot. */
    HX_LAB_REFUSED_WOULD_TAKE,     /* Post-only. */
    HX_LAB_REFUSED_WOULD_NOT_FILL, /* Fill-or-kill. */
    HX_LAB_REFUSED_TRIGGER_MET,    /* The condition holds already. */
    HX_LAB_REFUSED_CLOSE_EXISTS,   /* A second order of the kind that closes the whole position. */
    HX_LAB_REFUSED_POSITION_MODE,  /* Another than the account's. */
    HX_LAB_REFUSED_FULL,           /* The laboratory's own memory. */
};

enum hx_lab_tif { HX_LAB_GTC, HX_LAB_IOC, HX_LAB_FOK, HX_LAB_GTX, HX_LAB_GTD };

/* The condition of an order that waits for it. price 0: none, or a trailing one that has no price yet. */
struct hx_lab_trigger {
    bool is_set, rises, by_mark;
    bool is_take_profit;    /* What the wire calls it. */
    bool of_position;       /* A position's own: not counted among the conditional orders. */
    hx_lab_amount price;    /* Met at or above it (rises), at or below it (not rises). */
    hx_lab_amount trail;    /* Distance in quote from the best price since activation; 0 and */
    uint32_t trail_bps;     /* in hundredths of a percent of it; both 0: the price is fixed. */
    hx_lab_amount activate; /* Trailing begins here; 0: at once. */
    hx_lab_amount peak;     /* 0 before activation. */
};

/* What is set on the position once the order has filled. Prices: 0 none; limits: 0 at the market. */
struct hx_lab_exits {
    hx_lab_amount take_profit, stop_loss, take_profit_limit, stop_loss_limit;
    bool take_profit_by_mark, stop_loss_by_mark;
    bool is_partial; /* For what filled, not for the whole position. */
};

/* How faults bend one request. */
struct hx_lab_bend {
    bool has_partial;
    uint32_t fill_permille;
    uint32_t parts; /* 0: by the setting. */
    bool halted;
    bool is_stale;
    int64_t skew_ms;
};

/* Orders and fills are numbered from 1 and live in rings: slot = (seq - 1) % capacity. */
struct hx_lab_order {
    uint64_t seq;
    uint64_t seq_same_id; /* The one before it in the same hash bucket; 0 none. */
    hx_time accepted;     /* By `now`; times below are the venue's clock. */
    hx_time request_timestamp;
    hx_time time, updated, good_till;
    hx_time due; /* PENDING: when it is placed. Cancelling: when it is cancelled. */
    hx_lab_amount price, quantity, executed, quote;
    hx_lab_amount quote_asked; /* Spot market orders by quote amount. */
    hx_lab_amount locked;      /* Spot: what is left of what it holds, in quote (buys) or base (sells). */
    struct hx_lab_trigger trigger;
    struct hx_lab_exits exits;
    struct hx_lab_bend bend; /* PENDING: of its request. */
    enum hx_lab_refusal refusal;
    uint64_t fill_first;
    uint32_t fill_count;
    uint32_t placements;
    uint32_t market;
    uint32_t leverage;        /* Where orders have one of their own (MEXC); 0: the market's. */
    uint64_t position_number; /* Of the position that its latest fill moved. */
    enum hx_lab_order_type type;
    enum hx_lab_order_status status;
    enum hx_lab_tif tif;
    enum hx_lab_position_side side;
    bool buy, reduce_only, from_algo, close_position;
    bool isolated;  /* Beside leverage. */
    bool triggered; /* Its condition was met. */
    bool keeps_unfilled;
    bool locks_late;   /* Spot, conditional: holds nothing until it is triggered. */
    bool canceling;    /* Acknowledged, not yet cancelled. */
    bool archived;     /* Closed before a restart of the venue's service: only its history knows it. */
    uint8_t wire_kind; /* The front end's own remark, such as which of several wire types it was sent as. */
    uint8_t client_id_len;
    char client_id[HX_LAB_CLIENT_ID_LEN_MAX];
};

struct hx_lab_fill {
    uint64_t seq;
    uint64_t order_seq;
    int64_t order_id;
    hx_time time;     /* The venue's clock. */
    hx_time accepted; /* By `now`. */
    hx_lab_amount quantity, price, quote, fee, realized;
    hx_lab_amount closed; /* Futures: of quantity, what reduced the position. */
    uint32_t market;
    enum hx_lab_position_side side;
    uint32_t fee_asset; /* Of lab.assets. */
    bool buy, maker;
};

enum hx_lab_algo_type {
    HX_LAB_ALGO_STOP,
    HX_LAB_ALGO_STOP_MARKET,
    HX_LAB_ALGO_TAKE_PROFIT,
    HX_LAB_ALGO_TAKE_PROFIT_MARKET,
    HX_LAB_ALGO_TRAILING_STOP_MARKET,
};

enum hx_lab_algo_status {
    HX_LAB_ALGO_NEW,
    HX_LAB_ALGO_TRIGGERED, /* FINISHED once the spawned order is closed. */
    HX_LAB_ALGO_CANCELED,
    HX_LAB_ALGO_REJECTED,
    HX_LAB_ALGO_EXPIRED,
};

struct hx_lab_algo {
    uint64_t seq;
    hx_time accepted, time, updated, triggered;
    hx_lab_amount quantity, price, trigger, activate, callback_rate;
    hx_lab_amount peak; /* Trailing: best price since activation; 0 before it. */
    uint64_t order_seq; /* The spawned order; 0 before. */
    int64_t order_id;
    uint32_t market;
    enum hx_lab_algo_type type;
    enum hx_lab_algo_status status;
    enum hx_lab_tif tif;
    enum hx_lab_position_side side;
    bool buy, reduce_only, close_position, by_mark, price_protect;
    uint8_t wire_kind;   /* The front end's own remark. */
    uint32_t leverage;   /* As isolated and exits: of the order it places; see hx_lab_order. */
    hx_lab_amount trail; /* Trailing by a distance in quote instead of callback_rate. */
    hx_time good_till;   /* 0: for ever. */
    struct hx_lab_exits exits;
    /* Exits of a position (MEXC): cut to what is held, ends with it; `trigger` stops the loss and take_profit is on its
     * other side, either may be 0, and the first that comes ends both. */
    uint64_t position_number; /* 0: none of that. */
    uint64_t parent_seq;      /* The order that brought it; 0: none. */
    hx_lab_amount take_profit;
    bool isolated, take_profit_by_mark, took_profit; /* The last: which of the two came. */
    enum hx_lab_refusal refusal;                     /* REJECTED: of the order it would have placed. */
    uint8_t client_id_len;
    char client_id[HX_LAB_CLIENT_ID_LEN_MAX];
};

struct hx_lab_window {
    int64_t index; /* Clock / length. */
    uint32_t count;
};

enum hx_lab_execution {
    HX_LAB_EXECUTION_NEW, /* In the book, or waiting for its price. */
    HX_LAB_EXECUTION_TRIGGERED,
    HX_LAB_EXECUTION_TRADE,
    HX_LAB_EXECUTION_CANCELED,
    HX_LAB_EXECUTION_EXPIRED,
    HX_LAB_EXECUTION_REJECTED,
};

#define HX_LAB_EVENT_ASSETS_MAX 3
#define HX_LAB_STREAM_TOPICS_MAX 64
#define HX_LAB_STREAM_PATH_LEN_MAX 31
#define HX_LAB_STREAM_ID_LEN_MAX 64
#define HX_LAB_STREAM_REQUESTS_MAX 32

/* Something that streams tell of, as it was at that moment: what is behind it goes on changing. */
struct hx_lab_event {
    uint64_t seq;
    hx_time time;       /* The venue's clock. */
    uint64_t order_seq; /* 0: an algo's event. */
    uint64_t fill_seq;  /* TRADE. */
    uint64_t algo_seq;
    enum hx_lab_execution execution;
    enum hx_lab_order_status status;
    enum hx_lab_algo_status algo_status;
    bool algo_finished;
    hx_lab_amount quantity, executed, quote;
    uint32_t asset_count; /* Balances that it changed, or locked. */
    struct {
        uint32_t asset;
        hx_lab_amount total, locked;
    } assets[HX_LAB_EVENT_ASSETS_MAX];
    struct hx_lab_position position; /* Futures, TRADE: after it. */
    uint8_t other_id_len;            /* The id of the request that did it, where it has one of its own. */
    char other_id[HX_LAB_CLIENT_ID_LEN_MAX];
};

/* What a stream was told to send about one symbol, again and again. */
struct hx_lab_topic {
    uint32_t market;
    uint32_t kind; /* The front end's. */
    hx_time due;
    uint64_t count;          /* Messages so far. */
    struct hx_lab_book last; /* What the last one said. */
};

struct hx_lab_stream {
    bool is_open, is_closing; /* Closing: what waits is still sent, then the closing frame. */
    uint32_t close_code;
    uint32_t kind; /* The front end's: which of its endpoints this is. */
    enum hx_lab_product product;
    bool is_combined; /* Binance: messages are wrapped with their stream's name. */
    bool is_logged_in;
    bool is_subscribed;    /* The account's events are wanted. */
    uint32_t event_filter; /* Bits of the front end's. */
    uint64_t cursor;       /* The next event. */
    uint64_t sent;
    hx_time opened, heard, next_ping;
    struct hx_lab_window inbound;
    uint32_t topic_count;
    struct hx_lab_topic topics[HX_LAB_STREAM_TOPICS_MAX];
    size_t waiting_from, waiting_to; /* In `waiting`: a chain of messages, each behind its head. */
    char *waiting;
    char id[HX_LAB_STREAM_ID_LEN_MAX]; /* The key it was opened with. */
    uint32_t id_len;
    uint64_t request_ids[HX_LAB_STREAM_REQUESTS_MAX]; /* Hashes of the last ones, where they must not come again. */
    uint32_t request_count;
};

/* A request that arrives later. Which headers are kept is the front end's to say. */
struct hx_lab_pending {
    hx_time due;
    uint64_t seq; /* Arrival order among equal times. */
    enum hx_http_method method;
    uint32_t path_len, query_len, body_len;
    struct hx_lab_bend bend;
    bool is_message; /* Came over a stream: the body is its text, the path the stream's kind of endpoint. */
    uint32_t header_len[HX_LAB_KEPT_HEADERS_MAX]; /* Of front.kept_headers, in their order; absent ones are empty. */
    char headers[HX_LAB_KEPT_HEADERS_LEN_MAX];
    char path[HX_LAB_PENDING_PATH_LEN_MAX];
    char text[HX_LAB_REQUEST_LEN_MAX]; /* Query, then body. */
};

struct hx_lab_rule {
    struct hx_lab_fault fault;
    uint32_t seen; /* Matches so far, for skip. */
    uint32_t applied;
};

struct hx_lab_param {
    hx_str name, value;
    bool in_body;
    enum hx_json_type type; /* Of a JSON body's member; query and form values are strings. */
};

struct hx_lab_params {
    uint32_t count;
    bool duplicate, malformed, too_many;
    struct hx_lab_param list[HX_LAB_PARAMS_MAX];
    size_t text_len;
    char text[HX_LAB_REQUEST_LEN_MAX];
};

/* One request while it is answered. */
struct hx_lab_call {
    struct hx_lab *lab;
    const struct hx_lab_request *request;
    hx_time clock; /* The venue's, for this request. */
    struct hx_lab_bend bend;
    const struct hx_lab_route *route;
    uint32_t route_index;
    enum hx_lab_product product;          /* The route's; where one path serves all products the handler sets it. */
    hx_str segments[HX_LAB_SEGMENTS_MAX]; /* What stood for each {} of the route's path. */
    const struct hx_json *json_body;      /* Once hx_lab_params_parse_json read it; in lab.scratch. */
    struct hx_lab_params params;
    struct hx_buf body;
    struct hx_json_writer json;
    int64_t request_timestamp; /* Of the header that carries it, where one does: Bybit, MEXC's contracts. */
    uint32_t status;
    bool is_html;
    bool shows_order_count;
    uint32_t retry_after_s; /* 0: no header. */
    int64_t next_row;       /* Control lists: X-Lab-Next; -1 none. */
};

/* Binance's counting; the others use lab.route_windows and hx_lab_window_admit. */
struct hx_lab_limits {
    uint32_t weight_per_minute, orders_per_10s, orders_per_minute /* Spot: a day. */, requests_until_ban;
    struct hx_lab_window weight, orders_10s, orders_long;
    uint32_t refused_in_row;
    hx_time banned_until; /* The venue's clock. */
};

struct hx_lab {
    struct hx_lab_config config; /* api_key and api_secret point at configured_*. */
    char configured_key[HX_LAB_KEY_LEN_MAX], configured_secret[HX_LAB_KEY_LEN_MAX];
    char key[HX_LAB_KEY_LEN_MAX], secret[HX_LAB_KEY_LEN_MAX];
    size_t key_len, secret_len;
    uint64_t seed, random;
    hx_time now;
    int64_t skew_ms;
    int64_t lookup_lag_ms;
    int64_t ack_delay_ms;
    bool hedge, multi_assets, answer_averages, limits_enforced;
    struct hx_lab_key_rights rights;
    bool account_isolated; /* Bybit's margin mode, which is the account's. */
    bool
        late_duplicates; /* A client order id that is taken shows when the order is placed, not when it is asked for. */
    uint32_t market_fills_max;
    enum hx_lab_id_rule id_rules[HX_LAB_PRODUCTS];
    const struct hx_lab_front *front;

    struct hx_lab_asset *assets;
    uint32_t asset_count;
    hx_lab_amount realized_total;
    uint64_t position_seq; /* Positions opened so far. */
    hx_lab_amount maker_rate[HX_LAB_PRODUCTS], taker_rate[HX_LAB_PRODUCTS], bnb_price;
    enum hx_lab_fee_asset fee_asset;
    hx_time account_updated;

    struct hx_lab_limits limits[HX_LAB_PRODUCTS];
    struct hx_lab_window route_windows[HX_LAB_ROUTES_MAX], address_window;
    uint64_t requests, order_requests, faults_applied;
    uint32_t seen[HX_LAB_ROUTES_MAX];
    uint32_t seen_unknown;

    struct hx_lab_market *markets;
    uint32_t market_count;
    struct hx_lab_order *orders;
    uint64_t order_seq; /* The latest; 0 none. */
    uint64_t *buckets;  /* Latest order by hash of symbol and client order id. */
    uint32_t bucket_count;
    uint32_t *open; /* Slots of open orders, oldest first; those that wait for placing or for a price included. */
    uint32_t open_count;
    uint32_t ack_count; /* Of those, the ones that are PENDING or cancelling. */
    struct hx_lab_fill *fills;
    uint64_t fill_seq;
    struct hx_lab_algo *algos;
    uint64_t algo_seq;
    uint32_t *algo_open;
    uint32_t algo_open_count;
    struct hx_lab_event *events;
    uint64_t event_seq;
    struct hx_lab_stream *streams;
    char *stream_text;        /* streams_max times stream_len_max. */
    hx_time listen_key_until; /* Binance futures; the venue's clock. */
    uint32_t listen_key_generation;
    struct hx_lab_pending *pending;
    uint32_t pending_count;
    uint64_t pending_seq;
    struct hx_lab_rule *rules;
    uint32_t rule_count;
    char *answer;
    char header_text[256];
    struct hx_lab_call call;
    char scratch[32768];     /* Arena of JSON that came in. */
    char scratch_out[16384]; /* A frame while it is put together. */
};

/* lab.c */
hx_time hx_lab_clock(const struct hx_lab *lab); /* The venue's: now + skew. */

/* path.c: a price for every symbol and time, from the seed alone */
struct hx_lab_book hx_lab_book_at(const struct hx_lab *lab, const struct hx_lab_market *market, hx_time time);
struct hx_lab_book hx_lab_book_now(const struct hx_lab *lab, const struct hx_lab_market *market);
uint64_t hx_lab_mix(uint64_t x);                            /* A bijection that scatters every bit. */
uint32_t hx_lab_random(struct hx_lab *lab, uint32_t below); /* Next number of the faults' stream; below > 0. */

/* symbols.c */
void hx_lab_add_builtin_symbols(struct hx_lab *lab);
/* By its name (BTCUSDT) or by the venue's (BTC_USDT); NULL: none. */
struct hx_lab_market *hx_lab_find_market(const struct hx_lab *lab, enum hx_lab_product product, hx_str name);
struct hx_lab_market *hx_lab_find_wire_market(const struct hx_lab *lab, enum hx_lab_product product, hx_str wire);
uint32_t hx_lab_market_index(const struct hx_lab *lab, const struct hx_lab_market *market);
bool hx_lab_market_is_spot(const struct hx_lab *lab, uint32_t market);

/* store.c */
struct hx_lab_order *hx_lab_order_at(const struct hx_lab *lab, uint64_t seq); /* NULL: forgotten or never. */
struct hx_lab_order *hx_lab_order_by_id(const struct hx_lab *lab, uint32_t market, int64_t order_id);
/* The most recent of that id accepted no later than `until`; NULL none. */
struct hx_lab_order *hx_lab_order_by_client_id(const struct hx_lab *lab, uint32_t market, hx_str id, hx_time until);
/* Whether the product's rule for client order ids forbids a new order of that id. */
bool hx_lab_client_id_is_taken(const struct hx_lab *lab, uint32_t market, hx_str id);
int64_t hx_lab_order_id(const struct hx_lab *lab, const struct hx_lab_order *order);
hx_str hx_lab_order_client_id(const struct hx_lab_order *order);
uint64_t hx_lab_order_first(const struct hx_lab *lab); /* Sequence number of the oldest; order_seq + 1 when none. */
/* A zeroed order with seq, market, client id and placements set, listed as open; NULL when the ring is full. */
struct hx_lab_order *hx_lab_order_add(struct hx_lab *lab, uint32_t market, hx_str client_id);
void hx_lab_order_close(struct hx_lab *lab, struct hx_lab_order *order, enum hx_lab_order_status status);
bool hx_lab_order_is_open(const struct hx_lab_order *order); /* PENDING and UNTRIGGERED too. */
bool hx_lab_order_works(const struct hx_lab_order *order);   /* In the book: NEW or PARTIALLY_FILLED. */
/* Old enough for the lookup lag, and placed. */
hx_time hx_lab_seen_until(const struct hx_lab *lab); /* Questions for orders find those accepted until then. */
bool hx_lab_order_is_visible(const struct hx_lab *lab, const struct hx_lab_order *order);
struct hx_lab_fill *hx_lab_fill_at(const struct hx_lab *lab, uint64_t seq);
uint64_t hx_lab_fill_first(const struct hx_lab *lab);
struct hx_lab_fill *hx_lab_fill_add(struct hx_lab *lab);
struct hx_lab_algo *hx_lab_algo_at(const struct hx_lab *lab, uint64_t seq);
uint64_t hx_lab_algo_first(const struct hx_lab *lab);
struct hx_lab_algo *hx_lab_algo_add(struct hx_lab *lab, hx_str client_id); /* NULL: full. */
void hx_lab_algo_close(struct hx_lab *lab, struct hx_lab_algo *algo, enum hx_lab_algo_status status);

/* ids.c: what the venue calls its orders and trades */
void hx_lab_add_order_id(struct hx_buf *buf, const struct hx_lab *lab, const struct hx_lab_order *order);
void hx_lab_add_order_id_of(struct hx_buf *buf, const struct hx_lab *lab, const struct hx_lab_fill *fill);
void hx_lab_add_trade_id(struct hx_buf *buf, const struct hx_lab *lab, const struct hx_lab_fill *fill);
/* Any market of the product; NULL: none, or not the form of an id. */
struct hx_lab_order *hx_lab_order_by_text(const struct hx_lab *lab, enum hx_lab_product product, hx_str id);
int64_t hx_lab_order_id_base(const struct hx_lab *lab, enum hx_lab_product product, uint32_t index);
int64_t hx_lab_trade_id(const struct hx_lab_fill *fill);

/* account.c: futures */
struct hx_lab_margin {
    hx_lab_amount unrealized, position_margin, order_margin, available;
};
struct hx_lab_margin hx_lab_margin_now(const struct hx_lab *lab);
hx_lab_amount hx_lab_unrealized(const struct hx_lab_position *position, hx_lab_amount mark);
hx_lab_amount hx_lab_notional_max(uint32_t leverage); /* Largest position the leverage allows, in quote. */
/* What a reduce-only order of that direction may take: never negative. */
hx_lab_amount hx_lab_reducible(const struct hx_lab_market *market, enum hx_lab_position_side side, bool buy);
/* Books a fill of either product. */
void hx_lab_fill_order(struct hx_lab *lab, struct hx_lab_order *order, hx_lab_amount quantity, hx_lab_amount price,
                       bool maker);
bool hx_lab_market_has_position(const struct hx_lab_market *market);
bool hx_lab_has_any_position(const struct hx_lab *lab);
uint32_t hx_lab_leverage_of(const struct hx_lab_market *market, bool is_long);
bool hx_lab_is_isolated(const struct hx_lab_market *market, bool is_long);

/* spot.c: balances */
struct hx_lab_purse *hx_lab_purse_of(const struct hx_lab *lab, enum hx_lab_product product, uint32_t asset);
uint32_t hx_lab_asset_find(const struct hx_lab *lab, hx_str name);        /* asset_count: none. */
uint32_t hx_lab_asset_add(struct hx_lab *lab, const char *name);          /* The one of that name, or a new one. */
hx_lab_amount hx_lab_spot_free(const struct hx_lab *lab, uint32_t asset); /* What a new order may hold or take. */
void hx_lab_spot_lock(struct hx_lab *lab, struct hx_lab_order *order);    /* For the whole quantity. */
void hx_lab_spot_unlock(struct hx_lab *lab, struct hx_lab_order *order);  /* What is left; orders that end call it. */
void hx_lab_spot_settle(struct hx_lab *lab, struct hx_lab_order *order, struct hx_lab_fill *fill);

/* engine.c */
struct hx_lab_draft {
    uint32_t market;
    bool buy, reduce_only, from_algo, close_position;
    bool test;       /* Check only. */
    bool is_recheck; /* Of an order that is listed already. */
    bool id_is_taken;
    bool keeps_unfilled; /* Fill-or-kill that can not fill is recorded as EXPIRED instead of refused. */
    bool is_acked;       /* The venue answers before it places: see hx_lab_set_ack_delay. */
    bool locks_late;
    enum hx_lab_refusal doom; /* With is_acked: what it is rejected for, whatever else; ACCEPTED: nothing. */
    bool isolated;
    uint32_t leverage;
    uint8_t wire_kind;
    enum hx_lab_order_type type;
    enum hx_lab_tif tif;
    enum hx_lab_position_side side;
    hx_lab_amount quantity, price;
    hx_lab_amount quote_asked; /* Spot market orders: spend or earn that much; quantity is then 0. */
    uint32_t quantity_places, price_places;
    struct hx_lab_trigger trigger;
    struct hx_lab_exits exits;
    hx_time good_till, request_timestamp;
    hx_str client_id;
    struct hx_lab_bend bend;
    hx_lab_amount bound; /* Out: the limit an error text speaks of. */
};
/* ACCEPTED and the order, or why not and nothing done. The order may be closed already. With is_acked: what shows when
 * the request arrives is refused here; what shows when the order is placed (post-only, fill-or-kill, and everything
 * again after the delay) makes it REJECTED. */
enum hx_lab_refusal hx_lab_place(struct hx_lab *lab, struct hx_lab_draft *draft, struct hx_lab_order **out);
enum hx_lab_refusal hx_lab_check_quantity(const struct hx_lab_market *market, const struct hx_lab_draft *draft);
enum hx_lab_refusal hx_lab_check_price(const struct hx_lab_market *market, hx_lab_amount price, uint32_t places);
void hx_lab_cancel(struct hx_lab *lab, struct hx_lab_order *order);
/* Where a cancel is only acknowledged: done ack_delay_ms later, unless the order ends before. */
void hx_lab_cancel_later(struct hx_lab *lab, struct hx_lab_order *order);
/* What an open order is changed to; 0: as it was. */
struct hx_lab_change {
    hx_lab_amount quantity, price, trigger;
    uint32_t quantity_places, price_places, trigger_places;
    hx_lab_amount bound; /* Out, as in a draft. */
};
/* ACCEPTED, or why not and nothing changed. Resting and waiting orders; the new quantity is more than what filled,
 * asserted. A price that crosses fills. */
enum hx_lab_refusal hx_lab_amend(struct hx_lab *lab, struct hx_lab_order *order, struct hx_lab_change *change);
void hx_lab_match_all(
    struct hx_lab *lab); /* Acknowledged, resting and waiting orders meet the time and prices of now. */
hx_time hx_lab_next_ack(const struct hx_lab *lab); /* INT64_MAX: none. */

/* trigger.c */
bool hx_lab_trigger_met(const struct hx_lab *lab, uint32_t market,
                        struct hx_lab_trigger *trigger); /* Moves the peak. */

/* algo.c: conditional orders that are things of their own and place an order when their price comes */
/* `algo` carries the fields; seq, status and times are set here. */
enum hx_lab_refusal hx_lab_algo_place(struct hx_lab *lab, const struct hx_lab_algo *algo, struct hx_lab_algo **out);
void hx_lab_algo_trigger_all(struct hx_lab *lab);
hx_str hx_lab_algo_status_text(const struct hx_lab *lab, const struct hx_lab_algo *algo);
hx_str hx_lab_algo_type_text(enum hx_lab_algo_type type);
int64_t hx_lab_algo_id(const struct hx_lab_algo *algo);

/* event.c */
void hx_lab_tell_order(struct hx_lab *lab, const struct hx_lab_order *order, enum hx_lab_execution execution,
                       const struct hx_lab_fill *fill);
void hx_lab_tell_algo(struct hx_lab *lab, const struct hx_lab_algo *algo);
void hx_lab_name_last_event(struct hx_lab *lab, hx_str id);                         /* Its other_id. */
const struct hx_lab_event *hx_lab_event_at(const struct hx_lab *lab, uint64_t seq); /* NULL: forgotten, or not yet. */

/* lab.c: one request or message, before and after its handler */
struct hx_lab_call *hx_lab_begin_call(struct hx_lab *lab, const struct hx_lab_request *request,
                                      const struct hx_lab_bend *bend);
bool hx_lab_keep_for_later(struct hx_lab *lab, const struct hx_lab_request *request, const struct hx_lab_bend *bend,
                           int64_t delay_ms, bool is_message);
bool hx_lab_is_processed(const struct hx_lab_fault *fault); /* NULL: yes. */
/* Replaces or spoils the answer as the rule says; what it does to the delivery is the caller's. */
void hx_lab_bend_answer(struct hx_lab_call *call, const struct hx_lab_fault *fault);

/* faults.c */
/* Decides what happens to a request. Returns the deciding rule's fault or NULL; *bend and *delay_ms get the rest. */
const struct hx_lab_fault *hx_lab_decide_fault(struct hx_lab *lab, const struct hx_lab_request *request,
                                               struct hx_lab_bend *bend, int64_t *delay_ms);
bool hx_lab_halted_by_rule(const struct hx_lab *lab, const struct hx_lab_market *market); /* Or by setting. */

#endif
