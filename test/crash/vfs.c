#include "test/crash/vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 8
#define SECTOR 512
#define SHM_REGIONS_MAX 64

struct image {
    uint8_t *bytes;
    size_t len, capacity;
};

/* A write that the disk has not seen, or a truncation (data NULL). */
struct pending {
    size_t offset, len;
    uint8_t *data;
};

struct file {
    char name[64]; /* Empty: free. */
    bool exists, exists_on_disk;
    struct image cache, disk;
    struct pending *pending;
    size_t pending_count, pending_capacity;
    void *shm[SHM_REGIONS_MAX];
    uint32_t shm_users;
};

/* An open file; temporary files have no name and no disk. */
struct handle {
    sqlite3_file base;
    struct file *file;
    struct file *temporary;
    bool has_shm;
    bool syncs_folder; /* Its next sync is also one of its folder, as SQLite's unix VFS does for new journals. */
};

static struct {
    struct file files[FILES_MAX];
    uint64_t random;
    uint32_t power_in, sync_failure_in, full_in, full_times;
    bool stopped, sync_failed;
} world;

uint64_t crash_vfs_random(void) {
    /* splitmix64 */
    uint64_t z = world.random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool chance(uint32_t percent) {
    return crash_vfs_random() % 100 < percent;
}

static void *must_have(void *memory) {
    if (memory == NULL) abort();
    return memory;
}

static void image_resize(struct image *image, size_t len) {
    if (len > image->capacity) {
        image->capacity = len * 2;
        image->bytes = must_have(realloc(image->bytes, image->capacity));
    }
    if (len > image->len) memset(image->bytes + image->len, 0, len - image->len);
    image->len = len;
}

static void image_write(struct image *image, size_t offset, const uint8_t *data, size_t len) {
    if (offset + len > image->len) image_resize(image, offset + len);
    memcpy(image->bytes + offset, data, len);
}

static void image_copy(struct image *to, const struct image *from) {
    image_resize(to, from->len);
    if (from->len > 0) memcpy(to->bytes, from->bytes, from->len);
}

static void drop_pending(struct file *file) {
    for (size_t i = 0; i < file->pending_count; i++) free(file->pending[i].data);
    file->pending_count = 0;
}

static void drop_shm(struct file *file) {
    for (size_t i = 0; i < SHM_REGIONS_MAX; i++) {
        free(file->shm[i]);
        file->shm[i] = NULL;
    }
    file->shm_users = 0;
}

static void forget(struct file *file) {
    drop_pending(file);
    drop_shm(file);
    free(file->pending);
    free(file->cache.bytes);
    free(file->disk.bytes);
    memset(file, 0, sizeof(*file));
}

static struct file *find(const char *name) {
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (world.files[i].exists && strcmp(world.files[i].name, name) == 0) return &world.files[i];
    }
    return NULL;
}

static void add_pending(struct file *file, size_t offset, size_t len, const uint8_t *data) {
    if (file->pending_count == file->pending_capacity) {
        file->pending_capacity = file->pending_capacity * 2 + 16;
        file->pending = must_have(realloc(file->pending, file->pending_capacity * sizeof(*file->pending)));
    }
    struct pending *added = &file->pending[file->pending_count++];
    *added = (struct pending){offset, len, NULL};
    if (data != NULL) {
        added->data = must_have(malloc(len));
        memcpy(added->data, data, len);
    }
}

/* A name that was deleted without telling the disk: the old content may still be there after a power failure. */
static struct file *create(const char *name) {
    struct file *unused = NULL;
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &world.files[i];
        if (strcmp(file->name, name) == 0) {
            add_pending(file, 0, 0, NULL);
            file->exists = true;
            return file;
        }
        if (unused == NULL && file->name[0] == '\0') unused = file;
    }
    if (unused == NULL) return NULL;
    snprintf(unused->name, sizeof(unused->name), "%s", name);
    unused->exists = true;
    return unused;
}

/* One sector of an unsynced write. */
struct piece {
    size_t offset, len;
    const uint8_t *data;
};

static size_t cut(const struct file *file, struct piece *pieces) {
    size_t count = 0;
    for (size_t i = 0; i < file->pending_count; i++) {
        const struct pending *write = &file->pending[i];
        if (write->data == NULL) {
            if (pieces != NULL) pieces[count] = (struct piece){write->offset, 0, NULL};
            count++;
            continue;
        }
        for (size_t at = 0; at < write->len;) {
            size_t len = SECTOR - (write->offset + at) % SECTOR;
            if (len > write->len - at) len = write->len - at;
            if (pieces != NULL) pieces[count] = (struct piece){write->offset + at, len, write->data + at};
            count++;
            at += len;
        }
    }
    return count;
}

static void apply(struct image *disk, const struct piece *piece) {
    if (piece->data != NULL) {
        image_write(disk, piece->offset, piece->data, piece->len);
    } else if (piece->offset < disk->len) {
        image_resize(disk, piece->offset);
    }
}

