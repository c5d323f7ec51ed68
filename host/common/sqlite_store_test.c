/* Goal: a batch is all or nothing with the port's words for what went wrong, a query gives back what was bound, and
 * what was committed is there after reopening; a disk without room takes nothing and breaks nothing. Covers
 * sqlite_store.c and test_disk.c. Method: the real schema in memory and in a file, every outcome once; a disk that is
 * full at every write of a transaction in turn. */
#define _GNU_SOURCE

#include "host/common/sqlite_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/common/schema.h"
#include "host/common/test_disk.h"

static struct hx_test_disk *disk;

static struct hx_store *open_store(const char *path) {
    struct hx_store *store = NULL;
    char problem[256] = "";
    hx_err err = hx_store_open(&(struct hx_store_options){.path = path}, &store, problem, sizeof(problem));
    if (hx_failed(err)) fail_msg("%s", problem);
    return store;
}

static const char *put_sql = "INSERT INTO kv (key, value, updated_ms) VALUES (?1, ?2, ?3)";

static hx_err put(struct hx_store *store, const char *key, const char *value) {
    struct hx_db_value params[] = {
        {HX_DB_TEXT, 0, hx_str_from_c(key)}, {HX_DB_TEXT, 0, hx_str_from_c(value)}, {HX_DB_INT, 7, HX_STR_EMPTY}};
    struct hx_db_stmt stmt = {put_sql, params, 3, 1};
    return hx_store_batch(store, &stmt, 1, NULL);
}

static int64_t count_kv(struct hx_store *store) {
    static uint8_t memory[4096];
    struct hx_arena arena;
    hx_arena_init(&arena, memory, sizeof(memory));
    struct hx_db_rows rows;
    struct hx_db_stmt stmt = {"SELECT count(*) FROM kv", NULL, 0, HX_DB_EXPECT_ANY};
    assert_true(hx_ok(hx_store_query(store, &arena, &stmt, &rows)));
    return rows.cells[0].integer;
}

static void outcomes_of_a_batch(void **state) {
    (void)state;
    struct hx_store *store = open_store(":memory:");
    assert_true(hx_ok(put(store, "a", "1")));
    struct hx_db_value key = {HX_DB_TEXT, 0, HX_STR("b")};
    struct hx_db_value taken = {HX_DB_TEXT, 0, HX_STR("a")};
    struct hx_db_stmt insert = {"INSERT INTO kv VALUES (?1, 'x', 1)", &key, 1, 1};
    struct hx_db_stmt insert_taken = {"INSERT INTO kv VALUES (?1, 'x', 1)", &taken, 1, 1};
    struct hx_db_stmt update_absent = {"UPDATE kv SET value = 'y' WHERE key = 'none'", NULL, 0, 1};
    struct hx_db_stmt update_any = {"UPDATE kv SET value = 'y' WHERE key = 'none'", NULL, 0, HX_DB_EXPECT_ANY};
    struct hx_db_stmt reads = {"SELECT * FROM kv", NULL, 0, 0};
    struct hx_db_stmt not_null = {"INSERT INTO kv VALUES ('c', NULL, 1)", NULL, 0, 1};
    struct hx_db_stmt nonsense = {"INSERT INTO nowhere VALUES (1)", NULL, 0, 1};
    struct hx_db_stmt unbound = {"INSERT INTO kv VALUES (?1, ?2, 1)", &key, 1, 1};
    const struct {
        struct hx_db_stmt last;
        hx_err err;
    } table[] = {
        {insert_taken, HX_ERR(CONFLICT_KEY)}, {update_absent, HX_ERR(CONFLICT_CONDITION)},
        {not_null, HX_ERR(REJECT_INPUT)},     {nonsense, HX_ERR(BROKEN_STORE)},
        {unbound, HX_ERR(BROKEN_STORE)},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct hx_db_stmt batch[] = {insert, reads, update_any, table[i].last};
        uint32_t failed = 99;
        assert_int_equal(hx_store_batch(store, batch, 4, &failed).code, table[i].err.code);
        assert_int_equal(failed, 3);
        assert_int_equal(count_kv(store), 1);
        assert_false(hx_store_is_broken(store));
    }
    struct hx_db_stmt good[] = {insert, reads, update_any};
    assert_true(hx_ok(hx_store_batch(store, good, 3, NULL)));
    assert_int_equal(count_kv(store), 2);
    hx_store_close(store);
}

