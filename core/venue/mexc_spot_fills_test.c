/* Goal: an order's trades on MEXC spot are all read, each once, however many there are and in whichever order MEXC
 * lists them; or it is said that they can't be. Method: a list of trades served as documented (a range of time, a
 * hundred at most, in either order), read page by page as the client does it; and rows spoilt in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/mexc.h"

#define BTC HX_STR("BTCUSDT")
#define ORDER_ID "C02__77"
#define T0 ((hx_time)1764000000000)
#define TRADES_MAX 500
#define ROW                                                                                                          \
    "{\"symbol\":\"BTCUSDT\",\"id\":\"fad2af9e942049b6adbda1a271f990c6\",\"orderId\":\"" ORDER_ID                    \
    "\",\"orderListId\":-1,\"price\":\"61234.5\",\"qty\":\"0.002\",\"quoteQty\":\"122.469\",\"commission\":\"0.0001" \
    "\",\"commissionAsset\":\"MX\",\"time\":1764000000123,\"isBuyer\":true,\"isMaker\":false,\"isBestMatch\":true,"  \
    "\"isSelfTrade\":false,\"clientOrderId\":null}"

struct trade {
    hx_time time_ms;
    int id;
};

static uint8_t memory[HX_REQUEST_ARENA_SIZE];
static struct hx_arena arena;
static struct hx_venue_context ctx;
static struct hx_fill_page page;
static struct hx_venue_call call;
static struct trade trades[TRADES_MAX];
static int trade_count;
static bool newest_first;
static const struct hx_symbol_rules rules = {.quote_asset = {"USDT", 4}};
static const struct hx_venue_adapter *const a = &hx_mexc_spot;

static int setup(void **state) {
    (void)state;
    hx_arena_init(&arena, memory, sizeof memory);
    ctx = (struct hx_venue_context){.arena = &arena, .rules = &rules, .receive_window_ms = 2000, .timestamp_ms = T0};
    return 0;
}

static int compare(const void *x, const void *y) {
    const struct trade *p = x;
    const struct trade *q = y;
    int by_time = p->time_ms < q->time_ms ? -1 : p->time_ms > q->time_ms;
    int compared = by_time != 0 ? by_time : p->id - q->id;
    return newest_first ? -compared : compared;
}

/* A number in the query that was encoded last. */
static hx_time parameter(const char *name, hx_time otherwise) {
    char query[512];
    snprintf(query, sizeof query, "%.*s", (int)call.query.len, call.query.data);
    const char *at = strstr(query, name);
    return at == NULL ? otherwise : (hx_time)strtoll(at + strlen(name), NULL, 10);
}

/* What MEXC answers to the call: the first hundred, in its order, of what lies in the range. */
static const char *serve(void) {
    static char body[64 * 1024];
    hx_time from = parameter("&startTime=", 0);
    hx_time to = parameter("&endTime=", INT64_MAX);
    int listed = 0;
    size_t len = 0;
    assert_int_equal(parameter("&limit=", 0), 100);
    qsort(trades, (size_t)trade_count, sizeof trades[0], compare);
    body[len++] = '[';
    for (int i = 0; i < trade_count && listed < 100; i++) {
        if (trades[i].time_ms < from || trades[i].time_ms > to) continue;
        len += (size_t)snprintf(body + len, sizeof body - len,
                                "%s{\"symbol\":\"BTCUSDT\",\"id\":\"t%05d\",\"orderId\":\"" ORDER_ID
                                "\",\"price\":\"5\",\"qty\":\"0.1\",\"commission\":\"0\",\"commissionAsset\":\"USDT\","
                                "\"time\":%lld,\"isBuyer\":false,\"isMaker\":true}",
                                listed++ > 0 ? "," : "", trades[i].id, (long long)trades[i].time_ms);
    }
    snprintf(body + len, sizeof body - len, "]");
    return body;
}

static struct hx_venue_verdict decode(const char *body, hx_str token) {
    struct hx_http_answer answer = {.status = 200, .body = hx_str_from_c(body)};
    return a->decode_fills(&ctx, &answer, BTC, HX_STR(ORDER_ID), token, &page);
}

static bool incomplete; /* It was said that there are more than those read. */

