/* The write-ahead log before it is trusted, and before it is needed.
 *
 * What a new process reads of a log need not be on the disk. The process before may have died between write and sync;
 * or a sync failed, and then Linux keeps showing the pages it has lost, calls them clean, and lets the next sync
 * succeed without them. SQLite would recover such a log, begin to move it into the database, and a power failure then
 * would leave half of it moved and the log unreadable: damage, not just loss.
 * So whatever SQLite may recover is written again and synced before it looks. test/crash shows both what this prevents
 * and that nothing less does. */
#ifndef HX_HOST_COMMON_WAL_H
#define HX_HOST_COMMON_WAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* Writes the log of the database at `path` again and syncs it. To be called before the database is opened, by the one
 * process that writes it. `vfs` NULL: the system's. No log, or no database: nothing to do.
 * Returns SQLite's code; what is not SQLITE_OK means that the database must not be opened. */
int hx_wal_rewrite(const char *vfs, const char *path);

/* One step of giving the log of an open database, between transactions, room for so many frames, and its index too:
 * a quarter of a MiB of zeros behind its end, synced. *more: there is more to do. No room for it: nothing more to do.
 * Returns the code of a failed sync, else SQLITE_OK. */
int hx_wal_grow(sqlite3 *db, uint32_t frames, bool *more);

#endif
