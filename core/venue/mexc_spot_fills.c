/* An order's trades on MEXC spot: GET /api/v3/myTrades has no cursor, only a limit and a range of time. Of more than a
 * hundred in one millisecond a hundred can be had, and the page says so. */
#include "core/venue/form.h"
#include "core/venue/mexc.h"

#define LIST_MAX 100 /* MEXC's own. */

/* What a page's token says: the list was asked for from or up to a time, and its trades up to one are taken already.
 * "<s|e><ms>,<ms>,<trade id>", where either part may be missing. */
struct position {
    char direction; /* 's': from `since` on; 'e': up to it; 0: the whole list. */
    hx_time since;
    hx_time after_ms;
    hx_str after_id; /* Empty: nothing was taken yet. */
};

static bool position_parse(hx_str page, struct position *out) {
    hx_str part = HX_STR_EMPTY;
    *out = (struct position){0};
    if (page.len > 0 && (page.data[0] == 's' || page.data[0] == 'e')) {
        out->direction = page.data[0];
        page = hx_str_slice(page, 1, page.len);
        if (!hx_str_split(&page, ',', &part) || hx_failed(hx_str_parse_i64(part, &out->since))) return false;
    }
    if (page.len == 0) return true;
    if (!hx_str_split(&page, ',', &part) || hx_failed(hx_str_parse_i64(part, &out->after_ms))) return false;
    out->after_id = page;
    return page.len > 0;
}

static bool position_format(const struct hx_venue_context *ctx, const struct position *position, hx_str *out) {
    struct hx_buf buf;
    if (hx_failed(hx_buf_make(&buf, ctx->arena, HX_VENUE_VALUE_LEN_MAX))) return false;
    if (position->direction != 0) {
        hx_buf_add_char(&buf, position->direction);
        hx_buf_add_i64(&buf, position->since);
        hx_buf_add_char(&buf, ',');
    }
    if (position->after_id.len > 0) {
        hx_buf_add_i64(&buf, position->after_ms);
        hx_buf_add_char(&buf, ',');
        hx_buf_add(&buf, position->after_id);
    }
    return hx_ok(hx_buf_finish(&buf, out));
}

hx_err hx_mexc_spot_add_fills(struct hx_form *query, hx_str symbol, hx_str venue_order_id, hx_str page) {
    struct position position;
    if (!position_parse(page, &position)) return HX_ERR(REJECT_INPUT);
    hx_form_add(query, "symbol", symbol);
    hx_form_add(query, "orderId", venue_order_id);
    if (position.direction == 's') hx_form_add_i64(query, "startTime", position.since);
    if (position.direction == 'e') hx_form_add_i64(query, "endTime", position.since);
    hx_form_add_i64(query, "limit", LIST_MAX);
    return HX_OK;
}

static bool read_fill(const struct hx_venue_context *ctx, const struct hx_json *row, hx_str symbol,
                      hx_str venue_order_id, struct hx_fill *fill) {
    hx_str order_id = HX_STR_EMPTY;
    bool buyer = false;
    if (!hx_answer_member_equals(row, HX_STR("symbol"), symbol)) return false;
    if (!hx_mexc_spot_read_id(row, HX_STR("id"), &fill->venue_trade_id)) return false;
    if (!hx_mexc_spot_read_id(row, HX_STR("orderId"), &order_id)) return false;
    if (!hx_str_equal(order_id, venue_order_id)) return false;
    fill->venue_order_id = venue_order_id;
    if (hx_failed(hx_json_get_bool(row, HX_STR("isBuyer"), &buyer))) return false;
    fill->side = buyer ? HX_SIDE_BUY : HX_SIDE_SELL;
    if (hx_failed(hx_json_get_bool(row, HX_STR("isMaker"), &fill->maker))) return false;
    if (!hx_answer_positive_dec(row, HX_STR("qty"), &fill->quantity)) return false;
    if (!hx_answer_positive_dec(row, HX_STR("price"), &fill->price)) return false;
    if (!hx_answer_read_dec_cut(row, HX_STR("commission"), &fill->fee)) return false;
    if (hx_failed(hx_json_get_str(row, HX_STR("commissionAsset"), &fill->fee_asset))) {
        /* A trade that cost nothing may not say in what. */
        if (!hx_dec_is_zero(fill->fee) || ctx->rules == NULL) return false;
        fill->fee_asset = ctx->rules->quote_asset;
    }
    return hx_answer_read_ms(row, HX_STR("time"), &fill->time_ms);
}

static int compare(hx_time a_ms, hx_str a_id, hx_time b_ms, hx_str b_id) {
    if (a_ms != b_ms) return a_ms < b_ms ? -1 : 1;
    return hx_str_compare(a_id, b_id);
}

