#include "host/common/wal_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELD_LEN_MAX (64 * 1024) /* SQLite promises a VFS never to ask for more; the unix one relies on it. */
#define DIRECT_LEN (16 * 1024)   /* Larger writes gain nothing, and their caller learns at once what became of them. */
#define LAYERS_MAX 4
#define NAME_LEN_MAX 64
#define NOWHERE INT64_MAX

/* In front of the file of the VFS below. */
struct log {
    sqlite3_file base;
    char *held; /* HELD_LEN_MAX bytes, of which held_len go to held_at. */
    sqlite3_int64 held_at;
    int held_len;
    int failed; /* The first code of a write whose bytes are lost. */
    /* Where what was handed over since the last sync begins and ends; NOWHERE and 0: nothing was. */
    sqlite3_int64 unsynced_at, unsynced_end;
    sqlite3_file below[];
};

struct layer {
    sqlite3_vfs vfs;
    char name[NAME_LEN_MAX];
};

static struct layer layers[LAYERS_MAX];
static int layer_count;

static struct log *log_of(sqlite3_file *file) {
    return (struct log *)file;
}

bool hx_wal_vfs_no_room(int code, sqlite3_file *file) {
    int reason = 0;
    if ((code & 0xff) == SQLITE_FULL) return true;
    if (code != SQLITE_IOERR_WRITE) return false;
    if (file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &reason) != SQLITE_OK) return false;
    return reason == EDQUOT || reason == EFBIG;
}

static int write_below(struct log *log, const void *data, int len, sqlite3_int64 at) {
    int code = log->below->pMethods->xWrite(log->below, data, len, at);
    return code != SQLITE_OK && hx_wal_vfs_no_room(code, log->below) ? SQLITE_FULL : code;
}

static int write_held(struct log *log) {
    if (log->failed != SQLITE_OK) return log->failed;
    if (log->held_len == 0) return SQLITE_OK;
    int code = write_below(log, log->held, log->held_len, log->held_at);
    log->held_len = 0;
    if (code != SQLITE_OK) log->failed = code;
    return code;
}

static int log_close(sqlite3_file *file) {
    struct log *log = log_of(file);
    int code = write_held(log);
    int closed = log->below->pMethods->xClose(log->below);
    free(log->held);
    log->held = NULL;
    return code != SQLITE_OK ? code : closed;
}

static int log_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at) {
    struct log *log = log_of(file);
    bool overlaps = at < log->held_at + log->held_len && log->held_at < at + len;
    int code = overlaps ? write_held(log) : SQLITE_OK;
    if (code == SQLITE_OK) code = log->below->pMethods->xRead(log->below, out, len, at);
    if (code != SQLITE_IOERR_SHORT_READ || log->held_len == 0) return code;
    /* Behind the end of the file below, but not of this one. */
    code = write_held(log);
    return code == SQLITE_OK ? log->below->pMethods->xRead(log->below, out, len, at) : code;
}

static int log_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at) {
    struct log *log = log_of(file);
    bool follows = at == log->held_at + log->held_len && log->held_len + len <= HELD_LEN_MAX;
    if (log->held_len == 0) log->held_at = at;
    if (log->failed != SQLITE_OK || len > DIRECT_LEN || (log->held_len > 0 && !follows)) {
        int code = write_held(log);
        if (code != SQLITE_OK) return code;
        log->held_at = at;
    }
    if (at < log->unsynced_at) log->unsynced_at = at;
    if (at + len > log->unsynced_end) log->unsynced_end = at + len;
    if (len > DIRECT_LEN) return write_below(log, data, len, at);
    memcpy(log->held + log->held_len, data, (size_t)len);
    log->held_len += len;
    return SQLITE_OK;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size) {
    struct log *log = log_of(file);
    int code = write_held(log);
    return code == SQLITE_OK ? log->below->pMethods->xTruncate(log->below, size) : code;
}

static void all_synced(struct log *log) {
    log->unsynced_at = NOWHERE;
    log->unsynced_end = 0;
}

static int log_sync(sqlite3_file *file, int flags) {
    struct log *log = log_of(file);
    int code = write_held(log);
    if (code == SQLITE_OK) code = log->below->pMethods->xSync(log->below, flags);
    if (code == SQLITE_OK) all_synced(log);
    return code;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *out) {
    struct log *log = log_of(file);
    int code = write_held(log);
    return code == SQLITE_OK ? log->below->pMethods->xFileSize(log->below, out) : code;
}

static int log_lock(sqlite3_file *file, int level) {
    return log_of(file)->below->pMethods->xLock(log_of(file)->below, level);
}

static int log_unlock(sqlite3_file *file, int level) {
    return log_of(file)->below->pMethods->xUnlock(log_of(file)->below, level);
}

static int log_check_reserved(sqlite3_file *file, int *out) {
    return log_of(file)->below->pMethods->xCheckReservedLock(log_of(file)->below, out);
}

