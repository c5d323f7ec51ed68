/* Bybit v5, linear futures (USDT and USDC) and spot: one interface of the venue, two adapters.
 *
 * Requests of both products are made in bybit.c and answers read in bybit_answer.c (orders, stops) and
 * bybit_question.c (everything else); what only one product has, its row of facts and the choice between the two are in
 * bybit_linear.c and bybit_spot.c. The venue's codes stand in bybit_codes.c.
 *
 * Outside specification: the v5 documentation of Bybit; paths and fields are named where they are used. What shapes the
 * adapters:
 * - Everything is answered with HTTP 200 and {retCode, retMsg, result, time}; numbers are strings, "" is none.
 * - The signature is a header over timestamp, key, window and the query or body as sent.
 * - Orders and cancels are acknowledged, not answered: the report says is_ack, and the truth is asked for in three
 *   places: open and recent orders, the history (which may lag), the executions (a fill proves the order).
 * - An id that was used before is refused, at once (110072, 170141) or later (a row of its own, Rejected with
 *   EC_DuplicatedClOrdID beside the first order's). For how long it is remembered is not documented, so a resend waits
 *   for the same proof of absence as elsewhere.
 * - Quantities are base units: hoox says so (marketUnit), because spot market buys would be amounts of quote otherwise.
 * - The margin mode belongs to the whole account. It is read (GET /v5/account/info) before it is set, and an account in
 *   portfolio margin counts as crossed. Leverage is set unasked: 110043 is Bybit's word that it already was so.
 * - The position mode belongs to the symbol: GET /v5/position/list lists index 0 in one-way mode, 1 and 2 in hedge
 * mode.
 * - Conditional orders become orders without a new id (unified accounts).
 *
 * Key rights: GET /v5/user/query-api, "Get API Key Information" of the v5 documentation: readOnly 0 or 1, permissions
 * by group (ContractTrade: Order, Position; Spot: SpotTrade; Wallet: Withdraw and transfers), ips (["*"]: any). */
#ifndef HX_CORE_VENUE_BYBIT_H
#define HX_CORE_VENUE_BYBIT_H

#include "core/venue/answer.h"
#include "core/venue/form.h"

enum hx_bybit_product { HX_BYBIT_LINEAR, HX_BYBIT_SPOT };

/* Both adapters' budgets, in order. Bybit counts over the second (orders of a user and product) and the five seconds
 * (600 requests of an address, whatever the product) that have just passed; hoox counts in windows of a second that
 * begin with the second. Whatever falls together, the last part of one window and the first of the next must not be too
 * much: so half of the orders, and of the requests what six seconds of both products may have. */
enum { HX_BYBIT_BUDGET_WEIGHT, HX_BYBIT_BUDGET_ORDERS };
#define HX_BYBIT_REQUESTS_PER_SECOND 50
#define HX_BYBIT_WINDOW_MS HX_MS_PER_SECOND
#define HX_BYBIT_SIGNAL_WEIGHT 8 /* An order, some four questions until it is seen, its fills, the position. */

/* Where an order is looked for, in order. */
enum { HX_BYBIT_STAGE_REALTIME, HX_BYBIT_STAGE_HISTORY, HX_BYBIT_STAGE_EXECUTIONS, HX_BYBIT_STAGES };

/* An execution has some thirty members: a page of more would not leave room in a request's memory for the list. */
#define HX_BYBIT_PAGE_FILLS 25

/* Finishers of signed requests; the forms hold the parameters. `query` may be NULL. */
HX_MUST_USE hx_err hx_bybit_get(const struct hx_venue_context *ctx, struct hx_form *query, const char *path,
                                struct hx_venue_call *call);
HX_MUST_USE hx_err hx_bybit_post(const struct hx_venue_context *ctx, struct hx_json_form *body, const char *path,
                                 struct hx_venue_call *call);
/* Begins a query or body with category and symbol. */
HX_MUST_USE hx_err hx_bybit_query_begin(const struct hx_venue_context *ctx, enum hx_bybit_product product,
                                        hx_str symbol, struct hx_form *query);
HX_MUST_USE hx_err hx_bybit_body_begin(const struct hx_venue_context *ctx, enum hx_bybit_product product, hx_str symbol,
                                       struct hx_json_form *body);