/* Several batches share one transaction; the failing one takes none of the others with it. */
static void batches_of_one_transaction(void **state) {
    (void)state;
    struct hx_store *store = open_store(":memory:");
    assert_true(hx_ok(hx_store_begin(store)));
    assert_true(hx_ok(put(store, "a", "1")));
    assert_int_equal(put(store, "a", "2").code, HX_ERR(CONFLICT_KEY).code);
    assert_true(hx_ok(put(store, "b", "3")));
    assert_true(hx_ok(hx_store_commit(store)));
    assert_int_equal(count_kv(store), 2);
    hx_store_close(store);
}

static const char *log_sql = "INSERT INTO system_logs (time_ms, level, subject, message) VALUES (1, 'info', ?1, '')";

static int64_t count_logs(struct hx_store *store) {
    static uint8_t memory[4096];
    struct hx_arena arena;
    hx_arena_init(&arena, memory, sizeof(memory));
    struct hx_db_rows rows;
    struct hx_db_stmt stmt = {"SELECT count(*) FROM system_logs", NULL, 0, HX_DB_EXPECT_ANY};
    assert_true(hx_ok(hx_store_query(store, &arena, &stmt, &rows)));
    return rows.cells[0].integer;
}

/* Jobs of a round: some good ones, one refused at its first statement, one refused after it has written, in every
 * order, several rounds long, since a late refusal changes how the next rounds are done. */
static void jobs_of_a_round(void **state) {
    (void)state;
    struct hx_store *store = open_store(":memory:");
    assert_true(hx_ok(put(store, "taken", "1")));
    struct hx_db_value taken = {HX_DB_TEXT, 0, HX_STR("taken")};
    int64_t keys = 1, logs = 0;
    for (uint32_t round = 0; round < 200; round++) {
        char name[4][16];
        struct hx_db_value key[4];
        struct hx_db_stmt statements[4][3];
        struct hx_store_job jobs[4];
        /* None fails; one at once; one late; both. */
        uint32_t early = round % 4 == 1 || round % 4 == 3 ? round / 4 % 4 : 9;
        uint32_t late = round % 4 >= 2 ? round / 16 % 4 : 9;
        uint32_t count = 1 + round % 5 % 4;
        for (uint32_t i = 0; i < count; i++) {
            (void)snprintf(name[i], sizeof(name[i]), "%u-%u", round, i);
            key[i] = (struct hx_db_value){HX_DB_TEXT, 0, hx_str_from_c(name[i])};
            struct hx_db_stmt good = {"INSERT INTO kv VALUES (?1, 'x', 1)", &key[i], 1, 1};
            struct hx_db_stmt bad = {"INSERT INTO kv VALUES (?1, 'x', 1)", &taken, 1, 1};
            struct hx_db_stmt misses = {"UPDATE kv SET value = 'y' WHERE key = 'none'", NULL, 0, 1};
            struct hx_db_stmt note = {log_sql, &key[i], 1, 1};
            statements[i][0] = i == early ? bad : note;
            statements[i][1] = i == late ? (round % 3 == 0 ? misses : bad) : good;
            statements[i][2] = note;
            jobs[i] = (struct hx_store_job){.statements = statements[i], .count = 3};
            if (i > 0) jobs[i - 1].next = &jobs[i];
        }
        assert_true(hx_ok(hx_store_batches(store, &jobs[0])));
        for (uint32_t i = 0; i < count; i++) {
            bool refused = i == early || i == late;
            assert_int_equal(hx_failed(jobs[i].err), refused);
            if (refused) {
                assert_true(hx_err_is(jobs[i].err, HX_CLASS_CONFLICT));
                assert_int_equal(jobs[i].failed, i == early ? 0 : 1);
            } else {
                keys++;
                logs += 2;
            }
        }
        assert_int_equal(count_kv(store), keys);
        assert_int_equal(count_logs(store), logs);
    }
    hx_store_close(store);
}

static void values_round_trip(void **state) {
    (void)state;
    struct hx_store *store = open_store(":memory:");
    static uint8_t memory[8192];
    struct hx_arena arena;
    hx_arena_init(&arena, memory, sizeof(memory));
    struct hx_db_value params[] = {{HX_DB_NULL, 0, HX_STR_EMPTY},   {HX_DB_INT, INT64_MIN, HX_STR_EMPTY},
                                   {HX_DB_TEXT, 0, HX_STR("a\0b")}, {HX_DB_BLOB, 0, HX_STR("\xff\x00\x01")},
                                   {HX_DB_TEXT, 0, HX_STR_EMPTY},   {HX_DB_BLOB, 0, HX_STR_EMPTY}};
    struct hx_db_stmt stmt = {"SELECT ?1, ?2, ?3, ?4, ?5, ?6, 1.5 UNION ALL SELECT 1, 2, 3, 4, 5, 6, 7", params, 6, 0};
    struct hx_db_rows rows;
    assert_true(hx_ok(hx_store_query(store, &arena, &stmt, &rows)));
    assert_int_equal(rows.row_count, 2);
    assert_int_equal(rows.column_count, 7);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(rows.cells[i].type, params[i].type);
        assert_int_equal(rows.cells[i].integer, params[i].integer);
        assert_true(hx_str_equal(rows.cells[i].text, params[i].text));
    }
    assert_true(hx_str_equal(rows.cells[6].text, HX_STR("1.5")));
    assert_int_equal(rows.cells[7 + 6].integer, 7);
    hx_arena_init(&arena, memory, 200);
    assert_int_equal(hx_store_query(store, &arena, &stmt, &rows).code, HX_ERR(LIMIT_ARENA).code);
    hx_store_close(store);
}

