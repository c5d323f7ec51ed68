#include "host/common/wal.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_LEN (64 * 1024) /* SQLite promises a VFS never to ask for more at a time; the unix one relies on it. */

static int rewrite(sqlite3_file *file, uint8_t *chunk) {
    sqlite3_int64 size = 0;
    int code = file->pMethods->xFileSize(file, &size);
    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += CHUNK_LEN) {
        int len = size - at < CHUNK_LEN ? (int)(size - at) : CHUNK_LEN;
        code = file->pMethods->xRead(file, chunk, len, at);
        if (code == SQLITE_OK) code = file->pMethods->xWrite(file, chunk, len, at);
    }
    if (code == SQLITE_OK && size > 0) code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    return code;
}

/* `name` is of the form that sqlite3_create_filename makes: a VFS may look behind its end. */
static int rewrite_named(sqlite3_vfs *vfs, const char *name) {
    int exists = 0;
    int code = vfs->xAccess(vfs, name, SQLITE_ACCESS_EXISTS, &exists);
    if (code != SQLITE_OK || !exists) return code;
    sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
    uint8_t *chunk = malloc(CHUNK_LEN);
    code = SQLITE_NOMEM;
    if (file != NULL && chunk != NULL) {
        code = vfs->xOpen(vfs, name, file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, NULL);
        if (code == SQLITE_OK) code = rewrite(file, chunk);
        if (file->pMethods != NULL) (void)file->pMethods->xClose(file);
    }
    free(chunk);
    free(file);
    return code;
}

int hx_wal_rewrite(const char *vfs_name, const char *path) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
    if (vfs == NULL) return SQLITE_ERROR;
    if (strcmp(path, ":memory:") == 0) return SQLITE_OK;
    size_t size = (size_t)vfs->mxPathname + 1;
    char *log = calloc(1, size + sizeof("-wal"));
    if (log == NULL) return SQLITE_NOMEM;
    int code = vfs->xFullPathname(vfs, path, (int)size, log);
    if (code == SQLITE_OK) {
        memcpy(log + strlen(log), "-wal", sizeof("-wal"));
        sqlite3_filename name = sqlite3_create_filename(path, "", log, 0, NULL);
        code = name == NULL ? SQLITE_NOMEM : rewrite_named(vfs, sqlite3_filename_wal(name));
        sqlite3_free_filename(name);
    }
    free(log);
    return code;
}
