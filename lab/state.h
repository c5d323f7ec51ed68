/* The laboratory's inside: what it remembers and how its files call each other. Nothing outside lab/ includes this.
 *
 * Reading order: amount (numbers), path (prices), symbols (rules), store (orders and fills), account (positions and
 * money), engine (matching), algo (conditional orders), faults, lab (time, dispatch), then the wire: wire.h. */
#ifndef HX_LAB_STATE_H
#define HX_LAB_STATE_H

#include "core/base/json.h"
#include "lab/amount.h"
#include "lab/lab.h"

#define HX_LAB_KEY_LEN_MAX 128
#define HX_LAB_PARAMS_MAX 40
#define HX_LAB_REQUEST_LEN_MAX 2048 /* Query and body of a signed request together; the venue refuses longer ones. */
#define HX_LAB_PENDING_PATH_LEN_MAX 63
#define HX_LAB_ROUTES_MAX 64
#define HX_LAB_OPEN_ORDERS_PER_SYMBOL_MAX 200
#define HX_LAB_OPEN_ALGOS_MAX 200
#define HX_LAB_POSITION_SIDES 3

struct hx_lab_position {
    hx_lab_amount quantity; /* Signed. */
    hx_lab_amount entry;    /* 0 when flat. */
    hx_time updated;
};

struct hx_lab_market {
    char name[HX_LAB_SYMBOL_LEN_MAX + 1];
    char base[HX_LAB_SYMBOL_LEN_MAX + 1];
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
    uint32_t leverage;
    uint32_t open_orders;
    hx_lab_amount pinned; /* 0: the seeded path. */
    struct hx_lab_position positions[HX_LAB_POSITION_SIDES];
};

struct hx_lab_book {
    hx_lab_amount mark, bid, ask;
};

enum hx_lab_tif { HX_LAB_GTC, HX_LAB_IOC, HX_LAB_FOK, HX_LAB_GTX, HX_LAB_GTD };

/* Orders and fills are numbered from 1 and live in rings: slot = (seq - 1) % capacity. */
struct hx_lab_order {
    uint64_t seq;
    uint64_t seq_same_id; /* The one before it in the same hash bucket; 0 none. */
    hx_time accepted;     /* By `now`; times below are the venue's clock. */
    hx_time request_timestamp;
    hx_time time, updated, good_till;
    hx_lab_amount price, quantity, executed, quote;
    uint64_t fill_first;
    uint32_t fill_count;
    uint32_t placements;
    uint32_t market;
    enum hx_lab_order_type type;
    enum hx_lab_order_status status;
    enum hx_lab_tif tif;
    enum hx_lab_position_side side;
    bool buy, reduce_only, from_algo, close_position;
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
    uint32_t market;
    enum hx_lab_position_side side;
    enum hx_lab_fee_asset fee_asset;
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
    uint8_t client_id_len;
    char client_id[HX_LAB_CLIENT_ID_LEN_MAX];
};

/* How faults bend one request. */
struct hx_lab_bend {
    bool has_partial;
    uint32_t fill_permille;
    uint32_t parts; /* 0: by the setting. */
    bool halted;
    int64_t skew_ms;
};

struct hx_lab_pending {
    hx_time due;
    uint64_t seq; /* Arrival order among equal times. */
    enum hx_http_method method;
    uint32_t path_len, query_len, body_len, key_len;
    bool is_form;
    struct hx_lab_bend bend;
    char path[HX_LAB_PENDING_PATH_LEN_MAX];
    char text[HX_LAB_REQUEST_LEN_MAX]; /* Query, then body. */
    char key[HX_LAB_KEY_LEN_MAX];
};

struct hx_lab_rule {
    struct hx_lab_fault fault;
    uint32_t seen; /* Matches so far, for skip. */
    uint32_t applied;
};

struct hx_lab_param {
    hx_str name, value;
    bool in_body;
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
    struct hx_lab_params params;
    struct hx_buf body;
    struct hx_json_writer json;
    uint32_t status;
    bool is_html;
    bool shows_order_count;
    uint32_t retry_after_s; /* 0: no header. */
    int64_t next_row;       /* Control lists: X-Lab-Next; -1 none. */
};

struct hx_lab_window {
    int64_t index; /* Clock / length. */
    uint32_t count;
};

struct hx_lab_limits {
    uint32_t weight_per_minute, orders_per_10s, orders_per_minute, requests_until_ban;
    struct hx_lab_window weight, orders_10s, orders_1m;
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
    bool hedge, multi_assets, answer_averages;
    uint32_t market_fills_max;

    hx_lab_amount usdt, bnb, usdt_start, bnb_start, realized_total, usdt_fees, bnb_fees;
    hx_lab_amount maker_rate, taker_rate, bnb_price;
    enum hx_lab_fee_asset fee_asset;
    hx_time account_updated;

    struct hx_lab_limits limits;
    uint64_t requests, order_requests, faults_applied;
    uint32_t seen[HX_LAB_ROUTES_MAX];
    uint32_t seen_unknown;

