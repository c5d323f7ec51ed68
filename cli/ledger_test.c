/* Covers ledger.c, readonly.c, db.c, signals.c. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/ledger.h"
#include "cli/readonly.h"
#include "cli/test_rig.h"

static char dir[64];

#define SIGNAL_ID "01a20790-261f-7c37-81e2-eaf35ec1b554"

static const char rows_sql[] =
    "INSERT INTO signals(seq,id,lane,source,key_name,idempotency_key,payload_digest,body,venue,market,test,symbol,"
    "action,status,received_ms,due_ms,finished_ms,request_id,reply_status,reply_body) VALUES"
    "(1,'" SIGNAL_ID
    "','live:BTCUSDT','webhook','tv','k','d','{\"action\":\"LONG\"}','binance','futures',0,'BTCUSDT',"
    "'LONG','filled',1795422376631,0,1795422376700,'r',200,'{\"success\":true}'),"
    "(2,'01a20790-261f-7c37-81e2-eaf35ec1b555','live:ETHUSDT','cli','','k2','d','not json \033','binance','futures',0,"
    "'ETHUSDT','LONG','queued',1795422376631,1795422386631,NULL,'r',NULL,NULL);"
    "INSERT INTO orders(signal_id,leg,client_order_id,lane,venue,market,test,symbol,purpose,side,type,reduce_only,"
    "quantity,status,attempt,send_by_ms,created_ms,updated_ms) VALUES('" SIGNAL_ID
    "',0,'c1','live:BTCUSDT','binance',"
    "'futures',0,'BTCUSDT','open','buy','MARKET',0,'0.01','filled',1,0,0,0);"
    "INSERT INTO meta VALUES('it''s; \"quoted\"','line one\nline two'),('nul','a'||char(0)||'b'),('utf','\xc3\xa4');"
    "INSERT INTO claims VALUES(x'00ff10','" SIGNAL_ID
    "',-9223372036854775808);"
    "INSERT INTO kv VALUES('keys:webhook:tv','{}',0),('trade:kill_switch','off',0);"
    "CREATE TABLE \"odd \"\" name\"(\"a \"\" b\" REAL, c);"
    "INSERT INTO \"odd \"\" name\" VALUES(0.1,1e300),(-1.5,NULL),(3.141592653589793,x''),(9e999,''),(-9e999,1);";

static int setup(void **state) {
    (void)state;
    cli_rig_make_dir(dir, sizeof dir, true);
    cli_rig_exec(dir, rows_sql);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cli_rig_remove_dir(dir);
    return 0;
}

/* Runs `hoox db query SQL --json` and returns its exit code. */
static int query(const char *sql, struct cli_captured *captured) {
    char line[512];
    snprintf(line, sizeof line, "db query --json %s", sql);
    for (char *at = line + strlen("db query --json "); *at != '\0'; at++) *at = *at == ' ' ? '~' : *at;
    cli_rig_run(captured, line);
    return captured->code;
}

