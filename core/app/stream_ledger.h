/* What streams ask the ledger: what is open on an account, and which lane an order belongs to. */
#ifndef HX_CORE_APP_STREAM_LEDGER_H
#define HX_CORE_APP_STREAM_LEDGER_H

#include "core/app/ledger.h"

/* Symbols in which the account has an open signal or order or a position, sorted, at most `max`. */
HX_MUST_USE hx_err hx_ledger_open_symbols(struct hx_req *req, const struct hx_account *account, uint32_t max,
                                          hx_str **out, uint32_t *count);
/* Lanes in which the account has an open signal or order, at most a thousand. */
HX_MUST_USE hx_err hx_ledger_open_lanes(struct hx_req *req, const struct hx_account *account, hx_str **out,
                                        uint32_t *count);

struct hx_order_place {
    hx_str lane;
    hx_str order_status;
    hx_str signal_status;
    bool finished; /* The order is: nothing that is said about it is news. */
};
/* Of an order of ours. ABSENT_ROW. */
HX_MUST_USE hx_err hx_ledger_find_order_place(struct hx_req *req, hx_str signal_id, uint32_t leg,
                                              struct hx_order_place *out);

#endif