/* Keeps the page's earliest trades. *more: one had to be left to the next page. False: the trade is there twice. */
static bool page_take(struct hx_fill_page *page, const struct hx_fill *fill, bool *more) {
    uint32_t at = page->count;
    int compared = 1;
    while (at > 0) {
        const struct hx_fill *before = &page->list[at - 1];
        compared = compare(fill->time_ms, fill->venue_trade_id, before->time_ms, before->venue_trade_id);
        if (compared >= 0) break;
        at--;
    }
    if (at > 0 && compared == 0) return false;
    if (page->count == HX_VENUE_PAGE_FILLS_MAX) {
        *more = true;
        if (at == page->count) return true;
        page->count--;
    }
    for (uint32_t i = page->count; i > at; i--) page->list[i] = page->list[i - 1];
    page->list[at] = *fill;
    page->count++;
    return true;
}

/* Where a list that may be cut was cut: at the end that is the last in its own order. *within: all of it is of one
 * millisecond, and what else there is of that can't be asked for. False when nothing can be said. */
static bool find_cut(const struct hx_json *rows, struct position *at, bool *within) {
    hx_time first = 0;
    hx_time last = 0;
    hx_time least = INT64_MAX;
    hx_time most = INT64_MIN;
    for (const struct hx_json *row = hx_json_first(rows); row != NULL; row = hx_json_next(rows, row)) {
        if (!hx_answer_read_ms(row, HX_STR("time"), &last)) return false;
        if (least == INT64_MAX) first = last;
        least = last < least ? last : least;
        most = last > most ? last : most;
    }
    *within = rows->count > 0 && least == most;
    if (last != (first > last ? least : most)) return false;
    *at = (struct position){.direction = first > last ? 'e' : 's', .since = last};
    return true;
}

static struct hx_venue_verdict take_rows(const struct hx_venue_context *ctx, const struct hx_json *rows, hx_str symbol,
                                         hx_str venue_order_id, const struct position *here, struct hx_fill_page *out) {
    struct position next = {0};
    bool cut = rows->count == LIST_MAX;
    bool more = false;
    bool within = false;
    if (rows->count > LIST_MAX) return hx_answer_unreadable(ctx);
    bool found = !cut || find_cut(rows, &next, &within);
    /* Newest first, as MEXC lists them, unless an earlier page showed otherwise. */
    if (within) next.direction = here->direction != 0 ? here->direction : 'e';
    if (!found || (cut && here->direction != 0 && here->direction != next.direction)) {
        struct hx_venue_verdict verdict =
            hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, (struct hx_venue_failure){0},
                              HX_STR("MEXC lists a hundred trades of an order at a time, and this order's can't be "
                                     "told apart by their time: look them up on MEXC."));
        verdict.too_many = true;
        return verdict;
    }
    for (const struct hx_json *row = hx_json_first(rows); row != NULL; row = hx_json_next(rows, row)) {
        struct hx_fill fill = {0};
        if (!read_fill(ctx, row, symbol, venue_order_id, &fill)) return hx_answer_unreadable(ctx);
        if (cut && !within && fill.time_ms == next.since) continue;
        bool taken =
            here->after_id.len > 0 && compare(fill.time_ms, fill.venue_trade_id, here->after_ms, here->after_id) <= 0;
        if (!taken && !page_take(out, &fill, &more)) return hx_answer_unreadable(ctx);
    }
    /* On to the other milliseconds, once all that is listed of this one is taken. */
    if (within && !more) {
        next.since += next.direction == 's' ? 1 : -1;
        out->incomplete = true;
    }
    if (more) {
        const struct hx_fill *last = &out->list[out->count - 1];
        next = *here;
        next.after_ms = last->time_ms;
        next.after_id = last->venue_trade_id;
    }
    if ((more || cut) && !position_format(ctx, &next, &out->next)) return hx_answer_unreadable(ctx);
    return hx_answer_done();
}

struct hx_venue_verdict hx_mexc_spot_decode_fills(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer, hx_str symbol,
                                                  hx_str venue_order_id, hx_str page, struct hx_fill_page *out) {
    struct position here;
    out->count = 0;
    out->next = HX_STR_EMPTY;
    out->restart = false;
    if (answer->status != 200) return hx_mexc_spot_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *rows = hx_answer_parse(ctx, answer->body);
    if (rows == NULL || rows->type != HX_JSON_ARRAY || !position_parse(page, &here)) return hx_answer_unreadable(ctx);
    return take_rows(ctx, rows, symbol, venue_order_id, &here, out);
}
