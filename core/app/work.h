/* One signal being worked on, lane held: what execute.c, order.c and settle.c share. */
#ifndef HX_CORE_APP_WORK_H
#define HX_CORE_APP_WORK_H

#include "core/app/ledger.h"
#include "core/app/reply.h"
#include "core/trade/plan.h"

#define HX_SEND_WINDOW_MS 2000 /* send_by = now + this. */
#define HX_WARM_MS (10 * HX_MS_PER_MINUTE)
#define HX_WORK_ORDERS_MAX (HX_PLAN_LEGS_MAX + 1)

/* How a piece of work on a signal came out. */
enum hx_work_result {
    HX_WORK_GOES_ON,  /* A leg is settled; the plan says what is next. */
    HX_WORK_FINISHED, /* The signal is final, and its row says so. */
    HX_WORK_PARKED,   /* Put aside durably; due_ms of the row says until when. */
};

struct hx_work {
    struct hx_req *req;
    struct hx_signal_row row;
    struct hx_signal signal;
    struct hx_account account;
    struct hx_symbol_rules rules;
    struct hx_position position;
    struct hx_order_row orders[HX_WORK_ORDERS_MAX];
    uint32_t order_count;
    /* BUSY: went past a resting order of which nothing is certain, to close; it must not end with nothing to do. */
    struct hx_venue_result passed;
};

/* In execute.c. These may suspend; the lane is held. */

/* Loads what the signal's row leads to and works until it is final, put aside, or has settled so many legs that it
 * should go on in fresh memory (GOES_ON). `fresh`: its first order was written as an intent just now by this very
 * request and has not been sent. Errors: store and limits; the signal stays open. */
HX_MUST_USE hx_err hx_work_run(struct hx_work *work, bool fresh, enum hx_work_result *result);
/* Parses the row's body again: the signal as it was accepted. */
HX_MUST_USE hx_err hx_work_init(struct hx_work *work, struct hx_req *req, const struct hx_signal_row *row);
/* Which account the signal is for: its own venue, the one that holds the position, or routing. *verdict->status is set
 * when there is none: the venue is switched off, not traded on in that market, without a test network, or (unless the
 * signal names it) without a key. */
HX_MUST_USE hx_err hx_work_route(struct hx_req *req, const struct hx_signal *signal, struct hx_account *out,
                                 struct hx_verdict *verdict);
/* Whether everything an entry needs from the venue beforehand was known not long ago: rules, clock, and that the symbol
 * has this leverage, which nobody has changed since as far as is told. Never suspends. */
bool hx_work_is_warm(struct hx_work *work);
/* Sets `verdict` when something forbids adding exposure now: kill switch, expiry. Never suspends. */
void hx_work_check_gates(struct hx_work *work, bool opens, struct hx_verdict *verdict);

/* A venue's refusal of a question that had to be answered first goes into *verdict, blamed on `field` unless that is
 * empty; what may pass goes into *busy. True when the work can't go on now. */
bool hx_work_stops(const struct hx_venue_result *answer, hx_str field, struct hx_verdict *verdict,
                   struct hx_venue_result *busy);
struct hx_verdict hx_work_invalid(hx_str field, hx_str message); /* 400 VALIDATION_ERROR. */
bool hx_work_has_executed(const struct hx_work *work);           /* Any of its orders. */

/* Of the signal, else of the manifest. */
int32_t hx_work_leverage(struct hx_work *work);
/* The base asset where the position is what the account holds of it (spot); empty elsewhere. Needs work->rules. */
hx_str hx_work_spot_asset(const struct hx_work *work);
/* Whether the venue wants a market buy as an amount of quote. The order row's price is then what it was sized with. */
bool hx_work_buys_by_value(const struct hx_venue_traits *traits, enum hx_order_type type, enum hx_side side);

/* In next.c. */

/* The next step, from what is durable: signal, position and the legs so far. */
HX_MUST_USE hx_err hx_work_plan(struct hx_work *work, struct hx_step *out);
/* The next step as an order row with status intent, attempt 1; not written. *verdict->status is set instead when the
 * step ends the signal. May ask the venue for price, equity or leverage: then *busy tells what it said. */
HX_MUST_USE hx_err hx_work_next_order(struct hx_work *work, struct hx_order_row *order, struct hx_verdict *verdict,
                                      struct hx_venue_result *busy);
bool hx_work_is_refused_close(const struct hx_order_row *order);

/* In order.c. */

/* Which position of the account an order is about. */
enum hx_position_side hx_order_position_side(bool hedged, bool opens, enum hx_side side);
/* The order as the venue is asked for it, the same for every attempt. Needs work->rules. */
HX_MUST_USE hx_err hx_work_make_request(struct hx_work *work, const struct hx_order_row *order, bool hedged,
                                        struct hx_order_request *out);

/* Drives one order, whose intent is durable, until it is settled, refused or put aside. `fresh` as above. */
HX_MUST_USE hx_err hx_work_drive_order(struct hx_work *work, struct hx_order_row *order, bool fresh,
                                       enum hx_work_result *result);

/* In rules.c. */

