#include "host/common/sqlite_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/schema.h"
#include "host/common/wal.h"
#include "host/common/wal_vfs.h"

#define CACHE_SLOTS 512 /* Power of two; at most half of them are used. */
#define CACHE_STATEMENTS_MAX 192
#define GROWN_FRAMES (HX_STORE_CHECKPOINT_FRAMES + 200) /* A few commits more. */
#define BUSY_TIMEOUT_MS 1000
#define TABLES_MAX 64
#define CAREFUL_TRANSACTIONS 32 /* With savepoints from the start, after one that needed them. */

struct cached {
    const char *pointer; /* The caller's text, by address; NULL: free slot. */
    sqlite3_stmt *stmt;
};

struct hx_store {
    sqlite3 *db;
    bool broken;
    bool collects;         /* Through wal_vfs.h: a transaction that finds no room can be taken back. */
    bool roomless;         /* The transaction under way found no room: it can't be committed any more. */
    bool commit_refused;   /* The last transaction found no room; */
    bool checkpoint_halts; /* the last checkpoint. */
    uint32_t wal_frames;
    uint32_t checkpoint_at; /* Frames at which hx_store_begin checkpoints by itself. */
    uint32_t careful;       /* Transactions of several batches that will have savepoints from the start. */
    char problem[256];
    struct cached cache[CACHE_SLOTS];
    uint32_t cached_count;
    sqlite3_stmt *begin, *commit, *rollback, *savepoint, *release, *rollback_to;
    sqlite3_stmt *deletes[TABLES_MAX];
    uint32_t delete_count;
    struct hx_db_value *cells; /* Rows of the query in progress. */
    size_t cells_max;
};

/* A database that could not even be opened has nothing to say of it. */
static void note_problem(struct hx_store *store, int code, const char *what) {
    bool opened = store->db != NULL;
    (void)snprintf(store->problem, sizeof(store->problem), "%s: %s (%d)", what,
                   opened ? sqlite3_errmsg(store->db) : sqlite3_errstr(code),
                   opened ? sqlite3_extended_errcode(store->db) : code);
}

/* After these nothing on this connection can be trusted: the file or the memory failed, not the statement. */
static bool is_fatal(const struct hx_store *store, int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return !store->collects;
        case SQLITE_IOERR:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_NOMEM:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
            return true;
        default:
            return false;
    }
}

static hx_err to_err(struct hx_store *store, int code, const char *what) {
    switch (code) {
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_ROWID:
            return HX_ERR(CONFLICT_KEY);
        default:
            break;
    }
    note_problem(store, code, what);
    if (is_fatal(store, code)) store->broken = true;
    if ((code & 0xff) == SQLITE_FULL && store->collects) {
        store->roomless = true;
        return HX_ERR(BUSY_OVERLOADED);
    }
    if ((code & 0xff) == SQLITE_CONSTRAINT) return HX_ERR(REJECT_INPUT);
    if ((code & 0xff) == SQLITE_BUSY) return HX_ERR(BUSY_OVERLOADED);
    return HX_ERR(BROKEN_STORE);
}

static uint32_t slot_of(const char *pointer) {
    uint64_t mixed = (uint64_t)(uintptr_t)pointer * 0x9e3779b97f4a7c15u;
    return (uint32_t)(mixed >> 48) & (CACHE_SLOTS - 1);
}

static void cache_clear(struct hx_store *store) {
    for (uint32_t i = 0; i < CACHE_SLOTS; i++) {
        if (store->cache[i].pointer != NULL) (void)sqlite3_finalize(store->cache[i].stmt);
        store->cache[i] = (struct cached){NULL, NULL};
    }
    store->cached_count = 0;
}

static int prepare(struct hx_store *store, const char *sql, sqlite3_stmt **out) {
    return sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
}

/* By address, then by text: the address alone would be wrong for a caller who reuses a buffer. */
static int cache_get(struct hx_store *store, const char *sql, sqlite3_stmt **out) {
    uint32_t slot = slot_of(sql);
    while (store->cache[slot].pointer != NULL) {
        struct cached *cached = &store->cache[slot];
        if (cached->pointer == sql && strcmp(sqlite3_sql(cached->stmt), sql) == 0) {
            *out = cached->stmt;
            return SQLITE_OK;
        }
        slot = (slot + 1) & (CACHE_SLOTS - 1);
    }
    if (store->cached_count >= CACHE_STATEMENTS_MAX) {
        cache_clear(store);
        slot = slot_of(sql);
    }
    int code = prepare(store, sql, out);
    if (code != SQLITE_OK) return code;
    if (*out == NULL) return SQLITE_MISUSE;
    store->cache[slot] = (struct cached){sql, *out};
    store->cached_count++;
    return SQLITE_OK;
}