/* Everything that is not reading is refused with code 2, and leaves the ledger's bytes as they were. */
static void test_hostile_queries(void **state) {
    (void)state;
    static const char *const refused[] = {
        "ATTACH 'x.db' AS y",
        "DETACH main",
        "PRAGMA journal_mode=DELETE",
        "PRAGMA journal_mode",
        "PRAGMA user_version=5",
        "PRAGMA writable_schema=1",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA query_only=0",
        "SELECT * FROM pragma_journal_mode",
        "SELECT * FROM pragma_writable_schema",
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/hostname')",
        "SELECT writefile('/tmp/hoox-cli-test','y')",
        "SELECT edit('x')",
        "SELECT fts3_tokenizer('x')",
        "SELECT zeroblob(1000000000)",
        "SELECT * FROM fsdir('/')",
        "SELECT * FROM sqlite_dbpage",
        "WITH x AS (DELETE FROM signals RETURNING id) SELECT * FROM x",
        "WITH x AS (SELECT 1) INSERT INTO meta SELECT 'a','b'",
        "WITH x AS (SELECT 1) UPDATE signals SET status='x'",
        "WITH x AS (SELECT 1) DELETE FROM signals RETURNING *",
        "UPDATE signals SET status='x' RETURNING id",
        "DELETE FROM signals",
        "INSERT INTO meta VALUES('a','b') ON CONFLICT DO NOTHING",
        "REPLACE INTO meta VALUES('a','b')",
        "CREATE TABLE t(a)",
        "CREATE TEMP TABLE t(a)",
        "CREATE TEMP TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE VIRTUAL TABLE z USING fts5(x)",
        "CREATE INDEX i ON meta(value)",
        "DROP TABLE signals",
        "ALTER TABLE signals RENAME TO s",
        "VACUUM",
        "VACUUM INTO 'x.db'",
        "REINDEX",
        "ANALYZE",
        "BEGIN IMMEDIATE",
        "COMMIT",
        "SAVEPOINT a",
        "SELECT 1; DELETE FROM signals",
        "EXPLAIN DELETE FROM signals",
        "/* */ -- nothing",
        "; ;",
        "nonsense",
        "SELECT * FROM no_such_table",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct cli_captured captured;
        if (query(refused[i], &captured) != 2) fail_msg("%s: code %d, %s", refused[i], captured.code, captured.out);
        assert_true(cli_json_is_valid(captured.out, captured.out_len));
        cli_rig_release(&captured);
    }
    struct cli_captured captured;
    assert_int_equal(query("SELECT count(*) AS n, sum(status='filled') AS f FROM signals", &captured), 0);
    assert_string_equal(captured.out, "[\n  {\"n\":2,\"f\":1}\n]\n");
    cli_rig_release(&captured);
}

/* The same statements on a connection that could write: the authorizer alone holds, without the read-only file. */
static void test_authorizer_alone(void **state) {
    (void)state;
    static const char *const denied[] = {"DELETE FROM t",
                                         "INSERT INTO t VALUES(2)",
                                         "CREATE TABLE u(a)",
                                         "DROP TABLE t",
                                         "ATTACH ':memory:' AS x",
                                         "PRAGMA user_version=9",
                                         "CREATE TEMP TABLE u(a)",
                                         "UPDATE t SET a=2",
                                         "BEGIN",
                                         "ANALYZE"};
    sqlite3 *db = NULL;
    struct cli_readonly_limits limits = {cli_monotonic_ms() + 60000};
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES(1)", NULL, NULL, NULL), SQLITE_OK);
    cli_readonly_restrict(db, &limits);
    for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++) {
        int status = sqlite3_exec(db, denied[i], NULL, NULL, NULL);
        if (status != SQLITE_AUTH) fail_msg("%s: %d", denied[i], status);
    }
    char *value = cli_ledger_value(db, "SELECT sum(a) FROM t", NULL, 0);
    assert_string_equal(value, "1");
    free(value);
    sqlite3_close(db);
}

/* A query without end is stopped by the clock. */
static void test_endless_query(void **state) {
    (void)state;
    sqlite3 *db = NULL;
    struct cli_readonly_limits limits = {cli_monotonic_ms() + 30};
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    cli_readonly_restrict(db, &limits);
    assert_int_equal(
        sqlite3_exec(db, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT max(x) FROM c", NULL,
                     NULL, NULL),
        SQLITE_INTERRUPT);
    sqlite3_close(db);
}

