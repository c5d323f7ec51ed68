/* MEXC's front end: contracts v1 under /api/v1/contract and /api/v1/private, spot v3 under /api/v3. Two venues in one
 * house: envelopes, signatures, codes, limits and units differ, the key does not.
 *
 * Contracts count contracts (market->contract_size base units each), speak JSON numbers and answer HTTP 200 whatever
 * happens; spot speaks text and statuses. */
#ifndef HX_LAB_MEXC_H
#define HX_LAB_MEXC_H

#include "lab/wire.h"

#define HX_LAB_MEXC_CONTRACT_ROUTE_COUNT 53
#define HX_LAB_MEXC_SPOT_ROUTE_COUNT 18
#define HX_LAB_MEXC_BATCH_MAX 50

/* mexc_contract.c, mexc_spot.c: the tables of endpoints. Contracts: weight is how many calls are allowed in weight_all
 * seconds (0: two). Spot: weight, and the weight without a symbol. */
extern const struct hx_lab_route hx_lab_mexc_contract_routes[HX_LAB_MEXC_CONTRACT_ROUTE_COUNT];
extern const struct hx_lab_route hx_lab_mexc_spot_routes[HX_LAB_MEXC_SPOT_ROUTE_COUNT];

/* mexc_errors.c. Codes of both products in one table; contracts give all of them HTTP 200. */
#define HX_LAB_MEXC_ERROR_COUNT 96
extern const struct hx_lab_error hx_lab_mexc_errors[HX_LAB_MEXC_ERROR_COUNT];
bool hx_lab_mexc_is_spot(const struct hx_lab_call *call); /* By the path: also for one that does not exist. */
void hx_lab_mexc_write_error(struct hx_lab_call *call, int32_t code, hx_str msg);
bool hx_lab_mexc_fail_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name,
                            const char *range);
/* The engine's refusal as the venue's code, answered; always false. */
bool hx_lab_mexc_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, const struct hx_lab_draft *draft);
bool hx_lab_mexc_spot_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, const struct hx_lab_draft *draft);

/* mexc_auth.c: key, time, signature, rights */
bool hx_lab_mexc_check_contract(struct hx_lab_call *call);
bool hx_lab_mexc_check_spot(struct hx_lab_call *call);

/* mexc_limits.c */
bool hx_lab_mexc_admit_contract(struct hx_lab_call *call); /* 510. */
bool hx_lab_mexc_admit_spot(struct hx_lab_call *call);     /* 429, then 418. */
void hx_lab_mexc_add_headers(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text);

/* mexc_params.c: what contract requests carry. Decimals and integers must be JSON numbers where they come in a body;
 * ids may be text. Each answers and returns false when it is wrong. */
enum hx_lab_presence { HX_LAB_OPTIONAL, HX_LAB_NEEDED };
bool hx_lab_mexc_read_int(struct hx_lab_call *call, const char *name, enum hx_lab_presence presence, int64_t *value);
bool hx_lab_mexc_read_id(struct hx_lab_call *call, const char *name, enum hx_lab_presence presence, int64_t *value);
bool hx_lab_mexc_read_decimal(struct hx_lab_call *call, const char *name, enum hx_lab_presence presence,
                              hx_lab_amount *value, uint32_t *places);
bool hx_lab_mexc_read_market(struct hx_lab_call *call, enum hx_lab_presence presence, struct hx_lab_market **market);
bool hx_lab_mexc_read_vol(struct hx_lab_call *call, const struct hx_lab_market *market, struct hx_lab_draft *draft);
/* A price of the market; absent or 0: none. */
bool hx_lab_mexc_read_price(struct hx_lab_call *call, const struct hx_lab_market *market, const char *name,
                            enum hx_lab_presence presence, hx_lab_amount *price);
/* 1 last, 2 fair, 3 index; absent: last. 3001. */
bool hx_lab_mexc_read_trend(struct hx_lab_call *call, const char *name, bool *by_mark);
/* Side, reduceOnly, positionMode, openType, leverage and positionId of something to be placed, against each other, the
 * account's mode and what is held. */
bool hx_lab_mexc_read_direction(struct hx_lab_call *call, const struct hx_lab_market *market,
                                struct hx_lab_draft *draft, int64_t *side);
void hx_lab_mexc_make_id(const struct hx_lab *lab, char storage[HX_LAB_CLIENT_ID_LEN_MAX], hx_str *id);

