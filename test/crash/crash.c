/* Goal: what the ledger reported as durable is there after any crash, once.
 * Method: drive the store as the gateway does (accept, intent and settle batches, several to a transaction) on a VFS
 * whose power fails at a random write or sync, and which has no room for a while now and then; open it again; compare
 * every row with what was acknowledged, and with what was refused as not done; repeat.
 *
 * Usage: crash CRASHES [SEED]
 * Compiled with HX_CRASH_SYNCHRONOUS_NORMAL it is the control that must fail: commits are then not synced.
 * Exit: 0 all well; 1 acknowledged rows were lost; 3 anything else (damage, a half batch, a doubled row, no recovery).
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/sqlite_store.h"
#include "test/crash/vfs.h"

#ifndef HX_CRASH_SYNCHRONOUS_NORMAL
#define HX_CRASH_SYNCHRONOUS_NORMAL 0
#endif

#define SIGNALS_MAX 4096
#define CRASHES_PER_LEDGER 200
#define STEPS_MAX 10
#define GROUP_MAX 6

enum stage { NONE, ACCEPTED, INTENDED, SETTLED };

/* What we know of one signal: the last stage acknowledged, and the last one attempted. */
struct record {
    enum stage acked, tried;
};

static struct {
    struct record records[SIGNALS_MAX];
    uint32_t count;
    uint64_t acked_batches, lost, crashes, power_failures, sync_failures, recoveries_interrupted, refused_batches;
    uint64_t problems;
} run;

static void problem(const char *what, uint32_t signal) {
    if (run.problems++ < 10) {
        fprintf(stderr, "crash %llu, signal %u: %s\n", (unsigned long long)run.crashes, signal, what);
    }
}

static uint32_t below(uint32_t bound) {
    return (uint32_t)(crash_vfs_random() % bound);
}

static struct hx_db_value text(const char *value) {
    return (struct hx_db_value){.type = HX_DB_TEXT, .text = {value, strlen(value)}};
}

static struct hx_db_value integer(int64_t value) {
    return (struct hx_db_value){.type = HX_DB_INT, .integer = value};
}

/* A batch and what its statements point to. */
struct batch {
    struct hx_store_job job;
    struct hx_db_stmt statements[5];
    struct hx_db_value values[5][4];
    char id[16], body[3000];
    uint32_t number; /* Of the signal it moves on; UINT32_MAX: it must be refused. */
};

static void add(struct batch *batch, const char *sql, const struct hx_db_value *values, uint32_t count) {
    struct hx_db_value *copy = batch->values[batch->job.count];
    memcpy(copy, values, count * sizeof(*copy));
    batch->statements[batch->job.count++] = (struct hx_db_stmt){sql, copy, count, 1};
}

#define ADD(batch_, sql_, values_) add(batch_, sql_, values_, (uint32_t)(sizeof(values_) / sizeof(values_[0])))

static void start_batch(struct batch *batch, uint32_t number) {
    snprintf(batch->id, sizeof(batch->id), "%08u", number);
    batch->number = number;
    batch->job = (struct hx_store_job){.statements = batch->statements};
}

static void accept_signal(struct batch *batch, uint32_t number) {
    const struct hx_db_value claim[] = {
        {.type = HX_DB_BLOB, .text = {batch->id, 8}}, text(batch->id), integer(86400000)};
    /* The body takes a page of its own now and then, so that transactions differ in their number of frames. */
    size_t len = below(8) == 0 ? sizeof(batch->body) - 1 : 200;
    memset(batch->body, 'x', len);
    batch->body[len] = '\0';
    const struct hx_db_value signal[] = {text(batch->id), text("live:BTCUSDT"), text(batch->body), integer(number)};
    ADD(batch, "INSERT INTO claims (claim_key, signal_id, until_ms) VALUES (?1, ?2, ?3)", claim);
    ADD(batch,
        "INSERT INTO signals (id, lane, source, key_name, idempotency_key, payload_digest, body, venue, market, "
        "test, symbol, action, status, received_ms, due_ms, request_id) VALUES (?1, ?2, 'webhook', 'key', ?1, "
        "'', ?3, 'binance', 'futures', 0, 'BTCUSDT', 'LONG', 'accepted', ?4, ?4, '')",
        signal);
}

