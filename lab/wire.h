/* The wire side of the laboratory, common to the venues: what a front end is, how a request finds its handler, and how
 * handlers read parameters and write answers.
 *
 * A front end is one constant `struct hx_lab_front` and its tables of routes, named as core/base/venues.h names the
 * venue. Nothing outside its files asks which venue it is. A handler reads parameters with the getters below; each
 * answers the venue's error itself and returns false, upon which the handler returns. What a handler writes into
 * call->json is the body of a 200. */
#ifndef HX_LAB_WIRE_H
#define HX_LAB_WIRE_H

#include "lab/state.h"

enum hx_lab_route_kind {
    HX_LAB_ROUTE_OTHER,
    HX_LAB_ROUTE_ORDER,       /* Places an order: counted as one, and what a fault's "order" means. */
    HX_LAB_ROUTE_CONDITIONAL, /* Places a conditional order: "order" too. */
    HX_LAB_ROUTE_QUERY,       /* Asks for one order: "query". */
};

enum hx_lab_security { HX_LAB_SECURITY_NONE, HX_LAB_SECURITY_KEY, HX_LAB_SECURITY_SIGNED };

struct hx_lab_route {
    enum hx_http_method method;
    const char *path; /* "{}" stands for one segment: call->segments, in order. */
    enum hx_lab_route_kind kind;
    enum hx_lab_product product; /* Where the path says it. */
    enum hx_lab_security security;
    uint32_t weight;     /* In the venue's own counting. With a symbol, or where it makes no difference. */
    uint32_t weight_all; /* Without a symbol; 0: the same. */
    void (*run)(struct hx_lab_call *call);
};

struct hx_lab_table {
    const struct hx_lab_route *routes;
    uint32_t count;
};
#define HX_LAB_TABLE(list) \
    { (list), sizeof(list) / sizeof((list)[0]) }
#define HX_LAB_TABLES_MAX 4

/* A code of the venue with its text and HTTP status. One %s at most: the detail. */
struct hx_lab_error {
    int32_t code;
    uint32_t status;
    const char *text;
};

/* What can be wrong with a parameter. */
enum hx_lab_param_problem {
    HX_LAB_PARAM_MISSING,
    HX_LAB_PARAM_EMPTY,
    HX_LAB_PARAM_ILLEGAL,   /* Characters outside `range`. */
    HX_LAB_PARAM_INVALID,   /* A value that is none of those allowed. */
    HX_LAB_PARAM_UNWANTED,  /* Sent where it must not be. */
    HX_LAB_PARAM_NO_SYMBOL, /* Not listed. */
    HX_LAB_PARAM_LONG_ID,   /* A client order id over the venue's length. */
};

/* What the venue's documents say of one of its products. */
struct hx_lab_facts {
    int32_t maker_fee, taker_fee; /* Of an account of the lowest tier, in units of 10^-6 of the notional. */
    enum hx_lab_id_rule id_rule;
    bool has_uuids;              /* Orders and trades have UUIDs; else numbers, which begin behind these: */
    int64_t order_id_base;       /* Of the first, third ... symbol; */
    int64_t order_id_base_other; /* of the second, fourth ...; 0: the same. */
    int64_t trade_id_base;       /* 0: as hx_lab_trade_id has it. */
    const char *order_id_prefix; /* In front of the number; NULL: nothing. */
    bool has_underscores;        /* Symbols are written BTC_USDT. */
};

