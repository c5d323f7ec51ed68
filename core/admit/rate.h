/* The rate limit: so many signals per window and webhook key. Counts live in the host's memo: volatile, bounded. */
#ifndef HX_CORE_ADMIT_RATE_H
#define HX_CORE_ADMIT_RATE_H

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "port/host.h"

#define HX_RATE_COUNT_MAX 1000000
#define HX_RATE_WINDOW_MAX_MS HX_MS_PER_DAY

struct hx_rate_limit {
    uint32_t count;    /* Signals allowed per window; 0: no limit. */
    int64_t window_ms; /* Windows begin at multiples of it. */
};

struct hx_rate_result {
    bool allowed;
    uint64_t count;         /* Including this one; 0 when it was exempt. */
    uint32_t retry_after_s; /* When not allowed: until the window ends, at least 1. For Retry-After. */
};

/* "120/60": N per seconds; "0" or "off": no limit. N up to HX_RATE_COUNT_MAX, up to one day. REJECT_INPUT. */
HX_MUST_USE hx_err hx_rate_limit_parse(hx_str text, struct hx_rate_limit *out);

/* Counts one signal against the key (or any other bucket name), unless it is exempt: exits are, so that nobody is kept
 * in a position. The operator's signals are not to be brought here. Never suspends, never fails. */
struct hx_rate_result hx_rate_check(struct hx_req *req, hx_str key_name, struct hx_rate_limit limit, bool exempt,
                                    hx_time now);

#endif
