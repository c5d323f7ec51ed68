/* Binance's error codes: one table from every documented code to what it proves and what to do, for both products.
 *
 * Most codes mean the same on USD-M futures and on spot; spot's exceptions stand in a short table of their own, and
 * codes from -3000 down are not spot's. Under a few codes the words decide (spot's -2010 is "Duplicate order sent." as
 * well as "Account has insufficient balance for requested action."). A code that is not documented proves nothing, and
 * neither does one whose description leaves open what happened: both are UNKNOWN.
 *
 * Sources: the "Error Codes" pages of USD-M futures and of spot, and their general information. */
#ifndef HX_CORE_VENUE_BINANCE_CODES_H
#define HX_CORE_VENUE_BINANCE_CODES_H

#include "core/venue/answer.h"

/* NULL when the product does not document the code. Without words (empty) the code decides alone. */
const struct hx_venue_code *hx_binance_find_code(enum hx_market market, int64_t code, hx_str words);
/* The whole table, and spot's exceptions from it; by falling code. */
const struct hx_venue_code *hx_binance_list_codes(size_t *count);
const struct hx_venue_code *hx_binance_list_spot_codes(size_t *count);

#endif
