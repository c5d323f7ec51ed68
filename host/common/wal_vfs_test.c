/* Goal: whatever is asked of a log in whatever order, it answers as a file would; what was synced is in the file, in
 * few writes; and what could not be written is never taken for written. Method: random operations beside a model in
 * memory; a VFS below that counts and fails; SQLite with a cache too small for its transactions, read by a second
 * connection that knows nothing of this VFS. */
#define _GNU_SOURCE
#include "host/common/wal_vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>
#include <sqlite3.h>

#define MODEL_LEN 400000

static char folder[] = "/tmp/hx_wal_vfs_test_XXXXXX";
static char path[128], log_path[140], shm_path[140];
static sqlite3_filename log_name; /* A VFS keeps the name of an open file. */

/* The VFS below: the system's, but its logs count what they are asked for and fail when told to. */
static struct {
    sqlite3_vfs vfs;
    sqlite3_io_methods methods;
    const sqlite3_io_methods *system;
    int writes, syncs;
    int fail_in, fail_code; /* The so many-th write from now; 0: none. */
} counted;

static int counted_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at) {
    counted.writes++;
    if (counted.fail_in > 0 && --counted.fail_in == 0) return counted.fail_code;
    return counted.system->xWrite(file, data, len, at);
}

static int counted_sync(sqlite3_file *file, int flags) {
    counted.syncs++;
    return counted.system->xSync(file, flags);
}

static int counted_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    sqlite3_vfs *system = vfs->pAppData;
    int code = system->xOpen(system, name, file, flags, out_flags);
    if ((flags & SQLITE_OPEN_WAL) == 0 || file->pMethods == NULL) return code;
    counted.system = file->pMethods;
    counted.methods = *file->pMethods;
    counted.methods.xWrite = counted_write;
    counted.methods.xSync = counted_sync;
    file->pMethods = &counted.methods;
    return code;
}

static uint32_t random_below(uint32_t bound) {
    static uint64_t state = 7;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % bound;
}

/* A log takes its mode from the database, which must be there. */
static sqlite3_file *open_log(const char *vfs_name) {
    FILE *database = fopen(path, "wb");
    assert_non_null(database);
    fclose(database);
    sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
    assert_non_null(vfs);
    sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
    assert_non_null(file);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;
    assert_null(log_name);
    log_name = sqlite3_create_filename(path, "", log_path, 0, NULL);
    assert_int_equal(vfs->xOpen(vfs, sqlite3_filename_wal(log_name), file, flags, NULL), SQLITE_OK);
    return file;
}

static void close_log(sqlite3_file *file, int expected) {
    assert_int_equal(file->pMethods->xClose(file), expected);
    sqlite3_free_filename(log_name);
    log_name = NULL;
    free(file);
    assert_int_equal(unlink(log_path), 0);
    assert_int_equal(unlink(path), 0);
}

static size_t read_file(uint8_t *out, size_t size) {
    FILE *file = fopen(log_path, "rb");
    assert_non_null(file);
    size_t len = fread(out, 1, size, file);
    fclose(file);
    return len;
}

static struct {
    uint8_t bytes[MODEL_LEN], file[MODEL_LEN];
    size_t len, next; /* Where a write would follow the last one. */
} model;

static void write_one(sqlite3_file *log) {
    static uint8_t data[65536];
    size_t at = random_below(10) < 7 ? model.next : random_below((uint32_t)model.len + 5000);
    size_t len = random_below(20) == 0 ? 1 + random_below(sizeof(data)) : random_below(2) == 0 ? 24 : 4096;
    if (at + len > MODEL_LEN) at = 0;
    for (size_t i = 0; i < len; i++) data[i] = (uint8_t)random_below(256);
    assert_int_equal(log->pMethods->xWrite(log, data, (int)len, (sqlite3_int64)at), SQLITE_OK);
    if (at > model.len) memset(model.bytes + model.len, 0, at - model.len);
    memcpy(model.bytes + at, data, len);
    if (at + len > model.len) model.len = at + len;
    model.next = at + len;
}

static void read_one(sqlite3_file *log) {
    static uint8_t data[5000];
    size_t len = 1 + random_below(sizeof(data));
    size_t at = random_below((uint32_t)model.len + 1);
    size_t there = model.len - at < len ? model.len - at : len;
    int code = log->pMethods->xRead(log, data, (int)len, (sqlite3_int64)at);
    assert_int_equal(code, there == len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
    assert_memory_equal(data, model.bytes + at, there);
}

static void answers_as_a_file_would(void **state) {
    (void)state;
    sqlite3_file *log = open_log(hx_wal_vfs_over(NULL));
    model.len = model.next = 0;
    for (int i = 0; i < 20000; i++) {
        uint32_t choice = random_below(40);
        sqlite3_int64 size = 0;
        if (choice < 30) {
            write_one(log);
        } else if (choice < 36) {
            read_one(log);
        } else if (choice == 36) {
            assert_int_equal(log->pMethods->xFileSize(log, &size), SQLITE_OK);
            assert_int_equal(size, model.len);
        } else if (choice == 37) {
            model.len = random_below((uint32_t)model.len + 1);
            if (model.next > model.len) model.next = model.len;
            assert_int_equal(log->pMethods->xTruncate(log, (sqlite3_int64)model.len), SQLITE_OK);
        } else {
            assert_int_equal(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL), SQLITE_OK);
            assert_int_equal(read_file(model.file, MODEL_LEN), model.len);
            assert_memory_equal(model.file, model.bytes, model.len);
        }
    }
    close_log(log, SQLITE_OK);
}

