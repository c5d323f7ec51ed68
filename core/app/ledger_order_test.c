/* Goal: rows of orders, fills, positions and round trips come back as they were written, and what was read before a
 * port call is refused when it no longer holds. Method: each statement written in a request of a world of its own, once
 * where its condition holds and once where it does not, and the rows read again. Covers ledger_order.c. */
#include "test/app/rows.h"

static const struct hx_account account = {HX_VENUE_BINANCE, HX_MARKET_FUTURES, false};

static struct hx_order_row order_of(const char *signal_id, const char *client_order_id) {
    return (struct hx_order_row){.signal_id = hx_str_from_c(signal_id),
                                 .client_order_id = hx_str_from_c(client_order_id),
                                 .lane = HX_STR("live:BTCUSDT"),
                                 .account = account,
                                 .symbol = HX_STR("BTCUSDT"),
                                 .opens = true,
                                 .side = HX_SIDE_BUY,
                                 .type = HX_ORDER_LIMIT,
                                 .quantity = world_dec("0.123"),
                                 .price = world_dec("59999.9"),
                                 .status = HX_STATUS_INTENT,
                                 .attempt = 1,
                                 .send_by_ms = 3000,
                                 .created_ms = 1001,
                                 .updated_ms = 1001};
}

static hx_err intent_write(struct hx_req *req, const struct hx_order_row *order, int64_t version) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    hx_batch_add_intent(&batch, order, version);
    return hx_batch_write(&batch, NULL);
}

static void orders_scene(struct hx_req *req) {
    struct hx_order_row order = order_of("s1", "c1"), *back = NULL;
    struct hx_signal_row row = signal_of("s1", "live:BTCUSDT");
    struct hx_batch batch;
    uint32_t count = 0;
    bool unsettled = true;
    assert_conflict(intent_write(req, &order, 0)); /* No such signal. */
    assert_done(signal_write(req, &row, false));
    assert_conflict(intent_write(req, &order, 1)); /* Another position than the one it was sized from. */
    assert_done(hx_ledger_has_unsettled(req, order.lane, &order.account, &unsettled));
    assert_false(unsettled);
    assert_done(intent_write(req, &order, 0));
    assert_done(hx_ledger_has_unsettled(req, order.lane, &order.account, &unsettled));
    assert_true(unsettled);
    assert_conflict(intent_write(req, &order, 0)); /* A leg has one row. */
    order.leg = 1;
    order = order_of("s1", "c2");
    order.leg = 1;
    order.opens = false;
    order.reduce_only = true;
    order.side = HX_SIDE_SELL;
    order.type = HX_ORDER_MARKET;
    order.price = HX_DEC_ZERO;
    assert_done(intent_write(req, &order, 0));
    order.status = HX_STR("filled");
    order.venue_order_id = HX_STR("9007199254740993");
    order.executed_quantity = world_dec("0.122");
    order.average_price = world_dec("60000.123456");
    order.fee = world_dec("0.0000001");
    order.fee_asset = HX_STR("BNB");
    order.venue_code = -2019;
    order.message = HX_STR("words");
    order.finished = true;
    hx_batch_init(&batch, req);
    hx_batch_add_order_state(&batch, &order, 7000);
    assert_done(hx_batch_write(&batch, NULL));
    assert_done(hx_ledger_orders_of(req, HX_STR("s1"), &back, &count));
    assert_int_equal(count, 2);
    assert_true(back[0].opens && back[0].side == HX_SIDE_BUY && back[0].type == HX_ORDER_LIMIT && !back[0].finished);
    assert_true(hx_dec_equal(back[0].quantity, world_dec("0.123")) &&
                hx_dec_equal(back[0].price, world_dec("59999.9")));
    assert_text(back[0].status, "intent");
    assert_true(!back[1].opens && back[1].reduce_only && back[1].side == HX_SIDE_SELL && back[1].finished);
    assert_text(back[1].venue_order_id, "9007199254740993");
    assert_true(hx_dec_equal(back[1].executed_quantity, order.executed_quantity));
    assert_true(hx_dec_equal(back[1].average_price, order.average_price) && hx_dec_equal(back[1].fee, order.fee));
    assert_text(back[1].fee_asset, "BNB");
    assert_text(back[1].message, "words");
    assert_int_equal(back[1].venue_code, -2019);
    assert_int_equal(back[1].updated_ms, 7000);
    hx_batch_init(&batch, req);
    hx_batch_add_order_state(&batch, &order, 7001);
    assert_conflict(hx_batch_write(&batch, NULL)); /* Final is final. */
}

