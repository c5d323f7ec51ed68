#define _GNU_SOURCE

#include "host/common/test_disk.h"

#include <sqlite3.h>
#include <stddef.h>
#include <sys/mman.h>

#include "core/base/err.h"

/* The system's methods, which differ from kind to kind of file, behind ours. */
struct kind {
    const sqlite3_io_methods *system;
    sqlite3_io_methods ours;
};

static struct kind logs, databases;
static struct hx_test_disk *disk;

static int write_to(const struct kind *kind, int *room, sqlite3_file *file, const void *data, int len,
                    sqlite3_int64 at) {
    sqlite3_int64 size = 0;
    int code = kind->system->xFileSize(file, &size);
    if (code != SQLITE_OK) return code;
    bool grows = at + len > size;
    if (!grows || *room != 0) {
        if (grows && *room > 0) --*room;
        return kind->system->xWrite(file, data, len, at);
    }
    (void)kind->system->xWrite(file, data, len / 2, at);
    return SQLITE_FULL;
}

static int write_log(sqlite3_file *file, const void *data, int len, sqlite3_int64 at) {
    return write_to(&logs, &disk->log_room, file, data, len, at);
}

static int write_database(sqlite3_file *file, const void *data, int len, sqlite3_int64 at) {
    return write_to(&databases, &disk->database_room, file, data, len, at);
}

static int sync_log(sqlite3_file *file, int flags) {
    return disk->syncs_fail ? SQLITE_IOERR_FSYNC : logs.system->xSync(file, flags);
}

static int sync_database(sqlite3_file *file, int flags) {
    return disk->syncs_fail ? SQLITE_IOERR_FSYNC : databases.system->xSync(file, flags);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    sqlite3_vfs *system = vfs->pAppData;
    int code = system->xOpen(system, name, file, flags, out_flags);
    bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    if ((!is_log && (flags & SQLITE_OPEN_MAIN_DB) == 0) || file->pMethods == NULL) return code;
    struct kind *kind = is_log ? &logs : &databases;
    kind->system = file->pMethods;
    kind->ours = *file->pMethods;
    kind->ours.xWrite = is_log ? write_log : write_database;
    kind->ours.xSync = is_log ? sync_log : sync_database;
    file->pMethods = &kind->ours;
    return code;
}

struct hx_test_disk *hx_test_disk_install(void) {
    static sqlite3_vfs vfs;
    hx_assert(disk == NULL);
    disk = mmap(NULL, sizeof(*disk), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    hx_assert(disk != MAP_FAILED);
    *disk = (struct hx_test_disk){-1, -1, false};
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    hx_assert(system != NULL);
    vfs = *system;
    vfs.zName = HX_TEST_DISK_NAME;
    vfs.pAppData = system;
    vfs.xOpen = open_file;
    hx_assert(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
    return disk;
}
