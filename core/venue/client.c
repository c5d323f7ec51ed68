/* The suspending half: orders, what became of them, and the account. Rules and settings are in setup.c. */
#include "core/venue/exchange.h"
#include "core/venue/stream_order.h"

#define TRADE_ID_LEN_MAX 40                 /* Room for one (a UUID) and its share of the fee assets. */
#define FILLS_ROOM_MIN ((size_t)128 * 1024) /* A list that does not fit into this is too long. */
#define FILLS_LONG_LIST_TEXT_MAX ((size_t)HX_FILLS_PER_ORDER_MAX * TRADE_ID_LEN_MAX)

const struct hx_venue_guarantees *hx_venue_guarantees(const struct hx_account *account) {
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    return adapter == NULL ? NULL : &adapter->guarantees;
}

const struct hx_venue_traits *hx_venue_traits(const struct hx_account *account) {
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    return adapter == NULL ? NULL : &adapter->traits;
}

static struct hx_venue_result end(struct hx_exchange *x, struct hx_venue_verdict verdict) {
    return hx_exchange_end(x, &verdict);
}

/* A signed question about a symbol: its rules first, so that the timestamp is not spent on waiting for them. */
static struct hx_venue_verdict begin_about(struct hx_exchange *x, struct hx_req *req, const struct hx_account *account,
                                           hx_str symbol) {
    struct hx_venue_verdict verdict = hx_exchange_begin(x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_authenticate(x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_load_rules(x, symbol, true);
    return verdict.outcome == HX_OUTCOME_DONE ? hx_exchange_stamp(x) : verdict;
}

struct hx_venue_result hx_venue_sync_clock(struct hx_req *req, const struct hx_account *account) {
    struct hx_exchange x;
    struct hx_venue_verdict verdict = hx_exchange_begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_stamp(&x);
    return end(&x, verdict);
}

struct hx_venue_result hx_venue_prepare(struct hx_req *req, const struct hx_account *account) {
    struct hx_exchange x;
    struct hx_venue_verdict verdict = hx_exchange_begin_signed(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_try_secret(&x);
    if (verdict.outcome != HX_OUTCOME_DONE) return end(&x, verdict);
    /* Whether an entry may still go is decided when it goes; an exit must not be held up here by the entries' share. */
    struct hx_venue_call order = {.kind = HX_VENUE_CALL_OTHER, .order_count = 1};
    int64_t retry_after_ms = 0;
    hx_time venue_now = hx_port_now(req) + x.clock.offset_ms;
    if (!hx_venue_may_spend(req, x.adapter, account->test, venue_now, &order, &retry_after_ms)) {
        verdict = hx_exchange_held_back(&x, venue_now, retry_after_ms);
    } else if (hx_failed(hx_port_http_prepare(req, x.origin, x.timeout_ms))) {
        verdict = hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The venue could not be reached; nothing was sent."));
    } else {
        hx_order_socket_prepare(&x);
    }
    return end(&x, verdict);
}

/* Takes the verdict into the report, copies what must outlive the exchange, and ends it. */
static void report_end(struct hx_exchange *x, struct hx_venue_verdict verdict, hx_str client_order_id,
                       struct hx_order_report *out) {
    bool was_rejected = verdict.outcome == HX_OUTCOME_REJECTED;
    verdict = hx_exchange_distrust_mode(x, verdict);
    bool mode_was_old = was_rejected && verdict.outcome == HX_OUTCOME_BUSY;
    if (verdict.outcome != HX_OUTCOME_DONE) *out = (struct hx_order_report){.venue_time_ms = out->venue_time_ms};
    out->client_order_id = client_order_id;
    out->venue_order_id = hx_exchange_keep(x, out->venue_order_id);
    out->fee_asset = hx_exchange_keep(x, out->fee_asset);
    struct hx_venue_result result = end(x, verdict);
    out->outcome = result.outcome;
    out->venue_code = result.venue_code;
    out->message = result.message;
    out->retry_after_ms = result.retry_after_ms;
    out->held_back = result.held_back;
    out->halted = was_rejected && verdict.halted;
    out->may_pass_at_once = verdict.clock_is_off || verdict.connection_lost || mode_was_old;
}

/* Nothing suspends before the send: what the caller looked at last (the kill switch) still holds when the order leaves.
 */
void hx_venue_place(struct hx_req *req, const struct hx_account *account, const struct hx_order_request *order,
                    hx_time send_by, struct hx_order_report *out) {
    struct hx_exchange x;
    *out = (struct hx_order_report){0};
    struct hx_venue_verdict verdict = hx_exchange_begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_authenticate(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_check_room(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_load_rules(&x, order->symbol, false);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_stamp_at_once(&x);
    if (verdict.outcome == HX_OUTCOME_DONE && send_by > 0 && hx_port_now(req) > send_by) {
        verdict = hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The order's send deadline passed; nothing was sent."));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        x.send_by_ms = send_by;
        hx_err encoded = x.adapter->encode_order(&x.ctx, order, &x.call);
        /* On spot there is no reduce-only; a sale reduces. */
        if (x.adapter->traits.spot && order->side == HX_SIDE_SELL) x.call.kind = HX_VENUE_CALL_OTHER;
        verdict = hx_order_socket_send(&x, encoded);
    }
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = x.adapter->decode_order(&x.ctx, &x.answer, order, out);
    bool reduces = order->reduce_only || (x.adapter != NULL && x.adapter->traits.spot && order->side == HX_SIDE_SELL);
    verdict = hx_exchange_distrust_rules(&x, verdict, reduces);
    report_end(&x, verdict, order->client_order_id, out);
}

/* One place after the other, as long as each says that it is not there. */
static struct hx_venue_verdict query_stages(struct hx_exchange *x, hx_str symbol, hx_str client_order_id,
                                            struct hx_order_report *out) {
    struct hx_venue_verdict verdict = hx_exchange_verdict(HX_OUTCOME_ABSENT, HX_STR_EMPTY);
    for (uint32_t stage = 0; stage < x->adapter->query_stages && verdict.outcome == HX_OUTCOME_ABSENT; stage++) {
        if (stage > 0) verdict = hx_exchange_stamp(x);
        if (stage > 0 && verdict.outcome != HX_OUTCOME_DONE) return verdict;
        hx_err encoded = x->adapter->encode_query(&x->ctx, symbol, client_order_id, stage, &x->call);
        verdict = hx_exchange_as_question(hx_exchange_send(x, encoded));
        if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
        verdict = x->adapter->decode_query(&x->ctx, &x->answer, symbol, client_order_id, stage, out);
    }
    return verdict;
}

void hx_venue_query(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str client_order_id,
                    struct hx_order_report *out) {
    struct hx_exchange x;
    *out = (struct hx_order_report){0};
    struct hx_venue_verdict verdict = begin_about(&x, req, account, symbol);
    hx_time asked = x.ctx.timestamp_ms;
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = query_stages(&x, symbol, client_order_id, out);
    if (verdict.outcome == HX_OUTCOME_ABSENT) {
        verdict = hx_exchange_confirm_absence(&x, verdict);
        out->venue_time_ms = asked;
    }
    /* No credentials, no such venue: it could not be asked. */
    if (verdict.outcome == HX_OUTCOME_REJECTED) verdict.outcome = HX_OUTCOME_BUSY;
    report_end(&x, verdict, client_order_id, out);
}

void hx_venue_cancel(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str client_order_id,
                     struct hx_order_report *out) {
    struct hx_exchange x;
    *out = (struct hx_order_report){0};
    struct hx_venue_verdict verdict = begin_about(&x, req, account, symbol);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_check_room(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = hx_exchange_send(&x, x.adapter->encode_cancel(&x.ctx, symbol, client_order_id, &x.call));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = x.adapter->decode_cancel(&x.ctx, &x.answer, symbol, client_order_id, out);
    }
    report_end(&x, verdict, client_order_id, out);
}

struct hx_venue_result hx_venue_get_position(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                             struct hx_venue_position *out) {
    struct hx_exchange x;
    *out = (struct hx_venue_position){0};
    struct hx_venue_verdict verdict = begin_about(&x, req, account, symbol);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        hx_err encoded = x.adapter->encode_position(&x.ctx, symbol, &x.call);
        verdict = hx_exchange_as_question(hx_exchange_send(&x, encoded));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = x.adapter->decode_position(&x.ctx, &x.answer, symbol, out);
    if (verdict.outcome == HX_OUTCOME_DONE) hx_exchange_complete_position(&x, out);
    return end(&x, verdict);
}

struct hx_venue_result hx_venue_get_equity(struct hx_req *req, const struct hx_account *account, hx_str asset,
                                           struct hx_equity *out) {
    struct hx_exchange x;
    *out = (struct hx_equity){.asset = asset};
    struct hx_venue_verdict verdict = hx_exchange_begin_signed(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        hx_err encoded = x.adapter->encode_equity(&x.ctx, asset, &x.call);
        verdict = hx_exchange_as_question(hx_exchange_send(&x, encoded));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = x.adapter->decode_equity(&x.ctx, &x.answer, asset, out);
    return end(&x, verdict);
}

/* The list in the making. It and its texts lie below the arena mark of each page's answer; the list grows in place,
 * because it is the last thing before that mark. */
struct collection {
    struct hx_fills *fills;
    uint32_t room;
    struct hx_buf text;
    hx_str fee_asset; /* Most fills of an order pay in one asset: kept once. */
    bool incomplete;  /* The venue has more than it lists. */
    bool ended;       /* It had no more to list. */
    size_t mark;      /* Of the arena before all of it. */
};

static bool collection_begin(struct hx_exchange *x, struct collection *c, size_t text_len_max) {
    c->fee_asset = HX_STR_EMPTY;
    c->incomplete = c->ended = false;
    c->fills->list = NULL;
    c->fills->count = c->room = 0;
    return hx_ok(hx_buf_make(&c->text, &x->req->arena, text_len_max));
}

/* Room for one more page. */
static bool collection_grow(struct hx_exchange *x, struct collection *c) {
    if (c->room >= c->fills->count + HX_VENUE_PAGE_FILLS_MAX) return true;
    void *more = hx_arena_take(&x->req->arena, HX_VENUE_PAGE_FILLS_MAX * sizeof(struct hx_fill));
    if (more == NULL) return false;
    if (c->room == 0) c->fills->list = more;
    hx_assert(more == (void *)(c->fills->list + c->room));
    c->room += HX_VENUE_PAGE_FILLS_MAX;
    return true;
}

static hx_str collection_text(struct collection *c, hx_str text) {
    size_t from = c->text.len;
    hx_buf_add(&c->text, text);
    return hx_str_slice(hx_buf_str(&c->text), from, c->text.len);
}

static bool collection_has(const struct collection *c, uint32_t count, hx_str venue_trade_id) {
    for (uint32_t i = 0; i < count; i++) {
        if (hx_str_equal(c->fills->list[i].venue_trade_id, venue_trade_id)) return true;
    }
    return false;
}

/* Where the list grows while it is read, the next page may begin with what the last one ended with: those are left out.
 */
static bool collection_add(struct collection *c, const struct hx_fill_page *page, hx_str venue_order_id) {
    uint32_t before = c->fills->count;
    for (uint32_t i = 0; i < page->count; i++) {
        if (collection_has(c, before, page->list[i].venue_trade_id)) continue;
        struct hx_fill *fill = &c->fills->list[c->fills->count++];
        *fill = page->list[i];
        if (!hx_str_equal(fill->fee_asset, c->fee_asset)) c->fee_asset = collection_text(c, fill->fee_asset);
        fill->fee_asset = c->fee_asset;
        fill->venue_trade_id = collection_text(c, fill->venue_trade_id);
        fill->venue_order_id = venue_order_id;
    }
    return !c->text.overflowed;
}

/* What does not fit here may fit where less of the request's memory is used up. */
static struct hx_venue_verdict too_many(const struct hx_exchange *x, const struct collection *c) {
    struct hx_venue_verdict verdict = hx_exchange_verdict(
        HX_OUTCOME_UNKNOWN, HX_STR("The order has more fills than hoox can hold; its fills are not complete."));
    verdict.too_many = x->req->arena.size - c->mark >= FILLS_ROOM_MIN;
    return verdict;
}

static struct hx_venue_verdict not_all_listed(void) {
    struct hx_venue_verdict verdict = hx_exchange_verdict(
        HX_OUTCOME_UNKNOWN, HX_STR("The order has more fills than the venue lists; its fills are not complete."));
    verdict.too_many = true;
    return verdict;
}

/* One page: asked, decoded, and added to the collection. */
static struct hx_venue_verdict page_fetch(struct hx_exchange *x, hx_str symbol, hx_str venue_order_id, hx_str token,
                                          struct collection *c, struct hx_fill_page **out) {
    struct hx_fill_page *page = hx_arena_take(&x->req->arena, sizeof *page);
    if (page == NULL) return too_many(x, c);
    *out = page;
    page->incomplete = false;
    struct hx_venue_verdict verdict = hx_exchange_stamp(x);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    x->req->arena.refused = false;
    hx_err encoded = x->adapter->encode_fills(&x->ctx, symbol, venue_order_id, token, &x->call);
    verdict = hx_exchange_as_question(hx_exchange_send(x, encoded));
    bool sent = verdict.outcome == HX_OUTCOME_DONE;
    if (sent) verdict = x->adapter->decode_fills(&x->ctx, &x->answer, symbol, venue_order_id, token, page);
    if (verdict.outcome != HX_OUTCOME_DONE) {
        return verdict.too_many || x->req->arena.refused ? too_many(x, c) : verdict;
    }
    if (page->restart) return verdict;
    c->incomplete = c->incomplete || page->incomplete;
    if (page->next.len > HX_VENUE_TOKEN_LEN_MAX) return too_many(x, c);
    return collection_add(c, page, venue_order_id) ? verdict : too_many(x, c);
}

/* A page at a time, each in the same memory. Most orders fit on the first page, with little room for texts; a longer
 * list is begun again with room for all of it. */
static struct hx_venue_verdict pages_fetch(struct hx_exchange *x, hx_str symbol, hx_str venue_order_id,
                                           struct collection *c) {
    char carried[HX_VENUE_TOKEN_LEN_MAX];
    hx_str token = HX_STR_EMPTY;
    bool is_long = false;
    for (;;) {
        struct hx_fill_page *page = NULL;
        if (c->fills->count >= HX_FILLS_PER_ORDER_MAX || !collection_grow(x, c)) return too_many(x, c);
        size_t mark = hx_arena_mark(&x->req->arena);
        struct hx_venue_verdict verdict = page_fetch(x, symbol, venue_order_id, token, c, &page);
        if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
        bool again = page->next.len > 0 && !is_long;
        token = again && !page->restart ? HX_STR_EMPTY : page->next;
        hx_mem_move(carried, token.data, token.len);
        token = hx_str_make(carried, token.len);
        hx_arena_rewind(&x->req->arena, mark);
        if (again) {
            is_long = true;
            hx_arena_rewind(&x->req->arena, x->mark);
            if (!collection_begin(x, c, FILLS_LONG_LIST_TEXT_MAX)) return too_many(x, c);
        } else if (token.len == 0) {
            c->ended = true;
            return c->incomplete ? not_all_listed() : verdict;
        }
    }
}

struct hx_venue_result hx_venue_fills(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                      hx_str venue_order_id, struct hx_fills *out) {
    struct hx_exchange x;
    struct collection c = {.fills = out, .mark = hx_arena_mark(&req->arena)};
    *out = (struct hx_fills){NULL, 0};
    struct hx_venue_verdict verdict = begin_about(&x, req, account, symbol);
    size_t mark = x.mark;
    /* What the rules needed lies below the list. */
    x.mark = hx_arena_mark(&req->arena);
    if (verdict.outcome == HX_OUTCOME_DONE && !collection_begin(&x, &c, HX_VENUE_PAGE_FILLS_MAX * TRADE_ID_LEN_MAX)) {
        verdict = too_many(&x, &c);
    }
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = pages_fetch(&x, symbol, venue_order_id, &c);
    if (c.ended) {
        /* The list stays; what came after it does not. */
        x.mark = hx_arena_mark(&req->arena);
    } else {
        x.mark = mark;
        *out = (struct hx_fills){NULL, 0};
    }
    return end(&x, verdict);
}
