/* Goal: claims, signals and notices come back as they were written, and every statement holds its condition: one claim,
 * one end, one order of acceptance. Method: each statement written in a request of a world of its own, once where its
 * condition holds and once where it does not, and the rows read again. Covers ledger.c. */
#include "test/app/rows.h"

static hx_err finish(struct hx_req *req, const char *id) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    hx_batch_add_finish(&batch, hx_str_from_c(id), HX_STR("filled"), HX_STR_EMPTY, HX_STR("done"), 200, HX_STR("{}"),
                        2000);
    return hx_batch_write(&batch, NULL);
}

static void signals_scene(struct hx_req *req) {
    struct hx_signal_row row = signal_of("s1", "live:BTCUSDT"), back;
    row.test = true;
    assert_done(signal_write(req, &row, false));
    assert_done(hx_ledger_get_signal(req, HX_STR("s1"), &back));
    assert_int_equal(back.seq, 1);
    assert_true(hx_str_equal(back.lane, row.lane) && hx_str_equal(back.body, row.body));
    assert_true(hx_str_equal(back.source, row.source) && hx_str_equal(back.key_name, row.key_name));
    assert_true(hx_str_equal(back.idempotency_key, row.idempotency_key));
    assert_true(hx_str_equal(back.payload_digest, row.payload_digest));
    assert_int_equal(back.venue, HX_VENUE_BINANCE);
    assert_true(back.test && back.has_expiry && !back.finished && !back.has_reply);
    assert_int_equal(back.received_ms, 1000);
    assert_int_equal(back.expires_ms, 5000);
    assert_text(back.market, "futures");
    assert_text(back.action, "LONG");
    assert_text(back.request_id, "request");
    row = signal_of("s2", "live:BTCUSDT");
    row.has_expiry = false;
    row.venue = HX_VENUE_NONE;
    row.has_reply = true;
    row.reply_status = 202;
    row.reply_body = HX_STR("{\"a\":1}");
    assert_done(signal_write(req, &row, false));
    assert_done(hx_ledger_get_signal(req, HX_STR("s2"), &back));
    assert_int_equal(back.seq, 2);
    assert_true(!back.has_expiry && back.has_reply && !back.test);
    assert_int_equal(back.venue, HX_VENUE_NONE);
    assert_int_equal(back.reply_status, 202);
    assert_text(back.reply_body, "{\"a\":1}");
    assert_true(hx_err_is(hx_ledger_get_signal(req, HX_STR("s3"), &back), HX_CLASS_ABSENT));
    assert_conflict(signal_write(req, &row, false));
}

static void signals_come_back_as_they_were_written(void **state) {
    (void)state;
    in_request(signals_scene);
}

static void ending_scene(struct hx_req *req) {
    struct hx_signal_row row = signal_of("s1", "lane"), back;
    struct hx_batch batch;
    assert_done(signal_write(req, &row, false));
    hx_batch_init(&batch, req);
    hx_batch_add_park(&batch, row.id, HX_STR("queued"), HX_STR("busy"), 3, 9000, 202, HX_STR("first"));
    hx_batch_add_park(&batch, row.id, HX_STR("unknown"), HX_STR("asking"), 4, 9500, 500, HX_STR("second"));
    hx_batch_add_route(&batch, row.id, HX_VENUE_MEXC);
    assert_done(hx_batch_write(&batch, NULL));
    assert_done(hx_ledger_get_signal(req, row.id, &back));
    assert_text(back.status, "unknown");
    assert_int_equal(back.tries, 4);
    assert_int_equal(back.due_ms, 9500);
    assert_int_equal(back.venue, HX_VENUE_MEXC);
    /* The first answer that was given is the one to repeat until there is a final one. */
    assert_int_equal(back.reply_status, 202);
    assert_text(back.reply_body, "first");
    assert_done(finish(req, "s1"));
    assert_done(hx_ledger_get_signal(req, row.id, &back));
    assert_true(back.finished);
    assert_int_equal(back.reply_status, 200);
    assert_conflict(finish(req, "s1"));
    assert_conflict(finish(req, "nobody"));
    hx_batch_init(&batch, req);
    hx_batch_add_park(&batch, row.id, HX_STR("queued"), HX_STR("busy"), 3, 9000, 0, HX_STR_EMPTY);
    assert_conflict(hx_batch_write(&batch, NULL));
    hx_batch_init(&batch, req);
    hx_batch_add_route(&batch, row.id, HX_VENUE_MEXC);
    assert_conflict(hx_batch_write(&batch, NULL));
    hx_batch_init(&batch, req);
    hx_batch_add_retry(&batch, row.id, 9000, 8000);
    assert_conflict(hx_batch_write(&batch, NULL));
}