static int bind(sqlite3_stmt *stmt, const struct hx_db_stmt *statement) {
    if ((int)statement->param_count != sqlite3_bind_parameter_count(stmt)) return SQLITE_RANGE;
    for (uint32_t i = 0; i < statement->param_count; i++) {
        const struct hx_db_value *value = &statement->params[i];
        const char *data = value->text.data == NULL ? "" : value->text.data;
        int code = SQLITE_MISUSE;
        switch (value->type) {
            case HX_DB_NULL:
                code = sqlite3_bind_null(stmt, (int)i + 1);
                break;
            case HX_DB_INT:
                code = sqlite3_bind_int64(stmt, (int)i + 1, value->integer);
                break;
            case HX_DB_TEXT:
                code = sqlite3_bind_text64(stmt, (int)i + 1, data, value->text.len, SQLITE_STATIC, SQLITE_UTF8);
                break;
            case HX_DB_BLOB:
                code = sqlite3_bind_blob64(stmt, (int)i + 1, data, value->text.len, SQLITE_STATIC);
                break;
        }
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

static int run(sqlite3_stmt *stmt) {
    (void)sqlite3_step(stmt);
    return sqlite3_reset(stmt);
}

static int on_wal(void *arg, sqlite3 *db, const char *name, int frames) {
    (void)db;
    (void)name;
    struct hx_store *store = arg;
    store->wal_frames = frames > 0 ? (uint32_t)frames : 0;
    return SQLITE_OK;
}

static const char *const sync_names[] = {
    [HX_STORE_SYNC_FULL] = "FULL", [HX_STORE_SYNC_NORMAL] = "NORMAL", [HX_STORE_SYNC_OFF] = "OFF"};

static int set_up(struct hx_store *store, const struct hx_store_options *options) {
    char pragmas[320];
    (void)snprintf(pragmas, sizeof(pragmas),
                   "PRAGMA journal_mode=WAL; PRAGMA synchronous=%s; PRAGMA journal_size_limit=-1;"
                   "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-%d; PRAGMA foreign_keys=ON;"
                   "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;",
                   sync_names[options->sync], options->cache_kib > 0 ? options->cache_kib : 8192);
    (void)sqlite3_extended_result_codes(store->db, 1);
    (void)sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    int code = sqlite3_exec(store->db, pragmas, NULL, NULL, NULL);
    /* Overwriting a WAL that exists costs a third of growing one, so it stays when the program ends. */
    int keep = 1;
    (void)sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
    (void)sqlite3_wal_hook(store->db, on_wal, store);
    return code;
}

static int read_version(struct hx_store *store, int *out) {
    sqlite3_stmt *stmt = NULL;
    int code = prepare(store, "PRAGMA user_version", &stmt);
    if (code != SQLITE_OK) return code;
    *out = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int(stmt, 0) : -1;
    code = sqlite3_finalize(stmt);
    return *out < 0 && code == SQLITE_OK ? SQLITE_ERROR : code;
}

static int migrate_one(struct hx_store *store, const struct hx_migration *migration) {
    char version[48];
    (void)snprintf(version, sizeof(version), "PRAGMA user_version=%d; COMMIT", migration->number);
    int code = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK) code = sqlite3_exec(store->db, migration->sql, NULL, NULL, NULL);
    if (code == SQLITE_OK) code = sqlite3_exec(store->db, version, NULL, NULL, NULL);
    return code;
}

static hx_err migrate(struct hx_store *store) {
    int version = 0;
    int code = read_version(store, &version);
    if (code != SQLITE_OK) return to_err(store, code, "reading the schema version");
    if (version > hx_migration_count) {
        (void)snprintf(store->problem, sizeof(store->problem),
                       "the database has schema version %d, this program knows %d: use a newer program", version,
                       hx_migration_count);
        return HX_ERR(BROKEN_CONFIG);
    }
    for (int i = version; i < hx_migration_count; i++) {
        code = migrate_one(store, &hx_migrations[i]);
        if (code != SQLITE_OK) {
            hx_err err = to_err(store, code, hx_migrations[i].name);
            return hx_err_is(err, HX_CLASS_BUSY) ? err : HX_ERR(BROKEN_STORE);
        }
    }
    return HX_OK;
}

static hx_err prepare_control(struct hx_store *store) {
    const struct {
        const char *sql;
        sqlite3_stmt **out;
    } list[] = {
        {"BEGIN IMMEDIATE", &store->begin}, {"COMMIT", &store->commit},
        {"ROLLBACK", &store->rollback},     {"SAVEPOINT batch", &store->savepoint},
        {"RELEASE batch", &store->release}, {"ROLLBACK TO batch", &store->rollback_to},
    };
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        int code = prepare(store, list[i].sql, list[i].out);
        if (code != SQLITE_OK) return to_err(store, code, list[i].sql);
    }
    return HX_OK;
}

