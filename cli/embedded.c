/* The embedded store's side of resources: see resource.h. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/resource.h"

#define PATH_SIZE 4400

static void folder_of(const struct cli *cli, enum cli_resource_kind kind, char *out, size_t size) {
    if (kind == CLI_R2) {
        snprintf(out, size, "%s/blobs", cli->data_dir);
    } else {
        snprintf(out, size, "%s/infra/%s", cli->data_dir, cli_resource_word(kind));
    }
}

static int failed(const struct cli *cli, const char *path) {
    return cli_fail(cli, EXIT_FAILED, "NO_FILE", "%s: %s", path, strerror(errno));
}

static int make_folders(const struct cli *cli, enum cli_resource_kind kind, char *folder, size_t size) {
    char above[PATH_SIZE];
    snprintf(above, sizeof above, "%s/infra", cli->data_dir);
    if (kind != CLI_R2 && mkdir(above, 0700) != 0 && errno != EEXIST) return failed(cli, above);
    folder_of(cli, kind, folder, size);
    return mkdir(folder, 0700) != 0 && errno != EEXIST ? failed(cli, folder) : 0;
}

/* The new name must outlive a power cut as the rest of the data does. */
static int sync_folder(const struct cli *cli, const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    int code = ok ? 0 : failed(cli, folder);
    if (fd >= 0) close(fd);
    return code;
}

int cli_embedded_create(const struct cli *cli, const struct cli_resource *resource, bool *made) {
    char folder[PATH_SIZE], path[PATH_SIZE + 80];
    *made = false;
    int code = cli_check_data_dir(cli);
    if (code == 0) code = make_folders(cli, resource->kind, folder, sizeof folder);
    if (code != 0) return code;
    snprintf(path, sizeof path, "%s/%s", folder, resource->name);
    if (resource->kind == CLI_R2) {
        *made = mkdir(path, 0700) == 0;
        return *made ? sync_folder(cli, folder) : errno == EEXIST ? 0 : failed(cli, path);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return errno == EEXIST ? 0 : failed(cli, path);
    *made = true;
    if (resource->kind == CLI_VECTORIZE) {
        dprintf(fd, "{\"dimensions\":%ld,\"metric\":\"%s\"}\n", resource->dimensions > 0 ? resource->dimensions : 768,
                resource->metric != NULL ? resource->metric : "cosine");
    }
    bool ok = fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    return ok ? sync_folder(cli, folder) : failed(cli, path);
}

int cli_embedded_delete(const struct cli *cli, enum cli_resource_kind kind, const char *name) {
    char folder[PATH_SIZE], path[PATH_SIZE + 80];
    int code = cli_check_data_dir(cli);
    if (code != 0) return code;
    folder_of(cli, kind, folder, sizeof folder);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if ((kind == CLI_R2 ? rmdir(path) : unlink(path)) == 0) return sync_folder(cli, folder);
    if (errno == ENOTEMPTY || errno == EEXIST) {
        return cli_fail(cli, EXIT_FAILED, "NOT_EMPTY", "the bucket %s is not empty", name);
    }
    if (errno == ENOENT) {
        return cli_fail(cli, EXIT_FAILED, "NOT_FOUND", "no %s %s; `hoox infra %s list` shows them",
                        cli_resource_title(kind), name, cli_resource_word(kind));
    }
    return failed(cli, path);
}

static int is_shown(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static void add_created(struct cli_table *table, const char *path) {
    struct stat info;
    struct tm parts;
    char text[40] = "";
    if (stat(path, &info) == 0 && gmtime_r(&info.st_mtime, &parts) != NULL) {
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    cli_table_add(table, text[0] != '\0' ? text : NULL, strlen(text), false);
}

int cli_embedded_list(const struct cli *cli, enum cli_resource_kind kind, struct cli_table *table) {
    char folder[PATH_SIZE], path[PATH_SIZE + 300];
    struct dirent **entries = NULL;
    int code = cli_check_data_dir(cli);
    if (code != 0) return code;
    folder_of(cli, kind, folder, sizeof folder);
    int count = scandir(folder, &entries, is_shown, alphasort);
    if (count < 0 && errno != ENOENT) return failed(cli, folder);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        cli_table_add_c(table, entries[i]->d_name);
        cli_table_add_c(table, entries[i]->d_name);
        add_created(table, path);
        free(entries[i]);
    }
    free(entries);
    return 0;
}
