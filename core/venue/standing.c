#include "core/venue/standing.h"

#define TEN_SECONDS_MS (10 * HX_MS_PER_SECOND)

bool hx_standing_find(struct hx_req *req, hx_str key, int64_t *fields, uint32_t count) {
    hx_str rest = HX_STR_EMPTY;
    hx_str part = HX_STR_EMPTY;
    hx_assert(count <= HX_STANDING_FIELDS_MAX);
    if (key.len == 0 || hx_failed(hx_port_memo_get(req, key, &rest))) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!hx_str_split(&rest, ' ', &part) || hx_failed(hx_str_parse_i64(part, &fields[i]))) return false;
    }
    return rest.len == 0;
}

void hx_standing_put(struct hx_req *req, hx_str key, const int64_t *fields, uint32_t count) {
    char text[HX_STANDING_FIELDS_MAX * 21];
    struct hx_buf buf;
    hx_assert(count <= HX_STANDING_FIELDS_MAX);
    hx_buf_init(&buf, text, sizeof text);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) hx_buf_add_char(&buf, ' ');
        hx_buf_add_i64(&buf, fields[i]);
    }
    if (key.len > 0) hx_port_memo_put(req, key, hx_buf_str(&buf));
}

hx_str hx_standing_key(char *memory, const char *kind, const struct hx_venue_adapter *adapter, bool test,
                       hx_str symbol) {
    struct hx_buf buf;
    hx_str key = HX_STR_EMPTY;
    hx_buf_init(&buf, memory, HX_STANDING_KEY_LEN_MAX);
    hx_buf_add_c(&buf, kind);
    hx_buf_add_char(&buf, ':');
    hx_buf_add(&buf, adapter->name);
    hx_buf_add_c(&buf, test ? ":test" : ":live");
    if (symbol.len > 0) hx_buf_add_char(&buf, ':');
    hx_buf_add(&buf, symbol);
    return hx_ok(hx_buf_finish(&buf, &key)) ? key : HX_STR_EMPTY;
}

bool hx_venue_clock_find(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test,
                         struct hx_venue_clock *out) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[4];
    if (!hx_standing_find(req, hx_standing_key(memory, "clock", adapter, test, HX_STR_EMPTY), fields, 4)) return false;
    *out = (struct hx_venue_clock){fields[0], fields[1], fields[2], fields[3]};
    return true;
}

void hx_venue_clock_put(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test,
                        const struct hx_venue_clock *clock) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[4] = {clock->offset_ms, clock->uncertainty_ms, clock->measured_ms, clock->unsettled_until};
    hx_standing_put(req, hx_standing_key(memory, "clock", adapter, test, HX_STR_EMPTY), fields, 4);
}

bool hx_venue_clock_adopt(struct hx_venue_clock *clock, const struct hx_venue_guarantees *guarantees, int64_t offset_ms,
                          int64_t uncertainty_ms, hx_time now) {
    int64_t moved_ms = offset_ms > clock->offset_ms ? offset_ms - clock->offset_ms : clock->offset_ms - offset_ms;
    bool jumped = moved_ms + uncertainty_ms > guarantees->clock_slack_ms;
    clock->offset_ms = offset_ms;
    clock->uncertainty_ms = uncertainty_ms;
    clock->measured_ms = now;
    if (jumped) {
        clock->unsettled_until =
            now + guarantees->receive_window_ms + guarantees->clock_slack_ms + guarantees->lookup_lag_ms;
    }
    return jumped;
}

/* Counts of the current windows, which are the venue's: they begin at whole minutes and whole ten seconds of its time.
 */
struct spent {
    int64_t minute;
    int64_t weight;
    int64_t orders_1m;
    int64_t ten_seconds;
    int64_t orders_10s;
    hx_time blocked_until;
};

static hx_str spent_key(char *memory, const struct hx_venue_adapter *adapter, bool test) {
    return hx_standing_key(memory, "spent", adapter, test, HX_STR_EMPTY);
}

