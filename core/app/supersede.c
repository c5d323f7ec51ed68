/* Exits that come behind a signal which is not done yet.
 *
 * A lane spans venues and markets, and order matters only within one account. So an exit of another account goes ahead
 * of what waits, as long as nothing in the lane is being sent or unknown, and neither waits for an entry nor ends it.
 *
 * Of the same account, one that would close what the entry opens ends the entry, or what is left of it. But an entry
 * may have something to close first (a flip), and an exit may be about the other side: then the entry goes on, so that
 * nobody is kept in a position for having called off the one that was to follow it. */
#include "core/app/work.h"

#define WALK_MAX 32 /* So many signals an exit is looked for behind, and goes ahead of. */

struct place {
    enum hx_venue_id venue; /* NONE: not named and not routed yet, so it may be any. */
    enum hx_market market;
};

static struct place place_of(const struct hx_signal_row *row, const struct hx_signal *signal) {
    return (struct place){row->venue != HX_VENUE_NONE ? row->venue : signal->venue, signal->market};
}

static bool may_be_same(struct place a, struct place b) {
    bool any = a.venue == HX_VENUE_NONE || b.venue == HX_VENUE_NONE;
    return a.market == b.market && (any || a.venue == b.venue);
}

/* An exit that names no venue goes where the position is, which may be where the entry would open. */
static bool is_of_account(const struct hx_work *work, const struct hx_signal_row *row, const struct hx_signal *exit) {
    return may_be_same(place_of(row, exit), (struct place){work->account.venue, work->account.market});
}

/* What a signal without legs would close of a position, to begin with. */
static hx_err quantity_closed(const struct hx_signal *signal, hx_dec position, hx_dec *out) {
    const struct hx_plan_input input = {
        .signal = signal, .position = position, .spot = signal->market == HX_MARKET_SPOT};
    struct hx_step step;
    HX_TRY(hx_plan_decide(&input, &step));
    *out = step.kind == HX_STEP_CLOSE ? step.quantity : HX_DEC_ZERO;
    return HX_OK;
}

/* Whether the exit closes any of what the entry opens. */
static hx_err undoes(const struct hx_work *work, const struct hx_signal *exit, bool *out) {
    const struct hx_signal *entry = &work->signal;
    bool is_short =
        entry->action == HX_ACTION_SHORT || (entry->action == HX_ACTION_TARGET && hx_dec_sign(entry->target) < 0);
    hx_dec closed;
    HX_TRY(quantity_closed(exit, hx_dec_from_i64(is_short ? -1 : 1), &closed));
    *out = hx_dec_sign(closed) > 0;
    return HX_OK;
}

/* What the entry has still to close before it opens anything. */
static hx_err quantity_owed(const struct hx_work *work, hx_dec position, hx_dec *out) {
    *out = HX_DEC_ZERO;
    if (work->order_count == 0) return quantity_closed(&work->signal, position, out);
    const struct hx_order_row *last = &work->orders[work->order_count - 1];
    bool waits = !last->opens && hx_str_equal(last->status, HX_STATUS_BUSY);
    if (waits) *out = hx_dec_min(last->quantity, hx_dec_abs(position));
    return HX_OK;
}

/* The first exit behind the signal that is of its account. */
static hx_err find_exit(struct hx_work *work, struct hx_signal *exit, bool *found) {
    struct hx_signal_row row = {.seq = work->row.seq};
    struct hx_signal_issues issues;
    *found = false;
    for (uint32_t i = 0; i < WALK_MAX && !*found; i++) {
        size_t mark = hx_arena_mark(&work->req->arena);
        hx_err err = hx_ledger_exit_behind(work->req, work->row.lane, row.seq, &row);
        if (hx_err_is(err, HX_CLASS_ABSENT)) return HX_OK;
        HX_TRY(err);
        HX_TRY(hx_signal_parse(&work->req->arena, row.body, exit, NULL, &issues));
        *found = is_of_account(work, &row, exit);
        if (!*found) hx_arena_rewind(&work->req->arena, mark);
    }
    return HX_OK;
}

hx_err hx_work_gives_way(struct hx_work *work, bool *gives_way) {
    struct hx_signal exit;
    struct hx_position position;
    hx_dec owed, closed;
    HX_TRY(find_exit(work, &exit, gives_way));
    if (*gives_way) HX_TRY(undoes(work, &exit, gives_way));
    if (!*gives_way) return HX_OK;
    /* Only its quantity counts here. */
    HX_TRY(hx_ledger_position(work->req, &work->account, work->row.symbol, HX_STR_EMPTY, &position));
    HX_TRY(quantity_owed(work, position.quantity, &owed));
    HX_TRY(quantity_closed(&exit, position.quantity, &closed));
    *gives_way = hx_dec_compare(owed, closed) <= 0;
    return HX_OK;
}

hx_err hx_work_opening_is_undone(struct hx_work *work, bool *undone) {
    struct hx_signal exit;
    HX_TRY(find_exit(work, &exit, undone));
    return *undone ? undoes(work, &exit, undone) : HX_OK;
}

/* Accounts that are taken by signals which come first. */
struct taken {
    struct place list[WALK_MAX + 1];
    uint32_t count;
};

static bool is_taken(const struct taken *taken, struct place place) {
    for (uint32_t i = 0; i < taken->count; i++) {
        if (may_be_same(taken->list[i], place)) return true;
    }
    return false;
}

hx_err hx_work_find_overtaking(struct hx_req *req, const struct hx_signal_row *head, struct hx_signal_row *out,
                               bool *found, hx_time *next_due) {
    struct hx_signal signal;
    struct hx_signal_issues issues;
    struct taken taken = {.count = 1};
    int64_t uncertain = 0;
    *found = false;
    size_t before = hx_arena_mark(&req->arena);
    hx_err err = hx_ledger_exit_behind(req, head->lane, head->seq, out);
    hx_arena_rewind(&req->arena, before);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return HX_OK;
    HX_TRY(err);
    HX_TRY(hx_ledger_find_intent(req, head->lane, &uncertain));
    HX_TRY(hx_signal_parse(&req->arena, head->body, &signal, NULL, &issues));
    taken.list[0] = place_of(head, &signal);
    out->seq = head->seq;
    for (uint32_t i = 0; i < WALK_MAX; i++) {
        size_t mark = hx_arena_mark(&req->arena);
        err = hx_ledger_next_open(req, head->lane, out->seq, out);
        if (hx_err_is(err, HX_CLASS_ABSENT)) return HX_OK;
        HX_TRY(err);
        HX_TRY(hx_signal_parse(&req->arena, out->body, &signal, NULL, &issues));
        struct place place = place_of(out, &signal);
        /* What went ahead and is unknown since is looked after, whatever else may go. */
        bool may = hx_str_equal(out->status, HX_STR("unknown")) || out->seq == uncertain ||
                   (uncertain == 0 && !out->has_expiry && !is_taken(&taken, place));
        *found = may && out->due_ms <= hx_port_now(req);
        if (*found) return HX_OK;
        if (may && out->due_ms < *next_due) *next_due = out->due_ms;
        taken.list[taken.count++] = place;
        hx_arena_rewind(&req->arena, mark);
    }
    return HX_OK;
}
