/* Binance spot: the adapter's halves, encoding (binance_spot.c) and decoding (binance_spot_answer.c for orders and
 * stops, binance_spot_question.c for the rest). What USD-M futures answer alike is in binance_answer.h.
 *
 * Outside specification: the REST documentation of spot; paths and fields are named where they are used. Spot has no
 * positions: what is held of the base asset is the position, free or locked in open orders, and nothing can be short.
 * A market order is given as a quantity of base, on both sides. A stop is an order of the order endpoint that waits for
 * the last price; it and the order it becomes are one. */
#ifndef HX_CORE_VENUE_BINANCE_SPOT_H
#define HX_CORE_VENUE_BINANCE_SPOT_H

#include "core/venue/adapter.h"

/* The adapter's budgets, in order. */
enum { HX_BINANCE_SPOT_WEIGHT, HX_BINANCE_SPOT_ORDERS_10S, HX_BINANCE_SPOT_ORDERS_1D };

struct hx_venue_verdict hx_binance_spot_decode_time(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer, hx_time *venue_time_ms);
struct hx_venue_verdict hx_binance_spot_decode_rules(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     struct hx_symbol_rules *out);
struct hx_venue_verdict hx_binance_spot_decode_mark_price(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer, hx_str symbol,
                                                          hx_dec *out);
struct hx_venue_verdict hx_binance_spot_decode_order(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer,
                                                     const struct hx_order_request *sent, struct hx_order_report *out);
struct hx_venue_verdict hx_binance_spot_decode_query(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     hx_str client_order_id, uint32_t stage,
                                                     struct hx_order_report *out);
struct hx_venue_verdict hx_binance_spot_decode_cancel(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str symbol,
                                                      hx_str client_order_id, struct hx_order_report *out);
struct hx_venue_verdict hx_binance_spot_decode_fills(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     hx_str venue_order_id, hx_str page, struct hx_fill_page *out);
struct hx_venue_verdict hx_binance_spot_decode_position(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        struct hx_venue_position *out);
struct hx_venue_verdict hx_binance_spot_decode_equity(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str asset,
                                                      struct hx_equity *out);
struct hx_venue_verdict hx_binance_spot_decode_stop(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer,
                                                    const struct hx_stop_request *sent, struct hx_stop_report *out);
struct hx_venue_verdict hx_binance_spot_decode_stop_query(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer,
                                                          const struct hx_stop_request *stop,
                                                          struct hx_stop_report *out);
struct hx_venue_verdict hx_binance_spot_decode_stop_cancel(const struct hx_venue_context *ctx,
                                                           const struct hx_http_answer *answer,
                                                           const struct hx_stop_request *stop,
                                                           struct hx_stop_report *out);
struct hx_venue_verdict hx_binance_spot_decode_key_rights(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer,
                                                          struct hx_key_rights *out);
void hx_binance_spot_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out);

/* STOP_LOSS or TAKE_PROFIT: both become market orders. */
hx_str hx_binance_spot_stop_type(enum hx_stop_kind kind);

#endif