hx_err hx_store_open(const struct hx_store_options *options, struct hx_store **out, char *problem,
                     size_t problem_size) {
    *out = NULL;
    /* One thread uses SQLite in every program of ours: no mutexes, no counting of memory behind one. Refused, and
     * harmless, once SQLite has been used. */
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    struct hx_store *store = calloc(1, sizeof(*store));
    if (store == NULL) return HX_ERR(BROKEN_HOST);
    store->checkpoint_at = HX_STORE_CHECKPOINT_FRAMES;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = hx_wal_rewrite(options->vfs, options->path);
    /* Only a sync tells the layer that readers may look: see its header. */
    bool collects = options->sync == HX_STORE_SYNC_FULL;
    const char *vfs = collects ? hx_wal_vfs_over(options->vfs) : options->vfs;
    if (code == SQLITE_OK && collects && vfs == NULL) code = SQLITE_ERROR;
    if (code == SQLITE_OK) code = sqlite3_open_v2(options->path, &store->db, flags, vfs);
    hx_err err = code == SQLITE_OK ? HX_OK : to_err(store, code, options->path);
    if (hx_ok(err)) {
        code = set_up(store, options);
        if (code != SQLITE_OK) err = to_err(store, code, "setting up");
    }
    if (hx_ok(err)) err = migrate(store);
    if (hx_ok(err)) err = prepare_control(store);
    store->collects = collects && strcmp(options->path, ":memory:") != 0;
    if (hx_failed(err)) {
        if (problem != NULL && problem_size > 0) (void)snprintf(problem, problem_size, "%s", store->problem);
        store->broken = true;
        hx_store_close(store);
        return err;
    }
    store->problem[0] = '\0';
    *out = store;
    return HX_OK;
}

void hx_store_close(struct hx_store *store) {
    if (store == NULL) return;
    if (!store->broken) (void)sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    cache_clear(store);
    sqlite3_stmt *control[] = {store->begin,     store->commit,  store->rollback,
                               store->savepoint, store->release, store->rollback_to};
    for (size_t i = 0; i < sizeof(control) / sizeof(control[0]); i++) (void)sqlite3_finalize(control[i]);
    for (uint32_t i = 0; i < store->delete_count; i++) (void)sqlite3_finalize(store->deletes[i]);
    (void)sqlite3_close(store->db);
    free(store->cells);
    free(store);
}

/* Ends a transaction that found no room, as if it had never been. SQLite has rolled it back or does so now, whichever
 * of its calls failed, and a write that failed comes before the sync that would make it a commit: nothing of it counts,
 * to us or to a restart, once the log is as it was. */
static hx_err back_out(struct hx_store *store) {
    sqlite3_file *log = NULL;
    int code = sqlite3_get_autocommit(store->db) == 0 ? run(store->rollback) : SQLITE_OK;
    if (code == SQLITE_OK) code = sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (code == SQLITE_OK) code = hx_wal_vfs_undo(log);
    store->commit_refused = true;
    store->roomless = false;
    if (code == SQLITE_OK) return HX_ERR(BUSY_OVERLOADED);
    store->broken = true;
    return HX_ERR(UNKNOWN_STORE);
}

