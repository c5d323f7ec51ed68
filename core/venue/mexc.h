/* MEXC: the adapters of its USDT-M futures (contract API v1, mexc_futures*.c) and of spot (API v3, mexc_spot*.c), and
 * their codes (mexc_codes.c).
 *
 * Outside specification: MEXC's two REST documentations; paths and fields are named where they are used. There is no
 * test network for either.
 *
 * What both have in common, and what follows from it:
 *   1. The answer to an order is its id only, an acknowledgement: what became of it is asked by client order id.
 *   2. So is the answer to a cancel taken.
 *   3. Requests older than the receive window are refused, so absence after that window is proof.
 *
 * Futures:
 *   4. A symbol is written with '_': BTCUSDT is BTC_USDT, split before one of the quote assets USDT, USDC and USD.
 *      A symbol that ends in none of them is refused. So are contracts that are settled in another coin than quoted.
 *   5. Quantities are contracts, printed as JSON numbers; hoox's are base units: contracts * contractSize.
 *   6. Sides are 1 open long, 2 close short, 3 open short, 4 close long in both position modes: what closes can't open,
 *      whatever mode was believed. The margin mode goes with every opening order and with the leverage, which long
 *      and short have each. There is no mode to keep: HOOX_MARGIN_MODE=keep means crossed.
 *   7. HTTP 200 says nothing: success and code do. An order that isn't known is a success without data.
 *   8. Numbers of an order that ended are judged by its errorCode too (hx_mexc_find_order_error).
 *   9. A stop is a trigger order (planorder/place/v2), which has no client order id: it is known by its figures, and
 *      identical ones are as good as one another (traits.stops_by_figures, docs/decisions/mexc-stops.md). One is
 *      looked for before it is placed. It vanishes after seven days (executeCycle 2): report.expires_ms says when.
 *
 * Spot:
 *  10. All parameters travel in the query, also of POST and DELETE; the signature is the query's last parameter.
 *  11. Whether a client order id can be used twice is not documented, so nothing is sent again without proof of
 * absence.
 *  12. A market buy is given in quote (quoteOrderQty), a market sell in base. There are no stops.
 *  13. An order's trades are listed a hundred at a time, by time and without a cursor (hx_mexc_spot_decode_fills). */
#ifndef HX_CORE_VENUE_MEXC_H
#define HX_CORE_VENUE_MEXC_H

#include "core/venue/answer.h"

/* Codes: each with what it proves and what to do. NULL: not documented. The lists are in order of code. */
const struct hx_venue_code *hx_mexc_futures_find_code(int64_t code);
const struct hx_venue_code *hx_mexc_futures_list_codes(size_t *count);
const struct hx_venue_code *hx_mexc_spot_find_code(int64_t code);
const struct hx_venue_code *hx_mexc_spot_list_codes(size_t *count);

/* Why a futures order ended: its errorCode. */
struct hx_mexc_order_error {
    int32_t code;
    enum hx_order_status status; /* Of an order that executed nothing. */
    const char *advice;
};
const struct hx_mexc_order_error *hx_mexc_find_order_error(int64_t code);
const struct hx_mexc_order_error *hx_mexc_list_order_errors(size_t *count);

/* BTCUSDT to BTC_USDT, in the arena. REJECT_INPUT, LIMIT_ARENA. */
HX_MUST_USE hx_err hx_mexc_contract_make(struct hx_arena *arena, hx_str symbol, hx_str *out);
/* The same for an encoder: sets call->refusal too. */
HX_MUST_USE hx_err hx_mexc_find_contract(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call,
                                         hx_str *out);
/* Base units to contracts; what is not a whole number of steps is not sent. REJECT_INPUT. */
HX_MUST_USE hx_err hx_mexc_count_contracts(const struct hx_venue_context *ctx, hx_dec quantity,
                                           struct hx_venue_call *call, hx_dec *out);
/* Completes a private call to the contract API: headers, and the text that is signed, from call->query or call->body.
 * The query's parameters must be in order of name. REJECT_INPUT for a receive window that isn't whole seconds. */
HX_MUST_USE hx_err hx_mexc_futures_sign(const struct hx_venue_context *ctx, struct hx_venue_call *call);

/* Orders of the contract API. */
struct hx_venue_verdict hx_mexc_futures_decode_order(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer,
                                                     const struct hx_order_request *sent, struct hx_order_report *out);
struct hx_venue_verdict hx_mexc_futures_decode_query(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     hx_str client_order_id, uint32_t stage,
                                                     struct hx_order_report *out);
struct hx_venue_verdict hx_mexc_futures_decode_cancel(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str symbol,
                                                      hx_str client_order_id, struct hx_order_report *out);
/* All fills of an order come in one answer; a page is HX_VENUE_PAGE_FILLS_MAX of them, and `page` is the id of the last
 * fill of the page before. */
struct hx_venue_verdict hx_mexc_futures_decode_fills(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     hx_str venue_order_id, hx_str page, struct hx_fill_page *out);
/* What the answer says when it isn't an envelope of success: DONE and *data (NULL: none) when it is. */
struct hx_venue_verdict hx_mexc_futures_open(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             enum hx_venue_purpose purpose, const struct hx_json **root,
                                             const struct hx_json **data);