/* What reading needs is there: CTEs, windows, JSON, dates, schema by pragma and by table function. */
static void test_legitimate_queries(void **state) {
    (void)state;
    static const struct {
        const char *sql, *wanted;
    } cases[] = {
        {"SELECT 'DROP TABLE signals' AS a", "{\"a\":\"DROP TABLE signals\"}"},
        {"WITH x AS (SELECT 1 AS a) SELECT a FROM x", "{\"a\":1}"},
        {"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<5) SELECT sum(x) AS s FROM c",
         "{\"s\":15}"},
        {"SELECT row_number() OVER (ORDER BY seq DESC) AS n FROM signals LIMIT 1", "{\"n\":1}"},
        {"SELECT json_extract(body,'$.action') AS a FROM signals WHERE seq=1", "{\"a\":\"LONG\"}"},
        {"SELECT sum(value) AS s FROM json_each('[1,2]')", "{\"s\":3}"},
        {"SELECT count(*) AS n FROM json_tree('{\"a\":[1]}')", "{\"n\":3}"},
        {"SELECT count(*) AS n FROM pragma_table_info('meta')", "{\"n\":2}"},
        {"SELECT count(*) AS n FROM sqlite_schema WHERE name='meta'", "{\"n\":1}"},
        {"SELECT datetime(0,'unixepoch') AS t", "{\"t\":\"1970-01-01 00:00:00\"}"},
        {"SELECT x'00ff' AS b, NULL AS n, 1.5 AS f, 9e999 AS i, received_ms FROM signals WHERE seq=1",
         "{\"b\":\"00ff\",\"n\":null,\"f\":1.5,\"i\":\"Inf\",\"received_ms\":1795422376631}"},
        {"SELECT value FROM meta WHERE name='nul'", "{\"value\":\"a\\u0000b\"}"},
        {"VALUES (1)", "{\"column1\":1}"},
        {"SELECT 1 AS a ; ", "{\"a\":1}"},
        {"SELECT count(*) AS n FROM win_rates", "{\"n\":0}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cli_captured captured;
        if (query(cases[i].sql, &captured) != 0 || strstr(captured.out, cases[i].wanted) == NULL) {
            fail_msg("%s: code %d, %s", cases[i].sql, captured.code, captured.out);
        }
        assert_true(cli_json_is_valid(captured.out, captured.out_len));
        cli_rig_release(&captured);
    }
    struct cli_captured captured;
    assert_int_equal(query("PRAGMA table_info(meta)", &captured), 0);
    cli_rig_release(&captured);
}

/* Every table of both files, row by row, with types: what differs is counted by the engine itself. */
static void assert_same(const char *left, const char *right) {
    sqlite3 *db = NULL;
    sqlite3_stmt *names = NULL;
    int tables = 0;
    assert_int_equal(sqlite3_open(left, &db), SQLITE_OK);
    char *sql = sqlite3_mprintf("ATTACH %Q AS o", right);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_free(sql);
    char *schema = cli_ledger_value(db,
                                    "SELECT count(*) FROM (SELECT type,name,sql FROM main.sqlite_schema EXCEPT SELECT "
                                    "type,name,sql FROM o.sqlite_schema)",
                                    NULL, 0);
    assert_string_equal(schema, "0");
    free(schema);
    sqlite3_prepare_v2(db, "SELECT name FROM main.sqlite_schema WHERE type='table'", -1, &names, NULL);
    while (sqlite3_step(names) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);
        sql = sqlite3_mprintf(
            "SELECT (SELECT count(*) FROM main.\"%w\") = (SELECT count(*) FROM o.\"%w\") AND NOT EXISTS "
            "(SELECT * FROM main.\"%w\" EXCEPT SELECT * FROM o.\"%w\")",
            name, name, name, name);
        char *same = cli_ledger_value(db, sql, NULL, 0);
        if (same == NULL || strcmp(same, "1") != 0) fail_msg("table %s differs", name);
        free(same);
        sqlite3_free(sql);
        tables++;
    }
    sqlite3_finalize(names);
    assert_true(tables > 10);
    sqlite3_close(db);
}

static char *user_version(const char *path) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *value = cli_ledger_value(db, "PRAGMA user_version", NULL, 0);
    sqlite3_close(db);
    return value;
}