/* Rules of the work's symbol: *answer is DONE with work->rules, or why not. `there`: it is about an order or a position
 * that is there already; then rules of any age serve, those beside the ledger too, and where there are none at all
 * although the ledger holds a position, that is BUSY and no refusal. */
HX_MUST_USE hx_err hx_work_load_rules(struct hx_work *work, bool there, struct hx_venue_result *answer);
/* Keeps the rules beside the ledger: what is bought can be sold also when the venue no longer tells them. */
void hx_work_add_rules(struct hx_work *work, struct hx_batch *batch);
/* Makes a close that waits fit the rules as they are now: the venue may have refused it for those that it was sized by.
 * One that can't be made to fit stays as it is. */
HX_MUST_USE hx_err hx_work_fit_close(struct hx_work *work, struct hx_order_row *order);

/* In resting.c. */

/* What became of an order that rests: DONE with its state, or not certain. With `cancel` it is cancelled first. An
 * order the venue has forgotten has ended; what it executed is in its fills. One that is lost sight of is
 * HX_STATUS_ABSENT then. */
HX_MUST_USE hx_err hx_work_ask_resting(struct hx_work *work, struct hx_order_row *order, bool cancel,
                                       struct hx_order_report *report);
/* Takes its report into the ledger as hx_work_settle does without `finish_signal`; one that was disowned is also
 * compared with what the venue holds once it has ended. */
HX_MUST_USE hx_err hx_work_settle_resting(struct hx_work *work, struct hx_order_row *order,
                                          const struct hx_order_report *report, enum hx_work_result *result);
/* Before anything is planned: takes in what resting orders of this lane have executed, and cancels entries that would
 * work against the signal. *busy is set when one is not certain; who has something to close waits for that once, and
 * then goes past it (work->passed), while the order is cancelled by whoever looks at it next. */
HX_MUST_USE hx_err hx_work_clear_resting(struct hx_work *work, struct hx_venue_result *busy);
/* Then, when something is to be closed: cancels orders that rest to close the same, the oldest first, until those that
 * are left and what is to be closed are no more than what is held. *busy as above. */
HX_MUST_USE hx_err hx_work_make_room(struct hx_work *work, struct hx_venue_result *busy);
/* All that rest to close with that side. */
HX_MUST_USE hx_err hx_work_take_back_closes(struct hx_work *work, enum hx_side side, struct hx_venue_result *busy);

/* In denied.c: orders that rest, and that the venue says it does not know. */

#define HX_DENIALS_APART_MS (2 * HX_MS_PER_MINUTE) /* Of two that count. */

/* Writes denied_ms of an order that is not final. */
HX_MUST_USE hx_err hx_denied_write(struct hx_req *req, const struct hx_order_row *order);
/* The venue has shown the order. */
HX_MUST_USE hx_err hx_denied_note_seen(struct hx_req *req, struct hx_order_row *order);
/* The venue denies the order, and has not for the first time in this run. Where that proves an end, *report is it;
 * where it must keep nobody waiting any longer, *order is HX_STATUS_ABSENT. */
HX_MUST_USE hx_err hx_denied_weigh(struct hx_req *req, struct hx_order_row *order, struct hx_order_report *report);
/* Whoever looks at the order from now on cancels it, until that is certain. */
HX_MUST_USE hx_err hx_denied_recall(struct hx_req *req, struct hx_order_row *order);

/* In absent.c: orders that their owner has looked for at the exchange and says are not there. */

/* Ends signal `row`, whose one order is unknown, as failed: that order is never sent again. The lane is held. `body`
 * may say who says so ({"by":"…"}). *refusal is set instead when it can't be said: nothing is unknown, the waiting
 * rule's time is not over yet (*wait_ms until then), or the venue, asked once more, has the order. */
HX_MUST_USE hx_err hx_absent_declare(struct hx_req *req, const struct hx_signal_row *row, hx_str body, hx_str *refusal,
                                     int64_t *wait_ms);
/* "order ID (the exchange's ID)", then the two texts. */
HX_MUST_USE hx_err hx_absent_name_order(struct hx_req *req, const struct hx_order_row *order, const char *then,
                                        hx_str rest, hx_str *out);
bool hx_absent_is(const struct hx_order_row *order);
/* Asks for an order that is watched. *turned_up: it is at the venue after all, its owner is told, and *order rests as
 * any other does. After a week it is no longer watched. */
HX_MUST_USE hx_err hx_absent_look(struct hx_req *req, struct hx_order_row *order, bool *turned_up);

/* In supersede.c. */

/* Whether an entry that waits is to end because of the first exit of its account behind it: one that closes what the
 * entry would open, and all that it would close before. Needs the signal's orders. */
HX_MUST_USE hx_err hx_work_gives_way(struct hx_work *work, bool *gives_way);
/* A signal that may be worked on before `head`, the first of the lane, which is not due: an exit of another account, or
 * one that went ahead before and is unknown. Orders of one account still leave in order of acceptance (I5): an exit
 * goes only ahead of signals that are certainly of other accounts. *found false: there is none, and *next_due, which is
 * head's, is made earlier when one will be due before. */