/* An accepted signal again, which must be refused and leave no trace: at its first statement, or after another one. */
static void repeat_signal(struct batch *batch, uint32_t number) {
    const struct hx_db_value row[] = {text(batch->id)};
    if (below(2) == 0) {
        ADD(batch, "INSERT INTO system_logs (time_ms, level, subject, message) VALUES (0, 'error', ?1, 'left behind')",
            row);
    }
    accept_signal(batch, number);
    batch->number = UINT32_MAX;
}

static void write_intent(struct batch *batch) {
    const struct hx_db_value order[] = {text(batch->id)};
    ADD(batch,
        "INSERT INTO orders (signal_id, leg, client_order_id, lane, venue, market, test, symbol, purpose, side, "
        "type, reduce_only, quantity, status, attempt, send_by_ms, created_ms, updated_ms) VALUES (?1, 0, ?1, "
        "'live:BTCUSDT', 'binance', 'futures', 0, 'BTCUSDT', 'open', 'buy', 'market', 0, '1', 'intent', 1, 0, "
        "0, 0)",
        order);
}

static void settle(struct batch *batch, uint32_t number) {
    const struct hx_db_value row[] = {text(batch->id)};
    const struct hx_db_value now[] = {integer(number)};
    ADD(batch,
        "UPDATE orders SET status = 'filled', finished_ms = 1 WHERE client_order_id = ?1 AND finished_ms IS NULL", row);
    ADD(batch,
        "INSERT INTO fills (venue, market, test, symbol, venue_trade_id, client_order_id, signal_id, side, "
        "quantity, price, fee, fee_asset, realized_pnl, maker, time_ms) VALUES ('binance', 'futures', 0, "
        "'BTCUSDT', ?1, ?1, ?1, 'buy', '1', '1', '0', 'USDT', '0', 0, 0)",
        row);
    ADD(batch,
        "INSERT INTO positions (venue, market, test, symbol, quantity, cost, entry_price, realized_pnl, fees, "
        "updated_ms, version) VALUES ('binance', 'futures', 0, 'BTCUSDT', '1', '1', '1', '0', '0', ?1, 1) "
        "ON CONFLICT DO UPDATE SET version = version + 1, updated_ms = ?1",
        now);
    ADD(batch, "INSERT INTO outbox (kind, subject, payload, due_ms, created_ms) VALUES ('notify', ?1, '{}', 0, 0)",
        row);
    ADD(batch, "UPDATE signals SET status = 'filled', finished_ms = 1 WHERE id = ?1 AND finished_ms IS NULL", row);
}

/* Moves one signal a stage on, or repeats an accepted one. False: neither could be. */
static bool make_step(struct batch *batch) {
    uint32_t recent = run.count < 12 ? run.count : 12;
    uint32_t number = recent > 0 ? run.count - 1 - below(recent) : 0;
    struct record *record = &run.records[number];
    if (recent == 0 || below(3) == 0 || record->tried == SETTLED) {
        if (run.count == SIGNALS_MAX) return false;
        number = run.count++;
        record = &run.records[number];
        *record = (struct record){NONE, NONE};
    }
    if (record->tried != record->acked) return false; /* Its fate is part of the transaction under way. */
    start_batch(batch, number);
    if (record->acked != NONE && below(6) == 0) {
        repeat_signal(batch, number);
        return true;
    }
    record->tried = record->acked + 1;
    if (record->tried == ACCEPTED) accept_signal(batch, number);
    else if (record->tried == INTENDED) write_intent(batch);
    else settle(batch, number);
    return true;
}

/* One transaction of some batches. An error ends the life of the store: nothing is ever retried on it. A disk without
 * room is no error. */
