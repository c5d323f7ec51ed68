/* A SQLite VFS in memory whose power can fail: it keeps what was written apart from what was synced.
 *
 * Each file has two images. The page cache is what reads see; the disk is what survives. A write reaches the cache at
 * once and the disk at the next sync of its file, or never. When the power fails, every unsynced write is cut into
 * 512-byte sectors and each sector is kept, lost or applied out of order, independently of its neighbours.
 *
 * A sync that fails behaves as Linux does: part of the writes reached the disk and the rest never will, yet the cache
 * goes on showing all of them, and the next sync succeeds without writing them again.
 *
 * Model: a sector is not damaged by a write that does not touch it, nor bytes within it that are not written
 * (SQLITE_IOCAP_POWERSAFE_OVERWRITE, as SQLite assumes of every Linux file system). A file exists on the disk from its
 * first sync on; a deletion counts when its folder was synced. */
#ifndef HX_TEST_CRASH_VFS_H
#define HX_TEST_CRASH_VFS_H

#include <stdbool.h>
#include <stdint.h>

#define CRASH_VFS_NAME "crash"

/* Makes the VFS known under CRASH_VFS_NAME, with no files. Everything random comes from `seed`. */
void crash_vfs_install(uint64_t seed);
/* Forgets every file. */
void crash_vfs_clear(void);

/* The power fails at the `count`-th write, sync, truncation or deletion from now; 0: never. */
void crash_vfs_arm_power(uint32_t count);
/* The `count`-th sync from now fails; 0: none. */
void crash_vfs_arm_sync_failure(uint32_t count);
/* From the `count`-th write on, `times` writes find no room: a part of their bytes, of any length, is written. */
void crash_vfs_arm_full(uint32_t count, uint32_t times);
/* Every call fails from now on, as if the process were gone, so that closing a connection leaves no trace. */
void crash_vfs_stop(void);
bool crash_vfs_is_stopped(void);
bool crash_vfs_sync_has_failed(void); /* Since the last crash_vfs_start. */

/* What the next process finds. After a power failure: the disk, with unsynced writes kept or lost at random.
 * Otherwise (only the process died): the cache. */
void crash_vfs_start(bool power_failed);

uint64_t crash_vfs_random(void);

#endif
