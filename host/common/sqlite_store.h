/* The ledger on a SQLite connection: migrations, prepared statements, batches and queries.
 *
 * Shared by the native host and the simulator. It knows nothing of coroutines or loops: every call runs to its end.
 *
 * Invariants
 *  1. A batch that is not reported as done leaves no trace, also inside a transaction that goes on.
 *  2. Once `broken`, nothing is executed any more: a failed commit or sync is never retried, because the kernel may
 *     have dropped the pages (the program must restart and read the disk).
 *     A write for which there is no room is no such failure: it comes before the sync, so the transaction can be taken
 *     back (hx_wal_vfs_undo), and a checkpoint can be left until later, for the log still has everything. The store
 *     goes on; only with FULL syncing and a file is that so.
 *  3. One connection both writes and checkpoints. (SQLite before 3.51.3 can corrupt the WAL when two do.) */
#ifndef HX_HOST_COMMON_SQLITE_STORE_H
#define HX_HOST_COMMON_SQLITE_STORE_H

#include <sqlite3.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "port/host.h"

#define HX_STORE_ROWS_MAX 20000 /* Rows of one query. */
#define HX_STORE_CHECKPOINT_FRAMES 4000

struct hx_store;

/* FULL: a commit is on the disk when it is reported. The others are no place for money: NORMAL, whose commits a power
 * failure takes back, is the negative control of the crash test; OFF is for a simulated world, whose disk is one. */
enum hx_store_sync { HX_STORE_SYNC_FULL, HX_STORE_SYNC_NORMAL, HX_STORE_SYNC_OFF };

struct hx_store_options {
    const char *path; /* File, or ":memory:". */
    const char *vfs;  /* NULL: the system's. Tests name one that crashes. */
    int cache_kib;    /* Page cache; 0: 8192. */
    enum hx_store_sync sync;
};

/* Opens (creating if need be), sets WAL and full durability, applies the migrations that are missing.
 * BROKEN_STORE (can't open, damaged), BROKEN_CONFIG (made by a newer program). On failure *out is NULL and `problem`
 * (may be NULL) gets a sentence. The store is the caller's until hx_store_close. */
HX_MUST_USE hx_err hx_store_open(const struct hx_store_options *options, struct hx_store **out, char *problem,
                                 size_t problem_size);
void hx_store_close(struct hx_store *store); /* NULL does nothing. Checkpoints first unless broken. */

/* BUSY_OVERLOADED when another process holds the write lock; BROKEN_STORE. */
HX_MUST_USE hx_err hx_store_begin(struct hx_store *store);
/* Durable when OK. BUSY_OVERLOADED: there was no room, and nothing was done. UNKNOWN_STORE: it may or may not be on the
 * disk, and the store is broken. */
HX_MUST_USE hx_err hx_store_commit(struct hx_store *store);

/* Executes all statements or none, as the port's db_batch: CONFLICT_CONDITION and CONFLICT_KEY with *failed set,
 * REJECT_INPUT for other constraints, BUSY_OVERLOADED (lock held elsewhere, or no room on the disk), BROKEN_STORE for
 * all else. Between begin and commit it is a savepoint; outside it is a transaction of its own, committed when OK. */
HX_MUST_USE hx_err hx_store_batch(struct hx_store *store, const struct hx_db_stmt *statements, uint32_t count,
                                  uint32_t *failed);

/* One of several batches that share a transaction. */
struct hx_store_job {
    const struct hx_db_stmt *statements;
    uint32_t count;
    hx_err err; /* Its outcome, as of hx_store_batch, with `failed`. */
    uint32_t failed;
    void *owner; /* The caller's. */
    struct hx_store_job *next;
};

/* Executes the jobs in order, each all or nothing, in one transaction with one sync. OK: what their `err` says is
 * durable (BUSY_OVERLOADED in all of them: the lock is held elsewhere, or there is no room; nothing was done).
 * Otherwise the store is broken, and what is on the disk only the disk knows.
 *
 * A savepoint for each would copy every page it changes, to be ready for a batch that has to be undone. Mostly none
 * has: batches begin with their conditions, and one that fails before it has changed anything leaves nothing to undo.
 * So the jobs run without savepoints first. If one fails too late for that, the transaction is rolled back and done
 * again with them, and so are the next ones for a while. */
HX_MUST_USE hx_err hx_store_batches(struct hx_store *store, struct hx_store_job *first);

/* Rows into the arena. REAL columns come as text. LIMIT_ARENA, LIMIT_COUNT, BUSY_OVERLOADED, BROKEN_STORE. */
HX_MUST_USE hx_err hx_store_query(struct hx_store *store, struct hx_arena *arena, const struct hx_db_stmt *statement,
                                  struct hx_db_rows *out);

/* Deletes every row of every table (also those a migration may have put there): a fresh ledger in microseconds, for
 * ":memory:" stores. */
void hx_store_reset(struct hx_store *store);

/* Frames in the WAL since it was last emptied; 0 when unknown. */
uint32_t hx_store_wal_frames(const struct hx_store *store);
/* Moves WAL content into the database as far as readers allow, syncing both. BUSY_OVERLOADED: the database can't grow,
 * which may pass; hx_store_begin leaves it alone for another HX_STORE_CHECKPOINT_FRAMES. Other errors break the store.
 */
HX_MUST_USE hx_err hx_store_checkpoint(struct hx_store *store);

/* Writes a quarter of a MiB of zeros behind the end of the WAL and syncs them, while it is smaller than it will be at
 * the next checkpoint: a commit that overwrites costs a third of one that makes the file longer. Readers of the log
 * stop at the first frame whose salt is not the log's, so zeros say nothing. For idle moments, between transactions.
 * True: there may be more to do. A failed sync breaks the store. */
bool hx_store_grow_wal(struct hx_store *store);

/* The last transaction or the last checkpoint found no room. */
bool hx_store_is_full(const struct hx_store *store);
bool hx_store_is_broken(const struct hx_store *store);
/* What SQLite said about the last failure that was not a conflict; "" when there was none. Valid until the next call.
 */
const char *hx_store_problem(const struct hx_store *store);
sqlite3 *hx_store_handle(struct hx_store *store);

#endif
