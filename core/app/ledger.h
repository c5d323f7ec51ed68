/* The ledger's rows as the core uses them, and every statement that writes or reads them.
 *
 * A batch is built from add_* calls and written by hx_batch_write: all or nothing (port P1). Each statement carries the
 * condition it relies on, since nothing read before a port call can be trusted after it (P8).
 * Schema: schema/001_ledger.sql. Rows and texts live in the request's arena. */
#ifndef HX_CORE_APP_LEDGER_H
#define HX_CORE_APP_LEDGER_H

#include "core/app/app.h"
#include "core/base/id.h"
#include "core/signal/signal.h"
#include "core/trade/position.h"
#include "core/venue/venue.h"
#include "port/host.h"

struct hx_batch {
    struct hx_req *req;
    struct hx_db_stmt statements[HX_DB_STATEMENTS_MAX];
    uint32_t count;
    hx_err err; /* The first failure while building; hx_batch_write returns it. */
};

void hx_batch_init(struct hx_batch *batch, struct hx_req *req);
/* Suspends. *failed as for hx_port_db_batch; may be NULL. */
HX_MUST_USE hx_err hx_batch_write(struct hx_batch *batch, uint32_t *failed);

struct hx_signal_row {
    int64_t seq;
    hx_str id, lane, source, key_name, idempotency_key, payload_digest, body;
    enum hx_venue_id venue;
    hx_str market, symbol, action, status;
    bool test;
    int64_t tries;
    hx_time received_ms;
    bool has_expiry;
    hx_time expires_ms;
    hx_time due_ms;
    bool finished;
    hx_str request_id;
    bool has_reply;
    uint32_t reply_status;
    hx_str reply_body;
    hx_str message;
};

struct hx_order_row {
    hx_str signal_id;
    uint32_t leg;
    hx_str client_order_id, lane;
    struct hx_account account;
    hx_str symbol;
    bool opens; /* purpose: open or close. */
    enum hx_side side;
    enum hx_order_type type;
    bool reduce_only;
    hx_dec quantity, price;
    hx_str status;
    uint32_t attempt;
    hx_time send_by_ms;
    hx_str venue_order_id;
    hx_dec executed_quantity, average_price, fee;
    hx_str fee_asset;
    int64_t venue_code;
    hx_str message;
    hx_time created_ms, updated_ms;
    bool finished;
    hx_time denied_ms; /* Since when the venue says that it does not know this order, which rests or may be there; 0: it
                          does, or was not asked. */
    bool recalled;     /* To be cancelled by whoever looks at it: an exit went past it, or it was lost sight of. */
    bool disowned;     /* Nobody counts on it any more: recalled, or its owner said that it is not at the venue. */
};

#define HX_STATUS_INTENT HX_STR("intent")
#define HX_STATUS_BUSY HX_STR("busy")
#define HX_STATUS_OPEN HX_STR("open")
#define HX_STATUS_ABSENT                                                                                               \
    HX_STR("absent") /* Not at the venue, as its owner (absent.c) or the venue (denied.c) says; finished once it is no \
                        longer watched. */

/* Accepting. */

/* Index of each statement in an accepting batch, for telling which condition failed: up to HX_ACCEPT_CLAIM it is that
 * the claim is taken. */
enum { HX_ACCEPT_NEIGHBOUR = 0, HX_ACCEPT_CLAIM = 1, HX_ACCEPT_SIGNAL = 2, HX_ACCEPT_INTENT = 3 };

/* Takes the claim unless one that has not lapsed holds it, under this day or a neighbouring one: two statements. */
void hx_batch_add_claim(struct hx_batch *batch, const struct hx_claim *claim, hx_str signal_id, hx_time received);
/* `only_if_idle`: fails when the lane has another signal that is not final. */
void hx_batch_add_signal(struct hx_batch *batch, const struct hx_signal_row *row, bool only_if_idle);
/* The signal that holds the claim of an alert that came in at `received`. ABSENT_ROW. */
HX_MUST_USE hx_err hx_ledger_find_claimed(struct hx_req *req, const struct hx_claim *claim, hx_time received,
                                          struct hx_signal_row *out);

/* Signals. */