struct hx_lab_front {
    struct hx_lab_facts facts[HX_LAB_PRODUCTS];
    struct hx_lab_speech speech[HX_LAB_PRODUCTS];
    struct hx_lab_table tables[HX_LAB_TABLES_MAX];
    const char *const *kept_headers; /* Those a request that arrives later still has; NULL at the end. */
    const struct hx_lab_error *errors;
    uint32_t error_count;
    bool one_account; /* Futures and spot share their balances. */
    uint32_t client_id_len_max[HX_LAB_PRODUCTS];
    const char *client_id_chars[HX_LAB_PRODUCTS]; /* Besides letters and digits. */
    const char *client_id_range[HX_LAB_PRODUCTS]; /* The same in the words of the venue's error. */
    /* Parameters, limits, key, signature and time, in the venue's order. False: refused, and answered. */
    bool (*admit)(struct hx_lab_call *call);
    void (*answer_unknown)(struct hx_lab_call *call); /* No such path: 404 or what the venue says, in its envelope. */
    /* The envelope around an error, written into an empty body. The status is set before. */
    void (*write_error)(struct hx_lab_call *call, int32_t code, hx_str msg);
    /* Always false, having answered. `range` is for ILLEGAL. */
    bool (*fail_param)(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name,
                       const char *range);
    void (*add_headers)(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text);
    /* Streams: NULL where the venue has none. See stream.h. */
    const struct hx_lab_stream_front *streams;
    /* A request that came over a stream, which is the body of the call: processed as its REST counterpart, whose answer
     * is left in the call. */
    void (*answer_message)(struct hx_lab_call *call);
    struct hx_lab_error maintenance; /* What it answers when it is closed; status 200 where errors travel so. */
    uint32_t trigger_count_max[HX_LAB_PRODUCTS]; /* Conditional orders of a symbol; 0: no limit. */
    uint32_t open_count_max[HX_LAB_PRODUCTS];    /* Orders of a symbol; 0: HX_LAB_OPEN_ORDERS_PER_SYMBOL_MAX. */
    /* After each fill, books done; may place. NULL: nothing to do. */
    void (*after_fill)(struct hx_lab *lab, struct hx_lab_order *order, const struct hx_lab_fill *fill);
    int32_t limit_code;     /* With 429, 403 or 418 when a fault names no code. */
    int64_t ack_delay_ms;   /* See hx_lab_set_ack_delay. */
    bool pays_makers;       /* A maker's fee may be negative. */
    bool mode_is_of_symbol; /* The position mode is each symbol's own, not the account's. */
    /* A built-in symbol's rules, which are Binance's, as they are here. NULL: the same. */
    void (*fit_symbol)(struct hx_lab_symbol *symbol);
};

/* front.c */
const struct hx_lab_front *hx_lab_front_of(enum hx_lab_venue venue);
/* hx_lab_binance and its fellows: one for each venue in core/base/venues.h. */
#define HX_LAB_ROW_FRONT(constant, name) extern const struct hx_lab_front hx_lab_##name;
HX_VENUE_ROWS(HX_LAB_ROW_FRONT, HX_LAB_ROW_FRONT)

/* route.c: the way of a request to its handler */
void hx_lab_answer(struct hx_lab_call *call);
/* NULL: no such path. *index counts over all tables; *segments, HX_LAB_SEGMENTS_MAX long, may be NULL. */
const struct hx_lab_route *hx_lab_find_route(const struct hx_lab_front *front, enum hx_http_method method, hx_str path,
                                             uint32_t *index, hx_str *segments);
uint32_t hx_lab_route_count(const struct hx_lab_front *front);
void hx_lab_add_route_name(struct hx_buf *buf, const struct hx_lab_front *front,
                           uint32_t index); /* "POST /fapi/v1/order". */
hx_str hx_lab_method_name(enum hx_http_method method);
bool hx_lab_find_header(const struct hx_lab_request *request, const char *name, hx_str *value); /* Any case. */
/* Fixed windows of length_ms of the venue's clock. False, and not counted, when over the limit. */
bool hx_lab_window_admit(struct hx_lab_window *window, hx_time clock, int64_t length_ms, uint32_t limit,
                         uint32_t weight);
void hx_lab_add_number_header(struct hx_lab_response *out, struct hx_buf *text, const char *name, int64_t value);