static void a_signal_ends_once(void **state) {
    (void)state;
    in_request(ending_scene);
}

static void order_of_lane_scene(struct hx_req *req) {
    struct hx_signal_row row, found;
    struct hx_lane_due *lanes = NULL;
    uint32_t count = 0;
    int64_t signals = 0, notices = 0;
    assert_true(hx_err_is(hx_ledger_first_open(req, HX_STR("a"), &found), HX_CLASS_ABSENT));
    row = signal_of("s1", "a");
    assert_done(signal_write(req, &row, true));
    row = signal_of("s2", "b");
    row.due_ms = 700;
    assert_done(signal_write(req, &row, true));
    row = signal_of("s3", "a");
    /* Another one is open in the lane: not this way. */
    assert_conflict(signal_write(req, &row, true));
    row.has_expiry = false;
    assert_done(signal_write(req, &row, false));
    assert_done(hx_ledger_first_open(req, HX_STR("a"), &found));
    assert_text(found.id, "s1");
    assert_done(hx_ledger_exit_behind(req, HX_STR("a"), found.seq, &row));
    assert_text(row.id, "s3");
    assert_true(hx_err_is(hx_ledger_exit_behind(req, HX_STR("a"), row.seq, &row), HX_CLASS_ABSENT));
    assert_true(hx_err_is(hx_ledger_exit_behind(req, HX_STR("b"), 0, &row), HX_CLASS_ABSENT));
    assert_done(hx_ledger_lanes_due(req, &lanes, &count));
    assert_int_equal(count, 2);
    assert_text(lanes[0].lane, "a");
    assert_int_equal(lanes[1].due_ms, 700);
    assert_done(hx_ledger_counts(req, &signals, &notices));
    assert_int_equal(signals, 3);
    assert_done(finish(req, "s1"));
    assert_done(hx_ledger_first_open(req, HX_STR("a"), &found));
    assert_text(found.id, "s3");
    assert_done(finish(req, "s3"));
    assert_done(hx_ledger_lanes_due(req, &lanes, &count));
    assert_int_equal(count, 1);
    row = signal_of("s4", "a");
    assert_done(signal_write(req, &row, true));
}

static void a_lane_is_read_in_order_of_acceptance(void **state) {
    (void)state;
    in_request(order_of_lane_scene);
}

static void wake_scene(struct hx_req *req) {
    struct hx_signal_row row = signal_of("s1", "a"), back;
    struct hx_batch batch;
    assert_done(signal_write(req, &row, false));
    row.id = HX_STR("s2");
    assert_done(signal_write(req, &row, false));
    row.id = HX_STR("s3");
    row.market = HX_STR("spot");
    assert_done(signal_write(req, &row, false));
    hx_batch_init(&batch, req);
    hx_batch_add_park(&batch, HX_STR("s1"), HX_STR("queued"), HX_STR("busy"), 1, 9000, 0, HX_STR_EMPTY);
    hx_batch_add_park(&batch, HX_STR("s3"), HX_STR("queued"), HX_STR("busy"), 1, 9000, 0, HX_STR_EMPTY);
    hx_batch_add_park(&batch, HX_STR("s2"), HX_STR("unknown"), HX_STR("asked"), 1, 9000, 0, HX_STR_EMPTY);
    hx_batch_add_wake(&batch, HX_STR("a"), HX_MARKET_FUTURES, HX_VENUE_NONE);
    assert_done(hx_batch_write(&batch, NULL));
    assert_done(hx_ledger_get_signal(req, HX_STR("s1"), &back));
    assert_int_equal(back.due_ms, 0);
    assert_done(hx_ledger_get_signal(req, HX_STR("s2"), &back));
    assert_int_equal(back.due_ms, 9000);
    /* Another account's. */
    assert_done(hx_ledger_get_signal(req, HX_STR("s3"), &back));
    assert_int_equal(back.due_ms, 9000);
}