HX_MUST_USE hx_err hx_work_find_overtaking(struct hx_req *req, const struct hx_signal_row *head,
                                           struct hx_signal_row *out, bool *found, hx_time *next_due);
/* Whether an exit behind the signal closes what it is about to open. */
HX_MUST_USE hx_err hx_work_opening_is_undone(struct hx_work *work, bool *undone);

/* In drift.c. */

/* A venue's list of positions may lag behind its own fills: within this time of our last change the ledger is right. */
#define HX_DRIFT_SETTLED_MS (5 * HX_MS_PER_SECOND)

/* Before a close: takes over what the venue holds when the ledger has something else. Less than the ledger has is taken
 * over always; more only for the owner's own commands, since an alert must not sell what its owner bought by hand, and
 * never on spot, where what is there may be anything's.
 * *busy is set, also to REJECTED, when nothing can be sized before the venue has answered. */
HX_MUST_USE hx_err hx_work_follow_drift(struct hx_work *work, struct hx_venue_result *busy);
/* After an order that had been declared absent is booked: an exit may have taken over before what it executed, and then
 * it is in the ledger twice. Waits until the venue's list is sure to show it, and takes over what is there when that is
 * what the ledger had `before`, or less than it has. One try: where another order is not settled, or the venue does not
 * say, it is left to the next exit. */
HX_MUST_USE hx_err hx_work_follow_turned_up(struct hx_work *work, const struct hx_order_row *order,
                                            const struct hx_position *before);
/* What the venue holds of the position that the ledger is about, signed: in hedge mode one side, never the difference
 * of the two. False: both sides are open, the ledger holds neither and the signal does not say which is meant. */
bool hx_work_venue_holds(const struct hx_work *work, const struct hx_venue_position *venue, hx_dec *out);

/* In settle.c. */

/* Takes the venue's report of an order into the ledger: fills, position, round trips, order, and the signal when this
 * was its last leg. `finish_signal` false: only the order (a resting one that moved on). PARKED when the venue's fills
 * are not all there yet: then the signal is put aside, or with `finish_signal` false nothing is changed. */
HX_MUST_USE hx_err hx_work_settle(struct hx_work *work, struct hx_order_row *order,
                                  const struct hx_order_report *report, bool finish_signal,
                                  enum hx_work_result *result);
/* In unlisted.c: orders of which not every fill can be read (hx_venue_result.too_many). */

/* What is known of such an order, and what was booked from its own figures. */
struct hx_unlisted {
    struct hx_fill_sum sum; /* All that the ledger has now. */
    hx_dec rest;            /* Of it, what stands for the fills that can't be read; zero: nothing does. */
    bool fee_known;         /* The order says what all of it cost. */
};
/* Whether the order says enough of itself: beside what it executed, what it was worth. */
bool hx_work_can_sum(const struct hx_order_report *report);
/* `fills` are those that could be read and the ledger does not have; when the order has `ended`, what is missing is
 * added to them as the last one. */
HX_MUST_USE hx_err hx_work_sum_rest(struct hx_work *work, const struct hx_order_row *order,
                                    const struct hx_order_report *report, bool ended, struct hx_fills *fills,
                                    struct hx_unlisted *out);
/* Logs it, and tells the owner what is not known of its commission; nothing where nothing was booked so. */
HX_MUST_USE hx_err hx_work_tell_unlisted(struct hx_work *work, struct hx_batch *batch, const struct hx_order_row *order,
                                         const struct hx_unlisted *unlisted);

/* In settle.c again. */

/* Ends the signal with a verdict: row, stored reply, notice to the owner. `batch` may hold statements that belong to
 * it. */
HX_MUST_USE hx_err hx_work_finish(struct hx_work *work, struct hx_batch *batch, const struct hx_verdict *verdict);
/* The verdict on a signal whose legs are all settled. */
struct hx_verdict hx_work_verdict_of_orders(const struct hx_work *work);
/* The venue is busy: put aside until the schedule's next try, or fail when it is over. What hoox held back itself is no
 * try: it waits for its turn. `batch` as above. */
HX_MUST_USE hx_err hx_work_retry_later(struct hx_work *work, struct hx_batch *batch, const struct hx_venue_result *busy,
                                       enum hx_work_result *result);
/* Put aside until a slot of its own, not before `at_least_ms`; the signal's tries stay as they are. `batch` as above.
 */
HX_MUST_USE hx_err hx_work_wait_turn(struct hx_work *work, struct hx_batch *batch, hx_str reason, bool reduces,
                                     int64_t at_least_ms, enum hx_work_result *result);
/* Nothing is certain yet: look again at `due`. Tells the owner the first time. `batch` may be NULL. */
HX_MUST_USE hx_err hx_work_unknown(struct hx_work *work, struct hx_batch *batch, hx_str why, hx_time due,
                                   enum hx_work_result *result);
/* The same where only the owner can find out: he is told what to do, once, also when he was told before that something
 * is unknown. */
HX_MUST_USE hx_err hx_work_ask_owner(struct hx_work *work, struct hx_batch *batch, hx_str why, hx_time due,
                                     enum hx_work_result *result);

#endif
