/* Requests to Binance in the making: what both products' encoders share. For the adapters' own files only.
 *
 * All parameters travel in the query, also of POST and DELETE; recvWindow and timestamp follow them, and the signature
 * is the query's last parameter. Nothing here suspends. */
#ifndef HX_CORE_VENUE_BINANCE_REQUEST_H
#define HX_CORE_VENUE_BINANCE_REQUEST_H

#include "core/venue/form.h"

/* A public GET; `query` NULL: without parameters. */
HX_MUST_USE hx_err hx_binance_finish_public(struct hx_form *query, const char *path, int64_t weight,
                                            struct hx_venue_call *call);
HX_MUST_USE hx_err hx_binance_finish_signed(const struct hx_venue_context *ctx, struct hx_form *query,
                                            enum hx_http_method method, const char *path, int64_t weight,
                                            struct hx_venue_call *call);
/* A signed GET with at most the symbol (empty: without). */
HX_MUST_USE hx_err hx_binance_encode_signed_question(const struct hx_venue_context *ctx, hx_str symbol,
                                                     const char *path, int64_t weight, struct hx_venue_call *call);
/* A public GET with the symbol. */
HX_MUST_USE hx_err hx_binance_encode_public_question(const struct hx_venue_context *ctx, hx_str symbol,
                                                     const char *path, int64_t weight, struct hx_venue_call *call);
/* symbol, side, type, quantity, and for limit orders price and timeInForce; the product's own parameters follow.
 * REJECT_INPUT when the id is none. */
HX_MUST_USE hx_err hx_binance_begin_order(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                                          struct hx_form *query);
/* The order of a client order id: GET asks for it, DELETE cancels it. */
HX_MUST_USE hx_err hx_binance_encode_by_client_id(const struct hx_venue_context *ctx, enum hx_http_method method,
                                                  hx_str symbol, hx_str client_order_id, const char *path,
                                                  int64_t weight, struct hx_venue_call *call);
HX_MUST_USE hx_err hx_binance_encode_fills(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id,
                                           hx_str page, const char *path, struct hx_venue_call *call);
hx_str hx_binance_side_name(enum hx_side side);

#endif