static void only_what_is_queued_is_woken(void **state) {
    (void)state;
    in_request(wake_scene);
}

static struct hx_claim claim_of(uint8_t tail, hx_time received, int64_t lasts_ms) {
    struct hx_claim claim = {.lasts_ms = lasts_ms};
    uint8_t day = (uint8_t)(received / HX_MS_PER_DAY);
    claim.key[3] = day;
    claim.key_previous[3] = (uint8_t)(day - 1);
    claim.key_next[3] = (uint8_t)(day + 1);
    claim.key[19] = claim.key_previous[19] = claim.key_next[19] = tail;
    return claim;
}

static hx_err claim_write(struct hx_req *req, struct hx_claim claim, const char *signal_id, hx_time received,
                          uint32_t *failed) {
    struct hx_batch batch;
    struct hx_signal_row row = signal_of(signal_id, "lane");
    hx_batch_init(&batch, req);
    hx_batch_add_claim(&batch, &claim, row.id, received);
    hx_batch_add_signal(&batch, &row, false);
    return hx_batch_write(&batch, failed);
}

#define DAY HX_MS_PER_DAY

static void claims_scene(struct hx_req *req) {
    uint32_t failed = 99;
    struct hx_signal_row found;
    hx_time t = 10 * DAY + 1000;
    struct hx_claim claim = claim_of(1, t, 60000);
    assert_done(claim_write(req, claim, "s1", t, &failed));
    assert_conflict(claim_write(req, claim, "s2", t + 59999, &failed));
    assert_int_equal(failed, HX_ACCEPT_CLAIM);
    assert_true(hx_err_is(hx_ledger_get_signal(req, HX_STR("s2"), &found), HX_CLASS_ABSENT));
    assert_done(hx_ledger_find_claimed(req, &claim, t + 59999, &found));
    assert_text(found.id, "s1");
    assert_true(hx_err_is(hx_ledger_find_claimed(req, &claim, t + 60000, &found), HX_CLASS_ABSENT));
    /* Lapsed: the next one takes it over, under the same row. */
    assert_done(claim_write(req, claim, "s2", t + 60000, &failed));
    assert_done(hx_ledger_find_claimed(req, &claim, t + 60001, &found));
    assert_text(found.id, "s2");
    assert_done(claim_write(req, claim_of(2, t, 60000), "s3", t, &failed));
    /* Over midnight, both ways: the copy may have been the first. */
    hx_time late = 11 * DAY - 100, early = 11 * DAY + 100;
    assert_done(claim_write(req, claim_of(3, late, 60000), "s4", late, &failed));
    assert_conflict(claim_write(req, claim_of(3, early, 60000), "s5", early, &failed));
    assert_int_equal(failed, HX_ACCEPT_NEIGHBOUR);
    assert_done(claim_write(req, claim_of(4, early, 60000), "s6", early, &failed));
    assert_conflict(claim_write(req, claim_of(4, late, 60000), "s7", late, &failed));
    claim = claim_of(4, late, 60000);
    assert_done(hx_ledger_find_claimed(req, &claim, late, &found));
    assert_text(found.id, "s6");
}

static void a_claim_is_held_until_it_lapses(void **state) {
    (void)state;
    in_request(claims_scene);
}

