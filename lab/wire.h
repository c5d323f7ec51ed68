/* The wire side of the laboratory: one request parsed, admitted, routed and answered in Binance USD-M's format.
 *
 * A handler reads parameters with the getters below; each answers the venue's error itself and returns false, upon
 * which the handler returns. What a handler writes into call->json is the body of a 200. */
#ifndef HX_LAB_WIRE_H
#define HX_LAB_WIRE_H

#include "lab/state.h"

/* errors.c: the venue's codes, texts and statuses */
bool hx_lab_fail(struct hx_lab_call *call, int32_t code);                      /* Always false. */
bool hx_lab_fail_about(struct hx_lab_call *call, int32_t code, hx_str detail); /* Fills the text's %s. */
bool hx_lab_fail_amount(struct hx_lab_call *call, int32_t code, hx_lab_amount amount);
/* The code with another text and status; an empty text is the code's own, status 0 its own. */
bool hx_lab_fail_as(struct hx_lab_call *call, uint32_t status, int32_t code, hx_str msg);

/* params.c */
void hx_lab_params_parse(struct hx_lab_params *params, hx_str query, hx_str body);
bool hx_lab_param_find(const struct hx_lab_call *call, const char *name, hx_str *value);          /* Query wins. */
bool hx_lab_param_get(struct hx_lab_call *call, const char *name, hx_str *value);                 /* -1102. */
bool hx_lab_param_i64(struct hx_lab_call *call, const char *name, bool *present, int64_t *value); /* -1100. */
bool hx_lab_param_bool(struct hx_lab_call *call, const char *name, bool *present, bool *value);   /* -1130. */
bool hx_lab_param_amount(struct hx_lab_call *call, const char *name, bool *present, hx_lab_amount *value,
                         uint32_t *places);                                                        /* -1100. */
bool hx_lab_param_market(struct hx_lab_call *call, bool mandatory, struct hx_lab_market **market); /* -1102, -1121. */
/* A new client id: the given one, checked (-1100, -4015), or one made by the venue in `storage`. */
bool hx_lab_param_new_id(struct hx_lab_call *call, const char *name, char storage[HX_LAB_CLIENT_ID_LEN_MAX],
                         hx_str *id);

/* startTime, endTime, a first id and limit of a list. Both times are set: the venue shows a week at most. -1127. */
struct hx_lab_range {
    bool has_start, has_end, has_from;
    int64_t start, end, from, limit;
};
bool hx_lab_param_range(struct hx_lab_call *call, const char *from_name, struct hx_lab_range *range);

/* auth.c: key, signature, time */
bool hx_lab_check_key(struct hx_lab_call *call);
bool hx_lab_check_signature(struct hx_lab_call *call);

/* limits.c: weight and order counters with the venue's headers */
bool hx_lab_admit_weight(struct hx_lab_call *call, uint32_t weight); /* -1003 with 429 or 418. */
bool hx_lab_admit_order(struct hx_lab_call *call);                   /* -1015 with 429. */
void hx_lab_count_order(struct hx_lab_call *call);
void hx_lab_add_limit_headers(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text);

/* futures.c: routing */
void hx_lab_answer_futures(struct hx_lab_call *call);
size_t hx_lab_route_count(void);
void hx_lab_route_name(size_t index, struct hx_buf *buf); /* "POST /fapi/v1/order". */

/* writing numbers */
void hx_lab_write_fixed(struct hx_lab_call *call, const char *name, hx_lab_amount amount, uint32_t places);
void hx_lab_write_short(struct hx_lab_call *call, const char *name, hx_lab_amount amount);
void hx_lab_write_c(struct hx_lab_call *call, const char *name, const char *text);

/* futures_order.c */
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
hx_str hx_lab_tif_text(enum hx_lab_tif tif);
hx_str hx_lab_status_text(enum hx_lab_order_status status);
hx_str hx_lab_position_side_text(enum hx_lab_position_side side);

/* futures_trade.c */
void hx_lab_get_user_trades(struct hx_lab_call *call);
int64_t hx_lab_trade_id(const struct hx_lab_fill *fill);

/* futures_algo.c */
void hx_lab_post_algo(struct hx_lab_call *call);
void hx_lab_get_algo_query(struct hx_lab_call *call);
void hx_lab_delete_algo(struct hx_lab_call *call);
void hx_lab_get_open_algos(struct hx_lab_call *call);
void hx_lab_get_all_algos(struct hx_lab_call *call);
void hx_lab_delete_open_algos(struct hx_lab_call *call);

/* futures_account.c */
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
void hx_lab_listen_key(struct hx_lab_call *call);

/* futures_market.c */
void hx_lab_get_ping(struct hx_lab_call *call);
void hx_lab_get_time(struct hx_lab_call *call);
void hx_lab_get_exchange_info(struct hx_lab_call *call);
void hx_lab_get_premium_index(struct hx_lab_call *call);
void hx_lab_get_ticker_price(struct hx_lab_call *call);
void hx_lab_get_book_ticker(struct hx_lab_call *call);

/* control.c: /lab/... */
void hx_lab_answer_control(struct hx_lab_call *call);
const struct hx_json *hx_lab_control_body(struct hx_lab_call *call); /* NULL: not JSON, and answered. */
void hx_lab_control_fail(struct hx_lab_call *call, hx_str problem);  /* 400. */
void hx_lab_control_ok(struct hx_lab_call *call);

/* control_rules.c */
void hx_lab_control_get_faults(struct hx_lab_call *call);
void hx_lab_control_post_faults(struct hx_lab_call *call);
void hx_lab_control_delete_faults(struct hx_lab_call *call);
void hx_lab_control_post_settings(struct hx_lab_call *call);

#endif
