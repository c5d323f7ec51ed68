#define _GNU_SOURCE

#include "host/native/settings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/venue/adapter.h"

#define FILE_LEN_MAX ((size_t)256 * 1024)

extern char **environ;

static bool is_name(hx_str name) {
    if (name.len == 0 || name.data[0] < 'A' || name.data[0] > 'Z') return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

static char *copy(hx_str s) {
    char *text = malloc(s.len + 1);
    hx_assert(text != NULL);
    if (s.len > 0) memcpy(text, s.data, s.len);
    text[s.len] = '\0';
    return text;
}

bool hx_settings_put(struct hx_settings *settings, struct hx_secrets *secrets, hx_str name, hx_str value) {
    if (!is_name(name)) return false;
    if (hx_secrets_is_name(name)) return hx_secrets_put(secrets, name, value);
    if (value.len > HX_SETTING_LEN_MAX) return false;
    for (size_t i = 0; i < settings->count; i++) {
        if (!hx_str_equal(hx_str_from_c(settings->list[i].name), name)) continue;
        free(settings->list[i].value);
        settings->list[i].value = copy(value);
        return true;
    }
    if (settings->count >= HX_SETTINGS_MAX) return false;
    settings->list[settings->count].name = copy(name);
    settings->list[settings->count].value = copy(value);
    settings->count++;
    return true;
}

static bool put_line(struct hx_settings *settings, struct hx_secrets *secrets, hx_str line) {
    line = hx_str_trim(line);
    size_t equals = 0;
    if (line.len == 0 || line.data[0] == '#') return true;
    if (!hx_str_find_char(line, '=', &equals)) return false;
    hx_str name = hx_str_trim(hx_str_slice(line, 0, equals));
    hx_str value = hx_str_trim(hx_str_slice(line, equals + 1, line.len));
    if (value.len > 0 && (value.data[0] == '"' || value.data[0] == '\'')) {
        if (value.len < 2 || value.data[value.len - 1] != value.data[0]) return false;
        value = hx_str_slice(value, 1, value.len - 1);
    }
    return hx_settings_put(settings, secrets, name, value);
}

/* The whole file, or -1. The caller wipes the memory: it may hold secrets. */
static ssize_t read_whole(int fd, char *memory, size_t size) {
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(fd, memory + used, size - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) return (ssize_t)used;
        used += (size_t)got;
    }
    return -1;
}

static hx_err load_lines(struct hx_settings *settings, struct hx_secrets *secrets, int fd, const char *path,
                         char *problem, size_t problem_size) {
    char *memory = malloc(FILE_LEN_MAX);
    hx_assert(memory != NULL);
    ssize_t len = read_whole(fd, memory, FILE_LEN_MAX);
    hx_err err = HX_OK;
    if (len < 0) {
        (void)snprintf(problem, problem_size, "%s: cannot be read, or is longer than 256 KiB", path);
        err = HX_ERR(BROKEN_CONFIG);
    }
    hx_str rest = len < 0 ? HX_STR_EMPTY : hx_str_make(memory, (size_t)len);
    hx_str line;
    for (unsigned number = 1; hx_ok(err) && hx_str_split(&rest, '\n', &line); number++) {
        if (put_line(settings, secrets, line)) continue;
        (void)snprintf(problem, problem_size, "%s:%u: not NAME=value", path, number);
        err = HX_ERR(BROKEN_CONFIG);
    }
    explicit_bzero(memory, FILE_LEN_MAX);
    free(memory);
    return err;
}