/* A buffer reused for other text must not find the statement compiled for the old text. */
static void cache_tells_texts_apart(void **state) {
    (void)state;
    struct hx_store *store = open_store(":memory:");
    static uint8_t memory[65536];
    struct hx_arena arena;
    hx_arena_init(&arena, memory, sizeof(memory));
    char sql[64];
    for (int i = 0; i < 500; i++) {
        (void)snprintf(sql, sizeof(sql), "SELECT %d", i % 250);
        struct hx_db_stmt stmt = {sql, NULL, 0, 0};
        struct hx_db_rows rows;
        assert_true(hx_ok(hx_store_query(store, &arena, &stmt, &rows)));
        assert_int_equal(rows.cells[0].integer, i % 250);
    }
    hx_store_close(store);
}

static void remove_store(const char *directory) {
    const char *names[] = {"hoox.db", "hoox.db-wal", "hoox.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[96];
        (void)snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(directory), 0);
}

static void copy_file(const char *from, const char *directory, const char *name) {
    static char memory[20 * 1024 * 1024];
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(path, "wb");
    assert_non_null(in);
    assert_non_null(out);
    size_t len = fread(memory, 1, sizeof(memory), in);
    assert_int_equal(fwrite(memory, 1, len, out), len);
    assert_int_equal(fclose(in) | fclose(out), 0);
}

static void reopened_and_migrated_once(void **state) {
    (void)state;
    char directory[] = "/tmp/hoox-store-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/hoox.db", directory);
    struct hx_store *store = open_store(path);
    assert_true(hx_ok(put(store, "a", "1")));
    assert_true(hx_store_wal_frames(store) > 0);
    assert_true(hx_ok(hx_store_checkpoint(store)));
    assert_int_equal(hx_store_wal_frames(store), 0);
    assert_true(hx_ok(put(store, "b", "1")));
    hx_store_close(store);
    store = open_store(path);
    assert_int_equal(count_kv(store), 2);
    char newer[64];
    (void)snprintf(newer, sizeof(newer), "PRAGMA user_version=%d", hx_migration_count + 1);
    assert_int_equal(sqlite3_exec(hx_store_handle(store), newer, NULL, NULL, NULL), SQLITE_OK);
    hx_store_close(store);
    char problem[256] = "";
    hx_err err = hx_store_open(&(struct hx_store_options){.path = path}, &store, problem, sizeof(problem));
    assert_int_equal(err.code, HX_ERR(BROKEN_CONFIG).code);
    assert_null(store);
    assert_non_null(strstr(problem, "newer"));
    remove_store(directory);
}

/* A lock held elsewhere: every job of the round is told so, nothing is done, and the next round goes on. */
static void locked_elsewhere(void **state) {
    (void)state;
    char directory[] = "/tmp/hoox-store-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/hoox.db", directory);
    struct hx_store *store = open_store(path);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(hx_store_handle(store), 1), SQLITE_OK);
    struct hx_db_stmt statement = {"INSERT INTO kv VALUES (random(), 'x', 1)", NULL, 0, 1};
    for (int several = 0; several < 2; several++) {
        struct hx_store_job second = {.statements = &statement, .count = 1};
        struct hx_store_job first = {.statements = &statement, .count = 1, .next = several ? &second : NULL};
        assert_true(hx_ok(hx_store_batches(store, &first)));
        assert_true(hx_err_is(first.err, HX_CLASS_BUSY));
        if (several) assert_true(hx_err_is(second.err, HX_CLASS_BUSY));
    }
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    struct hx_store_job second = {.statements = &statement, .count = 1};
    struct hx_store_job first = {.statements = &statement, .count = 1, .next = &second};
    assert_true(hx_ok(hx_store_batches(store, &first)) && hx_ok(first.err) && hx_ok(second.err));
    assert_int_equal(count_kv(store), 2);
    sqlite3_close(other);
    hx_store_close(store);
    remove_store(directory);
}

