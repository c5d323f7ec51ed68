/* Binance USD-M futures: the adapter's two halves, encoding (binance_futures.c) and decoding (binance_answer.c).
 *
 * Outside specification: the REST documentation of USD-M futures; paths and fields are named where they are used.
 * Both position modes work: in hedge mode orders name their side and carry no reduceOnly (-1106). All parameters travel
 * in the query, also of POST and DELETE, and the signature is the query's last parameter. */
#ifndef HX_CORE_VENUE_BINANCE_FUTURES_H
#define HX_CORE_VENUE_BINANCE_FUTURES_H

#include "core/venue/adapter.h"

struct hx_venue_verdict hx_binance_decode_time(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                               hx_time *venue_time_ms);
struct hx_venue_verdict hx_binance_decode_rules(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                hx_str symbol, struct hx_symbol_rules *out);
struct hx_venue_verdict hx_binance_decode_mark_price(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol, hx_dec *out);
struct hx_venue_verdict hx_binance_decode_leverage(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str symbol,
                                                   int32_t leverage);
struct hx_venue_verdict hx_binance_decode_margin_mode(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer);
struct hx_venue_verdict hx_binance_decode_order(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                const struct hx_order_request *sent, struct hx_order_report *out);
struct hx_venue_verdict hx_binance_decode_query(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                hx_str symbol, hx_str client_order_id, uint32_t stage,
                                                struct hx_order_report *out);
struct hx_venue_verdict hx_binance_decode_cancel(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str symbol,
                                                 hx_str client_order_id, struct hx_order_report *out);
struct hx_venue_verdict hx_binance_decode_fills(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                hx_str symbol, hx_str venue_order_id, hx_str page,
                                                struct hx_fill_page *out);
struct hx_venue_verdict hx_binance_decode_position(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str symbol,
                                                   struct hx_venue_position *out);
struct hx_venue_verdict hx_binance_decode_equity(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str asset,
                                                 struct hx_equity *out);
void hx_binance_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out);

#endif