static hx_err load_file(struct hx_settings *settings, struct hx_secrets *secrets, const char *data_dir, char *problem,
                        size_t problem_size) {
    char path[PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/hoox.env", data_dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return HX_OK;
    struct stat info;
    hx_err err = HX_OK;
    if (fd < 0 || fstat(fd, &info) != 0) {
        (void)snprintf(problem, problem_size, "%s: %s", path, strerror(errno));
        err = HX_ERR(BROKEN_CONFIG);
    } else if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0) {
        (void)snprintf(problem, problem_size, "%s: readable by others (mode %03o); run: chmod 600 %s", path,
                       (unsigned)(info.st_mode & 0777), path);
        err = HX_ERR(BROKEN_CONFIG);
    } else {
        err = load_lines(settings, secrets, fd, path, problem, problem_size);
    }
    if (fd >= 0) (void)close(fd);
    return err;
}

static void load_credential(struct hx_settings *settings, struct hx_secrets *secrets, int directory, const char *name) {
    char value[HX_SETTING_LEN_MAX + 1];
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t len = read_whole(fd, value, sizeof(value));
    (void)close(fd);
    if (len >= 0)
        (void)hx_settings_put(settings, secrets, hx_str_from_c(name), hx_str_trim(hx_str_make(value, (size_t)len)));
    explicit_bzero(value, sizeof(value));
}

/* Files named like settings in $CREDENTIALS_DIRECTORY (systemd.exec, "Credentials"). */
static void load_credentials(struct hx_settings *settings, struct hx_secrets *secrets) {
    const char *path = getenv("CREDENTIALS_DIRECTORY");
    DIR *directory = path == NULL ? NULL : opendir(path);
    if (directory == NULL) return;
    struct dirent *entry = NULL;
    while ((entry = readdir(directory)) != NULL) {
        if (is_name(hx_str_from_c(entry->d_name))) load_credential(settings, secrets, dirfd(directory), entry->d_name);
    }
    (void)closedir(directory);
}

static void load_environment(struct hx_settings *settings, struct hx_secrets *secrets) {
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        hx_str text = hx_str_from_c(*entry);
        size_t equals = 0;
        if (!hx_str_find_char(text, '=', &equals)) continue;
        hx_str name = hx_str_slice(text, 0, equals);
        if (!hx_settings_is_ours(name) ||
            !hx_settings_put(settings, secrets, name, hx_str_slice(text, equals + 1, text.len)))
            continue;
        /* In place, because /proc/PID/environ shows the very memory the program was started with. */
        if (hx_secrets_is_name(name)) explicit_bzero(*entry + equals + 1, text.len - equals - 1);
    }
}

bool hx_settings_is_ours(hx_str name) {
    return hx_str_starts_with(name, HX_STR("HOOX_")) || hx_str_starts_with(name, HX_STR("TELEGRAM_")) ||
           hx_venue_owns_setting(name);
}

hx_err hx_settings_load(struct hx_settings *settings, struct hx_secrets *secrets, const char *data_dir, char *problem,
                        size_t problem_size) {
    HX_TRY(load_file(settings, secrets, data_dir, problem, problem_size));
    load_credentials(settings, secrets);
    load_environment(settings, secrets);
    return HX_OK;
}

bool hx_settings_find_str(const struct hx_settings *settings, hx_str name, hx_str *out) {
    for (size_t i = 0; i < settings->count; i++) {
        if (!hx_str_equal(hx_str_from_c(settings->list[i].name), name)) continue;
        *out = hx_str_from_c(settings->list[i].value);
        return true;
    }
    return false;
}

bool hx_settings_find(const struct hx_settings *settings, const char *name, hx_str *out) {
    return hx_settings_find_str(settings, hx_str_from_c(name), out);
}

int64_t hx_settings_get_int(const struct hx_settings *settings, const char *name, int64_t min, int64_t max,
                            int64_t otherwise) {
    hx_str text;
    int64_t value = 0;
    if (!hx_settings_find(settings, name, &text)) return otherwise;
    if (hx_failed(hx_str_parse_i64(hx_str_trim(text), &value))) return otherwise;
    return value < min || value > max ? otherwise : value;
}

void hx_settings_release(struct hx_settings *settings) {
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->list[i].name);
        free(settings->list[i].value);
    }
    settings->count = 0;
}