void hx_mexc_futures_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out);

/* Stops of the contract API, in mexc_futures_stops.c. A list is asked for HX_MEXC_STOPS_MAX at a time, which is what an
 * answer has room for; one that is full proves no absence, and is UNKNOWN. */
#define HX_MEXC_STOPS_MAX 50
HX_MUST_USE hx_err hx_mexc_futures_encode_stop(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                               struct hx_venue_call *call);
HX_MUST_USE hx_err hx_mexc_futures_encode_stop_query(const struct hx_venue_context *ctx,
                                                     const struct hx_stop_request *stop, struct hx_venue_call *call);
HX_MUST_USE hx_err hx_mexc_futures_encode_stop_history(const struct hx_venue_context *ctx,
                                                       const struct hx_stop_request *stop, struct hx_venue_call *call);
HX_MUST_USE hx_err hx_mexc_futures_encode_stop_cancel(const struct hx_venue_context *ctx,
                                                      const struct hx_stop_request *stop, struct hx_venue_call *call);
struct hx_venue_verdict hx_mexc_futures_decode_stop(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer,
                                                    const struct hx_stop_request *sent, struct hx_stop_report *out);
/* Of those with the same figures the one that waits the longest. */
struct hx_venue_verdict hx_mexc_futures_decode_stop_query(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer,
                                                          const struct hx_stop_request *stop,
                                                          struct hx_stop_report *out);
struct hx_venue_verdict hx_mexc_futures_decode_stop_cancel(const struct hx_venue_context *ctx,
                                                           const struct hx_http_answer *answer,
                                                           const struct hx_stop_request *stop,
                                                           struct hx_stop_report *out);

/* Questions and settings of the contract API. */
struct hx_venue_verdict hx_mexc_futures_decode_time(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer, hx_time *venue_time_ms);
struct hx_venue_verdict hx_mexc_futures_decode_rules(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     struct hx_symbol_rules *out);
struct hx_venue_verdict hx_mexc_futures_decode_mark_price(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer, hx_str symbol,
                                                          hx_dec *out);
struct hx_venue_verdict hx_mexc_futures_decode_leverage(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        int32_t leverage);
struct hx_venue_verdict hx_mexc_futures_decode_position_mode(const struct hx_venue_context *ctx,
                                                             const struct hx_http_answer *answer, bool *hedged);
/* Stage 0: the leverage of both sides; stage 1: the positions, whose leverage and margin mode overrule it. */
struct hx_venue_verdict hx_mexc_futures_decode_setting(const struct hx_venue_context *ctx,
                                                       const struct hx_http_answer *answer, hx_str symbol,
                                                       struct hx_symbol_setting *out);
/* MEXC does not say the position mode here: `hedged` is set when both sides hold something, the sides always. */
struct hx_venue_verdict hx_mexc_futures_decode_position(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        struct hx_venue_position *out);
struct hx_venue_verdict hx_mexc_futures_decode_equity(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str asset,
                                                      struct hx_equity *out);

/* Spot. */
struct hx_venue_verdict hx_mexc_spot_decode_time(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_time *venue_time_ms);
struct hx_venue_verdict hx_mexc_spot_decode_rules(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer, hx_str symbol,
                                                  struct hx_symbol_rules *out);
struct hx_venue_verdict hx_mexc_spot_decode_mark_price(const struct hx_venue_context *ctx,
                                                       const struct hx_http_answer *answer, hx_str symbol, hx_dec *out);
struct hx_venue_verdict hx_mexc_spot_decode_order(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer,
                                                  const struct hx_order_request *sent, struct hx_order_report *out);
struct hx_venue_verdict hx_mexc_spot_decode_query(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer, hx_str symbol,
                                                  hx_str client_order_id, uint32_t stage, struct hx_order_report *out);
struct hx_venue_verdict hx_mexc_spot_decode_cancel(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str symbol,
                                                   hx_str client_order_id, struct hx_order_report *out);
/* What is held of the symbol's base asset, free and locked. */
struct hx_venue_verdict hx_mexc_spot_decode_position(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     struct hx_venue_position *out);
struct hx_venue_verdict hx_mexc_spot_decode_equity(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str asset,
                                                   struct hx_equity *out);
struct hx_venue_verdict hx_mexc_spot_read_failure(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer, enum hx_venue_purpose purpose);
/* A word of letters, digits, '-' and '_', or a whole number: how MEXC spot names orders and trades. */
bool hx_mexc_spot_read_id(const struct hx_json *object, hx_str name, hx_str *out);

void hx_mexc_spot_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out);

/* An order's trades, in mexc_spot_fills.c. A list as long as MEXC allows may be cut, at its far end in its own order:
 * then it goes on from there, and the trades of the last millisecond are left to the next list, which has them all. So
 * an order's trades may come with the later ones first. */
struct hx_form;
HX_MUST_USE hx_err hx_mexc_spot_add_fills(struct hx_form *query, hx_str symbol, hx_str venue_order_id, hx_str page);
struct hx_venue_verdict hx_mexc_spot_decode_fills(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer, hx_str symbol,
                                                  hx_str venue_order_id, hx_str page, struct hx_fill_page *out);

#endif
