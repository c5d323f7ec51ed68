#include "core/venue/standing.h"

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

/* Counts of the current windows, which are the venue's: they begin at whole multiples of their length of its time. */
struct spent {
    int64_t window[HX_VENUE_BUDGETS_MAX];
    int64_t used[HX_VENUE_BUDGETS_MAX];
    hx_time blocked_until;
};

#define SPENT_FIELDS (2 * HX_VENUE_BUDGETS_MAX + 1)

static hx_str spent_key(char *memory, const struct hx_venue_adapter *adapter, bool test) {
    return hx_standing_key(memory, "spent", adapter, test, HX_STR_EMPTY);
}

static struct spent spent_find(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[SPENT_FIELDS];
    struct spent spent = {0};
    bool known = hx_standing_find(req, spent_key(memory, adapter, test), fields, SPENT_FIELDS);
    if (known) spent.blocked_until = fields[SPENT_FIELDS - 1];
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX && adapter->budgets[i].limit > 0; i++) {
        spent.window[i] = now / adapter->budgets[i].window_ms;
        if (known && fields[2 * i] == spent.window[i]) spent.used[i] = fields[2 * i + 1];
    }
    return spent;
}

static void spent_put(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test,
                      const struct spent *spent) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[SPENT_FIELDS];
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX; i++) {
        fields[2 * i] = spent->window[i];
        fields[2 * i + 1] = spent->used[i];
    }
    fields[SPENT_FIELDS - 1] = spent->blocked_until;
    hx_standing_put(req, spent_key(memory, adapter, test), fields, SPENT_FIELDS);
}

static int64_t cost(const struct hx_venue_budget *budget, const struct hx_venue_call *call) {
    return budget->unit == HX_SPEND_ORDERS ? call->order_count : call->weight;
}

static bool admit(const struct spent *spent, const struct hx_venue_adapter *adapter, hx_time now,
                  const struct hx_venue_call *call, int64_t *retry_after_ms) {
    bool entry = call->kind == HX_VENUE_CALL_ENTRY;
    int64_t share = entry ? HX_VENUE_ENTRY_SHARE_PERCENT : HX_VENUE_OTHER_SHARE_PERCENT;
    int64_t round_up = entry ? 0 : 99; /* Of a limit of a few orders the last one is for what reduces. */
    *retry_after_ms = 0;
    if (now < spent->blocked_until) {
        *retry_after_ms = spent->blocked_until - now;
        return false;
    }
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX && adapter->budgets[i].limit > 0; i++) {
        const struct hx_venue_budget *budget = &adapter->budgets[i];
        int64_t more = cost(budget, call);
        /* A call of no weight is held back too while the weight is used up: it would be refused as any other. */
        if (budget->unit == HX_SPEND_ORDERS && more == 0) continue;
        if (spent->used[i] + more <= (budget->limit * share + round_up) / 100) continue;
        int64_t left_ms = budget->window_ms - now % budget->window_ms;
        if (left_ms > *retry_after_ms) *retry_after_ms = left_ms;
    }
    return *retry_after_ms == 0;
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
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX && adapter->budgets[i].limit > 0; i++) {
        spent.used[i] += cost(&adapter->budgets[i], call);
    }
    spent_put(req, adapter, test, &spent);
    return true;
}

void hx_venue_get_used(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now,
                       int64_t used[HX_VENUE_BUDGETS_MAX]) {
    struct spent spent = spent_find(req, adapter, test, now);
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX; i++) used[i] = spent.used[i];
}

bool hx_venue_is_banned(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time now) {
    return now < spent_find(req, adapter, test, now).blocked_until;
}

/* The venue's figure is of the window in which it answered; it counts only if the call also left in it, and never
 * lowers our own count, which includes what is still on its way. */
void hx_venue_spent(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time sent, hx_time now,
                    const struct hx_venue_usage *usage) {
    struct spent spent = spent_find(req, adapter, test, now);
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX && adapter->budgets[i].limit > 0; i++) {
        bool same_window = sent / adapter->budgets[i].window_ms == spent.window[i];
        if (same_window && usage->used[i] > spent.used[i]) spent.used[i] = usage->used[i];
    }
    if (usage->blocked_for_ms > 0 && now + usage->blocked_for_ms > spent.blocked_until) {
        spent.blocked_until = now + usage->blocked_for_ms;
    }
    spent_put(req, adapter, test, &spent);
}