static bool transact(struct hx_store *store) {
    static struct batch batches[GROUP_MAX];
    struct batch *last = NULL;
    uint32_t count = 0, wanted = 1 + below(GROUP_MAX);
    for (uint32_t i = 0; i < wanted; i++) {
        struct batch *batch = &batches[count];
        if (!make_step(batch)) continue;
        if (last != NULL) last->job.next = &batch->job;
        last = batch;
        count++;
    }
    if (count == 0) return true;
    if (hx_failed(hx_store_batches(store, &batches[0].job))) return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct batch *batch = &batches[i];
        if (batch->number == UINT32_MAX) {
            if (hx_ok(batch->job.err)) problem("its claim was granted twice", i);
            else if (hx_err_equal(batch->job.err, HX_ERR(BUSY_OVERLOADED))) continue;
            else if (!hx_err_equal(batch->job.err, HX_ERR(CONFLICT_KEY))) problem("a repetition failed oddly", i);
            continue;
        }
        if (hx_err_equal(batch->job.err, HX_ERR(BUSY_OVERLOADED))) {
            /* No room: the caller hears that nothing was done, so nothing may ever come of it. */
            run.records[batch->number].tried = run.records[batch->number].acked;
            run.refused_batches++;
            continue;
        }
        if (hx_failed(batch->job.err)) problem("a batch was refused", batch->number);
        run.records[batch->number].acked = run.records[batch->number].tried;
        run.acked_batches++;
    }
    return true;
}

static void work(struct hx_store *store) {
    for (int i = 0; i < STEPS_MAX; i++) {
        if (!transact(store)) break;
        if (below(15) != 0) continue;
        hx_err err = hx_store_checkpoint(store);
        if (hx_failed(err) && !hx_err_is(err, HX_CLASS_BUSY)) break;
    }
}

/* Adds up in found[number] what one query shows of each signal. */
static void count_rows(sqlite3 *db, const char *sql, uint8_t *found) {
    sqlite3_stmt *statement = NULL;
    memset(found, 0, SIGNALS_MAX);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) problem(sqlite3_errmsg(db), 0);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        uint32_t number = (uint32_t)sqlite3_column_int64(statement, 0);
        if (number >= run.count) problem("a row nobody wrote", number);
        else found[number]++;
    }
    if (code != SQLITE_DONE) problem(sqlite3_errmsg(db), 0);
    sqlite3_finalize(statement);
}

static int64_t one_number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

static void check_integrity(sqlite3 *db) {
    sqlite3_stmt *statement = NULL;
    const char *answer = "no answer";
    if (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        answer = (const char *)sqlite3_column_text(statement, 0);
    }
    if (answer == NULL || strcmp(answer, "ok") != 0) problem(answer == NULL ? "damaged" : answer, 0);
    sqlite3_finalize(statement);
}

/* Every stage is whole or absent, what was acknowledged is there, and nothing is there that was not attempted. What is
 * seen now counts as acknowledged from here on: a caller could have been answered from it. */
static void verify(sqlite3 *db) {
    static uint8_t signals[SIGNALS_MAX], claims[SIGNALS_MAX], orders[SIGNALS_MAX], filled[SIGNALS_MAX],
        fills[SIGNALS_MAX], told[SIGNALS_MAX], finished[SIGNALS_MAX];
    count_rows(db, "SELECT id FROM signals", signals);
    count_rows(db, "SELECT id FROM signals WHERE finished_ms IS NOT NULL AND status = 'filled'", finished);
    count_rows(db, "SELECT signal_id FROM claims", claims);
    count_rows(db, "SELECT client_order_id FROM orders", orders);
    count_rows(db, "SELECT client_order_id FROM orders WHERE status = 'filled'", filled);
    count_rows(db, "SELECT client_order_id FROM fills", fills);
    count_rows(db, "SELECT subject FROM outbox", told);
    int64_t settled = 0;
    for (uint32_t i = 0; i < run.count; i++) {
        if (signals[i] > 1 || claims[i] > 1 || orders[i] > 1 || fills[i] > 1 || told[i] > 1) problem("doubled", i);
        if (claims[i] != signals[i]) problem("claim without signal or signal without claim", i);
        if (fills[i] != finished[i] || told[i] != finished[i] || filled[i] != finished[i]) problem("half settled", i);
        if (orders[i] > signals[i] || fills[i] > orders[i]) problem("a later stage without the one before", i);
        enum stage seen = finished[i] ? SETTLED : orders[i] ? INTENDED : signals[i] ? ACCEPTED : NONE;
        if (seen > run.records[i].tried) problem("a stage nobody attempted", i);
        if (seen < run.records[i].acked) run.lost++;
        run.records[i].acked = run.records[i].tried = seen;
        settled += seen == SETTLED;
    }
    int64_t version = one_number(db, "SELECT coalesce(sum(version), 0) FROM positions");
    if (version != settled) problem("the position counts other fills than there are", 0);
    if (one_number(db, "SELECT count(*) FROM system_logs") != 0) problem("a refused batch left a row", 0);
}

