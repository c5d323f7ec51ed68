/* The window of a Binance list: times, a first id, a limit. */
#include "lab/binance.h"

#define LIST_LIMIT_DEFAULT 500
#define LIST_LIMIT_MAX 1000
#define TIME_MAX ((hx_time)1000000000000000) /* Far beyond any date; sums of two still fit. */

static bool param_time(struct hx_lab_call *call, const char *name, bool *present, hx_time *time) {
    if (!hx_lab_param_i64(call, name, present, time)) return false;
    if (*present && *time > TIME_MAX) *time = TIME_MAX;
    return true;
}

bool hx_lab_param_range(struct hx_lab_call *call, const char *from_name, int64_t days, struct hx_lab_range *range) {
    const int64_t span_ms = days * HX_MS_PER_DAY;
    bool has_limit;
    range->limit = LIST_LIMIT_DEFAULT;
    if (!param_time(call, "startTime", &range->has_start, &range->start)) return false;
    if (!param_time(call, "endTime", &range->has_end, &range->end)) return false;
    if (!hx_lab_param_i64(call, from_name, &range->has_from, &range->from)) return false;
    if (!hx_lab_param_i64(call, "limit", &has_limit, &range->limit)) return false;
    if (range->limit < 1) return hx_lab_fail_about(call, -1130, HX_STR("limit"));
    if (range->limit > LIST_LIMIT_MAX) range->limit = LIST_LIMIT_MAX;
    if (range->has_start && range->has_end && range->end - range->start > span_ms) return hx_lab_fail(call, -1127);
    if (!range->has_end) range->end = range->has_start ? range->start + span_ms : TIME_MAX;
    if (!range->has_start) range->start = (range->has_end ? range->end : call->clock) - span_ms;
    return true;
}