/* page_num and page_size of a list, newest first. */
struct hx_lab_mexc_page {
    int64_t skip, left;
};
bool hx_lab_mexc_read_page(struct hx_lab_call *call, int64_t size_max, struct hx_lab_mexc_page *page);
bool hx_lab_mexc_page_takes(struct hx_lab_mexc_page *page); /* Whether the next row is on the page. */
/* start_time and end_time (or startTime, endTime): the last 7 days unless said; 6003 beyond 90. */
bool hx_lab_mexc_read_span(struct hx_lab_call *call, hx_time *start, hx_time *end);
/* One of the numbers in a list such as "2,3"; an empty list has all. */
bool hx_lab_mexc_list_has(hx_str list, int64_t number);

/* mexc_answer.c: the envelope of contracts around what follows */
void hx_lab_mexc_open_object(struct hx_lab_call *call);
void hx_lab_mexc_open_array(struct hx_lab_call *call);
void hx_lab_mexc_close_object(struct hx_lab_call *call);
void hx_lab_mexc_close_array(struct hx_lab_call *call);
void hx_lab_mexc_answer_done(struct hx_lab_call *call); /* Success without data. */
void hx_lab_mexc_answer_number(struct hx_lab_call *call, int64_t data);
void hx_lab_mexc_answer_text(struct hx_lab_call *call, hx_str data);
void hx_lab_mexc_write_order(struct hx_lab_call *call, const struct hx_lab_order *order);
void hx_lab_mexc_write_fill(struct hx_lab_call *call, const struct hx_lab_fill *fill);

/* mexc_contract_market.c */
void hx_lab_mexc_fit_symbol(struct hx_lab_symbol *symbol);
void hx_lab_mexc_get_ping(struct hx_lab_call *call);
void hx_lab_mexc_get_detail(struct hx_lab_call *call);
void hx_lab_mexc_get_fair_price(struct hx_lab_call *call);
void hx_lab_mexc_get_index_price(struct hx_lab_call *call);
void hx_lab_mexc_get_ticker(struct hx_lab_call *call);
void hx_lab_mexc_get_funding(struct hx_lab_call *call);
void hx_lab_mexc_get_currencies(struct hx_lab_call *call);

/* mexc_contract_order.c */
void hx_lab_mexc_create(struct hx_lab_call *call);
void hx_lab_mexc_submit(struct hx_lab_call *call);       /* The older path: answers with the bare id. */
void hx_lab_mexc_submit_batch(struct hx_lab_call *call); /* Market makers only: 511. */
void hx_lab_mexc_cancel(struct hx_lab_call *call);
void hx_lab_mexc_cancel_external(struct hx_lab_call *call);
void hx_lab_mexc_cancel_all(struct hx_lab_call *call);

/* mexc_contract_query.c */
void hx_lab_mexc_get_external(struct hx_lab_call *call);
void hx_lab_mexc_get_order(struct hx_lab_call *call);
void hx_lab_mexc_batch_query(struct hx_lab_call *call);
void hx_lab_mexc_batch_query_external(struct hx_lab_call *call);
void hx_lab_mexc_get_open_orders(struct hx_lab_call *call);
void hx_lab_mexc_get_history_orders(struct hx_lab_call *call);
void hx_lab_mexc_get_deal_details(struct hx_lab_call *call);
void hx_lab_mexc_get_order_deals(struct hx_lab_call *call);
void hx_lab_mexc_get_open_count(struct hx_lab_call *call);

/* mexc_contract_account.c */
void hx_lab_mexc_get_positions(struct hx_lab_call *call);
void hx_lab_mexc_get_leverage(struct hx_lab_call *call);
void hx_lab_mexc_change_leverage(struct hx_lab_call *call);
void hx_lab_mexc_get_position_mode(struct hx_lab_call *call);
void hx_lab_mexc_change_position_mode(struct hx_lab_call *call);
void hx_lab_mexc_get_assets(struct hx_lab_call *call);
void hx_lab_mexc_get_asset(struct hx_lab_call *call);
void hx_lab_mexc_get_fee_rate(struct hx_lab_call *call);
void hx_lab_mexc_get_fee_rate_v2(struct hx_lab_call *call);
void hx_lab_mexc_change_risk_level(struct hx_lab_call *call); /* 8817. */