static void arm(void) {
    crash_vfs_arm_power(1 + below(below(2) == 0 ? 12 : 400));
    if (below(8) == 0) crash_vfs_arm_sync_failure(1 + below(8));
    if (below(4) == 0) crash_vfs_arm_full(1 + below(20), 1 + below(8));
}

/* One life of the process: open, verify, work until something ends it. */
static void live(void) {
    struct hx_store_options options = {.path = "ledger.db",
                                       .vfs = CRASH_VFS_NAME,
                                       .sync = HX_CRASH_SYNCHRONOUS_NORMAL ? HX_STORE_SYNC_NORMAL : HX_STORE_SYNC_FULL};
    struct hx_store *store = NULL;
    char text_problem[200] = "";
    bool harsh = below(4) == 0; /* The power may fail during recovery, too. */
    if (harsh) arm();
    hx_err err = hx_store_open(&options, &store, text_problem, sizeof(text_problem));
    if (hx_failed(err)) {
        bool full = harsh && strstr(text_problem, "disk is full") != NULL;
        if (full || crash_vfs_is_stopped() || crash_vfs_sync_has_failed()) run.recoveries_interrupted++;
        else problem(text_problem, 0);
        return;
    }
    if (!harsh) {
        sqlite3 *db = hx_store_handle(store);
        verify(db);
        if (run.crashes % 50 == 0) check_integrity(db);
        arm();
    }
    work(store);
    if (below(5) != 0) crash_vfs_stop();
    hx_store_close(store);
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s CRASHES [SEED]\n", argv[0]);
        return 2;
    }
    uint64_t wanted = strtoull(argv[1], NULL, 10);
    crash_vfs_install(argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
    for (run.crashes = 0; run.crashes < wanted; run.crashes++) {
        if (run.crashes % CRASHES_PER_LEDGER == 0) {
            crash_vfs_clear();
            run.count = 0;
        }
        live();
        run.sync_failures += crash_vfs_sync_has_failed();
        bool power_failed = below(4) != 0;
        run.power_failures += power_failed;
        crash_vfs_start(power_failed);
    }
    printf(
        "%llu crashes, %llu of them power failures, %llu failed syncs, %llu interrupted recoveries, "
        "%llu acknowledged and %llu refused batches: %llu lost, %llu other problems\n",
        (unsigned long long)run.crashes, (unsigned long long)run.power_failures, (unsigned long long)run.sync_failures,
        (unsigned long long)run.recoveries_interrupted, (unsigned long long)run.acked_batches,
        (unsigned long long)run.refused_batches, (unsigned long long)run.lost, (unsigned long long)run.problems);
    crash_vfs_clear();
    if (!HX_CRASH_SYNCHRONOUS_NORMAL && wanted >= 1000 && run.refused_batches == 0) problem("nothing was refused", 0);
    /* What follows from a loss looks like all kinds of problems: the loss is the news. */
    if (run.lost > 0) return 1;
    return run.problems > 0 ? 3 : 0;
}