static struct spent spent_find(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[6] = {0};
    struct spent spent = {0};
    if (hx_standing_find(req, spent_key(memory, adapter, test), fields, 6)) {
        spent = (struct spent){fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]};
    }
    if (spent.minute != now / HX_MS_PER_MINUTE) {
        spent.minute = now / HX_MS_PER_MINUTE;
        spent.weight = spent.orders_1m = 0;
    }
    if (spent.ten_seconds != now / TEN_SECONDS_MS) {
        spent.ten_seconds = now / TEN_SECONDS_MS;
        spent.orders_10s = 0;
    }
    return spent;
}

static void spent_put(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test,
                      const struct spent *spent) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[6] = {spent->minute,      spent->weight,     spent->orders_1m,
                         spent->ten_seconds, spent->orders_10s, spent->blocked_until};
    hx_standing_put(req, spent_key(memory, adapter, test), fields, 6);
}

static bool is_within(int64_t used, int64_t more, int64_t limit, int64_t share_percent) {
    return limit == 0 || used + more <= limit * share_percent / 100;
}

static bool admit(const struct spent *spent, const struct hx_venue_adapter *adapter, hx_time now,
                  const struct hx_venue_call *call, int64_t *retry_after_ms) {
    bool entry = call->kind == HX_VENUE_CALL_ENTRY;
    int64_t share = entry ? HX_VENUE_ENTRY_SHARE_PERCENT : HX_VENUE_OTHER_SHARE_PERCENT;
    *retry_after_ms = 0;
    if (now < spent->blocked_until) {
        *retry_after_ms = spent->blocked_until - now;
        return false;
    }
    bool weight_fits = is_within(spent->weight, call->weight, adapter->weight_per_minute, share);
    bool minute_fits =
        call->order_count == 0 || is_within(spent->orders_1m, call->order_count, adapter->orders_per_minute, share);
    bool ten_fits =
        call->order_count == 0 || is_within(spent->orders_10s, call->order_count, adapter->orders_per_10s, share);
    if (!weight_fits || !minute_fits) {
        *retry_after_ms = HX_MS_PER_MINUTE - now % HX_MS_PER_MINUTE;
    } else if (!ten_fits) {
        *retry_after_ms = TEN_SECONDS_MS - now % TEN_SECONDS_MS;
    }
    return weight_fits && minute_fits && ten_fits;
}

bool hx_venue_may_spend(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now,
                        const struct hx_venue_call *call, int64_t *retry_after_ms) {
    struct spent spent = spent_find(req, adapter, test, now);
    return admit(&spent, adapter, now, call, retry_after_ms);
}

bool hx_venue_spend(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now,
                    const struct hx_venue_call *call, int64_t *retry_after_ms) {
    struct spent spent = spent_find(req, adapter, test, now);
    if (!admit(&spent, adapter, now, call, retry_after_ms)) return false;
    spent.weight += call->weight;
    spent.orders_1m += call->order_count;
    spent.orders_10s += call->order_count;
    spent_put(req, adapter, test, &spent);
    return true;
}

/* The venue's figure is of the window in which it answered; it counts only if the call also left in it, and never
 * lowers our own count, which includes what is still on its way. */
static void raise_to(int64_t *count, int64_t said, bool same_window) {
    if (same_window && said > *count) *count = said;
}

void hx_venue_spent(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time sent, hx_time now,
                    const struct hx_venue_usage *usage) {
    struct spent spent = spent_find(req, adapter, test, now);
    bool same_minute = sent / HX_MS_PER_MINUTE == spent.minute;
    raise_to(&spent.weight, usage->weight_used, same_minute);
    raise_to(&spent.orders_1m, usage->orders_1m, same_minute);
    raise_to(&spent.orders_10s, usage->orders_10s, sent / TEN_SECONDS_MS == spent.ten_seconds);
    if (usage->blocked_for_ms > 0 && now + usage->blocked_for_ms > spent.blocked_until) {
        spent.blocked_until = now + usage->blocked_for_ms;
    }
    spent_put(req, adapter, test, &spent);
}