static void orders_come_back_as_they_were_written(void **state) {
    (void)state;
    in_request(orders_scene);
}

static hx_err attempt_write(struct hx_req *req, const struct hx_order_row *order, uint32_t attempt) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    hx_batch_add_attempt(&batch, order, attempt, 9000, 8000);
    return hx_batch_write(&batch, NULL);
}

static hx_err state_write(struct hx_req *req, struct hx_order_row *order, const char *status) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    order->status = hx_str_from_c(status);
    hx_batch_add_order_state(&batch, order, 8000);
    return hx_batch_write(&batch, NULL);
}

static void attempts_scene(struct hx_req *req) {
    struct hx_order_row order = order_of("s1", "c1"), *open = NULL;
    struct hx_signal_row row = signal_of("s1", "live:BTCUSDT");
    uint32_t count = 0;
    assert_done(signal_write(req, &row, false));
    assert_done(intent_write(req, &order, 0));
    assert_done(attempt_write(req, &order, 2));
    assert_conflict(attempt_write(req, &order, 2));    /* Somebody was first. */
    assert_conflict(state_write(req, &order, "busy")); /* Of an attempt that is not the current one. */
    order.attempt = 2;
    assert_done(state_write(req, &order, "busy"));
    assert_done(attempt_write(req, &order, 3));
    order.attempt = 3;
    assert_done(hx_ledger_orders_open(req, order.lane, NULL, &open, &count));
    assert_int_equal(count, 0);
    assert_done(state_write(req, &order, "open"));
    assert_conflict(attempt_write(req, &order, 4)); /* It is at the venue. */
    assert_done(hx_ledger_orders_open(req, order.lane, NULL, &open, &count));
    assert_int_equal(count, 1);
    assert_int_equal(open[0].attempt, 3);
    assert_int_equal(open[0].send_by_ms, 9000);
}

/* Two pages and a half, half of each minute's placed in the same millisecond; what ends while they are read moves
 * nothing.
 */
static void pages_scene(struct hx_req *req) {
    struct hx_signal_row row = signal_of("s1", "live:BTCUSDT");
    struct hx_order_cursor cursor = {0};
    struct hx_order_row *open = NULL;
    uint32_t count = HX_LEDGER_PAGE_ORDERS, seen = 0;
    assert_done(signal_write(req, &row, false));
    for (uint32_t i = 0; i < 125; i++) {
        size_t mark = hx_arena_mark(&req->arena);
        char id[HX_CLIENT_ORDER_ID_LEN + 1];
        (void)snprintf(id, sizeof(id), "client-order-id-%06u", 999 - i);
        struct hx_order_row order = order_of("s1", id);
        order.leg = i;
        order.created_ms = 1000 + (i + 1) / 2;
        assert_done(intent_write(req, &order, 0));
        assert_done(state_write(req, &order, "open"));
        hx_arena_rewind(&req->arena, mark);
    }
    while (count == HX_LEDGER_PAGE_ORDERS) {
        size_t mark = hx_arena_mark(&req->arena);
        assert_done(hx_ledger_orders_open(req, row.lane, &cursor, &open, &count));
        for (uint32_t i = 0; i < count; i++, seen++) {
            assert_int_equal(open[i].created_ms, 1000 + (seen + 1) / 2);
            open[i].finished = true;
            if (seen % 3 == 0) assert_done(state_write(req, &open[i], "canceled"));
        }
        hx_arena_rewind(&req->arena, mark);
    }
    assert_int_equal(seen, 125);
}

static void every_order_that_rests_is_on_a_page(void **state) {
    (void)state;
    in_request(pages_scene);
}

static void attempts_follow_one_another(void **state) {
    (void)state;
    in_request(attempts_scene);
}

