/* The flows behind hx_app_handle, one per kind of event. All may suspend; all fill the reply. */
#ifndef HX_CORE_APP_FLOWS_H
#define HX_CORE_APP_FLOWS_H

#include "core/app/app.h"
#include "core/signal/signal.h"

/* webhook.c: POST /webhook and POST /: admission, then the lane. */
void hx_webhook_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply);
/* webhook.c: a signal from the owner's own hands (CLI, Telegram, risk): no key, no rate limit; same lane. */
void hx_signal_submit(struct hx_req *req, enum hx_source source, hx_str body, hx_str idempotency_key,
                      struct hx_reply *reply);

/* accept.c: in the lane: durable acceptance or replay, then execution, then the reply. */
void hx_signal_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply);

/* lane.c: a lane that may have something due. */
void hx_lane_due_handle(struct hx_req *req, hx_str lane);
/* lane.c: works off the lane, which is held, in order of acceptance, until nothing is due or signal `until` (may be
 * empty) is final: what came after it has wake-ups and callers of its own, and must not delay its answer. */
HX_MUST_USE hx_err hx_lane_drain(struct hx_req *req, hx_str lane, hx_str until);
/* lane.c: a resting order of the lane is said to have moved: it is woken, and asks the venue now instead of when it
 * would next. Hints that come fast are answered once a second. Does not suspend. */
void hx_lane_note_moved(struct hx_req *req, hx_str lane);

/* lane.c: says that this request is about to send the intent it wrote with the signal: until it holds the lane, and no
 * longer than `until`, whoever holds it leaves the signal alone. An empty id takes that back. A hint: forgotten, the
 * intent is taken for one whose sender died, and the venue is asked about it before anything is sent. */
void hx_lane_note_sender(struct hx_req *req, hx_str lane, hx_str signal_id, hx_time until);

/* tick.c */
void hx_tick_handle(struct hx_req *req);
void hx_lanes_wake(struct hx_req *req); /* Every lane with something open; does not suspend for long. */
void hx_outbox_handle(struct hx_req *req);

/* ready.c */
void hx_health_handle(struct hx_req *req, struct hx_reply *reply);
void hx_ready_handle(struct hx_req *req, struct hx_reply *reply);

/* venues.c: what the exchanges with keys say of clock and key, as JSON. `at_start`: it goes to the log too, and is
 * refused (403) when a key may withdraw and HOOX_REFUSE_WITHDRAW_KEYS is on. HOOX_STARTUP_CHECKS=off asks nobody,
 * unless so. */
void hx_venues_check_handle(struct hx_req *req, bool at_start, struct hx_reply *reply);

/* operator.c: the owner's commands, over the control socket only. */
void hx_operator_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply);

hx_str hx_source_name(enum hx_source source);

#define HX_LANE_OUTBOX HX_STR("outbox") /* Not a trading lane: wakes the outbox. */

#endif