    struct hx_lab_market *markets;
    uint32_t market_count;
    struct hx_lab_order *orders;
    uint64_t order_seq; /* The latest; 0 none. */
    uint64_t *buckets;  /* Latest order by hash of symbol and client order id. */
    uint32_t bucket_count;
    uint32_t *open; /* Slots of open orders, oldest first. */
    uint32_t open_count;
    struct hx_lab_fill *fills;
    uint64_t fill_seq;
    struct hx_lab_algo *algos;
    uint64_t algo_seq;
    uint32_t *algo_open;
    uint32_t algo_open_count;
    struct hx_lab_pending *pending;
    uint32_t pending_count;
    uint64_t pending_seq;
    struct hx_lab_rule *rules;
    uint32_t rule_count;
    char *answer;
    char header_text[256];
    struct hx_lab_call call;
    char scratch[32768]; /* Arena of the control API's JSON. */
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
struct hx_lab_market *hx_lab_find_market(const struct hx_lab *lab, hx_str name); /* NULL: none. */

/* store.c */
struct hx_lab_order *hx_lab_order_at(const struct hx_lab *lab, uint64_t seq); /* NULL: forgotten or never. */
struct hx_lab_order *hx_lab_order_by_id(const struct hx_lab *lab, uint32_t market, int64_t order_id);
/* The most recent of that id accepted no later than `until`; NULL none. */
struct hx_lab_order *hx_lab_order_by_client_id(const struct hx_lab *lab, uint32_t market, hx_str id, hx_time until);
bool hx_lab_client_id_is_open(const struct hx_lab *lab, uint32_t market, hx_str id);
int64_t hx_lab_order_id(const struct hx_lab *lab, const struct hx_lab_order *order);
hx_str hx_lab_order_client_id(const struct hx_lab_order *order);
uint64_t hx_lab_order_first(const struct hx_lab *lab); /* Sequence number of the oldest; order_seq + 1 when none. */
/* A zeroed order with seq, market, client id and placements set, listed as open; NULL when the ring is full. */
struct hx_lab_order *hx_lab_order_add(struct hx_lab *lab, uint32_t market, hx_str client_id);
void hx_lab_order_close(struct hx_lab *lab, struct hx_lab_order *order, enum hx_lab_order_status status);
bool hx_lab_order_is_open(const struct hx_lab_order *order);
struct hx_lab_fill *hx_lab_fill_at(const struct hx_lab *lab, uint64_t seq);
uint64_t hx_lab_fill_first(const struct hx_lab *lab);
struct hx_lab_fill *hx_lab_fill_add(struct hx_lab *lab);
struct hx_lab_algo *hx_lab_algo_at(const struct hx_lab *lab, uint64_t seq);
uint64_t hx_lab_algo_first(const struct hx_lab *lab);
struct hx_lab_algo *hx_lab_algo_add(struct hx_lab *lab, hx_str client_id); /* NULL: full. */
void hx_lab_algo_close(struct hx_lab *lab, struct hx_lab_algo *algo, enum hx_lab_algo_status status);

/* account.c */
struct hx_lab_margin {
    hx_lab_amount unrealized, position_margin, order_margin, available;
};
struct hx_lab_margin hx_lab_margin_now(const struct hx_lab *lab);
hx_lab_amount hx_lab_unrealized(const struct hx_lab_position *position, hx_lab_amount mark);
hx_lab_amount hx_lab_notional_max(uint32_t leverage); /* Largest position the leverage allows, in quote. */
/* What a reduce-only order of that direction may take: never negative. */
hx_lab_amount hx_lab_reducible(const struct hx_lab_market *market, enum hx_lab_position_side side, bool buy);
void hx_lab_fill_order(struct hx_lab *lab, struct hx_lab_order *order, hx_lab_amount quantity, hx_lab_amount price,
                       bool maker);
bool hx_lab_market_has_position(const struct hx_lab_market *market);

/* engine.c */
struct hx_lab_draft {
    uint32_t market;
    bool buy, reduce_only, from_algo, close_position;
    bool test; /* Check only. */
    enum hx_lab_order_type type;
    enum hx_lab_tif tif;
    enum hx_lab_position_side side;
    hx_lab_amount quantity, price;
    uint32_t quantity_places, price_places;
    hx_time good_till, request_timestamp;
    hx_str client_id;
    struct hx_lab_bend bend;
    hx_lab_amount bound; /* Out: the limit an error text speaks of. */
};
/* 0 and the order, or the venue's code and nothing done. The order may be closed already. */
int32_t hx_lab_place(struct hx_lab *lab, struct hx_lab_draft *draft, struct hx_lab_order **out);
int32_t hx_lab_check_quantity(const struct hx_lab_market *market, const struct hx_lab_draft *draft);
int32_t hx_lab_check_price(const struct hx_lab_market *market, hx_lab_amount price, uint32_t places);
void hx_lab_cancel(struct hx_lab *lab, struct hx_lab_order *order);
void hx_lab_match_all(struct hx_lab *lab); /* Resting orders and triggers meet the prices of now. */

/* algo.c */
/* 0 and the order, or the venue's code. `algo` carries the fields; seq, status and times are set here. */
int32_t hx_lab_algo_place(struct hx_lab *lab, const struct hx_lab_algo *algo, struct hx_lab_algo **out);
void hx_lab_algo_trigger_all(struct hx_lab *lab);
hx_str hx_lab_algo_status_text(const struct hx_lab *lab, const struct hx_lab_algo *algo);
hx_str hx_lab_algo_type_text(enum hx_lab_algo_type type);
int64_t hx_lab_algo_id(const struct hx_lab_algo *algo);

/* faults.c */
/* Decides what happens to a request. Returns the deciding rule's fault or NULL; *bend and *delay_ms get the rest. */
const struct hx_lab_fault *hx_lab_decide_fault(struct hx_lab *lab, const struct hx_lab_request *request,
                                               struct hx_lab_bend *bend, int64_t *delay_ms);
bool hx_lab_halted_by_rule(const struct hx_lab *lab, hx_str symbol);

#endif