/* errors.c: all answer in the venue's envelope and return false. What a handler had begun to write is replaced. */
bool hx_lab_fail(struct hx_lab_call *call, int32_t code);
bool hx_lab_fail_about(struct hx_lab_call *call, int32_t code, hx_str detail); /* Fills the text's %s. */
bool hx_lab_fail_amount(struct hx_lab_call *call, int32_t code, hx_lab_amount amount);
/* The code with another text and status; an empty text is the code's own, status 0 its own. */
bool hx_lab_fail_as(struct hx_lab_call *call, uint32_t status, int32_t code, hx_str msg);

/* params.c: query, form or JSON body as names and values */
void hx_lab_params_parse(struct hx_lab_params *params, hx_str query, hx_str body);
/* The query, then the members of the JSON object in the body (numbers as their text, null as absent; objects and arrays
 * only in call->json_body). An empty body is none. False: not JSON; nothing is answered. */
bool hx_lab_params_parse_json(struct hx_lab_call *call);
bool hx_lab_param_find(const struct hx_lab_call *call, const char *name, hx_str *value); /* Query wins. */
bool hx_lab_param_get(struct hx_lab_call *call, const char *name, hx_str *value);
bool hx_lab_param_i64(struct hx_lab_call *call, const char *name, bool *present, int64_t *value); /* >= 0. */
bool hx_lab_param_bool(struct hx_lab_call *call, const char *name, bool *present, bool *value);
bool hx_lab_param_amount(struct hx_lab_call *call, const char *name, bool *present, hx_lab_amount *value,
                         uint32_t *places);
/* The symbol in call->product, written the venue's way. */
bool hx_lab_param_market(struct hx_lab_call *call, bool mandatory, struct hx_lab_market **market);
/* A new client id: the given one, checked, or one made by the venue in `storage`. */
bool hx_lab_param_new_id(struct hx_lab_call *call, const char *name, char storage[HX_LAB_CLIENT_ID_LEN_MAX],
                         hx_str *id);

/* startTime, endTime, a first id and limit of a list. Both times are set; no more than `days` apart. */
struct hx_lab_range {
    bool has_start, has_end, has_from;
    int64_t start, end, from, limit;
};

/* write.c: numbers and words of answers */
void hx_lab_write_fixed(struct hx_lab_call *call, const char *name, hx_lab_amount amount, uint32_t places);
void hx_lab_write_short(struct hx_lab_call *call, const char *name, hx_lab_amount amount);
void hx_lab_write_number(struct hx_lab_call *call, const char *name, hx_lab_amount amount); /* A JSON number, short. */
void hx_lab_write_c(struct hx_lab_call *call, const char *name, const char *text);
void hx_lab_write_i64_text(struct hx_lab_call *call, const char *name, int64_t value); /* "1700000000000" */
void hx_lab_write_order_id(struct hx_lab_call *call, const char *name,
                           const struct hx_lab_order *order); /* A string. */
void hx_lab_write_trade_id(struct hx_lab_call *call, const char *name, const struct hx_lab_fill *fill);
void hx_lab_json_fixed(struct hx_json_writer *json, const char *name, hx_lab_amount amount, uint32_t places);
void hx_lab_json_short(struct hx_json_writer *json, const char *name, hx_lab_amount amount);
void hx_lab_json_number(struct hx_json_writer *json, const char *name, hx_lab_amount amount);
void hx_lab_json_i64_text(struct hx_json_writer *json, const char *name, int64_t value);
void hx_lab_json_order_id(struct hx_json_writer *json, const char *name, const struct hx_lab *lab,
                          const struct hx_lab_order *order);
void hx_lab_json_trade_id(struct hx_json_writer *json, const char *name, const struct hx_lab *lab,
                          const struct hx_lab_fill *fill);
void hx_lab_json_c(struct hx_json_writer *json, const char *name, const char *text);
hx_lab_amount hx_lab_order_average(const struct hx_lab_order *order); /* 0 when nothing is filled. */
hx_str hx_lab_tif_text(enum hx_lab_tif tif);
hx_str hx_lab_status_text(enum hx_lab_order_status status);
hx_str hx_lab_position_side_text(enum hx_lab_position_side side);

/* control.c: /lab/... */
void hx_lab_answer_control(struct hx_lab_call *call);

#endif
