/* Time: integer milliseconds UTC since 1970-01-01. The core has no clock; hosts tell it the time. */
#ifndef HX_CORE_BASE_TIME_H
#define HX_CORE_BASE_TIME_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/str.h"

typedef int64_t hx_time; /* Milliseconds. Durations use int64_t names ending in _ms. */

#define HX_MS_PER_SECOND ((int64_t)1000)
#define HX_MS_PER_MINUTE ((int64_t)60000)
#define HX_MS_PER_HOUR ((int64_t)3600000)
#define HX_MS_PER_DAY ((int64_t)86400000)

/* RFC 3339, UTC, milliseconds: "2026-11-23T07:12:01.000Z". Years 1970..9999; a time outside them cannot be written
 * and puts the builder into its failed state, as does the date below. */
void hx_time_add_rfc3339(struct hx_buf *buf, hx_time time);
/* "2026-11-23T07:12:01Z", with optional fraction (cut to milliseconds), offset "Z" or "+hh:mm"; T and Z in either
 * case. Second 60 is refused: UTC milliseconds have no place for it. REJECT_SYNTAX, REJECT_RANGE. */
HX_MUST_USE hx_err hx_time_parse_rfc3339(hx_str text, hx_time *out);
/* "2026-11-23". */
void hx_time_add_date(struct hx_buf *buf, hx_time time);
hx_time hx_time_day_start(hx_time time); /* 00:00 UTC of the same day. */

#endif
