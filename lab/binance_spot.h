/* Binance spot: /api/v3 and what of /sapi a start-up check asks. */
#ifndef HX_LAB_BINANCE_SPOT_H
#define HX_LAB_BINANCE_SPOT_H

#include "lab/binance.h"

#define HX_LAB_SPOT_TRAILING_MIN 10
#define HX_LAB_SPOT_TRAILING_MAX 2000
#define HX_LAB_SPOT_ALGO_ORDERS_MAX 5

enum hx_lab_spot_answer { HX_LAB_SPOT_ACK, HX_LAB_SPOT_RESULT, HX_LAB_SPOT_FULL };

/* binance_spot.c: the table of routes; the engine's refusal as spot says it, always false */
#define HX_LAB_BINANCE_SPOT_ROUTES 17
extern const struct hx_lab_route hx_lab_binance_spot_routes[HX_LAB_BINANCE_SPOT_ROUTES];
bool hx_lab_spot_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, const struct hx_lab_draft *draft);

/* binance_spot_order.c */
void hx_lab_spot_post_order(struct hx_lab_call *call);
void hx_lab_spot_post_order_test(struct hx_lab_call *call);
void hx_lab_spot_get_order(struct hx_lab_call *call);
void hx_lab_spot_delete_order(struct hx_lab_call *call);
void hx_lab_spot_delete_open_orders(struct hx_lab_call *call);
void hx_lab_spot_write_query(struct hx_lab_call *call, const struct hx_lab_order *order);
const char *hx_lab_spot_type(const struct hx_lab_order *order);
hx_str hx_lab_spot_status(const struct hx_lab_order *order);

/* binance_spot_list.c */
void hx_lab_spot_get_open_orders(struct hx_lab_call *call);
void hx_lab_spot_get_all_orders(struct hx_lab_call *call);
void hx_lab_spot_get_my_trades(struct hx_lab_call *call);

/* binance_spot_account.c */
void hx_lab_spot_get_account(struct hx_lab_call *call);
void hx_lab_spot_get_commission(struct hx_lab_call *call);
void hx_lab_spot_get_order_rate(struct hx_lab_call *call);
void hx_lab_get_api_restrictions(struct hx_lab_call *call);

/* binance_spot_market.c */
void hx_lab_spot_get_exchange_info(struct hx_lab_call *call);
void hx_lab_spot_get_ticker_price(struct hx_lab_call *call);
void hx_lab_spot_get_book_ticker(struct hx_lab_call *call);

#endif
