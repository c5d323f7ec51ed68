/* Bybit's return codes: one table for linear futures and spot, each with what it proves and what to do.
 *
 * Sources: the "Error Codes" page of the v5 documentation (UTA, spot trade and WebSocket order entry). A code that is
 * not in the table proves nothing, and neither does one whose description leaves open what happened: both are UNKNOWN.
 * An order may also be taken first and refused later; then its state names a reason (rejectReason) instead of a code.
 */
#ifndef HX_CORE_VENUE_BYBIT_CODES_H
#define HX_CORE_VENUE_BYBIT_CODES_H

#include "core/venue/answer.h"

/* NULL when the code is not documented. */
const struct hx_venue_code *hx_bybit_find_code(int64_t code);
/* The whole table, by rising code. */
const struct hx_venue_code *hx_bybit_list_codes(size_t *count);

/* What to do about the reason for which an order was ended; a general sentence for a reason without its own. */
hx_str hx_bybit_find_advice(hx_str reject_reason);

#endif
