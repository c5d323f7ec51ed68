/* Turns: a burst of signals is worked off without asking more of a venue than it allows.
 *
 * What a signal will ask for is counted when it begins, in the windows of the venue's limits; entries begin up to their
 * share, exits up to the larger one. Who can't begin gets a slot: slots are as far apart as the tightest limit lasts,
 * so that those who wait don't come back together, and an entry's slot is behind those of all exits that wait. */
#include "core/venue/standing.h"

#define SIGNAL_WEIGHT_DEFAULT 6
/* A longer queue of slots is none: the clock was set back. */
#define QUEUE_MS_MAX HX_MS_PER_DAY

/* What was begun in the windows of the limits (the venue's time), and when the next slots are (ours). */
struct turns {
    int64_t window[HX_VENUE_BUDGETS_MAX];
    int64_t begun[HX_VENUE_BUDGETS_MAX];
    hx_time next_exit, next_entry;
};

#define TURNS_FIELDS (2 * HX_VENUE_BUDGETS_MAX + 2)

static hx_str turns_key(char *memory, const struct hx_venue_adapter *adapter, bool test) {
    return hx_standing_key(memory, "turns", adapter, test, HX_STR_EMPTY);
}

static hx_time slot_find(hx_time noted, hx_time now) {
    return noted > now && noted - now <= QUEUE_MS_MAX ? noted : now;
}

static struct turns turns_find(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test, hx_time venue_now,
                               hx_time now) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[TURNS_FIELDS] = {0};
    struct turns turns = {0};
    bool known = hx_standing_find(req, turns_key(memory, adapter, test), fields, TURNS_FIELDS);
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX && adapter->budgets[i].limit > 0; i++) {
        turns.window[i] = venue_now / adapter->budgets[i].window_ms;
        if (known && fields[2 * i] == turns.window[i]) turns.begun[i] = fields[2 * i + 1];
    }
    turns.next_exit = slot_find(known ? fields[TURNS_FIELDS - 2] : 0, now);
    turns.next_entry = slot_find(known ? fields[TURNS_FIELDS - 1] : 0, now);
    return turns;
}

static void turns_put(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test,
                      const struct turns *turns) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[TURNS_FIELDS];
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX; i++) {
        fields[2 * i] = turns->window[i];
        fields[2 * i + 1] = turns->begun[i];
    }
    fields[TURNS_FIELDS - 2] = turns->next_exit;
    fields[TURNS_FIELDS - 1] = turns->next_entry;
    hx_standing_put(req, turns_key(memory, adapter, test), fields, TURNS_FIELDS);
}

static int64_t cost(const struct hx_venue_adapter *adapter, int budget) {
    if (adapter->budgets[budget].unit == HX_SPEND_ORDERS) return 1;
    return adapter->signal_weight > 0 ? adapter->signal_weight : SIGNAL_WEIGHT_DEFAULT;
}

/* At least what one signal costs: otherwise none could ever begin. */
static int64_t allowed(const struct hx_venue_adapter *adapter, int budget, bool reduces) {
    int64_t share = reduces ? HX_VENUE_OTHER_SHARE_PERCENT : HX_VENUE_ENTRY_SHARE_PERCENT;
    int64_t round_up = reduces ? 99 : 0; /* As the client counts: the last of a few orders is for what reduces. */
    int64_t most = (adapter->budgets[budget].limit * share + round_up) / 100;
    return most > cost(adapter, budget) ? most : cost(adapter, budget);
}

static hx_time find_venue_now(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test) {
    struct hx_venue_clock clock = {0};
    (void)hx_venue_clock_find(req, adapter, test, &clock);
    return hx_port_now(req) + clock.offset_ms;
}

bool hx_venue_begin(struct hx_req *req, const struct hx_account *account, bool reduces, bool waited,
                    int64_t *retry_after_ms) {
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    int64_t used[HX_VENUE_BUDGETS_MAX];
    *retry_after_ms = 0;
    if (adapter == NULL) return true;
    hx_time now = hx_port_now(req);
    hx_time venue_now = find_venue_now(req, adapter, account->test);
    struct turns turns = turns_find(req, adapter, account->test, venue_now, now);
    hx_venue_get_used(req, adapter, account->test, venue_now, used);
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX && adapter->budgets[i].limit > 0; i++) {
        const struct hx_venue_budget *budget = &adapter->budgets[i];
        int64_t taken = used[i] > turns.begun[i] ? used[i] : turns.begun[i];
        int64_t left_ms = budget->window_ms - venue_now % budget->window_ms;
        /* The limit of a whole day is not waited for; the venue's client says that it is used up. */
        bool fits = taken + cost(adapter, i) <= allowed(adapter, i, reduces) || left_ms > HX_VENUE_HELD_BACK_MS_MAX;
        if (!fits && left_ms > *retry_after_ms) *retry_after_ms = left_ms;
    }
    hx_time first = reduces ? turns.next_exit : turns.next_entry;
    if (*retry_after_ms == 0 && !waited && first > now) *retry_after_ms = first - now;
    if (*retry_after_ms > 0) return false;
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX && adapter->budgets[i].limit > 0; i++) turns.begun[i] += cost(adapter, i);
    turns_put(req, adapter, account->test, &turns);
    return true;
}

/* How long the tightest limit lasts for one signal. */
static int64_t spacing_ms(const struct hx_venue_adapter *adapter, bool reduces) {
    int64_t longest = 1;
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX && adapter->budgets[i].limit > 0; i++) {
        int64_t most = allowed(adapter, i, reduces);
        if (adapter->budgets[i].window_ms > HX_VENUE_HELD_BACK_MS_MAX) continue; /* A day's: not for a burst. */
        int64_t each = (adapter->budgets[i].window_ms * cost(adapter, i) + most - 1) / most;
        if (each > longest) longest = each;
    }
    return longest;
}

int64_t hx_venue_next_slot_ms(struct hx_req *req, const struct hx_account *account, bool reduces, int64_t at_least_ms) {
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    if (adapter == NULL) return at_least_ms;
    hx_time now = hx_port_now(req);
    struct turns turns = turns_find(req, adapter, account->test, find_venue_now(req, adapter, account->test), now);
    hx_time slot = now + at_least_ms;
    if (turns.next_exit > slot) slot = turns.next_exit;
    if (!reduces && turns.next_entry > slot) slot = turns.next_entry;
    hx_time next = slot + spacing_ms(adapter, reduces);
    if (reduces) {
        turns.next_exit = next;
    } else {
        turns.next_entry = next;
    }
    turns_put(req, adapter, account->test, &turns);
    return slot - now;
}
