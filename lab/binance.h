/* Binance's front end: USD-M futures under /fapi, spot under /api, both with the same key and way of signing. */
#ifndef HX_LAB_BINANCE_H
#define HX_LAB_BINANCE_H

#include "lab/wire.h"

/* binance_errors.c */
#define HX_LAB_BINANCE_ERROR_COUNT 72
extern const struct hx_lab_error hx_lab_binance_errors[HX_LAB_BINANCE_ERROR_COUNT];
void hx_lab_binance_write_error(struct hx_lab_call *call, int32_t code, hx_str msg);
bool hx_lab_binance_fail_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name,
                               const char *range);
/* Futures. The engine's refusal as a code, or as an answer with the limit it speaks of; always false. */
int32_t hx_lab_binance_code(enum hx_lab_refusal refusal);
bool hx_lab_binance_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, hx_lab_amount bound);

/* binance_auth.c: key, signature, time */
bool hx_lab_check_key(struct hx_lab_call *call);
bool hx_lab_check_signature(struct hx_lab_call *call);
bool hx_lab_check_time(struct hx_lab_call *call); /* timestamp and recvWindow alone. */

/* binance_limits.c: weight and order counters with the venue's headers */
bool hx_lab_admit_weight(struct hx_lab_call *call, uint32_t weight); /* -1003 with 429 or 418. */
bool hx_lab_admit_order(struct hx_lab_call *call);                   /* -1015 with 429. */
void hx_lab_count_order(struct hx_lab_call *call);
void hx_lab_roll_order_windows(struct hx_lab_call *call);
void hx_lab_binance_add_headers(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text);

/* binance_lists.c: startTime, endTime, a first id and limit: -1127 when more than `days` apart. */
bool hx_lab_param_range(struct hx_lab_call *call, const char *from_name, int64_t days, struct hx_lab_range *range);

/* binance_futures_order.c */
void hx_lab_post_order(struct hx_lab_call *call);
void hx_lab_post_order_test(struct hx_lab_call *call);
void hx_lab_get_order_query(struct hx_lab_call *call);
void hx_lab_get_open_order(struct hx_lab_call *call);
void hx_lab_delete_order(struct hx_lab_call *call);
void hx_lab_get_open_orders(struct hx_lab_call *call);
void hx_lab_delete_open_orders(struct hx_lab_call *call);
void hx_lab_get_all_orders(struct hx_lab_call *call);
/* Reads symbol, side, positionSide and checks them against each other and the mode. */
bool hx_lab_read_side(struct hx_lab_call *call, struct hx_lab_market **market, bool *buy,
                      enum hx_lab_position_side *side);
bool hx_lab_read_reduce_only(struct hx_lab_call *call, bool *reduce_only); /* -1106 in hedge mode. */
bool hx_lab_read_tif(struct hx_lab_call *call, bool mandatory, enum hx_lab_tif *tif);

/* binance_futures_trade.c */
void hx_lab_get_user_trades(struct hx_lab_call *call);

/* binance_futures_algo.c */
void hx_lab_post_algo(struct hx_lab_call *call);
void hx_lab_get_algo_query(struct hx_lab_call *call);
void hx_lab_delete_algo(struct hx_lab_call *call);
void hx_lab_get_open_algos(struct hx_lab_call *call);
void hx_lab_get_all_algos(struct hx_lab_call *call);
void hx_lab_delete_open_algos(struct hx_lab_call *call);

/* binance_futures_account.c */
void hx_lab_post_leverage(struct hx_lab_call *call);
void hx_lab_post_margin_type(struct hx_lab_call *call);
void hx_lab_get_position_mode(struct hx_lab_call *call);
void hx_lab_post_position_mode(struct hx_lab_call *call);
void hx_lab_get_multi_assets(struct hx_lab_call *call);
void hx_lab_post_multi_assets(struct hx_lab_call *call);
void hx_lab_get_account_config(struct hx_lab_call *call);
void hx_lab_get_symbol_config(struct hx_lab_call *call);
void hx_lab_get_position_risk_v2(struct hx_lab_call *call);
void hx_lab_get_position_risk_v3(struct hx_lab_call *call);
void hx_lab_get_balance(struct hx_lab_call *call);
void hx_lab_get_account_v3(struct hx_lab_call *call);
void hx_lab_get_commission_rate(struct hx_lab_call *call);
void hx_lab_get_leverage_bracket(struct hx_lab_call *call);

/* binance_futures_market.c */
void hx_lab_get_ping(struct hx_lab_call *call);
void hx_lab_get_time(struct hx_lab_call *call);
void hx_lab_get_exchange_info(struct hx_lab_call *call);
void hx_lab_get_premium_index(struct hx_lab_call *call);
void hx_lab_get_ticker_price(struct hx_lab_call *call);
void hx_lab_get_book_ticker(struct hx_lab_call *call);

/* binance_stream.c */
void hx_lab_listen_key(struct hx_lab_call *call);

/* binance.c */
bool hx_lab_binance_check_rights(struct hx_lab_call *call);

#endif