static int exec(sqlite3 *db, const char *sql) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int64_t number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(stmt, 0);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    return value;
}

static sqlite3 *open_database(const char *vfs) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs), SQLITE_OK);
    assert_int_equal(exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0"),
                     SQLITE_OK);
    return db;
}

#define FILL                                                                                           \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t (b) " \
    "SELECT randomblob(1000) FROM n;"

/* Pages leave the cache in the middle of a transaction and are read back from the log, and written there again. */
static void commits_are_seen_by_those_who_read_the_file(void **state) {
    (void)state;
    sqlite3 *db = open_database(hx_wal_vfs_over("counted"));
    assert_int_equal(exec(db, "PRAGMA cache_size=10; CREATE TABLE t (a INTEGER PRIMARY KEY, b)"), SQLITE_OK);
    sqlite3 *reader = open_database(NULL);
    for (int i = 1; i <= 20; i++) {
        assert_int_equal(
            exec(db, "BEGIN; " FILL "SAVEPOINT s; " FILL "UPDATE t SET b = randomblob(900) WHERE a % 3 = 0;"
                     "ROLLBACK TO s; RELEASE s; UPDATE t SET b = randomblob(1100) WHERE a % 7 = 0; COMMIT"),
            SQLITE_OK);
        assert_int_equal(number(reader, "SELECT count(*) FROM t"), 300 * i);
        if (i % 3 == 0) assert_int_equal(exec(db, "BEGIN; " FILL "ROLLBACK"), SQLITE_OK);
        if (i % 5 == 0) assert_int_equal(exec(db, "PRAGMA wal_checkpoint(PASSIVE)"), SQLITE_OK);
    }
    sqlite3_stmt *check = NULL;
    assert_int_equal(sqlite3_prepare_v2(reader, "PRAGMA integrity_check", -1, &check, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(check), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(check, 0), "ok");
    sqlite3_finalize(check);
    sqlite3_close(reader);
    sqlite3_close(db);
    unlink(path);
}

static void few_writes_a_commit(void **state) {
    (void)state;
    sqlite3 *db = open_database(hx_wal_vfs_over("counted"));
    assert_int_equal(exec(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b)"), SQLITE_OK);
    counted.writes = counted.syncs = 0;
    assert_int_equal(exec(db, "BEGIN; " FILL "COMMIT"), SQLITE_OK); /* About a hundred frames. */
    assert_in_range(counted.writes, 1, 10);
    assert_int_equal(counted.syncs, 1);
    sqlite3_close(db);
    unlink(path);
}

/* Whenever a write below fails, no commit is reported from then on that is not in the file. */
static void a_lost_write_is_never_forgotten(void **state) {
    (void)state;
    for (int fail_in = 1; fail_in <= 12; fail_in++) {
        sqlite3 *db = open_database(hx_wal_vfs_over("counted"));
        assert_int_equal(exec(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b)"), SQLITE_OK);
        counted.fail_in = fail_in;
        counted.fail_code = fail_in % 2 == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        int commits = 0;
        while (counted.fail_in > 0 && commits < 10) commits += exec(db, "BEGIN; " FILL "COMMIT") == SQLITE_OK;
        (void)exec(db, "ROLLBACK");
        assert_int_equal(counted.fail_in, 0);
        assert_int_not_equal(exec(db, "BEGIN; " FILL "COMMIT"), SQLITE_OK);
        (void)exec(db, "ROLLBACK");
        sqlite3 *reader = open_database(NULL);
        assert_int_equal(number(reader, "SELECT count(*) FROM t"), 300 * commits);
        sqlite3_close(reader);
        sqlite3_close(db);
        unlink(path);
        unlink(log_path);
        unlink(shm_path);
    }
}

/* A large write is not held, so that who grows a log ahead learns of a full disk, and nothing else suffers from it. */
static void a_large_write_fails_by_itself(void **state) {
    (void)state;
    static uint8_t data[65536];
    sqlite3_file *log = open_log(hx_wal_vfs_over("counted"));
    assert_int_equal(log->pMethods->xWrite(log, "abc", 3, 0), SQLITE_OK);
    counted.fail_in = 2; /* The first is of what was held. */
    counted.fail_code = SQLITE_FULL;
    assert_int_equal(log->pMethods->xWrite(log, data, sizeof(data), 3), SQLITE_FULL);
    assert_int_equal(log->pMethods->xWrite(log, "def", 3, 3), SQLITE_OK);
    assert_int_equal(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL), SQLITE_OK);
    assert_int_equal(read_file(data, sizeof(data)), 6);
    assert_memory_equal(data, "abcdef", 6);

    counted.fail_in = 1;
    assert_int_equal(log->pMethods->xWrite(log, "ghi", 3, 6), SQLITE_OK);
    sqlite3_int64 size = 0;
    assert_int_equal(log->pMethods->xFileSize(log, &size), SQLITE_FULL);
    assert_int_equal(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL), SQLITE_FULL);
    assert_int_equal(log->pMethods->xWrite(log, "jkl", 3, 6), SQLITE_FULL);
    close_log(log, SQLITE_FULL);
}

/* What was synced stays, what came after is zeros or was never there, and writing goes on. Only for want of room. */
static void a_transaction_without_room_is_taken_back(void **state) {
    (void)state;
    static uint8_t data[20000], zeros[20000];
    sqlite3_file *log = open_log(hx_wal_vfs_over("counted"));
    assert_int_equal(log->pMethods->xWrite(log, "abc", 3, 0), SQLITE_OK);
    assert_int_equal(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL), SQLITE_OK);
    counted.syncs = 0;
    assert_int_equal(hx_wal_vfs_undo(log), SQLITE_OK);
    assert_int_equal(counted.syncs, 0);
    memset(data, 'x', sizeof(data));
    assert_int_equal(log->pMethods->xWrite(log, data, 17000, 3), SQLITE_OK);
    assert_int_equal(log->pMethods->xWrite(log, "def", 3, 17003), SQLITE_OK);
    counted.fail_in = 1;
    counted.fail_code = SQLITE_FULL;
    assert_int_equal(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL), SQLITE_FULL);
    assert_int_equal(log->pMethods->xWrite(log, "def", 3, 17003), SQLITE_FULL);
    assert_int_equal(hx_wal_vfs_undo(log), SQLITE_OK);
    assert_int_equal(read_file(data, sizeof(data)), 17003);
    assert_memory_equal(data, "abc", 3);
    assert_memory_equal(data + 3, zeros, 17000);
    assert_int_equal(log->pMethods->xWrite(log, "ghi", 3, 3), SQLITE_OK);
    assert_int_equal(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL), SQLITE_OK);
    assert_int_equal(read_file(data, sizeof(data)), 17003);
    assert_memory_equal(data, "abcghi", 6);
    /* A disk that fails in another way, or while it is taken back, is not to be trusted again. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(log->pMethods->xWrite(log, data, 17000, 6), SQLITE_OK);
        assert_int_equal(log->pMethods->xWrite(log, "def", 3, 17006), SQLITE_OK);
        counted.fail_in = 1;
        counted.fail_code = i == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        (void)log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
        counted.fail_in = i == 0 ? 1 : 0;
        assert_int_equal(hx_wal_vfs_undo(log), counted.fail_code);
        assert_int_equal(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL), counted.fail_code);
        if (i == 0) assert_int_equal(hx_wal_vfs_undo(log), SQLITE_OK);
    }
    close_log(log, SQLITE_IOERR_WRITE);
    sqlite3_file other = {NULL};
    assert_int_equal(hx_wal_vfs_undo(&other), SQLITE_MISUSE);
}

static void one_name_for_each_vfs(void **state) {
    (void)state;
    assert_null(hx_wal_vfs_over("no such"));
    const char *name = hx_wal_vfs_over(NULL);
    assert_string_equal(name, hx_wal_vfs_over(NULL));
    assert_string_not_equal(name, hx_wal_vfs_over("counted"));
}

static int set_up(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(path, sizeof(path), "%s/t.db", folder);
    snprintf(log_path, sizeof(log_path), "%s-wal", path);
    snprintf(shm_path, sizeof(shm_path), "%s-shm", path);
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    counted.vfs = *system;
    counted.vfs.zName = "counted";
    counted.vfs.pAppData = system;
    counted.vfs.xOpen = counted_open;
    return sqlite3_vfs_register(&counted.vfs, 0);
}

static int tear_down(void **state) {
    (void)state;
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_as_a_file_would),
        cmocka_unit_test(commits_are_seen_by_those_who_read_the_file),
        cmocka_unit_test(few_writes_a_commit),
        cmocka_unit_test(a_lost_write_is_never_forgotten),
        cmocka_unit_test(a_large_write_fails_by_itself),
        cmocka_unit_test(one_name_for_each_vfs),
        cmocka_unit_test(a_transaction_without_room_is_taken_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