/* Some sectors reach the disk, in some order: all, none, a prefix, or each by chance, perhaps shuffled. */
static void tear(struct file *file) {
    size_t count = cut(file, NULL);
    if (count == 0) return;
    struct piece *pieces = must_have(malloc(count * sizeof(*pieces)));
    (void)cut(file, pieces);
    uint32_t kept_percent = (uint32_t[]){0, 100, 50, 10, 90, 97}[crash_vfs_random() % 6];
    size_t prefix = chance(30) ? crash_vfs_random() % (count + 1) : count;
    if (chance(50)) {
        for (size_t i = count - 1; i > 0; i--) {
            size_t other = crash_vfs_random() % (i + 1);
            struct piece swapped = pieces[i];
            pieces[i] = pieces[other];
            pieces[other] = swapped;
        }
    }
    for (size_t i = 0; i < prefix; i++) {
        if (chance(kept_percent)) apply(&file->disk, &pieces[i]);
    }
    free(pieces);
    drop_pending(file);
    file->exists_on_disk = file->exists_on_disk || chance(50);
}

/* Counts down to the power failure before every change. */
static bool is_off(void) {
    if (!world.stopped && world.power_in > 0 && --world.power_in == 0) world.stopped = true;
    return world.stopped;
}

static int file_close(sqlite3_file *base) {
    struct handle *handle = (struct handle *)base;
    if (handle->temporary != NULL) {
        forget(handle->temporary);
        free(handle->temporary);
    }
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int amount, sqlite3_int64 offset) {
    const struct image *cache = &((struct handle *)base)->file->cache;
    if (world.stopped) return SQLITE_IOERR_READ;
    size_t at = (size_t)offset, wanted = (size_t)amount;
    size_t there = at < cache->len ? cache->len - at : 0;
    if (there > wanted) there = wanted;
    if (there > 0) memcpy(out, cache->bytes + at, there);
    if (there == wanted) return SQLITE_OK;
    memset((uint8_t *)out + there, 0, wanted - there);
    return SQLITE_IOERR_SHORT_READ;
}

static bool is_full(void) {
    if (world.full_times == 0) return false;
    if (world.full_in > 0) world.full_in--;
    if (world.full_in > 0) return false;
    world.full_times--;
    return true;
}

static int file_write(sqlite3_file *base, const void *data, int amount, sqlite3_int64 offset) {
    struct handle *handle = (struct handle *)base;
    bool was_stopped = world.stopped;
    bool off = handle->temporary == NULL && is_off();
    if (was_stopped) return SQLITE_IOERR_WRITE;
    bool full = handle->temporary == NULL && is_full();
    if (full) amount = (int)(crash_vfs_random() % (uint32_t)amount);
    /* The write during which the end comes is under way: the kernel has it, the process does not learn so. */
    if (handle->temporary == NULL) add_pending(handle->file, (size_t)offset, (size_t)amount, data);
    image_write(&handle->file->cache, (size_t)offset, data, (size_t)amount);
    if (full && !off) return SQLITE_FULL;
    return off ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct handle *handle = (struct handle *)base;
    if (handle->temporary == NULL) {
        if (is_off()) return SQLITE_IOERR_TRUNCATE;
        add_pending(handle->file, (size_t)size, 0, NULL);
    }
    image_resize(&handle->file->cache, (size_t)size);
    return SQLITE_OK;
}

/* What was created is there for good, what was deleted is gone for good. */
static void sync_folder(void) {
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &world.files[i];
        if (file->exists) file->exists_on_disk = true;
        else if (file->name[0] != '\0') forget(file);
    }
}

/* What goes out is the sector as the cache has it, with what an earlier sync failed to bring to the disk. */
static void write_whole_sector(struct file *file, const struct piece *piece) {
    size_t start = piece->offset - piece->offset % SECTOR;
    if (piece->data == NULL || start >= file->cache.len) return;
    size_t len = file->cache.len - start < SECTOR ? file->cache.len - start : SECTOR;
    image_write(&file->disk, start, file->cache.bytes + start, len);
}

