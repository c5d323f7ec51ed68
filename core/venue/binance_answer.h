/* Reading Binance's answers: what all decoders share. For the adapter's own files only. */
#ifndef HX_CORE_VENUE_BINANCE_ANSWER_H
#define HX_CORE_VENUE_BINANCE_ANSWER_H

#include "core/venue/answer.h"

/* The verdict on an answer that is not the expected one: by HTTP status first, then by Binance's code. */
struct hx_venue_verdict hx_binance_read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                enum hx_venue_purpose purpose);
/* BUY or SELL in `side`. */
bool hx_binance_read_side(const struct hx_json *object, enum hx_side *side);

/* The futures adapter's budgets, in order. */
enum { HX_BINANCE_BUDGET_WEIGHT, HX_BINANCE_BUDGET_ORDERS_10S, HX_BINANCE_BUDGET_ORDERS_1M };

#endif
