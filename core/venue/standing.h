/* What the client remembers about a venue between requests, in the host's memo: its clock, its rate limits, bans.
 *
 * The memo may forget anything at any time: forgetting costs a measurement or a head start on a limit, never an order.
 * Reading and writing back happen without a suspension in between, so requests don't lose each other's counts. */
#ifndef HX_CORE_VENUE_STANDING_H
#define HX_CORE_VENUE_STANDING_H

#include "core/venue/adapter.h"

/* Memo text of a few integers. */
#define HX_STANDING_FIELDS_MAX 8
bool hx_standing_find(struct hx_req *req, hx_str key, int64_t *fields, uint32_t count);
void hx_standing_put(struct hx_req *req, hx_str key, const int64_t *fields, uint32_t count);

#define HX_STANDING_KEY_LEN_MAX 160
/* "<kind>:<adapter>:<live|test>" or "...:<symbol>" in `memory` (HX_STANDING_KEY_LEN_MAX bytes). Too long a symbol makes
 * an empty key: nothing is remembered under it. */
hx_str hx_standing_key(char *memory, const char *kind, const struct hx_venue_adapter *adapter, bool test,
                       hx_str symbol);

struct hx_venue_clock {
    int64_t offset_ms;       /* Venue's time minus ours. */
    int64_t uncertainty_ms;  /* The truth is within plus or minus this. */
    hx_time measured_ms;     /* Ours; 0: to be measured again before it is used. */
    hx_time unsettled_until; /* Ours: before this, absence proves nothing, because a clock has jumped. */
};

bool hx_venue_clock_find(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test,
                         struct hx_venue_clock *out);
void hx_venue_clock_put(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test,
                        const struct hx_venue_clock *clock);
/* Takes over a new measurement. When it differs from the one before by more than the venue's clock slack bears, the
 * waiting rule's arithmetic does not hold for what was sent under the old one: absence stays unproven until everything
 * sent before `now` must have been refused. Returns true when that happened. */
bool hx_venue_clock_adopt(struct hx_venue_clock *clock, const struct hx_venue_guarantees *guarantees, int64_t offset_ms,
                          int64_t uncertainty_ms, hx_time now);

/* Entries may use so many percent of a venue's limits, rounded down; what reduces, asks or cancels may use more,
 * rounded up. */
#define HX_VENUE_ENTRY_SHARE_PERCENT 80
#define HX_VENUE_OTHER_SHARE_PERCENT 95

/* Counts the call, unless a limit or a ban forbids it: then returns false and how long to wait. `now` is the venue's.
 */
bool hx_venue_spend(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now,
                    const struct hx_venue_call *call, int64_t *retry_after_ms);
/* Would it be counted? Counts nothing. */
bool hx_venue_may_spend(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now,
                        const struct hx_venue_call *call, int64_t *retry_after_ms);
/* What is used of each budget's current window. */
void hx_venue_get_used(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now,
                       int64_t used[HX_VENUE_BUDGETS_MAX]);
/* Whether the venue itself forbids everything for a while. */
bool hx_venue_is_banned(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now);
/* Hoox's own limits make a signal wait; a limit that lasts longer than this is a venue that can't be used. */
#define HX_VENUE_HELD_BACK_MS_MAX (10 * HX_MS_PER_MINUTE)
/* What the answer to a call that left at `sent` said about it. */
void hx_venue_spent(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time sent, hx_time now,
                    const struct hx_venue_usage *usage);

#endif
