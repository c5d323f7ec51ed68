/* Bybit's front end (v5): one set of paths for linear and spot, chosen by `category`; one unified account; HTTP 200 and
 * a code in the body for nearly everything; orders, amendments and cancels that are acknowledged before they are done.
 */
#ifndef HX_LAB_BYBIT_H
#define HX_LAB_BYBIT_H

#include "lab/bybit_words.h"

#define HX_LAB_BYBIT_BAN_MS (10 * HX_MS_PER_MINUTE)
#define HX_LAB_BYBIT_KEEPS_CLOSED 500 /* Closed orders of a category that /v5/order/realtime still shows. */
#define HX_LAB_BYBIT_PARTIAL_STOPS_MAX 20
#define HX_LAB_BYBIT_SEQ_BASE 140612148000000 /* `seq` of fills and positions: this and the fill's number. */

/* bybit_errors.c */
#define HX_LAB_BYBIT_ERROR_COUNT 121
extern const struct hx_lab_error hx_lab_bybit_errors[HX_LAB_BYBIT_ERROR_COUNT];
void hx_lab_bybit_write_error(struct hx_lab_call *call, int32_t code, hx_str msg);
bool hx_lab_bybit_fail_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name,
                             const char *range);
/* One code for linear, another for spot; always false. */
bool hx_lab_bybit_fail_by(struct hx_lab_call *call, int32_t linear, int32_t spot);
/* 10001 with a sentence that names what is wrong; always false. */
bool hx_lab_bybit_fail_with(struct hx_lab_call *call, const char *msg);
/* The engine's refusal; always false. */
bool hx_lab_bybit_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, const struct hx_lab_draft *draft);

/* bybit_auth.c: key, clock, signature, permissions; all answer and return false when they refuse */
bool hx_lab_bybit_check_key(struct hx_lab_call *call);
bool hx_lab_bybit_check_time(struct hx_lab_call *call);
bool hx_lab_bybit_check_signature(struct hx_lab_call *call);
bool hx_lab_bybit_check_rights(struct hx_lab_call *call);

/* bybit_limits.c */
bool hx_lab_bybit_admit_address(struct hx_lab_call *call); /* 600 in 5 s, then HTTP 403 for ten minutes. */
bool hx_lab_bybit_admit_user(struct hx_lab_call *call);    /* By route and category: 10006. */
/* What is left of the account's limit for the call's path and category; `reset`: when it begins anew if nothing is
 * left, else the time of now. False: nothing is counted. */
struct hx_lab_bybit_rate {
    uint32_t limit, left;
    hx_time reset;
};
bool hx_lab_bybit_rate_of(const struct hx_lab_call *call, struct hx_lab_bybit_rate *rate);
void hx_lab_bybit_add_headers(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text);

/* bybit_params.c: members of the JSON body (POST) or pairs of the query (GET), typed as the venue types them. An empty
 * text is an absent one. All answer and return false when the value is not usable. */
bool hx_lab_bybit_text(struct hx_lab_call *call, const char *name, hx_str *value); /* Empty when absent. */
bool hx_lab_bybit_amount(struct hx_lab_call *call, const char *name, bool *present, hx_lab_amount *value,
                         uint32_t *places); /* A JSON string. Not negative. */
bool hx_lab_bybit_int(struct hx_lab_call *call, const char *name, bool *present, int64_t *value); /* A JSON number. */
bool hx_lab_bybit_flag(struct hx_lab_call *call, const char *name,
                       bool *value); /* A JSON boolean; false when absent. */
/* One of `words`, NULL at the end; *index is what it was when absent. */
bool hx_lab_bybit_word(struct hx_lab_call *call, const char *name, const char *const *words, uint32_t *index);
void hx_lab_bybit_guess_product(struct hx_lab_call *call);                   /* What limits count as; never an error. */
bool hx_lab_bybit_read_category(struct hx_lab_call *call, bool linear_only); /* Sets call->product. */
bool hx_lab_bybit_market(struct hx_lab_call *call, bool mandatory, struct hx_lab_market **market);
/* NULL: no such order, or one that is not visible. By orderId, else by orderLinkId; one of them is needed. */
bool hx_lab_bybit_find_asked(struct hx_lab_call *call, struct hx_lab_order **order);

/* startTime and endTime (at most 7 days), limit, cursor of a list that goes from new to old. */
struct hx_lab_bybit_page {
    int64_t start, end; /* Inclusive; all time when neither is given and `is_by_id`. */
    uint64_t before;    /* Sequence numbers below it. */
    uint32_t limit;
};
bool hx_lab_bybit_page(struct hx_lab_call *call, uint32_t limit_default, uint32_t limit_max, bool is_by_id,
                       struct hx_lab_bybit_page *page);