/* Reads all pages; the number of trades, each seen once, or -1 when it is said that it can't be done. */
static int read_all(void) {
    static bool seen[TRADES_MAX];
    char token[HX_VENUE_VALUE_LEN_MAX] = "";
    size_t token_len = 0;
    int count = 0;
    memset(seen, 0, sizeof seen);
    incomplete = false;
    for (int pages = 0; pages < 60; pages++) {
        hx_arena_reset(&arena);
        hx_str from = hx_str_make(token, token_len);
        assert_true(hx_ok(a->encode_fills(&ctx, BTC, HX_STR(ORDER_ID), from, &call)));
        page.incomplete = false;
        struct hx_venue_verdict verdict = decode(serve(), from);
        incomplete = incomplete || page.incomplete;
        if (verdict.outcome == HX_OUTCOME_UNKNOWN && hx_str_starts_with(verdict.message, HX_STR("MEXC lists")))
            return verdict.too_many ? -1 : -2;
        assert_int_equal(verdict.outcome, HX_OUTCOME_DONE);
        assert_true(page.count <= HX_VENUE_PAGE_FILLS_MAX && !page.restart);
        for (uint32_t i = 0; i < page.count; i++) {
            int id = (int)strtol(page.list[i].venue_trade_id.data + 1, NULL, 10);
            assert_true(id >= 0 && id < trade_count && !seen[id]);
            seen[id] = true;
            count++;
        }
        if (page.next.len == 0) return count;
        assert_true(page.next.len <= HX_VENUE_VALUE_LEN_MAX);
        token_len = page.next.len;
        memcpy(token, page.next.data, token_len);
    }
    fail_msg("no end");
    return -1;
}

static void all_are_read_in_either_order(void **state) {
    static const int counts[] = {0, 1, 49, 50, 51, 99, 100, 101, 150, 199, 200, 201, 350, 500};
    (void)state;
    for (int order = 0; order < 2; order++) {
        newest_first = order == 1;
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            /* One to a few dozen trades in the same millisecond. */
            for (int per_ms = 1; per_ms <= 60; per_ms += 7) {
                trade_count = counts[i];
                for (int k = 0; k < trade_count; k++) trades[k] = (struct trade){T0 + k / per_ms, k};
                int count = read_all();
                if (count != trade_count) fail_msg("%d of %d, %d per ms", count, trade_count, per_ms);
                assert_false(incomplete);
            }
        }
    }
}

static void random_lists_are_read(void **state) {
    uint32_t seed = 12345;
    (void)state;
    for (int round = 0; round < 300; round++) {
        trade_count = 0;
        newest_first = round % 2 == 0;
        hx_time time = T0;
        seed = seed * 1664525u + 1013904223u;
        int wanted = (int)(seed >> 16) % TRADES_MAX;
        while (trade_count < wanted) {
            seed = seed * 1664525u + 1013904223u;
            if ((seed >> 28) < 3) time += 1 + (seed >> 8) % 5;
            trades[trade_count] = (struct trade){time, trade_count};
            trade_count++;
        }
        int count = read_all();
        if (count != trade_count) fail_msg("round %d: %d of %d", round, count, trade_count);
    }
}

/* A hundred in one millisecond may be all or not: nothing tells. They are read, and what lies before and behind them;
 * the page says that there may be more. */
static void what_is_not_listed_is_said(void **state) {
    (void)state;
    for (int order = 0; order < 2; order++) {
        newest_first = order == 1;
        trade_count = 99;
        for (int k = 0; k < 150; k++) trades[k] = (struct trade){T0, k};
        assert_int_equal(read_all(), 99);
        assert_false(incomplete);
        trade_count = 100;
        assert_int_equal(read_all(), 100);
        assert_true(incomplete);
        trade_count = 150;
        assert_int_equal(read_all(), 100);
        assert_true(incomplete);
        for (int k = 0; k < 150; k++) trades[k] = (struct trade){k == 0 || k == 149 ? T0 + k : T0 + 3, k};
        assert_int_equal(read_all(), 102);
        assert_true(incomplete);
        /* Two such milliseconds, and some others around them. */
        trade_count = 400;
        for (int k = 0; k < 400; k++) trades[k] = (struct trade){T0 + (k < 5 ? 0 : k < 150 ? 1 : k < 170 ? 2 : 3), k};
        assert_int_equal(read_all(), 225);
        assert_true(incomplete);
    }
}

