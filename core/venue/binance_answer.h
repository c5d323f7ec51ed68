/* Reading Binance's answers: what the decoders of both products share. For the adapters' own files only.
 *
 * `market` says which product answers: the same code may mean something else there (binance_codes.h). Nothing here
 * suspends. */
#ifndef HX_CORE_VENUE_BINANCE_ANSWER_H
#define HX_CORE_VENUE_BINANCE_ANSWER_H

#include "core/venue/answer.h"

/* The verdict on an answer that is not the expected one: by HTTP status first, then by Binance's code. */
struct hx_venue_verdict hx_binance_read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                enum hx_market market, enum hx_venue_purpose purpose);

/* BUY or SELL in `side`. */
bool hx_binance_read_side(const struct hx_json *object, enum hx_side *side);
/* True when the object is an order of this symbol whose member `id_name` is the client order id: then its ids, status
 * and executed quantity are in `out` and what was ordered in `ordered`. The rest differs between the products; the
 * figures are still to be checked (hx_answer_order_is_consistent). */
bool hx_binance_read_order(const struct hx_venue_context *ctx, const struct hx_json *order, hx_str symbol,
                           hx_str id_name, hx_str client_order_id, struct hx_order_report *out, hx_dec *ordered);

/* Questions. In binance_question.c. */
struct hx_venue_verdict hx_binance_read_time(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             enum hx_market market, hx_time *venue_time_ms);
/* One symbol of exchangeInfo, extracted; an empty body: there is no such symbol. */
struct hx_venue_verdict hx_binance_read_rules(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              enum hx_market market, hx_str symbol, struct hx_symbol_rules *out);
/* An object with the symbol and a price above zero under `price_name`. */
struct hx_venue_verdict hx_binance_read_price(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              enum hx_market market, hx_str symbol, hx_str price_name, hx_dec *out);
/* A page of the trades of one order. */
struct hx_venue_verdict hx_binance_read_fills(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              enum hx_market market, hx_str symbol, hx_str venue_order_id, hx_str page,
                                              struct hx_fill_page *out);

#endif
