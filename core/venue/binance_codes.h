/* Binance's error codes: one table from every documented code of USD-M futures to what it proves and what to do.
 *
 * Sources: the "Error Codes" page of USD-M futures and its general information. A code that is not in the table proves
 * nothing, and neither does one whose description leaves open what happened: both are UNKNOWN. */
#ifndef HX_CORE_VENUE_BINANCE_CODES_H
#define HX_CORE_VENUE_BINANCE_CODES_H

#include "core/venue/answer.h"

/* NULL when the code is not documented. */
const struct hx_venue_code *hx_binance_find_code(int64_t code);
/* The whole table, by falling code. */
const struct hx_venue_code *hx_binance_list_codes(size_t *count);

#endif