/* mexc_plan.c: conditional orders with ids of their own */
enum hx_lab_mexc_algo { HX_LAB_MEXC_PLAN, HX_LAB_MEXC_STOP, HX_LAB_MEXC_TRACK };
void hx_lab_mexc_plan_place(struct hx_lab_call *call);
void hx_lab_mexc_plan_change(struct hx_lab_call *call);
void hx_lab_mexc_plan_change_exits(struct hx_lab_call *call);
void hx_lab_mexc_plan_cancel(struct hx_lab_call *call);
void hx_lab_mexc_plan_cancel_all(struct hx_lab_call *call);
void hx_lab_mexc_plan_list(struct hx_lab_call *call);
/* NULL: no such one, of that kind. */
struct hx_lab_algo *hx_lab_mexc_find_algo(const struct hx_lab *lab, enum hx_lab_mexc_algo kind, int64_t id);
int64_t hx_lab_mexc_algo_state(const struct hx_lab_algo *algo); /* Of plan and stop orders, 1..5. */
int64_t hx_lab_mexc_algo_side(const struct hx_lab_algo *algo);
/* Refusals are answered. */
bool hx_lab_mexc_place_algo(struct hx_lab_call *call, struct hx_lab_algo *algo, struct hx_lab_algo **out);
void hx_lab_mexc_name_algo(const struct hx_lab *lab, struct hx_lab_algo *algo);         /* An id that no other has. */
void hx_lab_mexc_answer_algo(struct hx_lab_call *call, const struct hx_lab_algo *algo); /* Its id, as text. */
void hx_lab_mexc_write_algo_id(struct hx_lab_call *call, const char *name, const struct hx_lab_algo *algo);
void hx_lab_mexc_write_spawned(struct hx_lab_call *call, const char *name, const struct hx_lab_algo *algo);
/* Those of a kind that wait; market NULL: of all. */
void hx_lab_mexc_cancel_algos(struct hx_lab *lab, enum hx_lab_mexc_algo kind, const struct hx_lab_market *market);
/* What a plan or trailing order has in common with an order, read into `algo`. */
bool hx_lab_mexc_read_algo(struct hx_lab_call *call, struct hx_lab_algo *algo, int64_t *side);
/* Whether a list that asks for symbol, side and a span of time has it. */
struct hx_lab_mexc_wanted {
    struct hx_lab_market *market;
    int64_t side;
    hx_str states;
    hx_time start, end;
    struct hx_lab_mexc_page page;
};
bool hx_lab_mexc_read_wanted(struct hx_lab_call *call, struct hx_lab_mexc_wanted *wanted);
bool hx_lab_mexc_wants(const struct hx_lab *lab, const struct hx_lab_mexc_wanted *wanted, enum hx_lab_mexc_algo kind,
                       const struct hx_lab_algo *algo, int64_t state);

/* mexc_stop.c: exits of a position, set on it or brought by an order */
void hx_lab_mexc_stop_place(struct hx_lab_call *call);
void hx_lab_mexc_stop_change_price(struct hx_lab_call *call);
void hx_lab_mexc_stop_change_plan(struct hx_lab_call *call);
void hx_lab_mexc_stop_cancel(struct hx_lab_call *call);
void hx_lab_mexc_stop_cancel_all(struct hx_lab_call *call);
void hx_lab_mexc_stop_list(struct hx_lab_call *call);
void hx_lab_mexc_stop_open(struct hx_lab_call *call);
/* stopLossPrice, takeProfitPrice, lossTrend, profitTrend; 5003 when a price is on the wrong side of `price`. */
bool hx_lab_mexc_read_exits(struct hx_lab_call *call, const struct hx_lab_market *market, bool is_long,
                            hx_lab_amount price, struct hx_lab_exits *exits);
void hx_lab_mexc_after_fill(struct hx_lab *lab, struct hx_lab_order *order, const struct hx_lab_fill *fill);

/* mexc_track.c: trailing orders */
void hx_lab_mexc_track_place(struct hx_lab_call *call);
void hx_lab_mexc_track_change(struct hx_lab_call *call);
void hx_lab_mexc_track_cancel(struct hx_lab_call *call);
void hx_lab_mexc_track_list(struct hx_lab_call *call);

/* mexc_spot_market.c */
void hx_lab_mexc_spot_get_ping(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_time(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_info(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_symbols(struct hx_lab_call *call); /* defaultSymbols and selfSymbols. */
void hx_lab_mexc_spot_get_price(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_book(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_average(struct hx_lab_call *call);

/* mexc_spot_order.c */
#define HX_LAB_MEXC_QUOTE_MAX (2000000 * HX_LAB_UNIT)       /* Of a limit order. */
#define HX_LAB_MEXC_QUOTE_MAX_MARKET (100000 * HX_LAB_UNIT) /* Of a market order. */
void hx_lab_mexc_spot_post_order(struct hx_lab_call *call);
void hx_lab_mexc_spot_post_test(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_order(struct hx_lab_call *call);
void hx_lab_mexc_spot_delete_order(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_open(struct hx_lab_call *call);
void hx_lab_mexc_spot_delete_open(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_all(struct hx_lab_call *call);

/* mexc_spot_account.c */
void hx_lab_mexc_spot_get_account(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_trades(struct hx_lab_call *call);
void hx_lab_mexc_spot_get_fee(struct hx_lab_call *call);

#endif
