/* What the flows share about the exchanges that this installation has keys for. */
#ifndef HX_CORE_APP_VENUES_H
#define HX_CORE_APP_VENUES_H

#include "core/base/json.h"
#include "core/venue/adapter.h"

/* The accounts that have a key, live and test, one after the other: *index begins at 0. Without those whose address was
 * not set while another market of the same key is a stand-in: they would show a laboratory's key to the real exchange.
 */
bool hx_venues_next(struct hx_req *req, uint32_t *index, const struct hx_venue_adapter **adapter,
                    struct hx_account *account);
/* Whether its base URL leads to this machine: a laboratory or another stand-in, no real exchange. */
bool hx_venues_is_stand_in(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test);
/* May suspend: a warm connection and a fresh clock for each live account. Not having them is no error here. */
void hx_venues_prepare(struct hx_req *req);
/* mayTrade, mayWithdraw, boundToAddress: those that are known. */
void hx_venues_write_rights(struct hx_json_writer *w, const struct hx_key_rights *rights);

#endif