hx_err hx_store_begin(struct hx_store *store) {
    if (store->broken) return HX_ERR(BROKEN_STORE);
    hx_assert(sqlite3_get_autocommit(store->db) != 0);
    if (store->wal_frames >= store->checkpoint_at) {
        hx_err err = hx_store_checkpoint(store);
        if (store->broken) return err;
    }
    int code = run(store->begin);
    if (code == SQLITE_OK) return HX_OK;
    hx_err err = to_err(store, code, "begin");
    return store->roomless ? back_out(store) : err;
}

hx_err hx_store_commit(struct hx_store *store) {
    if (store->broken) return HX_ERR(UNKNOWN_STORE);
    int code = store->roomless ? SQLITE_FULL : run(store->commit);
    store->commit_refused = code == SQLITE_FULL;
    if (code == SQLITE_OK) return HX_OK;
    if (!store->roomless) (void)to_err(store, code, "commit");
    if (store->roomless) return back_out(store);
    store->broken = true;
    return HX_ERR(UNKNOWN_STORE);
}

static hx_err execute(struct hx_store *store, const struct hx_db_stmt *statement) {
    sqlite3_stmt *stmt = NULL;
    int code = cache_get(store, statement->sql, &stmt);
    if (code != SQLITE_OK) return to_err(store, code, "prepare");
    code = bind(stmt, statement);
    if (code != SQLITE_OK) return to_err(store, code, "bind");
    do code = sqlite3_step(stmt);
    while (code == SQLITE_ROW);
    /* For a statement that only reads, sqlite3_changes still tells of the one before it. */
    int64_t changes = sqlite3_stmt_readonly(stmt) != 0 ? 0 : sqlite3_changes64(store->db);
    code = sqlite3_reset(stmt);
    if (code != SQLITE_OK) return to_err(store, code, "execute");
    if (statement->expect_changes == HX_DB_EXPECT_ANY || statement->expect_changes == changes) return HX_OK;
    return HX_ERR(CONFLICT_CONDITION);
}

/* Undoes the batch alone. SQLite may have undone the whole transaction already, which only errors do that break the
 * store anyway. */
static hx_err undo(struct hx_store *store, hx_err cause) {
    if (store->broken) return HX_ERR(BROKEN_STORE);
    if (store->roomless) return cause;
    int code = run(store->rollback_to);
    if (code == SQLITE_OK) code = run(store->release);
    if (code == SQLITE_OK) return cause;
    store->broken = true;
    return to_err(store, code, "undoing a batch");
}

static hx_err execute_all(struct hx_store *store, const struct hx_db_stmt *statements, uint32_t count,
                          uint32_t *failed) {
    for (uint32_t i = 0; i < count; i++) {
        hx_err err = execute(store, &statements[i]);
        if (hx_ok(err)) continue;
        if (failed != NULL) *failed = i;
        return err;
    }
    return HX_OK;
}

/* Alone in its transaction a batch needs no savepoint, which would copy every page it changes. */
static hx_err batch_alone(struct hx_store *store, const struct hx_db_stmt *statements, uint32_t count,
                          uint32_t *failed) {
    HX_TRY(hx_store_begin(store));
    hx_err err = execute_all(store, statements, count, failed);
    if (hx_ok(err) || store->roomless) return hx_store_commit(store);
    if (store->broken) return HX_ERR(BROKEN_STORE);
    int code = run(store->rollback);
    if (code == SQLITE_OK) return err;
    store->broken = true;
    return to_err(store, code, "rolling a batch back");
}

hx_err hx_store_batch(struct hx_store *store, const struct hx_db_stmt *statements, uint32_t count, uint32_t *failed) {
    if (store->broken) return HX_ERR(BROKEN_STORE);
    if (store->roomless) return HX_ERR(BUSY_OVERLOADED);
    if (sqlite3_get_autocommit(store->db) != 0) return batch_alone(store, statements, count, failed);
    int code = run(store->savepoint);
    if (code != SQLITE_OK) return to_err(store, code, "savepoint");
    hx_err err = execute_all(store, statements, count, failed);
    if (hx_failed(err)) return undo(store, err);
    code = run(store->release);
    return code == SQLITE_OK ? HX_OK : to_err(store, code, "release");
}