/* The export, fed to an empty database, makes the same ledger: schema, version, every type of value, odd names. */
static void test_export_round_trip(void **state) {
    (void)state;
    struct cli_captured captured;
    char from[96], to[96];
    sqlite3 *db = NULL;
    snprintf(from, sizeof from, "%s/hoox.db", dir);
    snprintf(to, sizeof to, "%s/again.db", dir);
    cli_rig_run(&captured, "db export");
    assert_int_equal(captured.code, 0);
    assert_int_equal(sqlite3_open(to, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, captured.out, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    cli_rig_release(&captured);
    assert_same(from, to);
    char *left = user_version(from), *right = user_version(to);
    assert_string_equal(left, right);
    assert_string_not_equal(left, "0");
    free(left);
    free(right);
}

/* Files are new, private, and gone when something went wrong. */
static void test_files_written(void **state) {
    (void)state;
    static const char *const verbs[] = {"db backup", "db export --output"};
    for (size_t i = 0; i < 2; i++) {
        struct cli_captured captured;
        struct stat info;
        char line[256], from[96], to[96];
        snprintf(from, sizeof from, "%s/hoox.db", dir);
        snprintf(to, sizeof to, "%s/copy%zu", dir, i);
        snprintf(line, sizeof line, "%s %s", verbs[i], to);
        cli_rig_run(&captured, line);
        assert_int_equal(captured.code, 0);
        cli_rig_release(&captured);
        assert_int_equal(stat(to, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        if (i == 0) assert_same(from, to);
        cli_rig_run(&captured, line);
        assert_int_equal(captured.code, 1);
        assert_non_null(strstr(captured.err, "exists already"));
        cli_rig_release(&captured);
        snprintf(line, sizeof line, "%s %s/no/such", verbs[i], dir);
        cli_rig_run(&captured, line);
        assert_int_equal(captured.code, 1);
        cli_rig_release(&captured);
    }
}

/* One signal with all that belongs to it is one JSON document; a body that is not JSON stays a string. */
static void test_signals_show(void **state) {
    (void)state;
    struct cli_captured captured;
    cli_rig_run(&captured, "signals show " SIGNAL_ID " --json");
    assert_int_equal(captured.code, 0);
    assert_true(cli_json_is_valid(captured.out, captured.out_len));
    char *action = cli_json_text(captured.out, captured.out_len, "body", "action");
    char *received = cli_json_text(captured.out, captured.out_len, "signal", "received_ms");
    assert_string_equal(action, "LONG");
    assert_string_equal(received, "1795422376631");
    assert_non_null(strstr(captured.out, "\"client_order_id\":\"c1\""));
    free(action);
    free(received);
    cli_rig_release(&captured);
    cli_rig_run(&captured, "queue show 01a20790-261f-7c37-81e2-eaf35ec1b555 --json");
    assert_true(cli_json_is_valid(captured.out, captured.out_len));
    char *body = cli_json_text(captured.out, captured.out_len, "body", NULL);
    assert_string_equal(body, "not json \033");
    free(body);
    cli_rig_release(&captured);
    cli_rig_run(&captured, "signals show 01a20790-261f-7c37-81e2-eaf35ec1b555");
    assert_null(strchr(captured.out, '\033'));
    assert_non_null(strstr(captured.out, "due_utc"));
    cli_rig_release(&captured);
    cli_rig_run(&captured, "signals show nothing");
    assert_int_equal(captured.code, 1);
    cli_rig_release(&captured);
}

/* Lists filter by symbol in any case, and count. */
static void test_lists(void **state) {
    (void)state;
    static const struct {
        const char *line, *has, *lacks;
    } cases[] = {
        {"signals list", "BTCUSDT", NULL},
        {"signals list --symbol ethusdt", "ETHUSDT", "BTCUSDT"},
        {"signals list --symbol eth-usdt", "ETHUSDT", "BTCUSDT"},
        {"signals list --symbol BINANCE:ETHUSDT.P", "ETHUSDT", "BTCUSDT"},
        {"signals list --symbol XRPUSDT", "no signals of XRPUSDT", "BTCUSDT"},
        {"monitor trades --symbol xrp/usdt", "no trades of XRPUSDT", NULL},
        {"signals list 1", "ETHUSDT", "BTCUSDT"},
        {"queue list", "2026-11-23 08:26:26", "BTCUSDT"},
        {"queue list --json", "\"next_try_ms\":1795422386631", "BTCUSDT"},
        {"monitor queue-depth --json", "\"signals_open\":1,\"queued\":1,\"unknown\":0,\"failed\":0", NULL},
        {"monitor trades", "no trades yet", NULL},
        {"positions", "no open positions", NULL},
        {"config kv list", "trade:kill_switch", "keys:"},
        {"db list --json", "{\"table\":\"signals\",\"rows\":2}", NULL},
        {"signals replay-reply " SIGNAL_ID " --json", "{\"status\":200,\"body\":{\"success\":true}}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cli_captured captured;
        cli_rig_run(&captured, cases[i].line);
        bool ok = captured.code == 0 && strstr(captured.out, cases[i].has) != NULL &&
                  (cases[i].lacks == NULL || strstr(captured.out, cases[i].lacks) == NULL);
        if (!ok) fail_msg("`hoox %s`: code %d, %s", cases[i].line, captured.code, captured.out);
        cli_rig_release(&captured);
    }
}

/* One that can't be looked at is there all the same: the way to it is what is wrong. */
static void test_unreadable_way(void **state) {
    (void)state;
    char above[64], loop[96];
    static const char *const lines[] = {"positions", "db backup x", "keys list"};
    cli_rig_make_dir(above, sizeof above, false);
    snprintf(loop, sizeof loop, "%s/loop", above);
    assert_int_equal(symlink(loop, loop), 0);
    setenv("HOOX_DATA", loop, 1);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct cli_captured captured;
        cli_rig_run(&captured, lines[i]);
        assert_int_equal(captured.code, 3);
        if (strstr(captured.err, "can't be read: Too many levels") == NULL) fail_msg("%s: %s", lines[i], captured.err);
        assert_null(strstr(captured.err, "hoox init"));
        cli_rig_release(&captured);
    }
    assert_int_equal(unlink(loop), 0);
    cli_rig_remove_dir(above);
    setenv("HOOX_DATA", dir, 1);
}

/* Without a ledger, or with something else in its place, every reading command says so with code 3. */
static void test_no_ledger(void **state) {
    (void)state;
    static const char *const lines[] = {"positions --json", "db query --json SELECT~1", "signals show x --json",
                                        "db export --json", "db list --json",           "monitor trades --json"};
    char empty[64], path[96];
    cli_rig_make_dir(empty, sizeof empty, false);
    snprintf(path, sizeof path, "%s/hoox.db", empty);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
            struct cli_captured captured;
            cli_rig_run(&captured, lines[i]);
            assert_int_equal(captured.code, 3);
            assert_true(cli_json_is_valid(captured.out, captured.out_len));
            cli_rig_release(&captured);
        }
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs("this is no ledger, but it is long enough to be looked at as if it were one, page by page", file);
        fclose(file);
    }
    cli_rig_remove_dir(empty);
    setenv("HOOX_DATA", dir, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_queries),   cmocka_unit_test(test_authorizer_alone),
        cmocka_unit_test(test_endless_query),     cmocka_unit_test(test_legitimate_queries),
        cmocka_unit_test(test_export_round_trip), cmocka_unit_test(test_files_written),
        cmocka_unit_test(test_signals_show),      cmocka_unit_test(test_lists),
        cmocka_unit_test(test_no_ledger),         cmocka_unit_test(test_unreadable_way),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