/* The oldest signal of the lane that is not final. ABSENT_ROW. */
HX_MUST_USE hx_err hx_ledger_first_open(struct hx_req *req, hx_str lane, struct hx_signal_row *out);
/* The oldest open exit of the lane accepted after `seq`: a signal that can only reduce. ABSENT_ROW. */
HX_MUST_USE hx_err hx_ledger_exit_behind(struct hx_req *req, hx_str lane, int64_t seq, struct hx_signal_row *out);
/* The oldest open signal of the lane accepted after `seq`, whatever it is. ABSENT_ROW. */
HX_MUST_USE hx_err hx_ledger_next_open(struct hx_req *req, hx_str lane, int64_t seq, struct hx_signal_row *out);
/* The last signal of the lane of which an order is being sent, or nobody knows what became of it; 0: none. */
HX_MUST_USE hx_err hx_ledger_find_intent(struct hx_req *req, hx_str lane, int64_t *seq);
HX_MUST_USE hx_err hx_ledger_get_signal(struct hx_req *req, hx_str id, struct hx_signal_row *out);
/* Ends an open signal with its reply. Expects one change: a signal ends once. */
void hx_batch_add_finish(struct hx_batch *batch, hx_str id, hx_str status, hx_str reason, hx_str message,
                         uint32_t reply_status, hx_str reply_body, hx_time now);
/* Puts an open signal aside until `due`. A reply status of 0 leaves the stored reply as it is. */
void hx_batch_add_park(struct hx_batch *batch, hx_str id, hx_str status, hx_str message, int64_t tries, hx_time due,
                       uint32_t reply_status, hx_str reply_body);
/* Whatever waits in the lane for another try at this account is due now. HX_VENUE_NONE: at any venue. */
void hx_batch_add_wake(struct hx_batch *batch, hx_str lane, enum hx_market market, enum hx_venue_id venue);
/* A signal that waits because the venue did not say what became of its order is due now. */
void hx_batch_add_unknown_due(struct hx_batch *batch, hx_str signal_id);
void hx_batch_add_route(struct hx_batch *batch, hx_str id, enum hx_venue_id venue);
/* Operator: a failed or waiting signal is due again, its tries forgotten; expects one change. */
void hx_batch_add_retry(struct hx_batch *batch, hx_str id, hx_time expires, hx_time now);
/* Operator: a failed signal is settled for good; expects one change. */
void hx_batch_add_dismiss(struct hx_batch *batch, hx_str id);
/* Operator: the orders of a failed signal may be tried again. */
void hx_batch_add_reopen_orders(struct hx_batch *batch, hx_str id, hx_time now);

struct hx_lane_due {
    hx_str lane;
    hx_time due_ms;
};
/* Lanes with anything that is not final, and when it is due. */
HX_MUST_USE hx_err hx_ledger_lanes_due(struct hx_req *req, struct hx_lane_due **out, uint32_t *count);

/* Orders. */

/* The durable intent of a leg; expects the signal to be open and the position to be at `position_version`. */
void hx_batch_add_intent(struct hx_batch *batch, const struct hx_order_row *order, int64_t position_version);
/* The next attempt of an order whose last one provably did nothing, or is proven absent. */
void hx_batch_add_attempt(struct hx_batch *batch, const struct hx_order_row *order, uint32_t attempt, hx_time send_by,
                          hx_time now);
/* The figures of an order whose last attempt provably did nothing. */
void hx_batch_add_fit(struct hx_batch *batch, const struct hx_order_row *order, hx_time now);
/* Writes status, execution, fee and message of an order of `order->attempt`; expects one change. */
void hx_batch_add_order_state(struct hx_batch *batch, const struct hx_order_row *order, hx_time now);
/* Writes denied_ms, recalled and updated_ms of an order that is not final; expects one change. */
void hx_batch_add_order_watch(struct hx_batch *batch, const struct hx_order_row *order);
/* Orders of a signal by leg, at most HX_LEG_MAX. */
HX_MUST_USE hx_err hx_ledger_orders_of(struct hx_req *req, hx_str signal_id, struct hx_order_row **out,
                                       uint32_t *count);
/* Whether the lane has an order that is or may be at this account without all of it being in the ledger. */
HX_MUST_USE hx_err hx_ledger_has_unsettled(struct hx_req *req, hx_str lane, const struct hx_account *account,
                                           bool *out);
#define HX_LEDGER_PAGE_ORDERS 50

