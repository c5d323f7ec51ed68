#define _GNU_SOURCE

#include "host/native/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/native/stream.h"

/* flock, because the kernel drops it with the process, however that ends. The number inside is only for people. */
static enum hx_native_status lock_directory(const char *data_dir, int *out, char *problem, size_t problem_size) {
    char path[PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/hoox.lock", data_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        (void)snprintf(problem, problem_size, "%s: %s", path, strerror(errno));
        return HX_NATIVE_FAILED;
    }
    char pid[32] = "";
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);
        pid[len > 0 ? len : 0] = '\0';
        pid[strcspn(pid, "\n")] = '\0';
        (void)snprintf(problem, problem_size, "%s is in use by another hoox (pid %s)", data_dir, pid);
        (void)close(fd);
        return HX_NATIVE_IN_USE;
    }
    int len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)len, 0) != len) {
        (void)snprintf(problem, problem_size, "%s: %s", path, strerror(errno));
        (void)close(fd);
        return HX_NATIVE_FAILED;
    }
    *out = fd;
    return HX_NATIVE_OK;
}

static enum hx_native_status open_settings(struct hx_host *host, const char *data_dir, char *problem,
                                           size_t problem_size) {
    host->secrets = hx_secrets_make();
    if (host->secrets == NULL) {
        (void)snprintf(problem, problem_size, "no memory for secrets");
        return HX_NATIVE_FAILED;
    }
    if (hx_failed(hx_settings_load(&host->settings, host->secrets, data_dir, problem, problem_size))) {
        return HX_NATIVE_FAILED;
    }
    hx_str level = hx_settings_read(&host->settings, HX_SETTING_LOG_LEVEL);
    host->log = (struct hx_log){STDERR_FILENO, hx_log_parse_level(level), host->secrets};
    return HX_NATIVE_OK;
}

static enum hx_native_status open_ledger(struct hx_host *host, const char *data_dir, char *problem,
                                         size_t problem_size) {
    char path[PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/hoox.db", data_dir);
    /* The ledger tells what its owner trades: nobody else's to read. */
    mode_t before = umask(0077);
    hx_err err = hx_store_open(&(struct hx_store_options){.path = path}, &host->store, problem, problem_size);
    (void)umask(before);
    if (hx_ok(err)) {
        err = hx_kv_load(host);
        if (hx_failed(err)) (void)snprintf(problem, problem_size, "%s: %s", path, hx_store_problem(host->store));
    }
    return hx_ok(err) ? HX_NATIVE_OK : HX_NATIVE_FAILED;
}

enum hx_native_status hx_host_open(const struct hx_native_options *options, struct hx_opened *out, char *problem,
                                   size_t problem_size) {
    *out = (struct hx_opened){NULL, -1};
    if (mkdir(options->data_dir, 0700) != 0 && errno != EEXIST) {
        (void)snprintf(problem, problem_size, "%s: %s", options->data_dir, strerror(errno));
        return HX_NATIVE_FAILED;
    }
    enum hx_native_status status = lock_directory(options->data_dir, &out->lock_fd, problem, problem_size);
    if (status != HX_NATIVE_OK) return status;
    struct hx_host *host = calloc(1, sizeof(*host));
    hx_assert(host != NULL);
    out->host = host;
    if (!hx_loop_init(&host->loop)) {
        (void)snprintf(problem, problem_size, "epoll: %s", strerror(errno));
        status = HX_NATIVE_FAILED;
    }
    if (status == HX_NATIVE_OK) status = open_settings(host, options->data_dir, problem, problem_size);
    if (status == HX_NATIVE_OK) status = open_ledger(host, options->data_dir, problem, problem_size);
    if (status != HX_NATIVE_OK) {
        hx_host_close(out);
        return status;
    }
    hx_tasks_init(host);
    hx_db_init(host);
    return HX_NATIVE_OK;
}

void hx_host_close(struct hx_opened *opened) {
    struct hx_host *host = opened->host;
    if (host != NULL) {
        hx_tasks_release(host);
        hx_streams_release(host);
        hx_sockets_release(host);
        hx_client_release(host);
        hx_queue_release(host);
        hx_memo_release(host);
        hx_lanes_release(host);
        hx_kv_release(host);
        hx_db_release(host);
        hx_settings_release(&host->settings);
        hx_secrets_release(host->secrets);
        hx_loop_release(&host->loop);
        free(host);
    }
    if (opened->lock_fd >= 0) (void)close(opened->lock_fd);
    hx_coro_pool_release();
    *opened = (struct hx_opened){NULL, -1};
}