static int file_sync(sqlite3_file *base, int flags) {
    (void)flags;
    struct handle *handle = (struct handle *)base;
    if (handle->temporary != NULL) return SQLITE_OK;
    if (is_off()) return SQLITE_IOERR_FSYNC;
    struct file *file = handle->file;
    if (world.sync_failure_in > 0 && --world.sync_failure_in == 0) {
        world.sync_failed = true;
        tear(file);
        return SQLITE_IOERR_FSYNC;
    }
    size_t count = cut(file, NULL);
    struct piece *pieces = must_have(malloc((count + 1) * sizeof(*pieces)));
    (void)cut(file, pieces);
    for (size_t i = 0; i < count; i++) {
        apply(&file->disk, &pieces[i]);
        write_whole_sector(file, &pieces[i]);
    }
    free(pieces);
    drop_pending(file);
    file->exists_on_disk = true;
    if (handle->syncs_folder) sync_folder();
    handle->syncs_folder = false;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *out) {
    *out = (sqlite3_int64)((struct handle *)base)->file->cache.len;
    return world.stopped ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

/* There is one process and one connection that writes: a lock is always free. */
static int file_lock(sqlite3_file *base, int level) {
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *out) {
    (void)base;
    *out = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int op, void *argument) {
    (void)base;
    (void)op;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base) {
    (void)base;
    return SECTOR;
}

static int file_characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int file_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out) {
    struct handle *handle = (struct handle *)base;
    *out = NULL;
    if (world.stopped || region >= SHM_REGIONS_MAX) return SQLITE_IOERR_SHMMAP;
    if (!handle->has_shm) handle->file->shm_users++;
    handle->has_shm = true;
    if (handle->file->shm[region] == NULL && extend) {
        handle->file->shm[region] = must_have(calloc(1, (size_t)size));
    }
    *out = handle->file->shm[region];
    return SQLITE_OK;
}

static int file_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    (void)base;
    (void)offset;
    (void)count;
    (void)flags;
    return SQLITE_OK;
}

static void file_shm_barrier(sqlite3_file *base) {
    (void)base;
}

static int file_shm_unmap(sqlite3_file *base, int delete_it) {
    (void)delete_it;
    struct handle *handle = (struct handle *)base;
    if (handle->has_shm && --handle->file->shm_users == 0) drop_shm(handle->file);
    handle->has_shm = false;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags) {
    (void)vfs;
    struct handle *handle = (struct handle *)base;
    *handle = (struct handle){.base = {NULL}};
    const int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    handle->syncs_folder = (flags & SQLITE_OPEN_CREATE) && (flags & journals);
    if (world.stopped) return SQLITE_CANTOPEN;
    if (name == NULL) {
        handle->temporary = handle->file = must_have(calloc(1, sizeof(struct file)));
    } else {
        handle->file = find(name);
        if (handle->file == NULL && (flags & SQLITE_OPEN_CREATE)) handle->file = create(name);
        if (handle->file == NULL) return SQLITE_CANTOPEN;
    }
    handle->base.pMethods = &methods;
    if (out_flags != NULL) *out_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int syncs_folder) {
    (void)vfs;
    struct file *file = find(name);
    if (file == NULL) return SQLITE_IOERR_DELETE_NOENT;
    if (is_off()) return SQLITE_IOERR_DELETE;
    if (!file->exists_on_disk) {
        forget(file);
    } else {
        /* It may come back: the cache no longer has it, the disk still does. */
        drop_pending(file);
        image_resize(&file->cache, 0);
        file->exists = false;
        if (syncs_folder) sync_folder();
    }
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs;
    (void)flags;
    /* SQLite takes an empty journal for no journal; so does the caller of this. */
    *out = find(name) != NULL;
    return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    (void)vfs;
    snprintf(out, (size_t)size, "%s", name);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *out) {
    (void)vfs;
    for (int i = 0; i < size; i++) out[i] = (char)crash_vfs_random();
    return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *out) {
    (void)vfs;
    *out = INT64_C(212663700000000); /* A fixed instant, as milliseconds of the Julian day. */
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out) {
    (void)vfs;
    if (size > 0) out[0] = '\0';
    return 0;
}

void crash_vfs_install(uint64_t seed) {
    static sqlite3_vfs vfs = {
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct handle),
        .mxPathname = 63,
        .zName = CRASH_VFS_NAME,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xGetLastError = vfs_last_error,
        .xCurrentTimeInt64 = vfs_time,
    };
    world.random = seed;
    if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) abort();
}

void crash_vfs_clear(void) {
    for (size_t i = 0; i < FILES_MAX; i++) forget(&world.files[i]);
}

void crash_vfs_arm_power(uint32_t count) {
    world.power_in = count;
}

void crash_vfs_arm_sync_failure(uint32_t count) {
    world.sync_failure_in = count;
}

void crash_vfs_arm_full(uint32_t count, uint32_t times) {
    world.full_in = count;
    world.full_times = times;
}

void crash_vfs_stop(void) {
    world.stopped = true;
}

bool crash_vfs_is_stopped(void) {
    return world.stopped;
}

bool crash_vfs_sync_has_failed(void) {
    return world.sync_failed;
}

/* A deletion that never reached the disk is undone, a file that never did is gone. */
static void start_from_disk(struct file *file) {
    bool deleted = file->name[0] != '\0' && !file->exists;
    tear(file);
    if (!file->exists_on_disk || (deleted && chance(50))) {
        forget(file);
        return;
    }
    file->exists = true;
    image_copy(&file->cache, &file->disk);
}

void crash_vfs_start(bool power_failed) {
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &world.files[i];
        if (file->name[0] == '\0') continue;
        drop_shm(file);
        if (power_failed) start_from_disk(file);
    }
    world.power_in = world.sync_failure_in = world.full_in = world.full_times = 0;
    world.stopped = world.sync_failed = false;
}