/* False: a job without a savepoint left something behind, there is no room, or the store is broken. */
static bool run_jobs(struct hx_store *store, struct hx_store_job *first, bool careful) {
    for (struct hx_store_job *job = first; job != NULL; job = job->next) {
        int64_t changes = sqlite3_total_changes64(store->db);
        job->failed = 0;
        job->err = careful ? hx_store_batch(store, job->statements, job->count, &job->failed)
                           : execute_all(store, job->statements, job->count, &job->failed);
        if (hx_ok(job->err)) continue;
        if (store->broken || store->roomless || (!careful && sqlite3_total_changes64(store->db) != changes))
            return false;
    }
    return true;
}

/* The outcome of the transaction, where it failed, as that of each of its jobs. */
static hx_err told(struct hx_store_job *first, hx_err err) {
    for (struct hx_store_job *job = first; hx_failed(err) && job != NULL; job = job->next) job->err = err;
    return hx_err_is(err, HX_CLASS_BUSY) ? HX_OK : err;
}

hx_err hx_store_batches(struct hx_store *store, struct hx_store_job *first) {
    if (store->broken) return HX_ERR(BROKEN_STORE);
    if (first->next == NULL) {
        first->failed = 0;
        first->err = hx_store_batch(store, first->statements, first->count, &first->failed);
        return store->broken ? HX_ERR(BROKEN_STORE) : HX_OK;
    }
    bool careful = store->careful > 0;
    hx_err err = hx_store_begin(store);
    if (hx_ok(err) && !run_jobs(store, first, careful) && !store->broken && !store->roomless) {
        int code = run(store->rollback);
        if (code != SQLITE_OK) {
            store->broken = true;
            return to_err(store, code, "rolling batches back");
        }
        store->careful = CAREFUL_TRANSACTIONS;
        careful = true;
        err = hx_store_begin(store);
        if (hx_ok(err)) (void)run_jobs(store, first, true);
    }
    if (store->broken) return HX_ERR(BROKEN_STORE);
    if (hx_failed(err)) return told(first, err);
    if (careful) store->careful--;
    return told(first, hx_store_commit(store));
}

static hx_err read_cell(sqlite3_stmt *stmt, int column, struct hx_arena *arena, struct hx_db_value *out) {
    *out = (struct hx_db_value){.type = HX_DB_NULL};
    const void *bytes = NULL;
    switch (sqlite3_column_type(stmt, column)) {
        case SQLITE_NULL:
            return HX_OK;
        case SQLITE_INTEGER:
            out->type = HX_DB_INT;
            out->integer = sqlite3_column_int64(stmt, column);
            return HX_OK;
        case SQLITE_BLOB:
            out->type = HX_DB_BLOB;
            bytes = sqlite3_column_blob(stmt, column);
            break;
        default:
            out->type = HX_DB_TEXT;
            bytes = sqlite3_column_text(stmt, column);
            break;
    }
    size_t len = (size_t)sqlite3_column_bytes(stmt, column);
    return hx_arena_copy_str(arena, hx_str_make(bytes, len), &out->text);
}

static hx_err read_row(struct hx_store *store, sqlite3_stmt *stmt, struct hx_arena *arena, uint32_t columns,
                       size_t used) {
    if (used + columns > store->cells_max) {
        size_t more = store->cells_max == 0 ? 256 : store->cells_max * 2;
        if (more < used + columns) more = used + columns;
        struct hx_db_value *cells = realloc(store->cells, more * sizeof(*cells));
        if (cells == NULL) return HX_ERR(LIMIT_ARENA);
        store->cells = cells;
        store->cells_max = more;
    }
    for (uint32_t i = 0; i < columns; i++) HX_TRY(read_cell(stmt, (int)i, arena, &store->cells[used + i]));
    return HX_OK;
}

static hx_err read_rows(struct hx_store *store, sqlite3_stmt *stmt, struct hx_arena *arena, struct hx_db_rows *out) {
    uint32_t columns = (uint32_t)sqlite3_column_count(stmt);
    uint32_t rows = 0;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (rows >= HX_STORE_ROWS_MAX) return HX_ERR(LIMIT_COUNT);
        HX_TRY(read_row(store, stmt, arena, columns, (size_t)rows * columns));
        rows++;
    }
    if (code != SQLITE_DONE) return to_err(store, code, "query");
    void *cells = NULL;
    size_t count = (size_t)rows * columns;
    HX_TRY(hx_arena_make(arena, count, sizeof(struct hx_db_value), &cells));
    if (count > 0) memcpy(cells, store->cells, count * sizeof(struct hx_db_value));
    *out = (struct hx_db_rows){rows, columns, cells};
    return HX_OK;
}