static int log_control(sqlite3_file *file, int op, void *argument) {
    return log_of(file)->below->pMethods->xFileControl(log_of(file)->below, op, argument);
}

static int log_sector_size(sqlite3_file *file) {
    return log_of(file)->below->pMethods->xSectorSize(log_of(file)->below);
}

static int log_characteristics(sqlite3_file *file) {
    return log_of(file)->below->pMethods->xDeviceCharacteristics(log_of(file)->below);
}

/* Version 1: shared memory and mappings are of databases, not of logs. */
static const sqlite3_io_methods log_methods = {1,
                                               log_close,
                                               log_read,
                                               log_write,
                                               log_truncate,
                                               log_sync,
                                               log_size,
                                               log_lock,
                                               log_unlock,
                                               log_check_reserved,
                                               log_control,
                                               log_sector_size,
                                               log_characteristics,
                                               NULL,
                                               NULL,
                                               NULL,
                                               NULL,
                                               NULL,
                                               NULL};

int hx_wal_vfs_undo(sqlite3_file *file) {
    if (file == NULL || file->pMethods != &log_methods) return SQLITE_MISUSE;
    struct log *log = log_of(file);
    sqlite3_int64 size = 0;
    if (log->failed != SQLITE_OK && log->failed != SQLITE_FULL) return log->failed;
    log->held_len = 0;
    memset(log->held, 0, HELD_LEN_MAX);
    int code = log->below->pMethods->xFileSize(log->below, &size);
    sqlite3_int64 end = log->unsynced_end < size ? log->unsynced_end : size;
    for (sqlite3_int64 at = log->unsynced_at; code == SQLITE_OK && at < end; at += HELD_LEN_MAX) {
        int len = end - at < HELD_LEN_MAX ? (int)(end - at) : HELD_LEN_MAX;
        code = log->below->pMethods->xWrite(log->below, log->held, len, at);
    }
    if (code == SQLITE_OK && log->unsynced_at < end) code = log->below->pMethods->xSync(log->below, SQLITE_SYNC_NORMAL);
    /* What fails here leaves a file of which nothing is known. */
    log->failed = code;
    if (code == SQLITE_OK) all_synced(log);
    return code;
}

static sqlite3_vfs *vfs_below(sqlite3_vfs *vfs) {
    return vfs->pAppData;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    sqlite3_vfs *below = vfs_below(vfs);
    if ((flags & SQLITE_OPEN_WAL) == 0) return below->xOpen(below, name, file, flags, out_flags);
    struct log *log = log_of(file);
    memset(log, 0, sizeof(*log));
    all_synced(log);
    log->held = malloc(HELD_LEN_MAX);
    if (log->held == NULL) return SQLITE_NOMEM;
    int code = below->xOpen(below, name, log->below, flags, out_flags);
    if (log->below->pMethods != NULL) {
        log->base.pMethods = &log_methods; /* Also after a failure: then it must be closed. */
    } else {
        free(log->held);
    }
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
    return vfs_below(vfs)->xDelete(vfs_below(vfs), name, sync_folder);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    return vfs_below(vfs)->xAccess(vfs_below(vfs), name, flags, out);
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    return vfs_below(vfs)->xFullPathname(vfs_below(vfs), name, size, out);
}

static int vfs_randomness(sqlite3_vfs *vfs, int len, char *out) {
    return vfs_below(vfs)->xRandomness(vfs_below(vfs), len, out);
}

static int vfs_sleep(sqlite3_vfs *vfs, int us) {
    return vfs_below(vfs)->xSleep(vfs_below(vfs), us);
}

static int vfs_time(sqlite3_vfs *vfs, double *out) {
    return vfs_below(vfs)->xCurrentTime(vfs_below(vfs), out);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out) {
    return vfs_below(vfs)->xGetLastError(vfs_below(vfs), size, out);
}

const char *hx_wal_vfs_over(const char *below_name) {
    sqlite3_vfs *below = sqlite3_vfs_find(below_name);
    if (below == NULL) return NULL;
    for (int i = 0; i < layer_count; i++) {
        if (layers[i].vfs.pAppData == below) return layers[i].name;
    }
    if (layer_count == LAYERS_MAX) return NULL;
    struct layer *layer = &layers[layer_count];
    int len = snprintf(layer->name, sizeof(layer->name), "log-over-%s", below->zName);
    if (len < 0 || (size_t)len >= sizeof(layer->name)) return NULL;
    layer->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = (int)sizeof(struct log) + below->szOsFile,
        .mxPathname = below->mxPathname,
        .zName = layer->name,
        .pAppData = below,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_name,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = vfs_last_error,
    };
    if (sqlite3_vfs_register(&layer->vfs, 0) != SQLITE_OK) return NULL;
    layer_count++;
    return layer->name;
}