static void prune_scene(struct hx_req *req) {
    struct hx_batch batch;
    for (uint8_t day = 10; day < 14; day++) {
        char id[8];
        snprintf(id, sizeof(id), "s%d", day);
        assert_done(claim_write(req, claim_of(1, day * DAY, 1000), id, day * DAY, NULL));
    }
    hx_batch_init(&batch, req);
    hx_batch_add_claims_prune(&batch, 13 * DAY + 5);
    assert_done(hx_batch_write(&batch, NULL));
}

static void claims_of_yesterday_and_today_are_kept(void **state) {
    (void)state;
    in_request(prune_scene);
    assert_rows("SELECT hex(substr(claim_key, 4, 1)) FROM claims ORDER BY claim_key", "0C 0D");
}

static void outbox_scene(struct hx_req *req) {
    struct hx_batch batch;
    struct hx_outbox_row *rows = NULL;
    uint32_t count = 0;
    int64_t signals = 0, notices = 0;
    hx_batch_init(&batch, req);
    for (int i = 0; i < 20; i++) hx_batch_add_notice(&batch, HX_STR("s"), HX_STR("{}"), 1000 - i);
    hx_batch_add_log(&batch, HX_STR("warn"), HX_STR("s"), HX_STR("m"), HX_STR("d"), 1000);
    assert_done(hx_batch_write(&batch, NULL));
    assert_done(hx_ledger_outbox_due(req, 980, &rows, &count));
    assert_int_equal(count, 0);
    assert_done(hx_ledger_outbox_due(req, 983, &rows, &count));
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].id, 20);
    assert_done(hx_ledger_outbox_due(req, 5000, &rows, &count));
    assert_int_equal(count, 16);
    hx_batch_init(&batch, req);
    hx_batch_add_outbox_sent(&batch, 20, 5000);
    hx_batch_add_outbox_failed(&batch, 19, HX_STR("no"), 9000);
    assert_done(hx_batch_write(&batch, NULL));
    assert_done(hx_ledger_counts(req, &signals, &notices));
    assert_int_equal(notices, 19);
    assert_done(hx_ledger_outbox_due(req, 983, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].id, 18);
}

static void notices_wait_for_their_time(void **state) {
    (void)state;
    in_request(outbox_scene);
    assert_rows("SELECT tries, last_error, due_ms FROM outbox WHERE id = 19", "1|no|9000");
}

static void limits_scene(struct hx_req *req) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    for (uint32_t i = 0; i < HX_DB_STATEMENTS_MAX; i++) hx_batch_add_notice(&batch, HX_STR("s"), HX_STR("{}"), 1);
    assert_done(batch.err);
    hx_batch_add_notice(&batch, HX_STR("s"), HX_STR("{}"), 1);
    assert_string_equal(hx_err_name(hx_batch_write(&batch, NULL)), "LIMIT_COUNT");
    hx_batch_init(&batch, req);
    req->arena.size = req->arena.used + 64;
    hx_batch_add_notice(&batch, HX_STR("s"), HX_STR("{}"), 1);
    assert_string_equal(hx_err_name(hx_batch_write(&batch, NULL)), "LIMIT_ARENA");
}

/* What could not be built is not written in part. */
static void a_batch_that_could_not_be_built_writes_nothing(void **state) {
    (void)state;
    in_request(limits_scene);
    assert_rows("SELECT count(*) FROM outbox", "0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        world_test(signals_come_back_as_they_were_written),
        world_test(a_signal_ends_once),
        world_test(a_lane_is_read_in_order_of_acceptance),
        world_test(only_what_is_queued_is_woken),
        world_test(a_claim_is_held_until_it_lapses),
        world_test(claims_of_yesterday_and_today_are_kept),
        world_test(notices_wait_for_their_time),
        world_test(a_batch_that_could_not_be_built_writes_nothing),
    };
    return world_run(tests);
}