static hx_err position_write(struct hx_req *req, const struct hx_position *position) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    HX_TRY(hx_batch_add_trade(&batch, &account, HX_STR("BTCUSDT"), HX_STR("USDT"), &position->trade));
    HX_TRY(hx_batch_add_position(&batch, &account, HX_STR("BTCUSDT"), HX_STR("USDT"), position, 7000));
    return hx_batch_write(&batch, NULL);
}

static void positions_scene(struct hx_req *req) {
    struct hx_position position = {.quantity = world_dec("-0.5"),
                                   .cost = world_dec("-30000.12"),
                                   .realized_pnl = world_dec("-1.5"),
                                   .opened_ms = 6000,
                                   .version = 1};
    struct hx_position back;
    assert_done(hx_ledger_position(req, &account, HX_STR("BTCUSDT"), HX_STR("USDT"), &back));
    assert_true(hx_dec_is_zero(back.quantity) && back.version == 0 && back.trade.id.len == 0);
    assert_done(hx_fees_add(&position.fees, HX_STR("USDT"), world_dec("0.3")));
    assert_done(hx_fees_add(&position.fees, HX_STR("BNB"), world_dec("0.0001")));
    position.trade = (struct hx_trade){.id = HX_STR("c1"),
                                       .opened_quantity = world_dec("0.7"),
                                       .opened_value = world_dec("42000"),
                                       .closed_quantity = world_dec("0.2"),
                                       .closed_value = world_dec("12100"),
                                       .realized_pnl = world_dec("-100"),
                                       .fees = position.fees,
                                       .opened_ms = 6000,
                                       .open_signal_id = HX_STR("s1")};
    assert_done(position_write(req, &position));
    assert_done(hx_ledger_position(req, &account, HX_STR("BTCUSDT"), HX_STR("USDT"), &back));
    assert_true(hx_dec_equal(back.quantity, position.quantity) && hx_dec_equal(back.cost, position.cost));
    assert_true(hx_dec_equal(back.realized_pnl, position.realized_pnl));
    assert_true(hx_dec_equal(hx_fees_get(&back.fees, HX_STR("USDT")), world_dec("0.3")));
    assert_true(hx_dec_equal(hx_fees_get(&back.fees, HX_STR("BNB")), world_dec("0.0001")));
    assert_int_equal(back.version, 1);
    assert_int_equal(back.opened_ms, 6000);
    assert_int_equal(back.updated_ms, 7000);
    assert_text(back.trade.id, "c1");
    assert_true(!back.trade.is_long && hx_dec_equal(back.trade.opened_value, world_dec("42000")));
    assert_true(hx_dec_equal(back.trade.closed_quantity, world_dec("0.2")));
    assert_true(hx_dec_equal(hx_fees_get(&back.trade.fees, HX_STR("BNB")), world_dec("0.0001")));
    assert_text(back.trade.open_signal_id, "s1");
    /* A stale one is refused, trade and all. */
    position.trade.realized_pnl = world_dec("999");
    assert_conflict(position_write(req, &position));
    position.version = 3;
    assert_conflict(position_write(req, &position));
    position.version = 2;
    assert_done(position_write(req, &position));
}

static void a_stale_position_is_refused(void **state) {
    (void)state;
    in_request(positions_scene);
    assert_rows("SELECT entry_price, version FROM positions", "60000.24|2");
    assert_rows("SELECT entry_price, exit_price, realized_pnl FROM trades", "60000|60500|999");
}

