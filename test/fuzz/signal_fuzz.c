/* Any body: no crash, and
 *   1. what is refused says why: 1 to 8 issues, none of which quotes the body;
 *   2. what is accepted keeps the promises of signal.h;
 *   3. the claim and the signal stay the same when members change places and white space is added. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/signal/signal.h"

#define NOW ((hx_time)1795420800000)

static char memory[2][1024 * 1024];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "finding: %s\n", what);
    abort();
}

static bool is_within(const char *at, const void *start, size_t len) {
    return (uintptr_t)at >= (uintptr_t)start && (uintptr_t)at < (uintptr_t)start + len;
}

/* Sentences and names are constants, so they can't quote what came in; the one that is composed tells a position. */
static void check_issues(const struct hx_signal_issues *issues, const uint8_t *data, size_t size) {
    must(issues->count > 0 && issues->count <= HX_SIGNAL_ISSUES_MAX, "refused without a reason");
    for (uint32_t i = 0; i < issues->count; i++) {
        const struct hx_signal_issue *issue = &issues->list[i];
        must(issue->field.len > 0 && issue->issue.len > 0, "an empty issue");
        must(!is_within(issue->field.data, data, size) && !is_within(issue->field.data, memory, sizeof memory),
             "a field's name from the input");
        if (hx_str_starts_with(issue->issue, HX_STR("is not valid JSON at byte "))) continue;
        must(!is_within(issue->issue.data, data, size) && !is_within(issue->issue.data, memory, sizeof memory),
             "a sentence from the input");
    }
}