/* The log grows to its full size in steps, is overwritten there, and says nothing new to whoever opens it next. */
static void grown_log(void **state) {
    (void)state;
    char directory[] = "/tmp/hoox-store-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[96];
    char wal[96];
    (void)snprintf(path, sizeof(path), "%s/hoox.db", directory);
    (void)snprintf(wal, sizeof(wal), "%s/hoox.db-wal", directory);
    struct hx_store *store = open_store(path);
    assert_true(hx_ok(put(store, "a", "1")));
    struct stat grown;
    int steps = 0;
    while (hx_store_grow_wal(store)) {
        char key[16];
        (void)snprintf(key, sizeof(key), "k%d", steps++);
        assert_true(hx_ok(put(store, key, "1")));
        assert_true(steps < 1000);
    }
    assert_int_equal(stat(wal, &grown), 0);
    assert_true(grown.st_size >= 16 * 1024 * 1024 && grown.st_size < 18 * 1024 * 1024);
    for (int i = 0; i < 50; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "l%d", i);
        assert_true(hx_ok(put(store, key, "1")));
    }
    struct stat after;
    assert_int_equal(stat(wal, &after), 0);
    assert_int_equal(after.st_size, grown.st_size);
    assert_true(hx_ok(hx_store_begin(store)));
    assert_false(hx_store_grow_wal(store));
    assert_true(hx_ok(hx_store_commit(store)));
    /* As a kill would leave it: nothing moved into the database, the log as it is. */
    char copy[80];
    (void)snprintf(copy, sizeof(copy), "%s/copy", directory);
    assert_int_equal(mkdir(copy, 0700), 0);
    copy_file(path, copy, "hoox.db");
    copy_file(wal, copy, "hoox.db-wal");
    hx_store_close(store);
    (void)snprintf(path, sizeof(path), "%s/hoox.db", copy);
    store = open_store(path);
    assert_int_equal(count_kv(store), 51 + steps);
    hx_store_close(store);
    struct hx_store *memory = open_store(":memory:");
    assert_false(hx_store_grow_wal(memory));
    hx_store_close(memory);
    remove_store(copy);
    remove_store(directory);
}

/* What a process that starts now would find: the files as a kill would leave them. */
static int64_t count_after_kill(const char *directory) {
    char copy[80], path[96];
    (void)snprintf(copy, sizeof(copy), "%s/copy", directory);
    assert_int_equal(mkdir(copy, 0700), 0);
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "hoox.db" : "hoox.db-wal";
        (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
        copy_file(path, copy, name);
    }
    struct hx_test_disk before = *disk;
    *disk = (struct hx_test_disk){-1, -1, false};
    (void)snprintf(path, sizeof(path), "%s/hoox.db", copy);
    struct hx_store *store = open_store(path);
    int64_t count = count_kv(store);
    hx_store_close(store);
    *disk = before;
    remove_store(copy);
    return count;
}

/* Two jobs, of which the first is larger than the page cache when `large`, so that the log is written to before the
 * commit. Returns what became of them. */
static hx_err try_round(struct hx_store *store, bool several, bool large) {
    static const char *const sql = "INSERT INTO kv VALUES (hex(randomblob(8)), hex(zeroblob(?1)), 1)";
    struct hx_db_value len = {HX_DB_INT, large ? 200000 : 900, HX_STR_EMPTY};
    struct hx_db_stmt statements[] = {{sql, &len, 1, 1}, {sql, &len, 1, 1}};
    struct hx_store_job second = {.statements = statements, .count = 1};
    struct hx_store_job first = {.statements = statements, .count = 2, .next = several ? &second : NULL};
    hx_err err = hx_store_batches(store, &first);
    if (hx_failed(err)) return err;
    if (several) assert_int_equal(first.err.code, second.err.code);
    return first.err;
}

/* At each of its writes in turn, for rounds of one batch and of two, small and large: nothing was done, now or after a
 * kill, and once there is room it is. */
