/* Binance USD-M futures: the adapter's halves, encoding (binance_futures.c) and decoding (binance_futures_answer.c for
 * orders and stops, binance_futures_question.c for the rest). What spot answers alike is in binance_answer.h.
 *
 * Outside specification: the REST documentation of USD-M futures; paths and fields are named where they are used.
 * Both position modes work: in hedge mode orders name their side and carry no reduceOnly (-1106). Stops are orders of
 * the algo service, which has taken them over from the order endpoint (-4120). */
#ifndef HX_CORE_VENUE_BINANCE_FUTURES_H
#define HX_CORE_VENUE_BINANCE_FUTURES_H

#include "core/venue/adapter.h"

/* The adapter's budgets, in order. */
enum { HX_BINANCE_FUTURES_WEIGHT, HX_BINANCE_FUTURES_ORDERS_10S, HX_BINANCE_FUTURES_ORDERS_1M };

struct hx_venue_verdict hx_binance_futures_decode_time(const struct hx_venue_context *ctx,
                                                       const struct hx_http_answer *answer, hx_time *venue_time_ms);
struct hx_venue_verdict hx_binance_futures_decode_rules(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        struct hx_symbol_rules *out);
struct hx_venue_verdict hx_binance_futures_decode_mark_price(const struct hx_venue_context *ctx,
                                                             const struct hx_http_answer *answer, hx_str symbol,
                                                             hx_dec *out);
struct hx_venue_verdict hx_binance_futures_decode_leverage(const struct hx_venue_context *ctx,
                                                           const struct hx_http_answer *answer, hx_str symbol,
                                                           int32_t leverage);
struct hx_venue_verdict hx_binance_futures_decode_margin_mode(const struct hx_venue_context *ctx,
                                                              const struct hx_http_answer *answer);
struct hx_venue_verdict hx_binance_futures_decode_position_mode(const struct hx_venue_context *ctx,
                                                                const struct hx_http_answer *answer, bool *hedged);
struct hx_venue_verdict hx_binance_futures_decode_setting(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer, hx_str symbol,
                                                          struct hx_symbol_setting *out);
struct hx_venue_verdict hx_binance_futures_decode_order(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer,
                                                        const struct hx_order_request *sent,
                                                        struct hx_order_report *out);
struct hx_venue_verdict hx_binance_futures_decode_query(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        hx_str client_order_id, uint32_t stage,
                                                        struct hx_order_report *out);
struct hx_venue_verdict hx_binance_futures_decode_cancel(const struct hx_venue_context *ctx,
                                                         const struct hx_http_answer *answer, hx_str symbol,
                                                         hx_str client_order_id, struct hx_order_report *out);
struct hx_venue_verdict hx_binance_futures_decode_fills(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        hx_str venue_order_id, hx_str page, struct hx_fill_page *out);
struct hx_venue_verdict hx_binance_futures_decode_position(const struct hx_venue_context *ctx,
                                                           const struct hx_http_answer *answer, hx_str symbol,
                                                           struct hx_venue_position *out);
struct hx_venue_verdict hx_binance_futures_decode_equity(const struct hx_venue_context *ctx,
                                                         const struct hx_http_answer *answer, hx_str asset,
                                                         struct hx_equity *out);
struct hx_venue_verdict hx_binance_futures_decode_stop(const struct hx_venue_context *ctx,
                                                       const struct hx_http_answer *answer,
                                                       const struct hx_stop_request *sent, struct hx_stop_report *out);
struct hx_venue_verdict hx_binance_futures_decode_stop_query(const struct hx_venue_context *ctx,
                                                             const struct hx_http_answer *answer,
                                                             const struct hx_stop_request *stop,
                                                             struct hx_stop_report *out);
struct hx_venue_verdict hx_binance_futures_decode_stop_cancel(const struct hx_venue_context *ctx,
                                                              const struct hx_http_answer *answer,
                                                              const struct hx_stop_request *stop,
                                                              struct hx_stop_report *out);
struct hx_venue_verdict hx_binance_futures_decode_key_rights(const struct hx_venue_context *ctx,
                                                             const struct hx_http_answer *answer,
                                                             struct hx_key_rights *out);
void hx_binance_futures_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out);

/* STOP_MARKET or TAKE_PROFIT_MARKET. */
hx_str hx_binance_futures_stop_type(enum hx_stop_kind kind);
/* BOTH, LONG or SHORT. */
hx_str hx_binance_futures_position_side(enum hx_position_side side);

#endif