hx_err hx_store_query(struct hx_store *store, struct hx_arena *arena, const struct hx_db_stmt *statement,
                      struct hx_db_rows *out) {
    *out = (struct hx_db_rows){0, 0, NULL};
    if (store->broken) return HX_ERR(BROKEN_STORE);
    sqlite3_stmt *stmt = NULL;
    int code = cache_get(store, statement->sql, &stmt);
    if (code != SQLITE_OK) return to_err(store, code, "prepare");
    code = bind(stmt, statement);
    if (code != SQLITE_OK) return to_err(store, code, "bind");
    hx_err err = read_rows(store, stmt, arena, out);
    (void)sqlite3_reset(stmt);
    return store->roomless && sqlite3_get_autocommit(store->db) != 0 ? back_out(store) : err;
}

static void prepare_deletes(struct hx_store *store) {
    sqlite3_stmt *tables = NULL;
    hx_assert(prepare(store, "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'",
                      &tables) == SQLITE_OK);
    while (sqlite3_step(tables) == SQLITE_ROW) {
        hx_assert(store->delete_count < TABLES_MAX);
        char *sql = sqlite3_mprintf("DELETE FROM \"%w\"", sqlite3_column_text(tables, 0));
        hx_assert(sql != NULL && prepare(store, sql, &store->deletes[store->delete_count++]) == SQLITE_OK);
        sqlite3_free(sql);
    }
    hx_assert(sqlite3_finalize(tables) == SQLITE_OK);
}

void hx_store_reset(struct hx_store *store) {
    hx_assert(!store->broken);
    if (sqlite3_get_autocommit(store->db) == 0) hx_assert(run(store->rollback) == SQLITE_OK);
    if (store->delete_count == 0) prepare_deletes(store);
    hx_assert(run(store->begin) == SQLITE_OK);
    for (uint32_t i = 0; i < store->delete_count; i++) hx_assert(run(store->deletes[i]) == SQLITE_OK);
    hx_assert(run(store->commit) == SQLITE_OK);
}

uint32_t hx_store_wal_frames(const struct hx_store *store) {
    return store->wal_frames;
}

/* What a checkpoint writes counts only once all of it is written and synced; until then the log is what is read. So a
 * write for which there is no room has cost nothing. */
static bool database_is_full(struct hx_store *store, int code) {
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return false;
    return hx_wal_vfs_no_room(code, file);
}

hx_err hx_store_checkpoint(struct hx_store *store) {
    if (store->broken) return HX_ERR(BROKEN_STORE);
    int frames = 0;
    int moved = 0;
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
    store->checkpoint_halts = code != SQLITE_OK && database_is_full(store, code);
    if (store->checkpoint_halts) {
        note_problem(store, code, "checkpoint");
        store->checkpoint_at = store->wal_frames + HX_STORE_CHECKPOINT_FRAMES;
        return HX_ERR(BUSY_OVERLOADED);
    }
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        (void)to_err(store, code, "checkpoint");
        store->broken = true;
        return HX_ERR(BROKEN_STORE);
    }
    /* A reader may hold the rest back; do not try again with every transaction until it lets go. */
    bool complete = code == SQLITE_OK && frames == moved;
    store->checkpoint_at = complete ? HX_STORE_CHECKPOINT_FRAMES : store->wal_frames + HX_STORE_CHECKPOINT_FRAMES;
    if (complete) store->wal_frames = 0;
    return HX_OK;
}

bool hx_store_grow_wal(struct hx_store *store) {
    bool more = false;
    if (store->broken || sqlite3_get_autocommit(store->db) == 0) return false;
    int code = hx_wal_grow(store->db, GROWN_FRAMES, &more);
    if (code == SQLITE_OK) return more;
    note_problem(store, code, "growing the log");
    store->broken = true;
    return false;
}

bool hx_store_is_full(const struct hx_store *store) {
    return store->commit_refused || store->checkpoint_halts;
}

bool hx_store_is_broken(const struct hx_store *store) {
    return store->broken;
}

const char *hx_store_problem(const struct hx_store *store) {
    return store->problem;
}

sqlite3 *hx_store_handle(struct hx_store *store) {
    return store->db;
}