/* Where a list goes on: behind this order. All zero: at the beginning. */
struct hx_order_cursor {
    hx_time after_ms;
    char after_id[HX_CLIENT_ORDER_ID_LEN];
};

/* Orders of a lane that rest at the venue, or are watched because they are said not to be there (HX_STATUS_ABSENT),
 * oldest first, a page at a time: the last page is shorter than the others.
 * Those that end meanwhile don't shift the rest. `cursor` NULL: the first page is enough. */
HX_MUST_USE hx_err hx_ledger_orders_open(struct hx_req *req, hx_str lane, struct hx_order_cursor *cursor,
                                         struct hx_order_row **out, uint32_t *count);

/* Fills and positions. */

/* Venue trade ids the ledger already has for an order. */
HX_MUST_USE hx_err hx_ledger_fill_ids(struct hx_req *req, hx_str client_order_id, hx_str **out, uint32_t *count);
/* Of several fills. `fee` is that in fee_asset, which whoever sums says beforehand. */
struct hx_fill_sum {
    hx_dec quantity, value, fee;
    hx_str fee_asset;
};
HX_MUST_USE hx_err hx_fill_sum_add(struct hx_fill_sum *sum, const struct hx_fill *fill);
/* Adds the fills that the ledger has of an order. */
/* When the last of an order's fills was made; 0: there is none. */
HX_MUST_USE hx_err hx_ledger_last_fill_time(struct hx_req *req, hx_str client_order_id, hx_time *out);
HX_MUST_USE hx_err hx_ledger_sum_fills(struct hx_req *req, hx_str client_order_id, struct hx_fill_sum *sum);
void hx_batch_add_fill(struct hx_batch *batch, const struct hx_order_row *order, const struct hx_fill *fill);
/* Flat, version 0, when there is no row. */
HX_MUST_USE hx_err hx_ledger_position(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                      hx_str quote_asset, struct hx_position *out);
/* Whether there was ever a position at the account. */
HX_MUST_USE hx_err hx_ledger_has_traded(struct hx_req *req, const struct hx_account *account, bool *out);
/* Expects the row to be at position->version - 1. */
HX_MUST_USE hx_err hx_batch_add_position(struct hx_batch *batch, const struct hx_account *account, hx_str symbol,
                                         hx_str quote_asset, const struct hx_position *position, hx_time now);
HX_MUST_USE hx_err hx_batch_add_trade(struct hx_batch *batch, const struct hx_account *account, hx_str symbol,
                                      hx_str quote_asset, const struct hx_trade *trade);
/* The venue that holds a position in the symbol, else the one where an entry rests; HX_VENUE_NONE when none or several
 * do. Dust that a round trip on spot left behind counts only for what reduces, and where there is nothing else. */
HX_MUST_USE hx_err hx_ledger_venue_holding(struct hx_req *req, enum hx_market market, bool test, hx_str symbol,
                                           bool reduces, enum hx_venue_id *out);

/* Symbol rules under the name that hx_venue_save_rules gives them. Empty: there are none. */
void hx_batch_add_rules(struct hx_batch *batch, hx_str name, hx_str text);
HX_MUST_USE hx_err hx_ledger_rules(struct hx_req *req, hx_str name, hx_str *text);

/* The rest. */

void hx_batch_add_notice(struct hx_batch *batch, hx_str subject, hx_str payload, hx_time now);
void hx_batch_add_log(struct hx_batch *batch, hx_str level, hx_str subject, hx_str message, hx_str detail, hx_time now);

struct hx_outbox_row {
    int64_t id;
    hx_str subject, payload;
    int64_t tries;
};
HX_MUST_USE hx_err hx_ledger_outbox_due(struct hx_req *req, hx_time now, struct hx_outbox_row **out, uint32_t *count);
void hx_batch_add_outbox_sent(struct hx_batch *batch, int64_t id, hx_time now);
void hx_batch_add_outbox_failed(struct hx_batch *batch, int64_t id, hx_str error, hx_time due);
/* Forgets up to a thousand claims of days before yesterday. */
void hx_batch_add_claims_prune(struct hx_batch *batch, hx_time now);
HX_MUST_USE hx_err hx_ledger_counts(struct hx_req *req, int64_t *signals_open, int64_t *outbox_open);

#endif