/* A list in no order can't be read on, and asking again would not help. */
static void a_list_in_no_order_is_given_up(void **state) {
    static char body[64 * 1024];
    size_t len = 0;
    (void)state;
    body[len++] = '[';
    for (int i = 0; i < 100; i++) {
        len += (size_t)snprintf(body + len, sizeof body - len,
                                "%s{\"symbol\":\"BTCUSDT\",\"id\":\"t%d\",\"orderId\":\"" ORDER_ID
                                "\",\"price\":\"5\",\"qty\":\"0.1\",\"commission\":\"0\",\"commissionAsset\":\"USDT\","
                                "\"time\":%lld,\"isBuyer\":false,\"isMaker\":true}",
                                i > 0 ? "," : "", i, (long long)T0 + (i == 99 ? 50 : i));
    }
    snprintf(body + len, sizeof body - len, "]");
    struct hx_venue_verdict verdict = decode(body, HX_STR_EMPTY);
    assert_int_equal(verdict.outcome, HX_OUTCOME_UNKNOWN);
    assert_true(verdict.too_many);
}

static void a_trade_is_read(void **state) {
    (void)state;
    assert_int_equal(decode("[" ROW "]", HX_STR_EMPTY).outcome, HX_OUTCOME_DONE);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.next.len, 0);
    const struct hx_fill *f = &page.list[0];
    assert_true(hx_str_equal(f->venue_trade_id, HX_STR("fad2af9e942049b6adbda1a271f990c6")));
    assert_true(hx_str_equal(f->venue_order_id, HX_STR(ORDER_ID)));
    assert_int_equal(f->side, HX_SIDE_BUY);
    assert_true(hx_dec_equal(f->quantity, (hx_dec){2, -3}));
    assert_true(hx_dec_equal(f->price, (hx_dec){612345, -1}));
    assert_true(hx_dec_equal(f->fee, (hx_dec){1, -4}));
    assert_true(hx_str_equal(f->fee_asset, HX_STR("MX")));
    assert_true(hx_dec_is_zero(f->realized_pnl));
    assert_false(f->maker);
    assert_int_equal(f->time_ms, 1764000000123);
}

static const char *with(const char *what, const char *by) {
    static char text[1024];
    const char *row = "[" ROW "]";
    const char *at = strstr(row, what);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - row), row, by, at + strlen(what));
    return text;
}

static void spoilt_trades_are_not_taken(void **state) {
    static const char *const spoilt[][2] = {{"\"symbol\":\"BTCUSDT\"", "\"symbol\":\"ETHUSDT\""},
                                            {"\"orderId\":\"" ORDER_ID "\"", "\"orderId\":\"C02__78\""},
                                            {"\"id\":\"fad2", "\"id\":\"../"},
                                            {"\"qty\":\"0.002\"", "\"qty\":\"0\""},
                                            {"\"qty\":\"0.002\"", "\"qty\":\"-1\""},
                                            {"\"price\":\"61234.5\"", "\"price\":null"},
                                            {"\"commission\":\"0.0001\"", "\"commission\":null"},
                                            {"\"commissionAsset\":\"MX\"", "\"commissionAsset\":null"},
                                            {"\"isBuyer\":true", "\"isBuyer\":null"},
                                            {"\"isMaker\":false", "\"isMaker\":1"},
                                            {"\"time\":1764000000123", "\"time\":null"}};
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        hx_arena_reset(&arena);
        if (decode(with(spoilt[i][0], spoilt[i][1]), HX_STR_EMPTY).outcome != HX_OUTCOME_UNKNOWN) {
            fail_msg("case %zu", i);
        }
    }
    assert_int_equal(decode("[" ROW "," ROW "]", HX_STR_EMPTY).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(decode("{}", HX_STR_EMPTY).outcome, HX_OUTCOME_UNKNOWN);
    assert_int_equal(decode("[]", HX_STR("x")).outcome, HX_OUTCOME_UNKNOWN);
    /* What cost nothing may leave out in what. */
    assert_int_equal(
        decode(with("\"0.0001\",\"commissionAsset\":\"MX\"", "\"0\",\"commissionAsset\":null"), HX_STR_EMPTY).outcome,
        HX_OUTCOME_DONE);
    assert_true(hx_str_equal(page.list[0].fee_asset, HX_STR("USDT")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_are_read_in_either_order, setup),
        cmocka_unit_test_setup(random_lists_are_read, setup),
        cmocka_unit_test_setup(what_is_not_listed_is_said, setup),
        cmocka_unit_test_setup(a_list_in_no_order_is_given_up, setup),
        cmocka_unit_test_setup(a_trade_is_read, setup),
        cmocka_unit_test_setup(spoilt_trades_are_not_taken, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