/* Where a list by position goes on: 0 without a cursor. */
bool hx_lab_bybit_cursor(struct hx_lab_call *call, uint64_t *position);
void hx_lab_bybit_write_cursor(struct hx_lab_call *call, uint64_t position); /* nextPageCursor; 0: "". */

/* bybit_shape.c: what answers and streams say of things */
void hx_lab_bybit_open(struct hx_lab_call *call, const char *msg); /* The envelope up to result's first member. */
void hx_lab_bybit_close(struct hx_lab_call *call);                 /* From result's end. */
void hx_lab_bybit_answer_empty(struct hx_lab_call *call);          /* OK and an empty result. */
void hx_lab_bybit_write_category(struct hx_lab_call *call);
/* cumExecFee and cumFeeDetail: of the fills up to that quantity. */
void hx_lab_bybit_write_fees(struct hx_json_writer *json, const struct hx_lab *lab, const struct hx_lab_order *order,
                             hx_lab_amount executed);
void hx_lab_bybit_write_order(struct hx_lab_call *call, const struct hx_lab_order *order, bool in_stream);
void hx_lab_bybit_write_fill(struct hx_lab_call *call, const struct hx_lab_fill *fill, bool in_stream);

/* bybit_market.c */
void hx_lab_bybit_get_time(struct hx_lab_call *call);
void hx_lab_bybit_get_instruments(struct hx_lab_call *call);
void hx_lab_bybit_get_tickers(struct hx_lab_call *call);
void hx_lab_bybit_get_price_limit(struct hx_lab_call *call);
void hx_lab_bybit_get_status(struct hx_lab_call *call);
/* The members of a ticker, without braces. */
void hx_lab_bybit_write_ticker(struct hx_lab_call *call, const struct hx_lab_market *market);

/* bybit_order.c */
void hx_lab_bybit_create(struct hx_lab_call *call);

/* bybit_change.c */
void hx_lab_bybit_amend(struct hx_lab_call *call);
void hx_lab_bybit_cancel(struct hx_lab_call *call);
void hx_lab_bybit_cancel_all(struct hx_lab_call *call);

/* bybit_query.c */
void hx_lab_bybit_get_realtime(struct hx_lab_call *call);
void hx_lab_bybit_get_history(struct hx_lab_call *call);
void hx_lab_bybit_get_executions(struct hx_lab_call *call);

/* bybit_position.c */
void hx_lab_bybit_get_positions(struct hx_lab_call *call);
void hx_lab_bybit_write_position(struct hx_lab_call *call, const struct hx_lab_market *market,
                                 enum hx_lab_position_side side, bool in_stream);
void hx_lab_bybit_set_leverage(struct hx_lab_call *call);
void hx_lab_bybit_switch_mode(struct hx_lab_call *call);
/* positionIdx, which must fit the symbol's mode. */
bool hx_lab_bybit_read_side(struct hx_lab_call *call, const struct hx_lab_market *market,
                            enum hx_lab_position_side *side);

/* bybit_stops.c: take-profit, stop-loss and trailing stop of a position */
void hx_lab_bybit_set_trading_stop(struct hx_lab_call *call);
void hx_lab_bybit_after_fill(struct hx_lab *lab, struct hx_lab_order *order, const struct hx_lab_fill *fill);
/* The position's own order of that kind; NULL: none. */
struct hx_lab_order *hx_lab_bybit_find_stop(const struct hx_lab *lab, const struct hx_lab_market *market,
                                            enum hx_lab_position_side side, enum hx_lab_bybit_stop stop);
/* takeProfit, stopLoss and what goes with them, of a new order. */
bool hx_lab_bybit_read_exits(struct hx_lab_call *call, struct hx_lab_draft *draft);

/* bybit_account.c */
void hx_lab_bybit_get_account(struct hx_lab_call *call);
void hx_lab_bybit_set_margin_mode(struct hx_lab_call *call);
void hx_lab_bybit_get_wallet(struct hx_lab_call *call);
void hx_lab_bybit_write_wallet(struct hx_lab_call *call, hx_str coins); /* `coins`: "USDT,BTC"; empty: what there is. */
void hx_lab_bybit_get_fee_rate(struct hx_lab_call *call);
void hx_lab_bybit_get_key(struct hx_lab_call *call);

#endif
