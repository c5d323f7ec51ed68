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

const char *hx_settings_read_line(hx_str line, hx_str *name, hx_str *value) {
    size_t equals = 0;
    *name = *value = HX_STR_EMPTY;
    if (hx_str_starts_with(line, HX_STR("\xef\xbb\xbf"))) {
        return "begins with a byte order mark: save the file as UTF-8 without one";
    }
    line = hx_str_trim(line);
    if (line.len == 0 || line.data[0] == '#') return NULL;
    if (!hx_str_find_char(line, '=', &equals)) return "is not NAME=value: write '#' before a comment";
    hx_str left = hx_str_trim(hx_str_slice(line, 0, equals));
    hx_str right = hx_str_trim(hx_str_slice(line, equals + 1, line.len));
    if (hx_str_starts_with(left, HX_STR("export "))) return "begins with 'export': write NAME=value alone";
    if (!is_name(left)) return "is not NAME=value: a name has capital letters, digits and '_', and a letter first";
    if (right.len > 0 && (right.data[0] == '"' || right.data[0] == '\'')) {
        if (right.len < 2 || right.data[right.len - 1] != right.data[0]) {
            return "has a value that begins with a quote and does not end with it";
        }
        right = hx_str_slice(right, 1, right.len - 1);
    }
    *name = left;
    *value = right;
    return NULL;
}

static const char *put_line(struct hx_settings *settings, struct hx_secrets *secrets, hx_str line) {
    hx_str name, value;
    const char *problem = hx_settings_read_line(line, &name, &value);
    if (problem != NULL || name.len == 0 || hx_settings_put(settings, secrets, name, value)) return problem;
    return value.len > HX_SETTING_LEN_MAX || (hx_secrets_is_name(name) && value.len > HX_SECRET_LEN_MAX)
               ? "has a value that is too long"
               : "is one setting too many";
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
        const char *wrong = put_line(settings, secrets, line);
        if (wrong == NULL) continue;
        (void)snprintf(problem, problem_size, "%s:%u: this line %s", path, number, wrong);
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

static bool load_credential(struct hx_settings *settings, struct hx_secrets *secrets, int directory, const char *name) {
    char value[HX_SETTING_LEN_MAX + 1];
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t len = read_whole(fd, value, sizeof(value));
    (void)close(fd);
    bool ok = len >= 0 &&
              hx_settings_put(settings, secrets, hx_str_from_c(name), hx_str_trim(hx_str_make(value, (size_t)len)));
    explicit_bzero(value, sizeof(value));
    return ok;
}

static hx_err refuse(const char *where, hx_str name, char *problem, size_t problem_size) {
    (void)snprintf(problem, problem_size,
                   "%.*s in %s can't be taken: it is too long, can't be read, or is one too many", (int)name.len,
                   name.data, where);
    return HX_ERR(BROKEN_CONFIG);
}

/* Files named like settings in $CREDENTIALS_DIRECTORY (systemd.exec, "Credentials"). */
static hx_err load_credentials(struct hx_settings *settings, struct hx_secrets *secrets, char *problem,
                               size_t problem_size) {
    const char *path = getenv("CREDENTIALS_DIRECTORY");
    DIR *directory = path == NULL ? NULL : opendir(path);
    if (directory == NULL) return HX_OK;
    struct dirent *entry = NULL;
    hx_err err = HX_OK;
    while (hx_ok(err) && (entry = readdir(directory)) != NULL) {
        hx_str name = hx_str_from_c(entry->d_name);
        if (!is_name(name) || load_credential(settings, secrets, dirfd(directory), entry->d_name)) continue;
        /* Others may keep other things there. */
        if (hx_settings_is_ours(name)) err = refuse("$CREDENTIALS_DIRECTORY", name, problem, problem_size);
    }
    (void)closedir(directory);
    return err;
}

static hx_err load_environment(struct hx_settings *settings, struct hx_secrets *secrets, char *problem,
                               size_t problem_size) {
    hx_err err = HX_OK;
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        hx_str text = hx_str_from_c(*entry);
        size_t equals = 0;
        if (!hx_str_find_char(text, '=', &equals)) continue;
        hx_str name = hx_str_slice(text, 0, equals);
        if (!is_name(name) || !hx_settings_is_ours(name)) continue;
        if (!hx_settings_put(settings, secrets, name, hx_str_slice(text, equals + 1, text.len))) {
            err = refuse("the environment", name, problem, problem_size);
        }
        /* In place, because /proc/PID/environ shows the very memory the program was started with. */
        if (hx_secrets_is_name(name)) explicit_bzero(*entry + equals + 1, text.len - equals - 1);
    }
    return err;
}

bool hx_settings_is_ours(hx_str name) {
    return hx_str_starts_with(name, HX_STR("HOOX_")) || hx_str_starts_with(name, HX_STR("TELEGRAM_")) ||
           hx_venue_owns_setting(name);
}

hx_err hx_settings_load(struct hx_settings *settings, struct hx_secrets *secrets, const char *data_dir, char *problem,
                        size_t problem_size) {
    HX_TRY(load_file(settings, secrets, data_dir, problem, problem_size));
    HX_TRY(load_credentials(settings, secrets, problem, problem_size));
    return load_environment(settings, secrets, problem, problem_size);
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

hx_str hx_settings_read(const struct hx_settings *settings, enum hx_setting_id id) {
    struct hx_setting_info info = hx_setting_info(id);
    hx_str text;
    if (!hx_settings_find_str(settings, info.name, &text) || text.len == 0) return info.default_value;
    return hx_setting_check(&info, text) ? text : info.when_wrong;
}

bool hx_settings_is_on(const struct hx_settings *settings, enum hx_setting_id id) {
    return hx_setting_parse_switch(hx_settings_read(settings, id));
}

int64_t hx_settings_read_whole(const struct hx_settings *settings, enum hx_setting_id id) {
    return hx_setting_parse_whole(hx_settings_read(settings, id));
}

static bool is_right(const struct hx_setting_info *info, const char *text) {
    if (info->kind == HX_SETTING_KIND_FILE && text[0] != '\0' && access(text, R_OK) != 0) return false;
    return hx_setting_check(info, hx_str_from_c(text));
}

void hx_settings_check(const struct hx_settings *settings, struct hx_secrets *secrets,
                       void (*on_found)(void *arg, hx_str name, const struct hx_setting_info *wrong), void *arg) {
    struct hx_setting_info info;
    hx_str name = HX_STR_EMPTY;
    for (size_t i = 0; i < settings->count; i++) {
        name = hx_str_from_c(settings->list[i].name);
        bool is_known = hx_setting_find(name, &info);
        if (is_known && !is_right(&info, settings->list[i].value)) on_found(arg, name, &info);
        if (!is_known && hx_str_starts_with(name, HX_STR("HOOX_"))) on_found(arg, name, NULL);
    }
    for (size_t i = 0; hx_secrets_list(secrets, i, &name); i++) {
        bool is_known = hx_setting_find(name, &info);
        if (is_known && !hx_secrets_check(secrets, &info)) on_found(arg, name, &info);
        if (!is_known && hx_str_starts_with(name, HX_STR("HOOX_"))) on_found(arg, name, NULL);
    }
}

void hx_settings_release(struct hx_settings *settings) {
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->list[i].name);
        free(settings->list[i].value);
    }
    settings->count = 0;
}