/* Encoders: the adapter's, with the product before them where it makes a difference. */
hx_err hx_bybit_encode_time(const struct hx_venue_context *ctx, struct hx_venue_call *call);
hx_err hx_bybit_encode_rules(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                             struct hx_venue_call *call);
hx_err hx_bybit_encode_mark_price(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                                  struct hx_venue_call *call);
hx_err hx_bybit_encode_order(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                             const struct hx_order_request *order, struct hx_venue_call *call);
hx_err hx_bybit_encode_query(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                             hx_str client_order_id, uint32_t stage, struct hx_venue_call *call);
hx_err hx_bybit_encode_cancel(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                              hx_str client_order_id, struct hx_venue_call *call);
hx_err hx_bybit_encode_fills(enum hx_bybit_product product, const struct hx_venue_context *ctx, hx_str symbol,
                             hx_str venue_order_id, hx_str page, struct hx_venue_call *call);
/* GET /v5/account/wallet-balance of one coin. */
hx_err hx_bybit_encode_equity(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call);
hx_err hx_bybit_encode_stop(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                            const struct hx_stop_request *stop, struct hx_venue_call *call);
hx_err hx_bybit_encode_stop_cancel(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                   const struct hx_stop_request *stop, struct hx_venue_call *call);
hx_err hx_bybit_encode_key_rights(const struct hx_venue_context *ctx, struct hx_venue_call *call);

/* The verdict on an answer that is not the expected one: by HTTP status first, then by Bybit's code. */
struct hx_venue_verdict hx_bybit_read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              enum hx_venue_purpose purpose);
/* The envelope's result when the answer says success; else NULL, and why in *verdict. */
const struct hx_json *hx_bybit_read_result(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                           enum hx_venue_purpose purpose, struct hx_venue_verdict *verdict);
/* The same for its list. */
const struct hx_json *hx_bybit_read_list(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                         enum hx_venue_purpose purpose, struct hx_venue_verdict *verdict);
/* An id of Bybit's: a UUID or digits. */
bool hx_bybit_read_id(const struct hx_json *object, hx_str name, hx_str *out);

struct hx_venue_verdict hx_bybit_decode_order(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              const struct hx_order_request *sent, struct hx_order_report *out);
/* A refused duplicate leaves HX_ORDER_REJECTED in out->status of its ABSENT: then a later stage must not end with
 * ABSENT. */
struct hx_venue_verdict hx_bybit_decode_query(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              hx_str symbol, hx_str client_order_id, uint32_t stage,
                                              struct hx_order_report *out);
struct hx_venue_verdict hx_bybit_decode_cancel(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                               hx_str symbol, hx_str client_order_id, struct hx_order_report *out);
struct hx_venue_verdict hx_bybit_decode_stop(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             const struct hx_stop_request *sent, struct hx_stop_report *out);
struct hx_venue_verdict hx_bybit_decode_stop_query(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer,
                                                   const struct hx_stop_request *stop, struct hx_stop_report *out);
struct hx_venue_verdict hx_bybit_decode_stop_cancel(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer,
                                                    const struct hx_stop_request *stop, struct hx_stop_report *out);

struct hx_venue_verdict hx_bybit_decode_time(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             hx_time *venue_time_ms);
struct hx_venue_verdict hx_bybit_decode_rules(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                              const struct hx_http_answer *answer, hx_str symbol,
                                              struct hx_symbol_rules *out);
struct hx_venue_verdict hx_bybit_decode_mark_price(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str symbol, hx_dec *out);
struct hx_venue_verdict hx_bybit_decode_leverage(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str symbol, int32_t leverage);
struct hx_venue_verdict hx_bybit_decode_margin_mode(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer);
struct hx_venue_verdict hx_bybit_decode_setting(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                hx_str symbol, struct hx_symbol_setting *out);
/* Only executions of type Trade are fills; funding, settlement and what liquidates are not the order's. */
struct hx_venue_verdict hx_bybit_decode_fills(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                              const struct hx_http_answer *answer, hx_str symbol, hx_str venue_order_id,
                                              hx_str page, struct hx_fill_page *out);
struct hx_venue_verdict hx_bybit_decode_position_mode(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, bool *hedged);
struct hx_venue_verdict hx_bybit_decode_linear_position(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        struct hx_venue_position *out);
/* What is held of the base coin; ctx->rules names it. */
struct hx_venue_verdict hx_bybit_decode_spot_position(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str symbol,
                                                      struct hx_venue_position *out);
struct hx_venue_verdict hx_bybit_decode_equity(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                               hx_str asset, struct hx_equity *out);
struct hx_venue_verdict hx_bybit_decode_key_rights(enum hx_bybit_product product, const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, struct hx_key_rights *out);
/* `orders_max`: the product's own limit of orders a second. The headers speak of the endpoint that was asked, so they
 * are taken for that limit only where they name it; and of the second that has passed, so they only count when that
 * limit is nearly reached: then nothing more is ordered in this second. */
void hx_bybit_read_usage(const struct hx_http_answer *answer, int64_t orders_max, struct hx_venue_usage *out);

#endif