static void fills_scene(struct hx_req *req) {
    struct hx_order_row order = order_of("s1", "c1");
    struct hx_fill fill = {.venue_trade_id = HX_STR("t1"),
                           .side = HX_SIDE_BUY,
                           .quantity = world_dec("0.1"),
                           .price = world_dec("60000"),
                           .fee = world_dec("0.3"),
                           .fee_asset = HX_STR("USDT"),
                           .maker = true,
                           .time_ms = 5000};
    struct hx_batch batch;
    hx_str *ids = NULL;
    uint32_t count = 0;
    hx_batch_init(&batch, req);
    hx_batch_add_fill(&batch, &order, &fill);
    fill.venue_trade_id = HX_STR("t2");
    hx_batch_add_fill(&batch, &order, &fill);
    assert_done(hx_batch_write(&batch, NULL));
    hx_batch_init(&batch, req);
    hx_batch_add_fill(&batch, &order, &fill);
    assert_conflict(hx_batch_write(&batch, NULL));
    assert_done(hx_ledger_fill_ids(req, HX_STR("c1"), &ids, &count));
    assert_int_equal(count, 2);
    assert_true(hx_str_equal(ids[0], HX_STR("t1")) || hx_str_equal(ids[1], HX_STR("t1")));
    assert_done(hx_ledger_fill_ids(req, HX_STR("c2"), &ids, &count));
    assert_int_equal(count, 0);
}

static void a_fill_is_there_once(void **state) {
    (void)state;
    in_request(fills_scene);
    assert_rows("SELECT side, quantity, price, fee, fee_asset, maker, time_ms FROM fills LIMIT 1",
                "buy|0.1|60000|0.3|USDT|1|5000");
}

static enum hx_venue_id holder(struct hx_req *req, enum hx_market market, bool test, bool reduces) {
    enum hx_venue_id venue = HX_VENUE_MEXC;
    assert_done(hx_ledger_venue_holding(req, market, test, HX_STR("BTCUSDT"), reduces, &venue));
    return venue;
}

static void holding_write(struct hx_req *req, const struct hx_account *of, const char *quantity, const char *trade,
                          int64_t version) {
    struct hx_batch batch;
    const struct hx_position position = {.quantity = world_dec(quantity),
                                         .cost = world_dec(quantity),
                                         .version = version,
                                         .trade.id = hx_str_from_c(trade)};
    hx_batch_init(&batch, req);
    assert_done(hx_batch_add_position(&batch, of, HX_STR("BTCUSDT"), HX_STR("USDT"), &position, 1));
    assert_done(hx_batch_write(&batch, NULL));
}

static void holding_scene(struct hx_req *req) {
    const struct hx_account other = {HX_VENUE_BYBIT, HX_MARKET_FUTURES, false};
    const struct hx_account third = {HX_VENUE_MEXC, HX_MARKET_FUTURES, false};
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, false), HX_VENUE_NONE);
    holding_write(req, &account, "1", "t-1", 1);
    holding_write(req, &other, "0", "", 1);
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, false), HX_VENUE_BINANCE);
    assert_int_equal(holder(req, HX_MARKET_FUTURES, true, false), HX_VENUE_NONE);
    assert_int_equal(holder(req, HX_MARKET_SPOT, false, false), HX_VENUE_NONE);
    holding_write(req, &other, "-1", "t-2", 2);
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, true), HX_VENUE_NONE);
    /* Dust draws an exit where there is nothing else, and never an entry. */
    holding_write(req, &account, "0.1", "", 2);
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, true), HX_VENUE_BYBIT);
    holding_write(req, &other, "0", "", 3);
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, true), HX_VENUE_BINANCE);
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, false), HX_VENUE_NONE);
    /* An entry that rests comes before dust, a round trip before that. */
    struct hx_order_row order = order_of("s1", "c1");
    struct hx_signal_row row = signal_of("s1", "live:BTCUSDT");
    assert_done(signal_write(req, &row, false));
    order.account = third;
    assert_done(intent_write(req, &order, 0));
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, false), HX_VENUE_NONE);
    assert_done(state_write(req, &order, "open"));
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, false), HX_VENUE_MEXC);
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, true), HX_VENUE_MEXC);
    holding_write(req, &other, "2", "t-3", 4);
    assert_int_equal(holder(req, HX_MARKET_FUTURES, false, true), HX_VENUE_BYBIT);
}

static void the_venue_that_holds_is_found_when_there_is_one(void **state) {
    (void)state;
    in_request(holding_scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(orders_come_back_as_they_were_written),
        world_test(attempts_follow_one_another),
        world_test(every_order_that_rests_is_on_a_page),
        world_test(a_stale_position_is_refused),
        world_test(a_fill_is_there_once),
        world_test(the_venue_that_holds_is_found_when_there_is_one),
    };
    return world_run(tests);
}
