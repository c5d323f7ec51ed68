/* Goal: rewriting the log changes no byte and loses nothing, and what can't be rewritten is reported.
 * Method: databases in a folder of their own, abandoned with rows that are only in the log. That the rewriting is what
 * saves the ledger from a failed sync is shown by test/crash. */
#define _GNU_SOURCE
#include "host/common/wal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the above first. */
#include <cmocka.h>
#include <sqlite3.h>

static char folder[] = "/tmp/hx_wal_test_XXXXXX";
static char path[128], log_path[140];

static size_t read_file(const char *name, uint8_t *out, size_t size) {
    FILE *file = fopen(name, "rb");
    if (file == NULL) return 0;
    size_t len = fread(out, 1, size, file);
    fclose(file);
    return len;
}

static void copy_file(const char *from, const char *to) {
    static uint8_t bytes[1 << 20];
    size_t len = read_file(from, bytes, sizeof(bytes));
    FILE *file = fopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

/* Leaves a database whose three rows are in its log only, as a killed process does. */
static void abandon(void) {
    char open_path[160], open_log[170];
    snprintf(open_path, sizeof(open_path), "%s.open", path);
    snprintf(open_log, sizeof(open_log), "%s-wal", open_path);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(open_path, &db), SQLITE_OK);
    const char *sql =
        "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t (a);"
        "INSERT INTO t VALUES (randomblob(300000)); INSERT INTO t VALUES (2); INSERT INTO t VALUES (3);";
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    copy_file(open_path, path);
    copy_file(open_log, log_path);
    sqlite3_close(db);
    unlink(open_path);
}

static void keeps_every_byte(void **state) {
    (void)state;
    static uint8_t before[1 << 20], after[1 << 20];
    abandon();
    size_t len = read_file(log_path, before, sizeof(before));
    assert_true(len > 300000);
    assert_int_equal(hx_wal_rewrite(NULL, path), SQLITE_OK);
    assert_int_equal(read_file(log_path, after, sizeof(after)), len);
    assert_memory_equal(before, after, len);

    sqlite3 *db = NULL;
    sqlite3_stmt *count = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &count, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(count), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(count, 0), 3);
    sqlite3_finalize(count);
    sqlite3_close(db);
}

/* Room behind the log, as the ledger keeps it, and a log of another round: neither is lost nor costs a start anything.
 */
static void stops_at_the_end_of_the_round(void **state) {
    (void)state;
    static uint8_t log[1 << 20], after[1 << 20];
    abandon();
    size_t len = read_file(log_path, log, sizeof(log));
    memset(log + len, 0, 4096);
    memcpy(log + len, log + 32, 24); /* The header of its first frame, with other salts. */
    log[len + 8] ^= 1;
    FILE *file = fopen(log_path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(log, 1, len + 4120, file), len + 4120);
    fclose(file);
    assert_int_equal(hx_wal_rewrite(NULL, path), SQLITE_OK);
    assert_int_equal(read_file(log_path, after, sizeof(after)), len + 4120);
    assert_memory_equal(log, after, len + 4120);
    memset(log, 0, 4096);
    file = fopen(log_path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(log, 1, 4096, file), 4096);
    fclose(file);
    assert_int_equal(hx_wal_rewrite(NULL, path), SQLITE_OK);
    assert_int_equal(read_file(log_path, after, sizeof(after)), 4096);
}

static void nothing_to_do(void **state) {
    (void)state;
    char nowhere[160];
    snprintf(nowhere, sizeof(nowhere), "%s/none.db", folder);
    assert_int_equal(hx_wal_rewrite(NULL, nowhere), SQLITE_OK);
    assert_int_not_equal(access(nowhere, F_OK), 0);
    assert_int_equal(hx_wal_rewrite(NULL, ":memory:"), SQLITE_OK);
}

static void reports_what_it_cannot_do(void **state) {
    (void)state;
    assert_int_not_equal(hx_wal_rewrite("no such vfs", path), SQLITE_OK);
    char loop[160], loop_log[170];
    snprintf(loop, sizeof(loop), "%s/loop.db", folder);
    snprintf(loop_log, sizeof(loop_log), "%s-wal", loop);
    assert_int_equal(symlink(folder, loop_log), 0);
    assert_int_not_equal(hx_wal_rewrite(NULL, loop), SQLITE_OK);
    unlink(loop_log);
}

static int set_up(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(path, sizeof(path), "%s/ledger.db", folder);
    snprintf(log_path, sizeof(log_path), "%s-wal", path);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    unlink(log_path);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_byte),
        cmocka_unit_test(stops_at_the_end_of_the_round),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(reports_what_it_cannot_do),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
