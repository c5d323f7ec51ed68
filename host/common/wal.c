#include "host/common/wal.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_LEN (64 * 1024) /* SQLite promises a VFS never to ask for more at a time; the unix one relies on it. */
#define MAGIC 0x377f0682u     /* Or one more: the byte order of its checksums. */
#define HEADER_LEN 32
#define FRAME_HEADER_LEN 24
#define SALTS_LEN 8
#define PAGE_LEN 4096
#define GROW_CHUNKS 4
#define INDEX_REGION_LEN (32 * 1024) /* Of the file of shared memory that is the log's index; */
#define INDEX_REGION_FRAMES 4062     /* frames that the first one tells of. */

static uint32_t read_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Length of what SQLite may recover: frames belong to the log's present round while they carry the two salts of its
 * header, and recovery ends at the first that does not (SQLite's file format, section 4). What lies behind is left over
 * from earlier rounds, or room kept for later ones. */
static int find_end(sqlite3_file *file, sqlite3_int64 size, sqlite3_int64 *end) {
    uint8_t header[HEADER_LEN], frame[FRAME_HEADER_LEN];
    *end = size;
    if (size < HEADER_LEN) return SQLITE_OK;
    int code = file->pMethods->xRead(file, header, HEADER_LEN, 0);
    if (code != SQLITE_OK) return code;
    *end = HEADER_LEN;
    if ((read_u32(header) & ~1u) != MAGIC) return SQLITE_OK;
    sqlite3_int64 frame_len = (sqlite3_int64)read_u32(header + 8) + FRAME_HEADER_LEN;
    while (*end + frame_len <= size) {
        code = file->pMethods->xRead(file, frame, FRAME_HEADER_LEN, *end);
        if (code != SQLITE_OK) return code;
        if (memcmp(frame + 8, header + 16, SALTS_LEN) != 0) break;
        *end += frame_len;
    }
    return SQLITE_OK;
}

static int rewrite(sqlite3_file *file, uint8_t *chunk) {
    sqlite3_int64 size = 0;
    sqlite3_int64 end = 0;
    int code = file->pMethods->xFileSize(file, &size);
    if (code == SQLITE_OK) code = find_end(file, size, &end);
    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < end; at += CHUNK_LEN) {
        int len = end - at < CHUNK_LEN ? (int)(end - at) : CHUNK_LEN;
        code = file->pMethods->xRead(file, chunk, len, at);
        if (code == SQLITE_OK) code = file->pMethods->xWrite(file, chunk, len, at);
    }
    if (code == SQLITE_OK && end > 0) code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
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

/* The index has its room from the first day on, too: it grows after the sync of a commit, and what fails then is a
 * commit of which nobody knows. */
static void grow_index(sqlite3 *db, uint32_t frames) {
    sqlite3_file *file = NULL;
    void volatile *region = NULL;
    if (frames <= INDEX_REGION_FRAMES) return;
    int code = sqlite3_file_control(db, NULL, SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK || file->pMethods == NULL || file->pMethods->iVersion < 2) return;
    /* Without room for it there is one more try, when SQLite needs it. */
    (void)file->pMethods->xShmMap(file, 1, INDEX_REGION_LEN, 1, &region);
}

int hx_wal_grow(sqlite3 *db, uint32_t frames, bool *more) {
    static const char zeros[CHUNK_LEN];
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    sqlite3_int64 wanted = (sqlite3_int64)frames * (PAGE_LEN + FRAME_HEADER_LEN);
    *more = false;
    int code = sqlite3_file_control(db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &file);
    if (code != SQLITE_OK || file == NULL || file->pMethods == NULL) return SQLITE_OK;
    /* Without a log header yet (or without a log: in memory) there is nothing to grow. */
    if (file->pMethods->xFileSize(file, &size) != SQLITE_OK || size == 0) return SQLITE_OK;
    if (size >= wanted) {
        grow_index(db, frames);
        return SQLITE_OK;
    }
    for (int i = 0; i < GROW_CHUNKS && code == SQLITE_OK; i++) {
        code = file->pMethods->xWrite(file, zeros, CHUNK_LEN, size + (sqlite3_int64)i * CHUNK_LEN);
    }
    /* A disk that has no room for it is not a disk that lost something; a failed sync may be. */
    if (code != SQLITE_OK) return SQLITE_OK;
    code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    *more = code == SQLITE_OK;
    return code;
}