static void no_room_for_a_commit(void **state) {
    (void)state;
    char directory[] = "/tmp/hoox-store-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/hoox.db", directory);
    struct hx_store *store = NULL;
    struct hx_store_options options = {.path = path, .cache_kib = 64};
    assert_true(hx_ok(hx_store_open(&options, &store, NULL, 0)));
    int64_t count = 0;
    int refused = 0;
    for (int kind = 0; kind < 4; kind++) {
        bool several = kind % 2 == 1, large = kind / 2 == 1;
        bool fits = false;
        for (int room = 0; !fits; room++) {
            assert_true(room < 100);
            disk->log_room = room;
            hx_err err = try_round(store, several, large);
            fits = hx_ok(err);
            if (fits) break;
            refused++;
            assert_int_equal(err.code, HX_ERR(BUSY_OVERLOADED).code);
            assert_false(hx_store_is_broken(store));
            assert_true(hx_store_is_full(store));
            assert_non_null(strstr(hx_store_problem(store), "full"));
            assert_int_equal(count_kv(store), count);
            assert_int_equal(count_after_kill(directory), count);
        }
        disk->log_room = -1;
        count += several ? 3 : 2;
        assert_false(hx_store_is_full(store));
        assert_int_equal(count_kv(store), count);
        assert_int_equal(count_after_kill(directory), count);
    }
    assert_true(refused > 8);
    hx_store_close(store);
    remove_store(directory);
}

/* A database that can't grow: the log has everything and takes more, and later it is all moved. */
static void no_room_for_a_checkpoint(void **state) {
    (void)state;
    char directory[] = "/tmp/hoox-store-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/hoox.db", directory);
    struct hx_store *store = open_store(path);
    assert_true(hx_ok(try_round(store, true, true)));
    for (int room = 0; room < 8; room++) {
        disk->database_room = room;
        assert_int_equal(hx_store_checkpoint(store).code, HX_ERR(BUSY_OVERLOADED).code);
        assert_false(hx_store_is_broken(store));
        assert_true(hx_store_is_full(store));
        assert_non_null(strstr(hx_store_problem(store), "full"));
        assert_true(hx_ok(try_round(store, true, false)));
        assert_int_equal(count_kv(store), 3 * (room + 2));
        assert_int_equal(count_after_kill(directory), 3 * (room + 2));
    }
    /* So full a log that the store would move it by itself. */
    while (hx_store_wal_frames(store) < HX_STORE_CHECKPOINT_FRAMES + 400) {
        assert_true(hx_ok(try_round(store, false, true)));
    }
    int64_t count = count_kv(store);
    disk->database_room = -1;
    assert_true(hx_ok(hx_store_checkpoint(store)));
    assert_false(hx_store_is_full(store));
    assert_int_equal(hx_store_wal_frames(store), 0);
    assert_int_equal(count_after_kill(directory), count);
    hx_store_close(store);
    remove_store(directory);
}

/* A sync that fails is another matter: nobody knows what it left, so nothing goes on, full disk or not. */
static void a_failed_sync_breaks(void **state) {
    (void)state;
    char directory[] = "/tmp/hoox-store-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/hoox.db", directory);
    for (int full = 0; full < 2; full++) {
        struct hx_store *store = open_store(path);
        assert_true(hx_ok(put(store, full ? "b" : "a", "1")));
        *disk = (struct hx_test_disk){full ? 2 : -1, -1, true};
        hx_err err = full ? try_round(store, false, true) : put(store, "lost", "1");
        assert_true(hx_err_is(err, HX_CLASS_UNKNOWN) || hx_err_is(err, HX_CLASS_BROKEN));
        assert_true(hx_store_is_broken(store));
        *disk = (struct hx_test_disk){-1, -1, false};
        assert_true(hx_err_is(put(store, "later", "1"), HX_CLASS_BROKEN));
        hx_store_close(store);
    }
    remove_store(directory);
}

/* The simulator starts each run with an empty ledger; that has to stay cheap. */
static void reset_empties_everything(void **state) {
    (void)state;
    struct hx_store *store = open_store(":memory:");
    struct timespec from;
    struct timespec to;
    hx_store_reset(store);
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < 200; i++) {
        assert_true(hx_ok(put(store, "a", "1")));
        hx_store_reset(store);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    int64_t us = ((to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000) / 200;
    print_message("one put and one reset: %lld us\n", (long long)us);
    assert_int_equal(count_kv(store), 0);
    hx_store_close(store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_of_a_batch),
        cmocka_unit_test(batches_of_one_transaction),
        cmocka_unit_test(jobs_of_a_round),
        cmocka_unit_test(locked_elsewhere),
        cmocka_unit_test(values_round_trip),
        cmocka_unit_test(cache_tells_texts_apart),
        cmocka_unit_test(reopened_and_migrated_once),
        cmocka_unit_test(reset_empties_everything),
        cmocka_unit_test(grown_log),
        cmocka_unit_test(no_room_for_a_commit),
        cmocka_unit_test(no_room_for_a_checkpoint),
        cmocka_unit_test(a_failed_sync_breaks),
    };
    disk = hx_test_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