static void check_symbol(hx_str symbol) {
    must(symbol.len >= 2 && symbol.len <= HX_SYMBOL_LEN_MAX, "symbol length");
    for (size_t i = 0; i < symbol.len; i++) {
        char c = symbol.data[i];
        must((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'), "symbol character");
    }
}

static void check_numbers(const struct hx_signal *s) {
    hx_dec max = hx_dec_from_i64(HX_SIGNAL_NUMBER_MAX);
    must(!s->has_quantity || (hx_dec_sign(s->quantity) > 0 && hx_dec_compare(s->quantity, max) <= 0), "quantity");
    must(!s->has_price || (hx_dec_sign(s->price) > 0 && hx_dec_compare(s->price, max) <= 0), "price");
    must(!s->has_stop_loss || hx_dec_sign(s->stop_loss) > 0, "stop loss");
    must(!s->has_take_profit || hx_dec_sign(s->take_profit) > 0, "take profit");
    must(!s->has_trailing_stop ||
             (hx_dec_sign(s->trailing_stop) > 0 && hx_dec_compare(s->trailing_stop, hx_dec_from_i64(100)) < 0),
         "trailing stop");
    must(s->leverage >= 0 && s->leverage <= 125, "leverage");
    must(s->max_age_ms == -1 || (s->max_age_ms >= 1000 && s->max_age_ms <= 604800000), "maximum age");
}

static void check_accepted(const struct hx_signal *s, const struct hx_signal_issues *issues) {
    bool is_entry = s->action == HX_ACTION_LONG || s->action == HX_ACTION_SHORT;
    must(issues->count == 0, "accepted with issues");
    must(s->action <= HX_ACTION_TARGET && s->venue <= HX_VENUE_MEXC && s->market <= HX_MARKET_SPOT,
         "a value of an enum");
    must(!is_entry || s->has_quantity, "an entry without a quantity");
    must(s->action != HX_ACTION_TARGET || (!s->has_quantity && s->quantity_type == HX_QUANTITY_BASE),
         "a target's size");
    must(s->order_type != HX_ORDER_LIMIT || s->has_price, "a limit order without a price");
    must(s->quantity_type != HX_QUANTITY_RISK_PERCENT || !s->has_quantity || s->has_stop_loss, "risk without a stop");
    must(s->idempotency_key.len == 0 || hx_ok(hx_idempotency_key_check(s->idempotency_key)), "idempotency key");
    if (s->action == HX_ACTION_LONG && s->has_price && s->has_stop_loss) {
        must(hx_dec_compare(s->stop_loss, s->price) < 0, "a long's stop above its price");
    }
    check_symbol(s->symbol);
    check_numbers(s);
}

/* The same object with its members in reverse and white space between them. */
static hx_str write_reversed(struct hx_arena *arena, const struct hx_json *root, size_t size) {
    struct hx_buf buf;
    hx_str text = HX_STR_EMPTY;
    if (hx_failed(hx_buf_make(&buf, arena, 4 * size + 64))) return HX_STR_EMPTY;
    hx_buf_add(&buf, HX_STR("\t{ "));
    for (uint32_t i = root->count; i > 0; i--) {
        const struct hx_json *member = hx_json_first(root);
        for (uint32_t k = 1; k < i; k++) member = hx_json_next(root, member);
        hx_json_add_string(&buf, member->name);
        hx_buf_add(&buf, HX_STR(" :\r\n"));
        if (hx_failed(hx_json_add_canonical(&buf, arena, member, NULL))) return HX_STR_EMPTY;
        hx_buf_add(&buf, i > 1 ? HX_STR(" , ") : HX_STR("\n"));
    }
    hx_buf_add(&buf, HX_STR("}\n"));
    return hx_ok(hx_buf_finish(&buf, &text)) ? text : HX_STR_EMPTY;
}

static void check_same(const struct hx_signal *a, const struct hx_signal *b) {
    must(hx_str_equal(a->symbol, b->symbol) && a->action == b->action && a->venue == b->venue, "another signal");
    must(hx_dec_equal(a->quantity, b->quantity) && hx_dec_equal(a->target, b->target), "another quantity");
    must(hx_str_equal(a->api_key, b->api_key), "another key");
    must(a->has_time_field == b->has_time_field, "another window");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct hx_arena arena[2];
    struct hx_signal signal[2];
    struct hx_signal_issues issues;
    struct hx_claim claim[2];
    const struct hx_json *root = NULL;
    hx_str lane = HX_STR_EMPTY;
    hx_arena_init(&arena[0], memory[0], sizeof memory[0]);
    hx_arena_init(&arena[1], memory[1], sizeof memory[1]);
    hx_err err = hx_signal_parse(&arena[0], hx_str_make((const char *)data, size), &signal[0], &root, &issues);
    if (hx_err_equal(err, HX_ERR(LIMIT_ARENA))) return 0;
    if (hx_failed(err)) {
        must(hx_err_is(err, HX_CLASS_REJECT), "an error of another class");
        check_issues(&issues, data, size);
        return 0;
    }
    check_accepted(&signal[0], &issues);
    must(hx_ok(hx_signal_lane(&arena[0], &signal[0], &lane)), "a lane");
    if (hx_failed(hx_claim_make(&arena[0], &signal[0], root, HX_STR("webhook/a"), lane, HX_STR(""), NOW, &claim[0]))) {
        return 0;
    }
    hx_str other = write_reversed(&arena[0], root, size);
    if (other.len == 0) return 0;
    err = hx_signal_parse(&arena[1], other, &signal[1], &root, &issues);
    must(hx_ok(err), "refused after its members changed places");
    err = hx_claim_make(&arena[1], &signal[1], root, HX_STR("webhook/a"), lane, HX_STR(""), NOW, &claim[1]);
    must(hx_ok(err), "a second claim");
    check_same(&signal[0], &signal[1]);
    must(hx_mem_equal(claim[0].key, claim[1].key, HX_CLAIM_LEN), "another claim");
    must(hx_mem_equal(claim[0].payload_digest, claim[1].payload_digest, HX_SHA256_LEN), "another payload");
    must(claim[0].lasts_ms == claim[1].lasts_ms, "another lifetime");
    return 0;
}
