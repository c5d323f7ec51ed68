/* The write-ahead log in few large writes.
 *
 * SQLite hands a log over in pieces: 24 bytes and a page for each frame, so a commit of a hundred pages costs two
 * hundred system calls, which at thousands of commits is more than all of its own work. This VFS lies over another one
 * and collects what is written to a log, piece behind piece, until something needs it to be in the file: a sync, a read
 * of the same bytes, a question for the file's size, a truncation, or a piece that does not follow the last one. Every
 * other file is opened by the VFS below and never seen again.
 *
 * Invariants
 *  1. A sync that succeeds has written everything that was handed over before it.
 *  2. Bytes that could not be written are never forgotten silently: from then on every write and sync of the file
 * fails, until the transaction they belong to is taken back as a whole (hx_wal_vfs_undo).
 *  3. Readers in other processes find what they may look at: SQLite tells them of a commit after it has synced the log.
 *     With PRAGMA synchronous=NORMAL or OFF it does not sync, so such a database must not be opened through this. */
#ifndef HX_HOST_COMMON_WAL_VFS_H
#define HX_HOST_COMMON_WAL_VFS_H

#include <sqlite3.h>
#include <stdbool.h>

/* The name of the VFS over the one called `below` (NULL: the system's), known to SQLite from the first call on for the
 * rest of the process. NULL: there is no such VFS, or there are too many. */
const char *hx_wal_vfs_over(const char *below);

/* Whether a write to `file` failed for lack of room: SQLite says FULL for a full disk, and an error of the device for a
 * quota or a limit of the file's size. `code` is an extended one. */
bool hx_wal_vfs_no_room(int code, sqlite3_file *file);

/* For a log (of a database opened through this) whose transaction found no room and was rolled back: takes back what
 * was handed over since the last sync that succeeded, which is that transaction and nothing else. Zeros take its place
 * and are synced, all of it: a part of a transaction may read as the whole, by the chance that the bytes it lacks stood
 * there before, and its end may be reached from the beginning of a later one that happens to be the same. A new log is
 * taken back with its header: before SQLite begins one, all of the old one is in the database and synced.
 * SQLITE_OK: it can be written again. Else nothing is known of the file's end, and every write and sync fails. */
int hx_wal_vfs_undo(sqlite3_file *log);

#endif
